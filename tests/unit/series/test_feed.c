/* The feed against an exchange that is a struct in this file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <math.h>

/* The file itself, so that its calloc can be made to fail. */
static int fail_after = -1;
static void *failing_calloc(size_t n, size_t size)
{
    if (fail_after == 0)
        return NULL;
    if (fail_after > 0)
        fail_after--;
    return calloc(n, size);
}
#define calloc failing_calloc
#include "feed/feed.c"
#undef calloc

#define DISPLAY LIQ_HOUR_MS
#define ENGINE (15 * LIQ_MINUTE_MS)
/* 2026-01-01 00:00 UTC */
#define NEW_YEAR INT64_C(1767225600000)
#define TTL 20000
#define STALE 600000

struct fake {
    struct liq_market market;
    struct liq_clock *clock;
    int64_t time_ms;    /* the exchange's clock */
    int64_t listed_ms;  /* its first candle */
    int64_t frozen_ms;  /* 0, or no candle opens after this */
    int64_t hole_ms;    /* 0, or this candle is missing */
    int64_t revised_ms; /* 0, or this candle has another volume */
    enum liq_err err;
    bool no_statistics;
    int fetches;
    struct liq_market_ask asked;
    int64_t deadline_ms;
};

static int64_t fake_engine(struct liq_market *m, int64_t display_ms)
{
    (void)m;
    return display_ms == DISPLAY ? ENGINE : 0;
}

static enum liq_err fake_now(struct liq_market *m, int64_t deadline_ms,
                             int64_t *out, struct liq_reason *why)
{
    struct fake *f = (struct fake *)(void *)m;

    (void)deadline_ms;
    if (f->err)
        return liq_fail(why, f->err, "fake clock");
    *out = f->time_ms;
    return LIQ_OK;
}

static struct liq_kline candle(const struct fake *f, int64_t open_ms)
{
    double price = 60000.0 + (double)(open_ms / ENGINE % 100);
    bool forming = open_ms + ENGINE > f->time_ms;
    double volume = forming ? (double)(f->time_ms - open_ms) : 1e6;

    if (open_ms == f->revised_ms)
        volume += 1.0;
    return (struct liq_kline){open_ms, price,  price,         price,
                              price,   volume, volume * price};
}

static enum liq_err fake_fetch(struct liq_market *m,
                               const struct liq_market_ask *ask,
                               int64_t deadline_ms,
                               struct liq_market_answer *out,
                               struct liq_reason *why)
{
    struct fake *f = (struct fake *)(void *)m;
    int64_t newest = liq_interval_floor(f->time_ms, ENGINE);

    f->fetches++;
    f->asked = *ask;
    f->deadline_ms = deadline_ms;
    if (f->err)
        return liq_fail(why, f->err, "fake fetch");
    if (ask->to_ms)
        newest = liq_interval_floor(ask->to_ms, ENGINE) - ENGINE;
    if (f->frozen_ms && newest > f->frozen_ms)
        newest = f->frozen_ms;
    out->klines.at = calloc(10000, sizeof *out->klines.at);
    for (int64_t t = ask->from_ms; t <= newest; t += ENGINE)
        if (t >= f->listed_ms && t != f->hole_ms)
            out->klines.at[out->klines.n++] = candle(f, t);
    out->server_ms = f->time_ms;
    if (f->no_statistics)
        snprintf(out->warning[out->n_warning++], 160,
                 "open interest: HTTP 500");
    else
        out->statistics.open_interest = 5.0;
    return LIQ_OK;
}

static struct fake fake_new(struct liq_clock *clock)
{
    struct fake f = {.market = {.name = "fake",
                                .engine_ms = fake_engine,
                                .now = fake_now,
                                .fetch = fake_fetch},
                     .clock = clock,
                     .time_ms = NEW_YEAR + 5 * LIQ_MINUTE_MS};
    return f;
}

/* Both clocks go on. */
static void pass(struct fake *f, int64_t ms)
{
    f->time_ms += ms;
    f->clock->held_mono_ms += ms;
}

static struct liq_feeds *feeds_new(const struct liq_clock *clock)
{
    struct liq_feeds_options o = {.clock = clock,
                                  .ttl_ms = TTL,
                                  .stale_ms = STALE,
                                  .deadline_ms = 8000,
                                  .error_ms = 5000,
                                  .max_feeds = 4};
    struct liq_feeds *f = liq_feeds_new(&o);

    assert_non_null(f);
    return f;
}

static enum liq_err last_err;
static struct liq_reason last_why;

static const struct liq_view *view_of(struct liq_feeds *feeds, struct fake *f,
                                      int64_t end_ms)
{
    const struct liq_view *v;

    last_err = liq_feeds_get(feeds, &f->market, "BTCUSDT", DISPLAY, end_ms,
                             f->clock->held_mono_ms, false, &v, &last_why);
    return v;
}

