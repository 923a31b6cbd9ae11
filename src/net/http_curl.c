/*
 * libcurl's multi interface behind http.h; the only file that includes curl.h.
 *
 * A call takes a context (one multi handle, which owns the pool of open
 * connections, and its easy handles) from a list, and puts it back, so that no
 * handle is ever seen by two threads and connections are used again.
 */
#include "liqmap/http.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "liqmap/log.h"

#define HEADERS_MAX_BYTES (16 * 1024)
#define IDLE_CONTEXTS_MAX 8
/* curl wakes up by itself when a socket or its own timer is due; this only
 * bounds how late our own deadline is noticed. */
#define POLL_MAX_MS 250

struct context {
    struct context *next;
    CURLM *multi;
    CURL **easy; /* [n_easy] owned */
    size_t n_easy;
};

struct curl_http {
    struct liq_http http; /* first, so that the two addresses are one */
    const struct liq_clock *clock;
    int64_t connect_ms;
    long max_connections;
    char *user_agent, *dump_dir; /* owned; dump_dir NULL: no dumps */
    struct curl_slist *json;     /* the header lines of a POST */
    atomic_uint n_dumped;
    pthread_mutex_t lock; /* of the two below */
    struct context *idle;
    size_t n_idle;
};

/* One transfer while it runs. */
struct transfer {
    const struct liq_http_request *request; /* borrowed */
    struct liq_http_response *response;     /* borrowed */
    CURL *easy;                             /* borrowed from the context */
    char words[CURL_ERROR_SIZE];            /* what went wrong, from curl */
    int64_t allowed_ms;
    bool done;
};

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void init_curl(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* --- contexts ----------------------------------------------------------- */

static void context_free(struct context *c)
{
    size_t i;

    if (c == NULL)
        return;
    for (i = 0; i < c->n_easy; i++)
        curl_easy_cleanup(c->easy[i]);
    free(c->easy);
    if (c->multi != NULL)
        curl_multi_cleanup(c->multi);
    free(c);
}

static struct context *context_new(const struct curl_http *h)
{
    struct context *c = calloc(1, sizeof *c);

    if (c == NULL)
        return NULL;
    c->multi = curl_multi_init();
    if (c->multi == NULL) {
        context_free(c);
        return NULL;
    }
    curl_multi_setopt(c->multi, CURLMOPT_MAX_HOST_CONNECTIONS,
                      h->max_connections);
    curl_multi_setopt(c->multi, CURLMOPT_MAXCONNECTS, h->max_connections);
    return c;
}

/* Have at least n easy handles; false when there is no memory. */
static bool context_reserve(struct context *c, size_t n)
{
    CURL **grown;

    if (n <= c->n_easy)
        return true;
    grown = realloc(c->easy, n * sizeof *grown);
    if (grown == NULL)
        return false;
    c->easy = grown;
    while (c->n_easy < n) {
        c->easy[c->n_easy] = curl_easy_init();
        if (c->easy[c->n_easy] == NULL)
            return false;
        c->n_easy++;
    }
    return true;
}

static struct context *take_context(struct curl_http *h)
{
    struct context *c;

    pthread_mutex_lock(&h->lock);
    c = h->idle;
    if (c != NULL) {
        h->idle = c->next;
        h->n_idle--;
    }
    pthread_mutex_unlock(&h->lock);
    return c != NULL ? c : context_new(h);
}

static void give_context(struct curl_http *h, struct context *c)
{
    pthread_mutex_lock(&h->lock);
    if (h->n_idle < IDLE_CONTEXTS_MAX) {
        c->next = h->idle;
        h->idle = c;
        h->n_idle++;
        c = NULL;
    }
    pthread_mutex_unlock(&h->lock);
    context_free(c);
}

/* --- what curl calls ---------------------------------------------------- */

static size_t on_body(char *data, size_t size, size_t n, void *arg)
{
    struct transfer *t = arg;

    /* Counted after decompression, so a small answer cannot unfold into a
     * large one. */
    if (liq_buf_add(&t->response->body, data, size * n) != LIQ_OK)
        return 0;
    return size * n;
}

static size_t on_header(char *data, size_t size, size_t n, void *arg)
{
    struct transfer *t = arg;
    struct liq_buf *out = &t->response->headers;
    size_t len = size * n, used = len, i;
    bool name = true;

    if (len >= 5 && memcmp(data, "HTTP/", 5) == 0) {
        liq_buf_clear(out); /* an interim answer's headers are not kept */
        return len;
    }
    while (used > 0 && (data[used - 1] == '\n' || data[used - 1] == '\r'))
        used--;
    if (used == 0)
        return len;
    for (i = 0; i < used; i++) {
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

/* --- one transfer ------------------------------------------------------- */

static void response_init(struct liq_http_response *r, size_t max_bytes)
{
    memset(r, 0, sizeof *r);
    liq_buf_init(&r->body, max_bytes);
    liq_buf_init(&r->headers, HEADERS_MAX_BYTES);
}

static void fail(struct liq_http_response *r, enum liq_err err,
                 const char *words)
{
    r->err = err;
    liq_buf_clear(&r->body);
    snprintf(r->error, sizeof r->error, "%.100s", words);
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

static void set_options(const struct curl_http *h, struct transfer *t)
{
    CURL *e = t->easy;

    curl_easy_reset(e); /* the connections stay: they belong to the multi */
    limit_protocols(e);
    curl_easy_setopt(e, CURLOPT_URL, t->request->url);
    curl_easy_setopt(e, CURLOPT_PRIVATE, t);
    curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(e, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(e, CURLOPT_USERAGENT, h->user_agent);
    curl_easy_setopt(e, CURLOPT_ERRORBUFFER, t->words);
    curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(e, CURLOPT_WRITEDATA, t);
    curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(e, CURLOPT_HEADERDATA, t);
    curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)t->allowed_ms);
    if (h->connect_ms > 0)
        curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)h->connect_ms);
    if (t->request->post != NULL) {
        curl_easy_setopt(e, CURLOPT_POSTFIELDS, t->request->post);
        curl_easy_setopt(e, CURLOPT_HTTPHEADER, h->json);
    }
}

/* curl has one code for both limits: which one was it?  Once the request could
 * be sent it was the deadline, and curl may end a little before that; the time
 * of connecting would not say, as it is 0 too on a connection used again. */
static enum liq_err timeout_kind(const struct transfer *t)
{
    curl_off_t sending_us = 0, total_us = 0;

    curl_easy_getinfo(t->easy, CURLINFO_PRETRANSFER_TIME_T, &sending_us);
    curl_easy_getinfo(t->easy, CURLINFO_TOTAL_TIME_T, &total_us);
    if (sending_us == 0 && total_us / 1000 < t->allowed_ms)
        return LIQ_ENET;
    return LIQ_ETIMEOUT;
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
    case CURLE_OPERATION_TIMEDOUT:
        return timeout_kind(t);
    case CURLE_OUT_OF_MEMORY:
        return LIQ_ENOMEM;
    default:
        return LIQ_ENET;
    }
}

