#include "weights.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Another thread may publish between our read and publish, at most once per
 * exchange. */
#define TRIES LIQ_SOURCES_MAX

/* At the close of a candle weights are held on until one exchange has moved by
 * more than this against another ... */
#define APART 1.05
/* ... or all of them, so that one that joins is weighed as they are. */
#define FAR_OFF 2.0

struct table {
    struct liq_item item; /* must be first */
    int64_t open_ms;
    size_t n;
    const struct liq_exchange *exchange[LIQ_SOURCES_MAX];
    double weight[LIQ_SOURCES_MAX];
};

static void table_destroy(struct liq_item *item)
{
    free(item);
}

static size_t find(const struct table *t, const struct liq_exchange *x)
{
    size_t i = 0;

    while (i < t->n && t->exchange[i] != x)
        i++;
    return i;
}

/* Whether the weights of a new candle differ so little from those held, against
 * one another, that those go on: then no closed column changes. */
static bool go_on(const struct table *held,
                  struct liq_exchange *const *exchange, const double *weight,
                  size_t n)
{
    double least = INFINITY, most = 0.0;

    for (size_t i = 0; i < n; i++) {
        size_t at = find(held, exchange[i]);
        double by;

        if (at == held->n)
            return false;
        by = weight[i] / held->weight[at];
        if (!isfinite(by))
            return false;
        least = fmin(least, by);
        most = fmax(most, by);
    }
    return most <= APART * least && least >= 1.0 / FAR_OFF && most <= FAR_OFF;
}

/* The weights of old (NULL: none), and of each exchange that is not in it. */
static struct table *table_new(const struct table *old, int64_t open_ms,
                               struct liq_exchange *const *exchange,
                               const double *weight, size_t n)
{
    struct table *t = calloc(1, sizeof *t);

    if (!t)
        return NULL;
    if (old) {
        memcpy(t->exchange, old->exchange, sizeof t->exchange);
        memcpy(t->weight, old->weight, sizeof t->weight);
        t->n = old->n;
    }
    for (size_t i = 0; i < n && t->n < LIQ_SOURCES_MAX; i++) {
        if (find(t, exchange[i]) < t->n)
            continue;
        t->exchange[t->n] = exchange[i];
        t->weight[t->n++] = weight[i];
    }
    t->open_ms = open_ms;
    liq_item_init(&t->item, table_destroy);
    t->item.bytes = sizeof *t;
    t->item.rank = LIQ_RANK_LIVE;
    t->item.usable_until_ms = INT64_MAX;
    /* A later candle wins, then more exchanges.  Open times differ by more than
     * LIQ_SOURCES_MAX ms. */
    t->item.order = open_ms + (int64_t)t->n;
    return t;
}

/* Replace weight[] by those of t; whether t has them all. */
static bool apply(const struct table *t, struct liq_exchange *const *exchange,
                  double *weight, size_t n)
{
    bool all = true;

    for (size_t i = 0; i < n; i++) {
        size_t at = find(t, exchange[i]);

        if (at < t->n)
            weight[i] = t->weight[at];
        else
            all = false;
    }
    return all;
}

void liq_weights_hold(struct liq_api *a, const char *symbol, int64_t display_ms,
                      int64_t open_ms, struct liq_exchange *const *exchange,
                      double *weight, size_t n)
{
    struct liq_key key = liq_key_of(LIQ_KIND_WEIGHTS, NULL, symbol);
    struct liq_cache *cache = a->options.cache;
    int64_t now_ms = liq_api_now(a);
    struct table *held, *mine;
    bool done = false, keep;

    key.display_ms = display_ms;
    held = (struct table *)(void *)liq_cache_peek(cache, &key, now_ms);
    for (int i = 0; i < TRIES && !done; i++) {
        if (held && held->open_ms >= open_ms)
            done = apply(held, exchange, weight, n) || held->open_ms > open_ms;
        if (done)
            break;
        keep = held &&
               (held->open_ms == open_ms || go_on(held, exchange, weight, n));
        mine = table_new(keep ? held : NULL, open_ms, exchange, weight, n);
        if (held)
            liq_item_release(&held->item);
        if (!mine)
            return; /* these weights hold for this response alone */
        held = (struct table *)(void *)liq_cache_offer(cache, &key, now_ms,
                                                       &mine->item);
    }
    if (held)
        liq_item_release(&held->item);
}
