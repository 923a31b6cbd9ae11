/*
 * Log price = sum of octaves of value noise, from minutes to months, each with
 * the square root of its period as amplitude (which is how a random walk
 * spreads), the quick ones louder in busy times; plus now and then a fast move
 * that slowly recovers, so that there is something to sweep.
 */
#include "demo_path.h"

#include <math.h>
#include "liqmap/interval.h"

const struct liq_demo_symbol liq_demo_symbols[] = {
    {"BNBUSDT", "BNB", 900.0, 100.0, 1.2, 900.0, 6.0e5, 0x1b873593},
    {"BTCUSDT", "BTC", 100000.0, 10.0, 1.0, 110.0, 8.5e4, 0x9e3779b9},
    {"DOGEUSDT", "DOGE", 0.2, 100000.0, 1.8, 2.5e6, 1.6e9, 0xcc9e2d51},
    {"ETHUSDT", "ETH", 3600.0, 100.0, 1.4, 2600.0, 2.1e6, 0x85ebca6b},
    {"SOLUSDT", "SOL", 180.0, 1000.0, 1.7, 1.4e4, 9.0e6, 0xc2b2ae35},
    {"XRPUSDT", "XRP", 2.4, 10000.0, 1.5, 3.5e5, 3.6e8, 0x27d4eb2f},
};
const int liq_demo_n_symbols =
    (int)(sizeof liq_demo_symbols / sizeof liq_demo_symbols[0]);

/* Amplitude of the one-minute octave at volatility 1; found by measuring the
 * daily move over ten years. */
#define MINUTE_SIGMA 4.6e-4
/* How far the price strays inside a minute, in MINUTE_SIGMA. */
#define INNER_SIGMA 0.9
/* Octaves up to 2^8 minutes, four hours, grow with activity. */
#define QUICK_OCTAVES 9

#define VOLUME_PARTS 16.0

/* Which noise a hash is for. */
enum {
    FOR_OCTAVE = 0,
    FOR_BUSY = 32,
    FOR_INNER = 48,
    FOR_VOLUME,
    FOR_MOVE,
    FOR_OTHERS = 64
};

/* --- noise -------------------------------------------------------------- */

/* A good 64-bit mixer: every input bit reaches every output bit. */
static uint64_t mix(uint64_t x)
{
    x ^= x >> 32;
    x *= UINT64_C(0xd6e8feb86659fd93);
    x ^= x >> 32;
    x *= UINT64_C(0xd6e8feb86659fd93);
    x ^= x >> 32;
    return x;
}

static uint64_t hash(uint64_t seed, uint64_t which, int64_t index)
{
    return mix(mix(seed + (which << 40)) + (uint64_t)index);
}

/* -1 .. 1 out of a hash: 52 bits, exact. */
static double unit(uint64_t h)
{
    return (double)(h >> 12) * 0x1p-51 - 1.0;
}

/* 0 .. 1 out of 12 bits of a hash, the which-th dozen. */
static double share(uint64_t h, int which)
{
    return (double)((h >> (12 * which)) & 4095U) * (1.0 / 4095.0);
}

static double smooth(double x)
{
    return x * x * (3.0 - 2.0 * x);
}

static void wave_init(struct liq_demo_wave *w, uint64_t seed, uint64_t which,
                      int shift)
{
    w->seed = mix(seed + (which << 40));
    w->shift = shift;
    w->per_minute = 1.0 / (double)((int64_t)1 << shift);
    /* Corners of different octaves must not fall together. */
    w->phase = (int64_t)(mix(w->seed) & ((UINT64_C(1) << shift) - 1));
    w->index = -2;
    w->left = w->right = 0.0;
}

static double corner(const struct liq_demo_wave *w, int64_t index)
{
    return unit(mix(w->seed + (uint64_t)index));
}

static double wave_at(struct liq_demo_wave *w, int64_t minute)
{
    int64_t at = minute + w->phase, length = (int64_t)1 << w->shift;
    int64_t index = at >> w->shift;
    double x = (double)(at & (length - 1)) * w->per_minute;

    if (index != w->index) {
        w->left = index == w->index + 1 ? w->right : corner(w, index);
        w->right = corner(w, index + 1);
        w->index = index;
    }
    return w->left + (w->right - w->left) * smooth(x);
}

