/* How a response is made: its sources are requested; then the model runs, the
 * body is encoded and compressed, and the key is settled. */
#include "recording.h"
#include "snapshot.h"

#include <stdlib.h>
#include <string.h>
#include "liqmap/interval.h"
#include "liqmap/log.h"

/* How long the response of the route symbols is fresh; the lists in it may be
 * older. */
#define SYMBOLS_FRESH_MS LIQ_HOUR_MS

/* A sum without exchanges that may come at any moment: kept for those who ask
 * at the same time, and at most this long. */
#define INCOMPLETE_FRESH_MS 2000

/* A response being made; freed when its key is settled. */
struct making {
    struct liq_task task;
    struct liq_api *api;
    struct liq_key key;
    struct liq_query query;
    struct liq_sources sources;
    struct liq_item *mark[LIQ_MARKS]; /* of the response before */
    int64_t began_ms;
    bool was_stale; /* the response before was */
    bool cold;      /* there was none before, or it is of the past */
    size_t retries; /* with other sources */
};

/* --- times ---------------------------------------------------------------- */

/* Fresh until the first of its series expires, which makes max-age exact; when
 * the shown series is stale, until the exchange may be tried again. */
static void set_times(const struct liq_config *config,
                      const struct liq_sources *s, int64_t now_ms,
                      struct liq_body *b)
{
    const struct liq_series *first = s->at[0].series;
    struct liq_item *item = &b->item;
    int64_t fresh_ms = INT64_MAX;

    for (size_t i = 0; i < s->n_used; i++) {
        if (s->at[i].why.code == LIQ_OK &&
            s->at[i].series->item.fresh_until_ms < fresh_ms)
            fresh_ms = s->at[i].series->item.fresh_until_ms;
    }
    b->stale = s->at[0].why.code != LIQ_OK;
    b->fetched_ms = first->fetched_ms;
    item->fresh_until_ms = b->stale ? now_ms + config->error_ms : fresh_ms;
    if (b->stale && item->fresh_until_ms > first->item.usable_until_ms)
        item->fresh_until_ms = first->item.usable_until_ms;
    b->incomplete = liq_sources_incomplete(s);
    if (b->incomplete && item->fresh_until_ms > now_ms + INCOMPLETE_FRESH_MS)
        item->fresh_until_ms = now_ms + INCOMPLETE_FRESH_MS;
    item->usable_until_ms =
        item->fresh_until_ms + (b->incomplete ? 0 : config->swr_ms);
    if (item->usable_until_ms > first->item.usable_until_ms)
        item->usable_until_ms = first->item.usable_until_ms;
    if (item->usable_until_ms < item->fresh_until_ms)
        item->usable_until_ms = item->fresh_until_ms;
    item->meanwhile_until_ms = item->usable_until_ms;
}

/* A list that is being refreshed is there in its old form: soon again. */
static void set_symbols_times(const struct liq_config *config,
                              const struct liq_sources *s, int64_t now_ms,
                              struct liq_body *b)
{
    bool complete = true;

    for (size_t i = 0; i < s->n; i++)
        complete = complete && s->at[i].list &&
                   s->at[i].list->item.fresh_until_ms > s->ctx.now_ms;
    b->fetched_ms = now_ms;
    b->item.fresh_until_ms =
        now_ms + (complete ? SYMBOLS_FRESH_MS : config->error_ms);
    b->item.meanwhile_until_ms = b->item.fresh_until_ms + SYMBOLS_FRESH_MS;
    b->item.usable_until_ms = b->item.meanwhile_until_ms;
}

/* Responses that are seldom asked for again are evicted first, and not renewed
 * in the background. */
static enum liq_rank rank_of(const struct liq_query *q,
                             const struct liq_body *b)
{
    bool seldom = q->end_ms > 0 || q->route == LIQ_ROUTE_EXPLAIN ||
                  q->route == LIQ_ROUTE_SINGLE ||
                  q->route == LIQ_ROUTE_PICTURE || b->incomplete;

    return seldom ? LIQ_RANK_PAST : LIQ_RANK_DERIVED;
}

/* --- the body ------------------------------------------------------------- */

