/* JSON answers, read value by value; only json_parse.c knows the library. */
#ifndef LIQMAP_MARKET_JSON_H
#define LIQMAP_MARKET_JSON_H

#include <stdbool.h>
#include "common.h"
#include "liqmap/market.h"

struct cJSON;

/* The whole of body[len] as one document, or NULL; to be freed. */
struct cJSON *liq_json_parse(const char *body, size_t len);
/* The same, NULL also when it is no array or object of its own: *why says so.
 * what: "candles: " or "", before the sentence. */
struct cJSON *liq_json_parse_array(const char *body, size_t len,
                                   const char *what, struct liq_reason *why);
struct cJSON *liq_json_parse_object(const char *body, size_t len,
                                    const char *what, struct liq_reason *why);
void liq_json_free(struct cJSON *root);

bool liq_json_is_array(const struct cJSON *item);
bool liq_json_is_object(const struct cJSON *item);
/* Members or elements in turn; NULL at the end and for NULL. */
const struct cJSON *liq_json_first(const struct cJSON *list);
const struct cJSON *liq_json_next(const struct cJSON *item);
const struct cJSON *liq_json_get(const struct cJSON *object, const char *name);

/* Every exchange writes decimals as strings here and as numbers there, so both
 * are taken everywhere.  NaN when absent or not a finite number. */
double liq_json_number(const struct cJSON *item);
double liq_json_field(const struct cJSON *object, const char *name);
/* The same, NaN unless > 0 or >= 0. */
double liq_json_positive(const struct cJSON *object, const char *name);
double liq_json_not_negative(const struct cJSON *object, const char *name);
/* A whole number of ms since the epoch, 0 when absent. */
int64_t liq_json_time(const struct cJSON *item);
/* A string member, "" when absent. */
const char *liq_json_text(const struct cJSON *object, const char *name);
/* Whether the member is true. */
bool liq_json_true(const struct cJSON *object, const char *name);

/* The first n elements of an array as numbers into x[n]; how many there were,
 * 0 when it is no array. */
size_t liq_json_numbers(const struct cJSON *row, double *x, size_t n);

/* A row of an answer into *k; NULL, or what is wrong with it. */
typedef const char *liq_json_kline_fn(const struct cJSON *row, const void *arg,
                                      struct liq_kline *k);
/* All rows of the list, whose candles are checked and added. */
enum liq_err liq_json_klines(const struct cJSON *list, liq_json_kline_fn *read,
                             const void *arg, struct liq_kline_list *out,
                             struct liq_reason *why);

/* The values of a row of a history; its time in ms, 0 when it is not usable. */
typedef int64_t liq_json_newest_fn(const struct cJSON *row, const void *arg,
                                   double value[2]);
/*
 * The values of the newest row not after to_ms (0: the newest).  LIQ_ENOTFOUND
 * when there is none or it is older than max_age_ms before to_ms; value is then
 * unchanged.
 */
enum liq_err liq_json_newest(const struct cJSON *list, liq_json_newest_fn *use,
                             const void *arg, int64_t to_ms, int64_t max_age_ms,
                             double value[2], struct liq_reason *why);

/* Whether an item is a symbol that we show; then *out is filled. */
typedef bool liq_json_symbol_fn(const struct cJSON *item, void *arg,
                                struct liq_symbol *out);
/* Those of the list that are shown, by name.  LIQ_EFORMAT when it is empty. */
enum liq_err liq_json_symbols(const struct cJSON *list,
                              liq_json_symbol_fn *read, void *arg,
                              struct liq_symbols *out, struct liq_reason *why);
/* A symbol of base against USDT; false when that is no name of ours. */
bool liq_json_symbol_fill(struct liq_symbol *out, const char *base,
                          double tick);

/* text, cut to fit and in printable ASCII. */
void liq_json_copy_printable(char *out, size_t size, const char *text);

#endif
