#include "market/binance.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "unit/market/fake_http.h"

#define BUDGET 2000
#define DEADLINE INT64_C(9000000)

static struct fake fake;
static struct liq_market *market;
static struct liq_market_answer answer;
static struct liq_reason why;

static int setup_budget(int weight_per_minute)
{
    struct liq_venue_options o = {&fake.http, &fake.clock, "http://x",
                                  weight_per_minute};

    fake_init(&fake);
    market = liq_binance_usdm_new(&o);
    return market == NULL;
}

static int setup(void **state)
{
    (void)state;
    return setup_budget(BUDGET);
}

static int teardown(void **state)
{
    (void)state;
    market->free(market);
    pthread_mutex_destroy(&fake.lock);
    return 0;
}

/* n candles up to the forming one. */
static enum liq_err fetch_n(int64_t interval_ms, int64_t n)
{
    struct liq_market_ask ask = {"BTCUSDT", interval_ms, 0, 0, false};

    ask.from_ms = liq_interval_floor(fake_now(&fake), interval_ms) -
                  (n - 1) * interval_ms;
    return market->fetch(market, &ask, DEADLINE, &answer, &why);
}

/* One candle of a minute, for tests about all else. */
static enum liq_err fetch_one(void)
{
    enum liq_err err = fetch_n(LIQ_MINUTE_MS, 1);

    if (err == LIQ_OK)
        liq_market_answer_free(&answer);
    return err;
}

static void learn_clock(void)
{
    int64_t t;

    assert_int_equal(market->now(market, DEADLINE, &t, &why), LIQ_OK);
    assert_true(t == fake_now(&fake));
    fake_clear(&fake);
}

static void assert_whole(size_t n, int64_t interval_ms)
{
    size_t i;

    assert_int_equal(answer.klines.n, n);
    for (i = 1; i < n; i++)
        assert_true(answer.klines.at[i].open_ms ==
                    answer.klines.at[i - 1].open_ms + interval_ms);
    assert_true(answer.klines.at[n - 1].open_ms ==
                liq_interval_floor(fake_now(&fake), interval_ms));
}

/* --- what it costs ------------------------------------------------------ */

/* 1500 + 375 candles of 5m, from 1m: one round trip, cheap, no row twice. */
static void cold_start(void **state)
{
    (void)state;
    learn_clock();
    assert_int_equal(fetch_n(LIQ_MINUTE_MS, 9375), LIQ_OK);
    assert_whole(9375, LIQ_MINUTE_MS);
    assert_int_equal(fake.n_call, 1);
    assert_int_equal(fake.n_widest, 19 + 5);
    assert_int_equal(fake_count(&fake, "/fapi/v1/klines"), 19);
    assert_int_equal(fake.n_row, 9375);
    assert_int_equal(fake_weight(&fake), 19 * 2 + 4);
    assert_int_equal(answer.n_warning, 0);
    liq_market_answer_free(&answer);
}

static void refresh(void **state)
{
    (void)state;
    learn_clock();
    assert_int_equal(fetch_n(LIQ_MINUTE_MS, 2), LIQ_OK);
    assert_whole(2, LIQ_MINUTE_MS);
    assert_int_equal(fake.n_call, 1);
    assert_int_equal(fake_weight(&fake), 1 + 4);
    liq_market_answer_free(&answer);
}

/* The clock is asked for once, and never after any answer told it. */
static void clock_is_asked_once(void **state)
{
    int64_t t;

    (void)state;
    assert_int_equal(fetch_one(), LIQ_OK);
    assert_int_equal(fake.n_call, 2);
    fake_clear(&fake);
    fake.clock.held_mono_ms += 1234;
    assert_int_equal(market->now(market, DEADLINE, &t, &why), LIQ_OK);
    assert_true(t == fake_now(&fake));
    assert_int_equal(fake.n_call, 0);
}

