/* The server as a web server sees it: FastCGI records over its socket, and an
 * api of a few lines behind it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>
#include "liqmap/fcgi.h"
#include "liqmap/lock.h"
#include "liqmap/log.h"

/* More than a socket holds. */
#define LARGE_BYTES 1500000
#define QUEUED 50

/* --- the api ---------------------------------------------------------------
 * Responds with what it was asked, at once; to /later when the test says so. */

struct liq_api {
    struct liq_lock lock;
    pthread_cond_t changed;
    struct liq_api_call **parked; /* [n_parked] */
    int n_parked, most_parked;
    char *large;
};

static void fill_response(struct liq_api *a, struct liq_api_call *c)
{
    const struct liq_api_request *q = &c->request;
    struct liq_api_response *r = &c->response;
    char *echo = malloc(2000);

    assert_non_null(echo);
    snprintf(echo, 2000, "%s %s %s %s %s", q->method ? q->method : "-", q->path,
             q->query ? q->query : "-",
             q->accept_encoding ? q->accept_encoding : "-",
             q->if_none_match ? q->if_none_match : "-");
    r->status = 200;
    r->reason = "OK";
    r->hold = (struct liq_item *)(void *)echo;
    r->body = strstr(q->path, "/large") ? a->large : echo;
    r->len = strlen(r->body);
    snprintf(r->header, sizeof r->header, "Content-Length: %zu\r\n", r->len);
    if (q->method && strcmp(q->method, "HEAD") == 0)
        r->body = NULL;
}

void liq_api_response_free(struct liq_api_response *r)
{
    free(r->hold);
    r->hold = NULL;
}

void liq_api_start(struct liq_api *a, struct liq_api_call *c)
{
    fill_response(a, c);
    if (!strstr(c->request.path, "/later")) {
        c->done(c);
        return;
    }
    liq_lock_take(&a->lock);
    a->parked[a->n_parked++] = c;
    if (a->n_parked > a->most_parked)
        a->most_parked = a->n_parked;
    pthread_cond_signal(&a->changed);
    liq_lock_give(&a->lock);
}

/* What begins with /cached is in its cache. */
bool liq_api_respond_cached(struct liq_api *a, struct liq_api_call *c)
{
    if (strncmp(c->request.path, "/cached", 7) != 0)
        return false;
    fill_response(a, c);
    c->done(c);
    return true;
}

#define PARKED_MAX 4000

static struct liq_api *api_new(void)
{
    struct liq_api *a = calloc(1, sizeof *a);

    assert_non_null(a);
    assert_int_equal(liq_lock_init(&a->lock), LIQ_OK);
    assert_int_equal(liq_condition_init(&a->changed), LIQ_OK);
    a->parked = calloc(PARKED_MAX, sizeof(struct liq_api_call *));
    a->large = malloc(LARGE_BYTES + 1);
    assert_true(a->parked && a->large);
    memset(a->large, 'x', LARGE_BYTES);
    a->large[LARGE_BYTES] = '\0';
    return a;
}

static void api_free(struct liq_api *a)
{
    assert_int_equal(a->n_parked, 0);
    pthread_cond_destroy(&a->changed);
    liq_lock_free(&a->lock);
    free(a->large);
    free(a->parked);
    free(a);
}

/* Then a request is lost: a failure, not a hang. */
#define PATIENCE_MS 100000

static void wait_until_parked(struct liq_api *a, int n)
{
    const struct liq_clock *clock = &liq_clock_system;
    int64_t end_ms = clock->mono_ms(clock) + PATIENCE_MS, left_ms = PATIENCE_MS;
    int parked;

    liq_lock_take(&a->lock);
    while ((parked = a->n_parked) < n && left_ms > 0) {
        liq_condition_wait(&a->changed, &a->lock, left_ms);
        left_ms = end_ms - clock->mono_ms(clock);
    }
    liq_lock_give(&a->lock);
    assert_true(parked >= n);
}

