#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "api/query.h"
#include "liqmap/model.h"

static struct liq_market binance = {.name = "binance"};
static struct liq_market demo = {.name = "demo"};
static struct liq_market *const markets[] = {&binance, &demo};
static const struct liq_query_scope open_scope = {markets, 2, "*"};
static const struct liq_query_scope narrow_scope = {markets, 2,
                                                    "DOGEUSDT,XRPUSDT"};

/* What is right, and how it is spelt then. */
static const struct {
    const char *name;
    enum liq_route route;
    const char *text, *canonical;
} good[] = {
    {"defaults", LIQ_ROUTE_HEATMAP, "",
     "heatmap?exchange=auto&symbol=BTCUSDT&interval=1h&bars=200&rows=400"
     "&tiers=2,3,5,10,25,50,100&side=both"},
    {"everything", LIQ_ROUTE_HEATMAP,
     "end=2025-10-10T21:15:00Z&range=7.5&side=short&tiers=100,25&rows=50"
     "&exchange=demo&bars=1500&interval=5m&symbol=ETHUSDT",
     "heatmap?exchange=demo&symbol=ETHUSDT&interval=5m&bars=1500"
     "&end=1760130900000&rows=50&tiers=25,100&side=short&range=7.5"},
    {"escapes", LIQ_ROUTE_HEATMAP, "%73ymbol=%42TCUSDT&tiers=2%2c3",
     "heatmap?exchange=auto&symbol=BTCUSDT&interval=1h&bars=200&rows=400"
     "&tiers=2,3&side=both"},
    {"empty pieces", LIQ_ROUTE_TICKER, "&&symbol=SOLUSDT&",
     "ticker?exchange=auto&symbol=SOLUSDT"},
    {"a plus is a blank", LIQ_ROUTE_KLINES, "end=2025-10-10+21:15",
     "klines?exchange=auto&symbol=BTCUSDT&interval=1h&bars=200"
     "&end=1760130900000"},
    {"any number of candles", LIQ_ROUTE_KLINES, "bars=7",
     "klines?exchange=auto&symbol=BTCUSDT&interval=1h&bars=7"},
    {"range without decimal", LIQ_ROUTE_HEATMAP, "range=90&side=long",
     "heatmap?exchange=auto&symbol=BTCUSDT&interval=1h&bars=200&rows=400"
     "&tiers=2,3,5,10,25,50,100&side=long&range=90.0"},
    {"all exchanges", LIQ_ROUTE_LEVELS, "exchange=all",
     "levels?exchange=all&symbol=BTCUSDT&interval=1h&bars=200&rows=400"
     "&tiers=2,3,5,10,25,50,100&side=both"},
    {"one exchange", LIQ_ROUTE_TICKER, "exchange=binance",
     "ticker?exchange=binance&symbol=BTCUSDT"},
    {"a cell", LIQ_ROUTE_EXPLAIN, "price=100500.50&time=2025-10-10",
     "explain?exchange=auto&symbol=BTCUSDT&interval=1h&bars=200&rows=400"
     "&tiers=2,3,5,10,25,50,100&side=both&time=1760054400000&price=100500.5"},
    {"one leverage", LIQ_ROUTE_PROFILE, "leverage=10&model=single&bars=100",
     "profile?exchange=auto&symbol=BTCUSDT&interval=1h&bars=100&model=single"
     "&leverage=10&margin_rate=0.004&lambda=0.2&band=0&range=10.0"},
    {"nothing to ask", LIQ_ROUTE_SYMBOLS, "", "symbols"},
};

static void good_queries_have_one_spelling(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        char key[LIQ_CACHE_KEY_SIZE], again[LIQ_CACHE_KEY_SIZE];
        struct liq_refusal why;
        struct liq_query q;
        const char *mark;

        print_message("  %s\n", good[i].name);
        assert_true(liq_query_parse(&open_scope, good[i].route, good[i].text,
                                    &q, &why));
        liq_query_canonical(&q, key);
        assert_string_equal(key, good[i].canonical);
        mark = strchr(key, '?');
        assert_true(liq_query_parse(&open_scope, good[i].route,
                                    mark ? mark + 1 : "", &q, &why));
        liq_query_canonical(&q, again);
        assert_string_equal(again, key);
    }
}

