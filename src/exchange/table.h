/*
 * The tables that say what an exchange is like.  One row describes one
 * exchange; the rest of the module reads rows and knows no exchange:
 *
 *   registry.c  the rows by name
 *   names.c     symbols as the exchange spells them
 *   template.c  a path of a row into a URL
 *   plan.c      which requests a fetch takes
 *   limiter.c   when they may be sent, and what time it is there
 *   judge.c     what a response means before its values are read
 *   json.c      bodies parsed, values by their path
 *   read.c      values by the tables of the row
 *   depth.c     the order book
 *   liquidation.c  executed liquidations; feed.c: those of streams
 *   borrow.c    limits of another exchange
 *   share.c     one request for what several fetches need
 *   observe.c   what a diagnosis needs to know of requests
 *   fetch.c     one fetch from its start to its outcome
 *   exchange.c  struct liq_exchange: its budget and its life
 *
 * A new exchange is one file with a row, one line in registry.c, recorded
 * bodies in tests/fixtures/NAME and a row in
 * tests/unit/exchange/test_adapters.c.
 */
#ifndef LIQMAP_EXCHANGE_TABLE_H
#define LIQMAP_EXCHANGE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include "liqmap/exchange.h"

#define LIQ_SPELLING_SIZE 48
#define LIQ_URL_SIZE 512
#define LIQ_POST_SIZE 256
#define LIQ_POOLS 12
#define LIQ_PAGE_SIZES 5
#define LIQ_ENDPOINTS_MAX 10
#define LIQ_PAGES_MAX 128

/* The ceiling of every body but candles and symbols, unless the row says. */
#define LIQ_SMALL_BYTES (64 * 1024)

/* How old a row of a history may be to stand for a moment. */
#define LIQ_HISTORY_AGE_MS INT64_C(3600000)

struct cJSON;

/* --- values --------------------------------------------------------------- */

/*
 * A path names a value: members and indices with dots between them,
 * "list.0.lastPrice"; KEY:VALUE is the first element of an array whose member
 * KEY is VALUE, "filters.filterType:PRICE_FILTER.tickSize"; "" or NULL is where
 * it starts.  Paths of an endpoint start at the envelope's data, or at the
 * whole body when they begin with "/".
 *
 * Numbers are taken as strings and as numbers everywhere.  One that is missing,
 * empty, null or out of its range is absent.
 */

/* What the responses of one fetch say; all absent at first. */
struct liq_found {
    struct liq_ticker ticker;
    struct liq_statistics statistics;
    struct liq_contract contract;
    double contract_size; /* base units of one contract; inverse: quote */
    double other_usd;     /* open interest by another endpoint, to compare */
};

#define LIQ_TICKER(member) offsetof(struct liq_found, ticker.member)
#define LIQ_STATISTIC(member) offsetof(struct liq_found, statistics.member)
#define LIQ_CONTRACT(member) offsetof(struct liq_found, contract.member)
#define LIQ_CONTRACT_SIZE offsetof(struct liq_found, contract_size)
#define LIQ_OTHER_USD offsetof(struct liq_found, other_usd)

/* From LIQ_TIME on the targets are int64_t. */
enum liq_unit {
    LIQ_NUMBER,    /* any */
    LIQ_PRICE,     /* quote per base unit, > 0 */
    LIQ_OPEN_24H,  /* a price; the target gets the change of ticker.last, % */
    LIQ_BASE,      /* base units, >= 0 */
    LIQ_QUOTE,     /* quote currency, >= 0 */
    LIQ_SHARE,     /* 0 .. 1 */
    LIQ_RATIO,     /* long to short, >= 0; the target gets the share of long */
    LIQ_TIME,      /* ms UTC; seconds where the row says so */
    LIQ_TIME_LEFT, /* ms from now; the target gets the time */
    LIQ_DURATION   /* ms, once scaled; an int64_t */
};

enum liq_field_flag {
    LIQ_REQUIRED = 1,  /* without it the response is not what it should be */
    LIQ_OTHERWISE = 2, /* only if the target is still absent */
    LIQ_CONTRACTS = 4, /* counted in contracts */
    LIQ_ABOVE_0 = 8    /* 0 means that it is not known */
};

/* target: a double of struct liq_found, an int64_t for times and durations.
 * scale: the value is multiplied by it; 0: 1. */
struct liq_field {
    const char *path; /* NULL ends a table */
    size_t target;
    enum liq_unit unit;
    unsigned flags;
    double scale;
};

/* --- requests ------------------------------------------------------------- */

/* A limit of the exchange: so much weight in so long. */
struct liq_pool {
    int limit;
    int64_t window_ms;
};

