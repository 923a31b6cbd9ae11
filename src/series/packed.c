/*
 * Column by column.  Exchanges send decimals of few places: such a column is
 * kept as whole numbers of its last place, less the least of them, in as few
 * bytes as the greatest needs.  A whole number and a power of ten are exact, so
 * their quotient is the double that the decimal was read as.  A column with any
 * other value is kept as the bits of its doubles in the same way.
 */
#include "packed.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Ten to the power of as many is exact, and exchanges quote no finer. */
#define PLACES_MAX 12
/* Every integer up to here is a double of its own: 2^53. */
#define WHOLE_MAX 9007199254740992.0

/* As in struct liq_kline; the first is a time. */
static const size_t field[] = {
    offsetof(struct liq_kline, open_ms),
    offsetof(struct liq_kline, open),
    offsetof(struct liq_kline, high),
    offsetof(struct liq_kline, low),
    offsetof(struct liq_kline, close),
    offsetof(struct liq_kline, volume),
    offsetof(struct liq_kline, quote_volume),
    offsetof(struct liq_kline, taker_buy_volume),
};
#define COLUMNS (sizeof field / sizeof *field)

/*
 * scale  ten to the power of the decimal places; 0: bits
 * least  the least whole number
 * unit   of a time: milliseconds between neighbours, a divisor of all; else 1
 * width  bytes of each, 0 to 8
 */
struct column {
    double scale;
    uint64_t least, unit;
    size_t width;
};

/* byte holds one column after the other, the low byte of a number first, and
 * behind them as many bytes as any number has: eight are moved at once. */
struct liq_packed {
    size_t n, bytes;
    struct column column[COLUMNS];
    unsigned char byte[];
};

size_t liq_packed_bytes(const struct liq_packed *p)
{
    return p->bytes;
}

static uint64_t bits_at(const struct liq_kline *k, size_t column)
{
    uint64_t bits;

    memcpy(&bits, (const char *)k + field[column], sizeof bits);
    return bits;
}

static uint64_t bits_of(double x)
{
    uint64_t bits;

    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static double number_of(uint64_t bits)
{
    double x;

    memcpy(&x, &bits, sizeof x);
    return x;
}

static uint64_t whole_of(uint64_t bits, double scale)
{
    return (uint64_t)(number_of(bits) * scale + 0.5);
}

/* Whether bits are a whole number of 1 / scale. */
static bool is_whole(uint64_t bits, double scale)
{
    double large = number_of(bits) * scale;

    return large >= 0.0 && large < WHOLE_MAX &&
           bits_of((double)whole_of(bits, scale) / scale) == bits;
}

/* The number that is kept for one value; c's scale fits all values. */
static uint64_t number_at(const struct column *c, const struct liq_kline *k,
                          size_t column)
{
    uint64_t bits = bits_at(k, column);

    return c->scale > 0.0 ? whole_of(bits, c->scale) : bits;
}

/* The power of ten with which all values are whole numbers; 0: there is none.
 * What is whole with one is whole with greater ones, up to WHOLE_MAX. */
static double scale_of(const struct liq_klines *k, size_t column)
{
    double scale = 1.0;
    int places = 0;

    for (size_t i = 0; i < k->n; i++) {
        while (!is_whole(bits_at(&k->at[i], column), scale)) {
            if (++places > PLACES_MAX)
                return 0.0;
            scale *= 10.0;
        }
    }
    for (size_t i = 0; i < k->n; i++) {
        if (!is_whole(bits_at(&k->at[i], column), scale))
            return 0.0;
    }
    return scale;
}

static size_t width_of(uint64_t most)
{
    size_t width = 0;

    for (; most > 0; most >>= 8)
        width++;
    return width;
}

static uint64_t common_divisor(uint64_t a, uint64_t b)
{
    while (b > 0 && a != b) {
        uint64_t rest = a % b;

        a = b;
        b = rest;
    }
    return a;
}

/* x, whose low byte is the first in memory, or the other way round. */
static uint64_t low_first(uint64_t x)
{
    return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? __builtin_bswap64(x) : x;
}

static uint64_t distance(uint64_t a, uint64_t b)
{
    return a > b ? a - b : b - a;
}

static struct column plan_column(const struct liq_klines *k, size_t column)
{
    struct column c = {.unit = 1};
    uint64_t most = 0, unit = 0;

    c.scale = column == 0 ? 0.0 : scale_of(k, column);
    c.least = k->n > 0 ? number_at(&c, &k->at[0], column) : 0;
    for (size_t i = 0; i < k->n; i++) {
        uint64_t number = number_at(&c, &k->at[i], column);

        c.least = number < c.least ? number : c.least;
        most = number > most ? number : most;
    }
    for (size_t i = 1; column == 0 && i < k->n; i++)
        unit = common_divisor(
            unit, distance(bits_at(&k->at[i - 1], 0), bits_at(&k->at[i], 0)));
    c.unit = unit > 0 ? unit : 1;
    c.width = width_of((most - (k->n > 0 ? c.least : 0)) / c.unit);
    return c;
}

static unsigned char *pack_column(const struct column *c,
                                  const struct liq_klines *k, size_t column,
                                  unsigned char *to)
{
    for (size_t i = 0; i < k->n; i++) {
        uint64_t number = number_at(c, &k->at[i], column);

        number -= c->least;
        if (c->unit > 1)
            number /= c->unit;
        number = low_first(number);
        memcpy(to, &number, sizeof number); /* the next overwrites the rest */
        to += c->width;
    }
    return to;
}

enum liq_err liq_pack(const struct liq_klines *k, struct liq_packed **out)
{
    struct column column[COLUMNS];
    struct liq_packed *p;
    unsigned char *to;
    size_t width = 0;

    for (size_t i = 0; i < COLUMNS; i++) {
        column[i] = plan_column(k, i);
        width += column[i].width;
    }
    /* No overflow: not more than the candles themselves. */
    p = calloc(1, sizeof *p + width * k->n + sizeof(uint64_t));
    if (!p)
        return LIQ_ENOMEM;
    p->n = k->n;
    p->bytes = sizeof *p + width * k->n + sizeof(uint64_t);
    memcpy(p->column, column, sizeof column);
    to = p->byte;
    for (size_t i = 0; i < COLUMNS; i++)
        to = pack_column(&column[i], k, i, to);
    *out = p;
    return LIQ_OK;
}

/* The thread sanitizer would spend a third of its time here; p does not change
 * and k is the caller's own. */
__attribute__((no_sanitize("thread"))) static const unsigned char *
unpack_column(const struct column *c, const unsigned char *from,
              struct liq_klines *k, size_t column)
{
    uint64_t mask =
        c->width < 8 ? (UINT64_C(1) << 8 * c->width) - 1 : ~UINT64_C(0);

    for (size_t i = 0; i < k->n; i++, from += c->width) {
        uint64_t number;

        memcpy(&number, from, sizeof number);
        number = (low_first(number) & mask) * c->unit + c->least;
        if (c->scale > 0.0)
            number = bits_of((double)number / c->scale);
        memcpy((char *)&k->at[i] + field[column], &number, sizeof number);
    }
    return from;
}

enum liq_err liq_unpack(const struct liq_packed *p, struct liq_klines *out)
{
    struct liq_klines k = {malloc((p->n ? p->n : 1) * sizeof *k.at), p->n};
    const unsigned char *from = p->byte;

    if (!k.at)
        return LIQ_ENOMEM;
    for (size_t i = 0; i < COLUMNS; i++)
        from = unpack_column(&p->column[i], from, &k, i);
    *out = k;
    return LIQ_OK;
}
