/* What only one exchange does, and what the tables of one show best. */
#include "unit/exchange/serve.h"

/* --- kept documents: Bybit, Hyperliquid ------------------------------------
 */

/* The ratio is good for a minute, the ticker is not. */
static void kept_for_a_minute(void **state)
{
    uint64_t parses;

    (void)state;
    mock_setup("bybit", serve_bybit, 0);
    must(fetch_n(LIQ_HOUR_MS, 2));
    mock_clear();
    parses = liq_json_parses();
    must(fetch_n(LIQ_HOUR_MS, 2));
    assert_int_equal(mock_count("/account-ratio"), 0);
    assert_int_equal(mock_count("/tickers"), 1);
    assert_true(got.data.statistics.long_account_share == 0.6);
    assert_int_equal(liq_json_parses() - parses, 2);
    pass(LIQ_MINUTE_MS + 1);
    must(fetch_n(LIQ_HOUR_MS, 2));
    assert_int_equal(mock_count("/account-ratio"), 1);
    mock_teardown(NULL);
}

/* One body has the state of every coin; what it says is of when it came. */
static void one_state_for_all(void **state)
{
    int64_t first;

    (void)state;
    mock_setup("hyperliquid", serve_hyperliquid, 0);
    must(fetch_n(LIQ_HOUR_MS, 2));
    first = got.data.ticker.time_ms;
    assert_true(first > mock_now() - 1000 && first <= mock_now());
    mock_clear();
    pass(14000);
    must(fetch_n(LIQ_HOUR_MS, 2));
    assert_int_equal(mock.n_url, 1); /* candles */
    assert_true(got.data.statistics.open_interest == 2000.0);
    assert_true(got.data.ticker.high_24h == 108.0);
    assert_true(got.data.ticker.time_ms == first);
    assert_true(got.data.server_ms >= first + 13000);
    pass(1001);
    must(fetch_n(LIQ_HOUR_MS, 2));
    assert_int_equal(mock_count("metaAndAssetCtxs"), 1);
    assert_true(got.data.ticker.time_ms >= first + 14000);
    mock_teardown(NULL);
}

/* --- contract sizes: Gate, KuCoin ------------------------------------------
 */

/* A contract's size: as read, as kept, as documented, or not. */
static void contract_sizes(void **state)
{
    (void)state;
    mock_setup("gate", serve_gate, 0);
    must(fetch_clock());
    mock_add("/contracts/", 200, "{\"quanto_multiplier\":\"0.001\"}", NULL, 1);
    mock_add("/contracts/", 500, "", NULL, -1);
    must(fetch_n(LIQ_HOUR_MS, 1));
    assert_near(got.data.klines.at[0].volume, 70.0);
    pass(6 * LIQ_HOUR_MS);
    must(fetch_n(LIQ_HOUR_MS, 1));
    assert_near(got.data.klines.at[0].volume, 70.0);
    assert_near(got.data.statistics.open_interest, 20000.0);
    assert_true(got.data.statistics.next_funding_ms == 0);
    assert_int_equal(got.data.n_warning, 1);
    assert_string_equal(got.data.warning[0],
                        "contract: HTTP 500; using the last known contract");
    pass(7 * LIQ_HOUR_MS);
    must(fetch_n(LIQ_HOUR_MS, 1));
    assert_near(got.data.klines.at[0].volume, 7.0);
    assert_int_equal(got.data.n_warning, 2);
    assert_non_null(strstr(got.data.warning[1], "the documented 0.0001"));
    assert_int_equal(fetch_of("SOLUSDT", LIQ_HOUR_MS,
                              liq_interval_floor(mock_now(), LIQ_HOUR_MS), 0),
                     LIQ_EFORMAT);
    assert_non_null(strstr(got.why.text, "contract size of SOLUSDT"));
    mock_teardown(NULL);
}

/* Two endpoints say what is open; where they differ by far, the statistics are
 * right. */
static void two_open_interests(void **state)
{
    static const struct {
        const char *usd;
        double open_interest;
        size_t warnings;
    } cases[] = {
        {"204000", 2000.0, 0}, {"110000", 2000.0, 0}, {"20400000", 200000.0, 1},
        {"2040", 20.0, 1},     {"0", 2000.0, 0},      {"\"\"", 2000.0, 0},
    };
    char body[200];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        mock_setup("gate", serve_gate, 0);
        snprintf(body, sizeof body,
                 "[{\"time\":%" PRId64
                 ",\"lsr_account\":1.5,\"open_interest_usd\":%s}]",
                 mock_now() / 300000 * 300, cases[i].usd);
        mock_add("/contract_stats", 200, body, NULL, -1);
        must(fetch_n(LIQ_HOUR_MS, 1));
        assert_near(got.data.statistics.open_interest, cases[i].open_interest);
        assert_near(got.data.statistics.open_interest_usd,
                    cases[i].open_interest * 102.0);
        assert_int_equal(got.data.n_warning, cases[i].warnings);
        mock_teardown(NULL);
    }
}

