/* The route watch: one response over several symbols, each of which is a
 * response of its own in the cache. */
#include "server.h"

/* The file itself, so that its calloc can be made to fail. */
static bool no_memory;
static void *failing_calloc(size_t n, size_t size)
{
    return no_memory ? NULL : calloc(n, size);
}
#define calloc failing_calloc
#include "api/watch.c"
#undef calloc

static const cJSON *of(const cJSON *doc, int i)
{
    const cJSON *item = cJSON_GetArrayItem(at(doc, "symbols"), i);

    assert_non_null(item);
    return item;
}

static size_t count(struct server *s, enum liq_kind kind)
{
    struct liq_cache_counts counts;

    liq_cache_count(s->cache, kind, &counts);
    return counts.keys;
}

/* --- what it says --------------------------------------------------------- */

/* The level nearest to price on one side, of the three that count most. */
static double nearest_of(const cJSON *levels, double price, int way)
{
    const char *const sides[] = {"levels.long", "levels.short"};
    double mass[3] = {0.0}, at_price[3] = {0.0}, best = 0.0;
    const cJSON *level;

    for (int side = 0; side < 2; side++) {
        cJSON_ArrayForEach(level, at(levels, sides[side]))
        {
            double p = number(level, "price");
            double score = number(level, "mass") /
                           (1.0 + 100.0 * fabs(p / price - 1.0) / 3.0);
            int least = 0;

            if ((p > price) != (way > 0))
                continue;
            for (int i = 1; i < 3; i++)
                least = mass[i] < mass[least] ? i : least;
            if (score > mass[least]) {
                mass[least] = score;
                at_price[least] = p;
            }
        }
    }
    for (int i = 0; i < 3; i++) {
        if (at_price[i] > 0.0 &&
            (best == 0.0 || fabs(at_price[i] - price) < fabs(best - price)))
            best = at_price[i];
    }
    return best;
}

static void it_says_what_the_other_routes_say(void **state)
{
    struct server *s = server_new(1);
    cJSON *doc = ask_json(s, "watch", "symbols=BTCUSDT,ETHUSDT&bars=500", 200);
    cJSON *levels = ask_json(s, "levels", "bars=500", 200);
    const cJSON *btc = of(doc, 0);
    double price = number(btc, "price"), above = number(btc, "above.price");

    (void)state;
    assert_string_equal(text(doc, "interval"), "1h");
    assert_string_equal(text(doc, "exchange"), "fake");
    assert_int_equal(number(doc, "bars"), 500);
    assert_int_equal(cJSON_GetArraySize(at(doc, "symbols")), 2);
    assert_string_equal(text(btc, "symbol"), "BTCUSDT");
    assert_string_equal(text(of(doc, 1), "symbol"), "ETHUSDT");
    assert_true(price == 100500.0); /* the ticker's */
    assert_true(number(btc, "change_percent_24h") == 1.25);
    assert_true(above == nearest_of(levels, price, 1) && above > price);
    assert_true(fabs(number(btc, "above.distance_percent") -
                     100.0 * (above / price - 1.0)) <= 0.005001);
    assert_true(number(btc, "below.price") == nearest_of(levels, price, -1));
    assert_true(number(btc, "below.distance_percent") < 0.0);
    assert_true(fabs(number(btc, "imbalance") - number(levels, "imbalance.2")) <
                0.001);
    assert_true(cJSON_IsFalse(at(btc, "stale")));
    cJSON_Delete(doc);
    cJSON_Delete(levels);
    server_free(s);
}

static void without_symbols_it_is_the_common_ones(void **state)
{
    struct server *s = server_new(1);
    cJSON *doc = ask_json(s, "watch", NULL, 200);

    (void)state;
    assert_int_equal(cJSON_GetArraySize(at(doc, "symbols")), 3);
    assert_string_equal(text(of(doc, 2), "symbol"), "SOLUSDT");
    cJSON_Delete(doc);
    server_free(s);
}

