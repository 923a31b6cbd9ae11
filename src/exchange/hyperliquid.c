/*
 * Hyperliquid: everything is a POST to /info.  Perpetuals are margined in USDC;
 * BTC stands for BTCUSDT, and prices in dollars for prices in USDT.  Amounts in
 * base units; open interest is taken for one side's (one observer says it is
 * both, the exchange does not say).  No account ratio, no history of open
 * interest, no 24 h high and low (those of candles stand in), and no clock but
 * the Date header.
 */
#include "venue.h"

#include <math.h>
#include <string.h>
#include "json.h"
#include "liqmap/interval.h"

/* --- candles -------------------------------------------------------------- */

static const char *read_row(const struct cJSON *row, const void *arg,
                            struct liq_kline *k)
{
    (void)arg;
    if (!liq_json_is_object(row))
        return "not an object";
    k->open_ms = liq_json_time(liq_json_get(row, "t"));
    k->open = liq_json_field(row, "o");
    k->high = liq_json_field(row, "h");
    k->low = liq_json_field(row, "l");
    k->close = liq_json_field(row, "c");
    k->volume = liq_json_field(row, "v");
    k->quote_volume = liq_kline_guess_quote(k);
    return NULL;
}

static enum liq_err klines(const char *body, size_t len,
                           const struct liq_venue_query *q,
                           struct liq_kline_list *out, struct liq_reason *why)
{
    struct cJSON *root = liq_json_parse_array(body, len, "candles: ", why);
    enum liq_err err;

    (void)q;
    if (root == NULL)
        return LIQ_EFORMAT;
    err = liq_json_klines(root, read_row, NULL, out, why);
    liq_json_free(root);
    return err;
}

/* Quarters of an hour since 24 to 25 h ago. */
static enum liq_err day(const char *body, size_t len,
                        const struct liq_venue_query *q,
                        struct liq_venue_found *out, struct liq_reason *why)
{
    struct cJSON *root = liq_json_parse_array(body, len, "", why);
    int64_t since_ms = q->now_ms - LIQ_DAY_MS - 15 * LIQ_MINUTE_MS;
    double high = NAN, low = NAN;
    const struct cJSON *row;

    if (root == NULL)
        return LIQ_EFORMAT;
    for (row = liq_json_first(root); row; row = liq_json_next(row)) {
        if (liq_json_time(liq_json_get(row, "t")) <= since_ms)
            continue;
        high = fmax(high, liq_json_positive(row, "h"));
        low = fmin(low, liq_json_positive(row, "l"));
    }
    liq_json_free(root);
    if (isnan(high) || isnan(low))
        return liq_fail(why, LIQ_EFORMAT, "no candles in the answer");
    out->ticker.high_24h = high;
    out->ticker.low_24h = low;
    return LIQ_OK;
}

/* --- everything now ------------------------------------------------------- */

/* [{"universe":[...]},[...]]: the names and, in the same order, their state. */
static struct cJSON *parse_pair(const char *body, size_t len,
                                const struct cJSON **name,
                                const struct cJSON **state,
                                struct liq_reason *why)
{
    struct cJSON *root = liq_json_parse_array(body, len, "", why);
    const struct cJSON *meta = liq_json_first(root), *ctxs;

    if (root == NULL)
        return NULL;
    ctxs = liq_json_next(meta);
    *name = liq_json_get(meta, "universe");
    if (liq_json_is_array(*name) && liq_json_is_array(ctxs)) {
        *name = liq_json_first(*name);
        *state = liq_json_first(ctxs);
        return root;
    }
    liq_json_free(root);
    liq_fail(why, LIQ_EFORMAT, "no universe with its state in the answer");
    return NULL;
}

static void fill_state(const struct cJSON *x, int64_t now_ms,
                       struct liq_venue_found *out)
{
    struct liq_ticker *t = &out->ticker;
    struct liq_statistics *s = &out->statistics;

