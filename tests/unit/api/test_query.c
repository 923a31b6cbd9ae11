#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "api/query.h"
#include "liqmap/model.h"

static struct liq_exchange binance = {.name = "binance"};
static struct liq_exchange demo = {.name = "demo"};
static struct liq_exchange *const exchanges[] = {&binance, &demo};
static const struct liq_query_scope open_scope = {exchanges, 2, "*"};
static const struct liq_query_scope narrow_scope = {exchanges, 2,
                                                    "DOGEUSDT,XRPUSDT"};

/* Queries with the same meaning have one key. */
static const struct {
    const char *name;
    enum liq_route route;
    const char *text, *same;
} good[] = {
    {"defaults", LIQ_ROUTE_HEATMAP, "",
     "exchange=auto&symbol=BTCUSDT&interval=1h&bars=200&rows=400"
     "&tiers=2,3,5,10,25,50,100&side=both"},
    {"everything", LIQ_ROUTE_HEATMAP,
     "end=2025-10-10T21:15:00Z&range=7.5&side=short&tiers=100,25&rows=50"
     "&exchange=demo&bars=1500&interval=5m&symbol=ETHUSDT",
     "exchange=demo&symbol=ETHUSDT&interval=5m&bars=1500"
     "&end=1760130900000&rows=50&tiers=25,100&side=short&range=7.5"},
    {"escapes", LIQ_ROUTE_HEATMAP, "%73ymbol=%42TCUSDT&tiers=2%2c3",
     "tiers=2,3"},
    {"empty pieces", LIQ_ROUTE_TICKER, "&&symbol=SOLUSDT&",
     "exchange=auto&symbol=SOLUSDT"},
    {"a plus is a blank", LIQ_ROUTE_KLINES, "end=2025-10-10+21:15",
     "end=1760130900000"},
    {"any number of candles", LIQ_ROUTE_KLINES, "bars=7", "bars=7&interval=1h"},
    {"range without decimal", LIQ_ROUTE_HEATMAP, "range=90&side=long",
     "side=long&range=90.0"},
    {"all exchanges", LIQ_ROUTE_LEVELS, "exchange=all",
     "exchange=all&symbol=BTCUSDT"},
    {"both kinds of contracts", LIQ_ROUTE_LEVELS, "exchange=all&contract=both",
     "exchange=all"},
    {"of auto, too", LIQ_ROUTE_TICKER, "contract=both", ""},
    {"the kind that an exchange has", LIQ_ROUTE_LEVELS,
     "exchange=binance&contract=linear", "exchange=binance"},
    {"one exchange", LIQ_ROUTE_TICKER, "exchange=binance",
     "exchange=binance&symbol=BTCUSDT"},
    {"a cell", LIQ_ROUTE_EXPLAIN, "price=100500.50&time=2025-10-10",
     "time=1760054400000&price=100500.5"},
    {"one leverage", LIQ_ROUTE_PROFILE, "leverage=10&model=single&bars=100",
     "model=single&leverage=10.0&margin_rate=0.004&lambda=0.2&band=0"
     "&range=10.0&bars=100"},
    {"an escaped model", LIQ_ROUTE_PROFILE, "model=singl%65", "model=single"},
    {"an escaped name", LIQ_ROUTE_PROFILE, "mode%6C=single", "model=single"},
    {"a negative zero", LIQ_ROUTE_PROFILE, "model=single&lambda=-0",
     "model=single&lambda=0"},
    {"the other model", LIQ_ROUTE_PROFILE, "model=gauss7", ""},
    {"nothing to ask", LIQ_ROUTE_SYMBOLS, "", NULL},
    {"an image", LIQ_ROUTE_PICTURE, "",
     "width=1200&height=630&theme=dark&palette=viridis&scale=0-99.5"
     "&colour=linear&axis=linear&candles=colour&ridges=on&profile=auto"},
    {"an image of every kind", LIQ_ROUTE_PICTURE,
     "width=2400&height=1600&theme=light&palette=steel&scale=10-100"
     "&colour=log&axis=log&candles=hollow&ridges=off&profile=off&range=5"
     "&symbol=ETHUSDT&end=2025-10-10",
     "end=2025-10-10&symbol=ETHUSDT&range=5.0&profile=off&ridges=off"
     "&candles=hollow&axis=log&colour=log&scale=10.0-100.0&palette=steel"
     "&theme=light&height=1600&width=2400"},
    {"a scale of the page's", LIQ_ROUTE_PICTURE, "scale=12.34-99.58",
     "scale=12.3-99.5"},
    {"sizes snap down to a step", LIQ_ROUTE_PICTURE, "width=1009&height=209",
     "height=200&width=1000"},
    {"several symbols", LIQ_ROUTE_WATCH, "symbols=BTCUSDT%2CXRPUSDT&bars=100",
     "bars=100&interval=1h"},
};

