/*
 * One thread accepts connections, waits until the request of each has come
 * whole and until what a web server did not read at once can be written; tasks
 * of the work queue do the rest.  So nobody can hold up a task: libfcgi reads
 * until a request is there, however long that takes, but finds it in the
 * socket's buffer.
 */
#define _DEFAULT_SOURCE /* MSG_DONTWAIT */
#include "liqmap/fcgi.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include "liqmap/clock.h"
#include "liqmap/lock.h"
#include "liqmap/log.h"
#include "listen.h"
#include "output.h"
#include "records.h"
#include "request.h"

/* A web server sends a request in one piece; what has not come whole by then
 * is dropped.  As long we wait for it to close after a request with a body. */
#define ARRIVAL_MS 3000
/* A web server that reads nothing of a response for so long has gone. */
#define WRITE_MS 30000
/* Out of descriptors: some are given back soon. */
#define ACCEPT_PAUSE_MS 50
#define ACCEPT_AT_ONCE 256
/* Web servers allow 8 to 32 KB of headers. */
#define REQUEST_MAX_BYTES (64 * 1024)
#define EVENTS 64

enum state {
    ARRIVING, /* its request is not whole */
    LEAVING,  /* it has its response; what is left of the body is not */
    WRITING   /* its response is not all written */
};

/* One connection, which carries one request. */
struct connection {
    struct liq_fcgi *f;
    struct connection *prev, *next; /* of those the thread waits for */
    int fd;
    enum state state;
    int64_t until_ms; /* the thread waits for it until then */

    struct liq_task task;
    char *text; /* what call.request points into; owned */
    struct liq_api_call call;
    struct liq_output output;
    int id;
    bool has_body;
};

/* In the order in which their time is over. */
struct list {
    struct connection *first, *last;
};

struct liq_fcgi {
    struct liq_listen listen;
    int epoll, signals, wake; /* wake: an eventfd */
    struct liq_api *api;
    struct liq_work *work;
    void (*on_hangup)(void *arg);
    void *hangup_arg;

    /* the thread's alone */
    struct list waits[2]; /* ARRIVING and LEAVING; WRITING */
    unsigned char peeked[REQUEST_MAX_BYTES];
    int64_t accept_ms; /* paused until then at least */
    int64_t end_ms;    /* after the signal: when to give up */
    bool accepts, paused;
    size_t most; /* connections to have open */

    struct liq_lock lock;      /* of all below */
    size_t open;               /* connections, in whatever state */
    struct connection *handed; /* for the thread to wait for */
    bool ending;               /* the signal came */
};

static int64_t mono_ms(void)
{
    return liq_clock_system.mono_ms(&liq_clock_system);
}

/* --- responding, on threads of the work queue ----------------------------- */

static void wake(struct liq_fcgi *f)
{
    const uint64_t one = 1;

    (void)!write(f->wake, &one, sizeof one);
}

/* True when the other side has closed. */
static bool skip_input(int fd)
{
    char bytes[4096];
    ssize_t n;

    do
        n = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
    while (n > 0);
    return n == 0 || errno != EAGAIN;
}

static void close_connection(struct connection *c)
{
    struct liq_fcgi *f = c->f;
    bool full;

    if (c->fd >= 0) {
        /* With bytes unread, close would reset the connection and what we
         * wrote might be lost. */
        (void)skip_input(c->fd);
        close(c->fd);
    }
    liq_api_response_free(&c->call.response);
    free(c->text);
    free(c);
    liq_lock_take(&f->lock);
    full = f->open-- >= f->most;
    if (full || (f->ending && f->open == 0))
        wake(f); /* under the lock: f may be closed right after it */
    liq_lock_give(&f->lock);
}

/* Let the thread wait for it. */
static void hand_over(struct connection *c, enum state state)
{
    struct liq_fcgi *f = c->f;

    c->state = state;
    liq_lock_take(&f->lock);
    c->next = f->handed;
    f->handed = c;
    wake(f);
    liq_lock_give(&f->lock);
}

static void finish(struct connection *c)
{
    if (!c->has_body) {
        close_connection(c);
        return;
    }
    /* A web server that still sends the body would take a closed connection
     * for a failure. */
    (void)shutdown(c->fd, SHUT_WR);
    hand_over(c, LEAVING);
}

