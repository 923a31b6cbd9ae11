#include "record.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "field.h"
#include "liqmap/buf.h"
#include "liqmap/clock.h"
#include "liqmap/csv.h"
#include "options.h"

#define BATCH_ROWS 1000
#define FILES_MAX 256

struct options {
    const char *db, *exchange, *symbol, *from, *to, *backup;
    const char *word[FILES_MAX]; /* files, or what is exported */
    size_t n_word;
};

static int fail(int status, const char *text)
{
    fprintf(stderr, "liqmap: %s\n", text);
    return status;
}

/* --- the command line ----------------------------------------------------- */

static const char **place_of(struct options *o, const char *name)
{
    const struct {
        const char *name;
        const char **place;
    } all[] = {
        {"--db", &o->db},         {"--exchange", &o->exchange},
        {"--symbol", &o->symbol}, {"--from", &o->from},
        {"--to", &o->to},         {"--backup", &o->backup},
    };

    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (strcmp(all[i].name, name) == 0)
            return all[i].place;
    }
    return NULL;
}

static bool parse(int argc, char **argv, struct options *o)
{
    for (int i = 2; i < argc; i++) {
        const char **place = place_of(o, argv[i]);

        if (place && i + 1 < argc)
            *place = argv[++i];
        else if (place || strncmp(argv[i], "--", 2) == 0 ||
                 o->n_word == FILES_MAX)
            return false;
        else
            o->word[o->n_word++] = argv[i];
    }
    return o->db != NULL;
}

/* --- import --------------------------------------------------------------- */

struct importing {
    struct liq_store *store;
    struct liq_row *row; /* [BATCH_ROWS] */
    size_t n, read, added;
    struct liq_reason *why;
};

static enum liq_err flush(struct importing *m)
{
    size_t added = 0;
    enum liq_err err = liq_store_put(m->store, m->row, m->n, &added, m->why);

    m->n = 0;
    m->added += added;
    return err;
}

static enum liq_err take(void *arg, const struct liq_row *row)
{
    struct importing *m = arg;

    m->row[m->n++] = *row;
    m->read++;
    return m->n == BATCH_ROWS ? flush(m) : LIQ_OK;
}

static enum liq_err import_file(struct importing *m, const struct options *o,
                                const char *path)
{
    struct liq_buf text;
    enum liq_err err;

    m->read = m->added = 0;
    liq_buf_init(&text, LIQ_CSV_BYTES_MAX);
    err = liq_csv_load(path, &text, m->why);
    if (err == LIQ_OK)
        err = cli_read_rows(text.data ? text.data : "", text.len, path,
                            o->exchange ? o->exchange : "binance", o->symbol,
                            take, m, m->why);
    if (err == LIQ_OK)
        err = flush(m);
    if (err == LIQ_OK)
        printf("%s: %zu rows, %zu of them new\n", path, m->read, m->added);
    liq_buf_free(&text);
    return err;
}

int cli_import(int argc, char **argv)
{
    struct options o = {0};
    struct liq_reason why = {0};
    struct importing m = {.why = &why};
    enum liq_err err;

    if (!parse(argc, argv, &o) || o.n_word == 0 || o.from || o.to || o.backup)
        return fail(CLI_EXIT_USAGE,
                    "there must be --db FILE and CSV files (liqmap --help)");
    m.row = calloc(BATCH_ROWS, sizeof *m.row);
    if (!m.row)
        return fail(EXIT_FAILURE, "no memory");
    err = liq_store_open(o.db, false, &m.store, &why);
    for (size_t i = 0; err == LIQ_OK && i < o.n_word; i++)
        err = import_file(&m, &o, o.word[i]);
    liq_store_close(m.store);
    free(m.row);
    return err == LIQ_OK ? EXIT_SUCCESS : fail(EXIT_FAILURE, why.text);
}

/* --- export --------------------------------------------------------------- */

static void print_number(double x)
{
    char text[CLI_TEXT];

    printf(",%s", cli_plain(x, text));
}

static bool print_liquidation(void *arg, const struct liq_row *r)
{
    const struct liq_liquidation *l = &r->liquidation;

    (void)arg;
    printf("%lld,%s", (long long)r->time_ms, l->is_long ? "long" : "short");
    print_number(l->usd);
    printf(",%s,%s", r->exchange, r->symbol);
    print_number(l->price);
    print_number(l->quantity);
    printf(",%d\n", l->sampled);
    return true;
}

