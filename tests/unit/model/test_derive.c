/* What is read off the newest column adds up with the grid: MODEL.md 8, 9. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "gen.h"
#include "liqmap/derive.h"

#define N 200

static struct liq_map *map_of(const struct liq_run *run)
{
    struct liq_map *m;

    assert_int_equal(liq_map_new(&m), LIQ_OK);
    assert_int_equal(liq_map_run(m, run), LIQ_OK);
    return m;
}

static const double *last_column(const struct liq_grid *g)
{
    return g->cell + (g->columns - 1) * g->rows;
}

static bool near(double a, double b, double relative)
{
    return fabs(a - b) <= relative * fmax(fabs(a), fabs(b));
}

static void check_level(const struct liq_grid *g, const struct liq_level *l,
                        const double *tiers)
{
    const double *d = last_column(g);
    double close = g->candle[g->columns - 1].close;
    double mass = 0.0, side = 0.0, shares = 0.0;
    ptrdiff_t at = liq_axis_row(&g->axis, l->price);
    double middle = 0.5 * g->axis.price_step;

    assert_true(l->from < l->price && l->price < l->to);
    assert_true(l->side == LIQ_LONG ? l->to <= close + g->axis.price_step
                                    : l->from >= close - g->axis.price_step);
    assert_true(d[at] == l->peak);
    for (size_t r = 0; r < g->rows; r++) {
        double price = g->axis.price_min + (double)r * g->axis.price_step;
        bool inside = price + middle > l->from && price + middle < l->to;

        if (inside) {
            mass += d[r];
            assert_true(d[r] > l->peak / 2.0 && d[r] <= l->peak);
        }
        if (l->side == LIQ_LONG ? price + middle < close : price > close)
            side += d[r];
    }
    assert_true(near(mass, l->mass, 1e-12));
    assert_true(near(mass / side, l->side_share, 1e-9));
    assert_true(near(l->distance_percent, (l->price / close - 1) * 100, 1e-9));
    for (size_t k = 0; k < LIQ_TIERS; k++) {
        double tier = 0.0;

        for (size_t r = 0; r < g->rows; r++) {
            double price = g->axis.price_min + (double)r * g->axis.price_step;

            if (price + middle > l->from && price + middle < l->to)
                tier += tiers[k * g->rows + r];
        }
        assert_true(fabs(tier / mass - l->tier_share[k]) < 1e-9);
        shares += l->tier_share[k];
    }
    assert_true(fabs(shares - 1.0) < 1e-9);
}

static void check_bands_apart(const struct liq_levels *levels)
{
    for (int side = 0; side < LIQ_SIDES; side++) {
        for (size_t i = 0; i < levels->n[side]; i++) {
            for (size_t j = 0; j < i; j++) {
                const struct liq_level *a = &levels->at[side][i];
                const struct liq_level *b = &levels->at[side][j];

                assert_true(a->to <= b->from || b->to <= a->from);
                assert_true(b->mass >= a->mass);
            }
        }
    }
}

static void test_levels_add_up_with_the_grid(void **state)
{
    struct liq_kline k[N];
    size_t seen = 0;

    (void)state;
    for (uint64_t seed = 0; seed < GEN_SEEDS(300); seed++) {
        struct liq_run run;
        struct liq_levels levels;
        struct liq_grid g;
        struct liq_map *m;
        double *tiers;

        gen_series(seed, k, N);
        run = gen_run(k, N, 40, 100);
        if (seed % 3 == 1)
            run.tiers = 0x78;
        m = map_of(&run);
        g = liq_map_grid(m);
        tiers = calloc(LIQ_TIERS * g.rows, sizeof *tiers);
        assert_non_null(tiers);
        liq_map_by_tier(m, tiers);
        for (size_t r = 0; r < g.rows; r++) {
            double sum = 0.0;

            for (size_t t = 0; t < LIQ_TIERS; t++)
                sum += tiers[t * g.rows + r];
            assert_true(near(sum, last_column(&g)[r], 1e-12));
        }
        assert_int_equal(liq_map_levels(m, &levels), LIQ_OK);
        check_bands_apart(&levels);
        for (int side = 0; side < LIQ_SIDES; side++) {
            assert_true(levels.n[side] <= LIQ_LEVELS_MAX);
            for (size_t i = 0; i < levels.n[side]; i++)
                check_level(&g, &levels.at[side][i], tiers);
            seen += levels.n[side];
        }
        free(tiers);
        liq_map_free(m);
    }
    assert_true(seen > 3 * GEN_SEEDS(300));
}

/* The strongest row of each side is in its first or another level: none is
 * forgotten. */
