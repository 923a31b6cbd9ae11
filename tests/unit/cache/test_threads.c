/* Many threads ask, settle, offer, peek, expire and look on at once: each ask
 * has one outcome, and nothing is leaked or torn. */
#include "fake.h"
#include <pthread.h>

#define ASKERS 4
#define WORKERS 3
#define ROUNDS 4000
#define KEYS 12
#define BOUND ((size_t)16384)

static struct shared {
    struct liq_work *work;
    struct liq_cache *cache;
    atomic_int now_ms, outcomes, woken, fills;
} shared;

/* A caller on the heap, freed by his task as the api frees a request. */
struct heap_caller {
    struct liq_waiter waiter;
    atomic_int *woken;
};

static void check_outcome(struct liq_waiter *w)
{
    assert_true(w->item || w->why.code != LIQ_OK);
    assert_true(value_of(w->item) >= 0);
    liq_item_release(w->item);
    atomic_fetch_add(&shared.outcomes, 1);
}

static void heap_caller_woken(struct liq_task *t)
{
    struct heap_caller *h = (struct heap_caller *)(void *)t;

    check_outcome(&h->waiter);
    atomic_fetch_add(&shared.woken, 1);
    free(h);
}

/* A fill that a worker ends later. */
struct settling {
    struct liq_task task;
    struct liq_key key;
    int64_t now_ms;
    int number;
};

static void settle_now(const struct liq_key *k, int64_t now_ms, int number)
{
    struct liq_reason why = {.code = LIQ_ENET, .text = "as planned"};
    struct thing *t;

    if (number % 5 == 0) {
        liq_cache_settle(shared.cache, k, now_ms, NULL, &why);
        return;
    }
    t = thing_new(number + 1, now_ms);
    t->item.rank = (enum liq_rank)(number % 3);
    t->item.bytes = 200 + (size_t)(number % 7) * 1000;
    liq_cache_settle(shared.cache, k, now_ms, &t->item, &why);
}

static void settle_task(struct liq_task *t)
{
    struct settling *s = (struct settling *)(void *)t;

    settle_now(&s->key, s->now_ms, s->number);
    free(s);
}

static void fill(void *arg, const struct liq_key *k, struct liq_item *old,
                 int64_t now_ms, int64_t deadline_ms)
{
    int number = atomic_fetch_add(&shared.fills, 1);
    struct settling *s;

    (void)arg;
    (void)deadline_ms;
    assert_true(value_of(old) >= 0);
    if (number % 4 == 0) {
        settle_now(k, now_ms, number);
        return;
    }
    s = calloc(1, sizeof *s);
    assert_non_null(s);
    *s = (struct settling){.task = {.run = settle_task},
                           .key = *k,
                           .now_ms = now_ms,
                           .number = number};
    liq_work_post(shared.work, &s->task,
                  number % 2 ? LIQ_LANE_HEAVY : LIQ_LANE_LIGHT);
}

static void ask_once(const struct liq_key *k, int i, int64_t now_ms)
{
    struct heap_caller *h = calloc(1, sizeof *h);

    assert_non_null(h);
    h->waiter.task.run = heap_caller_woken;
    h->waiter.deadline_ms = now_ms + i % 50;
    if (liq_cache_ask(shared.cache, k, now_ms, i % 9 == 0,
                      i % 11 == 0 ? NULL : fill, NULL, &h->waiter)) {
        check_outcome(&h->waiter);
        free(h);
    }
}

static void *ask_many(void *arg)
{
    const int *first = arg;

    for (int i = 0; i < ROUNDS; i++) {
        int64_t now_ms = atomic_fetch_add(&shared.now_ms, 1);
        struct liq_key k = key("BTCUSDT"),
                       offered = liq_key_of(LIQ_KIND_WEIGHTS, "", "BTC");

        k.bars = (*first + i) % KEYS;
        ask_once(&k, i, now_ms);
        /* As the workers do, which have as much to do as all askers. */
        (void)liq_work_run_one(shared.work);
        liq_item_release(liq_cache_peek(shared.cache, &k, now_ms));
        if (i % 10 == 0) {
            struct thing *t = thing_new(1, now_ms);

            t->item.order = now_ms;
            liq_item_release(
                liq_cache_offer(shared.cache, &offered, now_ms, &t->item));
        }
        if (i % 50 == 0)
            liq_cache_drop(shared.cache, &k);
    }
    return NULL;
}

/* What the daemon's ticker and its health route do. */
static void *look_on(void *arg)
{
    struct liq_cache_entry entry[KEYS];
    struct liq_cache_counts n;
    struct liq_key keys[KEYS];

    (void)arg;
    do {
        int64_t now_ms = atomic_load(&shared.now_ms);

        liq_cache_expire(shared.cache, now_ms);
        liq_cache_hot(shared.cache, LIQ_KIND_MAP, now_ms, now_ms + 50, 1000,
                      keys, KEYS);
        for (size_t i = liq_cache_list(shared.cache, LIQ_KIND_MAP, entry, KEYS);
             i-- > 0;)
            liq_item_release(entry[i].item);
        liq_cache_count(shared.cache, 0, &n);
        assert_in_range(n.bytes, 0, BOUND);
    } while (atomic_load(&shared.now_ms) < ASKERS * ROUNDS);
    return NULL;
}

static void each_ask_has_one_outcome(void **state)
{
    struct liq_cache_options o = {.max_bytes = BOUND, .error_ms = ERROR_MS};
    pthread_t thread[ASKERS + 1];
    struct liq_cache_counts n;
    int first[ASKERS];

    (void)state;
    shared.work = o.work = liq_work_new(WORKERS, 2, &liq_clock_system);
    assert_non_null(o.work);
    shared.cache = liq_cache_new(&o);
    assert_non_null(shared.cache);
    for (int i = 0; i < ASKERS; i++) {
        first[i] = i;
        assert_int_equal(pthread_create(&thread[i], NULL, ask_many, &first[i]),
                         0);
    }
    assert_int_equal(pthread_create(&thread[ASKERS], NULL, look_on, NULL), 0);
    for (int i = 0; i <= ASKERS; i++)
        pthread_join(thread[i], NULL);
    liq_work_free(shared.work); /* ends the fills, and wakes who waits */
    liq_cache_count(shared.cache, 0, &n);
    assert_int_equal(n.parked, 0);
    assert_int_equal(atomic_load(&shared.outcomes), ASKERS * ROUNDS);
    assert_int_equal(atomic_load(&shared.woken), n.waits);
    assert_int_equal(atomic_load(&shared.fills), n.fills);
    assert_true(n.hits > 0 && n.waits > 0 && n.evicted > 0 && n.failures > 0);
    liq_cache_free(shared.cache);
    assert_int_equal(atomic_load(&alive), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_ask_has_one_outcome),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
