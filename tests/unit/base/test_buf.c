#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <errno.h>
#define ZLIB_CONST
#include <zlib.h>

#include <cmocka.h>

/* The nth allocation from now fails, those of zlib and libdeflate included; 0:
 * none. */
static size_t fail_at;

static int is_out(void)
{
    return fail_at && --fail_at == 0;
}

static void *failing_realloc(void *p, size_t n)
{
    return is_out() ? NULL : realloc(p, n);
}

static void *deflate_alloc(size_t n)
{
    return is_out() ? NULL : malloc(n);
}

static void *z_alloc(void *opaque, unsigned n, unsigned size)
{
    (void)opaque;
    return is_out() ? NULL : calloc(n, size);
}

static void z_free(void *opaque, void *p)
{
    (void)opaque;
    free(p);
}

static z_stream *with_alloc(z_stream *z)
{
    z->zalloc = z_alloc;
    z->zfree = z_free;
    return z;
}

#undef inflateInit2
#define inflateInit2(z, bits)                                                  \
    inflateInit2_(with_alloc(z), bits, ZLIB_VERSION, (int)sizeof(z_stream))
#define realloc failing_realloc
#include "base/buf.c"
#undef realloc

#define MEGABYTE ((size_t)1 << 20)

static void empty(void **state)
{
    struct liq_buf b;

    (void)state;
    liq_buf_init(&b, 10);
    assert_null(b.data);
    assert_int_equal(b.len, 0);
    assert_int_equal(liq_buf_text(&b, ""), LIQ_OK);
    assert_string_equal(b.data, "");
    liq_buf_free(&b);
    liq_buf_free(&b);
    liq_buf_free(NULL);
}

static void append(void **state)
{
    struct liq_buf b;

    (void)state;
    liq_buf_init(&b, 1000);
    assert_int_equal(liq_buf_add(&b, "ab\0c", 4), LIQ_OK);
    assert_int_equal(b.len, 4);
    assert_memory_equal(b.data, "ab\0c", 5); /* and the NUL */
    liq_buf_clear(&b);
    assert_int_equal(b.len, 0);
    assert_string_equal(b.data, "");
    assert_int_equal(liq_buf_add(&b, NULL, 0), LIQ_OK);
    assert_int_equal(liq_buf_text(&b, "x="), LIQ_OK);
    assert_int_equal(liq_buf_char(&b, '<'), LIQ_OK);
    assert_int_equal(liq_buf_int(&b, 42), LIQ_OK);
    assert_int_equal(liq_buf_format(&b, "%s%05.1f", ">", 3.14), LIQ_OK);
    assert_string_equal(b.data, "x=<42>003.1");
    assert_int_equal(b.len, strlen(b.data));
    liq_buf_free(&b);
}

static void integers(void **state)
{
    static const struct {
        int64_t value;
        const char *text;
    } cases[] = {
        {0, "0"},
        {-1, "-1"},
        {10, "10"},
        {999999999999, "999999999999"},
        {INT64_MAX, "9223372036854775807"},
        {INT64_MIN, "-9223372036854775808"},
    };
    struct liq_buf b;

    (void)state;
    liq_buf_init(&b, 100);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        liq_buf_clear(&b);
        assert_int_equal(liq_buf_int(&b, cases[i].value), LIQ_OK);
        assert_string_equal(b.data, cases[i].text);
    }
    liq_buf_free(&b);
}

static void ceiling(void **state)
{
    struct liq_buf b;

    (void)state;
    liq_buf_init(&b, 5);
    assert_int_equal(liq_buf_text(&b, "12345"), LIQ_OK);
    assert_int_equal(liq_buf_char(&b, '6'), LIQ_ELIMIT);
    assert_string_equal(b.data, "12345");
    /* Sticky, even for what would fit. */
    assert_int_equal(liq_buf_text(&b, ""), LIQ_ELIMIT);
    assert_int_equal(liq_buf_format(&b, "%s", ""), LIQ_ELIMIT);
    liq_buf_clear(&b);
    assert_int_equal(liq_buf_format(&b, "%s", "123456"), LIQ_ELIMIT);
    assert_int_equal(b.len, 0);
    liq_buf_clear(&b);
    assert_int_equal(liq_buf_add(&b, "x", SIZE_MAX), LIQ_ELIMIT);
    liq_buf_clear(&b);
    assert_int_equal(liq_buf_text(&b, "abcde"), LIQ_OK);
    liq_buf_free(&b);

    liq_buf_init(&b, SIZE_MAX);
    assert_int_equal(liq_buf_text(&b, "a"), LIQ_OK);
    assert_int_equal(liq_buf_add(&b, "x", SIZE_MAX - 1), LIQ_ELIMIT);
    liq_buf_free(&b);
}

