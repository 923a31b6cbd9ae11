/* The cache's promises to those who ask, one thread at a time. */
#include "fake.h"

/* The files themselves, so that their calloc can be made to fail. */
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
#include "cache/table.c"
#include "cache/cache.c"
#undef calloc

static void fresh_items_are_given_at_once(void **state)
{
    struct liq_key k = key("BTCUSDT");
    struct fixture f;
    struct caller c;

    (void)state;
    fixture_begin(&f, ROOMY);
    struct fill fill = {.cache = f.cache, .at_once = thing_new(1, 1000)};

    assert_false(ask_until(&f, &k, 1000, 4000, &fill, &c));
    assert_memory_equal(&fill.key, &k, sizeof k);
    assert_int_equal(fill.old_value, 0);
    assert_int_equal(fill.now_ms, 1000);
    assert_int_equal(fill.deadline_ms, 4000);
    expect(&c, 0, 1, LIQ_OK); /* settled, the task not yet run */
    run_tasks(&f);
    expect(&c, 1, 0, LIQ_OK);
    assert_true(ask(&f, &k, 1000 + FRESH_MS - 1, &fill, &c));
    expect(&c, 0, 1, LIQ_OK);
    assert_int_equal(fill.calls, 1);
    fill.at_once = thing_new(2, 1100);
    assert_true(ask(&f, &k, 1000 + FRESH_MS, &fill, &c));
    expect(&c, 0, 1, LIQ_OK); /* what it had when he asked */
    assert_int_equal(fill.calls, 2);
    assert_int_equal(fill.old_value, 1);
    assert_true(ask(&f, &k, 1100, &fill, &c));
    expect(&c, 0, 2, LIQ_OK);
    assert_int_equal(counts(&f, LIQ_KIND_MAP).hits, 2);
    assert_int_equal(counts(&f, LIQ_KIND_MAP).fills, 2);
    run_tasks(&f);
    assert_int_equal(c.woken, 0);
    fixture_end(&f);
}

#define CROWD 1000
static void a_crowd_waits_for_one_fill(void **state)
{
    static struct caller c[CROWD];
    struct liq_key k = key("BTCUSDT");
    struct fixture f;

    (void)state;
    fixture_begin(&f, ROOMY);
    struct fill fill = {.cache = f.cache};

    for (int i = 0; i < CROWD; i++)
        assert_false(ask(&f, &k, i, &fill, &c[i]));
    assert_int_equal(fill.calls, 1);
    assert_int_equal(counts(&f, 0).parked, CROWD);
    assert_int_equal(counts(&f, LIQ_KIND_MAP).parked, CROWD);
    run_tasks(&f);
    assert_int_equal(c[0].woken, 0);
    settle_ok(&f, &k, CROWD, thing_new(7, CROWD));
    assert_int_equal(counts(&f, 0).parked, 0);
    run_tasks(&f);
    liq_cache_expire(f.cache, FAR_MS);
    run_tasks(&f);
    for (int i = 0; i < CROWD; i++)
        expect(&c[i], 1, 7, LIQ_OK);
    assert_int_equal(counts(&f, LIQ_KIND_MAP).waits, CROWD);
    fixture_end(&f);
}

/* Who came first is written to first. */
static char trace[8];

static void note_order(struct liq_task *t)
{
    struct liq_waiter *w = (struct liq_waiter *)(void *)t;
    size_t n = strlen(trace);

    assert_in_range(n, 0, sizeof trace - 2);
    trace[n] = (char)('a' + w->deadline_ms - FAR_MS);
    liq_item_release(w->item);
}

static void waiters_are_woken_in_their_order_and_lane(void **state)
{
    struct liq_waiter w[3] = {0};
    struct liq_key k = key("BTCUSDT");
    struct liq_work_counts n;
    struct fixture f;

    (void)state;
    fixture_begin(&f, ROOMY);
    struct fill fill = {.cache = f.cache};

    for (int i = 0; i < 3; i++) {
        w[i].task.run = note_order;
        w[i].lane = i == 0 ? LIQ_LANE_HEAVY : LIQ_LANE_LIGHT;
        w[i].deadline_ms = FAR_MS + i;
        liq_cache_ask(f.cache, &k, 0, false, fill_note, &fill, &w[i]);
    }
    settle_ok(&f, &k, 1, thing_new(1, 1));
    liq_work_count(f.work, &n);
    assert_int_equal(n.queued[LIQ_LANE_HEAVY], 1);
    assert_int_equal(n.queued[LIQ_LANE_LIGHT], 2);
    run_tasks(&f);
    assert_string_equal(trace, "bca");
    fixture_end(&f);
}

