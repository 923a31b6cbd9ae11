/*
 * Seven-tier Gaussian liquidation density: candles in, price x time grid out.
 * The mathematics is in src/model/MODEL.md; the numbers in brackets below are
 * its sections.  No I/O, no clock, no globals that change: the same input gives
 * the same bytes.
 */
#ifndef LIQMAP_MODEL_H
#define LIQMAP_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "liqmap/err.h"
#include "liqmap/series.h"

#define LIQ_MODEL_NAME "gauss7"
#define LIQ_MODEL_VERSION 2

#define LIQ_TIERS 7
#define LIQ_ALL_TIERS ((1U << LIQ_TIERS) - 1U)

enum liq_side { LIQ_LONG, LIQ_SHORT };
#define LIQ_SIDES 2
#define LIQ_BOTH_SIDES 3U /* bit LIQ_LONG and bit LIQ_SHORT */

struct liq_tier {
    double leverage;        /* x, > 1 */
    double standing_share;  /* of open interest, 0 .. 1, all sum to 1 */
    double half_life_hours; /* > 0 */
};

struct liq_params {
    struct liq_tier tier[LIQ_TIERS];
    double leverage_spread;    /* of 1/leverage, one sigma, > 0 */
    double round_number_share; /* of the entries, 0 .. 1 */
    /* Of a contract whose exchange does not say it, below 1 / 100 [3a]. */
    double maintenance_margin_rate;
};

/* The defaults of [3]. */
extern const struct liq_params liq_params_gauss7;

/* Linear, 100x and 0.4 % [3a]: what is assumed where nothing is known. */
extern const struct liq_contract liq_contract_default;

/* Whether the limits make sense; liq_map_run refuses others. */
bool liq_contract_valid(const struct liq_contract *c);

/* The leverage at which the positions of a tier stand on this contract. */
double liq_tier_leverage(const struct liq_params *p,
                         const struct liq_contract *c, size_t tier);

/* The share of new entries that goes to each tier, summing to 1 [3]. */
void liq_inflow_shares(const struct liq_params *p, double share[LIQ_TIERS]);

/* The engine interval that suits a display interval [2]; 0 when the display
 * interval is none of 5m 15m 1h 4h 1d. */
int64_t liq_engine_ms(int64_t display_ms);

/* Candles of display_ms out of finer (or equal) ones [2].  in is ascending and
 * display_ms a multiple of its interval.  out is owned by the caller (free
 * out->at).  LIQ_OK or LIQ_ENOMEM. */
LIQ_MUST_CHECK enum liq_err liq_klines_aggregate(const struct liq_kline *in,
                                                 size_t n, int64_t display_ms,
                                                 struct liq_klines *out);

/* Row r covers [price_min + r price_step, price_min + (r + 1) price_step). */
struct liq_axis {
    double price_min;  /* quote per base, >= 0 */
    double price_step; /* > 0 */
    size_t rows;       /* > 0 */
};

#define LIQ_ROWS_MIN 50
#define LIQ_ROWS_MAX 800
#define LIQ_ROWS_DEFAULT 400

/* The axis for n >= 1 shown candles, about `rows` rows [4].  LIQ_EINVAL when
 * rows is out of its range or the prices leave the range of double. */
LIQ_MUST_CHECK enum liq_err liq_axis_fit(const struct liq_kline *shown,
                                         size_t n, int rows,
                                         struct liq_axis *out);
/* The axis for price +- percent (0 < percent < 100) [4]. */
LIQ_MUST_CHECK enum liq_err liq_axis_around(double price, double percent,
                                            int rows, struct liq_axis *out);
/* The row that holds price: 0 .. rows - 1, -1 below the axis, rows above. */
ptrdiff_t liq_axis_row(const struct liq_axis *a, double price);

