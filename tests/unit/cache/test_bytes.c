/* The bound in bytes, and who is evicted for whom. */
#include "fake.h"
#include "cache/table.h"

#define BOUND ((size_t)64000)
#define ITEMS (BOUND - BOUND / 16) /* what items may take of it */
#define ENTRY sizeof(struct liq_entry)

static struct thing *thing_of(int value, enum liq_rank rank, size_t bytes)
{
    struct thing *t = thing_new(value, 0);

    t->item.rank = rank;
    t->item.bytes = bytes;
    t->item.fresh_until_ms = t->item.meanwhile_until_ms = FAR_MS;
    t->item.usable_until_ms = FAR_MS;
    return t;
}

static struct liq_key key_at(const char *prefix, int i)
{
    char name[24];

    snprintf(name, sizeof name, "%s%d", prefix, i);
    return key(name);
}

/* So that n entries of a rank fill all that items may take. */
static void fill_up(struct fixture *f, enum liq_rank rank, int n)
{
    for (int i = 0; i < n; i++) {
        struct liq_key k = key_at("full", i);

        put(f, &k, i, thing_of(1, rank, ITEMS / (size_t)n - ENTRY));
    }
    assert_in_range(counts(f, 0).bytes, ITEMS - (size_t)n, ITEMS);
    assert_int_equal(counts(f, 0).keys, n);
}

static void bytes_are_counted_exactly(void **state)
{
    struct liq_key a = key("a"), b = liq_key_of(LIQ_KIND_RESPONSE, "okx", "b");
    struct fixture f;
    struct caller c;

    (void)state;
    fixture_begin(&f, BOUND);
    struct fill fill = {.cache = f.cache};

    assert_int_equal(counts(&f, 0).bytes, 0);
    ask(&f, &a, 0, &fill, &c);
    assert_int_equal(counts(&f, 0).bytes, ENTRY);
    settle_ok(&f, &a, 0, thing_of(1, LIQ_RANK_DERIVED, 1000));
    run_tasks(&f);
    expect(&c, 1, 1, LIQ_OK);
    put(&f, &b, 0, thing_of(2, LIQ_RANK_LIVE, 3000));
    assert_int_equal(counts(&f, 0).bytes, 2 * ENTRY + 4000);
    assert_int_equal(counts(&f, LIQ_KIND_MAP).bytes, ENTRY + 1000);
    assert_int_equal(counts(&f, LIQ_KIND_RESPONSE).bytes, ENTRY + 3000);
    put(&f, &a, FAR_MS, thing_of(3, LIQ_RANK_PAST, 500));
    put(&f, &b, FAR_MS, NULL);
    assert_int_equal(counts(&f, LIQ_KIND_MAP).bytes, ENTRY + 500);
    assert_int_equal(counts(&f, LIQ_KIND_RESPONSE).bytes, ENTRY + 3000);
    liq_cache_drop(f.cache, &b);
    assert_int_equal(counts(&f, 0).bytes, ENTRY + 500);
    assert_int_equal(counts(&f, LIQ_KIND_RESPONSE).bytes, 0);
    fixture_end(&f);
}

static void eviction_takes_what_was_asked_for_longest_ago(void **state)
{
    struct liq_key k[4], next = key("next");
    struct fixture f;
    struct caller c;

    (void)state;
    fixture_begin(&f, BOUND);
    fill_up(&f, LIQ_RANK_DERIVED, 4);
    for (int i = 0; i < 4; i++)
        k[i] = key_at("full", i);
    ask(&f, &k[0], 10, NULL, &c);
    expect(&c, 0, 1, LIQ_OK);
    liq_item_release(liq_cache_peek(f.cache, &k[1], 11));
    /* In the background: nobody's interest, and a fill that ends is none. */
    struct fill fill = {.cache = f.cache};

    memset(&c, 0, sizeof c);
    c.waiter.task.run = caller_woken;
    liq_cache_ask(f.cache, &k[2], FAR_MS, true, fill_note, &fill, &c.waiter);
    settle_ok(&f, &k[2], FAR_MS,
              thing_of(2, LIQ_RANK_DERIVED, ITEMS / 4 - ENTRY));
    run_tasks(&f);
    expect(&c, 1, 2, LIQ_OK);
    put(&f, &next, 12, thing_of(1, LIQ_RANK_DERIVED, 10));
    assert_false(has(&f, &k[2]));
    assert_int_equal(counts(&f, 0).evicted, 1);
    put(&f, &next, FAR_MS, thing_of(1, LIQ_RANK_DERIVED, ITEMS / 4));
    assert_false(has(&f, &k[3]));
    assert_true(has(&f, &k[0]) && has(&f, &k[1]));
    assert_int_equal(counts(&f, 0).evicted, 2);
    fixture_end(&f);
}

