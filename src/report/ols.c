#include "ols.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* Share of a column's variance below which it counts as explained. */
static const double PIVOT_MIN = 1e-9;

static double dot(const double *a, const double *b,
                  const struct ols_range range[2])
{
    double sum = 0.0;

    for (size_t k = 0; k < 2; k++) {
        for (size_t i = range[k].first; i < range[k].end; i++)
            sum += a[i] * b[i];
    }
    return sum;
}

/* Lower triangle of the scaled X'X in a, scaled X'y in v; scale[p] is 0 for a
 * column of zeros. */
static void normal(const double *const *column, size_t p, const double *y,
                   const struct ols_range range[2],
                   double a[OLS_COLUMNS][OLS_COLUMNS], double *v, double *scale)
{
    for (size_t i = 0; i < p; i++) {
        double square = dot(column[i], column[i], range);

        scale[i] = square > 0.0 ? 1.0 / sqrt(square) : 0.0;
        for (size_t j = 0; j <= i; j++)
            a[i][j] = dot(column[i], column[j], range) * scale[i] * scale[j];
        v[i] = dot(column[i], y, range) * scale[i];
    }
}

/* a = L L' in place.  The diagonal of a column that is left out is 0. */
static void cholesky(double a[OLS_COLUMNS][OLS_COLUMNS], size_t p)
{
    for (size_t j = 0; j < p; j++) {
        double d = a[j][j];

        for (size_t k = 0; k < j; k++)
            d -= a[j][k] * a[j][k];
        a[j][j] = d > PIVOT_MIN ? sqrt(d) : 0.0;
        for (size_t i = j + 1; i < p; i++) {
            double s = a[i][j];

            for (size_t k = 0; k < j; k++)
                s -= a[i][k] * a[j][k];
            a[i][j] = a[j][j] > 0.0 ? s / a[j][j] : 0.0;
        }
    }
}

void ols_fit(const double *const *column, size_t p, const double *y,
             const struct ols_range range[2], double *b)
{
    double a[OLS_COLUMNS][OLS_COLUMNS], scale[OLS_COLUMNS];

    assert(p > 0 && p <= OLS_COLUMNS);
    normal(column, p, y, range, a, b, scale);
    cholesky(a, p);
    for (size_t i = 0; i < p; i++) {
        for (size_t k = 0; k < i; k++)
            b[i] -= a[i][k] * b[k];
        b[i] = a[i][i] > 0.0 ? b[i] / a[i][i] : 0.0;
    }
    for (size_t i = p; i-- > 0;) {
        for (size_t k = i + 1; k < p; k++)
            b[i] -= a[k][i] * b[k];
        b[i] = a[i][i] > 0.0 ? b[i] / a[i][i] : 0.0;
    }
    for (size_t i = 0; i < p; i++)
        b[i] *= scale[i];
}

/* Where fold f begins: never between rows of one time. */
static size_t fold_start(const int64_t *time_ms, size_t n, size_t f)
{
    size_t i = n * f / OLS_FOLDS;

    while (i > 0 && i < n && time_ms[i] == time_ms[i - 1])
        i++;
    return i;
}

static void predict(const double *const *column, size_t p, const double *b,
                    struct ols_range r, double *out)
{
    for (size_t i = r.first; i < r.end; i++) {
        out[i] = 0.0;
        for (size_t k = 0; k < p; k++)
            out[i] += b[k] * column[k][i];
    }
}

void ols_out_of_fold(const double *const *column, size_t p, const double *y,
                     const int64_t *time_ms, size_t n, int64_t purge_ms,
                     bool rising, double *out)
{
    for (size_t f = 0; f < OLS_FOLDS; f++) {
        struct ols_range fold = {fold_start(time_ms, n, f),
                                 fold_start(time_ms, n, f + 1)};
        struct ols_range seen[2] = {{0, fold.first}, {fold.end, n}};
        double b[OLS_COLUMNS];

        if (fold.first >= fold.end)
            continue;
        while (seen[0].end > 0 &&
               time_ms[seen[0].end - 1] > time_ms[fold.first] - purge_ms)
            seen[0].end--;
        while (seen[1].first < n &&
               time_ms[seen[1].first] < time_ms[fold.end - 1] + purge_ms)
            seen[1].first++;
        ols_fit(column, p, y, seen, b);
        if (rising && b[p - 1] < 0.0) {
            ols_fit(column, p - 1, y, seen, b);
            b[p - 1] = 0.0;
        }
        predict(column, p, b, fold, out);
    }
}
