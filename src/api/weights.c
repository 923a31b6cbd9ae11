#include "weights.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Symbols times intervals that are looked at together; beyond it the one used
 * longest ago is weighed afresh. */
#define SLOTS 512

struct slot {
    char symbol[LIQ_SYMBOL_SIZE];
    int64_t display_ms, open_ms;
    const struct liq_market *market;
    double weight;
    uint64_t used;
};

struct liq_weights {
    pthread_mutex_t lock;
    uint64_t used;
    struct slot slot[SLOTS];
};

struct liq_weights *liq_weights_new(void)
{
    struct liq_weights *w = calloc(1, sizeof *w);

    if (w && pthread_mutex_init(&w->lock, NULL) != 0) {
        free(w);
        return NULL;
    }
    return w;
}

void liq_weights_free(struct liq_weights *w)
{
    if (!w)
        return;
    pthread_mutex_destroy(&w->lock);
    free(w);
}

static struct slot *find(struct liq_weights *w, const char *symbol,
                         int64_t display_ms, const struct liq_market *m)
{
    struct slot *oldest = &w->slot[0];

    for (size_t i = 0; i < SLOTS; i++) {
        struct slot *s = &w->slot[i];

        if (s->market == m && s->display_ms == display_ms &&
            strcmp(s->symbol, symbol) == 0)
            return s;
        if (s->used < oldest->used)
            oldest = s;
    }
    memset(oldest, 0, sizeof *oldest);
    return oldest;
}

double liq_weights_hold(struct liq_weights *w, const char *symbol,
                        int64_t display_ms, int64_t open_ms,
                        const struct liq_market *m, double current)
{
    struct slot *s;
    double weight;

    pthread_mutex_lock(&w->lock);
    s = find(w, symbol, display_ms, m);
    if (s->market != m || s->open_ms != open_ms) {
        memset(s, 0, sizeof *s);
        strncpy(s->symbol, symbol, sizeof s->symbol - 1);
        s->display_ms = display_ms;
        s->open_ms = open_ms;
        s->market = m;
        s->weight = current;
    }
    s->used = ++w->used;
    weight = s->weight;
    pthread_mutex_unlock(&w->lock);
    return weight;
}
