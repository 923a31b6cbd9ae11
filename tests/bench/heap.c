/*
 * Preloaded into the daemon: writes to the file LIQ_HEAP_FILE, ten times a
 * second, what the allocator knows, as native uint64_t: bytes in use, bytes the
 * arenas hold, how many of the bytes in use have mappings of their own, and how
 * often malloc_trim was called and has returned.  Resident memory beyond the
 * bytes in use is freed but not given back, or not the allocator's: stacks,
 * libraries.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { USED, ARENAS, MAPPED, TRIMS, FIGURES };

static const struct timespec between = {0, 100000000};

static _Atomic uint64_t trims;

int malloc_trim(size_t pad)
{
    static int (*real)(size_t);
    int given;

    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "malloc_trim");
    given = real(pad);
    trims++;
    return given;
}

static void *keep_writing(void *arg)
{
    volatile uint64_t *out = arg;

    for (;;) {
        struct mallinfo2 m = mallinfo2();

        out[USED] = m.uordblks + m.hblkhd;
        out[ARENAS] = m.arena;
        out[MAPPED] = m.hblkhd;
        out[TRIMS] = trims;
        (void)nanosleep(&between, NULL);
    }
    return NULL;
}

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("LIQ_HEAP_FILE");
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    sigset_t all, before;
    pthread_t thread;
    void *p;

    if (fd < 0)
        return;
    p = mmap(NULL, FIGURES * sizeof(uint64_t), PROT_READ | PROT_WRITE,
             MAP_SHARED, fd, 0);
    close(fd);
    if (p == MAP_FAILED)
        return;
    /* The daemon's signals are for its main thread. */
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    (void)pthread_create(&thread, NULL, keep_writing, p);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}
