/* Settings that are read again while the daemon runs. */
#include "daemon.h"

#include <stdlib.h>
#include "liqmap/log.h"

extern char **environ;

/* Kept until the end, for requests in flight use them. */
struct reloaded {
    struct liq_config config;
    struct reloaded *before;
};

void daemon_reload(void *arg)
{
    struct daemon *d = arg;
    struct liq_config wanted;
    struct reloaded *r = calloc(1, sizeof *r);
    struct liq_reason why = {0};

    if (!r) {
        liq_log(LIQ_LOG_WARN, "settings not read: no memory");
        return;
    }
    if (liq_config_read(&wanted, d->options->config, environ, d->options->set,
                        d->options->n_set, &why) != LIQ_OK) {
        liq_log(LIQ_LOG_WARN, "settings not taken: %s", why.text);
        free(r);
        return;
    }
    r->config = d->reloaded ? d->reloaded->config : d->config;
    liq_config_take_over(&r->config, &wanted);
    r->before = d->reloaded;
    d->reloaded = r;
    liq_log_set_level(r->config.log_level);
    liq_config_log_kept(&r->config, &wanted);
    liq_api_set_config(d->api, &r->config);
    daemon_set_budgets(d, &r->config);
    liq_log(LIQ_LOG_INFO, "settings read again");
}

void daemon_free_reloaded(struct daemon *d)
{
    while (d->reloaded) {
        struct reloaded *before = d->reloaded->before;

        free(d->reloaded);
        d->reloaded = before;
    }
}
