#include "liqmap/lock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include "liqmap/clock.h"

#define THREADS 4
#define ROUNDS 2000

static struct liq_lock shared = LIQ_LOCK_STATIC;

static void *count_up(void *arg)
{
    int *n = arg;

    for (int i = 0; i < ROUNDS; i++) {
        liq_lock_take(&shared);
        ++*n;
        liq_lock_give(&shared);
    }
    return NULL;
}

static void excludes(void **state)
{
    pthread_t thread[THREADS];
    int n = 0;

    (void)state;
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, count_up, &n), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(thread[i], NULL);
    assert_int_equal(n, THREADS * ROUNDS);
}

static void take_two(void)
{
    struct liq_lock a, b;

    if (liq_lock_init(&a) != LIQ_OK || liq_lock_init(&b) != LIQ_OK)
        return;
    liq_lock_take(&a);
    liq_lock_take(&b);
}

static void give_what_is_not_held(void)
{
    struct liq_lock a;

    if (liq_lock_init(&a) == LIQ_OK)
        liq_lock_give(&a);
}

/* The signal that ends a child that breaks the rule, 0: none. */
static int signal_of(void (*break_rule)(void))
{
    pid_t child = fork();
    int status = 0;

    if (child == 0) {
        signal(SIGABRT, SIG_DFL); /* cmocka has a handler */
        (void)close(STDERR_FILENO);
        break_rule();
        _exit(0);
    }
    assert_true(child > 0 && waitpid(child, &status, 0) == child);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void refuses_nesting(void **state)
{
    (void)state;
    assert_int_equal(signal_of(take_two), SIGABRT);
    assert_int_equal(signal_of(give_what_is_not_held), SIGABRT);
}

struct box {
    struct liq_lock lock;
    pthread_cond_t changed;
    bool full;
};

static void *fill(void *arg)
{
    struct box *box = arg;

    liq_lock_take(&box->lock);
    box->full = true;
    pthread_cond_signal(&box->changed);
    liq_lock_give(&box->lock);
    return NULL;
}

static void wakes(void **state)
{
    struct box box = {.full = false};
    pthread_t thread;

    (void)state;
    assert_int_equal(liq_lock_init(&box.lock), LIQ_OK);
    assert_int_equal(liq_condition_init(&box.changed), LIQ_OK);
    liq_lock_take(&box.lock);
    assert_int_equal(pthread_create(&thread, NULL, fill, &box), 0);
    while (!box.full)
        liq_condition_wait(&box.changed, &box.lock, -1);
    liq_lock_give(&box.lock);
    pthread_join(thread, NULL);
    pthread_cond_destroy(&box.changed);
    liq_lock_free(&box.lock);
}

/* Nobody signals: the wait ends by itself, and not before its time. */
static void wait_ends(void **state)
{
    static const int64_t wait_ms[] = {0, 1, 20};
    const struct liq_clock *clock = &liq_clock_system;
    pthread_cond_t never;

    (void)state;
    assert_int_equal(liq_condition_init(&never), LIQ_OK);
    liq_lock_take(&shared);
    for (size_t i = 0; i < sizeof wait_ms / sizeof wait_ms[0]; i++) {
        int64_t until = clock->mono_ms(clock) + wait_ms[i], now;

        while ((now = clock->mono_ms(clock)) < until)
            liq_condition_wait(&never, &shared, until - now);
        liq_condition_wait(&never, &shared, 0);
    }
    liq_lock_give(&shared);
    pthread_cond_destroy(&never);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(excludes),
        cmocka_unit_test(refuses_nesting),
        cmocka_unit_test(wakes),
        cmocka_unit_test(wait_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
