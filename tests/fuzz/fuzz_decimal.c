/* Any bytes as a decimal: what is accepted is finite and reads back. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "liqmap/decimal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    char text[LIQ_DECIMAL_SIZE];
    double value = 0.0, back = 0.0;
    size_t len;

    if (!liq_decimal_parse((const char *)data, n, &value))
        return 0;
    len = liq_decimal_format(value, text);
    if (!isfinite(value) || len >= sizeof text || len != strlen(text) ||
        !liq_decimal_parse(text, len, &back) ||
        memcmp(&value, &back, sizeof value) != 0)
        abort();
    return 0;
}
