/* The heatmap: candles, the grid as integers, profile and levels. */
#include "delta.h"

#include <math.h>
#include "cells.h"
#include "compact.h"

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

/* MODEL.md 11, for readers of the response alone. */
static void encode_notes(struct liq_jsonw *w)
{
    static const char *const notes[] = {
        "A level is where forced orders appear if price gets there: it is not "
        "a magnet and not a forecast.",
        "The leverage mix of no exchange is known: tiers, shares and "
        "half-lives are assumptions.",
        "Dollars are modelled open interest, an upper bound of what could be "
        "forced.",
    };

    liq_jsonw_key(w, "notes");
    liq_jsonw_open_array(w);
    for (size_t i = 0; i < sizeof notes / sizeof *notes; i++)
        liq_jsonw_string(w, notes[i]);
    liq_jsonw_close_array(w);
}

static void encode_model(struct liq_jsonw *w, const struct liq_content *c,
                         bool scaled)
{
    const struct liq_params *p = &c->api->params;
    const struct liq_series *s = c->series;
    struct liq_contract contract = liq_series_contract(c->api, s);

    liq_jsonw_key(w, "model");
    liq_jsonw_open_object(w);
    liq_jsonw_key_string(w, "name", LIQ_MODEL_NAME);
    liq_jsonw_key_int(w, "version", LIQ_MODEL_VERSION);
    liq_encode_interval(w, "engine_interval", s->engine_ms);
    liq_jsonw_key_time(w, "series_start", s->first_ms);
    encode_tiers(w, p);
    liq_jsonw_key_number(w, "maintenance_margin_rate",
                         contract.maintenance_margin_rate);
    liq_jsonw_key_number(w, "leverage_spread", p->leverage_spread);
    liq_jsonw_key_number(w, "round_number_share", p->round_number_share);
    liq_jsonw_key_string(w, "scaled_by", scaled ? "open_interest" : NULL);
    liq_encode_limits(w, &contract);
    encode_notes(w);
    liq_jsonw_close_object(w);
}

/* Row by row from the lowest price, time running fastest: neighbouring numbers
 * are similar then and compress well. */
static void encode_cells(struct liq_jsonw *w, const struct liq_grid *g,
                         double quantum)
{
    int row[LIQ_CELL_ROWS][LIQ_COLUMNS_MAX];

    liq_jsonw_key(w, "cells");
    liq_jsonw_open_array(w);
    for (size_t from = 0; from < g->rows; from += LIQ_CELL_ROWS) {
        size_t n = liq_cells_read(g, quantum, from, row);

        for (size_t i = 0; i < n; i++)
            liq_jsonw_counts(w, row[i], g->columns);
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

static void encode_grid(struct liq_jsonw *w, const struct liq_snapshot *m,
                        bool compact, struct liq_holes *holes)
{
    const struct liq_grid *g = &m->grid;
    double quantum =
        compact ? liq_compact_quantum(m->quantum, m->max) : m->quantum;

    liq_jsonw_key(w, "grid");
    liq_jsonw_open_object(w);
    liq_jsonw_key_number(w, "price_min", g->axis.price_min);
    liq_jsonw_key_number(w, "price_step", g->axis.price_step);
    liq_jsonw_key_int(w, "rows", (int64_t)g->rows);
    liq_jsonw_key_int(w, "columns", (int64_t)g->columns);
    liq_jsonw_key_number(w, "quantum", quantum);
    liq_jsonw_key_number(w, "max", round(g->max / quantum));
    liq_jsonw_key_number(w, "usd_per_unit", m->usd_per_unit);
    liq_jsonw_key_number(w, "outside", outside_of(&m->book));
    liq_jsonw_key_number(w, "total", m->book.total);
    liq_hole_begin(holes, w);
    if (compact)
        liq_encode_compact_cells(w, g, quantum);
    else
        encode_cells(w, g, quantum);
    liq_hole_end(holes, w);
    liq_jsonw_close_object(w);
}

/* Let later responses say what changed since this one, which only lacks its
 * end.  The past does not change. */
static void encode_mark(struct liq_jsonw *w, const struct liq_content *c,
                        const struct liq_snapshot *m,
                        const struct liq_holes *holes)
{
    struct liq_mark *mark;

    if (!c->mark || c->query->end_ms > 0)
        return;
    mark = liq_mark_new(c, m, w->buf, holes);
    if (!mark)
        return;
    *c->mark = liq_mark_item(mark);
    liq_encode_cursor(w, "cursor", liq_mark_cursor(mark));
}

enum liq_err liq_encode_heatmap(const struct liq_content *c,
                                const struct liq_snapshot *m,
                                struct liq_buf *body, struct liq_reason *why)
{
    bool compact = c->query->route == LIQ_ROUTE_COMPACT;
    struct liq_holes holes = {.n = 0};
    struct liq_jsonw w;
    enum liq_err err;

    liq_jsonw_init(&w, body);
    liq_jsonw_open_object(&w);
    liq_encode_head(&w, c);
    liq_encode_epoch(&w, m);
    liq_encode_ticker(&w, &c->series->data.ticker);
    liq_jsonw_key(&w, "statistics");
    liq_jsonw_open_object(&w);
    liq_encode_statistics(&w, c);
    liq_encode_imbalance(&w, m);
    liq_jsonw_close_object(&w);
    encode_model(&w, c, isfinite(m->usd_per_unit));
    liq_encode_filter(&w, c->query);
    liq_hole_begin(&holes, &w);
    if (compact)
        liq_encode_compact_candles(&w, m->grid.candle, m->grid.columns);
    else
        liq_encode_candles(&w, m->grid.candle, m->grid.columns);
    liq_hole_end(&holes, &w);
    encode_grid(&w, m, compact, &holes);
    err = liq_encode_profile_member(&w, m, compact, &holes, why);
    if (!err)
        err = liq_encode_level_lists(&w, m, why);
    if (err)
        return err;
    if (compact)
        encode_mark(&w, c, m, &holes);
    liq_jsonw_close_object(&w);
    return LIQ_OK;
}
