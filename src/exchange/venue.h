/*
 * What every exchange has in common: one row of data and a few parsers each,
 * and one core that asks, is patient, and puts the answers together.
 *
 *   venue_template.c  a path of the row into a URL
 *   venue_plan.c      which questions a fetch takes
 *   venue_gate.c      may we ask, and what time is it there
 *   venue_memo.c      answers that are good for a while
 *   venue_judge.c     what an answer means before it is read
 *   venue_job.c       asking everything at once
 *   venue_read.c      what the answers say together
 *   venue.c           struct liq_market
 *
 * A new exchange is one file with a struct liq_venue_row at its end, one line
 * in venues.c, answers of it in tests/fixtures/NAME and a test that includes
 * unit/market/venue_test.h; tests/fuzz/fuzz_venue.h makes its fuzzer.
 */
#ifndef LIQMAP_MARKET_VENUE_H
#define LIQMAP_MARKET_VENUE_H

#include <pthread.h>
#include <stdbool.h>
#include "common.h"
#include "liqmap/market.h"

#define LIQ_VENUE_URL_SIZE 512
#define LIQ_VENUE_POST_SIZE 256
#define LIQ_VENUE_SYMBOL_SIZE 48
#define LIQ_VENUE_PAGES_MAX 128
#define LIQ_VENUE_POOLS 10
#define LIQ_VENUE_SIZES 3
#define LIQ_VENUE_PARTS_MAX 8

/* The ceiling of every answer but candles and symbols, unless the row says. */
#define LIQ_VENUE_SMALL_BYTES (64 * 1024)

/* How old a row of a history may be to stand for a moment. */
#define LIQ_VENUE_HISTORY_AGE_MS INT64_C(3600000)

/* --- the row -------------------------------------------------------------- */

/*
 * ms      length of a candle
 * name    how the exchange spells it; NULL: as we do
 * engine  what the model runs on when this is shown; 0: never shown
 * reach   how many of the newest candles route[0] knows; 0: all there are
 * depth   how many of the newest the exchange gives at all, or we ask for; 0:
 *         all there are.  The series then begins there.
 */
struct liq_venue_interval {
    int64_t ms;
    const char *name;
    int64_t engine_ms;
    int reach, depth;
};

/*
 * Where candles come from.  path and post are templates (venue_template.c);
 * path NULL: no such route.  size[]: what pages of so many rows cost, the
 * cheapest first; a page takes the first that holds it.  span_ms: the longest
 * range of one page; 0: any.  most_pages: at most so many in one fetch, the
 * oldest are given up and the series begins later; 0: any number.
 */
struct liq_venue_route {
    const char *path, *post;
    int pool, most_pages;
    int64_t span_ms;
    struct {
        int rows, weight;
    } size[LIQ_VENUE_SIZES];
};

/* A limit of the exchange: so much weight in so long; pool[0] is that of most
 * questions, others are of single routes. */
struct liq_venue_pool {
    int limit;
    int64_t window_ms;
};

struct liq_venue_query {
    const char *base_url;
    char symbol[LIQ_VENUE_SYMBOL_SIZE]; /* as the exchange spells it */
    const struct liq_venue_interval *interval;
    int64_t now_ms, to_ms; /* to_ms 0: now */
    double multiplier;     /* base units per contract; NaN: not known */
};

/* What the parts of a fetch tell; all absent at first. */
struct liq_venue_found {
    struct liq_ticker ticker;
    struct liq_statistics statistics;
    double multiplier;
};

/*
 * Readers get body[len], which need not end in a NUL.  LIQ_EFORMAT with *why
 * when it is not that answer; LIQ_ENOTFOUND when the exchange says that there
 * is nothing.  On failure *out is unchanged; a kline reader may have added
 * rows.  A number that is missing, empty, null or out of its range is absent.
 */
typedef enum liq_err liq_venue_klines_fn(const char *body, size_t len,
                                         const struct liq_venue_query *q,
                                         struct liq_kline_list *out,
                                         struct liq_reason *why);
typedef enum liq_err liq_venue_part_fn(const char *body, size_t len,
                                       const struct liq_venue_query *q,
                                       struct liq_venue_found *out,
                                       struct liq_reason *why);
typedef enum liq_err liq_venue_symbols_fn(const char *body, size_t len,
                                          struct liq_symbols *out,
                                          struct liq_reason *why);
