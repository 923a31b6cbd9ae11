/* The demo market is one for all threads.  For the thread sanitizer as well. */
#include "liqmap/exchange.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include "exchange/demo_path.h"
#include "liqmap/interval.h"

/* 2025-10-10T21:17:23Z: in the middle of minutes, hours and days. */
#define NOW INT64_C(1760131043000)

static struct liq_clock held;
static struct liq_exchange *exchange;

static void count_good(struct liq_fetch *f)
{
    assert_int_equal(f->why.code, LIQ_OK);
    assert_true(f->data.klines.at[0].open_ms == f->from_ms);
    liq_market_data_free(&f->data);
}

static void *fetch_often(void *arg)
{
    struct liq_fetch f = {.kind = LIQ_FETCH_SERIES,
                          .interval_ms = LIQ_MINUTE_MS,
                          .done = count_good};
    int i, *fetches = arg;

    for (i = 0; i < 30; i++) {
        snprintf(f.symbol, sizeof f.symbol, "%s", liq_demo_symbols[i % 3].name);
        f.from_ms = liq_interval_floor(NOW, LIQ_MINUTE_MS) -
                    (100 + 7 * i) * LIQ_MINUTE_MS;
        exchange->fetch(exchange, &f);
        *fetches += f.why.code == LIQ_OK;
    }
    return NULL;
}

static void many_threads_may_fetch(void **state)
{
    pthread_t thread[4];
    int good[4] = {0, 0, 0, 0}, i;

    (void)state;
    held = liq_clock_held(NOW, 1);
    exchange = liq_demo_new(&held);
    assert_non_null(exchange);
    for (i = 0; i < 4; i++)
        assert_int_equal(
            pthread_create(&thread[i], NULL, fetch_often, &good[i]), 0);
    for (i = 0; i < 4; i++) {
        pthread_join(thread[i], NULL);
        assert_int_equal(good[i], 30);
    }
    exchange->free(exchange);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_threads_may_fetch),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
