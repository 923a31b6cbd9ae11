/* What stands around the chart, so that the image explains itself wherever it
 * goes: www/js/draw/picture.js. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "draw.h"
#include "format.h"
#include "liqmap/interval.h"

/* Layout px. */
#define EDGE 12.0
#define NARROW 640.0
#define STRIP 340.0
#define STRIP_HEIGHT 10.0
/* Labels nearer to each other than this share of the scale would touch. */
#define GAP 0.15
#define TICKS_MAX 12
#define MODEL_TEXT 1024

#define DOT " \xc2\xb7 "
#define AT_MOST "\xe2\x89\xa4 "
#define ESTIMATE "A model\xe2\x80\x99s estimate, not advice"

static double width_of(const struct liq_canvas *c)
{
    return c->width / c->zoom;
}

/* --- above the chart ------------------------------------------------------ */

/* From where and when, and whether it is what it seems. */
static void source_text(const struct liq_picture *p, char *out, size_t size)
{
    bool daily = p->interval_ms >= LIQ_DAY_MS;
    char moment[LIQ_TEXT];

    liq_format_moment(p->time_ms, !(daily && p->past), moment);
    snprintf(out, size, "%s%s" DOT "%s",
             p->stale                         ? "STALE data"
             : strcmp(p->source, "demo") == 0 ? "DEMO, a simulated market"
             : strcmp(p->source, "file") == 0 ? "From a file"
                                              : "Live data",
             p->past ? " replayed" : "", moment);
}

static void draw_title(struct liq_canvas *c, const struct liq_picture *p)
{
    struct liq_type title = {17.0, true, LIQ_ALIGN_LEFT, c->ink->text};
    struct liq_type name = {13.0, true, LIQ_ALIGN_RIGHT, c->ink->soft};
    bool narrow = width_of(c) < NARROW;
    double z = c->zoom;
    char text[LIQ_TEXT];

    snprintf(text, sizeof text, "%s %s", p->symbol, p->interval);
    liq_text_draw(c, &title, EDGE * z, 24.0 * z, text);
    liq_text_draw(c, &name, c->width - EDGE * z, 24.0 * z,
                  narrow ? "Liqmap" : "Liquidation heatmap" DOT "Liqmap");
}

void liq_draw_head(struct liq_canvas *c, const struct liq_chart *h)
{
    const struct liq_picture *p = h->p;
    struct liq_type left = {12.0, false, LIQ_ALIGN_LEFT, c->ink->soft};
    struct liq_type right = {12.0, p->stale, LIQ_ALIGN_RIGHT,
                             p->stale ? c->ink->warn : c->ink->soft};
    struct liq_type warn = {12.0, false, LIQ_ALIGN_LEFT, c->ink->warn};
    double z = c->zoom, y = 45.0 * z, room = c->width - 2.0 * EDGE * z;
    char text[8 * LIQ_TEXT], price[LIQ_TEXT];

    draw_title(c, p);
    snprintf(text, sizeof text, "%s" DOT "last %s" DOT "%zu candles", p->where,
             liq_format_price(p->last, h->decimals, price), p->grid.columns);
    liq_text_fit(c, &left, EDGE * z, y, room, text);
    if (width_of(c) < NARROW) {
        right.align = LIQ_ALIGN_LEFT;
        y += 17.0 * z;
    }
    source_text(p, text, sizeof text);
    liq_text_draw(c, &right,
                  right.align == LIQ_ALIGN_LEFT ? EDGE * z
                                                : c->width - EDGE * z,
                  y, text);
    if (p->problem)
        liq_text_fit(c, &warn, EDGE * z, y + 17.0 * z, room, p->problem);
}

/* --- the scale ------------------------------------------------------------ */

/* A density of the scale, percent of the strongest cell, and its place. */
struct tick {
    double density, at;
};

/* Round densities from dense to nothing that do not touch; how many. */
static size_t ticks_of(const struct liq_ranks *r, struct tick out[TICKS_MAX])
{
    static const double rounds[] = {50, 25, 10, 5, 2, 1, 0.5, 0.2, 0.1};
    size_t n = 0;

    if (r->total > 0.0)
        out[n++] = (struct tick){100.0, 1.0};
    for (size_t i = 0; n && i < sizeof rounds / sizeof *rounds; i++) {
        double at =
            liq_place_of(liq_ranks_percent(r, rounds[i] / 100.0 * r->max));

        if (at > GAP && at <= out[n - 1].at - GAP)
            out[n++] = (struct tick){rounds[i], at};
    }
    out[n++] = (struct tick){0.0, 0.0};
    return n;
}

/* Every place of the scale in the colour that cells of that rank have. */
static void draw_strip(struct liq_canvas *c, const struct liq_chart *h,
                       const struct liq_paint *paint, struct liq_box box)
{
    int width = (int)(box.right - box.left);

    cairo_set_antialias(c->cr, CAIRO_ANTIALIAS_NONE);
    for (int i = 0; i < width; i++) {
        double percent = liq_place_percent(i / fmax(1.0, width - 1));
        unsigned units = liq_ranks_units(&paint->ranks, percent);

        liq_canvas_colour(c,
                          paint->palette[liq_range_index(
                              &paint->range, units, h->p->look.log_colour)],
                          1.0);
        liq_canvas_fill(c, floor(box.left) + i, floor(box.top), 1.0,
                        floor(box.bottom) - floor(box.top));
    }
    cairo_set_antialias(c->cr, CAIRO_ANTIALIAS_DEFAULT);
}

