/* An exchange behind http.h without a network: answers from a table of rules,
 * else with made-up candles and plain statistics, and remembers what it was
 * asked. */
#ifndef LIQMAP_TEST_MARKET_FAKE_HTTP_H
#define LIQMAP_TEST_MARKET_FAKE_HTTP_H

#include <inttypes.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "liqmap/http.h"
#include "liqmap/interval.h"

#define FAKE_URLS 512
#define FAKE_QUESTION 800
#define FAKE_RULES 8

/* What to answer to URLs that contain match, `times` times (-1: always). */
struct fake_rule {
    const char *match;
    enum liq_err err;
    int status;
    const char *body, *headers;
    int times;
};

struct fake {
    struct liq_http http; /* first */
    struct liq_clock clock;
    int64_t ahead_ms;    /* exchange clock minus the monotonic one */
    int64_t listed_ms;   /* the first candle there is */
    const char *headers; /* of every answer without a rule */
    /* Another exchange's answers; NULL: Binance's.  question: URL, and what was
     * posted to it. */
    void (*serve)(struct fake *f, const char *question, struct liq_buf *out);
    struct fake_rule rule[FAKE_RULES];
    size_t n_rule;
    pthread_mutex_t lock; /* of the rest */
    char url[FAKE_URLS][FAKE_QUESTION];
    size_t n_url;    /* questions */
    size_t n_call;   /* calls of perform */
    size_t n_widest; /* most questions in one call */
    size_t n_row;    /* candle rows given out */
};

static inline int64_t fake_now(const struct fake *f)
{
    return f->clock.held_mono_ms + f->ahead_ms;
}

static inline int64_t query_number(const char *url, const char *name,
                                   int64_t missing)
{
    const char *p = strstr(url, name);

    return p != NULL ? strtoll(p + strlen(name), NULL, 10) : missing;
}

/* Rows like the exchange's: open times of [start, end], at most limit. */
static inline void fake_klines(struct fake *f, const char *url,
                               struct liq_buf *out)
{
    const char *p = strstr(url, "interval=");
    char name[8] = "";
    int64_t step, t, end, limit, rows = 0;

    if (p != NULL)
        sscanf(p, "interval=%7[0-9a-z]", name);
    step = liq_interval_ms(name);
    t = query_number(url, "startTime=", 0);
    end = query_number(url, "endTime=", INT64_MAX);
    limit = query_number(url, "limit=", 500);
    if (t < f->listed_ms)
        t = f->listed_ms;
    t = (t + step - 1) / step * step;
    liq_buf_char(out, '[');
    for (; t <= end && t <= fake_now(f) && rows < limit; t += step) {
        liq_buf_format(out,
                       "%s[%" PRId64 ",\"100.5\",\"103\",\"99\",\"%d\",\"7\","
                       "%" PRId64 ",\"707\",3,\"1\",\"101\",\"0\"]",
                       rows > 0 ? "," : "", t, 100 + (int)(t / step % 3),
                       t + step - 1);
        rows++;
    }
    liq_buf_char(out, ']');
    f->n_row += (size_t)rows;
}

/* Five-minute rows up to endTime, the newest last. */
static inline void fake_data(struct fake *f, const char *url,
                             struct liq_buf *out)
{
    int64_t end = query_number(url, "endTime=", fake_now(f));
    int64_t n = query_number(url, "limit=", 30), i;

    end = end / 300000 * 300000;
    liq_buf_char(out, '[');
    for (i = n - 1; i >= 0; i--)
        liq_buf_format(
            out,
            "{\"longAccount\":\"0.6\",\"sumOpenInterest\":\"5%02d\","
            "\"sumOpenInterestValue\":\"50000\",\"timestamp\":%" PRId64 "}%s",
            (int)i, end - i * 300000, i > 0 ? "," : "");
    liq_buf_char(out, ']');
}

static inline void fake_default(struct fake *f, const char *url,
                                struct liq_buf *out)
{
    if (strstr(url, "/fapi/v1/klines"))
        fake_klines(f, url, out);
    else if (strstr(url, "/futures/data/"))
        fake_data(f, url, out);
    else if (strstr(url, "/fapi/v1/time"))
        liq_buf_format(out, "{\"serverTime\":%" PRId64 "}", fake_now(f));
    else if (strstr(url, "/fapi/v1/ticker/24hr"))
        liq_buf_text(out,
                     "{\"lastPrice\":\"101\",\"priceChangePercent\":\"1\"}");
    else if (strstr(url, "/fapi/v1/openInterest"))
        liq_buf_text(out, "{\"openInterest\":\"2000\"}");
    else if (strstr(url, "/fapi/v1/premiumIndex"))
        liq_buf_text(out,
                     "{\"markPrice\":\"102\",\"lastFundingRate\":\"0.0001\","
                     "\"nextFundingTime\":1760140800000}");
    else
        liq_buf_text(out,
                     "{\"symbols\":[{\"symbol\":\"BTCUSDT\",\"contractType\":"
                     "\"PERPETUAL\",\"status\":\"TRADING\",\"baseAsset\":"
                     "\"BTC\",\"quoteAsset\":\"USDT\"}]}");
}

