/* since=CURSOR: who gets what changed, and who gets all. */
#include "server.h"

/* Allocations of delta.c until one fails, 0: none does. */
static int allocations_left;

static bool allocates(void)
{
    return allocations_left == 0 || --allocations_left > 0;
}

static void *failing_malloc(size_t size)
{
    return allocates() ? malloc(size) : NULL;
}

static void *failing_calloc(size_t n, size_t size)
{
    return allocates() ? calloc(n, size) : NULL;
}

#define malloc failing_malloc
#define calloc failing_calloc
#include "api/delta.c"
#undef malloc
#undef calloc

#define MAP "bars=100&rows=50&format=compact"

/* Who asks for what is not fresh waits for what is. */
static struct server *begin(void)
{
    struct server *s = server_plan(1);

    s->config.swr_ms = 0;
    server_start(s, 0);
    return s;
}

/* A response as JSON, asked for with a cursor; "": none. */
static cJSON *ask_since(struct server *s, const char *map, const char *cursor)
{
    char query[200];

    snprintf(query, sizeof query, "%s%s%s", map, cursor[0] ? "&since=" : "",
             cursor);
    return ask_json(s, "heatmap", query, 200);
}

static const char *text_of(const cJSON *doc, const char *name)
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(doc, name);

    return cJSON_IsString(value) ? value->valuestring : "";
}

static void expect_delta(cJSON *doc, const char *since)
{
    assert_string_equal(text_of(doc, "since"), since);
    assert_int_equal(strlen(text_of(doc, "cursor")), 16);
    assert_non_null(at(doc, "patch"));
    assert_null(cJSON_GetObjectItemCaseSensitive(doc, "grid"));
    cJSON_Delete(doc);
}

static void expect_all(cJSON *doc)
{
    assert_null(cJSON_GetObjectItemCaseSensitive(doc, "since"));
    assert_non_null(at(doc, "grid.cells"));
    cJSON_Delete(doc);
}

/* The map of now, and its cursor. */
static void take_cursor(struct server *s, char cursor[17])
{
    cJSON *doc = ask_since(s, MAP, "");

    snprintf(cursor, 17, "%s", text_of(doc, "cursor"));
    assert_int_equal(strlen(cursor), 16);
    expect_all(doc);
}

static size_t deltas(struct server *s)
{
    struct liq_cache_counts n;

    liq_cache_count(s->cache, LIQ_KIND_DELTA, &n);
    return n.keys;
}

static void nothing_changed(void **state)
{
    struct server *s = begin();
    char cursor[17];
    cJSON *doc;

    (void)state;
    take_cursor(s, cursor);
    doc = ask_since(s, MAP, cursor);
    assert_string_equal(text_of(doc, "cursor"), cursor);
    assert_int_equal(cJSON_GetArraySize(at(doc, "cells")), 0);
    assert_int_equal(cJSON_GetArraySize(at(doc, "patch")), 0);
    expect_delta(doc, cursor);
    server_free(s);
}

static void the_forming_column_and_what_differs(void **state)
{
    struct server *s = begin();
    char cursor[17];
    cJSON *doc;

    (void)state;
    s->fake[0]->swings = true;
    take_cursor(s, cursor);
    pass(s, 20000);
    /* The newest candle of those that the model runs on. */
    s->fake[0]->corrected_ms =
        liq_interval_floor(s->fake[0]->time_ms, 15 * LIQ_MINUTE_MS);
    doc = ask_since(s, MAP, cursor);
    assert_int_equal(cJSON_GetArraySize(at(doc, "cells")), 1);
    assert_int_equal(at(doc, "from")->valueint, 99);
    assert_int_equal(at(doc, "dropped")->valueint, 0);
    assert_int_equal(cJSON_GetArraySize(at(doc, "candles.open")), 1);
    assert_non_null(at(doc, "patch.statistics.open_interest_usd"));
    assert_null(cJSON_GetObjectItemCaseSensitive(at(doc, "patch"), "model"));
    expect_delta(doc, cursor);
    server_free(s);
}

