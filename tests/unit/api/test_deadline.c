/* exchange=auto and =all with exchanges that do not respond: one deadline for
 * the request, shared out. */
#include "server.h"

static void hold(struct server *s, size_t from, size_t n)
{
    for (size_t i = from; i < from + n; i++)
        s->fake[i]->mode = HELD;
}

static int begun(const struct server *s)
{
    int n = 0;

    for (size_t i = 0; i < s->n; i++)
        n += s->fake[i]->fetches;
    return n;
}

/* Half of what is left for each, all of it for the last: 4 s, 2 s, 2 s. */
static void auto_divides_what_is_left(void **state)
{
    static const struct {
        int64_t tick_ms;
        int begun;
    } step[] = {{3900, 1}, {100, 2}, {1900, 2}, {100, 3}, {1900, 3}};
    struct server *s = server_new(3);
    int64_t deadline_ms = s->clock.held_mono_ms + s->config.deadline_ms;
    struct call *c;
    cJSON *doc;

    (void)state;
    hold(s, 0, 3);
    c = start(s, "heatmap", "exchange=auto");
    assert_int_equal(begun(s), 1);
    for (size_t i = 0; i < sizeof step / sizeof *step; i++) {
        tick(s, step[i].tick_ms);
        assert_int_equal(begun(s), step[i].begun);
        assert_false(is_done(c));
    }
    tick(s, 100);
    assert_true(is_done(c));
    for (size_t i = 0; i < 3; i++)
        assert_true(s->fake[i]->deadline_ms == deadline_ms);
    doc = finish_json(c, 504);
    assert_non_null(strstr(text(doc, "error.message"),
                           "none of the other 2 exchanges responds either"));
    cJSON_Delete(doc);
    server_free(s);
}

/* Eight that stall take no longer than one. */
static void eight_stalled_exchanges_end_by_the_deadline(void **state)
{
    struct server *s = server_new(8);
    struct call *c;

    (void)state;
    hold(s, 0, 8);
    c = start(s, "heatmap", NULL);
    tick(s, s->config.deadline_ms - 100);
    assert_false(is_done(c));
    tick(s, 100);
    assert_true(is_done(c));
    assert_int_equal(finish_status(c), 504);
    server_free(s);
}

/* The same for a symbol whose listing has to be looked up first. */
static void stalled_lists_end_by_the_deadline(void **state)
{
    struct server *s = server_new(8);
    struct call *c;

    (void)state;
    hold(s, 0, 8);
    c = start(s, "heatmap", "symbol=DOGEUSDT");
    tick(s, s->config.deadline_ms);
    assert_true(is_done(c));
    assert_int_equal(finish_status(c), 504);
    server_free(s);
}

static void auto_goes_on_to_the_second(void **state)
{
    struct server *s = server_new(3);
    struct call *c;
    cJSON *doc;

    (void)state;
    hold(s, 0, 1);
    c = start(s, "heatmap", NULL);
    tick(s, 3900);
    assert_false(is_done(c));
    tick(s, 100);
    doc = finish_json(c, 200);
    assert_string_equal(text(doc, "exchange"), "second");
    assert_string_equal(text(doc, "fallback.from"), "first");
    assert_string_equal(text(doc, "fallback.code"), "timeout");
    assert_true(cJSON_IsFalse(at(doc, "stale")));
    cJSON_Delete(doc);
    assert_int_equal(s->fake[2]->fetches, 0);
    /* Known to be down: nobody waits for it again. */
    doc = ask_json(s, "levels", NULL, 200);
    assert_string_equal(text(doc, "exchange"), "second");
    cJSON_Delete(doc);
    assert_int_equal(s->fake[0]->fetches, 1);
    server_free(s);
}

/* The first's response comes after auto has gone on: the next request has
 * it. */
static void a_late_response_is_used_by_the_next_request(void **state)
{
    struct server *s = server_new(2);
    struct call *c;
    cJSON *doc;

    (void)state;
    hold(s, 0, 1);
    c = start(s, "heatmap", NULL);
    tick(s, 4000);
    assert_int_equal(finish_status(c), 200);
    tick(s, 1000);
    fake_release(s->fake[0]);
    pump(s);
    doc = ask_json(s, "levels", NULL, 200);
    assert_string_equal(text(doc, "exchange"), "first");
    expect_null(doc, "fallback");
    cJSON_Delete(doc);
    assert_int_equal(s->fake[0]->fetches, 1);
    /* And it counts as up again. */
    pass(s, 60000);
    doc = ask_json(s, "heatmap", NULL, 200);
    assert_string_equal(text(doc, "exchange"), "first");
    cJSON_Delete(doc);
    assert_int_equal(s->fake[0]->fetches, 2);
    server_free(s);
}

/* all waits for everybody once; then an exchange that is down gets little
 * time. */
static void all_waits_for_a_stalled_exchange_once(void **state)
{
    struct server *s = server_new(3);
    struct call *c;
    cJSON *doc;

    (void)state;
    hold(s, 2, 1);
    c = start(s, "levels", "exchange=all");
    tick(s, s->config.deadline_ms - 100);
    assert_false(is_done(c));
    tick(s, 100);
    doc = finish_json(c, 200);
    assert_int_equal(cJSON_GetArraySize(at(doc, "warnings")), 1);
    cJSON_Delete(doc);
    pass(s, 23000);
    c = start(s, "levels", "exchange=all");
    assert_int_equal(s->fake[2]->fetches, 2);
    tick(s, 200);
    assert_false(is_done(c));
    tick(s, 100);
    doc = finish_json(c, 200);
    assert_true(number(doc, "age_ms") <= 300.0);
    cJSON_Delete(doc);
    /* Its late response is in the next one. */
    fake_release(s->fake[2]);
    doc = ask_json(s, "profile", "exchange=all", 200);
    assert_int_equal(cJSON_GetArraySize(at(doc, "warnings")), 0);
    cJSON_Delete(doc);
    assert_int_equal(s->fake[2]->fetches, 2);
    server_free(s);
}

/* What is begun for a caller may not outlive that caller's deadline. */
static void nothing_is_given_more_time_than_the_request(void **state)
{
    static const char *const queries[] = {"exchange=auto", "exchange=all",
                                          "exchange=second"};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct server *s = server_new(3);
        int64_t deadline_ms = s->clock.held_mono_ms + s->config.deadline_ms;

        pass(s, 500);
        deadline_ms += 500;
        assert_int_equal(ask_status(s, "heatmap", queries[i]), 200);
        for (size_t j = 0; j < 3; j++) {
            if (s->fake[j]->fetches)
                assert_true(s->fake[j]->deadline_ms == deadline_ms);
        }
        server_free(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(auto_divides_what_is_left),
        cmocka_unit_test(eight_stalled_exchanges_end_by_the_deadline),
        cmocka_unit_test(stalled_lists_end_by_the_deadline),
        cmocka_unit_test(auto_goes_on_to_the_second),
        cmocka_unit_test(a_late_response_is_used_by_the_next_request),
        cmocka_unit_test(all_waits_for_a_stalled_exchange_once),
        cmocka_unit_test(nothing_is_given_more_time_than_the_request),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
