/* Exchanges of a sum whose price is far from the others'. */
#include "internal.h"

#include <math.h>
#include <stdlib.h>

static double price_of(const struct liq_series *s)
{
    double last = s->data.ticker.last;

    return s->end_ms == 0 && isfinite(last) ? last : s->close;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Of the prices of all that responded; NaN when they are too few. */
static double median_price(const struct liq_sources *s)
{
    double price[LIQ_SOURCES_MAX];
    size_t n = 0;

    for (size_t i = 0; i < s->n; i++) {
        if (s->at[i].series)
            price[n++] = price_of(s->at[i].series);
    }
    if (n < LIQ_ODD_LEAST)
        return NAN;
    qsort(price, n, sizeof *price, by_value);
    return (price[(n - 1) / 2] + price[n / 2]) / 2.0;
}

/* A price far from the others' is of another coin, of a scale that we do not
 * know, or of a market that stands still. */
void liq_sources_find_odd(struct liq_sources *s)
{
    double median = median_price(s);

    for (size_t i = 0; i < s->n; i++) {
        struct liq_source *p = &s->at[i];
        double price, off;

        if (!p->series)
            continue;
        price = price_of(p->series);
        off = price / median - 1.0;
        p->odd = fabs(off) > LIQ_ODD; /* not if NaN */
        if (p->odd)
            liq_fail(&p->why, LIQ_EFORMAT,
                     "its price of %.6g is %.1f %% %s the median of all, %.6g",
                     price, fabs(100.0 * off), off > 0.0 ? "above" : "below",
                     median);
    }
}
