/* liqmap watch: options, which are settings of section [watch] by other names,
 * and levels asked from a server over HTTP. */
#include "watch.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "liqmap/buf.h"
#include "liqmap/config.h"
#include "liqmap/log.h"
#include "liqmap/notify.h"
#include "options.h"

extern char **environ;

#define SETS_MAX 64
#define SET_MAX_BYTES 2048
#define THREADS 2
#define SERVER "http://127.0.0.1:8080"
#define LEVELS_MAX_BYTES ((size_t)1 << 20)
/* A server that must ask exchanges first may take as long as its deadline. */
#define ASK_MS 30000

/* Options by the settings they are; the value of some is another unit. */
static const struct option {
    const char *name, *setting;
    const char *unit; /* appended to the value: "60 s" are 60000 ms */
} options[] = {
    {"--symbol", "symbols", ""},
    {"--exchange", "exchange", ""},
    {"--interval", "interval", ""},
    {"--within", "within_percent", ""},
    {"--leave", "leave_factor", ""},
    {"--min-usd", "min_usd", ""},
    {"--min-density", "min_density", ""},
    {"--cooldown", "cooldown_ms", "000"},
    {"--every", "poll_ms", "000"},
    {"--events", "events", ""},
    {"--webhook", "webhook", ""},
    {"--secret-file", "secret_file", ""},
    {"--exec", "command", ""},
    {"--timeout", "timeout_ms", "000"},
    {"--retry", "retry_ms", "000"},
    {"--give-up", "give_up_ms", "000"},
    {"--state", "state_file", ""},
};
#define N_OPTIONS (sizeof options / sizeof *options)

/* The levels of a server; one question at a time. */
struct server {
    struct liq_notify_source source; /* must be first */
    const struct liq_clock *clock;
    struct liq_http *http;
    const char *base_url;
    char url[512];
    struct liq_http_request request;
    struct liq_http_response response;
    struct liq_http_batch batch;
    struct liq_notify_ask *ask;
};

static struct run {
    struct liq_config config;
    const char *file, *set[SETS_MAX];
    size_t n_set;
    const char *value[N_OPTIONS];
    bool telegram;

    struct liq_clock clock;
    struct liq_work *work;
    struct liq_http *http;
    struct server server;
    struct liq_notify *notify;
} run; /* threads may outlive a frame */

/* --- options -------------------------------------------------------------- */

static const char **place_of(struct run *r, const char *word)
{
    if (strcmp(word, "--server") == 0)
        return &r->server.base_url;
    if (strcmp(word, "--config") == 0)
        return &r->file;
    if (strcmp(word, "--set") == 0 && r->n_set < SETS_MAX)
        return &r->set[r->n_set++];
    for (size_t i = 0; i < N_OPTIONS; i++) {
        if (strcmp(options[i].name, word) == 0)
            return &r->value[i];
    }
    return NULL;
}

static int parse(int argc, char **argv, struct run *r)
{
    for (int i = 2; i < argc; i++) {
        int status;

        if (strcmp(argv[i], "--telegram") == 0) {
            r->telegram = true;
            continue;
        }
        status = cli_take_value("watch", argc, argv, &i, place_of(r, argv[i]));
        if (status)
            return status;
    }
    return 0;
}

/* An option laid over the settings; its own name goes into the complaint. */
static int apply(struct run *r, const struct option *o, const char *value)
{
    char text[SET_MAX_BYTES];
    struct liq_reason why = {0};
    const char *words;
    int n = snprintf(text, sizeof text, "watch.%s=%s%s", o->setting, value,
                     o->unit);

    if (n < 0 || (size_t)n >= sizeof text)
        return cli_complain("watch", "too long:", o->name);
    if (liq_config_set(&r->config, text, &why) == LIQ_OK)
        return 0;
    words = strstr(why.text, ": expected");
    if (!words)
        fprintf(stderr, "liqmap: %s\n", why.text);
    else if (o->unit[0]) /* the words are about milliseconds */
        fprintf(stderr, "liqmap: %s %s: watch.%s%s\n", o->name, value,
                o->setting, words);
    else
        fprintf(stderr, "liqmap: %s%s\n", o->name, words);
    return CLI_EXIT_USAGE;
}

static bool is_server(const char *url)
{
    return (strncmp(url, "http://", 7) == 0 ||
            strncmp(url, "https://", 8) == 0) &&
           strlen(url) < 256 && !strpbrk(url, "?# ");
}

