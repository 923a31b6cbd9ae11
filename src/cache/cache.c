/*
 * One lock over a table of entries.  Nothing is destroyed, no fill is begun and
 * no task is posted while it is held.
 */
#include "liqmap/cache.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "liqmap/lock.h"
#include "table.h"

struct liq_cache {
    struct liq_cache_options options;
    struct liq_lock lock; /* of the table */
    struct liq_table table;
};

static void dispose(struct liq_cache *c, struct liq_leaving *l)
{
    struct liq_waiter *w, *next_waiter;
    struct liq_entry *e, *next;

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

/* --- what to do with an entry --------------------------------------------- */

static bool fresh(const struct liq_entry *e, int64_t at_ms)
{
    return e->item && at_ms < e->item->fresh_until_ms;
}

static bool usable(const struct liq_entry *e, int64_t at_ms)
{
    return e->item && at_ms < e->item->usable_until_ms;
}

/* What may be given while another refreshes it: data that a failure has marked
 * as stale, or that is only just not fresh. */
static bool good_meanwhile(const struct liq_entry *e, int64_t at_ms)
{
    if (e->error.code != LIQ_OK)
        return usable(e, at_ms);
    return e->item && at_ms < e->item->meanwhile_until_ms;
}

static bool resting(const struct liq_entry *e, int64_t at_ms)
{
    return e->error.code != LIQ_OK && at_ms < e->retry_at_ms;
}

/* The last fill's verdict with whatever old item may still be shown. */
static void give(struct liq_cache *c, struct liq_entry *e, int64_t now_ms,
                 struct liq_waiter *w)
{
    w->why = e->error;
    if (usable(e, now_ms))
        w->item = liq_item_hold(e->item);
    if (e->error.code != LIQ_OK && w->item)
        liq_counts_of(&c->table, e)->stale++;
}

static void park(struct liq_cache *c, struct liq_entry *e, struct liq_waiter *w)
{
    w->next = e->waiter;
    e->waiter = w;
    c->table.counts[0].parked++;
    liq_counts_of(&c->table, e)->parked++;
    liq_counts_of(&c->table, e)->waits++;
}

/* The outcome of w, no longer in e's list, is set. */
static void unpark(struct liq_cache *c, struct liq_entry *e,
                   struct liq_waiter *w, struct liq_leaving *l)
{
    c->table.counts[0].parked--;
    liq_counts_of(&c->table, e)->parked--;
    w->next = l->waiters;
    l->waiters = w;
}

/* Under the lock.  True: the outcome is in *w.  *begin: the caller is to begin
 * a fill. */
static bool decide(struct liq_cache *c, struct liq_entry *e, int64_t now_ms,
                   bool may_fill, struct liq_waiter *w, bool *begin)
{
    bool wait;

    *begin = false;
    if (fresh(e, now_ms)) {
        liq_counts_of(&c->table, e)->hits++;
        w->item = liq_item_hold(e->item);
        return true;
    }
    *begin = may_fill && !liq_filling(e) && !resting(e, now_ms);
    if (*begin) {
        liq_counts_of(&c->table, e)->fills++;
        liq_list_remove(&c->table, e);
        liq_list_add(&c->table, e, LIQ_FILLING);
    }
    wait = may_fill && liq_filling(e) && !good_meanwhile(e, now_ms);
    if (wait)
        park(c, e, w);
    else
        give(c, e, now_ms, w);
    return !wait;
}

/* A new entry for key, to be filled; NULL with why. */
static struct liq_entry *enter_to_fill(struct liq_cache *c,
                                       const struct liq_key *key,
                                       int64_t asked_ms, struct liq_leaving *l,
                                       struct liq_reason *why)
{
    struct liq_entry *e;

    if (!liq_table_make_room(&c->table, l)) {
        c->table.counts[key->kind].refused++;
        liq_fail(why, LIQ_ELIMIT, "the cache is full of what is being made");
        return NULL;
    }
    e = liq_table_enter(&c->table, key);
    if (!e) {
        liq_fail(why, LIQ_ENOMEM, "no memory");
        return NULL;
    }
    e->last_asked_ms = asked_ms;
    liq_list_add(&c->table, e, LIQ_RANK_PAST);
    return e;
}

bool liq_cache_ask(struct liq_cache *c, const struct liq_key *key,
                   int64_t now_ms, bool background, liq_fill_fn *fill,
                   void *arg, struct liq_waiter *w)
{
    /* Once w is parked, its task may run and free it, and the key with it. */
    const struct liq_key copy = *key;
    const int64_t deadline_ms = w->deadline_ms;
    struct liq_leaving l = {0};
    struct liq_item *old = NULL;
    bool begin = false, at_once = true;
    struct liq_entry *e;

    w->item = NULL;
    w->why = (struct liq_reason){0};
    liq_lock_take(&c->lock);
    e = liq_table_find(&c->table, &copy);
    if (!e && fill)
        e = enter_to_fill(c, &copy, background ? LIQ_NEVER_ASKED : now_ms, &l,
                          &w->why);
    else if (e && !background)
        liq_entry_asked(&c->table, e, now_ms);
    if (e) {
        at_once = decide(c, e, now_ms, fill != NULL, w, &begin);
        old = begin ? liq_item_hold(e->item) : NULL;
    }
    if (at_once && !w->item && w->why.code == LIQ_OK)
        liq_fail(&w->why, LIQ_ENOTFOUND, "nothing is known yet");
    liq_lock_give(&c->lock);
    dispose(c, &l);
    if (begin)
        fill(arg, &copy, old, now_ms, deadline_ms);
    liq_item_release(old);
    return at_once;
}

/* Set how a fill ended, and the outcome of all who wait for it. */
static void end_fill(struct liq_cache *c, struct liq_entry *e, int64_t now_ms,
                     struct liq_item *made, const struct liq_reason *error,
                     struct liq_leaving *l)
{
    struct liq_waiter *w = e->waiter, *next;
    int64_t rest_ms = c->options.error_ms;

    if (made) {
        memset(&e->error, 0, sizeof e->error);
    } else {
        liq_counts_of(&c->table, e)->failures++;
        if (error->retry_after_ms > rest_ms)
            rest_ms = error->retry_after_ms;
        e->error = *error;
        e->retry_at_ms = now_ms + rest_ms;
    }
    e->waiter = NULL;
    for (; w; w = next) {
        next = w->next;
        if (made)
            w->item = liq_item_hold(made);
        else
            give(c, e, now_ms, w);
        unpark(c, e, w, l);
    }
}

void liq_cache_settle(struct liq_cache *c, const struct liq_key *key,
                      int64_t now_ms, struct liq_item *made,
                      const struct liq_reason *error)
{
    struct liq_leaving l = {0};
    struct liq_entry *e;

    liq_lock_take(&c->lock);
    e = liq_table_find(&c->table, key);
    assert(e && liq_filling(e) && (made || error->code != LIQ_OK));
    end_fill(c, e, now_ms, made, error, &l);
    liq_list_remove(&c->table, e);
    if (made)
        liq_table_put(&c->table, e, made, &l);
    else
        liq_list_add(&c->table, e, liq_list_of(e));
    liq_lock_give(&c->lock);
    dispose(c, &l);
}

struct liq_item *liq_cache_offer(struct liq_cache *c, const struct liq_key *key,
                                 int64_t now_ms, struct liq_item *item)
{
    struct liq_leaving l = {0};
    struct liq_item *kept = item;
    struct liq_entry *e;

    liq_lock_take(&c->lock);
    e = liq_table_find(&c->table, key);
    assert(!e || !liq_filling(e));
    if (e && usable(e, now_ms) && e->item->order >= item->order) {
        kept = liq_item_hold(e->item);
        l.replaced = item;
    } else {
        if (e)
            liq_list_remove(&c->table, e);
        else
            e = liq_table_enter(&c->table, key);
        if (e) {
            if (now_ms > e->last_asked_ms)
                e->last_asked_ms = now_ms;
            liq_table_put(&c->table, e, liq_item_hold(item), &l);
        }
    }
    liq_lock_give(&c->lock);
    dispose(c, &l);
    return kept;
}

struct liq_item *liq_cache_peek(struct liq_cache *c, const struct liq_key *key,
                                int64_t now_ms)
{
    struct liq_item *item = NULL;
    struct liq_entry *e;

    liq_lock_take(&c->lock);
    e = liq_table_find(&c->table, key);
    if (e && usable(e, now_ms)) {
        item = liq_item_hold(e->item);
        liq_entry_asked(&c->table, e, now_ms);
    }
    liq_lock_give(&c->lock);
    return item;
}

struct liq_item *liq_cache_fresh(struct liq_cache *c, const struct liq_key *key,
                                 int64_t now_ms)
{
    struct liq_item *item = NULL;
    struct liq_entry *e;

    liq_lock_take(&c->lock);
    e = liq_table_find(&c->table, key);
    if (e && fresh(e, now_ms)) {
        item = liq_item_hold(e->item);
        liq_counts_of(&c->table, e)->hits++;
        liq_entry_asked(&c->table, e, now_ms);
    }
    liq_lock_give(&c->lock);
    return item;
}

void liq_cache_drop(struct liq_cache *c, const struct liq_key *key)
{
    struct liq_leaving l = {0};
    struct liq_entry *e;

    liq_lock_take(&c->lock);
    e = liq_table_find(&c->table, key);
    if (e && !liq_filling(e)) {
        liq_list_remove(&c->table, e);
        liq_table_leave(&c->table, e, &l);
    }
    liq_lock_give(&c->lock);
    dispose(c, &l);
}

/* --- deadlines ------------------------------------------------------------ */

static void expire_entry(struct liq_cache *c, struct liq_entry *e,
                         int64_t now_ms, struct liq_leaving *l)
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
    struct liq_leaving l = {0};

    liq_lock_take(&c->lock);
    for (struct liq_entry *e = c->table.list[LIQ_FILLING].newest; e;
         e = e->older)
        expire_entry(c, e, now_ms, &l);
    liq_lock_give(&c->lock);
    dispose(c, &l);
}

