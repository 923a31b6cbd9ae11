#include "order_book.h"

#include <stdlib.h>
#include <string.h>
#include "fetched.h"

/* A book that could not be renewed is shown, with the reason, for so long:
 * what waits at a price changes within seconds. */
#define USABLE_MS 60000

static void book_destroy(struct liq_item *item)
{
    struct liq_order_book *b = (struct liq_order_book *)(void *)item;

    liq_depth_free(&b->depth);
    free(b);
}

static struct liq_item *book_of(struct liq_api *a, const struct liq_exchange *x,
                                struct liq_fetch *f, int64_t now_ms)
{
    struct liq_order_book *b = calloc(1, sizeof *b);

    if (!b)
        return NULL;
    liq_item_init(&b->item, book_destroy);
    b->depth = f->depth;
    memset(&f->depth, 0, sizeof f->depth);
    b->time_ms = f->data.server_ms
                     ? f->data.server_ms
                     : a->options.clock->wall_ms(a->options.clock);
    b->fetched_ms = now_ms;
    b->item.bytes = sizeof *b + (b->depth.n_bid + b->depth.n_ask) *
                                    sizeof(struct liq_depth_level);
    /* It never pushes out what a map is made from. */
    b->item.rank = LIQ_RANK_DERIVED;
    b->item.fresh_until_ms = b->item.meanwhile_until_ms = now_ms + x->depth_ms;
    b->item.usable_until_ms = now_ms + USABLE_MS;
    return &b->item;
}

bool liq_order_book_ask(struct liq_api *a, struct liq_exchange *x,
                        const char *symbol, const struct liq_context *ctx,
                        struct liq_waiter *w)
{
    static const struct liq_fetched order_book = {
        .name = "order book",
        .kind = LIQ_KIND_DEPTH,
        .fetch = LIQ_FETCH_DEPTH,
        .item = book_of,
        .first = true,
        .log = true,
    };

    return liq_fetched_ask(a, &order_book, x, symbol, ctx, w);
}
