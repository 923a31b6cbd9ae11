/*
 * The loops of lanes.h that make bands of components, for one width of
 * register; a part of lanes_body.h.
 */

/* --- bands ----------------------------------------------------------------
 */

/* The whole number that a row is in, not below the least and not above the
 * most, which are whole. */
INLINE vec LANE_NAME(whole_row)(vec row, double least, double most)
{
    vec zero = {0};

    row = LANE_NAME(least)(LANE_NAME(most)(row, zero + least), zero + most);
    return LANE_FLOOR(row);
}

/*
 * Bands of one side of a tier: rows [first, end) of the axis, both 0 where they
 * are below it and both the number of rows where they are above it; n of them
 * outlast what is known to come.  pitch is a row, mean_x what the mean is above
 * the lower end of the axis, in sigma.
 */
struct span {
    vec amount, first, end, n, pitch, mean_x;
};

INLINE struct span LANE_NAME(find_span)(const struct setting *s, size_t band,
                                        const struct components *c, size_t i,
                                        vec amount)
{
    double per_row = 1.0 / s->axis.price_step, rows = (double)s->axis.rows;
    vec entry = load(c->entry + i);
    vec entries = s->factor[band] * load(c->sigma + i);
    vec spread = s->spread[band] * entry;
    vec variance = entries * entries + spread * spread;
    vec per_sigma = LANE_NAME(per_root)(variance);
    vec mean = s->factor[band] * entry - s->axis.price_min;
    vec middle = mean * per_row + LIQ_EDGE_SLACK;
    vec reach = BAND_REACH * (variance * per_sigma) * per_row;

    return (struct span){
        .amount = amount,
        .n = {0},
        .first = LANE_NAME(whole_row)(middle - reach, 0.0, rows),
        .end = LANE_NAME(whole_row)(middle + reach, -1.0, rows - 1.0) + 1.0,
        .pitch = s->axis.price_step * per_sigma,
        .mean_x = mean * per_sigma,
    };
}

/* How far the lower edge of a row is from the mean, in sigma.  Shorts are longs
 * mirrored at their mean. */
INLINE vec LANE_NAME(distance)(const struct span *at, enum liq_side side,
                               vec row)
{
    return side == LIQ_LONG ? row * at->pitch - at->mean_x
                            : at->mean_x - row * at->pitch;
}

/* Which of two rows is farther from the close. */
INLINE vec LANE_NAME(farther)(enum liq_side side, vec a, vec b)
{
    return side == LIQ_LONG ? LANE_NAME(least)(a, b) : LANE_NAME(most)(a, b);
}

/* The sum of the lanes and one more, in their order. */
INLINE double LANE_NAME(add_up)(double sum, vec x)
{
    double lane[WIDTH];

    store(lane, x);
    for (size_t i = 0; i < WIDTH; i++)
        sum += lane[i];
    return sum;
}

/* What is outside the axis on the side away from the close, of bands of both
 * sides. */
INLINE void LANE_NAME(add_far)(const struct span at[LIQ_SIDES],
                               const struct components *c, size_t i,
                               double *far)
{
    vec x[LIQ_SIDES], tail[LIQ_SIDES];

    for (size_t side = 0; side < LIQ_SIDES; side++) {
        vec edge = side == LIQ_LONG ? at[side].first : at[side].end;

        edge = LANE_NAME(farther)((enum liq_side)side, edge,
                                  load(c->cut[side] + i));
        x[side] = LANE_NAME(distance)(&at[side], (enum liq_side)side, edge);
    }
    LANE_NAME(far_tails)(x, LIQ_SIDES, tail);
    for (size_t side = 0; side < LIQ_SIDES; side++) {
        vec mass = at[side].amount * LANE_NAME(below)(x[side], tail[side]);

        far[side * SIDE_BANDS] =
            LANE_NAME(add_up)(far[side * SIDE_BANDS], mass);
    }
}

/* The same on the other side, as far as the cut. */
INLINE void LANE_NAME(add_near)(const struct span *at, enum liq_side side,
                                const struct components *c, size_t i,
                                double *near)
{
    vec cut = load(c->cut[side] + i), x[2], tail[2], mass;
    vec edge = side == LIQ_LONG ? at->end : at->first;

    x[0] = LANE_NAME(distance)(at, side, LANE_NAME(farther)(side, edge, cut));
    x[1] = LANE_NAME(distance)(at, side, cut);
    LANE_NAME(tails)(x, 2, tail);
    mass = LANE_NAME(middle)(x[0], tail[0], x[1], tail[1]);
    *near =
        LANE_NAME(add_up)(*near, load(c->near[side] + i) * at->amount * mass);
}

