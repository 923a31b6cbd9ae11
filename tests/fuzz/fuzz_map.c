/*
 * Candles, and what is asked of a map of them: settings, a contract, an axis,
 * then what happens from run to run.  Whatever that is, a map that is continued
 * has the bytes of a new one on any kind of processor, and keeps what
 * map_promises.h says.
 */
#include <stdint.h>

#include "map_input.h"
#include "map_promises.h"

/* So that each run can be that of another kind of processor. */
const struct lanes_ops *lanes_ops_of_processor(void);
#define lanes_ops(nothing) lanes_ops_of_processor(nothing)
#include "model/lanes.c"
#undef lanes_ops

#define STEPS 6
/* What is asked comes first; behind it are the candles. */
#define SCRIPT_BYTES 64

static const struct lanes_ops *kind;

const struct lanes_ops *lanes_ops(void)
{
    return kind;
}

static void choose_kind(unsigned code)
{
    kind = &ops_any;
#if defined(__x86_64__)
    if (code % 3 == 1 && __builtin_cpu_supports("avx2"))
        kind = &ops_avx2;
    if (code % 3 == 2)
        kind = lanes_ops_of_processor();
#endif
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/*
 * A map from run to run.
 *
 * whole   [all] the candles
 * now     [run.n] those of the last run; the newest may be forming
 * script  what is left of the bytes that say what happens
 */
struct story {
    struct input script;
    struct liq_params params;
    struct liq_kline whole[CANDLES_MAX], now[CANDLES_MAX];
    size_t all, from;
    struct liq_run run;
    struct liq_map *map;
};

/* Candles go on: `more` of them, the newest one formed to a part. */
static void go_on(struct story *s, size_t more, double part)
{
    size_t n = s->run.n + more;

    n = n < s->all - s->from ? n : s->all - s->from;
    memcpy(s->now, s->whole + s->from, n * sizeof *s->now);
    form(&s->now[n - 1], part);
    s->run.n = n;
}

/* What may change from one run to the next. */
static void alter(struct story *s, unsigned what)
{
    struct liq_map *copy;

    if (what == 1)
        s->run.bars = 1 + take(&s->script) % CANDLES_MAX;
    if (what == 2)
        s->run.sides = 1 + take(&s->script) % LIQ_BOTH_SIDES;
    if (what == 3)
        s->run.tiers = take(&s->script) & LIQ_ALL_TIERS;
    if (what == 4)
        s->run.axis = take_axis(&s->script, s->now, s->run.n);
    if (what == 5)
        s->run.contract = take_contract(&s->script);
    if (what == 6 && s->run.n > 1) {
        s->from++;
        s->run.n--;
        go_on(s, 0, 1.0);
    }
    if (what == 7) {
        s->whole[s->from].quote_volume = take_power(&s->script, -12.0, 24.0);
        s->run.epoch++;
        go_on(s, 0, 1.0);
    }
    if (what == 8) {
        promise(liq_map_copy(s->map, &copy) == LIQ_OK);
        liq_map_free(s->map);
        s->map = copy;
    }
}

/* A candle that is not one is refused, and the map is as if new. */
static void spoil(struct story *s, unsigned how)
{
    struct liq_kline *k = &s->now[s->run.n - 1], good = *k;

    if (how % 5 == 0)
        k->low = NAN;
    else if (how % 5 == 1)
        k->high = k->low / 2.0;
    else if (how % 5 == 2)
        k->quote_volume = -1.0;
    else if (how % 5 == 3)
        k->open_ms = -1;
    else
        k->close = INFINITY;
    promise(liq_map_run(s->map, &s->run) == LIQ_EINVAL);
    promise(liq_map_grid(s->map).columns == 0);
    *k = good;
}

static void check_map(const struct story *s)
{
    struct liq_grid g = liq_map_grid(s->map);

    check_grid(&s->run, &g);
    check_mass(s->map, &s->run);
    check_levels(s->map);
    check_curves(s->map);
}

/* A map with a part that has fewer candles. */
static void check_sum(const struct story *s, const struct liq_map *part)
{
    const struct liq_map *parts[] = {s->map, part};
    const double weight[] = {2.0, 0.5};
    const double *a, *b, *both;
    struct liq_map *all;

    promise(liq_map_new(&all) == LIQ_OK);
    promise(liq_map_sum(all, parts, weight, 2) == LIQ_OK);
    promise_near(liq_map_book(all).total,
                 2.0 * liq_map_book(s->map).total +
                     0.5 * liq_map_book(part).total,
                 1e-12, 0.0);
    a = map_last(s->map);
    b = map_last(part);
    both = map_last(all);
    for (size_t r = 0; r < all->rows; r++)
        promise(both[r] == 2.0 * a[r] + 0.5 * b[r]);
    check_levels(all);
    check_curves(all);
    liq_map_free(all);
}

static struct liq_map *fresh_map(const struct liq_run *run)
{
    struct liq_map *m;

    promise(liq_map_new(&m) == LIQ_OK);
    promise(liq_map_run(m, run) == LIQ_OK);
    return m;
}

static void begin(struct story *s)
{
    promise(liq_map_new(&s->map) == LIQ_OK);
    take_params(&s->script, &s->params);
    take_run(&s->script, &s->run);
    s->run.params = &s->params;
    s->run.kline = s->now;
    s->run.axis = take_axis(&s->script, s->whole, s->all);
    go_on(s, 1 + take(&s->script) % CANDLES_MAX, 1.0);
}

/* What happens next; codes that are no change are most. */
static void happen(struct story *s)
{
    unsigned code = take(&s->script), more = take(&s->script);
    struct liq_map *fresh;

    alter(s, code >> 4);
    go_on(s, more % 8 == 7 ? CANDLES_MAX : more % 8 / 2,
          (1.0 + more / 8 % 4) / 4.0);
    if (code >> 4 == 9)
        spoil(s, more);
    choose_kind(code & 3);
    promise(liq_map_run(s->map, &s->run) == LIQ_OK);
    choose_kind(code >> 2 & 3);
    fresh = fresh_map(&s->run);
    check_same(s->map, fresh);
    check_map(s);
    liq_map_free(fresh);
}

/* Once all candles are there: causes, what is outside, twice the volume, and a
 * sum with what was there some candles ago. */
static void look_closely(struct story *s)
{
    struct liq_grid g = liq_map_grid(s->map);
    struct liq_run run = s->run;
    struct liq_map *other;

    for (int i = 0; i < 8; i++) {
        size_t column = take(&s->script), row = take(&s->script);

        check_why(&run, &g, g.columns - 1 - column % g.columns, row % g.rows);
    }
    check_outside(s->map, &run);
    run.n = 1 + take(&s->script) % run.n;
    other = fresh_map(&run);
    check_sum(s, other);
    liq_map_free(other);
    run.n = s->run.n;
    for (size_t i = 0; i < run.n; i++)
        s->now[i].quote_volume /= 2.0;
    other = fresh_map(&run);
    for (size_t i = 0; i < g.columns * g.rows; i++)
        promise(2.0 * liq_map_grid(other).cell[i] == g.cell[i] ||
                g.cell[i] < LEAST_MASS);
    liq_map_free(other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct story s;
    struct input in = {data, n};

    memset(&s, 0, sizeof s);
    s.script = in;
    s.script.left = n < SCRIPT_BYTES ? n : SCRIPT_BYTES;
    in.at += s.script.left;
    in.left -= s.script.left;
    s.all = take_candles(&in, s.whole);
    begin(&s);
    for (int i = 0; i < STEPS; i++)
        happen(&s);
    look_closely(&s);
    liq_map_free(s.map);
    return 0;
}
