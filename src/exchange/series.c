/* What the responses of one series say together. */
#include "plan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "json.h"
#include "liqmap/interval.h"

/* How far a candle may open after the exchange's clock as we know it: a Date
 * header has whole seconds. */
#define CLOCK_BOUND_MS 2000

/* Two figures of one open interest that differ by more are not one. */
#define APART 2.0

static struct liq_reading reading_of(const struct liq_plan *p,
                                     const struct liq_request *r)
{
    struct liq_reading reading = {p->x->row, &p->query, r->root, r->at_ms};

    return reading;
}

/* --- candles -------------------------------------------------------------- */

/* All pages or none: a missing one would be a hole in the series. */
static enum liq_err check_pages(const struct liq_plan *p,
                                struct liq_reason *why)
{
    size_t i;

    for (i = 0; i < p->n_page; i++) {
        if (p->request[i].why.code == LIQ_OK)
            continue;
        *why = p->request[i].why;
        return why->code;
    }
    return LIQ_OK;
}

/* Candles that closed long ago must be the same wherever they are given. */
static bool contradicts(const struct liq_plan *p,
                        const struct liq_kline_list *list)
{
    struct liq_klines k = {list->at, list->n};

    return liq_klines_contradict(&k,
                                 p->query.now_ms - 2 * p->fetch->interval_ms);
}

static enum liq_err read_pages(const struct liq_plan *p, struct liq_klines *out,
                               struct liq_reason *why)
{
    struct liq_kline_list list = {NULL, 0, 0};
    enum liq_err err = LIQ_OK;
    size_t i;

    for (i = 0; err == LIQ_OK && i < p->n_page; i++) {
        struct liq_reading r = reading_of(p, &p->request[i]);
        size_t before = list.n;

        err = liq_read_candles(&r, &list, why);
        if (p->x->observe != NULL && list.n > before)
            liq_observe_page(&p->request[i], list.at + before, list.n - before);
        if (err != LIQ_OK)
            p->request[i].read = *why;
    }
    if (err == LIQ_OK && contradicts(p, &list))
        err = liq_fail(why, LIQ_EFORMAT,
                       "candles: two of one time, and they differ");
    if (err == LIQ_OK && liq_kline_list_end(&list, out) != LIQ_OK)
        err = liq_fail(why, LIQ_ENOMEM, "candles: no memory");
    free(list.at);
    return err;
}

/* They are not used; of the next candle, which may have just opened, nothing is
 * said. */
static void warn_of_future(struct liq_plan *p, const struct liq_klines *k)
{
    int64_t now_ms = liq_limiter_now(p->x->limiter);
    size_t n = 0;

    while (n < k->n && k->at[k->n - 1 - n].open_ms > now_ms + CLOCK_BOUND_MS)
        n++;
    if (n > 0)
        liq_market_data_warn(&p->fetch->data,
                             "candles: %zu open after the exchange's clock; "
                             "not used",
                             n);
}

static enum liq_err read_candles(struct liq_plan *p, struct liq_reason *why)
{
    int64_t step = p->fetch->interval_ms;
    struct liq_klines *out = &p->fetch->data.klines;
    enum liq_err err = read_pages(p, out, why);
    int64_t newest_ms;

    if (err != LIQ_OK)
        return err;
    if (p->fetch->to_ms == 0)
        warn_of_future(p, out);
    /* Live: up to the forming one, which may have opened meanwhile. */
    newest_ms = liq_interval_floor(liq_limiter_now(p->x->limiter), step);
    if (p->fetch->to_ms != 0 || newest_ms < p->last_ms)
        newest_ms = p->last_ms;
    liq_klines_cut(out, step, p->from_ms, newest_ms + step);
    if (out->n == 0)
        return liq_fail(why, LIQ_ENOTFOUND, "no candles of %s in that range",
                        p->fetch->symbol);
    return LIQ_OK;
}

/* --- the rest ------------------------------------------------------------- */

/* What a contract is like stays; all else in a body is of its moment. */
static void take_contract(const struct liq_found *from, struct liq_found *to)
{
    if (!isnan(from->contract_size))
        to->contract_size = from->contract_size;
    if (!isnan(from->contract.max_leverage))
        to->contract = from->contract;
}

/* Read one endpoint into *found.  An older body, or one of now for a fetch of
 * the past, is read for the contract only. */
static enum liq_err read_one(struct liq_plan *p, struct liq_request *r,
                             struct liq_found *found, struct liq_reason *why)
{
    bool old = r->why.code != LIQ_OK && r->root != NULL;
    bool timeless =
        old || (p->query.to_ms != 0 && (r->endpoint->when & LIQ_LIVE));
    struct liq_found read = timeless ? liq_found_nothing() : *found;
    struct liq_reading reading = reading_of(p, r);
    enum liq_err err;