static void pages(void **state)
{
    static const struct {
        int64_t rows;
        bool open;
        size_t n;
        int weight;
    } cases[] = {
        {1, true, 1, 1},
        {97, true, 1, 1},
        {98, true, 1, 2},
        {99, false, 1, 1},
        {100, false, 1, 2},
        {499, false, 1, 2},
        {500, false, 2, 3},
        {497, true, 1, 2},
        {498, true, 2, 3},
        {9375, true, 19, 38},
        {11250, true, 23, 46},
        {LIQ_VENUE_PAGES_MAX * 499, false, 128, 256},
        {LIQ_VENUE_PAGES_MAX * 499 + 1, false, 0, 0},
    };
    struct liq_venue_page page[LIQ_VENUE_PAGES_MAX];
    const struct liq_venue_interval *minute =
        liq_venue_interval(&liq_row_binance, LIQ_MINUTE_MS);
    size_t i, j;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t from = 6000000, last = from + (cases[i].rows - 1) * 60000;
        size_t n = liq_venue_pages(&liq_row_binance, minute, from, last, last,
                                   cases[i].open, page);
        int weight = 0;

        assert_int_equal(n, cases[i].n);
        for (j = 0; j < n; j++) {
            assert_true(page[j].start_ms == from);
            from = page[j].end_ms + 1;
            weight += page[j].weight;
        }
        assert_int_equal(weight, cases[i].weight);
        if (n > 0 && cases[i].open)
            assert_true(page[n - 1].end_ms == 0);
        else if (n > 0)
            assert_true(page[n - 1].end_ms == last + 60000 - 1);
    }
}

/* --- what comes out ----------------------------------------------------- */

static void statistics(void **state)
{
    (void)state;
    assert_int_equal(fetch_n(LIQ_HOUR_MS, 3), LIQ_OK);
    assert_whole(3, LIQ_HOUR_MS);
    assert_true(answer.ticker.last == 101.0);
    assert_true(answer.statistics.open_interest == 2000.0);
    assert_true(answer.statistics.open_interest_usd == 204000.0);
    assert_true(answer.statistics.mark_price == 102.0);
    assert_true(answer.statistics.funding_rate == 0.0001);
    assert_true(answer.statistics.next_funding_ms == INT64_C(1760140800000));
    assert_true(answer.statistics.long_account_share == 0.6);
    assert_true(answer.server_ms == fake_now(&fake));
    liq_market_answer_free(&answer);
}

/* Pages before the listing are empty and no fault. */
static void listed_lately(void **state)
{
    (void)state;
    fake.listed_ms = liq_interval_floor(fake_now(&fake), LIQ_MINUTE_MS) -
                     699 * LIQ_MINUTE_MS;
    assert_int_equal(fetch_n(LIQ_MINUTE_MS, 3000), LIQ_OK);
    assert_whole(700, LIQ_MINUTE_MS);
    liq_market_answer_free(&answer);
}

static void nothing_listed(void **state)
{
    (void)state;
    fake.listed_ms = INT64_MAX / 2;
    assert_int_equal(fetch_n(LIQ_MINUTE_MS, 3), LIQ_ENOTFOUND);
    assert_non_null(strstr(why.text, "BTCUSDT"));
}

