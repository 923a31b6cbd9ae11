/* Bytes as a series of candles and a run over them, for fuzz_map.c.  Whatever
 * the bytes are, both are what model.h takes. */
#ifndef LIQMAP_FUZZ_MAP_INPUT_H
#define LIQMAP_FUZZ_MAP_INPUT_H

#include <math.h>
#include <stdint.h>
#include "liqmap/model.h"

#define CANDLES_MAX 120
#define CANDLE_BYTES 7
#define ENGINE_MS INT64_C(900000)

struct input {
    const uint8_t *at;
    size_t left;
};

/* The next byte; 0 behind the end. */
static unsigned take(struct input *in)
{
    if (in->left == 0)
        return 0;
    in->left--;
    return *in->at++;
}

static double take_between(struct input *in, double a, double b)
{
    return a + (b - a) * take(in) / 255.0;
}

static double take_power(struct input *in, double least, double most)
{
    return pow(10.0, take_between(in, least, most));
}

static double within(double x, double least, double most)
{
    return fmin(fmax(x, least), most);
}

/* --- candles ---------------------------------------------------------------
 */

/* A price with so many digits, all for 0: round ones lie on edges of rows. */
static double price_of(double x, unsigned digits)
{
    double unit;

    x = within(x, 1e-12, 1e12);
    if (digits == 0)
        return x;
    unit = pow(10.0, floor(log10(x)) + 1.0 - digits);
    return within(round(x / unit) * unit, 1e-12, 1e12);
}

/* The logarithm of a move, its scale by a number of 0 to 7. */
static double take_move(struct input *in, unsigned scale, double least)
{
    static const double scales[] = {0.0,  1e-9, 1e-5, 1e-3,
                                    1e-2, 0.1,  1.0,  30.0};

    return scales[scale % 8] * take_between(in, least, 1.0);
}

static int64_t take_time(struct input *in, int64_t before_ms)
{
    unsigned code = take(in);
    int64_t steps = 1;

    if (code >= 224)
        steps = INT64_C(1) << code % 26; /* up to a thousand years */
    else if (code >= 128)
        steps = 1 + code % 32;
    return before_ms + ENGINE_MS * steps;
}

/* The series; how many candles. */
static size_t take_candles(struct input *in, struct liq_kline *k)
{
    unsigned digits = take(in) % 7;
    double price = price_of(take_power(in, -12.0, 12.0), digits);
    int64_t open_ms = ENGINE_MS * take(in);
    size_t n = 0;

    while (n < CANDLES_MAX && (n == 0 || in->left >= CANDLE_BYTES)) {
        unsigned scale = take(in);
        struct liq_kline *one = &k[n++];
        double top, bottom;

        one->open_ms = open_ms = take_time(in, open_ms);
        one->open = price_of(
            price * exp(take_move(in, scale & 64 ? scale : 0, -1.0)), digits);
        one->close =
            price_of(one->open * exp(take_move(in, scale, -1.0)), digits);
        top = fmax(one->open, one->close);
        bottom = fmin(one->open, one->close);
        one->high = fmax(
            top, price_of(top * exp(take_move(in, scale >> 3, 0.0)), digits));
        one->low =
            fmin(bottom, price_of(bottom * exp(-take_move(in, scale >> 3, 0.0)),
                                  digits));
        one->quote_volume = scale & 128 ? 0.0 : take_power(in, -12.0, 24.0);
        one->volume = one->quote_volume;
        one->taker_buy_volume = NAN;
        price = one->close;
    }
    return n;
}

/* The newest of n candles while it was forming: part of its range and volume.
 */
static void form(struct liq_kline *k, double part)
{
    k->high = within(k->open + (k->high - k->open) * part, k->open, k->high);
    k->low = within(k->open + (k->low - k->open) * part, k->low, k->open);
    k->close = within(k->open + (k->close - k->open) * part, k->low, k->high);
    k->quote_volume *= part;
}

/* --- the run ---------------------------------------------------------------
 */

/* As the settings may be. */
static void take_params(struct input *in, struct liq_params *p)
{
    unsigned code = take(in);

    *p = liq_params_gauss7;
    if (code & 1)
        p->leverage_spread = take_power(in, -3.0, -0.301);
    if (code & 2)
        p->round_number_share = take_between(in, 0.0, 1.0);
    for (size_t i = 0; i < LIQ_TIERS && code & 4; i++)
        p->tier[i].half_life_hours = take_power(in, -1.0, 5.0);
    if (code & 8) { /* one tier alone, or one the less */
        for (size_t i = 0; i < LIQ_TIERS; i++)
            if ((i == code >> 5) == (code >> 4 & 1))
                p->tier[i].standing_share = 0.0;
        p->tier[code >> 6].standing_share += 0.01;
    }
}

static struct liq_contract take_contract(struct input *in)
{
    struct liq_contract c = liq_contract_default;
    unsigned code = take(in);

    if (code & 1)
        c.max_leverage = 1.0 + take_power(in, -6.0, 3.0);
    if (code & 2)
        c.maintenance_margin_rate =
            take_between(in, 0.0, 0.999) / c.max_leverage;
    if (c.maintenance_margin_rate * c.max_leverage >= 1.0)
        c.maintenance_margin_rate = 0.0;
    c.inverse = code & 4;
    return c;
}

/* An axis around some of the candles, or any. */
static struct liq_axis take_axis(struct input *in, const struct liq_kline *k,
                                 size_t n)
{
    unsigned code = take(in);
    int rows = LIQ_ROWS_MIN + (int)take(in) % 128;
    size_t i = take(in) % n;
    struct liq_axis a = {k[i].low, (k[i].high - k[i].low) / rows, 1};
    enum liq_err err = LIQ_EINVAL;

    if (code % 4 == 0)
        err = liq_axis_fit(k + i, n - i, rows, &a);
    else if (code % 4 == 1)
        err = liq_axis_around(k[i].close, 1.0 + code / 4 % 90, rows, &a);
    if (err) {
        a.price_min *= code & 4 ? take_between(in, 0.0, 2.0) : 1.0;
        a.price_step *= code & 8 ? take_power(in, -3.0, 3.0) : 1.0;
        a.price_step = fmax(a.price_step, 1e-6 * k[i].close);
        a.rows = 1 + take(in) % 200;
    }
    return a;
}

static void take_run(struct input *in, struct liq_run *run)
{
    static const int64_t candles[] = {1, 3, 4, 5, 6, 16, 96};

    run->epoch = 1;
    run->display_ms = ENGINE_MS * candles[take(in) % 7];
    run->bars = 1 + take(in) % CANDLES_MAX;
    run->tiers = take(in);
    run->tiers = run->tiers & 128 ? run->tiers & LIQ_ALL_TIERS : LIQ_ALL_TIERS;
    run->sides = take(in) % 8;
    run->sides = run->sides > 2 ? LIQ_BOTH_SIDES : run->sides + 1;
    run->contract = take_contract(in);
}

#endif
