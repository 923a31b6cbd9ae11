/* The daemon: the command line, the order in which things start, exit status.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "daemon/daemon.h"
#include "liqmap/log.h"

extern char **environ;

enum { EXIT_USAGE = 2 };

/* Requests in flight at the end have until their deadline, and then so long
 * for their response to be made and written. */
#define GRACE_MS 4000

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

/* --- the command line ----------------------------------------------------- */

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

/* --- running -------------------------------------------------------------- */

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
    d.options = &o;
    d.build = LIQ_BUILD_ID;
    if (liq_config_read(&d.config, o.config, environ, o.set, o.n_set, &why) !=
        LIQ_OK)
        fail(why.text);
    if (o.check) {
        puts("settings are good");
        return EXIT_SUCCESS;
    }
    liq_log_set_level(d.config.log_level);
    daemon_limit_memory();
    daemon_share_descriptors(&d);
    daemon_block_signals();
    if (daemon_wire(&d, &why) != LIQ_OK) {
        daemon_unwire(&d);
        fail(why.text);
    }
    daemon_trim(&d);
    liq_fcgi_on_hangup(d.fcgi, daemon_reload, &d);
    if (!run(&d))
        _exit(EXIT_SUCCESS); /* what is left ends with the process */
    daemon_unwire(&d);
    liq_log(LIQ_LOG_INFO, "ended");
    return EXIT_SUCCESS;
}
