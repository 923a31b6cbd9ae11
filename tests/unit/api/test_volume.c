/* The route volume: columns in step with the candles, and who gives them. */
#include "server.h"

static const cJSON *cell(const cJSON *doc, const char *column, int i)
{
    const cJSON *value = cJSON_GetArrayItem(at(doc, column), i);

    assert_non_null(value);
    return value;
}

static void expect_cell(const cJSON *doc, const char *column, int i,
                        double expected)
{
    double value = cell(doc, column, i)->valuedouble;

    if (fabs(value - expected) > 1e-6)
        fail_msg("%s[%d] is %g, not %g", column, i, value, expected);
}

/* The names of a list, with commas between them. */
static void expect_names(const cJSON *doc, const char *path,
                         const char *expected)
{
    char names[128] = "";
    const cJSON *name;

    cJSON_ArrayForEach(name, at(doc, path))
    {
        size_t n = strlen(names);

        snprintf(names + n, sizeof names - n, "%s%s", n ? "," : "",
                 name->valuestring);
    }
    assert_string_equal(names, expected);
}

/* Four engine candles of 100, of which takers bought 40, in each. */
static void in_step_with_the_candles(void **state)
{
    struct server *s = server_new(1);
    cJSON *doc = ask_json(s, "volume", "bars=5&interval=4h", 200);
    cJSON *klines = ask_json(s, "klines", "bars=5&interval=4h", 200);

    (void)state;
    expect_same(at(doc, "open_time"), at(klines, "candles.open_time"));
    expect_same(at(doc, "volume"), at(klines, "candles.volume"));
    for (int i = 0; i < 4; i++) {
        expect_cell(doc, "volume", i, 400.0);
        expect_cell(doc, "delta", i, -80.0);
        expect_cell(doc, "cumulative_delta", i, -80.0 * (i + 1));
        assert_true(cJSON_IsNull(cell(doc, "open_interest_usd", i)));
    }
    /* Of the newest candle it is what is open now. */
    assert_true(cell(doc, "open_interest_usd", 4)->valuedouble > 0.0);
    expect_names(doc, "given_by.delta", "fake");
    expect_names(doc, "missing_from.delta", "");
    assert_null(cJSON_GetObjectItemCaseSensitive(doc, "candles"));
    cJSON_Delete(doc);
    cJSON_Delete(klines);
    server_free(s);
}

static void a_sum_counts_those_that_say_it(void **state)
{
    struct server *s = server_new(3);
    cJSON *doc;

    (void)state;
    s->fake[1]->taker = false;
    s->fake[1]->size = 2.0;
    s->fake[2]->size = 3.0;
    doc = ask_json(s, "volume", "exchange=all&bars=3&interval=4h", 200);
    expect_cell(doc, "volume", 0, 2400.0);
    expect_cell(doc, "delta", 0, -320.0);
    expect_cell(doc, "cumulative_delta", 1, -640.0);
    expect_names(doc, "given_by.delta", "first,third");
    expect_names(doc, "missing_from.delta", "second");
    expect_names(doc, "given_by.open_interest_usd", "first,second,third");
    cJSON_Delete(doc);
    server_free(s);
}

static void what_nobody_says_is_null(void **state)
{
    struct server *s = server_new(1);
    cJSON *doc;

    (void)state;
    s->fake[0]->taker = false;
    s->fake[0]->bare = true;
    doc = ask_json(s, "volume", "bars=3", 200);
    for (int i = 0; i < 3; i++) {
        assert_true(cell(doc, "volume", i)->valuedouble > 0.0);
        assert_true(cJSON_IsNull(cell(doc, "delta", i)));
        assert_true(cJSON_IsNull(cell(doc, "cumulative_delta", i)));
        assert_true(cJSON_IsNull(cell(doc, "open_interest_usd", i)));
    }
    expect_names(doc, "missing_from.delta", "fake");
    expect_names(doc, "missing_from.open_interest_usd", "fake");
    cJSON_Delete(doc);
    server_free(s);
}

/* What was seen while earlier candles formed stays; nothing is made up for the
 * time before. */
static void open_interest_is_kept_as_it_was_seen(void **state)
{
    struct server *s = server_new(2);
    double first, second;
    cJSON *doc;

    (void)state;
    doc = ask_json(s, "volume", "exchange=all&bars=3&interval=5m", 200);
    first = cell(doc, "open_interest_usd", 2)->valuedouble;
    cJSON_Delete(doc);
    s->fake[1]->interest = 2.0;
    for (size_t i = 0; i < 2; i++)
        s->fake[i]->time_ms += 5 * LIQ_MINUTE_MS;
    pass(s, 30000);
    doc = ask_json(s, "volume", "exchange=all&bars=3&interval=5m", 200);
    second = cell(doc, "open_interest_usd", 2)->valuedouble;
    assert_true(cJSON_IsNull(cell(doc, "open_interest_usd", 0)));
    expect_cell(doc, "open_interest_usd", 1, first);
    assert_true(second > first);
    cJSON_Delete(doc);
    server_free(s);
}

/* One series serves map and volumes: no request more. */
static void costs_no_request(void **state)
{
    struct server *s = server_new(1);
    int fetches;

    (void)state;
    assert_int_equal(ask_status(s, "heatmap", "interval=1h"), 200);
    fetches = s->fake[0]->fetches;
    assert_int_equal(ask_status(s, "volume", "interval=1h&bars=200"), 200);
    assert_int_equal(s->fake[0]->fetches, fetches);
    server_free(s);
}

static void refusals(void **state)
{
    struct server *s = server_new(1);

    (void)state;
    assert_int_equal(ask_status(s, "volume", "bars=1501"), 400);
    assert_int_equal(ask_status(s, "volume", "rows=100"), 400);
    assert_int_equal(ask_status(s, "volume", "symbol=NOPEUSDT"), 404);
    server_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_step_with_the_candles),
        cmocka_unit_test(a_sum_counts_those_that_say_it),
        cmocka_unit_test(what_nobody_says_is_null),
        cmocka_unit_test(open_interest_is_kept_as_it_was_seen),
        cmocka_unit_test(costs_no_request),
        cmocka_unit_test(refusals),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
