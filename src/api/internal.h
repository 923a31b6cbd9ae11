/* Declarations shared by the files of the api. */
#ifndef LIQMAP_API_INTERNAL_H
#define LIQMAP_API_INTERNAL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "body.h"
#include "liqmap/api.h"
#include "liqmap/context.h"
#include "liqmap/jsonw.h"
#include "liqmap/series_store.h"
#include "query.h"

/* 1500 x 800 cells of up to four digits and a comma, and the rest. */
#define LIQ_BODY_MAX ((size_t)16 << 20)
/* Time beyond the exchanges' deadline for computing and encoding. */
#define LIQ_MAKE_MS 2000

/* Routes of the metrics: those of a query, /metrics and what is no route. */
#define LIQ_COUNTED_ROUTES (LIQ_ROUTES + 2)
#define LIQ_COUNTED_METRICS LIQ_ROUTES
#define LIQ_COUNTED_NONE (LIQ_ROUTES + 1)
/* HTTP statuses that the api gives, and upper bounds of a response's time. */
#define LIQ_COUNTED_STATUSES 12
#define LIQ_COUNTED_TIMES 8

/* What happened since the start; metrics.c. */
struct liq_counters {
    atomic_uint_least64_t requests[LIQ_COUNTED_ROUTES][LIQ_COUNTED_STATUSES];
    /* [..][LIQ_COUNTED_TIMES]: longer than the last bound */
    atomic_uint_least64_t times[LIQ_COUNTED_ROUTES][LIQ_COUNTED_TIMES + 1];
    atomic_uint_least64_t took_ms[LIQ_COUNTED_ROUTES];
    atomic_uint_least64_t model_runs, model_ms;
};

struct liq_recording;

struct liq_api {
    struct liq_api_options options; /* but for its config */
    _Atomic(const struct liq_config *) config;
    struct liq_params params; /* the same until the end */
    struct liq_query_scope scope;
    struct liq_series_options series;
    struct liq_task expire, renew; /* post themselves again */
    struct liq_task save;        /* queued or running while state_changes > 0 */
    atomic_size_t state_changes; /* not known to be in the state file */
    bool state_failed;           /* the last write; one task at a time */
    atomic_size_t in_flight;
    struct liq_counters counters;
    struct liq_recording *recording; /* NULL: nothing is recorded */
    void (*notices)(void *arg, struct liq_notices *out); /* NULL: none */
    void *notices_arg;
    int64_t started_ms; /* monotonic */
};

int64_t liq_api_now(const struct liq_api *a);
/* The settings of now; others after liq_api_set_config. */
const struct liq_config *liq_api_config(const struct liq_api *a);

/* --- metrics.c ------------------------------------------------------------ */

/* A request is done. */
void liq_count_response(struct liq_api *a, const struct liq_api_call *c);
/* The model ran for so long. */
void liq_count_model(struct liq_api *a, int64_t took_ms);
/* The body of /metrics, in the text format of Prometheus. */
void liq_encode_metrics(struct liq_api *a, struct liq_buf *body);

/* --- notices.c ------------------------------------------------------------ */

/* The notifications in /metrics, and in an object of the health route. */
void liq_encode_notice_metrics(struct liq_api *a, struct liq_buf *body);
void liq_encode_notices(struct liq_jsonw *w, struct liq_api *a);

/* --- symbol_list.c -------------------------------------------------------- */

struct liq_symbol_list {
    struct liq_item item; /* must be first */
    struct liq_symbols symbols;
};

/* What an exchange lists, requested at most every six hours; returns and fills
 * *w as liq_cache_ask does, with a struct liq_symbol_list as the item. */
bool liq_symbol_list_ask(struct liq_api *a, struct liq_exchange *x,
                         const struct liq_context *ctx, struct liq_waiter *w);
/* False when the exchange's list is known and the symbol is not in it; requests
 * nothing. */
bool liq_symbol_list_may_have(struct liq_api *a, struct liq_exchange *x,
                              const char *symbol);
