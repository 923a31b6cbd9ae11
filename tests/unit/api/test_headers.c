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
    assert_int_equal(liq_body_new(&text, &b), LIQ_OK);
    assert_null(text.data);
    assert_string_equal(b->plain.data, "{\"a\":1}");
    assert_int_equal(liq_buf_gunzip(&back, b->gzip.data, b->gzip.len), LIQ_OK);
    assert_string_equal(back.data, "{\"a\":1}");
    assert_int_equal(strlen(b->etag), 16);

    liq_buf_text(&text, "{\"a\":2}");
    assert_int_equal(liq_body_new(&text, &same), LIQ_OK);
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
    assert_int_equal(liq_body_new(&text, &b), LIQ_OK);
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

static void set_tag(const char *bytes, size_t n, char *tag)
{
    struct liq_body *b;
    struct liq_buf text;

    liq_buf_init(&text, 100);
    liq_buf_add(&text, bytes, n);
    assert_int_equal(liq_body_new(&text, &b), LIQ_OK);
    memcpy(tag, b->etag, LIQ_ETAG_SIZE);
    liq_item_release(&b->item);
    liq_buf_free(&text);
}

/* The same bytes have the same tag; no change of a bit, nor another length,
 * has. */
static void tags_tell_bodies_apart(void **state)
{
    enum { LONGEST = 17 };
    char bytes[LONGEST + 1] = "{\"a\":[0,0,0,0,0]", tag[LIQ_ETAG_SIZE];
    char other[LIQ_ETAG_SIZE];

    (void)state;
    for (size_t n = 1; n <= LONGEST; n++) {
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
    assert_int_equal(liq_body_new(&text, &b), LIQ_ELIMIT);
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
        cmocka_unit_test(tags_tell_bodies_apart),
        cmocka_unit_test(a_failed_text_makes_no_body),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
