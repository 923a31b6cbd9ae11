#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
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

#define malloc weak_malloc
#define calloc weak_calloc
#include "exchange/demo.c"
#undef malloc
#undef calloc

/* 2025-10-10T21:17:23Z: in the middle of minutes, hours and days. */
#define NOW INT64_C(1760131043000)

static struct liq_clock held;
static struct liq_exchange *exchange;
static struct liq_fetch got;

/* Take the outcome over. */
static struct liq_market_data taken(void)
{
    struct liq_market_data d = got.data;

    liq_market_data_init(&got.data);
    return d;
}

static void done(struct liq_fetch *f)
{
    assert_ptr_equal(f, &got);
}

/* The outcome of a fetch that is done before it returns. */
static enum liq_err run(struct liq_exchange *x, struct liq_fetch f)
{
    liq_market_data_free(&got.data);
    liq_symbols_free(&got.symbols);
    got = f;
    got.done = done;
    x->fetch(x, &got);
    return got.why.code;
}

static int setup(void **state)
{
    (void)state;
    held = liq_clock_held(NOW, 1);
    exchange = liq_demo_new(&held);
    return exchange == NULL;
}

static int teardown(void **state)
{
    (void)state;
    exchange->free(exchange);
    return 0;
}

static enum liq_err fetch_range(struct liq_exchange *x, const char *symbol,
                                int64_t interval_ms, int64_t from_ms,
                                int64_t to_ms)
{
    struct liq_fetch f = {.kind = LIQ_FETCH_SERIES,
                          .interval_ms = interval_ms,
                          .from_ms = from_ms,
                          .to_ms = to_ms};

    snprintf(f.symbol, sizeof f.symbol, "%s", symbol);
    return run(x, f);
}

/* n candles up to the forming one. */
static void fetch_n(int64_t interval_ms, int64_t n)
{
    int64_t from = liq_interval_floor(held.held_wall_ms, interval_ms) -
                   (n - 1) * interval_ms;

    assert_int_equal(fetch_range(exchange, "BTCUSDT", interval_ms, from, 0),
                     LIQ_OK);
    assert_int_equal(got.data.klines.n, n);
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
    for (i = 0; i < got.data.klines.n; i++) {
        const struct liq_kline *k = &got.data.klines.at[i];

        assert_null(liq_kline_fault(k));
        if (i == 0)
            continue;
        assert_true(k->open_ms == k[-1].open_ms + LIQ_MINUTE_MS);
        assert_true(k->open == k[-1].close);
    }
    assert_true(got.data.server_ms == NOW);
    assert_true(got.data.ticker.last == got.data.klines.at[i - 1].close);
    assert_string_equal(exchange->source, "demo");
    liq_market_data_free(&got.data);
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
        out->taker_buy_volume += k[i].taker_buy_volume;
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
    struct liq_market_data fine;
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

            assert_int_equal(fetch_range(exchange, name, step, from, 0),
                             LIQ_OK);
            fine = taken();
            assert_int_equal(fetch_range(exchange, name, wide, from, 0),
                             LIQ_OK);
            assert_int_equal(got.data.klines.n, cases[i].n);
            for (j = 0; j < got.data.klines.n; j++) {
                struct liq_kline sum;
                size_t left = fine.klines.n - j * many;

                add_up(fine.klines.at + j * many, left < many ? left : many,
                       &sum);
                if (!same(&sum, &got.data.klines.at[j]))
                    fail_msg("%s %s from %s: candle %zu", name, cases[i].coarse,
                             cases[i].fine, j);
            }
            liq_market_data_free(&fine);
            liq_market_data_free(&got.data);
        }
    }
}