/* Respond to all that are parked, on this thread; how many. */
static int respond_parked(struct liq_api *a)
{
    int n = 0;

    for (;;) {
        struct liq_api_call *c = NULL;

        liq_lock_take(&a->lock);
        if (a->n_parked > 0)
            c = a->parked[--a->n_parked];
        liq_lock_give(&a->lock);
        if (!c)
            return n;
        c->done(c);
        n++;
    }
}

/* --- the server -------------------------------------------------------------
 */

struct server {
    struct liq_api *api;
    struct liq_work *work;
    struct liq_fcgi *fcgi;
    pthread_t thread;
    enum liq_err result;
    char folder[64], path[96];
};

/* The one that a test has running. */
static struct server *running;

static void *serve(void *arg)
{
    struct server *s = arg;

    s->result = liq_fcgi_serve(s->fcgi, s->api, s->work, 30000);
    return NULL;
}

static struct server *server_open(int threads)
{
    struct server *s = calloc(1, sizeof *s);
    struct liq_reason why = {0};

    assert_non_null(s);
    s->api = api_new();
    s->work = liq_work_new(threads, 1, &liq_clock_system);
    assert_non_null(s->work);
    snprintf(s->folder, sizeof s->folder, "/tmp/liqmap-server-XXXXXX");
    assert_non_null(mkdtemp(s->folder));
    snprintf(s->path, sizeof s->path, "%s/liqmapd.sock", s->folder);
    assert_int_equal(liq_fcgi_open(s->path, 0600, &s->fcgi, &why), LIQ_OK);
    return s;
}

static void server_run(struct server *s)
{
    assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
    running = s;
}

static struct server *server_start(int threads)
{
    struct server *s = server_open(threads);

    server_run(s);
    return s;
}

/* After the signal. */
static void server_join(struct server *s)
{
    running = NULL;
    pthread_join(s->thread, NULL);
    assert_int_equal(s->result, LIQ_OK);
    liq_fcgi_close(s->fcgi);
    liq_work_free(s->work);
    assert_int_equal(access(s->path, F_OK), -1);
    assert_int_equal(rmdir(s->folder), 0);
    api_free(s->api);
    free(s);
}

static void server_stop(struct server *s)
{
    kill(getpid(), SIGTERM);
    server_join(s);
}

static void raise_descriptors(void)
{
    struct rlimit r;

    if (getrlimit(RLIMIT_NOFILE, &r) == 0) {
        r.rlim_cur = r.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &r);
    }
}

/* A test that failed left its server, which would take the signal that is meant
 * for the next one's, and few descriptors. */
static int stop_running(void **state)
{
    (void)state;
    raise_descriptors();
    if (running) {
        respond_parked(running->api);
        server_stop(running);
    }
    return 0;
}

/* --- a web server ----------------------------------------------------------
 */

static int connect_to(const struct server *s)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    struct timeval patience = {.tv_sec = PATIENCE_MS / 1000};

    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    snprintf(a.sun_path, sizeof a.sun_path, "%s", s->path);
    assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
    return fd;
}

static void send_record(int fd, unsigned char type, const void *body, size_t n)
{
    unsigned char head[8] = {
        1, type, 0, 1, (unsigned char)(n >> 8), (unsigned char)n, 0, 0};

    assert_int_equal(write(fd, head, 8), 8);
    if (n > 0)
        assert_int_equal(write(fd, body, n), n);
}

/* params: "NAME=value\nNAME=value\n" */
static void send_request(int fd, const char *params, bool keep)
{
    const unsigned char begin[8] = {0, 1, keep, 0, 0, 0, 0, 0};
    unsigned char body[1000];
    size_t n = 0;

    send_record(fd, 1, begin, 8);
    while (*params) {
        size_t name = strcspn(params, "="), line = strcspn(params, "\n");

        body[n++] = (unsigned char)name;
        body[n++] = (unsigned char)(line - name - 1);
        memcpy(body + n, params, name);
        memcpy(body + n + name, params + name + 1, line - name - 1);
        n += line - 1;
        params += line + 1;
    }
    send_record(fd, 4, body, n);
    send_record(fd, 4, NULL, 0);
    send_record(fd, 5, NULL, 0);
}

