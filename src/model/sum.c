/* Several maps on one axis. */
#include "liqmap/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "map.h"

static bool fit(const struct liq_map *const *part, const double *weight,
                size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct liq_map *p = part[i];

        if (!p->valid || !(weight[i] >= 0.0 && isfinite(weight[i])))
            return false;
        if (p->display_ms != part[0]->display_ms ||
            p->tiers != part[0]->tiers || p->sides != part[0]->sides ||
            !map_same_axis(&p->setting.axis, &part[0]->setting.axis))
            return false;
    }
    return n > 0;
}

/* The shown candles of part[0], which become the sum's whole display. */
static enum liq_err take_candles(struct liq_map *m, const struct liq_map *base)
{
    struct liq_grid g = liq_map_grid(base);
    struct liq_kline *at = malloc(g.columns * sizeof *at);

    if (at == NULL)
        return LIQ_ENOMEM;
    memcpy(at, g.candle, g.columns * sizeof *at);
    free(m->display.at);
    m->display.at = at;
    m->display.n = g.columns;
    return LIQ_OK;
}

static void take_setting(struct liq_map *m, const struct liq_map *base)
{
    m->setting = base->setting;
    m->display_ms = base->display_ms;
    m->start_ms = base->start_ms;
    m->newest_ms = base->newest_ms;
    m->tiers = base->tiers;
    m->sides = base->sides;
    m->columns = base->columns;
    book_reset(&m->live, m->rows);
    memset(m->cell, 0, m->columns * m->rows * sizeof *m->cell);
    memset(m->scratch, 0, m->rows * sizeof *m->scratch);
}

static void add_columns(struct liq_map *m, const struct liq_map *part,
                        double weight)
{
    struct liq_grid g = liq_map_grid(part);
    size_t j = 0;

    for (size_t i = 0; i < m->columns; i++) {
        double *to = m->cell + i * m->rows;

        while (j < g.columns && g.candle[j].open_ms < m->display.at[i].open_ms)
            j++;
        if (j == g.columns || g.candle[j].open_ms != m->display.at[i].open_ms)
            continue;
        for (size_t r = 0; r < m->rows; r++)
            to[r] += weight * g.cell[j * m->rows + r];
    }
}

static void add_book(struct liq_map *m, const struct liq_map *part,
                     double weight)
{
    for (size_t i = 0; i < LIQ_TIERS * LIQ_SIDES * m->rows; i++)
        m->live.cell[i] += weight * part->live.cell[i];
    for (size_t k = 0; k < LIQ_TIERS; k++) {
        for (size_t side = 0; side < LIQ_SIDES; side++) {
            m->live.below[k][side] += weight * part->live.below[k][side];
            m->live.above[k][side] += weight * part->live.above[k][side];
        }
    }
    m->live.discarded += weight * part->live.discarded;
}

/* scratch holds the most mass that any part had in the row so far. */
static void add_births(struct liq_map *m, const struct liq_map *part,
                       double weight, bool first)
{
    const double *column = map_last(part);

    for (size_t r = 0; r < m->rows; r++) {
        double mass = weight * column[r];

        if (!first && mass <= m->scratch[r])
            continue;
        m->scratch[r] = mass;
        m->ages.birth[r] = part->ages.birth[r];
    }
}

enum liq_err liq_map_sum(struct liq_map *m, const struct liq_map *const *part,
                         const double *weight, size_t n)
{
    enum liq_err err;

    if (!fit(part, weight, n)) {
        map_empty(m);
        return LIQ_EINVAL;
    }
    err = map_reserve(m, part[0]->rows, part[0]->columns);
    if (!err)
        err = take_candles(m, part[0]);
    if (err) {
        map_empty(m);
        return err;
    }
    take_setting(m, part[0]);
    for (size_t i = 0; i < n; i++) {
        add_columns(m, part[i], weight[i]);
        add_book(m, part[i], weight[i]);
        add_births(m, part[i], weight[i], i == 0);
    }
    map_sum_up(m);
    m->steps = 0;
    m->valid = false; /* a run starts over */
    return LIQ_OK;
}
