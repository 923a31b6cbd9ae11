#include "liqmap/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* Names are part of the API's errors: distinct, and never the fallback. */
static void names(void **state)
{
    (void)state;
    for (int a = LIQ_OK; a <= LIQ_EIO; a++) {
        assert_string_not_equal(liq_err_name((enum liq_err)a), "unknown");
        for (int b = LIQ_OK; b < a; b++)
            assert_string_not_equal(liq_err_name((enum liq_err)a),
                                    liq_err_name((enum liq_err)b));
    }
    assert_string_equal(liq_err_name(LIQ_ENET), "net");
    assert_string_equal(liq_err_name(LIQ_ETIMEOUT), "timeout");
    assert_string_equal(liq_err_name((enum liq_err)99), "unknown");
}

static void fail_fills_the_reason(void **state)
{
    struct liq_reason why;

    (void)state;
    memset(&why, 0x5a, sizeof why);
    assert_int_equal(liq_fail(&why, LIQ_ENET, "%s said %d", "fapi", 502),
                     LIQ_ENET);
    assert_int_equal(why.code, LIQ_ENET);
    assert_string_equal(why.text, "fapi said 502");
    assert_int_equal(why.retry_after_ms, 0);
}

static void fail_without_a_reason(void **state)
{
    (void)state;
    assert_int_equal(liq_fail(NULL, LIQ_EIO, "%d", 1), LIQ_EIO);
}

static void fail_cuts_what_is_long(void **state)
{
    struct liq_reason why;
    char text[1000];

    (void)state;
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    assert_int_equal(liq_fail(&why, LIQ_EIO, "%s", text), LIQ_EIO);
    assert_int_equal(strlen(why.text), sizeof why.text - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),
        cmocka_unit_test(fail_fills_the_reason),
        cmocka_unit_test(fail_without_a_reason),
        cmocka_unit_test(fail_cuts_what_is_long),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
