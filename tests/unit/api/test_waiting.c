/* Calls that wait for an exchange: parked, woken together, ended by their
 * deadline; and what is renewed in the background. */
#include "server.h"

/* A map that is soon made. */
#define SMALL "bars=100&rows=50"

/* --- waiting -------------------------------------------------------------- */

/* A thousand visitors of a cold key cost one fetch and no thread each. */
static void a_crowd_at_a_cold_start_is_served(void **state)
{
    enum { N = 1000 };
    static struct call *call[N];
    struct server *s = server_plan(1);
    struct liq_cache_counts counts;
    struct liq_item *body = NULL;

    (void)state;
    s->config.deadline_ms = 1000000; /* however slow the machine */
    s->fake[0]->mode = HELD;
    server_start(s, 2);
    for (int i = 0; i < N; i++)
        call[i] = start(s, "heatmap", "bars=100&rows=50");
    assert_int_equal(liq_api_in_flight(s->api), N);
    liq_cache_count(s->cache, LIQ_KIND_RESPONSE, &counts);
    assert_int_equal(counts.parked, N);
    /* The two threads are free. */
    assert_int_equal(ask_status(s, "health", NULL), 200);
    fake_release(s->fake[0]);
    for (int i = 0; i < N; i++) {
        struct liq_api_response res = finish(call[i]);

        assert_int_equal(res.status, 200);
        if (i == 0)
            body = res.hold;
        assert_ptr_equal(res.hold, body);
        if (i > 0)
            liq_api_response_free(&res);
        else
            (void)liq_item_hold(body), liq_api_response_free(&res);
    }
    liq_item_release(body);
    assert_int_equal(s->fake[0]->fetches, 1);
    liq_cache_count(s->cache, LIQ_KIND_RESPONSE, &counts);
    assert_int_equal(counts.fills, 1);
    server_free(s);
}

static void all_views_of_a_series_share_its_fetch(void **state)
{
    static const struct {
        const char *route, *query;
    } view[] = {
        {"heatmap", NULL},
        {"heatmap", "bars=500&rows=100"},
        {"levels", "side=long"},
        {"profile", NULL},
        {"profile", "model=single"},
        {"klines", "bars=9"},
        {"ticker", NULL},
    };
    enum { N = sizeof view / sizeof *view };
    struct server *s = server_new(1);
    struct call *call[N];

    (void)state;
    s->fake[0]->mode = HELD;
    for (int i = 0; i < N; i++)
        call[i] = start(s, view[i].route, view[i].query);
    pump(s);
    for (int i = 0; i < N; i++)
        assert_false(is_done(call[i]));
    fake_release(s->fake[0]);
    for (int i = 0; i < N; i++)
        assert_int_equal(finish_status(call[i]), 200);
    assert_int_equal(s->fake[0]->fetches, 1);
    server_free(s);
}

/* One key that waits holds up no other. */
static void others_pass_while_one_waits(void **state)
{
    struct server *s = server_plan(1);
    struct call *waits;

    (void)state;
    s->config.deadline_ms = 60000;
    server_start(s, 0);
    assert_int_equal(ask_status(s, "heatmap", SMALL), 200);
    s->fake[0]->mode = HELD;
    waits = start(s, "heatmap", "symbol=ETHUSDT");
    pump(s);
    assert_false(is_done(waits));
    assert_int_equal(ask_status(s, "heatmap", SMALL), 200);
    assert_int_equal(ask_status(s, "health", NULL), 200);
    assert_int_equal(ask_status(s, "heatmap", "bars=7"), 400);
    /* Given while the next one is made. */
    pass(s, 25000);
    assert_int_equal(ask_status(s, "heatmap", SMALL), 200);
    assert_int_equal(s->fake[0]->fetches, 3);
    fake_release(s->fake[0]);
    assert_int_equal(finish_status(waits), 200);
    server_free(s);
}

static void waiting_calls_keep_their_method(void **state)
{
    struct server *s = server_new(1);
    struct call *get, *head, *zipped;
    struct liq_api_response a, b, c;

    (void)state;
    s->fake[0]->mode = HELD;
    get = start(s, "heatmap", SMALL);
    head = start_with(s, "HEAD", "heatmap", SMALL, NULL, NULL);
    zipped = start_with(s, "GET", "heatmap", SMALL, "gzip", NULL);
    assert_int_equal(
        finish_status(start_with(s, "OPTIONS", "heatmap", SMALL, NULL, NULL)),
        204);
    fake_release(s->fake[0]);
    a = finish(get);
    b = finish(head);
    c = finish(zipped);
    assert_int_equal(b.status, 200);
    assert_null(b.body);
    assert_int_equal(b.len, a.len);
    assert_string_equal(header(&c, "Content-Encoding"), "gzip");
    assert_true(c.len < a.len / 2);
    liq_api_response_free(&a);
    liq_api_response_free(&b);
    liq_api_response_free(&c);
    server_free(s);
}

