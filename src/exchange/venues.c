/* Every exchange by its name; a new one is a row here and a file. */
#include "venue.h"

#include <string.h>

#define VENUE(function, row)                                                   \
    struct liq_market *function(const struct liq_venue_options *o)             \
    {                                                                          \
        return liq_venue_new(&(row), o);                                       \
    }

VENUE(liq_binance_usdm_new, liq_row_binance)
VENUE(liq_binance_spot_new, liq_row_binance_spot)
VENUE(liq_bybit_new, liq_row_bybit)
VENUE(liq_okx_new, liq_row_okx)
VENUE(liq_bitget_new, liq_row_bitget)
VENUE(liq_gate_new, liq_row_gate)
VENUE(liq_kucoin_new, liq_row_kucoin)
VENUE(liq_hyperliquid_new, liq_row_hyperliquid)

/* Names, hosts and limits as in the rows, which a test compares. */
const struct liq_venue liq_venues[] = {
    {"binance", "https://fapi.binance.com", NULL, 2400, 60000,
     liq_binance_usdm_new},
    {"binance-spot", "https://api.binance.com",
     "https://data-api.binance.vision", 6000, 60000, liq_binance_spot_new},
    {"bybit", "https://api.bybit.com", "https://api.bytick.com", 600, 5000,
     liq_bybit_new},
    {"okx", "https://www.okx.com", NULL, 40, 2000, liq_okx_new},
    {"bitget", "https://api.bitget.com", NULL, 20, 1000, liq_bitget_new},
    {"gate", "https://api.gateio.ws/api/v4", "https://fx-api.gateio.ws/api/v4",
     200, 10000, liq_gate_new},
    {"kucoin", "https://api-futures.kucoin.com", NULL, 2000, 30000,
     liq_kucoin_new},
    {"hyperliquid", "https://api.hyperliquid.xyz", NULL, 1200, 60000,
     liq_hyperliquid_new},
};
const size_t liq_n_venues = sizeof liq_venues / sizeof liq_venues[0];

const struct liq_venue *liq_venue_find(const char *name)
{
    size_t i;

    for (i = 0; i < liq_n_venues; i++)
        if (strcmp(liq_venues[i].name, name) == 0)
            return &liq_venues[i];
    return NULL;
}
