/* Sweeps, dense against sparse, after a touch, calibration, open interest. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include "ols.h"
#include "study.h"

#define PURGE_MS INT64_C(86400000)

/* Columns that are known without the map, nested: each has those of the one
 * before it. */
struct baseline {
    const char *name;
    size_t n;
};

static const enum column controls[] = {
    C_ONE,         C_MOVE,       C_MOVE2,      C_SIDE,       C_VOLUME,
    C_VOLUME_MOVE, C_EXCURSION,  C_OPPOSITE,   C_RETURN,     C_VOLATILITY,
    C_BEFORE,      C_BEYOND,     C_BEYOND + 1, C_BEYOND + 2, C_BEYOND + 3,
    C_BEYOND + 4,  C_BEYOND + 5, C_CROSSED,    C_MOVE3,      C_MOVE4,
    C_HEAT,        C_HEAT2,      C_MOVE_HEAT};

#define BASELINES 4
#define N_MOVE 4
#define N_FULL_LEVELS 18
#define N_ALL (sizeof controls / sizeof *controls)
static const struct baseline baselines[BASELINES] = {
    {"move", N_MOVE},
    {"move + volume", 6},
    {"full", 11},
    {"full + levels", N_FULL_LEVELS},
};

/* What of a table is regressed: y on control[n]. */
struct design {
    const struct table *table;
    const double *y;
    const enum column *control;
    size_t n;
};

/* Predictions of y out of fold, with the column of a map or (NULL) without. The
 * claim is that more is liquidated, or more interest closed, where more was
 * swept; less would be no merit. */
static void predict(const struct design *d, const double *z, double *out)
{
    const double *column[OLS_COLUMNS];
    size_t p = 0;

    for (; p < d->n; p++)
        column[p] = d->table->column[d->control[p]];
    if (z != NULL)
        column[p++] = z;
    ols_out_of_fold(column, p, d->y, d->table->time_ms, d->table->n, PURGE_MS,
                    z != NULL, out);
}

/* --- gains ---------------------------------------------------------------- */

enum { ROWS, SUM, SQUARES, ERROR, ERROR_WITH };

static double gain_points(const struct sums *all)
{
    const double *a = all->at;
    double total = a[SQUARES] - a[SUM] * a[SUM] / a[ROWS];

    return total > 0.0 ? 100.0 * (a[ERROR] - a[ERROR_WITH]) / total : NAN;
}

static double r2_of(const struct sums *all)
{
    const double *a = all->at;
    double total = a[SQUARES] - a[SUM] * a[SUM] / a[ROWS];

    return total > 0.0 ? 1.0 - a[ERROR] / total : NAN;
}

static void sum_errors(const struct design *d, const double *without,
                       const double *with, struct sums *block, size_t n_block)
{
    for (size_t k = 0; k < n_block; k++)
        block[k] = (struct sums){{0.0}};
    for (size_t i = 0; i < d->table->n; i++) {
        double *a = block[d->table->block[i]].at, y = d->y[i];

        a[ROWS] += 1.0;
        a[SUM] += y;
        a[SQUARES] += y * y;
        a[ERROR] += (y - without[i]) * (y - without[i]);
        a[ERROR_WITH] += (y - with[i]) * (y - with[i]);
    }
}

/* R2 of a baseline, and what each map adds to it. */
static enum liq_err add_gains(struct study *s, const struct design *d,
                              enum liq_measure measure, const char *name,
                              double *without, double *with, struct sums *block)
{
    char what[LIQ_FIGURE_TEXT];
    struct figure_kind kind = {measure, map_name[MAP_REAL], "R2", NAN, r2_of,
                               false};
    enum liq_err err;

    predict(d, NULL, without);
    sum_errors(d, without, without, block, s->n_block);
    snprintf(what, sizeof what, "%s alone", name);
    err = figure_add(s, &kind, what, block, d->table->n);
    snprintf(what, sizeof what, "beyond %s", name);
    for (size_t m = 0; !err && m < MAPS; m++) {
        kind = (struct figure_kind){measure, map_name[m], "points",
                                    0.0,     gain_points, true};
        predict(d, d->table->column[C_Z + m], with);
        sum_errors(d, without, with, block, s->n_block);
        err = figure_add(s, &kind, what, block, d->table->n);
    }
    return err;
}

