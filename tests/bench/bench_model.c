/* What the model costs. */
#include "bench.h"
#include "liqmap/derive.h"

#define ENGINE_CANDLES 7500 /* 1875 hours at 15m: the longest warm-up */

struct bench_case {
    struct liq_map *map;
    struct liq_run run;
};

static void must(enum liq_err err)
{
    if (err)
        abort();
}

static void full(void *arg)
{
    struct bench_case *c = arg;

    c->run.epoch++;
    must(liq_map_run(c->map, &c->run));
}

static void refresh(void *arg)
{
    struct bench_case *c = arg;

    must(liq_map_run(c->map, &c->run));
}

static void copy(void *arg)
{
    struct bench_case *c = arg;
    struct liq_map *other;

    must(liq_map_copy(c->map, &other));
    liq_map_free(other);
}

static void levels(void *arg)
{
    struct bench_case *c = arg;
    struct liq_levels out;

    must(liq_map_levels(c->map, &out));
}

/* The 20 strongest reasons for a cell that many candles have added to. */
static void explain(void *arg)
{
    struct bench_case *c = arg;
    struct liq_why why;
    int64_t newest_ms = c->run.kline[c->run.n - 1].open_ms;

    must(liq_explain(&c->run, newest_ms - newest_ms % c->run.display_ms, 20, 20,
                     &why));
    free(why.at);
}

struct size {
    const char *name;
    size_t candles, bars, rows;
    const struct liq_params *params;
    void (*work)(void *);
    int runs, times;
};

static void measure(const struct liq_kline *k, const struct size *size)
{
    const struct liq_kline *from = k + ENGINE_CANDLES - size->candles;
    struct bench_case c = {.run =
                               gen_run(from, size->candles, size->bars, 400)};

    bench_take_rows(&c.run.axis, size->rows);
    c.run.params = size->params;
    must(liq_map_new(&c.map));
    must(liq_map_run(c.map, &c.run));
    bench(size->name, size->runs, size->times, size->work, &c);
    liq_map_free(c.map);
}

/* A model of the four highest leverages. */
static struct liq_params four_tiers(void)
{
    struct liq_params p = liq_params_gauss7;
    double rest = 1.0;

    for (size_t k = 0; k < LIQ_TIERS - 4; k++) {
        rest -= p.tier[k].standing_share;
        p.tier[k].standing_share = 0.0;
    }
    for (size_t k = LIQ_TIERS - 4; k < LIQ_TIERS; k++)
        p.tier[k].standing_share /= rest;
    return p;
}

int main(void)
{
    const struct liq_params four = four_tiers();
    const struct size sizes[] = {
        {"7500 500x400", 7500, 500, 400, &liq_params_gauss7, full, 41, 1},
        {"7500 1500x400", 7500, 1500, 400, &liq_params_gauss7, full, 41, 1},
        {"7500 1500x800", 7500, 1500, 800, &liq_params_gauss7, full, 41, 1},
        {"1500 375x400", 1500, 375, 400, &liq_params_gauss7, full, 101, 1},
        {"5000 1250x1100 4 tiers", 5000, 1250, 1100, &four, full, 41, 1},
        {"forming candle", 7500, 500, 400, &liq_params_gauss7, refresh, 101,
         20},
        {"copy", 7500, 500, 400, &liq_params_gauss7, copy, 101, 1},
        {"levels", 7500, 500, 400, &liq_params_gauss7, levels, 101, 10},
        {"explain", 7500, 500, 400, &liq_params_gauss7, explain, 101, 1},
    };
    struct liq_kline *k = calloc(ENGINE_CANDLES, sizeof *k);

    if (k == NULL)
        return 1;
    bench_walk(k, ENGINE_CANDLES);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        measure(k, &sizes[i]);
    free(k);
    return 0;
}
