/* From a question to the bytes of its answer, by way of the feed. */
#include "mapped.h"

static enum liq_err refuse_symbol(const struct liq_query *q,
                                  struct liq_reason *why)
{
    return liq_fail(why, LIQ_ENOTFOUND, "%s does not list %s", q->market->name,
                    q->symbol);
}

/* A symbol nobody knows is looked up before its candles are asked for; an
 * exchange that cannot say is asked for the candles all the same. */
static enum liq_err check_listed(struct liq_api *a, const struct liq_query *q,
                                 int64_t now_ms, struct liq_reason *why)
{
    struct liq_listing *l;
    struct liq_reason ignored;
    bool unknown;

    if (liq_query_symbol_common(q->symbol))
        return LIQ_OK;
    if (liq_api_listing(a, q->market, now_ms, &l, &ignored) != LIQ_OK && !l)
        return LIQ_OK;
    unknown = !liq_listing_has(l, q->symbol);
    liq_item_release(&l->item);
    return unknown ? refuse_symbol(q, why) : LIQ_OK;
}

typedef enum liq_err encode_mapped_fn(const struct liq_shown *s,
                                      const struct liq_mapped *m,
                                      struct liq_buf *body,
                                      struct liq_reason *why);

/* What is read off a map, with the map run up to now. */
static enum liq_err encode_mapped(struct liq_api *a, const struct liq_shown *s,
                                  struct liq_buf *body, struct liq_reason *why)
{
    static encode_mapped_fn *const encoders[LIQ_ROUTES] = {
        [LIQ_ROUTE_HEATMAP] = liq_encode_heatmap,
        [LIQ_ROUTE_LEVELS] = liq_encode_levels,
        [LIQ_ROUTE_PROFILE] = liq_encode_profile,
        [LIQ_ROUTE_EXPLAIN] = liq_encode_explain,
    };
    struct liq_mapped mapped;
    enum liq_err err = liq_mapped_open(a, s, &mapped, why);

    if (err)
        return err;
    err = encoders[s->query->route](s, &mapped, body, why);
    liq_mapped_close(a, &mapped);
    return err;
}

static enum liq_err encode(struct liq_api *a, const struct liq_shown *s,
                           struct liq_buf *body, struct liq_reason *why)
{
    enum liq_err err;

    switch (s->query->route) {
    case LIQ_ROUTE_KLINES:
        err = liq_encode_klines(s, body, why);
        break;
    case LIQ_ROUTE_TICKER:
        err = liq_encode_quote(s, body, why);
        break;
    case LIQ_ROUTE_SINGLE:
        err = liq_encode_single(s, body, why);
        break;
    default:
        err = encode_mapped(a, s, body, why);
    }
    if (!err && body->err)
        err = liq_fail(why, body->err, "the answer is too large");
    return err;
}

/* A fresh view's answer is good until the view expires, so that max-age is
 * honest; an old one's only until the exchange may be tried again. */
static void set_times(const struct liq_api *a, const struct liq_view *v,
                      int64_t now_ms, bool stale, struct liq_made *out)
{
    const struct liq_config *c = a->options.config;

    out->fetched_ms = v->fetched_ms;
    out->stale = stale;
    out->fresh_until_ms = stale ? now_ms + c->error_ms : v->item.fresh_until_ms;
    out->usable_until_ms = out->fresh_until_ms + c->swr_ms;
    if (out->usable_until_ms > v->item.usable_until_ms)
        out->usable_until_ms = v->item.usable_until_ms;
    if (out->usable_until_ms < out->fresh_until_ms)
        out->usable_until_ms = out->fresh_until_ms;
}

enum liq_err liq_api_make_view(struct liq_api *a, const struct liq_query *q,
                               int64_t now_ms, struct liq_made *out,
                               struct liq_reason *why)
{
    struct liq_shown shown = {.query = q};
    struct liq_reason late;
    enum liq_err err;

    err = check_listed(a, q, now_ms, why);
    if (err)
        return err;
    /* Never as background: who wants this answer wants its series, and the
     * series must not be the one asked for longest ago. */
    err = liq_feeds_get(a->feeds, q->market, q->symbol, q->display_ms,
                        q->end_ms, now_ms, false, &shown.view, &late);
    if (!shown.view) {
        *why = late;
        return err;
    }
    shown.stale_reason = err ? late.text : NULL;
    shown.now_ms = liq_api_now(a);
    set_times(a, shown.view, shown.now_ms, err != LIQ_OK, out);
    if (err)
        *why = late; /* told, though there is an answer */
    err = encode(a, &shown, &out->body, why);
    liq_view_release(shown.view);
    return err;
}
