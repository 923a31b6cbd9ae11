/* Numbers and times as the page writes them: www/js/data/format.js. */
#ifndef LIQMAP_RENDER_FORMAT_H
#define LIQMAP_RENDER_FORMAT_H

#include <stddef.h>
#include <stdint.h>
#include "liqmap/buf.h"
#include "liqmap/model.h"
#include "liqmap/series.h"

#define LIQ_TEXT 64

/* All write to out[LIQ_TEXT] and return it. */

/* "110,420.5" */
const char *liq_format_price(double value, int decimals, char *out);
/* "1.24 B", "950 k", "12.3" */
const char *liq_format_compact(double value, char *out);
/* "$1.24 B"; a dash when not finite. */
const char *liq_format_usd(double value, char *out);
/* "+1.2 %", "−0.3 %" */
const char *liq_format_percent(double value, int decimals, char *out);
/* A relative density, 0 .. 100; "< 0.1" for what is tiny. */
const char *liq_format_density(double value, char *out);
/* "12 Oct 2025 14:05 UTC"; "12 Oct 2025 UTC" for whole days. */
const char *liq_format_moment(int64_t ms, int with_clock, char *out);

/* UTC, proleptic Gregorian; month 0 .. 11. */
struct liq_day {
    int year, month, day, hour, minute;
};
struct liq_day liq_day_of(int64_t ms);
/* "Jan" */
const char *liq_month_name(int month);

/* Append "gauss7 version 1", and of parameters that are not the model's own
 * " (changed: spread 0.02, half-lives 1440/960/480/168/48/24/6 h)". */
void liq_format_model(const struct liq_params *p, struct liq_buf *out);

/* How many decimals are needed to write the value without loss, 0 .. 8. */
int liq_decimals_of(double value);
/* Those of the newest candles' closes. */
int liq_price_decimals(const struct liq_kline *candle, size_t n);

#endif
