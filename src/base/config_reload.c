/* Settings that are read again while the daemon runs. */
#include "liqmap/config.h"

#include <stdbool.h>
#include <string.h>
#include "config_key.h"

/* Changed by SIGHUP without losing a request; all others by a restart only.  A
 * section that ends with a dot is each of those that begin so. */
static const struct {
    const char *section, *name;
} live[] = {
    {"server", "log_level"},  {"cache", "ttl_ms"},     {"cache", "swr_ms"},
    {"cache", "stale_ms"},    {"cache", "hot_ms"},     {"cache", "lead_ms"},
    {"fetch", "deadline_ms"}, {"exchange.", "budget"},
};

static bool is_live(const struct key *k)
{
    for (size_t i = 0; i < sizeof live / sizeof *live; i++) {
        const char *section = live[i].section;
        size_t n = strlen(section);

        if (strncmp(k->section, section, n) == 0 &&
            (k->section[n] == '\0' || section[n - 1] == '.') &&
            strcmp(k->name, live[i].name) == 0)
            return true;
    }
    return false;
}

void liq_config_take_over(struct liq_config *to, const struct liq_config *from)
{
    const struct key *k;

    for (size_t i = 0; (k = config_key_at(i)) != NULL; i++) {
        if (is_live(k))
            memcpy((char *)to + k->offset, (const char *)from + k->offset,
                   k->size);
    }
}

void liq_config_log_kept(const struct liq_config *now,
                         const struct liq_config *wanted)
{
    const struct key *k;

    for (size_t i = 0; (k = config_key_at(i)) != NULL; i++) {
        if (!is_live(k) &&
            memcmp((const char *)now + k->offset,
                   (const char *)wanted + k->offset, k->size) != 0)
            liq_log(LIQ_LOG_WARN, "settings: %s.%s changes at a restart only",
                    k->section, k->name);
    }
}
