#include "unit/market/venue_test.h"

#include <cjson/cJSON.h>

static const struct liq_venue_row *const rows[] = {
    &liq_row_binance, &liq_row_binance_spot, &liq_row_bybit,
    &liq_row_okx,     &liq_row_bitget,       &liq_row_gate,
    &liq_row_kucoin,  &liq_row_hyperliquid,
};
#define N_ROWS (sizeof rows / sizeof rows[0])

/* --- the tables --------------------------------------------------------- */

static void table_and_rows_agree(void **state)
{
    struct liq_clock clock = liq_clock_held(1, 1);
    size_t i;

    (void)state;
    assert_int_equal(liq_n_venues, N_ROWS);
    for (i = 0; i < N_ROWS; i++) {
        struct liq_venue_options o = {NULL, &clock, NULL, 0};
        const struct liq_venue *v = &liq_venues[i];
        struct liq_market *m = v->make(&o);

        assert_non_null(m);
        assert_string_equal(v->name, rows[i]->name);
        assert_string_equal(v->base_url, rows[i]->base_url);
        assert_int_equal(v->limit, rows[i]->pool[0].limit);
        assert_true(v->window_ms == rows[i]->pool[0].window_ms);
        assert_string_equal(m->name, v->name);
        assert_string_equal(m->source, "live");
        assert_string_equal(((struct liq_venue_market *)m)->base_url,
                            v->base_url);
        assert_ptr_equal(liq_venue_find(v->name), v);
        m->free(m);
    }
    assert_null(liq_venue_find("mtgox"));
    assert_null(liq_venue_find(""));
}

/* Every interval that is shown runs on one that divides it, the exchange has,
 * and whose pages stay far below its limits. */
static void intervals(void **state)
{
    static const char *const shown[] = {"5m", "15m", "1h", "4h", "1d"};
    struct liq_venue_page page[LIQ_VENUE_PAGES_MAX];
    size_t i, j, k;

    (void)state;
    for (i = 0; i < N_ROWS; i++)
        for (j = 0; j < 5; j++) {
            int64_t display = liq_interval_ms(shown[j]);
            int64_t now = INT64_C(1760132345678), engine, from;
            const struct liq_venue_interval *iv =
                liq_venue_interval(rows[i], display);
            int spent[LIQ_VENUE_POOLS] = {0};
            size_t n;

            assert_non_null(iv);
            engine = iv->engine_ms;
            assert_true(engine > 0 && display % engine == 0);
            iv = liq_venue_interval(rows[i], engine);
            assert_non_null(iv);
            from = liq_interval_floor(now, display) - 1874 * display;
            n = liq_venue_pages(rows[i], iv, from,
                                liq_interval_floor(now, engine), now, true,
                                page);
            assert_true(n > 0);
            for (k = 0; k < n; k++)
                spent[rows[i]->route[page[k].route].pool] += page[k].weight;
            for (k = 0; k < LIQ_VENUE_POOLS; k++) {
                int limit = rows[i]->pool[k].limit;
                int most = rows[i]->route[1].most_pages;

                if (k == 1 && most > 0 && spent[k] > most)
                    spent[k] = most; /* the oldest are given up */
                if (spent[k] > limit / 2)
                    fail_msg("%s %s: %d of %d", rows[i]->name, shown[j],
                             spent[k], limit);
            }
        }
}

/* What is in a row is within what the core can hold. */
static void rows_fit(void **state)
{
    const struct liq_venue_part *part;
    size_t i, n;

    (void)state;
    for (i = 0; i < N_ROWS; i++) {
        struct liq_venue_query q = venue_query(rows[i], 5000000);
        char url[LIQ_VENUE_URL_SIZE], post[LIQ_VENUE_POST_SIZE];

        for (part = rows[i]->part, n = 0; part->path != NULL; part++, n++) {
            assert_true(liq_venue_expand(part->path, &q, NULL, url, 300));
            assert_true(part->post == NULL ||
                        liq_venue_expand(part->post, &q, NULL, post, 256));
            assert_true(rows[i]->pool[part->pool].limit > 0);
            assert_true(part->weight > 0);
        }
        assert_true(n <= LIQ_VENUE_PARTS_MAX);
        assert_true(rows[i]->time.weight > 0 && rows[i]->symbols.weight > 0);
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
        {"<nothing>", NULL},
        {"<symbol", NULL},
        {"<>", NULL},
    };
    static const struct liq_venue_interval hour = {LIQ_HOUR_MS, NULL, 0, 0, 0};
    struct liq_venue_page page = {7200000, 10799999, 3, 1, 0};
    struct liq_venue_query q = {.symbol = "XY",
                                .interval = &hour,
                                .now_ms = 95000000,
                                .to_ms = 90000000};
    char out[64];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bool ok = liq_venue_expand(cases[i].pattern, &q, &page, out, 64);

        if (ok != (cases[i].result != NULL) ||
            (ok && strcmp(out, cases[i].result) != 0))
            fail_msg("'%s' is '%s'", cases[i].pattern, out);
    }
    page.end_ms = 0;
    q.to_ms = 0;
    assert_true(liq_venue_expand("a[&e=<end>]b[&t=<to>]c[&n=<rows>]", &q, &page,
                                 out, 64));
    assert_string_equal(out, "abc&n=3");
    assert_true(liq_venue_expand("1234567", &q, &page, out, 8));
    assert_false(liq_venue_expand("12345678", &q, &page, out, 8));
    assert_false(liq_venue_expand("123456<symbol>", &q, &page, out, 8));
}