/* An old contract says nothing about now. */
static void old_contract(void **state)
{
    (void)state;
    mock_setup("kucoin", serve_kucoin, 0);
    must(fetch_n(LIQ_HOUR_MS, 1));
    assert_near(got.data.statistics.open_interest, 2000.0);
    mock_add("/contracts/", 500, "", NULL, 1);
    must(fetch_n(LIQ_HOUR_MS, 1));
    assert_near(got.data.klines.at[0].volume, 7.0);
    assert_int_equal(got.data.n_warning, 1);
    assert_true(isnan(got.data.statistics.open_interest));
    assert_true(isnan(got.data.ticker.last));
    mock_teardown(NULL);
}

/* What the exchange says is left counts, whatever its limit is called. */
static void what_remains(void **state)
{
    (void)state;
    mock_setup("kucoin", serve_kucoin, 0);
    must(fetch_clock());
    mock.headers = "gw-ratelimit-limit: 2000\ngw-ratelimit-remaining: 995\n"
                   "gw-ratelimit-reset: 9000\n";
    must(fetch_n(LIQ_HOUR_MS, 1));
    assert_int_equal(fetch_n(LIQ_HOUR_MS, 1), LIQ_ERATE);
    assert_true(got.why.retry_after_ms > 0 && got.why.retry_after_ms <= 30000);
    pass(got.why.retry_after_ms);
    must(fetch_n(LIQ_HOUR_MS, 1));
    mock_teardown(NULL);
}

/* --- names ------------------------------------------------------------------
 */

/* A thousand PEPE: prices are times that, amounts of coins the thousandth. */
static void counted_in_thousands(void **state)
{
    const struct liq_kline *k;

    (void)state;
    mock_setup("okx", serve_okx, 0);
    must(fetch_clock());
    must(fetch_of("1000PEPEUSDT", LIQ_HOUR_MS,
                  liq_interval_floor(mock_now(), LIQ_HOUR_MS), 0));
    assert_int_equal(mock_count("instId=PEPE-USDT-SWAP"), 6);
    assert_int_equal(mock_count("instFamily=PEPE-USDT"), 1);
    k = got.data.klines.at;
    assert_near(k->open, 100500.0);
    assert_near(k->volume, 0.007);
    assert_near(k->quote_volume, 707.0);
    assert_near(got.data.ticker.last, 101000.0);
    assert_near(got.data.ticker.change_percent_24h, 1.0);
    assert_near(got.data.statistics.open_interest, 2.0);
    assert_near(got.data.statistics.mark_price, 102000.0);
    assert_near(got.data.statistics.open_interest_usd, 204000.0);
    mock_teardown(NULL);
    /* Contracts of Gate's are contracts of PEPE. */
    mock_setup("gate", serve_gate, 0);
    mock_add("/contracts/PEPE_USDT", 200, "{\"quanto_multiplier\":\"10\"}",
             NULL, -1);
    must(fetch_of("1000PEPEUSDT", LIQ_HOUR_MS,
                  liq_interval_floor(mock_now(), LIQ_HOUR_MS), 0));
    assert_near(got.data.klines.at->volume, 700.0);
    assert_near(got.data.statistics.open_interest, 200000.0);
    mock_teardown(NULL);
}

/* --- limits of the contract ------------------------------------------------
 */

