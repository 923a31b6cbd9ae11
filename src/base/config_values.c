#include "config_key.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "liqmap/clock.h"
#include "liqmap/config.h"
#include "liqmap/decimal.h"

/* Digits of base 8 or 10 only: no sign, no blank, no prefix. */
static bool read_digits(const struct key *k, const char *value, int base,
                        int64_t *out)
{
    size_t n = strspn(value, base == 8 ? "01234567" : "0123456789");
    int64_t number;

    if (n == 0 || n > 15 || value[n] != '\0')
        return false;
    number = strtoll(value, NULL, base);
    if (number < k->min || number > k->max)
        return false;
    *out = number;
    return true;
}

bool config_read_int(const struct key *k, const char *value, void *field)
{
    int64_t number;

    if (!read_digits(k, value, 10, &number))
        return false;
    *(int *)field = (int)number;
    return true;
}

bool config_read_mode(const struct key *k, const char *value, void *field)
{
    int64_t number;

    if (!read_digits(k, value, 8, &number))
        return false;
    *(int *)field = (int)number;
    return true;
}

bool config_read_whole(const struct key *k, const char *value, void *field)
{
    return read_digits(k, value, 10, field);
}

bool config_read_text(const struct key *k, const char *value, void *field)
{
    size_t n = strlen(value);

    if (n >= k->size)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (iscntrl((unsigned char)value[i]))
            return false;
    }
    memset(field, 0, k->size);
    memcpy(field, value, n);
    return true;
}

/* A colon is refused, because libfcgi would take what follows for a port. */
bool config_read_socket(const struct key *k, const char *value, void *field)
{
    return !strchr(value, ':') && config_read_text(k, value, field);
}

bool config_read_market(const struct key *k, const char *value, void *field)
{
    return (strcmp(value, "live") == 0 || strcmp(value, "demo") == 0) &&
           config_read_text(k, value, field);
}

bool config_read_level(const struct key *k, const char *value, void *field)
{
    static const char *const names[] = {"error", "warn", "info", "debug"};

    (void)k;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(value, names[i]) == 0) {
            *(enum liq_log_level *)field = (enum liq_log_level)i;
            return true;
        }
    }
    return false;
}

/* Nothing: the machine's clock, which the field says with 0. */
bool config_read_time(const struct key *k, const char *value, void *field)
{
    int64_t ms = *value ? liq_time_parse(value) : 0;

    (void)k;
    if (ms < 0)
        return false;
    *(int64_t *)field = ms;
    return true;
}

bool config_read_some_of(const char *const *name, size_t n, const struct key *k,
                         const char *value, void *field)
{
    unsigned seen = 0;
    const char *p = value;

    for (;;) {
        size_t len = strcspn(p, ","), i = 0;

        while (i < n &&
               (strlen(name[i]) != len || memcmp(name[i], p, len) != 0))
            i++;
        if (i == n || seen >> i & 1U)
            return false;
        seen |= 1U << i;
        if (p[len] == '\0')
            return config_read_text(k, value, field);
        p += len + 1;
    }
}

bool config_read_exchanges(const struct key *k, const char *value, void *field)
{
    return config_read_some_of(liq_config_exchanges, LIQ_CONFIG_EXCHANGES, k,
                               value, field);
}

bool config_is_url(const char *value, const char *banned)
{
    const char *host = NULL;

    if (strncmp(value, "https://", 8) == 0)
        host = value + 8;
    else if (strncmp(value, "http://", 7) == 0)
        host = value + 7;
    return host && *host && !strchr("/?#@ ", *host) && !strpbrk(host, banned);
}

/* Nothing: the exchange's own.  Kept without a slash at the end, so that paths
 * can be put behind it. */
bool config_read_url(const struct key *k, const char *value, void *field)
{
    char *text = field;
    size_t n;

    if (*value == '\0')
        return config_read_text(k, value, field);
    if (!config_is_url(value, "?#@ ") || !config_read_text(k, value, field))
        return false;
    n = strlen(text);
    while (text[n - 1] == '/')
        text[--n] = '\0';
    return true;
}

