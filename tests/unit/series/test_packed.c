/* Packed candles: the same to the last bit, in few bytes. */
#include <setjmp.h>
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "liqmap/model.h"

static int fail_after = -1;
static bool fails(void)
{
    return fail_after >= 0 && fail_after-- == 0;
}

static void *failing_malloc(size_t size)
{
    return fails() ? NULL : malloc(size);
}

static void *failing_calloc(size_t n, size_t size)
{
    return fails() ? NULL : calloc(n, size);
}
#define malloc failing_malloc
#define calloc failing_calloc
#include "series/packed.c"
#include "series/candles.c"
#undef malloc
#undef calloc

#define STEP 60000
#define N 3000

static uint64_t seed = 12345;
static uint64_t draw(void)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return seed >> 11;
}

/* A value that reads as a decimal of so many places. */
static double decimal(uint64_t below, double scale)
{
    return (double)(draw() % below) / scale;
}

static struct liq_klines decimals(size_t n)
{
    struct liq_klines k = {calloc(n ? n : 1, sizeof *k.at), n};

    for (size_t i = 0; i < n; i++) {
        double low = decimal(500000, 100.0);

        k.at[i] =
            (struct liq_kline){.open_ms = 1700000000000 + STEP * (int64_t)i,
                               .open = low,
                               .high = decimal(9999, 10.0),
                               .low = low,
                               .close = low,
                               .volume = decimal(9999999, 1000.0),
                               .quote_volume = decimal(1ULL << 45, 1e5),
                               .taker_buy_volume = NAN};
    }
    return k;
}

/* The size of the packed candles. */
static size_t expect_same(const struct liq_klines *k)
{
    struct liq_packed *p;
    struct liq_klines back;
    size_t bytes;

    assert_int_equal(liq_pack(k, &p), LIQ_OK);
    bytes = liq_packed_bytes(p);
    assert_int_equal(liq_unpack(p, &back), LIQ_OK);
    assert_int_equal(back.n, k->n);
    for (size_t i = 0; i < k->n; i++)
        assert_memory_equal(&back.at[i], &k->at[i], sizeof *k->at);
    free(back.at);
    free(p);
    return bytes;
}

static void decimals_take_few_bytes(void **state)
{
    struct liq_klines k = decimals(N), empty = {NULL, 0};
    size_t bytes = expect_same(&k);

    (void)state;
    /* 2 of time, 3 of three prices and of volume, 2 of the high, 6 of money,
     * none of what nobody says. */
    assert_int_equal(bytes - expect_same(&empty), N * (2 + 3 * 3 + 3 + 2 + 6));
    free(k.at);
}

static void any_value_comes_back(void **state)
{
    static const double odd[] = {0.0,
                                 -0.0,
                                 NAN,
                                 INFINITY,
                                 -INFINITY,
                                 5e-324,
                                 1e-12,
                                 1e24,
                                 1e300,
                                 -7.25,
                                 0.1 + 0.2,
                                 1.0 / 3.0,
                                 9007199254740993.0};

    (void)state;
    for (size_t at = 0; at < COLUMNS; at++) {
        for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
            struct liq_klines k = decimals(20);

            memcpy((char *)&k.at[7] + field[at], &odd[i], sizeof odd[i]);
            (void)expect_same(&k);
            free(k.at);
        }
    }
}

static void any_bits_come_back(void **state)
{
    (void)state;
    for (int round = 0; round < 200; round++) {
        struct liq_klines k = decimals(1 + draw() % 40);

        for (size_t i = 0; i < k.n; i++) {
            uint64_t bits = draw() << 11 ^ draw();
            size_t at = draw() % COLUMNS;

            memcpy((char *)&k.at[i] + field[at], &bits, sizeof bits);
        }
        (void)expect_same(&k);
        free(k.at);
    }
}

static void times_may_have_holes(void **state)
{
    struct liq_klines k = decimals(N);

    (void)state;
    for (size_t i = N / 2; i < N; i++)
        k.at[i].open_ms += 3 * STEP;
    k.at[N - 1].open_ms += 1;
    (void)expect_same(&k);
    k.n = 1;
    (void)expect_same(&k);
    free(k.at);
}

/* A display candle that was missing gets no open interest, the others keep
 * theirs. */
static void open_interest_stays_with_its_candle(void **state)
{
    struct liq_klines all = decimals(9), less = decimals(9);
    struct liq_series s = {.display_ms = 3 * (int64_t)STEP};
    int64_t start_ms = 1700000000000 / s.display_ms * s.display_ms;

    (void)state;
    for (size_t i = 0; i < 9; i++)
        all.at[i].open_ms = start_ms + STEP * (int64_t)i;
    memcpy(less.at, all.at, 9 * sizeof *all.at);
    memmove(less.at + 3, less.at + 6, 3 * sizeof *all.at);
    less.n = 6;
    assert_int_equal(liq_series_set_candles(&s, &less, NULL), LIQ_OK);
    assert_int_equal(s.n_display, 2);
    assert_true(isnan(s.interest[0]) && isnan(s.interest[1]));
    s.interest[0] = 10.0;
    s.interest[1] = 30.0;
    for (fail_after = 0;; fail_after++) {
        int n = fail_after;
        enum liq_err err = liq_series_set_candles(&s, &all, &s);

        if (!err)
            break;
        fail_after = n;
        assert_int_equal(err, LIQ_ENOMEM);
        assert_int_equal(s.n, 6);
        assert_true(s.interest[1] == 30.0);
    }
    fail_after = -1;
    assert_int_equal(s.n, 9);
    assert_int_equal(s.n_display, 3);
    assert_true(s.interest[0] == 10.0 && s.interest[2] == 30.0);
    assert_true(isnan(s.interest[1]));
    assert_false(s.gives_taker);
    free(s.candles);
    free(s.interest);
    free(all.at);
    free(less.at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decimals_take_few_bytes),
        cmocka_unit_test(any_value_comes_back),
        cmocka_unit_test(any_bits_come_back),
        cmocka_unit_test(times_may_have_holes),
        cmocka_unit_test(open_interest_stays_with_its_candle),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
