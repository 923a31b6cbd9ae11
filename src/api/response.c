/* From a question to the bytes of its answer, by way of the feed. */
#include "mapped.h"

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

/* Good until the first of the views used expires, so that max-age is honest;
 * when none is fresh, until the exchange may be tried again. */
static void set_times(const struct liq_api *a, const struct liq_gathered *g,
                      int64_t now_ms, struct liq_made *out)
{
    const struct liq_config *c = a->options.config;
    const struct liq_view *v = g->part[0].view;
    int64_t fresh_ms = INT64_MAX;

    for (size_t i = 0; i < g->n_used; i++) {
        if (g->part[i].err == LIQ_OK &&
            g->part[i].view->item.fresh_until_ms < fresh_ms)
            fresh_ms = g->part[i].view->item.fresh_until_ms;
    }
    out->stale = g->part[0].err != LIQ_OK;
    out->fetched_ms = v->fetched_ms;
    out->fresh_until_ms = out->stale ? now_ms + c->error_ms : fresh_ms;
    out->usable_until_ms = out->fresh_until_ms + c->swr_ms;
    if (out->usable_until_ms > v->item.usable_until_ms)
        out->usable_until_ms = v->item.usable_until_ms;
    if (out->usable_until_ms < out->fresh_until_ms)
        out->usable_until_ms = out->fresh_until_ms;
}

enum liq_err liq_api_make_view(struct liq_api *a, const struct liq_query *q,
                               int64_t now_ms, bool background,
                               struct liq_made *out, struct liq_reason *why)
{
    struct liq_shown shown = {.query = q};
    struct liq_gathered gathered;
    enum liq_err err = liq_gather(a, q, now_ms, background, &gathered, why);

    if (err)
        return err;
    shown.gathered = &gathered;
    shown.view = gathered.part[0].view;
    shown.stale_reason =
        gathered.part[0].err ? gathered.part[0].why.text : NULL;
    shown.now_ms = liq_api_now(a);
    set_times(a, &gathered, shown.now_ms, out);
    *why = gathered.part[0].why;
    err = encode(a, &shown, &out->body, why);
    liq_gathered_free(&gathered);
    return err;
}
