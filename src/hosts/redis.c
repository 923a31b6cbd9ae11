/*
 * Steps that must happen at once are one Lua script.  Redis' own clock is
 * the only one that is used, so the hosts' clocks need not agree.
 *
 * A response is a hash: at (when it was requested), life (ms), token, m (the
 * message).  All keys expire.
 */
#include "redis.h"

#include <arpa/inet.h>
#include <hiredis/hiredis.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "message.h"

#define NOW                                                                    \
    "local t = redis.call('TIME') "                                            \
    "local now = t[1] * 1000 + math.floor(t[2] / 1000) "
/* What is at a key if it is younger than most. */
#define FRESH                                                                  \
    "local function fresh(key, most, max) "                                    \
    "local h = redis.call('HMGET', key, 'at', 'life') "                        \
    "local at, life = tonumber(h[1] or ''), tonumber(h[2] or '') "             \
    "if not at or not life then return nil end "                               \
    "local age = math.max(now - at, 0) "                                       \
    "if age >= math.min(most, life) or "                                       \
    "redis.call('HSTRLEN', key, 'm') > max then return nil end "               \
    "return {0, age, redis.call('HGET', key, 'm')} end "

static const char ask_script[] =
    NOW FRESH "local max = tonumber(ARGV[4]) "
              "local r = fresh(KEYS[3], 1e15, max) or "
              "fresh(KEYS[1], tonumber(ARGV[1]), max) "
              "if r then return r end "
              "if ARGV[3] == '0' and redis.call('EXISTS', KEYS[2]) == 1 then "
              "return {2, 0, ''} end "
              "local token = redis.call('INCR', KEYS[4]) "
              "redis.call('SET', KEYS[2], token, 'PX', ARGV[2]) "
              "return {1, token, ''}";

static const char publish_script[] = NOW FRESH
    "local token = tonumber(ARGV[1]) "
    "local there = tonumber(redis.call('HGET', KEYS[1], 'token') or '') "
    "if there and there > token then "
    "return fresh(KEYS[1], 1e15, tonumber(ARGV[6])) or {1, 0, ''} end "
    "if #ARGV[5] > 0 then "
    "redis.call('HSET', KEYS[1], 'at', now - ARGV[2], 'life', ARGV[3], "
    "'token', token, 'm', ARGV[5]) "
    "redis.call('PEXPIRE', KEYS[1], ARGV[4]) end "
    "if redis.call('GET', KEYS[2]) == ARGV[1] then "
    "redis.call('DEL', KEYS[2]) end "
    "return {1, 0, ''}";

static const char put_script[] =
    NOW "redis.call('HSET', KEYS[1], 'at', now, 'life', ARGV[1], 'm', ARGV[2]) "
        "redis.call('PEXPIRE', KEYS[1], ARGV[1])";

static const char beat_script[] =
    NOW "redis.call('ZADD', KEYS[1], now, ARGV[1]) "
        "redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2]) "
        "redis.call('PEXPIRE', KEYS[1], ARGV[2]) "
        "return redis.call('ZCARD', KEYS[1])";

#define HOSTS_KEY MESSAGE_PREFIX "hosts"
#define TOKEN_KEY MESSAGE_PREFIX "token"

struct redis {
    char *address, *password; /* owned */
    struct timeval timeout;
    redisContext *c; /* owned; NULL: not connected */
};

/* --- the connection ------------------------------------------------------- */

struct redis *redis_new(const char *address, const char *password,
                        int64_t timeout_ms)
{
    struct redis *r = calloc(1, sizeof *r);

    if (!r)
        return NULL;
    r->timeout.tv_sec = timeout_ms / 1000;
    r->timeout.tv_usec = timeout_ms % 1000 * 1000;
    r->address = strdup(address);
    r->password = password ? strdup(password) : NULL;
    if (r->address && (r->password || !password))
        return r;
    redis_free(r);
    return NULL;
}

void redis_close(struct redis *r)
{
    if (r->c)
        redisFree(r->c);
    r->c = NULL;
}

void redis_free(struct redis *r)
{
    if (!r)
        return;
    redis_close(r);
    free(r->address);
    free(r->password);
    free(r);
}

static redisContext *dial(const char *address, struct timeval timeout)
{
    const char *colon = strrchr(address, ':');
    redisContext *c;
    char host[256];

    if (address[0] == '/' || !colon) {
        c = redisConnectUnixWithTimeout(address, timeout);
    } else {
        snprintf(host, sizeof host, "%.*s", (int)(colon - address), address);
        c = redisConnectWithTimeout(host, (int)strtol(colon + 1, NULL, 10),
                                    timeout);
    }
    if (c && !c->err)
        (void)redisSetTimeout(c, timeout);
    return c;
}

static bool near_v4(uint32_t a)
{
    return a >> 24 == 127 || a >> 24 == 10 || a >> 20 == 0xac1 ||
           a >> 16 == 0xc0a8 || a >> 16 == 0xa9fe || a >> 22 == 0x191;
}

static bool near_v6(const struct in6_addr *a)
{
    const unsigned char *b = a->s6_addr;

    if (IN6_IS_ADDR_V4MAPPED(a))
        return near_v4((uint32_t)b[12] << 24 | (uint32_t)b[13] << 16 |
                       (uint32_t)b[14] << 8 | b[15]);
    return IN6_IS_ADDR_LOOPBACK(a) || IN6_IS_ADDR_LINKLOCAL(a) ||
           (b[0] & 0xfe) == 0xfc;
}

