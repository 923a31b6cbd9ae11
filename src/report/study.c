#include "study.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double HOUR_MS = 3600000.0;
#define DAY_MS INT64_C(86400000)

/* The faster half of the tiers forget by half within a week. */
static const double WARM_UP_HOURS = 336.0;
#define WARM_UP_BARS 60
/* Reports of a symbol that trades do not pause for so long. */
#define RECORDING_GAP_MS DAY_MS
/* From here on blocks are weeks. */
#define WEEKLY_DAYS 730

/* Rows are this share of the first price, levels are read off rows ten times
 * as high: about 400 over the range that the page shows. */
static const double ROW_SHARE = 1e-4, COARSE_ROWS = 10.0;
#define ROWS_MAX 60000

size_t study_bars(const struct study *s, double hours)
{
    double n = hours * HOUR_MS / (double)s->in->display_ms;

    return n < 1.0 ? 1 : (size_t)n;
}

size_t study_block(const struct study *s, int64_t time_ms)
{
    return (size_t)(time_ms / s->block_ms - s->first_block);
}

/* --- bars ----------------------------------------------------------------- */

static bool divides(int64_t a, int64_t b)
{
    return a > 0 && b >= a && b % a == 0;
}

/* The last bar goes when it is not whole. */
static void cut_bars(struct study *s)
{
    const struct liq_kline *k = s->engine.at;
    const struct liq_report_input *in = s->in;

    s->n_engine = s->engine.n;
    while (s->bars.n > 0 &&
           k[s->n_engine - 1].open_ms + in->engine_ms <
               s->bars.at[s->bars.n - 1].open_ms + in->display_ms) {
        s->bars.n--;
        while (s->n_engine > 0 &&
               k[s->n_engine - 1].open_ms >= s->bars.at[s->bars.n].open_ms)
            s->n_engine--;
        if (s->n_engine == 0)
            return;
    }
}

static enum liq_err make_bars(struct study *s)
{
    const struct liq_report_input *in = s->in;
    enum liq_err err =
        liq_klines_aggregate(in->kline, in->n, in->engine_ms, &s->engine);
    size_t i = 0;

    if (!err)
        err = liq_klines_aggregate(s->engine.at, s->engine.n, in->display_ms,
                                   &s->bars);
    if (err)
        return err;
    cut_bars(s);
    s->end = calloc(s->bars.n + 1, sizeof *s->end);
    if (s->end == NULL)
        return LIQ_ENOMEM;
    for (size_t j = 0; j < s->bars.n; j++) {
        int64_t end_ms = s->bars.at[j].open_ms + in->display_ms;

        while (i < s->n_engine && s->engine.at[i].open_ms < end_ms)
            i++;
        s->end[j] = i;
    }
    return LIQ_OK;
}

static void judge_from(struct study *s)
{
    const struct liq_report_input *in = s->in;
    size_t warm = study_bars(s, WARM_UP_HOURS);

    s->first = warm > WARM_UP_BARS ? warm : WARM_UP_BARS;
    s->stop = s->bars.n;
    while (s->first < s->stop && s->bars.at[s->first].open_ms < in->from_ms)
        s->first++;
    while (in->to_ms > 0 && s->stop > s->first &&
           s->bars.at[s->stop - 1].open_ms >= in->to_ms)
        s->stop--;
}

static void make_blocks(struct study *s)
{
    int64_t first_ms = s->bars.at[s->first].open_ms;
    int64_t last_ms = s->bars.at[s->stop - 1].open_ms;

    s->block_ms =
        last_ms - first_ms > WEEKLY_DAYS * DAY_MS ? 7 * DAY_MS : DAY_MS;
    s->first_block = first_ms / s->block_ms;
    s->n_block = (size_t)(last_ms / s->block_ms - s->first_block) + 1;
    s->report->weekly = s->block_ms > DAY_MS;
}

/* --- what is computed of the bars alone ----------------------------------- */

/* Bar j's uses the returns of the bars up to j. */
static void fill_volatility(struct study *s)
{
    const struct liq_kline *k = s->bars.at;
    size_t n = study_bars(s, 48.0);

    n = n < 12 ? 12 : n;
    for (size_t j = 0; j < s->bars.n; j++) {
        double sum = 0.0, square = 0.0, mean;

        s->volatility[j] = NAN;
        if (j < n)
            continue;
        for (size_t i = j - n + 1; i <= j; i++) {
            double r = 100.0 * log(k[i].close / k[i - 1].close);

            sum += r;
            square += r * r;
        }
        mean = sum / (double)n;
        s->volatility[j] = sqrt(fmax(square / (double)n - mean * mean, 1e-12));
    }
}

