/* A sum whose exchanges are not all there yet: it says so, and is replaced when
 * they come. */
#include "server.h"

static struct server *three_new(void)
{
    struct server *s = server_new(3);

    s->fake[1]->size = s->fake[1]->interest = 3.0;
    s->fake[2]->size = s->fake[2]->interest = 0.5;
    return s;
}

/* Names in "incomplete", with commas between them. */
static const char *incomplete(const cJSON *doc)
{
    static char names[128];
    const cJSON *name;

    names[0] = '\0';
    cJSON_ArrayForEach(name, at(doc, "incomplete"))
    {
        size_t n = strlen(names);

        snprintf(names + n, sizeof names - n, "%s%s", n ? "," : "",
                 name->valuestring);
    }
    return names;
}

static void expect_incomplete(struct server *s, const char *query,
                              const char *names)
{
    cJSON *doc = ask_json(s, "levels", query, 200);

    assert_string_equal(incomplete(doc), names);
    cJSON_Delete(doc);
}

static void lacks_budget(struct fake *f, int64_t retry_after_ms)
{
    f->err = LIQ_ERATE;
    f->own_budget = true;
    f->retry_after_ms = retry_after_ms;
}

/* Our own budget has no place before the deadline: the others are shown, and
 * the exchange is not taken for one that is down. */
static void a_short_budget_is_no_failure(void **state)
{
    struct server *s = three_new();
    struct liq_api_response res;
    cJSON *doc;

    (void)state;
    lacks_budget(s->fake[2], 30000);
    res = ask(s, "levels", "exchange=all");
    assert_int_equal(res.status, 200);
    assert_non_null(strstr(header(&res, "Cache-Control"), "max-age=2,"));
    doc = json(&res);
    assert_string_equal(incomplete(doc), "third");
    assert_string_equal(cJSON_GetArrayItem(at(doc, "warnings"), 0)->valuestring,
                        "third is excluded for now: fake says no");
    cJSON_Delete(doc);
    /* Another series of it waits as long as the deadline allows. */
    s->fake[2]->mode = HELD;
    s->fake[2]->err = LIQ_OK;
    {
        struct call *c = start(s, "levels", "exchange=all&interval=15m");

        tick(s, 3000);
        assert_false(is_done(c));
        fake_release(s->fake[2]);
        doc = finish_json(c, 200);
        assert_string_equal(incomplete(doc), "");
        cJSON_Delete(doc);
    }
    server_free(s);
}

/* Kept for seconds, made again without it, and with it once there is a place.
 */
static void it_comes_in_when_there_is_a_place(void **state)
{
    struct server *s = three_new();
    struct liq_cache_counts n;

    (void)state;
    lacks_budget(s->fake[2], 30000);
    expect_incomplete(s, "exchange=all", "third");
    expect_incomplete(s, "exchange=all", "third");
    liq_cache_count(s->cache, LIQ_KIND_RESPONSE, &n);
    assert_int_equal(n.fills, 1);
    assert_int_equal(liq_api_keep_warm(s->api), 0);
    s->fake[2]->err = LIQ_OK;
    pass(s, 2000);
    expect_incomplete(s, "exchange=all", "third");
    liq_cache_count(s->cache, LIQ_KIND_RESPONSE, &n);
    assert_int_equal(n.fills, 2);
    pass(s, 28000);
    expect_incomplete(s, "exchange=all", "");
    server_free(s);
}

/* A slow exchange comes a moment after the deadline: the next request has
 * it, and what it had is not given again. */
static void a_late_exchange_replaces_the_sum_at_once(void **state)
{
    struct server *s = three_new();
    struct call *c;
    cJSON *doc;

    (void)state;
    s->fake[2]->mode = HELD;
    s->fake[2]->never = true;
    c = start(s, "levels", "exchange=all");
    tick(s, s->config.deadline_ms);
    doc = finish_json(c, 200);
    assert_string_equal(incomplete(doc), "third");
    cJSON_Delete(doc);
    expect_incomplete(s, "exchange=all", "third");
    tick(s, 100);
    fake_release(s->fake[2]);
    pump(s);
    expect_incomplete(s, "exchange=all", "");
    assert_int_equal(s->fake[2]->fetches, 1);
    server_free(s);
}

static void a_failure_is_not_incomplete(void **state)
{
    static const enum liq_err err[] = {LIQ_ENET, LIQ_EFORMAT, LIQ_ERATE,
                                       LIQ_EBLOCKED, LIQ_ENOTFOUND};

    (void)state;
    for (size_t i = 0; i < sizeof err / sizeof *err; i++) {
        struct server *s = three_new();
        cJSON *doc;

        s->fake[2]->err = err[i];
        doc = ask_json(s, "levels", "exchange=all", 200);
        assert_string_equal(incomplete(doc), "");
        assert_string_equal(
            cJSON_GetArrayItem(at(doc, "warnings"), 0)->valuestring,
            "third is excluded: fake says no");
        cJSON_Delete(doc);
        server_free(s);
    }
}

/* Only a sum can be incomplete. */
static void one_exchange_has_no_such_member(void **state)
{
    struct server *s = three_new();
    cJSON *doc = ask_json(s, "levels", "exchange=second", 200);

    (void)state;
    assert_null(cJSON_GetObjectItemCaseSensitive(doc, "incomplete"));
    cJSON_Delete(doc);
    server_free(s);
}

/* The end of a deadline is forgotten once the series is there. */
static void a_timeout_ends_when_the_series_comes(void **state)
{
    static const char *const choices[] = {"exchange=first", "exchange=auto",
                                          "exchange=all"};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct server *s = three_new();
        struct call *c;

        for (size_t j = 0; j < 3; j++) {
            s->fake[j]->mode = HELD;
            s->fake[j]->never = true;
        }
        c = start(s, "levels", choices[i]);
        tick(s, s->config.deadline_ms);
        assert_int_equal(finish_status(c), 504);
        assert_int_equal(ask_status(s, "levels", choices[i]), 504);
        fake_release(s->fake[0]);
        pump(s);
        if (i < 2)
            assert_int_equal(ask_status(s, "levels", choices[i]), 200);
        server_free(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_short_budget_is_no_failure),
        cmocka_unit_test(it_comes_in_when_there_is_a_place),
        cmocka_unit_test(a_late_exchange_replaces_the_sum_at_once),
        cmocka_unit_test(a_failure_is_not_incomplete),
        cmocka_unit_test(one_exchange_has_no_such_member),
        cmocka_unit_test(a_timeout_ends_when_the_series_comes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
