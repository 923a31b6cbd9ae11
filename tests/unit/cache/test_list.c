/* Keys, and what the cache says of its entries: hot ones, lists, counts. */
#include "fake.h"

/* --- keys ----------------------------------------------------------------- */

/* Every field of a key that is set differently makes another key. */
static void keys_differ_in_every_field(void **state)
{
    struct liq_key k[20];
    struct fixture f;
    size_t n = 0;

    (void)state;
    for (size_t i = 0; i < 20; i++)
        k[i] = liq_key_of(LIQ_KIND_MAP, "okx", "BTCUSDT");
    k[n++].kind = LIQ_KIND_RESPONSE;
    k[n++].number = 1;
    k[n++].exchange[0] = 'x';
    k[n++].symbol[47] = 'x';
    k[n++].display_ms = 1;
    k[n++].end_ms = 1;
    k[n++].time_ms = INT64_MIN;
    k[n++].choice = 1;
    k[n++].bars = 1;
    k[n++].rows = 1;
    k[n++].range_tenths = 1;
    k[n++].tiers = 1;
    k[n++].sides = 1;
    k[n++].price = 1e-300;
    k[n++].leverage = 1.0;
    k[n++].margin_rate = 1.0;
    k[n++].lambda = 1.0;
    k[n++].band = 1.0;
    n++; /* nothing set */
    fixture_begin(&f, ROOMY);
    for (size_t i = 0; i < n; i++)
        put(&f, &k[i], 0, thing_new((int)i + 1, 0));
    assert_int_equal(counts(&f, 0).keys, n);
    for (size_t i = 0; i < n; i++) {
        struct liq_item *item = liq_cache_peek(f.cache, &k[i], 1);

        assert_int_equal(value_of(item), i + 1);
        liq_item_release(item);
    }
    fixture_end(&f);
}

static void long_names_are_cut_and_ended(void **state)
{
    struct liq_key k = liq_key_of(LIQ_KIND_SERIES, "an exchange of 24 chars.",
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQ"
                                  "RSTUVWXYZ");
    struct liq_key none = liq_key_of(LIQ_KIND_WEIGHTS, NULL, NULL);

    (void)state;
    assert_string_equal(k.exchange, "an exchange of ");
    assert_string_equal(k.symbol,
                        "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTU");
    assert_string_equal(none.exchange, "");
    assert_string_equal(none.symbol, "");
    assert_int_equal(none.kind, LIQ_KIND_WEIGHTS);
}

/* --- hot ------------------------------------------------------------------ */

/* One item filled at 0, another one at 40. */
static const struct {
    const char *name;
    int64_t now_ms, at_ms, hot_ms;
    size_t n;
    const char *first;
} warm[] = {
    {"all still fresh", 50, 60, 1000, 0, NULL},
    {"the older expires first", 60, 110, 1000, 1, "old"},
    {"both expire", 60, 200, 1000, 2, "new"},
    {"only one was asked for within", 60, 200, 30, 1, "new"},
    {"the edge of within", 60, 200, 60, 2, "new"},
    {"nobody asked for long", 5000, 5000, 1000, 0, NULL},
};

static void hot_keys_are_those_asked_for_that_expire(void **state)
{
    struct liq_key old = key("old"), new = key("new"), keys[4];
    struct fixture f;
    struct caller c;

    (void)state;
    fixture_begin(&f, ROOMY);
    struct fill fill = {.cache = f.cache, .at_once = thing_new(3, 45)};

    put(&f, &old, 0, thing_new(1, 0));
    put(&f, &new, 40, thing_new(2, 40));
    /* Not somebody's interest, and another kind. */
    struct liq_key background = key("background");
    struct liq_key other = liq_key_of(LIQ_KIND_RESPONSE, "", "other");

    memset(&c, 0, sizeof c);
    c.waiter.task.run = caller_woken;
    assert_false(liq_cache_ask(f.cache, &background, 45, true, fill_note, &fill,
                               &c.waiter));
    run_tasks(&f);
    expect(&c, 1, 3, LIQ_OK);
    put(&f, &other, 46, thing_new(4, 46));
    for (size_t i = 0; i < sizeof warm / sizeof *warm; i++) {
        size_t n = liq_cache_hot(f.cache, LIQ_KIND_MAP, warm[i].now_ms,
                                 warm[i].at_ms, warm[i].hot_ms, keys, 4);

        print_message("  %s\n", warm[i].name);
        assert_int_equal(n, warm[i].n);
        if (n > 0)
            assert_string_equal(keys[0].symbol, warm[i].first);
    }
    assert_int_equal(
        liq_cache_hot(f.cache, LIQ_KIND_MAP, 60, 200, 1000, keys, 1), 1);
    assert_string_equal(keys[0].symbol, "new");
    fixture_end(&f);
}