static void test_the_strongest_row_is_in_a_level(void **state)
{
    struct liq_kline k[N];

    (void)state;
    for (uint64_t seed = 0; seed < GEN_SEEDS(200); seed++) {
        struct liq_run run;
        struct liq_levels levels;
        struct liq_map *m;
        struct liq_grid g;
        double best = 0.0, peak = 0.0;

        gen_series(seed, k, N);
        run = gen_run(k, N, 40, 100);
        m = map_of(&run);
        g = liq_map_grid(m);
        assert_int_equal(liq_map_levels(m, &levels), LIQ_OK);
        for (size_t r = 0; r < g.rows; r++)
            best = fmax(best, last_column(&g)[r]);
        for (int side = 0; side < LIQ_SIDES; side++) {
            for (size_t i = 0; i < levels.n[side]; i++)
                peak = fmax(peak, levels.at[side][i].peak);
        }
        /* Ten a side by mass: a needle may lose to ten broad ones. */
        if (levels.n[0] < LIQ_LEVELS_MAX && levels.n[1] < LIQ_LEVELS_MAX)
            assert_true(peak == best);
        liq_map_free(m);
    }
}

/* --- since ------------------------------------------------------------------
 */

/* A band seeded once, price far from it, then touched, then seeded again. */
static void test_a_level_keeps_its_birth_until_it_is_swept(void **state)
{
    enum { HOURS = 40, PER_HOUR = 4 };
    struct liq_kline k[HOURS * PER_HOUR];
    struct liq_axis axis = {900.0, 1.0, 200};
    struct liq_run run = {&liq_params_gauss7,
                          k,
                          0,
                          1,
                          GEN_DISPLAY_MS,
                          axis,
                          5,
                          LIQ_ALL_TIERS,
                          LIQ_BOTH_SIDES,
                          liq_contract_default};
    const int64_t hour = GEN_DISPLAY_MS;
    struct liq_map *m;

    (void)state;
    for (size_t i = 0; i < HOURS * PER_HOUR; i++) {
        bool seed = i == 2 * PER_HOUR || i == 30 * PER_HOUR + 1;
        /* Hour 25 dips to the 100x longs near 994. */
        double low = i == 25 * PER_HOUR ? 985.0 : 999.9;

        k[i] = (struct liq_kline){GEN_START_MS + (int64_t)i * GEN_ENGINE_MS,
                                  1000,
                                  1000.1,
                                  low,
                                  1000,
                                  1,
                                  seed ? 1e9 : 1.0,
                                  NAN};
    }
    assert_int_equal(liq_map_new(&m), LIQ_OK);
    for (size_t n = 4 * PER_HOUR; n <= HOURS * PER_HOUR; n++) {
        int64_t now_hour = (int64_t)(n - 1) / PER_HOUR;
        struct liq_levels levels;
        const struct liq_level *near_994 = NULL;
        int64_t expected;

        run.n = n;
        assert_int_equal(liq_map_run(m, &run), LIQ_OK);
        assert_int_equal(liq_map_levels(m, &levels), LIQ_OK);
        for (size_t i = 0; i < levels.n[LIQ_LONG]; i++) {
            if (levels.at[LIQ_LONG][i].from <= 994.0 &&
                levels.at[LIQ_LONG][i].to > 994.0)
                near_994 = &levels.at[LIQ_LONG][i];
        }
        if (now_hour >= 25 && n <= 30 * PER_HOUR + 1)
            continue; /* dust of the quiet candles */
        assert_non_null(near_994);
        expected = GEN_START_MS + (now_hour < 25 ? 2 : 30) * hour;
        if (near_994->since_ms != expected)
            fail_msg("hour %d: since hour %d", (int)now_hour,
                     (int)((near_994->since_ms - GEN_START_MS) / hour));
    }
    liq_map_free(m);
}

