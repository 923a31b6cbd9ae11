/* A finished response, never changed once made. */
#ifndef LIQMAP_API_BODY_H
#define LIQMAP_API_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "liqmap/buf.h"
#include "liqmap/cache.h"

#define LIQ_ETAG_SIZE 24
/* With a refresh each 20 s, a viewer may miss four of them. */
#define LIQ_MARKS 6
/* Longer ones are kept compressed alone: browsers and web servers ask for that,
 * and for others it is decompressed. */
#define LIQ_PLAIN_MAX 16384

/* Levels of libdeflate, by recorded maps.  Who asks for a map that has just
 * been computed waits for its compression.
 *
 * SMALL: what the page asks for, also through phones.  Of compact maps in half
 * of the time of 6, and 1 to 5 % larger; 2 takes three quarters of the time of
 * 4 and writes 2 to 6 % more.
 *
 * QUICK: the plain form of a map, three times as long, which programs ask for,
 * mostly from near by.  Half of the time of 4 or less, 4 ms for 500 x 400; 19
 * to 42 % larger, which costs more than it gains below 50 Mbit/s. */
#define LIQ_GZIP_SMALL 4
#define LIQ_GZIP_QUICK 1

/*
 * type        of the bytes as HTTP names it; NULL: JSON
 * etag        tag of the plain bytes, without quotes; that of the compressed
 *             ones ends in "-gz"; "": none
 * plain       empty when it is longer than LIQ_PLAIN_MAX and there is gzip
 * gzip        empty when there is no tag, and for images
 * len         how many plain bytes there are
 * fetched_ms  when its data was received, on the monotonic clock
 * made_ms     when it was made, on the monotonic clock
 * stale       the exchange failed and this is the last good data
 * incomplete  a sum in which exchanges are missing that did not fail
 * mark        of a compact heatmap: its own (delta.h), and those of the ones
 *             before it, the newest first; NULL: no more
 */
struct liq_body {
    struct liq_item item; /* must be first */
    struct liq_buf plain, gzip;
    size_t len;
    const char *type;
    char etag[LIQ_ETAG_SIZE];
    int64_t fetched_ms, made_ms;
    bool stale, incomplete;
    struct liq_item *mark[LIQ_MARKS];
};

/*
 * Take over text (emptied on success) and compress it with one of the levels
 * above.  The item's times are for the caller to set.  LIQ_OK; text's own
 * error; LIQ_ENOMEM, LIQ_ELIMIT.
 */
LIQ_MUST_CHECK enum liq_err liq_body_new(struct liq_buf *text, int level,
                                         struct liq_body **out);

/* The same for a PNG, which is not compressed again. */
LIQ_MUST_CHECK enum liq_err liq_body_image(struct liq_buf *png,
                                           struct liq_body **out);

/* The same without compressed bytes and tag, for a response to one request. */
LIQ_MUST_CHECK enum liq_err liq_body_plain(struct liq_buf *text,
                                           struct liq_body **out);

/* A body with the plain bytes of b alone.  LIQ_OK or LIQ_ENOMEM. */
LIQ_MUST_CHECK enum liq_err liq_body_inflate(const struct liq_body *b,
                                             struct liq_body **out);

/* --- request headers ------------------------------------------------------ */

/* Accept-Encoding (NULL: not sent) prefers gzip. */
bool liq_accepts_gzip(const char *accept_encoding);
/* If-None-Match (NULL: not sent) names this tag, given without quotes. */
bool liq_etag_matches(const char *if_none_match, const char *etag);

/* --- the query ------------------------------------------------------------ */

/* Decode in[n] of a URL, %xx and +, to a string of at most size - 1 bytes;
 * false when it is malformed, holds a NUL or does not fit. */
bool liq_url_decode(const char *in, size_t n, char *out, size_t size);

#endif
