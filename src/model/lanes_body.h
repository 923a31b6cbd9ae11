/*
 * The loops of lanes.h for one width of register; private to lanes.c, which
 * includes this once for each kind of processor and defines
 *
 *   LANE_BYTES        size of a register
 *   LANE_TARGET       the attribute that says what the processor has
 *   LANE_NAME(x)      a name of this kind's own
 *   LANE_NEXT(a, b)   the lanes of a but the first, then the first of b
 *   LANE_LOW(a, b)    the lower lanes of a and b by turns
 *   LANE_HIGH(a, b)   the upper ones
 *
 * LANES rows at once are PARTS registers.  No guard: it is meant to be included
 * more than once.
 */
#define vec LANE_NAME(vec)
#define bits LANE_NAME(bits)
#define block LANE_NAME(block)
#define offsets LANE_NAME(offsets)
#define load LANE_NAME(load)
#define store LANE_NAME(store)
#define choose LANE_NAME(choose)
#define WIDTH (LANE_BYTES / sizeof(double))
#define PARTS (LANES / WIDTH)
#define BATCH_PARTS (BATCH / WIDTH)
#define INLINE LANE_TARGET __attribute__((always_inline)) static inline

typedef double vec __attribute__((vector_size(LANE_BYTES)));
typedef uint64_t bits __attribute__((vector_size(LANE_BYTES)));

INLINE vec load(const double *from)
{
    vec x;

    memcpy(&x, from, sizeof x);
    return x;
}

INLINE void store(double *to, vec x)
{
    memcpy(to, &x, sizeof x);
}

/* Lane by lane: a where the mask is all ones, b where it is 0. */
INLINE vec choose(bits mask, vec a, vec b)
{
    return (vec)(((bits)a & mask) | ((bits)b & ~mask));
}

INLINE vec LANE_NAME(least)(vec a, vec b)
{
    return choose((bits)(a < b), a, b);
}

INLINE vec LANE_NAME(most)(vec a, vec b)
{
    return choose((bits)(a > b), a, b);
}

INLINE vec LANE_NAME(root)(vec x)
{
    double lane[WIDTH];

    store(lane, x);
    for (size_t i = 0; i < WIDTH; i++)
        lane[i] = sqrt(lane[i]);
    return load(lane);
}

/* e^x for -700 < x < 700 to 1e-15: 2^k times the series of the rest, |rest| <=
 * ln 2 / 2, added up by pairs that need not wait for each other. */
INLINE vec LANE_NAME(exp)(vec x)
{
    const double *c = EXP_SERIES;
    vec k = x * LOG2_E + ROUND, low, high, r, r2, r4;
    bits exponent = (bits)k << 52;

    k -= ROUND;
    r = x - k * LN2_HIGH - k * LN2_LOW;
    r2 = r * r;
    r4 = r2 * r2;
    low = (c[0] + r * c[1]) + r2 * (c[2] + r * c[3]);
    high = (c[4] + r * c[5]) + r2 * (c[6] + r * c[7]);
    high += r4 * ((c[8] + r * c[9]) + r2 * c[10]);
    return (vec)((bits)(low + r4 * high) + exponent);
}

/*
 * The mass farther from the mean than |x| sigma on one side, to 4e-15 of itself
 * up to 8 sigma and 1e-13 up to TAIL_REACH.  n registers at once, which need
 * not wait for each other.
 */
