#include "liqmap/http.h"

#include <fcntl.h>
#include <dirent.h>
#include <netdb.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "liqmap/lock.h"
#include "unit/net/server.h"

static int port;
static struct liq_work *work;

/* --- names ----------------------------------------------------------------
 * curl resolves names with these two: every name is this machine, and one of
 * them only once the test says so. */

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool open;
    int waiting, ended;
} resolver = {.lock = PTHREAD_MUTEX_INITIALIZER,
              .changed = PTHREAD_COND_INITIALIZER};

static void stall_resolver(void)
{
    pthread_mutex_lock(&resolver.lock);
    resolver.waiting++;
    pthread_cond_broadcast(&resolver.changed);
    while (!resolver.open)
        pthread_cond_wait(&resolver.changed, &resolver.lock);
    resolver.ended++;
    pthread_cond_broadcast(&resolver.changed);
    pthread_mutex_unlock(&resolver.lock);
}

int getaddrinfo(const char *node, const char *service,
                const struct addrinfo *hints, struct addrinfo **out)
{
    struct {
        struct addrinfo info;
        struct sockaddr_in address;
    } *a = calloc(1, sizeof *a);

    (void)hints;
    if (a == NULL)
        return EAI_MEMORY;
    if (strcmp(node, "stalled.test") == 0)
        stall_resolver();
    a->address.sin_family = AF_INET;
    a->address.sin_port = htons((uint16_t)strtoul(service, NULL, 10));
    a->address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    a->info.ai_family = AF_INET;
    a->info.ai_socktype = SOCK_STREAM;
    a->info.ai_addrlen = sizeof a->address;
    a->info.ai_addr = (struct sockaddr *)&a->address;
    *out = &a->info;
    return 0;
}

void freeaddrinfo(struct addrinfo *a)
{
    free(a);
}

/* --- batches ---------------------------------------------------------------
 */

static struct liq_http *new_http(int max_connections, const char *dump_dir)
{
    struct liq_http_options o = {.clock = &liq_clock_system,
                                 .work = work,
                                 .connect_ms = 2000,
                                 .max_connections = max_connections,
                                 .user_agent = "liqmap-test",
                                 .dump_dir = dump_dir};
    struct liq_http *h = liq_http_curl_new(&o);

    assert_non_null(h);
    return h;
}

static int64_t in_ms(int64_t ms)
{
    return liq_clock_system.mono_ms(&liq_clock_system) + ms;
}

static struct {
    struct liq_lock lock;
    pthread_cond_t changed;
} finished = {.lock = LIQ_LOCK_STATIC, .changed = PTHREAD_COND_INITIALIZER};

#define TRIP_MAX 64

/* A batch, how often it was done, and which of its requests have ended. */
struct trip {
    struct liq_http_batch batch;
    int times;
    size_t n_ended;
    bool ended[TRIP_MAX];
};

/* Once for each request, with its response, before the batch is done. */
static void on_ended(struct liq_http_batch *b, size_t i)
{
    struct trip *trip = (struct trip *)(void *)b;

    liq_lock_take(&finished.lock);
    assert_true(i < b->n && i < TRIP_MAX && !trip->ended[i]);
    assert_true(b->response[i].status > 0 || b->response[i].err != LIQ_OK);
    assert_true(b->response[i].received_ms > 0);
    trip->ended[i] = true;
    trip->n_ended++;
    liq_lock_give(&finished.lock);
}

static void on_done(struct liq_task *t)
{
    struct trip *trip =
        (struct trip *)((char *)t - offsetof(struct trip, batch.done));

    liq_lock_take(&finished.lock);
    assert_int_equal(trip->n_ended, trip->batch.n);
    trip->times++;
    pthread_cond_broadcast(&finished.changed);
    liq_lock_give(&finished.lock);
}

/* More lines of the next POST; NULL: none. */
static const char *const *more_lines;

static void begin(struct liq_http *h, struct trip *trip,
                  const struct liq_http_request *request, size_t n,
                  int64_t deadline_ms, struct liq_http_response *response)
{
    memset(trip, 0, sizeof *trip);
    trip->batch.request = request;
    trip->batch.response = response;
    trip->batch.n = n;
    trip->batch.deadline_ms = deadline_ms;
    trip->batch.ended = on_ended;
    trip->batch.done.run = on_done;
    trip->batch.header = more_lines;
    h->start(h, &trip->batch);
}

