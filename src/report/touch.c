/* Whether price comes to dense rows and published levels more often than to
 * any other place as far away. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "study.h"

const double bin_from[BINS] = {0.5, 1.0, 2.0, 3.0, 5.0};
const double bin_to[BINS] = {1.0, 2.0, 3.0, 5.0, 10.0};

#define MOMENT_MS INT64_C(14400000)
#define HORIZON_MS INT64_C(86400000)
/* Of the rows of a bin, this share is called dense. */
static const double DENSE = 0.1;
#define BIN_CELLS 256

/* A level that was counted, or is being followed. */
struct seen_level {
    enum liq_side side;
    int64_t since_ms;
    double from, to;
    unsigned bins; /* bit b: counted in bin b */
};

/* --- what came after ------------------------------------------------------ */

static double day_deviation(const struct study *s, size_t j)
{
    return s->volatility[j] *
           sqrt((double)HORIZON_MS / (double)s->in->display_ms);
}

/* NaN unless the candles reach to the end of the 24 h. */
static void fill_reach(struct study *s, size_t j)
{
    const struct liq_kline *k = s->bars.at;
    int64_t end_ms = k[j].open_ms + s->in->display_ms + HORIZON_MS;
    double low = k[j].close, high = k[j].close;
    double *out = s->touch.reach + 2 * j;
    size_t i = j + 1;

    for (; i < s->bars.n && k[i].open_ms < end_ms; i++) {
        low = fmin(low, k[i].low);
        high = fmax(high, k[i].high);
    }
    out[LIQ_LONG] = 100.0 * (k[j].close - low) / k[j].close;
    out[LIQ_SHORT] = 100.0 * (high - k[j].close) / k[j].close;
    if (k[s->bars.n - 1].open_ms + s->in->display_ms < end_ms)
        out[LIQ_LONG] = out[LIQ_SHORT] = NAN;
}

bool touch_moment(const struct study *s, size_t j)
{
    int64_t close_ms = s->bars.at[j].open_ms + s->in->display_ms;

    return j + 1 >= s->first && j + 1 < s->stop && close_ms % MOMENT_MS == 0 &&
           !isnan(s->touch.reach[2 * j]);
}

enum liq_err touch_init(struct study *s)
{
    struct touch *t = &s->touch;
    size_t n = LIQ_SIDES * BINS * s->n_block;

    t->reach = calloc(s->bars.n * LIQ_SIDES, sizeof *t->reach);
    t->rows = calloc(MAPS * n, sizeof *t->rows);
    t->levels = calloc(n, sizeof *t->levels);
    for (size_t side = 0; side < LIQ_SIDES; side++)
        t->base[side] = calloc(s->bars.n, sizeof *t->base[side]);
    if (!t->reach || !t->rows || !t->levels || !t->base[0] || !t->base[1])
        return LIQ_ENOMEM;
    for (size_t j = 0; j < s->bars.n; j++)
        fill_reach(s, j);
    for (size_t j = s->first - 1; j < s->stop; j++) {
        if (!touch_moment(s, j))
            continue;
        for (size_t side = 0; side < LIQ_SIDES; side++)
            t->base[side][t->n_base] =
                t->reach[2 * j + side] / day_deviation(s, j);
        t->n_base++;
    }
    sort_ascending(t->base[0], t->n_base);
    sort_ascending(t->base[1], t->n_base);
    return LIQ_OK;
}

void touch_free(struct touch *t)
{
    free(t->reach);
    free(t->rows);
    free(t->levels);
    free(t->base[0]);
    free(t->base[1]);
    free(t->seen);
}

/* How often price reaches so many percent, by the deviations that they are. */
static double base_rate(const struct study *s, size_t j, size_t side,
                        double percent)
{
    double deviations = percent / day_deviation(s, j);
    size_t below =
        count_below(s->touch.base[side], s->touch.n_base, deviations);

    return 1.0 - (double)below / (double)s->touch.n_base;
}

static double lift_of(const struct study *s, size_t j, size_t side,
                      double percent)
{
    bool touched = s->touch.reach[2 * j + side] >= percent;

    return (touched ? 1.0 : 0.0) - base_rate(s, j, side, percent);
}

static size_t bin_of(double percent)
{
    size_t b = 0;

    while (b < BINS && !(percent >= bin_from[b] && percent < bin_to[b]))
        b++;
    return b;
}

/* --- rows ----------------------------------------------------------------- */

/* Lift of the densest tenth over the others in cells [first, first + n); NaN
 * when fewer rows than that hold anything. */
static double rows_lift(const struct study *s, const double *cell, size_t j,
                        size_t side, size_t first, size_t n)
{
    double sorted[BIN_CELLS], sum[2] = {0.0, 0.0}, count[2] = {0.0, 0.0};
    size_t top = (size_t)(DENSE * (double)n);
    double limit;

    memcpy(sorted, cell + first, n * sizeof *sorted);
    sort_ascending(sorted, n);
    limit = sorted[n - (top > 0 ? top : 1)];
    if (!(limit > sorted[0]))
        return NAN;
    for (size_t i = first; i < first + n; i++) {
        size_t dense = cell[i] >= limit ? 1 : 0;
        double percent = ((double)i + 0.5) * CELL_PERCENT;

        sum[dense] += lift_of(s, j, side, percent);
        count[dense] += 1.0;
    }
    return sum[1] / count[1] - sum[0] / count[0];
}

