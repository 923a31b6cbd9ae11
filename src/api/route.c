/* Routes: find a request's route, check the request, start its response; and
 * renew responses in the background. */
#include <stdlib.h>
#include <string.h>
#include "delta.h"
#include "depth.h"
#include "http.h"
#include "liqmap/interval.h"
#include "liqmap/log.h"
#include "recording.h"
#include "watch.h"

#define PREFIX "/api/v1/"
#define METRICS "/metrics"
/* How many responses one round of keep-warm renews at most. */
#define WARM_KEYS 256

/* The route named after the last "/api/v1/" of a path: the web server may put
 * anything before it.  False: none. */
static bool find_route(const char *path, enum liq_route *out)
{
    const char *name = NULL;

    for (const char *p = path ? strstr(path, PREFIX) : NULL; p;
         p = strstr(name, PREFIX))
        name = p + strlen(PREFIX);
    for (int i = 0; name && i < LIQ_ROUTES; i++) {
        if (strcmp(liq_route_names[i], name) == 0) {
            *out = (enum liq_route)i;
            return true;
        }
    }
    return false;
}

static bool refuse_route(struct liq_refusal *why)
{
    return liq_refuse(why, 404, "unknown_route",
                      PREFIX "heatmap," PREFIX "heatmap.png," PREFIX
                             "levels," PREFIX "profile," PREFIX
                             "explain," PREFIX "klines," PREFIX "volume," PREFIX
                             "ticker," PREFIX "watch," PREFIX "depth," PREFIX
                             "liquidations," PREFIX "symbols," PREFIX "health",
                      "no such route");
}

/* --- checks that need the exchange ---------------------------------------- */

static bool check_interval(const struct liq_query *q, struct liq_refusal *why)
{
    static const char *const names[] = {"5m", "15m", "1h", "4h", "1d"};
    struct liq_exchange *x = q->exchange;
    char allowed[64] = "";

    /* auto and all exclude exchanges that do not offer it. */
    if (q->choice != LIQ_CHOOSE_ONE || x->engine_ms(x, q->display_ms) > 0)
        return true;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (x->engine_ms(x, liq_interval_ms(names[i])) <= 0)
            continue;
        if (allowed[0])
            strncat(allowed, ",", sizeof allowed - strlen(allowed) - 1);
        strncat(allowed, names[i], sizeof allowed - strlen(allowed) - 1);
    }
    return liq_refuse(why, 400, "bad_interval", allowed,
                      "%s does not offer %s candles", x->name,
                      liq_interval_name(q->display_ms));
}

/* The clock of the chosen exchange, else of the first exchange whose clock is
 * known, else the machine's. */
static int64_t exchange_now(const struct liq_api *a, const struct liq_query *q)
{
    const struct liq_clock *clock = a->options.clock;
    int64_t now_ms = 0;

    if (q->choice == LIQ_CHOOSE_ONE)
        now_ms = q->exchange->now_ms(q->exchange);
    for (size_t i = 0;
         q->choice != LIQ_CHOOSE_ONE && now_ms == 0 && i < a->scope.n_exchange;
         i++)
        now_ms = a->scope.exchange[i]->now_ms(a->scope.exchange[i]);
    return now_ms > 0 ? now_ms : clock->wall_ms(clock);
}

/* Round the end down to the close of a candle: all ends within one candle show
 * the same map, and cost its exchange one series. */
static bool floor_end(const struct liq_api *a, struct liq_query *q,
                      struct liq_refusal *why)
{
    if (q->end_ms == 0)
        return true;
    if (q->end_ms > exchange_now(a, q))
        return liq_refuse(why, 400, "bad_end", "", "end lies in the future");
    q->end_ms = liq_interval_floor(q->end_ms, q->display_ms);
    return q->end_ms > 0 || liq_refuse(why, 400, "bad_end", "",
                                       "end lies before the first candle");
}

