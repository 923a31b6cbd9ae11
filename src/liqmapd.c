/* The daemon: settings, wiring, signals, exit status. */
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "liqmap/api.h"
#include "liqmap/clock.h"
#include "liqmap/config.h"
#include "liqmap/fcgi.h"
#include "liqmap/http.h"
#include "liqmap/log.h"
#include "liqmap/market.h"

extern char **environ;

enum { EXIT_USAGE = 2 };

#define SETS_MAX 64

/* Requests in flight at the end wait for one refresh at most, and for the rest
 * of an answer. */
#define GRACE_MS 4000
/* How often what people look at is looked after. */
#define WARM_MS 1000
#define WARM_MIN_MS 50
/* How long the end waits for a refresh nobody asked for. */
#define WARM_END_SECONDS 1

static const char usage[] =
    "usage: liqmapd [--config FILE] [--set section.key=value]... [--check]\n"
    "\n"
    "  --config FILE            settings; conf/liqmap.conf has all of them\n"
    "  --set section.key=value  one setting, over file and environment\n"
    "  --check                  check the settings and exit\n"
    "  --version                say which build this is and exit\n"
    "  --help                   say this and exit\n"
    "\n"
    "Answers FastCGI requests at the socket server.listen until SIGTERM.\n";

struct options {
    const char *config;
    const char *set[SETS_MAX];
    size_t n_set;
    bool check;
};

/* What the daemon is made of; freed in reverse. */
struct daemon {
    struct liq_config config;
    struct liq_clock clock;
    struct liq_http *http; /* NULL for the demo market */
    struct liq_market *market[LIQ_CONFIG_EXCHANGES];
    size_t n_market;
    struct liq_api *api;
    struct liq_fcgi *fcgi;
};

/* The thread that keeps answers warm. */
struct warmer {
    struct liq_api *api;
    int64_t every_ms;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t moved;
    bool stop, ended;
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

static enum liq_err read_config(const struct options *o, struct liq_config *c,
                                struct liq_reason *why)
{
    enum liq_err err = LIQ_OK;

    liq_config_defaults(c);
    if (o->config)
        err = liq_config_file(c, o->config, why);
    if (!err)
        err = liq_config_environment(c, environ, why);
    for (size_t i = 0; !err && i < o->n_set; i++)
        err = liq_config_set(c, o->set[i], why);
    return err ? err : liq_config_check(c, why);
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

/* One exchange of the list, name[n]. */
static enum liq_err add_exchange(struct daemon *d, const char *name, size_t n,
                                 struct liq_reason *why)
{
    struct liq_venue_options o = {.http = d->http, .clock = &d->clock};
    const struct liq_venue *venue;
    char text[32];

    snprintf(text, sizeof text, "%.*s", (int)n, name);
    venue = liq_venue_find(text);
    if (!venue)
        return liq_fail(why, LIQ_EINVAL, "there is no exchange %s", text);
    for (size_t i = 0; i < LIQ_CONFIG_EXCHANGES; i++) {
        const struct liq_config_exchange *e = &d->config.exchange[i];

        if (strcmp(liq_config_exchanges[i], text) != 0)
            continue;
        o.base_url = e->base_url[0] ? e->base_url : NULL;
        o.budget = e->budget;
    }
    d->market[d->n_market] = venue->make(&o);
    if (!d->market[d->n_market])
        return liq_fail(why, LIQ_ENOMEM, "no memory");
    d->n_market++;
    return LIQ_OK;
}

static enum liq_err live_markets(struct daemon *d, struct liq_reason *why)
{
    const struct liq_config *c = &d->config;
    struct liq_http_options http = {.clock = &d->clock,
                                    .connect_ms = c->connect_ms,
                                    .max_connections = c->max_connections,
                                    .user_agent = "liqmap",
                                    .dump_dir =
                                        c->dump_dir[0] ? c->dump_dir : NULL};

    d->http = liq_http_curl_new(&http);
    if (!d->http)
        return liq_fail(why, LIQ_ENOMEM, "no memory");
    for (const char *p = c->exchanges; *p; p += *p == ',') {
        size_t n = strcspn(p, ",");
        enum liq_err err = add_exchange(d, p, n, why);

        if (err)
            return err;
        p += n;
    }
    return LIQ_OK;
}

static enum liq_err demo_market(struct daemon *d, struct liq_reason *why)
{
    d->market[0] = liq_demo_new(&d->clock);
    if (!d->market[0])
        return liq_fail(why, LIQ_ENOMEM, "no memory");
    d->n_market = 1;
    return LIQ_OK;
}

static enum liq_err wire(struct daemon *d, struct liq_reason *why)
{
    struct liq_api_options api = {.config = &d->config,
                                  .clock = &d->clock,
                                  .market = d->market,
                                  .build = LIQ_BUILD_ID};
    enum liq_err err;

