/* The map under the candles: a series primitive that draws one image a frame.
 *
 * The image has one pixel per cell.  Where the screen has fewer pixels than
 * the map has rows or columns, a smaller image is used whose pixels are means
 * of whole blocks, so that a thin band fades and never flickers or vanishes.
 * The smaller images are made when first needed and live as long as the map. */

import { COLOURS } from '../data/palette.js';
import { sideRow } from '../data/scale.js';
import { Primitive } from './primitive.js';

/**
 * @typedef {import('../data/snapshot.js').Grid} Grid
 * @typedef {import('../data/snapshot.js').Candles} Candles
 * @typedef {import('../data/scale.js').Colours} Colours
 * @typedef {import('../../vendor/lightweight-charts.mjs').AutoscaleInfo} AutoscaleInfo
 * @typedef {import('./primitive.js').Target} Target
 */

/** Larger blocks than this many cells are never needed on a real screen. */
const BLOCK_MAX = 32;

/** The library's coordinate n means the middle of pixel n, a canvas's its edge. */
const MIDDLE = 0.5;

/** A logarithmic axis is drawn in so many straight pieces: none is wrong by
 * half a pixel while the screen shows less than a factor of two in price. */
const LOG_PIECES = 32;

/** A palette as the 32-bit pixels of an ImageData. @param {Uint8Array} palette */
function pixelsOf(palette) {
    return new Uint32Array(Uint8Array.from({ length: COLOURS * 4 },
        (_, i) => (i % 4 === 3 ? 255 : palette[3 * (i >> 2) + i % 4])).buffer);
}

/**
 * Means of blocks of cells; a block cut off by the edge is the mean of the
 * cells it has.
 *
 * @param {{cells: Uint16Array, rows: number, columns: number}} grid  not changed
 * @param {number} rowBlock     cells per block, >= 1
 * @param {number} columnBlock
 * @returns {{cells: Uint16Array, rows: number, columns: number}}
 */
export function reduce(grid, rowBlock, columnBlock) {
    const rows = Math.ceil(grid.rows / rowBlock);
    const columns = Math.ceil(grid.columns / columnBlock);
    const sum = new Float64Array(rows * columns);
    const count = new Uint16Array(rows * columns);
    for (let r = 0; r < grid.rows; r++) {
        const base = Math.floor(r / rowBlock) * columns;
        for (let c = 0; c < grid.columns; c++) {
            const at = base + Math.floor(c / columnBlock);
            sum[at] += grid.cells[r * grid.columns + c];
            count[at]++;
        }
    }
    const cells = new Uint16Array(sum.length);
    for (let i = 0; i < sum.length; i++)
        cells[i] = Math.round(sum[i] / count[i]);
    return { cells, rows, columns };
}

/**
 * How many cells must share a pixel.
 *
 * @param {number} cellPx  device pixels per cell, > 0
 * @returns {number} 1, 2, 4 .. BLOCK_MAX, so that a block has a pixel or more
 */
export function blockFor(cellPx) {
    let block = 1;
    /* The margin keeps 0.99 px, a rounding away from 1, from halving the map. */
    while (block * cellPx < 0.97 && block < BLOCK_MAX)
        block *= 2;
    return block;
}

/**
 * The prices to show at first: the candles with room for the nearest levels,
 * not the whole map when that would squeeze the candles.
 *
 * @param {number} low   of the visible candles
 * @param {number} high  of the visible candles
 * @param {number} last  price now, > 0
 * @param {Grid} grid    bounds the room
 * @returns {{minValue: number, maxValue: number}}
 */
export function priceView(low, high, last, grid) {
    const top = grid.priceMin + grid.rows * grid.priceStep;
    /* Quiet hours still show the levels of 100x, 1 % away, as long as that
     * leaves the candles a sixth of the height. */
    const height = Math.max(high - low, grid.priceStep);
    const room = Math.max(0.42 * height, Math.min(0.012 * last, 2.5 * height));
    /* Whole steps of about a twentieth: the axis keeps still while the newest
     * candle grows. */
    const rows = (height + 2 * room) / grid.priceStep;
    const step = grid.priceStep * 2 ** Math.max(0, Math.floor(Math.log2(rows / 16)));
    return {
        minValue: Math.min(low, Math.max(grid.priceMin, step * Math.floor((low - room) / step))),
        maxValue: Math.max(high, Math.min(top, step * Math.ceil((high + room) / step))),
    };
}

