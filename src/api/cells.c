#include "cells.h"

#include <assert.h>

/* The double below 0.5.  With it, x >= 0 is cut to what round gives; with 0.5
 * itself, the x below 0.5 would become 1. */
#define ALMOST_HALF 0x1.fffffffffffffp-2

/* Columns lie kilobytes apart, so that the processor does not foresee them: so
 * many ahead are requested. */
#define COLUMNS_AHEAD 16

/* LIQ_CELL_ROWS cells of column j: a number that compilers know, so that they
 * use vectors. */
static void read_whole(const double *cell, double quantum, size_t j,
                       int out[LIQ_CELL_ROWS][LIQ_COLUMNS_MAX])
{
    int whole[LIQ_CELL_ROWS];

    for (size_t i = 0; i < LIQ_CELL_ROWS; i++)
        whole[i] = (int)(cell[i] / quantum + ALMOST_HALF);
    for (size_t i = 0; i < LIQ_CELL_ROWS; i++)
        out[i][j] = whole[i];
}

size_t liq_cells_read(const struct liq_grid *g, double quantum, size_t from,
                      int out[LIQ_CELL_ROWS][LIQ_COLUMNS_MAX])
{
    size_t left = g->rows - from,
           n = left < LIQ_CELL_ROWS ? left : LIQ_CELL_ROWS;

    assert(g->columns <= LIQ_COLUMNS_MAX);
    for (size_t j = 0; j < g->columns; j++) {
        const double *cell = g->cell + j * g->rows + from;

        if (j + COLUMNS_AHEAD < g->columns)
            __builtin_prefetch(cell + COLUMNS_AHEAD * g->rows);
        if (n == LIQ_CELL_ROWS) {
            read_whole(cell, quantum, j, out);
            continue;
        }
        for (size_t i = 0; i < n; i++)
            out[i][j] = (int)(cell[i] / quantum + ALMOST_HALF);
    }
    return n;
}