/* All but the candles may fail: absent, with a sentence. */
static void partial(void **state)
{
    static const struct {
        const char *path;
        int status;
        const char *body, *warning;
    } cases[] = {
        {"/ticker/24hr", 500, "", "ticker: HTTP 500"},
        {"/openInterest", 500, "<html>", "open interest: HTTP 500"},
        {"/openInterest", 200, "{}", "open interest: no openInterest"},
        {"/openInterest", 200, "[", "open interest: the answer is not"},
        {"/premiumIndex", 400, "{\"code\":-1102,\"msg\":\"Bad.\"}",
         "mark price and funding: HTTP 400: Bad."},
        {"Ratio", 200, "[]", "long/short ratio: nothing known"},
        {"Ratio", 503, "{\"code\":-1,\"msg\":\"Service Unavailable.\"}",
         "long/short ratio: HTTP 503: Service Unavailable."},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bool ticker = strstr(cases[i].path, "ticker") != NULL;
        bool interest = strstr(cases[i].path, "openI") != NULL;
        bool premium = strstr(cases[i].path, "premium") != NULL;
        bool ratio = strstr(cases[i].path, "Ratio") != NULL;
        struct liq_statistics *s = &answer.statistics;

        fake_clear(&fake);
        fake_add(&fake, cases[i].path, cases[i].status, cases[i].body, NULL,
                 -1);
        assert_int_equal(fetch_n(LIQ_MINUTE_MS, 3), LIQ_OK);
        assert_int_equal(answer.n_warning, 1);
        if (strncmp(answer.warning[0], cases[i].warning,
                    strlen(cases[i].warning)) != 0)
            fail_msg("'%s' is not '%s'", answer.warning[0], cases[i].warning);
        assert_true(isnan(answer.ticker.last) == ticker);
        assert_true(isnan(s->open_interest) == interest);
        assert_true(isnan(s->open_interest_usd) == interest);
        assert_true(isnan(s->mark_price) == premium);
        assert_true(isnan(s->funding_rate) == premium);
        assert_true((s->next_funding_ms == 0) == premium);
        assert_true(isnan(s->long_account_share) == ratio);
        if (premium) /* valued at the last price instead */
            assert_true(s->open_interest_usd == 202000.0);
        liq_market_answer_free(&answer);
    }
}

static void all_else_fails(void **state)
{
    (void)state;
    learn_clock();
    fake_add(&fake, "/ticker", 500, "", NULL, -1);
    fake_add(&fake, "/premium", 500, "", NULL, -1);
    fake_add(&fake, "/futures/data", 500, "", NULL, -1);
    fake_break(&fake, "/time", LIQ_ENET, -1);
    assert_int_equal(fetch_n(LIQ_MINUTE_MS, 3), LIQ_OK);
    assert_int_equal(answer.n_warning, 3);
    /* Valued at the newest close. */
    assert_true(answer.statistics.open_interest_usd ==
                2000.0 * answer.klines.at[2].close);
    assert_true(answer.server_ms == fake_now(&fake));
    liq_market_answer_free(&answer);
}

/* --- the past ----------------------------------------------------------- */

static void the_past(void **state)
{
    struct liq_market_ask ask = {"BTCUSDT", LIQ_HOUR_MS, 0, 0, false};

    (void)state;
    learn_clock();
    ask.to_ms = liq_interval_floor(fake_now(&fake), LIQ_HOUR_MS) -
                48 * LIQ_HOUR_MS + 1800000;
    ask.from_ms = liq_interval_floor(ask.to_ms, LIQ_HOUR_MS) - 10 * LIQ_HOUR_MS;
    assert_int_equal(market->fetch(market, &ask, DEADLINE, &answer, &why),
                     LIQ_OK);
    assert_int_equal(answer.klines.n, 10);
    assert_true(answer.klines.at[0].open_ms == ask.from_ms);
    assert_true(answer.klines.at[9].open_ms + LIQ_HOUR_MS <= ask.to_ms);
    assert_int_equal(fake_count(&fake, "/ticker"), 0);
    assert_int_equal(fake_count(&fake, "/premium"), 0);
    assert_int_equal(fake_count(&fake, "/fapi/v1/openInterest"), 0);
    assert_true(isnan(answer.ticker.last));
    assert_true(isnan(answer.statistics.funding_rate));
    assert_true(answer.statistics.open_interest == 500.0);
    assert_true(answer.statistics.open_interest_usd == 50000.0);
    assert_true(answer.statistics.long_account_share == 0.6);
    assert_true(answer.server_ms == fake_now(&fake));
    liq_market_answer_free(&answer);
}