export class Heatmap extends Primitive {
    constructor() {
        super({ bottom: (target) => this.draw(target) });
        /** @type {Grid | null} */
        this.grid = null;
        /** @type {Candles | null} */
        this.candles = null;
        this.last = NaN;
        /** @type {Colours | null} */
        this.colours = null;
        this.logPrice = false;
        this.visible = true;
        /** The price axis shows the whole grid, however far the candles go. */
        this.whole = false;
        /** @type {Map<string, HTMLCanvasElement>} */
        this.images = new Map();
    }

    /**
     * @param {Grid} grid      kept, not changed
     * @param {Candles} candles
     * @param {number} last    price now
     * @param {Colours} colours  made for this map
     */
    setMap(grid, candles, last, colours) {
        this.grid = grid;
        this.candles = candles;
        this.last = last;
        this.setColours(colours);
    }

    /** @param {Colours} colours */
    setColours(colours) {
        this.colours = colours;
        this.images.clear();
        this.redraw();
    }

    /** @param {boolean} visible  else only the candles are drawn */
    setVisible(visible) {
        this.visible = visible;
        this.redraw();
    }

    clear() {
        this.grid = null;
        this.images.clear();
        this.redraw();
    }

    /**
     * @param {number} from  first visible candle
     * @param {number} to    last visible candle
     * @returns {AutoscaleInfo | null}
     */
    autoscaleInfo(from, to) {
        const { grid, candles } = this;
        if (!grid || !candles)
            return null;
        if (this.whole)
            return { priceRange: { minValue: grid.priceMin, maxValue: grid.priceMin + grid.rows * grid.priceStep } };
        let low = Infinity;
        let high = -Infinity;
        const first = Math.max(0, Math.floor(from));
        for (let i = first; i <= Math.min(grid.columns - 1, Math.ceil(to)); i++) {
            low = Math.min(low, candles.low[i]);
            high = Math.max(high, candles.high[i]);
        }
        if (!(low <= high))
            return null;
        return { priceRange: priceView(low, high, this.last, grid) };
    }

    /** @param {number} rowBlock @param {number} columnBlock @returns {HTMLCanvasElement} */
    image(rowBlock, columnBlock) {
        const key = rowBlock + 'x' + columnBlock;
        const { grid, candles, colours } = this;
        const known = this.images.get(key);
        if (known || !grid || !candles || !colours)
            return /** @type {HTMLCanvasElement} */ (known);
        const map = rowBlock * columnBlock === 1 ? grid : reduce(grid, rowBlock, columnBlock);
        const long = colours.table(grid, 'long');
        const short = colours.same ? long : colours.table(grid, 'short');
        /* The block that holds the close counts as longs. */
        const border = Int32Array.from({ length: map.columns }, (_, c) => Math.ceil(sideRow(grid,
            candles.close[Math.min(grid.columns - 1, c * columnBlock + (columnBlock >> 1))]) / rowBlock));
        const canvas = paint(map, pixelsOf(colours.palette), { long, short, border });
        this.images.set(key, canvas);
        return canvas;
    }

    /** @param {Target} target */
    draw(target) {
        const { grid } = this;
        const [first, after] = grid ? [this.x(0), this.x(grid.columns)] : [NaN, NaN];
        if (!grid || !this.visible || Number.isNaN(first + after + this.rowY(0)))
            return;
        /* A coordinate is the middle of its bar. */
        const columnPx = (after - first) / grid.columns;
        target.useBitmapCoordinateSpace(({ context, bitmapSize, horizontalPixelRatio: rx, verticalPixelRatio: ry }) => {
            this.blit(context, bitmapSize, { from: (first - columnPx / 2) * rx + MIDDLE, cell: columnPx * rx },
                (row) => this.rowY(row) * ry + MIDDLE);
        });
    }

    /** @param {number} row  its lower edge @returns {number} CSS pixels */
    rowY(row) {
        const { grid } = this;
        return grid ? this.y(grid.priceMin + row * grid.priceStep) : NaN;
    }

