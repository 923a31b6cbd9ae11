#include "liqmap/derive.h"

#include <stdlib.h>
#include "band.h"
#include "decade.h"
#include "entries.h"
#include "klines.h"

/*
 * The cell that is asked about.
 *
 * lower, upper  its edges, quote per base
 * hair          more than rounding can move a price against an edge
 * left          [LIQ_TIERS] what the entries of one display candle left in it
 */
struct inspection {
    const struct liq_run *run;
    struct setting setting;
    struct round_unit unit;
    enum liq_side side;
    ptrdiff_t row;
    double lower, upper, hair;
    int64_t until_ms;
    double left[LIQ_TIERS];
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

/*
 * How far the row is out of reach of each tier's band, squared; not above 0
 * where it may be within.  Most bands of most candles do not reach it, and this
 * is cheaper than to see what is in it.
 */
static void out_of_reach(const struct inspection *in, double entry,
                         double entry_sigma, double out[SIDE_BANDS])
{
    const double *factor = in->setting.factor + BAND(0, in->side);
    const double *spread = in->setting.spread + BAND(0, in->side);
    /* The row counts as a hair wider than it is, and the reach as longer. */
    double lower = in->lower - in->hair, upper = in->upper + in->hair;
    double reach = BAND_REACH * BAND_REACH * (1.0 + LIQ_EDGE_SLACK);

    for (size_t i = 0; i < SIDE_BANDS; i++) {
        double mean = factor[i] * entry, entries = factor[i] * entry_sigma;
        double leverage = spread[i] * entry;
        double below = lower - mean, above = mean - upper;
        double away = below > above ? below : above;

        away = away > 0.0 ? away : 0.0;
        out[i] =
            away * away - reach * (entries * entries + leverage * leverage);
    }
}

static void inspect(struct inspection *in, const struct liq_kline *k,
                    double entry, double sigma, double share)
{
    const struct setting *s = &in->setting;
    double out[SIDE_BANDS];

    out_of_reach(in, entry, sigma, out);
    for (size_t tier = 0; tier < LIQ_TIERS; tier++) {
        struct band b;
        double part;

        if (out[tier] > 0.0 || !(in->run->tiers >> tier & 1U))
            continue;
        b = band_of(s, BAND(tier, in->side), entry, sigma);
        part = band_row(s, &b, in->side, liq_axis_row(&s->axis, k->close),
                        in->row);
        if (part > 0.0)
            in->left[tier] += k->quote_volume * s->inflow[tier] * share /
                              LIQ_SIDES * part *
                              setting_decay(s, tier, in->until_ms - k->open_ms);
    }
}

static void inspect_candle(struct inspection *in, const struct liq_kline *k)
{
    struct entries e;

    if (!(k->quote_volume > 0.0))
        return;
    entries_of(&in->setting.params, k, &in->unit, &e);
    inspect(in, k, e.mean, e.sigma, e.share);
    for (double i = 0.0; i < e.count; i += 1.0)
        inspect(in, k, entries_round_price(&e, i), 0.0, e.round_share);
}

static bool touched(const struct inspection *in, const struct liq_kline *k)
{
    const struct liq_axis *axis = &in->setting.axis;

    if (in->side == LIQ_LONG)
        return k->low < in->upper + in->hair &&
               liq_axis_row(axis, k->low) <= in->row;
    return k->high > in->lower - in->hair &&
           liq_axis_row(axis, k->high) >= in->row;
}

/* What the entries of one display candle left becomes causes. */
static void add_causes(struct inspection *in, int64_t open_ms,
                       struct liq_why *why)
{
    const struct setting *s = &in->setting;

    for (size_t tier = 0; tier < LIQ_TIERS; tier++) {
        if (in->left[tier] > 0.0) {
            why->at[why->all++] = (struct liq_cause){
                open_ms, tier,
                liq_tier_leverage(&s->params, &s->contract, tier),
                in->left[tier]};
            why->cell += in->left[tier];
        }
        in->left[tier] = 0.0;
    }
}

/* From the last candle back to the one that swept the cell. */
static void walk_back(struct inspection *in, size_t last, struct liq_why *why)
{
    const struct liq_kline *k = in->run->kline;
    int64_t display_ms = in->run->display_ms;
    int64_t open_ms = kline_display_open(k[last].open_ms, display_ms);
    size_t i;

    in->until_ms = k[last].open_ms;
    for (i = last + 1; i-- > 0;) {
        if (k[i].open_ms < open_ms) {
            add_causes(in, open_ms, why);
            open_ms = kline_display_open(k[i].open_ms, display_ms);
        }
        inspect_candle(in, &k[i]);
        if (touched(in, &k[i])) {
            why->swept_ms = k[i].open_ms;
            break;
        }
    }
    add_causes(in, open_ms, why);
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
        walk_back(&in, last, &why);
    }
    if (why.all > 0)
        qsort(why.at, why.all, sizeof *why.at, by_mass);
    why.n = why.all < max ? why.all : max;
    *out = why;
    return LIQ_OK;
}
