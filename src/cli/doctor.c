/* liqmap doctor: options, the exchanges asked side by side, the recording. */
#include "doctor.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "field.h"
#include "liqmap/cache.h"
#include "liqmap/config.h"
#include "liqmap/lock.h"
#include "liqmap/log.h"
#include "liqmap/names.h"
#include "options.h"

extern char **environ;

#define SETS_MAX 64
#define DEADLINE_MIN_MS INT64_C(20000)
#define INDEX_MAX_BYTES ((size_t)16 * 1024 * 1024)
#define CACHE_BYTES ((size_t)64 * 1024 * 1024)
#define THREADS 2

struct options {
    const char *exchanges, *symbol, *record, *replay, *config;
    const char *set[SETS_MAX];
    size_t n_set;
    bool json, routes;
    char list[256]; /* exchanges with commas between them; "": all */
};

/* What all checks share.  left: checks that have not ended. */
struct run {
    struct options options;
    struct liq_config config;
    struct liq_clock clock;
    struct liq_work *work;
    struct liq_cache *cache;
    struct liq_http *http; /* NULL: a replay */
    cJSON *index;          /* of a replay */
    struct cli_doctor doctor;
    /* A replay has a clock for each, so there they share nothing. */
    struct liq_exchange *made[LIQ_CONFIG_EXCHANGES];
    size_t n_made;

    struct liq_lock lock;
    pthread_cond_t all_ended;
    size_t left;
};

static struct run run; /* threads may outlive a frame */

/* --- options -------------------------------------------------------------- */

/* Where the value of an option goes; NULL: there is none of that name. */
static const char **place_of(struct options *o, const char *word)
{
    if (strcmp(word, "--symbol") == 0)
        return &o->symbol;
    if (strcmp(word, "--record") == 0)
        return &o->record;
    if (strcmp(word, "--replay") == 0)
        return &o->replay;
    if (strcmp(word, "--config") == 0)
        return &o->config;
    if (strcmp(word, "--exchange") == 0)
        return &o->exchanges;
    if (strcmp(word, "--set") == 0 && o->n_set < SETS_MAX)
        return &o->set[o->n_set++];
    return NULL;
}

static bool add_exchanges(struct options *o)
{
    size_t n = strlen(o->list);
    int added = snprintf(o->list + n, sizeof o->list - n, "%s%s",
                         n > 0 ? "," : "", o->exchanges);

    o->exchanges = NULL;
    return added > 0 && (size_t)added < sizeof o->list - n;
}

static int parse(int argc, char **argv, struct options *o)
{
    for (int i = 2; i < argc; i++) {
        bool *flag = strcmp(argv[i], "--json") == 0     ? &o->json
                     : strcmp(argv[i], "--routes") == 0 ? &o->routes
                                                        : NULL;
        const char **place = flag ? NULL : place_of(o, argv[i]);
        int status;

        if (flag) {
            *flag = true;
            continue;
        }
        status = cli_take_value("doctor", argc, argv, &i, place);
        if (status)
            return status;
        if (o->exchanges && !add_exchanges(o))
            return cli_complain("doctor", "too many:", "--exchange");
    }
    if (o->record && o->replay)
        return cli_complain("doctor", "one of --record and", "--replay");
    return 0;
}

/* --- the recording -------------------------------------------------------- */

static void path_of(const char *folder, const char *file, char *out,
                    size_t size)
{
    snprintf(out, size, "%s/%s", folder, file);
}

static enum liq_err write_index(const struct cli_doctor *d, const char *folder,
                                struct liq_reason *why)
{
    struct liq_jsonw w;
    struct liq_buf text;
    char path[512];
    FILE *f;
    bool ok;

