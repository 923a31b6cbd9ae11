/* What format=compact writes otherwise: candles as differences in whole ticks,
 * cells as text of one or two characters.  README.md says how to read it. */
#include "compact.h"

#include <assert.h>
#include <math.h>
#include <string.h>
#include "cells.h"

/* A palette has 256 colours.  With 100 to 200 levels no cell is farther than
 * 0.5 % of the strongest from its value. */
#define LEVELS_MAX 200
/* Decimals of a price, at most. */
#define DECIMALS_MAX 8
/* Of a price: what a decimal fraction loses as a double. */
#define TICK_TOLERANCE 1e-9
#define VOLUME_DIGITS 3
/* The smallest volume that has so many before the point. */
#define VOLUME_MIN 100.0

/* --- candles -------------------------------------------------------------- */

static bool whole_ticks(const struct liq_kline *k, double scale)
{
    const double price[] = {k->open, k->high, k->low, k->close};

    for (size_t i = 0; i < sizeof price / sizeof *price; i++) {
        double ticks = price[i] * scale;

        if (!(fabs(ticks - round(ticks)) <=
              TICK_TOLERANCE * fmax(1.0, fabs(ticks))))
            return false;
    }
    return true;
}

/* Ticks of one unit of price: the fewest decimals that hold all prices. */
static double ticks_per_unit(const struct liq_kline *at, size_t n)
{
    double scale = 1.0;
    size_t i = 0;

    for (int decimals = 0; decimals < DECIMALS_MAX && i < n;) {
        if (whole_ticks(&at[i], scale)) {
            i++;
        } else {
            scale *= 10.0;
            decimals++;
        }
    }
    return scale;
}

/* The power of ten that the last of VOLUME_DIGITS digits counts. */
static double digit_unit(double volume)
{
    double unit = 1.0;

    if (volume < VOLUME_MIN)
        return pow(10.0, floor(log10(volume)) - (VOLUME_DIGITS - 1));
    /* Most volumes: without a logarithm. */
    while (volume >= 10.0 * VOLUME_MIN * unit)
        unit *= 10.0;
    return unit;
}

static double rounded_volume(double volume)
{
    double unit;

    if (!(isfinite(volume) && volume > 0.0))
        return volume;
    unit = digit_unit(volume);
    return unit < 1.0 ? round(volume / unit) / round(1.0 / unit)
                      : round(volume / unit) * unit;
}

/* What is written of a candle; before is the one before it, NULL for the
 * first. */
typedef double column_fn(const struct liq_kline *k,
                         const struct liq_kline *before, double scale);

static double ticks(double price, double scale)
{
    return round(price * scale);
}

static double time_column(const struct liq_kline *k,
                          const struct liq_kline *before, double scale)
{
    (void)scale;
    return (double)(before ? k->open_ms - before->open_ms : k->open_ms);
}

static double open_column(const struct liq_kline *k,
                          const struct liq_kline *before, double scale)
{
    return ticks(k->open, scale) - (before ? ticks(before->close, scale) : 0.0);
}

static double high_column(const struct liq_kline *k,
                          const struct liq_kline *before, double scale)
{
    (void)before;
    return ticks(k->high, scale) - ticks(fmax(k->open, k->close), scale);
}

static double low_column(const struct liq_kline *k,
                         const struct liq_kline *before, double scale)
{
    (void)before;
    return ticks(fmin(k->open, k->close), scale) - ticks(k->low, scale);
}

static double close_column(const struct liq_kline *k,
                           const struct liq_kline *before, double scale)
{
    (void)before;
    return ticks(k->close, scale) - ticks(k->open, scale);
}

static double volume_column(const struct liq_kline *k,
                            const struct liq_kline *before, double scale)
{
    (void)before;
    (void)scale;
    return rounded_volume(k->volume);
}

static double quote_column(const struct liq_kline *k,
                           const struct liq_kline *before, double scale)
{
    (void)before;
    (void)scale;
    return rounded_volume(k->quote_volume);
}

void liq_encode_compact_candles(struct liq_jsonw *w, const struct liq_kline *at,
                                size_t n)
{
    static const struct {
        const char *key;
        column_fn *value;
    } columns[] = {
        {"open_time", time_column},     {"open", open_column},
        {"high", high_column},          {"low", low_column},
        {"close", close_column},        {"volume", volume_column},
        {"quote_volume", quote_column},
    };
    double scale = ticks_per_unit(at, n);

    liq_jsonw_key(w, "candles");
    liq_jsonw_open_object(w);
    liq_jsonw_key_number(w, "ticks_per_unit", scale);
    for (size_t k = 0; k < sizeof columns / sizeof *columns; k++) {
        liq_jsonw_key(w, columns[k].key);
        liq_jsonw_open_array(w);
        for (size_t i = 0; i < n; i++)
            liq_jsonw_number(
                w, columns[k].value(&at[i], i ? &at[i - 1] : NULL, scale));
        liq_jsonw_close_array(w);
    }
    liq_jsonw_close_object(w);
}

