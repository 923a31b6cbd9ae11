/* The cache's promises, with threads held by barriers and conditions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <pthread.h>
#include <sched.h>

/* The file itself, so that its calloc can be made to fail. */
static int fail_after = -1;
static void *failing_calloc(size_t n, size_t size)
{
    if (fail_after == 0)
        return NULL;
    if (fail_after > 0)
        fail_after--;
    return calloc(n, size);
}
#define calloc failing_calloc
#include "cache/cache.c"
#undef calloc

#define LONG_MS 600000

static atomic_int alive;

struct thing {
    struct liq_item item;
    int value;
};

static void thing_destroy(struct liq_item *item)
{
    atomic_fetch_sub(&alive, 1);
    free(item);
}

/* What the next fill does. */
struct plan {
    enum liq_err err;
    int64_t retry_after_ms, fresh_ms, usable_ms,
        meanwhile_ms; /* 0: usable_ms */
    int value;        /* grows with each success */
    int calls;
    struct liq_item *saw_old;
    /* a gate, when gated */
    bool gated, entered, open;
    pthread_mutex_t lock;
    pthread_cond_t moved;
};

static void plan_init(struct plan *p)
{
    memset(p, 0, sizeof *p);
    p->fresh_ms = 100;
    p->usable_ms = 1000;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->moved, NULL);
}

static void plan_done(struct plan *p)
{
    pthread_mutex_destroy(&p->lock);
    pthread_cond_destroy(&p->moved);
}

static void gate_pass(struct plan *p)
{
    pthread_mutex_lock(&p->lock);
    p->entered = true;
    pthread_cond_broadcast(&p->moved);
    while (!p->open)
        pthread_cond_wait(&p->moved, &p->lock);
    pthread_mutex_unlock(&p->lock);
}

static void gate_wait_entered(struct plan *p)
{
    pthread_mutex_lock(&p->lock);
    while (!p->entered)
        pthread_cond_wait(&p->moved, &p->lock);
    pthread_mutex_unlock(&p->lock);
}

static void gate_open(struct plan *p)
{
    pthread_mutex_lock(&p->lock);
    p->open = true;
    pthread_cond_broadcast(&p->moved);
    pthread_mutex_unlock(&p->lock);
}

static enum liq_err fill_plan(void *arg, const char *key, struct liq_item *old,
                              int64_t now_ms, struct liq_item **out,
                              struct liq_reason *why)
{
    struct plan *p = arg;
    struct thing *t;

    (void)key;
    p->calls++;
    p->saw_old = old;
    if (p->gated)
        gate_pass(p);
    if (p->err) {
        why->code = p->err;
        why->retry_after_ms = p->retry_after_ms;
        memcpy(why->text, "as planned", sizeof "as planned");
        return p->err;
    }
    t = malloc(sizeof *t);
    liq_item_init(&t->item, thing_destroy);
    atomic_fetch_add(&alive, 1);
    t->item.fresh_until_ms = now_ms + p->fresh_ms;
    t->item.meanwhile_until_ms =
        now_ms + (p->meanwhile_ms ? p->meanwhile_ms : p->usable_ms);
    t->item.usable_until_ms = now_ms + p->usable_ms;
    t->value = ++p->value;
    *out = &t->item;
    return LIQ_OK;
}

static struct liq_cache *new_cache(size_t max_keys, int64_t error_ms)
{
    struct liq_cache_options o = {max_keys, error_ms};
    struct liq_cache *c = liq_cache_new(&o);

    assert_non_null(c);
    return c;
}

struct got {
    enum liq_err err;
    int value; /* 0: no item */
    struct liq_reason why;
};

static struct got get_from(struct liq_cache *c, const char *key, int64_t now,
                           int64_t wait_ms, bool background, struct plan *p)
{
    struct got g = {0};
    struct liq_item *item;

    g.err = liq_cache_get(c, key, now, wait_ms, background, fill_plan, p, &item,
                          &g.why);
    if (item)
        g.value = ((struct thing *)(void *)item)->value;
    liq_item_release(item);
    return g;
}

static struct got get(struct liq_cache *c, const char *key, int64_t now,
                      struct plan *p)
{
    return get_from(c, key, now, LONG_MS, false, p);
}

