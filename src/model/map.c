/* What a map holds, and what is read off it. */
#include "map.h"

#include <stdlib.h>
#include <string.h>

enum liq_err liq_map_new(struct liq_map **out)
{
    *out = calloc(1, sizeof **out);
    return *out == NULL ? LIQ_ENOMEM : LIQ_OK;
}

static void free_rows(struct liq_map *m)
{
    book_cells_free(m->before.cell);
    book_cells_free(m->live.cell);
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
    m->before.cell = book_cells_new(rows);
    m->live.cell = book_cells_new(rows);
    m->closed.birth = calloc(rows, sizeof(int64_t));
    m->closed.mass = calloc(rows, sizeof(double));
    m->birth = calloc(rows, sizeof(int64_t));
    return m->before.cell && m->live.cell && m->closed.birth &&
           m->closed.mass && m->birth;
}

/* A column is written in whole LANES. */
static bool reserve_columns(struct liq_map *m, size_t rows, size_t columns)
{
    double *cell = lines_alloc((columns * rows + LANES) * sizeof *cell);
    struct liq_kline *candle;
    double *peak;

    if (cell != NULL) {
        if (m->columns > 0)
            memcpy(cell, m->cell, m->columns * rows * sizeof *cell);
        free(m->cell);
        m->cell = cell;
    }
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

/* --- results --------------------------------------------------------------
 */

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
