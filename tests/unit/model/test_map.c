/* The guarantees of MODEL.md 6, over thousands of seeded series. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "gen.h"
#include "liqmap/derive.h"
#include "living.h"
#include "model/book.h"

#define N_MAX 240

static struct liq_map *map_of(const struct liq_run *run)
{
    struct liq_map *m;

    assert_int_equal(liq_map_new(&m), LIQ_OK);
    assert_int_equal(liq_map_run(m, run), LIQ_OK);
    return m;
}

static size_t length_of(uint64_t seed)
{
    return seed % 10 == 0 ? 1 : 1 + (size_t)(seed * 7919 % N_MAX);
}

static void check_cells(uint64_t seed, const struct liq_grid *g)
{
    for (size_t i = 0; i < g->columns * g->rows; i++) {
        if (!(isfinite(g->cell[i]) && g->cell[i] >= 0.0 &&
              g->cell[i] <= g->max))
            fail_msg("seed %lu: cell %zu is %g", (unsigned long)seed, i,
                     g->cell[i]);
    }
}

static void test_every_cell_is_a_finite_mass(void **state)
{
    struct liq_kline k[N_MAX + 1];

    (void)state;
    for (uint64_t seed = 0; seed < GEN_SEEDS(1000); seed++) {
        size_t n = length_of(seed);
        struct liq_run run;
        struct liq_map *m;
        struct liq_grid g;

        gen_series(seed, k, n);
        run = gen_run(k, n, 1 + seed % 100, 50 + (int)(seed % 200));
        m = map_of(&run);
        g = liq_map_grid(m);
        check_cells(seed, &g);
        assert_true(isfinite(liq_map_book(m).total));
        liq_map_free(m);
    }
}

static void check_sides(const struct liq_grid *longs,
                        const struct liq_grid *shorts,
                        const struct liq_grid *both)
{
    for (size_t j = 0; j < both->columns; j++) {
        ptrdiff_t close = liq_axis_row(&both->axis, both->candle[j].close);

        for (size_t r = 0; r < both->rows; r++) {
            size_t i = j * both->rows + r;

            if ((ptrdiff_t)r >= close)
                assert_true(longs->cell[i] == 0.0);
            if ((ptrdiff_t)r <= close)
                assert_true(shorts->cell[i] == 0.0);
            assert_true(both->cell[i] == longs->cell[i] + shorts->cell[i]);
        }
    }
}

static void test_longs_live_below_and_shorts_above_the_close(void **state)
{
    struct liq_kline k[N_MAX + 1];

    (void)state;
    for (uint64_t seed = 0; seed < GEN_SEEDS(500); seed++) {
        size_t n = length_of(seed);
        struct liq_run run;
        struct liq_map *m[3];
        struct liq_grid g[3];

        gen_series(seed, k, n);
        run = gen_run(k, n, 60, 80);
        for (unsigned sides = 1; sides <= 3; sides++) {
            run.sides = sides;
            m[sides - 1] = map_of(&run);
            g[sides - 1] = liq_map_grid(m[sides - 1]);
        }
        check_sides(&g[0], &g[1], &g[2]);
        for (size_t i = 0; i < 3; i++)
            liq_map_free(m[i]);
    }
}

static void test_tiers_add_up(void **state)
{
    struct liq_kline k[N_MAX + 1];

    (void)state;
    for (uint64_t seed = 0; seed < GEN_SEEDS(200); seed++) {
        size_t n = length_of(seed);
        struct liq_run run;
        struct liq_map *all;
        struct liq_grid g;
        double *sum;

        gen_series(seed, k, n);
        run = gen_run(k, n, 40, 60);
        all = map_of(&run);
        g = liq_map_grid(all);
        sum = calloc(g.columns * g.rows, sizeof *sum);
        assert_non_null(sum);
        for (unsigned tier = 0; tier < LIQ_TIERS; tier++) {
            struct liq_map *m;

            run.tiers = 1U << tier;
            m = map_of(&run);
            for (size_t i = 0; i < g.columns * g.rows; i++)
                sum[i] += liq_map_grid(m).cell[i];
            liq_map_free(m);
        }
        for (size_t i = 0; i < g.columns * g.rows; i++)
            assert_true(fabs(sum[i] - g.cell[i]) <= 1e-12 * g.cell[i]);
        free(sum);
        liq_map_free(all);
    }
}

/* A tier may have no share of the entries, and nobody need ask for a tier. */
static void test_no_entries_are_an_empty_map(void **state)
{
    static const unsigned tiers[] = {4, 0};
    struct liq_params params = liq_params_gauss7;
    struct liq_kline k[N_MAX];

    (void)state;
    params.tier[2].standing_share = 0.0;
    gen_series(3, k, N_MAX);
    for (size_t i = 0; i < 2; i++) {
        struct liq_run run = gen_run(k, N_MAX, 40, 60);
        struct liq_levels levels;
        struct liq_map *m;

        run.params = &params;
        run.tiers = tiers[i];
        m = map_of(&run);
        assert_true(liq_map_grid(m).max == 0.0);
        for (size_t r = 0; r < run.axis.rows; r++)
            assert_true(liq_map_grid(m).cell[r] == 0.0);
        assert_true(liq_map_book(m).total > 0.0);
        assert_int_equal(liq_map_levels(m, &levels), LIQ_OK);
        assert_int_equal(levels.n[LIQ_LONG] + levels.n[LIQ_SHORT], 0);
        liq_map_free(m);
    }
}

