/* Waiting for a series: many callers, one refresh, on one thread and on many.
 */
#include "fake.h"
#include <pthread.h>

/* --- waiting -------------------------------------------------------------- */

static void callers_wait_for_one_refresh(void **state)
{
    struct caller c[100];
    struct fixture f;

    (void)state;
    fixture_begin(&f);
    f.fake.by_hand = f.fake.clock_unknown = true;
    for (int i = 0; i < 100; i++)
        assert_false(ask(&f, 0, i > 0, &c[i]));
    assert_int_equal(f.fake.clocks, 1);
    assert_int_equal(f.fake.held->kind, LIQ_FETCH_CLOCK);
    fake_answer(&f.fake, f.fake.held);
    run_tasks(&f);
    assert_int_equal(c[0].woken, 0);
    assert_int_equal(f.fake.held->kind, LIQ_FETCH_SERIES);
    fake_answer(&f.fake, f.fake.held);
    run_tasks(&f);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(c[i].woken, 1);
        assert_int_equal(c[i].waiter.why.code, LIQ_OK);
        assert_ptr_equal(series_in(&c[i]), series_in(&c[0]));
        liq_item_release(c[i].waiter.item);
    }
    assert_int_equal(f.fake.fetches, 1);
    fixture_end(&f);
}

static void a_refresh_outlives_its_waiters(void **state)
{
    struct liq_series *s;
    struct fixture f;
    struct caller c;

    (void)state;
    fixture_begin(&f);
    f.fake.by_hand = true;
    assert_false(ask(&f, 0, false, &c));
    pass(&f, PATIENCE + 500);
    liq_cache_expire(f.cache, f.clock.held_mono_ms);
    run_tasks(&f);
    assert_int_equal(c.woken, 1);
    assert_int_equal(c.waiter.why.code, LIQ_ETIMEOUT);
    assert_null(c.waiter.item);
    fake_answer(&f.fake, f.fake.held);
    s = good_series(&f);
    assert_int_equal(f.fake.fetches, 1);
    assert_true(s->n > 0);
    release(s);
    fixture_end(&f);
}

static void background_is_handed_down(void **state)
{
    struct fixture f;
    struct caller c;

    (void)state;
    fixture_begin(&f);
    assert_false(ask(&f, 0, true, &c));
    run_tasks(&f);
    liq_item_release(c.waiter.item);
    assert_true(f.fake.asked.background);
    pass(&f, TTL);
    release(good_series(&f));
    assert_false(f.fake.asked.background);
    fixture_end(&f);
}

/* A renewal that found no place leaves no rest behind: who asks next is served
 * at once, and not with an error. */
static void a_renewal_gives_way(void **state)
{
    struct fixture f;
    struct caller c;

    (void)state;
    fixture_begin(&f);
    release(good_series(&f));
    assert_true(f.fake.asked.first);
    pass(&f, TTL);
    f.fake.err = LIQ_ERATE;
    f.fake.own_budget = true;
    assert_false(ask(&f, 0, true, &c));
    run_tasks(&f);
    liq_item_release(c.waiter.item);
    f.fake.err = LIQ_OK;
    release(good_series(&f));
    assert_int_equal(f.fake.fetches, 3);
    assert_false(f.fake.asked.first);
    fixture_end(&f);
}

static void peek_asks_nobody(void **state)
{
    struct liq_exchange *x;
    struct liq_series *s, *seen;
    struct fixture f;

    (void)state;
    fixture_begin(&f);
    x = &f.fake.exchange;
    assert_null(liq_series_peek(&f.options, x, "BTCUSDT", DISPLAY, 0, 0));
    assert_int_equal(f.fake.fetches, 0);
    s = good_series(&f);
    seen = liq_series_peek(&f.options, x, "BTCUSDT", DISPLAY, 0, STALE - 1);
    assert_ptr_equal(seen, s);
    release(seen);
    assert_null(liq_series_peek(&f.options, x, "BTCUSDT", DISPLAY, 0, STALE));
    assert_null(liq_series_peek(&f.options, x, "ETHUSDT", DISPLAY, 0, 0));
    assert_null(liq_series_peek(&f.options, x, "BTCUSDT", LIQ_DAY_MS, 0, 0));
    assert_null(
        liq_series_peek(&f.options, x, "BTCUSDT", DISPLAY, NEW_YEAR, 0));
    release(s);
    fixture_end(&f);
}

/* --- threads -------------------------------------------------------------- */

#define ASKERS 4
#define ROUNDS 300
#define SYMBOLS 3

