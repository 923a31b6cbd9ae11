/* The only file of the markets that includes cJSON.h. */
#include "json.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include "liqmap/decimal.h"

/* Every parse writes a global of cJSON. */
static pthread_mutex_t parse_lock = PTHREAD_MUTEX_INITIALIZER;

/* Integers up to here are exact in a double, and so in JSON. */
#define EXACT_MAX 9007199254740992.0

struct cJSON *liq_json_parse(const char *body, size_t len)
{
    const char *end = NULL;
    cJSON *root;

    if (body == NULL || len == 0)
        return NULL;
    pthread_mutex_lock(&parse_lock);
    root = cJSON_ParseWithLengthOpts(body, len, &end, 0);
    pthread_mutex_unlock(&parse_lock);
    if (root == NULL)
        return NULL;
    while (end != NULL && end < body + len &&
           memchr(" \t\r\n", *end, 4) != NULL)
        end++;
    if (end != body + len) {
        cJSON_Delete(root);
        return NULL;
    }
    return root;
}

struct cJSON *liq_json_parse_array(const char *body, size_t len,
                                   const char *what, struct liq_reason *why)
{
    cJSON *root = liq_json_parse(body, len);

    if (cJSON_IsArray(root))
        return root;
    cJSON_Delete(root);
    liq_fail(why, LIQ_EFORMAT, "%sthe answer is not a JSON array", what);
    return NULL;
}

struct cJSON *liq_json_parse_object(const char *body, size_t len,
                                    const char *what, struct liq_reason *why)
{
    cJSON *root = liq_json_parse(body, len);

    if (cJSON_IsObject(root))
        return root;
    cJSON_Delete(root);
    liq_fail(why, LIQ_EFORMAT, "%sthe answer is not a JSON object", what);
    return NULL;
}

void liq_json_free(struct cJSON *root)
{
    cJSON_Delete(root);
}

/* --- values ------------------------------------------------------------- */

bool liq_json_is_array(const struct cJSON *item)
{
    return cJSON_IsArray(item);
}

bool liq_json_is_object(const struct cJSON *item)
{
    return cJSON_IsObject(item);
}

const struct cJSON *liq_json_first(const struct cJSON *list)
{
    return list != NULL ? list->child : NULL;
}

const struct cJSON *liq_json_next(const struct cJSON *item)
{
    return item != NULL ? item->next : NULL;
}

