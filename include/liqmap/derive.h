/*
 * What is read off a map's newest column: levels, imbalance, cumulative mass,
 * and why a cell is hot; and the simpler model of a single leverage.  Pure
 * functions; MODEL.md 8 and 9.
 */
#ifndef LIQMAP_DERIVE_H
#define LIQMAP_DERIVE_H

#include <stddef.h>
#include <stdint.h>
#include "liqmap/model.h"

#define LIQ_LEVELS_MAX 10

/*
 * A band of neighbouring rows with much mass, MODEL.md (11).
 *
 * price       middle of its strongest row
 * from, to    lower and upper edge of the rows above half the strongest
 * peak        mass of the strongest row;  mass: of all its rows
 * side_share  its mass over all visible mass of its side, 0 .. 1
 * tier_share  [LIQ_TIERS] of its mass, summing to 1; all 0 where nothing of it
 *             lives now, as in a sum of maps that end at different candles
 * since_ms    open time of the display candle in which the band began to hold
 */
struct liq_level {
    enum liq_side side;
    double price, from, to;
    double peak, mass, side_share, distance_percent;
    double tier_share[LIQ_TIERS];
    int64_t since_ms;
};

struct liq_levels {
    struct liq_level at[LIQ_SIDES][LIQ_LEVELS_MAX]; /* by mass, largest first */
    size_t n[LIQ_SIDES];
};

/* The levels of the map's newest column, at most LIQ_LEVELS_MAX a side; the
 * map's tier and side filters hold.  LIQ_OK or LIQ_ENOMEM. */
LIQ_MUST_CHECK enum liq_err liq_map_levels(const struct liq_map *m,
                                           struct liq_levels *out);

/*
 * Short mass above the close minus long mass below it, within percent of it,
 * over their sum: -1 .. 1, MODEL.md (12).  Rows that lie partly within count in
 * part.  NaN when the axis does not reach that far or there is no mass.
 */
double liq_map_imbalance(const struct liq_map *m, double percent);

/*
 * Mass between the close and each row, MODEL.md (13): out[r] is the sum over
 * the rows from the close's to row r, both included, of the newest column.
 * out has the map's rows.
 */
void liq_map_cumulative(const struct liq_map *m, double *out);

/* The newest column by tier, with the map's filters: out[tier * rows + r].  A
 * row below the close holds longs, one above it shorts.  Of a sum: what lives
 * now of each part, whatever its newest candle is. */
void liq_map_by_tier(const struct liq_map *m, double *out);

/* One reason for a cell's mass. */
struct liq_cause {
    int64_t open_ms; /* of the display candle whose entries these are */
    size_t tier;
    double leverage; /* of the tier on this contract, x */
    double mass;     /* what is left of them in the cell */
};

/*
 * cell   mass of the cell, the sum of all causes: to 1e-9 of itself, or 1e-15
 *        of what was traded since it was swept
 * swept_ms  open time of the engine candle that last cleared the cell's side,
 *           0 if none did since the series began: what came before is gone
 * at     [n] the largest causes, largest first
 */
struct liq_why {
    enum liq_side side; /* LIQ_LONG for rows below the column's close */
    double cell;
    int64_t swept_ms;
    struct liq_cause *at; /* owned; free(at) */
    size_t n, all;        /* kept, and how many there were */
};

/*
 * Why the cell of `row` in the column of display candle `column_ms` (its open
 * time) holds what it does: MODEL.md (14).  run describes the map (its epoch,
 * bars and sides do not matter).  At most max causes are kept.  LIQ_ENOTFOUND
 * when no candle of the series lies in that column; LIQ_EINVAL for a row off
 * the axis or a contract that is not valid.
 */
LIQ_MUST_CHECK enum liq_err liq_explain(const struct liq_run *run,
                                        int64_t column_ms, ptrdiff_t row,
                                        size_t max, struct liq_why *out);

/* --- the model of a single leverage, MODEL.md 9 ----------------------------
 */

#define LIQ_SINGLE_BANDS_MAX 4000

/*
 * leverage      x, 1 < leverage <= 150
 * margin_rate   of notional, 0 .. 0.1, below 1/leverage
 * lambda        per hour, 0 .. 10
 * range_percent shown around the price, 0 < range < 100
 * band          height of a band, quote per base, > 0; 0: liq_single_band
 * long_share    of the accounts, 0 .. 1; NaN: half and half
 */
struct liq_single_params {
    double leverage, margin_rate, lambda, range_percent, band, long_share;
};

/* 250 for prices of 20 000 and above, else the round number near 1/400 of the
 * price. */
double liq_single_band(double price);

/* weight[n] a band, longs and shorts apart; band i covers price_min + i band.
 * outside: weight beyond the range.  weight is ln(volume), no dollars. */
struct liq_single {
    double price_min, band, outside;
    size_t n;
    double *longs, *shorts; /* [n] each, one allocation, free(longs) */
};

/* k [n] display candles, n >= 1; ages count from the open of the newest.
 * LIQ_OK, LIQ_EINVAL (also for more than LIQ_SINGLE_BANDS_MAX bands),
 * LIQ_ENOMEM. */
LIQ_MUST_CHECK enum liq_err liq_single_run(const struct liq_single_params *p,
                                           const struct liq_kline *k, size_t n,
                                           struct liq_single *out);

#endif
