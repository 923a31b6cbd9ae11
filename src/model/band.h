/* Bands on the price axis; private to the model. */
#ifndef LIQMAP_MODEL_BAND_H
#define LIQMAP_MODEL_BAND_H

#include <stddef.h>
#include "setting.h"

/*
 * Where the bands of one component of entries lie: rows [first, end) of the
 * axis hold their living mass, and x is the distance from the mean in
 * 1 / NORMAL_PER_SIGMA sigma.
 *
 * pitch         from one edge to the next
 * first_x, end_x  of the edges of those rows; equal at the nearer end of the
 *               axis when there are none
 * cut_x         of the cut
 */
struct band_places {
    double pitch[BANDS];
    double first[BANDS], end[BANDS];
    double first_x[BANDS], end_x[BANDS], cut_x[BANDS];
};

/*
 * cut   [LIQ_SIDES] the row at whose lower edge nothing lives any more: the
 *       close's for longs, the one above it for shorts; counted on beyond the
 *       axis
 */
void band_place(const struct setting *s, double entry, double entry_sigma,
                const double cut[LIQ_SIDES], struct band_places *out);

/*
 * Add mass to the rows of one band (8), and what lies outside to below and
 * above.  row has the axis' rows and LANES behind them.
 */
void band_add(const struct setting *s, const struct band_places *p,
              enum liq_side side, size_t tier, double cut, double mass,
              double *row, double *below, double *above);

/* Share of a row in a band, 0 where band_add would leave it out. */
double band_row(const struct setting *s, const struct band *b,
                enum liq_side side, ptrdiff_t close_row, ptrdiff_t row);

#endif