const struct cJSON *liq_json_get(const struct cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

double liq_json_number(const struct cJSON *item)
{
    double x;

    if (cJSON_IsNumber(item) && isfinite(item->valuedouble))
        return item->valuedouble;
    if (cJSON_IsString(item) && item->valuestring != NULL &&
        liq_decimal_parse(item->valuestring, strlen(item->valuestring), &x) &&
        isfinite(x))
        return x;
    return NAN;
}

double liq_json_field(const struct cJSON *object, const char *name)
{
    return liq_json_number(liq_json_get(object, name));
}

double liq_json_positive(const struct cJSON *object, const char *name)
{
    double x = liq_json_field(object, name);

    return x > 0.0 ? x : NAN;
}

double liq_json_not_negative(const struct cJSON *object, const char *name)
{
    double x = liq_json_field(object, name);

    return x >= 0.0 ? x : NAN;
}

int64_t liq_json_time(const struct cJSON *item)
{
    double x = liq_json_number(item);

    if (!(x >= 1.0 && x <= EXACT_MAX) || x != floor(x))
        return 0;
    return (int64_t)x;
}

const char *liq_json_text(const struct cJSON *object, const char *name)
{
    const cJSON *item = liq_json_get(object, name);

    return cJSON_IsString(item) && item->valuestring ? item->valuestring : "";
}

bool liq_json_true(const struct cJSON *object, const char *name)
{
    return cJSON_IsTrue(liq_json_get(object, name));
}

size_t liq_json_numbers(const struct cJSON *row, double *x, size_t n)
{
    const cJSON *item;
    size_t i = 0;

    if (!cJSON_IsArray(row))
        return 0;
    cJSON_ArrayForEach(item, row)
    {
        if (i < n)
            x[i] = liq_json_number(item);
        i++;
    }
    return i;
}

void liq_json_copy_printable(char *out, size_t size, const char *text)
{
    size_t i;

    for (i = 0; text[i] != '\0' && i + 1 < size; i++)
        out[i] = text[i] >= ' ' && text[i] <= '~' ? text[i] : ' ';
    out[i] = '\0';
}

/* --- lists -------------------------------------------------------------- */

enum liq_err liq_json_klines(const struct cJSON *list, liq_json_kline_fn *read,
                             const void *arg, struct liq_kline_list *out,
                             struct liq_reason *why)
{
    const cJSON *row;
    struct liq_kline k;
    size_t i = 0;

    cJSON_ArrayForEach(row, list)
    {
        const char *fault = read(row, arg, &k);

        if (fault == NULL)
            fault = liq_kline_fault(&k);
        if (fault != NULL)
            return liq_fail(why, LIQ_EFORMAT, "candles: row %zu: %s", i, fault);
        if (liq_kline_list_add(out, &k) != LIQ_OK)
            return liq_fail(why, LIQ_ENOMEM, "candles: no memory");
        i++;
    }
    return LIQ_OK;
}

enum liq_err liq_json_newest(const struct cJSON *list, liq_json_newest_fn *use,
                             const void *arg, int64_t to_ms, int64_t max_age_ms,
                             double value[2], struct liq_reason *why)
{
    const cJSON *row;
    int64_t newest_ms = 0;
    double x[2] = {NAN, NAN}, best[2] = {NAN, NAN};

    cJSON_ArrayForEach(row, list)
    {
        int64_t t = use(row, arg, x);

        if (t <= newest_ms || (to_ms != 0 && t > to_ms))
            continue;
        newest_ms = t;
        memcpy(best, x, sizeof x);
    }
    if (newest_ms == 0 || (to_ms != 0 && newest_ms < to_ms - max_age_ms))
        return liq_fail(why, LIQ_ENOTFOUND, "nothing known for that time");
    memcpy(value, best, sizeof best);
    return LIQ_OK;
}

static int by_name(const void *a, const void *b)
{
    const struct liq_symbol *x = a, *y = b;

    return strcmp(x->name, y->name);
}

/* Two contracts of one name: the first is enough. */
static void drop_twins(struct liq_symbols *s)
{
    size_t i, kept = 0;

    for (i = 0; i < s->n; i++)
        if (kept == 0 || strcmp(s->at[kept - 1].name, s->at[i].name) != 0)
            s->at[kept++] = s->at[i];
    s->n = kept;
}

enum liq_err liq_json_symbols(const struct cJSON *list,
                              liq_json_symbol_fn *read, void *arg,
                              struct liq_symbols *out, struct liq_reason *why)
{
    const cJSON *item;
    size_t n = 0;

    cJSON_ArrayForEach(item, list) n++;
    if (n == 0)
        return liq_fail(why, LIQ_EFORMAT, "no symbols in the answer");
    out->at = calloc(n, sizeof *out->at);
    out->n = 0;
    if (out->at == NULL)
        return liq_fail(why, LIQ_ENOMEM, "no memory");
    cJSON_ArrayForEach(item, list)
    {
        if (read(item, arg, &out->at[out->n]))
            out->n++;
    }
    qsort(out->at, out->n, sizeof *out->at, by_name);
    drop_twins(out);
    return LIQ_OK;
}

bool liq_json_symbol_fill(struct liq_symbol *out, const char *base, double tick)
{
    static const char quote[] = "USDT";
    size_t n = strlen(base);

    memset(out, 0, sizeof *out);
    if (n == 0 || n + sizeof quote > sizeof out->name)
        return false;
    memcpy(out->base, base, n);
    memcpy(out->name, base, n);
    memcpy(out->name + n, quote, sizeof quote);
    out->tick = tick;
    return liq_symbol_valid(out->name);
}
