/* What the api gives to the recorder when, and what /api/v1/liquidations says
 * of its file.  The recorder is the test's: rows are kept in order, questions
 * are answered at once. */
#include "server.h"

#include <unistd.h>
#include "liqmap/derive.h"
#include "liqmap/recorder.h"

#define ROWS_MAX 1000

struct liq_recorder {
    struct liq_history history;
    struct liq_row row[ROWS_MAX];
    size_t n;
    struct liq_work *const *work;
    struct liq_store *store;
    bool silent;
};

static struct liq_recorder recorder;

bool liq_recorder_put(struct liq_recorder *r, struct liq_row *row)
{
    assert_in_range(r->n, 0, ROWS_MAX - 1);
    r->row[r->n++] = *row;
    return true;
}

bool liq_recorder_ask(struct liq_recorder *r, struct liq_recorder_ask *a)
{
    if (r->silent)
        return false;
    a->read(a, r->store);
    liq_work_post(*r->work, &a->done, a->lane);
    return true;
}

void liq_recorder_count(struct liq_recorder *r, struct liq_recorder_counts *out)
{
    (void)r;
    memset(out, 0, sizeof *out);
}

static bool no_history(struct liq_history *h, struct liq_history_ask *a)
{
    (void)h;
    (void)a;
    return false;
}

struct liq_history *liq_recorder_history(struct liq_recorder *r)
{
    return &r->history;
}

/* n exchanges with a recorder, not started. */
static struct server *plan(size_t n)
{
    struct server *s = server_plan(n);

    memset(&recorder, 0, sizeof recorder);
    recorder.history.ask = no_history;
    recorder.work = &s->work;
    s->recorder = &recorder;
    s->clock.held_wall_ms = s->fake[0]->time_ms;
    return s;
}

static void end(struct server *s)
{
    server_free(s);
    for (size_t i = 0; i < recorder.n; i++)
        liq_row_free(&recorder.row[i]);
    recorder.n = 0;
}

/* Time that passes for the wall's clock, too. */
static void go_on(struct server *s, int64_t ms)
{
    for (; ms > 0; ms -= 500) {
        pass(s, 500);
        s->clock.held_wall_ms += 500;
        s->timer.held_mono_ms = s->clock.held_mono_ms;
        pump(s);
    }
}

/* The i-th row of a kind; NULL: there are fewer. */
static const struct liq_row *row_at(enum liq_row_kind kind, size_t i)
{
    for (size_t k = 0; k < recorder.n; k++) {
        if (recorder.row[k].kind == kind && i-- == 0)
            return &recorder.row[k];
    }
    return NULL;
}

static size_t rows(enum liq_row_kind kind)
{
    size_t n = 0;

    while (row_at(kind, n))
        n++;
    return n;
}

/* --- statistics and levels ------------------------------------------------ */

static void statistics_every_five_minutes(void **state)
{
    struct server *s = plan(1);
    int64_t begin_ms = s->fake[0]->time_ms;

    (void)state;
    server_start(s, 0);
    go_on(s, 32 * LIQ_MINUTE_MS);
    assert_int_equal(rows(LIQ_ROW_STATISTICS), 7);
    for (size_t i = 0; i < 7; i++) {
        const struct liq_row *r = row_at(LIQ_ROW_STATISTICS, i);

        assert_string_equal(r->exchange, "fake");
        assert_string_equal(r->symbol, "BTCUSDT");
        assert_int_equal(r->time_ms / (5 * LIQ_MINUTE_MS),
                         begin_ms / (5 * LIQ_MINUTE_MS) + (int64_t)i);
        assert_true(r->statistics.open_interest == 80000.0);
        assert_true(r->statistics.open_interest_usd > 1e9);
        assert_true(r->statistics.long_account_share == 0.6);
        assert_true(r->statistics.funding_rate == 0.0001);
    }
    /* Nobody else asked: one refresh for each of them. */
    assert_int_equal(s->fake[0]->fetches, 7);
    assert_true(s->fake[0]->background);
    end(s);
}