INLINE void LANE_NAME(tails)(const vec *x, size_t n, vec *out)
{
    const double *c = TAIL_SERIES;
    vec z[TAILS_MAX], part[TAILS_MAX], w[TAILS_MAX];
    vec even[TAILS_MAX], odd[TAILS_MAX];

    for (size_t i = 0; i < n; i++) {
        z[i] = (vec)((bits)x[i] & (UINT64_MAX >> 1));
        z[i] = LANE_NAME(least)(z[i], (vec){0} + TAIL_REACH);
        part[i] = 1.0 / (z[i] + TAIL_SHIFT);
        w[i] = TAIL_A * part[i] + TAIL_B;
        even[i] = (vec){0} + c[TAIL_TERMS - 2];
        odd[i] = (vec){0} + c[TAIL_TERMS - 1];
    }
    for (size_t k = TAIL_TERMS - 2; k > 0; k -= 2) {
        for (size_t i = 0; i < n; i++) {
            even[i] = even[i] * (w[i] * w[i]) + c[k - 2];
            odd[i] = odd[i] * (w[i] * w[i]) + c[k - 1];
        }
    }
    for (size_t i = 0; i < n; i++)
        out[i] = LANE_NAME(exp)(-0.5 * z[i] * z[i]) *
                 (part[i] * (even[i] + w[i] * odd[i]));
}

/* The mass below x sigma, given the tail there: to 2e-16 of the whole. */
INLINE vec LANE_NAME(below)(vec x, vec tail)
{
    return choose((bits)(x > 0.0), 1.0 - tail, tail);
}

/* The mass between two distances, given the tails there: those on one side of
 * the mean keep their digits in the difference. */
INLINE vec LANE_NAME(middle)(vec x, vec tail, vec next_x, vec next_tail)
{
    bits above = (bits)(x > 0.0), next_above = (bits)(next_x > 0.0);
    vec zero = {0};
    vec mass =
        choose(next_above, -next_tail, next_tail) - choose(above, -tail, tail);

    mass += choose(next_above & ~above, zero + 1.0, zero);
    return LANE_NAME(most)(mass, zero);
}

/* --- bands ----------------------------------------------------------------
 */

/* The row that a price is in: -1 below the axis, rows above it. */
INLINE vec LANE_NAME(whole_row)(vec row, double rows)
{
    vec low = (vec){0} - 1.0, whole;

    row = LANE_NAME(least)(LANE_NAME(most)(row, low), low + 1.0 + rows);
    whole = (row + ROUND) - ROUND;
    return whole - choose((bits)(whole > row), (vec){0} + 1.0, (vec){0});
}

/*
 * What is outside the axis on the side away from the close, of bands i of both
 * sides, from where their rows begin and end and the cut is, in sigma.  Shorts
 * are longs mirrored at their mean.
 */
INLINE void LANE_NAME(add_far)(const struct component *c, size_t i,
                               vec at[LIQ_SIDES][3], struct outside *to)
{
    vec x[LIQ_SIDES], tail[LIQ_SIDES];

    for (size_t side = 0; side < LIQ_SIDES; side++)
        x[side] = LANE_NAME(least)(at[side][0], at[side][2]);
    LANE_NAME(tails)(x, LIQ_SIDES, tail);
    for (size_t side = 0; side < LIQ_SIDES; side++) {
        double *far = to->far + BAND(i, side);

        store(far, load(far) + load(c->amount + BAND(i, side)) *
                                   LANE_NAME(below)(x[side], tail[side]));
    }
}

/* The same on the other side, as far as the cut. */
INLINE void LANE_NAME(add_near)(const struct component *c, size_t i,
                                vec at[LIQ_SIDES][3], struct outside *to)
{
    vec x[2 * LIQ_SIDES], tail[2 * LIQ_SIDES];

    for (size_t side = 0; side < LIQ_SIDES; side++) {
        x[2 * side] = LANE_NAME(least)(at[side][1], at[side][2]);
        x[2 * side + 1] = at[side][2];
    }
    LANE_NAME(tails)(x, 2 * LIQ_SIDES, tail);
    for (size_t side = 0; side < LIQ_SIDES; side++) {
        size_t k = 2 * side;
        double *near = to->near + BAND(i, side);

        store(near, load(near) + load(c->amount + BAND(i, side)) *
                                     LANE_NAME(middle)(x[k], tail[k], x[k + 1],
                                                       tail[k + 1]));
    }
}

/* Rows of a square become its columns: each round deals the upper and the lower
 * half of the rows like two halves of a pack of cards. */
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

