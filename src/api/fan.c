#include "fan.h"

#include <pthread.h>
#include <stdbool.h>

struct call {
    void (*work)(void *arg);
    void *arg;
    pthread_t thread;
    bool started;
};

static void *run(void *arg)
{
    struct call *e = arg;

    e->work(e->arg);
    return NULL;
}

void liq_fan_out(void (*work)(void *errand), void *errands, size_t size,
                 size_t n)
{
    struct call call[LIQ_FAN_MAX];

    /* The last one is ours: who waits may as well work. */
    for (size_t i = 0; i < n; i++) {
        call[i] =
            (struct call){.work = work, .arg = (char *)errands + i * size};
        call[i].started = i + 1 < n && pthread_create(&call[i].thread, NULL,
                                                      run, &call[i]) == 0;
    }
    for (size_t i = 0; i < n; i++) {
        if (!call[i].started)
            work(call[i].arg);
    }
    for (size_t i = 0; i < n; i++) {
        if (call[i].started)
            pthread_join(call[i].thread, NULL);
    }
}
