#include <dirent.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cjson/cJSON.h>
#include <cmocka.h>
#include "liqmap/interval.h"
#include "unit/exchange/bodies.h"
#include "unit/exchange/guard.h"

/* The file itself, so that its allocations can be made to fail. */
static long countdown;
static void *weak_malloc(size_t n)
{
    return countdown > 0 && --countdown == 0 ? NULL : malloc(n);
}
#define malloc weak_malloc
#include "exchange/json.c"
#undef malloc

/* Every row of the registry. */
static const struct liq_exchange_row *row_at(size_t i)
{
    const struct liq_exchange_info *info = liq_exchange_at(i);

    return info != NULL ? liq_exchange_row(info->name) : NULL;
}

#define EACH_ROW(i, row)                                                       \
    (i) = 0;                                                                   \
    ((row) = row_at(i)) != NULL;                                               \
    (i)++

/* --- the rows ----------------------------------------------------------- */

static void registry(void **state)
{
    struct liq_clock clock = liq_clock_held(1, 1);
    struct liq_exchange_options o = {.clock = &clock};
    const struct liq_exchange_row *row;
    size_t i;

    (void)state;
    for (EACH_ROW(i, row)) {
        struct liq_exchange *x = liq_exchange_new(row->info.name, &o);

        assert_non_null(x);
        assert_ptr_equal(&row->info, liq_exchange_at(i));
        assert_string_equal(x->name, row->info.name);
        assert_string_equal(x->kind, row->kind);
        assert_string_equal(x->source, "live");
        assert_true(x->now_ms(x) == 0);
        assert_string_equal(((struct liq_live_exchange *)x)->base_url,
                            row->info.base_url);
        x->free(x);
    }
    assert_true(i >= 8);
    assert_null(liq_exchange_new("mtgox", &o));
    assert_null(liq_exchange_row(""));
}

static void other_host(void **state)
{
    struct liq_clock clock = liq_clock_held(1, 1);
    struct liq_exchange_options o = {.clock = &clock};
    struct liq_live_exchange *x;

    (void)state;
    x = (struct liq_live_exchange *)liq_exchange_new("kucoin", &o);
    assert_string_equal(x->other_url, "https://api.kucoin.com");
    x->x.free(&x->x);
    o.base_url = "http://127.0.0.1:9000";
    x = (struct liq_live_exchange *)liq_exchange_new("kucoin", &o);
    assert_string_equal(x->other_url, "http://127.0.0.1:9000");
    x->x.free(&x->x);
}

/* Every interval that is shown runs on one that divides it, the exchange has,
 * and whose pages stay far below its limits. */
static void intervals(void **state)
{
    static const char *const shown[] = {"5m", "15m", "1h", "4h", "1d"};
    struct liq_page page[LIQ_PAGES_MAX];
    const struct liq_exchange_row *row;
    size_t i, j, k, n;

    (void)state;
    for (EACH_ROW(i, row))
        for (j = 0; j < 5; j++) {
            int64_t display = liq_interval_ms(shown[j]);
            int64_t now = INT64_C(1760132345678), engine, from;
            const struct liq_interval *iv = liq_row_interval(row, display);
            int spent[LIQ_POOLS] = {0};

            assert_non_null(iv);
            engine = iv->engine_ms;
            assert_true(engine > 0 && display % engine == 0);
            iv = liq_row_interval(row, engine);
            assert_non_null(iv);
            from = liq_interval_floor(now, display) - 1874 * display;
            n = liq_plan_pages(row, iv, from, liq_interval_floor(now, engine),
                               now, true, false, page);
            assert_true(n > 0);
            for (k = 0; k < n; k++)
                spent[row->candles[page[k].endpoint].pool] += page[k].weight;
            for (k = 0; k < LIQ_POOLS; k++) {
                int limit = liq_pool_of(row, (int)k).limit;
                int most = row->candles[1].most_pages;

                if (k == 1 && most > 0 && spent[k] > most)
                    spent[k] = most; /* the oldest are given up */
                if (spent[k] > limit / 2)
                    fail_msg("%s %s: %d of %d", row->info.name, shown[j],
                             spent[k], limit);
            }
        }
}