/* One get in a thread of its own. */
struct asker {
    pthread_t thread;
    struct liq_cache *cache;
    const char *key;
    struct plan *plan;
    pthread_barrier_t *barrier;
    int64_t now;
    struct got got;
};

static void *ask(void *arg)
{
    struct asker *a = arg;

    if (a->barrier)
        pthread_barrier_wait(a->barrier);
    a->got = get(a->cache, a->key, a->now, a->plan);
    return NULL;
}

static void asker_start(struct asker *a, struct liq_cache *c, const char *key,
                        int64_t now, struct plan *p)
{
    *a = (struct asker){.cache = c, .key = key, .plan = p, .now = now};
    assert_int_equal(pthread_create(&a->thread, NULL, ask, a), 0);
}

static void wait_for_waiters(struct liq_cache *c, uint64_t n)
{
    struct liq_cache_counts counts;

    do {
        sched_yield();
        liq_cache_count(c, &counts);
    } while (counts.waits < n);
}

/* --- the tests -------------------------------------------------------------
 */

static void fresh_items_are_not_filled_again(void **state)
{
    struct liq_cache *c = new_cache(4, 50);
    struct liq_cache_counts n;
    struct plan p;

    (void)state;
    plan_init(&p);
    assert_int_equal(get(c, "k", 1000, &p).value, 1);
    assert_null(p.saw_old);
    assert_int_equal(get(c, "k", 1099, &p).value, 1);
    assert_int_equal(p.calls, 1);
    assert_int_equal(get(c, "k", 1100, &p).value, 2);
    assert_non_null(p.saw_old);
    liq_cache_count(c, &n);
    assert_int_equal(n.keys, 1);
    assert_int_equal(n.hits, 1);
    assert_int_equal(n.fills, 2);
    liq_cache_free(c);
    plan_done(&p);
    assert_int_equal(alive, 0);
}

#define CROWD 12
static void many_ask_and_one_fills(void **state)
{
    struct liq_cache *c = new_cache(4, 50);
    struct asker a[CROWD];
    pthread_barrier_t barrier;
    struct plan p;

    (void)state;
    plan_init(&p);
    p.gated = true;
    pthread_barrier_init(&barrier, NULL, CROWD);
    for (int i = 0; i < CROWD; i++) {
        a[i] = (struct asker){
            .cache = c, .key = "k", .plan = &p, .barrier = &barrier, .now = 5};
        pthread_create(&a[i].thread, NULL, ask, &a[i]);
    }
    wait_for_waiters(c, CROWD - 1);
    gate_open(&p);
    for (int i = 0; i < CROWD; i++) {
        pthread_join(a[i].thread, NULL);
        assert_int_equal(a[i].got.err, LIQ_OK);
        assert_int_equal(a[i].got.value, 1);
    }
    assert_int_equal(p.calls, 1);
    pthread_barrier_destroy(&barrier);
    liq_cache_free(c);
    plan_done(&p);
}

static void waiters_share_the_failure(void **state)
{
    struct liq_cache *c = new_cache(4, 50);
    struct asker a[3];
    struct plan p;

    (void)state;
    plan_init(&p);
    p.gated = true;
    p.err = LIQ_ENET;
    for (int i = 0; i < 3; i++)
        asker_start(&a[i], c, "k", 5, &p);
    wait_for_waiters(c, 2);
    gate_open(&p);
    for (int i = 0; i < 3; i++) {
        pthread_join(a[i].thread, NULL);
        assert_int_equal(a[i].got.err, LIQ_ENET);
        assert_int_equal(a[i].got.value, 0);
        assert_string_equal(a[i].got.why.text, "as planned");
    }
    assert_int_equal(p.calls, 1);
    liq_cache_free(c);
    plan_done(&p);
}

