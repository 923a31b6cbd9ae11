#include "schema.h"

#include <assert.h>
#include <stdio.h>

/*
 * Step i brings version i to i + 1.  A step that was published is never
 * changed: files of that version exist.
 *
 * A liquidation has no number of its own at most exchanges, so all its fields
 * are the key: what a feed repeats is kept once.
 */
static const char *const steps[LIQ_SCHEMA_VERSION] = {
    "CREATE TABLE statistics (exchange TEXT NOT NULL, symbol TEXT NOT NULL,"
    " time_ms INTEGER NOT NULL, open_interest REAL, open_interest_usd REAL,"
    " mark_price REAL, funding_rate REAL, long_account_share REAL,"
    " PRIMARY KEY (exchange, symbol, time_ms)) WITHOUT ROWID;"
    "CREATE TABLE liquidation (exchange TEXT NOT NULL, symbol TEXT NOT NULL,"
    " time_ms INTEGER NOT NULL, side TEXT NOT NULL, price REAL NOT NULL,"
    " quantity REAL NOT NULL, usd REAL NOT NULL, sampled INTEGER NOT NULL,"
    " PRIMARY KEY (exchange, symbol, time_ms, side, price, quantity, usd))"
    " WITHOUT ROWID;",

    "CREATE TABLE cover (exchange TEXT NOT NULL, symbol TEXT NOT NULL,"
    " time_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL,"
    " PRIMARY KEY (exchange, symbol, time_ms)) WITHOUT ROWID;"
    "CREATE TABLE publication (id INTEGER PRIMARY KEY, exchange TEXT NOT NULL,"
    " symbol TEXT NOT NULL, interval_ms INTEGER NOT NULL,"
    " close_ms INTEGER NOT NULL, time_ms INTEGER NOT NULL,"
    " model TEXT NOT NULL, parameters TEXT NOT NULL, price REAL,"
    " open_interest_usd REAL,"
    " UNIQUE (exchange, symbol, interval_ms, close_ms));"
    "CREATE TABLE level (publication INTEGER NOT NULL, side TEXT NOT NULL,"
    " price REAL NOT NULL, price_from REAL, price_to REAL, mass REAL, usd REAL,"
    " PRIMARY KEY (publication, side, price)) WITHOUT ROWID;",
};

static enum liq_err version_of(sqlite3 *db, int *out, struct liq_reason *why)
{
    sqlite3_stmt *q = NULL;
    int status = sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &q, NULL);

    if (status == SQLITE_OK)
        status = sqlite3_step(q);
    if (status == SQLITE_ROW)
        *out = sqlite3_column_int(q, 0);
    sqlite3_finalize(q);
    if (status == SQLITE_ROW)
        return LIQ_OK;
    return liq_fail(why, status == SQLITE_NOTADB ? LIQ_EFORMAT : LIQ_EIO,
                    "recorder: %.150s", sqlite3_errmsg(db));
}

static enum liq_err refuse_version(int version, struct liq_reason *why)
{
    return liq_fail(why, LIQ_EFORMAT,
                    "recorder: the file has version %d, this program reads %d",
                    version, LIQ_SCHEMA_VERSION);
}

static enum liq_err run(sqlite3 *db, const char *text, struct liq_reason *why)
{
    if (sqlite3_exec(db, text, NULL, NULL, NULL) == SQLITE_OK)
        return LIQ_OK;
    return liq_fail(why, LIQ_EIO, "recorder: %.150s", sqlite3_errmsg(db));
}

static enum liq_err migrate_one(sqlite3 *db, int version,
                                struct liq_reason *why)
{
    char set[64];
    enum liq_err err;

    assert(version >= 0 && version < LIQ_SCHEMA_VERSION);
    err = run(db, steps[version], why);

    snprintf(set, sizeof set, "PRAGMA user_version = %d", version + 1);
    if (err == LIQ_OK)
        err = run(db, set, why);
    return err;
}

enum liq_err liq_schema_migrate(sqlite3 *db, int to, struct liq_reason *why)
{
    int version = 0;
    enum liq_err err = version_of(db, &version, why);

    if (err == LIQ_OK && (version < 0 || version > LIQ_SCHEMA_VERSION))
        return refuse_version(version, why);
    while (err == LIQ_OK && version < to) {
        /* Another process may migrate, too: read again within the lock. */
        err = run(db, "BEGIN IMMEDIATE", why);
        if (err == LIQ_OK)
            err = version_of(db, &version, why);
        if (err == LIQ_OK && version < to)
            err = migrate_one(db, version, why);
        if (err == LIQ_OK)
            err = run(db, "COMMIT", why);
        if (err != LIQ_OK)
            (void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
        version++;
    }
    return err;
}

enum liq_err liq_schema_check(sqlite3 *db, struct liq_reason *why)
{
    int version = 0;
    enum liq_err err = version_of(db, &version, why);

    if (err == LIQ_OK && version != LIQ_SCHEMA_VERSION)
        return refuse_version(version, why);
    return err;
}
