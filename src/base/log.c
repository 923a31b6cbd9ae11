#include "liqmap/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "liqmap/clock.h"

/* Below PIPE_BUF, so that lines of several processes do not mix in a pipe. */
#define LINE_BYTES 1024

static enum liq_log_level max_level = LIQ_LOG_INFO;

void liq_log_set_level(enum liq_log_level level)
{
    max_level = level;
}

/* "2025-10-10T21:15:00.123Z warn "; its length. */
static size_t put_head(char *line, enum liq_log_level level)
{
    static const char *const names[] = {"error", "warn", "info", "debug"};
    int64_t now = liq_clock_system.wall_ms(&liq_clock_system);
    char time[32];
    int n;

    liq_time_format(now, time, sizeof time);
    n = snprintf(line, LINE_BYTES, "%.19s.%03dZ %s ", time, (int)(now % 1000),
                 names[level]);
    return n < 0 ? 0 : (size_t)n;
}

/* What strangers sent may be in the line; it must stay one line. */
static void keep_one_line(char *line, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
            line[i] = '?';
    }
}

void liq_log(enum liq_log_level level, const char *format, ...)
{
    char line[LINE_BYTES];
    int saved = errno, n;
    size_t len, room;
    va_list args;
    ssize_t written;

    if (level > max_level)
        return;
    len = put_head(line, level);
    room = sizeof line - len - 1; /* and the newline */
    errno = saved;                /* for %m */
    va_start(args, format);
    n = vsnprintf(line + len, room, format, args);
    va_end(args);
    if (n > 0)
        len += (size_t)n < room ? (size_t)n : room - 1;
    keep_one_line(line, len);
    line[len++] = '\n';
    written = write(STDERR_FILENO, line, len);
    (void)written; /* there is nowhere left to say it */
    errno = saved;
}
