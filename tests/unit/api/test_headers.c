#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "api/body.h"

static void accept_encoding(void **state)
{
    static const struct {
        const char *header;
        bool gzip;
    } cases[] = {
        {NULL, false},
        {"", false},
        {"gzip", true},
        {"GZIP", true},
        {"x-gzip", true},
        {"gzip, deflate, br, zstd", true},
        {"deflate,  gzip;q=1.0, *;q=0.5", true},
        {"identity", false},
        {"br", false},
        {"*", true},
        {"*;q=0", false},
        {"gzip;q=0", false},
        {"gzip;q=0.000", false},
        {"gzip; q=0", false},
        {"gzip;Q=0", false},
        {"gzip;q=0.001", true},
        {"gzip;q=0, *", false},
        {"*;q=0, gzip", true},
        {"identity;q=1, gzip;q=0.5", false},
        {"identity;q=0.5, gzip;q=1", true},
        {"gzipped", false},
        {"gzip;", true},
        {"gzip;q", true},
        {",,gzip", true},
        {"gzip;q=0.", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        print_message("  %s\n", cases[i].header ? cases[i].header : "(none)");
        assert_int_equal(liq_accepts_gzip(cases[i].header), cases[i].gzip);
    }
}

static void if_none_match(void **state)
{
    static const struct {
        const char *header;
        bool match;
    } cases[] = {
        {NULL, false},
        {"", false},
        {"\"abc\"", true},
        {"W/\"abc\"", true},
        {"*", true},
        {"\"abc-gz\"", false},
        {"\"ab\"", false},
        {"abc", false},
        {"\"x\", \"abc\"", true},
        {"\"x\",W/\"abc\" , \"y\"", true},
        {"\"x, abc\"", false},
        {"\"abc", false},
        {"W/", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        print_message("  %s\n", cases[i].header ? cases[i].header : "(none)");
        assert_int_equal(liq_etag_matches(cases[i].header, "abc"),
                         cases[i].match);
    }
}

static void a_short_body_holds_its_bytes_twice(void **state)
{
    struct liq_buf text, back;
    struct liq_body *b, *same;

    (void)state;
    liq_buf_init(&text, 100);
    liq_buf_init(&back, 100);
    liq_buf_text(&text, "{\"a\":1}");
    assert_int_equal(liq_body_new(&text, LIQ_GZIP_SMALL, &b), LIQ_OK);
    assert_null(text.data);
    assert_string_equal(b->plain.data, "{\"a\":1}");
    assert_int_equal(liq_buf_gunzip(&back, b->gzip.data, b->gzip.len), LIQ_OK);
    assert_string_equal(back.data, "{\"a\":1}");
    assert_int_equal(strlen(b->etag), 16);

    liq_buf_text(&text, "{\"a\":2}");
    assert_int_equal(liq_body_new(&text, LIQ_GZIP_SMALL, &same), LIQ_OK);
    assert_string_not_equal(same->etag, b->etag);
    liq_item_release(&same->item);
    liq_item_release(&b->item);
    liq_buf_free(&back);
    liq_buf_free(&text);
}

static void a_long_body_holds_compressed_bytes_alone(void **state)
{
    struct liq_body *b, *plain;
    struct liq_buf text, copy;

    (void)state;
    liq_buf_init(&text, 100000);
    liq_buf_init(&copy, 100000);
    while (text.len <= LIQ_PLAIN_MAX)
        liq_buf_format(&text, "%zu,", text.len * text.len);
    liq_buf_add(&copy, text.data, text.len);
    assert_int_equal(liq_body_new(&text, LIQ_GZIP_SMALL, &b), LIQ_OK);
    assert_null(b->plain.data);
    assert_int_equal(b->len, copy.len);
    assert_int_equal(b->item.bytes, sizeof *b + b->gzip.size);
    assert_int_equal(liq_body_inflate(b, &plain), LIQ_OK);
    assert_int_equal(plain->plain.len, copy.len);
    assert_memory_equal(plain->plain.data, copy.data, copy.len);
    liq_item_release(&plain->item);
    liq_item_release(&b->item);
    liq_buf_free(&copy);
}

/* Each level says in body.h what it is for. */
static void levels_trade_bytes_for_time(void **state)
{
    static const int levels[] = {LIQ_GZIP_SMALL, LIQ_GZIP_QUICK};
    size_t bytes[2];
    char tag[2][LIQ_ETAG_SIZE];

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct liq_body *b;
        struct liq_buf text;

        liq_buf_init(&text, 100000);
        for (uint32_t k = 0, r = 1; k < 20000; k++) {
            r = r * 1664525U + 1013904223U;
            liq_buf_format(&text, "%u,", r >> 16 & 15U);
        }
        assert_int_equal(liq_body_new(&text, levels[i], &b), LIQ_OK);
        bytes[i] = b->gzip.len;
        memcpy(tag[i], b->etag, LIQ_ETAG_SIZE);
        liq_item_release(&b->item);
    }
    assert_true(bytes[0] < bytes[1]);
    assert_string_equal(tag[0], tag[1]);
}

static void set_tag(const char *bytes, size_t n, char *tag)
{
    struct liq_body *b;
    struct liq_buf text;

    liq_buf_init(&text, 100);
    liq_buf_add(&text, bytes, n);
    assert_int_equal(liq_body_new(&text, LIQ_GZIP_SMALL, &b), LIQ_OK);
    memcpy(tag, b->etag, LIQ_ETAG_SIZE);
    liq_item_release(&b->item);
    liq_buf_free(&text);
}

/* The same bytes have the same tag; no change of a bit, nor another length,
 * has. */
static void tags_tell_bodies_apart(void **state)
{
    static const size_t lengths[] = {1, 2, 7, 8, 9, 17, 31, 32, 33, 64, 70};
    char bytes[] =
        "{\"a\":[0,0,0,0,0],\"b\":\"a text that fills several words of "
        "a hash, and more\"}";
    char tag[LIQ_ETAG_SIZE], other[LIQ_ETAG_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        size_t n = lengths[i];

        assert_true(n < sizeof bytes);
        set_tag(bytes, n, tag);
        set_tag(bytes, n - 1, other);
        assert_string_not_equal(other, tag);
        for (size_t bit = 0; bit < 8 * n; bit++) {
            bytes[bit / 8] = (char)(bytes[bit / 8] ^ 1 << bit % 8);
            set_tag(bytes, n, other);
            assert_string_not_equal(other, tag);
            bytes[bit / 8] = (char)(bytes[bit / 8] ^ 1 << bit % 8);
        }
        set_tag(bytes, n, other);
        assert_string_equal(other, tag);
    }
}

static void a_failed_text_makes_no_body(void **state)
{
    struct liq_buf text;
    struct liq_body *b;

    (void)state;
    liq_buf_init(&text, 4);
    liq_buf_text(&text, "12345");
    assert_int_equal(liq_body_new(&text, LIQ_GZIP_SMALL, &b), LIQ_ELIMIT);
    assert_int_equal(liq_body_plain(&text, &b), LIQ_ELIMIT);
    liq_buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accept_encoding),
        cmocka_unit_test(if_none_match),
        cmocka_unit_test(a_short_body_holds_its_bytes_twice),
        cmocka_unit_test(a_long_body_holds_compressed_bytes_alone),
        cmocka_unit_test(levels_trade_bytes_for_time),
        cmocka_unit_test(tags_tell_bodies_apart),
        cmocka_unit_test(a_failed_text_makes_no_body),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
