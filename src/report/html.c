/* A report as one HTML page: no script, nothing from a network. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "words.h"
#include "liqmap/clock.h"
#include "liqmap/interval.h"

static const char style[] =
    ":root{color-scheme:light dark;--bg:#fff;--ink:#1c2024;--dim:#5b6570;"
    "--line:#d5dae0;--yes:#0a7d56;--no:#7a828b;--bad:#c02b2b;--card:#f5f7f9}"
    "@media(prefers-color-scheme:dark){:root{--bg:#101418;--ink:#e6e9ec;"
    "--dim:#98a2ad;--line:#2c343c;--yes:#3ecf98;--no:#8b949e;--bad:#ff6b6b;"
    "--card:#181e24}}"
    "*{box-sizing:border-box}"
    "body{margin:0 auto;max-width:960px;padding:24px 16px 64px;"
    "background:var(--bg);color:var(--ink);"
    "font:16px/1.5 system-ui,sans-serif}"
    "h1{font-size:26px;margin:0 0 4px}h2{font-size:20px;margin:40px 0 4px}"
    "h3{font-size:15px;margin:18px 0 4px}p{margin:4px 0 12px}"
    ".dim{color:var(--dim);font-size:14px}"
    ".card{background:var(--card);border:1px solid var(--line);"
    "border-radius:8px;padding:12px 16px;margin:16px 0}"
    ".card li{margin:4px 0}ul{padding-left:20px;margin:4px 0}"
    ".scroll{overflow-x:auto}"
    "table{border-collapse:collapse;width:100%;font-size:14px}"
    "th,td{text-align:left;padding:4px 10px 4px 0;"
    "border-bottom:1px solid var(--line);white-space:nowrap}"
    "th{color:var(--dim);font-weight:500}"
    "td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}"
    ".yes{color:var(--yes)}.no{color:var(--no)}.bad{color:var(--bad)}"
    "svg{display:block;width:100%;max-width:690px;height:auto;"
    "margin:8px 0 4px}"
    "svg text{fill:var(--ink);font:13px system-ui,sans-serif}"
    "svg .axis{fill:var(--dim);font-size:12px}"
    "svg .none{stroke:var(--dim);stroke-dasharray:4 4}"
    "svg .grid{stroke:var(--line)}"
    "svg .yes{stroke:var(--yes);fill:var(--yes)}"
    "svg .no{stroke:var(--no);fill:var(--no)}"
    "svg .bad{stroke:var(--bad);fill:var(--bad)}";

static void escaped(struct liq_buf *out, const char *text)
{
    for (; text != NULL && *text; text++) {
        if (*text == '<')
            liq_buf_text(out, "&lt;");
        else if (*text == '&')
            liq_buf_text(out, "&amp;");
        else if (*text == '"')
            liq_buf_text(out, "&quot;");
        else
            liq_buf_char(out, *text);
    }
}

static const char *colour(const struct liq_figure *f)
{
    if (isnan(f->low) || isnan(f->none))
        return "no";
    if (liq_figure_broken(f) || f->spoiled)
        return "bad";
    if (figure_is_placebo(f))
        return "no";
    return liq_figure_established(f) ? "yes" : "no";
}

/* --- plots ---------------------------------------------------------------- */

#define PLOT_WIDTH 460.0
#define PLOT_LEFT 6.0
#define PLOT_ROW 32.0
#define PLOT_TOP 6.0

/* Figures of one unit and measure, one under the other. */
struct plot {
    const struct liq_figure *first, *figure[64];
    size_t n;
    double low, high;
    bool logarithmic;
};

static double place(const struct plot *p, double x)
{
    double low = p->logarithmic ? log(p->low) : p->low;
    double high = p->logarithmic ? log(p->high) : p->high;
    double at = p->logarithmic ? log(x) : x;

    return PLOT_LEFT +
           (at - low) / (high - low) * (PLOT_WIDTH - 2.0 * PLOT_LEFT);
}

/* Which figures belong on the plot that begins with f: the same measure and
 * unit, with an interval and something to compare it with. */
