#include "entries.h"

#include <math.h>
#include <stdlib.h>
#include "decade.h"

/* Round prices are multiples of the power of ten below close/20. */
static const double ROUND_PRICE_PART = 20.0;
static const double ROUND_PRICES_MAX = 1000.0;
static const double ROUND_PRICE_SLACK = 1e-9;
static const double PER_ROOT_12 = 0.28867513459481288225;

static void find_unit(double price, struct round_unit *u)
{
    double x = price / ROUND_PRICE_PART;

    if (u->unit <= x && x < u->next)
        return;
    u->exponent = liq_decade_of(x);
    u->unit = liq_decade(1.0, u->exponent);
    u->next = liq_decade(1.0, u->exponent + 1);
    u->power = liq_decade(1.0, abs(u->exponent));
    u->per_unit = 1.0 / u->unit;
}

void entries_of(const struct liq_params *p, const struct liq_kline *k,
                struct round_unit *unit, struct entries *out)
{
    double first, last;

    find_unit(k->close, unit);
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
    out->sigma = (k->high - k->low) * PER_ROOT_12;
}
