/* Several exchanges: one of them, the first that answers, or all. */
#include "fake.h"

struct three {
    struct fake *first, *second, *third; /* first serves all of them */
};

static struct three three_new(void)
{
    struct three t = {fake_new(), fake_new(), fake_new()};

    t.first->market.name = "first";
    fake_join(t.first, t.second, "second", 3.0);
    fake_join(t.first, t.third, "third", 0.5);
    return t;
}

static void three_free(struct three *t)
{
    fake_free(t->first);
    fake_free(t->second);
    fake_free(t->third);
}

static void pass_all(struct three *t, int64_t ms)
{
    pass(t->first, ms);
    pass(t->second, ms);
    pass(t->third, ms);
}

static const cJSON *exchange(const cJSON *doc, const char *name)
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

/* --- all ----------------------------------------------------------------- */

static void all_is_the_sum_in_dollars(void **state)
{
    struct three t = three_new();
    const char *query = "bars=100&rows=100&exchange=";
    cJSON *all =
        ask_json(t.first, "heatmap", "bars=100&rows=100&exchange=all", 200);
    char one[64];
    int rows = (int)number(all, "grid.rows");
    double *sum = calloc((size_t)rows * 100, sizeof *sum), oi = 0.0;
    const char *const names[] = {"first", "second", "third"};

    (void)state;
    assert_non_null(sum);
    assert_string_equal(text(all, "exchange"), "all");
    assert_string_equal(text(all, "market"), "aggregate");
    for (int i = 0; i < 3; i++) {
        cJSON *doc;
        const cJSON *row, *cell;
        double usd;
        int at_cell = 0;

        snprintf(one, sizeof one, "%s%s", query, names[i]);
        doc = ask_json(t.first, "heatmap", one, 200);
        usd = number(doc, "grid.quantum") * number(doc, "grid.usd_per_unit");
        oi += number(doc, "statistics.open_interest_usd");
        assert_int_equal((int)number(doc, "grid.rows"), rows);
        cJSON_ArrayForEach(row, at(doc, "grid.cells"))
            cJSON_ArrayForEach(cell, row) sum[at_cell++] +=
            cell->valuedouble * usd;
        cJSON_Delete(doc);
    }
    {
        double usd =
            number(all, "grid.quantum") * number(all, "grid.usd_per_unit");
        const cJSON *row, *cell;
        int at_cell = 0;

        cJSON_ArrayForEach(row, at(all, "grid.cells"))
            cJSON_ArrayForEach(cell, row)
        {
            /* Each addend is off by half a step of its own. */
            assert_true(fabs(cell->valuedouble * usd - sum[at_cell++]) <=
                        2.5 * usd);
        }
        assert_true(fabs(number(all, "grid.usd_per_unit") - 1.0) < 1e-9);
    }
    assert_true(fabs(number(all, "statistics.open_interest_usd") - oi) < 1.0);
    assert_true(fabs(number(all, "grid.total") - 2.0 * oi) < 1e-6 * oi);
    cJSON_Delete(all);
    free(sum);
    three_free(&t);
}

static void all_says_who_is_in_it(void **state)
{
    struct three t = three_new();
    cJSON *doc;

    (void)state;
    t.third->err = LIQ_ENET;
    t.first->bare = true;
    doc = ask_json(t.first, "levels", "exchange=all", 200);
    assert_int_equal(cJSON_GetArraySize(at(doc, "exchanges")), 3);
    assert_true(cJSON_IsTrue(at(exchange(doc, "second"), "included")));
    assert_true(number(exchange(doc, "second"), "share") == 1.0);
    expect_null(exchange(doc, "second"), "reason");
    assert_true(cJSON_IsFalse(at(exchange(doc, "first"), "included")));
    assert_string_equal(text(exchange(doc, "first"), "reason"),
                        "its open interest is not known");
    assert_string_equal(
        cJSON_GetArrayItem(at(exchange(doc, "first"), "warnings"), 0)
            ->valuestring,
        "open interest: HTTP 500");
    assert_true(cJSON_IsFalse(at(exchange(doc, "third"), "included")));
    assert_string_equal(text(exchange(doc, "third"), "reason"), "fake says no");
    assert_string_equal(text(exchange(doc, "second"), "engine_interval"),
                        "15m");
    cJSON_Delete(doc);
    three_free(&t);
}

static void the_largest_shows_its_candles(void **state)
{
    struct three t = three_new();
    cJSON *doc = ask_json(t.first, "heatmap", "bars=100&exchange=all", 200);
    double v = cJSON_GetArrayItem(at(doc, "candles.volume"), 50)->valuedouble;

    (void)state;
    assert_true(v == 4 * 300.0); /* four quarters of an hour, three times 100 */
    assert_true(number(exchange(doc, "second"), "share") == 3.0 / 4.5);
    cJSON_Delete(doc);
    three_free(&t);
}