/* A response with candles alone is no news of the statistics. */
static void what_nobody_said_is_no_row(void **state)
{
    struct server *s = plan(1);

    (void)state;
    s->fake[0]->bare = true;
    server_start(s, 0);
    go_on(s, 7 * LIQ_MINUTE_MS);
    assert_true(s->fake[0]->fetches >= 2);
    assert_int_equal(rows(LIQ_ROW_STATISTICS), 0);
    s->fake[0]->bare = false;
    go_on(s, 5 * LIQ_MINUTE_MS);
    assert_int_equal(rows(LIQ_ROW_STATISTICS), 1);
    end(s);
}

static void expect_levels(const struct liq_row *r, int64_t close_ms)
{
    const struct liq_publication *p = &r->levels;
    char model[48];
    cJSON *doc = cJSON_Parse(p->parameters);

    assert_string_equal(r->exchange, "fake");
    assert_string_equal(r->symbol, "BTCUSDT");
    assert_int_equal(p->close_ms, close_ms);
    assert_int_equal(p->interval_ms, LIQ_HOUR_MS);
    snprintf(model, sizeof model, "%s/%d", LIQ_MODEL_NAME, LIQ_MODEL_VERSION);
    assert_string_equal(p->model, model);
    assert_true(number(doc, "leverage_spread") == 0.02);
    assert_int_equal(cJSON_GetArraySize(at(doc, "half_life_hours")), LIQ_TIERS);
    assert_int_equal(cJSON_GetArraySize(at(doc, "standing_shares")), LIQ_TIERS);
    cJSON_Delete(doc);
    assert_true(p->price > 90000.0 && p->price < 110000.0);
    assert_true(p->open_interest_usd > 1e9);
    assert_in_range(p->n_level, 2, 2 * LIQ_LEVELS_MAX);
    for (size_t i = 0; i < p->n_level; i++) {
        const struct liq_stored_level *l = &p->level[i];

        assert_true(l->from < l->to && l->from <= l->price &&
                    l->price <= l->to);
        assert_true(l->mass > 0.0 && l->usd > 0.0);
        assert_int_equal(l->is_long, l->price < p->price);
    }
}

static void levels_at_each_close(void **state)
{
    struct server *s = plan(1);

    (void)state;
    s->config.leverage_spread = 0.02;
    s->fake[0]->time_ms = NEW_YEAR + 58 * LIQ_MINUTE_MS;
    server_start(s, 0);
    go_on(s, 2 * LIQ_MINUTE_MS);
    /* Of the close that was newest when it began. */
    assert_int_equal(rows(LIQ_ROW_LEVELS), 1);
    expect_levels(row_at(LIQ_ROW_LEVELS, 0), NEW_YEAR);
    /* The exchange gets some time for the candle. */
    go_on(s, 2500);
    assert_int_equal(rows(LIQ_ROW_LEVELS), 1);
    go_on(s, 20000);
    assert_int_equal(rows(LIQ_ROW_LEVELS), 2);
    expect_levels(row_at(LIQ_ROW_LEVELS, 1), NEW_YEAR + LIQ_HOUR_MS);
    go_on(s, 10 * LIQ_MINUTE_MS);
    assert_int_equal(rows(LIQ_ROW_LEVELS), 2);
    end(s);
}

/* Only the map that is recorded is: exchange and interval are in its key. */
static void what_others_ask_for_is_not_recorded(void **state)
{
    struct server *s = plan(2);

    (void)state;
    memcpy(s->config.recorder_symbols, "ETHUSDT", sizeof "ETHUSDT");
    server_start(s, 0);
    assert_int_equal(
        ask_status(s, "levels", "symbol=BTCUSDT&exchange=first&interval=1h"),
        200);
    assert_int_equal(
        ask_status(s, "levels", "symbol=ETHUSDT&exchange=first&interval=4h"),
        200);
    assert_int_equal(
        ask_status(s, "levels", "symbol=ETHUSDT&exchange=all&interval=1h"),
        200);
    assert_int_equal(
        ask_status(s, "heatmap", "symbol=ETHUSDT&exchange=first&interval=1h"),
        200);
    assert_int_equal(recorder.n, 0);
    go_on(s, 2000);
    assert_int_equal(rows(LIQ_ROW_STATISTICS), 2);
    assert_int_equal(rows(LIQ_ROW_LEVELS), 2);
    for (size_t i = 0; i < recorder.n; i++)
        assert_string_equal(recorder.row[i].symbol, "ETHUSDT");
    end(s);
}

