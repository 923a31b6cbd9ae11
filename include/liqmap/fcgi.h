/* FastCGI in front of the api: a socket, connections, a clean end. */
#ifndef LIQMAP_FCGI_H
#define LIQMAP_FCGI_H

#include <stddef.h>
#include <stdint.h>
#include "liqmap/api.h"
#include "liqmap/err.h"
#include "liqmap/work.h"

struct liq_fcgi;

/*
 * Listen on a Unix socket.
 *
 * path  where; "": descriptor 0, a listening socket that a web server or
 *       systemd hands over and keeps
 * mode  its permissions, 0660
 *
 * Only a socket at path is replaced, by a rename, so that nobody who connects
 * meanwhile is refused.  A living process that listens there is replaced if it
 * is this same program (it should then get SIGTERM; it keeps what it has
 * accepted), and is an error else.  LIQ_OK, LIQ_EINVAL, LIQ_EIO, LIQ_ENOMEM.
 */
LIQ_MUST_CHECK enum liq_err liq_fcgi_open(const char *path, int mode,
                                          struct liq_fcgi **out,
                                          struct liq_reason *why);
/* Free what is left, and remove path if what lies there is still ours. */
void liq_fcgi_close(struct liq_fcgi *f);

/*
 * Serve requests until SIGTERM or SIGINT, which the caller has blocked in every
 * thread.  Then nothing new is taken, except what already waits at a socket of
 * our own, and what is in flight is finished.
 *
 * This thread accepts connections, waits until a request has come whole, and
 * responds to it if its response is in the cache.  Tasks of the work queue's
 * light lane start the others and write their responses, so that only
 * descriptors, and liq_fcgi_set_most, bound how many are in flight.  A
 * connection that the web server wants kept (FCGI_KEEP_CONN) is kept until that
 * closes it or its place is needed; meanwhile it takes no thread.  SIGPIPE must
 * be ignored.
 *
 * LIQ_OK; LIQ_ETIMEOUT when grace_ms after the signal some request has no
 * response yet: then f may not be closed, and all that is left to do is to end
 * the process.
 */
LIQ_MUST_CHECK enum liq_err liq_fcgi_serve(struct liq_fcgi *f,
                                           struct liq_api *api,
                                           struct liq_work *work,
                                           int64_t grace_ms);

/* Have at most n connections open, so that descriptors are left for others; who
 * comes then waits to be accepted.  To be set before liq_fcgi_serve. */
void liq_fcgi_set_most(struct liq_fcgi *f, size_t n);

/* Call fn with arg for each SIGHUP, which the caller has blocked in every
 * thread, on the thread that serves; to be set before liq_fcgi_serve. */
void liq_fcgi_on_hangup(struct liq_fcgi *f, void (*fn)(void *arg), void *arg);

#endif
