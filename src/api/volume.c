/* What was traded and held, candle by candle: volume, what takers bought more
 * than they sold, open interest; of several exchanges their sums. */
#include "internal.h"

#include <math.h>
#include <stdlib.h>

/* Base units to the nearest 1 / so much. */
#define PARTS 1000.0

/* One candle: base units, NaN where nobody says so; and dollars of open
 * interest, NaN where one of those that give it was not seen. */
struct flow {
    double volume, delta, interest;
};

/* a + b, where NaN is nothing. */
static double plus(double a, double b)
{
    if (isnan(a))
        return b;
    return isnan(b) ? a : a + b;
}

static double delta_of(const struct liq_kline *k)
{
    return 2.0 * k->taker_buy_volume - k->volume;
}

static bool gives_interest(const struct liq_source *p)
{
    return isfinite(p->usd);
}

/* Add a source's display candles k to those of the same open time in at[n]. */
static void add_candles(const struct liq_source *p, const struct liq_klines *k,
                        const struct liq_kline *at, size_t n, struct flow *flow)
{
    size_t j = 0;

    for (size_t i = 0; i < n; i++) {
        double interest = NAN;

        while (j < k->n && k->at[j].open_ms < at[i].open_ms)
            j++;
        if (j < k->n && k->at[j].open_ms == at[i].open_ms) {
            flow[i].volume = plus(flow[i].volume, k->at[j].volume);
            flow[i].delta = plus(flow[i].delta, delta_of(&k->at[j]));
            interest = p->series->interest[j];
        }
        if (gives_interest(p))
            flow[i].interest += interest;
    }
}

static enum liq_err add_source(const struct liq_source *p,
                               const struct liq_klines *shown,
                               struct flow *flow)
{
    struct liq_klines k;
    enum liq_err err = liq_series_display(p->series, &k);

    if (err)
        return err;
    add_candles(p, &k, shown->at, shown->n, flow);
    free(k.at);
    return LIQ_OK;
}

static bool gives_taker(const struct liq_source *p)
{
    return p->series->gives_taker;
}

/* Names of the sources that say it, or of those that do not. */
static void encode_names(struct liq_jsonw *w, const char *key,
                         const struct liq_sources *s,
                         bool (*gives)(const struct liq_source *p), bool wanted)
{
    liq_jsonw_key(w, key);
    liq_jsonw_open_array(w);
    for (size_t i = 0; i < s->n_used; i++) {
        if (gives(&s->at[i]) == wanted)
            liq_jsonw_string(w, s->at[i].exchange->name);
    }
    liq_jsonw_close_array(w);
}

static void encode_givers(struct liq_jsonw *w, const struct liq_sources *s)
{
    for (int wanted = 1; wanted >= 0; wanted--) {
        liq_jsonw_key(w, wanted ? "given_by" : "missing_from");
        liq_jsonw_open_object(w);
        encode_names(w, "delta", s, gives_taker, wanted);
        encode_names(w, "open_interest_usd", s, gives_interest, wanted);
        liq_jsonw_close_object(w);
    }
}

static void encode_columns(struct liq_jsonw *w, const struct liq_kline *at,
                           const struct flow *flow, size_t n)
{
    double sum = 0.0;

    liq_jsonw_key(w, "open_time");
    liq_jsonw_open_array(w);
    for (size_t i = 0; i < n; i++)
        liq_jsonw_int(w, at[i].open_ms);
    liq_jsonw_close_array(w);
    liq_jsonw_key(w, "volume");
    liq_jsonw_open_array(w);
    for (size_t i = 0; i < n; i++)
        liq_encode_rounded(w, NULL, flow[i].volume, PARTS);
    liq_jsonw_close_array(w);
    liq_jsonw_key(w, "delta");
    liq_jsonw_open_array(w);
    for (size_t i = 0; i < n; i++)
        liq_encode_rounded(w, NULL, flow[i].delta, PARTS);
    liq_jsonw_close_array(w);
    liq_jsonw_key(w, "cumulative_delta");
    liq_jsonw_open_array(w);
    for (size_t i = 0; i < n; i++) {
        sum = plus(sum, flow[i].delta);
        liq_encode_rounded(w, NULL, isnan(flow[i].delta) ? NAN : sum, PARTS);
    }
    liq_jsonw_close_array(w);
    liq_jsonw_key(w, "open_interest_usd");
    liq_jsonw_open_array(w);
    for (size_t i = 0; i < n; i++)
        liq_encode_rounded(w, NULL, flow[i].interest, 1.0);
    liq_jsonw_close_array(w);
}

/* Of shown, the newest display candles of the first source. */
static enum liq_err flow_of(const struct liq_sources *s,
                            const struct liq_klines *shown, struct flow *flow)
{
    enum liq_err err = LIQ_OK;
    double usd = NAN;

    for (size_t i = 0; i < s->n_used; i++)
        usd = plus(usd, s->at[i].usd);
    for (size_t i = 0; i < shown->n; i++)
        flow[i] = (struct flow){NAN, NAN, isnan(usd) ? NAN : 0.0};
    for (size_t i = 0; !err && i < s->n_used; i++)
        err = add_source(&s->at[i], shown, flow);
    /* Of now, although the newest candle of one may not be there yet. */
    flow[shown->n - 1].interest = usd;
    return err;
}

enum liq_err liq_encode_volume(const struct liq_content *c,
                               struct liq_buf *body, struct liq_reason *why)
{
    size_t bars = (size_t)c->query->bars;
    struct liq_klines k = {0}, shown;
    struct flow *flow = NULL;
    struct liq_jsonw w;
    enum liq_err err = liq_series_display(c->series, &k);

    if (err)
        return liq_fail(why, err, "no memory for volumes");
    shown.n = k.n < bars ? k.n : bars;
    shown.at = k.at + (k.n - shown.n);
    flow = malloc(shown.n * sizeof *flow);
    err = flow ? flow_of(c->sources, &shown, flow) : LIQ_ENOMEM;
    if (err) {
        liq_fail(why, err, "no memory for volumes");
        goto out;
    }
    liq_jsonw_init(&w, body);
    liq_jsonw_open_object(&w);
    liq_encode_head(&w, c);
    encode_columns(&w, shown.at, flow, shown.n);
    encode_givers(&w, c->sources);
    liq_jsonw_close_object(&w);
out:
    free(flow);
    free(k.at);
    return err;
}