/* The connection is neither encrypted nor checked, so it must not leave this
 * machine or the private network. */
static bool is_near(int fd)
{
    struct sockaddr_storage peer = {0};
    socklen_t n = sizeof peer;

    if (getpeername(fd, (struct sockaddr *)(void *)&peer, &n) != 0)
        return false;
    if (peer.ss_family == AF_INET)
        return near_v4(
            ntohl(((struct sockaddr_in *)(void *)&peer)->sin_addr.s_addr));
    if (peer.ss_family == AF_INET6)
        return near_v6(&((struct sockaddr_in6 *)(void *)&peer)->sin6_addr);
    return peer.ss_family == AF_UNIX;
}

/* Redis says OK; else *why. */
static bool is_welcome(struct redis *r, char *why, size_t size)
{
    redisReply *reply = r->password ? redisCommand(r->c, "AUTH %s", r->password)
                                    : redisCommand(r->c, "PING");
    bool good = reply && reply->type == REDIS_REPLY_STATUS;

    if (!good)
        snprintf(why, size, "%.100s",
                 reply && reply->type == REDIS_REPLY_ERROR ? reply->str
                                                           : r->c->errstr);
    if (reply)
        freeReplyObject(reply);
    return good;
}

bool redis_connect(struct redis *r, char *why, size_t size)
{
    if (r->c)
        return true;
    r->c = dial(r->address, r->timeout);
    if (!r->c)
        snprintf(why, size, "no memory");
    else if (r->c->err)
        snprintf(why, size, "%.100s", r->c->errstr);
    else if (!is_near(r->c->fd))
        snprintf(why, size,
                 "not an address of this machine or of a private "
                 "network");
    else if (is_welcome(r, why, size))
        return true;
    redis_close(r);
    return false;
}

/* --- questions ------------------------------------------------------------ */

#define KEY(k) (k).at, (k).n

bool redis_ask_send(struct redis *r, const struct redis_ask *a)
{
    return redisAppendCommand(r->c, "EVAL %s 4 %b %b %b %s %lld %lld %d %llu",
                              ask_script, KEY(a->body), KEY(a->lock),
                              KEY(a->shut), TOKEN_KEY, (long long)a->most_ms,
                              (long long)a->lock_ms, (int)a->force,
                              (unsigned long long)a->max_bytes) == REDIS_OK;
}

/* No script of ours gives what is older. */
#define AGE_MAX_MS INT64_C(1000000000000000)

/* {what, number, message} of a script; the server may be anybody's. */
static void read_found(const redisReply *reply, struct redis_found *out)
{
    const redisReply *const *e = (const redisReply *const *)reply->element;

    out->said = REDIS_ODD;
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 3 ||
        e[0]->type != REDIS_REPLY_INTEGER ||
        e[1]->type != REDIS_REPLY_INTEGER || e[2]->type != REDIS_REPLY_STRING ||
        e[0]->integer < REDIS_HAVE || e[0]->integer > REDIS_WAIT ||
        e[1]->integer < 0 ||
        (e[0]->integer == REDIS_HAVE && e[1]->integer > AGE_MAX_MS))
        return;
    if (e[0]->integer == REDIS_HAVE &&
        liq_buf_add(&out->message, e[2]->str, (size_t)e[2]->len) != LIQ_OK)
        return;
    out->said = (enum redis_said)e[0]->integer;
    *(out->said == REDIS_HAVE ? &out->age_ms : &out->token) = e[1]->integer;
}

/* What a command brought is of no interest; false: nothing came. */
static bool done_with(void *reply)
{
    if (reply)
        freeReplyObject(reply);
    return reply != NULL;
}

bool redis_ask_read(struct redis *r, struct redis_found *out)
{
    void *reply = NULL;

    if (redisGetReply(r->c, &reply) != REDIS_OK || !reply)
        return false;
    read_found(reply, out);
    return done_with(reply);
}

bool redis_publish(struct redis *r, const struct redis_publish *p,
                   struct redis_found *out)
{
    void *reply = redisCommand(
        r->c, "EVAL %s 2 %b %b %lld %lld %lld %lld %b %llu", publish_script,
        KEY(p->body), KEY(p->lock), (long long)p->token, (long long)p->age_ms,
        (long long)p->life_ms, (long long)p->keep_ms, KEY(p->message),
        (unsigned long long)p->max_bytes);

    if (reply)
        read_found(reply, out);
    return done_with(reply);
}

bool redis_put(struct redis *r, struct redis_bytes key,
               struct redis_bytes message, int64_t keep_ms)
{
    return done_with(redisCommand(r->c, "EVAL %s 1 %b %lld %b", put_script,
                                  KEY(key), (long long)keep_ms, KEY(message)));
}

bool redis_drop(struct redis *r, struct redis_bytes key)
{
    return done_with(redisCommand(r->c, "DEL %b", KEY(key)));
}

bool redis_beat(struct redis *r, const char *id, int64_t gone_ms, int *hosts)
{
    redisReply *reply = redisCommand(r->c, "EVAL %s 1 %s %s %lld", beat_script,
                                     HOSTS_KEY, id, (long long)gone_ms);

    if (reply && reply->type == REDIS_REPLY_INTEGER && reply->integer > 0 &&
        reply->integer < 100000)
        *hosts = (int)reply->integer;
    return done_with(reply);
}

void redis_leave(struct redis *r, const char *id)
{
    if (r->c)
        (void)done_with(redisCommand(r->c, "ZREM %s %s", HOSTS_KEY, id));
}
