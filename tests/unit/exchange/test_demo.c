#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* Fails the allocation that brings the countdown to 0. */
static long countdown;

static int refused(void)
{
    return countdown > 0 && --countdown == 0;
}

static void *weak_malloc(size_t n)
{
    return refused() ? NULL : malloc(n);
}

static void *weak_calloc(size_t n, size_t size)
{
    return refused() ? NULL : calloc(n, size);
}

static void *weak_realloc(void *p, size_t n)
{
    return refused() ? NULL : realloc(p, n);
}

#define malloc weak_malloc
#define calloc weak_calloc
#define realloc weak_realloc
#include "market/demo.c"
#undef malloc
#undef calloc
#undef realloc

/* 2025-10-10T21:17:23Z: in the middle of minutes, hours and days. */
#define NOW INT64_C(1760131043000)

static struct liq_clock held;
static struct liq_market *market;
static struct liq_market_answer answer;
static struct liq_reason why;

static int setup(void **state)
{
    (void)state;
    held = liq_clock_held(NOW, 1);
    market = liq_demo_new(&held);
    return market == NULL;
}

static int teardown(void **state)
{
    (void)state;
    market->free(market);
    return 0;
}

static enum liq_err fetch_range(struct liq_market *m, const char *symbol,
                                int64_t interval_ms, int64_t from_ms,
                                int64_t to_ms, struct liq_market_answer *out)
{
    struct liq_market_ask ask = {symbol, interval_ms, from_ms, to_ms, false};

    return m->fetch(m, &ask, 0, out, &why);
}

/* n candles up to the forming one. */
static void fetch_n(int64_t interval_ms, int64_t n)
{
    int64_t from = liq_interval_floor(held.held_wall_ms, interval_ms) -
                   (n - 1) * interval_ms;

    assert_int_equal(
        fetch_range(market, "BTCUSDT", interval_ms, from, 0, &answer), LIQ_OK);
    assert_int_equal(answer.klines.n, n);
}

static bool same(const struct liq_kline *a, const struct liq_kline *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

/* --- candles ------------------------------------------------------------ */

/* Whole and well formed, each opening where the last one closed. */
static void well_formed(void **state)
{
    size_t i;

    (void)state;
    fetch_n(LIQ_MINUTE_MS, 5000);
    for (i = 0; i < answer.klines.n; i++) {
        const struct liq_kline *k = &answer.klines.at[i];

        assert_null(liq_kline_fault(k));
        if (i == 0)
            continue;
        assert_true(k->open_ms == k[-1].open_ms + LIQ_MINUTE_MS);
        assert_true(k->open == k[-1].close);
    }
    assert_true(answer.server_ms == NOW);
    assert_true(answer.ticker.last == answer.klines.at[i - 1].close);
    assert_string_equal(market->source, "demo");
    liq_market_answer_free(&answer);
}

static void add_up(const struct liq_kline *k, size_t n, struct liq_kline *out)
{
    size_t i;

    *out = k[0];
    for (i = 1; i < n; i++) {
        out->high = fmax(out->high, k[i].high);
        out->low = fmin(out->low, k[i].low);
        out->close = k[i].close;
        out->volume += k[i].volume;
        out->quote_volume += k[i].quote_volume;
    }
}

/* Every interval is the sum of any finer one, to the last bit. */
static void aggregates(void **state)
{
    static const struct {
        const char *fine, *coarse;
        int64_t n;
    } cases[] = {
        {"1m", "5m", 60},  {"1m", "15m", 50}, {"5m", "1h", 40},
        {"15m", "1h", 40}, {"1h", "4h", 40},  {"1m", "1d", 2},
        {"4h", "1d", 30},
    };
    struct liq_market_answer fine;
    size_t i, j;
    int s;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t step = liq_interval_ms(cases[i].fine);
        int64_t wide = liq_interval_ms(cases[i].coarse);
        int64_t from = liq_interval_floor(NOW, wide) - (cases[i].n - 1) * wide;
        size_t many = (size_t)(wide / step);

        for (s = 0; s < liq_demo_n_symbols; s++) {
            const char *name = liq_demo_symbols[s].name;

            assert_int_equal(fetch_range(market, name, step, from, 0, &fine),
                             LIQ_OK);
            assert_int_equal(fetch_range(market, name, wide, from, 0, &answer),
                             LIQ_OK);
            assert_int_equal(answer.klines.n, cases[i].n);
            for (j = 0; j < answer.klines.n; j++) {
                struct liq_kline sum;
                size_t left = fine.klines.n - j * many;

                add_up(fine.klines.at + j * many, left < many ? left : many,
                       &sum);
                if (!same(&sum, &answer.klines.at[j]))
                    fail_msg("%s %s from %s: candle %zu", name, cases[i].coarse,
                             cases[i].fine, j);
            }
            liq_market_answer_free(&fine);
            liq_market_answer_free(&answer);
        }
    }
}

