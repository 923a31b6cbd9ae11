#include "maps.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct liq_maps_entry {
    struct liq_map *map;
    pthread_mutex_t mutex; /* held from take to give */
    uint64_t used;         /* grows with each take */
    unsigned users;        /* who has it or waits for it */
    bool kept;             /* false: made because all others were taken */
    char key[LIQ_CACHE_KEY_SIZE];
};

struct liq_maps {
    pthread_mutex_t lock; /* guards everything but what an entry's mutex does */
    struct liq_maps_entry **entry; /* [max], NULL where none was made yet */
    size_t max;
    uint64_t used;
};

static void entry_free(struct liq_maps_entry *e)
{
    if (!e)
        return;
    liq_map_free(e->map);
    pthread_mutex_destroy(&e->mutex);
    free(e);
}

static struct liq_maps_entry *entry_new(void)
{
    struct liq_maps_entry *e = calloc(1, sizeof *e);

    if (!e)
        return NULL;
    if (pthread_mutex_init(&e->mutex, NULL) != 0) {
        free(e);
        return NULL;
    }
    if (liq_map_new(&e->map) != LIQ_OK) {
        entry_free(e);
        return NULL;
    }
    return e;
}

/* Where the key is, else where it may go: an empty place, else the one used
 * longest ago that nobody has; NULL when all are taken. */
static struct liq_maps_entry **place_of(struct liq_maps *m, const char *key)
{
    struct liq_maps_entry **best = NULL;

    for (size_t i = 0; i < m->max; i++) {
        struct liq_maps_entry **at = &m->entry[i];

        if (*at && strcmp((*at)->key, key) == 0)
            return at;
        if (*at && (*at)->users > 0)
            continue;
        if (!best || (*best && (!*at || (*at)->used < (*best)->used)))
            best = at;
    }
    return best;
}

/* Under the lock: the entry that will hold key, or NULL without memory.  A map
 * that served another key is used again: its next run starts afresh, for it
 * compares what it is given with its last run. */
static struct liq_maps_entry *entry_for(struct liq_maps *m, const char *key)
{
    struct liq_maps_entry **at = key ? place_of(m, key) : NULL;
    struct liq_maps_entry *e = at && *at ? *at : entry_new();

    if (!e)
        return NULL;
    if (at)
        *at = e;
    e->kept = at != NULL;
    e->used = ++m->used;
    e->users++;
    if (at)
        memcpy(e->key, key, strlen(key) + 1);
    return e;
}

enum liq_err liq_maps_take(struct liq_maps *m, const char *key,
                           struct liq_maps_entry **out)
{
    struct liq_maps_entry *e;

    if (key && strlen(key) >= LIQ_CACHE_KEY_SIZE)
        return LIQ_EINVAL;
    pthread_mutex_lock(&m->lock);
    e = entry_for(m, key);
    pthread_mutex_unlock(&m->lock);
    if (!e)
        return LIQ_ENOMEM;
    pthread_mutex_lock(&e->mutex);
    *out = e;
    return LIQ_OK;
}

struct liq_map *liq_maps_map(struct liq_maps_entry *e)
{
    return e->map;
}

void liq_maps_give(struct liq_maps *m, struct liq_maps_entry *e)
{
    bool drop;

    pthread_mutex_unlock(&e->mutex);
    pthread_mutex_lock(&m->lock);
    e->users--;
    drop = !e->kept;
    pthread_mutex_unlock(&m->lock);
    if (drop)
        entry_free(e);
}

struct liq_maps *liq_maps_new(size_t max)
{
    struct liq_maps *m = calloc(1, sizeof *m);

    if (!m)
        return NULL;
    m->max = max > 0 ? max : 1;
    m->entry = calloc(m->max, sizeof(struct liq_maps_entry *));
    if (!m->entry || pthread_mutex_init(&m->lock, NULL) != 0) {
        free(m->entry);
        free(m);
        return NULL;
    }
    return m;
}

void liq_maps_free(struct liq_maps *m)
{
    if (!m)
        return;
    for (size_t i = 0; i < m->max; i++)
        entry_free(m->entry[i]);
    pthread_mutex_destroy(&m->lock);
    free(m->entry);
    free(m);
}
