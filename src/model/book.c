#include "book.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "band.h"
#include "decade.h"

/* Cells grow as their scale falls; below this both are brought back. */
static const double SCALE_MIN = 0x1p-200;

void *lines_alloc(size_t bytes)
{
    if (bytes > SIZE_MAX - LINE_BYTES)
        return NULL;
    return aligned_alloc(LINE_BYTES,
                         (bytes + LINE_BYTES - 1) / LINE_BYTES * LINE_BYTES);
}

double *book_cells_new(size_t rows)
{
    size_t bytes = (LIQ_TIERS * rows + 2 * NARROW_ROWS) * sizeof(double);
    double *at = lines_alloc(bytes);

    if (at == NULL)
        return NULL;
    memset(at, 0, bytes);
    return at + NARROW_ROWS;
}

void book_cells_free(double *cell)
{
    if (cell != NULL)
        free(cell - NARROW_ROWS);
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

/* --- candles that are computed together -----------------------------------
 */

void seeding_init(struct seeding *seeding)
{
    seeding->taken = 0.0;
    seeding->elapsed_ms = -1;
    for (size_t k = 0; k < SIDE_BANDS; k++)
        seeding->keep[k] = 1.0;
    seeding->unit = (struct round_unit){0};
}

void seeding_begin(struct seeding *seeding, const struct book *b)
{
    struct stretch *first = &seeding->stretch[0];

    seeding->n = seeding->stretches = 0;
    seeding->open = false;
    seeding->of.least_entry = INFINITY;
    for (size_t side = 0; side < LIQ_SIDES; side++)
        seeding->of.near_from[side] = COMPONENTS_MAX;
    memcpy(first->scale, b->scale, sizeof first->scale);
    first->open_ms = b->open_ms;
    first->close = (double)b->close_row;
}

/* The open stretch; it begins where the one before it ends. */
static struct stretch *open_stretch(struct seeding *seeding)
{
    struct stretch *now = &seeding->stretch[seeding->stretches];

    if (seeding->open)
        return now;
    if (seeding->stretches > 0)
        *now = now[-1];
    now->rows = NO_ROWS;
    seeding->open = true;
    return now;
}

void seeding_cut(struct seeding *seeding)
{
    if (!seeding->open)
        return;
    seeding->stretch[seeding->stretches++].end = seeding->n;
    seeding->open = false;
}

/* The scales at the next candle.  False where they are too small and the book
 * is not the one before that candle, so that it cannot be rescaled now. */
static bool decay(struct seeding *seeding, struct book *b,
                  const struct setting *s, const struct stretch *before,
                  double scale[SIDE_BANDS], int64_t open_ms)
{
    int64_t elapsed_ms = open_ms - before->open_ms;
    int low = 0;

    if (before->open_ms < 0) {
        memcpy(scale, before->scale, sizeof before->scale);
        return true;
    }
    if (seeding->elapsed_ms != elapsed_ms) {
        seeding->elapsed_ms = elapsed_ms;
        for (size_t k = 0; k < LIQ_TIERS; k++)
            seeding->keep[k] = setting_decay(s, k, elapsed_ms);
    }
    for (size_t k = 0; k < SIDE_BANDS; k++)
        scale[k] = before->scale[k] * seeding->keep[k];
    for (size_t k = 0; k < SIDE_BANDS; k++)
        low |= scale[k] < SCALE_MIN;
    if (!low)
        return true;
    if (seeding->stretches > 0 || seeding->open)
        return false;
    for (size_t k = 0; k < LIQ_TIERS; k++) {
        if (scale[k] >= SCALE_MIN)
            continue;
        b->scale[k] = scale[k];
        rescale(b, s->axis.rows, k);
        scale[k] = 1.0;
    }
    return true;
}

/* Whether what is outside near does not outlast this, by side. */
static bool clears_near(struct rows of, size_t rows, size_t side)
{
    return of.low <= of.high &&
           (side == LIQ_LONG ? of.low < (int32_t)rows : of.high >= 0);
}

/* One more component. */
static void push(struct seeding *seeding, const struct setting *s,
                 const struct visit *v, const struct later *later, double entry,
                 double sigma, double volume)
{
    const struct stretch *now = &seeding->stretch[seeding->stretches];
    struct components *c = &seeding->of;
    size_t i = seeding->n++;
    double low = later->next.low, high = later->next.high + 1.0;
    double cut = v->close + 1.0;

    c->entry[i] = entry;
    c->sigma[i] = sigma;
    c->volume[i] = volume;
    for (size_t k = 0; k < LIQ_TIERS; k++)
        c->scale[k][i] = now->scale[k];
    c->cut[LIQ_LONG][i] = v->close;
    c->cut[LIQ_SHORT][i] = cut;
    c->stop[LIQ_LONG][i] = low < v->close ? low : v->close;
    c->stop[LIQ_SHORT][i] = high > cut ? high : cut;
    for (size_t side = 0; side < LIQ_SIDES; side++) {
        bool lost = clears_near(later->end, s->axis.rows, side);

        c->near[side][i] = lost ? 0.0 : 1.0;
        if (!lost && c->near_from[side] > i)
            c->near_from[side] = i;
    }
    c->least_entry = entry < c->least_entry ? entry : c->least_entry;
}

/* The candle's entries from number `taken` on, as many as there is room for. */
static bool push_entries(struct seeding *seeding, const struct setting *s,
                         const struct visit *v, const struct later *later)
{
    double volume = v->candle->quote_volume, i = seeding->taken;
    struct entries e;

    entries_of(&s->params, v->candle, &seeding->unit, &e);
    for (; i <= e.count && seeding->n < COMPONENTS_MAX; i += 1.0) {
        if (i == 0.0)
            push(seeding, s, v, later, e.mean, e.sigma, volume * e.share);
        else
            push(seeding, s, v, later, entries_round_price(&e, i - 1.0), 0.0,
                 volume * e.round_share);
    }
    seeding->taken = i;
    return i > e.count;
}

/* Into the open stretch; false where the next seeding must take the candle. */
static bool visit(struct seeding *seeding, struct book *b,
                  const struct setting *s, const struct visit *now)
{
    const struct stretch *before = &seeding->stretch[seeding->stretches];
    double scale[SIDE_BANDS];
    struct stretch *to;

    if (!seeding->open && seeding->stretches > 0)
        before--;
    if (!decay(seeding, b, s, before, scale, now->candle->open_ms))
        return false;
    to = open_stretch(seeding);
    memcpy(to->scale, scale, sizeof to->scale);
    to->open_ms = now->candle->open_ms;
    rows_add(&to->rows, &now->rows);
    to->close = now->close;
    return true;
}

bool seeding_take(struct seeding *seeding, struct book *b,
                  const struct setting *s, const struct visit *now,
                  const struct later *later)
{
    if (seeding->n == COMPONENTS_MAX || seeding->stretches == STRETCHES_MAX)
        return false;
    if (seeding->taken == 0.0 && !visit(seeding, b, s, now))
        return false;
    open_stretch(seeding);
    if (now->candle->quote_volume > 0.0 &&
        !push_entries(seeding, s, now, later))
        return false;
    seeding->taken = 0.0;
    return true;
}

/* What was outside near before a candle that clears it. */
static void clear_near(const struct seeding *seeding, struct book *b,
                       const struct setting *s)
{
    struct rows all = NO_ROWS;

    for (size_t i = 0; i < seeding->stretches; i++)
        rows_add(&all, &seeding->stretch[i].rows);
    for (size_t side = 0; side < LIQ_SIDES; side++) {
        if (!clears_near(all, s->axis.rows, side))
            continue;
        for (size_t tier = 0; tier < LIQ_TIERS; tier++)
            b->outside.near[BAND(tier, side)] = 0.0;
    }
}

void seeding_place(struct seeding *seeding, struct book *b,
                   const struct setting *s)
{
    struct components *c = &seeding->of;

    seeding_cut(seeding);
    clear_near(seeding, b, s);
    /* The rest of the lanes: nothing of something. */
    c->n = (seeding->n + LANES - 1) / LANES * LANES;
    for (size_t i = seeding->n; i < c->n; i++) {
        c->entry[i] = c->entry[seeding->n - 1];
        c->sigma[i] = c->volume[i] = 0.0;
        for (size_t k = 0; k < LIQ_TIERS; k++)
            c->scale[k][i] = 1.0;
        for (size_t side = 0; side < LIQ_SIDES; side++)
            c->cut[side][i] = c->stop[side][i] = c->near[side][i] = 0.0;
    }
    for (size_t tier = 0; tier < LIQ_TIERS; tier++) {
        struct bands *const out[LIQ_SIDES] = {seeding->at[tier][LIQ_LONG],
                                              seeding->at[tier][LIQ_SHORT]};

        if (s->inflow[tier] > 0.0 && seeding->n > 0)
            s->ops->place(s, tier, c, &b->outside, out);
    }
}

/* Longs from row(low) on and shorts up to row(high).  Longs lie below the
 * close before and shorts above it, so only the rows between there and what
 * was visited can hold what has to go. */
static void clear(struct book *b, const struct liq_axis *axis,
                  const struct stretch *of)
{
    ptrdiff_t rows = (ptrdiff_t)axis->rows;
    ptrdiff_t low = of->rows.low, high = of->rows.high;
    ptrdiff_t first = low < b->close_row ? low : b->close_row;
    ptrdiff_t last = high > b->close_row ? high : b->close_row;

    first = first < 0 ? 0 : first;
    last = last >= rows ? rows - 1 : last;
    for (size_t tier = 0; tier < LIQ_TIERS; tier++) {
        double *cell = tier_cells(b, axis->rows, tier);

        for (ptrdiff_t r = first; r <= last; r++)
            cell[r] = 0.0;
    }
}

void book_step(struct book *b, const struct setting *s, struct seeding *seeding,
               size_t i)
{
    const struct stretch *now = &seeding->stretch[i];
    size_t from = i > 0 ? now[-1].end : 0, n = 0;
    struct tier_bands tier[LIQ_TIERS];

    if (now->rows.low <= now->rows.high)
        clear(b, &s->axis, now);
    for (size_t k = 0; k < LIQ_TIERS; k++) {
        if (s->inflow[k] > 0.0)
            tier[n++] = (struct tier_bands){
                {seeding->at[k][LIQ_LONG], seeding->at[k][LIQ_SHORT]},
                tier_cells(b, s->axis.rows, k)};
    }
    s->ops->add_bands(tier, n, from, now->end);
    memcpy(b->scale, now->scale, sizeof b->scale);
    b->close_row = liq_axis_bounded(&s->axis, now->close);
    b->open_ms = now->open_ms;
}

/* Rows [from, end) of what is weighed. */
static double weigh(const struct book *b, const struct setting *s,
                    unsigned tiers, size_t from, size_t end, double *out)
{
    struct weighed w = {.n = 0};

    if (from >= end)
        return 0.0;
    for (size_t k = 0; k < LIQ_TIERS; k++) {
        if (!(tiers >> k & 1U) || s->inflow[k] == 0.0)
            continue;
        w.cell[w.n] = tier_cells(b, s->axis.rows, k) + from;
        w.weight[w.n++] = b->scale[k];
    }
    if (w.n == 0) { /* no tier is asked for that has entries */
        memset(out + from, 0, (end - from) * sizeof *out);
        return 0.0;
    }
    return s->ops->weigh(&w, end - from, out + from);
}

double book_snapshot(const struct book *b, const struct setting *s,
                     unsigned tiers, unsigned sides, double *out)
{
    size_t rows = s->axis.rows;
    size_t close = b->close_row < 0 ? 0 : (size_t)b->close_row;
    size_t from = sides >> LIQ_LONG & 1U ? 0 : close;
    size_t end = sides >> LIQ_SHORT & 1U ? rows : close;
    double most = weigh(b, s, tiers, from, end, out);

    memset(out, 0, from * sizeof *out);
    if (end < rows)
        memset(out + end, 0, (rows - end) * sizeof *out);
    return most;
}

void book_snapshot_rows(const struct book *b, const struct setting *s,
                        unsigned tiers, unsigned sides, size_t low, size_t high,
                        double *out)
{
    if (sides >> LIQ_LONG & 1U)
        weigh(b, s, tiers, 0, low, out);
    if (sides >> LIQ_SHORT & 1U)
        weigh(b, s, tiers, high, s->axis.rows, out);
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
