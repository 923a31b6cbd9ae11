/* The thread that speaks with Redis. */
#include "internal.h"

#include <stdlib.h>
#include "liqmap/log.h"

/* While another host fetches, Redis is asked again so often. */
#define POLL_MS 20
/* Questions that are sent before the first response is read. */
#define ROUND 64
#define RETRY_MS 1000
#define BEAT_MS 2000
/* A host without a beat for so long is gone. */
#define GONE_MS 30000
/* A response that is no 200 is good for those who wait for it now. */
#define FAILURE_LIFE_MS 1000
#define LOCK_MIN_MS 250
#define WHY_SIZE 128

static struct redis_bytes bytes_of(const struct liq_buf *b)
{
    return (struct redis_bytes){b->len > 0 ? b->data : "", b->len};
}

/* --- Redis comes and goes ------------------------------------------------- */

static void divide(struct hosts *h, int hosts)
{
    if (hosts == h->divided)
        return;
    h->divided = hosts;
    h->divide(h->arg, hosts);
}

static void lose(struct hosts *h, const char *why)
{
    int hosts;

    redis_close(h->redis);
    h->up = false;
    h->retry_at_ms = hosts_now(h) + RETRY_MS;
    liq_lock_take(&h->lock);
    h->counts.there = false;
    h->counts.losses += !h->lost;
    hosts = h->counts.hosts;
    liq_lock_give(&h->lock);
    divide(h, hosts);
    if (!h->lost)
        liq_log(LIQ_LOG_WARN,
                "event=redis_lost hosts=%d reason=\"%s\" this host fetches for "
                "itself, within its part of the budgets",
                hosts, why);
    h->lost = true;
}

static void beat(struct hosts *h)
{
    int hosts = 1;

    h->beat_at_ms = hosts_now(h) + BEAT_MS;
    if (!redis_beat(h->redis, h->id, GONE_MS, &hosts)) {
        lose(h, "no response");
        return;
    }
    liq_lock_take(&h->lock);
    h->counts.there = true;
    h->counts.hosts = hosts;
    liq_lock_give(&h->lock);
    divide(h, 1);
}

static void keep_connection(struct hosts *h)
{
    int64_t now_ms = hosts_now(h);
    char why[WHY_SIZE] = "";

    if (h->up) {
        if (now_ms >= h->beat_at_ms)
            beat(h);
        return;
    }
    if (now_ms < h->retry_at_ms)
        return;
    if (!redis_connect(h->redis, why, sizeof why)) {
        lose(h, why);
        return;
    }
    h->connection++;
    h->up = true;
    beat(h);
    if (h->lost && h->up) {
        liq_log(LIQ_LOG_WARN, "event=redis_back");
        h->lost = false;
    }
}

/* --- what is asked of it -------------------------------------------------- */

static int64_t age_of(const struct hosts *h, const struct part *p)
{
    return p->request->max_age_ms > 0 ? p->request->max_age_ms : h->live_ms;
}

static void send_ask(struct hosts *h, struct part *p)
{
    const struct batch *b = p->of;
    int64_t now_ms = hosts_now(h), left_ms = b->outer->deadline_ms - now_ms;
    int64_t age_ms = age_of(h, p);
    /* The holder of a lock may have ended: then one of those who wait has the
     * next at half of the time, and whoever still waits in the last quarter
     * fetches for itself. */
    struct redis_ask a = {.body = bytes_of(&p->body),
                          .lock = bytes_of(&p->lock),
                          .shut = bytes_of(&p->shut),
                          /* What this host itself fetched is too old. */
                          .most_ms = age_ms - age_ms / 16,
                          .lock_ms = left_ms / 2,
                          .max_bytes =
                              p->request->max_bytes + MESSAGE_EXTRA_BYTES,
                          .force = now_ms - b->begun_ms > 3 * left_ms};

    if (a.lock_ms < LOCK_MIN_MS)
        a.lock_ms = LOCK_MIN_MS;
    (void)redis_ask_send(h->redis, &a);
}

/* False: p is still to be asked for. */
static bool take_found(struct hosts *h, struct part *p)
{
    switch (p->found.said) {
    case REDIS_HAVE:
        part_take(p);
        return true;
    case REDIS_LEAD:
        p->connection = h->connection;
        part_fetch(p, p->found.token);
        return true;
    case REDIS_ODD:
        part_fetch(p, 0);
        return true;
    case REDIS_WAIT:
        break;
    }
    if (hosts_now(h) < p->of->outer->deadline_ms)
        return false;
    part_time_out(p, "no other host had a response before the deadline");
    return true;
}

/* Ask for the first n of the list; those to be asked for again go behind
 * **end.  What is left unread when the connection is lost stays in the list. */
static bool ask_round(struct hosts *h, size_t n, struct part ***end)
{
    struct part *p = h->asking;

    for (size_t i = 0; i < n; i++, p = p->next)
        send_ask(h, p);
    for (size_t i = 0; i < n; i++) {
        p = h->asking;
        liq_buf_clear(&p->found.message);
        if (!redis_ask_read(h->redis, &p->found))
            return false;
        h->asking = p->next;
        if (take_found(h, p))
            continue;
        p->next = NULL;
        **end = p;
        *end = &p->next;
    }
    return true;
}

