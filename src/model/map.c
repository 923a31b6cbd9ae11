/* A run over a series, from scratch or continued. */
#include "map.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "klines.h"

/* What a market price or volume can be, MODEL.md 1. */
static const double PRICE_MIN = 1e-12, PRICE_MAX = 1e12, VOLUME_MAX = 1e24;
/* The last day of a calendar date in JavaScript; far from overflow. */
static const int64_t TIME_MAX_MS = INT64_C(8640000000000000);

enum liq_err liq_map_new(struct liq_map **out)
{
    *out = calloc(1, sizeof **out);
    return *out == NULL ? LIQ_ENOMEM : LIQ_OK;
}

static void free_rows(struct liq_map *m)
{
    free(m->before.cell);
    free(m->live.cell);
    free(m->closed.birth);
    free(m->closed.mass);
    free(m->birth);
    m->before.cell = m->live.cell = NULL;
    m->closed = (struct ages){0};
    m->birth = NULL;
}

static void free_columns(struct liq_map *m)
{
    free(m->cell);
    free(m->candle);
    free(m->peak);
    m->cell = m->peak = NULL;
    m->candle = NULL;
    m->room = m->columns = 0;
}

void map_empty(struct liq_map *m)
{
    free_rows(m);
    free_columns(m);
    memset(m, 0, sizeof *m);
}

void liq_map_free(struct liq_map *m)
{
    if (m == NULL)
        return;
    map_empty(m);
    free(m);
}

/* --- memory ---------------------------------------------------------------
 */

/* Whatever depends on the number of rows, not on that of columns. */
static bool reserve_rows(struct liq_map *m, size_t rows)
{
    free_rows(m);
    m->before.cell = calloc(BOOK_CELLS(rows), sizeof(double));
    m->live.cell = calloc(BOOK_CELLS(rows), sizeof(double));
    m->closed.birth = calloc(rows, sizeof(int64_t));
    m->closed.mass = calloc(rows, sizeof(double));
    m->birth = calloc(rows, sizeof(int64_t));
    return m->before.cell && m->live.cell && m->closed.birth &&
           m->closed.mass && m->birth;
}

/* A column is written in whole LANES. */
static bool reserve_columns(struct liq_map *m, size_t rows, size_t columns)
{
    double *cell = realloc(m->cell, (columns * rows + LANES) * sizeof *cell);
    struct liq_kline *candle;
    double *peak;

    if (cell != NULL)
        m->cell = cell;
    candle = realloc(m->candle, columns * sizeof *candle);
    if (candle != NULL)
        m->candle = candle;
    peak = realloc(m->peak, columns * sizeof *peak);
    if (peak != NULL)
        m->peak = peak;
    return cell != NULL && candle != NULL && peak != NULL;
}

enum liq_err map_reserve(struct liq_map *m, size_t rows, size_t columns)
{
    if (rows > SIZE_MAX / sizeof(double) / (columns + LIQ_TIERS) ||
        columns > SIZE_MAX / sizeof(struct liq_kline))
        return LIQ_ENOMEM;
    if (m->rows != rows) {
        free_columns(m);
        m->rows = 0;
        if (!reserve_rows(m, rows))
            return LIQ_ENOMEM;
        m->rows = rows;
    }
    if (m->room < columns) {
        if (!reserve_columns(m, rows, columns))
            return LIQ_ENOMEM;
        m->room = columns;
    }
    return LIQ_OK;
}

/* --- input ----------------------------------------------------------------
 */

static bool price_ok(double p)
{
    return p >= PRICE_MIN && p <= PRICE_MAX;
}

static bool kline_ok(const struct liq_kline *k)
{
    return price_ok(k->low) && price_ok(k->high) && k->low <= k->open &&
           k->low <= k->close && k->open <= k->high && k->close <= k->high &&
           k->quote_volume >= 0.0 && k->quote_volume <= VOLUME_MAX &&
           k->open_ms >= 0 && k->open_ms <= TIME_MAX_MS;
}

