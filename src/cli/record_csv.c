/* The archives' CSV files as rows of the recorder's file. */
#include "record.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "liqmap/clock.h"
#include "liqmap/decimal.h"

#define COLUMNS_MAX 32

enum column {
    TIME,
    CREATE_TIME,
    FUNDING_TIME,
    SYMBOL,
    EXCHANGE,
    SIDE,
    USD,
    PRICE,
    AVERAGE_PRICE,
    QUANTITY,
    ORIGINAL_QUANTITY,
    FILLED_QUANTITY,
    SAMPLED,
    INTEREST,
    INTEREST_USD,
    ACCOUNT_RATIO,
    FUNDING_RATE,
    COLUMNS
};

static const char *const names[COLUMNS] = {"time",
                                           "create_time",
                                           "funding_time",
                                           "symbol",
                                           "exchange",
                                           "side",
                                           "usd",
                                           "price",
                                           "average_price",
                                           "quantity",
                                           "original_quantity",
                                           "accumulated_fill_quantity",
                                           "sampled",
                                           "sum_open_interest",
                                           "sum_open_interest_value",
                                           "count_long_short_ratio",
                                           "funding_rate"};

enum form { METRICS, FUNDING, ORDERS, LIQUIDATIONS };

/* place: of each column in a line; -1: it is not there. */
struct reading {
    const char *file, *exchange, *symbol;
    enum form form;
    int place[COLUMNS];
    size_t line;
    struct {
        const char *at;
        size_t n;
    } field[COLUMNS_MAX];
    int n_field;
};

static void split(struct reading *r, const char *text, size_t n)
{
    const char *end = text + n;

    if (n > 0 && end[-1] == '\r')
        end--;
    r->n_field = 0;
    while (r->n_field < COLUMNS_MAX) {
        const char *comma = memchr(text, ',', (size_t)(end - text));
        const char *stop = comma ? comma : end;

        r->field[r->n_field].at = text;
        r->field[r->n_field++].n = (size_t)(stop - text);
        if (!comma)
            break;
        text = comma + 1;
    }
}

static bool has(const struct reading *r, enum column c)
{
    return r->place[c] >= 0;
}

static bool read_header(struct reading *r)
{
    for (int c = 0; c < COLUMNS; c++) {
        r->place[c] = -1;
        for (int i = 0; i < r->n_field; i++) {
            if (r->field[i].n == strlen(names[c]) &&
                memcmp(r->field[i].at, names[c], r->field[i].n) == 0)
                r->place[c] = i;
        }
    }
    if (has(r, CREATE_TIME) && has(r, INTEREST))
        r->form = METRICS;
    else if (has(r, FUNDING_TIME) && has(r, FUNDING_RATE))
        r->form = FUNDING;
    else if (has(r, TIME) && has(r, SIDE) && has(r, AVERAGE_PRICE) &&
             has(r, ORIGINAL_QUANTITY))
        r->form = ORDERS;
    else if (has(r, TIME) && has(r, SIDE) && has(r, USD))
        r->form = LIQUIDATIONS;
    else
        return false;
    return true;
}

static void text_of(const struct reading *r, enum column c, char *out,
                    size_t size)
{
    int i = r->place[c];

    out[0] = '\0';
    if (i >= 0 && i < r->n_field && r->field[i].n < size) {
        memcpy(out, r->field[i].at, r->field[i].n);
        out[r->field[i].n] = '\0';
    }
}

/* NaN where there is none. */
static double number_of(const struct reading *r, enum column c)
{
    int i = r->place[c];
    double x;

    if (i < 0 || i >= r->n_field ||
        !liq_decimal_parse(r->field[i].at, r->field[i].n, &x))
        return NAN;
    return x;
}

/* What an archive writes as 0 it does not know. */
static double positive(double x)
{
    return x > 0.0 ? x : NAN;
}

static int64_t time_of(const struct reading *r)
{
    static const enum column at[] = {
        [METRICS] = CREATE_TIME,
        [FUNDING] = FUNDING_TIME,
        [ORDERS] = TIME,
        [LIQUIDATIONS] = TIME,
    };
    char text[32];

    text_of(r, at[r->form], text, sizeof text);
    return liq_time_parse(text);
}

static enum liq_err fail(const struct reading *r, struct liq_reason *why,
                         const char *expected)
{
    return liq_fail(why, LIQ_EFORMAT, "%.100s:%zu: expected %s", r->file,
                    r->line, expected);
}