static void waiters_share_the_failure(void **state)
{
    struct liq_key k = key("BTCUSDT");
    struct caller c[3];
    struct fixture f;

    (void)state;
    fixture_begin(&f, ROOMY);
    struct fill fill = {.cache = f.cache};

    for (int i = 0; i < 3; i++)
        ask(&f, &k, 5, &fill, &c[i]);
    settle_error(&f, &k, 6, LIQ_ENET);
    run_tasks(&f);
    for (int i = 0; i < 3; i++) {
        assert_string_equal(c[i].waiter.why.text, "as planned");
        expect(&c[i], 1, 0, LIQ_ENET);
    }
    assert_int_equal(fill.calls, 1);
    assert_int_equal(counts(&f, LIQ_KIND_MAP).failures, 1);
    fixture_end(&f);
}

/* An item made at 0 is asked for again while a fill runs: what comes at once,
 * and what when the fill fails. */
static const struct {
    const char *name;
    bool failed_before; /* at FRESH_MS */
    int64_t now_ms;
    bool at_once;
    int value;
    enum liq_err code;
    int later_value;
} refreshes[] = {
    {"within meanwhile", false, MEANWHILE_MS - 1, true, 1, LIQ_OK, 0},
    {"after meanwhile", false, MEANWHILE_MS, false, 0, LIQ_OK, 1},
    {"after usable", false, USABLE_MS, false, 0, LIQ_OK, 0},
    {"stale", true, USABLE_MS - 1, true, 1, LIQ_ENET, 0},
    {"stale for too long", true, USABLE_MS, false, 0, LIQ_OK, 0},
};

static void old_items_are_given_while_another_fills(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refreshes / sizeof *refreshes; i++) {
        int64_t now = refreshes[i].now_ms;
        struct liq_key k = key("BTCUSDT");
        struct caller c[2];
        struct fixture f;

        print_message("  %s\n", refreshes[i].name);
        fixture_begin(&f, ROOMY);
        struct fill fill = {.cache = f.cache};

        put(&f, &k, 0, thing_new(1, 0));
        if (refreshes[i].failed_before)
            put(&f, &k, FRESH_MS, NULL);
        /* The one who begins the fill and the one who finds it begun. */
        for (int n = 0; n < 2; n++) {
            assert_int_equal(ask(&f, &k, now, &fill, &c[n]),
                             refreshes[i].at_once);
            assert_int_equal(fill.calls, 1);
            assert_int_equal(fill.old_value, 1);
            expect(&c[n], 0, refreshes[i].value, refreshes[i].code);
        }
        settle_error(&f, &k, now, LIQ_ERATE);
        run_tasks(&f);
        for (int n = 0; n < 2 && !refreshes[i].at_once; n++)
            expect(&c[n], 1, refreshes[i].later_value, LIQ_ERATE);
        fixture_end(&f);
    }
}

static const struct {
    const char *name;
    int64_t retry_after_ms, rests_ms;
} rests[] = {
    {"own pause", 0, ERROR_MS},
    {"the exchange asks for longer", 400, 400},
    {"the exchange asks for shorter", 20, ERROR_MS},
};

static void failures_are_remembered(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rests / sizeof *rests; i++) {
        struct liq_key k = key("BTCUSDT");
        struct liq_reason why;
        struct fixture f;
        struct caller c;

        print_message("  %s\n", rests[i].name);
        fixture_begin(&f, ROOMY);
        struct fill fill = {.cache = f.cache};

        ask(&f, &k, 0, &fill, &c);
        liq_fail(&why, LIQ_ERATE, "as planned");
        why.retry_after_ms = rests[i].retry_after_ms;
        /* The pause counts from the end of the fill. */
        liq_cache_settle(f.cache, &k, 3000, NULL, &why);
        run_tasks(&f);
        expect(&c, 1, 0, LIQ_ERATE);
        assert_true(ask(&f, &k, 3000 + rests[i].rests_ms - 1, &fill, &c));
        assert_int_equal(c.waiter.why.retry_after_ms, rests[i].retry_after_ms);
        expect(&c, 0, 0, LIQ_ERATE);
        assert_int_equal(fill.calls, 1);
        assert_false(ask(&f, &k, 3000 + rests[i].rests_ms, &fill, &c));
        assert_int_equal(fill.calls, 2);
        settle_ok(&f, &k, 3500, thing_new(1, 3500));
        run_tasks(&f);
        expect(&c, 1, 1, LIQ_OK);
        assert_true(ask(&f, &k, 3500, &fill, &c));
        expect(&c, 0, 1, LIQ_OK);
        fixture_end(&f);
    }
}

