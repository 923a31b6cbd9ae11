/* liqmap report: options, files, output.  The figures are src/report's. */
#include "report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "liqmap/api.h"
#include "liqmap/clock.h"
#include "liqmap/config.h"
#include "liqmap/decimal.h"
#include "liqmap/exchange.h"
#include "liqmap/interval.h"
#include "liqmap/report.h"
#include "options.h"

extern char **environ;

#define FILES_MAX 16
#define OUTPUT_MAX_BYTES ((size_t)64 * 1024 * 1024)
#define NAMES_SIZE 600

struct files {
    const char *path[FILES_MAX];
    size_t n;
};

struct options {
    struct files candles, metrics, liquidations, set;
    const char *config, *compare[2]; /* compare: NULL without it */
    const char *symbol, *display, *engine, *from, *to, *html, *seed, *draws,
        *contract;
    bool json;
};

/* What was read, and what the report gets of it. */
struct run {
    struct options options;
    struct liq_klines klines;
    int64_t file_ms; /* interval of the coarsest candle file */
    struct liq_executed_list executed;
    struct liq_interest_list interest;
    struct liq_report_input input;
    struct liq_report *report;
    char names[3][NAMES_SIZE], compared[NAMES_SIZE];
};

/* --- options -------------------------------------------------------------- */

static struct files *list_of(struct options *o, const char *word)
{
    if (strncmp(word, "--", 2) != 0)
        return &o->candles;
    if (strcmp(word, "--klines") == 0)
        return &o->candles;
    if (strcmp(word, "--metrics") == 0)
        return &o->metrics;
    if (strcmp(word, "--liquidations") == 0)
        return &o->liquidations;
    if (strcmp(word, "--set") == 0)
        return &o->set;
    return NULL;
}

static const char **place_of(struct options *o, const char *word)
{
    const struct {
        const char *name;
        const char **place;
    } places[] = {
        {"--symbol", &o->symbol},
        {"--display", &o->display},
        {"--engine", &o->engine},
        {"--from", &o->from},
        {"--to", &o->to},
        {"--html", &o->html},
        {"--seed", &o->seed},
        {"--draws", &o->draws},
        {"--contract", &o->contract},
        {"--config", &o->config},
    };

    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        if (strcmp(word, places[i].name) == 0)
            return places[i].place;
    }
    return NULL;
}

static int parse(int argc, char **argv, struct options *o)
{
    for (int i = 2; i < argc; i++) {
        const char *word = argv[i];
        struct files *list = list_of(o, word);
        const char **place = list ? NULL : place_of(o, word);

        if (strcmp(word, "--json") == 0) {
            o->json = true;
            continue;
        }
        if (strcmp(word, "--compare") == 0) {
            if (o->compare[0] || argc - i < 3)
                return cli_complain("report", "two files after", word);
            o->compare[0] = argv[++i];
            o->compare[1] = argv[++i];
            continue;
        }
        if (!list && !place)
            return cli_complain("report", "no such option:", word);
        if (strncmp(word, "--", 2) == 0 && ++i == argc)
            return cli_complain("report", "no value for", word);
        if (list && list->n == FILES_MAX)
            return cli_complain("report", "too many files:", word);
        if (place && *place)
            return cli_complain("report", "given twice:", word);
        if (list)
            list->path[list->n++] = argv[i];
        else
            *place = argv[i];
    }
    if (o->compare[0] && o->config)
        return cli_complain("report", "one of --config and", "--compare");
    return o->candles.n > 0
               ? 0
               : cli_complain("report", "there must be", "CANDLES.csv");
}

/* A whole number of 0 .. max. */
static bool parse_whole(const char *text, double max, double *out)
{
    return liq_decimal_parse(text, strlen(text), out) && *out >= 0.0 &&
           *out <= max && *out == (double)(int64_t)*out;
}

static int parse_numbers(struct run *r)
{
    const struct options *o = &r->options;
    double seed = 1.0, draws = LIQ_REPORT_DRAWS_DEFAULT;

    if (o->seed && !parse_whole(o->seed, 9e15, &seed))
        return cli_complain("report", "not a seed:", o->seed);
    if (o->draws && (!parse_whole(o->draws, LIQ_REPORT_DRAWS_MAX, &draws) ||
                     draws < LIQ_REPORT_DRAWS_MIN))
        return cli_complain("report", "draws are 300 to 10000, not", o->draws);
    r->input.seed = (uint64_t)seed;
    r->input.draws = (size_t)draws;
    if (o->from && (r->input.from_ms = liq_time_parse(o->from)) <= 0)
        return cli_complain("report", "not a time:", o->from);
    if (o->to && (r->input.to_ms = liq_time_parse(o->to)) <= 0)
        return cli_complain("report", "not a time:", o->to);
    r->input.contract = liq_contract_default;
    if (o->contract && strcmp(o->contract, "linear") != 0 &&
        strcmp(o->contract, "inverse") != 0)
        return cli_complain("report", "a contract is linear or inverse, not",
                            o->contract);
    r->input.contract.inverse =
        o->contract && strcmp(o->contract, "inverse") == 0;
    return 0;
}

