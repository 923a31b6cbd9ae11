#include "fcgi/output.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <sys/socket.h>
#include <unistd.h>

#define LINES "Status: 200 OK\r\nA: b\r\n\r\n"
#define ID 0x1234

/* Write and read in turn until the other side has everything; returns it. */
static unsigned char *carry(struct liq_output *o, const int pair[2], size_t max,
                            size_t *len)
{
    unsigned char *all = malloc(max + 1);
    enum liq_output_state state;

    assert_non_null(all);
    *len = 0;
    do {
        ssize_t n;

        state = liq_output_write(o, pair[0]);
        assert_int_not_equal(state, LIQ_OUTPUT_LOST);
        if (state == LIQ_OUTPUT_DONE)
            (void)shutdown(pair[0], SHUT_WR);
        n = read(pair[1], all + *len, max + 1 - *len);
        assert_true(n > 0);
        *len += (size_t)n;
    } while (state == LIQ_OUTPUT_MORE);
    for (;;) {
        ssize_t n = read(pair[1], all + *len, max + 1 - *len);

        assert_true(n >= 0);
        if (n == 0)
            return all;
        *len += (size_t)n;
    }
}

/* Every record is of this request, and together they hold lines and body and
 * then the end, and nothing behind it. */
static void expect_records(const unsigned char *all, size_t len,
                           const char *body, size_t n)
{
    char *text = malloc(len + 1);
    size_t have = 0, at = 0;
    bool ended = false, closed = false;

    assert_non_null(text);
    while (at < len) {
        const unsigned char *h = all + at;
        size_t length = (size_t)h[4] << 8 | h[5];

        assert_true(!ended && len - at >= 8 + length);
        assert_int_equal(h[0], 1);
        assert_int_equal(h[2] << 8 | h[3], ID);
        if (h[1] == 6 && length > 0) {
            assert_false(closed);
            memcpy(text + have, h + 8, length);
            have += length;
        } else if (h[1] == 6) {
            closed = true;
        } else {
            assert_true(closed && h[1] == 3 && length == 8);
            assert_memory_equal(h + 8, "\0\0\0\0\0\0\0\0", 8);
            ended = true;
        }
        at += 8 + length;
    }
    assert_true(ended);
    assert_int_equal(have, strlen(LINES) + n);
    assert_memory_equal(text, LINES, strlen(LINES));
    if (n > 0)
        assert_memory_equal(text + strlen(LINES), body, n);
    free(text);
}

static void carries_any_length(void **state)
{
    static const size_t lengths[] = {0,     1,     65527,  65528,
                                     65529, 65536, 131056, 1000000};
    char *body = malloc(1000000);

    (void)state;
    assert_non_null(body);
    for (size_t i = 0; i < 1000000; i++)
        body[i] = (char)(i * 7 % 251);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct liq_output o;
        unsigned char *all;
        int pair[2], size = 4096;
        size_t len;

        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
        (void)setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
        liq_output_init(&o, ID, LINES, body, lengths[i]);
        all = carry(&o, pair, lengths[i] + 1000, &len);
        expect_records(all, len, body, lengths[i]);
        free(all);
        close(pair[0]);
        close(pair[1]);
    }
    free(body);
}

/* HEAD: the length is known, the body is not sent. */
static void no_body(void **state)
{
    struct liq_output o;
    unsigned char *all;
    int pair[2];
    size_t len;

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    liq_output_init(&o, ID, LINES, NULL, 5000);
    all = carry(&o, pair, 1000, &len);
    expect_records(all, len, NULL, 0);
    free(all);
    close(pair[0]);
    close(pair[1]);
}

/* Also without a signal. */
static void other_side_gone(void **state)
{
    struct liq_output o;
    int pair[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    close(pair[1]);
    liq_output_init(&o, ID, LINES, "x", 1);
    assert_int_equal(liq_output_write(&o, pair[0]), LIQ_OUTPUT_LOST);
    close(pair[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(carries_any_length),
        cmocka_unit_test(no_body),
        cmocka_unit_test(other_side_gone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