static bool belongs(const struct liq_figure *f, const struct liq_figure *first)
{
    return f->measure == first->measure && strcmp(f->unit, first->unit) == 0 &&
           !isnan(f->low) && !isnan(f->none);
}

static void fit(struct plot *p)
{
    double none = p->first->none, margin;

    p->low = p->high = none;
    p->logarithmic = none == 1.0;
    for (size_t i = 0; i < p->n; i++) {
        p->low = fmin(p->low, p->figure[i]->low);
        p->high = fmax(p->high, p->figure[i]->high);
        p->logarithmic = p->logarithmic && p->figure[i]->low > 0.0;
    }
    if (p->logarithmic) {
        p->low /= 1.1;
        p->high *= 1.1;
        return;
    }
    margin = 0.05 * (p->high - p->low) + 1e-9;
    p->low -= margin;
    p->high += margin;
}

static void plot_row(struct liq_buf *out, const struct plot *p, size_t i)
{
    const struct liq_figure *f = p->figure[i];
    double y = PLOT_TOP + PLOT_ROW * (double)i;
    char text[WORDS_SIZE], interval[WORDS_SIZE];

    liq_buf_format(out, "<text class=\"%s\" x=\"%.0f\" y=\"%.1f\">",
                   figure_is_placebo(f) ? "axis" : "", PLOT_LEFT, y + 12.0);
    if (figure_is_placebo(f))
        liq_buf_format(out, "placebo: %s", f->map);
    else
        escaped(out, f->what);
    liq_buf_format(out,
                   "</text><text class=\"axis\" x=\"%.0f\" y=\"%.1f\" "
                   "text-anchor=\"end\">%s %s</text>",
                   PLOT_WIDTH - PLOT_LEFT, y + 12.0,
                   figure_value(f, f->value, text),
                   figure_interval(f, interval));
    liq_buf_format(out,
                   "<g class=\"%s\"><line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" "
                   "y2=\"%.1f\" stroke-width=\"3\"/><circle cx=\"%.1f\" "
                   "cy=\"%.1f\" r=\"4.5\"/></g>\n",
                   colour(f), place(p, f->low), place(p, f->high), y + 22.0,
                   y + 22.0, place(p, f->value), y + 22.0);
}

static void axis_label(struct liq_buf *out, const struct plot *p, double x,
                       double y)
{
    char text[WORDS_SIZE];

    liq_buf_format(out,
                   "<text class=\"axis\" x=\"%.1f\" y=\"%.1f\" "
                   "text-anchor=\"middle\">%s</text>",
                   place(p, x), y, figure_value(p->first, x, text));
}

static void plot(struct liq_buf *out, const struct plot *p)
{
    double height = PLOT_TOP + PLOT_ROW * (double)p->n + 22.0;
    double none = p->first->none, x = place(p, none);
    double ends[2] = {p->low, p->high};

    liq_buf_format(out,
                   "<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" "
                   "aria-label=\"Values with 95 %% intervals; the table below "
                   "has the numbers\">"
                   "<line class=\"none\" x1=\"%.1f\" x2=\"%.1f\" y1=\"0\" "
                   "y2=\"%.1f\"/>\n",
                   PLOT_WIDTH, height, x, x, height - 18.0);
    for (size_t i = 0; i < p->n; i++)
        plot_row(out, p, i);
    axis_label(out, p, none, height - 4.0);
    for (size_t i = 0; i < 2; i++) {
        if (fabs(place(p, ends[i]) - x) > 60.0)
            axis_label(out, p, ends[i], height - 4.0);
    }
    liq_buf_text(out, "</svg>\n");
}

/* A figure of the map, and its placebos under it. */
static void add_rows(struct plot *p, const struct liq_report *r,
                     const struct liq_figure *f)
{
    for (size_t i = 0; i < r->n; i++) {
        const struct liq_figure *row = &r->figure[i];

        if (belongs(row, p->first) && strcmp(row->what, f->what) == 0 &&
            p->n < sizeof p->figure / sizeof *p->figure)
            p->figure[p->n++] = row;
    }
}