static void old_item_comes_with_the_error(void **state)
{
    struct liq_key k = key("BTCUSDT");
    struct fixture f;
    struct caller c;

    (void)state;
    fixture_begin(&f, ROOMY);
    struct fill fill = {.cache = f.cache};

    put(&f, &k, 0, thing_new(1, 0));
    assert_false(ask(&f, &k, 300, &fill, &c));
    settle_error(&f, &k, 310, LIQ_ENET);
    run_tasks(&f);
    expect(&c, 1, 1, LIQ_ENET);
    assert_true(ask(&f, &k, 320, &fill, &c)); /* rests */
    assert_int_equal(fill.calls, 1);
    expect(&c, 0, 1, LIQ_ENET);
    assert_true(ask(&f, &k, 360, &fill, &c)); /* tried again meanwhile */
    assert_int_equal(fill.calls, 2);
    expect(&c, 0, 1, LIQ_ENET);
    settle_error(&f, &k, USABLE_MS, LIQ_ENET);
    assert_true(ask(&f, &k, USABLE_MS, &fill, &c));
    expect(&c, 0, 0, LIQ_ENET); /* too old to show */
    assert_false(ask(&f, &k, FAR_MS, &fill, &c));
    assert_int_equal(fill.old_value, 1); /* yet good enough to build on */
    settle_ok(&f, &k, FAR_MS, thing_new(2, FAR_MS));
    run_tasks(&f);
    expect(&c, 1, 2, LIQ_OK);
    assert_int_equal(counts(&f, LIQ_KIND_MAP).stale, 3);
    fixture_end(&f);
}

/* --- deadlines ------------------------------------------------------------ */

static void waiters_are_woken_at_their_deadline(void **state)
{
    struct liq_key k = key("BTCUSDT"), other = key("ETHUSDT");
    struct caller early, late, elsewhere;
    struct fixture f;

    (void)state;
    fixture_begin(&f, ROOMY);
    struct fill fill = {.cache = f.cache};

    ask_until(&f, &k, 0, 500, &fill, &early);
    ask_until(&f, &k, 0, 600, &fill, &late);
    ask_until(&f, &other, 0, 600, &fill, &elsewhere);
    liq_cache_expire(f.cache, 499);
    run_tasks(&f);
    assert_int_equal(early.woken, 0);
    liq_cache_expire(f.cache, 500);
    run_tasks(&f);
    expect(&early, 1, 0, LIQ_ETIMEOUT);
    assert_int_equal(late.woken, 0);
    assert_int_equal(counts(&f, 0).parked, 2);
    liq_cache_expire(f.cache, 700);
    run_tasks(&f);
    expect(&late, 1, 0, LIQ_ETIMEOUT);
    expect(&elsewhere, 1, 0, LIQ_ETIMEOUT);
    /* The fill goes on, and its item is published; nobody is woken twice. */
    settle_ok(&f, &k, 800, thing_new(1, 800));
    settle_error(&f, &other, 800, LIQ_ENET);
    run_tasks(&f);
    assert_int_equal(early.woken + late.woken + elsewhere.woken, 3);
    assert_true(ask(&f, &k, 800, &fill, &early));
    expect(&early, 0, 1, LIQ_OK);
    fixture_end(&f);
}

static void the_deadline_brings_the_old_item(void **state)
{
    struct liq_key k = key("BTCUSDT");
    struct fixture f;
    struct caller c[2];

    (void)state;
    fixture_begin(&f, ROOMY);
    struct fill fill = {.cache = f.cache};

    put(&f, &k, 0, thing_new(1, 0));
    ask_until(&f, &k, MEANWHILE_MS, USABLE_MS - 1, &fill, &c[0]);
    ask_until(&f, &k, MEANWHILE_MS, USABLE_MS, &fill, &c[1]);
    liq_cache_expire(f.cache, USABLE_MS - 1);
    liq_cache_expire(f.cache, USABLE_MS);
    run_tasks(&f);
    expect(&c[0], 1, 1, LIQ_ETIMEOUT);
    expect(&c[1], 1, 0, LIQ_ETIMEOUT);
    settle_error(&f, &k, USABLE_MS, LIQ_ETIMEOUT);
    fixture_end(&f);
}

/* A waiter whose task runs as soon as it is parked, on another thread: the
 * destroy of what an ask evicts is called right then. */
struct heap_caller {
    struct liq_waiter waiter;
    struct liq_key key;
};

static struct fixture *hooked;

static void free_caller(struct liq_task *t)
{
    free(t);
}

