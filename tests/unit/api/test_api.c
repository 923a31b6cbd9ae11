/* HTTP, freshness, failures, symbols, ends, health. */
#include "server.h"

#include "liqmap/buf.h"

static struct liq_api_response ask_with(struct server *s, const char *method,
                                        const char *encoding, const char *match)
{
    return finish(
        start_with(s, method, "heatmap", "bars=100", encoding, match));
}

static void both_encodings_say_the_same(void **state)
{
    struct server *s = server_new(1);
    struct liq_api_response plain = ask_with(s, "GET", NULL, NULL);
    struct liq_api_response gzip = ask_with(s, "GET", "gzip, br", NULL);
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
    assert_int_equal(s->fake[0]->fetches, 1);
    liq_buf_free(&back);
    liq_api_response_free(&plain);
    liq_api_response_free(&gzip);
    server_free(s);
}

static void a_known_etag_gives_304(void **state)
{
    struct server *s = server_new(1);
    struct liq_api_response res = ask_with(s, "GET", "gzip", NULL);
    char etag[200], list[300];

    (void)state;
    snprintf(etag, sizeof etag, "%s", header(&res, "ETag"));
    snprintf(list, sizeof list, "\"other\", W/%s", etag);
    liq_api_response_free(&res);
    res = ask_with(s, "GET", "gzip", list);
    assert_int_equal(res.status, 304);
    assert_string_equal(res.reason, "Not Modified");
    assert_null(res.body);
    assert_string_equal(header(&res, "ETag"), etag);
    assert_true(header(&res, "Cache-Control")[0]);
    assert_string_equal(header(&res, "Content-Length"), "");
    liq_api_response_free(&res);
    /* The plain bytes have another tag. */
    res = ask_with(s, "GET", NULL, list);
    assert_int_equal(res.status, 200);
    liq_api_response_free(&res);
    server_free(s);
}

/* Whether it is there at once, compressed; then it must be the body. */
static bool is_cached(struct server *s, const char *path, const char *query,
                      const char *body)
{
    struct call c = {.server = s,
                     .call = {.request = {.method = "GET",
                                          .path = path,
                                          .query = query,
                                          .accept_encoding = "gzip"},
                              .done = call_done}};
    bool cached = liq_api_respond_cached(s->api, &c.call);

    assert_true(c.done == cached);
    if (cached) {
        assert_int_equal(c.call.response.status, 200);
        assert_ptr_equal(c.call.response.body, body);
        liq_api_response_free(&c.call.response);
    }
    return cached;
}

/* Only what is fresh and sent as it is; all else is nothing that happened. */
static void what_is_cached_needs_no_thread(void **state)
{
    static const char path[] = "/api/v1/heatmap";
    struct server *s = server_new(1);
    struct liq_cache_counts before, after;
    struct liq_api_response res;

    (void)state;
    assert_false(is_cached(s, path, "bars=100", NULL));
    assert_int_equal(s->fake[0]->fetches, 0);
    res = ask_with(s, "GET", "gzip", NULL);
    liq_cache_count(s->cache, LIQ_KIND_RESPONSE, &before);
    assert_true(is_cached(s, path, "bars=100", res.body));
    liq_cache_count(s->cache, LIQ_KIND_RESPONSE, &after);
    assert_int_equal(after.hits, before.hits + 1);
    assert_false(is_cached(s, path, "bars=200", NULL));
    assert_false(is_cached(s, path, "bars=7", NULL));
    assert_false(is_cached(s, path, "bars=100&end=1767222000000", NULL));
    assert_false(is_cached(s, "/api/v1/health", NULL, NULL));
    assert_false(is_cached(s, "/metrics", NULL, NULL));
    assert_false(is_cached(s, "/", NULL, NULL));
    pass(s, s->config.ttl_ms + 1);
    assert_false(is_cached(s, path, "bars=100", NULL));
    assert_int_equal(s->fake[0]->fetches, 1);
    liq_cache_count(s->cache, LIQ_KIND_RESPONSE, &after);
    assert_int_equal(after.hits, before.hits + 1);
    liq_api_response_free(&res);
    server_free(s);
}

