/* The palettes: 256 colours each, from dark to bright. */

/* Lightness, chroma and hue (degrees) in OKLCH.  Lightness rises throughout,
 * so the order of two densities can be told without seeing hue. */

/** Deep purple over teal and green to yellow. */
const VIRIDIS = [
    [0.195, 0.085, 306],
    [0.300, 0.120, 296],
    [0.395, 0.118, 276],
    [0.485, 0.098, 246],
    [0.570, 0.098, 212],
    [0.650, 0.110, 184],
    [0.735, 0.150, 158],
    [0.825, 0.185, 134],
    [0.880, 0.190, 116],
    [0.920, 0.188, 104],
];

/** Violet over magenta and orange to pale yellow. */
const EMBER = [
    [0.180, 0.060, 290],
    [0.270, 0.110, 296],
    [0.360, 0.140, 312],
    [0.450, 0.160, 336],
    [0.540, 0.170, 5],
    [0.630, 0.170, 28],
    [0.710, 0.160, 48],
    [0.790, 0.150, 68],
    [0.870, 0.140, 88],
    [0.950, 0.090, 100],
];

/** Navy over grey to yellow: the same to every kind of colour vision. */
const STEEL = [
    [0.190, 0.070, 262],
    [0.275, 0.085, 262],
    [0.360, 0.062, 262],
    [0.440, 0.036, 264],
    [0.520, 0.014, 270],
    [0.600, 0.024, 98],
    [0.685, 0.056, 96],
    [0.770, 0.092, 96],
    [0.850, 0.130, 97],
    [0.925, 0.160, 99],
];

/**
 * Candles: by hue, or by lightness and fill for those who cannot tell the hues.
 *
 * @type {Readonly<Record<string, {up: string, down: string, hollow: boolean}>>}
 */
export const CANDLES = Object.freeze({
    colour: { up: '#2fd08a', down: '#ff5d63', hollow: false },
    hollow: { up: '#ffffff', down: '#e8710a', hollow: true },
});

export const COLOURS = 256;

/** @typedef {[number, number, number]} Triple */

/** @param {number[]} lch @returns {Triple} OKLab */
function labOf([l, c, h]) {
    const turn = h * Math.PI / 180;
    return [l, c * Math.cos(turn), c * Math.sin(turn)];
}

/** @param {Triple} lab @returns {Triple} linear sRGB, may leave 0 .. 1 */
function linearOf([l, a, b]) {
    const p = (l + 0.3963377774 * a + 0.2158037573 * b) ** 3;
    const q = (l - 0.1055613458 * a - 0.0638541728 * b) ** 3;
    const r = (l - 0.0894841775 * a - 1.2914855480 * b) ** 3;
    return [
        4.0767416621 * p - 3.3077115913 * q + 0.2309699292 * r,
        -1.2684380046 * p + 2.6097574011 * q - 0.3413193965 * r,
        -0.0041960863 * p - 0.7034186147 * q + 1.7076147010 * r,
    ];
}

/** @param {Triple} lab @returns {Triple} the same lightness and hue, in gamut */
function intoGamut([l, a, b]) {
    let keep = 1;
    while (keep > 0 && linearOf([l, a * keep, b * keep]).some((v) => v < 0 || v > 1))
        keep -= 0.01;
    return [l, a * keep, b * keep];
}

/** @param {number} v linear 0 .. 1 @returns {number} sRGB byte */
function byteOf(v) {
    const x = v <= 0.0031308 ? 12.92 * v : 1.055 * v ** (1 / 2.4) - 0.055;
    return Math.round(255 * Math.min(1, Math.max(0, x)));
}

/**
 * Smooth curve through the control points.
 *
 * @param {Triple[]} points  OKLab
 * @param {number} t  0 .. 1
 * @returns {Triple}
 */
function curve(points, t) {
    const at = Math.min(points.length - 2, Math.floor(t * (points.length - 1)));
    const u = t * (points.length - 1) - at;
    const [p0, p1, p2, p3] = [-1, 0, 1, 2].map(
        (d) => points[Math.min(points.length - 1, Math.max(0, at + d))]);
    /* Catmull-Rom. */
    const mix = /** @param {number} k */ (k) => 0.5 * (2 * p1[k] + (p2[k] - p0[k]) * u
        + (2 * p0[k] - 5 * p1[k] + 4 * p2[k] - p3[k]) * u ** 2
        + (3 * p1[k] - p0[k] - 3 * p2[k] + p3[k]) * u ** 3);
    return intoGamut([mix(0), mix(1), mix(2)]);
}

/**
 * The colours at equal perceived distance along the curve.
 *
 * @param {number[][]} control  lightness, chroma, hue
 * @returns {Uint8Array} [COLOURS][3] red, green, blue
 */
function makePalette(control) {
    const fine = 128;
    const points = control.map(labOf);
    const path = Array.from({ length: fine + 1 }, (_, i) => curve(points, i / fine));
    const length = new Float64Array(fine + 1);
    for (let i = 1; i <= fine; i++)
        length[i] = length[i - 1] + Math.hypot(...path[i].map((v, k) => v - path[i - 1][k]));
    const bytes = new Uint8Array(COLOURS * 3);
    for (let n = 0, i = 1; n < COLOURS; n++) {
        const want = length[fine] * n / (COLOURS - 1);
        while (i < fine && length[i] < want)
            i++;
        const u = (want - length[i - 1]) / (length[i] - length[i - 1]);
        const lab = /** @type {Triple} */ (path[i].map((v, k) => path[i - 1][k] + u * (v - path[i - 1][k])));
        bytes.set(linearOf(lab).map(byteOf), n * 3);
    }
    return bytes;
}

/** @type {Map<string, Uint8Array>} */
const made = new Map();

const CONTROLS = new Map([['viridis', VIRIDIS], ['ember', EMBER], ['steel', STEEL]]);

/** The palettes, the default first. */
export const PALETTE_NAMES = Object.freeze([...CONTROLS.keys()]);

/**
 * @param {string} name  one of PALETTE_NAMES; any other gives the default
 * @returns {Uint8Array} [COLOURS][3] red, green, blue; made when first asked for
 */
export function paletteOf(name) {
    const control = CONTROLS.get(name);
    const known = made.get(control ? name : PALETTE_NAMES[0]);
    if (known)
        return known;
    const palette = makePalette(control ?? VIRIDIS);
    made.set(control ? name : PALETTE_NAMES[0], palette);
    return palette;
}

/** The default. */
export const PALETTE = paletteOf(PALETTE_NAMES[0]);

/**
 * @param {number} index  0 .. 255
 * @param {Uint8Array} [palette]
 * @returns {string} "rgb(12, 34, 56)"
 */
export function cssColour(index, palette = PALETTE) {
    return `rgb(${palette[3 * index]}, ${palette[3 * index + 1]}, ${palette[3 * index + 2]})`;
}

/**
 * Where a value lies on the palette.
 *
 * @param {number} share  value / bright end
 * @param {number} rise   above 1 darkens the background and leaves the ends
 * @returns {number} 0 .. 255
 */
export function colourIndex(share, rise) {
    return share > 0 ? Math.round((COLOURS - 1) * Math.min(1, share) ** rise) : 0;
}