/* The cache is full of one rank when an item of another comes. */
static const struct {
    enum liq_rank full, comes;
    bool kept;
} ranks[] = {
    {LIQ_RANK_PAST, LIQ_RANK_PAST, true},
    {LIQ_RANK_PAST, LIQ_RANK_DERIVED, true},
    {LIQ_RANK_PAST, LIQ_RANK_LIVE, true},
    {LIQ_RANK_MAP, LIQ_RANK_PAST, false},
    {LIQ_RANK_MAP, LIQ_RANK_MAP, false},
    {LIQ_RANK_MAP, LIQ_RANK_DERIVED, true},
    {LIQ_RANK_DERIVED, LIQ_RANK_MAP, false},
    {LIQ_RANK_DERIVED, LIQ_RANK_PAST, false},
    {LIQ_RANK_DERIVED, LIQ_RANK_DERIVED, true},
    {LIQ_RANK_DERIVED, LIQ_RANK_LIVE, true},
    {LIQ_RANK_LIVE, LIQ_RANK_PAST, false},
    {LIQ_RANK_LIVE, LIQ_RANK_DERIVED, false},
    {LIQ_RANK_LIVE, LIQ_RANK_LIVE, true},
};

static void no_item_pushes_out_a_higher_rank(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ranks / sizeof *ranks; i++) {
        for (int offered = 0; offered < 2; offered++) {
            struct thing *t = thing_of(9, ranks[i].comes, 2000);
            struct liq_key k = key("next");
            struct liq_item *item;
            struct fixture f;

            fixture_begin(&f, BOUND);
            fill_up(&f, ranks[i].full, 8);
            if (offered) {
                item = liq_cache_offer(f.cache, &k, 100, &t->item);
                assert_int_equal(value_of(item), 9);
                liq_item_release(item);
            } else {
                put(&f, &k, 100, t);
            }
            assert_int_equal(has(&f, &k), ranks[i].kept);
            assert_int_equal(counts(&f, 0).refused, !ranks[i].kept);
            if (!ranks[i].kept)
                assert_int_equal(counts(&f, 0).keys, 8);
            assert_in_range(counts(&f, 0).bytes, 0, ITEMS);
            fixture_end(&f);
        }
    }
}

static struct liq_item *map_at(struct fixture *f, int i, int64_t now_ms)
{
    struct liq_key k = key_at("map", i);

    return liq_cache_peek(f->cache, &k, now_ms);
}

static void offer_map(struct fixture *f, int i, int64_t now_ms, size_t bytes)
{
    struct thing *t = thing_of(i, LIQ_RANK_MAP, bytes);
    struct liq_key k = key_at("map", i);

    t->item.order = now_ms;
    liq_item_release(liq_cache_offer(f->cache, &k, now_ms, &t->item));
}

#define ROUND_MS 20000
#define ROOM 40
#define MAPS 60

/* Each is continued from the one before, where that is still there.  With least
 * recently used alone none would be. */
static void maps_in_rounds_are_not_all_evicted(void **state)
{
    struct fixture f;
    int64_t now_ms = 0;
    int found = 0;

    (void)state;
    fixture_begin(&f, BOUND);
    for (int round = 0; round < 10; round++) {
        for (int i = 0; i < MAPS; i++) {
            struct liq_item *item =
                map_at(&f, i, now_ms += ROUND_MS / (int64_t)MAPS);

            found += item != NULL;
            liq_item_release(item);
            offer_map(&f, i, now_ms, ITEMS / ROOM - ENTRY);
        }
    }
    print_message("%d of %d found\n", found, 9 * MAPS);
    assert_int_equal(found, 9 * ROOM);
    fixture_end(&f);
}

/* A map that nobody has asked for in the last minute makes room, the one that
 * was asked for longest ago first; others give it to what is no map. */
