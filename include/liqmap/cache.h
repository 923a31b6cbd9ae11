/* Fresh, stale, and one fill at a time per key, for things that are counted and
 * never change once published. */
#ifndef LIQMAP_CACHE_H
#define LIQMAP_CACHE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "liqmap/err.h"

#define LIQ_CACHE_KEY_SIZE 256

/* First member of whatever is cached.  Born with refs = 1 by liq_item_init;
 * the last release calls destroy.  Times are on the monotonic clock. */
struct liq_item {
    atomic_int refs;
    void (*destroy)(struct liq_item *item);
    int64_t fresh_until_ms;     /* served without asking anybody */
    int64_t meanwhile_until_ms; /* >= fresh: served while another refreshes */
    int64_t usable_until_ms;    /* >= meanwhile: served, with the error, when
                                   the refresh failed */
};

void liq_item_init(struct liq_item *item, void (*destroy)(struct liq_item *));
struct liq_item *liq_item_hold(struct liq_item *item);
void liq_item_release(struct liq_item *item); /* NULL is fine */

/*
 * Make the item for a key.  old is what the cache has (NULL: nothing; borrowed
 * for the call).  now_ms is the moment the result must be fresh for.  On
 * success *out is one reference that the cache takes over; on failure *why is
 * filled.  Runs without any lock of the cache.
 */
typedef enum liq_err liq_fill_fn(void *arg, const char *key,
                                 struct liq_item *old, int64_t now_ms,
                                 struct liq_item **out, struct liq_reason *why);

struct liq_cache;

struct liq_cache_options {
    size_t max_keys;  /* above it the key asked longest ago goes; one that is
                         being filled or waited for never goes */
    int64_t error_ms; /* a failed fill is not tried again for this long, or
                         for the reason's retry_after_ms if that is longer */
};

struct liq_cache *liq_cache_new(const struct liq_cache_options *o);
void liq_cache_free(struct liq_cache *c);

/*
 * Give the item for key (shorter than LIQ_CACHE_KEY_SIZE), making it with fill
 * if need be.
 *
 * Fresh at now_ms: at once.  Else the first caller runs fill with no lock held
 * and takes what it made; the others get the old item at once within its
 * meanwhile, else wait at most wait_ms of real time for the first one's result.
 * A fill that failed is remembered: until it may be tried again callers get
 * the old item (if usable) with the error, or the error, at once; an old item
 * given while the next fill runs comes with that error too.
 *
 * background  the call does not count as somebody's interest (see
 *             liq_cache_hot)
 * *out        a reference for liq_item_release, or NULL
 *
 * LIQ_OK with an item; or an error with an old, still usable item in *out and
 * *why filled (LIQ_ETIMEOUT: waited wait_ms in vain); or an error with *out
 * NULL: the fill's own, LIQ_ETIMEOUT, LIQ_ELIMIT (max_keys all busy),
 * LIQ_EINVAL (key too long).
 */
LIQ_MUST_CHECK enum liq_err liq_cache_get(struct liq_cache *c, const char *key,
                                          int64_t now_ms, int64_t wait_ms,
                                          bool background, liq_fill_fn *fill,
                                          void *arg, struct liq_item **out,
                                          struct liq_reason *why);

/*
 * What liq_cache_get would answer at now_ms without fill and without wait.
 * True: *err, *out and *why are that answer, and it counts as interest.  False:
 * it would have to fill or to wait; *out is then the old item if that is still
 * usable, else NULL.  *out is a reference for liq_item_release.
 */
bool liq_cache_peek(struct liq_cache *c, const char *key, int64_t now_ms,
                    enum liq_err *err, struct liq_item **out,
                    struct liq_reason *why);

/* Up to max keys whose item is not fresh at at_ms although somebody asked for
 * it within the last hot_ms before now_ms; those nobody fills just now, that
 * do not rest after a failure, and that were filled once. Returns how many. */
size_t liq_cache_hot(struct liq_cache *c, int64_t now_ms, int64_t at_ms,
                     int64_t hot_ms, char (*keys)[LIQ_CACHE_KEY_SIZE],
                     size_t max);

struct liq_cache_counts {
    size_t keys;
    uint64_t hits, fills, failures, waits, stale;
};
void liq_cache_count(struct liq_cache *c, struct liq_cache_counts *out);

/* Visit every key with its item (NULL: none) and last error, under the lock:
 * see must be quick and must not call the cache. */
void liq_cache_each(struct liq_cache *c,
                    void (*see)(void *arg, const char *key,
                                const struct liq_item *item,
                                const struct liq_reason *last_error,
                                int64_t last_asked_ms),
                    void *arg);

#endif