/* The answer is here, whole or not. */
static void finish(struct transfer *t, CURLcode code)
{
    struct liq_http_response *r = t->response;
    long status = 0;
    enum liq_err err = kind_of(t, code);

    t->done = true;
    curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    r->status = (int)status;
    if (err == LIQ_OK)
        return;
    if (err == LIQ_ELIMIT)
        fail(r, err, "the answer is larger than its ceiling");
    else if (err == LIQ_ENOMEM)
        fail(r, err, "no memory");
    else if (err == LIQ_ETIMEOUT)
        fail(r, err, "no answer before the deadline");
    else
        fail(r, err, t->words[0] ? t->words : curl_easy_strerror(code));
}

/* --- dumps -------------------------------------------------------------- */

/* "/fapi/v1/klines" of the URL as "fapi_v1_klines". */
static void path_words(const char *url, char *out, size_t size)
{
    const char *p = strstr(url, "://");
    size_t n = 0;

    p = p != NULL ? strchr(p + 3, '/') : NULL;
    if (p == NULL)
        p = "/";
    for (p++; *p != '\0' && *p != '?' && n + 1 < size; p++) {
        bool plain = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
                     (*p >= '0' && *p <= '9') || *p == '-';

        out[n++] = plain ? *p : '_';
    }
    out[n] = '\0';
}

static void dump(struct curl_http *h, const struct transfer *t)
{
    const struct liq_http_response *r = t->response;
    char words[64], name[512];
    FILE *f;

    path_words(t->request->url, words, sizeof words);
    snprintf(name, sizeof name, "%s/%lld-%06u-%s-%d", h->dump_dir,
             (long long)h->clock->wall_ms(h->clock),
             atomic_fetch_add(&h->n_dumped, 1U), words, r->status);
    f = fopen(name, "wb");
    if (f == NULL) {
        liq_log(LIQ_LOG_WARN, "event=dump_failed file=%s", name);
        return;
    }
    if (r->body.len > 0 && fwrite(r->body.data, 1, r->body.len, f) == 0)
        liq_log(LIQ_LOG_WARN, "event=dump_failed file=%s", name);
    fclose(f);
}

/* --- many transfers ----------------------------------------------------- */

