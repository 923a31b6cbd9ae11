/* A response as the bytes that hosts share. */
#ifndef LIQMAP_HOSTS_MESSAGE_H
#define LIQMAP_HOSTS_MESSAGE_H

#include <stddef.h>
#include "liqmap/buf.h"
#include "liqmap/http.h"

/* What a message may have beyond its body: its first line and the headers. */
#define MESSAGE_EXTRA_BYTES ((size_t)20 * 1024)

/* The keys of Redis begin with this; another format has another number. */
#define MESSAGE_PREFIX "liqmap1:"

/* The key of the response to a request: the same for the same URL and body.  b
 * is appended to. */
enum liq_err message_key(struct liq_buf *b, const char *kind,
                         const struct liq_http_request *r);
/* The key of what the whole host of a URL says, such as a ban. */
enum liq_err message_site(struct liq_buf *b, const char *kind, const char *url);

/* The response (err LIQ_OK) as bytes, appended to out; took_ms: how long it
 * took. */
LIQ_MUST_CHECK enum liq_err message_encode(struct liq_buf *out,
                                           const struct liq_http_response *r,
                                           int64_t took_ms);
/*
 * The reverse; bytes are anybody's.  The body is at most max_bytes.
 * LIQ_EFORMAT unless message_encode wrote these bytes, LIQ_ELIMIT for a body
 * above its ceiling; then *out is as liq_http_response_free leaves it.
 */
LIQ_MUST_CHECK enum liq_err message_decode(const char *bytes, size_t n,
                                           size_t max_bytes,
                                           struct liq_http_response *out);

#endif
