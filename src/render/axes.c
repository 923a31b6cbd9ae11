/* Both axes, the last price, and the levels that matter. */
#include <math.h>
#include <stdio.h>
#include "draw.h"
#include "format.h"
#include "ticks.h"

/* Layout px. */
#define FONT 11.0
#define MARK_PX 28.0  /* between two prices, at least */
#define APART_PX 75.0 /* between two times */
#define LABEL_PX 18.0 /* height of a label */
#define EDGE_PX 4.0
#define CAPTION_PX 52.0 /* the profile's, at the top of the pane */
#define MARKS_MAX 64

/* At this distance, percent of price, a level counts half of its size. */
#define HALF_AT 3.0

#define LONGS 0xb3434c
#define SHORTS 0x1f7a55
#define LABEL_GROUND 0x0b0d14

static double away(const struct liq_level *l, double last)
{
    return 100.0 * fabs(l->price / last - 1.0);
}

static double score(const struct liq_level *l, double last)
{
    return l->mass / (1.0 + away(l, last) / HALF_AT);
}

static void sort_by_distance(const struct liq_level **at, size_t n, double last)
{
    for (size_t i = 1; i < n; i++) {
        for (size_t j = i; j > 0 && away(at[j], last) < away(at[j - 1], last);
             j--) {
            const struct liq_level *swap = at[j];

            at[j] = at[j - 1];
            at[j - 1] = swap;
        }
    }
}

size_t liq_levels_marked(const struct liq_levels *levels, double last,
                         bool above, const struct liq_level *out[LIQ_MARKED])
{
    size_t n = 0;

    for (size_t side = 0; side < LIQ_SIDES; side++) {
        for (size_t i = 0; i < levels->n[side]; i++) {
            const struct liq_level *l = &levels->at[side][i];
            size_t at = n;

            if (above ? !(l->price > last) : !(l->price < last))
                continue;
            while (at > 0 && score(out[at - 1], last) < score(l, last))
                at--;
            if (at == LIQ_MARKED)
                continue;
            n += n < LIQ_MARKED;
            for (size_t k = n - 1; k > at; k--)
                out[k] = out[k - 1];
            out[at] = l;
        }
    }
    sort_by_distance(out, n, last);
    return n;
}

/* --- labels on the price axis --------------------------------------------- */

/* Where labels are, so that no price of the axis lies half under one. */
struct taken {
    double y[2 * LIQ_MARKED + 1];
    size_t n;
};

static bool is_free(const struct taken *t, double y, double apart)
{
    for (size_t i = 0; i < t->n; i++) {
        if (fabs(t->y[i] - y) < apart)
            return false;
    }
    return true;
}

static double clamp(double x, double low, double high)
{
    return fmin(high, fmax(low, x));
}

static void draw_label(struct liq_canvas *c, const struct liq_chart *h,
                       double width, double y, uint32_t ground, uint32_t rgb,
                       const char *text)
{
    struct liq_type type = {FONT, false, LIQ_ALIGN_LEFT, rgb};
    double half = LABEL_PX / 2.0 * c->zoom;
    struct liq_box box = {
        h->pane.right, y - half,
        h->pane.right +
            fmin(width, 14.0 * c->zoom + liq_text_width(c, &type, text)),
        y + half};

    liq_canvas_colour(c, ground, 1.0);
    liq_canvas_round(c, box, 2.0 * c->zoom);
    liq_text_draw(c, &type, box.left + 7.0 * c->zoom,
                  liq_text_middle(c, &type, y), text);
}

/* As exact as the level is, no more exact than prices are. */
static const char *level_price(const struct liq_chart *h,
                               const struct liq_level *l, char *out)
{
    int decimals = liq_decimals_of(l->price);

    return liq_format_price(
        l->price, decimals < h->decimals ? decimals : h->decimals, out);
}

