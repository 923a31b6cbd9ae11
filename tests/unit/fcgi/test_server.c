/* The server as a web server sees it: FastCGI records over its socket. */
#include "unit/api/fake.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>
#include "liqmap/fcgi.h"

struct server {
    struct fake *fake;
    struct liq_fcgi *fcgi;
    pthread_t thread;
    enum liq_err result;
    char folder[64], path[96];
    int workers;
};

/* The one that a test has running. */
static struct server *running;

static void *serve(void *arg)
{
    struct server *s = arg;

    s->result = liq_fcgi_serve(s->fcgi, s->fake->api, s->workers, 30000);
    return NULL;
}

static struct server *server_start(int workers)
{
    struct server *s = calloc(1, sizeof *s);
    struct liq_reason why = {0};

    s->fake = fake_new();
    s->workers = workers;
    snprintf(s->folder, sizeof s->folder, "/tmp/liqmap-server-XXXXXX");
    assert_non_null(mkdtemp(s->folder));
    snprintf(s->path, sizeof s->path, "%s/liqmapd.sock", s->folder);
    assert_int_equal(liq_fcgi_open(s->path, 0600, &s->fcgi, &why), LIQ_OK);
    assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
    running = s;
    return s;
}

/* After the signal. */
static void server_join(struct server *s)
{
    running = NULL;
    pthread_join(s->thread, NULL);
    assert_int_equal(s->result, LIQ_OK);
    liq_fcgi_close(s->fcgi);
    assert_int_equal(access(s->path, F_OK), -1);
    assert_int_equal(rmdir(s->folder), 0);
    fake_free(s->fake);
    free(s);
}

static void server_stop(struct server *s)
{
    kill(getpid(), SIGTERM);
    server_join(s);
}

static void gate_open(struct fake *f)
{
    pthread_mutex_lock(&f->lock);
    f->shut = false;
    pthread_cond_broadcast(&f->moved);
    pthread_mutex_unlock(&f->lock);
}

/* A test that failed left its server, which would take the signal that is meant
 * for the next one's. */
