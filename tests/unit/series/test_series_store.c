/* The series of an exchange that is a struct in fake.h. */
#include "fake.h"
#include "liqmap/model.h"

/* The files themselves, so that their allocations can be made to fail. */
static int fail_after = -1;
static bool fails(void)
{
    return fail_after >= 0 && fail_after-- == 0;
}

static void *failing_calloc(size_t n, size_t size)
{
    return fails() ? NULL : calloc(n, size);
}

static void *failing_malloc(size_t size)
{
    return fails() ? NULL : malloc(size);
}

#define calloc failing_calloc
#define malloc failing_malloc
#include "series/series_store.c"
#include "series/refresh.c"
#include "series/candles.c"
#include "series/merge.c"
#include "series/packed.c"
#include "model/klines.c"
#undef calloc
#undef malloc

static struct liq_klines candles_of(const struct liq_series *s)
{
    struct liq_klines k;

    assert_int_equal(liq_series_candles(s, &k), LIQ_OK);
    assert_int_equal(k.n, s->n);
    assert_int_equal(k.at[0].open_ms, s->first_ms);
    assert_int_equal(k.at[k.n - 1].open_ms, s->newest_ms);
    assert_true(k.at[k.n - 1].close == s->close);
    return k;
}

/* The series holds exactly what the exchange has from its start on. */
static void expect_whole(const struct liq_series *s, const struct fake *f)
{
    struct liq_klines k = candles_of(s), display, shown;
    size_t i = 0;

    for (int64_t t = s->start_ms; t <= f->time_ms; t += ENGINE) {
        struct liq_kline want = candle(f, t);

        if (t == f->hole_ms)
            continue;
        assert_in_range(i, 0, k.n - 1);
        assert_int_equal(k.at[i].open_ms, t);
        assert_true(k.at[i].volume == want.volume);
        i++;
    }
    assert_int_equal(i, k.n);
    assert_int_equal(liq_klines_aggregate(k.at, k.n, DISPLAY, &display),
                     LIQ_OK);
    assert_int_equal(liq_series_display(s, &shown), LIQ_OK);
    assert_int_equal(shown.n, display.n);
    assert_memory_equal(shown.at, display.at, display.n * sizeof *display.at);
    assert_int_equal(s->n_display, display.n);
    assert_int_equal(s->item.bytes, sizeof *s + liq_packed_bytes(s->candles) +
                                        display.n * sizeof *s->interest);
    assert_null(s->data.klines.at);
    free(k.at);
    free(shown.at);
    free(display.at);
}

/* The rule again, written the slow way. */
static int64_t expected_start(int64_t at_ms)
{
    int64_t newest = at_ms / DISPLAY * DISPLAY, start = 0;

    while (start + 375 * DISPLAY <= newest - 1500 * DISPLAY)
        start += 375 * DISPLAY;
    return start;
}

/* --- what is fetched ------------------------------------------------------ */

