#include "liqmap/exchange.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "exchange/common.h"

static void data(void **state)
{
    struct liq_market_data a;
    int i;

    (void)state;
    liq_market_data_init(&a);
    assert_true(isnan(a.ticker.last) && isnan(a.ticker.high_24h) &&
                isnan(a.ticker.low_24h) && isnan(a.ticker.change_percent_24h) &&
                isnan(a.ticker.volume_24h) &&
                isnan(a.ticker.quote_volume_24h) && a.ticker.time_ms == 0);
    assert_true(isnan(a.statistics.open_interest) &&
                isnan(a.statistics.open_interest_usd) &&
                isnan(a.statistics.mark_price) &&
                isnan(a.statistics.funding_rate) &&
                a.statistics.next_funding_ms == 0 &&
                isnan(a.statistics.long_account_share));
    assert_true(a.server_ms == 0 && a.n_warning == 0 && a.klines.n == 0);
    for (i = 0; i < LIQ_WARNINGS + 3; i++)
        liq_market_data_warn(&a, "%d %0200d", i, 5);
    assert_int_equal(a.n_warning, LIQ_WARNINGS);
    assert_int_equal(strlen(a.warning[5]), sizeof a.warning[5] - 1);
    assert_int_equal(a.warning[5][0], '5');
    liq_market_data_free(&a);
    liq_market_data_free(&a);
    liq_market_data_free(NULL);
    liq_symbols_free(NULL);
}

/* volume carries the place in the array, to see who won. */
static void normalise(void **state)
{
    static const struct {
        const char *name, *in, *out;
    } cases[] = {
        {"nothing", "", ""},
        {"one", "a", "a0"},
        {"in order", "abc", "a0b1c2"},
        {"reversed", "dcba", "a3b2c1d0"},
        {"mixed", "cadb", "a1b3c0d2"},
        {"the later one wins", "aa", "a1"},
        {"wherever it stands", "abacb", "a2b4c3"},
        {"many of one", "bbbbabbb", "a4b7"},
        {"two pages", "cdefabcd", "a4b5c6d7e2f3"},
        {"three, last first", "ghidefabc", "a6b7c8d3e4f5g0h1i2"},
    };
    size_t i, j;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct liq_kline at[16];
        struct liq_klines k = {at, strlen(cases[i].in)};
        char out[64] = "";

        memset(at, 0, sizeof at);
        for (j = 0; j < k.n; j++) {
            at[j].open_ms = cases[i].in[j];
            at[j].volume = (double)j;
        }
        assert_int_equal(liq_klines_normalise(&k), LIQ_OK);
        for (j = 0; j < k.n; j++) {
            out[2 * j] = (char)at[j].open_ms;
            out[2 * j + 1] = (char)('0' + (int)at[j].volume);
        }
        if (strcmp(out, cases[i].out) != 0)
            fail_msg("%s: %s", cases[i].name, out);
    }
}

/* Any order of a long series comes out right, the last of equals kept. */
static void normalise_many(void **state)
{
    enum { N = 3000 };
    struct liq_kline *at = calloc(N, sizeof *at);
    int last[N / 2];
    struct liq_klines k = {at, N};
    unsigned seed = 1;
    size_t i;

    (void)state;
    assert_non_null(at);
    for (i = 0; i < N / 2; i++)
        last[i] = -1;
    for (i = 0; i < N; i++) {
        seed = seed * 1103515245U + 12345U;
        at[i].open_ms = (int64_t)(seed >> 8) % (N / 2);
        at[i].volume = (double)i;
        last[at[i].open_ms] = (int)i;
    }
    assert_int_equal(liq_klines_normalise(&k), LIQ_OK);
    for (i = 0; i < k.n; i++) {
        if (i > 0)
            assert_true(at[i - 1].open_ms < at[i].open_ms);
        assert_true((int)at[i].volume == last[at[i].open_ms]);
        last[at[i].open_ms] = -1;
    }
    for (i = 0; i < N / 2; i++)
        assert_int_equal(last[i], -1);
    free(at);
}

static void cut(void **state)
{
    struct liq_kline at[5];
    struct liq_klines k = {at, 5};
    size_t i;

    (void)state;
    memset(at, 0, sizeof at);
    for (i = 0; i < 5; i++)
        at[i].open_ms = (int64_t)(i + 1) * 60000;
    liq_klines_cut(&k, 60000, 120000, 0);
    assert_int_equal(k.n, 4);
    liq_klines_cut(&k, 60000, 0, 300000); /* the close of the fourth */
    assert_int_equal(k.n, 3);
    liq_klines_cut(&k, 60000, 0, 299999);
    assert_int_equal(k.n, 2);
    assert_true(at[0].open_ms == 120000 && at[1].open_ms == 180000);
}

static void faults(void **state)
{
    static const struct {
        struct liq_kline k;
        bool good;
    } cases[] = {
        {{1, 2, 3, 1, 2, 0, 0, NAN}, true},
        {{1, 1, 1, 1, 1, 5, 5, NAN}, true},
        {{0, 2, 3, 1, 2, 0, 0, NAN}, false},
        {{-1, 2, 3, 1, 2, 0, 0, NAN}, false},
        {{1, 4, 3, 1, 2, 0, 0, NAN}, false},
        {{1, 2, 3, 1, 0.5, 0, 0, NAN}, false},
        {{1, 2, 3, 0, 2, 0, 0, NAN}, false},
        {{1, -2, 3, 1, 2, 0, 0, NAN}, false},
        {{1, NAN, 3, 1, 2, 0, 0, NAN}, false},
        {{1, 2, INFINITY, 1, 2, 0, 0, NAN}, false},
        {{1, 2, 3, 1, 2, -1, 0, NAN}, false},
        {{1, 2, 3, 1, 2, 0, -1, NAN}, false},
        /* Beyond what the model takes. */
        {{1, 2, 3, 1e-300, 2, 0, 0, NAN}, false},
        {{1, 2, 1e300, 1, 2, 0, 0, NAN}, false},
        {{1, 2, 3, 1, 2, 1e308, 0, NAN}, false},
        {{1, 2, 3, 1, 2, 0, 1e308, NAN}, false},
        {{1, 2, 3, 1, 2, NAN, 0, NAN}, false},
        {{1, 2, 3, 1, 2, 0, NAN, NAN}, false},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_true((liq_kline_fault(&cases[i].k) == NULL) == cases[i].good);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(data),           cmocka_unit_test(normalise),
        cmocka_unit_test(normalise_many), cmocka_unit_test(cut),
        cmocka_unit_test(faults),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
