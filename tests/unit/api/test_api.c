/* HTTP, freshness, failures, the bulkhead, keeping warm, health. */
#include "fake.h"

#include <sched.h>
#include "api/internal.h"
#include "liqmap/buf.h"

static struct liq_api_response ask_with(struct fake *f, const char *method,
                                        const char *encoding, const char *match)
{
    struct liq_api_request req = {.method = method,
                                  .path = "/x/api/v1/heatmap",
                                  .query = "bars=100",
                                  .accept_encoding = encoding,
                                  .if_none_match = match};
    struct liq_api_response res;

    liq_api_handle(f->api, &req, &res);
    return res;
}

static void both_encodings_say_the_same(void **state)
{
    struct fake *f = fake_new();
    struct liq_api_response plain = ask_with(f, "GET", NULL, NULL);
    struct liq_api_response gzip = ask_with(f, "GET", "gzip, br", NULL);
    char etag[200];
    struct liq_buf back;

    (void)state;
    liq_buf_init(&back, 16 << 20);
    assert_int_equal(liq_buf_gunzip(&back, gzip.body, gzip.len), LIQ_OK);
    assert_int_equal(back.len, plain.len);
    assert_memory_equal(back.data, plain.body, plain.len);
    assert_true(gzip.len < plain.len / 3);
    assert_string_equal(header(&gzip, "Content-Encoding"), "gzip");
    assert_string_equal(header(&plain, "Content-Encoding"), "");
    assert_string_equal(header(&plain, "Content-Type"),
                        "application/json; charset=utf-8");
    assert_string_equal(header(&plain, "Vary"), "Accept-Encoding");
    assert_string_equal(header(&plain, "Access-Control-Allow-Origin"), "*");
    assert_int_equal(strtol(header(&gzip, "Content-Length"), NULL, 10),
                     gzip.len);
    snprintf(etag, sizeof etag, "%s", header(&plain, "ETag"));
    assert_int_equal(strlen(etag), 18);
    assert_memory_equal(header(&gzip, "ETag"), etag, 17);
    assert_string_equal(header(&gzip, "ETag") + 17, "-gz\"");
    assert_int_equal(f->fetches, 1);
    liq_buf_free(&back);
    liq_api_response_free(&plain);
    liq_api_response_free(&gzip);
    fake_free(f);
}

static void what_is_known_is_not_sent_again(void **state)
{
    struct fake *f = fake_new();
    struct liq_api_response res = ask_with(f, "GET", "gzip", NULL);
    char etag[200], list[300];

    (void)state;
    snprintf(etag, sizeof etag, "%s", header(&res, "ETag"));
    snprintf(list, sizeof list, "\"other\", W/%s", etag);
    liq_api_response_free(&res);
    res = ask_with(f, "GET", "gzip", list);
    assert_int_equal(res.status, 304);
    assert_string_equal(res.reason, "Not Modified");
    assert_null(res.body);
    assert_string_equal(header(&res, "ETag"), etag);
    assert_true(header(&res, "Cache-Control")[0]);
    assert_string_equal(header(&res, "Content-Length"), "");
    liq_api_response_free(&res);
    /* The plain bytes have another tag. */
    res = ask_with(f, "GET", NULL, list);
    assert_int_equal(res.status, 200);
    liq_api_response_free(&res);
    fake_free(f);
}

static void methods(void **state)
{
    struct fake *f = fake_new();
    struct liq_api_response get = ask_with(f, "GET", NULL, NULL);
    struct liq_api_response res = ask_with(f, "HEAD", NULL, NULL);

    (void)state;
    assert_int_equal(res.status, 200);
    assert_null(res.body);
    assert_int_equal(res.len, get.len);
    assert_int_equal(strtol(header(&res, "Content-Length"), NULL, 10), get.len);
    liq_api_response_free(&res);
    liq_api_response_free(&get);

    res = ask_with(f, "OPTIONS", NULL, NULL);
    assert_int_equal(res.status, 204);
    assert_null(res.body);
    assert_string_equal(header(&res, "Access-Control-Allow-Methods"),
                        "GET, HEAD, OPTIONS");
    liq_api_response_free(&res);

    res = ask_with(f, "POST", NULL, NULL);
    assert_int_equal(res.status, 405);
    assert_string_equal(header(&res, "Allow"), "GET, HEAD, OPTIONS");
    assert_non_null(strstr(res.body, "\"method_not_allowed\""));
    liq_api_response_free(&res);
    fake_free(f);
}

