/* The parts that several responses share, and the two responses that consist
 * of them alone: candles, and ticker with statistics. */
#include "internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "liqmap/interval.h"
#include "liqmap/model.h"

void liq_encode_interval(struct liq_jsonw *w, const char *key, int64_t ms)
{
    liq_jsonw_key_string(w, key, liq_interval_name(ms));
}

static void encode_warning_list(struct liq_jsonw *w,
                                const struct liq_market_data *a)
{
    liq_jsonw_key(w, "warnings");
    liq_jsonw_open_array(w);
    for (size_t i = 0; a && i < a->n_warning; i++)
        liq_jsonw_string(w, a->warning[i]);
    liq_jsonw_close_array(w);
}

void liq_encode_limits(struct liq_jsonw *w, const struct liq_contract *c)
{
    liq_jsonw_key(w, "limits");
    liq_jsonw_open_object(w);
    liq_jsonw_key_number(w, "max_leverage", c->max_leverage);
    liq_jsonw_key_number(w, "maintenance_margin_rate",
                         c->maintenance_margin_rate);
    liq_jsonw_key_bool(w, "inverse", c->inverse);
    liq_jsonw_key_string(w, "source", c->source);
    liq_jsonw_close_object(w);
}

/* Why a source is excluded or stale; NULL: neither. */
static const char *reason_of(const struct liq_sources *g, size_t i)
{
    const struct liq_source *p = &g->at[i];

    if (p->why.code != LIQ_OK)
        return p->why.text;
    return i < g->n_used ? NULL : "its open interest is unknown";
}

static void encode_source(struct liq_jsonw *w, const struct liq_content *c,
                          size_t i)
{
    const struct liq_source *p = &c->sources->at[i];
    const struct liq_series *s = p->series;
    bool used = i < c->sources->n_used;

    liq_jsonw_open_object(w);
    liq_jsonw_key_string(w, "name", p->exchange->name);
    liq_jsonw_key_string(w, "market", p->exchange->kind);
    liq_jsonw_key_string(w, "contract",
                         p->exchange->inverse ? "inverse" : "linear");
    liq_jsonw_key_bool(w, "included", used);
    liq_jsonw_key_number(w, "share",
                         used ? p->usd / liq_sources_usd(c->sources) : 0.0);
    liq_jsonw_key_number(w, "open_interest_usd", p->usd);
    if (s && s->recorded_ms > 0)
        liq_jsonw_key_time(w, "open_interest_recorded", s->recorded_ms);
    liq_jsonw_key_number(w, "age_ms",
                         s ? (double)(c->now_ms - s->fetched_ms) : NAN);
    liq_jsonw_key_bool(w, "stale", s && p->why.code != LIQ_OK && !p->odd);
    liq_jsonw_key_string(w, "reason", reason_of(c->sources, i));
    liq_encode_interval(
        w, "engine_interval",
        p->exchange->engine_ms(p->exchange, c->query->display_ms));
    if (s) {
        struct liq_contract contract = liq_series_contract(c->api, s);

        liq_encode_limits(w, &contract);
    }
    encode_warning_list(w, s ? &s->data : NULL);
    liq_jsonw_close_object(w);
}

/* auto: the exchange that comes before the one shown, and why it is not
 * shown. */
static void encode_fallback(struct liq_jsonw *w, const struct liq_sources *s)
{
    liq_jsonw_key(w, "fallback");
    if (!s->passed) {
        liq_jsonw_null(w);
        return;
    }
    liq_jsonw_open_object(w);
    liq_jsonw_key_string(w, "from", s->passed->name);
    liq_jsonw_key_string(w, "code", liq_err_name(s->passed_why.code));
    liq_jsonw_key_string(w, "reason", s->passed_why.text);
    liq_jsonw_close_object(w);
}

/* The first source's own, and a sentence for each that is excluded or stale. */
static void encode_warnings(struct liq_jsonw *w, const struct liq_content *c)
{
    const struct liq_market_data *d = &c->series->data;
    const struct liq_sources *s = c->sources;
    char text[320];

    liq_jsonw_key(w, "warnings");
    liq_jsonw_open_array(w);
    for (size_t i = 0; i < d->n_warning; i++)
        liq_jsonw_string(w, d->warning[i]);
    for (size_t i = 1; i < s->n; i++) {
        const struct liq_source *p = &s->at[i];
        const char *reason = reason_of(s, i);

        /* No warning for open interest alone: spot exchanges have none. */
        if (!reason || (p->series && p->why.code == LIQ_OK))
            continue;
        snprintf(text, sizeof text, "%s is %s: %s", p->exchange->name,
                 i < s->n_used           ? "stale"
                 : liq_source_missing(p) ? "excluded for now"
                                         : "excluded",
                 reason);
        liq_jsonw_string(w, text);
    }
    liq_jsonw_close_array(w);
}

