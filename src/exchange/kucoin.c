/*
 * KuCoin futures.  Sizes are lots, of which the contract's multiplier says how
 * many coins they are; numbers are bare.  Every answer is
 * {"code":"200000","data":...}.  The contract tells everything of now in one
 * answer; the history of open interest is on another host.  No account ratio.
 */
#include "venue.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "json.h"
#include "liqmap/interval.h"

#define GOOD 200000.0

static struct cJSON *parse_data(const char *body, size_t len, const char *what,
                                const struct cJSON **data,
                                struct liq_reason *why)
{
    struct cJSON *root = liq_json_parse_object(body, len, what, why);

    if (root == NULL)
        return NULL;
    *data = liq_json_get(root, "data");
    if (liq_json_field(root, "code") == GOOD && *data != NULL)
        return root;
    liq_json_free(root);
    liq_fail(why, LIQ_EFORMAT, "%sno data in the answer", what);
    return NULL;
}

/* --- candles -------------------------------------------------------------- */

/* Row: 0 open time, 1 open, 2 high, 3 low, 4 close, 5 lots. */
static const char *read_row(const struct cJSON *row, const void *arg,
                            struct liq_kline *k)
{
    const struct liq_venue_query *q = arg;
    double x[6] = {NAN, NAN, NAN, NAN, NAN, NAN};

    if (liq_json_numbers(row, x, 6) < 6)
        return "not an array of 6 or more";
    k->open_ms = liq_json_time(liq_json_first(row));
    k->open = x[1];
    k->high = x[2];
    k->low = x[3];
    k->close = x[4];
    k->volume = x[5] * q->multiplier;
    k->quote_volume = liq_kline_guess_quote(k);
    return NULL;
}

static enum liq_err klines(const char *body, size_t len,
                           const struct liq_venue_query *q,
                           struct liq_kline_list *out, struct liq_reason *why)
{
    const struct cJSON *data;
    struct cJSON *root = parse_data(body, len, "candles: ", &data, why);
    enum liq_err err;

    if (root == NULL)
        return LIQ_EFORMAT;
    if (!liq_json_is_array(data)) {
        liq_json_free(root);
        return liq_fail(why, LIQ_EFORMAT, "candles: data is not an array");
    }
    err = liq_json_klines(data, read_row, q, out, why);
    liq_json_free(root);
    return err;
}

/* --- the rest ------------------------------------------------------------- */

static void fill_now(const struct cJSON *x, const struct liq_venue_query *q,
                     struct liq_venue_found *out)
{
    struct liq_ticker *t = &out->ticker;
    struct liq_statistics *s = &out->statistics;
    double interest = liq_json_positive(x, "openInterest") * out->multiplier;
    double left_ms = liq_json_not_negative(x, "nextFundingRateTime");

    t->last = liq_json_positive(x, "lastTradePrice");
    t->high_24h = liq_json_positive(x, "highPrice");
    t->low_24h = liq_json_positive(x, "lowPrice");
    t->change_percent_24h = 100.0 * liq_json_field(x, "priceChgPct");
    t->volume_24h = liq_json_not_negative(x, "volumeOf24h");
    t->quote_volume_24h = liq_json_not_negative(x, "turnoverOf24h");
    t->time_ms = q->now_ms;
    s->open_interest = isfinite(interest) ? interest : NAN;
    s->mark_price = liq_json_positive(x, "markPrice");
    s->funding_rate = liq_json_field(x, "fundingFeeRate");
    /* Time left, not a time. */
    if (left_ms <= (double)(30 * LIQ_DAY_MS))
        s->next_funding_ms = q->now_ms + (int64_t)left_ms;
}

static enum liq_err contract(const char *body, size_t len,
                             const struct liq_venue_query *q,
                             struct liq_venue_found *out,
                             struct liq_reason *why)
{
    const struct cJSON *data;
    struct cJSON *root = parse_data(body, len, "", &data, why);
    double multiplier;

    if (root == NULL)
        return LIQ_EFORMAT;
    multiplier = liq_json_positive(data, "multiplier");
    if (isnan(multiplier)) {
        liq_json_free(root);
        return liq_fail(why, LIQ_EFORMAT, "no multiplier in the answer");
    }
    out->multiplier = multiplier;
    if (q->to_ms == 0)
        fill_now(data, q, out);
    liq_json_free(root);
    return LIQ_OK;
}

