/* Several exchanges: one of them, the first that responds, or all. */
#include "server.h"

/* Volume and open interest of the three differ, so that the second is the
 * largest. */
static struct server *three_new(void)
{
    struct server *s = server_new(3);

    s->fake[1]->size = s->fake[1]->interest = 3.0;
    s->fake[2]->size = s->fake[2]->interest = 0.5;
    return s;
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
    struct server *s = three_new();
    const char *query = "bars=100&rows=100&exchange=";
    cJSON *all = ask_json(s, "heatmap", "bars=100&rows=100&exchange=all", 200);
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
        doc = ask_json(s, "heatmap", one, 200);
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
    server_free(s);
}

static void all_names_its_sources(void **state)
{
    struct server *s = three_new();
    cJSON *doc;

    (void)state;
    s->fake[2]->err = LIQ_ENET;
    s->fake[0]->bare = true;
    doc = ask_json(s, "levels", "exchange=all", 200);
    assert_int_equal(cJSON_GetArraySize(at(doc, "exchanges")), 3);
    assert_true(cJSON_IsTrue(at(exchange(doc, "second"), "included")));
    assert_true(number(exchange(doc, "second"), "share") == 1.0);
    expect_null(exchange(doc, "second"), "reason");
    assert_true(cJSON_IsFalse(at(exchange(doc, "first"), "included")));
    assert_string_equal(text(exchange(doc, "first"), "reason"),
                        "its open interest is unknown");
    assert_string_equal(
        cJSON_GetArrayItem(at(exchange(doc, "first"), "warnings"), 0)
            ->valuestring,
        "open interest: HTTP 500");
    assert_true(cJSON_IsFalse(at(exchange(doc, "third"), "included")));
    assert_string_equal(text(exchange(doc, "third"), "reason"), "fake says no");
    assert_string_equal(text(exchange(doc, "second"), "engine_interval"),
                        "15m");
    cJSON_Delete(doc);
    server_free(s);
}

static void the_largest_shows_its_candles(void **state)
{
    struct server *s = three_new();
    cJSON *doc = ask_json(s, "heatmap", "bars=100&exchange=all", 200);
    double v = cJSON_GetArrayItem(at(doc, "candles.volume"), 50)->valuedouble;

    (void)state;
    assert_true(v == 4 * 300.0); /* four quarters of an hour, three times 100 */
    assert_true(number(exchange(doc, "second"), "share") == 3.0 / 4.5);
    cJSON_Delete(doc);
    server_free(s);
}

/* The last data of an exchange that fails counts, marked as stale, until it is
 * too old. */
static void stale_data_is_marked_and_later_excluded(void **state)
{
    struct server *s = three_new();
    cJSON *doc = ask_json(s, "levels", "exchange=all", 200);

    (void)state;
    assert_true(cJSON_IsTrue(at(exchange(doc, "third"), "included")));
    cJSON_Delete(doc);
    s->fake[2]->err = LIQ_ENET;
    pass(s, 60000);
    doc = ask_json(s, "levels", "exchange=all", 200);
    assert_true(cJSON_IsFalse(at(doc, "stale")));
    assert_true(cJSON_IsTrue(at(exchange(doc, "third"), "included")));
    assert_true(cJSON_IsTrue(at(exchange(doc, "third"), "stale")));
    assert_string_equal(text(exchange(doc, "third"), "reason"), "fake says no");
    assert_true(number(exchange(doc, "third"), "age_ms") == 60000.0);
    assert_int_equal(cJSON_GetArraySize(at(doc, "warnings")), 1);
    cJSON_Delete(doc);
    pass(s, s->config.stale_ms);
    doc = ask_json(s, "levels", "exchange=all", 200);
    assert_true(cJSON_IsFalse(at(exchange(doc, "third"), "included")));
    cJSON_Delete(doc);
    server_free(s);
}

/* Open interest moves while a candle forms; the closed columns do not. */
static void closed_columns_keep_still_while_open_interest_moves(void **state)
{
    struct server *s = three_new();
    cJSON *before =
        ask_json(s, "heatmap", "bars=100&rows=100&exchange=all", 200);
    const cJSON *a, *b;
    cJSON *after;

    (void)state;
    s->fake[2]->interest = 0.9;
    pass(s, 30000);
    after = ask_json(s, "heatmap", "bars=100&rows=100&exchange=all", 200);
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
    server_free(s);
}

static void explain_names_the_exchange(void **state)
{
    struct server *s = three_new();
    cJSON *map = ask_json(s, "heatmap", "exchange=all", 200);
    char query[128];
    int seen[3] = {0};
    const cJSON *cause;
    cJSON *why;

    (void)state;
    snprintf(
        query, sizeof query, "exchange=all&time=%.0f&price=%.0f",
        number(map, "data_time"),
        cJSON_GetArrayItem(at(map, "levels.short"), 0)->child->valuedouble);
    why = ask_json(s, "explain", query, 200);
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
    server_free(s);
}

