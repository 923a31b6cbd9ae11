/* Events until they are delivered: each way tries one at a time, the oldest
 * that is due first, and again after a growing pause. */
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "liqmap/log.h"

#define RETRY_MAX_MS INT64_C(600000)
/* While something waits to be tried again, the queue is looked at so often: one
 * that is due earlier may have come since the timer was set. */
#define TICK_MS 1000

const char *const liq_way_names[LIQ_NOTICE_WAYS] = {"webhook", "command",
                                                    "telegram"};

static const char *name_of(const struct liq_way *w)
{
    return liq_way_names[w - w->notify->way];
}

unsigned liq_ways_on(const struct liq_notify *n)
{
    unsigned bits = 0;

    for (size_t i = 0; i < LIQ_NOTICE_WAYS; i++)
        bits |= n->way[i].on ? n->way[i].bit : 0;
    return bits;
}

/* --- the list, with the lock taken ---------------------------------------- */

static void notice_free(struct liq_notice *t)
{
    free(t->body);
    free(t);
}

/* Take *at out of the list. */
static void remove_notice(struct liq_notify *n, struct liq_notice **at)
{
    struct liq_notice *t = *at;

    *at = t->next;
    n->n_notice--;
    notice_free(t);
}

/* t is not tried any more, but by ways that are at it. */
static void drop(struct liq_notify *n, struct liq_notice *t, const char *why)
{
    for (size_t i = 0; i < LIQ_NOTICE_WAYS; i++) {
        if (!(t->pending & ~t->busy & n->way[i].bit))
            continue;
        n->way[i].dropped++;
        liq_log(LIQ_LOG_WARN, "notification id=%s to=%s dropped why=\"%s\"",
                t->id, liq_way_names[i], why);
    }
    t->pending &= t->busy;
}

static void drop_oldest(struct liq_notify *n)
{
    for (struct liq_notice **at = &n->first; *at; at = &(*at)->next) {
        if ((*at)->busy)
            continue;
        drop(n, *at, "too many wait");
        remove_notice(n, at);
        return;
    }
}

bool liq_queue_add(struct liq_notify *n, const char *id, char *body,
                   unsigned pending, int64_t made_ms, bool saved)
{
    struct liq_notice *t = calloc(1, sizeof *t), **end = &n->first;

    if (!t)
        return false;
    if (n->n_notice >= LIQ_NOTICES_MAX)
        drop_oldest(n);
    (void)snprintf(t->id, sizeof t->id, "%s", id);
    t->body = body;
    t->pending = pending;
    t->made_ms = made_ms;
    t->saved = saved;
    while (*end)
        end = &(*end)->next;
    *end = t;
    n->n_notice++;
    return true;
}

size_t liq_queue_count(const struct liq_notify *n, unsigned bit)
{
    size_t count = 0;

    for (const struct liq_notice *t = n->first; t; t = t->next)
        count += (t->pending & bit) != 0;
    return count;
}

void liq_queue_free(struct liq_notify *n)
{
    while (n->first)
        remove_notice(n, &n->first);
}

/* True when something was dropped. */
static bool drop_old(struct liq_notify *n, int64_t now_ms)
{
    int64_t oldest_ms = now_ms - n->options.config->give_up_ms;
    struct liq_notice **at = &n->first;
    bool dropped = false;

    while (*at) {
        if ((*at)->made_ms <= oldest_ms && ((*at)->pending & ~(*at)->busy)) {
            drop(n, *at, "not delivered in time");
            dropped = true;
        }
        if ((*at)->pending == 0 && (*at)->busy == 0)
            remove_notice(n, at);
        else
            at = &(*at)->next;
    }
    return dropped;
}

/* The next one for a way; NULL when none is due: look again at *look_ms, 0:
 * none waits. */
static struct liq_notice *next_due(const struct liq_way *w, int64_t now_ms,
                                   int64_t *look_ms)
{
    size_t i = (size_t)(w - w->notify->way);

    *look_ms = 0;
    for (struct liq_notice *t = w->notify->first; t; t = t->next) {
        if (!(t->pending & w->bit) || !t->saved)
            continue;
        if (t->next_ms[i] <= now_ms)
            return t;
        if (*look_ms == 0)
            *look_ms = now_ms + TICK_MS;
        if (t->next_ms[i] < *look_ms)
            *look_ms = t->next_ms[i];
    }
    return NULL;
}