/* While a minute forms, what has been seen stays seen. */
static void forming(void **state)
{
    int64_t open = liq_interval_floor(NOW, LIQ_MINUTE_MS), t;
    struct liq_kline before = {0, 0, 0, 0, 0, 0, 0}, whole;

    (void)state;
    held.held_wall_ms = open + LIQ_MINUTE_MS;
    fetch_n(LIQ_MINUTE_MS, 2);
    whole = answer.klines.at[0];
    assert_true(whole.open_ms == open);
    assert_true(answer.klines.at[1].high == answer.klines.at[1].low);
    assert_true(answer.klines.at[1].volume == 0.0);
    liq_market_answer_free(&answer);
    for (t = open; t < open + LIQ_MINUTE_MS; t += 1000) {
        struct liq_kline k;

        held.held_wall_ms = t;
        fetch_n(LIQ_MINUTE_MS, 1);
        k = answer.klines.at[0];
        assert_true(k.open_ms == open && k.open == whole.open);
        assert_true(k.high <= whole.high && k.low >= whole.low);
        assert_true(k.volume <= whole.volume);
        if (t > open)
            assert_true(k.high >= before.high && k.low <= before.low &&
                        k.volume >= before.volume &&
                        k.quote_volume >= before.quote_volume);
        before = k;
        liq_market_answer_free(&answer);
    }
}

/* The same candles, whatever was asked before, from whichever market. */
static void kept(void **state)
{
    static const struct {
        int64_t from, n; /* candles before now; how many, 0: to the newest */
    } asks[] = {{500, 100}, {480, 40},  {450, 0}, {600, 0},  {600, 50},
                {20, 0},    {1000, 10}, {900, 0}, {3, 0},    {2, 1},
                {25000, 0}, {100, 0},   {1, 0},   {25000, 1}};
    struct liq_market_answer other;
    size_t i, j;

    (void)state;
    for (i = 0; i < sizeof asks / sizeof asks[0]; i++) {
        struct liq_market *fresh = liq_demo_new(&held);
        int64_t step = 5 * LIQ_MINUTE_MS;
        int64_t from =
            liq_interval_floor(held.held_wall_ms, step) - asks[i].from * step;
        int64_t to = asks[i].n > 0 ? from + asks[i].n * step : 0;

        assert_non_null(fresh);
        assert_int_equal(
            fetch_range(market, "ETHUSDT", step, from, to, &answer), LIQ_OK);
        assert_int_equal(fetch_range(fresh, "ETHUSDT", step, from, to, &other),
                         LIQ_OK);
        assert_int_equal(answer.klines.n,
                         asks[i].n > 0 ? asks[i].n : asks[i].from + 1);
        assert_int_equal(answer.klines.n, other.klines.n);
        for (j = 0; j < other.klines.n; j++)
            if (!same(&answer.klines.at[j], &other.klines.at[j]))
                fail_msg("ask %zu, candle %zu", i, j);
        liq_market_answer_free(&answer);
        liq_market_answer_free(&other);
        fresh->free(fresh);
        held.held_wall_ms += 7 * LIQ_MINUTE_MS;
    }
}

