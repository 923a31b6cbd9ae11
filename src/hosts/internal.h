/* What the files of this module share. */
#ifndef LIQMAP_HOSTS_INTERNAL_H
#define LIQMAP_HOSTS_INTERNAL_H

#include <pthread.h>
#include "liqmap/hosts.h"
#include "liqmap/lock.h"
#include "message.h"
#include "redis.h"

enum state { ASKING, FETCHING, FETCHED };

struct batch;

/* One request. */
struct part {
    struct part *next; /* of the inbox, or of those that are asked for */
    struct batch *of;
    const struct liq_http_request *request;
    struct liq_http_response *response;
    struct liq_buf body, lock, shut; /* keys */
    struct liq_buf message;          /* what is to be published */
    struct redis_found found;
    enum state state;
    int64_t connection; /* the one that gave the token */
    int64_t sent_ms;
    struct liq_http_batch inner;
    struct liq_task task;
};

struct batch {
    struct hosts *h;
    struct liq_http_batch *outer;
    int64_t begun_ms;
    size_t left; /* under the lock */
    struct part part[];
};

/* What became of a response after its use. */
struct note {
    struct note *next;
    struct liq_buf key, message; /* message empty: drop the key */
    int64_t keep_ms;
};

struct hosts {
    struct liq_http http; /* first, so that the two addresses are one */
    struct liq_http *inner;
    const struct liq_clock *clock;
    struct liq_work *work;
    int64_t live_ms;
    void (*divide)(void *arg, int hosts);
    void *arg;
    pthread_t thread;
    bool begun;

    struct liq_lock lock; /* of what follows */
    pthread_cond_t ready;
    struct part *inbox, **inbox_end;
    struct note *notes;
    bool stopped;
    struct liq_hosts_counts counts;

    /* the thread's alone */
    struct redis *redis;
    char id[33];
    struct part *asking;
    bool lost; /* it has been said */
    bool up;
    int64_t connection, retry_at_ms, beat_at_ms;
    int divided;
};

/* --- part.c --------------------------------------------------------------- */

int64_t hosts_now(const struct hosts *h);
void hosts_add(struct hosts *h, uint64_t *count, size_t n);
void part_free(struct part *p);
/* p->response is filled.  After this, as after the next four, p may be gone. */
void part_settle(struct part *p);
void part_time_out(struct part *p, const char *words);
/* Send the request; token 0: nobody else will see what comes. */
void part_fetch(struct part *p, int64_t token);
/* Use p->found.message in place of a fetch. */
void part_take(struct part *p);
/* Use it in place of what was fetched, which took so long that another host
 * has a newer one. */
void part_replace(struct part *p);
/* To the thread; false when there is none any more. */
bool part_hand_over(struct part *p);

/* --- thread.c ------------------------------------------------------------- */

void *hosts_run(void *arg);
void note_free(struct note *n);

#endif