/* How many rows of a band of this side there are from its edge away from the
 * close to each of LANES rows of the axis. */
#define LANE_ORDER(side) ((side) == LIQ_LONG ? LANE_UP : LANE_DOWN)

/* Rows of a square become its columns: each round takes rows from the upper and
 * the lower half by turns. */
INLINE void LANE_NAME(transpose)(vec square[WIDTH])
{
    for (size_t n = 1; n < WIDTH; n *= 2) {
        vec was[WIDTH];

        memcpy(was, square, sizeof was);
        for (size_t i = 0; i < WIDTH / 2; i++) {
            square[2 * i] = LANE_LOW(was[i], was[i + WIDTH / 2]);
            square[2 * i + 1] = LANE_HIGH(was[i], was[i + WIDTH / 2]);
        }
    }
}

/* Values of WIDTH bands, row by row, to those of LANES rows band by band, of
 * which the next one is `stride` doubles on. */
INLINE void LANE_NAME(store_rows)(vec value[LANES], size_t stride, double *to)
{
    for (size_t part = 0; part < PARTS; part++) {
        LANE_NAME(transpose)(value + part * WIDTH);
        for (size_t k = 0; k < WIDTH; k++)
            store(to + k * stride + part * WIDTH, value[part * WIDTH + k]);
    }
}

/*
 * The first row of bands, d high: its middle z, and the mass that the density
 * there would give it.  From row j to the next the density falls by g q^j, with
 * g = e^(-z d - d^2/2) and q = e^(-d^2).
 */
struct first_row {
    vec d, z, density, g, q;
};

INLINE struct first_row LANE_NAME(find_first_row)(const struct bands *at,
                                                  size_t i, bool narrow)
{
    vec zero = {0}, x = load(at->x + i);
    struct first_row f = {
        .d = LANE_NAME(least)(load(at->pitch + i), zero + PITCH_OF_10)};

    f.z = LANE_NAME(most)(LANE_NAME(least)(x, zero + X_MAX), zero - X_MAX) +
          0.5 * f.d;
    f.density = LANE_NAME(exp)(-0.5 * f.z * f.z) *
                (load(at->amount + i) * f.d * DENSITY_OF_0);
    f.g = LANE_NAME(exp)(-f.d * (f.z + 0.5 * f.d));
    f.q = narrow ? LANE_NAME(exp)(-f.d * f.d)
                 : LANE_NAME(exp_of_rest)(-f.d * f.d);
    return f;
}

/*
 * The coefficients of the integral over a row (HERMITE), of no more terms than
 * the band needs: what the later ones add to one power of z^2 would need all
 * the others.  No band needs more than most of them.
 */
INLINE void LANE_NAME(series)(vec d, size_t most, vec *out)
{
    vec q = 0.25 * d * d, power = (vec){0} + 1.0;
    bits beyond_4 = (bits)(d > PITCH_OF_4), beyond_7 = (bits)(d > PITCH_OF_7);

    for (size_t k = 0; k < most; k++) {
        vec sum = (vec){0} + HERMITE[most - 1][k];

        for (size_t n = most - 1; n-- > k;) {
            if (n == 6)
                sum = (vec)((bits)sum & beyond_7);
            else if (n == 3)
                sum = (vec)((bits)sum & beyond_4);
            sum = sum * q + HERMITE[n][k];
        }
        out[k] = sum * power;
        if (k >= 7)
            out[k] = (vec)((bits)out[k] & beyond_7);
        power *= q;
    }
}

/* What add_wide starts from; the density falls by g^8 q^(28 + 8 j) from row j
 * to the one eight rows on. */
INLINE void LANE_NAME(start_wide)(const struct first_row *first,
                                  enum liq_side side, size_t i, size_t terms,
                                  struct bands *out)
{
    vec d = first->d, density = first->density, g = first->g, q = first->q;
    vec g2 = g * g, g4 = g2 * g2, q2 = q * q, q4 = q2 * q2, q8 = q4 * q4;
    vec ratio = (g4 * g4) * (q8 * q8) * (q8 * q4);
    vec densities[LANES], ratios[LANES], c[TERMS];