static void a_map_that_rests_makes_room(void **state)
{
    struct liq_key live = key("live");
    struct fixture f;

    (void)state;
    fixture_begin(&f, BOUND);
    for (int i = 0; i < 4; i++)
        offer_map(&f, i, i, ITEMS / 4 - ENTRY);
    liq_item_release(map_at(&f, 0, 1000));
    offer_map(&f, 9, 60000, ITEMS / 4 - ENTRY);
    assert_int_equal(counts(&f, 0).refused, 1);
    assert_int_equal(counts(&f, 0).evicted, 0);
    offer_map(&f, 9, 60002, ITEMS / 4 - ENTRY);
    assert_int_equal(counts(&f, 0).evicted, 1);
    for (int i = 0; i < 4; i++) {
        struct liq_key k = key_at("map", i);

        assert_int_equal(has(&f, &k), i != 1);
    }
    put(&f, &live, 60003, thing_of(1, LIQ_RANK_LIVE, 10));
    assert_int_equal(counts(&f, 0).evicted, 2);
    fixture_end(&f);
}

/* Live ones are left when those below them have to go. */
static void the_lowest_rank_goes_first(void **state)
{
    struct liq_key past = key("past"), derived = key("derived"),
                   live = key("live"), next = key("next");
    struct fixture f;

    (void)state;
    fixture_begin(&f, BOUND);
    put(&f, &live, 0, thing_of(1, LIQ_RANK_LIVE, ITEMS / 3 - ENTRY));
    put(&f, &derived, 1, thing_of(1, LIQ_RANK_DERIVED, ITEMS / 3 - ENTRY));
    put(&f, &past, 2, thing_of(1, LIQ_RANK_PAST, ITEMS / 3 - ENTRY));
    put(&f, &next, 3, thing_of(1, LIQ_RANK_LIVE, 10));
    assert_false(has(&f, &past));
    assert_true(has(&f, &derived));
    put(&f, &next, FAR_MS, thing_of(1, LIQ_RANK_LIVE, ITEMS / 2 - ENTRY));
    assert_false(has(&f, &derived));
    assert_true(has(&f, &live) && has(&f, &next));
    fixture_end(&f);
}

/* Too large by one byte: given to those who wait, not kept, nobody evicted. */
static void what_does_not_fit_is_given_and_not_kept(void **state)
{
    struct liq_key k = key("large"), other = key("other");
    struct fixture f;
    struct caller c[2];

    (void)state;
    for (size_t over = 0; over < 2; over++) {
        fixture_begin(&f, BOUND);
        struct fill fill = {.cache = f.cache};

        put(&f, &other, 0, thing_of(1, LIQ_RANK_DERIVED, 100));
        ask(&f, &k, 0, &fill, &c[0]);
        ask(&f, &k, 0, &fill, &c[1]);
        settle_ok(&f, &k, 1,
                  thing_of(5, LIQ_RANK_DERIVED, ITEMS - ENTRY + over));
        run_tasks(&f);
        expect(&c[0], 1, 5, LIQ_OK);
        expect(&c[1], 1, 5, LIQ_OK);
        assert_int_equal(has(&f, &k), over == 0);
        assert_int_equal(has(&f, &other), over == 1);
        assert_int_equal(counts(&f, 0).refused, over);
        assert_int_equal(atomic_load(&alive), 1);
        fixture_end(&f);
    }
    /* A size that would wrap around. */
    fixture_begin(&f, BOUND);
    put(&f, &other, 0, thing_of(1, LIQ_RANK_DERIVED, 100));
    put(&f, &k, 0, thing_of(5, LIQ_RANK_LIVE, SIZE_MAX));
    assert_true(has(&f, &other) && !has(&f, &k));
    fixture_end(&f);
}

static void failing_keys_are_bounded(void **state)
{
    struct liq_key live = key("live");
    struct fixture f;

    (void)state;
    fixture_begin(&f, BOUND);
    put(&f, &live, 0, thing_of(1, LIQ_RANK_LIVE, 5000));
    for (int i = 0; i < 5000; i++) {
        struct liq_key k = key_at("wrong", i);

        put(&f, &k, i, NULL);
        assert_in_range(counts(&f, 0).bytes, 0, BOUND);
        assert_true(has(&f, &k));
    }
    assert_true(has(&f, &live));
    assert_in_range(counts(&f, 0).evicted, 5000 - BOUND / ENTRY, 5000);
    fixture_end(&f);
}

/* Keys that are filled, with and without an item, while all else is flooded
 * with items of the highest rank. */
