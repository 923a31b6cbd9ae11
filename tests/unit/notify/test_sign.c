#include "notify/sign.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

/* The example of https://www.standardwebhooks.com's reference libraries. */
static void known_signature(void **state)
{
    struct liq_secret secret = {.n = 0};
    struct liq_buf b;

    (void)state;
    assert_int_equal(
        liq_secret_parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", &secret),
        LIQ_OK);
    liq_buf_init(&b, 200);
    liq_sign(&secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
             "{\"test\": 2432232314}", &b);
    assert_int_equal(b.err, LIQ_OK);
    assert_string_equal(b.data,
                        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    liq_buf_free(&b);
}

static void secrets(void **state)
{
    static const struct {
        const char *text;
        size_t n; /* 0: refused */
    } cases[] = {
        {"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", 24},
        {"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", 24},
        {" whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n", 24},
        {"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", 32},
        {"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", 32},
        {"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==", 25},
        {"", 0},
        {"whsec_", 0},
        {"secret", 0},
        {"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", 0},
        {"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", 0},
        {"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa w", 0},
        {"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa-_", 0},
        {"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
         "AAAAAAAAAAAAAAAAAAAAAAAAA",
         0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct liq_secret s = {.n = 0};
        enum liq_err err = liq_secret_parse(cases[i].text, &s);

        if (s.n != cases[i].n || (err == LIQ_OK) != (cases[i].n > 0))
            fail_msg("'%s': %zu", cases[i].text, s.n);
    }
}

static void ids_differ(void **state)
{
    char a[LIQ_ID_SIZE], b[LIQ_ID_SIZE];

    (void)state;
    assert_true(liq_random_id(a) && liq_random_id(b));
    assert_int_equal(strlen(a), LIQ_ID_SIZE - 1);
    assert_int_equal(strspn(a, "0123456789abcdef"), LIQ_ID_SIZE - 1);
    assert_string_not_equal(a, b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_signature),
        cmocka_unit_test(secrets),
        cmocka_unit_test(ids_differ),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
