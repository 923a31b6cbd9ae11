/* From a path to who answers it, and what every request is checked for. */
#include "respond.h"

#include <string.h>
#include "liqmap/interval.h"
#include "liqmap/log.h"

#define PREFIX "/api/v1/"
#define BUSY_RETRY_MS 2000
#define WARM_AT_ONCE 4

/* The route named after the last "/api/v1/" of a path, wherever the web server
 * has put us; false when there is none. */
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

static void refuse_route(struct liq_refusal *why)
{
    liq_refuse(why, 404, "unknown_route",
               PREFIX "heatmap," PREFIX "levels," PREFIX "profile," PREFIX
                      "explain," PREFIX "klines," PREFIX "ticker," PREFIX
                      "symbols," PREFIX "health",
               "there is nothing at this path");
}

/* --- the bulkhead: cached answers pass, whoever would wait may not -----------
 */

static bool slot_take(struct liq_api *a, struct liq_refusal *why)
{
    if (atomic_fetch_add(&a->waiting, 1) < a->options.config->max_waiting)
        return true;
    atomic_fetch_sub(&a->waiting, 1);
    liq_refuse(why, 503, "busy", "",
               "too many requests are waiting for the exchange");
    why->retry_after_ms = BUSY_RETRY_MS;
    return false;
}

static void slot_give(struct liq_api *a)
{
    atomic_fetch_sub(&a->waiting, 1);
}

/* --- what only the market can check
 * --------------------------------------------- */

static bool check_interval(const struct liq_query *q, struct liq_refusal *why)
{
    char allowed[64] = "";
    static const char *const names[] = {"5m", "15m", "1h", "4h", "1d"};

    /* Of several exchanges, those that cannot show it are passed over. */
    if (q->pick != LIQ_PICK_ONE)
        return true;
    if (q->market->engine_ms(q->market, q->display_ms) > 0)
        return true;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (q->market->engine_ms(q->market, liq_interval_ms(names[i])) <= 0)
            continue;
        if (allowed[0])
            strncat(allowed, ",", sizeof allowed - strlen(allowed) - 1);
        strncat(allowed, names[i], sizeof allowed - strlen(allowed) - 1);
    }
    return liq_refuse(why, 400, "bad_interval", allowed,
                      "%s cannot show %s candles", q->market->name,
                      liq_interval_name(q->display_ms));
}

/* The clock of the exchange that is picked, or of the first that tells. */
static enum liq_err exchange_now(struct liq_api *a, const struct liq_query *q,
                                 int64_t deadline_ms, int64_t *now_ms,
                                 struct liq_reason *why)
{
    enum liq_err err = LIQ_ENET;

    if (q->pick == LIQ_PICK_ONE)
        return q->market->now(q->market, deadline_ms, now_ms, why);
    for (size_t i = 0; i < a->scope.n_market; i++) {
        struct liq_market *m = a->scope.market[i];

        err = m->now(m, deadline_ms, now_ms, why);
        if (!err)
            break;
    }
    return err;
}

static bool end_is_past(struct liq_api *a, const struct liq_query *q,
                        struct liq_refusal *why)
{
    int64_t deadline_ms = liq_api_now(a) + a->options.config->deadline_ms;
    struct liq_reason reason = {0};
    enum liq_err err;
    int64_t now_ms;

    err = exchange_now(a, q, deadline_ms, &now_ms, &reason);
    if (err) {
        liq_refusal_of(a, q, err, &reason, why);
        return false;
    }
    return q->end_ms <= now_ms ||
           liq_refuse(why, 400, "bad_end", "", "end lies in the future of %s",
                      q->market->name);
}

/* Brought down to a boundary of engine candles: between two of them every end
 * shows the same map. */
static bool floor_end(struct liq_query *q, struct liq_refusal *why)
{
    if (q->end_ms == 0)
        return true;
    q->end_ms = liq_interval_floor(
        q->end_ms, q->market->engine_ms(q->market, q->display_ms));
    return q->end_ms > 0 || liq_refuse(why, 400, "bad_end", "",
                                       "end lies before the first candle");
}

static bool may_list(struct liq_api *a, const struct liq_query *q)
{
    int64_t now_ms = liq_api_now(a);

    if (q->pick == LIQ_PICK_ONE)
        return liq_api_may_list(a, q->market, q->symbol, now_ms);
    for (size_t i = 0; i < a->scope.n_market; i++) {
        if (liq_api_may_list(a, a->scope.market[i], q->symbol, now_ms))
            return true;
    }
    return false;
}

static bool check_with_market(struct liq_api *a, struct liq_query *q,
                              struct liq_refusal *why)
{
    if (q->route == LIQ_ROUTE_SYMBOLS)
        return true;
    if (!check_interval(q, why))
        return false;
    /* Before a key is made of it: names made up by strangers must not push
     * out the answers that people look at. */
    if (!liq_query_symbol_common(q->symbol) && !may_list(a, q))
        return liq_refuse(
            why, 404, "unknown_symbol", "", "%s is not listed by %s", q->symbol,
            q->pick == LIQ_PICK_ONE ? q->market->name : "any exchange");
    return floor_end(q, why);
}