/* --- files ---------------------------------------------------------------- */

static void on_done(struct liq_fetch *f)
{
    (void)f;
}

/* All candles of a file behind those that there are. */
static enum liq_err add_candles(struct run *r, struct liq_exchange *x,
                                const char *symbol, struct liq_reason *why)
{
    struct liq_fetch f = {.kind = LIQ_FETCH_SERIES, .done = on_done};
    struct liq_kline *both;
    struct liq_klines *k = &f.data.klines;

    snprintf(f.symbol, sizeof f.symbol, "%s", symbol);
    f.interval_ms = x->engine_ms(x, LIQ_DAY_MS);
    if (f.interval_ms == 0)
        return liq_fail(why, LIQ_EINVAL,
                        "the interval of the candles does not divide a day");
    x->fetch(x, &f);
    if (f.why.code != LIQ_OK) {
        *why = f.why;
        return f.why.code;
    }
    both = realloc(r->klines.at, (r->klines.n + k->n) * sizeof *both);
    if (both) {
        memcpy(both + r->klines.n, k->at, k->n * sizeof *both);
        r->klines.at = both;
        r->klines.n += k->n;
        r->file_ms = f.interval_ms > r->file_ms ? f.interval_ms : r->file_ms;
    }
    liq_market_data_free(&f.data);
    return both ? LIQ_OK : liq_fail(why, LIQ_ENOMEM, "no memory");
}

static enum liq_err read_candles(struct run *r, const char *symbol,
                                 struct liq_reason *why)
{
    enum liq_err err = LIQ_OK;

    for (size_t i = 0; !err && i < r->options.candles.n; i++) {
        struct liq_file_options file = {.klines = r->options.candles.path[i],
                                        .symbol = symbol,
                                        .fallback_ms = LIQ_HOUR_MS};
        struct liq_exchange *x;

        err = liq_file_new(&file, &x, why);
        if (err)
            return err;
        err = add_candles(r, x, symbol, why);
        x->free(x);
    }
    if (!err && liq_klines_normalise(&r->klines) != LIQ_OK)
        err = liq_fail(why, LIQ_ENOMEM, "no memory");
    return err;
}

static enum liq_err read_files(struct run *r, struct liq_reason *why)
{
    const struct options *o = &r->options;
    const char *symbol = o->symbol ? o->symbol : "BTCUSDT";
    enum liq_err err = read_candles(r, symbol, why);

    for (size_t i = 0; !err && i < o->metrics.n; i++)
        err = liq_interest_read(o->metrics.path[i], symbol, &r->interest, why);
    for (size_t i = 0; !err && i < o->liquidations.n; i++)
        err = liq_executed_read(o->liquidations.path[i], symbol, &r->executed,
                                why);
    r->input.kline = r->klines.at;
    r->input.n = r->klines.n;
    r->input.interest = r->interest.at;
    r->input.n_interest = r->interest.n;
    r->input.executed = r->executed.at;
    r->input.n_executed = r->executed.n;
    return err;
}

static enum liq_err set_intervals(struct run *r, struct liq_reason *why)
{
    const struct options *o = &r->options;
    struct liq_report_input *in = &r->input;

    in->engine_ms = o->engine ? liq_interval_ms(o->engine) : r->file_ms;
    in->display_ms = o->display ? liq_interval_ms(o->display) : LIQ_HOUR_MS;
    if (!o->display && in->engine_ms > in->display_ms)
        in->display_ms = in->engine_ms;
    if (in->engine_ms == 0 || in->display_ms == 0)
        return liq_fail(why, LIQ_EINVAL,
                        "an interval is one of 1m 3m 5m 15m 30m 1h 2h 4h 6h 8h "
                        "12h 1d");
    if (in->engine_ms % r->file_ms != 0)
        return liq_fail(
            why, LIQ_EINVAL, "candles of %s cannot become candles of %s",
            liq_interval_name(r->file_ms), liq_interval_name(in->engine_ms));
    return LIQ_OK;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/* --- running -------------------------------------------------------------- */

/* A report with the parameters that a file of settings says; NULL: none. */
static enum liq_err run_with(struct run *r, const char *file,
                             struct liq_report **out, struct liq_reason *why)
{
    const struct files *set = &r->options.set;
    struct liq_config config;
    struct liq_params params;
    enum liq_err err =
        liq_config_read(&config, file, environ, set->path, set->n, why);

