/* The rate limiter: when requests may be sent to an exchange; and its clock. */
#ifndef LIQMAP_EXCHANGE_LIMITER_H
#define LIQMAP_EXCHANGE_LIMITER_H

#include "liqmap/lock.h"
#include "table.h"

/*
 * What requests are for, and so what they may spend of a pool:
 *
 * LIVE        a refresh of what somebody looks at: all of it, and they may
 *             queue
 * BACKGROUND  nobody waits for it: now or not at all; the last quarter is for
 *             others
 * FIRST       a series that nobody had before: the last quarter is for others,
 *             unless it needs more than the rest by itself
 * PAST        a moment in the past: as FIRST, now or not at all, and not more
 *             than a quarter a window, all such requests together; one that
 *             needs more by itself takes the share of the next windows, too
 */
enum liq_claim {
    LIQ_CLAIM_LIVE,
    LIQ_CLAIM_BACKGROUND,
    LIQ_CLAIM_FIRST,
    LIQ_CLAIM_PAST
};

/* How many windows ahead requests may queue, the current one included. */
#define LIQ_WINDOWS 64

/*
 * What was spent, and what responses said of the exchange; its fields are the
 * limiter's own and change under its lock.
 *
 * pool       what we may spend in each of the exchange's windows; spent[0] is
 *            that of the current one, the others are of those to come, before
 *            that of the one before
 * past       what requests of the past spent beyond their share of the windows
 *            before the current one, and in it
 * budget     as it was given; hosts: among how many it is divided, 0: one
 * apart      half of the limit is less than one request in a window: between
 *            two of them a whole window must pass
 * offset_ms  exchange clock minus our monotonic clock
 * jump_ms    the offset by a response that was far from that; 0: none
 * shut_...   until when (monotonic) no request is sent, and why
 */
struct liq_limiter {
    const struct liq_clock *clock;
    struct liq_lock lock;
    int budget, hosts;
    struct {
        int64_t ceiling, window_ms, window;
        int64_t before, spent[LIQ_WINDOWS], past;
        bool apart;
    } pool[LIQ_POOLS];
    bool clock_known;
    int64_t offset_ms, jump_ms;
    int64_t shut_until_ms;
    struct liq_reason shut;
};

/*
 * budget: what we allow ourselves of pool 0; 0: half.  The other pools shrink
 * alike.  Windows are cut by the exchange's clock as we know it, not by the
 * exchange: a ceiling of half can never be more than the whole in any of its
 * own.  LIQ_OK or LIQ_ENOMEM.
 */
LIQ_MUST_CHECK enum liq_err liq_limiter_init(struct liq_limiter *l,
                                             const struct liq_clock *clock,
                                             const struct liq_exchange_row *row,
                                             int budget);
/* Another budget from now on; what is spent stays spent. */
void liq_limiter_set_budget(struct liq_limiter *l,
                            const struct liq_exchange_row *row, int budget);
/* So many hosts share the budget from now on. */
void liq_limiter_divide(struct liq_limiter *l,
                        const struct liq_exchange_row *row, int hosts);
void liq_limiter_free(struct liq_limiter *l);

/*
 * Reserve cost[LIQ_POOLS], all or nothing: *at_ms (monotonic) is when the
 * requests may be sent, now or later, not before after_ms (0: now) but before
 * deadline_ms.
 *
 * LIQ_OK; the reason for which nothing may be sent at all; LIQ_ERATE when there
 * is no place before the deadline, why->retry_after_ms says for how long;
 * LIQ_ELIMIT when the cost is above the ceiling.
 */
LIQ_MUST_CHECK enum liq_err
liq_limiter_reserve(struct liq_limiter *l, const int *cost,
                    enum liq_claim claim, int64_t after_ms, int64_t deadline_ms,
                    int64_t *at_ms, struct liq_reason *why);
/* Send nothing for wait_ms (a longer wait already set stays). */
void liq_limiter_shut(struct liq_limiter *l, int64_t wait_ms,
                      const struct liq_reason *why);
/* The exchange's clock was within low_ms .. high_ms at some moment between
 * sent_ms (monotonic) and now.  A time that no exchange can have is not
 * learnt; one minutes away from what was known only when the next response
 * agrees with it. */
void liq_limiter_learn_time(struct liq_limiter *l, int64_t low_ms,
                            int64_t high_ms, int64_t sent_ms);
/* The exchange counted `used` weight in the window of date_ms (0: not said). */
void liq_limiter_learn_weight(struct liq_limiter *l, int pool, int64_t used,
                              int64_t date_ms);
/* What is spent of pool 0 in this window, of how much, and for how long nothing
 * may be sent. */
void liq_limiter_count(struct liq_limiter *l, int64_t *spent, int64_t *ceiling,
                       int64_t *shut_ms);
/* The exchange's clock now, 0 when no response said it yet. */
int64_t liq_limiter_now(struct liq_limiter *l);

#endif