/* What is always in doubt about the data of an exchange that is shown. */
static void encode_notes(struct liq_jsonw *w, const struct liq_sources *s)
{
    char text[320];

    liq_jsonw_key(w, "notes");
    liq_jsonw_open_array(w);
    for (size_t i = 0; i < s->n_used; i++) {
        const struct liq_exchange *e = s->at[i].exchange;

        if (!e->note)
            continue;
        snprintf(text, sizeof text, "%s: %s", e->name, e->note);
        liq_jsonw_string(w, text);
    }
    liq_jsonw_close_array(w);
}

/* all: what each exchange contributes, and which of them are still missing. */
static void encode_sources(struct liq_jsonw *w, const struct liq_content *c)
{
    const struct liq_sources *s = c->sources;

    liq_jsonw_key(w, "exchanges");
    liq_jsonw_open_array(w);
    for (size_t i = 0; i < s->n; i++)
        encode_source(w, c, i);
    liq_jsonw_close_array(w);
    liq_jsonw_key(w, "incomplete");
    liq_jsonw_open_array(w);
    for (size_t i = 0; i < s->n; i++) {
        if (liq_source_missing(&s->at[i]))
            liq_jsonw_string(w, s->at[i].exchange->name);
    }
    liq_jsonw_close_array(w);
}

void liq_encode_head(struct liq_jsonw *w, const struct liq_content *c)
{
    const struct liq_series *s = c->series;
    int64_t age_ms = c->now_ms - s->fetched_ms;
    bool all = c->query->choice == LIQ_CHOOSE_ALL;

    liq_jsonw_key_int(w, "api", 1);
    liq_jsonw_key_string(w, "symbol", s->symbol);
    liq_jsonw_key_string(w, "exchange", all ? "all" : s->exchange->name);
    liq_jsonw_key_string(w, "market", all ? "aggregate" : s->exchange->kind);
    liq_jsonw_key_string(w, "contract", liq_query_contracts_name(c->query));
    if (c->query->route != LIQ_ROUTE_TICKER) {
        liq_encode_interval(w, "interval", s->display_ms);
        liq_jsonw_key_int(w, "bars", c->query->bars);
        liq_jsonw_key_time(w, "end", s->end_ms);
    }
    liq_jsonw_key_string(w, "source", s->exchange->source);
    liq_jsonw_key_time(w, "generated_at", s->data.server_ms + age_ms);
    liq_jsonw_key_time(w, "data_time", s->data.server_ms);
    liq_jsonw_key_int(w, "age_ms", age_ms);
    liq_jsonw_key_bool(w, "stale", c->stale_reason != NULL);
    liq_jsonw_key_string(w, "stale_reason", c->stale_reason);
    encode_warnings(w, c);
    encode_notes(w, c->sources);
    encode_fallback(w, c->sources);
    if (all)
        encode_sources(w, c);
}

void liq_encode_ticker(struct liq_jsonw *w, const struct liq_ticker *t)
{
    liq_jsonw_key(w, "ticker");
    liq_jsonw_open_object(w);
    liq_jsonw_key_number(w, "last", t->last);
    liq_jsonw_key_number(w, "high_24h", t->high_24h);
    liq_jsonw_key_number(w, "low_24h", t->low_24h);
    liq_jsonw_key_number(w, "change_percent_24h", t->change_percent_24h);
    liq_jsonw_key_number(w, "volume_24h", t->volume_24h);
    liq_jsonw_key_number(w, "quote_volume_24h", t->quote_volume_24h);
    liq_jsonw_key_time(w, "time", t->time_ms);
    liq_jsonw_close_object(w);
}