/* One plot for each unit of the measure. */
static void plots(const struct liq_report *r, enum liq_measure m,
                  struct liq_buf *out)
{
    const char *drawn[4];
    size_t n_drawn = 0;

    for (size_t i = 0; i < r->n; i++) {
        const struct liq_figure *first = &r->figure[i];
        struct plot p = {.first = first};
        bool seen = first->measure != m || !belongs(first, first);

        for (size_t k = 0; k < n_drawn; k++)
            seen = seen || strcmp(drawn[k], first->unit) == 0;
        if (seen || n_drawn == sizeof drawn / sizeof *drawn)
            continue;
        drawn[n_drawn++] = first->unit;
        for (size_t k = i; k < r->n; k++) {
            if (!figure_is_placebo(&r->figure[k]))
                add_rows(&p, r, &r->figure[k]);
        }
        fit(&p);
        plot(out, &p);
    }
}

/* --- tables --------------------------------------------------------------- */

static void table(const struct liq_report *r, enum liq_measure m,
                  struct liq_buf *out)
{
    char a[WORDS_SIZE], b[WORDS_SIZE], c[WORDS_SIZE];

    liq_buf_format(out,
                   "<details><summary>The numbers</summary>"
                   "<div class=\"scroll\"><table><tr><th>what</th>"
                   "<th>map</th><th class=\"n\">value</th><th>unit</th>"
                   "<th>95 %% interval</th><th class=\"n\">rows</th>"
                   "<th class=\"n\">%s</th><th>verdict</th></tr>\n",
                   r->weekly ? "weeks" : "days");
    for (size_t i = 0; i < r->n; i++) {
        const struct liq_figure *f = &r->figure[i];

        if (f->measure != m)
            continue;
        liq_buf_text(out, "<tr><td>");
        escaped(out, f->what);
        liq_buf_format(out,
                       "</td><td>%s</td><td class=\"n\">%s</td><td>%s</td>"
                       "<td>%s</td><td class=\"n\">%s</td>"
                       "<td class=\"n\">%zu</td><td class=\"%s\">%s</td>"
                       "</tr>\n",
                       f->map, figure_value(f, f->value, a), f->unit,
                       figure_interval(f, b), words_count(f->n, c), f->blocks,
                       colour(f), figure_verdict(f));
    }
    liq_buf_text(out, "</table></div></details>\n");
}

static void measure(const struct liq_report *r, enum liq_measure m,
                    struct liq_buf *out)
{
    const struct measure_words *w = &measure_words[m];

    liq_buf_format(out, "<h2 id=\"%s\">%s</h2>\n<p>%s</p>\n",
                   liq_measure_name(m), w->title, w->question);
    if (r->missing[m] != NULL) {
        liq_buf_text(out, "<p class=\"card\">Not measured: ");
        escaped(out, r->missing[m]);
        liq_buf_text(out, ".</p>\n");
        return;
    }
    liq_buf_format(out, "<p class=\"dim\">%s</p>\n", w->reading);
    plots(r, m, out);
    table(r, m, out);
}

/* --- head and foot -------------------------------------------------------- */

static void of_what(const struct liq_report *r,
                    const struct liq_report_title *t, struct liq_buf *out)
{
    char from[32], to[32], bars[WORDS_SIZE];

    liq_time_format(r->first_ms, from, sizeof from);
    liq_time_format(r->last_ms, to, sizeof to);
    liq_buf_text(out, "<h1>What the map was worth: ");
    escaped(out, t->symbol);
    liq_buf_format(
        out,
        "</h1>\n<p class=\"dim\">%s bars on a %s engine, %.10s to "
        "%.10s UTC: %s bars judged. Model %s version %d. Liqmap ",
        liq_interval_name(r->display_ms), liq_interval_name(r->engine_ms), from,
        to, words_count(r->bars, bars), LIQ_MODEL_NAME, LIQ_MODEL_VERSION);
    escaped(out, t->build);
    liq_buf_text(out, ".</p>\n");
    if (t->compared != NULL) {
        liq_buf_text(out, "<p class=\"card\">A comparison: ");
        escaped(out, t->compared);
        liq_buf_text(out, ". Each figure is that of A minus that of B; the "
                          "parameters below are A's.</p>\n");
    }
}