    /**
     * Draw the part of the map that is on the screen: in one piece, or in
     * straight pieces where the price axis is logarithmic.
     *
     * @param {CanvasRenderingContext2D} context
     * @param {{width: number, height: number}} size
     * @param {{from: number, cell: number}} x  device pixels
     * @param {(row: number) => number} y  of a row's lower edge, device pixels
     */
    blit(context, size, x, y) {
        const { grid, logPrice } = this;
        if (!grid || !(x.cell > 0))
            return;
        const [low, high] = shownRows(y, grid.rows, size.height);
        const rowBlock = blockFor((y(low) - y(high)) / (high - low));
        const columnBlock = blockFor(x.cell);
        const across = visible(x, size.width, grid.columns, columnBlock);
        if (!across || !(high > low))
            return;
        /* The image's first line is the highest price, and whole blocks are
         * counted from the lowest: the topmost one may be cut. */
        const cut = (rowBlock - grid.rows % rowBlock) % rowBlock;
        const image = this.image(rowBlock, columnBlock);
        const step = logPrice ? rowBlock * Math.max(1, Math.ceil((high - low) / LOG_PIECES / rowBlock)) : high;
        /* Whole pixels between pieces: a seam of two half pixels would shine through. */
        const edge = logPrice ? (/** @type {number} */ row) => Math.round(y(row)) : y;
        context.imageSmoothingEnabled = false;
        for (let row = logPrice ? low - low % rowBlock : low; row < high; row += step) {
            const end = Math.min(logPrice ? grid.rows : high, row + step);
            const top = edge(end);
            const height = edge(row) - top;
            if (height > 0) {
                context.drawImage(image, across.source, (grid.rows - end + cut) / rowBlock,
                    across.sourceSize, (end - row) / rowBlock, across.target, top, across.targetSize, height);
            }
        }
    }
}

/**
 * The rows that reach into the screen.
 *
 * @param {(row: number) => number} y  falls with the row
 * @param {number} rows
 * @param {number} height
 * @returns {[number, number]} first, and one past the last
 */
function shownRows(y, rows, height) {
    /** The first row whose lower edge is above. @param {number} limit */
    const above = (limit) => {
        let [low, high] = [0, rows];
        while (low < high) {
            const middle = (low + high) >> 1;
            if (y(middle) < limit)
                high = middle;
            else
                low = middle + 1;
        }
        return low;
    };
    return [Math.max(0, above(height) - 1), Math.min(rows, above(0))];
}

/**
 * Cut the image to the screen along one axis, at whole cells.
 *
 * @param {{from: number, cell: number}} axis  device pixels
 * @param {number} size   of the screen, device pixels
 * @param {number} cells  of the map
 * @param {number} block  cells per pixel of the image
 */
function visible(axis, size, cells, block) {
    const first = Math.max(0, Math.floor(-axis.from / axis.cell));
    const end = Math.min(cells, Math.ceil((size - axis.from) / axis.cell));
    if (!(end > first))
        return null;
    return {
        source: first / block,
        sourceSize: (end - first) / block,
        target: axis.from + first * axis.cell,
        targetSize: (end - first) * axis.cell,
    };
}

/**
 * @param {{cells: Uint16Array, rows: number, columns: number}} map
 * @param {Uint32Array} ink  colour index -> pixel
 * @param {{long: Uint8Array, short: Uint8Array, border: Int32Array}} tables  unit -> colour
 *     index, and for each column the first row of the shorts
 * @returns {HTMLCanvasElement} one pixel per cell, highest price on top
 */
function paint({ cells, rows, columns }, ink, { long, short, border }) {
    const canvas = document.createElement('canvas');
    canvas.width = columns;
    canvas.height = rows;
    /* Copied in each frame, not blended. */
    const context = canvas.getContext('2d', { alpha: false });
    if (!context)
        throw new Error('this browser has no 2d canvas');
    const image = context.createImageData(columns, rows);
    const pixels = new Uint32Array(image.data.buffer);
    for (let r = 0; r < rows; r++) {
        const line = (rows - 1 - r) * columns;
        for (let c = 0; c < columns; c++)
            pixels[line + c] = ink[(r < border[c] ? long : short)[cells[r * columns + c]]];
    }
    context.putImageData(image, 0, 0);
    return canvas;
}
