/* The cache against a simple model of it, in random steps: an array of entries,
 * searched from end to end. */
#include "fake.h"
#include "cache/table.h"

#define SEEDS 24
#define STEPS 3000
#define KEYS 30   /* the last ones ... */
#define OFFERED 8 /* ... are offered, the others filled */
#define CALLERS 40
#define BOUND ((size_t)20000)
#define ITEMS (BOUND - BOUND / 16)
#define ENTRY sizeof(struct liq_entry)

struct entry_model {
    bool there, filling;
    int value; /* 0: no item */
    size_t bytes;
    enum liq_rank rank;
    int64_t order, fresh_ms, meanwhile_ms, usable_ms;
    enum liq_err error;
    int64_t retry_at_ms, last_asked_ms;
};

/* A caller, and what the model says he gets. */
struct caller_model {
    struct caller caller;
    bool parked, ended;
    int key, value;
    enum liq_err code;
};

static struct world {
    uint64_t random;
    int64_t now_ms;
    int next_value;
    struct fixture f;
    struct fill fill;
    struct liq_key key[KEYS];
    struct entry_model entry[KEYS];
    struct caller_model caller[CALLERS];
    int fills;
} w;

/* 0 .. n - 1; xorshift64*. */
static int pick(int n)
{
    w.random ^= w.random >> 12;
    w.random ^= w.random << 25;
    w.random ^= w.random >> 27;
    return (int)((w.random * UINT64_C(2685821657736338717) >> 33) %
                 (uint64_t)n);
}

/* --- the model ------------------------------------------------------------ */

static enum liq_rank rank_of(const struct entry_model *e)
{
    return e->value ? e->rank : LIQ_RANK_PAST;
}

static size_t bytes_of(const struct entry_model *e)
{
    return e->there ? ENTRY + (e->value ? e->bytes : 0) : 0;
}

static size_t bytes_but(const struct entry_model *but)
{
    size_t sum = 0;

    for (int i = 0; i < KEYS; i++)
        sum += &w.entry[i] == but ? 0 : bytes_of(&w.entry[i]);
    return sum;
}

/* The idle entry of a rank that was asked for longest ago, but not this one. */
static struct entry_model *oldest(enum liq_rank rank,
                                  const struct entry_model *but)
{
    struct entry_model *found = NULL;

    for (int i = 0; i < KEYS; i++) {
        struct entry_model *e = &w.entry[i];

        if (e != but && e->there && !e->filling && rank_of(e) == rank &&
            (!found || e->last_asked_ms < found->last_asked_ms))
            found = e;
    }
    return found;
}

/* A map stays when another comes that was asked for within a minute of it. */
static bool model_stays(const struct entry_model *e, int rank,
                        const struct entry_model *comes)
{
    return rank == LIQ_RANK_MAP && rank_of(e) == LIQ_RANK_MAP &&
           e->last_asked_ms + 60000 >= comes->last_asked_ms;
}

static void model_evict(int rank, size_t bytes, const struct entry_model *but)
{
    struct entry_model *e;

    for (int r = 0; r <= rank; r++) {
        while (bytes_but(but) + bytes > ITEMS &&
               (e = oldest((enum liq_rank)r, but)) != NULL &&
               !model_stays(e, rank, but))
            memset(e, 0, sizeof *e);
    }
}

/* e takes over the item of made, or leaves. */
static void model_put(struct entry_model *e, const struct entry_model *made)
{
    size_t rest = 0;

    for (int i = 0; i < KEYS; i++) {
        const struct entry_model *o = &w.entry[i];

        if (o != e && (o->filling || rank_of(o) > made->rank))
            rest += bytes_of(o);
    }
    if (rest + ENTRY + made->bytes > ITEMS) {
        memset(e, 0, sizeof *e);
        return;
    }
    model_evict((int)made->rank, ENTRY + made->bytes, e);
    if (bytes_but(e) + ENTRY + made->bytes > ITEMS) {
        memset(e, 0, sizeof *e);
        return;
    }
    int64_t asked_ms = e->last_asked_ms;

    *e = *made;
    e->there = true;
    e->last_asked_ms = asked_ms;
}

