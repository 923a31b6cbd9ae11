/* What everything is drawn on, and text.  Lengths are device pixels unless they
 * are named in layout pixels, of which one is `zoom` device pixels. */
#ifndef LIQMAP_RENDER_CANVAS_H
#define LIQMAP_RENDER_CANVAS_H

#include <cairo/cairo.h>
#include "liqmap/render.h"

/* The page's colours, style.css and panel.css, 0xRRGGBB. */
struct liq_ink {
    uint32_t ground, text, soft, dim, line, warn;
    uint32_t longs, shorts;   /* lines of the profile */
    uint32_t tier[LIQ_TIERS]; /* 2x first */
};

struct liq_canvas {
    cairo_t *cr;
    cairo_surface_t *surface;
    const struct liq_ink *ink;
    double zoom;
    int width, height;
};

/* Device pixels [left, right) x [top, bottom). */
struct liq_box {
    double left, top, right, bottom;
};

const struct liq_ink *liq_ink_of(enum liq_theme theme);

/* The colour for what is drawn next; alpha 0 .. 1. */
void liq_canvas_colour(struct liq_canvas *c, uint32_t rgb, double alpha);
void liq_canvas_fill(struct liq_canvas *c, double left, double top,
                     double width, double height);
/* A rectangle with round corners, filled. */
void liq_canvas_round(struct liq_canvas *c, struct liq_box box, double radius);

enum liq_align { LIQ_ALIGN_LEFT, LIQ_ALIGN_CENTRE, LIQ_ALIGN_RIGHT };

/* size: layout pixels of an em, as CSS counts. */
struct liq_type {
    double size;
    bool bold;
    enum liq_align align;
    uint32_t rgb;
};

/* How wide a text is, device pixels. */
double liq_text_width(const struct liq_canvas *c, const struct liq_type *t,
                      const char *text);
/* UTF-8 on a baseline; what the letters lack is drawn as a question mark. */
void liq_text_draw(struct liq_canvas *c, const struct liq_type *t, double x,
                   double y, const char *text);
/* The same, cut to a width, the cut shown by dots. */
void liq_text_fit(struct liq_canvas *c, const struct liq_type *t, double x,
                  double y, double width, const char *text);
/* The baseline of a text whose capitals are centred on y. */
double liq_text_middle(const struct liq_canvas *c, const struct liq_type *t,
                       double y);

/*
 * A letter as strokes, drawn with round ends.  Capitals are 14 units high,
 * small letters 10, and descend 4 below the baseline.
 *
 * width  of its strokes
 * path   "mX Y" begins a stroke, "lX Y" is a line, "cX Y X Y" a quarter of an
 *        ellipse by way of the corner of its box, "z" closes, "f" fills
 */
struct liq_glyph {
    uint32_t code;
    int width;
    const char *path;
};

/* The glyph of a code point; the question mark where there is none. */
const struct liq_glyph *liq_glyph_of(uint32_t code);

#endif
