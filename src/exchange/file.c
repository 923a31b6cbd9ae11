/* An exchange read from files: candles, and open interest where a second file
 * has it.  Everything is read at the start and never changes, so no lock is
 * needed. */
#include "liqmap/exchange.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "file_csv.h"
#include "json.h"
#include "plan.h"
#include "liqmap/buf.h"
#include "liqmap/csv.h"
#include "liqmap/interval.h"

/* A row older than this says nothing about now. */
#define METRIC_AGE_MS LIQ_DAY_MS

struct file {
    struct liq_exchange x; /* first, so that the two addresses are one */
    char symbol[LIQ_SYMBOL_SIZE];
    struct liq_klines klines;
    struct liq_metrics metrics;
    bool has_metrics;
    int64_t interval_ms, now_ms;
};

/* --- reading ------------------------------------------------------------ */

static bool is_json(const struct liq_buf *text)
{
    size_t i = 0;

    while (i < text->len && memchr(" \t\r\n", text->data[i], 4) != NULL)
        i++;
    return i < text->len && (text->data[i] == '[' || text->data[i] == '{');
}

/* Rows as Binance's, which other exchanges and archives have too. */
static enum liq_err read_json(const struct liq_buf *text,
                              struct liq_klines *out, struct liq_reason *why)
{
    const struct liq_interval any = {.ms = 1};
    const struct liq_query q = {.scale = 1.0, .interval = &any};
    struct liq_reading r = {liq_exchange_row("binance"), &q, NULL, 0};
    struct liq_kline_list list = {NULL, 0, 0};
    struct cJSON *root = liq_json_parse(text->data, text->len);
    enum liq_err err;

    r.root = root;
    err = root != NULL ? liq_read_candles(&r, &list, why)
                       : liq_fail(why, LIQ_EFORMAT, "this is not JSON");
    liq_json_free(root);
    if (err == LIQ_OK && liq_kline_list_end(&list, out) != LIQ_OK)
        err = liq_fail(why, LIQ_ENOMEM, "no memory");
    free(list.at);
    return err;
}

static enum liq_err read_klines(const char *path, struct liq_klines *out,
                                struct liq_reason *why)
{
    struct liq_reason inner;
    struct liq_buf text;
    enum liq_err err;

    liq_buf_init(&text, LIQ_CSV_BYTES_MAX);
    err = liq_csv_load(path, &text, why);
    if (err == LIQ_OK && is_json(&text)) {
        err = read_json(&text, out, &inner);
        if (err != LIQ_OK)
            liq_fail(why, err, "%.90s: %.100s", path, inner.text);
    } else if (err == LIQ_OK) {
        err = liq_csv_klines(text.data, text.len, path, out, why);
    }
    liq_buf_free(&text);
    return err;
}

static enum liq_err read_metrics(const char *path, const char *symbol,
                                 struct liq_metrics *out,
                                 struct liq_reason *why)
{
    struct liq_buf text;
    enum liq_err err;

    liq_buf_init(&text, LIQ_CSV_BYTES_MAX);
    err = liq_csv_load(path, &text, why);
    if (err == LIQ_OK)
        err = liq_csv_metrics(text.data, text.len, path, symbol, out, why);
    liq_buf_free(&text);
    return err;
}

/* The smallest step between candles, checked: all of them open on it. */
static enum liq_err find_interval(struct file *f, const char *path,
                                  int64_t fallback_ms, struct liq_reason *why)
{
    const struct liq_klines *k = &f->klines;
    int64_t step = 0;
    char when[32];
    size_t i;

    for (i = 1; i < k->n; i++) {
        int64_t here = k->at[i].open_ms - k->at[i - 1].open_ms;

        if (step == 0 || here < step)
            step = here;
    }
    if (k->n == 1)
        step = fallback_ms;
    if (k->n == 0 || step <= 0)
        return liq_fail(why, k->n == 0 ? LIQ_ENOTFOUND : LIQ_EFORMAT,
                        "%.90s: %s", path,
                        k->n == 0 ? "no candles"
                                  : "the interval of one candle is not known");
    for (i = 0; i < k->n; i++) {
        if (k->at[i].open_ms % step == 0)
            continue;
        liq_time_format(k->at[i].open_ms, when, sizeof when);
        return liq_fail(why, LIQ_EFORMAT,
                        "%.90s: the candle of %s does not open on the file's "
                        "interval of %lld s",
                        path, when, (long long)(step / 1000));
    }
    f->interval_ms = step;
    return LIQ_OK;
}

