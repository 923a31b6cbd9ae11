/* A message of a stream of executed liquidations: first byte the exchange, then
 * the text.  What is read of it can be written to the store. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "liqmap/feed.h"
#include "unit/exchange/guard.h"

#define INPUT_MAX ((size_t)64 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void promise(int kept)
{
    if (!kept)
        abort();
}

static void check(void *arg, const char *symbol,
                  const struct liq_liquidation *l)
{
    (void)arg;
    promise(strlen(symbol) >= 2 && strlen(symbol) < 32);
    promise(strspn(symbol, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") ==
            strlen(symbol));
    promise(l->time_ms > 0 && l->price > 0.0 && isfinite(l->price));
    promise(l->quantity > 0.0 && isfinite(l->quantity));
    promise(l->usd > 0.0 && isfinite(l->usd));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct guard g;
    static size_t feeds;
    struct liq_reason why = {0};
    enum liq_err err;

    if (g.map == NULL)
        g = guard_new(INPUT_MAX);
    while (liq_feed_at(feeds))
        feeds++;
    if (n < 1 || n > INPUT_MAX)
        return 0;
    err =
        liq_feed_read(liq_feed_at(data[0] % feeds),
                      guard_put(&g, data + 1, n - 1), n - 1, check, NULL, &why);
    promise(err == LIQ_OK || why.text[0] != '\0');
    return 0;
}
