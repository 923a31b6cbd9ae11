#include "table.h"

#include <stdlib.h>
#include <string.h>

/* Items leave this part of the bound to entries, so that a fill can begin when
 * the cache is full of items that it may not push out. */
#define ENTRIES_PART 16

/* Maps are asked for in rounds, by renewals: where they do not all fit, the one
 * that was asked for longest ago is needed next.  So one that was asked for so
 * lately, three rounds of 20 s, is not evicted for another map. */
#define ROUNDS_MS 60000

/* --- parts of items ------------------------------------------------------- */

/* Whether it counts as a part: without an entry, it stays as long as an item
 * that holds it. */
static bool only_held(const struct liq_item *item)
{
    return item->place.entries == 0 && item->place.holders > 0;
}

static void count_held(struct liq_table *t, const struct liq_item *item)
{
    t->list[item->place.list].bytes += item->bytes;
    t->counts[item->place.kind].bytes += item->bytes;
    t->counts[0].bytes += item->bytes;
}

static void discount_held(struct liq_table *t, const struct liq_item *item)
{
    t->list[item->place.list].bytes -= item->bytes;
    t->counts[item->place.kind].bytes -= item->bytes;
    t->counts[0].bytes -= item->bytes;
}

static void attach(struct liq_table *t, const struct liq_entry *e)
{
    struct liq_item *item = e->item;

    if (only_held(item))
        discount_held(t, item);
    item->place.entries++;
    for (size_t i = 0; i < item->n_part; i++) {
        struct liq_item *part = item->part[i];

        if (part->place.holders++ > 0)
            continue;
        part->place.list = (size_t)item->rank;
        part->place.kind = (size_t)e->key.kind;
        if (only_held(part))
            count_held(t, part);
    }
}

static void detach(struct liq_table *t, const struct liq_entry *e)
{
    struct liq_item *item = e->item;

    for (size_t i = 0; item && i < item->n_part; i++) {
        struct liq_item *part = item->part[i];

        if (part->place.holders == 1 && only_held(part))
            discount_held(t, part);
        part->place.holders--;
    }
    if (item && --item->place.entries == 0 && item->place.holders > 0)
        count_held(t, item);
}

/* --- the table ------------------------------------------------------------ */

/* FNV-1a, 64 bits. */
static struct liq_entry **bucket_of(struct liq_table *t,
                                    const struct liq_key *key)
{
    const unsigned char *p = (const unsigned char *)key;
    uint64_t hash = UINT64_C(14695981039346656037);

    for (size_t i = 0; i < sizeof *key; i++)
        hash = (hash ^ p[i]) * UINT64_C(1099511628211);
    return &t->bucket[(hash ^ hash >> 32) & (LIQ_BUCKETS - 1)];
}

struct liq_entry *liq_table_find(struct liq_table *t, const struct liq_key *key)
{
    struct liq_entry *e = *bucket_of(t, key);

    while (e && memcmp(&e->key, key, sizeof *key) != 0)
        e = e->chain;
    return e;
}

struct liq_entry *liq_table_enter(struct liq_table *t,
                                  const struct liq_key *key)
{
    struct liq_entry *e = calloc(1, sizeof *e), **bucket;

    if (!e)
        return NULL;
    bucket = bucket_of(t, key);
    e->key = *key;
    e->last_asked_ms = LIQ_NEVER_ASKED;
    e->chain = *bucket;
    *bucket = e;
    t->counts[0].keys++;
    liq_counts_of(t, e)->keys++;
    return e;
}

void liq_table_leave(struct liq_table *t, struct liq_entry *e,
                     struct liq_leaving *l)
{
    struct liq_entry **link = bucket_of(t, &e->key);

    while (*link != e)
        link = &(*link)->chain;
    *link = e->chain;
    detach(t, e);
    t->counts[0].keys--;
    liq_counts_of(t, e)->keys--;
    e->chain = l->entries;
    l->entries = e;
}

/* --- lists and bytes ------------------------------------------------------ */

void liq_list_remove(struct liq_table *t, struct liq_entry *e)
{
    struct liq_list *l = &t->list[e->list];

    *(e->newer ? &e->newer->older : &l->newest) = e->older;
    *(e->older ? &e->older->newer : &l->oldest) = e->newer;
    l->bytes -= e->bytes;
    t->counts[0].bytes -= e->bytes;
    liq_counts_of(t, e)->bytes -= e->bytes;
}