/* A candle that closes exactly then is in. */
static void the_past_on_a_close(void **state)
{
    struct liq_market_ask ask = {"BTCUSDT", LIQ_HOUR_MS, 0, 0, false};

    (void)state;
    ask.to_ms = liq_interval_floor(fake_now(&fake), LIQ_HOUR_MS);
    ask.from_ms = ask.to_ms - 3 * LIQ_HOUR_MS;
    assert_int_equal(market->fetch(market, &ask, DEADLINE, &answer, &why),
                     LIQ_OK);
    assert_int_equal(answer.klines.n, 3);
    liq_market_answer_free(&answer);
    /* A moment to come does not bring the forming one. */
    ask.to_ms = fake_now(&fake) + 10 * LIQ_HOUR_MS;
    assert_int_equal(market->fetch(market, &ask, DEADLINE, &answer, &why),
                     LIQ_OK);
    assert_int_equal(answer.klines.n, 3);
    liq_market_answer_free(&answer);
}

static void long_past(void **state)
{
    struct liq_market_ask ask = {"BTCUSDT", LIQ_DAY_MS, 0, 0, false};

    (void)state;
    learn_clock();
    ask.to_ms = fake_now(&fake) - 31 * LIQ_DAY_MS;
    ask.from_ms = liq_interval_floor(ask.to_ms, LIQ_DAY_MS) - 5 * LIQ_DAY_MS;
    assert_int_equal(market->fetch(market, &ask, DEADLINE, &answer, &why),
                     LIQ_OK);
    assert_int_equal(answer.klines.n, 5);
    assert_int_equal(fake_count(&fake, "/futures/data"), 0);
    assert_true(isnan(answer.statistics.open_interest));
    assert_true(isnan(answer.statistics.open_interest_usd));
    assert_non_null(strstr(answer.warning[0], "30 days"));
    liq_market_answer_free(&answer);
}

/* --- failures ----------------------------------------------------------- */

static void failures(void **state)
{
    static const struct {
        const char *name;
        int status;
        const char *body;
        enum liq_err err;
        const char *says;
        int64_t retry_after_ms;
    } cases[] = {
        {"symbol", 400, "{\"code\":-1121,\"msg\":\"Invalid symbol.\"}",
         LIQ_ENOTFOUND, "binance: HTTP 400: Invalid symbol.", 0},
        {"our fault", 400, "{\"code\":-1130,\"msg\":\"Bad limit.\"}",
         LIQ_EFORMAT, "binance: HTTP 400: Bad limit.", 0},
        {"gateway", 502, "<html>502</html>", LIQ_ENET, "binance: HTTP 502", 0},
        {"backend", 408, "", LIQ_ENET, "binance: HTTP 408", 0},
        {"shutting down", 400, "{\"code\":-1016,\"msg\":\"Closed.\"}", LIQ_ENET,
         "binance: HTTP 400: Closed.", 0},
        {"maintenance", 200, "{\"239999\":\"under maintenance\"}", LIQ_ENET,
         "binance: HTTP 200: under maintenance", 0},
        {"region", 451,
         "{\"code\":0,\"msg\":\"Service unavailable from a "
         "restricted location\"}",
         LIQ_EBLOCKED,
         "binance: HTTP 451: Service unavailable from a restricted location",
         300000},
        {"firewall", 403, "<html>", LIQ_EBLOCKED, "binance: HTTP 403", 300000},
        {"rate", 429, "{\"code\":-1003,\"msg\":\"Too many requests.\"}",
         LIQ_ERATE, "binance: HTTP 429: Too many requests.", 60000},
        {"rate by its code", 400, "{\"code\":-1003,\"msg\":\"Slow down.\"}",
         LIQ_ERATE, "binance: HTTP 400: Slow down.", 60000},
        {"ban", 418, "", LIQ_ERATE, "binance: HTTP 418", 120000},
        {"an object", 200, "{}", LIQ_EFORMAT, "binance: candles: the answer",
         0},
        {"broken row", 200, "[[1,2,3,4,5,6]]", LIQ_EFORMAT,
         "binance: candles: row 0", 0},
        {"off the interval", 200, "[[60001,2,4,1,3,10,0,25]]", LIQ_EFORMAT,
         "binance: candles: row 0 does not open", 0},
        {"moved", 302, "", LIQ_EFORMAT, "binance: HTTP 302", 0},
        {"empty", 200, "", LIQ_EFORMAT, "binance: candles: the answer", 0},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        enum liq_err err;

        teardown(NULL);
        setup(NULL);
        learn_clock();
        fake_add(&fake, "/klines", cases[i].status, cases[i].body, NULL, -1);
        err = fetch_n(LIQ_MINUTE_MS, 3);
        if (err != cases[i].err || why.code != err ||
            strncmp(why.text, cases[i].says, strlen(cases[i].says)) != 0 ||
            why.retry_after_ms != cases[i].retry_after_ms)
            fail_msg("%s: %s '%s' %lld", cases[i].name, liq_err_name(err),
                     why.text, (long long)why.retry_after_ms);
        assert_null(answer.klines.at);
    }
}

