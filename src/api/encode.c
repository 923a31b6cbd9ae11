/* The parts that several answers share. */
#include "internal.h"

#include <math.h>
#include <string.h>
#include "liqmap/interval.h"

void liq_encode_interval(struct liq_jsonw *w, const char *key, int64_t ms)
{
    liq_jsonw_key_string(w, key, liq_interval_name(ms));
}

static void encode_warnings(struct liq_jsonw *w,
                            const struct liq_market_answer *a)
{
    liq_jsonw_key(w, "warnings");
    liq_jsonw_open_array(w);
    for (size_t i = 0; i < a->n_warning; i++)
        liq_jsonw_string(w, a->warning[i]);
    liq_jsonw_close_array(w);
}

void liq_encode_head(struct liq_jsonw *w, const struct liq_shown *s)
{
    const struct liq_view *v = s->view;
    int64_t age_ms = s->now_ms - v->fetched_ms;

    liq_jsonw_key_int(w, "api", 1);
    liq_jsonw_key_string(w, "symbol", v->symbol);
    liq_jsonw_key_string(w, "exchange", v->market->name);
    liq_jsonw_key_string(w, "market", v->market->kind);
    if (s->query->route != LIQ_ROUTE_TICKER) {
        liq_encode_interval(w, "interval", v->display_ms);
        liq_jsonw_key_int(w, "bars", s->query->bars);
        liq_jsonw_key_time(w, "end", v->end_ms);
    }
    liq_jsonw_key_string(w, "source", v->market->source);
    liq_jsonw_key_time(w, "generated_at", v->answer.server_ms + age_ms);
    liq_jsonw_key_time(w, "data_time", v->answer.server_ms);
    liq_jsonw_key_int(w, "age_ms", age_ms);
    liq_jsonw_key_bool(w, "stale", s->stale_reason != NULL);
    liq_jsonw_key_string(w, "stale_reason", s->stale_reason);
    encode_warnings(w, &v->answer);
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

double liq_open_interest_usd(const struct liq_market_answer *a)
{
    const struct liq_statistics *s = &a->statistics;
    double price = isfinite(s->mark_price) ? s->mark_price : a->ticker.last;

    if (isfinite(s->open_interest_usd))
        return s->open_interest_usd;
    return s->open_interest * price; /* NaN when either is */
}

void liq_encode_statistics(struct liq_jsonw *w,
                           const struct liq_market_answer *a)
{
    const struct liq_statistics *s = &a->statistics;

    liq_jsonw_key_number(w, "open_interest", s->open_interest);
    liq_jsonw_key_number(w, "open_interest_usd", liq_open_interest_usd(a));
    liq_jsonw_key_number(w, "mark_price", s->mark_price);
    liq_jsonw_key_number(w, "funding_rate", s->funding_rate);
    liq_jsonw_key_time(w, "next_funding_time", s->next_funding_ms);
    liq_jsonw_key_number(w, "long_account_share", s->long_account_share);
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

static void encode_allowed(struct liq_jsonw *w, const char *list)
{
    char word[64];

    liq_jsonw_key(w, "allowed");
    liq_jsonw_open_array(w);
    while (*list) {
        size_t len = strcspn(list, ",");
        size_t n = len < sizeof word ? len : sizeof word - 1;

        memcpy(word, list, n);
        word[n] = '\0';
        liq_jsonw_string(w, word);
        list += len + (list[len] == ',');
    }
    liq_jsonw_close_array(w);
}

void liq_encode_refusal(struct liq_jsonw *w, const struct liq_refusal *r)
{
    liq_jsonw_open_object(w);
    liq_jsonw_key(w, "error");
    liq_jsonw_open_object(w);
    liq_jsonw_key_string(w, "code", r->code);
    liq_jsonw_key_string(w, "message", r->message);
    if (r->allowed[0])
        encode_allowed(w, r->allowed);
    liq_jsonw_close_object(w);
    liq_jsonw_close_object(w);
}
