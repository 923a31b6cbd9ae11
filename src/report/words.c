#include "words.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const struct measure_words measure_words[LIQ_MEASURES] = {
    [LIQ_MEASURE_SWEEPS] =
        {"Sweeps",
         "Do the rows that price sweeps explain reported liquidations beyond "
         "what the move itself explains?",
         "Gain in R2, out of fold, in percentage points, over four baselines. "
         "Each side of each bar is one observation."},
    [LIQ_MEASURE_DENSE] =
        {"Dense against sparse rows",
         "At equal moves, how many times the liquidations come with dense "
         "rows?",
         "Reported dollars (geometric mean) of the quarter that swept more "
         "than its move says, over the quarter that swept less. 1 is no "
         "difference."},
    [LIQ_MEASURE_FALSE] =
        {"False positives",
         "How often are dense rows crossed with little reported?",
         "Share of the dense quarter with fewer liquidations than the median "
         "of moves as large. 50 % is chance."},
    [LIQ_MEASURE_TOUCH] =
        {"Touches of dense rows",
         "Does price come to dense rows more often than to other rows as far "
         "away?",
         "Every 4 h: the densest tenth of the rows of a distance against the "
         "others, each less the base rate of a move of so many standard "
         "deviations within 24 h. Percentage points; 0 is no magnet."},
    [LIQ_MEASURE_LEVELS] =
        {"Touches of published levels",
         "Does price come to published levels more often than chance says?",
         "Each level once in a distance, less the same base rate. Percentage "
         "points."},
    [LIQ_MEASURE_AFTER] =
        {"After a touch",
         "What follows when a move of 0.2 % or more crosses dense rows?",
         "The quarter that swept more than its move says against the quarter "
         "that swept less: difference in % of volume and range, and in % of "
         "price, at an equal move, return, volatility, and volume and range of "
         "the bar before."},
    [LIQ_MEASURE_CALIBRATION] =
        {"Calibration",
         "How many modelled dollars are swept for one that is reported?",
         "Why dollars on the map are an upper bound: most positions leave by "
         "a stop or by choice, and feeds are sampled."},
    [LIQ_MEASURE_INTEREST] =
        {"Open interest, a weak witness",
         "Does open interest fall more where dense rows are swept?",
         "Gain in R2 for the rank of the fall of open interest in the bar, in "
         "percentage "
         "points. Voluntary trades outweigh liquidations; the model is never "
         "fitted on it."},
};

const char *const report_method[] = {
    "The map that is judged is always the one before the candle; only the "
    "candle's high and low say how far it swept. The model's parameters are "
    "fixed before the run.",
    "Swept share: the mass within the excursion from the previous close over "
    "all live mass of that side. It enters as ln(100 share + 0.005); reported "
    "dollars as log10(dollars + 10000).",
    "Gains come from ordinary least squares on five contiguous folds; a map "
    "may "
    "only raise what is expected where it was swept (a coefficient below 0 "
    "counts as 0); rows "
    "within 24 h of a fold are not used to fit it.",
    "Intervals hold 95 % of seeded resamples of whole UTC days (weeks over "
    "more than two years). Fits are not repeated in each draw, so intervals "
    "are slightly narrow. An interval that holds what nothing would give is "
    "called not established.",
    "Many intervals are shown: of twenty about nothing, one excludes nothing "
    "by chance.",
    "Placebos go the same way as the map: the average of all maps so far, the "
    "map of 24, 72 and 168 h ago and of a random hour before yesterday moved "
    "to the price of now, the other side's map. If one scores beyond noise (1 "
    "point, factor "
    "1.25, 5 % of volume or range, 0.1 % of price), the measure is broken and "
    "the report says so.",
    "The first 14 days (60 bars at least) only warm the map up.",
    "Quarters that swept most and least for their move (residuals of a fit on "
    "all rows) are taken among 80 observations that "
    "follow each other, so that a quiet month is not compared with a wild one.",
    "Prices are traded prices, not mark prices; levels are read off rows of "
    "0.1 % of the first price. Sums of sampled liquidation feeds are lower "
    "bounds. Where a list of liquidations pauses for more than 24 h, nothing "
    "was "
    "recorded and no bar is judged.",
    "This says what the map was worth on this data. It is no forecast and no "
    "advice.",
};
const size_t report_method_n = sizeof report_method / sizeof *report_method;

bool figure_is_placebo(const struct liq_figure *f)
{
    return strcmp(f->map, "map") != 0;
}

const char *figure_verdict(const struct liq_figure *f)
{
    if (isnan(f->value) || isnan(f->low))
        return "too few rows";
    if (isnan(f->none))
        return "";
    if (figure_is_placebo(f))
        return liq_figure_broken(f)            ? "BROKEN"
               : !f->gain && f->high < f->none ? "below nothing"
                                               : "scores nothing";
    return f->spoiled                  ? "a placebo scores"
           : liq_figure_established(f) ? "established"
                                       : "not established";
}

static bool is_signed(const struct liq_figure *f)
{
    return f->none == 0.0;
}

const char *figure_value(const struct liq_figure *f, double value, char *out)
{
    double size = fabs(value);
    int digits = strcmp(f->unit, "R2") == 0 ? 3
                 : size >= 100.0            ? 0
                 : size >= 10.0             ? 1
                                            : 2;

    if (isnan(value))
        snprintf(out, WORDS_SIZE, "-");
    else
        snprintf(out, WORDS_SIZE, is_signed(f) ? "%+.*f" : "%.*f", digits,
                 value);
    return out;
}

