/*
 * Bitget, USDT-FUTURES: volumes and open interest in base units.  Every answer
 * is {"code":"00000","requestTime":ms,"data":...}.  No history of open
 * interest.
 */
#include "venue.h"

#include <math.h>
#include <string.h>
#include "json.h"
#include "liqmap/interval.h"

static struct cJSON *parse_data(const char *body, size_t len, const char *what,
                                const struct cJSON **data,
                                struct liq_reason *why)
{
    struct cJSON *root = liq_json_parse_object(body, len, what, why);

    if (root == NULL)
        return NULL;
    *data = liq_json_get(root, "data");
    if (liq_json_field(root, "code") == 0.0 && liq_json_is_array(*data))
        return root;
    liq_json_free(root);
    liq_fail(why, LIQ_EFORMAT, "%sno data in the answer", what);
    return NULL;
}

/* --- candles -------------------------------------------------------------- */

/* Row: 0 open time, 1 open, 2 high, 3 low, 4 close, 5 base volume, 6 quote
 * volume. */
static const char *read_row(const struct cJSON *row, const void *arg,
                            struct liq_kline *k)
{
    double x[7] = {NAN, NAN, NAN, NAN, NAN, NAN, NAN};

    (void)arg;
    if (liq_json_numbers(row, x, 7) < 6)
        return "not an array of 6 or more";
    k->open_ms = liq_json_time(liq_json_first(row));
    k->open = x[1];
    k->high = x[2];
    k->low = x[3];
    k->close = x[4];
    k->volume = x[5];
    k->quote_volume = isnan(x[6]) ? liq_kline_guess_quote(k) : x[6];
    return NULL;
}

static enum liq_err klines(const char *body, size_t len,
                           const struct liq_venue_query *q,
                           struct liq_kline_list *out, struct liq_reason *why)
{
    const struct cJSON *data;
    struct cJSON *root = parse_data(body, len, "candles: ", &data, why);
    enum liq_err err;

    (void)q;
    if (root == NULL)
        return LIQ_EFORMAT;
    err = liq_json_klines(data, read_row, NULL, out, why);
    liq_json_free(root);
    return err;
}

/* --- the rest ------------------------------------------------------------- */

static enum liq_err ticker(const char *body, size_t len,
                           const struct liq_venue_query *q,
                           struct liq_venue_found *out, struct liq_reason *why)
{
    const struct cJSON *data, *row;
    struct cJSON *root = parse_data(body, len, "", &data, why);
    struct liq_ticker *t = &out->ticker;

    (void)q;
    if (root == NULL)
        return LIQ_EFORMAT;
    row = liq_json_first(data);
    if (isnan(liq_json_positive(row, "lastPr"))) {
        liq_json_free(root);
        return liq_fail(why, LIQ_EFORMAT, "no lastPr in the answer");
    }
    t->last = liq_json_positive(row, "lastPr");
    t->high_24h = liq_json_positive(row, "high24h");
    t->low_24h = liq_json_positive(row, "low24h");
    t->change_percent_24h = 100.0 * liq_json_field(row, "change24h");
    t->volume_24h = liq_json_not_negative(row, "baseVolume");
    t->quote_volume_24h = liq_json_not_negative(row, "quoteVolume");
    t->time_ms = liq_json_time(liq_json_get(row, "ts"));
    out->statistics.open_interest = liq_json_positive(row, "holdingAmount");
    out->statistics.mark_price = liq_json_positive(row, "markPrice");
    out->statistics.funding_rate = liq_json_field(row, "fundingRate");
    liq_json_free(root);
    return LIQ_OK;
}

static enum liq_err funding(const char *body, size_t len,
                            const struct liq_venue_query *q,
                            struct liq_venue_found *out, struct liq_reason *why)
{
    const struct cJSON *data;
    struct cJSON *root = parse_data(body, len, "", &data, why);
    int64_t next_ms;

    (void)q;
    if (root == NULL)
        return LIQ_EFORMAT;
    next_ms = liq_json_time(liq_json_get(liq_json_first(data), "nextUpdate"));
    liq_json_free(root);
    if (next_ms == 0)
        return liq_fail(why, LIQ_EFORMAT, "no nextUpdate in the answer");
    out->statistics.next_funding_ms = next_ms;
    return LIQ_OK;
}

