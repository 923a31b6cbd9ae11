/* The parts that several answers share. */
#include "internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "liqmap/interval.h"

void liq_encode_interval(struct liq_jsonw *w, const char *key, int64_t ms)
{
    liq_jsonw_key_string(w, key, liq_interval_name(ms));
}

static void encode_warning_list(struct liq_jsonw *w,
                                const struct liq_market_answer *a)
{
    liq_jsonw_key(w, "warnings");
    liq_jsonw_open_array(w);
    for (size_t i = 0; a && i < a->n_warning; i++)
        liq_jsonw_string(w, a->warning[i]);
    liq_jsonw_close_array(w);
}

/* Why a part is not in the answer, or old; NULL: neither. */
static const char *reason_of(const struct liq_gathered *g, size_t i)
{
    const struct liq_part *p = &g->part[i];

    if (p->err != LIQ_OK)
        return p->why.text;
    return i < g->n_used ? NULL : "its open interest is not known";
}

/* What each exchange put in, or why it did not. */
static void encode_exchanges(struct liq_jsonw *w, const struct liq_shown *s)
{
    const struct liq_gathered *g = s->gathered;
    double usd = liq_gathered_usd(g);

    liq_jsonw_key(w, "exchanges");
    liq_jsonw_open_array(w);
    for (size_t i = 0; i < g->n; i++) {
        const struct liq_part *p = &g->part[i];
        const struct liq_view *v = p->view;
        bool used = i < g->n_used;

        liq_jsonw_open_object(w);
        liq_jsonw_key_string(w, "name", p->market->name);
        liq_jsonw_key_string(w, "market", p->market->kind);
        liq_jsonw_key_bool(w, "included", used);
        liq_jsonw_key_number(w, "share", used ? p->usd / usd : 0.0);
        liq_jsonw_key_number(w, "open_interest_usd", p->usd);
        liq_jsonw_key_number(w, "age_ms",
                             v ? (double)(s->now_ms - v->fetched_ms) : NAN);
        liq_jsonw_key_bool(w, "stale", v && p->err != LIQ_OK);
        liq_jsonw_key_string(w, "reason", reason_of(g, i));
        liq_encode_interval(
            w, "engine_interval",
            p->market->engine_ms(p->market, s->query->display_ms));
        encode_warning_list(w, v ? &v->answer : NULL);
        liq_jsonw_close_object(w);
    }
    liq_jsonw_close_array(w);
}

/* auto: whom it stands in for. */
static void encode_fallback(struct liq_jsonw *w, const struct liq_gathered *g)
{
    liq_jsonw_key(w, "fallback");
    if (!g->passed) {
        liq_jsonw_null(w);
        return;
    }
    liq_jsonw_open_object(w);
    liq_jsonw_key_string(w, "from", g->passed->name);
    liq_jsonw_key_string(w, "code", liq_err_name(g->passed_why.code));
    liq_jsonw_key_string(w, "reason", g->passed_why.text);
    liq_jsonw_close_object(w);
}

/* The first part's own, and a sentence for each that is left out or old. */
static void encode_warnings(struct liq_jsonw *w, const struct liq_shown *s)
{
    const struct liq_market_answer *a = &s->view->answer;
    const struct liq_gathered *g = s->gathered;
    char text[320];

    liq_jsonw_key(w, "warnings");
    liq_jsonw_open_array(w);
    for (size_t i = 0; i < a->n_warning; i++)
        liq_jsonw_string(w, a->warning[i]);
    for (size_t i = 1; i < g->n; i++) {
        const char *reason = reason_of(g, i);

        /* A spot market never has open interest: that is no news. */
        if (!reason || (g->part[i].view && g->part[i].err == LIQ_OK))
            continue;
        snprintf(text, sizeof text, "%s %s: %s", g->part[i].market->name,
                 i < g->n_used ? "is old" : "is left out", reason);
        liq_jsonw_string(w, text);
    }
    liq_jsonw_close_array(w);
}

void liq_encode_head(struct liq_jsonw *w, const struct liq_shown *s)
{
    const struct liq_view *v = s->view;
    int64_t age_ms = s->now_ms - v->fetched_ms;
    bool all = s->query->pick == LIQ_PICK_ALL;

    liq_jsonw_key_int(w, "api", 1);
    liq_jsonw_key_string(w, "symbol", v->symbol);
    liq_jsonw_key_string(w, "exchange", all ? "all" : v->market->name);
    liq_jsonw_key_string(w, "market", all ? "aggregate" : v->market->kind);
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
    encode_warnings(w, s);
    encode_fallback(w, s->gathered);
    if (all)
        encode_exchanges(w, s);
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

double liq_gathered_usd(const struct liq_gathered *g)
{
    double usd = g->part[0].usd;

    for (size_t i = 1; i < g->n_used; i++)
        usd += g->part[i].usd;
    return usd;
}

/* The share of long accounts, weighed by open interest where it is known. */
static double long_share_of(const struct liq_gathered *g)
{
    double sum = 0.0, usd = 0.0;

    for (size_t i = 0; i < g->n_used; i++) {
        double share = g->part[i].view->answer.statistics.long_account_share;

        if (!isfinite(share) || !(g->part[i].usd > 0.0))
            continue;
        sum += share * g->part[i].usd;
        usd += g->part[i].usd;
    }
    return usd > 0.0 ? sum / usd : NAN;
}

struct liq_statistics liq_gathered_statistics(const struct liq_gathered *g)
{
    struct liq_statistics s = g->part[0].view->answer.statistics;

    s.open_interest_usd = liq_gathered_usd(g);
    if (g->n_used == 1)
        return s;
    s.long_account_share = long_share_of(g);
    /* In coins at one price: contracts differ from exchange to exchange. */
    s.open_interest *= s.open_interest_usd / g->part[0].usd;
    return s;
}

void liq_encode_statistics(struct liq_jsonw *w, const struct liq_shown *shown)
{
    struct liq_statistics told = liq_gathered_statistics(shown->gathered);
    const struct liq_statistics *s = &told;

    liq_jsonw_key_number(w, "open_interest", s->open_interest);
    liq_jsonw_key_number(w, "open_interest_usd", s->open_interest_usd);
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
