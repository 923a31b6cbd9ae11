/* The views that a question is answered from: of one exchange, of the first
 * that answers, or of all. */
#ifndef LIQMAP_API_GATHER_H
#define LIQMAP_API_GATHER_H

#include <pthread.h>
#include "fan.h"
#include "liqmap/feed.h"
#include "query.h"

struct liq_api;

/*
 * What one exchange had to say.
 *
 * view       NULL: nothing; else to be released by liq_gathered_free
 * err, why   LIQ_OK: the view is fresh; else why it is old or missing
 * usd        its open interest in quote currency, NaN when unknown
 */
struct liq_part {
    struct liq_market *market;
    const struct liq_view *view;
    enum liq_err err;
    struct liq_reason why;
    double usd;
};

/*
 * part[0 .. n_used)  those the answer is made from, the one with the most open
 *                    interest first; [n_used .. n) those left out
 * passed             auto: the exchange that comes before, and why it was
 *                    passed over; NULL: none
 */
struct liq_gathered {
    struct liq_part part[LIQ_FAN_MAX];
    size_t n, n_used;
    struct liq_market *passed;
    struct liq_reason passed_why;
};

/* Who was found down, so that auto need not find out again at every refresh;
 * part of the api, thread-safe. */
struct liq_outlook {
    pthread_mutex_t lock;
    struct {
        int64_t down_until_ms; /* monotonic */
        struct liq_reason why;
    } market[LIQ_FAN_MAX];
};

/* background: nobody waits.  LIQ_OK with n_used >= 1, and *out goes to
 * liq_gathered_free; else *why. */
LIQ_MUST_CHECK enum liq_err
liq_gather(struct liq_api *a, const struct liq_query *q, int64_t now_ms,
           bool background, struct liq_gathered *out, struct liq_reason *why);
void liq_gathered_free(struct liq_gathered *g);

#endif