static void a_closed_candle_comes_with_the_next_one(void **state)
{
    struct server *s = begin();
    char cursor[17];
    cJSON *doc;

    (void)state;
    take_cursor(s, cursor);
    pass(s, LIQ_HOUR_MS);
    doc = ask_since(s, MAP, cursor);
    assert_int_equal(cJSON_GetArraySize(at(doc, "cells")), 2);
    assert_int_equal(at(doc, "from")->valueint, 98);
    assert_int_equal(at(doc, "dropped")->valueint, 1);
    expect_delta(doc, cursor);
    server_free(s);
}

static void viewers_in_step_share_one(void **state)
{
    struct server *s = begin();
    struct liq_api_response a, b;
    char cursor[17], query[200];

    (void)state;
    take_cursor(s, cursor);
    pass(s, 20000);
    snprintf(query, sizeof query, MAP "&since=%s", cursor);
    a = ask(s, "heatmap", query);
    b = ask(s, "heatmap", query);
    assert_int_equal(a.status, 200);
    assert_ptr_equal(a.body, b.body);
    assert_int_equal(deltas(s), 1);
    liq_api_response_free(&a);
    liq_api_response_free(&b);
    server_free(s);
}

static void nothing_done(struct liq_api_call *c)
{
    (void)c;
}

/* Whether it needs no thread; and its body. */
static bool is_cached(struct server *s, const char *query, const void **body)
{
    struct liq_api_call c = {
        .request = {.method = "GET", .path = "/api/v1/heatmap", .query = query},
        .done = nothing_done};

    if (!liq_api_respond_cached(s->api, &c))
        return false;
    assert_int_equal(c.response.status, 200);
    *body = c.response.body;
    liq_api_response_free(&c.response);
    return true;
}

/* Only the first of a refresh needs a thread, which makes it. */
static void who_comes_later_needs_no_thread(void **state)
{
    struct server *s = begin();
    struct liq_api_response all, some;
    char cursor[17], query[200];
    const void *body = NULL;

    (void)state;
    take_cursor(s, cursor);
    snprintf(query, sizeof query, MAP "&since=%s", cursor);
    for (int i = 0; i < 2; i++) {
        assert_false(is_cached(s, query, &body));
        some = ask(s, "heatmap", query);
        assert_true(is_cached(s, query, &body));
        assert_ptr_equal(body, some.body);
        liq_api_response_free(&some);
        pass(s, s->config.ttl_ms + 1);
        /* Not the one of before the refresh. */
        assert_false(is_cached(s, query, &body));
        all = ask(s, "heatmap", MAP);
        liq_api_response_free(&all);
    }
    all = ask(s, "heatmap", MAP);
    assert_true(is_cached(s, MAP "&since=0123456789abcdef", &body));
    assert_ptr_equal(body, all.body);
    liq_api_response_free(&all);
    server_free(s);
}

/* Several make it at once; each gets a whole one. */
static void viewers_at_the_same_moment(void **state)
{
    struct server *s = server_plan(1);
    struct call *calls[24];
    char cursor[17], query[200];

    (void)state;
    server_start(s, 4);
    take_cursor(s, cursor);
    snprintf(query, sizeof query, MAP "&since=%s", cursor);
    for (size_t i = 0; i < 24; i++)
        calls[i] = start(s, "heatmap", query);
    for (size_t i = 0; i < 24; i++)
        expect_delta(finish_json(calls[i], 200), cursor);
    assert_int_equal(deltas(s), 1);
    server_free(s);
}

static void an_unknown_cursor_gets_all(void **state)
{
    static const char *const cursors[] = {
        "0123456789abcdef", "0000000000000000", "x", "012", "ABCDEF0123456789",
    };
    struct server *s = begin();
    char cursor[17], other[17];
    cJSON *doc;

    (void)state;
    take_cursor(s, cursor);
    for (size_t i = 0; i < sizeof cursors / sizeof *cursors; i++)
        expect_all(ask_since(s, MAP, cursors[i]));
    /* Of another map, in another form, before a restart. */
    expect_all(ask_since(s, "bars=100&rows=60&format=compact", cursor));
    doc = ask_since(s, "bars=100&rows=50", cursor);
    assert_null(cJSON_GetObjectItemCaseSensitive(doc, "cursor"));
    expect_all(doc);
    server_free(s);
    s = begin();
    s->fake[0]->size = 2.0;
    take_cursor(s, other);
    assert_string_not_equal(cursor, other);
    expect_all(ask_since(s, MAP, cursor));
    server_free(s);
}

