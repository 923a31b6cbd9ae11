/* How an image looks: the parameters of heatmap.png that no other route has,
 * named as in the page's address. */
#ifndef LIQMAP_API_LOOK_H
#define LIQMAP_API_LOOK_H

#include "query.h"

#define LIQ_LOOK_NAMES                                                         \
    "width,height,theme,palette,scale,colour,axis,candles,ridges,profile"

/* Whether there is such a parameter; its bit. */
bool liq_look_find(const char *name, uint64_t *bit);
/* Read the value of one that there is; false with *why filled. */
bool liq_look_read(const char *name, const char *value, struct liq_look *look,
                   struct liq_refusal *why);

/* As a number, for keys of the cache, and back. */
uint64_t liq_look_pack(const struct liq_look *look);
struct liq_look liq_look_unpack(uint64_t packed);

#endif
