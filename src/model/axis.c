#include "liqmap/model.h"

#include <math.h>
#include "decade.h"

static const double STEP_DIGITS[] = {1.0, 2.0, 2.5, 5.0};
static const double SNAP_ROWS = 20.0;

/* Beyond this a price is a mistake, not a market (MODEL.md 1). */
static const double PRICE_MAX = 1e13;

/* MODEL.md (3) */
static enum liq_err axis_between(double a, double z, int rows,
                                 struct liq_axis *out)
{
    struct liq_round step;
    double block, first, last;

    if (rows < LIQ_ROWS_MIN || rows > LIQ_ROWS_MAX)
        return LIQ_EINVAL;
    if (!(a > 0.0 && z > a && z < PRICE_MAX))
        return LIQ_EINVAL;

    step = liq_round_up((z - a) / rows * (1.0 - LIQ_EDGE_SLACK), STEP_DIGITS,
                        sizeof STEP_DIGITS / sizeof STEP_DIGITS[0]);
    block = liq_decade(SNAP_ROWS * step.digit, step.exponent);
    first = floor(a / block + LIQ_EDGE_SLACK);
    last = ceil(z / block - LIQ_EDGE_SLACK);

    out->price_min = liq_decade(first * SNAP_ROWS * step.digit, step.exponent);
    out->price_step = liq_decade(step.digit, step.exponent);
    out->rows = (size_t)((last - first) * SNAP_ROWS);
    return LIQ_OK;
}

/* MODEL.md (2) */
enum liq_err liq_axis_fit(const struct liq_kline *shown, size_t n, int rows,
                          struct liq_axis *out)
{
    double low, high, pad, floor_px;

    if (n == 0)
        return LIQ_EINVAL;
    low = shown[0].low;
    high = shown[0].high;
    for (size_t i = 1; i < n; i++) {
        low = fmin(low, shown[i].low);
        high = fmax(high, shown[i].high);
    }
    pad = fmax(0.5 * (high - low), 0.025 * shown[n - 1].close);
    floor_px = 0.3 * low; /* no axis for prices nobody expects to see */
    return axis_between(fmax(low - pad, floor_px), high + pad, rows, out);
}

enum liq_err liq_axis_around(double price, double percent, int rows,
                             struct liq_axis *out)
{
    if (!(price > 0.0 && percent > 0.0 && percent < 100.0))
        return LIQ_EINVAL;
    return axis_between(price * (1.0 - percent / 100.0),
                        price * (1.0 + percent / 100.0), rows, out);
}

ptrdiff_t liq_axis_row(const struct liq_axis *a, double price)
{
    return liq_axis_bounded(a, liq_axis_row_unbounded(a, price));
}

/* Masses of less than this have lost digits, and their quantum would be 0. */
static const double MAX_LEAST = 1e-280;

double liq_quantum(double max)
{
    static const double digits[] = {1.0, 2.0, 5.0};
    struct liq_round q;

    if (!(max >= MAX_LEAST))
        return 1.0;
    q = liq_round_up(max / 1000.0, digits, 3);
    return liq_decade(q.digit, q.exponent);
}