static void the_fields_are_read(void **state)
{
    struct liq_refusal why;
    struct liq_query q;

    (void)state;
    assert_true(
        liq_query_parse(&open_scope, LIQ_ROUTE_HEATMAP, NULL, &q, &why));
    assert_ptr_equal(q.market, &binance);
    assert_int_equal(q.rows, 400);
    assert_int_equal(q.range_tenths, 0);
    assert_int_equal(q.end_ms, 0);
    assert_true(liq_query_parse(&open_scope, LIQ_ROUTE_HEATMAP, good[1].text,
                                &q, &why));
    assert_ptr_equal(q.market, &demo);
    assert_string_equal(q.symbol, "ETHUSDT");
    assert_int_equal(q.display_ms, 300000);
    assert_int_equal(q.bars, 1500);
    assert_int_equal(q.rows, 50);
    assert_int_equal(q.range_tenths, 75);
    assert_int_equal(q.tiers, 1U << 4 | 1U << 6);
    assert_int_equal(q.sides, 1U << LIQ_SHORT);
    assert_int_equal(q.end_ms, INT64_C(1760130900000));
}

#define LONG_40 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static const struct {
    const char *name;
    enum liq_route route;
    const char *text, *code, *allowed; /* allowed NULL: not looked at */
} bad[] = {
    {"unknown", LIQ_ROUTE_HEATMAP, "leverage=5", "bad_parameter",
     "symbol,interval,bars,exchange,rows,tiers,side,range,end"},
    {"of another route", LIQ_ROUTE_TICKER, "bars=200", "bad_parameter",
     "symbol,exchange"},
    {"case matters", LIQ_ROUTE_TICKER, "Symbol=BTCUSDT", "bad_parameter", NULL},
    {"health takes none", LIQ_ROUTE_HEALTH, "a=b", "bad_parameter", ""},
    {"twice", LIQ_ROUTE_HEATMAP, "bars=200&bars=200", "bad_parameter", NULL},
    {"bad escape", LIQ_ROUTE_HEATMAP, "symbol=%4", "bad_query", NULL},
    {"bad hex", LIQ_ROUTE_HEATMAP, "symbol=%4G", "bad_query", NULL},
    {"a NUL", LIQ_ROUTE_HEATMAP, "symbol=BTC%00USDT", "bad_query", NULL},
    {"too long", LIQ_ROUTE_HEATMAP, "symbol=" LONG_40 LONG_40, "bad_query",
     NULL},
    {"lower case", LIQ_ROUTE_HEATMAP, "symbol=btcusdt", "bad_symbol", NULL},
    {"no symbol", LIQ_ROUTE_HEATMAP, "symbol=", "bad_symbol", NULL},
    {"no value", LIQ_ROUTE_HEATMAP, "symbol", "bad_symbol", NULL},
    {"one letter", LIQ_ROUTE_HEATMAP, "symbol=B", "bad_symbol", NULL},
    {"40 letters", LIQ_ROUTE_HEATMAP, "symbol=" LONG_40, "bad_symbol", NULL},
    {"path", LIQ_ROUTE_HEATMAP, "symbol=../x", "bad_symbol", NULL},
    {"interval", LIQ_ROUTE_HEATMAP, "interval=1m", "bad_interval",
     "5m,15m,1h,4h,1d"},
    {"two intervals", LIQ_ROUTE_HEATMAP, "interval=5m,15m", "bad_interval",
     NULL},
    {"bars", LIQ_ROUTE_HEATMAP, "bars=300", "bad_bars",
     "100,200,500,1000,1500"},
    {"bars signed", LIQ_ROUTE_HEATMAP, "bars=+200", "bad_bars", NULL},
    {"no candles", LIQ_ROUTE_KLINES, "bars=0", "bad_bars", "1..1500"},
    {"too many candles", LIQ_ROUTE_KLINES, "bars=1501", "bad_bars", NULL},
    {"overflow", LIQ_ROUTE_KLINES, "bars=99999999999999999999", "bad_bars",
     NULL},
    {"exchange", LIQ_ROUTE_HEATMAP, "exchange=mtgox", "bad_exchange",
     "auto,all,binance,demo"},
    {"rows below", LIQ_ROUTE_HEATMAP, "rows=49", "bad_rows", "50..800"},
    {"rows above", LIQ_ROUTE_HEATMAP, "rows=801", "bad_rows", NULL},
    {"rows padded", LIQ_ROUTE_HEATMAP, "rows=0400", "bad_rows", NULL},
    {"tier", LIQ_ROUTE_HEATMAP, "tiers=20", "bad_tiers", "2,3,5,10,25,50,100"},
    {"no tier", LIQ_ROUTE_HEATMAP, "tiers=", "bad_tiers", NULL},
    {"tier twice", LIQ_ROUTE_HEATMAP, "tiers=5,5", "bad_tiers", NULL},
    {"tier missing", LIQ_ROUTE_HEATMAP, "tiers=5,,10", "bad_tiers", NULL},
    {"tiers end", LIQ_ROUTE_HEATMAP, "tiers=5,", "bad_tiers", NULL},
    {"side", LIQ_ROUTE_HEATMAP, "side=up", "bad_side", "long,short,both"},
    {"range below", LIQ_ROUTE_HEATMAP, "range=0.9", "bad_range", "1..90"},
    {"range above", LIQ_ROUTE_HEATMAP, "range=90.1", "bad_range", NULL},
    {"range too fine", LIQ_ROUTE_HEATMAP, "range=5.25", "bad_range", NULL},
    {"range cut", LIQ_ROUTE_HEATMAP, "range=5.", "bad_range", NULL},
    {"range text", LIQ_ROUTE_HEATMAP, "range=nan", "bad_range", NULL},
    {"end", LIQ_ROUTE_HEATMAP, "end=yesterday", "bad_end", NULL},
    {"end at zero", LIQ_ROUTE_HEATMAP, "end=0", "bad_end", NULL},
};

