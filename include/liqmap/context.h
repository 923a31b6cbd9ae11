/* What one request may take: made where it enters, and handed down. */
#ifndef LIQMAP_CONTEXT_H
#define LIQMAP_CONTEXT_H

#include <stdbool.h>
#include <stdint.h>

/*
 * now_ms       monotonic: what is made must be fresh for this moment
 * deadline_ms  monotonic: no step below may run longer
 * background   nobody waits for it: it may not spend the last quarter of what
 *              we may request of an exchange
 */
struct liq_context {
    int64_t now_ms, deadline_ms;
    bool background;
};

#endif
