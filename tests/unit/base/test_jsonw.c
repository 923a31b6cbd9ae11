#include "liqmap/jsonw.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define MAX_BYTES 10000

static struct liq_buf buf;
static struct liq_jsonw writer;

static int start(void **state)
{
    (void)state;
    liq_buf_init(&buf, MAX_BYTES);
    liq_jsonw_init(&writer, &buf);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    liq_buf_free(&buf);
    return 0;
}

static void document(void **state)
{
    struct liq_jsonw *w = &writer;

    (void)state;
    liq_jsonw_open_object(w);
    liq_jsonw_key_string(w, "symbol", "BTCUSDT");
    liq_jsonw_key_int(w, "rows", -400);
    liq_jsonw_key_number(w, "last", 61234.5);
    liq_jsonw_key_bool(w, "stale", false);
    liq_jsonw_key_time(w, "at", 1760130900000);
    liq_jsonw_key_time(w, "never", 0);
    liq_jsonw_key(w, "cells");
    liq_jsonw_open_array(w);
    liq_jsonw_open_array(w);
    liq_jsonw_int(w, 1);
    liq_jsonw_int(w, 2);
    liq_jsonw_close_array(w);
    liq_jsonw_open_array(w);
    liq_jsonw_close_array(w);
    liq_jsonw_open_object(w);
    liq_jsonw_close_object(w);
    liq_jsonw_null(w);
    liq_jsonw_bool(w, true);
    liq_jsonw_close_array(w);
    liq_jsonw_key(w, "after");
    liq_jsonw_open_object(w);
    liq_jsonw_key_string(w, "x", NULL);
    liq_jsonw_close_object(w);
    liq_jsonw_close_object(w);
    assert_int_equal(buf.err, LIQ_OK);
    assert_string_equal(
        buf.data, "{\"symbol\":\"BTCUSDT\",\"rows\":-400,\"last\":61234.5,"
                  "\"stale\":false,\"at\":1760130900000,\"never\":null,"
                  "\"cells\":[[1,2],[],{},null,true],\"after\":{\"x\":null}}");
}