/* While a minute forms, what has been seen stays seen. */
static void forming(void **state)
{
    int64_t open = liq_interval_floor(NOW, LIQ_MINUTE_MS), t;
    struct liq_kline before = {0, 0, 0, 0, 0, 0, 0, NAN}, whole;

    (void)state;
    held.held_wall_ms = open + LIQ_MINUTE_MS;
    fetch_n(LIQ_MINUTE_MS, 2);
    whole = got.data.klines.at[0];
    assert_true(whole.open_ms == open);
    assert_true(got.data.klines.at[1].high == got.data.klines.at[1].low);
    assert_true(got.data.klines.at[1].volume == 0.0);
    liq_market_data_free(&got.data);
    for (t = open; t < open + LIQ_MINUTE_MS; t += 1000) {
        struct liq_kline k;

        held.held_wall_ms = t;
        fetch_n(LIQ_MINUTE_MS, 1);
        k = got.data.klines.at[0];
        assert_true(k.open_ms == open && k.open == whole.open);
        assert_true(k.high <= whole.high && k.low >= whole.low);
        assert_true(k.volume <= whole.volume);
        if (t > open)
            assert_true(k.high >= before.high && k.low <= before.low &&
                        k.volume >= before.volume &&
                        k.quote_volume >= before.quote_volume &&
                        k.taker_buy_volume >= before.taker_buy_volume);
        assert_true(k.taker_buy_volume <= k.volume);
        before = k;
        liq_market_data_free(&got.data);
    }
}

/* The one-day map's whole warm-up; under the sanitizers, where it costs three
 * times as much, a part. */
static void deep(void **state)
{
    (void)state;
    fetch_n(4 * LIQ_HOUR_MS, 1 + 11249 / TEST_DIVISOR);
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
                                              69882603.0,
                                              452.3125};

    (void)state;
    assert_int_equal(fetch_range(exchange, "BTCUSDT", 15 * LIQ_MINUTE_MS,
                                 INT64_C(1760130000000),
                                 INT64_C(1760130900000)),
                     LIQ_OK);
    assert_int_equal(got.data.klines.n, 1);
    if (!same(&got.data.klines.at[0], &expected))
        fail_msg("%.17g, %.17g, %.17g, %.17g, %.17g, %.17g, %.17g",
                 got.data.klines.at[0].open, got.data.klines.at[0].high,
                 got.data.klines.at[0].low, got.data.klines.at[0].close,
                 got.data.klines.at[0].volume,
                 got.data.klines.at[0].quote_volume,
                 got.data.klines.at[0].taker_buy_volume);
    liq_market_data_free(&got.data);
}

/* It moves like a market: a few percent a day, and sometimes fast. */
static void lively(void **state)
{
    double sum = 0.0, fastest = 0.0;
    size_t i;

    (void)state;
    fetch_n(LIQ_DAY_MS, 1000);
    for (i = 1; i < got.data.klines.n; i++) {
        double move =
            log(got.data.klines.at[i].close / got.data.klines.at[i - 1].close);

        sum += move * move;
        assert_true(got.data.klines.at[i].close > 3e4 &&
                    got.data.klines.at[i].close < 3e5);
    }
    sum = sqrt(sum / 999.0);
    assert_true(sum > 0.02 && sum < 0.03);
    liq_market_data_free(&got.data);
    fetch_n(LIQ_HOUR_MS, 720);
    for (i = 0; i < got.data.klines.n; i++)
        fastest = fmax(fastest, log(got.data.klines.at[i].high /
                                    got.data.klines.at[i].low));
    assert_true(fastest > 0.02);
    liq_market_data_free(&got.data);
}

/* --- statistics --------------------------------------------------------- */

static void statistics(void **state)
{
    const struct liq_statistics *s = &got.data.statistics;
    int i;

    (void)state;
    for (i = 0; i < 200; i++) {
        fetch_n(LIQ_HOUR_MS, 1);
        assert_true(s->open_interest > 5e4 && s->open_interest < 1.3e5);
        assert_true(s->open_interest_usd == s->open_interest * s->mark_price);
        assert_true(fabs(s->mark_price / got.data.ticker.last - 1.0) < 3e-4);
        assert_true(fabs(s->funding_rate) <= 2e-4);
        assert_true(s->next_funding_ms % FUNDING_MS == 0);
        assert_true(s->next_funding_ms > held.held_wall_ms);
        assert_true(s->next_funding_ms <= held.held_wall_ms + FUNDING_MS);
        assert_true(s->long_account_share > 0.4 && s->long_account_share < 0.7);
        assert_true(got.data.ticker.low_24h <= got.data.ticker.last &&
                    got.data.ticker.last <= got.data.ticker.high_24h);
        assert_true(got.data.ticker.volume_24h > 0.0);
        assert_int_equal(got.data.n_warning, 0);
        liq_market_data_free(&got.data);
        held.held_wall_ms += 5 * LIQ_HOUR_MS + 1;
    }
}