struct liq_query {
    char symbol[LIQ_SPELLING_SIZE]; /* as the exchange spells it */
    char base[LIQ_SYMBOL_SIZE];     /* ... and its base */
    const char *quote;              /* "USDT", "USDC", "USD" */
    double scale; /* its base units in one of ours: 1000PEPE is 1000 PEPE */
    const struct liq_interval *interval;
    int64_t now_ms, to_ms; /* to_ms 0: now */
    double contract_size;  /* NaN: not known */
    char cursor[200];      /* of the next page of a symbol list */
};

/* What a hook sees.  now_ms: the exchange's clock when the body came. */
struct liq_reading {
    const struct liq_exchange_row *row;
    const struct liq_query *query;
    const struct cJSON *root;
    int64_t now_ms;
};

enum liq_when { LIQ_LIVE = 1, LIQ_PAST = 2 };

/*
 * LISTING     LIQ_ENOTFOUND means that the symbol is not listed; read before
 *             candles
 * OTHER_HOST  of the row
 * LENT        says what the contract allows, and nothing else; other rows may
 *             borrow it
 * SPARE       left out rather than waited for when its limit is reached
 * SIZING      says the size of a contract; requested with an order book, too
 */
enum liq_endpoint_flag {
    LIQ_LISTING = 1,
    LIQ_OTHER_HOST = 2,
    LIQ_SPARE = 4,
    LIQ_LENT = 8,
    LIQ_SIZING = 16
};

/*
 * A request besides candles.
 *
 * name      for the warning when it fails; NULL: none
 * path      template (template.c); NULL ends a table
 * post      template of what is posted; NULL: GET
 * when      live, past or both; 0: not for a series
 * max_bytes 0: LIQ_SMALL_BYTES
 * keep_ms   a body this young is used again
 * stale_ms  when the request fails, one this young still gives the contract
 * data      where the fields are
 * time      data is a list of rows with their times here; the newest row not
 *           after the moment asked for is read
 * clock     path from the body's start: the exchange's time, ms
 * find      instead of data
 * finish    what no field can say; called after them
 */
struct liq_endpoint {
    const char *name, *path, *post;
    unsigned when, flags;
    int pool, weight;
    size_t max_bytes;
    int64_t keep_ms, stale_ms;
    const char *data, *time, *clock;
    const struct liq_field *field;
    const struct cJSON *(*find)(const struct liq_reading *r,
                                struct liq_reason *why);
    enum liq_err (*finish)(const struct liq_reading *r,
                           const struct cJSON *item, struct liq_found *out,
                           struct liq_reason *why);
};

/* --- candles -------------------------------------------------------------- */

/*
 * ms      length of a candle
 * name    how the exchange spells it; NULL: as we do
 * engine  what the model runs on when this is shown; 0: never shown
 * reach   how many of the newest candles candles[0] knows; 0: all there are
 * depth   how many of the newest the exchange gives at all, or we request; 0:
 *         all there are.  The series then begins there.
 */
struct liq_interval {
    int64_t ms; /* 0 ends a table */
    const char *name;
    int64_t engine_ms;
    int reach, depth;
};

/*
 * Where candles come from.  path NULL: no such endpoint.  size[]: what pages of
 * so many rows cost, the cheapest first; a page takes the first that holds it.
 * span_ms: the longest range of one page; 0: any.  most_pages: at most so many
 * in one fetch, the oldest are given up and the series begins later; 0: any
 * number.  fallback_rows: some servers give this many at most; once a page came
 * back with so many, pages are no larger; 0: all give what is documented.
 */
struct liq_candle_endpoint {
    const char *path, *post;
    int pool, most_pages, fallback_rows;
    int64_t span_ms;
    struct {
        int rows, weight;
    } size[LIQ_PAGE_SIZES];
};

enum liq_column {
    LIQ_OPEN_TIME,
    LIQ_OPEN,
    LIQ_HIGH,
    LIQ_LOW,
    LIQ_CLOSE,
    LIQ_VOLUME,       /* base units, or contracts */
    LIQ_QUOTE_VOLUME, /* NULL: volume x typical price */
    LIQ_TAKER_BUY,    /* as volume; NULL: not said */
    LIQ_COLUMNS
};

/* --- the order book ------------------------------------------------------- */

/*
 * request      its path NULL: there is none, or its shape is not established.
 *              LIQ_LISTING, so that nothing of it is left out
 * bids, asks   paths of the two sides, from where request.data leads; in any
 *              order
 * price, size  paths in a level of a side
 * contracts    sizes are contracts, of the size that the endpoint with
 *              LIQ_SIZING says, or the row
 * used_ms      for how long it is used
 */
