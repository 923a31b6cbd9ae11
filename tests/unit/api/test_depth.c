/* The route depth: bins, walls, and whose order books are in it. */
#include "server.h"

#include "api/depth.h"

#define USED_MS 5000

/* --- bins and walls ------------------------------------------------------- */

static const struct {
    const char *name;
    double price, step;
} steps[] = {
    {"a little above a power of ten", 100100.0, 20.0},
    {"just below it", 99999.0, 10.0},
    {"five", 30000.0, 5.0},
    {"two", 12000.0, 2.0},
    {"one", 6000.0, 1.0},
    {"cents", 0.17, 0.00002},
};

static void test_steps(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        struct liq_depth_bins b;

        print_message("%s\n", steps[i].name);
        liq_depth_bins_init(&b, steps[i].price);
        assert_true(fabs(b.step / steps[i].step - 1.0) < 1e-9);
        assert_true(b.bid.n < LIQ_DEPTH_BINS && b.ask.n < LIQ_DEPTH_BINS);
    }
}

/* Every dollar in range is in exactly one bin, on whatever price. */
static void test_sums(void **state)
{
    static const double price[] = {100000.0, 61234.5, 0.000012345, 3.0,
                                   9999.99};
    struct liq_depth_level bid[400], ask[400];
    struct liq_depth d = {bid, ask, 400, 400};

    (void)state;
    for (size_t p = 0; p < sizeof price / sizeof *price; p++) {
        double usd[2] = {0.0, 0.0};
        struct liq_depth_bins b;

        for (int i = 0; i < 400; i++) {
            double away = 1e-5 + 2e-4 * i;

            bid[i] = (struct liq_depth_level){price[p] * (1.0 - away), 1.0 + i};
            ask[i] = (struct liq_depth_level){price[p] * (1.0 + away), 2.0 + i};
            if (away < 0.0499) {
                usd[0] += bid[i].price * bid[i].base;
                usd[1] += ask[i].price * ask[i].base;
            }
        }
        liq_depth_bins_init(&b, price[p]);
        liq_depth_bins_add(&b, &d);
        liq_depth_bins_end(&b);
        assert_true(fabs(b.bid.sum / usd[0] - 1.0) < 0.01);
        assert_true(fabs(b.ask.sum / usd[1] - 1.0) < 0.01);
        assert_true((double)b.bid.first * b.step >= 0.9498 * price[p]);
        assert_true((double)(b.ask.first + (int64_t)b.ask.n) * b.step <=
                    1.0504 * price[p]);
    }
}

static struct liq_depth_side side_of(const double *usd, size_t n)
{
    struct liq_depth_side s = {.n = n};

    memcpy(s.usd, usd, n * sizeof *usd);
    for (size_t i = 0; i < n; i++)
        s.sum += usd[i];
    return s;
}

static void test_walls(void **state)
{
    struct liq_depth_wall wall[LIQ_DEPTH_WALLS];
    double usd[60];
    struct liq_depth_side s;

    (void)state;
    for (int i = 0; i < 60; i++)
        usd[i] = 10.0 + i % 3;
    s = side_of(usd, 60);
    assert_int_equal(liq_depth_walls(&s, wall), 0);
    usd[20] = 54.0; /* 4.9 times their median, 11 */
    s = side_of(usd, 60);
    assert_int_equal(liq_depth_walls(&s, wall), 0);
    usd[20] = 55.0;
    usd[40] = 200.0;
    s = side_of(usd, 60);
    assert_int_equal(liq_depth_walls(&s, wall), 2);
    assert_int_equal(wall[0].bin, 40);
    assert_int_equal(wall[1].bin, 20);
    assert_true(fabs(wall[1].times - 5.0) < 1e-9);
    /* At most five, the largest. */
    for (int i = 3; i < 60; i += 7)
        usd[i] = 300.0 + i;
    s = side_of(usd, 60);
    assert_int_equal(liq_depth_walls(&s, wall), 5);
    for (int i = 0; i < 5; i++)
        assert_int_equal(wall[i].bin, 59 - 7 * i);
}

/* Few neighbours, or a trifle of the side: no wall.  Where one exchange's book
 * ends and another's goes on: none either. */
static void test_no_walls(void **state)
{
    struct liq_depth_wall wall[LIQ_DEPTH_WALLS];
    double usd[60] = {0.0};
    struct liq_depth_side s;

    (void)state;
    usd[3] = 1.0;
    usd[9] = 100.0;
    s = side_of(usd, 60);
    assert_int_equal(liq_depth_walls(&s, wall), 0);
    for (int i = 0; i < 60; i++)
        usd[i] = i < 30 ? 1000.0 : 1.0;
    s = side_of(usd, 60);
    assert_int_equal(liq_depth_walls(&s, wall), 0);
    usd[50] = 20.0;
    s = side_of(usd, 60);
    assert_int_equal(liq_depth_walls(&s, wall), 0);
}

