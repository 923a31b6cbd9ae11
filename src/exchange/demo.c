/* The demo exchange: a simulated one over demo_path.c, on whatever clock it is
 * given. */
#include "liqmap/exchange.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "common.h"
#include "demo_path.h"
#include "liqmap/interval.h"

/* Everything is listed since 2017-01-01. */
#define LISTED_MS INT64_C(1483228800000)
/* One fetch's ceiling: about eleven years of minutes. */
#define MINUTES_MAX INT64_C(6000000)
#define CANDLES_MAX 100000

#define FUNDING_MS (8 * LIQ_HOUR_MS)
#define DEPTH_MS 5000
#define STATISTICS_MS (5 * LIQ_MINUTE_MS)

struct demo {
    struct liq_exchange x; /* first, so that the two addresses are one */
    const struct liq_clock *clock;
};

/* --- candles ------------------------------------------------------------ */

/* How much of a minute has happened by now_ms, in steps. */
static int steps_by(int64_t minute, int64_t now_ms)
{
    int64_t since_ms = now_ms - minute * LIQ_MINUTE_MS;

    if (since_ms >= LIQ_MINUTE_MS)
        return LIQ_DEMO_STEPS;
    return (int)(since_ms * LIQ_DEMO_STEPS / LIQ_MINUTE_MS);
}

/* The candle of open_ms as far as it has happened by now_ms (> open_ms, or it
 * is its opening price alone). */
static struct liq_kline make_candle(struct liq_demo_walk *w, int64_t open_ms,
                                    int64_t interval_ms, int64_t now_ms)
{
    int64_t minute = open_ms / LIQ_MINUTE_MS;
    int64_t end = (open_ms + interval_ms) / LIQ_MINUTE_MS;
    struct liq_kline sum, k;

    liq_demo_minute(w, minute, steps_by(minute, now_ms), &sum);
    for (minute++; minute < end && minute * LIQ_MINUTE_MS <= now_ms; minute++) {
        liq_demo_minute(w, minute, steps_by(minute, now_ms), &k);
        sum.high = k.high > sum.high ? k.high : sum.high;
        sum.low = k.low < sum.low ? k.low : sum.low;
        sum.close = k.close;
        sum.volume += k.volume;
        sum.quote_volume += k.quote_volume;
        sum.taker_buy_volume += k.taker_buy_volume;
    }
    return sum;
}

/* k[n]: candles from open_ms on. */
static void make_candles(const struct liq_demo_symbol *s, int64_t open_ms,
                         int64_t interval_ms, int64_t now_ms,
                         struct liq_kline *k, size_t n)
{
    struct liq_demo_walk w;
    size_t i;

    liq_demo_walk_init(&w, s);
    for (i = 0; i < n; i++)
        k[i] = make_candle(&w, open_ms + (int64_t)i * interval_ms, interval_ms,
                           now_ms);
}

/* --- a fetch ---------------------------------------------------------------
 */

static const struct liq_demo_symbol *find_symbol(const char *name)
{
    int i;

    for (i = 0; name != NULL && i < liq_demo_n_symbols; i++)
        if (strcmp(liq_demo_symbols[i].name, name) == 0)
            return &liq_demo_symbols[i];
    return NULL;
}

/* Candles of the closed range, and the forming one if there is room for it. */
static enum liq_err fill_klines(const struct liq_demo_symbol *s,
                                const struct liq_fetch *f, int64_t now_ms,
                                struct liq_klines *out, struct liq_reason *why)
{
    int64_t step = f->interval_ms;
    int64_t from_ms = f->from_ms > LISTED_MS ? f->from_ms : LISTED_MS;
    int64_t to_ms = f->to_ms != 0 && f->to_ms < now_ms ? f->to_ms : now_ms;
    int64_t end_ms = liq_interval_floor(to_ms, step);
    size_t n;

    from_ms = (from_ms + step - 1) / step * step;
    n = end_ms > from_ms ? (size_t)((end_ms - from_ms) / step) : 0;
    n += f->to_ms == 0 && end_ms >= from_ms;
    if (n == 0)
        return liq_fail(why, LIQ_ENOTFOUND, "demo: no candles in that range");
    if (n > CANDLES_MAX || (int64_t)n * (step / LIQ_MINUTE_MS) > MINUTES_MAX)
        return liq_fail(why, LIQ_EINVAL,
                        "demo: the range has too many candles");
    out->at = malloc(n * sizeof *out->at);
    if (out->at == NULL)
        return liq_fail(why, LIQ_ENOMEM, "demo: no memory");
    out->n = n;
    make_candles(s, from_ms, step, now_ms, out->at, n);
    return LIQ_OK;
}

