#include "band.h"

#include "decade.h"

/* The mass beyond x sigma, x >= 0. */
static double tail(double x)
{
    return 0.5 * erfc(x * sqrt(0.5));
}

double band_row(const struct setting *s, const struct band *b,
                enum liq_side side, ptrdiff_t close_row, ptrdiff_t row)
{
    const struct liq_axis *axis = &s->axis;
    double pitch = axis->price_step / b->sigma, x;

    if (liq_axis_row(axis, b->mean - BAND_REACH * b->sigma) > row ||
        liq_axis_row(axis, b->mean + BAND_REACH * b->sigma) < row ||
        (side == LIQ_LONG ? row >= close_row : row <= close_row))
        return 0.0;
    x = (axis->price_min - b->mean) / b->sigma + (double)row * pitch;
    if (x > 0.0)
        return tail(x) - tail(x + pitch);
    if (x + pitch < 0.0)
        return tail(-x - pitch) - tail(-x);
    return 1.0 - tail(-x) - tail(x + pitch);
}