static size_t collect(CURLM *multi)
{
    struct transfer *t = NULL;
    CURLMsg *m;
    size_t n = 0;
    int left;

    while ((m = curl_multi_info_read(multi, &left)) != NULL) {
        if (m->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&t);
        finish(t, m->data.result);
        n++;
    }
    return n;
}

static void run(struct curl_http *h, CURLM *multi, size_t n,
                int64_t deadline_ms)
{
    int running = 0;

    while (n > 0) {
        int64_t left;

        if (curl_multi_perform(multi, &running) != CURLM_OK)
            return;
        n -= collect(multi);
        left = deadline_ms - h->clock->mono_ms(h->clock);
        if (n == 0 || left <= 0)
            return;
        if (left > POLL_MAX_MS)
            left = POLL_MAX_MS;
        if (curl_multi_poll(multi, NULL, 0, (int)left, NULL) != CURLM_OK)
            return;
    }
}

static void run_all(struct curl_http *h, struct context *c,
                    struct transfer *transfer, size_t n, int64_t deadline_ms)
{
    size_t i, added = 0;

    for (i = 0; i < n; i++) {
        struct transfer *t = &transfer[i];

        t->easy = c->easy[i];
        set_options(h, t);
        if (curl_multi_add_handle(c->multi, t->easy) == CURLM_OK)
            added++;
        else
            finish(t, CURLE_OUT_OF_MEMORY);
    }
    run(h, c->multi, added, deadline_ms);
    for (i = 0; i < n; i++) {
        curl_multi_remove_handle(c->multi, transfer[i].easy);
        if (!transfer[i].done)
            fail(transfer[i].response, LIQ_ETIMEOUT,
                 "no answer before the deadline");
        if (h->dump_dir != NULL && transfer[i].response->err == LIQ_OK)
            dump(h, &transfer[i]);
        /* Its buffers must not outlive the transfer inside the handle. */
        curl_easy_reset(transfer[i].easy);
    }
}

static void fail_all(struct liq_http_response *r, size_t n, enum liq_err err,
                     const char *words)
{
    size_t i;

    for (i = 0; i < n; i++)
        fail(&r[i], err, words);
}

static void perform(struct liq_http *http,
                    const struct liq_http_request *request, size_t n,
                    int64_t deadline_ms, struct liq_http_response *response)
{
    struct curl_http *h = (struct curl_http *)http;
    int64_t left = deadline_ms - h->clock->mono_ms(h->clock);
    struct transfer *t;
    struct context *c;
    size_t i;

    for (i = 0; i < n; i++)
        response_init(&response[i], request[i].max_bytes);
    if (n == 0)
        return;
    if (left <= 0) {
        fail_all(response, n, LIQ_ETIMEOUT, "the deadline had passed");
        return;
    }
    t = calloc(n, sizeof *t);
    c = t != NULL ? take_context(h) : NULL;
    if (c == NULL || !context_reserve(c, n)) {
        fail_all(response, n, LIQ_ENOMEM, "no memory");
    } else {
        for (i = 0; i < n; i++) {
            t[i].request = &request[i];
            t[i].response = &response[i];
            t[i].allowed_ms = left;
        }
        run_all(h, c, t, n, deadline_ms);
    }
    if (c != NULL)
        give_context(h, c);
    free(t);
}

/* --- birth and death ---------------------------------------------------- */

static void curl_http_free(struct liq_http *http)
{
    struct curl_http *h = (struct curl_http *)http;

    if (h == NULL)
        return;
    while (h->idle != NULL) {
        struct context *c = h->idle;

        h->idle = c->next;
        context_free(c);
    }
    curl_slist_free_all(h->json);
    pthread_mutex_destroy(&h->lock);
    free(h->user_agent);
    free(h->dump_dir);
    free(h);
}

struct liq_http *liq_http_curl_new(const struct liq_http_options *o)
{
    struct curl_http *h = calloc(1, sizeof *h);
    bool dumps = o->dump_dir != NULL && o->dump_dir[0] != '\0';

    if (h == NULL)
        return NULL;
    pthread_once(&curl_once, init_curl);
    pthread_mutex_init(&h->lock, NULL);
    h->http.perform = perform;
    h->http.free = curl_http_free;
    h->clock = o->clock;
    h->connect_ms = o->connect_ms;
    h->max_connections = o->max_connections > 0 ? o->max_connections : 1;
    h->user_agent = strdup(o->user_agent != NULL ? o->user_agent : "liqmap");
    h->dump_dir = dumps ? strdup(o->dump_dir) : NULL;
    h->json = curl_slist_append(NULL, "Content-Type: application/json");
    if (h->user_agent == NULL || h->json == NULL ||
        (dumps && h->dump_dir == NULL)) {
        curl_http_free(&h->http);
        return NULL;
    }
    return &h->http;
}
