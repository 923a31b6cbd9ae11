/* An exchange that is a struct: its candles are a wave, its fetches end at
 * once, on the work queue, or when the test lets them. */
#ifndef LIQMAP_TESTS_API_FAKE_H
#define LIQMAP_TESTS_API_FAKE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <math.h>
#include <pthread.h>
#include "liqmap/exchange.h"
#include "liqmap/interval.h"
#include "liqmap/model.h"
#include "liqmap/work.h"

/* 2026-01-01 00:00 UTC */
#define NEW_YEAR INT64_C(1767225600000)

/*
 * AT_ONCE  a fetch is done before it returns
 * POSTED   it is a task of the work queue, as with the real exchanges
 * HELD     it waits for fake_release or for its deadline
 */
enum fake_mode { AT_ONCE, POSTED, HELD };

/* A fetch that is not done. */
struct pending {
    struct liq_task task; /* must be first */
    struct fake *fake;
    struct liq_fetch *fetch;
    struct pending *next;
    bool timed_out;
};

/*
 * size, interest  volume and open interest, of 100 and 80000
 * taker           candles say what takers bought, 40 of 100
 * swings          open interest is 1.5 and 0.5 times that in turn
 * price           of everything, of 100000
 * funding_ms      between two payments; 0: not said
 * bare            candles alone: no ticker, no statistics
 * lacks_ms        a display interval that it does not offer
 * listed_ms       it has no candles that open before
 * time_ms         its clock
 * background      the last fetch was one that nobody waits for
 * deadline_ms     of the last fetch
 * never           held fetches do not even end at their deadline
 * corrected_ms    the volume of the candle that opens then is doubled
 * contract        what it allows
 * own_budget      err is a shortage of our own request budget
 * broken          the newest candle is one that the model refuses
 * from_ms         of the last fetch of a series
 * books           fetches of its order book; it has one if exchange.depth_ms is
 *                 set: size base units every 10 around 100000 times price, 30
 *                 times that at 300 below
 * polls           fetches of its executed liquidations, which are closed[]; it
 *                 tells them if exchange.liquidations is set
 */
struct fake {
    struct liq_exchange exchange; /* must be first */
    struct liq_work *work;
    char name[16];
    enum fake_mode mode;
    double size, interest, price;
    int64_t funding_ms;
    bool taker, swings, bare, never, own_budget, broken;
    int64_t lacks_ms, listed_ms, time_ms, corrected_ms;
    struct liq_contract contract;
    enum liq_err err, list_err;
    int64_t retry_after_ms;
    atomic_int fetches, lists, books, polls;
    const struct liq_liquidation *closed;
    size_t n_closed;
    atomic_bool background;
    atomic_llong deadline_ms, from_ms;
    pthread_mutex_t lock;
    struct pending *held; /* under the lock */
};

static struct fake *fake_of(struct liq_exchange *x)
{
    return (struct fake *)(void *)x;
}

static int64_t fake_engine(struct liq_exchange *x, int64_t display_ms)
{
    return display_ms == fake_of(x)->lacks_ms ? 0 : liq_engine_ms(display_ms);
}

static int64_t fake_now(struct liq_exchange *x)
{
    return fake_of(x)->time_ms;
}

/* A slow wave of 6 % around 100000 with candles 0.5 % tall. */
static struct liq_kline fake_candle(int64_t open_ms)
{
    double hours = (double)(open_ms - NEW_YEAR) / (double)LIQ_HOUR_MS;
    double p = floor(100000.0 + 6000.0 * sin(hours / 30.0));

    return (struct liq_kline){open_ms, p,     p + 250.0, p - 250.0,
                              p + 10., 100.0, 100.0 * p, 40.0};
}

static void fake_klines(struct fake *f, struct liq_fetch *q)
{
    int64_t step = q->interval_ms;
    int64_t newest = liq_interval_floor(f->time_ms, step);
    int64_t first = f->listed_ms > q->from_ms ? f->listed_ms : q->from_ms;
    struct liq_klines *k = &q->data.klines;

    if (q->to_ms)
        newest = liq_interval_floor(q->to_ms, step) - step;
    k->at = calloc((size_t)((newest - first) / step) + 2, sizeof *k->at);
    for (int64_t t = first; t <= newest; t += step) {
        k->at[k->n] = fake_candle(t);
        k->at[k->n].open *= f->price;
        k->at[k->n].high *= f->price;
        k->at[k->n].low *= f->price;
        k->at[k->n].close *= f->price;
        k->at[k->n].volume *= f->size;
        k->at[k->n].taker_buy_volume *= f->taker ? f->size : NAN;
        k->at[k->n++].quote_volume *=
            t == f->corrected_ms ? 2.0 * f->size : f->size;
    }
    f->from_ms = q->from_ms;
    if (f->broken)
        k->at[k->n - 1].low = 1e-300;
}

static void fake_series(struct fake *f, struct liq_fetch *q)
{
    struct liq_market_data *d = &q->data;
    double swing = !f->swings ? 1.0 : f->fetches % 2 ? 1.5 : 0.5;

    fake_klines(f, q);
    d->server_ms = f->time_ms;
    d->contract = f->contract;
    d->contract.inverse = f->exchange.inverse;
    if (f->bare) {
        snprintf(d->warning[d->n_warning++], sizeof d->warning[0],
                 "open interest: HTTP 500");
        return;
    }
    d->ticker = (struct liq_ticker){100500.0 * f->price,
                                    101000.0 * f->price,
                                    99000.0 * f->price,
                                    1.25,
                                    5000.0,
                                    5e8,
                                    f->time_ms};
    d->statistics = (struct liq_statistics){80000.0 * f->interest * swing,
                                            NAN,
                                            100400.0,
                                            0.0001,
                                            f->time_ms + 1000,
                                            0.6,
                                            f->funding_ms};
}