/* All five of one symbol at a cold start fit what the exchange itself allows in
 * five seconds, or in its window where that is longer. */
static void five_intervals(void **state)
{
    static const char *const shown[] = {"5m", "15m", "1h", "4h", "1d"};
    struct liq_page page[LIQ_PAGES_MAX];
    const struct liq_exchange_row *row;
    size_t i, j, k, n;

    (void)state;
    for (EACH_ROW(i, row)) {
        int64_t now = INT64_C(1760132345678);
        int spent[LIQ_POOLS] = {0};

        for (j = 0; j < 5; j++) {
            int64_t display = liq_interval_ms(shown[j]);
            const struct liq_interval *iv = liq_row_interval(
                row, liq_row_interval(row, display)->engine_ms);
            int64_t from = liq_interval_floor(now, display) - 1874 * display;
            const struct liq_endpoint *e;

            if (iv->depth > 0 && now - from > iv->depth * iv->ms)
                from = liq_interval_floor(now, iv->ms) - iv->depth * iv->ms;
            n = liq_plan_pages(row, iv, from, liq_interval_floor(now, iv->ms),
                               now, true, false, page);
            for (k = 0; k < n; k++)
                spent[row->candles[page[k].endpoint].pool] += page[k].weight;
            for (e = row->endpoint; e->path != NULL; e++)
                if ((e->when & LIQ_LIVE) && (e->keep_ms == 0 || j == 0))
                    spent[e->pool] += e->weight;
        }
        for (k = 0; k < LIQ_POOLS; k++) {
            struct liq_pool pool = liq_pool_of(row, (int)k);
            int windows = pool.limit > 0 && pool.window_ms < 5000
                              ? (int)(5000 / pool.window_ms)
                              : 1;

            if (spent[k] > pool.limit * windows)
                fail_msg("%s, pool %zu: %d of %d", row->info.name, k, spent[k],
                         pool.limit * windows);
        }
    }
}

/* What is in a row is within what the core can hold. */
static void rows_fit(void **state)
{
    const struct liq_exchange_row *row;
    const struct liq_endpoint *e;
    size_t i, n;

    (void)state;
    for (EACH_ROW(i, row)) {
        struct liq_query q = query_of(row, 5000000);
        char url[LIQ_URL_SIZE], post[LIQ_POST_SIZE];

        for (e = row->endpoint, n = 0; e->path != NULL; e++, n++) {
            assert_true(liq_template_fill(e->path, &q, NULL, url, 300));
            assert_true(e->post == NULL ||
                        liq_template_fill(e->post, &q, NULL, post, 256));
            assert_true(liq_pool_of(row, e->pool).limit > 0);
            assert_true(e->weight > 0);
            assert_true(e->field != NULL || e->finish != NULL ||
                        e->clock != NULL);
        }
        assert_true(n <= LIQ_ENDPOINTS_MAX);
        assert_true(row->clock.weight > 0 && row->symbols.endpoint.weight > 0);
        assert_non_null(strstr(row->spelling, "<base>"));
        assert_true(row->contracts == (row->size != NULL));
    }
}

/* --- paths --------------------------------------------------------------- */

