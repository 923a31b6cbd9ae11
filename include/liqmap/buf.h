/* Growable bytes with a ceiling. */
#ifndef LIQMAP_BUF_H
#define LIQMAP_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "liqmap/err.h"

/*
 * data  [len] bytes and one NUL after them once something was added, NULL
 *       before; owned
 * err   the first failure, LIQ_ENOMEM or LIQ_ELIMIT; every later call is then
 *       a no-op, so a writer checks once, at its end
 */
struct liq_buf {
    char *data;
    size_t len, size, max;
    enum liq_err err;
};

/* An empty buffer that never holds more than max bytes. */
void liq_buf_init(struct liq_buf *b, size_t max);
void liq_buf_free(struct liq_buf *b);
/* Forget the content and the error, keep the memory. */
void liq_buf_clear(struct liq_buf *b);

/* Give back the memory that the content does not need. */
void liq_buf_trim(struct liq_buf *b);

/* Append.  On failure b->err is set and the content stays as it was. */
enum liq_err liq_buf_add(struct liq_buf *b, const void *bytes, size_t n);
enum liq_err liq_buf_text(struct liq_buf *b, const char *text);
enum liq_err liq_buf_char(struct liq_buf *b, char c);
enum liq_err liq_buf_int(struct liq_buf *b, int64_t value);
enum liq_err liq_buf_format(struct liq_buf *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The whole of in as one gzip member, appended to out; level 1 .. 9. */
LIQ_MUST_CHECK enum liq_err liq_buf_gzip(struct liq_buf *out, const void *in,
                                         size_t n, int level);
/* The reverse; plain input (no gzip magic) is copied as it is. LIQ_EFORMAT on
 * a damaged or cut member. */
LIQ_MUST_CHECK enum liq_err liq_buf_gunzip(struct liq_buf *out, const void *in,
                                           size_t n);
/* Everything that can be read from path ("-": standard input).  LIQ_EIO with
 * errno set. */
LIQ_MUST_CHECK enum liq_err liq_buf_read_file(struct liq_buf *b,
                                              const char *path);
/* Make the content that of the file at path: under another name in the same
 * folder first, then renamed, so that whoever reads the file, also after a
 * crash, finds the old or the new one whole.  LIQ_EIO with errno set. */
LIQ_MUST_CHECK enum liq_err liq_buf_write_file(const struct liq_buf *b,
                                               const char *path);

#endif
