/* "Fetch these before this deadline": an interface, so that a test can stand in
 * for the network. */
#ifndef LIQMAP_HTTP_H
#define LIQMAP_HTTP_H

#include <stddef.h>
#include <stdint.h>
#include "liqmap/buf.h"
#include "liqmap/clock.h"
#include "liqmap/err.h"

/* url and post are borrowed for the call.  post NULL: GET; else POST of that
 * JSON text. */
struct liq_http_request {
    const char *url;
    const char *post;
    size_t max_bytes; /* the body's ceiling */
};

/*
 * err      LIQ_OK when an HTTP answer came whole, whatever its status;
 *          LIQ_ENET, LIQ_ETIMEOUT, LIQ_ELIMIT, LIQ_ENOMEM else
 * headers  the answer's header lines, "name: value\n", names in lower case
 */
struct liq_http_response {
    enum liq_err err;
    int status; /* 0 when no answer came */
    struct liq_buf body, headers;
    char error[120]; /* in words, "" when err is LIQ_OK */
};

struct liq_http {
    /*
     * Perform all n requests in parallel; return when all ended or mono clock
     * has reached deadline_ms (those not ended then have LIQ_ETIMEOUT).
     * response[n] is filled by the call and must go to
     * liq_http_response_free each, also on error.  Thread-safe.
     */
    void (*perform)(struct liq_http *h, const struct liq_http_request *request,
                    size_t n, int64_t deadline_ms,
                    struct liq_http_response *response);
    void (*free)(struct liq_http *h);
};

/* The value of a header (name in lower case) copied into out, without leading
 * or trailing blanks; "" when it is missing or longer than size - 1. */
void liq_http_header(const struct liq_http_response *r, const char *name,
                     char *out, size_t size);
/* The Date header in ms, 0 when it is missing or malformed. */
int64_t liq_http_date_ms(const struct liq_http_response *r);
void liq_http_response_free(struct liq_http_response *r);

struct liq_http_options {
    const struct liq_clock *clock; /* borrowed */
    int64_t connect_ms;     /* limit on connecting, within the deadline */
    int max_connections;    /* in parallel to one host, by one call */
    const char *user_agent; /* borrowed */
    const char *dump_dir;   /* write every body here; NULL: do not */
};

/* The real one, on libcurl; follows no redirect, speaks http and https only.
 * curl_global_init is called by the first.  The process must ignore SIGPIPE
 * (TLS may raise it).  NULL when there is no memory. */
struct liq_http *liq_http_curl_new(const struct liq_http_options *options);

#endif
