/* A report as JSON. */
#include "words.h"
#include "liqmap/interval.h"
#include "liqmap/jsonw.h"

static void model(const struct liq_report *r, const char *key,
                  const struct liq_params *p, struct liq_jsonw *w)
{
    liq_jsonw_key(w, key);
    liq_jsonw_open_object(w);
    liq_jsonw_key_string(w, "name", LIQ_MODEL_NAME);
    liq_jsonw_key_int(w, "version", LIQ_MODEL_VERSION);
    liq_jsonw_key_number(w, "leverage_spread", p->leverage_spread);
    liq_jsonw_key_number(w, "round_number_share", p->round_number_share);
    liq_jsonw_key_number(w, "max_leverage", r->contract.max_leverage);
    liq_jsonw_key_number(w, "maintenance_margin_rate",
                         p->maintenance_margin_rate);
    liq_jsonw_key_bool(w, "inverse", r->contract.inverse);
    liq_jsonw_key(w, "tiers");
    liq_jsonw_open_array(w);
    for (size_t k = 0; k < LIQ_TIERS; k++) {
        const struct liq_tier *t = &p->tier[k];

        liq_jsonw_open_object(w);
        liq_jsonw_key_number(w, "leverage", t->leverage);
        liq_jsonw_key_number(w, "standing_share", t->standing_share);
        liq_jsonw_key_number(w, "half_life_hours", t->half_life_hours);
        liq_jsonw_close_object(w);
    }
    liq_jsonw_close_array(w);
    liq_jsonw_close_object(w);
}

static void input(const struct liq_report *r, const struct liq_report_title *t,
                  struct liq_jsonw *w)
{
    liq_jsonw_key(w, "input");
    liq_jsonw_open_object(w);
    liq_jsonw_key_string(w, "candles", t->candles);
    liq_jsonw_key_string(w, "metrics", t->metrics);
    liq_jsonw_key_string(w, "liquidations", t->liquidations);
    liq_jsonw_key_int(w, "n_open_interest", (int64_t)r->n_interest);
    liq_jsonw_key_int(w, "n_liquidations", (int64_t)r->n_executed);
    liq_jsonw_key_string(w, "interval", liq_interval_name(r->display_ms));
    liq_jsonw_key_string(w, "engine_interval", liq_interval_name(r->engine_ms));
    liq_jsonw_key_time(w, "from", r->first_ms);
    liq_jsonw_key_time(w, "to", r->last_ms);
    liq_jsonw_key_int(w, "bars", (int64_t)r->bars);
    liq_jsonw_key_number(w, "row_step", r->step);
    liq_jsonw_close_object(w);
}

static void figure(const struct liq_figure *f, struct liq_jsonw *w)
{
    liq_jsonw_open_object(w);
    liq_jsonw_key_string(w, "map", f->map);
    liq_jsonw_key_string(w, "what", f->what);
    liq_jsonw_key_string(w, "unit", f->unit);
    liq_jsonw_key_number(w, "value", f->value);
    liq_jsonw_key_number(w, "low", f->low);
    liq_jsonw_key_number(w, "high", f->high);
    liq_jsonw_key_number(w, "nothing", f->none);
    liq_jsonw_key_int(w, "n", (int64_t)f->n);
    liq_jsonw_key_int(w, "blocks", (int64_t)f->blocks);
    liq_jsonw_key_string(w, "verdict", figure_verdict(f));
    liq_jsonw_close_object(w);
}

static void measure(const struct liq_report *r, enum liq_measure m,
                    struct liq_jsonw *w)
{
    liq_jsonw_key(w, liq_measure_name(m));
    liq_jsonw_open_object(w);
    liq_jsonw_key_string(w, "missing", r->missing[m]);
    liq_jsonw_key(w, "figures");
    liq_jsonw_open_array(w);
    for (size_t i = 0; i < r->n; i++) {
        if (r->figure[i].measure == m)
            figure(&r->figure[i], w);
    }
    liq_jsonw_close_array(w);
    liq_jsonw_close_object(w);
}

void liq_report_json(const struct liq_report *r,
                     const struct liq_report_title *t, struct liq_buf *out)
{
    char text[WORDS_SIZE];
    struct liq_jsonw w;

    liq_jsonw_init(&w, out);
    liq_jsonw_open_object(&w);
    liq_jsonw_key_string(&w, "symbol", t->symbol);
    liq_jsonw_key_string(&w, "build", t->build);
    liq_jsonw_key_string(&w, "compared", t->compared);
    model(r, "model", &r->params, &w);
    if (t->compared != NULL)
        model(r, "minus_model", &r->minus, &w);
    input(r, t, &w);
    liq_jsonw_key_int(&w, "draws", (int64_t)r->draws);
    liq_jsonw_key_int(&w, "seed", (int64_t)r->seed);
    liq_jsonw_key_string(&w, "block", r->weekly ? "week" : "day");
    liq_jsonw_key(&w, "summary");
    liq_jsonw_open_array(&w);
    for (size_t i = 0; t->compared == NULL && report_sentence(r, i, text); i++)
        liq_jsonw_string(&w, text);
    liq_jsonw_close_array(&w);
    liq_jsonw_key(&w, "measures");
    liq_jsonw_open_object(&w);
    for (int m = 0; m < LIQ_MEASURES; m++)
        measure(r, (enum liq_measure)m, &w);
    liq_jsonw_close_object(&w);
    liq_jsonw_close_object(&w);
}
