/* Files of reported liquidations and of open interest. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "liqmap/csv.h"
#include "liqmap/report.h"

static bool is_word(struct liq_csv_field f, const char *word)
{
    return f.len == strlen(word) && memcmp(f.text, word, f.len) == 0;
}

static bool is_wanted(const struct liq_csv *c, int column, const char *symbol)
{
    return column < 0 || is_word(liq_csv_field_of(c, column), symbol);
}

/*
 * A list while a file is read into it.  What is behind the n that it had is
 * not the caller's before the whole file is good.
 *
 * at    [room] of size bytes each, ascending in the time that each begins with
 */
struct rows {
    void *at;
    size_t n, room, size;
};

static enum liq_err append(struct rows *r, const void *row,
                           struct liq_reason *why)
{
    size_t more = r->room > 0 ? 2 * r->room : 512;

    if (r->n == r->room) {
        void *at =
            more > SIZE_MAX / r->size ? NULL : realloc(r->at, more * r->size);

        if (at == NULL)
            return liq_fail(why, LIQ_ENOMEM, "no memory");
        r->at = at;
        r->room = more;
    }
    memcpy((char *)r->at + r->n++ * r->size, row, r->size);
    return LIQ_OK;
}

static int by_time(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

typedef enum liq_err parse_fn(struct liq_csv *c, const char *symbol,
                              struct rows *rows, struct liq_reason *why);

static enum liq_err read_file(const char *path, const char *symbol,
                              parse_fn *parse, struct rows *rows,
                              struct liq_reason *why)
{
    size_t had = rows->n;
    struct liq_buf text;
    struct liq_csv c;
    enum liq_err err;

    liq_buf_init(&text, LIQ_CSV_BYTES_MAX);
    err = liq_csv_load(path, &text, why);
    if (!err) {
        c = liq_csv_of(text.data, text.len, path);
        err = parse(&c, symbol, rows, why);
    }
    liq_buf_free(&text);
    if (err)
        rows->n = had;
    else if (rows->n > 0)
        qsort(rows->at, rows->n, rows->size, by_time);
    return err;
}

/* --- liquidations --------------------------------------------------------- */

enum {
    TIME,
    SIDE,
    USD,
    SYMBOL,
    FILLED,
    QUANTITY,
    AVERAGE_PRICE,
    PRICE,
    N_EXECUTED
};

static const char *const executed_name[N_EXECUTED] = {
    "time",     "side",          "usd",  "symbol", "accumulated_fill_quantity",
    "quantity", "average_price", "price"};

/* In a list of orders the side is the order's: a sell closes a long. */
static enum liq_err read_side(const struct liq_csv *c, int column, bool orders,
                              enum liq_side *out, struct liq_reason *why)
{
    struct liq_csv_field f = liq_csv_field_of(c, column);

    if (is_word(f, orders ? "SELL" : "long"))
        *out = LIQ_LONG;
    else if (is_word(f, orders ? "BUY" : "short"))
        *out = LIQ_SHORT;
    else
        return liq_fail(why, LIQ_EFORMAT,
                        "%.90s:%zu: side: expected %s, got '%.*s'", c->name,
                        c->line, orders ? "SELL or BUY" : "long or short",
                        f.len < 24 ? (int)f.len : 24, f.text);
    return LIQ_OK;
}

static double first_of(double a, double b)
{
    return isnan(a) ? b : a;
}

static enum liq_err read_executed(const struct liq_csv *c, const int *column,
                                  struct liq_executed *out,
                                  struct liq_reason *why)
{
    bool orders = column[USD] < 0;
    double x[N_EXECUTED];
    enum liq_err err =
        liq_csv_time(c, column[TIME], "time", &out->time_ms, why);

    if (!err)
        err = read_side(c, column[SIDE], orders, &out->side, why);
    for (int i = USD; !err && i < N_EXECUTED; i++) {
        if (i != SYMBOL)
            err = liq_csv_number(c, column[i], executed_name[i], &x[i], why);
    }
    if (err)
        return err;
    out->usd = orders ? first_of(x[FILLED], x[QUANTITY]) *
                            first_of(x[AVERAGE_PRICE], x[PRICE])
                      : x[USD];
    if (!(out->usd >= 0.0 && out->usd < 1e15))
        return liq_fail(why, LIQ_EFORMAT,
                        "%.90s:%zu: expected an amount of 0 or more", c->name,
                        c->line);
    return LIQ_OK;
}

static enum liq_err parse_executed(struct liq_csv *c, const char *symbol,
                                   struct rows *rows, struct liq_reason *why)
{
    int column[N_EXECUTED];
    enum liq_err err =
        liq_csv_header(c, executed_name, N_EXECUTED, USD, column, why);

    if (!err && column[USD] < 0 &&
        ((column[FILLED] < 0 && column[QUANTITY] < 0) ||
         (column[AVERAGE_PRICE] < 0 && column[PRICE] < 0)))
        err = liq_fail(why, LIQ_EFORMAT,
                       "%.90s:%zu: expected a column usd, or a quantity and a "
                       "price",
                       c->name, c->line);
    while (!err && liq_csv_next(c)) {
        struct liq_executed row;

        if (!is_wanted(c, column[SYMBOL], symbol))
            continue;
        err = read_executed(c, column, &row, why);
        if (!err)
            err = append(rows, &row, why);
    }
    return err;
}

/* --- open interest -------------------------------------------------------- */

enum { CREATED, COINS, VALUE, OF, ALSO_TIME, N_INTEREST };

static const char *const interest_name[N_INTEREST] = {
    "create_time", "sum_open_interest", "sum_open_interest_value", "symbol",
    "time"};

static enum liq_err parse_interest(struct liq_csv *c, const char *symbol,
                                   struct rows *rows, struct liq_reason *why)
{
    int column[N_INTEREST];
    enum liq_err err =
        liq_csv_header(c, interest_name, N_INTEREST, 0, column, why);

    if (!err && column[CREATED] < 0)
        column[CREATED] = column[ALSO_TIME];
    if (!err && (column[CREATED] < 0 || column[COINS] < 0))
        err = liq_fail(why, LIQ_EFORMAT,
                       "%.90s:%zu: expected columns create_time and "
                       "sum_open_interest",
                       c->name, c->line);
    while (!err && liq_csv_next(c)) {
        struct liq_interest row;

        if (!is_wanted(c, column[OF], symbol))
            continue;
        err =
            liq_csv_time(c, column[CREATED], "create_time", &row.time_ms, why);
        if (!err)
            err = liq_csv_number(c, column[COINS], "sum_open_interest",
                                 &row.coins, why);
        if (!err)
            err = liq_csv_number(c, column[VALUE], "sum_open_interest_value",
                                 &row.usd, why);
        if (err || !(row.coins > 0.0))
            continue;
        row.usd = row.usd > 0.0 ? row.usd : NAN;
        err = append(rows, &row, why);
    }
    return err;
}

/* --- both ----------------------------------------------------------------- */

enum liq_err liq_executed_read(const char *path, const char *symbol,
                               struct liq_executed_list *list,
                               struct liq_reason *why)
{
    struct rows rows = {list->at, list->n, list->n, sizeof *list->at};
    enum liq_err err = read_file(path, symbol, parse_executed, &rows, why);

    list->at = rows.at;
    list->n = rows.n;
    return err;
}

enum liq_err liq_interest_read(const char *path, const char *symbol,
                               struct liq_interest_list *list,
                               struct liq_reason *why)
{
    struct rows rows = {list->at, list->n, list->n, sizeof *list->at};
    enum liq_err err = read_file(path, symbol, parse_interest, &rows, why);

    list->at = rows.at;
    list->n = rows.n;
    return err;
}