/* Fresh until 100; looked for at 100, and at 500. */
static void some_keys_are_not_to_be_renewed(void **state)
{
    struct liq_key good = key("good"), past = key("past"), live = key("live"),
                   failed = key("failed"), never = key("never"),
                   filled = key("filled"), keys[8];
    struct thing *of_past = thing_new(1, 0), *of_live = thing_new(1, 0);
    struct fixture f;
    struct caller c;

    (void)state;
    fixture_begin(&f, ROOMY);
    struct fill fill = {.cache = f.cache};

    of_past->item.rank = LIQ_RANK_PAST;
    of_live->item.rank = LIQ_RANK_LIVE;
    put(&f, &good, 0, thing_new(1, 0));
    put(&f, &past, 1, of_past);
    put(&f, &live, 2, of_live);
    put(&f, &failed, 3, thing_new(1, 0));
    put(&f, &failed, 100, NULL);
    put(&f, &never, 101, NULL);
    put(&f, &filled, 4, thing_new(1, 0));
    ask(&f, &filled, 102, &fill, &c);
    expect(&c, 0, 1, LIQ_OK);
    assert_int_equal(
        liq_cache_hot(f.cache, LIQ_KIND_MAP, 102, 102, 1000, keys, 8), 2);
    assert_string_equal(keys[0].symbol, "live");
    assert_string_equal(keys[1].symbol, "good");
    settle_error(&f, &filled, 102, LIQ_ENET);
    /* The failures are over by then. */
    assert_int_equal(
        liq_cache_hot(f.cache, LIQ_KIND_MAP, 102, 500, 1000, keys, 8), 4);
    assert_string_equal(keys[0].symbol, "filled");
    assert_string_equal(keys[1].symbol, "failed");
    fixture_end(&f);
}

static void peeks_and_asks_without_fill_are_interest(void **state)
{
    struct liq_key peeked = key("peeked"), asked = key("asked"), keys[4];
    struct fixture f;
    struct caller c;

    (void)state;
    fixture_begin(&f, ROOMY);
    put(&f, &peeked, 0, thing_new(1, 0));
    put(&f, &asked, 1, thing_new(2, 0));
    assert_int_equal(
        liq_cache_hot(f.cache, LIQ_KIND_MAP, 500, 500, 100, keys, 4), 0);
    liq_item_release(liq_cache_peek(f.cache, &peeked, 450));
    ask(&f, &asked, 440, NULL, &c);
    expect(&c, 0, 2, LIQ_OK);
    assert_int_equal(
        liq_cache_hot(f.cache, LIQ_KIND_MAP, 500, 500, 100, keys, 4), 2);
    assert_string_equal(keys[0].symbol, "peeked");
    fixture_end(&f);
}

/* --- lists and counts ----------------------------------------------------- */

static void list_text(struct fixture *f, enum liq_kind kind, size_t max,
                      char *text, size_t size)
{
    struct liq_cache_entry entry[8];
    size_t n = liq_cache_list(f->cache, kind, entry, max), len = 0;

    text[0] = '\0';
    for (size_t i = 0; i < n; i++) {
        len += (size_t)snprintf(text + len, size - len, "%s %d %s %lld; ",
                                entry[i].key.symbol, value_of(entry[i].item),
                                liq_err_name(entry[i].error.code),
                                (long long)entry[i].last_asked_ms);
        liq_item_release(entry[i].item);
    }
}