static void respond(struct liq_api_call *call)
{
    struct connection *c =
        (struct connection *)((char *)call - offsetof(struct connection, call));
    const struct liq_api_response *r = &call->response;
    char lines[sizeof r->header + 100];

    snprintf(lines, sizeof lines, "Status: %d %s\r\n%s\r\n", r->status,
             r->reason, r->header);
    liq_output_init(&c->output, c->id, lines, r->body, r->len);
    switch (liq_output_write(&c->output, c->fd)) {
    case LIQ_OUTPUT_DONE:
        finish(c);
        break;
    case LIQ_OUTPUT_MORE:
        hand_over(c, WRITING);
        break;
    case LIQ_OUTPUT_LOST:
        close_connection(c);
    }
}

static void start_request(struct liq_task *t)
{
    struct connection *c =
        (struct connection *)((char *)t - offsetof(struct connection, task));

    if (!liq_request_read(&c->fd, &c->call.request, &c->text, &c->id)) {
        close_connection(c);
        return;
    }
    c->call.done = respond;
    liq_api_start(c->f->api, &c->call); /* c may be gone */
}

/* --- waiting for connections, on the thread ------------------------------- */

static struct list *list_of(struct liq_fcgi *f, const struct connection *c)
{
    return &f->waits[c->state == WRITING];
}

static void append(struct liq_fcgi *f, struct connection *c)
{
    struct list *l = list_of(f, c);

    c->until_ms = mono_ms() + (c->state == WRITING ? WRITE_MS : ARRIVAL_MS);
    c->next = NULL;
    c->prev = l->last;
    if (l->last)
        l->last->next = c;
    else
        l->first = c;
    l->last = c;
}

static void take_out(struct liq_fcgi *f, struct connection *c)
{
    struct list *l = list_of(f, c);

    if (c->prev)
        c->prev->next = c->next;
    else
        l->first = c->next;
    if (c->next)
        c->next->prev = c->prev;
    else
        l->last = c->prev;
}

static void watch(struct liq_fcgi *f, struct connection *c)
{
    struct epoll_event e = {.events = EPOLLRDHUP | EPOLLET, .data.ptr = c};

    e.events |= c->state == WRITING ? EPOLLOUT : EPOLLIN;
    append(f, c);
    /* If this fails it is dropped like one that sends nothing. */
    (void)epoll_ctl(f->epoll, EPOLL_CTL_ADD, c->fd, &e);
}

static void unwatch(struct liq_fcgi *f, struct connection *c)
{
    (void)epoll_ctl(f->epoll, EPOLL_CTL_DEL, c->fd, NULL);
    take_out(f, c);
}

/* What has come of a request, without taking it out of the socket. */
static enum liq_records peek(struct liq_fcgi *f, const struct connection *c)
{
    ssize_t n =
        recv(c->fd, f->peeked, sizeof f->peeked, MSG_PEEK | MSG_DONTWAIT);
    enum liq_records found;

    if (n < 0)
        return errno == EAGAIN ? LIQ_RECORDS_PART : LIQ_RECORDS_BAD;
    if (n == 0)
        return LIQ_RECORDS_BAD;
    found = liq_records_check(f->peeked, (size_t)n);
    if (found == LIQ_RECORDS_PART && n == (ssize_t)sizeof f->peeked)
        return LIQ_RECORDS_BAD;
    return found;
}

static void look_at_arriving(struct liq_fcgi *f, struct connection *c,
                             uint32_t events)
{
    enum liq_records found = peek(f, c);

    if (found == LIQ_RECORDS_PART && !(events & (EPOLLRDHUP | EPOLLHUP)))
        return;
    unwatch(f, c);
    c->has_body = found == LIQ_RECORDS_BODY;
    if (found == LIQ_RECORDS_WHOLE || found == LIQ_RECORDS_BODY)
        liq_work_post(f->work, &c->task, LIQ_LANE_LIGHT);
    else
        close_connection(c);
}

static void write_on(struct liq_fcgi *f, struct connection *c)
{
    enum liq_output_state state = liq_output_write(&c->output, c->fd);

    if (state == LIQ_OUTPUT_MORE) {
        take_out(f, c);
        append(f, c); /* its time begins again */
        return;
    }
    unwatch(f, c);
    if (state == LIQ_OUTPUT_DONE)
        finish(c);
    else
        close_connection(c);
}