static void the_first_refresh_fetches_the_whole_series(void **state)
{
    struct liq_series *s;
    struct fixture f;

    (void)state;
    fixture_begin_with(&f, 7000, 0);
    s = good_series(&f);
    assert_int_equal(s->start_ms, expected_start(f.fake.time_ms));
    assert_int_equal(f.fake.asked.kind, LIQ_FETCH_SERIES);
    assert_int_equal(f.fake.asked.from_ms, s->start_ms);
    assert_int_equal(f.fake.asked.to_ms, 0);
    assert_int_equal(f.fake.asked.interval_ms, ENGINE);
    assert_string_equal(f.fake.asked.symbol, "BTCUSDT");
    assert_int_equal(f.fake.asked.deadline_ms, 7000 + PATIENCE);
    assert_false(f.fake.asked.background);
    assert_int_equal(f.fake.clocks, 0);
    assert_int_equal(s->fetched_ms, 7000);
    assert_int_equal(s->item.fresh_until_ms, 7000 + TTL);
    assert_int_equal(s->item.meanwhile_until_ms, s->item.fresh_until_ms);
    assert_int_equal(s->item.usable_until_ms, 7000 + STALE);
    assert_int_equal(s->item.rank, LIQ_RANK_LIVE);
    assert_int_equal(s->engine_ms, ENGINE);
    assert_int_equal(s->display_ms, DISPLAY);
    assert_int_equal(s->end_ms, 0);
    assert_string_equal(s->symbol, "BTCUSDT");
    assert_ptr_equal(s->exchange, &f.fake.exchange);
    assert_int_equal(s->data.n_warning, 0);
    expect_whole(s, &f.fake);
    release(s);
    fixture_end(&f);
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

static void later_only_the_newest_are_fetched(void **state)
{
    struct liq_series *first, *s;
    struct liq_klines held;
    struct fixture f;
    size_t n;

    (void)state;
    fixture_begin(&f);
    first = good_series(&f);
    n = first->n;
    pass(&f, TTL - 1);
    s = good_series(&f);
    assert_ptr_equal(s, first);
    assert_int_equal(f.fake.fetches, 1);
    release(s);

    pass(&f, 35 * LIQ_MINUTE_MS - TTL + 1);
    s = good_series(&f);
    assert_int_equal(f.fake.fetches, 2);
    assert_int_equal(f.fake.asked.from_ms, NEW_YEAR - 2 * ENGINE);
    assert_int_equal(s->epoch, first->epoch);
    assert_int_equal(s->n, n + 2);
    assert_true(s->item.order > first->item.order);
    expect_whole(s, &f.fake);
    /* The earlier series has not changed under its readers. */
    assert_int_equal(first->n, n);
    held = candles_of(first);
    assert_true(held.at[n - 1].volume == 5.0 * 60000);
    free(held.at);
    release(first);
    release(s);
    fixture_end(&f);
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
    {"a closed candle vanishes", TTL, NEW_YEAR - ENGINE, 0, false, 4},
    {"the newest vanishes", ENGINE, NEW_YEAR, 0, false, 4},
    {"the exchange skips one", 2 * ENGINE, NEW_YEAR + ENGINE, 0, true, 3},
    {"a revision out of sight", TTL, 0, NEW_YEAR - 9 * ENGINE, true, 2},
    {"the start moves on", 375 * DISPLAY, 0, 0, false, 2},
};

static void epochs_say_what_changed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        struct liq_series *before, *s;
        struct fixture f;

        print_message("  %s\n", changes[i].name);
        fixture_begin(&f);
        before = good_series(&f);
        pass(&f, changes[i].pass_ms);
        f.fake.hole_ms = changes[i].hole_ms;
        f.fake.revised_ms = changes[i].revised_ms;
        s = good_series(&f);
        assert_int_equal(s->epoch == before->epoch, changes[i].same_epoch);
        assert_int_equal(f.fake.fetches, changes[i].fetches);
        if (f.fake.hole_ms) /* asked for once more */
            assert_int_equal(f.fake.asked.from_ms, f.fake.hole_ms - ENGINE);
        assert_int_equal(s->data.n_warning, f.fake.hole_ms != 0);
        assert_int_equal(s->start_ms, expected_start(f.fake.time_ms));
        if (f.fake.revised_ms != NEW_YEAR - 9 * ENGINE)
            expect_whole(s, &f.fake);
        release(before);
        release(s);
        fixture_end(&f);
    }
}

/* A hole in the first fetch is asked for again; what it lacks still has a
 * warning with its place, and refreshes do not ask again. */
static void holes_are_asked_for_again(void **state)
{
    struct fixture f;
    struct caller c;
    struct liq_series *s;

    (void)state;
    fixture_begin(&f);
    f.fake.hole_ms = NEW_YEAR - 9 * ENGINE;
    f.fake.by_hand = true;
    assert_false(ask(&f, 0, false, &c));
    fake_answer(&f.fake, f.fake.held);
    assert_int_equal(f.fake.asked.from_ms, NEW_YEAR - 10 * ENGINE);
    f.fake.hole_ms = 0;
    fake_answer(&f.fake, f.fake.held);
    run_tasks(&f);
    s = series_in(&c);
    assert_non_null(s);
    assert_int_equal(s->data.n_warning, 0);
    expect_whole(s, &f.fake);
    release(s);
    fixture_end(&f);

    fixture_begin(&f);
    f.fake.hole_ms = NEW_YEAR - 9 * ENGINE;
    s = good_series(&f);
    assert_int_equal(f.fake.fetches, 2);
    assert_non_null(strstr(s->data.warning[0],
                           "are missing at the exchange, the first at "
                           "2025-12-31T21:45:00Z"));
    release(s);
    pass(&f, TTL);
    s = good_series(&f);
    assert_int_equal(f.fake.fetches, 3);
    assert_int_equal(s->data.n_warning, 1);
    release(s);
    fixture_end(&f);
}

