/*
 * What the model costs in processor time: the median of many runs, in ms and as
 * a multiple of a fixed loop that is timed next to each run, because the
 * machine may be busy.  The least time of all is close to what a quiet machine
 * gives.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "unit/model/gen.h"
#include "liqmap/derive.h"

#define ENGINE_CANDLES 7500 /* 1875 hours at 15m: the longest warm-up */
#define RUNS 41
#define REFERENCE_STEPS 200000

static double now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

/* A chain of divisions: four clocks or more each, on any compiler. */
static double reference_ms(void)
{
    static volatile double sink;
    double start = now_ms(), x = 1.0;

    for (int i = 0; i < REFERENCE_STEPS; i++)
        x = 1.0 + 1.0 / x;
    sink = x;
    return now_ms() - start + 0.0 * sink;
}

/* A walk like bitcoin's: 0.25 % a quarter of an hour. */
static void walk(struct liq_kline *k, size_t n)
{
    uint64_t rng = 7;
    double price = 100000.0;

    for (size_t i = 0; i < n; i++) {
        double move = 0.005 * gen_between(&rng, -1.0, 1.0);
        double next = price * (1.0 + move);

        k[i] = (struct liq_kline){
            .open_ms = GEN_START_MS + (int64_t)i * GEN_ENGINE_MS,
            .open = price,
            .high = fmax(price, next) * (1.0 + 0.001 * gen_unit(&rng)),
            .low = fmin(price, next) * (1.0 - 0.001 * gen_unit(&rng)),
            .close = next,
            .volume = 1000.0,
            .quote_volume = 1e8 * gen_unit(&rng),
            .taker_buy_volume = 500.0,
        };
        price = next;
    }
}

enum what { FULL, REFRESH, COPY, LEVELS, EXPLAIN };

struct size {
    const char *name;
    size_t candles, bars, rows;
    unsigned tiers;
    enum what what;
};

static double once(struct liq_map *m, struct liq_run *run, enum what what)
{
    struct liq_levels levels;
    struct liq_why why = {0};
    struct liq_map *copy = NULL;
    enum liq_err err = LIQ_OK;
    double start, end;

    if (what == FULL)
        run->epoch++;
    start = now_ms();
    if (what == FULL || what == REFRESH)
        err = liq_map_run(m, run);
    else if (what == COPY)
        err = liq_map_copy(m, &copy);
    else if (what == LEVELS)
        err = liq_map_levels(m, &levels);
    else
        err = liq_explain(run,
                          run->kline[run->n - 1].open_ms -
                              run->kline[run->n - 1].open_ms % run->display_ms,
                          20, 20, &why);
    end = now_ms();
    if (err)
        abort();
    free(why.at);
    liq_map_free(copy);
    return end - start;
}

/* Exactly this many rows, around the shown prices. */
static void take_rows(struct liq_axis *axis, size_t rows)
{
    double span = axis->price_step * (double)axis->rows;

    axis->price_step = span / (double)rows;
    axis->rows = rows;
}

static int measure(const struct liq_kline *k, const struct size *size)
{
    const struct liq_kline *from = k + ENGINE_CANDLES - size->candles;
    struct liq_run run = gen_run(from, size->candles, size->bars, 400);
    double ms[RUNS], ratio[RUNS];
    struct liq_map *m;

    take_rows(&run.axis, size->rows);
    run.tiers = size->tiers;
    if (liq_map_new(&m) || liq_map_run(m, &run))
        return 1;
    for (int r = 0; r < RUNS; r++) {
        double reference = reference_ms();

        ms[r] = once(m, &run, size->what);
        ratio[r] = ms[r] / reference;
    }
    qsort(ms, RUNS, sizeof ms[0], ascending);
    qsort(ratio, RUNS, sizeof ratio[0], ascending);
    printf("  %-36s %9.4f ms  %9.5f of the loop (least %.4f ms)\n", size->name,
           ms[RUNS / 2], ratio[RUNS / 2], ms[0]);
    liq_map_free(m);
    return 0;
}

int main(void)
{
    static const struct size sizes[] = {
        {"7500 candles, 500 x 400", 7500, 500, 400, LIQ_ALL_TIERS, FULL},
        {"7500 candles, 1500 x 400", 7500, 1500, 400, LIQ_ALL_TIERS, FULL},
        {"7500 candles, 1500 x 800", 7500, 1500, 800, LIQ_ALL_TIERS, FULL},
        {"1500 candles, 375 x 400", 1500, 375, 400, LIQ_ALL_TIERS, FULL},
        {"5000 candles, 1250 x 1100, 4 tiers", 5000, 1250, 1100, 0x78, FULL},
        {"refresh, 500 x 400", 7500, 500, 400, LIQ_ALL_TIERS, REFRESH},
        {"refresh, 1500 x 400", 7500, 1500, 400, LIQ_ALL_TIERS, REFRESH},
        {"copy, 500 x 400", 7500, 500, 400, LIQ_ALL_TIERS, COPY},
        {"levels, 400 rows", 7500, 500, 400, LIQ_ALL_TIERS, LEVELS},
        {"explain one cell", 7500, 500, 400, LIQ_ALL_TIERS, EXPLAIN},
    };
    struct liq_kline *k = calloc(ENGINE_CANDLES, sizeof *k);
    double loop[RUNS];

    if (k == NULL)
        return 1;
    walk(k, ENGINE_CANDLES);
    for (int r = 0; r < RUNS; r++)
        loop[r] = reference_ms();
    qsort(loop, RUNS, sizeof loop[0], ascending);
    printf(
        "model, median of %d runs, %s; the loop takes %.3f ms (least %.3f)\n",
        RUNS, __VERSION__, loop[RUNS / 2], loop[0]);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        if (measure(k, &sizes[i]))
            return 1;
    }
    free(k);
    return 0;
}
