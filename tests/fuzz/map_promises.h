/* What those who read a map rely on, for fuzz_map.c. */
#ifndef LIQMAP_FUZZ_MAP_PROMISES_H
#define LIQMAP_FUZZ_MAP_PROMISES_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "liqmap/derive.h"
#include "model/map.h"
#include "unit/model/living.h"

/* Masses below this have lost digits to the range of double. */
#define LEAST_MASS 1e-280

static void promise(int kept)
{
    if (!kept)
        abort();
}

static void promise_near(double a, double b, double relative, double absolute)
{
    double most = relative * fmax(fabs(a), fabs(b)) + absolute + LEAST_MASS;

    if (!(fabs(a - b) <= most))
        (void)fprintf(stderr, "%.17g and %.17g\n", a, b);
    promise(fabs(a - b) <= most);
}

/* --- a run's results -------------------------------------------------------
 */

static void check_column(const struct liq_run *run, const struct liq_grid *g,
                         size_t column)
{
    const double *cell = g->cell + column * g->rows;
    ptrdiff_t close = liq_axis_row(&g->axis, g->candle[column].close);

    for (size_t r = 0; r < g->rows; r++) {
        bool is_long = (ptrdiff_t)r<close, is_short = (ptrdiff_t)r> close;
        bool shown = (is_long && (run->sides >> LIQ_LONG & 1U)) ||
                     (is_short && (run->sides >> LIQ_SHORT & 1U));

        promise(isfinite(cell[r]) && cell[r] >= 0.0 && cell[r] <= g->max);
        promise(shown || cell[r] == 0.0);
    }
}

static void check_grid(const struct liq_run *run, const struct liq_grid *g)
{
    struct liq_klines shown;
    size_t skip;

    promise(liq_klines_aggregate(run->kline, run->n, run->display_ms, &shown) ==
            LIQ_OK);
    skip = shown.n > run->bars ? shown.n - run->bars : 0;
    promise(g->columns == shown.n - skip && g->rows == run->axis.rows);
    promise(memcmp(g->candle, shown.at + skip,
                   g->columns * sizeof *g->candle) == 0);
    free(shown.at);
    for (size_t j = 0; j < g->columns; j++)
        check_column(run, g, j);
    promise(g->max / liq_quantum(g->max) <= 1000.0 * (1.0 + 1e-12));
}

static double sum(const double *x, size_t n)
{
    double all = 0.0;

    for (size_t i = 0; i < n; i++)
        all += x[i];
    return all;
}

/* The tiers sum to the newest column, and what is shown and what is outside to
 * all that lives, which is no more than was traded. */
static void check_mass(const struct liq_map *m, const struct liq_run *run)
{
    struct liq_book b = liq_map_book(m);
    size_t rows = b.rows;
    double *tier = malloc(LIQ_TIERS * rows * sizeof *tier);
    const double *column = map_last(m);
    double traded = 0.0, shown = sum(column, rows), outside = 0.0;

    promise(tier != NULL);
    liq_map_by_tier(m, tier);
    for (size_t r = 0; r < rows; r++) {
        double all = 0.0;

        for (size_t k = 0; k < LIQ_TIERS; k++)
            all += tier[k * rows + r];
        promise_near(all, column[r], 1e-12, 0.0);
    }
    free(tier);
    for (size_t k = 0; k < LIQ_TIERS; k++)
        for (size_t side = 0; side < LIQ_SIDES; side++) {
            promise(isfinite(b.below[k][side]) && b.below[k][side] >= 0.0);
            promise(isfinite(b.above[k][side]) && b.above[k][side] >= 0.0);
            outside += b.below[k][side] + b.above[k][side];
        }
    for (size_t i = 0; i < run->n; i++)
        traded += run->kline[i].quote_volume;
    promise(isfinite(b.total) && b.total <= traded * (1.0 + 1e-9));
    promise(shown + outside <= b.total * (1.0 + 1e-12) + LEAST_MASS);
    if (run->tiers == LIQ_ALL_TIERS && run->sides == LIQ_BOTH_SIDES)
        promise_near(shown + outside, b.total, 1e-12, 0.0);
}

