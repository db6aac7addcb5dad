/* UIO: reading a device gives the count of its interrupt, writing 1 enables the interrupt again, which the kernel
 * disables when it comes. u-dma-buf: its folder in sysfs has the address, the size and the files that keep the caches
 * in order. */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L /* clock_gettime and pwrite, also with -std=c99 */
#endif

#include "ports/linux/bru_linux.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S 1000000000
#define CORE_REGISTER_BYTES 0x2000U
#define DMA_REGISTER_BYTES 0x1000U

/* Buffers that keep their caches in order through sysfs; a buffer of the driver is found by its address. */
static struct bru_linux_buffer* cached_buffers[BRU_LINUX_BUFFERS];

/* ---- registers ---- */

static uint32_t read32(void* context, uintptr_t address) {
    (void)context;
    return *(volatile uint32_t*)address;
}

static void write32(void* context, uintptr_t address, uint32_t value) {
    (void)context;
    *(volatile uint32_t*)address = value;
}

static uint64_t now(void* context) {
    struct timespec time;
    (void)context;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * NS_PER_S + (uint64_t)time.tv_nsec;
}

/* ---- interrupts ---- */

static void enable_interrupt(int fd) {
    const uint32_t on = 1;
    if (write(fd, &on, sizeof on) != (ssize_t)sizeof on) return; /* the device went away: the deadline tells */
}

/* The lines as the registers show them, which is cheaper than asking the kernel. */
static uint32_t pending(void* context) {
    const struct bru_linux* board = (const struct bru_linux*)context;
    const uint32_t interrupts = BRU_DMASR_IOC_IRQ | BRU_DMASR_ERR_IRQ;
    const uintptr_t dma = (uintptr_t)board->dma_registers;
    uint32_t lines = 0;
    if ((read32(context, dma + BRU_S2MM_DMASR) & interrupts) != 0) lines |= BRU_LINE_S2MM;
    if ((read32(context, dma + BRU_MM2S_DMASR) & interrupts) != 0) lines |= BRU_LINE_MM2S;
    if (read32(context, (uintptr_t)board->core_registers + BRU_INTERRUPT_STATUS) != 0) lines |= BRU_LINE_CORE;
    return lines;
}

/* Enables the interrupts, so that a line that is high interrupts at once, and sleeps until one comes. */
static void sleep_until_interrupt(const struct bru_linux* board, int timeout_ms) {
    struct pollfd fds[3];
    int k;
    fds[0].fd = board->s2mm_fd;
    fds[1].fd = board->mm2s_fd;
    fds[2].fd = board->core_fd;
    for (k = 0; k < 3; ++k) {
        fds[k].events = POLLIN;
        fds[k].revents = 0;
        enable_interrupt(fds[k].fd);
    }
    if (poll(fds, 3, timeout_ms) <= 0) return;
    for (k = 0; k < 3; ++k) {
        uint32_t count;
        if ((fds[k].revents & POLLIN) != 0 && read(fds[k].fd, &count, sizeof count) < 0) return;
    }
}

/* A millisecond is the finest wait of poll, so a deadline may be passed by that much. */
static uint32_t wait_for_lines(void* context, uint64_t deadline) {
    for (;;) {
        const uint64_t time = now(context);
        const uint32_t lines = pending(context);
        int timeout_ms = -1;
        if (time >= deadline) return 0;
        if (lines != 0) return lines;
        if (deadline != BRU_FOREVER) {
            const uint64_t ms = (deadline - time) / 1000000U + 1U;
            timeout_ms = ms < 1000U ? (int)ms : 1000;
        }
        sleep_until_interrupt((const struct bru_linux*)context, timeout_ms);
    }
}

/* ---- caches ---- */

static const struct bru_linux_buffer* cached_buffer_of(const struct bru_buffer* buffer) {
    int k;
    for (k = 0; k < BRU_LINUX_BUFFERS; ++k) {
        const struct bru_linux_buffer* each = cached_buffers[k];
        if (each == NULL || buffer->bus_address < each->buffer.bus_address) continue;
        if (buffer->bus_address - each->buffer.bus_address < each->buffer.bytes) return each;
    }
    return NULL;
}

/* One write of "0xOFFSET" << 32 | size | direction, as u-dma-buf takes a part of a buffer. */
static void sync_part(const struct bru_buffer* buffer, size_t bytes, int for_device) {
    const struct bru_linux_buffer* owner = cached_buffer_of(buffer);
    char text[32];
    uint64_t command;
    int length, fd;
    if (owner == NULL) return;
    command = (buffer->bus_address - owner->buffer.bus_address) << 32 | ((uint64_t)bytes & 0xFFFFFFF0U) | 1U;
    if (bytes % 16U != 0) command += 16U; /* the size counts in steps of 16 */
    length = snprintf(text, sizeof text, "0x%016" PRIX64, command);
    fd = for_device ? owner->sync_for_device_fd : owner->sync_for_cpu_fd;
    if (length > 0 && pwrite(fd, text, (size_t)length, 0) != (ssize_t)length) return; /* not cached after all */
}

static void clean(void* context, const struct bru_buffer* buffer, size_t bytes) {
    (void)context;
    sync_part(buffer, bytes, 1);
}

