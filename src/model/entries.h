/* Where the entries of a candle are, MODEL.md (5); private to the model. */
#ifndef LIQMAP_MODEL_ENTRIES_H
#define LIQMAP_MODEL_ENTRIES_H

#include <stdbool.h>
#include "liqmap/model.h"

/* The unit of round prices: 10^exponent, for price / 20 in [unit, next), surely
 * for those between sure_from and sure_to. */
struct round_unit {
    double unit, next, per_unit, power; /* power: 10^|exponent| */
    double sure_from, sure_to;
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

/* As a number of the unit, a round price in range within so much of it; and so
 * many at most are taken for round prices. */
#define ROUND_PRICE_SLACK 1e-9
#define ROUND_PRICES_MAX 1000.0
#define ENTRIES_PER_ROOT_12 0.28867513459481288225

#define ROUND_PRICE_PART 20.0 /* of the close, which the unit is not above */

/* Whether u is the unit of a candle with this close; if not, find_unit makes it
 * that one. */
static inline bool entries_unit_holds(const struct round_unit *u, double close)
{
    /* The quotient rounds, so this is not sure of the closes in between. */
    if (close > u->sure_from && close < u->sure_to)
        return true;
    close /= ROUND_PRICE_PART;
    return u->unit <= close && close < u->next;
}

void entries_find_unit(double close, struct round_unit *u);

/* unit is kept from candle to candle, as finding it takes longer than the rest;
 * all zero before the first. */
void entries_of(const struct liq_params *p, const struct liq_kline *k,
                struct round_unit *unit, struct entries *out);

/* So many units, a whole number. */
static inline double entries_units(const struct round_unit *u, double number)
{
    return u->exponent < 0 ? number / u->power : number * u->power;
}

/* The i-th round price, 0 <= i < count. */
static inline double entries_round_price(const struct entries *e, double i)
{
    return entries_units(e->unit, e->first + i);
}

#endif
