/* An api over fake exchanges.  Without threads it runs on clocks that stand
 * still, and a test pumps its work queue. */
#ifndef LIQMAP_TESTS_API_SERVER_H
#define LIQMAP_TESTS_API_SERVER_H

#include "fake.h"

#include <cjson/cJSON.h>
#include "liqmap/api.h"
#include "liqmap/log.h"

#define SERVER_FAKES 8

/*
 * clock  the api's
 * timer  the work queue's: what is due later runs only when tick() moves it
 * done   the calls that are done, under the lock
 * recorder  of the test's, or NULL
 */
struct server {
    struct liq_config config;
    struct liq_clock clock, timer;
    struct fake *fake[SERVER_FAKES];
    struct liq_exchange *exchange[SERVER_FAKES];
    size_t n;
    int threads;
    struct liq_work *work;
    struct liq_cache *cache;
    struct liq_api *api;
    struct liq_recorder *recorder;
    pthread_mutex_t lock;
    pthread_cond_t moved;
};

/* A server of n exchanges, for a test to set up: one is "fake", several are
 * "first", "second", ... */
static inline struct server *server_plan(size_t n)
{
    static const char *const names[SERVER_FAKES] = {
        "first", "second", "third",   "fourth",
        "fifth", "sixth",  "seventh", "eighth"};
    struct server *s = calloc(1, sizeof *s);

    s->n = n;
    for (size_t i = 0; i < n; i++) {
        s->fake[i] = fake_new(n == 1 ? "fake" : names[i]);
        s->exchange[i] = &s->fake[i]->exchange;
    }
    liq_config_defaults(&s->config);
    s->clock = liq_clock_held(0, 1000000);
    s->timer = liq_clock_held(0, 0);
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->moved, NULL);
    liq_log_set_level(LIQ_LOG_ERROR);
    return s;
}

/* threads 0: the test pumps; else both clocks are the machine's. */
static inline void server_start(struct server *s, int threads)
{
    struct liq_cache_options cache = {.max_bytes = (size_t)s->config.max_bytes,
                                      .error_ms = s->config.error_ms};
    struct liq_api_options api = {.config = &s->config,
                                  .clock = &s->clock,
                                  .exchange = s->exchange,
                                  .n_exchange = s->n,
                                  .recorder = s->recorder,
                                  .build = "0.0.1 (test)"};

    s->threads = threads;
    if (threads > 0)
        s->clock = s->timer = liq_clock_system;
    s->work = liq_work_new(threads, threads, &s->timer);
    assert_non_null(s->work);
    cache.work = api.work = s->work;
    s->cache = api.cache = liq_cache_new(&cache);
    assert_non_null(s->cache);
    for (size_t i = 0; i < s->n; i++)
        s->fake[i]->work = s->work;
    s->api = liq_api_new(&api);
    assert_non_null(s->api);
}

static inline struct server *server_new(size_t n)
{
    struct server *s = server_plan(n);

    server_start(s, 0);
    return s;
}

static inline void server_free(struct server *s)
{
    for (size_t i = 0; i < s->n; i++)
        fake_release(s->fake[i]);
    liq_work_free(s->work);
    assert_int_equal(liq_api_in_flight(s->api), 0);
    liq_api_free(s->api);
    liq_cache_free(s->cache);
    for (size_t i = 0; i < s->n; i++)
        fake_free(s->fake[i]);
    pthread_mutex_destroy(&s->lock);
    pthread_cond_destroy(&s->moved);
    free(s);
}

/* --- time ----------------------------------------------------------------- */

static inline void pump(struct server *s)
{
    while (liq_work_run_one(s->work))
        ;
}

/* What was begun ends, but held fetches; then the clocks of the api and of the
 * exchanges go on.  What is due later waits for tick(). */
static inline void pass(struct server *s, int64_t ms)
{
    pump(s);
    s->clock.held_mono_ms += ms;
    for (size_t i = 0; i < s->n; i++)
        s->fake[i]->time_ms += ms;
}

/* So long passes in steps of 100 ms, in which all that is due runs and the
 * exchanges end fetches whose deadline has passed. */
static inline void tick(struct server *s, int64_t ms)
{
    for (; ms > 0; ms -= 100) {
        pass(s, 100);
        s->timer.held_mono_ms = s->clock.held_mono_ms;
        for (size_t i = 0; i < s->n; i++)
            fake_post(s->fake[i], false, s->clock.held_mono_ms);
        pump(s);
    }
}

/* --- calls ---------------------------------------------------------------- */

struct call {
    struct liq_api_call call; /* must be first */
    struct server *server;
    char path[64], query[256];
    bool done; /* under the server's lock */
};

static inline void call_done(struct liq_api_call *c)
{
    struct call *call = (struct call *)(void *)c;
    struct server *s = call->server;

    pthread_mutex_lock(&s->lock);
    assert_false(call->done);
    call->done = true;
    pthread_cond_broadcast(&s->moved);
    pthread_mutex_unlock(&s->lock);
}

