/* Bands on the price axis; private to the model. */
#ifndef LIQMAP_MODEL_BAND_H
#define LIQMAP_MODEL_BAND_H

#include "setting.h"

/* Components whose bands are computed together; whole LANES. */
#define COMPONENTS_MAX 32

/*
 * Components of candles' entries, oldest first.
 *
 * entry, sigma  [n] mean and standard deviation, quote per base
 * volume        [n] quote volume
 * scale         [tier][n] the tier's, when the component is added
 * cut           [side][n] the row at whose lower edge nothing lives any more:
 *               the close's for longs, the one above it for shorts; counted on
 *               beyond the axis
 * stop          [side][n] the rows that outlast what is known to come: below it
 *               for longs, from it on for shorts; none on the wrong side of cut
 * near          [side][n] 1 where what is outside near outlasts it, else 0
 * near_from     [side] where the first 1 is
 * least_entry   not above any entry
 * n             whole LANES; the last may have no volume
 */
struct components {
    _Alignas(LINE_BYTES) double entry[COMPONENTS_MAX];
    double sigma[COMPONENTS_MAX], volume[COMPONENTS_MAX];
    double scale[LIQ_TIERS][COMPONENTS_MAX];
    double cut[LIQ_SIDES][COMPONENTS_MAX], stop[LIQ_SIDES][COMPONENTS_MAX];
    double near[LIQ_SIDES][COMPONENTS_MAX];
    size_t near_from[LIQ_SIDES];
    double least_entry;
    size_t n;
};

/*
 * Where the bands of one tier and side of LANES components lie.  Their rows are
 * counted from the edge away from the close: up for longs, down for shorts, so
 * that what is cleared later leaves out the last ones.  Distances from the mean
 * are in sigma; those of shorts count down.
 *
 * n            how many rows outlast what is known to come
 * row          the edge: rows [row, row + n) of longs, [row - n, row) of shorts
 * x, pitch     of the edge; from one edge to the next
 * amount       mass in units of the tier's cells
 * most         not less than any n
 * Of narrow bands, where any has rows:
 * rows         amounts of the rows behind the edge (longs) or before it, in
 *              their order on the axis, 0 in those that are not its own
 * Of the others:
 * density      of the first LANES rows, in their order on the axis: the amount
 *              there were the density in their middles the same all over them
 * ratio        what that is multiplied with to be the same LANES rows on
 * shrink       what the ratio is multiplied with there
 * series       amount of a row by its density, as a polynomial in the square of
 *              its middle
 */
#define BAND_TERMS 10
#define NARROW_ROWS (2 * LANES)
struct bands {
    _Alignas(LINE_BYTES) double n[LANES];
    double row[LANES], x[LANES], pitch[LANES], amount[LANES];
    double rows[LANES][NARROW_ROWS];
    double density[LANES][LANES], ratio[LANES][LANES], shrink[LANES];
    double series[BAND_TERMS][LANES];
    double most;
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
