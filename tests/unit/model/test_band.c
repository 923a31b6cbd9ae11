/* One band: MODEL.md (6) to (8). */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "gen.h"

/* Isolated liquidation prices from the exchange's documented formula, LP =
 * EP (1 -+ 1/L) / (1 -+ MMR), first bracket; figures computed by hand. */
static void test_liquidation_prices_are_the_documented_ones(void **state)
{
    static const struct {
        size_t tier;
        enum liq_side side;
        double price;
    } cases[] = {
        {3, LIQ_LONG, 90361.4458}, {3, LIQ_SHORT, 109561.7530},
        {6, LIQ_LONG, 99397.5904}, {6, LIQ_SHORT, 100597.6096},
        {0, LIQ_LONG, 50200.8032}, {0, LIQ_SHORT, 149402.3904},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct liq_band b =
            liq_band_of(&liq_params_gauss7, &liq_contract_default,
                        cases[i].tier, cases[i].side, 100000.0, 0.0, 1.0);

        if (fabs(b.mean - cases[i].price) > 1e-4)
            fail_msg("case %zu: %.6f", i, b.mean);
        assert_true(
            fabs(b.sigma -
                 4000.0 / liq_params_gauss7.tier[cases[i].tier].leverage) <
            1e-9);
    }
}

struct parts {
    double row[200], below, above, discarded;
};

static double rows_sum(const struct parts *p)
{
    double sum = 0.0;

    for (size_t r = 0; r < 200; r++)
        sum += p->row[r];
    return sum;
}

static const struct liq_axis AXIS = {100.0, 1.0, 200}; /* 100 .. 300 */

/* Everything put in is somewhere, wherever band and close lie. */
static void test_a_band_is_kept_whole(void **state)
{
    static const struct {
        const char *name;
        double mean, sigma, close;
    } cases[] = {
        {"inside", 200, 5, 250},
        {"on an edge", 200, 0.01, 250},
        {"on the lower end", 100, 5, 250},
        {"on the upper end", 300, 5, 310},
        {"all below", 20, 2, 250},
        {"all above", 500, 5, 600},
        {"wider than the axis", 200, 500, 250},
        {"close inside the band", 200, 10, 203},
        {"close on the wrong side", 200, 10, 120},
        {"close below the axis", 200, 10, 50},
        {"close above the axis", 290, 30, 320},
        {"band above, close between", 400, 20, 350},
        {"band below, close between", 50, 10, 80},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (int side = 0; side < LIQ_SIDES; side++) {
            struct liq_band b = {cases[i].mean, cases[i].sigma, 7e6};
            struct parts p;
            ptrdiff_t close = liq_axis_row(&AXIS, cases[i].close);
            double sum;

            memset(&p, 0, sizeof p);
            liq_band_add(&AXIS, &b, (enum liq_side)side, cases[i].close, p.row,
                         &p.below, &p.above, &p.discarded);
            sum = rows_sum(&p) + p.below + p.above + p.discarded;
            if (fabs(sum - 7e6) > 7e6 * 1e-12)
                fail_msg("%s, side %d: %.17g", cases[i].name, side, sum);
            for (ptrdiff_t r = 0; r < 200; r++) {
                assert_true(p.row[r] >= 0.0);
                if (side == LIQ_LONG ? r >= close : r <= close)
                    assert_true(p.row[r] == 0.0);
            }
            assert_true(p.below >= 0 && p.above >= 0 && p.discarded >= 0);
        }
    }
}

/* Values of the normal distribution: 0.682689..., 0.954499... within one and
 * two sigma. */
static void test_rows_hold_the_exact_integral(void **state)
{
    struct liq_band b = {200.0, 10.0, 1.0};
    struct parts p;
    double one = 0.0, two = 0.0;

    (void)state;
    memset(&p, 0, sizeof p);
    liq_band_add(&AXIS, &b, LIQ_LONG, 290.0, p.row, &p.below, &p.above,
                 &p.discarded);
    for (size_t r = 80; r < 120; r++) {
        two += p.row[r];
        if (r >= 90 && r < 110)
            one += p.row[r];
        assert_true(fabs(p.row[r] - p.row[199 - r]) < 1e-16);
    }
    assert_true(fabs(one - 0.68268949213708590) < 1e-15);
    assert_true(fabs(two - 0.95449973610364159) < 1e-15);
    /* Nothing beyond four sigma: rows 60 and 140 hold mu -+ 4 sigma. */
    assert_true(p.row[59] == 0.0 && p.row[60] > 0.0);
    assert_true(p.row[140] > 0.0 && p.row[141] == 0.0);
    assert_true(fabs(p.below - 3.167e-5) < 1e-7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_liquidation_prices_are_the_documented_ones),
        cmocka_unit_test(test_a_band_is_kept_whole),
        cmocka_unit_test(test_rows_hold_the_exact_integral),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
