/* What the tests of the cache share: items that are counted, callers that note
 * when they are woken, a fill that the test ends by hand.  Whatever the cache
 * calls takes a lock, which asserts that the cache holds none. */
#ifndef LIQMAP_TESTS_CACHE_FAKE_H
#define LIQMAP_TESTS_CACHE_FAKE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "liqmap/cache.h"
#include "liqmap/lock.h"

#define FRESH_MS 100
#define MEANWHILE_MS 200
#define USABLE_MS 1000
#define ERROR_MS 50
#define FAR_MS INT64_C(1000000)
#define ROOMY ((size_t)1 << 20)

static atomic_int alive;

static inline void assert_no_lock_held(void)
{
    static struct liq_lock lock = LIQ_LOCK_STATIC;

    liq_lock_take(&lock);
    liq_lock_give(&lock);
}

struct thing {
    struct liq_item item;
    int value;
};

static inline void thing_destroy(struct liq_item *item)
{
    assert_no_lock_held();
    atomic_fetch_sub(&alive, 1);
    free(item);
}

/* As made at now_ms. */
static inline struct thing *thing_new(int value, int64_t now_ms)
{
    struct thing *t = malloc(sizeof *t);

    assert_non_null(t);
    liq_item_init(&t->item, thing_destroy);
    atomic_fetch_add(&alive, 1);
    t->item.bytes = sizeof *t;
    t->item.rank = LIQ_RANK_DERIVED;
    t->item.fresh_until_ms = now_ms + FRESH_MS;
    t->item.meanwhile_until_ms = now_ms + MEANWHILE_MS;
    t->item.usable_until_ms = now_ms + USABLE_MS;
    t->value = value;
    return t;
}

static inline int value_of(const struct liq_item *item)
{
    return item ? ((const struct thing *)(const void *)item)->value : 0;
}

/* A cache whose waiters are woken by run_tasks. */
struct fixture {
    struct liq_clock clock;
    struct liq_work *work;
    struct liq_cache *cache;
};

static inline void fixture_begin(struct fixture *f, size_t max_bytes)
{
    struct liq_cache_options o = {.max_bytes = max_bytes, .error_ms = ERROR_MS};

    f->clock = liq_clock_held(0, 0);
    f->work = liq_work_new(0, 1, &f->clock);
    assert_non_null(f->work);
    o.work = f->work;
    f->cache = liq_cache_new(&o);
    assert_non_null(f->cache);
}

static inline void run_tasks(struct fixture *f)
{
    while (liq_work_run_one(f->work))
        ;
}

static inline void fixture_end(struct fixture *f)
{
    run_tasks(f);
    liq_cache_free(f->cache);
    liq_work_free(f->work);
    assert_int_equal(atomic_load(&alive), 0);
}

/* What the last fill was called with, and how it ends: with at_once or error
 * before it returns, else by settle_* of the test. */
struct fill {
    struct liq_cache *cache;
    int calls, old_value;
    struct liq_key key;
    int64_t now_ms, deadline_ms;
    struct thing *at_once;
    struct liq_reason error;
};

static inline void fill_note(void *arg, const struct liq_key *key,
                             struct liq_item *old, int64_t now_ms,
                             int64_t deadline_ms)
{
    struct fill *f = arg;
    struct thing *made = f->at_once;

    assert_no_lock_held();
    f->calls++;
    f->key = *key;
    f->old_value = value_of(old);
    f->now_ms = now_ms;
    f->deadline_ms = deadline_ms;
    f->at_once = NULL;
    if (made || f->error.code != LIQ_OK)
        liq_cache_settle(f->cache, key, now_ms, made ? &made->item : NULL,
                         &f->error);
}

struct caller {
    struct liq_waiter waiter;
    int woken;
    bool at_once;
};

static inline void caller_woken(struct liq_task *t)
{
    struct caller *c = (struct caller *)(void *)t;

    assert_no_lock_held();
    c->woken++;
}

static inline bool ask_until(struct fixture *f, const struct liq_key *key,
                             int64_t now_ms, int64_t deadline_ms,
                             struct fill *fill, struct caller *c)
{
    memset(c, 0, sizeof *c);
    c->waiter.task.run = caller_woken;
    c->waiter.deadline_ms = deadline_ms;
    c->at_once = liq_cache_ask(f->cache, key, now_ms, false,
                               fill ? fill_note : NULL, fill, &c->waiter);
    return c->at_once;
}

static inline bool ask(struct fixture *f, const struct liq_key *key,
                       int64_t now_ms, struct fill *fill, struct caller *c)
{
    return ask_until(f, key, now_ms, FAR_MS, fill, c);
}

/* What came, and give it back: the item's value (0: none). */
static inline void expect(struct caller *c, int woken, int value,
                          enum liq_err code)
{
    assert_int_equal(c->woken, woken);
    assert_int_equal(value_of(c->waiter.item), value);
    assert_int_equal(c->waiter.why.code, code);
    assert_int_equal(c->waiter.why.text[0] == '\0', code == LIQ_OK);
    liq_item_release(c->waiter.item);
    c->waiter.item = NULL;
}

static inline void settle_ok(struct fixture *f, const struct liq_key *key,
                             int64_t now_ms, struct thing *made)
{
    liq_cache_settle(f->cache, key, now_ms, &made->item, NULL);
}

static inline void settle_error(struct fixture *f, const struct liq_key *key,
                                int64_t now_ms, enum liq_err code)
{
    struct liq_reason why;

    liq_fail(&why, code, "as planned");
    liq_cache_settle(f->cache, key, now_ms, NULL, &why);
}

/* Fill the key at once: with the item, or (NULL) with an error. */
static inline void put(struct fixture *f, const struct liq_key *key,
                       int64_t now_ms, struct thing *made)
{
    struct fill fill = {.cache = f->cache, .at_once = made};
    struct caller c;

    if (!made)
        liq_fail(&fill.error, LIQ_ENET, "as planned");
    ask(f, key, now_ms, &fill, &c);
    assert_int_equal(fill.calls, 1);
    run_tasks(f);
    liq_item_release(c.waiter.item);
}

static inline struct liq_key key(const char *symbol)
{
    return liq_key_of(LIQ_KIND_MAP, "binance", symbol);
}

static inline struct liq_cache_counts counts(struct fixture *f,
                                             enum liq_kind kind)
{
    struct liq_cache_counts n;

    liq_cache_count(f->cache, kind, &n);
    return n;
}

/* Whether the cache has something for the key, without asking for it. */
static inline bool has(struct fixture *f, const struct liq_key *wanted)
{
    struct liq_cache_entry entry[512];
    size_t n = liq_cache_list(f->cache, (enum liq_kind)wanted->kind, entry,
                              sizeof entry / sizeof *entry);
    bool found = false;

    for (size_t i = 0; i < n; i++) {
        if (memcmp(&entry[i].key, wanted, sizeof *wanted) == 0)
            found = true;
        liq_item_release(entry[i].item);
    }
    return found;
}

#endif
