/* What a contract allows: MODEL.md 3a. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "gen.h"
#include "living.h"
#include "liqmap/derive.h"
#include "model/setting.h"

#define N 240

static const struct {
    const char *name;
    struct liq_contract contract;
} contracts[] = {
    {"default", {100.0, 0.004, false, NULL}},
    {"40x", {40.0, 0.0125, false, NULL}},
    {"20x", {20.0, 0.025, false, NULL}},
    {"125x", {125.0, 0.004, false, NULL}},
    {"inverse 100x", {100.0, 0.004, true, NULL}},
    {"inverse 3x", {3.0, 0.2, true, NULL}},
    {"no margin", {50.0, 0.0, false, NULL}},
    {"1.5x", {1.5, 0.1, false, NULL}},
    {"inverse 1.01x", {1.01, 0.5, true, NULL}},
};
#define N_CONTRACTS (sizeof contracts / sizeof contracts[0])

static struct liq_map *map_of(const struct liq_run *run)
{
    struct liq_map *m;

    assert_int_equal(liq_map_new(&m), LIQ_OK);
    assert_int_equal(liq_map_run(m, run), LIQ_OK);
    return m;
}

static void test_limits_that_make_no_sense_are_refused(void **state)
{
    static const struct {
        const char *name;
        struct liq_contract contract;
    } cases[] = {
        {"no leverage", {1.0, 0.004, false, NULL}},
        {"all zero", {0.0, 0.0, false, NULL}},
        {"negative", {-5.0, 0.004, false, NULL}},
        {"NaN leverage", {NAN, 0.004, false, NULL}},
        {"infinite", {INFINITY, 0.0, false, NULL}},
        {"NaN margin", {100.0, NAN, false, NULL}},
        {"negative margin", {100.0, -0.001, false, NULL}},
        {"margin is the whole collateral", {50.0, 0.02, false, NULL}},
        {"margin above the collateral", {125.0, 0.0081, true, NULL}},
    };
    struct liq_kline k[4];
    struct liq_run run;
    struct liq_why why;

    (void)state;
    gen_series(1, k, 4);
    run = gen_run(k, 4, 4, 60);
    for (size_t i = 0; i < N_CONTRACTS; i++) {
        if (!liq_contract_valid(&contracts[i].contract))
            fail_msg("%s was refused", contracts[i].name);
    }
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct liq_map *m = map_of(&run);
        struct liq_run bad = run;

        bad.contract = cases[i].contract;
        if (liq_contract_valid(&bad.contract) ||
            liq_map_run(m, &bad) != LIQ_EINVAL ||
            liq_explain(&bad, GEN_START_MS, 3, 9, &why) != LIQ_EINVAL)
            fail_msg("%s was taken", cases[i].name);
        assert_int_equal(liq_map_grid(m).columns, 0);
        liq_map_free(m);
    }
}

/* Collateral and profit of a position of one unit of notional at the entry,
 * less the margin to maintain, at this price; in quote currency, or in coin
 * for an inverse contract. */
static double equity(const struct liq_contract *c, double leverage, double sign,
                     double entry, double price)
{
    double m = c->maintenance_margin_rate;

    if (c->inverse)
        return 1.0 / (leverage * entry) + sign * (1.0 / entry - 1.0 / price) -
               m / price;
    return entry / leverage + sign * (price - entry) - m * price;
}

/* Entries at one price. */
static struct band band_at(const struct liq_contract *c, size_t tier,
                           size_t side, double entry)
{
    static const struct liq_axis axis = {0.0, 1.0, 100};
    struct setting s;

    setting_init(&s, &liq_params_gauss7, c, &axis);
    return band_of(&s, BAND(tier, side), entry, 0.0);
}

/* A position stands where its equity is used up, on the losing side. */
static void test_a_band_lies_where_equity_is_used_up(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_CONTRACTS; i++) {
        const struct liq_contract *c = &contracts[i].contract;

        for (size_t tier = 0; tier < LIQ_TIERS; tier++) {
            double leverage = liq_tier_leverage(&liq_params_gauss7, c, tier);

            assert_true(leverage <= c->max_leverage);
            for (int side = 0; side < LIQ_SIDES; side++) {
                double sign = side == LIQ_LONG ? 1.0 : -1.0;
                struct band b = band_at(c, tier, (size_t)side, 50000.0);
                double unit = c->inverse ? 1.0 / 50000.0 : 50000.0;

                assert_true(sign * (50000.0 - b.mean) > 0.0);
                assert_true(fabs(equity(c, leverage, sign, 50000.0, b.mean)) <
                            1e-12 * unit);
                assert_true(fabs(sqrt(b.variance) - 0.04 * 50000.0 / leverage) <
                            1e-9);
            }
        }
    }
}

/* By hand, entry 100000: 40x with 1.25 % long 97500/0.9875, and 100x inverse
 * 100400/1.01 and 99600/0.99. */
