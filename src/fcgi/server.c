/*
 * One thread accepts connections, waits until the request of each has come
 * whole and until what a web server did not read at once can be written.  It
 * responds itself to what is in the cache, which takes less than to wake
 * another thread; tasks of the work queue do the rest (connection.c).  Nobody
 * can hold it up: libfcgi finds a whole request in the socket's buffer, and its
 * reads do not wait for more.
 */
#define _GNU_SOURCE /* accept4, MSG_DONTWAIT */
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
#include <unistd.h>
#include "liqmap/log.h"
#include "connection.h"
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
#define EVENTS 64

static int64_t mono_ms(void)
{
    return liq_clock_system.mono_ms(&liq_clock_system);
}

/* --- waiting for connections, on the thread ------------------------------- */

/* What arrives stays in the socket until it is whole, so only further bytes are
 * news; what is left of a body is read as it comes. */
static void watch(struct liq_fcgi *f, struct liq_connection *c)
{
    static const uint32_t events[] = {[LIQ_ARRIVING] = EPOLLIN | EPOLLET,
                                      [LIQ_LEAVING] = EPOLLIN,
                                      [LIQ_WRITING] = EPOLLOUT | EPOLLET};
    bool writing = c->state == LIQ_WRITING;

    liq_connections_append(&f->waits[writing], c,
                           writing ? WRITE_MS : ARRIVAL_MS);
    /* If this fails it is dropped like one that sends nothing. */
    (void)liq_connection_watch(c, events[c->state]);
}

static void unwatch(struct liq_fcgi *f, struct liq_connection *c)
{
    liq_connection_unwatch(c);
    liq_connections_remove(&f->waits[c->state == LIQ_WRITING], c);
}

/* What has come of a request, without taking it out of the socket. */
static enum liq_records peek(struct liq_fcgi *f, struct liq_connection *c)
{
    ssize_t n =
        recv(c->fd, f->peeked, sizeof f->peeked, MSG_PEEK | MSG_DONTWAIT);
    enum liq_records found;

    c->unread = true;
    if (n < 0)
        return errno == EAGAIN ? LIQ_RECORDS_PART : LIQ_RECORDS_BAD;
    if (n == 0)
        return LIQ_RECORDS_BAD;
    found = liq_records_check(f->peeked, (size_t)n);
    if (found == LIQ_RECORDS_PART && n == (ssize_t)sizeof f->peeked)
        return LIQ_RECORDS_BAD;
    if (found == LIQ_RECORDS_WHOLE && n <= LIQ_REQUEST_READ)
        c->unread = false;
    return found;
}

/* What has come is a request, or not; it is not watched. */
static void begin(struct liq_connection *c, enum liq_records found)
{
    c->has_body = found == LIQ_RECORDS_BODY;
    if (found == LIQ_RECORDS_WHOLE || found == LIQ_RECORDS_BODY)
        liq_connection_start(c);
    else
        liq_connection_close(c);
}

static void look_at_arriving(struct liq_fcgi *f, struct liq_connection *c,
                             uint32_t events)
{
    enum liq_records found = peek(f, c);

    if (found == LIQ_RECORDS_PART && !(events & (EPOLLRDHUP | EPOLLHUP)))
        return;
    unwatch(f, c);
    begin(c, found);
}

/* Whether it was kept; then it is not any more. */
static bool end_keeping(struct liq_fcgi *f, struct liq_connection *c)
{
    bool kept;

    liq_lock_take(&f->lock);
    kept = c->state == LIQ_KEPT;
    if (kept) {
        liq_connections_remove(&f->kept, c);
        c->state = LIQ_ARRIVING;
    }
    liq_lock_give(&f->lock);
    return kept;
}

/* The next request on one that was kept. */
static void look_at_next(struct liq_fcgi *f, struct liq_connection *c,
                         uint32_t events)
{
    enum liq_records found = peek(f, c);

    if (found == LIQ_RECORDS_PART && !(events & (EPOLLRDHUP | EPOLLHUP)))
        watch(f, c);
    else
        begin(c, found);
}

static void write_on(struct liq_fcgi *f, struct liq_connection *c)
{
    enum liq_output_state state = liq_output_write(&c->output, c->fd);

    if (state == LIQ_OUTPUT_MORE) {
        /* Its time begins again. */
        liq_connections_remove(&f->waits[1], c);
        liq_connections_append(&f->waits[1], c, WRITE_MS);
        return;
    }
    unwatch(f, c);
    if (state == LIQ_OUTPUT_DONE)
        liq_connection_finish(c);
    else
        liq_connection_close(c);
}

/* Something has changed at a connection that the thread waits for. */
static void look_at(struct liq_fcgi *f, struct liq_connection *c,
                    uint32_t events)
{
    if (end_keeping(f, c)) {
        look_at_next(f, c, events);
    } else if (c->state == LIQ_ARRIVING) {
        look_at_arriving(f, c, events);
    } else if (c->state == LIQ_WRITING) {
        write_on(f, c);
    } else if (liq_connection_skip(c)) {
        unwatch(f, c);
        liq_connection_close(c);
    }
}

static void drop_late(struct liq_fcgi *f)
{
    int64_t now_ms = mono_ms();
    struct liq_connection *c, *next;

    for (int i = 0; i < 2; i++) {
        for (c = f->waits[i].first; c && c->until_ms <= now_ms; c = next) {
            next = c->next;
            unwatch(f, c);
            liq_connection_close(c);
        }
    }
}

/* Take out the one that has been kept longest; NULL: none. */
static struct liq_connection *take_kept(struct liq_fcgi *f)
{
    struct liq_connection *c;

    liq_lock_take(&f->lock);
    c = f->kept.first;
    liq_lock_give(&f->lock);
    if (c) {
        (void)end_keeping(f, c);
        liq_connection_unwatch(c);
    }
    return c;
}

/*
 * Close kept connections, but for those with a request: one where others wait
 * for its place, all of them at the end.  Never because of their age: FastCGI
 * cannot announce it, and a web server whose next request is on its way takes
 * the daemon for dead; it closes its connections itself.  Not while events are
 * handled, which may be theirs.
 */
static void drop_kept(struct liq_fcgi *f)
{
    bool all = f->end_ms != 0, any = f->wants_room || all;
    struct liq_connection *c;

    f->wants_room = false;
    while (any && (c = take_kept(f))) {
        begin(c, peek(f, c));
        any = all;
    }
}

static void watch_handed(struct liq_fcgi *f)
{
    struct liq_connection *c, *next;

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

static void welcome(struct liq_fcgi *f, int fd)
{
    struct liq_connection *c = calloc(1, sizeof *c);
    enum liq_records found;

    if (!c) {
        close(fd);
        return;
    }
    c->f = f;
    c->fd = fd;
    liq_lock_take(&f->lock);
    f->open++;
    liq_lock_give(&f->lock);
    found = peek(f, c); /* mostly it is there already */
    if (found == LIQ_RECORDS_PART)
        watch(f, c);
    else
        begin(c, found);
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
    f->wants_room = true;
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
        fd = accept4(f->listen.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
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
        const struct liq_connection *c = f->waits[i].first;

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
        drop_kept(f);
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
