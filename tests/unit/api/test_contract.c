/* Kinds of contracts: which exchanges a query admits, what it is called, and
 * what is refused. */
#include "server.h"

/* Two exchanges, one of them with a counterpart of the other kind. */
static struct server *three_new(void)
{
    static const char *const names[] = {"okx-coin", "okx", "gate"};
    struct server *s = server_plan(3);

    for (size_t i = 0; i < 3; i++)
        snprintf(s->fake[i]->name, sizeof s->fake[i]->name, "%s", names[i]);
    s->fake[0]->exchange.inverse = true;
    server_start(s, 0);
    return s;
}

/* Names of the exchanges of a sum, with commas between them. */
static const char *sources(const cJSON *doc)
{
    static char names[128];
    const cJSON *e;

    names[0] = '\0';
    cJSON_ArrayForEach(e, at(doc, "exchanges"))
    {
        size_t n = strlen(names);

        snprintf(names + n, sizeof names - n, "%s%s", n ? "," : "",
                 text(e, "name"));
    }
    return names;
}

static void a_sum_has_the_kind_that_is_asked_for(void **state)
{
    static const struct {
        const char *query, *contract, *sources;
    } cases[] = {
        {"exchange=all", "both", "okx,gate,okx-coin"},
        {"exchange=all&contract=both", "both", "okx,gate,okx-coin"},
        {"exchange=all&contract=linear", "linear", "okx,gate"},
        {"exchange=all&contract=inverse", "inverse", "okx-coin"},
    };
    struct server *s = three_new();

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cJSON *doc = ask_json(s, "levels", cases[i].query, 200);

        assert_string_equal(text(doc, "contract"), cases[i].contract);
        assert_string_equal(sources(doc), cases[i].sources);
        cJSON_Delete(doc);
    }
    server_free(s);
}

/* Inverse contracts come last in all that is of several exchanges. */
static void depth_has_the_order_of_maps(void **state)
{
    static const char *const names[] = {"okx", "gate", "okx-coin"};
    struct server *s = three_new();
    cJSON *doc;
    int i = 0;

    (void)state;
    for (int j = 0; j < 3; j++)
        s->fake[j]->exchange.depth_ms = 5000;
    doc = ask_json(s, "depth", "symbol=BTCUSDT&exchange=all", 200);
    assert_int_equal(cJSON_GetArraySize(at(doc, "exchanges")), 3);
    for (const cJSON *e = at(doc, "exchanges")->child; e; e = e->next)
        assert_string_equal(text(e, "exchange"), names[i++]);
    cJSON_Delete(doc);
    doc = ask_json(s, "depth", "symbol=BTCUSDT", 200);
    assert_string_equal(text(doc, "exchange"), "okx");
    cJSON_Delete(doc);
    server_free(s);
}

static void each_kind_has_its_own_map(void **state)
{
    struct server *s = three_new();
    cJSON *both = ask_json(s, "heatmap", "exchange=all", 200);
    cJSON *linear = ask_json(s, "heatmap", "exchange=all&contract=linear", 200);
    cJSON *coin = ask_json(s, "heatmap", "exchange=all&contract=inverse", 200);

    (void)state;
    assert_string_not_equal(text(both, "epoch"), text(linear, "epoch"));
    assert_string_not_equal(text(coin, "epoch"), text(linear, "epoch"));
    assert_true(number(both, "statistics.open_interest_usd") ==
                number(linear, "statistics.open_interest_usd") +
                    number(coin, "statistics.open_interest_usd"));
    assert_true(cJSON_IsTrue(at(coin, "model.limits.inverse")));
    cJSON_Delete(both);
    cJSON_Delete(linear);
    cJSON_Delete(coin);
    server_free(s);
}

/* okx-coin comes first in the settings. */
static void auto_takes_linear_ones_first(void **state)
{
    static const struct {
        const char *query, *exchange, *contract;
    } cases[] = {
        {"", "okx", "both"},
        {"contract=both", "okx", "both"},
        {"contract=linear", "okx", "linear"},
        {"contract=inverse", "okx-coin", "inverse"},
    };
    struct server *s = three_new();

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cJSON *doc = ask_json(s, "ticker", cases[i].query, 200);

        assert_string_equal(text(doc, "exchange"), cases[i].exchange);
        assert_string_equal(text(doc, "contract"), cases[i].contract);
        cJSON_Delete(doc);
    }
    assert_int_equal(s->fake[2]->fetches, 0);
    server_free(s);
}

static void one_exchange_has_a_counterpart(void **state)
{
    static const struct {
        const char *query, *exchange, *contract;
    } cases[] = {
        {"exchange=okx", "okx", "linear"},
        {"exchange=okx&contract=linear", "okx", "linear"},
        {"exchange=okx&contract=inverse", "okx-coin", "inverse"},
        {"contract=inverse&exchange=okx-coin", "okx-coin", "inverse"},
        {"exchange=okx-coin", "okx-coin", "inverse"},
        {"exchange=okx-coin&contract=linear", "okx", "linear"},
        {"exchange=gate&contract=linear", "gate", "linear"},
    };
    struct server *s = three_new();
    struct liq_cache_counts n;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cJSON *doc = ask_json(s, "levels", cases[i].query, 200);

        assert_string_equal(text(doc, "exchange"), cases[i].exchange);
        assert_string_equal(text(doc, "contract"), cases[i].contract);
        cJSON_Delete(doc);
    }
    liq_cache_count(s->cache, LIQ_KIND_RESPONSE, &n);
    assert_int_equal(n.fills, 3);
    server_free(s);
}

static void what_is_not_there_is_refused(void **state)
{
    static const struct {
        const char *query, *message, *first;
    } cases[] = {
        {"contract=spot", "contract is \"spot\", expected a kind of contract",
         "linear"},
        {"exchange=gate&contract=inverse", "gate has no inverse contracts here",
         "linear"},
        {"exchange=okx&contract=both",
         "contract is \"both\", which needs exchange=all or auto; expected one "
         "kind for okx",
         "linear"},
    };
    struct server *s = three_new();
    cJSON *doc;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        doc = ask_json(s, "heatmap", cases[i].query, 400);
        assert_string_equal(text(doc, "error.code"), "bad_contract");
        assert_string_equal(text(doc, "error.message"), cases[i].message);
        assert_string_equal(
            cJSON_GetArrayItem(at(doc, "error.allowed"), 0)->valuestring,
            cases[i].first);
        cJSON_Delete(doc);
    }
    server_free(s);
    s = server_new(2);
    doc = ask_json(s, "heatmap", "exchange=all&contract=inverse", 400);
    assert_string_equal(text(doc, "error.message"),
                        "no exchange with inverse contracts is served here");
    cJSON_Delete(doc);
    server_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sum_has_the_kind_that_is_asked_for),
        cmocka_unit_test(depth_has_the_order_of_maps),
        cmocka_unit_test(each_kind_has_its_own_map),
        cmocka_unit_test(auto_takes_linear_ones_first),
        cmocka_unit_test(one_exchange_has_a_counterpart),
        cmocka_unit_test(what_is_not_there_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
