/* One refresh of a series, from the first request to the series that is
 * published. */
#ifndef LIQMAP_SERIES_REFRESH_H
#define LIQMAP_SERIES_REFRESH_H

#include "liqmap/series_store.h"

/* Begin it; key is settled by it, perhaps before this returns.  old is what the
 * cache has for key: a struct liq_series, or NULL; borrowed for the call. */
void liq_refresh_begin(const struct liq_series_options *o,
                       struct liq_exchange *x, const struct liq_context *ctx,
                       const struct liq_key *key, struct liq_item *old);

#endif
