/* "Give me these candles": what an exchange can do, one constructor each. */
#ifndef LIQMAP_MARKET_H
#define LIQMAP_MARKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "liqmap/clock.h"
#include "liqmap/err.h"
#include "liqmap/http.h"
#include "liqmap/series.h"

#define LIQ_SYMBOL_SIZE 32
#define LIQ_MARKET_WARNINGS 6

/* symbol      the exchange-independent name, "BTCUSDT"
 * from_ms     first open time wanted, a multiple of interval_ms
 * to_ms       0: up to the newest, forming one included, and statistics of now;
 *             else only candles closed by then, statistics as they were then,
 *             and no ticker
 * background  nobody waits for it: it may not spend the last quarter of what
 *             we may ask of the exchange
 */
struct liq_market_ask {
    const char *symbol;
    int64_t interval_ms;
    int64_t from_ms;
    int64_t to_ms;
    bool background;
};

/*
 * Candles of [from_ms, ...], none earlier; what else is missing is absent and
 * has a warning, a sentence for a person ("open interest: HTTP 500").
 * server_ms is the exchange's own clock as the answer was made (never 0).
 */
struct liq_market_answer {
    struct liq_klines klines;
    struct liq_ticker ticker;
    struct liq_statistics statistics;
    int64_t server_ms;
    char warning[LIQ_MARKET_WARNINGS][160];
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

/* An exchange.  Every function may be called from several threads at once.
 * Failures fill *why (never NULL). */
struct liq_market {
    const char *name;   /* "binance" */
    const char *kind;   /* "usdm-perpetual" */
    const char *source; /* "live", "demo" or "file" */

    /* The candle interval the model should run on for this display interval:
     * finer or equal, and dividing it; 0 when the exchange cannot show it. */
    int64_t (*engine_ms)(struct liq_market *m, int64_t display_ms);

    /* The exchange's clock now, ms UTC.  Asks the exchange only if no answer
     * ever told it. */
    enum liq_err (*now)(struct liq_market *m, int64_t deadline_ms, int64_t *out,
                        struct liq_reason *why);

    /* Everything of one ask, fetched in parallel under one deadline.  LIQ_OK
     * when the candles came, even if all else is missing; the answer must go
     * to liq_market_answer_free.  LIQ_ENOTFOUND: no such symbol here. */
    enum liq_err (*fetch)(struct liq_market *m,
                          const struct liq_market_ask *ask, int64_t deadline_ms,
                          struct liq_market_answer *out,
                          struct liq_reason *why);

    /* What is listed and trades against USDT as the market's kind, and what
     * stands for that (a coin margined in USDC). */
    enum liq_err (*symbols)(struct liq_market *m, int64_t deadline_ms,
                            struct liq_symbols *out, struct liq_reason *why);

    void (*free)(struct liq_market *m);
};

void liq_market_answer_free(struct liq_market_answer *a);
void liq_symbols_free(struct liq_symbols *s);
/* An answer of which everything is absent. */
void liq_market_answer_init(struct liq_market_answer *a);
/* Sort by open time, drop duplicates (the later one in the array wins). */
void liq_klines_normalise(struct liq_klines *k);

/*
 * How an exchange is reached and how much is asked of it.
 *
 * base_url  copied; NULL: the exchange's own
 * budget    our ceiling in the exchange's unit and window (liq_venues), below
 *           its limit; 0: half of it.  Limits of single routes shrink alike.
 */
struct liq_venue_options {
    struct liq_http *http;         /* borrowed */
    const struct liq_clock *clock; /* borrowed */
    const char *base_url;
    int budget;
};

/* NULL when there is no memory. */
typedef struct liq_market *liq_venue_fn(const struct liq_venue_options *o);

/* An exchange that can be made by its name. */
struct liq_venue {
    const char *name; /* that of its market, "binance" */
    const char *base_url;
    const char *other_base_url; /* another host that will do, or NULL */
    int limit;                  /* its main limit, in its own weight, ... */
    int64_t window_ms;          /* ... in so long */
    liq_venue_fn *make;
};

extern const struct liq_venue liq_venues[];
extern const size_t liq_n_venues;

/* NULL for a name that is none. */
const struct liq_venue *liq_venue_find(const char *name);

liq_venue_fn liq_binance_usdm_new, liq_binance_spot_new, liq_bybit_new,
    liq_okx_new, liq_bitget_new, liq_gate_new, liq_kucoin_new,
    liq_hyperliquid_new;

/* The demo market: a deterministic simulated exchange on the given clock; the
 * same moment gives the same candles on any machine, and any interval is the
 * exact aggregate of any finer one. */
struct liq_market *liq_demo_new(const struct liq_clock *clock);

/*
 * A market read from files.
 *
 * klines   CSV with a header line (open_time, open, high, low, close, volume,
 *          and where present quote_volume) or an exchange's kline JSON (array
 *          of arrays); plain, gzip, or "-"
 * metrics  Binance archive columns (create_time, symbol, sum_open_interest,
 *          sum_open_interest_value, ...), or NULL
 * as_of_ms keep only candles closed by then and open interest published by
 *          then; 0: everything
 * The file's own interval is the smallest step between its candles; one
 * candle alone takes fallback_ms.  The market's clock is as_of_ms or, when 0,
 * the end of the newest candle.  The ticker is that of the candles of the last
 * 24 h; mark price and funding are in no such file, which is no warning.
 * LIQ_EIO, LIQ_EFORMAT with file, line and what was expected; LIQ_ENOTFOUND
 * when nothing is left.
 */
struct liq_file_options {
    const char *klines, *metrics, *symbol;
    int64_t as_of_ms;
    int64_t fallback_ms;
};
LIQ_MUST_CHECK enum liq_err liq_file_new(const struct liq_file_options *o,
                                         struct liq_market **out,
                                         struct liq_reason *why);

#endif