/* However the map got there and whatever window it shows. */
static void test_births_do_not_depend_on_the_window_or_the_way(void **state)
{
    struct liq_kline k[N];

    (void)state;
    for (uint64_t seed = 0; seed < GEN_SEEDS(60); seed++) {
        struct liq_levels a, b;
        struct liq_map *step, *whole;
        struct liq_run run;

        gen_series(seed, k, N);
        run = gen_run(k, N, 40, 100);
        whole = map_of(&run);
        assert_int_equal(liq_map_new(&step), LIQ_OK);
        run.bars = 3;
        for (run.n = 1; run.n <= N; run.n++)
            assert_int_equal(liq_map_run(step, &run), LIQ_OK);
        assert_int_equal(liq_map_levels(whole, &a), LIQ_OK);
        assert_int_equal(liq_map_levels(step, &b), LIQ_OK);
        assert_memory_equal(a.n, b.n, sizeof a.n);
        for (int side = 0; side < LIQ_SIDES; side++)
            assert_memory_equal(a.at[side], b.at[side],
                                a.n[side] * sizeof a.at[side][0]);
        liq_map_free(whole);
        liq_map_free(step);
    }
}

/* --- imbalance and cascade ---------------------------------------------------
 */

static void test_imbalance_and_cascade_add_up(void **state)
{
    struct liq_kline k[N];
    size_t known = 0;

    (void)state;
    for (uint64_t seed = 0; seed < GEN_SEEDS(300); seed++) {
        struct liq_run run;
        struct liq_map *m;
        struct liq_grid g;
        double close, *sum, longs = 0.0, shorts = 0.0;
        const double *d;
        size_t row;

        gen_series(seed, k, N);
        run = gen_run(k, N, 40, 100);
        close = k[N - 1].close;
        if (seed % 2)
            assert_int_equal(liq_axis_around(close, 12, 100, &run.axis), 0);
        m = map_of(&run);
        g = liq_map_grid(m);
        d = last_column(&g);
        row = (size_t)liq_axis_row(&g.axis, close);
        sum = calloc(g.rows, sizeof *sum);
        assert_non_null(sum);
        liq_map_cumulative(m, sum);
        assert_true(sum[row] == 0.0);
        for (size_t r = row; r-- > 0;) {
            longs += d[r];
            assert_true(near(sum[r], longs, 1e-12));
        }
        for (size_t r = row + 1; r < g.rows; r++) {
            shorts += d[r];
            assert_true(near(sum[r], shorts, 1e-12));
        }
        for (double p = 1.0; p <= 10.0; p += 3.0) {
            double i = liq_map_imbalance(m, p);

            if (isnan(i))
                continue;
            known++;
            assert_true(i >= -1.0 && i <= 1.0);
        }
        assert_true(seed % 2 == 0 || isnan(liq_map_imbalance(m, 99.0)));
        free(sum);
        liq_map_free(m);
    }
    assert_true(known > 2 * GEN_SEEDS(300));
}

