/* Any bytes as an answer's body: never above the ceiling, content whole. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "liqmap/buf.h"

#define CEILING 100000u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct liq_buf out;
    enum liq_err err;

    liq_buf_init(&out, CEILING);
    (void)liq_buf_text(&out, "kept");
    err = liq_buf_gunzip(&out, data, n);
    if (out.len > CEILING || out.data[out.len] != '\0' ||
        memcmp(out.data, "kept", 4) != 0 || (err && out.len != 4))
        abort();
    liq_buf_free(&out);
    return 0;
}
