/* All routes at once on many threads: everything is answered.  For the thread
 * sanitizer as well. */
#include "server.h"

#define CLIENTS 4
#define FETCHES 4 /* of one exchange, that all must outlive */
/* No machine is too slow for these tests; one that hangs is ended from
 * outside. */
#define PATIENT_MS 1000000

struct client {
    pthread_t id;
    struct server *s;
    int rounds, i;
};

static void run_clients(struct server *s, void *(*run)(void *), int rounds)
{
    struct client c[CLIENTS];

    for (int i = 0; i < CLIENTS; i++) {
        c[i] = (struct client){.s = s, .rounds = rounds, .i = i};
        pthread_create(&c[i].id, NULL, run, &c[i]);
    }
    for (int i = 0; i < CLIENTS; i++)
        pthread_join(c[i].id, NULL);
}

/* A page asks for all of these together. */
static const struct {
    const char *route, *query;
} views[] = {
    {"heatmap", "exchange=all&bars=100&rows=50"},
    {"profile", "exchange=all&bars=100&rows=50"},
    {"levels", "exchange=all&bars=100&rows=50"},
    {"explain", "exchange=all&bars=100&rows=50&time=2025-12-31T12:00:00Z"
                "&price=100000"},
    {"profile", "exchange=all&model=single&bars=100"},
    {"klines", "exchange=all&bars=10"},
    {"ticker", "exchange=all"},
    {"symbols", NULL},
    {"health", NULL},
    {"heatmap", "exchange=auto&bars=100&rows=50"},
    {"levels", "exchange=second&bars=100&rows=50"},
    {"heatmap.png", "exchange=all&bars=100&rows=50&width=320&height=200"},
    {"heatmap.png", "exchange=auto&bars=100&rows=50&width=330&height=200"},
};
#define VIEWS (sizeof views / sizeof *views)

/* How often the clients view all depends on how often data was fetched, for how
 * many fetches a round takes is up to the machine's speed. */
static bool seen_enough(const struct client *c, int round)
{
    return round >= c->rounds && c->s->fake[0]->fetches > FETCHES;
}

static void *view_all(void *arg)
{
    const struct client *c = arg;
    struct call *call[VIEWS];

    for (int k = 0; !seen_enough(c, k); k++) {
        for (size_t i = 0; i < VIEWS; i++) {
            size_t at = (i + (size_t)c->i * 3) % VIEWS;

            call[at] = start(c->s, views[at].route, views[at].query);
        }
        for (size_t i = 0; i < VIEWS; i++) {
            struct liq_api_response res = finish(call[i]);

            if (res.status != 200)
                print_message("%s: %.200s\n", views[i].route, res.body);
            assert_int_equal(res.status, 200);
            if (strcmp(views[i].route, "heatmap.png") == 0)
                assert_memory_equal(res.body, "\x89PNG", 4);
            else
                assert_true(res.body[0] == '{' && res.body[res.len - 1] == '}');
            liq_api_response_free(&res);
        }
    }
    return NULL;
}

/* Every response is made of new data, in which two exchanges have changed
 * rank. */
static void all_is_answered_while_ranks_change(void **state)
{
    struct server *s = server_plan(3);

    (void)state;
    s->config.deadline_ms = PATIENT_MS;
    s->config.ttl_ms = 1;
    s->config.swr_ms = 0;
    s->config.lead_ms = 0;
    for (size_t i = 0; i < 3; i++)
        s->fake[i]->mode = POSTED;
    s->fake[0]->swings = true;
    s->fake[2]->size = 0.5;
    server_start(s, 4);
    run_clients(s, view_all, 2);
    server_free(s);
}

/* The same with a cache so small that everything is pushed out all the time. */
static void all_is_answered_by_a_small_cache(void **state)
{
    struct server *s = server_plan(3);
    struct liq_cache_counts n;

    (void)state;
    s->config.max_bytes = 1 << 20;
    s->config.deadline_ms = PATIENT_MS;
    s->config.ttl_ms = 5;
    s->config.swr_ms = 5;
    for (size_t i = 0; i < 3; i++)
        s->fake[i]->mode = POSTED;
    server_start(s, 4);
    run_clients(s, view_all, 1);
    liq_cache_count(s->cache, (enum liq_kind)0, &n);
    assert_true(n.bytes <= (size_t)s->config.max_bytes);
    server_free(s);
}

/* Good and bad requests for few keys, with renewal beside them. */
static void *churn(void *arg)
{
    static const struct {
        const char *route, *query;
        int status;
    } cases[] = {
        {"klines", NULL, 200},
        {"klines", "bars=100", 200},
        {"ticker", "symbol=ETHUSDT", 200},
        {"klines", "symbol=NOPEUSDT", 404},
        {"klines", "bars=0", 400},
        {"health", NULL, 200},
        {"nowhere", NULL, 404},
        {"ticker", "symbol=DOGEUSDT", 200},
    };
    const struct client *c = arg;

    for (int k = 0; k < c->rounds; k++) {
        size_t i = (size_t)(k + c->i) % (sizeof cases / sizeof *cases);

        assert_int_equal(ask_status(c->s, cases[i].route, cases[i].query),
                         cases[i].status);
        if (k % 16 == 0)
            (void)liq_api_keep_warm(c->s->api);
    }
    return NULL;
}

static void threads_may_churn(void **state)
{
    struct server *s = server_plan(1);

    (void)state;
    s->fake[0]->mode = POSTED;
    s->config.deadline_ms = PATIENT_MS;
    s->config.ttl_ms = 20;
    s->config.lead_ms = 10;
    server_start(s, 4);
    run_clients(s, churn, 100);
    server_free(s);
}

/* Deadlines are kept by the queue's own clock, and other keys go on. */
static void stalled_calls_end_beside_others(void **state)
{
    struct server *s = server_plan(2);
    struct call *stalled[4];

    (void)state;
    s->config.deadline_ms = 3000;
    s->fake[0]->mode = HELD;
    s->fake[1]->mode = POSTED;
    server_start(s, 2);
    stalled[0] = start(s, "klines", "exchange=first");
    stalled[1] = start(s, "ticker", "exchange=first");
    stalled[2] = start(s, "klines", "exchange=auto");
    stalled[3] = start(s, "klines", "exchange=all");
    assert_int_equal(ask_status(s, "klines", "exchange=second"), 200);
    assert_int_equal(finish_status(stalled[0]), 504);
    assert_int_equal(finish_status(stalled[1]), 504);
    assert_int_equal(finish_status(stalled[2]), 200);
    assert_int_equal(finish_status(stalled[3]), 200);
    server_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_is_answered_while_ranks_change),
        cmocka_unit_test(all_is_answered_by_a_small_cache),
        cmocka_unit_test(threads_may_churn),
        cmocka_unit_test(stalled_calls_end_beside_others),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