static int64_t use_ratio(const struct cJSON *row, const void *arg,
                         double value[2])
{
    double ratio = liq_json_not_negative(row, "longShortAccountRatio");

    (void)arg;
    value[0] = liq_json_field(row, "longAccountRatio");
    if (isnan(value[0]))
        value[0] = 1.0 - 1.0 / (1.0 + ratio);
    return value[0] >= 0.0 && value[0] <= 1.0
               ? liq_json_time(liq_json_get(row, "ts"))
               : 0;
}

static enum liq_err ratio(const char *body, size_t len,
                          const struct liq_venue_query *q,
                          struct liq_venue_found *out, struct liq_reason *why)
{
    const struct cJSON *data;
    struct cJSON *root = parse_data(body, len, "", &data, why);
    double value[2];
    enum liq_err err;

    if (root == NULL)
        return LIQ_EFORMAT;
    err = liq_json_newest(data, use_ratio, NULL, q->to_ms,
                          LIQ_VENUE_HISTORY_AGE_MS, value, why);
    liq_json_free(root);
    if (err == LIQ_OK)
        out->statistics.long_account_share = value[0];
    return err;
}

/* "pricePlace":"1","priceEndStep":"5" is a tick of 0.5. */
static double tick_size(const struct cJSON *item)
{
    double place = liq_json_not_negative(item, "pricePlace");
    double step = liq_json_positive(item, "priceEndStep");

    return place <= 15.0 ? step / pow(10.0, place) : NAN;
}

static bool read_symbol(const struct cJSON *item, void *arg,
                        struct liq_symbol *out)
{
    const char *type = liq_json_text(item, "symbolType");

    (void)arg;
    return strcmp(liq_json_text(item, "quoteCoin"), "USDT") == 0 &&
           (*type == '\0' || strcmp(type, "perpetual") == 0) &&
           strcmp(liq_json_text(item, "symbolStatus"), "normal") == 0 &&
           liq_json_symbol_fill(out, liq_json_text(item, "baseCoin"),
                                tick_size(item));
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
    int64_t t = liq_json_time(liq_json_get(root, "requestTime"));

    liq_json_free(root);
    if (t > 0)
        *out = t;
    return t > 0;
}

static enum liq_err kind_of(int code)
{
    switch (code) {
    case 429:
        return LIQ_ERATE;
    case 40000:
    case 40104:
        return LIQ_EBLOCKED;
    case 40034:
    case 40072:
    case 40102:
    case 40309:
        return LIQ_ENOTFOUND;
    case 40015:
    case 40200:
    case 40400:
        return LIQ_ENET;
    default:
        return LIQ_OK;
    }
}

static bool read_error(const char *body, size_t len,
                       struct liq_venue_error *out)
{
    struct cJSON *root = liq_json_parse(body, len);
    double code = liq_json_field(root, "code");

    memset(out, 0, sizeof *out);
    if (fabs(code) <= 1e6 && code != 0.0) {
        out->kind = kind_of((int)code);
        liq_json_copy_printable(out->message, sizeof out->message,
                                liq_json_text(root, "msg"));
    }
    liq_json_free(root);
    return !isnan(code) && code != 0.0;
}

/* --- the row -------------------------------------------------------------- */

/*
 * How many of the newest candles come 1000 a page depends on their length (30
 * days of 5m, 52 of 15m, 62 of 30m, 83 of 1H, 240 of 4H, 300 of 1D); older ones
 * come 200 a page.  Every route takes 20 questions a second, so a cold start
 * should be six or fewer of each: 5m would be ten pages of 1m, 1h is three of
 * 30m and four older ones, 4h would be six of 1H and 27 older ones.  No page
 * may span 90 days, so the map of days begins some 1000 days ago, where eight
 * older pages end.
 *
 * Whether a row stamped exactly with a bound is in is not said: a page is asked
 * for with bounds beyond it and room for a row on either side.
 */