/* More series than are kept, round and round. */
static void many_series(void **state)
{
    static const char *const intervals[] = {"1m", "5m", "15m", "1h", "4h"};
    struct liq_kline first[6][5];
    int round, s, i;

    (void)state;
    for (round = 0; round < 2; round++)
        for (s = 0; s < 6; s++)
            for (i = 0; i < 5; i++) {
                int64_t step = liq_interval_ms(intervals[i]);
                int64_t from = liq_interval_floor(NOW, step) - 20 * step;

                assert_int_equal(fetch_range(market, liq_demo_symbols[s].name,
                                             step, from, 0, &answer),
                                 LIQ_OK);
                if (round == 0)
                    first[s][i] = answer.klines.at[0];
                assert_true(same(&first[s][i], &answer.klines.at[0]));
                liq_market_answer_free(&answer);
            }
}

/* The one-day map's whole warm-up. */
static void deep(void **state)
{
    (void)state;
    fetch_n(4 * LIQ_HOUR_MS, 11250);
    liq_market_answer_free(&answer);
    fetch_n(4 * LIQ_HOUR_MS, 11250);
    liq_market_answer_free(&answer);
}

/* Numbers that every compiler and machine must come to. */
static void golden(void **state)
{
    static const struct liq_kline expected = {INT64_C(1760130000000),
                                              80227.0,
                                              80352.9,
                                              80177.9,
                                              80339.5,
                                              870.375,
                                              69882603.0};

    (void)state;
    assert_int_equal(fetch_range(market, "BTCUSDT", 15 * LIQ_MINUTE_MS,
                                 INT64_C(1760130000000), INT64_C(1760130900000),
                                 &answer),
                     LIQ_OK);
    assert_int_equal(answer.klines.n, 1);
    if (!same(&answer.klines.at[0], &expected))
        fail_msg("%.17g, %.17g, %.17g, %.17g, %.17g, %.17g",
                 answer.klines.at[0].open, answer.klines.at[0].high,
                 answer.klines.at[0].low, answer.klines.at[0].close,
                 answer.klines.at[0].volume, answer.klines.at[0].quote_volume);
    liq_market_answer_free(&answer);
}

/* It moves like a market: a few percent a day, and sometimes fast. */
static void lively(void **state)
{
    double sum = 0.0, fastest = 0.0;
    size_t i;

    (void)state;
    fetch_n(LIQ_DAY_MS, 1000);
    for (i = 1; i < answer.klines.n; i++) {
        double move =
            log(answer.klines.at[i].close / answer.klines.at[i - 1].close);

        sum += move * move;
        assert_true(answer.klines.at[i].close > 3e4 &&
                    answer.klines.at[i].close < 3e5);
    }
    sum = sqrt(sum / 999.0);
    assert_true(sum > 0.02 && sum < 0.03);
    liq_market_answer_free(&answer);
    fetch_n(LIQ_HOUR_MS, 720);
    for (i = 0; i < answer.klines.n; i++)
        fastest = fmax(fastest,
                       log(answer.klines.at[i].high / answer.klines.at[i].low));
    assert_true(fastest > 0.02);
    liq_market_answer_free(&answer);
}

/* --- statistics --------------------------------------------------------- */

static void statistics(void **state)
{
    const struct liq_statistics *s = &answer.statistics;
    int i;

    (void)state;
    for (i = 0; i < 200; i++) {
        fetch_n(LIQ_HOUR_MS, 1);
        assert_true(s->open_interest > 5e4 && s->open_interest < 1.3e5);
        assert_true(s->open_interest_usd == s->open_interest * s->mark_price);
        assert_true(fabs(s->mark_price / answer.ticker.last - 1.0) < 3e-4);
        assert_true(fabs(s->funding_rate) <= 2e-4);
        assert_true(s->next_funding_ms % FUNDING_MS == 0);
        assert_true(s->next_funding_ms > held.held_wall_ms);
        assert_true(s->next_funding_ms <= held.held_wall_ms + FUNDING_MS);
        assert_true(s->long_account_share > 0.4 && s->long_account_share < 0.7);
        assert_true(answer.ticker.low_24h <= answer.ticker.last &&
                    answer.ticker.last <= answer.ticker.high_24h);
        assert_true(answer.ticker.volume_24h > 0.0);
        assert_int_equal(answer.n_warning, 0);
        liq_market_answer_free(&answer);
        held.held_wall_ms += 5 * LIQ_HOUR_MS + 1;
    }
}

