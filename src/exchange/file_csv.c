/* CSV files of candles and of open interest. */
#include "file_csv.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "common.h"
#include "liqmap/csv.h"

/* --- candles ------------------------------------------------------------ */

enum {
    OPEN_TIME,
    OPEN,
    HIGH,
    LOW,
    CLOSE,
    VOLUME,
    QUOTE_VOLUME,
    TAKER_BUY_VOLUME,
    N_KLINE
};

static const char *const kline_name[N_KLINE] = {
    "open_time", "open",   "high",         "low",
    "close",     "volume", "quote_volume", "taker_buy_volume"};

static enum liq_err read_kline(const struct liq_csv *c, const int *column,
                               struct liq_kline *k, struct liq_reason *why)
{
    double x[N_KLINE];
    const char *fault;
    enum liq_err err;
    int i;

    err = liq_csv_time(c, column[OPEN_TIME], kline_name[OPEN_TIME], &k->open_ms,
                       why);
    for (i = OPEN; err == LIQ_OK && i < N_KLINE; i++)
        err = liq_csv_number(c, column[i], kline_name[i], &x[i], why);
    if (err != LIQ_OK)
        return err;
    k->open = x[OPEN];
    k->high = x[HIGH];
    k->low = x[LOW];
    k->close = x[CLOSE];
    k->volume = x[VOLUME];
    k->quote_volume =
        isnan(x[QUOTE_VOLUME]) ? liq_kline_guess_quote(k) : x[QUOTE_VOLUME];
    k->taker_buy_volume = liq_kline_part(k, x[TAKER_BUY_VOLUME]);
    fault = liq_kline_fault(k);
    if (fault != NULL)
        return liq_fail(why, LIQ_EFORMAT, "%.90s:%zu: %s", c->name, c->line,
                        fault);
    return LIQ_OK;
}

enum liq_err liq_csv_klines(const char *text, size_t len, const char *name,
                            struct liq_klines *out, struct liq_reason *why)
{
    struct liq_csv c = liq_csv_of(text, len, name);
    struct liq_kline_list list = {NULL, 0, 0};
    struct liq_kline k;
    int column[N_KLINE] = {0};
    enum liq_err err;

    err = liq_csv_header(&c, kline_name, N_KLINE, QUOTE_VOLUME, column, why);
    while (err == LIQ_OK && liq_csv_next(&c)) {
        err = read_kline(&c, column, &k, why);
        if (err == LIQ_OK && liq_kline_list_add(&list, &k) != LIQ_OK)
            err = liq_fail(why, LIQ_ENOMEM, "%.90s: no memory", name);
    }
    if (err == LIQ_OK && liq_kline_list_end(&list, out) != LIQ_OK)
        err = liq_fail(why, LIQ_ENOMEM, "%.90s: no memory", name);
    free(list.at);
    return err;
}

/* --- metrics ------------------------------------------------------------ */

enum { CREATE_TIME, INTEREST, INTEREST_VALUE, RATIO, SYMBOL, N_METRIC };

static const char *const metric_name[N_METRIC] = {
    "create_time", "sum_open_interest", "sum_open_interest_value",
    "count_long_short_ratio", "symbol"};

static bool is_symbol(const struct liq_csv *c, int column, const char *symbol)
{
    struct liq_csv_field f = liq_csv_field_of(c, column);

    return column < 0 ||
           (f.len == strlen(symbol) && memcmp(f.text, symbol, f.len) == 0);
}

static enum liq_err read_metric(const struct liq_csv *c, const int *column,
                                struct liq_metric *m, struct liq_reason *why)
{
    double x[N_METRIC];
    enum liq_err err;
    int i;

    err = liq_csv_time(c, column[CREATE_TIME], metric_name[CREATE_TIME],
                       &m->time_ms, why);
    for (i = INTEREST; err == LIQ_OK && i < SYMBOL; i++)
        err = liq_csv_number(c, column[i], metric_name[i], &x[i], why);
    if (err != LIQ_OK)
        return err;
    m->open_interest = x[INTEREST] > 0.0 ? x[INTEREST] : NAN;
    m->open_interest_usd = x[INTEREST_VALUE] > 0.0 ? x[INTEREST_VALUE] : NAN;
    m->long_account_share = x[RATIO] > 0.0 ? x[RATIO] / (1.0 + x[RATIO]) : NAN;
    return LIQ_OK;
}

static enum liq_err add_metric(struct liq_metrics *list, size_t *size,
                               const struct liq_metric *m)
{
    if (list->n == *size) {
        size_t more = *size > 0 ? 2 * *size : 512;
        struct liq_metric *grown = realloc(list->at, more * sizeof *grown);

        if (grown == NULL)
            return LIQ_ENOMEM;
        list->at = grown;
        *size = more;
    }
    list->at[list->n++] = *m;
    return LIQ_OK;
}

static int by_time(const void *a, const void *b)
{
    const struct liq_metric *x = a, *y = b;

    return (x->time_ms > y->time_ms) - (x->time_ms < y->time_ms);
}

enum liq_err liq_csv_metrics(const char *text, size_t len, const char *name,
                             const char *symbol, struct liq_metrics *out,
                             struct liq_reason *why)
{
    struct liq_csv c = liq_csv_of(text, len, name);
    struct liq_metrics list = {NULL, 0};
    struct liq_metric m;
    size_t size = 0;
    int column[N_METRIC] = {0};
    enum liq_err err;

    err =
        liq_csv_header(&c, metric_name, N_METRIC, INTEREST_VALUE, column, why);
    while (err == LIQ_OK && liq_csv_next(&c)) {
        if (!is_symbol(&c, column[SYMBOL], symbol))
            continue;
        err = read_metric(&c, column, &m, why);
        if (err == LIQ_OK && add_metric(&list, &size, &m) != LIQ_OK)
            err = liq_fail(why, LIQ_ENOMEM, "%.90s: no memory", name);
    }
    if (err != LIQ_OK) {
        free(list.at);
        return err;
    }
    if (list.n > 0)
        qsort(list.at, list.n, sizeof *list.at, by_time);
    *out = list;
    return LIQ_OK;
}