static void paths(void **state)
{
    static const char body[] =
        "{\"a\":{\"b\":[1,\"2.5\",{\"c\":3}]},\"n\":null,\"f\":[{\"t\":"
        "\"X\",\"v\":4},7,{\"t\":\"Y\",\"v\":5}],\"\":6,\"yes\":true}";
    static const struct {
        const char *path;
        double value; /* NaN: nothing there */
    } cases[] = {
        {"a.b.0", 1},
        {"a.b.1", 2.5},
        {"a.b.2.c", 3},
        {"a.b.3", NAN},
        {"a.b", NAN},
        {"a.x.y", NAN},
        {"n", NAN},
        {"n.x", NAN},
        {"f.t:Y.v", 5},
        {"f.t:X.v", 4},
        {"f.t:Z.v", NAN},
        {"a.b.c", 1},
        {"a.t:X", NAN},
        {"yes", NAN},
        {"a.b.0.x", NAN},
        {"a.b.99999999999999999999", NAN},
        {"a.0123456789012345678901234567890123456789012345678901234567890123",
         NAN},
    };
    struct cJSON *root = liq_json_parse(body, sizeof body - 1);
    size_t i;

    (void)state;
    assert_non_null(root);
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        double x = liq_json_number(liq_json_at(root, cases[i].path));

        if (isnan(x) != isnan(cases[i].value) ||
            (!isnan(x) && x != cases[i].value))
            fail_msg("'%s' is %g", cases[i].path, x);
    }
    assert_ptr_equal(liq_json_at(root, ""), root);
    assert_ptr_equal(liq_json_at(root, NULL), root);
    assert_null(liq_json_at(NULL, "a"));
    assert_true(liq_json_is(liq_json_at(root, "yes"), "true", 4));
    assert_true(liq_json_is(liq_json_at(root, "a.b.0"), "1.0", 3));
    assert_true(liq_json_is(liq_json_at(root, "n"), "", 0));
    assert_false(liq_json_is(root, "", 0));
    assert_true(liq_json_bytes(root) > 10 * sizeof(cJSON));
    liq_json_free(root);
    assert_null(liq_json_parse("[1] 2", 5));
    assert_null(liq_json_parse("", 0));
}

/* --- names --------------------------------------------------------------- */

static void names(void **state)
{
    static const struct {
        const char *exchange, *symbol, *there; /* NULL: it has none */
    } cases[] = {
        {"binance", "BTCUSDT", "BTCUSDT"},
        {"binance", "BTCUSDC", "BTCUSDC"},
        {"binance", "BTCBUSD", NULL},
        {"bybit", "BTCUSDC", "BTCPERP"},
        {"bybit", "1000SHIBUSDT", "SHIB1000USDT"},
        {"okx", "BTCUSDC", "BTC-USDC-SWAP"},
        {"okx", "1000PEPEUSDT", "PEPE-USDT-SWAP"},
        {"gate", "1000PEPEUSDT", "PEPE_USDT"},
        {"gate", "BTCUSDC", NULL},
        {"okx", "BTCUSDT", "BTC-USDT-SWAP"},
        {"gate", "BTCUSDT", "BTC_USDT"},
        {"kucoin", "BTCUSDT", "XBTUSDTM"},
        {"kucoin", "ETHUSDT", "ETHUSDTM"},
        {"hyperliquid", "BTCUSDT", "BTC"},
        {"hyperliquid", "1000PEPEUSDT", "kPEPE"},
        {"hyperliquid", "1000USDT", "1000"},
        {"hyperliquid", "10000XUSDT", "10000X"},
        {"hyperliquid", "USDT", NULL},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct liq_exchange_row *row =
            liq_exchange_row(cases[i].exchange);
        struct liq_query q;
        struct liq_symbol s;
        double scale;

        assert_true(liq_name_there(row, cases[i].symbol, &q) ==
                    (cases[i].there != NULL));
        if (cases[i].there == NULL)
            continue;
        assert_string_equal(q.symbol, cases[i].there);
        assert_true(liq_name_here(row, cases[i].there, &s, &scale));
        assert_string_equal(s.name, cases[i].symbol);
        assert_true(scale == q.scale);
    }
}

/* --- templates ---------------------------------------------------------- */