static void model_give(const struct entry_model *e, struct caller_model *c)
{
    c->code = e->error;
    c->value = e->value && w.now_ms < e->usable_ms ? e->value : 0;
}

/* What an ask leads to: parked, or an outcome. */
static void model_ask(struct entry_model *e, bool background, bool may_fill,
                      struct caller_model *c)
{
    bool usable, good;

    c->parked = false;
    c->value = 0;
    c->code = LIQ_ENOTFOUND;
    if (!e->there && !may_fill)
        return;
    if (!e->there) {
        model_evict(LIQ_RANK_PAST, ENTRY, NULL);
        c->code = LIQ_ELIMIT;
        if (bytes_but(NULL) + ENTRY > BOUND)
            return;
        *e = (struct entry_model){.there = true, .last_asked_ms = INT64_MIN};
    }
    if (!background)
        e->last_asked_ms = w.now_ms;
    if (e->value && w.now_ms < e->fresh_ms) {
        c->code = LIQ_OK;
        c->value = e->value;
        return;
    }
    if (may_fill && !e->filling &&
        (e->error == LIQ_OK || w.now_ms >= e->retry_at_ms)) {
        e->filling = true;
        w.fills++;
    }
    usable = e->value && w.now_ms < e->usable_ms;
    good = e->error ? usable : e->value && w.now_ms < e->meanwhile_ms;
    if (may_fill && e->filling && !good) {
        c->parked = true;
        return;
    }
    model_give(e, c);
    if (!c->value && !c->code)
        c->code = LIQ_ENOTFOUND;
}

static void model_settle(int key, const struct entry_model *made, /* or NULL */
                         enum liq_err error, int64_t rest_ms)
{
    struct entry_model *e = &w.entry[key];

    if (!made) {
        e->error = error;
        e->retry_at_ms = w.now_ms + rest_ms;
    }
    for (int i = 0; i < CALLERS; i++) {
        struct caller_model *c = &w.caller[i];

        if (!c->parked || c->ended || c->key != key)
            continue;
        c->ended = true;
        model_give(e, c);
        if (made) {
            c->value = made->value;
            c->code = LIQ_OK;
        }
    }
    e->filling = false;
    if (made)
        model_put(e, made);
}

/* --- steps ---------------------------------------------------------------- */

static struct thing *random_thing(struct entry_model *made)
{
    int fresh = pick(1500), meanwhile = fresh + pick(1000);
    struct thing *t = thing_new(++w.next_value, w.now_ms);

    t->item.bytes = (size_t)(pick(8) == 0 ? pick(20000) : 100 + pick(2000));
    t->item.rank = (enum liq_rank)pick(3);
    t->item.order = pick(5);
    t->item.fresh_until_ms = w.now_ms + fresh;
    t->item.meanwhile_until_ms = w.now_ms + meanwhile;
    t->item.usable_until_ms = w.now_ms + meanwhile + pick(4000);
    *made = (struct entry_model){.value = t->value,
                                 .bytes = t->item.bytes,
                                 .rank = t->item.rank,
                                 .order = t->item.order,
                                 .fresh_ms = t->item.fresh_until_ms,
                                 .meanwhile_ms = t->item.meanwhile_until_ms,
                                 .usable_ms = t->item.usable_until_ms};
    return t;
}