static void paths(void **state)
{
    static const struct {
        const char *path;
        int status;
    } cases[] = {
        {"/api/v1/ticker", 200},
        {"/liqmap/api/v1/ticker", 200},
        {"/api/v1/x/api/v1/ticker", 200},
        {"/api/v1/", 404},
        {"/api/v1/ticker/", 404},
        {"/api/v1/tick", 404},
        {"/api/v2/ticker", 404},
        {"/", 404},
        {NULL, 404},
    };
    struct fake *f = fake_new();

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct liq_api_request req = {.method = "GET", .path = cases[i].path};
        struct liq_api_response res;

        liq_api_handle(f->api, &req, &res);
        assert_int_equal(res.status, cases[i].status);
        if (res.status == 404)
            assert_non_null(strstr(res.body, "\"/api/v1/heatmap\""));
        liq_api_response_free(&res);
    }
    fake_free(f);
}

static void refusals_are_json_and_never_stored(void **state)
{
    struct fake *f = fake_new();
    struct liq_api_response res = ask(f, "heatmap", "interval=%221m");
    cJSON *doc;

    (void)state;
    assert_int_equal(res.status, 400);
    assert_string_equal(header(&res, "Cache-Control"), "no-store");
    assert_string_equal(header(&res, "Access-Control-Allow-Origin"), "*");
    doc = json(&res);
    assert_string_equal(text(doc, "error.code"), "bad_interval");
    assert_non_null(strstr(text(doc, "error.message"), "\"1m"));
    assert_int_equal(cJSON_GetArraySize(at(doc, "error.allowed")), 5);
    cJSON_Delete(doc);
    /* What this exchange cannot show. */
    doc = ask_json(f, "heatmap", "interval=1d", 400);
    assert_string_equal(text(doc, "error.code"), "bad_interval");
    assert_int_equal(cJSON_GetArraySize(at(doc, "error.allowed")), 4);
    cJSON_Delete(doc);
    assert_int_equal(f->fetches, 0);
    fake_free(f);
}

static void max_age_is_what_is_really_left(void **state)
{
    static const struct {
        int64_t pass_ms;
        const char *control, *age;
        int fetches;
    } cases[] = {
        {0, "public, max-age=20, stale-while-revalidate=10", "0", 1},
        {7500, "public, max-age=12, stale-while-revalidate=10", "7500", 1},
        {12000, "public, max-age=0, stale-while-revalidate=10", "19500", 1},
        {500, "public, max-age=20, stale-while-revalidate=10", "0", 2},
    };
    struct fake *f = fake_new();

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct liq_api_response res;

        pass(f, cases[i].pass_ms);
        res = ask(f, "heatmap", NULL);
        assert_string_equal(header(&res, "Cache-Control"), cases[i].control);
        assert_string_equal(header(&res, "X-Liqmap-Age-Ms"), cases[i].age);
        assert_int_equal(f->fetches, cases[i].fetches);
        liq_api_response_free(&res);
    }
    /* Another bar count shares the series and its expiry. */
    {
        struct liq_api_response res;

        pass(f, 5000);
        res = ask(f, "heatmap", "bars=500");
        assert_string_equal(header(&res, "Cache-Control"),
                            "public, max-age=15, stale-while-revalidate=10");
        assert_int_equal(f->fetches, 2);
        liq_api_response_free(&res);
    }
    fake_free(f);
}

