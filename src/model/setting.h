/* What stays the same through a run; private to the model. */
#ifndef LIQMAP_MODEL_SETTING_H
#define LIQMAP_MODEL_SETTING_H

#include <math.h>
#include <stdint.h>
#include "liqmap/model.h"
#include "lanes.h"

/* A band is one tier and side of one component of entries.  A side's are next
 * to each other, with one more that is not used, so that loops over all of them
 * fill whole registers. */
#define SIDE_BANDS 8
#define BANDS (LIQ_SIDES * SIDE_BANDS)
#define BAND(tier, side) ((side)*SIDE_BANDS + (tier))

/* Rows farther than this many deviations from the mean are left out (8). */
#define BAND_REACH 4.0

/*
 * factor   [BANDS] mean of a band per unit of the entry price, MODEL.md (6)
 * spread   [BANDS] its leverage spread, likewise (7)
 * inflow   [SIDE_BANDS] share of new entries (1), 0 for the unused band
 */
struct setting {
    struct liq_params params;
    struct liq_contract contract;
    struct liq_axis axis;
    double factor[BANDS], spread[BANDS], inflow[SIDE_BANDS];
    const struct lanes_ops *ops;
};

void setting_init(struct setting *s, const struct liq_params *params,
                  const struct liq_contract *contract,
                  const struct liq_axis *axis);
/* Whether a run with these continues one with the setting. */
bool setting_same(const struct setting *s, const struct liq_params *params,
                  const struct liq_contract *contract,
                  const struct liq_axis *axis);

/* What tier k keeps over this time, MODEL.md (4). */
double setting_decay(const struct setting *s, size_t tier, int64_t elapsed_ms);

#endif
