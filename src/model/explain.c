#include "liqmap/derive.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "decade.h"
#include "entries.h"
#include "klines.h"
#include "setting.h"

/* So many causes are found without sorting all. */
#define FEW 100

/* What the entries of a display candle left in the cell, by tier. */
struct tally {
    int64_t open_ms;
    double mass[LIQ_TIERS];
};

/*
 * Engine candles, newest first.  Lanes without one are as the first, without
 * volume.
 *
 * step_ms  [BATCH] the time to the candle after it, 0 for the newest
 * tally     [BATCH] number of its display candle
 */
struct group {
    struct batch candles;
    struct ends ends;
    int64_t step_ms[BATCH];
    size_t tally[BATCH];
};

/* What bands of one tier at some round prices have in the row: the multiples of
 * unit from number first on; unit is 0 for none yet. */
struct round_shares {
    double unit, first, share[BATCH];
};

/*
 * The cell that is asked about.
 *
 * row           [from its lower edge, to the upper one), as a number
 * lower, upper  its edges, quote per base
 * hair          more than rounding can move a price against an edge
 * lowest, highest  [LIQ_TIERS] entries between which a tier may reach the row
 * reach         so many deviations from their mean are a candle's entries
 *               thought to lie, for these limits
 * leverage      [LIQ_TIERS] what the contract allows of it
 * next          so many candles, the oldest, are to be taken yet
 * after_ms      open time of the one after them; at first that of the newest
 * step_ms       [BATCH] of the group that kept is for
 * keep          [LIQ_TIERS] what is kept over elapsed_ms
 * kept          [LIQ_TIERS][BATCH] from a candle of the group to the one after
 *               the group
 * left          [LIQ_TIERS] what is left of a unit of that one's volume in each
 *               band of a tier
 * round         [LIQ_TIERS]
 * tally         [tallies] of the display candles of a group; the first may have
 *               begun in the group before
 * max, few      so many causes are kept; few: why->at has the largest so far,
 *               largest first, else all
 */
struct inspection {
    const struct liq_run *run;
    struct setting setting;
    struct round_unit unit;
    enum liq_side side;
    ptrdiff_t row;
    double lower, upper, hair;
    double lowest[LIQ_TIERS], highest[LIQ_TIERS], reach;
    double leverage[LIQ_TIERS];
    size_t next;
    int64_t after_ms, step_ms[BATCH], elapsed_ms;
    double keep[LIQ_TIERS], kept[LIQ_TIERS][BATCH], left[LIQ_TIERS];
    struct round_shares round[LIQ_TIERS];
    struct tally tally[BATCH + 1];
    size_t tallies;
    struct liq_why *why;
    size_t max;
    bool few;
};

/* The newest engine candle inside the column; run->n when there is none. */
static size_t last_inside(const struct liq_run *run, int64_t column_ms)
{
    size_t i = run->n;

    while (i > 0 && run->kline[i - 1].open_ms >= column_ms + run->display_ms)
        i--;
    return i > 0 && run->kline[i - 1].open_ms >= column_ms ? i - 1 : run->n;
}

static int by_mass(const void *a, const void *b)
{
    const struct liq_cause *x = a, *y = b;

    if (x->mass != y->mass)
        return x->mass < y->mass ? 1 : -1;
    if (x->open_ms != y->open_ms)
        return x->open_ms < y->open_ms ? 1 : -1;
    return x->tier < y->tier ? -1 : x->tier > y->tier;
}

/* A band of entries at e lies within (factor +- 4 spread) e and 4 deviations of
 * the entries, which is more than it has.  All with some to spare. */
static void find_limits(struct inspection *in)
{
    const double *factor = in->setting.factor + BAND(0, in->side);
    const double *spread = in->setting.spread + BAND(0, in->side);

    in->reach = BAND_REACH;
    for (size_t i = 0; i < LIQ_TIERS; i++) {
        double nearest = factor[i] - BAND_REACH * spread[i];
        double farthest = factor[i] + BAND_REACH * spread[i];

        in->leverage[i] =
            liq_tier_leverage(&in->setting.params, &in->setting.contract, i);
        in->lowest[i] = (in->lower - in->hair) / farthest * (1.0 - 1e-6);
        in->highest[i] = nearest > 0.0
                             ? (in->upper + in->hair) / nearest * (1.0 + 1e-6)
                             : INFINITY;
        if (nearest > 0.0)
            in->reach = fmax(in->reach, BAND_REACH * factor[i] / nearest);
    }
}

/* Whether the row is that of a price or lies on its side of the close: a low
 * (high, for shorts) there sweeps the row, and what is seeded at a close there
 * leaves nothing in it. */
static bool beyond(const struct inspection *in, double price)
{
    const struct liq_axis *axis = &in->setting.axis;

    if (in->side == LIQ_LONG)
        return price < in->upper + in->hair &&
               liq_axis_row(axis, price) <= in->row;
    return price > in->lower - in->hair && liq_axis_row(axis, price) >= in->row;
}

