#include "query.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "liqmap/clock.h"
#include "liqmap/interval.h"
#include "liqmap/model.h"

/* No value of ours is longer; a longer one is wrong, whatever it says. */
#define VALUE_SIZE 64

#define INTERVALS "5m,15m,1h,4h,1d"
#define BARS "100,200,500,1000,1500"
#define KLINES_MAX 1500
#define SIDES "long,short,both"
#define RANGE_MIN_TENTHS 10
#define RANGE_MAX_TENTHS 900

const char *const liq_route_names[LIQ_ROUTES] = {"heatmap", "klines", "ticker",
                                                 "symbols", "health"};

bool liq_refuse(struct liq_refusal *out, int status, const char *code,
                const char *allowed, const char *format, ...)
{
    va_list args;

    memset(out, 0, sizeof *out);
    out->status = status;
    snprintf(out->code, sizeof out->code, "%s", code);
    snprintf(out->allowed, sizeof out->allowed, "%s", allowed);
    va_start(args, format);
    (void)vsnprintf(out->message, sizeof out->message, format, args);
    va_end(args);
    return false;
}

/* Whether word[n] is one of a comma-separated list; its place in *at. */
static bool listed(const char *list, const char *word, size_t n, unsigned *at)
{
    for (*at = 0; *list; ++*at) {
        size_t len = strcspn(list, ",");

        if (len == n && memcmp(list, word, n) == 0)
            return true;
        list += len + (list[len] == ',');
    }
    return false;
}

/* --- one value ---------------------------------------------------------------
 * False when the value is not what the parameter allows. */

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

static bool read_interval(const struct liq_query_scope *s, const char *value,
                          struct liq_query *q)
{
    unsigned at;

    (void)s;
    if (!listed(INTERVALS, value, strlen(value), &at))
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
    unsigned at;

    (void)s;
    return listed(BARS, value, strlen(value), &at) &&
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
    for (size_t i = 0; i < s->n_market; i++) {
        if (strcmp(s->market[i]->name, value) == 0) {
            q->market = s->market[i];
            return true;
        }
    }
    return false;
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
    unsigned tiers = 0, at;

    (void)s;
    tier_list(LIQ_ALL_TIERS, all, sizeof all);
    for (;;) {
        size_t n = strcspn(value, ",");

        if (!listed(all, value, n, &at) || tiers & 1U << at)
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
    unsigned at;

    (void)s;
    if (!listed(SIDES, value, strlen(value), &at))
        return false;
    q->sides = at == 0   ? 1U << LIQ_LONG
               : at == 1 ? 1U << LIQ_SHORT
                         : LIQ_BOTH_SIDES;
    return true;
}

/* "7", "7.5": at most one decimal, so that there are few different maps. */
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

/* --- the parameters --------------------------------------------------------
 */

#define BIT(route) (1U << LIQ_ROUTE_##route)
#define OF_SERIES (BIT(HEATMAP) | BIT(KLINES))
#define OF_MARKET (OF_SERIES | BIT(TICKER))

/* allowed "": made up by allowed_of. */
static const struct parameter {
    const char *name;
    unsigned routes;
    bool (*read)(const struct liq_query_scope *s, const char *value,
                 struct liq_query *q);
    const char *allowed, *expected;
} parameters[] = {
    {"symbol", OF_MARKET, read_symbol, "",
     "2 to 31 upper-case letters and digits"},
    {"interval", OF_SERIES, read_interval, INTERVALS, "a candle interval"},
    {"bars", BIT(HEATMAP), read_bars, BARS, "one of the bar counts"},
    {"bars", BIT(KLINES), read_any_bars, "1..1500", "a number of candles"},
    {"exchange", OF_MARKET, read_exchange, "", "an exchange served here"},
    {"rows", BIT(HEATMAP), read_rows, "50..800", "a number of price rows"},
    {"tiers", BIT(HEATMAP), read_tiers, "",
     "leverages, separated by commas, each once"},
    {"side", BIT(HEATMAP), read_side, SIDES, "a side"},
    {"range", BIT(HEATMAP), read_range, "1..90",
     "percent around the last price, at most one decimal"},
    {"end", OF_SERIES, read_end, "",
     "a time in UTC as 2025-10-10T21:15:00Z or in milliseconds"},
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
    for (size_t i = 0; i < s->n_market && n < size; i++)
        n += (size_t)snprintf(out + n, size - n, "%s%s", i ? "," : "",
                              s->market[i]->name);
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
    return liq_refuse(why, 400, "bad_parameter", allowed,
                      "%s has no parameter \"%s\"", liq_route_names[route],
                      name);
}

/* --- the text
 * ----------------------------------------------------------------- */

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Decode in[n] to a string; false when it is malformed, holds a NUL or does not
 * fit. */
static bool decode(const char *in, size_t n, char *out, size_t size)
{
    size_t len = 0;

    for (size_t i = 0; i < n; i++) {
        char c = in[i] == '+' ? ' ' : in[i];

        if (c == '%') {
            int high = i + 2 < n ? hex(in[i + 1]) : -1;
            int low = i + 2 < n ? hex(in[i + 2]) : -1;

            if (high < 0 || low < 0)
                return false;
            c = (char)(high * 16 + low);
            i += 2;
        }
        if (c == '\0' || len + 1 >= size)
            return false;
        out[len++] = c;
    }
    out[len] = '\0';
    return true;
}

/* "name=value" of n bytes into q.  seen has a bit per parameter. */
static bool read_pair(const struct liq_query_scope *s, const char *pair,
                      size_t n, struct liq_query *q, unsigned *seen,
                      struct liq_refusal *why)
{
    const char *equals = memchr(pair, '=', n);
    size_t name_len = equals ? (size_t)(equals - pair) : n;
    char name[VALUE_SIZE], value[VALUE_SIZE] = "";