static enum liq_err gains(struct study *s, const struct table *table,
                          enum liq_measure measure,
                          const struct baseline *baseline, size_t n)
{
    double *without = calloc(table->n + 1, sizeof *without);
    double *with = calloc(table->n + 1, sizeof *with);
    struct sums *block = calloc(s->n_block, sizeof *block);
    enum liq_err err = LIQ_OK;

    if (!without || !with || !block)
        err = LIQ_ENOMEM;
    for (size_t i = 0; !err && i < n; i++) {
        struct design d = {table, table->column[C_Y], controls, baseline[i].n};

        err = add_gains(s, &d, measure, baseline[i].name, without, with, block);
    }
    free(without);
    free(with);
    free(block);
    return err;
}

enum liq_err measure_sweeps(struct study *s)
{
    struct table known;
    enum liq_err err = table_filter(&s->sides, C_Y, -INFINITY, &known);

    if (!err)
        err = gains(s, &known, LIQ_MEASURE_SWEEPS, baselines, BASELINES);
    table_free(&known);
    return err;
}

/* A crash would outweigh all other bars: v[n] becomes the share of the rows
 * that are smaller. */
static enum liq_err to_ranks(double *v, size_t n)
{
    double *sorted = malloc((n + 1) * sizeof *sorted);

    if (sorted == NULL)
        return LIQ_ENOMEM;
    for (size_t i = 0; i < n; i++)
        sorted[i] = v[i];
    sort_ascending(sorted, n);
    for (size_t i = 0; i < n; i++)
        v[i] = (double)count_below(sorted, n, v[i]) / (double)n;
    free(sorted);
    return LIQ_OK;
}

enum liq_err measure_interest(struct study *s)
{
    static const struct baseline of_bars[] = {
        {"range + volume", 6}, {"range, volume, return, before", 11}};
    enum liq_err err = to_ranks(s->whole.column[C_Y], s->whole.n);

    return err ? err : gains(s, &s->whole, LIQ_MEASURE_INTEREST, of_bars, 2);
}

/* --- quarters that swept most and least ----------------------------------- */

enum { TOP, TOP_SUM, LOW, LOW_SUM };

static double difference(const struct sums *all)
{
    const double *a = all->at;

    return a[TOP] > 0.0 && a[LOW] > 0.0
               ? a[TOP_SUM] / a[TOP] - a[LOW_SUM] / a[LOW]
               : NAN;
}

static double ratio_of_tens(const struct sums *all)
{
    return pow(10.0, difference(all));
}

static double ratio_percent(const struct sums *all)
{
    return 100.0 * (exp(difference(all)) - 1.0);
}

/* r[i] = y less what the controls say, fitted on all rows: nothing is predicted
 * here, and powers of a move outside a fold would run away. */
static void residuals(const struct design *d, double *r)
{
    const struct ols_range all[2] = {{0, d->table->n}, {0, 0}};
    const double *column[OLS_COLUMNS];
    double b[OLS_COLUMNS];

    for (size_t k = 0; k < d->n; k++)
        column[k] = d->table->column[d->control[k]];
    ols_fit(column, d->n, d->y, all, b);
    for (size_t i = 0; i < d->table->n; i++) {
        r[i] = d->y[i];
        for (size_t k = 0; k < d->n; k++)
            r[i] -= b[k] * column[k][i];
    }
}

/* Rows that follow each other and are ranked among themselves, so that a quiet
 * month is not compared with a wild one. */
#define RANKED_ROWS 80

/* Sets v[n] to 1 where it is in the highest quarter of its neighbours, to -1 in
 * the lowest, else to 0; sorted has room. */
static void quarters(double *v, size_t n, double *sorted)
{
    for (size_t first = 0, end; first < n; first = end) {
        double low, high;

        end = n - first < 2 * RANKED_ROWS ? n : first + RANKED_ROWS;
        for (size_t i = first; i < end; i++)
            sorted[i - first] = v[i];
        sort_ascending(sorted, end - first);
        low = quantile(sorted, end - first, 0.25);
        high = quantile(sorted, end - first, 0.75);
        for (size_t i = first; i < end; i++)
            v[i] = v[i] >= high ? 1.0 : v[i] <= low ? -1.0 : 0.0;
    }
}

/* Three arrays of n numbers and the sums. */
struct scratch {
    double *a, *b, *c;
    struct sums *block;
};

