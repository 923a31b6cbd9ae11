/* What each exchange lists, asked for seldom. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>
#include "liqmap/interval.h"

#define LISTING_FRESH_MS (6 * LIQ_HOUR_MS)
/* A list of last week is better than none: symbols come and go slowly. */
#define LISTING_USABLE_MS (7 * LIQ_DAY_MS)

struct call {
    struct liq_api *api;
    struct liq_market *market;
};

static void listing_destroy(struct liq_item *item)
{
    struct liq_listing *l = (struct liq_listing *)(void *)item;

    liq_symbols_free(&l->symbols);
    free(l);
}

static enum liq_err fill(void *arg, const char *key, struct liq_item *old,
                         int64_t now_ms, struct liq_item **out,
                         struct liq_reason *why)
{
    struct call *c = arg;
    int64_t now = liq_api_now(c->api);
    struct liq_listing *l = calloc(1, sizeof *l);
    enum liq_err err;

    (void)key;
    (void)old;
    (void)now_ms;
    if (!l)
        return liq_fail(why, LIQ_ENOMEM, "no memory for a list");
    err = c->market->symbols(
        c->market, now + c->api->options.config->deadline_ms, &l->symbols, why);
    if (err) {
        free(l);
        return err;
    }
    liq_item_init(&l->item, listing_destroy);
    l->item.fresh_until_ms = now + LISTING_FRESH_MS;
    l->item.meanwhile_until_ms = now + LISTING_USABLE_MS;
    l->item.usable_until_ms = now + LISTING_USABLE_MS;
    *out = &l->item;
    return LIQ_OK;
}

enum liq_err liq_api_listing(struct liq_api *a, struct liq_market *m,
                             int64_t now_ms, struct liq_listing **out,
                             struct liq_reason *why)
{
    struct call c = {a, m};
    struct liq_item *item;
    enum liq_err err;

    err = liq_cache_get(a->listings, m->name, now_ms,
                        a->options.config->deadline_ms, false, fill, &c, &item,
                        why);
    *out = (struct liq_listing *)(void *)item;
    return err;
}

static int by_name(const void *key, const void *symbol)
{
    return strcmp(key, ((const struct liq_symbol *)symbol)->name);
}

bool liq_listing_has(const struct liq_listing *l, const char *symbol)
{
    return l->symbols.n > 0 && bsearch(symbol, l->symbols.at, l->symbols.n,
                                       sizeof *l->symbols.at, by_name);
}

bool liq_api_may_list(struct liq_api *a, struct liq_market *m,
                      const char *symbol, int64_t now_ms)
{
    struct liq_item *item;
    struct liq_reason why;
    enum liq_err err;
    bool known, may;

    /* An old list is no reason to refuse while a new one can be had. */
    known =
        liq_cache_peek(a->listings, m->name, now_ms, &err, &item, &why) && item;
    may = !known || liq_listing_has((struct liq_listing *)(void *)item, symbol);
    liq_item_release(item);
    return may;
}
