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

static void add_header(struct liq_output *o, unsigned char type, size_t length)
{
    unsigned char *h = o->head + o->head_len;

    assert(o->head_len + HEADER_BYTES <= sizeof o->head);
    memset(h, 0, HEADER_BYTES);
    h[0] = VERSION;
    h[1] = type;
    h[2] = (unsigned char)(o->id >> 8 & 0xff);
    h[3] = (unsigned char)(o->id & 0xff);
    h[4] = (unsigned char)(length >> 8);
    h[5] = (unsigned char)(length & 0xff);
    o->head_len += HEADER_BYTES;
}

void liq_output_init(struct liq_output *o, int id, const char *lines,
                     const char *body, size_t len)
{
    size_t n = strlen(lines);

    assert(n + HEADER_BYTES <= sizeof o->head);
    memset(o, 0, sizeof *o);
    o->id = id;
    o->body = body;
    o->left = body ? len : 0;
    o->chunk = "";
    add_header(o, STDOUT, n);
    memcpy(o->head + o->head_len, lines, n);
    o->head_len += n;
}

/* The next record, once the last one is written; false when there is none. */
static bool begin_record(struct liq_output *o)
{
    if (o->ended)
        return false;
    o->head_from = o->head_len = 0;
    if (o->left > 0) {
        o->chunk = o->body;
        o->chunk_left = o->left < CHUNK_MAX ? o->left : CHUNK_MAX;
        o->body += o->chunk_left;
        o->left -= o->chunk_left;
        add_header(o, STDOUT, o->chunk_left);
        return true;
    }
    add_header(o, STDOUT, 0);
    add_header(o, END_REQUEST, END_BODY_BYTES);
    memset(o->head + o->head_len, 0, END_BODY_BYTES); /* all went well */
    o->head_len += END_BODY_BYTES;
    o->ended = true;
    return true;
}

static void advance(struct liq_output *o, size_t n)
{
    size_t of_head = o->head_len - o->head_from;

    if (n < of_head)
        of_head = n;
    o->head_from += of_head;
    o->chunk += n - of_head;
    o->chunk_left -= n - of_head;
}

enum liq_output_state liq_output_write(struct liq_output *o, int fd)
{
    for (;;) {
        struct iovec part[2];
        struct msghdr message = {.msg_iov = part, .msg_iovlen = 2};
        ssize_t n;

        if (o->head_from == o->head_len && o->chunk_left == 0 &&
            !begin_record(o))
            return LIQ_OUTPUT_DONE;
        part[0].iov_base = o->head + o->head_from;
        part[0].iov_len = o->head_len - o->head_from;
        part[1].iov_base = (void *)(uintptr_t)o->chunk; /* only read */
        part[1].iov_len = o->chunk_left;
        n = sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n >= 0)
            advance(o, (size_t)n);
        else if (errno == EAGAIN)
            return LIQ_OUTPUT_MORE;
        else if (errno != EINTR)
            return LIQ_OUTPUT_LOST;
    }
}
