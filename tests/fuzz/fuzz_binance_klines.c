/* Candle pages as a stranger might send them, ending at an unreadable page. */
#include <stdint.h>
#include <stdlib.h>
#include "market/binance.h"
#include "market/common.h"
#include "unit/market/guard.h"

#define INPUT_MAX (1 << 16)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct guard g;
    struct liq_klines k;
    struct liq_reason why;
    size_t i;

    if (g.map == NULL)
        g = guard_new(INPUT_MAX);
    if (size > INPUT_MAX || liq_binance_parse_klines(guard_put(&g, data, size),
                                                     size, &k, &why) != LIQ_OK)
        return 0;
    for (i = 0; i < k.n; i++) {
        if (liq_kline_fault(&k.at[i]) != NULL)
            abort();
        if (i > 0 && k.at[i - 1].open_ms >= k.at[i].open_ms)
            abort();
    }
    free(k.at);
    return 0;
}