/* Something has changed at a connection that the thread waits for. */
static void look_at(struct liq_fcgi *f, struct connection *c, uint32_t events)
{
    if (c->state == ARRIVING) {
        look_at_arriving(f, c, events);
    } else if (c->state == WRITING) {
        write_on(f, c);
    } else if (skip_input(c->fd)) {
        unwatch(f, c);
        close_connection(c);
    }
}

static void drop_late(struct liq_fcgi *f)
{
    int64_t now_ms = mono_ms();
    struct connection *c, *next;

    for (int i = 0; i < 2; i++) {
        for (c = f->waits[i].first; c && c->until_ms <= now_ms; c = next) {
            next = c->next;
            unwatch(f, c);
            close_connection(c);
        }
    }
}

static void watch_handed(struct liq_fcgi *f)
{
    struct connection *c, *next;

    liq_lock_take(&f->lock);
    c = f->handed;
    f->handed = NULL;
    liq_lock_give(&f->lock);
    for (; c; c = next) {
        next = c->next;
        watch(f, c);
    }
}

/* --- accepting, on the thread --------------------------------------------- */

static void listen_for(struct liq_fcgi *f, uint32_t events)
{
    struct epoll_event e = {.events = events, .data.ptr = &f->listen};

    (void)epoll_ctl(f->epoll, EPOLL_CTL_MOD, f->listen.fd, &e);
}

static void set_options(int fd)
{
    struct timeval receive = {.tv_sec = ARRIVAL_MS / 1000};

    /* Only if libfcgi should read more than we have seen. */
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &receive, sizeof receive);
    (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
}

static void welcome(struct liq_fcgi *f, int fd)
{
    struct connection *c = calloc(1, sizeof *c);

    if (!c) {
        close(fd);
        return;
    }
    set_options(fd);
    c->f = f;
    c->fd = fd;
    c->task.run = start_request;
    liq_lock_take(&f->lock);
    f->open++;
    liq_lock_give(&f->lock);
    watch(f, c);
    look_at(f, c, 0); /* mostly it is there already */
}

static void stop_accepting(struct liq_fcgi *f)
{
    f->accepts = false;
    (void)epoll_ctl(f->epoll, EPOLL_CTL_DEL, f->listen.fd, NULL);
}

static size_t count_open(struct liq_fcgi *f)
{
    size_t n;

    liq_lock_take(&f->lock);
    n = f->open;
    liq_lock_give(&f->lock);
    return n;
}

static void pause_accepting(struct liq_fcgi *f, int64_t until_ms)
{
    f->paused = true;
    f->accept_ms = until_ms;
    listen_for(f, 0);
}

static void accept_some(struct liq_fcgi *f)
{
    int fd;

    for (int i = 0; f->accepts && i < ACCEPT_AT_ONCE; i++) {
        if (count_open(f) >= f->most) {
            pause_accepting(f, 0);
            return;
        }
        fd = accept(f->listen.fd, NULL, NULL);
        if (fd >= 0) {
            welcome(f, fd);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM ||
                   errno == ENOBUFS) {
            pause_accepting(f, mono_ms() + ACCEPT_PAUSE_MS);
            return;
        } else if (errno == EAGAIN) {
            if (f->end_ms != 0)
                stop_accepting(f);
            return;
        }
    }
}

/* After a pause, or when one of too many was closed. */
static void accept_again(struct liq_fcgi *f)
{
    if (!f->paused || mono_ms() < f->accept_ms || count_open(f) >= f->most)
        return;
    f->paused = false;
    f->accept_ms = 0;
    if (f->accepts)
        listen_for(f, EPOLLIN);
}

/* A signal came.  At one that ends us, who has connected to a socket of our own
 * is still served: nobody else would.  At one that was handed over the next
 * process will. */
static void on_signal(struct liq_fcgi *f, int64_t grace_ms)
{
    struct signalfd_siginfo info;

    if (read(f->signals, &info, sizeof info) != sizeof info || f->end_ms != 0)
        return;
    if (info.ssi_signo == SIGHUP) {
        if (f->on_hangup)
            f->on_hangup(f->hangup_arg);
        return;
    }
    liq_log(LIQ_LOG_INFO, "ending signal=%u", info.ssi_signo);
    f->end_ms = mono_ms() + grace_ms;
    liq_lock_take(&f->lock);
    f->ending = true;
    liq_lock_give(&f->lock);
    liq_listen_withdraw(&f->listen);
    if (f->listen.path[0])
        accept_some(f);
    else
        stop_accepting(f);
}

