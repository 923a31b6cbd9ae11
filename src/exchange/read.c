/* Values out of parsed bodies, by the tables of the row. */
#include "plan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "json.h"
#include "liqmap/interval.h"

#define SYMBOLS_STEP 256

/* What is larger is milliseconds even where seconds are the rule. */
#define SECONDS_MAX INT64_C(100000000000)

/* Histories may be stamped with the end of the period that is going on. */
#define AHEAD_MS (5 * LIQ_MINUTE_MS)

struct liq_found liq_found_nothing(void)
{
    struct liq_market_data none;
    struct liq_found found;

    liq_market_data_init(&none);
    found.ticker = none.ticker;
    found.statistics = none.statistics;
    found.contract = none.contract;
    found.contract_size = found.other_usd = NAN;
    return found;
}

/* Where a path of an endpoint leads. */
static const struct cJSON *data_at(const struct liq_exchange_row *row,
                                   const struct cJSON *root, const char *path)
{
    if (path != NULL && path[0] == '/')
        return liq_json_at(root, path + 1);
    return liq_json_at(liq_json_at(root, row->envelope.data), path);
}

static enum liq_err no_list(const struct liq_exchange_row *row,
                            const char *what, struct liq_reason *why)
{
    const char *data = row->envelope.data;

    if (data == NULL || *data == '\0')
        return liq_fail(why, LIQ_EFORMAT, "%sthe body is not an array", what);
    return liq_fail(why, LIQ_EFORMAT, "%sno array %s in the body", what, data);
}

int64_t liq_read_time(const struct liq_exchange_row *row,
                      const struct cJSON *item)
{
    int64_t t = liq_json_time(item);

    return row->seconds && t <= SECONDS_MAX ? t * 1000 : t;
}

/* --- candles -------------------------------------------------------------- */

static double column(const struct liq_exchange_row *row,
                     const struct cJSON *item, enum liq_column c)
{
    if (row->column[c] == NULL)
        return NAN;
    return liq_json_number(liq_json_at(item, row->column[c]));
}

static void read_candle(const struct liq_reading *r, const struct cJSON *item,
                        struct liq_kline *k)
{
    const struct liq_exchange_row *row = r->row;
    double scale = r->query->scale;
    double size = row->contracts ? r->query->contract_size : 1.0;
    double half = row->both_sides ? 0.5 : 1.0;
    double base = row->inverse ? half : half * size;
    double quote = row->inverse ? half * size : half;

    k->open_ms =
        liq_read_time(row, liq_json_at(item, row->column[LIQ_OPEN_TIME]));
    k->open = column(row, item, LIQ_OPEN) * scale;
    k->high = column(row, item, LIQ_HIGH) * scale;
    k->low = column(row, item, LIQ_LOW) * scale;
    k->close = column(row, item, LIQ_CLOSE) * scale;
    k->volume = column(row, item, LIQ_VOLUME) * base / scale;
    k->quote_volume = column(row, item, LIQ_QUOTE_VOLUME) * quote;
    if (isnan(k->quote_volume))
        k->quote_volume = liq_kline_guess_quote(k);
    k->taker_buy_volume =
        liq_kline_part(k, column(row, item, LIQ_TAKER_BUY) * base / scale);
}

enum liq_err liq_read_candles(const struct liq_reading *r,
                              struct liq_kline_list *out,
                              struct liq_reason *why)
{
    const struct cJSON *list = data_at(r->row, r->root, NULL), *item;
    struct liq_kline k;
    size_t i = 0;

    if (!liq_json_is_array(list))
        return no_list(r->row, "candles: ", why);
    for (item = liq_json_first(list); item; item = liq_json_next(item), i++) {
        const char *fault;

        read_candle(r, item, &k);
        fault = liq_kline_fault(&k);
        if (fault == NULL && k.open_ms % r->query->interval->ms != 0)
            fault = "does not open on its interval";
        if (fault != NULL)
            return liq_fail(why, LIQ_EFORMAT, "candles: row %zu: %s", i, fault);
        if (liq_kline_list_add(out, &k) != LIQ_OK)
            return liq_fail(why, LIQ_ENOMEM, "candles: no memory");
    }
    return LIQ_OK;
}

size_t liq_read_rows(const struct liq_exchange_row *row,
                     const struct cJSON *root)
{
    const struct cJSON *item = liq_json_first(data_at(row, root, NULL));
    size_t n = 0;

    for (; item != NULL; item = liq_json_next(item))
        n++;
    return n;
}

/* --- fields --------------------------------------------------------------- */

static double in_range(double x, bool fits)
{
    return fits && isfinite(x) ? x : NAN;
}

