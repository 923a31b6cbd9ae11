/*
 * The only file that knows libfcgi.  Connections are accepted here and given to
 * it, because its own accept can only be woken by shutting the socket down,
 * which would close a socket that others hold too, for them as well.
 */
#include "liqmap/fcgi.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#include <fcgiapp.h>
#include "liqmap/log.h"
#include "listen.h"

/* A web server that is this slow on a local socket is not there any more. */
#define RECEIVE_SECONDS 3
#define SEND_SECONDS 5
/* Out of descriptors: some are given back soon. */
#define ACCEPT_PAUSE_MS 50
/* libfcgi counts bytes in int. */
#define PUT_MAX ((size_t)1 << 20)

struct liq_fcgi {
    struct liq_listen listen;
    int wake[2]; /* closing [1] wakes every worker */
    struct liq_api *api;
    pthread_mutex_t lock;
    pthread_cond_t ended;
    int running; /* workers, under lock */
};

/* --- one request -------------------------------------------------------------
 */

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

static void answer(struct liq_api *api, const FCGX_Request *r)
{
    char path[512], status[64];
    struct liq_api_request request = {
        .method = FCGX_GetParam("REQUEST_METHOD", r->envp),
        .path = path,
        .query = FCGX_GetParam("QUERY_STRING", r->envp),
        .accept_encoding = FCGX_GetParam("HTTP_ACCEPT_ENCODING", r->envp),
        .if_none_match = FCGX_GetParam("HTTP_IF_NONE_MATCH", r->envp)};
    struct liq_api_response response;

    path_of(r, path, sizeof path);
    liq_api_handle(api, &request, &response);
    snprintf(status, sizeof status, "Status: %d %s\r\n", response.status,
             response.reason);
    put(r->out, status, strlen(status));
    put(r->out, response.header, strlen(response.header));
    put(r->out, "\r\n", 2);
    if (response.body)
        put(r->out, response.body, response.len);
    liq_api_response_free(&response);
}

/* One connection carries one request; it is closed behind it even if the web
 * server would keep it, for an idle one would hold a worker. */
static void serve_connection(struct liq_api *api, int fd)
{
    FCGX_Request r;

    if (FCGX_InitRequest(&r, -1, 0) != 0) {
        close(fd);
        return;
    }
    /* FCGX_Accept_r goes on with an open connection if there is one and may
     * keep it; its own accept fails at once on descriptor -1. */
    r.ipcFd = fd;
    r.keepConnection = 1;
    if (FCGX_Accept_r(&r) != 0) {
        FCGX_Free(&r, 1);
        return;
    }
    answer(api, &r);
    r.keepConnection = 0;
    FCGX_Finish_r(&r);
}

/* --- workers
 * -------------------------------------------------------------------- */

static void set_timeouts(int fd)
{
    struct timeval receive = {.tv_sec = RECEIVE_SECONDS};
    struct timeval send = {.tv_sec = SEND_SECONDS};

    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &receive, sizeof receive);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &send, sizeof send);
    (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
}

/* True when told to end. */
static bool wait_for_work(const struct liq_fcgi *f)
{
    struct pollfd fds[2] = {{.fd = f->wake[0], .events = POLLIN},
                            {.fd = f->listen.fd, .events = POLLIN}};

    (void)poll(fds, 2, -1);
    return fds[0].revents != 0;
}

/* Told to end, a worker still answers those who connected to our own socket:
 * nobody else will.  At one that was handed over the next process will. */
static bool may_accept(const struct liq_fcgi *f, bool ending)
{
    return !ending || f->listen.path[0];
}

static void *work(void *arg)
{
    struct liq_fcgi *f = arg;
    bool ending = false;

    for (;;) {
        int fd;

        ending = ending || wait_for_work(f);
        if (!may_accept(f, ending))
            break;
        fd = accept(f->listen.fd, NULL, NULL);
        if (fd >= 0) {
            set_timeouts(fd);
            serve_connection(f->api, fd);
        } else if (ending) {
            break;
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM) {
            struct pollfd wake = {.fd = f->wake[0], .events = POLLIN};

            (void)poll(&wake, 1, ACCEPT_PAUSE_MS);
        }
    }
    pthread_mutex_lock(&f->lock);
    f->running--;
    pthread_cond_signal(&f->ended);
    pthread_mutex_unlock(&f->lock);
    return NULL;
}

