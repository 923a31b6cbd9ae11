#include "liqmap/derive.h"

#include <math.h>
#include <stdlib.h>
#include "setting.h"
#include "decade.h"
#include "entries.h"
#include "klines.h"

/* A candle's entries have this deviation per unit of its height (5), and a band
 * reaches so many of them. */
static const double REACH_PER_HEIGHT = 1.1547005383792517; /* 4 / sqrt(12) */

/* So many causes are found without sorting all. */
#define FEW 100

/*
 * What bands may have put into the cell, computed REACHES at a time.
 *
 * band   [n] where they are; what is behind them is of earlier ones
 * mass   [n] of the band, as much as is left of it
 * cause  [n] whose it is
 */
struct pending {
    struct reach band;
    double mass[REACHES];
    struct liq_cause *cause[REACHES];
    size_t n;
};

/*
 * The cell that is asked about.
 *
 * row           [from its lower edge, to the upper one), as a number
 * lower, upper  its edges, quote per base
 * hair          more than rounding can move a price against an edge
 * lowest, highest  [LIQ_TIERS] entries between which a tier may reach the row
 * leverage      [LIQ_TIERS] what the contract allows of it
 * stretch       how much lower a candle counts as, per REACH_PER_HEIGHT
 * elapsed_ms, keep  the time between the last two candles, and what is kept
 *               in it
 * left          [LIQ_TIERS] what is left of a unit of a candle's volume in each
 *               band of a tier
 */
struct inspection {
    const struct liq_run *run;
    struct setting setting;
    struct round_unit unit;
    enum liq_side side;
    ptrdiff_t row;
    double lower, upper, hair;
    double lowest[LIQ_TIERS], highest[LIQ_TIERS], stretch;
    double leverage[LIQ_TIERS];
    int64_t elapsed_ms;
    double keep[LIQ_TIERS], left[LIQ_TIERS];
    struct pending pending;
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

