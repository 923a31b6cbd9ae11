/* CSV files that `liqmap record import` reads: metrics, funding, orders and
 * liquidations. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/record.h"
#include "unit/exchange/guard.h"

#define INPUT_MAX ((size_t)64 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void promise(int kept)
{
    if (!kept)
        abort();
}

static enum liq_err check(void *arg, const struct liq_row *row)
{
    size_t *count = arg;

    ++*count;
    promise(row->kind == LIQ_ROW_LIQUIDATION ||
            row->kind == LIQ_ROW_STATISTICS);
    promise(row->time_ms > 0 && row->symbol[0] != '\0');
    promise(memchr(row->symbol, 0, sizeof row->symbol) &&
            memchr(row->exchange, 0, sizeof row->exchange));
    if (row->kind == LIQ_ROW_LIQUIDATION)
        promise(isfinite(row->liquidation.usd) && row->liquidation.usd >= 0.0);
    return *count < 1000 ? LIQ_OK : LIQ_ELIMIT;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct guard g;
    struct liq_reason why = {0};
    size_t count = 0;
    enum liq_err err;

    if (g.map == NULL)
        g = guard_new(INPUT_MAX);
    if (n < 1 || n > INPUT_MAX)
        return 0;
    err = cli_read_rows(guard_put(&g, data + 1, n - 1), n - 1, "x", "binance",
                        data[0] % 2 ? "BTCUSDT" : NULL, check, &count, &why);
    promise(err != LIQ_EFORMAT || why.text[0] != '\0');
    return 0;
}