static void limits_of_the_contract(void **state)
{
    static const struct {
        const char *name, *list;
        double leverage, rate; /* NaN: not known */
        size_t warnings;
    } cases[] = {
        {"a percentage",
         "{\"isLowestRisk\":1,\"maxLeverage\":\"100\","
         "\"maintenanceMargin\":\"0.5\"}",
         100, 0.005, 0},
        {"nonsense",
         "{\"isLowestRisk\":1,\"maxLeverage\":\"100\","
         "\"maintenanceMargin\":\"0.01\"}",
         NAN, NAN, 1},
        {"no leverage",
         "{\"isLowestRisk\":1,\"maxLeverage\":\"\","
         "\"maintenanceMargin\":\"0.01\"}",
         NAN, NAN, 1},
        {"no first bracket",
         "{\"isLowestRisk\":0,\"maxLeverage\":\"100\","
         "\"maintenanceMargin\":\"0.005\"}",
         NAN, NAN, 1},
    };
    const struct liq_contract *c = &got.data.contract;
    char body[300];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        mock_setup("bybit", serve_bybit, 0);
        snprintf(body, sizeof body,
                 "{\"retCode\":0,\"result\":{\"list\":[%s]},\"time\":1}",
                 cases[i].list);
        mock_add("/risk-limit", 200, body, NULL, -1);
        must(fetch_n(LIQ_HOUR_MS, 2));
        assert_near(c->max_leverage, cases[i].leverage);
        assert_near(c->maintenance_margin_rate, cases[i].rate);
        assert_true((c->source != NULL) == !isnan(cases[i].leverage));
        assert_int_equal(got.data.n_warning, cases[i].warnings);
        mock_teardown(NULL);
    }
}

/* Read once a day; the last known ones while the exchange does not say. */
static void limits_are_kept(void **state)
{
    (void)state;
    mock_setup("bybit", serve_bybit, 0);
    must(fetch_n(LIQ_HOUR_MS, 2));
    assert_string_equal(got.data.contract.source, "contract");
    pass(LIQ_DAY_MS - 1);
    must(fetch_n(LIQ_HOUR_MS, 2));
    assert_int_equal(mock_count("/risk-limit"), 1);
    assert_near(got.data.contract.max_leverage, 100.0);
    mock_add("/risk-limit", 500, "", NULL, 1);
    pass(1);
    must(fetch_n(LIQ_HOUR_MS, 2));
    assert_int_equal(mock_count("/risk-limit"), 2);
    assert_near(got.data.contract.max_leverage, 100.0);
    assert_int_equal(got.data.n_warning, 1);
    assert_non_null(strstr(got.data.warning[0], "last known"));
    /* The past has them too. */
    must(fetch_past(LIQ_HOUR_MS, 2, mock_now() - LIQ_DAY_MS));
    assert_near(got.data.contract.max_leverage, 100.0);
    assert_true(isnan(got.data.ticker.last));
    mock_teardown(NULL);
    /* Binance documents bitcoin's. */
    mock_setup("binance", serve_binance, 0);
    must(fetch_n(LIQ_HOUR_MS, 2));
    assert_near(got.data.contract.max_leverage, 150.0);
    assert_string_equal(got.data.contract.source, "documented");
    assert_true(got.data.statistics.funding_interval_ms == 8 * LIQ_HOUR_MS);
    must(fetch_of("ETHUSDT", LIQ_HOUR_MS,
                  liq_interval_floor(mock_now(), LIQ_HOUR_MS), 0));
    assert_true(got.data.statistics.funding_interval_ms == 4 * LIQ_HOUR_MS);
    assert_null(got.data.contract.source);
    assert_true(isnan(got.data.contract.max_leverage));
    mock_teardown(NULL);
}

/* --- limits: OKX, Bybit -----------------------------------------------------
 */

/* A narrow limit of one endpoint costs its values, not the candles. */
static void narrow_limits(void **state)
{
    static const char *const symbols[] = {"BTCUSDT", "ETHUSDT", "SOLUSDT"};
    int64_t from;
    size_t i;

    (void)state;
    mock_setup("okx", serve_okx, 0);
    must(fetch_clock());
    from = liq_interval_floor(mock_now(), LIQ_HOUR_MS);
    for (i = 0; i < 3; i++) {
        must(fetch_of(symbols[i], LIQ_HOUR_MS, from, 0));
        assert_int_equal(got.data.n_warning, i < 2 ? 0 : 1);
        if (i == 2)
            assert_non_null(strstr(got.data.warning[0],
                                   "long/short ratio: request budget"));
        assert_true(got.data.ticker.last == 101.0);
    }
    assert_int_equal(mock_count("/long-short"), 2);
    pass(2000);
    must(fetch_of(symbols[2], LIQ_HOUR_MS, from, 0));
    assert_int_equal(got.data.n_warning, 0);
    mock_teardown(NULL);
}

/* Our half of 600 requests in 5 s; then they queue, and with the deadline
 * before the next window nothing more is sent. */
