/* Seeded resampling of blocks of days, and quantiles; private to the report. */
#ifndef LIQMAP_REPORT_BOOT_H
#define LIQMAP_REPORT_BOOT_H

#include <stddef.h>
#include <stdint.h>
#include "liqmap/err.h"

/* The next of an endless series of random bits (splitmix64). */
uint64_t boot_random(uint64_t *state);

/* How often each block is in each draw: count[draw * n_block + block]. */
struct draws {
    uint16_t *count; /* owned */
    size_t n, n_block;
};

/* n draws of n_block blocks with replacement.  The same seed gives the same
 * draws.  LIQ_OK or LIQ_ENOMEM. */
LIQ_MUST_CHECK enum liq_err draws_init(struct draws *d, size_t n,
                                       size_t n_block, uint64_t seed);
void draws_free(struct draws *d);

#define BOOT_SUMS 5

/* What the rows of one block amount to; a figure is a function of the sum of
 * blocks. */
struct sums {
    double at[BOOT_SUMS];
};

typedef double stat_fn(const struct sums *all);

/* The statistic of all blocks; out[d->n] that of each draw. */
double boot_run(const struct draws *d, const struct sums *block, stat_fn *stat,
                double *out);

/* The q-quantile (0 .. 1) of v[n] ascending, n > 0, linear between
 * neighbours. */
double quantile(const double *v, size_t n, double q);
/* How many of v[n] ascending are below x. */
size_t count_below(const double *v, size_t n, double x);
/* The interval of draws that holds 95 %: v[n] is sorted.  Draws that are NaN
 * are left out; NaN when more than a twentieth is. */
void boot_interval(double *v, size_t n, double *low, double *high);
void sort_ascending(double *v, size_t n);

#endif
