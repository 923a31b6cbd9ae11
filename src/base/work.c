#include "liqmap/work.h"

#include <assert.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include "liqmap/lock.h"

/* Tasks in the order in which they run. */
struct list {
    struct liq_task *first, *last;
    size_t n;
};

/*
 * ready  somebody may take a task, or all is over
 * alarm  the first of later has changed, or all is over
 */
struct liq_work {
    const struct liq_clock *clock;
    struct liq_lock lock; /* of all below but thread */
    pthread_cond_t ready, alarm;
    struct list queued[LIQ_LANES];
    struct list later[LIQ_LANES]; /* ascending by at_ms */
    int heavy, heavy_at_once;     /* all lanes but LIGHT: running, and may */
    int cold, cold_at_once;       /* of COLD: running, and may */
    bool was_cold;                /* of COLD and IDLE, COLD was the last */
    bool stop;
    pthread_t *thread; /* [n_thread]; the last one keeps the time */
    int n_thread;
};

/* --- lists ---------------------------------------------------------------- */

static void append(struct list *l, struct liq_task *t)
{
    t->next = NULL;
    if (l->last)
        l->last->next = t;
    else
        l->first = t;
    l->last = t;
    l->n++;
}

static struct liq_task *take_first(struct list *l)
{
    struct liq_task *t = l->first;

    l->first = t->next;
    if (!l->first)
        l->last = NULL;
    l->n--;
    return t;
}

/* Behind those that are due at the same time. */
static void insert(struct list *l, struct liq_task *t)
{
    struct liq_task **at = &l->first;

    if (!l->last || l->last->at_ms <= t->at_ms) {
        append(l, t);
        return;
    }
    while ((*at)->at_ms <= t->at_ms)
        at = &(*at)->next;
    t->next = *at;
    *at = t;
    l->n++;
}

/* --- under the lock ------------------------------------------------------- */

/* When the next task is due, INT64_MAX when none is. */
static int64_t next_ms(const struct liq_work *w)
{
    int64_t next = INT64_MAX;

    for (int i = 0; i < LIQ_LANES; i++) {
        if (w->later[i].first && w->later[i].first->at_ms < next)
            next = w->later[i].first->at_ms;
    }
    return next;
}

static void queue_due(struct liq_work *w)
{
    int64_t now_ms = w->clock->mono_ms(w->clock);

    for (int i = 0; i < LIQ_LANES; i++) {
        while (w->later[i].first && w->later[i].first->at_ms <= now_ms) {
            append(&w->queued[i], take_first(&w->later[i]));
            pthread_cond_signal(&w->ready);
        }
    }
}

/* The lane whose turn it is, LIQ_LANES when none may run. */
static int next_lane(const struct liq_work *w)
{
    bool cold = w->queued[LIQ_LANE_COLD].n > 0 && w->cold < w->cold_at_once;
    bool idle = w->queued[LIQ_LANE_IDLE].n > 0;

    if (w->queued[LIQ_LANE_LIGHT].n > 0)
        return LIQ_LANE_LIGHT;
    if (w->heavy >= w->heavy_at_once)
        return LIQ_LANES;
    if (w->queued[LIQ_LANE_HEAVY].n > 0)
        return LIQ_LANE_HEAVY;
    if (cold && !(idle && w->was_cold))
        return LIQ_LANE_COLD;
    return idle ? LIQ_LANE_IDLE : LIQ_LANES;
}

/* Run the next task, without the lock meanwhile; false when there is none. */
static bool run_next(struct liq_work *w)
{
    int lane = next_lane(w);
    struct liq_task *t;

    if (lane == LIQ_LANES)
        return false;
    t = take_first(&w->queued[lane]);
    w->heavy += lane != LIQ_LANE_LIGHT;
    w->cold += lane == LIQ_LANE_COLD;
    if (lane >= LIQ_LANE_COLD)
        w->was_cold = lane == LIQ_LANE_COLD;
    /* A thread that was woken for a heavy task while too many ran sleeps
     * again, so whoever takes a task and leaves one passes the call on. */
    if (next_lane(w) != LIQ_LANES)
        pthread_cond_signal(&w->ready);
    liq_lock_give(&w->lock);
    t->run(t); /* may free t */
    liq_lock_take(&w->lock);
    w->heavy -= lane != LIQ_LANE_LIGHT;
    w->cold -= lane == LIQ_LANE_COLD;
    return true;
}

/* --- threads -------------------------------------------------------------- */

static void *run_tasks(void *arg)
{
    struct liq_work *w = arg;

    liq_lock_take(&w->lock);
    while (!w->stop) {
        if (!run_next(w))
            liq_condition_wait(&w->ready, &w->lock, -1);
    }
    liq_lock_give(&w->lock);
    return NULL;
}

