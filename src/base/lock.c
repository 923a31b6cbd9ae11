#include "liqmap/lock.h"

/* The rule holds in every build. */
#undef NDEBUG
#include <assert.h>
#include <stddef.h>
#include <time.h>

#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S INT64_C(1000000000)

static _Thread_local struct liq_lock *held;

enum liq_err liq_lock_init(struct liq_lock *l)
{
    return pthread_mutex_init(&l->mutex, NULL) == 0 ? LIQ_OK : LIQ_ENOMEM;
}

void liq_lock_free(struct liq_lock *l)
{
    pthread_mutex_destroy(&l->mutex);
}

void liq_lock_take(struct liq_lock *l)
{
    assert(held == NULL);
    pthread_mutex_lock(&l->mutex);
    held = l;
}

void liq_lock_give(struct liq_lock *l)
{
    assert(held == l);
    held = NULL;
    pthread_mutex_unlock(&l->mutex);
}

enum liq_err liq_condition_init(pthread_cond_t *c)
{
    pthread_condattr_t monotonic;
    enum liq_err err = LIQ_ENOMEM;

    if (pthread_condattr_init(&monotonic) != 0)
        return err;
    if (pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0 &&
        pthread_cond_init(c, &monotonic) == 0)
        err = LIQ_OK;
    pthread_condattr_destroy(&monotonic);
    return err;
}

static struct timespec from_now(int64_t wait_ms)
{
    struct timespec t;
    int64_t ns;

    clock_gettime(CLOCK_MONOTONIC, &t);
    ns = t.tv_nsec + wait_ms % 1000 * NS_PER_MS;
    t.tv_sec += (time_t)(wait_ms / 1000 + ns / NS_PER_S);
    t.tv_nsec = (long)(ns % NS_PER_S);
    return t;
}

void liq_condition_wait(pthread_cond_t *c, struct liq_lock *l, int64_t wait_ms)
{
    struct timespec until;

    assert(held == l);
    if (wait_ms < 0) {
        pthread_cond_wait(c, &l->mutex);
        return;
    }
    until = from_now(wait_ms);
    pthread_cond_timedwait(c, &l->mutex, &until);
}