static void twelve_symbols_fit_3_kb(void **state)
{
    static const char query[] =
        "exchange=all&symbols=BTCUSDT,ETHUSDT,SOLUSDT,XAUUSDT,XAGUSDT,XPTUSDT,"
        "1000PEPEUSDT,1000SHIBUSDT,1000BONKUSDT,FARTCOINUSDT,PENGUUSDT,XUSDT";
    struct server *s = server_plan(2);
    struct liq_api_response res;

    (void)state;
    for (size_t i = 0; i < s->n; i++) {
        s->fake[i]->list_err = LIQ_ENET;
        s->fake[i]->price = 0.0123456789;
    }
    server_start(s, 0);
    res = ask(s, "watch", query);
    assert_int_equal(res.status, 200);
    assert_null(strstr(res.body, "error"));
    assert_true(res.len > 1500 && res.len < 3000);
    liq_api_response_free(&res);
    server_free(s);
}

/* --- what it costs -------------------------------------------------------- */

static void a_map_is_made_once(void **state)
{
    struct server *s = server_new(1);
    size_t maps;

    (void)state;
    assert_int_equal(ask_status(s, "heatmap", NULL), 200);
    maps = count(s, LIQ_KIND_MAP);
    assert_int_equal(ask_status(s, "watch", "symbols=BTCUSDT"), 200);
    assert_int_equal(count(s, LIQ_KIND_MAP), maps);
    assert_int_equal(s->fake[0]->fetches, 1);
    assert_int_equal(ask_status(s, "watch", "symbols=ETHUSDT,BTCUSDT"), 200);
    assert_int_equal(s->fake[0]->fetches, 2);
    server_free(s);
}

/* The order of symbols and their set make no new entries. */
static void every_list_shares_the_symbols(void **state)
{
    struct server *s = server_new(1);
    size_t keys;

    (void)state;
    assert_int_equal(ask_status(s, "watch", NULL), 200);
    keys = count(s, LIQ_KIND_RESPONSE);
    assert_int_equal(keys, 3);
    assert_int_equal(ask_status(s, "watch", "symbols=SOLUSDT,BTCUSDT"), 200);
    assert_int_equal(ask_status(s, "watch", "symbols=ETHUSDT"), 200);
    assert_int_equal(count(s, LIQ_KIND_RESPONSE), keys);
    assert_int_equal(s->fake[0]->fetches, 3);
    server_free(s);
}

static void a_cached_response_comes_at_once(void **state)
{
    struct server *s = server_new(1);
    struct liq_api_response res;
    struct call *c;
    char etag[200];

    (void)state;
    res = ask(s, "watch", NULL);
    assert_non_null(strstr(header(&res, "Cache-Control"), "max-age=20"));
    snprintf(etag, sizeof etag, "%s", header(&res, "ETag"));
    liq_api_response_free(&res);
    pass(s, 5000);
    c = start_with(s, "GET", "watch", NULL, NULL, etag);
    assert_true(is_done(c));
    res = finish(c);
    assert_int_equal(res.status, 304);
    assert_non_null(strstr(header(&res, "Cache-Control"), "max-age=15"));
    assert_string_equal(header(&res, "X-Liqmap-Age-Ms"), "5000");
    liq_api_response_free(&res);
    server_free(s);
}

static void the_symbols_are_kept_warm(void **state)
{
    struct server *s = server_new(1);
    struct liq_api_response res;

    (void)state;
    assert_int_equal(ask_status(s, "watch", NULL), 200);
    pass(s, s->config.ttl_ms - s->config.lead_ms / 2);
    assert_int_equal(liq_api_keep_warm(s->api), 3);
    pump(s);
    assert_int_equal(s->fake[0]->fetches, 6);
    res = ask(s, "watch", NULL);
    assert_string_equal(header(&res, "X-Liqmap-Age-Ms"), "0");
    liq_api_response_free(&res);
    server_free(s);
}

/* --- waiting and failing -------------------------------------------------- */