/* The ticker is that of the last 1440 minutes. */
static void ticker(void **state)
{
    struct liq_kline day;

    (void)state;
    fetch_n(LIQ_MINUTE_MS, 1440);
    add_up(answer.klines.at, 1440, &day);
    assert_true(answer.ticker.high_24h == day.high);
    assert_true(answer.ticker.low_24h == day.low);
    assert_true(answer.ticker.volume_24h == day.volume);
    assert_true(answer.ticker.quote_volume_24h == day.quote_volume);
    assert_true(answer.ticker.change_percent_24h ==
                100.0 * (day.close - day.open) / day.open);
    liq_market_answer_free(&answer);
}

/* Asked for the past, it says what it said then. */
static void the_past(void **state)
{
    int64_t then = NOW - 3 * LIQ_DAY_MS, from = then - then % LIQ_HOUR_MS;
    struct liq_market_answer past;

    (void)state;
    assert_int_equal(fetch_range(market, "SOLUSDT", LIQ_HOUR_MS,
                                 from - 5 * LIQ_HOUR_MS, then, &past),
                     LIQ_OK);
    assert_int_equal(past.klines.n, 5);
    assert_true(isnan(past.ticker.last));
    assert_true(past.server_ms == NOW);
    held.held_wall_ms = then;
    assert_int_equal(fetch_range(market, "SOLUSDT", LIQ_HOUR_MS,
                                 from - 5 * LIQ_HOUR_MS, 0, &answer),
                     LIQ_OK);
    assert_int_equal(answer.klines.n, 6);
    assert_true(same(&answer.klines.at[4], &past.klines.at[4]));
    assert_true(answer.statistics.open_interest ==
                past.statistics.open_interest);
    assert_true(answer.statistics.funding_rate == past.statistics.funding_rate);
    assert_true(answer.statistics.long_account_share ==
                past.statistics.long_account_share);
    liq_market_answer_free(&answer);
    liq_market_answer_free(&past);
}

/* --- the edges ---------------------------------------------------------- */

static void refusals(void **state)
{
    static const struct {
        const char *symbol;
        int64_t interval_ms, from_ms, to_ms;
        enum liq_err err;
    } cases[] = {
        {"FOOUSDT", LIQ_HOUR_MS, NOW - LIQ_DAY_MS, 0, LIQ_ENOTFOUND},
        {NULL, LIQ_HOUR_MS, NOW - LIQ_DAY_MS, 0, LIQ_ENOTFOUND},
        {"BTCUSDT", 61000, NOW - LIQ_DAY_MS, 0, LIQ_EINVAL},
        {"BTCUSDT", LIQ_MINUTE_MS, LIQ_MINUTE_MS, 0, LIQ_EINVAL},
        {"BTCUSDT", LIQ_HOUR_MS, NOW + LIQ_DAY_MS, 0, LIQ_ENOTFOUND},
        {"BTCUSDT", LIQ_HOUR_MS, LIQ_HOUR_MS, LISTED_MS, LIQ_ENOTFOUND},
    };
    size_t i;
    int64_t t;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(fetch_range(market, cases[i].symbol,
                                     cases[i].interval_ms, cases[i].from_ms,
                                     cases[i].to_ms, &answer),
                         cases[i].err);
        assert_null(answer.klines.at);
        assert_non_null(strstr(why.text, "demo: "));
    }
    /* Before the listing there is nothing, from it on everything. */
    assert_int_equal(
        fetch_range(market, "BTCUSDT", LIQ_DAY_MS, LIQ_DAY_MS, 0, &answer),
        LIQ_OK);
    assert_true(answer.klines.at[0].open_ms == LISTED_MS);
    liq_market_answer_free(&answer);
    held.held_wall_ms = LISTED_MS - 1;
    assert_int_equal(
        fetch_range(market, "BTCUSDT", LIQ_DAY_MS, LIQ_DAY_MS, 0, &answer),
        LIQ_ENOTFOUND);
    assert_int_equal(market->now(market, 0, &t, &why), LIQ_OK);
    assert_true(t == LISTED_MS - 1);
    assert_true(market->engine_ms(market, LIQ_HOUR_MS) == 15 * LIQ_MINUTE_MS);
    assert_true(market->engine_ms(market, 7) == 0);
}