/* --- the route ------------------------------------------------------------ */

static struct server *server_of(size_t n)
{
    struct server *s = server_plan(n);

    for (size_t i = 0; i < n; i++)
        s->fake[i]->exchange.depth_ms = USED_MS;
    server_start(s, 0);
    return s;
}

static double total(const cJSON *doc, const char *side)
{
    const cJSON *item;
    double sum = 0.0;

    cJSON_ArrayForEach(item, at(at(doc, side), "usd")) sum += item->valuedouble;
    return sum;
}

static const cJSON *exchange(const cJSON *doc, int i)
{
    return cJSON_GetArrayItem(at(doc, "exchanges"), i);
}

static void test_one(void **state)
{
    struct server *s = server_of(1);
    cJSON *doc = ask_json(s, "depth", "symbol=BTCUSDT", 200);
    const cJSON *wall = cJSON_GetArrayItem(at(doc, "walls"), 0);

    (void)state;
    assert_string_equal(text(doc, "exchange"), "fake");
    assert_true(number(doc, "price") == 100000.0);
    assert_true(number(doc, "price_step") == 20.0);
    assert_true(number(doc, "bids.price_min") == 99400.0);
    assert_true(number(doc, "asks.price_min") == 100000.0);
    assert_true(fabs(total(doc, "asks") - 60.0 * 100300.0) < 60.0);
    assert_true(fabs(number(doc, "asks.usd_total") - 60.0 * 100300.0) < 60.0);
    assert_int_equal(cJSON_GetArraySize(at(doc, "walls")), 1);
    assert_string_equal(text(wall, "side"), "bid");
    assert_true(number(wall, "price_min") == 99680.0);
    assert_true(number(wall, "price_max") == 99700.0);
    assert_true(number(wall, "times") > 15.0 && number(wall, "times") < 16.0);
    assert_true(cJSON_IsFalse(at(doc, "stale")));
    expect_null(doc, "stale_reason");
    assert_true(number(exchange(doc, 0), "from") == 99405.0);
    assert_true(number(exchange(doc, 0), "to") == 100595.0);
    assert_int_equal(s->fake[0]->fetches, 0); /* no candles for it */
    cJSON_Delete(doc);
    server_free(s);
}

/* One request for everybody while it is fresh; none that nobody asked for. */
static void test_cached(void **state)
{
    struct server *s = server_of(1);
    struct liq_api_response res;

    (void)state;
    res = ask(s, "depth", "symbol=BTCUSDT");
    assert_string_equal(header(&res, "Cache-Control"),
                        "public, max-age=5, stale-while-revalidate=10");
    liq_api_response_free(&res);
    pass(s, USED_MS - 1);
    assert_int_equal(ask_status(s, "depth", "symbol=BTCUSDT"), 200);
    assert_int_equal(s->fake[0]->books, 1);
    pass(s, 1);
    for (int i = 0; i < 100; i++) {
        pass(s, 1000);
        liq_api_keep_warm(s->api);
        pump(s);
    }
    assert_int_equal(s->fake[0]->books, 1);
    assert_int_equal(ask_status(s, "depth", "symbol=BTCUSDT"), 200);
    assert_int_equal(ask_status(s, "depth", "symbol=ETHUSDT"), 200);
    assert_int_equal(s->fake[0]->books, 3);
    server_free(s);
}

/* The same book is the same response, however old it is: its tag stays. */
static void test_tag(void **state)
{
    struct server *s = server_of(2);
    struct liq_api_response res;
    struct call *c;
    char tag[64];

    (void)state;
    s->fake[1]->exchange.depth_ms = 3L * USED_MS;
    res = ask(s, "depth", "exchange=all");
    snprintf(tag, sizeof tag, "%s", header(&res, "ETag"));
    liq_api_response_free(&res);
    pass(s, USED_MS - 1);
    c = start_with(s, "GET", "depth", "exchange=all", NULL, tag);
    res = finish(c);
    assert_int_equal(res.status, 304);
    assert_string_equal(header(&res, "X-Liqmap-Age-Ms"), "4999");
    liq_api_response_free(&res);
    /* One book is newer, the other is not. */
    pass(s, 1);
    c = start_with(s, "GET", "depth", "exchange=all", NULL, tag);
    res = finish(c);
    assert_int_equal(res.status, 200);
    assert_string_equal(header(&res, "X-Liqmap-Age-Ms"), "5000");
    liq_api_response_free(&res);
    server_free(s);
}