/* Row edges exactly at +-1 %: the sums are those of whole rows. */
static void test_imbalance_of_whole_rows(void **state)
{
    struct liq_kline k[8];
    struct liq_axis axis = {900.0, 1.0, 200};
    struct liq_run run = {&liq_params_gauss7,
                          k,
                          8,
                          1,
                          GEN_DISPLAY_MS,
                          axis,
                          5,
                          LIQ_ALL_TIERS,
                          LIQ_BOTH_SIDES,
                          liq_contract_default};
    struct liq_map *m;
    struct liq_grid g;
    double longs = 0.0, shorts = 0.0;

    (void)state;
    for (size_t i = 0; i < 8; i++)
        k[i] = (struct liq_kline){GEN_START_MS + (int64_t)i * GEN_ENGINE_MS,
                                  1000,
                                  1003,
                                  1000,
                                  1000,
                                  1,
                                  1e6,
                                  NAN};
    m = map_of(&run);
    g = liq_map_grid(m);
    for (size_t r = 90; r < 100; r++)
        longs += last_column(&g)[r];
    for (size_t r = 101; r < 110; r++)
        shorts += last_column(&g)[r];
    assert_true(longs > 0.0 && shorts > 0.0);
    assert_true(near(liq_map_imbalance(m, 1.0),
                     (shorts - longs) / (shorts + longs), 1e-9));
    /* 989.5 .. 1010.5: half of one more row on each side. */
    longs += last_column(&g)[89] / 2.0;
    shorts += last_column(&g)[110] / 2.0;
    assert_true(near(liq_map_imbalance(m, 1.05),
                     (shorts - longs) / (shorts + longs), 1e-9));
    liq_map_free(m);
}

/* --- several exchanges -------------------------------------------------------
 */

static struct liq_run run_on(const struct liq_kline *k, size_t n,
                             const struct liq_axis *axis)
{
    struct liq_run run = gen_run(k, n, 30, 100);

    run.axis = *axis;
    return run;
}

/* What a map shows at a moment: the column of its last candle until then; NULL
 * before the first. */
static const double *column_then(const struct liq_grid *g, int64_t ms)
{
    size_t n = 0;

    while (n < g->columns && g->candle[n].open_ms <= ms)
        n++;
    return n > 0 ? g->cell + (n - 1) * g->rows : NULL;
}

/* The sum of maps is the sum of their cells, books and outsides; a part that
 * lacks a candle adds what it had before. */
static void test_a_sum_of_maps_adds_up(void **state)
{
    const double weight[3] = {0.5, 2.0, 0.0};
    struct liq_kline a[N], b[N];

    (void)state;
    for (uint64_t seed = 0; seed < GEN_SEEDS(50); seed++) {
        struct liq_run run;
        struct liq_map *m[3], *sum;
        struct liq_grid g, ga, gb;
        struct liq_levels levels;
        size_t met = 0, n = seed % 3 ? N : N - 9; /* behind: a few columns */

        gen_series(seed, a, N);
        gen_series(seed, b, N);
        for (size_t i = 0; i < N; i++) {
            b[i].quote_volume *= 1.5 + (double)(i % 3);
            if (seed % 2 && i >= 100 && i < 140)
                b[i].open_ms += 1; /* lies in the same hour */
        }
        if (seed % 4 == 3) { /* without candles for four hours */
            n -= 16;
            memmove(b + 140, b + 156, (n - 140) * sizeof *b);
        }
        run = gen_run(a, N, 30, 100);
        m[0] = map_of(&run);
        /* An even seed's second exchange has its last ten hours only. */
        run = run_on(seed % 2 ? b : b + 160, seed % 2 ? n : n - 160, &run.axis);
        m[1] = map_of(&run);
        m[2] = map_of(&run);
        assert_int_equal(liq_map_new(&sum), LIQ_OK);
        assert_int_equal(
            liq_map_sum(sum, (const struct liq_map *const *)m, weight, 3),
            LIQ_OK);
        g = liq_map_grid(sum);
        ga = liq_map_grid(m[0]);
        gb = liq_map_grid(m[1]);
        assert_int_equal(g.columns, ga.columns);
        for (size_t j = 0; j < g.columns; j++) {
            const double *other = column_then(&gb, g.candle[j].open_ms);

            met += other != NULL;
            for (size_t r = 0; r < g.rows; r++) {
                double expected = 0.5 * ga.cell[j * g.rows + r] +
                                  (other ? 2.0 * other[r] : 0.0);

                assert_true(near(g.cell[j * g.rows + r], expected, 1e-12));
            }
        }
        assert_true(met > 0 && (seed % 2 || met < g.columns));
        assert_true(near(liq_map_book(sum).total,
                         0.5 * liq_map_book(m[0]).total +
                             2.0 * liq_map_book(m[1]).total,
                         1e-9));
        assert_int_equal(liq_map_levels(sum, &levels), LIQ_OK);
        check_bands_apart(&levels);
        liq_map_free(sum);
        for (size_t i = 0; i < 3; i++)
            liq_map_free(m[i]);
    }
}