static void failures_are_tried_again_without_haste(void **state)
{
    static const struct {
        enum liq_err err;
        int most;
    } cases[] = {{LIQ_ENET, 5}, {LIQ_ENOTFOUND, 1}};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct server *s = plan(1);

        s->fake[0]->err = cases[i].err;
        server_start(s, 0);
        go_on(s, LIQ_MINUTE_MS);
        assert_in_range(s->fake[0]->fetches, 1, cases[i].most);
        assert_int_equal(recorder.n, 0);
        s->fake[0]->err = LIQ_OK;
        go_on(s, 20000);
        /* A symbol that is not listed is looked for once an hour. */
        assert_int_equal(rows(LIQ_ROW_STATISTICS), i == 0 ? 1 : 0);
        go_on(s, LIQ_HOUR_MS);
        assert_true(rows(LIQ_ROW_STATISTICS) > 0);
        end(s);
    }
}

/* --- liquidations that are asked for -------------------------------------- */

static void expect_cover(size_t i, int64_t from_ms, int64_t until_ms)
{
    const struct liq_row *r = row_at(LIQ_ROW_COVER, i);

    assert_non_null(r);
    assert_string_equal(r->exchange, "fake");
    assert_int_equal(r->time_ms, from_ms);
    assert_int_equal(r->until_ms, until_ms);
}

static void polled_every_minute(void **state)
{
    struct server *s = plan(1);
    struct fake *f = s->fake[0];
    struct liq_liquidation closed[100];
    int64_t first_ms, until_ms;

    (void)state;
    for (int i = 0; i < 100; i++)
        closed[i] = (struct liq_liquidation){
            f->time_ms - 1000 * (i + 1), i % 2 == 0, false, 100.0, 2.0, 200.0};
    f->exchange.liquidations = true;
    f->closed = closed;
    f->n_closed = 3;
    server_start(s, 0);
    go_on(s, 10000);
    assert_int_equal(f->polls, 1);
    assert_int_equal(rows(LIQ_ROW_LIQUIDATION), 3);
    assert_int_equal(row_at(LIQ_ROW_LIQUIDATION, 1)->time_ms,
                     closed[1].time_ms);
    assert_false(row_at(LIQ_ROW_LIQUIDATION, 1)->liquidation.is_long);
    first_ms = row_at(LIQ_ROW_COVER, 0)->until_ms;
    expect_cover(0, first_ms - LIQ_MINUTE_MS, first_ms);
    /* The next reaches back to it. */
    go_on(s, LIQ_MINUTE_MS);
    assert_int_equal(f->polls, 2);
    until_ms = row_at(LIQ_ROW_COVER, 1)->until_ms;
    expect_cover(1, first_ms - LIQ_MINUTE_MS, until_ms);
    /* A full body that does not: what lies between is a gap. */
    for (int i = 0; i < 100; i++)
        closed[i].time_ms = until_ms + 5000 + 100 * i;
    f->n_closed = 100;
    go_on(s, LIQ_MINUTE_MS);
    assert_int_equal(f->polls, 3);
    expect_cover(2, until_ms + 5000, row_at(LIQ_ROW_COVER, 2)->until_ms);
    end(s);
}

