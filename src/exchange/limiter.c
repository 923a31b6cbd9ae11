/* The rate limiter: when requests may be sent to an exchange; and its clock. */
#include "limiter.h"

#include <string.h>

/* 2017 and 2100: the times that an exchange may give. */
#define EARLIEST_MS INT64_C(1483228800000)
#define LATEST_MS INT64_C(4102444800000)
#define JUMP_MS INT64_C(60000)

static void set_ceilings(struct liq_limiter *l,
                         const struct liq_exchange_row *row)
{
    int main_limit = row->info.limit, i;
    int budget = l->budget > 0 ? l->budget : main_limit / 2;
    int hosts = l->hosts > 1 ? l->hosts : 1;

    for (i = 0; i < LIQ_POOLS; i++) {
        struct liq_pool pool = liq_pool_of(row, i);

        if (pool.limit == 0)
            break;
        l->pool[i].window_ms = pool.window_ms;
        l->pool[i].ceiling = (int64_t)pool.limit * budget / main_limit / hosts;
        l->pool[i].apart = l->pool[i].ceiling < 1;
        if (l->pool[i].apart)
            l->pool[i].ceiling = 1;
    }
}

enum liq_err liq_limiter_init(struct liq_limiter *l,
                              const struct liq_clock *clock,
                              const struct liq_exchange_row *row, int budget)
{
    memset(l, 0, sizeof *l);
    l->clock = clock;
    l->budget = budget;
    set_ceilings(l, row);
    return liq_lock_init(&l->lock);
}

void liq_limiter_set_budget(struct liq_limiter *l,
                            const struct liq_exchange_row *row, int budget)
{
    liq_lock_take(&l->lock);
    l->budget = budget;
    set_ceilings(l, row);
    liq_lock_give(&l->lock);
}

void liq_limiter_divide(struct liq_limiter *l,
                        const struct liq_exchange_row *row, int hosts)
{
    liq_lock_take(&l->lock);
    l->hosts = hosts;
    set_ceilings(l, row);
    liq_lock_give(&l->lock);
}

void liq_limiter_free(struct liq_limiter *l)
{
    liq_lock_free(&l->lock);
}

/* --- under the lock ------------------------------------------------------- */

/* Until the exchange's clock is known, windows are those of our monotonic one.
 */
static int64_t clock_at(const struct liq_limiter *l, int64_t mono_ms)
{
    return l->clock_known ? mono_ms + l->offset_ms : mono_ms;
}

/* What requests of the past may spend in a window. */
static int64_t share_of(const struct liq_limiter *l, size_t pool)
{
    int64_t share = l->pool[pool].ceiling / 4;

    return share > 0 ? share : 1;
}

/* What one claim leaves of a pool to others. */
static int64_t ceiling_for(const struct liq_limiter *l, size_t pool, int cost,
                           enum liq_claim claim)
{
    int64_t all = l->pool[pool].ceiling, most = all - all / 4;

    if (claim == LIQ_CLAIM_LIVE)
        return all;
    return cost > most && claim != LIQ_CLAIM_BACKGROUND ? all : most;
}

/* Make spent[0] that of the window that the clock is in. */
static void turn(struct liq_limiter *l, size_t pool, int64_t mono_ms)
{
    int64_t window = clock_at(l, mono_ms) / l->pool[pool].window_ms;
    int64_t by = window - l->pool[pool].window;
    int64_t *spent = l->pool[pool].spent;
    size_t i;

    l->pool[pool].window = window;
    if (by <= 0)
        return; /* a clock set back: what was spent stays spent */
    l->pool[pool].past -=
        by < LIQ_WINDOWS * 1000 ? by * share_of(l, pool) : l->pool[pool].past;
    if (l->pool[pool].past < 0)
        l->pool[pool].past = 0;
    l->pool[pool].before = by <= LIQ_WINDOWS ? spent[by - 1] : 0;
    for (i = 0; i < LIQ_WINDOWS; i++)
        spent[i] = i + (size_t)by < LIQ_WINDOWS ? spent[i + (size_t)by] : 0;
}

/* Whole seconds, rounded up, for a sentence. */
static long long seconds(int64_t ms)
{
    return (long long)((ms + 999) / 1000);
}

static enum liq_err check_shut(const struct liq_limiter *l, int64_t now_ms,
                               struct liq_reason *why)
{
    int64_t left_ms = l->shut_until_ms - now_ms;

    if (l->shut.code == LIQ_OK || left_ms <= 0)
        return LIQ_OK;
    liq_fail(why, l->shut.code, "%.150s (next request in %lld s)", l->shut.text,
             seconds(left_ms));
    why->retry_after_ms = left_ms;
    return l->shut.code;
}

/* How far the current window of the pool has gone. */
static int64_t into(const struct liq_limiter *l, size_t pool, int64_t now_ms)
{
    return clock_at(l, now_ms) % l->pool[pool].window_ms;
}