/* --- the answer
 * ------------------------------------------------------------------- */

struct fill_call {
    struct liq_api *api;
    const struct liq_query *query;
    bool background;
};

static enum liq_err make(const struct fill_call *c, int64_t now_ms,
                         struct liq_made *made, struct liq_blob **out,
                         struct liq_reason *why)
{
    struct liq_blob *b;
    enum liq_err err;

    err = c->query->route == LIQ_ROUTE_SYMBOLS
              ? liq_api_make_symbols(c->api, now_ms, made, why)
              : liq_api_make_view(c->api, c->query, now_ms, c->background, made,
                                  why);
    if (err)
        return err;
    err = liq_blob_new(&made->body, &b);
    if (err)
        return liq_fail(why, err, "no memory for the answer");
    b->item.fresh_until_ms = made->fresh_until_ms;
    b->item.meanwhile_until_ms = made->usable_until_ms;
    b->item.usable_until_ms = made->usable_until_ms;
    b->fetched_ms = made->fetched_ms;
    b->stale = made->stale;
    *out = b;
    return LIQ_OK;
}

/* A failure each time, data getting old once, success for who wants to see. */
static void log_fill(const char *key, enum liq_err err, int64_t ms,
                     const struct liq_blob *before, const struct liq_blob *b,
                     const struct liq_reason *why)
{
    bool asked_wrongly = err == LIQ_EINVAL || err == LIQ_ENOTFOUND;

    if (!b)
        liq_log(asked_wrongly ? LIQ_LOG_DEBUG : LIQ_LOG_WARN,
                "answer key=%s error=%s ms=%lld why=\"%s\"", key,
                liq_err_name(err), (long long)ms, why->text);
    else if (b->stale && !(before && before->stale))
        liq_log(LIQ_LOG_WARN, "answer key=%s stale=%s ms=%lld why=\"%s\"", key,
                liq_err_name(why->code), (long long)ms, why->text);
    else
        liq_log(LIQ_LOG_DEBUG, "answer key=%s ms=%lld bytes=%zu gzip=%zu", key,
                (long long)ms, b->plain.len, b->gzip.len);
}

static enum liq_err fill(void *arg, const char *key, struct liq_item *old,
                         int64_t now_ms, struct liq_item **out,
                         struct liq_reason *why)
{
    struct fill_call *c = arg;
    int64_t began_ms = liq_api_now(c->api);
    struct liq_made made = {0};
    struct liq_blob *b = NULL;
    enum liq_err err;

    liq_buf_init(&made.body, LIQ_BODY_MAX);
    err = make(c, now_ms, &made, &b, why);
    liq_buf_free(&made.body);
    log_fill(key, err, liq_api_now(c->api) - began_ms,
             (struct liq_blob *)(void *)old, b, why);
    if (!err)
        *out = &b->item;
    return err;
}

static enum liq_err get(struct liq_api *a, const struct liq_query *q,
                        const char *key, int64_t now_ms, bool background,
                        struct liq_item **out, struct liq_reason *why)
{
    struct fill_call c = {a, q, background};

    return liq_cache_get(a->blobs, key, now_ms, a->options.config->deadline_ms,
                         background, fill, &c, out, why);
}

/* Answers to questions that hardly anybody asks again: a cell, a knob. */
static bool is_kept(enum liq_route route)
{
    return route != LIQ_ROUTE_EXPLAIN && route != LIQ_ROUTE_SINGLE;
}

/* With a slot taken: fill or wait.  False: refused. */
static bool get_waiting(struct liq_api *a, const struct liq_query *q,
                        const char *key, struct liq_item **out,
                        struct liq_refusal *refusal)
{
    struct liq_reason why;
    enum liq_err err;

    if (q->end_ms > 0 && !end_is_past(a, q, refusal))
        return false;
    if (is_kept(q->route)) {
        err = get(a, q, key, liq_api_now(a), false, out, &why);
    } else {
        struct fill_call c = {a, q, false};

        err = fill(&c, key, NULL, liq_api_now(a), out, &why);
    }
    if (!*out)
        liq_refusal_of(a, q, err, &why, refusal);
    return *out != NULL;
}

static void answer(struct liq_api *a, const struct liq_api_request *req,
                   const struct liq_query *q, struct liq_api_response *out)
{
    char key[LIQ_CACHE_KEY_SIZE];
    struct liq_item *item = NULL;
    struct liq_refusal refusal;
    struct liq_reason why;
    enum liq_err err;

    liq_query_canonical(q, key);
    if (!is_kept(q->route) ||
        !liq_cache_peek(a->blobs, key, liq_api_now(a), &err, &item, &why)) {
        if (slot_take(a, &refusal)) {
            liq_item_release(item);
            item = NULL;
            (void)get_waiting(a, q, key, &item, &refusal);
            slot_give(a);
        }
    } else if (!item)
        liq_refusal_of(a, q, err, &why, &refusal);
    if (item)
        liq_respond_blob(a, req, (struct liq_blob *)(void *)item, out);
    else
        liq_respond_refusal(req, &refusal, out);
}

