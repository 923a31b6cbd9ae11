/* Where a band is, and how much of a candle's entries may live, from the
 * library's error function. */
#ifndef LIQMAP_TEST_LIVING_H
#define LIQMAP_TEST_LIVING_H

#include <math.h>
#include "model/decade.h"
#include "model/entries.h"
#include "model/setting.h"

/* A band before its mass, MODEL.md (7): quote per base, variance its square. */
struct band {
    double mean, variance;
};

static inline struct band band_of(const struct setting *s, size_t band,
                                  double entry, double entry_sigma)
{
    double entries = s->factor[band] * entry_sigma;
    double spread = s->spread[band] * entry;

    return (struct band){
        .mean = s->factor[band] * entry,
        .variance = entries * entries + spread * spread,
    };
}

/* What of a band of mass 1 lies on its side of the close. */
static inline double living_share(const struct setting *s, size_t tier,
                                  enum liq_side side, double entry,
                                  double entry_sigma, double close_row)
{
    struct band b = band_of(s, BAND(tier, side), entry, entry_sigma);
    double row = side == LIQ_LONG ? close_row : close_row + 1.0;
    double cut = s->axis.price_min + row * s->axis.price_step;
    double x = (cut - b.mean) / sqrt(b.variance);

    return 0.5 * erfc((side == LIQ_LONG ? -x : x) * sqrt(0.5));
}

static inline double living_of(const struct setting *s,
                               const struct liq_kline *k)
{
    double row = liq_axis_row_unbounded(&s->axis, k->close), sum = 0.0;
    struct round_unit unit = {0};
    struct entries e;

    entries_of(&s->params, k, &unit, &e);
    for (size_t tier = 0; tier < LIQ_TIERS; tier++) {
        for (int side = 0; side < LIQ_SIDES; side++) {
            double share = e.share * living_share(s, tier, (enum liq_side)side,
                                                  e.mean, e.sigma, row);

            for (double i = 0.0; i < e.count; i += 1.0)
                share += e.round_share *
                         living_share(s, tier, (enum liq_side)side,
                                      entries_round_price(&e, i), 0.0, row);
            sum += k->quote_volume * s->inflow[tier] / LIQ_SIDES * share;
        }
    }
    return sum;
}

#endif
