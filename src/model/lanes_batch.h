/*
 * The loops of lanes.h over the candles of a batch, for one width of register;
 * a part of lanes_body.h.
 */

/* --- entries ---------------------------------------------------------------
 */

/* The round prices of some of the candles.  A high beyond 2^51 units is that of
 * a candle with too many of them. */
INLINE void LANE_NAME(enter_round)(const struct round_unit *u,
                                   double round_share, size_t i,
                                   struct batch *c)
{
    vec zero = {0}, one = zero + 1.0, volume = load(c->volume + i);
    vec first =
        -LANE_NAME(floor)(ROUND_PRICE_SLACK - load(c->low + i) * u->per_unit);
    vec last =
        LANE_NAME(floor)(load(c->high + i) * u->per_unit + ROUND_PRICE_SLACK);
    vec count, share;
    bits round;

    first = LANE_NAME(most)(first, one); /* zero is no price */
    count = last - first + 1.0;
    round = (bits)(count >= 1.0) & (bits)(count <= ROUND_PRICES_MAX);
    share = choose(round, zero + round_share, zero);
    store(c->amount + i, volume * (1.0 - share));
    store(c->each + i, volume * (share / LANE_NAME(most)(count, one)));
    store(c->first + i, choose(round, first, zero + INFINITY));
    store(c->last + i, choose(round, last, zero));
}

LANE_TARGET static void LANE_NAME(enter)(const struct round_unit *u,
                                         double round_share, double reach,
                                         struct batch *c, struct ends *out)
{
    vec zero = {0}, low = zero - INFINITY, high = low, first = low, last = zero;

    for (size_t i = 0; i < BATCH; i += WIDTH) {
        vec top = load(c->high + i), bottom = load(c->low + i);
        vec mean = (top + bottom + load(c->close + i)) / 3.0;
        vec sigma = (top - bottom) * ENTRIES_PER_ROOT_12;

        store(c->at.mean + i, mean);
        store(c->at.sigma + i, sigma);
        LANE_NAME(enter_round)(u, round_share, i, c);
        low = LANE_NAME(most)(low, reach * sigma - mean);
        high = LANE_NAME(most)(high, mean + reach * sigma);
        first = LANE_NAME(most)(first, -load(c->first + i));
        last = LANE_NAME(most)(last, load(c->last + i));
    }
    out->low = -LANE_NAME(largest)(low);
    out->high = LANE_NAME(largest)(high);
    out->first = -LANE_NAME(largest)(first);
    out->last = LANE_NAME(largest)(last);
}

LANE_TARGET static void LANE_NAME(add_round)(const struct batch *c,
                                             double number, double share,
                                             double mass[BATCH])
{
    for (size_t i = 0; i < BATCH; i += WIDTH) {
        bits inside = (bits)(load(c->first + i) <= number) &
                      (bits)(load(c->last + i) >= number);
        vec more = load(c->each + i) * share;

        store(mass + i, load(mass + i) + (vec)((bits)more & inside));
    }
}

/* --- one row of their bands ------------------------------------------------
 */

/* The lower edge of the row and its height, in sigma, and which bands reach it.
 */
struct offsets {
    vec x[BATCH_PARTS], pitch[BATCH_PARTS];
    bits reached[BATCH_PARTS];
};

INLINE void LANE_NAME(find_offsets)(const struct setting *s, size_t band,
                                    double row, const struct gaussians *g,
                                    struct offsets *out)
{
    double step = s->axis.price_step, per_row = 1.0 / step;

    for (size_t i = 0; i < BATCH_PARTS; i++) {
        vec entry = load(g->mean + i * WIDTH);
        vec entries = s->factor[band] * load(g->sigma + i * WIDTH);
        vec spread = s->spread[band] * entry;
        vec variance = entries * entries + spread * spread;
        vec per_sigma = LANE_NAME(per_root)(variance);
        vec sigma = variance * per_sigma, reach = BAND_REACH * sigma * per_row;
        vec mean = s->factor[band] * entry - s->axis.price_min;
        vec middle = mean * per_row + LIQ_EDGE_SLACK;

        out->reached[i] =
            (bits)(middle - reach < row + 1.0) & (bits)(middle + reach >= row);
        out->x[i] = (row * step - mean) * per_sigma;
        out->pitch[i] = step * per_sigma;
    }
}

/* The sum that HERMITE is for. */
INLINE vec LANE_NAME(hermite)(vec u, vec q, size_t terms)
{
    vec sum = {0};

    for (size_t n = terms; n-- > 0;) {
        vec even = (vec){0} + HERMITE[n][n];

        for (size_t i = n; i-- > 0;)
            even = even * u + HERMITE[n][i];
        sum = sum * q + even;
    }
    return sum;
}

INLINE void LANE_NAME(share_low)(const struct offsets *at, size_t terms,
                                 double share[BATCH])
{
    for (size_t i = 0; i < BATCH_PARTS; i++) {
        vec d = at->pitch[i], z = at->x[i] + 0.5 * d;
        vec u = LANE_NAME(least)(z * z, (vec){0} + X_MAX * X_MAX);
        vec mass = DENSITY_OF_0 * d * LANE_NAME(exp)(-0.5 * u) *
                   LANE_NAME(hermite)(u, 0.25 * d * d, terms);

        store(share + i * WIDTH, (vec)((bits)mass & at->reached[i]));
    }
}

INLINE void LANE_NAME(share_high)(const struct offsets *at, double share[BATCH])
{
    for (size_t i = 0; i < BATCH_PARTS; i++) {
        vec x[2] = {at->x[i], at->x[i] + at->pitch[i]}, tail[2], mass;

        LANE_NAME(tails)(x, 2, tail);
        mass = LANE_NAME(middle)(x[0], tail[0], x[1], tail[1]);
        store(share + i * WIDTH, (vec)((bits)mass & at->reached[i]));
    }
}

LANE_TARGET static void LANE_NAME(share_row)(const struct setting *s,
                                             size_t band, double row,
                                             const struct gaussians *entries,
                                             double share[BATCH])
{
    struct offsets at;
    double pitch;
    vec most;

    LANE_NAME(find_offsets)(s, band, row, entries, &at);
    most = at.pitch[0];
    for (size_t i = 1; i < BATCH_PARTS; i++)
        most = LANE_NAME(most)(most, at.pitch[i]);
    /* Of all lanes, so that the width of a register decides nothing. */
    pitch = LANE_NAME(largest)(most);
    if (pitch <= PITCH_OF_4)
        LANE_NAME(share_low)(&at, 4, share);
    else if (pitch <= PITCH_OF_7)
        LANE_NAME(share_low)(&at, 7, share);
    else if (pitch <= PITCH_OF_10)
        LANE_NAME(share_low)(&at, 10, share);
    else
        LANE_NAME(share_high)(&at, share);
}
