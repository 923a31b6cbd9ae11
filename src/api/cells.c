#include "cells.h"

#include <assert.h>

/* As round, for 0 <= x < 2^31. */
static int rounded(double x)
{
    int whole = (int)x;

    return whole + (x - whole >= 0.5);
}

size_t liq_cells_read(const struct liq_grid *g, double quantum, size_t from,
                      int out[LIQ_CELL_ROWS][LIQ_COLUMNS_MAX])
{
    size_t left = g->rows - from,
           n = left < LIQ_CELL_ROWS ? left : LIQ_CELL_ROWS;

    assert(g->columns <= LIQ_COLUMNS_MAX);
    for (size_t j = 0; j < g->columns; j++) {
        const double *cell = g->cell + j * g->rows + from;

        for (size_t i = 0; i < n; i++)
            out[i][j] = rounded(cell[i] / quantum);
    }
    return n;
}
