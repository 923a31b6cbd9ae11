/* Whatever allocation fails, the market says so, leaks nothing, and works the
 * next time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <cjson/cJSON.h>

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

static char *weak_strdup(const char *s)
{
    return refused() ? NULL : strdup(s);
}

#define calloc weak_calloc
#define realloc weak_realloc
#undef strdup
#define strdup weak_strdup
#include "market/market.c"
#include "market/json_parse.c"
#include "market/venue_template.c"
#include "market/venue_gate.c"
#include "market/venue_memo.c"
#include "market/venue_judge.c"
#include "market/venue_plan.c"
#include "market/venue_job.c"
#include "market/venue_read.c"
#include "market/venue.c"
#include "market/binance_parse.c"
#include "market/binance.c"
#undef calloc
#undef realloc
#undef strdup
#include "unit/market/fake_http.h"

static struct fake fake;

/* Make a market, fetch a few pages, list the symbols. */
static enum liq_err use_all(void)
{
    struct liq_venue_options o = {&fake.http, &fake.clock, "http://x", 2000};
    struct liq_market_ask ask = {"BTCUSDT", LIQ_MINUTE_MS, 0, 0, false};
    struct liq_market *m = liq_venue_new(&liq_row_binance, &o);
    struct liq_market_answer a;
    struct liq_symbols s;
    struct liq_reason why;
    enum liq_err err;

    if (m == NULL)
        return LIQ_ENOMEM;
    ask.from_ms = liq_interval_floor(fake_now(&fake), LIQ_MINUTE_MS) -
                  700 * LIQ_MINUTE_MS;
    err = m->fetch(m, &ask, INT64_MAX, &a, &why);
    if (err == LIQ_OK && a.n_warning > 0)
        err = LIQ_EFORMAT; /* a part got lost, which is fair */
    liq_market_answer_free(&a);
    if (err == LIQ_OK) {
        err = m->symbols(m, INT64_MAX, &s, &why);
        liq_symbols_free(&s);
    }
    m->free(m);
    return err;
}

static void nth_fails(long first, long step, enum liq_err *end)
{
    long n;

    for (n = first;; n += step) {
        countdown = n;
        *end = use_all();
        if (countdown > 0)
            return; /* it was never reached: all of them have failed once */
        countdown = 0;
        /* cJSON says no more than "not JSON" when it has no memory. */
        if (*end != LIQ_ENOMEM && *end != LIQ_EFORMAT)
            fail_msg("allocation %ld: %s", n, liq_err_name(*end));
    }
}

static void ours(void **state)
{
    enum liq_err end;

    (void)state;
    fake_init(&fake);
    nth_fails(1, 1, &end);
    assert_int_equal(end, LIQ_OK);
    pthread_mutex_destroy(&fake.lock);
}

static void those_of_the_parser(void **state)
{
    cJSON_Hooks weak = {weak_malloc, free};
    enum liq_err end;

    (void)state;
    fake_init(&fake);
    cJSON_InitHooks(&weak);
    nth_fails(1, 97, &end); /* there are tens of thousands */
    cJSON_InitHooks(NULL);
    countdown = 0;
    assert_int_equal(end, LIQ_OK);
    pthread_mutex_destroy(&fake.lock);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ours),
        cmocka_unit_test(those_of_the_parser),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