/* --- what is kept of the causes ---------------------------------------------
 */

/* Earlier ones come first where masses are the same. */
static void keep_cause(struct inspection *in, const struct liq_cause *one)
{
    struct liq_why *why = in->why;
    size_t j;

    if (!in->few) {
        why->at[why->n++] = *one;
        return;
    }
    if (why->n < in->max)
        why->n++;
    else if (in->max == 0 || one->mass <= why->at[why->n - 1].mass)
        return;
    for (j = why->n - 1; j > 0 && why->at[j - 1].mass < one->mass; j--)
        why->at[j] = why->at[j - 1];
    why->at[j] = *one;
}

/* Nothing is added to the tally any more: its masses become causes. */
static void settle(struct inspection *in, const struct tally *p)
{
    for (size_t tier = 0; tier < LIQ_TIERS; tier++) {
        struct liq_cause one = {p->open_ms, tier, in->leverage[tier],
                                p->mass[tier]};

        if (one.mass > 0.0) {
            in->why->cell += one.mass;
            in->why->all++;
            keep_cause(in, &one);
        }
    }
}

/* All but the last tally, to which the next group may add. */
static void settle_most(struct inspection *in)
{
    for (size_t i = 0; i + 1 < in->tallies; i++)
        settle(in, &in->tally[i]);
    if (in->tallies > 1)
        in->tally[0] = in->tally[in->tallies - 1];
    in->tallies = in->tallies > 0 ? 1 : 0;
}

/* --- groups of candles -----------------------------------------------------
 */

/* The number of the tally for a candle, which follows the last one. */
static size_t tally_of(struct inspection *in, int64_t open_ms)
{
    struct tally *p = &in->tally[in->tallies];

    if (in->tallies == 0 || open_ms < p[-1].open_ms) {
        *p = (struct tally){kline_display_open(open_ms, in->run->display_ms),
                            {0.0}};
        in->tallies++;
    }
    return in->tallies - 1;
}

/* The next candles, as far as the one that swept the cell or one with another
 * unit; how many. */
static size_t collect(struct inspection *in, struct group *g)
{
    size_t n = 0;

    while (n < BATCH && in->next > 0) {
        const struct liq_kline *k = &in->run->kline[in->next - 1];

        if (!entries_unit_holds(&in->unit, k->close)) {
            if (n > 0)
                break;
            entries_find_unit(k->close, &in->unit);
        }
        in->next--;
        if (beyond(in, in->side == LIQ_LONG ? k->low : k->high)) {
            in->why->swept_ms = k->open_ms;
            in->next = 0;
            if (beyond(in, k->close))
                break;
        }
        g->candles.high[n] = k->high;
        g->candles.low[n] = k->low;
        g->candles.close[n] = k->close;
        g->candles.volume[n] = k->quote_volume;
        g->step_ms[n] = in->after_ms - k->open_ms;
        in->after_ms = k->open_ms;
        g->tally[n++] = tally_of(in, k->open_ms);
    }
    return n;
}

/* The next group; false if there is none. */
static bool take(struct inspection *in, struct group *g)
{
    size_t n = collect(in, g);

    if (n == 0)
        return false;
    for (; n < BATCH; n++) {
        g->candles.high[n] = g->candles.high[0];
        g->candles.low[n] = g->candles.low[0];
        g->candles.close[n] = g->candles.close[0];
        g->candles.volume[n] = 0.0;
        g->step_ms[n] = 0;
        g->tally[n] = g->tally[0];
    }
    in->setting.ops->enter(&in->unit, in->setting.params.round_number_share,
                           in->reach, &g->candles, &g->ends);
    return true;
}

/* What is kept over the steps of a group. */
static void age(struct inspection *in, const int64_t step_ms[BATCH])
{
    double kept[LIQ_TIERS];

    for (size_t tier = 0; tier < LIQ_TIERS; tier++)
        kept[tier] = 1.0;
    for (size_t i = 0; i < BATCH; i++) {
        for (size_t tier = 0; tier < LIQ_TIERS; tier++) {
            if (in->elapsed_ms != step_ms[i])
                in->keep[tier] = setting_decay(&in->setting, tier, step_ms[i]);
            kept[tier] *= in->keep[tier];
            in->kept[tier][i] = kept[tier];
        }
        in->elapsed_ms = step_ms[i];
    }
    memcpy(in->step_ms, step_ms, sizeof in->step_ms);
}

/* Bit k: a band of tier k may reach the row from this group. */
static unsigned may_reach(const struct inspection *in, const struct ends *e)
{
    unsigned reached = 0;

    for (unsigned i = 0; i < LIQ_TIERS; i++)
        reached |=
            (unsigned)((e->high >= in->lowest[i]) & (e->low <= in->highest[i]))
            << i;
    return reached & in->run->tiers;
}

/* --- what a group has left in the cell ---------------------------------------
 */

/* The share of a band at so many units: the same for all candles, so it is
 * computed once, for several. */
