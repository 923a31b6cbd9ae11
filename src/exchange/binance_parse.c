/*
 * Binance's answers into plain data.  Decimals come as strings, and any of them
 * may come as a number some day, so both are taken everywhere.
 */
#include "binance.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "json.h"

/* --- candles ------------------------------------------------------------ */

/* Row: 0 open time, 1 open, 2 high, 3 low, 4 close, 5 base volume, 6 close
 * time, 7 quote volume, and more that nobody needs. */
static const char *read_row(const struct cJSON *row, const void *arg,
                            struct liq_kline *k)
{
    double x[8] = {NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};

    (void)arg;
    if (!liq_json_is_array(row))
        return "not an array";
    if (liq_json_numbers(row, x, 8) < 6)
        return "fewer than 6 fields";
    k->open_ms = liq_json_time(liq_json_first(row));
    k->open = x[1];
    k->high = x[2];
    k->low = x[3];
    k->close = x[4];
    k->volume = x[5];
    k->quote_volume = isnan(x[7]) ? liq_kline_guess_quote(k) : x[7];
    return NULL;
}

enum liq_err liq_binance_klines(const char *body, size_t len,
                                const struct liq_venue_query *q,
                                struct liq_kline_list *out,
                                struct liq_reason *why)
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

enum liq_err liq_binance_parse_klines(const char *body, size_t len,
                                      struct liq_klines *out,
                                      struct liq_reason *why)
{
    struct liq_kline_list list = {NULL, 0, 0};
    enum liq_err err = liq_binance_klines(body, len, NULL, &list, why);

    if (err != LIQ_OK) {
        free(list.at);
        return err;
    }
    out->at = list.at;
    out->n = list.n;
    liq_klines_normalise(out);
    return LIQ_OK;
}

/* --- single objects ----------------------------------------------------- */

enum liq_err liq_binance_parse_time(const char *body, size_t len, int64_t *out,
                                    struct liq_reason *why)
{
    struct cJSON *root = liq_json_parse_object(body, len, "", why);
    int64_t t;

    if (root == NULL)
        return LIQ_EFORMAT;
    t = liq_json_time(liq_json_get(root, "serverTime"));
    liq_json_free(root);
    if (t == 0)
        return liq_fail(why, LIQ_EFORMAT, "no serverTime in the answer");
    *out = t;
    return LIQ_OK;
}

enum liq_err liq_binance_parse_ticker(const char *body, size_t len,
                                      struct liq_ticker *out,
                                      struct liq_reason *why)
{
    struct cJSON *root = liq_json_parse_object(body, len, "", why);
    struct liq_ticker t;

    if (root == NULL)
        return LIQ_EFORMAT;
    t.last = liq_json_positive(root, "lastPrice");
    t.high_24h = liq_json_positive(root, "highPrice");
    t.low_24h = liq_json_positive(root, "lowPrice");
    t.change_percent_24h = liq_json_field(root, "priceChangePercent");
    t.volume_24h = liq_json_not_negative(root, "volume");
    t.quote_volume_24h = liq_json_not_negative(root, "quoteVolume");
    t.time_ms = liq_json_time(liq_json_get(root, "closeTime"));
    liq_json_free(root);
    if (isnan(t.last))
        return liq_fail(why, LIQ_EFORMAT, "no lastPrice in the answer");
    *out = t;
    return LIQ_OK;
}

enum liq_err liq_binance_parse_open_interest(const char *body, size_t len,
                                             double *out,
                                             struct liq_reason *why)
{
    struct cJSON *root = liq_json_parse_object(body, len, "", why);
    double x;

    if (root == NULL)
        return LIQ_EFORMAT;
    /* A perpetual that trades has open interest: 0 means not known. */
    x = liq_json_positive(root, "openInterest");
    liq_json_free(root);
    if (isnan(x))
        return liq_fail(why, LIQ_EFORMAT, "no openInterest in the answer");
    *out = x;
    return LIQ_OK;
}

enum liq_err liq_binance_parse_premium(const char *body, size_t len,
                                       struct liq_statistics *out,
                                       struct liq_reason *why)
{
    struct cJSON *root = liq_json_parse_object(body, len, "", why);
    double mark, rate;
    int64_t next_ms;

    if (root == NULL)
        return LIQ_EFORMAT;
    mark = liq_json_positive(root, "markPrice");
    rate = liq_json_field(root, "lastFundingRate");
    next_ms = liq_json_time(liq_json_get(root, "nextFundingTime"));
    liq_json_free(root);
    if (isnan(mark) && isnan(rate))
        return liq_fail(why, LIQ_EFORMAT,
                        "neither markPrice nor lastFundingRate in the answer");
    out->mark_price = mark;
    out->funding_rate = rate;
    out->next_funding_ms = next_ms;
    return LIQ_OK;
}

/* --- histories ---------------------------------------------------------- */

static int64_t use_ratio(const struct cJSON *row, const void *arg,
                         double value[2])
{
    double share = liq_json_field(row, "longAccount");
    double ratio = liq_json_field(row, "longShortRatio");

    (void)arg;
    if (isnan(share) && ratio >= 0.0)
        share = ratio / (1.0 + ratio);
    value[0] = share;
    return share >= 0.0 && share <= 1.0
               ? liq_json_time(liq_json_get(row, "timestamp"))
               : 0;
}

static int64_t use_open_interest(const struct cJSON *row, const void *arg,
                                 double value[2])
{
    (void)arg;
    value[0] = liq_json_positive(row, "sumOpenInterest");
    value[1] = liq_json_positive(row, "sumOpenInterestValue");
    return isnan(value[0]) ? 0 : liq_json_time(liq_json_get(row, "timestamp"));
}

