/* The snapshot: candles through the model, and the grid as integers. */
#include "internal.h"

#include <math.h>
#include <stdlib.h>
#include "liqmap/model.h"

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

static void encode_tiers(struct liq_jsonw *w, const struct liq_params *p)
{
    liq_jsonw_key(w, "tiers");
    liq_jsonw_open_array(w);
    for (size_t k = 0; k < LIQ_TIERS; k++) {
        liq_jsonw_open_object(w);
        liq_jsonw_key_number(w, "leverage", p->tier[k].leverage);
        liq_jsonw_key_number(w, "standing_share", p->tier[k].standing_share);
        liq_jsonw_key_number(w, "half_life_hours", p->tier[k].half_life_hours);
        liq_jsonw_close_object(w);
    }
    liq_jsonw_close_array(w);
}

static void encode_model(struct liq_jsonw *w, const struct liq_view *v,
                         bool scaled)
{
    const struct liq_params *p = &liq_params_gauss7;

    liq_jsonw_key(w, "model");
    liq_jsonw_open_object(w);
    liq_jsonw_key_string(w, "name", LIQ_MODEL_NAME);
    liq_jsonw_key_int(w, "version", LIQ_MODEL_VERSION);
    liq_encode_interval(w, "engine_interval", v->engine_ms);
    liq_jsonw_key_time(w, "series_start", v->answer.klines.at[0].open_ms);
    encode_tiers(w, p);
    liq_jsonw_key_number(w, "maintenance_margin_rate",
                         p->maintenance_margin_rate);
    liq_jsonw_key_number(w, "leverage_spread", p->leverage_spread);
    liq_jsonw_key_number(w, "round_number_share", p->round_number_share);
    liq_jsonw_key_string(w, "scaled_by", scaled ? "open_interest" : NULL);
    liq_jsonw_close_object(w);
}

/* Which part of the book the cells are the sum of. */
static void encode_filter(struct liq_jsonw *w, const struct liq_query *q)
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

/* Row by row from the lowest price, time running fastest: neighbours are alike
 * that way, which is what a compressor wants. */
static void encode_cells(struct liq_jsonw *w, const struct liq_grid *g,
                         double quantum)
{
    liq_jsonw_key(w, "cells");
    liq_jsonw_open_array(w);
    for (size_t r = 0; r < g->rows; r++) {
        liq_jsonw_open_array(w);
        for (size_t j = 0; j < g->columns; j++)
            liq_jsonw_int(w,
                          (int64_t)round(g->cell[j * g->rows + r] / quantum));
        liq_jsonw_close_array(w);
    }
    liq_jsonw_close_array(w);
}

static double outside_of(const struct liq_book *b)
{
    double sum = 0.0;

    for (size_t k = 0; k < LIQ_TIERS; k++) {
        for (size_t side = 0; side < LIQ_SIDES; side++)
            sum += b->below[k][side] + b->above[k][side];
    }
    return sum;
}

static void encode_grid(struct liq_jsonw *w, const struct liq_grid *g,
                        const struct liq_book *b, double usd_per_unit)
{
    double quantum = liq_quantum(g->max);

    liq_jsonw_key(w, "grid");
    liq_jsonw_open_object(w);
    liq_jsonw_key_number(w, "price_min", g->axis.price_min);
    liq_jsonw_key_number(w, "price_step", g->axis.price_step);
    liq_jsonw_key_int(w, "rows", (int64_t)g->rows);
    liq_jsonw_key_int(w, "columns", (int64_t)g->columns);
    liq_jsonw_key_number(w, "quantum", quantum);
    liq_jsonw_key_int(w, "max", (int64_t)round(g->max / quantum));
    liq_jsonw_key_number(w, "usd_per_unit", usd_per_unit);
    liq_jsonw_key_number(w, "outside", outside_of(b));
    liq_jsonw_key_number(w, "total", b->total);
    encode_cells(w, g, quantum);
    liq_jsonw_close_object(w);
}

/* MODEL.md 7: each open contract has a long and a short. */
static double usd_per_unit_of(const struct liq_view *v,
                              const struct liq_book *b)
{
    double usd = liq_open_interest_usd(&v->answer);

    return b->total > 0.0 && usd > 0.0 ? 2.0 * usd / b->total : NAN;
}

static void encode(struct liq_buf *body, const struct liq_shown *s,
                   const struct liq_map *map)
{
    struct liq_grid grid = liq_map_grid(map);
    struct liq_book book = liq_map_book(map);
    double usd_per_unit = usd_per_unit_of(s->view, &book);
    struct liq_jsonw w;

    liq_jsonw_init(&w, body);
    liq_jsonw_open_object(&w);
    liq_encode_head(&w, s);
    liq_encode_ticker(&w, &s->view->answer.ticker);
    liq_encode_statistics(&w, &s->view->answer);
    encode_model(&w, s->view, isfinite(usd_per_unit));
    encode_filter(&w, s->query);
    liq_encode_candles(&w, grid.candle, grid.columns);
    encode_grid(&w, &grid, &book, usd_per_unit);
    liq_jsonw_close_object(&w);
}

/* What the model finds out of range came from the exchange, not from whoever
 * asks. */
static enum liq_err refuse_candles(struct liq_reason *why, enum liq_err err)
{
    return err == LIQ_ENOMEM
               ? liq_fail(why, err, "no memory for a map")
               : liq_fail(why, LIQ_EFORMAT, "the model refuses these candles");
}

enum liq_err liq_encode_heatmap(struct liq_api *a, const struct liq_shown *s,
                                struct liq_buf *body, struct liq_reason *why)
{
    char key[LIQ_CACHE_KEY_SIZE];
    struct liq_maps_entry *entry;
    struct liq_run run;
    enum liq_err err;

    err = run_of(s->query, s->view, &run);
    if (err)
        return refuse_candles(why, err);
    liq_query_canonical(s->query, key);
    /* The past is drawn once and would only push out what goes on. */
    err = liq_maps_take(a->maps, s->query->end_ms ? NULL : key, &entry);
    if (err)
        return liq_fail(why, err, "no memory for a map");
    err = liq_map_run(liq_maps_map(entry), &run);
    if (err)
        err = refuse_candles(why, err);
    else
        encode(body, s, liq_maps_map(entry));
    liq_maps_give(a->maps, entry);
    return err;
}