static enum liq_err encode(struct liq_content *c, struct liq_buf *body,
                           struct liq_reason *why)
{
    static liq_encode_map_fn *const of_map[LIQ_ROUTES] = {
        [LIQ_ROUTE_HEATMAP] = liq_encode_heatmap,
        [LIQ_ROUTE_COMPACT] = liq_encode_heatmap,
        [LIQ_ROUTE_LEVELS] = liq_encode_levels,
        [LIQ_ROUTE_PROFILE] = liq_encode_profile,
        [LIQ_ROUTE_EXPLAIN] = liq_encode_explain,
        [LIQ_ROUTE_WATCH] = liq_encode_watched,
        [LIQ_ROUTE_PICTURE] = liq_encode_picture,
    };
    static liq_encode_fn *const others[LIQ_ROUTES] = {
        [LIQ_ROUTE_KLINES] = liq_encode_klines,
        [LIQ_ROUTE_TICKER] = liq_encode_quote,
        [LIQ_ROUTE_SINGLE] = liq_encode_single,
        [LIQ_ROUTE_SYMBOLS] = liq_encode_symbols,
        [LIQ_ROUTE_VOLUME] = liq_encode_volume,
    };
    enum liq_route route = c->query->route;
    struct liq_snapshot *m;
    enum liq_err err;

    if (!of_map[route])
        return others[route](c, body, why);
    err = liq_snapshot_make(c, &m, why);
    if (err)
        return err;
    err = of_map[route](c, m, body, why);
    if (!err && c->api->recording)
        liq_recording_see(c->api->recording, c, m);
    liq_item_release(&m->item);
    return err;
}

/* own: the body's mark, taken over; NULL: it has none. */
static void set_marks(const struct making *r, struct liq_item *own,
                      struct liq_body *b)
{
    if (!own)
        return;
    b->mark[0] = own;
    for (size_t i = 1; i < LIQ_MARKS; i++)
        b->mark[i] = liq_item_hold(r->mark[i - 1]);
    for (size_t i = 0; i < LIQ_MARKS && b->mark[i]; i++)
        b->item.bytes += b->mark[i]->bytes;
}

/* Take over text. */
static enum liq_err finish(enum liq_route route, struct liq_buf *text,
                           struct liq_body **out)
{
    if (route == LIQ_ROUTE_PICTURE)
        return liq_body_image(text, out);
    return liq_body_new(
        text, route == LIQ_ROUTE_HEATMAP ? LIQ_GZIP_QUICK : LIQ_GZIP_SMALL,
        out);
}

static enum liq_err make(struct making *r, struct liq_body **out,
                         struct liq_reason *why)
{
    const struct liq_config *config = liq_api_config(r->api);
    struct liq_source *first = &r->sources.at[0];
    struct liq_item *mark = NULL;
    struct liq_content c = {.api = r->api,
                            .query = &r->query,
                            .sources = &r->sources,
                            .series = first->series,
                            .now_ms = liq_api_now(r->api),
                            .stale_reason =
                                first->why.code ? first->why.text : NULL,
                            .mark = &mark};
    struct liq_buf text;
    enum liq_err err;

    liq_buf_init(&text, LIQ_BODY_MAX);
    err = encode(&c, &text, why);
    if (!err)
        err = finish(r->query.route, &text, out);
    if (err && why->code == LIQ_OK)
        liq_fail(why, err, "the response is too large");
    liq_buf_free(&text);
    if (err) {
        liq_item_release(mark);
        return err;
    }
    set_marks(r, mark, *out);
    if (r->query.route == LIQ_ROUTE_SYMBOLS)
        set_symbols_times(config, &r->sources, c.now_ms, *out);
    else
        set_times(config, &r->sources, c.now_ms, *out);
    (*out)->item.rank = rank_of(&r->query, *out);
    (*out)->made_ms = c.now_ms;
    return LIQ_OK;
}

/* --- from begin to settle ------------------------------------------------- */

/* Failures at WARN each time, stale data at WARN once, the rest at DEBUG. */
static void log_response(const struct making *r, const struct liq_body *b,
                         const struct liq_reason *why)
{
    bool client_error = why->code == LIQ_EINVAL || why->code == LIQ_ENOTFOUND;
    const char *interval = liq_interval_name(r->key.display_ms);
    long long ms = (long long)(liq_api_now(r->api) - r->began_ms);
    enum liq_log_level level = LIQ_LOG_DEBUG;
    const char *stale = r->sources.n ? r->sources.at[0].why.text : "";

    if (!b && !client_error)
        level = LIQ_LOG_WARN;
    if (b && b->stale && !r->was_stale)
        level = LIQ_LOG_WARN;
    liq_log(level,
            "response route=%s exchange=%s symbol=%s interval=%s bars=%d "
            "status=%s ms=%lld bytes=%zu why=\"%s\"",
            liq_route_names[r->query.route], liq_query_exchange_name(&r->query),
            r->key.symbol, interval ? interval : "-", (int)r->key.bars,
            !b         ? liq_err_name(why->code)
            : b->stale ? "stale"
                       : "ok",
            ms, b ? b->gzip.len : 0, b ? stale : why->text);
}