const char *figure_interval(const struct liq_figure *f, char *out)
{
    char low[WORDS_SIZE], high[WORDS_SIZE];

    if (isnan(f->low))
        snprintf(out, WORDS_SIZE, "-");
    else
        snprintf(out, WORDS_SIZE, "[%.60s, %.60s]",
                 figure_value(f, f->low, low), figure_value(f, f->high, high));
    return out;
}

const char *words_count(size_t n, char *out)
{
    if (n >= 1000000)
        snprintf(out, WORDS_SIZE, "%zu,%03zu,%03zu", n / 1000000,
                 n / 1000 % 1000, n % 1000);
    else if (n >= 1000)
        snprintf(out, WORDS_SIZE, "%zu,%03zu", n / 1000, n % 1000);
    else
        snprintf(out, WORDS_SIZE, "%zu", n);
    return out;
}

/* --- what it comes to ----------------------------------------------------- */

static const struct headline {
    enum liq_measure measure;
    const char *what, *more, *less, *none;
} headlines[] = {
    {LIQ_MEASURE_SWEEPS, "beyond full",
     "Rows that price sweeps explain reported liquidations beyond the move, "
     "volume and the rest",
     "",
     "That swept rows explain reported liquidations beyond the move, volume "
     "and the rest is not established"},
    {LIQ_MEASURE_DENSE, "moves of 0.2 % and more, equal all controls",
     "Moves across dense rows came with more liquidations than equal moves "
     "across sparse rows",
     "Moves across dense rows came with fewer liquidations than equal moves "
     "across sparse rows",
     "That moves across dense rows come with more liquidations is not "
     "established"},
    {LIQ_MEASURE_TOUCH, "all distances",
     "Dense rows were touched more often than others as far away",
     "Dense rows were touched less often than others as far away",
     "No magnet: that dense rows are touched more or less often than others "
     "as far away is not established"},
    {LIQ_MEASURE_AFTER, "move of the next bar, same direction",
     "After dense rows price moved on in the same direction",
     "After dense rows price turned back",
     "No acceleration: that price moves on or turns back after dense rows is "
     "not established"},
    {LIQ_MEASURE_INTEREST, "beyond range, volume, return, before",
     "Open interest fell more where dense rows were swept", "",
     "That open interest falls more where dense rows are swept is not "
     "established"},
};

static const struct liq_figure *find(const struct liq_report *r,
                                     const struct headline *h)
{
    for (size_t i = 0; i < r->n; i++) {
        const struct liq_figure *f = &r->figure[i];

        if (f->measure == h->measure && !figure_is_placebo(f) &&
            strcmp(f->what, h->what) == 0)
            return f;
    }
    return NULL;
}

static void placebo_sentence(const struct liq_report *r, char *out)
{
    const struct liq_figure *first = NULL;
    size_t n = 0, broken = 0;

    for (size_t i = 0; i < r->n; i++) {
        const struct liq_figure *f = &r->figure[i];

        if (figure_is_placebo(f) && !isnan(f->low)) {
            n++;
            if (liq_figure_broken(f)) {
                broken++;
                first = first != NULL ? first : f;
            }
        }
    }
    if (n == 0)
        snprintf(out, WORDS_SIZE, "No placebo could be judged.");
    else if (first == NULL)
        snprintf(out, WORDS_SIZE,
                 "Placebos: all %zu score nothing beyond noise.", n);
    else
        snprintf(
            out, WORDS_SIZE,
            "BROKEN: %zu of %zu placebos score beyond noise (%.40s, %.64s); "
            "the map's figure beside such a placebo says nothing.",
            broken, n, measure_words[first->measure].title, first->what);
}

static const char *unit_word(const struct liq_figure *f)
{
    return strcmp(f->unit, "x") == 0      ? "times"
           : strcmp(f->unit, "% px") == 0 ? "% of price"
                                          : "points";
}

bool report_sentence(const struct liq_report *r, size_t i, char *out)
{
    const size_t n = sizeof headlines / sizeof *headlines;
    const struct liq_figure *f;
    char value[WORDS_SIZE], interval[WORDS_SIZE];

    if (i == n) {
        placebo_sentence(r, out);
        return true;
    }
    if (i > n)
        return false;
    if (r->missing[headlines[i].measure] != NULL) {
        snprintf(out, WORDS_SIZE, "%s: not measured, %s.",
                 measure_words[headlines[i].measure].title,
                 r->missing[headlines[i].measure]);
        return true;
    }
    f = find(r, &headlines[i]);
    if (f == NULL)
        return false;
    if (isnan(f->low))
        snprintf(out, WORDS_SIZE, "%s: too few rows (%zu).",
                 measure_words[f->measure].title, f->n);
    else
        snprintf(out, WORDS_SIZE, "%s: %.30s %.50s %s.",
                 !liq_figure_established(f) ? headlines[i].none
                 : f->low > f->none         ? headlines[i].more
                                            : headlines[i].less,
                 figure_value(f, f->value, value), figure_interval(f, interval),
                 unit_word(f));
    return true;
}
