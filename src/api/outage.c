/* Exchanges that failed lately. */
#include "internal.h"

#include <stdlib.h>

/* auto does not try an exchange again for this long after a failure. */
#define DOWN_MS 30000
/* A sum waits so long for an exchange that failed lately. */
#define DOWN_WAIT_MS 250

struct outage {
    struct liq_item item; /* must be first */
    struct liq_reason why;
};

static void outage_destroy(struct liq_item *item)
{
    free(item);
}

bool liq_source_is_down(struct liq_api *a, const struct liq_exchange *x,
                        int64_t now_ms, struct liq_reason *why)
{
    struct liq_key key = liq_key_of(LIQ_KIND_OUTAGE, x->name, NULL);
    struct liq_item *item = liq_cache_peek(a->options.cache, &key, now_ms);

    if (item)
        *why = ((struct outage *)(void *)item)->why;
    liq_item_release(item);
    return item != NULL;
}

int64_t liq_source_deadline(struct liq_api *a, const struct liq_query *q,
                            const struct liq_exchange *x,
                            const struct liq_context *ctx)
{
    int64_t soon_ms = ctx->now_ms + DOWN_WAIT_MS;
    struct liq_reason ignored;

    if (q->choice == LIQ_CHOOSE_ALL && soon_ms < ctx->deadline_ms &&
        liq_source_is_down(a, x, ctx->now_ms, &ignored))
        return soon_ms;
    return ctx->deadline_ms;
}

/* Whether the exchange failed, and not only the query or our budget. */
static bool says_down(const struct liq_reason *why)
{
    return why->code == LIQ_ENET || why->code == LIQ_ETIMEOUT ||
           why->code == LIQ_EFORMAT || why->code == LIQ_EBLOCKED ||
           (why->code == LIQ_ERATE && !why->own_budget);
}

void liq_source_note_down(struct liq_api *a, const struct liq_exchange *x,
                          const struct liq_reason *why)
{
    struct liq_key key = liq_key_of(LIQ_KIND_OUTAGE, x->name, NULL);
    int64_t now_ms = liq_api_now(a);
    struct outage *o;

    if (!says_down(why) || !(o = calloc(1, sizeof *o)))
        return;
    liq_item_init(&o->item, outage_destroy);
    o->why = *why;
    o->item.bytes = sizeof *o;
    o->item.rank = LIQ_RANK_LIVE;
    o->item.usable_until_ms =
        now_ms +
        (why->retry_after_ms > DOWN_MS ? why->retry_after_ms : DOWN_MS);
    o->item.order = o->item.usable_until_ms;
    liq_item_release(liq_cache_offer(a->options.cache, &key, now_ms, &o->item));
}

void liq_source_note_up(struct liq_api *a, const struct liq_exchange *x)
{
    struct liq_key key = liq_key_of(LIQ_KIND_OUTAGE, x->name, NULL);

    liq_cache_drop(a->options.cache, &key);
}