void touch_rows(struct study *s, size_t j)
{
    size_t block = study_block(s, s->bars.at[j + 1].open_ms);

    for (size_t i = 0; i < MAPS * LIQ_SIDES * BINS; i++) {
        size_t b = i % BINS, side = i / BINS % LIQ_SIDES;
        size_t first = (size_t)(bin_from[b] / CELL_PERCENT + 0.5);
        size_t n = (size_t)(bin_to[b] / CELL_PERCENT + 0.5) - first;
        const double *cell = s->now[i / BINS / LIQ_SIDES].share[side];
        double lift = rows_lift(s, cell, j, side, first, n);
        struct sums *sums = &s->touch.rows[i * s->n_block + block];

        if (isnan(lift))
            continue;
        sums->at[0] += lift;
        sums->at[1] += 1.0;
    }
}

/* --- published levels ----------------------------------------------------- */

/* The same level at an earlier moment: as old, and its price in the band. */
static struct seen_level *find_seen(struct touch *t, const struct liq_level *l)
{
    for (size_t i = t->n_seen; i-- > 0;) {
        struct seen_level *k = &t->seen[i];

        if (k->side == l->side && k->since_ms == l->since_ms &&
            l->price > k->from && l->price < k->to)
            return k;
    }
    return NULL;
}

static struct seen_level *add_seen(struct touch *t, const struct liq_level *l)
{
    if (t->n_seen == t->room_seen) {
        size_t room = t->room_seen > 0 ? 2 * t->room_seen : 256;
        struct seen_level *grown = realloc(t->seen, room * sizeof *grown);

        if (grown == NULL)
            return NULL;
        t->seen = grown;
        t->room_seen = room;
    }
    t->seen[t->n_seen] =
        (struct seen_level){.side = l->side, .since_ms = l->since_ms};
    return &t->seen[t->n_seen++];
}

static enum liq_err touch_level(struct study *s, size_t j,
                                const struct liq_level *l)
{
    double percent = fabs(l->price / s->bars.at[j].close - 1.0) * 100.0;
    size_t b = bin_of(percent);
    struct seen_level *k = find_seen(&s->touch, l);
    struct sums *sums;

    if (k == NULL)
        k = add_seen(&s->touch, l);
    if (k == NULL)
        return LIQ_ENOMEM;
    k->from = l->from;
    k->to = l->to;
    if (b == BINS || (k->bins >> b & 1U))
        return LIQ_OK;
    k->bins |= 1U << b;
    sums = &s->touch.levels[((size_t)l->side * BINS + b) * s->n_block +
                            study_block(s, s->bars.at[j + 1].open_ms)];
    sums->at[0] += lift_of(s, j, l->side, percent);
    sums->at[1] += 1.0;
    return LIQ_OK;
}

enum liq_err touch_levels(struct study *s, size_t j,
                          const struct liq_levels *levels)
{
    enum liq_err err = LIQ_OK;

    for (size_t side = 0; side < LIQ_SIDES; side++) {
        for (size_t i = 0; !err && i < levels->n[side]; i++)
            err = touch_level(s, j, &levels->at[side][i]);
    }
    return err;
}

/* --- figures -------------------------------------------------------------- */

static double mean_points(const struct sums *all)
{
    return all->at[1] > 0.0 ? 100.0 * all->at[0] / all->at[1] : NAN;
}

/* block += the sums of one side and bin; how many lifts they are. */
static size_t add_blocks(const struct study *s, const struct sums *from,
                         struct sums *block)
{
    double n = 0.0;

    for (size_t k = 0; k < s->n_block; k++) {
        block[k].at[0] += from[k].at[0];
        block[k].at[1] += from[k].at[1];
        n += from[k].at[1];
    }
    return (size_t)n;
}

/* The mean lift over cells [first, end) of a measure. */
static enum liq_err add_mean(struct study *s, enum liq_measure measure,
                             const char *map, const char *what,
                             const struct sums *from, size_t end)
{
    const struct figure_kind kind = {measure, map,         "points",
                                     0.0,     mean_points, false};
    struct sums *block = calloc(s->n_block, sizeof *block);
    enum liq_err err = LIQ_ENOMEM;
    size_t n = 0;

    if (block != NULL) {
        for (size_t i = 0; i < end; i++)
            n += add_blocks(s, from + i * s->n_block, block);
        err = figure_add(s, &kind, what, block, n);
    }
    free(block);
    return err;
}

static enum liq_err add_bins(struct study *s, enum liq_measure measure,
                             const struct sums *from)
{
    enum liq_err err = LIQ_OK;
    char what[LIQ_FIGURE_TEXT];

    for (size_t i = 0; !err && i < LIQ_SIDES * BINS; i++) {
        snprintf(what, sizeof what, "%g-%g %% %s", bin_from[i % BINS],
                 bin_to[i % BINS], i / BINS == LIQ_LONG ? "below" : "above");
        err = add_mean(s, measure, map_name[MAP_REAL], what,
                       from + i * s->n_block, 1);
    }
    return err;
}

enum liq_err touch_figures(struct study *s)
{
    size_t cells = LIQ_SIDES * BINS;
    enum liq_err err = add_bins(s, LIQ_MEASURE_TOUCH, s->touch.rows);

    for (size_t m = 0; !err && m < MAPS; m++)
        err = add_mean(s, LIQ_MEASURE_TOUCH, map_name[m], "all distances",
                       s->touch.rows + m * cells * s->n_block, cells);
    if (!err)
        err = add_bins(s, LIQ_MEASURE_LEVELS, s->touch.levels);
    if (!err)
        err = add_mean(s, LIQ_MEASURE_LEVELS, map_name[MAP_REAL],
                       "all distances", s->touch.levels, cells);
    return err;
}
