/* The state file: what is written is read again; what is damaged or cannot be
 * written costs nothing but the file. */
#include "server.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "api/weights.h"

#define CANDLE LIQ_HOUR_MS

static char folder[64], path[96];

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/liqmap-state-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/state", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    (void)unlink(path);
    (void)rmdir(path);
    assert_int_equal(rmdir(folder), 0); /* no other file is left in it */
    return 0;
}

static struct server *server_with_state(size_t n)
{
    struct server *s = server_plan(n);

    snprintf(s->config.state_file, sizeof s->config.state_file, "%s", path);
    s->clock.held_wall_ms = NEW_YEAR + LIQ_HOUR_MS;
    server_start(s, 0);
    return s;
}

static void hold(struct server *s, int64_t open_ms, double *weight, size_t n)
{
    liq_weights_hold(s->api, "BTCUSDT", CANDLE, open_ms, s->exchange, weight,
                     n);
}

/* Whether weights of the first candle are known to a new process. */
static bool remembered(size_t n)
{
    struct server *s = server_with_state(n);
    double w[] = {4.0, 5.0, 6.0};

    hold(s, NEW_YEAR, w, 3);
    server_free(s);
    return w[0] == 1.1 && w[1] == 2.0 / 3.0 && w[2] == 3e9;
}

static void write_weights(void)
{
    struct server *s = server_with_state(3);
    double w[] = {1.1, 2.0 / 3.0, 3e9};

    hold(s, NEW_YEAR, w, 3);
    pump(s);
    server_free(s);
}

static void put(const char *text)
{
    struct liq_buf b;

    liq_buf_init(&b, 10000);
    liq_buf_text(&b, text);
    assert_int_equal(liq_buf_write_file(&b, path), LIQ_OK);
    liq_buf_free(&b);
}

static void weights_come_back_to_the_bit(void **state)
{
    (void)state;
    write_weights();
    assert_true(remembered(3));
    /* With exchanges that were not served then. */
    assert_true(remembered(5));
}

/* At once, not only when the process ends well. */
static void they_are_written_soon(void **state)
{
    struct server *s = server_with_state(3);
    double w[] = {1.1, 2.0 / 3.0, 3e9};

    (void)state;
    hold(s, NEW_YEAR, w, 3);
    pump(s);
    {
        struct server *other = server_with_state(3);
        double same[] = {4.0, 5.0, 6.0};

        hold(other, NEW_YEAR, same, 3);
        assert_true(same[0] == 1.1 && same[2] == 3e9);
        server_free(other);
    }
    server_free(s);
}

/* Shut down before the write had its turn. */
static void the_end_writes_what_is_left(void **state)
{
    struct server *s = server_with_state(3);
    double w[] = {1.1, 2.0 / 3.0, 3e9};

    (void)state;
    hold(s, NEW_YEAR, w, 3);
    server_free(s);
    assert_true(remembered(3));
}

/* Changes from several threads while the file is being written: at the end it
 * is whole and has the last. */
static void *hold_many(void *arg)
{
    double w[] = {1.0, 2.0, 3.0};

    for (int64_t k = 100; k > 0; k--)
        hold(arg, NEW_YEAR - k * CANDLE, w, 3);
    return NULL;
}

static void many_changes_make_one_good_file(void **state)
{
    enum { N = 3 };
    struct server *s = server_plan(3);
    double w[] = {1.1, 2.0 / 3.0, 3e9};
    pthread_t id[N];

    (void)state;
    (void)unlink(path);
    snprintf(s->config.state_file, sizeof s->config.state_file, "%s", path);
    server_start(s, 3);
    for (int i = 0; i < N; i++)
        pthread_create(&id[i], NULL, hold_many, s);
    for (int i = 0; i < N; i++)
        pthread_join(id[i], NULL);
    hold(s, NEW_YEAR, w, 3);
    server_free(s);
    assert_true(remembered(3));
}

#define HEAD "liqmap-state 1\n"
#define GOOD                                                                   \
    "weights BTCUSDT 1h 1767225600000 first=1.1 "                              \
    "second=0.6666666666666666 third=3e9\n"
#define GOOD_FILE HEAD GOOD "end\n"

/* One bad line, and none of the file is used. */
static void a_damaged_file_is_not_used(void **state)
{
    static const char *const bad[] = {
        "",
        "\n",
        "liqmap-state 2\n" GOOD "end\n",
        HEAD GOOD,
        HEAD GOOD "end",
        HEAD GOOD "end\n" GOOD,
        HEAD GOOD "weights\nend\n",
        HEAD GOOD "wights ETHUSDT 1h 1767225600000 first=1\nend\n",
        HEAD GOOD "weights ethusdt 1h 1767225600000 first=1\nend\n",
        HEAD GOOD "weights ETHUSDT 7h 1767225600000 first=1\nend\n",
        HEAD GOOD "weights ETHUSDT 1h 1767225600001 first=1\nend\n",
        HEAD GOOD "weights ETHUSDT 1h -1767225600000 first=1\nend\n",
        HEAD GOOD "weights ETHUSDT 1h 1767225600000 first=nan\nend\n",
        HEAD GOOD "weights ETHUSDT 1h 1767225600000 first=-1\nend\n",
        HEAD GOOD "weights ETHUSDT 1h 1767225600000 first=1x\nend\n",
        HEAD GOOD "weights ETHUSDT 1h 1767225600000 first\nend\n",
        HEAD GOOD "weights ETHUSDT 1h 1767225600000  first=1\nend\n",
        HEAD GOOD "weights ETHUSDT 1h 1767225600000 =1\nend\n",
        HEAD GOOD
        "weights AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA 1h 1767225600000 "
        "first=1\nend\n",
    };

    (void)state;
    put(GOOD_FILE);
    assert_true(remembered(3));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        put(bad[i]);
        if (remembered(3))
            fail_msg("case %zu is taken for good", i);
    }
}

/* Of a clock that was wrong: it would be held until then. */
static void weights_of_the_future_are_not_used(void **state)
{
    struct server *s;
    double w = 4.0;

    (void)state;
    put(HEAD "weights BTCUSDT 1h 1799995600000 first=1.1\nend\n");
    s = server_with_state(1);
    hold(s, NEW_YEAR, &w, 1);
    assert_true(w == 4.0);
    server_free(s);
}

static void a_file_that_cannot_be_written_is_no_failure(void **state)
{
    struct server *s;
    double w[] = {1.1, 2.0, 3.0}, same[] = {4.0, 5.0, 6.0};

    (void)state;
    (void)unlink(path);
    assert_int_equal(mkdir(path, 0700), 0); /* rename over it fails */
    s = server_with_state(3);
    hold(s, NEW_YEAR, w, 3);
    pump(s);
    hold(s, NEW_YEAR, same, 3);
    assert_true(same[0] == 1.1);
    assert_int_equal(ask_status(s, "levels", "exchange=all"), 200);
    server_free(s);
    assert_int_equal(rmdir(path), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_come_back_to_the_bit),
        cmocka_unit_test(they_are_written_soon),
        cmocka_unit_test(the_end_writes_what_is_left),
        cmocka_unit_test(many_changes_make_one_good_file),
        cmocka_unit_test(a_damaged_file_is_not_used),
        cmocka_unit_test(weights_of_the_future_are_not_used),
        cmocka_unit_test(a_file_that_cannot_be_written_is_no_failure),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
