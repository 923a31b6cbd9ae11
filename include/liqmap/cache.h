/*
 * The one cache: series, symbol lists, documents, weights, maps and responses;
 * immutable once published, counted, bounded in bytes.  One fill at a time per
 * key; whoever must wait for it is parked in the entry and costs no thread.
 */
#ifndef LIQMAP_CACHE_H
#define LIQMAP_CACHE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "liqmap/err.h"
#include "liqmap/work.h"

/* --- items ---------------------------------------------------------------- */

/*
 * What goes first when the cache is full: the lowest rank, and within it what
 * was asked for longest ago.  An item never pushes out one of a higher rank,
 * nor a map another that was asked for in the last minute.
 */
enum liq_rank {
    LIQ_RANK_PAST,    /* made for a moment in the past, or for one cell */
    LIQ_RANK_MAP,     /* large, and computed again from its series */
    LIQ_RANK_DERIVED, /* responses: computed again without the net */
    LIQ_RANK_LIVE     /* live series and what else comes from an exchange */
};

/* Where an item is in the cache: the entries whose item it is, and those whose
 * item it is a part of; and where it counts while it has only the latter. */
struct liq_item_place {
    size_t entries, holders, list, kind;
};

/*
 * First member of whatever is cached.  Born with refs = 1 by liq_item_init; the
 * last release calls destroy.  Times are on the monotonic clock.
 *
 * bytes    what it holds, itself included, its parts not
 * part     [n_part] other items that it holds, which may have entries of their
 *          own: each counts once, however many items hold it
 * order    liq_cache_offer keeps the item of the higher order
 * place    the cache's
 */
struct liq_item {
    atomic_int refs;
    void (*destroy)(struct liq_item *item);
    size_t bytes;
    struct liq_item *const *part;
    size_t n_part;
    struct liq_item_place place;
    enum liq_rank rank;
    int64_t order;
    int64_t fresh_until_ms;     /* served without asking anybody */
    int64_t meanwhile_until_ms; /* >= fresh: served while another refreshes */
    int64_t usable_until_ms;    /* >= meanwhile: served, with the error, when
                                   the refresh failed */
};

void liq_item_init(struct liq_item *item, void (*destroy)(struct liq_item *));
struct liq_item *liq_item_hold(struct liq_item *item); /* NULL is fine */
void liq_item_release(struct liq_item *item);          /* NULL is fine */

/* --- keys ----------------------------------------------------------------- */

enum liq_kind {
    LIQ_KIND_SERIES = 1, /* candles and statistics of one exchange */
    LIQ_KIND_SYMBOLS,    /* what an exchange lists */
    LIQ_KIND_DOCUMENT,   /* a parsed body of an exchange */
    LIQ_KIND_OUTAGE,     /* an exchange that was found down */
    LIQ_KIND_WEIGHTS,    /* of the exchanges in a sum */
    LIQ_KIND_MAP,        /* a run of the model */
    LIQ_KIND_DEPTH,      /* the order book of one exchange */
    LIQ_KIND_RESPONSE,   /* encoded and compressed */
    LIQ_KIND_DELTA,      /* what changed between two responses */
    LIQ_KIND_PLAIN       /* a response without compression, by its tag */
};

/* Compared byte by byte: begin with memset to 0 (liq_key_of does) and set what
 * the kind needs. */
struct liq_key {
    int32_t kind;      /* enum liq_kind */
    int32_t number;    /* which route, which endpoint */
    char exchange[16]; /* "" when the kind has none */
    char symbol[48];
    int64_t display_ms;
    int64_t end_ms; /* 0: live */
    int64_t time_ms;
    int32_t choice, contracts, bars, rows, range_tenths;
    int32_t age; /* of a delta: how many responses ago it begins */
    uint32_t tiers, sides;
    double price, leverage, margin_rate, lambda, band;
    uint64_t look; /* of an image: its size and colours; 0: none */
};

/* All zero but kind, exchange and symbol (cut to fit; NULL: ""). */
struct liq_key liq_key_of(enum liq_kind kind, const char *exchange,
                          const char *symbol);

/* --- the cache ------------------------------------------------------------ */

struct liq_cache;

struct liq_cache_options {
    struct liq_work *work; /* borrowed: where waiters are woken */
    size_t max_bytes;      /* of all items and entries together, at all times;
                              a sixteenth of it is kept for entries */
    int64_t error_ms;      /* a failed fill is not tried again for this long, or
                              for the reason's retry_after_ms if that is longer */
};

struct liq_cache *liq_cache_new(const struct liq_cache_options *o);
/* Nothing may be filled any more, and so nobody waits. */
void liq_cache_free(struct liq_cache *c);

/*
 * Somebody who asks for a key, and what he gets.  Filled by the caller down to
 * deadline_ms; kept by him until the outcome is there.
 *
 * task  posted to lane when the outcome is there; not when it is at once
 * item  a reference for liq_item_release, or NULL
 * why   code LIQ_OK: item is as fresh as it should be; else why not, with an
 *       old item that may still be shown, or NULL
 */
