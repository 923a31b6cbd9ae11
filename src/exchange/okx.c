/*
 * OKX, USDT-margined swaps.  Contracts have their coin amount beside them
 * everywhere we read, so no contract size is needed.  Every answer is
 * {"code":"0","data":[...]}, all values strings, newest first.
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

/* Row: 0 open time, 1 open, 2 high, 3 low, 4 close, 5 contracts, 6 base volume,
 * 7 quote volume, 8 whether it has closed. */
static const char *read_row(const struct cJSON *row, const void *arg,
                            struct liq_kline *k)
{
    double x[8] = {NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};

    (void)arg;
    if (liq_json_numbers(row, x, 8) < 7)
        return "not an array of 7 or more";
    k->open_ms = liq_json_time(liq_json_first(row));
    k->open = x[1];
    k->high = x[2];
    k->low = x[3];
    k->close = x[4];
    k->volume = x[6];
    k->quote_volume = isnan(x[7]) ? liq_kline_guess_quote(k) : x[7];
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
    struct liq_ticker t;

    (void)q;
    if (root == NULL)
        return LIQ_EFORMAT;
    row = liq_json_first(data);
    t.last = liq_json_positive(row, "last");
    t.high_24h = liq_json_positive(row, "high24h");
    t.low_24h = liq_json_positive(row, "low24h");
    t.change_percent_24h =
        (t.last / liq_json_positive(row, "open24h") - 1.0) * 100.0;
    if (isinf(t.change_percent_24h))
        t.change_percent_24h = NAN;
    t.volume_24h = liq_json_not_negative(row, "volCcy24h");
    t.quote_volume_24h = NAN; /* never said */
    t.time_ms = liq_json_time(liq_json_get(row, "ts"));
    liq_json_free(root);
    if (isnan(t.last))
        return liq_fail(why, LIQ_EFORMAT, "no last price in the answer");
    out->ticker = t;
    return LIQ_OK;
}

static enum liq_err open_interest(const char *body, size_t len,
                                  const struct liq_venue_query *q,
                                  struct liq_venue_found *out,
                                  struct liq_reason *why)
{
    const struct cJSON *data, *row;
    struct cJSON *root = parse_data(body, len, "", &data, why);
    double base, quote;

    (void)q;
    if (root == NULL)
        return LIQ_EFORMAT;
    row = liq_json_first(data);
    base = liq_json_positive(row, "oiCcy");
    quote = liq_json_positive(row, "oiUsd");
    liq_json_free(root);
    if (isnan(base))
        return liq_fail(why, LIQ_EFORMAT, "no oiCcy in the answer");
    out->statistics.open_interest = base;
    out->statistics.open_interest_usd = quote;
    return LIQ_OK;
}

static enum liq_err mark(const char *body, size_t len,
                         const struct liq_venue_query *q,
                         struct liq_venue_found *out, struct liq_reason *why)
{
    const struct cJSON *data;
    struct cJSON *root = parse_data(body, len, "", &data, why);
    double x;

    (void)q;
    if (root == NULL)
        return LIQ_EFORMAT;
    x = liq_json_positive(liq_json_first(data), "markPx");
    liq_json_free(root);
    if (isnan(x))
        return liq_fail(why, LIQ_EFORMAT, "no markPx in the answer");
    out->statistics.mark_price = x;
    return LIQ_OK;
}

static enum liq_err funding(const char *body, size_t len,
                            const struct liq_venue_query *q,
                            struct liq_venue_found *out, struct liq_reason *why)
{
    const struct cJSON *data, *row;
    struct cJSON *root = parse_data(body, len, "", &data, why);
    double rate;
    int64_t next_ms;

    (void)q;
    if (root == NULL)
        return LIQ_EFORMAT;
    row = liq_json_first(data);
    rate = liq_json_field(row, "fundingRate");
    next_ms = liq_json_time(liq_json_get(row, "fundingTime"));
    liq_json_free(root);
    if (isnan(rate))
        return liq_fail(why, LIQ_EFORMAT, "no fundingRate in the answer");
    out->statistics.funding_rate = rate;
    out->statistics.next_funding_ms = next_ms;
    return LIQ_OK;
}

/* Row: 0 time, 1 long accounts per short one. */
static int64_t use_ratio(const struct cJSON *row, const void *arg,
                         double value[2])
{
    double x[2] = {NAN, NAN};

    (void)arg;
    if (liq_json_numbers(row, x, 2) < 2 || !(x[1] >= 0.0))
        return 0;
    value[0] = 1.0 - 1.0 / (1.0 + x[1]);
    return liq_json_time(liq_json_first(row));
}