/* --- what is remembered ------------------------------------------------- */

static bool remembers(struct liq_venue_memo *m, const char *key, int64_t now_ms,
                      const char *text)
{
    struct liq_buf b;
    bool found;

    liq_buf_init(&b, 100);
    found = liq_venue_memo_get(m, key, now_ms, 1000, &b);
    if (found)
        assert_string_equal(b.data, text);
    liq_buf_free(&b);
    return found;
}

static void memo(void **state)
{
    struct liq_venue_memo m;
    char key[20];
    int i;

    (void)state;
    liq_venue_memo_init(&m);
    assert_false(remembers(&m, "a", 0, ""));
    liq_venue_memo_put(&m, "a", "one", 3, 100);
    liq_venue_memo_put(&m, "b", "two", 3, 200);
    assert_true(remembers(&m, "a", 1100, "one"));
    assert_false(remembers(&m, "a", 1101, ""));
    liq_venue_memo_put(&m, "a", "three", 5, 300);
    assert_true(remembers(&m, "a", 1300, "three"));
    /* One more than there is room for: the oldest goes. */
    for (i = 0; i < LIQ_VENUE_MEMOS - 1; i++) {
        snprintf(key, sizeof key, "k%d", i);
        liq_venue_memo_put(&m, key, "x", 1, 400 + i);
    }
    assert_false(remembers(&m, "b", 500, ""));
    assert_true(remembers(&m, "a", 500, "three"));
    liq_venue_memo_free(&m);
}

/* --- budgets ------------------------------------------------------------ */

static uint32_t next_random(uint32_t *x)
{
    *x = *x * 1664525u + 1013904223u;
    return *x >> 8;
}

/* However the questions fall, no window of the exchange's own, wherever it
 * begins, sees more than its limit. */
static void never_too_much(void **state)
{
    enum { ASKS = 4000 };
    static struct {
        int64_t at_ms;
        int weight;
    } sent[ASKS];
    uint32_t seed = 1;
    size_t i, p;

    (void)state;
    for (i = 0; i < N_ROWS; i++)
        for (p = 0; p < LIQ_VENUE_POOLS && rows[i]->pool[p].limit > 1; p++) {
            int64_t window_ms = rows[i]->pool[p].window_ms, spent = 0;
            int limit = rows[i]->pool[p].limit;
            struct liq_clock clock = liq_clock_held(0, 777);
            struct liq_venue_gate g;
            size_t n = 0, a, first = 0, granted = 0;

            liq_venue_gate_init(&g, &clock, rows[i]->pool, 0);
            for (a = 0; a < ASKS; a++) {
                int weight =
                    1 + (int)(next_random(&seed) % (uint32_t)(limit / 8 + 1));
                struct liq_reason r;

                clock.held_mono_ms +=
                    (int64_t)(next_random(&seed) % (uint32_t)(window_ms / 9));
                if (a == 50) /* cuts windows elsewhere from now on */
                    liq_venue_gate_learn_time(&g, 1760132345678, 1760132345678,
                                              clock.held_mono_ms);
                if (liq_venue_gate_enter_pool(&g, (int)p, weight, false, &r) !=
                    LIQ_OK) {
                    assert_int_equal(r.code, LIQ_ERATE);
                    assert_true(r.retry_after_ms > 0 &&
                                r.retry_after_ms <= window_ms);
                    continue;
                }
                sent[n].at_ms = clock.held_mono_ms;
                sent[n++].weight = weight;
                spent += weight;
                granted++;
                while (sent[first].at_ms <= clock.held_mono_ms - window_ms)
                    spent -= sent[first++].weight;
                if (a > 100 && spent > limit)
                    fail_msg("%s, pool %zu: %lld of %d", rows[i]->name, p,
                             (long long)spent, limit);
            }
            assert_true(granted > ASKS / 20);
            liq_venue_gate_free(&g);
        }
}

