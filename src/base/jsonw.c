#include "liqmap/jsonw.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "liqmap/decimal.h"

/* Written at a time. */
#define CHUNK 1024
#define COUNT_SIZE 11 /* "2147483647," */

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

void liq_jsonw_init(struct liq_jsonw *w, struct liq_buf *buf)
{
    memset(w, 0, sizeof *w);
    w->buf = buf;
    w->first[0] = true;
}

static void comma(struct liq_jsonw *w)
{
    if (!w->first[w->depth])
        (void)liq_buf_char(w->buf, ',');
    w->first[w->depth] = false;
}

/* Before every value. */
static void begin_value(struct liq_jsonw *w)
{
    assert(w->after_key == w->object[w->depth]);
    assert(w->depth > 0 || w->first[0]); /* one value at the top */
    if (!w->after_key)
        comma(w);
    w->after_key = false;
}

static void open_level(struct liq_jsonw *w, bool object)
{
    begin_value(w);
    assert(w->depth + 1 < LIQ_JSONW_DEPTH);
    w->depth++;
    w->first[w->depth] = true;
    w->object[w->depth] = object;
    (void)liq_buf_char(w->buf, object ? '{' : '[');
}

static void close_level(struct liq_jsonw *w, bool object)
{
    assert(w->depth > 0 && w->object[w->depth] == object && !w->after_key);
    w->depth--;
    (void)liq_buf_char(w->buf, object ? '}' : ']');
}

void liq_jsonw_open_object(struct liq_jsonw *w)
{
    open_level(w, true);
}

void liq_jsonw_close_object(struct liq_jsonw *w)
{
    close_level(w, true);
}

void liq_jsonw_open_array(struct liq_jsonw *w)
{
    open_level(w, false);
}

void liq_jsonw_close_array(struct liq_jsonw *w)
{
    close_level(w, false);
}

void liq_jsonw_key(struct liq_jsonw *w, const char *key)
{
    assert(w->object[w->depth] && !w->after_key);
    comma(w);
    w->after_key = true;
    (void)liq_buf_char(w->buf, '"');
    (void)liq_buf_text(w->buf, key);
    (void)liq_buf_text(w->buf, "\":");
}

/* The bytes of the UTF-8 character at s, 0 when it is not one: too long a form,
 * half of a surrogate pair, above U+10FFFF, or cut (the NUL ends it). */
static size_t utf8_length(const unsigned char *s)
{
    unsigned char low = 0x80, high = 0xbf; /* of the second byte */
    size_t n;

    if (s[0] < 0x80)
        return 1;
    if (s[0] < 0xc2 || s[0] > 0xf4)
        return 0;
    n = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
    if (s[0] == 0xe0)
        low = 0xa0;
    else if (s[0] == 0xed)
        high = 0x9f;
    else if (s[0] == 0xf0)
        low = 0x90;
    else if (s[0] == 0xf4)
        high = 0x8f;
    if (s[1] < low || s[1] > high)
        return 0;
    for (size_t i = 2; i < n; i++) {
        if (s[i] < 0x80 || s[i] > 0xbf)
            return 0;
    }
    return n;
}

static void put_escaped(struct liq_buf *b, unsigned char c)
{
    static const char named[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    const char *at = strchr(named, c);

    if (at)
        (void)liq_buf_format(b, "\\%c", letters[at - named]);
    else
        (void)liq_buf_format(b, "\\u%04x", c);
}

static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c != '"' && c != '\\';
}

/* How many characters are written as they are. */
static size_t plain_length(const char *text)
{
    size_t n = 0;

    while (is_plain((unsigned char)text[n]) && (unsigned char)text[n] < 0x80)
        n++;
    return n;
}

void liq_jsonw_string(struct liq_jsonw *w, const char *text)
{
    if (!text) {
        liq_jsonw_null(w);
        return;
    }
    begin_value(w);
    (void)liq_buf_char(w->buf, '"');
    while (*text) {
        size_t n = plain_length(text);

        if (n > 0) {
            (void)liq_buf_add(w->buf, text, n);
            text += n;
            continue;
        }
        n = utf8_length((const unsigned char *)text);
        if (n == 0)
            (void)liq_buf_text(w->buf, REPLACEMENT);
        else if (n == 1)
            put_escaped(w->buf, (unsigned char)*text);
        else
            (void)liq_buf_add(w->buf, text, n);
        text += n ? n : 1;
    }
    (void)liq_buf_char(w->buf, '"');
}

void liq_jsonw_int(struct liq_jsonw *w, int64_t value)
{
    begin_value(w);
    (void)liq_buf_int(w->buf, value);
}

/* The number and a comma; the end. */
static char *put_count(char *out, int value)
{
    char digits[COUNT_SIZE];
    int n = 0;

    for (; value > 9; value /= 10)
        digits[n++] = (char)('0' + value % 10);
    *out++ = (char)('0' + value);
    while (n > 0)
        *out++ = digits[--n];
    *out++ = ',';
    return out;
}

void liq_jsonw_counts(struct liq_jsonw *w, const int *value, size_t n)
{
    char text[CHUNK], *end = text;

    liq_jsonw_open_array(w);
    for (size_t i = 0; i < n; i++) {
        if (end > text + CHUNK - COUNT_SIZE) {
            (void)liq_buf_add(w->buf, text, (size_t)(end - text));
            end = text;
        }
        end = put_count(end, value[i]);
    }
    if (end > text) /* without the last comma */
        (void)liq_buf_add(w->buf, text, (size_t)(end - text - 1));
    liq_jsonw_close_array(w);
}

void liq_jsonw_number(struct liq_jsonw *w, double value)
{
    char text[LIQ_DECIMAL_SIZE];

    if (!isfinite(value)) {
        liq_jsonw_null(w);
        return;
    }
    begin_value(w);
    (void)liq_buf_add(w->buf, text, liq_decimal_format(value, text));
}

void liq_jsonw_bool(struct liq_jsonw *w, bool value)
{
    begin_value(w);
    (void)liq_buf_text(w->buf, value ? "true" : "false");
}

void liq_jsonw_null(struct liq_jsonw *w)
{
    begin_value(w);
    (void)liq_buf_text(w->buf, "null");
}

void liq_jsonw_raw(struct liq_jsonw *w, const char *json, size_t n)
{
    begin_value(w);
    (void)liq_buf_add(w->buf, json, n);
}

void liq_jsonw_time(struct liq_jsonw *w, int64_t ms)
{
    if (ms)
        liq_jsonw_int(w, ms);
    else
        liq_jsonw_null(w);
}

void liq_jsonw_key_string(struct liq_jsonw *w, const char *key,
                          const char *text)
{
    liq_jsonw_key(w, key);
    liq_jsonw_string(w, text);
}

void liq_jsonw_key_int(struct liq_jsonw *w, const char *key, int64_t value)
{
    liq_jsonw_key(w, key);
    liq_jsonw_int(w, value);
}

void liq_jsonw_key_number(struct liq_jsonw *w, const char *key, double value)
{
    liq_jsonw_key(w, key);
    liq_jsonw_number(w, value);
}

void liq_jsonw_key_bool(struct liq_jsonw *w, const char *key, bool value)
{
    liq_jsonw_key(w, key);
    liq_jsonw_bool(w, value);
}

void liq_jsonw_key_time(struct liq_jsonw *w, const char *key, int64_t ms)
{
    liq_jsonw_key(w, key);
    liq_jsonw_time(w, ms);
}
