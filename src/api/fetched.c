#include "fetched.h"

#include <stdlib.h>
#include <string.h>
#include "liqmap/log.h"

/* arg of begin. */
struct begin {
    struct liq_api *api;
    const struct liq_fetched *what;
    struct liq_exchange *exchange;
    const struct liq_context *ctx;
};

/* One fetch in flight; freed when it has settled its key. */
struct refresh {
    struct liq_fetch fetch; /* must be first */
    struct liq_api *api;
    const struct liq_fetched *what;
    struct liq_exchange *exchange;
    struct liq_key key;
};

static void log_failure(const struct refresh *r, const struct liq_reason *why)
{
    if (r->what->log && why->code != LIQ_ENOTFOUND && !why->own_budget)
        liq_log(LIQ_LOG_WARN, "%s exchange=%s symbol=%s status=%s why=\"%s\"",
                r->what->name, r->exchange->name, r->key.symbol,
                liq_err_name(why->code), why->text);
}

static void on_fetched(struct liq_fetch *f)
{
    struct refresh *r = (struct refresh *)(void *)f;
    int64_t now_ms = liq_api_now(r->api);
    struct liq_reason why = f->why;
    struct liq_item *item = NULL;

    if (why.code != LIQ_OK) {
        log_failure(r, &why);
    } else {
        item = r->what->item(r->api, r->exchange, f, now_ms);
        if (!item)
            liq_fail(&why, LIQ_ENOMEM, "no memory: %s", r->what->name);
    }
    liq_cache_settle(r->api->options.cache, &r->key, now_ms, item, &why);
    liq_symbols_free(&f->symbols);
    liq_depth_free(&f->depth);
    free(r);
}

static void begin(void *arg, const struct liq_key *key, struct liq_item *old,
                  int64_t now_ms, int64_t deadline_ms)
{
    const struct begin *b = arg;
    struct refresh *r = calloc(1, sizeof *r);
    struct liq_reason why = {0};

    (void)old;
    (void)deadline_ms; /* of one waiter; the request's own is in ctx */
    if (!r) {
        liq_fail(&why, LIQ_ENOMEM, "no memory: %s", b->what->name);
        liq_cache_settle(b->api->options.cache, key, now_ms, NULL, &why);
        return;
    }
    r->api = b->api;
    r->what = b->what;
    r->exchange = b->exchange;
    r->key = *key;
    r->fetch.kind = b->what->fetch;
    memcpy(r->fetch.symbol, key->symbol, sizeof r->fetch.symbol);
    r->fetch.deadline_ms = b->ctx->deadline_ms;
    r->fetch.background = b->ctx->background;
    r->fetch.first = b->what->first;
    r->fetch.done = on_fetched;
    liq_market_data_init(&r->fetch.data);
    b->exchange->fetch(b->exchange, &r->fetch);
}

bool liq_fetched_ask(struct liq_api *a, const struct liq_fetched *what,
                     struct liq_exchange *x, const char *symbol,
                     const struct liq_context *ctx, struct liq_waiter *w)
{
    struct liq_key key = liq_key_of(what->kind, x->name, symbol);
    struct begin b = {a, what, x, ctx};

    return liq_cache_ask(a->options.cache, &key, ctx->now_ms, false, begin, &b,
                         w);
}
