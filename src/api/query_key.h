/* Which routes have which parameters, for query.c and query_key.c. */
#ifndef LIQMAP_API_QUERY_KEY_H
#define LIQMAP_API_QUERY_KEY_H

#include "query.h"

#define BIT(route) (1U << LIQ_ROUTE_##route)
#define OF_HEATMAP (BIT(HEATMAP) | BIT(COMPACT))
#define OF_MAP                                                                 \
    (OF_HEATMAP | BIT(LEVELS) | BIT(PROFILE) | BIT(EXPLAIN) | BIT(PICTURE))
#define OF_PAST (OF_MAP | BIT(KLINES) | BIT(VOLUME) | BIT(SINGLE))
#define OF_SERIES (OF_PAST | BIT(WATCH) | BIT(LIQUIDATIONS))
#define OF_PROFILE (BIT(PROFILE) | BIT(SINGLE))
#define OF_EXCHANGE (OF_SERIES | BIT(TICKER) | BIT(DEPTH))

/* The query of a route without parameters. */
void liq_query_defaults(const struct liq_query_scope *scope,
                        enum liq_route route, struct liq_query *out);

#endif