static void draw_level_label(struct liq_canvas *c, const struct liq_chart *h,
                             double width, const struct liq_level *l,
                             bool above, struct taken *taken)
{
    double half = LABEL_PX / 2.0 * c->zoom, y = liq_chart_y(h, l->price);
    double at = clamp(y, h->pane.top + half, h->pane.bottom - half);
    char price[LIQ_TEXT], text[LIQ_TEXT + 8];

    if (!is_free(taken, at, LABEL_PX * c->zoom))
        return;
    snprintf(text, sizeof text, "%s%s",
             at == y ? ""
             : above ? "\xe2\x96\xb2"
                     : "\xe2\x96\xbc",
             level_price(h, l, price));
    draw_label(c, h, width, at, above ? SHORTS : LONGS, 0xffffff, text);
    taken->y[taken->n++] = at;
}

/* --- levels beside the newest candle -------------------------------------- */

static void level_text(const struct liq_chart *h, const struct liq_level *l,
                       char *out, size_t size)
{
    char distance[LIQ_TEXT], usd[LIQ_TEXT];
    bool known = isfinite(h->p->usd_per_unit);

    liq_format_percent(100.0 * (l->price / h->p->last - 1.0), 1, distance);
    liq_format_usd(l->mass * h->p->usd_per_unit, usd);
    snprintf(out, size, "%s %s%s%s", l->side == LIQ_LONG ? "Longs" : "Shorts",
             distance, known ? " \xc2\xb7 \xe2\x89\xa4 " : "",
             known ? usd : "");
}

static void draw_dots(struct liq_canvas *c, const struct liq_chart *h,
                      double from, double y, uint32_t rgb)
{
    double dash[2] = {2.0 * c->zoom, 4.0 * c->zoom};

    liq_canvas_colour(c, rgb, 1.0);
    cairo_set_line_width(c->cr, 2.0 * c->zoom);
    cairo_set_dash(c->cr, dash, 2, 0.0);
    cairo_move_to(c->cr, from, round(y));
    cairo_line_to(c->cr, h->pane.right, round(y));
    cairo_stroke(c->cr);
    cairo_set_dash(c->cr, NULL, 0, 0.0);
}

/* Its line right of the newest candle and, where there is room, its words. */
static void draw_level(struct liq_canvas *c, const struct liq_chart *h,
                       const struct liq_level *l, bool above,
                       struct taken *taken)
{
    struct liq_type type = {FONT, false, LIQ_ALIGN_LEFT, 0xf2f3f6};
    double begin = liq_chart_x(h, (double)h->p->grid.columns - 0.5) + c->zoom;
    double y = liq_chart_y(h, l->price), z = c->zoom, width, top;
    double head = (h->profile > 0.0 ? CAPTION_PX : EDGE_PX) * z;
    bool fits;
    char text[3 * LIQ_TEXT];

    level_text(h, l, text, sizeof text);
    width = liq_text_width(c, &type, text) + 12.0 * z;
    fits = begin + width + EDGE_PX * z < h->pane.right;
    top = clamp(y - LABEL_PX / 2.0 * z, h->pane.top + head,
                h->pane.bottom - (LABEL_PX + EDGE_PX) * z);
    if (y >= h->pane.top && y <= h->pane.bottom)
        draw_dots(c, h, begin + (fits ? width + EDGE_PX * z : 0.0), y,
                  above ? SHORTS : LONGS);
    if (!fits || !is_free(taken, top, (LABEL_PX + 2.0) * z))
        return;
    taken->y[taken->n++] = top;
    liq_canvas_colour(c, LABEL_GROUND, 0.82);
    liq_canvas_round(c,
                     (struct liq_box){begin + 2.0 * z, top,
                                      begin + 2.0 * z + width,
                                      top + LABEL_PX * z},
                     4.0 * z);
    liq_text_draw(c, &type, begin + 8.0 * z,
                  liq_text_middle(c, &type, top + LABEL_PX / 2.0 * z), text);
}

/* --- the axes ------------------------------------------------------------- */

static void draw_last(struct liq_canvas *c, const struct liq_chart *h,
                      double width, struct taken *taken)
{
    const struct liq_kline *k = &h->p->grid.candle[h->p->grid.columns - 1];
    double y = liq_chart_y(h, k->close), dash[2] = {c->zoom, 4.0 * c->zoom};
    char text[LIQ_TEXT];
    uint32_t up, down;

    liq_candle_colours(&h->p->look, &up, &down);
    up = k->close < k->open ? down : up;
    liq_canvas_colour(c, up, 1.0);
    cairo_set_line_width(c->cr, fmax(1.0, floor(c->zoom)));
    cairo_set_dash(c->cr, dash, 2, 0.0);
    cairo_move_to(c->cr, h->pane.left, floor(y) + 0.5);
    cairo_line_to(c->cr, h->pane.right, floor(y) + 0.5);
    cairo_stroke(c->cr);
    cairo_set_dash(c->cr, NULL, 0, 0.0);
    draw_label(c, h, width, y, up, 0x000000,
               liq_format_price(k->close, h->decimals, text));
    taken->y[taken->n++] = y;
}

