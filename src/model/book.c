#include "book.h"

#include <string.h>
#include "band.h"
#include "decade.h"

/* Cells grow as their scale falls; below this both are brought back. */
static const double SCALE_MIN = 0x1p-200;

struct visit visit_of(const struct liq_axis *axis, const struct liq_kline *k)
{
    return (struct visit){
        .candle = k,
        .low = liq_axis_row_unbounded(axis, k->low),
        .high = liq_axis_row_unbounded(axis, k->high),
        .close = liq_axis_row_unbounded(axis, k->close),
    };
}

static double *tier_cells(const struct book *b, size_t rows, size_t tier)
{
    return b->cell + tier * rows;
}

void book_reset(struct book *b, size_t rows)
{
    double *cell = b->cell;

    memset(cell, 0, LIQ_TIERS * rows * sizeof *cell);
    *b = (struct book){.cell = cell, .open_ms = -1};
    for (size_t k = 0; k < SIDE_BANDS; k++)
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
        b->outside.far[BAND(tier, side)] *= b->scale[tier];
        b->outside.near[BAND(tier, side)] *= b->scale[tier];
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
                  const struct visit *now)
{
    ptrdiff_t rows = (ptrdiff_t)axis->rows;
    ptrdiff_t low = liq_axis_bounded(axis, now->low);
    ptrdiff_t high = liq_axis_bounded(axis, now->high);
    ptrdiff_t first = low < b->close_row ? low : b->close_row;
    ptrdiff_t last = high > b->close_row ? high : b->close_row;

    first = first < 0 ? 0 : first;
    last = last >= rows ? rows - 1 : last;
    for (size_t tier = 0; tier < LIQ_TIERS; tier++) {
        double *cell = tier_cells(b, axis->rows, tier);

        for (ptrdiff_t r = first; r <= last; r++)
            cell[r] = 0.0;
        if (low < rows)
            b->outside.near[BAND(tier, LIQ_LONG)] = 0.0;
        if (high >= 0)
            b->outside.near[BAND(tier, LIQ_SHORT)] = 0.0;
    }
}

static void seed_component(struct book *b, const struct setting *s,
                           const struct component *c)
{
    struct bands at;

    s->ops->place(s, c, &b->outside, &at);
    s->ops->add_bands(&at, c, s->axis.rows, b->cell);
}

/* Of each unit of volume, what a tier's bands get: as it is, and in the unit
 * of the tier's cells. */
struct shares {
    double mass[SIDE_BANDS], amount[SIDE_BANDS];
};

static void shares_of(struct shares *of, const struct book *b,
                      const struct setting *s)
{
    for (size_t tier = 0; tier < SIDE_BANDS; tier++) {
        of->mass[tier] = s->inflow[tier] / LIQ_SIDES;
        of->amount[tier] = of->mass[tier] / b->scale[tier];
    }
}

/* The bands' part of a share of the candle's volume. */
static void set_mass(struct component *c, const struct shares *of,
                     double quote_volume)
{
    for (size_t side = 0; side < LIQ_SIDES; side++) {
        for (size_t tier = 0; tier < SIDE_BANDS; tier++) {
            c->mass[BAND(tier, side)] = quote_volume * of->mass[tier];
            c->amount[BAND(tier, side)] = quote_volume * of->amount[tier];
        }
    }
}

/* Whether a candle clears what lies outside near, of longs and of shorts. */
static bool clears_near(const struct liq_axis *axis, const struct visit *v)
{
    return v->low < (double)axis->rows && v->high >= 0.0;
}

void book_seed(struct book *b, const struct setting *s, struct pace *pace,
               const struct visit *now, const struct visit *next)
{
    const struct liq_kline *k = now->candle;
    struct component c = {.cut = {now->close, now->close + 1.0}};
    struct shares shares;
    struct entries e;

    if (!(k->quote_volume > 0.0))
        return;
    c.near_is_lost = next != NULL && clears_near(&s->axis, next);
    entries_of(&s->params, k, &pace->unit, &e);
    shares_of(&shares, b, s);
    c.entry = e.mean;
    c.sigma = e.sigma;
    set_mass(&c, &shares, k->quote_volume * e.share);
    seed_component(b, s, &c);
    if (e.count > 0.0)
        set_mass(&c, &shares, k->quote_volume * e.round_share);
    c.sigma = 0.0;
    for (double i = 0.0; i < e.count; i += 1.0) {
        c.entry = entries_round_price(&e, i);
        seed_component(b, s, &c);
    }
}

void book_step(struct book *b, const struct setting *s, struct pace *pace,
               const struct visit *now, const struct visit *next)
{
    decay(b, s, pace, now->candle->open_ms);
    clear(b, &s->axis, now);
    book_seed(b, s, pace, now, next);
    b->close_row = liq_axis_bounded(&s->axis, now->close);
    b->open_ms = now->candle->open_ms;
}

double book_snapshot(const struct book *b, const struct setting *s,
                     unsigned tiers, unsigned sides, double *out)
{
    size_t rows = s->axis.rows;
    size_t close = b->close_row < 0 ? 0 : (size_t)b->close_row;
    size_t from = sides >> LIQ_LONG & 1U ? 0 : close;
    size_t end = sides >> LIQ_SHORT & 1U ? rows : close;
    struct weighed w = {.n = 0};
    double most = 0.0;

    for (size_t k = 0; k < LIQ_TIERS; k++) {
        if (!(tiers >> k & 1U))
            continue;
        w.cell[w.n] = tier_cells(b, rows, k) + from;
        w.weight[w.n++] = b->scale[k];
    }
    if (from < end)
        most = s->ops->weigh(&w, end - from, out + from);
    memset(out, 0, from * sizeof *out);
    if (end < rows)
        memset(out + end, 0, (rows - end) * sizeof *out);
    return most;
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
            sum += b->outside.far[BAND(tier, side)] +
                   b->outside.near[BAND(tier, side)];
        total += b->scale[tier] * sum;
    }
    return total;
}
