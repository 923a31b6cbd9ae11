/* The order book of a symbol: one request, and one for the size of a contract
 * where that is not known yet. */
#include "plan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "json.h"

/* More levels of a side than any exchange gives in one body. */
#define LEVELS_MAX 50000

/* Far beyond any size; NaN is not in it either. */
#define VALUE_MAX 1e24

void liq_depth_free(struct liq_depth *d)
{
    if (d == NULL)
        return;
    free(d->bid);
    free(d->ask);
    memset(d, 0, sizeof *d);
}

/* --- a side --------------------------------------------------------------- */

static int upward(const void *a, const void *b)
{
    const struct liq_depth_level *x = a, *y = b;

    return (x->price > y->price) - (x->price < y->price);
}

static int downward(const void *a, const void *b)
{
    return upward(b, a);
}

static bool in_order(const struct liq_depth_level *at, size_t n,
                     int (*order)(const void *, const void *))
{
    size_t i;

    for (i = 1; i < n; i++)
        if (order(&at[i - 1], &at[i]) > 0)
            return false;
    return true;
}

static bool is_amount(double x)
{
    return x >= 0.0 && x <= VALUE_MAX;
}

static size_t count(const struct cJSON *list)
{
    const struct cJSON *item;
    size_t n = 0;

    for (item = liq_json_first(list); item; item = liq_json_next(item))
        n++;
    return n;
}

/* Its levels into *out[*n], the best first; a level without a size is none. */
static enum liq_err read_side(const struct liq_reading *r, const char *path,
                              double base,
                              int (*order)(const void *, const void *),
                              struct liq_depth_level **out, size_t *n,
                              struct liq_reason *why)
{
    const struct liq_depth_table *t = &r->row->depth;
    const char *data = t->request.data;
    const struct cJSON *from =
        data != NULL && data[0] == '/'
            ? liq_json_at(r->root, data + 1)
            : liq_json_at(liq_json_at(r->root, r->row->envelope.data), data);
    const struct cJSON *list = liq_json_at(from, path), *item;
    size_t size = count(list);

    if (!liq_json_is_array(list) || size > LEVELS_MAX)
        return liq_fail(why, LIQ_EFORMAT, "order book: no array %s", path);
    *out = calloc(size + 1, sizeof **out);
    if (*out == NULL)
        return liq_fail(why, LIQ_ENOMEM, "no memory");
    for (item = liq_json_first(list); item; item = liq_json_next(item)) {
        struct liq_depth_level l = {
            liq_json_number(liq_json_at(item, t->price)) * r->query->scale,
            liq_json_number(liq_json_at(item, t->size)) * base /
                r->query->scale};

        if (!liq_price_fits(l.price) || !is_amount(l.base))
            return liq_fail(why, LIQ_EFORMAT,
                            "order book: a level of %s has no price or size",
                            path);
        if (l.base > 0.0)
            (*out)[(*n)++] = l;
    }
    if (!in_order(*out, *n, order))
        qsort(*out, *n, sizeof **out, order);
    return LIQ_OK;
}

enum liq_err liq_read_depth(const struct liq_reading *r, double base,
                            struct liq_depth *out, struct liq_reason *why)
{
    const struct liq_depth_table *t = &r->row->depth;
    enum liq_err err =
        read_side(r, t->bids, base, downward, &out->bid, &out->n_bid, why);

    if (err == LIQ_OK)
        err = read_side(r, t->asks, base, upward, &out->ask, &out->n_ask, why);
    if (err == LIQ_OK && (out->n_bid == 0 || out->n_ask == 0))
        err = liq_fail(why, LIQ_EFORMAT, "order book: a side is empty");
    if (err == LIQ_OK && out->bid[0].price > out->ask[0].price)
        err = liq_fail(why, LIQ_EFORMAT, "order book: bids and asks cross");
    if (err != LIQ_OK)
        liq_depth_free(out);
    return err;
}

/* --- the fetch ------------------------------------------------------------ */

static struct liq_reading reading_of(const struct liq_plan *p,
                                     const struct liq_request *r)
{
    return (struct liq_reading){p->x->row, &p->query, r->root, r->at_ms};
}

enum liq_err liq_depth_base(struct liq_plan *p, bool contracts, double *base,
                            struct liq_reason *why)
{
    struct liq_found found = liq_found_nothing();
    struct liq_request *r = &p->request[0];
    enum liq_err err = r->root != NULL ? LIQ_OK : r->why.code;

    *base = 1.0;
    if (!contracts)
        return LIQ_OK;
    if (err == LIQ_OK && r->root != NULL) {
        struct liq_reading reading = reading_of(p, r);

        err = liq_read_endpoint(&reading, r->endpoint, &found, &r->read);
    }
    *base = found.contract_size;
    if (!(*base > 0.0) && err != LIQ_ENOTFOUND)
        *base = liq_size_documented(p);
    if (*base > 0.0)
        return LIQ_OK;
    *why = r->why.code != LIQ_OK ? r->why : r->read;
    return why->code != LIQ_OK
               ? why->code
               : liq_fail(why, LIQ_EFORMAT,
                          "the contract size of %s is not known",
                          p->fetch->symbol);
}

static void after_depth(struct liq_plan *p)
{
    struct liq_request *r = &p->request[p->n - 1];
    struct liq_reason why = r->why;
    enum liq_err err = why.code;
    double base;

    if (err == LIQ_OK)
        err = liq_depth_base(p, p->x->row->depth.contracts, &base, &why);
    if (err == LIQ_OK) {
        struct liq_reading reading = reading_of(p, r);

        err = liq_read_depth(&reading, base, &p->fetch->depth, &why);
        r->read = why;
    }
    liq_plan_finish(p, err, &why);
}

void liq_depth_begin(struct liq_plan *p)
{
    struct liq_reason why;
    enum liq_err err;

    memset(&why, 0, sizeof why);
    err = liq_plan_depth(p, &why);
    if (err != LIQ_OK)
        liq_plan_finish(p, err, &why);
    else
        liq_plan_send(p, after_depth);
}