static void filled_entries_are_never_evicted(void **state)
{
    struct liq_key a = key("a"), b = key("b");
    struct fixture f;
    struct caller c[2];

    (void)state;
    fixture_begin(&f, BOUND);
    struct fill fill = {.cache = f.cache};

    put(&f, &a, 0, thing_of(1, LIQ_RANK_PAST, 1000));
    ask(&f, &a, FAR_MS, &fill, &c[0]);
    ask(&f, &b, 0, &fill, &c[1]);
    for (int i = 0; i < 100; i++) {
        struct liq_key k = key_at("flood", i);

        put(&f, &k, i, thing_of(1, LIQ_RANK_LIVE, 9000));
        assert_in_range(counts(&f, 0).bytes, 0, BOUND);
    }
    assert_int_equal(counts(&f, 0).parked, 2);
    assert_true(has(&f, &a) && has(&f, &b));
    /* No room for these two: live items fill it. */
    settle_ok(&f, &a, 0, thing_of(2, LIQ_RANK_PAST, 9000));
    settle_ok(&f, &b, 0, thing_of(3, LIQ_RANK_DERIVED, 9000));
    run_tasks(&f);
    expect(&c[0], 1, 2, LIQ_OK);
    expect(&c[1], 1, 3, LIQ_OK);
    assert_int_equal(counts(&f, 0).refused, 2);
    fixture_end(&f);
}

#define MANY (BOUND / sizeof(struct liq_entry))
/* More fills than there is room for: refused, and possible again later. */
static void fills_beyond_the_bound_are_refused(void **state)
{
    static struct caller c[MANY];
    struct liq_key k, last = key("last");
    struct caller refused;
    struct fixture f;

    (void)state;
    fixture_begin(&f, BOUND);
    struct fill fill = {.cache = f.cache};

    for (size_t i = 0; i < MANY; i++) {
        k = key_at("k", (int)i);
        assert_false(ask(&f, &k, 0, &fill, &c[i]));
    }
    assert_true(ask(&f, &last, 0, &fill, &refused));
    expect(&refused, 0, 0, LIQ_ELIMIT);
    assert_int_equal(fill.calls, MANY);
    assert_false(ask(&f, &k, 0, &fill, &refused)); /* its fill runs */
    for (size_t i = 0; i < MANY; i++) {
        k = key_at("k", (int)i);
        settle_error(&f, &k, 1, LIQ_ENET);
        assert_in_range(counts(&f, 0).bytes, 0, BOUND);
    }
    run_tasks(&f);
    for (size_t i = 0; i < MANY; i++)
        expect(&c[i], 1, 0, LIQ_ENET);
    expect(&refused, 1, 0, LIQ_ENET);
    put(&f, &last, 2, thing_of(1, LIQ_RANK_PAST, 10));
    assert_true(has(&f, &last));
    fixture_end(&f);
}

/* A fill can begin although all that items may take is of a higher rank. */
static void a_full_cache_still_begins_fills(void **state)
{
    struct liq_key k = key("new");
    struct fixture f;
    struct caller c;

    (void)state;
    fixture_begin(&f, BOUND);
    fill_up(&f, LIQ_RANK_LIVE, 4);
    struct fill fill = {.cache = f.cache};

    assert_false(ask(&f, &k, 10, &fill, &c));
    assert_in_range(counts(&f, 0).bytes, ITEMS, BOUND);
    assert_int_equal(counts(&f, 0).evicted, 0);
    settle_ok(&f, &k, 10, thing_of(2, LIQ_RANK_LIVE, 10));
    run_tasks(&f);
    expect(&c, 1, 2, LIQ_OK);
    assert_int_equal(counts(&f, 0).evicted, 1);
    assert_in_range(counts(&f, 0).bytes, 0, ITEMS);
    fixture_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_are_counted_exactly),
        cmocka_unit_test(eviction_takes_what_was_asked_for_longest_ago),
        cmocka_unit_test(no_item_pushes_out_a_higher_rank),
        cmocka_unit_test(maps_in_rounds_are_not_all_evicted),
        cmocka_unit_test(a_map_that_rests_makes_room),
        cmocka_unit_test(the_lowest_rank_goes_first),
        cmocka_unit_test(what_does_not_fit_is_given_and_not_kept),
        cmocka_unit_test(failing_keys_are_bounded),
        cmocka_unit_test(filled_entries_are_never_evicted),
        cmocka_unit_test(fills_beyond_the_bound_are_refused),
        cmocka_unit_test(a_full_cache_still_begins_fills),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