/* The exchanges of a sum do not have the newest candle at the same moment. */
static void test_tier_shares_of_a_sum_of_unlike_ends(void **state)
{
    static const double weight[] = {1.0, 3.0};
    struct liq_kline k[N];
    size_t found = 0;

    (void)state;
    for (uint64_t seed = 0; seed < GEN_SEEDS(50); seed++) {
        struct liq_map *m[2], *sum;
        struct liq_levels levels;
        struct liq_run run;

        gen_series(seed, k, N);
        run = gen_run(k, N, 30, 100);
        m[0] = map_of(&run);
        run.n -= 7; /* two display candles */
        m[1] = map_of(&run);
        if (seed % 2) {
            struct liq_map *ahead = m[0];

            m[0] = m[1];
            m[1] = ahead;
        }
        assert_int_equal(liq_map_new(&sum), LIQ_OK);
        assert_int_equal(
            liq_map_sum(sum, (const struct liq_map *const *)m, weight, 2),
            LIQ_OK);
        assert_int_equal(liq_map_levels(sum, &levels), LIQ_OK);
        for (size_t side = 0; side < LIQ_SIDES; side++) {
            for (size_t i = 0; i < levels.n[side]; i++) {
                const double *share = levels.at[side][i].tier_share;
                double all = 0.0;

                for (size_t tier = 0; tier < LIQ_TIERS; tier++)
                    all += share[tier];
                /* Swept since by the one that is ahead. */
                if (seed % 2 && all == 0.0)
                    continue;
                assert_true(near(all, 1.0, 1e-9));
                found++;
            }
        }
        for (size_t i = 0; i < 2; i++)
            liq_map_free(m[i]);
        liq_map_free(sum);
    }
    assert_true(found > 5 * GEN_SEEDS(50));
}

/* The closes of a sum's exchanges differ, so that the row of the first one's
 * has mass of others; a level is on one side of it nevertheless. */
static void test_levels_of_a_sum_lie_on_one_side(void **state)
{
    static const double weight[] = {1.0, 3.0};
    struct liq_kline k[N];
    size_t found = 0;

    (void)state;
    for (uint64_t seed = 0; seed < GEN_SEEDS(100); seed++) {
        struct liq_map *m[2], *sum;
        struct liq_levels levels;
        struct liq_run run;
        double close;

        gen_series(seed, k, N);
        run = gen_run(k, N, 30, 100);
        m[0] = map_of(&run);
        close = run.axis.price_min +
                run.axis.price_step *
                    (double)liq_axis_row(&run.axis, k[N - 1].close);
        for (size_t i = 0; i < N; i++) {
            k[i].open *= seed % 2 ? 1.03 : 0.97;
            k[i].high *= seed % 2 ? 1.03 : 0.97;
            k[i].low *= seed % 2 ? 1.03 : 0.97;
            k[i].close *= seed % 2 ? 1.03 : 0.97;
        }
        m[1] = map_of(&run);
        assert_int_equal(liq_map_new(&sum), LIQ_OK);
        assert_int_equal(
            liq_map_sum(sum, (const struct liq_map *const *)m, weight, 2),
            LIQ_OK);
        assert_int_equal(liq_map_levels(sum, &levels), LIQ_OK);
        for (size_t i = 0; i < levels.n[LIQ_LONG]; i++)
            assert_true(levels.at[LIQ_LONG][i].to <= close * (1.0 + 1e-12));
        for (size_t i = 0; i < levels.n[LIQ_SHORT]; i++)
            assert_true(levels.at[LIQ_SHORT][i].from >= close * (1.0 - 1e-12));
        for (size_t side = 0; side < LIQ_SIDES; side++) {
            double all = 0.0;

            for (size_t i = 0; i < levels.n[side]; i++) {
                all += levels.at[side][i].side_share;
                found++;
            }
            assert_true(all <= 1.0 + 1e-9);
        }
        for (size_t i = 0; i < 2; i++)
            liq_map_free(m[i]);
        liq_map_free(sum);
    }
    assert_true(found > 5 * GEN_SEEDS(100));
}

