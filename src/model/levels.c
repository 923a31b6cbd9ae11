#include "liqmap/derive.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "map.h"

struct peak {
    double mass;
    size_t row;
};

/* Largest first, lower row first among equals. */
static int by_height(const void *a, const void *b)
{
    const struct peak *x = a, *y = b;

    if (x->mass != y->mass)
        return x->mass < y->mass ? 1 : -1;
    return x->row < y->row ? -1 : 1;
}

static int by_mass(const void *a, const void *b)
{
    const struct liq_level *x = a, *y = b;

    if (x->mass != y->mass)
        return x->mass < y->mass ? 1 : -1;
    return x->price < y->price ? -1 : x->price > y->price;
}

/* The row of the close; rows below it are longs'.  It is empty, but for a sum
 * of maps that closed elsewhere: then it is taken for shorts'. */
static ptrdiff_t close_row(const struct liq_map *m)
{
    return liq_axis_row(&m->setting.axis, map_close(m));
}

static double side_mass(const struct liq_map *m, enum liq_side side)
{
    const double *column = map_last(m);
    ptrdiff_t close = close_row(m);
    double sum = 0.0;

    for (size_t r = 0; r < m->rows; r++) {
        if (((ptrdiff_t)r < close) == (side == LIQ_LONG))
            sum += column[r];
    }
    return sum;
}

/* What a tier has in rows first to last, of which the side is visible. */
static double tier_mass(const struct liq_map *m, size_t tier, size_t first,
                        size_t last)
{
    const double *cell = m->live.cell + tier * m->rows;
    double sum = 0.0;

    if (!(m->tiers >> tier & 1U))
        return 0.0;
    for (size_t r = first; r <= last; r++)
        sum += cell[r];
    return m->live.scale[tier] * sum;
}

/* Tiers are those that live now. The newest candle of a sum's part may be
 * another than that of the column, so there the shares are of what all tiers
 * have. */
static void share_tiers(const struct liq_map *m, size_t first, size_t last,
                        double mass, double share[LIQ_TIERS])
{
    double all = 0.0;

    for (size_t k = 0; k < LIQ_TIERS; k++) {
        share[k] = tier_mass(m, k, first, last);
        all += share[k];
    }
    if (m->mixed)
        mass = all;
    for (size_t k = 0; mass > 0.0 && k < LIQ_TIERS; k++)
        share[k] /= mass;
}

/* The level around a peak, from row first to row last. */
static struct liq_level level_at(const struct liq_map *m, size_t peak,
                                 size_t first, size_t last)
{
    const struct liq_axis *axis = &m->setting.axis;
    const double *column = map_last(m);
    struct liq_level l = {
        .side = (ptrdiff_t)peak < close_row(m) ? LIQ_LONG : LIQ_SHORT,
        .price = axis->price_min + ((double)peak + 0.5) * axis->price_step,
        .from = axis->price_min + (double)first * axis->price_step,
        .to = axis->price_min + (double)(last + 1) * axis->price_step,
        .peak = column[peak],
        .since_ms = m->birth[peak],
    };

    for (size_t r = first; r <= last; r++)
        l.mass += column[r];
    share_tiers(m, first, last, l.mass, l.tier_share);
    l.side_share = l.mass / side_mass(m, l.side);
    l.distance_percent = (l.price / map_close(m) - 1.0) * 100.0;
    return l;
}

/* Keep the ten of largest mass a side, in order. */
static void keep(struct liq_levels *out, const struct liq_level *l)
{
    struct liq_level *at = out->at[l->side];
    size_t n = out->n[l->side];

    if (n == LIQ_LEVELS_MAX && l->mass <= at[n - 1].mass)
        return;
    if (n < LIQ_LEVELS_MAX)
        n++;
    at[n - 1] = *l;
    qsort(at, n, sizeof *at, by_mass);
    out->n[l->side] = n;
}

/* The local maxima of the rows from `first` to `end`, one side's. */
static size_t find_peaks(const double *column, size_t first, size_t end,
                         struct peak *peak)
{
    size_t n = 0;

