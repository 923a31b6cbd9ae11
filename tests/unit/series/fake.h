/* An exchange that is a struct in a test: its candles follow from its clock. */
#ifndef LIQMAP_TESTS_SERIES_FAKE_H
#define LIQMAP_TESTS_SERIES_FAKE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <math.h>
#include "liqmap/interval.h"
#include "liqmap/lock.h"
#include "liqmap/series_store.h"

#define DISPLAY LIQ_HOUR_MS
#define ENGINE (15 * LIQ_MINUTE_MS)
/* 2026-01-01 00:00 UTC */
#define NEW_YEAR INT64_C(1767225600000)
#define TTL 20000
#define STALE 600000
#define ERROR_MS 5000
#define PATIENCE 8000

/* What fake_fetch was asked for last; whatever completes a fetch may change
 * the rest. */
struct fake {
    struct liq_exchange exchange; /* must be first */
    int64_t time_ms;              /* the exchange's clock */
    int64_t listed_ms;            /* its first candle */
    int64_t frozen_ms;            /* 0, or no candle opens after this */
    int64_t hole_ms;              /* 0, or this candle is missing */
    int64_t revised_ms;           /* 0, or this candle has another volume */
    enum liq_err err;
    bool own_budget; /* what err is about */
    bool empty;      /* LIQ_OK without a candle */
    bool no_statistics;
    bool clock_unknown; /* now_ms is 0 until a clock fetch ... */
    bool clock_broken;  /* ... and after it */
    bool by_hand;       /* fetches are held for fake_answer */
    struct liq_fetch *held;
    int fetches, clocks; /* of series, of the clock */
    struct liq_fetch asked;
};

static inline int64_t fake_engine(struct liq_exchange *x, int64_t display_ms)
{
    (void)x;
    return display_ms == DISPLAY ? ENGINE : 0;
}

static inline int64_t fake_now(struct liq_exchange *x)
{
    struct fake *f = (struct fake *)(void *)x;

    return f->clock_unknown ? 0 : f->time_ms;
}

static inline struct liq_kline candle(const struct fake *f, int64_t open_ms)
{
    double price = 60000.0 + (double)(open_ms / ENGINE % 100);
    bool forming = open_ms + ENGINE > f->time_ms;
    double volume = forming ? (double)(f->time_ms - open_ms) : 1e6;

    if (open_ms == f->revised_ms)
        volume += 1.0;
    return (struct liq_kline){open_ms,     price,  price + 2.0,    price - 2.0,
                              price + 1.0, volume, volume * price, NAN};
}

static inline void fake_klines(const struct fake *f, const struct liq_fetch *q,
                               struct liq_klines *out)
{
    int64_t newest = liq_interval_floor(f->time_ms, ENGINE);

    if (q->to_ms)
        newest = liq_interval_floor(q->to_ms, ENGINE) - ENGINE;
    if (f->frozen_ms && newest > f->frozen_ms)
        newest = f->frozen_ms;
    /* Longer than need be, as arrays that grow are. */
    out->at = calloc(10000, sizeof *out->at);
    assert_non_null(out->at);
    for (int64_t t = q->from_ms; t <= newest && !f->empty; t += ENGINE)
        if (t >= f->listed_ms && t != f->hole_ms)
            out->at[out->n++] = candle(f, t);
}

/* Complete a fetch as the exchange is now. */
static inline void fake_answer(struct fake *f, struct liq_fetch *q)
{
    struct liq_market_data *d = &q->data;

    f->held = NULL;
    q->why = (struct liq_reason){0};
    liq_market_data_init(d);
    if (f->err) {
        liq_fail(&q->why, f->err, "fake fetch");
        q->why.own_budget = f->own_budget;
    } else if (q->kind == LIQ_FETCH_CLOCK) {
        f->clock_unknown = f->clock_broken;
    } else {
        fake_klines(f, q, &d->klines);
        d->server_ms = f->time_ms;
        if (f->no_statistics)
            snprintf(d->warning[d->n_warning++], sizeof d->warning[0],
                     "open interest: HTTP 500");
        else
            d->statistics.open_interest = 5.0;
    }
    q->done(q);
}