/* A value in our units, NaN when it is absent. */
static double convert(const struct liq_reading *r, const struct liq_field *f,
                      double x, const struct liq_found *found)
{
    double scale = f->scale != 0.0 ? f->scale : 1.0;

    if ((f->flags & LIQ_ABOVE_0) && !(x > 0.0))
        return NAN;
    if (f->flags & LIQ_CONTRACTS)
        scale *= isnan(found->contract_size) ? r->query->contract_size
                                             : found->contract_size;
    switch (f->unit) {
    case LIQ_PRICE:
        return in_range(x * scale * r->query->scale, x > 0.0);
    case LIQ_OPEN_24H:
        x *= scale * r->query->scale;
        return in_range((found->ticker.last / x - 1.0) * 100.0, x > 0.0);
    case LIQ_BASE:
        return in_range(x * scale / r->query->scale, x >= 0.0);
    case LIQ_QUOTE:
        return in_range(x * scale, x >= 0.0);
    case LIQ_SHARE:
        return in_range(x * scale, x * scale >= 0.0 && x * scale <= 1.0);
    case LIQ_RATIO:
        return in_range(1.0 - 1.0 / (1.0 + x), x >= 0.0);
    default:
        return in_range(x * scale, true);
    }
}

/* true when the field has set its target. */
static bool read_time(const struct liq_reading *r, const struct liq_field *f,
                      const struct cJSON *item, int64_t *target)
{
    double ms = liq_json_number(item) * (f->scale != 0.0 ? f->scale : 1.0);
    bool fits = ms >= 0.0 && ms <= (double)(30 * LIQ_DAY_MS);
    int64_t t = 0;

    if ((f->flags & LIQ_OTHERWISE) && *target != 0)
        return false;
    if (f->unit == LIQ_TIME)
        t = liq_read_time(r->row, item);
    else if (fits)
        t = (int64_t)ms + (f->unit == LIQ_TIME_LEFT ? r->now_ms : 0);
    if (t != 0)
        *target = t;
    return t != 0;
}

static bool read_number(const struct liq_reading *r, const struct liq_field *f,
                        const struct cJSON *item, double *target,
                        const struct liq_found *found)
{
    double x;

    if ((f->flags & LIQ_OTHERWISE) && !isnan(*target))
        return false;
    x = convert(r, f, liq_json_number(item), found);
    if (!isnan(x))
        *target = x;
    return !isnan(x);
}

/* A required field that is missing, or not what it should be. */
static void refuse_field(const struct liq_field *f, const struct cJSON *value,
                         struct liq_reason *why)
{
    double number = liq_json_number(value);
    char text[40];

    liq_json_copy_printable(text, sizeof text, liq_json_text(value));
    if (value == NULL)
        liq_fail(why, LIQ_EFORMAT, "no %s in the body", f->path);
    else if (text[0] != '\0')
        liq_fail(why, LIQ_EFORMAT, "%s is \"%s\" in the body", f->path, text);
    else if (isfinite(number))
        liq_fail(why, LIQ_EFORMAT, "%s is %.10g in the body", f->path, number);
    else
        liq_fail(why, LIQ_EFORMAT, "%s is no number in the body", f->path);
}

/* How many fields were there; 0 with *why when a required one is missing, or
 * all. */
static size_t read_fields(const struct liq_reading *r,
                          const struct liq_field *f, const struct cJSON *item,
                          struct liq_found *out, struct liq_reason *why)
{
    size_t n = 0;

    for (; f->path != NULL; f++) {
        const struct cJSON *value = f->path[0] == '/'
                                        ? liq_json_at(r->root, f->path + 1)
                                        : liq_json_at(item, f->path);
        char *target = (char *)out + f->target;
        bool found =
            f->unit >= LIQ_TIME
                ? read_time(r, f, value, (int64_t *)(void *)target)
                : read_number(r, f, value, (double *)(void *)target, out);

        if (!found && (f->flags & LIQ_REQUIRED)) {
            refuse_field(f, value, why);
            return 0;
        }
        n += found;
    }
    if (n == 0)
        liq_fail(why, LIQ_EFORMAT, "nothing of what was expected in the body");
    return n;
}

/* --- endpoints ------------------------------------------------------------ */

/* The newest usable row of a history that is not after the moment asked for. */
static const struct cJSON *newest_row(const struct liq_reading *r,
                                      const struct liq_endpoint *e,
                                      const struct cJSON *list,
                                      struct liq_reason *why)
{
    const struct cJSON *item, *best = NULL;
    bool live = r->query->to_ms == 0;
    int64_t to_ms = live ? r->now_ms + AHEAD_MS : r->query->to_ms;
    int64_t newest_ms = live ? 0 : to_ms - LIQ_HISTORY_AGE_MS - 1;
    struct liq_reason ignored;

