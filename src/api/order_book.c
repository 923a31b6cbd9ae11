#include "order_book.h"

#include <stdlib.h>
#include <string.h>
#include "liqmap/log.h"

/* A book that could not be renewed is shown, with the reason, for so long:
 * what waits at a price changes within seconds. */
#define USABLE_MS 60000

static void book_destroy(struct liq_item *item)
{
    struct liq_order_book *b = (struct liq_order_book *)(void *)item;

    liq_depth_free(&b->depth);
    free(b);
}

static struct liq_order_book *book_new(struct liq_depth *depth, int64_t time_ms,
                                       int64_t now_ms, int64_t used_ms)
{
    struct liq_order_book *b = calloc(1, sizeof *b);

    if (!b)
        return NULL;
    liq_item_init(&b->item, book_destroy);
    b->depth = *depth;
    memset(depth, 0, sizeof *depth);
    b->time_ms = time_ms;
    b->fetched_ms = now_ms;
    b->item.bytes = sizeof *b + (b->depth.n_bid + b->depth.n_ask) *
                                    sizeof(struct liq_depth_level);
    /* It never pushes out what a map is made from. */
    b->item.rank = LIQ_RANK_DERIVED;
    b->item.fresh_until_ms = b->item.meanwhile_until_ms = now_ms + used_ms;
    b->item.usable_until_ms = now_ms + USABLE_MS;
    return b;
}

/* One request in flight; freed when it has settled its key. */
struct refresh {
    struct liq_fetch fetch; /* must be first */
    struct liq_api *api;
    struct liq_exchange *exchange;
    struct liq_key key;
};

static void on_fetched(struct liq_fetch *f)
{
    struct refresh *r = (struct refresh *)(void *)f;
    int64_t now_ms = liq_api_now(r->api);
    int64_t time_ms = f->data.server_ms;
    struct liq_reason why = f->why;
    struct liq_order_book *b = NULL;

    if (time_ms == 0)
        time_ms = r->api->options.clock->wall_ms(r->api->options.clock);
    if (why.code == LIQ_OK) {
        b = book_new(&f->depth, time_ms, now_ms, r->exchange->depth_ms);
        if (!b)
            liq_fail(&why, LIQ_ENOMEM, "no memory for an order book");
    } else if (why.code != LIQ_ENOTFOUND && !why.own_budget) {
        liq_log(LIQ_LOG_WARN,
                "depth exchange=%s symbol=%s status=%s why=\"%s\"",
                r->exchange->name, f->symbol, liq_err_name(why.code), why.text);
    }
    liq_cache_settle(r->api->options.cache, &r->key, now_ms,
                     b ? &b->item : NULL, &why);
    liq_depth_free(&f->depth);
    free(r);
}

/* arg of begin_refresh. */
struct begin {
    struct liq_api *api;
    struct liq_exchange *exchange;
    const struct liq_context *ctx;
};

static void begin_refresh(void *arg, const struct liq_key *key,
                          struct liq_item *old, int64_t now_ms,
                          int64_t deadline_ms)
{
    const struct begin *b = arg;
    struct refresh *r = calloc(1, sizeof *r);
    struct liq_reason why = {0};

    (void)old;
    (void)deadline_ms;
    if (!r) {
        liq_fail(&why, LIQ_ENOMEM, "no memory for an order book");
        liq_cache_settle(b->api->options.cache, key, now_ms, NULL, &why);
        return;
    }
    r->api = b->api;
    r->exchange = b->exchange;
    r->key = *key;
    r->fetch.kind = LIQ_FETCH_DEPTH;
    memcpy(r->fetch.symbol, key->symbol, sizeof r->fetch.symbol);
    r->fetch.deadline_ms = b->ctx->deadline_ms;
    /* The last quarter of every budget is for maps. */
    r->fetch.first = true;
    r->fetch.done = on_fetched;
    liq_market_data_init(&r->fetch.data);
    b->exchange->fetch(b->exchange, &r->fetch);
}

bool liq_order_book_ask(struct liq_api *a, struct liq_exchange *x,
                        const char *symbol, const struct liq_context *ctx,
                        struct liq_waiter *w)
{
    struct begin b = {a, x, ctx};
    struct liq_key key = liq_key_of(LIQ_KIND_DEPTH, x->name, symbol);

    return liq_cache_ask(a->options.cache, &key, ctx->now_ms, false,
                         begin_refresh, &b, w);
}
