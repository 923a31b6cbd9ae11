#include "mapped.h"

#include <math.h>
#include <stdlib.h>

/* The axis that a question asks for, over its display candles. */
static enum liq_err axis_of(const struct liq_query *q,
                            const struct liq_klines *display,
                            struct liq_axis *out)
{
    size_t bars = (size_t)q->bars;
    size_t n = display->n < bars ? display->n : bars;

    if (q->range_tenths > 0)
        return liq_axis_around(display->at[display->n - 1].close,
                               q->range_tenths / 10.0, q->rows, out);
    return liq_axis_fit(display->at + (display->n - n), n, q->rows, out);
}

static enum liq_err run_of(const struct liq_query *q, const struct liq_view *v,
                           struct liq_run *out)
{
    const struct liq_klines *k = &v->answer.klines;
    struct liq_klines display;
    enum liq_err err;

    *out = (struct liq_run){.params = &liq_params_gauss7,
                            .kline = k->at,
                            .n = k->n,
                            .epoch = v->epoch,
                            .display_ms = v->display_ms,
                            .bars = (size_t)q->bars,
                            .tiers = q->tiers,
                            .sides = q->sides};
    err = liq_klines_aggregate(k->at, k->n, v->display_ms, &display);
    if (err)
        return err;
    err = axis_of(q, &display, &out->axis);
    free(display.at);
    return err;
}

/* MODEL.md (10): each open contract has a long and a short. */
static double usd_per_unit_of(const struct liq_view *v,
                              const struct liq_book *b)
{
    double usd = liq_open_interest_usd(&v->answer);

    return b->total > 0.0 && usd > 0.0 ? 2.0 * usd / b->total : NAN;
}

/* What the model finds out of range came from the exchange, not from whoever
 * asks. */
static enum liq_err refuse_candles(struct liq_reason *why, enum liq_err err)
{
    return err == LIQ_ENOMEM
               ? liq_fail(why, err, "no memory for a map")
               : liq_fail(why, LIQ_EFORMAT, "the model refuses these candles");
}

enum liq_err liq_mapped_open(struct liq_api *a, const struct liq_shown *s,
                             struct liq_mapped *m, struct liq_reason *why)
{
    /* Every route draws from the heatmap's map. */
    struct liq_query q = *s->query;
    char key[LIQ_CACHE_KEY_SIZE];
    enum liq_err err;

    err = run_of(s->query, s->view, &m->run);
    if (err)
        return refuse_candles(why, err);
    q.route = LIQ_ROUTE_HEATMAP;
    liq_query_canonical(&q, key);
    /* The past is drawn once and would only push out what goes on. */
    err = liq_maps_take(a->maps, q.end_ms ? NULL : key, &m->entry);
    if (err)
        return liq_fail(why, err, "no memory for a map");
    err = liq_map_run(liq_maps_map(m->entry), &m->run);
    if (err) {
        liq_maps_give(a->maps, m->entry);
        return refuse_candles(why, err);
    }
    m->map = liq_maps_map(m->entry);
    m->grid = liq_map_grid(m->map);
    m->book = liq_map_book(m->map);
    m->quantum = liq_quantum(m->grid.max);
    m->max = round(m->grid.max / m->quantum);
    m->usd_per_unit = usd_per_unit_of(s->view, &m->book);
    return LIQ_OK;
}

void liq_mapped_close(struct liq_api *a, struct liq_mapped *m)
{
    liq_maps_give(a->maps, m->entry);
}

double liq_mapped_usd(const struct liq_mapped *m, double mass)
{
    return round(mass * m->usd_per_unit);
}

void liq_encode_filter(struct liq_jsonw *w, const struct liq_query *q)
{
    static const char *const sides[] = {"", "long", "short", "both"};

    liq_jsonw_key(w, "filter");
    liq_jsonw_open_object(w);
    liq_jsonw_key(w, "tiers");
    liq_jsonw_open_array(w);
    for (unsigned k = 0; k < LIQ_TIERS; k++) {
        if (q->tiers & 1U << k)
            liq_jsonw_number(w, liq_params_gauss7.tier[k].leverage);
    }
    liq_jsonw_close_array(w);
    liq_jsonw_key_string(w, "side", sides[q->sides]);
    liq_jsonw_key_number(w, "range",
                         q->range_tenths ? q->range_tenths / 10.0 : NAN);
    liq_jsonw_close_object(w);
}

void liq_encode_rounded(struct liq_jsonw *w, const char *key, double value,
                        double per_unit)
{
    if (key)
        liq_jsonw_key(w, key);
    liq_jsonw_number(w, round(value * per_unit) / per_unit);
}
