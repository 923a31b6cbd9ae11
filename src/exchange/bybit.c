/*
 * Bybit, USDT perpetuals ("linear"): volumes and open interest in base units,
 * open interest of both sides.  Every answer is {"retCode":0,"result":{...},
 * "time":ms}; lists are newest first.
 */
#include "venue.h"

#include <math.h>
#include <string.h>
#include "json.h"
#include "liqmap/interval.h"

/* Whoever asks too often is shut out, and so is who comes from where it may not
 * serve; both end by themselves after ten minutes, or not at all. */
#define SHUT_OUT_MS INT64_C(600000)

/* The document whose result.list is there, or NULL with *why. */
static struct cJSON *parse_list(const char *body, size_t len, const char *what,
                                const struct cJSON **list,
                                struct liq_reason *why)
{
    struct cJSON *root = liq_json_parse_object(body, len, what, why);

    if (root == NULL)
        return NULL;
    *list = liq_json_get(liq_json_get(root, "result"), "list");
    if (liq_json_field(root, "retCode") == 0.0 && liq_json_is_array(*list))
        return root;
    liq_json_free(root);
    liq_fail(why, LIQ_EFORMAT, "%sno result.list in the answer", what);
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
    const struct cJSON *list;
    struct cJSON *root = parse_list(body, len, "candles: ", &list, why);
    enum liq_err err;

    (void)q;
    if (root == NULL)
        return LIQ_EFORMAT;
    err = liq_json_klines(list, read_row, NULL, out, why);
    liq_json_free(root);
    return err;
}

/* --- the rest ------------------------------------------------------------- */

/* One side: as told since June 2026, before as half of both. */
static double one_side(const struct cJSON *row, const char *single,
                       const char *both)
{
    double x = liq_json_positive(row, single);

    return isnan(x) ? liq_json_positive(row, both) / 2.0 : x;
}

static enum liq_err ticker(const char *body, size_t len,
                           const struct liq_venue_query *q,
                           struct liq_venue_found *out, struct liq_reason *why)
{
    const struct cJSON *list, *row;
    struct cJSON *root = parse_list(body, len, "", &list, why);
    struct liq_statistics *s = &out->statistics;
    struct liq_ticker *t = &out->ticker;

    (void)q;
    if (root == NULL)
        return LIQ_EFORMAT;
    row = liq_json_first(list);
    if (isnan(liq_json_positive(row, "lastPrice"))) {
        liq_json_free(root);
        return liq_fail(why, LIQ_EFORMAT, "no lastPrice in the answer");
    }
    t->last = liq_json_positive(row, "lastPrice");
    t->high_24h = liq_json_positive(row, "highPrice24h");
    t->low_24h = liq_json_positive(row, "lowPrice24h");
    t->change_percent_24h = 100.0 * liq_json_field(row, "price24hPcnt");
    t->volume_24h = liq_json_not_negative(row, "volume24h");
    t->quote_volume_24h = liq_json_not_negative(row, "turnover24h");
    t->time_ms = liq_json_time(liq_json_get(root, "time"));
    s->open_interest = one_side(row, "singleOpenInterest", "openInterest");
    s->open_interest_usd =
        one_side(row, "singleOpenInterestValue", "openInterestValue");
    s->mark_price = liq_json_positive(row, "markPrice");
    s->funding_rate = liq_json_field(row, "fundingRate");
    s->next_funding_ms = liq_json_time(liq_json_get(row, "nextFundingTime"));
    liq_json_free(root);
    return LIQ_OK;
}

static int64_t use_open_interest(const struct cJSON *row, const void *arg,
                                 double value[2])
{
    (void)arg;
    value[0] = one_side(row, "singleOpenInterest", "openInterest");
    return isnan(value[0]) ? 0 : liq_json_time(liq_json_get(row, "timestamp"));
}

