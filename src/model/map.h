/* A map's inside, for what is derived from it; private to the model. */
#ifndef LIQMAP_MODEL_MAP_H
#define LIQMAP_MODEL_MAP_H

#include "ages.h"
#include "book.h"
#include "liqmap/model.h"

/*
 * before   the book before the newest candle, so that it can be run again
 * live     the book after it
 * closed   the ages of the newest closed column, for the same reason
 * ages     those of the newest column
 * cell     [room][rows]: the grid, columns oldest first
 * display  all display candles of the series; the last `columns` are shown
 */
struct liq_map {
    bool valid;
    struct setting setting;
    uint64_t epoch;
    int64_t display_ms, start_ms, newest_ms;
    unsigned tiers, sides;
    struct book before, live;
    struct ages closed, ages;
    double *scratch; /* [rows] a column that is not shown */
    size_t *peak;    /* [rows] */
    double *cell;
    size_t columns, room, rows;
    struct liq_klines display;
    double max, total;
    size_t steps;
};

/* The newest column. */
const double *map_last(const struct liq_map *m);
double map_close(const struct liq_map *m);

/* Forget everything. */
void map_empty(struct liq_map *m);
/* Room for the columns and, when there are other rows than before, for the
 * books; rows, columns > 0. */
LIQ_MUST_CHECK enum liq_err map_reserve(struct liq_map *m, size_t rows,
                                        size_t columns);
bool map_same_axis(const struct liq_axis *a, const struct liq_axis *b);
/* max and total from cells and book. */
void map_sum_up(struct liq_map *m);

#endif
