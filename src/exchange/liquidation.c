/* Executed liquidations of exchanges that report them by request. */
#include "plan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "liqmap/json.h"

/* More than any exchange gives in one body. */
#define ROWS_MAX 5000

void liq_liquidations_free(struct liq_liquidations *l)
{
    if (l == NULL)
        return;
    free(l->at);
    memset(l, 0, sizeof *l);
}

bool liq_liquidation_side(const char *side, const char *long_side,
                          bool *is_long)
{
    *is_long = strcasecmp(side, long_side) == 0;
    return strcasecmp(side, "buy") == 0 || strcasecmp(side, "sell") == 0;
}

/* False: what is needed is missing or makes no sense. */
static bool read_row(const struct liq_reading *r, double base,
                     const struct cJSON *row, struct liq_liquidation *out)
{
    const struct liq_liquidation_table *t = &r->row->liquidations;
    double price =
        liq_json_number(liq_json_at(row, t->price)) * r->query->scale;
    double size = liq_json_number(liq_json_at(row, t->size));
    int64_t time = liq_read_time(r->row, liq_json_at(row, t->time));
    bool is_long = size > 0.0;

    if (t->side != NULL &&
        !liq_liquidation_side(liq_json_text(liq_json_at(row, t->side)),
                              t->long_side, &is_long))
        return false;
    *out = (struct liq_liquidation){.time_ms = time,
                                    .is_long = is_long,
                                    .sampled = t->sampled,
                                    .price = price};
    out->usd =
        t->quote ? fabs(size) : fabs(size) * base * price / r->query->scale;
    out->quantity = out->usd / price;
    return time > 0 && price > 0.0 && isfinite(out->quantity) &&
           isfinite(out->usd) && out->usd > 0.0;
}

/* Rows that cannot be read are skipped, unless none can be. */
static enum liq_err read_rows(const struct liq_reading *r, double base,
                              struct liq_liquidations *out,
                              struct liq_reason *why)
{
    const struct cJSON *list =
        liq_json_at(liq_json_at(r->root, r->row->envelope.data),
                    r->row->liquidations.request.data);
    const struct cJSON *item;
    size_t n = 0;

    for (item = liq_json_first(list); item; item = liq_json_next(item))
        n++;
    if (!liq_json_is_array(list) || n > ROWS_MAX)
        return liq_fail(why, LIQ_EFORMAT, "liquidations: no array");
    out->at = calloc(n + 1, sizeof *out->at);
    if (out->at == NULL)
        return liq_fail(why, LIQ_ENOMEM, "no memory");
    for (item = liq_json_first(list); item; item = liq_json_next(item))
        out->n += read_row(r, base, item, &out->at[out->n]);
    if (n > 0 && out->n == 0) {
        liq_liquidations_free(out);
        return liq_fail(why, LIQ_EFORMAT,
                        "liquidations: no row has a time, price and size");
    }
    return LIQ_OK;
}

static void after_liquidations(struct liq_plan *p)
{
    struct liq_request *r = &p->request[p->n - 1];
    struct liq_reading reading = {p->x->row, &p->query, r->root, r->at_ms};
    struct liq_reason why = r->why;
    enum liq_err err = why.code;
    double base = 1.0;

    if (err == LIQ_OK)
        err = liq_depth_base(p, p->x->row->liquidations.contracts, &base, &why);
    if (err == LIQ_OK) {
        err = read_rows(&reading, base, &p->fetch->liquidations, &why);
        r->read = why;
    }
    liq_plan_finish(p, err, &why);
}

void liq_liquidations_begin(struct liq_plan *p)
{
    struct liq_reason why;
    enum liq_err err;

    memset(&why, 0, sizeof why);
    err = liq_plan_liquidations(p, &why);
    if (err != LIQ_OK)
        liq_plan_finish(p, err, &why);
    else
        liq_plan_send(p, after_liquidations);
}