    d->clock = clock_of(&d->config);
    err = strcmp(d->config.market_source, "demo") == 0 ? demo_market(d, why)
                                                       : live_markets(d, why);
    if (err)
        return err;
    api.n_market = d->n_market;
    d->api = liq_api_new(&api);
    if (!d->api)
        return liq_fail(why, LIQ_ENOMEM, "no memory");
    return liq_fcgi_open(d->config.listen, d->config.socket_mode, &d->fcgi,
                         why);
}

static void unwire(struct daemon *d)
{
    liq_fcgi_close(d->fcgi);
    liq_api_free(d->api);
    for (size_t i = 0; i < d->n_market; i++)
        d->market[i]->free(d->market[i]);
    if (d->http)
        d->http->free(d->http);
}

/* --- keeping warm
 * --------------------------------------------------------------- */

static struct timespec after_ms(int64_t ms)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_sec += (time_t)(ms / 1000);
    t.tv_nsec += (long)(ms % 1000) * 1000000;
    if (t.tv_nsec >= 1000000000) {
        t.tv_nsec -= 1000000000;
        t.tv_sec++;
    }
    return t;
}

/* Under the lock: sleep until told to stop, every_ms at most. */
static void doze(struct warmer *w)
{
    struct timespec until = after_ms(w->every_ms);
    int rc = 0;

    while (!w->stop && rc == 0)
        rc = pthread_cond_timedwait(&w->moved, &w->lock, &until);
}

static void *keep_warm(void *arg)
{
    struct warmer *w = arg;

    pthread_mutex_lock(&w->lock);
    while (!w->stop) {
        pthread_mutex_unlock(&w->lock);
        (void)liq_api_keep_warm(w->api);
        pthread_mutex_lock(&w->lock);
        doze(w);
    }
    w->ended = true;
    pthread_cond_signal(&w->moved);
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

/* Often enough that no lead passes unseen. */
static int64_t warm_every_ms(const struct liq_config *c)
{
    int64_t half = c->lead_ms / 2;

    if (half == 0 || half > WARM_MS)
        return WARM_MS;
    return half < WARM_MIN_MS ? WARM_MIN_MS : half;
}

static bool warmer_start(struct warmer *w, const struct daemon *d)
{
    pthread_condattr_t monotonic;

    memset(w, 0, sizeof *w);
    w->api = d->api;
    w->every_ms = warm_every_ms(&d->config);
    return pthread_condattr_init(&monotonic) == 0 &&
           pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0 &&
           pthread_cond_init(&w->moved, &monotonic) == 0 &&
           pthread_mutex_init(&w->lock, NULL) == 0 &&
           pthread_create(&w->thread, NULL, keep_warm, w) == 0;
}

/* False when it is busy with an exchange that does not answer. */
static bool warmer_stop(struct warmer *w)
{
    struct timespec until = after_ms(WARM_END_SECONDS * 1000);
    int rc = 0;
    bool ended;

    pthread_mutex_lock(&w->lock);
    w->stop = true;
    pthread_cond_signal(&w->moved);
    while (!w->ended && rc == 0)
        rc = pthread_cond_timedwait(&w->moved, &w->lock, &until);
    ended = w->ended;
    pthread_mutex_unlock(&w->lock);
    if (ended)
        pthread_join(w->thread, NULL);
    return ended;
}

/* --- running
 * ------------------------------------------------------------------- */

static void block_signals(void)
{
    sigset_t ends;

    /* A web server that goes away while we write must not end us. */
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ends, NULL);
}

/* False when threads are left that still use the daemon. */
static bool run(struct daemon *d)
{
    const struct liq_config *c = &d->config;
    static struct warmer warmer; /* may outlive this call */
    int64_t grace_ms = c->deadline_ms + GRACE_MS;
    enum liq_err err;

    if (!warmer_start(&warmer, d))
        fail("no thread for keeping warm");
    liq_log(LIQ_LOG_INFO, "start build=\"%s\" market=%s listen=%s workers=%d",
            LIQ_BUILD_ID, d->http ? c->exchanges : d->market[0]->name,
            c->listen[0] ? c->listen : "descriptor-0", c->workers);
    err = liq_fcgi_serve(d->fcgi, d->api, c->workers, grace_ms);
    if (err == LIQ_ENOMEM)
        fail("no thread for answering");
    if (err)
        liq_log(LIQ_LOG_WARN, "requests left unanswered after %lld ms",
                (long long)grace_ms);
    return warmer_stop(&warmer) && !err;
}

int main(int argc, char **argv)
{
    static struct daemon d; /* threads may outlive main's frame */
    struct options o = {0};
    struct liq_reason why = {0};

    parse(argc, argv, &o);
    if (read_config(&o, &d.config, &why) != LIQ_OK)
        fail(why.text);
    if (o.check) {
        puts("settings are good");
        return EXIT_SUCCESS;
    }
    liq_log_set_level(d.config.log_level);
    block_signals();
    if (wire(&d, &why) != LIQ_OK) {
        unwire(&d);
        fail(why.text);
    }
    if (!run(&d))
        _exit(EXIT_SUCCESS); /* what is left ends with the process */
    unwire(&d);
    liq_log(LIQ_LOG_INFO, "ended");
    return EXIT_SUCCESS;
}
