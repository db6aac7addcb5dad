#include "uart.h"

#include <stdint.h>

#include "board.h"

#define RING 4096U
#define FIFO_CHARACTERS 64U

#define UART_REGISTER(offset) (*(volatile uint32_t*)(uintptr_t)(BOARD_UART + (offset)))
#define UART_ENABLE UART_REGISTER(0x08U)
#define UART_DISABLE UART_REGISTER(0x0CU)
#define UART_INTERRUPTS UART_REGISTER(0x14U)
#define UART_STATUS UART_REGISTER(0x2CU)
#define UART_FIFO UART_REGISTER(0x30U)
#define TX_EMPTY 8U

static char ring[RING];
static volatile uint32_t written; /* characters ever */
static volatile uint32_t sent;

static void sleep_until_interrupt(void) {
    __asm__ volatile("cpsid i" ::: "memory");
    if (sent != written) __asm__ volatile("wfi" ::: "memory");
    __asm__ volatile("cpsie i" ::: "memory");
}

void uart_put(char character) {
    while (written - sent == RING) sleep_until_interrupt();
    ring[written % RING] = character;
    ++written;
    UART_ENABLE = TX_EMPTY;
}

void uart_put_text(const char* text) {
    for (; *text != '\0'; ++text) uart_put(*text);
}

void uart_flush(void) {
    while (sent != written) sleep_until_interrupt();
    while ((UART_STATUS & TX_EMPTY) == 0) {
    }
}

void uart_interrupt(void) {
    uint32_t k;
    for (k = 0; k < FIFO_CHARACTERS && sent != written; ++k) {
        UART_FIFO = (uint32_t)(unsigned char)ring[sent % RING];
        ++sent;
    }
    UART_INTERRUPTS = TX_EMPTY;
    if (sent == written) UART_DISABLE = TX_EMPTY;
}
