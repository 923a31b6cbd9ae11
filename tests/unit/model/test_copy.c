/* A copy of a map: the same results, continued the same way, nothing shared. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "gen.h"
#include "liqmap/derive.h"

#define N_MAX 240

static struct liq_map *map_of(const struct liq_run *run)
{
    struct liq_map *m;

    assert_int_equal(liq_map_new(&m), LIQ_OK);
    assert_int_equal(liq_map_run(m, run), LIQ_OK);
    return m;
}

static struct liq_map *copied(const struct liq_map *from)
{
    struct liq_map *m;

    assert_int_equal(liq_map_copy(from, &m), LIQ_OK);
    return m;
}

static void check_births(const struct liq_map *a, const struct liq_map *b)
{
    struct liq_levels la, lb;

    assert_int_equal(liq_map_levels(a, &la), LIQ_OK);
    assert_int_equal(liq_map_levels(b, &lb), LIQ_OK);
    for (size_t side = 0; side < LIQ_SIDES; side++) {
        assert_int_equal(la.n[side], lb.n[side]);
        for (size_t i = 0; i < la.n[side]; i++) {
            assert_true(la.at[side][i].since_ms == lb.at[side][i].since_ms);
            assert_true(la.at[side][i].mass == lb.at[side][i].mass);
        }
    }
}

static void check_same(const struct liq_map *a, const struct liq_map *b)
{
    struct liq_grid ga = liq_map_grid(a), gb = liq_map_grid(b);
    struct liq_book ba = liq_map_book(a), bb = liq_map_book(b);

    assert_true(ga.columns == gb.columns && ga.rows == gb.rows);
    assert_memory_equal(ga.cell, gb.cell,
                        ga.columns * ga.rows * sizeof *ga.cell);
    assert_memory_equal(ga.candle, gb.candle, ga.columns * sizeof *ga.candle);
    assert_memory_equal(ba.below, bb.below, sizeof ba.below);
    assert_memory_equal(ba.above, bb.above, sizeof ba.above);
    assert_true(ba.total == bb.total);
    assert_true(ga.max == gb.max && ba.open_ms == bb.open_ms);
    assert_true(liq_map_steps(a) == liq_map_steps(b));
    check_births(a, b);
}

/* Each refresh continues a copy of what is published, as the map that was
 * published would go on itself. */
static void test_a_copy_goes_on_as_its_source_would(void **state)
{
    struct liq_kline k[N_MAX];

    (void)state;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        struct liq_run run;
        struct liq_map *source, *published;

        gen_series(seed, k, N_MAX);
        run = gen_run(k, N_MAX, N_MAX, 60);
        run.bars = 8 + seed % 20;
        run.n = N_MAX - 60;
        source = map_of(&run);
        published = copied(source);
        check_same(source, published);
        for (run.n++; run.n <= N_MAX; run.n += 1 + run.n % 3) {
            struct liq_map *next = copied(published);

            assert_int_equal(liq_map_run(next, &run), LIQ_OK);
            liq_map_free(published);
            published = next;
            assert_int_equal(liq_map_run(source, &run), LIQ_OK);
            assert_true(liq_map_steps(source) < 5);
            check_same(source, published);
        }
        liq_map_free(source);
        liq_map_free(published);
    }
}

static void test_what_a_copy_does_leaves_its_source_alone(void **state)
{
    struct liq_kline k[N_MAX];
    struct liq_map *m, *before, *copy;
    struct liq_run run;

    (void)state;
    gen_series(4, k, N_MAX);
    run = gen_run(k, N_MAX, 20, 60);
    run.n = N_MAX - 40;
    m = map_of(&run);
    before = map_of(&run);
    copy = copied(m);
    run.n = N_MAX;
    assert_int_equal(liq_map_run(copy, &run), LIQ_OK);
    check_same(m, before);
    liq_map_free(copy);
    check_same(m, before);
    liq_map_free(before);
    liq_map_free(m);
}

static void test_a_sum_and_an_empty_map_are_copied_too(void **state)
{
    static const double weight[] = {2.0, 3.0};
    struct liq_kline k[N_MAX];
    struct liq_map *part, *sum, *empty, *copy;
    struct liq_run run;

    (void)state;
    gen_series(4, k, N_MAX);
    run = gen_run(k, N_MAX, 20, 60);
    part = map_of(&run);
    assert_int_equal(liq_map_new(&sum), LIQ_OK);
    assert_int_equal(liq_map_sum(sum,
                                 (const struct liq_map *const[]){part, part},
                                 weight, 2),
                     LIQ_OK);
    copy = copied(sum);
    check_same(sum, copy);
    liq_map_free(copy);
    liq_map_free(sum);

    assert_int_equal(liq_map_new(&empty), LIQ_OK);
    copy = copied(empty);
    assert_int_equal(liq_map_grid(copy).columns, 0);
    assert_int_equal(liq_map_run(copy, &run), LIQ_OK);
    check_same(copy, part);
    liq_map_free(copy);
    liq_map_free(empty);
    liq_map_free(part);
}

/* At least the grid and the book, and not twice what a run has to keep. */
static void test_bytes_follow_the_size(void **state)
{
    struct liq_kline k[N_MAX];
    struct liq_map *m;

    (void)state;
    assert_int_equal(liq_map_new(&m), LIQ_OK);
    assert_true(liq_map_bytes(m) > 0 && liq_map_bytes(m) < 16384);
    gen_series(4, k, N_MAX);
    for (int rows = 50; rows <= 800; rows *= 2) {
        struct liq_run run = gen_run(k, N_MAX, 40, rows);
        size_t least = 40 * run.axis.rows * sizeof(double) +
                       LIQ_TIERS * run.axis.rows * sizeof(double);

        assert_int_equal(liq_map_run(m, &run), LIQ_OK);
        assert_true(liq_map_bytes(m) >= least);
        assert_true(liq_map_bytes(m) <= 2 * least + 65536);
    }
    liq_map_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_copy_goes_on_as_its_source_would),
        cmocka_unit_test(test_what_a_copy_does_leaves_its_source_alone),
        cmocka_unit_test(test_a_sum_and_an_empty_map_are_copied_too),
        cmocka_unit_test(test_bytes_follow_the_size),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