static void listing(void **state)
{
    struct liq_symbols s;
    size_t i;

    (void)state;
    assert_int_equal(market->symbols(market, 0, &s, &why), LIQ_OK);
    assert_int_equal(s.n, 6);
    for (i = 0; i < s.n; i++) {
        assert_true(liq_symbol_valid(s.at[i].name));
        assert_true(s.at[i].tick > 0.0);
        if (i > 0)
            assert_true(strcmp(s.at[i - 1].name, s.at[i].name) < 0);
    }
    assert_string_equal(s.at[1].name, "BTCUSDT");
    assert_true(s.at[1].tick == 0.1);
    liq_symbols_free(&s);
}

static void memory(void **state)
{
    struct liq_kline whole[50];
    long n;

    (void)state;
    fetch_n(LIQ_HOUR_MS, 50);
    memcpy(whole, answer.klines.at, sizeof whole);
    liq_market_answer_free(&answer);
    for (n = 1;; n++) {
        struct liq_market *m;
        enum liq_err err = LIQ_ENOMEM;
        int i;

        countdown = n;
        m = liq_demo_new(&held);
        for (i = 0; m != NULL && i < 3; i++) {
            int64_t from = whole[20 - 10 * i].open_ms;

            err = fetch_range(m, "BTCUSDT", LIQ_HOUR_MS, from, 0, &answer);
            if (err == LIQ_OK)
                assert_true(same(&answer.klines.at[0], &whole[20 - 10 * i]));
            liq_market_answer_free(&answer);
            if (err != LIQ_OK)
                break;
        }
        if (m != NULL)
            m->free(m);
        assert_true(err == LIQ_OK || err == LIQ_ENOMEM);
        if (countdown > 0)
            break;
    }
    countdown = 0;
    assert_true(n > 5);
}

static void *ask_often(void *arg)
{
    struct liq_market_answer a;
    struct liq_market_ask ask = {"BTCUSDT", LIQ_MINUTE_MS, 0, 0, false};
    struct liq_reason r;
    int i, *good = arg;

    for (i = 0; i < 30; i++) {
        ask.symbol = liq_demo_symbols[i % 3].name;
        ask.from_ms = liq_interval_floor(NOW, LIQ_MINUTE_MS) -
                      (100 + 7 * i) * LIQ_MINUTE_MS;
        if (market->fetch(market, &ask, 0, &a, &r) == LIQ_OK)
            *good += a.klines.n == (size_t)(101 + 7 * i) &&
                     a.klines.at[0].open_ms == ask.from_ms;
        liq_market_answer_free(&a);
    }
    return NULL;
}

static void threads(void **state)
{
    pthread_t thread[4];
    int good[4] = {0, 0, 0, 0}, i;

    (void)state;
    for (i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, ask_often, &good[i]),
                         0);
    for (i = 0; i < 4; i++) {
        pthread_join(thread[i], NULL);
        assert_int_equal(good[i], 30);
    }
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(well_formed), CASE(aggregates), CASE(forming),  CASE(kept),
        CASE(many_series), CASE(deep),       CASE(golden),   CASE(lively),
        CASE(statistics),  CASE(ticker),     CASE(the_past), CASE(refusals),
        CASE(listing),     CASE(memory),     CASE(threads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
