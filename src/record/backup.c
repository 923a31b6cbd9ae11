/* A copy of a file that is in use. */
#include "schema.h"

#include <stdio.h>
#include <unistd.h>

/* Pages of one step; other writers have their turn between. */
#define BACKUP_PAGES 256

static enum liq_err copy_to(sqlite3 *db, const char *path,
                            struct liq_reason *why)
{
    sqlite3 *to = NULL;
    sqlite3_backup *b = NULL;
    int status = sqlite3_open(path, &to);

    if (status == SQLITE_OK)
        b = sqlite3_backup_init(to, "main", db, "main");
    if (b) {
        do
            status = sqlite3_backup_step(b, BACKUP_PAGES);
        while (status == SQLITE_OK || status == SQLITE_BUSY ||
               status == SQLITE_LOCKED);
        status = sqlite3_backup_finish(b);
    } else if (status == SQLITE_OK) {
        status = sqlite3_errcode(to);
    }
    if (status != SQLITE_OK)
        liq_fail(why, LIQ_EIO, "recorder: %.100s: %.60s", path,
                 to ? sqlite3_errmsg(to) : "no memory");
    sqlite3_close(to);
    return status == SQLITE_OK ? LIQ_OK : LIQ_EIO;
}

enum liq_err liq_sqlite_backup(sqlite3 *db, const char *path,
                               struct liq_reason *why)
{
    char part[4096];
    enum liq_err err;

    if ((size_t)snprintf(part, sizeof part, "%s.part", path) >= sizeof part)
        return liq_fail(why, LIQ_EINVAL, "recorder: the path is too long");
    (void)unlink(part);
    err = copy_to(db, part, why);
    if (err == LIQ_OK && rename(part, path) != 0)
        err = liq_fail(why, LIQ_EIO, "recorder: cannot write %.100s", path);
    if (err != LIQ_OK)
        (void)unlink(part);
    return err;
}
