/* The symbol list of each exchange, refreshed every six hours. */
#include "fetched.h"

#include <stdlib.h>
#include <string.h>
#include "liqmap/interval.h"
#include "liqmap/names.h"

#define FRESH_MS (6 * LIQ_HOUR_MS)
/* Symbols change slowly: a week-old list is better than none. */
#define USABLE_MS (7 * LIQ_DAY_MS)

static void list_destroy(struct liq_item *item)
{
    struct liq_symbol_list *l = (struct liq_symbol_list *)(void *)item;

    liq_symbols_free(&l->symbols);
    free(l);
}

static struct liq_item *list_of(struct liq_api *a, const struct liq_exchange *x,
                                struct liq_fetch *f, int64_t now_ms)
{
    struct liq_symbol_list *l = calloc(1, sizeof *l);

    (void)a;
    (void)x;
    if (!l)
        return NULL;
    liq_item_init(&l->item, list_destroy);
    l->symbols = f->symbols;
    memset(&f->symbols, 0, sizeof f->symbols);
    l->item.bytes = sizeof *l + l->symbols.n * sizeof *l->symbols.at;
    l->item.rank = LIQ_RANK_LIVE;
    l->item.fresh_until_ms = now_ms + FRESH_MS;
    l->item.meanwhile_until_ms = now_ms + USABLE_MS;
    l->item.usable_until_ms = now_ms + USABLE_MS;
    return &l->item;
}

bool liq_symbol_list_ask(struct liq_api *a, struct liq_exchange *x,
                         const struct liq_context *ctx, struct liq_waiter *w)
{
    static const struct liq_fetched symbol_list = {
        .name = "symbol list",
        .kind = LIQ_KIND_SYMBOLS,
        .fetch = LIQ_FETCH_SYMBOLS,
        .item = list_of,
    };

    return liq_fetched_ask(a, &symbol_list, x, NULL, ctx, w);
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