static bool run_ok(const struct liq_run *run)
{
    return run->n > 0 && run->bars > 0 && run->display_ms > 0 &&
           run->axis.rows > 0 && run->axis.price_step > 0.0 &&
           run->axis.price_min >= 0.0 && liq_contract_valid(&run->contract);
}

/* Candles [from, n). */
static bool klines_ok(const struct liq_run *run, size_t from)
{
    for (size_t i = from; i < run->n; i++) {
        if (!kline_ok(&run->kline[i]))
            return false;
        if (i > 0 && run->kline[i].open_ms <= run->kline[i - 1].open_ms)
            return false;
    }
    return true;
}

/* --- running --------------------------------------------------------------
 */

/*
 * What a run has to do.
 *
 * from     the first engine candle to compute; 0 for a whole run
 * opens    the first one inside the same display candle
 * display  the number of that display candle in the series
 * all      display candles in the series
 */
struct plan {
    size_t from, opens, display, all;
};

static struct plan whole_run(const struct liq_run *run)
{
    return (struct plan){.all =
                             klines_count(run->kline, run->n, run->display_ms)};
}

/* The index in run->kline of the newest candle of the last run; run->n when
 * the run cannot continue that one. */
static size_t resume_at(const struct liq_map *m, const struct liq_run *run)
{
    if (!m->valid || m->epoch != run->epoch ||
        m->start_ms != run->kline[0].open_ms ||
        m->display_ms != run->display_ms || m->tiers != run->tiers ||
        m->sides != run->sides ||
        !setting_same(&m->setting, run->params, &run->contract, &run->axis))
        return run->n;
    for (size_t i = run->n; i-- > 0;) {
        if (run->kline[i].open_ms == m->newest_ms)
            return i;
        if (run->kline[i].open_ms < m->newest_ms)
            break;
    }
    return run->n;
}

/* from is what resume_at says. */
static struct plan plan_of(const struct liq_map *m, const struct liq_run *run,
                           size_t from)
{
    struct plan p = {.from = from};
    int64_t open_ms;

    if (p.from == run->n)
        return whole_run(run);
    open_ms = kline_display_open(run->kline[p.from].open_ms, run->display_ms);
    p.opens = p.from;
    while (p.opens > 0 && run->kline[p.opens - 1].open_ms >= open_ms)
        p.opens--;
    p.display = m->hidden + m->columns - 1;
    p.all = p.display + klines_count(run->kline + p.opens, run->n - p.opens,
                                     run->display_ms);
    /* Columns before the first one kept would be missing. */
    if (p.all - (p.all < run->bars ? p.all : run->bars) < m->hidden)
        return whole_run(run);
    return p;
}

static void restart(struct liq_map *m, const struct liq_run *run)
{
    setting_init(&m->setting, run->params, &run->contract, &run->axis);
    m->mixed = false;
    m->epoch = run->epoch;
    m->display_ms = run->display_ms;
    m->start_ms = run->kline[0].open_ms;
    m->tiers = run->tiers;
    m->sides = run->sides;
    m->columns = 0;
    m->hidden = 0;
    book_reset(&m->before, m->rows);
    m->closed.open_ms = -1;
}

/* Leave out the columns before the first one to be shown; those that stay are
 * closed. */
static void slide(struct liq_map *m, const struct plan *p, size_t hidden)
{
    size_t closed = p->display > m->hidden ? p->display - m->hidden : 0;
    size_t drop = hidden - m->hidden;

    drop = drop < closed ? drop : closed;
    if (drop > 0) {
        size_t stay = closed - drop;

        assert(m->cell != NULL); /* closed columns are in it */
        memmove(m->cell, m->cell + drop * m->rows,
                stay * m->rows * sizeof *m->cell);
        memmove(m->candle, m->candle + drop, stay * sizeof *m->candle);
        memmove(m->peak, m->peak + drop, stay * sizeof *m->peak);
    }
    m->hidden = hidden;
    m->columns = p->all - hidden;
}

