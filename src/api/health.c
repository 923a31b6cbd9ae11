/* Whether what people look at is fresh, not only whether the process lives. */
#include "internal.h"

#include <stdio.h>
#include <string.h>
#include "liqmap/interval.h"

#define SEEN_MAX 64

/* One feed, as noted under the cache's lock. */
struct seen {
    char key[LIQ_CACHE_KEY_SIZE];
    struct liq_reason error;
    int64_t fetched_ms;
    bool filled, past;
};

struct look {
    int64_t asked_since_ms;
    struct seen seen[SEEN_MAX];
    size_t n;
};

static void note(void *arg, const char *key, const struct liq_item *item,
                 const struct liq_reason *last_error, int64_t last_asked_ms)
{
    const struct liq_view *v = (const struct liq_view *)(const void *)item;
    struct look *look = arg;
    struct seen *s = &look->seen[look->n];

    if (look->n == SEEN_MAX || last_asked_ms < look->asked_since_ms)
        return;
    snprintf(s->key, sizeof s->key, "%s", key);
    s->error = *last_error;
    s->filled = v != NULL;
    s->fetched_ms = v ? v->fetched_ms : 0;
    s->past = v && v->end_ms > 0;
    look->n++;
}

enum state { OK, DEGRADED, UNHEALTHY };

/* Somebody asked for what does not exist, or the first answer is on its way: no
 * sign of illness. */
static bool no_wonder(const struct seen *s)
{
    return s->error.code == LIQ_ENOTFOUND || s->error.code == LIQ_EINVAL ||
           s->error.code == LIQ_OK;
}

static enum state state_of(const struct liq_config *c, const struct seen *s,
                           int64_t now_ms)
{
    int64_t age_ms = now_ms - s->fetched_ms;

    if (s->past || (!s->filled && no_wonder(s)))
        return OK;
    if (!s->filled || age_ms > c->stale_ms)
        return UNHEALTHY;
    return s->error.code != LIQ_OK || age_ms > c->ttl_ms + c->swr_ms ? DEGRADED
                                                                     : OK;
}

/* The exchange refuses us, or we hold back because it asked for that. */
static bool shut_out(const struct seen *s)
{
    return s->error.code == LIQ_ERATE || s->error.code == LIQ_EBLOCKED;
}

/* A feed that never came in, or an exchange that has shut us out, is a sickness
 * only if no other feed is well. */
static enum state state_of_all(const struct liq_config *c,
                               const struct look *look, int64_t now_ms)
{
    enum state worst = OK;
    bool some_ok = false, grave = false;

    for (size_t i = 0; i < look->n; i++) {
        const struct seen *seen = &look->seen[i];
        enum state s = state_of(c, seen, now_ms);

        some_ok |= s == OK && seen->filled;
        grave |= s != OK && (!seen->filled || shut_out(seen));
        if (s == UNHEALTHY && !seen->filled)
            s = DEGRADED;
        if (s > worst)
            worst = s;
    }
    return grave && !some_ok ? UNHEALTHY : worst;
}

/* "binance|BTCUSDT|3600000|0", as the feed spells its keys. */
static void encode_key(struct liq_jsonw *w, char *key)
{
    static const char *const names[] = {"exchange", "symbol"};
    char *next = key;

    for (size_t i = 0; i < 2 && next; i++) {
        char *bar = strchr(next, '|');

        if (bar)
            *bar = '\0';
        liq_jsonw_key_string(w, names[i], next);
        next = bar ? bar + 1 : NULL;
    }
    if (next) {
        long long display = 0, end = 0;

        if (sscanf(next, "%lld|%lld", &display, &end) == 2) {
            liq_encode_interval(w, "interval", display);
            liq_jsonw_key_time(w, "end", end);
        }
    }
}

static void encode_feed(struct liq_jsonw *w, struct seen *s, int64_t now_ms)
{
    liq_jsonw_open_object(w);
    encode_key(w, s->key);
    liq_jsonw_key(w, "age_ms");
    if (s->filled)
        liq_jsonw_int(w, now_ms - s->fetched_ms);
    else
        liq_jsonw_null(w);
    liq_jsonw_key_string(w, "last_error", s->error.code ? s->error.text : NULL);
    liq_jsonw_close_object(w);
}

static void encode_counts(struct liq_jsonw *w, const char *key,
                          struct liq_cache *c)
{
    struct liq_cache_counts n;

    liq_cache_count(c, &n);
    liq_jsonw_key(w, key);
    liq_jsonw_open_object(w);
    liq_jsonw_key_int(w, "keys", (int64_t)n.keys);
    liq_jsonw_key_int(w, "hits", (int64_t)n.hits);
    liq_jsonw_key_int(w, "fills", (int64_t)n.fills);
    liq_jsonw_key_int(w, "failures", (int64_t)n.failures);
    liq_jsonw_key_int(w, "waits", (int64_t)n.waits);
    liq_jsonw_key_int(w, "stale", (int64_t)n.stale);
    liq_jsonw_close_object(w);
}

int liq_api_health(struct liq_api *a, struct liq_buf *body)
{
    static const char *const names[] = {"ok", "degraded", "unhealthy"};
    const struct liq_config *c = a->options.config;
    int64_t now_ms = liq_api_now(a);
    struct look look = {.asked_since_ms = now_ms - c->hot_ms};
    struct liq_jsonw w;
    enum state state;

    liq_cache_each(liq_feeds_cache(a->feeds), note, &look);
    state = state_of_all(c, &look, now_ms);
    liq_jsonw_init(&w, body);
    liq_jsonw_open_object(&w);
    liq_jsonw_key_string(&w, "status", names[state]);
    liq_jsonw_key_string(&w, "build", a->options.build);
    liq_jsonw_key_int(&w, "uptime_ms", now_ms - a->started_ms);
    liq_jsonw_key(&w, "feeds");
    liq_jsonw_open_array(&w);
    for (size_t i = 0; i < look.n; i++)
        encode_feed(&w, &look.seen[i], now_ms);
    liq_jsonw_close_array(&w);
    encode_counts(&w, "answers", a->blobs);
    encode_counts(&w, "series", liq_feeds_cache(a->feeds));
    liq_jsonw_close_object(&w);
    return state == UNHEALTHY ? 503 : 200;
}
