/* "What was the open interest then?": an interface, so that series know nothing
 * of the recorder. */
#ifndef LIQMAP_HISTORY_H
#define LIQMAP_HISTORY_H

#include <stddef.h>
#include <stdint.h>
#include "liqmap/exchange.h"
#include "liqmap/work.h"

/*
 * A question; kept by who asks until done has run.
 *
 * usd      [n] owned by who asks, filled where it is NaN: the last open
 *          interest of each [from_ms + i * step_ms, .. + step_ms)
 * newest   the last statistics not after at_ms and at most an hour before;
 *          newest_ms 0: none
 * done     posted to the lane
 */
struct liq_history_ask {
    struct liq_task done;
    enum liq_lane lane;
    char exchange[16];
    char symbol[LIQ_SYMBOL_SIZE];
    int64_t from_ms, step_ms, at_ms;
    size_t n;
    double *usd;
    struct liq_statistics newest;
    int64_t newest_ms;
    void *more; /* the implementation's */
};

struct liq_history {
    /* True: done will run.  False: nothing is known just now, and it will not.
     * Thread-safe. */
    bool (*ask)(struct liq_history *h, struct liq_history_ask *a);
};

#endif