    for (size_t r = first; r < end; r++) {
        if (column[r] > 0.0 && !(r > first && column[r - 1] > column[r]) &&
            !(r + 1 < end && column[r + 1] > column[r]))
            peak[n++] = (struct peak){column[r], r};
    }
    qsort(peak, n, sizeof *peak, by_height);
    return n;
}

/* A higher row is the foot of a stronger level beyond its half. */
static bool in_band(double mass, double peak)
{
    return mass > peak / 2.0 && mass <= peak;
}

/* The levels of one side, which has rows `low` to `high`, not included.  peak
 * and taken are for all rows, taken all false there. */
static void find_levels(const struct liq_map *m, size_t low, size_t high,
                        struct peak *peak, bool *taken, struct liq_levels *out)
{
    const double *column = map_last(m);
    size_t n = find_peaks(column, low, high, peak);

    for (size_t i = 0; i < n; i++) {
        size_t first = peak[i].row, last = peak[i].row;
        struct liq_level level;

        if (taken[first])
            continue;
        while (first > low && !taken[first - 1] &&
               in_band(column[first - 1], peak[i].mass))
            first--;
        while (last + 1 < high && !taken[last + 1] &&
               in_band(column[last + 1], peak[i].mass))
            last++;
        memset(taken + first, true, last - first + 1);
        level = level_at(m, peak[i].row, first, last);
        keep(out, &level);
    }
}

/* MODEL.md (11) */
enum liq_err liq_map_levels(const struct liq_map *m, struct liq_levels *out)
{
    struct peak *peak = malloc(m->rows * sizeof *peak);
    bool *taken = calloc(m->rows, sizeof *taken);
    size_t close = (size_t)fmax((double)close_row(m), 0.0);
    enum liq_err err = peak && taken ? LIQ_OK : LIQ_ENOMEM;

    if (!err) {
        memset(out, 0, sizeof *out);
        find_levels(m, 0, close, peak, taken, out);
        find_levels(m, close, m->rows, peak, taken, out);
    }
    free(peak);
    free(taken);
    return err;
}

/* How much of row r lies within [from, to], 0 .. 1. */
static double part_within(const struct liq_axis *axis, size_t r, double from,
                          double to)
{
    double lower = axis->price_min + (double)r * axis->price_step;
    double a = fmax(lower, from), b = fmin(lower + axis->price_step, to);

    return b > a ? fmin((b - a) / axis->price_step, 1.0) : 0.0;
}

/* MODEL.md (12) */
double liq_map_imbalance(const struct liq_map *m, double percent)
{
    const struct liq_axis *axis = &m->setting.axis;
    const double *column = map_last(m);
    double close = map_close(m);
    double from = close * (1.0 - percent / 100.0);
    double to = close * (1.0 + percent / 100.0);
    ptrdiff_t close_row = liq_axis_row(axis, close);
    double longs = 0.0, shorts = 0.0;

    if (from < axis->price_min ||
        to > axis->price_min + (double)axis->rows * axis->price_step)
        return NAN;
    for (size_t r = 0; r < m->rows; r++) {
        double mass = column[r] * part_within(axis, r, from, to);

        if ((ptrdiff_t)r < close_row)
            longs += mass;
        else
            shorts += mass;
    }
    return longs + shorts > 0.0 ? (shorts - longs) / (longs + shorts) : NAN;
}

/* MODEL.md (13) */
void liq_map_cumulative(const struct liq_map *m, double *out)
{
    const double *column = map_last(m);
    ptrdiff_t rows = (ptrdiff_t)m->rows;
    ptrdiff_t close = liq_axis_row(&m->setting.axis, map_close(m));
    double sum = 0.0;

    for (ptrdiff_t r = close < rows ? close : rows - 1; r >= 0; r--) {
        sum += column[r];
        out[r] = sum;
    }
    sum = 0.0;
    for (ptrdiff_t r = close < 0 ? 0 : close + 1; r < rows; r++) {
        sum += column[r];
        out[r] = sum;
    }
}

void liq_map_by_tier(const struct liq_map *m, double *out)
{
    for (size_t k = 0; k < LIQ_TIERS; k++)
        map_tier(m, k, out + k * m->rows);
}