/* As many workers as can be had, up to n; how many. */
static int start_workers(struct liq_fcgi *f, pthread_t *thread, int n)
{
    int started = 0;

    pthread_mutex_lock(&f->lock);
    while (started < n && pthread_create(&thread[started], NULL, work, f) == 0)
        started++;
    f->running = started;
    pthread_mutex_unlock(&f->lock);
    return started;
}

/* False when some still run after grace_ms. */
static bool wait_for_workers(struct liq_fcgi *f, int64_t grace_ms)
{
    struct timespec until;
    int rc = 0;
    bool all;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += (time_t)(grace_ms / 1000) + 1;
    pthread_mutex_lock(&f->lock);
    while (f->running > 0 && rc == 0)
        rc = pthread_cond_timedwait(&f->ended, &f->lock, &until);
    all = f->running == 0;
    pthread_mutex_unlock(&f->lock);
    return all;
}

static void wait_for_signal(void)
{
    sigset_t ends;
    int signal_number;

    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    while (sigwait(&ends, &signal_number) != 0)
        ;
    liq_log(LIQ_LOG_INFO, "ending signal=%d", signal_number);
}

enum liq_err liq_fcgi_serve(struct liq_fcgi *f, struct liq_api *api,
                            int workers, int64_t grace_ms)
{
    pthread_t *thread = calloc((size_t)workers, sizeof *thread);
    enum liq_err err = LIQ_OK;
    int started;

    if (!thread)
        return LIQ_ENOMEM;
    f->api = api;
    started = start_workers(f, thread, workers);
    if (started > 0)
        wait_for_signal();
    else
        err = LIQ_ENOMEM;
    liq_listen_withdraw(&f->listen);
    close(f->wake[1]);
    f->wake[1] = -1;
    if (!wait_for_workers(f, grace_ms)) {
        free(thread);
        return LIQ_ETIMEOUT;
    }
    for (int i = 0; i < started; i++)
        pthread_join(thread[i], NULL);
    free(thread);
    return err;
}

/* --- life
 * ------------------------------------------------------------------------- */

static bool init_condition(pthread_cond_t *c)
{
    pthread_condattr_t monotonic;
    bool ok;

    if (pthread_condattr_init(&monotonic) != 0)
        return false;
    ok = pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0 &&
         pthread_cond_init(c, &monotonic) == 0;
    pthread_condattr_destroy(&monotonic);
    return ok;
}

enum liq_err liq_fcgi_open(const char *path, int mode, struct liq_fcgi **out,
                           struct liq_reason *why)
{
    struct liq_fcgi *f = calloc(1, sizeof *f);
    enum liq_err err;

    if (!f)
        return liq_fail(why, LIQ_ENOMEM, "no memory");
    f->listen.fd = -1;
    f->wake[0] = f->wake[1] = -1;
    if (pthread_mutex_init(&f->lock, NULL) != 0 || !init_condition(&f->ended)) {
        free(f);
        return liq_fail(why, LIQ_ENOMEM, "no memory");
    }
    if (FCGX_Init() != 0 || pipe(f->wake) != 0)
        err = liq_fail(why, LIQ_EIO, "pipe: %s", strerror(errno));
    else
        err = liq_listen_open(path, mode, &f->listen, why);
    if (err) {
        liq_fcgi_close(f);
        return err;
    }
    (void)fcntl(f->wake[0], F_SETFD, FD_CLOEXEC);
    (void)fcntl(f->wake[1], F_SETFD, FD_CLOEXEC);
    *out = f;
    return LIQ_OK;
}

void liq_fcgi_close(struct liq_fcgi *f)
{
    if (!f)
        return;
    liq_listen_close(&f->listen);
    for (int i = 0; i < 2; i++) {
        if (f->wake[i] >= 0)
            close(f->wake[i]);
    }
    pthread_cond_destroy(&f->ended);
    pthread_mutex_destroy(&f->lock);
    free(f);
}