static void no_exchange_responds(void **state)
{
    struct server *s = three_new();
    cJSON *doc;

    (void)state;
    s->fake[0]->err = LIQ_EBLOCKED;
    s->fake[1]->err = s->fake[2]->err = LIQ_ENET;
    assert_int_equal(ask_status(s, "heatmap", "exchange=all"), 503);
    doc = ask_json(s, "heatmap", "exchange=auto", 503);
    assert_string_equal(text(doc, "error.message"),
                        "fake says no; none of the other 2 exchanges responds "
                        "either");
    cJSON_Delete(doc);
    assert_int_equal(ask_status(s, "heatmap", "exchange=second"), 502);
    server_free(s);
}

/* Whether the symbol exists is not known while an exchange fails that may list
 * it. */
static void one_does_not_list_it_another_fails(void **state)
{
    static const char *const choices[] = {"exchange=auto", "exchange=all"};

    (void)state;
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
        struct server *s = three_new();
        cJSON *doc;

        s->fake[0]->err = s->fake[2]->err = LIQ_ENOTFOUND;
        s->fake[1]->err = LIQ_ENET;
        doc = ask_json(s, "heatmap", choices[i], 502);
        assert_string_equal(text(doc, "error.code"), "net");
        cJSON_Delete(doc);
        s->fake[1]->err = LIQ_ENOTFOUND;
        pass(s, 60000);
        assert_int_equal(ask_status(s, "heatmap", choices[i]), 404);
        server_free(s);
    }
}

/* The process stood still until the deadline: the others were not asked. */
static void auto_had_no_time_for_others(void **state)
{
    struct server *s = three_new();
    struct call *c;

    (void)state;
    s->fake[0]->mode = HELD;
    s->fake[0]->err = LIQ_ENOTFOUND;
    c = start(s, "heatmap", "exchange=auto");
    pass(s, s->config.deadline_ms);
    fake_release(s->fake[0]);
    assert_int_equal(finish_status(c), 504);
    assert_int_equal(s->fake[1]->fetches + s->fake[2]->fetches, 0);
    server_free(s);
}

/* --- auto ---------------------------------------------------------------- */

static const char *shown(struct server *s)
{
    static char name[32];
    cJSON *doc = ask_json(s, "ticker", "exchange=auto", 200);

    snprintf(name, sizeof name, "%s", text(doc, "exchange"));
    cJSON_Delete(doc);
    return name;
}

static void auto_takes_the_first(void **state)
{
    struct server *s = three_new();
    cJSON *doc = ask_json(s, "heatmap", NULL, 200);

    (void)state;
    assert_string_equal(text(doc, "exchange"), "first");
    expect_null(doc, "fallback");
    assert_int_equal(s->fake[1]->fetches, 0);
    cJSON_Delete(doc);
    server_free(s);
}

static void auto_passes_over_blocked_exchanges_and_says_so(void **state)
{
    struct server *s = three_new();
    cJSON *doc;

    (void)state;
    s->fake[0]->err = LIQ_EBLOCKED;
    s->fake[1]->err = LIQ_ERATE;
    doc = ask_json(s, "heatmap", "exchange=auto", 200);
    assert_string_equal(text(doc, "exchange"), "third");
    assert_string_equal(text(doc, "fallback.from"), "first");
    assert_string_equal(text(doc, "fallback.reason"), "fake says no");
    assert_true(cJSON_IsFalse(at(doc, "stale")));
    cJSON_Delete(doc);
    server_free(s);
}

static void auto_comes_back(void **state)
{
    struct server *s = three_new();

    (void)state;
    s->fake[0]->err = LIQ_EBLOCKED;
    s->fake[0]->retry_after_ms = 300000;
    assert_string_equal(shown(s), "second");
    s->fake[0]->err = LIQ_OK;
    pass(s, 25000);
    assert_string_equal(shown(s), "second"); /* not before Retry-After */
    assert_int_equal(s->fake[0]->fetches, 1);
    pass(s, 300000);
    assert_string_equal(shown(s), "first");
    server_free(s);
}

/* One failed refresh is no reason to show another exchange's map. */
static void auto_keeps_its_exchange_for_a_minute(void **state)
{
    struct server *s = three_new();
    cJSON *doc;

    (void)state;
    assert_string_equal(shown(s), "first");
    s->fake[0]->err = LIQ_ENET;
    pass(s, 31000);
    doc = ask_json(s, "ticker", "exchange=auto", 200);
    assert_string_equal(text(doc, "exchange"), "first");
    assert_true(cJSON_IsTrue(at(doc, "stale")));
    cJSON_Delete(doc);
    pass(s, 60000);
    assert_string_equal(shown(s), "second");
    server_free(s);
}