static bool read_all(int fd, void *out, size_t n)
{
    for (size_t done = 0; done < n;) {
        ssize_t got = read(fd, (char *)out + done, n - done);

        if (got <= 0)
            return false;
        done += (size_t)got;
    }
    return true;
}

/* What came on standard output until the end of the request; NUL-terminated, to
 * be freed.  NULL when the connection ended before. */
static char *receive(int fd)
{
    static char scratch[65536 + 256];
    size_t room = 4096, len = 0;
    char *text = calloc(1, room);
    unsigned char head[8];

    while (read_all(fd, head, 8)) {
        size_t n = (size_t)head[4] << 8 | head[5];

        if (!read_all(fd, scratch, n + head[6]))
            break;
        if (head[1] == 3)
            return text;
        if (head[1] != 6)
            continue;
        if (len + n >= room) {
            room = 2 * (len + n) + 1;
            text = realloc(text, room);
        }
        memcpy(text + len, scratch, n);
        len += n;
        text[len] = '\0';
    }
    free(text);
    return NULL;
}

static void send_get(int fd, const char *path)
{
    char params[200];

    snprintf(params, sizeof params, "REQUEST_METHOD=GET\nREQUEST_URI=%s\n",
             path);
    send_request(fd, params, false);
}

static char *ask_once(const struct server *s, const char *params)
{
    int fd = connect_to(s);
    char *text;

    send_request(fd, params, false);
    text = receive(fd);
    close(fd);
    assert_non_null(text);
    return text;
}

static void expect_response(int fd)
{
    char *text = receive(fd);

    assert_non_null(text);
    assert_memory_equal(text, "Status: 200 OK\r\n", 16);
    free(text);
}

static bool is_closed(int fd)
{
    char byte;
    ssize_t n = read(fd, &byte, 1);

    return n == 0 || (n < 0 && errno != EAGAIN);
}

/* --- the tests --------------------------------------------------------------
 */

/* The body is as long as its header says. */
static void expect_whole(const char *text)
{
    const char *length = strstr(text, "Content-Length: ");
    const char *body = strstr(text, "\r\n\r\n");

    assert_non_null(length);
    assert_non_null(body);
    assert_int_equal(strtol(length + 16, NULL, 10), strlen(body + 4));
}

#define TEN "0123456789"
#define LONG TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN "/"

static void requests_are_answered(void **state)
{
    static const struct {
        const char *name, *params, *ends;
    } cases[] = {
        {"by uri",
         "REQUEST_METHOD=GET\nREQUEST_URI=/x/api/v1/ticker?symbol=BTCUSDT\n"
         "QUERY_STRING=symbol=BTCUSDT\n",
         "\r\n\r\nGET /x/api/v1/ticker symbol=BTCUSDT - -"},
        {"by script and info",
         "REQUEST_METHOD=GET\nSCRIPT_NAME=/api/v1\nPATH_INFO=/ticker\n"
         "QUERY_STRING=\n",
         "\r\n\r\nGET /api/v1/ticker  - -"},
        {"headers",
         "REQUEST_METHOD=GET\nREQUEST_URI=/a\nHTTP_ACCEPT_ENCODING=gzip\n"
         "HTTP_IF_NONE_MATCH=\"x\"\n",
         "\r\n\r\nGET /a - gzip \"x\""},
        {"nothing at all", "X=y\n", "\r\n\r\n-  - - -"},
        {"more than is usual",
         "REQUEST_METHOD=GET\nREQUEST_URI=/a\nQUERY_STRING=" LONG
         "\nHTTP_ACCEPT_ENCODING=" LONG "\nHTTP_IF_NONE_MATCH=" LONG
         "\nSCRIPT_NAME=" LONG "\nPATH_INFO=" LONG "\n",
         "\r\n\r\nGET /a " LONG " " LONG " " LONG},
        {"from the cache", "REQUEST_METHOD=GET\nREQUEST_URI=/cached\n",
         "\r\n\r\nGET /cached - - -"},
        {"a large one", "REQUEST_METHOD=GET\nREQUEST_URI=/large\n", "xxxx"},
        {"head", "REQUEST_METHOD=HEAD\nREQUEST_URI=/a\n", "\r\n\r\n"},
    };
    struct server *s = server_start(2);

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *text = ask_once(s, cases[i].params);
        size_t n = strlen(cases[i].ends), len = strlen(text);

        print_message("  %s\n", cases[i].name);
        assert_memory_equal(text, "Status: 200 OK\r\n", 16);
        assert_true(len > n);
        assert_string_equal(text + len - n, cases[i].ends);
        if (strcmp(cases[i].name, "head") != 0)
            expect_whole(text);
        free(text);
    }
    server_stop(s);
}

