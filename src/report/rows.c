/* What is known of a bar, and of the time before it. */
#include <math.h>
#include "study.h"

static const double EXTREME_HOURS[EXTREMES] = {4.0,  8.0,  12.0,
                                               24.0, 72.0, 168.0};
#define VOLUME_BARS 48
/* Open interest counts for a moment that it is this near to. */
#define INTEREST_NEAR_MS INT64_C(600000)

/* % from the close before to the bar's low or high. */
static double excursion(const struct liq_kline *k, double close, size_t side)
{
    double move = side == LIQ_LONG ? close - k->low : k->high - close;

    return fmax(100.0 * move / close, 0.0);
}

/* ln of what the bar's volume, or its range, is of the mean of those before. */
static double volume_ratio(const struct study *s, size_t t)
{
    const struct liq_kline *k = s->bars.at;
    double mean = 0.0;

    for (size_t i = t - VOLUME_BARS; i < t; i++)
        mean += k[i].quote_volume / VOLUME_BARS;
    return log((k[t].quote_volume + 1.0) / (mean + 1.0));
}

static double range_of(const struct liq_kline *k)
{
    return 100.0 * (k->high - k->low) / k->close;
}

static double range_ratio(const struct study *s, size_t t)
{
    const struct liq_kline *k = s->bars.at;
    double mean = 0.0;

    for (size_t i = t - VOLUME_BARS; i < t; i++)
        mean += range_of(&k[i]) / VOLUME_BARS;
    return log((range_of(&k[t]) + 0.02) / (mean + 0.02));
}

static bool follows(const struct study *s, size_t t)
{
    return s->bars.at[t].open_ms ==
           s->bars.at[t - 1].open_ms + s->in->display_ms;
}

/* The extremes and the volume profile of the bars before t. */
static void fill_past(const struct study *s, size_t t, size_t side,
                      double *out[COLUMNS], size_t row)
{
    const struct liq_kline *k = s->bars.at;
    double close = k[t - 1].close, sign = side == LIQ_LONG ? -1.0 : 1.0;
    double edge = side == LIQ_LONG ? k[t].low : k[t].high;
    double from = fmin(edge, close), to = fmax(edge, close);
    double extreme = -INFINITY, all = 0.0, crossed = 0.0;
    size_t back = 1;

    for (size_t e = 0; e < EXTREMES; e++) {
        for (; back <= study_bars(s, EXTREME_HOURS[e]) && back <= t; back++) {
            const struct liq_kline *b = &k[t - back];
            double shared = fmin(to, b->high) - fmax(from, b->low);
            double width = fmax(b->high - b->low, 1e-9 * close);

            extreme =
                fmax(extreme, sign * (side == LIQ_LONG ? b->low : b->high));
            all += b->quote_volume;
            if (shared > 0.0)
                crossed += b->quote_volume * fmin(shared / width, 1.0);
        }
        out[C_BEYOND + e][row] =
            fmax(100.0 * (sign * edge - extreme) / close, 0.0);
    }
    out[C_CROSSED][row] = all > 0.0 ? crossed / all : 0.0;
}

static const struct liq_interest *interest_at(const struct study *s,
                                              int64_t time_ms)
{
    const struct liq_interest *at = s->in->interest;
    size_t low = 0, high = s->in->n_interest;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (at[middle].time_ms <= time_ms + INTEREST_NEAR_MS / 10)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 && at[low - 1].time_ms >= time_ms - INTEREST_NEAR_MS
               ? &at[low - 1]
               : NULL;
}

/* Dollars of open interest at the open of bar t, NaN when not known. */
static double interest_usd(const struct study *s, size_t t)
{
    const struct liq_interest *o = interest_at(s, s->bars.at[t].open_ms);

    if (o == NULL)
        return NAN;
    return isnan(o->usd) ? o->coins * s->bars.at[t - 1].close : o->usd;
}

static double z_of(double swept)
{
    return log(100.0 * swept + 0.005);
}

/* --- a bar and a side ----------------------------------------------------- */

static void fill_move(double *out[COLUMNS], size_t row, double move)
{
    double x = log(move + 0.02);

    out[C_ONE][row] = 1.0;
    out[C_MOVE][row] = x;
    out[C_MOVE2][row] = x * x;
    out[C_MOVE3][row] = x * x * x;
    out[C_MOVE4][row] = x * x * x * x;
    out[C_RAW][row] = move;
    out[C_EXCURSION][row] = fmin(move, 5.0);
    out[C_VOLUME_MOVE][row] = x * out[C_VOLUME][row];
}