/* --- all entries ---------------------------------------------------------- */

/* Whether it is worth a refresh that it is fresh at at_ms. */
static bool to_renew(const struct liq_entry *e, int64_t at_ms)
{
    return e->item && e->item->rank != LIQ_RANK_PAST && !liq_filling(e) &&
           !fresh(e, at_ms) && !resting(e, at_ms);
}

size_t liq_cache_hot(struct liq_cache *c, enum liq_kind kind, int64_t now_ms,
                     int64_t at_ms, int64_t hot_ms, struct liq_key *keys,
                     size_t max)
{
    struct liq_walk walk;
    struct liq_entry *e;
    size_t n = 0;

    liq_lock_take(&c->lock);
    walk = liq_walk_begin(&c->table);
    while (n < max && (e = liq_walk_next(&walk)) != NULL &&
           e->last_asked_ms >= now_ms - hot_ms) {
        if (e->key.kind == (int32_t)kind && to_renew(e, at_ms))
            keys[n++] = e->key;
    }
    liq_lock_give(&c->lock);
    return n;
}

size_t liq_cache_list(struct liq_cache *c, enum liq_kind kind,
                      struct liq_cache_entry *out, size_t max)
{
    struct liq_walk walk;
    struct liq_entry *e;
    size_t n = 0;

