/* Another map with what one holds. */
#include "map.h"

#include <stdlib.h>
#include <string.h>

static void ages_copy(struct ages *to, const struct ages *from, size_t rows)
{
    memcpy(to->birth, from->birth, rows * sizeof *to->birth);
    memcpy(to->mass, from->mass, rows * sizeof *to->mass);
    to->close_row = from->close_row;
    to->open_ms = from->open_ms;
}

/* Everything but the memory that is owned. */
static void take_state(struct liq_map *to, const struct liq_map *from)
{
    to->valid = from->valid;
    to->mixed = from->mixed;
    to->setting = from->setting;
    to->epoch = from->epoch;
    to->display_ms = from->display_ms;
    to->start_ms = from->start_ms;
    to->newest_ms = from->newest_ms;
    to->tiers = from->tiers;
    to->sides = from->sides;
    to->columns = from->columns;
    to->hidden = from->hidden;
    to->total = from->total;
    to->steps = from->steps;
}

static void take_memory(struct liq_map *to, const struct liq_map *from)
{
    book_copy(&to->before, &from->before, from->rows);
    book_copy(&to->live, &from->live, from->rows);
    ages_copy(&to->closed, &from->closed, from->rows);
    memcpy(to->birth, from->birth, from->rows * sizeof *from->birth);
    memcpy(to->cell, from->cell,
           from->columns * from->rows * sizeof *from->cell);
    memcpy(to->candle, from->candle, from->columns * sizeof *from->candle);
    memcpy(to->peak, from->peak, from->columns * sizeof *from->peak);
}

enum liq_err liq_map_copy(const struct liq_map *from, struct liq_map **out)
{
    struct liq_map *m;
    enum liq_err err = liq_map_new(&m);

    if (!err && from->columns > 0) {
        err = map_reserve(m, from->rows, from->columns);
        if (!err) {
            take_state(m, from);
            take_memory(m, from);
        }
    }
    if (err) {
        liq_map_free(m);
        return err;
    }
    *out = m;
    return LIQ_OK;
}

size_t liq_map_bytes(const struct liq_map *m)
{
    /* A row has its cells in two books, two births and a closed column. */
    size_t row = (2 * LIQ_TIERS + 1) * sizeof(double) + 2 * sizeof(int64_t);
    size_t column =
        m->rows * sizeof *m->cell + sizeof *m->candle + sizeof *m->peak;

    return sizeof *m + m->rows * row + m->room * column;
}
