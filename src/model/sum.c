/* Several maps on one axis. */
#include "map.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool same_axis(const struct liq_axis *a, const struct liq_axis *b)
{
    return a->price_min == b->price_min && a->price_step == b->price_step &&
           a->rows == b->rows;
}

static bool fit(const struct liq_map *const *part, const double *weight,
                size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct liq_map *p = part[i];

        if (!p->valid || !(weight[i] >= 0.0 && isfinite(weight[i])))
            return false;
        if (p->display_ms != part[0]->display_ms ||
            p->tiers != part[0]->tiers || p->sides != part[0]->sides ||
            !same_axis(&p->setting.axis, &part[0]->setting.axis))
            return false;
    }
    return n > 0;
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
    m->hidden = base->hidden;
    m->mixed = true;
    book_reset(&m->live, m->rows);
    memcpy(m->candle, base->candle, m->columns * sizeof *m->candle);
    memset(m->cell, 0, m->columns * m->rows * sizeof *m->cell);
}

/* What a part has at a candle that it lacks stands as its last one left it. */
static void add_columns(struct liq_map *m, const struct liq_map *part,
                        double weight)
{
    size_t n = 0; /* columns of the part until then */

    for (size_t i = 0; i < m->columns; i++) {
        double *to = m->cell + i * m->rows;
        const double *from;

        while (n < part->columns &&
               part->candle[n].open_ms <= m->candle[i].open_ms)
            n++;
        if (n == 0)
            continue;
        from = part->cell + (n - 1) * m->rows;
        for (size_t r = 0; r < m->rows; r++)
            to[r] += weight * from[r];
    }
}

/* scratch has the map's rows. */
static void add_book(struct liq_map *m, const struct liq_map *part,
                     double weight, double *scratch)
{
    const struct outside *from = &part->live.outside;
    struct outside *to = &m->live.outside;

    for (size_t k = 0; k < LIQ_TIERS; k++) {
        double scale = weight * part->live.scale[k];
        double *cell = m->live.cell + k * m->rows;

        map_tier(part, k, scratch);
        for (size_t r = 0; r < m->rows; r++)
            cell[r] += weight * scratch[r];
        for (size_t side = 0; side < LIQ_SIDES; side++) {
            size_t i = BAND(k, side);

            to->far[i] += scale * from->far[i];
            to->near[i] += scale * from->near[i];
        }
    }
    m->total += weight * part->total;
}

/* scratch holds the most mass that any part had in the row so far. */
static void add_births(struct liq_map *m, const struct liq_map *part,
                       double weight, double *scratch, bool first)
{
    const double *column = map_last(part);

    for (size_t r = 0; r < m->rows; r++) {
        double mass = weight * column[r];

        if (!first && mass <= scratch[r])
            continue;
        scratch[r] = mass;
        m->birth[r] = part->birth[r];
    }
}

static enum liq_err map_sum(struct liq_map *m,
                            const struct liq_map *const *part,
                            const double *weight, size_t n)
{
    enum liq_err err = map_reserve(m, part[0]->rows, part[0]->columns);
    double *scratch;

    if (err)
        return err;
    scratch = malloc(m->rows * sizeof *scratch);
    if (scratch == NULL)
        return LIQ_ENOMEM;
    take_setting(m, part[0]);
    m->total = 0.0;
    for (size_t i = 0; i < n; i++) {
        add_columns(m, part[i], weight[i]);
        add_book(m, part[i], weight[i], scratch);
    }
    for (size_t i = 0; i < n; i++)
        add_births(m, part[i], weight[i], scratch, i == 0);
    for (size_t j = 0; j < m->columns; j++)
        m->peak[j] = map_max(m->cell + j * m->rows, m->rows);
    free(scratch);
    m->steps = 0;
    m->valid = false; /* a run starts over */
    return LIQ_OK;
}

enum liq_err liq_map_sum(struct liq_map *m, const struct liq_map *const *part,
                         const double *weight, size_t n)
{
    enum liq_err err =
        fit(part, weight, n) ? map_sum(m, part, weight, n) : LIQ_EINVAL;

    if (err)
        map_empty(m);
    return err;
}
