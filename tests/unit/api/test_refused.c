/* Candles that pass the exchange's checks and that the model refuses: the last
 * good map is shown as stale, with the reason, and no exchange takes the others
 * down. */
#include "server.h"

#define SMALL "bars=100&rows=50"
#define REASON "the exchange returned candles the model cannot use"

static const cJSON *part(const cJSON *doc, const char *name)
{
    const cJSON *e;

    cJSON_ArrayForEach(e, at(doc, "exchanges"))
    {
        if (strcmp(text(e, "name"), name) == 0)
            return e;
    }
    fail_msg("%s is not listed", name);
    return NULL;
}

static void expect_stale(const cJSON *doc, const char *who, double age_ms)
{
    char reason[200];

    snprintf(reason, sizeof reason, "%s: %s", who, REASON);
    assert_true(cJSON_IsTrue(at(doc, "stale")));
    assert_string_equal(text(doc, "stale_reason"), reason);
    assert_true(number(doc, "age_ms") == age_ms);
}

static void the_last_good_map_is_stale_with_the_reason(void **state)
{
    static const char *const routes[] = {"heatmap", "levels", "profile"};

    (void)state;
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        struct server *s = server_new(1);
        cJSON *good = ask_json(s, routes[i], SMALL, 200), *stale, *fresh;
        struct liq_api_response res;

        s->fake[0]->broken = true;
        pass(s, 60000);
        res = ask(s, routes[i], SMALL);
        assert_string_equal(header(&res, "X-Liqmap-Age-Ms"), "60000");
        assert_string_equal(header(&res, "Cache-Control"),
                            "public, max-age=3, stale-while-revalidate=10");
        stale = json(&res);
        expect_stale(stale, "fake", 60000.0);
        assert_true(number(stale, "data_time") == number(good, "data_time"));
        if (i == 0) {
            expect_same(at(stale, "candles"), at(good, "candles"));
            expect_same(at(stale, "grid"), at(good, "grid"));
        }
        s->fake[0]->broken = false;
        pass(s, 30000);
        fresh = ask_json(s, routes[i], SMALL, 200);
        assert_true(cJSON_IsFalse(at(fresh, "stale")));
        assert_true(number(fresh, "age_ms") == 0.0);
        cJSON_Delete(good);
        cJSON_Delete(stale);
        cJSON_Delete(fresh);
        server_free(s);
    }
}

/* And never longer than other stale data. */
static void too_old_a_map_is_not_shown(void **state)
{
    struct server *s = server_new(1);
    cJSON *doc;

    (void)state;
    assert_int_equal(ask_status(s, "heatmap", SMALL), 200);
    s->fake[0]->broken = true;
    pass(s, s->config.stale_ms - 1);
    assert_int_equal(ask_status(s, "heatmap", SMALL), 200);
    pass(s, s->config.error_ms);
    doc = ask_json(s, "heatmap", SMALL, 502);
    assert_string_equal(text(doc, "error.code"), "format");
    assert_non_null(strstr(text(doc, "error.message"), REASON));
    cJSON_Delete(doc);
    server_free(s);
}

static void without_a_map_before_it_is_an_error(void **state)
{
    struct server *s = server_new(1);
    cJSON *doc;

    (void)state;
    s->fake[0]->broken = true;
    doc = ask_json(s, "heatmap", SMALL, 502);
    assert_string_equal(text(doc, "error.code"), "format");
    cJSON_Delete(doc);
    server_free(s);
}

static void health_tells(void **state)
{
    struct server *s = server_new(1);
    const cJSON *series;
    cJSON *doc;

    (void)state;
    s->fake[0]->broken = true;
    assert_int_equal(ask_status(s, "heatmap", SMALL), 502);
    doc = ask_json(s, "health", NULL, 200);
    assert_string_equal(text(doc, "status"), "degraded");
    series = cJSON_GetArrayItem(at(doc, "series"), 0);
    assert_string_equal(text(series, "last_error"), "fake: " REASON);
    cJSON_Delete(doc);
    server_free(s);
}