static void old_item_is_served_while_one_refreshes(void **state)
{
    struct liq_cache *c = new_cache(4, 50);
    struct asker a;
    struct plan p;
    struct got g;

    (void)state;
    plan_init(&p);
    get(c, "k", 0, &p);
    p.gated = true;
    asker_start(&a, c, "k", 500, &p);
    gate_wait_entered(&p);
    g = get_from(c, "k", 500, 0, false, &p);
    assert_int_equal(g.err, LIQ_OK);
    assert_int_equal(g.value, 1);
    /* No longer usable: a caller without patience gets nothing. */
    g = get_from(c, "k", 1000, 0, false, &p);
    assert_int_equal(g.err, LIQ_ETIMEOUT);
    assert_int_equal(g.value, 0);
    assert_int_equal(g.why.code, LIQ_ETIMEOUT);
    gate_open(&p);
    pthread_join(a.thread, NULL);
    assert_int_equal(a.got.value, 2);
    assert_int_equal(p.calls, 2);
    liq_cache_free(c);
    plan_done(&p);
}

static void failures_are_remembered(void **state)
{
    static const struct {
        const char *name;
        int64_t error_ms, retry_after_ms, rests_ms;
    } cases[] = {
        {"own pause", 50, 0, 50},
        {"exchange asks for longer", 50, 400, 400},
        {"exchange asks for shorter", 50, 20, 50},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct liq_cache *c = new_cache(4, cases[i].error_ms);
        struct plan p;
        struct got g;

        plan_init(&p);
        p.err = LIQ_ERATE;
        p.retry_after_ms = cases[i].retry_after_ms;
        g = get(c, "k", 0, &p);
        assert_int_equal(g.err, LIQ_ERATE);
        g = get(c, "k", cases[i].rests_ms - 1, &p);
        assert_int_equal(g.err, LIQ_ERATE);
        assert_string_equal(g.why.text, "as planned");
        assert_int_equal(g.why.retry_after_ms, cases[i].retry_after_ms);
        assert_int_equal(p.calls, 1);
        p.err = LIQ_OK;
        /* Far later: the pause counts from the end of the fill. */
        g = get(c, "k", LONG_MS, &p);
        assert_int_equal(g.err, LIQ_OK);
        assert_int_equal(p.calls, 2);
        liq_cache_free(c);
        plan_done(&p);
    }
}

static void old_item_comes_with_the_error(void **state)
{
    struct liq_cache *c = new_cache(4, 50);
    struct plan p;
    struct got g;

    (void)state;
    plan_init(&p);
    get(c, "k", 0, &p);
    p.err = LIQ_ENET;
    g = get(c, "k", 100, &p);
    assert_int_equal(g.err, LIQ_ENET);
    assert_int_equal(g.value, 1);
    g = get(c, "k", 120, &p);
    assert_int_equal(g.err, LIQ_ENET);
    assert_int_equal(g.value, 1);
    assert_string_equal(g.why.text, "as planned");
    assert_int_equal(p.calls, 2);
    g = get(c, "k", 1000, &p);
    assert_int_equal(g.err, LIQ_ENET);
    assert_int_equal(g.value, 0); /* too old to show */
    assert_non_null(p.saw_old);   /* yet good enough to build on */
    p.err = LIQ_OK;
    g = get(c, "k", LONG_MS, &p);
    assert_int_equal(g.err, LIQ_OK);
    assert_int_equal(g.why.code, LIQ_OK);
    liq_cache_free(c);
    plan_done(&p);
}

static void eviction_takes_the_key_asked_longest_ago(void **state)
{
    struct liq_cache *c = new_cache(2, 50);
    struct plan p;

    (void)state;
    plan_init(&p);
    p.fresh_ms = LONG_MS;
    get(c, "a", 0, &p);
    get(c, "b", 1, &p);
    get(c, "a", 2, &p);
    get_from(c, "b", 3, 0, true, &p); /* nobody's interest */
    get(c, "c", 4, &p);               /* b goes */
    assert_int_equal(p.calls, 3);
    get(c, "a", 5, &p);
    assert_int_equal(p.calls, 3);
    get(c, "b", 6, &p);
    assert_int_equal(p.calls, 4);
    assert_int_equal(alive, 2);
    liq_cache_free(c);
    plan_done(&p);
    assert_int_equal(alive, 0);
}