static void expire_in_destroy(struct liq_item *item)
{
    liq_cache_expire(hooked->cache, FAR_MS);
    run_tasks(hooked);
    thing_destroy(item);
}

static void a_waiter_may_be_freed_before_the_fill_begins(void **state)
{
    struct heap_caller *h = calloc(1, sizeof *h);
    struct thing *t = thing_new(1, 0);
    struct liq_key k = key("BTCUSDT");
    struct fixture f;

    (void)state;
    assert_non_null(h);
    fixture_begin(&f, 4096);
    hooked = &f;
    struct fill fill = {.cache = f.cache};

    t->item.rank = LIQ_RANK_PAST;
    t->item.destroy = expire_in_destroy;
    t->item.bytes = 4096 - 4096 / 16 - sizeof(struct liq_entry);
    put(&f, &k, 0, t);
    h->waiter.task.run = free_caller;
    h->waiter.deadline_ms = 77;
    h->key = k = key("ETHUSDT");
    assert_false(liq_cache_ask(f.cache, &h->key, 0, false, fill_note, &fill,
                               &h->waiter));
    assert_int_equal(counts(&f, 0).evicted, 1);
    assert_int_equal(counts(&f, 0).parked, 0);
    assert_memory_equal(&fill.key, &k, sizeof k);
    assert_int_equal(fill.deadline_ms, 77);
    settle_error(&f, &k, 0, LIQ_ENET);
    fixture_end(&f);
}

/* --- without a fill ------------------------------------------------------- */

static void without_a_fill_nothing_is_begun(void **state)
{
    struct liq_key k = key("BTCUSDT");
    struct fixture f;
    struct caller c, waiting;

    (void)state;
    fixture_begin(&f, ROOMY);
    struct fill fill = {.cache = f.cache};

    assert_true(ask(&f, &k, 0, NULL, &c));
    expect(&c, 0, 0, LIQ_ENOTFOUND);
    assert_int_equal(counts(&f, 0).keys, 0);
    ask(&f, &k, 0, &fill, &waiting);
    assert_true(ask(&f, &k, 0, NULL, &c)); /* does not wait either */
    expect(&c, 0, 0, LIQ_ENOTFOUND);
    settle_ok(&f, &k, 0, thing_new(1, 0));
    run_tasks(&f);
    expect(&waiting, 1, 1, LIQ_OK);
    assert_true(ask(&f, &k, 0, NULL, &c));
    expect(&c, 0, 1, LIQ_OK);
    assert_true(ask(&f, &k, USABLE_MS - 1, NULL, &c));
    expect(&c, 0, 1, LIQ_OK);
    assert_true(ask(&f, &k, USABLE_MS, NULL, &c));
    expect(&c, 0, 0, LIQ_ENOTFOUND);
    put(&f, &k, 300, NULL);
    assert_true(ask(&f, &k, 500, NULL, &c));
    expect(&c, 0, 1, LIQ_ENET);
    assert_int_equal(fill.calls, 1);
    fixture_end(&f);
}

static struct thing *thing_of_order(int value, int64_t now_ms, int64_t order)
{
    struct thing *t = thing_new(value, now_ms);

    t->item.order = order;
    return t;
}

static const struct {
    const char *name;
    int64_t now_ms, order; /* after value 1 of order 5 at 0 */
    int kept;
} offers[] = {
    {"a higher order", 10, 6, 2},
    {"the same order", 10, 5, 1},
    {"a lower order", 10, 4, 1},
    {"a lower order, the other not usable", USABLE_MS, 4, 2},
};

static void offers_keep_the_highest_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof offers / sizeof *offers; i++) {
        int64_t now = offers[i].now_ms;
        struct liq_key k = key("BTCUSDT");
        struct liq_item *item;
        struct fixture f;
        struct caller c;

        print_message("  %s\n", offers[i].name);
        fixture_begin(&f, ROOMY);
        item = liq_cache_offer(f.cache, &k, 0, &thing_of_order(1, 0, 5)->item);
        assert_int_equal(value_of(item), 1);
        liq_item_release(item);
        item = liq_cache_offer(f.cache, &k, now,
                               &thing_of_order(2, now, offers[i].order)->item);
        assert_int_equal(value_of(item), offers[i].kept);
        liq_item_release(item);
        assert_int_equal(atomic_load(&alive), 1);
        assert_true(ask(&f, &k, now, NULL, &c));
        expect(&c, 0, offers[i].kept, LIQ_OK);
        assert_int_equal(counts(&f, 0).keys, 1);
        fixture_end(&f);
    }
}

