/*
 * libcurl's multi interface behind http.h.
 *
 * One thread owns the multi handle, every transfer and every batch that was
 * begun; start only puts a batch into its inbox and wakes it.  One multi means
 * one pool of connections, so that each exchange keeps its own open.
 */
#include "dump.h"
#include "liqmap/http.h"
#include "transfer.h"

#include <assert.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include "liqmap/lock.h"
#include "liqmap/log.h"

/* Hosts whose connections are kept: eight exchanges, some with two. */
#define HOSTS 16
/* ... so many to each: a first map takes more, and few are needed later. */
#define KEPT_PER_HOST 8
/* curl wakes up by itself when a socket or a timer of its own is due. */
#define POLL_MAX_MS 60000
/* Pause after a failed poll, so that it is not repeated without end. */
#define POLL_FAILED_MS 20

struct curl_http {
    struct liq_http http; /* first, so that the two addresses are one */
    const struct liq_clock *clock;
    struct liq_work *work;
    char *dump_dir; /* owned; NULL: no dumps */
    CURLM *multi;
    pthread_t thread;

    struct liq_lock lock; /* of inbox and stopped */
    struct liq_http_batch *inbox, **inbox_end;
    bool stopped;

    /* the thread's alone */
    struct liq_http_batch *running;
    struct transfers transfers;
    unsigned n_dumped;
};

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void init_curl(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* --- batches, on the thread --------------------------------------------- */

/* Request i of b has ended, well or not. */
static void end_request(struct curl_http *h, struct liq_http_batch *b, size_t i)
{
    struct liq_http_batch **at = &h->running;

    if (b->ended)
        b->ended(b, i);
    if (--b->left > 0)
        return;
    while (*at != b)
        at = &(*at)->next;
    *at = b->next;
    liq_work_post(h->work, &b->done, LIQ_LANE_HEAVY); /* b is the caller's */
}

/* Take t out of its batch, whose response to it is filled. */
static void end_transfer(struct curl_http *h, struct transfer *t)
{
    struct liq_http_batch *b = t->batch;
    struct transfer *first = b->transfer, **at = &first;
    size_t i;

    t->response->received_ms = h->clock->mono_ms(h->clock);
    curl_multi_remove_handle(h->multi, t->easy);
    if (h->dump_dir && t->response->err == LIQ_OK)
        dump_body(h->dump_dir, h->clock->wall_ms(h->clock), h->n_dumped++,
                  t->request->url, t->response);
    while (*at != t)
        at = &(*at)->next;
    *at = t->next;
    b->transfer = first;
    i = (size_t)(t->response - b->response);
    transfer_give(&h->transfers, t);
    end_request(h, b, i);
}

/* False when there is no memory. */
static bool begin_transfer(struct curl_http *h, struct liq_http_batch *b,
                           size_t i)
{
    struct transfer *t = transfer_take(&h->transfers, b, i);

    if (!t)
        return false;
    if (curl_multi_add_handle(h->multi, t->easy) != CURLM_OK) {
        transfer_give(&h->transfers, t);
        return false;
    }
    t->next = b->transfer;
    b->transfer = t;
    return true;
}

static void begin_batch(struct curl_http *h, struct liq_http_batch *b)
{
    int64_t left_ms = b->deadline_ms - h->clock->mono_ms(h->clock);
    size_t n = b->n; /* the last one that ends hands b back */

    assert(n > 0);
    b->transfer = NULL;
    b->left = n;
    b->next = h->running;
    h->running = b;
    for (size_t i = 0; i < n; i++)
        response_init(&b->response[i], b->request[i].max_bytes);
    for (size_t i = 0; i < n; i++) {
        b->response[i].received_ms = h->clock->mono_ms(h->clock);
        if (left_ms > 0 && begin_transfer(h, b, i))
            continue;
        if (left_ms > 0)
            response_fail(&b->response[i], LIQ_ENOMEM, "no memory");
        else
            response_fail(&b->response[i], LIQ_ETIMEOUT,
                          "the deadline had passed");
        end_request(h, b, i);
    }
}

static void collect(struct curl_http *h)
{
    struct transfer *t = NULL;
    CURLMsg *m;
    int left;

    while ((m = curl_multi_info_read(h->multi, &left)) != NULL) {
        if (m->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&t);
        transfer_respond(t, m->data.result);
        end_transfer(h, t);
    }
}

static void time_out(struct curl_http *h, struct liq_http_batch *b)
{
    struct transfer *t, *next;

    for (t = b->transfer; t; t = next) {
        next = t->next;
        transfer_fail(t, LIQ_ETIMEOUT, "no response before the deadline");
        end_transfer(h, t); /* the last one hands b back */
    }
}

/* End the batches whose deadline has passed (all of them: at the end); how long
 * the next one has, at most POLL_MAX_MS. */
static int64_t check_deadlines(struct curl_http *h, bool all)
{
    int64_t now_ms = h->clock->mono_ms(h->clock), wait_ms = POLL_MAX_MS;
    struct liq_http_batch *b, *next;

    for (b = h->running; b; b = next) {
        int64_t left_ms = b->deadline_ms - now_ms;

        next = b->next;
        if (all || left_ms <= 0)
            time_out(h, b);
        else if (left_ms < wait_ms)
            wait_ms = left_ms;
    }
    return wait_ms;
}

/* Begin what came in; false when all is over. */
static bool empty_inbox(struct curl_http *h)
{
    struct liq_http_batch *b, *next;
    bool stopped;

    liq_lock_take(&h->lock);
    b = h->inbox;
    h->inbox = NULL;
    h->inbox_end = &h->inbox;
    stopped = h->stopped;
    liq_lock_give(&h->lock);
    for (; b; b = next) {
        next = b->next;
        begin_batch(h, b);
    }
    return !stopped;
}

static void *run(void *arg)
{
    struct curl_http *h = arg;
    int running;

    while (empty_inbox(h)) {
        int64_t wait_ms;

        (void)curl_multi_perform(h->multi, &running);
        collect(h);
        wait_ms = check_deadlines(h, false);
        if (curl_multi_poll(h->multi, NULL, 0, (int)wait_ms, NULL) != CURLM_OK)
            (void)poll(NULL, 0, POLL_FAILED_MS);
    }
    check_deadlines(h, true);
    return NULL;
}

/* --- what callers call --------------------------------------------------- */

/* All of b ends before it has begun. */
static void refuse(struct curl_http *h, struct liq_http_batch *b)
{
    for (size_t i = 0; i < b->n; i++) {
        response_init(&b->response[i], b->request[i].max_bytes);
        response_fail(&b->response[i], LIQ_ETIMEOUT,
                      "the network has been stopped");
        b->response[i].received_ms = h->clock->mono_ms(h->clock);
        if (b->ended)
            b->ended(b, i);
    }
    liq_work_post(h->work, &b->done, LIQ_LANE_HEAVY);
}

static void start(struct liq_http *http, struct liq_http_batch *b)
{
    struct curl_http *h = (struct curl_http *)http;
    bool stopped;

    b->next = NULL;
    liq_lock_take(&h->lock);
    stopped = h->stopped;
    if (!stopped) {
        *h->inbox_end = b;
        h->inbox_end = &b->next;
    }
    liq_lock_give(&h->lock);
    if (stopped)
        refuse(h, b);
    else
        (void)curl_multi_wakeup(h->multi);
}

static void stop(struct liq_http *http)
{
    struct curl_http *h = (struct curl_http *)http;

    liq_lock_take(&h->lock);
    h->stopped = true;
    liq_lock_give(&h->lock);
    (void)curl_multi_wakeup(h->multi);
    pthread_join(h->thread, NULL);
}

/* What new made, whether or not its thread runs. */
static void release(struct curl_http *h)
{
    transfers_free(&h->transfers);
    if (h->multi)
        curl_multi_cleanup(h->multi);
    liq_lock_free(&h->lock);
    free(h->dump_dir);
    free(h);
}

static void curl_http_free(struct liq_http *http)
{
    struct curl_http *h = (struct curl_http *)http;

    if (!h->stopped) /* nobody else may use h now */
        stop(http);
    release(h);
}

/* False when there is no memory. */
static bool prepare(struct curl_http *h, const struct liq_http_options *o)
{
    long per_host = o->max_connections > 0 ? o->max_connections : 1;
    bool dumps = o->dump_dir && o->dump_dir[0];

    h->transfers.user_agent = strdup(o->user_agent ? o->user_agent : "liqmap");
    h->dump_dir = dumps ? strdup(o->dump_dir) : NULL;
    h->multi = curl_multi_init();
    if (!h->transfers.user_agent || !h->multi || (dumps && !h->dump_dir))
        return false;
    curl_multi_setopt(h->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX);
    curl_multi_setopt(h->multi, CURLMOPT_MAX_HOST_CONNECTIONS, per_host);
    curl_multi_setopt(h->multi, CURLMOPT_MAXCONNECTS,
                      (per_host < KEPT_PER_HOST ? per_host : KEPT_PER_HOST) *
                          HOSTS);
    curl_multi_setopt(h->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS,
                      (long)o->max_all);
    return true;
}

struct liq_http *liq_http_curl_new(const struct liq_http_options *o)
{
    struct curl_http *h = calloc(1, sizeof *h);

    if (!h)
        return NULL;
    if (liq_lock_init(&h->lock) != LIQ_OK) {
        free(h);
        return NULL;
    }
    pthread_once(&curl_once, init_curl);
    h->http.start = start;
    h->http.stop = stop;
    h->http.free = curl_http_free;
    h->clock = o->clock;
    h->work = o->work;
    h->transfers.connect_ms = o->connect_ms;
    h->inbox_end = &h->inbox;
    if (!prepare(h, o) || pthread_create(&h->thread, NULL, run, h) != 0) {
        release(h);
        return NULL;
    }
    return &h->http;
}
