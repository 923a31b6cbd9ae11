/* The order book of one exchange and symbol, in the cache. */
#ifndef LIQMAP_API_ORDER_BOOK_H
#define LIQMAP_API_ORDER_BOOK_H

#include "internal.h"

/* time_ms: on the exchange's clock; fetched_ms: monotonic. */
struct liq_order_book {
    struct liq_item item; /* must be first */
    struct liq_depth depth;
    int64_t time_ms, fetched_ms;
};

/* Ask for it, fresh at ctx->now_ms; returns and fills *w as liq_cache_ask does,
 * with a struct liq_order_book as the item.  Its requests leave the last
 * quarter of every budget to maps. */
bool liq_order_book_ask(struct liq_api *a, struct liq_exchange *x,
                        const char *symbol, const struct liq_context *ctx,
                        struct liq_waiter *w);

#endif
