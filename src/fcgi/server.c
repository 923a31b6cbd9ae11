/*
 * The only file that knows libfcgi.  Its own accept can only be woken by
 * shutting the socket down, also for others that hold it, and it reads until a
 * request is there, however long that takes.  So one thread accepts connections
 * and waits until a request has come whole; libfcgi then finds it in the
 * socket's buffer and never waits.
 */
#define _DEFAULT_SOURCE /* MSG_DONTWAIT */
#include "liqmap/fcgi.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <fcgiapp.h>
#include "liqmap/clock.h"
#include "liqmap/lock.h"
#include "liqmap/log.h"
#include "listen.h"
#include "records.h"

/* A web server sends a request in one piece; what has not come whole by then
 * is dropped.  As long we wait for it to close after a request with a body. */
#define ARRIVAL_MS 3000
/* One write of a response; a web server that reads no byte for so long is not
 * there any more. */
#define SEND_SECONDS 5
/* Out of descriptors: some are given back soon. */
#define ACCEPT_PAUSE_MS 50
#define ACCEPT_AT_ONCE 256
/* Web servers allow 8 to 32 KB of headers. */
#define REQUEST_MAX_BYTES (64 * 1024)
/* libfcgi counts bytes in int. */
#define PUT_MAX ((size_t)1 << 20)
#define EVENTS 64

/*
 * One connection, which carries one request.
 *
 * prev, next  in the list of what the thread waits for, the oldest first
 * leaving     the response is written; the rest of the body is thrown away
 */
struct connection {
    struct liq_fcgi *f;
    struct connection *prev, *next;
    int fd;
    bool leaving;
    int64_t until_ms; /* the thread waits for it until then */

    struct liq_task task;
    FCGX_Request request;
    struct liq_api_call call;
    char path[512];
    bool has_body;
};

struct liq_fcgi {
    struct liq_listen listen;
    int epoll, signals, wake; /* wake: an eventfd */
    struct liq_api *api;
    struct liq_work *work;

    /* the thread's alone */
    struct connection *first, *last;
    unsigned char peeked[REQUEST_MAX_BYTES];
    int64_t accept_ms; /* paused until then; 0: not paused */
    int64_t end_ms;    /* after the signal: when to give up */
    bool accepts;

    struct liq_lock lock;    /* of all below */
    size_t open;             /* connections, in whatever state */
    struct connection *left; /* leaving, for the thread to wait for */
    bool ending;             /* the signal came */
};

static int64_t mono_ms(void)
{
    return liq_clock_system.mono_ms(&liq_clock_system);
}

/* --- responding, on threads of the work queue ------------------------------
 */

static void wake(struct liq_fcgi *f)
{
    const uint64_t one = 1;

    (void)!write(f->wake, &one, sizeof one);
}

static void close_connection(struct connection *c)
{
    struct liq_fcgi *f = c->f;

    if (c->fd >= 0) {
        /* With bytes unread, close would reset the connection and what we
         * wrote might be lost. */
        while (recv(c->fd, c->path, sizeof c->path, MSG_DONTWAIT) > 0)
            ;
        close(c->fd);
    }
    free(c);
    liq_lock_take(&f->lock);
    f->open--;
    if (f->ending && f->open == 0)
        wake(f); /* under the lock: f may be closed right after it */
    liq_lock_give(&f->lock);
}

/* The path as the client sent it, else put together again from its parts. */
static void path_of(const FCGX_Request *r, char *out, size_t size)
{
    const char *uri = FCGX_GetParam("REQUEST_URI", r->envp);
    const char *script = FCGX_GetParam("SCRIPT_NAME", r->envp);
    const char *info = FCGX_GetParam("PATH_INFO", r->envp);

    if (uri)
        snprintf(out, size, "%.*s", (int)strcspn(uri, "?#"), uri);
    else
        snprintf(out, size, "%s%s", script ? script : "", info ? info : "");
}

static void put(FCGX_Stream *out, const char *bytes, size_t len)
{
    while (len > 0) {
        size_t n = len < PUT_MAX ? len : PUT_MAX;

        if (FCGX_PutStr(bytes, (int)n, out) != (int)n)
            return; /* the web server has gone: nobody left to tell */
        bytes += n;
        len -= n;
    }
}