bool liq_symbol_list_has(const struct liq_symbol_list *l, const char *symbol);

/* --- sources.c: the series a response is made from ------------------------ */

#define LIQ_SOURCES_MAX 16

/*
 * What one exchange contributes.
 *
 * series  NULL: nothing; else a reference
 * list    of the route symbols alone: what it lists, a reference, or NULL
 * why     code LIQ_OK: the series is fresh; else why it is stale or missing
 * odd     its price is far from the others': of a sum, excluded for that
 * usd     its open interest in quote currency, NaN when unknown
 */
struct liq_source {
    struct liq_exchange *exchange;
    struct liq_series *series;
    struct liq_symbol_list *list;
    struct liq_reason why;
    bool odd;
    double usd;
};

struct liq_sources;

/* One source while it is waited for. */
struct liq_source_wait {
    struct liq_waiter waiter; /* must be first */
    struct liq_sources *sources;
    size_t i; /* of sources->at */
};

/*
 * at[0 .. n_used)  those the response is made from, the one with the most open
 *                  interest first; [n_used .. n) the excluded ones
 * passed           auto: the exchange that comes before, and why it was passed
 *                  over; NULL: none
 * why              code LIQ_OK: n_used >= 1; else why there is nothing
 */
struct liq_sources {
    struct liq_source at[LIQ_SOURCES_MAX];
    size_t n, n_used;
    struct liq_exchange *passed;
    struct liq_reason passed_why;
    struct liq_reason why;

    /* Set by the caller, who keeps all of it until done. */
    struct liq_api *api;
    const struct liq_query *query;
    struct liq_context ctx;
    void (*done)(struct liq_sources *s);

    struct liq_source_wait wait[LIQ_SOURCES_MAX];
    atomic_size_t left; /* of them, and one until all are begun */
};

/* Ask every exchange that the query's choice needs, all at once or (auto) one
 * after another; done is called exactly once, perhaps before this returns. */
void liq_sources_start(struct liq_sources *s);
void liq_sources_free(struct liq_sources *s);
/* Take source i out of those the response is made from; its series goes. */
void liq_sources_exclude(struct liq_sources *s, size_t i,
                         const struct liq_reason *why);
/* LIQ_EFORMAT: the model refuses the candles of an exchange. */
enum liq_err liq_refused_candles(const struct liq_exchange *x,
                                 struct liq_reason *why);

/* A sum excludes an exchange whose price is further, as a part of it, from the
 * median of all, if there are so many: of two nobody can say which is wrong. */
#define LIQ_ODD 0.05
#define LIQ_ODD_LEAST 3

/* odd.c: set odd and why of each source whose price is odd. */
void liq_sources_find_odd(struct liq_sources *s);

/* --- outage.c --------------------------------------------------------------
 */

/* Whether an exchange failed lately, and why. */
bool liq_source_is_down(struct liq_api *a, const struct liq_exchange *x,
                        int64_t now_ms, struct liq_reason *why);

/* Until when a request waits for it, monotonic: for the context's deadline, but
 * of a sum hardly for one that failed lately. */
int64_t liq_source_deadline(struct liq_api *a, const struct liq_query *q,
                            const struct liq_exchange *x,
                            const struct liq_context *ctx);

/* Note that it failed, unless *why is about the query or our own budget; and
 * that it responded. */
void liq_source_note_down(struct liq_api *a, const struct liq_exchange *x,
                          const struct liq_reason *why);
void liq_source_note_up(struct liq_api *a, const struct liq_exchange *x);

/* --- sources.c, statistics.c ------------------------------------------------
 */

/* It did not fail, but its data did not come before the deadline: it was slow,
 * or our own request budget has no place for it yet. */
bool liq_source_missing(const struct liq_source *p);
/* Of a sum: whether a source is missing. */
bool liq_sources_incomplete(const struct liq_sources *s);