    *why = r->why;
    if (why->code != LIQ_OK && !old)
        return why->code;
    if (r->endpoint->field == NULL && r->endpoint->finish == NULL)
        return why->code;
    err = liq_read_endpoint(&reading, r->endpoint, &read, why);
    if (err != LIQ_OK) {
        r->read = *why;
        return err;
    }
    if (p->x->observe != NULL)
        liq_observe_absent(r, &read);
    if (timeless)
        take_contract(&read, found);
    else
        *found = read;
    return r->why.code;
}

static enum liq_err read_endpoint(struct liq_plan *p, struct liq_request *r,
                                  struct liq_found *found)
{
    struct liq_reason why;
    enum liq_err err = read_one(p, r, found, &why);

    if (err == LIQ_OK || r->endpoint->name == NULL)
        return err;
    if (r->why.code != LIQ_OK)
        why = r->why;
    liq_market_data_warn(&p->fetch->data, "%s: %.100s%s", r->endpoint->name,
                         why.text,
                         r->why.code != LIQ_OK && r->document != NULL
                             ? "; using the last known contract"
                             : "");
    return err;
}

/* Endpoints that say whether the symbol exists come first. */
static enum liq_err read_listing(struct liq_plan *p, struct liq_found *found,
                                 struct liq_reason *why)
{
    size_t i;

    for (i = p->n_page; i < p->n; i++) {
        struct liq_request *r = &p->request[i];

        if ((r->endpoint->flags & LIQ_LISTING) &&
            read_endpoint(p, r, found) == LIQ_ENOTFOUND) {
            *why = r->why;
            return why->code != LIQ_OK
                       ? why->code
                       : liq_fail(why, LIQ_ENOTFOUND, "%s is not listed",
                                  p->query.symbol);
        }
    }
    return LIQ_OK;
}

static void read_others(struct liq_plan *p, struct liq_found *found)
{
    const struct liq_exchange_row *row = p->x->row;
    size_t i;

    for (i = p->n_page; i < p->n; i++)
        if (!(p->request[i].endpoint->flags & LIQ_LISTING))
            (void)read_endpoint(p, &p->request[i], found);
    if (p->history_gone && row->history_end != NULL)
        liq_market_data_warn(&p->fetch->data, "%s", row->history_end);
    if (p->query.to_ms != 0 && row->past != NULL)
        liq_market_data_warn(&p->fetch->data, "%s", row->past);
}

/* --- contract sizes ------------------------------------------------------- */

double liq_size_documented(const struct liq_plan *p)
{
    const struct liq_alias *size = p->x->row->size;
    const char *symbol = p->fetch->symbol;

    for (; size != NULL && size->base != NULL; size++) {
        size_t n = strlen(size->base);

        if (strncmp(symbol, size->base, n) == 0 &&
            strcmp(symbol + n, "USDT") == 0)
            return size->scale;
    }
    return NAN;
}

static enum liq_err set_contract_size(struct liq_plan *p, double found,
                                      struct liq_reason *why)
{
    struct liq_query *q = &p->query;

    if (p->x->row->size == NULL)
        return LIQ_OK;
    q->contract_size = found;
    if (q->contract_size > 0.0)
        return LIQ_OK;
    q->contract_size = liq_size_documented(p);
    if (!(q->contract_size > 0.0))
        return liq_fail(why, LIQ_EFORMAT,
                        "the contract size of %s is not known",
                        p->fetch->symbol);
    liq_market_data_warn(&p->fetch->data,
                         "contract size unavailable; using the documented %g",
                         q->contract_size);
    return LIQ_OK;
}

/* --- limits -----------------------------------------------------------------
 */

static bool is_sane(const struct liq_contract *c)
{
    return isfinite(c->max_leverage) && c->max_leverage >= 1.0 &&
           c->maintenance_margin_rate > 0.0 &&
           c->maintenance_margin_rate < 1.0 / c->max_leverage;
}

const struct liq_limits *
liq_limits_documented(const struct liq_exchange_row *row, const char *base)
{
    const struct liq_limits *l = row->limits;

    while (l != NULL && l->base != NULL && strcmp(l->base, base) != 0)
        l++;
    return l != NULL && l->base != NULL ? l : NULL;
}

