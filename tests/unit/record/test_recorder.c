#include "record/recorder.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#define T0 INT64_C(1760000000000)

static char folder[] = "/tmp/liqmap-test-recorder-XXXXXX";
static char path[64];
static struct liq_work *work;
static struct liq_recorder *recorder;

static int start(void **state)
{
    (void)state;
    if (path[0] == '\0' && !mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/r.db", folder);
    work = liq_work_new(0, 1, &liq_clock_system);
    return work ? 0 : -1;
}

static void begin(const char *file, int days)
{
    struct liq_recorder_options o = {
        .file = file, .days = days, .clock = &liq_clock_system, .work = work};

    recorder = liq_recorder_new(&o);
    assert_non_null(recorder);
}

static void finish(void)
{
    liq_recorder_stop(recorder);
    liq_recorder_free(recorder);
    recorder = NULL;
}

static int end(void **state)
{
    static const char *const ends[] = {"", "-wal", "-shm"};

    (void)state;
    liq_work_free(work);
    for (size_t i = 0; i < 3; i++) {
        char name[96];

        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        (void)unlink(name);
    }
    return 0;
}

static int end_all(void **state)
{
    (void)state;
    return rmdir(folder);
}

static bool put(int64_t time_ms, double usd)
{
    struct liq_row r = {.kind = LIQ_ROW_STATISTICS,
                        .exchange = "okx",
                        .symbol = "BTCUSDT",
                        .time_ms = time_ms};

    r.statistics.open_interest_usd = usd;
    return liq_recorder_put(recorder, &r);
}

static bool count_row(void *arg, const struct liq_row *r)
{
    (void)r;
    ++*(size_t *)arg;
    return true;
}

static size_t rows_in_file(void)
{
    struct liq_store *s;
    size_t n = 0;

    assert_int_equal(liq_store_open(path, true, &s, NULL), LIQ_OK);
    assert_int_equal(liq_store_each(s, LIQ_ROW_STATISTICS, NULL, NULL, 0,
                                    INT64_MAX, count_row, &n, NULL),
                     LIQ_OK);
    liq_store_close(s);
    return n;
}

/* What was put before stop is in the file after it. */
static void stop_writes_what_waits(void **state)
{
    struct liq_recorder_counts n;

    (void)state;
    begin(path, 0);
    for (int64_t i = 0; i < 3000; i++)
        assert_true(put(T0 + i, 1.0));
    liq_recorder_stop(recorder);
    assert_false(put(T0, 1.0));
    liq_recorder_count(recorder, &n);
    assert_int_equal(n.written, 3000);
    assert_int_equal(n.dropped, 1);
    assert_int_equal(n.waiting, 0);
    assert_true(n.good);
    liq_recorder_free(recorder);
    assert_int_equal(rows_in_file(), 3000);
}

static void old_rows_go(void **state)
{
    int64_t now_ms = liq_clock_system.wall_ms(&liq_clock_system);

    (void)state;
    begin(path, 2);
    assert_true(put(now_ms - 3 * LIQ_DAY_MS, 1.0));
    assert_true(put(now_ms - LIQ_DAY_MS, 1.0));
    finish();
    /* The first trim may have come before the rows. */
    begin(path, 2);
    assert_true(put(now_ms, 1.0));
    finish();
    assert_int_equal(rows_in_file(), 2);
}

/* A file that cannot be written: rows wait, then the newest are dropped and
 * counted; nobody waits. */
static void a_file_that_cannot_be_written(void **state)
{
    struct liq_recorder_counts n;

    (void)state;
    liq_log_set_level(LIQ_LOG_ERROR);
    begin("/nowhere/r.db", 0);
    for (int64_t i = 0; i < LIQ_RECORDER_ROWS; i++)
        assert_true(put(T0 + i, 1.0));
    assert_false(put(T0, 1.0));
    do
        liq_recorder_count(recorder, &n);
    while (n.failed == 0);
    assert_false(n.good);
    assert_int_equal(n.dropped, 1);
    assert_int_equal(n.waiting, LIQ_RECORDER_ROWS);
    liq_recorder_stop(recorder);
    liq_recorder_count(recorder, &n);
    assert_int_equal(n.written, 0);
    assert_int_equal(n.dropped, LIQ_RECORDER_ROWS + 1);
    liq_recorder_free(recorder);
}

static int done;

static void on_done(struct liq_task *t)
{
    (void)t;
    done++;
}

static void answers_come_from_the_file(void **state)
{
    double usd[3] = {NAN, 5.0, NAN};
    struct liq_history_ask a = {.done = {.run = on_done},
                                .lane = LIQ_LANE_LIGHT,
                                .exchange = "okx",
                                .symbol = "BTCUSDT",
                                .from_ms = T0,
                                .step_ms = 10,
                                .at_ms = T0 + 25,
                                .n = 3,
                                .usd = usd};
    struct liq_history *h;

    (void)state;
    begin(path, 0);
    put(T0, 1.0);
    put(T0 + 10, 2.0);
    h = liq_recorder_history(recorder);
    done = 0;
    assert_true(h->ask(h, &a));
    liq_recorder_stop(recorder);
    while (liq_work_run_one(work))
        ;
    assert_int_equal(done, 1);
    assert_true(usd[0] == 1.0);
    assert_true(usd[1] == 5.0);
    assert_true(isnan(usd[2]));
    assert_int_equal(a.newest_ms, T0 + 10);
    assert_true(a.newest.open_interest_usd == 2.0);
    assert_false(h->ask(h, &a));
    liq_recorder_free(recorder);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, start, end)
    const struct CMUnitTest tests[] = {
        TEST(stop_writes_what_waits),
        TEST(old_rows_go),
        TEST(a_file_that_cannot_be_written),
        TEST(answers_come_from_the_file),
    };

    return cmocka_run_group_tests(tests, NULL, end_all);
}