static void answer_health(struct liq_api *a, const struct liq_api_request *req,
                          struct liq_api_response *out)
{
    struct liq_buf body;
    int status;

    liq_buf_init(&body, LIQ_BODY_MAX);
    status = liq_api_health(a, &body);
    liq_respond_once(req, status, &body, out);
}

void liq_api_handle(struct liq_api *a, const struct liq_api_request *req,
                    struct liq_api_response *out)
{
    const char *method = req->method ? req->method : "";
    struct liq_api_request request = *req;
    struct liq_refusal refusal;
    struct liq_query query;
    enum liq_route route;

    memset(out, 0, sizeof *out);
    request.method = method;
    if (!find_route(req->path, &route))
        refuse_route(&refusal);
    else if (strcmp(method, "OPTIONS") == 0) {
        liq_respond_options(out);
        return;
    } else if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
        liq_refuse(&refusal, 405, "method_not_allowed", "GET,HEAD,OPTIONS",
                   "this can only be read");
    else if (liq_query_parse(&a->scope, route, req->query, &query, &refusal) &&
             (route == LIQ_ROUTE_HEALTH ||
              check_with_market(a, &query, &refusal))) {
        if (route == LIQ_ROUTE_HEALTH)
            answer_health(a, &request, out);
        else
            answer(a, &request, &query, out);
        return;
    }
    liq_respond_refusal(&request, &refusal, out);
}

void liq_api_response_free(struct liq_api_response *r)
{
    liq_item_release(r->hold);
    memset(r, 0, sizeof *r);
}

/* --- keeping warm
 * ------------------------------------------------------------------- */

static bool renew(struct liq_api *a, const char *key)
{
    const struct liq_config *c = a->options.config;
    const char *mark = strchr(key, '?');
    char path[32] = PREFIX;
    struct liq_refusal refusal;
    struct liq_reason why;
    struct liq_query query;
    struct liq_item *item;
    enum liq_route route;
    enum liq_err err;

    strncat(path, key, strcspn(key, "?") < 16 ? strcspn(key, "?") : 16);
    if (!find_route(path, &route) ||
        !liq_query_parse(&a->scope, route, mark ? mark + 1 : "", &query,
                         &refusal))
        return false;
    err = get(a, &query, key, liq_api_now(a) + c->lead_ms, true, &item, &why);
    liq_item_release(item);
    return err == LIQ_OK;
}

/* Whether two keys are answered from the same series, which is fetched once:
 * they are alike from the '?' to where the bars begin. */
static bool same_series(const char *a, const char *b)
{
    a = strchr(a, '?');
    b = strchr(b, '?');
    while (a && b && *a == *b && *a && strncmp(a, "&bars=", 6) != 0) {
        a++;
        b++;
    }
    return a && b && *a == *b;
}

/* The keys of one series, in a thread of its own: a stalled exchange must not
 * hold up the others, and a second key must not find the first one's fetch
 * under way and make do with the old data. */
struct renewal {
    struct liq_api *api;
    size_t first, n; /* of api->warm: the series' first key, and how many all */
    size_t renewed;
};

static void run_renewal(void *arg)
{
    struct renewal *r = arg;
    char(*keys)[LIQ_CACHE_KEY_SIZE] = r->api->warm;

    for (size_t i = r->first; i < r->n; i++) {
        if (same_series(keys[r->first], keys[i]))
            r->renewed += renew(r->api, keys[i]);
    }
}

/* No earlier key is of the same series. */
static bool leads(const struct liq_api *a, size_t i)
{
    for (size_t j = 0; j < i; j++) {
        if (same_series(a->warm[j], a->warm[i]))
            return false;
    }
    return true;
}

size_t liq_api_keep_warm(struct liq_api *a)
{
    const struct liq_config *c = a->options.config;
    struct renewal renewal[WARM_AT_ONCE];
    int64_t now_ms = liq_api_now(a);
    size_t n, batch = 0, renewed = 0;

    n = liq_cache_hot(a->blobs, now_ms, now_ms + c->lead_ms, c->hot_ms, a->warm,
                      LIQ_WARM_KEYS);
    for (size_t i = 0; i <= n; i++) {
        if (i < n && leads(a, i))
            renewal[batch++] = (struct renewal){.api = a, .first = i, .n = n};
        if (batch < WARM_AT_ONCE && (i < n || batch == 0))
            continue;
        liq_fan_out(run_renewal, renewal, sizeof *renewal, batch);
        while (batch > 0)
            renewed += renewal[--batch].renewed;
    }
    return renewed;
}
