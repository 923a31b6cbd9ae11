/* What an image costs: a map of 500 x 400 as the page shows it. */
#include "bench.h"

#include "liqmap/render.h"

#define ENGINE_CANDLES 7500
#define PNG_MAX ((size_t)16 << 20)

struct image {
    struct liq_picture p;
    size_t bytes; /* of the last one */
};

static void render(void *arg)
{
    struct image *i = arg;
    struct liq_buf png;

    liq_buf_init(&png, PNG_MAX);
    if (liq_render(&i->p, &png))
        abort();
    i->bytes = png.len;
    liq_buf_free(&png);
}

static void images(struct liq_map *map)
{
    struct liq_grid g = liq_map_grid(map);
    double *tier = calloc((LIQ_TIERS + 1) * g.rows, sizeof *tier);
    double quantum = liq_quantum(g.max);
    struct liq_levels levels;
    struct image i = {
        .p = {.look = liq_look_default,
              .grid = g,
              .params = &liq_params_gauss7,
              .levels = &levels,
              .by_tier = tier,
              .cumulative = tier + LIQ_TIERS * g.rows,
              .quantum = quantum * fmax(1.0, ceil(g.max / quantum / 200.0)),
              .usd_per_unit = 20e9 / liq_map_book(map).total,
              .last = g.candle[g.columns - 1].close,
              .symbol = "BTCUSDT",
              .where = "binance usdm-perpetual",
              .interval = "1h",
              .source = "live",
              .interval_ms = GEN_DISPLAY_MS,
              .time_ms = g.candle[g.columns - 1].open_ms}};

    if (!tier || liq_map_levels(map, &levels))
        abort();
    liq_map_by_tier(map, tier);
    liq_map_cumulative(map, tier + LIQ_TIERS * g.rows);
    bench("image 1200x630", 21, 1, render, &i);
    printf("bytes 1200x630\t%zu\t0\t0\n", i.bytes);
    i.p.look.width = LIQ_WIDTH_MAX;
    i.p.look.height = LIQ_HEIGHT_MAX;
    bench("image 2400x1600", 11, 1, render, &i);
    printf("bytes 2400x1600\t%zu\t0\t0\n", i.bytes);
    free(tier);
}

int main(void)
{
    struct liq_kline *k = calloc(ENGINE_CANDLES, sizeof *k);
    struct liq_map *map;
    struct liq_run run;

    if (k == NULL)
        return 1;
    bench_walk(k, ENGINE_CANDLES);
    run = gen_run(k, ENGINE_CANDLES, 500, 400);
    bench_take_rows(&run.axis, 400);
    if (liq_map_new(&map) || liq_map_run(map, &run))
        abort();
    images(map);
    liq_map_free(map);
    free(k);
    return 0;
}
