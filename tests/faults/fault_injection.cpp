// A library for LD_PRELOAD: makes the n-th call of one function fail, as tools/fault-campaign asks through the
// environment.
//   BRU_FAULT_CALL    write, fsync, rename, open, malloc or mmap; each stands for all functions of its kind
//   BRU_FAULT_NUMBER  which call fails, from 1; 0: none
//   BRU_FAULT_ERRNO   the error number
//   BRU_FAULT_COUNTS  a file that gets the number of calls of each kind, in the order above, when a process ends in
//   order
// It counts per process; a forked process goes on from the count of its parent. Without the variables it changes
// nothing.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

// Of the GNU C library: what its malloc, calloc and realloc are.
// NOLINTBEGIN(bugprone-reserved-identifier): names of the C library
extern "C" void* __libc_malloc(std::size_t size);
extern "C" void* __libc_calloc(std::size_t count, std::size_t size);
extern "C" void* __libc_realloc(void* block, std::size_t size);
// NOLINTEND(bugprone-reserved-identifier)

namespace {

enum Kind { kWrite, kFsync, kRename, kOpen, kMalloc, kMmap, kKinds };
const char* const kNames[kKinds] = {"write", "fsync", "rename", "open", "malloc", "mmap"};

std::atomic<long> calls[kKinds];
int failing_kind = -1;
long failing_number = 0;
int failing_errno = 0;

/// Nothing is counted before this: the loader and static objects of libraries are not the subject.
bool begun = false;

bool fails(Kind kind) {
    if (!begun) return false;
    const long number = ++calls[kind];
    if (kind != failing_kind || number != failing_number) return false;
    errno = failing_errno;
    return true;
}

template <typename Function>
Function* original(const char* name) {
    return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

__attribute__((constructor)) void begin() {
    if (const char* const name = std::getenv("BRU_FAULT_CALL"))
        for (int kind = 0; kind < kKinds; ++kind)
            if (std::strcmp(name, kNames[kind]) == 0) failing_kind = kind;
    if (const char* const number = std::getenv("BRU_FAULT_NUMBER")) failing_number = std::atol(number);
    if (const char* const number = std::getenv("BRU_FAULT_ERRNO")) failing_errno = std::atoi(number);
}

__attribute__((destructor)) void end() {
    begun = false;
    const char* const path = std::getenv("BRU_FAULT_COUNTS");
    if (path == nullptr) return;
    std::FILE* const file = std::fopen(path, "a");
    if (file == nullptr) return;
    for (const auto& count : calls) std::fprintf(file, "%ld ", count.load());
    std::fprintf(file, "\n");
    std::fclose(file);
}

int open_mode(int flags, std::va_list arguments) {
    return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, int) : 0;
}

} // namespace

extern "C" {

// main is where counting begins.
// NOLINTNEXTLINE(bugprone-reserved-identifier): a name of the C library
int __libc_start_main(int (*main)(int, char**, char**), int argc, char** argv, void (*init)(), void (*fini)(),
                      void (*rtld_fini)(), void* stack_end) {
    static int (*real_main)(int, char**, char**) = main;
    static const auto counted_main = +[](int count, char** words, char** environment) {
        begun = true;
        return real_main(count, words, environment);
    };
    return original<decltype(__libc_start_main)>("__libc_start_main")(counted_main, argc, argv, init, fini, rtld_fini,
                                                                      stack_end);
}

// A program may leave without destructors.
// NOLINTNEXTLINE(bugprone-reserved-identifier): a name of the C library
[[noreturn]] void _Exit(int status) noexcept {
    end();
    static auto* const real = original<void(int)>("_exit");
    real(status);
    std::abort(); // _exit() does not come back
}

ssize_t write(int descriptor, const void* bytes, std::size_t count) {
    static auto* const real = original<ssize_t(int, const void*, std::size_t)>("write");
    return fails(kWrite) ? -1 : real(descriptor, bytes, count);
}
ssize_t pwrite(int descriptor, const void* bytes, std::size_t count, off_t offset) {
    static auto* const real = original<ssize_t(int, const void*, std::size_t, off_t)>("pwrite");
    return fails(kWrite) ? -1 : real(descriptor, bytes, count, offset);
}
ssize_t pwrite64(int descriptor, const void* bytes, std::size_t count, off64_t offset) {
    static auto* const real = original<ssize_t(int, const void*, std::size_t, off64_t)>("pwrite64");
    return fails(kWrite) ? -1 : real(descriptor, bytes, count, offset);
}
int fsync(int descriptor) {
    static auto* const real = original<int(int)>("fsync");
    return fails(kFsync) ? -1 : real(descriptor);
}
int fdatasync(int descriptor) {
    static auto* const real = original<int(int)>("fdatasync");
    return fails(kFsync) ? -1 : real(descriptor);
}
int rename(const char* from, const char* to) {
    static auto* const real = original<int(const char*, const char*)>("rename");
    return fails(kRename) ? -1 : real(from, to);
}
int open(const char* path, int flags, ...) {
    static auto* const real = original<int(const char*, int, ...)>("open");
    std::va_list arguments;
    va_start(arguments, flags);
    const int mode = open_mode(flags, arguments);
    va_end(arguments);
    return fails(kOpen) ? -1 : real(path, flags, mode);
}
int open64(const char* path, int flags, ...) {
    static auto* const real = original<int(const char*, int, ...)>("open64");
    std::va_list arguments;
    va_start(arguments, flags);
    const int mode = open_mode(flags, arguments);
    va_end(arguments);
    return fails(kOpen) ? -1 : real(path, flags, mode);
}
std::FILE* fopen(const char* path, const char* mode) {
    static auto* const real = original<std::FILE*(const char*, const char*)>("fopen");
    return fails(kOpen) ? nullptr : real(path, mode);
}
std::FILE* fopen64(const char* path, const char* mode) {
    static auto* const real = original<std::FILE*(const char*, const char*)>("fopen64");
    return fails(kOpen) ? nullptr : real(path, mode);
}
#ifndef BRU_WITHOUT_MALLOC
void* malloc(std::size_t size) { return fails(kMalloc) ? nullptr : __libc_malloc(size); }
void* calloc(std::size_t count, std::size_t size) { return fails(kMalloc) ? nullptr : __libc_calloc(count, size); }
void* realloc(void* block, std::size_t size) { return fails(kMalloc) ? nullptr : __libc_realloc(block, size); }
#endif
void* mmap(void* address, std::size_t length, int protection, int flags, int descriptor, off_t offset) {
    static auto* const real = original<void*(void*, std::size_t, int, int, int, off_t)>("mmap");
    return fails(kMmap) ? MAP_FAILED : real(address, length, protection, flags, descriptor, offset);
}
void* mmap64(void* address, std::size_t length, int protection, int flags, int descriptor, off64_t offset) {
    static auto* const real = original<void*(void*, std::size_t, int, int, int, off64_t)>("mmap64");
    return fails(kMmap) ? MAP_FAILED : real(address, length, protection, flags, descriptor, offset);
}

} // extern "C"
