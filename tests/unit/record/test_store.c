#include "record/store.c"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define T0 INT64_C(1760000000000)

static char folder[] = "/tmp/liqmap-test-store-XXXXXX";
static char path[64], copy[64];
static struct liq_store *store;
static struct liq_reason why;

static void remove_files(void)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    char name[96];

    for (size_t i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        (void)unlink(name);
        snprintf(name, sizeof name, "%s%s", copy, ends[i]);
        (void)unlink(name);
    }
}

static int start(void **state)
{
    (void)state;
    if (path[0] == '\0' && !mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/r.db", folder);
    snprintf(copy, sizeof copy, "%s/copy.db", folder);
    remove_files();
    return liq_store_open(path, false, &store, &why) == LIQ_OK ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    liq_store_close(store);
    store = NULL;
    remove_files();
    return 0;
}

static int end_all(void **state)
{
    (void)state;
    return rmdir(folder);
}

static struct liq_row statistics(int64_t time_ms, double usd)
{
    struct liq_row r = {.kind = LIQ_ROW_STATISTICS,
                        .exchange = "binance",
                        .symbol = "BTCUSDT",
                        .time_ms = time_ms};

    r.statistics = (struct liq_statistics){.open_interest = usd / 100.0,
                                           .open_interest_usd = usd,
                                           .mark_price = NAN,
                                           .funding_rate = 0.0001,
                                           .long_account_share = 0.5};
    return r;
}

static struct liq_row liquidation(int64_t time_ms, bool is_long, double usd)
{
    struct liq_row r = {.kind = LIQ_ROW_LIQUIDATION,
                        .exchange = "bybit",
                        .symbol = "BTCUSDT",
                        .time_ms = time_ms};

    r.liquidation = (struct liq_liquidation){
        .is_long = is_long, .price = 100.0, .quantity = usd / 100, .usd = usd};
    return r;
}

static void put(const struct liq_row *r, size_t n, size_t new)
{
    size_t added = 99;

    assert_int_equal(liq_store_put(store, r, n, &added, &why), LIQ_OK);
    assert_int_equal(added, new);
}

static bool count_row(void *arg, const struct liq_row *r)
{
    (void)r;
    ++*(size_t *)arg;
    return true;
}

static size_t rows_of(struct liq_store *s, enum liq_row_kind kind)
{
    size_t n = 0;

    assert_int_equal(
        liq_store_each(s, kind, NULL, NULL, 0, INT64_MAX, count_row, &n, &why),
        LIQ_OK);
    return n;
}

static void what_is_repeated_is_kept_once(void **state)
{
    struct liq_row r[] = {
        liquidation(T0, true, 5000.0), liquidation(T0, true, 5000.0),
        liquidation(T0, false, 5000.0), liquidation(T0 + 1, true, 5000.0)};
    struct liq_row s[] = {statistics(T0, 1e9), statistics(T0, 2e9)};

    (void)state;
    put(r, 4, 3);
    put(r, 4, 0);
    put(s, 2, 1);
    assert_int_equal(rows_of(store, LIQ_ROW_LIQUIDATION), 3);
    /* What was absent is filled in, once. */
    s[0].statistics.mark_price = 7.0;
    put(s, 1, 1);
    put(s, 1, 0);
    s[0].statistics.mark_price = 8.0;
    put(s, 1, 0);
    /* Without a price a row still equals itself. */
    r[0].liquidation.price = NAN;
    put(r, 1, 1);
    put(r, 1, 0);
}

static bool take(void *arg, const struct liq_row *r)
{
    *(struct liq_row *)arg = *r;
    return false;
}

static void values_come_back(void **state)
{
    struct liq_row in = statistics(T0, 1e9), out;
    struct liq_statistics newest;
    int64_t time_ms;

    (void)state;
    put(&in, 1, 1);
    assert_int_equal(liq_store_each(store, LIQ_ROW_STATISTICS, "binance",
                                    "BTCUSDT", T0, T0 + 1, take, &out, &why),
                     LIQ_OK);
    assert_string_equal(out.exchange, "binance");
    assert_int_equal(out.time_ms, T0);
    assert_true(out.statistics.open_interest_usd == 1e9);
    assert_true(isnan(out.statistics.mark_price));
    assert_int_equal(liq_store_statistics(store, "binance", "BTCUSDT", T0 - 5,
                                          T0 + 5, &newest, &time_ms, &why),
                     LIQ_OK);
    assert_int_equal(time_ms, T0);
    assert_true(newest.funding_rate == 0.0001);
    assert_int_equal(liq_store_statistics(store, "okx", "BTCUSDT", T0 - 5,
                                          T0 + 5, &newest, &time_ms, &why),
                     LIQ_ENOTFOUND);
}

static bool look_at_levels(void *arg, const struct liq_row *r)
{
    const struct liq_publication *p = &r->levels;

    assert_int_equal(p->n_level, 2);
    assert_true(p->level[0].is_long && p->level[0].price == 90.0);
    assert_true(!p->level[1].is_long && p->level[1].usd == 7e6);
    assert_string_equal(p->model, "gauss7/1");
    assert_string_equal(p->parameters, "{\"spread\":0.04}");
    assert_int_equal(p->close_ms, T0);
    ++*(int *)arg;
    return true;
}

/* Those that were published first. */
static void levels_of_a_close_are_kept_once(void **state)
{
    struct liq_stored_level level[] = {{true, 90.0, 89.0, 91.0, 5.0, 6e6},
                                       {false, 110.0, 109.0, 111.0, 6.0, 7e6},
                                       {false, 120.0, 119.0, 121.0, 6.0, 7e6}};
    struct liq_row r = {.kind = LIQ_ROW_LEVELS,
                        .exchange = "all",
                        .symbol = "BTCUSDT",
                        .time_ms = T0 + 4000};
    int n = 0;

    (void)state;
    r.levels = (struct liq_publication){.interval_ms = 3600000,
                                        .close_ms = T0,
                                        .model = "gauss7/1",
                                        .parameters = "{\"spread\":0.04}",
                                        .price = 100.0,
                                        .open_interest_usd = 1e9,
                                        .level = level,
                                        .n_level = 2};
    put(&r, 1, 1);
    r.levels.n_level = 3;
    put(&r, 1, 0);
    assert_int_equal(liq_store_each(store, LIQ_ROW_LEVELS, NULL, "BTCUSDT", 0,
                                    INT64_MAX, look_at_levels, &n, &why),
                     LIQ_OK);
    assert_int_equal(n, 1);
}

static void a_cover_grows(void **state)
{
    struct liq_row r = {.kind = LIQ_ROW_COVER,
                        .exchange = "okx",
                        .symbol = "BTCUSDT",
                        .time_ms = T0,
                        .until_ms = T0 + 10},
                   out;

    (void)state;
    put(&r, 1, 1);
    r.until_ms = T0 + 20;
    put(&r, 1, 1);
    r.until_ms = T0 + 15;
    put(&r, 1, 0);
    assert_int_equal(rows_of(store, LIQ_ROW_COVER), 1);
    assert_int_equal(liq_store_each(store, LIQ_ROW_COVER, "okx", NULL, T0 + 19,
                                    T0 + 30, take, &out, &why),
                     LIQ_OK);
    assert_int_equal(out.until_ms, T0 + 20);
}

static void interest_by_steps(void **state)
{
    struct liq_row r[] = {statistics(T0, 1.0), statistics(T0 + 5, 2.0),
                          statistics(T0 + 20, 3.0), statistics(T0 + 30, 4.0)};
    double usd[3] = {NAN, NAN, NAN};

    (void)state;
    put(r, 4, 4);
    assert_int_equal(
        liq_store_interest(store, "binance", "BTCUSDT", T0, 10, 3, usd, &why),
        LIQ_OK);
    assert_true(usd[0] == 2.0 && isnan(usd[1]) && usd[2] == 3.0);
}

static void old_rows_are_deleted(void **state)
{
    struct liq_row r[] = {statistics(T0, 1.0), statistics(T0 + 10, 2.0),
                          liquidation(T0, true, 1.0),
                          liquidation(T0 + 10, true, 1.0)};

    (void)state;
    put(r, 4, 4);
    assert_int_equal(liq_store_trim(store, T0 + 10, &why), LIQ_OK);
    assert_int_equal(rows_of(store, LIQ_ROW_STATISTICS), 1);
    assert_int_equal(rows_of(store, LIQ_ROW_LIQUIDATION), 1);
}

static int version(const char *file, int set)
{
    sqlite3 *db;
    char text[64];
    int n = -1;

    assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
    if (set >= 0) {
        snprintf(text, sizeof text, "PRAGMA user_version = %d", set);
        assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
    }
    {
        sqlite3_stmt *q;

        assert_int_equal(
            sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &q, NULL),
            SQLITE_OK);
        assert_int_equal(sqlite3_step(q), SQLITE_ROW);
        n = sqlite3_column_int(q, 0);
        sqlite3_finalize(q);
    }
    sqlite3_close(db);
    return n;
}