static const struct liq_view *good_view(struct liq_feeds *feeds, struct fake *f)
{
    const struct liq_view *v = view_of(feeds, f, 0);

    assert_int_equal(last_err, LIQ_OK);
    assert_non_null(v);
    return v;
}

/* The view holds exactly what the exchange has from its start on. */
static void expect_whole(const struct liq_view *v, const struct fake *f)
{
    size_t i = 0;

    for (int64_t t = v->start_ms; t <= f->time_ms; t += ENGINE) {
        struct liq_kline want = candle(f, t);

        if (t == f->hole_ms)
            continue;
        assert_in_range(i, 0, v->answer.klines.n - 1);
        assert_int_equal(v->answer.klines.at[i].open_ms, t);
        assert_true(v->answer.klines.at[i].volume == want.volume);
        i++;
    }
    assert_int_equal(i, v->answer.klines.n);
}

/* The rule again, written the slow way. */
static int64_t expected_start(int64_t at_ms)
{
    int64_t newest = at_ms / DISPLAY * DISPLAY, start = 0;

    while (start + 375 * DISPLAY <= newest - 1500 * DISPLAY)
        start += 375 * DISPLAY;
    return start;
}

static void the_first_fill_fetches_the_whole_series(void **state)
{
    struct liq_clock clock = liq_clock_held(0, 7000);
    struct liq_feeds *feeds = feeds_new(&clock);
    struct fake f = fake_new(&clock);
    const struct liq_view *v = good_view(feeds, &f);

    (void)state;
    assert_int_equal(v->start_ms, expected_start(f.time_ms));
    assert_int_equal(f.asked.from_ms, v->start_ms);
    assert_int_equal(f.asked.to_ms, 0);
    assert_int_equal(f.asked.interval_ms, ENGINE);
    assert_string_equal(f.asked.symbol, "BTCUSDT");
    assert_int_equal(f.deadline_ms, 15000);
    assert_int_equal(v->fetched_ms, 7000);
    assert_int_equal(v->item.fresh_until_ms, 7000 + TTL);
    assert_int_equal(v->item.meanwhile_until_ms, v->item.fresh_until_ms);
    assert_int_equal(v->item.usable_until_ms, 7000 + STALE);
    assert_int_equal(v->engine_ms, ENGINE);
    assert_ptr_equal(v->market, &f.market);
    assert_int_equal(v->answer.n_warning, 0);
    expect_whole(v, &f);
    liq_view_release(v);
    liq_feeds_free(feeds);
}

/* Around the moment when the start moves on. */
static void the_start_follows_its_rule(void **state)
{
    static const int64_t displays[] = {5 * LIQ_MINUTE_MS, LIQ_HOUR_MS,
                                       LIQ_DAY_MS};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        int64_t d = displays[i], step = 375 * d;
        int64_t moves_ms = NEW_YEAR / step * step + 1500 * d;

        assert_int_equal(start_of(moves_ms, d), moves_ms - 1500 * d);
        assert_int_equal(start_of(moves_ms + d - 1, d), moves_ms - 1500 * d);
        assert_int_equal(start_of(moves_ms - 1, d), moves_ms - 1500 * d - step);
        assert_int_equal(start_of(100 * d, d), 0);
    }
}

static void later_only_the_newest_are_asked_for(void **state)
{
    struct liq_clock clock = liq_clock_held(0, 0);
    struct liq_feeds *feeds = feeds_new(&clock);
    struct fake f = fake_new(&clock);
    const struct liq_view *first = good_view(feeds, &f), *v;
    size_t n = first->answer.klines.n;

    (void)state;
    v = good_view(feeds, &f);
    assert_ptr_equal(v, first);
    assert_int_equal(f.fetches, 1);
    liq_view_release(v);

    pass(&f, 35 * LIQ_MINUTE_MS);
    v = good_view(feeds, &f);
    assert_int_equal(f.fetches, 2);
    assert_int_equal(f.asked.from_ms, NEW_YEAR - 2 * ENGINE);
    assert_int_equal(v->epoch, first->epoch);
    assert_int_equal(v->answer.klines.n, n + 2);
    expect_whole(v, &f);
    /* The earlier view has not changed under its readers. */
    assert_int_equal(first->answer.klines.n, n);
    assert_true(first->answer.klines.at[n - 1].volume == 5.0 * 60000);
    liq_view_release(first);
    liq_view_release(v);
    liq_feeds_free(feeds);
}

