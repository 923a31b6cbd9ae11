/*
 * A hash map of entries under one mutex.  An entry that somebody fills or waits
 * for has users > 0 and is never evicted, so a pointer to it stays good while
 * the mutex is open.  Each entry has its own condition variable: a finished
 * fill wakes those who wait for that key and nobody else.
 */
#include "liqmap/cache.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NEVER_ASKED INT64_MIN

struct entry {
    struct entry *chain;         /* next in the same bucket */
    struct entry *newer, *older; /* by last asked */
    struct liq_item *item;       /* one reference, or NULL */
    struct liq_reason error; /* of the last fill; code LIQ_OK: it went well */
    pthread_cond_t finished;
    uint64_t fills_done;
    int64_t retry_at_ms; /* when error.code is set: not before this */
    int64_t last_asked_ms;
    unsigned users;
    bool filling;
    char key[LIQ_CACHE_KEY_SIZE];
};

struct liq_cache {
    struct liq_cache_options options;
    pthread_mutex_t lock;
    pthread_condattr_t monotonic;
    struct entry **bucket; /* [n_bucket], a power of two */
    size_t n_bucket;
    struct entry *newest, *oldest;
    struct liq_cache_counts counts;
};

void liq_item_init(struct liq_item *item, void (*destroy)(struct liq_item *))
{
    atomic_init(&item->refs, 1);
    item->destroy = destroy;
    item->fresh_until_ms = 0;
    item->meanwhile_until_ms = 0;
    item->usable_until_ms = 0;
}

struct liq_item *liq_item_hold(struct liq_item *item)
{
    atomic_fetch_add_explicit(&item->refs, 1, memory_order_relaxed);
    return item;
}

void liq_item_release(struct liq_item *item)
{
    if (item &&
        atomic_fetch_sub_explicit(&item->refs, 1, memory_order_acq_rel) == 1)
        item->destroy(item);
}

/* --- the map ------------------------------------------------------------- */

/* FNV-1a, 64 bits. */
static struct entry **bucket_of(struct liq_cache *c, const char *key)
{
    uint64_t hash = UINT64_C(14695981039346656037);

    for (; *key; key++)
        hash = (hash ^ (unsigned char)*key) * UINT64_C(1099511628211);
    return &c->bucket[(hash ^ hash >> 32) & (c->n_bucket - 1)];
}

static struct entry *find(struct liq_cache *c, const char *key)
{
    struct entry *e = *bucket_of(c, key);

    while (e && strcmp(e->key, key) != 0)
        e = e->chain;
    return e;
}

static void order_remove(struct liq_cache *c, struct entry *e)
{
    *(e->newer ? &e->newer->older : &c->newest) = e->older;
    *(e->older ? &e->older->newer : &c->oldest) = e->newer;
}

static void order_add_newest(struct liq_cache *c, struct entry *e)
{
    e->newer = NULL;
    e->older = c->newest;
    *(c->newest ? &c->newest->newer : &c->oldest) = e;
    c->newest = e;
}

static void order_add_oldest(struct liq_cache *c, struct entry *e)
{
    e->older = NULL;
    e->newer = c->oldest;
    *(c->oldest ? &c->oldest->older : &c->newest) = e;
    c->oldest = e;
}

static void entry_free(struct entry *e)
{
    assert(e->users == 0);
    pthread_cond_destroy(&e->finished);
    free(e);
}

/* Take the idle entry asked for longest ago out of the map; its item comes
 * back in *item, to be released once the mutex is open.  False: all busy. */
static bool evict(struct liq_cache *c, struct liq_item **item)
{
    struct entry *e = c->oldest, **link;

    while (e && e->users > 0)
        e = e->newer;
    if (!e)
        return false;
    for (link = bucket_of(c, e->key); *link != e; link = &(*link)->chain)
        ;
    *link = e->chain;
    order_remove(c, e);
    c->counts.keys--;
    *item = e->item;
    entry_free(e);
    return true;
}

static struct entry *entry_new(struct liq_cache *c, const char *key)
{
    struct entry *e = calloc(1, sizeof *e);
    struct entry **bucket = bucket_of(c, key);

    if (!e)
        return NULL;
    if (pthread_cond_init(&e->finished, &c->monotonic) != 0) {
        free(e);
        return NULL;
    }
    memcpy(e->key, key, strlen(key) + 1);
    e->last_asked_ms = NEVER_ASKED;
    e->chain = *bucket;
    *bucket = e;
    order_add_oldest(c, e);
    c->counts.keys++;
    return e;
}

/* The entry of key, made if need be. */
static enum liq_err enter(struct liq_cache *c, const char *key,
                          struct entry **out, struct liq_item **evicted,
                          struct liq_reason *why)
{
    *out = find(c, key);
    if (*out)
        return LIQ_OK;
    if (c->counts.keys >= c->options.max_keys && !evict(c, evicted))
        return liq_fail(why, LIQ_ELIMIT, "all %zu cache keys are busy",
                        c->options.max_keys);
    *out = entry_new(c, key);
    return *out ? LIQ_OK : liq_fail(why, LIQ_ENOMEM, "no memory for a key");
}