/* Whatever a connection does, the one thread is there for the next. */
static void bad_connections_do_not_stay(void **state)
{
    static const unsigned char params_beyond[] = {1, 1, 0, 1, 0, 8, 0, 0, 0,
                                                  1, 0, 0, 0, 0, 0, 0, 1, 4,
                                                  0, 1, 0, 2, 0, 0, 9, 9, /* */
                                                  1, 4, 0, 1, 0, 0, 0, 0};
    struct server *s = server_start(1);
    char *huge = calloc(1, 70000);
    int fd;

    (void)state;
    close(connect_to(s)); /* comes and goes */
    fd = connect_to(s);
    assert_int_equal(write(fd, "GET / HTTP/1.0\r\n\r\n", 18), 18);
    assert_true(is_closed(fd));
    close(fd);
    fd = connect_to(s); /* half a record */
    assert_int_equal(write(fd, "\1\1\0\1", 4), 4);
    close(fd);
    fd = connect_to(s); /* a name that is longer than its record */
    assert_int_equal(write(fd, params_beyond, sizeof params_beyond),
                     sizeof params_beyond);
    assert_true(is_closed(fd));
    close(fd);
    fd = connect_to(s); /* parameters without end */
    send_record(fd, 1, "\0\1\0\0\0\0\0", 8);
    send_record(fd, 4, huge, 60000);
    send_record(fd, 4, huge, 60000);
    assert_true(is_closed(fd));
    close(fd);
    free(huge);
    fd = connect_to(s); /* asks and does not wait for the response */
    send_get(fd, "/large");
    close(fd);
    server_stop(s);
}

#define DRIPPING 40

/* They send a byte now and then; others are served meanwhile, and in the end
 * they are dropped although they still send. */
static void dripping_holds_nobody_up(void **state)
{
    static const unsigned char begin[] = {1, 1, 0, 1, 0, 8, 0, 0,
                                          0, 1, 0, 0, 0, 0, 0, 0};
    struct server *s = server_start(1);
    struct pollfd drip[DRIPPING];
    int left = DRIPPING;

    (void)state;
    for (int i = 0; i < DRIPPING; i++) {
        drip[i].fd = connect_to(s);
        drip[i].events = POLLIN;
        assert_int_equal(write(drip[i].fd, begin, sizeof begin), sizeof begin);
    }
    for (int i = 0; i < DRIPPING; i++) {
        int fd = connect_to(s);

        send_get(fd, "/a");
        expect_response(fd);
        close(fd);
    }
    while (left > 0) {
        for (int i = 0; i < DRIPPING; i++) {
            if (drip[i].fd >= 0 && write(drip[i].fd, "\1", 1) != 1) {
                close(drip[i].fd);
                drip[i].fd = -1;
                left--;
            }
        }
        (void)poll(drip, DRIPPING, 100);
    }
    server_stop(s);
}

static void comes_in_pieces(void **state)
{
    static const unsigned char whole[] = {
        1, 1, 0, 1, 0, 8, 0, 0, 0, 1, 0,   0,   0, 0, 0, 0, /* begin */
        1, 4, 0, 1, 0, 4, 2, 0, 1, 1, 'X', 'y', 0, 0,       /* a parameter */
        1, 4, 0, 1, 0, 0, 0, 0,                             /* no more */
        1, 5, 0, 1, 0, 0, 0, 0};                            /* no body */
    struct server *s = server_start(1);
    int fd = connect_to(s);

    (void)state;
    for (size_t i = 0; i < sizeof whole; i++)
        assert_int_equal(write(fd, whole + i, 1), 1);
    expect_response(fd);
    close(fd);
    server_stop(s);
}

