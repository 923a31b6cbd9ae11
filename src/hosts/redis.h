/* What is asked of Redis, over one connection; the only file that includes
 * hiredis.  One thread's alone. */
#ifndef LIQMAP_HOSTS_REDIS_H
#define LIQMAP_HOSTS_REDIS_H

#include <stdbool.h>
#include <stdint.h>
#include "liqmap/buf.h"

struct redis;

/* address, password (NULL: none): copied.  timeout_ms: of connecting, and of
 * each response.  NULL when there is no memory. */
struct redis *redis_new(const char *address, const char *password,
                        int64_t timeout_ms);
void redis_free(struct redis *r);

/* Connect, unless connected.  False: *why, at least 120 bytes, says what is
 * wrong. */
bool redis_connect(struct redis *r, char *why, size_t size);
/* Close; what was asked and not read is gone. */
void redis_close(struct redis *r);

/* Bytes that are keys or values; borrowed. */
struct redis_bytes {
    const char *at;
    size_t n;
};

/* HAVE: message and age_ms.  LEAD: fetch it, token is the right to publish it.
 * WAIT: another host fetches it.  ODD: Redis holds what nobody put there. */
enum redis_said { REDIS_HAVE, REDIS_LEAD, REDIS_WAIT, REDIS_ODD };

struct redis_found {
    enum redis_said said;
    int64_t token, age_ms;
    struct liq_buf message; /* the caller's, with its ceiling; appended to */
};

/*
 * body, lock, shut  keys of the response, of the right to fetch it, and of what
 *                   its whole host says
 * most_ms           older responses are not HAVE
 * lock_ms           how long the right to fetch lasts
 * max_bytes         longer messages are not there
 * force             LEAD although another host fetches it
 */
struct redis_ask {
    struct redis_bytes body, lock, shut;
    int64_t most_ms, lock_ms;
    size_t max_bytes;
    bool force;
};

/* A question is sent with _send and its response read with _read, in the same
 * order.  False: the connection is lost. */
bool redis_ask_send(struct redis *r, const struct redis_ask *a);
bool redis_ask_read(struct redis *r, struct redis_found *out);

/*
 * What was fetched with a token, age_ms ago.  It is kept for keep_ms and is
 * never used when older than life_ms.  An empty message only gives the lock
 * back.  REDIS_HAVE in *out: a response with a newer token is there, and this
 * is it; else REDIS_LEAD.
 */
struct redis_publish {
    struct redis_bytes body, lock, message;
    int64_t token, age_ms, life_ms, keep_ms;
    size_t max_bytes;
};
bool redis_publish(struct redis *r, const struct redis_publish *p,
                   struct redis_found *out);

/* Put a message at a key for keep_ms, over whatever is there. */
bool redis_put(struct redis *r, struct redis_bytes key,
               struct redis_bytes message, int64_t keep_ms);
bool redis_drop(struct redis *r, struct redis_bytes key);

/* This host lives; how many do, itself included. */
bool redis_beat(struct redis *r, const char *id, int64_t gone_ms, int *hosts);
/* This host ends. */
void redis_leave(struct redis *r, const char *id);

#endif