    s->mark_price = liq_json_positive(x, "markPx");
    s->funding_rate = liq_json_field(x, "funding");
    /* Paid on the hour, every hour. */
    s->next_funding_ms = liq_interval_floor(now_ms, LIQ_HOUR_MS) + LIQ_HOUR_MS;
    s->open_interest = liq_json_positive(x, "openInterest");
    /* The middle of the book, or the mark price where the book has a side. */
    t->last = liq_json_positive(x, "midPx");
    if (isnan(t->last))
        t->last = s->mark_price;
    t->change_percent_24h =
        (t->last / liq_json_positive(x, "prevDayPx") - 1.0) * 100.0;
    if (isinf(t->change_percent_24h))
        t->change_percent_24h = NAN;
    t->volume_24h = liq_json_not_negative(x, "dayBaseVlm");
    t->quote_volume_24h = liq_json_not_negative(x, "dayNtlVlm");
    t->time_ms = now_ms;
}

static enum liq_err state_now(const char *body, size_t len,
                              const struct liq_venue_query *q,
                              struct liq_venue_found *out,
                              struct liq_reason *why)
{
    const struct cJSON *name = NULL, *state = NULL;
    struct cJSON *root = parse_pair(body, len, &name, &state, why);
    enum liq_err err = LIQ_OK;

    if (root == NULL)
        return LIQ_EFORMAT;
    while (name && strcmp(liq_json_text(name, "name"), q->symbol) != 0) {
        name = liq_json_next(name);
        state = liq_json_next(state);
    }
    if (name == NULL || liq_json_true(name, "isDelisted"))
        err = liq_fail(why, LIQ_ENOTFOUND, "%s is not listed", q->symbol);
    else if (isnan(liq_json_positive(state, "markPx")))
        err = liq_fail(why, LIQ_EFORMAT, "no markPx in the answer");
    else
        fill_state(state, q->now_ms, out);
    liq_json_free(root);
    return err;
}

/* --- symbols -------------------------------------------------------------- */

/* Prices have five significant digits at most and 6 - szDecimals decimals at
 * most; whole numbers are always allowed. */
static double tick_size(const struct cJSON *name, const struct cJSON *state)
{
    double decimals = 6.0 - liq_json_not_negative(name, "szDecimals");
    double digits = 4.0 - floor(log10(liq_json_positive(state, "markPx")));

    if (!(decimals >= 0.0) || isnan(digits))
        return NAN;
    digits = fmax(fmin(digits, decimals), 0.0);
    return 1.0 / pow(10.0, digits);
}

/* arg: the state of the item, moved on with it. */
static bool read_symbol(const struct cJSON *item, void *arg,
                        struct liq_symbol *out)
{
    const struct cJSON **next = arg, *state = *next;
    const char *name = liq_json_text(item, "name");
    char base[LIQ_SYMBOL_SIZE] = "1000";
    size_t n = strlen(name);

    *next = liq_json_next(state);
    if (liq_json_true(item, "isDelisted") || n + 4 >= sizeof base)
        return false;
    /* kPEPE is a thousand PEPE, which others call 1000PEPE. */
    if (name[0] == 'k')
        memcpy(base + 4, name + 1, n);
    else
        memcpy(base, name, n + 1);
    return liq_json_symbol_fill(out, base, tick_size(item, state));
}

static enum liq_err read_symbols(const char *body, size_t len,
                                 struct liq_symbols *out,
                                 struct liq_reason *why)
{
    const struct cJSON *name = NULL, *state = NULL;
    struct cJSON *root = parse_pair(body, len, &name, &state, why);
    enum liq_err err;

    if (root == NULL)
        return LIQ_EFORMAT;
    err = liq_json_symbols(liq_json_get(liq_json_first(root), "universe"),
                           read_symbol, &state, out, why);
    liq_json_free(root);
    return err;
}

static bool spell(const char *symbol, char out[LIQ_VENUE_SYMBOL_SIZE])
{
    if (!liq_venue_spell_base(symbol, "", out))
        return false;
    if (strncmp(out, "1000", 4) == 0 && out[4] >= 'A' && out[4] <= 'Z') {
        out[0] = 'k';
        memmove(out + 1, out + 4, strlen(out + 4) + 1);
    }
    return true;
}

