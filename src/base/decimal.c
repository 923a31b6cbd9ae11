#include "liqmap/decimal.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 400u
/* Every integer up to here is a double of its own. */
#define WHOLE_MAX 9007199254740992.0 /* 2^53 */

static size_t skip_digits(const char *text, size_t n, size_t i)
{
    while (i < n && text[i] >= '0' && text[i] <= '9')
        i++;
    return i;
}

/* -?D+(.D+)?([eE][-+]?D+)?, and nothing else. */
static bool is_decimal(const char *text, size_t n)
{
    size_t i = n > 0 && text[0] == '-' ? 1 : 0, start = i;

    i = skip_digits(text, n, i);
    if (i == start)
        return false;
    if (i < n && text[i] == '.') {
        start = ++i;
        i = skip_digits(text, n, i);
        if (i == start)
            return false;
    }
    if (i < n && (text[i] == 'e' || text[i] == 'E')) {
        i++;
        if (i < n && (text[i] == '-' || text[i] == '+'))
            i++;
        start = i;
        i = skip_digits(text, n, i);
        if (i == start)
            return false;
    }
    return i == n;
}

/* strtod reads the locale's decimal point; this program never calls
 * setlocale, so that is always '.'.  It also needs a NUL, hence the copy. */
bool liq_decimal_parse(const char *text, size_t n, double *out)
{
    char copy[TEXT_MAX + 1];
    int saved = errno;
    double value;

    if (n > TEXT_MAX || !is_decimal(text, n))
        return false;
    memcpy(copy, text, n);
    copy[n] = '\0';
    value = strtod(copy, NULL);
    errno = saved; /* ERANGE for what is merely tiny */
    if (!isfinite(value))
        return false;
    *out = value;
    return true;
}

/* 15 digits are enough for most; below DBL_MIN doubles are so sparse that even
 * one may do. */
size_t liq_decimal_format(double value, char out[LIQ_DECIMAL_SIZE])
{
    int digits = fabs(value) < DBL_MIN ? 1 : DBL_DIG, n = 0;
    int saved = errno;

    if (fabs(value) < WHOLE_MAX && value == (double)(int64_t)value &&
        !(value == 0.0 && signbit(value))) {
        n = snprintf(out, LIQ_DECIMAL_SIZE, "%lld", (long long)value);
        return (size_t)n;
    }
    for (; digits <= DBL_DECIMAL_DIG; digits++) {
        n = snprintf(out, LIQ_DECIMAL_SIZE, "%.*g", digits, value);
        if (strtod(out, NULL) == value)
            break;
    }
    errno = saved;
    return (size_t)n;
}