struct liq_waiter {
    struct liq_task task;
    enum liq_lane lane;
    int64_t deadline_ms; /* monotonic */
    struct liq_item *item;
    struct liq_reason why;
    struct liq_waiter *next; /* the cache's */
};

/*
 * Begin to make the item for a key, so that it is fresh at now_ms; old is what
 * the cache has (NULL: nothing; borrowed for the call).  Must lead to exactly
 * one liq_cache_settle for the key, on any thread, perhaps before it returns,
 * and by deadline_ms.  Runs without any lock.
 */
typedef void liq_fill_fn(void *arg, const struct liq_key *key,
                         struct liq_item *old, int64_t now_ms,
                         int64_t deadline_ms);

/*
 * Ask for a key.  True: the outcome is in *w at once.  False: w is parked until
 * the fill is settled or w's deadline passes, then its task runs, perhaps
 * before this returns; key is copied.
 *
 * Fresh at now_ms: at once.  Else, when nobody fills it, fill is called; and
 * the old item is given at once within its meanwhile, else w waits.  A fill
 * that failed is remembered: until it may be tried again callers get the old
 * item (if usable) with the error, or the error, at once; an old item given
 * while the next fill runs comes with that error too.  With fill NULL nothing
 * is begun: what there is is given at once, LIQ_ENOTFOUND if that is nothing.
 *
 * background  does not count as somebody's interest (liq_cache_hot)
 *
 * Errors besides those of fills: LIQ_ETIMEOUT (the deadline passed; old item if
 * usable), LIQ_ENOMEM, LIQ_ELIMIT (a new entry does not fit the bound beside
 * those that are filled and the items that it may not push out).
 */
bool liq_cache_ask(struct liq_cache *c, const struct liq_key *key,
                   int64_t now_ms, bool background, liq_fill_fn *fill,
                   void *arg, struct liq_waiter *w);

/* End the fill of a key: item made (the caller's reference goes over), or NULL
 * with *error.  Wakes everybody who waits for it.  An item that does not fit
 * the bound is given to those and not kept. */
void liq_cache_settle(struct liq_cache *c, const struct liq_key *key,
                      int64_t now_ms, struct liq_item *made,
                      const struct liq_reason *error);

/* Publish an item of a key that is never filled, unless the cache has one of
 * the same or a higher order that is usable at now_ms.  Takes over the
 * reference; returns one to the item that is kept (the other's, or the offered
 * one even if it did not fit). */
struct liq_item *liq_cache_offer(struct liq_cache *c, const struct liq_key *key,
                                 int64_t now_ms, struct liq_item *item);

/* What is there and usable at now_ms, fresh or not: a reference, or NULL.
 * Counts as somebody's interest. */
struct liq_item *liq_cache_peek(struct liq_cache *c, const struct liq_key *key,
                                int64_t now_ms);

/* What is there and fresh at now_ms: a reference, and counted as what asking
 * gives at once; else NULL, and nothing has happened. */
struct liq_item *liq_cache_fresh(struct liq_cache *c, const struct liq_key *key,
                                 int64_t now_ms);

/* Drop an entry that nobody fills. */
void liq_cache_drop(struct liq_cache *c, const struct liq_key *key);

/* Give waiters whose deadline has passed what there is.  To be called some ten
 * times a second. */
void liq_cache_expire(struct liq_cache *c, int64_t now_ms);

/*
 * Up to max keys of the kind whose item is not fresh at at_ms although somebody
 * asked for it within the last hot_ms before now_ms, the most recently asked
 * for first; those nobody fills just now, that do not rest after a failure at
 * at_ms, and that were filled once.  Items of LIQ_RANK_PAST are left out: they
 * do not change.  Returns how many.
 */
size_t liq_cache_hot(struct liq_cache *c, enum liq_kind kind, int64_t now_ms,
                     int64_t at_ms, int64_t hot_ms, struct liq_key *keys,
                     size_t max);

struct liq_cache_counts {
    size_t keys, bytes, parked;
    uint64_t hits, fills, failures, waits, stale, evicted, refused;
};
/* kind 0: all kinds together; bytes and keys are then the cache's. */
void liq_cache_count(struct liq_cache *c, enum liq_kind kind,
                     struct liq_cache_counts *out);

/* One entry of a kind as liq_cache_list found it; item NULL: never filled. */
struct liq_cache_entry {
    struct liq_key key;
    struct liq_item *item; /* a reference */
    struct liq_reason error;
    int64_t last_asked_ms;
};
/* Up to max entries of the kind, the most recently asked for first; each item
 * goes to liq_item_release.  Returns how many. */
size_t liq_cache_list(struct liq_cache *c, enum liq_kind kind,
                      struct liq_cache_entry *out, size_t max);

#endif
