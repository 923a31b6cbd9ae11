/* A view run through the model, on the axis that a question asks for. */
#ifndef LIQMAP_API_MAPPED_H
#define LIQMAP_API_MAPPED_H

#include "internal.h"
#include "liqmap/derive.h"

/*
 * run           what the model was given; borrows the view's candles
 * map           the caller's alone from open to close
 * max           the strongest cell, in quanta
 * usd_per_unit  dollars of open interest per unit of mass, NaN when unknown
 */
struct liq_mapped {
    struct liq_run run;
    const struct liq_map *map;
    struct liq_grid grid;
    struct liq_book book;
    double quantum, max, usd_per_unit;
    struct liq_maps_entry *entry;
};

/* LIQ_OK, and *m goes to liq_mapped_close; LIQ_EFORMAT when the model refuses
 * the candles, LIQ_ENOMEM. */
LIQ_MUST_CHECK enum liq_err liq_mapped_open(struct liq_api *a,
                                            const struct liq_shown *s,
                                            struct liq_mapped *m,
                                            struct liq_reason *why);
void liq_mapped_close(struct liq_api *a, struct liq_mapped *m);

/* The last row's mass in dollars; null in JSON where unknown. */
double liq_mapped_usd(const struct liq_mapped *m, double mass);

/* --- parts of a body that several routes have -------------------------------
 */

/* Which part of the book is summed: "filter". */
void liq_encode_filter(struct liq_jsonw *w, const struct liq_query *q);
/* "imbalance" within 1, 2, 5 and 10 percent. */
void liq_encode_imbalance(struct liq_jsonw *w, const struct liq_mapped *m);
/* "levels", longs and shorts. */
LIQ_MUST_CHECK enum liq_err liq_encode_level_lists(struct liq_jsonw *w,
                                                   const struct liq_mapped *m,
                                                   struct liq_reason *why);
/* A number with at most this many decimals, so that bodies stay small. */
void liq_encode_rounded(struct liq_jsonw *w, const char *key, double value,
                        double per_unit);

#endif