struct liq_depth_table {
    struct liq_endpoint request;
    const char *bids, *asks, *price, *size;
    bool contracts;
    int64_t used_ms;
};

/*
 * Executed liquidations.
 *
 * request    its path NULL: there is none.  LIQ_LISTING, so that nothing of it
 *            is left out; <since> is an hour ago
 * time, price, size  paths in a row
 * side       path; NULL: of a closed long the size is above 0
 * long_side  what side is when a long was closed
 * quote      size is quote currency; else contracts, or base units
 * sampled    not all are reported
 */
struct liq_liquidation_table {
    struct liq_endpoint request;
    const char *time, *price, *size, *side, *long_side;
    bool quote, contracts, sampled;
};

/* What most are used for: twelve requests a minute for each symbol. */
#define LIQ_DEPTH_MS 5000

/* --- symbols -------------------------------------------------------------- */

/* The value at path is one of "A|B|C"; an empty one stands for absent. */
struct liq_condition {
    const char *path, *is; /* path NULL ends a table */
};

#define LIQ_CONDITIONS 5

/*
 * name    path of the exchange's name of the symbol
 * tick    path of the smallest price step; or compute it: index is that of the
 *         item in its list
 * cursor  path from the body's start to what <cursor> is on the next page;
 * NULL: there is one page
 */
struct liq_symbol_table {
    struct liq_endpoint endpoint;
    struct liq_condition condition[LIQ_CONDITIONS];
    const char *name, *tick, *cursor;
    double (*compute_tick)(const struct cJSON *root, const struct cJSON *item,
                           size_t index);
};

/* Our name of a base and the exchange's; a * at both ends stands for letters.
 * scale: its base units in one of ours; 0: 1. */
struct liq_alias {
    const char *base, *there; /* base NULL ends a table */
    double scale;
};

/* Limits of a contract that only customers of the exchange can request. */
struct liq_limits {
    const char *base; /* NULL ends a table */
    double max_leverage, maintenance_margin_rate;
};

/* An exchange with limits for the same coins, and the source to name then. */
struct liq_lender {
    const char *name, *source; /* name NULL ends a table */
};

/* --- errors --------------------------------------------------------------- */

/*
 * code     path of the code that says success or failure; NULL: none
 * good     the code of success; "": there is no code then
 * message  path of its text
 * data     path of the data
 * other    code and good of bodies that have no code; NULL: there are none
 */
struct liq_envelope {
    const char *code, *good, *message, *data, *other[2];
};

/* What an error is: the first rule that fits.  code: "A|B|C", NULL: any; says:
 * in the message, or in a body that is no JSON; NULL: anything.  wait_ms: for
 * how long nothing may be sent; 0: the row's default. */
struct liq_error_rule {
    const char *code, *says;
    enum liq_err kind; /* LIQ_OK ends a table */
    int64_t wait_ms;
};

/*
 * kind      LIQ_OK: the status says it all
 * wait_ms   for how long nothing may be sent; 0: the row's default
 * until_ms  ... or until when, on its clock; 0: not said
 */
struct liq_error {
    enum liq_err kind;
    int64_t wait_ms, until_ms;
    char message[128]; /* printable ASCII, "" when there is none */
};

enum liq_reset { LIQ_RESET_AFTER_MS, LIQ_RESET_AT_MS, LIQ_RESET_AT_S };

/* Names of response headers: weight spent in the window of pool 0; or what
 * remains of which limit, of the request's pool; when that ends. */
struct liq_headers {
    const char *used, *remain, *limit, *reset;
    enum liq_reset reset_is;
};

/* --- the row -------------------------------------------------------------- */

/*
 * info         its limit is pool 0, that of most requests
 * pool         pools 1, 2, ...: limits of single endpoints
 * spelling     of a symbol against USDT, "<base>-USDT-SWAP"
 * usdc         of one against USDC; NULL: it has none
 * column       paths in a row of candles (enum liq_column)
 * contracts    volume counts contracts; of an inverse row quote volume does
 * seconds      times are seconds, where they are not too large for that
 * both_sides   volumes of candles count buyers and sellers
 * inverse      contracts of so many dollars, margined in the coin; BTCUSDT
 *              stands for the one of bitcoin
 * open_end     a page without an end gives the oldest rows from its start on,
 *              or there are never more than the page holds: the newest page
 *              is requested without one
 * size         contract sizes where the exchange does not say (scale); NULL:
 *              everything is in base units
 * limits       those that are documented; NULL: none
 * lender       whose limits are taken where there are no others; NULL: nobody's
 * other_host   of the base URL, [0] is replaced by [1]; a URL without [0] is
 *              that of both hosts
 * read_error   what no rule can say, called after them; true: it is an error
 *              although the code is good
 * ..._wait_ms  how long to wait where the exchange does not say
 * funding_ms   between two payments where the exchange does not say; 0: not
 *              known
 * history_ms   how far back endpoints of the past reach; 0: for ever
 * history_end  warning for what lies before
 * past         warning for what is not known of the past; NULL: nothing
 * note         what is always in doubt; NULL: nothing
 */
