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
static void some_components(uint64_t *rng, struct setting *s,
                            struct components *c)
{
    struct liq_axis axis = {100.0 * gen_unit(rng),
                            pow(10.0, gen_between(rng, -2.0, 1.0)),
                            1 + gen_next(rng) % (ROWS_MAX - LANES)};

    setting_init(s, &liq_params_gauss7, &liq_contract_default, &axis);
    *c = (struct components){.n = LANES * (1 + gen_next(rng) % 2),
                             .least_entry = INFINITY};
    for (size_t i = 0; i < c->n; i++) {
        double close = (double)(gen_next(rng) % ROWS_MAX) - 4.0;

        c->entry[i] = axis.price_min +
                      axis.price_step * ROWS_MAX * gen_between(rng, -0.5, 1.5);
        c->entry[i] = fabs(c->entry[i]) + 0.1;
        c->least_entry = fmin(c->least_entry, c->entry[i]);
        c->sigma[i] =
            gen_next(rng) % 3 ? axis.price_step * 3.0 * gen_unit(rng) : 0.0;
        c->volume[i] = pow(10.0, gen_between(rng, -9.0, 20.0));
        for (size_t k = 0; k < LIQ_TIERS; k++)
            c->scale[k][i] = gen_between(rng, 0.1, 1.0);
        c->cut[LIQ_LONG][i] = close;
        c->cut[LIQ_SHORT][i] = close + 1.0;
        c->stop[LIQ_LONG][i] = close - (double)(gen_next(rng) % 30);
        c->stop[LIQ_SHORT][i] = close + 1.0 + (double)(gen_next(rng) % 30);
        c->near[LIQ_LONG][i] = c->near[LIQ_SHORT][i] = i + 4 >= c->n;
    }
    c->near_from[LIQ_LONG] = c->near_from[LIQ_SHORT] = c->n - 4;
}

#define MARGIN NARROW_ROWS
struct cells {
    double at[MARGIN + ROWS_MAX + MARGIN];
};

/* The bands of component i of one tier and side. */
static void add_one(const struct lanes_ops *ops, struct bands *const at[2],
                    enum liq_side side, size_t i, struct cells *cells)
{
    struct bands none[COMPONENTS_MAX / LANES];
    struct tier_bands tier = {{none, none}, cells->at + MARGIN};

    for (size_t j = 0; j < COMPONENTS_MAX / LANES; j++)
        none[j].most = 0.0;
    tier.at[side] = at[side];
    ops->add_bands(&tier, 1, i, i + 1);
}

/* That all add the same, and nothing to other rows. */
static size_t check_rows(const struct lanes_ops *const *ops, size_t n,
                         struct bands *const at[3][2], enum liq_side side,
                         size_t i, uint64_t *rng)
{
    const struct bands *b = &at[0][side][i / LANES];
    size_t many = (size_t)b->n[i % LANES], row = (size_t)b->row[i % LANES];
    size_t from = MARGIN + (side == LIQ_LONG ? row : row - many);
    struct cells was, first, other;

    if (b->most == 0.0)
        return 0;
    for (size_t r = 0; r < sizeof was.at / sizeof was.at[0]; r++)
        was.at[r] = gen_unit(rng);
    first = was;
    add_one(ops[0], at[0], side, i, &first);
    assert_memory_equal(first.at, was.at, from * sizeof was.at[0]);
    assert_memory_equal(first.at + from + many, was.at + from + many,
                        sizeof was - (from + many) * sizeof was.at[0]);
    for (size_t j = 1; j < n; j++) {
        other = was;
        add_one(ops[j], at[j], side, i, &other);
        assert_memory_equal(&other, &first, sizeof first);
    }
    return many;
}