/* The exchange's clock was wrong for a while, and its candles with it. */
static void a_series_of_the_future_is_fetched_whole(void **state)
{
    struct liq_series *s;
    struct fixture f;

    (void)state;
    fixture_begin(&f);
    f.fake.time_ms += 25567 * LIQ_DAY_MS;
    release(good_series(&f));
    pass(&f, TTL);
    f.fake.time_ms = NEW_YEAR + LIQ_MINUTE_MS;
    s = good_series(&f);
    assert_int_equal(f.fake.fetches, 2);
    assert_int_equal(f.fake.asked.from_ms, expected_start(f.fake.time_ms));
    release(s);
    fixture_end(&f);
}

static void after_three_failures_it_is_fetched_whole(void **state)
{
    struct liq_reason why;
    struct fixture f;

    (void)state;
    fixture_begin(&f);
    release(good_series(&f));
    f.fake.err = LIQ_ENET;
    pass(&f, TTL);
    for (int i = 0; i < 3; i++) {
        release(series_at(&f, 0, &why));
        assert_int_equal(why.code, LIQ_ENET);
        assert_true(f.fake.asked.from_ms > NEW_YEAR - LIQ_HOUR_MS);
        pass(&f, ERROR_MS);
    }
    f.fake.err = LIQ_OK;
    /* Given the old one while the refresh runs. */
    release(series_at(&f, 0, &why));
    release(good_series(&f));
    assert_int_equal(f.fake.asked.from_ms, expected_start(f.fake.time_ms));
    pass(&f, TTL);
    release(good_series(&f));
    assert_true(f.fake.asked.from_ms > NEW_YEAR - LIQ_HOUR_MS);
    fixture_end(&f);
}

static struct liq_series *renewed_series(struct fixture *f)
{
    struct caller c;

    if (!ask(f, 0, true, &c))
        run_tasks(f);
    assert_int_equal(c.waiter.why.code, LIQ_OK);
    return series_in(&c);
}

/* A first fetch that was bad does not stay bad. */
static void the_past_is_checked(void **state)
{
    struct liq_series *before, *s;
    struct fixture f;

    (void)state;
    fixture_begin(&f);
    before = good_series(&f);
    f.fake.revised_ms = before->start_ms + 700 * ENGINE;
    for (int hour = 1; hour <= 2; hour++) {
        pass(&f, LIQ_HOUR_MS);
        s = renewed_series(&f);
        assert_int_equal(f.fake.fetches, 1 + 2 * hour);
        assert_true(f.fake.asked.background && f.fake.asked.check);
        assert_int_equal(f.fake.asked.from_ms,
                         before->start_ms + (hour - 1) * 480 * ENGINE);
        assert_int_equal(f.fake.asked.to_ms,
                         before->start_ms + hour * 480 * ENGINE);
        /* It is in the second page. */
        assert_int_equal(s->epoch == before->epoch, hour == 1);
        assert_int_equal(s->history == before->history, hour == 1);
        release(s);
        pass(&f, TTL); /* not again within the hour */
        release(renewed_series(&f));
        assert_int_equal(f.fake.fetches, 2 + 2 * hour);
        f.fake.fetches--;
    }
    s = good_series(&f);
    expect_whole(s, &f.fake);
    release(s);
    release(before);
    fixture_end(&f);
}

static void epochs_never_repeat(void **state)
{
    uint64_t last = 0;
    struct fixture f;

    (void)state;
    for (int i = 0; i < 3; i++) {
        struct liq_series *s;

        fixture_begin(&f);
        s = good_series(&f);
        assert_true(s->epoch > last);
        last = s->epoch;
        release(s);
        fixture_end(&f);
    }
}

