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

bool config_read_events(const struct key *k, const char *value, void *field)
{
    static const char *const names[] = {"approached", "touched", "swept",
                                        "faded"};

    return config_read_some_of(names, 4, k, value, field);
}

/* A URL with a path and a query: taken as it is. */
bool config_read_webhook(const struct key *k, const char *value, void *field)
{
    return (*value == '\0' || config_is_url(value, "# ")) &&
           config_read_text(k, value, field);
}
