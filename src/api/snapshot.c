#include "snapshot.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "weights.h"

static void snapshot_destroy(struct liq_item *item)
{
    struct liq_snapshot *m = (struct liq_snapshot *)(void *)item;

    for (size_t i = 0; i < m->n; i++)
        liq_item_release(&m->layer[i].series->item);
    liq_map_free(m->map);
    free(m);
}

static struct liq_snapshot *snapshot_new(void)
{
    struct liq_snapshot *m = calloc(1, sizeof *m);

    if (m)
        liq_item_init(&m->item, snapshot_destroy);
    return m;
}

/* Values that the model refuses come from the exchange, not from the query. */
static enum liq_err fail_map(const struct liq_series *s, enum liq_err err,
                             struct liq_reason *why)
{
    if (err == LIQ_ENOMEM) {
        liq_fail(why, err, "no memory for a map");
        return err;
    }
    (void)liq_refused_candles(s->exchange, why);
    return LIQ_EFORMAT;
}

/* MODEL.md (10): each open contract has a long and a short. */
static double usd_per_unit_of(double usd, const struct liq_book *b)
{
    return b->total > 0.0 && usd > 0.0 ? 2.0 * usd / b->total : NAN;
}

/* Fill what is read off m->map. */
static void complete(struct liq_snapshot *m)
{
    double usd = m->layer[0].usd;

    for (size_t i = 0; i < m->n; i++) {
        usd += i > 0 ? m->layer[i].usd : 0.0;
        m->part[i] = &m->layer[i].series->item;
    }
    m->grid = liq_map_grid(m->map);
    m->book = liq_map_book(m->map);
    m->quantum = liq_quantum(m->grid.max);
    m->max = round(m->grid.max / m->quantum);
    m->usd_per_unit = usd_per_unit_of(usd, &m->book);
    m->item.bytes = sizeof *m + liq_map_bytes(m->map);
    /* The cache may have replaced a series by a newer one. */
    m->item.part = m->part;
    m->item.n_part = m->n;
}

static struct liq_key key_of(const struct liq_query *q,
                             const struct liq_exchange *x)
{
    struct liq_key key =
        liq_key_of(LIQ_KIND_MAP, x ? x->name : NULL, q->symbol);

    key.choice = (int32_t)q->choice; /* all: on the axis of another exchange */
    key.contracts = (int32_t)q->contracts;
    key.display_ms = q->display_ms;
    key.end_ms = q->end_ms;
    key.bars = q->bars;
    key.rows = q->rows;
    key.range_tenths = q->range_tenths;
    key.tiers = q->tiers;
    key.sides = q->sides;
    return key;
}

static void publish(const struct liq_content *c, const struct liq_exchange *x,
                    struct liq_snapshot *m)
{
    struct liq_key key = key_of(c->query, x);
    const struct liq_series *s = m->layer[0].series;

    m->item.rank = s->end_ms ? LIQ_RANK_PAST : LIQ_RANK_MAP;
    m->item.order = s->fetched_ms;
    m->item.usable_until_ms = INT64_MAX; /* to be continued */
    liq_item_release(liq_cache_offer(c->api->options.cache, &key, c->now_ms,
                                     liq_item_hold(&m->item)));
}

static struct liq_snapshot *published(const struct liq_content *c,
                                      const struct liq_exchange *x)
{
    struct liq_key key = key_of(c->query, x);

    return (struct liq_snapshot *)(void *)liq_cache_peek(c->api->options.cache,
                                                         &key, c->now_ms);
}

/* --- one exchange --------------------------------------------------------- */

/* The axis of a query over engine candles. */
static enum liq_err axis_of(const struct liq_query *q,
                            const struct liq_klines *k, struct liq_axis *out)
{
    size_t bars = (size_t)q->bars, n;
    struct liq_klines display;
    enum liq_err err;

    if (q->range_tenths > 0)
        return liq_axis_around(k->at[k->n - 1].close, q->range_tenths / 10.0,
                               q->rows, out);
    err = liq_klines_aggregate(k->at, k->n, q->display_ms, &display);
    if (err)
        return err;
    n = display.n < bars ? display.n : bars;
    err = liq_axis_fit(display.at + (display.n - n), n, q->rows, out);
    free(display.at);
    return err;
}

static bool same_axis(const struct liq_axis *a, const struct liq_axis *b)
{
    return a->price_min == b->price_min && a->price_step == b->price_step &&
           a->rows == b->rows;
}

struct liq_contract liq_series_contract(const struct liq_api *a,
                                        const struct liq_series *s)
{
    struct liq_contract c = s->data.contract;

    if (liq_contract_valid(&c) && c.source)
        return c;
    c = liq_contract_default;
    c.maintenance_margin_rate = a->params.maintenance_margin_rate;
    c.inverse = s->data.contract.inverse;
    return c;
}

