/* A part of config.c: the settings of section [watch], and how they are read.
 */
#ifndef LIQMAP_BASE_CONFIG_WATCH_H
#define LIQMAP_BASE_CONFIG_WATCH_H

#include "liqmap/decimal.h"
#include "liqmap/interval.h"

/* Numbers with decimals: min and max are in thousandths. */
static bool read_number(const struct key *k, const char *value, void *field)
{
    double number;

    if (!liq_decimal_parse(value, strlen(value), &number) ||
        !(number * 1000.0 >= (double)k->min &&
          number * 1000.0 <= (double)k->max))
        return false;
    *(double *)field = number;
    return true;
}

static bool read_yes(const struct key *k, const char *value, void *field)
{
    bool yes = strcmp(value, "yes") == 0;

    (void)k;
    if (!yes && strcmp(value, "no") != 0)
        return false;
    *(bool *)field = yes;
    return true;
}

/* Nothing: off. */
static bool read_watched(const struct key *k, const char *value, void *field)
{
    return *value == '\0'
               ? read_text(k, value, field)
               : strcmp(value, "*") != 0 && strlen(value) < k->size &&
                     read_symbols(k, value, field);
}

static bool read_choice(const struct key *k, const char *value, void *field)
{
    bool known = strcmp(value, "auto") == 0 || strcmp(value, "all") == 0;

    for (size_t i = 0; !known && i < LIQ_CONFIG_EXCHANGES; i++)
        known = strcmp(value, liq_config_exchanges[i]) == 0;
    /* The demo exchange is no setting, but a server may show it. */
    return (known || strcmp(value, "demo") == 0) && read_text(k, value, field);
}

static bool read_map_interval(const struct key *k, const char *value,
                              void *field)
{
    static const char *const names[] = {"5m", "15m", "1h", "4h", "1d"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(value, names[i]) == 0)
            return read_text(k, value, field);
    }
    return false;
}

/* Kinds of events with commas between them, each once. */
static bool read_events(const struct key *k, const char *value, void *field)
{
    static const char *const names[] = {"approached", "touched", "swept",
                                        "faded"};
    unsigned seen = 0;
    const char *p = value;

    for (;;) {
        size_t n = strcspn(p, ","), i = 0;

        while (i < 4 && (strlen(names[i]) != n || memcmp(names[i], p, n) != 0))
            i++;
        if (i == 4 || seen >> i & 1U)
            return false;
        seen |= 1U << i;
        if (p[n] == '\0')
            return read_text(k, value, field);
        p += n + 1;
    }
}

/* A URL with a path and a query: taken as it is. */
static bool read_webhook(const struct key *k, const char *value, void *field)
{
    const char *host = NULL;

    if (strncmp(value, "https://", 8) == 0)
        host = value + 8;
    else if (strncmp(value, "http://", 7) == 0)
        host = value + 7;
    if (*value && (!host || strspn(host, "/?#@ ") > 0 || *host == '\0' ||
                   strpbrk(host, "# ")))
        return false;
    return read_text(k, value, field);
}

static enum liq_err check_watch(const struct liq_config_watch *w,
                                struct liq_reason *why)
{
    if (w->retry_ms < w->give_up_ms)
        return LIQ_OK;
    return liq_fail(why, LIQ_EINVAL,
                    "[watch] retry_ms: expected less than give_up_ms (%lld), "
                    "got %lld",
                    (long long)w->give_up_ms, (long long)w->retry_ms);
}

/* In thousandths. */
#define USD_MAX INT64_C(1000000000000000000)

#define WATCH_KEYS                                                             \
    {"watch",                                                                  \
     "symbols",                                                                \
     read_watched,                                                             \
     FIELD(watch.symbols),                                                     \
     0,                                                                        \
     0,                                                                        \
     "names like BTCUSDT,ETHUSDT, at most 255 bytes, or nothing",              \
     ""},                                                                      \
        {"watch",                                                              \
         "exchange",                                                           \
         read_choice,                                                          \
         FIELD(watch.exchange),                                                \
         0,                                                                    \
         0,                                                                    \
         "auto, all or the name of an exchange",                               \
         "auto"},                                                              \
        {"watch", "interval", read_map_interval,       FIELD(watch.interval),  \
         0,       0,          "5m, 15m, 1h, 4h or 1d", "1h"},                  \
        {"watch",                                                              \
         "within_percent",                                                     \
         read_number,                                                          \
         FIELD(watch.within_percent),                                          \
         50,                                                                   \
         20000,                                                                \
         "a number from 0.05 to 20",                                           \
         "1"},                                                                 \
        {"watch",                                                              \
         "leave_factor",                                                       \
         read_number,                                                          \
         FIELD(watch.leave_factor),                                            \
         1000,                                                                 \
         10000,                                                                \
         "a number from 1 to 10",                                              \
         "1.5"},                                                               \
        {"watch",                                                              \
         "min_usd",                                                            \
         read_number,                                                          \
         FIELD(watch.min_usd),                                                 \
         0,                                                                    \
         USD_MAX,                                                              \
         "a number from 0 to 1e15",                                            \
         "0"},                                                                 \
        {"watch",                                                              \
         "min_density",                                                        \
         read_number,                                                          \
         FIELD(watch.min_density),                                             \
         0,                                                                    \
         100000,                                                               \
         "a number from 0 to 100",                                             \
         "50"},                                                                \
        {"watch", "cooldown_ms", read_whole,     FIELD(watch.cooldown_ms),     \
         0,       DAY_MS,        "milliseconds", "1800000"},                   \
        {"watch", "poll_ms", read_whole,     FIELD(watch.poll_ms),             \
         100,     3600000,   "milliseconds", "10000"},                         \
        {"watch",                                                              \
         "events",                                                             \
         read_events,                                                          \
         FIELD(watch.events),                                                  \
         0,                                                                    \
         0,                                                                    \
         "some of approached,touched,swept,faded, each once",                  \
         "approached,touched,swept,faded"},                                    \
        {"watch",                                                              \
         "webhook",                                                            \
         read_webhook,                                                         \
         FIELD(watch.webhook),                                                 \
         0,                                                                    \
         0,                                                                    \
         "http(s):// and a host, at most 511 bytes, or nothing",               \
         ""},                                                                  \
        {"watch",                                                              \
         "secret_file",                                                        \
         read_text,                                                            \
         FIELD(watch.secret_file),                                             \
         0,                                                                    \
         0,                                                                    \
         "a path of at most 255 bytes, or nothing",                            \
         ""},                                                                  \
        {"watch",                                                              \
         "command",                                                            \
         read_text,                                                            \
         FIELD(watch.command),                                                 \
         0,                                                                    \
         0,                                                                    \
         "a program and its arguments, at most 511 bytes, or nothing",         \
         ""},                                                                  \
        {"watch", "telegram", read_yes,    FIELD(watch.telegram),              \
         0,       0,          "yes or no", "no"},                              \
        {"watch", "timeout_ms", read_whole,     FIELD(watch.timeout_ms),       \
         100,     120000,       "milliseconds", "10000"},                      \
        {"watch", "retry_ms", read_whole,     FIELD(watch.retry_ms),           \
         100,     600000,     "milliseconds", "5000"},                         \
        {"watch", "give_up_ms", read_whole,     FIELD(watch.give_up_ms),       \
         1000,    7 * DAY_MS,   "milliseconds", "3600000"},                    \
    {                                                                          \
        "watch", "state_file", read_text, FIELD(watch.state_file), 0, 0,       \
            "a path of at most 255 bytes, or nothing", ""                      \
    }

#endif