static enum liq_err parse_newest(const char *body, size_t len, int64_t to_ms,
                                 int64_t max_age_ms, liq_json_newest_fn *use,
                                 double value[2], struct liq_reason *why)
{
    struct cJSON *root = liq_json_parse_array(body, len, "", why);
    enum liq_err err;

    if (root == NULL)
        return LIQ_EFORMAT;
    err = liq_json_newest(root, use, NULL, to_ms, max_age_ms, value, why);
    liq_json_free(root);
    return err;
}

enum liq_err liq_binance_parse_ratio(const char *body, size_t len,
                                     int64_t to_ms, int64_t max_age_ms,
                                     double *long_share, struct liq_reason *why)
{
    double value[2] = {NAN, NAN};
    enum liq_err err =
        parse_newest(body, len, to_ms, max_age_ms, use_ratio, value, why);

    if (err == LIQ_OK)
        *long_share = value[0];
    return err;
}

enum liq_err liq_binance_parse_open_interest_hist(const char *body, size_t len,
                                                  int64_t to_ms,
                                                  int64_t max_age_ms,
                                                  double *base, double *quote,
                                                  struct liq_reason *why)
{
    double value[2] = {NAN, NAN};
    enum liq_err err = parse_newest(body, len, to_ms, max_age_ms,
                                    use_open_interest, value, why);

    if (err == LIQ_OK) {
        *base = value[0];
        *quote = value[1];
    }
    return err;
}

/* --- symbols ------------------------------------------------------------ */

static double tick_size(const struct cJSON *symbol)
{
    const struct cJSON *filters, *f;

    filters = liq_json_get(symbol, "filters");
    for (f = liq_json_first(filters); f != NULL; f = liq_json_next(f)) {
        if (strcmp(liq_json_text(f, "filterType"), "PRICE_FILTER") == 0)
            return liq_json_positive(f, "tickSize");
    }
    return NAN;
}

static bool fill_symbol(const struct cJSON *item, struct liq_symbol *out)
{
    const char *name = liq_json_text(item, "symbol");
    const char *base = liq_json_text(item, "baseAsset");

    if (strcmp(liq_json_text(item, "quoteAsset"), "USDT") != 0 ||
        strcmp(liq_json_text(item, "status"), "TRADING") != 0 ||
        !liq_symbol_valid(name) || strlen(base) >= sizeof out->base)
        return false;
    memset(out, 0, sizeof *out);
    memcpy(out->name, name, strlen(name));
    memcpy(out->base, base, strlen(base));
    out->tick = tick_size(item);
    return true;
}

static bool read_perpetual(const struct cJSON *item, void *arg,
                           struct liq_symbol *out)
{
    (void)arg;
    return strcmp(liq_json_text(item, "contractType"), "PERPETUAL") == 0 &&
           fill_symbol(item, out);
}

static bool read_pair(const struct cJSON *item, void *arg,
                      struct liq_symbol *out)
{
    (void)arg;
    return liq_json_true(item, "isSpotTradingAllowed") &&
           fill_symbol(item, out);
}

static enum liq_err parse_list(const char *body, size_t len,
                               liq_json_symbol_fn *read,
                               struct liq_symbols *out, struct liq_reason *why)
{
    struct cJSON *root = liq_json_parse_object(body, len, "", why);
    enum liq_err err;

    if (root == NULL)
        return LIQ_EFORMAT;
    err = liq_json_symbols(liq_json_get(root, "symbols"), read, NULL, out, why);
    liq_json_free(root);
    return err;
}

enum liq_err liq_binance_parse_symbols(const char *body, size_t len,
                                       struct liq_symbols *out,
                                       struct liq_reason *why)
{
    return parse_list(body, len, read_perpetual, out, why);
}

enum liq_err liq_binance_parse_pairs(const char *body, size_t len,
                                     struct liq_symbols *out,
                                     struct liq_reason *why)
{
    return parse_list(body, len, read_pair, out, why);
}

/* --- errors ------------------------------------------------------------- */

/* "... banned until 1659146400000. ..." */
static int64_t ban_end(const char *message)
{
    static const char words[] = "banned until ";
    const char *p = strstr(message, words);
    int64_t t = 0;
    int digits = 0;

    if (p == NULL)
        return 0;
    for (p += sizeof words - 1; *p >= '0' && *p <= '9' && digits < 15; p++) {
        t = 10 * t + (*p - '0');
        digits++;
    }
    return digits == 13 ? t : 0;
}

/* Closed for maintenance: code -1016, or the form without a code key. */
static bool is_maintenance(const struct cJSON *root, int code,
                           const char *message)
{
    return code == -1016 || strstr(message, "maintenance") != NULL ||
           liq_json_get(root, "239999") != NULL;
}

bool liq_binance_parse_error(const char *body, size_t len,
                             struct liq_binance_error *out)
{
    struct cJSON *root = liq_json_parse(body, len);
    const char *message;
    double code;

    memset(out, 0, sizeof *out);
    if (!liq_json_is_object(root)) {
        liq_json_free(root);
        return false;
    }
    code = liq_json_field(root, "code");
    message = liq_json_text(root, "msg");
    if (*message == '\0')
        message = liq_json_text(root, "239999");
    if (fabs(code) <= 1e6)
        out->code = (int)code;
    out->maintenance = is_maintenance(root, out->code, message);
    out->banned_until_ms = ban_end(message);
    liq_json_copy_printable(out->message, sizeof out->message, message);
    liq_json_free(root);
    return out->maintenance || !isnan(code);
}
