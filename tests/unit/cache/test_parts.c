/* Items that hold others, as maps hold their series: each counts once. */
#include "fake.h"
#include "cache/table.h"

#define BOUND ((size_t)64000)
#define ITEMS (BOUND - BOUND / 16) /* what items may take of it */
#define ENTRY sizeof(struct liq_entry)
#define PARTS 2

struct map {
    struct liq_item item; /* first */
    struct liq_item *part[PARTS];
};

static void map_destroy(struct liq_item *item)
{
    struct map *m = (struct map *)(void *)item;

    for (size_t i = 0; i < item->n_part; i++)
        liq_item_release(m->part[i]);
    atomic_fetch_sub(&alive, 1);
    free(m);
}

static void set(struct liq_item *item, enum liq_rank rank, size_t bytes,
                int64_t order)
{
    item->rank = rank;
    item->bytes = bytes;
    item->order = order;
    item->fresh_until_ms = item->meanwhile_until_ms = FAR_MS;
    item->usable_until_ms = FAR_MS;
}

static struct liq_item *series_new(size_t bytes, int64_t order)
{
    struct thing *t = thing_new(1, 0);

    set(&t->item, LIQ_RANK_LIVE, bytes, order);
    return &t->item;
}

/* b NULL: of one series. */
static struct liq_item *map_new(enum liq_rank rank, size_t bytes, int64_t order,
                                struct liq_item *a, struct liq_item *b)
{
    struct map *m = calloc(1, sizeof *m);

    assert_non_null(m);
    liq_item_init(&m->item, map_destroy);
    atomic_fetch_add(&alive, 1);
    set(&m->item, rank, bytes, order);
    m->part[0] = liq_item_hold(a);
    m->part[1] = liq_item_hold(b);
    m->item.part = m->part;
    m->item.n_part = b ? 2 : 1;
    return &m->item;
}

static struct liq_key series_key(int i)
{
    struct liq_key k = liq_key_of(LIQ_KIND_SERIES, "binance", "BTCUSDT");

    k.number = i;
    return k;
}

static struct liq_key map_key(int i)
{
    struct liq_key k = key("BTCUSDT");

    k.number = i;
    return k;
}

/* Publish it; its order is when it was asked for. */
static void offer(struct fixture *f, struct liq_key k, struct liq_item *item)
{
    liq_item_release(liq_cache_offer(f->cache, &k, item->order, item));
}

static void drop(struct fixture *f, struct liq_key k)
{
    liq_cache_drop(f->cache, &k);
}

static void expect_bytes(struct fixture *f, size_t series, size_t maps)
{
    assert_int_equal(counts(f, LIQ_KIND_SERIES).bytes, series);
    assert_int_equal(counts(f, LIQ_KIND_MAP).bytes, maps);
    assert_int_equal(counts(f, 0).bytes, series + maps);
}

static void a_series_counts_once(void **state)
{
    struct liq_item *old = series_new(5000, 1), *other = series_new(700, 1);
    struct fixture f;

    (void)state;
    fixture_begin(&f, BOUND);
    offer(&f, map_key(0), map_new(LIQ_RANK_MAP, 100, 1, old, NULL));
    expect_bytes(&f, 0, ENTRY + 5100); /* not in the cache yet */
    offer(&f, series_key(0), liq_item_hold(old));
    expect_bytes(&f, ENTRY + 5000, ENTRY + 100);
    offer(&f, map_key(1), map_new(LIQ_RANK_MAP, 200, 1, old, other));
    expect_bytes(&f, ENTRY + 5000, 2 * ENTRY + 1000);
    /* Replaced, but the maps still hold it. */
    offer(&f, series_key(0), series_new(5500, 2));
    expect_bytes(&f, ENTRY + 5500, 2 * ENTRY + 6000);
    drop(&f, map_key(0));
    expect_bytes(&f, ENTRY + 5500, ENTRY + 5900);
    offer(&f, map_key(1), map_new(LIQ_RANK_MAP, 300, 2, other, NULL));
    expect_bytes(&f, ENTRY + 5500, ENTRY + 1000);
    drop(&f, map_key(1));
    drop(&f, series_key(0));
    expect_bytes(&f, 0, 0);
    liq_item_release(old);
    liq_item_release(other);
    fixture_end(&f);
}

