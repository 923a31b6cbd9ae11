/* Request in, status and body out; knows nothing of FastCGI. */
#ifndef LIQMAP_API_H
#define LIQMAP_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "liqmap/cache.h"
#include "liqmap/clock.h"
#include "liqmap/config.h"
#include "liqmap/exchange.h"
#include "liqmap/hosts.h"
#include "liqmap/model.h"
#include "liqmap/recorder.h"
#include "liqmap/streams.h"
#include "liqmap/notices.h"
#include "liqmap/work.h"

/* All borrowed until done has returned; NULL means the header or part was not
 * sent. */
struct liq_api_request {
    const char *method; /* "GET" */
    const char *path;   /* "/any/prefix/api/v1/heatmap" */
    const char *query;  /* "symbol=BTCUSDT&bars=200", undecoded */
    const char *accept_encoding;
    const char *if_none_match;
};

/*
 * body        [len], NULL for HEAD (len is then what GET would send), 304 and
 *             OPTIONS
 * header      the remaining header lines, each "Name: value\r\n": type, length,
 *             caching, CORS, Retry-After, X-Liqmap-Age-Ms
 */
struct liq_api_response {
    int status;
    const char *reason; /* "OK", static */
    char header[1024];
    const char *body;
    size_t len;
    struct liq_item *hold; /* what body lives in; for liq_api_response_free */
};

/*
 * One request from its arrival to its response; the caller's, who fills request
 * and done and keeps it until done.
 *
 * done   called exactly once, when response is there: before liq_api_start
 *        returns, or later on a thread of the work queue's light lane; no lock
 *        is held.  The response must go to liq_api_response_free
 * query  the api's while it works
 */
struct liq_api_call {
    struct liq_api_request request;
    struct liq_api_response response;
    void (*done)(struct liq_api_call *c);

    struct liq_api *api;
    struct liq_waiter waiter;
    bool past;      /* the query asks for the past */
    uint64_t since; /* cursor of the response that the client has, 0: none */
    int route;      /* for the metrics */
    int64_t began_ms;
};

struct liq_api;

/* All borrowed. */
struct liq_api_options {
    const struct liq_config *config;
    const struct liq_clock *clock;
    struct liq_work *work;
    struct liq_cache *cache;
    struct liq_exchange *const *exchange; /* [n_exchange], default first */
    size_t n_exchange;
    void *hosts; /* what count_hosts is called with; NULL: nothing is shared */
    void (*count_hosts)(void *hosts, struct liq_hosts_counts *out);
    const char *build;             /* "0.1.0 (abc1234)" */
    struct liq_recorder *recorder; /* NULL: nothing is recorded */
    struct liq_streams *streams;   /* NULL: none */
};

/* From now on, before the first request, /metrics and the health route show
 * what count gives of the notifications.  Without it they show that there are
 * none. */
void liq_api_set_notices(struct liq_api *a,
                         void (*count)(void *arg, struct liq_notices *out),
                         void *arg);

/* The parameters of the model that the settings say. */
struct liq_params liq_api_params(const struct liq_config *c);

/* Begins to renew what was asked for lately and to wake whose deadline passes
 * (tasks of the work queue). */
struct liq_api *liq_api_new(const struct liq_api_options *o);
/* To be called once the work queue has been freed. */
void liq_api_free(struct liq_api *a);

/* Respond to one request; thread-safe; returns at once. */
void liq_api_start(struct liq_api *a, struct liq_api_call *c);
/* The same in some microseconds and without memory, if its response is fresh in
 * the cache, and what changed in it since the one that the client has made
 * already; else false, and it is to be started: nothing has happened, except
 * that the cache may have counted it. */
bool liq_api_respond_cached(struct liq_api *a, struct liq_api_call *c);
void liq_api_response_free(struct liq_api_response *r);

/* From now on these settings, which live as long as a does, in place of those
 * before: [cache] but for error_ms and max_bytes, and fetch.deadline_ms. */
void liq_api_set_config(struct liq_api *a, const struct liq_config *c);

/* How many requests were started and are not done. */
size_t liq_api_in_flight(struct liq_api *a);

/* Begin to refresh what was asked for lately and expires soon; done by itself
 * about once a second.  Returns how many keys it began with. */
size_t liq_api_keep_warm(struct liq_api *a);

#endif