static void it_waits_without_a_thread(void **state)
{
    struct server *s = server_plan(1);
    struct liq_cache_counts counts;
    struct call *c;
    cJSON *doc;

    (void)state;
    s->fake[0]->mode = HELD;
    server_start(s, 0);
    c = start(s, "watch", NULL);
    pump(s);
    assert_false(is_done(c));
    liq_cache_count(s->cache, LIQ_KIND_RESPONSE, &counts);
    assert_int_equal(counts.parked, 3);
    fake_release(s->fake[0]);
    doc = finish_json(c, 200);
    assert_true(number(of(doc, 2), "price") > 0.0);
    cJSON_Delete(doc);
    server_free(s);
}

static void what_is_missing_at_the_deadline_is_an_error(void **state)
{
    struct server *s = server_new(1);
    struct call *c;
    cJSON *doc;

    (void)state;
    assert_int_equal(ask_status(s, "watch", "symbols=BTCUSDT"), 200);
    s->fake[0]->mode = HELD;
    s->fake[0]->never = true;
    c = start(s, "watch", "symbols=SOLUSDT,BTCUSDT");
    tick(s, s->config.deadline_ms - 200);
    assert_false(is_done(c));
    tick(s, 400);
    assert_true(is_done(c));
    doc = finish_json(c, 200);
    assert_string_equal(text(of(doc, 0), "error.code"), "timeout");
    assert_string_equal(text(of(doc, 0), "symbol"), "SOLUSDT");
    assert_true(number(of(doc, 1), "price") > 0.0);
    cJSON_Delete(doc);
    server_free(s);
}

static void one_that_fails_does_not_fail_the_rest(void **state)
{
    struct server *s = server_new(1);
    struct liq_api_response res;
    cJSON *doc;

    (void)state;
    assert_int_equal(ask_status(s, "symbols", NULL), 200);
    res = ask(s, "watch", "symbols=BTCUSDT,NOSUCHUSDT,DOGEUSDT");
    assert_int_equal(res.status, 200);
    assert_non_null(strstr(header(&res, "Cache-Control"), "max-age=3,"));
    doc = json(&res);
    assert_true(number(of(doc, 0), "price") > 0.0);
    assert_string_equal(text(of(doc, 1), "symbol"), "NOSUCHUSDT");
    assert_string_equal(text(of(doc, 1), "error.code"), "unknown_symbol");
    assert_non_null(strstr(text(of(doc, 1), "error.message"), "NOSUCHUSDT"));
    assert_true(number(of(doc, 2), "price") > 0.0);
    cJSON_Delete(doc);
    server_free(s);
}

/* The list that says so comes with the request itself. */
static void an_unlisted_symbol_of_a_cold_server_is_an_error(void **state)
{
    struct server *s = server_new(1);
    cJSON *doc = ask_json(s, "watch", "symbols=NOSUCHUSDT,BTCUSDT", 200);

    (void)state;
    assert_string_equal(text(of(doc, 0), "error.code"), "unknown_symbol");
    assert_true(number(of(doc, 1), "price") > 0.0);
    assert_int_equal(s->fake[0]->fetches, 1);
    cJSON_Delete(doc);
    server_free(s);
}

static void symbols_that_the_settings_exclude_are_errors(void **state)
{
    struct server *s = server_plan(1);
    cJSON *doc;

    (void)state;
    snprintf(s->config.symbols, sizeof s->config.symbols, "XRPUSDT");
    server_start(s, 0);
    doc = ask_json(s, "watch", "symbols=DOGEUSDT,XRPUSDT", 200);
    assert_string_equal(text(of(doc, 0), "error.code"), "unknown_symbol");
    assert_non_null(strstr(text(of(doc, 0), "error.message"), "not served"));
    assert_true(number(of(doc, 1), "price") > 0.0);
    assert_int_equal(s->fake[0]->fetches, 1);
    cJSON_Delete(doc);
    server_free(s);
}

