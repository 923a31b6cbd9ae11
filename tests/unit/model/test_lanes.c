/* The same bytes from every kind of processor. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "gen.h"
#include "model/lanes.c"

static size_t kinds(const struct lanes_ops *out[3])
{
    size_t n = 0;

    out[n++] = &ops_any;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2"))
        out[n++] = &ops_avx2;
    if (__builtin_cpu_supports("avx512f"))
        out[n++] = &ops_avx512;
#endif
    return n;
}

#define ROWS_MAX 100

static void test_bands_are_the_same(void **state)
{
    const struct lanes_ops *ops[3];
    size_t n = kinds(ops);
    uint64_t rng = 11;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        double pitch = LANES_PITCH_MAX * gen_unit(&rng);
        double z = gen_between(&rng, -4.5, 4.5);
        double mass = pow(10.0, gen_between(&rng, -9.0, 20.0));
        size_t rows = 1 + gen_next(&rng) % (ROWS_MAX - LANES);
        double first[ROWS_MAX], row[ROWS_MAX], was[ROWS_MAX];

        for (size_t r = 0; r < ROWS_MAX; r++)
            was[r] = mass * gen_unit(&rng);
        memcpy(first, was, sizeof was);
        ops[0]->add_band(first, rows, z, pitch, mass);
        /* What is behind the last row is left as it was. */
        assert_memory_equal(first + rows, was + rows,
                            (ROWS_MAX - rows) * sizeof *was);
        for (size_t k = 1; k < n; k++) {
            memcpy(row, was, sizeof was);
            ops[k]->add_band(row, rows, z, pitch, mass);
            assert_memory_equal(row, first, sizeof row);
        }
    }
}

static void test_columns_are_the_same(void **state)
{
    const struct lanes_ops *ops[3];
    size_t n = kinds(ops);
    uint64_t rng = 12;
    double cell[LIQ_TIERS * ROWS_MAX + LANES], weight[LIQ_TIERS];

    (void)state;
    for (size_t rows = 1; rows <= ROWS_MAX - LANES; rows++) {
        double first[ROWS_MAX] = {0.0}, out[ROWS_MAX] = {0.0};

        for (size_t i = 0; i < LIQ_TIERS * ROWS_MAX + LANES; i++)
            cell[i] = gen_unit(&rng);
        for (size_t k = 0; k < LIQ_TIERS; k++)
            weight[k] = gen_unit(&rng);
        ops[0]->weigh(cell, rows, rows, weight, first);
        for (size_t r = 0; r < rows; r++) {
            double sum = 0.0;

            for (size_t k = 0; k < LIQ_TIERS; k++)
                sum += weight[k] * cell[k * rows + r];
            assert_true(first[r] == sum);
        }
        for (size_t k = 1; k < n; k++) {
            ops[k]->weigh(cell, rows, rows, weight, out);
            assert_memory_equal(out, first, rows * sizeof *out);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bands_are_the_same),
        cmocka_unit_test(test_columns_are_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
