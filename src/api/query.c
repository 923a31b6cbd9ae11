#include "query.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "body.h"
#include "liqmap/clock.h"
#include "liqmap/decimal.h"
#include "liqmap/interval.h"
#include "liqmap/model.h"
#include "liqmap/names.h"
#include "look.h"
#include "query_key.h"

/* Longer than any valid name or value. */
#define VALUE_SIZE 64

#define CONTRACTS "linear,inverse,both"
#define INTERVALS "5m,15m,1h,4h,1d"
#define BARS "100,200,500,1000,1500"
#define KLINES_MAX 1500
#define SIDES "long,short,both"
#define FORMATS "plain,compact"
#define MODELS LIQ_MODEL_NAME ",single"
#define RANGE_MIN_TENTHS 10
#define RANGE_MAX_TENTHS 900

const char *const liq_route_names[LIQ_ROUTES] = {
    "heatmap", "klines",  "ticker", "levels",      "profile",
    "explain", "symbols", "health", "profile",     "heatmap",
    "volume",  "watch",   "depth",  "heatmap.png", "liquidations"};

/* --- one value ------------------------------------------------------------ */
/* False when the value is not what the parameter allows. */

static bool read_symbol(const struct liq_query_scope *s, const char *value,
                        struct liq_query *q)
{
    size_t n = strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");

    (void)s;
    if (value[n] != '\0' || n < 2 || n >= sizeof q->symbol)
        return false;
    memcpy(q->symbol, value, n + 1);
    return true;
}

/* liq_watch_parse reads them. */
static bool read_symbols(const struct liq_query_scope *s, const char *value,
                         struct liq_query *q)
{
    (void)s;
    snprintf(q->symbols, sizeof q->symbols, "%s", value);
    return true;
}

static bool read_interval(const struct liq_query_scope *s, const char *value,
                          struct liq_query *q)
{
    (void)s;
    if (!liq_names_have(INTERVALS, value))
        return false;
    q->display_ms = liq_interval_ms(value);
    return true;
}

/* Plain digits, no sign, no leading zero, min .. max. */
static bool read_whole(const char *value, int min, int max, int *out)
{
    size_t n = strspn(value, "0123456789");
    int number;

    if (n == 0 || n > 9 || value[n] != '\0' || value[0] == '0')
        return false;
    number = (int)strtol(value, NULL, 10);
    if (number < min || number > max)
        return false;
    *out = number;
    return true;
}

static bool read_bars(const struct liq_query_scope *s, const char *value,
                      struct liq_query *q)
{
    (void)s;
    return liq_names_have(BARS, value) &&
           read_whole(value, 1, KLINES_MAX, &q->bars);
}

static bool read_any_bars(const struct liq_query_scope *s, const char *value,
                          struct liq_query *q)
{
    (void)s;
    return read_whole(value, 1, KLINES_MAX, &q->bars);
}

static bool read_exchange(const struct liq_query_scope *s, const char *value,
                          struct liq_query *q)
{
    q->choice = strcmp(value, "all") == 0 ? LIQ_CHOOSE_ALL : LIQ_CHOOSE_AUTO;
    if (q->choice == LIQ_CHOOSE_ALL || strcmp(value, "auto") == 0)
        return true;
    for (size_t i = 0; i < s->n_exchange; i++) {
        if (strcmp(s->exchange[i]->name, value) == 0) {
            q->choice = LIQ_CHOOSE_ONE;
            q->exchange = s->exchange[i];
            return true;
        }
    }
    return false;
}

static bool read_contract(const struct liq_query_scope *s, const char *value,
                          struct liq_query *q)
{
    int at = liq_names_place(CONTRACTS, value, strlen(value));

    (void)s;
    if (at < 0)
        return false;
    q->contracts = (enum liq_contracts)((int)LIQ_CONTRACTS_LINEAR + at);
    return true;
}

static bool read_rows(const struct liq_query_scope *s, const char *value,
                      struct liq_query *q)
{
    (void)s;
    return read_whole(value, LIQ_ROWS_MIN, LIQ_ROWS_MAX, &q->rows);
}

static void tier_list(unsigned tiers, char *out, size_t size)
{
    size_t n = 0;

    out[0] = '\0';
    for (unsigned k = 0; k < LIQ_TIERS && n < size; k++) {
        if (tiers & 1U << k)
            n += (size_t)snprintf(out + n, size - n, "%s%d", n ? "," : "",
                                  (int)liq_params_gauss7.tier[k].leverage);
    }
}