/* A web server that still sends a body when the response is written. */
static void bodies_are_read(void **state)
{
    struct server *s = server_start(1);
    char *body = calloc(1, 50000);
    int fd = connect_to(s);

    (void)state;
    send_record(fd, 1, "\0\1\0\0\0\0\0", 8);
    send_record(fd, 4, "\1\1Xy", 4);
    send_record(fd, 4, NULL, 0);
    for (int i = 0; i < 20; i++)
        send_record(fd, 5, body, 50000);
    send_record(fd, 5, NULL, 0);
    expect_response(fd);
    assert_true(is_closed(fd));
    close(fd);
    free(body);
    server_stop(s);
}

#define SLOW 8

/* They ask for much and do not read it; others are served meanwhile by the one
 * thread, and in the end they get all of it. */
static void slow_readers_hold_nobody_up(void **state)
{
    struct server *s = server_start(1);
    int slow[SLOW], fd;

    (void)state;
    for (int i = 0; i < SLOW; i++) {
        slow[i] = connect_to(s);
        send_get(slow[i], "/large");
    }
    for (int i = 0; i < SLOW; i++) {
        fd = connect_to(s);
        send_get(fd, "/a");
        expect_response(fd);
        close(fd);
    }
    close(slow[0]); /* goes without having read */
    for (int i = 1; i < SLOW; i++) {
        char *text = receive(slow[i]);

        assert_non_null(text);
        expect_whole(text);
        assert_int_equal(strlen(strstr(text, "\r\n\r\n") + 4), LARGE_BYTES);
        assert_true(is_closed(slow[i]));
        free(text);
        close(slow[i]);
    }
    server_stop(s);
}

/* --- kept connections -------------------------------------------------------
 */

static void send_kept(int fd, const char *path)
{
    char params[200];

    snprintf(params, sizeof params, "REQUEST_METHOD=GET\nREQUEST_URI=%s\n",
             path);
    send_request(fd, params, true);
}

/* Parameters of 24 KB, which end with the third 8192 bytes: libfcgi, which
 * reads as many at a time, leaves the last record in the socket. */
static void send_long(int fd, bool keep)
{
    unsigned char pair[2038] = {4, 0x80, 0, 11, 0, 'L', 'O', 'N', 'G'};
    const unsigned char begin[8] = {0, 1, keep};

    memset(pair + 9, 'x', sizeof pair - 9);
    pair[3] = (unsigned char)((sizeof pair - 9) >> 8);
    pair[4] = (unsigned char)((sizeof pair - 9) & 0xff);
    send_record(fd, 1, begin, sizeof begin);
    for (int i = 0; i < 12; i++)
        send_record(fd, 4, pair, sizeof pair);
    send_record(fd, 4, NULL, 0);
    send_record(fd, 5, NULL, 0);
}

/* One connection carries one request after another, of any length, if the web
 * server says so; the last one without that word ends it. */
static void connections_are_kept(void **state)
{
    static const char *const paths[] = {"/a", "/cached", "/large",
                                        "/cached/large"};
    struct server *s = server_start(2);
    int fd = connect_to(s);

    (void)state;
    for (int i = 0; i < 50; i++) {
        char *text;

        send_kept(fd, paths[i % 4]);
        text = receive(fd);
        assert_non_null(text);
        expect_whole(text);
        free(text);
    }
    send_long(fd, true);
    expect_response(fd);
    send_kept(fd, "/later");
    wait_until_parked(s->api, 1);
    assert_int_equal(respond_parked(s->api), 1);
    expect_response(fd);
    send_get(fd, "/a");
    expect_response(fd);
    assert_true(is_closed(fd));
    close(fd);
    server_stop(s);
}

/* What libfcgi leaves of a long request does not reset the connection, as it
 * would if that were closed with bytes unread. */
static void long_requests_end_well(void **state)
{
    struct server *s = server_start(1);
    int fd = connect_to(s);
    char byte;

    (void)state;
    send_long(fd, false);
    expect_response(fd);
    assert_int_equal(read(fd, &byte, 1), 0);
    close(fd);
    server_stop(s);
}

