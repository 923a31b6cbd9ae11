/* libfcgi's own writer waits for a web server that does not read, and with it
 * the thread. */
#define _DEFAULT_SOURCE /* MSG_DONTWAIT */
#include "output.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

/* The FastCGI specification, section 8. */
#define VERSION 1
#define HEADER_BYTES 8
#define END_BODY_BYTES 8
enum { END_REQUEST = 3, STDOUT = 6 };
/* A record's length is 16 bits; records of a multiple of 8 need no padding. */
#define CHUNK_MAX ((size_t)65528)

static unsigned char *put_header(const struct liq_output *o, unsigned char *h,
                                 unsigned char type, size_t length)
{
    memset(h, 0, HEADER_BYTES);
    h[0] = VERSION;
    h[1] = type;
    h[2] = (unsigned char)(o->id >> 8 & 0xff);
    h[3] = (unsigned char)(o->id & 0xff);
    h[4] = (unsigned char)(length >> 8);
    h[5] = (unsigned char)(length & 0xff);
    return h + HEADER_BYTES;
}

void liq_output_init(struct liq_output *o, int id, const char *lines,
                     const char *body, size_t len)
{
    size_t n = strlen(lines);

    assert(n + HEADER_BYTES <= sizeof o->head);
    o->id = id;
    o->body = body;
    o->left = body ? len : 0;
    memcpy(put_header(o, o->head, STDOUT, n), lines, n);
    o->head_len = HEADER_BYTES + n;
    o->at = o->n = 0;
    o->ended = false;
}

static void add_part(struct liq_output *o, const void *bytes, size_t n)
{
    /* sendmsg only reads it. */
    o->part[o->n].iov_base = (void *)(uintptr_t)bytes;
    o->part[o->n++].iov_len = n;
}

static void add_end(struct liq_output *o)
{
    unsigned char *at = put_header(o, o->end, STDOUT, 0);

    at = put_header(o, at, END_REQUEST, END_BODY_BYTES);
    memset(at, 0, END_BODY_BYTES); /* all went well */
    add_part(o, o->end, sizeof o->end);
    o->ended = true;
}

/* The next parts, once the last ones are written: mostly all there is, so that
 * it goes out in one piece. */
static void gather(struct liq_output *o)
{
    o->at = o->n = 0;
    if (o->head_len > 0)
        add_part(o, o->head, o->head_len);
    o->head_len = 0;
    for (size_t i = 0; i < LIQ_OUTPUT_RECORDS && o->left > 0; i++) {
        size_t n = o->left < CHUNK_MAX ? o->left : CHUNK_MAX;

        put_header(o, o->header[i], STDOUT, n);
        add_part(o, o->header[i], HEADER_BYTES);
        add_part(o, o->body, n);
        o->body += n;
        o->left -= n;
    }
    if (o->left == 0)
        add_end(o);
}

static void advance(struct liq_output *o, size_t n)
{
    for (; o->at < o->n && n >= o->part[o->at].iov_len; o->at++)
        n -= o->part[o->at].iov_len;
    if (n > 0) {
        o->part[o->at].iov_base = (char *)o->part[o->at].iov_base + n;
        o->part[o->at].iov_len -= n;
    }
}

enum liq_output_state liq_output_write(struct liq_output *o, int fd)
{
    for (;;) {
        struct msghdr message = {0};
        ssize_t n;

        if (o->at == o->n && o->ended)
            return LIQ_OUTPUT_DONE;
        if (o->at == o->n)
            gather(o);
        message.msg_iov = o->part + o->at;
        message.msg_iovlen = o->n - o->at;
        n = sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n >= 0)
            advance(o, (size_t)n);
        else if (errno == EAGAIN)
            return LIQ_OUTPUT_MORE;
        else if (errno != EINTR)
            return LIQ_OUTPUT_LOST;
    }
}
