/* CSV files of candles and of open interest: fields, columns, rows. */
#include "file_csv.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "common.h"
#include "liqmap/clock.h"
#include "liqmap/decimal.h"

#define FIELDS_MAX 32

struct field {
    const char *text;
    size_t len;
};

/* A text being read line by line. */
struct csv {
    const char *at, *end; /* what is left */
    const char *name;     /* the file's */
    size_t line;          /* of the row just read, from 1 */
    struct field field[FIELDS_MAX];
    size_t n; /* fields in the row */
};

static void split(struct csv *c, const char *at, const char *end)
{
    c->n = 0;
    while (c->n < FIELDS_MAX) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        const char *stop = comma != NULL ? comma : end;
        struct field *f = &c->field[c->n++];

        while (at < stop && (*at == ' ' || *at == '"'))
            at++;
        f->text = at;
        f->len = (size_t)(stop - at);
        while (f->len > 0 &&
               (f->text[f->len - 1] == ' ' || f->text[f->len - 1] == '"'))
            f->len--;
        if (comma == NULL)
            return;
        at = comma + 1;
    }
}

/* The next line that is not empty; false at the end. */
static bool next_row(struct csv *c)
{
    while (c->at < c->end) {
        const char *start = c->at;
        const char *stop = memchr(start, '\n', (size_t)(c->end - start));

        c->line++;
        c->at = stop != NULL ? stop + 1 : c->end;
        if (stop == NULL)
            stop = c->end;
        if (stop > start && stop[-1] == '\r')
            stop--;
        if (stop == start)
            continue;
        split(c, start, stop);
        return true;
    }
    return false;
}

static struct csv csv_of(const char *text, size_t len, const char *name)
{
    static const char mark[] = "\xef\xbb\xbf"; /* some editors put it first */
    struct csv c;

    memset(&c, 0, sizeof c);
    if (len >= 3 && memcmp(text, mark, 3) == 0) {
        text += 3;
        len -= 3;
    }
    c.at = text;
    c.end = text + len;
    c.name = name;
    return c;
}

/* --- columns ------------------------------------------------------------ */

/* Where the named column is, -1 when it is not. */
static int find_column(const struct csv *c, const char *name)
{
    size_t i;

    for (i = 0; i < c->n; i++)
        if (c->field[i].len == strlen(name) &&
            memcmp(c->field[i].text, name, c->field[i].len) == 0)
            return (int)i;
    return -1;
}

/* Read the header line: column[i] of name[i]; the first n_needed must be there.
 */
static enum liq_err read_header(struct csv *c, const char *const *name,
                                size_t n, size_t n_needed, int *column,
                                struct liq_reason *why)
{
    size_t i;

    if (!next_row(c))
        return liq_fail(why, LIQ_EFORMAT, "%.90s: the file is empty", c->name);
    for (i = 0; i < n; i++) {
        column[i] = find_column(c, name[i]);
        if (i < n_needed && column[i] < 0)
            return liq_fail(why, LIQ_EFORMAT,
                            "%.90s:%zu: expected a header line with a column "
                            "named %s",
                            c->name, c->line, name[i]);
    }
    return LIQ_OK;
}

static struct field field_of(const struct csv *c, int column)
{
    struct field none = {"", 0};

    if (column < 0 || (size_t)column >= c->n)
        return none;
    return c->field[column];
}

/* NaN when the field is empty. */
static enum liq_err read_number(const struct csv *c, int column,
                                const char *name, double *out,
                                struct liq_reason *why)
{
    struct field f = field_of(c, column);

    *out = NAN;
    if (f.len == 0 || liq_decimal_parse(f.text, f.len, out))
        return LIQ_OK;
    return liq_fail(why, LIQ_EFORMAT,
                    "%.90s:%zu: %s: expected a number, got '%.*s'", c->name,
                    c->line, name, f.len < 24 ? (int)f.len : 24, f.text);
}

static bool all_digits(const char *text)
{
    return text[strspn(text, "0123456789")] == '\0';
}

static enum liq_err read_time(const struct csv *c, int column, const char *name,
                              int64_t *out, struct liq_reason *why)
{
    struct field f = field_of(c, column);
    char text[32] = "";

    if (f.len < sizeof text)
        memcpy(text, f.text, f.len);
    *out = -1;
    if (text[0] != '\0' && (!all_digits(text) || f.len == 13))
        *out = liq_time_parse(text);
    if (*out > 0)
        return LIQ_OK;
    return liq_fail(why, LIQ_EFORMAT,
                    "%.90s:%zu: %s: expected milliseconds (13 digits) or "
                    "YYYY-MM-DD HH:MM:SS, got '%.*s'",
                    c->name, c->line, name, f.len < 24 ? (int)f.len : 24,
                    f.text);
}

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

static enum liq_err read_kline(const struct csv *c, const int *column,
                               struct liq_kline *k, struct liq_reason *why)
{
    double x[N_KLINE];
    const char *fault;
    enum liq_err err;
    int i;

    err = read_time(c, column[OPEN_TIME], kline_name[OPEN_TIME], &k->open_ms,
                    why);
    for (i = OPEN; err == LIQ_OK && i < N_KLINE; i++)
        err = read_number(c, column[i], kline_name[i], &x[i], why);
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
    struct csv c = csv_of(text, len, name);
    struct liq_kline_list list = {NULL, 0, 0};
    struct liq_kline k;
    int column[N_KLINE] = {0};
    enum liq_err err;

    err = read_header(&c, kline_name, N_KLINE, QUOTE_VOLUME, column, why);
    while (err == LIQ_OK && next_row(&c)) {
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

static bool is_symbol(const struct csv *c, int column, const char *symbol)
{
    struct field f = field_of(c, column);

    return column < 0 ||
           (f.len == strlen(symbol) && memcmp(f.text, symbol, f.len) == 0);
}

static enum liq_err read_metric(const struct csv *c, const int *column,
                                struct liq_metric *m, struct liq_reason *why)
{
    double x[N_METRIC];
    enum liq_err err;
    int i;

    err = read_time(c, column[CREATE_TIME], metric_name[CREATE_TIME],
                    &m->time_ms, why);
    for (i = INTEREST; err == LIQ_OK && i < SYMBOL; i++)
        err = read_number(c, column[i], metric_name[i], &x[i], why);
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
    struct csv c = csv_of(text, len, name);
    struct liq_metrics list = {NULL, 0};
    struct liq_metric m;
    size_t size = 0;
    int column[N_METRIC] = {0};
    enum liq_err err;

    err = read_header(&c, metric_name, N_METRIC, INTEREST_VALUE, column, why);
    while (err == LIQ_OK && next_row(&c)) {
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
