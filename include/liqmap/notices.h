/* What the notifications have done: plain data that notify fills and the api
 * shows. */
#ifndef LIQMAP_NOTICES_H
#define LIQMAP_NOTICES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LIQ_NOTICE_KINDS 4 /* approached, touched, swept, faded */
#define LIQ_NOTICE_WAYS 3  /* webhook, command, telegram */

struct liq_notices {
    bool on;
    struct {
        const char *name; /* static */
        uint64_t events;
    } kind[LIQ_NOTICE_KINDS];
    struct {
        const char *name; /* static */
        bool on;
        uint64_t delivered, failed; /* attempts */
        uint64_t dropped;           /* too old, or the queue was full */
        size_t queued;
        char error[120]; /* of the last attempt; "": it was good */
    } way[LIQ_NOTICE_WAYS];
    char error[120]; /* why the levels could not be read last; "": they were */
};

#endif