static inline bool is_done(struct call *c)
{
    bool done;

    pthread_mutex_lock(&c->server->lock);
    done = c->done;
    pthread_mutex_unlock(&c->server->lock);
    return done;
}

/* A call that begins; the query may be NULL. */
static inline struct call *start_with(struct server *s, const char *method,
                                      const char *route, const char *query,
                                      const char *encoding, const char *match)
{
    struct call *c = calloc(1, sizeof *c);

    c->server = s;
    snprintf(c->path, sizeof c->path, "/api/v1/%s", route);
    snprintf(c->query, sizeof c->query, "%s", query ? query : "");
    c->call.request = (struct liq_api_request){.method = method,
                                               .path = c->path,
                                               .query = query ? c->query : NULL,
                                               .accept_encoding = encoding,
                                               .if_none_match = match};
    c->call.done = call_done;
    liq_api_start(s->api, &c->call);
    return c;
}

static inline struct call *start(struct server *s, const char *route,
                                 const char *query)
{
    return start_with(s, "GET", route, query, NULL, NULL);
}

/* Wait until the call is done; frees it. */
static inline struct liq_api_response finish(struct call *c)
{
    struct server *s = c->server;
    struct liq_api_response res;

    while (s->threads == 0 && !is_done(c)) {
        if (!liq_work_run_one(s->work))
            fail_msg("%s?%s waits for ever", c->path, c->query);
    }
    pthread_mutex_lock(&s->lock);
    while (!c->done)
        pthread_cond_wait(&s->moved, &s->lock);
    pthread_mutex_unlock(&s->lock);
    res = c->call.response;
    free(c);
    return res;
}

static inline int finish_status(struct call *c)
{
    struct liq_api_response res = finish(c);
    int status = res.status;

    liq_api_response_free(&res);
    return status;
}

/* One request from its begin to its end; the query may be NULL. */
static inline struct liq_api_response ask(struct server *s, const char *route,
                                          const char *query)
{
    return finish(start(s, route, query));
}

/* The status of a request whose body does not matter. */
static inline int ask_status(struct server *s, const char *route,
                             const char *query)
{
    return finish_status(start(s, route, query));
}

/* --- responses ------------------------------------------------------------ */

/* The body as JSON, the response freed. */
static inline cJSON *json(struct liq_api_response *res)
{
    cJSON *doc = cJSON_ParseWithLength(res->body, res->len);

    assert_non_null(doc);
    liq_api_response_free(res);
    return doc;
}

static inline cJSON *finish_json(struct call *c, int status)
{
    struct liq_api_response res = finish(c);

    if (res.status != status)
        print_message("%.300s\n", res.body ? res.body : "(no body)");
    assert_int_equal(res.status, status);
    return json(&res);
}

static inline cJSON *ask_json(struct server *s, const char *route,
                              const char *query, int status)
{
    return finish_json(start(s, route, query), status);
}

/* A member by a dotted path. */
static inline const cJSON *at(const cJSON *doc, const char *path)
{
    char word[64] = "";

    while (doc && *path) {
        size_t n = strcspn(path, ".");

        memcpy(word, path, n);
        word[n] = '\0';
        doc = cJSON_GetObjectItemCaseSensitive(doc, word);
        path += n + (path[n] == '.');
    }
    if (!doc)
        print_message("no member %s\n", word);
    assert_non_null(doc);
    return doc;
}

static inline double number(const cJSON *doc, const char *path)
{
    const cJSON *item = at(doc, path);

    assert_true(cJSON_IsNumber(item));
    return item->valuedouble;
}

static inline const char *text(const cJSON *doc, const char *path)
{
    const cJSON *item = at(doc, path);

    assert_true(cJSON_IsString(item));
    return item->valuestring;
}

static inline void expect_null(const cJSON *doc, const char *path)
{
    assert_true(cJSON_IsNull(at(doc, path)));
}

static inline void expect_same(const cJSON *a, const cJSON *b)
{
    char *x = cJSON_PrintUnformatted(a), *y = cJSON_PrintUnformatted(b);

    assert_string_equal(x, y);
    cJSON_free(x);
    cJSON_free(y);
}

/* The value of a header line, "" when there is none. */
static inline const char *header(const struct liq_api_response *res,
                                 const char *name)
{
    static char value[200];
    size_t len = strlen(name);

    value[0] = '\0';
    for (const char *p = res->header; *p; p = strstr(p, "\r\n") + 2) {
        if (strncmp(p, name, len) == 0 && p[len] == ':')
            snprintf(value, sizeof value, "%.*s",
                     (int)strcspn(p + len + 2, "\r"), p + len + 2);
    }
    return value;
}

#endif
