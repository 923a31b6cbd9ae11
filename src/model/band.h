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
 * near_is_lost  the next candle clears what is outside near, on both sides: it
 *               need not be computed
 */
struct component {
    double entry, sigma;
    double mass[BANDS], amount[BANDS];
    double cut[LIQ_SIDES];
    bool near_is_lost;
};

/*
 * Where the bands of a component lie.  Distances from the mean are in sigma.
 *
 * first, end   rows [first, end) of the axis hold the living mass
 * x, pitch     of the lower edge of the first row; from one edge to the next
 * density      of the first LANES rows: amount of the band there were the
 *              density in their middles the same all over them
 * ratio        what that is multiplied with to be the same LANES rows on
 * shrink       what the ratio is multiplied with there
 * series       amount of a row by its density, as a polynomial in the square of
 *              its middle
 * Bands with rows too high for the series have no use for the last four.
 */
#define BAND_TERMS 10
struct bands {
    double first[BANDS], end[BANDS];
    double x[BANDS], pitch[BANDS];
    double density[BANDS][LANES], ratio[BANDS][LANES], shrink[BANDS];
    double series[BAND_TERMS][BANDS];
};

/*
 * Mass that is in no row.
 *
 * far, near   [BANDS] outside the axis, in units of the tier's cells: on the
 *             side of the rows that is away from the close, below them for
 *             longs, and on the one towards it
 */
struct outside {
    double far[BANDS], near[BANDS];
};

#endif