/* A file of each older version becomes one of this, with its rows. */
static void older_files_are_brought_up(void **state)
{
    struct liq_store *s;
    sqlite3 *db;

    (void)state;
    for (int from = 1; from < LIQ_SCHEMA_VERSION; from++) {
        (void)unlink(copy);
        assert_int_equal(sqlite3_open(copy, &db), SQLITE_OK);
        assert_int_equal(liq_schema_migrate(db, from, &why), LIQ_OK);
        assert_int_equal(
            sqlite3_exec(db,
                         "INSERT INTO liquidation VALUES ('okx', 'BTCUSDT', 5,"
                         " 'long', 1, 2, 2, 1)",
                         NULL, NULL, NULL),
            SQLITE_OK);
        sqlite3_close(db);
        assert_int_equal(version(copy, -1), from);
        assert_int_equal(liq_store_open(copy, true, &s, &why), LIQ_EFORMAT);
        assert_int_equal(liq_store_open(copy, false, &s, &why), LIQ_OK);
        assert_int_equal(rows_of(s, LIQ_ROW_LIQUIDATION), 1);
        assert_int_equal(rows_of(s, LIQ_ROW_LEVELS), 0);
        liq_store_close(s);
        assert_int_equal(version(copy, -1), LIQ_SCHEMA_VERSION);
    }
}

