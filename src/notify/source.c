/* Levels from the api of the same process. */
#include "liqmap/notify.h"

#include <stdlib.h>
#include <string.h>

struct api_source {
    struct liq_notify_source source; /* must be first */
    struct liq_api *api;
    struct liq_api_call call;
    struct liq_notify_ask *ask;
};

static void on_done(struct liq_api_call *c)
{
    struct api_source *s =
        (struct api_source *)(void *)((char *)c -
                                      offsetof(struct api_source, call));
    /* The next question may begin before done has returned. */
    struct liq_api_response r = c->response;

    s->ask->done(s->ask, r.status, r.body, r.len, "");
    liq_api_response_free(&r);
}

static void ask(struct liq_notify_source *source, struct liq_notify_ask *a)
{
    struct api_source *s = (struct api_source *)(void *)source;

    s->ask = a;
    memset(&s->call, 0, sizeof s->call);
    s->call.request.method = "GET";
    s->call.request.path = "/api/v1/levels";
    s->call.request.query = a->query;
    s->call.done = on_done;
    liq_api_start(s->api, &s->call);
}

struct liq_notify_source *liq_notify_source_new(struct liq_api *a)
{
    struct api_source *s = calloc(1, sizeof *s);

    if (!s)
        return NULL;
    s->source.ask = ask;
    s->api = a;
    return &s->source;
}

void liq_notify_source_free(struct liq_notify_source *s)
{
    free(s);
}
