/* What the process gets from the system: memory, descriptors, signals. */
#include "daemon.h"

#include <limits.h>
#include <signal.h>
#include <sys/resource.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

/* Blocks from this size on are mapped, and so go back to the system when they
 * are freed: the maps.  What a map is made of is smaller, and used again for
 * the next one, which takes 4 to 8 % less than if it were mapped anew. */
#define MAPPED_BYTES (1024 * 1024)
/* How often pages that are free are given back. */
#define TRIM_EVERY_MS INT64_C(10000)
/* So much of what was freed at the end of an arena is kept: a page of candles
 * is 1.5 MB of small blocks while it is read, and to get that from the system
 * each time costs a third of what parsing does. */
#define KEPT_BYTES (2 * 1024 * 1024)

/* Standard streams, the socket, events, curl's wake-ups, Redis, and a file. */
#define OWN_DESCRIPTORS 11

/* --- memory --------------------------------------------------------------- */

/* By default glibc has eight arenas per processor, each with what was freed in
 * it, and maps only ever larger blocks; the bound of the cache would not be one
 * of the process. */
void daemon_limit_memory(void)
{
#ifdef __GLIBC__
    (void)mallopt(M_ARENA_MAX, 2);
    (void)mallopt(M_MMAP_THRESHOLD, MAPPED_BYTES);
    (void)mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
#endif
}

/* A refresh frees thousands of small blocks between ones that stay; glibc keeps
 * their pages, by and by more than twice what is in use. */
static void trim(struct liq_task *t)
{
    struct daemon *d =
        (struct daemon *)((char *)t - offsetof(struct daemon, trim));

#ifdef __GLIBC__
    (void)malloc_trim(0);
#endif
    liq_work_post_at(d->work, t, LIQ_LANE_IDLE,
                     d->clock.mono_ms(&d->clock) + TRIM_EVERY_MS);
}

void daemon_trim(struct daemon *d)
{
    d->trim.run = trim;
    liq_work_post(d->work, &d->trim, LIQ_LANE_IDLE);
}

/* --- descriptors ---------------------------------------------------------- */

/* How many descriptors there may be. */
static size_t raise_descriptors(void)
{
    struct rlimit r;

    if (getrlimit(RLIMIT_NOFILE, &r) != 0)
        return OWN_DESCRIPTORS;
    r.rlim_cur = r.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &r) != 0)
        (void)getrlimit(RLIMIT_NOFILE, &r);
    return r.rlim_cur < INT_MAX ? (size_t)r.rlim_cur : INT_MAX;
}

/* Requests must not take those that it needs to reach an exchange, which they
 * wait for. */
void daemon_share_descriptors(struct daemon *d)
{
    size_t all = raise_descriptors();
    size_t left = all > OWN_DESCRIPTORS ? all - OWN_DESCRIPTORS : 2;
    size_t wanted =
        (size_t)d->config.max_connections * (LIQ_CONFIG_EXCHANGES + 1);

    d->for_exchanges = wanted < left / 2 ? wanted : left / 2;
    if (d->for_exchanges == 0)
        d->for_exchanges = 1;
    d->for_requests = left - d->for_exchanges;
}

/* --- signals -------------------------------------------------------------- */

void daemon_block_signals(void)
{
    sigset_t ends;

    /* A web server that goes away while we write must not end us. */
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &ends, NULL);
}