static size_t length(const struct part *p, size_t most)
{
    size_t n = 0;

    for (; p && n < most; p = p->next)
        n++;
    return n;
}

static void fetch_all_alone(struct part *p)
{
    struct part *next;

    for (; p; p = next) {
        next = p->next;
        part_fetch(p, 0);
    }
}

static void ask_all(struct hosts *h)
{
    struct part *again = NULL, **end = &again;

    while (h->asking && h->up) {
        if (!ask_round(h, length(h->asking, ROUND), &end))
            lose(h, "no response");
    }
    if (h->up) {
        h->asking = again;
        return;
    }
    fetch_all_alone(h->asking);
    fetch_all_alone(again);
    h->asking = NULL;
}

/* Last: p may be gone on return. */
static void publish(struct hosts *h, struct part *p)
{
    int64_t age_ms = age_of(h, p), keep_ms = age_ms + age_ms / 4;
    struct redis_publish u = {
        .body = bytes_of(&p->body),
        .lock = bytes_of(&p->lock),
        .message = bytes_of(&p->message),
        .token = p->found.token,
        .age_ms = hosts_now(h) - p->sent_ms,
        .life_ms = p->response->status == 200 ? keep_ms : FAILURE_LIFE_MS,
        .keep_ms = keep_ms,
        .max_bytes = p->request->max_bytes + MESSAGE_EXTRA_BYTES};

    liq_buf_clear(&p->found.message);
    p->found.said = REDIS_LEAD;
    /* A Redis that was away may have begun its tokens anew. */
    if (h->up && p->connection == h->connection) {
        if (!redis_publish(h->redis, &u, &p->found))
            lose(h, "no response");
        else if (u.message.n > 0)
            hosts_add(h, &h->counts.fetched, 1);
    }
    if (p->found.said == REDIS_HAVE)
        part_replace(p);
    else
        part_settle(p);
}

/* --- notes ---------------------------------------------------------------- */

void note_free(struct note *n)
{
    liq_buf_free(&n->key);
    liq_buf_free(&n->message);
    free(n);
}

static void send_note(struct hosts *h, struct note *n)
{
    bool good = true;

    if (h->up)
        good = n->message.len > 0 ? redis_put(h->redis, bytes_of(&n->key),
                                              bytes_of(&n->message), n->keep_ms)
                                  : redis_drop(h->redis, bytes_of(&n->key));
    if (!good)
        lose(h, "no response");
    note_free(n);
}

/* --- the thread ----------------------------------------------------------- */

/* How long the thread may sleep when nothing comes in. */
static int64_t sleep_ms(const struct hosts *h)
{
    int64_t at_ms = h->up ? h->beat_at_ms : h->retry_at_ms;
    int64_t left_ms = at_ms - hosts_now(h);

    if (left_ms < 0)
        left_ms = 0;
    return h->asking && left_ms > POLL_MS ? POLL_MS : left_ms;
}

/* Wait, then take over what came in; false when all is over. */
static bool take_inbox(struct hosts *h, struct part **inbox,
                       struct note **notes)
{
    int64_t wait_ms = sleep_ms(h);
    bool stopped;

    liq_lock_take(&h->lock);
    if (!h->inbox && !h->notes && !h->stopped && wait_ms > 0)
        liq_condition_wait(&h->ready, &h->lock, wait_ms);
    *inbox = h->inbox;
    *notes = h->notes;
    h->inbox = NULL;
    h->inbox_end = &h->inbox;
    h->notes = NULL;
    stopped = h->stopped;
    liq_lock_give(&h->lock);
    return !stopped;
}

static void ask_later(struct hosts *h, struct part *p)
{
    struct part **at = &h->asking;

    while (*at)
        at = &(*at)->next;
    *at = p;
}

static void sort_inbox(struct hosts *h, struct part *p)
{
    struct part *next;

    for (; p; p = next) {
        next = p->next;
        p->next = NULL;
        if (p->state == ASKING)
            ask_later(h, p);
        else
            publish(h, p);
    }
}

static void send_notes(struct hosts *h, struct note *n)
{
    struct note *next;

    for (; n; n = next) {
        next = n->next;
        send_note(h, n);
    }
}

static void end_all(struct part *p)
{
    struct part *next;

    for (; p; p = next) {
        next = p->next;
        if (p->state == ASKING)
            part_time_out(p, "the network has been stopped");
        else
            part_settle(p);
    }
}

void *hosts_run(void *arg)
{
    struct hosts *h = arg;
    struct part *inbox;
    struct note *notes;

    while (take_inbox(h, &inbox, &notes)) {
        keep_connection(h);
        sort_inbox(h, inbox);
        send_notes(h, notes);
        ask_all(h);
    }
    end_all(inbox);
    end_all(h->asking);
    send_notes(h, notes);
    redis_leave(h->redis, h->id);
    return NULL;
}
