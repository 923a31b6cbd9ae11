/* The epoch of a response: while it stays, closed columns stay; what changes
 * them changes it. */
#include "server.h"

static struct server *three_new(void)
{
    struct server *s = server_new(3);

    s->fake[1]->size = s->fake[1]->interest = 3.0;
    s->fake[2]->size = s->fake[2]->interest = 0.5;
    return s;
}

static const char *epoch_of(struct server *s, const char *query)
{
    static char epochs[4][20];
    static int i;
    cJSON *doc = ask_json(s, "levels", query, 200);

    i = (i + 1) % 4;
    snprintf(epochs[i], sizeof epochs[i], "%s", text(doc, "epoch"));
    assert_int_equal(strlen(epochs[i]), 16);
    cJSON_Delete(doc);
    return epochs[i];
}

static double item(const cJSON *doc, const char *path, int i)
{
    return cJSON_GetArrayItem(at(doc, path), i)->valuedouble;
}

static void every_map_names_the_same(void **state)
{
    static const char *const choice[] = {"exchange=first", "exchange=all"};
    static const char *const routes[] = {"heatmap", "profile", "explain"};
    struct server *s = three_new();

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const char *epoch = epoch_of(s, choice[i]);

        for (size_t j = 0; j < 3; j++) {
            char query[96];
            cJSON *doc;

            snprintf(query, sizeof query, "%s%s%s", choice[i],
                     j == 2 ? "&time=2025-12-31T23:30:00Z" : "",
                     j == 2 ? "&price=99000" : "");
            doc = ask_json(s, routes[j], query, 200);
            assert_string_equal(text(doc, "epoch"), epoch);
            cJSON_Delete(doc);
        }
    }
    assert_string_not_equal(epoch_of(s, choice[0]), epoch_of(s, choice[1]));
    server_free(s);
}

/* Two maps of one scale: every column that is closed in both. */
static void expect_same_columns(const cJSON *a, const cJSON *b)
{
    const cJSON *row = at(b, "grid.cells")->child, *other;

    assert_string_equal(text(a, "epoch"), text(b, "epoch"));
    assert_true(number(a, "grid.quantum") == number(b, "grid.quantum"));
    assert_true(number(a, "grid.price_min") == number(b, "grid.price_min"));
    cJSON_ArrayForEach(other, at(a, "grid.cells"))
    {
        for (int j = 1; j < 99; j++)
            assert_true(cJSON_GetArrayItem(other, j)->valuedouble ==
                        cJSON_GetArrayItem(row, j - 1)->valuedouble);
        row = row->next;
    }
}

/* A candle closes, open interest moves by a few percent. */
static void it_stays_while_candles_come(void **state)
{
    static const char *const query[] = {"bars=100&rows=100&exchange=second",
                                        "bars=100&rows=100&exchange=all"};
    struct server *s = three_new();
    cJSON *before[2];

    (void)state;
    for (size_t i = 0; i < 2; i++)
        before[i] = ask_json(s, "heatmap", query[i], 200);
    pass(s, LIQ_HOUR_MS);
    s->fake[0]->interest *= 1.01;
    for (size_t i = 0; i < 2; i++) {
        cJSON *after = ask_json(s, "heatmap", query[i], 200);

        expect_same_columns(before[i], after);
        cJSON_Delete(before[i]);
        cJSON_Delete(after);
    }
    server_free(s);
}

/* ... and is the same again when the exchange is back. */
static void the_set_of_exchanges_changes_it(void **state)
{
    struct server *s = three_new();
    const char *first = epoch_of(s, "exchange=all"), *second, *third;

    (void)state;
    s->fake[2]->err = LIQ_ENET;
    pass(s, s->config.stale_ms + 1000);
    second = epoch_of(s, "exchange=all");
    assert_string_not_equal(first, second);
    s->fake[2]->err = LIQ_OK;
    pass(s, 60000);
    third = epoch_of(s, "exchange=all");
    assert_string_equal(first, third);
    server_free(s);
}

/* The newest column's values, added up. */
static double newest_column(const cJSON *map)
{
    int columns = (int)number(map, "grid.columns");
    double sum = 0.0;
    const cJSON *row;

    cJSON_ArrayForEach(row, at(map, "grid.cells")) sum +=
        cJSON_GetArrayItem(row, columns - 1)->valuedouble;
    return sum * number(map, "grid.quantum");
}

/* Each tenth cell of the newest column is what explain says of it. */
static void expect_explained(struct server *s, const char *query,
                             const cJSON *map)
{
    int columns = (int)number(map, "grid.columns");

    for (int r = 0; r < (int)number(map, "grid.rows"); r += 10) {
        char cell[160];
        cJSON *why;

        snprintf(cell, sizeof cell, "%s&time=%.0f&price=%.6f", query,
                 item(map, "candles.open_time", columns - 1),
                 number(map, "grid.price_min") +
                     (r + 0.5) * number(map, "grid.price_step"));
        why = ask_json(s, "explain", cell, 200);
        assert_true(
            number(why, "cell.value") ==
            cJSON_GetArrayItem(cJSON_GetArrayItem(at(map, "grid.cells"), r),
                               columns - 1)
                ->valuedouble);
        cJSON_Delete(why);
    }
}

