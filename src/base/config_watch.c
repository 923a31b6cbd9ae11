/* Values of section [watch]. */
#include "config_key.h"

#include <string.h>

#include "liqmap/config.h"
#include "liqmap/decimal.h"

/* Numbers with decimals: min and max are in thousandths. */
bool config_read_number(const struct key *k, const char *value, void *field)
{
    double number;

    if (!liq_decimal_parse(value, strlen(value), &number) ||
        !(number * 1000.0 >= (double)k->min &&
          number * 1000.0 <= (double)k->max))
        return false;
    *(double *)field = number;
    return true;
}

bool config_read_yes(const struct key *k, const char *value, void *field)
{
    bool yes = strcmp(value, "yes") == 0;

    (void)k;
    if (!yes && strcmp(value, "no") != 0)
        return false;
    *(bool *)field = yes;
    return true;
}

/* Nothing: off. */
bool config_read_watched(const struct key *k, const char *value, void *field)
{
    return *value == '\0'
               ? config_read_text(k, value, field)
               : strcmp(value, "*") != 0 && strlen(value) < k->size &&
                     config_read_symbols(k, value, field);
}

bool config_read_choice(const struct key *k, const char *value, void *field)
{
    bool known = strcmp(value, "auto") == 0 || strcmp(value, "all") == 0;

    for (size_t i = 0; !known && i < LIQ_CONFIG_EXCHANGES; i++)
        known = strcmp(value, liq_config_exchanges[i]) == 0;
    /* The demo exchange is no setting, but a server may show it. */
    return (known || strcmp(value, "demo") == 0) &&
           config_read_text(k, value, field);
}

bool config_read_map_interval(const struct key *k, const char *value,
                              void *field)
{
    static const char *const names[] = {"5m", "15m", "1h", "4h", "1d"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(value, names[i]) == 0)
            return config_read_text(k, value, field);
    }
    return false;
}

/* Kinds of events with commas between them, each once. */
bool config_read_events(const struct key *k, const char *value, void *field)
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
            return config_read_text(k, value, field);
        p += n + 1;
    }
}

/* A URL with a path and a query: taken as it is. */
bool config_read_webhook(const struct key *k, const char *value, void *field)
{
    const char *host = NULL;

    if (strncmp(value, "https://", 8) == 0)
        host = value + 8;
    else if (strncmp(value, "http://", 7) == 0)
        host = value + 7;
    if (*value && (!host || strspn(host, "/?#@ ") > 0 || *host == '\0' ||
                   strpbrk(host, "# ")))
        return false;
    return config_read_text(k, value, field);
}