/* The exchange's clock goes back over the moment when the start moved on. */
static void the_start_never_goes_back(void **state)
{
    int64_t moved_ms = expected_start(NEW_YEAR) + 1875 * DISPLAY;
    struct liq_series *before, *s;
    struct fixture f;

    (void)state;
    fixture_begin(&f);
    f.fake.time_ms = moved_ms;
    f.fake.frozen_ms = moved_ms - ENGINE;
    before = good_series(&f);
    assert_int_equal(before->start_ms, moved_ms - 1500 * DISPLAY);
    pass(&f, TTL);
    f.fake.time_ms = moved_ms - 1;
    s = good_series(&f);
    assert_int_equal(f.fake.fetches, 2);
    assert_int_equal(s->start_ms, before->start_ms);
    assert_int_equal(s->first_ms, s->start_ms);
    assert_int_equal(s->epoch, before->epoch);
    release(s);
    release(before);
    fixture_end(&f);
}

static void a_young_symbol_begins_later_than_the_rule(void **state)
{
    struct liq_reason why;
    struct liq_series *s;
    struct fixture f;

    (void)state;
    fixture_begin(&f);
    f.fake.listed_ms = NEW_YEAR - 3 * ENGINE;
    s = good_series(&f);
    assert_int_equal(s->start_ms, expected_start(f.fake.time_ms));
    assert_int_equal(s->n, 4);
    assert_int_equal(s->n_display, 2);
    /* The overlap ends at the first candle of all. */
    pass(&f, TTL);
    release(s);
    s = good_series(&f);
    assert_int_equal(s->n, 4);
    release(s);
    fixture_end(&f);

    fixture_begin(&f);
    f.fake.listed_ms = INT64_MAX;
    assert_null(series_at(&f, 0, &why));
    assert_int_equal(why.code, LIQ_ENOTFOUND);
    assert_string_equal(why.text, "fake has no candles of BTCUSDT then");
    fixture_end(&f);
}

/* A symbol that was delisted long ago, its candles older than the start. */
static void candles_before_the_start_are_no_series(void **state)
{
    struct liq_reason why;
    struct liq_series *s;
    struct fixture f;

    (void)state;
    fixture_begin(&f);
    s = good_series(&f);
    f.fake.frozen_ms = NEW_YEAR;
    pass(&f, 2000 * DISPLAY);
    assert_null(series_at(&f, 0, &why));
    assert_int_equal(why.code, LIQ_ELIMIT);
    assert_non_null(strstr(why.text, "fake has no recent candles of BTCUSDT"));
    release(s);
    fixture_end(&f);
}

/* --- the exchange's clock ------------------------------------------------- */

static void the_clock_is_fetched_when_it_is_unknown(void **state)
{
    struct liq_series *s;
    struct fixture f;

    (void)state;
    fixture_begin(&f);
    f.fake.clock_unknown = true;
    s = good_series(&f);
    assert_int_equal(f.fake.clocks, 1);
    assert_int_equal(f.fake.fetches, 1);
    assert_int_equal(f.fake.asked.deadline_ms, PATIENCE);
    expect_whole(s, &f.fake);
    release(s);
    pass(&f, TTL);
    release(good_series(&f));
    assert_int_equal(f.fake.clocks, 1);
    fixture_end(&f);
}

static void a_clock_that_cannot_be_had_is_an_error(void **state)
{
    struct liq_reason why;
    struct fixture f;

    (void)state;
    fixture_begin(&f);
    f.fake.clock_unknown = true;
    f.fake.err = LIQ_EBLOCKED;
    assert_null(series_at(&f, 0, &why));
    assert_int_equal(why.code, LIQ_EBLOCKED);
    assert_int_equal(f.fake.clocks, 1);
    assert_int_equal(f.fake.fetches, 0);
    fixture_end(&f);

    fixture_begin(&f);
    f.fake.clock_unknown = f.fake.clock_broken = true;
    assert_null(series_at(&f, 0, &why));
    assert_int_equal(why.code, LIQ_EFORMAT);
    assert_int_equal(f.fake.clocks, 1); /* not again and again */
    fixture_end(&f);
}

/* --- what is missing or late ---------------------------------------------- */

static void what_is_missing_now_is_absent_now(void **state)
{
    struct liq_series *s;
    struct fixture f;

    (void)state;
    fixture_begin(&f);
    s = good_series(&f);
    assert_true(s->data.statistics.open_interest == 5.0);
    release(s);
    f.fake.no_statistics = true;
    pass(&f, TTL);
    s = good_series(&f);
    assert_true(isnan(s->data.statistics.open_interest));
    assert_int_equal(s->data.n_warning, 1);
    assert_string_equal(s->data.warning[0], "open interest: HTTP 500");
    release(s);
    fixture_end(&f);
}

