/* An exchange that is a struct, and an api over it on clocks that stand still
 * unless told. */
#ifndef LIQMAP_TESTS_API_FAKE_H
#define LIQMAP_TESTS_API_FAKE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <cjson/cJSON.h>
#include <math.h>
#include <pthread.h>
#include "liqmap/api.h"
#include "liqmap/interval.h"
#include "liqmap/log.h"
#include "liqmap/model.h"

/* 2026-01-01 00:00 UTC */
#define NEW_YEAR INT64_C(1767225600000)

struct fake {
    struct liq_market market;
    struct liq_config config;
    struct liq_clock clock;
    struct liq_api *api;
    struct liq_market *markets[4]; /* [n_market], the first is market */
    size_t n_market;
    double size, interest; /* volume and open interest, of 100 and 80000 */
    int64_t time_ms;       /* the exchange's clock */
    enum liq_err err, list_err;
    int64_t retry_after_ms;
    bool background; /* the last fetch was nobody's to wait for */
    bool bare;       /* candles alone: no ticker, no statistics */
    atomic_int fetches, lists;
    /* fetch waits while the gate is shut */
    bool shut, entered;
    pthread_mutex_t lock;
    pthread_cond_t moved;
};

static struct fake *fake_of(struct liq_market *m)
{
    return (struct fake *)(void *)m;
}

static int64_t fake_engine(struct liq_market *m, int64_t display_ms)
{
    (void)m;
    return display_ms == LIQ_DAY_MS ? 0 : liq_engine_ms(display_ms);
}

static enum liq_err fake_now(struct liq_market *m, int64_t deadline_ms,
                             int64_t *out, struct liq_reason *why)
{
    (void)deadline_ms;
    (void)why;
    *out = fake_of(m)->time_ms;
    return LIQ_OK;
}

static void fake_gate(struct fake *f)
{
    pthread_mutex_lock(&f->lock);
    f->entered = true;
    pthread_cond_broadcast(&f->moved);
    while (f->shut)
        pthread_cond_wait(&f->moved, &f->lock);
    pthread_mutex_unlock(&f->lock);
}

/* A slow wave of 6 % around 100000 with candles 0.5 % tall. */
static struct liq_kline fake_candle(int64_t open_ms)
{
    double hours = (double)(open_ms - NEW_YEAR) / (double)LIQ_HOUR_MS;
    double p = floor(100000.0 + 6000.0 * sin(hours / 30.0));

    return (struct liq_kline){open_ms, p,     p + 250.0, p - 250.0,
                              p + 10., 100.0, 100.0 * p};
}

static void fake_statistics(struct liq_market_answer *out, int64_t time_ms)
{
    out->ticker = (struct liq_ticker){100500.0, 101000.0, 99000.0, 1.25,
                                      5000.0,   5e8,      time_ms};
    out->statistics = (struct liq_statistics){
        80000.0, NAN, 100400.0, 0.0001, time_ms + 1000, 0.6};
}

static enum liq_err fake_fetch(struct liq_market *m,
                               const struct liq_market_ask *ask,
                               int64_t deadline_ms,
                               struct liq_market_answer *out,
                               struct liq_reason *why)
{
    struct fake *f = fake_of(m);
    int64_t step = ask->interval_ms;
    int64_t newest = liq_interval_floor(f->time_ms, step);
    size_t n = 0;

    (void)deadline_ms;
    f->fetches++;
    f->background = ask->background;
    fake_gate(f);
    if (f->err) {
        liq_fail(why, f->err, "fake says no");
        why->retry_after_ms = f->retry_after_ms;
        return f->err;
    }
    if (ask->to_ms)
        newest = liq_interval_floor(ask->to_ms, step) - step;
    out->klines.at = calloc((size_t)((newest - ask->from_ms) / step) + 2,
                            sizeof *out->klines.at);
    for (int64_t t = ask->from_ms; t <= newest; t += step) {
        out->klines.at[n] = fake_candle(t);
        out->klines.at[n].volume *= f->size;
        out->klines.at[n++].quote_volume *= f->size;
    }
    out->klines.n = n;
    out->server_ms = f->time_ms;
    if (f->bare)
        snprintf(out->warning[out->n_warning++], 160,
                 "open interest: HTTP 500");
    else
        fake_statistics(out, f->time_ms);
    out->statistics.open_interest *= f->interest;
    return LIQ_OK;
}

static enum liq_err fake_symbols(struct liq_market *m, int64_t deadline_ms,
                                 struct liq_symbols *out,
                                 struct liq_reason *why)
{
    static const struct liq_symbol list[] = {
        {"BTCUSDT", "BTC", 0.1},
        {"DOGEUSDT", "DOGE", 0.00001},
        {"XRPUSDT", "XRP", NAN},
        {"ZECUSDT", "ZEC", 0.01}, /* listed later */
    };
    struct fake *f = fake_of(m);

