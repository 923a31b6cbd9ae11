/* Files of reported liquidations and of open interest: joined in the order of
 * time, or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "liqmap/report.h"

#define T INT64_C(1760000000000)
/* More than a list has room for at first. */
#define MANY 2000

static struct liq_reason why;

/* Read text as a file into a list. */
#define READ(read, text, list)                                                 \
    (put(text), unlink_after(read(path, "BTCUSDT", list, &why)))

static char path[40];

static void put(const char *text)
{
    int fd;

    (void)snprintf(path, sizeof path, "/tmp/liqmap-input-XXXXXX");
    fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    assert_int_equal(close(fd), 0);
}

static enum liq_err unlink_after(enum liq_err err)
{
    assert_int_equal(unlink(path), 0);
    return err;
}

static void test_joined(void **state)
{
    struct liq_executed_list list = {NULL, 0};

    (void)state;
    assert_int_equal(READ(liq_executed_read,
                          "time,side,usd\n"
                          "1760000000003,long,3\n"
                          "1760000000001,short,1\n",
                          &list),
                     LIQ_OK);
    /* As liqmap export writes it. */
    assert_int_equal(
        READ(liq_executed_read,
             "time,side,usd,exchange,symbol,price,quantity,sampled\n"
             "1760000000002,long,2,okx,BTCUSDT,100,0.02,1\n"
             "1760000000000,long,9,okx,ETHUSDT,100,0.09,1\n"
             "1760000000004,short,4,bybit,BTCUSDT,,,0\n",
             &list),
        LIQ_OK);
    assert_int_equal(list.n, 4);
    for (size_t i = 0; i < list.n; i++) {
        assert_int_equal(list.at[i].time_ms, T + 1 + (int64_t)i);
        assert_true(list.at[i].usd == (double)(i + 1));
        assert_int_equal(list.at[i].side,
                         i == 1 || i == 2 ? LIQ_LONG : LIQ_SHORT);
    }
    free(list.at);
}

static void test_unchanged(void **state)
{
    static const struct {
        const char *text;
        enum liq_err err;
    } bad[] = {
        {"time,side,usd\n1760000000000,long,5\n1760000000009,up,5\n",
         LIQ_EFORMAT},
        {"time,side,usd\n1760000000000,long,5\n1760000000009,long,-1\n",
         LIQ_EFORMAT},
        {"time,side\n1760000000000,long\n", LIQ_EFORMAT},
        {"", LIQ_EFORMAT},
    };
    struct liq_executed_list list = {NULL, 0};

    (void)state;
    assert_int_equal(
        READ(liq_executed_read, "time,side,usd\n1760000000001,long,7\n", &list),
        LIQ_OK);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(READ(liq_executed_read, bad[i].text, &list),
                         bad[i].err);
        assert_int_equal(list.n, 1);
        assert_int_equal(list.at[0].time_ms, T + 1);
        assert_true(list.at[0].usd == 7.0);
    }
    assert_int_equal(
        liq_executed_read("/tmp/liqmap-input-none", "BTCUSDT", &list, &why),
        LIQ_EIO);
    assert_int_equal(list.n, 1);
    free(list.at);
}

static void test_interest(void **state)
{
    struct liq_interest_list list = {NULL, 0};

    (void)state;
    assert_int_equal(
        READ(liq_interest_read,
             "create_time,symbol,sum_open_interest,sum_open_interest_value\n"
             "2025-10-09 08:53:20,BTCUSDT,12,\n"
             "2025-10-09 08:53:20,ETHUSDT,5,5\n"
             "2025-10-09 08:48:20,BTCUSDT,0,1\n"
             "2025-10-09 08:43:20,BTCUSDT,11,1100\n",
             &list),
        LIQ_OK);
    assert_int_equal(list.n, 2);
    assert_int_equal(list.at[0].time_ms, T - 600000);
    assert_true(list.at[0].usd == 1100.0 && list.at[0].coins == 11.0);
    assert_int_equal(list.at[1].time_ms, T);
    assert_true(isnan(list.at[1].usd) && list.at[1].coins == 12.0);
    assert_int_equal(
        READ(liq_interest_read, "time,sum_open_interest\n5,1\n", &list),
        LIQ_EFORMAT);
    assert_int_equal(list.n, 2);
    assert_int_equal(READ(liq_interest_read, "time,symbol\n5,BTCUSDT\n", &list),
                     LIQ_EFORMAT);
    free(list.at);
}

static void test_many(void **state)
{
    struct liq_executed_list list = {NULL, 0};
    struct liq_buf text;

    (void)state;
    liq_buf_init(&text, (size_t)1 << 20);
    (void)liq_buf_text(&text, "time,side,usd\n");
    for (int i = MANY; i > 0; i--)
        (void)liq_buf_format(&text, "%lld,long,%d\n", (long long)T + i, i);
    assert_int_equal(text.err, LIQ_OK);
    for (int turn = 1; turn <= 2; turn++) {
        assert_int_equal(READ(liq_executed_read, text.data, &list), LIQ_OK);
        assert_int_equal(list.n, turn * MANY);
    }
    for (size_t i = 0; i < list.n; i++)
        assert_int_equal(list.at[i].time_ms, T + 1 + (int64_t)i / 2);
    free(list.at);
    liq_buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_joined),
        cmocka_unit_test(test_unchanged),
        cmocka_unit_test(test_interest),
        cmocka_unit_test(test_many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