/* A dead exchange's last data counts, marked, until it is too old. */
static void old_data_is_reused_marked_and_dropped(void **state)
{
    struct three t = three_new();
    cJSON *doc = ask_json(t.first, "levels", "exchange=all", 200);

    (void)state;
    assert_true(cJSON_IsTrue(at(exchange(doc, "third"), "included")));
    cJSON_Delete(doc);
    t.third->err = LIQ_ENET;
    pass_all(&t, 60000);
    doc = ask_json(t.first, "levels", "exchange=all", 200);
    assert_true(cJSON_IsFalse(at(doc, "stale")));
    assert_true(cJSON_IsTrue(at(exchange(doc, "third"), "included")));
    assert_true(cJSON_IsTrue(at(exchange(doc, "third"), "stale")));
    assert_string_equal(text(exchange(doc, "third"), "reason"), "fake says no");
    assert_true(number(exchange(doc, "third"), "age_ms") == 60000.0);
    assert_int_equal(cJSON_GetArraySize(at(doc, "warnings")), 1);
    cJSON_Delete(doc);
    pass_all(&t, t.first->config.stale_ms);
    doc = ask_json(t.first, "levels", "exchange=all", 200);
    assert_true(cJSON_IsFalse(at(exchange(doc, "third"), "included")));
    cJSON_Delete(doc);
    three_free(&t);
}

/* Open interest moves while a candle forms; the closed columns do not. */
static void closed_columns_keep_still_while_open_interest_moves(void **state)
{
    struct three t = three_new();
    cJSON *before =
        ask_json(t.first, "heatmap", "bars=100&rows=100&exchange=all", 200);
    const cJSON *a, *b;
    cJSON *after;

    (void)state;
    t.third->interest = 0.9;
    pass_all(&t, 30000);
    after = ask_json(t.first, "heatmap", "bars=100&rows=100&exchange=all", 200);
    assert_true(number(after, "grid.quantum") ==
                number(before, "grid.quantum"));
    assert_true(number(exchange(after, "third"), "share") >
                number(exchange(before, "third"), "share"));
    b = at(after, "grid.cells")->child;
    cJSON_ArrayForEach(a, at(before, "grid.cells"))
    {
        for (int j = 0; j < 99; j++)
            assert_true(cJSON_GetArrayItem(a, j)->valuedouble ==
                        cJSON_GetArrayItem(b, j)->valuedouble);
        b = b->next;
    }
    cJSON_Delete(before);
    cJSON_Delete(after);
    three_free(&t);
}

static void explain_names_the_exchange(void **state)
{
    struct three t = three_new();
    cJSON *map = ask_json(t.first, "heatmap", "exchange=all", 200);
    char query[128];
    int seen[3] = {0};
    const cJSON *cause;
    cJSON *why;

    (void)state;
    snprintf(
        query, sizeof query, "exchange=all&time=%.0f&price=%.0f",
        number(map, "data_time"),
        cJSON_GetArrayItem(at(map, "levels.short"), 0)->child->valuedouble);
    why = ask_json(t.first, "explain", query, 200);
    cJSON_ArrayForEach(cause, at(why, "causes"))
    {
        seen[0] += strcmp(text(cause, "exchange"), "first") == 0;
        seen[1] += strcmp(text(cause, "exchange"), "second") == 0;
        seen[2] += strcmp(text(cause, "exchange"), "third") == 0;
    }
    assert_true(seen[0] > 0 && seen[1] > 0 && seen[1] >= seen[2]);
    assert_true(number(why, "cell.value") > 0.0);
    cJSON_Delete(map);
    cJSON_Delete(why);
    three_free(&t);
}

static void nobody_answers(void **state)
{
    struct three t = three_new();
    cJSON *doc;

    (void)state;
    t.first->err = LIQ_EBLOCKED;
    t.second->err = t.third->err = LIQ_ENET;
    assert_int_equal(ask_status(t.first, "heatmap", "exchange=all"), 503);
    doc = ask_json(t.first, "heatmap", "exchange=auto", 503);
    assert_string_equal(text(doc, "error.message"),
                        "fake says no; none of the other 2 exchanges answers "
                        "either");
    cJSON_Delete(doc);
    assert_int_equal(ask_status(t.first, "heatmap", "exchange=second"), 502);
    three_free(&t);
}

/* --- auto ---------------------------------------------------------------- */

static const char *shown(struct three *t)
{
    static char name[32];
    cJSON *doc = ask_json(t->first, "ticker", "exchange=auto", 200);

    snprintf(name, sizeof name, "%s", text(doc, "exchange"));
    cJSON_Delete(doc);
    return name;
}