    liq_buf_init(&text, INDEX_MAX_BYTES);
    liq_jsonw_init(&w, &text);
    liq_jsonw_open_object(&w);
    liq_jsonw_key_string(&w, "symbol", d->symbol);
    liq_jsonw_key_int(&w, "time", d->wall_ms);
    liq_jsonw_key(&w, "exchanges");
    liq_jsonw_open_array(&w);
    for (size_t i = 0; i < d->n; i++)
        cli_tape_index(&d->check[i].tape, d->check[i].base_url, &w);
    liq_jsonw_close_array(&w);
    liq_jsonw_close_object(&w);
    path_of(folder, "index.json", path, sizeof path);
    f = text.err ? NULL : fopen(path, "wb");
    ok = f && fwrite(text.data, 1, text.len, f) == text.len;
    if (f && fclose(f) != 0)
        ok = false;
    liq_buf_free(&text);
    for (size_t i = 0; i < d->n; i++)
        ok = ok && d->check[i].tape.n_failed == 0;
    return ok ? LIQ_OK
              : liq_fail(why, LIQ_EIO, "cannot write to %.150s", folder);
}

static enum liq_err read_index(struct run *r, struct liq_reason *why)
{
    const char *folder = r->options.replay;
    struct liq_buf text;
    char path[512];
    enum liq_err err;

    path_of(folder, "index.json", path, sizeof path);
    liq_buf_init(&text, INDEX_MAX_BYTES);
    err = liq_buf_read_file(&text, path);
    if (err == LIQ_OK)
        r->index = cJSON_ParseWithLength(text.data, text.len);
    liq_buf_free(&text);
    if (err != LIQ_OK)
        return liq_fail(why, err, "cannot read %.150s: %s", path,
                        strerror(errno));
    if (!cJSON_IsArray(cli_at(r->index, "exchanges")))
        return liq_fail(why, LIQ_EFORMAT, "%.150s is no index of a recording",
                        path);
    r->doctor.wall_ms = (int64_t)cli_number(r->index, "time");
    if (!r->doctor.symbol)
        r->doctor.symbol = cli_string(r->index, "symbol");
    return LIQ_OK;
}

/* An exchange's part of the index; NULL when it was not recorded. */
static const cJSON *recorded(const struct run *r, const char *name)
{
    const cJSON *item;

    cJSON_ArrayForEach(item, cli_at(r->index, "exchanges"))
    {
        if (strcmp(cli_string(item, "exchange"), name) == 0)
            return item;
    }
    return NULL;
}

/* --- the checks ----------------------------------------------------------- */

static const struct liq_exchange_info *info_of(const char *name, size_t n)
{
    const struct liq_exchange_info *info;

    for (size_t i = 0; (info = liq_exchange_at(i)) != NULL; i++) {
        if (strlen(info->name) == n && memcmp(info->name, name, n) == 0)
            return info;
    }
    return NULL;
}

static enum liq_err check_names(const char *list, struct liq_reason *why)
{
    const char *name;
    size_t n;

    while ((name = liq_names_next(&list, &n)) != NULL) {
        if (!info_of(name, n))
            return liq_fail(why, LIQ_EINVAL, "there is no exchange %.*s",
                            (int)(n < 40 ? n : 40), name);
    }
    return LIQ_OK;
}

static const struct liq_config_exchange *settings_of(const struct liq_config *c,
                                                     const char *name)
{
    static const struct liq_config_exchange none;

    for (size_t i = 0; i < LIQ_CONFIG_EXCHANGES; i++) {
        if (strcmp(liq_config_exchanges[i], name) == 0)
            return &c->exchange[i];
    }
    return &none;
}

static enum liq_err start_tape(struct run *r, struct cli_check *c,
                               const char **base_url, struct liq_reason *why)
{
    const char *name = c->info->name;
    const cJSON *item = recorded(r, name);

    if (r->http) {
        cli_tape_live(&c->tape, name, r->http, r->work, &r->clock,
                      r->options.record);
        return LIQ_OK;
    }
    if (item)
        *base_url = cli_tape_base_url(item);
    return cli_tape_replay(&c->tape, name, r->work, item, r->options.replay,
                           why);
}

