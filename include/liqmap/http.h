/* "Fetch these before this deadline": an interface, so that a test can replace
 * the network. */
#ifndef LIQMAP_HTTP_H
#define LIQMAP_HTTP_H

#include <stddef.h>
#include <stdint.h>
#include "liqmap/buf.h"
#include "liqmap/clock.h"
#include "liqmap/err.h"
#include "liqmap/work.h"

/* url and post are borrowed until the batch is done.  post NULL: GET; else POST
 * of that JSON text. */
struct liq_http_request {
    const char *url;
    const char *post;
    size_t max_bytes; /* the body's ceiling, counted after decompression */
};

/*
 * err      LIQ_OK when an HTTP response came whole, whatever its status;
 *          LIQ_ENET, LIQ_ETIMEOUT, LIQ_ELIMIT, LIQ_ENOMEM else
 * headers  the header lines, "name: value\n", names in lower case
 */
struct liq_http_response {
    enum liq_err err;
    int status; /* 0 when no response came */
    struct liq_buf body, headers;
    char error[120];     /* in words, "" when err is LIQ_OK */
    int64_t received_ms; /* monotonic: when it ended */
    int64_t date_ms;     /* the Date header, UTC; 0: missing or malformed */
};

/*
 * Requests that are performed together.  The caller fills the first members and
 * keeps the batch until done has run.
 *
 * request   [n] borrowed, n >= 1
 * header    more header lines of each POST, "Name: value", NULL ends; borrowed;
 *           NULL: none
 * response  [n] filled before done runs; each must go to
 *           liq_http_response_free, also on error
 * ended     called exactly once for each request, on any thread, when it has
 *           ended and its response is filled, before done is posted; returns
 *           at once.  NULL: nobody wants to know
 * done      posted to the work queue's heavy lane, exactly once, when every
 *           request has ended or deadline_ms (monotonic) has passed: those not
 *           ended then have LIQ_ETIMEOUT
 */
struct liq_http_batch {
    const struct liq_http_request *request;
    const char *const *header;
    struct liq_http_response *response;
    size_t n;
    int64_t deadline_ms;
    void (*ended)(struct liq_http_batch *b, size_t i);
    struct liq_task done;
    struct liq_http_batch *next; /* the implementation's */
    void *transfer;              /* the implementation's */
    size_t left;                 /* the implementation's */
};

struct liq_http {
    /* Begin; returns at once.  Thread-safe. */
    void (*start)(struct liq_http *h, struct liq_http_batch *b);
    /* End what runs, and at once whatever is started from now on, with
     * LIQ_ETIMEOUT; done is posted as always.  Called once. */
    void (*stop)(struct liq_http *h);
    /* Stop, unless stop was called.  Nobody may start any more, so a task that
     * may start one must have run: stop, free the work queue, free this. */
    void (*free)(struct liq_http *h);
};

/* The value of a header (name in lower case) copied into out, without leading
 * or trailing blanks; "" when it is missing or longer than size - 1. */
void liq_http_header(const struct liq_http_response *r, const char *name,
                     char *out, size_t size);
void liq_http_response_free(struct liq_http_response *r);

struct liq_http_options {
    const struct liq_clock *clock; /* borrowed */
    struct liq_work *work;         /* borrowed: where done is posted */
    int64_t connect_ms;     /* limit on connecting, within the deadline */
    int max_connections;    /* at a time to one host */
    int max_all;            /* to all of them; 0: no bound of its own */
    const char *user_agent; /* copied */
    const char *dump_dir;   /* write every body here; NULL: do not */
};

/* The real one, on libcurl: one thread drives all transfers, so connections to
 * each host stay open and are used again.  Follows no redirect, speaks http and
 * https only.  curl_global_init is called by the first.  The process must
 * ignore SIGPIPE (TLS may raise it).  NULL when there is no memory or no
 * thread. */
struct liq_http *liq_http_curl_new(const struct liq_http_options *options);

#endif