bool liq_route_may_list(struct liq_api *a, const struct liq_query *q,
                        struct liq_refusal *why)
{
    if (liq_query_symbol_common(q->symbol))
        return true;
    for (size_t i = 0; i < a->scope.n_exchange; i++) {
        if (liq_query_admits(q, a->scope.exchange[i]) &&
            liq_symbol_list_may_have(a, a->scope.exchange[i], q->symbol))
            return true;
    }
    return liq_refuse(
        why, 404, "unknown_symbol", "", "%s is not listed by %s", q->symbol,
        q->choice == LIQ_CHOOSE_ONE ? q->exchange->name : "any exchange");
}

static bool check_with_exchange(struct liq_api *a, struct liq_query *q,
                                struct liq_refusal *why)
{
    if (q->route == LIQ_ROUTE_SYMBOLS)
        return true;
    if (q->route != LIQ_ROUTE_DEPTH && !check_interval(q, why))
        return false;
    /* Before a key is made, so that made-up names cannot fill the cache. */
    return liq_route_may_list(a, q, why) && floor_end(a, q, why);
}

/* --- one request ---------------------------------------------------------- */

static void finish(struct liq_api_call *c)
{
    struct liq_api *a = c->api;

    liq_count_response(a, c);
    c->done(c);
    atomic_fetch_sub(&a->in_flight, 1);
}

static void refuse(struct liq_api_call *c, const struct liq_refusal *refusal)
{
    liq_respond_refusal(&c->request, refusal, &c->response);
    finish(c);
}

/* The outcome is in the call's waiter. */
static void respond(struct liq_task *t)
{
    struct liq_waiter *w = (struct liq_waiter *)(void *)t;
    struct liq_api_call *c =
        (struct liq_api_call *)(void *)((char *)w -
                                        offsetof(struct liq_api_call, waiter));
    struct liq_refusal refusal;

    if (w->item) {
        struct liq_body *b = (struct liq_body *)(void *)w->item;

        if (c->since)
            b = liq_delta_of(c->api, b, c->since);
        liq_respond_body(c->api, &c->request, b, &c->response);
        finish(c);
    } else {
        liq_refusal_of(c->api, c->past, &w->why, &refusal);
        refuse(c, &refusal);
    }
}

/* Whether a series that the query may use came after a moment. */
static bool came_since(struct liq_api *a, const struct liq_query *q,
                       int64_t since_ms, int64_t now_ms)
{
    bool came = false;

    for (size_t i = 0; !came && i < a->scope.n_exchange; i++) {
        struct liq_exchange *x = a->scope.exchange[i];
        struct liq_series *s = NULL;

        if (liq_query_admits(q, x))
            s = liq_series_peek(&a->series, x, q->symbol, q->display_ms,
                                q->end_ms, now_ms);
        came = s && s->fetched_ms > since_ms && now_ms < s->item.fresh_until_ms;
        liq_item_release(s ? &s->item : NULL);
    }
    return came;
}

/* Whether the outcome in *w lacks what has come since it was made: a sum in
 * which exchanges are missing, or the end of a deadline. */
static bool outdated(struct liq_api *a, const struct liq_query *q,
                     const struct liq_waiter *w, int64_t now_ms)
{
    const struct liq_body *b = (const struct liq_body *)(void *)w->item;

    if (q->route == LIQ_ROUTE_SYMBOLS)
        return false;
    if (b)
        return b->incomplete && came_since(a, q, b->made_ms, now_ms);
    return w->why.code == LIQ_ETIMEOUT && w->why.retry_after_ms == 0 &&
           came_since(a, q, 0, now_ms);
}

bool liq_response_ask(struct liq_api *a, const struct liq_query *q,
                      const struct liq_context *ctx, struct liq_waiter *w)
{
    struct liq_response_begin begin = {a, ctx};
    struct liq_key key = liq_query_key(q);

    if (!liq_cache_ask(a->options.cache, &key, ctx->now_ms, ctx->background,
                       liq_response_begin, &begin, w))
        return false;
    if (!outdated(a, q, w, ctx->now_ms))
        return true;
    liq_item_release(w->item);
    liq_cache_drop(a->options.cache, &key);
    return liq_cache_ask(a->options.cache, &key, ctx->now_ms, ctx->background,
                         liq_response_begin, &begin, w);
}