static void step_ask(int key)
{
    /* An entry that nobody ever asked for has no place among its like. */
    bool background = w.entry[key].there && pick(4) == 0;
    bool may_fill = key < KEYS - OFFERED && pick(6) != 0;
    struct caller_model *c = w.caller;

    while (c < w.caller + CALLERS && c->parked)
        c++;
    if (c == w.caller + CALLERS)
        return;
    memset(c, 0, sizeof *c);
    c->key = key;
    c->caller.waiter.task.run = caller_woken;
    c->caller.waiter.deadline_ms = w.now_ms + pick(1000);
    model_ask(&w.entry[key], background, may_fill, c);
    assert_int_equal(liq_cache_ask(w.f.cache, &w.key[key], w.now_ms, background,
                                   may_fill ? fill_note : NULL, &w.fill,
                                   &c->caller.waiter),
                     !c->parked);
    assert_int_equal(w.fill.calls, w.fills);
    if (!c->parked)
        expect(&c->caller, 0, c->value, c->code);
}

static void step_settle(int key)
{
    struct liq_reason why = {.code = LIQ_ENET, .text = "as planned"};
    struct entry_model made;
    struct thing *t;

    if (!w.entry[key].filling)
        return;
    if (pick(3) == 0) {
        why.retry_after_ms = pick(1000);
        model_settle(key, NULL, why.code,
                     why.retry_after_ms > ERROR_MS ? why.retry_after_ms
                                                   : ERROR_MS);
        liq_cache_settle(w.f.cache, &w.key[key], w.now_ms, NULL, &why);
        return;
    }
    t = random_thing(&made);
    model_settle(key, &made, LIQ_OK, 0);
    liq_cache_settle(w.f.cache, &w.key[key], w.now_ms, &t->item, NULL);
}

static void step_offer(int key)
{
    struct entry_model made, *e = &w.entry[key];
    struct thing *t = random_thing(&made);
    struct liq_item *kept;
    int value = made.value;

    if (e->there && e->value && w.now_ms < e->usable_ms &&
        e->order >= made.order) {
        value = e->value;
    } else {
        e->last_asked_ms = w.now_ms;
        model_put(e, &made);
    }
    kept = liq_cache_offer(w.f.cache, &w.key[key], w.now_ms, &t->item);
    assert_int_equal(value_of(kept), value);
    liq_item_release(kept);
}

static void step_peek(int key)
{
    struct entry_model *e = &w.entry[key];
    bool usable = e->there && e->value && w.now_ms < e->usable_ms;
    struct liq_item *item = liq_cache_peek(w.f.cache, &w.key[key], w.now_ms);

    assert_int_equal(value_of(item), usable ? e->value : 0);
    liq_item_release(item);
    if (usable)
        e->last_asked_ms = w.now_ms;
}

static void step_drop(int key)
{
    liq_cache_drop(w.f.cache, &w.key[key]);
    if (!w.entry[key].filling)
        memset(&w.entry[key], 0, sizeof w.entry[key]);
}

static void step_expire(void)
{
    liq_cache_expire(w.f.cache, w.now_ms);
    for (int i = 0; i < CALLERS; i++) {
        struct caller_model *c = &w.caller[i];

        if (!c->parked || w.now_ms < c->caller.waiter.deadline_ms)
            continue;
        c->ended = true;
        model_give(&w.entry[c->key], c);
        c->code = LIQ_ETIMEOUT;
    }
}

/* --- comparing ------------------------------------------------------------ */

static void compare_callers(void)
{
    run_tasks(&w.f);
    for (int i = 0; i < CALLERS; i++) {
        struct caller_model *c = &w.caller[i];

        if (!c->parked)
            continue;
        assert_int_equal(c->caller.woken, c->ended);
        if (c->ended) {
            expect(&c->caller, 1, c->value, c->code);
            c->parked = false;
        }
    }
}

static void compare_counts(void)
{
    struct liq_cache_counts n = counts(&w.f, 0);
    size_t keys = 0, parked = 0;

    for (int i = 0; i < KEYS; i++)
        keys += w.entry[i].there;
    for (int i = 0; i < CALLERS; i++)
        parked += w.caller[i].parked;
    assert_int_equal(n.keys, keys);
    assert_int_equal(n.parked, parked);
    assert_int_equal(n.bytes, bytes_but(NULL));
    assert_in_range(n.bytes, 0, BOUND);
}

