/* Bands on the price axis; private to the model. */
#ifndef LIQMAP_MODEL_BAND_H
#define LIQMAP_MODEL_BAND_H

#include "setting.h"

/*
 * One component of a candle's entries.
 *
 * entry, sigma  mean and standard deviation, quote per base
 * mass, amount  [BANDS] of its bands: as it is, and in the unit of the tier's
 *               cells; 0 for the unused bands
 * cut           [LIQ_SIDES] the row at whose lower edge nothing lives any more:
 *               the close's for longs, the one above it for shorts; counted on
 *               beyond the axis
 */
struct component {
    double entry, sigma;
    double mass[BANDS], amount[BANDS];
    double cut[LIQ_SIDES];
};

/*
 * Where the bands of a component lie.  Distances from the mean are in sigma.
 *
 * first, end   rows [first, end) of the axis hold the living mass
 * x, pitch     of the lower edge of the first row; from one edge to the next
 * below        share of the mass that lies below the first row
 */
struct bands {
    double first[BANDS], end[BANDS];
    double x[BANDS], pitch[BANDS], below[BANDS];
};

/*
 * Mass that is in no row.
 *
 * far, near   [BANDS] outside the axis, in units of the tier's cells: on the
 *             side of the rows that is away from the close, below them for
 *             longs, and on the one towards it
 * discarded   [BANDS] what lay on the wrong side of the close, as it was
 */
struct outside {
    double far[BANDS], near[BANDS], discarded[BANDS];
};

#endif
