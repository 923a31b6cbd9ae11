/*
 * The loops of lanes.h for one width of register; private to lanes.c, which
 * includes this once for each kind of processor and defines
 *
 *   LANE_BYTES        size of a register
 *   LANE_TARGET       the attribute that says what the processor has
 *   LANE_NAME(x)      a name of this kind's own
 *   LANE_LEAST(a, b)  lane by lane the lower one; b where it is no number
 *   LANE_MOST(a, b)   likewise the higher one
 *   LANE_ANY(m)       whether a lane of the mask is all ones
 *   LANE_LARGEST(x)   the largest of the lanes
 *   LANE_FLOOR(x)     lane by lane the largest whole number up to x, |x| < 2^51
 *   LANE_CHOOSE(a, b, x, y)  lane by lane x where a < b, else y
 *   LANE_WHERE(a, b, x)  lane by lane x where a < b, else 0
 *   LANE_NEXT(a, b)   the lanes of a but the first, and the first of b
 *   LANE_REVERSE(a)   the lanes from the last to the first
 *   LANE_LOW(a, b)    the lower lanes of a and b by turns
 *   LANE_HIGH(a, b)   the upper ones
 *
 * LANES rows at once are PARTS registers.  No guard: it is meant to be included
 * more than once.
 */
#define vec LANE_NAME(vec)
#define bits LANE_NAME(bits)
#define block LANE_NAME(block)
#define first_row LANE_NAME(first_row)
#define high_band LANE_NAME(high_band)
#define span LANE_NAME(span)
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
    return LANE_LEAST(a, b);
}

INLINE vec LANE_NAME(most)(vec a, vec b)
{
    return LANE_MOST(a, b);
}

INLINE double LANE_NAME(largest)(vec x)
{
    return LANE_LARGEST(x);
}

/* The largest whole number up to x, if |x| < 2^51; near it beyond. */
INLINE vec LANE_NAME(floor)(vec x)
{
    vec near = (x + ROUND) - ROUND;

    return near - LANE_WHERE(x, near, (vec){0} + 1.0);
}

/* 1 / sqrt(x), x > 0, to 3e-16: Newton's steps, each of which squares an error
 * of 3 % at first.  Shorter than a root and a division. */
INLINE vec LANE_NAME(per_root)(vec x)
{
    vec half = 0.5 * x, y = (vec)(PER_ROOT_GUESS - ((bits)x >> 1));

    for (int i = 0; i < 4; i++)
        y *= 1.5 - half * y * y;
    return y;
}

/* e^r for |r| <= ln 2 / 2: the series, added up by pairs that need not wait for
 * each other.  For such r the same bytes as exp below. */
INLINE vec LANE_NAME(exp_of_rest)(vec r)
{
    const double *c = EXP_SERIES;
    vec r2 = r * r, r4 = r2 * r2, low, high;

    low = (c[0] + r * c[1]) + r2 * (c[2] + r * c[3]);
    high = (c[4] + r * c[5]) + r2 * (c[6] + r * c[7]);
    high += r4 * ((c[8] + r * c[9]) + r2 * c[10]);
    return low + r4 * high;
}

/* e^x for -700 < x < 700 to 1e-15: 2^k times e^r, |r| <= ln 2 / 2. */
INLINE vec LANE_NAME(exp)(vec x)
{
    vec k = x * LOG2_E + ROUND, r;
    bits exponent = (bits)k << 52;

    k -= ROUND;
    r = x - k * LN2_HIGH - k * LN2_LOW;
    return (vec)((bits)LANE_NAME(exp_of_rest)(r) + exponent);
}

/* Both halves of a polynomial, which need not wait for each other, in n
 * registers at once. */