static void a_failing_exchange_gives_stale_then_503(void **state)
{
    struct fake *f = fake_new();
    struct liq_api_response res;
    cJSON *doc = ask_json(f, "heatmap", NULL, 200);

    (void)state;
    cJSON_Delete(doc);
    f->err = LIQ_ENET;
    pass(f, 100000);
    res = ask(f, "heatmap", NULL);
    assert_string_equal(header(&res, "Cache-Control"),
                        "public, max-age=3, stale-while-revalidate=10");
    assert_string_equal(header(&res, "X-Liqmap-Age-Ms"), "100000");
    doc = json(&res);
    assert_true(cJSON_IsTrue(at(doc, "stale")));
    assert_string_equal(text(doc, "stale_reason"), "fake says no");
    assert_true(number(doc, "age_ms") == 100000);
    assert_true(number(doc, "generated_at") - number(doc, "data_time") ==
                100000);
    cJSON_Delete(doc);

    /* Past the limit. */
    pass(f, 600000);
    res = ask(f, "heatmap", NULL);
    assert_int_equal(res.status, 503);
    assert_string_equal(header(&res, "Retry-After"), "3");
    doc = json(&res);
    assert_non_null(strstr(text(doc, "error.message"), "fake says no"));
    assert_non_null(strstr(text(doc, "error.message"), "700 s"));
    cJSON_Delete(doc);

    /* And back. */
    f->err = LIQ_OK;
    pass(f, 100000);
    doc = ask_json(f, "heatmap", NULL, 200);
    assert_true(cJSON_IsFalse(at(doc, "stale")));
    cJSON_Delete(doc);
    fake_free(f);
}

/* A limit below the time for which old answers are given while new ones are
 * made. */
static void the_limit_on_age_holds_in_any_case(void **state)
{
    struct fake *f = fake_new();

    (void)state;
    liq_api_free(f->api);
    f->config.stale_ms = 25000;
    fake_start_api(f);
    assert_int_equal(ask_status(f, "heatmap", NULL), 200);
    f->err = LIQ_ENET;
    pass(f, 25000);
    assert_int_equal(ask_status(f, "heatmap", NULL), 503);
    fake_free(f);
}

