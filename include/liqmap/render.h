/*
 * A map as an image that looks like the page: cells, candles, axes, levels,
 * profile, scale and title.  No I/O, no clock, no fonts of the machine: the
 * same input gives the same bytes.
 */
#ifndef LIQMAP_RENDER_H
#define LIQMAP_RENDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "liqmap/buf.h"
#include "liqmap/derive.h"
#include "liqmap/model.h"

/* Of an image, px.  Both sides snap to the step, so that nobody can ask for
 * millions of different images. */
#define LIQ_WIDTH_MIN 320
#define LIQ_WIDTH_MAX 2400
#define LIQ_HEIGHT_MIN 200
#define LIQ_HEIGHT_MAX 1600
#define LIQ_SIZE_STEP 10

enum liq_theme { LIQ_DARK, LIQ_LIGHT };
/* As the page names them: viridis, ember, steel. */
enum liq_palette { LIQ_VIRIDIS, LIQ_EMBER, LIQ_STEEL };
#define LIQ_PALETTES 3
#define LIQ_COLOURS 256
/* Beside the chart: what fits the width, or as was chosen. */
enum liq_profile_choice {
    LIQ_PROFILE_AUTO,
    LIQ_PROFILE_TIERS,
    LIQ_PROFILE_OFF
};

/*
 * width, height  px, in their bounds
 * dark, bright   tenths of a percent of the closed columns' cells that are
 *                darkest, and that stay below the brightest colour; dark <
 *                bright <= 1000
 */
struct liq_look {
    int width, height, dark, bright;
    enum liq_theme theme;
    enum liq_palette palette;
    enum liq_profile_choice profile;
    bool hollow;     /* candles by lightness and fill, not by hue */
    bool log_colour; /* a logarithmic scale of colours */
    bool log_price;  /* equal ratios of price are equally far apart */
    bool plain;      /* without the crests of the bands */
};

/* 1200 x 630, dark, as the page is for a new visitor. */
extern const struct liq_look liq_look_default;

/*
 * What is drawn; all borrowed.
 *
 * params        of the model that made it
 * quantum       mass of one unit of a cell, > 0
 * usd_per_unit  dollars of open interest per mass; NaN when unknown
 * last          price now, > 0
 * by_tier       [LIQ_TIERS][rows] and
 * cumulative    [rows] of the newest column, as derive.h gives them
 * whole         the price axis shows the whole grid
 * where         "binance usdm-perpetual"
 * interval      "1h"; interval_ms its length
 * source        "live", "demo" or "file"
 * time_ms       of the data, UTC
 * past          it is the map of a past moment
 * problem       why the data is stale, or what is missing; NULL: nothing
 */
struct liq_picture {
    struct liq_look look;
    struct liq_grid grid;
    const struct liq_params *params;
    const struct liq_levels *levels;
    const double *by_tier, *cumulative;
    double quantum, usd_per_unit, last;
    bool whole, past, stale;
    const char *symbol, *where, *interval, *source, *problem;
    int64_t interval_ms, time_ms;
};

/* Append the image as PNG.  LIQ_OK; LIQ_ENOMEM; the buffer's own error.  The
 * memory it takes is four bytes a pixel and two a cell. */
LIQ_MUST_CHECK enum liq_err liq_render(const struct liq_picture *p,
                                       struct liq_buf *png);

/* The colours of a palette, 0xRRGGBB, from dark to bright. */
void liq_palette_colours(enum liq_palette palette, uint32_t out[LIQ_COLOURS]);

#endif