static enum liq_err scratch_init(struct scratch *x, size_t n, size_t n_block)
{
    x->a = calloc(3 * n + 3, sizeof *x->a);
    x->block = calloc(n_block, sizeof *x->block);
    if (x->a == NULL || x->block == NULL)
        return LIQ_ENOMEM;
    x->b = x->a + n;
    x->c = x->b + n;
    return LIQ_OK;
}

static void scratch_free(struct scratch *x)
{
    free(x->a);
    free(x->block);
}

/* The mean residual of d->y among the quarter of rows that swept more than
 * their controls say, against the quarter that swept less. */
static enum liq_err contrast(struct study *s, const struct design *d,
                             enum map_kind map, const struct figure_kind *kind,
                             const char *what)
{
    size_t n = d->table->n;
    struct design of_z = {d->table, d->table->column[C_Z + map], d->control,
                          d->n};
    struct scratch x;
    enum liq_err err = scratch_init(&x, n, s->n_block);

    if (!err && n > 0) {
        residuals(d, x.a);
        residuals(&of_z, x.b);
        quarters(x.b, n, x.c);
        for (size_t i = 0; i < n; i++) {
            double *a = x.block[d->table->block[i]].at;

            if (x.b[i] > 0.0) {
                a[TOP] += 1.0;
                a[TOP_SUM] += x.a[i];
            } else if (x.b[i] < 0.0) {
                a[LOW] += 1.0;
                a[LOW_SUM] += x.a[i];
            }
        }
    }
    if (!err)
        err = figure_add(s, kind, what, x.block, n);
    scratch_free(&x);
    return err;
}

/* --- dense against sparse ------------------------------------------------- */

static const enum column of_move[] = {C_ONE,   C_MOVE, C_MOVE2,    C_MOVE3,
                                      C_MOVE4, C_SIDE, C_EXCURSION};
#define N_OF_MOVE (sizeof of_move / sizeof *of_move)

static const double MOVES[] = {0.2, 0.5, 1.0};
#define N_MOVES (sizeof MOVES / sizeof *MOVES)

static double share_percent(const struct sums *all)
{
    return all->at[0] > 0.0 ? 100.0 * all->at[1] / all->at[0] : NAN;
}

/* median[i]: of the tenth of the rows that moved about as much as row i. */
static void medians(const struct table *t, double *median, double *sorted,
                    double *values)
{
    const double *move = t->column[C_RAW], *y = t->column[C_Y];

    for (size_t i = 0; i < t->n; i++)
        sorted[i] = move[i];
    sort_ascending(sorted, t->n);
    for (size_t k = 0; k < 10; k++) {
        double from = quantile(sorted, t->n, (double)k / 10.0);
        double to =
            k == 9 ? INFINITY : quantile(sorted, t->n, (double)(k + 1) / 10.0);
        size_t n = 0;

        for (size_t i = 0; i < t->n; i++) {
            if (move[i] >= from && move[i] < to)
                values[n++] = y[i];
        }
        sort_ascending(values, n);
        for (size_t i = 0; n > 0 && i < t->n; i++) {
            if (move[i] >= from && move[i] < to)
                median[i] = quantile(values, n, 0.5);
        }
    }
}

/* Of the dense quarter, how many rows had fewer liquidations than the median
 * of moves as large. */
static enum liq_err false_positives(struct study *s, const struct table *t)
{
    const struct figure_kind kind = {
        LIQ_MEASURE_FALSE, map_name[MAP_REAL], "%", 50.0, share_percent, false};
    struct design of_z = {t, t->column[C_Z], of_move, N_OF_MOVE};
    struct scratch x;
    size_t dense = 0;
    enum liq_err err = scratch_init(&x, t->n, s->n_block);

    if (!err && t->n > 0) {
        medians(t, x.a, x.b, x.c);
        residuals(&of_z, x.b);
        quarters(x.b, t->n, x.c);
        for (size_t i = 0; i < t->n; i++) {
            double *a = x.block[t->block[i]].at;

            if (x.b[i] <= 0.0)
                continue;
            dense++;
            a[0] += 1.0;
            a[1] += t->column[C_Y][i] < x.a[i] ? 1.0 : 0.0;
        }
    }
    if (!err)
        err = figure_add(s, &kind, "dense quarter, moves of 0.2 % and more",
                         x.block, dense);
    scratch_free(&x);
    return err;
}