static void test_twice_the_volume_is_twice_the_mass(void **state)
{
    struct liq_kline k[N_MAX + 1];

    (void)state;
    for (uint64_t seed = 0; seed < GEN_SEEDS(500); seed++) {
        size_t n = length_of(seed);
        struct liq_run run;
        struct liq_map *once, *twice;
        struct liq_grid a, b;

        gen_series(seed, k, n);
        run = gen_run(k, n, 60, 60);
        once = map_of(&run);
        for (size_t i = 0; i < n; i++)
            k[i].quote_volume *= 2.0;
        twice = map_of(&run);
        a = liq_map_grid(once);
        b = liq_map_grid(twice);
        for (size_t i = 0; i < a.columns * a.rows; i++)
            assert_true(b.cell[i] == 2.0 * a.cell[i]);
        liq_map_free(once);
        liq_map_free(twice);
    }
}

static void test_more_volume_lowers_no_cell(void **state)
{
    struct liq_kline k[N_MAX + 1];

    (void)state;
    for (uint64_t seed = 0; seed < GEN_SEEDS(500); seed++) {
        size_t n = length_of(seed);
        struct liq_run run;
        struct liq_map *less, *more;
        struct liq_grid a, b;

        gen_series(seed, k, n);
        run = gen_run(k, n, 60, 60);
        less = map_of(&run);
        k[seed % n].quote_volume = k[seed % n].quote_volume * 1.7 + 1.0;
        more = map_of(&run);
        a = liq_map_grid(less);
        b = liq_map_grid(more);
        for (size_t i = 0; i < a.columns * a.rows; i++)
            assert_true(b.cell[i] >= a.cell[i]);
        assert_true(liq_map_book(more).total >= liq_map_book(less).total);
        liq_map_free(less);
        liq_map_free(more);
    }
}

/* The candle's seeds alone: as if it had visited no row and no time passed. */
static void seed_candle(struct book *b, const struct setting *s,
                        const struct liq_kline *k, struct seeding *seeding)
{
    struct liq_kline now = *k;
    struct visit visit = {&now, NO_ROWS,
                          liq_axis_row_unbounded(&s->axis, k->close)};
    const struct later nothing = {NO_ROWS, NO_ROWS};
    bool whole;

    now.open_ms = 0;
    do {
        seeding_begin(seeding, b);
        whole = seeding_take(seeding, b, s, &visit, &nothing);
        seeding_place(seeding, b, s);
        for (size_t i = 0; i < seeding->stretches; i++)
            book_step(b, s, seeding, i);
    } while (!whole);
}