static int64_t use_ratio(const struct cJSON *row, const void *arg,
                         double value[2])
{
    (void)arg;
    value[0] = liq_json_field(row, "buyRatio");
    return value[0] >= 0.0 && value[0] <= 1.0
               ? liq_json_time(liq_json_get(row, "timestamp"))
               : 0;
}

static enum liq_err newest(const char *body, size_t len,
                           const struct liq_venue_query *q,
                           liq_json_newest_fn *use, double *out,
                           struct liq_reason *why)
{
    const struct cJSON *list;
    struct cJSON *root = parse_list(body, len, "", &list, why);
    double value[2];
    enum liq_err err;

    if (root == NULL)
        return LIQ_EFORMAT;
    err = liq_json_newest(list, use, NULL, q->to_ms, LIQ_VENUE_HISTORY_AGE_MS,
                          value, why);
    liq_json_free(root);
    if (err == LIQ_OK)
        *out = value[0];
    return err;
}

static enum liq_err open_interest_hist(const char *body, size_t len,
                                       const struct liq_venue_query *q,
                                       struct liq_venue_found *out,
                                       struct liq_reason *why)
{
    return newest(body, len, q, use_open_interest,
                  &out->statistics.open_interest, why);
}

static enum liq_err ratio(const char *body, size_t len,
                          const struct liq_venue_query *q,
                          struct liq_venue_found *out, struct liq_reason *why)
{
    return newest(body, len, q, use_ratio, &out->statistics.long_account_share,
                  why);
}

static bool read_symbol(const struct cJSON *item, void *arg,
                        struct liq_symbol *out)
{
    const char *base = liq_json_text(item, "baseCoin");

    (void)arg;
    return strcmp(liq_json_text(item, "contractType"), "LinearPerpetual") ==
               0 &&
           strcmp(liq_json_text(item, "quoteCoin"), "USDT") == 0 &&
           strcmp(liq_json_text(item, "status"), "Trading") == 0 &&
           liq_json_symbol_fill(
               out, base,
               liq_json_positive(liq_json_get(item, "priceFilter"),
                                 "tickSize"));
}

static enum liq_err read_symbols(const char *body, size_t len,
                                 struct liq_symbols *out,
                                 struct liq_reason *why)
{
    const struct cJSON *list;
    struct cJSON *root = parse_list(body, len, "", &list, why);
    enum liq_err err;

    if (root == NULL)
        return LIQ_EFORMAT;
    err = liq_json_symbols(list, read_symbol, NULL, out, why);
    liq_json_free(root);
    return err;
}

static bool read_time(const char *body, size_t len, int64_t *out)
{
    struct cJSON *root = liq_json_parse(body, len);
    int64_t t = liq_json_time(liq_json_get(root, "time"));

    liq_json_free(root);
    if (t > 0)
        *out = t;
    return t > 0;
}

static enum liq_err kind_of(int code, const char *message)
{
    switch (code) {
    case 10006:
    case 10018:
    case 10429:
        return LIQ_ERATE;
    case 10009:
    case 10024:
        return LIQ_EBLOCKED;
    case 10029:
        return LIQ_ENOTFOUND;
    case 10000:
    case 10016:
        return LIQ_ENET;
    case 10001:
        return strstr(message, "ymbol") != NULL ? LIQ_ENOTFOUND : LIQ_EFORMAT;
    default:
        return LIQ_OK;
    }
}

/* Being shut out comes with status 403 and words, not JSON. */
static bool read_shut_out(const char *body, size_t len,
                          struct liq_venue_error *out)
{
    static const char words[] = "access too frequent";
    size_t i;

    for (i = 0; i + sizeof words - 1 <= len; i++) {
        if (memcmp(body + i, words, sizeof words - 1) != 0)
            continue;
        out->kind = LIQ_ERATE;
        out->wait_ms = SHUT_OUT_MS;
        memcpy(out->message, words, sizeof words);
        return true;
    }
    return false;
}

static bool read_error(const char *body, size_t len,
                       struct liq_venue_error *out)
{
    struct cJSON *root;
    double code;

