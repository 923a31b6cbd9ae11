/* The plain data that market and model both speak.  No functions.  A double
 * that is NaN and a time that is 0 are absent: not known, which is never the
 * same as zero. */
#ifndef LIQMAP_SERIES_H
#define LIQMAP_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One candle.  Prices in quote currency per base unit, finite and > 0, low <=
 * open, close <= high. */
struct liq_kline {
    int64_t open_ms; /* UTC, a multiple of the interval */
    double open, high, low, close;
    double volume;       /* base units, >= 0 */
    double quote_volume; /* quote currency, >= 0; where the exchange gives only
                            base volume, volume x (high + low + close) / 3 */
    double taker_buy_volume; /* base units, of volume what takers bought; NaN
                                where the exchange does not say */
};

/* Ascending in open_ms, no duplicates, gaps allowed. */
struct liq_klines {
    struct liq_kline *at; /* [n], owned; NULL when n is 0 */
    size_t n;
};

/*
 * What the contract of a symbol allows in its first bracket, MODEL.md 3a; NaN
 * where it is not known.
 *
 * max_leverage             x, > 1
 * maintenance_margin_rate  of notional, >= 0 and below 1 / max_leverage
 * inverse                  margin and profit are in the coin
 * source                   "contract": the exchange said it; "documented": it
 *                          stands in its documentation; "borrowed from NAME":
 *                          another exchange said it of the same coin;
 *                          "assumed"; NULL: not known; static
 */
struct liq_contract {
    double max_leverage, maintenance_margin_rate;
    bool inverse;
    const char *source;
};

struct liq_ticker {
    double last, high_24h, low_24h, change_percent_24h;
    double volume_24h;       /* base */
    double quote_volume_24h; /* quote */
    int64_t time_ms;
};

struct liq_statistics {
    double open_interest;     /* base units, one side */
    double open_interest_usd; /* the same in quote currency */
    double mark_price;
    double funding_rate; /* fraction per funding interval, > 0: longs pay */
    int64_t next_funding_ms;
    double long_account_share;   /* 0 .. 1 of the accounts */
    int64_t funding_interval_ms; /* between two payments of funding */
};

/* A position that the exchange closed.  A sampled feed reports only some,
 * one a second for instance, so that sums are lower bounds. */
struct liq_liquidation {
    int64_t time_ms;
    bool is_long;    /* the closed position was long */
    bool sampled;    /* the feed does not report all */
    double price;    /* quote per base unit; NaN when unknown */
    double quantity; /* base units; NaN when unknown */
    double usd;      /* quote currency */
};

#endif