/* After a pause of minutes the first request fetches; the second, for another
 * view of the same series, must not get the stale one as if it were live. */
static void the_second_after_a_pause_waits_too(void **state)
{
    struct server *s = server_new(1);
    struct call *first, *second;
    cJSON *doc;

    (void)state;
    assert_int_equal(ask_status(s, "heatmap", SMALL), 200);
    assert_int_equal(ask_status(s, "levels", NULL), 200);
    pass(s, 480000);
    s->fake[0]->mode = HELD;
    first = start(s, "heatmap", SMALL);
    second = start(s, "levels", NULL);
    pump(s);
    assert_false(is_done(first) || is_done(second));
    fake_release(s->fake[0]);
    assert_int_equal(finish_status(first), 200);
    doc = finish_json(second, 200);
    assert_true(number(doc, "age_ms") == 0.0);
    cJSON_Delete(doc);
    assert_int_equal(s->fake[0]->fetches, 2);
    server_free(s);
}

static void a_first_fetch_does_not_affect_health(void **state)
{
    struct server *s = server_new(1);
    struct call *first;
    cJSON *doc;

    (void)state;
    s->fake[0]->mode = HELD;
    first = start(s, "heatmap", SMALL);
    doc = ask_json(s, "health", NULL, 200);
    assert_string_equal(text(doc, "status"), "ok");
    assert_true(number(doc, "cache.responses.waiting") == 1.0);
    cJSON_Delete(doc);
    fake_release(s->fake[0]);
    assert_int_equal(finish_status(first), 200);
    server_free(s);
}

/* --- deadlines ------------------------------------------------------------ */

static void expect_timeout(struct call *c)
{
    struct liq_api_response res = finish(c);
    cJSON *doc;

    assert_int_equal(res.status, 504);
    assert_string_equal(header(&res, "Cache-Control"), "no-store");
    doc = json(&res);
    assert_string_equal(text(doc, "error.code"), "timeout");
    assert_true(text(doc, "error.message")[0]);
    cJSON_Delete(doc);
}

/* The exchange gives up at the deadline, and so do all who wait. */
static void a_stalled_exchange_gives_504_at_the_deadline(void **state)
{
    struct server *s = server_new(1);
    struct call *first, *second;

    (void)state;
    s->fake[0]->mode = HELD;
    first = start(s, "heatmap", SMALL);
    second = start(s, "levels", NULL);
    tick(s, s->config.deadline_ms - 100);
    assert_false(is_done(first) || is_done(second));
    tick(s, 100);
    assert_true(is_done(first) && is_done(second));
    expect_timeout(first);
    expect_timeout(second);
    server_free(s);
}

/* The wait for a series may end a moment before the fetch, which says who. */
static void a_timeout_names_the_exchange(void **state)
{
    struct server *s = server_new(1);
    struct call *waits;
    cJSON *doc;

    (void)state;
    s->fake[0]->mode = HELD;
    s->fake[0]->never = true;
    waits = start(s, "heatmap", SMALL);
    tick(s, s->config.deadline_ms);
    doc = finish_json(waits, 504);
    assert_non_null(strstr(text(doc, "error.message"), "fake: no response"));
    cJSON_Delete(doc);
    fake_release(s->fake[0]);
    server_free(s);
}

/* Even an exchange that breaks its promise holds nobody up for ever. */
static void a_fetch_that_never_ends_gives_504(void **state)
{
    struct server *s = server_new(1);
    struct call *waits, *again;

    (void)state;
    s->fake[0]->mode = HELD;
    s->fake[0]->never = true;
    waits = start(s, "heatmap", SMALL);
    tick(s, s->config.deadline_ms + 2000);
    assert_true(is_done(waits));
    expect_timeout(waits);
    /* Its late response is used all the same. */
    again = start(s, "levels", NULL);
    fake_release(s->fake[0]);
    assert_int_equal(finish_status(again), 200);
    pass(s, s->config.error_ms);
    assert_int_equal(ask_status(s, "heatmap", SMALL), 200);
    assert_int_equal(s->fake[0]->fetches, 1);
    server_free(s);
}