static void a_late_newest_candle_is_a_warning(void **state)
{
    struct liq_series *s;
    struct fixture f;

    (void)state;
    fixture_begin(&f);
    f.fake.frozen_ms = NEW_YEAR;
    f.fake.time_ms = NEW_YEAR + 2 * ENGINE + LIQ_MINUTE_MS;
    s = good_series(&f);
    assert_int_equal(s->data.n_warning, 0);
    release(s);
    pass(&f, LIQ_MINUTE_MS);
    s = good_series(&f);
    assert_int_equal(s->data.n_warning, 1);
    assert_string_equal(s->data.warning[0], "newest candle is 32 minutes old");
    release(s);
    fixture_end(&f);
}

static void failures_give_the_last_good_series_for_a_while(void **state)
{
    struct liq_series *s, *old;
    struct liq_reason why;
    struct fixture f;

    (void)state;
    fixture_begin(&f);
    s = good_series(&f);
    f.fake.err = LIQ_ENET;
    pass(&f, TTL);
    old = series_at(&f, 0, &why);
    assert_int_equal(why.code, LIQ_ENET);
    assert_string_equal(why.text, "fake fetch");
    assert_ptr_equal(old, s);
    release(old);

    /* Too old to show: the age is what is wrong now. */
    pass(&f, STALE);
    assert_null(series_at(&f, 0, &why));
    assert_int_equal(why.code, LIQ_ELIMIT);
    assert_string_equal(why.text, "no fresh data for 620 s: fake fetch");

    /* It comes back, and nothing is fetched that is known. */
    f.fake.err = LIQ_OK;
    pass(&f, STALE);
    old = good_series(&f);
    assert_int_equal(f.fake.asked.from_ms, NEW_YEAR - 2 * ENGINE);
    assert_int_equal(old->epoch, s->epoch);
    expect_whole(old, &f.fake);
    release(old);
    release(s);
    fixture_end(&f);
}

static void an_answer_without_candles_is_an_error(void **state)
{
    struct liq_series *s, *old;
    struct liq_reason why;
    struct fixture f;

    (void)state;
    fixture_begin(&f);
    s = good_series(&f);
    f.fake.empty = true;
    pass(&f, TTL);
    old = series_at(&f, 0, &why);
    assert_int_equal(why.code, LIQ_ENOTFOUND);
    assert_ptr_equal(old, s);
    release(old);
    release(s);
    fixture_end(&f);
}

/* --- the past ------------------------------------------------------------- */

static void the_past_is_kept(void **state)
{
    int64_t end = NEW_YEAR - 100 * LIQ_DAY_MS + 20 * LIQ_MINUTE_MS;
    int64_t closed = end - 5 * LIQ_MINUTE_MS; /* down to the engine interval */
    struct liq_series *s, *again;
    struct liq_reason why;
    struct fixture f;

    (void)state;
    fixture_begin(&f);
    f.fake.clock_unknown = true;
    s = series_at(&f, end, &why);
    assert_int_equal(why.code, LIQ_OK);
    assert_int_equal(f.fake.clocks, 0); /* the past needs none */
    assert_int_equal(s->start_ms, expected_start(closed));
    assert_int_equal(f.fake.asked.to_ms, closed);
    assert_false(f.fake.asked.check);
    assert_int_equal(s->end_ms, closed);
    assert_int_equal(s->newest_ms, closed - ENGINE);
    assert_int_equal(s->data.n_warning, 0);
    assert_int_equal(s->item.rank, LIQ_RANK_PAST);
    assert_int_equal(s->item.fresh_until_ms, LIQ_HOUR_MS);
    again = series_at(&f, closed, &why); /* the same series */
    assert_ptr_equal(again, s);
    assert_int_equal(f.fake.fetches, 1);
    release(again);
    f.fake.err = LIQ_ENET;
    pass(&f, 90 * LIQ_DAY_MS);
    again = series_at(&f, end, &why);
    assert_ptr_equal(again, s);
    release(again);
    /* Fetched again as a whole, now and then. */
    f.fake.err = LIQ_OK;
    pass(&f, LIQ_HOUR_MS);
    release(series_at(&f, end, &why));
    again = series_at(&f, end, &why);
    assert_int_equal(f.fake.asked.from_ms, s->start_ms);
    assert_ptr_not_equal(again, s);
    release(again);
    release(s);
    fixture_end(&f);
}