static size_t bar_at(const struct study *s, int64_t time_ms)
{
    size_t low = 0, high = s->bars.n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (s->bars.at[middle].open_ms + s->in->display_ms > time_ms)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* Bars between these two reports are covered, unless so much time lies between
 * them that nobody recorded.  The bar of each end may be half covered. */
static void cover(struct study *s, int64_t from_ms, int64_t to_ms)
{
    if (to_ms - from_ms > RECORDING_GAP_MS)
        return;
    for (size_t j = bar_at(s, from_ms);
         j < s->bars.n && s->bars.at[j].open_ms <= to_ms; j++)
        s->known[j] = true;
}

/* The first and the last bar of each stretch that is covered are no longer. */
static void trim_covered(struct study *s)
{
    bool before = false;

    for (size_t j = 0; j < s->bars.n; j++) {
        bool here = s->known[j];
        bool after = j + 1 < s->bars.n && s->known[j + 1];

        s->known[j] = before && here && after;
        before = here;
    }
}

static void fill_usd(struct study *s)
{
    const struct liq_report_input *in = s->in;

    for (size_t i = 0; i < in->n_executed; i++) {
        const struct liq_executed *e = &in->executed[i];
        size_t j = bar_at(s, e->time_ms);

        if (j < s->bars.n && e->time_ms >= s->bars.at[j].open_ms)
            s->usd[2 * j + e->side] += e->usd;
        if (i > 0)
            cover(s, e[-1].time_ms, e->time_ms);
    }
    trim_covered(s);
}

/* --- axes ----------------------------------------------------------------- */

/* The largest of 1, 2, 5 times a power of ten that is not above x. */
static double round_down(double x)
{
    double unit = pow(10.0, floor(log10(x)));
    double digit = x / unit;

    return unit * (digit >= 5.0 ? 5.0 : digit >= 2.0 ? 2.0 : 1.0);
}

static struct liq_axis axis_of(double low, double high, double step)
{
    double first = floor(low / step);

    return (struct liq_axis){.price_min = first * step,
                             .price_step = step,
                             .rows = (size_t)(ceil(high / step) - first)};
}

/* The step is that of the first price, so that no row depends on what comes
 * later; low and high only say how many rows there must be.  They hold the
 * 2x tier too, so nearly all live mass is on the axis. */
static void fit_axes(struct study *s)
{
    const struct liq_kline *k = s->bars.at;
    double low = k[0].low, high = k[0].high;
    double step = round_down(ROW_SHARE * k[0].close);

    for (size_t j = 1; j < s->bars.n; j++) {
        low = fmin(low, k[j].low);
        high = fmax(high, k[j].high);
    }
    low *= 0.45;
    high *= 1.6;
    while ((high - low) / step > ROWS_MAX)
        step *= 2.0;
    s->axis = axis_of(low, high, step);
    s->coarse = axis_of(low, high, step * COARSE_ROWS);
}

/* --- made and freed ------------------------------------------------------- */

static enum liq_err check(const struct liq_report_input *in,
                          struct liq_reason *why)
{
    if (in->n == 0 || !divides(in->engine_ms, in->display_ms) ||
        in->display_ms > DAY_MS || DAY_MS % in->display_ms != 0)
        return liq_fail(why, LIQ_EINVAL,
                        "the engine interval must divide the display interval, "
                        "and that a day");
    if (in->draws < LIQ_REPORT_DRAWS_MIN || in->draws > LIQ_REPORT_DRAWS_MAX)
        return liq_fail(why, LIQ_EINVAL, "draws: %d to %d",
                        LIQ_REPORT_DRAWS_MIN, LIQ_REPORT_DRAWS_MAX);
    if (!liq_contract_valid(&in->contract))
        return liq_fail(why, LIQ_EINVAL, "the contract's limits make no sense");
    return LIQ_OK;
}

static enum liq_err make_room(struct study *s)
{
    size_t bars = s->stop - s->first;
    enum liq_err err;

    s->n_ring = study_bars(s, 168.0) + 1;
    s->ring = calloc(s->n_ring, sizeof *s->ring);
    s->now = calloc(MAPS, sizeof *s->now);
    s->volatility = calloc(s->bars.n, sizeof *s->volatility);
    s->usd = calloc(s->bars.n * LIQ_SIDES, sizeof *s->usd);
    s->known = calloc(s->bars.n, sizeof *s->known);
    if (!s->ring || !s->now || !s->volatility || !s->usd || !s->known)
        return LIQ_ENOMEM;
    err = table_init(&s->sides, bars * LIQ_SIDES);
    if (!err)
        err = table_init(&s->whole, bars);
    if (!err)
        err = draws_init(&s->draws, s->in->draws, s->n_block, s->in->seed);
    return err;
}

enum liq_err study_init(struct study *s, const struct liq_report_input *in,
                        const struct liq_params *params, struct liq_reason *why)
{
    struct liq_report *report = s->report;
    enum liq_err err;

    *s = (struct study){.in = in, .params = params, .report = report};
    err = check(in, why);
    if (!err)
        err = make_bars(s);
    if (err)
        return err;
    judge_from(s);
    if (s->first >= s->stop)
        return liq_fail(why, LIQ_ENOTFOUND,
                        "no bar is left to judge: the first %zu are the "
                        "warm-up, and there are %zu",
                        study_bars(s, WARM_UP_HOURS) > WARM_UP_BARS
                            ? study_bars(s, WARM_UP_HOURS)
                            : (size_t)WARM_UP_BARS,
                        s->bars.n);
    make_blocks(s);
    fit_axes(s);
    err = make_room(s);
    if (err)
        return err;
    fill_volatility(s);
    fill_usd(s);
    return touch_init(s);
}

void study_free(struct study *s)
{
    free(s->engine.at);
    free(s->bars.at);
    free(s->end);
    free(s->volatility);
    free(s->usd);
    free(s->known);
    free(s->ring);
    free(s->now);
    table_free(&s->sides);
    table_free(&s->whole);
    touch_free(&s->touch);
    draws_free(&s->draws);
}
