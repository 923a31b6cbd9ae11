/* Where joined maps meet, and why there is nothing left of the first candle. */

import { Primitive } from './primitive.js';
import { font, labelPx } from './text.js';

const LINE = 'rgb(255 255 255 / .55)';
const GROUND = 'rgb(11 13 20 / .82)';
const WHITE = 'rgb(255 255 255 / .92)';

export class SeamLines extends Primitive {
    constructor() {
        super({ over: (target) => this.draw(target) });
        /** @type {{column: number}[]} */
        this.seams = [];
        this.note = '';
    }

    /**
     * @param {{column: number}[]} seams  the columns at which the next map begins
     * @param {string} note  about what is left of the first candle; "" for nothing
     */
    set(seams, note) {
        this.seams = seams;
        this.note = note;
        this.redraw();
    }

    /** @param {import('./primitive.js').Target} target */
    draw(target) {
        if (this.seams.length === 0 && this.note === '')
            return;
        target.useMediaCoordinateSpace(({ context, mediaSize: { width, height } }) => {
            context.save();
            context.font = font(11);
            context.textBaseline = 'middle';
            for (const { column } of this.seams) {
                const x = Math.round((this.x(column - 1) + this.x(column)) / 2) + 0.5;
                if (!(x > 0 && x < width))
                    continue;
                context.strokeStyle = LINE;
                context.setLineDash([6, 4]);
                context.beginPath();
                context.moveTo(x, 0);
                context.lineTo(x, height);
                context.stroke();
                writeLeftOf(context, '◂ older map, computed by itself', x - 4, 8);
            }
            if (this.x(0) > 0)
                writeLeftOf(context, this.note, this.x(0) - 6, height / 2 - labelPx());
            context.restore();
        });
    }
}

/** Text that ends at a place, or begins at the edge. @param {CanvasRenderingContext2D} context @param {string} text @param {number} right @param {number} top */
function writeLeftOf(context, text, right, top) {
    if (text === '')
        return;
    const wide = context.measureText(text).width + 12;
    const left = Math.max(4, right - wide);
    context.fillStyle = GROUND;
    context.beginPath();
    context.roundRect(left, top, wide, labelPx(), 4);
    context.fill();
    context.fillStyle = WHITE;
    context.fillText(text, left + 6, top + labelPx() / 2 + 0.5);
}
