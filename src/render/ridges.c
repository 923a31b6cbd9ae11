/* The crests of the bands, from the newest closed column back to where each was
 * born: www/js/data/ridges.js. */
#include <math.h>
#include "draw.h"

/* A crest is the highest of so many rows on either side, as a share of all. */
#define REACH (1.0 / 90.0)
/* The valley on its lower side is this much below it. */
#define DEPTH 0.2
/* Before a band was born there was less than this share of its most. */
#define BORN 0.3
/* More on a side would be a raster. */
#define MOST 9
/* At this distance, percent of price, a crest counts half. */
#define HALF_AT 3.0
#define ALPHA 0.5

struct crest {
    size_t row;
    double score;
};

/* Whether no row within reach is above it, and none below it as high. */
static bool is_highest(const uint16_t *value, size_t rows, size_t row,
                       size_t reach)
{
    if (value[row] == 0)
        return false;
    for (size_t d = 1; d <= reach; d++) {
        if (row >= d && value[row - d] > value[row])
            return false;
        if (row + d < rows && value[row + d] >= value[row])
            return false;
    }
    return true;
}

/* The lowest value before a higher one, going by step. */
static double valley(const uint16_t *value, size_t rows, size_t row,
                     ptrdiff_t step)
{
    double low = value[row];

    for (ptrdiff_t r = (ptrdiff_t)row + step;
         r >= 0 && r < (ptrdiff_t)rows && value[r] <= value[row]; r += step)
        low = fmin(low, value[r]);
    return low;
}

static bool is_crest(const uint16_t *value, size_t rows, size_t row)
{
    double least = (1.0 - DEPTH) * value[row];
    size_t reach = (size_t)fmax(2.0, round((double)rows * REACH));

    return is_highest(value, rows, row, reach) &&
           valley(value, rows, row, -1) <= least &&
           valley(value, rows, row, 1) <= least;
}

/* Keep the MOST with the highest score, in that order. */
static void keep(struct crest *best, size_t *n, struct crest one)
{
    size_t at = *n;

    while (at > 0 && best[at - 1].score < one.score)
        at--;
    if (at == MOST)
        return;
    if (*n < MOST)
        ++*n;
    for (size_t i = *n - 1; i > at; i--)
        best[i] = best[i - 1];
    best[at] = one;
}

/* A line through the middle of a row, columns [from, to]. */
static void draw_run(struct liq_canvas *c, const struct liq_chart *h,
                     size_t row, size_t from, size_t to)
{
    const struct liq_axis *a = &h->p->grid.axis;
    double y = round(
        liq_chart_y(h, a->price_min + ((double)row + 0.5) * a->price_step));
    double left = round(liq_chart_x(h, (double)from - 0.5));
    double right = round(liq_chart_x(h, (double)to + 0.5));

    if (right > left && y >= h->pane.top && y < h->pane.bottom)
        liq_canvas_fill(c, left, y, right - left, fmax(1.0, floor(c->zoom)));
}

/* Back from the newest closed column, by the highest of the three rows. */
static void draw_ridge(struct liq_canvas *c, const struct liq_chart *h,
                       const struct liq_cells *cells, size_t row, size_t last)
{
    double most = cells->unit[last * cells->rows + row];
    size_t to = last, column = last;

    while (column > 0) {
        const uint16_t *value = cells->unit + (column - 1) * cells->rows;
        size_t next = row;

        if (row > 0 && value[row - 1] > value[next])
            next = row - 1;
        if (row + 1 < cells->rows && value[row + 1] > value[next])
            next = row + 1;
        if (value[next] < BORN * most || value[next] == 0)
            break;
        most = fmax(most, value[next]);
        if (next != row) {
            draw_run(c, h, row, column, to);
            to = column - 1;
        }
        row = next;
        column--;
    }
    draw_run(c, h, row, column, to);
}

void liq_draw_ridges(struct liq_canvas *c, const struct liq_chart *h,
                     const struct liq_paint *paint)
{
    const struct liq_cells *cells = &paint->cells;
    const struct liq_axis *a = &h->p->grid.axis;
    size_t last = cells->columns > 1 ? cells->columns - 2 : 0;
    const uint16_t *value = cells->unit + last * cells->rows;
    double close = h->p->grid.candle[last].close;
    double now = (close - a->price_min) / a->price_step;
    struct crest best[2][MOST];
    size_t n[2] = {0, 0};

    for (size_t row = 1; row + 1 < cells->rows; row++) {
        double away = 100.0 * fabs((double)row - now) * a->price_step / close;
        struct crest one = {row, value[row] / (1.0 + away / HALF_AT)};

        if ((double)row != now && is_crest(value, cells->rows, row))
            keep(best[(double)row > now], &n[(double)row > now], one);
    }
    liq_canvas_colour(c, 0xffffff, ALPHA);
    for (int side = 0; side < 2; side++) {
        for (size_t i = 0; i < n[side]; i++)
            draw_ridge(c, h, cells, best[side][i].row, last);
    }
}
