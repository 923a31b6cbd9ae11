/*
 * What a run of the model costs: the median of many, in milliseconds, with the
 * ratio to the first row, which holds on a noisy machine.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "unit/model/gen.h"
#include "liqmap/derive.h"

#define ENGINE_CANDLES 7500 /* 1875 hours at 15m: the longest warm-up */
#define RUNS 21

static double now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
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
            GEN_START_MS + (int64_t)i * GEN_ENGINE_MS,
            price,
            fmax(price, next) * (1.0 + 0.001 * gen_unit(&rng)),
            fmin(price, next) * (1.0 - 0.001 * gen_unit(&rng)),
            next,
            1000.0,
            1e8 * gen_unit(&rng),
        };
        price = next;
    }
}

enum what { FULL, REFRESH, LEVELS, EXPLAIN };

static double once(struct liq_map *m, struct liq_run *run, enum what what)
{
    struct liq_levels levels;
    struct liq_why why = {0};
    enum liq_err err = LIQ_OK;
    double start;

    if (what == FULL)
        run->epoch++;
    start = now_ms();
    if (what == FULL || what == REFRESH)
        err = liq_map_run(m, run);
    else if (what == LEVELS)
        err = liq_map_levels(m, &levels);
    else
        err = liq_explain(run,
                          run->kline[run->n - 1].open_ms -
                              run->kline[run->n - 1].open_ms % run->display_ms,
                          20, 20, &why);
    if (err)
        abort();
    free(why.at);
    return now_ms() - start;
}

int main(void)
{
    static const struct {
        const char *name;
        size_t bars;
        int rows;
        enum what what;
    } cases[] = {
        {"whole run, 200 bars x 400 rows", 200, 400, FULL},
        {"whole run, 500 bars x 400 rows", 500, 400, FULL},
        {"whole run, 1500 bars x 400 rows", 1500, 400, FULL},
        {"whole run, 1500 bars x 800 rows", 1500, 800, FULL},
        {"refresh, 200 bars x 400 rows", 200, 400, REFRESH},
        {"refresh, 1500 bars x 400 rows", 1500, 400, REFRESH},
        {"levels, 400 rows", 200, 400, LEVELS},
        {"explain one cell", 200, 400, EXPLAIN},
    };
    struct liq_kline *k = calloc(ENGINE_CANDLES, sizeof *k);
    double first = 0.0;

    if (k == NULL)
        return 1;
    walk(k, ENGINE_CANDLES);
    printf("model, %d engine candles, median of %d runs, %s\n", ENGINE_CANDLES,
           RUNS, __VERSION__);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct liq_run run =
            gen_run(k, ENGINE_CANDLES, cases[i].bars, cases[i].rows);
        double ms[RUNS];
        struct liq_map *m;

        if (liq_map_new(&m) || liq_map_run(m, &run))
            return 1;
        for (int r = 0; r < RUNS; r++)
            ms[r] = once(m, &run, cases[i].what);
        qsort(ms, RUNS, sizeof ms[0], ascending);
        if (i == 0)
            first = ms[RUNS / 2];
        printf("  %-34s %9.3f ms  %7.4f of the first (min %.3f max %.3f)\n",
               cases[i].name, ms[RUNS / 2], ms[RUNS / 2] / first, ms[0],
               ms[RUNS - 1]);
        liq_map_free(m);
    }
    free(k);
    return 0;
}
