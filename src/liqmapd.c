/* The daemon: settings, wiring, signals, exit status. */
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include "liqmap/api.h"
#include "liqmap/cache.h"
#include "liqmap/clock.h"
#include "liqmap/config.h"
#include "liqmap/exchange.h"
#include "liqmap/fcgi.h"
#include "liqmap/hosts.h"
#include "liqmap/http.h"
#include "liqmap/log.h"
#include "liqmap/names.h"
#include "liqmap/recorder.h"
#include "liqmap/streams.h"
#include "liqmap/notify.h"
#include "liqmap/work.h"

extern char **environ;

enum { EXIT_USAGE = 2 };

#define SETS_MAX 64

/* Requests in flight at the end have until their deadline, and then so long
 * for their response to be made and written. */
#define GRACE_MS 4000
/* Blocks from this size on are mapped, and so go back to the system when they
 * are freed. */
#define MAPPED_BYTES (128 * 1024)
/* How often pages that are free are given back. */
#define TRIM_EVERY_MS INT64_C(10000)
/* So much of what was freed at the end of an arena is kept: a page of candles
 * is 1.5 MB of small blocks while it is read, and to get that from the system
 * each time costs a third of what parsing does. */
#define KEPT_BYTES (2 * 1024 * 1024)

/* Standard streams, the socket, events, curl's wake-ups, Redis, and a file. */
#define OWN_DESCRIPTORS 11

static const char usage[] =
    "usage: liqmapd [--config FILE] [--set section.key=value]... [--check]\n"
    "\n"
    "  --config FILE            settings; conf/liqmap.conf has all of them\n"
    "  --set section.key=value  one setting, over file and environment\n"
    "  --check                  check the settings and exit\n"
    "  --version                say which build this is and exit\n"
    "  --help                   say this and exit\n"
    "\n"
    "Serves FastCGI requests at the socket server.listen until SIGTERM; "
    "SIGHUP\n"
    "reads the settings again.\n";

struct options {
    const char *config;
    const char *set[SETS_MAX];
    size_t n_set;
    bool check;
};

/* What the daemon is made of. */
struct daemon {
    struct liq_config config;
    struct liq_clock clock;
    struct liq_work *work;
    struct liq_cache *cache;
    struct liq_http *http; /* NULL for the demo exchange */
    bool shared;           /* http is of liq_hosts_new */
    struct liq_exchange *exchange[LIQ_CONFIG_EXCHANGES + 1]; /* NULL ends */
    size_t n_exchange;
    size_t for_exchanges, for_requests; /* descriptors */
    struct liq_recorder *recorder;      /* NULL: nothing is recorded */
    struct liq_streams *streams;        /* NULL: no exchange has one */
    struct liq_api *api;
    struct liq_fcgi *fcgi;
    struct liq_http *notify_http; /* NULL: no webhook and no Telegram */
    struct liq_notify_source *levels;
    struct liq_notify *notify; /* NULL: no symbol is watched */
    struct liq_task trim;
    const struct options *options;
    struct reloaded *reloaded; /* the newest first */
};

/* Settings that were read again; kept, for requests in flight use them. */
struct reloaded {
    struct liq_config config;
    struct reloaded *before;
};

/* --- the command line ------------------------------------------------------
 */

static void fail(const char *text)
{
    fprintf(stderr, "liqmapd: %s\n", text);
    exit(EXIT_FAILURE);
}

static void fail_usage(const char *what, const char *word)
{
    fprintf(stderr, "liqmapd: %s %s (liqmapd --help)\n", what, word);
    exit(EXIT_USAGE);
}

static const char *value_of(int argc, char **argv, int *i)
{
    if (*i + 1 >= argc)
        fail_usage("no value for", argv[*i]);
    return argv[++*i];
}

static void parse(int argc, char **argv, struct options *o)
{
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];

        if (strcmp(word, "--config") == 0) {
            o->config = value_of(argc, argv, &i);
        } else if (strcmp(word, "--set") == 0) {
            if (o->n_set == SETS_MAX)
                fail_usage("too many", word);
            o->set[o->n_set++] = value_of(argc, argv, &i);
        } else if (strcmp(word, "--check") == 0) {
            o->check = true;
        } else if (strcmp(word, "--version") == 0) {
            printf("liqmapd %s\n", LIQ_BUILD_ID);
            exit(EXIT_SUCCESS);
        } else if (strcmp(word, "--help") == 0) {
            fputs(usage, stdout);
            exit(EXIT_SUCCESS);
        } else {
            fail_usage("no such option:", word);
        }
    }
}

/* --- wiring ------------------------------------------------------------------
 */

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
                                  .build = LIQ_BUILD_ID,
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

static enum liq_err wire(struct daemon *d, struct liq_reason *why)
{
    const struct liq_config *c = &d->config;
    bool demo = strcmp(c->market_source, "demo") == 0;
    enum liq_err err;

