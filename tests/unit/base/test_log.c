#include "liqmap/log.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define THREADS 4
#define LINES 200

static char path[64];
static int saved_stderr;

/* Standard error goes to a file from here to read_log. */
static int redirect(void **state)
{
    int fd;

    (void)state;
    (void)snprintf(path, sizeof path, "/tmp/liqmap-test-log-XXXXXX");
    fd = mkstemp(path);
    saved_stderr = dup(STDERR_FILENO);
    /* Appending, as a service manager opens it: threads share one end. */
    return fd < 0 || close(fd) || saved_stderr < 0 ||
           dup2(open(path, O_WRONLY | O_APPEND), STDERR_FILENO) < 0;
}

static size_t read_log(char *text, size_t size)
{
    FILE *f = fopen(path, "r");
    size_t n = f ? fread(text, 1, size - 1, f) : 0;

    if (f)
        (void)fclose(f);
    text[n] = '\0';
    return n;
}

static int restore(void **state)
{
    (void)state;
    liq_log_set_level(LIQ_LOG_INFO);
    (void)dup2(saved_stderr, STDERR_FILENO);
    (void)close(saved_stderr);
    return unlink(path);
}

static void one_line(void **state)
{
    char text[4096];
    size_t n;

    (void)state;
    liq_log(LIQ_LOG_WARN, "key=%s ms=%d", "BTCUSDT", 12);
    n = read_log(text, sizeof text);
    assert_int_equal(n, strlen("2025-10-10T21:15:00.123Z ") +
                            strlen("warn key=BTCUSDT ms=12\n"));
    assert_int_equal(text[10], 'T');
    assert_int_equal(text[19], '.');
    assert_string_equal(text + 23, "Z warn key=BTCUSDT ms=12\n");
}

static void levels(void **state)
{
    char text[4096];

    (void)state;
    liq_log(LIQ_LOG_DEBUG, "unseen"); /* info is where it starts */
    liq_log_set_level(LIQ_LOG_ERROR);
    liq_log(LIQ_LOG_WARN, "unseen");
    liq_log(LIQ_LOG_ERROR, "first");
    liq_log_set_level(LIQ_LOG_DEBUG);
    liq_log(LIQ_LOG_DEBUG, "second");
    (void)read_log(text, sizeof text);
    assert_null(strstr(text, "unseen"));
    assert_non_null(strstr(text, "Z error first\n"));
    assert_non_null(strstr(text, "Z debug second\n"));
}

/* A stranger's line break must not forge a line. */
static void stays_one_line(void **state)
{
    char text[4096];

    (void)state;
    liq_log(LIQ_LOG_INFO, "path=%s", "/a\n\r\x1b\x7f\xc3\xa9");
    (void)read_log(text, sizeof text);
    assert_non_null(strstr(text, "path=/a????\xc3\xa9\n"));
}

static void long_line_is_cut(void **state)
{
    char text[4096], wide[3000];
    size_t n;

    (void)state;
    memset(wide, 'x', sizeof wide);
    wide[sizeof wide - 1] = '\0';
    liq_log(LIQ_LOG_INFO, "%s", wide);
    n = read_log(text, sizeof text);
    assert_in_range(n, 1000, 1024);
    assert_string_equal(text + n - 3, "xx\n");
}

static void errno_is_kept(void **state)
{
    (void)state;
    errno = ENOENT;
    liq_log(LIQ_LOG_INFO, "x");
    assert_int_equal(errno, ENOENT);
}

static void *write_lines(void *arg)
{
    for (int i = 0; i < LINES; i++)
        liq_log(LIQ_LOG_INFO, "from=%s to=%s", (const char *)arg,
                (const char *)arg);
    return NULL;
}

static void threads_do_not_mix(void **state)
{
    static char names[THREADS][2] = {"a", "b", "c", "d"};
    static char text[THREADS * LINES * 64];
    pthread_t threads[THREADS];
    int n = 0;

    (void)state;
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(
            pthread_create(&threads[i], NULL, write_lines, names[i]), 0);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    (void)read_log(text, sizeof text);
    for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
        char from, to;

        assert_int_equal(sscanf(line + 24, " info from=%c to=%c\n", &from, &to),
                         2);
        assert_int_equal(from, to);
        n++;
    }
    assert_int_equal(n, THREADS * LINES);
}

#define LOG_TEST(f) cmocka_unit_test_setup_teardown(f, redirect, restore)

/* A pipe that nobody reads: the caller goes on, and hears later how many lines
 * were lost. */
static void a_full_pipe_blocks_nobody(void **state)
{
    enum { CALLS = 400 };
    static char text[256 * 1024];
    int ends[2], kept = dup(STDERR_FILENO), lines = 0;
    uint64_t dropped = liq_log_dropped();
    unsigned lost = 0;
    const char *said;
    ssize_t n;

    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
    for (int i = 0; i < CALLS; i++)
        liq_log(LIQ_LOG_WARN, "%0500d", i);
    n = read(ends[0], text, sizeof text - 1);
    assert_true(n > 0);
    for (ssize_t i = 0; i < n; i++)
        lines += text[i] == '\n';
    assert_true(lines < CALLS);
    liq_log(LIQ_LOG_WARN, "after");
    n = read(ends[0], text, sizeof text - 1);
    assert_true(n > 0);
    text[n] = '\0';
    said = strstr(text, "took none: ");
    assert_non_null(said);
    assert_int_equal(sscanf(said, "took none: %u", &lost), 1);
    assert_int_equal(lost, CALLS - lines);
    assert_int_equal(liq_log_dropped(), dropped + lost);
    assert_non_null(strstr(text, "warn after\n"));
    (void)dup2(kept, STDERR_FILENO);
    (void)close(kept);
    (void)close(ends[0]);
    (void)close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LOG_TEST(one_line),
        LOG_TEST(levels),
        LOG_TEST(stays_one_line),
        LOG_TEST(long_line_is_cut),
        LOG_TEST(errno_is_kept),
        LOG_TEST(threads_do_not_mix),
        LOG_TEST(a_full_pipe_blocks_nobody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