/* Values of WIDTH bands, row by row, to those of LANES rows band by band. */
INLINE void LANE_NAME(store_rows)(vec value[LANES], double (*to)[LANES])
{
    for (size_t part = 0; part < PARTS; part++) {
        LANE_NAME(transpose)(value + part * WIDTH);
        for (size_t k = 0; k < WIDTH; k++)
            store(to[k] + part * WIDTH, value[part * WIDTH + k]);
    }
}

/*
 * What add_low starts from: with g = e^(-z d - d^2/2) and q = e^(-d^2) for the
 * middle z of the first row, the density falls by g q^j from row j to the next
 * and by g^8 q^(28 + 8 j) to the one eight rows on.
 */
INLINE void LANE_NAME(start_rows)(const struct component *c, size_t i,
                                  struct bands *out)
{
    vec amount = load(c->amount + i), x = load(out->x + i);
    vec pitch = load(out->pitch + i), zero = {0};
    vec d = LANE_NAME(least)(pitch, zero + PITCH_OF_10);
    vec z = LANE_NAME(most)(LANE_NAME(least)(x, zero + X_MAX), zero - X_MAX) +
            0.5 * d;
    vec density = LANE_NAME(exp)(-0.5 * z * z) * (amount * d * DENSITY_OF_0);
    vec g = LANE_NAME(exp)(-d * (z + 0.5 * d)), g2 = g * g, g4 = g2 * g2;
    vec q = LANE_NAME(exp)(-d * d), q2 = q * q, q4 = q2 * q2, q8 = q4 * q4;
    vec ratio = (g4 * g4) * (q8 * q8) * (q8 * q4);
    vec densities[LANES], ratios[LANES];

    for (size_t j = 0; j < LANES; j++) {
        densities[j] = density;
        ratios[j] = ratio;
        density *= g;
        g *= q;
        ratio *= q8;
    }
    LANE_NAME(store_rows)(densities, out->density + i);
    LANE_NAME(store_rows)(ratios, out->ratio + i);
    /* Not a power of q: its error grows with the square of the rows. */
    store(out->shrink + i, LANE_NAME(exp)(-64.0 * d * d));
}

/* The coefficients of the integral over a row (HERMITE), of no more terms than
 * the band needs: what the later ones add to one power of z^2 would need all
 * the others. */
INLINE void LANE_NAME(series)(size_t i, struct bands *out)
{
    vec d = LANE_NAME(least)(load(out->pitch + i), (vec){0} + PITCH_OF_10);
    vec q = 0.25 * d * d, power = (vec){0} + 1.0;
    bits beyond_4 = (bits)(d > PITCH_OF_4), beyond_7 = (bits)(d > PITCH_OF_7);

    for (size_t k = 0; k < TERMS; k++) {
        vec sum = (vec){0} + HERMITE[TERMS - 1][k];

        for (size_t n = TERMS - 1; n-- > k;) {
            if (n == 6)
                sum = (vec)((bits)sum & beyond_7);
            else if (n == 3)
                sum = (vec)((bits)sum & beyond_4);
            sum = sum * q + HERMITE[n][k];
        }
        store(out->series[k] + i, sum * power);
        power *= q;
    }
}

/* The bands from i on, of one side. */
INLINE void LANE_NAME(place_some)(const struct setting *s,
                                  const struct component *c, size_t i,
                                  enum liq_side side, vec x[3],
                                  struct bands *out)
{
    double per_row = 1.0 / s->axis.price_step, rows = (double)s->axis.rows;
    double cut = c->cut[side], stop_row = cut > -1.0 ? cut : -1.0;
    vec zero = {0}, stop = zero + (stop_row < rows ? stop_row : rows);
    vec factor = load(s->factor + i), entries = factor * c->sigma;
    vec spread = load(s->spread + i) * c->entry;
    vec sigma = LANE_NAME(root)(entries * entries + spread * spread);
    vec per_sigma = 1.0 / sigma, pitch = s->axis.price_step * per_sigma;
    vec mean = factor * c->entry - s->axis.price_min;
    vec mean_x = mean * per_sigma, middle = mean * per_row + LIQ_EDGE_SLACK;
    vec reach = BAND_REACH * sigma * per_row;
    vec first = LANE_NAME(whole_row)(middle - reach, rows);
    vec end = LANE_NAME(whole_row)(middle + reach, rows) + 1.0;

