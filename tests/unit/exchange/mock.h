/* A mock exchange behind http.h, without a network: responses from a table of
 * rules, else from a function that serves what the real one would; it keeps
 * what was requested.  And fetches against it, one at a time. */
#ifndef LIQMAP_TEST_EXCHANGE_MOCK_H
#define LIQMAP_TEST_EXCHANGE_MOCK_H

#include <inttypes.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "exchange/json.h"
#include "exchange/plan.h"
#include "liqmap/http.h"
#include "liqmap/interval.h"

#define MOCK_URLS 512
#define MOCK_REQUEST 800
#define MOCK_RULES 8
#define DEADLINE_MS 9000

/* What to respond to requests that contain match, `times` times (-1:
 * always). */
struct mock_rule {
    const char *match;
    enum liq_err err;
    int status;
    const char *body, *headers;
    int times;
    int64_t date_ms; /* of its Date header */
};

/* request: URL, and what was posted to it. */
typedef void mock_serve_fn(struct liq_buf *out, const char *request);

static struct mock {
    struct liq_http http; /* first */
    struct liq_clock clock;
    struct liq_work *work;
    struct liq_cache *cache;
    struct liq_exchange *exchange;
    int64_t ahead_ms;    /* exchange clock minus the monotonic one */
    int64_t listed_ms;   /* the first candle there is */
    const char *headers; /* of every response without a rule */
    bool says_date;      /* these have a Date */
    int64_t date_ms;     /* another one than now; 0: now */
    bool shared;         /* another host got the responses, this long ago: */
    int64_t age_ms, took_ms;
    mock_serve_fn *serve;
    struct mock_rule rule[MOCK_RULES];
    size_t n_rule;
    pthread_mutex_t lock; /* of the rest */
    char url[MOCK_URLS][MOCK_REQUEST];
    int64_t max_age_ms[MOCK_URLS]; /* of the request */
    size_t n_url;                  /* requests */
    size_t n_batch;                /* batches */
    size_t n_widest;               /* most requests in one batch */
    size_t n_row;                  /* candle rows given out */
    size_t n_body;                 /* bodies that were not empty */
} mock;

/* The last fetch, and how often its done was called. */
static struct liq_fetch got;
static int n_done;

static inline int64_t mock_now(void)
{
    return mock.clock.held_mono_ms + mock.ahead_ms;
}

/* --- the network ---------------------------------------------------------- */

static inline struct mock_rule *mock_find_rule(const char *url)
{
    size_t i;

    for (i = 0; i < mock.n_rule; i++) {
        struct mock_rule *r = &mock.rule[i];

        if (r->times == 0 || strstr(url, r->match) == NULL)
            continue;
        if (r->times > 0)
            r->times--;
        return r;
    }
    return NULL;
}

static inline void mock_one(const struct liq_http_request *q,
                            struct liq_http_response *r)
{
    char request[MOCK_REQUEST];
    struct mock_rule *rule;

    snprintf(request, sizeof request, "%s%s", q->url,
             q->post != NULL ? q->post : "");
    if (mock.n_url < MOCK_URLS) {
        mock.max_age_ms[mock.n_url] = q->max_age_ms;
        memcpy(mock.url[mock.n_url++], request, sizeof request);
    }
    rule = mock_find_rule(request);
    memset(r, 0, sizeof *r);
    liq_buf_init(&r->body, q->max_bytes);
    liq_buf_init(&r->headers, 4096);
    r->status = rule != NULL ? rule->status : 200;
    r->received_ms = mock.clock.held_mono_ms;
    r->shared = mock.shared;
    r->age_ms = mock.age_ms;
    r->took_ms = mock.took_ms;
    if (rule != NULL && rule->err != LIQ_OK) {
        r->err = rule->err;
        snprintf(r->error, sizeof r->error, "broken on purpose");
        return;
    }
    if (rule != NULL) {
        r->date_ms = rule->date_ms;
        liq_buf_text(&r->headers, rule->headers != NULL ? rule->headers : "");
        liq_buf_text(&r->body, rule->body != NULL ? rule->body : "");
    } else {
        mock.serve(&r->body, request);
        if (mock.says_date)
            r->date_ms =
                mock.date_ms != 0 ? mock.date_ms : mock_now() / 1000 * 1000;
        liq_buf_text(&r->headers, mock.headers != NULL ? mock.headers : "");
    }
    mock.n_body += r->body.len > 0;
}