static void a_filling_key_is_never_evicted(void **state)
{
    struct liq_cache *c = new_cache(1, 50);
    struct plan slow, quick;
    struct asker a;
    struct got g;

    (void)state;
    plan_init(&slow);
    plan_init(&quick);
    slow.gated = true;
    asker_start(&a, c, "a", 0, &slow);
    gate_wait_entered(&slow);
    g = get(c, "b", 0, &quick);
    assert_int_equal(g.err, LIQ_ELIMIT);
    assert_int_equal(quick.calls, 0);
    gate_open(&slow);
    pthread_join(a.thread, NULL);
    assert_int_equal(a.got.value, 1);
    assert_int_equal(get(c, "b", 0, &quick).err, LIQ_OK);
    liq_cache_free(c);
    plan_done(&slow);
    plan_done(&quick);
    assert_int_equal(alive, 0);
}

static void an_item_outlives_the_cache(void **state)
{
    struct liq_cache *c = new_cache(1, 50);
    struct liq_item *item;
    struct plan p;

    (void)state;
    plan_init(&p);
    assert_int_equal(
        liq_cache_get(c, "k", 0, 0, false, fill_plan, &p, &item, NULL), LIQ_OK);
    liq_cache_free(c);
    assert_int_equal(alive, 1);
    assert_int_equal(((struct thing *)(void *)item)->value, 1);
    liq_item_release(item);
    assert_int_equal(alive, 0);
    plan_done(&p);
}

static void hot_keys_are_those_asked_lately_that_expire(void **state)
{
    static const struct {
        const char *name;
        int64_t now, at, hot_ms;
        size_t n;
        const char *first;
    } cases[] = {
        {"all still fresh", 50, 60, 1000, 0, NULL},
        {"the older expires first", 60, 110, 1000, 1, "old"},
        {"both expire", 60, 200, 1000, 2, "new"},
        {"only one asked within", 60, 200, 30, 1, "new"},
        {"gone cold", 5000, 5000, 1000, 0, NULL},
    };
    char keys[8][LIQ_CACHE_KEY_SIZE];
    struct liq_cache *c = new_cache(8, 50);
    struct plan p;

    (void)state;
    plan_init(&p);
    get(c, "old", 0, &p);
    get(c, "new", 40, &p);
    get_from(c, "background", 40, 0, true, &p);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t n = liq_cache_hot(c, cases[i].now, cases[i].at, cases[i].hot_ms,
                                 keys, 8);

        assert_int_equal(n, cases[i].n);
        if (n > 0)
            assert_string_equal(keys[0], cases[i].first);
    }
    p.err = LIQ_ENET;
    get(c, "never", 60, &p);
    get(c, "new", 150, &p);
    /* Neither what never was nor what rests after a failure. */
    assert_int_equal(liq_cache_hot(c, 150, 150, 1000, keys, 8), 1);
    assert_string_equal(keys[0], "old");
    assert_int_equal(liq_cache_hot(c, 150, 5000, 1000, keys, 8), 2);
    assert_int_equal(liq_cache_hot(c, 150, 5000, 1000, keys, 1), 1);
    liq_cache_free(c);
    plan_done(&p);
}

static void peek_neither_fills_nor_waits(void **state)
{
    struct liq_cache *c = new_cache(4, 50);
    struct liq_item *item;
    struct liq_reason why;
    enum liq_err err;
    struct plan p;

    (void)state;
    plan_init(&p);
    assert_false(liq_cache_peek(c, "k", 0, &err, &item, &why));
    assert_null(item);
    get(c, "k", 0, &p);
    assert_true(liq_cache_peek(c, "k", 99, &err, &item, &why));
    assert_int_equal(err, LIQ_OK);
    liq_item_release(item);
    assert_false(liq_cache_peek(c, "k", 100, &err, &item, &why));
    assert_non_null(item);
    liq_item_release(item);
    assert_false(liq_cache_peek(c, "k", 1000, &err, &item, &why));
    assert_null(item);
    p.err = LIQ_ENET;
    get(c, "k", 100, &p);
    assert_true(liq_cache_peek(c, "k", 110, &err, &item, &why));
    assert_int_equal(err, LIQ_ENET);
    assert_non_null(item);
    liq_item_release(item);
    liq_cache_free(c);
    plan_done(&p);
}