/* Kept connections are closed where others wait for their places, and none is
 * kept when there is no other place. */
static void kept_ones_make_room(void **state)
{
    enum { MOST = 3 };
    struct server *s = server_open(1);
    int kept[MOST], later[MOST];

    (void)state;
    liq_fcgi_set_most(s->fcgi, MOST);
    server_run(s);
    for (int i = 0; i < MOST; i++) {
        kept[i] = connect_to(s);
        send_kept(kept[i], "/a");
        expect_response(kept[i]);
    }
    for (int i = 0; i < MOST; i++) {
        later[i] = connect_to(s);
        send_kept(later[i], "/later");
    }
    wait_until_parked(s->api, MOST);
    assert_int_equal(respond_parked(s->api), MOST);
    for (int i = 0; i < MOST; i++) {
        expect_response(later[i]);
        assert_true(is_closed(kept[i]));
        close(kept[i]);
        close(later[i]);
    }
    server_stop(s);
}

/* At the end a kept connection is closed, once it has the response to a request
 * that came before. */
static void kept_ones_end(void **state)
{
    struct server *s = server_open(1);
    int busy = connect_to(s), idle = connect_to(s);

    (void)state;
    server_run(s);
    send_kept(idle, "/a");
    expect_response(idle);
    send_kept(busy, "/later");
    wait_until_parked(s->api, 1);
    kill(getpid(), SIGTERM);
    assert_true(is_closed(idle));
    assert_int_equal(respond_parked(s->api), 1);
    expect_response(busy);
    assert_true(is_closed(busy));
    close(idle);
    close(busy);
    server_join(s);
}

/* The web server closes it, or sends no FastCGI on it. */
static void kept_ones_are_dropped(void **state)
{
    struct server *s = server_start(1);
    int fd = connect_to(s);

    (void)state;
    send_kept(fd, "/a");
    expect_response(fd);
    assert_int_equal(write(fd, "GET / HTTP/1.0\r\n\r\n", 18), 18);
    assert_true(is_closed(fd));
    close(fd);
    fd = connect_to(s);
    send_kept(fd, "/a");
    expect_response(fd);
    close(fd);
    fd = connect_to(s); /* a piece of the next request, then the rest */
    send_kept(fd, "/a");
    expect_response(fd);
    assert_int_equal(write(fd, "\1\1\0\1\0\10\0\0", 8), 8);
    assert_int_equal(write(fd, "\0\1\0\0\0\0\0\0", 8), 8);
    send_record(fd, 4, "\1\1Xy", 4);
    send_record(fd, 4, NULL, 0);
    send_record(fd, 5, NULL, 0);
    expect_response(fd);
    assert_true(is_closed(fd));
    close(fd);
    server_stop(s);
}

#define CROWD 1000

/* All wait at the same time, with two threads. */
static void a_crowd_waits(void **state)
{
    struct server *s = server_start(2);
    int *fd = calloc(CROWD, sizeof *fd);
    struct liq_work_counts n;

    (void)state;
    assert_non_null(fd);
    for (int i = 0; i < CROWD; i++) {
        fd[i] = connect_to(s);
        send_get(fd[i], "/later");
    }
    wait_until_parked(s->api, CROWD);
    liq_work_count(s->work, &n);
    assert_int_equal(n.threads, 2);
    assert_int_equal(respond_parked(s->api), CROWD);
    for (int i = 0; i < CROWD; i++) {
        expect_response(fd[i]);
        close(fd[i]);
    }
    free(fd);
    server_stop(s);
}

/* valgrind accepts what is beyond the limit and closes it, where the system
 * leaves it in the queue. */
static bool under_valgrind(void)
{
    const char *preload = getenv("LD_PRELOAD");

    return preload && strstr(preload, "vgpreload");
}

/* Out of descriptors, those who wait to be accepted are served when others have
 * gone. */
