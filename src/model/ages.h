/* Since when the rows of a column have held; private to the model. */
#ifndef LIQMAP_MODEL_AGES_H
#define LIQMAP_MODEL_AGES_H

#include <stddef.h>
#include "liqmap/model.h"
#include "lanes.h"

/*
 * What is known of one column.
 *
 * birth    [rows] open time of the display candle since which the row has held
 * mass     [rows] the column
 * close_row, open_ms  of its display candle; open_ms -1 before the first
 */
struct ages {
    int64_t *birth;
    double *mass;
    ptrdiff_t close_row;
    int64_t open_ms;
};

/*
 * The column after it.
 *
 * mass          [rows]; only rows below `low` and from `high` on, where those
 *               between will be visited before anybody asks for their birth
 * first, last   rows that price visited in the display candle: -1 below the
 *               axis, rows above it
 */
struct ages_column {
    const double *mass;
    size_t low, high;
    ptrdiff_t first, last;
    int64_t open_ms;
};

/* MODEL.md 8: [rows] births from those of the column before; birth may be that
 * column's own. */
void ages_next(const struct lanes_ops *ops, const struct ages *before,
               const struct ages_column *now, size_t rows, int64_t *birth);

#endif
