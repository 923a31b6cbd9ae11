/* The recorder: a thread that owns the store.  Whatever is to be kept waits in
 * a bounded queue, so nobody waits for the disk. */
#ifndef LIQMAP_RECORDER_H
#define LIQMAP_RECORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "liqmap/clock.h"
#include "liqmap/history.h"
#include "liqmap/store.h"
#include "liqmap/work.h"

/* Rows that wait at most; what comes then is dropped and counted. */
#define LIQ_RECORDER_ROWS 8192

struct liq_recorder;

/*
 * file   of the store, copied
 * days   rows older than that are deleted, once an hour; 0: never
 * clock, work  borrowed; answers are posted to the work queue
 */
struct liq_recorder_options {
    const char *file;
    int days;
    const struct liq_clock *clock;
    struct liq_work *work;
};

/*
 * Start the thread, which opens the file.  While that fails, or a write does
 * (a full disk, a read-only file), the recorder keeps what waits and tries
 * again every few seconds; the log has one warning when it begins and a line
 * when it ends.  NULL when there is no memory or no thread.
 */
struct liq_recorder *liq_recorder_new(const struct liq_recorder_options *o);
/* Write what waits, answer what was asked, end the thread; r may still be
 * called, and does nothing.  NULL is fine. */
void liq_recorder_stop(struct liq_recorder *r);
/* After stop.  NULL is fine. */
void liq_recorder_free(struct liq_recorder *r);

/* Keep a row; takes over what it owns.  False: there was no room, or r has
 * stopped.  Thread-safe, as all below. */
bool liq_recorder_put(struct liq_recorder *r, struct liq_row *row);

/*
 * Read from the store on the recorder's thread.
 *
 * read   called there, with NULL and why when there is no store
 * done   posted to lane after that
 */
struct liq_recorder_ask {
    struct liq_task done;
    enum liq_lane lane;
    void (*read)(struct liq_recorder_ask *a, struct liq_store *s);
    struct liq_reason why;
    struct liq_recorder_ask *next; /* the recorder's */
};
/* False: r has stopped or its disk does not respond; neither will run. */
bool liq_recorder_ask(struct liq_recorder *r, struct liq_recorder_ask *a);

/* Open interest that was recorded. */
struct liq_history *liq_recorder_history(struct liq_recorder *r);

/*
 * written, dropped  rows since the start; those written include repeated ones
 * failed            writes that failed and were tried again
 * waiting           rows now
 * good              the last try to write or open was
 */
struct liq_recorder_counts {
    uint64_t written, dropped, failed;
    size_t waiting;
    bool good;
};
void liq_recorder_count(struct liq_recorder *r,
                        struct liq_recorder_counts *out);

#endif
