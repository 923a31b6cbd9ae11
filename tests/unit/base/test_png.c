/* What is written is read back by a reader of our own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <zlib.h>
#include "liqmap/png.h"

#define CHANNELS 3

static unsigned long number_at(const struct liq_buf *b, size_t at)
{
    const unsigned char *p = (const unsigned char *)b->data + at;

    assert_true(at + 4 <= b->len);
    return (unsigned long)p[0] << 24 | (unsigned long)p[1] << 16 |
           (unsigned long)p[2] << 8 | p[3];
}

/* The chunk at *at, which moves behind it: its length; its data in *data. */
static size_t chunk_at(const struct liq_buf *b, size_t *at, const char *name,
                       const unsigned char **data)
{
    size_t n = number_at(b, *at);
    const unsigned char *named = (const unsigned char *)b->data + *at + 4;

    assert_memory_equal(named, name, 4);
    assert_int_equal(crc32(0, named, (uInt)(4 + n)), number_at(b, *at + 8 + n));
    *data = named + 4;
    *at += 12 + n;
    return n;
}

static void unfilter(unsigned char *line, const unsigned char *above, size_t n,
                     int filter)
{
    assert_in_range(filter, 0, 2);
    for (size_t i = 0; i < n; i++) {
        unsigned guess = 0;

        if (filter == 1 && i >= CHANNELS)
            guess = line[i - CHANNELS];
        if (filter == 2 && above)
            guess = above[i];
        line[i] = (unsigned char)(line[i] + guess);
    }
}

/* The bytes of all lines, each behind its filter; for free(). */
static unsigned char *decoded(const struct liq_buf *b, size_t width,
                              size_t height)
{
    size_t at = 8, line = 1 + CHANNELS * width, n;
    uLongf len = line * height;
    unsigned char *out = malloc(len);
    const unsigned char *data;

    assert_memory_equal(b->data, "\x89PNG\r\n\x1a\n", 8);
    assert_int_equal(chunk_at(b, &at, "IHDR", &data), 13);
    assert_int_equal(number_at(b, 16), width);
    assert_int_equal(number_at(b, 20), height);
    assert_memory_equal(data + 8, "\x08\x02\x00\x00\x00", 5);
    n = chunk_at(b, &at, "IDAT", &data);
    assert_int_equal(uncompress(out, &len, data, n), Z_OK);
    assert_int_equal(len, line * height);
    assert_int_equal(chunk_at(b, &at, "IEND", &data), 0);
    assert_int_equal(at, b->len);
    for (size_t y = 0; y < height; y++)
        unfilter(out + y * line + 1, y ? out + (y - 1) * line + 1 : NULL,
                 line - 1, out[y * line]);
    return out;
}

enum pattern { NOISE, FLAT, ACROSS, DOWN, PATTERNS };

static uint32_t pixel_of(enum pattern p, size_t x, size_t y)
{
    if (p == NOISE)
        return (uint32_t)((x * 2654435761U) ^ (y * 40503U * 2246822519U));
    if (p == FLAT)
        return 0xff123456U;
    return (uint32_t)(p == ACROSS ? x * 0x010203U : y * 0x030201U);
}

static void every_pixel_comes_back(void **state)
{
    static const size_t sizes[][3] = {
        {1, 1, 1}, {1, 40, 3}, {40, 1, 40}, {257, 31, 300}, {64, 64, 64}};

    (void)state;
    for (size_t i = 0; i < PATTERNS * (sizeof sizes / sizeof *sizes); i++) {
        enum pattern p = (enum pattern)(i % PATTERNS);
        const size_t *s = sizes[i / PATTERNS];
        uint32_t *pixels = calloc(s[2] * s[1], sizeof *pixels);
        struct liq_buf png;
        unsigned char *got;

        for (size_t k = 0; k < s[2] * s[1]; k++)
            pixels[k] = pixel_of(p, k % s[2], k / s[2]);
        liq_buf_init(&png, SIZE_MAX);
        assert_int_equal(liq_png_encode(pixels, s[0], s[1], s[2], &png),
                         LIQ_OK);
        got = decoded(&png, s[0], s[1]);
        for (size_t k = 0; k < s[0] * s[1]; k++) {
            size_t x = k % s[0], y = k / s[0];
            const unsigned char *c =
                got + y * (1 + CHANNELS * s[0]) + 1 + CHANNELS * x;

            assert_int_equal(c[0] << 16 | c[1] << 8 | c[2],
                             pixels[y * s[2] + x] & 0xffffffU);
        }
        free(got);
        free(pixels);
        liq_buf_free(&png);
    }
}

/* What repeats costs next to nothing, along either side. */
static void lines_that_repeat_are_small(void **state)
{
    static uint32_t pixels[200 * 200];
    struct liq_buf png;

    (void)state;
    for (int p = FLAT; p < PATTERNS; p++) {
        for (size_t k = 0; k < sizeof pixels / sizeof *pixels; k++)
            pixels[k] = pixel_of((enum pattern)p, k % 200, k / 200);
        liq_buf_init(&png, SIZE_MAX);
        assert_int_equal(liq_png_encode(pixels, 200, 200, 200, &png), LIQ_OK);
        assert_true(png.len < 2000);
        liq_buf_free(&png);
    }
}

static void what_cannot_be_written_is_refused(void **state)
{
    static const uint32_t pixel = 0;
    struct liq_buf png;

    (void)state;
    liq_buf_init(&png, 20);
    assert_int_equal(liq_png_encode(&pixel, 0, 1, 1, &png), LIQ_EINVAL);
    assert_int_equal(liq_png_encode(&pixel, 1, 0, 1, &png), LIQ_EINVAL);
    assert_int_equal(liq_png_encode(&pixel, 65536, 1, 1, &png), LIQ_EINVAL);
    assert_int_equal(liq_png_encode(&pixel, 1, 1, 1, &png), LIQ_ELIMIT);
    liq_buf_free(&png);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pixel_comes_back),
        cmocka_unit_test(lines_that_repeat_are_small),
        cmocka_unit_test(what_cannot_be_written_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