static void errors_have_their_status(void **state)
{
    static const struct {
        enum liq_err err;
        int status;
        int64_t retry_ms;
        const char *retry_after, *code;
    } cases[] = {
        {LIQ_ENET, 502, 0, "", "net"},
        {LIQ_EFORMAT, 502, 0, "", "format"},
        {LIQ_ETIMEOUT, 504, 0, "", "timeout"},
        {LIQ_ERATE, 503, 61500, "62", "rate"},
        {LIQ_EBLOCKED, 503, 0, "3", "blocked"},
        {LIQ_ELIMIT, 503, 0, "3", "limit"},
        {LIQ_ENOMEM, 503, 0, "3", "memory"},
        {LIQ_ENOTFOUND, 404, 0, "", "unknown_symbol"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fake *f = fake_new();
        struct liq_api_response res;
        cJSON *doc;

        f->err = cases[i].err;
        f->retry_after_ms = cases[i].retry_ms;
        for (int again = 0; again < 2; again++) {
            res = ask(f, "heatmap", NULL);
            assert_int_equal(res.status, cases[i].status);
            assert_string_equal(header(&res, "Retry-After"),
                                cases[i].retry_after);
            assert_string_equal(header(&res, "Cache-Control"), "no-store");
            doc = json(&res);
            assert_string_equal(text(doc, "error.code"), cases[i].code);
            cJSON_Delete(doc);
        }
        assert_int_equal(f->fetches, 1); /* remembered */
        fake_free(f);
    }
}

struct caller {
    struct fake *fake;
    const char *query;
    int status;
};

static void *call(void *arg)
{
    struct caller *c = arg;

    c->status = ask_status(c->fake, "heatmap", c->query);
    return NULL;
}

static void gate_shut(struct fake *f)
{
    f->shut = true;
    f->entered = false;
}

static void gate_wait(struct fake *f)
{
    pthread_mutex_lock(&f->lock);
    while (!f->entered)
        pthread_cond_wait(&f->moved, &f->lock);
    pthread_mutex_unlock(&f->lock);
}

static void gate_open(struct fake *f)
{
    pthread_mutex_lock(&f->lock);
    f->shut = false;
    pthread_cond_broadcast(&f->moved);
    pthread_mutex_unlock(&f->lock);
}

static void few_may_wait_and_the_rest_pass_or_go(void **state)
{
    struct fake *f = fake_new();
    struct caller c = {f, "symbol=ETHUSDT", 0};
    struct liq_api_response res;
    pthread_t thread;

    (void)state;
    f->config.max_waiting = 1;
    assert_int_equal(ask_status(f, "heatmap", NULL), 200);
    gate_shut(f);
    pthread_create(&thread, NULL, call, &c);
    gate_wait(f);
    /* The one slot is taken: another key is turned away at once, */
    res = ask(f, "heatmap", "symbol=SOLUSDT");
    assert_int_equal(res.status, 503);
    assert_string_equal(header(&res, "Retry-After"), "2");
    assert_non_null(strstr(res.body, "\"busy\""));
    liq_api_response_free(&res);
    /* as is who would wait for the same one; */
    assert_int_equal(ask_status(f, "heatmap", "symbol=ETHUSDT"), 503);
    /* what needs no exchange passes, */
    assert_int_equal(ask_status(f, "heatmap", NULL), 200);
    assert_int_equal(ask_status(f, "health", NULL), 200);
    assert_int_equal(ask_status(f, "heatmap", "bars=7"), 400);
    /* and old bytes that may still be shown. */
    pass(f, 25000);
    assert_int_equal(ask_status(f, "heatmap", NULL), 200);
    pass(f, 10000);
    assert_int_equal(ask_status(f, "heatmap", NULL), 503);
    gate_open(f);
    pthread_join(thread, NULL);
    assert_int_equal(c.status, 200);
    assert_int_equal(ask_status(f, "heatmap", "symbol=SOLUSDT"), 200);
    fake_free(f);
}

static void unknown_symbols_cost_nothing(void **state)
{
    struct fake *f = fake_new();
    cJSON *doc = ask_json(f, "heatmap", "symbol=NOPEUSDT", 404);

    (void)state;
    assert_string_equal(text(doc, "error.code"), "unknown_symbol");
    cJSON_Delete(doc);
    assert_int_equal(f->fetches, 0);
    assert_int_equal(f->lists, 1);
    assert_int_equal(ask_status(f, "heatmap", "symbol=NOPE2USDT"), 404);
    assert_int_equal(ask_status(f, "heatmap", "symbol=DOGEUSDT"), 200);
    assert_int_equal(ask_status(f, "heatmap", "symbol=ZECUSDT"), 404);
    assert_int_equal(f->lists, 1);
    /* After six hours it is looked up again. */
    pass(f, 6 * LIQ_HOUR_MS);
    assert_int_equal(ask_status(f, "heatmap", "symbol=ZECUSDT"), 200);
    assert_int_equal(f->lists, 2);
    fake_free(f);

    /* Without a list the exchange itself is asked. */
    f = fake_new();
    f->list_err = LIQ_ENET;
    assert_int_equal(ask_status(f, "heatmap", "symbol=DOGEUSDT"), 200);
    fake_free(f);

    f = fake_new();
    snprintf(f->config.symbols, sizeof f->config.symbols, "ADAUSDT");
    assert_int_equal(ask_status(f, "ticker", "symbol=DOGEUSDT"), 404);
    assert_int_equal(ask_status(f, "ticker", "symbol=BTCUSDT"), 200);
    assert_int_equal(f->lists, 0);
    fake_free(f);
}

static void an_end_lies_in_the_past(void **state)
{
    struct fake *f = fake_new();
    struct liq_api_response res;
    cJSON *doc = ask_json(f, "heatmap", "end=2026-01-01T00:15:00Z", 400);

    (void)state;
    assert_string_equal(text(doc, "error.code"), "bad_end");
    cJSON_Delete(doc);
    /* Two ends within one engine candle are one map. */
    doc = ask_json(f, "heatmap", "end=2025-12-01T00:16:00Z", 200);
    assert_true(number(doc, "end") ==
                (double)(NEW_YEAR - 31 * LIQ_DAY_MS + 900000));
    cJSON_Delete(doc);
    res = ask(f, "heatmap", "end=2025-12-01T00:29:00Z");
    assert_int_equal(res.status, 200);
    assert_string_equal(header(&res, "Cache-Control"),
                        "public, max-age=3600, stale-while-revalidate=10");
    liq_api_response_free(&res);
    assert_int_equal(f->fetches, 1);
    fake_free(f);
}

static void what_people_look_at_stays_warm(void **state)
{
    struct fake *f = fake_new();

    (void)state;
    assert_int_equal(liq_api_keep_warm(f->api), 0);
    ask_status(f, "heatmap", NULL);
    ask_status(f, "heatmap", "bars=500");
    assert_false(f->background);
    assert_int_equal(liq_api_keep_warm(f->api), 0);
    /* Within the lead: both are renewed by one fetch, before they expire. */
    pass(f, f->config.ttl_ms - f->config.lead_ms);
    assert_int_equal(liq_api_keep_warm(f->api), 2);
    assert_int_equal(f->fetches, 2);
    assert_true(f->background); /* leaves some of the budget to who waits */
    pass(f, f->config.ttl_ms - f->config.lead_ms - 1);
    assert_int_equal(liq_api_keep_warm(f->api), 0);
    assert_int_equal(ask_status(f, "heatmap", NULL), 200);
    assert_int_equal(f->fetches, 2);
    /* Nobody asks any more. */
    pass(f, f->config.hot_ms + 1);
    assert_int_equal(liq_api_keep_warm(f->api), 0);
    assert_int_equal(f->fetches, 2);
    fake_free(f);
}

static void health_follows_the_data(void **state)
{
    static const struct {
        const char *name;
        enum liq_err first, then; /* at the first and the second request */
        int64_t pass_ms;
        const char *state;
        int status;
    } cases[] = {
        {"well", LIQ_OK, LIQ_OK, 0, "ok", 200},
        {"fails, data still good", LIQ_OK, LIQ_ENET, 60000, "degraded", 200},
        {"shut out, nothing fresh", LIQ_OK, LIQ_ERATE, 60000, "unhealthy", 503},
        {"data too old", LIQ_OK, LIQ_ENET, 601000, "unhealthy", 503},
        {"never any data", LIQ_EBLOCKED, LIQ_EBLOCKED, 60000, "unhealthy", 503},
        {"somebody misspelt", LIQ_ENOTFOUND, LIQ_ENOTFOUND, 60000, "ok", 200},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fake *f = fake_new();
        cJSON *doc = ask_json(f, "health", NULL, 200);

        print_message("  %s\n", cases[i].name);
        assert_string_equal(text(doc, "status"), "ok");
        assert_string_equal(text(doc, "build"), "0.0.1 (test)");
        cJSON_Delete(doc);
        f->err = cases[i].first;
        ask_status(f, "heatmap", NULL);
        f->err = cases[i].then;
        pass(f, cases[i].pass_ms);
        ask_status(f, "heatmap", NULL);
        doc = ask_json(f, "health", NULL, cases[i].status);
        assert_string_equal(text(doc, "status"), cases[i].state);
        assert_string_equal(
            text(cJSON_GetArrayItem(at(doc, "feeds"), 0), "interval"), "1h");
        cJSON_Delete(doc);
        fake_free(f);
    }
}

struct second {
    struct fake *f;
    atomic_bool done;
    double age_ms;
};

static void *ask_second(void *arg)
{
    struct second *s = arg;
    cJSON *doc = ask_json(s->f, "levels", NULL, 200);

    s->age_ms = number(doc, "age_ms");
    cJSON_Delete(doc);
    s->done = true;
    return NULL;
}

/* After a pause of minutes the first request fetches; the second, for another
 * view of the same series, must not get the old one as if it were live. */
static void who_comes_second_after_a_pause_waits_too(void **state)
{
    struct fake *f = fake_new();
    struct caller first = {f, NULL, 0};
    struct second second = {.f = f, .age_ms = -1.0};
    struct liq_cache *series = liq_feeds_cache(f->api->feeds);
    struct liq_cache_counts counts = {0};
    pthread_t thread[2];

    (void)state;
    assert_int_equal(ask_status(f, "heatmap", NULL), 200);
    assert_int_equal(ask_status(f, "levels", NULL), 200);
    pass(f, 480000);
    gate_shut(f);
    pthread_create(&thread[0], NULL, call, &first);
    gate_wait(f);
    pthread_create(&thread[1], NULL, ask_second, &second);
    while (!second.done && counts.waits == 0) {
        sched_yield();
        liq_cache_count(series, &counts);
    }
    gate_open(f);
    pthread_join(thread[0], NULL);
    pthread_join(thread[1], NULL);
    assert_true(second.age_ms == 0.0);
    fake_free(f);
}

static void a_first_fetch_is_no_illness(void **state)
{
    struct fake *f = fake_new();
    struct caller c = {f, NULL, 0};
    pthread_t thread;

    (void)state;
    gate_shut(f);
    pthread_create(&thread, NULL, call, &c);
    gate_wait(f);
    assert_int_equal(ask_status(f, "health", NULL), 200);
    gate_open(f);
    pthread_join(thread, NULL);
    fake_free(f);
}

static void health_is_not_stored(void **state)
{
    struct fake *f = fake_new();
    struct liq_api_response res = ask(f, "health", NULL);

    (void)state;
    assert_string_equal(header(&res, "Cache-Control"), "no-store");
    liq_api_response_free(&res);
    fake_free(f);
}

/* Many threads over few keys: for TSan and for leaks. */
static void *churn(void *arg)
{
    static const char *const queries[] = {NULL, "bars=100", "symbol=ETHUSDT",
                                          "symbol=NOPEUSDT", "bars=1"};
    struct fake *f = arg;

    for (int i = 0; i < 60; i++) {
        ask_status(f, i % 3 ? "klines" : "ticker",
                   i % 3 ? queries[i % 5] : NULL);
        ask_status(f, "health", NULL);
    }
    ask_status(f, "heatmap", "bars=100&rows=50");
    return NULL;
}

static void threads_may_churn(void **state)
{
    struct fake *f = fake_new();
    pthread_t thread[4];

    (void)state;
    f->config.max_waiting = 64;
    for (int i = 0; i < 4; i++)
        pthread_create(&thread[i], NULL, churn, f);
    for (int i = 0; i < 4; i++)
        pthread_join(thread[i], NULL);
    fake_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_encodings_say_the_same),
        cmocka_unit_test(what_is_known_is_not_sent_again),
        cmocka_unit_test(methods),
        cmocka_unit_test(paths),
        cmocka_unit_test(refusals_are_json_and_never_stored),
        cmocka_unit_test(max_age_is_what_is_really_left),
        cmocka_unit_test(a_failing_exchange_gives_stale_then_503),
        cmocka_unit_test(the_limit_on_age_holds_in_any_case),
        cmocka_unit_test(errors_have_their_status),
        cmocka_unit_test(few_may_wait_and_the_rest_pass_or_go),
        cmocka_unit_test(unknown_symbols_cost_nothing),
        cmocka_unit_test(an_end_lies_in_the_past),
        cmocka_unit_test(what_people_look_at_stays_warm),
        cmocka_unit_test(health_follows_the_data),
        cmocka_unit_test(who_comes_second_after_a_pause_waits_too),
        cmocka_unit_test(a_first_fetch_is_no_illness),
        cmocka_unit_test(health_is_not_stored),
        cmocka_unit_test(threads_may_churn),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
