/* Any text as a time: what is accepted is in range and reads back. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "liqmap/clock.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    char text[64], again[21];
    int64_t ms;

    if (n >= sizeof text)
        return 0;
    memcpy(text, data, n);
    text[n] = '\0';
    ms = liq_time_parse(text);
    if (ms == -1)
        return 0;
    liq_time_format(ms, again, sizeof again);
    if (ms < 0 || liq_time_parse(again) != ms - ms % 1000)
        abort();
    return 0;
}
