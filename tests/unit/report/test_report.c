/* A planted effect is found, none is not, nothing looks ahead, and what has no
 * input has no figures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "gen.h"
#include "report/study.h"

/* Fewer where each costs more: what needs them all runs only once. */
#define DAYS (TEST_DIVISOR > 1 ? 34 : 45)
#define N (DAYS * 96)
#define HOUR_MS INT64_C(3600000)
#define EXECUTED_MAX (DAYS * 48)
#define INTEREST_MAX (DAYS * 24 + 1)

static struct liq_kline kline[N];
static struct liq_executed executed[EXECUTED_MAX];
static struct liq_interest interest[INTEREST_MAX];

static struct liq_report_input input_of(uint64_t seed)
{
    struct liq_report_input in = {.kline = kline,
                                  .n = N,
                                  .engine_ms = GEN_ENGINE_MS,
                                  .display_ms = HOUR_MS,
                                  .contract = liq_contract_default,
                                  .seed = 5,
                                  .draws = LIQ_REPORT_DRAWS_MIN};

    gen_candles(seed, kline, N);
    return in;
}

static struct liq_report *run_with(const struct liq_report_input *in,
                                   const struct liq_params *params)
{
    struct liq_report *r = NULL;
    struct liq_reason why = {0};

    assert_int_equal(liq_report_run(in, params, &r, &why), LIQ_OK);
    return r;
}

static struct liq_report *run(const struct liq_report_input *in)
{
    return run_with(in, &liq_params_gauss7);
}

static const struct liq_figure *find(const struct liq_report *r,
                                     enum liq_measure m, const char *map,
                                     const char *what)
{
    for (size_t i = 0; i < r->n; i++) {
        const struct liq_figure *f = &r->figure[i];

        if (f->measure == m && strcmp(f->map, map) == 0 &&
            strcmp(f->what, what) == 0)
            return f;
    }
    fail_msg("no figure %s of %s", what, map);
    return NULL;
}

static size_t broken(const struct liq_report *r)
{
    size_t n = 0;

    for (size_t i = 0; i < r->n; i++) {
        if (liq_figure_broken(&r->figure[i]))
            n++;
    }
    return n;
}

/* --- a study without a report --------------------------------------------- */

static struct liq_report scratch;

static void study_of(struct study *s, const struct liq_report_input *in)
{
    struct liq_reason why = {0};

    scratch = (struct liq_report){.draws = in->draws};
    *s = (struct study){.report = &scratch};
    assert_int_equal(study_init(s, in, &liq_params_gauss7, &why), LIQ_OK);
    assert_int_equal(study_run(s), LIQ_OK);
}

/* Liquidations that follow the move, and what the map of kind says is swept
 * times strength. */
static size_t plant(const struct liq_report_input *in, enum map_kind kind,
                    double strength)
{
    uint64_t seed = 99;
    struct study s;
    size_t n = 0;

    study_of(&s, in);
    for (size_t i = 0; i < s.sides.n; i++) {
        double *const *c = s.sides.column;
        double y = 4.5 + 0.5 * c[C_MOVE][i] + 0.2 * c[C_VOLUME][i] +
                   strength * c[C_Z + kind][i] + 0.3 * gen_normal(&seed);

        executed[n++] = (struct liq_executed){
            .time_ms = s.sides.time_ms[i],
            .side = c[C_SIDE][i] > 0.0 ? LIQ_SHORT : LIQ_LONG,
            .usd = pow(10.0, y)};
    }
    study_free(&s);
    return n;
}

/* The figures are the same in every variant, and cost more in the others. */
static void only_once(void)
{
    if (TEST_DIVISOR > 1)
        skip();
}

/* --- effects -------------------------------------------------------------- */

static const char *const beyond[] = {"beyond move", "beyond move + volume",
                                     "beyond full", "beyond full + levels"};
static const char DENSE[] = "moves of 0.2 % and more, equal all controls";