static void budget(void **state)
{
    int64_t t;
    int i;

    (void)state;
    mock_setup("bybit", serve_bybit, 0);
    must(fetch_clock());
    t = mock_now() % 5000;
    pass(5000 - t);
    for (i = 0; i < 148; i++)
        must(fetch_n(LIQ_HOUR_MS, 2));
    assert_true(mock.n_url <= 300 + 1);
    mock.headers = "x-bapi-limit: 100\nx-bapi-limit-status: 40\n";
    must(fetch_n(LIQ_HOUR_MS, 2));
    begin(&(struct liq_fetch){.kind = LIQ_FETCH_SERIES,
                              .symbol = "BTCUSDT",
                              .interval_ms = LIQ_HOUR_MS,
                              .from_ms =
                                  liq_interval_floor(mock_now(), LIQ_HOUR_MS)});
    assert_int_equal(n_done, 0);
    pass(5000);
    run_all();
    assert_int_equal(n_done, 1);
    must(got.why.code);
    mock_teardown(NULL);
}

/* The instrument list goes on where its cursor says. */
static void cursor(void **state)
{
#define ITEM(base)                                                             \
    "{\"symbol\":\"" base "USDT\",\"contractType\":\"LinearPerpetual\","       \
    "\"quoteCoin\":\"USDT\",\"status\":\"Trading\"}"
#define PAGE(list, next)                                                       \
    "{\"retCode\":0,\"result\":{\"list\":[" list                               \
    "],\"nextPageCursor\":\"" next "\"},\"time\":1}"
    (void)state;
    mock_setup("bybit", serve_bybit, 0);
    mock_add("&cursor=second%3D", 200, PAGE(ITEM("AAA"), ""), NULL, 1);
    mock_add("/instruments-info", 200, PAGE(ITEM("BBB"), "second%3D"), NULL, 1);
    must(fetch_symbols());
    assert_int_equal(mock.n_url, 2);
    assert_int_equal(got.symbols.n, 2);
    assert_string_equal(got.symbols.at[0].name, "AAAUSDT");
    /* A page that fails is not a shorter list. */
    mock_clear();
    mock_add("&cursor=", 500, "", NULL, 1);
    mock_add("/instruments-info", 200, PAGE(ITEM("BBB"), "second%3D"), NULL, 1);
    assert_int_equal(fetch_symbols(), LIQ_ENET);
    assert_int_equal(got.symbols.n, 0);
    mock_teardown(NULL);
}

/* --- pages: OKX, Bitget, Gate, Hyperliquid ----------------------------------
 */

static void two_candle_endpoints(void **state)
{
    int64_t to;

    (void)state;
    mock_setup("okx", serve_okx, 0);
    to = mock_now() - 30 * LIQ_DAY_MS;
    must(fetch_past(LIQ_HOUR_MS, 1800, to));
    /* 720 hours ago: the newer one has 710 of them. */
    assert_int_equal(mock_count("history-candles"), 4);
    assert_int_equal(got.data.klines.n, 1800);
    pass(10000);
    must(fetch_past(LIQ_HOUR_MS, 9, mock_now() - 70 * LIQ_DAY_MS));
    assert_true(isnan(got.data.statistics.open_interest));
    assert_non_null(strstr(got.data.warning[0], "60 days"));
    mock_teardown(NULL);
}

/* Some servers give 100 rows where others give 300: the series is whole all
 * the same, and from then on pages are of 100. */
static void cut_pages(void **state)
{
    size_t i;

    (void)state;
    okx_history_rows = 100;
    mock_setup("okx", serve_okx, 0);
    must(fetch_clock());
    mock_clear();
    must(fetch_n(LIQ_HOUR_MS, 1800));
    assert_int_equal(got.data.klines.n, 1800);
    for (i = 1; i < 1800; i++)
        assert_true(got.data.klines.at[i].open_ms ==
                    got.data.klines.at[i - 1].open_ms + LIQ_HOUR_MS);
    assert_int_equal(mock.n_batch, 2);
    assert_int_equal(mock_count("history-candles"), 2 + 4);
    pass(10000);
    mock_clear();
    must(fetch_n(LIQ_HOUR_MS, 1800));
    assert_int_equal(mock.n_batch, 1);
    assert_int_equal(mock_count("history-candles"), 4);
    /* Eight pages are all that one fetch takes. */
    pass(10000);
    mock_clear();
    must(fetch_past(LIQ_HOUR_MS, 1800, mock_now() - 30 * LIQ_DAY_MS));
    assert_int_equal(mock_count("history-candles"), 8);
    assert_true(got.data.klines.n > 700 + 700 && got.data.klines.n < 1800);
    mock_teardown(NULL);
    okx_history_rows = 300;
}