/* A body goes back an hour: after a longer silence a gap begins. */
static void silence_is_a_gap(void **state)
{
    static const struct {
        int64_t minutes;
        bool gap;
    } cases[] = {{50, false}, {70, true}};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct server *s = plan(1);
        struct fake *f = s->fake[0];
        int64_t from_ms, until_ms;

        f->exchange.liquidations = true;
        server_start(s, 0);
        go_on(s, 10000);
        from_ms = row_at(LIQ_ROW_COVER, 0)->time_ms;
        f->err = LIQ_ENET;
        go_on(s, cases[i].minutes * LIQ_MINUTE_MS);
        assert_int_equal(rows(LIQ_ROW_COVER), 1);
        f->err = LIQ_OK;
        go_on(s, LIQ_MINUTE_MS);
        until_ms = row_at(LIQ_ROW_COVER, 1)->until_ms;
        expect_cover(1, cases[i].gap ? until_ms - LIQ_MINUTE_MS : from_ms,
                     until_ms);
        end(s);
    }
}

/* --- /api/v1/liquidations ------------------------------------------------- */

static char path[] = "/tmp/liqmap-recorded-XXXXXX";

/* Two exchanges with a file: "bybit" has a stream, "second" has none. */
static struct server *plan_file(void)
{
    struct server *s = plan(2);
    struct liq_reason why;
    int fd;

