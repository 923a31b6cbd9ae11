/**
 * The standard normal distribution function, accurate in both tails.
 *
 * JavaScript has no erf. Everything is built on the upper tail for z >= 0:
 *
 *     upper(z) = e^(-z²/2) (x h / 2π) (1/x² + 2 Σ e^(-n²h²) / (n²h² + x²)) + 1 / (1 - e^(2πx/h)),  x = z/√2
 *
 * which is the trapezoidal rule, with step h, on ∫ e^(-t²) / (t² + x²) dt, plus the residue of the pole at t = ix.
 * Its error falls as e^(-π²/h²), so h = 1/2 leaves 7e-18 and thirteen terms are enough. Near zero, where 1/x² would
 * cancel against the residue, the power series of the centre is used instead.
 */

const STEP = 0.5;
const TERMS = 13;
const NODE = Array.from({ length: TERMS }, (_, i) => ((i + 1) * STEP) ** 2);
const WEIGHT = NODE.map((t2) => Math.exp(-t2));

/* Up to here the power series; its 1 - Φ loses less than a digit. */
const CENTRE_MAX = 1;

/* From here on the residue is under 1e-17 of the tail, or the pole lies outside the strip and there is none. */
const RESIDUE_MAX = 8;

/* e^-800 is 0 in a double. */
const ZERO_FROM = 40;

const SPLITTER = 2 ** 27 + 1;

/** e^(-z²/2) with z² taken exactly: rounding it would cost z²/2 ulps. */
function bell(z) {
    const t = SPLITTER * z;
    const high = t - (t - z);
    const low = z - high;
    return Math.exp(-0.5 * high * high) * Math.exp(-0.5 * low * (z + high));
}

/**
 * Φ(z) - 1/2.
 *
 * @param {number} z  |z| <= 1
 * @returns {number}
 */
function centre(z) {
    let term = z;
    let sum = 0;
    for (let n = 3; sum + term !== sum; n += 2) {
        sum += term;
        term *= (z * z) / n;
    }
    return (Math.exp(-0.5 * z * z) * sum) / Math.sqrt(2 * Math.PI);
}

/**
 * 1 - Φ(z), the mass above z.
 *
 * @param {number} z  any; infinities allowed
 * @returns {number} 0 .. 1, to about 1e-15 of itself for z up to 37
 */
export function upper(z) {
    if (z < 0)
        return 1 - upper(-z);
    if (z > ZERO_FROM)
        return 0;
    if (z <= CENTRE_MAX)
        return 0.5 - centre(z);
    const x = z / Math.SQRT2;
    let sum = 0;
    for (let n = TERMS - 1; n >= 0; n--)
        sum += WEIGHT[n] / (NODE[n] + x * x);
    const tail = (bell(z) * x * STEP * (1 / (x * x) + 2 * sum)) / (2 * Math.PI);
    return z < RESIDUE_MAX ? tail + 1 / (1 - Math.exp((2 * Math.PI * x) / STEP)) : tail;
}

/** Φ(z), the mass below z. */
export function lower(z) {
    return upper(-z);
}

/**
 * Φ(b) - Φ(a), without losing the tails: the difference is taken on the side where both numbers are small.
 *
 * @param {number} a
 * @param {number} b  >= a
 * @returns {number} >= 0
 */
export function between(a, b) {
    if (a >= -CENTRE_MAX && b <= CENTRE_MAX)
        return Math.max(0, centre(b) - centre(a));
    if (a >= 0)
        return Math.max(0, upper(a) - upper(b));
    if (b <= 0)
        return Math.max(0, upper(-b) - upper(-a));
    return 1 - upper(-a) - upper(b);
}
