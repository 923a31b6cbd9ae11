/* The pixels of the PNGs that the browser writes: 8 bits, RGB or RGBA, not
 * interlaced. */

import { inflateSync } from 'node:zlib';

/**
 * @param {Buffer} png
 * @returns {{width: number, height: number, at: (x: number, y: number) => [number, number, number]}}
 */
export function decodePng(png) {
    const width = png.readUInt32BE(16);
    const height = png.readUInt32BE(20);
    const [depth, type, , , interlace] = png.subarray(24, 29);
    if (depth !== 8 || interlace !== 0 || (type !== 2 && type !== 6))
        throw new Error(`PNG of depth ${depth}, type ${type}`);
    const bytes = type === 6 ? 4 : 3;
    const pixels = unfilter(inflateSync(dataOf(png)), width * bytes, height, bytes);
    return {
        width,
        height,
        at: (x, y) => {
            const i = (Math.floor(y) * width + Math.floor(x)) * bytes;
            return [pixels[i], pixels[i + 1], pixels[i + 2]];
        },
    };
}

function dataOf(png) {
    const parts = [];
    for (let at = 8; at < png.length;) {
        const length = png.readUInt32BE(at);
        if (png.toString('latin1', at + 4, at + 8) === 'IDAT')
            parts.push(png.subarray(at + 8, at + 8 + length));
        at += length + 12;
    }
    return Buffer.concat(parts);
}

/** Each byte plus a guess from the one to its left, the one above, or both. A loop for each filter: pictures have millions. */
function unfilter(raw, stride, height, bytes) {
    const out = new Uint8Array(stride * height);
    let above = new Uint8Array(stride);
    for (let y = 0; y < height; y++) {
        const filter = raw[y * (stride + 1)];
        const line = raw.subarray(y * (stride + 1) + 1, (y + 1) * (stride + 1));
        const row = out.subarray(y * stride, (y + 1) * stride);
        FILTERS[filter](line, row, above, bytes);
        above = row;
    }
    return out;
}

/** What a line is, by the number of its filter. */
const FILTERS = [
    (line, row) => row.set(line),
    (line, row, above, bytes) => {
        for (let x = 0; x < row.length; x++)
            row[x] = line[x] + (x < bytes ? 0 : row[x - bytes]);
    },
    (line, row, above) => {
        for (let x = 0; x < row.length; x++)
            row[x] = line[x] + above[x];
    },
    (line, row, above, bytes) => {
        for (let x = 0; x < row.length; x++)
            row[x] = line[x] + (((x < bytes ? 0 : row[x - bytes]) + above[x]) >> 1);
    },
    (line, row, above, bytes) => {
        for (let x = 0; x < row.length; x++)
            row[x] = line[x] + (x < bytes ? above[x] : paeth(row[x - bytes], above[x], above[x - bytes]));
    },
];

function paeth(a, b, c) {
    const [pa, pb, pc] = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c)];
    return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}