/* Full pages, with both readings of their bounds. */
static void bounds(void **state)
{
    int in;

    (void)state;
    for (in = 0; in < 2; in++) {
        bitget_last_is_in = in;
        mock_setup("bitget", serve_bitget, 0);
        must(fetch_n(5 * LIQ_MINUTE_MS, 3000));
        assert_int_equal(got.data.klines.n, 3000);
        mock_teardown(NULL);
    }
    bitget_last_is_in = false;
}

/* Older servers do not say when funding is paid. */
static void old_funding(void **state)
{
    struct liq_buf b = fixture("bitget", "funding_old.json");

    (void)state;
    mock_setup("bitget", serve_bitget, 0);
    mock_add("/current-fund-rate", 200, b.data, NULL, -1);
    must(fetch_n(LIQ_HOUR_MS, 2));
    assert_true(got.data.statistics.next_funding_ms == 0);
    assert_true(got.data.statistics.funding_rate == 0.0001);
    assert_int_equal(got.data.n_warning, 1);
    liq_buf_free(&b);
    mock_teardown(NULL);
}

/* Not before the 10000 newest. */
static void only_the_newest(void **state)
{
    int64_t to;

    (void)state;
    mock_setup("gate", serve_gate, 0);
    to = mock_now() / LIQ_HOUR_MS * LIQ_HOUR_MS - 40 * LIQ_DAY_MS;
    must(fetch_past(LIQ_HOUR_MS, 9999, to));
    assert_true(got.data.klines.n > 8900 && got.data.klines.n < 9100);
    mock_teardown(NULL);
}

/* Beyond the 5000 newest there is nothing, and no request. */
static void beyond_the_newest(void **state)
{
    (void)state;
    mock_setup("hyperliquid", serve_hyperliquid, 0);
    assert_int_equal(
        fetch_past(LIQ_HOUR_MS, 9, mock_now() - 6000 * LIQ_HOUR_MS),
        LIQ_ENOTFOUND);
    assert_int_equal(mock_count("candle"), 0);
    must(fetch_past(LIQ_HOUR_MS, 1800, mock_now() - 4000 * LIQ_HOUR_MS));
    assert_true(got.data.klines.n > 900 && got.data.klines.n <= 1000);
    assert_true(got.data.klines.at[0].open_ms % (90 * LIQ_HOUR_MS) == 0);
    assert_int_equal(got.data.n_warning, 1);
    /* What the contract allows is of now. */
    assert_int_equal(mock_count("metaAndAssetCtxs"), 1);
    assert_near(got.data.contract.max_leverage, 40.0);
    assert_near(got.data.contract.maintenance_margin_rate, 0.0125);
    assert_true(isnan(got.data.statistics.open_interest));
    assert_true(isnan(got.data.ticker.last));
    mock_teardown(NULL);
}

/* --- one side: Bybit --------------------------------------------------------
 */

/* Before they gave one side, both: half of that. */
static void both_sides(void **state)
{
    struct liq_buf b = fixture("bybit", "ticker_old.json");

    (void)state;
    mock_setup("bybit", serve_bybit, 0);
    mock_add("/tickers", 200, b.data, NULL, -1);
    must(fetch_n(LIQ_HOUR_MS, 2));
    assert_true(got.data.statistics.open_interest == 52000.25);
    assert_true(got.data.statistics.open_interest_usd == 3152000000.125);
    liq_buf_free(&b);
    mock_teardown(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kept_for_a_minute),
        cmocka_unit_test(one_state_for_all),
        cmocka_unit_test(contract_sizes),
        cmocka_unit_test(two_open_interests),
        cmocka_unit_test(old_contract),
        cmocka_unit_test(what_remains),
        cmocka_unit_test(counted_in_thousands),
        cmocka_unit_test(limits_of_the_contract),
        cmocka_unit_test(limits_are_kept),
        cmocka_unit_test(narrow_limits),
        cmocka_unit_test(budget),
        cmocka_unit_test(cursor),
        cmocka_unit_test(two_candle_endpoints),
        cmocka_unit_test(cut_pages),
        cmocka_unit_test(bounds),
        cmocka_unit_test(old_funding),
        cmocka_unit_test(only_the_newest),
        cmocka_unit_test(beyond_the_newest),
        cmocka_unit_test(both_sides),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
