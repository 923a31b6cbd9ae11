/* A connection of a web server, from one request to its response and, if it is
 * kept, to the next; private to the module. */
#ifndef LIQMAP_FCGI_CONNECTION_H
#define LIQMAP_FCGI_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "liqmap/api.h"
#include "liqmap/clock.h"
#include "liqmap/lock.h"
#include "listen.h"
#include "output.h"
#include "request.h"

/* Web servers allow 8 to 32 KB of headers. */
#define LIQ_REQUEST_MAX_BYTES (64 * 1024)

enum liq_connection_state {
    LIQ_ARRIVING, /* its request is not whole */
    LIQ_LEAVING,  /* it has its response; what is left of the body is not */
    LIQ_WRITING,  /* its response is not all written */
    LIQ_KEPT      /* it waits for its next request, for as long as it takes */
};

/*
 * task, call   of the request
 * text         what call.request points into
 * keep         the web server wants to send further requests on it
 * watched      epoll knows it
 * unread       of what has come, something may still be in the socket
 */
struct liq_connection {
    struct liq_fcgi *f;
    struct liq_connection *prev, *next; /* of its list */
    int fd;
    enum liq_connection_state state;
    int64_t until_ms; /* it is waited for until then */

    struct liq_task task;
    struct liq_request_text text;
    struct liq_api_call call;
    struct liq_output output;
    int id;
    bool has_body, keep, watched, unread;
};

/* In the order in which their time is over. */
struct liq_connections {
    struct liq_connection *first, *last;
};

struct liq_fcgi {
    struct liq_listen listen;
    int epoll, signals, wake; /* wake: an eventfd */
    struct liq_api *api;
    struct liq_work *work;
    void (*on_hangup)(void *arg);
    void *hangup_arg;

    /* the thread's alone */
    struct liq_connections waits[2]; /* ARRIVING and LEAVING; WRITING */
    unsigned char peeked[LIQ_REQUEST_MAX_BYTES];
    int64_t accept_ms; /* paused until then at least */
    int64_t end_ms;    /* after the signal: when to give up */
    bool accepts, paused, wants_room;
    size_t most; /* connections to have open */

    struct liq_lock lock;          /* of all below */
    size_t open;                   /* connections, in whatever state */
    struct liq_connection *handed; /* for the thread to wait for */
    struct liq_connections kept;
    bool ending; /* the signal came */
};

/* c is in no list; its time is over in wait_ms. */
void liq_connections_append(struct liq_connections *l, struct liq_connection *c,
                            int64_t wait_ms);
void liq_connections_remove(struct liq_connections *l,
                            struct liq_connection *c);

/* Let epoll report these events of it, and that the other side has closed.
 * False when it cannot. */
bool liq_connection_watch(struct liq_connection *c, uint32_t events);
void liq_connection_unwatch(struct liq_connection *c);

/* Read what is there and forget it, LIQ_REQUEST_MAX_BYTES at most: a sender as
 * quick as we are would hold us up for ever.  True when the other side has
 * closed. */
bool liq_connection_skip(const struct liq_connection *c);
/* Free it, which is in no list, and its response. */
void liq_connection_close(struct liq_connection *c);
/* Its response is all written.  It may be gone then, or another request's. */
void liq_connection_finish(struct liq_connection *c);
/* Its request has come whole, and it is not watched; it may be gone then. */
void liq_connection_start(struct liq_connection *c);

#endif