/* The ticker is that of the last 1440 minutes. */
static void ticker(void **state)
{
    struct liq_kline day;

    (void)state;
    fetch_n(LIQ_MINUTE_MS, 1440);
    add_up(got.data.klines.at, 1440, &day);
    assert_true(got.data.ticker.high_24h == day.high);
    assert_true(got.data.ticker.low_24h == day.low);
    assert_true(got.data.ticker.volume_24h == day.volume);
    assert_true(got.data.ticker.quote_volume_24h == day.quote_volume);
    assert_true(got.data.ticker.change_percent_24h ==
                100.0 * (day.close - day.open) / day.open);
    liq_market_data_free(&got.data);
}

/* Asked for the past, it says what it said then. */
static void the_past(void **state)
{
    int64_t then = NOW - 3 * LIQ_DAY_MS, from = then - then % LIQ_HOUR_MS;
    struct liq_market_data past;

    (void)state;
    assert_int_equal(fetch_range(exchange, "SOLUSDT", LIQ_HOUR_MS,
                                 from - 5 * LIQ_HOUR_MS, then),
                     LIQ_OK);
    past = taken();
    assert_int_equal(past.klines.n, 5);
    assert_true(isnan(past.ticker.last));
    assert_true(past.server_ms == NOW);
    held.held_wall_ms = then;
    assert_int_equal(fetch_range(exchange, "SOLUSDT", LIQ_HOUR_MS,
                                 from - 5 * LIQ_HOUR_MS, 0),
                     LIQ_OK);
    assert_int_equal(got.data.klines.n, 6);
    assert_true(same(&got.data.klines.at[4], &past.klines.at[4]));
    assert_true(got.data.statistics.open_interest ==
                past.statistics.open_interest);
    assert_true(got.data.statistics.funding_rate ==
                past.statistics.funding_rate);
    assert_true(got.data.statistics.long_account_share ==
                past.statistics.long_account_share);
    liq_market_data_free(&got.data);
    liq_market_data_free(&past);
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
        {"", LIQ_HOUR_MS, NOW - LIQ_DAY_MS, 0, LIQ_ENOTFOUND},
        {"BTCUSDT", 61000, NOW - LIQ_DAY_MS, 0, LIQ_EINVAL},
        {"BTCUSDT", LIQ_MINUTE_MS, LIQ_MINUTE_MS, 0, LIQ_EINVAL},
        {"BTCUSDT", LIQ_HOUR_MS, NOW + LIQ_DAY_MS, 0, LIQ_ENOTFOUND},
        {"BTCUSDT", LIQ_HOUR_MS, LIQ_HOUR_MS, LISTED_MS, LIQ_ENOTFOUND},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(fetch_range(exchange, cases[i].symbol,
                                     cases[i].interval_ms, cases[i].from_ms,
                                     cases[i].to_ms),
                         cases[i].err);
        assert_null(got.data.klines.at);
        assert_non_null(strstr(got.why.text, "demo: "));
    }
    /* Before the listing there is nothing, from it on everything. */
    held.held_wall_ms = TEST_DIVISOR > 1 ? LISTED_MS + 100 * LIQ_DAY_MS : NOW;
    assert_int_equal(
        fetch_range(exchange, "BTCUSDT", LIQ_DAY_MS, LIQ_DAY_MS, 0), LIQ_OK);
    assert_true(got.data.klines.at[0].open_ms == LISTED_MS);
    liq_market_data_free(&got.data);
    held.held_wall_ms = LISTED_MS - 1;
    assert_int_equal(
        fetch_range(exchange, "BTCUSDT", LIQ_DAY_MS, LIQ_DAY_MS, 0),
        LIQ_ENOTFOUND);
    assert_true(exchange->now_ms(exchange) == LISTED_MS - 1);
    assert_true(exchange->engine_ms(exchange, LIQ_HOUR_MS) ==
                15 * LIQ_MINUTE_MS);
    assert_true(exchange->engine_ms(exchange, 7) == 0);
}