static void templates(void **state)
{
    static const struct {
        const char *pattern, *result; /* NULL: refused */
    } cases[] = {
        {"", ""},
        {"/a?b=c", "/a?b=c"},
        {"/<symbol>/<interval>", "/XY/1h"},
        {"<start>-<end>", "7200000-10799999"},
        {"<before>-<after>", "7199999-10800000"},
        {"<start_s>-<end_s>-<rows>", "7200-10799-3"},
        {"a[&to=<to>]b", "a&to=90000000b"},
        {"a[&end=<end>&x=<rows>]b", "a&end=10799999&x=3b"},
        {"<to_s> <since> <since_s>", "90000 86400000 86400"},
        {"<day> <day_end>", "7200000 180000000"},
        {"<base>-<quote>", "X-USDT"},
        {"<nothing>", NULL},
        {"<symbol", NULL},
        {"<>", NULL},
    };
    static const struct liq_interval hour = {LIQ_HOUR_MS, NULL, 0, 0, 0};
    struct liq_page page = {7200000, 10799999, 3, 1, 0};
    struct liq_query q = {.symbol = "XY",
                          .base = "X",
                          .quote = "USDT",
                          .interval = &hour,
                          .now_ms = 95000000,
                          .to_ms = 90000000};
    char out[64];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bool ok = liq_template_fill(cases[i].pattern, &q, &page, out, 64);

        if (ok != (cases[i].result != NULL) ||
            (ok && strcmp(out, cases[i].result) != 0))
            fail_msg("'%s' is '%s'", cases[i].pattern, out);
    }
    page.end_ms = 0;
    q.to_ms = 0;
    assert_true(liq_template_fill("a[&e=<end>]b[&t=<to>]c[&n=<rows>]", &q,
                                  &page, out, 64));
    assert_string_equal(out, "abc&n=3");
    assert_true(liq_template_fill("a[&c=<cursor>]", &q, NULL, out, 64));
    assert_string_equal(out, "a");
    memcpy(q.cursor, "x%3D", 5);
    assert_true(liq_template_fill("a[&c=<cursor>]", &q, NULL, out, 64));
    assert_string_equal(out, "a&c=x%3D");
    assert_true(liq_template_fill("1234567", &q, &page, out, 8));
    assert_false(liq_template_fill("12345678", &q, &page, out, 8));
    assert_false(liq_template_fill("123456<symbol>", &q, &page, out, 8));
}

/* --- budgets ------------------------------------------------------------ */

static uint32_t next_random(uint32_t *x)
{
    *x = *x * 1664525u + 1013904223u;
    return *x >> 8;
}

static enum liq_err reserve(struct liq_limiter *l, int pool, int weight,
                            enum liq_claim claim, struct liq_reason *why)
{
    int cost[LIQ_POOLS] = {0};
    int64_t at_ms, now_ms = l->clock->mono_ms(l->clock);

    cost[pool] = weight;
    return liq_limiter_reserve(l, cost, claim, 0, now_ms + 1, &at_ms, why);
}

struct sent {
    int64_t at_ms;
    int weight;
};

static int by_time(const void *a, const void *b)
{
    const struct sent *x = a, *y = b;

    return (x->at_ms > y->at_ms) - (x->at_ms < y->at_ms);
}

/* The most that any window sees: one that ends with a request. */
static int64_t most_spent(struct sent *sent, size_t n, int64_t window_ms)
{
    int64_t spent = 0, most = 0;
    size_t from = 0;

    qsort(sent, n, sizeof *sent, by_time);
    for (size_t i = 0; i < n; i++) {
        spent += sent[i].weight;
        while (sent[from].at_ms <= sent[i].at_ms - window_ms)
            spent -= sent[from++].weight;
        if (spent > most)
            most = spent;
    }
    return most;
}

/* However the requests fall, and whether they wait or not, no window of the
 * exchange's own, wherever it begins, sees more than its limit. */
