/* The only file of the exchanges that includes cJSON.h. */
#include "json.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
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

/*
 * A document lives in blocks that are freed together: a page of candles has
 * 18,000 nodes and as many strings, and to allocate and free each of them costs
 * more than to parse it.  The root is at the beginning of the first block, as
 * the parser allocates it first.
 */
struct block {
    struct block *next; /* made after this one */
    size_t size, used;  /* of data */
    _Alignas(cJSON) unsigned char data[];
};

/* What this thread parses into; first is NULL while it parses nothing. */
static _Thread_local struct arena {
    struct block *first, *last;
} arena;

#define BLOCK_MIN 1024
#define BLOCK_MAX ((size_t)64 * 1024)

static struct block *block_new(size_t size)
{
    struct block *b = malloc(sizeof *b + size);

    if (b != NULL) {
        b->next = NULL;
        b->size = size;
        b->used = 0;
    }
    return b;
}

static void blocks_free(struct block *b)
{
    while (b != NULL) {
        struct block *next = b->next;

        free(b);
        b = next;
    }
}

static void *allocate(size_t n)
{
    struct block *b = arena.last;
    void *at;

    if (arena.first == NULL)
        return malloc(n);
    n = (n + _Alignof(cJSON) - 1) / _Alignof(cJSON) * _Alignof(cJSON);
    if (n > b->size - b->used) {
        size_t size = 2 * b->size < BLOCK_MAX ? 2 * b->size : BLOCK_MAX;

        b = block_new(n > size ? n : size);
        if (b == NULL)
            return NULL;
        arena.last->next = b;
        arena.last = b;
    }
    at = b->data + b->used;
    b->used += n;
    return at;
}

/* After a failed parse cJSON frees part by part: they go with their blocks. */
static void release(void *at)
{
    if (arena.first == NULL)
        free(at);
}

/* The hooks are globals of cJSON, so they are set before there is a thread. */
__attribute__((constructor)) static void set_hooks(void)
{
    cJSON_Hooks hooks = {allocate, release};

    cJSON_InitHooks(&hooks);
}

static struct block *first_block(const struct cJSON *root)
{
    return (struct block *)(void *)((uintptr_t)root -
                                    offsetof(struct block, data));
}

/* The document and where it ends; NULL: it is none. */
static cJSON *parse(const char *body, size_t len, const char **end)
{
    struct block *b = block_new(BLOCK_MIN);
    cJSON *root;

    if (b == NULL)
        return NULL;
    arena = (struct arena){b, b};
    liq_lock_take(&parse_lock);
    root = cJSON_ParseWithLengthOpts(body, len, end, 0);
    liq_lock_give(&parse_lock);
    arena = (struct arena){NULL, NULL};
    if (root == NULL)
        blocks_free(b);
    return root;
}

struct cJSON *liq_json_parse(const char *body, size_t len)
{
    const char *end = NULL;
    cJSON *root;

    if (body == NULL || len == 0)
        return NULL;
    atomic_fetch_add(&parses, 1);
    root = parse(body, len, &end);
    if (root == NULL)
        return NULL;
    while (end != NULL && end < body + len &&
           memchr(" \t\r\n", *end, 4) != NULL)
        end++;
    if (end != body + len) {
        liq_json_free(root);
        return NULL;
    }
    return root;
}

void liq_json_free(struct cJSON *root)
{
    if (root != NULL)
        blocks_free(first_block(root));
}

uint64_t liq_json_parses(void)
{
    return atomic_load(&parses);
}

size_t liq_json_bytes(const struct cJSON *root)
{
    const struct block *b = root != NULL ? first_block(root) : NULL;
    size_t n = 0;

    for (; b != NULL; b = b->next)
        n += sizeof *b + b->size;
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
