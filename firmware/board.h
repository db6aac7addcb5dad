/* The virtual board as its firmware sees it: a part of a Zynq-7000, and the job that the board leaves in memory. The
 * program bru-virtual-board includes this file, too.
 */
#ifndef BOARD_H
#define BOARD_H

#include <stdint.h>

/* Addresses. Core and DMA lie where a block design has placed them; the others are those of the Zynq-7000. */
#define BOARD_RAM_BYTES UINT32_C(0x08000000)
#define BOARD_JOB UINT32_C(0x01000000)
#define BOARD_DMA UINT32_C(0x40400000)
#define BOARD_CORE UINT32_C(0x43C00000)
#define BOARD_UART UINT32_C(0xE0001000)
#define BOARD_RESET UINT32_C(0xF8000200) /* of the system level control: a write ends the simulation */
#define BOARD_PHASE UINT32_C(0xF8000F00) /* of the virtual board alone: a write of enum board_phase begins a phase */
#define BOARD_CPU_INTERFACE UINT32_C(0xF8F00100)
#define BOARD_GLOBAL_TIMER UINT32_C(0xF8F00200)
#define BOARD_DISTRIBUTOR UINT32_C(0xF8F01000)

/* Interrupts at the distributor. */
#define BOARD_CORE_INTERRUPT 61U
#define BOARD_MM2S_INTERRUPT 62U
#define BOARD_S2MM_INTERRUPT 63U
#define BOARD_UART_INTERRUPT 82U

#define BOARD_JOB_MAGIC UINT32_C(0x424F4A42)
#define BOARD_VOCABULARY_BYTES 8U /* of an entry: UTF-8, ended by a zero */

/* What the firmware is to do, and below what it has done. */
struct board_job {
    uint32_t magic;
    uint32_t image_address;
    uint32_t image_bytes;
    uint32_t steps_address; /* step_words words each: the flags of the header, then the symbol or the activations */
    uint32_t steps;
    uint32_t step_words;
    uint32_t vocabulary_address; /* 0: outputs are printed as numbers */
    uint32_t vocabulary_entries;
    uint32_t length_bits;
    uint32_t packet_vectors;
    uint32_t transfer_steps; /* most steps of one transfer */
    uint32_t timer_ticks_per_s;

    uint32_t result; /* enum bru_result */
    uint32_t drain_ticks; /* of bru_device, in ticks of the global timer */
    uint64_t counters[10];
};

enum board_phase { BOARD_LOADING = 0, BOARD_RUNNING = 1, BOARD_FINISHED = 2 };

#endif
