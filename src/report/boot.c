#include "boot.h"

#include <math.h>
#include <stdlib.h>

uint64_t boot_random(uint64_t *state)
{
    uint64_t x = *state += UINT64_C(0x9e3779b97f4a7c15);

    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

enum liq_err draws_init(struct draws *d, size_t n, size_t n_block,
                        uint64_t seed)
{
    uint64_t state = seed;

    *d = (struct draws){.n = n, .n_block = n_block};
    if (n_block == 0 || n > SIZE_MAX / sizeof *d->count / n_block)
        return LIQ_ENOMEM;
    d->count = calloc(n * n_block, sizeof *d->count);
    if (d->count == NULL)
        return LIQ_ENOMEM;
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < n_block; k++)
            d->count[i * n_block + boot_random(&state) % n_block]++;
    }
    return LIQ_OK;
}

void draws_free(struct draws *d)
{
    free(d->count);
    d->count = NULL;
}

static double of_counts(const struct sums *block, const uint16_t *count,
                        size_t n, stat_fn *stat)
{
    struct sums all = {{0.0}};

    for (size_t k = 0; k < n; k++) {
        double times = count != NULL ? (double)count[k] : 1.0;

        for (size_t i = 0; i < BOOT_SUMS; i++)
            all.at[i] += times * block[k].at[i];
    }
    return stat(&all);
}

double boot_run(const struct draws *d, const struct sums *block, stat_fn *stat,
                double *out)
{
    for (size_t i = 0; i < d->n; i++)
        out[i] = of_counts(block, d->count + i * d->n_block, d->n_block, stat);
    return of_counts(block, NULL, d->n_block, stat);
}

double quantile(const double *v, size_t n, double q)
{
    double at = q * (double)(n - 1);
    size_t i = (size_t)at;

    if (i + 1 >= n)
        return v[n - 1];
    return v[i] + (at - (double)i) * (v[i + 1] - v[i]);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

void sort_ascending(double *v, size_t n)
{
    if (n > 1)
        qsort(v, n, sizeof *v, compare);
}

size_t count_below(const double *v, size_t n, double x)
{
    size_t low = 0, high = n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (v[middle] < x)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void boot_interval(double *v, size_t n, double *low, double *high)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++) {
        if (isfinite(v[i]))
            v[kept++] = v[i];
    }
    *low = *high = NAN;
    if (kept == 0 || (n - kept) * 20 > n)
        return;
    sort_ascending(v, kept);
    *low = quantile(v, kept, 0.025);
    *high = quantile(v, kept, 0.975);
}