void liq_list_add(struct liq_table *t, struct liq_entry *e, size_t list)
{
    struct liq_list *l = &t->list[list];
    struct liq_entry *newer = NULL, *older = l->newest;

    /* What nobody asked for is the oldest of all: no walk over a full list. */
    if (l->oldest && l->oldest->last_asked_ms > e->last_asked_ms) {
        newer = l->oldest;
        older = NULL;
    }
    /* A fill ends later than others were asked for, so a few steps. */
    for (; older && older->last_asked_ms > e->last_asked_ms;
         older = newer->older)
        newer = older;
    e->newer = newer;
    e->older = older;
    *(newer ? &newer->older : &l->newest) = e;
    *(older ? &older->newer : &l->oldest) = e;
    e->list = list;
    e->bytes = sizeof *e + (e->item ? e->item->bytes : 0);
    l->bytes += e->bytes;
    t->counts[0].bytes += e->bytes;
    liq_counts_of(t, e)->bytes += e->bytes;
}

size_t liq_list_of(const struct liq_entry *e)
{
    return e->item ? (size_t)e->item->rank : LIQ_RANK_PAST;
}

void liq_entry_asked(struct liq_table *t, struct liq_entry *e, int64_t now_ms)
{
    if (now_ms < e->last_asked_ms)
        return;
    liq_list_remove(t, e);
    e->last_asked_ms = now_ms;
    liq_list_add(t, e, e->list);
}

static bool fits(size_t bytes, size_t used, size_t limit)
{
    return used <= limit && bytes <= limit - used;
}

static size_t item_limit(const struct liq_table *t)
{
    return t->max_bytes - t->max_bytes / ENTRIES_PART;
}

/* Whether e makes room for an item of this rank that was asked for then. */
static bool makes_room(const struct liq_entry *e, enum liq_rank rank,
                       int64_t asked_ms)
{
    return rank != LIQ_RANK_MAP || e->list != LIQ_RANK_MAP ||
           e->last_asked_ms + ROUNDS_MS < asked_ms;
}

/* Evict entries of up to this rank until so many bytes more fit the limit;
 * false when none is left. */
static bool make_room(struct liq_table *t, enum liq_rank rank, int64_t asked_ms,
                      size_t bytes, struct liq_leaving *l)
{
    for (size_t r = 0; r <= (size_t)rank; r++) {
        struct liq_entry *e;

        while (!fits(bytes, t->counts[0].bytes, item_limit(t)) &&
               (e = t->list[r].oldest) != NULL &&
               makes_room(e, rank, asked_ms)) {
            liq_counts_of(t, e)->evicted++;
            liq_list_remove(t, e);
            liq_table_leave(t, e, l);
        }
    }
    return fits(bytes, t->counts[0].bytes, item_limit(t));
}

bool liq_table_make_room(struct liq_table *t, struct liq_leaving *l)
{
    (void)make_room(t, LIQ_RANK_PAST, 0, sizeof(struct liq_entry), l);
    return fits(sizeof(struct liq_entry), t->counts[0].bytes, t->max_bytes);
}

/* Whether an item of this rank and size fits if all that it may push out goes:
 * not what it holds itself. */
static bool may_fit(const struct liq_table *t, const struct liq_item *item)
{
    size_t rest = sizeof(struct liq_entry);

    for (size_t i = (size_t)item->rank + 1; i < LIQ_LISTS; i++)
        rest += t->list[i].bytes;
    for (size_t i = 0; i < item->n_part; i++) {
        const struct liq_item *part = item->part[i];

        if (only_held(part) || part->rank <= item->rank)
            rest += part->bytes;
    }
    return fits(item->bytes, rest, item_limit(t));
}

void liq_table_put(struct liq_table *t, struct liq_entry *e,
                   struct liq_item *item, struct liq_leaving *l)
{
    detach(t, e);
    l->replaced = e->item;
    e->item = item;
    attach(t, e);
    /* Not what is held by items of different ranks: it counts with one. */
    if (may_fit(t, item) && make_room(t, item->rank, e->last_asked_ms,
                                      sizeof *e + item->bytes, l)) {
        liq_list_add(t, e, liq_list_of(e));
    } else {
        liq_counts_of(t, e)->refused++;
        liq_table_leave(t, e, l);
    }
}

/* --- a walk over all entries ---------------------------------------------- */

struct liq_walk liq_walk_begin(const struct liq_table *t)
{
    struct liq_walk w;

    for (size_t i = 0; i < LIQ_LISTS; i++)
        w.at[i] = t->list[i].newest;
    return w;
}

struct liq_entry *liq_walk_next(struct liq_walk *w)
{
    struct liq_entry **best = &w->at[0], *e;

    for (size_t i = 1; i < LIQ_LISTS; i++) {
        if (w->at[i] &&
            (!*best || w->at[i]->last_asked_ms > (*best)->last_asked_ms))
            best = &w->at[i];
    }
    e = *best;
    if (e)
        *best = e->older;
    return e;
}
