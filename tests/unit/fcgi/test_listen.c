/* The socket: whom it replaces, whom it spares, how it goes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "fcgi/listen.h"
#include "liqmap/log.h"

static char folder[64], path[96];
static struct liq_reason why;

static int set_up(void **state)
{
    (void)state;
    liq_log_set_level(LIQ_LOG_ERROR);
    snprintf(folder, sizeof folder, "/tmp/liqmap-listen-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/liqmapd.sock", folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    (void)unlink(path);
    return rmdir(folder); /* fails when a temporary name was left */
}

static int connect_to(const char *where)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    snprintf(a.sun_path, sizeof a.sun_path, "%s", where);
    if (connect(fd, (struct sockaddr *)&a, sizeof a) == 0)
        return fd;
    close(fd);
    return -1;
}

static void expect_answers(const char *where, bool expected)
{
    int fd = connect_to(where);

    assert_int_equal(fd >= 0, expected);
    if (fd >= 0)
        close(fd);
}

static struct liq_listen open_at(const char *where)
{
    struct liq_listen l;

    assert_int_equal(liq_listen_open(where, 0640, &l, &why), LIQ_OK);
    return l;
}

static void it_comes_with_its_mode_and_goes(void **state)
{
    struct liq_listen l = open_at(path);
    struct stat st;

    (void)state;
    assert_int_equal(lstat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0640);
    expect_answers(path, true);
    liq_listen_withdraw(&l);
    assert_int_equal(lstat(path, &st), -1);
    liq_listen_close(&l);
}

static void what_a_dead_process_left_is_replaced(void **state)
{
    struct liq_listen l = open_at(path);

    (void)state;
    close(l.fd); /* as a kill would, without a word */
    expect_answers(path, false);
    l = open_at(path);
    expect_answers(path, true);
    liq_listen_close(&l);
}

static void only_a_socket_is_replaced(void **state)
{
    struct liq_listen l;
    int fd = open(path, O_CREAT | O_WRONLY, 0600);

    (void)state;
    assert_int_equal(write(fd, "keep", 4), 4);
    close(fd);
    assert_int_equal(liq_listen_open(path, 0600, &l, &why), LIQ_EIO);
    assert_non_null(strstr(why.text, "not a socket"));
    assert_int_equal(access(path, F_OK), 0);
}

/* A child of another name that listens at path; its process id. */
static pid_t start_stranger(void)
{
    int ready[2];
    char byte;
    pid_t pid;

    assert_int_equal(pipe(ready), 0);
    pid = fork();
    if (pid == 0) {
        struct sockaddr_un a = {.sun_family = AF_UNIX};
        int fd = open("/proc/self/comm", O_WRONLY);

        if (write(fd, "stranger", 8) != 8)
            _exit(1);
        fd = socket(AF_UNIX, SOCK_STREAM, 0);
        snprintf(a.sun_path, sizeof a.sun_path, "%s", path);
        if (bind(fd, (struct sockaddr *)&a, sizeof a) || listen(fd, 5) ||
            write(ready[1], "x", 1) != 1)
            _exit(1);
        pause();
        _exit(0);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    close(ready[1]);
    return pid;
}

static void a_living_stranger_is_spared(void **state)
{
    pid_t pid = start_stranger();
    struct liq_listen l;
    enum liq_err err = liq_listen_open(path, 0600, &l, &why);

    (void)state;
    expect_answers(path, true);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    assert_int_equal(err, LIQ_EIO);
    assert_non_null(strstr(why.text, "in use"));
    l = open_at(path);
    liq_listen_close(&l);
}

static void a_successor_takes_over(void **state)
{
    struct liq_listen old = open_at(path), new;
    int early = connect_to(path), late;

    (void)state;
    new = open_at(path);
    late = connect_to(path);
    /* Who came before waits at the old one, who came after at the new one; the
     * first to wait there is whoever looked who is in the place. */
    assert_true(accept(old.fd, NULL, NULL) >= 0);
    assert_true(accept(old.fd, NULL, NULL) >= 0);
    assert_int_equal(accept(old.fd, NULL, NULL), -1);
    assert_true(accept(new.fd, NULL, NULL) >= 0);
    assert_int_equal(accept(new.fd, NULL, NULL), -1);
    /* The old one goes and leaves what is not its own. */
    liq_listen_close(&old);
    expect_answers(path, true);
    liq_listen_close(&new);
    expect_answers(path, false);
    close(early);
    close(late);
}

/* One that accepts nobody any more is no reason to wait for ever. */
static void a_full_queue_holds_nobody_up(void **state)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int hung = socket(AF_UNIX, SOCK_STREAM, 0), waiting[8], n = 0, fd;
    struct liq_listen l;

    (void)state;
    snprintf(a.sun_path, sizeof a.sun_path, "%s", path);
    assert_int_equal(bind(hung, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(listen(hung, 0), 0);
    do {
        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
        waiting[n++] = fd;
    } while (n < 8 && connect(fd, (struct sockaddr *)&a, sizeof a) == 0);
    assert_true(n < 8);
    assert_int_equal(liq_listen_open(path, 0600, &l, &why), LIQ_EIO);
    assert_non_null(strstr(why.text, "in use"));
    while (n > 0)
        close(waiting[--n]);
    close(hung);
}

static void bad_places_are_named(void **state)
{
    char long_path[200];
    struct liq_listen l;

    (void)state;
    memset(long_path, 'a', sizeof long_path);
    long_path[sizeof long_path - 1] = '\0';
    assert_int_equal(liq_listen_open(long_path, 0600, &l, &why), LIQ_EINVAL);
    assert_int_equal(liq_listen_open("/nowhere/at/all.sock", 0600, &l, &why),
                     LIQ_EIO);
    assert_non_null(strstr(why.text, "/nowhere/at"));
}

static void descriptor_0_must_listen(void **state)
{
    struct liq_listen l = {.fd = -1}, mine = open_at(path);
    int kept = dup(STDIN_FILENO), null = open("/dev/null", O_RDONLY);

    (void)state;
    dup2(null, STDIN_FILENO);
    assert_int_equal(liq_listen_open("", 0600, &l, &why), LIQ_EIO);
    dup2(mine.fd, STDIN_FILENO);
    assert_int_equal(liq_listen_open("", 0600, &l, &why), LIQ_OK);
    assert_int_equal(l.fd, STDIN_FILENO);
    liq_listen_close(&l);
    /* Not ours to remove. */
    assert_int_equal(access(path, F_OK), 0);
    dup2(kept, STDIN_FILENO);
    close(kept);
    close(null);
    liq_listen_close(&mine);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_comes_with_its_mode_and_goes),
        TEST(what_a_dead_process_left_is_replaced),
        TEST(only_a_socket_is_replaced),
        TEST(a_living_stranger_is_spared),
        TEST(a_successor_takes_over),
        TEST(a_full_queue_holds_nobody_up),
        TEST(bad_places_are_named),
        TEST(descriptor_0_must_listen),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
