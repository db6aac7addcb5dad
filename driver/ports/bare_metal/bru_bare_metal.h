/* The port for a Zynq-7000 without an operating system: Cortex-A9, its L1 data cache, its interrupt controller and its
 * global timer. Contract: MMU and caches are as the application set them up; the outer cache (PL310) is off, or the
 * buffers are not cacheable in it. The port sleeps in WFI. An application that lets interrupts through calls
 * bru_bare_metal_interrupt from its handler; one that keeps them masked in the processor needs no handler.
 */
#ifndef BRU_BARE_METAL_H
#define BRU_BARE_METAL_H

#include "bru.h"

struct bru_bare_metal {
    uintptr_t distributor;      /* of the interrupt controller; Zynq-7000: 0xF8F01000 */
    uintptr_t global_timer;     /* Zynq-7000: 0xF8F00200 */
    uint64_t timer_ticks_per_s; /* of the global timer: half the clock of the processor */
    unsigned s2mm_interrupt;    /* numbers at the controller; the first lines from the PL are 61 to 68 */
    unsigned mm2s_interrupt;
    unsigned core_interrupt;
};

/* Fills in the port; `board` must stay. Starts the distributor and the timer. */
void bru_bare_metal_port(struct bru_port* port, struct bru_bare_metal* board);

/* For the handler of interrupts: masks the interrupt at the distributor where it is one of BRU's, until the driver
 * waits again. Returns 1 then, else 0. */
int bru_bare_metal_interrupt(const struct bru_bare_metal* board, unsigned number);

#endif
