/* The parts of an image, in the order in which they are drawn. */
#ifndef LIQMAP_RENDER_DRAW_H
#define LIQMAP_RENDER_DRAW_H

#include "canvas.h"
#include "scale.h"

/*
 * Where the chart is and what it shows.
 *
 * pane       of cells, candles and profile
 * column_px  of a candle
 * low, high  prices at its lower and upper edge
 * profile    px at its right end, 0: none
 * decimals   of a price
 */
struct liq_chart {
    const struct liq_picture *p;
    struct liq_box pane;
    double column_px, low, high, profile;
    int decimals;
};

/* Device pixels; may lie outside the pane. */
double liq_chart_y(const struct liq_chart *h, double price);
double liq_chart_price(const struct liq_chart *h, double y);
/* The middle of a column. */
double liq_chart_x(const struct liq_chart *h, double column);

/* The prices to show: the candles with room for the nearest levels. */
void liq_chart_view(const struct liq_picture *p, double *low, double *high);

/* Colours of a map's cells. */
struct liq_paint {
    struct liq_cells cells;
    struct liq_ranks ranks;
    struct liq_range range;
    uint32_t palette[LIQ_COLOURS];
};

LIQ_MUST_CHECK enum liq_err liq_paint_of(const struct liq_picture *p,
                                         struct liq_paint *out);
void liq_paint_free(struct liq_paint *p);

LIQ_MUST_CHECK enum liq_err liq_draw_cells(struct liq_canvas *c,
                                           const struct liq_chart *h,
                                           const struct liq_paint *paint);
/* The crests of the bands. */
void liq_draw_ridges(struct liq_canvas *c, const struct liq_chart *h,
                     const struct liq_paint *paint);
void liq_draw_candles(struct liq_canvas *c, const struct liq_chart *h);
void liq_draw_profile(struct liq_canvas *c, const struct liq_chart *h);
/* Both axes, the last price and the levels that matter. */
void liq_draw_axes(struct liq_canvas *c, const struct liq_chart *h,
                   double axis_width);
/* Title and time above the chart, scale and notes below it. */
void liq_draw_head(struct liq_canvas *c, const struct liq_chart *h);
void liq_draw_foot(struct liq_canvas *c, const struct liq_chart *h,
                   const struct liq_paint *paint, double top);
/* Over a simulated market. */
void liq_draw_demo(struct liq_canvas *c, const struct liq_chart *h);

/* The colours of candles, up and down. */
void liq_candle_colours(const struct liq_look *look, uint32_t *up,
                        uint32_t *down);

/* Marked on the chart: at most this many levels a side. */
#define LIQ_MARKED 3

/* The levels of a side that matter, large ones, and near ones before far ones,
 * nearest first; how many. */
size_t liq_levels_marked(const struct liq_levels *levels, double last,
                         bool above, const struct liq_level *out[LIQ_MARKED]);

#endif