/* A response whose turn comes too late is not made: the processor is for those
 * who still wait. */
static void what_nobody_waits_for_is_not_made(void **state)
{
    struct server *s = server_new(1);
    struct call *waits;
    struct liq_work_counts n;
    struct liq_cache_counts maps;

    (void)state;
    s->fake[0]->mode = HELD;
    waits = start(s, "heatmap", SMALL);
    fake_release(s->fake[0]);
    for (;;) {
        liq_work_count(s->work, &n);
        if (n.queued[LIQ_LANE_HEAVY] > 0)
            break;
        assert_true(liq_work_run_one(s->work));
    }
    s->clock.held_mono_ms += s->config.deadline_ms + 2000;
    pump(s);
    expect_timeout(waits);
    liq_cache_count(s->cache, LIQ_KIND_MAP, &maps);
    assert_int_equal(maps.keys, 0);
    server_free(s);
}

/* Stale data is given when the refresh does not end in time. */
static void stale_data_is_better_than_504(void **state)
{
    struct server *s = server_new(1);
    struct call *waits;
    cJSON *doc;

    (void)state;
    assert_int_equal(ask_status(s, "heatmap", SMALL), 200);
    pass(s, 60000);
    s->fake[0]->mode = HELD;
    waits = start(s, "heatmap", SMALL);
    tick(s, s->config.deadline_ms - 100);
    assert_false(is_done(waits));
    tick(s, 100);
    doc = finish_json(waits, 200);
    assert_true(cJSON_IsTrue(at(doc, "stale")));
    assert_true(number(doc, "age_ms") == 60000.0 + 8000.0);
    cJSON_Delete(doc);
    server_free(s);
}

/* --- in the background ---------------------------------------------------- */

static void what_was_asked_for_stays_warm(void **state)
{
    struct server *s = server_new(1);
    struct fake *f = s->fake[0];
    int64_t until_lead_ms = s->config.ttl_ms - s->config.lead_ms;

    (void)state;
    assert_int_equal(liq_api_keep_warm(s->api), 0);
    ask_status(s, "heatmap", SMALL);
    ask_status(s, "heatmap", "bars=500");
    assert_false(f->background);
    assert_int_equal(liq_api_keep_warm(s->api), 0);
    /* Within the lead: both are renewed by one fetch, before they expire. */
    pass(s, until_lead_ms);
    assert_int_equal(liq_api_keep_warm(s->api), 2);
    assert_int_equal(f->fetches, 2);
    assert_true(f->background); /* leaves some of the budget to requests */
    pass(s, until_lead_ms - 1);
    assert_int_equal(liq_api_keep_warm(s->api), 0);
    assert_int_equal(ask_status(s, "heatmap", SMALL), 200);
    assert_int_equal(f->fetches, 2);
    /* Nobody asks any more. */
    pass(s, s->config.hot_ms + 1);
    assert_int_equal(liq_api_keep_warm(s->api), 0);
    assert_int_equal(f->fetches, 2);
    server_free(s);
}

/* Without a call of keep_warm: the api's own task does it. */
static void renewal_goes_on_by_itself(void **state)
{
    struct server *s = server_new(1);
    struct fake *f = s->fake[0];
    struct liq_api_response res;

    (void)state;
    ask_status(s, "heatmap", SMALL);
    tick(s, 60000);
    assert_in_range(f->fetches, 4, 5); /* 18 s apart at most, 19 at least */
    res = ask(s, "heatmap", SMALL);
    assert_int_equal(res.status, 200);
    assert_true(strtol(header(&res, "X-Liqmap-Age-Ms"), NULL, 10) < 19000);
    liq_api_response_free(&res);
    tick(s, s->config.hot_ms + 30000);
    {
        int fetches = f->fetches;

        tick(s, 60000);
        assert_int_equal(f->fetches, fetches);
    }
    server_free(s);
}

/* An exchange that stalls holds up the renewal of no other. */
static void a_stalled_exchange_delays_only_itself(void **state)
{
    struct server *s = server_new(3);
    struct liq_api_response res;

    (void)state;
    ask_status(s, "heatmap", "exchange=first");
    ask_status(s, "heatmap", "exchange=second");
    ask_status(s, "levels", "exchange=third");
    pass(s, s->config.ttl_ms - s->config.lead_ms);
    s->fake[0]->mode = HELD;
    assert_int_equal(liq_api_keep_warm(s->api), 3);
    pump(s);
    for (int i = 0; i < 3; i++)
        assert_int_equal(s->fake[i]->fetches, 2);
    /* That refresh is still in flight: it is not begun again. */
    assert_int_equal(liq_api_keep_warm(s->api), 0);
    pass(s, s->config.lead_ms);
    res = ask(s, "heatmap", "exchange=second");
    assert_string_equal(header(&res, "X-Liqmap-Age-Ms"), "2000");
    liq_api_response_free(&res);
    assert_int_equal(ask_status(s, "levels", "exchange=third"), 200);
    fake_release(s->fake[0]);
    res = ask(s, "heatmap", "exchange=first");
    assert_int_equal(res.status, 200);
    liq_api_response_free(&res);
    assert_int_equal(s->fake[1]->fetches, 2);
    server_free(s);
}

