/* A response as FastCGI records, written without waiting. */
#ifndef LIQMAP_FCGI_OUTPUT_H
#define LIQMAP_FCGI_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>

/* What is written at once: the header lines, so many records of the body, each
 * after its own header, and the end. */
#define LIQ_OUTPUT_RECORDS 8
#define LIQ_OUTPUT_PARTS (2 * LIQ_OUTPUT_RECORDS + 2)
#define LIQ_OUTPUT_HEAD 1280

struct liq_output {
    int id;           /* of the request */
    const char *body; /* borrowed; what is in no record yet */
    size_t left;
    unsigned char head[LIQ_OUTPUT_HEAD]; /* the lines, as a record */
    size_t head_len;                     /* 0 once it is a part */
    unsigned char header[LIQ_OUTPUT_RECORDS][8], end[24];
    struct iovec part[LIQ_OUTPUT_PARTS]; /* [at, n) are to be written */
    size_t at, n;
    bool ended; /* the end is a part */
};

enum liq_output_state {
    LIQ_OUTPUT_DONE, /* all is written, the end of the request included */
    LIQ_OUTPUT_MORE, /* the socket is full; call again when it is not */
    LIQ_OUTPUT_LOST  /* the other side has gone */
};

/* lines: status and header lines with the empty one, at most 1200 bytes;
 * copied.  body NULL: none. */
void liq_output_init(struct liq_output *o, int id, const char *lines,
                     const char *body, size_t len);
enum liq_output_state liq_output_write(struct liq_output *o, int fd);

#endif
