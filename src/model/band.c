#include "liqmap/model.h"

#include <math.h>
#include "band.h"
#include "decade.h"

/* Rows farther than this many deviations from the mean are left out (4). */
static const double REACH = 4.0;

/* The liquidation price per unit of the entry price, MODEL.md (6), (6a). */
static double liquidation_factor(const struct liq_contract *c, double leverage,
                                 enum liq_side side)
{
    double sign = side == LIQ_LONG ? 1.0 : -1.0;
    double m = sign * c->maintenance_margin_rate, margin = sign / leverage;

    return c->inverse ? (1.0 + m) / (1.0 + margin) : (1.0 - margin) / (1.0 - m);
}

/* MODEL.md (7) */
struct liq_band liq_band_of(const struct liq_params *p,
                            const struct liq_contract *c, size_t tier,
                            enum liq_side side, double entry,
                            double entry_sigma, double mass)
{
    double leverage = liq_tier_leverage(p, c, tier);
    double f = liquidation_factor(c, leverage, side);
    double entries = f * entry_sigma;
    double spread = p->leverage_spread * entry / leverage;

    return (struct liq_band){
        .mean = f * entry,
        .sigma = sqrt(entries * entries + spread * spread),
        .mass = mass,
    };
}

/*
 * A point of the normal distribution: the mass below it when it is left of the
 * mean, above it when it is right of it.  The tail that is small is the one
 * that is exact, so differences keep their digits 4 sigma out.
 */
struct point {
    double tail;
    int right; /* tail is the mass above the point */
};

static struct point point_at(double x, const struct liq_band *b)
{
    double z = (x - b->mean) / b->sigma;

    return (struct point){0.5 * erfc(fabs(z) * sqrt(0.5)), z > 0.0};
}

/* Mass between two points, a <= b. */
static double between(struct point a, struct point b)
{
    double mass;

    if (!b.right)
        mass = b.tail - a.tail;
    else if (a.right)
        mass = a.tail - b.tail;
    else
        mass = (1.0 - a.tail) - b.tail;
    /* erfc is monotone to within its last bit only. */
    return mass > 0.0 ? mass : 0.0;
}

static double mass_below(struct point p)
{
    return p.right ? 1.0 - p.tail : p.tail;
}

static double mass_above(struct point p)
{
    return p.right ? p.tail : 1.0 - p.tail;
}

static double edge(const struct liq_axis *axis, ptrdiff_t row)
{
    return axis->price_min + (double)row * axis->price_step;
}

/* The price from which on (long) or up to which (short) nothing can live: the
 * far edge of the close's row, wherever the axis ends. */
static double cut_price(const struct liq_axis *axis, enum liq_side side,
                        double close)
{
    double row = liq_axis_row_unbounded(axis, close);

    if (side == LIQ_SHORT)
        row += 1.0;
    return axis->price_min + row * axis->price_step;
}

/* The rows [*first, *end) of the axis within reach of the band.  A band that
 * misses the axis gives an empty range at the nearer end. */
static void reach(const struct liq_axis *axis, const struct liq_band *b,
                  ptrdiff_t *first, ptrdiff_t *end)
{
    ptrdiff_t rows = (ptrdiff_t)axis->rows;
    ptrdiff_t lo = liq_axis_row(axis, b->mean - REACH * b->sigma);
    ptrdiff_t hi = liq_axis_row(axis, b->mean + REACH * b->sigma);

    *first = lo < 0 ? 0 : lo;
    *end = hi >= rows ? rows : hi + 1;
}

/* MODEL.md (8) */
void liq_band_add(const struct liq_axis *axis, const struct liq_band *b,
                  enum liq_side side, double close, double *row, double *below,
                  double *above, double *discarded)
{
    ptrdiff_t first, end, close_row = liq_axis_row(axis, close);
    double cut_px = cut_price(axis, side, close);
    struct point cut = point_at(cut_px, b);
    struct point from, to;

    reach(axis, b, &first, &end);
    /* Keep to the living side of the close's row. */
    if (side == LIQ_LONG && end > close_row)
        end = close_row < first ? first : close_row;
    if (side == LIQ_SHORT && first <= close_row)
        first = close_row + 1 > end ? end : close_row + 1;

    from = point_at(edge(axis, first), b);
    to = from;
    for (ptrdiff_t r = first; r < end; r++) {
        struct point next = point_at(edge(axis, r + 1), b);

        row[r] += b->mass * between(to, next);
        to = next;
    }

    if (side == LIQ_LONG) {
        *discarded += b->mass * mass_above(cut);
        if (edge(axis, first) >= cut_px) {
            *below += b->mass * mass_below(cut);
        } else {
            *below += b->mass * mass_below(from);
            *above += b->mass * between(to, cut);
        }
    } else {
        *discarded += b->mass * mass_below(cut);
        if (edge(axis, end) <= cut_px) {
            *above += b->mass * mass_above(cut);
        } else {
            *above += b->mass * mass_above(to);
            *below += b->mass * between(cut, from);
        }
    }
}

double band_row(const struct liq_axis *axis, const struct liq_band *b,
                enum liq_side side, double close, ptrdiff_t row)
{
    ptrdiff_t first, end, close_row = liq_axis_row(axis, close);

    reach(axis, b, &first, &end);
    if (row < first || row >= end ||
        (side == LIQ_LONG ? row >= close_row : row <= close_row))
        return 0.0;
    return b->mass * between(point_at(edge(axis, row), b),
                             point_at(edge(axis, row + 1), b));
}
