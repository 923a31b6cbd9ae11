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

function unfilter(raw, stride, height, bytes) {
    const out = new Uint8Array(stride * height);
    for (let y = 0; y < height; y++) {
        const filter = raw[y * (stride + 1)];
        for (let x = 0; x < stride; x++) {
            const left = x >= bytes ? out[y * stride + x - bytes] : 0;
            const up = y > 0 ? out[(y - 1) * stride + x] : 0;
            const corner = x >= bytes && y > 0 ? out[(y - 1) * stride + x - bytes] : 0;
            const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter];
            out[y * stride + x] = raw[y * (stride + 1) + 1 + x] + guess;
        }
    }
    return out;
}

function paeth(a, b, c) {
    const [pa, pb, pc] = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c)];
    return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}