static void test_maps_that_do_not_fit_are_not_summed(void **state)
{
    const double good[2] = {1.0, 1.0}, bad[2] = {1.0, NAN};
    struct liq_map *m[2], *sum;
    struct liq_kline k[N];
    struct liq_run run;

    (void)state;
    gen_series(4, k, N);
    run = gen_run(k, N, 30, 100);
    m[0] = map_of(&run);
    m[1] = map_of(&run);
    assert_int_equal(liq_map_new(&sum), LIQ_OK);
    assert_int_equal(liq_map_sum(sum, (const struct liq_map *const *)m, bad, 2),
                     LIQ_EINVAL);
    assert_int_equal(
        liq_map_sum(sum, (const struct liq_map *const *)m, good, 0),
        LIQ_EINVAL);
    run.axis.rows += 20;
    assert_int_equal(liq_map_run(m[1], &run), LIQ_OK);
    assert_int_equal(
        liq_map_sum(sum, (const struct liq_map *const *)m, good, 2),
        LIQ_EINVAL);
    assert_int_equal(liq_map_grid(sum).columns, 0);
    liq_map_free(m[0]);
    liq_map_free(m[1]);
    liq_map_free(sum);
}

/* --- why ---------------------------------------------------------------------
 */

static void check_why(const struct liq_run *run, const struct liq_grid *g,
                      size_t column, size_t row)
{
    double cell = g->cell[column * g->rows + row], sum = 0.0;
    int64_t open_ms = g->candle[column].open_ms;
    struct liq_why why;

    assert_int_equal(liq_explain(run, open_ms, (ptrdiff_t)row, SIZE_MAX, &why),
                     LIQ_OK);
    for (size_t i = 0; i < why.n; i++) {
        sum += why.at[i].mass;
        assert_true(why.at[i].mass > 0.0);
        assert_true(i == 0 || why.at[i].mass <= why.at[i - 1].mass);
        assert_true(why.at[i].open_ms <= open_ms);
        assert_true(why.at[i].open_ms >=
                    why.swept_ms - why.swept_ms % run->display_ms);
        assert_true(run->tiers >> why.at[i].tier & 1U);
    }
    if (!near(why.cell, cell, 1e-9) || !near(sum, cell, 1e-9))
        fail_msg("column %zu row %zu: %.17g, causes %.17g", column, row, cell,
                 why.cell);
    free(why.at);
}

static void test_causes_add_up_to_the_cell(void **state)
{
    struct liq_kline k[N];

    (void)state;
    for (uint64_t seed = 0; seed < GEN_SEEDS(60); seed++) {
        uint64_t rng = seed;
        struct liq_run run;
        struct liq_map *m;
        struct liq_grid g;

        gen_series(seed, k, N);
        run = gen_run(k, N, 30, 60);
        if (seed % 3 == 0)
            run.tiers = 0x2a;
        if (seed % 5 == 0)
            run.sides = 1U + (unsigned)(seed % 2);
        m = map_of(&run);
        g = liq_map_grid(m);
        for (int i = 0; i < 30; i++)
            check_why(&run, &g, gen_next(&rng) % g.columns,
                      gen_next(&rng) % g.rows);
        liq_map_free(m);
    }
}

