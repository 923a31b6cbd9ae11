/* A request and its response: on the thread what is in the cache, on threads of
 * the work queue the rest. */
#define _DEFAULT_SOURCE /* MSG_DONTWAIT */
#include "connection.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* --- lists and events ------------------------------------------------------
 */

void liq_connections_append(struct liq_connections *l, struct liq_connection *c,
                            int64_t wait_ms)
{
    c->until_ms = liq_clock_system.mono_ms(&liq_clock_system) + wait_ms;
    c->next = NULL;
    c->prev = l->last;
    if (l->last)
        l->last->next = c;
    else
        l->first = c;
    l->last = c;
}

void liq_connections_remove(struct liq_connections *l, struct liq_connection *c)
{
    if (c->prev)
        c->prev->next = c->next;
    else
        l->first = c->next;
    if (c->next)
        c->next->prev = c->prev;
    else
        l->last = c->prev;
}

bool liq_connection_watch(struct liq_connection *c, uint32_t events)
{
    struct epoll_event e = {.events = events | EPOLLRDHUP, .data.ptr = c};

    if (epoll_ctl(c->f->epoll, c->watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD,
                  c->fd, &e) != 0)
        return false;
    c->watched = true;
    return true;
}

void liq_connection_unwatch(struct liq_connection *c)
{
    (void)epoll_ctl(c->f->epoll, EPOLL_CTL_DEL, c->fd, NULL);
    c->watched = false;
}

/* --- the end of a request --------------------------------------------------
 */

static void wake(struct liq_fcgi *f)
{
    const uint64_t one = 1;

    (void)!write(f->wake, &one, sizeof one);
}

bool liq_connection_skip(const struct liq_connection *c)
{
    char bytes[4096];
    size_t skipped = 0;
    ssize_t n;

    do {
        n = recv(c->fd, bytes, sizeof bytes, MSG_DONTWAIT);
        skipped += n > 0 ? (size_t)n : 0;
    } while (n > 0 && skipped < LIQ_REQUEST_MAX_BYTES);
    return n == 0 || (n < 0 && errno != EAGAIN);
}

static void free_request(struct liq_connection *c)
{
    liq_api_response_free(&c->call.response);
    liq_request_text_free(&c->text);
}

void liq_connection_close(struct liq_connection *c)
{
    struct liq_fcgi *f = c->f;
    bool full;

    if (c->fd >= 0) {
        /* With bytes unread, close would reset the connection and what we
         * wrote might be lost. */
        if (c->unread)
            (void)liq_connection_skip(c);
        close(c->fd);
    }
    free_request(c);
    free(c);
    liq_lock_take(&f->lock);
    full = f->open-- >= f->most;
    if (full || (f->ending && f->open == 0))
        wake(f); /* under the lock: f may be closed right after it */
    liq_lock_give(&f->lock);
}

/* Let the thread wait for it. */
static void hand_over(struct liq_connection *c, enum liq_connection_state state)
{
    struct liq_fcgi *f = c->f;

    c->state = state;
    liq_lock_take(&f->lock);
    c->next = f->handed;
    f->handed = c;
    wake(f);
    liq_lock_give(&f->lock);
}

/* False when it is to be closed: others may wait for its descriptor, or its
 * next request would not be seen. */
static bool keep(struct liq_connection *c)
{
    struct liq_fcgi *f = c->f;
    bool kept;

    free_request(c);
    memset(&c->call, 0, sizeof c->call);
    liq_lock_take(&f->lock);
    /* Under the lock: once it is in the list the thread may close it. */
    kept = !f->ending && f->open < f->most &&
           liq_connection_watch(c, EPOLLIN | EPOLLONESHOT);
    if (kept) {
        c->state = LIQ_KEPT;
        liq_connections_append(&f->kept, c, 0);
    }
    liq_lock_give(&f->lock);
    return kept;
}

void liq_connection_finish(struct liq_connection *c)
{
    if (c->has_body) {
        /* A web server that still sends the body would take a closed connection
         * for a failure. */
        (void)shutdown(c->fd, SHUT_WR);
        hand_over(c, LIQ_LEAVING);
    } else if (!c->keep || !keep(c)) {
        liq_connection_close(c);
    }
}

/* --- a request -------------------------------------------------------------
 */

static void respond(struct liq_api_call *call)
{
    struct liq_connection *c =
        (struct liq_connection *)((char *)call -
                                  offsetof(struct liq_connection, call));
    const struct liq_api_response *r = &call->response;
    char lines[sizeof r->header + 100];

    snprintf(lines, sizeof lines, "Status: %d %s\r\n%s\r\n", r->status,
             r->reason, r->header);
    liq_output_init(&c->output, c->id, lines, r->body, r->len);
    switch (liq_output_write(&c->output, c->fd)) {
    case LIQ_OUTPUT_DONE:
        liq_connection_finish(c);
        break;
    case LIQ_OUTPUT_MORE:
        hand_over(c, LIQ_WRITING);
        break;
    case LIQ_OUTPUT_LOST:
        liq_connection_close(c);
    }
}

static void start_call(struct liq_task *t)
{
    struct liq_connection *c =
        (struct liq_connection *)((char *)t -
                                  offsetof(struct liq_connection, task));

    liq_api_start(c->f->api, &c->call); /* c may be gone */
}

void liq_connection_start(struct liq_connection *c)
{
    struct liq_fcgi *f = c->f;

    if (!liq_request_read(&c->fd, &c->call.request, &c->text, &c->id,
                          &c->keep)) {
        liq_connection_close(c);
        return;
    }
    /* Of a long request libfcgi leaves the end, which all has come. */
    if (c->keep && c->unread && !c->has_body)
        (void)liq_connection_skip(c);
    c->call.done = respond;
    c->task.run = start_call;
    /* To wake a thread costs more than such a response. */
    if (!liq_api_respond_cached(f->api, &c->call)) /* else c may be gone */
        liq_work_post(f->work, &c->task, LIQ_LANE_LIGHT);
}