/* Let the thread read what is left of the body: a web server that is still
 * sending it would take a closed connection for a failure. */
static void leave(struct connection *c)
{
    struct liq_fcgi *f = c->f;

    (void)shutdown(c->fd, SHUT_WR);
    c->leaving = true;
    liq_lock_take(&f->lock);
    c->next = f->left;
    f->left = c;
    wake(f);
    liq_lock_give(&f->lock);
}

static void finish(struct connection *c)
{
    FCGX_Finish_r(&c->request);
    c->fd = c->request.ipcFd; /* -1: closed by libfcgi, after an error */
    if (c->fd >= 0 && c->has_body)
        leave(c);
    else
        close_connection(c);
}

static void respond(struct liq_api_call *call)
{
    struct connection *c =
        (struct connection *)((char *)call - offsetof(struct connection, call));
    struct liq_api_response *r = &call->response;
    FCGX_Stream *out = c->request.out;
    char status[64];

    snprintf(status, sizeof status, "Status: %d %s\r\n", r->status, r->reason);
    put(out, status, strlen(status));
    put(out, r->header, strlen(r->header));
    put(out, "\r\n", 2);
    if (r->body)
        put(out, r->body, r->len);
    liq_api_response_free(r);
    finish(c);
}

/* False when it is no request. */
static bool read_request(struct connection *c)
{
    FCGX_Request *r = &c->request;

    if (FCGX_InitRequest(r, -1, 0) != 0)
        return false;
    /* FCGX_Accept_r goes on with an open connection if there is one; its own
     * accept fails at once on descriptor -1.  Detached, it closes a connection
     * without waiting for the other side. */
    r->ipcFd = c->fd;
    r->keepConnection = 1;
    (void)FCGX_Detach(r);
    if (FCGX_Accept_r(r) == 0) {
        r->keepConnection = 1; /* we close it */
        return true;
    }
    c->fd = r->ipcFd;
    FCGX_Free(r, 0);
    return false;
}

static void start_request(struct liq_task *t)
{
    struct connection *c =
        (struct connection *)((char *)t - offsetof(struct connection, task));
    char **env;

    if (!read_request(c)) {
        close_connection(c);
        return;
    }
    env = c->request.envp; /* lives until FCGX_Finish_r */
    path_of(&c->request, c->path, sizeof c->path);
    c->call.request = (struct liq_api_request){
        .method = FCGX_GetParam("REQUEST_METHOD", env),
        .path = c->path,
        .query = FCGX_GetParam("QUERY_STRING", env),
        .accept_encoding = FCGX_GetParam("HTTP_ACCEPT_ENCODING", env),
        .if_none_match = FCGX_GetParam("HTTP_IF_NONE_MATCH", env)};
    c->call.done = respond;
    liq_api_start(c->f->api, &c->call); /* c may be gone */
}

/* --- waiting for connections, on the thread --------------------------------
 */

static void watch(struct liq_fcgi *f, struct connection *c)
{
    struct epoll_event e = {.events = EPOLLIN | EPOLLRDHUP | EPOLLET,
                            .data.ptr = c};

    c->until_ms = mono_ms() + ARRIVAL_MS;
    c->next = NULL;
    c->prev = f->last;
    if (f->last)
        f->last->next = c;
    else
        f->first = c;
    f->last = c;
    /* If this fails it is dropped like one that sends nothing. */
    (void)epoll_ctl(f->epoll, EPOLL_CTL_ADD, c->fd, &e);
}

