#include "query.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool liq_refuse(struct liq_refusal *out, int status, const char *code,
                const char *allowed, const char *format, ...)
{
    va_list args;

    memset(out, 0, sizeof *out);
    out->status = status;
    snprintf(out->code, sizeof out->code, "%s", code);
    snprintf(out->allowed, sizeof out->allowed, "%s", allowed);
    va_start(args, format);
    (void)vsnprintf(out->message, sizeof out->message, format, args);
    va_end(args);
    return false;
}