/* What it would have to decompress: that takes too long for the thread that
 * accepts connections. */
static void without_gzip_a_map_needs_a_thread(void **state)
{
    struct server *s = server_new(1);
    struct call c = {.server = s,
                     .call = {.request = {.method = "GET",
                                          .path = "/api/v1/heatmap",
                                          .query = "bars=100"},
                              .done = call_done}};

    (void)state;
    assert_int_equal(ask_status(s, "heatmap", "bars=100"), 200);
    assert_false(liq_api_respond_cached(s->api, &c.call));
    assert_false(c.done);
    c.call.request.accept_encoding = "gzip";
    assert_true(liq_api_respond_cached(s->api, &c.call));
    liq_api_response_free(&c.call.response);
    server_free(s);
}

static void methods(void **state)
{
    struct server *s = server_new(1);
    struct liq_api_response get = ask_with(s, "GET", NULL, NULL);
    struct liq_api_response res = ask_with(s, "HEAD", NULL, NULL);

    (void)state;
    assert_int_equal(res.status, 200);
    assert_null(res.body);
    assert_int_equal(res.len, get.len);
    assert_int_equal(strtol(header(&res, "Content-Length"), NULL, 10), get.len);
    liq_api_response_free(&res);
    liq_api_response_free(&get);

    res = ask_with(s, "OPTIONS", NULL, NULL);
    assert_int_equal(res.status, 204);
    assert_null(res.body);
    assert_string_equal(header(&res, "Access-Control-Allow-Methods"),
                        "GET, HEAD, OPTIONS");
    liq_api_response_free(&res);

    res = ask_with(s, "POST", NULL, NULL);
    assert_int_equal(res.status, 405);
    assert_string_equal(header(&res, "Allow"), "GET, HEAD, OPTIONS");
    assert_non_null(strstr(res.body, "\"method_not_allowed\""));
    liq_api_response_free(&res);
    server_free(s);
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
    struct server *s = server_new(1);

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct call *c = calloc(1, sizeof *c);
        struct liq_api_response res;

        c->server = s;
        c->call.request.method = "GET";
        c->call.request.path = cases[i].path;
        c->call.done = call_done;
        liq_api_start(s->api, &c->call);
        res = finish(c);
        assert_int_equal(res.status, cases[i].status);
        if (res.status == 404)
            assert_non_null(strstr(res.body, "\"/api/v1/heatmap\""));
        liq_api_response_free(&res);
    }
    server_free(s);
}

static void refusals_are_json_and_never_stored(void **state)
{
    struct server *s = server_new(1);
    struct liq_api_response res = ask(s, "heatmap", "interval=%221m");
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
    doc = ask_json(s, "heatmap", "interval=1d", 400);
    assert_string_equal(text(doc, "error.code"), "bad_interval");
    assert_int_equal(cJSON_GetArraySize(at(doc, "error.allowed")), 4);
    cJSON_Delete(doc);
    assert_int_equal(s->fake[0]->fetches, 0);
    server_free(s);
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
        /* Given while the next one is made. */
        {500, "public, max-age=0, stale-while-revalidate=10", "20000", 2},
        {0, "public, max-age=20, stale-while-revalidate=10", "0", 2},
    };
    struct server *s = server_new(1);

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct liq_api_response res;

        pass(s, cases[i].pass_ms);
        res = ask(s, "heatmap", NULL);
        assert_string_equal(header(&res, "Cache-Control"), cases[i].control);
        assert_string_equal(header(&res, "X-Liqmap-Age-Ms"), cases[i].age);
        assert_int_equal(s->fake[0]->fetches, cases[i].fetches);
        liq_api_response_free(&res);
    }
    /* Another bar count shares the series and its expiry. */
    {
        struct liq_api_response res;

        pass(s, 5000);
        res = ask(s, "heatmap", "bars=500");
        assert_string_equal(header(&res, "Cache-Control"),
                            "public, max-age=15, stale-while-revalidate=10");
        assert_int_equal(s->fake[0]->fetches, 2);
        liq_api_response_free(&res);
    }
    server_free(s);
}

