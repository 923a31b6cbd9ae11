#include "liqmap/render.h"

#include <math.h>
#include <string.h>
#include "draw.h"
#include "format.h"
#include "liqmap/png.h"
#include "ticks.h"

/* Layout px. */
#define HEAD 58.0
#define FOOT 62.0
#define LINE 17.0
#define TIMES 26.0 /* the time axis */
#define AXIS_MIN 64.0
#define NARROW 640.0
#define PROFILE 172.0
#define PROFILE_SHARE 0.24
/* The page shows no profile on a phone. */
#define PHONE 760.0
/* Lower, the image has no scale. */
#define LOW 320.0
/* An image is laid out for a screen of at most this size, and magnified. */
#define SCREEN_WIDTH 1000.0
#define SCREEN_HEIGHT 500.0
/* Empty room right of the newest candle, as a share of the window. */
#define RIGHT_MARGIN 0.03

const struct liq_look liq_look_default = {
    .width = 1200, .height = 630, .bright = 995};

/* --- the layout ----------------------------------------------------------- */

/* As wide as the longest of what may stand there. */
static double axis_width(const struct liq_canvas *c, const struct liq_chart *h)
{
    struct liq_type type = {.size = 11.0};
    char text[LIQ_TEXT + 4] = "\xe2\x96\xb2";

    liq_format_price(h->high, h->decimals, text + 3);
    return ceil(fmax(AXIS_MIN * c->zoom,
                     liq_text_width(c, &type, text) + 14.0 * c->zoom));
}

static bool has_profile(const struct liq_picture *p, double width)
{
    return p->look.profile == LIQ_PROFILE_TIERS ||
           (p->look.profile == LIQ_PROFILE_AUTO && width > PHONE);
}

/* The chart between head and foot; the width of the price axis. */
static double lay_out(const struct liq_canvas *c, struct liq_chart *h)
{
    const struct liq_picture *p = h->p;
    double width = c->width / c->zoom, height = c->height / c->zoom;
    double head = HEAD, foot = height < LOW ? LINE : FOOT, axis, room;

    head += width < NARROW ? LINE : 0.0;
    head += p->problem ? LINE : 0.0;
    foot += width < NARROW && height >= LOW ? LINE : 0.0;
    liq_chart_view(p, &h->low, &h->high);
    h->decimals = liq_price_decimals(p->grid.candle, p->grid.columns);
    axis = axis_width(c, h);
    h->pane = (struct liq_box){0.0, round(head * c->zoom), c->width - axis,
                               round(c->height - (foot + TIMES) * c->zoom)};
    if (has_profile(p, width))
        h->profile = fmin(PROFILE, round(PROFILE_SHARE * width)) * c->zoom;
    room = fmax(h->profile,
                (double)h->pane.right *
                    (1.0 - 1.0 / (1.0 + fmax(2.0 / (double)p->grid.columns,
                                             RIGHT_MARGIN))));
    h->column_px = (h->pane.right - round(room)) / (double)p->grid.columns;
    return axis;
}

/* --- the image ------------------------------------------------------------ */

static enum liq_err draw(struct liq_canvas *c, const struct liq_picture *p,
                         const struct liq_paint *paint)
{
    struct liq_chart h = {.p = p};
    double axis = lay_out(c, &h);
    enum liq_err err;

    liq_canvas_colour(c, c->ink->ground, 1.0);
    cairo_paint(c->cr);
    err = liq_draw_cells(c, &h, paint);
    if (err)
        return err;
    cairo_save(c->cr);
    cairo_rectangle(c->cr, h.pane.left, h.pane.top, h.pane.right - h.pane.left,
                    h.pane.bottom - h.pane.top);
    cairo_clip(c->cr);
    if (!p->look.plain)
        liq_draw_ridges(c, &h, paint);
    liq_draw_candles(c, &h);
    liq_draw_profile(c, &h);
    cairo_restore(c->cr);
    if (strcmp(p->source, "demo") == 0)
        liq_draw_demo(c, &h);
    liq_draw_axes(c, &h, axis);
    liq_draw_head(c, &h);
    liq_draw_foot(c, &h, paint,
                  h.pane.bottom +
                      (TIMES + (c->height < LOW * c->zoom ? 0.0 : 10.0)) *
                          c->zoom);
    return LIQ_OK;
}

static enum liq_err write_png(struct liq_canvas *c, struct liq_buf *png)
{
    const void *pixels = cairo_image_surface_get_data(c->surface);
    int stride = cairo_image_surface_get_stride(c->surface);

    if (cairo_status(c->cr) != CAIRO_STATUS_SUCCESS)
        return LIQ_ENOMEM;
    cairo_surface_flush(c->surface);
    return liq_png_encode(pixels, (size_t)c->width, (size_t)c->height,
                          (size_t)stride / sizeof(uint32_t), png);
}

enum liq_err liq_render(const struct liq_picture *p, struct liq_buf *png)
{
    const struct liq_look *look = &p->look;
    struct liq_canvas c = {.width = look->width, .height = look->height};
    struct liq_paint paint;
    enum liq_err err;

    if (p->grid.columns == 0 || p->grid.columns > LIQ_CANDLES_MAX)
        return LIQ_EINVAL;
    c.ink = liq_ink_of(look->theme);
    c.zoom = fmax(
        1.0, fmin(look->width / SCREEN_WIDTH, look->height / SCREEN_HEIGHT));
    err = liq_paint_of(p, &paint);
    if (err)
        return err;
    c.surface =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, c.width, c.height);
    c.cr = cairo_create(c.surface);
    err = cairo_status(c.cr) == CAIRO_STATUS_SUCCESS ? draw(&c, p, &paint)
                                                     : LIQ_ENOMEM;
    if (!err)
        err = write_png(&c, png);
    cairo_destroy(c.cr);
    cairo_surface_destroy(c.surface);
    liq_paint_free(&paint);
    return err;
}
