/* Density to colour: 256 colours from deep purple over teal and green to
 * yellow, and where a value lies between the dark and the bright end.
 * No DOM, no network. */

/** @typedef {import('./snapshot.js').Grid} Grid */

/* Lightness, chroma and hue (degrees) in OKLCH.  Lightness rises throughout,
 * so the order of two densities can be told without seeing hue. */
const CONTROL = [
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

export const COLOURS = 256;

/** Below 1 lifts the middle, so that weak bands can be told from none. */
export const GAMMA = 0.8;

/** Share of the non-empty closed cells that stay below the brightest colour. */
const BRIGHT_QUANTILE = 0.995;

/** The bright end keeps still until the data has moved it by this share. */
const HYSTERESIS = 0.12;

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

/** Smooth curve through the control points. @param {number} t 0 .. 1 @returns {Triple} */
function curve(t) {
    const points = CONTROL.map(labOf);
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
 * @returns {Uint8Array} [COLOURS][3] red, green, blue
 */
export function makePalette() {
    const fine = 2048;
    const path = Array.from({ length: fine + 1 }, (_, i) => curve(i / fine));
    const length = new Float64Array(fine + 1);
    for (let i = 1; i <= fine; i++)
        length[i] = length[i - 1] + Math.hypot(...path[i].map((v, k) => v - path[i - 1][k]));
    const bytes = new Uint8Array(COLOURS * 3);
    for (let n = 0, i = 0; n < COLOURS; n++) {
        const want = length[fine] * n / (COLOURS - 1);
        while (i < fine && length[i] < want)
            i++;
        bytes.set(linearOf(path[i]).map(byteOf), n * 3);
    }
    return bytes;
}

export const PALETTE = makePalette();

/** @param {number} index 0 .. 255 @returns {string} "rgb(12, 34, 56)" */
export function cssColour(index) {
    return `rgb(${PALETTE[3 * index]}, ${PALETTE[3 * index + 1]}, ${PALETTE[3 * index + 2]})`;
}

/** Where a value lies on the palette. @param {number} share value / bright end @returns {number} 0 .. 255 */
export function colourIndex(share) {
    return share > 0 ? Math.round((COLOURS - 1) * Math.min(1, share) ** GAMMA) : 0;
}

/** What colourIndex was given. @param {number} position 0 .. 1 along the palette */
export function shareAt(position) {
    return position ** (1 / GAMMA);
}

/**
 * The bright end, from closed columns only: the forming one changes at every
 * refresh.
 *
 * @param {Grid} grid
 * @returns {number} units; 0 when every closed cell is empty
 */
export function brightUnits(grid) {
    const closed = Math.max(1, grid.columns - 1);
    const count = new Uint32Array(grid.max + 1);
    let filled = 0;
    for (let r = 0; r < grid.rows; r++) {
        for (let c = 0; c < closed; c++) {
            const v = grid.cells[r * grid.columns + c];
            count[v]++;
            filled += v > 0 ? 1 : 0;
        }
    }
    let left = filled * (1 - BRIGHT_QUANTILE);
    for (let v = count.length - 1; v > 0; v--) {
        left -= count[v];
        if (left < 0)
            return v;
    }
    return 0;
}

/**
 * The bright end in mass, kept from the last refresh unless the data has
 * clearly moved: a candle that closes must not recolour the map.
 *
 * @param {Grid} grid
 * @param {number} before  mass of the same map's last bright end; 0 for a new map
 * @returns {number} mass; one quantum at least
 */
export function brightMass(grid, before) {
    const now = Math.max(1, brightUnits(grid)) * grid.quantum;
    return before > 0 && Math.abs(now / before - 1) <= HYSTERESIS ? before : now;
}

/**
 * Colour index of every unit a cell can hold.
 *
 * @param {Grid} grid
 * @param {number} bright  mass at the bright end, > 0
 * @returns {Uint8Array} [grid.max + 1]
 */
export function colourTable(grid, bright) {
    return Uint8Array.from({ length: grid.max + 1 },
        (_, unit) => colourIndex(unit * grid.quantum / bright));
}