/* The exchange's time, ms; false when the answer does not tell. */
typedef bool liq_venue_time_fn(const char *body, size_t len, int64_t *out);

/*
 * kind      LIQ_OK: the status says it all
 * wait_ms   how long to leave the exchange alone; 0: the row's default
 * until_ms  ... or until when, on its clock; 0: not said
 */
struct liq_venue_error {
    enum liq_err kind;
    int64_t wait_ms, until_ms;
    char message[128]; /* printable ASCII, "" when there is none */
};
/* What an error body says; true when it is one even with status 200. */
typedef bool liq_venue_error_fn(const char *body, size_t len,
                                struct liq_venue_error *out);

enum liq_venue_when { LIQ_VENUE_LIVE = 1, LIQ_VENUE_PAST = 2 };

/* clock: its answer tells the exchange's time.  listing: its LIQ_ENOTFOUND
 * means that the symbol is not listed; read before candles.  elsewhere: on the
 * row's other host. */
enum liq_venue_flag {
    LIQ_VENUE_CLOCK = 1,
    LIQ_VENUE_LISTING = 2,
    LIQ_VENUE_ELSEWHERE = 4
};

/*
 * A question besides candles.
 *
 * name     for the warning when it fails; NULL: none
 * when     live, past or both
 * keep_ms  an answer this young to the same question is used again
 * read     NULL: only its time counts
 */
struct liq_venue_part {
    const char *name, *path, *post;
    unsigned when, flags;
    int pool, weight;
    size_t max_bytes; /* 0: LIQ_VENUE_SMALL_BYTES */
    int64_t keep_ms;
    liq_venue_part_fn *read;
};

enum liq_venue_reset { LIQ_RESET_AFTER_MS, LIQ_RESET_AT_MS, LIQ_RESET_AT_S };

/*
 * open_end     a page without an end gives the oldest rows from its start on,
 *              or there are never more than the page holds: the newest page
 *              is asked for without one
 * spell        our symbol in the exchange's spelling; false: it has none
 * fallback     base units per contract as of old, where the exchange does not
 *              say; NULL: candles and open interest come in base units
 * used_header  weight spent in the window of pool[0]; or remain_header and
 *              limit_header, of the pool asked from
 * history_ms   how far back parts of the past reach; 0: for ever
 * history_end  warning for what lies before
 * past         warning for what is not known of the past; NULL: nothing
 * ..._wait_ms  how long to wait where the exchange does not say
 */
struct liq_venue_row {
    const char *name, *kind, *base_url;
    const struct liq_venue_interval *interval; /* ends with ms 0 */
    struct liq_venue_pool pool[LIQ_VENUE_POOLS];
    struct liq_venue_route route[2]; /* newest candles, older ones */
    bool open_end;
    bool (*spell)(const char *symbol, char out[LIQ_VENUE_SYMBOL_SIZE]);
    double (*fallback)(const char *symbol);
    void (*elsewhere)(const char *base_url, char out[LIQ_VENUE_URL_SIZE]);
    const struct liq_venue_part *part; /* ends with path NULL */
    struct liq_venue_part time, symbols;
    liq_venue_klines_fn *klines;
    liq_venue_symbols_fn *read_symbols;
    liq_venue_time_fn *read_time;
    liq_venue_error_fn *read_error;
    const char *used_header, *remain_header, *limit_header, *reset_header;
    enum liq_venue_reset reset;
    int64_t rate_wait_ms, ban_wait_ms, blocked_wait_ms;
    int64_t history_ms;
    const char *history_end, *past;
};

extern const struct liq_venue_row liq_row_binance, liq_row_binance_spot,
    liq_row_bybit, liq_row_okx, liq_row_bitget, liq_row_gate, liq_row_kucoin,
    liq_row_hyperliquid;

/* BTCUSDT as it is. */
bool liq_venue_spell_plain(const char *symbol, char out[LIQ_VENUE_SYMBOL_SIZE]);
/* The base of a symbol against USDT and what the exchange puts behind it;
 * false for other symbols. */
bool liq_venue_spell_base(const char *symbol, const char *suffix,
                          char out[LIQ_VENUE_SYMBOL_SIZE]);

/* --- venue_template.c ----------------------------------------------------- */

