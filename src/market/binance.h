/* Between the files of the Binance market. */
#ifndef LIQMAP_MARKET_BINANCE_H
#define LIQMAP_MARKET_BINANCE_H

#include <pthread.h>
#include <stdbool.h>
#include "liqmap/market.h"

/* --- binance_url.c: what is asked, and what it costs ---------------------- */

#define LIQ_BINANCE_URL_SIZE 512
#define LIQ_BINANCE_PAGES_MAX 128

/* One answer's worth of candles: open times of [start_ms, end_ms], end_ms 0
 * for "up to the newest". */
struct liq_binance_page {
    int64_t start_ms, end_ms;
    int limit;
};

/* Request weight of a kline page of `limit` rows, 1 .. 1500. */
int liq_binance_kline_weight(int limit);

/*
 * Cut the open times from_ms .. last_ms (multiples of interval_ms, from_ms <=
 * last_ms) into pages that do not overlap, at the least weight.  open: the last
 * page has no end and room for candles that open meanwhile.  Returns how many
 * were put into page[LIQ_BINANCE_PAGES_MAX], 0 when there is no room.
 */
size_t liq_binance_pages(int64_t from_ms, int64_t last_ms, int64_t interval_ms,
                         bool open, struct liq_binance_page *page);

/* URLs, each false when it does not fit.  symbol is valid, interval_ms has a
 * name. */
bool liq_binance_url_klines(char out[LIQ_BINANCE_URL_SIZE], const char *base,
                            const char *symbol, int64_t interval_ms,
                            const struct liq_binance_page *page);
/* path?symbol=SYMBOL, or the path alone when symbol is NULL. */
bool liq_binance_url_plain(char out[LIQ_BINANCE_URL_SIZE], const char *base,
                           const char *path, const char *symbol);
/* The newest 5-minute rows of a /futures/data route, up to to_ms if not 0. */
bool liq_binance_url_data(char out[LIQ_BINANCE_URL_SIZE], const char *base,
                          const char *path, const char *symbol, int64_t to_ms);

/* --- binance_parse.c: what is answered ------------------------------------ */

/*
 * Each reads body[len], which need not end in a NUL.  LIQ_EFORMAT with *why
 * when it is not that answer; *out is then unchanged.  A number that is
 * missing, empty, null or out of its range is absent (NaN, 0 for times), and
 * where nothing at all is left of the answer that is LIQ_EFORMAT too.
 */
enum liq_err liq_binance_parse_klines(const char *body, size_t len,
                                      struct liq_klines *out,
                                      struct liq_reason *why);
enum liq_err liq_binance_parse_time(const char *body, size_t len, int64_t *out,
                                    struct liq_reason *why);
enum liq_err liq_binance_parse_ticker(const char *body, size_t len,
                                      struct liq_ticker *out,
                                      struct liq_reason *why);
enum liq_err liq_binance_parse_open_interest(const char *body, size_t len,
                                             double *out,
                                             struct liq_reason *why);
/* Sets mark_price, funding_rate and next_funding_ms. */
enum liq_err liq_binance_parse_premium(const char *body, size_t len,
                                       struct liq_statistics *out,
                                       struct liq_reason *why);
/* The newest row not after to_ms (0: the newest).  LIQ_ENOTFOUND when there is
 * none or it is older than max_age_ms before to_ms. */
enum liq_err liq_binance_parse_ratio(const char *body, size_t len,
                                     int64_t to_ms, int64_t max_age_ms,
                                     double *long_share,
                                     struct liq_reason *why);
enum liq_err liq_binance_parse_open_interest_hist(const char *body, size_t len,
                                                  int64_t to_ms,
                                                  int64_t max_age_ms,
                                                  double *base, double *quote,
                                                  struct liq_reason *why);
enum liq_err liq_binance_parse_symbols(const char *body, size_t len,
                                       struct liq_symbols *out,
                                       struct liq_reason *why);

/* What an error body says; true when it is one. */
struct liq_binance_error {
    int code;                /* -1121, 0 when there is none */
    bool maintenance;        /* the exchange is closed for now */
    char message[128];       /* printable ASCII, "" when there is none */
    int64_t banned_until_ms; /* of a -1003 message; 0 when it says none */
};
bool liq_binance_parse_error(const char *body, size_t len,
                             struct liq_binance_error *out);

/* --- binance_gate.c: may we ask, and what time is it there? --------------- */

/*
 * What every answer teaches about the exchange; its fields are the gate's own
 * and change under its lock.
 *
 * offset_ms  exchange clock minus our monotonic clock
 * minute     the exchange's minute that weight was spent in
 * shut_...   until when (monotonic) no call is made, and why
 */
struct liq_binance_gate {
    const struct liq_clock *clock;
    int weight_per_minute;
    pthread_mutex_t lock;
    bool clock_known;
    int64_t offset_ms;
    int64_t minute;
    int64_t weight;
    int64_t shut_until_ms;
    struct liq_reason shut;
};