    for (size_t j = 0; j < LANES; j++) {
        size_t lane = side == LIQ_LONG ? j : LANES - 1 - j;

        densities[lane] = density;
        ratios[lane] = ratio;
        density *= g;
        g *= q;
        ratio *= q8;
    }
    LANE_NAME(store_rows)(densities, LANES, out->density[i]);
    LANE_NAME(store_rows)(ratios, LANES, out->ratio[i]);
    /* Not a power of q: its error grows with the square of the rows. */
    store(out->shrink + i, LANE_NAME(exp)(-64.0 * d * d));
    LANE_NAME(series)(d, terms, c);
    for (size_t k = 0; k < terms; k++)
        store(out->series[k] + i, c[k]);
}

/* All rows of narrow bands, of which there are not more than `most`. */
INLINE void LANE_NAME(narrow_rows)(const struct first_row *first,
                                   enum liq_side side, size_t i, size_t most,
                                   size_t terms, struct bands *out)
{
    vec d = first->d, density = first->density, g = first->g, q = first->q;
    vec pitch = load(out->pitch + i), n = load(out->n + i), zero = {0};
    vec order = zero, c[TERMS], row[NARROW_ROWS];

    /* Others have none here. */
    n = (vec)((bits)n & (bits)(pitch > PITCH_NARROW) &
              (bits)(pitch <= PITCH_OF_10));
    LANE_NAME(series)(d, terms, c);
    for (size_t k = 0; k < most; k++) {
        vec z = first->z + order * d, u = z * z;
        vec p = c[terms - 1] * u + c[terms - 2];

        for (size_t t = terms - 2; t-- > 0;)
            p = u * p + c[t];
        row[side == LIQ_LONG ? k : NARROW_ROWS - 1 - k] =
            LANE_WHERE(order, n, p * density);
        order += 1.0;
        density *= g;
        g *= q;
    }
    for (size_t k = most; k < NARROW_ROWS; k++)
        row[side == LIQ_LONG ? k : NARROW_ROWS - 1 - k] = zero;
    for (size_t k = 0; k < NARROW_ROWS; k += LANES) {
        /* The later half is not looked at when all bands have fewer rows. */
        if (WIDTH < LANES || most > LANES || (k == 0) == (side == LIQ_LONG))
            LANE_NAME(store_rows)(row + k, NARROW_ROWS, out->rows[i] + k);
    }
}

/* What rows of this pitch have of a band that begins at x. */
struct high_band {
    double x, pitch;
    vec share[PARTS];
};

/* Rows that are too high for a series, as differences of the masses below their
 * edges; they are fewer than LANES. */
INLINE void LANE_NAME(find_high)(enum liq_side side, double x, double pitch,
                                 struct high_band *out)
{
    vec edge[PARTS], tail[PARTS], below[PARTS + 1] = {{0}};

    for (size_t i = 0; i < PARTS; i++)
        edge[i] = x + pitch * load(LANE_UP + i * WIDTH);
    LANE_NAME(tails)(edge, PARTS, tail);
    for (size_t i = 0; i < PARTS; i++)
        below[i] = LANE_NAME(below)(edge[i], tail[i]);
    for (size_t i = 0; i < PARTS; i++)
        edge[i] = LANE_NEXT(below[i], below[i + 1]) - below[i];
    for (size_t i = 0; i < PARTS; i++)
        out->share[i] =
            side == LIQ_LONG ? edge[i] : LANE_REVERSE(edge[PARTS - 1 - i]);
    out->x = x;
    out->pitch = pitch;
}

INLINE void LANE_NAME(high_rows)(enum liq_side side, size_t j,
                                 const struct high_band *h, struct bands *out)
{
    double *row = out->rows[j] + (side == LIQ_LONG ? 0 : NARROW_ROWS - LANES);
    vec zero = {0}, n = zero + out->n[j];

    for (size_t i = 0; i < PARTS; i++)
        store(row + i * WIDTH, LANE_WHERE(load(LANE_ORDER(side) + i * WIDTH), n,
                                          out->amount[j] * h->share[i]));
}

/* What is added to the rows, of bands with up to `most` rows, none higher than
 * `highest`. */