INLINE void LANE_NAME(polynomials)(const double *c, size_t terms, const vec *w,
                                   size_t n, vec *out)
{
    vec even[TAILS_MAX], odd[TAILS_MAX];

    for (size_t i = 0; i < n; i++) {
        even[i] = (vec){0} + c[terms - 2];
        odd[i] = (vec){0} + c[terms - 1];
    }
    for (size_t k = terms - 2; k > 0; k -= 2) {
        for (size_t i = 0; i < n; i++) {
            even[i] = even[i] * (w[i] * w[i]) + c[k - 2];
            odd[i] = odd[i] * (w[i] * w[i]) + c[k - 1];
        }
    }
    for (size_t i = 0; i < n; i++)
        out[i] = even[i] + w[i] * odd[i];
}

/* What tails have in common: |x|, and 1 / (|x| + TAIL_SHIFT). */
INLINE void LANE_NAME(start_tails)(const vec *x, size_t n, vec *z, vec *part)
{
    for (size_t i = 0; i < n; i++) {
        z[i] = (vec)((bits)x[i] & (UINT64_MAX >> 1));
        z[i] = LANE_NAME(least)(z[i], (vec){0} + TAIL_REACH);
        part[i] = 1.0 / (z[i] + TAIL_SHIFT);
    }
}

/* From the polynomials; none of a band is farther out than TAIL_REACH. */
INLINE void LANE_NAME(end_tails)(const vec *z, const vec *part, size_t n,
                                 vec *out)
{
    for (size_t i = 0; i < n; i++) {
        out[i] *= LANE_NAME(exp)(-0.5 * z[i] * z[i]) * part[i];
        out[i] = LANE_WHERE(z[i], (vec){0} + TAIL_REACH, out[i]);
    }
}

/*
 * The mass farther from the mean than |x| sigma on one side, to 1e-14 of
 * itself.  n registers at once, which need not wait for each other.
 */
INLINE void LANE_NAME(tails)(const vec *x, size_t n, vec *out)
{
    vec z[TAILS_MAX], part[TAILS_MAX], w[TAILS_MAX];

    LANE_NAME(start_tails)(x, n, z, part);
    for (size_t i = 0; i < n; i++)
        w[i] = TAIL_A * part[i] + TAIL_B;
    LANE_NAME(polynomials)(TAIL_SERIES, TAIL_TERMS, w, n, out);
    LANE_NAME(end_tails)(z, part, n, out);
}

/* The same to 1e-16 of a band: most are at least FAR_FROM away, where fewer
 * terms are enough. */
INLINE void LANE_NAME(far_tails)(const vec *x, size_t n, vec *out)
{
    vec z[TAILS_MAX], part[TAILS_MAX], w[TAILS_MAX], nearest, near[TAILS_MAX];

    LANE_NAME(start_tails)(x, n, z, part);
    nearest = z[0];
    for (size_t i = 0; i < n; i++) {
        w[i] = FAR_A * part[i] + FAR_B;
        nearest = LANE_NAME(least)(nearest, z[i]);
    }
    LANE_NAME(polynomials)(FAR_SERIES, FAR_TERMS, w, n, out);
    if (LANE_ANY(nearest < FAR_FROM)) {
        for (size_t i = 0; i < n; i++)
            w[i] = TAIL_A * part[i] + TAIL_B;
        LANE_NAME(polynomials)(TAIL_SERIES, TAIL_TERMS, w, n, near);
        for (size_t i = 0; i < n; i++)
            out[i] = LANE_CHOOSE(z[i], (vec){0} + FAR_FROM, near[i], out[i]);
    }
    LANE_NAME(end_tails)(z, part, n, out);
}

