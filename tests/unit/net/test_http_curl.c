#include "liqmap/http.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "unit/net/server.h"

static int port;

static struct liq_http *new_http(int max_connections, const char *dump_dir)
{
    struct liq_http_options o = {&liq_clock_system, 2000, max_connections,
                                 "liqmap-test", dump_dir};
    struct liq_http *h = liq_http_curl_new(&o);

    assert_non_null(h);
    return h;
}

static int64_t in_ms(int64_t ms)
{
    return liq_clock_system.mono_ms(&liq_clock_system) + ms;
}

static void url_of(char url[128], const char *path)
{
    snprintf(url, 128, "http://127.0.0.1:%d%s", port, path);
}

static struct liq_http_response get(struct liq_http *h, const char *path,
                                    size_t max_bytes, int64_t wait_ms)
{
    struct liq_http_request request = {NULL, NULL, max_bytes};
    struct liq_http_response r;
    char url[128];

    url_of(url, path);
    request.url = url;
    h->perform(h, &request, 1, in_ms(wait_ms), &r);
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
        {"too large", "/large", 5000, 5000, LIQ_ELIMIT, 200, NULL},
        {"headers too large", "/headers", 100, 5000, LIQ_ELIMIT, 200, NULL},
        {"cut", "/cut", 1000, 5000, LIQ_ENET, 200, NULL},
        {"no word", "/silent", 1000, 5000, LIQ_ENET, 0, NULL},
        {"stalled", "/stall", 1000, 100, LIQ_ETIMEOUT, 0, NULL},
        /* Long enough for a busy machine to see the first half. */
        {"stalled half way", "/drip", 1000, 2000, LIQ_ETIMEOUT, 200, NULL},
        {"deadline passed", "/good", 100, 0, LIQ_ETIMEOUT, 0, NULL},
        {"an error is an answer", "/status", 100, 5000, LIQ_OK, 451,
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
        struct liq_http_request request = {urls[i], NULL, 100};
        struct liq_http_response r;

        h->perform(h, &request, 1, in_ms(5000), &r);
        if (r.err != LIQ_ENET || r.status != 0 || r.error[0] == '\0')
            fail_msg("%s: err %s, '%s'", urls[i], liq_err_name(r.err), r.error);
        liq_http_response_free(&r);
    }
    h->free(h);
}

/* The server answers none before it has all: only parallel questions end. */
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
    h->perform(h, request, TOGETHER, in_ms(20000), r);
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
    h->perform(h, request, 4, in_ms(800), r);
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
    h->perform(h, request, 12, in_ms(5000), r);
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
    struct liq_http_request request = {NULL, "{\"type\":\"meta\"}", 1000};
    struct liq_http_response r;
    char url[128];

    (void)state;
    url_of(url, "/echo");
    request.url = url;
    h->perform(h, &request, 1, in_ms(5000), &r);
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
    assert_true(liq_http_date_ms(&r) == INT64_C(1795212001000));
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

static void no_question_at_all(void **state)
{
    struct liq_http *h = new_http(4, NULL);

    (void)state;
    h->perform(h, NULL, 0, in_ms(1000), NULL);
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
        cmocka_unit_test(header_lines),
        cmocka_unit_test(dumps),
        cmocka_unit_test(no_question_at_all),
    };
    int failed;

    /* The loopback is not to be reached through anybody's proxy. */
    setenv("no_proxy", "127.0.0.1", 1);
    port = server_start();
    if (port < 0)
        return 99;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    server_stop();
    return failed;
}
