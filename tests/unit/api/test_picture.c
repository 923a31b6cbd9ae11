/* The heatmap as an image: headers, cache, errors, and what is drawn when. */
#include "server.h"

#define PATH "heatmap.png"

static size_t fills(struct server *s, enum liq_kind kind)
{
    struct liq_cache_counts counts;

    liq_cache_count(s->cache, kind, &counts);
    return (size_t)counts.fills;
}

/* A number of the header of a PNG. */
static unsigned header_number(const struct liq_api_response *res, size_t at)
{
    const unsigned char *p = (const unsigned char *)res->body + at;

    return (unsigned)p[0] << 24 | (unsigned)p[1] << 16 | (unsigned)p[2] << 8 |
           p[3];
}

static void expect_png(const struct liq_api_response *res, unsigned width,
                       unsigned height)
{
    assert_int_equal(res->status, 200);
    assert_true(res->len > 1000);
    assert_memory_equal(res->body, "\x89PNG\r\n\x1a\n", 8);
    assert_int_equal(header_number(res, 16), width);
    assert_int_equal(header_number(res, 20), height);
    assert_string_equal(header(res, "Content-Type"), "image/png");
    assert_string_equal(header(res, "X-Content-Type-Options"), "nosniff");
    assert_string_equal(header(res, "Access-Control-Allow-Origin"), "*");
}

static void an_image_has_its_size_and_headers(void **state)
{
    struct server *s = server_new(1);
    struct liq_api_response res = ask(s, PATH, NULL);

    (void)state;
    expect_png(&res, 1200, 630);
    assert_string_equal(header(&res, "Cache-Control"),
                        "public, max-age=20, stale-while-revalidate=10");
    liq_api_response_free(&res);
    res = ask(s, PATH, "width=807&height=1600&theme=light&bars=100&range=20");
    expect_png(&res, 800, 1600);
    liq_api_response_free(&res);
    server_free(s);
}

/* It is compressed already. */
static void it_is_never_sent_as_gzip(void **state)
{
    struct server *s = server_new(1);
    struct liq_api_response res =
        finish(start_with(s, "GET", PATH, NULL, "gzip", NULL));

    (void)state;
    expect_png(&res, 1200, 630);
    assert_string_equal(header(&res, "Content-Encoding"), "");
    liq_api_response_free(&res);
    server_free(s);
}

static void tags_head_and_304_work_as_for_json(void **state)
{
    struct server *s = server_new(1);
    struct liq_api_response res = ask(s, PATH, NULL), other;
    char etag[64];

    (void)state;
    snprintf(etag, sizeof etag, "%s", header(&res, "ETag"));
    assert_true(strlen(etag) > 10);
    other = finish(start_with(s, "HEAD", PATH, NULL, "gzip", NULL));
    assert_int_equal(other.status, 200);
    assert_null(other.body);
    assert_int_equal(other.len, res.len);
    assert_string_equal(header(&other, "ETag"), etag);
    liq_api_response_free(&other);
    other = finish(start_with(s, "GET", PATH, NULL, "gzip", etag));
    assert_int_equal(other.status, 304);
    assert_null(other.body);
    liq_api_response_free(&other);
    other = ask(s, PATH, "palette=ember");
    assert_string_not_equal(header(&other, "ETag"), etag);
    liq_api_response_free(&other);
    liq_api_response_free(&res);
    server_free(s);
}

/* Twenty who ask at once wait for one image, and it is of the snapshot that the
 * JSON is of. */
static void it_is_made_once_of_what_the_json_is_made_of(void **state)
{
    struct server *s = server_new(1);
    struct call *c[20];
    size_t asked;

    (void)state;
    cJSON_Delete(ask_json(s, "heatmap", NULL, 200));
    asked = fills(s, LIQ_KIND_SERIES);
    for (size_t i = 0; i < 20; i++)
        c[i] = start(s, PATH, "width=640");
    for (size_t i = 0; i < 20; i++)
        assert_int_equal(finish_status(c[i]), 200);
    assert_int_equal(fills(s, LIQ_KIND_RESPONSE), 2);
    assert_int_equal(fills(s, LIQ_KIND_SERIES), asked);
    assert_int_equal(s->fake[0]->fetches, 1);
    server_free(s);
}

