/* Something on the map that is dear to draw.  While the chart is only panned in
 * time it is an image, wider than the chart, which is copied in each frame. */

/**
 * @typedef {object} Frame  where the chart is, CSS pixels
 * @property {number} left    of a candle
 * @property {number} length  from there to another candle
 * @property {readonly number[]} prices  places of some prices: three tell a linear axis from a logarithmic one
 * @property {number} width   of the chart
 * @property {number} height
 * @property {number} scale   device pixels of a CSS pixel
 *
 * @typedef {(context: CanvasRenderingContext2D, left: number, right: number) => void} Draw  from left to right of the chart
 */

/** On either side, as a share of the chart's width. */
const BEYOND = 0.5;

/** Candles and prices that are off by less are where they were. */
const SAME_PX = 0.25;

/** @param {Frame} a @param {Frame} b  the chart was moved in time, at most */
function alike(a, b) {
    return a.width === b.width && a.height === b.height && a.scale === b.scale && Math.abs(a.length - b.length) < SAME_PX
        && a.prices.every((y, i) => Math.abs(y - b.prices[i]) < SAME_PX);
}

export class PannedImage {
    /** @param {(width: number, height: number) => HTMLCanvasElement} make  device pixels */
    constructor(make) {
        this.make = make;
        /** What the image shows. @type {Frame | null} */
        this.frame = null;
        /** What was drawn last. @type {Frame | null} */
        this.last = null;
        /** @type {HTMLCanvasElement | null} */
        this.image = null;
    }

    /** Something else is to be drawn. */
    forget() {
        this.frame = null;
        this.last = null;
        this.image = null;
    }

    /**
     * @param {CanvasRenderingContext2D} context  of the chart
     * @param {Frame} now
     * @param {Draw} draw
     */
    paint(context, now, draw) {
        const { last, frame } = this;
        this.last = now;
        if (!(frame && alike(frame, now) && Math.abs(now.left - frame.left) <= BEYOND * now.width)) {
            /* An image of each frame of a zoom would cost more than it saves. */
            if (!last || !alike(last, now) || last.left === now.left) {
                draw(context, 0, now.width);
                return;
            }
            this.keep(now, draw);
        }
        this.copy(context, now);
    }

    /** @param {Frame} now @param {Draw} draw */
    keep(now, draw) {
        const { width, height, scale } = now;
        const beyond = BEYOND * width;
        this.frame = now;
        this.image = this.make(Math.ceil((width + 2 * beyond) * scale), Math.ceil(height * scale));
        const context = this.image.getContext('2d');
        context?.setTransform(scale, 0, 0, scale, Math.round(beyond * scale), 0);
        if (context)
            draw(context, -beyond, width + beyond);
    }

    /** @param {CanvasRenderingContext2D} context @param {Frame} now */
    copy(context, { left, width, height, scale }) {
        const { image, frame } = this;
        if (!image || !frame)
            return;
        /* Whole pixels, so that nothing is blurred. */
        const from = Math.round(BEYOND * width * scale) - Math.round((left - frame.left) * scale);
        context.drawImage(image, from, 0, Math.round(width * scale), Math.round(height * scale), 0, 0, width, height);
    }
}
