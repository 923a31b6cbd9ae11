#include "records.h"

#include <stdbool.h>

/* The FastCGI specification, section 8. */
#define VERSION 1
#define HEADER_BYTES 8
enum { BEGIN_REQUEST = 1, PARAMS = 4, STDIN = 5 };

enum liq_records liq_records_check(const unsigned char *bytes, size_t n)
{
    unsigned request = 0; /* 0: none has begun */
    bool has_params = false;
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
        length = (size_t)head[4] << 8 | head[5];
        ours = request != 0 && id == request;
        if (head[1] == STDIN && ours && has_params && length > 0)
            return LIQ_RECORDS_BODY;
        if (left < HEADER_BYTES + length + head[6])
            break;
        /* Parameters, and the body, end with an empty record. */
        if (head[1] == STDIN && ours && has_params)
            return LIQ_RECORDS_WHOLE;
        if (head[1] == PARAMS && ours && length == 0)
            has_params = true;
        if (head[1] == BEGIN_REQUEST && request == 0)
            request = id;
        at += HEADER_BYTES + length + head[6];
    }
    return LIQ_RECORDS_PART;
}