static void a_bad_request_is_refused_as_json(void **state)
{
    struct server *s = server_new(1);
    cJSON *doc = ask_json(s, PATH, "width=1", 400);

    (void)state;
    assert_string_equal(text(doc, "error.code"), "bad_width");
    assert_int_equal(cJSON_GetArraySize(at(doc, "error.allowed")), 1);
    cJSON_Delete(doc);
    doc = ask_json(s, PATH, "symbol=btc", 400);
    assert_string_equal(text(doc, "error.code"), "bad_symbol");
    cJSON_Delete(doc);
    doc = ask_json(s, "heatmap.jpg", NULL, 404);
    cJSON_Delete(doc);
    server_free(s);
}

static void a_failing_exchange_gives_a_stale_image_then_503(void **state)
{
    struct server *s = server_new(1);
    struct liq_api_response good = ask(s, PATH, NULL), stale;

    (void)state;
    s->fake[0]->err = LIQ_ENET;
    pass(s, 100000);
    stale = ask(s, PATH, NULL);
    expect_png(&stale, 1200, 630);
    assert_string_equal(header(&stale, "X-Liqmap-Age-Ms"), "100000");
    /* It says so, on a line of its own. */
    assert_true(stale.len != good.len);
    liq_api_response_free(&stale);
    liq_api_response_free(&good);
    pass(s, 600000);
    cJSON_Delete(ask_json(s, PATH, NULL, 503));
    server_free(s);
}

/* Nobody looks at it all the time: it is drawn when it is asked for. */
static void it_is_not_renewed_in_the_background(void **state)
{
    struct server *s = server_new(1);

    (void)state;
    assert_int_equal(ask_status(s, PATH, NULL), 200);
    pass(s, s->config.ttl_ms - s->config.lead_ms);
    assert_int_equal(liq_api_keep_warm(s->api), 0);
    assert_int_equal(ask_status(s, "heatmap", NULL), 200);
    pass(s, s->config.ttl_ms);
    assert_true(liq_api_keep_warm(s->api) > 0);
    pump(s);
    server_free(s);
}

/* As many as push out some of them; each costs more under the sanitizers. */
#define SIZES (TEST_DIVISOR > 1 ? 24 : 60)
#define SIZES_BYTES (TEST_DIVISOR > 1 ? 2 << 20 : 8 << 20)

/* However many sizes somebody asks for, the map stays in the cache. */
static void many_sizes_push_out_no_map(void **state)
{
    struct server *s = server_plan(1);
    struct liq_cache_counts counts;
    char query[64];
    size_t before;

    (void)state;
    s->config.max_bytes = SIZES_BYTES;
    server_start(s, 0);
    assert_int_equal(ask_status(s, "heatmap", "bars=100&rows=50"), 200);
    for (int i = 0; i < SIZES; i++) {
        snprintf(query, sizeof query, "bars=100&rows=50&width=%d&height=%d",
                 1200 + 10 * i, 400 + 10 * i);
        assert_int_equal(ask_status(s, PATH, query), 200);
        liq_cache_count(s->cache, 0, &counts);
        assert_true(counts.bytes <= (size_t)s->config.max_bytes);
    }
    assert_true(counts.evicted > 0);
    before = fills(s, LIQ_KIND_RESPONSE);
    assert_int_equal(ask_status(s, "heatmap", "bars=100&rows=50"), 200);
    assert_int_equal(fills(s, LIQ_KIND_RESPONSE), before);
    server_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_image_has_its_size_and_headers),
        cmocka_unit_test(it_is_never_sent_as_gzip),
        cmocka_unit_test(tags_head_and_304_work_as_for_json),
        cmocka_unit_test(it_is_made_once_of_what_the_json_is_made_of),
        cmocka_unit_test(a_bad_request_is_refused_as_json),
        cmocka_unit_test(a_failing_exchange_gives_a_stale_image_then_503),
        cmocka_unit_test(it_is_not_renewed_in_the_background),
        cmocka_unit_test(many_sizes_push_out_no_map),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
