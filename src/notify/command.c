/* Deliveries by a program of the owner's: the event on its standard input and
 * in its environment; no shell. */
#define _GNU_SOURCE
#include "internal.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "liqmap/json.h"

extern char **environ;

/* How often it is looked whether the program has ended. */
#define LOOK_MS 20
#define VARIABLES_MAX_BYTES 8192
#define N_WORDS (sizeof((struct liq_notify *)0)->argument / sizeof(char *))

/* posix_spawn closes what the program must not get with this one. */
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 34)
#define CAN_CLOSE_FROM 1
#else
#define CAN_CLOSE_FROM 0
#endif

/* --- the environment ------------------------------------------------------ */

/* Variables of the event, and where in its JSON they are. */
static const struct {
    const char *name, *path;
} fields[] = {
    {"LIQMAP_EVENT_ID", "id"},
    {"LIQMAP_EVENT_KIND", "event"},
    {"LIQMAP_EVENT_TIME", "time"},
    {"LIQMAP_EVENT_SYMBOL", "symbol"},
    {"LIQMAP_EVENT_EXCHANGE", "exchange"},
    {"LIQMAP_EVENT_INTERVAL", "interval"},
    {"LIQMAP_EVENT_SOURCE", "source"},
    {"LIQMAP_EVENT_SIDE", "side"},
    {"LIQMAP_EVENT_PRICE", "price"},
    {"LIQMAP_EVENT_DISTANCE_PERCENT", "distance_percent"},
    {"LIQMAP_EVENT_LEVEL_PRICE", "level.price"},
    {"LIQMAP_EVENT_LEVEL_FROM", "level.from"},
    {"LIQMAP_EVENT_LEVEL_TO", "level.to"},
    {"LIQMAP_EVENT_LEVEL_DENSITY", "level.density"},
    {"LIQMAP_EVENT_LEVEL_USD", "level.modelled_usd"},
    {"LIQMAP_EVENT_TEXT", "text"},
};
#define N_FIELDS (sizeof fields / sizeof *fields)

/* Names of secrets, and of an event that we were run for ourselves. */
static bool is_ours(const char *variable)
{
    static const char *const prefixes[] = {
        "LIQMAP_WEBHOOK_SECRET=", "LIQMAP_TELEGRAM_", "LIQMAP_EVENT_"};

    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        if (strncmp(variable, prefixes[i], strlen(prefixes[i])) == 0)
            return true;
    }
    return false;
}

/* Append "NAME=value" and a NUL. */
static void put_field(struct liq_buf *b, const struct cJSON *event, size_t i)
{
    const struct cJSON *item = liq_json_at(event, fields[i].path);
    const char *text = liq_json_text(item);
    double number = liq_json_number(item);

    liq_buf_format(b, "%s=", fields[i].name);
    if (*text)
        liq_buf_text(b, text);
    else if (isfinite(number))
        liq_buf_format(b, "%.15g", number);
    liq_buf_add(b, "", 1);
}

/* Our own environment without secrets, and the event's variables out of text;
 * for free.  NULL when there is no memory. */
static char **make_environment(const struct liq_buf *text)
{
    size_t n = 0, own = 0;
    char **out;

    while (environ[own])
        own++;
    out = calloc(own + N_FIELDS + 1, sizeof *out);
    if (!out)
        return NULL;
    for (size_t i = 0; i < own; i++) {
        if (!is_ours(environ[i]))
            out[n++] = environ[i];
    }
    for (char *at = text->data; at < text->data + text->len;
         at += strlen(at) + 1)
        out[n++] = at;
    return out;
}

/* --- starting ------------------------------------------------------------- */

/* The event as something to read; -1 with errno.  It is shorter than what a
 * pipe holds, so the write does not wait for a reader. */
static int open_input(const char *body)
{
    size_t n = strlen(body);
    int end[2];
    bool good;

    if (pipe2(end, O_CLOEXEC | O_NONBLOCK) != 0)
        return -1;
    good =
        write(end[1], body, n) == (ssize_t)n && fcntl(end[0], F_SETFL, 0) == 0;
    (void)close(end[1]);
    if (good)
        return end[0];
    (void)close(end[0]);
    return -1;
}

/* Standard input and output, and nothing else of ours but the error stream. */
static int set_files(posix_spawn_file_actions_t *files, int input)
{
    int err = posix_spawn_file_actions_adddup2(files, input, STDIN_FILENO);

    if (!err)
        err = posix_spawn_file_actions_addopen(files, STDOUT_FILENO,
                                               "/dev/null", O_WRONLY, 0);
#if CAN_CLOSE_FROM
    if (!err)
        err =
            posix_spawn_file_actions_addclosefrom_np(files, STDERR_FILENO + 1);
#endif
    return err;
}

/* A group of its own, so that what it starts can be ended with it; signals as a
 * program expects them, for ours are blocked or ignored. */
static int set_attributes(posix_spawnattr_t *attributes)
{
    sigset_t none, all;
    int err;

    sigemptyset(&none);
    sigfillset(&all);
    err = posix_spawnattr_setpgroup(attributes, 0);
    if (!err)
        err = posix_spawnattr_setsigmask(attributes, &none);
    if (!err)
        err = posix_spawnattr_setsigdefault(attributes, &all);
    if (!err)
        err = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP |
                                                       POSIX_SPAWN_SETSIGMASK |
                                                       POSIX_SPAWN_SETSIGDEF);
    return err;
}

