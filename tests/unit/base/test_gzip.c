/* Compression as the programs have it: with libdeflate where the build found
 * it. test_buf.c has zlib's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "liqmap/buf.h"

#if __has_include(<libdeflate.h>)
#include <libdeflate.h>
#define LIQ_LIBDEFLATE
#endif

#define MAX_BYTES ((size_t)1 << 20)

/* Text as in a response, and bytes that cannot be compressed. */
static void fill(char *bytes, size_t n, int noise)
{
    uint64_t x = 88172645463325252u;

    for (size_t i = 0; i < n; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        bytes[i] = (char)(noise ? x >> 32 : '0' + (x >> 32) % 3);
    }
}

static void test_it_comes_back(void **state)
{
    static const size_t sizes[] = {0, 1, 100, 65536, 300000};
    char *bytes = malloc(300000);

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        for (int level = 1; level <= 9; level += 4) {
            struct liq_buf packed, plain;
            size_t n = sizes[i];

            fill(bytes, n, level == 5);
            liq_buf_init(&packed, MAX_BYTES);
            liq_buf_init(&plain, MAX_BYTES);
            assert_int_equal(liq_buf_text(&packed, "before"), LIQ_OK);
            assert_int_equal(liq_buf_gzip(&packed, n ? bytes : NULL, n, level),
                             LIQ_OK);
            assert_memory_equal(packed.data, "before\x1f\x8b", 8);
            assert_int_equal(packed.data[packed.len], '\0');
            if (level != 5 && n > 100)
                assert_true(packed.len < n / 2);
            assert_int_equal(
                liq_buf_gunzip(&plain, packed.data + 6, packed.len - 6),
                LIQ_OK);
            assert_int_equal(plain.len, n);
            assert_true(n == 0 || memcmp(plain.data, bytes, n) == 0);
            liq_buf_free(&packed);
            liq_buf_free(&plain);
        }
    }
    free(bytes);
}

static void test_nothing_is_added_on_failure(void **state)
{
    char bytes[4000];
    struct liq_buf b;

    (void)state;
    fill(bytes, sizeof bytes, 1);
    liq_buf_init(&b, 1000);
    assert_int_equal(liq_buf_text(&b, "before"), LIQ_OK);
    assert_int_equal(liq_buf_gzip(&b, bytes, 10, 0), LIQ_EINVAL);
    assert_int_equal(liq_buf_gzip(&b, bytes, 10, 10), LIQ_EINVAL);
    assert_int_equal(b.err, LIQ_OK);
    assert_int_equal(liq_buf_gzip(&b, bytes, sizeof bytes, 6), LIQ_ELIMIT);
    assert_int_equal(b.err, LIQ_ELIMIT);
    assert_string_equal(b.data, "before");
    assert_int_equal(b.len, 6);
    assert_int_equal(liq_buf_gzip(&b, bytes, 10, 6), LIQ_ELIMIT);
    liq_buf_free(&b);
}

#ifdef LIQ_LIBDEFLATE
static void *no_memory(size_t n)
{
    (void)n;
    return NULL;
}

static void test_no_memory(void **state)
{
    struct liq_buf b;

    (void)state;
    liq_buf_init(&b, 1000);
    libdeflate_set_memory_allocator(no_memory, free);
    assert_int_equal(liq_buf_gzip(&b, "text", 4, 6), LIQ_ENOMEM);
    assert_int_equal(b.err, LIQ_ENOMEM);
    assert_int_equal(b.len, 0);
    libdeflate_set_memory_allocator(malloc, free);
    liq_buf_clear(&b);
    assert_int_equal(liq_buf_gzip(&b, "text", 4, 6), LIQ_OK);
    liq_buf_free(&b);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_comes_back),
        cmocka_unit_test(test_nothing_is_added_on_failure),
#ifdef LIQ_LIBDEFLATE
        cmocka_unit_test(test_no_memory),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