    in->stretch = 1.0;
    for (size_t i = 0; i < LIQ_TIERS; i++) {
        double nearest = factor[i] - BAND_REACH * spread[i];
        double farthest = factor[i] + BAND_REACH * spread[i];

        in->leverage[i] =
            liq_tier_leverage(&in->setting.params, &in->setting.contract, i);
        in->lowest[i] = in->lower / farthest * (1.0 - 1e-6);
        in->highest[i] =
            nearest > 0.0 ? in->upper / nearest * (1.0 + 1e-6) : INFINITY;
        if (nearest > 0.0)
            in->stretch = fmax(in->stretch, factor[i] / nearest);
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

/* Bit k: a band of tier k may reach the row from this candle.  Most do not, and
 * this is cheaper than to see what is in them. */
static unsigned may_reach(const struct inspection *in,
                          const struct liq_kline *k)
{
    double more = REACH_PER_HEIGHT * in->stretch * (k->high - k->low);
    double low = k->low - more, high = k->high + more;
    unsigned reached = 0;

    for (unsigned i = 0; i < LIQ_TIERS; i++)
        reached |= (unsigned)((high >= in->lowest[i]) & (low <= in->highest[i]))
                   << i;
    return reached & in->run->tiers;
}

/* What is pending becomes the causes' mass. */
static void settle(struct inspection *in)
{
    struct pending *p = &in->pending;
    double share[REACHES];

    in->setting.ops->share_row(&p->band, (double)in->row,
                               in->setting.axis.price_step, share);
    for (size_t i = 0; i < p->n; i++)
        p->cause[i]->mass += p->mass[i] * share[i];
    p->n = 0;
}

/* cause has those of the display candle by tier. */
static void inspect(struct inspection *in, unsigned tiers, double entry,
                    double entry_sigma, double quote_volume,
                    struct liq_cause *cause)
{
    const struct setting *s = &in->setting;
    struct pending *p = &in->pending;

    /* Mostly one of them is set. */
    for (; tiers != 0; tiers &= tiers - 1) {
        size_t tier = (size_t)__builtin_ctz(tiers);
        struct band b = band_of(s, BAND(tier, in->side), entry, entry_sigma);

        p->band.mean[p->n] = b.mean - s->axis.price_min;
        p->band.variance[p->n] = b.variance;
        p->mass[p->n] = quote_volume * in->left[tier];
        p->cause[p->n++] = &cause[tier];
        if (p->n == REACHES)
            settle(in);
    }
}

static void inspect_candle(struct inspection *in, unsigned tiers,
                           const struct liq_kline *k, struct liq_cause *cause)
{
    struct entries e;

    entries_of(&in->setting.params, k, &in->unit, &e);
    for (double i = -1.0; i < e.count; i += 1.0) {
        bool round = i >= 0.0;

        inspect(in, tiers, round ? entries_round_price(&e, i) : e.mean,
                round ? 0.0 : e.sigma,
                k->quote_volume * (round ? e.round_share : e.share), cause);
    }
}

/* Go from a candle to the one before it. */
static void age(struct inspection *in, int64_t elapsed_ms)
{
    if (in->elapsed_ms != elapsed_ms) {
        in->elapsed_ms = elapsed_ms;
        for (size_t tier = 0; tier < LIQ_TIERS; tier++)
            in->keep[tier] = setting_decay(&in->setting, tier, elapsed_ms);
    }
    for (size_t tier = 0; tier < LIQ_TIERS; tier++)
        in->left[tier] *= in->keep[tier];
}

/* Causes of a display candle without mass, one for each tier. */
static void open_causes(const struct inspection *in, int64_t open_ms,
                        struct liq_cause *cause)
{
    for (size_t tier = 0; tier < LIQ_TIERS; tier++)
        cause[tier] =
            (struct liq_cause){open_ms, tier, in->leverage[tier], 0.0};
}

/* From the last candle back to the one that swept the cell. */
static void walk_back(struct inspection *in, size_t last, struct liq_why *why)
{
    const struct liq_kline *k = in->run->kline;
    unsigned tiers;
    int64_t begin_ms =
        INT64_MAX; /* of the display candle in at[why->all - 7] */

    for (size_t tier = 0; tier < LIQ_TIERS; tier++)
        in->left[tier] = in->setting.inflow[tier] / LIQ_SIDES;
    for (size_t i = 0; i < REACHES; i++)
        in->pending.band.variance[i] = 1.0;
    for (size_t i = last + 1; i-- > 0;) {
        if (i < last)
            age(in, k[i + 1].open_ms - k[i].open_ms);
        tiers = k[i].quote_volume > 0.0 ? may_reach(in, &k[i]) : 0;
        if (tiers != 0 && !beyond(in, k[i].close)) {
            if (k[i].open_ms < begin_ms) {
                begin_ms =
                    kline_display_open(k[i].open_ms, in->run->display_ms);
                open_causes(in, begin_ms, why->at + why->all);
                why->all += LIQ_TIERS;
            }
            inspect_candle(in, tiers, &k[i], why->at + why->all - LIQ_TIERS);
        }
        if (beyond(in, in->side == LIQ_LONG ? k[i].low : k[i].high)) {
            why->swept_ms = k[i].open_ms;
            break;
        }
    }
    settle(in);
}

/* Leave out causes without mass. */
static void drop_empty(struct liq_why *why)
{
    size_t n = 0;

    for (size_t i = 0; i < why->all; i++) {
        if (why->at[i].mass > 0.0) {
            why->cell += why->at[i].mass;
            why->at[n++] = why->at[i];
        }
    }
    why->all = n;
}

/* The largest max causes, largest first; few of many need no sorting of all. */
static void take_largest(struct liq_why *why, size_t max)
{
    struct liq_cause *at = why->at;

    why->n = why->all < max ? why->all : max;
    if (why->n > FEW) {
        qsort(at, why->all, sizeof *at, by_mass);
        return;
    }
    for (size_t i = 1; i < why->all && why->n > 0; i++) {
        struct liq_cause one = at[i];
        size_t j = i < why->n ? i : why->n;

        if (j == why->n && by_mass(&at[j - 1], &one) < 0)
            continue;
        if (j == why->n)
            j--;
        for (; j > 0 && by_mass(&at[j - 1], &one) > 0; j--)
            at[j] = at[j - 1];
        at[j] = one;
    }
}

/* MODEL.md (14) */
enum liq_err liq_explain(const struct liq_run *run, int64_t column_ms,
                         ptrdiff_t row, size_t max, struct liq_why *out)
{
    size_t last = last_inside(run, column_ms);
    struct inspection in = {.run = run, .row = row};
    const struct liq_axis *axis = &run->axis;
    struct liq_why why = {0};
    ptrdiff_t close_row;

    if (row < 0 || row >= (ptrdiff_t)axis->rows ||
        !liq_contract_valid(&run->contract))
        return LIQ_EINVAL;
    if (last == run->n)
        return LIQ_ENOTFOUND;
    close_row = liq_axis_row(axis, run->kline[last].close);
    in.side = row <= close_row ? LIQ_LONG : LIQ_SHORT;
    in.lower = axis->price_min + (double)row * axis->price_step;
    in.upper = in.lower + axis->price_step;
    in.hair = 1e-6 * axis->price_step;
    why.side = in.side;

    if (last + 1 > SIZE_MAX / sizeof *why.at / LIQ_TIERS)
        return LIQ_ENOMEM;
    why.at = malloc((last + 1) * LIQ_TIERS * sizeof *why.at);
    if (why.at == NULL)
        return LIQ_ENOMEM;
    if (row != close_row && (run->sides >> in.side & 1U)) {
        setting_init(&in.setting, run->params, &run->contract, axis);
        find_limits(&in);
        walk_back(&in, last, &why);
        drop_empty(&why);
    }
    take_largest(&why, max);
    *out = why;
    return LIQ_OK;
}
