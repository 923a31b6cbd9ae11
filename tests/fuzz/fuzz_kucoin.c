/* Any answer of kucoin; each of its parsers gets the same bytes. */
#include "fuzz_venue.h"

FUZZ_VENUE(liq_row_kucoin)