    first = LANE_NAME(most)(first, zero);
    end = LANE_NAME(least)(end, zero + rows);
    if (side == LIQ_LONG)
        end = LANE_NAME(least)(end, LANE_NAME(most)(stop, first));
    else
        first = LANE_NAME(most)(first, LANE_NAME(least)(stop, end));
    x[0] = first * pitch - mean_x;
    x[1] = end * pitch - mean_x;
    x[2] = cut * pitch - mean_x;
    store(out->first + i, first);
    store(out->end + i, end);
    store(out->x + i, x[0]);
    store(out->pitch + i, pitch);
    if (side == LIQ_SHORT) {
        vec first_x = x[0];

        x[0] = -x[1];
        x[1] = -first_x;
        x[2] = -x[2];
    }
}

LANE_TARGET static void LANE_NAME(place)(const struct setting *s,
                                         const struct component *c,
                                         struct outside *to, struct bands *out)
{
    for (size_t i = 0; i < SIDE_BANDS; i += WIDTH) {
        vec x[LIQ_SIDES][3];

        for (size_t side = 0; side < LIQ_SIDES; side++)
            LANE_NAME(place_some)
        (s, c, BAND(i, side), (enum liq_side)side, x[side], out);
        LANE_NAME(add_far)(c, i, x, to);
        if (!c->near_is_lost)
            LANE_NAME(add_near)(c, i, x, to);
        for (size_t side = 0; side < LIQ_SIDES; side++)
            LANE_NAME(start_rows)(c, BAND(i, side), out);
        for (size_t side = 0; side < LIQ_SIDES; side++)
            LANE_NAME(series)(BAND(i, side), out);
    }
}

/* --- rows -----------------------------------------------------------------
 */

/* Add to those of the next rows that are among the n of a band; the first of
 * them is row number i of the band. */
