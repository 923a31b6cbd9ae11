import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeTooltip } from '../../www/js/ui/tooltip.js';

/** Every place of a pane: the box stays inside and off the cursor. */
function check(pane, box, finger) {
    for (let x = pane.left; x < pane.width; x += 7) {
        for (let y = 0; y < pane.height; y += 7) {
            const { left, top } = placeTooltip({ x, y }, box, pane, finger);
            assert.ok(left >= pane.left && top >= 0 && left + box.width <= pane.width && top + box.height <= pane.height,
                `inside at ${x},${y}: ${left},${top}`);
            assert.ok(x < left || x > left + box.width || y < top || y > top + box.height, `off the cursor at ${x},${y}`);
        }
    }
}

test('mouse, desktop', () => check({ left: 0, width: 1250, height: 740 }, { width: 236, height: 215 }, false));
test('finger, phone', () => check({ left: 0, width: 312, height: 590 }, { width: 236, height: 215 }, true));
test('mouse, narrow window', () => check({ left: 0, width: 330, height: 600 }, { width: 236, height: 215 }, false));
test('mouse, right of a card', () => check({ left: 320, width: 1250, height: 740 }, { width: 236, height: 215 }, false));
test('mouse, left of a card', () => check({ left: 0, width: 600, height: 740 }, { width: 236, height: 215 }, false));
test('finger, phone on its side', () => check({ left: 0, width: 740, height: 240 }, { width: 236, height: 215 }, true));

test('one that fits nowhere is whole, at the far end', () => {
    const pane = { left: 0, width: 312, height: 444 };
    const box = { width: 256, height: 290 };
    /* From 340 on it fits above the finger. */
    for (let y = 0; y < 340; y += 7) {
        const { top } = placeTooltip({ x: 150, y }, box, pane, true);
        assert.ok(top >= 0 && top + box.height <= pane.height, `whole at ${y}: ${top}`);
        assert.equal(top, y < 222 ? Math.min(y + 44, 148) : 6, `at ${y}`);
    }
});

test('a finger has it above as long as there is room', () => {
    const { top } = placeTooltip({ x: 150, y: 400 }, { width: 236, height: 200 }, { left: 0, width: 312, height: 590 }, true);
    assert.ok(top + 200 <= 400 - 40);
});
