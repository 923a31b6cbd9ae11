/* Order books added up in bins of price, and the walls in them. */
#include "depth.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A bin is at most this part of the price: a row of a usual map is twice as
 * high, and the coarsest book that is read has levels as far apart. */
static const double STEP_PART = 2e-4;

/* A price on the edge of a bin may come out a little below it. */
static const double EDGE = 1e-9;

#define NEIGHBOURS 10
#define NEIGHBOURS_MIN 8
static const double WALL_TIMES = 5.0, WALL_PART = 0.01;

double liq_depth_price(const struct liq_depth *d)
{
    return 0.5 * (d->bid[0].price + d->ask[0].price);
}

static double step_of(double price)
{
    double most = price * STEP_PART, ten = pow(10.0, floor(log10(most)));

    if (most >= 5.0 * ten)
        return 5.0 * ten;
    return most >= 2.0 * ten ? 2.0 * ten : ten;
}

static int64_t bin_of(double price, double step)
{
    return (int64_t)floor(price / step + EDGE);
}

static void init_side(struct liq_depth_side *s, int64_t first, int64_t last)
{
    memset(s, 0, sizeof *s);
    s->first = first;
    s->n = (size_t)(last - first + 1);
    if (s->n > LIQ_DEPTH_BINS)
        s->n = LIQ_DEPTH_BINS;
    s->from = INFINITY;
    s->to = -INFINITY;
}

void liq_depth_bins_init(struct liq_depth_bins *b, double price)
{
    int64_t low, high;

    b->price = price;
    b->step = step_of(price);
    low = bin_of(price * (1.0 - LIQ_DEPTH_RANGE), b->step);
    high = bin_of(price * (1.0 + LIQ_DEPTH_RANGE), b->step);
    /* Exchanges' prices differ a little, so either side may pass the middle;
     * room for that is a quarter of the range. */
    init_side(&b->bid, low,
              bin_of(price * (1.0 + LIQ_DEPTH_RANGE / 4), b->step));
    init_side(&b->ask, bin_of(price * (1.0 - LIQ_DEPTH_RANGE / 4), b->step),
              high);
}

static void add_side(struct liq_depth_side *s, double step,
                     const struct liq_depth_level *at, size_t n)
{
    double low = (double)s->first * step;
    double high = (double)(s->first + (int64_t)s->n) * step;

    for (size_t i = 0; i < n; i++) {
        double price = at[i].price, in = fmin(fmax(price, low), high);
        int64_t bin;

        /* Up to where it is given, even if that is beyond the range. */
        s->from = fmin(s->from, in);
        s->to = fmax(s->to, in);
        if (price < low || price >= high)
            continue;
        bin = bin_of(price, step) - s->first;
        if (bin >= 0 && (size_t)bin < s->n)
            s->usd[bin] += price * at[i].base;
    }
}

void liq_depth_bins_add(struct liq_depth_bins *b, const struct liq_depth *d)
{
    add_side(&b->bid, b->step, d->bid, d->n_bid);
    add_side(&b->ask, b->step, d->ask, d->n_ask);
}

/* Keep the bins from the first price that is given to the last. */
static void end_side(struct liq_depth_side *s, double step)
{
    size_t first = 0, end = s->n;

    while (end > 0 &&
           (double)(s->first + (int64_t)end - 1) * step > s->to * (1.0 + EDGE))
        end--;
    while (first < end &&
           (double)(s->first + (int64_t)first + 1) * step <= s->from)
        first++;
    s->n = end - first;
    memmove(s->usd, s->usd + first, s->n * sizeof *s->usd);
    s->first += (int64_t)first;
    s->sum = 0.0;
    for (size_t i = 0; i < s->n; i++)
        s->sum += s->usd[i];
}

void liq_depth_bins_end(struct liq_depth_bins *b)
{
    end_side(&b->bid, b->step);
    end_side(&b->ask, b->step);
}

/* --- walls ---------------------------------------------------------------- */

static int upward(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* NaN: too few of them hold anything. */
static double median_around(const struct liq_depth_side *s, size_t bin)
{
    size_t first = bin > NEIGHBOURS ? bin - NEIGHBOURS : 0, n = 0;
    double value[2 * NEIGHBOURS];

    for (size_t i = first; i < s->n && i <= bin + NEIGHBOURS; i++) {
        if (i != bin && s->usd[i] > 0.0)
            value[n++] = s->usd[i];
    }
    if (n < NEIGHBOURS_MIN)
        return NAN;
    qsort(value, n, sizeof *value, upward);
    return 0.5 * (value[(n - 1) / 2] + value[n / 2]);
}

/* Among the largest so far, in their order. */
static size_t insert(const struct liq_depth_side *s, struct liq_depth_wall *out,
                     size_t n, struct liq_depth_wall wall)
{
    size_t i = n;

    if (n == LIQ_DEPTH_WALLS && s->usd[out[n - 1].bin] >= s->usd[wall.bin])
        return n;
    if (n == LIQ_DEPTH_WALLS)
        i = --n;
    for (; i > 0 && s->usd[out[i - 1].bin] < s->usd[wall.bin]; i--)
        out[i] = out[i - 1];
    out[i] = wall;
    return n + 1;
}

size_t liq_depth_walls(const struct liq_depth_side *s,
                       struct liq_depth_wall *out)
{
    size_t n = 0;

    for (size_t i = 0; i < s->n; i++) {
        double times = s->usd[i] / median_around(s, i);

        if (times >= WALL_TIMES && s->usd[i] >= WALL_PART * s->sum)
            n = insert(s, out, n, (struct liq_depth_wall){i, times});
    }
    return n;
}
