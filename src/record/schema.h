/* Tables of the recorder's file, and their versions. */
#ifndef LIQMAP_RECORD_SCHEMA_H
#define LIQMAP_RECORD_SCHEMA_H

#include <sqlite3.h>
#include "liqmap/err.h"

/* user_version of a file of this program. */
#define LIQ_SCHEMA_VERSION 2

/* Bring the file to version `to` (at most LIQ_SCHEMA_VERSION), each version in
 * a transaction of its own. LIQ_EFORMAT: it is of a newer version. */
LIQ_MUST_CHECK enum liq_err liq_schema_migrate(sqlite3 *db, int to,
                                               struct liq_reason *why);
/* LIQ_EFORMAT unless the file is of LIQ_SCHEMA_VERSION. */
LIQ_MUST_CHECK enum liq_err liq_schema_check(sqlite3 *db,
                                             struct liq_reason *why);

/* Copy what the connection has open to path, which is replaced once the copy is
 * whole. */
LIQ_MUST_CHECK enum liq_err liq_sqlite_backup(sqlite3 *db, const char *path,
                                              struct liq_reason *why);

#endif
