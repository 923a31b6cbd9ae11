/*
 * The entries of a cache: a hash table, and lists of who was asked for when.
 * The caller holds the cache's lock.  Nothing is destroyed here: what leaves
 * the table is collected, to be disposed of without the lock.
 */
#ifndef LIQMAP_CACHE_TABLE_H
#define LIQMAP_CACHE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "liqmap/cache.h"

#define LIQ_NEVER_ASKED INT64_MIN
#define LIQ_BUCKETS 65536 /* a power of two; 256 MB hold 8 failed keys each */
#define LIQ_RANKS (LIQ_RANK_LIVE + 1)
#define LIQ_KINDS (LIQ_KIND_PLAIN + 1)

/* An entry is in the list of its item's rank (without an item: the lowest), or,
 * while it is filled, in one of its own, from which nothing is evicted. */
#define LIQ_FILLING LIQ_RANKS
#define LIQ_LISTS (LIQ_RANKS + 1)

struct liq_entry {
    struct liq_entry *chain;         /* next in the same bucket */
    struct liq_entry *newer, *older; /* in the same list */
    struct liq_key key;
    struct liq_item *item;     /* one reference, or NULL */
    struct liq_reason error;   /* of the last fill; code LIQ_OK: it went well */
    struct liq_waiter *waiter; /* only while it is filled; the last one first */
    size_t bytes;              /* as counted in the table */
    size_t list;
    int64_t retry_at_ms; /* when error.code is set: not before this */
    int64_t last_asked_ms;
};

/* Descending by last_asked_ms. */
struct liq_list {
    struct liq_entry *newest, *oldest;
    size_t bytes;
};

/* counts[0] has keys, bytes and parked of all kinds together. */
struct liq_table {
    size_t max_bytes;
    struct liq_entry *bucket[LIQ_BUCKETS];
    struct liq_list list[LIQ_LISTS];
    struct liq_cache_counts counts[LIQ_KINDS];
};

/* What has left and waits to be disposed of. */
struct liq_leaving {
    struct liq_entry *entries;  /* by chain */
    struct liq_waiter *waiters; /* their outcome is set */
    struct liq_item *replaced;
};

struct liq_entry *liq_table_find(struct liq_table *t,
                                 const struct liq_key *key);
/* A new entry for a key that has none, in no list; NULL when there is no
 * memory. */
struct liq_entry *liq_table_enter(struct liq_table *t,
                                  const struct liq_key *key);
/* Take out an entry that is in no list. */
void liq_table_leave(struct liq_table *t, struct liq_entry *e,
                     struct liq_leaving *l);

/* Where last_asked_ms places it. */
void liq_list_add(struct liq_table *t, struct liq_entry *e, size_t list);
void liq_list_remove(struct liq_table *t, struct liq_entry *e);
/* The list of an entry that is not filled. */
size_t liq_list_of(const struct liq_entry *e);
void liq_entry_asked(struct liq_table *t, struct liq_entry *e, int64_t now_ms);

/* Make room for a new entry at the cost of those of the lowest rank; false when
 * it does not fit even so. */
bool liq_table_make_room(struct liq_table *t, struct liq_leaving *l);
/* Give an item to e, which is in no list.  Without room for it e leaves, and
 * all others stay that were asked for lately. */
void liq_table_put(struct liq_table *t, struct liq_entry *e,
                   struct liq_item *item, struct liq_leaving *l);

static inline struct liq_cache_counts *liq_counts_of(struct liq_table *t,
                                                     const struct liq_entry *e)
{
    return &t->counts[e->key.kind];
}

static inline bool liq_filling(const struct liq_entry *e)
{
    return e->list == LIQ_FILLING;
}

/* A walk over all entries, the most recently asked for first. */
struct liq_walk {
    struct liq_entry *at[LIQ_LISTS];
};

struct liq_walk liq_walk_begin(const struct liq_table *t);
/* NULL at the end. */
struct liq_entry *liq_walk_next(struct liq_walk *w);

#endif