/* Errors are words, or a page of a proxy; the status says what they mean. */
static bool read_error(const char *body, size_t len,
                       struct liq_venue_error *out)
{
    char text[sizeof out->message];
    size_t n = len < sizeof text - 1 ? len : sizeof text - 1;

    memset(out, 0, sizeof *out);
    memcpy(text, body, n);
    text[n] = '\0';
    if (text[0] != '<' && text[0] != '{' && strcmp(text, "null") != 0)
        liq_json_copy_printable(out->message, sizeof out->message, text);
    return false;
}

/* --- the row -------------------------------------------------------------- */

/*
 * Only the 5000 newest candles of an interval exist, and the warm-up is up to
 * 1875 bars: engines are half the interval where that divides it, else the
 * interval itself.  A question costs 20 and 1 more per 60 rows; lists over time
 * are said to be cut at 500 rows.  3750 candles are 8 pages, 232 of 1200.
 */
#define EXIST 5000
static const struct liq_venue_interval intervals[] = {
    {LIQ_MINUTE_MS, "1m", 0, 0, EXIST},
    {5 * LIQ_MINUTE_MS, "5m", 5 * LIQ_MINUTE_MS, 0, EXIST},
    {15 * LIQ_MINUTE_MS, "15m", 15 * LIQ_MINUTE_MS, 0, EXIST},
    {30 * LIQ_MINUTE_MS, "30m", 0, 0, EXIST},
    {LIQ_HOUR_MS, "1h", 30 * LIQ_MINUTE_MS, 0, EXIST},
    {2 * LIQ_HOUR_MS, "2h", 0, 0, EXIST},
    {4 * LIQ_HOUR_MS, "4h", 2 * LIQ_HOUR_MS, 0, EXIST},
    {12 * LIQ_HOUR_MS, "12h", 0, 0, EXIST},
    {LIQ_DAY_MS, "1d", 12 * LIQ_HOUR_MS, 0, EXIST},
    {0, NULL, 0, 0, 0},
};

#define EVERYTHING "{\"type\":\"metaAndAssetCtxs\"}"

/* One answer has the state of every coin, so all views share it. */
static const struct liq_venue_part parts[] = {
    {.name = "ticker, open interest and funding",
     .path = "/info",
     .post = EVERYTHING,
     .when = LIQ_VENUE_LIVE,
     .flags = LIQ_VENUE_LISTING,
     .weight = 20,
     .max_bytes = 1024 * 1024,
     .keep_ms = 15000,
     .read = state_now},
    {.name = "24 h high and low",
     .path = "/info",
     .post = "{\"type\":\"candleSnapshot\",\"req\":{\"coin\":\"<symbol>\","
             "\"interval\":\"15m\",\"startTime\":<day>,\"endTime\":<day_end>}}",
     .when = LIQ_VENUE_LIVE,
     .weight = 22,
     .keep_ms = LIQ_MINUTE_MS,
     .read = day},
    {.path = NULL},
};

const struct liq_venue_row liq_row_hyperliquid = {
    .name = "hyperliquid",
    .kind = "usdc-perpetual",
    .base_url = "https://api.hyperliquid.xyz",
    .interval = intervals,
    .pool = {{1200, LIQ_MINUTE_MS}},
    .route = {{.path = "/info",
               .post = "{\"type\":\"candleSnapshot\",\"req\":{\"coin\":"
                       "\"<symbol>\",\"interval\":\"<interval>\","
                       "\"startTime\":<start>,\"endTime\":<end>}}",
               .size = {{60, 21}, {240, 24}, {500, 29}}}},
    .spell = spell,
    .part = parts,
    .time = {.path = "/info",
             .post = "{\"type\":\"exchangeStatus\"}",
             .weight = 2},
    .symbols = {.path = "/info", .post = EVERYTHING, .weight = 20},
    .klines = klines,
    .read_symbols = read_symbols,
    .read_error = read_error,
    .rate_wait_ms = 60000,
    .ban_wait_ms = 60000,
    .blocked_wait_ms = 300000,
    .past = "open interest, mark price and funding: not known for the past",
};
