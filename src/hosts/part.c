/* One request: fetched, or taken from another host, and settled. */
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "liqmap/log.h"

int64_t hosts_now(const struct hosts *h)
{
    return h->clock->mono_ms(h->clock);
}

void hosts_add(struct hosts *h, uint64_t *count, size_t n)
{
    liq_lock_take(&h->lock);
    *count += n;
    liq_lock_give(&h->lock);
}

/* --- the end of a request ------------------------------------------------- */

void part_free(struct part *p)
{
    liq_buf_free(&p->body);
    liq_buf_free(&p->lock);
    liq_buf_free(&p->shut);
    liq_buf_free(&p->message);
    liq_buf_free(&p->found.message);
}

void part_settle(struct part *p)
{
    struct batch *b = p->of;
    struct hosts *h = b->h;
    bool last;

    if (b->outer->ended)
        b->outer->ended(b->outer, (size_t)(p - b->part));
    liq_lock_take(&h->lock);
    last = --b->left == 0;
    liq_lock_give(&h->lock);
    if (!last)
        return;
    for (size_t i = 0; i < b->outer->n; i++)
        part_free(&b->part[i]);
    liq_work_post(h->work, &b->outer->done, LIQ_LANE_HEAVY);
    free(b);
}

void part_time_out(struct part *p, const char *words)
{
    struct liq_http_response *r = p->response;

    memset(r, 0, sizeof *r);
    liq_buf_init(&r->body, p->request->max_bytes);
    liq_buf_init(&r->headers, 0);
    r->err = LIQ_ETIMEOUT;
    r->received_ms = hosts_now(p->of->h);
    snprintf(r->error, sizeof r->error, "%s", words);
    part_settle(p);
}

/* --- fetching ------------------------------------------------------------- */

static struct part *part_of(struct liq_task *t, size_t offset)
{
    return (struct part *)(void *)((char *)t - offset);
}

bool part_hand_over(struct part *p)
{
    struct hosts *h = p->of->h;
    bool stopped;

    p->next = NULL;
    liq_lock_take(&h->lock);
    stopped = h->stopped;
    if (!stopped) {
        *h->inbox_end = p;
        h->inbox_end = &p->next;
        pthread_cond_signal(&h->ready);
    }
    liq_lock_give(&h->lock);
    return !stopped;
}

/* Our own fetch has ended. */
static void on_fetched(struct liq_task *t)
{
    struct part *p = part_of(t, offsetof(struct part, inner.done));
    const struct liq_http_response *r = p->response;

    p->state = FETCHED;
    if (p->found.token == 0) {
        part_settle(p);
        return;
    }
    if (r->err == LIQ_OK &&
        message_encode(&p->message, r, r->received_ms - p->sent_ms) != LIQ_OK)
        liq_buf_clear(&p->message);
    if (!part_hand_over(p))
        part_settle(p);
}

void part_fetch(struct part *p, int64_t token)
{
    struct hosts *h = p->of->h;

    p->state = FETCHING;
    p->found.token = token;
    p->sent_ms = hosts_now(h);
    p->inner = (struct liq_http_batch){.request = p->request,
                                       .header = p->of->outer->header,
                                       .response = p->response,
                                       .n = 1,
                                       .deadline_ms = p->of->outer->deadline_ms,
                                       .done.run = on_fetched};
    if (token == 0)
        hosts_add(h, &h->counts.alone, 1);
    h->inner->start(h->inner, &p->inner);
}

/* --- what another host fetched -------------------------------------------- */

/* False: it is no message of ours. */
static bool unpack(struct part *p, struct liq_http_response *out)
{
    const struct liq_buf *m = &p->found.message;

    if (message_decode(m->data, m->len, p->request->max_bytes, out) != LIQ_OK)
        return false;
    out->received_ms = hosts_now(p->of->h);
    out->age_ms = p->found.age_ms;
    return true;
}

/* On a worker: in place of a fetch. */
static void on_taken(struct liq_task *t)
{
    struct part *p = part_of(t, offsetof(struct part, task));
    struct hosts *h = p->of->h;

    if (!unpack(p, p->response)) {
        liq_log(LIQ_LOG_WARN, "event=shared_response_refused url=%.160s",
                p->request->url);
        part_fetch(p, 0);
        return;
    }
    hosts_add(h, &h->counts.taken, 1);
    part_settle(p);
}

/* On a worker: in place of what we fetched. */
static void on_refused(struct liq_task *t)
{
    struct part *p = part_of(t, offsetof(struct part, task));
    struct hosts *h = p->of->h;
    struct liq_http_response newer;

    if (unpack(p, &newer)) {
        liq_http_response_free(p->response);
        *p->response = newer;
        hosts_add(h, &h->counts.refused, 1);
    }
    part_settle(p);
}

static void unpack_later(struct part *p, void (*run)(struct liq_task *t))
{
    p->task.run = run;
    liq_work_post(p->of->h->work, &p->task, LIQ_LANE_HEAVY);
}

void part_take(struct part *p)
{
    unpack_later(p, on_taken);
}

void part_replace(struct part *p)
{
    unpack_later(p, on_refused);
}
