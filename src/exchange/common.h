/* What the files of this module share about candles and data. */
#ifndef LIQMAP_EXCHANGE_COMMON_H
#define LIQMAP_EXCHANGE_COMMON_H

#include <stdbool.h>
#include "liqmap/exchange.h"

/* Candles while they are being read; at is owned until it is moved on. */
struct liq_kline_list {
    struct liq_kline *at; /* [n] */
    size_t n, size;
};

/* Append one; LIQ_ENOMEM leaves the list as it was. */
LIQ_MUST_CHECK enum liq_err liq_kline_list_add(struct liq_kline_list *list,
                                               const struct liq_kline *k);

/* Move the candles to *out, in order and without duplicates (the later one
 * wins).  LIQ_ENOMEM leaves both as they were. */
LIQ_MUST_CHECK enum liq_err liq_kline_list_end(struct liq_kline_list *list,
                                               struct liq_klines *out);

/* Whether it is a price of anything: 1e-12 .. 1e12. */
bool liq_price_fits(double x);

/* Whether the candle keeps the promises of series.h (the grid of open times
 * apart).  NULL, or what is wrong with it, static. */
const char *liq_kline_fault(const struct liq_kline *k);

/* quote_volume of a candle whose source gives only base volume (series.h). */
double liq_kline_guess_quote(const struct liq_kline *k);

/* taker_buy_volume of a candle whose source says so; NaN when it is no part of
 * the candle's volume. */
double liq_kline_part(const struct liq_kline *k, double volume);

/* 2 .. 31 of A-Z and 0-9. */
bool liq_symbol_valid(const char *name);

/* The engine interval for a display interval where an exchange has them all: 5m
 * from 1m, 15m from 5m, 1h from 15m, 4h from 1h, 1d from 4h; 0 for others. */
int64_t liq_usual_engine_ms(int64_t display_ms);

/* Add a sentence to the warnings; one too many is dropped. */
void liq_market_data_warn(struct liq_market_data *d, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Whether two candles of one open time before before_ms have other prices. */
bool liq_klines_contradict(const struct liq_klines *k, int64_t before_ms);

/* Drop the candles that open before from_ms or, when to_ms is not 0, close
 * after to_ms. */
void liq_klines_cut(struct liq_klines *k, int64_t interval_ms, int64_t from_ms,
                    int64_t to_ms);

#endif