/* Row: 0 time, 1 contracts, 2 coins, 3 dollars. */
static int64_t use_open_interest(const struct cJSON *row, const void *arg,
                                 double value[2])
{
    double x[4] = {NAN, NAN, NAN, NAN};

    (void)arg;
    if (liq_json_numbers(row, x, 4) < 3 || !(x[2] > 0.0))
        return 0;
    value[0] = x[2];
    value[1] = x[3] > 0.0 ? x[3] : NAN;
    return liq_json_time(liq_json_first(row));
}

static enum liq_err newest(const char *body, size_t len,
                           const struct liq_venue_query *q,
                           liq_json_newest_fn *use, double value[2],
                           struct liq_reason *why)
{
    const struct cJSON *data;
    struct cJSON *root = parse_data(body, len, "", &data, why);
    enum liq_err err;

    if (root == NULL)
        return LIQ_EFORMAT;
    err = liq_json_newest(data, use, NULL, q->to_ms, LIQ_VENUE_HISTORY_AGE_MS,
                          value, why);
    liq_json_free(root);
    return err;
}

static enum liq_err ratio(const char *body, size_t len,
                          const struct liq_venue_query *q,
                          struct liq_venue_found *out, struct liq_reason *why)
{
    double value[2];
    enum liq_err err = newest(body, len, q, use_ratio, value, why);

    if (err == LIQ_OK)
        out->statistics.long_account_share = value[0];
    return err;
}

static enum liq_err open_interest_hist(const char *body, size_t len,
                                       const struct liq_venue_query *q,
                                       struct liq_venue_found *out,
                                       struct liq_reason *why)
{
    double value[2];
    enum liq_err err = newest(body, len, q, use_open_interest, value, why);

    if (err == LIQ_OK) {
        out->statistics.open_interest = value[0];
        out->statistics.open_interest_usd = value[1];
    }
    return err;
}

/* "BTC-USDT-SWAP" */
static bool read_symbol(const struct cJSON *item, void *arg,
                        struct liq_symbol *out)
{
    const char *name = liq_json_text(item, "instId");
    const char *end = strstr(name, "-USDT-SWAP");
    char base[LIQ_SYMBOL_SIZE];

    (void)arg;
    if (end == NULL || strcmp(end, "-USDT-SWAP") != 0 ||
        (size_t)(end - name) >= sizeof base ||
        strcmp(liq_json_text(item, "state"), "live") != 0)
        return false;
    memcpy(base, name, (size_t)(end - name));
    base[end - name] = '\0';
    return liq_json_symbol_fill(out, base, liq_json_positive(item, "tickSz"));
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
    const struct cJSON *row = liq_json_first(liq_json_get(root, "data"));
    int64_t t = liq_json_time(liq_json_get(row, "ts"));

    liq_json_free(root);
    if (t > 0)
        *out = t;
    return t > 0;
}

static enum liq_err kind_of(int code, const char *message)
{
    switch (code) {
    case 50011:
    case 50040:
    case 50061:
        return LIQ_ERATE;
    case 50051:
    case 50052:
        return LIQ_EBLOCKED;
    case 50001:
    case 50004:
    case 50013:
    case 50026:
        return LIQ_ENET;
    case 51001:
        return LIQ_ENOTFOUND;
    case 51000:
        return strstr(message, "instId") != NULL ? LIQ_ENOTFOUND : LIQ_EFORMAT;
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
        const char *message = liq_json_text(root, "msg");

        out->kind = kind_of((int)code, message);
        liq_json_copy_printable(out->message, sizeof out->message, message);
    }
    liq_json_free(root);
    return !isnan(code) && code != 0.0;
}

static bool spell(const char *symbol, char out[LIQ_VENUE_SYMBOL_SIZE])
{
    return liq_venue_spell_base(symbol, "-USDT-SWAP", out);
}

/* --- the row -------------------------------------------------------------- */

/*
 * The newest 1440 candles come 300 a page; older ones 100 a page from another
 * route, which takes 20 questions in 2 s.  A finer engine for the warm-up of
 * 1500 to 1875 bars would take 24 or more of those, so each interval runs on
 * its own candles: 5 pages of the one and 5 of the other.  Days begin at
 * midnight UTC only where the spelling says so.
 */
#define NEWEST 1430 /* a few may open meanwhile */
static const struct liq_venue_interval intervals[] = {
    {LIQ_MINUTE_MS, "1m", 0, NEWEST, 0},
    {5 * LIQ_MINUTE_MS, "5m", 5 * LIQ_MINUTE_MS, NEWEST, 0},
    {15 * LIQ_MINUTE_MS, "15m", 15 * LIQ_MINUTE_MS, NEWEST, 0},
    {LIQ_HOUR_MS, "1H", LIQ_HOUR_MS, NEWEST, 0},
    {4 * LIQ_HOUR_MS, "4H", 4 * LIQ_HOUR_MS, NEWEST, 0},
    {LIQ_DAY_MS, "1Dutc", LIQ_DAY_MS, NEWEST, 0},
    {0, NULL, 0, 0, 0},
};

