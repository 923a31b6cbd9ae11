/* CSV files of candles and of open interest. */
#ifndef LIQMAP_EXCHANGE_FILE_CSV_H
#define LIQMAP_EXCHANGE_FILE_CSV_H

#include "liqmap/exchange.h"

/* One row of the metrics archive; NaN where the row says nothing. */
struct liq_metric {
    int64_t time_ms;
    double open_interest;      /* base units */
    double open_interest_usd;  /* quote currency */
    double long_account_share; /* 0 .. 1 */
};

struct liq_metrics {
    struct liq_metric *at; /* [n] ascending in time, owned */
    size_t n;
};

/*
 * text[len] with a header line that names the columns, in any order; others are
 * ignored.  name is the file's, for *why: "NAME:LINE: what was expected".
 * LIQ_OK, LIQ_ENOMEM, or LIQ_EFORMAT; *out is then unchanged.
 *
 * Candles: open_time, open, high, low, close, volume, and if there
 * quote_volume.  Times are milliseconds (13 digits) or "YYYY-MM-DD HH:MM:SS"
 * UTC; seconds or microseconds are refused rather than guessed.
 */
LIQ_MUST_CHECK enum liq_err liq_csv_klines(const char *text, size_t len,
                                           const char *name,
                                           struct liq_klines *out,
                                           struct liq_reason *why);

/* Metrics: create_time, sum_open_interest, and if there symbol (rows of others
 * are left out), sum_open_interest_value, count_long_short_ratio.  The archive
 * writes 0 or nothing where it does not know: both are absent. */
LIQ_MUST_CHECK enum liq_err liq_csv_metrics(const char *text, size_t len,
                                            const char *name,
                                            const char *symbol,
                                            struct liq_metrics *out,
                                            struct liq_reason *why);

#endif
