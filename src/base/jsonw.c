#include "liqmap/jsonw.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "liqmap/decimal.h"

#define COUNTS_AT_ONCE 256
#define COUNT_SIZE 11 /* "2147483647," */

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

void liq_jsonw_init(struct liq_jsonw *w, struct liq_buf *buf)
{
    memset(w, 0, sizeof *w);
    w->buf = buf;
    w->first[0] = true;
}

/* Whether the next member or item is behind a comma. */
static bool needs_comma(struct liq_jsonw *w)
{
    bool first = w->first[w->depth];

    w->first[w->depth] = false;
    return !first;
}

/* Before every value: whether it is behind a comma. */
static bool begin(struct liq_jsonw *w)
{
    bool after_key = w->after_key;

    assert(after_key == w->object[w->depth]);
    assert(w->depth > 0 || w->first[0]); /* one value at the top */
    w->after_key = false;
    return !after_key && needs_comma(w);
}

static void begin_value(struct liq_jsonw *w)
{
    if (begin(w))
        (void)liq_buf_char(w->buf, ',');
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
    if (needs_comma(w))
        (void)liq_buf_char(w->buf, ',');
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

/* What is below SMALL_COUNTS as text, with a comma in the place of the NUL: a
 * map is hundreds of thousands of these.  Eight bytes each, so that one load
 * and one store copy it. */
#define SMALL_COUNTS 1000
#define ONE(digits)                                                            \
    {                                                                          \
        digits ",", sizeof(digits)                                             \
    }
#define TEN(digits)                                                            \
    ONE(digits "0"), ONE(digits "1"), ONE(digits "2"), ONE(digits "3"),        \
        ONE(digits "4"), ONE(digits "5"), ONE(digits "6"), ONE(digits "7"),    \
        ONE(digits "8"), ONE(digits "9")
#define HUNDRED(digits)                                                        \
    TEN(digits "0"), TEN(digits "1"), TEN(digits "2"), TEN(digits "3"),        \
        TEN(digits "4"), TEN(digits "5"), TEN(digits "6"), TEN(digits "7"),    \
        TEN(digits "8"), TEN(digits "9")

static const struct small_count {
    char text[7];
    unsigned char len;
} small_count[SMALL_COUNTS] = {
    TEN(""),      TEN("1"),     TEN("2"),     TEN("3"),     TEN("4"),
    TEN("5"),     TEN("6"),     TEN("7"),     TEN("8"),     TEN("9"),
    HUNDRED("1"), HUNDRED("2"), HUNDRED("3"), HUNDRED("4"), HUNDRED("5"),
    HUNDRED("6"), HUNDRED("7"), HUNDRED("8"), HUNDRED("9")};

static char *put_large_count(char *out, int value)
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

/* The number and a comma; the end.  COUNT_SIZE bytes may be overwritten. */
static char *put_count(char *out, int value)
{
    if (value >= SMALL_COUNTS)
        return put_large_count(out, value);
    memcpy(out, &small_count[value], sizeof small_count[value]);
    return out + small_count[value].len;
}

void liq_jsonw_counts(struct liq_jsonw *w, const int *value, size_t n)
{
    char text[COUNTS_AT_ONCE * COUNT_SIZE];

    liq_jsonw_open_array(w);
    for (size_t i = 0, next; i < n; i = next) {
        char *end = text;

        next = n - i > COUNTS_AT_ONCE ? i + COUNTS_AT_ONCE : n;
        for (size_t k = i; k < next; k++)
            end = put_count(end, value[k]);
        /* No comma behind the last one. */
        (void)liq_buf_add(w->buf, text, (size_t)(end - text) - (next == n));
    }
    liq_jsonw_close_array(w);
}

void liq_jsonw_number(struct liq_jsonw *w, double value)
{
    char text[1 + LIQ_DECIMAL_SIZE] = ",";
    size_t n;

    if (!isfinite(value)) {
        liq_jsonw_null(w);
        return;
    }
    n = begin(w);
    n += liq_decimal_format(value, text + n);
    (void)liq_buf_add(w->buf, text, n);
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