static inline void mock_start(struct liq_http *http, struct liq_http_batch *b)
{
    size_t i;

    (void)http;
    pthread_mutex_lock(&mock.lock);
    mock.n_batch++;
    if (b->n > mock.n_widest)
        mock.n_widest = b->n;
    for (i = 0; i < b->n; i++)
        mock_one(&b->request[i], &b->response[i]);
    pthread_mutex_unlock(&mock.lock);
    for (i = 0; i < b->n && b->ended != NULL; i++)
        b->ended(b, i);
    liq_work_post(mock.work, &b->done, LIQ_LANE_HEAVY);
}

static inline void mock_add(const char *match, int status, const char *body,
                            const char *headers, int times)
{
    struct mock_rule r = {match, LIQ_OK, status, body, headers, times, 0};

    mock.rule[mock.n_rule++] = r;
}

static inline void mock_break(const char *match, enum liq_err err, int times)
{
    struct mock_rule r = {match, err, 0, NULL, NULL, times, 0};

    mock.rule[mock.n_rule++] = r;
}

/* Forget what was requested, and the rules. */
static inline void mock_clear(void)
{
    mock.n_rule = mock.n_url = mock.n_batch = mock.n_widest = mock.n_row = 0;
    mock.n_body = 0;
}

/* How many requests contained text. */
static inline size_t mock_count(const char *text)
{
    size_t i, n = 0;

    for (i = 0; i < mock.n_url; i++)
        n += strstr(mock.url[i], text) != NULL;
    return n;
}

static inline int64_t query_number(const char *url, const char *name,
                                   int64_t missing)
{
    const char *p = strstr(url, name);

    return p != NULL ? strtoll(p + strlen(name), NULL, 10) : missing;
}

/* The word behind name in a request, up to & or ". */
static inline void query_word(const char *request, const char *name,
                              char out[40])
{
    const char *p = strstr(request, name);
    size_t n = p != NULL ? strcspn(p + strlen(name), "&\"") : 0;

    assert_true(n < 40);
    if (n > 0)
        memcpy(out, p + strlen(name), n);
    out[n] = '\0';
}

/* --- a life --------------------------------------------------------------- */

static inline struct liq_exchange *mock_exchange(const char *name, int budget)
{
    struct liq_exchange_options o = {.http = &mock.http,
                                     .cache = mock.cache,
                                     .work = mock.work,
                                     .clock = &mock.clock,
                                     .base_url = "http://x",
                                     .budget = budget};

    return liq_exchange_new(name, &o);
}

/* An exchange whose tasks run on `threads`, or with 0 when the test says so. */
static inline void mock_open(const char *name, int budget, int threads)
{
    struct liq_cache_options c = {NULL, (size_t)64 << 20, 5000};

    mock.work = liq_work_new(threads, threads > 1 ? threads - 1 : 1,
                             threads > 0 ? &liq_clock_system : &mock.clock);
    c.work = mock.work;
    mock.cache = liq_cache_new(&c);
    mock.exchange = mock_exchange(name, budget);
    assert_non_null(mock.work);
    assert_non_null(mock.cache);
    assert_non_null(mock.exchange);
}

static inline void mock_close(void)
{
    mock.exchange->free(mock.exchange);
    liq_work_free(mock.work);
    liq_cache_free(mock.cache);
}

static inline void mock_setup(const char *name, mock_serve_fn *serve,
                              int budget)
{
    memset(&mock, 0, sizeof mock);
    memset(&got, 0, sizeof got);
    mock.http.start = mock_start;
    mock.serve = serve;
    /* A machine whose wall clock is years off: nobody may look at it. */
    mock.clock = liq_clock_held(INT64_C(86400000), 5000000);
    mock.ahead_ms = INT64_C(1760132345678) - 5000000;
    pthread_mutex_init(&mock.lock, NULL);
    mock_open(name, budget, 0);
}

