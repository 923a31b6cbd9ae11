/* Where prices and columns are on the chart. */
#include <math.h>
#include "draw.h"

void liq_chart_view(const struct liq_picture *p, double *low, double *high)
{
    const struct liq_axis *a = &p->grid.axis;
    double top = a->price_min + (double)a->rows * a->price_step;
    double least = p->grid.candle[0].low, most = p->grid.candle[0].high;
    double height, room, step;

    for (size_t i = 1; i < p->grid.columns; i++) {
        least = fmin(least, p->grid.candle[i].low);
        most = fmax(most, p->grid.candle[i].high);
    }
    height = fmax(most - least, a->price_step);
    /* Quiet hours still show the levels of 100x, 1 % away, as long as that
     * leaves the candles a sixth of the height. */
    room = fmax(0.42 * height, fmin(0.012 * p->last, 2.5 * height));
    step = a->price_step * exp2(fmax(0.0, floor(log2((height + 2.0 * room) /
                                                     a->price_step / 16.0))));
    *low = p->whole ? a->price_min
                    : fmin(least, fmax(a->price_min,
                                       step * floor((least - room) / step)));
    *high = p->whole ? top
                     : fmax(most, fmin(top, step * ceil((most + room) / step)));
}

/* From a price to a length on the axis. */
static double ruler(const struct liq_chart *h, double price)
{
    return h->p->look.log_price ? log(price) : price;
}

double liq_chart_y(const struct liq_chart *h, double price)
{
    double low = ruler(h, h->low), high = ruler(h, h->high);
    double share = (ruler(h, fmax(price, 1e-12)) - low) / (high - low);

    return h->pane.bottom - share * (h->pane.bottom - h->pane.top);
}

double liq_chart_price(const struct liq_chart *h, double y)
{
    double low = ruler(h, h->low), high = ruler(h, h->high);
    double at = low + (h->pane.bottom - y) / (h->pane.bottom - h->pane.top) *
                          (high - low);

    return h->p->look.log_price ? exp(at) : at;
}

double liq_chart_x(const struct liq_chart *h, double column)
{
    return h->pane.left + (column + 0.5) * h->column_px;
}
