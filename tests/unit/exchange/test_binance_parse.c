#include "market/binance.h"

#include <dirent.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "liqmap/buf.h"
#include "unit/market/guard.h"

#define FIXTURES "tests/fixtures/binance/"

static struct liq_reason why;

static struct liq_buf fixture(const char *name)
{
    char path[256];
    struct liq_buf b;

    snprintf(path, sizeof path, FIXTURES "%s", name);
    liq_buf_init(&b, 1 << 20);
    assert_int_equal(liq_buf_read_file(&b, path), LIQ_OK);
    return b;
}

/* --- candles ------------------------------------------------------------ */

static void klines_good(void **state)
{
    struct liq_buf b = fixture("klines.json");
    struct liq_klines k;

    (void)state;
    assert_int_equal(liq_binance_parse_klines(b.data, b.len, &k, &why), LIQ_OK);
    assert_int_equal(k.n, 3);
    assert_true(k.at[0].open_ms == INT64_C(1760130000000));
    assert_true(k.at[0].open == 61000.10 && k.at[0].high == 61250.0);
    assert_true(k.at[0].low == 60980.0 && k.at[0].close == 61200.5);
    assert_true(k.at[0].volume == 148.976);
    assert_true(k.at[0].quote_volume == 9107412.55);
    assert_true(k.at[2].open_ms == INT64_C(1760131800000));
    free(k.at);
    liq_buf_free(&b);
}

#define ROW(t, rest) "[" t "," rest "]"
#define PLAIN "\"2\",\"4\",\"1\",\"3\",\"10\",0,\"25\",1,\"0\",\"0\",\"0\""

static void klines_cases(void **state)
{
    static const struct {
        const char *name, *body;
        enum liq_err err;
        size_t n;
        const char *says; /* part of the reason */
    } cases[] = {
        {"nothing traded", "[]", LIQ_OK, 0, NULL},
        {"blanks around", " \n[" ROW("60000", PLAIN) "]\r\n ", LIQ_OK, 1, NULL},
        {"numbers for strings", "[[60000,2,4,1,3,10,0,25]]", LIQ_OK, 1, NULL},
        {"strings for numbers", "[[\"60000\",2,4,1,3,10,0,25]]", LIQ_OK, 1,
         NULL},
        {"six fields", "[[60000,2,4,1,3,10]]", LIQ_OK, 1, NULL},
        {"fields to come", "[[60000,2,4,1,3,10,0,25,1,1,1,1,{\"a\":[]}]]",
         LIQ_OK, 1, NULL},
        {"unsorted",
         "[" ROW("180000", PLAIN) "," ROW("60000", PLAIN) "," ROW("120000",
                                                                  PLAIN) "]",
         LIQ_OK, 3, NULL},
        {"twice", "[" ROW("60000", PLAIN) "," ROW("60000", PLAIN) "]", LIQ_OK,
         1, NULL},
        {"gap", "[" ROW("60000", PLAIN) "," ROW("600000", PLAIN) "]", LIQ_OK, 2,
         NULL},
        {"no volume traded", "[[60000,2,4,1,3,\"0\",0,\"0.0\"]]", LIQ_OK, 1,
         NULL},
        {"empty body", "", LIQ_EFORMAT, 0, "not a JSON array"},
        {"null", "null", LIQ_EFORMAT, 0, "not a JSON array"},
        {"an object", "{\"code\":-1000}", LIQ_EFORMAT, 0, "not a JSON array"},
        {"something behind", "[]x", LIQ_EFORMAT, 0, "not a JSON array"},
        {"two documents", "[][]", LIQ_EFORMAT, 0, "not a JSON array"},
        {"html", "<html></html>", LIQ_EFORMAT, 0, "not a JSON array"},
        {"flat", "[1,2,3]", LIQ_EFORMAT, 0, "row 0: not an array"},
        {"five fields", "[" ROW("60000", PLAIN) ",[120000,2,4,1,3]]",
         LIQ_EFORMAT, 0, "row 1: fewer"},
        {"no time", "[[null,2,4,1,3,10,0,25]]", LIQ_EFORMAT, 0,
         "row 0: open t"},
        {"time 0", "[[0,2,4,1,3,10,0,25]]", LIQ_EFORMAT, 0, "row 0: open t"},
        {"half a ms", "[[60000.5,2,4,1,3,10,0,25]]", LIQ_EFORMAT, 0, "open t"},
        {"time beyond doubles", "[[1e17,2,4,1,3,10,0,25]]", LIQ_EFORMAT, 0,
         "open t"},
        {"empty price", "[[60000,\"\",4,1,3,10,0,25]]", LIQ_EFORMAT, 0,
         "row 0: a price"},
        {"null price", "[[60000,2,null,1,3,10,0,25]]", LIQ_EFORMAT, 0,
         "a price"},
        {"word price", "[[60000,\"NaN\",4,1,3,10,0,25]]", LIQ_EFORMAT, 0,
         "a price"},
        {"price 0", "[[60000,2,4,\"0\",3,10,0,25]]", LIQ_EFORMAT, 0, "a price"},
        {"infinite price", "[[60000,2,1e999,1,3,10,0,25]]", LIQ_EFORMAT, 0,
         "a price"},
        {"infinite text", "[[60000,2,\"1e999\",1,3,10,0,25]]", LIQ_EFORMAT, 0,
         "a price"},
        {"low above open", "[[60000,2,4,2.5,3,10,0,25]]", LIQ_EFORMAT, 0,
         "outside low .. high"},
        {"close above high", "[[60000,2,4,1,5,10,0,25]]", LIQ_EFORMAT, 0,
         "outside low .. high"},
        {"negative volume", "[[60000,2,4,1,3,-1,0,25]]", LIQ_EFORMAT, 0,
         "volume"},
        {"no volume", "[[60000,2,4,1,3,\"\",0,25]]", LIQ_EFORMAT, 0, "volume"},
        {"huge volume", "[[60000,2,4,1,3,1e308,0,null]]", LIQ_EFORMAT, 0,
         "quote volume"},
    };
    struct liq_klines k, untouched = {NULL, 77};
    size_t i;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        enum liq_err err;
        size_t j;

        k = untouched;
        memset(&why, 0, sizeof why);
        err = liq_binance_parse_klines(cases[i].body, strlen(cases[i].body), &k,
                                       &why);
        if (err != cases[i].err ||
            (err == LIQ_OK ? k.n != cases[i].n : k.n != 77) ||
            (cases[i].says && !strstr(why.text, cases[i].says)))
            fail_msg("%s: %s, n %zu, '%s'", cases[i].name, liq_err_name(err),
                     k.n, why.text);
        for (j = 1; err == LIQ_OK && j < k.n; j++)
            assert_true(k.at[j - 1].open_ms < k.at[j].open_ms);
        if (err == LIQ_OK)
            free(k.at);
    }
}