/* --- what is outside, from the error function ------------------------------
 */

/* F of MODEL.md 5, with the sign of x so that its tail keeps its digits. */
static double tail(double x)
{
    return 0.5 * erfc(x * sqrt(0.5));
}

/* least: what rounding prices, rows and masses may add up to. */
struct outside_sums {
    double far[LIQ_TIERS][LIQ_SIDES], near[LIQ_TIERS][LIQ_SIDES];
    double least[LIQ_TIERS];
};

/* Of a band of so much mass; `close` is the row of the candle's close. */
static void add_outside(const struct setting *s, size_t tier,
                        enum liq_side side, double entry, double entry_sigma,
                        double close, double mass, struct outside_sums *to)
{
    struct band b = band_of(s, BAND(tier, side), entry, entry_sigma);
    const struct liq_axis *a = &s->axis;
    double sigma = sqrt(b.variance), rows = (double)a->rows;
    double first = liq_axis_row_unbounded(a, b.mean - BAND_REACH * sigma);
    double end = liq_axis_row_unbounded(a, b.mean + BAND_REACH * sigma) + 1.0;
    double sign = side == LIQ_LONG ? 1.0 : -1.0;
    double cut = side == LIQ_LONG ? close : close + 1.0, far, near;
    double farthest = a->price_min + (fabs(cut) + rows) * a->price_step;

    first = fmin(fmax(first, 0.0), rows);
    end = fmin(fmax(end, 0.0), rows);
    far = sign * fmin(sign * (side == LIQ_LONG ? first : end), sign * cut);
    near = sign * fmin(sign * (side == LIQ_LONG ? end : first), sign * cut);
    far = (a->price_min + far * a->price_step - b.mean) / sigma;
    near = (a->price_min + near * a->price_step - b.mean) / sigma;
    cut = (a->price_min + cut * a->price_step - b.mean) / sigma;
    to->least[tier] += mass * (1e-12 + 1e-15 * (farthest + b.mean) / sigma);
    to->far[tier][side] += mass * tail(-sign * far);
    to->near[tier][side] +=
        mass * (sign * near > 0.0 ? tail(sign * near) - tail(sign * cut)
                                  : tail(-sign * cut) - tail(-sign * near));
}

static void decay_outside(const struct setting *s, int64_t elapsed_ms,
                          struct outside_sums *of)
{
    for (size_t k = 0; k < LIQ_TIERS; k++) {
        double keep = exp2(-(double)elapsed_ms / 3.6e6 /
                           s->params.tier[k].half_life_hours);

        of->least[k] *= keep;
        for (size_t side = 0; side < LIQ_SIDES; side++) {
            of->far[k][side] *= keep;
            of->near[k][side] *= keep;
        }
    }
}

static void enter_outside(const struct setting *s, const struct liq_kline *k,
                          struct outside_sums *to)
{
    double row = liq_axis_row_unbounded(&s->axis, k->close);
    struct round_unit unit = {0};
    struct entries e;

    entries_of(&s->params, k, &unit, &e);
    for (size_t tier = 0; tier < LIQ_TIERS; tier++) {
        for (int i = 0; i < LIQ_SIDES; i++) {
            double mass = k->quote_volume * s->inflow[tier] / LIQ_SIDES;
            enum liq_side side = (enum liq_side)i;

            add_outside(s, tier, side, e.mean, e.sigma, row, mass * e.share,
                        to);
            for (double j = 0.0; j < e.count; j += 1.0)
                add_outside(s, tier, side, entries_round_price(&e, j), 0.0, row,
                            mass * e.round_share, to);
        }
    }
}

static void clear_outside(const struct setting *s, const struct liq_kline *k,
                          struct outside_sums *of)
{
    bool longs = liq_axis_row(&s->axis, k->low) < (ptrdiff_t)s->axis.rows;
    bool shorts = liq_axis_row(&s->axis, k->high) >= 0;

