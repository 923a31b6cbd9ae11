#include "book.h"

#include <string.h>
#include "band.h"
#include "decade.h"

/* Cells grow as their scale falls; below this both are brought back. */
static const double SCALE_MIN = 0x1p-200;

/* A tail of less than 1e-15 of the other's, in (1 / NORMAL_PER_SIGMA sigma)^2:
 * e^-(a^2 - b^2)/2 < e^-36. */
static const double TAIL_APART = 72.0 * NORMAL_PER_SIGMA * NORMAL_PER_SIGMA;
/* From here on the table is less exact than the sum of tails has to be. */
static const double TABLE_EXACT = 6.0 * NORMAL_PER_SIGMA;
/* Tails beyond 9 sigma, 1e-19, add nothing to a sum of 1e-4. */
static const double NOTHING_FROM = 9.0 * NORMAL_PER_SIGMA;
static const double NOTHING_BESIDE = 1e-4;

static double *tier_cells(const struct book *b, size_t rows, size_t tier)
{
    return b->cell + tier * rows;
}

void book_reset(struct book *b, size_t rows)
{
    double *cell = b->cell;

    memset(cell, 0, LIQ_TIERS * rows * sizeof *cell);
    *b = (struct book){.cell = cell, .open_ms = -1};
    for (size_t k = 0; k < LIQ_TIERS; k++)
        b->scale[k] = 1.0;
}

void book_copy(struct book *to, const struct book *from, size_t rows)
{
    double *cell = to->cell;

    memcpy(cell, from->cell, LIQ_TIERS * rows * sizeof *cell);
    *to = *from;
    to->cell = cell;
}

static void rescale(struct book *b, size_t rows, size_t tier)
{
    double *cell = tier_cells(b, rows, tier);

    for (size_t r = 0; r < rows; r++)
        cell[r] *= b->scale[tier];
    for (size_t side = 0; side < LIQ_SIDES; side++) {
        b->below[BAND(tier, side)] *= b->scale[tier];
        b->above[BAND(tier, side)] *= b->scale[tier];
    }
    b->scale[tier] = 1.0;
}

static void decay(struct book *b, const struct setting *s, struct pace *pace,
                  int64_t open_ms)
{
    int64_t elapsed_ms = open_ms - b->open_ms;

    if (b->open_ms < 0)
        return;
    if (pace->elapsed_ms != elapsed_ms) {
        pace->elapsed_ms = elapsed_ms;
        for (size_t k = 0; k < LIQ_TIERS; k++)
            pace->keep[k] = setting_decay(s, k, elapsed_ms);
    }
    for (size_t k = 0; k < LIQ_TIERS; k++) {
        b->scale[k] *= pace->keep[k];
        if (b->scale[k] < SCALE_MIN)
            rescale(b, s->axis.rows, k);
    }
}

/* Longs from row(low) on and shorts up to row(high).  Longs lie below the
 * close before and shorts above it, so only the rows between there and what
 * the candle visited can hold what has to go. */
static void clear(struct book *b, const struct liq_axis *axis,
                  const struct liq_kline *k)
{
    ptrdiff_t rows = (ptrdiff_t)axis->rows;
    ptrdiff_t low = liq_axis_row(axis, k->low);
    ptrdiff_t high = liq_axis_row(axis, k->high);
    ptrdiff_t first = low < b->close_row ? low : b->close_row;
    ptrdiff_t last = high > b->close_row ? high : b->close_row;

    first = first < 0 ? 0 : first;
    last = last >= rows ? rows - 1 : last;
    for (size_t tier = 0; tier < LIQ_TIERS; tier++) {
        double *cell = tier_cells(b, axis->rows, tier);

        for (ptrdiff_t r = first; r <= last; r++)
            cell[r] = 0.0;
        if (low < rows)
            b->above[BAND(tier, LIQ_LONG)] = 0.0;
        if (high >= 0)
            b->below[BAND(tier, LIQ_SHORT)] = 0.0;
    }
}

/*
 * One candle's seeding.
 *
 * amount   [LIQ_TIERS] mass for one side, in units of the tier's cells
 * mass     [LIQ_TIERS] the same as it is
 * cut      [LIQ_SIDES] row where nothing lives any more, beyond the axis too
 */
struct seeding {
    struct book *b;
    const struct setting *s;
    double quote_volume;
    double amount[LIQ_TIERS], mass[LIQ_TIERS];
    double cut[LIQ_SIDES];
};

/* The share of a band that lies beyond its cut. */
static double share_beyond(const struct normal *t, double depth)
{
    if (depth < 0.0)
        return 1.0 - normal_tail(t, -depth);
    return depth < TABLE_EXACT
               ? normal_tail(t, depth)
               : 0.5 * erfc(depth * sqrt(0.5) / NORMAL_PER_SIGMA);
}

