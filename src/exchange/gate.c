/*
 * Gate, USDT-settled perpetuals.  Sizes are contracts, of which the contract's
 * quanto_multiplier says how many coins they are; times are seconds.  Answers
 * are bare, errors have a label and a status of their own.
 */
#include "venue.h"

#include <math.h>
#include <string.h>
#include "json.h"
#include "liqmap/interval.h"

/* Seconds to ms; 0 when absent.  Some are written as decimals now. */
static int64_t seconds(const struct cJSON *object, const char *name)
{
    double x = liq_json_field(object, name);

    return x >= 1.0 && x <= 1e11 && x == floor(x) ? (int64_t)x * 1000 : 0;
}

/* --- candles -------------------------------------------------------------- */

static const char *read_row(const struct cJSON *row, const void *arg,
                            struct liq_kline *k)
{
    const struct liq_venue_query *q = arg;
    double sum = liq_json_field(row, "sum");

    if (!liq_json_is_object(row))
        return "not an object";
    k->open_ms = seconds(row, "t");
    k->open = liq_json_field(row, "o");
    k->high = liq_json_field(row, "h");
    k->low = liq_json_field(row, "l");
    k->close = liq_json_field(row, "c");
    k->volume = liq_json_field(row, "v") * q->multiplier;
    k->quote_volume = isnan(sum) ? liq_kline_guess_quote(k) : sum;
    return NULL;
}

static enum liq_err klines(const char *body, size_t len,
                           const struct liq_venue_query *q,
                           struct liq_kline_list *out, struct liq_reason *why)
{
    struct cJSON *root = liq_json_parse_array(body, len, "candles: ", why);
    enum liq_err err;

    if (root == NULL)
        return LIQ_EFORMAT;
    err = liq_json_klines(root, read_row, q, out, why);
    liq_json_free(root);
    return err;
}

/* --- the rest ------------------------------------------------------------- */

static enum liq_err contract(const char *body, size_t len,
                             const struct liq_venue_query *q,
                             struct liq_venue_found *out,
                             struct liq_reason *why)
{
    struct cJSON *root = liq_json_parse_object(body, len, "", why);
    double multiplier;

    if (root == NULL)
        return LIQ_EFORMAT;
    multiplier = liq_json_positive(root, "quanto_multiplier");
    if (isnan(multiplier)) {
        liq_json_free(root);
        return liq_fail(why, LIQ_EFORMAT, "no quanto_multiplier in the answer");
    }
    out->multiplier = multiplier;
    if (q->to_ms == 0)
        out->statistics.next_funding_ms = seconds(root, "funding_next_apply");
    liq_json_free(root);
    return LIQ_OK;
}

static enum liq_err ticker(const char *body, size_t len,
                           const struct liq_venue_query *q,
                           struct liq_venue_found *out, struct liq_reason *why)
{
    struct cJSON *root = liq_json_parse_array(body, len, "", why);
    const struct cJSON *row = liq_json_first(root);
    struct liq_ticker *t = &out->ticker;
    double interest;

    if (root == NULL)
        return LIQ_EFORMAT;
    if (isnan(liq_json_positive(row, "last"))) {
        liq_json_free(root);
        return liq_fail(why, LIQ_EFORMAT, "no last price in the answer");
    }
    t->last = liq_json_positive(row, "last");
    t->high_24h = liq_json_positive(row, "high_24h");
    t->low_24h = liq_json_positive(row, "low_24h");
    t->change_percent_24h = liq_json_field(row, "change_percentage");
    t->volume_24h = liq_json_not_negative(row, "volume_24h_base");
    t->quote_volume_24h = liq_json_not_negative(row, "volume_24h_quote");
    t->time_ms = q->now_ms;
    interest = liq_json_positive(row, "total_size") * q->multiplier;
    if (isfinite(interest))
        out->statistics.open_interest = interest;
    out->statistics.mark_price = liq_json_positive(row, "mark_price");
    out->statistics.funding_rate = liq_json_field(row, "funding_rate");
    liq_json_free(root);
    return LIQ_OK;
}

static int64_t use_ratio(const struct cJSON *row, const void *arg,
                         double value[2])
{
    double ratio = liq_json_not_negative(row, "lsr_account");

    (void)arg;
    value[0] = 1.0 - 1.0 / (1.0 + ratio);
    return isnan(value[0]) ? 0 : seconds(row, "time");
}