static void bad_queries_are_refused_by_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct liq_refusal why;
        struct liq_query q;

        print_message("  %s\n", bad[i].name);
        assert_false(
            liq_query_parse(&open_scope, bad[i].route, bad[i].text, &q, &why));
        assert_int_equal(why.status, 400);
        assert_string_equal(why.code, bad[i].code);
        assert_true(why.message[0]);
        if (bad[i].allowed)
            assert_string_equal(why.allowed, bad[i].allowed);
    }
}

static void settings_say_which_symbols(void **state)
{
    static const struct {
        const char *symbol;
        bool open, narrow;
    } cases[] = {
        {"BTCUSDT", true, true},    {"SOLUSDT", true, true},
        {"DOGEUSDT", true, true},   {"XRPUSDT", true, true},
        {"XRPUSD", true, false},    {"USDT", true, false},
        {"DOGEUSDTX", true, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[64] = "symbol=";
        struct liq_refusal why;
        struct liq_query q;

        strncat(text, cases[i].symbol, 32);
        assert_int_equal(
            liq_query_parse(&open_scope, LIQ_ROUTE_TICKER, text, &q, &why),
            cases[i].open);
        assert_int_equal(
            liq_query_parse(&narrow_scope, LIQ_ROUTE_TICKER, text, &q, &why),
            cases[i].narrow);
        if (!cases[i].narrow) {
            assert_int_equal(why.status, 404);
            assert_string_equal(why.code, "unknown_symbol");
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_queries_have_one_spelling),
        cmocka_unit_test(the_fields_are_read),
        cmocka_unit_test(bad_queries_are_refused_by_name),
        cmocka_unit_test(settings_say_which_symbols),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