    if (!decode(pair, name_len, name, sizeof name) ||
        (equals && !decode(equals + 1, n - name_len - 1, value, sizeof value)))
        return liq_refuse(why, 400, "bad_query", "",
                          "the query is malformed or a value too long");
    for (unsigned i = 0; i < N_PARAMETERS; i++) {
        const struct parameter *p = &parameters[i];

        if (!(p->routes & 1U << q->route) || strcmp(p->name, name) != 0)
            continue;
        if (*seen & 1U << i)
            return liq_refuse(why, 400, "bad_parameter", "",
                              "%s is given twice", name);
        *seen |= 1U << i;
        return p->read(s, value, q) || refuse_value(s, p, value, why);
    }
    return refuse_name(q->route, name, why);
}

static bool refuse_symbol(const char *symbol, struct liq_refusal *why)
{
    return liq_refuse(why, 404, "unknown_symbol", "",
                      "%s is not served here; /api/v1/symbols lists what is",
                      symbol);
}

bool liq_query_parse(const struct liq_query_scope *scope, enum liq_route route,
                     const char *text, struct liq_query *out,
                     struct liq_refusal *why)
{
    unsigned seen = 0;

    *out = (struct liq_query){.route = route,
                              .market = scope->market[0],
                              .symbol = "BTCUSDT",
                              .display_ms = LIQ_HOUR_MS,
                              .bars = 200,
                              .rows = LIQ_ROWS_DEFAULT,
                              .tiers = LIQ_ALL_TIERS,
                              .sides = LIQ_BOTH_SIDES};
    while (text && *text) {
        size_t n = strcspn(text, "&");

        if (n > 0 && !read_pair(scope, text, n, out, &seen, why))
            return false;
        text += n + (text[n] == '&');
    }
    if (!liq_query_symbol_allowed(scope, out->symbol))
        return refuse_symbol(out->symbol, why);
    return true;
}

void liq_query_canonical(const struct liq_query *q,
                         char out[LIQ_CACHE_KEY_SIZE])
{
    static const char *const sides[] = {"", "long", "short", "both"};
    size_t size = LIQ_CACHE_KEY_SIZE, n;
    char tiers[VALUE_SIZE];

    n = (size_t)snprintf(out, size, "%s", liq_route_names[q->route]);
    if (!(OF_MARKET & 1U << q->route))
        return;
    n += (size_t)snprintf(out + n, size - n, "?exchange=%.32s&symbol=%s",
                          q->market->name, q->symbol);
    if (!(OF_SERIES & 1U << q->route))
        return;
    n += (size_t)snprintf(out + n, size - n, "&interval=%s&bars=%d",
                          liq_interval_name(q->display_ms), q->bars);
    if (q->end_ms > 0)
        n += (size_t)snprintf(out + n, size - n, "&end=%lld",
                              (long long)q->end_ms);
    if (q->route != LIQ_ROUTE_HEATMAP)
        return;
    tier_list(q->tiers, tiers, sizeof tiers);
    n += (size_t)snprintf(out + n, size - n, "&rows=%d&tiers=%s&side=%s",
                          q->rows, tiers, sides[q->sides]);
    if (q->range_tenths > 0)
        snprintf(out + n, size - n, "&range=%d.%d", q->range_tenths / 10,
                 q->range_tenths % 10);
}

bool liq_query_symbol_common(const char *symbol)
{
    return strcmp(symbol, "BTCUSDT") == 0 || strcmp(symbol, "ETHUSDT") == 0 ||
           strcmp(symbol, "SOLUSDT") == 0;
}

bool liq_query_symbol_allowed(const struct liq_query_scope *scope,
                              const char *symbol)
{
    unsigned at;

    return liq_query_symbol_common(symbol) ||
           strcmp(scope->symbols, "*") == 0 ||
           listed(scope->symbols, symbol, strlen(symbol), &at);
}