static int64_t use_open_interest(const struct cJSON *row, const void *arg,
                                 double value[2])
{
    const struct liq_venue_query *q = arg;

    value[0] = liq_json_positive(row, "open_interest") * q->multiplier;
    value[1] = liq_json_positive(row, "open_interest_usd");
    return isfinite(value[0]) ? seconds(row, "time") : 0;
}

/* One answer tells both; of the open interest only the past. */
static enum liq_err statistics(const char *body, size_t len,
                               const struct liq_venue_query *q,
                               struct liq_venue_found *out,
                               struct liq_reason *why)
{
    struct cJSON *root = liq_json_parse_array(body, len, "", why);
    double value[2];
    enum liq_err err;

    if (root == NULL)
        return LIQ_EFORMAT;
    err = liq_json_newest(root, use_ratio, NULL, q->to_ms,
                          LIQ_VENUE_HISTORY_AGE_MS, value, why);
    if (err == LIQ_OK)
        out->statistics.long_account_share = value[0];
    if (q->to_ms != 0) {
        err = liq_json_newest(root, use_open_interest, q, q->to_ms,
                              LIQ_VENUE_HISTORY_AGE_MS, value, why);
        if (err == LIQ_OK) {
            out->statistics.open_interest = value[0];
            out->statistics.open_interest_usd = value[1];
        }
    }
    liq_json_free(root);
    return err;
}

static bool read_symbol(const struct cJSON *item, void *arg,
                        struct liq_symbol *out)
{
    const char *name = liq_json_text(item, "name");
    const char *status = liq_json_text(item, "status");
    const char *end = strstr(name, "_USDT");
    char base[LIQ_SYMBOL_SIZE];

    (void)arg;
    if (end == NULL || strcmp(end, "_USDT") != 0 ||
        (size_t)(end - name) >= sizeof base ||
        liq_json_true(item, "in_delisting") ||
        (*status != '\0' && strcmp(status, "trading") != 0))
        return false;
    memcpy(base, name, (size_t)(end - name));
    base[end - name] = '\0';
    return liq_json_symbol_fill(out, base,
                                liq_json_positive(item, "order_price_round"));
}

static enum liq_err read_symbols(const char *body, size_t len,
                                 struct liq_symbols *out,
                                 struct liq_reason *why)
{
    struct cJSON *root = liq_json_parse_array(body, len, "", why);
    enum liq_err err;

    if (root == NULL)
        return LIQ_EFORMAT;
    err = liq_json_symbols(root, read_symbol, NULL, out, why);
    liq_json_free(root);
    return err;
}

static bool read_time(const char *body, size_t len, int64_t *out)
{
    struct cJSON *root = liq_json_parse(body, len);
    int64_t t = liq_json_time(liq_json_get(root, "server_time"));

    liq_json_free(root);
    if (t > 0)
        *out = t;
    return t > 0;
}

static enum liq_err kind_of(const char *label)
{
    static const struct {
        const char *label;
        enum liq_err kind;
    } table[] = {
        {"TOO_MANY_REQUESTS", LIQ_ERATE}, {"CONTRACT_NOT_FOUND", LIQ_ENOTFOUND},
        {"TOO_BUSY", LIQ_ENET},           {"SERVER_ERROR", LIQ_ENET},
        {"INTERNAL", LIQ_ENET},
    };
    size_t i;

    for (i = 0; i < sizeof table / sizeof table[0]; i++)
        if (strcmp(table[i].label, label) == 0)
            return table[i].kind;
    return LIQ_OK;
}

static bool read_error(const char *body, size_t len,
                       struct liq_venue_error *out)
{
    struct cJSON *root = liq_json_parse(body, len);
    const char *label = liq_json_text(root, "label");
    const char *message = liq_json_text(root, "message");
    bool is_error = *label != '\0';

    memset(out, 0, sizeof *out);
    if (is_error) {
        out->kind = kind_of(label);
        liq_json_copy_printable(out->message, sizeof out->message,
                                *message != '\0' ? message : label);
    }
    liq_json_free(root);
    return is_error;
}

static bool spell(const char *symbol, char out[LIQ_VENUE_SYMBOL_SIZE])
{
    return liq_venue_spell_base(symbol, "_USDT", out);
}

/* Sources disagree about SOL, so it is not here. */
static double fallback(const char *symbol)
{
    if (strcmp(symbol, "BTCUSDT") == 0)
        return 0.0001;
    return strcmp(symbol, "ETHUSDT") == 0 ? 0.01 : NAN;
}