static int times_of(struct trip *trip, bool wait)
{
    int n;

    liq_lock_take(&finished.lock);
    while (wait && trip->times == 0)
        liq_condition_wait(&finished.changed, &finished.lock, -1);
    n = trip->times;
    liq_lock_give(&finished.lock);
    return n;
}

static void perform(struct liq_http *h, const struct liq_http_request *request,
                    size_t n, int64_t deadline_ms,
                    struct liq_http_response *response)
{
    struct trip trip;

    begin(h, &trip, request, n, deadline_ms, response);
    assert_int_equal(times_of(&trip, true), 1);
}

static void url_of(char url[128], const char *path)
{
    snprintf(url, 128, "http://127.0.0.1:%d%s", port, path);
}

static struct liq_http_response get(struct liq_http *h, const char *path,
                                    size_t max_bytes, int64_t wait_ms)
{
    struct liq_http_request request = {.max_bytes = max_bytes};
    struct liq_http_response r;
    char url[128];

    url_of(url, path);
    request.url = url;
    perform(h, &request, 1, in_ms(wait_ms), &r);
    return r;
}

/* What each kind of server comes out as. */
static void outcomes(void **state)
{
    static const struct {
        const char *name, *path;
        size_t max_bytes;
        int64_t wait_ms;
        enum liq_err err;
        int status;
        const char *body;
    } cases[] = {
        {"good", "/good", 100, 5000, LIQ_OK, 200, "hello"},
        {"body as large as allowed", "/good", 5, 5000, LIQ_OK, 200, "hello"},
        {"one byte too many", "/good", 4, 5000, LIQ_ELIMIT, 200, NULL},
        {"gzip", "/gzip", 100, 5000, LIQ_OK, 200, "hello hello hello"},
        {"gzip that unfolds", "/bomb", 50000, 5000, LIQ_ELIMIT, 200, NULL},
        {"damaged gzip", "/damaged", 100, 5000, LIQ_ENET, 200, NULL},
        {"gzip in name only", "/unpacked", 100, 5000, LIQ_OK, 200, "hello"},
        {"too large", "/large", 5000, 5000, LIQ_ELIMIT, 200, NULL},
        {"headers too large", "/headers", 100, 5000, LIQ_ELIMIT, 200, NULL},
        {"cut", "/cut", 1000, 5000, LIQ_ENET, 200, NULL},
        {"no word", "/silent", 1000, 5000, LIQ_ENET, 0, NULL},
        {"stalled", "/stall", 1000, 100, LIQ_ETIMEOUT, 0, NULL},
        /* Long enough for a busy machine to see the first half. */
        {"stalled half way", "/drip", 1000, 2000, LIQ_ETIMEOUT, 200, NULL},
        {"deadline passed", "/good", 100, 0, LIQ_ETIMEOUT, 0, NULL},
        {"an error is a response", "/status", 100, 5000, LIQ_OK, 451,
         "{\"code\":0}"},
        {"redirects stay", "/redirect", 100, 5000, LIQ_OK, 302, NULL},
    };
    struct liq_http *h = new_http(4, NULL);
    size_t i;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct liq_http_response r =
            get(h, cases[i].path, cases[i].max_bytes, cases[i].wait_ms);
        bool same_body = cases[i].body == NULL
                             ? r.body.len == 0
                             : r.body.data != NULL &&
                                   strcmp(r.body.data, cases[i].body) == 0;

        if (r.err != cases[i].err || r.status != cases[i].status ||
            !same_body || (r.err == LIQ_OK) != (r.error[0] == '\0'))
            fail_msg("%s: err %s, status %d, body %.40s, error '%s'",
                     cases[i].name, liq_err_name(r.err), r.status,
                     r.body.data ? r.body.data : "", r.error);
        liq_http_response_free(&r);
    }
    h->free(h);
}

/* A port where nobody listens, a host that is none, a scheme we do not speak:
 * each says why. */