/* All fail: the stale data of the first. */
static void auto_prefers_stale_data_to_none(void **state)
{
    struct server *s = three_new();
    cJSON *doc;

    (void)state;
    assert_string_equal(shown(s), "first");
    s->fake[0]->err = s->fake[1]->err = s->fake[2]->err = LIQ_ENET;
    pass(s, 120000);
    doc = ask_json(s, "ticker", "exchange=auto", 200);
    assert_string_equal(text(doc, "exchange"), "first");
    assert_true(cJSON_IsTrue(at(doc, "stale")));
    expect_null(doc, "fallback");
    cJSON_Delete(doc);
    server_free(s);
}

static void symbols_come_from_every_list(void **state)
{
    struct server *s = three_new();
    cJSON *doc;

    (void)state;
    s->fake[1]->list_err = LIQ_ENET;
    doc = ask_json(s, "symbols", NULL, 200);
    assert_int_equal(cJSON_GetArraySize(at(doc, "exchanges")), 3);
    assert_int_equal(cJSON_GetArraySize(at(doc, "warnings")), 1);
    assert_int_equal(s->fake[2]->lists, 1);
    cJSON_Delete(doc);
    /* An exchange without a symbol list is asked for the candles. */
    assert_int_equal(ask_status(s, "ticker", "symbol=NOPEUSDT"), 200);
    s->fake[1]->list_err = LIQ_OK;
    pass(s, 120000);
    assert_int_equal(ask_status(s, "ticker", "symbol=NOPEUSDT"), 404);
    server_free(s);
}

/* --- all and auto with an end -----------------------------------------------
 */

/* The first exchange does not offer 4h: it is excluded, and the end is floored
 * to the close of a candle all the same. */
static void an_end_needs_no_first_exchange(void **state)
{
    static const struct {
        const char *query, *same, *exchange;
    } cases[] = {
        {"exchange=auto&interval=4h&end=2025-12-01T05:25:00Z",
         "exchange=auto&interval=4h&end=2025-12-01T05:40:00Z", "second"},
        {"exchange=all&interval=4h&end=2025-12-01T05:25:00Z",
         "exchange=all&interval=4h&end=2025-12-01T05:40:00Z", "all"},
    };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct server *s = three_new();
        struct liq_cache_counts n;
        cJSON *doc;

        s->fake[0]->lacks_ms = 4 * LIQ_HOUR_MS;
        doc = ask_json(s, "heatmap", cases[i].query, 200);
        assert_string_equal(text(doc, "exchange"), cases[i].exchange);
        assert_true(number(doc, "end") ==
                    (double)(NEW_YEAR - 31 * LIQ_DAY_MS + 4 * LIQ_HOUR_MS));
        assert_int_equal(s->fake[0]->fetches, 0);
        if (i == 1)
            assert_true(cJSON_IsFalse(at(exchange(doc, "first"), "included")));
        cJSON_Delete(doc);
        assert_int_equal(ask_status(s, "heatmap", cases[i].same), 200);
        liq_cache_count(s->cache, LIQ_KIND_RESPONSE, &n);
        assert_int_equal(n.fills, 1); /* one candle, one response */
        server_free(s);
    }
}

/* No exchange offers the interval. */
static void an_end_needs_some_exchange(void **state)
{
    static const char *const choices[] = {"auto", "all"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct server *s = three_new();
        char query[96];

        snprintf(query, sizeof query,
                 "exchange=%s&interval=1d&end=2025-12-01T05:00:00Z",
                 choices[i]);
        assert_int_equal(ask_status(s, "heatmap", query), 404);
        assert_int_equal(s->fake[0]->fetches, 0);
        server_free(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_is_the_sum_in_dollars),
        cmocka_unit_test(all_names_its_sources),
        cmocka_unit_test(the_largest_shows_its_candles),
        cmocka_unit_test(stale_data_is_marked_and_later_excluded),
        cmocka_unit_test(closed_columns_keep_still_while_open_interest_moves),
        cmocka_unit_test(explain_names_the_exchange),
        cmocka_unit_test(no_exchange_responds),
        cmocka_unit_test(one_does_not_list_it_another_fails),
        cmocka_unit_test(auto_had_no_time_for_others),
        cmocka_unit_test(auto_takes_the_first),
        cmocka_unit_test(auto_passes_over_blocked_exchanges_and_says_so),
        cmocka_unit_test(auto_comes_back),
        cmocka_unit_test(auto_keeps_its_exchange_for_a_minute),
        cmocka_unit_test(auto_prefers_stale_data_to_none),
        cmocka_unit_test(symbols_come_from_every_list),
        cmocka_unit_test(an_end_needs_no_first_exchange),
        cmocka_unit_test(an_end_needs_some_exchange),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
