/* The archives' CSV files as rows of the recorder's file. */
#include "record.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "liqmap/csv.h"
#include "liqmap/decimal.h"

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

/* column: where each is in a line; -1: it is not there. */
struct reading {
    struct liq_csv csv;
    const char *exchange, *symbol;
    enum form form;
    int column[COLUMNS];
};

static bool has(const struct reading *r, enum column c)
{
    return r->column[c] >= 0;
}

static enum liq_err fail(const struct reading *r, struct liq_reason *why,
                         const char *expected)
{
    return liq_fail(why, LIQ_EFORMAT, "%.100s:%zu: expected %s", r->csv.name,
                    r->csv.line, expected);
}

static enum liq_err read_header(struct reading *r, struct liq_reason *why)
{
    enum liq_err err =
        liq_csv_header(&r->csv, names, COLUMNS, 0, r->column, why);

    if (err)
        return err;
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
        return fail(r, why,
                    "a header line of metrics, funding or liquidations");
    return LIQ_OK;
}

/* "" where there is none, or where it is too long. */
static void text_of(const struct reading *r, enum column c, char *out,
                    size_t size)
{
    struct liq_csv_field f = liq_csv_field_of(&r->csv, r->column[c]);

    if (f.len >= size)
        f.len = 0;
    memcpy(out, f.text, f.len);
    out[f.len] = '\0';
}

/* NaN where there is none. */
static double number_of(const struct reading *r, enum column c)
{
    struct liq_csv_field f = liq_csv_field_of(&r->csv, r->column[c]);
    double x;

    return liq_decimal_parse(f.text, f.len, &x) ? x : NAN;
}

/* What an archive writes as 0 it does not know. */
static double positive(double x)
{
    return x > 0.0 ? x : NAN;
}

static enum liq_err read_time(const struct reading *r, int64_t *out,
                              struct liq_reason *why)
{
    static const enum column at[] = {
        [METRICS] = CREATE_TIME,
        [FUNDING] = FUNDING_TIME,
        [ORDERS] = TIME,
        [LIQUIDATIONS] = TIME,
    };
    enum column c = at[r->form];

    return liq_csv_time(&r->csv, r->column[c], names[c], out, why);
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
    enum liq_err err;

    *out = (struct liq_row){.kind = LIQ_ROW_LIQUIDATION};
    err = read_time(r, &out->time_ms, why);
    if (err)
        return err;
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
    struct reading r = {.csv = liq_csv_of(text, len, name),
                        .exchange = exchange,
                        .symbol = symbol};
    enum liq_err err = len > 0 ? read_header(&r, why) : LIQ_OK;

    while (err == LIQ_OK && liq_csv_next(&r.csv)) {
        struct liq_row row;

        err = read_line(&r, &row, why);
        if (err == LIQ_OK)
            err = take(arg, &row);
    }
    return err;
}