static struct fake_rule *find_rule(struct fake *f, const char *url)
{
    size_t i;

    for (i = 0; i < f->n_rule; i++) {
        struct fake_rule *r = &f->rule[i];

        if (r->times == 0 || strstr(url, r->match) == NULL)
            continue;
        if (r->times > 0)
            r->times--;
        return r;
    }
    return NULL;
}

static inline void fake_one(struct fake *f, const struct liq_http_request *q,
                            struct liq_http_response *r)
{
    char question[FAKE_QUESTION];
    struct fake_rule *rule;

    snprintf(question, sizeof question, "%s%s", q->url,
             q->post != NULL ? q->post : "");
    if (f->n_url < FAKE_URLS)
        memcpy(f->url[f->n_url++], question, sizeof question);
    rule = find_rule(f, question);
    memset(r, 0, sizeof *r);
    liq_buf_init(&r->body, q->max_bytes);
    liq_buf_init(&r->headers, 4096);
    r->status = rule != NULL ? rule->status : 200;
    if (rule != NULL && rule->err != LIQ_OK) {
        r->err = rule->err;
        snprintf(r->error, sizeof r->error, "broken on purpose");
        return;
    }
    if (rule != NULL && rule->headers != NULL)
        liq_buf_text(&r->headers, rule->headers);
    if (rule != NULL && rule->body != NULL)
        liq_buf_text(&r->body, rule->body);
    if (rule == NULL) {
        if (f->serve != NULL)
            f->serve(f, question, &r->body);
        else
            fake_default(f, question, &r->body);
        if (f->headers != NULL)
            liq_buf_text(&r->headers, f->headers);
    }
}

static inline void fake_perform(struct liq_http *http,
                                const struct liq_http_request *q, size_t n,
                                int64_t deadline_ms,
                                struct liq_http_response *r)
{
    struct fake *f = (struct fake *)http;
    size_t i;

    (void)deadline_ms;
    pthread_mutex_lock(&f->lock);
    f->n_call++;
    if (n > f->n_widest)
        f->n_widest = n;
    for (i = 0; i < n; i++)
        fake_one(f, &q[i], &r[i]);
    pthread_mutex_unlock(&f->lock);
}

static inline void fake_init(struct fake *f)
{
    memset(f, 0, sizeof *f);
    f->http.perform = fake_perform;
    /* A machine whose wall clock is years off: nobody may look at it. */
    f->clock = liq_clock_held(INT64_C(86400000), 5000000);
    f->ahead_ms = INT64_C(1760132345678) - 5000000;
    pthread_mutex_init(&f->lock, NULL);
}

static inline void fake_add(struct fake *f, const char *match, int status,
                            const char *body, const char *headers, int times)
{
    struct fake_rule r = {match, LIQ_OK, status, body, headers, times};

    f->rule[f->n_rule++] = r;
}

static inline void fake_break(struct fake *f, const char *match,
                              enum liq_err err, int times)
{
    struct fake_rule r = {match, err, 0, NULL, NULL, times};

    f->rule[f->n_rule++] = r;
}

/* Forget what was asked, and the rules. */
static inline void fake_clear(struct fake *f)
{
    f->n_rule = f->n_url = f->n_call = f->n_widest = f->n_row = 0;
}

/* What the exchange would count for the questions so far, from its own price
 * list. */
static inline int fake_weight(const struct fake *f)
{
    int weight = 0;
    size_t i;

    for (i = 0; i < f->n_url; i++) {
        int64_t limit = query_number(f->url[i], "limit=", 500);

        if (strstr(f->url[i], "/futures/data/"))
            continue;
        if (!strstr(f->url[i], "/klines"))
            weight += 1;
        else
            weight += limit < 100     ? 1
                      : limit < 500   ? 2
                      : limit <= 1000 ? 5
                                      : 10;
    }
    return weight;
}

/* How many questions contained text. */
static inline size_t fake_count(const struct fake *f, const char *text)
{
    size_t i, n = 0;

    for (i = 0; i < f->n_url; i++)
        n += strstr(f->url[i], text) != NULL;
    return n;
}

#endif