/* A missing quote volume is guessed, an empty one is not taken for zero. */
static void klines_quote_volume(void **state)
{
    static const char *const bodies[] = {"[[60000,2,4,1,3,10]]",
                                         "[[60000,2,4,1,3,10,0,\"\"]]",
                                         "[[60000,2,4,1,3,10,0,null]]"};
    struct liq_klines k;
    size_t i;

    (void)state;
    for (i = 0; i < 3; i++) {
        assert_int_equal(
            liq_binance_parse_klines(bodies[i], strlen(bodies[i]), &k, &why),
            LIQ_OK);
        assert_true(fabs(k.at[0].quote_volume - 10.0 * 8.0 / 3.0) < 1e-12);
        free(k.at);
    }
}

/* --- the small answers -------------------------------------------------- */

static void small_good(void **state)
{
    struct liq_buf b;
    struct liq_ticker t;
    struct liq_statistics s = {NAN, NAN, NAN, NAN, 0, NAN};
    int64_t ms;

    (void)state;
    b = fixture("time.json");
    assert_int_equal(liq_binance_parse_time(b.data, b.len, &ms, &why), LIQ_OK);
    assert_true(ms == INT64_C(1760132345678));
    liq_buf_free(&b);
    b = fixture("ticker.json");
    assert_int_equal(liq_binance_parse_ticker(b.data, b.len, &t, &why), LIQ_OK);
    assert_true(t.last == 60620.3 && t.high_24h == 61900.0);
    assert_true(t.low_24h == 60500.0 && t.change_percent_24h == -0.786);
    assert_true(t.volume_24h == 118913.3 && t.quote_volume_24h == 7254900000.1);
    assert_true(t.time_ms == INT64_C(1760132345000));
    liq_buf_free(&b);
    b = fixture("open_interest.json");
    assert_int_equal(
        liq_binance_parse_open_interest(b.data, b.len, &s.open_interest, &why),
        LIQ_OK);
    assert_true(s.open_interest == 81234.567);
    liq_buf_free(&b);
    b = fixture("premium.json");
    assert_int_equal(liq_binance_parse_premium(b.data, b.len, &s, &why),
                     LIQ_OK);
    assert_true(s.mark_price == 60615.0 && s.funding_rate == -0.000125);
    assert_true(s.next_funding_ms == INT64_C(1760140800000));
    liq_buf_free(&b);
    b = fixture("ratio.json");
    assert_int_equal(liq_binance_parse_ratio(b.data, b.len, 0, 0,
                                             &s.long_account_share, &why),
                     LIQ_OK);
    assert_true(s.long_account_share == 0.6617);
    liq_buf_free(&b);
}

