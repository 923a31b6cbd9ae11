/*
 * Tasks, and the threads that run them.  Whatever has to wait (for an exchange,
 * for another's refresh, for a moment) is a task that is posted when the wait
 * is over, so that waiting costs no thread.
 */
#ifndef LIQMAP_WORK_H
#define LIQMAP_WORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "liqmap/clock.h"

/* Embedded in what it works on; owned by its poster, and not to be posted again
 * before it runs. */
struct liq_task {
    void (*run)(struct liq_task *t);
    struct liq_task *next; /* the queue's */
    int64_t at_ms;         /* the queue's */
};

/*
 * LIGHT  takes microseconds: answer from the cache, write a response
 * HEAVY  takes milliseconds: parse, compute, encode, compress.  At most
 *        heavy_at_once run at a time, so that light ones always find a thread
 * COLD   heavy, for what nobody had before: behind HEAVY, and at most half of
 *        heavy_at_once (at least 1) at a time, so that a flood of such requests
 *        delays nobody who looks at the same map again
 * IDLE   heavy, and nobody waits for it: behind HEAVY, and by turns with COLD
 */
enum liq_lane { LIQ_LANE_LIGHT, LIQ_LANE_HEAVY, LIQ_LANE_COLD, LIQ_LANE_IDLE };
#define LIQ_LANES 4

struct liq_work;

/*
 * threads        0: none; liq_work_run_one runs the tasks (tests, command line)
 * heavy_at_once  1 .. threads
 * clock          borrowed; for liq_work_post_at
 * NULL when there is no memory or no thread.
 */
struct liq_work *liq_work_new(int threads, int heavy_at_once,
                              const struct liq_clock *clock);
/* Run what is queued, leave out what is due later, end the threads.  Nothing
 * may be posted by others meanwhile. */
void liq_work_free(struct liq_work *w);

/* First in, first out within a lane.  Thread-safe. */
void liq_work_post(struct liq_work *w, struct liq_task *t, enum liq_lane lane);
/* Post t to the lane at at_ms of the monotonic clock.  A task that is never
 * run because the work is freed before is its owner's to free. */
void liq_work_post_at(struct liq_work *w, struct liq_task *t,
                      enum liq_lane lane, int64_t at_ms);

/* Run the next task on this thread; false when none is due. */
bool liq_work_run_one(struct liq_work *w);

struct liq_work_counts {
    size_t queued[LIQ_LANES]; /* posted and not yet taken */
    size_t later;             /* of liq_work_post_at */
    size_t threads;
};
void liq_work_count(struct liq_work *w, struct liq_work_counts *out);

#endif