    liq_lock_take(&c->lock);
    walk = liq_walk_begin(&c->table);
    while (n < max && (e = liq_walk_next(&walk)) != NULL) {
        if (e->key.kind != (int32_t)kind)
            continue;
        out[n++] = (struct liq_cache_entry){.key = e->key,
                                            .item = liq_item_hold(e->item),
                                            .error = e->error,
                                            .last_asked_ms = e->last_asked_ms};
    }
    liq_lock_give(&c->lock);
    return n;
}

void liq_cache_count(struct liq_cache *c, enum liq_kind kind,
                     struct liq_cache_counts *out)
{
    liq_lock_take(&c->lock);
    *out = c->table.counts[kind];
    for (size_t k = 1; kind == 0 && k < LIQ_KINDS; k++) {
        out->hits += c->table.counts[k].hits;
        out->fills += c->table.counts[k].fills;
        out->failures += c->table.counts[k].failures;
        out->waits += c->table.counts[k].waits;
        out->stale += c->table.counts[k].stale;
        out->evicted += c->table.counts[k].evicted;
        out->refused += c->table.counts[k].refused;
    }
    liq_lock_give(&c->lock);
}

/* --- life ----------------------------------------------------------------- */

struct liq_cache *liq_cache_new(const struct liq_cache_options *o)
{
    struct liq_cache *c = calloc(1, sizeof *c);

    if (!c)
        return NULL;
    c->options = *o;
    c->table.max_bytes = o->max_bytes;
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
    for (size_t i = 0; i < LIQ_LISTS; i++) {
        struct liq_entry *e = c->table.list[i].newest, *older;

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