double liq_demo_noise(const struct liq_demo_symbol *symbol, uint64_t which,
                      int64_t period_ms, int64_t time_ms)
{
    int64_t index = time_ms / period_ms;
    double x = (double)(time_ms % period_ms) / (double)period_ms;
    double left = unit(hash(symbol->seed, FOR_OTHERS + which, index));
    double right = unit(hash(symbol->seed, FOR_OTHERS + which, index + 1));

    return left + (right - left) * smooth(x);
}

/* --- fast moves --------------------------------------------------------- */

/* One in each block of `block` minutes, in its first half; over before the
 * block after next begins. */
struct moves {
    uint64_t which;
    int64_t block;
    double rise_min, rise_max; /* minutes */
    double size_min, size_max; /* of the price, at volatility 1 */
};

static const struct moves moves[LIQ_DEMO_MOVES] = {
    {0, 480, 4.0, 20.0, 0.002, 0.009},
    {1, 4320, 8.0, 50.0, 0.012, 0.055},
};

static struct liq_demo_move move_of(const struct liq_demo_symbol *symbol,
                                    const struct moves *m, int64_t index)
{
    uint64_t h = hash(symbol->seed + m->which, FOR_MOVE, index);
    double block = (double)m->block, big = share(h, 3) * share(h, 3);
    struct liq_demo_move out;

    out.start = block * ((double)index + 0.5 * share(h, 0));
    out.rise = m->rise_min + (m->rise_max - m->rise_min) * share(h, 1);
    out.fall = block * (0.3 + 0.9 * share(h, 2));
    out.size = m->size_min + (m->size_max - m->size_min) * big;
    if (share(h, 4) < 0.6)
        out.size = -out.size; /* markets fall faster than they rise */
    return out;
}

static double move_at(const struct liq_demo_move *m, double minute)
{
    double at = minute - m->start;

    if (at <= 0.0 || at >= m->rise + m->fall)
        return 0.0;
    if (at < m->rise)
        return m->size * smooth(at / m->rise);
    at = 1.0 - (at - m->rise) / m->fall;
    return m->size * at * at;
}

static double moves_at(struct liq_demo_walk *w, int64_t minute)
{
    double sum = 0.0, at = (double)minute;
    size_t i;

    for (i = 0; i < LIQ_DEMO_MOVES; i++) {
        int64_t index = minute / moves[i].block;

        if (index != w->move_index[i]) {
            w->move[i][0] = move_of(w->symbol, &moves[i], index - 1);
            w->move[i][1] = move_of(w->symbol, &moves[i], index);
            w->move_index[i] = index;
        }
        sum += move_at(&w->move[i][0], at) + move_at(&w->move[i][1], at);
    }
    return sum;
}

/* --- the walk ----------------------------------------------------------- */

/* e^x for |x| < 4 or so: libm's differ in the last bit from one to the next. */
static double exp_of(double x)
{
    double y = x / 64.0, e;
    int i;

    e = 1.0 / 24.0 + y * (1.0 / 120.0);
    e = 1.0 + y * (1.0 + y * (0.5 + y * (1.0 / 6.0 + y * e)));
    for (i = 0; i < 6; i++)
        e *= e;
    return e;
}

void liq_demo_walk_init(struct liq_demo_walk *w,
                        const struct liq_demo_symbol *symbol)
{
    uint64_t i;

    w->symbol = symbol;
    w->minute = -1;
    w->log_open = w->log_close = w->activity = 0.0;
    for (i = 0; i < LIQ_DEMO_OCTAVES; i++)
        wave_init(&w->octave[i], symbol->seed, FOR_OCTAVE + i, (int)i);
    for (i = 0; i < LIQ_DEMO_MOVES; i++)
        w->move_index[i] = -1;
    wave_init(&w->busy[0], symbol->seed, FOR_BUSY, 8);
    wave_init(&w->busy[1], symbol->seed, FOR_BUSY + 1, 12);
}