static enum liq_err run_timed(struct liq_api *a, struct liq_map *map,
                              const struct liq_run *run)
{
    int64_t began_ms = liq_api_now(a);
    enum liq_err err = liq_map_run(map, run);

    liq_count_model(a, liq_api_now(a) - began_ms);
    return err;
}

static struct liq_run run_of(const struct liq_api *a, const struct liq_query *q,
                             const struct liq_series *s,
                             const struct liq_klines *k,
                             const struct liq_axis *axis)
{
    return (struct liq_run){.params = &a->params,
                            .kline = k->at,
                            .n = k->n,
                            .epoch = s->epoch,
                            .display_ms = s->display_ms,
                            .axis = *axis,
                            .bars = (size_t)q->bars,
                            .tiers = q->tiers,
                            .sides = q->sides,
                            .contract = liq_series_contract(a, s)};
}

/* The map of a source, continued from a copy of old's map (NULL: from the
 * start).  k are its candles. */
static enum liq_err
run_layer(const struct liq_content *c, const struct liq_source *p,
          const struct liq_klines *k, const struct liq_axis *axis,
          const struct liq_snapshot *old, struct liq_snapshot **out)
{
    struct liq_snapshot *m = snapshot_new();
    struct liq_layer *l;
    enum liq_err err;

    if (!m)
        return LIQ_ENOMEM;
    l = &m->layer[m->n++];
    l->series = p->series;
    (void)liq_item_hold(&p->series->item);
    l->run = run_of(c->api, c->query, p->series, k, axis);
    l->usd = p->usd;
    l->weight = 1.0;
    err = old ? liq_map_copy(old->map, &m->map) : liq_map_new(&m->map);
    if (!err)
        err = run_timed(c->api, m->map, &l->run);
    l->run.kline = NULL;
    if (err) {
        liq_item_release(&m->item);
        return err;
    }
    complete(m);
    l->usd_per_unit = m->usd_per_unit;
    *out = m;
    return LIQ_OK;
}

/* axis NULL: the query's own.  k are the source's candles. */
static enum liq_err find_layer(const struct liq_content *c,
                               const struct liq_source *p,
                               const struct liq_klines *k,
                               const struct liq_axis *axis,
                               struct liq_snapshot **out)
{
    struct liq_snapshot *old;
    struct liq_axis fitted;
    enum liq_err err;

    if (!axis) {
        err = axis_of(c->query, k, &fitted);
        if (err)
            return err;
        axis = &fitted;
    }
    old = published(c, p->exchange);
    if (old && old->layer[0].series == p->series &&
        same_axis(&old->grid.axis, axis)) {
        *out = old;
        return LIQ_OK;
    }
    err = run_layer(c, p, k, axis, old, out);
    if (old)
        liq_item_release(&old->item);
    if (!err)
        publish(c, p->exchange, *out);
    return err;
}

static enum liq_err try_layer(const struct liq_content *c,
                              const struct liq_source *p,
                              const struct liq_axis *axis,
                              struct liq_snapshot **out, struct liq_reason *why)
{
    struct liq_klines k;
    enum liq_err err = liq_series_candles(p->series, &k);

    if (!err) {
        err = find_layer(c, p, &k, axis, out);
        free(k.at);
    }
    if (err) {
        err = fail_map(p->series, err, why);
        assert(err != LIQ_OK); /* *out is not set */
    }
    return err;
}

/* Let the source have the series of its last good map, as after a refresh that
 * failed.  False: there is none that may still be shown. */
static bool take_last_good(const struct liq_content *c, struct liq_source *p,
                           const struct liq_reason *why)
{
    struct liq_snapshot *old = published(c, p->exchange);
    struct liq_series *good = old ? old->layer[0].series : NULL;
    bool found =
        good && good != p->series && c->now_ms < good->item.usable_until_ms;

    if (found) {
        (void)liq_item_hold(&good->item);
        liq_item_release(&p->series->item);
        p->series = good;
        p->usd = liq_market_data_usd(&good->data);
        p->why = *why;
    }
    liq_item_release(old ? &old->item : NULL);
    return found;
}

static enum liq_err make_layer(const struct liq_content *c,
                               struct liq_source *p,
                               const struct liq_axis *axis,
                               struct liq_snapshot **out,
                               struct liq_reason *why)
{
    enum liq_err err = try_layer(c, p, axis, out, why);
    struct liq_reason ignored;

    if (err == LIQ_EFORMAT)
        atomic_store(&p->series->refused, true);
    if (err && take_last_good(c, p, why))
        err = try_layer(c, p, axis, out, &ignored);
    return err;
}

/* --- the sum of several --------------------------------------------------- */

static void weigh(const struct liq_content *c, struct liq_snapshot *m)
{
    const struct liq_run *first = &m->layer[0].run;
    int64_t newest_ms = m->layer[0].series->newest_ms;
    struct liq_exchange *exchange[LIQ_SOURCES_MAX];
    double weight[LIQ_SOURCES_MAX];

    for (size_t i = 0; i < m->n; i++) {
        double usd = m->layer[i].usd_per_unit;

        exchange[i] = m->layer[i].series->exchange;
        weight[i] = isfinite(usd) ? usd : 0.0;
    }
    if (c->query->end_ms == 0)
        liq_weights_hold(c->api, c->query->symbol, c->query->display_ms,
                         newest_ms - newest_ms % first->display_ms, exchange,
                         weight, m->n);
    for (size_t i = 0; i < m->n; i++)
        m->layer[i].weight = weight[i];
}