/* --- the thread ----------------------------------------------------------- */

static int wait_ms(const struct liq_fcgi *f)
{
    int64_t next_ms = INT64_MAX, left_ms;

    for (int i = 0; i < 2; i++) {
        const struct connection *c = f->waits[i].first;

        if (c && c->until_ms < next_ms)
            next_ms = c->until_ms;
    }
    if (f->accept_ms != 0 && f->accept_ms < next_ms)
        next_ms = f->accept_ms;
    if (f->end_ms != 0 && f->end_ms < next_ms)
        next_ms = f->end_ms;
    if (next_ms == INT64_MAX)
        return -1;
    left_ms = next_ms - mono_ms();
    return left_ms > 0 ? (int)left_ms : 0;
}

static void handle(struct liq_fcgi *f, const struct epoll_event *e,
                   int64_t grace_ms)
{
    uint64_t n;

    if (e->data.ptr == &f->listen)
        accept_some(f);
    else if (e->data.ptr == &f->signals)
        on_signal(f, grace_ms);
    else if (e->data.ptr == &f->wake)
        (void)!read(f->wake, &n, sizeof n);
    else
        look_at(f, e->data.ptr, e->events);
}

enum liq_err liq_fcgi_serve(struct liq_fcgi *f, struct liq_api *api,
                            struct liq_work *work, int64_t grace_ms)
{
    struct epoll_event event[EVENTS];

    f->api = api;
    f->work = work;
    while (f->accepts || count_open(f) > 0) {
        int n = epoll_wait(f->epoll, event, EVENTS, wait_ms(f));

        for (int i = 0; i < n; i++)
            handle(f, &event[i], grace_ms);
        watch_handed(f);
        drop_late(f);
        accept_again(f);
        if (f->end_ms != 0 && mono_ms() >= f->end_ms)
            return LIQ_ETIMEOUT;
    }
    return LIQ_OK;
}

/* --- life ----------------------------------------------------------------- */

static bool add(const struct liq_fcgi *f, int fd, void *who)
{
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = who};

    return fd >= 0 && epoll_ctl(f->epoll, EPOLL_CTL_ADD, fd, &e) == 0;
}

static bool open_events(struct liq_fcgi *f)
{
    sigset_t ends;

    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGHUP);
    f->epoll = epoll_create1(EPOLL_CLOEXEC);
    f->signals = signalfd(-1, &ends, SFD_NONBLOCK | SFD_CLOEXEC);
    f->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    return f->epoll >= 0 && add(f, f->signals, &f->signals) &&
           add(f, f->wake, &f->wake);
}

enum liq_err liq_fcgi_open(const char *path, int mode, struct liq_fcgi **out,
                           struct liq_reason *why)
{
    struct liq_fcgi *f = calloc(1, sizeof *f);
    enum liq_err err;

    if (!f || liq_lock_init(&f->lock) != LIQ_OK) {
        free(f);
        return liq_fail(why, LIQ_ENOMEM, "no memory");
    }
    f->listen.fd = f->epoll = f->signals = f->wake = -1;
    f->accepts = true;
    f->most = SIZE_MAX;
    if (!liq_request_init() || !open_events(f))
        err = liq_fail(why, LIQ_EIO, "epoll: %s", strerror(errno));
    else
        err = liq_listen_open(path, mode, &f->listen, why);
    if (!err && !add(f, f->listen.fd, &f->listen))
        err = liq_fail(why, LIQ_EIO, "epoll: %s", strerror(errno));
    if (err) {
        liq_fcgi_close(f);
        return err;
    }
    *out = f;
    return LIQ_OK;
}

void liq_fcgi_set_most(struct liq_fcgi *f, size_t n)
{
    f->most = n;
}

void liq_fcgi_on_hangup(struct liq_fcgi *f, void (*fn)(void *arg), void *arg)
{
    f->on_hangup = fn;
    f->hangup_arg = arg;
}

void liq_fcgi_close(struct liq_fcgi *f)
{
    if (!f)
        return;
    liq_listen_close(&f->listen);
    if (f->wake >= 0)
        close(f->wake);
    if (f->signals >= 0)
        close(f->signals);
    if (f->epoll >= 0)
        close(f->epoll);
    liq_lock_free(&f->lock);
    free(f);
}
