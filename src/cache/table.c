#include "table.h"

#include <stdlib.h>
#include <string.h>

/* Items leave this part of the bound to entries, so that a fill can begin when
 * the cache is full of items that it may not push out. */
#define ENTRIES_PART 16

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
    t->counts[0].keys--;
    liq_counts_of(t, e)->keys--;
    e->chain = l->entries;
    l->entries = e;
}

/* --- lists and bytes ------------------------------------------------------ */

/* The last of the lists that have the item; LIQ_LISTS: none has. */
static size_t last_list(const struct liq_item *item)
{
    size_t i = LIQ_LISTS;

    while (i > 0 && item->counted[i - 1] == 0)
        i--;
    return i > 0 ? i - 1 : LIQ_LISTS;
}

static void add_bytes(struct liq_table *t, size_t list, size_t bytes)
{
    t->list[list].bytes += bytes;
    t->counts[0].bytes += bytes;
}

static void subtract_bytes(struct liq_table *t, size_t list, size_t bytes)
{
    t->list[list].bytes -= bytes;
    t->counts[0].bytes -= bytes;
}

/* One entry more of a list has the item, or one less. */
static void count_item(struct liq_table *t, struct liq_item *item, size_t list,
                       bool more)
{
    size_t before = last_list(item), now;

    item->counted[list] += more ? 1 : UINT32_MAX;
    now = last_list(item);
    if (before == now)
        return;
    if (before < LIQ_LISTS)
        subtract_bytes(t, before, item->bytes);
    if (now < LIQ_LISTS)
        add_bytes(t, now, item->bytes);
}

/* The same for all that an entry of that list keeps. */
static void count_items(struct liq_table *t, struct liq_item *item, size_t list,
                        bool more)
{
    if (!item)
        return;
    count_item(t, item, list, more);
    for (size_t i = 0; i < item->n_part; i++)
        count_item(t, item->part[i], list, more);
}

void liq_list_remove(struct liq_table *t, struct liq_entry *e)
{
    struct liq_list *l = &t->list[e->list];

    *(e->newer ? &e->newer->older : &l->newest) = e->older;
    *(e->older ? &e->older->newer : &l->oldest) = e->newer;
    subtract_bytes(t, e->list, sizeof *e);
    count_items(t, e->item, e->list, false);
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
    add_bytes(t, list, sizeof *e);
    count_items(t, e->item, list, true);
    e->bytes = sizeof *e + (e->item ? e->item->bytes : 0);
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

/* What an entry with this item (NULL: without one) takes besides what is there
 * already. */
static size_t bytes_more(const struct liq_item *item)
{
    size_t bytes = sizeof(struct liq_entry) + (item ? item->bytes : 0);

    for (size_t i = 0; item && i < item->n_part; i++)
        if (last_list(item->part[i]) == LIQ_LISTS)
            bytes += item->part[i]->bytes;
    return bytes;
}

/* Evict entries of up to this rank until an entry with the item fits the limit,
 * or none is left. */
static void make_room(struct liq_table *t, enum liq_rank rank,
                      const struct liq_item *item, struct liq_leaving *l)
{
    for (size_t r = 0; r <= (size_t)rank; r++) {
        struct liq_entry *e;

        while (!fits(bytes_more(item), t->counts[0].bytes, item_limit(t)) &&
               (e = t->list[r].oldest) != NULL) {
            liq_counts_of(t, e)->evicted++;
            liq_list_remove(t, e);
            liq_table_leave(t, e, l);
        }
    }
}

bool liq_table_make_room(struct liq_table *t, struct liq_leaving *l)
{
    make_room(t, LIQ_RANK_PAST, NULL, l);
    return fits(sizeof(struct liq_entry), t->counts[0].bytes, t->max_bytes);
}

/* Whether an item of this rank and size fits if all that it may push out
 * goes. */
static bool may_fit(const struct liq_table *t, const struct liq_item *item)
{
    size_t rest = sizeof(struct liq_entry);

    for (size_t i = (size_t)item->rank + 1; i < LIQ_LISTS; i++)
        rest += t->list[i].bytes;
    for (size_t i = 0; i < item->n_part; i++) {
        size_t list = last_list(item->part[i]);

        if (list == LIQ_LISTS || list <= (size_t)item->rank)
            rest += item->part[i]->bytes;
    }
    return fits(item->bytes, rest, item_limit(t));
}

void liq_table_put(struct liq_table *t, struct liq_entry *e,
                   struct liq_item *item, struct liq_leaving *l)
{
    l->replaced = e->item;
    e->item = item;
    if (may_fit(t, item)) {
        make_room(t, item->rank, item, l);
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