/* Open times of [start_ms, end_ms], end_ms 0 for "up to the newest". */
struct liq_venue_page {
    int64_t start_ms, end_ms;
    int rows, weight; /* what is asked for, and what that costs */
    int route;
};

/*
 * Fill the names of a template: <symbol> <interval> <start> <before> <end>
 * <after> <rows> <to> <since> <day>, before and after one ms outside of the
 * page, since an hour before to, day and day_end 24 h before and after this
 * hour; start_s, end_s, to_s and since_s the same in seconds.  [...] is left
 * out when a name in it is 0.  page may be NULL.  False when it does not fit or
 * a name is unknown.
 */
bool liq_venue_expand(const char *pattern, const struct liq_venue_query *q,
                      const struct liq_venue_page *page, char *out,
                      size_t size);

/* --- venue_gate.c --------------------------------------------------------- */

/*
 * What every answer teaches about the exchange; its fields are the gate's own
 * and change under its lock.
 *
 * pool       what we may spend in the exchange's window, and have spent
 * offset_ms  exchange clock minus our monotonic clock
 * shut_...   until when (monotonic) no call is made, and why
 */
struct liq_venue_gate {
    const struct liq_clock *clock;
    pthread_mutex_t lock;
    struct {
        int64_t ceiling, window_ms, window, spent;
    } pool[LIQ_VENUE_POOLS];
    bool clock_known;
    int64_t offset_ms;
    int64_t shut_until_ms;
    struct liq_reason shut;
};

/*
 * budget: what we allow ourselves of pool[0]; 0: half.  The other pools shrink
 * alike.  Windows are ours, not theirs: so a ceiling of half can never be more
 * than the whole in any of theirs.
 */
void liq_venue_gate_init(struct liq_venue_gate *g,
                         const struct liq_clock *clock,
                         const struct liq_venue_pool *pool, int budget);
void liq_venue_gate_free(struct liq_venue_gate *g);
/* Book cost[LIQ_VENUE_POOLS], all or nothing, before asking.  LIQ_OK; or the
 * reason the gate is shut, or LIQ_ERATE when a budget would be passed: then
 * nothing may be sent, and why->retry_after_ms says for how long; LIQ_ELIMIT
 * when waiting would not help.  background: the last quarter of every budget
 * is for others. */
LIQ_MUST_CHECK enum liq_err liq_venue_gate_enter(struct liq_venue_gate *g,
                                                 const int *cost,
                                                 bool background,
                                                 struct liq_reason *why);
/* The same for one pool. */
LIQ_MUST_CHECK enum liq_err liq_venue_gate_enter_pool(struct liq_venue_gate *g,
                                                      int pool, int weight,
                                                      bool background,
                                                      struct liq_reason *why);
/* Make no call for wait_ms (a longer wait already set stays). */
void liq_venue_gate_shut(struct liq_venue_gate *g, int64_t wait_ms,
                         const struct liq_reason *why);
/* The exchange's clock was within low_ms .. high_ms at some moment between
 * asked_ms (monotonic) and now. */
void liq_venue_gate_learn_time(struct liq_venue_gate *g, int64_t low_ms,
                               int64_t high_ms, int64_t asked_ms);
/* The exchange counted `used` weight in the window of date_ms (0: not said). */
void liq_venue_gate_learn_weight(struct liq_venue_gate *g, int pool,
                                 int64_t used, int64_t date_ms);
/* The exchange's clock now, 0 when no answer told it yet. */
int64_t liq_venue_gate_now(struct liq_venue_gate *g);

/* --- venue_memo.c --------------------------------------------------------- */

#define LIQ_VENUE_MEMOS 64

struct liq_venue_memo {
    pthread_mutex_t lock;
    struct {
        char *key; /* NULL: free */
        void *bytes;
        size_t n;
        int64_t put_ms;
    } slot[LIQ_VENUE_MEMOS];
};

void liq_venue_memo_init(struct liq_venue_memo *m);
void liq_venue_memo_free(struct liq_venue_memo *m);
/* Remember bytes[n]; without memory, or when there are too many, not. */
void liq_venue_memo_put(struct liq_venue_memo *m, const char *key,
                        const void *bytes, size_t n, int64_t now_ms);
/* Append what is not older than max_age_ms to out; false when there is none. */
bool liq_venue_memo_get(struct liq_venue_memo *m, const char *key,
                        int64_t now_ms, int64_t max_age_ms,
                        struct liq_buf *out);

