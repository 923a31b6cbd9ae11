/* The life of an api, and its two recurring tasks. */
#include "internal.h"
#include "recording.h"
#include "state.h"

#include <stdlib.h>

/* How often waiters whose deadline has passed are woken. */
#define EXPIRE_MS 100
/* The longest and shortest time between two rounds of keep-warm. */
#define RENEW_MS 1000
#define RENEW_MIN_MS 50

int64_t liq_api_now(const struct liq_api *a)
{
    return a->options.clock->mono_ms(a->options.clock);
}

const struct liq_config *liq_api_config(const struct liq_api *a)
{
    return atomic_load(&a->config);
}

void liq_api_set_config(struct liq_api *a, const struct liq_config *c)
{
    atomic_store(&a->config, c);
    atomic_store(&a->series.ttl_ms, c->ttl_ms);
    atomic_store(&a->series.stale_ms, c->stale_ms);
}

size_t liq_api_in_flight(struct liq_api *a)
{
    return atomic_load(&a->in_flight);
}

static void post_again(struct liq_api *a, struct liq_task *t, int64_t after_ms)
{
    liq_work_post_at(a->options.work, t, LIQ_LANE_LIGHT,
                     liq_api_now(a) + after_ms);
}

static void expire(struct liq_task *t)
{
    struct liq_api *a =
        (struct liq_api *)(void *)((char *)t -
                                   offsetof(struct liq_api, expire));

    liq_cache_expire(a->options.cache, liq_api_now(a));
    post_again(a, t, EXPIRE_MS);
}

/* Twice per lead, so that a response is renewed before it expires. */
static int64_t renew_every_ms(const struct liq_config *c)
{
    int64_t half = c->lead_ms / 2;

    if (half == 0 || half > RENEW_MS)
        return RENEW_MS;
    return half < RENEW_MIN_MS ? RENEW_MIN_MS : half;
}

static void renew(struct liq_task *t)
{
    struct liq_api *a =
        (struct liq_api *)(void *)((char *)t - offsetof(struct liq_api, renew));

    (void)liq_api_keep_warm(a);
    post_again(a, t, renew_every_ms(liq_api_config(a)));
}

struct liq_params liq_api_params(const struct liq_config *c)
{
    struct liq_params p = liq_params_gauss7;

    _Static_assert(LIQ_CONFIG_TIERS == LIQ_TIERS, "a number for each tier");
    for (size_t k = 0; k < LIQ_TIERS; k++) {
        p.tier[k].standing_share = c->standing_shares[k];
        p.tier[k].half_life_hours = c->half_life_hours[k];
    }
    p.leverage_spread = c->leverage_spread;
    p.round_number_share = c->round_number_share;
    p.maintenance_margin_rate = c->maintenance_margin_rate;
    return p;
}

struct liq_api *liq_api_new(const struct liq_api_options *o)
{
    const struct liq_config *c = o->config;
    struct liq_api *a = calloc(1, sizeof *a);

    if (!a)
        return NULL;
    a->options = *o;
    atomic_init(&a->config, c);
    a->params = liq_api_params(c);
    a->scope = (struct liq_query_scope){.exchange = o->exchange,
                                        .n_exchange = o->n_exchange,
                                        .symbols = c->symbols};
    a->series = (struct liq_series_options){.clock = o->clock,
                                            .cache = o->cache,
                                            .ttl_ms = c->ttl_ms,
                                            .stale_ms = c->stale_ms,
                                            .error_ms = c->error_ms};
    atomic_init(&a->in_flight, 0);
    atomic_init(&a->state_changes, 0);
    a->started_ms = liq_api_now(a);
    a->expire.run = expire;
    a->renew.run = renew;
    liq_state_read(a);
    if (o->recorder) {
        a->series.history = liq_recorder_history(o->recorder);
        a->recording = liq_recording_new(a);
    }
    post_again(a, &a->expire, EXPIRE_MS);
    post_again(a, &a->renew, renew_every_ms(c));
    return a;
}

void liq_api_free(struct liq_api *a)
{
    if (a) {
        liq_state_end(a);
        liq_recording_free(a->recording);
    }
    free(a);
}
