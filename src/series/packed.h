/* Candles in a third of their bytes, without loss. */
#ifndef LIQMAP_SERIES_PACKED_H
#define LIQMAP_SERIES_PACKED_H

#include <stddef.h>
#include "liqmap/err.h"
#include "liqmap/series.h"

/* Immutable; owned by who packed it, for free(). */
struct liq_packed;

/* LIQ_OK, or LIQ_ENOMEM with *out as it was. */
LIQ_MUST_CHECK enum liq_err liq_pack(const struct liq_klines *k,
                                     struct liq_packed **out);

/* The same candles to the last bit; free(out->at).  LIQ_OK, or LIQ_ENOMEM with
 * *out as it was. */
LIQ_MUST_CHECK enum liq_err liq_unpack(const struct liq_packed *p,
                                       struct liq_klines *out);

/* How many bytes it holds, itself included. */
size_t liq_packed_bytes(const struct liq_packed *p);

#endif