/* --- trying --------------------------------------------------------------- */

static void kick(struct liq_way *w)
{
    struct liq_notify *n = w->notify;
    int64_t now_ms = liq_notify_now(n);
    struct liq_notice *t = NULL;
    int64_t look_ms = 0;
    bool arm, dropped;

    liq_lock_take(&n->lock);
    dropped = drop_old(n, now_ms);
    if (!w->sending && !atomic_load(&n->stopping))
        t = next_due(w, now_ms, &look_ms);
    if (t) {
        w->sending = t;
        t->busy |= w->bit;
    }
    arm = look_ms > 0 && !w->armed;
    w->armed |= arm;
    liq_lock_give(&n->lock);
    if (dropped)
        liq_memory_changed(n);
    if (arm)
        liq_work_post_at(n->options.work, &w->timer, LIQ_LANE_LIGHT, look_ms);
    if (t)
        w->send(w, t);
}

static void on_timer(struct liq_task *task)
{
    struct liq_way *w =
        (struct liq_way *)(void *)((char *)task -
                                   offsetof(struct liq_way, timer));

    liq_lock_take(&w->notify->lock);
    w->armed = false;
    liq_lock_give(&w->notify->lock);
    kick(w);
}

void liq_queue_open(struct liq_notify *n)
{
    for (size_t i = 0; i < LIQ_NOTICE_WAYS; i++) {
        n->way[i].notify = n;
        n->way[i].bit = 1U << i;
        n->way[i].timer.run = on_timer;
    }
}

void liq_queue_kick(struct liq_notify *n)
{
    for (size_t i = 0; i < LIQ_NOTICE_WAYS; i++) {
        if (n->way[i].on)
            kick(&n->way[i]);
    }
}

static int64_t pause_after(int64_t first_ms, int tries)
{
    int64_t pause_ms = first_ms;

    while (--tries > 0 && pause_ms < RETRY_MAX_MS)
        pause_ms *= 2;
    return pause_ms < RETRY_MAX_MS ? pause_ms : RETRY_MAX_MS;
}

/* With the lock taken. */
static void count_failure(struct liq_way *w, struct liq_notice *t,
                          const char *error, int64_t retry_after_ms)
{
    size_t i = (size_t)(w - w->notify->way);
    int64_t pause_ms =
        pause_after(w->notify->options.config->retry_ms, ++t->tries[i]);

    if (retry_after_ms > pause_ms)
        pause_ms = retry_after_ms;
    w->failed++;
    t->next_ms[i] = liq_notify_now(w->notify) + pause_ms;
    (void)snprintf(w->error, sizeof w->error, "%s", error);
}

/* Only the first failure and the end of failures are worth a line. */
static void log_turn(const struct liq_way *w, bool was_good, const char *error)
{
    if (error && was_good)
        liq_log(LIQ_LOG_WARN, "notification to=%s failed why=\"%s\"",
                name_of(w), error);
    else if (!error && !was_good)
        liq_log(LIQ_LOG_INFO, "notification to=%s delivered again", name_of(w));
}

void liq_way_ended(struct liq_way *w, const char *error, int64_t retry_after_ms)
{
    struct liq_notify *n = w->notify;
    struct liq_notice *t = w->sending;
    bool was_good;

    liq_lock_take(&n->lock);
    was_good = w->error[0] == '\0';
    w->sending = NULL;
    t->busy &= ~w->bit;
    if (error) {
        count_failure(w, t, error, retry_after_ms);
    } else {
        w->delivered++;
        w->error[0] = '\0';
        t->pending &= ~w->bit;
    }
    liq_lock_give(&n->lock);
    if (!atomic_load(&n->stopping))
        log_turn(w, was_good, error);
    if (!error)
        liq_memory_changed(n);
    kick(w);
}
