/*
 * libcurl's multi interface behind http.h; the only file that includes curl.h.
 *
 * One thread owns the multi handle, every transfer and every batch that was
 * begun; start only puts a batch into its inbox and wakes it.  One multi means
 * one pool of connections, so that each exchange keeps its own open.
 */
#include "dump.h"
#include "liqmap/http.h"

#include <assert.h>
#include <curl/curl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "liqmap/lock.h"
#include "liqmap/log.h"

#define HEADERS_MAX_BYTES (16 * 1024)
/* Hosts whose connections are kept: eight exchanges, some with two. */
#define HOSTS 16
/* ... so many to each: a first map takes more, and few are needed later. */
#define KEPT_PER_HOST 8
#define IDLE_TRANSFERS_MAX 32
/* curl wakes up by itself when a socket or a timer of its own is due. */
#define POLL_MAX_MS 60000
/* Pause after a failed poll, so that it is not repeated without end. */
#define POLL_FAILED_MS 20

/* One request while it runs; kept for the next one with its handle. */
struct transfer {
    struct transfer *next; /* of its batch, or idle */
    CURL *easy;            /* owned */
    struct liq_http_batch *batch;
    const struct liq_http_request *request;
    struct liq_http_response *response;
    struct curl_slist *header;    /* of a POST; owned */
    char reason[CURL_ERROR_SIZE]; /* what went wrong, from curl */
};

struct curl_http {
    struct liq_http http; /* first, so that the two addresses are one */
    const struct liq_clock *clock;
    struct liq_work *work;
    int64_t connect_ms;
    char *user_agent, *dump_dir; /* owned; dump_dir NULL: no dumps */
    CURLM *multi;
    pthread_t thread;

    struct liq_lock lock; /* of inbox and stopped */
    struct liq_http_batch *inbox, **inbox_end;
    bool stopped;