/* By when they were asked for, whatever their ranks. */
static void entries_are_listed_with_their_last_error(void **state)
{
    struct liq_key a = key("live"), b = key("none"), c = key("past"),
                   d = key("filled"),
                   other = liq_key_of(LIQ_KIND_SERIES, "", "other");
    struct thing *live = thing_new(1, 3), *past = thing_new(2, 5);
    struct fixture f;
    struct caller w;
    char text[400], want[400];

    (void)state;
    fixture_begin(&f, ROOMY);
    struct fill fill = {.cache = f.cache};

    live->item.rank = LIQ_RANK_LIVE;
    past->item.rank = LIQ_RANK_PAST;
    put(&f, &a, 3, live);
    put(&f, &b, 4, NULL);
    put(&f, &c, 5, past);
    put(&f, &c, 5 + FRESH_MS, NULL);
    ask(&f, &d, 6, &fill, &w);
    put(&f, &other, 7, NULL);
    snprintf(want, sizeof want,
             "past 2 %s 105; filled 0 %s 6; none 0 %s 4; live 1 %s 3; ",
             liq_err_name(LIQ_ENET), liq_err_name(LIQ_OK),
             liq_err_name(LIQ_ENET), liq_err_name(LIQ_OK));
    list_text(&f, LIQ_KIND_MAP, 8, text, sizeof text);
    assert_string_equal(text, want);
    *(strchr(strchr(want, ';') + 1, ';') + 2) = '\0';
    list_text(&f, LIQ_KIND_MAP, 2, text, sizeof text);
    assert_string_equal(text, want);
    settle_error(&f, &d, 8, LIQ_ENET);
    fixture_end(&f);
}

static void counts_are_by_kind_and_together(void **state)
{
    struct liq_key map = key("BTCUSDT"),
                   series = liq_key_of(LIQ_KIND_SERIES, "okx", "BTCUSDT");
    struct liq_cache_counts m, s, all;
    struct fixture f;
    struct caller c;

    (void)state;
    fixture_begin(&f, ROOMY);
    struct fill fill = {.cache = f.cache};

    put(&f, &map, 0, thing_new(1, 0));
    ask(&f, &map, 1, &fill, &c);
    expect(&c, 0, 1, LIQ_OK);
    put(&f, &map, FRESH_MS, NULL);
    ask(&f, &series, 2, &fill, &c);
    m = counts(&f, LIQ_KIND_MAP);
    s = counts(&f, LIQ_KIND_SERIES);
    all = counts(&f, 0);
    assert_int_equal(m.keys, 1);
    assert_int_equal(m.hits, 1);
    assert_int_equal(m.fills, 2);
    assert_int_equal(m.failures, 1);
    assert_int_equal(m.waits, 1);
    assert_int_equal(m.parked, 0);
    assert_int_equal(s.keys, 1);
    assert_int_equal(s.parked, 1);
    assert_int_equal(all.keys, 2);
    assert_int_equal(all.bytes, m.bytes + s.bytes);
    assert_int_equal(all.hits, 1);
    assert_int_equal(all.fills, 3);
    assert_int_equal(all.failures, 1);
    assert_int_equal(all.waits, 2);
    assert_int_equal(all.parked, 1);
    settle_error(&f, &series, 3, LIQ_ENET);
    fixture_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_differ_in_every_field),
        cmocka_unit_test(long_names_are_cut_and_ended),
        cmocka_unit_test(hot_keys_are_those_asked_for_that_expire),
        cmocka_unit_test(some_keys_are_not_to_be_renewed),
        cmocka_unit_test(peeks_and_asks_without_fill_are_interest),
        cmocka_unit_test(entries_are_listed_with_their_last_error),
        cmocka_unit_test(counts_are_by_kind_and_together),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