/* A page lost to the network is asked for once more, alone; a second loss
 * fails it all: the series has no holes. */
static void lost_page(void **state)
{
    (void)state;
    learn_clock();
    fake_break(&fake, "/klines", LIQ_ENET, 1);
    assert_int_equal(fetch_n(LIQ_MINUTE_MS, 2000), LIQ_OK);
    assert_whole(2000, LIQ_MINUTE_MS);
    assert_int_equal(fake.n_call, 2);
    assert_int_equal(fake_count(&fake, "/klines"), 6);
    liq_market_answer_free(&answer);
    fake_clear(&fake);
    fake_add(&fake, "/klines", 503, "", NULL, 2);
    assert_int_equal(fetch_n(LIQ_MINUTE_MS, 2000), LIQ_OK);
    assert_int_equal(fake_count(&fake, "/klines"), 7);
    liq_market_answer_free(&answer);
    fake_clear(&fake);
    fake_break(&fake, "limit=99", LIQ_ENET, -1);
    assert_int_equal(fetch_n(LIQ_MINUTE_MS, 2), LIQ_ENET);
    assert_string_equal(why.text, "binance: broken on purpose");
    assert_int_equal(fake.n_call, 2);
    fake_clear(&fake);
    fake_break(&fake, "/klines", LIQ_ETIMEOUT, 1);
    assert_int_equal(fetch_n(LIQ_MINUTE_MS, 2), LIQ_ETIMEOUT);
    assert_int_equal(fake.n_call, 1);
}

static void bad_asks(void **state)
{
    static const struct liq_market_ask asks[] = {
        {"BTC/USDT", 60000, 60000, 0, false},
        {"btcusdt", 60000, 60000, 0, false},
        {"", 60000, 60000, 0, false},
        {"B", 60000, 60000, 0, false},
        {"BTCUSDT&x", 60000, 60000, 0, false},
        {NULL, 60000, 60000, 0, false},
        {"BTCUSDT", 61000, 61000, 0, false},
        {"BTCUSDT", 60000, 60001, 0, false},
        {"BTCUSDT", 60000, 0, 0, false},
        {"BTCUSDT", 60000, -60000, 0, false},
        {"ABCDEFGHIJKLMNOPQRSTUVWXYZ123456", 60000, 60000, 0, false},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof asks / sizeof asks[0]; i++)
        assert_int_equal(
            market->fetch(market, &asks[i], DEADLINE, &answer, &why),
            LIQ_EINVAL);
    assert_int_equal(fake.n_url, 0);
    /* Too far back for so small candles. */
    assert_int_equal(fetch_n(LIQ_MINUTE_MS, 1000000), LIQ_EINVAL);
    assert_int_equal(fake_count(&fake, "/klines"), 0);
}

