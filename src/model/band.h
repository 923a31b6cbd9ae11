/* One row of one band; private to the model. */
#ifndef LIQMAP_MODEL_BAND_H
#define LIQMAP_MODEL_BAND_H

#include "liqmap/model.h"

/* What liq_band_add would add to this row of the axis. */
double band_row(const struct liq_axis *axis, const struct liq_band *b,
                enum liq_side side, double close, ptrdiff_t row);

#endif
