/* Which colour a density has, as on the page: www/js/data/scale.js. */
#ifndef LIQMAP_RENDER_SCALE_H
#define LIQMAP_RENDER_SCALE_H

#include "liqmap/render.h"

/* Cells as they travel to the page: whole units, time slowest. */
struct liq_cells {
    uint16_t *unit; /* [columns][rows], owned */
    size_t columns, rows;
    unsigned max;
};

/* How the non-empty cells of the closed columns are spread. */
struct liq_ranks {
    double *at_most; /* [max + 1] cells of at most so many units, owned */
    unsigned max;
    double total;
};

/* Units at the dark and at the bright end, and how it rises between. */
struct liq_range {
    double dark, bright, rise;
};

LIQ_MUST_CHECK enum liq_err liq_cells_of(const struct liq_grid *g,
                                         double quantum, struct liq_cells *out);
void liq_cells_free(struct liq_cells *c);
/* Means of blocks of cells, counted from the first column and the lowest row;
 * a block cut off by the edge is the mean of the cells that it has. */
LIQ_MUST_CHECK enum liq_err liq_cells_reduce(const struct liq_cells *c,
                                             size_t row_block,
                                             size_t column_block,
                                             struct liq_cells *out);

LIQ_MUST_CHECK enum liq_err liq_ranks_of(const struct liq_cells *c,
                                         struct liq_ranks *out);
void liq_ranks_free(struct liq_ranks *r);
/* The fewest units that so many percent of the cells do not exceed. */
unsigned liq_ranks_units(const struct liq_ranks *r, double percent);
/* Percent of the cells that do not exceed so many units. */
double liq_ranks_percent(const struct liq_ranks *r, double units);

struct liq_range liq_range_of(const struct liq_ranks *r,
                              const struct liq_look *look);
/* Colour 0 .. 255 of a number of units. */
unsigned liq_range_index(const struct liq_range *r, double units, bool log);

/* The scale's own axis: half of it is for the densest tenth of the cells.
 * Percent to a place, 0 .. 1, and back. */
double liq_place_of(double percent);
double liq_place_percent(double place);

#endif
