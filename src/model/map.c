/* A run over a series, from scratch or continued. */
#include "liqmap/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "map.h"

/* What a market price or volume can be, MODEL.md 1. */
static const double PRICE_MIN = 1e-12, PRICE_MAX = 1e12, VOLUME_MAX = 1e24;

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
    free(m->closed.column);
    free(m->ages.birth);
    free(m->ages.column);
    free(m->scratch);
    free(m->peak);
    m->before.cell = m->live.cell = NULL;
    m->closed = m->ages = (struct ages){0};
    m->scratch = NULL;
    m->peak = NULL;
}

void map_empty(struct liq_map *m)
{
    free_rows(m);
    free(m->cell);
    free(m->display.at);
    memset(m, 0, sizeof *m);
}

void liq_map_free(struct liq_map *m)
{
    if (m == NULL)
        return;
    map_empty(m);
    free(m);
}

static bool price_ok(double p)
{
    return p >= PRICE_MIN && p <= PRICE_MAX;
}

static bool kline_ok(const struct liq_kline *k)
{
    return price_ok(k->low) && price_ok(k->high) && k->low <= k->open &&
           k->low <= k->close && k->open <= k->high && k->close <= k->high &&
           k->quote_volume >= 0.0 && k->quote_volume <= VOLUME_MAX &&
           k->open_ms >= 0;
}

static bool run_ok(const struct liq_run *run)
{
    if (run->n == 0 || run->bars == 0 || run->display_ms <= 0 ||
        run->axis.rows == 0 || !liq_contract_valid(&run->contract) ||
        !(run->axis.price_step > 0.0) || !(run->axis.price_min >= 0.0))
        return false;
    for (size_t i = 0; i < run->n; i++) {
        if (!kline_ok(&run->kline[i]))
            return false;
        if (i > 0 && run->kline[i].open_ms <= run->kline[i - 1].open_ms)
            return false;
    }
    return true;
}

bool map_same_axis(const struct liq_axis *a, const struct liq_axis *b)
{
    return a->price_min == b->price_min && a->price_step == b->price_step &&
           a->rows == b->rows;
}

static bool same_contract(const struct liq_contract *a,
                          const struct liq_contract *b)
{
    return a->max_leverage == b->max_leverage &&
           a->maintenance_margin_rate == b->maintenance_margin_rate &&
           a->inverse == b->inverse;
}

/* Where a run can go on: the index in run->kline of the newest candle of the
 * last one; run->n when it has to start over. */
static size_t resume_at(const struct liq_map *m, const struct liq_run *run)
{
    if (!m->valid || m->epoch != run->epoch ||
        m->start_ms != run->kline[0].open_ms ||
        m->display_ms != run->display_ms || m->tiers != run->tiers ||
        m->sides != run->sides ||
        !map_same_axis(&m->setting.axis, &run->axis) ||
        !same_contract(&m->setting.contract, &run->contract) ||
        memcmp(&m->setting.params, run->params, sizeof *run->params) != 0)
        return run->n;
    for (size_t i = run->n; i-- > 0;) {
        if (run->kline[i].open_ms == m->newest_ms)
            return i;
        if (run->kline[i].open_ms < m->newest_ms)
            break;
    }
    return run->n;
}

/* Whatever depends on the number of rows, not on that of columns. */
static bool reserve_rows(struct liq_map *m, size_t rows)
{
    size_t cells = LIQ_TIERS * LIQ_SIDES * rows;

    free_rows(m);
    m->before.cell = calloc(cells, sizeof(double));
    m->live.cell = calloc(cells, sizeof(double));
    m->closed.birth = calloc(rows, sizeof(int64_t));
    m->closed.column = calloc(rows, sizeof(double));
    m->ages.birth = calloc(rows, sizeof(int64_t));
    m->ages.column = calloc(rows, sizeof(double));
    m->scratch = calloc(rows, sizeof(double));
    m->peak = calloc(rows, sizeof(size_t));
    return m->before.cell && m->live.cell && m->closed.birth &&
           m->closed.column && m->ages.birth && m->ages.column && m->scratch &&
           m->peak;
}

enum liq_err map_reserve(struct liq_map *m, size_t rows, size_t columns)
{
    bool other_rows = m->before.cell == NULL || m->rows != rows;

    if (rows > SIZE_MAX / sizeof(double) / (columns + LIQ_TIERS * LIQ_SIDES))
        return LIQ_ENOMEM;
    if (other_rows && !reserve_rows(m, rows))
        return LIQ_ENOMEM;
    if (m->room < columns || other_rows) {
        double *cell = realloc(m->cell, columns * rows * sizeof *cell);

        if (cell == NULL)
            return LIQ_ENOMEM;
        m->cell = cell;
        m->room = columns;
    }
    m->rows = rows;
    return LIQ_OK;
}

