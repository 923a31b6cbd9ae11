#include "http.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "liqmap/names.h"

#define ERROR_BODY_MAX 4096

#define CORS                                                                   \
    "Access-Control-Allow-Origin: *\r\n"                                       \
    "Access-Control-Expose-Headers: ETag, Retry-After, X-Liqmap-Age-Ms\r\n"
#define JSON_TYPE                                                              \
    "Content-Type: application/json; charset=utf-8\r\n"                        \
    "X-Content-Type-Options: nosniff\r\n"
/* As Prometheus reads it. */
#define TEXT_TYPE                                                              \
    "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"               \
    "X-Content-Type-Options: nosniff\r\n"
#define METHODS "GET, HEAD, OPTIONS"

/* The HTTP status of each error. */
static const struct {
    enum liq_err err;
    int status;
} statuses[] = {
    {LIQ_EINVAL, 400},  {LIQ_ENOTFOUND, 404}, {LIQ_ENET, 502},
    {LIQ_EFORMAT, 502}, {LIQ_ERATE, 503},     {LIQ_ENOMEM, 503},
    {LIQ_ELIMIT, 503},  {LIQ_EBLOCKED, 503},  {LIQ_ETIMEOUT, 504},
};

static const char *reason_of(int status)
{
    static const struct {
        int status;
        const char *reason;
    } reasons[] = {
        {200, "OK"},
        {204, "No Content"},
        {304, "Not Modified"},
        {400, "Bad Request"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {429, "Too Many Requests"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
    };

    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        if (reasons[i].status == status)
            return reasons[i].reason;
    }
    return "Internal Server Error";
}

static void __attribute__((format(printf, 2, 3)))
add_header(struct liq_api_response *out, const char *format, ...)
{
    size_t len = strlen(out->header), room = sizeof out->header - len;
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(out->header + len, room, format, args);
    va_end(args);
    if (n < 0 || (size_t)n >= room)
        out->header[len] = '\0'; /* drop a line that does not fit */
}

static void set_status(struct liq_api_response *out, int status)
{
    out->status = status;
    out->reason = reason_of(status);
}

static void set_body(const struct liq_api_request *req, const char *body,
                     size_t len, struct liq_api_response *out)
{
    out->body = strcmp(req->method, "HEAD") == 0 ? NULL : body;
    out->len = len;
    add_header(out, "Content-Length: %zu\r\n", len);
}

static void refuse_memory(const struct liq_api_request *req,
                          struct liq_api_response *out)
{
    static const char text[] =
        "{\"error\":{\"code\":\"memory\",\"message\":\"no memory\"}}";

    set_status(out, 503);
    add_header(out, "Retry-After: 2\r\n");
    set_body(req, text, sizeof text - 1, out);
}

static long long seconds_left(int64_t until_ms, int64_t now_ms)
{
    return until_ms > now_ms ? (long long)((until_ms - now_ms) / 1000) : 0;
}

/* A body with the plain bytes of b, a reference; however many ask for it share
 * one, so that slow readers cost no memory each.  NULL: no memory. */
static struct liq_body *inflated(const struct liq_api *a,
                                 const struct liq_body *b)
{
    struct liq_cache *cache = a->options.cache;
    struct liq_key key = liq_key_of(LIQ_KIND_PLAIN, NULL, b->etag);
    int64_t now_ms = liq_api_now(a);
    struct liq_item *item = liq_cache_peek(cache, &key, now_ms);
    struct liq_body *made;

    if (item)
        return (struct liq_body *)(void *)item;
    if (liq_body_inflate(b, &made) != LIQ_OK)
        return NULL;
    made->item.rank = LIQ_RANK_PAST;
    made->item.usable_until_ms = b->item.usable_until_ms;
    item = liq_cache_offer(cache, &key, now_ms, &made->item);
    return (struct liq_body *)(void *)item;
}

static void set_plain(const struct liq_api *a,
                      const struct liq_api_request *req, struct liq_body *b,
                      struct liq_api_response *out)
{
    if (b->plain.len < b->len && strcmp(req->method, "HEAD") != 0) {
        struct liq_body *plain = inflated(a, b);

        if (!plain) {
            out->header[0] = '\0';
            add_header(out, CORS JSON_TYPE);
            refuse_memory(req, out);
            return;
        }
        out->hold = &plain->item;
        liq_item_release(&b->item);
        b = plain;
    }
    set_body(req, b->plain.data, b->len, out);
}

void liq_respond_body(const struct liq_api *a,
                      const struct liq_api_request *req, struct liq_body *b,
                      struct liq_api_response *out)
{
    bool gzip = !b->type && liq_accepts_gzip(req->accept_encoding);
    int64_t now_ms = liq_api_now(a);
    char etag[LIQ_ETAG_SIZE + 4];

    out->hold = &b->item;
    snprintf(etag, sizeof etag, "%s%s", b->etag, gzip ? "-gz" : "");
    add_header(out, CORS "Vary: Accept-Encoding\r\nETag: \"%s\"\r\n", etag);
    add_header(out,
               "Cache-Control: public, max-age=%lld, "
               "stale-while-revalidate=%lld\r\nX-Liqmap-Age-Ms: %lld\r\n",
               seconds_left(b->item.fresh_until_ms, now_ms),
               (long long)(liq_api_config(a)->swr_ms / 1000),
               (long long)(now_ms - b->fetched_ms));
    if (liq_etag_matches(req->if_none_match, etag)) {
        set_status(out, 304);
        return;
    }
    set_status(out, 200);
    if (b->type)
        add_header(out,
                   "Content-Type: %s\r\nX-Content-Type-Options: nosniff\r\n",
                   b->type);
    else
        add_header(out, JSON_TYPE "%s",
                   gzip ? "Content-Encoding: gzip\r\n" : "");
    if (gzip)
        set_body(req, b->gzip.data, b->gzip.len, out);
    else
        set_plain(a, req, b, out);
}

static void respond_unstored(const struct liq_api_request *req, int status,
                             struct liq_buf *body, struct liq_api_response *out)
{
    struct liq_body *b;

    if (liq_body_plain(body, &b) != LIQ_OK) {
        liq_buf_free(body);
        refuse_memory(req, out);
        return;
    }
    set_status(out, status);
    out->hold = &b->item;
    set_body(req, b->plain.data, b->plain.len, out);
}

void liq_respond_once(const struct liq_api_request *req, int status,
                      struct liq_buf *body, struct liq_api_response *out)
{
    add_header(out, CORS JSON_TYPE "Cache-Control: no-store\r\n");
    respond_unstored(req, status, body, out);
}

void liq_respond_text(const struct liq_api_request *req, struct liq_buf *body,
                      struct liq_api_response *out)
{
    add_header(out, TEXT_TYPE "Cache-Control: no-store\r\n");
    respond_unstored(req, 200, body, out);
}

static void encode_allowed(struct liq_jsonw *w, const char *list)
{
    char word[64];
    const char *one;
    size_t n;

    liq_jsonw_key(w, "allowed");
    liq_jsonw_open_array(w);
    while ((one = liq_names_next(&list, &n)) != NULL) {
        (void)snprintf(word, sizeof word, "%.*s", (int)n, one);
        liq_jsonw_string(w, word);
    }
    liq_jsonw_close_array(w);
}

static void encode_refusal(struct liq_jsonw *w, const struct liq_refusal *r)
{
    liq_jsonw_open_object(w);
    liq_jsonw_key(w, "error");
    liq_jsonw_open_object(w);
    liq_jsonw_key_string(w, "code", r->code);
    liq_jsonw_key_string(w, "message", r->message);
    if (r->allowed[0])
        encode_allowed(w, r->allowed);
    liq_jsonw_close_object(w);
    liq_jsonw_close_object(w);
}

void liq_respond_refusal(const struct liq_api_request *req,
                         const struct liq_refusal *r,
                         struct liq_api_response *out)
{
    struct liq_buf body;
    struct liq_jsonw w;

    liq_buf_init(&body, ERROR_BODY_MAX);
    liq_jsonw_init(&w, &body);
    encode_refusal(&w, r);
    if (r->status == 405)
        add_header(out, "Allow: " METHODS "\r\n");
    if (r->retry_after_ms > 0)
        add_header(out, "Retry-After: %lld\r\n",
                   (long long)((r->retry_after_ms + 999) / 1000));
    liq_respond_once(req, r->status, &body, out);
}

void liq_respond_options(struct liq_api_response *out)
{
    set_status(out, 204);
    add_header(out, CORS "Allow: " METHODS "\r\n"
                         "Access-Control-Allow-Methods: " METHODS "\r\n"
                         "Access-Control-Allow-Headers: If-None-Match\r\n"
                         "Access-Control-Max-Age: 86400\r\n");
}

bool liq_refuse(struct liq_refusal *out, int status, const char *code,
                const char *allowed, const char *format, ...)
{
    va_list args;

    memset(out, 0, sizeof *out);
    out->status = status;
    snprintf(out->code, sizeof out->code, "%s", code);
    snprintf(out->allowed, sizeof out->allowed, "%s", allowed);
    va_start(args, format);
    (void)vsnprintf(out->message, sizeof out->message, format, args);
    va_end(args);
    return false;
}

static int status_of(enum liq_err err)
{
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        if (statuses[i].err == err)
            return statuses[i].status;
    }
    return 500;
}

void liq_refusal_of(const struct liq_api *a, bool past,
                    const struct liq_reason *why, struct liq_refusal *out)
{
    const char *code = liq_err_name(why->code);

    if (why->code == LIQ_EINVAL)
        code = "bad_value";
    if (why->code == LIQ_ENOTFOUND)
        code = past ? "no_data" : "unknown_symbol";
    liq_refuse(out, past && why->own_budget ? 429 : status_of(why->code), code,
               "", "%s", why->text);
    if (out->status != 503 && out->status != 429)
        return;
    out->retry_after_ms = liq_api_config(a)->error_ms;
    if (why->retry_after_ms > out->retry_after_ms)
        out->retry_after_ms = why->retry_after_ms;
    if (out->retry_after_ms < 1000)
        out->retry_after_ms = 1000;
}
