/* The route watch: several symbols in one small response. */
#ifndef LIQMAP_API_WATCH_H
#define LIQMAP_API_WATCH_H

#include "internal.h"

#define LIQ_WATCH_MAX 12

/* The symbols of a request, each once. */
struct liq_watch_list {
    char symbol[LIQ_WATCH_MAX][LIQ_SYMBOL_SIZE];
    size_t n;
};

/* Read "BTCUSDT,ETHUSDT".  False with *why filled, which names the first bad
 * symbol. */
bool liq_watch_parse(const char *symbols, struct liq_watch_list *out,
                     struct liq_refusal *why);

/*
 * Respond to a call with one object per symbol.  Each object is a response of
 * its own in the cache, made from the map that the other routes share; the call
 * is parked in all of them, which takes no thread.  A symbol that fails has its
 * error in its place.
 *
 * q     of the route watch; its symbol is not used
 * done  called exactly once, when c->response is filled
 */
void liq_watch_start(struct liq_api *a, struct liq_api_call *c,
                     const struct liq_query *q,
                     const struct liq_watch_list *list,
                     void (*done)(struct liq_api_call *c));

#endif