static inline void forget(void)
{
    liq_market_data_free(&got.data);
    liq_symbols_free(&got.symbols);
    liq_depth_free(&got.depth);
    liq_liquidations_free(&got.liquidations);
}

static inline int mock_teardown(void **state)
{
    (void)state;
    forget();
    mock_close();
    pthread_mutex_destroy(&mock.lock);
    return 0;
}

/* --- fetches -------------------------------------------------------------- */

static inline void count_done(struct liq_fetch *f)
{
    assert_ptr_equal(f, &got);
    n_done++;
}

static inline void run_all(void)
{
    while (liq_work_run_one(mock.work))
        ;
}

/* Begin, and do what can be done now. */
static inline void begin(const struct liq_fetch *f)
{
    forget();
    got = *f;
    got.done = count_done;
    if (got.deadline_ms == 0)
        got.deadline_ms = mock.clock.held_mono_ms + DEADLINE_MS;
    n_done = 0;
    mock.exchange->fetch(mock.exchange, &got);
    run_all();
}

/* ... and it is done then. */
static inline enum liq_err run(const struct liq_fetch *f)
{
    begin(f);
    if (n_done != 1)
        fail_msg("done was called %d times", n_done);
    return got.why.code;
}

static inline enum liq_err fetch_of(const char *symbol, int64_t interval_ms,
                                    int64_t from_ms, int64_t to_ms)
{
    struct liq_fetch f = {.kind = LIQ_FETCH_SERIES,
                          .interval_ms = interval_ms,
                          .from_ms = from_ms,
                          .to_ms = to_ms};

    snprintf(f.symbol, sizeof f.symbol, "%s", symbol);
    return run(&f);
}

/* n candles up to the forming one. */
static inline enum liq_err fetch_n(int64_t interval_ms, int64_t n)
{
    return fetch_of(
        "BTCUSDT", interval_ms,
        liq_interval_floor(mock_now(), interval_ms) - (n - 1) * interval_ms, 0);
}

/* The last n candles that had closed by to_ms. */
static inline enum liq_err fetch_past(int64_t interval_ms, int64_t n,
                                      int64_t to_ms)
{
    return fetch_of("BTCUSDT", interval_ms,
                    liq_interval_floor(to_ms, interval_ms) - n * interval_ms,
                    to_ms);
}

static inline enum liq_err fetch_symbols(void)
{
    struct liq_fetch f = {.kind = LIQ_FETCH_SYMBOLS};

    return run(&f);
}

static inline enum liq_err fetch_clock(void)
{
    struct liq_fetch f = {.kind = LIQ_FETCH_CLOCK};

    return run(&f);
}

static inline int64_t clock_says(void)
{
    return mock.exchange->now_ms(mock.exchange);
}

static inline void must(enum liq_err err)
{
    if (err != LIQ_OK)
        fail_msg("%s: %s", liq_err_name(err), got.why.text);
}

static inline void pass(int64_t ms)
{
    mock.clock.held_mono_ms += ms;
}

static inline void assert_near(double x, double y)
{
    if (isnan(x) != isnan(y) || !(isnan(x) || fabs(x - y) <= 1e-9 * fabs(y)))
        fail_msg("%.12g is not %.12g", x, y);
}

/* --- fixtures ------------------------------------------------------------- */

static inline bool read_body(struct liq_buf *b, const char *folder,
                             const char *name)
{
    char path[700];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    liq_buf_init(b, 1 << 22);
    return liq_buf_read_file(b, path) == LIQ_OK;
}

static inline struct liq_buf fixture(const char *exchange, const char *name)
{
    char folder[100];
    struct liq_buf b;

    snprintf(folder, sizeof folder, "tests/fixtures/%s", exchange);
    if (!read_body(&b, folder, name))
        fail_msg("no fixture %s/%s", exchange, name);
    return b;
}

#endif
