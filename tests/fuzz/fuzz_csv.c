/* CSV files of candles and metrics, ending at an unreadable page. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include "exchange/common.h"
#include "exchange/file_csv.h"
#include "unit/exchange/guard.h"

#define INPUT_MAX (1 << 16)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void promise(int kept)
{
    if (!kept)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct guard g;
    struct liq_klines k;
    struct liq_metrics m;
    struct liq_reason why;
    const char *text;
    size_t i;

    if (g.map == NULL)
        g = guard_new(INPUT_MAX);
    if (size > INPUT_MAX)
        return 0;
    text = guard_put(&g, data, size);
    if (liq_csv_klines(text, size, "x", &k, &why) == LIQ_OK) {
        for (i = 0; i < k.n; i++)
            promise(liq_kline_fault(&k.at[i]) == NULL);
        free(k.at);
    }
    if (liq_csv_metrics(text, size, "x", "BTCUSDT", &m, &why) == LIQ_OK) {
        for (i = 0; i < m.n; i++)
            promise(m.at[i].time_ms > 0 && !(m.at[i].open_interest <= 0.0) &&
                    !(m.at[i].long_account_share > 1.0));
        free(m.at);
    }
    return 0;
}