    for (size_t tier = 0; tier < LIQ_TIERS; tier++) {
        of->near[tier][LIQ_LONG] *= !longs;
        of->near[tier][LIQ_SHORT] *= !shorts;
    }
}

/* MODEL.md 5 for what is outside; the rows are checked by their causes. */
static void check_outside(const struct liq_map *m, const struct liq_run *run)
{
    struct liq_book b = liq_map_book(m);
    struct outside_sums of = {0};

    for (size_t i = 0; i < run->n; i++) {
        const struct liq_kline *k = &run->kline[i];

        if (i > 0)
            decay_outside(&m->setting, k->open_ms - k[-1].open_ms, &of);
        clear_outside(&m->setting, k, &of);
        enter_outside(&m->setting, k, &of);
    }
    for (size_t k = 0; k < LIQ_TIERS; k++) {
        const double far[] = {b.below[k][LIQ_LONG], b.above[k][LIQ_SHORT]};
        const double near[] = {b.above[k][LIQ_LONG], b.below[k][LIQ_SHORT]};

        for (size_t side = 0; side < LIQ_SIDES; side++) {
            promise_near(far[side], of.far[k][side], 1e-9, of.least[k]);
            promise_near(near[side], of.near[k][side], 1e-9, of.least[k]);
        }
    }
}

/* --- what is read off the newest column ------------------------------------
 */

static void check_level(const struct liq_map *m, const struct liq_level *l)
{
    const struct liq_axis *a = &m->setting.axis;
    ptrdiff_t close = liq_axis_row(a, map_close(m));
    double shares = sum(l->tier_share, LIQ_TIERS);

    promise(l->from >= a->price_min && l->from < l->price && l->price < l->to);
    promise(l->to <= a->price_min + (double)a->rows * a->price_step);
    promise(l->side == LIQ_LONG
                ? liq_axis_row(a, l->to - 0.5 * a->price_step) < close
                : liq_axis_row(a, l->from + 0.5 * a->price_step) >= close);
    promise(l->peak > 0.0 && l->peak <= l->mass && isfinite(l->mass));
    promise(l->side_share >= 0.0 && l->side_share <= 1.0 + 1e-12);
    promise(isfinite(l->distance_percent));
    promise(l->since_ms >= 0 && l->since_ms <= m->newest_ms);
    if (l->mass > LEAST_MASS && !(m->mixed && shares == 0.0))
        promise_near(shares, 1.0, 1e-9, 0.0);
}

static void check_levels(const struct liq_map *m)
{
    struct liq_levels levels;

    promise(liq_map_levels(m, &levels) == LIQ_OK);
    for (size_t side = 0; side < LIQ_SIDES; side++) {
        const struct liq_level *at = levels.at[side];

        promise(levels.n[side] <= LIQ_LEVELS_MAX);
        for (size_t i = 0; i < levels.n[side]; i++) {
            promise(at[i].side == (enum liq_side)side);
            promise(i == 0 || at[i].mass <= at[i - 1].mass);
            check_level(m, &at[i]);
            for (size_t j = 0; j < i; j++)
                promise(at[i].to <= at[j].from || at[i].from >= at[j].to);
        }
    }
}

static void check_curves(const struct liq_map *m)
{
    double *curve = malloc(m->rows * sizeof *curve), imbalance, all;
    ptrdiff_t close = liq_axis_row(&m->setting.axis, map_close(m));

    promise(curve != NULL);
    liq_map_cumulative(m, curve);
    for (size_t r = 1; r < m->rows; r++)
        promise((ptrdiff_t)r <= close
                    ? curve[r] <= curve[r - 1]
                    : (ptrdiff_t)r == close + 1 || curve[r] >= curve[r - 1]);
    all = close >= 0 ? curve[0] : 0.0;
    all += close + 1 < (ptrdiff_t)m->rows ? curve[m->rows - 1] : 0.0;
    promise_near(all, sum(map_last(m), m->rows), 1e-12, 0.0);
    free(curve);
    for (double percent = 1.0; percent < 20.0; percent *= 2.0) {
        imbalance = liq_map_imbalance(m, percent);
        promise(isnan(imbalance) || fabs(imbalance) <= 1.0);
    }
}