INLINE void LANE_NAME(add_some)(double *row, size_t n, size_t i, vec more)
{
    bits lane;

    memcpy(&lane, LANE_COUNT + i, sizeof lane);
    more = (vec)((bits)more & (bits)(lane < (uint64_t)n));
    store(row + i, load(row + i) + more);
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

INLINE void LANE_NAME(add_low)(const struct bands *at, size_t band, size_t n,
                               double *row, size_t terms)
{
    double d = at->pitch[band], z = at->x[band] + 0.5 * d;
    vec zero = {0}, step = zero + LANES * d, shrink = zero + at->shrink[band];
    vec c[TERMS];
    struct block b;

    for (size_t k = 0; k < terms; k++)
        c[k] = zero + at->series[k][band];
    for (size_t i = 0; i < PARTS; i++) {
        b.z[i] = z + d * load(LANE_NUMBER + i * WIDTH);
        b.density[i] = load(at->density[band] + i * WIDTH);
        b.ratio[i] = load(at->ratio[band] + i * WIDTH);
    }
    for (; n > LANES; n -= LANES, row += LANES) {
        for (size_t i = 0; i < PARTS; i++)
            store(row + i * WIDTH,
                  load(row + i * WIDTH) +
                      LANE_NAME(block_take)(&b, i, step, shrink, c, terms));
    }
    for (size_t i = 0; i < PARTS; i++)
        LANE_NAME(add_some)
    (row, n, i * WIDTH, LANE_NAME(block_take)(&b, i, step, shrink, c, terms));
}

/* Rows as differences of the masses below their edges. */
INLINE void LANE_NAME(add_high)(const struct bands *at, size_t band, size_t n,
                                double *row, double mass)
{
    vec edge[PARTS], below[PARTS];

    for (size_t i = 0; i < PARTS; i++)
        edge[i] = at->x[band] + load(LANE_NUMBER + i * WIDTH) * at->pitch[band];
    LANE_NAME(tails)(edge, PARTS, below);
    for (size_t i = 0; i < PARTS; i++)
        below[i] = LANE_NAME(below)(edge[i], below[i]);
    for (size_t i = 0; i < PARTS; i++) {
        vec next = LANE_NEXT(below[i], below[i + 1 < PARTS ? i + 1 : i]);

        LANE_NAME(add_some)(row, n, i * WIDTH, mass * (next - below[i]));
    }
}

INLINE void LANE_NAME(add_band)(const struct bands *at, size_t i, double mass,
                                double *cell)
{
    size_t first = (size_t)at->first[i], n = (size_t)at->end[i] - first;
    double *row = cell + first;

    if (at->pitch[i] <= PITCH_OF_4)
        LANE_NAME(add_low)(at, i, n, row, 4);
    else if (at->pitch[i] <= PITCH_OF_7)
        LANE_NAME(add_low)(at, i, n, row, 7);
    else if (at->pitch[i] <= PITCH_OF_10)
        LANE_NAME(add_low)(at, i, n, row, 10);
    else
        LANE_NAME(add_high)(at, i, n, row, mass);
}

LANE_TARGET static void LANE_NAME(add_bands)(const struct bands *at,
                                             const struct component *c,
                                             size_t rows, double *cell)
{
    for (size_t i = 0; i < BANDS; i++) {
        if (at->end[i] > at->first[i] && c->mass[i] > 0.0)
            LANE_NAME(add_band)
        (at, i, c->amount[i], cell + i % SIDE_BANDS * rows);
    }
}

/* The largest of the lanes. */
INLINE double LANE_NAME(largest)(vec x)
{
    double lane[WIDTH], most;

    store(lane, x);
    most = lane[0];
    for (size_t i = 1; i < WIDTH; i++)
        most = lane[i] > most ? lane[i] : most;
    return most;
}

#include "lanes_batch.h"

/* Sums from cell i on, into out. */
INLINE vec LANE_NAME(weigh_next)(const struct weighed *w, size_t tiers,
                                 size_t i, double *out)
{
    vec sum = {0};

    for (size_t k = 0; k < tiers; k++)
        sum += w->weight[k] * load(w->cell[k] + i);
    store(out + i, sum);
    return sum;
}

INLINE double LANE_NAME(weigh_some)(const struct weighed *w, size_t tiers,
                                    size_t n, double *out)
{
    vec most = {0}, sum;
    size_t whole = n / WIDTH * WIDTH;
    bits lane;

    for (size_t i = 0; i < whole; i += WIDTH)
        most = LANE_NAME(most)(most, LANE_NAME(weigh_next)(w, tiers, i, out));
    if (whole < n) {
        sum = LANE_NAME(weigh_next)(w, tiers, whole, out);
        /* Behind the last row is what is not to be looked at. */
        memcpy(&lane, LANE_COUNT, sizeof lane);
        sum = (vec)((bits)sum & (bits)(lane < (uint64_t)(n - whole)));
        most = LANE_NAME(most)(most, sum);
    }
    return LANE_NAME(largest)(most);
}

LANE_TARGET static double LANE_NAME(weigh)(const struct weighed *w, size_t n,
                                           double *out)
{
    return w->n == LIQ_TIERS ? LANE_NAME(weigh_some)(w, LIQ_TIERS, n, out)
                             : LANE_NAME(weigh_some)(w, w->n, n, out);
}

static const struct lanes_ops LANE_NAME(ops) = {
    LANE_NAME(place),     LANE_NAME(add_bands), LANE_NAME(enter),
    LANE_NAME(share_row), LANE_NAME(add_round), LANE_NAME(weigh)};

#undef vec
#undef bits
#undef block
#undef offsets
#undef load
#undef store
#undef choose
#undef WIDTH
#undef PARTS
#undef BATCH_PARTS
#undef INLINE
#undef LANE_BYTES
#undef LANE_TARGET
#undef LANE_NAME
#undef LANE_NEXT
#undef LANE_LOW
#undef LANE_HIGH