static void strings(void **state)
{
    static const struct {
        const char *text, *json;
    } cases[] = {
        {"", "\"\""},
        {"plain </script>", "\"plain </script>\""},
        {"say \"hi\" \\ there", "\"say \\\"hi\\\" \\\\ there\""},
        {"\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\""},
        {"\x01\x1f", "\"\\u0001\\u001f\""},
        {"\x7f", "\"\x7f\""},
        {"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
         "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\""},
        /* the last character of each length, and of all */
        {"\xdf\xbf\xef\xbf\xbf\xf4\x8f\xbf\xbf",
         "\"\xdf\xbf\xef\xbf\xbf\xf4\x8f\xbf\xbf\""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        liq_buf_clear(&buf);
        liq_jsonw_init(&writer, &buf);
        liq_jsonw_string(&writer, cases[i].text);
        assert_string_equal(buf.data, cases[i].json);
    }
}

#define BAD "\xef\xbf\xbd"

/* One replacement for each byte that belongs to no character. */
static void invalid_utf8(void **state)
{
    static const struct {
        const char *name, *text, *json;
    } cases[] = {
        {"lone continuation", "a\x80z", "\"a" BAD "z\""},
        {"never valid", "\xff\xfe", "\"" BAD BAD "\""},
        {"overlong 2", "\xc0\xaf", "\"" BAD BAD "\""},
        {"overlong 3", "\xe0\x80\xaf", "\"" BAD BAD BAD "\""},
        {"overlong 4", "\xf0\x80\x80\xaf", "\"" BAD BAD BAD BAD "\""},
        {"surrogate", "\xed\xa0\x80", "\"" BAD BAD BAD "\""},
        {"above all", "\xf4\x90\x80\x80", "\"" BAD BAD BAD BAD "\""},
        {"cut by the end", "a\xe2\x82", "\"a" BAD BAD "\""},
        {"cut 4", "\xf0\x9f\x98", "\"" BAD BAD BAD "\""},
        {"cut by a quote", "\xe2\"", "\"" BAD "\\\"\""},
        {"cut by a character", "\xe2\xc3\xa9", "\"" BAD "\xc3\xa9\""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        liq_buf_clear(&buf);
        liq_jsonw_init(&writer, &buf);
        liq_jsonw_string(&writer, cases[i].text);
        if (strcmp(buf.data, cases[i].json) != 0)
            fail_msg("%s: %s", cases[i].name, buf.data);
    }
}

static void numbers(void **state)
{
    static const struct {
        double value;
        const char *json;
    } cases[] = {
        {0.1, "0.1"},      {-3.0, "-3"},       {1e-7, "1e-07"},
        {NAN, "null"},     {INFINITY, "null"}, {-INFINITY, "null"},
        {1e300, "1e+300"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        liq_buf_clear(&buf);
        liq_jsonw_init(&writer, &buf);
        liq_jsonw_number(&writer, cases[i].value);
        assert_string_equal(buf.data, cases[i].json);
    }
}

/* Too small a buffer: the writer runs on, the error is there at the end. */
static void ceiling(void **state)
{
    (void)state;
    for (size_t max = 0; max < 14; max++) {
        liq_buf_free(&buf);
        liq_buf_init(&buf, max);
        liq_jsonw_init(&writer, &buf);
        liq_jsonw_open_object(&writer);
        liq_jsonw_key_string(&writer, "a", "\n\xff");
        liq_jsonw_close_object(&writer);
        assert_int_equal(buf.err, max < 13 ? LIQ_ELIMIT : LIQ_OK);
        assert_true(buf.len <= max);
    }
}

static void value_without_key(struct liq_jsonw *w)
{
    liq_jsonw_open_object(w);
    liq_jsonw_int(w, 1);
}

static void key_in_array(struct liq_jsonw *w)
{
    liq_jsonw_open_array(w);
    liq_jsonw_key(w, "a");
}

static void key_after_key(struct liq_jsonw *w)
{
    liq_jsonw_open_object(w);
    liq_jsonw_key(w, "a");
    liq_jsonw_key(w, "b");
}

static void key_without_value(struct liq_jsonw *w)
{
    liq_jsonw_open_object(w);
    liq_jsonw_key(w, "a");
    liq_jsonw_close_object(w);
}

static void wrong_close(struct liq_jsonw *w)
{
    liq_jsonw_open_object(w);
    liq_jsonw_close_array(w);
}

static void one_close_too_many(struct liq_jsonw *w)
{
    liq_jsonw_close_object(w);
}

static void two_at_the_top(struct liq_jsonw *w)
{
    liq_jsonw_int(w, 1);
    liq_jsonw_int(w, 2);
}

static void too_deep(struct liq_jsonw *w)
{
    for (int i = 0; i < LIQ_JSONW_DEPTH; i++)
        liq_jsonw_open_array(w);
}

static void misuse_asserts(void **state)
{
    static void (*const cases[])(struct liq_jsonw *) = {
        value_without_key, key_in_array,       key_after_key,  too_deep,
        key_without_value, one_close_too_many, two_at_the_top, wrong_close,
    };
    const struct rlimit no_core = {0, 0};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        pid_t child = fork();
        int status = 0;

        assert_true(child >= 0);
        if (child == 0) {
            (void)signal(SIGABRT, SIG_DFL); /* not cmocka's handler */
            (void)setrlimit(RLIMIT_CORE, &no_core);
            (void)close(STDERR_FILENO);
            cases[i](&writer);
            _exit(0);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGABRT)
            fail_msg("case %zu went through", i);
    }
}

#define JSON_TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

/* Arrays of whole numbers are as if written one by one, whatever their number
 * and digits. */
static void counts(void **state)
{
    static const int some[] = {0, 9, 10, 99, 100, 999, 1000, 12345, 2147483647};
    enum { MANY = 700 };
    struct liq_buf one;
    struct liq_jsonw w;
    int value[MANY];

    (void)state;
    liq_buf_init(&one, MAX_BYTES);
    for (size_t n = 0; n < MANY; n++) {
        value[n] = some[n * 5 % 9];
        if (n > 12 && n < MANY - 1)
            continue;
        liq_buf_clear(&one);
        liq_jsonw_init(&w, &one);
        liq_jsonw_open_array(&w);
        for (size_t i = 0; i < n; i++)
            liq_jsonw_int(&w, value[i]);
        liq_jsonw_close_array(&w);
        liq_buf_clear(&buf);
        liq_jsonw_init(&writer, &buf);
        liq_jsonw_counts(&writer, value, n);
        assert_string_equal(buf.data, one.data);
    }
    liq_buf_free(&one);
}

/* The small ones are in a table. */
static void small_counts(void **state)
{
    enum { MANY = 1100 };
    int value[MANY];
    char text[8];
    size_t at = 0;

    (void)state;
    for (int i = 0; i < MANY; i++)
        value[i] = i;
    liq_jsonw_counts(&writer, value, MANY);
    for (int i = 0; i < MANY; i++) {
        int n = snprintf(text, sizeof text, "%c%d", i ? ',' : '[', i);

        assert_memory_equal(buf.data + at, text, (size_t)n);
        at += (size_t)n;
    }
    assert_string_equal(buf.data + at, "]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JSON_TEST(small_counts), JSON_TEST(counts),         JSON_TEST(document),
        JSON_TEST(strings),      JSON_TEST(invalid_utf8),   JSON_TEST(numbers),
        JSON_TEST(ceiling),      JSON_TEST(misuse_asserts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