/* As many calls as bytes must not mean as many allocations. */
static void grows_by_doubling(void **state)
{
    struct liq_buf b;
    size_t calls = 1000000;

    (void)state;
    liq_buf_init(&b, MEGABYTE);
    fail_at = calls; /* counts down, one for each allocation */
    for (int i = 0; i < 1 << 20; i++)
        assert_int_equal(liq_buf_char(&b, 'x'), LIQ_OK);
    assert_in_range(calls - fail_at, 10, 20);
    assert_true(b.size <= MEGABYTE + 1);
    fail_at = 0;
    liq_buf_free(&b);
}

/* Bytes that gzip only halves: hexadecimal digits from a fixed seed. */
static void noise(struct liq_buf *b, size_t n)
{
    uint32_t x = 12345;

    for (size_t i = 0; i < n; i++) {
        x = x * 1664525u + 1013904223u;
        assert_int_equal(liq_buf_char(b, "0123456789abcdef"[x >> 28]), LIQ_OK);
    }
}

static void gzip_round_trip(void **state)
{
    static const size_t sizes[] = {0, 1, 4095, 4096, 4097, 300000};
    struct liq_buf plain, packed, back;

    (void)state;
    liq_buf_init(&plain, MEGABYTE);
    liq_buf_init(&packed, MEGABYTE);
    liq_buf_init(&back, MEGABYTE);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        liq_buf_clear(&plain);
        liq_buf_clear(&packed);
        liq_buf_clear(&back);
        noise(&plain, sizes[i]);
        assert_int_equal(liq_buf_text(&back, "kept"), LIQ_OK);
        assert_int_equal(liq_buf_gzip(&packed, plain.data, plain.len, 6),
                         LIQ_OK);
        if (sizes[i] > 4096)
            assert_in_range(packed.len, sizes[i] / 2, sizes[i] * 2 / 3);
        assert_int_equal(liq_buf_gunzip(&back, packed.data, packed.len),
                         LIQ_OK);
        assert_int_equal(back.len, 4 + sizes[i]);
        assert_memory_equal(back.data, "kept", 4);
        if (sizes[i])
            assert_memory_equal(back.data + 4, plain.data, sizes[i]);
        assert_int_equal(back.data[back.len], '\0');
    }
    liq_buf_free(&plain);
    liq_buf_free(&packed);
    liq_buf_free(&back);
}

static void gzip_level_is_checked(void **state)
{
    struct liq_buf b;

    (void)state;
    liq_buf_init(&b, 1000);
    assert_int_equal(liq_buf_gzip(&b, "x", 1, 0), LIQ_EINVAL);
    assert_int_equal(liq_buf_gzip(&b, "x", 1, 10), LIQ_EINVAL);
    assert_int_equal(liq_buf_gzip(&b, "x", 1, 9), LIQ_OK);
    liq_buf_free(&b);
}

static void gunzip_copies_plain(void **state)
{
    static const struct {
        const char *bytes;
        size_t n;
    } cases[] = {{"", 0}, {"\x1f", 1}, {"\x1f\x8c", 2}, {"[1,2]", 5}};
    struct liq_buf b;

    (void)state;
    liq_buf_init(&b, 100);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        liq_buf_clear(&b);
        assert_int_equal(liq_buf_gunzip(&b, cases[i].bytes, cases[i].n),
                         LIQ_OK);
        assert_int_equal(b.len, cases[i].n);
        assert_memory_equal(b.data, cases[i].bytes, cases[i].n);
    }
    liq_buf_free(&b);
}

