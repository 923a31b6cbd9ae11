#include "liqmap/derive.h"

#include <stdlib.h>
#include "band.h"
#include "book.h"

/* What one engine candle put into the row, tier by tier. */
struct inspection {
    const struct liq_run *run;
    const struct liq_kline *k;
    enum liq_side side;
    ptrdiff_t row;
    double inflow[LIQ_TIERS];
    double mass[LIQ_TIERS];
};

static void inspect(void *arg, double entry, double sigma, double share)
{
    struct inspection *in = arg;

    for (size_t tier = 0; tier < LIQ_TIERS; tier++) {
        double mass =
            in->k->quote_volume * in->inflow[tier] * share / LIQ_SIDES;
        struct liq_band b = liq_band_of(in->run->params, &in->run->contract,
                                        tier, in->side, entry, sigma, mass);

        in->mass[tier] +=
            band_row(&in->run->axis, &b, in->side, in->k->close, in->row);
    }
}

/* The newest engine candle inside the column; run->n when there is none. */
static size_t last_inside(const struct liq_run *run, int64_t column_ms)
{
    size_t found = run->n;

    for (size_t i = 0; i < run->n; i++) {
        if (run->kline[i].open_ms >= column_ms &&
            run->kline[i].open_ms < column_ms + run->display_ms)
            found = i;
    }
    return found;
}

static bool touched(const struct inspection *in)
{
    const struct liq_axis *axis = &in->run->axis;

    return in->side == LIQ_LONG ? liq_axis_row(axis, in->k->low) <= in->row
                                : liq_axis_row(axis, in->k->high) >= in->row;
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

/* Add what candle i left to the causes; those of its display candle, if it has
 * any yet, are the last LIQ_TIERS of them. */
static void add_causes(struct liq_why *why, const struct inspection *in,
                       int64_t until_ms)
{
    int64_t open_ms = in->k->open_ms - in->k->open_ms % in->run->display_ms;
    struct liq_cause *c;

    if (why->all == 0 || why->at[why->all - 1].open_ms != open_ms) {
        for (size_t tier = 0; tier < LIQ_TIERS; tier++)
            why->at[why->all++] = (struct liq_cause){
                open_ms, tier,
                liq_tier_leverage(in->run->params, &in->run->contract, tier),
                0.0};
    }
    c = &why->at[why->all - LIQ_TIERS];
    for (size_t tier = 0; tier < LIQ_TIERS; tier++) {
        double left = in->mass[tier] * book_decay(in->run->params, tier,
                                                  until_ms - in->k->open_ms);

        if (!(in->run->tiers >> tier & 1U))
            continue;
        c[tier].mass += left;
        why->cell += left;
    }
}

static void walk_back(struct inspection *in, size_t last, struct liq_why *why)
{
    const struct liq_run *run = in->run;

    for (size_t i = last + 1; i-- > 0;) {
        in->k = &run->kline[i];
        for (size_t tier = 0; tier < LIQ_TIERS; tier++)
            in->mass[tier] = 0.0;
        if (in->k->quote_volume > 0.0)
            book_entries(run->params, in->k, inspect, in);
        add_causes(why, in, run->kline[last].open_ms);
        if (touched(in)) {
            why->swept_ms = in->k->open_ms;
            return;
        }
    }
}

/* Largest first, without those that left nothing. */
static void sort_causes(struct liq_why *why, size_t max)
{
    size_t kept = 0;

    for (size_t i = 0; i < why->all; i++) {
        if (why->at[i].mass > 0.0)
            why->at[kept++] = why->at[i];
    }
    qsort(why->at, kept, sizeof *why->at, by_mass);
    why->all = kept;
    why->n = kept < max ? kept : max;
}

/* MODEL.md (14) */
enum liq_err liq_explain(const struct liq_run *run, int64_t column_ms,
                         ptrdiff_t row, size_t max, struct liq_why *out)
{
    size_t last = last_inside(run, column_ms);
    struct inspection in = {.run = run, .row = row};
    struct liq_why why = {0};
    ptrdiff_t close_row;

    if (row < 0 || row >= (ptrdiff_t)run->axis.rows ||
        !liq_contract_valid(&run->contract))
        return LIQ_EINVAL;
    if (last == run->n)
        return LIQ_ENOTFOUND;
    close_row = liq_axis_row(&run->axis, run->kline[last].close);
    in.side = row <= close_row ? LIQ_LONG : LIQ_SHORT;
    why.side = in.side;
    liq_inflow_shares(run->params, in.inflow);

    if (last + 1 > SIZE_MAX / sizeof *why.at / LIQ_TIERS)
        return LIQ_ENOMEM;
    why.at = calloc((last + 1) * LIQ_TIERS, sizeof *why.at);
    if (why.at == NULL)
        return LIQ_ENOMEM;
    if (row != close_row && (run->sides >> in.side & 1U))
        walk_back(&in, last, &why);
    sort_causes(&why, max);
    *out = why;
    return LIQ_OK;
}
