/* "Give me these candles": what an exchange can do. */
#ifndef LIQMAP_EXCHANGE_H
#define LIQMAP_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "liqmap/cache.h"
#include "liqmap/clock.h"
#include "liqmap/err.h"
#include "liqmap/http.h"
#include "liqmap/series.h"
#include "liqmap/work.h"

#define LIQ_SYMBOL_SIZE 32
#define LIQ_WARNINGS 6

/*
 * What an exchange said.  Candles none earlier than asked for; what else is
 * missing is absent and has a warning, a sentence for a person ("open interest:
 * HTTP 500").  server_ms is the exchange's own clock when it responded (never
 * 0).  age_ms: how long ago another host got what is live of it; 0: it came
 * just now.
 */
struct liq_market_data {
    struct liq_klines klines;
    struct liq_ticker ticker;
    struct liq_statistics statistics;
    struct liq_contract contract;
    int64_t server_ms, age_ms;
    char warning[LIQ_WARNINGS][160];
    size_t n_warning;
};

struct liq_symbol {
    char name[LIQ_SYMBOL_SIZE]; /* "BTCUSDT" */
    char base[LIQ_SYMBOL_SIZE]; /* "BTC" */
    double tick;                /* smallest price step, NaN when not said */
};

struct liq_symbols {
    struct liq_symbol *at; /* [n], ascending by name, owned */
    size_t n;
};

/* So much waits at a price: quote per base unit, base units. */
struct liq_depth_level {
    double price, base;
};

/* An order book: both sides from the best price outward, as far as the exchange
 * gives them; neither is empty, and they do not cross. */
struct liq_depth {
    struct liq_depth_level *bid, *ask; /* [n_bid], [n_ask], owned */
    size_t n_bid, n_ask;
};

/* Positions that an exchange closed, in any order. */
struct liq_liquidations {
    struct liq_liquidation *at; /* [n], owned */
    size_t n;
};

enum liq_fetch_kind {
    LIQ_FETCH_CLOCK,        /* only so that now_ms knows the time */
    LIQ_FETCH_SERIES,       /* candles, ticker, statistics */
    LIQ_FETCH_LIMITS,       /* what the contract of a symbol allows */
    LIQ_FETCH_DEPTH,        /* the order book of a symbol now */
    LIQ_FETCH_LIQUIDATIONS, /* executed liquidations of the last hour */
    LIQ_FETCH_SYMBOLS /* what is listed and trades as the exchange's kind */
};

/*
 * One request to an exchange, filled by the caller and kept by him until done
 * has run.
 *
 * symbol       SERIES, LIMITS, DEPTH, LIQUIDATIONS: the exchange-independent
 *              name, "BTCUSDT"
 * interval_ms  SERIES: of the candles
 * from_ms      SERIES: first open time wanted, a multiple of interval_ms
 * to_ms        SERIES: 0: up to the newest, forming one included, and
 *              statistics of now; else only candles closed by then, statistics
 *              as they were then, and no ticker
 * background   nobody waits for it: it may not spend the last quarter of what
 *              we may request of the exchange
 * first        nobody had this series before: it leaves that quarter to
 *              refreshes, too.  A fetch of the past spends a quarter at most
 *              and does not queue
 * check        SERIES: the caller had these candles and looks for errors in
 *              them: no response that another host fetched before is used
 * done         called exactly once, on a thread of the work queue or before
 *              fetch returns, with no lock held; may free the fetch
 *
 * The outcome, set before done: why.code LIQ_OK with data (the caller's, for
 * liq_market_data_free), symbols (for liq_symbols_free), depth (for
 * liq_depth_free) or liquidations (for liq_liquidations_free); else why, and
 * all are empty.  LIQ_OK of SERIES: the candles came, even if all else is
 * missing. LIQ_OK of LIMITS: data.contract, as the exchange itself says it.
 * LIQ_OK of DEPTH: depth and data.server_ms, which is 0 when no response said
 * it yet. LIQ_ENOTFOUND: no such symbol here, or no candles in that range.
 */
struct liq_fetch {
    enum liq_fetch_kind kind;
    char symbol[LIQ_SYMBOL_SIZE];
    int64_t interval_ms, from_ms, to_ms;
    int64_t deadline_ms; /* monotonic */
    bool background, first, check;
    void (*done)(struct liq_fetch *f);

    struct liq_reason why;
    struct liq_market_data data;
    struct liq_symbols symbols;
    struct liq_depth depth;
    struct liq_liquidations liquidations;
};

/*
 * What was requested of an exchange since the start.
 *
 * good, failed  responses, and requests without a usable one
 * took_ms       sum of the times of all of these
 * spent         of the main limit in this window, by ourselves or by what the
 *               exchange counts; ceiling: how much we allow ourselves
 * shut_ms       no request will be sent for so long, because the exchange said
 *               so; 0: requests may be sent
 */
struct liq_exchange_counts {
    uint64_t good, failed, took_ms;
    int64_t spent, ceiling, shut_ms;
};

/* An exchange.  Every function may be called from several threads at once. */
struct liq_exchange {
    const char *name;   /* "binance" */
    const char *kind;   /* "usdm-perpetual" */
    const char *source; /* "live", "demo" or "file" */
    bool inverse;       /* its contracts are margined in the coin */
    const char *note;   /* what is always in doubt, a sentence; NULL: nothing */
    int64_t depth_ms;   /* its order book is used for so long; 0: it gives none
                         */
    bool liquidations;  /* executed ones can be fetched */

    /* The candle interval the model should run on for this display interval:
     * finer or equal, and dividing it; 0 when the exchange cannot show it. */
    int64_t (*engine_ms)(struct liq_exchange *x, int64_t display_ms);