/* Two members, as `cat a.gz b.gz` makes them. */
static void gunzip_members(void **state)
{
    struct liq_buf packed, out;

    (void)state;
    liq_buf_init(&packed, 1000);
    liq_buf_init(&out, 1000);
    assert_int_equal(liq_buf_gzip(&packed, "hello ", 6, 1), LIQ_OK);
    assert_int_equal(liq_buf_gzip(&packed, "world", 5, 9), LIQ_OK);
    assert_int_equal(liq_buf_gunzip(&out, packed.data, packed.len), LIQ_OK);
    assert_string_equal(out.data, "hello world");
    liq_buf_free(&packed);
    liq_buf_free(&out);
}

/* Cut at every byte, and one bit wrong in the checksum; content stays. */
static void gunzip_damaged(void **state)
{
    struct liq_buf packed, out;

    (void)state;
    liq_buf_init(&packed, 10000);
    liq_buf_init(&out, 10000);
    noise(&out, 500);
    assert_int_equal(liq_buf_gzip(&packed, out.data, out.len, 6), LIQ_OK);
    liq_buf_clear(&out);
    assert_int_equal(liq_buf_text(&out, "kept"), LIQ_OK);
    for (size_t n = 2; n < packed.len; n++) {
        assert_int_equal(liq_buf_gunzip(&out, packed.data, n), LIQ_EFORMAT);
        assert_string_equal(out.data, "kept");
        assert_int_equal(out.err, LIQ_OK);
    }
    packed.data[packed.len - 5] ^= 1;
    assert_int_equal(liq_buf_gunzip(&out, packed.data, packed.len),
                     LIQ_EFORMAT);
    packed.data[packed.len - 5] ^= 1;
    assert_int_equal(liq_buf_text(&packed, "garbage"), LIQ_OK);
    assert_int_equal(liq_buf_gunzip(&out, packed.data, packed.len),
                     LIQ_EFORMAT);
    assert_int_equal(out.len, 4);
    liq_buf_free(&packed);
    liq_buf_free(&out);
}

/* A megabyte of nothing packs into a kilobyte. */
static void gunzip_bomb(void **state)
{
    char *zeros = calloc(MEGABYTE, 1);
    struct liq_buf packed, out;

    (void)state;
    assert_non_null(zeros);
    liq_buf_init(&packed, 4096);
    assert_int_equal(liq_buf_gzip(&packed, zeros, MEGABYTE, 9), LIQ_OK);
    liq_buf_init(&out, MEGABYTE - 1);
    assert_int_equal(liq_buf_text(&out, ""), LIQ_OK);
    assert_int_equal(liq_buf_gunzip(&out, packed.data, packed.len), LIQ_ELIMIT);
    assert_int_equal(out.len, 0);
    assert_int_equal(out.data[0], '\0');
    assert_int_equal(out.err, LIQ_ELIMIT);
    assert_true(out.size <= MEGABYTE);
    liq_buf_free(&out);
    liq_buf_init(&out, MEGABYTE); /* exactly full is not too much */
    assert_int_equal(liq_buf_gunzip(&out, packed.data, packed.len), LIQ_OK);
    assert_int_equal(out.len, MEGABYTE);
    liq_buf_free(&out);
    liq_buf_free(&packed);
    free(zeros);
}

static void gzip_ceiling(void **state)
{
    struct liq_buf plain, packed;

    (void)state;
    liq_buf_init(&plain, 10000);
    noise(&plain, 10000);
    liq_buf_init(&packed, 3000);
    assert_int_equal(liq_buf_text(&packed, "kept"), LIQ_OK);
    assert_int_equal(liq_buf_gzip(&packed, plain.data, plain.len, 6),
                     LIQ_ELIMIT);
    assert_string_equal(packed.data, "kept");
    assert_int_equal(liq_buf_gzip(&packed, plain.data, 1, 6), LIQ_ELIMIT);
    liq_buf_free(&packed);
    liq_buf_free(&plain);
}

static void temporary(char *path, const char *bytes, size_t n)
{
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, n), (ssize_t)n);
    assert_int_equal(close(fd), 0);
}

