#include "liqmap/work.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "liqmap/lock.h"

#define MANY 500

/* --- without threads ------------------------------------------------------ */

/* What ran, one letter each. */
static char trace[32];

struct letter {
    struct liq_task task;
    char name;
};

static void note(struct liq_task *t)
{
    struct letter *l = (struct letter *)t;
    size_t n = strlen(trace);

    assert_true(n + 1 < sizeof trace);
    trace[n] = l->name;
    trace[n + 1] = '\0';
}

static struct letter letter(char name)
{
    struct letter l = {.task = {.run = note}, .name = name};

    return l;
}

static void run_all(struct liq_work *w)
{
    trace[0] = '\0';
    while (liq_work_run_one(w))
        ;
}

static void light_first_in_order(void **state)
{
    struct letter a = letter('a'), b = letter('b'), c = letter('c'),
                  d = letter('d'), e = letter('e');
    struct liq_work *w = liq_work_new(0, 1, &liq_clock_system);
    struct liq_work_counts n;

    (void)state;
    assert_non_null(w);
    assert_false(liq_work_run_one(w));
    liq_work_post(w, &e.task, LIQ_LANE_IDLE);
    liq_work_post(w, &a.task, LIQ_LANE_HEAVY);
    liq_work_post(w, &b.task, LIQ_LANE_LIGHT);
    liq_work_post(w, &c.task, LIQ_LANE_HEAVY);
    liq_work_post(w, &d.task, LIQ_LANE_LIGHT);
    liq_work_count(w, &n);
    assert_int_equal(n.queued[LIQ_LANE_LIGHT], 2);
    assert_int_equal(n.queued[LIQ_LANE_HEAVY], 2);
    assert_int_equal(n.queued[LIQ_LANE_IDLE], 1);
    assert_int_equal(n.later, 0);
    assert_int_equal(n.threads, 0);
    run_all(w);
    assert_string_equal(trace, "bdace");
    liq_work_free(w);
}

/* What nobody had before is behind what is looked at again, and takes turns
 * with renewals. */
static void cold_behind_heavy(void **state)
{
    struct letter a = letter('a'), b = letter('b'), c = letter('c'),
                  d = letter('d'), e = letter('e');
    struct liq_work *w = liq_work_new(0, 1, &liq_clock_system);

    (void)state;
    assert_non_null(w);
    liq_work_post(w, &d.task, LIQ_LANE_IDLE);
    liq_work_post(w, &e.task, LIQ_LANE_IDLE);
    liq_work_post(w, &a.task, LIQ_LANE_COLD);
    liq_work_post(w, &b.task, LIQ_LANE_COLD);
    liq_work_post(w, &c.task, LIQ_LANE_HEAVY);
    run_all(w);
    assert_string_equal(trace, "cadbe");
    liq_work_free(w);
}

static void timers(void **state)
{
    struct liq_clock clock = liq_clock_held(0, 1000);
    struct letter l[7];
    struct liq_work *w = liq_work_new(0, 1, &clock);
    struct liq_work_counts n;

    (void)state;
    assert_non_null(w);
    for (int i = 0; i < 7; i++)
        l[i] = letter((char)('a' + i));
    liq_work_post_at(w, &l[0].task, LIQ_LANE_LIGHT, 1030);
    liq_work_post_at(w, &l[1].task, LIQ_LANE_LIGHT, 1010);
    liq_work_post_at(w, &l[2].task, LIQ_LANE_LIGHT, 1020);
    liq_work_post_at(w, &l[3].task, LIQ_LANE_LIGHT, 1010);
    liq_work_post_at(w, &l[4].task, LIQ_LANE_HEAVY, 1005);
    liq_work_post_at(w, &l[5].task, LIQ_LANE_LIGHT, 1000);
    liq_work_post_at(w, &l[6].task, LIQ_LANE_LIGHT, 10);
    liq_work_count(w, &n);
    assert_int_equal(n.later, 7);
    run_all(w);
    assert_string_equal(trace, "gf");
    clock.held_mono_ms = 1009;
    run_all(w);
    assert_string_equal(trace, "e");
    clock.held_mono_ms = 1025;
    run_all(w);
    assert_string_equal(trace, "bdc");
    liq_work_count(w, &n);
    assert_int_equal(n.later, 1);
    /* The last one is left out. */
    clock.held_mono_ms = 1030;
    trace[0] = '\0';
    liq_work_free(w);
    assert_string_equal(trace, "");
}

