#include "liqmap/clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#define DAY_S INT64_C(86400)
/* 0001-01-01 to 1970-01-01. */
#define EPOCH_DAY INT64_C(719162)
/* 9999-12-31T23:59:59.999Z */
#define LAST_MS INT64_C(253402300799999)
#define FIRST_MS (-EPOCH_DAY * DAY_S * 1000)

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

/* Days from 0001-01-01 to the first day of the year, year >= 1. */
static int64_t year_start(int64_t year)
{
    int64_t past = year - 1;

    return past * 365 + past / 4 - past / 100 + past / 400;
}

static bool is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int64_t month_days(int64_t year, int month)
{
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30,
                                         31, 31, 30, 31, 30, 31};

    return days[month - 1] + (month == 2 && is_leap(year) ? 1 : 0);
}

/* Days since 0001-01-01 to a date. */
static void split_day(int64_t day, int64_t *year, int *month, int64_t *mday)
{
    /* 366 never overshoots by more than it can be stepped back here. */
    int64_t y = day / 366 + 1;
    int m = 1;

    while (year_start(y + 1) <= day)
        y++;
    day -= year_start(y);
    while (day >= month_days(y, m))
        day -= month_days(y, m++);
    *year = y;
    *month = m;
    *mday = day + 1;
}

static char *put_digits(char *p, int64_t value, int n)
{
    for (int i = n - 1; i >= 0; i--) {
        p[i] = (char)('0' + value % 10);
        value /= 10;
    }
    return p + n;
}

void liq_time_format(int64_t ms, char *out, unsigned long size)
{
    char text[] = "0000-00-00T00:00:00Z";
    int64_t second, year, mday;
    int month;

    if (ms < FIRST_MS)
        ms = FIRST_MS;
    if (ms > LAST_MS)
        ms = LAST_MS;
    /* From year 1 on, so that division is towards the past. */
    second = (ms - FIRST_MS) / 1000;
    split_day(second / DAY_S, &year, &month, &mday);
    second %= DAY_S;
    put_digits(text, year, 4);
    put_digits(text + 5, month, 2);
    put_digits(text + 8, mday, 2);
    put_digits(text + 11, second / 3600, 2);
    put_digits(text + 14, second / 60 % 60, 2);
    put_digits(text + 17, second % 60, 2);
    if (size == 0)
        return;
    if (size > sizeof text)
        size = sizeof text;
    memcpy(out, text, size - 1);
    out[size - 1] = '\0';
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

static int64_t digits(const char *p, size_t n)
{
    int64_t value = 0;

    for (size_t i = 0; i < n; i++)
        value = value * 10 + (p[i] - '0');
    return value;
}

/* A date whose first 10, 16 or 19 characters were matched. */
static int64_t parse_date(const char *text, size_t n)
{
    int64_t year = digits(text, 4), mday = digits(text + 8, 2);
    int64_t hour = n > 10 ? digits(text + 11, 2) : 0;
    int64_t minute = n > 10 ? digits(text + 14, 2) : 0;
    int64_t second = n > 16 ? digits(text + 17, 2) : 0;
    int64_t day;
    int month = (int)digits(text + 5, 2);

    if (year < 1970 || month < 1 || month > 12 || mday < 1 ||
        mday > month_days(year, month) || hour > 23 || minute > 59 ||
        second > 59)
        return -1;
    day = year_start(year) - EPOCH_DAY + mday - 1;
    for (int m = 1; m < month; m++)
        day += month_days(year, m);
    return (day * DAY_S + hour * 3600 + minute * 60 + second) * 1000;
}

static int64_t parse_ms(const char *text)
{
    size_t n = strspn(text, "0123456789");
    int64_t ms;

    if (n == 0 || n > 15 || text[n] != '\0')
        return -1;
    ms = digits(text, n);
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
