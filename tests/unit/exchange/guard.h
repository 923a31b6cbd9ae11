/* Input that ends where memory ends: one byte too far crashes. */
#ifndef LIQMAP_TEST_EXCHANGE_GUARD_H
#define LIQMAP_TEST_EXCHANGE_GUARD_H

#include <stddef.h>
#include <string.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

struct guard {
    char *map;
    size_t size, page; /* readable bytes; one more page is not */
};

/* Room for n bytes; map is NULL when there is none. */
static inline struct guard guard_new(size_t n)
{
    struct guard g;
    int fd = open("/dev/zero", O_RDWR);

    g.page = (size_t)sysconf(_SC_PAGESIZE);
    g.size = (n + g.page) / g.page * g.page;
    g.map =
        mmap(NULL, g.size + g.page, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    close(fd);
    if (g.map == MAP_FAILED)
        g.map = NULL;
    else if (mprotect(g.map + g.size, g.page, PROT_NONE) != 0)
        g.map = NULL;
    return g;
}

/* Put n <= size bytes right before the wall. */
static inline const char *guard_put(struct guard *g, const void *bytes,
                                    size_t n)
{
    char *at = g->map + g->size - n;

    if (n > 0)
        memcpy(at, bytes, n);
    return at;
}

static inline void guard_free(struct guard *g)
{
    munmap(g->map, g->size + g->page);
}

#endif