/* What is missing is absent, and what is wrong is refused. */
static void absent(void **state)
{
    static const char *const wrong[] = {
        "",
        "null",
        "[]",
        "{}",
        "42",
        "\"x\"",
        "{\"a\":",
        "{\"serverTime\":\"\",\"lastPrice\":null,"
        "\"openInterest\":\"0\",\"markPrice\":\"\"}",
        "{\"serverTime\":-5,\"lastPrice\":\"-1\",\"openInterest\":\"x\","
        "\"markPrice\":0,\"lastFundingRate\":\"\"}",
    };
    static const char few[] = "{\"lastPrice\":5,\"highPrice\":\"\",\"volume\":"
                              "null,\"quoteVolume\":\"-1\"}";
    static const char huge[] =
        "{\"lastPrice\":5,\"highPrice\":1e999,\"volume\":\"1e999\"}";
    struct liq_ticker t;
    struct liq_statistics s;
    double x = -7.0;
    int64_t ms = -7;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        const char *w = wrong[i];
        size_t n = strlen(w);

        assert_int_equal(liq_binance_parse_time(w, n, &ms, &why), LIQ_EFORMAT);
        assert_int_equal(liq_binance_parse_ticker(w, n, &t, &why), LIQ_EFORMAT);
        assert_int_equal(liq_binance_parse_open_interest(w, n, &x, &why),
                         LIQ_EFORMAT);
        assert_int_equal(liq_binance_parse_premium(w, n, &s, &why),
                         LIQ_EFORMAT);
        assert_true(ms == -7 && x == -7.0);
    }
    assert_int_equal(liq_binance_parse_ticker(huge, strlen(huge), &t, &why),
                     LIQ_OK);
    assert_true(t.last == 5.0 && isnan(t.high_24h) && isnan(t.volume_24h));
    assert_int_equal(liq_binance_parse_ticker(few, strlen(few), &t, &why),
                     LIQ_OK);
    assert_true(t.last == 5.0 && isnan(t.high_24h) && isnan(t.low_24h));
    assert_true(isnan(t.change_percent_24h) && isnan(t.volume_24h));
    assert_true(isnan(t.quote_volume_24h) && t.time_ms == 0);
}

static void history(void **state)
{
    static const struct {
        const char *name;
        int64_t to_ms;
        enum liq_err err;
        double base, quote;
    } cases[] = {
        {"newest", 0, LIQ_OK, 80300.0, NAN},
        {"on a stamp", INT64_C(1760131800000), LIQ_OK, 80100.0, 4905000000.0},
        {"a zero is skipped", INT64_C(1760132100000), LIQ_OK, 80100.0,
         4905000000.0},
        {"between", INT64_C(1760131799999), LIQ_OK, 80000.0, 4900000000.0},
        {"before all", INT64_C(1760131499999), LIQ_ENOTFOUND, 0.0, 0.0},
        {"long after all", INT64_C(1760136000001), LIQ_ENOTFOUND, 0.0, 0.0},
    };
    struct liq_buf b = fixture("open_interest_hist.json");
    size_t i;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        double base = 0.0, quote = 0.0;
        enum liq_err err = liq_binance_parse_open_interest_hist(
            b.data, b.len, cases[i].to_ms, 3600000, &base, &quote, &why);

        if (err != cases[i].err || base != cases[i].base ||
            !(quote == cases[i].quote ||
              (isnan(quote) && isnan(cases[i].quote))))
            fail_msg("%s: %s %g %g", cases[i].name, liq_err_name(err), base,
                     quote);
    }
    liq_buf_free(&b);
}