static void note_asked(struct liq_cache *c, struct entry *e, int64_t now_ms)
{
    if (now_ms > e->last_asked_ms)
        e->last_asked_ms = now_ms;
    order_remove(c, e);
    order_add_newest(c, e);
}

/* --- what to do with a key --------------------------------------------------
 */

static bool fresh(const struct entry *e, int64_t at_ms)
{
    return e->item && at_ms < e->item->fresh_until_ms;
}

static bool usable(const struct entry *e, int64_t at_ms)
{
    return e->item && at_ms < e->item->usable_until_ms;
}

/* What may be given while another refreshes it: data that a failure has marked
 * as old, or that is only just not fresh. */
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
static enum liq_err give_old(struct liq_cache *c, struct entry *e,
                             int64_t now_ms, struct liq_item **out,
                             struct liq_reason *why)
{
    if (usable(e, now_ms)) {
        *out = liq_item_hold(e->item);
        c->counts.stale++;
    }
    *why = e->error;
    return e->error.code;
}

/* True when the key can be answered with neither fill nor wait; then *err, *out
 * and *why are the answer. */
static bool at_once(struct liq_cache *c, struct entry *e, int64_t now_ms,
                    enum liq_err *err, struct liq_item **out,
                    struct liq_reason *why)
{
    if (fresh(e, now_ms)) {
        c->counts.hits++;
        *out = liq_item_hold(e->item);
        *err = LIQ_OK;
        return true;
    }
    if (e->filling ? good_meanwhile(e, now_ms) : resting(e, now_ms)) {
        *err = give_old(c, e, now_ms, out, why);
        return true;
    }
    return false;
}

static int64_t real_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static struct timespec real_after(int64_t wait_ms)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_sec += (time_t)(wait_ms / 1000);
    t.tv_nsec += (long)(wait_ms % 1000) * 1000000;
    if (t.tv_nsec >= 1000000000) {
        t.tv_nsec -= 1000000000;
        t.tv_sec++;
    }
    return t;
}

/* Under the lock: wait for the fill that is running. */
static enum liq_err wait_for(struct liq_cache *c, struct entry *e,
                             int64_t now_ms, int64_t wait_ms,
                             struct liq_item **out, struct liq_reason *why)
{
    struct timespec until = real_after(wait_ms > 0 ? wait_ms : 0);
    uint64_t before = e->fills_done;
    enum liq_err err = LIQ_OK;
    int rc = 0;

    c->counts.waits++;
    e->users++;
    while (e->fills_done == before && rc == 0)
        rc = pthread_cond_timedwait(&e->finished, &c->lock, &until);
    e->users--;
    if (e->fills_done == before && usable(e, now_ms))
        *out = liq_item_hold(e->item);
    if (e->fills_done == before)
        return liq_fail(why, LIQ_ETIMEOUT,
                        "waited %lld ms for another's refresh",
                        (long long)wait_ms);
    if (e->error.code != LIQ_OK)
        err = give_old(c, e, now_ms, out, why);
    else
        *out = liq_item_hold(e->item);
    return err;
}

/* Under the lock: note how a fill went.  Returns the item that it replaced. */
static struct liq_item *finish(struct liq_cache *c, struct entry *e,
                               int64_t now_ms, struct liq_item *made,
                               const struct liq_reason *error)
{
    struct liq_item *replaced = NULL;
    int64_t rest_ms = c->options.error_ms;

    e->error = error->code ? *error : (struct liq_reason){0};
    if (error->code != LIQ_OK) {
        c->counts.failures++;
        if (error->retry_after_ms > rest_ms)
            rest_ms = error->retry_after_ms;
        e->retry_at_ms = now_ms + rest_ms;
    } else {
        replaced = e->item;
        e->item = made;
    }
    e->filling = false;
    e->fills_done++;
    pthread_cond_broadcast(&e->finished);
    return replaced;
}

/* Called and left with the lock held; the lock is open while fill runs. */
static enum liq_err fill_entry(struct liq_cache *c, struct entry *e,
                               int64_t now_ms, liq_fill_fn *fill, void *arg,
                               struct liq_item **out, struct liq_reason *why)
{
    struct liq_reason error = {0};
    struct liq_item *made = NULL, *replaced;
    int64_t began_ms = real_ms();

    c->counts.fills++;
    e->users++;
    e->filling = true;
    pthread_mutex_unlock(&c->lock);
    error.code = fill(arg, e->key, e->item, now_ms, &made, &error);
    assert((error.code == LIQ_OK) == (made != NULL));
    pthread_mutex_lock(&c->lock);

    /* A fill that ran into its deadline took longer than error_ms: the pause
     * begins when it ended. */
    replaced = finish(c, e, now_ms + (real_ms() - began_ms), made, &error);
    e->users--;
    if (error.code == LIQ_OK)
        *out = liq_item_hold(e->item);
    else
        give_old(c, e, now_ms, out, why);
    if (replaced) {
        pthread_mutex_unlock(&c->lock);
        liq_item_release(replaced);
        pthread_mutex_lock(&c->lock);
    }
    return error.code;
}

