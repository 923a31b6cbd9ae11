/* The fetches that a check of one exchange takes, one after another. */
#include "doctor.h"

#include <stdlib.h>
#include <string.h>
#include "liqmap/interval.h"

/* A map of 1h with its warm-up, as the daemon fetches it: long enough for pages
 * of old candles where an exchange has an endpoint for those. */
#define DISPLAY_MS LIQ_HOUR_MS
#define BARS 1500
/* What is asked of the past: candles and statistics a day ago. */
#define PAST_MS LIQ_DAY_MS
#define PAST_BARS 12

/* --- what is kept --------------------------------------------------------- */

void cli_check_observe(void *check, const struct liq_observation *o)
{
    struct cli_check *c = check;
    struct cli_route *grown =
        realloc(c->route, (c->n_route + 1) * sizeof *grown);
    struct cli_route *r;

    if (!grown)
        return;
    c->route = grown;
    r = &c->route[c->n_route++];
    memset(r, 0, sizeof *r);
    snprintf(r->what, sizeof r->what, "%s", o->what);
    snprintf(r->absent, sizeof r->absent, "%s", o->absent);
    r->url = strdup(o->url);
    r->post = strdup(o->post);
    r->sent = o->sent;
    r->pool = o->pool;
    r->weight = o->weight;
    r->limit = o->limit;
    r->window_ms = o->window_ms;
    r->used = o->used;
    r->clock_ms = o->clock_ms;
    r->page = o->page;
    r->why = o->why;
}

void cli_check_free(struct cli_check *c)
{
    if (c->x)
        c->x->free(c->x);
    for (size_t i = 0; i < c->n_route; i++) {
        free(c->route[i].url);
        free(c->route[i].post);
    }
    free(c->route);
    cli_tape_free(&c->tape);
}

/* --- steps ---------------------------------------------------------------- */

static int64_t clock_now(const struct cli_check *c)
{
    return c->x->now_ms(c->x);
}

static void set_range(struct cli_check *c)
{
    struct liq_fetch *f = &c->fetch;
    int64_t hour_ms = liq_interval_floor(clock_now(c), LIQ_HOUR_MS);

    f->kind = LIQ_FETCH_SERIES;
    f->interval_ms = c->engine_ms;
    f->from_ms = hour_ms - BARS * DISPLAY_MS;
    if (c->step == CLI_PAST) {
        f->to_ms = hour_ms - PAST_MS;
        f->from_ms = f->to_ms - PAST_BARS * c->engine_ms;
    }
}

static void keep_now(struct cli_check *c)
{
    struct liq_market_data *d = &c->fetch.data;

    c->n_candle = d->klines.n;
    if (d->klines.n > 0)
        c->newest_ms = d->klines.at[d->klines.n - 1].open_ms;
    c->data = *d;
    c->data.klines.at = NULL;
    c->data.klines.n = 0;
}

static void keep_symbols(struct cli_check *c)
{
    const struct liq_symbols *s = &c->fetch.symbols;

    c->n_symbol = s->n;
    for (size_t i = 0; i < s->n; i++) {
        if (strcmp(s->at[i].name, c->doctor->symbol) == 0)
            c->listed = true;
    }
}

/* Without its clock no candles can be requested; where nothing came at all,
 * nothing else will. */
static enum cli_step next_step(const struct cli_check *c)
{
    enum liq_err err = c->why[c->step].code;

    if (c->step == CLI_CLOCK && clock_now(c) == 0)
        return err == LIQ_EFORMAT || err == LIQ_ENET ? CLI_SYMBOLS : CLI_STEPS;
    if (c->step == CLI_PAST && c->x->depth_ms == 0)
        return CLI_SYMBOLS;
    return (enum cli_step)(c->step + 1);
}

static void take_step(struct cli_check *c);

static void step_ended(struct liq_fetch *f)
{
    struct cli_check *c =
        (struct cli_check *)((char *)f - offsetof(struct cli_check, fetch));

    c->why[c->step] = f->why;
    if (c->step == CLI_NOW)
        keep_now(c);
    if (c->step == CLI_SYMBOLS)
        keep_symbols(c);
    if (c->step == CLI_DEPTH && f->why.code == LIQ_OK)
        c->middle = 0.5 * (f->depth.bid[0].price + f->depth.ask[0].price);
    liq_market_data_free(&f->data);
    liq_symbols_free(&f->symbols);
    liq_depth_free(&f->depth);
    c->step = next_step(c);
    take_step(c);
}

static void take_step(struct cli_check *c)
{
    struct liq_fetch *f = &c->fetch;
    const struct liq_clock *clock = &c->tape.clock;

    if (c->step >= CLI_STEPS) {
        c->ended(c);
        return;
    }
    memset(f, 0, sizeof *f);
    f->kind = c->step == CLI_CLOCK   ? LIQ_FETCH_CLOCK
              : c->step == CLI_DEPTH ? LIQ_FETCH_DEPTH
                                     : LIQ_FETCH_SYMBOLS;
    snprintf(f->symbol, sizeof f->symbol, "%s", c->doctor->symbol);
    if (c->step == CLI_NOW || c->step == CLI_PAST)
        set_range(c);
    f->deadline_ms = clock->mono_ms(clock) + c->deadline_ms;
    f->done = step_ended;
    c->asked[c->step] = true;
    c->x->fetch(c->x, f);
}

void cli_check_start(struct cli_check *c, int64_t deadline_ms,
                     void (*ended)(struct cli_check *c))
{
    c->engine_ms = c->x->engine_ms(c->x, DISPLAY_MS);
    c->deadline_ms = deadline_ms;
    c->ended = ended;
    c->step = CLI_CLOCK;
    take_step(c);
}