double map_max(const double *value, size_t n)
{
    double max[4] = {0.0}; /* comparisons that need not wait for each other */
    size_t i;

    for (i = 0; i + 4 <= n; i += 4) {
        for (size_t j = 0; j < 4; j++)
            max[j] = value[i + j] > max[j] ? value[i + j] : max[j];
    }
    for (; i < n; i++)
        max[0] = value[i] > max[0] ? value[i] : max[0];
    for (size_t j = 1; j < 4; j++)
        max[0] = max[j] > max[0] ? max[j] : max[0];
    return max[0];
}

/*
 * The columns that a run computes.
 *
 * mass   [hidden][rows] those before the first shown one
 * seen   [n] all of them, oldest first
 */
struct history {
    double *mass;
    struct ages_column *seen;
    size_t n;
};

static enum liq_err history_init(struct history *h, const struct liq_map *m,
                                 const struct plan *p)
{
    size_t hidden = m->hidden > p->display ? m->hidden - p->display : 0;
    size_t all = p->all - p->display;

    *h = (struct history){0};
    if (hidden > (SIZE_MAX / sizeof *h->mass - LANES) / m->rows ||
        all > SIZE_MAX / sizeof *h->seen)
        return LIQ_ENOMEM;
    h->mass = malloc((hidden * m->rows + LANES) * sizeof *h->mass);
    h->seen = malloc(all * sizeof *h->seen);
    return h->mass != NULL && h->seen != NULL ? LIQ_OK : LIQ_ENOMEM;
}

static void history_free(struct history *h)
{
    free(h->mass);
    free(h->seen);
}

/* Column d of the series, of which the newest engine candle was just run. */
static void take_column(struct liq_map *m, struct history *h, size_t d,
                        const struct liq_kline *candle)
{
    const struct liq_axis *axis = &m->setting.axis;
    double *column = d < m->hidden ? h->mass + h->n * m->rows
                                   : m->cell + (d - m->hidden) * m->rows;

    double peak =
        book_snapshot(&m->live, &m->setting, m->tiers, m->sides, column);

    h->seen[h->n++] = (struct ages_column){
        .mass = column,
        .low = liq_axis_row(axis, candle->low),
        .high = liq_axis_row(axis, candle->high),
        .close_row = m->live.close_row,
        .open_ms = candle->open_ms,
    };
    if (d >= m->hidden) {
        m->candle[d - m->hidden] = *candle;
        m->peak[d - m->hidden] = peak;
    }
}

/* The births of the newest column and of the closed one before it. */
static void take_ages(struct liq_map *m, const struct history *h)
{
    struct ages *closed = &m->closed;

    if (h->n > 1) {
        const struct ages_column *last = &h->seen[h->n - 2];

        ages_trace(closed, h->seen, h->n - 1, m->rows, m->birth);
        memcpy(closed->birth, m->birth, m->rows * sizeof *m->birth);
        memcpy(closed->mass, last->mass, m->rows * sizeof *last->mass);
        closed->close_row = last->close_row;
        closed->open_ms = last->open_ms;
    }
    ages_trace(closed, &h->seen[h->n - 1], 1, m->rows, m->birth);
}

/* Engine candle i, and the visit of the one after it in *next. */
static void step(struct liq_map *m, const struct liq_run *run, size_t i,
                 struct pace *pace, struct visit *next)
{
    const struct liq_axis *axis = &m->setting.axis;
    struct visit now = *next;
    bool newest = i + 1 == run->n;

    if (now.candle == NULL)
        now = visit_of(axis, &run->kline[i]);
    else if (newest)
        book_copy(&m->before, &m->live, m->rows);
    if (!newest)
        *next = visit_of(axis, &run->kline[i + 1]);
    /* Another candle may come in place of the newest one. */
    book_step(&m->live, &m->setting, pace, &now, i + 2 < run->n ? next : NULL);
}

