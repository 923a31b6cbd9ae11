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
/* Of 1e-4, the smallest that format_exact takes, so that 17 digits are left. */
#define EXACT_PLACES 20

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
    char text[LIQ_DECIMAL_SIZE], *end = text + sizeof text, *at = end;
    uint64_t rest = whole < 0 ? (uint64_t)-whole : (uint64_t)whole;
    size_t len;

    for (int i = 0; i < places; i++, rest /= 10)
        *--at = (char)('0' + rest % 10);
    if (places > 0)
        *--at = '.';
    do {
        *--at = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (whole < 0)
        *--at = '-';
    len = (size_t)(end - at);
    memcpy(out, at, len);
    out[len] = '\0';
    return len;
}

/* The same with an exponent, as "%g" writes what is below 1e-4; whole != 0. */
static size_t put_exponent(int64_t whole, int places, char *out)
{
    char digits[LIQ_DECIMAL_SIZE];
    uint64_t rest = whole < 0 ? (uint64_t)-whole : (uint64_t)whole;
    int n;

    for (; rest % 10 == 0; rest /= 10)
        places--;
    n = (int)put_places((int64_t)rest, 0, digits);
    return (size_t)snprintf(out, LIQ_DECIMAL_SIZE, "%s%c%s%se-%02d",
                            whole < 0 ? "-" : "", digits[0], n > 1 ? "." : "",
                            digits + 1, places - n + 1);
}

#ifdef __SIZEOF_INT128__
__extension__ typedef unsigned __int128 wide;

/* 10^n, n <= 2 * 10. */
static wide power_of_ten(int n)
{
    static const uint64_t power[] = {
        1,       10,       100,       1000,       10000,      100000,
        1000000, 10000000, 100000000, 1000000000, 10000000000};

    return (wide)power[n / 2] * power[n - n / 2];
}

/* How many places leave 17 digits of size; every bound is that power of ten or
 * the first double above it. */
static int places_of_17(double size)
{
    static const double bound[] = {1e-3, 1e-2, 1e-1, 1e0,  1e1, 1e2, 1e3,
                                   1e4,  1e5,  1e6,  1e7,  1e8, 1e9, 1e10,
                                   1e11, 1e12, 1e13, 1e14, 1e15};
    size_t i = 0;

    while (i < sizeof bound / sizeof *bound && size >= bound[i])
        i++;
    return EXACT_PLACES - (int)i;
}

/* exact, a multiple of 2^-shift, to the nearest multiple of unit; half to even,
 * as printf does. */
static uint64_t round_to(wide exact, int shift, unsigned unit)
{
    wide width = (wide)unit << shift;
    uint64_t n = (uint64_t)(exact / width);
    wide twice = 2 * (exact - n * width);

    return n + (twice > width || (twice == width && n % 2 == 1));
}

/*
 * As format_any, for what is not whole from PLAIN_MIN to 2^53: 15 digits, or
 * 16, or 17, rounded and compared in whole numbers. The value is
 * m * 2^-shift; times 10^places that is `exact` * 2^-shift, and half of the
 * distance to the next double is half of 10^places. Nothing lies just
 * half-way, which takes 18 digits; powers of two, which have a nearer
 * neighbour, need no more than 15.
 */
static size_t format_exact(double value, char out[LIQ_DECIMAL_SIZE])
{
    int shift, places = places_of_17(fabs(value));
    uint64_t m = (uint64_t)ldexp(frexp(fabs(value), &shift), DBL_MANT_DIG);
    wide ulp = power_of_ten(places), exact = m * ulp, read, off;
    unsigned unit = 100;
    uint64_t n;

    for (shift = DBL_MANT_DIG - shift;; unit /= 10) {
        n = round_to(exact, shift, unit);
        read = (wide)n * unit << shift;
        off = read > exact ? read - exact : exact - read;
        if (unit == 1 || 2 * off < ulp)
            break;
    }
    places -= unit == 100 ? 2 : unit == 10;
    for (; places > 0 && n % 10 == 0; places--)
        n /= 10;
    return put_places(value < 0.0 ? -(int64_t)n : (int64_t)n, places, out);
}
#else
#define format_exact format_any
#endif

/*
 * Prices and volumes have few decimal places, and an answer has thousands of
 * them: several times as fast as format_any, with the same result.  Both whole
 * and scale are exact, so whole / scale is the double that the decimal reads
 * as; up to 15 digits no other decimal is as short.
 */
size_t liq_decimal_format(double value, char out[LIQ_DECIMAL_SIZE])
{
    double size = fabs(value), scale = 1.0;

    if (value == 0.0)
        return signbit(value) ? format_any(value, out) : put_places(0, 0, out);
    if (size < WHOLE_MAX && value == (double)(int64_t)value)
        return put_places((int64_t)value, 0, out);
    for (int places = 1; places <= PLACES_MAX; places++) {
        int64_t whole;

        scale *= 10.0;
        if (!(size * scale < DIGITS_MAX))
            break;
        whole = (int64_t)(value * scale + (value < 0.0 ? -0.5 : 0.5));
        if ((double)whole / scale == value)
            return size < PLAIN_MIN ? put_exponent(whole, places, out)
                                    : put_places(whole, places, out);
    }
    if (size < PLAIN_MIN || !(size < WHOLE_MAX))
        return format_any(value, out);
    return format_exact(value, out);
}