static enum liq_err dense_at(struct study *s, const struct table *t,
                             double move, size_t maps)
{
    static const char *const under[] = {"move", "all controls"};
    char what[LIQ_FIGURE_TEXT];
    enum liq_err err = LIQ_OK;

    for (size_t i = 0; !err && i < 2 * maps; i++) {
        struct design d =
            i % 2 == 0 ? (struct design){t, t->column[C_Y], of_move, N_OF_MOVE}
                       : (struct design){t, t->column[C_Y], controls, N_ALL};
        enum map_kind m = (enum map_kind)(i / 2);
        struct figure_kind kind = {LIQ_MEASURE_DENSE, map_name[m], "x", 1.0,
                                   ratio_of_tens,     false};

        snprintf(what, sizeof what, "moves of %g %% and more, equal %s", move,
                 under[i % 2]);
        err = contrast(s, &d, m, &kind, what);
    }
    return err;
}

enum liq_err measure_dense(struct study *s)
{
    struct table known, moved;
    enum liq_err err = table_filter(&s->sides, C_Y, -INFINITY, &known);

    for (size_t i = 0; !err && i < N_MOVES; i++) {
        err = table_filter(&known, C_RAW, MOVES[i], &moved);
        if (!err)
            err = dense_at(s, &moved, MOVES[i], i == 0 ? MAPS : 1);
        if (!err && i == 0)
            err = false_positives(s, &moved);
        table_free(&moved);
    }
    table_free(&known);
    return err;
}

/* --- after a touch -------------------------------------------------------- */

/* What is equal on both sides: the move, and how busy it was before. */
static const enum column equal[] = {
    C_ONE,           C_MOVE,         C_MOVE2,    C_MOVE3,  C_MOVE4,
    C_SIDE,          C_EXCURSION,    C_OPPOSITE, C_RETURN, C_VOLATILITY,
    C_VOLUME_BEFORE, C_RANGE_BEFORE, C_HEAT,     C_HEAT2,  C_MOVE_HEAT};
#define N_EQUAL (sizeof equal / sizeof *equal)

static const struct outcome {
    enum column y;
    const char *what, *unit;
    stat_fn *stat;
} outcomes[] = {
    {C_VOLUME, "volume of the same bar", "%", ratio_percent},
    {C_NEXT_VOLUME, "volume of the next bar", "%", ratio_percent},
    {C_NEXT_RANGE, "range of the next bar", "%", ratio_percent},
    {C_FURTHER, "move of the next bar, same direction", "% px", difference},
};
#define OUTCOMES (sizeof outcomes / sizeof *outcomes)

enum liq_err measure_after(struct study *s)
{
    struct table moved, next = {0};
    enum liq_err err = table_filter(&s->sides, C_RAW, MOVES[0], &moved);

    if (!err)
        err = table_filter(&moved, C_FURTHER, -INFINITY, &next);
    for (size_t i = 0; !err && i < OUTCOMES * MAPS; i++) {
        const struct outcome *o = &outcomes[i % OUTCOMES];
        struct design d = {&next, next.column[o->y], equal, N_EQUAL};
        enum map_kind m = (enum map_kind)(i / OUTCOMES);
        struct figure_kind kind = {LIQ_MEASURE_AFTER, map_name[m], o->unit, 0.0,
                                   o->stat,           false};

        err = contrast(s, &d, m, &kind, o->what);
    }
    table_free(&moved);
    table_free(&next);
    return err;
}

/* --- calibration ---------------------------------------------------------- */

static double quotient(const struct sums *all)
{
    return all->at[1] > 0.0 ? all->at[0] / all->at[1] : NAN;
}

enum liq_err measure_calibration(struct study *s)
{
    const struct figure_kind kind = {
        LIQ_MEASURE_CALIBRATION, map_name[MAP_REAL], "x", NAN, quotient, false};
    const struct table *t = &s->sides;
    struct sums *block = calloc(s->n_block, sizeof *block);
    enum liq_err err = LIQ_ENOMEM;
    size_t n = 0;

    for (size_t i = 0; block != NULL && i < t->n; i++) {
        double *a = block[t->block[i]].at;

        if (!isfinite(t->column[C_MODELLED][i]) ||
            !isfinite(t->column[C_REPORTED][i]))
            continue;
        a[0] += t->column[C_MODELLED][i];
        a[1] += t->column[C_REPORTED][i];
        n++;
    }
    if (block != NULL)
        err =
            figure_add(s, &kind, "modelled dollars swept / reported", block, n);
    free(block);
    return err;
}
