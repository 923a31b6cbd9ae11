/* Another map with what one holds. */
#include "liqmap/model.h"

#include <stdlib.h>
#include <string.h>
#include "map.h"

static void ages_copy(struct ages *to, const struct ages *from, size_t rows)
{
    memcpy(to->birth, from->birth, rows * sizeof *to->birth);
    memcpy(to->column, from->column, rows * sizeof *to->column);
    to->close_row = from->close_row;
    to->open_ms = from->open_ms;
}

static enum liq_err display_copy(struct liq_klines *to,
                                 const struct liq_klines *from)
{
    size_t bytes = from->n * sizeof *from->at;

    to->at = malloc(bytes);
    if (to->at == NULL)
        return LIQ_ENOMEM;
    memcpy(to->at, from->at, bytes);
    to->n = from->n;
    return LIQ_OK;
}

/* to is new; from has columns.  scratch and peak say nothing between runs. */
static enum liq_err take(struct liq_map *to, const struct liq_map *from)
{
    enum liq_err err = map_reserve(to, from->rows, from->columns);

    if (!err)
        err = display_copy(&to->display, &from->display);
    if (err)
        return err;
    to->valid = from->valid;
    to->setting = from->setting;
    to->epoch = from->epoch;
    to->display_ms = from->display_ms;
    to->start_ms = from->start_ms;
    to->newest_ms = from->newest_ms;
    to->tiers = from->tiers;
    to->sides = from->sides;
    to->columns = from->columns;
    to->max = from->max;
    to->total = from->total;
    to->steps = from->steps;
    book_copy(&to->before, &from->before, from->rows);
    book_copy(&to->live, &from->live, from->rows);
    ages_copy(&to->closed, &from->closed, from->rows);
    ages_copy(&to->ages, &from->ages, from->rows);
    memcpy(to->cell, from->cell,
           from->columns * from->rows * sizeof *from->cell);
    return LIQ_OK;
}

enum liq_err liq_map_copy(const struct liq_map *from, struct liq_map **out)
{
    struct liq_map *m;
    enum liq_err err = liq_map_new(&m);

    if (!err && from->columns > 0)
        err = take(m, from);
    if (err) {
        liq_map_free(m);
        return err;
    }
    *out = m;
    return LIQ_OK;
}

size_t liq_map_bytes(const struct liq_map *m)
{
    /* A row has a cell in each of two books, two ages, scratch and peak. */
    size_t row = 2 * LIQ_TIERS * LIQ_SIDES * sizeof(double) +
                 2 * (sizeof(int64_t) + sizeof(double)) + sizeof(double) +
                 sizeof(size_t);

    return sizeof *m + m->rows * row + m->room * m->rows * sizeof(double) +
           m->display.n * sizeof *m->display.at;
}
