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
        cmocka_unit_test(free_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