static void peek_gives_what_is_usable(void **state)
{
    struct liq_key k = key("BTCUSDT");
    struct liq_item *item;
    struct fixture f;

    (void)state;
    fixture_begin(&f, ROOMY);
    assert_null(liq_cache_peek(f.cache, &k, 0));
    assert_int_equal(counts(&f, 0).keys, 0);
    put(&f, &k, 0, thing_new(1, 0));
    item = liq_cache_peek(f.cache, &k, USABLE_MS - 1);
    assert_int_equal(value_of(item), 1);
    liq_item_release(item);
    assert_null(liq_cache_peek(f.cache, &k, USABLE_MS));
    fixture_end(&f);
}

static void dropped_entries_are_gone_unless_filled(void **state)
{
    struct liq_key k = key("BTCUSDT");
    struct fixture f;
    struct caller c;

    (void)state;
    fixture_begin(&f, ROOMY);
    struct fill fill = {.cache = f.cache};

    liq_cache_drop(f.cache, &k);
    put(&f, &k, 0, thing_new(1, 0));
    liq_cache_drop(f.cache, &k);
    assert_int_equal(atomic_load(&alive), 0);
    assert_int_equal(counts(&f, 0).keys, 0);
    assert_int_equal(counts(&f, 0).bytes, 0);
    ask(&f, &k, 0, &fill, &c);
    liq_cache_drop(f.cache, &k);
    settle_ok(&f, &k, 0, thing_new(2, 0));
    run_tasks(&f);
    expect(&c, 1, 2, LIQ_OK);
    put(&f, &k, USABLE_MS, NULL);
    liq_cache_drop(f.cache, &k); /* and with it the failure */
    assert_false(ask(&f, &k, USABLE_MS, &fill, &c));
    settle_error(&f, &k, USABLE_MS, LIQ_ENET);
    fixture_end(&f);
}

/* --- life ----------------------------------------------------------------- */

static void an_item_outlives_the_cache(void **state)
{
    struct liq_key k = key("BTCUSDT");
    struct liq_item *item;
    struct fixture f;

    (void)state;
    fixture_begin(&f, ROOMY);
    put(&f, &k, 0, thing_new(1, 0));
    item = liq_cache_peek(f.cache, &k, 0);
    liq_cache_free(f.cache);
    liq_work_free(f.work);
    assert_int_equal(atomic_load(&alive), 1);
    assert_int_equal(value_of(item), 1);
    liq_item_release(item);
    assert_int_equal(atomic_load(&alive), 0);
    liq_cache_free(NULL);
    liq_item_release(NULL);
    assert_null(liq_item_hold(NULL));
}

static void no_memory_is_an_error_and_no_leak(void **state)
{
    struct liq_key k = key("BTCUSDT");
    struct liq_cache_options o = {.max_bytes = ROOMY};
    struct liq_item *item;
    struct fixture f;
    struct caller c;

    (void)state;
    fail_after = 0;
    assert_null(liq_cache_new(&o));
    fail_after = -1;
    fixture_begin(&f, ROOMY);
    struct fill fill = {.cache = f.cache};

    fail_after = 0;
    assert_true(ask(&f, &k, 0, &fill, &c));
    expect(&c, 0, 0, LIQ_ENOMEM);
    item = liq_cache_offer(f.cache, &k, 0, &thing_new(3, 0)->item);
    assert_int_equal(value_of(item), 3); /* given back, not kept */
    liq_item_release(item);
    fail_after = -1;
    assert_int_equal(fill.calls, 0);
    assert_int_equal(counts(&f, 0).keys, 0);
    assert_int_equal(atomic_load(&alive), 0);
    put(&f, &k, 0, thing_new(1, 0));
    fixture_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fresh_items_are_given_at_once),
        cmocka_unit_test(a_crowd_waits_for_one_fill),
        cmocka_unit_test(waiters_are_woken_in_their_order_and_lane),
        cmocka_unit_test(waiters_share_the_failure),
        cmocka_unit_test(old_items_are_given_while_another_fills),
        cmocka_unit_test(failures_are_remembered),
        cmocka_unit_test(old_item_comes_with_the_error),
        cmocka_unit_test(waiters_are_woken_at_their_deadline),
        cmocka_unit_test(the_deadline_brings_the_old_item),
        cmocka_unit_test(a_waiter_may_be_freed_before_the_fill_begins),
        cmocka_unit_test(without_a_fill_nothing_is_begun),
        cmocka_unit_test(offers_keep_the_highest_order),
        cmocka_unit_test(peek_gives_what_is_usable),
        cmocka_unit_test(dropped_entries_are_gone_unless_filled),
        cmocka_unit_test(an_item_outlives_the_cache),
        cmocka_unit_test(no_memory_is_an_error_and_no_leak),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
