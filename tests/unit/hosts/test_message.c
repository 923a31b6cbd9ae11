/* Keys, and responses as bytes: what was packed comes back, and what nobody
 * packed is refused. */
#include "hosts/message.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#define MAX_BYTES ((size_t)64 * 1024)

static void response(struct liq_http_response *r, const char *headers,
                     const char *body, size_t n)
{
    memset(r, 0, sizeof *r);
    liq_buf_init(&r->headers, HEADERS_MAX_BYTES);
    liq_buf_init(&r->body, MAX_BYTES);
    r->status = 429;
    r->date_ms = 1760134320000;
    assert_int_equal(liq_buf_text(&r->headers, headers), LIQ_OK);
    assert_int_equal(n > 0 ? liq_buf_add(&r->body, body, n) : LIQ_OK, LIQ_OK);
}

/* The packed bytes of a response with n bytes of body; the caller's. */
static struct liq_buf packed(size_t n)
{
    char *body = calloc(1, n + 1);
    struct liq_http_response r;
    struct liq_buf out;

    for (size_t i = 0; i < n; i++)
        body[i] = (char)("[1,2]"[i % 5] ^ (i % 97 == 0));
    response(&r, "retry-after: 7\n", body, n);
    liq_buf_init(&out, MAX_BYTES + MESSAGE_EXTRA_BYTES);
    assert_int_equal(message_encode(&out, &r, 150), LIQ_OK);
    liq_http_response_free(&r);
    free(body);
    return out;
}

static void test_there_and_back(void **state)
{
    static const size_t sizes[] = {0, 1, 511, 512, 60000};

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct liq_buf bytes = packed(sizes[i]);
        struct liq_http_response r;
        char retry[8];

        assert_int_equal(message_decode(bytes.data, bytes.len, MAX_BYTES, &r),
                         LIQ_OK);
        assert_int_equal(r.status, 429);
        assert_int_equal(r.date_ms, 1760134320000);
        assert_int_equal(r.took_ms, 150);
        assert_true(r.shared);
        assert_int_equal(r.body.len, sizes[i]);
        for (size_t k = 0; k < sizes[i]; k++)
            assert_int_equal(r.body.data[k], "[1,2]"[k % 5] ^ (k % 97 == 0));
        liq_http_header(&r, "retry-after", retry, sizeof retry);
        assert_string_equal(retry, "7");
        liq_http_response_free(&r);
        liq_buf_free(&bytes);
    }
}

static void test_long_bodies_are_compressed(void **state)
{
    struct liq_buf bytes = packed(60000);

    (void)state;
    assert_true(bytes.len < 10000);
    liq_buf_free(&bytes);
}

static void test_a_body_above_its_ceiling(void **state)
{
    struct liq_buf bytes = packed(60000);
    struct liq_http_response r;

    (void)state;
    assert_int_not_equal(message_decode(bytes.data, bytes.len, 59999, &r),
                         LIQ_OK);
    assert_int_equal(message_decode(bytes.data, bytes.len, 60000, &r), LIQ_OK);
    liq_http_response_free(&r);
    liq_buf_free(&bytes);
}

/* The claim is small, what unfolds is not. */
static void test_a_bomb(void **state)
{
    struct liq_http_response r;
    struct liq_buf bytes, zeros;

    (void)state;
    liq_buf_init(&zeros, (size_t)4 << 20);
    liq_buf_init(&bytes, MAX_BYTES);
    for (size_t i = 0; i < (size_t)1 << 20; i++)
        assert_int_equal(liq_buf_char(&zeros, '0'), LIQ_OK);
    assert_int_equal(liq_buf_text(&bytes, "1 200 0 0 0 600\n"), LIQ_OK);
    assert_int_equal(liq_buf_gzip(&bytes, zeros.data, zeros.len, 1), LIQ_OK);
    assert_int_not_equal(message_decode(bytes.data, bytes.len, MAX_BYTES, &r),
                         LIQ_OK);
    liq_buf_free(&bytes);
    liq_buf_free(&zeros);
}

