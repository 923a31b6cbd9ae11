#include "scale.h"

#include <math.h>
#include <stdlib.h>

/* This percentage of the cells is in the first quarter of the palette. */
#define BACKGROUND 75.0
#define QUARTER 0.25
#define RISE_MIN 0.8
#define RISE_MAX 8.0
#define RISE_DEFAULT 1.6
/* A logarithm begins at so small a part of the bright end. */
#define LOG_SPAN 40.0
/* Of the scale's axis. */
#define STRETCH 3.0

/* --- cells ---------------------------------------------------------------- */

static enum liq_err cells_new(size_t columns, size_t rows,
                              struct liq_cells *out)
{
    *out = (struct liq_cells){.columns = columns, .rows = rows};
    out->unit = calloc(columns * rows, sizeof *out->unit);
    return out->unit ? LIQ_OK : LIQ_ENOMEM;
}

enum liq_err liq_cells_of(const struct liq_grid *g, double quantum,
                          struct liq_cells *out)
{
    enum liq_err err = cells_new(g->columns, g->rows, out);

    for (size_t i = 0; !err && i < g->columns * g->rows; i++)
        out->unit[i] = (uint16_t)fmin(65535.0, round(g->cell[i] / quantum));
    out->max = (unsigned)fmin(65535.0, round(g->max / quantum));
    return err;
}

void liq_cells_free(struct liq_cells *c)
{
    free(c->unit);
    c->unit = NULL;
}

/* The mean of the cells of columns [from, to) and rows [low, high). */
static uint16_t mean_of(const struct liq_cells *c, size_t from, size_t to,
                        size_t low, size_t high)
{
    double sum = 0.0;

    for (size_t j = from; j < to; j++) {
        for (size_t r = low; r < high; r++)
            sum += c->unit[j * c->rows + r];
    }
    return (uint16_t)round(sum / (double)((to - from) * (high - low)));
}

enum liq_err liq_cells_reduce(const struct liq_cells *c, size_t row_block,
                              size_t column_block, struct liq_cells *out)
{
    size_t rows = (c->rows + row_block - 1) / row_block;
    size_t columns = (c->columns + column_block - 1) / column_block;
    enum liq_err err = cells_new(columns, rows, out);

    for (size_t j = 0; !err && j < columns; j++) {
        for (size_t r = 0; r < rows; r++) {
            size_t to = (j + 1) * column_block, high = (r + 1) * row_block;

            out->unit[j * rows + r] =
                mean_of(c, j * column_block, to < c->columns ? to : c->columns,
                        r * row_block, high < c->rows ? high : c->rows);
        }
    }
    out->max = c->max;
    return err;
}

/* --- ranks ---------------------------------------------------------------- */

enum liq_err liq_ranks_of(const struct liq_cells *c, struct liq_ranks *out)
{
    /* The forming column does not count: it changes at every refresh. */
    size_t closed = c->columns > 1 ? c->columns - 1 : 1;

    *out = (struct liq_ranks){.max = c->max};
    out->at_most = calloc((size_t)c->max + 1, sizeof *out->at_most);
    if (!out->at_most)
        return LIQ_ENOMEM;
    for (size_t i = 0; i < closed * c->rows; i++) {
        if (c->unit[i] > 0 && c->unit[i] <= c->max)
            out->at_most[c->unit[i]]++;
    }
    for (unsigned v = 1; v <= c->max; v++)
        out->at_most[v] += out->at_most[v - 1];
    out->total = out->at_most[c->max];
    return LIQ_OK;
}

void liq_ranks_free(struct liq_ranks *r)
{
    free(r->at_most);
    r->at_most = NULL;
}

unsigned liq_ranks_units(const struct liq_ranks *r, double percent)
{
    double want = r->total * percent / 100.0;
    unsigned low = 0, high = r->max;

    if (!(want > 0.0))
        return 0;
    while (low < high) {
        unsigned middle = (low + high) / 2;

        if (r->at_most[middle] >= want - 1e-9)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

double liq_ranks_percent(const struct liq_ranks *r, double units)
{
    if (!(r->total > 0.0))
        return units > 0.0 ? 100.0 : 0.0;
    return 100.0 * r->at_most[(unsigned)fmin(r->max, fmax(0.0, floor(units)))] /
           r->total;
}

/* --- colours -------------------------------------------------------------- */

/* How dense the background is differs from market to market, so the exponent
 * is chosen for each map. */
static double rise_of(const struct liq_ranks *r, double dark, double bright)
{
    double share = (liq_ranks_units(r, BACKGROUND) - dark) / (bright - dark);
    double rise =
        share > 0.0 && share < 1.0 ? log(QUARTER) / log(share) : RISE_DEFAULT;

    return fmin(RISE_MAX, fmax(RISE_MIN, rise));
}

struct liq_range liq_range_of(const struct liq_ranks *r,
                              const struct liq_look *look)
{
    struct liq_range out;

    out.bright = fmax(1.0, liq_ranks_units(r, look->bright / 10.0));
    out.dark = fmin(liq_ranks_units(r, look->dark / 10.0), out.bright - 0.5);
    out.rise = rise_of(r, out.dark, out.bright);
    return out;
}

unsigned liq_range_index(const struct liq_range *r, double units, bool log_on)
{
    double share, from = fmax(r->dark, r->bright / LOG_SPAN);

    if (!(units > r->dark))
        return 0;
    if (log_on)
        share = log(units / from) / log(r->bright / from);
    else
        share = (units - r->dark) / (r->bright - r->dark);
    if (!(share > 0.0))
        return 0;
    share = pow(fmin(1.0, share), log_on ? 1.0 : r->rise);
    return (unsigned)floor((LIQ_COLOURS - 1) * share + 0.5);
}

double liq_place_of(double percent)
{
    double left = 1.0 - fmin(100.0, fmax(0.0, percent)) / 100.0;

    return 1.0 - pow(left, 1.0 / STRETCH);
}

double liq_place_percent(double place)
{
    double left = 1.0 - fmin(1.0, fmax(0.0, place));

    return 100.0 * (1.0 - left * left * left);
}