static void see_key(void *arg, const char *key, const struct liq_item *item,
                    const struct liq_reason *error, int64_t asked)
{
    char *text = arg;
    size_t len = strlen(text);

    snprintf(text + len, 600 - len, "%s %d %d %lld; ", key, item != NULL,
             (int)error->code, (long long)asked);
}

static void each_key_is_seen_with_its_last_error(void **state)
{
    struct liq_cache *c = new_cache(4, 50);
    char text[600] = "";
    struct plan p;

    (void)state;
    plan_init(&p);
    get(c, "good", 3, &p);
    p.err = LIQ_ENET;
    get(c, "bad", 4, &p);
    liq_cache_each(c, see_key, text);
    assert_string_equal(text, "bad 0 3 4; good 1 0 3; ");
    liq_cache_free(c);
    plan_done(&p);
}

static void a_long_key_is_refused(void **state)
{
    struct liq_cache *c = new_cache(4, 50);
    char key[LIQ_CACHE_KEY_SIZE + 1];
    struct plan p;

    (void)state;
    plan_init(&p);
    memset(key, 'k', sizeof key);
    key[LIQ_CACHE_KEY_SIZE] = '\0';
    assert_int_equal(get(c, key, 0, &p).err, LIQ_EINVAL);
    key[LIQ_CACHE_KEY_SIZE - 1] = '\0';
    assert_int_equal(get(c, key, 0, &p).err, LIQ_OK);
    liq_cache_free(c);
    plan_done(&p);
}

static void no_memory_is_an_error_and_no_leak(void **state)
{
    struct liq_cache_options o = {4, 50};
    struct liq_cache *c = NULL;
    struct plan p;
    int n = 0;

    (void)state;
    plan_init(&p);
    for (; !c; n++) {
        fail_after = n;
        c = liq_cache_new(&o);
    }
    assert_int_equal(n, 3);
    fail_after = 0;
    assert_int_equal(get(c, "k", 0, &p).err, LIQ_ENOMEM);
    fail_after = -1;
    assert_int_equal(get(c, "k", 0, &p).err, LIQ_OK);
    liq_cache_free(c);
    plan_done(&p);
}

/* Many threads, few keys, failures in between: for TSan and for leaks. */
static void *churn(void *arg)
{
    struct asker *a = arg;
    struct plan p;

    plan_init(&p);
    pthread_barrier_wait(a->barrier);
    for (int i = 0; i < 400; i++) {
        char key[2] = {(char)('a' + (i + (int)a->now) % 5), '\0'};

        p.err = i % 7 == 0 ? LIQ_ENET : LIQ_OK;
        get(a->cache, key, i * 60, &p);
    }
    plan_done(&p);
    return NULL;
}

static void threads_may_churn(void **state)
{
    struct liq_cache *c = new_cache(3, 50);
    struct asker a[6];
    pthread_barrier_t barrier;

    (void)state;
    pthread_barrier_init(&barrier, NULL, 6);
    for (int i = 0; i < 6; i++) {
        a[i] = (struct asker){.cache = c, .barrier = &barrier, .now = i};
        pthread_create(&a[i].thread, NULL, churn, &a[i]);
    }
    for (int i = 0; i < 6; i++)
        pthread_join(a[i].thread, NULL);
    pthread_barrier_destroy(&barrier);
    liq_cache_free(c);
    assert_int_equal(alive, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fresh_items_are_not_filled_again),
        cmocka_unit_test(many_ask_and_one_fills),
        cmocka_unit_test(waiters_share_the_failure),
        cmocka_unit_test(old_item_is_served_while_one_refreshes),
        cmocka_unit_test(failures_are_remembered),
        cmocka_unit_test(old_item_comes_with_the_error),
        cmocka_unit_test(eviction_takes_the_key_asked_longest_ago),
        cmocka_unit_test(a_filling_key_is_never_evicted),
        cmocka_unit_test(an_item_outlives_the_cache),
        cmocka_unit_test(hot_keys_are_those_asked_lately_that_expire),
        cmocka_unit_test(peek_neither_fills_nor_waits),
        cmocka_unit_test(each_key_is_seen_with_its_last_error),
        cmocka_unit_test(a_long_key_is_refused),
        cmocka_unit_test(no_memory_is_an_error_and_no_leak),
        cmocka_unit_test(threads_may_churn),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
