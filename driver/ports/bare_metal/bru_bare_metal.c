/* Cortex-A9: barriers, cache maintenance by line, interrupts by polling the distributor after WFI, time of the global
 * timer. */
#include "ports/bare_metal/bru_bare_metal.h"

#define CACHE_LINE_BYTES 32U

/* Offsets of the interrupt distributor. */
#define GICD_ENABLE 0x000U
#define GICD_ISENABLER 0x100U
#define GICD_ICENABLER 0x180U
#define GICD_ISPENDR 0x200U

/* Offsets of the global timer. */
#define TIMER_LOW 0x00U
#define TIMER_HIGH 0x04U
#define TIMER_CONTROL 0x08U

static void barrier(void) {
#if defined(__arm__)
    __asm__ volatile("dsb" ::: "memory");
#endif
}

static void sleep_until_interrupt(void) {
#if defined(__arm__)
    __asm__ volatile("wfi" ::: "memory");
#endif
}

/* Masks interrupts in the processor and gives what was before, so that none comes between a look at the lines and WFI.
 */
static uint32_t mask_interrupts(void) {
    uint32_t status = 0;
#if defined(__arm__)
    __asm__ volatile("mrs %0, cpsr\n\tcpsid i" : "=r"(status)::"memory");
#endif
    return status;
}

static void restore_interrupts(uint32_t status) {
#if defined(__arm__)
    __asm__ volatile("msr cpsr_c, %0" ::"r"(status) : "memory");
#else
    (void)status;
#endif
}

/* By modified virtual address: DCCMVAC cleans a line, DCIMVAC invalidates it. */
static void clean_line(uintptr_t address) {
#if defined(__arm__)
    __asm__ volatile("mcr p15, 0, %0, c7, c10, 1" ::"r"(address) : "memory");
#else
    (void)address;
#endif
}

static void invalidate_line(uintptr_t address) {
#if defined(__arm__)
    __asm__ volatile("mcr p15, 0, %0, c7, c6, 1" ::"r"(address) : "memory");
#else
    (void)address;
#endif
}

static volatile uint32_t* reg_at(uintptr_t address) { return (volatile uint32_t*)address; }

static uint32_t read32(void* context, uintptr_t address) {
    const uint32_t value = *reg_at(address);
    (void)context;
    barrier(); /* what follows sees what the device did before it answered */
    return value;
}

static void write32(void* context, uintptr_t address, uint32_t value) {
    (void)context;
    barrier(); /* what was written to memory is there before the device hears of it */
    *reg_at(address) = value;
}

static void clean(void* context, const struct bru_buffer* buffer, size_t bytes) {
    const uintptr_t end = (uintptr_t)buffer->data + bytes;
    uintptr_t line = (uintptr_t)buffer->data & ~(uintptr_t)(CACHE_LINE_BYTES - 1U);
    (void)context;
    for (; line < end; line += CACHE_LINE_BYTES) clean_line(line);
    barrier();
}

static void invalidate(void* context, const struct bru_buffer* buffer, size_t bytes) {
    const uintptr_t end = (uintptr_t)buffer->data + bytes;
    uintptr_t line = (uintptr_t)buffer->data & ~(uintptr_t)(CACHE_LINE_BYTES - 1U);
    (void)context;
    for (; line < end; line += CACHE_LINE_BYTES) invalidate_line(line);
    barrier();
}

/* The distributor shows a level interrupt as pending while its line is high. */
static int is_pending(const struct bru_bare_metal* board, unsigned number) {
    return (*reg_at(board->distributor + GICD_ISPENDR + 4U * (number / 32U)) >> (number % 32U) & 1U) != 0;
}

static uint32_t pending(void* context) {
    const struct bru_bare_metal* board = (const struct bru_bare_metal*)context;
    uint32_t lines = 0;
    if (is_pending(board, board->s2mm_interrupt)) lines |= BRU_LINE_S2MM;
    if (is_pending(board, board->mm2s_interrupt)) lines |= BRU_LINE_MM2S;
    if (is_pending(board, board->core_interrupt)) lines |= BRU_LINE_CORE;
    return lines;
}

/* The two halves belong together where the upper one did not change in between. */
static uint64_t now(void* context) {
    const struct bru_bare_metal* board = (const struct bru_bare_metal*)context;
    uint32_t high, low;
    do {
        high = *reg_at(board->global_timer + TIMER_HIGH);
        low = *reg_at(board->global_timer + TIMER_LOW);
    } while (high != *reg_at(board->global_timer + TIMER_HIGH));
    return (uint64_t)high << 32 | low;
}

static void write_bit(const struct bru_bare_metal* board, uint32_t offset, unsigned number) {
    *reg_at(board->distributor + offset + 4U * (number / 32U)) = UINT32_C(1) << (number % 32U);
}

static void enable_interrupts(const struct bru_bare_metal* board) {
    write_bit(board, GICD_ISENABLER, board->s2mm_interrupt);
    write_bit(board, GICD_ISENABLER, board->mm2s_interrupt);
    write_bit(board, GICD_ISENABLER, board->core_interrupt);
}

int bru_bare_metal_interrupt(const struct bru_bare_metal* board, unsigned number) {
    if (number != board->s2mm_interrupt && number != board->mm2s_interrupt && number != board->core_interrupt) return 0;
    write_bit(board, GICD_ICENABLER, number);
    return 1;
}

/* With a deadline the processor polls, since nothing would wake it then. */
static uint32_t wait_for_lines(void* context, uint64_t deadline) {
    const struct bru_bare_metal* board = (const struct bru_bare_metal*)context;
    for (;;) {
        uint32_t lines, status;
        if (deadline != BRU_FOREVER && now(context) >= deadline) return 0;
        status = mask_interrupts();
        lines = pending(context);
        if (lines == 0 && deadline == BRU_FOREVER) {
            enable_interrupts(board);
            sleep_until_interrupt();
        }
        restore_interrupts(status);
        if (lines != 0) return lines;
    }
}

void bru_bare_metal_port(struct bru_port* port, struct bru_bare_metal* board) {
    *reg_at(board->distributor + GICD_ENABLE) = 1;
    *reg_at(board->global_timer + TIMER_CONTROL) = 1;
    port->context = board;
    port->ticks_per_s = board->timer_ticks_per_s;
    port->read32 = read32;
    port->write32 = write32;
    port->clean = clean;
    port->invalidate = invalidate;
    port->pending = pending;
    port->wait = wait_for_lines;
    port->now = now;
    port->reset = NULL;
}
