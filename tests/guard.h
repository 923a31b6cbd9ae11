/* Bytes that end where readable memory ends, so that one too far crashes. */
#ifndef TESTS_GUARD_H
#define TESTS_GUARD_H

#include <assert.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct guard {
    char *bytes; /* [n], right before an unreadable page */
    char *map;
    size_t map_bytes;
};

static inline struct guard guard_new(const void *bytes, size_t n)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t room = (n / page + 1) * page;
    int zero = open("/dev/zero", O_RDWR); /* MAP_ANONYMOUS is not POSIX */
    struct guard g;

    g.map_bytes = room + page;
    g.map =
        mmap(NULL, g.map_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE, zero, 0);
    assert(zero >= 0 && g.map != MAP_FAILED);
    (void)close(zero);
    g.bytes = g.map + room - n;
    if (n)
        memcpy(g.bytes, bytes, n);
    if (mprotect(g.map + room, page, PROT_NONE) != 0)
        abort();
    return g;
}

static inline void guard_free(struct guard *g)
{
    (void)munmap(g->map, g->map_bytes);
}

#endif
