/* One fetch while it is under way: its requests and what came of them. */
#ifndef LIQMAP_EXCHANGE_PLAN_H
#define LIQMAP_EXCHANGE_PLAN_H

#include "common.h"
#include "limiter.h"
#include "table.h"

#include <stdatomic.h>

/* An exchange that is reached over HTTP; what changes in it is the limiter's.
 */
struct liq_live_exchange {
    struct liq_exchange x; /* first, so that the two addresses are one */
    const struct liq_exchange_row *row;
    struct liq_http *http; /* borrowed, as the next three */
    struct liq_cache *cache;
    struct liq_work *work;
    const struct liq_clock *clock;
    char *base_url, *other_url;  /* owned */
    struct liq_limiter own;      /* unused when it shares another's */
    struct liq_limiter *limiter; /* own, or that of the same host */
    liq_observe_fn *observe;     /* NULL: there is no observer */
    void *observe_arg;
    struct liq_exchange *const *lenders; /* borrowed; ends with NULL */
    atomic_bool short_pages; /* fallback_rows is all that is given */
    atomic_uint_least64_t good, failed, took_ms; /* of requests */

    struct liq_lock share_lock;  /* of leading, and of what share.c links */
    struct liq_request *leading; /* requests that others may follow */
};

/* --- documents ------------------------------------------------------------ */

/* A parsed body that is good for a while; in the cache, and never changed.
 * at_ms: the exchange's clock when it came. */
struct liq_document {
    struct liq_item item; /* first */
    struct cJSON *root;   /* owned */
    int64_t at_ms;
};

struct liq_plan;

/* Where the document of an endpoint is kept: by its symbol, if its URL names
 * one. */
struct liq_key liq_document_key(const struct liq_plan *p,
                                const struct liq_endpoint *e);

/* --- requests ------------------------------------------------------------- */

/*
 * endpoint  NULL: a page of candles
 * rows      of a page: how many candles it covers, and of its endpoint
 *           fallback_rows
 * send      false: not to be sent, because a document will do, or because why
 *           says so
 * root      what was parsed: owned, or of the document
 * document  a reference, fresh or, when the request failed, an older one
 * at_ms     the exchange's clock when root came
 * why       code LIQ_OK: root is worth reading
 * plan..next_follower  share.c's
 * sent..page  what liq_observe_requests reports; read: what came of reading
 * root
 */
struct liq_request {
    const struct liq_endpoint *endpoint;
    int pool, weight, rows, fallback_rows;
    bool send;
    char url[LIQ_URL_SIZE], post[LIQ_POST_SIZE];
    struct cJSON *root;
    struct liq_document *document;
    int64_t at_ms;
    struct liq_reason why;

    struct liq_plan *plan;
    bool leads;
    struct liq_request *next_leading, *followers, *next_follower;

    bool sent;
    int64_t used, clock_ms;
    char absent[120];
    struct liq_observed_page page;
    struct liq_reason read;
};

/* A response of the batch, which is parsed while others are on their way. */
struct liq_arrival {
    struct liq_task task;
    struct liq_plan *plan;
    struct cJSON *root; /* owned until it is judged; NULL: it is no JSON */
};

/*
 * query..history_gone  what liq_plan_series decided
 * pick                 which requests are in the batch
 * left, parsed         how many responses, and the batch's end, are not there
 *                      and parsed yet; what to do then
 * sent_ms              monotonic
 * next                 what to do when the batch has been judged
 */
struct liq_plan {
    struct liq_live_exchange *x;
    struct liq_fetch *fetch;
    struct liq_query query;
    struct liq_request *request; /* [n] owned, pages of candles first */
    size_t n, n_page;
    int64_t from_ms, last_ms; /* the oldest and newest open time wanted */
    bool history_gone;        /* the exchange does not reach back that far */
    int list_pages;           /* of the symbol list so far */
    int64_t age_ms; /* of what is live and another host got; the oldest */

