/* A response as FastCGI records, written without waiting. */
#ifndef LIQMAP_FCGI_OUTPUT_H
#define LIQMAP_FCGI_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#define LIQ_OUTPUT_HEAD 1280

/* head holds record headers and the response's header lines, and goes before
 * chunk, the part of the body that is in the current record. */
struct liq_output {
    int id;                   /* of the request */
    const char *body, *chunk; /* borrowed */
    size_t left, chunk_left;  /* bytes of body in no record yet, of chunk */
    unsigned char head[LIQ_OUTPUT_HEAD];
    size_t head_from, head_len;
    bool ended;
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