static void invalidate(void* context, const struct bru_buffer* buffer, size_t bytes) {
    (void)context;
    sync_part(buffer, bytes, 0);
}

/* ---- opening ---- */

static void* map_registers(int fd, size_t bytes) {
    void* const registers = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    return registers == MAP_FAILED ? NULL : registers;
}

static int failed(struct bru_linux* board) {
    const int code = errno;
    bru_linux_close(board);
    return code;
}

int bru_linux_open(struct bru_linux* board, struct bru_port* port, const char* core, const char* mm2s,
                   const char* s2mm) {
    memset(board, 0, sizeof *board);
    board->core_bytes = CORE_REGISTER_BYTES;
    board->dma_bytes = DMA_REGISTER_BYTES;
    board->core_fd = open(core, O_RDWR);
    board->mm2s_fd = open(mm2s, O_RDWR);
    board->s2mm_fd = open(s2mm, O_RDWR);
    if (board->core_fd < 0 || board->mm2s_fd < 0 || board->s2mm_fd < 0) return failed(board);
    board->core_registers = map_registers(board->core_fd, board->core_bytes);
    board->dma_registers = map_registers(board->mm2s_fd, board->dma_bytes);
    if (board->core_registers == NULL || board->dma_registers == NULL) return failed(board);
    port->context = board;
    port->ticks_per_s = NS_PER_S;
    port->read32 = read32;
    port->write32 = write32;
    port->clean = clean;
    port->invalidate = invalidate;
    port->pending = pending;
    port->wait = wait_for_lines;
    port->now = now;
    port->reset = NULL;
    return 0;
}

void bru_linux_close(struct bru_linux* board) {
    if (board->core_registers != NULL) munmap(board->core_registers, board->core_bytes);
    if (board->dma_registers != NULL) munmap(board->dma_registers, board->dma_bytes);
    if (board->core_fd >= 0) close(board->core_fd);
    if (board->mm2s_fd >= 0) close(board->mm2s_fd);
    if (board->s2mm_fd >= 0) close(board->s2mm_fd);
}

struct bru_addresses bru_linux_addresses(const struct bru_linux* board, unsigned length_bits) {
    struct bru_addresses addresses;
    addresses.core = (uintptr_t)board->core_registers;
    addresses.dma = (uintptr_t)board->dma_registers;
    addresses.length_bits = length_bits;
    return addresses;
}

/* A number of a file in the folder of the buffer in sysfs; 0 where there is none. */
static uint64_t buffer_property(const char* name, const char* property) {
    char path[256];
    uint64_t value = 0;
    FILE* file;
    if (snprintf(path, sizeof path, "/sys/class/u-dma-buf/%s/%s", name, property) >= (int)sizeof path) return 0;
    file = fopen(path, "r");
    if (file == NULL) return 0;
    if (fscanf(file, "%" SCNi64, (int64_t*)&value) != 1) value = 0;
    fclose(file);
    return value;
}

static int open_sync(const char* name, const char* property) {
    char path[256];
    if (snprintf(path, sizeof path, "/sys/class/u-dma-buf/%s/%s", name, property) >= (int)sizeof path) return -1;
    return open(path, O_WRONLY);
}

int bru_linux_open_buffer(struct bru_linux_buffer* buffer, const char* name, int cached) {
    char path[256];
    int slot = 0;
    memset(buffer, 0, sizeof *buffer);
    buffer->fd = buffer->sync_for_device_fd = buffer->sync_for_cpu_fd = -1;
    while (slot < BRU_LINUX_BUFFERS && cached_buffers[slot] != NULL) ++slot;
    if (cached && slot == BRU_LINUX_BUFFERS) return EMFILE;
    if (snprintf(path, sizeof path, "/dev/%s", name) >= (int)sizeof path) return ENAMETOOLONG;
    buffer->buffer.bus_address = buffer_property(name, "phys_addr");
    buffer->buffer.bytes = (size_t)buffer_property(name, "size");
    if (buffer->buffer.bytes == 0) return ENODEV;
    buffer->fd = open(path, cached ? O_RDWR : O_RDWR | O_SYNC);
    if (buffer->fd < 0) return errno;
    buffer->buffer.data = map_registers(buffer->fd, buffer->buffer.bytes);
    if (buffer->buffer.data == NULL) {
        const int code = errno;
        close(buffer->fd);
        return code;
    }
    if (!cached) return 0;
    buffer->sync_for_device_fd = open_sync(name, "sync_for_device");
    buffer->sync_for_cpu_fd = open_sync(name, "sync_for_cpu");
    cached_buffers[slot] = buffer;
    return 0;
}

void bru_linux_close_buffer(struct bru_linux_buffer* buffer) {
    int k;
    for (k = 0; k < BRU_LINUX_BUFFERS; ++k)
        if (cached_buffers[k] == buffer) cached_buffers[k] = NULL;
    if (buffer->sync_for_device_fd >= 0) close(buffer->sync_for_device_fd);
    if (buffer->sync_for_cpu_fd >= 0) close(buffer->sync_for_cpu_fd);
    munmap(buffer->buffer.data, buffer->buffer.bytes);
    close(buffer->fd);
}