#define FAKE_LEVELS 60

static void fake_depth(struct fake *f, struct liq_depth *d)
{
    d->bid = calloc(FAKE_LEVELS, sizeof *d->bid);
    d->ask = calloc(FAKE_LEVELS, sizeof *d->ask);
    d->n_bid = d->n_ask = FAKE_LEVELS;
    for (int i = 0; i < FAKE_LEVELS; i++) {
        d->bid[i].price = (100000.0 - 5.0 - 10.0 * i) * f->price;
        d->ask[i].price = (100000.0 + 5.0 + 10.0 * i) * f->price;
        d->bid[i].base = d->ask[i].base = f->size;
    }
    d->bid[30].base = 30.0 * f->size;
}

static void fake_symbols(struct fake *f, struct liq_symbols *out)
{
    static const struct liq_symbol list[] = {
        {"BTCUSDT", "BTC", 0.1},
        {"DOGEUSDT", "DOGE", 0.00001},
        {"XRPUSDT", "XRP", NAN},
        {"ZECUSDT", "ZEC", 0.01}, /* listed later */
    };

    out->at = malloc(sizeof list);
    memcpy(out->at, list, sizeof list);
    out->n = f->lists > 1 ? 4 : 3;
}

static void fake_finish(struct fake *f, struct liq_fetch *q, bool timed_out)
{
    bool list = q->kind == LIQ_FETCH_SYMBOLS;
    enum liq_err err = list ? f->list_err : f->err;

    if (timed_out) {
        liq_fail(&q->why, LIQ_ETIMEOUT, "%s: no response in time", f->name);
    } else if (err) {
        liq_fail(&q->why, err, list ? "fake has no list" : "fake says no");
        q->why.retry_after_ms = f->retry_after_ms;
        q->why.own_budget = f->own_budget;
    } else if (list) {
        fake_symbols(f, &q->symbols);
    } else if (q->kind == LIQ_FETCH_LIQUIDATIONS) {
        q->data.server_ms = f->time_ms;
        q->liquidations.at = calloc(f->n_closed + 1, sizeof *f->closed);
        q->liquidations.n = f->n_closed;
        for (size_t i = 0; i < f->n_closed; i++)
            q->liquidations.at[i] = f->closed[i];
    } else if (q->kind == LIQ_FETCH_DEPTH) {
        q->data.server_ms = f->time_ms;
        fake_depth(f, &q->depth);
    } else {
        fake_series(f, q);
    }
    q->done(q);
}

static void pending_run(struct liq_task *t)
{
    struct pending p = *(struct pending *)(void *)t;

    free(t);
    fake_finish(p.fake, p.fetch, p.timed_out);
}

static void fake_fetch(struct liq_exchange *x, struct liq_fetch *q)
{
    struct fake *f = fake_of(x);
    struct pending *p;

    atomic_fetch_add(q->kind == LIQ_FETCH_SYMBOLS        ? &f->lists
                     : q->kind == LIQ_FETCH_DEPTH        ? &f->books
                     : q->kind == LIQ_FETCH_LIQUIDATIONS ? &f->polls
                                                         : &f->fetches,
                     1);
    f->background = q->background;
    f->deadline_ms = q->deadline_ms;
    if (f->mode == AT_ONCE) {
        fake_finish(f, q, false);
        return;
    }
    p = calloc(1, sizeof *p);
    *p = (struct pending){.task = {.run = pending_run}, .fake = f, .fetch = q};
    if (f->mode == POSTED) {
        liq_work_post(f->work, &p->task, LIQ_LANE_HEAVY);
        return;
    }
    pthread_mutex_lock(&f->lock);
    p->next = f->held;
    f->held = p;
    pthread_mutex_unlock(&f->lock);
}

/* Post the held fetches, all of them or those whose deadline has passed at
 * now_ms. */
static void fake_post(struct fake *f, bool all, int64_t now_ms)
{
    struct pending *p, *next, *kept = NULL;

    pthread_mutex_lock(&f->lock);
    p = f->held;
    f->held = NULL;
    pthread_mutex_unlock(&f->lock);
    for (; p; p = next) {
        next = p->next;
        p->timed_out = !all;
        if (all || (!f->never && p->fetch->deadline_ms <= now_ms)) {
            liq_work_post(f->work, &p->task, LIQ_LANE_HEAVY);
            continue;
        }
        p->next = kept;
        kept = p;
    }
    pthread_mutex_lock(&f->lock);
    f->held = kept;
    pthread_mutex_unlock(&f->lock);
}

/* Let the held fetches end, and what comes next at once. */
static inline void fake_release(struct fake *f)
{
    f->mode = AT_ONCE;
    fake_post(f, true, 0);
}

static struct fake *fake_new(const char *name)
{
    struct fake *f = calloc(1, sizeof *f);

    snprintf(f->name, sizeof f->name, "%s", name);
    f->exchange = (struct liq_exchange){.name = f->name,
                                        .kind = "usdm-perpetual",
                                        .source = "live",
                                        .engine_ms = fake_engine,
                                        .now_ms = fake_now,
                                        .fetch = fake_fetch};
    f->size = f->interest = f->price = 1.0;
    f->taker = true;
    f->lacks_ms = LIQ_DAY_MS;
    f->time_ms = NEW_YEAR + 5 * LIQ_MINUTE_MS;
    pthread_mutex_init(&f->lock, NULL);
    return f;
}

static void fake_free(struct fake *f)
{
    assert_null(f->held);
    pthread_mutex_destroy(&f->lock);
    free(f);
}

#endif
