/* The only file of the exchanges that includes cJSON.h. */
#include "json.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdatomic.h>
#include <string.h>
#include "liqmap/decimal.h"
#include "liqmap/lock.h"

/* Every parse writes a global of cJSON. */
static struct liq_lock parse_lock = LIQ_LOCK_STATIC;
static atomic_uint_fast64_t parses;

/* Integers up to here are exact in a double, and so in JSON. */
#define EXACT_MAX 9007199254740992.0

#define SEGMENT_SIZE 64

/* --- documents ------------------------------------------------------------ */

struct cJSON *liq_json_parse(const char *body, size_t len)
{
    const char *end = NULL;
    cJSON *root;

    if (body == NULL || len == 0)
        return NULL;
    atomic_fetch_add(&parses, 1);
    liq_lock_take(&parse_lock);
    root = cJSON_ParseWithLengthOpts(body, len, &end, 0);
    liq_lock_give(&parse_lock);
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

void liq_json_free(struct cJSON *root)
{
    cJSON_Delete(root);
}

uint64_t liq_json_parses(void)
{
    return atomic_load(&parses);
}

size_t liq_json_bytes(const struct cJSON *root)
{
    size_t n = 0;
    const cJSON *child;

    if (root == NULL)
        return 0;
    n += sizeof *root;
    n += root->string != NULL ? strlen(root->string) + 1 : 0;
    n += root->valuestring != NULL ? strlen(root->valuestring) + 1 : 0;
    /* The parser bounds the depth. */
    cJSON_ArrayForEach(child, root) n += liq_json_bytes(child);
    return n;
}

/* --- paths ---------------------------------------------------------------- */

static const cJSON *element(const cJSON *list, const char *digits)
{
    const cJSON *item = list->child;
    long i = 0;

    for (; *digits >= '0' && *digits <= '9' && i < 100000; digits++)
        i = 10 * i + (*digits - '0');
    while (item != NULL && i-- > 0)
        item = item->next;
    return item;
}

/* The first object of the list whose member key is value. */
static const cJSON *element_with(const cJSON *list, const char *key,
                                 const char *value)
{
    const cJSON *item;

    cJSON_ArrayForEach(item, list)
    {
        if (cJSON_IsObject(item) &&
            liq_json_is(cJSON_GetObjectItemCaseSensitive(item, key), value,
                        strlen(value)))
            return item;
    }
    return NULL;
}

static const cJSON *step(const cJSON *item, char *segment)
{
    char *colon;

    if (cJSON_IsObject(item))
        return cJSON_GetObjectItemCaseSensitive(item, segment);
    if (!cJSON_IsArray(item))
        return NULL;
    colon = strchr(segment, ':');
    if (colon == NULL)
        return element(item, segment);
    *colon = '\0';
    return element_with(item, segment, colon + 1);
}

const struct cJSON *liq_json_at(const struct cJSON *item, const char *path)
{
    char segment[SEGMENT_SIZE];

    /* The columns of most candles. */
    if (path != NULL && path[0] >= '0' && path[0] <= '9' && path[1] == '\0' &&
        cJSON_IsArray(item)) {
        item = element(item, path);
        return cJSON_IsNull(item) ? NULL : item;
    }

    while (item != NULL && path != NULL && *path != '\0') {
        size_t n = strcspn(path, ".");

        if (n >= sizeof segment)
            return NULL;
        memcpy(segment, path, n);
        segment[n] = '\0';
        item = step(item, segment);
        path += n + (path[n] == '.');
    }
    return cJSON_IsNull(item) ? NULL : item;
}

/* --- values --------------------------------------------------------------- */

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

int64_t liq_json_time(const struct cJSON *item)
{
    double x = liq_json_number(item);

    if (!(x >= 1.0 && x <= EXACT_MAX) || x != floor(x))
        return 0;
    return (int64_t)x;
}

const char *liq_json_text(const struct cJSON *item)
{
    return cJSON_IsString(item) && item->valuestring ? item->valuestring : "";
}

bool liq_json_is(const struct cJSON *item, const char *text, size_t n)
{
    const char *is = liq_json_text(item);
    double x;

    if (cJSON_IsNumber(item))
        return liq_decimal_parse(text, n, &x) && x == item->valuedouble;
    if (cJSON_IsTrue(item))
        is = "true";
    else if (cJSON_IsFalse(item))
        is = "false";
    else if (item != NULL && !cJSON_IsString(item) && !cJSON_IsNull(item))
        return false;
    return strlen(is) == n && memcmp(is, text, n) == 0;
}

bool liq_json_is_one_of(const struct cJSON *item, const char *list)
{
    for (;;) {
        size_t n = strcspn(list, "|");

        if (liq_json_is(item, list, n))
            return true;
        if (list[n] == '\0')
            return false;
        list += n + 1;
    }
}

void liq_json_copy_printable(char *out, size_t size, const char *text)
{
    size_t i;

    for (i = 0; text[i] != '\0' && i + 1 < size; i++)
        out[i] = text[i] >= ' ' && text[i] <= '~' ? text[i] : ' ';
    out[i] = '\0';
}
