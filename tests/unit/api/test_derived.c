/* Levels, profile, explanation and the single leverage: the same numbers in
 * every response, and in the grid. */
#include "server.h"

static const char *const QUERY = "bars=100&rows=200";

static double cell(const cJSON *doc, int row, int column)
{
    const cJSON *r = cJSON_GetArrayItem(at(doc, "grid.cells"), row);

    return cJSON_GetArrayItem(r, column)->valuedouble;
}

/* Row r of an array of numbers. */
static double item(const cJSON *doc, const char *path, int r)
{
    return cJSON_GetArrayItem(at(doc, path), r)->valuedouble;
}

static void levels_are_the_same_in_every_response(void **state)
{
    struct server *s = server_new(1);
    cJSON *map = ask_json(s, "heatmap", QUERY, 200);
    cJSON *levels = ask_json(s, "levels", QUERY, 200);
    cJSON *profile = ask_json(s, "profile", QUERY, 200);

    (void)state;
    assert_true(cJSON_GetArraySize(at(map, "levels.long")) > 0);
    assert_true(cJSON_GetArraySize(at(map, "levels.short")) > 0);
    expect_same(at(map, "levels"), at(levels, "levels"));
    expect_same(at(map, "levels"), at(profile, "levels"));
    expect_same(at(map, "statistics.imbalance"), at(levels, "imbalance"));
    expect_same(at(map, "statistics.imbalance"), at(profile, "imbalance"));
    assert_true(number(levels, "usd_per_unit") ==
                number(map, "grid.usd_per_unit"));
    cJSON_Delete(map);
    cJSON_Delete(levels);
    cJSON_Delete(profile);
    server_free(s);
}

/* The page draws the profile from the heatmap's response: both are of one
 * moment. */
static void the_heatmap_holds_the_profile(void **state)
{
    static const char *const queries[] = {
        "bars=100&rows=200", "bars=100&rows=50&side=long&tiers=25,50",
        "exchange=all&range=10"};
    struct server *s = server_new(2);

    (void)state;
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        cJSON *map = ask_json(s, "heatmap", queries[i], 200);
        cJSON *profile = ask_json(s, "profile", queries[i], 200);

        expect_same(at(map, "profile"), at(profile, "profile"));
        assert_true(cJSON_GetArraySize(at(map, "profile.total")) > 0);
        cJSON_Delete(map);
        cJSON_Delete(profile);
    }
    server_free(s);
}

/* A level's mass is that of the grid's rows between from and to. */
static void levels_add_up_with_the_grid(void **state)
{
    struct server *s = server_new(1);
    cJSON *map = ask_json(s, "heatmap", QUERY, 200);
    double min = number(map, "grid.price_min");
    double step = number(map, "grid.price_step");
    double quantum = number(map, "grid.quantum");
    int column = (int)number(map, "grid.columns") - 1;
    const char *const sides[] = {"levels.long", "levels.short"};
    const cJSON *level;

    (void)state;
    for (int side = 0; side < 2; side++) {
        cJSON_ArrayForEach(level, at(map, sides[side]))
        {
            int from = (int)lround((number(level, "from") - min) / step);
            int to = (int)lround((number(level, "to") - min) / step);
            double sum = 0.0, peak = 0.0;

            for (int r = from; r < to; r++) {
                sum += cell(map, r, column) * quantum;
                peak = fmax(peak, cell(map, r, column));
            }
            assert_true(fabs(sum - number(level, "mass")) <=
                        (to - from) * quantum / 2 + 1);
            assert_true(fabs(100 * peak / number(map, "grid.max") -
                             number(level, "density")) <= 0.051);
            assert_true(
                fabs(number(level, "mass") * number(map, "grid.usd_per_unit") -
                     number(level, "modelled_usd")) <=
                1.0 + number(map, "grid.usd_per_unit"));
        }
    }
    cJSON_Delete(map);
    server_free(s);
}