static void no_connection(void **state)
{
    static const char *const urls[] = {
        "http://127.0.0.1:1/x", "ftp://127.0.0.1/", "file:///etc/hostname",
        "http://", "nonsense://x"};
    struct liq_http *h = new_http(4, NULL);
    size_t i;

    (void)state;
    for (i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        struct liq_http_request request = {.url = urls[i], .max_bytes = 100};
        struct liq_http_response r;

        perform(h, &request, 1, in_ms(5000), &r);
        if (r.err != LIQ_ENET || r.status != 0 || r.error[0] == '\0')
            fail_msg("%s: err %s, '%s'", urls[i], liq_err_name(r.err), r.error);
        liq_http_response_free(&r);
    }
    h->free(h);
}

/* The server responds to none before it has all: only parallel requests end. */
static void all_at_once(void **state)
{
    struct liq_http *h = new_http(TOGETHER, NULL);
    struct liq_http_request request[TOGETHER];
    struct liq_http_response r[TOGETHER];
    char url[128];
    size_t i;

    (void)state;
    url_of(url, "/together");
    for (i = 0; i < TOGETHER; i++) {
        request[i].url = url;
        request[i].post = NULL;
        request[i].max_bytes = 10;
    }
    perform(h, request, TOGETHER, in_ms(20000), r);
    for (i = 0; i < TOGETHER; i++) {
        assert_int_equal(r[i].err, LIQ_OK);
        assert_string_equal(r[i].body.data, "all");
        liq_http_response_free(&r[i]);
    }
    h->free(h);
}

/* One that stalls keeps nobody else from ending well. */
static void mixed(void **state)
{
    static const char *const paths[] = {"/good", "/stall", "/cut", "/gzip"};
    static const enum liq_err err[] = {LIQ_OK, LIQ_ETIMEOUT, LIQ_ENET, LIQ_OK};
    struct liq_http *h = new_http(4, NULL);
    struct liq_http_request request[4];
    struct liq_http_response r[4];
    char url[4][128];
    size_t i;

    (void)state;
    for (i = 0; i < 4; i++) {
        url_of(url[i], paths[i]);
        request[i].url = url[i];
        request[i].post = NULL;
        request[i].max_bytes = 100;
    }
    perform(h, request, 4, in_ms(800), r);
    for (i = 0; i < 4; i++) {
        assert_int_equal(r[i].err, err[i]);
        liq_http_response_free(&r[i]);
    }
    h->free(h);
}

static void connections_are_used_again(void **state)
{
    struct liq_http *h = new_http(2, NULL);
    int before = server_connections();
    int i;

    (void)state;
    for (i = 0; i < 10; i++) {
        struct liq_http_response r = get(h, "/good", 100, 5000);

        assert_int_equal(r.err, LIQ_OK);
        liq_http_response_free(&r);
    }
    assert_int_equal(server_connections() - before, 1);
    h->free(h);
}

static void at_most_so_many_connections(void **state)
{
    struct liq_http *h = new_http(2, NULL);
    int before = server_connections();
    struct liq_http_request request[12];
    struct liq_http_response r[12];
    char url[128];
    size_t i;

    (void)state;
    url_of(url, "/good");
    for (i = 0; i < 12; i++) {
        request[i].url = url;
        request[i].post = NULL;
        request[i].max_bytes = 100;
    }
    perform(h, request, 12, in_ms(5000), r);
    for (i = 0; i < 12; i++) {
        assert_int_equal(r[i].err, LIQ_OK);
        liq_http_response_free(&r[i]);
    }
    assert_true(server_connections() - before <= 2);
    h->free(h);
}

static void *many_gets(void *arg)
{
    struct liq_http *h = arg;
    size_t good = 0;
    int i;

    for (i = 0; i < 5; i++) {
        struct liq_http_response r = get(h, "/good", 100, 10000);

        good += r.err == LIQ_OK && r.body.len == 5;
        liq_http_response_free(&r);
    }
    return good == 5 ? h : NULL;
}

static void threads_share_one(void **state)
{
    struct liq_http *h = new_http(4, NULL);
    pthread_t thread[4];
    void *result;
    size_t i;

    (void)state;
    for (i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, many_gets, h), 0);
    for (i = 0; i < 4; i++) {
        pthread_join(thread[i], &result);
        assert_ptr_equal(result, h);
    }
    h->free(h);
}