static void check_pool(const struct liq_exchange_row *row, int p, bool queue)
{
    enum { ASKS = 4000 };
    static struct sent sent[ASKS];
    struct liq_pool pool = liq_pool_of(row, p);
    struct liq_clock clock = liq_clock_held(0, 777);
    uint32_t seed = 1;
    struct liq_limiter l;
    size_t n = 0, a;
    int64_t most;

    assert_int_equal(liq_limiter_init(&l, &clock, row, 0), LIQ_OK);
    liq_limiter_learn_time(&l, 1760132345678, 1760132345678, 777);
    for (a = 0; a < ASKS; a++) {
        int weight =
            1 + (int)(next_random(&seed) % (uint32_t)(pool.limit / 8 + 1));
        int cost[LIQ_POOLS] = {0};
        int64_t at_ms, deadline_ms;
        struct liq_reason r;

        clock.held_mono_ms +=
            (int64_t)(next_random(&seed) % (uint32_t)(pool.window_ms / 9));
        cost[p] = weight;
        deadline_ms = clock.held_mono_ms + (queue ? 3 * pool.window_ms : 1);
        if (liq_limiter_reserve(&l, cost, LIQ_CLAIM_LIVE, 0, deadline_ms,
                                &at_ms, &r) != LIQ_OK) {
            assert_int_equal(r.code, LIQ_ERATE);
            assert_true(r.retry_after_ms > 0);
            continue;
        }
        assert_true(at_ms >= clock.held_mono_ms && at_ms < deadline_ms);
        sent[n].at_ms = at_ms;
        sent[n++].weight = weight;
    }
    assert_true(n > ASKS / 60);
    most = most_spent(sent, n, pool.window_ms);
    if (most > pool.limit)
        fail_msg("%s, pool %d: %lld of %d", row->info.name, p, (long long)most,
                 pool.limit);
    liq_limiter_free(&l);
}

static void never_too_much(void **state)
{
    const struct liq_exchange_row *row;
    size_t i;
    int p;

    (void)state;
    for (EACH_ROW(i, row))
        for (p = 0; p < LIQ_POOLS; p++)
            if (liq_pool_of(row, p).limit > 0) {
                check_pool(row, p, false);
                check_pool(row, p, true);
            }
}

static void budgets_shrink_alike(void **state)
{
    struct liq_clock clock = liq_clock_held(0, 0);
    int cost[LIQ_POOLS] = {5, 3};
    struct liq_limiter l;
    struct liq_reason r;
    int64_t at_ms;

    (void)state;
    /* 10 of 40 */
    assert_int_equal(liq_limiter_init(&l, &clock, liq_exchange_row("okx"), 10),
                     LIQ_OK);
    assert_int_equal(
        liq_limiter_reserve(&l, cost, LIQ_CLAIM_LIVE, 0, 1, &at_ms, &r),
        LIQ_OK);
    assert_true(at_ms == 0);
    /* 5 of 20 are left of the second, which 3 + 3 would pass: nothing is
     * spent of either. */
    assert_int_equal(
        liq_limiter_reserve(&l, cost, LIQ_CLAIM_LIVE, 0, 1, &at_ms, &r),
        LIQ_ERATE);
    assert_true(r.retry_after_ms == 2000);
    assert_int_equal(reserve(&l, 0, 5, LIQ_CLAIM_LIVE, &r), LIQ_OK);
    assert_int_equal(reserve(&l, 0, 1, LIQ_CLAIM_LIVE, &r), LIQ_ERATE);
    assert_int_equal(reserve(&l, 1, 2, LIQ_CLAIM_LIVE, &r), LIQ_OK);
    /* Waiting would not help. */
    assert_int_equal(reserve(&l, 1, 6, LIQ_CLAIM_LIVE, &r), LIQ_ELIMIT);
    clock.held_mono_ms += 2000;
    assert_int_equal(
        liq_limiter_reserve(&l, cost, LIQ_CLAIM_LIVE, 0, 1, &at_ms, &r),
        LIQ_OK);
    liq_limiter_free(&l);
}