/* --- the row -------------------------------------------------------------- */

/*
 * Pages of 2000 rows, 200 questions in 10 s to each route: the finest engines,
 * but only the 10000 newest candles of an interval are given.  The warm-up of
 * days would be 11250 candles of 4h, so they run on 8h.
 */
#define GIVEN 9990
static const struct liq_venue_interval intervals[] = {
    {LIQ_MINUTE_MS, "1m", 0, 0, GIVEN},
    {5 * LIQ_MINUTE_MS, "5m", LIQ_MINUTE_MS, 0, GIVEN},
    {15 * LIQ_MINUTE_MS, "15m", 5 * LIQ_MINUTE_MS, 0, GIVEN},
    {LIQ_HOUR_MS, "1h", 15 * LIQ_MINUTE_MS, 0, GIVEN},
    {4 * LIQ_HOUR_MS, "4h", LIQ_HOUR_MS, 0, GIVEN},
    {8 * LIQ_HOUR_MS, "8h", 0, 0, GIVEN},
    {LIQ_DAY_MS, "1d", 8 * LIQ_HOUR_MS, 0, GIVEN},
    {0, NULL, 0, 0, 0},
};

enum { POOL_CANDLES, POOL_CONTRACT, POOL_TICKER, POOL_STATS, POOL_REST };

static const struct liq_venue_part parts[] = {
    {.path = "/spot/time",
     .when = LIQ_VENUE_LIVE | LIQ_VENUE_PAST,
     .flags = LIQ_VENUE_CLOCK,
     .pool = POOL_REST,
     .weight = 1},
    {.name = "contract",
     .path = "/futures/usdt/contracts/<symbol>",
     .when = LIQ_VENUE_LIVE | LIQ_VENUE_PAST,
     .flags = LIQ_VENUE_LISTING,
     .pool = POOL_CONTRACT,
     .weight = 1,
     .keep_ms = LIQ_MINUTE_MS,
     .read = contract},
    {.name = "ticker, open interest and funding",
     .path = "/futures/usdt/tickers?contract=<symbol>",
     .when = LIQ_VENUE_LIVE,
     .pool = POOL_TICKER,
     .weight = 1,
     .read = ticker},
    {.name = "long/short ratio",
     .path = "/futures/usdt/contract_stats?contract=<symbol>&interval=5m"
             "&limit=1",
     .when = LIQ_VENUE_LIVE,
     .pool = POOL_STATS,
     .weight = 1,
     .keep_ms = LIQ_MINUTE_MS,
     .read = statistics},
    {.name = "open interest and long/short ratio",
     .path = "/futures/usdt/contract_stats?contract=<symbol>&interval=5m"
             "&from=<since_s>&limit=24",
     .when = LIQ_VENUE_PAST,
     .pool = POOL_STATS,
     .weight = 1,
     .read = statistics},
    {.path = NULL},
};

const struct liq_venue_row liq_row_gate = {
    .name = "gate",
    .kind = "usdt-perpetual",
    .base_url = "https://api.gateio.ws/api/v4",
    .interval = intervals,
    .pool =
        {{200, 10000}, {200, 10000}, {200, 10000}, {200, 10000}, {200, 10000}},
    .route = {{.path = "/futures/usdt/candlesticks?contract=<symbol>"
                       "&interval=<interval>&from=<start_s>[&to=<end_s>]",
               .pool = POOL_CANDLES,
               /* One below the limit, should both bounds count. */
               .size = {{1999, 1}}}},
    .open_end = true,
    .spell = spell,
    .fallback = fallback,
    .part = parts,
    .time = {.path = "/spot/time", .pool = POOL_REST, .weight = 1},
    .symbols = {.path = "/futures/usdt/contracts",
                .pool = POOL_REST,
                .weight = 1},
    .klines = klines,
    .read_symbols = read_symbols,
    .read_time = read_time,
    .read_error = read_error,
    .remain_header = "x-gate-ratelimit-requests-remain",
    .limit_header = "x-gate-ratelimit-limit",
    .reset_header = "x-gate-ratelimit-reset-timestamp",
    .reset = LIQ_RESET_AT_S,
    .rate_wait_ms = 10000,
    .ban_wait_ms = 60000,
    .blocked_wait_ms = 300000,
    .past = "mark price and funding: not known for the past",
};