/* Decay and clearing left out: what is seeded and may live is somewhere. */
static void test_mass_is_kept(void **state)
{
    struct liq_kline k[N_MAX + 1];

    (void)state;
    for (uint64_t seed = 0; seed < GEN_SEEDS(1000); seed++) {
        size_t n = 1 + seed % 40;
        struct setting s;
        struct seeding *seeding = lines_alloc(sizeof *seeding);
        struct book b = {0};
        double put_in = 0.0, living = 0.0;
        struct liq_run run;

        gen_series(seed, k, n);
        run = gen_run(k, n, 1 + seed % 9, 50 + (int)(seed % 100));
        setting_init(&s, &liq_params_gauss7, &liq_contract_default, &run.axis);
        b.cell = book_cells_new(s.axis.rows);
        assert_true(b.cell != NULL && seeding != NULL);
        book_reset(&b, s.axis.rows);
        seeding_init(seeding);
        for (size_t i = 0; i < n; i++) {
            seed_candle(&b, &s, &k[i], seeding);
            put_in += k[i].quote_volume;
            living += living_of(&s, &k[i]);
        }
        assert_true(fabs(book_total(&b, s.axis.rows) - living) <=
                    1e-12 * put_in);
        book_cells_free(b.cell);
        free(seeding);
    }
}

/* One price, no maintenance margin: what a long of any tier leaves d below,
 * its short leaves d above. */
static void test_one_price_is_a_mirror(void **state)
{
    struct liq_params params = liq_params_gauss7;
    struct liq_kline k[50];
    struct liq_axis axis = {0.0, 1.0, 201};
    struct liq_run run = {&params,
                          k,
                          50,
                          1,
                          GEN_DISPLAY_MS,
                          axis,
                          12,
                          LIQ_ALL_TIERS,
                          LIQ_BOTH_SIDES,
                          liq_contract_default};
    struct liq_map *m;
    struct liq_grid g;

    (void)state;
    run.contract.maintenance_margin_rate = 0.0;
    for (size_t i = 0; i < 50; i++)
        k[i] = (struct liq_kline){GEN_START_MS + (int64_t)i * GEN_ENGINE_MS,
                                  100.5,
                                  100.5,
                                  100.5,
                                  100.5,
                                  1.0,
                                  100.0 * (double)(i % 7),
                                  NAN};
    m = map_of(&run);
    g = liq_map_grid(m);
    for (size_t j = 0; j < g.columns; j++) {
        for (size_t d = 1; d <= 100; d++) {
            double below = g.cell[j * g.rows + 100 - d];
            double above = g.cell[j * g.rows + 100 + d];

            assert_true(fabs(below - above) <= 1e-9 * g.max);
        }
        assert_true(g.cell[j * g.rows + 100] == 0.0);
    }
    assert_true(g.max > 0.0);
    liq_map_free(m);
}

/* --- nothing repaints ------------------------------------------------------
 */

/* The series as it stood while candle n - 1 was forming: part of its range and
 * volume, by step out of 4. */
static void forming(struct liq_kline *last, const struct liq_kline *whole,
                    int step)
{
    double part = (double)step / 4.0;

    *last = *whole;
    last->high = whole->open + (whole->high - whole->open) * part;
    last->low = whole->open + (whole->low - whole->open) * part;
    last->close = whole->open + (whole->close - whole->open) * part;
    last->volume *= part;
    last->quote_volume *= part;
}

static void check_same(const struct liq_map *a, const struct liq_map *b)
{
    struct liq_grid ga = liq_map_grid(a), gb = liq_map_grid(b);
    struct liq_book ba = liq_map_book(a), bb = liq_map_book(b);

    assert_int_equal(ga.columns, gb.columns);
    assert_int_equal(ga.rows, gb.rows);
    assert_memory_equal(ga.cell, gb.cell,
                        ga.columns * ga.rows * sizeof *ga.cell);
    assert_memory_equal(ba.below, bb.below, sizeof ba.below);
    assert_memory_equal(ba.above, bb.above, sizeof ba.above);
    assert_true(ba.total == bb.total);
}