static void profile_adds_up_with_the_grid(void **state)
{
    struct server *s = server_new(1);
    cJSON *map = ask_json(s, "heatmap", QUERY, 200);
    cJSON *profile = ask_json(s, "profile", QUERY, 200);
    static const char *const tiers[] = {"profile.tiers.2",  "profile.tiers.3",
                                        "profile.tiers.5",  "profile.tiers.10",
                                        "profile.tiers.25", "profile.tiers.50",
                                        "profile.tiers.100"};
    int rows = (int)number(map, "grid.rows");
    int column = (int)number(map, "grid.columns") - 1;
    int close =
        (int)floor((number(profile, "price") - number(map, "grid.price_min")) /
                   number(map, "grid.price_step"));
    double total = 0.0, up = 0.0;

    (void)state;
    assert_int_equal((int)number(profile, "profile.rows"), rows);
    for (int r = 0; r < rows; r++) {
        double row = item(profile, "profile.total", r), sum = 0.0;

        for (size_t k = 0; k < 7; k++)
            sum += item(profile, tiers[k], r);
        assert_true(fabs(row - sum) <= 0.004);
        assert_true(fabs(row - cell(map, r, column)) <= 0.501);
        total += row;
        if (r > close)
            assert_true(fabs((up += row) -
                             item(profile, "profile.cumulative", r)) <= 0.2);
    }
    assert_true(item(profile, "profile.cumulative", close) == 0.0);
    total += number(profile, "profile.outside.long_below") +
             number(profile, "profile.outside.long_above") +
             number(profile, "profile.outside.short_below") +
             number(profile, "profile.outside.short_above");
    assert_true(
        fabs(total * number(map, "grid.quantum") / number(map, "grid.total") -
             1.0) < 1e-4);
    cJSON_Delete(map);
    cJSON_Delete(profile);
    server_free(s);
}

static void explain_is_the_cell_of_the_grid(void **state)
{
    struct server *s = server_new(1);
    cJSON *map = ask_json(s, "heatmap", QUERY, 200);
    int rows = (int)number(map, "grid.rows");
    int columns = (int)number(map, "grid.columns");

    (void)state;
    for (int i = 0; i < 40; i++) {
        int r = (i * 37 + 11) % rows, c = columns - 1 - (i * 13) % columns;
        double price = number(map, "grid.price_min") +
                       (r + 0.5) * number(map, "grid.price_step");
        char query[160];
        cJSON *why;
        double sum = 0.0;
        const cJSON *cause;

        snprintf(query, sizeof query, "%s&time=%.0f&price=%.6f", QUERY,
                 item(map, "candles.open_time", c) + 1234567, price);
        why = ask_json(s, "explain", query, 200);
        assert_true(number(why, "cell.row") == r);
        assert_true(number(why, "cell.column") == c);
        assert_true(number(why, "cell.value") == cell(map, r, c));
        cJSON_ArrayForEach(cause, at(why, "causes")) sum +=
            number(cause, "share");
        assert_true(fabs(sum - (cJSON_GetArraySize(at(why, "causes")) > 0
                                    ? number(why, "listed_share")
                                    : 0.0)) < 1e-4);
        cJSON_Delete(why);
    }
    cJSON_Delete(map);
    server_free(s);
}

static void filters_hold_everywhere(void **state)
{
    struct server *s = server_new(1);
    cJSON *doc = ask_json(s, "levels", "tiers=50,100&side=short", 200);
    const cJSON *level, *tier;

    (void)state;
    assert_int_equal(cJSON_GetArraySize(at(doc, "levels.long")), 0);
    assert_true(cJSON_GetArraySize(at(doc, "levels.short")) > 0);
    cJSON_ArrayForEach(level, at(doc, "levels.short"))
    {
        cJSON_ArrayForEach(tier, at(level, "tiers"))
            assert_true(strcmp(tier->string, "50") == 0 ||
                        strcmp(tier->string, "100") == 0);
    }
    cJSON_Delete(doc);
    doc = ask_json(s, "profile", "tiers=10", 200);
    assert_int_equal(cJSON_GetArraySize(at(doc, "profile.tiers")), 1);
    cJSON_Delete(doc);
    server_free(s);
}

static void the_single_leverage_has_its_own_knobs(void **state)
{
    struct server *s = server_new(1);
    cJSON *doc = ask_json(
        s, "profile",
        "model=single&leverage=10&lambda=0&margin_rate=0.005&range=20&band=500",
        200);
    double sum = 0.0;
    int n = (int)number(doc, "bands.n");

    (void)state;
    assert_string_equal(text(doc, "model.name"), "single");
    assert_true(number(doc, "model.leverage") == 10.0);
    assert_true(number(doc, "model.long_share") == 0.6);
    assert_true(number(doc, "bands.band") == 500.0);
    for (int i = 0; i < n; i++)
        sum += item(doc, "bands.long", i) + item(doc, "bands.short", i);
    assert_true(sum > 0.0);
    cJSON_Delete(doc);
    server_free(s);
}

