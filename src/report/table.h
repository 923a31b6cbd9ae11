/* Observations: one row a bar and side, or a bar; private to the report. */
#ifndef LIQMAP_REPORT_TABLE_H
#define LIQMAP_REPORT_TABLE_H

#include <stddef.h>
#include <stdint.h>
#include "liqmap/err.h"

/* The map, and the placebos that go the same way. */
enum map_kind {
    MAP_REAL,
    MAP_AVERAGE,  /* the mean of all maps so far */
    MAP_DAY,      /* of 24 h before, moved to the price of now */
    MAP_DAYS,     /* of 72 h before */
    MAP_WEEK,     /* of 168 h before */
    MAP_OTHER,    /* of the other side, mirrored */
    MAP_SHUFFLED, /* of a random moment 24 to 168 h before, moved likewise */
    MAPS
};

extern const char *const map_name[MAPS];

#define EXTREMES 6 /* 4, 8, 12, 24, 72, 168 h */

/*
 * A row is of a bar and a side: what a fall does to longs, a rise to shorts.
 * In the table of whole bars the move is the bar's range.
 *
 * MOVE          ln(excursion in % + 0.02);  MOVE2 .. MOVE4: its powers
 * VOLUME        ln of the bar's quote volume over the mean of 48 bars before
 * EXCURSION     min(excursion in %, 5);  RAW: not cut
 * OPPOSITE      excursion to the other side, cut likewise
 * RETURN        % of the bar, positive toward this side
 * VOLATILITY    % a bar, over the 48 h before
 * BEFORE        log10(dollars of the bar before on this side + 1e4)
 * BEYOND        % past the extreme of that many hours
 * CROSSED       share of the volume of 7 days at the prices that were crossed
 * Z             [MAPS] ln(100 x swept share + 0.005)
 * Y             log10(reported dollars + 1e4); NaN: not known
 * HEAT          ln VOLATILITY;  HEAT2: its square;  MOVE_HEAT: MOVE x HEAT
 * VOLUME_BEFORE, RANGE_BEFORE  of the bar before, over 48 bars before it
 * FURTHER       % of the next bar's close past this one's, toward this side
 * MODELLED      dollars swept, an upper bound;  REPORTED: dollars liquidated
 */
enum column {
    C_ONE,
    C_MOVE,
    C_MOVE2,
    C_SIDE,
    C_VOLUME,
    C_VOLUME_MOVE,
    C_EXCURSION,
    C_OPPOSITE,
    C_RETURN,
    C_VOLATILITY,
    C_BEFORE,
    C_BEYOND,
    C_CROSSED = C_BEYOND + EXTREMES,
    C_Z,
    C_Y = C_Z + MAPS,
    C_MOVE3,
    C_MOVE4,
    C_HEAT,
    C_HEAT2,
    C_MOVE_HEAT,
    C_VOLUME_BEFORE,
    C_RANGE_BEFORE,
    C_RAW,
    C_NEXT_RANGE,
    C_NEXT_VOLUME,
    C_FURTHER,
    C_MODELLED,
    C_REPORTED,
    COLUMNS
};

/* Rows ascending in time. */
struct table {
    size_t n, room;
    double *column[COLUMNS]; /* [room] each, one allocation: column[0] */
    int64_t *time_ms;        /* [room] owned */
    size_t *block;           /* [room] owned; which day or week */
};

/* An empty table for up to room rows. */
LIQ_MUST_CHECK enum liq_err table_init(struct table *t, size_t room);
void table_free(struct table *t);
/* The rows of from where column c is finite and at least min. */
LIQ_MUST_CHECK enum liq_err table_filter(const struct table *from,
                                         enum column c, double min,
                                         struct table *out);

#endif
