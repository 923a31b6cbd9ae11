#include "liqmap/http.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static struct liq_http_response with(const char *lines)
{
    struct liq_http_response r;

    memset(&r, 0, sizeof r);
    liq_buf_init(&r.body, 100);
    liq_buf_init(&r.headers, 1000);
    if (lines != NULL)
        liq_buf_text(&r.headers, lines);
    return r;
}

static void header(void **state)
{
    static const struct {
        const char *lines, *name, *value;
    } cases[] = {
        {"a: 1\nb: 2\n", "a", "1"},
        {"a: 1\nb: 2\n", "b", "2"},
        {"ab: 1\nb: 2\n", "b", "2"},
        {"a: 1\n", "c", ""},
        {"a:1\n", "a", "1"},
        {"a: \t x y  \n", "a", "x y"},
        {"a:\nb: 2\n", "a", ""},
        {"a: b: 2\n", "b", ""},
        {"a: 1234567\n", "a", "1234567"},
        {"a: 12345678\n", "a", ""},
        {NULL, "a", ""},
        {"a", "a", ""},
    };
    char value[8];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct liq_http_response r = with(cases[i].lines);

        liq_http_header(&r, cases[i].name, value, sizeof value);
        assert_string_equal(value, cases[i].value);
        liq_http_response_free(&r);
    }
}

static void date(void **state)
{
    static const struct {
        const char *lines;
        int64_t ms;
    } cases[] = {
        {"date: Sun, 06 Nov 1994 08:49:37 GMT\n", INT64_C(784111777000)},
        {"date: Thu, 29 Feb 2024 23:59:59 GMT\n", INT64_C(1709251199000)},
        {"date: Sun, 06 Nov 1994 08:49:37 CET\n", 0},
        {"date: Sun, 06 Nov 1994 08:49:37 GMT+2\n", 0},
        {"date: Sun, 06 Foo 1994 08:49:37 GMT\n", 0},
        {"date: Sun, 46 Nov 1994 08:49:37 GMT\n", 0},
        {"date: Sunday, 06-Nov-94 08:49:37 GMT\n", 0},
        {"date: \n", 0},
        {"etag: x\n", 0},
        {NULL, 0},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct liq_http_response r = with(cases[i].lines);

        assert_true(liq_http_date_ms(&r) == cases[i].ms);
        liq_http_response_free(&r);
    }
}

static void free_nothing(void **state)
{
    struct liq_http_response r;

    (void)state;
    memset(&r, 0, sizeof r);
    liq_http_response_free(NULL);
    liq_http_response_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(header),
        cmocka_unit_test(date),
        cmocka_unit_test(free_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
