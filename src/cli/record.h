/* liqmap import and liqmap export: the recorder's file. */
#ifndef LIQMAP_CLI_RECORD_H
#define LIQMAP_CLI_RECORD_H

#include <stddef.h>
#include "liqmap/store.h"

/* The commands; the process's exit status. */
int cli_import(int argc, char **argv);
int cli_export(int argc, char **argv);

/*
 * Read rows out of text[len], a CSV file with a header line, and hand them to
 * take in the order of the file; it may keep them.  name is the file's, for
 * *why.  exchange and symbol: of rows that do not say it; symbol NULL: then the
 * file must.
 *
 * Metrics have create_time and sum_open_interest; funding has funding_time and
 * funding_rate; orders of liquidations as Binance reports them have side and
 * average_price, and side is the order's; other liquidations have time, side
 * ("long" or "short", that was closed) and usd.
 * LIQ_EFORMAT, and what was expected in which line; what take returns.
 */
LIQ_MUST_CHECK enum liq_err
cli_read_rows(const char *text, size_t len, const char *name,
              const char *exchange, const char *symbol,
              enum liq_err (*take)(void *arg, const struct liq_row *row),
              void *arg, struct liq_reason *why);

#endif
