/* The loops that take most of a run's time, several bands or rows at once;
 * private to the model. */
#ifndef LIQMAP_MODEL_LANES_H
#define LIQMAP_MODEL_LANES_H

#include <stddef.h>
#include "liqmap/model.h"

/* Rows at once.  Up to one less than that behind the last row are read and
 * written back as they were. */
#define LANES 8

struct setting;
struct component;
struct bands;
struct outside;

/* Bands of any tiers and candles: mean above the lower end of the axis, and
 * the square of the deviation > 0, quote per base. */
#define REACHES (2 * LANES)
struct reach {
    double mean[REACHES], variance[REACHES];
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
    /* Where the bands of a component lie; what of them is in no row is added
     * to `to`. */
    void (*place)(const struct setting *s, const struct component *c,
                  struct outside *to, struct bands *out);
    /*
     * Add the mass of each band to its rows (8): to each the integral of the
     * normal density over it, from its series about the middle of the row where
     * rows are low.  Relative error at most 1e-10, in a row 4 sigma out; far
     * less elsewhere.
     *
     * at    where place says that the bands of c are
     * cell  [LIQ_TIERS][rows], and what is behind them (LANES)
     */
    void (*add_bands)(const struct bands *at, const struct component *c,
                      size_t rows, double *cell);
    /* What of each band is in a row (8), rows of height step; 0 where the row
     * is beyond its reach. */
    void (*share_row)(const struct reach *to, double row, double step,
                      double share[REACHES]);
    /* out[i] = the sum of weight[k] * cell[k][i] over the tiers weighed, for
     * i < n; out has room for n rounded up to whole LANES.  The largest of
     * them, all >= 0. */
    double (*weigh)(const struct weighed *w, size_t n, double *out);
};

/* Those that suit the processor. */
const struct lanes_ops *lanes_ops(void);

#endif
