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

/* Room for one more in at[n] of size bytes each; *room is what there is. */
static void *grow(void *at, size_t n, size_t *room, size_t size)
{
    size_t more = *room > 0 ? 2 * *room : 512;

    if (n < *room)
        return at;
    if (more > SIZE_MAX / size)
        return NULL;
    at = realloc(at, more * size);
    if (at != NULL)
        *room = more;
    return at;
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

static int executed_by_time(const void *a, const void *b)
{
    const struct liq_executed *x = a, *y = b;

    return (x->time_ms > y->time_ms) - (x->time_ms < y->time_ms);
}

static enum liq_err parse_executed(struct liq_csv *c, const char *symbol,
                                   struct liq_executed_list *list,
                                   struct liq_reason *why)
{
    int column[N_EXECUTED];
    size_t room = 0;
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
        struct liq_executed *grown;
        struct liq_executed row;

        if (!is_wanted(c, column[SYMBOL], symbol))
            continue;
        err = read_executed(c, column, &row, why);
        if (err)
            break;
        grown = grow(list->at, list->n, &room, sizeof row);
        if (grown == NULL)
            return liq_fail(why, LIQ_ENOMEM, "no memory");
        list->at = grown;
        list->at[list->n++] = row;
    }
    return err;
}

/* --- open interest -------------------------------------------------------- */

enum { CREATED, COINS, VALUE, OF, ALSO_TIME, N_INTEREST };

static const char *const interest_name[N_INTEREST] = {
    "create_time", "sum_open_interest", "sum_open_interest_value", "symbol",
    "time"};

static int interest_by_time(const void *a, const void *b)
{
    const struct liq_interest *x = a, *y = b;

    return (x->time_ms > y->time_ms) - (x->time_ms < y->time_ms);
}

static enum liq_err parse_interest(struct liq_csv *c, const char *symbol,
                                   struct liq_interest_list *list,
                                   struct liq_reason *why)
{
    int column[N_INTEREST];
    size_t room = 0;
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
        struct liq_interest *grown;
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
        grown = grow(list->at, list->n, &room, sizeof row);
        if (grown == NULL)
            return liq_fail(why, LIQ_ENOMEM, "no memory");
        list->at = grown;
        list->at[list->n++] = row;
    }
    return err;
}

/* --- joined to what there is ---------------------------------------------- */

/* more[n] of size bytes behind at[had]; the longer array, or NULL. */
static void *joined(void *at, size_t had, const void *more, size_t n,
                    size_t size)
{
    char *both;

    if (had + n > SIZE_MAX / size)
        return NULL;
    both = realloc(at, (had + n) * size + 1);
    if (both != NULL && n > 0)
        memcpy(both + had * size, more, n * size);
    return both;
}

enum liq_err liq_executed_read(const char *path, const char *symbol,
                               struct liq_executed_list *list,
                               struct liq_reason *why)
{
    struct liq_executed_list read = {NULL, 0};
    struct liq_executed *both;
    struct liq_buf text;
    struct liq_csv c;
    enum liq_err err;

    liq_buf_init(&text, LIQ_CSV_BYTES_MAX);
    err = liq_csv_load(path, &text, why);
    if (!err) {
        c = liq_csv_of(text.data, text.len, path);
        err = parse_executed(&c, symbol, &read, why);
    }
    if (!err) {
        both = joined(list->at, list->n, read.at, read.n, sizeof *both);
        if (both == NULL) {
            err = liq_fail(why, LIQ_ENOMEM, "no memory");
        } else {
            list->at = both;
            list->n += read.n;
            qsort(both, list->n, sizeof *both, executed_by_time);
        }
    }
    free(read.at);
    liq_buf_free(&text);
    return err;
}

enum liq_err liq_interest_read(const char *path, const char *symbol,
                               struct liq_interest_list *list,
                               struct liq_reason *why)
{
    struct liq_interest_list read = {NULL, 0};
    struct liq_interest *both;
    struct liq_buf text;
    struct liq_csv c;
    enum liq_err err;

    liq_buf_init(&text, LIQ_CSV_BYTES_MAX);
    err = liq_csv_load(path, &text, why);
    if (!err) {
        c = liq_csv_of(text.data, text.len, path);
        err = parse_interest(&c, symbol, &read, why);
    }
    if (!err) {
        both = joined(list->at, list->n, read.at, read.n, sizeof *both);
        if (both == NULL) {
            err = liq_fail(why, LIQ_ENOMEM, "no memory");
        } else {
            list->at = both;
            list->n += read.n;
            qsort(both, list->n, sizeof *both, interest_by_time);
        }
    }
    free(read.at);
    liq_buf_free(&text);
    return err;
}
