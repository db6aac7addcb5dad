/* The UART of the Zynq-7000 (Cadence), sent by interrupts from a ring of characters. */
#ifndef UART_H
#define UART_H

void uart_put(char character); /* sleeps while the ring is full */
void uart_put_text(const char* text);
void uart_flush(void); /* sleeps until the last character has left */
void uart_interrupt(void);

#endif