static void stale_data_is_marked(void **state)
{
    struct server *s = server_new(1);
    cJSON *doc;

    (void)state;
    assert_int_equal(ask_status(s, "watch", "symbols=BTCUSDT"), 200);
    s->fake[0]->err = LIQ_ENET;
    pass(s, s->config.ttl_ms + s->config.swr_ms + 1000);
    doc = ask_json(s, "watch", "symbols=BTCUSDT,ETHUSDT", 200);
    assert_true(cJSON_IsTrue(at(of(doc, 0), "stale")));
    assert_string_equal(text(of(doc, 1), "error.code"), "net");
    cJSON_Delete(doc);
    server_free(s);
}

static void no_memory_is_an_error(void **state)
{
    struct server *s = server_new(1);

    (void)state;
    no_memory = true;
    assert_int_equal(ask_status(s, "watch", NULL), 503);
    no_memory = false;
    assert_int_equal(ask_status(s, "watch", NULL), 200);
    server_free(s);
}

/* --- what is refused ------------------------------------------------------ */

static void a_bad_list_is_refused_and_named(void **state)
{
    static const struct {
        const char *query, *code, *message;
    } cases[] = {
        {"symbols=BTCUSDT,ethusdt", "bad_symbols", "\"ethusdt\""},
        {"symbols=BTCUSDT,,ETHUSDT", "bad_symbols", "\"\""},
        {"symbols=", "bad_symbols", "\"\""},
        {"symbols=BTCUSDT,", "bad_symbols", "\"\""},
        {"symbols=BTCUSDT,..%2fX", "bad_symbols", "\"../X\""},
        {"symbols=X", "bad_symbols", "\"X\""},
        {"symbols=ABCDEFGHIJABCDEFGHIJABCDEFGHIJAB", "bad_symbols",
         "ABCDEFGHIJABCDEFGHIJABCDEFGHIJAB"},
        {"symbols=BTCUSDT,ETHUSDT,BTCUSDT", "bad_symbols", "BTCUSDT twice"},
        {"symbols=A1,A2,A3,A4,A5,A6,A7,A8,A9,A10,A11,A12,A13", "bad_symbols",
         "A13"},
        {"symbol=BTCUSDT", "bad_parameter", "watch has no parameter"},
        {"end=2025-10-10", "bad_parameter", "watch has no parameter"},
        {"rows=200", "bad_parameter", "watch has no parameter"},
        {"interval=1d", "bad_interval", "does not offer 1d"},
        {"bars=7", "bad_bars", "bars is \"7\""},
    };
    struct server *s = server_new(1);

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cJSON *doc = ask_json(s, "watch", cases[i].query, 400);

        assert_string_equal(text(doc, "error.code"), cases[i].code);
        assert_non_null(strstr(text(doc, "error.message"), cases[i].message));
        cJSON_Delete(doc);
    }
    assert_int_equal(s->fake[0]->fetches, 0);
    server_free(s);
}

static void commas_may_be_escaped(void **state)
{
    struct server *s = server_new(1);
    cJSON *doc = ask_json(s, "watch", "symbols=BTCUSDT%2CSOLUSDT", 200);

    (void)state;
    assert_int_equal(cJSON_GetArraySize(at(doc, "symbols")), 2);
    cJSON_Delete(doc);
    server_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_says_what_the_other_routes_say),
        cmocka_unit_test(without_symbols_it_is_the_common_ones),
        cmocka_unit_test(twelve_symbols_fit_3_kb),
        cmocka_unit_test(a_map_is_made_once),
        cmocka_unit_test(every_list_shares_the_symbols),
        cmocka_unit_test(a_cached_response_comes_at_once),
        cmocka_unit_test(the_symbols_are_kept_warm),
        cmocka_unit_test(it_waits_without_a_thread),
        cmocka_unit_test(what_is_missing_at_the_deadline_is_an_error),
        cmocka_unit_test(one_that_fails_does_not_fail_the_rest),
        cmocka_unit_test(an_unlisted_symbol_of_a_cold_server_is_an_error),
        cmocka_unit_test(symbols_that_the_settings_exclude_are_errors),
        cmocka_unit_test(stale_data_is_marked),
        cmocka_unit_test(no_memory_is_an_error),
        cmocka_unit_test(a_bad_list_is_refused_and_named),
        cmocka_unit_test(commas_may_be_escaped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
