#include "message.h"

#include <stdio.h>
#include <string.h>

#define HEADERS_MAX_BYTES ((size_t)16 * 1024)
/* Shorter bodies are not compressed: gzip gains little. */
#define GZIP_MIN_BYTES 512
/* Two years; a message with more is refused. */
#define TOOK_MAX_MS INT64_C(63072000000)

/* --- keys ----------------------------------------------------------------- */

enum liq_err message_key(struct liq_buf *b, const char *kind,
                         const struct liq_http_request *r)
{
    (void)liq_buf_format(b, MESSAGE_PREFIX "%s:%s", kind, r->url);
    if (r->post != NULL) {
        /* No URL has a blank. */
        (void)liq_buf_char(b, ' ');
        (void)liq_buf_text(b, r->post);
    }
    return b->err;
}

enum liq_err message_site(struct liq_buf *b, const char *kind, const char *url)
{
    const char *host = strstr(url, "://");
    size_t n;

    host = host != NULL ? host + 3 : url;
    n = strcspn(host, "/?#");
    (void)liq_buf_format(b, MESSAGE_PREFIX "%s:", kind);
    return liq_buf_add(b, host, n);
}

/* --- messages ------------------------------------------------------------- */

/*
 * One line, then headers, then the body, gzip if it is long:
 *   1 STATUS DATE_MS TOOK_MS HEADER_BYTES BODY_BYTES\n
 * BODY_BYTES counts the body as the caller knows it.
 */
enum liq_err message_encode(struct liq_buf *out,
                            const struct liq_http_response *r, int64_t took_ms)
{
    (void)liq_buf_format(out, "1 %d %lld %lld %zu %zu\n", r->status,
                         (long long)r->date_ms, (long long)took_ms,
                         r->headers.len, r->body.len);
    if (r->headers.len > 0)
        (void)liq_buf_add(out, r->headers.data, r->headers.len);
    if (r->body.len == 0)
        return out->err;
    if (r->body.len < GZIP_MIN_BYTES)
        return liq_buf_add(out, r->body.data, r->body.len);
    return liq_buf_gzip(out, r->body.data, r->body.len, 1);
}

struct line {
    int64_t status, date_ms, took_ms, header_bytes, body_bytes;
};

/* Digits up to the character that must follow; false for anything else. */
static bool read_number(const char **at, const char *end, char follows,
                        int64_t max, int64_t *out)
{
    int64_t x = 0;
    const char *p = *at;

    while (p < end && *p >= '0' && *p <= '9' && x <= max)
        x = 10 * x + (*p++ - '0');
    if (p == *at || p == end || *p != follows || x > max)
        return false;
    *at = p + 1;
    *out = x;
    return true;
}

static bool read_line(const char **at, const char *end, size_t max_bytes,
                      struct line *out)
{
    int64_t version;

    return read_number(at, end, ' ', 1, &version) && version == 1 &&
           read_number(at, end, ' ', 599, &out->status) && out->status >= 100 &&
           read_number(at, end, ' ', INT64_MAX / 100, &out->date_ms) &&
           read_number(at, end, ' ', TOOK_MAX_MS, &out->took_ms) &&
           read_number(at, end, ' ', (int64_t)HEADERS_MAX_BYTES,
                       &out->header_bytes) &&
           read_number(at, end, '\n', (int64_t)max_bytes, &out->body_bytes) &&
           out->header_bytes <= end - *at;
}

/* gunzip also copies what is no gzip, so length decides. */
static enum liq_err read_body(struct liq_buf *body, const char *at, size_t n,
                              const struct line *line)
{
    enum liq_err err = LIQ_OK;

    if (line->body_bytes < GZIP_MIN_BYTES)
        err = n > 0 ? liq_buf_add(body, at, n) : LIQ_OK;
    else
        err = liq_buf_gunzip(body, at, n);
    if (err == LIQ_OK && body->len != (size_t)line->body_bytes)
        err = LIQ_EFORMAT;
    return err;
}

enum liq_err message_decode(const char *bytes, size_t n, size_t max_bytes,
                            struct liq_http_response *out)
{
    const char *at = bytes, *end = bytes + n;
    struct line line;
    enum liq_err err;

    memset(out, 0, sizeof *out);
    liq_buf_init(&out->body, max_bytes);
    liq_buf_init(&out->headers, HEADERS_MAX_BYTES);
    if (!read_line(&at, end, max_bytes, &line) ||
        memchr(at, '\0', (size_t)line.header_bytes) != NULL)
        return LIQ_EFORMAT;
    err = liq_buf_add(&out->headers, at, (size_t)line.header_bytes);
    at += line.header_bytes;
    if (err == LIQ_OK)
        err = read_body(&out->body, at, (size_t)(end - at), &line);
    if (err != LIQ_OK) {
        liq_http_response_free(out);
        return err;
    }
    out->status = (int)line.status;
    out->date_ms = line.date_ms;
    out->took_ms = line.took_ms;
    out->shared = true;
    return LIQ_OK;
}
