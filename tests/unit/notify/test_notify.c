/* Events on their way: a network and a source that the test plays, under a
 * clock that it holds. */
#include "liqmap/notify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "liqmap/log.h"

#define START_MS 5000
#define WALL_MS INT64_C(1760130000000)

static struct liq_clock clock;
static struct liq_config config;
static struct liq_work *work;
static struct liq_notify *notify;

/* --- the network ---------------------------------------------------------- */

static struct {
    struct liq_http http;
    struct liq_http_batch *running; /* NULL: none */
    bool stopped;
    int posts;
    int64_t at_s[64]; /* of each post, after the start */
    char id[64][64];
    char body[5000];
} net;

static char path[64]; /* of the state file; "": none */

static void read_text(char *out, size_t size)
{
    FILE *f = fopen(path, "rb");
    size_t n;

    assert_non_null(f);
    n = fread(out, 1, size - 1, f);
    out[n] = '\0';
    (void)fclose(f);
}

/* Nothing is sent that a restart could lose. */
static void is_remembered(const char *header)
{
    char text[20000];

    read_text(text, sizeof text);
    assert_non_null(strstr(text, header + strlen("webhook-id: ")));
}

static void net_start(struct liq_http *h, struct liq_http_batch *b)
{
    (void)h;
    assert_null(net.running);
    net.running = b;
    if (net.stopped)
        return;
    assert_in_range(net.posts, 0, 63);
    net.at_s[net.posts] = (clock.held_mono_ms - START_MS) / 1000;
    (void)snprintf(net.id[net.posts], 64, "%s", b->header[0]);
    (void)snprintf(net.body, sizeof net.body, "%s", b->request->post);
    net.posts++;
    if (path[0])
        is_remembered(b->header[0]);
}

static void pump(void)
{
    while (liq_work_run_one(work))
        ;
}

/* The end of the post that runs, which nobody has looked at yet. */
static void post_response(int status, const char *headers)
{
    struct liq_http_batch *b = net.running;

    assert_non_null(b);
    net.running = NULL;
    memset(b->response, 0, sizeof *b->response);
    liq_buf_init(&b->response->body, 100);
    liq_buf_init(&b->response->headers, 100);
    liq_buf_text(&b->response->headers, headers);
    b->response->status = status;
    if (status == 0) {
        b->response->err = LIQ_ETIMEOUT;
        (void)snprintf(b->response->error, sizeof b->response->error,
                       "no response before the deadline");
    }
    liq_work_post(work, &b->done, LIQ_LANE_HEAVY);
}

static void respond(int status, const char *headers)
{
    post_response(status, headers);
    pump();
}

/* --- the levels ----------------------------------------------------------- */

static struct {
    double price;
    int bands; /* short levels above 1000, 1 apart */
    int status;
    int asked;
    char query[128];
} levels;

static void ask(struct liq_notify_source *s, struct liq_notify_ask *a)
{
    struct liq_buf b;

    (void)s;
    levels.asked++;
    (void)snprintf(levels.query, sizeof levels.query, "%s", a->query);
    liq_buf_init(&b, 1 << 16);
    liq_buf_format(&b,
                   "{\"symbol\":\"BTCUSDT\",\"exchange\":\"okx\",\"interval\":"
                   "\"1h\",\"source\":\"live\",\"stale\":false,\"price\":%.2f,"
                   "\"candle\":{\"open_time\":1760130000000,\"high\":%.2f,"
                   "\"low\":%.2f},\"levels\":{\"long\":[],\"short\":[",
                   levels.price, levels.price, levels.price);
    for (int i = 0; i < levels.bands; i++)
        liq_buf_format(&b,
                       "%s{\"price\":%d.5,\"from\":%d,\"to\":%d.8,\"density\":"
                       "90,\"modelled_usd\":null}",
                       i > 0 ? "," : "", 1001 + i, 1001 + i, 1001 + i);
    liq_buf_text(&b, "]}}");
    if (levels.status == 200)
        a->done(a, 200, b.data, b.len, "");
    else if (levels.status == 0)
        a->done(a, 0, NULL, 0, "could not connect");
    else
        a->done(a, levels.status, "{\"error\":{\"message\":\"no such\"}}", 31,
                "");
    liq_buf_free(&b);
}

static struct liq_notify_source source = {ask};

/* --- what is printed ------------------------------------------------------ */

static struct {
    int events;
    char last[5000];
} printed;

static void print(const char *event)
{
    struct liq_notices n;

    printed.events++;
    (void)snprintf(printed.last, sizeof printed.last, "%s", event);
    /* Takes the lock, which nobody takes twice. */
    if (notify)
        liq_notify_count(notify, &n);
}

/* --- life ----------------------------------------------------------------- */

