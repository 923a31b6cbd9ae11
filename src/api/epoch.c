/* The epoch of a snapshot: a hash of what its closed columns follow from, so
 * that a restart does not change it. */
#include "snapshot.h"

#include <stdio.h>
#include <string.h>

static uint64_t add_bytes(uint64_t hash, const void *data, size_t n)
{
    const unsigned char *at = data;

    /* FNV-1a */
    for (size_t i = 0; i < n; i++)
        hash = (hash ^ at[i]) * UINT64_C(1099511628211);
    return hash;
}

static uint64_t add_number(uint64_t hash, double value)
{
    return add_bytes(hash, &value, sizeof value);
}

static uint64_t add_params(uint64_t hash, const struct liq_params *p)
{
    for (size_t k = 0; k < LIQ_TIERS; k++) {
        hash = add_number(hash, p->tier[k].standing_share);
        hash = add_number(hash, p->tier[k].half_life_hours);
    }
    hash = add_number(hash, p->leverage_spread);
    return add_number(hash, p->round_number_share);
}

static uint64_t add_layer(uint64_t hash, const struct liq_layer *l)
{
    const struct liq_contract *c = &l->run.contract;
    const struct liq_series *s = l->series;

    hash = add_bytes(hash, s->exchange->name, strlen(s->exchange->name) + 1);
    hash = add_params(hash, l->run.params);
    hash = add_bytes(hash, &s->history, sizeof s->history);
    hash = add_number(hash, c->max_leverage);
    hash = add_number(hash, c->maintenance_margin_rate);
    hash = add_number(hash, c->inverse ? 1.0 : 0.0);
    return add_number(hash, l->weight);
}

/* The newest display candle of a layer. */
static int64_t newest_of(const struct liq_layer *l)
{
    return l->series->newest_ms - l->series->newest_ms % l->run.display_ms;
}

/* Columns from its newest candle on are not what they will be. */
static uint64_t add_behind(uint64_t hash, const struct liq_layer *l,
                           int64_t newest_ms)
{
    return newest_of(l) < newest_ms ? add_number(hash, (double)newest_of(l))
                                    : hash;
}

uint64_t liq_snapshot_epoch(const struct liq_snapshot *m)
{
    uint64_t hash = UINT64_C(14695981039346656037);

    hash = add_number(hash, LIQ_MODEL_VERSION);
    for (size_t i = 0; i < m->n; i++) {
        hash = add_layer(hash, &m->layer[i]);
        hash = add_behind(hash, &m->layer[i], newest_of(&m->layer[0]));
    }
    return hash;
}

void liq_encode_epoch(struct liq_jsonw *w, const struct liq_snapshot *m)
{
    char text[20];

    snprintf(text, sizeof text, "%016llx",
             (unsigned long long)liq_snapshot_epoch(m));
    liq_jsonw_key_string(w, "epoch", text);
}
