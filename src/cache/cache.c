/*
 * A hash table of entries under one lock.  An entry that is being filled or
 * waited for is busy and never evicted.  Nothing is destroyed, and no task is
 * posted, while the lock is held: what leaves the table is collected first.
 */
#include "liqmap/cache.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "liqmap/lock.h"

#define NEVER_ASKED INT64_MIN
#define BUCKETS 4096 /* a power of two */
#define RANKS 3
#define KINDS (LIQ_KIND_RESPONSE + 1)

struct entry {
    struct entry *chain;         /* next in the same bucket */
    struct entry *newer, *older; /* of the same rank, by last asked */
    struct liq_key key;
    struct liq_item *item;   /* one reference, or NULL */
    struct liq_reason error; /* of the last fill; code LIQ_OK: it went well */
    struct liq_waiter *waiter;
    size_t bytes; /* as counted in the cache */
    enum liq_rank rank;
    int64_t retry_at_ms; /* when error.code is set: not before this */
    int64_t last_asked_ms;
    bool filling;
};

struct order {
    struct entry *newest, *oldest;
    size_t bytes;
};

struct liq_cache {
    struct liq_cache_options options;
    struct liq_lock lock; /* of all below */
    struct entry *bucket[BUCKETS];
    struct order order[RANKS];
    struct liq_cache_counts counts[KINDS];
};

/* What left the table under the lock, to be disposed of outside of it. */
struct leaving {
    struct entry *entries;      /* by chain */
    struct liq_waiter *waiters; /* their outcome is set */
    struct liq_item *replaced;
};

/* --- items ---------------------------------------------------------------- */

void liq_item_init(struct liq_item *item, void (*destroy)(struct liq_item *))
{
    memset(item, 0, sizeof *item);
    atomic_init(&item->refs, 1);
    item->destroy = destroy;
}

struct liq_item *liq_item_hold(struct liq_item *item)
{
    if (item)
        atomic_fetch_add_explicit(&item->refs, 1, memory_order_relaxed);
    return item;
}

void liq_item_release(struct liq_item *item)
{
    if (item &&
        atomic_fetch_sub_explicit(&item->refs, 1, memory_order_acq_rel) == 1)
        item->destroy(item);
}

/* --- keys ----------------------------------------------------------------- */

struct liq_key liq_key_of(enum liq_kind kind, const char *exchange,
                          const char *symbol)
{
    struct liq_key k;

    memset(&k, 0, sizeof k);
    k.kind = (int32_t)kind;
    snprintf(k.exchange, sizeof k.exchange, "%s", exchange ? exchange : "");
    snprintf(k.symbol, sizeof k.symbol, "%s", symbol ? symbol : "");
    return k;
}

/* FNV-1a, 64 bits. */
static struct entry **bucket_of(struct liq_cache *c, const struct liq_key *key)
{
    const unsigned char *p = (const unsigned char *)key;
    uint64_t hash = UINT64_C(14695981039346656037);

    for (size_t i = 0; i < sizeof *key; i++)
        hash = (hash ^ p[i]) * UINT64_C(1099511628211);
    return &c->bucket[(hash ^ hash >> 32) & (BUCKETS - 1)];
}

static struct entry *find(struct liq_cache *c, const struct liq_key *key)
{
    struct entry *e = *bucket_of(c, key);

    while (e && memcmp(&e->key, key, sizeof *key) != 0)
        e = e->chain;
    return e;
}

static struct liq_cache_counts *counts_of(struct liq_cache *c,
                                          const struct entry *e)
{
    return &c->counts[e->key.kind];
}

/* --- order and bytes ------------------------------------------------------ */

static void order_remove(struct liq_cache *c, struct entry *e)
{
    struct order *o = &c->order[e->rank];

    *(e->newer ? &e->newer->older : &o->newest) = e->older;
    *(e->older ? &e->older->newer : &o->oldest) = e->newer;
    o->bytes -= e->bytes;
    c->counts[0].bytes -= e->bytes;
    counts_of(c, e)->bytes -= e->bytes;
}

/* As the newest of the rank that its item gives it. */
static void order_add(struct liq_cache *c, struct entry *e)
{
    struct order *o;

    e->rank = e->item ? e->item->rank : LIQ_RANK_PAST;
    e->bytes = sizeof *e + (e->item ? e->item->bytes : 0);
    o = &c->order[e->rank];
    e->newer = NULL;
    e->older = o->newest;
    *(o->newest ? &o->newest->newer : &o->oldest) = e;
    o->newest = e;
    o->bytes += e->bytes;
    c->counts[0].bytes += e->bytes;
    counts_of(c, e)->bytes += e->bytes;
}

static void note_asked(struct liq_cache *c, struct entry *e, int64_t now_ms)
{
    if (now_ms > e->last_asked_ms)
        e->last_asked_ms = now_ms;
    order_remove(c, e);
    order_add(c, e);
}

