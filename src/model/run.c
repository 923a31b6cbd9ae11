/* A run over a series, from scratch or continued. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "decade.h"
#include "klines.h"
#include "map.h"

/* What a market price or volume can be, MODEL.md 1. */
static const double PRICE_MIN = 1e-12, PRICE_MAX = 1e12, VOLUME_MAX = 1e24;
/* The last day of a calendar date in JavaScript; far from overflow. */
static const int64_t TIME_MAX_MS = INT64_C(8640000000000000);

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

/* --- what has to be run
 * --------------------------------------------------------------
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

/* --- what candles visit ---------------------------------------------------
 */

/* A candle, and what is visited after it before the next column that is shown,
 * and before the end of the run.  The newest candle, which may be replaced, is
 * in neither. */
struct step {
    struct rows rows;
    double close;
    struct later later;
};

/* As liq_axis_row numbers them, both at once.  A row beyond 2^51, where what is
 * added leaves no room for its last bits, is beyond the axis in any case. */
static struct rows rows_of(const struct liq_axis *a, const struct liq_kline *k)
{
    typedef double pair __attribute__((vector_size(16)));
    typedef int64_t bits __attribute__((vector_size(16)));
    const pair round = {0x1.8p52, 0x1.8p52}, one = {1.0, 1.0};
    pair row = {k->low, k->high}, near;

    row = (row - a->price_min) / a->price_step + LIQ_EDGE_SLACK;
    near = (row + round) - round;
    near -= (pair)((bits)one & (near > row));
    return (struct rows){(int32_t)liq_axis_bounded(a, near[0]),
                         (int32_t)liq_axis_bounded(a, near[1])};
}

/* step[n - from] of the candles that have to be run. */
static void look_ahead(const struct liq_run *run, const struct plan *p,
                       size_t hidden, struct step *step)
{
    struct rows next = NO_ROWS, end = NO_ROWS;
    size_t display = p->all - 1;
    int64_t open_ms =
        kline_display_open(run->kline[run->n - 1].open_ms, run->display_ms);

    for (size_t i = run->n; i-- > p->from;) {
        struct step *at = &step[i - p->from];

        at->rows = rows_of(&run->axis, &run->kline[i]);
        at->close = liq_axis_row_unbounded(&run->axis, run->kline[i].close);
        if (run->kline[i].open_ms < open_ms) {
            open_ms =
                kline_display_open(run->kline[i].open_ms, run->display_ms);
            if (--display >= hidden)
                next = NO_ROWS;
        }
        at->later.next = next;
        at->later.end = end;
        if (i + 1 < run->n) {
            rows_add(&next, &at->rows);
            rows_add(&end, &at->rows);
        }
    }
}

/* --- running --------------------------------------------------------------
 */

/*
 * A run on its way.
 *
 * step     [n - from] of each candle
 * candle   [STRETCHES_MAX] the display candle that ends with a stretch; open_ms
 *          -1 where none does
 * end      [STRETCHES_MAX] what is visited after that
 * scratch  [2] of a column that is not shown
 * display  number of the next column in the series
 * last     of the newest column, with that one's mass, not owned
 * forming  the display candle so far; it ends at end_ms
 */
struct progress {
    struct liq_map *m;
    const struct liq_run *run;
    const struct plan *plan;
    struct step *step;
    struct seeding *seeding;
    struct liq_kline candle[STRETCHES_MAX];
    struct rows end[STRETCHES_MAX];
    double *scratch[2];
    size_t display;
    struct ages last;
    struct liq_kline forming;
    int64_t end_ms;
};

static enum liq_err progress_init(struct progress *g)
{
    size_t n = g->run->n - g->plan->from, rows = g->m->rows;

    if (n > SIZE_MAX / sizeof *g->step)
        return LIQ_ENOMEM;
    g->step = malloc(n * sizeof *g->step);
    g->seeding = lines_alloc(sizeof *g->seeding);
    for (size_t i = 0; i < 2; i++)
        g->scratch[i] = calloc(rows + LANES, sizeof *g->scratch[i]);
    if (!g->step || !g->seeding || !g->scratch[0] || !g->scratch[1])
        return LIQ_ENOMEM;
    seeding_init(g->seeding);
    look_ahead(g->run, g->plan, g->m->hidden, g->step);
    return LIQ_OK;
}

static void progress_free(struct progress *g)
{
    free(g->step);
    free(g->seeding);
    for (size_t i = 0; i < 2; i++)
        free(g->scratch[i]);
}

/* Make candle i part of the display candle; whether it ends that one, as far as
 * the run goes. */
static bool merge(struct progress *g, size_t i)
{
    const struct liq_kline *k = &g->run->kline[i];

    if (k->open_ms < g->end_ms) {
        kline_merge(&g->forming, k);
    } else {
        g->forming = *k;
        g->forming.open_ms = kline_display_open(k->open_ms, g->run->display_ms);
        g->end_ms = g->forming.open_ms + g->run->display_ms;
    }
    return i + 1 == g->run->n || k[1].open_ms >= g->end_ms;
}

