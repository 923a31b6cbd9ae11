/* May we ask Binance now, and what time is it there? */
#include "binance.h"

#include <string.h>
#include "liqmap/interval.h"

void liq_binance_gate_init(struct liq_binance_gate *g,
                           const struct liq_clock *clock, int weight_per_minute)
{
    memset(g, 0, sizeof *g);
    g->clock = clock;
    g->weight_per_minute = weight_per_minute;
    pthread_mutex_init(&g->lock, NULL);
}

void liq_binance_gate_free(struct liq_binance_gate *g)
{
    pthread_mutex_destroy(&g->lock);
}

/* Under the lock.  Before the exchange's clock is known, our own monotonic one
 * has to do for cutting minutes. */
static int64_t clock_now(const struct liq_binance_gate *g)
{
    int64_t mono_ms = g->clock->mono_ms(g->clock);

    return g->clock_known ? mono_ms + g->offset_ms : mono_ms;
}

static void turn_minute(struct liq_binance_gate *g)
{
    int64_t minute = clock_now(g) / LIQ_MINUTE_MS;

    if (minute == g->minute)
        return;
    g->minute = minute;
    g->weight = 0;
}

/* Whole seconds, rounded up, for a sentence. */
static long long seconds(int64_t ms)
{
    return (long long)((ms + 999) / 1000);
}

static enum liq_err check_shut(const struct liq_binance_gate *g,
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

static enum liq_err book(struct liq_binance_gate *g, int weight,
                         struct liq_reason *why)
{
    turn_minute(g);
    if (g->weight + weight > g->weight_per_minute) {
        int64_t left_ms = LIQ_MINUTE_MS - clock_now(g) % LIQ_MINUTE_MS;

        liq_fail(why, LIQ_ERATE,
                 "request budget: %d more would pass %d a minute (%lld spent)",
                 weight, g->weight_per_minute, (long long)g->weight);
        why->retry_after_ms = left_ms;
        return LIQ_ERATE;
    }
    g->weight += weight;
    return LIQ_OK;
}

enum liq_err liq_binance_gate_enter(struct liq_binance_gate *g, int weight,
                                    struct liq_reason *why)
{
    enum liq_err err;

    pthread_mutex_lock(&g->lock);
    err = check_shut(g, why);
    if (err == LIQ_OK)
        err = book(g, weight, why);
    pthread_mutex_unlock(&g->lock);
    return err;
}

void liq_binance_gate_shut(struct liq_binance_gate *g, int64_t wait_ms,
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

void liq_binance_gate_learn_time(struct liq_binance_gate *g, int64_t low_ms,
                                 int64_t high_ms, int64_t asked_ms)
{
    int64_t low = low_ms - g->clock->mono_ms(g->clock);
    int64_t high = high_ms - asked_ms;

    pthread_mutex_lock(&g->lock);
    if (!g->clock_known) {
        /* Weight booked so far was booked in this minute. */
        g->clock_known = true;
        g->offset_ms = low;
        g->minute = clock_now(g) / LIQ_MINUTE_MS;
    } else if (g->offset_ms < low) {
        g->offset_ms = low;
    } else if (g->offset_ms > high) {
        g->offset_ms = high;
    }
    pthread_mutex_unlock(&g->lock);
}

void liq_binance_gate_learn_weight(struct liq_binance_gate *g, int64_t used,
                                   int64_t date_ms)
{
    pthread_mutex_lock(&g->lock);
    turn_minute(g);
    /* A count of the minute before says nothing about this one. */
    if (used > g->weight &&
        (date_ms == 0 || date_ms / LIQ_MINUTE_MS == g->minute))
        g->weight = used;
    pthread_mutex_unlock(&g->lock);
}

int64_t liq_binance_gate_now(struct liq_binance_gate *g)
{
    int64_t now_ms;

    pthread_mutex_lock(&g->lock);
    now_ms = g->clock_known ? clock_now(g) : 0;
    pthread_mutex_unlock(&g->lock);
    return now_ms;
}