/* After a failure the old book, marked; after a minute the error. */
static void test_stale(void **state)
{
    struct server *s = server_of(1);
    int64_t time_ms = s->fake[0]->time_ms;
    struct liq_api_response res;
    cJSON *doc;

    (void)state;
    assert_int_equal(ask_status(s, "depth", "symbol=BTCUSDT"), 200);
    s->fake[0]->err = LIQ_ENET;
    pass(s, 20000);
    doc = ask_json(s, "depth", "symbol=BTCUSDT", 200);
    assert_true(cJSON_IsTrue(at(doc, "stale")));
    assert_string_equal(text(doc, "stale_reason"), "fake says no");
    assert_true(number(doc, "time") == (double)time_ms);
    cJSON_Delete(doc);
    res = ask(s, "depth", "symbol=BTCUSDT");
    assert_string_equal(header(&res, "X-Liqmap-Age-Ms"), "20000");
    liq_api_response_free(&res);
    pass(s, 41000);
    doc = ask_json(s, "depth", "symbol=BTCUSDT", 502);
    assert_string_equal(text(doc, "error.message"), "fake says no");
    cJSON_Delete(doc);
    s->fake[0]->err = LIQ_OK;
    pass(s, 60000);
    assert_int_equal(ask_status(s, "depth", "symbol=BTCUSDT"), 200);
    server_free(s);
}

static void test_errors(void **state)
{
    struct server *s = server_of(2);
    cJSON *doc;

    (void)state;
    s->fake[0]->exchange.depth_ms = 0;
    doc = ask_json(s, "depth", "exchange=first", 404);
    assert_string_equal(text(doc, "error.code"), "no_depth");
    assert_string_equal(text(doc, "error.message"), "no depth for first");
    cJSON_Delete(doc);
    assert_int_equal(ask_status(s, "depth", "exchange=none"), 400);
    assert_int_equal(ask_status(s, "depth", "interval=1h"), 400);
    assert_int_equal(ask_status(s, "depth", "symbol=x"), 400);
    s->fake[1]->err = LIQ_ERATE;
    assert_int_equal(ask_status(s, "depth", "exchange=second"), 503);
    pass(s, 60000);
    s->fake[1]->err = LIQ_ENOTFOUND;
    assert_int_equal(ask_status(s, "depth", "exchange=second"), 404);
    s->fake[1]->exchange.depth_ms = 0;
    assert_int_equal(ask_status(s, "depth", "exchange=all"), 404);
    assert_int_equal(ask_status(s, "depth", "exchange=auto"), 404);
    server_free(s);
}

/* auto: the first that responds and has a book. */
static void test_auto(void **state)
{
    struct server *s = server_of(3);
    cJSON *doc;

    (void)state;
    s->fake[0]->exchange.depth_ms = 0;
    s->fake[1]->err = LIQ_ENET;
    doc = ask_json(s, "depth", "", 200);
    assert_string_equal(text(doc, "exchange"), "third");
    assert_int_equal(s->fake[0]->books, 0);
    assert_int_equal(cJSON_GetArraySize(at(doc, "exchanges")), 1);
    cJSON_Delete(doc);
    s->fake[2]->err = LIQ_EBLOCKED;
    pass(s, 120000);
    assert_int_equal(ask_status(s, "depth", ""), 502);
    server_free(s);
}

/* A held fetch: auto gives each half of the time that is left. */
static void test_auto_waits(void **state)
{
    struct server *s = server_of(2);
    struct call *c;
    cJSON *doc;

    (void)state;
    s->fake[0]->mode = HELD;
    s->fake[1]->mode = POSTED;
    c = start(s, "depth", "");
    tick(s, s->config.deadline_ms / 2 + 200);
    doc = finish_json(c, 200);
    assert_string_equal(text(doc, "exchange"), "second");
    cJSON_Delete(doc);
    server_free(s);
}

/* The process stood still until the deadline: that the first does not list the
 * symbol says nothing of the second, which was never asked. */
static void test_auto_late(void **state)
{
    struct server *s = server_of(2);
    struct call *c;
    cJSON *doc;

    (void)state;
    s->fake[0]->mode = HELD;
    s->fake[0]->err = LIQ_ENOTFOUND;
    c = start(s, "depth", "");
    pass(s, s->config.deadline_ms);
    fake_release(s->fake[0]);
    doc = finish_json(c, 504);
    assert_string_equal(text(doc, "error.code"), "timeout");
    assert_string_equal(text(doc, "error.message"),
                        "second: no response before the deadline");
    assert_int_equal(s->fake[1]->books, 0);
    cJSON_Delete(doc);
    server_free(s);
}