    if (err)
        return LIQ_EINVAL;
    params = liq_api_params(&config);
    r->input.contract.maintenance_margin_rate = params.maintenance_margin_rate;
    return liq_report_run(&r->input, &params, out, why);
}

static enum liq_err run_compared(struct run *r, struct liq_reason *why)
{
    const char *const *file = r->options.compare;
    struct liq_report *a = NULL, *b = NULL;
    enum liq_err err = run_with(r, file[0], &a, why);

    if (!err)
        err = run_with(r, file[1], &b, why);
    if (!err) {
        err = liq_report_compare(a, b, &r->report);
        if (err)
            liq_fail(why, err, "the two reports do not fit together");
    }
    snprintf(r->compared, sizeof r->compared, "A = %.200s, B = %.200s",
             base_name(file[0]), base_name(file[1]));
    liq_report_free(a);
    liq_report_free(b);
    return err;
}

/* --- output --------------------------------------------------------------- */

/* The names of files without their folders, with commas between them. */
static const char *names_of(const struct files *f, char *out)
{
    size_t n = 0;

    out[0] = '\0';
    for (size_t i = 0; i < f->n && n < NAMES_SIZE - 1; i++) {
        int added = snprintf(out + n, NAMES_SIZE - n, "%s%s", i > 0 ? ", " : "",
                             base_name(f->path[i]));

        n += added > 0 ? (size_t)added : 0;
    }
    return f->n > 0 ? out : NULL;
}

static bool write_text(FILE *f, const struct liq_buf *text)
{
    return !text->err && fwrite(text->data, 1, text->len, f) == text->len &&
           fflush(f) == 0;
}

static enum liq_err write_html(const struct run *r,
                               const struct liq_report_title *t,
                               struct liq_reason *why)
{
    struct liq_buf text;
    enum liq_err err;

    liq_buf_init(&text, OUTPUT_MAX_BYTES);
    liq_report_html(r->report, t, &text);
    err = text.err;
    if (!err) {
        errno = 0;
        err = liq_buf_write_file(&text, r->options.html);
    }
    liq_buf_free(&text);
    return err ? liq_fail(why, err, "cannot write %.90s: %.60s",
                          r->options.html, strerror(errno))
               : LIQ_OK;
}

static enum liq_err print(struct run *r, const char *build,
                          struct liq_reason *why)
{
    const struct options *o = &r->options;
    struct liq_report_title t = {
        .symbol = o->symbol ? o->symbol : "BTCUSDT",
        .candles = names_of(&o->candles, r->names[0]),
        .metrics = names_of(&o->metrics, r->names[1]),
        .liquidations = names_of(&o->liquidations, r->names[2]),
        .build = build,
        .compared = o->compare[0] ? r->compared : NULL};
    struct liq_buf text;
    bool ok;

    if (o->html && write_html(r, &t, why) != LIQ_OK)
        return why->code;
    liq_buf_init(&text, OUTPUT_MAX_BYTES);
    if (o->json) {
        liq_report_json(r->report, &t, &text);
        liq_buf_char(&text, '\n');
    } else {
        liq_report_table(r->report, &t, &text);
    }
    ok = write_text(stdout, &text);
    liq_buf_free(&text);
    return ok ? LIQ_OK
              : liq_fail(why, LIQ_EIO, "cannot write to standard output");
}

int cli_report(int argc, char **argv, const char *build)
{
    struct run r = {.options = {.json = false}};
    struct liq_reason why = {0};
    int status = parse(argc, argv, &r.options);
    enum liq_err err;

    if (!status)
        status = parse_numbers(&r);
    if (status)
        return status;
    err = read_files(&r, &why);
    if (!err)
        err = set_intervals(&r, &why);
    if (!err)
        err = r.options.compare[0]
                  ? run_compared(&r, &why)
                  : run_with(&r, r.options.config, &r.report, &why);
    if (!err)
        err = print(&r, build, &why);
    if (err)
        fprintf(stderr, "liqmap: %s\n", why.text);
    liq_report_free(r.report);
    free(r.klines.at);
    free(r.executed.at);
    free(r.interest.at);
    return err == LIQ_OK       ? EXIT_SUCCESS
           : err == LIQ_EINVAL ? CLI_EXIT_USAGE
                               : EXIT_FAILURE;
}