    /* The exchange's clock now, ms UTC; 0: no response said it yet. */
    int64_t (*now_ms)(struct liq_exchange *x);

    void (*fetch)(struct liq_exchange *x, struct liq_fetch *f);

    /* NULL: nothing is requested of it over a network. */
    void (*count)(struct liq_exchange *x, struct liq_exchange_counts *out);

    /* Another budget from now on, 0: half of what it allows; NULL where there
     * is none. */
    void (*set_budget)(struct liq_exchange *x, int budget);

    /* From now on so many hosts share the budget, and this one has its part;
     * NULL where there is none. */
    void (*divide)(struct liq_exchange *x, int hosts);

    /* Nothing may be in flight. */
    void (*free)(struct liq_exchange *x);
};

void liq_market_data_free(struct liq_market_data *d);
void liq_symbols_free(struct liq_symbols *s);
void liq_depth_free(struct liq_depth *d);
void liq_liquidations_free(struct liq_liquidations *l);
/* Data of which everything is absent. */
void liq_market_data_init(struct liq_market_data *d);
/* Open interest in quote currency, given or computed; NaN when unknown. */
double liq_market_data_usd(const struct liq_market_data *d);
/* Sort by open time, drop duplicates (the later one in the array wins).
 * LIQ_ENOMEM leaves them as they were. */
LIQ_MUST_CHECK enum liq_err liq_klines_normalise(struct liq_klines *k);

/*
 * What became of one request, for a diagnosis; all borrowed.
 *
 * what      "candles", "clock", "symbol list", or what the endpoint is about
 * sent      false: it was left out, why says what for
 * pool      which of the exchange's limits it counts into; 0: the main one
 * weight    of limit in window_ms
 * used      what the exchange says is spent of limit by now; -1: not said
 * clock_ms  the exchange's clock by the body or the Date header, ms UTC; 0: not
 *           said
 * absent    names of values that are expected and missing, "" if none
 * page      of candles: open times asked for and got, rows, rows that repeat an
 *           open time, and open times between the first and last without a row
 * why       LIQ_OK: the body is what it should be
 */
struct liq_observation {
    const char *what, *url, *post;
    bool sent;
    int pool, weight, limit;
    int64_t window_ms, used, clock_ms;
    const char *absent;
    struct liq_observed_page {
        int64_t step_ms, start_ms, end_ms, first_ms, last_ms;
        size_t rows, repeated, missing;
    } page;
    struct liq_reason why;
};

typedef void liq_observe_fn(void *arg, const struct liq_observation *o);

/*
 * How an exchange is reached and how much is requested of it; all borrowed.
 *
 * cache     where documents that are good for a while are kept
 * work      where a fetch waits for its place in the exchange's limits
 * base_url  copied; NULL: the exchange's own
 * budget    our ceiling in the exchange's unit and window, below its limit; 0:
 *           half of it.  Limits of single endpoints shrink alike.
 * made      [n_made] others of liq_exchange_new, in use and freed together with
 *           this one: it shares the limiter, and so the budget, of one of them
 *           that has the same host
 * lenders   exchanges whose limits may be borrowed, ended by NULL, in use as
 *           long as this one; may still grow before the first fetch; NULL: none
 * observe   called for every request before its fetch is done, on the thread
 *           that works on it; NULL: nobody looks.  Then endpoints are read even
 *           if the candles failed.
 */
struct liq_exchange_options {
    struct liq_http *http;
    struct liq_cache *cache;
    struct liq_work *work;
    const struct liq_clock *clock;
    const char *base_url;
    int budget;
    struct liq_exchange *const *made;
    size_t n_made;
    struct liq_exchange *const *lenders;
    liq_observe_fn *observe;
    void *observe_arg;
};

/* What can be made by its name. */
struct liq_exchange_info {
    const char *name; /* "binance" */
    const char *base_url;
    int limit;         /* its main limit, in its own weight, ... */
    int64_t window_ms; /* ... in so long */
};

/* The i-th exchange that is known, NULL beyond the last. */
const struct liq_exchange_info *liq_exchange_at(size_t i);
/* NULL for a name that is none or when there is no memory. */
struct liq_exchange *liq_exchange_new(const char *name,
                                      const struct liq_exchange_options *o);

/* The demo exchange: a deterministic simulated one on the given clock; the same
 * moment gives the same candles on any machine, and any interval is the exact
 * aggregate of any finer one.  Its fetches are done before fetch returns. */
struct liq_exchange *liq_demo_new(const struct liq_clock *clock);

/*
 * An exchange read from files.
 *
 * klines   CSV with a header line (open_time, open, high, low, close, volume,
 *          and where present quote_volume, taker_buy_volume) or an exchange's
 *          kline JSON (array of arrays); plain, gzip, or "-"
 * metrics  Binance archive columns (create_time, symbol, sum_open_interest,
 *          sum_open_interest_value, ...), or NULL
 * as_of_ms keep only candles closed by then and open interest published by
 *          then; 0: everything
 * The file's own interval is the smallest step between its candles; one
 * candle alone takes fallback_ms.  Its clock is as_of_ms or, when 0, the end of
 * the newest candle.  The ticker is that of the candles of the last 24 h; mark
 * price and funding are in no such file, which is no warning.  Fetches are done
 * before fetch returns.  The contract is linear; set (*out)->inverse when it is
 * margined in the coin.
 * LIQ_EIO, LIQ_EFORMAT with file, line and what was expected; LIQ_ENOTFOUND
 * when nothing is left.
 */
struct liq_file_options {
    const char *klines, *metrics, *symbol;
    int64_t as_of_ms;
    int64_t fallback_ms;
};
LIQ_MUST_CHECK enum liq_err liq_file_new(const struct liq_file_options *o,
                                         struct liq_exchange **out,
                                         struct liq_reason *why);

#endif