/* MODEL.md (16).  part[n] are the layers' own snapshots. */
static enum liq_err sum(const struct liq_content *c,
                        struct liq_snapshot *const *part, size_t n,
                        struct liq_snapshot **out, struct liq_reason *why)
{
    const struct liq_map *map[LIQ_SOURCES_MAX];
    double weight[LIQ_SOURCES_MAX];
    struct liq_snapshot *m = snapshot_new();
    enum liq_err err;

    if (!m)
        return fail_map(part[0]->layer[0].series, LIQ_ENOMEM, why);
    for (size_t i = 0; i < n; i++) {
        m->layer[m->n] = part[i]->layer[0];
        (void)liq_item_hold(&m->layer[m->n++].series->item);
        map[i] = part[i]->map;
    }
    weigh(c, m);
    for (size_t i = 0; i < n; i++)
        weight[i] = m->layer[i].weight;
    err = liq_map_new(&m->map);
    if (!err)
        err = liq_map_sum(m->map, map, weight, n);
    if (err) {
        liq_item_release(&m->item);
        return fail_map(part[0]->layer[0].series, err, why);
    }
    complete(m);
    *out = m;
    return LIQ_OK;
}

static bool same_layers(const struct liq_snapshot *m,
                        struct liq_snapshot *const *part, size_t n)
{
    if (m->n != n || !same_axis(&m->grid.axis, &part[0]->grid.axis))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (m->layer[i].series != part[i]->layer[0].series)
            return false;
    }
    return true;
}

/* Behind the first by name: added in any other order the last bits differ. */
static void sort_parts(struct liq_snapshot **part, size_t n)
{
    for (size_t i = 2; i < n; i++) {
        struct liq_snapshot *p = part[i];
        const char *name = p->layer[0].series->exchange->name;
        size_t j = i;

        for (; j > 1 &&
               strcmp(part[j - 1]->layer[0].series->exchange->name, name) > 0;
             j--)
            part[j] = part[j - 1];
        part[j] = p;
    }
}

/* The layers of the other sources, on the axis of the first; part[0] is its
 * own.  One that cannot be made is excluded.  How many there are. */
static size_t make_parts(const struct liq_content *c,
                         struct liq_snapshot **part)
{
    struct liq_sources *s = c->sources;
    struct liq_reason why;
    size_t n = 1;

    while (n < s->n_used) {
        if (make_layer(c, &s->at[n], &part[0]->layer[0].run.axis, &part[n],
                       &why) == LIQ_OK)
            n++;
        else
            liq_sources_exclude(s, n, &why);
    }
    return n;
}

static enum liq_err make_sum(const struct liq_content *c,
                             struct liq_snapshot *first,
                             struct liq_snapshot **out, struct liq_reason *why)
{
    struct liq_snapshot *part[LIQ_SOURCES_MAX] = {first}, *old;
    size_t n = make_parts(c, part);
    enum liq_err err = LIQ_OK;

    sort_parts(part, n);
    old = published(c, NULL);
    if (old && same_layers(old, part, n)) {
        *out = old;
        old = NULL;
    } else {
        err = sum(c, part, n, out, why);
        if (!err)
            publish(c, NULL, *out);
    }
    if (old)
        liq_item_release(&old->item);
    for (size_t i = 0; i < n; i++)
        liq_item_release(&part[i]->item);
    return err;
}

/* The layer whose candles are shown. */
static enum liq_err make_first(const struct liq_content *c,
                               struct liq_snapshot **out,
                               struct liq_reason *why)
{
    struct liq_sources *s = c->sources;
    enum liq_err err = make_layer(c, &s->at[0], NULL, out, why);

    while (err && s->n_used > 1) {
        liq_sources_exclude(s, 0, why);
        err = make_layer(c, &s->at[0], NULL, out, why);
    }
    return err;
}

enum liq_err liq_snapshot_make(struct liq_content *c, struct liq_snapshot **out,
                               struct liq_reason *why)
{
    struct liq_snapshot *first;
    enum liq_err err = make_first(c, &first, why);
    const struct liq_source *shown = &c->sources->at[0];

    if (!err && c->query->choice == LIQ_CHOOSE_ALL &&
        isfinite(first->layer[0].usd_per_unit))
        err = make_sum(c, first, out, why);
    else if (!err)
        *out = first;
    c->series = shown->series;
    c->stale_reason = shown->why.code ? shown->why.text : NULL;
    return err;
}

double liq_snapshot_usd(const struct liq_snapshot *m, double mass)
{
    return round(mass * m->usd_per_unit);
}