static void in_short(const struct liq_report *r, struct liq_buf *out)
{
    char text[WORDS_SIZE];

    liq_buf_text(out, "<div class=\"card\"><h3>In short</h3><ul>\n");
    for (size_t i = 0; report_sentence(r, i, text); i++) {
        liq_buf_text(out, "<li>");
        escaped(out, text);
        liq_buf_text(out, "</li>\n");
    }
    liq_buf_text(out,
                 "</ul></div>\n<p class=\"dim\">Plots: a dot is a value, its "
                 "line the 95 % interval, the dashed line what a map that "
                 "means nothing would give. <span class=\"yes\">Green</span>: "
                 "the interval excludes nothing, to either side. <span "
                 "class=\"no\">Grey</span>: not established, or a placebo "
                 "that scores nothing. <span class=\"bad\">Red</span>: a "
                 "placebo scores, so the figure says nothing.</p>\n");
}

static void parameter(struct liq_buf *out, const char *name, double value)
{
    liq_buf_format(out, "<tr><td>%s</td><td class=\"n\">%g</td></tr>\n", name,
                   value);
}

static void parameters(const struct liq_report *r, struct liq_buf *out)
{
    char name[64];

    liq_buf_text(out, "<h2>Parameters</h2>\n<div class=\"scroll\"><table>\n");
    for (size_t k = 0; k < LIQ_TIERS; k++) {
        const struct liq_tier *t = &r->params.tier[k];

        snprintf(name, sizeof name, "%gx: standing share, half-life %g h",
                 t->leverage, t->half_life_hours);
        parameter(out, name, t->standing_share);
    }
    parameter(out, "leverage spread", r->params.leverage_spread);
    parameter(out, "round-number share", r->params.round_number_share);
    parameter(out, "maximum leverage", r->contract.max_leverage);
    parameter(out, "maintenance margin rate",
              r->contract.maintenance_margin_rate);
    parameter(out, "row height, quote", r->step);
    parameter(out, "resamples", (double)r->draws);
    parameter(out, "seed", (double)r->seed);
    parameter(out, "rows of open interest", (double)r->n_interest);
    parameter(out, "reported liquidations", (double)r->n_executed);
    liq_buf_text(out, "</table></div>\n");
}

static void file(struct liq_buf *out, const char *what, const char *name)
{
    liq_buf_format(out, "<li>%s: ", what);
    escaped(out, name != NULL ? name : "none");
    liq_buf_text(out, "</li>\n");
}

static void method(const struct liq_report_title *t, struct liq_buf *out)
{
    liq_buf_text(out, "<h2>Method and caveats</h2>\n<ul>\n");
    for (size_t i = 0; i < report_method_n; i++) {
        liq_buf_text(out, "<li>");
        escaped(out, report_method[i]);
        liq_buf_text(out, "</li>\n");
    }
    liq_buf_text(out, "</ul>\n<h2>Files</h2>\n<ul>\n");
    file(out, "candles", t->candles);
    file(out, "open interest", t->metrics);
    file(out, "liquidations", t->liquidations);
    liq_buf_text(out, "</ul>\n");
}

void liq_report_html(const struct liq_report *r,
                     const struct liq_report_title *t, struct liq_buf *out)
{
    liq_buf_text(out,
                 "<!doctype html>\n<html lang=\"en\"><head><meta "
                 "charset=\"utf-8\"><meta name=\"viewport\" "
                 "content=\"width=device-width,initial-scale=1\"><title>Liqmap "
                 "report: ");
    escaped(out, t->symbol);
    liq_buf_format(out, "</title><style>%s</style></head><body>\n", style);
    of_what(r, t, out);
    if (t->compared == NULL)
        in_short(r, out);
    for (int m = 0; m < LIQ_MEASURES; m++)
        measure(r, (enum liq_measure)m, out);
    method(t, out);
    parameters(r, out);
    liq_buf_text(out, "</body></html>\n");
}
