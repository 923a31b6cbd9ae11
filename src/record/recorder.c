#include "liqmap/recorder.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include "liqmap/interval.h"
#include "liqmap/lock.h"
#include "liqmap/log.h"

/* Rows of one transaction at most. */
#define BATCH_ROWS 512
/* Pause after a failure. */
#define AGAIN_MS 5000
#define TRIM_MS LIQ_HOUR_MS
/* A step of the thread that takes longer: the disk does not respond, and
 * questions are refused. */
#define STUCK_MS 2000
/* How old statistics may be to stand for a moment. */
#define HISTORY_MS LIQ_HOUR_MS

/*
 * row     [LIQ_RECORDER_ROWS] a ring of n rows from first on
 * batch   [BATCH_ROWS] what the thread writes; it stays in the ring until it
 *         is written, or until stop gave up
 * busy_ms monotonic: when the step that runs began; 0: none does
 */
struct liq_recorder {
    struct liq_history history; /* must be first */
    struct liq_recorder_options options;
    char *file;
    pthread_t thread;
    struct liq_lock lock;
    pthread_cond_t changed;

    /* Under the lock. */
    struct liq_row *row;
    size_t first, n;
    struct liq_recorder_ask *ask, **ask_end;
    struct liq_recorder_counts counts;
    int64_t busy_ms;
    bool stopping;

    /* The thread's. */
    struct liq_row *batch;
    struct liq_store *store;
    int64_t again_ms, trim_ms;
    bool failing;
};

static int64_t now_of(const struct liq_recorder *r)
{
    return r->options.clock->mono_ms(r->options.clock);
}

/* --- the thread ----------------------------------------------------------- */

static void note_failure(struct liq_recorder *r, const struct liq_reason *why)
{
    if (!r->failing)
        liq_log(LIQ_LOG_WARN, "%s; tried again every %d s", why->text,
                AGAIN_MS / 1000);
    r->failing = true;
    r->again_ms = now_of(r) + AGAIN_MS;
    liq_lock_take(&r->lock);
    r->counts.failed++;
    r->counts.good = false;
    liq_lock_give(&r->lock);
}

static void note_success(struct liq_recorder *r)
{
    if (r->failing)
        liq_log(LIQ_LOG_INFO, "recorder: writes again");
    r->failing = false;
    liq_lock_take(&r->lock);
    r->counts.good = true;
    liq_lock_give(&r->lock);
}

static bool open_store(struct liq_recorder *r, struct liq_reason *why)
{
    if (r->store)
        return true;
    if (liq_store_open(r->file, false, &r->store, why) != LIQ_OK) {
        r->store = NULL;
        note_failure(r, why);
        return false;
    }
    note_success(r);
    return true;
}

/* The oldest rows into the batch, borrowed; they stay where they are. */
static size_t take_batch(struct liq_recorder *r)
{
    size_t n = r->n < BATCH_ROWS ? r->n : BATCH_ROWS;

    for (size_t i = 0; i < n; i++)
        r->batch[i] = r->row[(r->first + i) % LIQ_RECORDER_ROWS];
    return n;
}

static void drop_batch(struct liq_recorder *r, size_t n, bool written)
{
    for (size_t i = 0; i < n; i++)
        liq_row_free(&r->batch[i]);
    liq_lock_take(&r->lock);
    r->first = (r->first + n) % LIQ_RECORDER_ROWS;
    r->n -= n;
    if (written)
        r->counts.written += n;
    else
        r->counts.dropped += n;
    liq_lock_give(&r->lock);
}

/* Write so many of the batch; after a failure the file is opened anew. */
static bool write_batch(struct liq_recorder *r, size_t n)
{
    struct liq_reason why = {0};

    if (!open_store(r, &why))
        return false;
    if (liq_store_put(r->store, r->batch, n, NULL, &why) != LIQ_OK) {
        liq_store_close(r->store);
        r->store = NULL;
        note_failure(r, &why);
        return false;
    }
    note_success(r);
    drop_batch(r, n, true);
    return true;
}

static void answer(struct liq_recorder *r, struct liq_recorder_ask *a)
{
    if (!r->store && now_of(r) < r->again_ms)
        (void)liq_fail(&a->why, LIQ_EIO, "recorder: the file cannot be used");
    else
        (void)open_store(r, &a->why);
    a->read(a, r->store);
    liq_work_post(r->options.work, &a->done, a->lane);
}

static void trim(struct liq_recorder *r)
{
    const struct liq_clock *clock = r->options.clock;
    struct liq_reason why = {0};

    if (!r->store || r->options.days == 0 || now_of(r) < r->trim_ms)
        return;
    r->trim_ms = now_of(r) + TRIM_MS;
    if (liq_store_trim(r->store,
                       clock->wall_ms(clock) - r->options.days * LIQ_DAY_MS,
                       &why) != LIQ_OK)
        note_failure(r, &why);
}

/* Whether there is something to do; after a failure rows wait. */
static bool has_work(struct liq_recorder *r, int64_t now_ms)
{
    return r->stopping || r->ask || (r->n > 0 && now_ms >= r->again_ms);
}

static void wait_for_work(struct liq_recorder *r)
{
    int64_t now_ms = now_of(r);

    r->busy_ms = 0;
    while (!has_work(r, now_ms)) {
        liq_condition_wait(&r->changed, &r->lock, r->n > 0 ? AGAIN_MS / 4 : -1);
        now_ms = now_of(r);
    }
    r->busy_ms = now_ms;
}

