/* A report as text. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "words.h"
#include "liqmap/clock.h"
#include "liqmap/interval.h"

#define WIDTH 98

/* Text broken at spaces, each line after indent spaces. */
static void wrap(struct liq_buf *out, const char *text, int indent)
{
    int column = WIDTH + 1;

    while (*text) {
        int n = (int)strcspn(text, " ");

        if (column + 1 + n > WIDTH) {
            liq_buf_format(out, "%s%*s", column > WIDTH ? "" : "\n", indent,
                           "");
            column = indent;
        } else {
            liq_buf_char(out, ' ');
            column++;
        }
        liq_buf_add(out, text, (size_t)n);
        column += n;
        text += n;
        text += strspn(text, " ");
    }
    liq_buf_char(out, '\n');
}

static void day(int64_t ms, char out[11])
{
    char time[32];

    liq_time_format(ms, time, sizeof time);
    snprintf(out, 11, "%.10s", time);
}

static const char *shown(const char *text)
{
    return text != NULL ? text : "none";
}

static void tiers(const struct liq_params *p, struct liq_buf *out)
{
    liq_buf_text(out, "leverage/share/half-life:");
    for (size_t k = 0; k < LIQ_TIERS; k++)
        liq_buf_format(out, " %gx/%g/%gh", p->tier[k].leverage,
                       p->tier[k].standing_share, p->tier[k].half_life_hours);
}

static void head(const struct liq_report *r, const struct liq_report_title *t,
                 struct liq_buf *out)
{
    char from[11], to[11], bars[WORDS_SIZE], a[WORDS_SIZE], b[WORDS_SIZE];

    day(r->first_ms, from);
    day(r->last_ms, to);
    liq_buf_format(out,
                   "%s  %s bars, %s engine, %s to %s: %s bars judged\n"
                   "model %s version %d, leverage spread %g, round-number "
                   "share %g, contract %gx, margin rate %g\n",
                   shown(t->symbol), liq_interval_name(r->display_ms),
                   liq_interval_name(r->engine_ms), from, to,
                   words_count(r->bars, bars), LIQ_MODEL_NAME,
                   LIQ_MODEL_VERSION, r->params.leverage_spread,
                   r->params.round_number_share, r->contract.max_leverage,
                   r->contract.maintenance_margin_rate);
    tiers(&r->params, out);
    if (t->compared != NULL) {
        liq_buf_format(
            out, "\nminus: spread %g, round-number share %g, margin rate %g\n",
            r->minus.leverage_spread, r->minus.round_number_share,
            r->minus.maintenance_margin_rate);
        tiers(&r->minus, out);
    }
    liq_buf_format(out,
                   "\ncandles %s; open interest %s (%s rows);\n"
                   "liquidations %s (%s rows)\n",
                   shown(t->candles), shown(t->metrics),
                   words_count(r->n_interest, a), shown(t->liquidations),
                   words_count(r->n_executed, b));
    liq_buf_format(
        out, "rows of %g; %zu draws of whole %s, seed %llu%s%s\n", r->step,
        r->draws, r->weekly ? "weeks" : "UTC days", (unsigned long long)r->seed,
        t->compared ? "\ncompared: " : "", t->compared ? t->compared : "");
}

static void row(const struct liq_report *r, const struct liq_figure *f,
                struct liq_buf *out)
{
    char value[WORDS_SIZE], interval[WORDS_SIZE], n[WORDS_SIZE];

    liq_buf_format(out, "  %-43.43s %7s %-6s %-16s %6s %3zu %s\n", f->what,
                   figure_value(f, f->value, value), f->unit,
                   figure_interval(f, interval), words_count(f->n, n),
                   f->blocks, figure_verdict(f));
    (void)r;
}

static void measure(const struct liq_report *r, enum liq_measure m,
                    struct liq_buf *out)
{
    const struct measure_words *w = &measure_words[m];
    const char *map = "";

    liq_buf_format(out, "\n%s\n", w->title);
    wrap(out, w->question, 2);
    if (r->missing[m] != NULL) {
        liq_buf_format(out, "  not measured: %s\n", r->missing[m]);
        return;
    }
    wrap(out, w->reading, 2);
    for (size_t i = 0; i < r->n; i++) {
        const struct liq_figure *f = &r->figure[i];

        if (f->measure != m)
            continue;
        if (strcmp(map, f->map) != 0)
            liq_buf_format(out, " %s\n",
                           figure_is_placebo(f) ? f->map : "the map");
        map = f->map;
        row(r, f, out);
    }
}

void liq_report_table(const struct liq_report *r,
                      const struct liq_report_title *t, struct liq_buf *out)
{
    char text[WORDS_SIZE];

    head(r, t, out);
    liq_buf_text(out, "\nIn short\n");
    for (size_t i = 0; t->compared == NULL && report_sentence(r, i, text); i++)
        wrap(out, text, 2);
    if (t->compared != NULL)
        wrap(out,
             "Each figure is that of A minus that of B. Where the interval "
             "holds 0, no difference is established.",
             2);
    liq_buf_text(out, "\nColumns: value, unit, 95 % interval, rows, days or "
                      "weeks with rows, verdict.\n");
    for (int m = 0; m < LIQ_MEASURES; m++)
        measure(r, (enum liq_measure)m, out);
}