static enum liq_err make_check(struct run *r,
                               const struct liq_exchange_info *info,
                               struct liq_reason *why)
{
    struct cli_check *c = &r->doctor.check[r->doctor.n++];
    const struct liq_config_exchange *s = settings_of(&r->config, info->name);
    const char *base_url = s->base_url[0] ? s->base_url : info->base_url;
    struct liq_exchange_options o = {.http = &c->tape.http,
                                     .cache = r->cache,
                                     .work = r->work,
                                     .clock = &c->tape.clock,
                                     .budget = s->budget,
                                     .made = r->made,
                                     .n_made = r->http ? r->n_made : 0,
                                     .observe = cli_check_observe,
                                     .observe_arg = c};
    enum liq_err err;

    c->info = info;
    c->doctor = &r->doctor;
    liq_market_data_init(&c->data);
    err = start_tape(r, c, &base_url, why);
    if (err)
        return err;
    snprintf(c->base_url, sizeof c->base_url, "%s", base_url);
    o.base_url = c->base_url;
    c->x = liq_exchange_new(info->name, &o);
    if (!c->x)
        return liq_fail(why, LIQ_ENOMEM, "no memory");
    r->made[r->n_made++] = c->x;
    return LIQ_OK;
}

/* Those of --exchange, or of the recording, or all. */
static bool is_wanted(const struct run *r, const char *name)
{
    if (r->options.list[0])
        return liq_names_have(r->options.list, name);
    return r->http || recorded(r, name);
}

static enum liq_err make_checks(struct run *r, struct liq_reason *why)
{
    const struct liq_exchange_info *info;
    enum liq_err err = check_names(r->options.list, why);
    size_t n = 0;

    while (liq_exchange_at(n))
        n++;
    r->doctor.check = calloc(n + 1, sizeof *r->doctor.check);
    if (!r->doctor.check)
        return liq_fail(why, LIQ_ENOMEM, "no memory");
    for (size_t i = 0; !err && (info = liq_exchange_at(i)) != NULL; i++) {
        if (is_wanted(r, info->name) && r->n_made < LIQ_CONFIG_EXCHANGES)
            err = make_check(r, info, why);
    }
    return err;
}

/* --- running -------------------------------------------------------------- */

static enum liq_err go_live(struct run *r, struct liq_reason *why)
{
    struct liq_http_options http = {.clock = &r->clock,
                                    .work = r->work,
                                    .connect_ms = r->config.connect_ms,
                                    .max_connections =
                                        r->config.max_connections,
                                    .user_agent = "liqmap",
                                    .dump_dir = r->config.dump_dir};
    const char *folder = r->options.record;

    r->doctor.wall_ms = r->clock.wall_ms(&r->clock);
    if (folder && mkdir(folder, 0777) != 0 && errno != EEXIST)
        return liq_fail(why, LIQ_EIO, "cannot make %.120s: %s", folder,
                        strerror(errno));
    r->http = liq_http_curl_new(&http);
    return r->http ? LIQ_OK : liq_fail(why, LIQ_ENOMEM, "no memory");
}

static enum liq_err wire(struct run *r, struct liq_reason *why)
{
    struct liq_cache_options cache = {.max_bytes = CACHE_BYTES};
    bool live = r->options.replay == NULL;
    enum liq_err err;

    r->clock = liq_clock_system;
    if (r->config.fixed_clock_ms > 0) {
        r->clock = liq_clock_held(r->config.fixed_clock_ms, 0);
        r->clock.mono_ms = liq_clock_system.mono_ms;
    }
    /* Nothing of a replay waits. */
    if (!live)
        r->clock = liq_clock_held(0, INT64_MAX / 2);
    r->doctor.symbol = r->options.symbol;
    r->work = liq_work_new(live ? THREADS : 0, live ? THREADS : 1, &r->clock);
    cache.work = r->work;
    r->cache = r->work ? liq_cache_new(&cache) : NULL;
    if (!r->cache || liq_lock_init(&r->lock) != LIQ_OK ||
        liq_condition_init(&r->all_ended) != LIQ_OK)
        return liq_fail(why, LIQ_ENOMEM, "no memory or no thread");
    err = live ? go_live(r, why) : read_index(r, why);
    if (!err && !r->doctor.symbol)
        r->doctor.symbol = "BTCUSDT";
    return err ? err : make_checks(r, why);
}