/* Candle i into the seeding; false when the next one must take it. */
static bool take_candle(struct progress *g, size_t i)
{
    struct seeding *seeding = g->seeding;
    const struct step *at = &g->step[i - g->plan->from];
    struct visit now = {&g->run->kline[i], at->rows, at->close};

    if (!seeding_take(seeding, &g->m->live, &g->m->setting, &now, &at->later))
        return false;
    if (merge(g, i)) {
        g->candle[seeding->stretches] = g->forming;
        g->end[seeding->stretches] = at->later.end;
        seeding_cut(seeding);
    }
    return true;
}

/* The column of a display candle that is shown. */
static double *take_shown(struct progress *g, size_t column,
                          const struct liq_kline *candle)
{
    struct liq_map *m = g->m;
    double *mass = m->cell + column * m->rows;

    m->candle[column] = *candle;
    m->peak[column] =
        book_snapshot(&m->live, &m->setting, m->tiers, m->sides, mass);
    return mass;
}

/* Of another one only rows that are outside those visited later. */
static double *take_hidden(struct progress *g, const struct ages_column *now)
{
    struct liq_map *m = g->m;
    double *mass = g->scratch[g->display % 2];

    if (now->low > now->high)
        book_snapshot(&m->live, &m->setting, m->tiers, m->sides, mass);
    else
        book_snapshot_rows(&m->live, &m->setting, m->tiers, m->sides, now->low,
                           now->high, mass);
    return mass;
}

/* The column of a display candle whose newest engine candle was just run; `end`
 * is what is visited later. */
static void take_column(struct progress *g, const struct liq_kline *candle,
                        const struct rows *end)
{
    struct liq_map *m = g->m;
    const struct liq_axis *axis = &m->setting.axis;
    bool newest = g->display + 1 == g->plan->all;
    int32_t rows = (int32_t)m->rows;
    struct ages_column now = {
        .low = end->low < 0 ? 0 : (size_t)(end->low < rows ? end->low : rows),
        .high = (size_t)(end->high < rows ? end->high + 1 : rows),
        .first = liq_axis_row(axis, candle->low),
        .last = liq_axis_row(axis, candle->high),
        .open_ms = candle->open_ms,
    };
    double *mass = g->display < m->hidden
                       ? take_hidden(g, &now)
                       : take_shown(g, g->display - m->hidden, candle);

    g->display++;
    now.mass = mass;
    ages_next(m->setting.ops, &g->last, &now, m->rows,
              newest ? m->birth : m->closed.birth);
    if (!newest)
        g->last = (struct ages){m->closed.birth, mass, m->live.close_row,
                                candle->open_ms};
}

/* Run candles [from, end). */
static void run_candles(struct progress *g, size_t from, size_t end)
{
    struct liq_map *m = g->m;
    struct seeding *seeding = g->seeding;

    for (size_t i = from; i < end;) {
        for (size_t j = 0; j < STRETCHES_MAX; j++)
            g->candle[j].open_ms = -1;
        seeding_begin(seeding, &m->live);
        while (i < end && take_candle(g, i))
            i++;
        seeding_place(seeding, &m->live, &m->setting);
        for (size_t j = 0; j < seeding->stretches; j++) {
            book_step(&m->live, &m->setting, seeding, j);
            if (g->candle[j].open_ms >= 0)
                take_column(g, &g->candle[j], &g->end[j]);
        }
    }
}

/* Run what has to be run; the book before the newest candle stays behind, and
 * what is known of the newest closed column. */
static void advance(struct progress *g)
{
    struct liq_map *m = g->m;
    const struct liq_run *run = g->run;
    size_t newest = run->n - 1, from = g->plan->from;

    g->display = g->plan->display;
    g->last = m->closed;
    g->end_ms = INT64_MIN;
    for (size_t i = g->plan->opens; i < from; i++)
        merge(g, i);
    book_copy(&m->live, &m->before, m->rows);
    if (from < newest) {
        run_candles(g, from, newest);
        book_copy(&m->before, &m->live, m->rows);
    }
    run_candles(g, newest, run->n);
    if (g->last.mass != m->closed.mass)
        memcpy(m->closed.mass, g->last.mass, m->rows * sizeof(double));
    m->closed.close_row = g->last.close_row;
    m->closed.open_ms = g->last.open_ms;
    m->steps = run->n - from;
    m->newest_ms = run->kline[newest].open_ms;
}

static enum liq_err map_run(struct liq_map *m, const struct liq_run *run)
{
    struct plan p;
    struct progress progress = {.m = m, .run = run, .plan = &p};
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
    err = progress_init(&progress);
    if (!err) {
        advance(&progress);
        m->total = book_total(&m->live, m->rows);
        m->valid = true;
    }
    progress_free(&progress);
    return err;
}

enum liq_err liq_map_run(struct liq_map *m, const struct liq_run *run)
{
    enum liq_err err = map_run(m, run);

    if (err)
        map_empty(m);
    return err;
}
