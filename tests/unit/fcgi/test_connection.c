/* A connection at its end: what is read of it, and whether it is kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include "fcgi/connection.h"

void liq_api_response_free(struct liq_api_response *r)
{
    (void)r;
}

void liq_api_start(struct liq_api *a, struct liq_api_call *c)
{
    (void)a;
    (void)c;
}

bool liq_api_respond_cached(struct liq_api *a, struct liq_api_call *c)
{
    (void)a;
    (void)c;
    return false;
}

static struct liq_fcgi *f;
static int web; /* the web server's end */

static int set_up(void **state)
{
    (void)state;
    f = calloc(1, sizeof *f);
    assert_non_null(f);
    assert_int_equal(liq_lock_init(&f->lock), LIQ_OK);
    f->epoll = epoll_create1(EPOLL_CLOEXEC);
    f->wake = -1;
    f->most = SIZE_MAX;
    return f->epoll >= 0 ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    close(f->epoll);
    close(web);
    liq_lock_free(&f->lock);
    free(f);
    return 0;
}

/* One whose response is written. */
static struct liq_connection *connection(void)
{
    struct liq_connection *c = calloc(1, sizeof *c);
    int pair[2];

    assert_non_null(c);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    c->f = f;
    c->fd = pair[0];
    c->keep = true;
    f->open = 1;
    web = pair[1];
    assert_int_equal(fcntl(web, F_SETFL, O_NONBLOCK), 0);
    return c;
}

static bool is_closed(void)
{
    char byte;

    return read(web, &byte, 1) == 0;
}

static void one_that_is_kept_is_watched(void **state)
{
    struct liq_connection *c = connection();
    struct epoll_event e;

    (void)state;
    liq_connection_finish(c);
    assert_false(is_closed());
    assert_ptr_equal(f->kept.first, c);
    assert_int_equal(write(web, "x", 1), 1);
    assert_int_equal(epoll_wait(f->epoll, &e, 1, 0), 1);
    assert_ptr_equal(e.data.ptr, c);
    liq_connection_close(c);
}

/* Else its next request would wait for ever. */
static void one_that_cannot_be_watched_is_not_kept(void **state)
{
    struct liq_connection *c = connection();

    (void)state;
    close(f->epoll);
    f->epoll = -1;
    liq_connection_finish(c);
    assert_true(is_closed());
    assert_null(f->kept.first);
    assert_int_equal(f->open, 0);
}

/* A sender as quick as the reader would hold the thread for ever. */
static void not_all_is_skipped_at_once(void **state)
{
    struct liq_connection *c = connection();
    char bytes[4096] = {0};
    int room = 4 * LIQ_REQUEST_MAX_BYTES, left;

    (void)state;
    setsockopt(web, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    while (write(web, bytes, sizeof bytes) > 0)
        ;
    assert_int_equal(ioctl(c->fd, FIONREAD, &left), 0);
    assert_true(left > LIQ_REQUEST_MAX_BYTES);
    assert_false(liq_connection_skip(c));
    assert_int_equal(ioctl(c->fd, FIONREAD, &left), 0);
    assert_true(left > 0);
    while (left > 0) {
        assert_false(liq_connection_skip(c));
        assert_int_equal(ioctl(c->fd, FIONREAD, &left), 0);
    }
    shutdown(web, SHUT_WR);
    assert_true(liq_connection_skip(c));
    liq_connection_close(c);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_that_is_kept_is_watched),
        TEST(one_that_cannot_be_watched_is_not_kept),
        TEST(not_all_is_skipped_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