static void read_statistics(const struct reading *r, struct liq_row *out)
{
    struct liq_statistics *s = &out->statistics;
    double ratio = number_of(r, ACCOUNT_RATIO);

    out->kind = LIQ_ROW_STATISTICS;
    *s = (struct liq_statistics){
        .open_interest = positive(number_of(r, INTEREST)),
        .open_interest_usd = positive(number_of(r, INTEREST_USD)),
        .mark_price = NAN,
        .funding_rate = number_of(r, FUNDING_RATE),
        .long_account_share = ratio > 0.0 ? ratio / (1.0 + ratio) : NAN};
}

/* Of an order the side is that of the order: SELL closed a long. */
static bool read_order(const struct reading *r, struct liq_row *out)
{
    struct liq_liquidation *l = &out->liquidation;
    double price = positive(number_of(r, AVERAGE_PRICE));
    double quantity = positive(number_of(r, FILLED_QUANTITY));
    char side[16];

    text_of(r, SIDE, side, sizeof side);
    l->is_long = strcmp(side, "SELL") == 0;
    l->sampled = true;
    l->price = isnan(price) ? positive(number_of(r, PRICE)) : price;
    l->quantity =
        isnan(quantity) ? positive(number_of(r, ORIGINAL_QUANTITY)) : quantity;
    l->usd = l->price * l->quantity;
    return (l->is_long || strcmp(side, "BUY") == 0) && isfinite(l->usd);
}

static bool read_closed(const struct reading *r, struct liq_row *out)
{
    struct liq_liquidation *l = &out->liquidation;
    char side[16], sampled[8];

    text_of(r, SIDE, side, sizeof side);
    text_of(r, SAMPLED, sampled, sizeof sampled);
    l->is_long = strcmp(side, "long") == 0;
    l->sampled = strcmp(sampled, "1") == 0;
    l->price = positive(number_of(r, PRICE));
    l->quantity = positive(number_of(r, QUANTITY));
    l->usd = number_of(r, USD);
    return (l->is_long || strcmp(side, "short") == 0) && l->usd >= 0.0;
}

static enum liq_err read_line(struct reading *r, struct liq_row *out,
                              struct liq_reason *why)
{
    *out = (struct liq_row){.kind = LIQ_ROW_LIQUIDATION, .time_ms = time_of(r)};
    if (out->time_ms <= 0)
        return fail(r, why, "a time in UTC or in milliseconds");
    text_of(r, SYMBOL, out->symbol, sizeof out->symbol);
    text_of(r, EXCHANGE, out->exchange, sizeof out->exchange);
    if (out->symbol[0] == '\0' && r->symbol)
        snprintf(out->symbol, sizeof out->symbol, "%s", r->symbol);
    if (out->exchange[0] == '\0')
        snprintf(out->exchange, sizeof out->exchange, "%s", r->exchange);
    if (out->symbol[0] == '\0')
        return fail(r, why, "a symbol, or the option --symbol");
    out->liquidation.time_ms = out->time_ms;
    if (r->form == METRICS || r->form == FUNDING)
        read_statistics(r, out);
    else if (!(r->form == ORDERS ? read_order(r, out) : read_closed(r, out)))
        return fail(r, why, "a side, a price and a quantity, or dollars");
    return LIQ_OK;
}

enum liq_err cli_read_rows(const char *text, size_t len, const char *name,
                           const char *exchange, const char *symbol,
                           enum liq_err (*take)(void *arg,
                                                const struct liq_row *row),
                           void *arg, struct liq_reason *why)
{
    struct reading r = {.file = name, .exchange = exchange, .symbol = symbol};
    enum liq_err err = LIQ_OK;
    const char *end = text + len;

    while (err == LIQ_OK && text < end) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));
        size_t n = (size_t)((stop ? stop : end) - text);
        struct liq_row row;

        r.line++;
        split(&r, text, n);
        text = stop ? stop + 1 : end;
        if (r.line == 1 && !read_header(&r))
            return fail(&r, why,
                        "a header line of metrics, funding or liquidations");
        if (r.line == 1 || n == 0)
            continue;
        err = read_line(&r, &row, why);
        if (err == LIQ_OK)
            err = take(arg, &row);
    }
    return err;
}
