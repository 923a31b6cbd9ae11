/* One request as an easy handle of libcurl, and the response that comes of
 * it. */
#ifndef LIQMAP_NET_TRANSFER_H
#define LIQMAP_NET_TRANSFER_H

#include <curl/curl.h>
#include "liqmap/http.h"

/* One request while it runs; kept for the next one with its handle. */
struct transfer {
    struct transfer *next; /* of its batch, or idle */
    CURL *easy;            /* owned */
    struct liq_http_batch *batch;
    const struct liq_http_request *request;
    struct liq_http_response *response;
    struct curl_slist *header;    /* of a POST; owned */
    char reason[CURL_ERROR_SIZE]; /* what went wrong, from curl */
};

/* What transfers have in common, and those that wait for their next request;
 * of one thread. */
struct transfers {
    int64_t connect_ms;
    char *user_agent; /* owned */
    struct transfer *idle;
    size_t n_idle;
};

/* One for request i of b, ready to be added to a multi handle; NULL when there
 * is no memory. */
struct transfer *transfer_take(struct transfers *p, struct liq_http_batch *b,
                               size_t i);
/* It is not in a multi handle any more. */
void transfer_give(struct transfers *p, struct transfer *t);
void transfers_free(struct transfers *p);

/* Fill the response of a transfer that curl has ended. */
void transfer_respond(struct transfer *t, CURLcode code);
/* Fill it with an error instead, beside the status if that came. */
void transfer_fail(struct transfer *t, enum liq_err err, const char *reason);

/* Of a request that has no transfer as well. */
void response_init(struct liq_http_response *r, size_t max_bytes);
void response_fail(struct liq_http_response *r, enum liq_err err,
                   const char *reason);

#endif