void liq_binance_gate_init(struct liq_binance_gate *g,
                           const struct liq_clock *clock,
                           int weight_per_minute);
void liq_binance_gate_free(struct liq_binance_gate *g);

/* Book `weight` before asking.  LIQ_OK; or the reason the gate is shut, or
 * LIQ_ERATE when this minute's budget would be passed: then nothing may be
 * sent, and why->retry_after_ms says for how long. */
LIQ_MUST_CHECK enum liq_err liq_binance_gate_enter(struct liq_binance_gate *g,
                                                   int weight,
                                                   struct liq_reason *why);
/* Make no call for wait_ms (a longer wait already set stays). */
void liq_binance_gate_shut(struct liq_binance_gate *g, int64_t wait_ms,
                           const struct liq_reason *why);
/* The exchange's clock was within low_ms .. high_ms at some moment between
 * asked_ms (monotonic) and now. */
void liq_binance_gate_learn_time(struct liq_binance_gate *g, int64_t low_ms,
                                 int64_t high_ms, int64_t asked_ms);
/* The exchange counted `used` weight in the minute of date_ms (0: not said). */
void liq_binance_gate_learn_weight(struct liq_binance_gate *g, int64_t used,
                                   int64_t date_ms);
/* The exchange's clock now, 0 when no answer told it yet. */
int64_t liq_binance_gate_now(struct liq_binance_gate *g);

/* --- the market itself ---------------------------------------------------- */

struct liq_binance {
    struct liq_market market; /* first, so that the two addresses are one */
    struct liq_http *http;    /* borrowed */
    const struct liq_clock *clock;
    char *base_url; /* owned */
    struct liq_binance_gate gate;
};

/* The ceiling of every answer but candles and symbols. */
#define LIQ_BINANCE_SMALL_BYTES (64 * 1024)

/* --- binance_judge.c: what one answer means ------------------------------ */

/* What an answer, good or bad, tells about the exchange's clock; asked_ms: when
 * it was asked for, monotonic.  True when it has a serverTime.  The Date header
 * is cut to seconds and may be a proxy's, so it only stands in. */
bool liq_binance_learn_time(struct liq_binance *b,
                            const struct liq_http_response *r,
                            int64_t asked_ms);
void liq_binance_learn_date(struct liq_binance *b,
                            const struct liq_http_response *r,
                            int64_t asked_ms);
/* ... and about the weight that it counts on us. */
void liq_binance_learn_weight(struct liq_binance *b,
                              const struct liq_http_response *r);
/* LIQ_OK when r is an answer worth parsing; else *why, and the gate is shut if
 * the exchange wants to be left alone. */
enum liq_err liq_binance_judge(struct liq_binance *b,
                               const struct liq_http_response *r,
                               struct liq_reason *why);

/* --- binance_job.c: one fetch -------------------------------------------- */

enum liq_binance_part {
    PART_KLINES,
    PART_TIME,
    PART_TICKER,
    PART_OPEN_INTEREST,
    PART_OPEN_INTEREST_HIST,
    PART_PREMIUM,
    PART_RATIO
};

struct liq_binance_call {
    enum liq_binance_part part;
    int weight;
    char url[LIQ_BINANCE_URL_SIZE];
    struct liq_http_response response;
    struct liq_reason verdict; /* code LIQ_OK: worth parsing */
};

struct liq_binance_job {
    struct liq_binance_call *call; /* [n] owned, candle pages first */
    size_t n, n_page;
    int weight;
    int64_t last_ms;    /* the newest open time asked for */
    int64_t history_ms; /* statistics as of then; 0: of now */
    bool history_gone;  /* the exchange does not reach back that far */
};

/* Which questions the (valid) ask takes at now_ms of the exchange's clock.  *j
 * must go to liq_binance_job_free, also on failure. */
LIQ_MUST_CHECK enum liq_err
liq_binance_job_plan(struct liq_binance *b, const struct liq_market_ask *ask,
                     int64_t now_ms, struct liq_binance_job *j,
                     struct liq_reason *why);
/* Ask them all in parallel, lost candle pages once more.  An error only when
 * nothing could be asked; each call's verdict says how it went. */
LIQ_MUST_CHECK enum liq_err liq_binance_job_ask(struct liq_binance *b,
                                                struct liq_binance_job *j,
                                                int64_t deadline_ms,
                                                struct liq_reason *why);
/* Fill out (all absent before) with all but server_ms.  LIQ_OK when the candles
 * came. */
LIQ_MUST_CHECK enum liq_err
liq_binance_job_read(const struct liq_binance_job *j,
                     const struct liq_market_ask *ask,
                     struct liq_market_answer *out, struct liq_reason *why);
void liq_binance_job_free(struct liq_binance_job *j);

#endif