static void test_bands_are_the_same(void **state)
{
    static struct bands bands[3][LIQ_SIDES][COMPONENTS_MAX / LANES];
    struct bands *const at[3][2] = {{bands[0][0], bands[0][1]},
                                    {bands[1][0], bands[1][1]},
                                    {bands[2][0], bands[2][1]}};
    const struct lanes_ops *ops[3];
    size_t n = kinds(ops), rows = 0;
    uint64_t rng = 11;

    (void)state;
    for (size_t k = 0; k < GEN_SEEDS(10000); k++) {
        size_t tier = k % LIQ_TIERS;
        struct outside out[3] = {0};
        struct components c;
        struct setting s;

        some_components(&rng, &s, &c);
        for (size_t j = 0; j < n; j++) {
            ops[j]->place(&s, tier, &c, &out[j], at[j]);
            assert_memory_equal(&out[j], &out[0], sizeof out[0]);
        }
        for (size_t i = 0; i < c.n; i++) {
            for (int side = 0; side < LIQ_SIDES; side++) {
                const struct bands *b = &bands[0][side][i / LANES];

                for (size_t j = 1; j < n; j++) {
                    const struct bands *other = &bands[j][side][i / LANES];

                    assert_true(other->n[i % LANES] == b->n[i % LANES]);
                    assert_true(other->row[i % LANES] == b->row[i % LANES]);
                    assert_true(other->most == b->most);
                }
                rows += check_rows(ops, n, at, (enum liq_side)side, i, &rng);
            }
        }
    }
    assert_true(rows > 10 * GEN_SEEDS(10000));
}

/* What is computed beside a band changes nothing of it. */
static void test_a_band_does_not_depend_on_others(void **state)
{
    static struct bands bands[2][LIQ_SIDES][COMPONENTS_MAX / LANES];
    struct bands *const at[2][2] = {{bands[0][0], bands[0][1]},
                                    {bands[1][0], bands[1][1]}};
    const struct lanes_ops *ops[3];
    size_t n = kinds(ops);
    uint64_t rng = 13;

    (void)state;
    for (size_t k = 0; k < GEN_SEEDS(10000); k++) {
        const struct lanes_ops *o = ops[k % n];
        size_t tier = gen_next(&rng) % LIQ_TIERS;
        struct outside out = {0};
        struct components all, one;
        struct setting s;
        size_t i;

        some_components(&rng, &s, &all);
        i = gen_next(&rng) % all.n;
        one = all;
        one.n = LANES;
        for (size_t j = 0; j < LANES; j++) {
            size_t from = j == LANES - 1 ? i : gen_next(&rng) % all.n;

            one.entry[j] = all.entry[from];
            one.sigma[j] = all.sigma[from];
            one.volume[j] = all.volume[from];
            for (size_t t = 0; t < LIQ_TIERS; t++)
                one.scale[t][j] = all.scale[t][from];
            for (size_t side = 0; side < LIQ_SIDES; side++) {
                one.cut[side][j] = all.cut[side][from];
                one.stop[side][j] = all.stop[side][from];
            }
        }
        o->place(&s, tier, &all, &out, at[0]);
        o->place(&s, tier, &one, &out, at[1]);
        for (int side = 0; side < LIQ_SIDES; side++) {
            struct cells a = {{0.0}}, b = {{0.0}};

            if (bands[0][side][i / LANES].most > 0.0)
                add_one(o, at[0], (enum liq_side)side, i, &a);
            if (bands[1][side][0].most > 0.0)
                add_one(o, at[1], (enum liq_side)side, LANES - 1, &b);
            assert_memory_equal(&a, &b, sizeof a);
        }
    }
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

/* Rows that have more than doubled, and no other row, whatever their number. */
static void test_births_are_the_same(void **state)
{
    const struct lanes_ops *ops[3];
    size_t n = kinds(ops);
    uint64_t rng = 14;

    (void)state;
    for (size_t rows = 0; rows < ROWS_MAX; rows++) {
        double before[ROWS_MAX], now[ROWS_MAX];
        int64_t expected[ROWS_MAX], birth[ROWS_MAX];

        for (size_t r = 0; r < ROWS_MAX; r++) {
            before[r] = gen_unit(&rng);
            now[r] = before[r] * (double)(gen_next(&rng) % 5);
            expected[r] =
                r < rows && now[r] > 2.0 * before[r] ? 77 : (int64_t)r;
        }
        for (size_t k = 0; k < n; k++) {
            for (size_t r = 0; r < ROWS_MAX; r++)
                birth[r] = (int64_t)r;
            ops[k]->renew(before, now, 2.0, rows, 77, birth);
            assert_memory_equal(birth, expected, sizeof birth);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bands_are_the_same),
        cmocka_unit_test(test_a_band_does_not_depend_on_others),
        cmocka_unit_test(test_batches_are_the_same),
        cmocka_unit_test(test_columns_are_the_same),
        cmocka_unit_test(test_births_are_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