static void a_failing_exchange_gives_stale_then_503(void **state)
{
    struct server *s = server_new(1);
    struct liq_api_response res;
    cJSON *doc = ask_json(s, "heatmap", NULL, 200);

    (void)state;
    cJSON_Delete(doc);
    s->fake[0]->err = LIQ_ENET;
    pass(s, 100000);
    res = ask(s, "heatmap", NULL);
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
    pass(s, 600000);
    res = ask(s, "heatmap", NULL);
    assert_int_equal(res.status, 503);
    assert_string_equal(header(&res, "Retry-After"), "3");
    doc = json(&res);
    assert_non_null(strstr(text(doc, "error.message"), "fake says no"));
    assert_non_null(strstr(text(doc, "error.message"), "700 s"));
    cJSON_Delete(doc);

    /* And back. */
    s->fake[0]->err = LIQ_OK;
    pass(s, 100000);
    doc = ask_json(s, "heatmap", NULL, 200);
    assert_true(cJSON_IsFalse(at(doc, "stale")));
    cJSON_Delete(doc);
    server_free(s);
}

/* A limit below the time for which a response is given while the next one is
 * made. */
static void the_limit_on_age_holds_in_any_case(void **state)
{
    struct server *s = server_plan(1);

    (void)state;
    s->config.stale_ms = 25000;
    server_start(s, 0);
    assert_int_equal(ask_status(s, "heatmap", NULL), 200);
    s->fake[0]->err = LIQ_ENET;
    pass(s, 25000);
    assert_int_equal(ask_status(s, "heatmap", NULL), 503);
    server_free(s);
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
        struct server *s = server_new(1);
        struct liq_api_response res;
        cJSON *doc;

        s->fake[0]->err = cases[i].err;
        s->fake[0]->retry_after_ms = cases[i].retry_ms;
        for (int again = 0; again < 2; again++) {
            res = ask(s, "heatmap", NULL);
            assert_int_equal(res.status, cases[i].status);
            assert_string_equal(header(&res, "Retry-After"),
                                cases[i].retry_after);
            assert_string_equal(header(&res, "Cache-Control"), "no-store");
            doc = json(&res);
            assert_string_equal(text(doc, "error.code"), cases[i].code);
            cJSON_Delete(doc);
        }
        assert_int_equal(s->fake[0]->fetches, 1); /* remembered */
        server_free(s);
    }
}

static void unknown_symbols_cost_nothing(void **state)
{
    struct server *s = server_new(1);
    cJSON *doc = ask_json(s, "heatmap", "symbol=NOPEUSDT", 404);

    (void)state;
    assert_string_equal(text(doc, "error.code"), "unknown_symbol");
    cJSON_Delete(doc);
    assert_int_equal(s->fake[0]->fetches, 0);
    assert_int_equal(s->fake[0]->lists, 1);
    assert_int_equal(ask_status(s, "heatmap", "symbol=NOPE2USDT"), 404);
    assert_int_equal(ask_status(s, "heatmap", "symbol=DOGEUSDT"), 200);
    assert_int_equal(ask_status(s, "heatmap", "symbol=ZECUSDT"), 404);
    assert_int_equal(s->fake[0]->lists, 1);
    /* After six hours it is looked up again. */
    pass(s, 6 * LIQ_HOUR_MS);
    assert_int_equal(ask_status(s, "heatmap", "symbol=ZECUSDT"), 200);
    assert_int_equal(s->fake[0]->lists, 2);
    server_free(s);

    /* Without a list the candles are requested. */
    s = server_new(1);
    s->fake[0]->list_err = LIQ_ENET;
    assert_int_equal(ask_status(s, "heatmap", "symbol=DOGEUSDT"), 200);
    server_free(s);

    s = server_new(1);
    snprintf(s->config.symbols, sizeof s->config.symbols, "ADAUSDT");
    assert_int_equal(ask_status(s, "ticker", "symbol=DOGEUSDT"), 404);
    assert_int_equal(ask_status(s, "ticker", "symbol=BTCUSDT"), 200);
    assert_int_equal(s->fake[0]->lists, 0);
    server_free(s);
}

