#include "liqmap/err.h"

#include <stdarg.h>
#include <stdio.h>

const char *liq_err_name(enum liq_err err)
{
    switch (err) {
    case LIQ_OK:
        return "ok";
    case LIQ_EINVAL:
        return "invalid";
    case LIQ_ENOMEM:
        return "memory";
    case LIQ_ENET:
        return "net";
    case LIQ_EFORMAT:
        return "format";
    case LIQ_ERATE:
        return "rate";
    case LIQ_EBLOCKED:
        return "blocked";
    case LIQ_ETIMEOUT:
        return "timeout";
    case LIQ_ELIMIT:
        return "limit";
    case LIQ_ENOTFOUND:
        return "not_found";
    case LIQ_EIO:
        return "io";
    }
    return "unknown";
}

enum liq_err liq_fail(struct liq_reason *why, enum liq_err code,
                      const char *format, ...)
{
    va_list args;

    if (!why)
        return code;
    why->code = code;
    why->retry_after_ms = 0;
    why->own_budget = false;
    why->text[0] = '\0';
    va_start(args, format);
    (void)vsnprintf(why->text, sizeof why->text, format, args);
    va_end(args);
    return code;
}
