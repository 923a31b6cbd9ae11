/* The command line: the api over files instead of an exchange. */
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cjson/cJSON.h>
#include "cli/doctor.h"
#include "cli/help.h"
#include "cli/print.h"
#include "cli/record.h"
#include "cli/render.h"
#include "cli/watch.h"
#include "cli/report.h"
#include "liqmap/api.h"
#include "liqmap/buf.h"
#include "liqmap/clock.h"
#include "liqmap/config.h"
#include "liqmap/interval.h"
#include "liqmap/log.h"
#include "liqmap/exchange.h"

extern char **environ;

enum { EXIT_USAGE = 2 };

#define QUERY_MAX 4096

static const struct command {
    const char *name, *path;
    cli_print_fn *table, *csv; /* NULL: JSON alone */
    bool image;                /* the response is an image */
} commands[] = {
    {"heatmap", "/api/v1/heatmap", NULL, NULL, false},
    {"levels", "/api/v1/levels", cli_levels_table, cli_levels_csv, false},
    {"profile", "/api/v1/profile", cli_profile_table, cli_profile_csv, false},
    {"explain", "/api/v1/explain", cli_explain_table, cli_explain_csv, false},
    {"render", "/api/v1/heatmap.png", NULL, NULL, true},
};

/* Options that are parameters of the api, by the same name but for dashes. */
static const char *const parameters[] = {
    "symbol", "interval", "bars", "rows", "range", "tiers", "side", "end",
    "time", "price", "model", "leverage", "lambda", "band", "margin_rate",
    "contract",
    /* of images */
    "width", "height", "theme", "palette", "scale", "colour", "axis", "candles",
    "ridges", "profile"};
#define N_PARAMETERS (sizeof parameters / sizeof *parameters)
/* How often --set may be given: each setting of the model, and some to spare.
 */
#define SET_MAX 16

struct options {
    const struct command *command;
    bool json, csv;
    const char *klines, *metrics, *as_of, *config;
    const char *set[SET_MAX]; /* section.key=value */
    size_t n_set;
    const char *output;                  /* of an image */
    const char *parameter[N_PARAMETERS]; /* NULL: not given */
};

static void fail(int status, const char *text)
{
    fprintf(stderr, "liqmap: %s\n", text);
    exit(status);
}

static void fail_usage(const char *what, const char *word)
{
    fprintf(stderr, "liqmap: %s %s (liqmap --help)\n", what, word);
    exit(EXIT_USAGE);
}

/* --- the command line ------------------------------------------------------
 */

/* "margin-rate" is margin_rate. */
static bool same_name(const char *option, const char *name)
{
    while (*option && *name &&
           (*option == *name || (*option == '-' && *name == '_'))) {
        option++;
        name++;
    }
    return *option == '\0' && *name == '\0';
}

static const char **place_of(struct options *o, const char *name)
{
    if (strcmp(name, "klines") == 0)
        return &o->klines;
    if (strcmp(name, "metrics") == 0)
        return &o->metrics;
    if (strcmp(name, "as-of") == 0)
        return &o->as_of;
    if (strcmp(name, "config") == 0)
        return &o->config;
    if (strcmp(name, "set") == 0 && o->n_set < SET_MAX)
        return &o->set[o->n_set++];
    if (o->command->image && strcmp(name, "output") == 0)
        return &o->output;
    for (size_t i = 0; i < N_PARAMETERS; i++) {
        if (same_name(name, parameters[i]))
            return &o->parameter[i];
    }
    return NULL;
}

/* --json and --csv, which have no value. */
static bool parse_format(struct options *o, const char *word)
{
    bool *flag = strcmp(word, "--json") == 0  ? &o->json
                 : strcmp(word, "--csv") == 0 ? &o->csv
                                              : NULL;

    if (flag)
        *flag = true;
    return flag != NULL;
}

/* render FILE, which is render --klines FILE. */
static bool parse_file(struct options *o, const char *word)
{
    if (!o->command->image || (word[0] == '-' && word[1] != '\0'))
        return false;
    if (o->klines)
        fail_usage("given twice:", "the file of candles");
    o->klines = word;
    return true;
}