static void post(void **state)
{
    struct liq_http *h = new_http(4, NULL);
    struct liq_http_request request = {.post = "{\"type\":\"meta\"}",
                                       .max_bytes = 1000};
    struct liq_http_response r;
    char url[128];

    (void)state;
    url_of(url, "/echo");
    request.url = url;
    perform(h, &request, 1, in_ms(5000), &r);
    assert_int_equal(r.err, LIQ_OK);
    assert_string_equal(r.body.data,
                        "POST|application/json|{\"type\":\"meta\"}");
    liq_http_response_free(&r);
    /* A handle that posted once gets again. */
    r = get(h, "/echo", 1000, 5000);
    assert_string_equal(r.body.data, "GET ||");
    liq_http_response_free(&r);
    h->free(h);
}

/* Lines of a POST are of that POST alone, and no GET has them. */
static void post_with_lines(void **state)
{
    static const char *const lines[] = {"X-Other: 1", "webhook-id: abc", NULL};
    static const char *const expected[] = {"application/json|abc",
                                           "application/json|", "|"};
    struct liq_http *h = new_http(4, NULL);

    (void)state;
    for (int i = 0; i < 3; i++) {
        struct liq_http_request request = {.post = i < 2 ? "{}" : NULL,
                                           .max_bytes = 1000};
        struct liq_http_response r;
        char url[128];

        url_of(url, "/lines");
        request.url = url;
        more_lines = i == 1 ? NULL : lines;
        perform(h, &request, 1, in_ms(60000), &r);
        more_lines = NULL;
        assert_int_equal(r.err, LIQ_OK);
        assert_string_equal(r.body.data, expected[i]);
        liq_http_response_free(&r);
    }
    h->free(h);
}

static void header_lines(void **state)
{
    struct liq_http *h = new_http(4, NULL);
    struct liq_http_response r = get(h, "/good", 100, 5000);
    char value[64], small[3];

    (void)state;
    assert_int_equal(r.err, LIQ_OK);
    liq_http_header(&r, "x-mixed-case", value, sizeof value);
    assert_string_equal(value, "a b");
    liq_http_header(&r, "content-length", value, sizeof value);
    assert_string_equal(value, "5");
    liq_http_header(&r, "empty", value, sizeof value);
    assert_string_equal(value, "");
    liq_http_header(&r, "x-mixed-case", small, sizeof small);
    assert_string_equal(small, "");
    assert_true(r.date_ms == INT64_C(1795212001000));
    liq_http_response_free(&r);
    h->free(h);
}

/* An interim response's headers are none of the response's. */
static void dates(void **state)
{
    struct liq_http *h = new_http(4, NULL);
    struct liq_http_response r = get(h, "/early", 100, 5000);
    char value[8];

    (void)state;
    assert_int_equal(r.status, 200);
    assert_true(r.date_ms == 0);
    liq_http_header(&r, "x-early", value, sizeof value);
    assert_string_equal(value, "");
    liq_http_header(&r, "x-late", value, sizeof value);
    assert_string_equal(value, "1");
    liq_http_response_free(&r);
    r = get(h, "/bad-date", 100, 5000);
    assert_int_equal(r.err, LIQ_OK);
    assert_true(r.date_ms == 0);
    liq_http_response_free(&r);
    h->free(h);
}

static void dumps(void **state)
{
    char dir[] = "/tmp/liqmap-dump-XXXXXX", path[512], line[64] = "";
    struct liq_http_response r;
    struct liq_http *h;
    struct dirent *e;
    int files = 0;
    FILE *f;
    DIR *d;

    (void)state;
    assert_non_null(mkdtemp(dir));
    h = new_http(4, dir);
    r = get(h, "/good?x=../../y", 100, 5000);
    liq_http_response_free(&r);
    h->free(h);
    d = opendir(dir);
    assert_non_null(d);
    while ((e = readdir(d)) != NULL) {
        if (e->d_name[0] == '.')
            continue;
        assert_non_null(strstr(e->d_name, "-000000-good-200"));
        snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
        f = fopen(path, "r");
        assert_non_null(f);
        assert_non_null(fgets(line, sizeof line, f));
        fclose(f);
        unlink(path);
        files++;
    }
    closedir(d);
    rmdir(dir);
    assert_int_equal(files, 1);
    assert_string_equal(line, "hello");
}

/* Eight hosts in turn, as the exchanges are asked: each keeps its connection.
 */