/* Nothing: none. */
bool config_read_redis(const struct key *k, const char *value, void *field)
{
    const char *colon = strrchr(value, ':');
    size_t digits = colon ? strspn(colon + 1, "0123456789") : 0;

    if (*value == '\0' || *value == '/')
        return config_read_text(k, value, field);
    return colon && colon > value && digits > 0 && digits <= 5 &&
           colon[1 + digits] == '\0' && strtol(colon + 1, NULL, 10) > 0 &&
           strtol(colon + 1, NULL, 10) <= 65535 && !strpbrk(value, "@/ ") &&
           config_read_text(k, value, field);
}

static bool read_decimal(const char *value, size_t n, double min, double max,
                         double *out)
{
    double number;

    if (!liq_decimal_parse(value, n, &number) || !(number >= min) ||
        number > max)
        return false;
    *out = number + 0.0; /* no -0 */
    return true;
}

/* A number for each tier, separated by commas; blanks around them. */
static bool read_tiers(const char *value, double min, double max,
                       double out[LIQ_CONFIG_TIERS])
{
    for (size_t i = 0; i < LIQ_CONFIG_TIERS; i++) {
        size_t n;

        value += strspn(value, " ");
        n = strcspn(value, " ,");
        if (!read_decimal(value, n, min, max, &out[i]))
            return false;
        value += n;
        value += strspn(value, " ");
        if (*value != (i + 1 < LIQ_CONFIG_TIERS ? ',' : '\0'))
            return false;
        value += *value == ',';
    }
    return true;
}

bool config_read_shares(const struct key *k, const char *value, void *field)
{
    double share[LIQ_CONFIG_TIERS], sum = 0.0;

    if (!read_tiers(value, 0.0, 1.0, share))
        return false;
    for (size_t i = 0; i < LIQ_CONFIG_TIERS; i++)
        sum += share[i];
    /* 0.1 and its like have no exact double. */
    if (sum < 1.0 - 1e-9 || sum > 1.0 + 1e-9)
        return false;
    memcpy(field, share, k->size);
    return true;
}

bool config_read_half_lives(const struct key *k, const char *value, void *field)
{
    double hours[LIQ_CONFIG_TIERS];

    if (!read_tiers(value, 0.1, 100000.0, hours))
        return false;
    memcpy(field, hours, k->size);
    return true;
}

bool config_read_spread(const struct key *k, const char *value, void *field)
{
    (void)k;
    return read_decimal(value, strlen(value), 0.001, 0.5, field);
}

bool config_read_share(const struct key *k, const char *value, void *field)
{
    (void)k;
    return read_decimal(value, strlen(value), 0.0, 1.0, field);
}

bool config_read_margin(const struct key *k, const char *value, void *field)
{
    (void)k;
    return read_decimal(value, strlen(value), 0.0, 0.009, field);
}

#define SYMBOL_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

/* "*", or names with commas between them; blanks around a name are dropped. */
bool config_read_symbols(const struct key *k, const char *value, void *field)
{
    char list[sizeof((struct liq_config *)0)->symbols];
    size_t len = 0;

    if (strcmp(value, "*") == 0)
        return config_read_text(k, value, field);
    for (;;) {
        size_t n;

        value += strspn(value, " ");
        n = strspn(value, SYMBOL_CHARS);
        if (n == 0 || len + n + 1 > sizeof list)
            return false;
        memcpy(list + len, value, n);
        len += n;
        value += n;
        value += strspn(value, " ");
        if (*value == '\0')
            break;
        if (*value++ != ',')
            return false;
        list[len++] = ',';
    }
    list[len] = '\0';
    return config_read_text(k, list, field);
}

/* As config_read_symbols, but names only. */
bool config_read_names(const struct key *k, const char *value, void *field)
{
    return strcmp(value, "*") != 0 && config_read_symbols(k, value, field);
}

/* Nothing: the exchange's own. */
bool config_read_stream(const struct key *k, const char *value, void *field)
{
    bool good = *value == '\0' || strncmp(value, "wss://", 6) == 0 ||
                strncmp(value, "ws://", 5) == 0;

    return good && strlen(value) < 240 && !strpbrk(value, "#@ ") &&
           config_read_text(k, value, field);
}