static void a_cursor_is_known_for_five_refreshes(void **state)
{
    struct server *s = begin();
    char cursor[6][17], last[17];

    (void)state;
    for (size_t i = 0; i < 6; i++) {
        take_cursor(s, cursor[i]);
        pass(s, 20000);
    }
    take_cursor(s, last);
    expect_all(ask_since(s, MAP, cursor[0]));
    for (size_t i = 1; i < 6; i++)
        expect_delta(ask_since(s, MAP, cursor[i]), cursor[i]);
    expect_delta(ask_since(s, MAP, last), last);
    server_free(s);
}

/* What nobody can ask for any more makes room for what is made now. */
static void the_cache_keeps_few(void **state)
{
    struct server *s = begin();
    char cursor[17];

    (void)state;
    for (size_t i = 0; i < 20; i++) {
        take_cursor(s, cursor);
        pass(s, 20000);
        expect_delta(ask_since(s, MAP, cursor), cursor);
    }
    assert_int_equal(deltas(s), 1);
    server_free(s);
}

static void another_epoch_gets_all(void **state)
{
    struct server *s = begin();
    char cursor[17];

    (void)state;
    take_cursor(s, cursor);
    pass(s, 20000);
    s->fake[0]->contract = liq_contract_default;
    s->fake[0]->contract.max_leverage = 50.0;
    s->fake[0]->contract.source = "contract";
    expect_all(ask_since(s, MAP, cursor));
    server_free(s);
}

static void another_axis_gets_all(void **state)
{
    struct server *s = begin();
    char cursor[17];

    (void)state;
    take_cursor(s, cursor);
    pass(s, 20000);
    s->fake[0]->price = 1.2;
    expect_all(ask_since(s, MAP, cursor));
    server_free(s);
}

static void the_past_has_no_cursor(void **state)
{
    struct server *s = begin();
    cJSON *doc = ask_since(s, MAP "&end=2025-12-01T00:00:00Z", "");

    (void)state;
    assert_string_equal(text_of(doc, "cursor"), "");
    expect_all(doc);
    server_free(s);
}

static void without_memory_all_is_sent(void **state)
{
    struct server *s = begin();
    char cursor[17] = "";
    size_t without = 0;

    (void)state;
    for (int n = 1; cursor[0] == '\0'; n++) {
        cJSON *doc;

        allocations_left = n;
        doc = ask_since(s, MAP, "");
        snprintf(cursor, sizeof cursor, "%s", text_of(doc, "cursor"));
        without += cursor[0] == '\0';
        expect_all(doc);
        pass(s, 20000);
    }
    assert_int_equal(without, 5);
    allocations_left = 0;
    (void)ask_status(s, "heatmap", MAP);
    allocations_left = 1;
    expect_all(ask_since(s, MAP, cursor));
    expect_delta(ask_since(s, MAP, cursor), cursor);
    server_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_changed),
        cmocka_unit_test(the_forming_column_and_what_differs),
        cmocka_unit_test(a_closed_candle_comes_with_the_next_one),
        cmocka_unit_test(viewers_in_step_share_one),
        cmocka_unit_test(who_comes_later_needs_no_thread),
        cmocka_unit_test(viewers_at_the_same_moment),
        cmocka_unit_test(an_unknown_cursor_gets_all),
        cmocka_unit_test(a_cursor_is_known_for_five_refreshes),
        cmocka_unit_test(the_cache_keeps_few),
        cmocka_unit_test(another_epoch_gets_all),
        cmocka_unit_test(another_axis_gets_all),
        cmocka_unit_test(the_past_has_no_cursor),
        cmocka_unit_test(without_memory_all_is_sent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
