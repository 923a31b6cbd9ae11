/* The demo market: a simulated exchange over demo_path.c, on whatever clock it
 * is given.  Closed candles never change, so those of the last questions are
 * kept. */
#include "liqmap/market.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include "common.h"
#include "demo_path.h"
#include "liqmap/interval.h"

/* Everything is listed since 2017-01-01. */
#define LISTED_MS INT64_C(1483228800000)
/* One question's ceiling: about eleven years of minutes. */
#define MINUTES_MAX INT64_C(6000000)
#define CANDLES_MAX 100000

/* What is kept: so many series of so many closed candles, 18 MB in all. */
#define SERIES 16
#define KEEP_MAX 20000

#define FUNDING_MS (8 * LIQ_HOUR_MS)
#define STATISTICS_MS (5 * LIQ_MINUTE_MS)

/* Closed candles of one symbol and interval, without gaps. */
struct kept {
    const struct liq_demo_symbol *symbol; /* NULL: free */
    int64_t interval_ms;
    struct liq_klines klines; /* n <= KEEP_MAX */
    uint64_t used;
};

struct demo {
    struct liq_market market; /* first, so that the two addresses are one */
    const struct liq_clock *clock;
    pthread_mutex_t lock; /* of the two below */
    struct kept kept[SERIES];
    uint64_t uses;
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

/* --- what is kept ------------------------------------------------------- */

static struct kept *find_kept(struct demo *d, const struct liq_demo_symbol *s,
                              int64_t interval_ms)
{
    size_t i;

    for (i = 0; i < SERIES; i++)
        if (d->kept[i].symbol == s && d->kept[i].interval_ms == interval_ms)
            return &d->kept[i];
    return NULL;
}

/*
 * Copy into k[n], candles from open_ms on, those that are kept.  They are k[*at
 * .. *at + the return); the rest is left for the caller to make.
 */
static size_t copy_kept(struct demo *d, const struct liq_demo_symbol *s,
                        int64_t open_ms, int64_t interval_ms,
                        struct liq_kline *k, size_t n, size_t *at)
{
    struct kept *have;
    size_t copied = 0;

    *at = n;
    pthread_mutex_lock(&d->lock);
    have = find_kept(d, s, interval_ms);
    if (have != NULL) {
        int64_t ahead = (have->klines.at[0].open_ms - open_ms) / interval_ms;
        size_t skip = ahead < 0 ? (size_t)-ahead : 0;
        size_t first = ahead > 0 ? (size_t)ahead : 0;

        have->used = ++d->uses;
        if (skip < have->klines.n && first < n) {
            copied = have->klines.n - skip;
            if (copied > n - first)
                copied = n - first;
            memcpy(k + first, have->klines.at + skip, copied * sizeof *k);
            *at = first;
        }
    }
    pthread_mutex_unlock(&d->lock);
    return copied;
}

/* The series itself, a free place, or the one used longest ago. */
static struct kept *place_for(struct demo *d, const struct liq_demo_symbol *s,
                              int64_t interval_ms)
{
    struct kept *oldest = find_kept(d, s, interval_ms);
    size_t i;

    for (i = 0; oldest == NULL && i < SERIES; i++)
        if (d->kept[i].symbol == NULL)
            oldest = &d->kept[i];
    if (oldest != NULL)
        return oldest;
    oldest = &d->kept[0];
    for (i = 1; i < SERIES; i++)
        if (d->kept[i].used < oldest->used)
            oldest = &d->kept[i];
    return oldest;
}

/* Put closed candles k[n] behind those kept, where they meet and fit. */
static bool extend_kept(struct kept *have, int64_t interval_ms,
                        const struct liq_kline *k, size_t n)
{
    struct liq_klines *old = &have->klines;
    int64_t end_ms = old->at[old->n - 1].open_ms + interval_ms;
    struct liq_kline *grown;
    size_t skip;

    if (k[0].open_ms < old->at[0].open_ms || k[0].open_ms > end_ms)
        return false;
    skip = (size_t)((end_ms - k[0].open_ms) / interval_ms);
    if (skip >= n)
        return true;
    if (old->n + n - skip > KEEP_MAX)
        return false;
    grown = realloc(old->at, (old->n + n - skip) * sizeof *grown);
    if (grown == NULL)
        return true; /* what is kept stays right without them */
    memcpy(grown + old->n, k + skip, (n - skip) * sizeof *grown);
    old->at = grown;
    old->n += n - skip;
    return true;
}

/* Keep closed candles k[n] for the next time; no memory is no harm. */
static void keep(struct demo *d, const struct liq_demo_symbol *s,
                 int64_t interval_ms, const struct liq_kline *k, size_t n)
{
    struct kept *place;
    struct liq_kline *copy;

    if (n == 0)
        return;
    if (n > KEEP_MAX) {
        k += n - KEEP_MAX;
        n = KEEP_MAX;
    }
    pthread_mutex_lock(&d->lock);
    place = find_kept(d, s, interval_ms);
    if (place == NULL || !extend_kept(place, interval_ms, k, n)) {
        place = place_for(d, s, interval_ms);
        copy = malloc(n * sizeof *copy);
        if (copy != NULL) {
            memcpy(copy, k, n * sizeof *copy);
            free(place->klines.at);
            place->symbol = s;
            place->interval_ms = interval_ms;
            place->klines.at = copy;
            place->klines.n = n;
            place->used = ++d->uses;
        }
    }
    pthread_mutex_unlock(&d->lock);
}

/* --- answering ---------------------------------------------------------- */

static const struct liq_demo_symbol *find_symbol(const char *name)
{
    int i;

    for (i = 0; name != NULL && i < liq_demo_n_symbols; i++)
        if (strcmp(liq_demo_symbols[i].name, name) == 0)
            return &liq_demo_symbols[i];
    return NULL;
}

/* Candles of the closed range, and the forming one if there is room for it. */
static enum liq_err fill_klines(struct demo *d, const struct liq_demo_symbol *s,
                                const struct liq_market_ask *ask,
                                int64_t now_ms, struct liq_klines *out,
                                struct liq_reason *why)
{
    int64_t step = ask->interval_ms;
    int64_t from_ms = ask->from_ms > LISTED_MS ? ask->from_ms : LISTED_MS;
    int64_t to_ms =
        ask->to_ms != 0 && ask->to_ms < now_ms ? ask->to_ms : now_ms;
    int64_t end_ms = liq_interval_floor(to_ms, step);
    size_t n, n_closed, at, have;

