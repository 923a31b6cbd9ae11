#include "canvas.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct liq_ink dark = {.ground = 0x0b0d14,
                                    .text = 0xe8ebf2,
                                    .soft = 0xa4adbf,
                                    .dim = 0x7f889b,
                                    .line = 0x232838,
                                    .warn = 0xf0a83a,
                                    .longs = 0xff9a9d,
                                    .shorts = 0x7fe0b3,
                                    .tier = {0x264893, 0x476597, 0x698098,
                                             0x8d9a97, 0xb3b493, 0xd9ce8a,
                                             0xffe87c}};

static const struct liq_ink light = {.ground = 0xf4f5f8,
                                     .text = 0x141823,
                                     .soft = 0x414a5c,
                                     .dim = 0x586173,
                                     .line = 0xd3d8e2,
                                     .warn = 0x7a5600,
                                     .longs = 0xb8232b,
                                     .shorts = 0x0a6e42,
                                     .tier = {0xefc37c, 0xcbae86, 0xa89a8c,
                                              0x85858f, 0x646f90, 0x44598f,
                                              0x25418d}};

const struct liq_ink *liq_ink_of(enum liq_theme theme)
{
    return theme == LIQ_LIGHT ? &light : &dark;
}

void liq_canvas_colour(struct liq_canvas *c, uint32_t rgb, double alpha)
{
    cairo_set_source_rgba(c->cr, (rgb >> 16 & 255) / 255.0,
                          (rgb >> 8 & 255) / 255.0, (rgb & 255) / 255.0, alpha);
}

void liq_canvas_fill(struct liq_canvas *c, double left, double top,
                     double width, double height)
{
    cairo_rectangle(c->cr, left, top, width, height);
    cairo_fill(c->cr);
}

void liq_canvas_round(struct liq_canvas *c, struct liq_box box, double radius)
{
    double turn = acos(-1.0) / 2.0, r = radius;

    cairo_new_sub_path(c->cr);
    cairo_arc(c->cr, box.right - r, box.top + r, r, -turn, 0.0);
    cairo_arc(c->cr, box.right - r, box.bottom - r, r, 0.0, turn);
    cairo_arc(c->cr, box.left + r, box.bottom - r, r, turn, 2.0 * turn);
    cairo_arc(c->cr, box.left + r, box.top + r, r, 2.0 * turn, 3.0 * turn);
    cairo_close_path(c->cr);
    cairo_fill(c->cr);
}

/* --- text ----------------------------------------------------------------- */

/* Units of a glyph: capitals, the gap between two letters, and strokes. */
#define CAPITALS 14.0
#define GAP 3.2
#define STROKE 1.75
#define STROKE_BOLD 2.5
/* Of an em are capitals so high, as in the fonts of the page. */
#define CAPITAL_SHARE 0.72
/* A quarter of an ellipse as a cubic curve. */
#define KAPPA 0.58

/* Device pixels of a unit. */
static double unit_of(const struct liq_canvas *c, const struct liq_type *t)
{
    return t->size * c->zoom * CAPITAL_SHARE / CAPITALS;
}

/* The code point at *text, which moves behind it; malformed bytes count one by
 * one as U+FFFD. */
static uint32_t next_code(const char **text)
{
    const unsigned char *p = (const unsigned char *)*text;
    int more = p[0] < 0x80 ? 0 : p[0] < 0xc0 ? -1 : p[0] < 0xe0 ? 1 : 2;
    uint32_t code = more == 0 ? p[0] : p[0] & (more == 1 ? 0x1fU : 0x0fU);

    (*text)++;
    if (more < 0 || p[0] >= 0xf0)
        return 0xfffd;
    for (int i = 1; i <= more; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0xfffd;
        code = code << 6 | (p[i] & 0x3fU);
    }
    *text += more;
    return code;
}

double liq_text_width(const struct liq_canvas *c, const struct liq_type *t,
                      const char *text)
{
    double units = 0.0;

    while (*text)
        units += liq_glyph_of(next_code(&text))->width + GAP;
    return units * unit_of(c, t);
}