    for (item = liq_json_first(list); item; item = liq_json_next(item)) {
        struct liq_found scratch = liq_found_nothing();
        int64_t t = liq_read_time(r->row, liq_json_at(item, e->time));

        if (t == 0 || t <= newest_ms || t > to_ms ||
            read_fields(r, e->field, item, &scratch, &ignored) == 0)
            continue;
        newest_ms = t;
        best = item;
    }
    if (best == NULL)
        liq_fail(why, LIQ_ENOTFOUND, "nothing known for that time");
    return best;
}

static const struct cJSON *find_item(const struct liq_reading *r,
                                     const struct liq_endpoint *e,
                                     struct liq_reason *why)
{
    const struct cJSON *item;

    if (e->find != NULL)
        return e->find(r, why);
    item = data_at(r->row, r->root, e->data);
    if (e->time != NULL) {
        if (!liq_json_is_array(item)) {
            no_list(r->row, "", why);
            return NULL;
        }
        return newest_row(r, e, item, why);
    }
    if (item == NULL)
        liq_fail(why, LIQ_EFORMAT, "no data in the body");
    return item;
}

enum liq_err liq_read_endpoint(const struct liq_reading *r,
                               const struct liq_endpoint *e,
                               struct liq_found *out, struct liq_reason *why)
{
    const struct cJSON *item = find_item(r, e, why);
    struct liq_found found = *out;
    enum liq_err err;

    if (item == NULL)
        return why->code;
    if (e->field != NULL && read_fields(r, e->field, item, &found, why) == 0)
        return why->code;
    if (e->finish != NULL) {
        err = e->finish(r, item, &found, why);
        if (err != LIQ_OK)
            return err;
    }
    /* Where the exchange does not say, it is of when the body came. */
    if (!isnan(found.ticker.last) && found.ticker.time_ms == 0)
        found.ticker.time_ms = r->now_ms;
    *out = found;
    return LIQ_OK;
}

int64_t liq_read_clock(const struct liq_endpoint *e, const struct cJSON *root)
{
    return e->clock != NULL ? liq_json_time(liq_json_at(root, e->clock)) : 0;
}

/* --- symbols -------------------------------------------------------------- */

static bool fits(const struct liq_symbol_table *t, const struct cJSON *item)
{
    size_t i;

    for (i = 0; i < LIQ_CONDITIONS && t->condition[i].path != NULL; i++)
        if (!liq_json_is_one_of(liq_json_at(item, t->condition[i].path),
                                t->condition[i].is))
            return false;
    return true;
}

static bool read_symbol(const struct liq_exchange_row *row,
                        const struct cJSON *root, const struct cJSON *item,
                        size_t index, struct liq_symbol *out)
{
    const struct liq_symbol_table *t = &row->symbols;
    double tick, scale;

    if (!fits(t, item) ||
        !liq_name_here(row, liq_json_text(liq_json_at(item, t->name)), out,
                       &scale))
        return false;
    tick = t->compute_tick != NULL
               ? t->compute_tick(root, item, index)
               : liq_json_number(liq_json_at(item, t->tick));
    out->tick = tick > 0.0 && isfinite(tick) ? tick * scale : NAN;
    return true;
}

enum liq_err liq_read_symbols(const struct liq_exchange_row *row,
                              const struct cJSON *root, struct liq_symbols *out,
                              struct liq_reason *why)
{
    const struct cJSON *list = data_at(row, root, row->symbols.endpoint.data);
    const struct cJSON *item;
    size_t index = 0;

    if (!liq_json_is_array(list))
        return liq_fail(why, LIQ_EFORMAT, "no symbols in the body");
    for (item = liq_json_first(list); item; item = liq_json_next(item)) {
        if (out->n % SYMBOLS_STEP == 0) {
            struct liq_symbol *grown =
                realloc(out->at, (out->n + SYMBOLS_STEP) * sizeof *grown);

            if (grown == NULL)
                return liq_fail(why, LIQ_ENOMEM, "no memory");
            out->at = grown;
        }
        if (read_symbol(row, root, item, index++, &out->at[out->n]))
            out->n++;
    }
    return LIQ_OK;
}

static int by_name(const void *a, const void *b)
{
    const struct liq_symbol *x = a, *y = b;

    return strcmp(x->name, y->name);
}

void liq_symbols_sort(struct liq_symbols *s)
{
    size_t i, kept = 0;

    if (s->n > 0)
        qsort(s->at, s->n, sizeof *s->at, by_name);
    for (i = 0; i < s->n; i++)
        if (kept == 0 || strcmp(s->at[kept - 1].name, s->at[i].name) != 0)
            s->at[kept++] = s->at[i];
    s->n = kept;
}
