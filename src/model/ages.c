#include "ages.h"

/* A band that grows faster than this between two columns is a new one. */
static const double GROWTH_MAX = 2.0;

/* The neighbour that a row climbs to: the higher one, the lower row of two
 * equal ones; itself when none is above it. */
static size_t uphill(const double *mass, size_t rows, size_t r)
{
    size_t best = r;

    if (r > 0 && mass[r - 1] > mass[best])
        best = r - 1;
    if (r + 1 < rows && mass[r + 1] > mass[best])
        best = r + 1;
    return best;
}

/* The rows around a peak that climb to it and have more than half of it. */
struct band_rows {
    size_t from, to;
    double peak;
};

static struct band_rows band_at(const double *mass, size_t rows, size_t r)
{
    struct band_rows b;
    size_t next;

    while ((next = uphill(mass, rows, r)) != r)
        r = next;
    b = (struct band_rows){r, r, mass[r]};
    while (b.from > 0 && mass[b.from - 1] > b.peak / 2.0 &&
           uphill(mass, rows, b.from - 1) == b.from)
        b.from--;
    while (b.to + 1 < rows && mass[b.to + 1] > b.peak / 2.0 &&
           uphill(mass, rows, b.to + 1) == b.to)
        b.to++;
    return b;
}

/* The row of the column before that the band continues, or rows when it began
 * in this column. */
static size_t parent(const double *before, ptrdiff_t before_close,
                     const struct ages_column *now, const struct band_rows *b,
                     size_t rows)
{
    bool is_long = (ptrdiff_t)b->from < now->close_row;
    size_t best = b->from;

    for (size_t r = b->from + 1; r <= b->to; r++) {
        if (before[r] > before[best])
            best = r;
    }
    if (before[best] * GROWTH_MAX < b->peak)
        return rows;
    if (is_long
            ? (ptrdiff_t)best >= before_close || (ptrdiff_t)best >= now->low
            : (ptrdiff_t)best <= before_close || (ptrdiff_t)best <= now->high)
        return rows;
    return best;
}

/* When the band of seen[n - 1] began. */
static int64_t born(const struct ages *before, const struct ages_column *seen,
                    size_t n, size_t rows, struct band_rows b)
{
    size_t i = n - 1, r;

    for (; i > 0; i--) {
        r = parent(seen[i - 1].mass, seen[i - 1].close_row, &seen[i], &b, rows);
        if (r == rows)
            return seen[i].open_ms;
        b = band_at(seen[i - 1].mass, rows, r);
    }
    if (before->open_ms < 0)
        return seen[0].open_ms;
    r = parent(before->mass, before->close_row, &seen[0], &b, rows);
    return r == rows ? seen[0].open_ms : before->birth[r];
}

void ages_trace(const struct ages *before, const struct ages_column *seen,
                size_t n, size_t rows, int64_t *birth)
{
    const struct ages_column *newest = &seen[n - 1];
    const double *mass = newest->mass;
    size_t end;

    /* Rows that climb to one peak are next to each other. */
    for (size_t start = 0; start < rows; start = end) {
        size_t top = start;
        int64_t since_ms = newest->open_ms;

        while (top + 1 < rows && mass[top + 1] > mass[top])
            top++;
        end = top + 1;
        while (end < rows && mass[end] < mass[end - 1] &&
               uphill(mass, rows, end) == end - 1)
            end++;
        if (mass[top] > 0.0)
            since_ms = born(before, seen, n, rows, band_at(mass, rows, top));
        for (size_t r = start; r < end; r++)
            birth[r] = since_ms;
    }
}