static struct liq_key key_of(enum liq_route route, const char *text)
{
    struct liq_refusal why;
    struct liq_query q;

    assert_true(liq_query_parse(&open_scope, route, text, &q, &why));
    return liq_query_key(&q);
}

static void one_meaning_has_one_key(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct liq_key key, same;

        print_message("  %s\n", good[i].name);
        key = key_of(good[i].route, good[i].text);
        same = key_of(good[i].route, good[i].same);
        assert_memory_equal(&key, &same, sizeof key);
    }
}

/* Whatever a parameter changes, changes the key. */
static void other_meanings_have_other_keys(void **state)
{
    static const struct {
        enum liq_route route;
        const char *text;
    } cases[] = {
        {LIQ_ROUTE_HEATMAP, ""},
        {LIQ_ROUTE_HEATMAP, "symbol=ETHUSDT"},
        {LIQ_ROUTE_HEATMAP, "interval=5m"},
        {LIQ_ROUTE_HEATMAP, "bars=500"},
        {LIQ_ROUTE_HEATMAP, "format=compact"},
        {LIQ_ROUTE_HEATMAP, "format=compact&bars=500"},
        {LIQ_ROUTE_HEATMAP, "exchange=all"},
        {LIQ_ROUTE_HEATMAP, "exchange=demo"},
        {LIQ_ROUTE_HEATMAP, "exchange=binance"},
        {LIQ_ROUTE_HEATMAP, "rows=200"},
        {LIQ_ROUTE_HEATMAP, "tiers=10"},
        {LIQ_ROUTE_HEATMAP, "side=long"},
        {LIQ_ROUTE_HEATMAP, "range=5"},
        {LIQ_ROUTE_HEATMAP, "range=5.1"},
        {LIQ_ROUTE_HEATMAP, "end=2025-10-10"},
        {LIQ_ROUTE_LEVELS, ""},
        {LIQ_ROUTE_PROFILE, ""},
        {LIQ_ROUTE_PROFILE, "model=single"},
        {LIQ_ROUTE_PROFILE, "model=single&leverage=10"},
        {LIQ_ROUTE_PROFILE, "model=single&margin_rate=0.01"},
        {LIQ_ROUTE_PROFILE, "model=single&lambda=1"},
        {LIQ_ROUTE_PROFILE, "model=single&band=100"},
        {LIQ_ROUTE_PROFILE, "model=single&range=5"},
        {LIQ_ROUTE_EXPLAIN, "time=1760054400000&price=1"},
        {LIQ_ROUTE_EXPLAIN, "time=1760054400001&price=1"},
        {LIQ_ROUTE_EXPLAIN, "time=1760054400000&price=1.5"},
        {LIQ_ROUTE_KLINES, ""},
        {LIQ_ROUTE_TICKER, ""},
        {LIQ_ROUTE_SYMBOLS, ""},
        {LIQ_ROUTE_WATCH, ""},
        {LIQ_ROUTE_WATCH, "interval=5m"},
        {LIQ_ROUTE_WATCH, "bars=100"},
        {LIQ_ROUTE_PICTURE, ""},
        {LIQ_ROUTE_PICTURE, "bars=500"},
        {LIQ_ROUTE_PICTURE, "width=1210"},
        {LIQ_ROUTE_PICTURE, "height=640"},
        {LIQ_ROUTE_PICTURE, "theme=light"},
        {LIQ_ROUTE_PICTURE, "palette=ember"},
        {LIQ_ROUTE_PICTURE, "palette=steel"},
        {LIQ_ROUTE_PICTURE, "scale=0-99"},
        {LIQ_ROUTE_PICTURE, "scale=0.1-99.5"},
        {LIQ_ROUTE_PICTURE, "colour=log"},
        {LIQ_ROUTE_PICTURE, "axis=log"},
        {LIQ_ROUTE_PICTURE, "candles=hollow"},
        {LIQ_ROUTE_PICTURE, "ridges=off"},
        {LIQ_ROUTE_PICTURE, "profile=tiers"},
        {LIQ_ROUTE_PICTURE, "profile=off"},
    };
    enum { N = sizeof cases / sizeof *cases };
    struct liq_key key[N];

    (void)state;
    for (size_t i = 0; i < N; i++) {
        key[i] = key_of(cases[i].route, cases[i].text);
        for (size_t j = 0; j < i; j++)
            assert_memory_not_equal(&key[i], &key[j], sizeof key[i]);
    }
}