void liq_encode_statistics(struct liq_jsonw *w, const struct liq_content *c)
{
    struct liq_statistics s = liq_sources_statistics(c->sources);

    liq_jsonw_key_number(w, "open_interest", s.open_interest);
    liq_jsonw_key_number(w, "open_interest_usd", s.open_interest_usd);
    if (c->series->recorded_ms > 0)
        liq_jsonw_key_time(w, "open_interest_recorded", c->series->recorded_ms);
    liq_jsonw_key_number(w, "mark_price", s.mark_price);
    liq_jsonw_key_number(w, "funding_rate", s.funding_rate);
    liq_jsonw_key_time(w, "next_funding_time", s.next_funding_ms);
    liq_jsonw_key_number(w, "funding_interval_ms",
                         s.funding_interval_ms ? (double)s.funding_interval_ms
                                               : NAN);
    liq_jsonw_key_number(w, "funding_rate_yearly",
                         liq_sources_funding_yearly(c->sources));
    liq_jsonw_key_number(w, "long_account_share", s.long_account_share);
}

/* One column of the candles: the double at offset in each. */
static void encode_column(struct liq_jsonw *w, const char *key,
                          const struct liq_kline *at, size_t n, size_t offset)
{
    liq_jsonw_key(w, key);
    liq_jsonw_open_array(w);
    for (size_t i = 0; i < n; i++) {
        double value;

        memcpy(&value, (const char *)&at[i] + offset, sizeof value);
        liq_jsonw_number(w, value);
    }
    liq_jsonw_close_array(w);
}

void liq_encode_candles(struct liq_jsonw *w, const struct liq_kline *at,
                        size_t n)
{
    static const struct {
        const char *key;
        size_t offset;
    } columns[] = {
        {"open", offsetof(struct liq_kline, open)},
        {"high", offsetof(struct liq_kline, high)},
        {"low", offsetof(struct liq_kline, low)},
        {"close", offsetof(struct liq_kline, close)},
        {"volume", offsetof(struct liq_kline, volume)},
        {"quote_volume", offsetof(struct liq_kline, quote_volume)},
    };

    liq_jsonw_key(w, "candles");
    liq_jsonw_open_object(w);
    liq_jsonw_key(w, "open_time");
    liq_jsonw_open_array(w);
    for (size_t i = 0; i < n; i++)
        liq_jsonw_int(w, at[i].open_ms);
    liq_jsonw_close_array(w);
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        encode_column(w, columns[i].key, at, n, columns[i].offset);
    liq_jsonw_close_object(w);
}

void liq_encode_rounded(struct liq_jsonw *w, const char *key, double value,
                        double per_unit)
{
    if (key)
        liq_jsonw_key(w, key);
    liq_jsonw_number(w, round(value * per_unit) / per_unit);
}

void liq_encode_filter(struct liq_jsonw *w, const struct liq_query *q)
{
    static const char *const sides[] = {"", "long", "short", "both"};

    liq_jsonw_key(w, "filter");
    liq_jsonw_open_object(w);
    liq_jsonw_key(w, "tiers");
    liq_jsonw_open_array(w);
    for (unsigned k = 0; k < LIQ_TIERS; k++) {
        if (q->tiers & 1U << k)
            liq_jsonw_number(w, liq_params_gauss7.tier[k].leverage);
    }
    liq_jsonw_close_array(w);
    liq_jsonw_key_string(w, "side", sides[q->sides]);
    liq_jsonw_key_number(w, "range",
                         q->range_tenths ? q->range_tenths / 10.0 : NAN);
    liq_jsonw_close_object(w);
}

enum liq_err liq_encode_klines(const struct liq_content *c,
                               struct liq_buf *body, struct liq_reason *why)
{
    size_t bars = (size_t)c->query->bars, n;
    struct liq_klines k;
    struct liq_jsonw w;

    if (liq_series_display(c->series, &k) != LIQ_OK)
        return liq_fail(why, LIQ_ENOMEM, "no memory for candles");
    n = k.n < bars ? k.n : bars;
    liq_jsonw_init(&w, body);
    liq_jsonw_open_object(&w);
    liq_encode_head(&w, c);
    liq_encode_candles(&w, k.at + (k.n - n), n);
    liq_jsonw_close_object(&w);
    free(k.at);
    return LIQ_OK;
}

enum liq_err liq_encode_quote(const struct liq_content *c, struct liq_buf *body,
                              struct liq_reason *why)
{
    struct liq_jsonw w;

    (void)why;
    liq_jsonw_init(&w, body);
    liq_jsonw_open_object(&w);
    liq_encode_head(&w, c);
    liq_encode_ticker(&w, &c->series->data.ticker);
    liq_jsonw_key(&w, "statistics");
    liq_jsonw_open_object(&w);
    liq_encode_statistics(&w, c);
    liq_jsonw_close_object(&w);
    liq_jsonw_close_object(&w);
    return LIQ_OK;
}
