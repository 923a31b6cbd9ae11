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
/* Digits and a point that fit into 64 bits; ten to the power of as many is a
 * double of its own. */
#define EXACT_CHARACTERS 19
#define POWER_MAX 22
/* Below, "%g" has an exponent. */
#define PLAIN_MIN 1e-4
/* What has 15 digits, so that it differs from every other such decimal. */
#define DIGITS_MAX 1e15
/* Places worth trying: exchanges quote no finer. */
#define PLACES_MAX 8

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

/*
 * Digits that are together below 2^53, with a power of ten up to 10^22: both
 * are doubles of their own, so one division or product is rounded as strtod
 * rounds.  False when text is not of that kind, or no -?D+(.D+)?.
 */
static bool parse_exact(const char *text, size_t n, double *out)
{
    static const double power[POWER_MAX + 1] = {
        1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
        1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    size_t start = n > 0 && text[0] == '-', point = n, i;
    uint64_t whole = 0;
    double value;

    if (n - start > EXACT_CHARACTERS)
        return false;
    for (i = start; i < n; i++) {
        unsigned digit = (unsigned)text[i] - '0';

        if (digit <= 9)
            whole = 10 * whole + digit;
        else if (text[i] == '.' && point == n && i > start && i + 1 < n)
            point = i;
        else
            return false;
    }
    if (i == start || whole > (uint64_t)WHOLE_MAX)
        return false;
    value = (double)whole / power[point < n ? n - 1 - point : 0];
    *out = start ? -value : value;
    return true;
}

/* strtod reads the locale's decimal point; this program never calls
 * setlocale, so that is always '.'.  It also needs a NUL, hence the copy. */
bool liq_decimal_parse(const char *text, size_t n, double *out)
{
    char copy[TEXT_MAX + 1];
    int saved = errno;
    double value;

    if (parse_exact(text, n, out))
        return true;
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
static size_t format_any(double value, char out[LIQ_DECIMAL_SIZE])
{
    int digits = fabs(value) < DBL_MIN ? 1 : DBL_DIG, n = 0;
    int saved = errno;

    for (; digits <= DBL_DECIMAL_DIG; digits++) {
        n = snprintf(out, LIQ_DECIMAL_SIZE, "%.*g", digits, value);
        if (strtod(out, NULL) == value)
            break;
    }
    errno = saved;
    return (size_t)n;
}

/* whole / 10^places in digits. */
static size_t put_places(int64_t whole, int places, char *out)
{
    char reversed[LIQ_DECIMAL_SIZE];
    uint64_t rest = whole < 0 ? (uint64_t)-whole : (uint64_t)whole;
    size_t n = 0, len = 0;

    for (int i = 0; i <= places || rest; i++) {
        if (i == places && places > 0)
            reversed[n++] = '.';
        reversed[n++] = (char)('0' + rest % 10);
        rest /= 10;
    }
    if (whole < 0)
        out[len++] = '-';
    while (n)
        out[len++] = reversed[--n];
    out[len] = '\0';
    return len;
}

/*
 * Prices and volumes have few decimal places, and an answer has thousands of
 * them: several times as fast as format_any, with the same result.  Both whole
 * and scale are exact, so whole / scale is the double that the decimal reads
 * as; up to 15 digits no other decimal is as short.
 */
size_t liq_decimal_format(double value, char out[LIQ_DECIMAL_SIZE])
{
    double size = fabs(value), scale = 1.0;

    if (value == 0.0 && !signbit(value))
        return put_places(0, 0, out);
    if (size < WHOLE_MAX && value == (double)(int64_t)value && value != 0.0)
        return put_places((int64_t)value, 0, out);
    for (int places = 1; places <= PLACES_MAX && size >= PLAIN_MIN; places++) {
        int64_t whole;

        scale *= 10.0;
        if (!(size * scale < DIGITS_MAX))
            break;
        whole = (int64_t)(value * scale + (value < 0.0 ? -0.5 : 0.5));
        if ((double)whole / scale == value)
            return put_places(whole, places, out);
    }
    return format_any(value, out);
}
