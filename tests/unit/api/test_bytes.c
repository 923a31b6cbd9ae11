/* The cache's bound in bytes while strangers vary what they ask for. */
#include "server.h"

#define MIB ((size_t)1 << 20)

static size_t cached_bytes(struct server *s)
{
    struct liq_cache_counts n;

    liq_cache_count(s->cache, (enum liq_kind)0, &n);
    return n.bytes;
}

/* As ask(), with the bound checked after each task. */
static struct liq_api_response ask_within(struct server *s, const char *query)
{
    struct call *c = start(s, "heatmap", query);
    size_t max = (size_t)s->config.max_bytes;

    assert_true(cached_bytes(s) <= max);
    while (liq_work_run_one(s->work))
        assert_true(cached_bytes(s) <= max);
    return finish(c);
}

/* Ask for so many ranges, then again for the first ones. */
static void flood(size_t max_bytes, const char *shape, int ranges, int again)
{
    struct server *s = server_plan(1);
    char query[64], range[32], etag[2][200] = {"", ""};
    struct liq_cache_counts n;

    s->config.max_bytes = (int64_t)max_bytes;
    server_start(s, 0);
    for (int i = 0; i < ranges + again; i++) {
        struct liq_api_response res;

        snprintf(range, sizeof range, "\"range\":%d}", 10 + i % ranges);
        snprintf(query, sizeof query, "%s&range=%d", shape, 10 + i % ranges);
        res = ask_within(s, query);
        assert_int_equal(res.status, 200);
        assert_non_null(strstr(res.body, range));
        if (i < again)
            snprintf(etag[i], sizeof etag[i], "%s", header(&res, "ETag"));
        if (i >= ranges)
            assert_string_equal(header(&res, "ETag"), etag[i - ranges]);
        liq_api_response_free(&res);
    }
    liq_cache_count(s->cache, (enum liq_kind)0, &n);
    assert_true(n.evicted + n.refused > 0);
    /* Maps go before their responses, which are small. */
    liq_cache_count(s->cache, LIQ_KIND_RESPONSE, &n);
    assert_int_equal(n.fills, ranges);
    assert_int_equal(n.evicted, 0);
    /* Responses and maps never push out what the exchange sent. */
    assert_int_equal(s->fake[0]->fetches, 1);
    liq_cache_count(s->cache, LIQ_KIND_SERIES, &n);
    assert_int_equal(n.evicted, 0);
    server_free(s);
}

/* The largest maps: one fits. */
static void large_maps_stay_within_the_bound(void **state)
{
    (void)state;
    flood(12 * MIB, "bars=1500&rows=800", 3, 1);
}

/* Less than the settings allow: not one of these maps fits. */
static void what_does_not_fit_is_given_all_the_same(void **state)
{
    (void)state;
    flood(MIB, "bars=1500&rows=800", 1, 1);
}

static void many_small_maps_stay_within_the_bound(void **state)
{
    (void)state;
    flood(4 * MIB, "bars=100&rows=100", 30, 2);
}

/* Cells to explain, moments of the past, single models: many different keys,
 * and what is live stays. */
static void what_is_seldom_asked_again_goes_first(void **state)
{
    struct server *s = server_plan(1);
    struct liq_cache_counts n, after;
    struct liq_api_response live, again;
    char query[96];

    (void)state;
    s->config.max_bytes = (int64_t)MIB;
    server_start(s, 0);
    live = ask(s, "heatmap", "bars=100&rows=50");
    for (int i = 0; i < 12; i++) {
        snprintf(query, sizeof query, "bars=100&rows=50&time=%lld&price=%d",
                 (long long)(NEW_YEAR - LIQ_HOUR_MS), 99000 + i * 20);
        assert_int_equal(ask_status(s, "explain", query), 200);
        snprintf(query, sizeof query, "model=single&leverage=%d", 2 + i);
        assert_int_equal(ask_status(s, "profile", query), 200);
        snprintf(query, sizeof query, "bars=100&rows=50&end=%lld",
                 (long long)(NEW_YEAR - (i + 1) * LIQ_DAY_MS));
        assert_int_equal(ask_status(s, "heatmap", query), 200);
        assert_true(cached_bytes(s) <= (size_t)s->config.max_bytes);
    }
    liq_cache_count(s->cache, (enum liq_kind)LIQ_KIND_SERIES, &n);
    assert_true(n.evicted > 0); /* of the past */
    liq_cache_count(s->cache, LIQ_KIND_RESPONSE, &n);
    again = ask(s, "heatmap", "bars=100&rows=50");
    assert_string_equal(again.body, live.body);
    liq_cache_count(s->cache, LIQ_KIND_RESPONSE, &after);
    assert_int_equal(after.fills, n.fills);
    liq_api_response_free(&again);
    liq_api_response_free(&live);
    server_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(large_maps_stay_within_the_bound),
        cmocka_unit_test(what_does_not_fit_is_given_all_the_same),
        cmocka_unit_test(many_small_maps_stay_within_the_bound),
        cmocka_unit_test(what_is_seldom_asked_again_goes_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