/* A thread of its own, so that a tick wakes one thread and not all. */
static void *keep_time(void *arg)
{
    struct liq_work *w = arg;

    liq_lock_take(&w->lock);
    while (!w->stop) {
        int64_t next, now_ms;

        queue_due(w);
        next = next_ms(w);
        now_ms = w->clock->mono_ms(w->clock);
        if (next > now_ms)
            liq_condition_wait(&w->alarm, &w->lock,
                               next == INT64_MAX ? -1 : next - now_ms);
    }
    liq_lock_give(&w->lock);
    return NULL;
}

static void end_threads(struct liq_work *w)
{
    liq_lock_take(&w->lock);
    w->stop = true;
    pthread_cond_broadcast(&w->ready);
    pthread_cond_broadcast(&w->alarm);
    liq_lock_give(&w->lock);
    for (int i = 0; i < w->n_thread; i++)
        pthread_join(w->thread[i], NULL);
}

static bool start_threads(struct liq_work *w, int threads)
{
    int n = threads > 0 ? threads + 1 : 0;

    w->thread = calloc((size_t)n + 1, sizeof *w->thread);
    if (!w->thread)
        return false;
    for (; w->n_thread < n; w->n_thread++) {
        void *(*run)(void *) = w->n_thread < threads ? run_tasks : keep_time;

        if (pthread_create(&w->thread[w->n_thread], NULL, run, w) != 0) {
            end_threads(w);
            free(w->thread);
            return false;
        }
    }
    return true;
}

/* --- life ----------------------------------------------------------------- */

static bool init_locks(struct liq_work *w)
{
    if (liq_lock_init(&w->lock) != LIQ_OK)
        return false;
    if (liq_condition_init(&w->ready) == LIQ_OK) {
        if (liq_condition_init(&w->alarm) == LIQ_OK)
            return true;
        pthread_cond_destroy(&w->ready);
    }
    liq_lock_free(&w->lock);
    return false;
}

static void free_locks(struct liq_work *w)
{
    pthread_cond_destroy(&w->alarm);
    pthread_cond_destroy(&w->ready);
    liq_lock_free(&w->lock);
}

struct liq_work *liq_work_new(int threads, int heavy_at_once,
                              const struct liq_clock *clock)
{
    struct liq_work *w = calloc(1, sizeof *w);

    assert(threads == 0 || (heavy_at_once >= 1 && heavy_at_once <= threads));
    if (!w)
        return NULL;
    w->clock = clock;
    w->heavy_at_once = threads > 0 ? heavy_at_once : INT_MAX;
    w->cold_at_once = w->heavy_at_once > 1 ? w->heavy_at_once / 2 : 1;
    if (!init_locks(w)) {
        free(w);
        return NULL;
    }
    if (!start_threads(w, threads)) {
        free_locks(w);
        free(w);
        return NULL;
    }
    return w;
}

void liq_work_free(struct liq_work *w)
{
    if (!w)
        return;
    end_threads(w);
    /* What is left, and what that posts. */
    liq_lock_take(&w->lock);
    while (run_next(w))
        ;
    liq_lock_give(&w->lock);
    free(w->thread);
    free_locks(w);
    free(w);
}

/* --- tasks ---------------------------------------------------------------- */

void liq_work_post(struct liq_work *w, struct liq_task *t, enum liq_lane lane)
{
    liq_lock_take(&w->lock);
    append(&w->queued[lane], t);
    pthread_cond_signal(&w->ready);
    liq_lock_give(&w->lock);
}

void liq_work_post_at(struct liq_work *w, struct liq_task *t,
                      enum liq_lane lane, int64_t at_ms)
{
    liq_lock_take(&w->lock);
    t->at_ms = at_ms;
    insert(&w->later[lane], t);
    if (w->later[lane].first == t)
        pthread_cond_signal(&w->alarm);
    liq_lock_give(&w->lock);
}

bool liq_work_run_one(struct liq_work *w)
{
    bool ran;

    liq_lock_take(&w->lock);
    queue_due(w);
    ran = run_next(w);
    liq_lock_give(&w->lock);
    return ran;
}

void liq_work_count(struct liq_work *w, struct liq_work_counts *out)
{
    liq_lock_take(&w->lock);
    out->later = 0;
    for (int i = 0; i < LIQ_LANES; i++) {
        out->queued[i] = w->queued[i].n;
        out->later += w->later[i].n;
    }
    out->threads = w->n_thread > 0 ? (size_t)w->n_thread - 1 : 0;
    liq_lock_give(&w->lock);
}
