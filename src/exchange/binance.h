/* Between the files of the two Binance markets. */
#ifndef LIQMAP_MARKET_BINANCE_H
#define LIQMAP_MARKET_BINANCE_H

#include "venue.h"

/*
 * Each reads body[len], which need not end in a NUL.  LIQ_EFORMAT with *why
 * when it is not that answer; *out is then unchanged.  A number that is
 * missing, empty, null or out of its range is absent (NaN, 0 for times), and
 * where nothing at all is left of the answer that is LIQ_EFORMAT too.
 */
enum liq_err liq_binance_parse_klines(const char *body, size_t len,
                                      struct liq_klines *out,
                                      struct liq_reason *why);
enum liq_err liq_binance_parse_time(const char *body, size_t len, int64_t *out,
                                    struct liq_reason *why);
enum liq_err liq_binance_parse_ticker(const char *body, size_t len,
                                      struct liq_ticker *out,
                                      struct liq_reason *why);
enum liq_err liq_binance_parse_open_interest(const char *body, size_t len,
                                             double *out,
                                             struct liq_reason *why);
/* Sets mark_price, funding_rate and next_funding_ms. */
enum liq_err liq_binance_parse_premium(const char *body, size_t len,
                                       struct liq_statistics *out,
                                       struct liq_reason *why);
/* The newest row not after to_ms (0: the newest).  LIQ_ENOTFOUND when there is
 * none or it is older than max_age_ms before to_ms. */
enum liq_err liq_binance_parse_ratio(const char *body, size_t len,
                                     int64_t to_ms, int64_t max_age_ms,
                                     double *long_share,
                                     struct liq_reason *why);
enum liq_err liq_binance_parse_open_interest_hist(const char *body, size_t len,
                                                  int64_t to_ms,
                                                  int64_t max_age_ms,
                                                  double *base, double *quote,
                                                  struct liq_reason *why);
/* Perpetuals against USDT. */
enum liq_err liq_binance_parse_symbols(const char *body, size_t len,
                                       struct liq_symbols *out,
                                       struct liq_reason *why);
/* Spot pairs against USDT. */
enum liq_err liq_binance_parse_pairs(const char *body, size_t len,
                                     struct liq_symbols *out,
                                     struct liq_reason *why);

/* What an error body says; true when it is one. */
struct liq_binance_error {
    int code;                /* -1121, 0 when there is none */
    bool maintenance;        /* the exchange is closed for now */
    char message[128];       /* printable ASCII, "" when there is none */
    int64_t banned_until_ms; /* of a -1003 message; 0 when it says none */
};
bool liq_binance_parse_error(const char *body, size_t len,
                             struct liq_binance_error *out);

/* The same in the forms that a row takes, for both markets. */
liq_venue_klines_fn liq_binance_klines;
liq_venue_part_fn liq_binance_ticker;
liq_venue_time_fn liq_binance_time;
liq_venue_error_fn liq_binance_error;

#endif