static void test_planted(void **state)
{
    struct liq_report_input in = input_of(1);
    struct liq_report *r;

    (void)state;
    only_once();
    in.executed = executed;
    in.n_executed = plant(&in, MAP_REAL, 0.3);
    r = run(&in);
    for (size_t i = 0; i < 4; i++) {
        const struct liq_figure *f =
            find(r, LIQ_MEASURE_SWEEPS, "map", beyond[i]);

        assert_true(liq_figure_established(f) && f->low > 1.0);
        assert_true(f->n > 1400 && f->blocks > 28);
    }
    assert_true(find(r, LIQ_MEASURE_DENSE, "map", DENSE)->low > 1.1);
    assert_true(find(r, LIQ_MEASURE_FALSE, "map",
                     "dense quarter, moves of 0.2 % and more")
                    ->high < 50.0);
    for (size_t m = MAP_AVERAGE; m < MAPS; m++)
        assert_true(find(r, LIQ_MEASURE_SWEEPS, map_name[m], beyond[2])->low <
                    1.0);
    assert_int_equal(broken(r), 0);
    liq_report_free(r);
}

static void test_nothing_planted(void **state)
{
    struct liq_report_input in = input_of(2);
    struct liq_report *r;

    (void)state;
    only_once();
    in.executed = executed;
    in.n_executed = plant(&in, MAP_REAL, 0.0);
    r = run(&in);
    for (size_t i = 0; i < 4; i++)
        assert_false(liq_figure_established(
            find(r, LIQ_MEASURE_SWEEPS, "map", beyond[i])));
    assert_false(
        liq_figure_established(find(r, LIQ_MEASURE_DENSE, "map", DENSE)));
    assert_int_equal(broken(r), 0);
    liq_report_free(r);
}

/* Liquidations that follow the map of a day before: our map explains nothing,
 * and the report says that a placebo scores. */
static void test_broken(void **state)
{
    struct liq_report_input in = input_of(3);
    struct liq_report *r;

    (void)state;
    only_once();
    in.executed = executed;
    in.n_executed = plant(&in, MAP_DAY, 0.5);
    r = run(&in);
    assert_true(liq_figure_broken(
        find(r, LIQ_MEASURE_SWEEPS, map_name[MAP_DAY], beyond[2])));
    assert_true(find(r, LIQ_MEASURE_SWEEPS, "map", beyond[2])->spoiled);
    assert_false(
        liq_figure_established(find(r, LIQ_MEASURE_SWEEPS, "map", beyond[2])));
    liq_report_free(r);
}

/* --- no look-ahead -------------------------------------------------------- */

/* What is known before the candle of a row, or is of the candle itself. */
static bool is_input(size_t column)
{
    return column < C_Y || column == C_VOLUME_BEFORE ||
           column == C_RANGE_BEFORE || column == C_RAW ||
           column == C_MODELLED || column == C_REPORTED;
}

static void swap_candles(struct liq_kline *a, struct liq_kline *b)
{
    struct liq_kline keep = *a;
    int64_t a_ms = a->open_ms, b_ms = b->open_ms;

    *a = *b;
    *b = keep;
    a->open_ms = a_ms;
    b->open_ms = b_ms;
}

static void check_same_inputs(const struct study *a, const struct study *b,
                              int64_t until_ms)
{
    size_t rows = 0;

    for (size_t i = 0; i < a->sides.n && a->sides.time_ms[i] < until_ms; i++) {
        for (size_t c = 0; c < COLUMNS; c++) {
            if (is_input(c))
                assert_memory_equal(&a->sides.column[c][i],
                                    &b->sides.column[c][i], sizeof(double));
        }
        rows++;
    }
    assert_true(rows > 800);
}