/* --- a fetch -------------------------------------------------------------- */

static int64_t engine_ms(struct liq_exchange *x, int64_t display_ms)
{
    struct file *f = (struct file *)x;

    if (display_ms <= 0 || display_ms % f->interval_ms != 0)
        return 0;
    return f->interval_ms;
}

static int64_t now(struct liq_exchange *x)
{
    return ((struct file *)x)->now_ms;
}

/* The last 24 h of candles k[n], n >= 1: change is from the open of the first
 * of them. */
static void fill_ticker(const struct file *f, struct liq_ticker *t)
{
    const struct liq_kline *k = f->klines.at;
    size_t i = f->klines.n - 1;
    int64_t end_ms = k[i].open_ms + f->interval_ms;

    t->last = k[i].close;
    t->high_24h = k[i].high;
    t->low_24h = k[i].low;
    t->volume_24h = k[i].volume;
    t->quote_volume_24h = k[i].quote_volume;
    t->time_ms = end_ms;
    while (i > 0 && k[i - 1].open_ms >= end_ms - LIQ_DAY_MS) {
        i--;
        t->high_24h = fmax(t->high_24h, k[i].high);
        t->low_24h = fmin(t->low_24h, k[i].low);
        t->volume_24h += k[i].volume;
        t->quote_volume_24h += k[i].quote_volume;
    }
    t->change_percent_24h = 100.0 * (t->last - k[i].open) / k[i].open;
}

/* Each figure from the newest row that has it, published by at_ms. */
static void fill_statistics(const struct file *f, int64_t at_ms,
                            struct liq_statistics *s)
{
    size_t i = f->metrics.n;

    while (i > 0 && f->metrics.at[i - 1].time_ms > at_ms)
        i--;
    for (; i > 0; i--) {
        const struct liq_metric *m = &f->metrics.at[i - 1];

        if (m->time_ms < at_ms - METRIC_AGE_MS)
            return;
        if (isnan(s->open_interest) && !isnan(m->open_interest)) {
            s->open_interest = m->open_interest;
            s->open_interest_usd = m->open_interest_usd;
        }
        if (isnan(s->long_account_share))
            s->long_account_share = m->long_account_share;
        if (!isnan(s->open_interest) && !isnan(s->long_account_share))
            return;
    }
}

static void fill_rest(const struct file *f, int64_t to_ms,
                      struct liq_market_data *out)
{
    struct liq_statistics *s = &out->statistics;

    out->contract.inverse = f->x.inverse;
    if (to_ms == 0)
        fill_ticker(f, &out->ticker);
    if (!f->has_metrics) {
        liq_market_data_warn(out, "open interest: no file of it was given");
        return;
    }
    fill_statistics(f, to_ms != 0 && to_ms < f->now_ms ? to_ms : f->now_ms, s);
    if (isnan(s->open_interest))
        liq_market_data_warn(out,
                             "open interest: the file has none of that day");
    else if (isnan(s->open_interest_usd))
        s->open_interest_usd =
            s->open_interest * out->klines.at[out->klines.n - 1].close;
    if (isnan(s->long_account_share))
        liq_market_data_warn(out,
                             "long/short ratio: the file has none of that day");
}

static enum liq_err fill_series(const struct file *f, struct liq_fetch *to)
{
    struct liq_klines k = {NULL, f->klines.n};

    if (strcmp(to->symbol, f->symbol) != 0)
        return liq_fail(&to->why, LIQ_ENOTFOUND, "the file is of %s",
                        f->symbol);
    if (to->interval_ms != f->interval_ms)
        return liq_fail(&to->why, LIQ_EINVAL,
                        "the file has candles of %lld s, no others",
                        (long long)(f->interval_ms / 1000));
    k.at = malloc(k.n * sizeof *k.at);
    if (k.at == NULL)
        return liq_fail(&to->why, LIQ_ENOMEM, "no memory");
    memcpy(k.at, f->klines.at, k.n * sizeof *k.at);
    liq_klines_cut(&k, f->interval_ms, to->from_ms, to->to_ms);
    if (k.n == 0) {
        free(k.at);
        return liq_fail(&to->why, LIQ_ENOTFOUND,
                        "the file has no candles in that range");
    }
    to->data.klines = k;
    fill_rest(f, to->to_ms, &to->data);
    return LIQ_OK;
}

