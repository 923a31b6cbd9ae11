/* One band: MODEL.md (6) to (8). */
#include <math.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "gen.h"
#include "living.h"
#include "model/band.h"

static const struct liq_axis AXIS = {100.0, 1.0, 200}; /* 100 .. 300 */
#define ROWS 200

static void setting_of(struct setting *s)
{
    setting_init(s, &liq_params_gauss7, &liq_contract_default, &AXIS);
}

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
    struct setting s;

    (void)state;
    setting_of(&s);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t tier = cases[i].tier;
        struct band b = band_of(&s, BAND(tier, cases[i].side), 100000.0, 0.0);

        if (fabs(b.mean - cases[i].price) > 1e-4)
            fail_msg("case %zu: %.6f", i, b.mean);
        assert_true(fabs(sqrt(b.variance) -
                         4000.0 / liq_params_gauss7.tier[tier].leverage) <
                    1e-9);
    }
}

struct parts {
    double before[NARROW_ROWS], row[ROWS + NARROW_ROWS], below, above;
};

/* One band of the first tier with this mean and sigma, mass 1. */
static void spread(struct setting *s, double mean, double sigma,
                   enum liq_side side, double close, struct parts *p)
{
    double row = floor((close - AXIS.price_min) / AXIS.price_step);
    struct components c = {.least_entry = mean, .n = LANES};
    struct bands at[LIQ_SIDES], *const both[LIQ_SIDES] = {&at[0], &at[1]};
    struct outside out = {{0.0}, {0.0}};
    size_t i = BAND(0, side);

    memset(p, 0, sizeof *p);
    s->factor[i] = 1.0;
    s->spread[i] = sigma / mean;
    s->inflow[0] = LIQ_SIDES;
    for (size_t j = 0; j < LANES; j++) {
        c.entry[j] = mean;
        c.scale[0][j] = 1.0;
    }
    c.volume[0] = c.near[LIQ_LONG][0] = c.near[LIQ_SHORT][0] = 1.0;
    c.cut[LIQ_LONG][0] = c.stop[LIQ_LONG][0] = row;
    c.cut[LIQ_SHORT][0] = c.stop[LIQ_SHORT][0] = row + 1.0;
    s->ops->place(s, 0, &c, &out, both);
    at[side == LIQ_LONG ? LIQ_SHORT : LIQ_LONG].most = 0.0;
    s->ops->add_bands(&(struct tier_bands){{&at[0], &at[1]}, p->row}, 1, 0, 1);
    p->below = side == LIQ_LONG ? out.far[i] : out.near[i];
    p->above = side == LIQ_LONG ? out.near[i] : out.far[i];
}

/* Share of the band between two prices. */
static double integral(double mean, double sigma, double a, double b)
{
    double x = (a - mean) / sigma * sqrt(0.5);
    double y = (b - mean) / sigma * sqrt(0.5);

    if (y <= 0.0)
        return 0.5 * (erfc(-y) - erfc(-x));
    return x >= 0.0 ? 0.5 * (erfc(x) - erfc(y))
                    : 1.0 - 0.5 * (erfc(-x) + erfc(y));
}

/* All that lives is somewhere, wherever band and close lie. */
static void test_a_band_is_kept_whole(void **state)
{
    static const struct {
        const char *name;
        double mean, sigma, close;
    } cases[] = {
        {"inside", 200, 5, 250.5},
        {"on an edge", 200, 0.01, 250.5},
        {"on the lower end", 100, 5, 250.5},
        {"on the upper end", 300, 5, 310.5},
        {"all below", 20, 2, 250.5},
        {"all above", 500, 5, 600.5},
        {"wider than the axis", 200, 500, 250.5},
        {"close inside the band", 200, 10, 203.5},
        {"close on the wrong side", 200, 10, 120.5},
        {"close below the axis", 200, 10, 50.5},
        {"close above the axis", 290, 30, 320.5},
        {"band above, close between", 400, 20, 350.5},
        {"band below, close between", 50, 10, 80.5},
        {"sigma of a row", 200.3, 1, 202.5},
        {"sigma of half a row", 200.3, 0.5, 198.5},
    };
    struct setting s;

    (void)state;
    setting_of(&s);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        double close = floor(cases[i].close);
        ptrdiff_t close_row = liq_axis_row(&AXIS, close);

        for (int side = 0; side < LIQ_SIDES; side++) {
            struct parts p;
            double living, sum;

            spread(&s, cases[i].mean, cases[i].sigma, (enum liq_side)side,
                   cases[i].close, &p);
            living =
                side == LIQ_LONG
                    ? integral(cases[i].mean, cases[i].sigma, -1e9, close)
                    : integral(cases[i].mean, cases[i].sigma, close + 1.0, 1e9);
            sum = p.below + p.above;
            for (ptrdiff_t r = 0; r < ROWS; r++) {
                sum += p.row[r];
                assert_true(p.row[r] >= 0.0);
                if (side == LIQ_LONG ? r >= close_row : r <= close_row)
                    assert_true(p.row[r] == 0.0);
            }
            if (fabs(sum - living) > 1e-13)
                fail_msg("%s, side %d: %.17g of %.17g", cases[i].name, side,
                         sum, living);
            assert_true(p.below >= 0.0 && p.above >= 0.0);
        }
    }
}

