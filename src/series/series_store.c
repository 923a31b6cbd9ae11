/* Where series are in the cache, and how they are asked for. */
#include "liqmap/series_store.h"

#include <string.h>
#include "liqmap/interval.h"
#include "refresh.h"

static enum liq_err key_of(struct liq_exchange *x, const char *symbol,
                           int64_t display_ms, int64_t end_ms,
                           struct liq_key *key, struct liq_reason *why)
{
    int64_t engine_ms = x->engine_ms(x, display_ms);

    if (engine_ms <= 0)
        return liq_fail(why, LIQ_EINVAL, "%s does not offer this interval",
                        x->name);
    if (strlen(symbol) >= LIQ_SYMBOL_SIZE || end_ms < 0)
        return liq_fail(why, LIQ_EINVAL, "no such series");
    *key = liq_key_of(LIQ_KIND_SERIES, x->name, symbol);
    key->display_ms = display_ms;
    key->end_ms = liq_interval_floor(end_ms, engine_ms);
    /* 0 would mean live. */
    if (end_ms > 0 && key->end_ms == 0)
        return liq_fail(why, LIQ_ENOTFOUND, "%s has no candles of %s then",
                        x->name, symbol);
    return LIQ_OK;
}

/* arg of fill: what the key alone does not say. */
struct wanted {
    const struct liq_series_options *options;
    struct liq_exchange *exchange;
    const struct liq_context *ctx;
};

/* The deadline is that of one waiter; the refresh has the request's own. */
static void fill(void *arg, const struct liq_key *key, struct liq_item *old,
                 int64_t now_ms, int64_t deadline_ms)
{
    const struct wanted *w = arg;

    (void)now_ms;
    (void)deadline_ms;
    liq_refresh_begin(w->options, w->exchange, w->ctx, key, old);
}

bool liq_series_ask(const struct liq_series_options *o, struct liq_exchange *x,
                    const char *symbol, int64_t display_ms, int64_t end_ms,
                    const struct liq_context *ctx, struct liq_waiter *w)
{
    struct wanted wanted = {o, x, ctx};
    struct liq_key key;

    w->item = NULL;
    w->why = (struct liq_reason){0};
    if (key_of(x, symbol, display_ms, end_ms, &key, &w->why) != LIQ_OK)
        return true;
    /* Even in the background: what is kept fresh is not to be pushed out. */
    return liq_cache_ask(o->cache, &key, ctx->now_ms, false, fill, &wanted, w);
}

struct liq_series *liq_series_peek(const struct liq_series_options *o,
                                   struct liq_exchange *x, const char *symbol,
                                   int64_t display_ms, int64_t end_ms,
                                   int64_t now_ms)
{
    struct liq_key key;

    if (key_of(x, symbol, display_ms, end_ms, &key, NULL) != LIQ_OK)
        return NULL;
    return (struct liq_series *)(void *)liq_cache_peek(o->cache, &key, now_ms);
}
