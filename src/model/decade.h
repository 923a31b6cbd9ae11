/* Rows and round decimal numbers, for axis steps, quanta and round prices;
 * private to the model. */
#ifndef LIQMAP_MODEL_DECADE_H
#define LIQMAP_MODEL_DECADE_H

#include <math.h>
#include <stddef.h>
#include "liqmap/model.h"

/* An edge price in decimals may lie a hair below the edge in binary. */
#define LIQ_EDGE_SLACK 1e-9

/* floor(x), without a call where rows and round prices are: adding 1.5 x 2^52
 * leaves no bits for a fraction. */
static inline double liq_floor(double x)
{
    const double call_from = 0x1p51, round = 0x1.8p52;
    double near;

    if (!(fabs(x) < call_from))
        return floor(x);
    near = (x + round) - round;
    return near - (double)(near > x); /* no branch: it would be a guess */
}

/* The row that holds price, counted on beyond both ends of the axis. */
static inline double liq_axis_row_unbounded(const struct liq_axis *a,
                                            double price)
{
    return liq_floor((price - a->price_min) / a->price_step + LIQ_EDGE_SLACK);
}

/* The same row as liq_axis_row numbers it. */
static inline ptrdiff_t liq_axis_bounded(const struct liq_axis *a, double row)
{
    ptrdiff_t rows = (ptrdiff_t)a->rows;

    if (row < 0.0)
        return -1;
    return row < (double)rows ? (ptrdiff_t)row : rows;
}

/* digit x 10^exponent as the double nearest to that decimal, |exponent| <= 22
 * (beyond it the last bit may be off). */
double liq_decade(double digit, int exponent);

/* The exponent n for which 10^n <= x < 10^(n + 1); x finite and > 0. */
int liq_decade_of(double x);

/* The smallest digit[i] x 10^n that is >= x, digits ascending in 1 .. 10. */
struct liq_round {
    double digit;
    int exponent;
};
struct liq_round liq_round_up(double x, const double *digit, size_t n_digit);

#endif
