#include "mapped.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
                            .contract = liq_contract_default,
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

/* What the model finds out of range came from the exchange, not from whoever
 * asks. */
static enum liq_err refuse_candles(struct liq_reason *why, enum liq_err err)
{
    return err == LIQ_ENOMEM
               ? liq_fail(why, err, "no memory for a map")
               : liq_fail(why, LIQ_EFORMAT, "the model refuses these candles");
}

/* The map of a layer, or of their sum, under a key of its own.  The past is
 * drawn once and would only push out what goes on. */
static enum liq_err take_map(struct liq_api *a, const struct liq_query *shown,
                             const struct liq_market *market,
                             struct liq_maps_entry **out)
{
    char canonical[LIQ_CACHE_KEY_SIZE], key[LIQ_CACHE_KEY_SIZE];
    struct liq_query q = *shown;

    /* Every route draws from the heatmap's map. */
    q.route = LIQ_ROUTE_HEATMAP;
    liq_query_canonical(&q, canonical);
    snprintf(key, sizeof key, "%.16s|%.230s", market ? market->name : "sum",
             canonical);
    return liq_maps_take(a->maps, q.end_ms ? NULL : key, out);
}

/* MODEL.md (10): each open contract has a long and a short. */
static double usd_per_unit_of(double usd, const struct liq_book *b)
{
    return b->total > 0.0 && usd > 0.0 ? 2.0 * usd / b->total : NAN;
}

static enum liq_err open_layer(struct liq_api *a, const struct liq_query *q,
                               const struct liq_part *part,
                               const struct liq_axis *axis, struct liq_layer *l,
                               struct liq_reason *why)
{
    struct liq_book book;
    enum liq_err err = run_of(q, part->view, &l->run);

    if (err)
        return refuse_candles(why, err);
    if (axis)
        l->run.axis = *axis;
    l->part = part;
    err = take_map(a, q, part->market, &l->entry);
    if (err)
        return refuse_candles(why, err);
    err = liq_map_run(liq_maps_map(l->entry), &l->run);
    if (err) {
        liq_maps_give(a->maps, l->entry);
        return refuse_candles(why, err);
    }
    book = liq_map_book(liq_maps_map(l->entry));
    l->usd_per_unit = usd_per_unit_of(part->usd, &book);
    l->weight = 1.0;
    return LIQ_OK;
}

/* Those that can be weighed; one that the model refuses is left out, unless it
 * is the first, whose candles are shown. */
static enum liq_err open_layers(struct liq_api *a, const struct liq_shown *s,
                                struct liq_mapped *m, struct liq_reason *why)
{
    const struct liq_gathered *g = s->gathered;
    enum liq_err err =
        open_layer(a, s->query, &g->part[0], NULL, &m->layer[0], why);

    if (err)
        return err;
    m->n = 1;
    for (size_t i = 1; i < g->n_used; i++) {
        struct liq_reason ignored;

        if (open_layer(a, s->query, &g->part[i], &m->layer[0].run.axis,
                       &m->layer[m->n], &ignored) == LIQ_OK)
            m->n++;
    }
    return LIQ_OK;
}

static int64_t newest_open_ms(const struct liq_run *run)
{
    int64_t open_ms = run->kline[run->n - 1].open_ms;

    return open_ms - open_ms % run->display_ms;
}

/* MODEL.md (16) */
static enum liq_err sum_layers(struct liq_api *a, const struct liq_query *q,
                               struct liq_mapped *m, struct liq_reason *why)
{
    int64_t open_ms = newest_open_ms(&m->layer[0].run);
    const struct liq_map *map[LIQ_FAN_MAX];
    double weight[LIQ_FAN_MAX];
    enum liq_err err = take_map(a, q, NULL, &m->sum);

    if (err)
        return refuse_candles(why, err);
    for (size_t i = 0; i < m->n; i++) {
        struct liq_layer *l = &m->layer[i];

        l->weight = isfinite(l->usd_per_unit) ? l->usd_per_unit : 0.0;
        if (q->end_ms == 0)
            l->weight = liq_weights_hold(a->weights, q->symbol, q->display_ms,
                                         open_ms, l->part->market, l->weight);
        map[i] = liq_maps_map(l->entry);
        weight[i] = l->weight;
    }
    err = liq_map_sum(liq_maps_map(m->sum), map, weight, m->n);
    return err ? refuse_candles(why, err) : LIQ_OK;
}

enum liq_err liq_mapped_open(struct liq_api *a, const struct liq_shown *s,
                             struct liq_mapped *m, struct liq_reason *why)
{
    double usd = NAN;
    enum liq_err err;

    memset(m, 0, sizeof *m);
    err = open_layers(a, s, m, why);
    if (!err && s->query->pick == LIQ_PICK_ALL &&
        isfinite(m->layer[0].usd_per_unit))
        err = sum_layers(a, s->query, m, why);
    if (err) {
        liq_mapped_close(a, m);
        return err;
    }
    for (size_t i = 0; i < m->n; i++)
        usd = i == 0 ? m->layer[i].part->usd : usd + m->layer[i].part->usd;
    m->map = liq_maps_map(m->sum ? m->sum : m->layer[0].entry);
    m->grid = liq_map_grid(m->map);
    m->book = liq_map_book(m->map);
    m->quantum = liq_quantum(m->grid.max);
    m->max = round(m->grid.max / m->quantum);
    m->usd_per_unit = usd_per_unit_of(usd, &m->book);
    return LIQ_OK;
}

void liq_mapped_close(struct liq_api *a, struct liq_mapped *m)
{
    if (m->sum)
        liq_maps_give(a->maps, m->sum);
    for (size_t i = 0; i < m->n; i++)
        liq_maps_give(a->maps, m->layer[i].entry);
    m->n = 0;
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