static void parse(int argc, char **argv, struct options *o)
{
    for (int i = 2; i < argc; i++) {
        const char **place =
            strncmp(argv[i], "--", 2) == 0 ? place_of(o, argv[i] + 2) : NULL;

        if (o->command->image && strcmp(argv[i], "-o") == 0)
            place = &o->output;
        if (parse_format(o, argv[i]) || parse_file(o, argv[i]))
            continue;
        if (!place)
            fail_usage("no such option:", argv[i]);
        if (i + 1 == argc)
            fail_usage("no value for", argv[i]);
        if (*place)
            fail_usage("given twice:", argv[i]);
        *place = argv[++i];
    }
    if (!o->klines)
        fail_usage("there must be", "--klines FILE");
    if (o->json && o->csv)
        fail_usage("one of --json and", "--csv");
    if (o->csv && !o->command->csv)
        fail_usage("no --csv for", o->command->name);
    if (o->command->image && (!o->output || o->json))
        fail_usage(o->json ? "no --json for" : "there must be",
                   o->json ? o->command->name : "-o FILE");
}

static const char *parameter(const struct options *o, const char *name)
{
    for (size_t i = 0; i < N_PARAMETERS; i++) {
        if (strcmp(parameters[i], name) == 0)
            return o->parameter[i];
    }
    return NULL;
}

/* name=value with what might mean something in a query escaped. */
static void add_pair(struct liq_buf *query, const char *name, const char *value)
{
    liq_buf_format(query, "%s%s=", query->len ? "&" : "", name);
    for (; *value; value++) {
        if (isalnum((unsigned char)*value) || strchr(".,-_", *value))
            liq_buf_char(query, *value);
        else
            liq_buf_format(query, "%%%02X", (unsigned char)*value);
    }
}

static void query_of(const struct options *o, struct liq_buf *query)
{
    liq_buf_text(query, "");
    for (size_t i = 0; i < N_PARAMETERS; i++) {
        if (o->parameter[i])
            add_pair(query, parameters[i], o->parameter[i]);
    }
    if (query->err)
        fail(EXIT_USAGE, "the options are too long");
}

/* --- the exchange
 * --------------------------------------------------------------- */

static struct liq_exchange *open_files(const struct options *o)
{
    const char *symbol = parameter(o, "symbol");
    const char *interval = parameter(o, "interval");
    const char *contract = parameter(o, "contract");
    struct liq_file_options file = {.klines = o->klines,
                                    .metrics = o->metrics,
                                    .symbol = symbol ? symbol : "BTCUSDT"};
    struct liq_reason why = {0};
    struct liq_exchange *x;
    enum liq_err err;

    if (o->as_of) {
        file.as_of_ms = liq_time_parse(o->as_of);
        if (file.as_of_ms <= 0)
            fail_usage("not a time:", o->as_of);
    }
    file.fallback_ms = interval ? liq_interval_ms(interval) : LIQ_HOUR_MS;
    err = liq_file_new(&file, &x, &why);
    if (err)
        fail(err == LIQ_EINVAL ? EXIT_USAGE : EXIT_FAILURE, why.text);
    x->inverse = contract && strcmp(contract, "inverse") == 0;
    return x;
}

/* --- the answer
 * ------------------------------------------------------------------ */

/* The sentence in an error's JSON, and what would have been allowed. */
static void print_error(const struct liq_api_response *res)
{
    cJSON *doc = cJSON_ParseWithLength(res->body, res->len);
    const cJSON *error = cJSON_GetObjectItemCaseSensitive(doc, "error");
    const cJSON *message = cJSON_GetObjectItemCaseSensitive(error, "message");
    const cJSON *allowed = cJSON_GetObjectItemCaseSensitive(error, "allowed");
    const cJSON *word;

    fprintf(stderr, "liqmap: %s",
            cJSON_IsString(message) ? message->valuestring : "no answer");
    cJSON_ArrayForEach(word, allowed)
    {
        if (cJSON_IsString(word))
            fprintf(stderr, "%s%s", word == allowed->child ? ": " : ", ",
                    word->valuestring);
    }
    fputc('\n', stderr);
    cJSON_Delete(doc);
}

static bool print_read(cli_print_fn *print, const struct liq_api_response *res)
{
    cJSON *doc = cJSON_ParseWithLength(res->body, res->len);
    bool ok = doc && print(stdout, doc);

    cJSON_Delete(doc);
    return ok;
}

