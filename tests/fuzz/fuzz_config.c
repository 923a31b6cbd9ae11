/* Any text as one assignment: refused with a reason, or taken. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "liqmap/config.h"

#define INPUT_MAX 2048u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct liq_config before, c;
    struct liq_reason why;
    char text[INPUT_MAX + 1];
    enum liq_err err;

    if (n > INPUT_MAX)
        return 0;
    memcpy(text, data, n);
    text[n] = '\0';
    liq_config_defaults(&c);
    memcpy(&before, &c, sizeof c);
    memset(&why, 0, sizeof why);
    err = liq_config_set(&c, text, &why);
    if (err && (memcmp(&before, &c, sizeof c) != 0 || why.text[0] == '\0'))
        abort();
    if (c.workers < 1 || c.ttl_ms < 1 || c.deadline_ms < 1 ||
        !memchr(c.symbols, 0, sizeof c.symbols) ||
        !memchr(c.exchanges, 0, sizeof c.exchanges) ||
        !memchr(c.exchange[0].base_url, 0, sizeof c.exchange[0].base_url))
        abort();
    return 0;
}