/* Whether window i of the pool has room for cost; where requests must be a
 * window apart, only if both of its neighbours are empty. */
static bool has_room(const struct liq_limiter *l, size_t pool, int64_t i,
                     int cost, int64_t ceiling)
{
    const int64_t *spent = l->pool[pool].spent;

    if (spent[i] + cost > ceiling)
        return false;
    return !l->pool[pool].apart ||
           ((i > 0 ? spent[i - 1] : l->pool[pool].before) == 0 &&
            (i + 1 == LIQ_WINDOWS || spent[i + 1] == 0));
}

/* How long until a window of the pool with room for cost, after_ms or later
 * from now; -1: not within the windows that we look at. */
static int64_t wait_for(const struct liq_limiter *l, size_t pool, int cost,
                        int64_t ceiling, int64_t now_ms, int64_t after_ms)
{
    int64_t window_ms = l->pool[pool].window_ms;
    int64_t into_ms = into(l, pool, now_ms), i;

    for (i = (into_ms + after_ms) / window_ms; i < LIQ_WINDOWS; i++) {
        int64_t start_ms = i * window_ms - into_ms;

        if (!has_room(l, pool, i, cost, ceiling))
            continue;
        return start_ms > after_ms ? start_ms : after_ms;
    }
    return -1;
}

/* The same for all pools at once, wait_ms or later from now. */
static int64_t wait_for_all(const struct liq_limiter *l, const int *cost,
                            enum liq_claim claim, int64_t now_ms,
                            int64_t wait_ms)
{
    int64_t last_ms;
    size_t i;

    do {
        last_ms = wait_ms;
        for (i = 0; i < LIQ_POOLS && wait_ms >= 0; i++) {
            if (cost[i] > 0)
                wait_ms =
                    wait_for(l, i, cost[i], ceiling_for(l, i, cost[i], claim),
                             now_ms, wait_ms);
        }
    } while (wait_ms > last_ms);
    return wait_ms;
}

static enum liq_err check_size(const struct liq_limiter *l, const int *cost,
                               struct liq_reason *why)
{
    size_t i;

    for (i = 0; i < LIQ_POOLS; i++)
        if (cost[i] > l->pool[i].ceiling)
            return liq_fail(why, LIQ_ELIMIT,
                            "request budget: %d at once is more than %lld in "
                            "%lld s",
                            cost[i], (long long)l->pool[i].ceiling,
                            seconds(l->pool[i].window_ms));
    return LIQ_OK;
}

/* How long until the share of the past has room for cost; 0: now. */
static int64_t wait_for_past(const struct liq_limiter *l, const int *cost,
                             int64_t now_ms)
{
    int64_t wait_ms = 0;
    size_t i;

    for (i = 0; i < LIQ_POOLS; i++) {
        int64_t share = share_of(l, i), past = l->pool[i].past;
        int64_t over = past + cost[i] - share, turns, ms;

        if (cost[i] == 0 || past == 0 || over <= 0)
            continue;
        turns = ((over < past ? over : past) + share - 1) / share;
        ms = turns * l->pool[i].window_ms - into(l, i, now_ms);
        if (ms > wait_ms)
            wait_ms = ms;
    }
    return wait_ms;
}

static void spend(struct liq_limiter *l, const int *cost, enum liq_claim claim,
                  int64_t now_ms, int64_t wait_ms)
{
    size_t i;

    for (i = 0; i < LIQ_POOLS; i++) {
        if (cost[i] == 0)
            continue;
        l->pool[i]
            .spent[(into(l, i, now_ms) + wait_ms) / l->pool[i].window_ms] +=
            cost[i];
        if (claim == LIQ_CLAIM_PAST)
            l->pool[i].past += cost[i];
    }
}

static enum liq_err no_place(int64_t wait_ms, struct liq_reason *why)
{
    if (wait_ms < 0)
        wait_ms = 60000;
    liq_fail(why, LIQ_ERATE, "request budget used up: free in %lld s",
             seconds(wait_ms));
    why->retry_after_ms = wait_ms;
    why->own_budget = true;
    return LIQ_ERATE;
}

static enum liq_err reserve(struct liq_limiter *l, const int *cost,
                            enum liq_claim claim, int64_t after_ms,
                            int64_t deadline_ms, int64_t *at_ms,
                            struct liq_reason *why)
{
    int64_t now_ms = l->clock->mono_ms(l->clock), wait_ms;
    enum liq_err err = check_shut(l, now_ms, why);
    bool now = claim == LIQ_CLAIM_BACKGROUND || claim == LIQ_CLAIM_PAST;
    size_t i;