/* First come, first served, each in the first window with room. */
static void queues(void **state)
{
    static const struct {
        int cost;
        int64_t after_ms, at_ms; /* -1: refused */
    } cases[] = {
        {20, 0, 500},    {15, 0, 2000}, {10, 0, 4000},
        {5, 0, 2000},    {10, 0, 4000}, {1, 5000, -1},
        {1, 5000, 6000}, {20, 0, 8000}, {1, 0, 6000},
    };
    struct liq_clock clock = liq_clock_held(0, 500);
    struct liq_limiter l;
    struct liq_reason r;
    size_t i;

    (void)state;
    assert_int_equal(liq_limiter_init(&l, &clock, liq_exchange_row("okx"), 0),
                     LIQ_OK);
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int cost[LIQ_POOLS] = {cases[i].cost};
        int64_t at_ms = -1;
        enum liq_err err =
            liq_limiter_reserve(&l, cost, LIQ_CLAIM_LIVE, cases[i].after_ms,
                                cases[i].at_ms < 0 ? 5001 : 60000, &at_ms, &r);

        if ((err == LIQ_OK) != (cases[i].at_ms >= 0) || at_ms != cases[i].at_ms)
            fail_msg("case %zu: at %lld", i, (long long)at_ms);
    }
    liq_limiter_free(&l);
}

/* The background leaves something for those who wait. */
static void background(void **state)
{
    struct liq_clock clock = liq_clock_held(0, 0);
    struct liq_limiter l;
    struct liq_reason r;
    int i;

    (void)state;
    assert_int_equal(liq_limiter_init(&l, &clock, liq_exchange_row("okx"), 0),
                     LIQ_OK);
    for (i = 0; i < 15; i++)
        assert_int_equal(reserve(&l, 0, 1, LIQ_CLAIM_BACKGROUND, &r), LIQ_OK);
    assert_int_equal(reserve(&l, 0, 1, LIQ_CLAIM_BACKGROUND, &r), LIQ_ERATE);
    assert_int_equal(reserve(&l, 0, 5, LIQ_CLAIM_LIVE, &r), LIQ_OK);
    assert_int_equal(reserve(&l, 0, 1, LIQ_CLAIM_LIVE, &r), LIQ_ERATE);
    liq_limiter_free(&l);
    /* A limit of one is not divided. */
    assert_int_equal(
        liq_limiter_init(&l, &clock, liq_exchange_row("bitget"), 0), LIQ_OK);
    assert_int_equal(reserve(&l, 4, 1, LIQ_CLAIM_BACKGROUND, &r), LIQ_OK);
    liq_limiter_free(&l);
}

/* OKX: 20 in two seconds for us.  The past spends 5 of them, and no more
 * before the next window; what it leaves is there for others. */
static void share_of_the_past(void **state)
{
    struct liq_clock clock = liq_clock_held(0, 0);
    struct liq_limiter l;
    struct liq_reason r;
    int i;

    (void)state;
    assert_int_equal(liq_limiter_init(&l, &clock, liq_exchange_row("okx"), 0),
                     LIQ_OK);
    for (i = 0; i < 5; i++)
        assert_int_equal(reserve(&l, 0, 1, LIQ_CLAIM_PAST, &r), LIQ_OK);
    assert_int_equal(reserve(&l, 0, 1, LIQ_CLAIM_PAST, &r), LIQ_ERATE);
    assert_true(r.own_budget && r.retry_after_ms == 2000);
    for (i = 0; i < 15; i++)
        assert_int_equal(reserve(&l, 0, 1, LIQ_CLAIM_LIVE, &r), LIQ_OK);
    clock.held_mono_ms = 2000;
    assert_int_equal(reserve(&l, 0, 5, LIQ_CLAIM_PAST, &r), LIQ_OK);
    /* One that needs more by itself takes the share of later windows. */
    clock.held_mono_ms = 4000;
    assert_int_equal(reserve(&l, 0, 12, LIQ_CLAIM_PAST, &r), LIQ_OK);
    clock.held_mono_ms = 6000;
    assert_int_equal(reserve(&l, 0, 5, LIQ_CLAIM_PAST, &r), LIQ_ERATE);
    assert_int_equal(r.retry_after_ms, 4000);
    clock.held_mono_ms = 10000;
    assert_int_equal(reserve(&l, 0, 5, LIQ_CLAIM_PAST, &r), LIQ_OK);
    liq_limiter_free(&l);
}

