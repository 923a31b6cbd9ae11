#include "patch.h"

#include <stdio.h>
#include <string.h>

/* --- reading what liq_jsonw wrote ----------------------------------------- */

static const char *end_of_string(const char *p)
{
    for (p++; *p != '"'; p++) {
        if (*p == '\\')
            p++;
    }
    return p + 1;
}

/* The comma or bracket behind the value that begins at p, or the NUL. */
static const char *end_of_value(const char *p)
{
    size_t depth = 0;

    do {
        if (*p == '"') {
            p = end_of_string(p);
            continue;
        }
        if (*p == '{' || *p == '[')
            depth++;
        else if (*p == '}' || *p == ']')
            depth--;
        p++;
    } while (depth > 0 || !strchr(",}]", *p));
    return p;
}

/* A member of an object or an item of an array; key with its quotes, empty for
 * an item. */
struct part {
    const char *key, *value;
    size_t key_len, len;
};

/* The next part of an object or array; *at is its bracket at first.  False: it
 * has no more. */
static bool next_part(const char **at, bool object, struct part *out)
{
    const char *p = *at;

    if (*p == '}' || *p == ']' || p[1] == '}' || p[1] == ']')
        return false;
    p++;
    out->key = p;
    if (object)
        p = end_of_string(p);
    out->key_len = (size_t)(p - out->key);
    out->value = object ? p + 1 : p;
    *at = end_of_value(out->value);
    out->len = (size_t)(*at - out->value);
    return true;
}

static bool is_container(const char *p)
{
    return *p == '{' || *p == '[';
}

/* Both objects with the same names, or both arrays of one length. */
static bool same_parts(const char *a, const char *b)
{
    bool object = *a == '{';
    struct part pa, pb;

    if (!is_container(a) || *a != *b)
        return false;
    for (;;) {
        bool more = next_part(&a, object, &pa);

        if (next_part(&b, object, &pb) != more)
            return false;
        if (!more)
            return true;
        if (pa.key_len != pb.key_len || memcmp(pa.key, pb.key, pa.key_len) != 0)
            return false;
    }
}

/* --- writing -------------------------------------------------------------- */

static void write_key(struct liq_jsonw *w, const struct part *p, size_t i)
{
    char name[64];

    if (p->key_len > 2)
        snprintf(name, sizeof name, "%.*s", (int)p->key_len - 2, p->key + 1);
    else
        snprintf(name, sizeof name, "%zu", i);
    liq_jsonw_key(w, name);
}

static void patch_parts(struct liq_jsonw *w, const char *a, const char *b);

static void patch_value(struct liq_jsonw *w, const struct part *before,
                        const struct part *now)
{
    if (same_parts(before->value, now->value)) {
        patch_parts(w, before->value, now->value);
        return;
    }
    if (is_container(now->value))
        liq_jsonw_open_array(w);
    liq_jsonw_raw(w, now->value, now->len);
    if (is_container(now->value))
        liq_jsonw_close_array(w);
}

/* Recurses as deep as the writer of both texts allows. */
static void patch_parts(struct liq_jsonw *w, const char *a, const char *b)
{
    bool object = *a == '{';
    struct part before, now;

    liq_jsonw_open_object(w);
    for (size_t i = 0;
         next_part(&a, object, &before) && next_part(&b, object, &now); i++) {
        if (before.len == now.len &&
            memcmp(before.value, now.value, now.len) == 0)
            continue;
        write_key(w, &now, i);
        patch_value(w, &before, &now);
    }
    liq_jsonw_close_object(w);
}

bool liq_encode_patch(struct liq_jsonw *w, const char *before, const char *now)
{
    if (!same_parts(before, now))
        return false;
    patch_parts(w, before, now);
    return true;
}
