/*
 * The loops of lanes.h for one width of register; private to lanes.c, which
 * includes this once for each kind of processor and defines
 *
 *   LANE_BYTES    size of a register
 *   LANE_TARGET   the attribute that says what the processor has
 *   LANE_NAME(x)  a name of this kind's own
 *
 * LANES rows at once are PARTS registers.  No guard: it is meant to be included
 * more than once.
 */
#define vec LANE_NAME(vec)
#define vec_bits LANE_NAME(vec_bits)
#define block LANE_NAME(block)
#define WIDTH (LANE_BYTES / sizeof(double))
#define PARTS (LANES / WIDTH)
#define INLINE LANE_TARGET __attribute__((always_inline)) static inline

typedef double vec __attribute__((vector_size(LANE_BYTES)));
typedef uint64_t vec_bits __attribute__((vector_size(LANE_BYTES)));

/* e^x for -700 < x < 700 to 1e-15: 2^k times the series of the rest, |rest| <=
 * ln 2 / 2, added up by pairs that need not wait for each other. */
INLINE void LANE_NAME(exp)(vec *x)
{
    vec k = *x * LOG2_E + ROUND, p[EXP_TERMS / 2], r, r2, r4;
    vec_bits exponent;

    memcpy(&exponent, &k, sizeof exponent);
    k -= ROUND;
    r = *x - k * LN2_HIGH - k * LN2_LOW;
    r2 = r * r;
    r4 = r2 * r2;
    for (size_t i = 0; i < EXP_TERMS / 2; i++)
        p[i] = r * EXP_SERIES[2 * i + 1] + EXP_SERIES[2 * i];
    p[0] = (p[0] + r2 * p[1]) + r4 * (p[2] + r2 * p[3]);
    p[0] += r4 * r4 * ((p[4] + r2 * p[5]) + r4 * p[6]);
    *x = (vec)((vec_bits)p[0] + (exponent << 52));
}

/*
 * Rows at once: their middles, the mass that the density there would give
 * them, and what that is multiplied with from one block to the next; shrink is
 * what the ratios are multiplied with.
 */
struct block {
    vec z[PARTS], density[PARTS], ratio[PARTS];
    double shrink;
};

INLINE void LANE_NAME(block_init)(struct block *b, double z, double d,
                                  double mass)
{
    double step = LANES * d, scale = mass * d / ROOT_TWO_PI, q;

    for (size_t i = 0; i < PARTS; i++) {
        vec lane;

        memcpy(&lane, LANE_NUMBER + i * WIDTH, sizeof lane);
        b->z[i] = z + d * lane;
        b->density[i] = -0.5 * b->z[i] * b->z[i];
        b->ratio[i] = -step * (b->z[i] + 0.5 * step);
        LANE_NAME(exp)(&b->density[i]);
        LANE_NAME(exp)(&b->ratio[i]);
        b->density[i] *= scale;
    }
    /* From a lane to the next the ratio falls by e^(-8 d^2). */
    q = b->ratio[0][1] / b->ratio[0][0];
    q *= q;
    q *= q;
    b->shrink = q * q;
}

/* The masses of part i of the block, which then goes on to the next rows. */
INLINE void LANE_NAME(block_take)(struct block *b, size_t i, double d,
                                  const double c[TERMS], size_t terms, vec *out)
{
    vec u = b->z[i] * b->z[i], p = c[terms - 1] * u + c[terms - 2];

    for (size_t k = terms - 2; k-- > 0;)
        p = u * p + c[k];
    *out = b->density[i] * p;
    b->z[i] += LANES * d;
    b->density[i] *= b->ratio[i];
    b->ratio[i] *= b->shrink;
}

INLINE void LANE_NAME(series)(double d, double c[TERMS])
{
    double q = d * d / 4.0, factor = 1.0;
    vec sum[TERMS / WIDTH], more;

    memset(sum, 0, sizeof sum);
    for (size_t n = 0; n < TERMS; n++) {
        for (size_t i = 0; i < TERMS / WIDTH; i++) {
            memcpy(&more, HERMITE[n] + i * WIDTH, sizeof more);
            sum[i] += factor * more;
        }
        factor *= q * INVERSE[n];
    }
    memcpy(c, sum, sizeof sum);
}

INLINE void LANE_NAME(add_terms)(double *row, size_t n, double z, double d,
                                 double mass, size_t terms)
{
    double c[TERMS];
    struct block b;
    vec have, more;

    LANE_NAME(series)(d, c);
    LANE_NAME(block_init)(&b, z, d, mass);
    for (; n > LANES; n -= LANES) {
        for (size_t i = 0; i < PARTS; i++, row += WIDTH) {
            LANE_NAME(block_take)(&b, i, d, c, terms, &more);
            memcpy(&have, row, sizeof have);
            have += more;
            memcpy(row, &have, sizeof have);
        }
    }
    for (size_t i = 0; i < PARTS; i++, row += WIDTH) {
        vec_bits lane;

        memcpy(&lane, LANE_COUNT + i * WIDTH, sizeof lane);
        LANE_NAME(block_take)(&b, i, d, c, terms, &more);
        more = (vec)((vec_bits)more & (vec_bits)(lane < (uint64_t)n));
        memcpy(&have, row, sizeof have);
        have += more;
        memcpy(row, &have, sizeof have);
    }
}

LANE_TARGET static void LANE_NAME(add_band)(double *row, size_t n, double z,
                                            double pitch, double mass)
{
    if (pitch <= SHORT_PITCH_MAX)
        LANE_NAME(add_terms)(row, n, z, pitch, mass, SHORT_TERMS);
    else
        LANE_NAME(add_terms)(row, n, z, pitch, mass, TERMS);
}

LANE_TARGET static void LANE_NAME(weigh)(const double *cell, size_t rows,
                                         size_t n,
                                         const double weight[LIQ_TIERS],
                                         double *out)
{
    for (size_t i = 0; i < n; i += WIDTH) {
        vec sum = {0.0}, one;

        for (size_t k = 0; k < LIQ_TIERS; k++) {
            memcpy(&one, cell + k * rows + i, sizeof one);
            sum += weight[k] * one;
        }
        memcpy(out + i, &sum, sizeof sum);
    }
}

static const struct lanes_ops LANE_NAME(ops) = {LANE_NAME(add_band),
                                                LANE_NAME(weigh)};

#undef vec
#undef vec_bits
#undef block
#undef WIDTH
#undef PARTS
#undef INLINE
#undef LANE_BYTES
#undef LANE_TARGET
#undef LANE_NAME