static void budgets_shrink_alike(void **state)
{
    struct liq_clock clock = liq_clock_held(0, 0);
    struct liq_venue_gate g;
    struct liq_reason r;
    int cost[LIQ_VENUE_POOLS] = {5, 3};

    (void)state;
    liq_venue_gate_init(&g, &clock, liq_row_okx.pool, 10); /* of 40 */
    assert_int_equal(liq_venue_gate_enter(&g, cost, false, &r), LIQ_OK);
    /* 5 of 20 are left of the second, which 3 + 3 would pass: nothing is
     * booked of either. */
    assert_int_equal(liq_venue_gate_enter(&g, cost, false, &r), LIQ_ERATE);
    assert_int_equal(liq_venue_gate_enter_pool(&g, 0, 5, false, &r), LIQ_OK);
    assert_int_equal(liq_venue_gate_enter_pool(&g, 0, 1, false, &r), LIQ_ERATE);
    assert_int_equal(liq_venue_gate_enter_pool(&g, 1, 2, false, &r), LIQ_OK);
    /* Waiting would not help. */
    assert_int_equal(liq_venue_gate_enter_pool(&g, 1, 6, false, &r),
                     LIQ_ELIMIT);
    clock.held_mono_ms += 2000;
    assert_int_equal(liq_venue_gate_enter(&g, cost, false, &r), LIQ_OK);
    liq_venue_gate_free(&g);
}

/* Who works ahead leaves something for who waits. */
static void background(void **state)
{
    struct liq_clock clock = liq_clock_held(0, 0);
    struct liq_venue_gate g;
    struct liq_reason r;
    int i;

    (void)state;
    liq_venue_gate_init(&g, &clock, liq_row_okx.pool, 0); /* 20 */
    for (i = 0; i < 15; i++)
        assert_int_equal(liq_venue_gate_enter_pool(&g, 0, 1, true, &r), LIQ_OK);
    assert_int_equal(liq_venue_gate_enter_pool(&g, 0, 1, true, &r), LIQ_ERATE);
    assert_int_equal(liq_venue_gate_enter_pool(&g, 0, 5, false, &r), LIQ_OK);
    assert_int_equal(liq_venue_gate_enter_pool(&g, 0, 1, false, &r), LIQ_ERATE);
    liq_venue_gate_free(&g);
    /* A limit of one is not divided. */
    liq_venue_gate_init(&g, &clock, liq_row_bitget.pool, 0);
    assert_int_equal(liq_venue_gate_enter_pool(&g, 4, 1, true, &r), LIQ_OK);
    liq_venue_gate_free(&g);
}

/* ... and so does a fetch that says so. */
static void background_fetch(void **state)
{
    struct liq_venue_options o = {&fake.http, &fake.clock, "http://x", 11};
    struct liq_market_ask ask = {"BTCUSDT", LIQ_MINUTE_MS, 0, 0, true};

    (void)state;
    fake_init(&fake);
    market = liq_venue_new(&liq_row_binance, &o);
    assert_non_null(market);
    ask.from_ms = liq_interval_floor(fake_now(&fake), LIQ_MINUTE_MS);
    must(market->fetch(market, &ask, DEADLINE, &answer, &why)); /* 1 + 5 */
    liq_market_answer_free(&answer);
    assert_int_equal(market->fetch(market, &ask, DEADLINE, &answer, &why),
                     LIQ_ERATE);
    ask.background = false;
    must(market->fetch(market, &ask, DEADLINE, &answer, &why));
    liq_market_answer_free(&answer);
    venue_teardown(NULL);
}

/* --- memory ------------------------------------------------------------- */

static long countdown;

static void *weak_malloc(size_t n)
{
    return countdown > 0 && --countdown == 0 ? NULL : malloc(n);
}

/* Whatever allocation of the parser fails, nothing leaks or crashes. */
static void parsers_without_memory(void **state)
{
    static const char *const names[] = {
        "klines.json", "symbols.json",  "ticker.json",     "ratio.json",
        "stats.json",  "contract.json", "everything.json", "open_interest.json",
        "mark.json",   "funding.json",
    };
    cJSON_Hooks weak = {weak_malloc, free};
    size_t i, j;
    long n;

    (void)state;
    cJSON_InitHooks(&weak);
    for (i = 0; i < N_ROWS; i++)
        for (j = 0; j < sizeof names / sizeof names[0]; j++) {
            char folder[100];
            struct liq_buf b;

            snprintf(folder, sizeof folder, "tests/fixtures/%s", rows[i]->name);
            for (n = 1; read_body(&b, folder, names[j]); n += 7) {
                countdown = n;
                venue_parse_all(rows[i], b.data, b.len);
                if (countdown > 0)
                    break; /* it was never reached */
                liq_buf_free(&b);
            }
            liq_buf_free(&b);
        }
    countdown = 0;
    cJSON_InitHooks(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_and_rows_agree),
        cmocka_unit_test(intervals),
        cmocka_unit_test(rows_fit),
        cmocka_unit_test(templates),
        cmocka_unit_test(memo),
        cmocka_unit_test(never_too_much),
        cmocka_unit_test(budgets_shrink_alike),
        cmocka_unit_test(background),
        cmocka_unit_test(background_fetch),
        cmocka_unit_test(parsers_without_memory),
    };

    /* Of the shared helpers, these are not for all exchanges at once. */
    (void)fetch_n;
    (void)check_failure;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
