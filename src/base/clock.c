/* timegm is no POSIX function, but every libc here has it. */
#define _DEFAULT_SOURCE
#include "liqmap/clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* 0001-01-01T00:00:00Z and 9999-12-31T23:59:59.999Z: years of four digits. */
#define FIRST_MS (-INT64_C(62135596800000))
#define LAST_MS INT64_C(253402300799999)

static int64_t read_ms(clockid_t id)
{
    struct timespec t = {0};

    (void)clock_gettime(id, &t); /* cannot fail for the two used here */
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int64_t system_wall(const struct liq_clock *c)
{
    (void)c;
    return read_ms(CLOCK_REALTIME);
}

static int64_t system_mono(const struct liq_clock *c)
{
    (void)c;
    return read_ms(CLOCK_MONOTONIC);
}

static int64_t held_wall(const struct liq_clock *c)
{
    return c->held_wall_ms;
}

static int64_t held_mono(const struct liq_clock *c)
{
    return c->held_mono_ms;
}

const struct liq_clock liq_clock_system = {system_wall, system_mono, 0, 0};

struct liq_clock liq_clock_held(int64_t wall_ms, int64_t mono_ms)
{
    struct liq_clock c = {held_wall, held_mono, wall_ms, mono_ms};

    return c;
}

void liq_time_format(int64_t ms, char *out, unsigned long size)
{
    struct tm t = {0};
    time_t second;

    if (ms < FIRST_MS)
        ms = FIRST_MS;
    if (ms > LAST_MS)
        ms = LAST_MS;
    /* From year 1 on, so that division is towards the past. */
    second = (time_t)((ms - FIRST_MS) / 1000 + FIRST_MS / 1000);
    (void)gmtime_r(&second, &t);
    snprintf(out, size, "%04d-%02d-%02dT%02d:%02d:%02dZ",
             (t.tm_year + 1900) % 10000, t.tm_mon + 1, t.tm_mday, t.tm_hour,
             t.tm_min, t.tm_sec);
}

/* Same length, and a digit wherever the pattern has a 0. */
static bool matches(const char *text, const char *pattern)
{
    for (; *pattern; text++, pattern++) {
        if (*pattern == '0' ? *text < '0' || *text > '9' : *text != *pattern)
            return false;
    }
    return *text == '\0';
}

static int digits(const char *p, size_t n)
{
    int value = 0;

    for (size_t i = 0; i < n; i++)
        value = value * 10 + (p[i] - '0');
    return value;
}

/* A date whose first 10, 16 or 19 characters were matched. */
static int64_t parse_date(const char *text, size_t n)
{
    struct tm given = {.tm_year = digits(text, 4) - 1900,
                       .tm_mon = digits(text + 5, 2) - 1,
                       .tm_mday = digits(text + 8, 2),
                       .tm_hour = n > 10 ? digits(text + 11, 2) : 0,
                       .tm_min = n > 10 ? digits(text + 14, 2) : 0,
                       .tm_sec = n > 16 ? digits(text + 17, 2) : 0};
    struct tm t = given;
    time_t second = timegm(&t);

    /* timegm makes 1 March of 29 February 2023: no such date. */
    if (given.tm_year < 70 || t.tm_mon != given.tm_mon ||
        t.tm_mday != given.tm_mday || t.tm_hour != given.tm_hour ||
        t.tm_min != given.tm_min || t.tm_sec != given.tm_sec)
        return -1;
    return (int64_t)second * 1000;
}

static int64_t parse_ms(const char *text)
{
    size_t n = strspn(text, "0123456789");
    int64_t ms;

    if (n == 0 || n > 15 || text[n] != '\0')
        return -1;
    ms = strtoll(text, NULL, 10);
    return ms <= LAST_MS ? ms : -1;
}

int64_t liq_time_parse(const char *text)
{
    static const char *const patterns[] = {
        "0000-00-00T00:00:00Z",
        "0000-00-00 00:00:00",
        "0000-00-00 00:00",
        "0000-00-00",
    };

    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        if (matches(text, patterns[i]))
            return parse_date(text, strlen(patterns[i]));
    }
    return parse_ms(text);
}