/* The last 24 hours, to the minute. */
static void fill_ticker(const struct liq_demo_symbol *s, int64_t now_ms,
                        struct liq_ticker *t)
{
    int64_t open_ms = liq_interval_floor(now_ms, LIQ_MINUTE_MS) - LIQ_DAY_MS;
    struct liq_demo_walk w;
    struct liq_kline day;

    liq_demo_walk_init(&w, s);
    day = make_candle(&w, open_ms + LIQ_MINUTE_MS, LIQ_DAY_MS, now_ms);
    t->last = day.close;
    t->high_24h = day.high;
    t->low_24h = day.low;
    t->change_percent_24h = 100.0 * (day.close - day.open) / day.open;
    t->volume_24h = day.volume;
    t->quote_volume_24h = day.quote_volume;
    t->time_ms = now_ms;
}

/* Smooth too, and published every five minutes like an exchange's. */
static void fill_statistics(const struct liq_demo_symbol *s, int64_t now_ms,
                            double last, struct liq_statistics *out)
{
    int64_t slot_ms = liq_interval_floor(now_ms, STATISTICS_MS);
    int64_t funding_ms = liq_interval_floor(now_ms, FUNDING_MS);
    double swing = 0.18 * liq_demo_noise(s, 0, 9 * LIQ_DAY_MS, slot_ms) +
                   0.06 * liq_demo_noise(s, 1, LIQ_DAY_MS, slot_ms) +
                   0.01 * liq_demo_noise(s, 2, LIQ_HOUR_MS, slot_ms);
    double basis = 2e-4 * liq_demo_noise(s, 3, 10 * LIQ_MINUTE_MS, now_ms);
    double rate =
        5e-5 + 1.5e-4 * liq_demo_noise(s, 4, 3 * LIQ_DAY_MS, funding_ms);
    double share = 0.54 + 0.1 * liq_demo_noise(s, 5, 2 * LIQ_DAY_MS, slot_ms);

    out->open_interest = floor(s->open_interest * (1.0 + swing));
    out->mark_price = floor(last * (1.0 + basis) * s->ticks + 0.5) / s->ticks;
    out->open_interest_usd = out->open_interest * out->mark_price;
    out->funding_rate = floor(rate * 1e8 + 0.5) / 1e8;
    out->next_funding_ms = funding_ms + FUNDING_MS;
    out->long_account_share = floor(share * 1e4 + 0.5) / 1e4;
}

static enum liq_err fill_series(struct liq_fetch *f, int64_t now_ms)
{
    const struct liq_demo_symbol *s = find_symbol(f->symbol);
    int64_t then_ms = f->to_ms != 0 && f->to_ms < now_ms ? f->to_ms : now_ms;
    struct liq_market_data *out = &f->data;
    enum liq_err err;

    if (s == NULL)
        return liq_fail(&f->why, LIQ_ENOTFOUND, "demo: no such symbol");
    if (liq_interval_name(f->interval_ms) == NULL)
        return liq_fail(&f->why, LIQ_EINVAL,
                        "demo: no candles of that interval");
    if (now_ms < LISTED_MS)
        return liq_fail(&f->why, LIQ_ENOTFOUND, "demo: nothing is listed yet");
    err = fill_klines(s, f, now_ms, &out->klines, &f->why);
    if (err != LIQ_OK)
        return err;
    if (f->to_ms == 0)
        fill_ticker(s, now_ms, &out->ticker);
    fill_statistics(s, then_ms, out->klines.at[out->klines.n - 1].close,
                    &out->statistics);
    return LIQ_OK;
}

static enum liq_err fill_symbols(struct liq_fetch *f)
{
    struct liq_symbols *out = &f->symbols;
    int i;

    out->at = calloc((size_t)liq_demo_n_symbols, sizeof *out->at);
    if (out->at == NULL)
        return liq_fail(&f->why, LIQ_ENOMEM, "demo: no memory");
    for (i = 0; i < liq_demo_n_symbols; i++) {
        const struct liq_demo_symbol *s = &liq_demo_symbols[i];

        memcpy(out->at[i].name, s->name, strlen(s->name));
        memcpy(out->at[i].base, s->base, strlen(s->base));
        out->at[i].tick = 1.0 / s->ticks;
    }
    out->n = (size_t)liq_demo_n_symbols;
    return LIQ_OK;
}

