/* The loops that take most of a run's time, several bands or rows at once;
 * private to the model. */
#ifndef LIQMAP_MODEL_LANES_H
#define LIQMAP_MODEL_LANES_H

#include <stddef.h>
#include <stdint.h>
#include "liqmap/model.h"

/* Rows at once.  Up to one less than that before the first row and behind the
 * last one are read and written back as they were. */
#define LANES 8
/* What is read and written at once is best within a cache line. */
#define LINE_BYTES 64

struct setting;
struct components;
struct bands;
struct outside;
struct round_unit;

/* So many candles at once: two registers at least, which need not wait for each
 * other. */
#define BATCH (2 * LANES)

/* Where entries are, quote per base: mean > 0, sigma >= 0. */
struct gaussians {
    double mean[BATCH], sigma[BATCH];
};

/*
 * Engine candles with one unit of round prices, and their entries (5).
 *
 * high .. volume  [BATCH] of the candles, volume in quote currency
 * at, amount      [BATCH] the Gaussian, and what of the volume it has
 * first, last     [BATCH] numbers of the round prices in the candle; INFINITY
 *                 and 0 for none
 * each            [BATCH] what of the volume each of these has
 */
struct batch {
    double high[BATCH], low[BATCH], close[BATCH], volume[BATCH];
    struct gaussians at;
    double amount[BATCH], first[BATCH], last[BATCH], each[BATCH];
};

/* What is true for all candles of a batch: their entries are from `low` to
 * `high`, their round prices from number first to number last. */
struct ends {
    double low, high, first, last;
};

/*
 * A tier's bands, where place says that they are, and its cells.
 *
 * at    [side][component / LANES]
 * cell  [rows] between LANES others
 */
struct tier_bands {
    const struct bands *at[LIQ_SIDES];
    double *cell;
};

/* Some tiers' cells and what a unit of them is worth. */
struct weighed {
    const double *cell[LIQ_TIERS];
    double weight[LIQ_TIERS];
    size_t n;
};

/*
 * Each operation is the same on every lane and in the same order, so the bytes
 * do not depend on what the processor has; wider registers only do more of
 * them at once.
 */
struct lanes_ops {
    /*
     * Where the bands of a tier lie; what of them is in no row is added to
     * `to`.
     *
     * out   [side][component / LANES]
     */
    void (*place)(const struct setting *s, size_t tier,
                  const struct components *c, struct outside *to,
                  struct bands *const out[LIQ_SIDES]);
    /*
     * Add the mass of the bands of components [from, end) to the rows of n
     * tiers (8): to each the integral of the normal density over it, from its
     * series about the middle of the row where rows are low.  Relative error at
     * most 1e-10, in a row 4 sigma out; far less elsewhere.
     */
    void (*add_bands)(const struct tier_bands *tier, size_t n, size_t from,
                      size_t end);
    /*
     * From the candles of c, their entries: as entries_of finds them, with
     * round_share of the volume at round prices.  Entries are taken to be
     * within reach deviations of their mean.
     */
    void (*enter)(const struct round_unit *u, double round_share, double reach,
                  struct batch *c, struct ends *out);
    /*
     * What of the bands that such entries make is in a row (8), from the series
     * or as a difference like above; 0 where the row is beyond their reach.
     *
     * band  BAND(tier, side) of all of them
     * row   number of the row, whole
     */
    void (*share_row)(const struct setting *s, size_t band, double row,
                      const struct gaussians *entries, double share[BATCH]);
    /* Add to those of the candles that have this round price in them the mass
     * of a band there, given its share of the row. */
    void (*add_round)(const struct batch *c, double number, double share,
                      double mass[BATCH]);
    /* out[i] = the sum of weight[k] * cell[k][i] over the tiers weighed, for
     * i < n; out has room for n rounded up to whole LANES.  The largest of
     * them, all >= 0. */
    double (*weigh)(const struct weighed *w, size_t n, double *out);
    /* Rows whose mass has grown to more than `growth` times what it was have
     * this birth. */
    void (*renew)(const double *before, const double *now, double growth,
                  size_t n, int64_t birth_ms, int64_t *birth);
};

/* Those that suit the processor. */
const struct lanes_ops *lanes_ops(void);

#endif
