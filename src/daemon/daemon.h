/* What the daemon is made of, in the order in which main starts it. */
#ifndef LIQMAP_DAEMON_DAEMON_H
#define LIQMAP_DAEMON_DAEMON_H

#include <stdbool.h>
#include <stddef.h>
#include "liqmap/api.h"
#include "liqmap/cache.h"
#include "liqmap/clock.h"
#include "liqmap/config.h"
#include "liqmap/err.h"
#include "liqmap/exchange.h"
#include "liqmap/fcgi.h"
#include "liqmap/http.h"
#include "liqmap/notify.h"
#include "liqmap/recorder.h"
#include "liqmap/streams.h"
#include "liqmap/work.h"

#define SETS_MAX 64

/* Of the command line; all borrowed from it. */
struct options {
    const char *config;
    const char *set[SETS_MAX];
    size_t n_set;
    bool check;
};

/* All zero but config, options and build before the first call. */
struct daemon {
    struct liq_config config;
    const struct options *options;
    const char *build; /* borrowed */
    struct liq_clock clock;
    struct liq_work *work;
    struct liq_cache *cache;
    struct liq_http *http; /* NULL for the demo exchange */
    bool shared;           /* http is of liq_hosts_new */
    struct liq_exchange *exchange[LIQ_CONFIG_EXCHANGES + 1]; /* NULL ends */
    size_t n_exchange;
    size_t for_exchanges, for_requests; /* descriptors */
    struct liq_recorder *recorder;      /* NULL: nothing is recorded */
    struct liq_streams *streams;        /* NULL: no exchange has one */
    struct liq_api *api;
    struct liq_fcgi *fcgi;
    struct liq_http *notify_http; /* NULL: no webhook and no Telegram */
    struct liq_notify_source *levels;
    struct liq_notify *notify; /* NULL: no symbol is watched */
    struct liq_task trim;
    struct reloaded *reloaded; /* the newest first */
};

/* --- system.c ------------------------------------------------------------- */

/* Have freed memory go back to the system; before any thread is there. */
void daemon_limit_memory(void);
/* The same of free pages between others, again and again. */
void daemon_trim(struct daemon *d);
/* Raise the limit of descriptors, and share them between exchanges and
 * requests. */
void daemon_share_descriptors(struct daemon *d);
/* SIGTERM, SIGINT and SIGHUP are read by the main thread; SIGPIPE is ignored.
 */
void daemon_block_signals(void);

/* --- exchanges.c ---------------------------------------------------------- */

/* The exchanges of the settings, or the demo exchange. */
LIQ_MUST_CHECK enum liq_err daemon_exchanges(struct daemon *d,
                                             struct liq_reason *why);
/* Have each exchange use the budget of c. */
void daemon_set_budgets(struct daemon *d, const struct liq_config *c);

/* --- wire.c --------------------------------------------------------------- */

/* Make everything and connect it; on failure what was made is for unwire. */
LIQ_MUST_CHECK enum liq_err daemon_wire(struct daemon *d,
                                        struct liq_reason *why);
void daemon_unwire(struct daemon *d);

/* --- reload.c ------------------------------------------------------------- */

/* Read the settings again; arg is the daemon.  Settings that are not good
 * change nothing. */
void daemon_reload(void *arg);
void daemon_free_reloaded(struct daemon *d);

#endif