    memset(out, 0, sizeof *out);
    if (read_shut_out(body, len, out))
        return true;
    root = liq_json_parse(body, len);
    code = liq_json_field(root, "retCode");
    if (fabs(code) <= 1e6 && code != 0.0) {
        const char *message = liq_json_text(root, "retMsg");

        out->kind = kind_of((int)code, message);
        liq_json_copy_printable(out->message, sizeof out->message, message);
    }
    liq_json_free(root);
    return !isnan(code) && code != 0.0;
}

/* --- the row -------------------------------------------------------------- */

/* Pages of 1000 rows, 600 questions in 5 s: a cold start is 10 to 12 of them,
 * so every interval runs on the finest engine. */
static const struct liq_venue_interval intervals[] = {
    {LIQ_MINUTE_MS, "1", 0, 0, 0},
    {5 * LIQ_MINUTE_MS, "5", LIQ_MINUTE_MS, 0, 0},
    {15 * LIQ_MINUTE_MS, "15", 5 * LIQ_MINUTE_MS, 0, 0},
    {LIQ_HOUR_MS, "60", 15 * LIQ_MINUTE_MS, 0, 0},
    {4 * LIQ_HOUR_MS, "240", LIQ_HOUR_MS, 0, 0},
    {LIQ_DAY_MS, "D", 4 * LIQ_HOUR_MS, 0, 0},
    {0, NULL, 0, 0, 0},
};

static const struct liq_venue_part parts[] = {
    {.name = "ticker, open interest and funding",
     .path = "/v5/market/tickers?category=linear&symbol=<symbol>",
     .when = LIQ_VENUE_LIVE,
     .flags = LIQ_VENUE_CLOCK,
     .weight = 1,
     .read = ticker},
    {.name = "long/short ratio",
     .path = "/v5/market/account-ratio?category=linear&symbol=<symbol>"
             "&period=5min&limit=1",
     .when = LIQ_VENUE_LIVE,
     .weight = 1,
     .keep_ms = LIQ_MINUTE_MS,
     .read = ratio},
    {.name = "open interest",
     .path = "/v5/market/open-interest?category=linear&symbol=<symbol>"
             "&intervalTime=5min&startTime=<since>&endTime=<to>&limit=24",
     .when = LIQ_VENUE_PAST,
     .flags = LIQ_VENUE_CLOCK,
     .weight = 1,
     .read = open_interest_hist},
    {.name = "long/short ratio",
     .path = "/v5/market/account-ratio?category=linear&symbol=<symbol>"
             "&period=5min&startTime=<since>&endTime=<to>&limit=24",
     .when = LIQ_VENUE_PAST,
     .weight = 1,
     .read = ratio},
    {.path = NULL},
};

const struct liq_venue_row liq_row_bybit = {
    .name = "bybit",
    .kind = "usdt-perpetual",
    .base_url = "https://api.bybit.com",
    .interval = intervals,
    .pool = {{600, 5000}},
    .route = {{.path = "/v5/market/kline?category=linear&symbol=<symbol>"
                       "&interval=<interval>&start=<start>[&end=<end>]"
                       "&limit=<rows>",
               .size = {{1000, 1}}}},
    .open_end = true,
    .spell = liq_venue_spell_plain,
    .part = parts,
    .time = {.path = "/v5/market/time", .weight = 1},
    .symbols = {.path = "/v5/market/instruments-info?category=linear"
                        "&limit=1000",
                .weight = 1},
    .klines = klines,
    .read_symbols = read_symbols,
    .read_time = read_time,
    .read_error = read_error,
    .remain_header = "x-bapi-limit-status",
    .limit_header = "x-bapi-limit",
    .reset_header = "x-bapi-limit-reset-timestamp",
    .reset = LIQ_RESET_AT_MS,
    .rate_wait_ms = 5000,
    .ban_wait_ms = SHUT_OUT_MS,
    .blocked_wait_ms = SHUT_OUT_MS,
    .past = "mark price and funding: not known for the past",
};