static bool busy(const struct entry *e)
{
    return e->filling || e->waiter;
}

static void take_out(struct liq_cache *c, struct entry *e, struct leaving *l)
{
    struct entry **link = bucket_of(c, &e->key);

    while (*link != e)
        link = &(*link)->chain;
    *link = e->chain;
    order_remove(c, e);
    c->counts[0].keys--;
    counts_of(c, e)->keys--;
    e->chain = l->entries;
    l->entries = e;
}

/* Evict idle entries of up to this rank, but not keep, until all is within the
 * bound; false when that cannot be. */
static bool make_room(struct liq_cache *c, enum liq_rank rank,
                      const struct entry *keep, struct leaving *l)
{
    for (size_t r = 0; r <= (size_t)rank; r++) {
        struct entry *e = c->order[r].oldest, *newer;

        for (; e && c->counts[0].bytes > c->options.max_bytes; e = newer) {
            newer = e->newer;
            if (e == keep || busy(e))
                continue;
            counts_of(c, e)->evicted++;
            take_out(c, e, l);
        }
    }
    return c->counts[0].bytes <= c->options.max_bytes;
}

/* Whether an item of this rank and size can fit if all of its rank and below
 * goes. */
static bool may_fit(const struct liq_cache *c, enum liq_rank rank, size_t bytes)
{
    size_t higher = 0;

    for (size_t r = (size_t)rank + 1; r < RANKS; r++)
        higher += c->order[r].bytes;
    return higher <= c->options.max_bytes &&
           bytes <= c->options.max_bytes - higher;
}

/* The entry's item is replaced; without room for it, it is not kept.  True: e
 * is still in the table. */
static bool replace(struct liq_cache *c, struct entry *e, struct liq_item *item,
                    struct leaving *l)
{
    bool fits;

    l->replaced = e->item;
    order_remove(c, e);
    e->item = NULL;
    order_add(c, e);
    fits = may_fit(c, item->rank, sizeof *e + item->bytes);
    if (fits) {
        order_remove(c, e);
        e->item = item;
        order_add(c, e);
        fits = make_room(c, item->rank, e, l);
    }
    if (!fits) {
        counts_of(c, e)->refused++;
        e->item = item; /* released with the entry */
        take_out(c, e, l);
    }
    return fits;
}

static void dispose(struct liq_cache *c, struct leaving *l)
{
    struct liq_waiter *w, *next_waiter;
    struct entry *e, *next;

    for (w = l->waiters; w; w = next_waiter) {
        next_waiter = w->next;
        w->next = NULL;
        liq_work_post(c->options.work, &w->task, w->lane);
    }
    liq_item_release(l->replaced);
    for (e = l->entries; e; e = next) {
        next = e->chain;
        liq_item_release(e->item);
        free(e);
    }
}

static struct entry *enter(struct liq_cache *c, const struct liq_key *key)
{
    struct entry *e = find(c, key), **bucket;

    if (e)
        return e;
    e = calloc(1, sizeof *e);
    if (!e)
        return NULL;
    bucket = bucket_of(c, key);
    e->key = *key;
    e->last_asked_ms = NEVER_ASKED;
    e->chain = *bucket;
    *bucket = e;
    order_add(c, e);
    c->counts[0].keys++;
    counts_of(c, e)->keys++;
    return e;
}

/* --- what to do with an entry --------------------------------------------- */

static bool fresh(const struct entry *e, int64_t at_ms)
{
    return e->item && at_ms < e->item->fresh_until_ms;
}

static bool usable(const struct entry *e, int64_t at_ms)
{
    return e->item && at_ms < e->item->usable_until_ms;
}

/* What may be given while another refreshes it: data that a failure has marked
 * as stale, or that is only just not fresh. */
static bool good_meanwhile(const struct entry *e, int64_t at_ms)
{
    if (e->error.code != LIQ_OK)
        return usable(e, at_ms);
    return e->item && at_ms < e->item->meanwhile_until_ms;
}

static bool resting(const struct entry *e, int64_t at_ms)
{
    return e->error.code != LIQ_OK && at_ms < e->retry_at_ms;
}

/* The last fill's verdict with whatever old item may still be shown. */
static void give(struct liq_cache *c, struct entry *e, int64_t now_ms,
                 struct liq_waiter *w)
{
    w->why = e->error;
    if (usable(e, now_ms))
        w->item = liq_item_hold(e->item);
    if (e->error.code != LIQ_OK && w->item)
        counts_of(c, e)->stale++;
}

static void park(struct liq_cache *c, struct entry *e, struct liq_waiter *w)
{
    w->next = e->waiter;
    e->waiter = w;
    c->counts[0].parked++;
    counts_of(c, e)->parked++;
    counts_of(c, e)->waits++;
}

