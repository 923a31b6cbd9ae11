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

/* Entries near an axis that may end anywhere in the bands. */
static void some_component(uint64_t *rng, struct setting *s,
                           struct component *c)
{
    struct liq_axis axis = {100.0 * gen_unit(rng),
                            pow(10.0, gen_between(rng, -2.0, 1.0)),
                            1 + gen_next(rng) % (ROWS_MAX - LANES)};

    setting_init(s, &liq_params_gauss7, &liq_contract_default, &axis);
    *c = (struct component){
        .entry = axis.price_min +
                 axis.price_step * ROWS_MAX * gen_between(rng, -0.5, 1.5) + 0.1,
        .sigma =
            gen_next(rng) % 3 ? axis.price_step * 3.0 * gen_unit(rng) : 0.0,
        .cut = {(double)(gen_next(rng) % ROWS_MAX) - 4.0},
    };
    c->entry = fabs(c->entry);
    c->cut[LIQ_SHORT] = c->cut[LIQ_LONG] + 1.0;
    for (size_t i = 0; i < BANDS; i++)
        c->mass[i] = c->amount[i] = pow(10.0, gen_between(rng, -9.0, 20.0));
}

static void test_bands_are_the_same(void **state)
{
    const struct lanes_ops *ops[3];
    size_t n = kinds(ops), met = 0;
    uint64_t rng = 11;

    (void)state;
    for (int k = 0; k < 20000; k++) {
        struct bands first, at;
        struct outside out = {{0.0}, {0.0}}, other;
        struct setting s;
        struct component c;

        some_component(&rng, &s, &c);
        ops[0]->place(&s, &c, &out, &first);
        for (size_t j = 1; j < n; j++) {
            memset(&other, 0, sizeof other);
            ops[j]->place(&s, &c, &other, &at);
            assert_memory_equal(&other, &out, sizeof out);
            assert_memory_equal(&at, &first, sizeof at);
        }
        for (size_t i = 0; i < BANDS; i++) {
            double was[ROWS_MAX], row[ROWS_MAX], more[ROWS_MAX];
            struct component one = c;
            size_t from = (size_t)first.first[i], end = (size_t)first.end[i];

            assert_true(first.first[i] >= 0.0 && from <= end &&
                        end <= s.axis.rows);
            if (from == end || i % SIDE_BANDS == LIQ_TIERS)
                continue;
            met++;
            memset(one.mass, 0, sizeof one.mass);
            one.mass[i] = c.mass[i];
            for (size_t r = 0; r < ROWS_MAX; r++)
                was[r] = c.mass[i] * gen_unit(&rng);
            memcpy(row, was, sizeof was);
            ops[0]->add_bands(&first, &one, 0, row);
            /* Other rows are left as they were. */
            assert_memory_equal(row, was, from * sizeof *was);
            assert_memory_equal(row + end, was + end,
                                (ROWS_MAX - end) * sizeof *was);
            for (size_t j = 1; j < n; j++) {
                memcpy(more, was, sizeof was);
                ops[j]->add_bands(&first, &one, 0, more);
                assert_memory_equal(more, row, sizeof row);
            }
        }
    }
    assert_true(met > 20000);
}

static void test_columns_are_the_same(void **state)
{
    const struct lanes_ops *ops[3];
    size_t n = kinds(ops);
    uint64_t rng = 12;
    double cell[LIQ_TIERS * ROWS_MAX + LANES];

    (void)state;
    for (size_t rows = 1; rows <= ROWS_MAX - LANES; rows++) {
        double first[ROWS_MAX] = {0.0}, out[ROWS_MAX] = {0.0};
        double most = 0.0, largest;
        struct weighed w = {.n = 1 + rows % LIQ_TIERS};

        for (size_t i = 0; i < LIQ_TIERS * ROWS_MAX + LANES; i++)
            cell[i] = gen_unit(&rng);
        for (size_t k = 0; k < w.n; k++) {
            w.cell[k] = cell + k * rows;
            w.weight[k] = gen_unit(&rng);
        }
        largest = ops[0]->weigh(&w, rows, first);
        for (size_t r = 0; r < rows; r++) {
            double sum = 0.0;

            for (size_t k = 0; k < w.n; k++)
                sum += w.weight[k] * w.cell[k][r];
            assert_true(first[r] == sum);
            most = fmax(most, sum);
        }
        assert_true(largest == most);
        for (size_t k = 1; k < n; k++) {
            assert_true(ops[k]->weigh(&w, rows, out) == most);
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
