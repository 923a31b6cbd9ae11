/*
 * A liq_http before another one.  Each request of a batch goes its own way:
 *
 *   ASKING    on the thread's list: Redis has the response, or the right to
 *             fetch it, or another host fetches it and we ask again soon
 *   FETCHING  the inner liq_http works on it
 *   FETCHED   back on the thread's list, to be published
 *
 * and then it is settled.  The last one of a batch hands the batch back.  The
 * thread waits for Redis, each time until a timeout; nobody else does.
 * Messages are packed and unpacked by the workers.
 */
#include "liqmap/hosts.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "internal.h"

#define KEY_MAX_BYTES ((size_t)16 * 1024)

/* --- what is no good ------------------------------------------------------ */

static bool write_note(struct note *n, const struct liq_http_request *r,
                       const struct liq_http_response *in)
{
    if (n->keep_ms == 0)
        return message_key(&n->key, "body", r) == LIQ_OK;
    return message_site(&n->key, "shut", r->url) == LIQ_OK &&
           message_encode(&n->message, in, 0) == LIQ_OK;
}

static void refuse(struct liq_http *http, const struct liq_http_request *r,
                   const struct liq_http_response *in, int64_t keep_ms)
{
    struct hosts *h = (struct hosts *)http;
    struct note *n;

    /* A ban that came from another host is not written again: it would
     * never end. */
    if (in->err != LIQ_OK || (in->shared && keep_ms > 0))
        return;
    n = calloc(1, sizeof *n);
    if (!n)
        return;
    liq_buf_init(&n->key, KEY_MAX_BYTES);
    liq_buf_init(&n->message, r->max_bytes + MESSAGE_EXTRA_BYTES);
    n->keep_ms = keep_ms;
    if (!write_note(n, r, in)) {
        note_free(n);
        return;
    }
    liq_lock_take(&h->lock);
    n->next = h->notes;
    h->notes = n;
    pthread_cond_signal(&h->ready);
    liq_lock_give(&h->lock);
}

/* --- what callers call ---------------------------------------------------- */

static bool write_keys(struct part *p)
{
    liq_buf_init(&p->body, KEY_MAX_BYTES);
    liq_buf_init(&p->lock, KEY_MAX_BYTES);
    liq_buf_init(&p->shut, KEY_MAX_BYTES);
    liq_buf_init(&p->message, p->request->max_bytes + MESSAGE_EXTRA_BYTES);
    liq_buf_init(&p->found.message,
                 p->request->max_bytes + MESSAGE_EXTRA_BYTES);
    return message_key(&p->body, "body", p->request) == LIQ_OK &&
           message_key(&p->lock, "lock", p->request) == LIQ_OK &&
           message_site(&p->shut, "shut", p->request->url) == LIQ_OK;
}

/* NULL when there is no memory. */
static struct batch *batch_new(struct hosts *h, struct liq_http_batch *outer)
{
    struct batch *b = calloc(1, sizeof *b + outer->n * sizeof *b->part);
    bool good = true;

    if (!b)
        return NULL;
    b->h = h;
    b->outer = outer;
    b->begun_ms = hosts_now(h);
    b->left = outer->n;
    for (size_t i = 0; i < outer->n; i++) {
        struct part *p = &b->part[i];

        p->of = b;
        p->request = &outer->request[i];
        p->response = &outer->response[i];
        p->next = i + 1 < outer->n ? p + 1 : NULL;
        good = write_keys(p) && good;
    }
    if (good)
        return b;
    for (size_t i = 0; i < outer->n; i++)
        part_free(&b->part[i]);
    free(b);
    return NULL;
}

static void start(struct liq_http *http, struct liq_http_batch *outer)
{
    struct hosts *h = (struct hosts *)http;
    struct batch *b = batch_new(h, outer);
    bool there;

    liq_lock_take(&h->lock);
    there = b && h->counts.there && !h->stopped;
    if (there) {
        *h->inbox_end = b->part;
        h->inbox_end = &b->part[outer->n - 1].next;
        pthread_cond_signal(&h->ready);
    } else {
        h->counts.alone += outer->n;
    }
    liq_lock_give(&h->lock);
    if (there)
        return;
    for (size_t i = 0; b && i < outer->n; i++)
        part_free(&b->part[i]);
    free(b);
    h->inner->start(h->inner, outer);
}

static void stop(struct liq_http *http)
{
    struct hosts *h = (struct hosts *)http;

    liq_lock_take(&h->lock);
    h->stopped = true;
    pthread_cond_signal(&h->ready);
    liq_lock_give(&h->lock);
    if (h->begun)
        pthread_join(h->thread, NULL);
    h->inner->stop(h->inner);
}

static void release(struct hosts *h)
{
    struct note *next;

    for (struct note *n = h->notes; n; n = next) {
        next = n->next;
        note_free(n);
    }
    redis_free(h->redis);
    pthread_cond_destroy(&h->ready);
    liq_lock_free(&h->lock);
    free(h);
}

static void free_hosts(struct liq_http *http)
{
    struct hosts *h = (struct hosts *)http;
    struct liq_http *inner = h->inner;

    if (!h->stopped) /* nobody else may use h now */
        stop(http);
    release(h);
    inner->free(inner);
}

/* What no other host has. */
static bool make_id(char id[33])
{
    unsigned char bytes[16];
    int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, bytes, sizeof bytes) : -1;

    if (fd >= 0)
        (void)close(fd);
    if (n != (ssize_t)sizeof bytes)
        return false;
    for (size_t i = 0; i < sizeof bytes; i++)
        snprintf(id + 2 * i, 3, "%02x", bytes[i]);
    return true;
}

static bool make_locks(struct hosts *h)
{
    if (liq_lock_init(&h->lock) != LIQ_OK)
        return false;
    if (liq_condition_init(&h->ready) == LIQ_OK)
        return true;
    liq_lock_free(&h->lock);
    return false;
}

struct liq_http *liq_hosts_new(const struct liq_hosts_options *o)
{
    struct hosts *h = calloc(1, sizeof *h);

    if (!h || !make_locks(h)) {
        free(h);
        return NULL;
    }
    h->http = (struct liq_http){
        .start = start, .stop = stop, .free = free_hosts, .refuse = refuse};
    h->inner = o->http;
    h->clock = o->clock;
    h->work = o->work;
    h->live_ms = o->config->ttl_ms - o->config->lead_ms;
    h->divide = o->divide;
    h->arg = o->arg;
    h->inbox_end = &h->inbox;
    h->divided = 1;
    /* Until the first attempt has ended, requests wait for it. */
    h->counts = (struct liq_hosts_counts){.there = true, .hosts = 1};
    h->redis = redis_new(o->config->redis, getenv("LIQMAP_REDIS_PASSWORD"),
                         o->config->redis_timeout_ms);
    if (h->redis && make_id(h->id))
        return &h->http;
    release(h);
    return NULL;
}

enum liq_err liq_hosts_begin(struct liq_http *hosts)
{
    struct hosts *h = (struct hosts *)hosts;

    h->begun = pthread_create(&h->thread, NULL, hosts_run, h) == 0;
    return h->begun ? LIQ_OK : LIQ_ENOMEM;
}

void liq_hosts_count(void *hosts, struct liq_hosts_counts *out)
{
    struct hosts *h = hosts;

    liq_lock_take(&h->lock);
    *out = h->counts;
    liq_lock_give(&h->lock);
}
