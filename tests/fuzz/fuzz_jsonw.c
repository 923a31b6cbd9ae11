/* Any text as a JSON string: the output is ASCII control free, quoted once, and
 * writing it again changes nothing, so it was UTF-8. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "liqmap/jsonw.h"

#define INPUT_MAX 4096u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Bytes of text that need no escape come out as they went in. */
static void check_twice(const struct liq_buf *first)
{
    struct liq_buf second;
    struct liq_jsonw w;
    size_t escapes = 0;

    for (size_t i = 0; i < first->len; i++) {
        unsigned char c = (unsigned char)first->data[i];

        if (c < 0x20)
            abort();
        escapes += c == '"' || c == '\\';
    }
    liq_buf_init(&second, 16u * INPUT_MAX);
    liq_jsonw_init(&w, &second);
    liq_jsonw_string(&w, first->data);
    if (second.len != first->len + escapes + 2)
        abort();
    liq_buf_free(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    char text[INPUT_MAX + 1];
    struct liq_buf out;
    struct liq_jsonw w;

    if (n > INPUT_MAX)
        return 0;
    memcpy(text, data, n);
    text[n] = '\0';
    liq_buf_init(&out, 8u * INPUT_MAX);
    liq_jsonw_init(&w, &out);
    liq_jsonw_string(&w, text);
    if (out.err || out.len < 2 || out.data[0] != '"' ||
        out.data[out.len - 1] != '"')
        abort();
    check_twice(&out);
    liq_buf_free(&out);
    return 0;
}
