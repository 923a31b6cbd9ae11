/* What a sum says of its sources: one whose price is odd, and funding. */
#include "server.h"

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

static bool included(const cJSON *doc, const char *name)
{
    return cJSON_IsTrue(at(part(doc, name), "included"));
}

/* --- prices --------------------------------------------------------------- */

static void an_odd_price_is_excluded_until_it_is_back(void **state)
{
    struct server *s = server_new(3);
    cJSON *doc;

    (void)state;
    s->fake[1]->interest = 9.0; /* however large */
    s->fake[1]->price = 1.051;
    doc = ask_json(s, "levels", "exchange=all", 200);
    assert_true(included(doc, "first") && included(doc, "third"));
    assert_false(included(doc, "second"));
    assert_string_equal(text(part(doc, "second"), "reason"),
                        "its price of 105626 is 5.1 % above the median of all, "
                        "100500");
    assert_true(cJSON_IsFalse(at(part(doc, "second"), "stale")));
    assert_true(number(part(doc, "second"), "share") == 0.0);
    assert_int_equal(cJSON_GetArraySize(at(doc, "incomplete")), 0);
    assert_string_equal(
        cJSON_GetArrayItem(at(doc, "warnings"), 0)->valuestring,
        "second is excluded: its price of 105626 is 5.1 % above the median of "
        "all, 100500");
    cJSON_Delete(doc);
    s->fake[1]->price = 1.049;
    pass(s, 30000);
    doc = ask_json(s, "levels", "exchange=all", 200);
    assert_true(included(doc, "second"));
    assert_int_equal(cJSON_GetArraySize(at(doc, "warnings")), 0);
    cJSON_Delete(doc);
    server_free(s);
}

static void odd_prices_of_many(void **state)
{
    static const struct {
        const char *name;
        size_t n;
        double price[5];
        bool odd[5];
    } cases[] = {
        {"of two nobody knows", 2, {1.0, 2.0}, {false, false}},
        {"a thousandth", 3, {1.0, 1.0, 0.001}, {false, false, true}},
        {"the first", 3, {1.3, 1.0, 1.0}, {true, false, false}},
        {"two of five",
         5,
         {1.0, 0.9, 1.0, 1.2, 1.01},
         {false, true, false, true, false}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct server *s = server_new(cases[i].n);
        cJSON *doc;

        print_message("  %s\n", cases[i].name);
        for (size_t j = 0; j < s->n; j++)
            s->fake[j]->price = cases[i].price[j];
        doc = ask_json(s, "levels", "exchange=all", 200);
        for (size_t j = 0; j < s->n; j++)
            assert_true(included(doc, s->fake[j]->name) != cases[i].odd[j]);
        cJSON_Delete(doc);
        server_free(s);
    }
}

/* Of the past, and of an exchange without a ticker: the last close. */
static void closes_count_where_there_is_no_ticker(void **state)
{
    struct server *s = server_new(4);
    cJSON *doc;

    (void)state;
    s->fake[3]->price = 0.5;
    s->fake[3]->bare = true;
    doc = ask_json(s, "levels", "exchange=all", 200);
    assert_non_null(
        strstr(text(part(doc, "fourth"), "reason"), "% below the median"));
    cJSON_Delete(doc);
    s->fake[3]->bare = false;
    doc = ask_json(s, "levels", "exchange=all&end=2025-12-01T05:00:00Z", 200);
    assert_false(included(doc, "fourth"));
    cJSON_Delete(doc);
    server_free(s);
}

/* --- funding -------------------------------------------------------------- */

static void expect_funding(struct server *s, const char *query,
                           double interval_ms, double yearly)
{
    cJSON *doc = ask_json(s, "ticker", query, 200);

    assert_true(number(doc, "statistics.funding_rate") == 0.0001);
    assert_true(number(doc, "statistics.funding_interval_ms") == interval_ms);
    assert_true(fabs(number(doc, "statistics.funding_rate_yearly") - yearly) <
                1e-12);
    cJSON_Delete(doc);
}

/* 0.01 % three times a day are 10.95 % a year; hourly eight times that. */
static void funding_is_said_by_the_year(void **state)
{
    struct server *s = server_new(3);
    cJSON *doc;

    (void)state;
    s->fake[0]->funding_ms = 8 * LIQ_HOUR_MS;
    s->fake[1]->funding_ms = LIQ_HOUR_MS;
    s->fake[0]->interest = 3.0;
    expect_funding(s, "exchange=first", 8.0 * LIQ_HOUR_MS, 0.1095);
    expect_funding(s, "exchange=second", LIQ_HOUR_MS, 0.876);
    /* By open interest, without the one that does not say. */
    expect_funding(s, "exchange=all", 8.0 * LIQ_HOUR_MS,
                   (3.0 * 0.1095 + 0.876) / 4.0);
    doc = ask_json(s, "ticker", "exchange=third", 200);
    expect_null(doc, "statistics.funding_interval_ms");
    expect_null(doc, "statistics.funding_rate_yearly");
    cJSON_Delete(doc);
    doc = ask_json(s, "heatmap", "exchange=first", 200);
    assert_true(fabs(number(doc, "statistics.funding_rate_yearly") - 0.1095) <
                1e-12);
    cJSON_Delete(doc);
    server_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_odd_price_is_excluded_until_it_is_back),
        cmocka_unit_test(odd_prices_of_many),
        cmocka_unit_test(closes_count_where_there_is_no_ticker),
        cmocka_unit_test(funding_is_said_by_the_year),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
