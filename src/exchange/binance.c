/* The rows of Binance: USD-M futures. */
#include "binance.h"

#include <math.h>
#include <string.h>
#include "liqmap/interval.h"

/* --- answers in the forms that a row takes -------------------------------- */

enum liq_err liq_binance_ticker(const char *body, size_t len,
                                const struct liq_venue_query *q,
                                struct liq_venue_found *out,
                                struct liq_reason *why)
{
    (void)q;
    return liq_binance_parse_ticker(body, len, &out->ticker, why);
}

bool liq_binance_time(const char *body, size_t len, int64_t *out)
{
    struct liq_reason ignored;

    return liq_binance_parse_time(body, len, out, &ignored) == LIQ_OK;
}

bool liq_binance_error(const char *body, size_t len,
                       struct liq_venue_error *out)
{
    struct liq_binance_error e;
    bool is_error = liq_binance_parse_error(body, len, &e);

    memset(out, 0, sizeof *out);
    memcpy(out->message, e.message, sizeof out->message);
    out->until_ms = e.banned_until_ms;
    if (e.code == -1003)
        out->kind = LIQ_ERATE;
    else if (e.code == -1121)
        out->kind = LIQ_ENOTFOUND;
    else if (e.maintenance || e.code == -1000 || e.code == -1001 ||
             e.code == -1007)
        out->kind = LIQ_ENET;
    return is_error;
}

static enum liq_err open_interest(const char *body, size_t len,
                                  const struct liq_venue_query *q,
                                  struct liq_venue_found *out,
                                  struct liq_reason *why)
{
    (void)q;
    return liq_binance_parse_open_interest(body, len,
                                           &out->statistics.open_interest, why);
}

static enum liq_err open_interest_hist(const char *body, size_t len,
                                       const struct liq_venue_query *q,
                                       struct liq_venue_found *out,
                                       struct liq_reason *why)
{
    return liq_binance_parse_open_interest_hist(
        body, len, q->to_ms, LIQ_VENUE_HISTORY_AGE_MS,
        &out->statistics.open_interest, &out->statistics.open_interest_usd,
        why);
}

static enum liq_err premium(const char *body, size_t len,
                            const struct liq_venue_query *q,
                            struct liq_venue_found *out, struct liq_reason *why)
{
    (void)q;
    return liq_binance_parse_premium(body, len, &out->statistics, why);
}

static enum liq_err ratio(const char *body, size_t len,
                          const struct liq_venue_query *q,
                          struct liq_venue_found *out, struct liq_reason *why)
{
    return liq_binance_parse_ratio(body, len, q->to_ms,
                                   LIQ_VENUE_HISTORY_AGE_MS,
                                   &out->statistics.long_account_share, why);
}

/* --- the row -------------------------------------------------------------- */

/* Pages of 499 rows at weight 2: a cold start of 9375 candles costs 38 of 2400,
 * so every interval runs on the finest engine. */
static const struct liq_venue_interval intervals[] = {
    {LIQ_MINUTE_MS, NULL, 0, 0, 0},
    {3 * LIQ_MINUTE_MS, NULL, 0, 0, 0},
    {5 * LIQ_MINUTE_MS, NULL, LIQ_MINUTE_MS, 0, 0},
    {15 * LIQ_MINUTE_MS, NULL, 5 * LIQ_MINUTE_MS, 0, 0},
    {30 * LIQ_MINUTE_MS, NULL, 0, 0, 0},
    {LIQ_HOUR_MS, NULL, 15 * LIQ_MINUTE_MS, 0, 0},
    {2 * LIQ_HOUR_MS, NULL, 0, 0, 0},
    {4 * LIQ_HOUR_MS, NULL, LIQ_HOUR_MS, 0, 0},
    {6 * LIQ_HOUR_MS, NULL, 0, 0, 0},
    {8 * LIQ_HOUR_MS, NULL, 0, 0, 0},
    {12 * LIQ_HOUR_MS, NULL, 0, 0, 0},
    {LIQ_DAY_MS, NULL, 4 * LIQ_HOUR_MS, 0, 0},
    {0, NULL, 0, 0, 0},
};

/* /futures/data has a limit of its own, and costs no weight.  With an end, a
 * few rows: whether a row stamped exactly then is in or out is the exchange's
 * choice, and slots can be missing. */
static const struct liq_venue_part parts[] = {
    {.path = "/fapi/v1/time",
     .when = LIQ_VENUE_LIVE | LIQ_VENUE_PAST,
     .flags = LIQ_VENUE_CLOCK,
     .weight = 1},
    {.name = "ticker",
     .path = "/fapi/v1/ticker/24hr?symbol=<symbol>",
     .when = LIQ_VENUE_LIVE,
     .weight = 1,
     .read = liq_binance_ticker},
    {.name = "open interest",
     .path = "/fapi/v1/openInterest?symbol=<symbol>",
     .when = LIQ_VENUE_LIVE,
     .weight = 1,
     .read = open_interest},
    {.name = "mark price and funding",
     .path = "/fapi/v1/premiumIndex?symbol=<symbol>",
     .when = LIQ_VENUE_LIVE,
     .weight = 1,
     .read = premium},
    {.name = "open interest",
     .path = "/futures/data/openInterestHist?symbol=<symbol>&period=5m"
             "&endTime=<to>&limit=12",
     .when = LIQ_VENUE_PAST,
     .pool = 1,
     .weight = 1,
     .read = open_interest_hist},
    {.name = "long/short ratio",
     .path = "/futures/data/globalLongShortAccountRatio?symbol=<symbol>"
             "&period=5m&limit=1",
     .when = LIQ_VENUE_LIVE,
     .pool = 1,
     .weight = 1,
     .read = ratio},
    {.name = "long/short ratio",
     .path = "/futures/data/globalLongShortAccountRatio?symbol=<symbol>"
             "&period=5m&endTime=<to>&limit=12",
     .when = LIQ_VENUE_PAST,
     .pool = 1,
     .weight = 1,
     .read = ratio},
    {.path = NULL},
};

const struct liq_venue_row liq_row_binance = {
    .name = "binance",
    .kind = "usdm-perpetual",
    .base_url = "https://fapi.binance.com",
    .interval = intervals,
    .pool = {{2400, LIQ_MINUTE_MS}, {1000, 5 * LIQ_MINUTE_MS}},
    .route = {{.path = "/fapi/v1/klines?symbol=<symbol>&interval=<interval>"
                       "&startTime=<start>[&endTime=<end>]&limit=<rows>",
               .size = {{99, 1}, {499, 2}}}},
    .open_end = true,
    .spell = liq_venue_spell_plain,
    .part = parts,
    .time = {.path = "/fapi/v1/time", .weight = 1},
    .symbols = {.path = "/fapi/v1/exchangeInfo", .weight = 1},
    .klines = liq_binance_klines,
    .read_symbols = liq_binance_parse_symbols,
    .read_time = liq_binance_time,
    .read_error = liq_binance_error,
    .used_header = "x-mbx-used-weight-1m",
    .rate_wait_ms = 60000,
    .ban_wait_ms = 120000,
    .blocked_wait_ms = 300000,
    .history_ms = 30 * LIQ_DAY_MS,
    .history_end = "open interest and long/short ratio: the exchange keeps "
                   "them for 30 days only",
    .past = "mark price and funding: not known for the past",
};