static void use_others(const struct liq_plan *p, struct liq_contract *c)
{
    const struct liq_limits *l =
        liq_limits_documented(p->x->row, p->query.base);

    if (l == NULL && p->lent.source != NULL) {
        *c = p->lent;
        c->inverse = p->x->row->inverse;
    }
    if (l == NULL)
        return;
    c->max_leverage = l->max_leverage;
    c->maintenance_margin_rate = l->maintenance_margin_rate;
    c->source = "documented";
}

static void set_contract(struct liq_plan *p, const struct liq_contract *found)
{
    struct liq_contract *c = &p->fetch->data.contract;
    bool said =
        !isnan(found->max_leverage) && !isnan(found->maintenance_margin_rate);

    c->inverse = p->x->row->inverse;
    if (said && is_sane(found)) {
        c->max_leverage = found->max_leverage;
        c->maintenance_margin_rate = found->maintenance_margin_rate;
        c->source = "contract";
        return;
    }
    if (said)
        liq_market_data_warn(&p->fetch->data,
                             "contract limits: %gx with a maintenance margin "
                             "of %g makes no sense; not used",
                             found->max_leverage,
                             found->maintenance_margin_rate);
    use_others(p, c);
}

static enum liq_err read_limits(struct liq_plan *p, struct liq_reason *why)
{
    struct liq_found found = liq_found_nothing();
    enum liq_err err = read_one(p, &p->request[0], &found, why);

    if (err != LIQ_OK)
        return err;
    if (!is_sane(&found.contract))
        return liq_fail(why, LIQ_EFORMAT, "the limits make no sense");
    p->fetch->data.contract = found.contract;
    p->fetch->data.contract.source = "contract";
    return LIQ_OK;
}

static void after_limits(struct liq_plan *p)
{
    struct liq_reason why;

    memset(&why, 0, sizeof why);
    liq_plan_finish(p, read_limits(p, &why), &why);
}

void liq_limits_begin(struct liq_plan *p)
{
    struct liq_reason why;
    enum liq_err err = liq_plan_limits(p, &why);

    if (err != LIQ_OK)
        liq_plan_finish(p, err, &why);
    else
        liq_plan_send(p, after_limits);
}

/* --- together ------------------------------------------------------------- */

/* Most exchanges give open interest in coins, coin-margined ones in dollars;
 * the mark price is what they value positions at. */
static void value_open_interest(struct liq_market_data *d, double price)
{
    struct liq_statistics *s = &d->statistics;

    if (isnan(s->open_interest_usd))
        s->open_interest_usd = s->open_interest * price;
    if (isnan(s->open_interest))
        s->open_interest = s->open_interest_usd / price;
    if (isinf(s->open_interest_usd))
        s->open_interest_usd = NAN;
}

static double price_of(const struct liq_market_data *d)
{
    if (!isnan(d->statistics.mark_price))
        return d->statistics.mark_price;
    return isnan(d->ticker.last) ? d->klines.at[d->klines.n - 1].close
                                 : d->ticker.last;
}

/* Where two endpoints of the exchange say it, they should agree about it. */
static void compare_open_interest(struct liq_market_data *d, double other_usd)
{
    struct liq_statistics *s = &d->statistics;

    if (s->open_interest_usd <= APART * other_usd &&
        other_usd <= APART * s->open_interest_usd)
        return;
    if (isnan(other_usd) || isnan(s->open_interest_usd))
        return;
    liq_market_data_warn(d,
                         "open interest: the ticker says %.3g, the statistics "
                         "%.3g; using the latter",
                         s->open_interest_usd, other_usd);
    s->open_interest = s->open_interest * other_usd / s->open_interest_usd;
    s->open_interest_usd = other_usd;
}

enum liq_err liq_plan_read(struct liq_plan *p, struct liq_reason *why)
{
    struct liq_found found = liq_found_nothing();
    struct liq_market_data *d = &p->fetch->data;
    enum liq_err err = read_listing(p, &found, why);

    if (err == LIQ_OK)
        err = check_pages(p, why);
    if (err == LIQ_OK)
        err = set_contract_size(p, found.contract_size, why);
    if (err == LIQ_OK)
        err = read_candles(p, why);
    if (err != LIQ_OK) {
        if (p->x->observe != NULL)
            read_others(p, &found);
        return err;
    }
    read_others(p, &found);
    set_contract(p, &found.contract);
    d->ticker = found.ticker;
    d->statistics = found.statistics;
    if (d->statistics.funding_interval_ms == 0 && p->query.to_ms == 0)
        d->statistics.funding_interval_ms = p->x->row->funding_ms;
    value_open_interest(d, price_of(d));
    compare_open_interest(d, found.other_usd);
    return LIQ_OK;
}
