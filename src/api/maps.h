/* Model runs that can be continued, the most recently used ones kept. */
#ifndef LIQMAP_API_MAPS_H
#define LIQMAP_API_MAPS_H

#include <stddef.h>
#include "liqmap/cache.h"
#include "liqmap/err.h"
#include "liqmap/model.h"

struct liq_maps;

struct liq_maps *liq_maps_new(size_t max);
void liq_maps_free(struct liq_maps *m);

/* One map, the caller's alone from take to give. */
struct liq_maps_entry;

/*
 * The map of a key (shorter than LIQ_CACHE_KEY_SIZE), waiting for whoever has
 * it.  A key that is new takes the place of the one used longest ago; when all
 * are taken, or key is NULL, a map that will not be kept.  LIQ_OK or
 * LIQ_ENOMEM.
 */
LIQ_MUST_CHECK enum liq_err liq_maps_take(struct liq_maps *m, const char *key,
                                          struct liq_maps_entry **out);
struct liq_map *liq_maps_map(struct liq_maps_entry *e);
void liq_maps_give(struct liq_maps *m, struct liq_maps_entry *e);

#endif
