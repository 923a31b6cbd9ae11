/* Request in, status and body out; knows nothing of FastCGI. */
#ifndef LIQMAP_API_H
#define LIQMAP_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "liqmap/cache.h"
#include "liqmap/clock.h"
#include "liqmap/config.h"
#include "liqmap/market.h"

/* All borrowed for the call; NULL means the header or part was not sent. */
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

struct liq_api;

struct liq_api_options {
    const struct liq_config *config;  /* borrowed */
    const struct liq_clock *clock;    /* borrowed */
    struct liq_market *const *market; /* [n_market] borrowed, default first */
    size_t n_market;
    const char *build; /* "0.1.0 (abc1234)" */
};

struct liq_api *liq_api_new(const struct liq_api_options *o);
void liq_api_free(struct liq_api *a);

/* Answer one request; thread-safe; always fills *out, which must go to
 * liq_api_response_free. */
void liq_api_handle(struct liq_api *a, const struct liq_api_request *req,
                    struct liq_api_response *out);
void liq_api_response_free(struct liq_api_response *r);

/* Refresh what was asked lately and expires soon.  To be called about once a
 * second from one thread of its own; returns how many keys it renewed. */
size_t liq_api_keep_warm(struct liq_api *a);

#endif