/* --- the order book ------------------------------------------------------- */

/* Levels of a side, this far apart in parts of the price, and every so many of
 * them a wall so many times as large. */
#define DEPTH_LEVELS 300
#define DEPTH_STEP 1e-4
#define DEPTH_WALL_EVERY 41
#define DEPTH_WALL_TIMES 12.0

/* Of a minute's volume, at one level. */
#define DEPTH_VOLUME 0.05

/* Of each level a number of its own, which stays while price moves. */
static uint64_t level_hash(uint64_t seed, int64_t level)
{
    uint64_t x = seed ^ (uint64_t)level * UINT64_C(0x9e3779b97f4a7c15);

    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

static struct liq_depth_level make_level(const struct liq_demo_symbol *s,
                                         double step, int64_t level)
{
    uint64_t hash = level_hash(s->seed, level);
    double part = 0.5 + (double)(hash >> 48) / 65536.0;
    bool wall = hash % DEPTH_WALL_EVERY == 0;
    double price = floor((double)level * step * s->ticks + 0.5) / s->ticks;

    return (struct liq_depth_level){price, DEPTH_VOLUME * s->volume * part *
                                               (wall ? DEPTH_WALL_TIMES : 1.0)};
}

static enum liq_err fill_depth(struct liq_fetch *f, int64_t now_ms)
{
    const struct liq_demo_symbol *s = find_symbol(f->symbol);
    struct liq_depth *d = &f->depth;
    struct liq_ticker ticker;
    double step;
    int64_t first;
    size_t i;

    if (s == NULL || now_ms < LISTED_MS)
        return liq_fail(&f->why, LIQ_ENOTFOUND, "demo: no such symbol");
    d->bid = calloc(DEPTH_LEVELS, sizeof *d->bid);
    d->ask = calloc(DEPTH_LEVELS, sizeof *d->ask);
    if (d->bid == NULL || d->ask == NULL) {
        liq_depth_free(d);
        return liq_fail(&f->why, LIQ_ENOMEM, "demo: no memory");
    }
    fill_ticker(s, now_ms, &ticker);
    /* Of the price about which it wanders, so that levels stay. */
    step = s->price * DEPTH_STEP;
    first = (int64_t)floor(ticker.last / step);
    for (i = 0; i < DEPTH_LEVELS; i++) {
        d->bid[i] = make_level(s, step, first - (int64_t)i);
        d->ask[i] = make_level(s, step, first + 1 + (int64_t)i);
    }
    d->n_bid = d->n_ask = DEPTH_LEVELS;
    return LIQ_OK;
}

/* --- the interface -------------------------------------------------------- */

static void fetch(struct liq_exchange *x, struct liq_fetch *f)
{
    struct demo *d = (struct demo *)x;
    int64_t now_ms = d->clock->wall_ms(d->clock);

    memset(&f->why, 0, sizeof f->why);
    memset(&f->symbols, 0, sizeof f->symbols);
    memset(&f->depth, 0, sizeof f->depth);
    liq_market_data_init(&f->data);
    if (f->kind == LIQ_FETCH_SYMBOLS)
        (void)fill_symbols(f);
    else if (f->kind == LIQ_FETCH_SERIES)
        (void)fill_series(f, now_ms);
    else if (f->kind == LIQ_FETCH_DEPTH)
        (void)fill_depth(f, now_ms);
    f->data.server_ms = now_ms;
    f->done(f);
}

static int64_t now(struct liq_exchange *x)
{
    struct demo *d = (struct demo *)x;

    return d->clock->wall_ms(d->clock);
}

static int64_t engine_ms(struct liq_exchange *x, int64_t display_ms)
{
    (void)x;
    return liq_usual_engine_ms(display_ms);
}

static void demo_free(struct liq_exchange *x)
{
    free(x);
}

struct liq_exchange *liq_demo_new(const struct liq_clock *clock)
{
    struct demo *d = calloc(1, sizeof *d);

    if (d == NULL)
        return NULL;
    d->clock = clock;
    d->x = (struct liq_exchange){.name = "demo",
                                 .kind = "simulated",
                                 .source = "demo",
                                 .engine_ms = engine_ms,
                                 .now_ms = now,
                                 .fetch = fetch,
                                 .free = demo_free,
                                 .depth_ms = DEPTH_MS};
    return &d->x;
}