static void other_files_are_refused(void **state)
{
    struct liq_store *s;
    FILE *f;

    (void)state;
    liq_store_close(store);
    store = NULL;
    (void)version(path, LIQ_SCHEMA_VERSION + 1);
    assert_int_equal(liq_store_open(path, false, &s, &why), LIQ_EFORMAT);
    assert_non_null(strstr(why.text, "version 3"));
    assert_int_equal(version(path, -1), LIQ_SCHEMA_VERSION + 1);
    f = fopen(copy, "w");
    assert_non_null(f);
    for (int i = 0; i < 4096; i++)
        fputs("no data base", f);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(liq_store_open(copy, false, &s, &why), LIQ_EFORMAT);
    assert_int_equal(liq_store_open("/nowhere/r.db", false, &s, &why), LIQ_EIO);
}

static void a_backup_is_whole(void **state)
{
    struct liq_row r[500];
    struct liq_store *s;

    (void)state;
    for (size_t i = 0; i < 500; i++)
        r[i] = statistics(T0 + (int64_t)i, 1.0);
    put(r, 500, 500);
    assert_int_equal(liq_store_backup(store, copy, &why), LIQ_OK);
    assert_int_equal(liq_store_open(copy, false, &s, &why), LIQ_OK);
    assert_int_equal(rows_of(s, LIQ_ROW_STATISTICS), 500);
    liq_store_close(s);
    assert_int_equal(liq_store_backup(store, "/nowhere/copy.db", &why),
                     LIQ_EIO);
}

/* A full disk: nothing of the batch is kept, what was there stays. */
static void a_full_disk_is_an_error(void **state)
{
    struct liq_row r[2000];

    (void)state;
    for (size_t i = 0; i < 2000; i++)
        r[i] = statistics(T0 + (int64_t)i, 1.0);
    put(r, 100, 100);
    assert_int_equal(run(store, "PRAGMA max_page_count = 12", &why), LIQ_OK);
    assert_int_equal(liq_store_put(store, r + 100, 1900, NULL, &why), LIQ_EIO);
    assert_non_null(strstr(why.text, "full"));
    assert_int_equal(rows_of(store, LIQ_ROW_STATISTICS), 100);
    assert_int_equal(run(store, "PRAGMA max_page_count = 10000", &why), LIQ_OK);
    put(r, 2000, 1900);
}

/* Writes one row after the other, and says each once it is committed. */
static void write_for_ever(int say)
{
    struct liq_store *s;

    if (liq_store_open(path, false, &s, &why) != LIQ_OK)
        _exit(1);
    for (int64_t i = 0;; i++) {
        struct liq_row r = statistics(T0 + i, 1.0);

        if (liq_store_put(s, &r, 1, NULL, &why) != LIQ_OK ||
            write(say, "x", 1) != 1)
            _exit(1);
    }
}

/* kill -9 in the middle of writing: what was committed is there, and the file
 * is whole. */
static void nothing_committed_is_lost(void **state)
{
    sqlite3_stmt *q;

    (void)state;
    for (int round = 0; round < 3; round++) {
        int tube[2], status;
        size_t said = 0;
        char c;
        pid_t child;

        liq_store_close(store);
        store = NULL;
        remove_files();
        assert_int_equal(pipe(tube), 0);
        child = fork();
        assert_true(child >= 0);
        if (child == 0)
            write_for_ever(tube[1]);
        close(tube[1]);
        while (said < 100 * (size_t)(round + 1) && read(tube[0], &c, 1) == 1)
            said++;
        assert_int_equal(kill(child, SIGKILL), 0);
        while (read(tube[0], &c, 1) == 1)
            said++;
        close(tube[0]);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) && said >= 100);
        assert_int_equal(liq_store_open(path, false, &store, &why), LIQ_OK);
        assert_in_range(rows_of(store, LIQ_ROW_STATISTICS), said, said + 1);
        assert_int_equal(sqlite3_prepare_v2(store->db, "PRAGMA integrity_check",
                                            -1, &q, NULL),
                         SQLITE_OK);
        assert_int_equal(sqlite3_step(q), SQLITE_ROW);
        assert_string_equal((const char *)sqlite3_column_text(q, 0), "ok");
        sqlite3_finalize(q);
    }
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, start, end)
    const struct CMUnitTest tests[] = {
        TEST(what_is_repeated_is_kept_once),
        TEST(values_come_back),
        TEST(levels_of_a_close_are_kept_once),
        TEST(a_cover_grows),
        TEST(interest_by_steps),
        TEST(old_rows_are_deleted),
        TEST(older_files_are_brought_up),
        TEST(other_files_are_refused),
        TEST(a_backup_is_whole),
        TEST(a_full_disk_is_an_error),
        TEST(nothing_committed_is_lost),
    };

    return cmocka_run_group_tests(tests, NULL, end_all);
}
