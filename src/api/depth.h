/* The depth route: order books by bins of price, in dollars. */
#ifndef LIQMAP_API_DEPTH_H
#define LIQMAP_API_DEPTH_H

#include "internal.h"

/* Farther from the price, as a part of it, nothing is shown. */
#define LIQ_DEPTH_RANGE 0.05
/* Bins of a side at most: the range and a quarter of it in the smallest steps,
 * 0.008 % of the price, and some more. */
#define LIQ_DEPTH_BINS 800
#define LIQ_DEPTH_WALLS 5

/*
 * One side.  Bin i covers (first + i) * step up to the next; its dollars are in
 * usd[i], from the lowest price on.  from and to: between what prices the
 * exchanges give it; n is 0 when nothing lies in range.
 */
struct liq_depth_side {
    double usd[LIQ_DEPTH_BINS];
    int64_t first;
    size_t n;
    double sum, from, to;
};

/* A bin that holds many times what its neighbours hold. */
struct liq_depth_wall {
    size_t bin;
    double times; /* the median of its neighbours */
};

/*
 * price  the middle of the best bid and the best ask, quote per base unit
 * step   of the bins: 1, 2 or 5 times a power of ten, at most 0.02 % of price
 */
struct liq_depth_bins {
    double price, step;
    struct liq_depth_side bid, ask;
};

/* The middle of an order book. */
double liq_depth_price(const struct liq_depth *d);
/* Empty bins around a price > 0. */
void liq_depth_bins_init(struct liq_depth_bins *b, double price);
/* Add what lies in range of the price. */
void liq_depth_bins_add(struct liq_depth_bins *b, const struct liq_depth *d);
/* Drop empty bins beyond what the exchanges give, and find the sums. */
void liq_depth_bins_end(struct liq_depth_bins *b);

/*
 * The walls of a side, the largest first, into out[LIQ_DEPTH_WALLS]; returns
 * how many.  A bin is a wall when it holds at least five times the median of
 * the bins that hold anything among the ten on either side of it, eight of
 * those at least, and at least a hundredth of the side.
 */
size_t liq_depth_walls(const struct liq_depth_side *s,
                       struct liq_depth_wall *out);

/* Begin the response of /api/v1/depth to a call; done is called exactly once,
 * perhaps before this returns. */
void liq_depth_start(struct liq_api *a, struct liq_api_call *c,
                     const struct liq_query *q,
                     void (*done)(struct liq_api_call *c));

#endif