    memcpy(path + sizeof path - 7, "XXXXXX", 6);
    fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(close(fd), 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(liq_store_open(path, false, &recorder.store, &why),
                     LIQ_OK);
    snprintf(s->fake[0]->name, sizeof s->fake[0]->name, "bybit");
    return s;
}

static void end_file(struct server *s)
{
    char more[sizeof path + 4];

    end(s);
    liq_store_close(recorder.store);
    recorder.store = NULL;
    (void)unlink(path);
    snprintf(more, sizeof more, "%s-wal", path);
    (void)unlink(more);
    snprintf(more, sizeof more, "%s-shm", path);
    (void)unlink(more);
}

static void store(struct liq_row *r, const char *exchange)
{
    struct liq_reason why;

    snprintf(r->exchange, sizeof r->exchange, "%s", exchange);
    snprintf(r->symbol, sizeof r->symbol, "BTCUSDT");
    assert_int_equal(liq_store_put(recorder.store, r, 1, NULL, &why), LIQ_OK);
}

static void store_closed(const char *exchange, int64_t ms, bool is_long,
                         double usd, bool sampled)
{
    struct liq_row r = {
        .kind = LIQ_ROW_LIQUIDATION,
        .time_ms = ms,
        .liquidation = {ms, is_long, sampled, 100.0, usd / 100.0, usd}};

    store(&r, exchange);
}

static void store_cover(const char *exchange, int64_t from_ms, int64_t until_ms)
{
    struct liq_row r = {
        .kind = LIQ_ROW_COVER, .time_ms = from_ms, .until_ms = until_ms};

    store(&r, exchange);
}

static double item(const cJSON *doc, const char *list, int i)
{
    const cJSON *one = cJSON_GetArrayItem(at(doc, list), i);

    assert_true(cJSON_IsNumber(one));
    return one->valuedouble;
}

static const cJSON *part(const cJSON *doc, const char *list, int i)
{
    const cJSON *one = cJSON_GetArrayItem(at(doc, list), i);

    assert_non_null(one);
    return one;
}

#define HOURS(n) (NEW_YEAR + (n)*LIQ_HOUR_MS)

static void sums_by_candle(void **state)
{
    struct server *s = plan_file();
    cJSON *doc;

    (void)state;
    /* Now is 00:05: five candles from 20:00 of the day before. */
    store_closed("bybit", HOURS(-4) - 1, true, 1000, false);
    store_closed("bybit", HOURS(-4), true, 10.254, false);
    store_closed("bybit", HOURS(-3) - 1, true, 20, false);
    store_closed("second", HOURS(-3), true, 40, true);
    store_closed("second", HOURS(-3), false, 80, true);
    store_closed("second", HOURS(0), false, 160, true);
    server_start(s, 0);
    doc = ask_json(s, "liquidations", "symbol=BTCUSDT&interval=1h&bars=5", 200);
    assert_string_equal(text(doc, "exchange"), "all");
    assert_int_equal(number(doc, "time"), s->clock.held_wall_ms);
    assert_int_equal(cJSON_GetArraySize(at(doc, "open_time")), 5);
    assert_true(item(doc, "open_time", 0) == (double)HOURS(-4));
    assert_true(item(doc, "open_time", 4) == (double)HOURS(0));
    assert_true(item(doc, "long_usd", 0) == 30.25);
    assert_int_equal(item(doc, "long_count", 0), 2);
    assert_int_equal(item(doc, "short_count", 0), 0);
    assert_true(item(doc, "long_usd", 1) == 40);
    assert_true(item(doc, "short_usd", 1) == 80);
    assert_true(item(doc, "short_usd", 2) == 0);
    assert_true(item(doc, "short_usd", 4) == 160);
    assert_int_equal(cJSON_GetArraySize(at(doc, "largest")), 5);
    assert_true(number(part(doc, "largest", 0), "usd") == 160);
    assert_string_equal(text(part(doc, "largest", 0), "exchange"), "second");
    assert_string_equal(text(part(doc, "largest", 0), "side"), "short");
    assert_true(number(part(doc, "largest", 3), "usd") == 20);
    assert_string_equal(text(part(doc, "largest", 3), "exchange"), "bybit");
    assert_int_equal(number(part(doc, "exchanges", 0), "count"), 2);
    assert_int_equal(number(part(doc, "exchanges", 1), "count"), 3);
    cJSON_Delete(doc);
    doc = ask_json(s, "liquidations",
                   "symbol=BTCUSDT&interval=1h&bars=5&exchange=bybit", 200);
    assert_string_equal(text(doc, "exchange"), "bybit");
    assert_int_equal(cJSON_GetArraySize(at(doc, "exchanges")), 1);
    assert_int_equal(cJSON_GetArraySize(at(doc, "largest")), 2);
    assert_true(item(doc, "short_usd", 4) == 0);
    cJSON_Delete(doc);
    end_file(s);
}

static void the_past(void **state)
{
    struct server *s = plan_file();
    char query[96];
    cJSON *doc;

    (void)state;
    store_closed("bybit", HOURS(-9), true, 5, false);
    store_closed("bybit", HOURS(-8), true, 7, false);
    server_start(s, 0);
    snprintf(query, sizeof query, "symbol=BTCUSDT&interval=1h&bars=2&end=%lld",
             (long long)HOURS(-8));
    doc = ask_json(s, "liquidations", query, 200);
    assert_int_equal(number(doc, "time"), HOURS(-8));
    assert_true(item(doc, "open_time", 1) == (double)HOURS(-9));
    assert_true(item(doc, "long_usd", 1) == 5);
    assert_int_equal(cJSON_GetArraySize(at(doc, "largest")), 1);
    cJSON_Delete(doc);
    end_file(s);
}

static void the_hundred_largest(void **state)
{
    struct server *s = plan_file();
    cJSON *doc;

    (void)state;
    for (int i = 0; i < 150; i++)
        store_closed("bybit", HOURS(-1) + i, true, 1 + (i * 67) % 150, false);
    server_start(s, 0);
    doc = ask_json(s, "liquidations", "symbol=BTCUSDT&interval=1h&bars=5", 200);
    assert_int_equal(cJSON_GetArraySize(at(doc, "largest")), 100);
    for (int i = 0; i < 100; i++)
        assert_true(number(part(doc, "largest", i), "usd") == 150 - i);
    assert_int_equal(item(doc, "long_count", 3), 150);
    cJSON_Delete(doc);
    end_file(s);
}

/* What no cover reaches; of an exchange without a feed nothing is said. */
static void feeds_and_gaps(void **state)
{
    struct server *s = plan_file();
    const cJSON *feed;
    cJSON *doc;

    (void)state;
    s->fake[0]->exchange.liquidations = true;
    store_cover("bybit", HOURS(-5), HOURS(-3));
    store_cover("bybit", HOURS(-3) + 1000, HOURS(-2));
    store_cover("bybit", HOURS(-2), NEW_YEAR + LIQ_MINUTE_MS);
    store_closed("second", HOURS(-3), true, 40, true);
    server_start(s, 0);
    doc = ask_json(s, "liquidations", "symbol=BTCUSDT&interval=1h&bars=5", 200);
    feed = part(doc, "exchanges", 0);
    assert_string_equal(text(feed, "exchange"), "bybit");
    assert_string_equal(text(feed, "feed"), "stream");
    assert_true(cJSON_IsFalse(at(feed, "sampled")));
    assert_int_equal(cJSON_GetArraySize(at(feed, "gaps")), 2);
    assert_int_equal(number(part(feed, "gaps", 0), "from"), HOURS(-3));
    assert_int_equal(number(part(feed, "gaps", 0), "to"), HOURS(-3) + 1000);
    assert_int_equal(number(part(feed, "gaps", 1), "from"),
                     NEW_YEAR + LIQ_MINUTE_MS);
    assert_int_equal(number(part(feed, "gaps", 1), "to"),
                     s->clock.held_wall_ms);
    assert_true(cJSON_IsFalse(at(feed, "more_gaps")));
    feed = part(doc, "exchanges", 1);
    expect_null(feed, "feed");
    assert_true(cJSON_IsTrue(at(feed, "sampled")));
    assert_int_equal(cJSON_GetArraySize(at(feed, "gaps")), 0);
    cJSON_Delete(doc);
    end_file(s);
}

static void gaps_are_bounded(void **state)
{
    struct server *s = plan_file();
    const cJSON *feed;
    cJSON *doc;

    (void)state;
    snprintf(s->fake[1]->name, sizeof s->fake[1]->name, "polled");
    s->fake[1]->exchange.liquidations = true;
    for (int i = 0; i < 80; i++)
        store_cover("polled", HOURS(-4) + i * LIQ_MINUTE_MS,
                    HOURS(-4) + i * LIQ_MINUTE_MS + 30000);
    server_start(s, 0);
    doc = ask_json(s, "liquidations", "symbol=BTCUSDT&interval=1h&bars=5", 200);
    feed = part(doc, "exchanges", 1);
    assert_string_equal(text(feed, "feed"), "requests");
    assert_int_equal(cJSON_GetArraySize(at(feed, "gaps")), 50);
    assert_true(cJSON_IsTrue(at(feed, "more_gaps")));
    cJSON_Delete(doc);
    end_file(s);
}

static void expect_refused(struct server *s, int status, const char *code)
{
    cJSON *doc = ask_json(s, "liquidations", "symbol=BTCUSDT", status);

    assert_string_equal(text(doc, "error.code"), code);
    cJSON_Delete(doc);
}

static void no_recorder_and_no_file(void **state)
{
    struct server *s = server_new(1);

    (void)state;
    expect_refused(s, 404, "not_recorded");
    server_free(s);
    s = plan(1); /* its file cannot be opened */
    server_start(s, 0);
    expect_refused(s, 503, "recorder");
    recorder.silent = true;
    expect_refused(s, 503, "recorder");
    end(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statistics_every_five_minutes),
        cmocka_unit_test(what_nobody_said_is_no_row),
        cmocka_unit_test(levels_at_each_close),
        cmocka_unit_test(what_others_ask_for_is_not_recorded),
        cmocka_unit_test(failures_are_tried_again_without_haste),
        cmocka_unit_test(polled_every_minute),
        cmocka_unit_test(silence_is_a_gap),
        cmocka_unit_test(sums_by_candle),
        cmocka_unit_test(the_past),
        cmocka_unit_test(the_hundred_largest),
        cmocka_unit_test(feeds_and_gaps),
        cmocka_unit_test(gaps_are_bounded),
        cmocka_unit_test(no_recorder_and_no_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
