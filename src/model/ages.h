/* Since when the bands of a column have held; private to the model. */
#ifndef LIQMAP_MODEL_AGES_H
#define LIQMAP_MODEL_AGES_H

#include <stddef.h>
#include "liqmap/model.h"

/* A column and what price did in its display candle. */
struct ages_column {
    const double *mass; /* [rows] */
    ptrdiff_t low, high, close_row;
    int64_t open_ms;
};

/*
 * What is known of one closed column.
 *
 * birth    [rows] open time of the display candle in which the band that the
 *          row belongs to began
 * mass     [rows] the masses those bands were read off
 * open_ms  the column's display candle, -1 before the first
 */
struct ages {
    int64_t *birth;
    double *mass;
    ptrdiff_t close_row;
    int64_t open_ms;
};

/* Whether both neighbours of the row are not above it. */
static inline bool ages_is_peak(const double *column, size_t rows, size_t r)
{
    return !(r > 0 && column[r - 1] > column[r]) &&
           !(r + 1 < rows && column[r + 1] > column[r]);
}

/*
 * The births of the newest of n columns (MODEL.md 8), followed back band by
 * band: a few bands are far fewer than all bands of all columns.
 *
 * before  the column before seen[0]
 * seen    [n] consecutive columns, oldest first, n > 0
 * birth   [rows], overwritten; not before->birth
 */
void ages_trace(const struct ages *before, const struct ages_column *seen,
                size_t n, size_t rows, int64_t *birth);

#endif
