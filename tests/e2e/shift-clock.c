/*
 * Preloaded into the daemon by tests that must not wait for hours: moves the
 * monotonic clock by as many milliseconds as the file LIQ_CLOCK_SHIFT holds (a
 * native int64_t, changed by the test while the daemon runs).  Into nginx, too:
 * with LIQ_CLOCK_HELD its clock of the day stands where it was at the start and
 * goes on by that file alone.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S 1000000000L

static const volatile int64_t *shift;
static struct timespec held; /* 0: it is not */
static int (*real_gettime)(clockid_t, struct timespec *);
static int (*real_timedwait)(pthread_cond_t *, pthread_mutex_t *,
                             const struct timespec *);

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("LIQ_CLOCK_SHIFT");
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;

    if (fd >= 0) {
        void *p = mmap(NULL, sizeof *shift, PROT_READ, MAP_SHARED, fd, 0);

        shift = p == MAP_FAILED ? NULL : p;
        close(fd);
    }
    if (getenv("LIQ_CLOCK_HELD"))
        clock_gettime(CLOCK_REALTIME, &held);
}

static void *next(const char *name, const char *version)
{
    /* Without its version dlsym finds a function that has several the oldest.
     */
    void *f = version ? dlvsym(RTLD_NEXT, name, version) : NULL;

    return f ? f : dlsym(RTLD_NEXT, name);
}

static struct timespec moved(struct timespec t, int64_t ms)
{
    int64_t ns = t.tv_nsec + ms % 1000 * 1000000;

    t.tv_sec += ms / 1000;
    if (ns < 0) {
        ns += NS_PER_S;
        t.tv_sec--;
    }
    t.tv_sec += ns / NS_PER_S;
    t.tv_nsec = ns % NS_PER_S;
    return t;
}

int clock_gettime(clockid_t id, struct timespec *out)
{
    int status;

    if (!real_gettime)
        *(void **)&real_gettime = next("clock_gettime", NULL);
    status = real_gettime(id, out);
    if (!status && shift && id != CLOCK_REALTIME &&
        id != CLOCK_PROCESS_CPUTIME_ID && id != CLOCK_THREAD_CPUTIME_ID)
        *out = moved(*out, *shift);
    return status;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
    struct timespec t = held;
    int status = held.tv_sec ? 0 : clock_gettime(CLOCK_REALTIME, &t);

    (void)zone;
    if (held.tv_sec && shift)
        t = moved(t, *shift);
    out->tv_sec = t.tv_sec;
    out->tv_usec = t.tv_nsec / 1000;
    return status;
}

/* The kernel's clock is not moved; every condition of the daemon uses the
 * monotonic one. */
int pthread_cond_timedwait(pthread_cond_t *c, pthread_mutex_t *m,
                           const struct timespec *at)
{
    struct timespec kernel = shift ? moved(*at, -*shift) : *at;

    if (!real_timedwait)
        *(void **)&real_timedwait =
            next("pthread_cond_timedwait", "GLIBC_2.3.2");
    return real_timedwait(c, m, &kernel);
}