static void auto_takes_the_first(void **state)
{
    struct three t = three_new();
    cJSON *doc = ask_json(t.first, "heatmap", NULL, 200);

    (void)state;
    assert_string_equal(text(doc, "exchange"), "first");
    expect_null(doc, "fallback");
    assert_int_equal(t.second->fetches, 0);
    cJSON_Delete(doc);
    three_free(&t);
}

static void auto_passes_over_who_is_blocked_and_says_so(void **state)
{
    struct three t = three_new();
    cJSON *doc;

    (void)state;
    t.first->err = LIQ_EBLOCKED;
    t.second->err = LIQ_ERATE;
    doc = ask_json(t.first, "heatmap", "exchange=auto", 200);
    assert_string_equal(text(doc, "exchange"), "third");
    assert_string_equal(text(doc, "fallback.from"), "first");
    assert_string_equal(text(doc, "fallback.reason"), "fake says no");
    assert_true(cJSON_IsFalse(at(doc, "stale")));
    cJSON_Delete(doc);
    three_free(&t);
}

static void auto_comes_back(void **state)
{
    struct three t = three_new();

    (void)state;
    t.first->err = LIQ_EBLOCKED;
    t.first->retry_after_ms = 300000;
    assert_string_equal(shown(&t), "second");
    t.first->err = LIQ_OK;
    pass_all(&t, 25000);
    assert_string_equal(shown(&t), "second"); /* not asked before its time */
    assert_int_equal(t.first->fetches, 1);
    pass_all(&t, 300000);
    assert_string_equal(shown(&t), "first");
    three_free(&t);
}

/* A single lost refresh is no reason to show another exchange's map. */
static void auto_is_patient_with_what_passes(void **state)
{
    struct three t = three_new();
    cJSON *doc;

    (void)state;
    assert_string_equal(shown(&t), "first");
    t.first->err = LIQ_ENET;
    pass_all(&t, 31000);
    doc = ask_json(t.first, "ticker", "exchange=auto", 200);
    assert_string_equal(text(doc, "exchange"), "first");
    assert_true(cJSON_IsTrue(at(doc, "stale")));
    cJSON_Delete(doc);
    pass_all(&t, 60000);
    assert_string_equal(shown(&t), "second");
    three_free(&t);
}

/* Everybody down: the old data of the one wanted most. */
static void auto_prefers_old_data_to_none(void **state)
{
    struct three t = three_new();
    cJSON *doc;

    (void)state;
    assert_string_equal(shown(&t), "first");
    t.first->err = t.second->err = t.third->err = LIQ_ENET;
    pass_all(&t, 120000);
    doc = ask_json(t.first, "ticker", "exchange=auto", 200);
    assert_string_equal(text(doc, "exchange"), "first");
    assert_true(cJSON_IsTrue(at(doc, "stale")));
    expect_null(doc, "fallback");
    cJSON_Delete(doc);
    three_free(&t);
}

static void symbols_come_from_every_list(void **state)
{
    struct three t = three_new();
    cJSON *doc;

    (void)state;
    t.second->list_err = LIQ_ENET;
    doc = ask_json(t.first, "symbols", NULL, 200);
    assert_int_equal(cJSON_GetArraySize(at(doc, "exchanges")), 3);
    assert_int_equal(cJSON_GetArraySize(at(doc, "warnings")), 1);
    assert_int_equal(t.third->lists, 1);
    cJSON_Delete(doc);
    /* Who cannot say what it lists is asked all the same. */
    assert_int_equal(ask_status(t.first, "ticker", "symbol=NOPEUSDT"), 200);
    t.second->list_err = LIQ_OK;
    pass_all(&t, 120000);
    assert_int_equal(ask_status(t.first, "ticker", "symbol=NOPEUSDT"), 404);
    three_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_is_the_sum_in_dollars),
        cmocka_unit_test(all_says_who_is_in_it),
        cmocka_unit_test(the_largest_shows_its_candles),
        cmocka_unit_test(old_data_is_reused_marked_and_dropped),
        cmocka_unit_test(closed_columns_keep_still_while_open_interest_moves),
        cmocka_unit_test(explain_names_the_exchange),
        cmocka_unit_test(nobody_answers),
        cmocka_unit_test(auto_takes_the_first),
        cmocka_unit_test(auto_passes_over_who_is_blocked_and_says_so),
        cmocka_unit_test(auto_comes_back),
        cmocka_unit_test(auto_is_patient_with_what_passes),
        cmocka_unit_test(auto_prefers_old_data_to_none),
        cmocka_unit_test(symbols_come_from_every_list),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