/* --- the gate ----------------------------------------------------------- */

/* While we are to wait, nothing at all is sent; then all is well again. */
static void gate(void **state)
{
    static const struct {
        const char *name, *path;
        int status;
        const char *body, *headers;
        enum liq_err first, later;
        int64_t wait_ms;
    } cases[] = {
        {"429 says how long", "/klines", 429, "", "retry-after: 17\n",
         LIQ_ERATE, LIQ_ERATE, 17000},
        {"418 says until when", "/klines", 418,
         "{\"code\":-1003,\"msg\":\"IP(1.2.3.4) banned until 1760132445678.\"}",
         NULL, LIQ_ERATE, LIQ_ERATE, 100000},
        {"header before text", "/klines", 418,
         "{\"code\":-1003,\"msg\":\"banned until 1760132445678.\"}",
         "retry-after: 5\n", LIQ_ERATE, LIQ_ERATE, 5000},
        {"418 says nothing", "/klines", 418, "", NULL, LIQ_ERATE, LIQ_ERATE,
         120000},
        {"nonsense", "/klines", 429, "", "retry-after: soon\n", LIQ_ERATE,
         LIQ_ERATE, 60000},
        {"at once", "/klines", 429, "", "retry-after: 0\n", LIQ_ERATE,
         LIQ_ERATE, 1000},
        {"for ever", "/klines", 418, "", "retry-after: 99999999\n", LIQ_ERATE,
         LIQ_ERATE, 3 * 86400000},
        {"blocked", "/klines", 451, "", NULL, LIQ_EBLOCKED, LIQ_EBLOCKED,
         300000},
        {"candles came, all the same", "/ticker", 429, "", NULL, LIQ_OK,
         LIQ_ERATE, 60000},
        {"so does a ratio", "/futures/data", 429, "", "retry-after: 30\n",
         LIQ_OK, LIQ_ERATE, 30000},
    };
    struct liq_symbols list;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        teardown(NULL);
        setup(NULL);
        learn_clock();
        fake_add(&fake, cases[i].path, cases[i].status, cases[i].body,
                 cases[i].headers, 1);
        assert_int_equal(fetch_one(), cases[i].first);
        fake_clear(&fake);
        fake.clock.held_mono_ms += cases[i].wait_ms - 1;
        assert_int_equal(fetch_one(), cases[i].later);
        if (why.retry_after_ms != 1)
            fail_msg("%s: %lld more", cases[i].name,
                     (long long)why.retry_after_ms);
        assert_non_null(strstr(why.text, "HTTP 4"));
        assert_int_equal(market->symbols(market, DEADLINE, &list, &why),
                         cases[i].later);
        assert_int_equal(fake.n_call, 0);
        fake.clock.held_mono_ms += 1;
        assert_int_equal(fetch_one(), LIQ_OK);
    }
}

/* A block met by the very first question is told as such. */
static void blocked_from_the_start(void **state)
{
    int64_t t;

    (void)state;
    fake_add(&fake, "/", 451, "{\"code\":0,\"msg\":\"Not here.\"}",
             "date: Fri, 10 Oct 2025 21:39:05 GMT\n", -1);
    assert_int_equal(market->now(market, DEADLINE, &t, &why), LIQ_EBLOCKED);
    assert_string_equal(why.text, "binance: HTTP 451: Not here.");
    assert_int_equal(fetch_one(), LIQ_EBLOCKED);
    assert_int_equal(fake.n_call, 1);
}

/* --- the budget --------------------------------------------------------- */

