#include "book.h"

#include <math.h>
#include <string.h>
#include "decade.h"

static const double MS_PER_HOUR = 3600000.0;
/* Round prices are multiples of the power of ten below close/20. */
static const double ROUND_PRICE_PART = 20.0;
static const double ROUND_PRICES_MAX = 1000.0;
static const double ROUND_PRICE_SLACK = 1e-9;

double *book_cells(const struct book *b, size_t rows, size_t tier, size_t side)
{
    return b->cell + (tier * LIQ_SIDES + side) * rows;
}

void book_reset(struct book *b, size_t rows)
{
    double *cell = b->cell;

    memset(cell, 0, LIQ_TIERS * LIQ_SIDES * rows * sizeof *cell);
    *b = (struct book){.cell = cell, .open_ms = -1};
}

void book_copy(struct book *to, const struct book *from, size_t rows)
{
    double *cell = to->cell;

    memcpy(cell, from->cell, LIQ_TIERS * LIQ_SIDES * rows * sizeof *cell);
    *to = *from;
    to->cell = cell;
}

double book_decay(const struct liq_params *p, size_t tier, int64_t elapsed_ms)
{
    double hours = (double)elapsed_ms / MS_PER_HOUR;

    return exp2(-hours / p->tier[tier].half_life_hours);
}

static void decay(struct book *b, const struct setting *s, int64_t open_ms)
{
    if (b->open_ms < 0)
        return;
    for (size_t k = 0; k < LIQ_TIERS; k++) {
        double keep = book_decay(&s->params, k, open_ms - b->open_ms);

        for (size_t side = 0; side < LIQ_SIDES; side++) {
            double *cell = book_cells(b, s->axis.rows, k, side);

            for (size_t r = 0; r < s->axis.rows; r++)
                cell[r] *= keep;
            b->below[k][side] *= keep;
            b->above[k][side] *= keep;
        }
    }
}

static void clear(struct book *b, const struct liq_axis *axis,
                  const struct liq_kline *k)
{
    ptrdiff_t rows = (ptrdiff_t)axis->rows;
    ptrdiff_t low = liq_axis_row(axis, k->low);
    ptrdiff_t high = liq_axis_row(axis, k->high);
    size_t from = low < 0 ? 0 : (size_t)low;
    size_t end = high >= rows ? axis->rows : (size_t)(high + 1);

    for (size_t tier = 0; tier < LIQ_TIERS; tier++) {
        double *longs = book_cells(b, axis->rows, tier, LIQ_LONG);
        double *shorts = book_cells(b, axis->rows, tier, LIQ_SHORT);

        memset(longs + from, 0, (axis->rows - from) * sizeof *longs);
        memset(shorts, 0, end * sizeof *shorts);
        if (low < rows)
            b->above[tier][LIQ_LONG] = 0.0;
        if (high >= 0)
            b->below[tier][LIQ_SHORT] = 0.0;
    }
}

/* How many multiples of 10^exponent lie in [low, high], and the first one's
 * factor; zero is no price. */
static double round_prices(const struct liq_kline *k, int *exponent,
                           double *first)
{
    double unit, last;

    *exponent = liq_decade_of(k->close / ROUND_PRICE_PART);
    unit = liq_decade(1.0, *exponent);
    *first = fmax(ceil(k->low / unit - ROUND_PRICE_SLACK), 1.0);
    last = floor(k->high / unit + ROUND_PRICE_SLACK);
    return last - *first + 1.0;
}

void book_entries(const struct liq_params *p, const struct liq_kline *k,
                  void (*see)(void *arg, double entry, double sigma,
                              double share),
                  void *arg)
{
    double first, share = p->round_number_share;
    int exponent;
    double count = round_prices(k, &exponent, &first);

    if (!(count >= 1.0 && count <= ROUND_PRICES_MAX) || share <= 0.0) {
        count = 0.0;
        share = 0.0;
    }
    /* Entries spread evenly over the candle have this deviation. */
    see(arg, (k->high + k->low + k->close) / 3.0,
        (k->high - k->low) / sqrt(12.0), 1.0 - share);
    for (double i = 0.0; i < count; i += 1.0)
        see(arg, liq_decade(first + i, exponent), 0.0, share / count);
}

struct seeding {
    struct book *b;
    const struct setting *s;
    const struct liq_kline *k;
};

static void seed_component(void *arg, double entry, double sigma, double share)
{
    const struct seeding *seed = arg;
    const struct setting *s = seed->s;
    struct book *b = seed->b;

    for (size_t tier = 0; tier < LIQ_TIERS; tier++) {
        double mass =
            seed->k->quote_volume * s->inflow[tier] * share / LIQ_SIDES;

        for (size_t side = 0; side < LIQ_SIDES; side++) {
            struct liq_band band =
                liq_band_of(&s->params, &s->contract, tier, (enum liq_side)side,
                            entry, sigma, mass);

            liq_band_add(&s->axis, &band, (enum liq_side)side, seed->k->close,
                         book_cells(b, s->axis.rows, tier, side),
                         &b->below[tier][side], &b->above[tier][side],
                         &b->discarded);
        }
    }
}

void book_seed(struct book *b, const struct setting *s,
               const struct liq_kline *k)
{
    struct seeding seed = {b, s, k};

    if (k->quote_volume > 0.0)
        book_entries(&s->params, k, seed_component, &seed);
}

void book_step(struct book *b, const struct setting *s,
               const struct liq_kline *k)
{
    decay(b, s, k->open_ms);
    clear(b, &s->axis, k);
    book_seed(b, s, k);
    b->open_ms = k->open_ms;
}

void book_snapshot(const struct book *b, size_t rows, unsigned tiers,
                   unsigned sides, double *out)
{
    memset(out, 0, rows * sizeof *out);
    for (size_t tier = 0; tier < LIQ_TIERS; tier++) {
        if (!(tiers >> tier & 1U))
            continue;
        for (size_t side = 0; side < LIQ_SIDES; side++) {
            const double *cell = book_cells(b, rows, tier, side);

            if (!(sides >> side & 1U))
                continue;
            for (size_t r = 0; r < rows; r++)
                out[r] += cell[r];
        }
    }
}

double book_total(const struct book *b, size_t rows)
{
    double total = 0.0;

    for (size_t i = 0; i < LIQ_TIERS * LIQ_SIDES * rows; i++)
        total += b->cell[i];
    for (size_t tier = 0; tier < LIQ_TIERS; tier++) {
        for (size_t side = 0; side < LIQ_SIDES; side++)
            total += b->below[tier][side] + b->above[tier][side];
    }
    return total;
}
