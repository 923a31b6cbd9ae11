/* A clock for net/refresher.js that moves only when it is told to. */

export const settle = () => new Promise((resolve) => { setImmediate(resolve); });

export function movableClock() {
    const clock = {
        time: 0, timers: new Map(), next: 1, random: () => 0,
        now: () => clock.time,
        set: (run, ms) => {
            clock.timers.set(clock.next, { run, at: clock.time + ms });
            return clock.next++;
        },
        clear: (id) => clock.timers.delete(id),
        async advance(ms) {
            const end = clock.time + ms;
            for (;;) {
                const due = [...clock.timers].filter(([, t]) => t.at <= end).sort((a, b) => a[1].at - b[1].at)[0];
                if (!due)
                    break;
                clock.timers.delete(due[0]);
                clock.time = Math.max(clock.time, due[1].at);
                due[1].run();
                await settle();
            }
            clock.time = end;
        },
    };
    return clock;
}