static int64_t use_open_interest(const struct cJSON *row, const void *arg,
                                 double value[2])
{
    const struct liq_venue_query *q = arg;

    value[0] = liq_json_positive(row, "openInterest") * q->multiplier;
    return isfinite(value[0]) ? liq_json_time(liq_json_get(row, "ts")) : 0;
}

static enum liq_err open_interest_hist(const char *body, size_t len,
                                       const struct liq_venue_query *q,
                                       struct liq_venue_found *out,
                                       struct liq_reason *why)
{
    const struct cJSON *data;
    struct cJSON *root = parse_data(body, len, "", &data, why);
    double value[2];
    enum liq_err err;

    if (root == NULL)
        return LIQ_EFORMAT;
    err = liq_json_newest(data, use_open_interest, q, q->to_ms,
                          LIQ_VENUE_HISTORY_AGE_MS, value, why);
    liq_json_free(root);
    if (err == LIQ_OK)
        out->statistics.open_interest = value[0];
    return err;
}

/* Perpetuals are of type FFWCSX.  Bitcoin is XBT here. */
static bool read_symbol(const struct cJSON *item, void *arg,
                        struct liq_symbol *out)
{
    const char *base = liq_json_text(item, "baseCurrency");

    (void)arg;
    if (strcmp(base, "XBT") == 0)
        base = "BTC";
    return strcmp(liq_json_text(item, "type"), "FFWCSX") == 0 &&
           strcmp(liq_json_text(item, "quoteCurrency"), "USDT") == 0 &&
           strcmp(liq_json_text(item, "status"), "Open") == 0 &&
           liq_json_symbol_fill(out, base, liq_json_positive(item, "tickSize"));
}

static enum liq_err read_symbols(const char *body, size_t len,
                                 struct liq_symbols *out,
                                 struct liq_reason *why)
{
    const struct cJSON *data;
    struct cJSON *root = parse_data(body, len, "", &data, why);
    enum liq_err err;

    if (root == NULL)
        return LIQ_EFORMAT;
    err = liq_json_symbols(data, read_symbol, NULL, out, why);
    liq_json_free(root);
    return err;
}

static bool read_time(const char *body, size_t len, int64_t *out)
{
    struct cJSON *root = liq_json_parse(body, len);
    int64_t t = liq_json_time(liq_json_get(root, "data"));

    liq_json_free(root);
    if (t > 0)
        *out = t;
    return t > 0;
}

static void fill_error(int code, struct liq_venue_error *out)
{
    switch (code) {
    case 429000:
        out->kind = LIQ_ERATE;
        break;
    case 1015:
        out->kind = LIQ_ERATE;
        out->wait_ms = 30000;
        break;
    case 200002:
        out->kind = LIQ_ERATE;
        out->wait_ms = 10000;
        break;
    case 100003:
    case 200003:
        out->kind = LIQ_ENOTFOUND;
        break;
    case 40010:
    case 400500:
        out->kind = LIQ_EBLOCKED;
        break;
    case 500000:
        out->kind = LIQ_ENET;
        break;
    default:
        break;
    }
}

static bool read_error(const char *body, size_t len,
                       struct liq_venue_error *out)
{
    struct cJSON *root = liq_json_parse(body, len);
    double code = liq_json_field(root, "code");

    memset(out, 0, sizeof *out);
    if (fabs(code) <= 1e6 && code != GOOD) {
        fill_error((int)code, out);
        liq_json_copy_printable(out->message, sizeof out->message,
                                liq_json_text(root, "msg"));
    }
    liq_json_free(root);
    return !isnan(code) && code != GOOD;
}

static bool spell(const char *symbol, char out[LIQ_VENUE_SYMBOL_SIZE])
{
    if (strcmp(symbol, "BTCUSDT") == 0)
        return liq_venue_spell_plain("XBTUSDTM", out);
    return liq_venue_spell_base(symbol, "USDTM", out);
}