static void test_no_look_ahead(void **state)
{
    struct liq_report_input in = input_of(4);
    int64_t cut_ms = GEN_START_MS + 32 * 24 * HOUR_MS;
    size_t from = 32 * 96, later = 0;
    struct study before, after;
    uint64_t seed = 17;

    (void)state;
    only_once();
    in.executed = executed;
    in.n_executed = plant(&in, MAP_REAL, 0.3);
    study_of(&before, &in);
    for (size_t i = N - 1; i > from; i--)
        swap_candles(&kline[i], &kline[from + gen_next(&seed) % (i - from)]);
    for (size_t i = 0; i < in.n_executed; i++) {
        if (executed[i].time_ms >= cut_ms)
            executed[i].usd *= 1e3 * gen_unit(&seed);
    }
    study_of(&after, &in);
    check_same_inputs(&before, &after, cut_ms);
    for (size_t i = 0; i < before.sides.n; i++)
        later += before.sides.column[C_Z][i] != after.sides.column[C_Z][i];
    assert_true(later > 500);
    study_free(&before);
    study_free(&after);
}

/* The volume of a candle is in the map after it, not in the one that judges
 * it. */
static void test_state_before(void **state)
{
    struct liq_report_input in = input_of(5);
    size_t bar = 20 * 24, row = 0;
    struct study before, after;

    (void)state;
    only_once();
    study_of(&before, &in);
    for (size_t i = 4 * bar; i < 4 * bar + 4; i++)
        kline[i].quote_volume *= 50.0;
    study_of(&after, &in);
    while (before.sides.time_ms[row] != kline[4 * bar].open_ms)
        row++;
    for (size_t side = 0; side < LIQ_SIDES; side++, row++) {
        assert_true(before.sides.column[C_Z][row] ==
                    after.sides.column[C_Z][row]);
        assert_true(before.sides.column[C_VOLUME][row] <
                    after.sides.column[C_VOLUME][row]);
    }
    assert_true(before.sides.column[C_Z][row] != after.sides.column[C_Z][row] ||
                before.sides.column[C_Z][row + 1] !=
                    after.sides.column[C_Z][row + 1]);
    study_free(&before);
    study_free(&after);
}

/* --- profiles ------------------------------------------------------------- */

static void test_profile(void **state)
{
    struct liq_kline candle = {.close = 100.0};
    double cell[400] = {0.0};
    struct liq_grid g = {.cell = cell,
                         .candle = &candle,
                         .columns = 1,
                         .rows = 400,
                         .axis = {90.0, 0.05, 400}};
    static struct profile p;
    double sum[LIQ_SIDES] = {0.0, 0.0};

    (void)state;
    cell[liq_axis_row(&g.axis, 99.02)] = 3.0;
    cell[liq_axis_row(&g.axis, 95.02)] = 1.0;
    cell[liq_axis_row(&g.axis, 102.02)] = 12.0;
    profile_of(&g, 0, &p);
    for (size_t side = 0; side < LIQ_SIDES; side++) {
        for (size_t i = 0; i <= CELLS; i++)
            sum[side] += p.share[side][i];
        assert_true(fabs(sum[side] - 1.0) < 1e-12);
    }
    assert_true(p.weight[LIQ_LONG] == 0.25 && p.weight[LIQ_SHORT] == 0.75);
    assert_true(profile_swept(&p, LIQ_LONG, 0.5) == 0.0);
    assert_true(fabs(profile_swept(&p, LIQ_LONG, 2.0) - 0.75) < 1e-12);
    assert_true(fabs(profile_swept(&p, LIQ_LONG, 50.0) - 1.0) < 1e-12);
    /* Half of the row from 2.00 to 2.05 %. */
    assert_true(fabs(profile_swept(&p, LIQ_SHORT, 2.025) - 0.5) < 1e-6);
}

/* --- inputs --------------------------------------------------------------- */