/* The closed columns of both, matched by their candle's open time. */
static size_t check_closed_columns(const struct liq_grid *old,
                                   const double *old_cell,
                                   const struct liq_kline *old_candle,
                                   const struct liq_grid *now)
{
    size_t checked = 0;

    for (size_t i = 0; i + 1 < old->columns; i++) {
        for (size_t j = 0; j < now->columns; j++) {
            if (now->candle[j].open_ms != old_candle[i].open_ms)
                continue;
            assert_memory_equal(now->cell + j * now->rows,
                                old_cell + i * old->rows,
                                now->rows * sizeof *now->cell);
            checked++;
        }
    }
    return checked;
}

static void *copy_of(const void *data, size_t size)
{
    void *copy = malloc(size > 0 ? size : 1);

    assert_non_null(copy);
    if (size > 0)
        memcpy(copy, data, size);
    return copy;
}

/* 200 refreshes of one map against a fresh run of each moment and against what
 * every closed column was before. */
static void refresh_200_times(uint64_t seed)
{
    struct liq_kline whole[N_MAX], now[N_MAX];
    size_t checked = 0, continued = 0;
    struct liq_run run;
    struct liq_map *m;

    gen_series(seed, whole, N_MAX);
    run = gen_run(whole, N_MAX, N_MAX, 60);
    run.bars = 8 + seed % 20;
    assert_int_equal(liq_map_new(&m), LIQ_OK);
    for (size_t i = 0; i < 200; i++) {
        size_t n = N_MAX - 55 + i / 4;
        struct liq_grid old = liq_map_grid(m), g;
        double *cell = copy_of(old.cell, old.columns * old.rows * 8);
        struct liq_kline *candle =
            copy_of(old.candle, old.columns * sizeof *candle);
        struct liq_map *fresh;

        memcpy(now, whole, n * sizeof *now);
        forming(&now[n - 1], &whole[n - 1], 1 + (int)(i % 4));
        run.kline = now;
        run.n = n;
        assert_int_equal(liq_map_run(m, &run), LIQ_OK);
        if (i > 0 && liq_map_steps(m) <= 2)
            continued++;
        g = liq_map_grid(m);
        checked += check_closed_columns(&old, cell, candle, &g);
        fresh = map_of(&run);
        check_same(m, fresh);
        liq_map_free(fresh);
        free(cell);
        free(candle);
    }
    assert_int_equal(continued, 199);
    assert_true(checked > 199 * 5);
    liq_map_free(m);
}

static void test_a_closed_column_never_changes(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= GEN_SEEDS(6); seed++)
        refresh_200_times(seed);
}

/* What must start the run over does. */
static void test_what_changes_the_past_starts_over(void **state)
{
    static const char *const what[] = {
        "epoch",  "axis",     "tiers",  "sides",   "bars",   "start",
        "params", "leverage", "margin", "inverse", "nothing"};
    struct liq_params other = liq_params_gauss7;
    struct liq_kline k[N_MAX];

    (void)state;
    other.leverage_spread = 0.05;
    gen_series(3, k, N_MAX);
    for (size_t i = 0; i < sizeof what / sizeof what[0]; i++) {
        struct liq_run run = gen_run(k, N_MAX, 20, 60);
        struct liq_map *m = map_of(&run), *fresh;

        run.epoch += i == 0;
        run.axis.rows += i == 1 ? 20 : 0;
        run.tiers = i == 2 ? 5 : run.tiers;
        run.sides = i == 3 ? 1 : run.sides;
        run.bars += i == 4 ? 5 : 0;
        run.kline += i == 5;
        run.n -= i == 5;
        run.params = i == 6 ? &other : run.params;
        run.contract.max_leverage -= i == 7 ? 50.0 : 0.0;
        run.contract.maintenance_margin_rate += i == 8 ? 0.001 : 0.0;
        run.contract.inverse = i == 9;
        assert_int_equal(liq_map_run(m, &run), LIQ_OK);
        if ((liq_map_steps(m) == 1) != (i == 10))
            fail_msg("%s: %zu candles were run", what[i], liq_map_steps(m));
        fresh = map_of(&run);
        check_same(m, fresh);
        liq_map_free(fresh);
        liq_map_free(m);
    }
}