static int stop_running(void **state)
{
    (void)state;
    if (running) {
        gate_open(running->fake);
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
    struct timeval patience = {.tv_sec = 20}; /* then a failure, not a hang */

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
    char *text = calloc(1, 1);
    unsigned char head[8];
    size_t len = 0;

    while (read_all(fd, head, 8)) {
        size_t n = (size_t)head[4] << 8 | head[5];

        if (!read_all(fd, scratch, n + head[6]))
            break;
        if (head[1] == 3)
            return text;
        if (head[1] != 6)
            continue;
        text = realloc(text, len + n + 1);
        memcpy(text + len, scratch, n);
        len += n;
        text[len] = '\0';
    }
    free(text);
    return NULL;
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

/* --- the tests
 * ---------------------------------------------------------------- */

/* The body is as long as its header says. */
static void expect_whole(const char *text)
{
    const char *length = strstr(text, "Content-Length: ");
    const char *body = strstr(text, "\r\n\r\n");

    assert_non_null(length);
    assert_non_null(body);
    assert_int_equal(strtol(length + 16, NULL, 10), strlen(body + 4));
}

static void requests_are_answered(void **state)
{
    static const struct {
        const char *name, *params, *begins, *holds;
    } cases[] = {
        {"by uri",
         "REQUEST_METHOD=GET\nREQUEST_URI=/x/api/v1/ticker?symbol=BTCUSDT\n"
         "QUERY_STRING=symbol=BTCUSDT\n",
         "Status: 200 OK\r\n", "\r\n\r\n{\"api\":1,"},
        {"by script and info",
         "REQUEST_METHOD=GET\nSCRIPT_NAME=/api/v1\nPATH_INFO=/ticker\n"
         "QUERY_STRING=\n",
         "Status: 200 OK\r\n", "\"symbol\":\"BTCUSDT\""},
        {"a large one",
         "REQUEST_METHOD=GET\nREQUEST_URI=/api/v1/heatmap\n"
         "QUERY_STRING=bars=1500\n",
         "Status: 200 OK\r\n", "\"cells\":[["},
        {"head", "REQUEST_METHOD=HEAD\nREQUEST_URI=/api/v1/ticker\n",
         "Status: 200 OK\r\n", "\r\nContent-Length: "},
        {"a wrong query",
         "REQUEST_METHOD=GET\nREQUEST_URI=/api/v1/ticker\nQUERY_STRING=a=b\n",
         "Status: 400 Bad Request\r\n", "bad_parameter"},
        {"nothing at all", "X=y\n", "Status: 404 Not Found\r\n",
         "unknown_route"},
    };
    struct server *s = server_start(2);

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *text = ask_once(s, cases[i].params);

        print_message("  %s\n", cases[i].name);
        assert_memory_equal(text, cases[i].begins, strlen(cases[i].begins));
        assert_non_null(strstr(text, cases[i].holds));
        if (strcmp(cases[i].name, "head") == 0)
            assert_null(strstr(text, "\r\n\r\n{"));
        else
            expect_whole(text);
        free(text);
    }
    server_stop(s);
}

static void headers_reach_the_api(void **state)
{
    struct server *s = server_start(1);
    char *text = ask_once(s, "REQUEST_METHOD=GET\nREQUEST_URI=/api/v1/ticker\n"
                             "HTTP_ACCEPT_ENCODING=gzip\n");
    char params[200] = "REQUEST_METHOD=GET\nREQUEST_URI=/api/v1/ticker\n"
                       "HTTP_ACCEPT_ENCODING=gzip\nHTTP_IF_NONE_MATCH=";
    const char *etag = strstr(text, "ETag: ") + 6;

    (void)state;
    assert_non_null(strstr(text, "Content-Encoding: gzip"));
    strncat(params, etag, strcspn(etag, "\r"));
    strncat(params, "\n", 2);
    free(text);
    text = ask_once(s, params);
    assert_memory_equal(text, "Status: 304", 11);
    free(text);
    server_stop(s);
}

/* Whatever a connection does, the one worker is there for the next. */
static void bad_connections_do_not_stay(void **state)
{
    struct server *s = server_start(1);
    int fd;
    char *text, byte;

    (void)state;
    close(connect_to(s)); /* comes and goes */
    fd = connect_to(s);
    assert_int_equal(write(fd, "GET / HTTP/1.0\r\n\r\n", 18), 18);
    close(fd);
    fd = connect_to(s); /* half a record */
    assert_int_equal(write(fd, "\1\1\0\1", 4), 4);
    close(fd);
    fd = connect_to(s); /* asks and does not wait for the answer */
    send_request(fd, "REQUEST_METHOD=GET\nREQUEST_URI=/api/v1/heatmap\n",
                 false);
    close(fd);
    fd = connect_to(s); /* would keep the connection */
    send_request(fd, "REQUEST_METHOD=GET\nREQUEST_URI=/api/v1/health\n", true);
    text = receive(fd);
    assert_memory_equal(text, "Status: 200", 11);
    free(text);
    assert_int_equal(read(fd, &byte, 1), 0); /* is not kept */
    text = ask_once(s, "REQUEST_METHOD=GET\nREQUEST_URI=/api/v1/health\n");
    assert_memory_equal(text, "Status: 200", 11);
    free(text);
    close(fd);
    server_stop(s);
}

static void what_is_in_flight_is_finished(void **state)
{
    struct server *s = server_start(2);
    struct fake *f = s->fake;
    int first, queued;
    char *text;

    (void)state;
    f->shut = true;
    first = connect_to(s);
    send_request(first, "REQUEST_METHOD=GET\nREQUEST_URI=/api/v1/heatmap\n",
                 false);
    pthread_mutex_lock(&f->lock);
    while (!f->entered)
        pthread_cond_wait(&f->moved, &f->lock);
    pthread_mutex_unlock(&f->lock);
    queued = connect_to(s);
    send_request(queued, "REQUEST_METHOD=GET\nREQUEST_URI=/api/v1/health\n",
                 false);
    kill(getpid(), SIGTERM);
    text = receive(queued);
    assert_memory_equal(text, "Status: 200", 11);
    free(text);
    gate_open(f);
    text = receive(first);
    assert_memory_equal(text, "Status: 200", 11);
    free(text);
    close(first);
    close(queued);
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
        TEST(headers_reach_the_api),
        TEST(bad_connections_do_not_stay),
        TEST(what_is_in_flight_is_finished),
        TEST(an_idle_server_ends_on_either_signal),
    };
    sigset_t ends;

    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ends, NULL);
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