/* A candle closes while an exchange does not respond: what it has stands as its
 * last candle left it, and the epoch says that closed columns will change. */
static void an_exchange_that_is_behind_changes_it(void **state)
{
    static const char query[] = "bars=100&rows=100&exchange=all";
    struct server *s = three_new();
    cJSON *before, *behind, *after;

    (void)state;
    s->fake[2]->interest = 2.9;
    pass(s, LIQ_HOUR_MS - 30000 - s->fake[0]->time_ms % LIQ_HOUR_MS);
    before = ask_json(s, "heatmap", query, 200);
    s->fake[2]->err = LIQ_ENET;
    pass(s, 60000);
    behind = ask_json(s, "heatmap", query, 200);
    assert_true(item(behind, "candles.open_time", 99) ==
                item(before, "candles.open_time", 99) + LIQ_HOUR_MS);
    expect_explained(s, query, behind);
    s->fake[2]->err = LIQ_OK;
    pass(s, 60000); /* one that failed is not waited for */
    assert_int_equal(ask_status(s, "heatmap", query), 200);
    pass(s, 60000);
    after = ask_json(s, "heatmap", query, 200);
    assert_true(newest_column(behind) > 0.95 * newest_column(after));
    assert_true(newest_column(behind) < 1.05 * newest_column(after));
    assert_string_not_equal(text(behind, "epoch"), text(before, "epoch"));
    expect_same_columns(before, after);
    cJSON_Delete(before);
    cJSON_Delete(behind);
    cJSON_Delete(after);
    server_free(s);
}

static void weights_change_it(void **state)
{
    struct server *s = three_new();
    const char *first = epoch_of(s, "exchange=all");
    const char *one = epoch_of(s, "exchange=first");

    (void)state;
    s->fake[2]->interest = 0.9;
    pass(s, 60000);
    assert_string_equal(epoch_of(s, "exchange=all"), first);
    pass(s, LIQ_HOUR_MS);
    assert_string_not_equal(epoch_of(s, "exchange=all"), first);
    assert_string_equal(epoch_of(s, "exchange=first"), one);
    server_free(s);
}

static void limits_change_it(void **state)
{
    struct server *s = three_new();
    const char *first = epoch_of(s, "exchange=first");
    const char *second = epoch_of(s, "exchange=second");
    const char *all = epoch_of(s, "exchange=all");

    (void)state;
    s->fake[1]->contract =
        (struct liq_contract){40.0, 0.0125, false, "contract"};
    pass(s, 60000);
    assert_string_equal(epoch_of(s, "exchange=first"), first);
    assert_string_not_equal(epoch_of(s, "exchange=second"), second);
    assert_string_not_equal(epoch_of(s, "exchange=all"), all);
    server_free(s);
}

/* The last closed candle of the engine. */
static void a_correction_changes_it_for_good(void **state)
{
    struct server *s = server_new(1);
    char first[20], second[20];

    (void)state;
    snprintf(first, sizeof first, "%s", epoch_of(s, NULL));
    s->fake[0]->corrected_ms = NEW_YEAR - LIQ_HOUR_MS / 4;
    pass(s, 60000);
    snprintf(second, sizeof second, "%s", epoch_of(s, NULL));
    assert_string_not_equal(first, second);
    pass(s, LIQ_HOUR_MS);
    assert_string_equal(epoch_of(s, NULL), second);
    server_free(s);
}

/* Another process with the same data. */
static void a_restart_keeps_it(void **state)
{
    struct server *s = server_new(1);
    char first[20];

    (void)state;
    snprintf(first, sizeof first, "%s", epoch_of(s, NULL));
    pass(s, 60000);
    assert_string_equal(epoch_of(s, NULL), first);
    server_free(s);
    s = server_new(1);
    pass(s, 5 * LIQ_MINUTE_MS);
    assert_string_equal(epoch_of(s, NULL), first);
    server_free(s);
    /* Other old candles. */
    s = server_new(1);
    s->fake[0]->corrected_ms = NEW_YEAR - 700 * LIQ_HOUR_MS;
    assert_string_not_equal(epoch_of(s, NULL), first);
    server_free(s);
}

/* Candles alone have none. */
static void other_routes_have_none(void **state)
{
    static const char *const routes[] = {"klines", "ticker"};
    struct server *s = server_new(1);

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        cJSON *doc = ask_json(s, routes[i], NULL, 200);

        assert_null(cJSON_GetObjectItemCaseSensitive(doc, "epoch"));
        cJSON_Delete(doc);
    }
    server_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_map_names_the_same),
        cmocka_unit_test(it_stays_while_candles_come),
        cmocka_unit_test(the_set_of_exchanges_changes_it),
        cmocka_unit_test(an_exchange_that_is_behind_changes_it),
        cmocka_unit_test(weights_change_it),
        cmocka_unit_test(limits_change_it),
        cmocka_unit_test(a_correction_changes_it_for_good),
        cmocka_unit_test(a_restart_keeps_it),
        cmocka_unit_test(other_routes_have_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