    d->clock = clock_of(c);
    err = make_cache(d, why);
    if (!err)
        err = demo ? demo_exchange(d, why) : live_exchanges(d, why);
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
static void unwire(struct daemon *d)
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
    while (d->reloaded) {
        struct reloaded *before = d->reloaded->before;

        free(d->reloaded);
        d->reloaded = before;
    }
}

/* --- SIGHUP ------------------------------------------------------------------
 */

static void set_budgets(struct daemon *d, const struct liq_config *c)
{
    for (size_t i = 0; i < d->n_exchange; i++) {
        struct liq_exchange *x = d->exchange[i];

        for (size_t k = 0; k < LIQ_CONFIG_EXCHANGES; k++) {
            if (x->set_budget && strcmp(liq_config_exchanges[k], x->name) == 0)
                x->set_budget(x, c->exchange[k].budget);
        }
    }
}

/* Settings that are not good change nothing. */
static void reload(void *arg)
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
    set_budgets(d, &r->config);
    liq_log(LIQ_LOG_INFO, "settings read again");
}

/* --- running ---------------------------------------------------------------
 */

static void block_signals(void)
{
    sigset_t ends;

    /* A web server that goes away while we write must not end us. */
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &ends, NULL);
}

/* How many descriptors there may be. */
static size_t raise_descriptors(void)
{
    struct rlimit r;

    if (getrlimit(RLIMIT_NOFILE, &r) != 0)
        return OWN_DESCRIPTORS;
    r.rlim_cur = r.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &r) != 0)
        (void)getrlimit(RLIMIT_NOFILE, &r);
    return r.rlim_cur < INT_MAX ? (size_t)r.rlim_cur : INT_MAX;
}

/* Requests must not take those that it needs to reach an exchange, which they
 * wait for. */
static void share_descriptors(struct daemon *d, size_t all)
{
    size_t left = all > OWN_DESCRIPTORS ? all - OWN_DESCRIPTORS : 2;
    size_t wanted =
        (size_t)d->config.max_connections * (LIQ_CONFIG_EXCHANGES + 1);

    d->for_exchanges = wanted < left / 2 ? wanted : left / 2;
    if (d->for_exchanges == 0)
        d->for_exchanges = 1;
    d->for_requests = left - d->for_exchanges;
}

/* By default glibc has eight arenas per processor, each with what was freed in
 * it, and maps only ever larger blocks; the bound of the cache would not be one
 * of the process. */
static void return_memory(void)
{
#ifdef __GLIBC__
    (void)mallopt(M_ARENA_MAX, 2);
    (void)mallopt(M_MMAP_THRESHOLD, MAPPED_BYTES);
    (void)mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
#endif
}

/* A refresh frees thousands of small blocks between ones that stay; glibc keeps
 * their pages, by and by more than twice what is in use. */
static void trim(struct liq_task *t)
{
    struct daemon *d =
        (struct daemon *)((char *)t - offsetof(struct daemon, trim));

#ifdef __GLIBC__
    (void)malloc_trim(0);
#endif
    liq_work_post_at(d->work, t, LIQ_LANE_IDLE,
                     d->clock.mono_ms(&d->clock) + TRIM_EVERY_MS);
}

/* False when requests are left that still use the daemon. */
static bool run(struct daemon *d)
{
    const struct liq_config *c = &d->config;
    int64_t grace_ms = c->deadline_ms + GRACE_MS;
    enum liq_err err;

    liq_log(LIQ_LOG_INFO, "start build=\"%s\" market=%s listen=%s workers=%d",
            LIQ_BUILD_ID, d->http ? c->exchanges : d->exchange[0]->name,
            c->listen[0] ? c->listen : "descriptor-0", c->workers);
    err = liq_fcgi_serve(d->fcgi, d->api, d->work, grace_ms);
    if (err)
        liq_log(LIQ_LOG_WARN, "requests left without a response after %lld ms",
                (long long)grace_ms);
    return !err;
}

int main(int argc, char **argv)
{
    static struct daemon d; /* threads may outlive main's frame */
    struct options o = {0};
    struct liq_reason why = {0};

    parse(argc, argv, &o);
    if (liq_config_read(&d.config, o.config, environ, o.set, o.n_set, &why) !=
        LIQ_OK)
        fail(why.text);
    if (o.check) {
        puts("settings are good");
        return EXIT_SUCCESS;
    }
    liq_log_set_level(d.config.log_level);
    return_memory();
    share_descriptors(&d, raise_descriptors());
    block_signals();
    if (wire(&d, &why) != LIQ_OK) {
        unwire(&d);
        fail(why.text);
    }
    d.options = &o;
    d.trim.run = trim;
    liq_work_post(d.work, &d.trim, LIQ_LANE_IDLE);
    liq_fcgi_on_hangup(d.fcgi, reload, &d);
    if (!run(&d))
        _exit(EXIT_SUCCESS); /* what is left ends with the process */
    unwire(&d);
    liq_log(LIQ_LOG_INFO, "ended");
    return EXIT_SUCCESS;
}
