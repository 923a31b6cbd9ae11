/* Writes JSON into a buffer; commas and quoting are its business.  Misuse (a
 * value without a key inside an object) is our own mistake and asserts; memory
 * and size failures are in buf->err, checked once at the end. */
#ifndef LIQMAP_JSONW_H
#define LIQMAP_JSONW_H

#include <stdbool.h>
#include <stdint.h>
#include "liqmap/buf.h"

#define LIQ_JSONW_DEPTH 16

struct liq_jsonw {
    struct liq_buf *buf; /* borrowed */
    int depth;
    bool first[LIQ_JSONW_DEPTH];
    bool object[LIQ_JSONW_DEPTH]; /* else an array, or the top */
    bool after_key;
};

void liq_jsonw_init(struct liq_jsonw *w, struct liq_buf *buf);

void liq_jsonw_open_object(struct liq_jsonw *w);
void liq_jsonw_close_object(struct liq_jsonw *w);
void liq_jsonw_open_array(struct liq_jsonw *w);
void liq_jsonw_close_array(struct liq_jsonw *w);
/* key is written as it is: plain ASCII without quotes or backslashes. */
void liq_jsonw_key(struct liq_jsonw *w, const char *key);
/* Escaped; bytes that are not UTF-8 become U+FFFD; NULL writes null. */
void liq_jsonw_string(struct liq_jsonw *w, const char *text);
void liq_jsonw_int(struct liq_jsonw *w, int64_t value);
/* An array of whole numbers, 0 or more; quick for many small ones. */
void liq_jsonw_counts(struct liq_jsonw *w, const int *value, size_t n);
/* Shortest decimal that reads back to the same double; NaN and infinities
 * (absent) write null. */
void liq_jsonw_number(struct liq_jsonw *w, double value);
void liq_jsonw_bool(struct liq_jsonw *w, bool value);
void liq_jsonw_null(struct liq_jsonw *w);
/* json[n], one value that is JSON already. */
void liq_jsonw_raw(struct liq_jsonw *w, const char *json, size_t n);
/* A time in ms, null when 0 (absent). */
void liq_jsonw_time(struct liq_jsonw *w, int64_t ms);
/* Key and value in one. */
void liq_jsonw_key_string(struct liq_jsonw *w, const char *key,
                          const char *text);
void liq_jsonw_key_int(struct liq_jsonw *w, const char *key, int64_t value);
void liq_jsonw_key_number(struct liq_jsonw *w, const char *key, double value);
void liq_jsonw_key_bool(struct liq_jsonw *w, const char *key, bool value);
void liq_jsonw_key_time(struct liq_jsonw *w, const char *key, int64_t ms);

#endif