/* A close below a row that the next candle does not come back to, the same
 * round price as a multiple of two units, and a row so high that what rounding
 * allows for at its edge is more than a band. */
static void test_causes_of_candles_that_jump(void **state)
{
    static const struct {
        const char *name;
        struct liq_axis axis;
        struct liq_kline k[2];
    } cases[] = {
        {"gap",
         {70.0, 0.5, 100},
         {{0, 118, 120, 80, 85, 1, 1e6, NAN},
          {GEN_ENGINE_MS, 100, 101, 99, 100, 1, 1e6, NAN}}},
        {"units",
         {5.0, 0.05, 200},
         {{0, 100, 160, 10, 150, 1, 1e6, NAN},
          {GEN_ENGINE_MS, 1500, 1600, 10, 1500, 1, 1e6, NAN}}},
        {"high",
         {1.574029, 1e4, 1},
         {{0, 1, 1, 1, 1, 1, 1e6, NAN},
          {GEN_ENGINE_MS, 1, 1, 1, 1, 1, 1e6, NAN}}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct liq_run run = {
            &liq_params_gauss7, cases[i].k,          2, 1,
            GEN_ENGINE_MS,      cases[i].axis,       2, LIQ_ALL_TIERS,
            LIQ_BOTH_SIDES,     liq_contract_default};
        struct liq_map *m = map_of(&run);
        struct liq_grid g = liq_map_grid(m);

        for (size_t column = 0; column < g.columns; column++) {
            for (size_t row = 0; row < g.rows; row++)
                check_why(&run, &g, column, row);
        }
        liq_map_free(m);
    }
}

/* However few are asked for, they are the first of all, and what they are of is
 * the same. */
static void test_few_causes_are_the_largest(void **state)
{
    const size_t few[] = {0, 1, 7, 40, 101};
    struct liq_kline k[N];

    (void)state;
    for (uint64_t seed = 0; seed < GEN_SEEDS(60); seed++) {
        struct liq_why all, some;
        struct liq_run run;
        uint64_t rng = seed;

        gen_series(seed, k, N);
        run = gen_run(k, N, 30, 60);
        for (int i = 0; i < 10; i++) {
            int64_t open_ms =
                k[N - 1].open_ms / GEN_DISPLAY_MS * GEN_DISPLAY_MS;
            ptrdiff_t row = (ptrdiff_t)(gen_next(&rng) % run.axis.rows);

            assert_int_equal(liq_explain(&run, open_ms, row, SIZE_MAX, &all),
                             LIQ_OK);
            for (size_t j = 0; j < sizeof few / sizeof few[0]; j++) {
                assert_int_equal(liq_explain(&run, open_ms, row, few[j], &some),
                                 LIQ_OK);
                assert_true(some.all == all.all && some.cell == all.cell);
                assert_true(some.n == (all.n < few[j] ? all.n : few[j]));
                for (size_t n = 0; n < some.n; n++) {
                    assert_true(some.at[n].mass == all.at[n].mass);
                    assert_true(some.at[n].open_ms == all.at[n].open_ms);
                    assert_true(some.at[n].tier == all.at[n].tier);
                }
                free(some.at);
            }
            free(all.at);
        }
    }
}

static void test_why_refuses_what_is_not_there(void **state)
{
    struct liq_kline k[4];
    struct liq_run run;
    struct liq_why why;

    (void)state;
    gen_series(1, k, 4);
    run = gen_run(k, 4, 4, 60);
    assert_int_equal(liq_explain(&run, GEN_START_MS, -1, 9, &why), LIQ_EINVAL);
    assert_int_equal(
        liq_explain(&run, GEN_START_MS, (ptrdiff_t)run.axis.rows, 9, &why),
        LIQ_EINVAL);
    assert_int_equal(
        liq_explain(&run, GEN_START_MS - GEN_DISPLAY_MS, 3, 9, &why),
        LIQ_ENOTFOUND);
}

/* --- the single leverage
 * ------------------------------------------------------ */

static void test_single_leverage_by_hand(void **state)
{
    /* Entry 100000 at 10x and 0.4 %: 90400 and 109600; a day apart. */
    struct liq_kline k[2] = {
        {0, 100000, 100000, 100000, 100000, exp(2.0), 1, NAN},
        {86400000, 100000, 100000, 100000, 100000, exp(3.0), 1, NAN},
    };
    struct liq_single_params p = {10, 0.004, 0.2, 10, 0, 0.6};
    double weight = 3.0 + 2.0 * exp(-0.2 * 24);
    struct liq_single s;

    (void)state;
    assert_int_equal(liq_single_run(&p, k, 2, &s), LIQ_OK);
    assert_true(s.band == 250.0 && s.price_min == 90000.0 && s.n == 80);
    assert_true(near(s.longs[1], 0.6 * weight, 1e-12));   /* 90250 .. 90500 */
    assert_true(near(s.shorts[78], 0.4 * weight, 1e-12)); /* 109500 .. */
    for (size_t i = 0; i < s.n; i++)
        assert_true((i == 1 || s.longs[i] == 0.0) &&
                    (i == 78 || s.shorts[i] == 0.0));
    free(s.longs);

    p.long_share = NAN;
    p.leverage = 3; /* off the range */
    assert_int_equal(liq_single_run(&p, k, 2, &s), LIQ_OK);
    assert_true(near(s.outside, weight, 1e-12));
    free(s.longs);
}

static void test_single_leverage_refuses(void **state)
{
    static const struct {
        const char *name;
        struct liq_single_params p;
    } cases[] = {
        {"leverage 1", {1, 0.004, 0.2, 10, 0, 0.5}},
        {"leverage NaN", {NAN, 0.004, 0.2, 10, 0, 0.5}},
        {"margin over 1/leverage", {50, 0.03, 0.2, 10, 0, 0.5}},
        {"negative lambda", {10, 0.004, -1, 10, 0, 0.5}},
        {"range 100", {10, 0.004, 0.2, 100, 0, 0.5}},
        {"share 1.1", {10, 0.004, 0.2, 10, 0, 1.1}},
        {"too many bands", {10, 0.004, 0.2, 90, 1, 0.5}},
        {"infinite band", {10, 0.004, 0.2, 90, INFINITY, 0.5}},
    };
    struct liq_kline k = {0, 1e5, 1e5, 1e5, 1e5, 10, 1, NAN};
    struct liq_single s;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (liq_single_run(&cases[i].p, &k, 1, &s) != LIQ_EINVAL)
            fail_msg("%s was taken", cases[i].name);
    }
    assert_true(liq_single_band(60000) == 250 && liq_single_band(4000) == 10 &&
                liq_single_band(180) == 0.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_levels_add_up_with_the_grid),
        cmocka_unit_test(test_the_strongest_row_is_in_a_level),
        cmocka_unit_test(test_a_level_keeps_its_birth_until_it_is_swept),
        cmocka_unit_test(test_births_do_not_depend_on_the_window_or_the_way),
        cmocka_unit_test(test_imbalance_and_cascade_add_up),
        cmocka_unit_test(test_imbalance_of_whole_rows),
        cmocka_unit_test(test_a_sum_of_maps_adds_up),
        cmocka_unit_test(test_tier_shares_of_a_sum_of_unlike_ends),
        cmocka_unit_test(test_levels_of_a_sum_lie_on_one_side),
        cmocka_unit_test(test_maps_that_do_not_fit_are_not_summed),
        cmocka_unit_test(test_causes_add_up_to_the_cell),
        cmocka_unit_test(test_causes_of_candles_that_jump),
        cmocka_unit_test(test_few_causes_are_the_largest),
        cmocka_unit_test(test_why_refuses_what_is_not_there),
        cmocka_unit_test(test_single_leverage_by_hand),
        cmocka_unit_test(test_single_leverage_refuses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
