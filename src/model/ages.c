#include "ages.h"

#include <string.h>

/* A band that grows faster than this between two columns is a new one. */
static const double GROWTH_MAX = 2.0;

static size_t uphill(const double *column, size_t rows, size_t r)
{
    size_t best = r;

    if (r > 0 && column[r - 1] > column[best])
        best = r - 1;
    if (r + 1 < rows && column[r + 1] > column[best])
        best = r + 1;
    return best;
}

void ages_peaks(const double *column, size_t rows, size_t *peak)
{
    for (size_t r = 0; r < rows; r++) {
        size_t top = r, next;

        /* The row before it may have climbed the same slope already. */
        if (r > 0 && uphill(column, rows, r) == r - 1) {
            peak[r] = peak[r - 1];
            continue;
        }
        while ((next = uphill(column, rows, top)) != top)
            top = next;
        peak[r] = top;
    }
}

/* What the earlier column has to say about the rows [from, to] of a band with
 * this peak: its birth there, or 0 when the band is new. */
static int64_t inherited(const struct ages *before, size_t from, size_t to,
                         double peak, ptrdiff_t close_row, ptrdiff_t low,
                         ptrdiff_t high)
{
    bool is_long = (ptrdiff_t)from < close_row;
    size_t best = from;

    for (size_t r = from + 1; r <= to; r++) {
        if (before->column[r] > before->column[best])
            best = r;
    }
    if (before->column[best] * GROWTH_MAX < peak)
        return 0;
    if (is_long
            ? (ptrdiff_t)best >= before->close_row || (ptrdiff_t)best >= low
            : (ptrdiff_t)best <= before->close_row || (ptrdiff_t)best <= high)
        return 0;
    return before->birth[best];
}

void ages_step(const struct ages *before, struct ages *out,
               const double *column, const struct liq_axis *axis,
               const struct liq_kline *candle, size_t *peak)
{
    ptrdiff_t low = liq_axis_row(axis, candle->low);
    ptrdiff_t high = liq_axis_row(axis, candle->high);
    size_t end;

    out->close_row = liq_axis_row(axis, candle->close);
    out->open_ms = candle->open_ms;
    memcpy(out->column, column, axis->rows * sizeof *column);
    ages_peaks(column, axis->rows, peak);

    /* Rows that climb to the same peak lie next to each other. */
    for (size_t start = 0; start < axis->rows; start = end) {
        size_t top = peak[start], from = top, to = top;
        int64_t birth = 0;

        for (end = start + 1; end < axis->rows && peak[end] == top; end++)
            ;
        while (from > start && column[from - 1] > column[top] / 2.0)
            from--;
        while (to + 1 < end && column[to + 1] > column[top] / 2.0)
            to++;
        if (before->open_ms >= 0 && column[top] > 0.0)
            birth = inherited(before, from, to, column[top], out->close_row,
                              low, high);
        if (birth == 0)
            birth = candle->open_ms;
        for (size_t r = start; r < end; r++)
            out->birth[r] = birth;
    }
}