/* --- cells ---------------------------------------------------------------- */

/* The digits: what JSON writes as one character, from # to ~, without the
 * backslash. */
#define FIRST_DIGIT '#'
#define DIGITS 91
/* Digits below stand alone; those from it on begin a pair. */
#define PAIR 64

static char digit_text(int digit)
{
    int c = FIRST_DIGIT + digit;

    return (char)(c + (c >= '\\'));
}

static char *put_digit(char *out, int digit)
{
    *out = digit_text(digit);
    return out + 1;
}

/* 0, 1, -1, 2, -2 ... are 0, 1, 2, 3, 4 ... */
static int number_of(int difference)
{
    return difference > 0 ? 2 * difference - 1 : -2 * difference;
}

static char *put_number(char *out, int n)
{
    if (n < PAIR)
        return put_digit(out, n);
    n -= PAIR;
    assert(n / DIGITS < DIGITS - PAIR);
    out = put_digit(out, PAIR + n / DIGITS);
    return put_digit(out, n % DIGITS);
}

/* What the neighbours let expect: the change along the row below, less one,
 * which is as often rounding.  Of all that were measured (time alone, the whole
 * change, parts of it, the median of JPEG-LS) this gave the fewest bytes. */
static int expected(int left, int below, int corner)
{
    int change = below - corner;

    return left + change - (change > 0) + (change < 0);
}

/* What is written of the cell at row, which has others to its left. */
static int cell_number(const int *row, const int *below)
{
    return number_of(row[0] - expected(row[-1], below[0], below[-1]));
}

/* So many cells are worked on at once, without branches: compilers use vectors
 * for that. */
#define BLOCK 8

static char *put_block(const int *row, const int *below, char *restrict out)
{
    int number[BLOCK], any = 0;

    for (int k = 0; k < BLOCK; k++)
        number[k] = cell_number(row + k, below + k);
    for (int k = 0; k < BLOCK; k++)
        any |= number[k];
    _Static_assert((PAIR & (PAIR - 1)) == 0, "then any is below it if all are");
    if (any < PAIR) {
        for (int k = 0; k < BLOCK; k++)
            out[k] = digit_text(number[k]);
        return out + BLOCK;
    }
    for (int k = 0; k < BLOCK; k++)
        out = put_number(out, number[k]);
    return out;
}

/* One row, n >= 1, as the differences from what is expected, in quotes; the
 * end. */
static char *put_row(const int *row, const int *below, size_t n, char *out)
{
    size_t j = 1;

    *out++ = '"';
    out = put_number(out, number_of(row[0] - expected(0, below[0], 0)));
    for (; j + BLOCK <= n; j += BLOCK)
        out = put_block(row + j, below + j, out);
    for (; j < n; j++)
        out = put_number(out, cell_number(row + j, below + j));
    *out++ = '"';
    return out;
}

double liq_compact_quantum(double quantum, double max)
{
    return quantum * fmax(1.0, ceil(max / LEVELS_MAX));
}

void liq_encode_compact_cells(struct liq_jsonw *w, const struct liq_grid *g,
                              double quantum)
{
    int row[LIQ_CELL_ROWS][LIQ_COLUMNS_MAX], below[LIQ_COLUMNS_MAX];
    char text[2 * LIQ_COLUMNS_MAX + 2];

    /* Below the lowest row, as before the first column, there is nothing. */
    memset(below, 0, sizeof below);
    liq_jsonw_key(w, "cells");
    liq_jsonw_open_array(w);
    for (size_t from = 0; from < g->rows; from += LIQ_CELL_ROWS) {
        size_t n = liq_cells_read(g, quantum, from, row);

        for (size_t i = 0; i < n; i++) {
            char *end =
                put_row(row[i], i > 0 ? row[i - 1] : below, g->columns, text);

            liq_jsonw_raw(w, text, (size_t)(end - text));
        }
        memcpy(below, row[n - 1], g->columns * sizeof *below);
    }
    liq_jsonw_close_array(w);
}

char *liq_put_whole(char *out, int difference)
{
    int n = number_of(difference);

    for (; n >= PAIR; n = (n - PAIR) / (DIGITS - PAIR))
        out = put_digit(out, PAIR + (n - PAIR) % (DIGITS - PAIR));
    return put_digit(out, n);
}