/* What the exchange does between two refreshes, and what must follow. */
static const struct {
    const char *name;
    int64_t pass_ms, hole_ms, revised_ms;
    bool same_epoch;
    int fetches;
} changes[] = {
    {"time passes", TTL, 0, 0, true, 2},
    {"a candle closes", ENGINE, 0, 0, true, 2},
    {"a closed candle is revised", TTL, 0, NEW_YEAR - ENGINE, false, 2},
    {"the newest is revised", TTL, 0, NEW_YEAR, true, 2},
    {"a closed candle vanishes", TTL, NEW_YEAR - ENGINE, 0, false, 3},
    {"the newest vanishes", ENGINE, NEW_YEAR, 0, false, 3},
    {"the exchange skips one", 2 * ENGINE, NEW_YEAR + ENGINE, 0, true, 2},
    {"a revision out of sight", TTL, 0, NEW_YEAR - 9 * ENGINE, true, 2},
    {"the start moves on", 375 * DISPLAY, 0, 0, false, 2},
};

static void epochs_tell_what_changed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        struct liq_clock clock = liq_clock_held(0, 0);
        struct liq_feeds *feeds = feeds_new(&clock);
        struct fake f = fake_new(&clock);
        const struct liq_view *before = good_view(feeds, &f), *v;

        print_message("  %s\n", changes[i].name);
        pass(&f, changes[i].pass_ms);
        f.hole_ms = changes[i].hole_ms;
        f.revised_ms = changes[i].revised_ms;
        v = good_view(feeds, &f);
        assert_int_equal(v->epoch == before->epoch, changes[i].same_epoch);
        assert_int_equal(f.fetches, changes[i].fetches);
        assert_int_equal(v->start_ms, expected_start(f.time_ms));
        if (f.revised_ms != NEW_YEAR - 9 * ENGINE)
            expect_whole(v, &f);
        liq_view_release(before);
        liq_view_release(v);
        liq_feeds_free(feeds);
    }
}

static void a_young_symbol_begins_later_than_the_rule(void **state)
{
    struct liq_clock clock = liq_clock_held(0, 0);
    struct liq_feeds *feeds = feeds_new(&clock);
    struct fake f = fake_new(&clock);
    const struct liq_view *v;

    (void)state;
    f.listed_ms = NEW_YEAR - 3 * ENGINE;
    v = good_view(feeds, &f);
    assert_int_equal(v->start_ms, expected_start(f.time_ms));
    assert_int_equal(v->answer.klines.n, 4);
    liq_view_release(v);
    f.listed_ms = INT64_MAX;
    liq_feeds_free(feeds);
    feeds = feeds_new(&clock);
    assert_null(view_of(feeds, &f, 0));
    assert_int_equal(last_err, LIQ_ENOTFOUND);
    liq_feeds_free(feeds);
}

static void what_is_missing_now_is_absent_now(void **state)
{
    struct liq_clock clock = liq_clock_held(0, 0);
    struct liq_feeds *feeds = feeds_new(&clock);
    struct fake f = fake_new(&clock);
    const struct liq_view *v = good_view(feeds, &f);

    (void)state;
    assert_true(v->answer.statistics.open_interest == 5.0);
    liq_view_release(v);
    f.no_statistics = true;
    pass(&f, TTL);
    v = good_view(feeds, &f);
    assert_true(isnan(v->answer.statistics.open_interest));
    assert_int_equal(v->answer.n_warning, 1);
    assert_string_equal(v->answer.warning[0], "open interest: HTTP 500");
    liq_view_release(v);
    liq_feeds_free(feeds);
}

static void a_late_newest_candle_is_a_warning(void **state)
{
    struct liq_clock clock = liq_clock_held(0, 0);
    struct liq_feeds *feeds = feeds_new(&clock);
    struct fake f = fake_new(&clock);
    const struct liq_view *v;

    (void)state;
    f.frozen_ms = NEW_YEAR;
    f.time_ms = NEW_YEAR + 2 * ENGINE + LIQ_MINUTE_MS;
    v = good_view(feeds, &f);
    assert_int_equal(v->answer.n_warning, 0);
    liq_view_release(v);
    pass(&f, LIQ_MINUTE_MS);
    v = good_view(feeds, &f);
    assert_int_equal(v->answer.n_warning, 1);
    assert_string_equal(v->answer.warning[0],
                        "newest candle is 32 minutes old");
    liq_view_release(v);
    liq_feeds_free(feeds);
}