/* Put the waiters of e, whose outcome the callback sets, among the leaving. */
static void unpark(struct liq_cache *c, struct entry *e, struct liq_waiter *w,
                   struct leaving *l)
{
    c->counts[0].parked--;
    counts_of(c, e)->parked--;
    w->next = l->waiters;
    l->waiters = w;
}

/* Under the lock.  True: the outcome is in *w.  *begin: the caller is to begin
 * a fill. */
static bool ask(struct liq_cache *c, struct entry *e, int64_t now_ms,
                bool may_fill, struct liq_waiter *w, bool *begin)
{
    bool at_once = true;

    *begin = false;
    if (fresh(e, now_ms)) {
        counts_of(c, e)->hits++;
        w->item = liq_item_hold(e->item);
        return true;
    }
    if (!e->filling && !resting(e, now_ms)) {
        *begin = may_fill;
        at_once = !may_fill || good_meanwhile(e, now_ms);
    } else if (e->filling) {
        at_once = !may_fill || good_meanwhile(e, now_ms);
    }
    if (!at_once) {
        park(c, e, w);
    } else {
        give(c, e, now_ms, w);
        if (!w->item && w->why.code == LIQ_OK)
            liq_fail(&w->why, LIQ_ENOTFOUND, "nothing is known yet");
    }
    if (*begin) {
        counts_of(c, e)->fills++;
        e->filling = true;
    }
    return at_once;
}

bool liq_cache_ask(struct liq_cache *c, const struct liq_key *key,
                   int64_t now_ms, bool background, liq_fill_fn *fill,
                   void *arg, struct liq_waiter *w)
{
    struct leaving l = {0};
    struct liq_item *old = NULL;
    bool begin = false, at_once = true;
    struct entry *e;

    w->item = NULL;
    w->why = (struct liq_reason){0};
    liq_lock_take(&c->lock);
    e = fill ? enter(c, key) : find(c, key);
    if (e) {
        if (!background)
            note_asked(c, e, now_ms);
        at_once = ask(c, e, now_ms, fill != NULL, w, &begin);
        old = begin ? liq_item_hold(e->item) : NULL;
        (void)make_room(c, LIQ_RANK_PAST, e, &l);
    } else {
        liq_fail(&w->why, fill ? LIQ_ENOMEM : LIQ_ENOTFOUND,
                 fill ? "no memory" : "nothing is known yet");
    }
    liq_lock_give(&c->lock);
    dispose(c, &l);
    if (begin)
        fill(arg, key, old, now_ms, w->deadline_ms);
    liq_item_release(old);
    return at_once;
}

void liq_cache_settle(struct liq_cache *c, const struct liq_key *key,
                      int64_t now_ms, struct liq_item *made,
                      const struct liq_reason *error)
{
    struct leaving l = {0};
    struct liq_waiter *w, *next;
    struct entry *e;

    liq_lock_take(&c->lock);
    e = find(c, key);
    assert(e && e->filling && (made || error->code != LIQ_OK));
    e->filling = false;
    w = e->waiter;
    e->waiter = NULL;
    if (made) {
        memset(&e->error, 0, sizeof e->error);
    } else {
        int64_t rest_ms = c->options.error_ms;

        counts_of(c, e)->failures++;
        if (error->retry_after_ms > rest_ms)
            rest_ms = error->retry_after_ms;
        e->error = *error;
        e->retry_at_ms = now_ms + rest_ms;
    }
    for (; w; w = next) {
        next = w->next;
        if (made)
            w->item = liq_item_hold(made);
        else
            give(c, e, now_ms, w);
        unpark(c, e, w, &l);
    }
    if (made)
        (void)replace(c, e, made, &l);
    liq_lock_give(&c->lock);
    dispose(c, &l);
}

struct liq_item *liq_cache_offer(struct liq_cache *c, const struct liq_key *key,
                                 int64_t now_ms, struct liq_item *item)
{
    struct leaving l = {0};
    struct liq_item *kept = liq_item_hold(item);
    struct entry *e;

    liq_lock_take(&c->lock);
    e = enter(c, key);
    assert(!e || !e->filling);
    if (!e) {
        l.replaced = item;
    } else if (usable(e, now_ms) && e->item->order >= item->order) {
        l.replaced = item;
        kept = liq_item_hold(e->item);
    } else {
        if (now_ms > e->last_asked_ms)
            e->last_asked_ms = now_ms;
        (void)replace(c, e, item, &l);
    }
    liq_lock_give(&c->lock);
    if (kept != item)
        liq_item_release(item); /* the reference held for the return */
    dispose(c, &l);
    return kept;
}

