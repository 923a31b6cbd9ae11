#include "entries.h"

#include <math.h>
#include <stdlib.h>
#include "decade.h"

void entries_find_unit(double close, struct round_unit *u)
{
    u->exponent = liq_decade_of(close / ROUND_PRICE_PART);
    u->unit = liq_decade(1.0, u->exponent);
    u->next = liq_decade(1.0, u->exponent + 1);
    u->power = liq_decade(1.0, abs(u->exponent));
    u->per_unit = 1.0 / u->unit;
    u->sure_from = ROUND_PRICE_PART * u->unit * (1.0 + 1e-9);
    u->sure_to = ROUND_PRICE_PART * u->next * (1.0 - 1e-9);
}

void entries_of(const struct liq_params *p, const struct liq_kline *k,
                struct round_unit *unit, struct entries *out)
{
    double first, last;

    if (!entries_unit_holds(unit, k->close))
        entries_find_unit(k->close, unit);
    out->unit = unit;
    first = -liq_floor(ROUND_PRICE_SLACK - k->low * unit->per_unit);
    last = liq_floor(k->high * unit->per_unit + ROUND_PRICE_SLACK);
    out->first = first > 1.0 ? first : 1.0; /* zero is no price */
    out->count = last - out->first + 1.0;
    out->share = 1.0;
    if (out->count >= 1.0 && out->count <= ROUND_PRICES_MAX &&
        p->round_number_share > 0.0) {
        out->share -= p->round_number_share;
        out->round_share = p->round_number_share / out->count;
    } else {
        out->count = out->round_share = 0.0;
    }
    out->mean = (k->high + k->low + k->close) / 3.0;
    /* Entries spread evenly over the candle have this deviation. */
    out->sigma = (k->high - k->low) * ENTRIES_PER_ROOT_12;
}