/* False: it is time to end, and nothing is left that could be done. */
static bool work_once(struct liq_recorder *r)
{
    struct liq_recorder_ask *ask;
    bool stopping, good = true;
    size_t n;

    liq_lock_take(&r->lock);
    wait_for_work(r);
    stopping = r->stopping;
    ask = r->ask;
    if (ask)
        r->ask = ask->next;
    if (!r->ask)
        r->ask_end = &r->ask;
    n = now_of(r) >= r->again_ms || stopping ? take_batch(r) : 0;
    liq_lock_give(&r->lock);
    if (n > 0)
        good = write_batch(r, n);
    if (ask)
        answer(r, ask);
    trim(r);
    /* There will be no later try. */
    if (stopping && !good)
        drop_batch(r, n, false);
    return !stopping || n > 0 || ask;
}

static void *run(void *arg)
{
    struct liq_recorder *r = arg;
    struct liq_reason why = {0};

    (void)open_store(r, &why);
    while (work_once(r))
        ;
    liq_store_close(r->store);
    return NULL;
}

/* --- for everybody -------------------------------------------------------- */

bool liq_recorder_put(struct liq_recorder *r, struct liq_row *row)
{
    bool room;

    liq_lock_take(&r->lock);
    room = !r->stopping && r->n < LIQ_RECORDER_ROWS;
    if (room)
        r->row[(r->first + r->n++) % LIQ_RECORDER_ROWS] = *row;
    else
        r->counts.dropped++;
    pthread_cond_signal(&r->changed);
    liq_lock_give(&r->lock);
    if (!room)
        liq_row_free(row);
    return room;
}

bool liq_recorder_ask(struct liq_recorder *r, struct liq_recorder_ask *a)
{
    bool good;

    a->next = NULL;
    a->why = (struct liq_reason){0};
    liq_lock_take(&r->lock);
    good =
        !r->stopping && (r->busy_ms == 0 || now_of(r) - r->busy_ms < STUCK_MS);
    if (good) {
        *r->ask_end = a;
        r->ask_end = &a->next;
    }
    pthread_cond_signal(&r->changed);
    liq_lock_give(&r->lock);
    return good;
}

void liq_recorder_count(struct liq_recorder *r, struct liq_recorder_counts *out)
{
    liq_lock_take(&r->lock);
    *out = r->counts;
    out->waiting = r->n;
    liq_lock_give(&r->lock);
}

/* --- history -------------------------------------------------------------- */

struct history_ask {
    struct liq_recorder_ask ask; /* must be first */
    struct liq_history_ask *of;
};

static void read_history(struct liq_recorder_ask *a, struct liq_store *s)
{
    struct liq_history_ask *h = ((struct history_ask *)(void *)a)->of;
    struct liq_reason *why = &a->why;
    double *usd = s && h->n > 0 ? malloc(h->n * sizeof *usd) : NULL;

    if (s && liq_store_statistics(s, h->exchange, h->symbol,
                                  h->at_ms - HISTORY_MS, h->at_ms, &h->newest,
                                  &h->newest_ms, why) != LIQ_OK)
        h->newest_ms = 0;
    for (size_t i = 0; usd && i < h->n; i++)
        usd[i] = NAN;
    if (usd && liq_store_interest(s, h->exchange, h->symbol, h->from_ms,
                                  h->step_ms, h->n, usd, why) == LIQ_OK) {
        for (size_t i = 0; i < h->n; i++)
            h->usd[i] = isnan(h->usd[i]) ? usd[i] : h->usd[i];
    }
    free(usd);
}

static void history_done(struct liq_task *t)
{
    struct history_ask *a = (struct history_ask *)(void *)t;
    struct liq_history_ask *h = a->of;

    free(a);
    h->done.run(&h->done);
}

static bool ask_history(struct liq_history *history, struct liq_history_ask *h)
{
    struct liq_recorder *r = (struct liq_recorder *)(void *)history;
    struct history_ask *a = calloc(1, sizeof *a);

    if (!a)
        return false;
    a->of = h;
    h->newest_ms = 0;
    a->ask.read = read_history;
    a->ask.done.run = history_done;
    a->ask.lane = h->lane;
    if (liq_recorder_ask(r, &a->ask))
        return true;
    free(a);
    return false;
}

struct liq_history *liq_recorder_history(struct liq_recorder *r)
{
    return &r->history;
}

/* --- its life ------------------------------------------------------------- */

static void free_parts(struct liq_recorder *r)
{
    free(r->row);
    free(r->batch);
    free(r->file);
    free(r);
}

struct liq_recorder *liq_recorder_new(const struct liq_recorder_options *o)
{
    struct liq_recorder *r = calloc(1, sizeof *r);

    if (!r)
        return NULL;
    r->options = *o;
    r->history.ask = ask_history;
    r->ask_end = &r->ask;
    r->file = strdup(o->file);
    r->row = calloc(LIQ_RECORDER_ROWS, sizeof *r->row);
    r->batch = calloc(BATCH_ROWS, sizeof *r->batch);
    if (!r->file || !r->row || !r->batch || liq_lock_init(&r->lock) != LIQ_OK) {
        free_parts(r);
        return NULL;
    }
    if (liq_condition_init(&r->changed) != LIQ_OK) {
        liq_lock_free(&r->lock);
        free_parts(r);
        return NULL;
    }
    if (pthread_create(&r->thread, NULL, run, r) != 0) {
        r->stopping = true;
        liq_recorder_free(r);
        return NULL;
    }
    return r;
}

void liq_recorder_stop(struct liq_recorder *r)
{
    if (!r)
        return;
    liq_lock_take(&r->lock);
    r->stopping = true;
    pthread_cond_signal(&r->changed);
    liq_lock_give(&r->lock);
    (void)pthread_join(r->thread, NULL);
}

void liq_recorder_free(struct liq_recorder *r)
{
    if (!r)
        return;
    pthread_cond_destroy(&r->changed);
    liq_lock_free(&r->lock);
    free_parts(r);
}