static bool read_tiers(const struct liq_query_scope *s, const char *value,
                       struct liq_query *q)
{
    char all[VALUE_SIZE];
    unsigned tiers = 0;

    (void)s;
    tier_list(LIQ_ALL_TIERS, all, sizeof all);
    for (;;) {
        size_t n = strcspn(value, ",");
        int at = liq_names_place(all, value, n);

        if (at < 0 || tiers & 1U << at)
            return false;
        tiers |= 1U << at;
        if (value[n] == '\0')
            break;
        value += n + 1;
    }
    q->tiers = tiers;
    return true;
}

static bool read_side(const struct liq_query_scope *s, const char *value,
                      struct liq_query *q)
{
    int at = liq_names_place(SIDES, value, strlen(value));

    (void)s;
    if (at < 0)
        return false;
    q->sides = at == 0   ? 1U << LIQ_LONG
               : at == 1 ? 1U << LIQ_SHORT
                         : LIQ_BOTH_SIDES;
    return true;
}

/* "7", "7.5": at most one decimal limits how many maps there are. */
static bool read_range(const struct liq_query_scope *s, const char *value,
                       struct liq_query *q)
{
    size_t whole = strspn(value, "0123456789");
    int tenths;

    (void)s;
    if (whole == 0 || whole > 2)
        return false;
    tenths = 10 * (int)strtol(value, NULL, 10);
    if (value[whole] == '.') {
        if (!isdigit((unsigned char)value[whole + 1]))
            return false;
        tenths += value[whole + 1] - '0';
        whole += 2;
    }
    if (value[whole] != '\0' || tenths < RANGE_MIN_TENTHS ||
        tenths > RANGE_MAX_TENTHS)
        return false;
    q->range_tenths = tenths;
    return true;
}

static bool read_end(const struct liq_query_scope *s, const char *value,
                     struct liq_query *q)
{
    int64_t end_ms = liq_time_parse(value);

    (void)s;
    if (end_ms <= 0)
        return false;
    q->end_ms = end_ms;
    return true;
}

static bool read_time(const struct liq_query_scope *s, const char *value,
                      struct liq_query *q)
{
    (void)s;
    q->time_ms = liq_time_parse(value);
    return q->time_ms > 0;
}

/* A decimal in [min, max].  -0 becomes 0: keys are compared byte by byte. */
static bool read_number(const char *value, double min, double max, double *out)
{
    if (!liq_decimal_parse(value, strlen(value), out))
        return false;
    *out += 0.0;
    return *out >= min && *out <= max;
}

static bool read_price(const struct liq_query_scope *s, const char *value,
                       struct liq_query *q)
{
    (void)s;
    return read_number(value, 0.0, 1e12, &q->price) && q->price > 0.0;
}

static bool read_model(const struct liq_query_scope *s, const char *value,
                       struct liq_query *q)
{
    (void)s;
    (void)q;
    return liq_names_have(MODELS, value);
}

/* The compact form is a route of its own with the same parameters. */
static bool read_format(const struct liq_query_scope *s, const char *value,
                        struct liq_query *q)
{
    int at = liq_names_place(FORMATS, value, strlen(value));

    (void)s;
    if (at < 0)
        return false;
    q->route = at == 0 ? LIQ_ROUTE_HEATMAP : LIQ_ROUTE_COMPACT;
    return true;
}

/* What is no cursor of ours gets the full response, as an old one does. */
static bool read_since(const struct liq_query_scope *s, const char *value,
                       struct liq_query *q)
{
    bool hex = strspn(value, "0123456789abcdef") == strlen(value);

    (void)s;
    q->since = hex && strlen(value) == 16 ? strtoull(value, NULL, 16) : 0;
    return true;
}

static bool read_leverage(const struct liq_query_scope *s, const char *value,
                          struct liq_query *q)
{
    (void)s;
    return read_number(value, 1.0, 150.0, &q->single.leverage) &&
           q->single.leverage > 1.0;
}

static bool read_margin_rate(const struct liq_query_scope *s, const char *value,
                             struct liq_query *q)
{
    (void)s;
    return read_number(value, 0.0, 0.1, &q->single.margin_rate);
}

