/* The cells under the candles, one colour for each: www/js/draw/heatmap.js. */
#include <math.h>
#include <stdlib.h>
#include "draw.h"

/* Larger blocks than this many cells are never needed. */
#define BLOCK_MAX 32

enum liq_err liq_paint_of(const struct liq_picture *p, struct liq_paint *out)
{
    enum liq_err err = liq_cells_of(&p->grid, p->quantum, &out->cells);

    out->ranks.at_most = NULL;
    if (!err)
        err = liq_ranks_of(&out->cells, &out->ranks);
    if (err) {
        liq_cells_free(&out->cells);
        return err;
    }
    out->range = liq_range_of(&out->ranks, &p->look);
    liq_palette_colours(p->look.palette, out->palette);
    return LIQ_OK;
}

void liq_paint_free(struct liq_paint *p)
{
    liq_cells_free(&p->cells);
    liq_ranks_free(&p->ranks);
}

/* How many cells share a pixel, so that a thin band fades and never vanishes:
 * 1, 2, 4 .. for cells of so many pixels. */
static size_t block_for(double cell_px)
{
    size_t block = 1;

    while ((double)block * cell_px < 0.97 && block < BLOCK_MAX)
        block *= 2;
    return block;
}

/* The pixels of one line of the image: the cells of a block of rows. */
static void paint_line(const struct liq_chart *h, const struct liq_cells *cells,
                       size_t row, double per_px, const uint32_t *ink,
                       uint32_t *line)
{
    int from = (int)h->pane.left, to = (int)h->pane.right;

    for (int x = from; x < to; x++) {
        size_t column = (size_t)((x + 0.5 - h->pane.left) * per_px);

        if (column >= cells->columns)
            break;
        line[x] = ink[cells->unit[column * cells->rows + row]];
    }
}

static void paint_cells(struct liq_canvas *c, const struct liq_chart *h,
                        const struct liq_cells *cells, size_t row_block,
                        size_t column_block, const uint32_t *ink)
{
    const struct liq_axis *axis = &h->p->grid.axis;
    unsigned char *data = cairo_image_surface_get_data(c->surface);
    int stride = cairo_image_surface_get_stride(c->surface);
    double per_px = 1.0 / (h->column_px * (double)column_block);

    for (int y = (int)h->pane.top; y < (int)h->pane.bottom; y++) {
        double price = liq_chart_price(h, y + 0.5);
        double row = floor((price - axis->price_min) / axis->price_step);
        void *line = data + (ptrdiff_t)y * stride;

        if (row >= 0.0 && row < (double)axis->rows)
            paint_line(h, cells, (size_t)row / row_block, per_px, ink, line);
    }
}

/* Colour of every number of units, as the surface has its pixels. */
static void ink_of(const struct liq_paint *paint, bool log_on, uint32_t *ink)
{
    for (unsigned unit = 0; unit <= paint->cells.max; unit++)
        ink[unit] =
            0xff000000U |
            paint->palette[liq_range_index(&paint->range, unit, log_on)];
}

enum liq_err liq_draw_cells(struct liq_canvas *c, const struct liq_chart *h,
                            const struct liq_paint *paint)
{
    const struct liq_axis *axis = &h->p->grid.axis;
    double rows_px = liq_chart_y(h, h->low) - liq_chart_y(h, h->high);
    size_t row_block =
        block_for(rows_px * axis->price_step / (h->high - h->low));
    size_t column_block = block_for(h->column_px);
    uint32_t *ink = calloc((size_t)paint->cells.max + 1, sizeof *ink);
    struct liq_cells blocks = {.unit = NULL};
    enum liq_err err = ink ? LIQ_OK : LIQ_ENOMEM;

    if (!err)
        err = liq_cells_reduce(&paint->cells, row_block, column_block, &blocks);
    if (!err) {
        ink_of(paint, h->p->look.log_colour, ink);
        cairo_surface_flush(c->surface);
        paint_cells(c, h, &blocks, row_block, column_block, ink);
        cairo_surface_mark_dirty(c->surface);
    }
    liq_cells_free(&blocks);
    free(ink);
    return err;
}
