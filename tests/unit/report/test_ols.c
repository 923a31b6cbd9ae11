/* Least squares and resampling against known answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "gen.h"
#include "report/boot.h"
#include "report/ols.h"

#define N 400
#define DAY_MS INT64_C(86400000)

static double one[N], a[N], b[N], twice[N], y[N], out[N], again[N];
static int64_t time_ms[N];

static void fill(uint64_t seed, double noise)
{
    for (size_t i = 0; i < N; i++) {
        one[i] = 1.0;
        a[i] = gen_normal(&seed);
        b[i] = 100.0 + a[i] + 0.1 * gen_normal(&seed);
        twice[i] = 2.0 * a[i] + 3.0;
        y[i] = 3.0 - 2.0 * a[i] + 0.5 * b[i] + noise * gen_normal(&seed);
        time_ms[i] = DAY_MS / 4 * (int64_t)(i / 2);
    }
}

/* Longley's data of 1967 has columns that are nearly collinear.  The
 * coefficients expected are those of exact rational arithmetic. */
static void test_longley(void **state)
{
    static const double unemployed[16] = {2356, 2325, 3682, 3351, 2099, 1932,
                                          1870, 3578, 2904, 2822, 2936, 4681,
                                          3813, 3931, 4806, 4007};
    static const double army[16] = {1590, 1456, 1616, 1650, 3099, 3594,
                                    3547, 3350, 3048, 2857, 2798, 2637,
                                    2552, 2514, 2572, 2827};
    static const double year[16] = {1947, 1948, 1949, 1950, 1951, 1952,
                                    1953, 1954, 1955, 1956, 1957, 1958,
                                    1959, 1960, 1961, 1962};
    static const double employed[16] = {
        60323, 61122, 60171, 61187, 63221, 63639, 64989, 63761,
        66019, 67857, 68169, 66513, 68655, 69564, 69331, 70551};
    static const double expected[4] = {-1797221.1121979286, -1.4696711188527078,
                                       -0.7722814912588335, 956.3798044831904};
    const double *column[4] = {one, unemployed, army, year};
    const struct ols_range all[2] = {{0, 7}, {7, 16}};
    double beta[4];

    (void)state;
    fill(1, 0.0);
    ols_fit(column, 4, employed, all, beta);
    for (size_t k = 0; k < 4; k++)
        assert_true(fabs(beta[k] / expected[k] - 1.0) < 1e-7);
}

static void test_exact(void **state)
{
    const double *column[3] = {one, a, b};
    const struct ols_range all[2] = {{0, N}, {N, N}};
    double beta[3];

    (void)state;
    fill(2, 0.0);
    ols_fit(column, 3, y, all, beta);
    assert_true(fabs(beta[0] - 3.0) < 1e-6);
    assert_true(fabs(beta[1] + 2.0) < 1e-8);
    assert_true(fabs(beta[2] - 0.5) < 1e-8);
}

/* A column that others explain gets 0, and the others what they had. */
static void test_collinear(void **state)
{
    const double *column[4] = {one, a, twice, b};
    const struct ols_range all[2] = {{0, N}, {N, N}};
    double beta[4];

    (void)state;
    fill(3, 0.0);
    ols_fit(column, 4, y, all, beta);
    assert_true(beta[2] == 0.0);
    assert_true(fabs(beta[1] + 2.0) < 1e-8);
    assert_true(fabs(beta[3] - 0.5) < 1e-8);
}

/* A prediction knows neither its own fold nor what lies within a day of it. */
static void test_out_of_fold(void **state)
{
    const double *column[3] = {one, a, b};
    size_t first = 2 * N / OLS_FOLDS, end = 3 * N / OLS_FOLDS;

    (void)state;
    fill(4, 1.0);
    ols_out_of_fold(column, 3, y, time_ms, N, DAY_MS, false, out);
    for (size_t i = 0; i < N; i++) {
        if (time_ms[i] > time_ms[first] - DAY_MS &&
            time_ms[i] < time_ms[end - 1] + DAY_MS)
            y[i] += 1e3 * (double)i;
    }
    ols_out_of_fold(column, 3, y, time_ms, N, DAY_MS, false, again);
    assert_memory_equal(out + first, again + first,
                        (end - first) * sizeof *out);
    assert_true(fabs(again[end] - out[end]) > 1.0);
}