/* A whole number at *path, which moves behind it and the blank. */
static double number_at(const char **path)
{
    bool minus = **path == '-';
    int value = 0;

    *path += minus;
    for (; **path >= '0' && **path <= '9'; ++*path)
        value = 10 * value + (**path - '0');
    *path += **path == ' ';
    return minus ? -value : value;
}

/* From where the pen is to (x, y) around the corner. */
static void quarter(cairo_t *cr, double corner_x, double corner_y, double x,
                    double y)
{
    double x0, y0;

    cairo_get_current_point(cr, &x0, &y0);
    cairo_curve_to(cr, x0 + KAPPA * (corner_x - x0),
                   y0 + KAPPA * (corner_y - y0), x + KAPPA * (corner_x - x),
                   y + KAPPA * (corner_y - y), x, y);
}

static void trace(cairo_t *cr, const char *p, double x, double y, double unit)
{
    while (*p) {
        char what = *p++;
        double at[4];

        for (int i = 0; i < (what == 'c' ? 4 : what < 'n' ? 2 : 0); i++)
            at[i] = i % 2 ? y - number_at(&p) * unit : x + number_at(&p) * unit;
        if (what == 'm')
            cairo_move_to(cr, at[0], at[1]);
        else if (what == 'l')
            cairo_line_to(cr, at[0], at[1]);
        else if (what == 'c')
            quarter(cr, at[0], at[1], at[2], at[3]);
        else
            cairo_close_path(cr);
    }
}

/* "f" at its end: its area, too. */
static bool is_filled(const struct liq_glyph *g)
{
    size_t len = strlen(g->path);

    return len > 0 && g->path[len - 1] == 'f';
}

static void draw_glyph(struct liq_canvas *c, const struct liq_glyph *g,
                       double x, double y, double unit)
{
    char path[160];

    snprintf(path, sizeof path, "%s", g->path);
    if (is_filled(g))
        path[strlen(path) - 1] = 'z';
    trace(c->cr, path, x, y, unit);
    if (is_filled(g))
        cairo_fill_preserve(c->cr);
    cairo_stroke(c->cr);
}

void liq_text_draw(struct liq_canvas *c, const struct liq_type *t, double x,
                   double y, const char *text)
{
    double unit = unit_of(c, t), width = liq_text_width(c, t, text);

    if (t->align != LIQ_ALIGN_LEFT)
        x -= t->align == LIQ_ALIGN_RIGHT ? width : width / 2.0;
    x += GAP / 2.0 * unit;
    cairo_set_line_width(c->cr, (t->bold ? STROKE_BOLD : STROKE) * unit);
    cairo_set_line_cap(c->cr, CAIRO_LINE_CAP_ROUND);
    cairo_set_line_join(c->cr, CAIRO_LINE_JOIN_ROUND);
    liq_canvas_colour(c, t->rgb, 1.0);
    while (*text) {
        const struct liq_glyph *g = liq_glyph_of(next_code(&text));

        draw_glyph(c, g, x, y, unit);
        x += (g->width + GAP) * unit;
    }
    cairo_set_line_cap(c->cr, CAIRO_LINE_CAP_BUTT);
}

void liq_text_fit(struct liq_canvas *c, const struct liq_type *t, double x,
                  double y, double width, const char *text)
{
    char cut[512];
    const char *end = text, *next = text;

    if (liq_text_width(c, t, text) <= width) {
        liq_text_draw(c, t, x, y, text);
        return;
    }
    do {
        end = next;
        if (*next)
            (void)next_code(&next);
        snprintf(cut, sizeof cut, "%.*s\xe2\x80\xa6", (int)(next - text), text);
    } while (*end && next - text < 480 && liq_text_width(c, t, cut) <= width);
    snprintf(cut, sizeof cut, "%.*s\xe2\x80\xa6", (int)(end - text), text);
    if (end > text)
        liq_text_draw(c, t, x, y, cut);
}

double liq_text_middle(const struct liq_canvas *c, const struct liq_type *t,
                       double y)
{
    return y + unit_of(c, t) * CAPITALS / 2.0;
}