/* What makes room is the map, not the entry of the series that it holds. */
static void what_is_held_makes_no_room(void **state)
{
    struct liq_item *old = series_new(20000, 1);
    struct fixture f;

    (void)state;
    fixture_begin(&f, BOUND);
    offer(&f, series_key(0), liq_item_hold(old));
    offer(&f, map_key(0), map_new(LIQ_RANK_MAP, 100, 1, old, NULL));
    offer(&f, map_key(1), map_new(LIQ_RANK_MAP, 100, 2, old, NULL));
    offer(&f, series_key(0), series_new(20000, 3));
    assert_int_equal(counts(&f, 0).evicted, 0);
    offer(&f, series_key(1), series_new(20000, 4));
    assert_int_equal(counts(&f, 0).evicted, 2);
    expect_bytes(&f, 2 * (ENTRY + 20000), 0);
    liq_item_release(old);
    fixture_end(&f);
}

/* Beside live series, a map fits only with what it holds alone. */
static void a_map_that_does_not_fit_is_not_kept(void **state)
{
    struct liq_item *old = series_new(30000, 2);
    struct fixture f;

    (void)state;
    fixture_begin(&f, BOUND);
    offer(&f, series_key(0), series_new(30000, 1));
    offer(&f, map_key(0), map_new(LIQ_RANK_MAP, 1000, 2, old, NULL));
    assert_int_equal(counts(&f, 0).refused, 1);
    expect_bytes(&f, ENTRY + 30000, 0);
    offer(&f, series_key(0), liq_item_hold(old));
    offer(&f, map_key(0), map_new(LIQ_RANK_MAP, 1000, 3, old, NULL));
    expect_bytes(&f, ENTRY + 30000, ENTRY + 1000);
    liq_item_release(old);
    fixture_end(&f);
}

/* --- any order ------------------------------------------------------------ */

#define SERIES 4
#define MAPS 24
#define STEPS 20000

static unsigned pick(unsigned n)
{
    static uint64_t x = 88172645463325252U;

    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return (unsigned)(x >> 33) % n;
}

static void add_once(const struct liq_item **seen, size_t *n, size_t *sum,
                     const struct liq_item *item)
{
    for (size_t i = 0; i < *n; i++) {
        if (seen[i] == item)
            return;
    }
    seen[(*n)++] = item;
    *sum += item->bytes;
}

/* All that the entries hold, each once. */
static size_t bytes_held(struct fixture *f)
{
    static const enum liq_kind kinds[] = {LIQ_KIND_SERIES, LIQ_KIND_MAP};
    const struct liq_item *seen[SERIES + 3 * MAPS];
    size_t n_seen = 0, sum = 0;

    for (size_t k = 0; k < 2; k++) {
        struct liq_cache_entry e[SERIES + MAPS];
        size_t n = liq_cache_list(f->cache, kinds[k], e, SERIES + MAPS);

        for (size_t i = 0; i < n; i++) {
            sum += ENTRY;
            add_once(seen, &n_seen, &sum, e[i].item);
            for (size_t p = 0; p < e[i].item->n_part; p++)
                add_once(seen, &n_seen, &sum, e[i].item->part[p]);
            liq_item_release(e[i].item);
        }
    }
    return sum;
}

static struct liq_item *random_map(struct liq_item **now, int64_t order)
{
    struct liq_item *a = now[pick(SERIES)], *b = now[pick(SERIES)];
    enum liq_rank rank = pick(4) ? LIQ_RANK_MAP : LIQ_RANK_PAST;

    return map_new(rank, 100 + pick(6000), order, a, a == b ? NULL : b);
}

static void bytes_are_those_that_are_held(void **state)
{
    struct liq_item *now[SERIES] = {0};
    struct fixture f;

    (void)state;
    fixture_begin(&f, BOUND);
    for (int i = 0; i < STEPS; i++) {
        int s = i < SERIES ? i : (int)pick(SERIES), m = (int)pick(MAPS);

        if (i < SERIES || pick(4) == 0) {
            liq_item_release(now[s]);
            now[s] = series_new(1000 + pick(8000), i);
            offer(&f, series_key(s), liq_item_hold(now[s]));
        } else if (pick(8) == 0) {
            drop(&f, pick(2) ? series_key(s) : map_key(m));
        } else {
            offer(&f, map_key(m), random_map(now, i));
        }
        assert_int_equal(counts(&f, 0).bytes, bytes_held(&f));
        assert_in_range(counts(&f, 0).bytes, 0, ITEMS);
    }
    assert_in_range(counts(&f, 0).evicted, STEPS / 20, STEPS);
    for (int i = 0; i < SERIES; i++)
        liq_item_release(now[i]);
    fixture_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_series_counts_once),
        cmocka_unit_test(what_is_held_makes_no_room),
        cmocka_unit_test(a_map_that_does_not_fit_is_not_kept),
        cmocka_unit_test(bytes_are_those_that_are_held),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