/* From bands of thousands of rows to bands inside one row, which are computed
 * in six ways, by the height of a row in sigma. */
static void test_rows_hold_the_integral(void **state)
{
    struct setting s;

    (void)state;
    setting_of(&s);
    for (double sigma = 40.0; sigma > 0.05; sigma *= 0.97) {
        for (double mean = 200.0; mean < 201.0; mean += 0.13) {
            struct parts p;

            spread(&s, mean, sigma, LIQ_LONG, 299.5, &p);
            for (size_t r = 0; r < 199; r++) {
                double from = AXIS.price_min + (double)r;
                double exact = integral(mean, sigma, from, from + 1.0);
                bool reached = from + 1.0 > mean - 4.0 * sigma &&
                               from <= mean + 4.0 * sigma;

                if (!reached)
                    assert_true(p.row[r] == 0.0);
                else if (fabs(p.row[r] - exact) > 2e-10 * exact)
                    fail_msg("sigma %g, mean %g, row %zu: %.17g, not %.17g",
                             sigma, mean, r, p.row[r], exact);
            }
            for (size_t r = 199; r < ROWS + NARROW_ROWS; r++)
                assert_true(p.row[r] == 0.0);
        }
    }
}

/* What lies outside, against the library, out to where it is 1e-19 and counts
 * as none. */
static void test_what_lies_outside_is_exact(void **state)
{
    struct setting s;

    (void)state;
    setting_of(&s);
    for (double z = 0.0; z < 12.0; z += 0.0037) {
        double exact = 0.5 * erfc(z * sqrt(0.5));
        double close = AXIS.price_min + 150.0, sigma = 1.37;
        struct parts p;

        /* Cut in the lower tail, before the first row. */
        spread(&s, close + z * sigma, sigma, LIQ_LONG, close, &p);
        if (z > 9.0)
            assert_true(p.below == 0.0);
        else if (z > 5.0)
            assert_true(fabs(p.below - exact) <= 2e-11 * exact);
        spread(&s, close + 1.0 - z * sigma, sigma, LIQ_SHORT, close, &p);
        if (z > 9.0)
            assert_true(p.above == 0.0);
        else if (z > 5.0)
            assert_true(fabs(p.above - exact) <= 2e-11 * exact);
        /* The axis ends below the band. */
        spread(&s, AXIS.price_min + z * sigma, sigma, LIQ_LONG, 299.5, &p);
        if (z < 4.0)
            assert_true(fabs(p.below - exact) <= 1e-11 * exact);
    }
}

/* What an explanation takes for the share of a row: row 50 from 150 to 151.
 * Deviations that differ little have their rows from the series. */
static void test_shares_of_a_row(void **state)
{
    struct setting s;
    uint64_t rng = 5;

    (void)state;
    setting_of(&s);
    s.factor[0] = 1.0;
    s.spread[0] = 0.0;
    for (int k = 0; k < 5000; k++) {
        double about = gen_between(&rng, -2.0, 1.5);
        double differ = k % 2 ? 0.2 : 2.0;
        struct gaussians at;
        double share[BATCH];

        for (size_t i = 0; i < BATCH; i++) {
            at.sigma[i] = pow(10.0, about - differ * gen_unit(&rng));
            at.mean[i] =
                150.5 + 9.0 * at.sigma[i] * gen_between(&rng, -1.0, 1.0);
        }
        s.ops->share_row(&s, 0, 50.0, &at, share);
        for (size_t i = 0; i < BATCH; i++) {
            double sigma = at.sigma[i], mean = at.mean[i];
            double exact = integral(mean, sigma, 150.0, 151.0);
            double edge = fmin(fabs(150.0 - mean), fabs(151.0 - mean)) / sigma;

            if (mean - 4.0 * sigma >= 151.0 ||
                mean + 4.0 * sigma < 150.0 - 1e-9) {
                assert_true(share[i] == 0.0);
                continue;
            }
            /* High rows: beside the tail at the nearer edge. */
            assert_true(share[i] > 0.0 || exact < 1e-300);
            assert_true(fabs(share[i] - exact) <=
                        1e-10 * exact + 1e-13 * 0.5 * erfc(edge * sqrt(0.5)) +
                            1e-16);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_liquidation_prices_are_the_documented_ones),
        cmocka_unit_test(test_a_band_is_kept_whole),
        cmocka_unit_test(test_rows_hold_the_integral),
        cmocka_unit_test(test_what_lies_outside_is_exact),
        cmocka_unit_test(test_shares_of_a_row),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
