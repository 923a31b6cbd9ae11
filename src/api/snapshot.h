/* Snapshots: the model run over series, on the axis of a query; immutable once
 * made. */
#ifndef LIQMAP_API_SNAPSHOT_H
#define LIQMAP_API_SNAPSHOT_H

#include "internal.h"
#include "liqmap/derive.h"

/*
 * One exchange's part.
 *
 * series        a reference
 * run           what the model was given, but for the candles: the series'
 * usd           its open interest in quote currency, NaN when unknown
 * usd_per_unit  dollars of open interest per unit of its mass, NaN when unknown
 * weight        of its mass in the map; 1 when it is alone
 */
struct liq_layer {
    struct liq_series *series;
    struct liq_run run;
    double usd, usd_per_unit, weight;
};

/*
 * layer  [n] its exchanges; the candles shown are layer[0]'s
 * part   [n] their series, as parts of item
 * map    layer[0]'s, or the sum of all
 * grid, book  of the map, borrowed from it
 * max    the strongest cell, in quanta
 */
struct liq_snapshot {
    struct liq_item item; /* must be first */
    struct liq_layer layer[LIQ_SOURCES_MAX];
    struct liq_item *part[LIQ_SOURCES_MAX];
    size_t n;
    struct liq_map *map;
    struct liq_grid grid;
    struct liq_book book;
    double quantum, max, usd_per_unit;
};

/*
 * The snapshot of a query's sources: the cached one if it was made of the same
 * series, else a copy of the cached map is continued.
 *
 * Of a source whose map cannot be made, the series of the last good map is used
 * while that is not too old: the source is stale then, with the reason.  Where
 * there is none, a sum excludes the source.  c says what was used.
 *
 * LIQ_OK, and *out must go to liq_item_release(&s->item); LIQ_EFORMAT when the
 * model refuses the candles; LIQ_ENOMEM.
 */
LIQ_MUST_CHECK enum liq_err liq_snapshot_make(struct liq_content *c,
                                              struct liq_snapshot **out,
                                              struct liq_reason *why);

/* Mass in dollars, NaN when unknown. */
double liq_snapshot_usd(const struct liq_snapshot *m, double mass);

/* --- parts of a body that several routes have ----------------------------- */

/* "epoch": while it stays, so do the closed columns (in dollars of the same
 * axis).  It changes with the set of exchanges, their weights or limits, the
 * start of a series, and when an exchange corrects closed candles. */
uint64_t liq_snapshot_epoch(const struct liq_snapshot *m);
void liq_encode_epoch(struct liq_jsonw *w, const struct liq_snapshot *m);
/* "imbalance" within 1, 2, 5 and 10 percent. */
void liq_encode_imbalance(struct liq_jsonw *w, const struct liq_snapshot *m);
/* "profile": the newest column by tier, and summed outward from the price, in
 * thousandths of a quantum; when compact, in tenths and without the sums.  The
 * tiers are a hole. */
struct liq_holes;
LIQ_MUST_CHECK enum liq_err
liq_encode_profile_member(struct liq_jsonw *w, const struct liq_snapshot *m,
                          bool compact, struct liq_holes *holes,
                          struct liq_reason *why);
/* "levels", longs and shorts. */
LIQ_MUST_CHECK enum liq_err liq_encode_level_lists(struct liq_jsonw *w,
                                                   const struct liq_snapshot *m,
                                                   struct liq_reason *why);

#endif
