/* All measures over one input. */
#include <math.h>
#include <stdlib.h>
#include "study.h"

static const char NO_EXECUTED[] =
    "no reported liquidations were given (--liquidations)";
static const char NOT_THEN[] =
    "no reported liquidations lie in the judged period";
static const char NO_INTEREST[] = "no open interest was given (--metrics)";
static const char INTEREST_NOT_THEN[] =
    "no open interest is known for the judged bars";

static void head(struct study *s)
{
    const struct liq_report_input *in = s->in;
    struct liq_report *r = s->report;

    r->params = *s->params;
    r->contract = in->contract;
    r->engine_ms = in->engine_ms;
    r->display_ms = in->display_ms;
    r->first_ms = s->bars.at[s->first].open_ms;
    r->last_ms = s->bars.at[s->stop - 1].open_ms + in->display_ms;
    r->bars = s->stop - s->first;
    r->n_executed = in->n_executed;
    r->n_interest = in->n_interest;
    r->rows = s->axis.rows;
    r->step = s->axis.price_step;
    r->seed = in->seed;
}

static bool any_finite(const struct table *t, enum column c)
{
    for (size_t i = 0; i < t->n; i++) {
        if (isfinite(t->column[c][i]))
            return true;
    }
    return false;
}

/* Why a measure cannot be made, NULL when it can. */
static const char *missing(const struct study *s, enum liq_measure m)
{
    const struct liq_report_input *in = s->in;
    const char *executed = in->n_executed == 0          ? NO_EXECUTED
                           : any_finite(&s->sides, C_Y) ? NULL
                                                        : NOT_THEN;

    switch (m) {
    case LIQ_MEASURE_SWEEPS:
    case LIQ_MEASURE_DENSE:
    case LIQ_MEASURE_FALSE:
        return executed;
    case LIQ_MEASURE_CALIBRATION:
        if (executed != NULL)
            return executed;
        return in->n_interest == 0                 ? NO_INTEREST
               : any_finite(&s->sides, C_MODELLED) ? NULL
                                                   : INTEREST_NOT_THEN;
    case LIQ_MEASURE_INTEREST:
        return in->n_interest == 0 ? NO_INTEREST
               : s->whole.n > 0    ? NULL
                                   : INTEREST_NOT_THEN;
    default:
        return NULL;
    }
}

static enum liq_err measure_all(struct study *s)
{
    static const struct {
        enum liq_measure measure;
        enum liq_err (*run)(struct study *s);
    } steps[] = {
        {LIQ_MEASURE_SWEEPS, measure_sweeps},
        {LIQ_MEASURE_DENSE, measure_dense},
        {LIQ_MEASURE_TOUCH, touch_figures},
        {LIQ_MEASURE_AFTER, measure_after},
        {LIQ_MEASURE_CALIBRATION, measure_calibration},
        {LIQ_MEASURE_INTEREST, measure_interest},
    };
    enum liq_err err = LIQ_OK;

    for (int m = 0; m < LIQ_MEASURES; m++)
        s->report->missing[m] = missing(s, (enum liq_measure)m);
    for (size_t i = 0; !err && i < sizeof steps / sizeof *steps; i++) {
        if (s->report->missing[steps[i].measure] == NULL)
            err = steps[i].run(s);
    }
    figures_spoil(s->report);
    return err;
}

enum liq_err liq_report_run(const struct liq_report_input *in,
                            const struct liq_params *params,
                            struct liq_report **out, struct liq_reason *why)
{
    struct liq_report *r = calloc(1, sizeof *r);
    struct study s = {.report = r};
    enum liq_err err;

    if (r == NULL)
        return liq_fail(why, LIQ_ENOMEM, "no memory");
    r->draws = in->draws;
    err = study_init(&s, in, params, why);
    if (!err)
        err = study_run(&s);
    if (!err) {
        head(&s);
        err = measure_all(&s);
    }
    study_free(&s);
    if (err) {
        liq_report_free(r);
        if (err == LIQ_ENOMEM)
            return liq_fail(why, err, "no memory");
        if (why->code != err)
            return liq_fail(why, err, "the model cannot use these candles");
        return err;
    }
    *out = r;
    return LIQ_OK;
}