/* all adds up what came and names what did not. */
static void test_all(void **state)
{
    struct server *s = server_of(4);
    cJSON *doc;

    (void)state;
    s->fake[1]->size = 2.0;
    s->fake[1]->mode = POSTED;
    s->fake[2]->err = LIQ_ENET;
    s->fake[3]->exchange.depth_ms = 0;
    doc = ask_json(s, "depth", "exchange=all", 200);
    assert_string_equal(text(doc, "exchange"), "all");
    assert_true(fabs(total(doc, "asks") - 3.0 * 60.0 * 100300.0) < 200.0);
    assert_int_equal(cJSON_GetArraySize(at(doc, "exchanges")), 4);
    assert_true(cJSON_IsTrue(at(exchange(doc, 1), "used")));
    assert_string_equal(text(exchange(doc, 2), "reason"), "fake says no");
    assert_string_equal(text(exchange(doc, 3), "reason"),
                        "no depth for fourth");
    cJSON_Delete(doc);
    server_free(s);
}

/* One whose price is far from the others' is not added. */
static void test_odd(void **state)
{
    struct server *s = server_of(3);
    cJSON *doc;

    (void)state;
    s->fake[0]->price = 1.2;
    doc = ask_json(s, "depth", "exchange=all", 200);
    assert_true(number(doc, "price") == 100000.0);
    assert_true(cJSON_IsFalse(at(exchange(doc, 0), "used")));
    assert_true(fabs(total(doc, "bids") - 2.0 * (60 + 29) * 99700.0) < 5e4);
    cJSON_Delete(doc);
    server_free(s);
}

/* Two prices, each of two exchanges: the lower one's are shown. */
static void test_torn(void **state)
{
    struct server *s = server_of(4);
    cJSON *doc;

    (void)state;
    s->fake[0]->price = s->fake[2]->price = 1.2;
    doc = ask_json(s, "depth", "exchange=all", 200);
    assert_true(number(doc, "price") == 100000.0);
    for (int i = 0; i < 4; i++)
        assert_true(cJSON_IsTrue(at(exchange(doc, i), "used")) == (i % 2 == 1));
    cJSON_Delete(doc);
    server_free(s);
}

/* Hundreds who ask at once cost one request. */
static void test_crowd(void **state)
{
    struct server *s = server_of(1);
    struct call *c[200];

    (void)state;
    s->fake[0]->mode = HELD;
    for (int i = 0; i < 200; i++)
        c[i] = start(s, "depth", "symbol=BTCUSDT");
    assert_int_equal(s->fake[0]->books, 1);
    fake_release(s->fake[0]);
    for (int i = 0; i < 200; i++)
        assert_int_equal(finish_status(c[i]), 200);
    assert_int_equal(s->fake[0]->books, 1);
    server_free(s);
}

/* It is counted, and its books have lines of their own. */
static void test_metrics(void **state)
{
    struct server *s = server_of(1);
    struct liq_api_response res;
    cJSON *doc;

    (void)state;
    assert_int_equal(ask_status(s, "depth", "symbol=BTCUSDT"), 200);
    res = finish(start(s, "../../metrics", NULL));
    assert_non_null(res.body);
    assert_non_null(strstr(res.body, "requests_total{route=\"depth\""));
    assert_non_null(strstr(res.body, "cache_entries{kind=\"depth\"} 1"));
    liq_api_response_free(&res);
    doc = ask_json(s, "health", NULL, 200);
    assert_int_equal((int)number(doc, "cache.depth.keys"), 1);
    cJSON_Delete(doc);
    server_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_steps),      cmocka_unit_test(test_sums),
        cmocka_unit_test(test_walls),      cmocka_unit_test(test_no_walls),
        cmocka_unit_test(test_one),        cmocka_unit_test(test_cached),
        cmocka_unit_test(test_tag),        cmocka_unit_test(test_stale),
        cmocka_unit_test(test_errors),     cmocka_unit_test(test_auto),
        cmocka_unit_test(test_auto_waits), cmocka_unit_test(test_auto_late),
        cmocka_unit_test(test_all),        cmocka_unit_test(test_odd),
        cmocka_unit_test(test_torn),       cmocka_unit_test(test_crowd),
        cmocka_unit_test(test_metrics),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
