/* The cells of a map as the whole numbers that responses have. */
#ifndef LIQMAP_API_CELLS_H
#define LIQMAP_API_CELLS_H

#include <stddef.h>
#include "liqmap/model.h"

/* The most bars of a map. */
#define LIQ_COLUMNS_MAX 1500

/* Rows read together: a cache line holds so many of a column. */
#define LIQ_CELL_ROWS 8

/*
 * Rows from .. from + LIQ_CELL_ROWS - 1 of the grid in quanta, rounded; how
 * many of them there are.
 *
 * from     < g->rows
 * quantum  > 0, and no cell holds 2^31 of it; columns <= LIQ_COLUMNS_MAX
 */
size_t liq_cells_read(const struct liq_grid *g, double quantum, size_t from,
                      int out[LIQ_CELL_ROWS][LIQ_COLUMNS_MAX]);

#endif