static void settle(struct making *r, struct liq_body *made,
                   const struct liq_reason *why)
{
    log_response(r, made, why);
    liq_sources_free(&r->sources);
    for (size_t i = 0; i < LIQ_MARKS; i++)
        liq_item_release(r->mark[i]);
    liq_cache_settle(r->api->options.cache, &r->key, liq_api_now(r->api),
                     made ? &made->item : NULL, why);
    free(r);
}

/* auto: the exchange whose candles were just refused is passed over now. */
static bool try_others(struct making *r, const struct liq_reason *why)
{
    if (why->code != LIQ_EFORMAT || r->query.choice != LIQ_CHOOSE_AUTO ||
        ++r->retries >= r->api->scope.n_exchange)
        return false;
    liq_sources_free(&r->sources);
    r->sources.passed = NULL;
    r->sources.why = (struct liq_reason){0};
    liq_sources_start(&r->sources);
    return true;
}

static void on_turn(struct liq_task *t)
{
    struct making *r = (struct making *)(void *)t;
    struct liq_reason why = {0};
    struct liq_body *made = NULL;

    /* Whoever began to wait with the fill has gone; what is queued behind it
     * is still waited for. */
    if (liq_api_now(r->api) >= r->sources.ctx.deadline_ms + LIQ_MAKE_MS) {
        liq_fail(&why, LIQ_ETIMEOUT, "no processor before the deadline");
        /* Not at once again, although its series are there. */
        why.retry_after_ms = liq_api_config(r->api)->error_ms;
    } else if (make(r, &made, &why) != LIQ_OK) {
        made = NULL;
        if (try_others(r, &why))
            return;
    }
    settle(r, made, &why);
}

/* Whoever looks at a map again is served before those who ask for what nobody
 * had before. */
static enum liq_lane lane_of(const struct making *r)
{
    /* watch: up to 12 maps for one request; maps that one waits for come
     * first. */
    if (r->sources.ctx.background || r->query.route == LIQ_ROUTE_WATCH)
        return LIQ_LANE_IDLE;
    return r->cold ? LIQ_LANE_COLD : LIQ_LANE_HEAVY;
}

static void on_sources(struct liq_sources *s)
{
    struct making *r =
        (struct making *)(void *)((char *)s - offsetof(struct making, sources));

    if (s->n_used == 0) {
        settle(r, NULL, &s->why);
        return;
    }
    r->task.run = on_turn;
    liq_work_post(r->api->options.work, &r->task, lane_of(r));
}

void liq_response_begin(void *arg, const struct liq_key *key,
                        struct liq_item *old, int64_t now_ms,
                        int64_t deadline_ms)
{
    const struct liq_response_begin *b = arg;
    struct making *r = calloc(1, sizeof *r);
    struct liq_reason why = {0};

    (void)deadline_ms; /* of one waiter; the request's own is in ctx */
    if (!r) {
        liq_fail(&why, LIQ_ENOMEM, "no memory for a response");
        liq_cache_settle(b->api->options.cache, key, now_ms, NULL, &why);
        return;
    }
    r->api = b->api;
    r->key = *key;
    r->began_ms = liq_api_now(b->api);
    r->was_stale = old && ((struct liq_body *)(void *)old)->stale;
    r->cold = !old || key->end_ms > 0;
    for (size_t i = 0; old && i < LIQ_MARKS; i++)
        r->mark[i] = liq_item_hold(((struct liq_body *)(void *)old)->mark[i]);
    /* Cannot fail: the key was made from a query of this scope. */
    (void)liq_query_of_key(&b->api->scope, key, &r->query);
    r->sources.api = b->api;
    r->sources.query = &r->query;
    r->sources.ctx = *b->ctx;
    r->sources.done = on_sources;
    liq_sources_start(&r->sources);
}