static void test_missing(void **state)
{
    struct liq_report_input in = input_of(6);
    struct liq_report *r = run(&in);

    (void)state;
    assert_non_null(strstr(r->missing[LIQ_MEASURE_SWEEPS], "liquidations"));
    assert_non_null(r->missing[LIQ_MEASURE_DENSE]);
    assert_non_null(r->missing[LIQ_MEASURE_FALSE]);
    assert_non_null(r->missing[LIQ_MEASURE_CALIBRATION]);
    assert_non_null(strstr(r->missing[LIQ_MEASURE_INTEREST], "open interest"));
    assert_null(r->missing[LIQ_MEASURE_TOUCH]);
    for (size_t i = 0; i < r->n; i++)
        assert_true(r->missing[r->figure[i].measure] == NULL);
    liq_report_free(r);
    /* A few orders of one hour are no sample. */
    in.executed = executed;
    for (size_t i = 0; i < 30; i++)
        executed[i] =
            (struct liq_executed){.time_ms = GEN_START_MS + 30 * 24 * HOUR_MS +
                                             (int64_t)i * HOUR_MS / 6,
                                  .side = LIQ_LONG,
                                  .usd = 1e5};
    in.n_executed = 30;
    r = run(&in);
    assert_true(isnan(find(r, LIQ_MEASURE_SWEEPS, "map", beyond[0])->value));
    liq_report_free(r);
}

/* Two recordings of two days, a week apart: what lies between was not recorded,
 * and the bar at each end may be half recorded. */
static void test_recording_gap(void **state)
{
    struct liq_report_input in = input_of(11);
    struct study s;
    size_t n = 0, known = 0;

    (void)state;
    for (size_t part = 0; part < 2; part++) {
        for (size_t i = 0; i < 48; i++)
            executed[n++] = (struct liq_executed){
                .time_ms = GEN_START_MS + HOUR_MS / 2 +
                           (int64_t)((20 + 9 * part) * 24 + i) * HOUR_MS,
                .side = i % 2 ? LIQ_LONG : LIQ_SHORT,
                .usd = 1e5};
    }
    in.executed = executed;
    in.n_executed = n;
    study_of(&s, &in);
    for (size_t i = 0; i < s.sides.n; i++)
        known += isfinite(s.sides.column[C_Y][i]) ? 1 : 0;
    assert_int_equal(known, 2 * 2 * 46);
    study_free(&s);
}

static void fill_interest(void)
{
    uint64_t seed = 23;

    for (size_t i = 0; i < INTEREST_MAX; i++)
        interest[i] = (struct liq_interest){
            .time_ms = GEN_START_MS + (int64_t)i * HOUR_MS,
            .coins = 80000.0 * (1.0 + 0.01 * gen_normal(&seed)),
            .usd = 8e9};
}

/* Modelled dollars are twice the open interest times the swept shares. */
static void test_calibration(void **state)
{
    struct liq_report_input in = input_of(7);
    double modelled = 0.0, reported = 0.0;
    const struct liq_figure *f;
    struct liq_report *r;
    struct study s;

    (void)state;
    fill_interest();
    in.interest = interest;
    in.n_interest = INTEREST_MAX;
    in.executed = executed;
    in.n_executed = plant(&in, MAP_REAL, 0.3);
    study_of(&s, &in);
    for (size_t i = 0; i < s.sides.n; i++) {
        double swept = (exp(s.sides.column[C_Z][i]) - 0.005) / 100.0;

        if (isnan(s.sides.column[C_REPORTED][i]))
            continue;
        reported += s.sides.column[C_REPORTED][i];
        modelled += s.sides.column[C_MODELLED][i];
        assert_true(s.sides.column[C_MODELLED][i] <= 16e9 * swept + 1.0);
    }
    study_free(&s);
    r = run(&in);
    f = find(r, LIQ_MEASURE_CALIBRATION, "map",
             "modelled dollars swept / reported");
    assert_true(fabs(f->value * reported / modelled - 1.0) < 1e-9);
    assert_true(f->low < f->value && f->value < f->high);
    assert_null(r->missing[LIQ_MEASURE_INTEREST]);
    assert_false(liq_figure_established(
        find(r, LIQ_MEASURE_INTEREST, "map", "beyond range + volume")));
    liq_report_free(r);
}