/* --- a counter that tasks raise and the test waits for -------------------- */

struct meter {
    struct liq_lock lock;
    pthread_cond_t changed;
    int done, running, most;
    bool open; /* tasks that wait may go on */
};

static struct meter meter;

static int set_up(void **state)
{
    (void)state;
    memset(&meter, 0, sizeof meter);
    if (liq_lock_init(&meter.lock) != LIQ_OK)
        return -1;
    return liq_condition_init(&meter.changed) == LIQ_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    pthread_cond_destroy(&meter.changed);
    liq_lock_free(&meter.lock);
    return 0;
}

static void wait_for(const int *count, int n)
{
    liq_lock_take(&meter.lock);
    while (*count < n)
        liq_condition_wait(&meter.changed, &meter.lock, -1);
    liq_lock_give(&meter.lock);
}

static void set_open(void)
{
    liq_lock_take(&meter.lock);
    meter.open = true;
    pthread_cond_broadcast(&meter.changed);
    liq_lock_give(&meter.lock);
}

/* Run until the test opens. */
static void stay(struct liq_task *t)
{
    (void)t;
    liq_lock_take(&meter.lock);
    meter.running++;
    if (meter.running > meter.most)
        meter.most = meter.running;
    pthread_cond_broadcast(&meter.changed);
    while (!meter.open)
        liq_condition_wait(&meter.changed, &meter.lock, -1);
    meter.running--;
    meter.done++;
    pthread_cond_broadcast(&meter.changed);
    liq_lock_give(&meter.lock);
}

static void count_one(struct liq_task *t)
{
    (void)t;
    liq_lock_take(&meter.lock);
    meter.done++;
    pthread_cond_broadcast(&meter.changed);
    liq_lock_give(&meter.lock);
}

/* --- with threads --------------------------------------------------------- */

/* Two heavy tasks fill their bound; light ones still find a thread, and a third
 * heavy one does not. */
static void heavy_is_bounded(void **state)
{
    struct liq_task heavy[5], light = {.run = count_one};
    struct liq_work *w = liq_work_new(4, 2, &liq_clock_system);
    struct liq_work_counts n;

    (void)state;
    assert_non_null(w);
    for (int i = 0; i < 5; i++) {
        heavy[i].run = stay;
        liq_work_post(w, &heavy[i], i % 2 ? LIQ_LANE_IDLE : LIQ_LANE_HEAVY);
    }
    wait_for(&meter.running, 2);
    liq_work_post(w, &light, LIQ_LANE_LIGHT);
    wait_for(&meter.done, 1);
    liq_work_count(w, &n);
    assert_int_equal(n.queued[LIQ_LANE_HEAVY] + n.queued[LIQ_LANE_IDLE], 3);
    assert_int_equal(n.threads, 4);
    set_open();
    wait_for(&meter.done, 6);
    assert_int_equal(meter.most, 2);
    liq_work_free(w);
}

/* Half of the places are never taken by cold tasks. */
static void cold_is_bounded(void **state)
{
    struct liq_task cold[4], heavy[2];
    struct liq_work *w = liq_work_new(6, 4, &liq_clock_system);
    struct liq_work_counts n;

    (void)state;
    assert_non_null(w);
    for (int i = 0; i < 4; i++) {
        cold[i].run = stay;
        liq_work_post(w, &cold[i], LIQ_LANE_COLD);
    }
    wait_for(&meter.running, 2);
    for (int i = 0; i < 2; i++) {
        heavy[i].run = stay;
        liq_work_post(w, &heavy[i], LIQ_LANE_HEAVY);
    }
    wait_for(&meter.running, 4);
    liq_work_count(w, &n);
    assert_int_equal(n.queued[LIQ_LANE_COLD], 2);
    assert_int_equal(n.queued[LIQ_LANE_HEAVY], 0);
    set_open();
    wait_for(&meter.done, 6);
    liq_work_free(w);
}