static bool read_lambda(const struct liq_query_scope *s, const char *value,
                        struct liq_query *q)
{
    (void)s;
    return read_number(value, 0.0, 10.0, &q->single.lambda);
}

static bool read_band(const struct liq_query_scope *s, const char *value,
                      struct liq_query *q)
{
    (void)s;
    return read_number(value, 0.0, 1e12, &q->single.band);
}

/* --- the parameters ------------------------------------------------------- */

/* allowed "": allowed_of fills it in. */
static const struct parameter {
    const char *name;
    unsigned routes;
    bool (*read)(const struct liq_query_scope *s, const char *value,
                 struct liq_query *q);
    const char *allowed, *expected;
} parameters[] = {
    {"symbol", OF_EXCHANGE & ~BIT(WATCH), read_symbol, "",
     "2 to 31 upper-case letters and digits"},
    {"symbols", BIT(WATCH), read_symbols, "", "symbols"},
    {"interval", OF_SERIES, read_interval, INTERVALS, "a candle interval"},
    {"bars", OF_MAP | BIT(SINGLE) | BIT(WATCH), read_bars, BARS,
     "one of the bar counts"},
    {"bars", BIT(KLINES) | BIT(VOLUME) | BIT(LIQUIDATIONS), read_any_bars,
     "1..1500", "a number of candles"},
    {"exchange", OF_EXCHANGE, read_exchange, "", "an exchange served here"},
    {"contract", OF_EXCHANGE & ~BIT(LIQUIDATIONS), read_contract, CONTRACTS,
     "a kind of contract"},
    {"rows", OF_MAP, read_rows, "50..800", "a number of price rows"},
    {"tiers", OF_MAP, read_tiers, "",
     "leverages, separated by commas, each once"},
    {"side", OF_MAP, read_side, SIDES, "a side"},
    {"range", OF_MAP | BIT(SINGLE), read_range, "1..90",
     "percent around the last price, at most one decimal"},
    {"end", OF_PAST | BIT(LIQUIDATIONS), read_end, "",
     "a time in UTC as 2025-10-10T21:15:00Z or in milliseconds"},
    {"time", BIT(EXPLAIN), read_time, "",
     "a time in UTC as 2025-10-10T21:15:00Z or in milliseconds"},
    {"price", BIT(EXPLAIN), read_price, "", "a price above 0"},
    {"format", OF_HEATMAP, read_format, FORMATS, "a format"},
    {"since", OF_HEATMAP, read_since, "", "a cursor"},
    {"model", OF_PROFILE, read_model, MODELS, "a model"},
    {"leverage", BIT(SINGLE), read_leverage, "1..150", "a leverage above 1"},
    {"margin_rate", BIT(SINGLE), read_margin_rate, "0..0.1",
     "a part of the notional"},
    {"lambda", BIT(SINGLE), read_lambda, "0..10", "a decay rate per hour"},
    {"band", BIT(SINGLE), read_band, "",
     "the height of a band in quote currency, 0 for the usual one"},
};

#define N_PARAMETERS (sizeof parameters / sizeof *parameters)

static void allowed_of(const struct liq_query_scope *s,
                       const struct parameter *p, char *out, size_t size)
{
    size_t n = 0;

    snprintf(out, size, "%s", p->allowed);
    if (p->read == read_tiers)
        tier_list(LIQ_ALL_TIERS, out, size);
    if (p->read != read_exchange)
        return;
    n = (size_t)snprintf(out, size, "auto,all");
    for (size_t i = 0; i < s->n_exchange && n < size; i++)
        n += (size_t)snprintf(out + n, size - n, ",%s", s->exchange[i]->name);
}

static bool refuse_value(const struct liq_query_scope *s,
                         const struct parameter *p, const char *value,
                         struct liq_refusal *why)
{
    char allowed[LIQ_ALLOWED_SIZE], code[24];

    allowed_of(s, p, allowed, sizeof allowed);
    snprintf(code, sizeof code, "bad_%s", p->name);
    return liq_refuse(why, 400, code, allowed, "%s is \"%s\", expected %s",
                      p->name, value, p->expected);
}

static bool refuse_name(enum liq_route route, const char *name,
                        struct liq_refusal *why)
{
    char allowed[LIQ_ALLOWED_SIZE] = "";
    size_t n = 0;

