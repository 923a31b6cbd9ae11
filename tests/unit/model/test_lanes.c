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

/* Candles with one unit; in every third batch the widest are too high for their
 * round prices to count. */
static void some_candles(uint64_t *rng, int number, struct batch *c)
{
    double unit = pow(10.0, (double)(gen_next(rng) % 12) - 6.0);
    double height = pow(10.0, gen_between(rng, -4.0, number % 3 ? 0.0 : 3.5));

    for (size_t i = 0; i < BATCH; i++) {
        double close = unit * gen_between(rng, 20.0, 199.0);

        if (gen_next(rng) % 4 == 0)
            close = unit * floor(close / unit);
        c->close[i] = close;
        c->high[i] = close * (1.0 + height * gen_unit(rng));
        c->low[i] = close / (1.0 + height * gen_unit(rng));
        if (gen_next(rng) % 4 == 0)
            c->high[i] = c->low[i] = close;
        c->volume[i] = 1e6 * gen_unit(rng);
    }
}

/* What a batch enters is what entries_of says of each candle. */
static void check_entries(const struct batch *c, const struct ends *ends,
                          struct round_unit *unit, size_t *round)
{
    for (size_t i = 0; i < BATCH; i++) {
        struct liq_kline k = {.high = c->high[i],
                              .low = c->low[i],
                              .close = c->close[i],
                              .quote_volume = c->volume[i]};
        struct entries e;

        entries_of(&liq_params_gauss7, &k, unit, &e);
        assert_true(c->at.mean[i] == e.mean && c->at.sigma[i] == e.sigma);
        assert_true(c->amount[i] == k.quote_volume * e.share);
        assert_true(c->each[i] == k.quote_volume * e.round_share);
        assert_true(ends->low <= e.mean - 4.0 * e.sigma * (1.0 - 1e-12));
        assert_true(ends->high >= e.mean + 4.0 * e.sigma * (1.0 - 1e-12));
        if (e.count > 0.0) {
            *round += 1;
            assert_true(c->first[i] == e.first && ends->first <= e.first);
            assert_true(c->last[i] == e.first + e.count - 1.0);
            assert_true(ends->last >= c->last[i]);
        } else {
            assert_true(c->first[i] == INFINITY && c->last[i] == 0.0);
        }
    }
}

static void test_batches_are_the_same(void **state)
{
    const struct lanes_ops *ops[3];
    const double rho = liq_params_gauss7.round_number_share;
    size_t n = kinds(ops), round = 0, reached = 0;
    uint64_t rng = 13;

    (void)state;
    for (int k = 0; k < 5000; k++) {
        struct round_unit unit = {.unit = 0.0};
        struct batch first = {.volume = {0.0}}, other;
        struct ends ends, same;
        struct setting s;
        double share[BATCH], more[BATCH];
        double number, row = (double)(gen_next(&rng) % 100);
        size_t band = BAND(gen_next(&rng) % LIQ_TIERS, gen_next(&rng) % 2);

        some_candles(&rng, k, &first);
        other = first;
        entries_find_unit(first.close[0], &unit);
        number = floor(first.close[0] / unit.unit);
        setting_init(
            &s, &liq_params_gauss7, &liq_contract_default,
            &(struct liq_axis){10.0 * unit.unit, 2.0 * unit.unit, 100});
        ops[0]->enter(&unit, rho, 4.0, &first, &ends);
        ops[0]->share_row(&s, band, row, &first.at, share);
        ops[0]->add_round(&first, number, 0.5, share);
        check_entries(&first, &ends, &unit, &round);
        for (size_t j = 1; j < n; j++) {
            ops[j]->enter(&unit, rho, 4.0, &other, &same);
            ops[j]->share_row(&s, band, row, &other.at, more);
            ops[j]->add_round(&other, number, 0.5, more);
            assert_memory_equal(&other, &first, sizeof first);
            assert_memory_equal(&same, &ends, sizeof ends);
            assert_memory_equal(more, share, sizeof share);
        }
        for (size_t i = 0; i < BATCH; i++)
            reached += share[i] > 0.0;
    }
    assert_true(round > 10000 && reached > 10000);
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
        cmocka_unit_test(test_batches_are_the_same),
        cmocka_unit_test(test_columns_are_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
