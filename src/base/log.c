#include "liqmap/log.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "liqmap/clock.h"

/* Below PIPE_BUF, so that lines of several processes do not mix in a pipe. */
#define LINE_BYTES 1024

static atomic_int max_level = LIQ_LOG_INFO;
static atomic_uint dropped; /* not said yet */
static atomic_uint_least64_t dropped_ever;
/* Of the writer: between poll and write nobody else may fill the pipe. */
static atomic_flag writing = ATOMIC_FLAG_INIT;

void liq_log_set_level(enum liq_log_level level)
{
    atomic_store(&max_level, (int)level);
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

/* A pipe that poll calls writable takes PIPE_BUF bytes without blocking. */
static bool writable(void)
{
    struct pollfd p = {.fd = STDERR_FILENO, .events = POLLOUT};

    return poll(&p, 1, 0) == 1 && (p.revents & POLLOUT);
}

static void say_dropped(void)
{
    char line[LINE_BYTES];
    unsigned n = atomic_exchange(&dropped, 0);
    size_t len;
    int more;

    if (n == 0)
        return;
    len = put_head(line, LIQ_LOG_WARN);
    more = snprintf(line + len, sizeof line - len,
                    "log lines dropped, standard error took none: %u\n", n);
    if (more > 0 && write(STDERR_FILENO, line, len + (size_t)more) < 0)
        atomic_fetch_add(&dropped, n);
}

/* No lock: a caller may hold one, and this is short. */
static void put_line(const char *line, size_t len)
{
    while (atomic_flag_test_and_set(&writing))
        sched_yield();
    if (writable())
        say_dropped();
    if (!writable() || write(STDERR_FILENO, line, len) < 0) {
        atomic_fetch_add(&dropped, 1);
        atomic_fetch_add(&dropped_ever, 1);
    }
    atomic_flag_clear(&writing);
}

void liq_log(enum liq_log_level level, const char *format, ...)
{
    char line[LINE_BYTES];
    int saved = errno, n;
    size_t len, room;
    va_list args;

    if ((int)level > atomic_load(&max_level))
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
    put_line(line, len);
    errno = saved;
}

uint64_t liq_log_dropped(void)
{
    return atomic_load(&dropped_ever);
}
