/* Exchanges as the settings say. */
#include "daemon.h"

#include <stdio.h>
#include <string.h>
#include "liqmap/hosts.h"
#include "liqmap/names.h"

static enum liq_err no_memory(struct liq_reason *why)
{
    return liq_fail(why, LIQ_ENOMEM, "no memory");
}

/* One exchange of the list, name[n]. */
static enum liq_err add_exchange(struct daemon *d, const char *name, size_t n,
                                 struct liq_reason *why)
{
    struct liq_exchange_options o = {.http = d->http,
                                     .cache = d->cache,
                                     .work = d->work,
                                     .clock = &d->clock,
                                     .made = d->exchange,
                                     .n_made = d->n_exchange,
                                     .lenders = d->exchange};
    const struct liq_exchange_info *info = NULL;
    struct liq_exchange *x;
    char text[32];

    snprintf(text, sizeof text, "%.*s", (int)n, name);
    for (size_t i = 0; (info = liq_exchange_at(i)) != NULL; i++) {
        if (strcmp(info->name, text) == 0)
            break;
    }
    if (!info)
        return liq_fail(why, LIQ_EINVAL, "there is no exchange %s", text);
    for (size_t i = 0; i < LIQ_CONFIG_EXCHANGES; i++) {
        const struct liq_config_exchange *e = &d->config.exchange[i];

        if (strcmp(liq_config_exchanges[i], text) != 0)
            continue;
        o.base_url = e->base_url[0] ? e->base_url : NULL;
        o.budget = e->budget;
    }
    x = liq_exchange_new(text, &o);
    if (!x)
        return no_memory(why);
    d->exchange[d->n_exchange++] = x;
    return LIQ_OK;
}

static void divide_budgets(void *arg, int hosts)
{
    const struct daemon *d = arg;

    for (size_t i = 0; i < d->n_exchange; i++)
        if (d->exchange[i]->divide)
            d->exchange[i]->divide(d->exchange[i], hosts);
}

/* Puts d->http behind what shares it; false when there is no memory. */
static bool share_http(struct daemon *d)
{
    struct liq_hosts_options o = {d->http,    &d->clock,      d->work,
                                  &d->config, divide_budgets, d};
    struct liq_http *shared = liq_hosts_new(&o);

    d->shared = shared != NULL;
    if (shared)
        d->http = shared;
    return d->shared;
}

static enum liq_err live_exchanges(struct daemon *d, struct liq_reason *why)
{
    const struct liq_config *c = &d->config;
    struct liq_http_options http = {.clock = &d->clock,
                                    .work = d->work,
                                    .connect_ms = c->connect_ms,
                                    .max_connections = c->max_connections,
                                    .max_all = (int)d->for_exchanges,
                                    .user_agent = "liqmap",
                                    .dump_dir = c->dump_dir};
    const char *names = c->exchanges, *name;
    size_t n;

    d->http = liq_http_curl_new(&http);
    if (!d->http)
        return no_memory(why);
    if (c->redis[0] && !share_http(d))
        return no_memory(why);
    while ((name = liq_names_next(&names, &n)) != NULL) {
        enum liq_err err = add_exchange(d, name, n, why);

        if (err)
            return err;
    }
    if (d->shared && liq_hosts_begin(d->http) != LIQ_OK)
        return no_memory(why);
    return LIQ_OK;
}

static enum liq_err demo_exchange(struct daemon *d, struct liq_reason *why)
{
    d->exchange[0] = liq_demo_new(&d->clock);
    if (!d->exchange[0])
        return no_memory(why);
    d->n_exchange = 1;
    return LIQ_OK;
}

enum liq_err daemon_exchanges(struct daemon *d, struct liq_reason *why)
{
    return strcmp(d->config.market_source, "demo") == 0
               ? demo_exchange(d, why)
               : live_exchanges(d, why);
}

void daemon_set_budgets(struct daemon *d, const struct liq_config *c)
{
    for (size_t i = 0; i < d->n_exchange; i++) {
        struct liq_exchange *x = d->exchange[i];

        for (size_t k = 0; k < LIQ_CONFIG_EXCHANGES; k++) {
            if (x->set_budget && strcmp(liq_config_exchanges[k], x->name) == 0)
                x->set_budget(x, c->exchange[k].budget);
        }
    }
}