static void expect_query(const struct liq_query *a, const struct liq_query *b)
{
    assert_int_equal(a->route, b->route);
    assert_int_equal(a->choice, b->choice);
    assert_ptr_equal(a->exchange, b->exchange);
    assert_string_equal(a->symbol, b->symbol);
    assert_true(a->display_ms == b->display_ms && a->end_ms == b->end_ms);
    assert_int_equal(a->bars, b->bars);
    assert_int_equal(a->rows, b->rows);
    assert_int_equal(a->range_tenths, b->range_tenths);
    assert_int_equal(a->tiers, b->tiers);
    assert_int_equal(a->sides, b->sides);
    assert_true(a->time_ms == b->time_ms && a->price == b->price);
    assert_memory_equal(&a->look, &b->look, sizeof a->look);
    assert_true(a->single.leverage == b->single.leverage &&
                a->single.margin_rate == b->single.margin_rate &&
                a->single.lambda == b->single.lambda &&
                a->single.band == b->single.band &&
                a->single.range_percent == b->single.range_percent);
}

/* A text with some parameters of the route, each with one of its values. */
static void random_query(enum liq_route route, unsigned *seed, char *out,
                         size_t size)
{
    static const struct {
        const char *name;
        unsigned routes; /* bit per route as a caller names it */
        const char *value[4];
    } p[] = {
        {"symbol", 0x3f, {"BTCUSDT", "ETHUSDT", "1000PEPEUSDT", "XY"}},
        {"exchange", 0x3f, {"auto", "all", "demo", "binance"}},
        {"interval", 0x3b, {"5m", "15m", "4h", "1d"}},
        {"bars", 0x3b, {"100", "500", "1000", "1500"}},
        {"end",
         0x3b,
         {"2025-10-10", "2025-10-10T21:15:00Z", "1", "2020-02-29"}},
        {"rows", 0x39, {"50", "51", "799", "800"}},
        {"tiers", 0x39, {"2", "100,2", "5,10,25", "3,50"}},
        {"side", 0x39, {"long", "short", "both", "long"}},
        {"range", 0x39, {"1", "9.9", "42.0", "90"}},
        {"time", 0x20, {"2025-10-10", "1", "1760054400000", "2020-02-29"}},
        {"price", 0x20, {"0.00001", "1e5", "100500.5", "3"}},
    };
    size_t n = 0;

    out[0] = '\0';
    for (size_t i = 0; i < sizeof p / sizeof *p; i++) {
        unsigned draw = *seed = *seed * 1103515245U + 12345U;

        if (!(p[i].routes & 1U << route) ||
            ((draw >> 16 & 1) && strcmp(p[i].name, "time") != 0 &&
             strcmp(p[i].name, "price") != 0))
            continue;
        n += (size_t)snprintf(out + n, size - n, "%s%s=%s", n ? "&" : "",
                              p[i].name, p[i].value[draw >> 20 & 3]);
    }
}

static void expect_round_trip(enum liq_route route, const char *text)
{
    struct liq_refusal why;
    struct liq_query q, back;
    struct liq_key key, again;

    if (!liq_query_parse(&open_scope, route, text, &q, &why))
        fail_msg("%s: %s", text, why.message);
    key = liq_query_key(&q);
    memset(&back, 0xa5, sizeof back);
    assert_true(liq_query_of_key(&open_scope, &key, &back));
    expect_query(&back, &q);
    again = liq_query_key(&back);
    assert_memory_equal(&again, &key, sizeof key);
}