    (void)deadline_ms;
    f->lists++;
    if (f->list_err)
        return liq_fail(why, f->list_err, "fake has no list");
    out->at = malloc(sizeof list);
    memcpy(out->at, list, sizeof list);
    out->n = f->lists > 1 ? 4 : 3;
    return LIQ_OK;
}

static void fake_start_api(struct fake *f)
{
    struct liq_api_options o = {.config = &f->config,
                                .clock = &f->clock,
                                .market = f->markets,
                                .n_market = f->n_market,
                                .build = "0.0.1 (test)"};

    f->api = liq_api_new(&o);
    assert_non_null(f->api);
}

static struct fake *fake_new(void)
{
    struct fake *f = calloc(1, sizeof *f);

    f->market = (struct liq_market){.name = "fake",
                                    .kind = "usdm-perpetual",
                                    .source = "live",
                                    .engine_ms = fake_engine,
                                    .now = fake_now,
                                    .fetch = fake_fetch,
                                    .symbols = fake_symbols};
    f->markets[0] = &f->market;
    f->n_market = 1;
    f->size = f->interest = 1.0;
    liq_config_defaults(&f->config);
    f->clock = liq_clock_held(0, 1000000);
    f->time_ms = NEW_YEAR + 5 * LIQ_MINUTE_MS;
    pthread_mutex_init(&f->lock, NULL);
    pthread_cond_init(&f->moved, NULL);
    liq_log_set_level(LIQ_LOG_ERROR);
    fake_start_api(f);
    return f;
}

static void fake_free(struct fake *f)
{
    liq_api_free(f->api);
    pthread_mutex_destroy(&f->lock);
    pthread_cond_destroy(&f->moved);
    free(f);
}

/* Serve this exchange beside those that f serves already. */
static inline void fake_join(struct fake *f, struct fake *other,
                             const char *name, double size)
{
    other->market.name = name;
    other->size = other->interest = size;
    f->markets[f->n_market++] = &other->market;
    liq_api_free(f->api);
    fake_start_api(f);
}

/* Both clocks go on. */
static inline void pass(struct fake *f, int64_t ms)
{
    f->time_ms += ms;
    f->clock.held_mono_ms += ms;
}

/* One request; the query may be NULL. */
static inline struct liq_api_response ask(struct fake *f, const char *route,
                                          const char *query)
{
    char path[64] = "/api/v1/";
    struct liq_api_request req = {
        .method = "GET", .path = path, .query = query};
    struct liq_api_response res;

    strncat(path, route, 40);
    liq_api_handle(f->api, &req, &res);
    return res;
}

/* The body as JSON, the response freed. */
static inline cJSON *json(struct liq_api_response *res)
{
    cJSON *doc = cJSON_ParseWithLength(res->body, res->len);

    assert_non_null(doc);
    liq_api_response_free(res);
    return doc;
}

static inline cJSON *ask_json(struct fake *f, const char *route,
                              const char *query, int status)
{
    struct liq_api_response res = ask(f, route, query);

    if (res.status != status)
        print_message("%s?%s: %.300s\n", route, query ? query : "", res.body);
    assert_int_equal(res.status, status);
    return json(&res);
}

/* The status of a request whose body does not matter. */
static inline int ask_status(struct fake *f, const char *route,
                             const char *query)
{
    struct liq_api_response res = ask(f, route, query);
    int status = res.status;

    liq_api_response_free(&res);
    return status;
}

/* A member by a dotted path. */
static inline const cJSON *at(const cJSON *doc, const char *path)
{
    char word[64];

    while (doc && *path) {
        size_t n = strcspn(path, ".");

        memcpy(word, path, n);
        word[n] = '\0';
        doc = cJSON_GetObjectItemCaseSensitive(doc, word);
        path += n + (path[n] == '.');
    }
    if (!doc)
        print_message("no member %s\n", word);
    assert_non_null(doc);
    return doc;
}

static inline double number(const cJSON *doc, const char *path)
{
    const cJSON *item = at(doc, path);

    assert_true(cJSON_IsNumber(item));
    return item->valuedouble;
}

static inline const char *text(const cJSON *doc, const char *path)
{
    const cJSON *item = at(doc, path);

    assert_true(cJSON_IsString(item));
    return item->valuestring;
}

static inline void expect_null(const cJSON *doc, const char *path)
{
    assert_true(cJSON_IsNull(at(doc, path)));
}

/* The value of a header line, "" when there is none. */
static inline const char *header(const struct liq_api_response *res,
                                 const char *name)
{
    static char value[200];
    size_t len = strlen(name);

    value[0] = '\0';
    for (const char *p = res->header; *p; p = strstr(p, "\r\n") + 2) {
        if (strncmp(p, name, len) == 0 && p[len] == ':')
            snprintf(value, sizeof value, "%.*s",
                     (int)strcspn(p + len + 2, "\r"), p + len + 2);
    }
    return value;
}

#endif