static void test_hostile_bytes(void **state)
{
    static const struct {
        const char *name, *bytes;
        size_t n; /* 0: strlen */
    } cases[] = {
        {"nothing", "", 0},
        {"no line", "1 200 0 0 0 0", 0},
        {"another version", "2 200 0 0 0 0\n", 0},
        {"no status", "1 0 0 0 0 0\n", 0},
        {"a status above 599", "1 600 0 0 0 0\n", 0},
        {"a negative length", "1 200 0 0 -1 0\n", 0},
        {"a sign", "1 200 +1 0 0 0\n", 0},
        {"a number without end", "1 200 99999999999999999999 0 0 0\n", 0},
        {"headers beyond the end", "1 200 0 0 5 0\nabc", 0},
        {"headers above their ceiling", "1 200 0 0 16385 0\n", 0},
        {"less body than said", "1 200 0 0 0 5\nabc", 0},
        {"more body than said", "1 200 0 0 0 2\nabc", 0},
        {"a NUL in a header", "1 200 0 0 3 0\na\0b", 17},
        {"a body that is no gzip", "1 200 0 0 0 600\nabc", 0},
        {"a damaged gzip", "1 200 0 0 0 600\n\x1f\x8b\x08garbage", 0},
        {"two blanks", "1  200 0 0 0 0\n", 0},
        {"a hash", "$3\r\nabc\r\n", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct liq_http_response r;
        size_t n = cases[i].n ? cases[i].n : strlen(cases[i].bytes);
        char *exact = malloc(n + 1); /* so that a byte too far is found */

        memcpy(exact, cases[i].bytes, n);
        exact = realloc(exact, n > 0 ? n : 1);
        if (message_decode(exact, n, MAX_BYTES, &r) == LIQ_OK)
            fail_msg("%s: taken", cases[i].name);
        assert_int_equal(r.body.len, 0);
        free(exact);
    }
}

/* Cut anywhere, or with any byte changed: refused, or a response with a body of
 * the length that was said. */
static void test_damage(void **state)
{
    struct liq_buf bytes = packed(700);

    (void)state;
    for (size_t i = 0; i < bytes.len; i++) {
        struct liq_http_response r;
        char *copy = malloc(bytes.len);

        assert_int_not_equal(message_decode(bytes.data, i, MAX_BYTES, &r),
                             LIQ_OK);
        memcpy(copy, bytes.data, bytes.len);
        copy[i] = (char)(copy[i] ^ 0x10);
        if (message_decode(copy, bytes.len, MAX_BYTES, &r) == LIQ_OK) {
            assert_int_equal(r.body.len, 700);
            liq_http_response_free(&r);
        }
        free(copy);
    }
    liq_buf_free(&bytes);
}

static void test_keys(void **state)
{
    static const struct liq_http_request get = {"http://h:1/a?b=c", NULL, 0, 0},
                                         post = {"http://h:1/a?b=c", "{}", 0,
                                                 0};
    struct liq_buf a, b, site;

    (void)state;
    liq_buf_init(&a, 1000);
    liq_buf_init(&b, 1000);
    liq_buf_init(&site, 1000);
    assert_int_equal(message_key(&a, "body", &get), LIQ_OK);
    assert_int_equal(message_key(&b, "body", &post), LIQ_OK);
    assert_string_equal(a.data, "liqmap1:body:http://h:1/a?b=c");
    assert_string_equal(b.data, "liqmap1:body:http://h:1/a?b=c {}");
    assert_int_equal(message_site(&site, "shut", get.url), LIQ_OK);
    assert_string_equal(site.data, "liqmap1:shut:h:1");
    liq_buf_free(&a);
    liq_buf_free(&b);
    liq_buf_free(&site);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_long_bodies_are_compressed),
        cmocka_unit_test(test_a_body_above_its_ceiling),
        cmocka_unit_test(test_a_bomb),
        cmocka_unit_test(test_hostile_bytes),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_keys),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