static void ratio(void **state)
{
    static const struct {
        const char *body;
        enum liq_err err;
        double share;
    } cases[] = {
        {"[{\"longAccount\":0.25,\"timestamp\":5}]", LIQ_OK, 0.25},
        {"[{\"longShortRatio\":\"3\",\"timestamp\":5}]", LIQ_OK, 0.75},
        {"[{\"longAccount\":\"\",\"longShortRatio\":1,\"timestamp\":5}]",
         LIQ_OK, 0.5},
        {"[{\"longAccount\":0.1,\"timestamp\":9},{\"longAccount\":0.2,"
         "\"timestamp\":5}]",
         LIQ_OK, 0.1},
        {"[{\"longAccount\":1.5,\"timestamp\":5}]", LIQ_ENOTFOUND, -1.0},
        {"[{\"longAccount\":0.5}]", LIQ_ENOTFOUND, -1.0},
        {"[]", LIQ_ENOTFOUND, -1.0},
        {"[null,3,\"x\",[1]]", LIQ_ENOTFOUND, -1.0},
        {"{}", LIQ_EFORMAT, -1.0},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        double share = -1.0;

        assert_int_equal(liq_binance_parse_ratio(cases[i].body,
                                                 strlen(cases[i].body), 0, 0,
                                                 &share, &why),
                         cases[i].err);
        assert_true(share == cases[i].share);
    }
}

static void symbols(void **state)
{
    struct liq_buf b = fixture("exchange_info.json");
    struct liq_symbols s;

    (void)state;
    assert_int_equal(liq_binance_parse_symbols(b.data, b.len, &s, &why),
                     LIQ_OK);
    assert_int_equal(s.n, 3);
    assert_string_equal(s.at[0].name, "1000PEPEUSDT");
    assert_true(isnan(s.at[0].tick));
    assert_string_equal(s.at[1].name, "BTCUSDT");
    assert_string_equal(s.at[1].base, "BTC");
    assert_true(s.at[1].tick == 0.1);
    assert_string_equal(s.at[2].name, "ETHUSDT");
    liq_symbols_free(&s);
    assert_int_equal(liq_binance_parse_symbols("{}", 2, &s, &why), LIQ_EFORMAT);
    liq_buf_free(&b);
}

/* --- errors ------------------------------------------------------------- */

static void errors(void **state)
{
    static const struct {
        const char *name;
        bool is_error;
        int code;
        bool maintenance;
        int64_t banned_until_ms;
        const char *message;
    } cases[] = {
        {"error_symbol.json", true, -1121, false, 0, "Invalid symbol."},
        {"error_region.json", true, 0, false, 0, "Service unavailable from a"},
        {"error_ban.json", true, -1003, false, INT64_C(1760132545678),
         "Way too"},
        {"error_maintenance.json", true, 0, true, 0, "The system is under"},
        {"error_gateway.html", false, 0, false, 0, ""},
        {"ticker.json", false, 0, false, 0, ""},
        {"time.json", false, 0, false, 0, ""},
        {"klines.json", false, 0, false, 0, ""},
    };
    static const char odd[] =
        "{\"code\":1e30,\"msg\":\"a\\n\\u0007\\u00fc b\"}";
    struct liq_binance_error e;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct liq_buf b = fixture(cases[i].name);

        if (liq_binance_parse_error(b.data, b.len, &e) != cases[i].is_error ||
            e.code != cases[i].code || e.maintenance != cases[i].maintenance ||
            e.banned_until_ms != cases[i].banned_until_ms ||
            strncmp(e.message, cases[i].message, strlen(cases[i].message)) != 0)
            fail_msg("%s: code %d '%s'", cases[i].name, e.code, e.message);
        liq_buf_free(&b);
    }
    assert_true(liq_binance_parse_error(odd, strlen(odd), &e));
    assert_int_equal(e.code, 0);
    assert_string_equal(e.message, "a     b");
}

/* --- every prefix of every answer, at the end of memory ------------------- */

static void parse_all(const char *body, size_t len)
{
    struct liq_binance_error e;
    struct liq_klines k;
    struct liq_symbols s;
    struct liq_ticker t;
    struct liq_statistics st;
    double x, y;
    int64_t ms;

    if (liq_binance_parse_klines(body, len, &k, &why) == LIQ_OK)
        free(k.at);
    if (liq_binance_parse_symbols(body, len, &s, &why) == LIQ_OK)
        liq_symbols_free(&s);
    liq_binance_parse_time(body, len, &ms, &why);
    liq_binance_parse_ticker(body, len, &t, &why);
    liq_binance_parse_premium(body, len, &st, &why);
    liq_binance_parse_open_interest(body, len, &x, &why);
    liq_binance_parse_ratio(body, len, 0, 0, &x, &why);
    liq_binance_parse_open_interest_hist(body, len, 0, 0, &x, &y, &why);
    liq_binance_parse_error(body, len, &e);
}