/*
 * What one run of the model is given.
 *
 * kline     [n], n >= 1, engine candles ascending; borrowed for the call
 * epoch     a number that stays while only the newest candle changes or newer
 *           ones are appended, and changes with anything else
 * bars      how many display candles are shown, the newest ones; 1 and more
 * tiers     bit k: tier k is in the grid;  sides: bit LIQ_LONG, bit LIQ_SHORT.
 *           Both filter what is summed into the grid, never the book
 * contract  what it must be for liq_contract_valid
 */
struct liq_run {
    const struct liq_params *params;
    const struct liq_kline *kline;
    size_t n;
    uint64_t epoch;
    int64_t display_ms;
    struct liq_axis axis;
    size_t bars;
    unsigned tiers, sides;
    struct liq_contract contract;
};

/*
 * D[j][r], the mass in price row r after display candle j, in quote currency of
 * traded volume (see usd_per_unit in [7]).
 *
 * cell     [columns][rows], time slowest: cell[j * rows + r], >= 0, finite
 * candle   [columns] the display candles, oldest first
 */
struct liq_grid {
    const double *cell;
    const struct liq_kline *candle;
    size_t columns, rows;
    struct liq_axis axis;
    double max; /* the largest cell */
};

/* What lives after the newest candle, tier by tier, before any filter [4, 5].
 * below and above: mass that lies outside the rows, on that side of them. */
struct liq_book {
    double below[LIQ_TIERS][LIQ_SIDES], above[LIQ_TIERS][LIQ_SIDES];
    double total; /* all live mass: cells, below and above */
    double close;
    int64_t open_ms; /* of the newest engine candle */
    size_t rows;
};

/* A run that can be continued: it keeps the state before the newest engine
 * candle, so that a refresh costs one candle and not the whole series. */
struct liq_map;

LIQ_MUST_CHECK enum liq_err liq_map_new(struct liq_map **out);
void liq_map_free(struct liq_map *m);

/* A new map with the results of from, which liq_map_run continues as it would
 * from: the same candles are computed and the bytes are the same.  They share
 * nothing.  LIQ_OK, or LIQ_ENOMEM with *out as it was. */
LIQ_MUST_CHECK enum liq_err liq_map_copy(const struct liq_map *from,
                                         struct liq_map **out);
/* How many bytes of memory the map holds, itself included. */
size_t liq_map_bytes(const struct liq_map *m);

/*
 * Bring the map to what run describes.  When epoch, start, axis, display
 * interval, filters, contract and parameters are those of the last call and its
 * shown window does not begin earlier, only candles from the newest one of the
 * last call on are computed; else everything.  Both ways give the same bytes.
 *
 * LIQ_OK; LIQ_EINVAL for an argument out of range (a candle that breaks
 * series.h included); LIQ_ENOMEM.  On failure the map is as if new.
 */
LIQ_MUST_CHECK enum liq_err liq_map_run(struct liq_map *m,
                                        const struct liq_run *run);

/*
 * Make m the weighted sum of n >= 1 maps with the same axis, display interval
 * and filters: several exchanges on one map.  Columns, candles and close are
 * those of part[0]; to each is added a part's column of the same open time, or
 * the last one before it.  A level's birth is that of the part with the most
 * mass in its row.  m must be none of the parts, and is not to be continued.
 *
 * weight  [n] >= 0, finite, units of the sum per unit of each part
 *
 * LIQ_OK; LIQ_EINVAL when the parts do not fit together; LIQ_ENOMEM.  On
 * failure m is as if new.
 */
LIQ_MUST_CHECK enum liq_err liq_map_sum(struct liq_map *m,
                                        const struct liq_map *const *part,
                                        const double *weight, size_t n);

/* Results of the last successful run or sum; borrowed, valid until the next
 * one. */
struct liq_grid liq_map_grid(const struct liq_map *m);
struct liq_book liq_map_book(const struct liq_map *m);
/* How many engine candles the last run computed. */
size_t liq_map_steps(const struct liq_map *m);

/* The quantum of [7]: cells travel as round(mass / quantum) <= 1000.  1 when
 * max is 0 or below 1e-280. */
double liq_quantum(double max);

#endif