static void out_of_descriptors(void **state)
{
    struct rlimit before, few;
    int fd[QUEUED], done = 0, last;
    struct server *s;

    (void)state;
    if (under_valgrind())
        skip();
    s = server_open(2);
    for (int i = 0; i < QUEUED; i++) {
        fd[i] = connect_to(s);
        send_get(fd[i], "/later");
    }
    last = fcntl(0, F_DUPFD, 0);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    few = before;
    few.rlim_cur = (rlim_t)last + 5;
    close(last);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    server_run(s);
    wait_until_parked(s->api, 5);
    while (done < QUEUED) {
        wait_until_parked(s->api, 1);
        done += respond_parked(s->api);
    }
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    for (int i = 0; i < QUEUED; i++) {
        expect_response(fd[i]);
        close(fd[i]);
    }
    server_stop(s);
}

/* Never more connections than may be open; the others wait and are served. */
static void at_most_so_many_are_open(void **state)
{
    enum { MOST = 3 };
    struct server *s = server_open(2);
    int fd[QUEUED], done = 0;

    (void)state;
    liq_fcgi_set_most(s->fcgi, MOST);
    for (int i = 0; i < QUEUED; i++) {
        fd[i] = connect_to(s);
        send_get(fd[i], "/later");
    }
    server_run(s);
    wait_until_parked(s->api, MOST);
    while (done < QUEUED) {
        wait_until_parked(s->api, 1);
        done += respond_parked(s->api);
    }
    assert_int_equal(s->api->most_parked, MOST);
    for (int i = 0; i < QUEUED; i++) {
        expect_response(fd[i]);
        close(fd[i]);
    }
    server_stop(s);
}

static void what_is_in_flight_is_finished(void **state)
{
    struct server *s = server_start(2);
    int first = connect_to(s), queued;

    (void)state;
    send_get(first, "/later");
    wait_until_parked(s->api, 1);
    queued = connect_to(s);
    kill(getpid(), SIGTERM);
    send_get(queued, "/a");
    expect_response(queued);
    assert_int_equal(respond_parked(s->api), 1);
    expect_response(first);
    close(first);
    close(queued);
    server_join(s);
}

/* Who has connected to our own socket is served although the end has come. */
static void who_has_connected_is_served(void **state)
{
    struct server *s = server_open(1);
    int fd;

    (void)state;
    kill(getpid(), SIGTERM);
    fd = connect_to(s);
    send_get(fd, "/a");
    server_run(s);
    expect_response(fd);
    close(fd);
    server_join(s);
}

static void gives_up_after_its_grace(void **state)
{
    struct server *s = server_open(1);
    int fd = connect_to(s);

    (void)state;
    send_get(fd, "/later");
    kill(getpid(), SIGTERM);
    assert_int_equal(liq_fcgi_serve(s->fcgi, s->api, s->work, 20),
                     LIQ_ETIMEOUT);
    /* Only so that the test leaves nothing behind. */
    wait_until_parked(s->api, 1);
    respond_parked(s->api);
    expect_response(fd);
    close(fd);
    server_run(s);
    server_join(s);
}

static void an_idle_server_ends_on_either_signal(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct server *s = server_start(8);

        kill(getpid(), i ? SIGINT : SIGTERM);
        server_join(s);
    }
}

#define TEST(f) cmocka_unit_test_teardown(f, stop_running)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(requests_are_answered),
        TEST(bad_connections_do_not_stay),
        TEST(dripping_holds_nobody_up),
        TEST(comes_in_pieces),
        TEST(bodies_are_read),
        TEST(slow_readers_hold_nobody_up),
        TEST(connections_are_kept),
        TEST(long_requests_end_well),
        TEST(kept_ones_make_room),
        TEST(kept_ones_end),
        TEST(kept_ones_are_dropped),
        TEST(a_crowd_waits),
        TEST(out_of_descriptors),
        TEST(at_most_so_many_are_open),
        TEST(what_is_in_flight_is_finished),
        TEST(who_has_connected_is_served),
        TEST(gives_up_after_its_grace),
        TEST(an_idle_server_ends_on_either_signal),
    };
    sigset_t ends;

    liq_log_set_level(LIQ_LOG_ERROR);
    raise_descriptors();
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ends, NULL);
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