INLINE void LANE_NAME(make_rows)(enum liq_side side, size_t i, double most,
                                 double highest, struct high_band *high,
                                 struct bands *out)
{
    vec pitch = load(out->pitch + i);
    struct first_row first =
        LANE_NAME(find_first_row)(out, i, highest > PITCH_NARROW);

    if (highest <= PITCH_OF_4)
        LANE_NAME(start_wide)(&first, side, i, 4, out);
    else if (highest <= PITCH_NARROW || LANE_ANY(pitch <= PITCH_NARROW))
        LANE_NAME(start_wide)(&first, side, i, 7, out);
    if (highest <= PITCH_NARROW || !LANE_ANY(pitch > PITCH_NARROW))
        return;
    most = most < NARROW_ROWS ? most : NARROW_ROWS;
    if (LANE_ANY(pitch > PITCH_OF_7))
        LANE_NAME(narrow_rows)(&first, side, i, (size_t)most, TERMS, out);
    else
        LANE_NAME(narrow_rows)(&first, side, i, (size_t)most, 7, out);
    if (!LANE_ANY(pitch > PITCH_OF_10))
        return;
    for (size_t j = i; j < i + WIDTH; j++) {
        if (out->pitch[j] <= PITCH_OF_10 || out->n[j] == 0.0)
            continue;
        /* At round prices it is often as it was. */
        if (out->x[j] != high->x || out->pitch[j] != high->pitch)
            LANE_NAME(find_high)(side, out->x[j], out->pitch[j], high);
        LANE_NAME(high_rows)(side, j, high, out);
    }
}

/* What outlasts of the bands and where it is; the largest number of rows. */
INLINE double LANE_NAME(store_span)(struct span *at, enum liq_side side,
                                    vec stop, size_t i, struct bands *out)
{
    vec zero = {0}, edge = side == LIQ_LONG ? at->first : at->end;

    at->n = side == LIQ_LONG ? LANE_NAME(least)(at->end, stop) - edge
                             : edge - LANE_NAME(most)(at->first, stop);
    at->n = LANE_NAME(most)(at->n, zero);
    store(out->n + i, at->n);
    store(out->row + i, edge);
    store(out->x + i, LANE_NAME(distance)(at, side, edge));
    store(out->pitch + i, at->pitch);
    store(out->amount + i, at->amount);
    return LANE_NAME(largest)(at->n);
}

LANE_TARGET static void LANE_NAME(place)(const struct setting *s, size_t tier,
                                         const struct components *c,
                                         struct outside *to,
                                         struct bands *const out[LIQ_SIDES])
{
    double half = s->inflow[tier] / LIQ_SIDES;
    double highest = s->axis.price_step * (1.0 + 1e-9) /
                     (s->spread[BAND(tier, LIQ_LONG)] * c->least_entry);
    struct high_band high[LIQ_SIDES];

    /* No band has these. */
    high[LIQ_LONG].pitch = high[LIQ_SHORT].pitch = 0.0;
    high[LIQ_LONG].x = high[LIQ_SHORT].x = 0.0;

    for (size_t i = 0; i < c->n; i += WIDTH) {
        vec amount = load(c->volume + i) * (half / load(c->scale[tier] + i));
        struct span at[LIQ_SIDES];

        for (size_t side = 0; side < LIQ_SIDES; side++)
            at[side] = LANE_NAME(find_span)(s, BAND(tier, side), c, i, amount);
        LANE_NAME(add_far)(at, c, i, to->far + tier);
        for (size_t side = 0; side < LIQ_SIDES; side++) {
            struct bands *b = &out[side][i / LANES];
            double most =
                LANE_NAME(store_span)(&at[side], (enum liq_side)side,
                                      load(c->stop[side] + i), i % LANES, b);

            if (i + WIDTH > c->near_from[side])
                LANE_NAME(add_near)
            (&at[side], (enum liq_side)side, c, i, to->near + BAND(tier, side));
            if (i % LANES == 0)
                b->most = 0.0;
            b->most = most > b->most ? most : b->most;
            if (most > 0.0)
                LANE_NAME(make_rows)
            ((enum liq_side)side, i % LANES, most, highest, &high[side], b);
        }
    }
}

/* --- rows -----------------------------------------------------------------
 */

/* Add to those of the next LANES rows that are among n of a band. */
INLINE void LANE_NAME(add_some)(double *row, size_t n, enum liq_side side,
                                size_t i, vec more)
{
    bits lane = (bits)(load(LANE_ORDER(side) + i) < (double)n);

    store(row + i, load(row + i) + (vec)((bits)more & lane));
}

