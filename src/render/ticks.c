#include "ticks.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "format.h"
#include "liqmap/interval.h"

double liq_tick_step(double span)
{
    static const double steps[] = {1.0, 2.0, 2.5, 4.0, 5.0};
    double power = pow(10.0, floor(log10(span)));

    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        if (steps[i] * power >= span * (1.0 - 1e-9))
            return steps[i] * power;
    }
    return 10.0 * power;
}

#define RANK_YEAR 70
#define RANK_MONTH 60

/* What begins with the candle at ms when the one before opened at before_ms. */
static int rank_of(int64_t ms, int64_t before_ms)
{
    static const struct {
        int rank;
        int64_t ms;
    } parts[] = {{33, 12 * LIQ_HOUR_MS},   {32, 6 * LIQ_HOUR_MS},
                 {31, 3 * LIQ_HOUR_MS},    {30, LIQ_HOUR_MS},
                 {22, 30 * LIQ_MINUTE_MS}, {21, 5 * LIQ_MINUTE_MS}};
    struct liq_day now = liq_day_of(ms), before = liq_day_of(before_ms);

    if (now.year != before.year)
        return RANK_YEAR;
    if (now.month != before.month)
        return RANK_MONTH;
    if (now.day != before.day)
        return LIQ_RANK_DAY;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (ms / parts[i].ms != before_ms / parts[i].ms)
            return parts[i].rank;
    }
    return 20;
}

static void write_mark(int64_t ms, struct liq_mark *m)
{
    struct liq_day d = liq_day_of(ms);

    if (m->rank >= RANK_YEAR)
        snprintf(m->text, sizeof m->text, "%d", d.year);
    else if (m->rank >= RANK_MONTH)
        snprintf(m->text, sizeof m->text, "%s", liq_month_name(d.month));
    else if (m->rank >= LIQ_RANK_DAY)
        snprintf(m->text, sizeof m->text, "%d", d.day);
    else
        snprintf(m->text, sizeof m->text, "%02d:%02d", d.hour, d.minute);
}

/* Where in out[n], ascending, a column belongs. */
static size_t place_in(const struct liq_mark *out, size_t n, size_t column)
{
    size_t at = 0;

    while (at < n && out[at].column < column)
        at++;
    return at;
}

/* Put a mark among out[*n] unless another is nearer than apart. */
static void add_mark(const struct liq_kline *candle, size_t column, int rank,
                     size_t apart, struct liq_mark *out, size_t *n)
{
    size_t at = place_in(out, *n, column);

    if (*n == LIQ_MARKS_MAX ||
        (at > 0 && column - out[at - 1].column < apart) ||
        (at < *n && out[at].column - column < apart))
        return;
    memmove(out + at + 1, out + at, (*n - at) * sizeof *out);
    out[at] = (struct liq_mark){.column = column, .rank = rank};
    write_mark(candle[column].open_ms, &out[at]);
    ++*n;
}

size_t liq_time_marks(const struct liq_kline *candle, size_t n, size_t apart,
                      struct liq_mark out[LIQ_MARKS_MAX])
{
    static const int ranks[] = {RANK_YEAR, RANK_MONTH, LIQ_RANK_DAY, 33, 32,
                                31,        30,         22,           21, 20};
    signed char rank[LIQ_CANDLES_MAX];
    size_t kept = 0;
    /* Before the first candle is one as far as they are on average. */
    int64_t mean_ms =
        n > 1 ? (candle[n - 1].open_ms - candle[0].open_ms) / (int64_t)(n - 1)
              : LIQ_MINUTE_MS;

    assert(n <= LIQ_CANDLES_MAX);
    for (size_t i = 0; i < n; i++) {
        int64_t ms = candle[i].open_ms;
        int64_t before = i > 0 ? candle[i - 1].open_ms : ms - mean_ms;

        rank[i] = (signed char)rank_of(ms, before > 0 ? before : 0);
    }
    for (size_t k = 0; k < sizeof ranks / sizeof *ranks; k++) {
        for (size_t i = 0; i < n; i++) {
            if (rank[i] == ranks[k])
                add_mark(candle, i, ranks[k], apart, out, &kept);
        }
    }
    return kept;
}