static const struct entry_model *entry_of(const struct liq_key *k)
{
    for (int i = 0; i < KEYS; i++) {
        if (memcmp(&w.key[i], k, sizeof *k) == 0)
            return &w.entry[i];
    }
    fail();
    return NULL;
}

static void compare_list(void)
{
    struct liq_cache_entry found[KEYS];
    size_t n = liq_cache_list(w.f.cache, LIQ_KIND_MAP, found, KEYS);

    assert_int_equal(n, counts(&w.f, LIQ_KIND_MAP).keys);
    for (size_t i = 0; i < n; i++) {
        const struct entry_model *e = entry_of(&found[i].key);

        assert_true(e->there);
        assert_int_equal(value_of(found[i].item), e->value);
        assert_int_equal(found[i].error.code, e->error);
        assert_int_equal(found[i].last_asked_ms, e->last_asked_ms);
        if (i > 0)
            assert_true(e->last_asked_ms <= found[i - 1].last_asked_ms);
        liq_item_release(found[i].item);
    }
}

static void compare_hot(void)
{
    int64_t at_ms = w.now_ms + pick(1000), hot_ms = pick(2000);
    struct liq_key found[KEYS];
    size_t n = liq_cache_hot(w.f.cache, LIQ_KIND_MAP, w.now_ms, at_ms, hot_ms,
                             found, KEYS);
    size_t want = 0;

    for (int i = 0; i < KEYS - OFFERED; i++) {
        const struct entry_model *e = &w.entry[i];
        bool resting = e->error != LIQ_OK && at_ms < e->retry_at_ms;

        want += e->value && !e->filling && e->rank != LIQ_RANK_PAST &&
                at_ms >= e->fresh_ms && !resting &&
                e->last_asked_ms >= w.now_ms - hot_ms;
    }
    assert_int_equal(n, want);
    for (size_t i = 1; i < n; i++)
        assert_true(entry_of(&found[i])->last_asked_ms <
                    entry_of(&found[i - 1])->last_asked_ms);
}

static void step(void)
{
    int key = pick(KEYS), kind = pick(20);

    /* No two entries are asked for at the same moment. */
    w.now_ms += 1 + pick(pick(200) > 0 ? 20 : 120000);
    if (kind < 9)
        step_ask(key);
    else if (kind < 14 && key < KEYS - OFFERED)
        step_settle(key);
    else if (kind < 14)
        step_offer(key);
    else if (kind < 17)
        step_peek(key);
    else if (kind < 18)
        step_drop(key);
    else
        step_expire();
    compare_callers();
    compare_counts();
    compare_list();
    compare_hot();
}

static void agrees_with_the_model(void **state)
{
    uint64_t hits = 0, evicted = 0, refused = 0, stale = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        memset(&w, 0, sizeof w);
        w.random = seed * UINT64_C(0x9E3779B97F4A7C15);
        fixture_begin(&w.f, BOUND);
        w.fill.cache = w.f.cache;
        for (int i = 0; i < KEYS; i++) {
            w.key[i] =
                liq_key_of(i < KEYS - OFFERED ? LIQ_KIND_MAP : LIQ_KIND_WEIGHTS,
                           "", "BTCUSDT");
            w.key[i].bars = i;
        }
        print_message("  seed %d\n", (int)seed);
        for (int i = 0; i < STEPS; i++)
            step();
        struct liq_cache_counts n = counts(&w.f, 0);

        for (int i = 0; i < KEYS; i++) {
            if (w.entry[i].filling)
                settle_error(&w.f, &w.key[i], w.now_ms, LIQ_ENET);
        }
        run_tasks(&w.f);
        for (int i = 0; i < CALLERS; i++)
            liq_item_release(w.caller[i].caller.waiter.item);
        hits += n.hits;
        evicted += n.evicted;
        refused += n.refused;
        stale += n.stale;
        fixture_end(&w.f);
    }
    /* The steps have reached what they are there for. */
    assert_true(hits > 1000 && evicted > 1000 && refused > 1000 && stale > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_model),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