static int print_answer(const struct options *o,
                        const struct liq_api_response *res)
{
    cli_print_fn *print = o->csv ? o->command->csv : o->command->table;
    bool ok;

    if (res->status != 200) {
        print_error(res);
        return res->status == 400 ? EXIT_USAGE : EXIT_FAILURE;
    }
    if (o->command->image) {
        if (!cli_write_image(o->output, res->body, res->len)) {
            fprintf(stderr, "liqmap: %s: %s\n", o->output, strerror(errno));
            return EXIT_FAILURE;
        }
        return EXIT_SUCCESS;
    }
    if (o->json || !print)
        ok = fwrite(res->body, 1, res->len, stdout) == res->len &&
             putchar('\n') != EOF;
    else
        ok = print_read(print, res);
    if (!ok || fflush(stdout) != 0)
        fail(EXIT_FAILURE, "cannot write to standard output");
    return EXIT_SUCCESS;
}

static void on_done(struct liq_api_call *c)
{
    (void)c;
}

/* Files respond at once, so there is nothing to wait for. */
static int respond(const struct options *o, struct liq_api *api,
                   struct liq_work *work, const char *query)
{
    struct liq_api_call call = {
        .request = {.method = "GET", .path = o->command->path, .query = query},
        .done = on_done};
    int status;

    liq_api_start(api, &call);
    while (liq_work_run_one(work))
        ;
    status = print_answer(o, &call.response);
    liq_api_response_free(&call.response);
    return status;
}

static int run(const struct options *o)
{
    struct liq_exchange *exchange[1];
    struct liq_clock clock = liq_clock_held(0, 0);
    struct liq_config config;
    struct liq_work *work = liq_work_new(0, 1, &clock);
    struct liq_cache_options cache = {.work = work, .max_bytes = SIZE_MAX};
    struct liq_api_options options = {.config = &config,
                                      .clock = &clock,
                                      .work = work,
                                      .exchange = exchange,
                                      .n_exchange = 1,
                                      .build = LIQ_BUILD_ID};
    struct liq_reason why = {0};
    struct liq_buf query;
    struct liq_api *api;
    int status;

    if (liq_config_read(&config, o->config, environ, o->set, o->n_set, &why) !=
        LIQ_OK)
        fail(EXIT_USAGE, why.text);
    liq_log_set_level(LIQ_LOG_ERROR);
    liq_buf_init(&query, QUERY_MAX);
    query_of(o, &query);
    exchange[0] = open_files(o);
    options.cache = work ? liq_cache_new(&cache) : NULL;
    api = options.cache ? liq_api_new(&options) : NULL;
    if (!api)
        fail(EXIT_FAILURE, "no memory");
    status = respond(o, api, work, query.data);
    liq_work_free(work);
    liq_api_free(api);
    liq_cache_free(options.cache);
    exchange[0]->free(exchange[0]);
    liq_buf_free(&query);
    return status;
}

static int run_model(int argc, char **argv)
{
    struct options o = {0};

    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(argv[1], commands[i].name) == 0)
            o.command = &commands[i];
    }
    if (!o.command)
        fail_usage("no such command:", argv[1]);
    parse(argc, argv, &o);
    return run(&o);
}

/* Whether the words ask for help, and then about what. */
static bool asks_help(int argc, char **argv, const char **about)
{
    bool first = strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0;

    *about = NULL;
    if (first && argc > 2)
        *about = argv[2];
    for (int i = 2; i < argc && !first; i++) {
        if (strcmp(argv[i], "--help") == 0)
            *about = argv[1];
    }
    return first || *about;
}

int main(int argc, char **argv)
{
    const char *about;

    if (argc < 2)
        fail_usage("no", "command");
    if (asks_help(argc, argv, &about)) {
        if (!cli_help(stdout, about))
            fail_usage("no such command:", about);
        return EXIT_SUCCESS;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("liqmap %s\n", LIQ_BUILD_ID);
        return EXIT_SUCCESS;
    }
    if (strcmp(argv[1], "doctor") == 0)
        return cli_doctor(argc, argv);
    if (strcmp(argv[1], "import") == 0)
        return cli_import(argc, argv);
    if (strcmp(argv[1], "export") == 0)
        return cli_export(argc, argv);
    if (strcmp(argv[1], "watch") == 0)
        return cli_watch(argc, argv);
    if (strcmp(argv[1], "report") == 0)
        return cli_report(argc, argv, LIQ_BUILD_ID);
    return run_model(argc, argv);
}