    struct liq_http_batch batch;
    struct liq_http_request *out; /* [n] owned */
    struct liq_http_response *in; /* [n] owned */
    size_t *pick;                 /* [batch.n] owned */
    struct liq_arrival *arrival;  /* [n] owned */
    atomic_size_t left;
    void (*parsed)(struct liq_plan *p);
    struct liq_task wait;
    int64_t sent_ms;
    size_t n_awaited; /* share.c's: what must be there before next */
    /* borrow.c's: whom to ask next, what was asked and lent, and then */
    size_t lender;
    bool lender_failed;
    struct liq_fetch loan;
    struct liq_contract lent; /* source NULL: nothing */
    void (*lent_to)(struct liq_plan *p);
    struct liq_reason failed; /* code not LIQ_OK: nothing could be sent */
    void (*next)(struct liq_plan *p);
};

/* NULL when there is no memory. */
struct liq_plan *liq_plan_new(struct liq_live_exchange *x, struct liq_fetch *f);
void liq_plan_free(struct liq_plan *p);

/* Plan one request, in place of what was planned before. */
LIQ_MUST_CHECK enum liq_err liq_plan_one(struct liq_plan *p,
                                         const struct liq_endpoint *endpoint,
                                         struct liq_reason *why);
/* Whether the symbol list goes on after the page just read; the next is then
 * what liq_plan_one plans. */
bool liq_plan_has_more(struct liq_plan *p);
/* Plan the request for what the contract allows; LIQ_ENOTFOUND where the
 * exchange does not say, or has no such symbol. */
LIQ_MUST_CHECK enum liq_err liq_plan_limits(struct liq_plan *p,
                                            struct liq_reason *why);
/* Plan the order book, and what says the size of a contract where no document
 * does; LIQ_ENOTFOUND where the exchange gives none or has no such symbol. */
LIQ_MUST_CHECK enum liq_err liq_plan_depth(struct liq_plan *p,
                                           struct liq_reason *why);
/* The same for executed liquidations. */
LIQ_MUST_CHECK enum liq_err liq_plan_liquidations(struct liq_plan *p,
                                                  struct liq_reason *why);
/* Plan a series at now_ms of the exchange's clock, with what documents say
 * already. */
LIQ_MUST_CHECK enum liq_err liq_plan_series(struct liq_plan *p, int64_t now_ms,
                                            struct liq_reason *why);

/*
 * Cut the open times from_ms .. last_ms (multiples of the interval, from_ms <=
 * last_ms) into pages that do not overlap, at the least weight.  open: the last
 * page has room for candles that open meanwhile.  fallback: no page has more
 * than its fallback_rows.  Returns how many were put
 * into page[LIQ_PAGES_MAX], 0 when there is no room.
 */
size_t liq_plan_pages(const struct liq_exchange_row *row,
                      const struct liq_interval *interval, int64_t from_ms,
                      int64_t last_ms, int64_t now_ms, bool open, bool fallback,
                      struct liq_page *page);
/* Whether a page came back cut to fallback_rows. */
bool liq_plan_is_short(const struct liq_plan *p);

/* --- fetch.c -------------------------------------------------------------- */

/* struct liq_exchange's fetch, of one over HTTP. */
void liq_fetch_begin(struct liq_exchange *x, struct liq_fetch *f);

/* Send what is to be sent, when the limits allow it; then next. */
void liq_plan_send(struct liq_plan *p, void (*next)(struct liq_plan *p));
/* The outcome, with why unless err is LIQ_OK; frees the plan. */
void liq_plan_finish(struct liq_plan *p, enum liq_err err,
                     const struct liq_reason *why);

/* --- age.c ---------------------------------------------------------------- */

/* How old a response of another host may be for request i; 0: as old as is good
 * for what is live. */
int64_t liq_max_age_ms(const struct liq_plan *p, size_t i);

/* --- depth.c -------------------------------------------------------------- */

/* A fetch of an order book, from its start to its outcome. */
void liq_depth_begin(struct liq_plan *p);
/* Both sides as base units at prices of ours; base: how many a size of 1 is.
 * On failure *out is empty. */
LIQ_MUST_CHECK enum liq_err liq_read_depth(const struct liq_reading *r,
                                           double base, struct liq_depth *out,
                                           struct liq_reason *why);

/* How many base units a size of 1 is: of contracts by the first request, or by
 * the row where that failed. */
LIQ_MUST_CHECK enum liq_err liq_depth_base(struct liq_plan *p, bool contracts,
                                           double *base,
                                           struct liq_reason *why);

