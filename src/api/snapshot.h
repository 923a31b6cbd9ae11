/* Views run through the model, on the axis that a question asks for. */
#ifndef LIQMAP_API_MAPPED_H
#define LIQMAP_API_MAPPED_H

#include "internal.h"
#include "liqmap/derive.h"

/*
 * One exchange's map.
 *
 * run           what the model was given; borrows the view's candles
 * usd_per_unit  dollars of open interest per unit of its mass, NaN when unknown
 * weight        what its mass counts in the map that is shown; 1 when it is
 *               alone
 */
struct liq_layer {
    const struct liq_part *part;
    struct liq_run run;
    struct liq_maps_entry *entry;
    double usd_per_unit, weight;
};

/*
 * layer  [n] the exchanges in it, the one whose candles are shown first
 * map    what is shown: layer[0]'s, or the sum of all; the caller's alone from
 *        open to close
 * max    the strongest cell, in quanta
 */
struct liq_mapped {
    struct liq_layer layer[LIQ_FAN_MAX];
    size_t n;
    struct liq_maps_entry *sum; /* NULL: one layer */
    const struct liq_map *map;
    struct liq_grid grid;
    struct liq_book book;
    double quantum, max, usd_per_unit;
};

/* LIQ_OK, and *m goes to liq_mapped_close; LIQ_EFORMAT when the model refuses
 * the candles, LIQ_ENOMEM. */
LIQ_MUST_CHECK enum liq_err liq_mapped_open(struct liq_api *a,
                                            const struct liq_shown *s,
                                            struct liq_mapped *m,
                                            struct liq_reason *why);
void liq_mapped_close(struct liq_api *a, struct liq_mapped *m);

/* Mass in dollars, NaN when unknown. */
double liq_mapped_usd(const struct liq_mapped *m, double mass);

/* --- parts of a body that several routes have ------------------------------
 */

/* Which part of the book is summed: "filter". */
void liq_encode_filter(struct liq_jsonw *w, const struct liq_query *q);
/* "imbalance" within 1, 2, 5 and 10 percent. */
void liq_encode_imbalance(struct liq_jsonw *w, const struct liq_mapped *m);
/* "profile": the newest column by tier, and summed outward from the price. */
LIQ_MUST_CHECK enum liq_err
liq_encode_profile_member(struct liq_jsonw *w, const struct liq_mapped *m,
                          struct liq_reason *why);
/* "levels", longs and shorts. */
LIQ_MUST_CHECK enum liq_err liq_encode_level_lists(struct liq_jsonw *w,
                                                   const struct liq_mapped *m,
                                                   struct liq_reason *why);
/* value to the nearest 1/per_unit, so that bodies stay small; key NULL: an
 * array's item. */
void liq_encode_rounded(struct liq_jsonw *w, const char *key, double value,
                        double per_unit);

#endif