static void an_end_lies_in_the_past(void **state)
{
    struct server *s = server_new(1);
    struct liq_api_response res;
    cJSON *doc = ask_json(s, "heatmap", "end=2026-01-01T00:15:00Z", 400);

    (void)state;
    assert_string_equal(text(doc, "error.code"), "bad_end");
    cJSON_Delete(doc);
    /* Two ends within one candle are one map. */
    doc = ask_json(s, "heatmap", "end=2025-12-01T01:16:00Z", 200);
    assert_true(number(doc, "end") ==
                (double)(NEW_YEAR - 31 * LIQ_DAY_MS + LIQ_HOUR_MS));
    cJSON_Delete(doc);
    res = ask(s, "heatmap", "end=2025-12-01T01:59:59Z");
    assert_int_equal(res.status, 200);
    assert_string_equal(header(&res, "Cache-Control"),
                        "public, max-age=3600, stale-while-revalidate=10");
    liq_api_response_free(&res);
    assert_int_equal(s->fake[0]->fetches, 1);
    server_free(s);
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
        {"fresh", LIQ_OK, LIQ_OK, 0, "ok", 200},
        {"fails, data still good", LIQ_OK, LIQ_ENET, 60000, "degraded", 200},
        {"rate limited, nothing fresh", LIQ_OK, LIQ_ERATE, 60000, "unhealthy",
         503},
        {"data too old", LIQ_OK, LIQ_ENET, 601000, "unhealthy", 503},
        {"never any data", LIQ_EBLOCKED, LIQ_EBLOCKED, 60000, "unhealthy", 503},
        {"an unknown symbol", LIQ_ENOTFOUND, LIQ_ENOTFOUND, 60000, "ok", 200},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct server *s = server_new(1);
        cJSON *doc = ask_json(s, "health", NULL, 200);

        print_message("  %s\n", cases[i].name);
        assert_string_equal(text(doc, "status"), "ok");
        assert_string_equal(text(doc, "build"), "0.0.1 (test)");
        cJSON_Delete(doc);
        s->fake[0]->err = cases[i].first;
        ask_status(s, "heatmap", NULL);
        s->fake[0]->err = cases[i].then;
        pass(s, cases[i].pass_ms);
        ask_status(s, "heatmap", NULL);
        doc = ask_json(s, "health", NULL, cases[i].status);
        assert_string_equal(text(doc, "status"), cases[i].state);
        assert_string_equal(
            text(cJSON_GetArrayItem(at(doc, "series"), 0), "interval"), "1h");
        cJSON_Delete(doc);
        server_free(s);
    }
}

/* Strangers ask about 300 moments of the past, with good responses or bad
 * ones: neither hides what the live series is like. */
static void health_judges_live_series(void **state)
{
    (void)state;
    for (int bad = 0; bad < 2; bad++) {
        struct server *s = server_new(1);
        cJSON *doc;

        ask_status(s, "heatmap", NULL);
        if (!bad)
            pass(s, 601000);
        for (int i = 0; i < 300; i++) {
            char query[64];

            snprintf(query, sizeof query, "bars=1&end=%lld",
                     (long long)(NEW_YEAR - i * LIQ_HOUR_MS));
            s->fake[0]->err = bad ? LIQ_ENET : LIQ_OK;
            ask_status(s, "klines", query);
        }
        s->fake[0]->err = bad ? LIQ_OK : LIQ_ENET;
        ask_status(s, "heatmap", NULL);
        doc = ask_json(s, "health", NULL, bad ? 200 : 503);
        assert_string_equal(text(doc, "status"), bad ? "ok" : "unhealthy");
        assert_int_equal(cJSON_GetArraySize(at(doc, "series")), 1);
        cJSON_Delete(doc);
        server_free(s);
    }
}

