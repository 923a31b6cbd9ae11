/* Counted items, and the keys they are found by. */
#include "liqmap/cache.h"

#include <stdio.h>
#include <string.h>

/* Keys are compared byte by byte, so no byte may be padding. */
_Static_assert(sizeof(struct liq_key) ==
                   8 * sizeof(int32_t) + 2 * sizeof(uint32_t) + 16 + 48 +
                       3 * sizeof(int64_t) + 5 * sizeof(double) +
                       sizeof(uint64_t),
               "struct liq_key has padding");

void liq_item_init(struct liq_item *item, void (*destroy)(struct liq_item *))
{
    memset(item, 0, sizeof *item);
    atomic_init(&item->refs, 1);
    item->destroy = destroy;
}

struct liq_item *liq_item_hold(struct liq_item *item)
{
    if (item)
        atomic_fetch_add_explicit(&item->refs, 1, memory_order_relaxed);
    return item;
}

void liq_item_release(struct liq_item *item)
{
    if (item &&
        atomic_fetch_sub_explicit(&item->refs, 1, memory_order_acq_rel) == 1)
        item->destroy(item);
}

struct liq_key liq_key_of(enum liq_kind kind, const char *exchange,
                          const char *symbol)
{
    struct liq_key k;

    memset(&k, 0, sizeof k);
    k.kind = (int32_t)kind;
    snprintf(k.exchange, sizeof k.exchange, "%s", exchange ? exchange : "");
    snprintf(k.symbol, sizeof k.symbol, "%s", symbol ? symbol : "");
    return k;
}