/* The mass below x sigma, given the tail there: to 2e-16 of the whole. */
INLINE vec LANE_NAME(below)(vec x, vec tail)
{
    vec zero = {0};

    return LANE_CHOOSE(zero, x, 1.0 - tail, tail);
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

/* --- the rest -------------------------------------------------------------
 */

#include "lanes_bands.h"
#include "lanes_batch.h"

/* Sums from cell i on, into out. */
INLINE vec LANE_NAME(weigh_next)(const struct weighed *w, size_t tiers,
                                 size_t i, double *out)
{
    vec sum = w->weight[0] * load(w->cell[0] + i);

    for (size_t k = 1; k < tiers; k++)
        sum += w->weight[k] * load(w->cell[k] + i);
    store(out + i, sum);
    return sum;
}

INLINE double LANE_NAME(weigh_some)(const struct weighed *from, size_t tiers,
                                    size_t n, double *out)
{
    struct weighed w = *from; /* which out does not overlap */
    vec most = {0}, other = {0}, sum;
    size_t i = 0;
    bits lane;

    for (size_t k = w.n; k < tiers; k++) {
        w.cell[k] = w.cell[0];
        w.weight[k] = 0.0;
    }
    /* Two registers at once, which need not wait for each other. */
    for (; i + 2 * WIDTH <= n; i += 2 * WIDTH) {
        /* What follows is most often the next column to be written. */
        __builtin_prefetch(out + n + i, 1);
        __builtin_prefetch(out + n + i + WIDTH, 1);
        most = LANE_NAME(most)(most, LANE_NAME(weigh_next)(&w, tiers, i, out));
        other = LANE_NAME(most)(
            other, LANE_NAME(weigh_next)(&w, tiers, i + WIDTH, out));
    }
    for (; i < n; i += WIDTH) {
        sum = LANE_NAME(weigh_next)(&w, tiers, i, out);
        /* Behind the last row is what is not to be looked at. */
        lane = (bits)(load(LANE_UP) < (double)(n - i));
        other = LANE_NAME(most)(other, (vec)((bits)sum & lane));
    }
    return LANE_NAME(largest)(LANE_NAME(most)(most, other));
}

LANE_TARGET static double LANE_NAME(weigh)(const struct weighed *w, size_t n,
                                           double *out)
{
    return w->n <= LIQ_TIERS / 2 + 1
               ? LANE_NAME(weigh_some)(w, LIQ_TIERS / 2 + 1, n, out)
               : LANE_NAME(weigh_some)(w, LIQ_TIERS, n, out);
}

LANE_TARGET static void LANE_NAME(renew)(const double *before,
                                         const double *now, double growth,
                                         size_t n, int64_t birth_ms,
                                         int64_t *birth)
{
    bits later = (bits){0} + (uint64_t)birth_ms;
    size_t i;

    for (i = 0; i + LANES <= n; i += LANES) {
        bits grown[PARTS], any = {0}, was;

        for (size_t k = 0; k < PARTS; k++) {
            size_t at = i + k * WIDTH;

            grown[k] = (bits)(growth * load(before + at) < load(now + at));
            any |= grown[k];
        }
        if (!LANE_ANY(any))
            continue; /* nearly always */
        for (size_t k = 0; k < PARTS; k++) {
            memcpy(&was, birth + i + k * WIDTH, sizeof was);
            was = (later & grown[k]) | (was & ~grown[k]);
            memcpy(birth + i + k * WIDTH, &was, sizeof was);
        }
    }
    for (; i < n; i++) {
        if (growth * before[i] < now[i])
            birth[i] = birth_ms;
    }
}

static const struct lanes_ops LANE_NAME(ops) = {
    LANE_NAME(place),     LANE_NAME(add_bands), LANE_NAME(enter),
    LANE_NAME(share_row), LANE_NAME(add_round), LANE_NAME(weigh),
    LANE_NAME(renew)};

#undef vec
#undef bits
#undef block
#undef first_row
#undef high_band
#undef span
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
#undef LANE_ORDER
#undef LANE_ANY
#undef LANE_LARGEST
#undef LANE_FLOOR
#undef LANE_CHOOSE
#undef LANE_REVERSE
#undef LANE_WHERE
#undef LANE_NEXT
#undef LANE_LEAST
#undef LANE_MOST
#undef LANE_LOW
#undef LANE_HIGH