/* What the cache holds, and how much of it. */
static void health_counts_the_cache(void **state)
{
    struct server *s = server_new(1);
    cJSON *doc, *full;

    (void)state;
    doc = ask_json(s, "health", NULL, 200);
    assert_true(number(doc, "cache.all.bytes") == 0.0);
    assert_true(number(doc, "cache.max_bytes") == (double)s->config.max_bytes);
    assert_int_equal(cJSON_GetArraySize(at(doc, "series")), 0);
    cJSON_Delete(doc);
    ask_status(s, "heatmap", NULL);
    ask_status(s, "heatmap", NULL);
    ask_status(s, "levels", NULL);
    full = ask_json(s, "health", NULL, 200);
    assert_int_equal(cJSON_GetArraySize(at(full, "series")), 1);
    doc = cJSON_GetArrayItem(at(full, "series"), 0);
    assert_string_equal(text(doc, "exchange"), "fake");
    assert_string_equal(text(doc, "symbol"), "BTCUSDT");
    assert_true(number(doc, "age_ms") == 0.0);
    expect_null(doc, "last_error");
    assert_true(number(full, "cache.series.keys") == 1.0);
    assert_true(number(full, "cache.series.fills") == 1.0);
    assert_true(number(full, "cache.responses.keys") == 2.0);
    assert_true(number(full, "cache.responses.hits") == 1.0);
    assert_true(number(full, "cache.maps.keys") == 1.0);
    assert_true(number(full, "cache.all.bytes") >=
                number(full, "cache.series.bytes") +
                    number(full, "cache.maps.bytes") +
                    number(full, "cache.responses.bytes"));
    assert_true(number(full, "cache.series.bytes") > 1500.0 * sizeof(double));
    cJSON_Delete(full);
    server_free(s);
}

static void health_is_not_stored(void **state)
{
    struct server *s = server_new(1);
    struct liq_api_response res = ask(s, "health", NULL);

    (void)state;
    assert_string_equal(header(&res, "Cache-Control"), "no-store");
    liq_api_response_free(&res);
    server_free(s);
}

/* What no setting changes is what the model's documentation says. */
static void default_parameters(void **state)
{
    struct liq_config config;
    struct liq_params p;

    (void)state;
    liq_config_defaults(&config);
    p = liq_api_params(&config);
    assert_memory_equal(&p, &liq_params_gauss7, sizeof p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_encodings_say_the_same),
        cmocka_unit_test(a_known_etag_gives_304),
        cmocka_unit_test(default_parameters),
        cmocka_unit_test(what_is_cached_needs_no_thread),
        cmocka_unit_test(without_gzip_a_map_needs_a_thread),
        cmocka_unit_test(methods),
        cmocka_unit_test(paths),
        cmocka_unit_test(refusals_are_json_and_never_stored),
        cmocka_unit_test(max_age_is_what_is_really_left),
        cmocka_unit_test(a_failing_exchange_gives_stale_then_503),
        cmocka_unit_test(the_limit_on_age_holds_in_any_case),
        cmocka_unit_test(errors_have_their_status),
        cmocka_unit_test(unknown_symbols_cost_nothing),
        cmocka_unit_test(an_end_lies_in_the_past),
        cmocka_unit_test(health_follows_the_data),
        cmocka_unit_test(health_judges_live_series),
        cmocka_unit_test(health_counts_the_cache),
        cmocka_unit_test(health_is_not_stored),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