/* --- why a cell is hot -----------------------------------------------------
 */

/* What rounding may add up to in a cell: of what was traded since it was swept,
 * as far as its column, more where the axis is far above the price. */
static double rounding_of(const struct liq_run *run, int64_t open_ms,
                          const struct liq_why *why)
{
    const struct liq_axis *a = &run->axis;
    double top = a->price_min + (double)a->rows * a->price_step, all = 0.0;

    for (size_t i = 0; i < run->n; i++) {
        const struct liq_kline *k = &run->kline[i];
        double far = top / k->low / run->params->leverage_spread;

        if (k->open_ms >= why->swept_ms &&
            k->open_ms < open_ms + run->display_ms)
            all += 1e-15 * k->quote_volume * (far > 1e6 ? far : 1.0);
    }
    return all;
}

static void check_causes(const struct liq_run *run, int64_t open_ms,
                         double cell, const struct liq_why *why)
{
    double all = 0.0, least = rounding_of(run, open_ms, why);

    for (size_t i = 0; i < why->n; i++) {
        const struct liq_cause *c = &why->at[i];

        promise(c->mass > 0.0 && (i == 0 || c->mass <= c[-1].mass));
        promise(c->open_ms <= open_ms &&
                c->open_ms >= why->swept_ms - why->swept_ms % run->display_ms);
        promise(run->tiers >> c->tier & 1U);
        promise(c->leverage > 1.0 && c->leverage <= run->contract.max_leverage);
        all += c->mass;
    }
    promise_near(why->cell, cell, 1e-9, least);
    promise_near(all, cell, 1e-9, least);
}

/* The causes add up to the cell, and the largest of them are those that are
 * given when fewer are asked for. */
static void check_why(const struct liq_run *run, const struct liq_grid *g,
                      size_t column, size_t row)
{
    int64_t open_ms = g->candle[column].open_ms;
    struct liq_why all, few;

    promise(liq_explain(run, open_ms, (ptrdiff_t)row, SIZE_MAX, &all) ==
            LIQ_OK);
    check_causes(run, open_ms, g->cell[column * g->rows + row], &all);
    promise(liq_explain(run, open_ms, (ptrdiff_t)row, 3, &few) == LIQ_OK);
    promise(few.all == all.all && few.cell == all.cell &&
            few.swept_ms == all.swept_ms);
    promise(few.n == (all.n < 3 ? all.n : 3));
    for (size_t i = 0; i < few.n; i++)
        promise(few.at[i].mass == all.at[i].mass &&
                few.at[i].open_ms == all.at[i].open_ms &&
                few.at[i].tier == all.at[i].tier);
    free(all.at);
    free(few.at);
}

/* --- two maps --------------------------------------------------------------
 */

/* The same bytes; outcomes of a run that was continued, and of a whole one. */
static void check_same(const struct liq_map *a, const struct liq_map *b)
{
    struct liq_grid x = liq_map_grid(a), y = liq_map_grid(b);
    struct liq_book p = liq_map_book(a), q = liq_map_book(b);

    promise(x.columns == y.columns && x.rows == y.rows && x.max == y.max);
    promise(memcmp(x.cell, y.cell, x.columns * x.rows * sizeof *x.cell) == 0);
    promise(memcmp(x.candle, y.candle, x.columns * sizeof *x.candle) == 0);
    promise(memcmp(p.below, q.below, sizeof p.below) == 0);
    promise(memcmp(p.above, q.above, sizeof p.above) == 0);
    promise(p.total == q.total && p.open_ms == q.open_ms);
    /* Nobody asks for the birth of a row without mass. */
    for (size_t r = 0; r < x.rows; r++)
        promise(map_last(a)[r] == 0.0 || a->birth[r] == b->birth[r]);
}

#endif