/* The step of the axis, and as many decimals as its marks need. */
static double price_step(const struct liq_canvas *c, const struct liq_chart *h,
                         int *decimals)
{
    double height = h->pane.bottom - h->pane.top;
    double step = liq_tick_step((h->high - h->low) * MARK_PX * c->zoom /
                                fmax(height, MARK_PX * c->zoom));

    /* 8: a price has no more. */
    *decimals = liq_decimals_of(step);
    return fmax(step, 1e-8);
}

static void draw_prices(struct liq_canvas *c, const struct liq_chart *h,
                        const struct taken *taken)
{
    struct liq_type type = {FONT, false, LIQ_ALIGN_LEFT, c->ink->soft};
    double half = LABEL_PX / 2.0 * c->zoom, step;
    char text[LIQ_TEXT];
    int decimals;

    step = price_step(c, h, &decimals);
    for (int i = 0; i < MARKS_MAX; i++) {
        double price = (ceil(h->low / step) + i) * step;
        double y = liq_chart_y(h, price);

        if (price > h->high || y < h->pane.top + half)
            break;
        if (y > h->pane.bottom - half || !is_free(taken, y, 17.0 * c->zoom))
            continue;
        liq_text_draw(c, &type, h->pane.right + 7.0 * c->zoom,
                      liq_text_middle(c, &type, y),
                      liq_format_price(price, decimals, text));
    }
}

static void draw_times(struct liq_canvas *c, const struct liq_chart *h)
{
    struct liq_type type = {FONT, false, LIQ_ALIGN_CENTRE, c->ink->soft};
    const struct liq_grid *g = &h->p->grid;
    double apart = ceil(APART_PX * c->zoom / h->column_px);
    double y = liq_text_middle(c, &type, h->pane.bottom + 13.0 * c->zoom);
    struct liq_mark mark[LIQ_MARKS_MAX];
    int highest = 0;
    size_t n =
        liq_time_marks(g->candle, g->columns, (size_t)fmax(1.0, apart), mark);

    for (size_t i = 0; i < n; i++)
        highest = mark[i].rank > highest ? mark[i].rank : highest;
    for (size_t i = 0; i < n; i++) {
        double x = liq_chart_x(h, (double)mark[i].column);

        type.bold = mark[i].rank >= highest;
        x = clamp(x,
                  h->pane.left + 4.0 * c->zoom +
                      liq_text_width(c, &type, mark[i].text) / 2.0,
                  h->pane.right);
        liq_text_draw(c, &type, x, y, mark[i].text);
    }
}

void liq_draw_axes(struct liq_canvas *c, const struct liq_chart *h,
                   double axis_width)
{
    const struct liq_level *marked[2][LIQ_MARKED];
    struct taken on_axis = {.n = 0}, beside = {.n = 0};
    size_t n[2];
    double line = fmax(1.0, floor(c->zoom));

    liq_canvas_colour(c, c->ink->line, 1.0);
    liq_canvas_fill(c, h->pane.right, h->pane.top, line,
                    h->pane.bottom - h->pane.top + line);
    liq_canvas_fill(c, h->pane.left, h->pane.bottom,
                    h->pane.right - h->pane.left, line);
    for (int up = 0; up < 2; up++)
        n[up] = liq_levels_marked(h->p->levels, h->p->last, up, marked[up]);
    draw_last(c, h, axis_width, &on_axis);
    for (int up = 1; up >= 0; up--) {
        for (size_t i = 0; i < n[up]; i++) {
            draw_level(c, h, marked[up][i], up, &beside);
            draw_level_label(c, h, axis_width, marked[up][i], up, &on_axis);
        }
    }
    draw_prices(c, h, &on_axis);
    draw_times(c, h);
}
