/*
 * Mutexes, and the one rule about them: no thread takes a lock while it holds
 * another.  liq_lock_take asserts it, in every build, so a test that reaches a
 * nested lock fails at once, and two threads can never wait for each other.
 */
#ifndef LIQMAP_LOCK_H
#define LIQMAP_LOCK_H

#include <pthread.h>
#include <stdint.h>
#include "liqmap/err.h"

struct liq_lock {
    pthread_mutex_t mutex;
};

#define LIQ_LOCK_STATIC                                                        \
    {                                                                          \
        PTHREAD_MUTEX_INITIALIZER                                              \
    }

/* LIQ_OK or LIQ_ENOMEM. */
LIQ_MUST_CHECK enum liq_err liq_lock_init(struct liq_lock *l);
void liq_lock_free(struct liq_lock *l);
void liq_lock_take(struct liq_lock *l);
void liq_lock_give(struct liq_lock *l);

/* A condition on the monotonic clock.  LIQ_OK or LIQ_ENOMEM. */
LIQ_MUST_CHECK enum liq_err liq_condition_init(pthread_cond_t *c);
/* Wait, with l taken, until the condition is signalled, or for wait_ms at most
 * (below 0: for ever).  May also return for no reason. */
void liq_condition_wait(pthread_cond_t *c, struct liq_lock *l, int64_t wait_ms);

#endif