enum liq_err liq_cache_get(struct liq_cache *c, const char *key, int64_t now_ms,
                           int64_t wait_ms, bool background, liq_fill_fn *fill,
                           void *arg, struct liq_item **out,
                           struct liq_reason *why)
{
    struct liq_item *evicted = NULL;
    struct liq_reason unused;
    struct entry *e;
    enum liq_err err;

    if (!why)
        why = &unused;
    *why = (struct liq_reason){0};
    *out = NULL;
    if (strlen(key) >= LIQ_CACHE_KEY_SIZE)
        return liq_fail(why, LIQ_EINVAL, "a cache key is too long");
    pthread_mutex_lock(&c->lock);
    err = enter(c, key, &e, &evicted, why);
    if (!err) {
        if (!background)
            note_asked(c, e, now_ms);
        if (!at_once(c, e, now_ms, &err, out, why))
            err = e->filling ? wait_for(c, e, now_ms, wait_ms, out, why)
                             : fill_entry(c, e, now_ms, fill, arg, out, why);
    }
    pthread_mutex_unlock(&c->lock);
    liq_item_release(evicted);
    return err;
}

bool liq_cache_peek(struct liq_cache *c, const char *key, int64_t now_ms,
                    enum liq_err *err, struct liq_item **out,
                    struct liq_reason *why)
{
    struct entry *e;
    bool answered = false;

    *err = LIQ_OK;
    *why = (struct liq_reason){0};
    *out = NULL;
    pthread_mutex_lock(&c->lock);
    e = find(c, key);
    if (e) {
        answered = at_once(c, e, now_ms, err, out, why);
        if (answered)
            note_asked(c, e, now_ms);
        else if (usable(e, now_ms))
            *out = liq_item_hold(e->item);
    }
    pthread_mutex_unlock(&c->lock);
    return answered;
}

/* --- looking on -------------------------------------------------------------
 */

size_t liq_cache_hot(struct liq_cache *c, int64_t now_ms, int64_t at_ms,
                     int64_t hot_ms, char (*keys)[LIQ_CACHE_KEY_SIZE],
                     size_t max)
{
    size_t n = 0;

    pthread_mutex_lock(&c->lock);
    for (struct entry *e = c->newest; e && n < max; e = e->older) {
        if (!e->item || e->filling || fresh(e, at_ms) || resting(e, at_ms))
            continue;
        if (e->last_asked_ms == NEVER_ASKED ||
            now_ms - e->last_asked_ms > hot_ms)
            continue;
        memcpy(keys[n++], e->key, sizeof e->key);
    }
    pthread_mutex_unlock(&c->lock);
    return n;
}

void liq_cache_count(struct liq_cache *c, struct liq_cache_counts *out)
{
    pthread_mutex_lock(&c->lock);
    *out = c->counts;
    pthread_mutex_unlock(&c->lock);
}

void liq_cache_each(struct liq_cache *c,
                    void (*see)(void *arg, const char *key,
                                const struct liq_item *item,
                                const struct liq_reason *last_error,
                                int64_t last_asked_ms),
                    void *arg)
{
    pthread_mutex_lock(&c->lock);
    for (struct entry *e = c->newest; e; e = e->older)
        see(arg, e->key, e->item, &e->error, e->last_asked_ms);
    pthread_mutex_unlock(&c->lock);
}

/* --- life
 * --------------------------------------------------------------------- */

static size_t buckets_for(size_t max_keys)
{
    size_t n = 16;

    while (n < max_keys && n < (size_t)1 << 20)
        n *= 2;
    return n;
}

struct liq_cache *liq_cache_new(const struct liq_cache_options *o)
{
    struct liq_cache *c = calloc(1, sizeof *c);

    if (!c)
        return NULL;
    c->options = *o;
    if (c->options.max_keys == 0)
        c->options.max_keys = 1;
    c->n_bucket = buckets_for(c->options.max_keys);
    c->bucket = calloc(c->n_bucket, sizeof *c->bucket);
    if (!c->bucket)
        goto no_buckets;
    if (pthread_condattr_init(&c->monotonic) != 0)
        goto no_attribute;
    if (pthread_condattr_setclock(&c->monotonic, CLOCK_MONOTONIC) != 0 ||
        pthread_mutex_init(&c->lock, NULL) != 0)
        goto no_lock;
    return c;
no_lock:
    pthread_condattr_destroy(&c->monotonic);
no_attribute:
    free(c->bucket);
no_buckets:
    free(c);
    return NULL;
}

void liq_cache_free(struct liq_cache *c)
{
    struct entry *e, *next;

    if (!c)
        return;
    for (e = c->newest; e; e = next) {
        next = e->older;
        liq_item_release(e->item);
        entry_free(e);
    }
    pthread_condattr_destroy(&c->monotonic);
    pthread_mutex_destroy(&c->lock);
    free(c->bucket);
    free(c);
}