static bool print_statistics(void *arg, const struct liq_row *r)
{
    const struct liq_statistics *s = &r->statistics;
    char time[32];

    (void)arg;
    liq_time_format(r->time_ms, time, sizeof time);
    /* As the archives write it: "2025-10-10 21:15:00". */
    time[10] = ' ';
    time[19] = '\0';
    printf("%s,%s", time, r->symbol);
    print_number(s->open_interest);
    print_number(s->open_interest_usd);
    print_number(s->long_account_share / (1.0 - s->long_account_share));
    print_number(s->mark_price);
    print_number(s->funding_rate);
    printf(",%s\n", r->exchange);
    return true;
}

static bool print_levels(void *arg, const struct liq_row *r)
{
    const struct liq_publication *p = &r->levels;

    (void)arg;
    for (size_t i = 0; i < p->n_level; i++) {
        const struct liq_stored_level *l = &p->level[i];

        printf("%lld,%lld,%s,%s,%lld,%s,%s", (long long)p->close_ms,
               (long long)r->time_ms, r->exchange, r->symbol,
               (long long)p->interval_ms, p->model,
               l->is_long ? "long" : "short");
        print_number(l->price);
        print_number(l->from);
        print_number(l->to);
        print_number(l->mass);
        print_number(l->usd);
        putchar('\n');
    }
    return true;
}

static bool print_cover(void *arg, const struct liq_row *r)
{
    (void)arg;
    printf("%lld,%lld,%s,%s\n", (long long)r->time_ms, (long long)r->until_ms,
           r->exchange, r->symbol);
    return true;
}

static const struct {
    const char *name, *head;
    enum liq_row_kind kind;
    liq_store_row_fn *print;
} tables[] = {
    {"liquidations", "time,side,usd,exchange,symbol,price,quantity,sampled",
     LIQ_ROW_LIQUIDATION, print_liquidation},
    {"statistics",
     "create_time,symbol,sum_open_interest,sum_open_interest_value,"
     "count_long_short_ratio,mark_price,funding_rate,exchange",
     LIQ_ROW_STATISTICS, print_statistics},
    {"levels",
     "close_time,time,exchange,symbol,interval_ms,model,side,price,from,to,"
     "mass,usd",
     LIQ_ROW_LEVELS, print_levels},
    {"cover", "from,to,exchange,symbol", LIQ_ROW_COVER, print_cover},
};
#define TABLES (sizeof tables / sizeof *tables)

static enum liq_err print_table(struct liq_store *s, size_t i,
                                const struct options *o, int64_t from_ms,
                                int64_t to_ms, struct liq_reason *why)
{
    enum liq_err err;

    puts(tables[i].head);
    err = liq_store_each(s, tables[i].kind, o->exchange, o->symbol, from_ms,
                         to_ms, tables[i].print, NULL, why);
    if (err == LIQ_OK && fflush(stdout) != 0)
        err = liq_fail(why, LIQ_EIO, "cannot write to standard output");
    return err;
}

int cli_export(int argc, char **argv)
{
    struct options o = {0};
    struct liq_reason why = {0};
    struct liq_store *s = NULL;
    int64_t from_ms = 0, to_ms = INT64_MAX;
    size_t table = 0;
    enum liq_err err;

    if (!parse(argc, argv, &o) || o.n_word > 1 || (!o.backup && !o.n_word))
        return fail(CLI_EXIT_USAGE,
                    "there must be --db FILE, and what to export "
                    "or --backup FILE (liqmap --help)");
    if (o.from)
        from_ms = liq_time_parse(o.from);
    if (o.to)
        to_ms = liq_time_parse(o.to);
    while (o.n_word && table < TABLES &&
           strcmp(tables[table].name, o.word[0]) != 0)
        table++;
    if (from_ms < 0 || to_ms < 0 || table == TABLES)
        return fail(CLI_EXIT_USAGE, "there is no such table or time (liqmap "
                                    "export --help)");
    err = liq_store_open(o.db, true, &s, &why);
    if (err == LIQ_OK && o.backup)
        err = liq_store_backup(s, o.backup, &why);
    if (err == LIQ_OK && o.n_word)
        err = print_table(s, table, &o, from_ms, to_ms, &why);
    liq_store_close(s);
    return err == LIQ_OK ? EXIT_SUCCESS : fail(EXIT_FAILURE, why.text);
}
