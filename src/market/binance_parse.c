/*
 * Binance's answers into plain data; the only file of this market that includes
 * cJSON.h.  Decimals come as strings, and any of them may come as a number some
 * day, so both are taken everywhere.
 */
#include "binance.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include "liqmap/decimal.h"
#include "common.h"

/* Every parse writes a global of cJSON. */
static pthread_mutex_t parse_lock = PTHREAD_MUTEX_INITIALIZER;

/* Integers up to here are exact in a double, and so in JSON. */
#define EXACT_MAX 9007199254740992.0

/* --- values ------------------------------------------------------------- */

/* The document, or NULL; to be freed with cJSON_Delete. */
static cJSON *parse(const char *body, size_t len)
{
    const char *end = NULL;
    cJSON *root;

    if (body == NULL || len == 0)
        return NULL;
    pthread_mutex_lock(&parse_lock);
    root = cJSON_ParseWithLengthOpts(body, len, &end, 0);
    pthread_mutex_unlock(&parse_lock);
    if (root == NULL)
        return NULL;
    while (end != NULL && end < body + len &&
           memchr(" \t\r\n", *end, 4) != NULL)
        end++;
    if (end != body + len) {
        cJSON_Delete(root);
        return NULL;
    }
    return root;
}

/* NaN when absent or not a finite number. */
static double number(const cJSON *item)
{
    double x;

    if (cJSON_IsNumber(item) && isfinite(item->valuedouble))
        return item->valuedouble;
    if (cJSON_IsString(item) && item->valuestring != NULL &&
        liq_decimal_parse(item->valuestring, strlen(item->valuestring), &x) &&
        isfinite(x))
        return x;
    return NAN;
}

/* A whole number of ms since the epoch, 0 when absent. */
static int64_t time_ms(const cJSON *item)
{
    double x = number(item);

    if (!(x >= 1.0 && x <= EXACT_MAX) || x != floor(x))
        return 0;
    return (int64_t)x;
}

static double field(const cJSON *object, const char *name)
{
    return number(cJSON_GetObjectItemCaseSensitive(object, name));
}

static double positive(double x)
{
    return x > 0.0 ? x : NAN;
}

static double not_negative(double x)
{
    return x >= 0.0 ? x : NAN;
}

static const char *string(const cJSON *object, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

    return cJSON_IsString(item) && item->valuestring ? item->valuestring : "";
}

/* --- candles ------------------------------------------------------------ */

/* Row: 0 open time, 1 open, 2 high, 3 low, 4 close, 5 base volume, 6 close
 * time, 7 quote volume, and more that nobody needs. */
