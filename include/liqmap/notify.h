/*
 * Notifications for machines: follow levels as price comes near them, and
 * deliver each event by webhook, program or Telegram, again until it arrives.
 * (The route /api/v1/watch is another thing: the page's list of symbols.)
 */
#ifndef LIQMAP_NOTIFY_H
#define LIQMAP_NOTIFY_H

#include "liqmap/api.h"
#include "liqmap/clock.h"
#include "liqmap/config.h"
#include "liqmap/err.h"
#include "liqmap/http.h"
#include "liqmap/notices.h"
#include "liqmap/work.h"

/*
 * One question for the levels of a symbol.
 *
 * query  "symbol=BTCUSDT&interval=1h&exchange=auto", of /api/v1/levels
 * done   called exactly once, no lock held: with the response's status and
 *        body[len], or with status 0 and error in words
 */
struct liq_notify_ask {
    char query[128];
    void (*done)(struct liq_notify_ask *a, int status, const char *body,
                 size_t len, const char *error);
};

/* Where levels come from.  ask returns at once; done may be called before that,
 * or later on a thread of the work queue.  One question at a time. */
struct liq_notify_source {
    void (*ask)(struct liq_notify_source *s, struct liq_notify_ask *a);
};

/* The levels as a viewer of the server would get them, so they are renewed as
 * long as something is watched; a: borrowed.  NULL when there is no memory. */
struct liq_notify_source *liq_notify_source_new(struct liq_api *a);
/* NULL is fine. */
void liq_notify_source_free(struct liq_notify_source *s);

/*
 * All borrowed, until liq_notify_free.
 *
 * http   for webhook and Telegram; NULL when neither is set.  One of its own:
 *        it must not write dumps, for URLs hold secrets
 * print  called with each event, JSON on one line, on a thread of the work
 *        queue, with no lock held; NULL: none
 */
struct liq_notify_options {
    const struct liq_config_watch *config;
    const struct liq_clock *clock;
    struct liq_work *work;
    struct liq_http *http;
    struct liq_notify_source *source;
    void (*print)(const char *event);
};

struct liq_notify;

/* Whether anything is delivered over HTTP. */
bool liq_notify_needs_http(const struct liq_config_watch *c);

/*
 * Read secrets and memory, and begin (tasks of the work queue).
 *
 * Secrets come from files and from the environment: LIQMAP_WEBHOOK_SECRET,
 * LIQMAP_TELEGRAM_TOKEN, LIQMAP_TELEGRAM_CHAT, LIQMAP_TELEGRAM_URL.
 * LIQ_OK; LIQ_EINVAL for one that is missing or wrong, or for too many symbols;
 * LIQ_EIO for a secret that cannot be read; LIQ_ENOMEM.  A memory that cannot
 * be read is logged, and begun anew.
 */
LIQ_MUST_CHECK enum liq_err liq_notify_new(const struct liq_notify_options *o,
                                           struct liq_notify **out,
                                           struct liq_reason *why);
/* Begin nothing any more, and say nothing of what ends; to be called before
 * http is stopped.  NULL is fine. */
void liq_notify_stop(struct liq_notify *n);
/* To be called once http was stopped and the work queue has been freed; NULL is
 * fine.  A program that runs is killed, and will be run again. */
void liq_notify_free(struct liq_notify *n);

/* Thread-safe. */
void liq_notify_count(struct liq_notify *n, struct liq_notices *out);

#endif