static void begin(void)
{
    struct liq_notify_options o = {.config = &config.watch,
                                   .clock = &clock,
                                   .work = work,
                                   .http = &net.http,
                                   .source = &source,
                                   .print = print};
    struct liq_reason why = {0};

    assert_int_equal(liq_notify_new(&o, &notify, &why), LIQ_OK);
    pump();
}

static void set(const char *assignment)
{
    struct liq_reason why = {0};

    assert_int_equal(liq_config_set(&config, assignment, &why), LIQ_OK);
}

static int setup(void **state)
{
    (void)state;
    liq_log_set_level(LIQ_LOG_ERROR);
    clock = liq_clock_held(WALL_MS, START_MS);
    liq_config_defaults(&config);
    set("watch.symbols=BTCUSDT");
    set("watch.webhook=http://127.0.0.1:1/hook");
    memset(&net, 0, sizeof net);
    memset(&levels, 0, sizeof levels);
    memset(&printed, 0, sizeof printed);
    net.http.start = net_start;
    levels.price = 1000;
    levels.status = 200;
    work = liq_work_new(0, 1, &clock);
    return 0;
}

static void end(void)
{
    /* As the network that was stopped: what is tried then ends at once. */
    net.stopped = true;
    while (net.running)
        respond(0, "");
    net.stopped = false;
    liq_work_free(work);
    liq_notify_free(notify);
    work = NULL;
    notify = NULL;
}

static int teardown(void **state)
{
    (void)state;
    if (work)
        end();
    return 0;
}

static void pass(int64_t ms)
{
    clock.held_mono_ms += ms;
    clock.held_wall_ms += ms;
    pump();
}

static struct liq_notices counts(void)
{
    struct liq_notices n;

    liq_notify_count(notify, &n);
    return n;
}

/* --- delivering ----------------------------------------------------------- */

static void delivered_once(void **state)
{
    (void)state;
    levels.bands = 1;
    begin();
    assert_string_equal(levels.query,
                        "symbol=BTCUSDT&interval=1h&exchange=auto");
    assert_int_equal(net.posts, 1);
    assert_non_null(strstr(net.body, "\"event\":\"approached\""));
    assert_non_null(strstr(net.body, "\"modelled_usd\":null"));
    respond(204, "");
    for (int i = 0; i < 100; i++)
        pass(10000);
    assert_int_equal(net.posts, 1);
    assert_int_equal(levels.asked, 101);
    assert_int_equal(counts().way[0].delivered, 1);
    assert_int_equal(counts().kind[0].events, 1);
    assert_int_equal(counts().way[0].queued, 0);
}

/* A terminal that has stopped must not hold the lock. */
static void printed_with_no_lock_held(void **state)
{
    (void)state;
    levels.bands = 2;
    begin();
    assert_int_equal(printed.events, 2);
    assert_non_null(strstr(printed.last, "\"event\":\"approached\""));
    pass(10000);
    assert_int_equal(printed.events, 2);
    respond(200, "");
    respond(200, "");
    set("watch.events=swept");
    levels.price = 1001.5;
    pass(10000);
    assert_int_equal(printed.events, 2);
}

/* Pauses of 5, 10, 20 ... seconds, 10 minutes at most; an hour in all. */
static void retried_and_given_up(void **state)
{
    static const int64_t at_s[] = {0,   5,   15,   35,   75,   155,
                                   315, 635, 1235, 1835, 2435, 3035};
    static const int statuses[] = {500, 0, 302, 404, 503};

    (void)state;
    levels.bands = 1;
    begin();
    for (int second = 0; second < 4000; second++) {
        if (net.running)
            respond(statuses[net.posts % 5], "");
        pass(1000);
    }
    assert_int_equal(net.posts, 12);
    for (int i = 0; i < 12; i++) {
        assert_int_equal(net.at_s[i], at_s[i]);
        assert_string_equal(net.id[i], net.id[0]);
    }
    assert_int_equal(counts().way[0].failed, 12);
    assert_int_equal(counts().way[0].dropped, 1);
    assert_int_equal(counts().way[0].queued, 0);
}

static void a_receiver_may_ask_for_a_pause(void **state)
{
    (void)state;
    levels.bands = 1;
    begin();
    respond(429, "retry-after: 90\n");
    for (int second = 0; second < 100; second++)
        pass(1000);
    assert_int_equal(net.posts, 2);
    assert_int_equal(net.at_s[1], 90);
    assert_string_equal(counts().way[0].error, "HTTP 429");
    respond(200, "");
    assert_string_equal(counts().way[0].error, "");
}