/* A last column that may only add is left out where it would take away. */
static void test_rising(void **state)
{
    const double *column[3] = {one, b, a};

    (void)state;
    fill(5, 1.0);
    ols_out_of_fold(column, 2, y, time_ms, N, DAY_MS, false, out);
    ols_out_of_fold(column, 3, y, time_ms, N, DAY_MS, true, again);
    assert_memory_equal(out, again, sizeof out);
    for (size_t i = 0; i < N; i++)
        y[i] = -y[i];
    ols_out_of_fold(column, 3, y, time_ms, N, DAY_MS, true, again);
    ols_out_of_fold(column, 3, y, time_ms, N, DAY_MS, false, out);
    assert_memory_equal(out, again, sizeof out);
}

static void test_quantile(void **state)
{
    const double v[5] = {1.0, 2.0, 4.0, 8.0, 16.0};

    (void)state;
    assert_true(quantile(v, 5, 0.0) == 1.0);
    assert_true(quantile(v, 5, 1.0) == 16.0);
    assert_true(quantile(v, 5, 0.5) == 4.0);
    assert_true(quantile(v, 5, 0.625) == 6.0);
    assert_true(quantile(v, 1, 0.3) == 1.0);
    assert_int_equal(count_below(v, 5, 4.0), 2);
    assert_int_equal(count_below(v, 5, 99.0), 5);
}

static void test_draws(void **state)
{
    struct draws d, same, other;

    (void)state;
    assert_int_equal(draws_init(&d, 300, 40, 7), LIQ_OK);
    assert_int_equal(draws_init(&same, 300, 40, 7), LIQ_OK);
    assert_int_equal(draws_init(&other, 300, 40, 8), LIQ_OK);
    assert_memory_equal(d.count, same.count, 300 * 40 * sizeof *d.count);
    assert_true(memcmp(d.count, other.count, 300 * 40 * sizeof *d.count) != 0);
    for (size_t i = 0; i < 300; i++) {
        size_t sum = 0;

        for (size_t k = 0; k < 40; k++)
            sum += d.count[i * 40 + k];
        assert_int_equal(sum, 40);
    }
    draws_free(&d);
    draws_free(&same);
    draws_free(&other);
}

static double mean(const struct sums *all)
{
    return all->at[1] / all->at[0];
}

/* The interval of a mean is what the normal law says, within a fifth. */
static void test_interval(void **state)
{
    enum { BLOCKS = 200, DRAWS = 2000 };
    static struct sums block[BLOCKS];
    static double draw[DRAWS];
    double low, high, value, square = 0.0, expected;
    uint64_t seed = 11;
    struct draws d;

    (void)state;
    for (size_t k = 0; k < BLOCKS; k++)
        block[k] = (struct sums){{1.0, 5.0 + gen_normal(&seed)}};
    assert_int_equal(draws_init(&d, DRAWS, BLOCKS, 3), LIQ_OK);
    value = boot_run(&d, block, mean, draw);
    boot_interval(draw, DRAWS, &low, &high);
    for (size_t k = 0; k < BLOCKS; k++)
        square += (block[k].at[1] - value) * (block[k].at[1] - value);
    expected = 2.0 * 1.96 * sqrt(square / BLOCKS / BLOCKS);
    assert_true(low < value && value < high);
    assert_true(fabs((high - low) / expected - 1.0) < 0.2);
    draws_free(&d);
}

static void test_interval_of_nothing(void **state)
{
    double few[20], many[20], low, high;

    (void)state;
    for (size_t i = 0; i < 20; i++) {
        few[i] = i == 4 ? NAN : (double)i;
        many[i] = i < 4 ? NAN : (double)i;
    }
    boot_interval(few, 20, &low, &high);
    assert_true(low < high);
    boot_interval(many, 20, &low, &high);
    assert_true(isnan(low) && isnan(high));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_longley),
        cmocka_unit_test(test_exact),
        cmocka_unit_test(test_collinear),
        cmocka_unit_test(test_out_of_fold),
        cmocka_unit_test(test_rising),
        cmocka_unit_test(test_quantile),
        cmocka_unit_test(test_draws),
        cmocka_unit_test(test_interval),
        cmocka_unit_test(test_interval_of_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
