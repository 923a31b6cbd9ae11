/* Ordinary least squares, and predictions out of fold; private to the report.
 */
#ifndef LIQMAP_REPORT_OLS_H
#define LIQMAP_REPORT_OLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OLS_COLUMNS 32
#define OLS_FOLDS 5

/* Rows [first, end) of a table. */
struct ols_range {
    size_t first, end;
};

/*
 * The coefficients b[p] that make sum((y - X b)^2) over the rows of both ranges
 * smallest: normal equations, scaled to a unit diagonal, Cholesky.  A column
 * that the ones before it explain (what is left of its variance is below 1e-9)
 * gets the coefficient 0.
 *
 * column  [p] of X, p <= OLS_COLUMNS; every value finite
 */
void ols_fit(const double *const *column, size_t p, const double *y,
             const struct ols_range range[2], double *b);

/*
 * out[n]: each row predicted by a fit that has not seen it.  The rows are
 * ascending in time; OLS_FOLDS contiguous folds of equal size that do not
 * divide rows of one time, and a fit leaves out what lies within purge_ms of
 * its fold.  rising: the last column may only add: where its coefficient would
 * be below 0, the fit is that of the others.
 */
void ols_out_of_fold(const double *const *column, size_t p, const double *y,
                     const int64_t *time_ms, size_t n, int64_t purge_ms,
                     bool rising, double *out);

#endif
