/* Why a cell is hot: the candles and tiers whose entries liquidate there. */
#include "snapshot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CAUSES_MAX 40

static const double TENTHS = 10.0, MILLIONTHS = 1e6;

/* The column whose candle holds the time; grid.columns: none. */
static size_t column_of(const struct liq_snapshot *m, int64_t time_ms)
{
    size_t j;

    for (j = 0; j < m->grid.columns; j++) {
        int64_t open_ms = m->grid.candle[j].open_ms;

        if (time_ms >= open_ms &&
            time_ms < open_ms + m->layer[0].run.display_ms)
            break;
    }
    return j;
}

static enum liq_err refuse_time(const struct liq_snapshot *m,
                                struct liq_reason *why)
{
    char first[24], last[24];

    liq_time_format(m->grid.candle[0].open_ms, first, sizeof first);
    liq_time_format(m->grid.candle[m->grid.columns - 1].open_ms +
                        m->layer[0].run.display_ms,
                    last, sizeof last);
    return liq_fail(why, LIQ_EINVAL,
                    "time is outside the candles shown, expected %s to %s",
                    first, last);
}

static enum liq_err refuse_price(const struct liq_snapshot *m,
                                 struct liq_reason *why)
{
    const struct liq_axis *a = &m->grid.axis;

    return liq_fail(
        why, LIQ_EINVAL, "price is off the axis, expected %.10g to %.10g",
        a->price_min, a->price_min + (double)a->rows * a->price_step);
}

/* One cause, in units of the map that is shown. */
struct exchange_cause {
    struct liq_cause cause;
    const struct liq_exchange *exchange;
};

/*
 * The causes of all layers together.
 *
 * at        [n] owned, the largest ones, largest first
 * all       how many there are
 * swept_ms  of the exchange whose candles are shown
 */
struct account {
    struct exchange_cause *at;
    size_t n, all;
    double cell;
    int64_t swept_ms;
    enum liq_side side;
};

static int by_mass(const void *a, const void *b)
{
    const struct exchange_cause *x = a, *y = b;

    if (x->cause.mass != y->cause.mass)
        return x->cause.mass < y->cause.mass ? 1 : -1;
    if (x->cause.open_ms != y->cause.open_ms)
        return x->cause.open_ms < y->cause.open_ms ? 1 : -1;
    return x->cause.tier < y->cause.tier ? -1 : x->cause.tier > y->cause.tier;
}

static enum liq_err add_layer(struct account *all, const struct liq_layer *l,
                              const struct liq_why *why)
{
    struct exchange_cause *at =
        realloc(all->at, (all->n + why->n + 1) * sizeof *all->at);

    if (!at)
        return LIQ_ENOMEM;
    all->at = at;
    for (size_t i = 0; i < why->n; i++) {
        struct exchange_cause *t = &all->at[all->n++];

        *t = (struct exchange_cause){why->at[i], l->series->exchange};
        t->cause.mass *= l->weight;
    }
    all->all += why->all;
    all->cell += why->cell * l->weight;
    return LIQ_OK;
}

/* The column of the candles that a sum has at one that may be lacking. */
static int64_t column_then(const struct liq_klines *k, int64_t column_ms,
                           int64_t display_ms)
{
    size_t n = k->n;

    while (n > 0 && k->at[n - 1].open_ms >= column_ms + display_ms)
        n--;
    return n > 0 ? k->at[n - 1].open_ms - k->at[n - 1].open_ms % display_ms
                 : column_ms;
}

static enum liq_err explain_layer(const struct liq_layer *l, int64_t column_ms,
                                  ptrdiff_t row, struct liq_why *out)
{
    struct liq_run run = l->run;
    struct liq_klines k;
    enum liq_err err = liq_series_candles(l->series, &k);

    if (err)
        return err;
    run.kline = k.at;
    err = liq_explain(&run, column_then(&k, column_ms, run.display_ms), row,
                      CAUSES_MAX, out);
    free(k.at);
    return err;
}

/* No more of a layer are needed than are listed of all.  An exchange without a
 * candle until then has no causes. */
