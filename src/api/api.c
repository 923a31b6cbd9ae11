/* What an api is made of. */
#include "internal.h"

#include <stdlib.h>

/* A list that cannot be had is not needed soon. */
#define LISTING_ERROR_MS 60000

int64_t liq_api_now(const struct liq_api *a)
{
    return a->options.clock->mono_ms(a->options.clock);
}

static struct liq_cache *cache_of(size_t max_keys, int64_t error_ms)
{
    struct liq_cache_options o = {.max_keys = max_keys, .error_ms = error_ms};

    return liq_cache_new(&o);
}

static struct liq_feeds *feeds_of(const struct liq_api_options *o)
{
    const struct liq_config *c = o->config;
    struct liq_feeds_options f = {.clock = o->clock,
                                  .ttl_ms = c->ttl_ms,
                                  .stale_ms = c->stale_ms,
                                  .deadline_ms = c->deadline_ms,
                                  .error_ms = c->error_ms,
                                  .max_feeds = (size_t)c->max_feeds};

    return liq_feeds_new(&f);
}

struct liq_api *liq_api_new(const struct liq_api_options *o)
{
    const struct liq_config *c = o->config;
    struct liq_api *a = calloc(1, sizeof *a);

    if (!a)
        return NULL;
    a->options = *o;
    a->scope = (struct liq_query_scope){
        .market = o->market, .n_market = o->n_market, .symbols = c->symbols};
    if (pthread_mutex_init(&a->outlook.lock, NULL) != 0) {
        free(a);
        return NULL;
    }
    atomic_init(&a->waiting, 0);
    a->started_ms = liq_api_now(a);
    a->feeds = feeds_of(o);
    a->blobs = cache_of((size_t)c->max_keys, c->error_ms);
    a->listings = cache_of(o->n_market, LISTING_ERROR_MS);
    a->maps = liq_maps_new((size_t)c->max_maps);
    a->weights = liq_weights_new();
    if (a->feeds && a->blobs && a->listings && a->maps && a->weights)
        return a;
    liq_api_free(a);
    return NULL;
}

void liq_api_free(struct liq_api *a)
{
    if (!a)
        return;
    liq_cache_free(a->blobs);
    liq_cache_free(a->listings);
    liq_feeds_free(a->feeds);
    liq_maps_free(a->maps);
    liq_weights_free(a->weights);
    pthread_mutex_destroy(&a->outlook.lock);
    free(a);
}
