/* What one fetch of an exchange gives, as an item of the cache. */
#ifndef LIQMAP_API_FETCHED_H
#define LIQMAP_API_FETCHED_H

#include "internal.h"

/* Make the item of a fetch that went well; its data goes over.  now_ms is
 * monotonic.  NULL: no memory. */
typedef struct liq_item *liq_fetched_item_fn(struct liq_api *a,
                                             const struct liq_exchange *x,
                                             struct liq_fetch *f,
                                             int64_t now_ms);

/*
 * What is fetched.
 *
 * name  in errors and in the log, "order book"
 * kind  of the key
 * item  see above
 * first leaves the last quarter of every budget to maps
 * log   a failure is written to the log
 */
struct liq_fetched {
    const char *name;
    enum liq_kind kind;
    enum liq_fetch_kind fetch;
    liq_fetched_item_fn *item;
    bool first, log;
};

/* Ask for the item of an exchange and symbol (NULL: of the exchange), fresh at
 * ctx->now_ms; returns and fills *w as liq_cache_ask does.  what must stay. */
bool liq_fetched_ask(struct liq_api *a, const struct liq_fetched *what,
                     struct liq_exchange *x, const char *symbol,
                     const struct liq_context *ctx, struct liq_waiter *w);

#endif
