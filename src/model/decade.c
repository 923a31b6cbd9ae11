#include "decade.h"

#include <math.h>

double liq_decade(double digit, int exponent)
{
    /* Powers up to 10^22 are exact in binary, so one division rounds once;
     * multiplying by 0.001 would round twice. */
    return exponent < 0 ? digit / pow(10.0, -exponent)
                        : digit * pow(10.0, exponent);
}

int liq_decade_of(double x)
{
    int n = (int)floor(log10(x));

    /* log10 may be a bit off next to a power of ten. */
    while (liq_decade(1.0, n) > x)
        n--;
    while (liq_decade(1.0, n + 1) <= x)
        n++;
    return n;
}

struct liq_round liq_round_up(double x, const double *digit, size_t n_digit)
{
    int n = liq_decade_of(x);

    for (size_t i = 0; i < n_digit; i++) {
        if (liq_decade(digit[i], n) >= x)
            return (struct liq_round){digit[i], n};
    }
    return (struct liq_round){digit[0], n + 1};
}