static void a_series_refused_three_times_is_fetched_whole(void **state)
{
    struct server *s = server_new(1);
    int64_t start_ms;

    (void)state;
    assert_int_equal(ask_status(s, "heatmap", SMALL), 200);
    start_ms = s->fake[0]->from_ms;
    s->fake[0]->broken = true;
    for (int i = 0; i < 3; i++) {
        pass(s, s->config.ttl_ms);
        assert_int_equal(ask_status(s, "heatmap", SMALL), 200);
        assert_true(s->fake[0]->from_ms > start_ms);
    }
    pass(s, s->config.ttl_ms);
    assert_int_equal(ask_status(s, "heatmap", SMALL), 200);
    assert_true(s->fake[0]->from_ms == start_ms);
    pass(s, s->config.ttl_ms);
    assert_int_equal(ask_status(s, "heatmap", SMALL), 200);
    assert_true(s->fake[0]->from_ms > start_ms);
    server_free(s);
}

/* --- several exchanges ---------------------------------------------------- */

static void a_sum_excludes_what_has_no_map(void **state)
{
    struct server *s = server_new(3);
    cJSON *doc;

    (void)state;
    s->fake[1]->broken = true;
    doc = ask_json(s, "heatmap", SMALL "&exchange=all", 200);
    assert_true(cJSON_IsFalse(at(doc, "stale")));
    assert_true(cJSON_IsFalse(at(part(doc, "second"), "included")));
    assert_string_equal(text(part(doc, "second"), "reason"), "second: " REASON);
    assert_true(number(part(doc, "second"), "share") == 0.0);
    assert_true(number(part(doc, "first"), "share") == 0.5);
    cJSON_Delete(doc);
    server_free(s);
}

/* The first is shown as stale while it may be; then the others go on without
 * it. */
static void a_sum_outlives_its_first(void **state)
{
    struct server *s = server_new(3);
    cJSON *doc;

    (void)state;
    s->fake[0]->interest = 3.0;
    assert_int_equal(ask_status(s, "heatmap", SMALL "&exchange=all"), 200);
    s->fake[0]->broken = true;
    pass(s, 60000);
    doc = ask_json(s, "heatmap", SMALL "&exchange=all", 200);
    expect_stale(doc, "first", 60000.0);
    assert_true(cJSON_IsTrue(at(part(doc, "first"), "included")));
    assert_true(cJSON_IsTrue(at(part(doc, "first"), "stale")));
    assert_true(cJSON_IsFalse(at(part(doc, "second"), "stale")));
    cJSON_Delete(doc);
    pass(s, s->config.stale_ms);
    doc = ask_json(s, "heatmap", SMALL "&exchange=all", 200);
    assert_true(cJSON_IsFalse(at(doc, "stale")));
    assert_true(cJSON_IsFalse(at(part(doc, "first"), "included")));
    assert_true(cJSON_IsTrue(at(part(doc, "second"), "included")));
    assert_non_null(
        strstr(cJSON_GetArrayItem(at(doc, "warnings"), 0)->valuestring,
               "first is excluded: first: " REASON));
    cJSON_Delete(doc);
    server_free(s);
}

static void auto_takes_the_next_exchange(void **state)
{
    struct server *s = server_new(2);
    cJSON *doc;

    (void)state;
    s->fake[0]->broken = true;
    doc = ask_json(s, "heatmap", SMALL "&exchange=auto", 200);
    assert_string_equal(text(doc, "exchange"), "second");
    assert_true(cJSON_IsFalse(at(doc, "stale")));
    assert_string_equal(text(doc, "fallback.from"), "first");
    assert_string_equal(text(doc, "fallback.code"), "format");
    cJSON_Delete(doc);
    s->fake[0]->broken = false;
    pass(s, 60000);
    doc = ask_json(s, "heatmap", SMALL "&exchange=auto", 200);
    assert_string_equal(text(doc, "exchange"), "first");
    cJSON_Delete(doc);
    server_free(s);
}

static void auto_ends_when_all_are_refused(void **state)
{
    struct server *s = server_new(3);

    (void)state;
    for (int i = 0; i < 3; i++)
        s->fake[i]->broken = true;
    assert_int_equal(ask_status(s, "heatmap", SMALL "&exchange=auto"), 502);
    server_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_good_map_is_stale_with_the_reason),
        cmocka_unit_test(too_old_a_map_is_not_shown),
        cmocka_unit_test(without_a_map_before_it_is_an_error),
        cmocka_unit_test(health_tells),
        cmocka_unit_test(a_series_refused_three_times_is_fetched_whole),
        cmocka_unit_test(a_sum_excludes_what_has_no_map),
        cmocka_unit_test(a_sum_outlives_its_first),
        cmocka_unit_test(auto_takes_the_next_exchange),
        cmocka_unit_test(auto_ends_when_all_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