    /* the thread's alone */
    struct liq_http_batch *running;
    struct transfer *idle;
    size_t n_idle;
    unsigned n_dumped;
};

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void init_curl(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* --- what curl calls ---------------------------------------------------- */

static size_t on_body(char *data, size_t size, size_t n, void *arg)
{
    struct transfer *t = arg;

    if (liq_buf_add(&t->response->body, data, size * n) != LIQ_OK)
        return 0;
    return size * n;
}

static size_t on_header(char *data, size_t size, size_t n, void *arg)
{
    struct transfer *t = arg;
    struct liq_buf *out = &t->response->headers;
    size_t len = size * n, used = len;
    bool name = true;

    if (len >= 5 && memcmp(data, "HTTP/", 5) == 0) {
        liq_buf_clear(out); /* those of an interim response are not kept */
        return len;
    }
    while (used > 0 && (data[used - 1] == '\n' || data[used - 1] == '\r'))
        used--;
    if (used == 0)
        return len;
    for (size_t i = 0; i < used; i++) {
        char c = data[i];

        if (c == ':')
            name = false;
        if (name && c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        if (c == '\0' || c == '\n' || c == '\r')
            c = ' ';
        liq_buf_char(out, c);
    }
    return liq_buf_char(out, '\n') == LIQ_OK ? len : 0;
}

/* --- transfers ---------------------------------------------------------- */

static void transfer_free(struct transfer *t)
{
    curl_easy_cleanup(t->easy);
    free(t);
}

/* NULL when there is no memory. */
static struct transfer *take_transfer(struct curl_http *h)
{
    struct transfer *t = h->idle;

    if (t) {
        h->idle = t->next;
        h->n_idle--;
        return t;
    }
    t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    t->easy = curl_easy_init();
    if (t->easy)
        return t;
    free(t);
    return NULL;
}

static void give_transfer(struct curl_http *h, struct transfer *t)
{
    curl_slist_free_all(t->header);
    t->header = NULL;
    if (h->n_idle == IDLE_TRANSFERS_MAX) {
        transfer_free(t);
        return;
    }
    /* The connections stay: they belong to the multi. */
    curl_easy_reset(t->easy);
    t->next = h->idle;
    h->idle = t;
    h->n_idle++;
}

static void limit_protocols(CURL *e)
{
#if LIBCURL_VERSION_NUM >= 0x075500
    curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
#else
    curl_easy_setopt(e, CURLOPT_PROTOCOLS,
                     (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}

static void set_limits(const struct curl_http *h, CURL *e)
{
    limit_protocols(e);
    curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
    if (h->connect_ms > 0)
        curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)h->connect_ms);
#if LIBCURL_VERSION_NUM >= 0x075700
    /* Else ending a transfer waits for its name to be resolved, which takes
     * as long as the resolver likes, and nothing else moves meanwhile. */
    curl_easy_setopt(e, CURLOPT_QUICK_EXIT, 1L);
#endif
}

static void set_options(const struct curl_http *h, struct transfer *t)
{
    CURL *e = t->easy;

    set_limits(h, e);
    curl_easy_setopt(e, CURLOPT_PRIVATE, t);
    curl_easy_setopt(e, CURLOPT_URL, t->request->url);
    curl_easy_setopt(e, CURLOPT_ACCEPT_ENCODING, "gzip");
    curl_easy_setopt(e, CURLOPT_HTTP_CONTENT_DECODING, 0L);
    curl_easy_setopt(e, CURLOPT_USERAGENT, h->user_agent);
    curl_easy_setopt(e, CURLOPT_ERRORBUFFER, t->reason);
    curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(e, CURLOPT_WRITEDATA, t);
    curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(e, CURLOPT_HEADERDATA, t);
    curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    /* One handshake shows whether a host multiplexes.  Without TLS only its
     * first response would, so there the others do not wait for it. */
    if (strncmp(t->request->url, "https:", 6) == 0)
        curl_easy_setopt(e, CURLOPT_PIPEWAIT, 1L);
    if (t->request->post) {
        curl_easy_setopt(e, CURLOPT_POSTFIELDS, t->request->post);
        curl_easy_setopt(e, CURLOPT_HTTPHEADER, t->header);
    }
}

/* --- responses ---------------------------------------------------------- */

static void response_init(struct liq_http_response *r, size_t max_bytes)
{
    memset(r, 0, sizeof *r);
    liq_buf_init(&r->body, max_bytes);
    liq_buf_init(&r->headers, HEADERS_MAX_BYTES);
}

static void fail(struct liq_http_response *r, enum liq_err err,
                 const char *reason)
{
    r->err = err;
    liq_buf_clear(&r->body);
    snprintf(r->error, sizeof r->error, "%.100s", reason);
}

static int64_t date_ms(const struct liq_http_response *r)
{
    char value[64];
    time_t date_s;

    liq_http_header(r, "date", value, sizeof value);
    date_s = value[0] ? curl_getdate(value, NULL) : 0;
    return date_s > 0 ? (int64_t)date_s * 1000 : 0;
}

static enum liq_err kind_of(const struct transfer *t, CURLcode code)
{
    if (t->response->body.err != LIQ_OK)
        return t->response->body.err;
    if (t->response->headers.err != LIQ_OK)
        return t->response->headers.err;
    switch (code) {
    case CURLE_OK:
        return LIQ_OK;
    case CURLE_OUT_OF_MEMORY:
        return LIQ_ENOMEM;
    default:
        return LIQ_ENET;
    }
}

static void set_status(const struct transfer *t)
{
    long status = 0;

    curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    t->response->status = (int)status;
    t->response->date_ms = date_ms(t->response);
}

/* Put the body that came in place of its compressed bytes.  Curl would take
 * twice the time, and would do all bodies that have come before the first of
 * them can be parsed. */
static enum liq_err decompress(struct transfer *t)
{
    struct liq_http_response *r = t->response;
    struct liq_buf packed = r->body;
    char coding[32];
    enum liq_err err;

    liq_http_header(r, "content-encoding", coding, sizeof coding);
    if (strcasecmp(coding, "gzip") != 0)
        return LIQ_OK;
    liq_buf_init(&r->body, packed.max);
    err = liq_buf_gunzip(&r->body, packed.data, packed.len);
    liq_buf_free(&packed);
    if (err != LIQ_EFORMAT)
        return err;
    snprintf(t->reason, sizeof t->reason, "the body is damaged: no gzip");
    return LIQ_ENET;
}

/* Fill the response of a transfer that curl has ended. */
static void respond(struct transfer *t, CURLcode code)
{
    struct liq_http_response *r = t->response;
    enum liq_err err = kind_of(t, code);

    if (!err)
        err = decompress(t);
    set_status(t);
    if (err == LIQ_ELIMIT)
        fail(r, err, "the response is larger than its ceiling");
    else if (err == LIQ_ENOMEM)
        fail(r, err, "no memory");
    else if (err)
        fail(r, err, t->reason[0] ? t->reason : curl_easy_strerror(code));
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
    give_transfer(h, t);
    end_request(h, b, i);
}

static bool make_header(struct transfer *t)
{
    const char *const *line = t->batch->header;
    struct curl_slist *longer =
        curl_slist_append(NULL, "Content-Type: application/json");

    while (longer) {
        t->header = longer;
        if (!line || !*line)
            return true;
        longer = curl_slist_append(t->header, *line++);
    }
    return false;
}

/* False when there is no memory. */
static bool begin_transfer(struct curl_http *h, struct liq_http_batch *b,
                           size_t i)
{
    struct transfer *t = take_transfer(h);

    if (!t)
        return false;
    t->batch = b;
    t->request = &b->request[i];
    t->response = &b->response[i];
    t->reason[0] = '\0';
    if (t->request->post && !make_header(t)) {
        give_transfer(h, t);
        return false;
    }
    set_options(h, t);
    if (curl_multi_add_handle(h->multi, t->easy) != CURLM_OK) {
        give_transfer(h, t);
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
            fail(&b->response[i], LIQ_ENOMEM, "no memory");
        else
            fail(&b->response[i], LIQ_ETIMEOUT, "the deadline had passed");
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
        respond(t, m->data.result);
        end_transfer(h, t);
    }
}

static void time_out(struct curl_http *h, struct liq_http_batch *b)
{
    struct transfer *t, *next;

    for (t = b->transfer; t; t = next) {
        next = t->next;
        set_status(t);
        fail(t->response, LIQ_ETIMEOUT, "no response before the deadline");
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
        fail(&b->response[i], LIQ_ETIMEOUT, "the network has been stopped");
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
    while (h->idle) {
        struct transfer *t = h->idle;

        h->idle = t->next;
        transfer_free(t);
    }
    if (h->multi)
        curl_multi_cleanup(h->multi);
    liq_lock_free(&h->lock);
    free(h->user_agent);
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

    h->user_agent = strdup(o->user_agent ? o->user_agent : "liqmap");
    h->dump_dir = dumps ? strdup(o->dump_dir) : NULL;
    h->multi = curl_multi_init();
    if (!h->user_agent || !h->multi || (dumps && !h->dump_dir))
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
    h->connect_ms = o->connect_ms;
    h->inbox_end = &h->inbox;
    if (!prepare(h, o) || pthread_create(&h->thread, NULL, run, h) != 0) {
        release(h);
        return NULL;
    }
    return &h->http;
}