/* --- liquidation.c -------------------------------------------------------- */

/* A fetch of executed liquidations, from its start to its outcome; the
 * exchange's clock is known. */
void liq_liquidations_begin(struct liq_plan *p);

/* --- share.c -------------------------------------------------------------- */

/* Of the requests to be sent, follow those that are under way already; they
 * are not to be sent then. */
void liq_share_follow(struct liq_plan *p);
/* What is still to be sent will be: others may follow it. */
void liq_share_lead(struct liq_plan *p);
/* The plan's batch has ended, or there is none: give followers what came of
 * it.  true: the plan has all it followed, too; else its p->wait is posted when
 * it has. */
bool liq_share_end(struct liq_plan *p);

/* --- borrow.c ------------------------------------------------------------- */

/* Find limits for p->lent where the exchange itself does not say them, then
 * next. */
void liq_borrow(struct liq_plan *p, void (*next)(struct liq_plan *p));

/* --- judge.c -------------------------------------------------------------- */

/* What a body says about success; false: it is no error. */
bool liq_judge_body(const struct liq_exchange_row *row,
                    const struct cJSON *root, const char *body,
                    struct liq_error *out);
/* Have each body of the batch, which is ready to be started, parsed once, when
 * it has come; then next, when all have. */
void liq_judge_prepare(struct liq_plan *p, void (*next)(struct liq_plan *p));
/* Learn from the responses, and say of each request in why what it was; keep
 * those that are good for a while. */
void liq_judge_batch(struct liq_plan *p);

/* --- observe.c ------------------------------------------------------------ */

/* Report to the observer, if there is one, what became of each request. */
void liq_observe_requests(const struct liq_plan *p);
/* Note of a page of candles what its rows cover, at[n], n > 0. */
void liq_observe_page(struct liq_request *r, const struct liq_kline *at,
                      size_t n);
/* Note which fields of an endpoint left their targets absent. */
void liq_observe_absent(struct liq_request *r, const struct liq_found *found);

/* --- read.c --------------------------------------------------------------- */

/* ms UTC, whether the row's times are seconds or not; 0: no time. */
int64_t liq_read_time(const struct liq_exchange_row *row,
                      const struct cJSON *item);

/* Everything absent. */
struct liq_found liq_found_nothing(void);
/* The rows of a page of candles, added to *out; on failure some may have
 * been. */
LIQ_MUST_CHECK enum liq_err liq_read_candles(const struct liq_reading *r,
                                             struct liq_kline_list *out,
                                             struct liq_reason *why);
/* What an endpoint says; on failure *out is as it was. */
LIQ_MUST_CHECK enum liq_err liq_read_endpoint(const struct liq_reading *r,
                                              const struct liq_endpoint *e,
                                              struct liq_found *out,
                                              struct liq_reason *why);
/* How many rows a page of candles has. */
size_t liq_read_rows(const struct liq_exchange_row *row,
                     const struct cJSON *root);
/* The exchange's clock by the endpoint's body, ms; 0: not said. */
int64_t liq_read_clock(const struct liq_endpoint *e, const struct cJSON *root);
/* One page of the symbol list, added to *out in its order. */
LIQ_MUST_CHECK enum liq_err liq_read_symbols(const struct liq_exchange_row *row,
                                             const struct cJSON *root,
                                             struct liq_symbols *out,
                                             struct liq_reason *why);
/* Sort, and drop the second of two of one name. */
void liq_symbols_sort(struct liq_symbols *s);

/* --- series.c ------------------------------------------------------------- */

/* What the responses of a series say together, into fetch->data (all absent
 * before), all but server_ms.  LIQ_OK when the candles came. */
LIQ_MUST_CHECK enum liq_err liq_plan_read(struct liq_plan *p,
                                          struct liq_reason *why);
/* A fetch of what a contract allows, from its start to its outcome. */
void liq_limits_begin(struct liq_plan *p);
/* The documented size of the fetch's contract; NaN when there is none. */
double liq_size_documented(const struct liq_plan *p);
/* Limits that are documented for a base; NULL: none. */
const struct liq_limits *
liq_limits_documented(const struct liq_exchange_row *row, const char *base);

#endif