static void failures_give_the_last_good_view_for_a_while(void **state)
{
    struct liq_clock clock = liq_clock_held(0, 0);
    struct liq_feeds *feeds = feeds_new(&clock);
    struct fake f = fake_new(&clock);
    const struct liq_view *v = good_view(feeds, &f), *old;

    (void)state;
    f.err = LIQ_ENET;
    pass(&f, TTL);
    old = view_of(feeds, &f, 0);
    assert_int_equal(last_err, LIQ_ENET);
    assert_string_equal(last_why.text, "fake fetch");
    assert_ptr_equal(old, v);
    liq_view_release(old);

    /* Too old to show: the age is what is wrong now. */
    pass(&f, STALE);
    assert_null(view_of(feeds, &f, 0));
    assert_int_equal(last_err, LIQ_ELIMIT);
    assert_string_equal(last_why.text, "no fresh data for 620 s: fake fetch");

    /* It comes back, and nothing is fetched that is known. */
    f.err = LIQ_OK;
    pass(&f, STALE);
    old = good_view(feeds, &f);
    assert_int_equal(f.asked.from_ms, NEW_YEAR - 2 * ENGINE);
    assert_int_equal(old->epoch, v->epoch);
    expect_whole(old, &f);
    liq_view_release(old);
    liq_view_release(v);
    liq_feeds_free(feeds);
}

static void nothing_yet_is_the_exchanges_error(void **state)
{
    struct liq_clock clock = liq_clock_held(0, 0);
    struct liq_feeds *feeds = feeds_new(&clock);
    struct fake f = fake_new(&clock);

    (void)state;
    f.err = LIQ_EBLOCKED;
    assert_null(view_of(feeds, &f, 0));
    assert_int_equal(last_err, LIQ_EBLOCKED);
    assert_int_equal(f.fetches, 0);
    liq_feeds_free(feeds);
}

static void the_past_is_kept(void **state)
{
    struct liq_clock clock = liq_clock_held(0, 0);
    struct liq_feeds *feeds = feeds_new(&clock);
    struct fake f = fake_new(&clock);
    int64_t end = NEW_YEAR - 100 * LIQ_DAY_MS + 20 * LIQ_MINUTE_MS;
    const struct liq_view *v = view_of(feeds, &f, end), *again;

    (void)state;
    assert_int_equal(last_err, LIQ_OK);
    assert_int_equal(v->start_ms, expected_start(end));
    assert_int_equal(f.asked.to_ms, end);
    assert_int_equal(v->end_ms, end);
    assert_int_equal(v->answer.n_warning, 0);
    assert_int_equal(v->item.fresh_until_ms, LIQ_HOUR_MS);
    f.err = LIQ_ENET;
    pass(&f, 90 * LIQ_DAY_MS);
    again = view_of(feeds, &f, end);
    assert_ptr_equal(again, v);
    liq_view_release(again);
    liq_view_release(v);
    liq_feeds_free(feeds);
}

static void no_memory_is_an_error_and_then_well_again(void **state)
{
    struct liq_clock clock = liq_clock_held(0, 0);
    struct liq_feeds_options o = {.clock = &clock, .max_feeds = 1};
    struct liq_feeds *feeds;
    struct fake f = fake_new(&clock);

    (void)state;
    fail_after = 0;
    assert_null(liq_feeds_new(&o));
    fail_after = -1;
    feeds = feeds_new(&clock);
    fail_after = 0;
    assert_null(view_of(feeds, &f, 0));
    assert_int_equal(last_err, LIQ_ENOMEM);
    assert_int_equal(f.fetches, 0);
    fail_after = -1;
    pass(&f, LIQ_HOUR_MS);
    liq_view_release(good_view(feeds, &f));
    liq_feeds_free(feeds);
}

static void wrong_arguments_are_refused(void **state)
{
    struct liq_clock clock = liq_clock_held(0, 0);
    struct liq_feeds *feeds = feeds_new(&clock);
    struct fake f = fake_new(&clock);
    const struct liq_view *v;
    struct liq_reason why;

    (void)state;
    assert_int_equal(liq_feeds_get(feeds, &f.market,
                                   "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEF", DISPLAY,
                                   0, 0, false, &v, &why),
                     LIQ_EINVAL);
    assert_int_equal(liq_feeds_get(feeds, &f.market, "BTCUSDT", LIQ_DAY_MS, 0,
                                   0, false, &v, &why),
                     LIQ_EINVAL);
    assert_int_equal(f.fetches, 0);
    liq_feeds_free(feeds);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_fill_fetches_the_whole_series),
        cmocka_unit_test(the_start_follows_its_rule),
        cmocka_unit_test(later_only_the_newest_are_asked_for),
        cmocka_unit_test(epochs_tell_what_changed),
        cmocka_unit_test(a_young_symbol_begins_later_than_the_rule),
        cmocka_unit_test(what_is_missing_now_is_absent_now),
        cmocka_unit_test(a_late_newest_candle_is_a_warning),
        cmocka_unit_test(failures_give_the_last_good_view_for_a_while),
        cmocka_unit_test(nothing_yet_is_the_exchanges_error),
        cmocka_unit_test(the_past_is_kept),
        cmocka_unit_test(no_memory_is_an_error_and_then_well_again),
        cmocka_unit_test(wrong_arguments_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
