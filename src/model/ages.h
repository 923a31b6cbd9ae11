/* Since when the bands of a column have held; private to the model. */
#ifndef LIQMAP_MODEL_AGES_H
#define LIQMAP_MODEL_AGES_H

#include <stddef.h>
#include "liqmap/model.h"

/*
 * birth    [rows] open time of the display candle in which the band that the
 *          row belongs to began
 * column   [rows] the masses those bands were read off
 * open_ms  the column's display candle, -1 before the first
 */
struct ages {
    int64_t *birth;
    double *column;
    ptrdiff_t close_row;
    int64_t open_ms;
};

/* The row of the local maximum that each row climbs to, its own for a maximum
 * and for a row without mass; peak[rows] is overwritten. */
void ages_peaks(const double *column, size_t rows, size_t *peak);

/* out from the column before it (MODEL.md 8); they must not be the same. */
void ages_step(const struct ages *before, struct ages *out,
               const double *column, const struct liq_axis *axis,
               const struct liq_kline *candle, size_t *peak);

#endif