static const char *read_row(const cJSON *row, struct liq_kline *k)
{
    double x[8] = {NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
    const cJSON *item;
    size_t i = 0;

    if (!cJSON_IsArray(row))
        return "not an array";
    k->open_ms = time_ms(row->child);
    cJSON_ArrayForEach(item, row)
    {
        if (i == 8)
            break;
        x[i++] = number(item);
    }
    if (i < 6)
        return "fewer than 6 fields";
    k->open = x[1];
    k->high = x[2];
    k->low = x[3];
    k->close = x[4];
    k->volume = x[5];
    k->quote_volume = isnan(x[7]) ? liq_kline_guess_quote(k) : x[7];
    return liq_kline_fault(k);
}

static enum liq_err read_rows(const cJSON *root, struct liq_kline_list *list,
                              struct liq_reason *why)
{
    const cJSON *row;
    struct liq_kline k;
    size_t i = 0;

    cJSON_ArrayForEach(row, root)
    {
        const char *fault = read_row(row, &k);

        if (fault != NULL)
            return liq_fail(why, LIQ_EFORMAT, "candles: row %zu: %s", i, fault);
        if (liq_kline_list_add(list, &k) != LIQ_OK)
            return liq_fail(why, LIQ_ENOMEM, "candles: no memory");
        i++;
    }
    return LIQ_OK;
}

enum liq_err liq_binance_parse_klines(const char *body, size_t len,
                                      struct liq_klines *out,
                                      struct liq_reason *why)
{
    struct liq_kline_list list = {NULL, 0, 0};
    cJSON *root = parse(body, len);
    enum liq_err err;

    if (!cJSON_IsArray(root)) {
        cJSON_Delete(root);
        return liq_fail(why, LIQ_EFORMAT,
                        "candles: the answer is not a JSON array");
    }
    err = read_rows(root, &list, why);
    cJSON_Delete(root);
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

static cJSON *parse_object(const char *body, size_t len, struct liq_reason *why)
{
    cJSON *root = parse(body, len);

    if (cJSON_IsObject(root))
        return root;
    cJSON_Delete(root);
    liq_fail(why, LIQ_EFORMAT, "the answer is not a JSON object");
    return NULL;
}

enum liq_err liq_binance_parse_time(const char *body, size_t len, int64_t *out,
                                    struct liq_reason *why)
{
    cJSON *root = parse_object(body, len, why);
    int64_t t;

    if (root == NULL)
        return LIQ_EFORMAT;
    t = time_ms(cJSON_GetObjectItemCaseSensitive(root, "serverTime"));
    cJSON_Delete(root);
    if (t == 0)
        return liq_fail(why, LIQ_EFORMAT, "no serverTime in the answer");
    *out = t;
    return LIQ_OK;
}

enum liq_err liq_binance_parse_ticker(const char *body, size_t len,
                                      struct liq_ticker *out,
                                      struct liq_reason *why)
{
    cJSON *root = parse_object(body, len, why);
    struct liq_ticker t;

    if (root == NULL)
        return LIQ_EFORMAT;
    t.last = positive(field(root, "lastPrice"));
    t.high_24h = positive(field(root, "highPrice"));
    t.low_24h = positive(field(root, "lowPrice"));
    t.change_percent_24h = field(root, "priceChangePercent");
    t.volume_24h = not_negative(field(root, "volume"));
    t.quote_volume_24h = not_negative(field(root, "quoteVolume"));
    t.time_ms = time_ms(cJSON_GetObjectItemCaseSensitive(root, "closeTime"));
    cJSON_Delete(root);
    if (isnan(t.last))
        return liq_fail(why, LIQ_EFORMAT, "no lastPrice in the answer");
    *out = t;
    return LIQ_OK;
}

enum liq_err liq_binance_parse_open_interest(const char *body, size_t len,
                                             double *out,
                                             struct liq_reason *why)
{
    cJSON *root = parse_object(body, len, why);
    double x;

    if (root == NULL)
        return LIQ_EFORMAT;
    /* A perpetual that trades has open interest: 0 means not known. */
    x = positive(field(root, "openInterest"));
    cJSON_Delete(root);
    if (isnan(x))
        return liq_fail(why, LIQ_EFORMAT, "no openInterest in the answer");
    *out = x;
    return LIQ_OK;
}

enum liq_err liq_binance_parse_premium(const char *body, size_t len,
                                       struct liq_statistics *out,
                                       struct liq_reason *why)
{
    cJSON *root = parse_object(body, len, why);
    double mark, rate;
    int64_t next_ms;

    if (root == NULL)
        return LIQ_EFORMAT;
    mark = positive(field(root, "markPrice"));
    rate = field(root, "lastFundingRate");
    next_ms =
        time_ms(cJSON_GetObjectItemCaseSensitive(root, "nextFundingTime"));
    cJSON_Delete(root);
    if (isnan(mark) && isnan(rate))
        return liq_fail(why, LIQ_EFORMAT,
                        "neither markPrice nor lastFundingRate in the answer");
    out->mark_price = mark;
    out->funding_rate = rate;
    out->next_funding_ms = next_ms;
    return LIQ_OK;
}

/* --- histories ---------------------------------------------------------- */

/* A row is usable when use says so and fills value[2]. */
typedef bool use_fn(const cJSON *row, double value[2]);

static bool use_ratio(const cJSON *row, double value[2])
{
    double share = field(row, "longAccount");
    double ratio = field(row, "longShortRatio");

    if (isnan(share) && ratio >= 0.0)
        share = ratio / (1.0 + ratio);
    value[0] = share;
    value[1] = NAN;
    return share >= 0.0 && share <= 1.0;
}

static bool use_open_interest(const cJSON *row, double value[2])
{
    value[0] = positive(field(row, "sumOpenInterest"));
    value[1] = positive(field(row, "sumOpenInterestValue"));
    return !isnan(value[0]);
}

static enum liq_err parse_newest(const char *body, size_t len, int64_t to_ms,
                                 int64_t max_age_ms, use_fn *use,
                                 double value[2], struct liq_reason *why)
{
    cJSON *root = parse(body, len);
    const cJSON *row;
    int64_t newest_ms = 0;
    double x[2];

    if (!cJSON_IsArray(root)) {
        cJSON_Delete(root);
        return liq_fail(why, LIQ_EFORMAT, "the answer is not a JSON array");
    }
    cJSON_ArrayForEach(row, root)
    {
        int64_t t = time_ms(cJSON_GetObjectItemCaseSensitive(row, "timestamp"));

        if (t <= newest_ms || (to_ms != 0 && t > to_ms) || !use(row, x))
            continue;
        newest_ms = t;
        memcpy(value, x, sizeof x);
    }
    cJSON_Delete(root);
    if (newest_ms == 0 || (to_ms != 0 && newest_ms < to_ms - max_age_ms))
        return liq_fail(why, LIQ_ENOTFOUND, "nothing known for that time");
    return LIQ_OK;
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

static double tick_size(const cJSON *symbol)
{
    const cJSON *filters, *f;

    filters = cJSON_GetObjectItemCaseSensitive(symbol, "filters");
    cJSON_ArrayForEach(f, filters)
    {
        if (strcmp(string(f, "filterType"), "PRICE_FILTER") == 0)
            return positive(field(f, "tickSize"));
    }
    return NAN;
}

/* Whether it is one that we show; then *out is filled. */
static bool read_symbol(const cJSON *item, struct liq_symbol *out)
{
    const char *name = string(item, "symbol");
    const char *base = string(item, "baseAsset");

    if (strcmp(string(item, "contractType"), "PERPETUAL") != 0 ||
        strcmp(string(item, "quoteAsset"), "USDT") != 0 ||
        strcmp(string(item, "status"), "TRADING") != 0 ||
        !liq_symbol_valid(name))
        return false;
    if (strlen(base) >= sizeof out->base)
        return false;
    memset(out, 0, sizeof *out);
    memcpy(out->name, name, strlen(name));
    memcpy(out->base, base, strlen(base));
    out->tick = tick_size(item);
    return true;
}

static int by_name(const void *a, const void *b)
{
    const struct liq_symbol *x = a, *y = b;

    return strcmp(x->name, y->name);
}

static enum liq_err read_symbols(const cJSON *list, struct liq_symbols *out,
                                 struct liq_reason *why)
{
    const cJSON *item;
    size_t n = 0;

    cJSON_ArrayForEach(item, list) n++;
    if (n == 0)
        return liq_fail(why, LIQ_EFORMAT, "no symbols in the answer");
    out->at = calloc(n, sizeof *out->at);
    out->n = 0;
    if (out->at == NULL)
        return liq_fail(why, LIQ_ENOMEM, "no memory");
    cJSON_ArrayForEach(item, list)
    {
        if (read_symbol(item, &out->at[out->n]))
            out->n++;
    }
    qsort(out->at, out->n, sizeof *out->at, by_name);
    return LIQ_OK;
}

enum liq_err liq_binance_parse_symbols(const char *body, size_t len,
                                       struct liq_symbols *out,
                                       struct liq_reason *why)
{
    cJSON *root = parse_object(body, len, why);
    enum liq_err err;

    if (root == NULL)
        return LIQ_EFORMAT;
    err = read_symbols(cJSON_GetObjectItemCaseSensitive(root, "symbols"), out,
                       why);
    cJSON_Delete(root);
    return err;
}

/* --- errors ------------------------------------------------------------- */

static void copy_printable(char *out, size_t size, const char *text)
{
    size_t i;

    for (i = 0; text[i] != '\0' && i + 1 < size; i++)
        out[i] = text[i] >= ' ' && text[i] <= '~' ? text[i] : ' ';
    out[i] = '\0';
}

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
static bool is_maintenance(const cJSON *root, int code, const char *message)
{
    return code == -1016 || strstr(message, "maintenance") != NULL ||
           cJSON_GetObjectItemCaseSensitive(root, "239999") != NULL;
}

bool liq_binance_parse_error(const char *body, size_t len,
                             struct liq_binance_error *out)
{
    cJSON *root = parse(body, len);
    const char *message;
    double code;

    memset(out, 0, sizeof *out);
    if (!cJSON_IsObject(root)) {
        cJSON_Delete(root);
        return false;
    }
    code = field(root, "code");
    message = string(root, "msg");
    if (*message == '\0')
        message = string(root, "239999");
    if (fabs(code) <= 1e6)
        out->code = (int)code;
    out->maintenance = is_maintenance(root, out->code, message);
    out->banned_until_ms = ban_end(message);
    copy_printable(out->message, sizeof out->message, message);
    cJSON_Delete(root);
    return out->maintenance || !isnan(code);
}