static double fallback(const char *symbol)
{
    if (strcmp(symbol, "BTCUSDT") == 0)
        return 0.001;
    if (strcmp(symbol, "ETHUSDT") == 0)
        return 0.01;
    return strcmp(symbol, "SOLUSDT") == 0 ? 0.1 : NAN;
}

/* https://api-futures.kucoin.com has https://api.kucoin.com beside it; what is
 * neither is a stand-in for both. */
static void elsewhere(const char *base_url, char out[LIQ_VENUE_URL_SIZE])
{
    static const char part[] = "://api-futures.";
    const char *at = strstr(base_url, part);

    if (at == NULL)
        snprintf(out, LIQ_VENUE_URL_SIZE, "%s", base_url);
    else
        snprintf(out, LIQ_VENUE_URL_SIZE, "%.*s://api.%s", (int)(at - base_url),
                 base_url, at + sizeof part - 1);
}

/* --- the row -------------------------------------------------------------- */

/*
 * 500 rows a page are documented, but servers have answered longer ranges with
 * 200 or with nothing, and candles without trades are left out, so that a cut
 * page cannot be told from a quiet one.  Pages of 200 rows at weight 3: a cold
 * start is 47 to 57 of them, 141 to 171 of 2000 in 30 s, so every interval runs
 * on the finest engine.
 */
static const struct liq_venue_interval intervals[] = {
    {LIQ_MINUTE_MS, "1", 0, 0, 0},
    {5 * LIQ_MINUTE_MS, "5", LIQ_MINUTE_MS, 0, 0},
    {15 * LIQ_MINUTE_MS, "15", 5 * LIQ_MINUTE_MS, 0, 0},
    {LIQ_HOUR_MS, "60", 15 * LIQ_MINUTE_MS, 0, 0},
    {4 * LIQ_HOUR_MS, "240", LIQ_HOUR_MS, 0, 0},
    {LIQ_DAY_MS, "1440", 4 * LIQ_HOUR_MS, 0, 0},
    {0, NULL, 0, 0, 0},
};

static const struct liq_venue_part parts[] = {
    {.path = "/api/v1/timestamp",
     .when = LIQ_VENUE_LIVE | LIQ_VENUE_PAST,
     .flags = LIQ_VENUE_CLOCK,
     .weight = 2},
    {.name = "contract, open interest and funding",
     .path = "/api/v1/contracts/<symbol>",
     .when = LIQ_VENUE_LIVE | LIQ_VENUE_PAST,
     .flags = LIQ_VENUE_LISTING,
     .weight = 3,
     .read = contract},
    {.name = "open interest",
     .path = "/api/ua/v1/market/open-interest?symbol=<symbol>&interval=5min"
             "&startAt=<since>&endAt=<to>&pageSize=24",
     .when = LIQ_VENUE_PAST,
     .flags = LIQ_VENUE_ELSEWHERE,
     .pool = 1,
     .weight = 10,
     .read = open_interest_hist},
    {.path = NULL},
};

const struct liq_venue_row liq_row_kucoin = {
    .name = "kucoin",
    .kind = "usdt-perpetual",
    .base_url = "https://api-futures.kucoin.com",
    .interval = intervals,
    .pool = {{2000, 30000}, {2000, 30000}},
    .route = {{.path = "/api/v1/kline/query?symbol=<symbol>"
                       "&granularity=<interval>&from=<start>&to=<end>",
               .size = {{200, 3}}}},
    .spell = spell,
    .fallback = fallback,
    .elsewhere = elsewhere,
    .part = parts,
    .time = {.path = "/api/v1/timestamp", .weight = 2},
    .symbols = {.path = "/api/v1/contracts/active", .weight = 3},
    .klines = klines,
    .read_symbols = read_symbols,
    .read_time = read_time,
    .read_error = read_error,
    .remain_header = "gw-ratelimit-remaining",
    .limit_header = "gw-ratelimit-limit",
    .reset_header = "gw-ratelimit-reset",
    .reset = LIQ_RESET_AFTER_MS,
    .rate_wait_ms = 30000,
    .ban_wait_ms = 60000,
    .blocked_wait_ms = 300000,
    .past = "mark price and funding: not known for the past",
};