struct liq_exchange_row {
    struct liq_exchange_info info;
    const char *kind;
    struct liq_pool pool[LIQ_POOLS - 1];
    const char *spelling, *usdc;
    const struct liq_alias *alias;
    const struct liq_interval *interval;
    struct liq_candle_endpoint candles[2]; /* newest candles, older ones */
    const char *column[LIQ_COLUMNS];
    bool contracts, seconds, both_sides, inverse, open_end;
    const struct liq_alias *size;
    const struct liq_limits *limits;
    const struct liq_lender *lender;
    const char *other_host[2];
    const struct liq_endpoint *endpoint;
    struct liq_endpoint clock;
    struct liq_symbol_table symbols;
    struct liq_depth_table depth;
    struct liq_liquidation_table liquidations;
    struct liq_envelope envelope;
    const struct liq_error_rule *error;
    bool (*read_error)(const struct cJSON *root, struct liq_error *out);
    struct liq_headers header;
    int64_t rate_wait_ms, ban_wait_ms, blocked_wait_ms;
    int64_t funding_ms, history_ms;
    const char *history_end, *past, *note;
};

/* Those that say the limits of contracts against USDT, the largest first. */
extern const struct liq_lender liq_lenders[];

/* NULL for a name that is none. */
const struct liq_exchange_row *liq_exchange_row(const char *name);
/* NULL when there is no memory. */
struct liq_exchange *liq_exchange_of(const struct liq_exchange_row *row,
                                     const struct liq_exchange_options *o);
/* A pool of the row, limit 0 beyond the last. */
struct liq_pool liq_pool_of(const struct liq_exchange_row *row, int pool);
/* NULL when the exchange has no candles of that length. */
const struct liq_interval *liq_row_interval(const struct liq_exchange_row *row,
                                            int64_t ms);

/* --- names.c -------------------------------------------------------------- */

/* Where a coin goes by itself that we count in thousands, as most exchanges
 * do: the end of an alias table. */
#define LIQ_PLAIN_NAMES                                                        \
    {"1000PEPE", "PEPE", 1000}, {"1000SHIB", "SHIB", 1000},                    \
        {"1000BONK", "BONK", 1000}, {"1000FLOKI", "FLOKI", 1000},              \
        {"1000LUNC", "LUNC", 1000}, {"1000XEC", "XEC", 1000},                  \
        {"1000SATS", "SATS", 1000}, {"1000RATS", "RATS", 1000},                \
    {                                                                          \
        NULL, NULL, 0                                                          \
    }

/* Our symbol as the exchange spells it, into q->symbol, q->base, q->quote and
 * q->scale; false: it has none. */
bool liq_name_there(const struct liq_exchange_row *row, const char *symbol,
                    struct liq_query *q);
/* The exchange's name of a symbol into *out, without a tick, and *scale; false
 * when that is no name of ours. */
bool liq_name_here(const struct liq_exchange_row *row, const char *there,
                   struct liq_symbol *out, double *scale);

/* --- liquidation.c -------------------------------------------------------- */

/* *is_long: a long was closed, as side is long_side in letters of any case.
 * False: it is neither "buy" nor "sell". */
bool liq_liquidation_side(const char *side, const char *long_side,
                          bool *is_long);

/* --- template.c ----------------------------------------------------------- */

/* Open times of [start_ms, end_ms], end_ms 0 for "up to the newest". */
struct liq_page {
    int64_t start_ms, end_ms;
    int rows, weight; /* what is requested, and what that costs */
    int endpoint;     /* of the row's candles[] */
};

/*
 * Fill the names of a template: <symbol> <base> <quote> <category> <interval>
 * <start> <before> <end> <after> <rows> <to> <since> <day> <cursor>: category
 * "linear" or "inverse", before and after one ms outside of the page, since an
 * hour before to, day and day_end 24 h before and after this hour; start_s,
 * end_s, to_s and since_s the same in seconds.  [...] is left out when a name
 * in it is 0 or "".  page may be NULL. False when it does not fit or a name is
 * unknown.
 */
bool liq_template_fill(const char *pattern, const struct liq_query *q,
                       const struct liq_page *page, char *out, size_t size);

#endif