static void read_file(void **state)
{
    char path[] = "/tmp/liqmap-test-buf-XXXXXX";
    struct liq_buf text, b;

    (void)state;
    liq_buf_init(&text, 20000);
    noise(&text, 20000);
    temporary(path, text.data, text.len);
    liq_buf_init(&b, 20000);
    assert_int_equal(liq_buf_read_file(&b, path), LIQ_OK);
    assert_int_equal(b.len, text.len);
    assert_memory_equal(b.data, text.data, text.len + 1);
    assert_int_equal(liq_buf_read_file(&b, path), LIQ_ELIMIT);
    assert_int_equal(b.len, text.len);
    liq_buf_free(&b);
    liq_buf_init(&b, 19999);
    assert_int_equal(liq_buf_read_file(&b, path), LIQ_ELIMIT);
    assert_int_equal(b.len, 0);
    liq_buf_free(&b);
    liq_buf_free(&text);
    assert_int_equal(unlink(path), 0);
}

static void read_file_fails(void **state)
{
    struct liq_buf b;

    (void)state;
    liq_buf_init(&b, 100);
    errno = 0;
    assert_int_equal(liq_buf_read_file(&b, "/nonexistent/file"), LIQ_EIO);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(liq_buf_read_file(&b, "/"), LIQ_EIO);
    assert_int_equal(errno, EISDIR);
    assert_int_equal(liq_buf_text(&b, "still usable"), LIQ_OK);
    liq_buf_free(&b);
}

static void read_stdin(void **state)
{
    int saved = dup(STDIN_FILENO), ends[2];
    struct liq_buf b;

    (void)state;
    assert_true(saved >= 0);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "piped", 5), 5);
    assert_int_equal(close(ends[1]), 0);
    assert_true(dup2(ends[0], STDIN_FILENO) >= 0);
    liq_buf_init(&b, 100);
    assert_int_equal(liq_buf_read_file(&b, "-"), LIQ_OK);
    assert_string_equal(b.data, "piped");
    liq_buf_free(&b);
    assert_true(dup2(saved, STDIN_FILENO) >= 0);
    (void)close(saved);
    (void)close(ends[0]);
}

/* One of everything that allocates. */
static enum liq_err work(struct liq_buf *a, struct liq_buf *b)
{
    enum liq_err err;

    for (int i = 0; i < 200; i++)
        (void)liq_buf_format(a, "%d,", i);
    if (a->err)
        return a->err;
    err = liq_buf_gzip(b, a->data, a->len, 6);
    if (err)
        return err;
    liq_buf_clear(a);
    err = liq_buf_gunzip(a, b->data, b->len);
    if (!err) /* zlib, for there are two members now */
        err = liq_buf_gzip(b, a->data, a->len, 6);
    if (!err)
        err = liq_buf_gunzip(a, b->data, b->len);
    if (err)
        return err;
    return liq_buf_read_file(b, "/dev/null");
}

static void no_memory(void **state)
{
    enum liq_err err = LIQ_ENOMEM;
    size_t n;

    (void)state;
    libdeflate_set_memory_allocator(deflate_alloc, free);
    for (n = 1; err; n++) {
        struct liq_buf a, b;

        liq_buf_init(&a, MEGABYTE);
        liq_buf_init(&b, MEGABYTE);
        fail_at = n;
        err = work(&a, &b);
        if (err) {
            assert_int_equal(err, LIQ_ENOMEM);
            assert_true(a.err == LIQ_ENOMEM || b.err == LIQ_ENOMEM);
            /* What was there before is whole. */
            assert_true(!a.data || strlen(a.data) == a.len);
        }
        fail_at = 0;
        liq_buf_free(&a);
        liq_buf_free(&b);
    }
    libdeflate_set_memory_allocator(malloc, free);
    assert_in_range(n, 10, 60); /* it did count */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty),
        cmocka_unit_test(append),
        cmocka_unit_test(integers),
        cmocka_unit_test(ceiling),
        cmocka_unit_test(grows_by_doubling),
        cmocka_unit_test(gzip_round_trip),
        cmocka_unit_test(gzip_level_is_checked),
        cmocka_unit_test(gunzip_copies_plain),
        cmocka_unit_test(gunzip_members),
        cmocka_unit_test(gunzip_damaged),
        cmocka_unit_test(gunzip_bomb),
        cmocka_unit_test(gzip_ceiling),
        cmocka_unit_test(read_file),
        cmocka_unit_test(read_file_fails),
        cmocka_unit_test(read_stdin),
        cmocka_unit_test(no_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
