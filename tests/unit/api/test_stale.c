/* The rules of freshness over a clock that the test moves: every combination of
 * the settings, while an exchange goes down and comes back and display candles
 * close meanwhile. */
#include "server.h"

#include <stdlib.h>

#define VIEW "interval=5m&bars=100&exchange=fake"
#define MAP VIEW "&rows=50"
#define SECOND INT64_C(1000)

static const int64_t ttls[] = {8 * SECOND, 20 * SECOND};
static const int64_t swrs[] = {0, 10 * SECOND};
static const int64_t stales[] = {0, 25 * SECOND, 600 * SECOND};
static const int64_t hots[] = {0, 60 * SECOND};
static const int64_t leads[] = {0, 2 * SECOND};

/* All combinations, or three, in which every setting takes its values. */
#define STRIDE (TEST_DIVISOR > 1 ? 21 : 1)
#define COUNT(a) (sizeof(a) / sizeof *(a))

/* What the exchange does for so long, and how often a viewer asks meanwhile. */
static const struct phase {
    const char *name;
    bool down, whole; /* whole: its end is compared with another process */
    int64_t for_ms, step_ms;
} phases[] = {
    {"well", false, false, 270 * SECOND, 7 * SECOND},
    {"down over one close", true, false, 60 * SECOND, 3 * SECOND},
    {"well again", false, true, 60 * SECOND, 5 * SECOND},
    {"down over three closes", true, false, 900 * SECOND, 11 * SECOND},
    {"well after long", false, true, 30 * SECOND, 2 * SECOND},
    {"nobody looks", false, false, 400 * SECOND, 400 * SECOND},
    {"down, nobody looks", true, false, 330 * SECOND, 330 * SECOND},
    {"well at the end", false, true, 40 * SECOND, 1 * SECOND},
};

/* Since when the exchange is as it is, and of when its last good data may be.
 */
struct course {
    struct server *s;
    const struct phase *phase;
    int64_t since_ms, good_ms;
};

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Old data is never shown as live, nor stale data for longer than it may be; an
 * error comes only where there is nothing to show. */
static void expect_honest(struct course *c, int status, const cJSON *doc)
{
    const struct liq_config *config = &c->s->config;
    int64_t limit_ms = larger(config->stale_ms, config->ttl_ms);
    int64_t now_ms = c->s->fake[0]->time_ms, age_ms;

    if (status != 200) {
        assert_int_equal(status, config->stale_ms > 0 ? 503 : status);
        assert_true(c->phase->down || now_ms - c->since_ms <= config->error_ms);
        assert_true(now_ms - c->good_ms >= limit_ms);
        return;
    }
    age_ms = now_ms - (int64_t)number(doc, "data_time");
    if (cJSON_IsTrue(at(doc, "stale"))) {
        assert_true(age_ms < limit_ms);
        assert_non_null(strstr(text(doc, "stale_reason"), "fake says no"));
    } else {
        assert_true(age_ms <= config->ttl_ms + config->swr_ms);
        c->good_ms = larger(c->good_ms, now_ms - age_ms);
    }
}

static void look(struct course *c)
{
    struct liq_api_response res = ask(c->s, "klines", VIEW);
    int status = res.status;
    cJSON *doc = json(&res);

    expect_honest(c, status, doc);
    cJSON_Delete(doc);
}

static void live(struct course *c)
{
    int64_t left_ms = c->phase->for_ms;

    c->since_ms = c->s->fake[0]->time_ms;
    c->s->fake[0]->err = c->phase->down ? LIQ_ENET : LIQ_OK;
    for (; left_ms > 0; left_ms -= c->phase->step_ms) {
        tick(c->s, left_ms < c->phase->step_ms ? left_ms : c->phase->step_ms);
        look(c);
    }
}

/* The second of two requests is answered with what the first has fetched; it is
 * the map that a process shows that has seen nothing of all this. */
static void expect_whole(struct course *c)
{
    struct server *other = server_new(1);
    cJSON *now, *fresh;

    other->fake[0]->listed_ms = c->s->fake[0]->listed_ms;
    (void)ask_status(c->s, "heatmap", MAP);
    now = ask_json(c->s, "heatmap", MAP, 200);
    other->fake[0]->time_ms = (int64_t)number(now, "data_time");
    fresh = ask_json(other, "heatmap", MAP, 200);
    assert_true(cJSON_IsFalse(at(now, "stale")));
    assert_true((double)c->s->fake[0]->time_ms - number(now, "data_time") <=
                (double)(c->s->config.ttl_ms + c->s->config.swr_ms));
    expect_same(at(now, "candles"), at(fresh, "candles"));
    expect_same(at(now, "grid"), at(fresh, "grid"));
    cJSON_Delete(now);
    cJSON_Delete(fresh);
    server_free(other);
}

static void run_course(const struct liq_config *config)
{
    struct course c = {.s = server_plan(1)};

    c.s->config = *config;
    /* Ages do not depend on how long a series is, what a refresh takes does. */
    c.s->fake[0]->listed_ms =
        liq_interval_floor(c.s->fake[0]->time_ms, LIQ_HOUR_MS) - LIQ_DAY_MS;
    server_start(c.s, 0);
    c.good_ms = c.s->fake[0]->time_ms;
    for (size_t i = 0; i < COUNT(phases); i++) {
        c.phase = &phases[i];
        live(&c);
        if (c.phase->whole)
            expect_whole(&c);
    }
    server_free(c.s);
}

static void every_combination_of_the_settings(void **state)
{
    size_t all =
        COUNT(ttls) * COUNT(swrs) * COUNT(stales) * COUNT(hots) * COUNT(leads);

    (void)state;
    for (size_t i = 0; i < all; i += STRIDE) {
        struct liq_config c;
        size_t n = i;

        liq_config_defaults(&c);
        c.ttl_ms = ttls[n % COUNT(ttls)];
        n /= COUNT(ttls);
        c.swr_ms = swrs[n % COUNT(swrs)];
        n /= COUNT(swrs);
        c.stale_ms = stales[n % COUNT(stales)];
        n /= COUNT(stales);
        c.hot_ms = hots[n % COUNT(hots)];
        n /= COUNT(hots);
        c.lead_ms = leads[n];
        print_message("  ttl %lld swr %lld stale %lld hot %lld lead %lld\n",
                      (long long)c.ttl_ms, (long long)c.swr_ms,
                      (long long)c.stale_ms, (long long)c.hot_ms,
                      (long long)c.lead_ms);
        run_course(&c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_combination_of_the_settings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