static void each_host_keeps_its_own(void **state)
{
    struct liq_http *h = new_http(2, NULL);
    int before = server_connections();

    (void)state;
    for (int i = 0; i < 40; i++) {
        char url[128];
        struct liq_http_request request = {.url = url, .max_bytes = 100};
        struct liq_http_response r;

        snprintf(url, sizeof url, "http://host%d.test:%d/good", i % 8, port);
        perform(h, &request, 1, in_ms(20000), &r);
        assert_int_equal(r.err, LIQ_OK);
        liq_http_response_free(&r);
    }
    assert_int_equal(server_connections() - before, 8);
    h->free(h);
}

/* While a name is being resolved nothing else waits, and a batch ends in time
 * although the resolver does not. */
static void resolver_stalls(void **state)
{
    struct liq_http *h = new_http(2, NULL);
    char url[128];
    struct liq_http_request request = {.url = url, .max_bytes = 100};
    struct liq_http_response stalled, r;
    struct trip trip;
    bool asked = false;

    (void)state;
    snprintf(url, sizeof url, "http://stalled.test:%d/good", port);
    /* On a slow machine the deadline may pass before the resolver is asked. */
    for (int ms = 50; !asked; ms *= 2) {
        begin(h, &trip, &request, 1, in_ms(ms), &stalled);
        assert_int_equal(times_of(&trip, true), 1);
        assert_int_equal(stalled.err, LIQ_ETIMEOUT);
        liq_http_response_free(&stalled);
        pthread_mutex_lock(&resolver.lock);
        asked = resolver.waiting > 0;
        pthread_mutex_unlock(&resolver.lock);
    }
    r = get(h, "/good", 100, 20000);
    assert_int_equal(r.err, LIQ_OK);
    liq_http_response_free(&r);
    h->free(h);
    pthread_mutex_lock(&resolver.lock);
    resolver.open = true;
    pthread_cond_broadcast(&resolver.changed);
    while (resolver.ended == 0)
        pthread_cond_wait(&resolver.changed, &resolver.lock);
    pthread_mutex_unlock(&resolver.lock);
}

/* Nobody accepts at this port and its queue is full, so connecting stalls. */
static void connect_has_a_limit(void **state)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct liq_http_options o = {.clock = &liq_clock_system,
                                 .work = work,
                                 .connect_ms = 50,
                                 .max_connections = 1};
    struct liq_http *h = liq_http_curl_new(&o);
    int listener = socket(AF_INET, SOCK_STREAM, 0), filler[4];
    socklen_t size = sizeof a;
    char url[128];
    struct liq_http_request request = {.url = url, .max_bytes = 100};
    struct liq_http_response r;

    (void)state;
    assert_true(h && bind(listener, (struct sockaddr *)&a, size) == 0 &&
                listen(listener, 0) == 0 &&
                getsockname(listener, (struct sockaddr *)&a, &size) == 0);
    for (int i = 0; i < 4; i++) {
        filler[i] = socket(AF_INET, SOCK_STREAM, 0);
        assert_true(fcntl(filler[i], F_SETFL, O_NONBLOCK) == 0);
        (void)connect(filler[i], (struct sockaddr *)&a, size);
    }
    snprintf(url, sizeof url, "http://127.0.0.1:%d/", ntohs(a.sin_port));
    perform(h, &request, 1, in_ms(60000), &r);
    assert_int_equal(r.err, LIQ_ENET);
    assert_true(r.received_ms < in_ms(59000));
    liq_http_response_free(&r);
    for (int i = 0; i < 4; i++)
        close(filler[i]);
    close(listener);
    h->free(h);
}

#define BATCHES 200

/* More batches than connections, from one thread, before any has ended. */
static void many_batches(void **state)
{
    struct liq_http *h = new_http(4, NULL);
    struct trip *trip = calloc(BATCHES, sizeof *trip);
    struct liq_http_response *r = calloc(BATCHES, sizeof *r);
    char url[128];
    struct liq_http_request request = {.url = url, .max_bytes = 100};
    int before = server_connections();

    (void)state;
    assert_true(trip && r);
    url_of(url, "/good");
    for (int i = 0; i < BATCHES; i++)
        begin(h, &trip[i], &request, 1, in_ms(20000), &r[i]);
    for (int i = 0; i < BATCHES; i++) {
        assert_int_equal(times_of(&trip[i], true), 1);
        assert_int_equal(r[i].err, LIQ_OK);
        assert_string_equal(r[i].body.data, "hello");
        liq_http_response_free(&r[i]);
    }
    assert_true(server_connections() - before <= 4);
    h->free(h);
    free(trip);
    free(r);
}

