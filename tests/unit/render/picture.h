/* Images of generated series, and what is on them. */
#ifndef LIQMAP_TESTS_PICTURE_H
#define LIQMAP_TESTS_PICTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cairo/cairo.h>
#include <cmocka.h>
#include "liqmap/render.h"
#include "unit/model/gen.h"

#define PICTURE_CANDLES 800
#define PICTURE_MAX_BYTES ((size_t)16 << 20)

/* A map and all that a picture borrows. */
struct scene {
    struct liq_kline kline[PICTURE_CANDLES];
    struct liq_map *map;
    struct liq_levels levels;
    double *tier;
    struct liq_picture p;
};

static inline void scene_read(struct scene *s)
{
    struct liq_grid g = liq_map_grid(s->map);
    double quantum = liq_quantum(g.max);

    s->tier = calloc((LIQ_TIERS + 1) * g.rows, sizeof *s->tier);
    assert_non_null(s->tier);
    liq_map_by_tier(s->map, s->tier);
    liq_map_cumulative(s->map, s->tier + LIQ_TIERS * g.rows);
    assert_int_equal(liq_map_levels(s->map, &s->levels), LIQ_OK);
    s->p = (struct liq_picture){
        .look = liq_look_default,
        .grid = g,
        .params = &liq_params_gauss7,
        .levels = &s->levels,
        .by_tier = s->tier,
        .cumulative = s->tier + LIQ_TIERS * g.rows,
        .quantum = quantum * fmax(1.0, ceil(round(g.max / quantum) / 200.0)),
        .usd_per_unit = 3.0,
        .last = g.candle[g.columns - 1].close,
        .symbol = "BTCUSDT",
        .where = "binance usdm-perpetual",
        .interval = "1h",
        .source = "live",
        .interval_ms = 3600000,
        .time_ms = g.candle[g.columns - 1].open_ms};
}

/* The series of a seed, n engine candles as at most `bars` columns. */
static inline struct scene *scene_new(uint64_t seed, size_t n, size_t bars)
{
    struct scene *s = calloc(1, sizeof *s);
    struct liq_run run;

    assert_non_null(s);
    gen_series(seed, s->kline, n);
    run = gen_run(s->kline, n, bars, 120);
    assert_int_equal(liq_map_new(&s->map), LIQ_OK);
    assert_int_equal(liq_map_run(s->map, &run), LIQ_OK);
    scene_read(s);
    return s;
}

static inline void scene_free(struct scene *s)
{
    liq_map_free(s->map);
    free(s->tier);
    free(s);
}

struct reading {
    const struct liq_buf *png;
    size_t at;
};

static inline cairo_status_t read_bytes(void *arg, unsigned char *out,
                                        unsigned n)
{
    struct reading *r = arg;

    if (n > r->png->len - r->at)
        return CAIRO_STATUS_READ_ERROR;
    memcpy(out, r->png->data + r->at, n);
    r->at += n;
    return CAIRO_STATUS_SUCCESS;
}

/* The image as it is seen; for cairo_surface_destroy. */
static inline cairo_surface_t *decoded(const struct liq_buf *png)
{
    struct reading r = {png, 0};
    cairo_surface_t *s =
        cairo_image_surface_create_from_png_stream(read_bytes, &r);

    assert_int_equal(cairo_surface_status(s), CAIRO_STATUS_SUCCESS);
    return s;
}

static inline cairo_surface_t *rendered(const struct liq_picture *p)
{
    cairo_surface_t *s;
    struct liq_buf png;

    liq_buf_init(&png, PICTURE_MAX_BYTES);
    assert_int_equal(liq_render(p, &png), LIQ_OK);
    s = decoded(&png);
    liq_buf_free(&png);
    assert_int_equal(cairo_image_surface_get_width(s), p->look.width);
    assert_int_equal(cairo_image_surface_get_height(s), p->look.height);
    return s;
}

static inline uint32_t pixel(cairo_surface_t *s, int x, int y)
{
    const unsigned char *data = cairo_image_surface_get_data(s);
    uint32_t value;

    memcpy(&value,
           data + (ptrdiff_t)y * cairo_image_surface_get_stride(s) + 4 * x, 4);
    return value & 0xffffffU;
}

/* How many pixels of a box have the colour. */
static inline int count_in(cairo_surface_t *s, int left, int top, int right,
                           int bottom, uint32_t rgb)
{
    int n = 0;

    for (int y = top; y < bottom; y++) {
        for (int x = left; x < right; x++)
            n += pixel(s, x, y) == rgb;
    }
    return n;
}

static inline int count(cairo_surface_t *s, uint32_t rgb)
{
    return count_in(s, 0, 0, cairo_image_surface_get_width(s),
                    cairo_image_surface_get_height(s), rgb);
}

#endif
