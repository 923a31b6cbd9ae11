/* Every exchange by its name; a new one is a line here and a file. */
#include "table.h"

#include <string.h>

#define EXCHANGES(X)                                                           \
    X(binance)                                                                 \
    X(binance_spot)                                                            \
    X(binance_coin)                                                            \
    X(bybit)                                                                   \
    X(bybit_coin)                                                              \
    X(okx)                                                                     \
    X(okx_coin)                                                                \
    X(bitget)                                                                  \
    X(gate)                                                                    \
    X(kucoin)                                                                  \
    X(hyperliquid)                                                             \
    X(htx)

#define DECLARE(name) extern const struct liq_exchange_row liq_row_##name;
#define ADDRESS(name) &liq_row_##name,

EXCHANGES(DECLARE)

static const struct liq_exchange_row *const rows[] = {EXCHANGES(ADDRESS)};
#define N_ROWS (sizeof rows / sizeof rows[0])

const struct liq_lender liq_lenders[] = {
    {"bybit", "borrowed from bybit"},
    {"okx", "borrowed from okx"},
    {"bitget", "borrowed from bitget"},
    {NULL, NULL},
};

const struct liq_exchange_info *liq_exchange_at(size_t i)
{
    return i < N_ROWS ? &rows[i]->info : NULL;
}

const struct liq_exchange_row *liq_exchange_row(const char *name)
{
    size_t i;

    for (i = 0; i < N_ROWS; i++)
        if (strcmp(rows[i]->info.name, name) == 0)
            return rows[i];
    return NULL;
}

struct liq_exchange *liq_exchange_new(const char *name,
                                      const struct liq_exchange_options *o)
{
    const struct liq_exchange_row *row = liq_exchange_row(name);

    return row != NULL ? liq_exchange_of(row, o) : NULL;
}

struct liq_pool liq_pool_of(const struct liq_exchange_row *row, int pool)
{
    struct liq_pool none = {0, 0};
    struct liq_pool first = {row->info.limit, row->info.window_ms};

    if (pool == 0)
        return first;
    return pool < LIQ_POOLS ? row->pool[pool - 1] : none;
}

const struct liq_interval *liq_row_interval(const struct liq_exchange_row *row,
                                            int64_t ms)
{
    const struct liq_interval *i;

    for (i = row->interval; i->ms != 0; i++)
        if (i->ms == ms)
            return i;
    return NULL;
}