static void ask(struct liq_api_call *c, const struct liq_query *q)
{
    struct liq_api *a = c->api;
    int64_t now_ms = liq_api_now(a);
    struct liq_context ctx = {.now_ms = now_ms,
                              .deadline_ms =
                                  now_ms + liq_api_config(a)->deadline_ms};

    c->past = q->end_ms > 0;
    c->since = q->since;
    c->waiter =
        (struct liq_waiter){.task = {.run = respond},
                            .lane = LIQ_LANE_LIGHT,
                            .deadline_ms = ctx.deadline_ms + LIQ_MAKE_MS};
    if (liq_response_ask(a, q, &ctx, &c->waiter))
        respond(&c->waiter.task);
}

static void respond_health(struct liq_api_call *c)
{
    struct liq_buf body;
    int status;

    liq_buf_init(&body, LIQ_BODY_MAX);
    status = liq_encode_health(c->api, &body);
    liq_respond_once(&c->request, status, &body, &c->response);
    finish(c);
}

static bool is_metrics(const struct liq_api_request *r)
{
    size_t len = r->path ? strlen(r->path) : 0, n = strlen(METRICS);

    return len >= n && strcmp(r->path + len - n, METRICS) == 0 &&
           strcmp(r->method, "GET") == 0;
}

static void respond_metrics(struct liq_api_call *c)
{
    struct liq_buf body;

    c->route = LIQ_COUNTED_METRICS;
    liq_buf_init(&body, LIQ_BODY_MAX);
    liq_encode_metrics(c->api, &body);
    liq_respond_text(&c->request, &body, &c->response);
    finish(c);
}

static bool check(struct liq_api_call *c, enum liq_route *route,
                  struct liq_query *q, struct liq_watch_list *watched,
                  struct liq_refusal *refusal)
{
    const char *method = c->request.method;
    struct liq_api *a = c->api;

    if (!find_route(c->request.path, route))
        return refuse_route(refusal);
    c->route = (int)*route;
    if (strcmp(method, "OPTIONS") == 0)
        return true;
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
        return liq_refuse(refusal, 405, "method_not_allowed",
                          "GET,HEAD,OPTIONS",
                          "method not allowed; use GET, HEAD or OPTIONS");
    return liq_query_parse(&a->scope, *route, c->request.query, q, refusal) &&
           (*route == LIQ_ROUTE_HEALTH || check_with_exchange(a, q, refusal)) &&
           (*route != LIQ_ROUTE_WATCH ||
            liq_watch_parse(q->symbols, watched, refusal));
}

static void begin_call(struct liq_api *a, struct liq_api_call *c)
{
    atomic_fetch_add(&a->in_flight, 1);
    c->api = a;
    memset(&c->response, 0, sizeof c->response);
    c->began_ms = liq_api_now(a);
    c->route = LIQ_COUNTED_NONE;
}

/* The key of a response that the cache may have as it is sent.  What only its
 * exchange can check needs no check: what fails it is never in the cache. */
static bool key_of_request(const struct liq_api *a,
                           const struct liq_api_request *r,
                           enum liq_route *route, struct liq_key *key,
                           uint64_t *since)
{
    struct liq_query query = {0};
    struct liq_refusal refusal;

    if (!r->method ||
        (strcmp(r->method, "GET") != 0 && strcmp(r->method, "HEAD") != 0) ||
        !find_route(r->path, route) || *route == LIQ_ROUTE_HEALTH ||
        *route == LIQ_ROUTE_WATCH || *route == LIQ_ROUTE_DEPTH ||
        *route == LIQ_ROUTE_LIQUIDATIONS ||
        !liq_query_parse(&a->scope, *route, r->query, &query, &refusal) ||
        query.end_ms > 0)
        return false;
    *key = liq_query_key(&query);
    *since = query.since;
    return true;
}