/* Run candles [from, n); the book before the newest one stays behind. */
static void advance(struct liq_map *m, const struct liq_run *run,
                    const struct plan *p, struct history *h)
{
    struct liq_kline candle = {.open_ms = -1};
    struct pace pace = {0};
    struct visit next = {.candle = NULL};
    int64_t end_ms = 0;
    size_t d = p->display;

    book_copy(&m->live, &m->before, m->rows);
    for (size_t i = p->opens; i < run->n; i++) {
        const struct liq_kline *k = &run->kline[i];

        if (k->open_ms < end_ms) {
            kline_merge(&candle, k);
        } else {
            candle = *k;
            candle.open_ms = kline_display_open(k->open_ms, run->display_ms);
            end_ms = candle.open_ms + run->display_ms;
        }
        if (i >= p->from)
            step(m, run, i, &pace, &next);
        if (i + 1 == run->n || k[1].open_ms >= end_ms)
            take_column(m, h, d++, &candle);
    }
    m->steps = run->n - p->from;
    m->newest_ms = run->kline[run->n - 1].open_ms;
}

static enum liq_err map_run(struct liq_map *m, const struct liq_run *run)
{
    struct history history;
    struct plan p;
    size_t shown, from;
    enum liq_err err;

    if (!run_ok(run))
        return LIQ_EINVAL;
    from = resume_at(m, run);
    /* Those before it were looked at when they were run. */
    if (!klines_ok(run, from < run->n ? from : 0))
        return LIQ_EINVAL;
    p = plan_of(m, run, from);
    shown = p.all < run->bars ? p.all : run->bars;
    err = map_reserve(m, run->axis.rows, shown);
    if (err)
        return err;
    if (p.from == 0)
        restart(m, run);
    slide(m, &p, p.all - shown);
    err = history_init(&history, m, &p);
    if (!err) {
        advance(m, run, &p, &history);
        take_ages(m, &history);
        m->total = book_total(&m->live, m->rows);
        m->valid = true;
    }
    history_free(&history);
    return err;
}

enum liq_err liq_map_run(struct liq_map *m, const struct liq_run *run)
{
    enum liq_err err = map_run(m, run);

    if (err)
        map_empty(m);
    return err;
}

/* --- results --------------------------------------------------------------
 */

const double *map_last(const struct liq_map *m)
{
    return m->cell + (m->columns - 1) * m->rows;
}

double map_close(const struct liq_map *m)
{
    return m->candle[m->columns - 1].close;
}

void map_tier(const struct liq_map *m, size_t tier, double *out)
{
    const double *cell = m->live.cell + tier * m->rows;
    unsigned sides = m->mixed ? LIQ_BOTH_SIDES : m->sides;

    for (size_t r = 0; r < m->rows; r++) {
        unsigned side = (ptrdiff_t)r < m->live.close_row ? LIQ_LONG : LIQ_SHORT;
        bool shown = (m->tiers >> tier & 1U) && (sides >> side & 1U);

        out[r] = shown ? m->live.scale[tier] * cell[r] : 0.0;
    }
}

struct liq_grid liq_map_grid(const struct liq_map *m)
{
    return (struct liq_grid){
        .cell = m->cell,
        .candle = m->candle,
        .columns = m->columns,
        .rows = m->rows,
        .axis = m->setting.axis,
        .max = map_max(m->peak, m->columns),
    };
}

struct liq_book liq_map_book(const struct liq_map *m)
{
    struct liq_book b = {
        .total = m->total,
        .close = m->columns > 0 ? map_close(m) : 0.0,
        .open_ms = m->newest_ms,
        .rows = m->rows,
    };

    for (size_t tier = 0; tier < LIQ_TIERS; tier++) {
        double scale = m->live.scale[tier];
        size_t l = BAND(tier, LIQ_LONG), s = BAND(tier, LIQ_SHORT);

        b.below[tier][LIQ_LONG] = scale * m->live.outside.far[l];
        b.above[tier][LIQ_LONG] = scale * m->live.outside.near[l];
        b.below[tier][LIQ_SHORT] = scale * m->live.outside.near[s];
        b.above[tier][LIQ_SHORT] = scale * m->live.outside.far[s];
    }
    return b;
}

size_t liq_map_steps(const struct liq_map *m)
{
    return m->steps;
}
