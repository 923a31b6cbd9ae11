/* Where the entries of a candle are, MODEL.md (5); private to the model. */
#ifndef LIQMAP_MODEL_ENTRIES_H
#define LIQMAP_MODEL_ENTRIES_H

#include "liqmap/model.h"

/* The unit of round prices: 10^exponent, for price / 20 in [unit, next). */
struct round_unit {
    double unit, next, per_unit, power; /* power: 10^|exponent| */
    int exponent;
};

/*
 * The Gaussian first, then the round prices.
 *
 * mean, sigma, share    of the Gaussian
 * first, count          the round prices are first, first + 1 .. times the unit
 * round_share           of each of them
 */
struct entries {
    double mean, sigma, share;
    double first, count, round_share;
    const struct round_unit *unit; /* borrowed */
};

/* unit is kept from candle to candle, as finding it takes longer than the rest;
 * all zero before the first. */
void entries_of(const struct liq_params *p, const struct liq_kline *k,
                struct round_unit *unit, struct entries *out);

/* The i-th round price, 0 <= i < count. */
static inline double entries_round_price(const struct entries *e, double i)
{
    return e->unit->exponent < 0 ? (e->first + i) / e->unit->power
                                 : (e->first + i) * e->unit->power;
}

#endif
