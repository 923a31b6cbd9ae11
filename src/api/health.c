/* The health route: whether the series in use are fresh. */
#include "internal.h"

#include <stdlib.h>
#include "liqmap/interval.h"
#include "liqmap/log.h"

/* So many are listed; all live ones are judged. */
#define SERIES_MAX 256

enum state { OK, DEGRADED, UNHEALTHY };

/* Unknown symbol, bad request or first fetch pending: does not affect
 * health. */
static bool harmless(const struct liq_reason *error)
{
    return error->code == LIQ_ENOTFOUND || error->code == LIQ_EINVAL ||
           error->code == LIQ_OK;
}

static enum state state_of(const struct liq_config *c,
                           const struct liq_cache_entry *e, int64_t now_ms)
{
    const struct liq_series *s = (const struct liq_series *)(void *)e->item;
    int64_t age_ms = s ? now_ms - s->fetched_ms : 0;

    if (!s && harmless(&e->error))
        return OK;
    if (!s || age_ms > c->stale_ms)
        return UNHEALTHY;
    return e->error.code != LIQ_OK || atomic_load(&s->refused) ||
                   age_ms > c->ttl_ms + c->swr_ms
               ? DEGRADED
               : OK;
}

/* The exchange blocks or limits our requests. */
static bool refused(const struct liq_cache_entry *e)
{
    return e->error.code == LIQ_ERATE || e->error.code == LIQ_EBLOCKED;
}

/* Unhealthy because of a series without data, or of an exchange that refuses
 * us, only if no other series is fresh. */
static enum state state_of_all(const struct liq_config *c,
                               const struct liq_cache_entry *e, size_t n,
                               int64_t now_ms)
{
    enum state worst = OK;
    bool some_ok = false, grave = false;

    for (size_t i = 0; i < n; i++) {
        enum state s = state_of(c, &e[i], now_ms);

        some_ok |= s == OK && e[i].item;
        grave |= s != OK && (!e[i].item || refused(&e[i]));
        if (s == UNHEALTHY && !e[i].item)
            s = DEGRADED;
        if (s > worst)
            worst = s;
    }
    return grave && !some_ok ? UNHEALTHY : worst;
}

static void encode_series(struct liq_jsonw *w, const struct liq_cache_entry *e,
                          int64_t now_ms)
{
    const struct liq_series *s = (const struct liq_series *)(void *)e->item;
    struct liq_reason error = e->error;

    if (error.code == LIQ_OK && s && atomic_load(&s->refused))
        (void)liq_refused_candles(s->exchange, &error);
    liq_jsonw_open_object(w);
    liq_jsonw_key_string(w, "exchange", e->key.exchange);
    liq_jsonw_key_string(w, "symbol", e->key.symbol);
    liq_encode_interval(w, "interval", e->key.display_ms);
    liq_jsonw_key_time(w, "end", e->key.end_ms);
    liq_jsonw_key(w, "age_ms");
    if (s)
        liq_jsonw_int(w, now_ms - s->fetched_ms);
    else
        liq_jsonw_null(w);
    liq_jsonw_key_string(w, "last_error", error.code ? error.text : NULL);
    liq_jsonw_close_object(w);
}

static void encode_counts(struct liq_jsonw *w, const char *key,
                          struct liq_cache *c, enum liq_kind kind)
{
    struct liq_cache_counts n;

    liq_cache_count(c, kind, &n);
    liq_jsonw_key(w, key);
    liq_jsonw_open_object(w);
    liq_jsonw_key_int(w, "keys", (int64_t)n.keys);
    liq_jsonw_key_int(w, "bytes", (int64_t)n.bytes);
    liq_jsonw_key_int(w, "hits", (int64_t)n.hits);
    liq_jsonw_key_int(w, "fills", (int64_t)n.fills);
    liq_jsonw_key_int(w, "failures", (int64_t)n.failures);
    liq_jsonw_key_int(w, "waits", (int64_t)n.waits);
    liq_jsonw_key_int(w, "waiting", (int64_t)n.parked);
    liq_jsonw_key_int(w, "stale", (int64_t)n.stale);
    liq_jsonw_key_int(w, "evicted", (int64_t)n.evicted);
    liq_jsonw_close_object(w);
}

static void encode(struct liq_api *a, enum state state,
                   const struct liq_cache_entry *entry, size_t n,
                   int64_t now_ms, struct liq_buf *body)
{
    static const char *const names[] = {"ok", "degraded", "unhealthy"};
    struct liq_cache *cache = a->options.cache;
    struct liq_jsonw w;

    liq_jsonw_init(&w, body);
    liq_jsonw_open_object(&w);
    liq_jsonw_key_string(&w, "status", names[state]);
    liq_jsonw_key_string(&w, "build", a->options.build);
    liq_jsonw_key_int(&w, "uptime_ms", now_ms - a->started_ms);
    liq_jsonw_key_int(&w, "log_lines_dropped", (int64_t)liq_log_dropped());
    liq_jsonw_key(&w, "series");
    liq_jsonw_open_array(&w);
    for (size_t i = 0; i < n && i < SERIES_MAX; i++)
        encode_series(&w, &entry[i], now_ms);
    liq_jsonw_close_array(&w);
    liq_jsonw_key(&w, "cache");
    liq_jsonw_open_object(&w);
    liq_jsonw_key_int(&w, "max_bytes", liq_api_config(a)->max_bytes);
    encode_counts(&w, "all", cache, (enum liq_kind)0);
    encode_counts(&w, "responses", cache, LIQ_KIND_RESPONSE);
    encode_counts(&w, "series", cache, LIQ_KIND_SERIES);
    encode_counts(&w, "maps", cache, LIQ_KIND_MAP);
    encode_counts(&w, "depth", cache, LIQ_KIND_DEPTH);
    liq_jsonw_close_object(&w);
    liq_encode_notices(&w, a);
    liq_jsonw_close_object(&w);
}

int liq_encode_health(struct liq_api *a, struct liq_buf *body)
{
    const struct liq_config *c = liq_api_config(a);
    int64_t now_ms = liq_api_now(a);
    struct liq_cache_counts counts;
    struct liq_cache_entry *entry;
    size_t all, n = 0;
    enum state state;

    liq_cache_count(a->options.cache, LIQ_KIND_SERIES, &counts);
    entry = calloc(counts.keys + 1, sizeof *entry);
    if (!entry) {
        body->err = LIQ_ENOMEM;
        return 503;
    }
    all = liq_cache_list(a->options.cache, LIQ_KIND_SERIES, entry, counts.keys);
    /* Only live series that were asked for lately: what strangers asked about
     * the past says nothing of what viewers look at. */
    for (size_t i = 0; i < all; i++) {
        if (entry[i].last_asked_ms >= now_ms - c->hot_ms &&
            entry[i].key.end_ms == 0)
            entry[n++] = entry[i];
        else
            liq_item_release(entry[i].item);
    }
    state = state_of_all(c, entry, n, now_ms);
    encode(a, state, entry, n, now_ms, body);
    for (size_t i = 0; i < n; i++)
        liq_item_release(entry[i].item);
    free(entry);
    return state == UNHEALTHY ? 503 : 200;
}