static int read_settings(struct run *r)
{
    static const struct option telegram = {"--telegram", "telegram", ""};
    struct liq_reason why = {0};
    int status = 0;

    if (liq_config_read(&r->config, r->file, environ, r->set, r->n_set, &why) !=
        LIQ_OK) {
        fprintf(stderr, "liqmap: %s\n", why.text);
        return CLI_EXIT_USAGE;
    }
    for (size_t i = 0; !status && i < N_OPTIONS; i++) {
        if (r->value[i])
            status = apply(r, &options[i], r->value[i]);
    }
    if (!status && r->telegram)
        status = apply(r, &telegram, "yes");
    if (!status && r->config.watch.symbols[0] == '\0')
        memcpy(r->config.watch.symbols, "BTCUSDT", sizeof "BTCUSDT");
    if (!r->server.base_url)
        r->server.base_url = SERVER;
    if (!status && !is_server(r->server.base_url))
        status = cli_complain("watch", "expected http(s):// and a host after",
                              "--server");
    if (!status && liq_config_check(&r->config, &why) != LIQ_OK) {
        fprintf(stderr, "liqmap: %s\n", why.text);
        status = CLI_EXIT_USAGE;
    }
    return status;
}

/* --- levels over HTTP ----------------------------------------------------- */

static void on_response(struct liq_task *t)
{
    struct liq_http_batch *b =
        (struct liq_http_batch *)(void *)((char *)t -
                                          offsetof(struct liq_http_batch,
                                                   done));
    struct server *s =
        (struct server *)(void *)((char *)b - offsetof(struct server, batch));
    /* The next question may begin before done has returned. */
    struct liq_http_response r = s->response;

    if (r.err)
        s->ask->done(s->ask, 0, NULL, 0, r.error);
    else
        s->ask->done(s->ask, r.status, r.body.data, r.body.len, "");
    liq_http_response_free(&r);
}

static void ask_server(struct liq_notify_source *source,
                       struct liq_notify_ask *a)
{
    struct server *s = (struct server *)(void *)source;
    size_t n = strlen(s->base_url);

    while (n > 0 && s->base_url[n - 1] == '/')
        n--;
    s->ask = a;
    (void)snprintf(s->url, sizeof s->url, "%.*s/api/v1/levels?%s", (int)n,
                   s->base_url, a->query);
    memset(&s->batch, 0, sizeof s->batch);
    s->request.url = s->url;
    s->request.max_bytes = LEVELS_MAX_BYTES;
    s->batch.request = &s->request;
    s->batch.response = &s->response;
    s->batch.n = 1;
    s->batch.deadline_ms = s->clock->mono_ms(s->clock) + ASK_MS;
    s->batch.done.run = on_response;
    s->http->start(s->http, &s->batch);
}

/* --- running -------------------------------------------------------------- */

static void print(const char *event)
{
    printf("%s\n", event);
    (void)fflush(stdout);
}

static enum liq_err wire(struct run *r, struct liq_reason *why)
{
    struct liq_http_options http = {.clock = &r->clock,
                                    .connect_ms = r->config.connect_ms,
                                    .max_connections = 2,
                                    .user_agent = "liqmap"};
    struct liq_notify_options o = {.config = &r->config.watch,
                                   .clock = &r->clock,
                                   .source = &r->server.source,
                                   .print = print};

    r->clock = liq_clock_system;
    r->work = liq_work_new(THREADS, THREADS, &r->clock);
    http.work = o.work = r->work;
    r->http = r->work ? liq_http_curl_new(&http) : NULL;
    if (!r->http)
        return liq_fail(why, LIQ_ENOMEM, "no memory or no thread");
    o.http = r->http;
    r->server.source.ask = ask_server;
    r->server.clock = &r->clock;
    r->server.http = r->http;
    return liq_notify_new(&o, &r->notify, why);
}

static void unwire(struct run *r)
{
    liq_notify_stop(r->notify);
    if (r->http)
        r->http->stop(r->http);
    liq_work_free(r->work);
    liq_notify_free(r->notify);
    if (r->http)
        r->http->free(r->http);
}

int cli_watch(int argc, char **argv)
{
    struct liq_reason why = {0};
    int status = parse(argc, argv, &run), got;
    sigset_t ends;

    if (!status)
        status = read_settings(&run);
    if (status)
        return status;
    /* All threads inherit it, so that only sigwait gets them. */
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    (void)pthread_sigmask(SIG_BLOCK, &ends, NULL);
    signal(SIGPIPE, SIG_IGN);
    liq_log_set_level(run.config.log_level);
    if (wire(&run, &why) == LIQ_OK)
        (void)sigwait(&ends, &got);
    unwire(&run);
    if (why.code == LIQ_OK)
        return EXIT_SUCCESS;
    fprintf(stderr, "liqmap: %s\n", why.text);
    return why.code == LIQ_EINVAL ? CLI_EXIT_USAGE : EXIT_FAILURE;
}
