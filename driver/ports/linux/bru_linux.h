/* The port for Linux in user space: registers and interrupts through UIO (uio_pdrv_genirq), buffers of u-dma-buf.
 * Contract: three UIO devices, one for each interrupt; the first has the registers of the core, the second those of the
 * DMA. docs/driver.md has the device tree.
 */
#ifndef BRU_LINUX_H
#define BRU_LINUX_H

#include "bru.h"

struct bru_linux {
    int core_fd; /* /dev/uioN: registers and interrupt of the core */
    int mm2s_fd; /* registers of the DMA and the interrupt of MM2S */
    int s2mm_fd; /* the interrupt of S2MM */
    void* core_registers;
    void* dma_registers;
    size_t core_bytes;
    size_t dma_bytes;
};

/* A buffer of u-dma-buf: the driver's buffer, and what must be closed. */
struct bru_linux_buffer {
    struct bru_buffer buffer;
    int fd;
    int sync_for_device_fd; /* -1: the buffer is coherent, or not cached */
    int sync_for_cpu_fd;
};

/* Opens the devices, for instance "/dev/uio0"; fills in the port. 0: good, else errno. */
int bru_linux_open(struct bru_linux* board, struct bru_port* port, const char* core, const char* mm2s,
                   const char* s2mm);
void bru_linux_close(struct bru_linux* board);

/* The addresses for bru_initialise. */
struct bru_addresses bru_linux_addresses(const struct bru_linux* board, unsigned length_bits);

/* Opens the buffer of this name, for instance "udmabuf0". `cached`: the processor caches it, and the port keeps the
 * caches in order; else it is opened with O_SYNC. 0: good, else errno. At most BRU_LINUX_BUFFERS are open at once. */
#define BRU_LINUX_BUFFERS 8
int bru_linux_open_buffer(struct bru_linux_buffer* buffer, const char* name, int cached);
void bru_linux_close_buffer(struct bru_linux_buffer* buffer);

#endif
