/* A map's inside, for what is derived from it; private to the model. */
#ifndef LIQMAP_MODEL_MAP_H
#define LIQMAP_MODEL_MAP_H

#include "ages.h"
#include "book.h"
#include "liqmap/model.h"

/*
 * mixed    a sum: the live cells have gone through the side filter already, and
 *          a row next to the close may hold both sides
 * before   the book before the newest candle, so that it can be run again
 * live     the book after it
 * closed   the ages of the newest closed column, for the same reason
 * birth    [rows] those of the newest column
 * cell     [room][rows]: the grid, columns oldest first
 * candle   [room]: the display candles of the columns
 * peak     [room]: the largest cell of each column
 * hidden   how many display candles of the series come before the columns
 */
struct liq_map {
    bool valid, mixed;
    struct setting setting;
    uint64_t epoch;
    int64_t display_ms, start_ms, newest_ms;
    unsigned tiers, sides;
    struct book before, live;
    struct ages closed;
    int64_t *birth;
    double *cell;
    struct liq_kline *candle;
    double *peak;
    size_t columns, room, rows, hidden;
    double total;
    size_t steps;
};

/* The newest column. */
const double *map_last(const struct liq_map *m);
double map_close(const struct liq_map *m);
/* What one tier has in the newest column, with the map's filters. */
void map_tier(const struct liq_map *m, size_t tier, double *out);

/* Forget everything. */
void map_empty(struct liq_map *m);
/* Room for the columns and, when there are other rows than before, for the
 * books; rows, columns > 0.  What the columns held is kept. */
LIQ_MUST_CHECK enum liq_err map_reserve(struct liq_map *m, size_t rows,
                                        size_t columns);
/* The largest of these, all >= 0. */
double map_max(const double *value, size_t n);

#endif
