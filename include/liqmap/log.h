/* One line per event on standard error: time, level, key=value words. */
#ifndef LIQMAP_LOG_H
#define LIQMAP_LOG_H

#include <stdint.h>

enum liq_log_level { LIQ_LOG_ERROR, LIQ_LOG_WARN, LIQ_LOG_INFO, LIQ_LOG_DEBUG };

/* Thread-safe. */
void liq_log_set_level(enum liq_log_level level);
/* Thread-safe; the line is written with one write(2).  While standard error
 * takes nothing (a pipe that nobody reads) lines are dropped, for the caller
 * must not wait; the next line that is written says how many. */
void liq_log(enum liq_log_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Thread-safe; how many lines were dropped since the start. */
uint64_t liq_log_dropped(void);

#endif
