/* Candles in the widths of the page's chart library. */
#include <math.h>
#include "draw.h"

/* Candles narrower than this have no body and are merged. */
#define MERGED_PX 2.0

void liq_candle_colours(const struct liq_look *look, uint32_t *up,
                        uint32_t *down)
{
    *up = look->hollow ? 0xffffff : 0x2fd08a;
    *down = look->hollow ? 0xe8710a : 0xff5d63;
}

/* Device pixels of a body where candles are so far apart. */
static double body_width(double spacing, double zoom)
{
    double css = spacing / zoom, share, width;

    if (css >= 2.5 && css <= 4.0)
        return fmax(1.0, floor(3.0 * zoom));
    share = 1.0 - 0.2 * atan(fmax(4.0, css) - 4.0) / (acos(-1.0) / 2.0);
    width = fmin(floor(css * share * zoom), floor(spacing));
    return fmax(width, fmax(1.0, floor(zoom)));
}

/* n candles from at on as one. */
static struct liq_kline merged(const struct liq_kline *at, size_t n)
{
    struct liq_kline all = at[0];

    for (size_t i = 1; i < n; i++) {
        all.high = fmax(all.high, at[i].high);
        all.low = fmin(all.low, at[i].low);
    }
    all.close = at[n - 1].close;
    return all;
}

/* An empty body, the wick outside it. */
static void draw_hollow(struct liq_canvas *c, struct liq_box body, double wick,
                        double x, double high, double low)
{
    double line = fmax(1.0, floor(c->zoom));

    liq_canvas_fill(c, x, high, wick, body.top - high);
    liq_canvas_fill(c, x, body.bottom, wick, low - body.bottom);
    if (body.right - body.left <= 2.0 * line) {
        liq_canvas_fill(c, body.left, body.top, body.right - body.left,
                        body.bottom - body.top);
        return;
    }
    cairo_set_line_width(c->cr, line);
    cairo_rectangle(c->cr, body.left + line / 2.0, body.top + line / 2.0,
                    body.right - body.left - line,
                    fmax(0.0, body.bottom - body.top - line));
    cairo_stroke(c->cr);
}

static void draw_candle(struct liq_canvas *c, const struct liq_chart *h,
                        const struct liq_kline *k, double middle, double width)
{
    double wick = fmin(width, fmax(1.0, floor(c->zoom)));
    double x = round(middle - wick / 2.0), left = round(middle - width / 2.0);
    double high = round(liq_chart_y(h, k->high));
    double low = round(liq_chart_y(h, k->low)) + 1.0;
    struct liq_box body = {
        left, round(liq_chart_y(h, fmax(k->open, k->close))), left + width,
        round(liq_chart_y(h, fmin(k->open, k->close))) + 1.0};
    uint32_t up, down;

    liq_candle_colours(&h->p->look, &up, &down);
    liq_canvas_colour(c, k->close < k->open ? down : up, 1.0);
    if (h->p->look.hollow && k->close >= k->open) {
        draw_hollow(c, body, wick, x, high, low);
        return;
    }
    liq_canvas_fill(c, x, high, wick, low - high);
    if (width > wick)
        liq_canvas_fill(c, body.left, body.top, width, body.bottom - body.top);
}

void liq_draw_candles(struct liq_canvas *c, const struct liq_chart *h)
{
    const struct liq_grid *g = &h->p->grid;
    size_t group = 1;
    double width;

    while ((double)group * h->column_px < MERGED_PX && group < g->columns)
        group *= 2;
    width = body_width((double)group * h->column_px, c->zoom);
    /* An even body has no middle pixel for the wick. */
    if (width >= 2.0 &&
        fmod(width, 2.0) != fmod(fmax(1.0, floor(c->zoom)), 2.0))
        width -= 1.0;
    cairo_set_antialias(c->cr, CAIRO_ANTIALIAS_NONE);
    for (size_t i = 0; i < g->columns; i += group) {
        size_t n = i + group <= g->columns ? group : g->columns - i;
        struct liq_kline k = merged(g->candle + i, n);

        draw_candle(c, h, &k,
                    liq_chart_x(h, (double)i + ((double)n - 1.0) / 2.0), width);
    }
    cairo_set_antialias(c->cr, CAIRO_ANTIALIAS_DEFAULT);
}