/* Posts itself to the other lane until its rounds are over. */
struct runner {
    struct liq_task task;
    struct liq_work *work;
    int rounds;
};

static void run_on(struct liq_task *t)
{
    struct runner *r = (struct runner *)t;

    if (--r->rounds == 0)
        count_one(t);
    else
        liq_work_post(r->work, t,
                      r->rounds % 2 ? LIQ_LANE_HEAVY : LIQ_LANE_LIGHT);
}

static struct runner *runners(struct liq_work *w)
{
    struct runner *r = calloc(MANY, sizeof *r);

    assert_true(w && r);
    for (int i = 0; i < MANY; i++) {
        r[i].task.run = run_on;
        r[i].work = w;
        r[i].rounds = 20;
    }
    return r;
}

static void tasks_post_tasks(void **state)
{
    struct liq_work *w = liq_work_new(4, 1, &liq_clock_system);
    struct runner *r = runners(w);

    (void)state;
    for (int i = 0; i < MANY; i++)
        liq_work_post(w, &r[i].task, LIQ_LANE_LIGHT);
    wait_for(&meter.done, MANY);
    liq_work_free(w);
    free(r);
}

/* free runs what is queued and what that posts. */
static void free_runs_the_rest(void **state)
{
    static const int threads[] = {0, 1, 3};

    (void)state;
    for (int i = 0; i < 3; i++) {
        struct liq_work *w = liq_work_new(threads[i], 1, &liq_clock_system);
        struct runner *r = runners(w);
        struct liq_task never = {.run = count_one};

        meter.done = 0;
        liq_work_post_at(w, &never, LIQ_LANE_LIGHT, INT64_MAX);
        for (int j = 0; j < MANY; j++)
            liq_work_post(w, &r[j].task, LIQ_LANE_HEAVY);
        liq_work_free(w);
        assert_int_equal(meter.done, MANY);
        free(r);
    }
}

struct timed {
    struct liq_task task;
    int64_t due_ms, ran_ms;
};

static void note_time(struct liq_task *t)
{
    struct timed *d = (struct timed *)t;

    d->ran_ms = liq_clock_system.mono_ms(&liq_clock_system);
    count_one(t);
}

/* After the first one the time keeper sleeps for ever; later ones come first,
 * so that each must wake it. */
static void threads_keep_time(void **state)
{
    struct liq_work *w = liq_work_new(2, 1, &liq_clock_system);
    struct timed timed[8];
    int64_t now_ms = liq_clock_system.mono_ms(&liq_clock_system);

    (void)state;
    assert_non_null(w);
    for (int i = 0; i < 8; i++) {
        timed[i].task.run = note_time;
        timed[i].due_ms = now_ms + (i == 0 ? 0 : 5 * (8 - i));
        liq_work_post_at(w, &timed[i].task, (enum liq_lane)(i % LIQ_LANES),
                         timed[i].due_ms);
        if (i == 0)
            wait_for(&meter.done, 1);
    }
    wait_for(&meter.done, 8);
    for (int i = 0; i < 8; i++)
        assert_true(timed[i].ran_ms >= timed[i].due_ms);
    liq_work_free(w);
}

static void many_posters(void **state)
{
    struct liq_work *from = liq_work_new(3, 3, &liq_clock_system);
    struct liq_work *to = liq_work_new(2, 1, &liq_clock_system);
    struct runner *r = runners(to);

    (void)state;
    assert_non_null(from);
    for (int i = 0; i < MANY; i++)
        liq_work_post(from, &r[i].task, (enum liq_lane)(i % LIQ_LANES));
    liq_work_free(from);
    wait_for(&meter.done, MANY);
    liq_work_free(to);
    free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(light_first_in_order),
        cmocka_unit_test(timers),
        cmocka_unit_test(cold_behind_heavy),
        cmocka_unit_test_setup_teardown(heavy_is_bounded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(cold_is_bounded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tasks_post_tasks, set_up, tear_down),
        cmocka_unit_test_setup_teardown(free_runs_the_rest, set_up, tear_down),
        cmocka_unit_test_setup_teardown(threads_keep_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(many_posters, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
