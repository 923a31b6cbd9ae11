/* The parts of the daemon, made and connected. */
#include "daemon.h"

#include <unistd.h>
#include "liqmap/hosts.h"

/* A held clock holds the time of day alone: ages and deadlines go on. */
static struct liq_clock clock_of(const struct liq_config *c)
{
    struct liq_clock clock = liq_clock_system;

    if (c->fixed_clock_ms > 0) {
        clock = liq_clock_held(c->fixed_clock_ms, 0);
        clock.mono_ms = liq_clock_system.mono_ms;
    }
    return clock;
}

static enum liq_err no_memory(struct liq_reason *why)
{
    return liq_fail(why, LIQ_ENOMEM, "no memory");
}

/* Heavy tasks only compute: more of them at once than processors would only
 * wait for each other. */
static int heavy_at_once(int threads)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);

    if (n < 1)
        n = 1;
    return n < threads ? (int)n : threads;
}

static enum liq_err make_cache(struct daemon *d, struct liq_reason *why)
{
    const struct liq_config *c = &d->config;
    struct liq_cache_options cache = {.max_bytes = (size_t)c->max_bytes,
                                      .error_ms = c->error_ms};

    d->work = liq_work_new(c->workers, heavy_at_once(c->workers), &d->clock);
    if (!d->work)
        return liq_fail(why, LIQ_ENOMEM, "no memory or no thread");
    cache.work = d->work;
    d->cache = liq_cache_new(&cache);
    return d->cache ? LIQ_OK : no_memory(why);
}

static enum liq_err make_api(struct daemon *d, struct liq_reason *why)
{
    struct liq_api_options api = {.config = &d->config,
                                  .clock = &d->clock,
                                  .work = d->work,
                                  .cache = d->cache,
                                  .exchange = d->exchange,
                                  .n_exchange = d->n_exchange,
                                  .hosts = d->shared ? d->http : NULL,
                                  .count_hosts = liq_hosts_count,
                                  .build = d->build,
                                  .recorder = d->recorder,
                                  .streams = d->streams};

    d->api = liq_api_new(&api);
    return d->api ? LIQ_OK : no_memory(why);
}

static void count_notices(void *arg, struct liq_notices *out)
{
    liq_notify_count(arg, out);
}

static enum liq_err make_notify(struct daemon *d, struct liq_reason *why)
{
    struct liq_http_options http = {.clock = &d->clock,
                                    .work = d->work,
                                    .connect_ms = d->config.connect_ms,
                                    .max_connections = 1,
                                    .user_agent = "liqmap"};
    struct liq_notify_options o = {
        .config = &d->config.watch, .clock = &d->clock, .work = d->work};
    enum liq_err err;

    if (d->config.watch.symbols[0] == '\0')
        return LIQ_OK;
    o.source = d->levels = liq_notify_source_new(d->api);
    if (liq_notify_needs_http(o.config))
        o.http = d->notify_http = liq_http_curl_new(&http);
    if (!o.source || (liq_notify_needs_http(o.config) && !o.http))
        return no_memory(why);
    err = liq_notify_new(&o, &d->notify, why);
    if (!err)
        liq_api_set_notices(d->api, count_notices, d->notify);
    return err;
}

enum liq_err daemon_wire(struct daemon *d, struct liq_reason *why)
{
    const struct liq_config *c = &d->config;
    enum liq_err err;

    d->clock = clock_of(c);
    err = make_cache(d, why);
    if (!err)
        err = daemon_exchanges(d, why);
    if (!err)
        err = liq_recorder_begin(c, &d->clock, d->work, d->exchange,
                                 &d->recorder, &d->streams, why);
    if (!err)
        err = make_api(d, why);
    if (!err)
        err = liq_fcgi_open(c->listen, c->socket_mode, &d->fcgi, why);
    if (!err)
        liq_fcgi_set_most(d->fcgi, d->for_requests);
    return err ? err : make_notify(d, why);
}

/*
 * No request is in flight, but refreshes that nobody waits for may be. Stopping
 * the network posts their ends; freeing the work queue runs these, and what
 * they post or start, and forgets what is due later.  Then nothing runs any
 * more.
 */
void daemon_unwire(struct daemon *d)
{
    liq_fcgi_close(d->fcgi);
    liq_notify_stop(d->notify);
    liq_streams_free(d->streams);
    if (d->http)
        d->http->stop(d->http);
    if (d->notify_http)
        d->notify_http->stop(d->notify_http);
    liq_recorder_stop(d->recorder);
    liq_work_free(d->work);
    liq_notify_free(d->notify);
    liq_notify_source_free(d->levels);
    liq_api_free(d->api);
    liq_recorder_free(d->recorder);
    for (size_t i = 0; i < d->n_exchange; i++)
        d->exchange[i]->free(d->exchange[i]);
    if (d->http)
        d->http->free(d->http);
    if (d->notify_http)
        d->notify_http->free(d->notify_http);
    liq_cache_free(d->cache);
    daemon_free_reloaded(d);
}