/* Discarded mass of one component, exact to 1e-13 of the sum.  Most bands lie
 * so far from their cut that they add nothing to it. */
static void discard(const struct seeding *seed, const struct band_places *p,
                    double share)
{
    const struct normal *t = &seed->s->normal;
    double nearest = INFINITY;

    for (size_t tier = 0; tier < LIQ_TIERS; tier++) {
        nearest = fmin(nearest, p->cut_x[BAND(tier, LIQ_LONG)]);
        nearest = fmin(nearest, -p->cut_x[BAND(tier, LIQ_SHORT)]);
    }
    if (nearest > NOTHING_FROM &&
        seed->b->discarded > NOTHING_BESIDE * seed->quote_volume)
        return;
    for (size_t tier = 0; tier < LIQ_TIERS; tier++) {
        double mass = seed->mass[tier] * share;

        for (size_t side = 0; side < LIQ_SIDES; side++) {
            double x = p->cut_x[BAND(tier, side)];
            double depth = side == LIQ_LONG ? x : -x;

            if (nearest <= 0.0 ||
                depth * depth < nearest * nearest + TAIL_APART)
                seed->b->discarded += mass * share_beyond(t, depth);
        }
    }
}

static void seed_component(const struct seeding *seed, double entry,
                           double sigma, double share)
{
    const struct setting *s = seed->s;
    struct book *b = seed->b;
    struct band_places places;

    band_place(s, entry, sigma, seed->cut, &places);
    discard(seed, &places, share);
    for (size_t tier = 0; tier < LIQ_TIERS; tier++) {
        double *row = tier_cells(b, s->axis.rows, tier);
        double amount = seed->amount[tier] * share;

        for (size_t side = 0; side < LIQ_SIDES; side++)
            band_add(s, &places, (enum liq_side)side, tier, seed->cut[side],
                     amount, row, &b->below[BAND(tier, side)],
                     &b->above[BAND(tier, side)]);
    }
}

void book_seed(struct book *b, const struct setting *s, struct pace *pace,
               const struct liq_kline *k)
{
    double close_row = liq_axis_row_unbounded(&s->axis, k->close);
    struct seeding seed = {.b = b, .s = s, .quote_volume = k->quote_volume};
    struct entries e;

    if (!(k->quote_volume > 0.0))
        return;
    seed.cut[LIQ_LONG] = close_row;
    seed.cut[LIQ_SHORT] = close_row + 1.0;
    for (size_t tier = 0; tier < LIQ_TIERS; tier++) {
        seed.mass[tier] = k->quote_volume * s->inflow[tier] / LIQ_SIDES;
        seed.amount[tier] = seed.mass[tier] / b->scale[tier];
    }
    entries_of(&s->params, k, &pace->unit, &e);
    seed_component(&seed, e.mean, e.sigma, e.share);
    for (double i = 0.0; i < e.count; i += 1.0)
        seed_component(&seed, entries_round_price(&e, i), 0.0, e.round_share);
}

void book_step(struct book *b, const struct setting *s, struct pace *pace,
               const struct liq_kline *k)
{
    decay(b, s, pace, k->open_ms);
    clear(b, &s->axis, k);
    book_seed(b, s, pace, k);
    b->close_row = liq_axis_row(&s->axis, k->close);
    b->open_ms = k->open_ms;
}

void book_snapshot(const struct book *b, const struct setting *s,
                   unsigned tiers, unsigned sides, double *out)
{
    size_t rows = s->axis.rows;
    size_t close = b->close_row < 0 ? 0 : (size_t)b->close_row;
    size_t from = sides >> LIQ_LONG & 1U ? 0 : close;
    size_t end = sides >> LIQ_SHORT & 1U ? rows : close;
    double weight[LIQ_TIERS];

    for (size_t k = 0; k < LIQ_TIERS; k++)
        weight[k] = tiers >> k & 1U ? b->scale[k] : 0.0;
    s->ops->weigh(b->cell, rows, rows, weight, out);
    memset(out, 0, from * sizeof *out);
    memset(out + end, 0, (rows - end) * sizeof *out);
}

double book_total(const struct book *b, size_t rows)
{
    double total = 0.0;

    for (size_t tier = 0; tier < LIQ_TIERS; tier++) {
        const double *cell = tier_cells(b, rows, tier);
        double sum = 0.0;

        for (size_t r = 0; r < rows; r++)
            sum += cell[r];
        for (size_t side = 0; side < LIQ_SIDES; side++)
            sum += b->below[BAND(tier, side)] + b->above[BAND(tier, side)];
        total += b->scale[tier] * sum;
    }
    return total;
}