static double round_share(struct inspection *in, size_t tier, double number)
{
    struct round_shares *r = &in->round[tier];
    double first = 1.0 + BATCH * liq_floor((number - 1.0) / BATCH);

    if (r->unit != in->unit.unit || r->first != first) {
        struct gaussians at = {{0.0}, {0.0}};

        r->unit = in->unit.unit;
        r->first = first;
        for (size_t i = 0; i < BATCH; i++)
            at.mean[i] = entries_units(&in->unit, first + (double)i);
        in->setting.ops->share_row(&in->setting, BAND(tier, in->side),
                                   (double)in->row, &at, r->share);
    }
    return r->share[(size_t)(number - first)];
}

/* Add the mass of a tier at the round prices of a group. */
static void add_round(struct inspection *in, const struct group *g, size_t tier,
                      double mass[BATCH])
{
    double first = liq_floor(in->lowest[tier] * in->unit.per_unit);
    double last = in->highest[tier] * in->unit.per_unit + 1.0;

    first = g->ends.first > first ? g->ends.first : first;
    last = g->ends.last < last ? g->ends.last : last;
    for (double i = first; i <= last; i += 1.0)
        in->setting.ops->add_round(&g->candles, i, round_share(in, tier, i),
                                   mass);
}

/* Add what the bands of one tier left in the cell. */
static void inspect(struct inspection *in, const struct group *g, size_t tier)
{
    double mass[BATCH];

    in->setting.ops->share_row(&in->setting, BAND(tier, in->side),
                               (double)in->row, &g->candles.at, mass);
    for (size_t i = 0; i < BATCH; i++)
        mass[i] *= g->candles.amount[i];
    add_round(in, g, tier, mass);
    for (size_t i = 0; i < BATCH; i++)
        mass[i] *= in->left[tier] * in->kept[tier][i];
    for (size_t i = 0; i < BATCH; i++)
        in->tally[g->tally[i]].mass[tier] += mass[i];
}

/* From the last candle back to the one that swept the cell. */
static void walk_back(struct inspection *in)
{
    struct group g;
    unsigned tiers;

    in->elapsed_ms = in->step_ms[0] = -1;
    for (size_t tier = 0; tier < LIQ_TIERS; tier++)
        in->left[tier] = in->setting.inflow[tier] / LIQ_SIDES;
    while (take(in, &g)) {
        if (memcmp(g.step_ms, in->step_ms, sizeof in->step_ms) != 0)
            age(in, g.step_ms);
        for (tiers = may_reach(in, &g.ends); tiers != 0; tiers &= tiers - 1)
            inspect(in, &g, (size_t)__builtin_ctz(tiers));
        for (size_t tier = 0; tier < LIQ_TIERS; tier++)
            in->left[tier] *= in->kept[tier][BATCH - 1];
        settle_most(in);
    }
    if (in->tallies > 0)
        settle(in, &in->tally[0]);
}

/* Where the cell is, and where its candles begin; false: it has none. */
static bool find_cell(struct inspection *in, size_t last)
{
    const struct liq_run *run = in->run;
    const struct liq_axis *axis = &run->axis;
    ptrdiff_t close_row = liq_axis_row(axis, run->kline[last].close);

    in->side = in->why->side = in->row <= close_row ? LIQ_LONG : LIQ_SHORT;
    in->lower = axis->price_min + (double)in->row * axis->price_step;
    in->upper = in->lower + axis->price_step;
    in->hair = 1e-6 * axis->price_step;
    in->next = last + 1;
    in->after_ms = run->kline[last].open_ms;
    return in->row != close_row && (run->sides >> in->side & 1U);
}

/* MODEL.md (14) */
enum liq_err liq_explain(const struct liq_run *run, int64_t column_ms,
                         ptrdiff_t row, size_t max, struct liq_why *out)
{
    size_t last = last_inside(run, column_ms), room;
    struct liq_why why = {0};
    struct inspection in = {
        .run = run, .row = row, .why = &why, .max = max, .few = max <= FEW};

    if (row < 0 || row >= (ptrdiff_t)run->axis.rows ||
        !liq_contract_valid(&run->contract))
        return LIQ_EINVAL;
    if (last == run->n)
        return LIQ_ENOTFOUND;
    if (last + 1 > SIZE_MAX / sizeof *why.at / LIQ_TIERS)
        return LIQ_ENOMEM;
    room = in.few ? max + 1 : (last + 1) * LIQ_TIERS;
    why.at = malloc(room * sizeof *why.at);
    if (why.at == NULL)
        return LIQ_ENOMEM;

    if (find_cell(&in, last)) {
        setting_init(&in.setting, run->params, &run->contract, &run->axis);
        find_limits(&in);
        walk_back(&in);
    }
    if (!in.few)
        qsort(why.at, why.n, sizeof *why.at, by_mass);
    why.n = why.n < max ? why.n : max;
    *out = why;
    return LIQ_OK;
}
