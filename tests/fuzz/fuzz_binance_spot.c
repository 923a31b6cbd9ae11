/* Any answer of binance-spot; each of its parsers gets the same bytes. */
#include "fuzz_venue.h"

FUZZ_VENUE(liq_row_binance_spot)