static void prefixes(void **state)
{
    static const char *const names[] = {
        "klines.json",        "klines_cut.json", "ticker.json",
        "open_interest.json", "premium.json",    "ratio.json",
        "exchange_info.json", "error_ban.json",  "error_gateway.html",
    };
    struct guard g = guard_new(1 << 16);
    size_t i, n;

    (void)state;
    assert_non_null(g.map);
    for (i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct liq_buf b = fixture(names[i]);

        for (n = 0; n <= b.len; n++)
            parse_all(guard_put(&g, b.data, n), n);
        liq_buf_free(&b);
    }
    guard_free(&g);
}

static void klines_cut(void **state)
{
    struct liq_buf b = fixture("klines_cut.json");
    struct liq_klines k;

    (void)state;
    assert_int_equal(liq_binance_parse_klines(b.data, b.len, &k, &why),
                     LIQ_EFORMAT);
    liq_buf_free(&b);
}

/* --- recorded answers, where they are at hand ----------------------------- */

static bool read_shared(struct liq_buf *b, const char *name)
{
    const char *shared = getenv("LIQMAP_SHARED");
    char path[512];

    snprintf(path, sizeof path, "%s/market-data/rest/binance/%s",
             shared ? shared : "../shared", name);
    liq_buf_init(b, 1 << 22);
    return liq_buf_read_file(b, path) == LIQ_OK;
}

static void shared_klines(const char *name, size_t n)
{
    struct liq_klines k;
    struct liq_buf b;

    assert_true(read_shared(&b, name));
    if (liq_binance_parse_klines(b.data, b.len, &k, &why) != LIQ_OK)
        fail_msg("%s: %s", name, why.text);
    assert_int_equal(k.n, n);
    free(k.at);
    liq_buf_free(&b);
}

static void recorded(void **state)
{
    struct liq_statistics s;
    struct liq_symbols list;
    struct liq_ticker t;
    struct liq_buf b;
    double x, y;
    int64_t ms;

    (void)state;
    if (!read_shared(&b, "fapi_v1_time.json")) {
        liq_buf_free(&b);
        skip();
    }
    assert_int_equal(liq_binance_parse_time(b.data, b.len, &ms, &why), LIQ_OK);
    liq_buf_free(&b);
    shared_klines("fapi_v1_klines.json", 1);
    shared_klines("api_v3_klines_BTCUSDT_1h_1500.json", 1500);
    shared_klines("api_v3_klines_BTCUSDT_5m_limit1000.json", 1000);
    assert_true(read_shared(&b, "fapi_v1_ticker_24hr.json"));
    assert_int_equal(liq_binance_parse_ticker(b.data, b.len, &t, &why), LIQ_OK);
    assert_true(t.last == 4.000002);
    liq_buf_free(&b);
    assert_true(read_shared(&b, "fapi_v1_openInterest.json"));
    assert_int_equal(liq_binance_parse_open_interest(b.data, b.len, &x, &why),
                     LIQ_OK);
    liq_buf_free(&b);
    assert_true(read_shared(&b, "fapi_v1_premiumIndex.json"));
    assert_int_equal(liq_binance_parse_premium(b.data, b.len, &s, &why),
                     LIQ_OK);
    liq_buf_free(&b);
    assert_true(read_shared(&b, "futures_data_openInterestHist.json"));
    assert_int_equal(
        liq_binance_parse_open_interest_hist(b.data, b.len, 0, 0, &x, &y, &why),
        LIQ_OK);
    assert_true(x == 20401.367 && y == 149940752.14464448);
    liq_buf_free(&b);
    assert_true(read_shared(&b, "futures_data_topLongShortPositionRatio.json"));
    assert_int_equal(liq_binance_parse_ratio(b.data, b.len, 0, 0, &x, &why),
                     LIQ_OK);
    assert_true(x == 0.3583);
    liq_buf_free(&b);
    assert_true(read_shared(&b, "fapi_v1_exchangeInfo_2021.json"));
    assert_int_equal(liq_binance_parse_symbols(b.data, b.len, &list, &why),
                     LIQ_OK);
    assert_true(list.n > 80);
    liq_symbols_free(&list);
    liq_buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(klines_good), cmocka_unit_test(klines_cases),
        cmocka_unit_test(klines_cut),  cmocka_unit_test(klines_quote_volume),
        cmocka_unit_test(small_good),  cmocka_unit_test(absent),
        cmocka_unit_test(history),     cmocka_unit_test(ratio),
        cmocka_unit_test(symbols),     cmocka_unit_test(errors),
        cmocka_unit_test(prefixes),    cmocka_unit_test(recorded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
