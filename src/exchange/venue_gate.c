/* May we ask this exchange now, and what time is it there? */
#include "venue.h"

#include <string.h>

void liq_venue_gate_init(struct liq_venue_gate *g,
                         const struct liq_clock *clock,
                         const struct liq_venue_pool *pool, int budget)
{
    size_t i;

    memset(g, 0, sizeof *g);
    g->clock = clock;
    if (budget <= 0)
        budget = pool[0].limit / 2;
    for (i = 0; i < LIQ_VENUE_POOLS && pool[i].limit > 0; i++) {
        g->pool[i].window_ms = pool[i].window_ms;
        g->pool[i].ceiling = (int64_t)pool[i].limit * budget / pool[0].limit;
        if (g->pool[i].ceiling < 1)
            g->pool[i].ceiling = 1;
    }
    pthread_mutex_init(&g->lock, NULL);
}

void liq_venue_gate_free(struct liq_venue_gate *g)
{
    pthread_mutex_destroy(&g->lock);
}

/* Under the lock.  Before the exchange's clock is known, our own monotonic one
 * has to do for cutting windows. */
static int64_t clock_now(const struct liq_venue_gate *g)
{
    int64_t mono_ms = g->clock->mono_ms(g->clock);

    return g->clock_known ? mono_ms + g->offset_ms : mono_ms;
}

static void turn_window(struct liq_venue_gate *g, size_t pool)
{
    int64_t window = clock_now(g) / g->pool[pool].window_ms;

    if (window == g->pool[pool].window)
        return;
    g->pool[pool].window = window;
    g->pool[pool].spent = 0;
}

/* Whole seconds, rounded up, for a sentence. */
static long long seconds(int64_t ms)
{
    return (long long)((ms + 999) / 1000);
}

static enum liq_err check_shut(const struct liq_venue_gate *g,
                               struct liq_reason *why)
{
    int64_t left_ms = g->shut_until_ms - g->clock->mono_ms(g->clock);

    if (g->shut.code == LIQ_OK || left_ms <= 0)
        return LIQ_OK;
    liq_fail(why, g->shut.code, "%.150s (asking again in %lld s)", g->shut.text,
             seconds(left_ms));
    why->retry_after_ms = left_ms;
    return g->shut.code;
}

static enum liq_err check_budget(struct liq_venue_gate *g, size_t pool,
                                 int cost, bool background,
                                 struct liq_reason *why)
{
    int64_t window_ms = g->pool[pool].window_ms;
    int64_t ceiling = g->pool[pool].ceiling;

    turn_window(g, pool);
    if (g->pool[pool].spent + cost <=
        (background ? ceiling - ceiling / 4 : ceiling))
        return LIQ_OK;
    if (cost > ceiling)
        return liq_fail(why, LIQ_ELIMIT,
                        "request budget: %d at once is more than %lld in "
                        "%lld s",
                        cost, (long long)ceiling, seconds(window_ms));
    liq_fail(why, LIQ_ERATE,
             "request budget: %d more would pass %lld in %lld s (%lld spent)",
             cost, (long long)ceiling, seconds(window_ms),
             (long long)g->pool[pool].spent);
    why->retry_after_ms = window_ms - clock_now(g) % window_ms;
    return LIQ_ERATE;
}

enum liq_err liq_venue_gate_enter(struct liq_venue_gate *g, const int *cost,
                                  bool background, struct liq_reason *why)
{
    enum liq_err err;
    size_t i;

    pthread_mutex_lock(&g->lock);
    err = check_shut(g, why);
    for (i = 0; err == LIQ_OK && i < LIQ_VENUE_POOLS; i++)
        if (cost[i] > 0)
            err = check_budget(g, i, cost[i], background, why);
    for (i = 0; err == LIQ_OK && i < LIQ_VENUE_POOLS; i++)
        g->pool[i].spent += cost[i];
    pthread_mutex_unlock(&g->lock);
    return err;
}

enum liq_err liq_venue_gate_enter_pool(struct liq_venue_gate *g, int pool,
                                       int weight, bool background,
                                       struct liq_reason *why)
{
    int cost[LIQ_VENUE_POOLS] = {0};

    cost[pool] = weight;
    return liq_venue_gate_enter(g, cost, background, why);
}

void liq_venue_gate_shut(struct liq_venue_gate *g, int64_t wait_ms,
                         const struct liq_reason *why)
{
    int64_t until_ms = g->clock->mono_ms(g->clock) + wait_ms;

    pthread_mutex_lock(&g->lock);
    if (g->shut.code == LIQ_OK || until_ms > g->shut_until_ms) {
        g->shut_until_ms = until_ms;
        g->shut = *why;
    }
    pthread_mutex_unlock(&g->lock);
}

void liq_venue_gate_learn_time(struct liq_venue_gate *g, int64_t low_ms,
                               int64_t high_ms, int64_t asked_ms)
{
    int64_t low = low_ms - g->clock->mono_ms(g->clock);
    int64_t high = high_ms - asked_ms;
    size_t i;

    pthread_mutex_lock(&g->lock);
    if (!g->clock_known) {
        /* Weight booked so far was booked in these windows. */
        g->clock_known = true;
        g->offset_ms = low;
        for (i = 0; i < LIQ_VENUE_POOLS && g->pool[i].window_ms > 0; i++)
            g->pool[i].window = clock_now(g) / g->pool[i].window_ms;
    } else if (g->offset_ms < low) {
        g->offset_ms = low;
    } else if (g->offset_ms > high) {
        g->offset_ms = high;
    }
    pthread_mutex_unlock(&g->lock);
}

void liq_venue_gate_learn_weight(struct liq_venue_gate *g, int pool,
                                 int64_t used, int64_t date_ms)
{
    size_t i = (size_t)pool;

    pthread_mutex_lock(&g->lock);
    turn_window(g, i);
    /* A count of the window before says nothing about this one. */
    if (used > g->pool[i].spent &&
        (date_ms == 0 || date_ms / g->pool[i].window_ms == g->pool[i].window))
        g->pool[i].spent = used;
    pthread_mutex_unlock(&g->lock);
}

int64_t liq_venue_gate_now(struct liq_venue_gate *g)
{
    int64_t now_ms;

    pthread_mutex_lock(&g->lock);
    now_ms = g->clock_known ? clock_now(g) : 0;
    pthread_mutex_unlock(&g->lock);
    return now_ms;
}
