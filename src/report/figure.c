/* Figures: made, judged, compared. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "study.h"

/* What a placebo may show without being called more than noise, by unit: R2
 * gains and lifts in points, ratios as a factor. */
static const double NOISE_POINTS = 1.0, NOISE_RATIO = 1.25, NOISE_PERCENT = 5.0,
                    NOISE_MOVE = 0.1;

const char *liq_measure_name(enum liq_measure m)
{
    static const char *const name[LIQ_MEASURES] = {
        "sweeps", "dense", "false_positives", "touch",
        "levels", "after", "calibration",     "open_interest"};

    return name[m];
}

bool liq_figure_established(const struct liq_figure *f)
{
    return !f->spoiled && (f->low > f->none || (!f->gain && f->high < f->none));
}

bool liq_figure_broken(const struct liq_figure *f)
{
    double noise = strcmp(f->unit, "%") == 0      ? NOISE_PERCENT
                   : strcmp(f->unit, "% px") == 0 ? NOISE_MOVE
                                                  : NOISE_POINTS;

    if (strcmp(f->map, map_name[MAP_REAL]) == 0)
        return false;
    if (strcmp(f->unit, "x") == 0)
        return f->low > NOISE_RATIO;
    return f->low > f->none + noise;
}

static size_t blocks_with_rows(const struct study *s, const struct sums *block)
{
    size_t n = 0;

    for (size_t k = 0; k < s->n_block; k++) {
        bool any = false;

        for (size_t i = 0; i < BOOT_SUMS; i++)
            any = any || block[k].at[i] != 0.0;
        n += any ? 1 : 0;
    }
    return n;
}

static struct liq_figure *append(struct liq_report *r)
{
    if (r->n == r->room) {
        size_t room = r->room > 0 ? 2 * r->room : 64;
        struct liq_figure *grown = realloc(r->figure, room * sizeof *grown);

        if (grown == NULL)
            return NULL;
        r->figure = grown;
        r->room = room;
    }
    r->figure[r->n] =
        (struct liq_figure){.draw = calloc(r->draws, sizeof(double))};
    return r->figure[r->n].draw != NULL ? &r->figure[r->n++] : NULL;
}

/* The interval of f->draw. */
static enum liq_err fill_interval(struct liq_figure *f, size_t draws)
{
    double *sorted = malloc(draws * sizeof *sorted);

    if (sorted == NULL)
        return LIQ_ENOMEM;
    memcpy(sorted, f->draw, draws * sizeof *sorted);
    boot_interval(sorted, draws, &f->low, &f->high);
    free(sorted);
    return LIQ_OK;
}

enum liq_err figure_add(struct study *s, const struct figure_kind *kind,
                        const char *what, const struct sums *block, size_t n)
{
    struct liq_figure *f = append(s->report);

    if (f == NULL)
        return LIQ_ENOMEM;
    f->measure = kind->measure;
    f->map = kind->map;
    f->unit = kind->unit;
    f->none = kind->none;
    f->gain = kind->gain;
    snprintf(f->what, sizeof f->what, "%s", what);
    f->n = n;
    f->blocks = blocks_with_rows(s, block);
    f->value = f->low = f->high = NAN;
    for (size_t i = 0; i < s->draws.n; i++)
        f->draw[i] = NAN;
    if (n < FIGURE_ROWS_MIN || f->blocks < FIGURE_BLOCKS_MIN)
        return LIQ_OK;
    f->value = boot_run(&s->draws, block, kind->stat, f->draw);
    return fill_interval(f, s->draws.n);
}

/* Figures of the map of which a placebo is broken. */
void figures_spoil(struct liq_report *r)
{
    for (size_t i = 0; i < r->n; i++) {
        const struct liq_figure *placebo = &r->figure[i];

        for (size_t k = 0; liq_figure_broken(placebo) && k < r->n; k++) {
            struct liq_figure *f = &r->figure[k];

            if (f->measure == placebo->measure &&
                strcmp(f->map, map_name[MAP_REAL]) == 0 &&
                strcmp(f->what, placebo->what) == 0)
                f->spoiled = true;
        }
    }
}

/* --- comparing ------------------------------------------------------------ */

static enum liq_err subtract(struct liq_report *out, const struct liq_figure *a,
                             const struct liq_figure *b)
{
    struct liq_figure *f = append(out);
    double *draw;

    if (f == NULL)
        return LIQ_ENOMEM;
    draw = f->draw;
    *f = *a;
    f->draw = draw;
    f->value = a->value - b->value;
    f->none = 0.0;
    f->gain = f->spoiled = false;
    f->n = a->n < b->n ? a->n : b->n;
    for (size_t i = 0; i < out->draws; i++)
        draw[i] = a->draw[i] - b->draw[i];
    return fill_interval(f, out->draws);
}

static bool fit_together(const struct liq_report *a, const struct liq_report *b)
{
    return a->n == b->n && a->draws == b->draws && a->seed == b->seed &&
           a->bars == b->bars && a->first_ms == b->first_ms &&
           a->display_ms == b->display_ms;
}

enum liq_err liq_report_compare(const struct liq_report *a,
                                const struct liq_report *b,
                                struct liq_report **out)
{
    struct liq_report *r;
    enum liq_err err = LIQ_OK;

    if (!fit_together(a, b))
        return LIQ_EINVAL;
    r = malloc(sizeof *r);
    if (r == NULL)
        return LIQ_ENOMEM;
    *r = *a;
    r->minus = b->params;
    r->figure = NULL;
    r->n = r->room = 0;
    for (size_t i = 0; !err && i < a->n; i++) {
        if (strcmp(a->figure[i].map, map_name[MAP_REAL]) == 0)
            err = subtract(r, &a->figure[i], &b->figure[i]);
    }
    if (err) {
        liq_report_free(r);
        return err;
    }
    *out = r;
    return LIQ_OK;
}

void liq_report_free(struct liq_report *r)
{
    if (r == NULL)
        return;
    for (size_t i = 0; i < r->n; i++)
        free(r->figure[i].draw);
    free(r->figure);
    free(r);
}
