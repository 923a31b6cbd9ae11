#include "ages.h"

#include <string.h>

/* A row that grows faster than this between two columns begins anew. */
static const double GROWTH_MAX = 2.0;

void ages_next(const struct lanes_ops *ops, const struct ages *before,
               const struct ages_column *now, size_t rows, int64_t *birth)
{
    ptrdiff_t first = now->first, last = now->last;
    size_t below, above;

    if (before->open_ms < 0) {
        first = 0;
        last = (ptrdiff_t)rows - 1;
    } else {
        /* Longs were below the close before and shorts above it. */
        first = before->close_row < first ? before->close_row : first;
        last = before->close_row > last ? before->close_row : last;
    }
    below = first < 0 ? 0 : (size_t)first;
    above = last < (ptrdiff_t)rows ? (size_t)(last + 1) : rows;
    if (birth != before->birth)
        memcpy(birth, before->birth, rows * sizeof *birth);
    for (size_t r = below; r < above; r++)
        birth[r] = now->open_ms;
    below = now->low < below ? now->low : below;
    above = now->high > above ? now->high : above;
    ops->renew(before->mass, now->mass, GROWTH_MAX, below, now->open_ms, birth);
    ops->renew(before->mass + above, now->mass + above, GROWTH_MAX,
               rows - above, now->open_ms, birth + above);
}
