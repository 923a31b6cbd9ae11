/* The maps before each bar, and the placebos made of them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "study.h"

/* Columns that are computed at once. */
#define CHUNK 64

/* --- profiles ------------------------------------------------------------- */

/* mass lies evenly from near to far, in cells from price. */
static void spread(double *cell, double near, double far, double mass)
{
    size_t first, last;

    if (near >= CELLS) {
        cell[CELLS] += mass;
        return;
    }
    near = fmax(near, 0.0);
    first = (size_t)near;
    last = far >= CELLS ? CELLS : (size_t)far;
    if (last == first) {
        cell[first] += mass;
        return;
    }
    for (size_t i = first; i <= last; i++) {
        double from = fmax(near, (double)i);
        double to = i == CELLS ? far : fmin(far, (double)i + 1.0);

        if (to > from)
            cell[i] += mass * (to - from) / (far - near);
    }
}

static void scale_side(double *cell, double total)
{
    for (size_t i = 0; i <= CELLS; i++)
        cell[i] = total > 0.0 ? cell[i] / total : 0.0;
}

void profile_of(const struct liq_grid *g, size_t c, struct profile *out)
{
    const double *mass = g->cell + c * g->rows;
    double close = g->candle[c].close, total[LIQ_SIDES] = {0.0, 0.0};
    double unit = 100.0 / CELL_PERCENT / close;

    *out = (struct profile){.weight = {0.0, 0.0}};
    for (size_t r = 0; r < g->rows; r++) {
        double low = g->axis.price_min + (double)r * g->axis.price_step;
        double high = low + g->axis.price_step;
        bool above = low + high > 2.0 * close;
        size_t side = above ? LIQ_SHORT : LIQ_LONG;

        if (!(mass[r] > 0.0))
            continue;
        if (above)
            spread(out->share[side], (low - close) * unit,
                   (high - close) * unit, mass[r]);
        else
            spread(out->share[side], (close - high) * unit,
                   (close - low) * unit, mass[r]);
        total[side] += mass[r];
    }
    for (size_t side = 0; side < LIQ_SIDES; side++) {
        scale_side(out->share[side], total[side]);
        out->weight[side] = total[0] + total[1] > 0.0
                                ? total[side] / (total[0] + total[1])
                                : 0.0;
    }
}

double profile_swept(const struct profile *p, size_t side, double percent)
{
    double cells = fmin(percent / CELL_PERCENT, CELLS), sum = 0.0;
    size_t whole = (size_t)cells;

    for (size_t i = 0; i < whole; i++)
        sum += p->share[side][i];
    return whole < CELLS ? sum + (cells - (double)whole) * p->share[side][whole]
                         : sum;
}

/* --- placebos ------------------------------------------------------------- */

static void add_to_sum(struct study *s, const struct profile *p)
{
    for (size_t side = 0; side < LIQ_SIDES; side++) {
        for (size_t i = 0; i <= CELLS; i++)
            s->sum.share[side][i] += p->share[side][i];
        s->sum.weight[side] += p->weight[side];
    }
}

static void average(const struct study *s, double n, struct profile *out)
{
    for (size_t side = 0; side < LIQ_SIDES; side++) {
        for (size_t i = 0; i <= CELLS; i++)
            out->share[side][i] = s->sum.share[side][i] / n;
        out->weight[side] = s->sum.weight[side] / n;
    }
}

static void mirror(const struct profile *p, struct profile *out)
{
    for (size_t side = 0; side < LIQ_SIDES; side++) {
        memcpy(out->share[side], p->share[1 - side], sizeof out->share[side]);
        out->weight[side] = p->weight[1 - side];
    }
}

/* 24 to 168 h before bar j, the same for the same seed and bar. */
static size_t random_back(const struct study *s, size_t j)
{
    uint64_t state = s->in->seed ^ (uint64_t)j * UINT64_C(0x2545f4914f6cdd1d);
    size_t least = study_bars(s, 24.0), most = study_bars(s, 168.0);

    return least + (size_t)(boot_random(&state) % (most - least + 1));
}

/* All maps after bar j, which judge bar j + 1. */
static void make_maps(struct study *s, size_t j)
{
    static const double hours[MAPS] = {
        [MAP_DAY] = 24.0, [MAP_DAYS] = 72.0, [MAP_WEEK] = 168.0};
    const struct profile *p = &s->ring[j % s->n_ring];

    s->now[MAP_REAL] = *p;
    average(s, (double)(j + 1), &s->now[MAP_AVERAGE]);
    for (size_t m = MAP_DAY; m <= MAP_WEEK; m++) {
        size_t back = study_bars(s, hours[m]);

        s->now[m] = s->ring[(j - back) % s->n_ring];
    }
    mirror(p, &s->now[MAP_OTHER]);
    s->now[MAP_SHUFFLED] = s->ring[(j - random_back(s, j)) % s->n_ring];
}

/* --- running -------------------------------------------------------------- */

static enum liq_err levels_at(struct study *s, struct liq_map *coarse,
                              struct liq_run *run, size_t j)
{
    struct liq_levels levels;
    enum liq_err err;

    run->n = s->end[j];
    run->bars = 1;
    run->axis = s->coarse;
    err = liq_map_run(coarse, run);
    if (!err)
        err = liq_map_levels(coarse, &levels);
    return err ? err : touch_levels(s, j, &levels);
}

/* The map after bar j is column c of g. */
static enum liq_err take_map(struct study *s, struct liq_map *coarse,
                             struct liq_run *run, size_t j,
                             const struct liq_grid *g, size_t c)
{
    struct profile *p = &s->ring[j % s->n_ring];
    bool judges = j + 1 >= s->first && j + 1 < s->stop;
    enum liq_err err = LIQ_OK;

    profile_of(g, c, p);
    add_to_sum(s, p);
    if (!judges)
        return LIQ_OK;
    make_maps(s, j);
    rows_add(s, j + 1);
    if (touch_moment(s, j)) {
        touch_rows(s, j);
        err = levels_at(s, coarse, run, j);
    }
    return err;
}

static enum liq_err run_all(struct study *s, struct liq_map *fine,
                            struct liq_map *coarse)
{
    struct liq_run run = {.params = s->params,
                          .kline = s->engine.at,
                          .epoch = 1,
                          .display_ms = s->in->display_ms,
                          .tiers = LIQ_ALL_TIERS,
                          .sides = LIQ_BOTH_SIDES,
                          .contract = s->in->contract};
    enum liq_err err = LIQ_OK;

    for (size_t j = 0; !err && j < s->stop; j += CHUNK) {
        size_t n = s->stop - j < CHUNK ? s->stop - j : CHUNK;
        struct liq_grid g;

        run.n = s->end[j + n - 1];
        run.bars = n;
        run.axis = s->axis;
        err = liq_map_run(fine, &run);
        if (err)
            return err;
        g = liq_map_grid(fine);
        for (size_t c = 0; !err && c < n; c++)
            err = take_map(s, coarse, &run, j + c, &g, c);
    }
    return err;
}

enum liq_err study_run(struct study *s)
{
    struct liq_map *fine = NULL, *coarse = NULL;
    enum liq_err err = liq_map_new(&fine);

    if (!err)
        err = liq_map_new(&coarse);
    if (!err)
        err = run_all(s, fine, coarse);
    liq_map_free(fine);
    liq_map_free(coarse);
    return err;
}
