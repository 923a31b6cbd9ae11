/* CSV text with a header line, row by row. */
#ifndef LIQMAP_CSV_H
#define LIQMAP_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "liqmap/buf.h"
#include "liqmap/err.h"

#define LIQ_CSV_FIELDS 32
#define LIQ_CSV_BYTES_MAX ((size_t)1 << 30) /* of one file, unpacked */

/* Without the spaces and quotes around it; borrowed of the text. */
struct liq_csv_field {
    const char *text;
    size_t len;
};

/* A text being read line by line. */
struct liq_csv {
    const char *at, *end; /* what is left */
    const char *name;     /* the file's, for *why */
    size_t line;          /* of the row just read, from 1 */
    struct liq_csv_field field[LIQ_CSV_FIELDS];
    size_t n; /* fields in the row */
};

/* The plain text of the file at path ("-": standard input), compressed with
 * gzip or not.  text was initialised by the caller, who frees it.  LIQ_EIO,
 * LIQ_ELIMIT, LIQ_ENOMEM, LIQ_EFORMAT. */
LIQ_MUST_CHECK enum liq_err liq_csv_load(const char *path, struct liq_buf *text,
                                         struct liq_reason *why);

/* A reader at the start of text[len]; text and name are borrowed. */
struct liq_csv liq_csv_of(const char *text, size_t len, const char *name);
/* Go to the next line that is not empty; false at the end. */
bool liq_csv_next(struct liq_csv *c);
/* Read the header line: column[i] is where name[i] is, -1 where it is not.
 * LIQ_EFORMAT when one of the first n_needed is missing. */
LIQ_MUST_CHECK enum liq_err liq_csv_header(struct liq_csv *c,
                                           const char *const *name, size_t n,
                                           size_t n_needed, int *column,
                                           struct liq_reason *why);

/* A field of the row; empty when it has no such column. */
struct liq_csv_field liq_csv_field_of(const struct liq_csv *c, int column);
/* Its number, NaN when it is empty.  LIQ_EFORMAT with file, line and name. */
LIQ_MUST_CHECK enum liq_err liq_csv_number(const struct liq_csv *c, int column,
                                           const char *name, double *out,
                                           struct liq_reason *why);
/* Its time in ms: 13 digits or "YYYY-MM-DD HH:MM:SS" UTC; seconds and
 * microseconds are refused rather than guessed.  LIQ_EFORMAT likewise. */
LIQ_MUST_CHECK enum liq_err liq_csv_time(const struct liq_csv *c, int column,
                                         const char *name, int64_t *out,
                                         struct liq_reason *why);

#endif