/* An explanation and the single model are responses like all others. */
static void every_derived_response_is_cached(void **state)
{
    static const struct {
        const char *route, *query;
    } cases[] = {
        {"explain", "time=2025-12-31T12:00:00Z&price=100000"},
        {"profile", "model=single&leverage=10"},
        {"profile", NULL},
        {"levels", NULL},
        {"klines", "bars=7"},
        {"ticker", NULL},
        {"symbols", NULL},
    };
    struct server *s = server_new(1);

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct liq_cache_counts before, after;
        struct liq_api_response res, again;
        char etag[200];

        res = ask(s, cases[i].route, cases[i].query);
        assert_int_equal(res.status, 200);
        snprintf(etag, sizeof etag, "%s", header(&res, "ETag"));
        assert_int_equal(strlen(etag), 18);
        liq_cache_count(s->cache, LIQ_KIND_RESPONSE, &before);
        again = ask(s, cases[i].route, cases[i].query);
        assert_ptr_equal(again.body, res.body);
        assert_string_equal(header(&again, "ETag"), etag);
        liq_api_response_free(&again);
        again = finish(
            start_with(s, "GET", cases[i].route, cases[i].query, NULL, etag));
        assert_int_equal(again.status, 304);
        liq_api_response_free(&again);
        liq_cache_count(s->cache, LIQ_KIND_RESPONSE, &after);
        assert_int_equal(after.fills, before.fills);
        assert_int_equal(after.hits, before.hits + 2);
        liq_api_response_free(&res);
    }
    server_free(s);
}

/* What the parameter says after decoding decides, for the key as well. */
static void the_model_is_read_decoded(void **state)
{
    static const char *const queries[] = {"model=single", "model=singl%65",
                                          "mode%6c=single", "model=%73ingle"};
    struct server *s = server_new(1);
    struct liq_api_response first = ask(s, "profile", queries[0]);

    (void)state;
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        struct liq_api_response res = ask(s, "profile", queries[i]);

        assert_int_equal(res.status, 200);
        assert_non_null(strstr(res.body, "\"name\":\"single\""));
        assert_ptr_equal(res.body, first.body); /* one key */
        liq_api_response_free(&res);
    }
    liq_api_response_free(&first);
    server_free(s);
}

static void what_is_wrong_is_named(void **state)
{
    static const struct {
        const char *route, *query, *code;
    } cases[] = {
        {"explain", "", "bad_time"},
        {"explain", "time=1760054400000", "bad_price"},
        {"explain", "time=soon&price=1", "bad_time"},
        {"explain", "time=1760054400000&price=-1", "bad_price"},
        {"explain", "time=1000000000000&price=100000", "bad_value"},
        {"profile", "model=double", "bad_model"},
        {"profile", "leverage=10", "bad_parameter"},
        {"profile", "model=single&rows=100", "bad_parameter"},
        {"profile", "model=single&leverage=1", "bad_leverage"},
        {"profile", "model=single&leverage=151", "bad_leverage"},
        {"profile", "model=single&margin_rate=0.2", "bad_margin_rate"},
        {"profile", "model=single&lambda=-1", "bad_lambda"},
        {"profile", "model=single&band=x", "bad_band"},
        {"profile", "model=single&leverage=50&margin_rate=0.03", "bad_value"},
        {"levels", "time=1", "bad_parameter"},
    };
    struct server *s = server_new(1);

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cJSON *doc = ask_json(s, cases[i].route, cases[i].query, 400);

        assert_string_equal(text(doc, "error.code"), cases[i].code);
        cJSON_Delete(doc);
    }
    server_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levels_are_the_same_in_every_response),
        cmocka_unit_test(the_heatmap_holds_the_profile),
        cmocka_unit_test(levels_add_up_with_the_grid),
        cmocka_unit_test(profile_adds_up_with_the_grid),
        cmocka_unit_test(explain_is_the_cell_of_the_grid),
        cmocka_unit_test(filters_hold_everywhere),
        cmocka_unit_test(the_single_leverage_has_its_own_knobs),
        cmocka_unit_test(every_derived_response_is_cached),
        cmocka_unit_test(the_model_is_read_decoded),
        cmocka_unit_test(what_is_wrong_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
