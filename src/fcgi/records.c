#include "records.h"

#include <stdbool.h>

/* The FastCGI specification, section 8. */
#define VERSION 1
#define HEADER_BYTES 8
enum { BEGIN_REQUEST = 1, PARAMS = 4, STDIN = 5 };

/* Walks the parameters, which records cut anywhere: each is the lengths of its
 * name and value, of one byte or four, and then both. */
struct parameters {
    unsigned char lengths[8];
    size_t n_lengths; /* bytes of them that have come */
    size_t left;      /* bytes of this name and value that have not */
};

/* The length that begins at `at`, which then is behind it; 0 if that needs more
 * bytes. */
static bool take_length(const struct parameters *p, size_t *at, size_t *length)
{
    const unsigned char *b = p->lengths + *at;
    size_t need = *at < p->n_lengths && b[0] >= 0x80 ? 4 : 1;

    if (*at + need > p->n_lengths)
        return false;
    *length = need == 1 ? b[0]
                        : (size_t)(b[0] & 0x7f) << 24 | (size_t)b[1] << 16 |
                              (size_t)b[2] << 8 | b[3];
    *at += need;
    return true;
}

static void take_parameters(struct parameters *p, const unsigned char *bytes,
                            size_t n)
{
    for (size_t i = 0, at, name, value; i < n;) {
        size_t skip = p->left < n - i ? p->left : n - i;

        p->left -= skip;
        i += skip;
        if (i == n || p->left > 0)
            return;
        p->lengths[p->n_lengths++] = bytes[i++];
        at = 0;
        if (take_length(p, &at, &name) && take_length(p, &at, &value)) {
            p->left = name + value;
            p->n_lengths = 0;
        }
    }
}

/* Where libfcgi would take other bytes for parameters than those that are
 * checked here: it forgets the padding of the record that begins a request, and
 * after an empty record of another request it passes over the next one's
 * content.  Web servers send neither. */
static bool misleads(const unsigned char *head, unsigned request, bool ours)
{
    bool empty = head[4] == 0 && head[5] == 0;

    return request == 0 ? head[1] == BEGIN_REQUEST && head[6] > 0
                        : !ours && empty;
}

enum liq_records liq_records_check(const unsigned char *bytes, size_t n)
{
    unsigned request = 0; /* 0: none has begun */
    bool has_params = false;
    struct parameters params = {0};
    size_t at = 0;

    while (at < n) {
        const unsigned char *head = bytes + at;
        size_t length, left = n - at;
        unsigned id;
        bool ours;

        if (head[0] != VERSION)
            return LIQ_RECORDS_BAD;
        if (left < HEADER_BYTES)
            break;
        id = (unsigned)head[2] << 8 | head[3];
        /* Of the connection: nginx and lighttpd send none, and libfcgi loses
         * memory over each. */
        if (id == 0)
            return LIQ_RECORDS_BAD;
        length = (size_t)head[4] << 8 | head[5];
        ours = request != 0 && id == request;
        if (misleads(head, request, ours))
            return LIQ_RECORDS_BAD;
        if (head[1] == STDIN && ours && has_params && length > 0)
            return LIQ_RECORDS_BODY;
        if (left < HEADER_BYTES + length + head[6])
            break;
        /* Parameters, and the body, end with an empty record. */
        if (head[1] == STDIN && ours && has_params)
            return LIQ_RECORDS_WHOLE;
        /* libfcgi takes as much memory as a parameter claims. */
        if (head[1] == PARAMS && ours && length == 0) {
            if (params.left > 0 || params.n_lengths > 0)
                return LIQ_RECORDS_BAD;
            has_params = true;
        } else if (head[1] == PARAMS && ours && !has_params) {
            take_parameters(&params, head + HEADER_BYTES, length);
        }
        if (head[1] == BEGIN_REQUEST && request == 0)
            request = id;
        at += HEADER_BYTES + length + head[6];
    }
    return LIQ_RECORDS_PART;
}