static enum liq_err fill_symbols(const struct file *f, struct liq_fetch *to)
{
    struct liq_symbols *out = &to->symbols;
    size_t n = strlen(f->symbol);

    out->at = calloc(1, sizeof *out->at);
    if (out->at == NULL)
        return liq_fail(&to->why, LIQ_ENOMEM, "no memory");
    out->n = 1;
    memcpy(out->at[0].name, f->symbol, n);
    if (n > 4 && strcmp(f->symbol + n - 4, "USDT") == 0)
        n -= 4;
    memcpy(out->at[0].base, f->symbol, n);
    out->at[0].tick = NAN;
    return LIQ_OK;
}

static void fetch(struct liq_exchange *x, struct liq_fetch *to)
{
    const struct file *f = (struct file *)x;

    memset(&to->why, 0, sizeof to->why);
    memset(&to->symbols, 0, sizeof to->symbols);
    memset(&to->depth, 0, sizeof to->depth);
    liq_market_data_init(&to->data);
    if (to->kind == LIQ_FETCH_SYMBOLS)
        (void)fill_symbols(f, to);
    else if (to->kind == LIQ_FETCH_SERIES)
        (void)fill_series(f, to);
    else if (to->kind == LIQ_FETCH_DEPTH)
        (void)liq_fail(&to->why, LIQ_ENOTFOUND, "a file has no order book");
    to->data.server_ms = f->now_ms;
    to->done(to);
}

/* --- made and freed ------------------------------------------------------- */

static void file_free(struct liq_exchange *x)
{
    struct file *f = (struct file *)x;

    if (f == NULL)
        return;
    free(f->klines.at);
    free(f->metrics.at);
    free(f);
}

static struct file *file_new(const char *symbol)
{
    struct file *f = calloc(1, sizeof *f);

    if (f == NULL)
        return NULL;
    f->x = (struct liq_exchange){.name = "file",
                                 .kind = "file",
                                 .source = "file",
                                 .engine_ms = engine_ms,
                                 .now_ms = now,
                                 .fetch = fetch,
                                 .free = file_free};
    memcpy(f->symbol, symbol, strlen(symbol));
    return f;
}

static enum liq_err load(struct file *f, const struct liq_file_options *o,
                         struct liq_reason *why)
{
    const struct liq_klines *k = &f->klines;
    enum liq_err err = read_klines(o->klines, &f->klines, why);

    if (err == LIQ_OK)
        err = find_interval(f, o->klines, o->fallback_ms, why);
    if (err != LIQ_OK)
        return err;
    liq_klines_cut(&f->klines, f->interval_ms, 0, o->as_of_ms);
    if (k->n == 0)
        return liq_fail(why, LIQ_ENOTFOUND,
                        "%.90s: no candle had closed by then", o->klines);
    f->now_ms = o->as_of_ms != 0 ? o->as_of_ms
                                 : k->at[k->n - 1].open_ms + f->interval_ms;
    if (o->metrics == NULL)
        return LIQ_OK;
    f->has_metrics = true;
    return read_metrics(o->metrics, f->symbol, &f->metrics, why);
}

enum liq_err liq_file_new(const struct liq_file_options *o,
                          struct liq_exchange **out, struct liq_reason *why)
{
    struct file *f;
    enum liq_err err;

    if (o->symbol == NULL || !liq_symbol_valid(o->symbol))
        return liq_fail(why, LIQ_EINVAL, "a symbol is 2 to 31 of A-Z and 0-9");
    f = file_new(o->symbol);
    if (f == NULL)
        return liq_fail(why, LIQ_ENOMEM, "no memory");
    err = load(f, o, why);
    if (err != LIQ_OK) {
        file_free(&f->x);
        return err;
    }
    *out = &f->x;
    return LIQ_OK;
}