/* Open interest in quote currency of all that are used. */
double liq_sources_usd(const struct liq_sources *s);
/* What funding costs in a year at the rate of now, a fraction, not compounded;
 * of several weighed by open interest.  NaN when unknown. */
double liq_sources_funding_yearly(const struct liq_sources *s);
/* Funding, ratio and the like of the first source, open interest of all. */
struct liq_statistics liq_sources_statistics(const struct liq_sources *s);

/* route.c: whether the exchanges that the query may use list its symbol, as far
 * as that is known. */
bool liq_route_may_list(struct liq_api *a, const struct liq_query *q,
                        struct liq_refusal *why);

/* --- response.c: one key's response --------------------------------------- */

/* A liq_fill_fn for LIQ_KIND_RESPONSE; arg: struct liq_response_begin. */
struct liq_response_begin {
    struct liq_api *api;
    const struct liq_context *ctx;
};
/* Ask for the response of a query; returns and fills *w as liq_cache_ask does.
 * One that lacks what has come since it was made is made again.  In the
 * background it counts as nobody's interest: it is not renewed by that. */
bool liq_response_ask(struct liq_api *a, const struct liq_query *q,
                      const struct liq_context *ctx, struct liq_waiter *w);
void liq_response_begin(void *arg, const struct liq_key *key,
                        struct liq_item *old, int64_t now_ms,
                        int64_t deadline_ms);

/* What the series' contract allows; what is assumed where it is not known. */
struct liq_contract liq_series_contract(const struct liq_api *a,
                                        const struct liq_series *s);

/* --- encoding ------------------------------------------------------------- */

/* What a response is made from; all borrowed.  Only liq_snapshot_make changes
 * it, and the sources. */
struct liq_content {
    struct liq_api *api;
    const struct liq_query *query;
    struct liq_sources *sources;
    const struct liq_series *series; /* of the first source */
    int64_t now_ms;                  /* monotonic */
    const char *stale_reason;        /* NULL: the series is fresh */
    struct liq_item **mark; /* where a compact heatmap leaves its mark, a
                               reference; NULL: none is wanted */
};

/* From "api" to "warnings": what, from where, how old. */
void liq_encode_head(struct liq_jsonw *w, const struct liq_content *c);
void liq_encode_ticker(struct liq_jsonw *w, const struct liq_ticker *t);
/* The members of "statistics" that come from exchanges, inside the object. */
void liq_encode_statistics(struct liq_jsonw *w, const struct liq_content *c);
void liq_encode_candles(struct liq_jsonw *w, const struct liq_kline *at,
                        size_t n);
/* "filter": which part of the positions is summed. */
void liq_encode_filter(struct liq_jsonw *w, const struct liq_query *q);
/* What the contract allows, or what is assumed where the exchange does not say:
 * "limits". */
void liq_encode_limits(struct liq_jsonw *w, const struct liq_contract *c);
/* The name of an interval as this API spells it. */
void liq_encode_interval(struct liq_jsonw *w, const char *key, int64_t ms);
/* value to the nearest 1/per_unit, so that bodies stay small; key NULL: an
 * array's item. */
void liq_encode_rounded(struct liq_jsonw *w, const char *key, double value,
                        double per_unit);

/* The bodies. */
struct liq_snapshot;
typedef enum liq_err liq_encode_map_fn(const struct liq_content *c,
                                       const struct liq_snapshot *m,
                                       struct liq_buf *body,
                                       struct liq_reason *why);
liq_encode_map_fn liq_encode_heatmap, liq_encode_levels, liq_encode_profile,
    liq_encode_explain, liq_encode_watched, liq_encode_picture;
typedef enum liq_err liq_encode_fn(const struct liq_content *c,
                                   struct liq_buf *body,
                                   struct liq_reason *why);
liq_encode_fn liq_encode_single, liq_encode_klines, liq_encode_quote,
    liq_encode_symbols, liq_encode_volume;
/* Writes the body; the HTTP status. */
int liq_encode_health(struct liq_api *a, struct liq_buf *body);

#endif
