/* Executed liquidations of one candle, side and price row, added up: what can
 * be drawn of many thousand. */
#ifndef LIQMAP_API_CLUSTERS_H
#define LIQMAP_API_CLUSTERS_H

#include <stdbool.h>
#include <stddef.h>
#include "liqmap/err.h"
#include "liqmap/jsonw.h"
#include "liqmap/series.h"

/* As many are written at most, the largest first. */
#define LIQ_CLUSTERS_MAX 1000

struct liq_clusters;

/* NULL: no memory.  Its size does not depend on what is added. */
struct liq_clusters *liq_clusters_new(void);
/* NULL is fine. */
void liq_clusters_free(struct liq_clusters *c);

/*
 * Add one liquidation.
 *
 * candle  0 .. 2047
 * l       finite usd; without a price or dollars it is left out
 *
 * Rows have equal ratios, 0.05 % at first; where there would be too many
 * clusters, rows are merged two by two until there are not.
 */
void liq_clusters_add(struct liq_clusters *c, size_t candle,
                      const struct liq_liquidation *l);

/*
 * "clusters": arrays of equal length, by dollars from the largest; price is the
 * mean by dollars.  row_percent: how high a row is.  all: how many there are.
 * Afterwards nothing can be added.
 */
void liq_clusters_encode(struct liq_clusters *c, struct liq_jsonw *w);

#endif