#define DAYS(n, per_day) (((n)-1) * (per_day))
static const struct liq_venue_interval intervals[] = {
    {LIQ_MINUTE_MS, "1m", 0, DAYS(30, 1440), 0},
    {5 * LIQ_MINUTE_MS, "5m", 5 * LIQ_MINUTE_MS, DAYS(30, 288), 0},
    {15 * LIQ_MINUTE_MS, "15m", 5 * LIQ_MINUTE_MS, DAYS(52, 96), 0},
    {30 * LIQ_MINUTE_MS, "30m", 0, DAYS(62, 48), 0},
    {LIQ_HOUR_MS, "1H", 30 * LIQ_MINUTE_MS, DAYS(83, 24), 0},
    {4 * LIQ_HOUR_MS, "4H", 4 * LIQ_HOUR_MS, DAYS(240, 6), 0},
    {LIQ_DAY_MS, "1Dutc", LIQ_DAY_MS, DAYS(300, 1), 0},
    {0, NULL, 0, 0, 0},
};

enum {
    POOL_CANDLES,
    POOL_HISTORY,
    POOL_TICKER,
    POOL_FUNDING,
    POOL_RATIO,
    POOL_REST
};

static const struct liq_venue_part parts[] = {
    {.name = "ticker, open interest and funding",
     .path = "/api/v2/mix/market/ticker?symbol=<symbol>"
             "&productType=USDT-FUTURES",
     .when = LIQ_VENUE_LIVE,
     .flags = LIQ_VENUE_CLOCK,
     .pool = POOL_TICKER,
     .weight = 1,
     .read = ticker},
    {.name = "time of the next funding",
     .path = "/api/v2/mix/market/current-fund-rate?symbol=<symbol>"
             "&productType=USDT-FUTURES",
     .when = LIQ_VENUE_LIVE,
     .pool = POOL_FUNDING,
     .weight = 1,
     .keep_ms = LIQ_MINUTE_MS,
     .read = funding},
    {.name = "long/short ratio",
     .path = "/api/v2/mix/market/account-long-short?symbol=<symbol>&period=5m",
     .when = LIQ_VENUE_LIVE,
     .pool = POOL_RATIO,
     .weight = 1,
     .keep_ms = LIQ_MINUTE_MS,
     .read = ratio},
    {.path = "/api/v2/public/time",
     .when = LIQ_VENUE_PAST,
     .flags = LIQ_VENUE_CLOCK,
     .pool = POOL_REST,
     .weight = 1},
    {.path = NULL},
};

#define RANGE                                                                  \
    "?symbol=<symbol>&productType=USDT-FUTURES&granularity=<interval>"         \
    "&startTime=<before>&endTime=<after>"

const struct liq_venue_row liq_row_bitget = {
    .name = "bitget",
    .kind = "usdt-perpetual",
    .base_url = "https://api.bitget.com",
    .interval = intervals,
    .pool =
        {{20, 1000}, {20, 1000}, {20, 1000}, {20, 1000}, {1, 1000}, {20, 1000}},
    .route = {{.path = "/api/v2/mix/market/candles" RANGE "&limit=1000",
               .pool = POOL_CANDLES,
               .span_ms = 89 * LIQ_DAY_MS,
               .size = {{998, 1}}},
              {.path = "/api/v2/mix/market/history-candles" RANGE "&limit=200",
               .pool = POOL_HISTORY,
               .most_pages = 8,
               .span_ms = 89 * LIQ_DAY_MS,
               .size = {{198, 1}}}},
    .spell = liq_venue_spell_plain,
    .part = parts,
    .time = {.path = "/api/v2/public/time", .pool = POOL_REST, .weight = 1},
    .symbols = {.path = "/api/v2/mix/market/contracts"
                        "?productType=USDT-FUTURES",
                .pool = POOL_REST,
                .weight = 1},
    .klines = klines,
    .read_symbols = read_symbols,
    .read_time = read_time,
    .read_error = read_error,
    .rate_wait_ms = 5000,
    .ban_wait_ms = 60000,
    .blocked_wait_ms = 300000,
    .past = "open interest, mark price and funding: not known for the past",
};