/* --- input -----------------------------------------------------------------
 */

static void test_bad_candles_are_refused(void **state)
{
    static const struct {
        const char *name;
        struct liq_kline k;
    } cases[] = {
        {"NaN high", {GEN_START_MS + 1, 1, NAN, 1, 1, 1, 1, NAN}},
        {"infinite", {GEN_START_MS + 1, 1, INFINITY, 1, 1, 1, 1, NAN}},
        {"zero price", {GEN_START_MS + 1, 0, 1, 0, 1, 1, 1, NAN}},
        {"low above open", {GEN_START_MS + 1, 1, 3, 2, 2, 1, 1, NAN}},
        {"close above high", {GEN_START_MS + 1, 1, 2, 1, 3, 1, 1, NAN}},
        {"negative volume", {GEN_START_MS + 1, 1, 1, 1, 1, 1, -1, NAN}},
        {"NaN volume", {GEN_START_MS + 1, 1, 1, 1, 1, 1, NAN, NAN}},
        {"huge volume", {GEN_START_MS + 1, 1, 1, 1, 1, 1, 1e300, NAN}},
        {"same time twice", {GEN_START_MS, 1, 1, 1, 1, 1, 1, NAN}},
        {"back in time", {GEN_START_MS - 1, 1, 1, 1, 1, 1, 1, NAN}},
        {"end of time", {INT64_MAX, 1, 1, 1, 1, 1, 1, NAN}},
    };
    struct liq_kline k[2] = {{GEN_START_MS, 1, 1, 1, 1, 1, 1, NAN}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct liq_run run = gen_run(k, 1, 1, 60);
        struct liq_map *m = map_of(&run);

        k[1] = cases[i].k;
        run.n = 2;
        if (liq_map_run(m, &run) != LIQ_EINVAL)
            fail_msg("%s was taken", cases[i].name);
        assert_int_equal(liq_map_grid(m).columns, 0);
        run.n = 1;
        assert_int_equal(liq_map_run(m, &run), LIQ_OK);
        assert_int_equal(liq_map_grid(m).columns, 1);
        liq_map_free(m);
    }
}

static void test_1500_bars(void **state)
{
    struct liq_kline *k = calloc(6000, sizeof *k);
    struct liq_run run;
    struct liq_map *m;
    struct liq_grid g;

    (void)state;
    assert_non_null(k);
    for (uint64_t seed = 5; seed < 5 + GEN_SEEDS(3); seed++) {
        gen_series(seed, k, 6000);
        run = gen_run(k, 6000, 1500, 400);
        m = map_of(&run);
        g = liq_map_grid(m);
        check_cells(seed, &g);
        assert_true(g.columns == 1500);
        liq_map_free(m);
    }
    free(k);
}