/* New series leave a quarter to the refreshes of those that are there. */
static void first_fetches_leave_a_quarter(void **state)
{
    struct liq_clock clock = liq_clock_held(0, 0);
    struct liq_limiter l;
    struct liq_reason r;

    (void)state;
    assert_int_equal(liq_limiter_init(&l, &clock, liq_exchange_row("okx"), 0),
                     LIQ_OK);
    assert_int_equal(reserve(&l, 0, 15, LIQ_CLAIM_FIRST, &r), LIQ_OK);
    assert_int_equal(reserve(&l, 0, 1, LIQ_CLAIM_FIRST, &r), LIQ_ERATE);
    assert_int_equal(reserve(&l, 0, 5, LIQ_CLAIM_LIVE, &r), LIQ_OK);
    clock.held_mono_ms = 2000;
    assert_int_equal(reserve(&l, 0, 18, LIQ_CLAIM_FIRST, &r), LIQ_OK);
    liq_limiter_free(&l);
}

/* --- fixtures ------------------------------------------------------------ */

typedef void use_fn(const struct liq_exchange_row *row, const char *body,
                    size_t n);

/* Every body in tests/fixtures/NAME. */
static void each_fixture(use_fn *use)
{
    const struct liq_exchange_row *row;
    size_t i;

    for (EACH_ROW(i, row)) {
        char path[400];
        struct dirent *entry;
        size_t files = 0;
        DIR *d;

        snprintf(path, sizeof path, "tests/fixtures/%s", row->info.name);
        d = opendir(path);
        assert_non_null(d);
        while ((entry = readdir(d)) != NULL) {
            struct liq_buf b;

            if (entry->d_name[0] == '.')
                continue;
            snprintf(path, sizeof path, "tests/fixtures/%s/%s", row->info.name,
                     entry->d_name);
            liq_buf_init(&b, 1 << 16);
            assert_int_equal(liq_buf_read_file(&b, path), LIQ_OK);
            use(row, b.data, b.len);
            liq_buf_free(&b);
            files++;
        }
        assert_true(files >= 4);
        closedir(d);
    }
}

static struct guard guard;

/* Every prefix of it, at the end of memory. */
static void use_prefixes(const struct liq_exchange_row *row, const char *body,
                         size_t len)
{
    char *text = calloc(1, len + 1);
    size_t n;

    assert_non_null(text);
    for (n = 0; n <= len; n++) {
        memcpy(text, body, n);
        read_everything(row, guard_put(&guard, body, n), n, text);
    }
    free(text);
}

static void prefixes(void **state)
{
    (void)state;
    guard = guard_new(1 << 16);
    assert_non_null(guard.map);
    each_fixture(use_prefixes);
    guard_free(&guard);
}

/* --- memory ------------------------------------------------------------- */

/* Whatever allocation of a document fails, nothing leaks or crashes. */
static void use_without_memory(const struct liq_exchange_row *row,
                               const char *body, size_t len)
{
    long n;

    for (n = 1;; n++) {
        countdown = n;
        read_everything(row, body, len, body);
        if (countdown > 0)
            break; /* it was never reached */
    }
}

static void without_memory(void **state)
{
    (void)state;
    each_fixture(use_without_memory);
    countdown = 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(registry),
        cmocka_unit_test(other_host),
        cmocka_unit_test(intervals),
        cmocka_unit_test(five_intervals),
        cmocka_unit_test(rows_fit),
        cmocka_unit_test(paths),
        cmocka_unit_test(names),
        cmocka_unit_test(templates),
        cmocka_unit_test(never_too_much),
        cmocka_unit_test(budgets_shrink_alike),
        cmocka_unit_test(queues),
        cmocka_unit_test(background),
        cmocka_unit_test(share_of_the_past),
        cmocka_unit_test(first_fetches_leave_a_quarter),
        cmocka_unit_test(prefixes),
        cmocka_unit_test(without_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
