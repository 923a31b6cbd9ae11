/* The symbol list of each exchange, refreshed every six hours. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>
#include "liqmap/interval.h"
#include "liqmap/names.h"

#define FRESH_MS (6 * LIQ_HOUR_MS)
/* Symbols change slowly: a week-old list is better than none. */
#define USABLE_MS (7 * LIQ_DAY_MS)

/* One request in flight; freed when it has settled its key. */
struct refresh {
    struct liq_fetch fetch; /* must be first */
    struct liq_api *api;
    struct liq_key key;
};

static void list_destroy(struct liq_item *item)
{
    struct liq_symbol_list *l = (struct liq_symbol_list *)(void *)item;

    liq_symbols_free(&l->symbols);
    free(l);
}

static struct liq_symbol_list *list_new(struct liq_symbols *symbols,
                                        int64_t now_ms)
{
    struct liq_symbol_list *l = calloc(1, sizeof *l);

    if (!l)
        return NULL;
    liq_item_init(&l->item, list_destroy);
    l->symbols = *symbols;
    memset(symbols, 0, sizeof *symbols);
    l->item.bytes = sizeof *l + l->symbols.n * sizeof *l->symbols.at;
    l->item.rank = LIQ_RANK_LIVE;
    l->item.fresh_until_ms = now_ms + FRESH_MS;
    l->item.meanwhile_until_ms = now_ms + USABLE_MS;
    l->item.usable_until_ms = now_ms + USABLE_MS;
    return l;
}

static void on_fetched(struct liq_fetch *f)
{
    struct refresh *r = (struct refresh *)(void *)f;
    int64_t now_ms = liq_api_now(r->api);
    struct liq_symbol_list *l = NULL;
    struct liq_reason why = f->why;

    if (why.code == LIQ_OK) {
        l = list_new(&f->symbols, now_ms);
        if (!l)
            liq_fail(&why, LIQ_ENOMEM, "no memory for a symbol list");
    }
    liq_cache_settle(r->api->options.cache, &r->key, now_ms,
                     l ? &l->item : NULL, &why);
    liq_symbols_free(&f->symbols);
    free(r);
}

/* arg of begin. */
struct begin {
    struct liq_api *api;
    struct liq_exchange *exchange;
    const struct liq_context *ctx;
};

static void begin(void *arg, const struct liq_key *key, struct liq_item *old,
                  int64_t now_ms, int64_t deadline_ms)
{
    const struct begin *b = arg;
    struct refresh *r = calloc(1, sizeof *r);
    struct liq_reason why = {0};

    (void)old;
    (void)deadline_ms;
    if (!r) {
        liq_fail(&why, LIQ_ENOMEM, "no memory for a symbol list");
        liq_cache_settle(b->api->options.cache, key, now_ms, NULL, &why);
        return;
    }
    r->api = b->api;
    r->key = *key;
    r->fetch.kind = LIQ_FETCH_SYMBOLS;
    r->fetch.deadline_ms = b->ctx->deadline_ms;
    r->fetch.background = b->ctx->background;
    r->fetch.done = on_fetched;
    liq_market_data_init(&r->fetch.data);
    b->exchange->fetch(b->exchange, &r->fetch);
}

bool liq_symbol_list_ask(struct liq_api *a, struct liq_exchange *x,
                         const struct liq_context *ctx, struct liq_waiter *w)
{
    struct liq_key key = liq_key_of(LIQ_KIND_SYMBOLS, x->name, NULL);
    struct begin b = {a, x, ctx};

    return liq_cache_ask(a->options.cache, &key, ctx->now_ms, false, begin, &b,
                         w);
}

static int by_name(const void *key, const void *symbol)
{
    return strcmp(key, ((const struct liq_symbol *)symbol)->name);
}

bool liq_symbol_list_has(const struct liq_symbol_list *l, const char *symbol)
{
    return l->symbols.n > 0 && bsearch(symbol, l->symbols.at, l->symbols.n,
                                       sizeof *l->symbols.at, by_name);
}

bool liq_symbol_list_may_have(struct liq_api *a, struct liq_exchange *x,
                              const char *symbol)
{
    struct liq_key key = liq_key_of(LIQ_KIND_SYMBOLS, x->name, NULL);
    int64_t now_ms = liq_api_now(a);
    struct liq_item *item = liq_cache_peek(a->options.cache, &key, now_ms);
    /* Only a fresh list refuses a symbol: it may have been listed since. */
    bool known = item && now_ms < item->fresh_until_ms;
    bool may = !known || liq_symbol_list_has(
                             (struct liq_symbol_list *)(void *)item, symbol);

    liq_item_release(item);
    return may;
}

bool liq_query_symbol_allowed(const struct liq_query_scope *scope,
                              const char *symbol)
{
    return liq_query_symbol_common(symbol) ||
           strcmp(scope->symbols, "*") == 0 ||
           liq_names_have(scope->symbols, symbol);
}

bool liq_query_symbol_common(const char *symbol)
{
    return strcmp(symbol, "BTCUSDT") == 0 || strcmp(symbol, "ETHUSDT") == 0 ||
           strcmp(symbol, "SOLUSDT") == 0;
}