static void budget(void **state)
{
    (void)state;
    teardown(NULL);
    setup_budget(11);
    learn_clock();                         /* 1 */
    assert_int_equal(fetch_one(), LIQ_OK); /* 6 */
    assert_int_equal(fetch_one(), LIQ_OK); /* 11 */
    fake_clear(&fake);
    assert_int_equal(fetch_one(), LIQ_ERATE);
    assert_int_equal(fake.n_call, 0);
    assert_non_null(strstr(why.text, "request budget"));
    assert_true(why.retry_after_ms == 60000 - fake_now(&fake) % 60000);
    fake.clock.held_mono_ms += why.retry_after_ms - 1;
    assert_int_equal(fetch_one(), LIQ_ERATE);
    fake.clock.held_mono_ms += 1;
    assert_int_equal(fetch_one(), LIQ_OK);
}

/* Others behind our address spend from the same account. */
static void budget_of_the_exchange(void **state)
{
    (void)state;
    fake.headers = "x-mbx-used-weight-1m: 1990\n";
    assert_int_equal(fetch_one(), LIQ_OK);
    assert_int_equal(fetch_one(), LIQ_OK);
    assert_int_equal(fetch_one(), LIQ_ERATE);
    fake.clock.held_mono_ms += why.retry_after_ms;
    assert_int_equal(fetch_one(), LIQ_OK);
    /* What was counted in another minute is no news. */
    fake.headers = "date: Fri, 10 Oct 2025 21:38:59 GMT\n"
                   "x-mbx-used-weight-1m: 2400\n";
    fake.clock.held_mono_ms += LIQ_MINUTE_MS;
    fake.ahead_ms = INT64_C(1760132344000) - fake.clock.held_mono_ms;
    assert_int_equal(fetch_one(), LIQ_OK);
    assert_int_equal(fetch_one(), LIQ_OK);
}

/* A retry that the budget cannot pay is not sent. */
static void budget_of_a_retry(void **state)
{
    (void)state;
    teardown(NULL);
    setup_budget(6);
    learn_clock();
    fake_break(&fake, "/klines", LIQ_ENET, 1);
    assert_int_equal(fetch_one(), LIQ_ENET);
    assert_int_equal(fake.n_call, 1);
}

/* --- the clock ---------------------------------------------------------- */

static void another_year(void **state)
{
    int64_t t;

    (void)state;
    fake.ahead_ms = INT64_C(1940000000000); /* 2031 */
    assert_int_equal(fetch_n(LIQ_HOUR_MS, 5), LIQ_OK);
    assert_whole(5, LIQ_HOUR_MS);
    assert_true(answer.server_ms == fake_now(&fake));
    liq_market_answer_free(&answer);
    /* It moves while we run: the next answer tells. */
    fake.ahead_ms -= 10 * LIQ_MINUTE_MS;
    assert_int_equal(fetch_one(), LIQ_OK);
    assert_int_equal(market->now(market, DEADLINE, &t, &why), LIQ_OK);
    assert_true(t == fake_now(&fake));
    fake.ahead_ms += 30 * LIQ_MINUTE_MS;
    assert_int_equal(fetch_one(), LIQ_OK);
    assert_int_equal(market->now(market, DEADLINE, &t, &why), LIQ_OK);
    assert_true(t == fake_now(&fake));
    assert_int_equal(fetch_n(LIQ_HOUR_MS, 5), LIQ_OK);
    assert_whole(5, LIQ_HOUR_MS);
    liq_market_answer_free(&answer);
}

static void date_stands_in(void **state)
{
    int64_t t;

    (void)state;
    fake_add(&fake, "/time", 500, "", "date: Fri, 10 Oct 2025 21:39:05 GMT\n",
             -1);
    assert_int_equal(market->now(market, DEADLINE, &t, &why), LIQ_OK);
    assert_true(t == INT64_C(1760132345000));
    assert_int_equal(fetch_one(), LIQ_OK);
}

