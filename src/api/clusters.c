#include "clusters.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "internal.h"

/* A power of two. */
#define SLOTS 16384U
#define FULL (SLOTS / 2U)

/* Rows are ln(price) / RATIO; prices from e^-65 to e^65 have one. */
static const double RATIO = 0.0005;
#define ROW_BITS 18
#define ROW_OF_ONE (1 << (ROW_BITS - 1))

static const double CENTS = 100.0;
/* Of a price. */
#define DIGITS 8

/* count 0: a free slot. */
struct slot {
    uint32_t candle_side, row;
    int64_t count;
    double usd, usd_price; /* sums of dollars, of dollars x price */
};

/* Rows are merged from one table into the other. */
struct liq_clusters {
    struct slot table[2][SLOTS];
    struct slot *slot; /* the one that is used */
    size_t n;
    unsigned merged; /* how often rows were merged */
};

struct liq_clusters *liq_clusters_new(void)
{
    struct liq_clusters *c = calloc(1, sizeof *c);

    if (c != NULL)
        c->slot = c->table[0];
    return c;
}

void liq_clusters_free(struct liq_clusters *c)
{
    free(c);
}

/* The slot of a key, or the free one where it belongs. */
static struct slot *slot_of(struct liq_clusters *c, const struct slot *key)
{
    uint32_t hash = (key->candle_side << ROW_BITS ^ key->row) * 2654435761U;
    size_t i = hash >> 16 & (SLOTS - 1U);

    while (c->slot[i].count > 0 &&
           (c->slot[i].candle_side != key->candle_side ||
            c->slot[i].row != key->row))
        i = (i + 1) & (SLOTS - 1U);
    return &c->slot[i];
}

static void put(struct liq_clusters *c, const struct slot *s)
{
    struct slot *to = slot_of(c, s);

    if (to->count == 0) {
        *to = *s;
        c->n++;
        return;
    }
    to->count += s->count;
    to->usd += s->usd;
    to->usd_price += s->usd_price;
}

/* The last merge of all leaves two rows, so this ends below FULL. */
static void merge_rows(struct liq_clusters *c)
{
    struct slot *from = c->slot;

    c->slot = c->table[from == c->table[0]];
    memset(c->slot, 0, sizeof c->table[0]);
    c->n = 0;
    c->merged++;
    for (size_t i = 0; i < SLOTS; i++) {
        from[i].row >>= 1;
        if (from[i].count > 0)
            put(c, &from[i]);
    }
}

void liq_clusters_add(struct liq_clusters *c, size_t candle,
                      const struct liq_liquidation *l)
{
    double row = floor(log(l->price) / RATIO) + ROW_OF_ONE;
    struct slot s = {.candle_side = (uint32_t)(candle << 1) | l->is_long,
                     .count = 1,
                     .usd = l->usd,
                     .usd_price = l->usd * l->price};

    if (!(row >= 0.0 && row < 2.0 * ROW_OF_ONE && l->usd > 0.0))
        return;
    s.row = (uint32_t)row >> c->merged;
    put(c, &s);
    while (c->n > FULL)
        merge_rows(c);
}

/* --- encoding ------------------------------------------------------------- */

/* From the most dollars; the same order whatever the table's. */
static int by_usd(const void *a, const void *b)
{
    const struct slot *x = a, *y = b;

    if (x->usd != y->usd)
        return x->usd < y->usd ? 1 : -1;
    if (x->candle_side != y->candle_side)
        return x->candle_side < y->candle_side ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

static void write_candle(struct liq_jsonw *w, const struct slot *s)
{
    liq_jsonw_int(w, s->candle_side >> 1);
}

static void write_side(struct liq_jsonw *w, const struct slot *s)
{
    liq_jsonw_string(w, s->candle_side & 1U ? "long" : "short");
}

static void write_price(struct liq_jsonw *w, const struct slot *s)
{
    double price = s->usd_price / s->usd;

    liq_encode_rounded(w, NULL, price,
                       pow(10.0, DIGITS - 1 - floor(log10(price))));
}

static void write_usd(struct liq_jsonw *w, const struct slot *s)
{
    liq_encode_rounded(w, NULL, s->usd, CENTS);
}

static void write_count(struct liq_jsonw *w, const struct slot *s)
{
    liq_jsonw_int(w, s->count);
}

static const struct {
    const char *key;
    void (*write)(struct liq_jsonw *w, const struct slot *s);
} columns[] = {
    {"candle", write_candle}, {"side", write_side},   {"price", write_price},
    {"usd", write_usd},       {"count", write_count},
};

/* How many there are, at the front. */
static size_t pack(struct liq_clusters *c)
{
    size_t n = 0;

    for (size_t i = 0; i < SLOTS; i++) {
        if (c->slot[i].count > 0)
            c->slot[n++] = c->slot[i];
    }
    return n;
}

void liq_clusters_encode(struct liq_clusters *c, struct liq_jsonw *w)
{
    size_t all = pack(c), n = all < LIQ_CLUSTERS_MAX ? all : LIQ_CLUSTERS_MAX;

    qsort(c->slot, all, sizeof *c->slot, by_usd);
    liq_jsonw_key(w, "clusters");
    liq_jsonw_open_object(w);
    liq_encode_rounded(w, "row_percent",
                       100.0 * expm1(ldexp(RATIO, (int)c->merged)), 1000.0);
    liq_jsonw_key_int(w, "all", (int64_t)all);
    for (size_t k = 0; k < sizeof columns / sizeof *columns; k++) {
        liq_jsonw_key(w, columns[k].key);
        liq_jsonw_open_array(w);
        for (size_t i = 0; i < n; i++)
            columns[k].write(w, &c->slot[i]);
        liq_jsonw_close_array(w);
    }
    liq_jsonw_close_object(w);
}