/* 0, or an errno. */
static int spawn(struct liq_notify *n, int input, char **variables, pid_t *pid)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    int err = posix_spawn_file_actions_init(&files);

    if (err)
        return err;
    err = posix_spawnattr_init(&attributes);
    if (!err) {
        err = set_files(&files, input);
        if (!err)
            err = set_attributes(&attributes);
        if (!err)
            err = posix_spawnp(pid, n->argument[0], &files, &attributes,
                               n->argument, variables);
        (void)posix_spawnattr_destroy(&attributes);
    }
    (void)posix_spawn_file_actions_destroy(&files);
    return err;
}

/* 0, or an errno. */
static int run_program(struct liq_notify *n, const struct liq_notice *t,
                       pid_t *pid)
{
    struct cJSON *event = liq_json_parse(t->body, strlen(t->body));
    char **variables = NULL;
    struct liq_buf text;
    int input, err;

    liq_buf_init(&text, VARIABLES_MAX_BYTES);
    for (size_t i = 0; i < N_FIELDS; i++)
        put_field(&text, event, i);
    liq_json_free(event);
    if (!text.err)
        variables = make_environment(&text);
    input = variables ? open_input(t->body) : -1;
    err = !variables ? ENOMEM : input < 0 ? errno : 0;
    if (!err)
        err = spawn(n, input, variables, pid);
    if (input >= 0)
        (void)close(input);
    free(variables);
    liq_buf_free(&text);
    return err;
}

/* --- its end -------------------------------------------------------------- */

static void end_child(struct liq_way *w, int status, bool late)
{
    char error[120];

    w->by.child.pid = 0;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        liq_way_ended(w, NULL, 0);
        return;
    }
    if (late)
        (void)snprintf(error, sizeof error, "it ran for more than %lld ms",
                       (long long)w->notify->options.config->timeout_ms);
    else if (WIFSIGNALED(status))
        (void)snprintf(error, sizeof error, "ended by signal %d",
                       WTERMSIG(status));
    else
        (void)snprintf(error, sizeof error, "exit status %d",
                       WEXITSTATUS(status));
    liq_way_ended(w, error, 0);
}

/* Wait for what ends, or was killed; its status. */
static int reap(pid_t pid)
{
    int status = 0;

    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}

static void look(struct liq_task *t)
{
    struct liq_child *c =
        (struct liq_child *)(void *)((char *)t -
                                     offsetof(struct liq_child, wait));
    struct liq_way *w =
        (struct liq_way *)(void *)((char *)c -
                                   offsetof(struct liq_way, by.child));
    int64_t now_ms = liq_notify_now(w->notify);
    int status = 0;
    pid_t ended = waitpid(c->pid, &status, WNOHANG);

    if (ended == c->pid) {
        end_child(w, status, false);
    } else if (now_ms >= c->deadline_ms) {
        (void)kill(-c->pid, SIGKILL);
        end_child(w, reap(c->pid), true);
    } else {
        liq_work_post_at(w->notify->options.work, t, LIQ_LANE_LIGHT,
                         now_ms + LOOK_MS);
    }
}

static void send_command(struct liq_way *w, const struct liq_notice *t)
{
    struct liq_notify *n = w->notify;
    struct liq_child *c = &w->by.child;
    int64_t now_ms = liq_notify_now(n);
    int err = run_program(n, t, &c->pid);
    char error[120];

    if (err) {
        c->pid = 0;
        (void)snprintf(error, sizeof error, "%.60s: %s", n->argument[0],
                       strerror(err));
        liq_way_ended(w, error, 0);
        return;
    }
    c->deadline_ms = now_ms + n->options.config->timeout_ms;
    c->wait.run = look;
    liq_work_post_at(n->options.work, &c->wait, LIQ_LANE_LIGHT,
                     now_ms + LOOK_MS);
}

/* --- life ----------------------------------------------------------------- */

/* Words of the setting, with blanks between them; false: there are too many. */
static bool split_words(struct liq_notify *n)
{
    char *at = n->words;
    size_t count = 0;

    for (;;) {
        at += strspn(at, " ");
        if (*at == '\0')
            return true;
        if (count + 1 == N_WORDS)
            return false;
        n->argument[count++] = at;
        at += strcspn(at, " ");
        if (*at)
            *at++ = '\0';
    }
}

enum liq_err liq_command_open(struct liq_notify *n, struct liq_reason *why)
{
    struct liq_way *w = &n->way[WAY_COMMAND];

    (void)snprintf(n->words, sizeof n->words, "%s", n->options.config->command);
    if (!split_words(n))
        return liq_fail(why, LIQ_EINVAL,
                        "watch.command: expected at most %zu words",
                        N_WORDS - 1);
    w->on = n->argument[0] != NULL;
    w->send = send_command;
    if (w->on && !CAN_CLOSE_FROM)
        return liq_fail(why, LIQ_EINVAL,
                        "watch.command: needs glibc 2.34 or later");
    return LIQ_OK;
}

void liq_command_close(struct liq_notify *n)
{
    struct liq_way *w = &n->way[WAY_COMMAND];

    if (!w->on || w->by.child.pid == 0)
        return;
    (void)kill(-w->by.child.pid, SIGKILL);
    (void)reap(w->by.child.pid);
}
