/* What stands at each price now, by tier, beside the chart, and the sum between
 * price and there: www/js/draw/profile-view.js. */
#include <math.h>
#include <stdio.h>
#include "draw.h"
#include "format.h"

/* Lower bars cannot be distinguished, layout px. */
#define BAR_PX 2.0
/* The longest bar leaves this much of the width to the curve. */
#define BAR_SHARE 0.94

/* Rows [first, end) that are seen, and what the longest bar and the largest sum
 * among them are. */
struct seen {
    ptrdiff_t first, end, now;
    double bar, sum;
};

static double bar_of(const struct liq_picture *p, size_t row)
{
    double sum = 0.0;

    for (size_t k = 0; k < LIQ_TIERS; k++)
        sum += p->by_tier[k * p->grid.rows + row];
    return sum;
}

static ptrdiff_t row_at(const struct liq_axis *a, double price)
{
    double row = floor((price - a->price_min) / a->price_step);

    return (ptrdiff_t)fmin((double)a->rows, fmax(-1.0, row));
}

static struct seen seen_of(const struct liq_chart *h)
{
    const struct liq_picture *p = h->p;
    const struct liq_axis *a = &p->grid.axis;
    struct seen s = {.first = row_at(a, h->low),
                     .end = row_at(a, h->high) + 1,
                     .now =
                         row_at(a, p->grid.candle[p->grid.columns - 1].close)};

    s.first = s.first < 0 ? 0 : s.first;
    s.end = s.end > (ptrdiff_t)a->rows ? (ptrdiff_t)a->rows : s.end;
    for (ptrdiff_t r = s.first; r < s.end; r++) {
        s.bar = fmax(s.bar, bar_of(p, (size_t)r));
        s.sum = fmax(s.sum, p->cumulative[r]);
    }
    return s;
}

/* The mean of values in rows [from, from + n), of those that there are. */
static double mean_of(const double *values, size_t rows, size_t from, size_t n)
{
    size_t end = from + n < rows ? from + n : rows;
    double sum = 0.0;

    for (size_t r = from; r < end; r++)
        sum += values[r];
    return sum / (double)(end - from);
}

/* Rows [row, row + n) as one bar, the highest leverage nearest the axis. */
static void draw_bar(struct liq_canvas *c, const struct liq_chart *h,
                     size_t row, size_t n, double per_mass)
{
    const struct liq_picture *p = h->p;
    const struct liq_axis *a = &p->grid.axis;
    size_t end = row + n < a->rows ? row + n : a->rows;
    double top = liq_chart_y(h, a->price_min + (double)end * a->price_step);
    double bottom = liq_chart_y(h, a->price_min + (double)row * a->price_step);
    double gap =
        bottom - top >= 3.0 * c->zoom ? fmax(1.0, floor(c->zoom)) : 0.0;
    double right = h->pane.right, height;

    /* Whole pixels: two half ones would leave a seam between bars. */
    top = round(top);
    height = round(bottom) - top - gap;
    for (size_t k = LIQ_TIERS; k-- > 0;) {
        double width =
            per_mass * mean_of(p->by_tier + k * a->rows, a->rows, row, n);

        if (!(width > 0.0))
            continue;
        right -= width;
        liq_canvas_colour(c, c->ink->tier[k], 1.0);
        liq_canvas_fill(c, right, top, width, height);
    }
}

static void draw_bars(struct liq_canvas *c, const struct liq_chart *h,
                      const struct seen *s)
{
    const struct liq_axis *a = &h->p->grid.axis;
    double row_px =
        (h->pane.bottom - h->pane.top) * a->price_step / (h->high - h->low);
    size_t n = (size_t)fmax(1.0, ceil(BAR_PX * c->zoom / row_px));
    size_t first = (size_t)s->first;

    for (size_t r = first - first % n; r < (size_t)s->end; r += n)
        draw_bar(c, h, r, n, BAR_SHARE * h->profile / s->bar);
}

/* The sum from the price outward, towards row `to`. */
static void draw_curve(struct liq_canvas *c, const struct liq_chart *h,
                       const struct seen *s, ptrdiff_t from, ptrdiff_t to)
{
    const struct liq_axis *a = &h->p->grid.axis;
    ptrdiff_t step = to < from ? -1 : 1;
    double dash[2] = {5.0 * c->zoom, 3.0 * c->zoom};

    liq_canvas_colour(c, step < 0 ? c->ink->longs : c->ink->shorts, 1.0);
    cairo_set_line_width(c->cr, 1.5 * c->zoom);
    cairo_set_line_join(c->cr, CAIRO_LINE_JOIN_ROUND);
    /* Distinguished without colour as well. */
    cairo_set_dash(c->cr, dash, step < 0 ? 0 : 2, 0.0);
    for (ptrdiff_t r = from; r != to; r += step)
        cairo_line_to(
            c->cr,
            h->pane.right -
                BAR_SHARE * h->profile * h->p->cumulative[r] / s->sum,
            liq_chart_y(h, a->price_min + ((double)r + 0.5) * a->price_step));
    cairo_stroke(c->cr);
    cairo_set_dash(c->cr, NULL, 0, 0.0);
}

static void draw_caption(struct liq_canvas *c, const struct liq_chart *h,
                         const struct seen *s)
{
    double x = h->pane.right - 6.0 * c->zoom, y = h->pane.top + 15.0 * c->zoom;
    struct liq_type title = {11.0, true, LIQ_ALIGN_RIGHT, c->ink->text};
    struct liq_type line = {10.5, false, LIQ_ALIGN_RIGHT, c->ink->soft};
    bool usd = isfinite(h->p->usd_per_unit);
    double scale = usd ? h->p->usd_per_unit : 1.0 / h->p->quantum;
    char amount[LIQ_TEXT], text[2 * LIQ_TEXT];

    liq_canvas_colour(c, c->ink->ground, 0.8);
    liq_canvas_fill(c, h->pane.right - h->profile, h->pane.top, h->profile,
                    49.0 * c->zoom);
    liq_text_draw(c, &title, x, y,
                  h->p->past ? "Then, by tier" : "Now, by tier");
    for (int i = 0; i < 2; i++) {
        double value = (i == 0 ? s->bar : s->sum) * scale;

        if (usd)
            liq_format_usd(value, amount);
        else
            liq_format_compact(value, amount);
        snprintf(text, sizeof text, "%s %s%s%s",
                 i == 0 ? "longest bar" : "line: sum",
                 usd ? "\xe2\x89\xa4 " : "", amount, usd ? "" : " units");
        y += 14.0 * c->zoom;
        liq_text_draw(c, &line, x, y, text);
    }
}

void liq_draw_profile(struct liq_canvas *c, const struct liq_chart *h)
{
    struct seen s = seen_of(h);

    if (!(h->profile > 0.0) || s.first >= s.end)
        return;
    if (s.bar > 0.0)
        draw_bars(c, h, &s);
    if (s.sum > 0.0) {
        ptrdiff_t down = s.now < s.end ? s.now : s.end - 1;
        ptrdiff_t up = s.now > s.first ? s.now : s.first;

        if (down >= s.first)
            draw_curve(c, h, &s, down, s.first - 1);
        if (up < s.end)
            draw_curve(c, h, &s, up, s.end);
    }
    draw_caption(c, h, &s);
}
