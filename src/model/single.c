#include "liqmap/derive.h"

#include <math.h>
#include <stdlib.h>
#include "decade.h"

static const double MS_PER_HOUR = 3600000.0;
static const double LEVERAGE_MAX = 150.0, MARGIN_MAX = 0.1, LAMBDA_MAX = 10.0;
/* Dollar bands suit prices like bitcoin's; others get one of like fineness. */
static const double BAND_USD = 250.0, BAND_USD_FROM = 20000.0;
static const double BANDS_A_PRICE = 400.0;
/* 10 % above 100000 is a hair above 110000 in binary. */
static const double EDGE_SLACK = 1e-9;

double liq_single_band(double price)
{
    static const double digits[] = {1.0, 2.0, 2.5, 5.0};
    struct liq_round r;

    if (price >= BAND_USD_FROM)
        return BAND_USD;
    r = liq_round_up(price / BANDS_A_PRICE, digits, 4);
    return liq_decade(r.digit, r.exponent);
}

static bool params_ok(const struct liq_single_params *p)
{
    return p->leverage > 1.0 && p->leverage <= LEVERAGE_MAX &&
           p->margin_rate >= 0.0 && p->margin_rate <= MARGIN_MAX &&
           p->margin_rate < 1.0 / p->leverage && p->lambda >= 0.0 &&
           p->lambda <= LAMBDA_MAX && p->range_percent > 0.0 &&
           p->range_percent < 100.0 && p->band >= 0.0 && isfinite(p->band) &&
           !(p->long_share < 0.0) && !(p->long_share > 1.0);
}

static void put(struct liq_single *s, double *weights, double price,
                double weight)
{
    double i = floor((price - s->price_min) / s->band);

    if (i >= 0.0 && i < (double)s->n)
        weights[(size_t)i] += weight;
    else
        s->outside += weight;
}

enum liq_err liq_single_run(const struct liq_single_params *p,
                            const struct liq_kline *k, size_t n,
                            struct liq_single *out)
{
    double share = isnan(p->long_share) ? 0.5 : p->long_share;
    struct liq_single s = {0};
    double price, first, last;

    if (n == 0 || !params_ok(p))
        return LIQ_EINVAL;
    price = k[n - 1].close;
    s.band = p->band > 0.0 ? p->band : liq_single_band(price);
    first =
        floor(price * (1.0 - p->range_percent / 100.0) / s.band + EDGE_SLACK);
    last = ceil(price * (1.0 + p->range_percent / 100.0) / s.band - EDGE_SLACK);
    if (!(last - first <= LIQ_SINGLE_BANDS_MAX))
        return LIQ_EINVAL;
    s.price_min = first * s.band;
    s.n = (size_t)(last - first);
    s.longs = calloc(2 * s.n, sizeof *s.longs);
    if (s.longs == NULL)
        return LIQ_ENOMEM;
    s.shorts = s.longs + s.n;

    for (size_t i = 0; i < n; i++) {
        double age = (double)(k[n - 1].open_ms - k[i].open_ms) / MS_PER_HOUR;
        double weight = log(fmax(k[i].volume, 1.0)) * exp(-p->lambda * age);
        double distance = 1.0 / p->leverage - p->margin_rate;

        put(&s, s.longs, k[i].open * (1.0 - distance), weight * share);
        put(&s, s.shorts, k[i].open * (1.0 + distance), weight * (1.0 - share));
    }
    *out = s;
    return LIQ_OK;
}