static void a_key_tells_its_query(void **state)
{
    unsigned seed = 1;
    char text[512];

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        expect_round_trip(good[i].route, good[i].text);
    for (int i = 0; i < 6000; i++) {
        enum liq_route route = (enum liq_route)(i % 6);

        random_query(route, &seed, text, sizeof text);
        expect_round_trip(route, text);
    }
    for (int i = 0; i < 200; i++) {
        snprintf(text, sizeof text,
                 "model=single&leverage=%d.%d&lambda=%d&band=%d&range=%d",
                 2 + i % 140, i % 10, i % 11, i * 7, 1 + i % 90);
        expect_round_trip(LIQ_ROUTE_PROFILE, text);
    }
}

static void a_key_of_another_scope_is_refused(void **state)
{
    struct liq_query_scope demo_only = {exchanges + 1, 1, "*"};
    struct liq_key key = key_of(LIQ_ROUTE_TICKER, "exchange=binance");
    struct liq_query q;

    (void)state;
    assert_false(liq_query_of_key(&demo_only, &key, &q));
}

static void the_fields_are_read(void **state)
{
    struct liq_refusal why;
    struct liq_query q;

    (void)state;
    assert_true(
        liq_query_parse(&open_scope, LIQ_ROUTE_HEATMAP, NULL, &q, &why));
    assert_ptr_equal(q.exchange, &binance);
    assert_int_equal(q.rows, 400);
    assert_int_equal(q.range_tenths, 0);
    assert_int_equal(q.end_ms, 0);
    assert_true(liq_query_parse(&open_scope, LIQ_ROUTE_HEATMAP, good[1].text,
                                &q, &why));
    assert_ptr_equal(q.exchange, &demo);
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
     "symbol,interval,bars,exchange,contract,rows,tiers,side,range,end,format,"
     "since"},
    {"of another route", LIQ_ROUTE_TICKER, "bars=200", "bad_parameter",
     "symbol,exchange,contract"},
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
    {"format", LIQ_ROUTE_HEATMAP, "format=short", "bad_format",
     "plain,compact"},
    {"format of another route", LIQ_ROUTE_LEVELS, "format=compact",
     "bad_parameter", NULL},
    {"two formats", LIQ_ROUTE_HEATMAP, "format=compact&format=plain",
     "bad_parameter", NULL},
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
    {"not of an image", LIQ_ROUTE_PICTURE, "format=compact", "bad_parameter",
     "symbol,interval,bars,exchange,contract,rows,tiers,side,range,end,"
     "width,height,theme,palette,scale,colour,axis,candles,ridges,profile"},
    {"an image's alone", LIQ_ROUTE_HEATMAP, "width=800", "bad_parameter", NULL},
    {"width twice", LIQ_ROUTE_PICTURE, "width=800&width=800", "bad_parameter",
     NULL},
    {"narrow", LIQ_ROUTE_PICTURE, "width=319", "bad_width", "320..2400"},
    {"wide", LIQ_ROUTE_PICTURE, "width=2401", "bad_width", NULL},
    {"low", LIQ_ROUTE_PICTURE, "height=199", "bad_height", "200..1600"},
    {"high", LIQ_ROUTE_PICTURE, "height=1601", "bad_height", NULL},
    {"width of many digits", LIQ_ROUTE_PICTURE, "width=4294968496", "bad_width",
     NULL},
    {"width with a unit", LIQ_ROUTE_PICTURE, "width=800px", "bad_width", NULL},
    {"theme", LIQ_ROUTE_PICTURE, "theme=red", "bad_theme", "dark,light"},
    {"palette", LIQ_ROUTE_PICTURE, "palette=", "bad_palette",
     "viridis,ember,steel"},
    {"scale upside down", LIQ_ROUTE_PICTURE, "scale=50-50", "bad_scale", NULL},
    {"scale above all", LIQ_ROUTE_PICTURE, "scale=0-100.1", "bad_scale", NULL},
    {"scale of no digit", LIQ_ROUTE_PICTURE, "scale=0-99.", "bad_scale", NULL},
    {"half a scale", LIQ_ROUTE_PICTURE, "scale=5", "bad_scale", NULL},
    {"profile", LIQ_ROUTE_PICTURE, "profile=single", "bad_profile",
     "auto,tiers,off"},
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
        cmocka_unit_test(one_meaning_has_one_key),
        cmocka_unit_test(other_meanings_have_other_keys),
        cmocka_unit_test(a_key_tells_its_query),
        cmocka_unit_test(a_key_of_another_scope_is_refused),
        cmocka_unit_test(the_fields_are_read),
        cmocka_unit_test(bad_queries_are_refused_by_name),
        cmocka_unit_test(settings_say_which_symbols),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