/* A proxy's Date a few seconds off does not make the clock jump about. */
static void date_is_second(void **state)
{
    int64_t t;

    (void)state;
    fake.headers = "date: Fri, 10 Oct 2025 21:38:58 GMT\n";
    assert_int_equal(fetch_one(), LIQ_OK);
    assert_int_equal(market->now(market, DEADLINE, &t, &why), LIQ_OK);
    assert_true(t == fake_now(&fake));
    /* When the time itself fails, it is better than nothing. */
    fake_add(&fake, "/time", 500, "", NULL, -1);
    assert_int_equal(fetch_one(), LIQ_OK);
    assert_int_equal(market->now(market, DEADLINE, &t, &why), LIQ_OK);
    assert_true(t == INT64_C(1760132338999));
}

static void no_clock_at_all(void **state)
{
    int64_t t;

    (void)state;
    fake_add(&fake, "/time", 500, "", NULL, -1);
    assert_int_equal(market->now(market, DEADLINE, &t, &why), LIQ_ENET);
    assert_int_equal(fetch_one(), LIQ_ENET);
    assert_string_equal(why.text, "binance: HTTP 500");
    assert_int_equal(fake_count(&fake, "/klines"), 0);
}

/* --- the rest ----------------------------------------------------------- */

static void list_symbols(void **state)
{
    struct liq_symbols list;

    (void)state;
    assert_int_equal(market->symbols(market, DEADLINE, &list, &why), LIQ_OK);
    assert_int_equal(list.n, 1);
    assert_string_equal(list.at[0].name, "BTCUSDT");
    liq_symbols_free(&list);
    fake_add(&fake, "/exchangeInfo", 200, "[]", NULL, -1);
    assert_int_equal(market->symbols(market, DEADLINE, &list, &why),
                     LIQ_EFORMAT);
}

static void engines(void **state)
{
    static const char *const table[][2] = {
        {"5m", "1m"}, {"15m", "5m"}, {"1h", "15m"}, {"4h", "1h"}, {"1d", "4h"}};
    size_t i;

    (void)state;
    for (i = 0; i < 5; i++)
        assert_true(market->engine_ms(market, liq_interval_ms(table[i][0])) ==
                    liq_interval_ms(table[i][1]));
    assert_true(market->engine_ms(market, LIQ_MINUTE_MS) == 0);
    assert_true(market->engine_ms(market, 0) == 0);
}

static void *fetch_often(void *arg)
{
    struct liq_market_ask ask = {"BTCUSDT", LIQ_MINUTE_MS, 0, 0, false};
    struct liq_market_answer a;
    struct liq_reason r;
    int i, *good = arg;
    int64_t t;

    for (i = 0; i < 20; i++) {
        if (market->now(market, DEADLINE, &t, &r) != LIQ_OK)
            continue;
        ask.from_ms =
            liq_interval_floor(t, LIQ_MINUTE_MS) - 600 * LIQ_MINUTE_MS;
        if (market->fetch(market, &ask, DEADLINE, &a, &r) == LIQ_OK)
            *good += a.klines.n == 601;
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
        assert_int_equal(
            pthread_create(&thread[i], NULL, fetch_often, &good[i]), 0);
    for (i = 0; i < 4; i++) {
        pthread_join(thread[i], NULL);
        assert_int_equal(good[i], 20);
    }
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(cold_start),
        CASE(refresh),
        CASE(clock_is_asked_once),
        CASE(pages),
        CASE(statistics),
        CASE(listed_lately),
        CASE(nothing_listed),
        CASE(partial),
        CASE(all_else_fails),
        CASE(the_past),
        CASE(the_past_on_a_close),
        CASE(long_past),
        CASE(failures),
        CASE(lost_page),
        CASE(bad_asks),
        CASE(gate),
        CASE(blocked_from_the_start),
        CASE(budget),
        CASE(budget_of_the_exchange),
        CASE(budget_of_a_retry),
        CASE(another_year),
        CASE(date_stands_in),
        CASE(date_is_second),
        CASE(no_clock_at_all),
        CASE(list_symbols),
        CASE(engines),
        CASE(threads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
