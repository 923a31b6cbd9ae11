#include "band.h"

#include <string.h>
#include "decade.h"

static double least(double a, double b)
{
    return a < b ? a : b;
}

static double most(double a, double b)
{
    return a > b ? a : b;
}

/* The row that a price is in: -1 below the axis, rows above it. */
static double whole_row(double row, double rows)
{
    return (double)(int)(least(most(row, -1.0), rows) + 1.0) - 1.0;
}

/* The bands of one side, cut meaning that side's. */
static void place_side(const struct setting *s, double entry,
                       double entry_sigma, enum liq_side side, double cut,
                       struct band_places *out)
{
    const struct liq_axis *axis = &s->axis;
    double per_row = 1.0 / axis->price_step, rows = (double)axis->rows;
    double stop = least(most(cut, -1.0), rows);
    /* No end for longs is above, no first row of shorts below. */
    double long_stop = side == LIQ_LONG ? stop : rows;
    double short_stop = side == LIQ_SHORT ? stop : 0.0;

    for (size_t i = BAND(0, side); i < BAND(SIDE_BANDS, side); i++) {
        struct band b = band_of(s, i, entry, entry_sigma);
        double per_x = NORMAL_PER_SIGMA / b.sigma;
        double mean = b.mean - axis->price_min;
        double middle = mean * per_row + LIQ_EDGE_SLACK;
        double reach = BAND_REACH * b.sigma * per_row;
        double first = most(whole_row(middle - reach, rows), 0.0);
        double end = least(whole_row(middle + reach, rows) + 1.0, rows);

        end = least(end, most(long_stop, first));
        first = most(first, least(short_stop, end));
        out->first[i] = first;
        out->end[i] = end;
        out->pitch[i] = axis->price_step * per_x;
        out->first_x[i] = first * out->pitch[i] - mean * per_x;
        out->end_x[i] = end * out->pitch[i] - mean * per_x;
        out->cut_x[i] = cut * out->pitch[i] - mean * per_x;
    }
}

void band_place(const struct setting *s, double entry, double entry_sigma,
                const double cut[LIQ_SIDES], struct band_places *out)
{
    place_side(s, entry, entry_sigma, LIQ_LONG, cut[LIQ_LONG], out);
    place_side(s, entry, entry_sigma, LIQ_SHORT, cut[LIQ_SHORT], out);
}

/* The mass beyond x, negative when x is above the mean: differences of two of
 * them on one side of the mean keep their digits 4 sigma out. */
static double signed_tail(const struct normal *t, double x)
{
    double tail;

    if (fabs(x) >= NORMAL_NODES)
        return 0.0;
    tail = normal_tail(t, fabs(x));
    return x > 0.0 ? -tail : tail;
}

/* Mass between two distances of which the tails are known. */
static double between(double x, double tail, double next_x, double next_tail)
{
    double mass = next_tail - tail;

    if (x <= 0.0 && next_x > 0.0)
        mass += 1.0;
    /* Neighbouring polynomials meet to within the last bit only. */
    return mass > 0.0 ? mass : 0.0;
}

static double mass_below(double x, double tail)
{
    return x > 0.0 ? 1.0 + tail : tail;
}

static double mass_above(double x, double tail)
{
    return x > 0.0 ? -tail : 1.0 - tail;
}

/* Add mass times the growth of the tail from one edge to the next, which is
 * step farther from the mean, to n rows.  x >= 0 is the first edge's distance
 * and stays so. */
static void add_growth(const struct normal *t, double *row, size_t n, double x,
                       double step, double mass)
{
    double tail = normal_tail(t, x);

    for (size_t i = 0; i < n; i++) {
        double next = normal_tail(t, x += step);

        row[i] += mass * (next - tail);
        tail = next;
    }
}

/* The n rows of a band that starts at x, edge by edge: those below the mean,
 * where tails grow, the one that holds it, and those above it. */
static void add_high_rows(const struct normal *t, double *row, size_t n,
                          double x, double pitch, double mass)
{
    double whole = x < 0.0 ? -x / pitch : 0.0;
    size_t below = whole < (double)n ? (size_t)whole : n;

    if (below > 0) {
        /* Not beyond the mean, whatever rounding does. */
        double last = most(-x - (double)below * pitch, 0.0);

        add_growth(t, row, below, last + (double)below * pitch, -pitch, mass);
        x = -last;
    }
    if (below < n && x <= 0.0) {
        double next = most(x + pitch, 0.0);

        row[below] += mass * (1.0 - normal_tail(t, -x) - normal_tail(t, next));
        x = next;
        below++;
    }
    if (below < n)
        add_growth(t, row + below, n - below, x, pitch, -mass);
}

void band_add(const struct setting *s, const struct band_places *p,
              enum liq_side side, size_t tier, double cut, double mass,
              double *row, double *below, double *above)
{
    const struct normal *t = &s->normal;
    size_t i = BAND(tier, side), first = (size_t)p->first[i];
    size_t n = (size_t)p->end[i] - first;
    double first_x = p->first_x[i], end_x = p->end_x[i], cut_x = p->cut_x[i];
    double first_tail = signed_tail(t, first_x), end_tail = first_tail;
    double cut_tail = signed_tail(t, cut_x);

    if (n > 0) {
        double sigmas = p->pitch[i] / NORMAL_PER_SIGMA;

        if (sigmas <= LANES_PITCH_MAX)
            s->ops->add_band(row + first, n,
                             first_x / NORMAL_PER_SIGMA + 0.5 * sigmas, sigmas,
                             mass);
        else
            add_high_rows(t, row + first, n, first_x, p->pitch[i], mass);
        end_tail = signed_tail(t, end_x);
    }
    if (side == LIQ_LONG && p->first[i] >= cut) {
        *below += mass * mass_below(cut_x, cut_tail);
    } else if (side == LIQ_LONG) {
        *below += mass * mass_below(first_x, first_tail);
        *above += mass * between(end_x, end_tail, cut_x, cut_tail);
    } else if (p->end[i] <= cut) {
        *above += mass * mass_above(cut_x, cut_tail);
    } else {
        *above += mass * mass_above(end_x, end_tail);
        *below += mass * between(cut_x, cut_tail, first_x, first_tail);
    }
}

double band_row(const struct setting *s, const struct band *b,
                enum liq_side side, ptrdiff_t close_row, ptrdiff_t row)
{
    const struct liq_axis *axis = &s->axis;
    double per_x = NORMAL_PER_SIGMA / b->sigma;
    double pitch = axis->price_step * per_x;
    double x = (axis->price_min - b->mean) * per_x + (double)row * pitch;

    if (liq_axis_row(axis, b->mean - BAND_REACH * b->sigma) > row ||
        liq_axis_row(axis, b->mean + BAND_REACH * b->sigma) < row ||
        (side == LIQ_LONG ? row >= close_row : row <= close_row))
        return 0.0;
    return between(x, signed_tail(&s->normal, x), x + pitch,
                   signed_tail(&s->normal, x + pitch));
}