static inline void fake_fetch(struct liq_exchange *x, struct liq_fetch *q)
{
    static struct liq_lock lock = LIQ_LOCK_STATIC;
    struct fake *f = (struct fake *)(void *)x;

    /* Asserts that the caller holds none. */
    liq_lock_take(&lock);
    liq_lock_give(&lock);
    f->clocks += q->kind == LIQ_FETCH_CLOCK;
    f->fetches += q->kind == LIQ_FETCH_SERIES;
    f->asked = *q;
    if (f->by_hand)
        f->held = q;
    else
        fake_answer(f, q);
}

/* One exchange, one cache; both clocks are held. */
struct fixture {
    struct fake fake;
    struct liq_clock clock;
    struct liq_work *work;
    struct liq_cache *cache;
    struct liq_series_options options;
};

static inline void fixture_begin_with(struct fixture *f, int64_t mono_ms,
                                      int threads)
{
    struct liq_cache_options o = {.max_bytes = (size_t)64 << 20,
                                  .error_ms = ERROR_MS};

    memset(f, 0, sizeof *f);
    f->fake.exchange = (struct liq_exchange){.name = "fake",
                                             .engine_ms = fake_engine,
                                             .now_ms = fake_now,
                                             .fetch = fake_fetch};
    f->fake.time_ms = NEW_YEAR + 5 * LIQ_MINUTE_MS;
    f->clock = liq_clock_held(0, mono_ms);
    f->work = o.work = liq_work_new(threads, 1, &f->clock);
    assert_non_null(f->work);
    f->cache = liq_cache_new(&o);
    assert_non_null(f->cache);
    f->options = (struct liq_series_options){.clock = &f->clock,
                                             .cache = f->cache,
                                             .ttl_ms = TTL,
                                             .stale_ms = STALE};
}

static inline void fixture_begin(struct fixture *f)
{
    fixture_begin_with(f, 0, 0);
}

static inline void run_tasks(struct fixture *f)
{
    while (liq_work_run_one(f->work))
        ;
}

static inline void fixture_end(struct fixture *f)
{
    run_tasks(f);
    liq_cache_free(f->cache);
    liq_work_free(f->work);
}

/* Both clocks go on. */
static inline void pass(struct fixture *f, int64_t ms)
{
    f->fake.time_ms += ms;
    f->clock.held_mono_ms += ms;
}

/* A caller who notes that he was woken. */
struct caller {
    struct liq_waiter waiter;
    int woken;
};

static inline void caller_woken(struct liq_task *t)
{
    ((struct caller *)(void *)t)->woken++;
}

static inline bool ask(struct fixture *f, int64_t end_ms, bool background,
                       struct caller *c)
{
    int64_t now_ms = f->clock.held_mono_ms;
    struct liq_context ctx = {now_ms, now_ms + PATIENCE, background};

    memset(c, 0, sizeof *c);
    c->waiter.task.run = caller_woken;
    c->waiter.deadline_ms = now_ms + PATIENCE + 500;
    return liq_series_ask(&f->options, &f->fake.exchange, "BTCUSDT", DISPLAY,
                          end_ms, &ctx, &c->waiter);
}

static inline struct liq_series *series_in(struct caller *c)
{
    return (struct liq_series *)(void *)c->waiter.item;
}

/* Ask an exchange that answers at once. */
static inline struct liq_series *series_at(struct fixture *f, int64_t end_ms,
                                           struct liq_reason *why)
{
    struct caller c;

    if (!ask(f, end_ms, false, &c)) {
        run_tasks(f);
        assert_int_equal(c.woken, 1);
    }
    *why = c.waiter.why;
    return series_in(&c);
}

static inline struct liq_series *good_series(struct fixture *f)
{
    struct liq_reason why;
    struct liq_series *s = series_at(f, 0, &why);

    assert_int_equal(why.code, LIQ_OK);
    assert_non_null(s);
    return s;
}

static inline void release(struct liq_series *s)
{
    liq_item_release(&s->item);
}

#endif