static void map_restart(struct liq_map *m, const struct liq_run *run)
{
    m->setting.params = *run->params;
    m->setting.contract = run->contract;
    liq_inflow_shares(run->params, m->setting.inflow);
    m->setting.axis = run->axis;
    m->epoch = run->epoch;
    m->display_ms = run->display_ms;
    m->start_ms = run->kline[0].open_ms;
    m->tiers = run->tiers;
    m->sides = run->sides;
    m->columns = 0;
    book_reset(&m->before, m->rows);
    m->closed.open_ms = -1;
}

/* Make the first shown column the first one kept.  False when the window now
 * begins earlier than what was kept. */
static bool slide(struct liq_map *m, size_t old_n, size_t shown)
{
    size_t old_first = old_n - m->columns;
    size_t new_first = m->display.n - shown;
    size_t drop;

    if (new_first < old_first)
        return false;
    drop = new_first - old_first;
    if (drop > m->columns)
        drop = m->columns;
    m->columns -= drop;
    memmove(m->cell, m->cell + drop * m->rows,
            m->columns * m->rows * sizeof *m->cell);
    return true;
}

/* Column d, of which the newest engine candle was just run. */
static void take_column(struct liq_map *m, size_t d, size_t first_shown,
                        bool forming)
{
    double *column =
        d < first_shown ? m->scratch : m->cell + (d - first_shown) * m->rows;

    book_snapshot(&m->live, m->rows, m->tiers, m->sides, column);
    ages_step(&m->closed, &m->ages, column, &m->setting.axis, &m->display.at[d],
              m->peak);
    if (!forming) {
        struct ages swap = m->closed;

        m->closed = m->ages;
        m->ages = swap;
    }
}

/* Run candles [from, n); the book before the newest one stays behind. */
static void advance(struct liq_map *m, const struct liq_run *run, size_t from,
                    size_t shown)
{
    const struct liq_kline *display = m->display.at;
    size_t d = 0;

    book_copy(&m->live, &m->before, m->rows);
    m->steps = run->n - from;
    for (size_t i = from; i < run->n; i++) {
        const struct liq_kline *k = &run->kline[i];
        bool newest = i + 1 == run->n;

        while (d + 1 < m->display.n && display[d + 1].open_ms <= k->open_ms)
            d++;
        if (newest)
            book_copy(&m->before, &m->live, m->rows);
        book_step(&m->live, &m->setting, k);
        if (newest || k[1].open_ms >= display[d].open_ms + m->display_ms)
            take_column(m, d, m->display.n - shown, newest);
    }
    m->columns = shown;
    m->newest_ms = run->kline[run->n - 1].open_ms;
}

void map_sum_up(struct liq_map *m)
{
    m->max = 0.0;
    for (size_t i = 0; i < m->columns * m->rows; i++)
        m->max = m->cell[i] > m->max ? m->cell[i] : m->max;
    m->total = book_total(&m->live, m->rows);
}

const double *map_last(const struct liq_map *m)
{
    return m->cell + (m->columns - 1) * m->rows;
}

double map_close(const struct liq_map *m)
{
    return m->display.at[m->display.n - 1].close;
}

static enum liq_err map_run(struct liq_map *m, const struct liq_run *run)
{
    size_t old_n = m->display.n, shown, from;
    struct liq_klines display;
    enum liq_err err;

    if (!run_ok(run))
        return LIQ_EINVAL;
    from = resume_at(m, run);
    err = liq_klines_aggregate(run->kline, run->n, run->display_ms, &display);
    if (err)
        return err;
    free(m->display.at);
    m->display = display;
    shown = display.n < run->bars ? display.n : run->bars;

    if (from < run->n && !slide(m, old_n, shown))
        from = run->n;
    err = map_reserve(m, run->axis.rows, shown);
    if (err)
        return err;
    if (from == run->n) {
        map_restart(m, run);
        from = 0;
    }
    advance(m, run, from, shown);
    map_sum_up(m);
    m->valid = true;
    return LIQ_OK;
}

enum liq_err liq_map_run(struct liq_map *m, const struct liq_run *run)
{
    enum liq_err err = map_run(m, run);

    if (err)
        map_empty(m);
    return err;
}

struct liq_grid liq_map_grid(const struct liq_map *m)
{
    return (struct liq_grid){
        .cell = m->cell,
        .candle = m->display.at + (m->display.n - m->columns),
        .columns = m->columns,
        .rows = m->rows,
        .axis = m->setting.axis,
        .max = m->max,
    };
}

struct liq_book liq_map_book(const struct liq_map *m)
{
    struct liq_book b = {
        .cell = m->live.cell,
        .discarded = m->live.discarded,
        .total = m->total,
        .close = m->display.n > 0 ? map_close(m) : 0.0,
        .open_ms = m->newest_ms,
        .rows = m->rows,
    };

    memcpy(b.below, m->live.below, sizeof b.below);
    memcpy(b.above, m->live.above, sizeof b.above);
    return b;
}

size_t liq_map_steps(const struct liq_map *m)
{
    return m->steps;
}