/* --- the market ----------------------------------------------------------- */

struct liq_venue_market {
    struct liq_market market; /* first, so that the two addresses are one */
    const struct liq_venue_row *row;
    struct liq_http *http; /* borrowed */
    const struct liq_clock *clock;
    char *base_url;                     /* owned */
    char elsewhere[LIQ_VENUE_URL_SIZE]; /* base URL of the other host */
    struct liq_venue_gate gate;
    struct liq_venue_memo memo;
};

/* NULL when there is no memory. */
struct liq_market *liq_venue_new(const struct liq_venue_row *row,
                                 const struct liq_venue_options *o);
/* NULL when the exchange has no candles of that length. */
const struct liq_venue_interval *
liq_venue_interval(const struct liq_venue_row *row, int64_t ms);

/* --- venue_judge.c -------------------------------------------------------- */

/* What an answer, good or bad, tells about the exchange's clock; asked_ms: when
 * it was asked for, monotonic.  True when it says the time.  The Date header
 * is cut to seconds and may be a proxy's, so it only stands in. */
bool liq_venue_learn_time(struct liq_venue_market *v,
                          const struct liq_http_response *r, int64_t asked_ms);
void liq_venue_learn_date(struct liq_venue_market *v,
                          const struct liq_http_response *r, int64_t asked_ms);
/* ... and about the weight that it counts on us. */
void liq_venue_learn_weight(struct liq_venue_market *v,
                            const struct liq_http_response *r, int pool);
/* LIQ_OK when r is an answer worth parsing; else *why, and the gate is shut if
 * the exchange wants to be left alone. */
enum liq_err liq_venue_judge(struct liq_venue_market *v,
                             const struct liq_http_response *r,
                             struct liq_reason *why);

/* --- one fetch: venue_plan.c, venue_job.c, venue_read.c ------------------- */

struct liq_venue_call {
    const struct liq_venue_part *part; /* NULL: a page of candles */
    int pool, weight;
    bool settled; /* needs no asking: remembered, or not allowed */
    char url[LIQ_VENUE_URL_SIZE], post[LIQ_VENUE_POST_SIZE];
    struct liq_http_response response;
    struct liq_reason verdict; /* code LIQ_OK: worth parsing */
};

struct liq_venue_job {
    struct liq_venue_query query;
    struct liq_venue_call *call; /* [n] owned, candle pages first */
    size_t n, n_page;
    int64_t from_ms; /* the oldest open time asked for */
    int64_t last_ms; /* the newest */
    bool background;
    bool history_gone; /* the exchange does not reach back that far */
    bool told;         /* an answer said the exchange's time */
};

/*
 * Cut the open times from_ms .. last_ms (multiples of the interval, from_ms <=
 * last_ms) into pages that do not overlap, at the least weight.  open: the last
 * page has room for candles that open meanwhile.  Returns how many were put
 * into page[LIQ_VENUE_PAGES_MAX], 0 when there is no room.
 */
size_t liq_venue_pages(const struct liq_venue_row *row,
                       const struct liq_venue_interval *interval,
                       int64_t from_ms, int64_t last_ms, int64_t now_ms,
                       bool open, struct liq_venue_page *page);

/* Which questions the (valid) ask takes at now_ms of the exchange's clock.  *j
 * must go to liq_venue_job_free, also on failure. */
LIQ_MUST_CHECK enum liq_err liq_venue_job_plan(struct liq_venue_market *v,
                                               const struct liq_market_ask *ask,
                                               int64_t now_ms,
                                               struct liq_venue_job *j,
                                               struct liq_reason *why);
/* Ask them all in parallel, lost candle pages once more.  An error only when
 * nothing could be asked; each call's verdict says how it went. */
LIQ_MUST_CHECK enum liq_err liq_venue_job_ask(struct liq_venue_market *v,
                                              struct liq_venue_job *j,
                                              int64_t deadline_ms,
                                              struct liq_reason *why);
/* Fill out (all absent before) with all but server_ms.  LIQ_OK when the candles
 * came. */
LIQ_MUST_CHECK enum liq_err liq_venue_job_read(struct liq_venue_market *v,
                                               struct liq_venue_job *j,
                                               const struct liq_market_ask *ask,
                                               struct liq_market_answer *out,
                                               struct liq_reason *why);
void liq_venue_job_free(struct liq_venue_job *j);

#endif