/* --- errors of ours ------------------------------------------------------- */

static const struct {
    const char *name, *symbol;
    int64_t display_ms, end_ms;
    enum liq_err code;
} wrong[] = {
    {"a long symbol", "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEF", DISPLAY, 0,
     LIQ_EINVAL},
    {"an interval that is not offered", "BTCUSDT", LIQ_DAY_MS, 0, LIQ_EINVAL},
    {"an end below 0", "BTCUSDT", DISPLAY, -1, LIQ_EINVAL},
    {"an end before any candle", "BTCUSDT", DISPLAY, 1, LIQ_ENOTFOUND},
};

static void wrong_arguments_are_refused_at_once(void **state)
{
    struct liq_context ctx = {0, PATIENCE, false};
    struct caller c = {0};
    struct fixture f;

    (void)state;
    fixture_begin(&f);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        print_message("  %s\n", wrong[i].name);
        assert_true(liq_series_ask(&f.options, &f.fake.exchange,
                                   wrong[i].symbol, wrong[i].display_ms,
                                   wrong[i].end_ms, &ctx, &c.waiter));
        assert_int_equal(c.waiter.why.code, wrong[i].code);
        assert_null(c.waiter.item);
    }
    assert_int_equal(f.fake.fetches, 0);
    fixture_end(&f);
}

/* Whole refreshes and short ones with the nth allocation failing: an error with
 * the old series, or well, never a leak or a half series. */
static void no_memory_is_an_error_and_then_well_again(void **state)
{
    int failed = 0;

    (void)state;
    for (int n = 0; n < 12; n++) {
        struct liq_series *s, *before;
        struct liq_reason why;
        struct fixture f;

        fixture_begin(&f);
        fail_after = n;
        s = series_at(&f, 0, &why);
        fail_after = -1;
        assert_int_equal(why.code, s ? LIQ_OK : LIQ_ENOMEM);
        if (s)
            release(s);
        failed += !s;
        pass(&f, TTL);
        before = good_series(&f);
        expect_whole(before, &f.fake);

        pass(&f, TTL);
        fail_after = n;
        s = series_at(&f, 0, &why);
        fail_after = -1;
        assert_non_null(s);
        assert_int_equal(why.code, s == before ? LIQ_ENOMEM : LIQ_OK);
        failed += s == before;
        release(s);
        pass(&f, TTL);
        /* After a failure the old series is given while the next fill runs. */
        release(series_at(&f, 0, &why));
        s = good_series(&f);
        assert_int_equal(s->epoch, before->epoch);
        expect_whole(s, &f.fake);
        release(s);
        release(before);
        fixture_end(&f);
    }
    /* A refresh, a series, display candles, packed ones, open interest; and
     * those known, merged, unpacked again, as display candles. */
    assert_int_equal(failed, 5 + 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_refresh_fetches_the_whole_series),
        cmocka_unit_test(the_start_follows_its_rule),
        cmocka_unit_test(later_only_the_newest_are_fetched),
        cmocka_unit_test(epochs_say_what_changed),
        cmocka_unit_test(holes_are_asked_for_again),
        cmocka_unit_test(a_series_of_the_future_is_fetched_whole),
        cmocka_unit_test(after_three_failures_it_is_fetched_whole),
        cmocka_unit_test(the_past_is_checked),
        cmocka_unit_test(epochs_never_repeat),
        cmocka_unit_test(the_start_never_goes_back),
        cmocka_unit_test(a_young_symbol_begins_later_than_the_rule),
        cmocka_unit_test(candles_before_the_start_are_no_series),
        cmocka_unit_test(the_clock_is_fetched_when_it_is_unknown),
        cmocka_unit_test(a_clock_that_cannot_be_had_is_an_error),
        cmocka_unit_test(what_is_missing_now_is_absent_now),
        cmocka_unit_test(a_late_newest_candle_is_a_warning),
        cmocka_unit_test(failures_give_the_last_good_series_for_a_while),
        cmocka_unit_test(an_answer_without_candles_is_an_error),
        cmocka_unit_test(the_past_is_kept),
        cmocka_unit_test(wrong_arguments_are_refused_at_once),
        cmocka_unit_test(no_memory_is_an_error_and_then_well_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