static void listing(void **state)
{
    struct liq_fetch f = {.kind = LIQ_FETCH_SYMBOLS};
    const struct liq_symbols *s = &got.symbols;
    size_t i;

    (void)state;
    assert_int_equal(run(exchange, f), LIQ_OK);
    assert_int_equal(s->n, 6);
    for (i = 0; i < s->n; i++) {
        assert_true(liq_symbol_valid(s->at[i].name));
        assert_true(s->at[i].tick > 0.0);
        if (i > 0)
            assert_true(strcmp(s->at[i - 1].name, s->at[i].name) < 0);
    }
    assert_string_equal(s->at[1].name, "BTCUSDT");
    assert_true(s->at[1].tick == 0.1);
}

static enum liq_err fetch_depth(const char *symbol)
{
    struct liq_fetch f = {.kind = LIQ_FETCH_DEPTH};

    snprintf(f.symbol, sizeof f.symbol, "%s", symbol);
    liq_depth_free(&got.depth);
    return run(exchange, f);
}

/* What lies at the level of this price; 0 where there is none. */
static double base_at(const struct liq_depth_level *level, size_t n,
                      double price)
{
    size_t i;

    for (i = 0; i < n; i++)
        if (level[i].price == price)
            return level[i].base;
    return 0.0;
}

/* Both sides fall away from the last price, and have walls; a level is what it
 * was while price moves. */
static void order_book(void **state)
{
    const struct liq_depth *d = &got.depth;
    double sum = 0.0, most = 0.0, price, base;
    size_t i;

    (void)state;
    assert_int_equal(fetch_depth("BTCUSDT"), LIQ_OK);
    assert_true(d->n_bid == 300 && d->n_ask == 300);
    assert_true(d->bid[0].price < d->ask[0].price);
    for (i = 0; i < d->n_bid; i++) {
        assert_true(d->bid[i].base > 0.0 && d->ask[i].base > 0.0);
        assert_true(i == 0 || d->bid[i].price < d->bid[i - 1].price);
        assert_true(i == 0 || d->ask[i].price > d->ask[i - 1].price);
        sum += d->bid[i].base;
        most = fmax(most, d->bid[i].base);
    }
    assert_true(most > 4.0 * sum / (double)d->n_bid);
    price = d->bid[150].price;
    base = d->bid[150].base;
    held.held_wall_ms += 2 * LIQ_MINUTE_MS;
    assert_int_equal(fetch_depth("BTCUSDT"), LIQ_OK);
    assert_true(base_at(d->bid, d->n_bid, price) == base);
    assert_int_equal(fetch_depth("NOPEUSDT"), LIQ_ENOTFOUND);
    for (i = 1; i <= 2; i++) {
        countdown = (long)i;
        assert_int_equal(fetch_depth("BTCUSDT"), LIQ_ENOMEM);
        assert_null(d->bid);
        assert_null(d->ask);
    }
    countdown = 0;
    liq_depth_free(&got.depth);
}

static void memory(void **state)
{
    struct liq_kline whole[50];
    long n;

    (void)state;
    fetch_n(LIQ_HOUR_MS, 50);
    memcpy(whole, got.data.klines.at, sizeof whole);
    liq_market_data_free(&got.data);
    for (n = 1;; n++) {
        struct liq_exchange *m;
        enum liq_err err = LIQ_ENOMEM;
        int i;

        countdown = n;
        m = liq_demo_new(&held);
        for (i = 0; m != NULL && i < 3; i++) {
            int64_t from = whole[20 - 10 * i].open_ms;

            err = fetch_range(m, "BTCUSDT", LIQ_HOUR_MS, from, 0);
            if (err == LIQ_OK)
                assert_true(same(&got.data.klines.at[0], &whole[20 - 10 * i]));
            liq_market_data_free(&got.data);
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
    assert_int_equal(n, 1 + 3 + 1);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(well_formed), CASE(aggregates), CASE(forming),    CASE(deep),
        CASE(golden),      CASE(lively),     CASE(statistics), CASE(ticker),
        CASE(the_past),    CASE(refusals),   CASE(listing),    CASE(order_book),
        CASE(memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
