/* Answers that are good for a while, by what was asked. */
#include "venue.h"

#include <stdlib.h>
#include <string.h>

void liq_venue_memo_init(struct liq_venue_memo *m)
{
    memset(m, 0, sizeof *m);
    pthread_mutex_init(&m->lock, NULL);
}

void liq_venue_memo_free(struct liq_venue_memo *m)
{
    size_t i;

    for (i = 0; i < LIQ_VENUE_MEMOS; i++) {
        free(m->slot[i].key);
        free(m->slot[i].bytes);
    }
    pthread_mutex_destroy(&m->lock);
}

/* The slot of key, else a free one, else the oldest. */
static size_t slot_for(const struct liq_venue_memo *m, const char *key)
{
    size_t i, best = 0;

    for (i = 0; i < LIQ_VENUE_MEMOS; i++)
        if (m->slot[i].key != NULL && strcmp(m->slot[i].key, key) == 0)
            return i;
    for (i = 0; i < LIQ_VENUE_MEMOS; i++) {
        if (m->slot[i].key == NULL)
            return i;
        if (m->slot[i].put_ms < m->slot[best].put_ms)
            best = i;
    }
    return best;
}

void liq_venue_memo_put(struct liq_venue_memo *m, const char *key,
                        const void *bytes, size_t n, int64_t now_ms)
{
    char *name = strdup(key);
    void *copy = calloc(1, n + 1);
    size_t i;

    if (name == NULL || copy == NULL) {
        free(name);
        free(copy);
        return;
    }
    memcpy(copy, bytes, n);
    pthread_mutex_lock(&m->lock);
    i = slot_for(m, key);
    free(m->slot[i].key);
    free(m->slot[i].bytes);
    m->slot[i].key = name;
    m->slot[i].bytes = copy;
    m->slot[i].n = n;
    m->slot[i].put_ms = now_ms;
    pthread_mutex_unlock(&m->lock);
}

bool liq_venue_memo_get(struct liq_venue_memo *m, const char *key,
                        int64_t now_ms, int64_t max_age_ms, struct liq_buf *out)
{
    bool found = false;
    size_t i;

    pthread_mutex_lock(&m->lock);
    for (i = 0; i < LIQ_VENUE_MEMOS && !found; i++) {
        if (m->slot[i].key == NULL || strcmp(m->slot[i].key, key) != 0 ||
            now_ms - m->slot[i].put_ms > max_age_ms)
            continue;
        found = liq_buf_add(out, m->slot[i].bytes, m->slot[i].n) == LIQ_OK;
    }
    pthread_mutex_unlock(&m->lock);
    return found;
}