/* One that is refused again and again does not hold back the others. */
static void others_go_on(void **state)
{
    (void)state;
    levels.bands = 3;
    begin();
    respond(400, "");
    respond(200, "");
    respond(200, "");
    assert_null(net.running);
    assert_int_equal(net.posts, 3);
    assert_int_equal(counts().way[0].queued, 1);
    pass(5000);
    assert_string_equal(net.id[3], net.id[0]);
}

static void the_queue_is_bounded(void **state)
{
    (void)state;
    set("watch.within_percent=20");
    set("watch.cooldown_ms=0");
    set("watch.give_up_ms=86400000");
    levels.bands = 60;
    begin();
    /* The first stalls.  Each round all levels are left and approached again.
     */
    for (int i = 0; i < 10; i++) {
        levels.price = 500;
        pass(10000);
        levels.price = 1000;
        pass(10000);
    }
    assert_int_equal(net.posts, 1);
    assert_int_equal(counts().kind[0].events, 660);
    assert_int_equal(counts().way[0].queued, 256);
    assert_int_equal(counts().way[0].dropped, 404);
}

static void kinds_that_are_not_wanted(void **state)
{
    (void)state;
    set("watch.events=touched");
    levels.bands = 1;
    begin();
    assert_int_equal(net.posts, 0);
    levels.price = 1001.5;
    pass(10000);
    assert_int_equal(net.posts, 1);
    assert_non_null(strstr(net.body, "\"event\":\"touched\""));
}

static void the_server_fails(void **state)
{
    (void)state;
    liq_log_set_level((enum liq_log_level) - 1);
    levels.bands = 1;
    levels.status = 0;
    begin();
    assert_string_equal(counts().error, "BTCUSDT: could not connect");
    levels.status = 404;
    pass(10000);
    assert_string_equal(counts().error, "BTCUSDT: no such");
    assert_int_equal(net.posts, 0);
    levels.status = 200;
    pass(10000);
    assert_string_equal(counts().error, "");
    assert_int_equal(net.posts, 1);
}

/* --- across a restart ----------------------------------------------------- */

static int setup_file(void **state)
{
    char assignment[100];
    int fd;

    setup(state);
    (void)snprintf(path, sizeof path, "/tmp/liqmap-test-watch-XXXXXX");
    fd = mkstemp(path);
    assert_true(fd >= 0 && close(fd) == 0 && unlink(path) == 0);
    (void)snprintf(assignment, sizeof assignment, "watch.state_file=%s", path);
    set(assignment);
    return 0;
}

static int teardown_file(void **state)
{
    teardown(state);
    (void)unlink(path);
    path[0] = '\0';
    return 0;
}

static void write_text(const char *text)
{
    FILE *f = fopen(path, "wb");

    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
    assert_int_equal(fclose(f), 0);
}

/* The process ends as if killed: what is on the disk is all there is.  The
 * monotonic clock begins anew. */
static void restart(int64_t pause_ms)
{
    char text[20000];

    read_text(text, sizeof text);
    end();
    write_text(text);
    clock.held_wall_ms += pause_ms;
    clock.held_mono_ms = 100;
    work = liq_work_new(0, 1, &clock);
    begin();
}

static void nothing_is_lost_and_nothing_comes_twice(void **state)
{
    char first[64];

    (void)state;
    levels.bands = 1;
    begin();
    assert_int_equal(net.posts, 1);
    (void)snprintf(first, sizeof first, "%s", net.id[0]);
    restart(10000);
    /* What was under way is sent again, and by the same name. */
    assert_int_equal(net.posts, 2);
    assert_string_equal(net.id[1], first);
    respond(200, "");
    restart(10000);
    pass(10000);
    assert_int_equal(net.posts, 2);
    /* The level that was near is still known. */
    levels.price = 1001.5;
    pass(10000);
    assert_int_equal(net.posts, 3);
    assert_non_null(strstr(net.body, "\"event\":\"touched\""));
    respond(200, "");
    /* Left and back within the cool-down of before the restarts. */
    levels.price = 900;
    pass(10000);
    levels.price = 1000;
    restart(60000);
    pass(10000);
    assert_int_equal(net.posts, 3);
    pass(30 * 60000);
    assert_int_equal(net.posts, 4);
}

/* An event that comes while another is delivered waits until it is written. */
static void written_before_it_is_sent(void **state)
{
    (void)state;
    levels.bands = 1;
    begin();
    levels.bands = 2;
    post_response(200, "");
    pass(10000);
    assert_int_equal(net.posts, 2);
    assert_string_not_equal(net.id[1], net.id[0]);
}

/* What is too old after a pause is dropped. */
static void age_goes_on_while_it_is_off(void **state)
{
    (void)state;
    levels.bands = 1;
    begin();
    restart(3599000);
    assert_int_equal(net.posts, 2);
    restart(2000);
    assert_int_equal(net.posts, 2);
    assert_int_equal(counts().way[0].dropped, 1);
}