bool liq_api_respond_cached(struct liq_api *a, struct liq_api_call *c)
{
    enum liq_route route;
    struct liq_body *body;
    struct liq_item *item;
    struct liq_key key;
    uint64_t since;

    if (!key_of_request(a, &c->request, &route, &key, &since))
        return false;
    item = liq_cache_fresh(a->options.cache, &key, liq_api_now(a));
    if (!item)
        return false;
    body = (struct liq_body *)(void *)item;
    if (body->incomplete) {
        liq_item_release(item);
        return false;
    }
    if (since)
        body = liq_delta_kept(a, body, since);
    if (!body)
        return false;
    /* To decompress a map takes a millisecond. */
    if (body->plain.len < body->len &&
        !liq_accepts_gzip(c->request.accept_encoding)) {
        liq_item_release(&body->item);
        return false;
    }
    begin_call(a, c);
    c->route = (int)route;
    liq_respond_body(a, &c->request, body, &c->response);
    finish(c);
    return true;
}

void liq_api_start(struct liq_api *a, struct liq_api_call *c)
{
    struct liq_refusal refusal;
    struct liq_query query = {0};
    struct liq_watch_list watched = {.n = 0};
    enum liq_route route = LIQ_ROUTE_HEALTH;

    begin_call(a, c);
    if (!c->request.method)
        c->request.method = "";
    if (is_metrics(&c->request)) {
        respond_metrics(c);
        return;
    }
    if (!check(c, &route, &query, &watched, &refusal)) {
        refuse(c, &refusal);
    } else if (strcmp(c->request.method, "OPTIONS") == 0) {
        liq_respond_options(&c->response);
        finish(c);
    } else if (route == LIQ_ROUTE_HEALTH) {
        respond_health(c);
    } else if (route == LIQ_ROUTE_WATCH) {
        liq_watch_start(a, c, &query, &watched, finish);
    } else if (route == LIQ_ROUTE_DEPTH) {
        liq_depth_start(a, c, &query, finish);
    } else if (route == LIQ_ROUTE_LIQUIDATIONS) {
        liq_recorded_start(a, c, &query, finish);
    } else {
        ask(c, &query);
    }
}

void liq_api_response_free(struct liq_api_response *r)
{
    liq_item_release(r->hold);
    memset(r, 0, sizeof *r);
}

/* --- keeping warm --------------------------------------------------------- */

/* A refresh in the background. */
struct renewal {
    struct liq_waiter waiter; /* must be first */
};

static void renewed(struct liq_task *t)
{
    struct renewal *r = (struct renewal *)(void *)t;

    liq_item_release(r->waiter.item);
    free(r);
}

/* No thread waits, so a stalled exchange delays no other; the keys of one
 * series share its refresh. */
static bool renew(struct liq_api *a, const struct liq_key *key)
{
    const struct liq_config *config = liq_api_config(a);
    int64_t now_ms = liq_api_now(a);
    struct liq_context ctx = {.now_ms = now_ms + config->lead_ms,
                              .deadline_ms = now_ms + config->deadline_ms,
                              .background = true};
    struct liq_response_begin begin = {a, &ctx};
    struct renewal *r = calloc(1, sizeof *r);

    if (!r)
        return false;
    r->waiter.task.run = renewed;
    r->waiter.lane = LIQ_LANE_LIGHT;
    r->waiter.deadline_ms = ctx.deadline_ms + LIQ_MAKE_MS;
    if (liq_cache_ask(a->options.cache, key, ctx.now_ms, true,
                      liq_response_begin, &begin, &r->waiter))
        renewed(&r->waiter.task);
    return true;
}

size_t liq_api_keep_warm(struct liq_api *a)
{
    const struct liq_config *config = liq_api_config(a);
    struct liq_key *key = calloc(WARM_KEYS, sizeof *key);
    int64_t now_ms = liq_api_now(a);
    size_t n, begun = 0;

    if (!key)
        return 0;
    n = liq_cache_hot(a->options.cache, LIQ_KIND_RESPONSE, now_ms,
                      now_ms + config->lead_ms, config->hot_ms, key, WARM_KEYS);
    for (size_t i = 0; i < n; i++)
        begun += renew(a, &key[i]);
    free(key);
    return begun;
}
