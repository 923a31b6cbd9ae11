/* Declarations shared by the files of notify. */
#ifndef LIQMAP_NOTIFY_INTERNAL_H
#define LIQMAP_NOTIFY_INTERNAL_H

#include <stdatomic.h>
#include <sys/types.h>
#include "event.h"
#include "liqmap/lock.h"
#include "liqmap/notify.h"
#include "rule.h"
#include "sign.h"

#define LIQ_WATCHED_MAX 16
#define LIQ_NOTICES_MAX 256

enum { WAY_WEBHOOK, WAY_COMMAND, WAY_TELEGRAM };

/*
 * An event on its way.
 *
 * body     JSON, owned
 * pending  bit i: way i has not delivered it;  busy: it tries just now
 * next_ms  monotonic, not to be tried before
 * saved    it is in the state file, so that no restart can lose it; nothing is
 *          sent before
 */
struct liq_notice {
    struct liq_notice *next;
    char id[LIQ_ID_SIZE];
    char *body;
    unsigned pending, busy;
    int tries[LIQ_NOTICE_WAYS];
    int64_t next_ms[LIQ_NOTICE_WAYS];
    int64_t made_ms; /* monotonic */
    bool saving, saved;
};

struct liq_notify;

/* A POST while it runs; post.c. */
struct liq_post {
    struct liq_http_batch batch;
    struct liq_http_request request;
    struct liq_http_response response;
    struct liq_buf url, body, header; /* header: lines with NULs between them */
    const char *line[8];
};

/* A program while it runs; command.c.  pid 0: none. */
struct liq_child {
    struct liq_task wait; /* posts itself again while it runs */
    pid_t pid;
    int64_t deadline_ms;
};

/*
 * One way to deliver.  At most one attempt runs at a time.
 *
 * send     begin to deliver n->sending; liq_way_ended is called once
 * armed    timer is posted
 * counted  delivered, failed, dropped and error; queued is counted on demand
 */
struct liq_way {
    struct liq_notify *notify;
    unsigned bit;
    bool on, armed;
    void (*send)(struct liq_way *w, const struct liq_notice *n);
    struct liq_notice *sending; /* NULL: idle */
    struct liq_task timer;
    uint64_t delivered, failed, dropped;
    char error[120];
    union {
        struct liq_post post;
        struct liq_child child;
    } by;
};

/*
 * lock     of all below it
 * changes  not known to be in the state file; save is queued or runs while it
 *          is not 0
 */
struct liq_notify {
    struct liq_notify_options options;
    struct liq_secret secret;
    char token[128], chat[80], telegram_url[256];
    char *argument[64]; /* of the command, borrowed from words; NULL ends */
    char words[sizeof((struct liq_config_watch *)0)->command];

    struct liq_task poll, save;
    struct liq_notify_ask ask;
    size_t at; /* of follow: the one that is asked for */
    bool failing[LIQ_WATCHED_MAX], save_failed; /* of poll and save alone */
    char round_error[120];                      /* of poll alone */
    atomic_size_t changes;
    atomic_bool stopping; /* nothing is begun any more */

    struct liq_lock lock;
    struct liq_follow follow[LIQ_WATCHED_MAX];
    size_t n_follow;
    struct liq_notice *first; /* oldest first */
    size_t n_notice;
    struct liq_way way[LIQ_NOTICE_WAYS];
    uint64_t events[LIQ_NOTICE_KINDS];
    char error[120];
};

int64_t liq_notify_now(const struct liq_notify *n);

/* --- queue.c -------------------------------------------------------------- */

extern const char *const liq_way_names[LIQ_NOTICE_WAYS];

/* Before the ways are opened. */
void liq_queue_open(struct liq_notify *n);

/* The bits of all ways that are on. */
unsigned liq_ways_on(const struct liq_notify *n);
/* Put an event that way bits pending are to deliver at the end; takes over
 * body.  Called with the lock taken.  False when there is no memory. */
bool liq_queue_add(struct liq_notify *n, const char *id, char *body,
                   unsigned pending, int64_t made_ms, bool saved);
/* Try what is due, on every way.  No lock is held. */
void liq_queue_kick(struct liq_notify *n);
/* An attempt ended: error NULL: delivered.  Not before retry_after_ms. */
void liq_way_ended(struct liq_way *w, const char *error,
                   int64_t retry_after_ms);
/* Called with the lock taken. */
size_t liq_queue_count(const struct liq_notify *n, unsigned bit);
void liq_queue_free(struct liq_notify *n);

/* --- memory.c ------------------------------------------------------------- */

/* Something that outlives a restart has changed. */
void liq_memory_changed(struct liq_notify *n);
/* What could be read of the file is taken; what is wrong is logged. */
void liq_memory_read(struct liq_notify *n);
/* Write what is not written yet; nothing runs any more. */
void liq_memory_end(struct liq_notify *n);

/* --- post.c and command.c ------------------------------------------------- */

LIQ_MUST_CHECK enum liq_err liq_webhook_open(struct liq_notify *n,
                                             struct liq_reason *why);
LIQ_MUST_CHECK enum liq_err liq_telegram_open(struct liq_notify *n,
                                              struct liq_reason *why);
LIQ_MUST_CHECK enum liq_err liq_command_open(struct liq_notify *n,
                                             struct liq_reason *why);
/* Kill what runs. */
void liq_command_close(struct liq_notify *n);

#endif
