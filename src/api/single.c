/* The simpler model of a single leverage, as bars by price. */
#include "snapshot.h"

#include <math.h>
#include <stdlib.h>

static const double MILLIONTHS = 1e6;

static void encode_model(struct liq_jsonw *w, const struct liq_query *q,
                         const struct liq_single *s, double long_share)
{
    liq_jsonw_key(w, "model");
    liq_jsonw_open_object(w);
    liq_jsonw_key_string(w, "name", "single");
    liq_jsonw_key_number(w, "leverage", q->single.leverage);
    liq_jsonw_key_number(w, "margin_rate", q->single.margin_rate);
    liq_jsonw_key_number(w, "lambda", q->single.lambda);
    liq_jsonw_key_number(w, "range", q->range_tenths / 10.0);
    liq_jsonw_key_number(w, "band", s->band);
    liq_jsonw_key_number(w, "long_share", long_share);
    liq_jsonw_close_object(w);
}

static void encode_weights(struct liq_jsonw *w, const char *key,
                           const double *weight, size_t n)
{
    liq_jsonw_key(w, key);
    liq_jsonw_open_array(w);
    for (size_t i = 0; i < n; i++)
        liq_encode_rounded(w, NULL, weight[i], MILLIONTHS);
    liq_jsonw_close_array(w);
}

/* Sums outward from the band of the price, which both include: longs downward,
 * shorts upward. */
static void encode_cumulative(struct liq_jsonw *w, const char *key,
                              const double *weight, size_t n, size_t at,
                              bool down)
{
    double *sum = calloc(n, sizeof *sum);
    double total = 0.0;

    if (!sum) {
        w->buf->err = LIQ_ENOMEM;
        return;
    }
    if (down) {
        for (size_t i = at + 1; i-- > 0;)
            sum[i] = total += weight[i];
    } else {
        for (size_t i = at; i < n; i++)
            sum[i] = total += weight[i];
    }
    encode_weights(w, key, sum, n);
    free(sum);
}

static void encode_bands(struct liq_jsonw *w, const struct liq_single *s,
                         double price)
{
    double at = floor((price - s->price_min) / s->band);
    size_t band = at < 0.0 ? 0 : (size_t)fmin(at, (double)(s->n - 1));

    liq_jsonw_key(w, "bands");
    liq_jsonw_open_object(w);
    liq_jsonw_key_number(w, "price_min", s->price_min);
    liq_jsonw_key_number(w, "band", s->band);
    liq_jsonw_key_int(w, "n", (int64_t)s->n);
    encode_weights(w, "long", s->longs, s->n);
    encode_weights(w, "short", s->shorts, s->n);
    encode_cumulative(w, "cumulative_long", s->longs, s->n, band, true);
    encode_cumulative(w, "cumulative_short", s->shorts, s->n, band, false);
    liq_encode_rounded(w, "outside", s->outside, MILLIONTHS);
    liq_jsonw_close_object(w);
}

static enum liq_err refuse(enum liq_err err, struct liq_reason *why)
{
    if (err == LIQ_EINVAL)
        return liq_fail(why, err,
                        "margin_rate must be below 1/leverage, and the range "
                        "may have %d bands at most",
                        LIQ_SINGLE_BANDS_MAX);
    return liq_fail(why, err, "no memory for a profile");
}

enum liq_err liq_encode_single(const struct liq_content *c,
                               struct liq_buf *body, struct liq_reason *why)
{
    const struct liq_query *q = c->query;
    struct liq_single_params p = q->single;
    size_t bars = (size_t)q->bars, n;
    double price = c->series->close;
    struct liq_single single;
    struct liq_klines k;
    struct liq_jsonw w;
    enum liq_err err = liq_series_display(c->series, &k);

    if (err)
        return refuse(err, why);
    n = k.n < bars ? k.n : bars;
    p.range_percent = q->range_tenths / 10.0;
    p.long_share = liq_sources_statistics(c->sources).long_account_share;
    err = liq_single_run(&p, k.at + (k.n - n), n, &single);
    free(k.at);
    if (err)
        return refuse(err, why);
    liq_jsonw_init(&w, body);
    liq_jsonw_open_object(&w);
    liq_encode_head(&w, c);
    liq_jsonw_key_number(&w, "price", price);
    encode_model(&w, q, &single, p.long_share);
    encode_bands(&w, &single, price);
    liq_jsonw_close_object(&w);
    free(single.longs);
    return LIQ_OK;
}
