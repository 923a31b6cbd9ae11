#include "transfer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define HEADERS_MAX_BYTES (16 * 1024)
#define IDLE_TRANSFERS_MAX 32

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
static struct transfer *idle_or_new(struct transfers *p)
{
    struct transfer *t = p->idle;

    if (t) {
        p->idle = t->next;
        p->n_idle--;
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

void transfer_give(struct transfers *p, struct transfer *t)
{
    curl_slist_free_all(t->header);
    t->header = NULL;
    if (p->n_idle == IDLE_TRANSFERS_MAX) {
        transfer_free(t);
        return;
    }
    /* The connections stay: they belong to the multi. */
    curl_easy_reset(t->easy);
    t->next = p->idle;
    p->idle = t;
    p->n_idle++;
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

static void set_limits(const struct transfers *p, CURL *e)
{
    limit_protocols(e);
    curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
    if (p->connect_ms > 0)
        curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)p->connect_ms);
#if LIBCURL_VERSION_NUM >= 0x075700
    /* Else ending a transfer waits for its name to be resolved, which takes
     * as long as the resolver likes, and nothing else moves meanwhile. */
    curl_easy_setopt(e, CURLOPT_QUICK_EXIT, 1L);
#endif
}

static void set_options(const struct transfers *p, struct transfer *t)
{
    CURL *e = t->easy;

    set_limits(p, e);
    curl_easy_setopt(e, CURLOPT_PRIVATE, t);
    curl_easy_setopt(e, CURLOPT_URL, t->request->url);
    curl_easy_setopt(e, CURLOPT_ACCEPT_ENCODING, "gzip");
    curl_easy_setopt(e, CURLOPT_HTTP_CONTENT_DECODING, 0L);
    curl_easy_setopt(e, CURLOPT_USERAGENT, p->user_agent);
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

struct transfer *transfer_take(struct transfers *p, struct liq_http_batch *b,
                               size_t i)
{
    struct transfer *t = idle_or_new(p);

    if (!t)
        return NULL;
    t->batch = b;
    t->request = &b->request[i];
    t->response = &b->response[i];
    t->reason[0] = '\0';
    if (t->request->post && !make_header(t)) {
        transfer_give(p, t);
        return NULL;
    }
    set_options(p, t);
    return t;
}

void transfers_free(struct transfers *p)
{
    while (p->idle) {
        struct transfer *t = p->idle;

        p->idle = t->next;
        transfer_free(t);
    }
    free(p->user_agent);
}

/* --- responses ---------------------------------------------------------- */

void response_init(struct liq_http_response *r, size_t max_bytes)
{
    memset(r, 0, sizeof *r);
    liq_buf_init(&r->body, max_bytes);
    liq_buf_init(&r->headers, HEADERS_MAX_BYTES);
}

void response_fail(struct liq_http_response *r, enum liq_err err,
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

void transfer_respond(struct transfer *t, CURLcode code)
{
    struct liq_http_response *r = t->response;
    enum liq_err err = kind_of(t, code);

    if (!err)
        err = decompress(t);
    set_status(t);
    if (err == LIQ_ELIMIT)
        response_fail(r, err, "the response is larger than its ceiling");
    else if (err == LIQ_ENOMEM)
        response_fail(r, err, "no memory");
    else if (err)
        response_fail(r, err,
                      t->reason[0] ? t->reason : curl_easy_strerror(code));
}

void transfer_fail(struct transfer *t, enum liq_err err, const char *reason)
{
    set_status(t);
    response_fail(t->response, err, reason);
}