/* Log of price over symbol->price at the start of a minute. */
static double log_price(struct liq_demo_walk *w, int64_t minute, double busy)
{
    double slow = 0.0, quick = 0.0, a = 1.0;
    int i;

    for (i = 0; i < LIQ_DEMO_OCTAVES; i++) {
        double v = a * wave_at(&w->octave[i], minute);

        if (i < QUICK_OCTAVES)
            quick += v;
        else
            slow += v;
        a *= 1.4142135623730951;
    }
    return w->symbol->volatility *
           (MINUTE_SIGMA * (slow + busy * quick) + moves_at(w, minute));
}

static double activity_at(struct liq_demo_walk *w, int64_t minute)
{
    return exp_of(0.5 * wave_at(&w->busy[0], minute) +
                  0.6 * wave_at(&w->busy[1], minute));
}

/* Have log_open, log_close and activity of the minute. */
static void go_to(struct liq_demo_walk *w, int64_t minute)
{
    double next;

    if (w->minute == minute)
        return;
    if (w->minute == minute - 1 && w->minute >= 0)
        w->log_open = w->log_close;
    else
        w->log_open = log_price(w, minute, activity_at(w, minute));
    next = activity_at(w, minute + 1);
    w->log_close = log_price(w, minute + 1, next);
    w->activity = next;
    w->minute = minute;
}

/* In whole ticks. */
static double ticks_of(const struct liq_demo_symbol *s, double log_of)
{
    double ticks = floor(s->price * s->ticks * exp_of(log_of) + 0.5);

    return ticks > 1.0 ? ticks : 1.0;
}

/* Of the whole minute, before rounding. */
static double volume_of(const struct liq_demo_walk *w, int64_t minute)
{
    uint64_t h = hash(w->symbol->seed, FOR_VOLUME, minute);
    double move = fabs(w->log_close - w->log_open) /
                  (MINUTE_SIGMA * w->symbol->volatility);

    return w->symbol->volume * w->activity * (0.3 + 1.4 * share(h, 0)) *
           (0.4 + 0.6 * move);
}

/* Share of the minute's volume whose taker bought: more as the price rises. */
static double bought_of(const struct liq_demo_walk *w, int64_t minute)
{
    uint64_t h = hash(w->symbol->seed, FOR_VOLUME, minute);

    return 0.35 + 0.2 * share(h, 1) + (w->log_close > w->log_open ? 0.1 : 0.0);
}

/* Ticks of the minute's path: first, highest, lowest, last so far. */
static void path_of(const struct liq_demo_walk *w, int64_t minute, int steps,
                    double ticks[4])
{
    uint64_t h = hash(w->symbol->seed, FOR_INNER, minute);
    double stray =
        INNER_SIGMA * MINUTE_SIGMA * w->symbol->volatility * w->activity;
    int i;

    ticks[0] = ticks_of(w->symbol, w->log_open);
    ticks[1] = ticks[2] = ticks[3] = ticks[0];
    for (i = 1; i <= steps; i++) {
        double at = w->log_open + (w->log_close - w->log_open) *
                                      ((double)i * (1.0 / LIQ_DEMO_STEPS));

        if (i < LIQ_DEMO_STEPS)
            at += stray * (2.0 * share(h, i - 1) - 1.0);
        else
            at = w->log_close;
        ticks[3] = ticks_of(w->symbol, at);
        ticks[1] = ticks[3] > ticks[1] ? ticks[3] : ticks[1];
        ticks[2] = ticks[3] < ticks[2] ? ticks[3] : ticks[2];
    }
}

void liq_demo_minute(struct liq_demo_walk *w, int64_t minute, int steps,
                     struct liq_kline *out)
{
    double ticks[4], volume;

    go_to(w, minute);
    path_of(w, minute, steps, ticks);
    out->open_ms = minute * LIQ_MINUTE_MS;
    out->open = ticks[0] / w->symbol->ticks;
    out->high = ticks[1] / w->symbol->ticks;
    out->low = ticks[2] / w->symbol->ticks;
    out->close = ticks[3] / w->symbol->ticks;
    volume = volume_of(w, minute) * ((double)steps / LIQ_DEMO_STEPS);
    out->volume = floor(volume * VOLUME_PARTS) / VOLUME_PARTS;
    out->quote_volume = floor(volume * out->open);
    out->taker_buy_volume =
        floor(out->volume * bought_of(w, minute) * VOLUME_PARTS) / VOLUME_PARTS;
}