    from_ms = (from_ms + step - 1) / step * step;
    n_closed = end_ms > from_ms ? (size_t)((end_ms - from_ms) / step) : 0;
    n = n_closed + (ask->to_ms == 0 && end_ms >= from_ms ? 1 : 0);
    if (n == 0)
        return liq_fail(why, LIQ_ENOTFOUND, "demo: no candles in that range");
    if (n > CANDLES_MAX || (int64_t)n * (step / LIQ_MINUTE_MS) > MINUTES_MAX)
        return liq_fail(why, LIQ_EINVAL,
                        "demo: the range has too many candles");
    out->at = malloc(n * sizeof *out->at);
    if (out->at == NULL)
        return liq_fail(why, LIQ_ENOMEM, "demo: no memory");
    out->n = n;
    have = copy_kept(d, s, from_ms, step, out->at, n_closed, &at);
    make_candles(s, from_ms, step, now_ms, out->at, at);
    if (at < n)
        make_candles(s, from_ms + (int64_t)(at + have) * step, step, now_ms,
                     out->at + at + have, n - at - have);
    if (have < n_closed)
        keep(d, s, step, out->at, n_closed);
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

static enum liq_err fetch(struct liq_market *m,
                          const struct liq_market_ask *ask, int64_t deadline_ms,
                          struct liq_market_answer *out, struct liq_reason *why)
{
    struct demo *d = (struct demo *)m;
    const struct liq_demo_symbol *s = find_symbol(ask->symbol);
    int64_t now_ms = d->clock->wall_ms(d->clock);
    int64_t then_ms =
        ask->to_ms != 0 && ask->to_ms < now_ms ? ask->to_ms : now_ms;
    enum liq_err err;

    (void)deadline_ms;
    liq_market_answer_init(out);
    if (s == NULL)
        return liq_fail(why, LIQ_ENOTFOUND, "demo: no such symbol");
    if (liq_interval_name(ask->interval_ms) == NULL)
        return liq_fail(why, LIQ_EINVAL, "demo: no candles of that interval");
    if (now_ms < LISTED_MS)
        return liq_fail(why, LIQ_ENOTFOUND, "demo: nothing is listed yet");
    err = fill_klines(d, s, ask, now_ms, &out->klines, why);
    if (err != LIQ_OK)
        return err;
    if (ask->to_ms == 0)
        fill_ticker(s, now_ms, &out->ticker);
    fill_statistics(s, then_ms, out->klines.at[out->klines.n - 1].close,
                    &out->statistics);
    out->server_ms = now_ms;
    return LIQ_OK;
}

static enum liq_err now(struct liq_market *m, int64_t deadline_ms, int64_t *out,
                        struct liq_reason *why)
{
    struct demo *d = (struct demo *)m;

    (void)deadline_ms;
    (void)why;
    *out = d->clock->wall_ms(d->clock);
    return LIQ_OK;
}

static enum liq_err symbols(struct liq_market *m, int64_t deadline_ms,
                            struct liq_symbols *out, struct liq_reason *why)
{
    int i;

    (void)m;
    (void)deadline_ms;
    out->n = 0;
    out->at = calloc((size_t)liq_demo_n_symbols, sizeof *out->at);
    if (out->at == NULL)
        return liq_fail(why, LIQ_ENOMEM, "demo: no memory");
    for (i = 0; i < liq_demo_n_symbols; i++) {
        const struct liq_demo_symbol *s = &liq_demo_symbols[i];

        memcpy(out->at[i].name, s->name, strlen(s->name));
        memcpy(out->at[i].base, s->base, strlen(s->base));
        out->at[i].tick = 1.0 / s->ticks;
    }
    out->n = (size_t)liq_demo_n_symbols;
    return LIQ_OK;
}

static int64_t engine_ms(struct liq_market *m, int64_t display_ms)
{
    (void)m;
    return liq_market_engine_ms(display_ms);
}

static void demo_free(struct liq_market *m)
{
    struct demo *d = (struct demo *)m;
    size_t i;

    if (d == NULL)
        return;
    for (i = 0; i < SERIES; i++)
        free(d->kept[i].klines.at);
    pthread_mutex_destroy(&d->lock);
    free(d);
}

struct liq_market *liq_demo_new(const struct liq_clock *clock)
{
    struct demo *d = calloc(1, sizeof *d);

    if (d == NULL)
        return NULL;
    pthread_mutex_init(&d->lock, NULL);
    d->clock = clock;
    d->market.name = "demo";
    d->market.kind = "simulated";
    d->market.source = "demo";
    d->market.engine_ms = engine_ms;
    d->market.now = now;
    d->market.fetch = fetch;
    d->market.symbols = symbols;
    d->market.free = demo_free;
    return &d->market;
}