enum {
    POOL_CANDLES,
    POOL_HISTORY,
    POOL_TICKER,
    POOL_INTEREST,
    POOL_FUNDING,
    POOL_MARK,
    POOL_RATIO,
    POOL_TIME,
    POOL_INTEREST_HIST,
    POOL_INSTRUMENTS
};

static const struct liq_venue_part parts[] = {
    {.path = "/api/v5/public/time",
     .when = LIQ_VENUE_LIVE | LIQ_VENUE_PAST,
     .flags = LIQ_VENUE_CLOCK,
     .pool = POOL_TIME,
     .weight = 1},
    {.name = "ticker",
     .path = "/api/v5/market/ticker?instId=<symbol>",
     .when = LIQ_VENUE_LIVE,
     .pool = POOL_TICKER,
     .weight = 1,
     .read = ticker},
    {.name = "open interest",
     .path = "/api/v5/public/open-interest?instType=SWAP&instId=<symbol>",
     .when = LIQ_VENUE_LIVE,
     .pool = POOL_INTEREST,
     .weight = 1,
     .read = open_interest},
    {.name = "mark price",
     .path = "/api/v5/public/mark-price?instType=SWAP&instId=<symbol>",
     .when = LIQ_VENUE_LIVE,
     .pool = POOL_MARK,
     .weight = 1,
     .keep_ms = 5000,
     .read = mark},
    {.name = "funding",
     .path = "/api/v5/public/funding-rate?instId=<symbol>",
     .when = LIQ_VENUE_LIVE,
     .pool = POOL_FUNDING,
     .weight = 1,
     .keep_ms = LIQ_MINUTE_MS,
     .read = funding},
    {.name = "long/short ratio",
     .path = "/api/v5/rubik/stat/contracts/long-short-account-ratio-contract"
             "?instId=<symbol>&period=5m&limit=1",
     .when = LIQ_VENUE_LIVE,
     .pool = POOL_RATIO,
     .weight = 1,
     .keep_ms = LIQ_MINUTE_MS,
     .read = ratio},
    {.name = "open interest",
     .path = "/api/v5/rubik/stat/contracts/open-interest-history"
             "?instId=<symbol>&period=1H&end=<to>&limit=12",
     .when = LIQ_VENUE_PAST,
     .pool = POOL_INTEREST_HIST,
     .weight = 1,
     .read = open_interest_hist},
    {.name = "long/short ratio",
     .path = "/api/v5/rubik/stat/contracts/long-short-account-ratio-contract"
             "?instId=<symbol>&period=1H&end=<to>&limit=12",
     .when = LIQ_VENUE_PAST,
     .pool = POOL_RATIO,
     .weight = 1,
     .read = ratio},
    {.path = NULL},
};

const struct liq_venue_row liq_row_okx = {
    .name = "okx",
    .kind = "usdt-perpetual",
    .base_url = "https://www.okx.com",
    .interval = intervals,
    .pool = {{40, 2000},
             {20, 2000},
             {20, 2000},
             {20, 2000},
             {20, 2000},
             {10, 2000},
             {5, 2000},
             {10, 2000},
             {10, 2000},
             {20, 2000}},
    .route = {{.path = "/api/v5/market/candles?instId=<symbol>&bar=<interval>"
                       "&before=<before>&after=<after>&limit=<rows>",
               .pool = POOL_CANDLES,
               .size = {{300, 1}}},
              {.path = "/api/v5/market/history-candles?instId=<symbol>"
                       "&bar=<interval>&before=<before>&after=<after>"
                       "&limit=<rows>",
               .pool = POOL_HISTORY,
               .most_pages = 8,
               .size = {{100, 1}}}},
    .spell = spell,
    .part = parts,
    .time = {.path = "/api/v5/public/time", .pool = POOL_TIME, .weight = 1},
    .symbols = {.path = "/api/v5/public/instruments?instType=SWAP",
                .pool = POOL_INSTRUMENTS,
                .weight = 1},
    .klines = klines,
    .read_symbols = read_symbols,
    .read_time = read_time,
    .read_error = read_error,
    .rate_wait_ms = 2000,
    .ban_wait_ms = 60000,
    .blocked_wait_ms = 300000,
    /* 1440 rows of an hour. */
    .history_ms = 59 * LIQ_DAY_MS,
    .history_end = "open interest and long/short ratio: the exchange keeps "
                   "them for 60 days only",
    .past = "mark price and funding: not known for the past",
};