static void draw_ticks(struct liq_canvas *c, const struct liq_chart *h,
                       const struct liq_paint *paint, struct liq_box box)
{
    double unit = paint->ranks.max * h->p->quantum * h->p->usd_per_unit / 100.0;
    struct liq_type number = {10.0, false, LIQ_ALIGN_CENTRE, c->ink->text};
    struct liq_type usd = {9.0, false, LIQ_ALIGN_CENTRE, c->ink->dim};
    struct tick tick[TICKS_MAX];
    size_t n = ticks_of(&paint->ranks, tick);
    char text[LIQ_TEXT];

    for (size_t i = 0; i < n; i++) {
        double x = box.left + tick[i].at * (box.right - box.left);

        number.align = tick[i].at == 0.0   ? LIQ_ALIGN_LEFT
                       : tick[i].at == 1.0 ? LIQ_ALIGN_RIGHT
                                           : LIQ_ALIGN_CENTRE;
        usd.align = number.align;
        liq_text_draw(c, &number, x, box.top + 22.0 * c->zoom,
                      liq_format_density(tick[i].density, text));
        if (isfinite(unit) && tick[i].density > 0.0)
            liq_text_draw(c, &usd, x, box.top + 34.0 * c->zoom,
                          liq_format_usd(tick[i].density * unit, text));
    }
}

/* The ends of the scale in words. */
static void ends_text(const struct liq_paint *paint, char *out, size_t size)
{
    double per_unit = paint->ranks.max ? 100.0 / paint->ranks.max : 0.0;
    bool dark = paint->range.dark > 0.0;
    char bright[LIQ_TEXT], least[LIQ_TEXT];

    liq_format_density(paint->range.bright * per_unit, bright);
    liq_format_density(paint->range.dark * per_unit, least);
    snprintf(out, size, "Density" DOT "brightest \xe2\x89\xa5 %s%s%s", bright,
             dark ? DOT "dark " AT_MOST : "", dark ? least : "");
}

/* --- below the chart ------------------------------------------------------ */

/* What the model is, behind before; cut where it is longer than width. */
static void draw_model(struct liq_canvas *c, const struct liq_chart *h,
                       const struct liq_type *type, double x, double y,
                       double width, const char *before)
{
    struct liq_buf text;

    liq_buf_init(&text, MODEL_TEXT);
    (void)liq_buf_text(&text, before);
    liq_format_model(h->p->params, &text);
    liq_text_fit(c, type, x, y, width, text.data ? text.data : before);
    liq_buf_free(&text);
}

static void draw_notes(struct liq_canvas *c, const struct liq_chart *h,
                       double top)
{
    struct liq_type first = {11.0, false, LIQ_ALIGN_RIGHT, c->ink->soft};
    struct liq_type other = {10.0, false, LIQ_ALIGN_RIGHT, c->ink->dim};
    double z = c->zoom, x = c->width - EDGE * z;

    liq_text_draw(c, &first, x, top + 9.0 * z, ESTIMATE);
    liq_text_draw(c, &other, x, top + 26.0 * z,
                  isfinite(h->p->usd_per_unit)
                      ? "$: modelled open interest a row, an upper bound"
                      : "Relative only: open interest is unknown");
    draw_model(c, h, &other, x, top + 42.0 * z, x - (2.0 * EDGE + STRIP) * z,
               "Model ");
}

/* One line, where there is no room for more. */
static void draw_line(struct liq_canvas *c, const struct liq_chart *h,
                      double top)
{
    struct liq_type left = {10.0, false, LIQ_ALIGN_LEFT, c->ink->soft};
    double z = c->zoom;

    draw_model(c, h, &left, EDGE * z, top + 11.0 * z, c->width - 2.0 * EDGE * z,
               ESTIMATE DOT);
}

void liq_draw_foot(struct liq_canvas *c, const struct liq_chart *h,
                   const struct liq_paint *paint, double top)
{
    struct liq_type words = {10.0, false, LIQ_ALIGN_LEFT, c->ink->soft};
    double z = c->zoom, room = width_of(c) - 2.0 * EDGE;
    bool narrow = width_of(c) < NARROW;
    struct liq_box strip = {EDGE * z, top, EDGE * z + fmin(STRIP, room) * z,
                            top + STRIP_HEIGHT * z};
    char text[4 * LIQ_TEXT];

    if (c->height - top < 40.0 * z) {
        draw_line(c, h, top);
        return;
    }
    draw_strip(c, h, paint, strip);
    draw_ticks(c, h, paint, strip);
    ends_text(paint, text, sizeof text);
    liq_text_fit(c, &words, EDGE * z, top + 47.0 * z,
                 (narrow ? room : STRIP) * z, text);
    if (narrow)
        draw_line(c, h, top + 53.0 * z);
    else
        draw_notes(c, h, top);
}

void liq_draw_demo(struct liq_canvas *c, const struct liq_chart *h)
{
    double size = fmin(150.0, width_of(c) / 6.0), z = c->zoom;
    struct liq_type type = {size, true, LIQ_ALIGN_CENTRE, 0xffffff};

    /* As a whole: letters that overlap would be brighter there. */
    cairo_push_group(c->cr);
    liq_text_draw(c, &type, (h->pane.left + h->pane.right) / 2.0,
                  (h->pane.top + h->pane.bottom) / 2.0 + size * z * 0.36,
                  "DEMO");
    cairo_pop_group_to_source(c->cr);
    cairo_paint_with_alpha(c->cr, 0.25);
}