struct liq_item *liq_cache_peek(struct liq_cache *c, const struct liq_key *key,
                                int64_t now_ms)
{
    struct liq_item *item = NULL;
    struct entry *e;

    liq_lock_take(&c->lock);
    e = find(c, key);
    if (e && usable(e, now_ms)) {
        item = liq_item_hold(e->item);
        note_asked(c, e, now_ms);
    }
    liq_lock_give(&c->lock);
    return item;
}

void liq_cache_drop(struct liq_cache *c, const struct liq_key *key)
{
    struct leaving l = {0};
    struct entry *e;

    liq_lock_take(&c->lock);
    e = find(c, key);
    if (e && !busy(e))
        take_out(c, e, &l);
    liq_lock_give(&c->lock);
    dispose(c, &l);
}

/* --- deadlines ------------------------------------------------------------ */

static void expire_entry(struct liq_cache *c, struct entry *e, int64_t now_ms,
                         struct leaving *l)
{
    struct liq_waiter **link = &e->waiter, *w;

    while ((w = *link) != NULL) {
        if (now_ms < w->deadline_ms) {
            link = &w->next;
            continue;
        }
        *link = w->next;
        give(c, e, now_ms, w);
        liq_fail(&w->why, LIQ_ETIMEOUT, "no response before the deadline");
        unpark(c, e, w, l);
    }
}

void liq_cache_expire(struct liq_cache *c, int64_t now_ms)
{
    struct leaving l = {0};

    liq_lock_take(&c->lock);
    for (size_t r = 0; c->counts[0].parked > 0 && r < RANKS; r++) {
        for (struct entry *e = c->order[r].newest; e; e = e->older)
            expire_entry(c, e, now_ms, &l);
    }
    liq_lock_give(&c->lock);
    dispose(c, &l);
}

/* --- looking on ----------------------------------------------------------- */

static bool hot(const struct entry *e, int64_t now_ms, int64_t at_ms,
                int64_t hot_ms)
{
    if (!e->item || e->filling || fresh(e, at_ms) || resting(e, at_ms))
        return false;
    return e->last_asked_ms != NEVER_ASKED &&
           now_ms - e->last_asked_ms <= hot_ms;
}

size_t liq_cache_hot(struct liq_cache *c, enum liq_kind kind, int64_t now_ms,
                     int64_t at_ms, int64_t hot_ms, struct liq_key *keys,
                     size_t max)
{
    size_t n = 0;

    liq_lock_take(&c->lock);
    for (size_t r = RANKS; r-- > 0;) {
        for (struct entry *e = c->order[r].newest; e && n < max; e = e->older) {
            if (e->key.kind == (int32_t)kind && hot(e, now_ms, at_ms, hot_ms))
                keys[n++] = e->key;
        }
    }
    liq_lock_give(&c->lock);
    return n;
}

void liq_cache_count(struct liq_cache *c, enum liq_kind kind,
                     struct liq_cache_counts *out)
{
    liq_lock_take(&c->lock);
    *out = c->counts[kind];
    for (size_t k = 1; kind == 0 && k < KINDS; k++) {
        out->hits += c->counts[k].hits;
        out->fills += c->counts[k].fills;
        out->failures += c->counts[k].failures;
        out->waits += c->counts[k].waits;
        out->stale += c->counts[k].stale;
        out->evicted += c->counts[k].evicted;
        out->refused += c->counts[k].refused;
    }
    liq_lock_give(&c->lock);
}

size_t liq_cache_list(struct liq_cache *c, enum liq_kind kind,
                      struct liq_cache_entry *out, size_t max)
{
    size_t n = 0;

    liq_lock_take(&c->lock);
    for (size_t r = RANKS; r-- > 0;) {
        for (struct entry *e = c->order[r].newest; e && n < max; e = e->older) {
            if (e->key.kind != (int32_t)kind)
                continue;
            out[n++] =
                (struct liq_cache_entry){.key = e->key,
                                         .item = liq_item_hold(e->item),
                                         .error = e->error,
                                         .last_asked_ms = e->last_asked_ms};
        }
    }
    liq_lock_give(&c->lock);
    return n;
}

/* --- life ----------------------------------------------------------------- */

struct liq_cache *liq_cache_new(const struct liq_cache_options *o)
{
    struct liq_cache *c = calloc(1, sizeof *c);

    if (!c)
        return NULL;
    c->options = *o;
    if (liq_lock_init(&c->lock) != LIQ_OK) {
        free(c);
        return NULL;
    }
    return c;
}

void liq_cache_free(struct liq_cache *c)
{
    if (!c)
        return;
    for (size_t r = 0; r < RANKS; r++) {
        struct entry *e = c->order[r].newest, *older;

        for (; e; e = older) {
            older = e->older;
            assert(!e->waiter);
            liq_item_release(e->item);
            free(e);
        }
    }
    liq_lock_free(&c->lock);
    free(c);
}
