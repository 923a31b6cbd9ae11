#include "ages.h"

/* A band that grows faster than this between two columns is a new one. */
static const double GROWTH_MAX = 2.0;

/* Rows of a column in a cache line, mostly. */
#define LINE_ROWS 8

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

/* The rows around a peak that climb to it, as in uphill, and have more than
 * half of it. */
struct band_rows {
    size_t from, to;
    double peak;
};

static struct band_rows band_at(const double *mass, size_t rows, size_t r)
{
    struct band_rows b;
    double half;
    size_t next;

    while ((next = uphill(mass, rows, r)) != r)
        r = next;
    b = (struct band_rows){r, r, mass[r]};
    half = b.peak / 2.0;
    while (b.from > 0 && mass[b.from - 1] > half &&
           mass[b.from - 1] < mass[b.from] &&
           !(b.from > 1 && mass[b.from - 2] >= mass[b.from]))
        b.from--;
    while (b.to + 1 < rows && mass[b.to + 1] > half &&
           mass[b.to + 1] < mass[b.to] &&
           !(b.to + 2 < rows && mass[b.to + 2] > mass[b.to]))
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

/* Bands that are followed back together, so that a column is read once for
 * all of them: rows [start, end) of the newest column climb to each. */
#define GROUP_MAX 64
struct group {
    struct {
        struct band_rows rows;
        size_t start, end;
    } at[GROUP_MAX];
    size_t n;
};

static void set_birth(const struct group *g, size_t i, int64_t birth_ms,
                      int64_t *birth)
{
    for (size_t r = g->at[i].start; r < g->at[i].end; r++)
        birth[r] = birth_ms;
}

/* The bands have gone on to rows of past.  Those that have become one and whose
 * rows of the newest column are next to each other go on as one; first is read
 * next, and the rows that the bands may have there are on their way from now
 * on. */
static void join(struct group *g, const double *next, size_t rows)
{
    size_t left = 0;

    for (size_t k = 0; k < g->n; k++) {
        const struct band_rows *b = &g->at[k].rows;

        if (left > 0 && g->at[left - 1].rows.from == b->from &&
            g->at[left - 1].end == g->at[k].start) {
            g->at[left - 1].end = g->at[k].end;
            continue;
        }
        for (size_t r = b->from; r < rows && r <= b->to + LINE_ROWS;
             r += LINE_ROWS)
            __builtin_prefetch(next + r);
        g->at[left++] = g->at[k];
    }
    g->n = left;
}

/* Follow the group from seen[n - 1] back to where each band began. */
static void trace_group(const struct ages *before,
                        const struct ages_column *seen, size_t n, size_t rows,
                        struct group *g, int64_t *birth)
{
    size_t r;

    for (size_t i = n - 1; i > 0 && g->n > 0; i--) {
        const struct ages_column *past = &seen[i - 1];
        size_t left = 0;

        for (size_t k = 0; k < g->n; k++) {
            r = parent(past->mass, past->close_row, &seen[i], &g->at[k].rows,
                       rows);
            if (r == rows) {
                set_birth(g, k, seen[i].open_ms, birth);
                continue;
            }
            g->at[left] = g->at[k];
            g->at[left++].rows = band_at(past->mass, rows, r);
        }
        g->n = left;
        join(g, seen[i > 1 ? i - 2 : 0].mass, rows);
    }
    for (size_t k = 0; k < g->n; k++) {
        r = before->open_ms < 0 ? rows
                                : parent(before->mass, before->close_row,
                                         &seen[0], &g->at[k].rows, rows);
        set_birth(g, k, r == rows ? seen[0].open_ms : before->birth[r], birth);
    }
    g->n = 0;
}

void ages_trace(const struct ages *before, const struct ages_column *seen,
                size_t n, size_t rows, int64_t *birth)
{
    const struct ages_column *newest = &seen[n - 1];
    const double *mass = newest->mass;
    struct group g = {.n = 0};
    size_t end;

    /* Rows that climb to one peak are next to each other. */
    for (size_t start = 0; start < rows; start = end) {
        size_t top = start;

        while (top + 1 < rows && mass[top + 1] > mass[top])
            top++;
        end = top + 1;
        while (end < rows && mass[end] < mass[end - 1] &&
               uphill(mass, rows, end) == end - 1)
            end++;
        g.at[g.n].start = start;
        g.at[g.n].end = end;
        g.at[g.n].rows = band_at(mass, rows, top);
        if (mass[top] > 0.0)
            g.n++;
        else
            set_birth(&g, g.n, newest->open_ms, birth);
        if (g.n == GROUP_MAX)
            trace_group(before, seen, n, rows, &g, birth);
    }
    trace_group(before, seen, n, rows, &g, birth);
}
