/* Every other answer of Binance; each parser gets the same bytes. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include "market/binance.h"
#include "market/common.h"
#include "unit/market/guard.h"

#define INPUT_MAX (1 << 16)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void promise(int kept)
{
    if (!kept)
        abort();
}

static void parse_objects(const char *body, size_t n)
{
    struct liq_reason why;
    struct liq_ticker t;
    struct liq_statistics s;
    double x;
    int64_t ms;

    if (liq_binance_parse_time(body, n, &ms, &why) == LIQ_OK)
        promise(ms > 0);
    if (liq_binance_parse_ticker(body, n, &t, &why) == LIQ_OK)
        promise(isfinite(t.last) && t.last > 0.0 && !isinf(t.high_24h) &&
                !isinf(t.change_percent_24h) && !(t.volume_24h < 0.0));
    if (liq_binance_parse_open_interest(body, n, &x, &why) == LIQ_OK)
        promise(isfinite(x) && x > 0.0);
    if (liq_binance_parse_premium(body, n, &s, &why) == LIQ_OK)
        promise(!isinf(s.mark_price) && !isinf(s.funding_rate) &&
                s.next_funding_ms >= 0);
}

static void parse_lists(const char *body, size_t n)
{
    struct liq_binance_error e;
    struct liq_symbols list;
    struct liq_reason why;
    double x, y;
    size_t i;

    if (liq_binance_parse_ratio(body, n, 0, 0, &x, &why) == LIQ_OK)
        promise(x >= 0.0 && x <= 1.0);
    if (liq_binance_parse_open_interest_hist(body, n, 1760132100000, 3600000,
                                             &x, &y, &why) == LIQ_OK)
        promise(isfinite(x) && x > 0.0 && !isinf(y));
    if (liq_binance_parse_symbols(body, n, &list, &why) == LIQ_OK) {
        for (i = 0; i < list.n; i++)
            promise(liq_symbol_valid(list.at[i].name));
        liq_symbols_free(&list);
    }
    if (liq_binance_parse_error(body, n, &e))
        promise(strlen(e.message) < sizeof e.message && e.banned_until_ms >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct guard g;
    const char *body;

    if (g.map == NULL)
        g = guard_new(INPUT_MAX);
    if (size > INPUT_MAX)
        return 0;
    body = guard_put(&g, data, size);
    parse_objects(body, size);
    parse_lists(body, size);
    return 0;
}