/* The list of symbols is kept warm as all else. */
static void symbols_are_renewed_in_the_background(void **state)
{
    struct server *s = server_new(2);
    int64_t until_lead_ms = LIQ_HOUR_MS - s->config.lead_ms;

    (void)state;
    assert_int_equal(ask_status(s, "symbols", NULL), 200);
    for (int hour = 1; hour <= 7; hour++) {
        struct liq_api_response res;

        pass(s, until_lead_ms - 60000);
        assert_int_equal(liq_api_keep_warm(s->api), 0);
        assert_int_equal(ask_status(s, "symbols", NULL), 200);
        pass(s, 60000);
        assert_int_equal(liq_api_keep_warm(s->api), 1);
        pump(s);
        res = ask(s, "symbols", NULL);
        assert_string_equal(header(&res, "X-Liqmap-Age-Ms"), "0");
        assert_null(strstr(res.body, "ZECUSDT"));
        liq_api_response_free(&res);
        /* The lists of the exchanges last six hours. */
        assert_int_equal(s->fake[0]->lists, hour < 7 ? 1 : 2);
        assert_int_equal(s->fake[1]->lists, hour < 7 ? 1 : 2);
    }
    assert_true(s->fake[0]->background);
    /* The seventh was made of the old lists: it is soon made again. */
    pass(s, s->config.error_ms);
    {
        struct liq_api_response res;

        assert_int_equal(liq_api_keep_warm(s->api), 1);
        pump(s);
        res = ask(s, "symbols", NULL);
        assert_non_null(strstr(res.body, "ZECUSDT"));
        liq_api_response_free(&res);
    }
    assert_int_equal(s->fake[0]->lists, 2);
    server_free(s);
}

/* A list that stalls does not hold up the others' lists. */
static void one_stalled_list_holds_up_no_other(void **state)
{
    struct server *s = server_new(3);
    struct call *waits;
    cJSON *doc;

    (void)state;
    s->fake[1]->mode = HELD;
    waits = start(s, "symbols", NULL);
    tick(s, s->config.deadline_ms);
    doc = finish_json(waits, 200);
    assert_int_equal(s->fake[0]->lists, 1);
    assert_int_equal(s->fake[2]->lists, 1);
    assert_int_equal(cJSON_GetArraySize(at(doc, "warnings")), 1);
    cJSON_Delete(doc);
    s->fake[1]->mode = AT_ONCE;
    /* Incomplete: made again soon, and then of three lists. */
    tick(s, s->config.error_ms);
    assert_int_equal(s->fake[1]->lists, 2);
    doc = ask_json(s, "symbols", NULL, 200);
    assert_int_equal(cJSON_GetArraySize(at(doc, "warnings")), 0);
    cJSON_Delete(doc);
    server_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_crowd_at_a_cold_start_is_served),
        cmocka_unit_test(all_views_of_a_series_share_its_fetch),
        cmocka_unit_test(others_pass_while_one_waits),
        cmocka_unit_test(waiting_calls_keep_their_method),
        cmocka_unit_test(the_second_after_a_pause_waits_too),
        cmocka_unit_test(a_first_fetch_does_not_affect_health),
        cmocka_unit_test(a_stalled_exchange_gives_504_at_the_deadline),
        cmocka_unit_test(a_timeout_names_the_exchange),
        cmocka_unit_test(a_fetch_that_never_ends_gives_504),
        cmocka_unit_test(what_nobody_waits_for_is_not_made),
        cmocka_unit_test(stale_data_is_better_than_504),
        cmocka_unit_test(what_was_asked_for_stays_warm),
        cmocka_unit_test(renewal_goes_on_by_itself),
        cmocka_unit_test(a_stalled_exchange_delays_only_itself),
        cmocka_unit_test(symbols_are_renewed_in_the_background),
        cmocka_unit_test(one_stalled_list_holds_up_no_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