    for (size_t i = 0; i < N_PARAMETERS; i++) {
        if (parameters[i].routes & 1U << route)
            n += (size_t)snprintf(allowed + n, sizeof allowed - n, "%s%s",
                                  n ? "," : "", parameters[i].name);
    }
    if (route == LIQ_ROUTE_PICTURE)
        snprintf(allowed + n, sizeof allowed - n, "," LIQ_LOOK_NAMES);
    return liq_refuse(why, 400, "bad_parameter", allowed,
                      "%s has no parameter \"%s\"", liq_route_names[route],
                      name);
}

/* --- the text ------------------------------------------------------------- */

static bool once(uint64_t bit, const char *name, uint64_t *seen,
                 struct liq_refusal *why)
{
    if (*seen & bit)
        return liq_refuse(why, 400, "bad_parameter", "", "%s is given twice",
                          name);
    *seen |= bit;
    return true;
}

/* "name=value" of n bytes into q.  seen has a bit per parameter. */
static bool read_pair(const struct liq_query_scope *s, const char *pair,
                      size_t n, struct liq_query *q, uint64_t *seen,
                      struct liq_refusal *why)
{
    const char *equals = memchr(pair, '=', n);
    size_t name_len = equals ? (size_t)(equals - pair) : n;
    char name[VALUE_SIZE], value[LIQ_SYMBOLS_SIZE] = "";
    size_t size = q->route == LIQ_ROUTE_WATCH ? sizeof value : VALUE_SIZE;
    uint64_t look;

    if (!liq_url_decode(pair, name_len, name, sizeof name) ||
        (equals && !liq_url_decode(equals + 1, n - name_len - 1, value, size)))
        return liq_refuse(why, 400, "bad_query", "",
                          "the query is malformed or a value too long");
    for (unsigned i = 0; i < N_PARAMETERS; i++) {
        const struct parameter *p = &parameters[i];

        if (!(p->routes & 1U << q->route) || strcmp(p->name, name) != 0)
            continue;
        return once(1U << i, name, seen, why) &&
               (p->read(s, value, q) || refuse_value(s, p, value, why));
    }
    if (q->route == LIQ_ROUTE_PICTURE && liq_look_find(name, &look))
        return once(look << 32, name, seen, why) &&
               liq_look_read(name, value, &q->look, why);
    return refuse_name(q->route, name, why);
}

/* Whether it is the single model, whose profile has other parameters.  Decoded
 * as in read_pair, so that route and value agree. */
static bool asks_single(const char *text)
{
    while (text && *text) {
        size_t n = strcspn(text, "&");
        const char *equals = memchr(text, '=', n);
        char name[VALUE_SIZE], value[VALUE_SIZE];

        if (equals &&
            liq_url_decode(text, (size_t)(equals - text), name, sizeof name) &&
            liq_url_decode(equals + 1, n - (size_t)(equals - text) - 1, value,
                           sizeof value) &&
            strcmp(name, "model") == 0 && strcmp(value, "single") == 0)
            return true;
        text += n + (text[n] == '&');
    }
    return false;
}

/* explain needs a cell. */
static bool check_cell(const struct liq_query *q, struct liq_refusal *why)
{
    if (q->route != LIQ_ROUTE_EXPLAIN || (q->time_ms > 0 && q->price > 0.0))
        return true;
    return liq_refuse(why, 400, q->time_ms > 0 ? "bad_price" : "bad_time", "",
                      "explain needs time and price, the cell to explain");
}

bool liq_query_parse(const struct liq_query_scope *scope, enum liq_route route,
                     const char *text, struct liq_query *out,
                     struct liq_refusal *why)
{
    uint64_t seen = 0;

    if (route == LIQ_ROUTE_PROFILE && asks_single(text))
        route = LIQ_ROUTE_SINGLE;
    liq_query_defaults(scope, route, out);
    while (text && *text) {
        size_t n = strcspn(text, "&");

        if (n > 0 && !read_pair(scope, text, n, out, &seen, why))
            return false;
        text += n + (text[n] == '&');
    }
    if (!liq_query_symbol_allowed(scope, out->symbol))
        return liq_refuse(why, 404, "unknown_symbol", "",
                          "%s is not served here; see /api/v1/symbols",
                          out->symbol);
    return liq_query_settle_contracts(scope, out, why) && check_cell(out, why);
}