    if (err == LIQ_OK)
        err = check_size(l, cost, why);
    if (err != LIQ_OK)
        return err;
    for (i = 0; i < LIQ_POOLS; i++)
        if (cost[i] > 0)
            turn(l, i, now_ms);
    if (claim == LIQ_CLAIM_PAST) {
        wait_ms = wait_for_past(l, cost, now_ms);
        if (wait_ms > 0)
            return no_place(wait_ms, why);
    }
    wait_ms = wait_for_all(l, cost, claim, now_ms,
                           after_ms > now_ms ? after_ms - now_ms : 0);
    if (wait_ms < 0 ||
        (wait_ms > 0 && (now || now_ms + wait_ms >= deadline_ms)))
        return no_place(wait_ms, why);
    spend(l, cost, claim, now_ms, wait_ms);
    *at_ms = now_ms + wait_ms;
    return LIQ_OK;
}

/* --- the interface -------------------------------------------------------- */

enum liq_err liq_limiter_reserve(struct liq_limiter *l, const int *cost,
                                 enum liq_claim claim, int64_t after_ms,
                                 int64_t deadline_ms, int64_t *at_ms,
                                 struct liq_reason *why)
{
    enum liq_err err;

    liq_lock_take(&l->lock);
    err = reserve(l, cost, claim, after_ms, deadline_ms, at_ms, why);
    liq_lock_give(&l->lock);
    return err;
}

void liq_limiter_shut(struct liq_limiter *l, int64_t wait_ms,
                      const struct liq_reason *why)
{
    int64_t until_ms = l->clock->mono_ms(l->clock) + wait_ms;

    liq_lock_take(&l->lock);
    if (l->shut.code == LIQ_OK || until_ms > l->shut_until_ms) {
        l->shut_until_ms = until_ms;
        l->shut = *why;
    }
    liq_lock_give(&l->lock);
}

/* Under the lock: whether low .. high (offsets) may be taken. */
static bool is_plausible(struct liq_limiter *l, int64_t low, int64_t high)
{
    int64_t jump_ms = l->jump_ms;

    l->jump_ms = 0;
    if (!l->clock_known ||
        (low <= l->offset_ms + JUMP_MS && high >= l->offset_ms - JUMP_MS))
        return true;
    if (jump_ms != 0 && low <= jump_ms + JUMP_MS && high >= jump_ms - JUMP_MS)
        return true;
    l->jump_ms = low;
    return false;
}

void liq_limiter_learn_time(struct liq_limiter *l, int64_t low_ms,
                            int64_t high_ms, int64_t sent_ms)
{
    int64_t now_ms = l->clock->mono_ms(l->clock);
    int64_t low = low_ms - now_ms;
    int64_t high = high_ms - sent_ms;
    size_t i;

    if (low_ms < EARLIEST_MS || high_ms > LATEST_MS)
        return;
    liq_lock_take(&l->lock);
    if (!is_plausible(l, low, high)) {
        /* A mistake, unless the next response says the same. */
    } else if (!l->clock_known) {
        /* Weight spent so far was spent in these windows. */
        l->clock_known = true;
        l->offset_ms = low;
        for (i = 0; i < LIQ_POOLS && l->pool[i].window_ms > 0; i++)
            l->pool[i].window = clock_at(l, now_ms) / l->pool[i].window_ms;
    } else if (l->offset_ms < low) {
        l->offset_ms = low;
    } else if (l->offset_ms > high) {
        l->offset_ms = high;
    }
    liq_lock_give(&l->lock);
}

void liq_limiter_learn_weight(struct liq_limiter *l, int pool, int64_t used,
                              int64_t date_ms)
{
    int64_t now_ms = l->clock->mono_ms(l->clock);
    size_t i = (size_t)pool;

    liq_lock_take(&l->lock);
    turn(l, i, now_ms);
    /* A count of the window before says nothing about this one. */
    if (used > l->pool[i].spent[0] &&
        (date_ms == 0 || date_ms / l->pool[i].window_ms == l->pool[i].window))
        l->pool[i].spent[0] = used;
    liq_lock_give(&l->lock);
}

void liq_limiter_count(struct liq_limiter *l, int64_t *spent, int64_t *ceiling,
                       int64_t *shut_ms)
{
    int64_t now_ms = l->clock->mono_ms(l->clock);

    liq_lock_take(&l->lock);
    turn(l, 0, now_ms);
    *spent = l->pool[0].spent[0];
    *ceiling = l->pool[0].ceiling;
    *shut_ms = l->shut_until_ms > now_ms ? l->shut_until_ms - now_ms : 0;
    liq_lock_give(&l->lock);
}

int64_t liq_limiter_now(struct liq_limiter *l)
{
    int64_t now_ms = l->clock->mono_ms(l->clock);

    liq_lock_take(&l->lock);
    now_ms = l->clock_known ? clock_at(l, now_ms) : 0;
    liq_lock_give(&l->lock);
    return now_ms;
}