static void unwatch(struct liq_fcgi *f, struct connection *c)
{
    (void)epoll_ctl(f->epoll, EPOLL_CTL_DEL, c->fd, NULL);
    if (c->prev)
        c->prev->next = c->next;
    else
        f->first = c->next;
    if (c->next)
        c->next->prev = c->prev;
    else
        f->last = c->prev;
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

/* True when the other side has closed it. */
static bool skip_body(const struct connection *c)
{
    char bytes[4096];
    ssize_t n;

    do
        n = recv(c->fd, bytes, sizeof bytes, MSG_DONTWAIT);
    while (n > 0);
    return n == 0 || errno != EAGAIN;
}

/* Something has changed at a connection that the thread waits for. */
static void look_at(struct liq_fcgi *f, struct connection *c, uint32_t events)
{
    enum liq_records found;

    if (c->leaving) {
        if (skip_body(c)) {
            unwatch(f, c);
            close_connection(c);
        }
        return;
    }
    found = peek(f, c);
    if (found == LIQ_RECORDS_PART && !(events & (EPOLLRDHUP | EPOLLHUP)))
        return;
    unwatch(f, c);
    c->has_body = found == LIQ_RECORDS_BODY;
    if (found == LIQ_RECORDS_WHOLE || found == LIQ_RECORDS_BODY)
        liq_work_post(f->work, &c->task, LIQ_LANE_LIGHT);
    else
        close_connection(c);
}

static void drop_late(struct liq_fcgi *f)
{
    int64_t now_ms = mono_ms();
    struct connection *c, *next;

    for (c = f->first; c && c->until_ms <= now_ms; c = next) {
        next = c->next;
        unwatch(f, c);
        close_connection(c);
    }
}

static void watch_leaving(struct liq_fcgi *f)
{
    struct connection *c, *next;

    liq_lock_take(&f->lock);
    c = f->left;
    f->left = NULL;
    liq_lock_give(&f->lock);
    for (; c; c = next) {
        next = c->next;
        watch(f, c);
    }
}

/* --- accepting, on the thread ----------------------------------------------
 */

static void listen_for(struct liq_fcgi *f, uint32_t events)
{
    struct epoll_event e = {.events = events, .data.ptr = &f->listen};

    (void)epoll_ctl(f->epoll, EPOLL_CTL_MOD, f->listen.fd, &e);
}

static void set_options(int fd)
{
    struct timeval receive = {.tv_sec = ARRIVAL_MS / 1000};
    struct timeval send = {.tv_sec = SEND_SECONDS};

    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &receive, sizeof receive);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &send, sizeof send);
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

static void accept_some(struct liq_fcgi *f)
{
    for (int i = 0; f->accepts && i < ACCEPT_AT_ONCE; i++) {
        int fd = accept(f->listen.fd, NULL, NULL);

        if (fd >= 0) {
            welcome(f, fd);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM ||
                   errno == ENOBUFS) {
            f->accept_ms = mono_ms() + ACCEPT_PAUSE_MS;
            listen_for(f, 0);
            return;
        } else if (errno == EAGAIN) {
            if (f->end_ms != 0)
                stop_accepting(f);
            return;
        }
    }
}

static void end_pause(struct liq_fcgi *f)
{
    if (f->accept_ms == 0 || mono_ms() < f->accept_ms)
        return;
    f->accept_ms = 0;
    if (f->accepts)
        listen_for(f, EPOLLIN);
}

/* The signal came.  Who has connected to a socket of our own is still served:
 * nobody else would.  At one that was handed over the next process will. */
static void begin_end(struct liq_fcgi *f, int64_t grace_ms)
{
    struct signalfd_siginfo info;

    if (read(f->signals, &info, sizeof info) != sizeof info || f->end_ms != 0)
        return;
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

/* --- the thread ------------------------------------------------------------
 */

static int wait_ms(const struct liq_fcgi *f)
{
    int64_t next_ms = f->first ? f->first->until_ms : INT64_MAX;
    int64_t left_ms;

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
        begin_end(f, grace_ms);
    else if (e->data.ptr == &f->wake)
        (void)!read(f->wake, &n, sizeof n);
    else
        look_at(f, e->data.ptr, e->events);
}

static size_t count_open(struct liq_fcgi *f)
{
    size_t n;

    liq_lock_take(&f->lock);
    n = f->open;
    liq_lock_give(&f->lock);
    return n;
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
        watch_leaving(f);
        drop_late(f);
        end_pause(f);
        if (f->end_ms != 0 && mono_ms() >= f->end_ms)
            return LIQ_ETIMEOUT;
    }
    return LIQ_OK;
}

/* --- life ------------------------------------------------------------------
 */

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
    if (FCGX_Init() != 0 || !open_events(f))
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
