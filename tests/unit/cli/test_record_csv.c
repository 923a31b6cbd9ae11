/* CSV files of the archives as rows: every form, and what is refused. */
#include "cli/record.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

/* What was read, one line each. */
static char lines[2048];

static enum liq_err take(void *arg, const struct liq_row *r)
{
    size_t n = strlen(lines);
    const struct liq_liquidation *l = &r->liquidation;

    (void)arg;
    snprintf(lines + n, sizeof lines - n, "%s %s %lld ", r->exchange, r->symbol,
             (long long)r->time_ms);
    n = strlen(lines);
    if (r->kind == LIQ_ROW_STATISTICS)
        snprintf(lines + n, sizeof lines - n, "%g %g %g %g;",
                 r->statistics.open_interest, r->statistics.open_interest_usd,
                 r->statistics.funding_rate, r->statistics.long_account_share);
    else
        snprintf(lines + n, sizeof lines - n, "%s %g %g %g%s;",
                 l->is_long ? "long" : "short", l->price, l->quantity, l->usd,
                 l->sampled ? " sampled" : "");
    return LIQ_OK;
}

static enum liq_err read_text(const char *text, const char *symbol,
                              struct liq_reason *why)
{
    lines[0] = '\0';
    memset(why, 0, sizeof *why);
    return cli_read_rows(text, strlen(text), "x.csv", "binance", symbol, take,
                         NULL, why);
}

static const struct {
    const char *name, *text, *lines;
} good[] = {
    {"metrics",
     "create_time,symbol,sum_open_interest,sum_open_interest_value,"
     "count_long_short_ratio\n"
     "2024-01-01 00:05:00,ETHUSDT,80000,3400000,3\n"
     "2024-01-01 00:10:00,ETHUSDT,0,,0\n",
     "binance ETHUSDT 1704067500000 80000 3.4e+06 nan 0.75;"
     "binance ETHUSDT 1704067800000 nan nan nan nan;"},
    {"funding", "funding_time,funding_rate\r\n1704067200000,-0.0001\r\n",
     "binance BTCUSDT 1704067200000 nan nan -0.0001 nan;"},
    {"orders: the side is that of the order, a fill counts before what was "
     "ordered",
     "time,side,original_quantity,price,average_price,"
     "accumulated_fill_quantity\n"
     "1704067200000,SELL,2,99,100,1.5\n"
     "1704067200001,BUY,2,99,0,\n",
     "binance BTCUSDT 1704067200000 long 100 1.5 150 sampled;"
     "binance BTCUSDT 1704067200001 short 99 2 198 sampled;"},
    {"liquidations, as this program writes them",
     "time,exchange,symbol,side,price,quantity,usd,sampled\n"
     "1704067200000,okx,ETHUSDT,long,2000,2,4000,1\n"
     "\n"
     "1704067200001,bybit,ETHUSDT,short,,,7,0",
     "okx ETHUSDT 1704067200000 long 2000 2 4000 sampled;"
     "bybit ETHUSDT 1704067200001 short nan nan 7;"},
    {"a header alone", "time,side,usd", ""},
    {"nothing", "", ""},
};

static void forms(void **state)
{
    struct liq_reason why;

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        print_message("%s\n", good[i].name);
        assert_int_equal(read_text(good[i].text, "BTCUSDT", &why), LIQ_OK);
        assert_string_equal(lines, good[i].lines);
    }
}

#define CLOSED "time,side,usd\n1704067200000,long,5\n"

static const struct {
    const char *name, *text, *symbol, *says;
} bad[] = {
    {"no header", "1,2,3\n", "BTCUSDT", "x.csv:1: expected a header line"},
    {"a time", CLOSED "yesterday,long,5\n", "BTCUSDT", "x.csv:3: "},
    {"no time", CLOSED ",long,5\n", "BTCUSDT", "x.csv:3: "},
    {"no symbol", CLOSED, NULL, "x.csv:2: expected a symbol"},
    {"a side", CLOSED "1704067200000,both,5\n", "BTCUSDT",
     "x.csv:3: expected a side"},
    {"dollars", CLOSED "1704067200000,long,-5\n", "BTCUSDT",
     "x.csv:3: expected a side"},
    {"a short line", CLOSED "1704067200000\n", "BTCUSDT",
     "x.csv:3: expected a side"},
    {"an order without a price",
     "time,side,original_quantity,average_price\n1704067200000,SELL,5,0\n",
     "BTCUSDT", "x.csv:2: expected a side, a price"},
};

/* Rows before it have been handed over. */
static void refusals(void **state)
{
    struct liq_reason why;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        print_message("%s\n", bad[i].name);
        assert_int_equal(read_text(bad[i].text, bad[i].symbol, &why),
                         LIQ_EFORMAT);
        assert_non_null(strstr(why.text, bad[i].says));
    }
}

static enum liq_err refuse(void *arg, const struct liq_row *r)
{
    (void)r;
    ++*(int *)arg;
    return LIQ_EIO;
}

static void ends_when_nobody_takes_it(void **state)
{
    struct liq_reason why = {0};
    int n = 0;

    (void)state;
    assert_int_equal(cli_read_rows(CLOSED CLOSED, strlen(CLOSED CLOSED), "x",
                                   "okx", "BTCUSDT", refuse, &n, &why),
                     LIQ_EIO);
    assert_int_equal(n, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms),
        cmocka_unit_test(refusals),
        cmocka_unit_test(ends_when_nobody_takes_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