static void test_prices_by_hand(void **state)
{
    static const struct {
        size_t contract, tier;
        enum liq_side side;
        double price;
    } cases[] = {
        {1, 6, LIQ_LONG, 98734.177215}, {1, 5, LIQ_SHORT, 101234.567901},
        {2, 4, LIQ_LONG, 97435.897436}, {2, 3, LIQ_SHORT, 107317.073171},
        {4, 6, LIQ_LONG, 99405.940594}, {4, 6, LIQ_SHORT, 100606.060606},
        {4, 0, LIQ_LONG, 66933.333333}, {4, 0, LIQ_SHORT, 199200.0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct band b = band_at(&contracts[cases[i].contract].contract,
                                cases[i].tier, cases[i].side, 100000.0);

        if (fabs(b.mean - cases[i].price) > 1e-6)
            fail_msg("case %zu: %.6f", i, b.mean);
    }
}

/* On a 40x contract 50x and 100x entries stand where each other's do. */
static void test_clamped_tiers_stand_at_the_same_place(void **state)
{
    struct liq_kline k[N];
    size_t seen = 0;

    (void)state;
    for (uint64_t seed = 0; seed < 60; seed++) {
        double share[LIQ_TIERS];
        struct liq_run run;
        struct liq_map *m;
        struct liq_grid g;
        double *tiers;

        gen_series(seed, k, 1);
        run = gen_run(k, 1, 1, 200);
        run.contract = contracts[1].contract;
        m = map_of(&run);
        g = liq_map_grid(m);
        tiers = calloc(LIQ_TIERS * g.rows, sizeof *tiers);
        assert_non_null(tiers);
        liq_map_by_tier(m, tiers);
        liq_inflow_shares(&liq_params_gauss7, share);
        for (size_t r = 0; r < g.rows; r++) {
            double at_50 = tiers[5 * g.rows + r] / share[5];
            double at_100 = tiers[6 * g.rows + r] / share[6];

            assert_true(fabs(at_50 - at_100) <= 1e-12 * at_50);
            seen += at_50 > 0.0;
        }
        free(tiers);
        liq_map_free(m);
    }
    assert_true(seen > 500);
}

/* One candle, so neither decay nor clearing: all that may live does. */
static void test_mass_is_kept_on_every_contract(void **state)
{
    struct liq_kline k;

    (void)state;
    for (size_t i = 0; i < N_CONTRACTS; i++) {
        for (uint64_t seed = 0; seed < 100; seed++) {
            struct liq_run run;
            struct liq_map *m;
            struct setting s;
            double living;

            gen_series(seed, &k, 1);
            run = gen_run(&k, 1, 1, 100);
            run.contract = contracts[i].contract;
            setting_init(&s, run.params, &run.contract, &run.axis);
            living = living_of(&s, &k);
            m = map_of(&run);
            if (fabs(liq_map_book(m).total - living) > 1e-12 * k.quote_volume)
                fail_msg("%s, seed %lu", contracts[i].name,
                         (unsigned long)seed);
            liq_map_free(m);
        }
    }
}

static void test_a_higher_limit_changes_nothing(void **state)
{
    struct liq_kline k[N];

    (void)state;
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct liq_run run;
        struct liq_map *a, *b;
        struct liq_grid ga, gb;

        gen_series(seed, k, N);
        run = gen_run(k, N, 40, 100);
        a = map_of(&run);
        run.contract.max_leverage = 125.0;
        b = map_of(&run);
        ga = liq_map_grid(a);
        gb = liq_map_grid(b);
        assert_memory_equal(ga.cell, gb.cell,
                            ga.columns * ga.rows * sizeof *ga.cell);
        liq_map_free(a);
        liq_map_free(b);
    }
}

static void test_causes_name_the_leverage_of_the_contract(void **state)
{
    struct liq_kline k[N];

    (void)state;
    for (uint64_t seed = 1; seed < 20; seed++) {
        struct liq_run run;
        struct liq_map *m;
        struct liq_grid g;
        size_t last;

        gen_series(seed, k, N);
        run = gen_run(k, N, 40, 100);
        run.contract = contracts[1 + seed % 4].contract;
        m = map_of(&run);
        g = liq_map_grid(m);
        last = g.columns - 1;
        for (size_t r = 0; r < g.rows; r += 7) {
            double cell = g.cell[last * g.rows + r];
            struct liq_why why;

            assert_int_equal(liq_explain(&run, g.candle[last].open_ms,
                                         (ptrdiff_t)r, SIZE_MAX, &why),
                             LIQ_OK);
            assert_true(fabs(why.cell - cell) <= 1e-9 * cell);
            for (size_t i = 0; i < why.n; i++)
                assert_true(
                    why.at[i].leverage ==
                    fmin(liq_params_gauss7.tier[why.at[i].tier].leverage,
                         run.contract.max_leverage));
            free(why.at);
        }
        liq_map_free(m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_limits_that_make_no_sense_are_refused),
        cmocka_unit_test(test_a_band_lies_where_equity_is_used_up),
        cmocka_unit_test(test_prices_by_hand),
        cmocka_unit_test(test_clamped_tiers_stand_at_the_same_place),
        cmocka_unit_test(test_mass_is_kept_on_every_contract),
        cmocka_unit_test(test_a_higher_limit_changes_nothing),
        cmocka_unit_test(test_causes_name_the_leverage_of_the_contract),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