static void test_wicks_sweep(void **state)
{
    struct liq_kline k[9];
    struct liq_run run;
    struct liq_map *m;
    struct liq_grid g;
    double before = 0.0;

    (void)state;
    for (size_t i = 0; i < 9; i++)
        k[i] = (struct liq_kline){GEN_START_MS + (int64_t)i * GEN_ENGINE_MS,
                                  1000,
                                  1001,
                                  999,
                                  1000,
                                  1,
                                  1e6,
                                  NAN};
    /* Alone in the third display candle, with next to no entries of its own. */
    k[8].low = 900;
    k[8].quote_volume = 1e-3;
    run = gen_run(k, 9, 3, 200);
    m = map_of(&run);
    g = liq_map_grid(m);
    assert_int_equal(g.columns, 3);
    for (size_t r = 0; r < g.rows; r++) {
        ptrdiff_t low = liq_axis_row(&g.axis, 900.0);
        ptrdiff_t close = liq_axis_row(&g.axis, 1000.0);
        double was = g.cell[g.rows + r], is = g.cell[2 * g.rows + r];

        if ((ptrdiff_t)r >= low && (ptrdiff_t)r < close) {
            assert_true(is < 1e-3);
            before += was;
        } else if ((ptrdiff_t)r < low && was > 1.0) {
            assert_true(is > 0.9 * was); /* decay alone */
        }
    }
    assert_true(before > 0.0);
    liq_map_free(m);
}

/* A candle without volume only lets time pass: after one half-life of a tier
 * half of it is left, on the axis and outside. */
static void test_everything_decays(void **state)
{
    struct liq_kline k[2] = {{GEN_START_MS, 100, 100, 100, 100, 1, 1e6, NAN},
                             {0, 100, 100, 100, 100, 0, 0, NAN}};

    (void)state;
    for (size_t tier = 0; tier < LIQ_TIERS; tier++) {
        struct liq_run run = gen_run(k, 1, 1, 60);
        struct liq_map *m = map_of(&run);
        struct liq_book before = liq_map_book(m), after;
        size_t rows = before.rows;
        double *was = calloc(LIQ_TIERS * rows, sizeof *was);
        double *is = calloc(LIQ_TIERS * rows, sizeof *is);

        assert_true(was != NULL && is != NULL);
        liq_map_by_tier(m, was);
        k[1].open_ms =
            GEN_START_MS +
            (int64_t)(liq_params_gauss7.tier[tier].half_life_hours * 3.6e6);
        run.n = 2;
        assert_int_equal(liq_map_run(m, &run), LIQ_OK);
        after = liq_map_book(m);
        liq_map_by_tier(m, is);
        for (size_t i = tier * rows; i < (tier + 1) * rows; i++)
            assert_true(is[i] == was[i] / 2.0);
        assert_true(after.below[tier][LIQ_LONG] ==
                    before.below[tier][LIQ_LONG] / 2.0);
        assert_true(after.above[tier][LIQ_SHORT] ==
                    before.above[tier][LIQ_SHORT] / 2.0);
        assert_true(before.below[tier][LIQ_LONG] > 0.0);
        free(was);
        free(is);
        liq_map_free(m);
    }
}

/* Absurd but valid: a wick so deep that zero would count as a round price. */
static void test_zero_is_no_round_price(void **state)
{
    struct liq_kline k = {GEN_START_MS, 1e3, 1e3, 1e-12, 1e3, 1, 1e6, NAN};
    struct liq_run run = gen_run(&k, 1, 1, 60);
    struct liq_map *m = map_of(&run);
    struct liq_grid g = liq_map_grid(m);

    (void)state;
    check_cells(0, &g);
    assert_true(isfinite(liq_map_book(m).total));
    liq_map_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_cell_is_a_finite_mass),
        cmocka_unit_test(test_longs_live_below_and_shorts_above_the_close),
        cmocka_unit_test(test_tiers_add_up),
        cmocka_unit_test(test_no_entries_are_an_empty_map),
        cmocka_unit_test(test_twice_the_volume_is_twice_the_mass),
        cmocka_unit_test(test_more_volume_lowers_no_cell),
        cmocka_unit_test(test_mass_is_kept),
        cmocka_unit_test(test_one_price_is_a_mirror),
        cmocka_unit_test(test_a_closed_column_never_changes),
        cmocka_unit_test(test_what_changes_the_past_starts_over),
        cmocka_unit_test(test_bad_candles_are_refused),
        cmocka_unit_test(test_1500_bars),
        cmocka_unit_test(test_wicks_sweep),
        cmocka_unit_test(test_everything_decays),
        cmocka_unit_test(test_zero_is_no_round_price),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