static void unwire(struct run *r)
{
    if (r->http)
        r->http->stop(r->http);
    if (r->work)
        liq_work_free(r->work);
    for (size_t i = 0; i < r->doctor.n; i++)
        cli_check_free(&r->doctor.check[i]);
    free(r->doctor.check);
    if (r->http)
        r->http->free(r->http);
    if (r->cache)
        liq_cache_free(r->cache);
    cJSON_Delete(r->index);
}

static void one_ended(struct cli_check *c)
{
    (void)c;
    liq_lock_take(&run.lock);
    if (--run.left == 0)
        pthread_cond_broadcast(&run.all_ended);
    liq_lock_give(&run.lock);
}

static void ask_all(struct run *r)
{
    int64_t deadline_ms = r->config.deadline_ms > DEADLINE_MIN_MS
                              ? r->config.deadline_ms
                              : DEADLINE_MIN_MS;

    r->left = r->doctor.n;
    for (size_t i = 0; i < r->doctor.n; i++)
        cli_check_start(&r->doctor.check[i], deadline_ms, one_ended);
    while (!r->http && liq_work_run_one(r->work))
        ;
    liq_lock_take(&r->lock);
    while (r->left > 0)
        liq_condition_wait(&r->all_ended, &r->lock, -1);
    liq_lock_give(&r->lock);
}

static bool print(const struct run *r)
{
    struct liq_jsonw w;
    struct liq_buf text;
    bool ok = true;

    if (!r->options.json) {
        cli_doctor_table(stdout, &r->doctor,
                         r->options.routes || r->doctor.n == 1);
        return fflush(stdout) == 0;
    }
    liq_buf_init(&text, INDEX_MAX_BYTES);
    liq_jsonw_init(&w, &text);
    cli_doctor_json(&r->doctor, &w);
    ok = !text.err && fwrite(text.data, 1, text.len, stdout) == text.len &&
         putchar('\n') != EOF && fflush(stdout) == 0;
    liq_buf_free(&text);
    return ok;
}

static bool any_wrong(const struct cli_doctor *d)
{
    for (size_t i = 0; i < d->n; i++) {
        if (cli_check_is_wrong(&d->check[i]))
            return true;
    }
    return false;
}

static int report(struct run *r)
{
    struct liq_reason why = {0};
    int status;

    cli_doctor_judge(&r->doctor);
    status = any_wrong(&r->doctor) ? EXIT_FAILURE : EXIT_SUCCESS;
    if (r->options.record && r->http &&
        write_index(&r->doctor, r->options.record, &why) != LIQ_OK) {
        fprintf(stderr, "liqmap: %s\n", why.text);
        status = EXIT_FAILURE;
    }
    if (!print(r)) {
        fputs("liqmap: cannot write to standard output\n", stderr);
        status = EXIT_FAILURE;
    }
    return status;
}

int cli_doctor(int argc, char **argv)
{
    struct liq_reason why = {0};
    int status = parse(argc, argv, &run.options);

    if (status)
        return status;
    signal(SIGPIPE, SIG_IGN);
    liq_log_set_level(LIQ_LOG_ERROR);
    status = CLI_EXIT_USAGE;
    if (liq_config_read(&run.config, run.options.config, environ,
                        run.options.set, run.options.n_set, &why) == LIQ_OK) {
        if (wire(&run, &why) == LIQ_OK) {
            ask_all(&run);
            status = report(&run);
        }
        unwire(&run);
    }
    if (why.code != LIQ_OK)
        fprintf(stderr, "liqmap: %s\n", why.text);
    return status;
}