static enum liq_err account_for(const struct liq_snapshot *m, int64_t column_ms,
                                ptrdiff_t row, struct account *out)
{
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < m->n; i++) {
        struct liq_why why;
        enum liq_err err = explain_layer(&m->layer[i], column_ms, row, &why);

        if (err == LIQ_ENOTFOUND)
            continue;
        if (!err) {
            err = add_layer(out, &m->layer[i], &why);
            free(why.at);
        }
        if (err) {
            free(out->at);
            return err;
        }
        if (i == 0) {
            out->swept_ms = why.swept_ms;
            out->side = why.side;
        }
    }
    if (out->n > 0)
        qsort(out->at, out->n, sizeof *out->at, by_mass);
    return LIQ_OK;
}

static void encode_cell(struct liq_jsonw *w, const struct liq_snapshot *m,
                        const struct account *cell, size_t column, size_t row)
{
    const struct liq_axis *a = &m->grid.axis;
    double value = round(cell->cell / m->quantum);
    double from = a->price_min + (double)row * a->price_step;

    liq_jsonw_key(w, "cell");
    liq_jsonw_open_object(w);
    liq_jsonw_key_time(w, "time", m->grid.candle[column].open_ms);
    liq_jsonw_key_number(w, "price_from", from);
    liq_jsonw_key_number(w, "price_to", from + a->price_step);
    liq_jsonw_key_int(w, "row", (int64_t)row);
    liq_jsonw_key_int(w, "column", (int64_t)column);
    liq_jsonw_key_string(w, "side", cell->side == LIQ_LONG ? "long" : "short");
    liq_encode_rounded(w, "mass", cell->cell, 1.0);
    liq_jsonw_key_number(w, "value", value);
    liq_encode_rounded(w, "density",
                       m->max > 0.0 ? 100.0 * value / m->max : 0.0, TENTHS);
    liq_jsonw_key_number(w, "modelled_usd", liq_snapshot_usd(m, cell->cell));
    liq_jsonw_close_object(w);
}

static void encode_causes(struct liq_jsonw *w, const struct liq_snapshot *m,
                          const struct account *cell)
{
    double listed = 0.0;

    liq_jsonw_key(w, "causes");
    liq_jsonw_open_array(w);
    for (size_t i = 0; i < cell->n && i < CAUSES_MAX; i++) {
        const struct liq_cause *c = &cell->at[i].cause;

        listed += c->mass;
        liq_jsonw_open_object(w);
        liq_jsonw_key_time(w, "open_time", c->open_ms);
        liq_jsonw_key_string(w, "exchange", cell->at[i].exchange->name);
        liq_jsonw_key_number(w, "leverage",
                             liq_params_gauss7.tier[c->tier].leverage);
        liq_jsonw_key_number(w, "effective_leverage", c->leverage);
        liq_encode_rounded(w, "mass", c->mass, 1.0);
        liq_encode_rounded(w, "share", c->mass / cell->cell, MILLIONTHS);
        liq_jsonw_key_number(w, "modelled_usd", liq_snapshot_usd(m, c->mass));
        liq_jsonw_close_object(w);
    }
    liq_jsonw_close_array(w);
    liq_encode_rounded(w, "listed_share",
                       cell->cell > 0.0 ? listed / cell->cell : 1.0,
                       MILLIONTHS);
    liq_jsonw_key_int(w, "causes_total", (int64_t)cell->all);
}

enum liq_err liq_encode_explain(const struct liq_content *s,
                                const struct liq_snapshot *m,
                                struct liq_buf *body, struct liq_reason *why)
{
    size_t column = column_of(m, s->query->time_ms);
    ptrdiff_t row = liq_axis_row(&m->grid.axis, s->query->price);
    struct account cell;
    struct liq_jsonw w;

    if (column == m->grid.columns)
        return refuse_time(m, why);
    if (row < 0 || row >= (ptrdiff_t)m->grid.rows)
        return refuse_price(m, why);
    if (account_for(m, m->grid.candle[column].open_ms, row, &cell))
        return liq_fail(why, LIQ_ENOMEM, "no memory for an explanation");
    liq_jsonw_init(&w, body);
    liq_jsonw_open_object(&w);
    liq_encode_head(&w, s);
    liq_encode_epoch(&w, m);
    liq_encode_filter(&w, s->query);
    encode_cell(&w, m, &cell, column, (size_t)row);
    liq_jsonw_key_time(&w, "swept_at", cell.swept_ms);
    encode_causes(&w, m, &cell);
    liq_jsonw_close_object(&w);
    free(cell.at);
    return LIQ_OK;
}