/* Once the work queue is empty, each has run exactly once. */
static void free_while_in_flight(void **state)
{
    static const char *const paths[] = {"/stall", "/good", "/drip", "/large"};
    struct liq_work *all = work;
    struct liq_http *h;
    struct trip trip[40];
    struct liq_http_response r[40];
    struct liq_http_request request[4];
    char url[4][128];

    (void)state;
    work = liq_work_new(1, 1, &liq_clock_system);
    assert_non_null(work);
    h = new_http(40, NULL);
    for (int i = 0; i < 4; i++) {
        url_of(url[i], paths[i]);
        request[i] =
            (struct liq_http_request){.url = url[i], .max_bytes = 200000};
    }
    for (int i = 0; i < 40; i++)
        begin(h, &trip[i], &request[i % 4], 1, in_ms(60000), &r[i]);
    h->free(h);
    liq_work_free(work);
    work = all;
    for (int i = 0; i < 40; i++) {
        assert_int_equal(times_of(&trip[i], false), 1);
        assert_true(r[i].err == LIQ_ETIMEOUT || (i % 2 && r[i].err == LIQ_OK));
        liq_http_response_free(&r[i]);
    }
}

static struct liq_http *stopped;
static struct trip restarted;
static struct liq_http_response again;
static struct liq_http_request retry = {.url = "http://127.0.0.1/",
                                        .max_bytes = 100};

/* As a refresh that goes on to the next exchange. */
static void start_again(struct liq_task *t)
{
    (void)t;
    begin(stopped, &restarted, &retry, 1, in_ms(60000), &again);
}

/* What a task starts after the stop ends too, before the work queue does. */
static void start_after_stop(void **state)
{
    struct liq_work *all = work;
    struct liq_http_batch batch = {.n = 1, .deadline_ms = in_ms(60000)};
    struct liq_http_response r;
    struct liq_http_request request = {.max_bytes = 100};
    char url[128];

    (void)state;
    url_of(url, "/stall");
    request.url = url;
    work = liq_work_new(1, 1, &liq_clock_system);
    assert_non_null(work);
    stopped = new_http(4, NULL);
    batch.request = &request;
    batch.response = &r;
    batch.done.run = start_again;
    stopped->start(stopped, &batch);
    stopped->stop(stopped);
    liq_work_free(work);
    work = all;
    assert_int_equal(r.err, LIQ_ETIMEOUT);
    assert_int_equal(times_of(&restarted, false), 1);
    assert_int_equal(again.err, LIQ_ETIMEOUT);
    liq_http_response_free(&r);
    liq_http_response_free(&again);
    stopped->free(stopped);
}

static void free_at_once(void **state)
{
    struct liq_http *h = new_http(4, NULL);

    (void)state;
    h->free(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outcomes),
        cmocka_unit_test(no_connection),
        cmocka_unit_test(all_at_once),
        cmocka_unit_test(mixed),
        cmocka_unit_test(connections_are_used_again),
        cmocka_unit_test(at_most_so_many_connections),
        cmocka_unit_test(threads_share_one),
        cmocka_unit_test(post),
        cmocka_unit_test(post_with_lines),
        cmocka_unit_test(header_lines),
        cmocka_unit_test(dumps),
        cmocka_unit_test(each_host_keeps_its_own),
        cmocka_unit_test(resolver_stalls),
        cmocka_unit_test(connect_has_a_limit),
        cmocka_unit_test(many_batches),
        cmocka_unit_test(free_while_in_flight),
        cmocka_unit_test(start_after_stop),
        cmocka_unit_test(free_at_once),
        cmocka_unit_test(dates),
    };
    int failed;

    /* The loopback is not to be reached through anybody's proxy. */
    setenv("no_proxy", "*", 1);
    port = server_start();
    work = liq_work_new(2, 1, &liq_clock_system);
    if (port < 0 || !work)
        return 99;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    liq_work_free(work);
    server_stop();
    return failed;
}