/*
 * Rows at once: their middles, the mass that the density there would give
 * them, and what that is multiplied with from one block to the next.
 */
struct block {
    vec z[PARTS], density[PARTS], ratio[PARTS];
};

/* The masses of part i of the block, which then goes on to the next rows. */
INLINE vec LANE_NAME(block_take)(struct block *b, size_t i, vec step,
                                 vec shrink, const vec *c, size_t terms)
{
    vec u = b->z[i] * b->z[i], p = c[terms - 1] * u + c[terms - 2];

    for (size_t k = terms - 2; k-- > 0;)
        p = u * p + c[k];
    p *= b->density[i];
    b->z[i] += step;
    b->density[i] *= b->ratio[i];
    b->ratio[i] *= shrink;
    return p;
}

/* Rows of band j, from its edge away from the close on: those of longs go up
 * from row, those of shorts down. */
INLINE void LANE_NAME(add_wide)(const struct bands *at, size_t j, size_t n,
                                enum liq_side side, double *row, size_t terms)
{
    double d = at->pitch[j], z = at->x[j] + 0.5 * d;
    ptrdiff_t next = side == LIQ_LONG ? LANES : -LANES;
    vec zero = {0}, step = zero + LANES * d, shrink = zero + at->shrink[j];
    vec c[TERMS];
    struct block b;

    for (size_t k = 0; k < terms; k++)
        c[k] = zero + at->series[k][j];
    for (size_t i = 0; i < PARTS; i++) {
        b.z[i] = z + d * load(LANE_ORDER(side) + i * WIDTH);
        b.density[i] = load(at->density[j] + i * WIDTH);
        b.ratio[i] = load(at->ratio[j] + i * WIDTH);
    }
    for (; n > LANES; n -= LANES, row += next) {
        for (size_t i = 0; i < PARTS; i++)
            store(row + i * WIDTH,
                  load(row + i * WIDTH) +
                      LANE_NAME(block_take)(&b, i, step, shrink, c, terms));
    }
    for (size_t i = 0; i < PARTS; i++)
        LANE_NAME(add_some)
    (row, n, side, i * WIDTH,
     LANE_NAME(block_take)(&b, i, step, shrink, c, terms));
}

INLINE void LANE_NAME(add_narrow)(const double *more, double *row)
{
    for (size_t i = 0; i < LANES; i += WIDTH)
        store(row + i, load(row + i) + load(more + i));
}

INLINE void LANE_NAME(add_band)(const struct bands *at, size_t j,
                                enum liq_side side, double *cell)
{
    ptrdiff_t next = side == LIQ_LONG ? LANES : -LANES;
    double *row = cell + (size_t)at->row[j] - (side == LIQ_LONG ? 0 : LANES);
    const double *more = at->rows[j] + (side == LIQ_LONG ? 0 : LANES);

    if (at->n[j] == 0.0)
        return;
    if (at->pitch[j] > PITCH_NARROW) {
        LANE_NAME(add_narrow)(more, row);
        if (at->most > LANES)
            LANE_NAME(add_narrow)(more + next, row + next);
    } else if (at->pitch[j] <= PITCH_OF_4) {
        LANE_NAME(add_wide)(at, j, (size_t)at->n[j], side, row, 4);
    } else {
        LANE_NAME(add_wide)(at, j, (size_t)at->n[j], side, row, 7);
    }
}

INLINE void LANE_NAME(add_one)(const struct bands *at, size_t i,
                               enum liq_side side, double *cell)
{
    if (at[i / LANES].most > 0.0)
        LANE_NAME(add_band)(&at[i / LANES], i % LANES, side, cell);
}

/* One component after the other, each to all tiers: rows that were just written
 * are not read again before they have left the store buffer. */
LANE_TARGET static void LANE_NAME(add_bands)(const struct tier_bands *tier,
                                             size_t n, size_t from, size_t end)
{
    for (size_t i = from; i < end; i++) {
        for (size_t k = 0; k < n; k++) {
            LANE_NAME(add_one)(tier[k].at[LIQ_LONG], i, LIQ_LONG, tier[k].cell);
            LANE_NAME(add_one)
            (tier[k].at[LIQ_SHORT], i, LIQ_SHORT, tier[k].cell);
        }
    }
}