static void test_refused(void **state)
{
    struct liq_report_input in = input_of(8), bad;
    struct liq_report *r = NULL;
    struct liq_reason why = {0};

    (void)state;
    bad = in;
    bad.display_ms = HOUR_MS + GEN_ENGINE_MS / 2;
    assert_int_equal(liq_report_run(&bad, &liq_params_gauss7, &r, &why),
                     LIQ_EINVAL);
    bad = in;
    bad.draws = 10;
    assert_int_equal(liq_report_run(&bad, &liq_params_gauss7, &r, &why),
                     LIQ_EINVAL);
    bad = in;
    bad.n = 10 * 96;
    assert_int_equal(liq_report_run(&bad, &liq_params_gauss7, &r, &why),
                     LIQ_ENOTFOUND);
    assert_non_null(strstr(why.text, "336"));
    bad = in;
    bad.from_ms = GEN_START_MS + 500 * 24 * HOUR_MS;
    assert_int_equal(liq_report_run(&bad, &liq_params_gauss7, &r, &why),
                     LIQ_ENOTFOUND);
    assert_null(r);
}

/* --- comparing, writing --------------------------------------------------- */

static void test_compare(void **state)
{
    struct liq_report_input in = input_of(9);
    struct liq_params worse = liq_params_gauss7;
    struct liq_report *a, *b, *same, *difference, *other;
    const struct liq_figure *f;

    (void)state;
    only_once();
    in.executed = executed;
    in.n_executed = plant(&in, MAP_REAL, 0.4);
    for (size_t k = 0; k < LIQ_TIERS; k++)
        worse.tier[k].leverage = fmin(worse.tier[k].leverage, 5.0);
    a = run(&in);
    b = run_with(&in, &worse);
    assert_int_equal(liq_report_compare(a, a, &same), LIQ_OK);
    for (size_t i = 0; i < same->n; i++) {
        f = &same->figure[i];
        assert_true(isnan(f->value) || (f->value == 0.0 && f->low == 0.0));
        assert_string_equal(f->map, "map");
    }
    assert_int_equal(liq_report_compare(a, b, &difference), LIQ_OK);
    f = find(difference, LIQ_MEASURE_SWEEPS, "map", beyond[2]);
    assert_true(f->low > 0.0 && liq_figure_established(f));
    in.seed++;
    other = run(&in);
    liq_report_free(same);
    assert_int_equal(liq_report_compare(a, other, &same), LIQ_EINVAL);
    liq_report_free(a);
    liq_report_free(b);
    liq_report_free(difference);
    liq_report_free(other);
}

static void test_repeats(void **state)
{
    struct liq_report_input in = input_of(10);
    struct liq_report_title title = {.symbol = "A<B"};
    struct liq_report *a = run(&in);
    struct liq_report *b = TEST_DIVISOR > 1 ? a : run(&in);
    struct liq_buf text[2], html;

    (void)state;
    for (size_t i = 0; i < 2; i++)
        liq_buf_init(&text[i], 1 << 20);
    liq_buf_init(&html, 1 << 20);
    liq_report_json(a, &title, &text[0]);
    liq_report_json(b, &title, &text[1]);
    assert_string_equal(text[0].data, text[1].data);
    liq_report_html(a, &title, &html);
    assert_int_equal(html.err, LIQ_OK);
    assert_null(strstr(html.data, "A<B"));
    assert_non_null(strstr(html.data, "A&lt;B"));
    assert_null(strstr(html.data, ">nan"));
    assert_null(strstr(html.data, "\"nan"));
    assert_null(strstr(html.data, "-nan"));
    assert_null(strstr(html.data, "http"));
    for (size_t i = 0; i < 2; i++)
        liq_buf_free(&text[i]);
    liq_buf_free(&html);
    if (b != a)
        liq_report_free(b);
    liq_report_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_planted),
        cmocka_unit_test(test_nothing_planted),
        cmocka_unit_test(test_broken),
        cmocka_unit_test(test_no_look_ahead),
        cmocka_unit_test(test_state_before),
        cmocka_unit_test(test_profile),
        cmocka_unit_test(test_missing),
        cmocka_unit_test(test_recording_gap),
        cmocka_unit_test(test_calibration),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_compare),
        cmocka_unit_test(test_repeats),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