static const char *const symbols[SYMBOLS] = {"BTCUSDT", "ETHUSDT", "SOLUSDT"};

/* Fetches are completed by a thread of their own, one after the other. */
struct network {
    struct fixture f;
    struct liq_lock lock; /* of first and stop */
    pthread_cond_t moved;
    struct job *first;
    bool stop;
    atomic_int outcomes;
};

struct job {
    struct job *next;
    struct liq_fetch *fetch;
};

static struct network network;

static void fetch_elsewhere(struct liq_exchange *x, struct liq_fetch *q)
{
    struct job *j = calloc(1, sizeof *j);

    (void)x;
    assert_non_null(j);
    j->fetch = q;
    liq_lock_take(&network.lock);
    j->next = network.first;
    network.first = j;
    pthread_cond_signal(&network.moved);
    liq_lock_give(&network.lock);
}

static void *complete_fetches(void *arg)
{
    struct job *j;

    (void)arg;
    liq_lock_take(&network.lock);
    while ((j = network.first) != NULL || !network.stop) {
        if (!j) {
            liq_condition_wait(&network.moved, &network.lock, -1);
            continue;
        }
        network.first = j->next;
        liq_lock_give(&network.lock);
        fake_answer(&network.f.fake, j->fetch);
        free(j);
        liq_lock_take(&network.lock);
    }
    liq_lock_give(&network.lock);
    return NULL;
}

/* On whatever thread it comes: a whole series. */
static void check_outcome(struct liq_task *t)
{
    struct liq_waiter *w = (struct liq_waiter *)(void *)t;
    struct liq_series *s = (struct liq_series *)(void *)w->item;

    assert_int_equal(w->why.code, LIQ_OK);
    assert_int_equal(s->first_ms, s->start_ms);
    assert_int_equal(s->newest_ms, NEW_YEAR);
    liq_item_release(w->item);
    free(w);
    atomic_fetch_add(&network.outcomes, 1);
}

static void *ask_many(void *arg)
{
    (void)arg;
    for (int i = 0; i < ROUNDS; i++) {
        struct liq_waiter *w = calloc(1, sizeof *w);
        int64_t now_ms = liq_clock_system.mono_ms(&liq_clock_system);
        struct liq_context ctx = {now_ms, INT64_MAX, false};

        assert_non_null(w);
        w->task.run = check_outcome;
        w->deadline_ms = INT64_MAX;
        if (liq_series_ask(&network.f.options, &network.f.fake.exchange,
                           symbols[i % SYMBOLS], DISPLAY, 0, &ctx, w))
            check_outcome(&w->task);
    }
    return NULL;
}

static void fetches_are_completed_on_another_thread(void **state)
{
    struct liq_cache_counts n;
    pthread_t thread[ASKERS + 1];

    (void)state;
    fixture_begin_with(&network.f, 0, 2);
    network.f.fake.exchange.fetch = fetch_elsewhere;
    network.f.options.clock = &liq_clock_system;
    network.f.options.ttl_ms =
        0; /* each ask that finds no refresh begins one */
    assert_int_equal(liq_lock_init(&network.lock), LIQ_OK);
    assert_int_equal(liq_condition_init(&network.moved), LIQ_OK);
    for (int i = 0; i <= ASKERS; i++)
        assert_int_equal(pthread_create(&thread[i], NULL,
                                        i ? ask_many : complete_fetches, NULL),
                         0);
    for (int i = 1; i <= ASKERS; i++)
        pthread_join(thread[i], NULL);
    liq_lock_take(&network.lock);
    network.stop = true;
    pthread_cond_signal(&network.moved);
    liq_lock_give(&network.lock);
    pthread_join(thread[0], NULL);
    liq_work_free(network.f.work);
    assert_int_equal(atomic_load(&network.outcomes), ASKERS * ROUNDS);
    liq_cache_count(network.f.cache, LIQ_KIND_SERIES, &n);
    assert_int_equal(n.keys, SYMBOLS);
    assert_int_equal(n.parked, 0);
    assert_in_range(n.fills, SYMBOLS, ASKERS * ROUNDS);
    liq_cache_free(network.f.cache);
    pthread_cond_destroy(&network.moved);
    liq_lock_free(&network.lock);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(callers_wait_for_one_refresh),
        cmocka_unit_test(a_refresh_outlives_its_waiters),
        cmocka_unit_test(background_is_handed_down),
        cmocka_unit_test(a_renewal_gives_way),
        cmocka_unit_test(peek_asks_nobody),
        cmocka_unit_test(fetches_are_completed_on_another_thread),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