static void fill_outcome(const struct study *s, size_t t, size_t side,
                         double *out[COLUMNS], size_t row)
{
    const struct liq_kline *k = s->bars.at;
    bool known = s->known[t];
    bool next = t + 1 < s->bars.n && follows(s, t + 1);
    double usd = s->usd[2 * t + side], sign = side == LIQ_LONG ? -1.0 : 1.0;
    double swept = profile_swept(&s->now[MAP_REAL], side, out[C_RAW][row]);

    out[C_Y][row] = known ? log10(usd + 1e4) : NAN;
    out[C_REPORTED][row] = known ? usd : NAN;
    out[C_MODELLED][row] =
        2.0 * interest_usd(s, t) * s->now[MAP_REAL].weight[side] * swept;
    out[C_NEXT_RANGE][row] = next ? range_ratio(s, t + 1) : NAN;
    out[C_NEXT_VOLUME][row] = next ? volume_ratio(s, t + 1) : NAN;
    out[C_FURTHER][row] =
        next ? sign * 100.0 * (k[t + 1].close / k[t].close - 1.0) : NAN;
}

static void add_side(struct study *s, size_t t, size_t side)
{
    const struct liq_kline *k = s->bars.at;
    struct table *table = &s->sides;
    double **out = table->column, close = k[t - 1].close;
    double sign = side == LIQ_LONG ? -1.0 : 1.0;
    size_t row = table->n++;

    out[C_SIDE][row] = side == LIQ_LONG ? 0.0 : 1.0;
    out[C_VOLUME][row] = volume_ratio(s, t);
    fill_move(out, row, excursion(&k[t], close, side));
    out[C_OPPOSITE][row] = fmin(excursion(&k[t], close, 1 - side), 5.0);
    out[C_RETURN][row] = sign * 100.0 * (k[t].close / close - 1.0);
    out[C_VOLATILITY][row] = s->volatility[t - 1];
    out[C_VOLUME_BEFORE][row] = volume_ratio(s, t - 1);
    out[C_RANGE_BEFORE][row] = range_ratio(s, t - 1);
    out[C_HEAT][row] = log(s->volatility[t - 1]);
    out[C_HEAT2][row] = out[C_HEAT][row] * out[C_HEAT][row];
    out[C_MOVE_HEAT][row] = out[C_HEAT][row] * out[C_MOVE][row];
    out[C_BEFORE][row] = log10(s->usd[2 * (t - 1) + side] + 1e4);
    fill_past(s, t, side, out, row);
    for (size_t m = 0; m < MAPS; m++)
        out[C_Z + m][row] =
            z_of(profile_swept(&s->now[m], side, out[C_RAW][row]));
    fill_outcome(s, t, side, out, row);
    table->time_ms[row] = k[t].open_ms;
    table->block[row] = study_block(s, k[t].open_ms);
}

/* --- a whole bar ---------------------------------------------------------- */

/* % by which open interest fell in bar t, NaN when not known. */
static double interest_drop(const struct study *s, size_t t)
{
    int64_t open_ms = s->bars.at[t].open_ms;
    const struct liq_interest *a = interest_at(s, open_ms);
    const struct liq_interest *b = interest_at(s, open_ms + s->in->display_ms);

    return a != NULL && b != NULL && b > a ? -100.0 * log(b->coins / a->coins)
                                           : NAN;
}

static void add_whole(struct study *s, size_t t)
{
    const struct liq_kline *k = s->bars.at;
    struct table *table = &s->whole;
    double **out = table->column, close = k[t - 1].close;
    double drop = interest_drop(s, t), before = interest_drop(s, t - 1);
    double down = excursion(&k[t], close, LIQ_LONG);
    double up = excursion(&k[t], close, LIQ_SHORT);
    size_t row = table->n;

    if (isnan(drop) || isnan(before))
        return;
    table->n++;
    out[C_VOLUME][row] = volume_ratio(s, t);
    fill_move(out, row, range_of(&k[t]));
    out[C_RETURN][row] = 100.0 * (k[t].close / close - 1.0);
    out[C_OPPOSITE][row] = fabs(out[C_RETURN][row]);
    out[C_VOLATILITY][row] = s->volatility[t - 1];
    out[C_BEFORE][row] = before;
    for (size_t m = 0; m < MAPS; m++) {
        const struct profile *p = &s->now[m];

        out[C_Z + m][row] =
            z_of(p->weight[LIQ_LONG] * profile_swept(p, LIQ_LONG, down) +
                 p->weight[LIQ_SHORT] * profile_swept(p, LIQ_SHORT, up));
    }
    out[C_Y][row] = drop;
    table->time_ms[row] = k[t].open_ms;
    table->block[row] = study_block(s, k[t].open_ms);
}

void rows_add(struct study *s, size_t t)
{
    if (!follows(s, t) || !(s->bars.at[t - 1].close > 0.0))
        return;
    for (size_t side = 0; side < LIQ_SIDES; side++)
        add_side(s, t, side);
    if (s->in->n_interest > 0)
        add_whole(s, t);
}