static void damaged_files(void **state)
{
    static const char *const texts[] = {
        "",
        "{",
        "[]",
        "{\"liqmap_watch\":2,\"interval\":\"1h\",\"levels\":[],\"events\":[]}",
        "{\"liqmap_watch\":1,\"interval\":\"1h\",\"levels\":[{}],\"events\":[]"
        "}",
        "{\"liqmap_watch\":1,\"interval\":\"1h\",\"levels\":[],\"events\":[{}]"
        "}",
        "{\"liqmap_watch\":1,\"interval\":\"1h\",\"levels\":7,\"events\":[]}",
        /* An id with lines of its own. */
        "{\"liqmap_watch\":1,\"interval\":\"1h\",\"levels\":[],\"events\":"
        "[{\"id\":\"0123456789abcdef\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n"
        "\\n\\nx:\",\"at\":1760132344678,\"to\":[\"webhook\"],\"body\":\"{}\"}]"
        "}",
    };

    (void)state;
    liq_log_set_level((enum liq_log_level) - 1);
    levels.bands = 1;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        write_text(texts[i]);
        net.posts = 0;
        begin();
        assert_int_equal(net.posts, 1);
        end();
        work = liq_work_new(0, 1, &clock);
    }
    begin();
}

/* Ways that are not set any more, and another interval. */
static void other_settings(void **state)
{
    (void)state;
    levels.bands = 1;
    begin();
    set("watch.interval=4h");
    restart(1000);
    assert_int_equal(net.posts, 2);
    respond(200, "");
    /* Levels of 1h are not those of 4h: the new one is reported. */
    assert_int_equal(net.posts, 3);
    set("watch.webhook=");
    restart(1000);
    assert_int_equal(net.posts, 3);
}

/* --- secrets -------------------------------------------------------------- */

static void bad_secrets(void **state)
{
    static const struct {
        const char *name, *value; /* of the environment */
        const char *setting, *words;
    } cases[] = {
        {"LIQMAP_WEBHOOK_SECRET", "short", NULL,
         "LIQMAP_WEBHOOK_SECRET: expected base64 of 24 to 64 bytes"},
        {"LIQMAP_OTHER", "", "watch.secret_file=/nowhere/secret",
         "watch.secret_file: /nowhere/secret: No such file or directory"},
        {"LIQMAP_OTHER", "", "watch.telegram=yes",
         "LIQMAP_TELEGRAM_TOKEN: expected the token of a bot"},
        {"LIQMAP_TELEGRAM_TOKEN", "1:a", "watch.telegram=yes",
         "LIQMAP_TELEGRAM_CHAT: expected the id of a chat"},
        {"LIQMAP_TELEGRAM_TOKEN", "1/../a", "watch.telegram=yes",
         "LIQMAP_TELEGRAM_TOKEN: expected the token of a bot"},
        {"LIQMAP_OTHER", "", "watch.symbols=A,B,C,D,E,F,G,H,I,J,K,L,M,N,O,P,Q",
         "watch.symbols: expected at most 16"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct liq_notify_options o = {.config = &config.watch,
                                       .clock = &clock,
                                       .http = &net.http,
                                       .source = &source};
        struct liq_reason why = {0};

        setup(state);
        o.work = work;
        if (cases[i].setting)
            set(cases[i].setting);
        assert_int_equal(setenv(cases[i].name, cases[i].value, 1), 0);
        assert_int_not_equal(liq_notify_new(&o, &notify, &why), LIQ_OK);
        assert_int_equal(unsetenv(cases[i].name), 0);
        assert_string_equal(why.text, cases[i].words);
        liq_work_free(work);
        work = NULL;
    }
}

#define NOTIFY_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
#define FILE_TEST(f)                                                           \
    cmocka_unit_test_setup_teardown(f, setup_file, teardown_file)

int main(void)
{
    const struct CMUnitTest tests[] = {
        NOTIFY_TEST(delivered_once),
        NOTIFY_TEST(printed_with_no_lock_held),
        NOTIFY_TEST(retried_and_given_up),
        NOTIFY_TEST(a_receiver_may_ask_for_a_pause),
        NOTIFY_TEST(others_go_on),
        NOTIFY_TEST(the_queue_is_bounded),
        NOTIFY_TEST(kinds_that_are_not_wanted),
        NOTIFY_TEST(the_server_fails),
        FILE_TEST(nothing_is_lost_and_nothing_comes_twice),
        FILE_TEST(written_before_it_is_sent),
        FILE_TEST(age_goes_on_while_it_is_off),
        FILE_TEST(damaged_files),
        FILE_TEST(other_settings),
        cmocka_unit_test(bad_secrets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
