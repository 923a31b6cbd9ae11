#include "tape.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "field.h"

/* The monotonic clock of a replay begins here, as that of a machine that runs
 * for a while: 0 means "not known" in places. */
#define REPLAY_START_MS INT64_C(1000000)
#define PATH_SIZE 512
#define BODY_MAX_BYTES ((size_t)32 * 1024 * 1024)

/* --- noting --------------------------------------------------------------- */

static struct cli_response *add(struct cli_tape *t)
{
    struct cli_response *grown = realloc(t->at, (t->n + 1) * sizeof *grown);

    if (!grown)
        return NULL;
    t->at = grown;
    memset(&t->at[t->n], 0, sizeof *t->at);
    return &t->at[t->n++];
}

static void copy_head(char *out, const struct liq_buf *body)
{
    size_t i;

    for (i = 0; i < CLI_HEAD_SIZE - 1 && i < body->len; i++)
        out[i] = isprint((unsigned char)body->data[i]) ? body->data[i] : ' ';
    out[i] = '\0';
}

static void path_of(const struct cli_tape *t, const char *file, char *out)
{
    snprintf(out, PATH_SIZE, "%s/%s", t->folder, file);
}

static void write_body(struct cli_tape *t, struct cli_response *r,
                       const struct liq_buf *body)
{
    char path[PATH_SIZE];
    FILE *f;

    if (!t->folder || body->len == 0)
        return;
    snprintf(r->file, sizeof r->file, "%.30s-%03zu.%s", t->name, t->n,
             body->data[0] == '<' ? "html" : "json");
    path_of(t, r->file, path);
    f = fopen(path, "wb");
    if (!f || fwrite(body->data, 1, body->len, f) != body->len)
        t->n_failed++;
    if (f && fclose(f) != 0)
        t->n_failed++;
}

static char *copy(const char *text)
{
    return strdup(text ? text : "");
}

static void note(struct cli_tape *t, const struct liq_http_request *request,
                 const struct liq_http_response *in)
{
    int64_t now_ms = t->machine->mono_ms(t->machine);
    struct cli_response *r = add(t);

    if (!r)
        return;
    r->url = copy(request->url);
    r->post = copy(request->post);
    r->headers = copy(in->headers.data);
    r->err = in->err;
    r->status = in->status;
    r->sent_ms = t->sent_ms - t->start_ms;
    r->received_ms = (in->received_ms ? in->received_ms : now_ms) - t->start_ms;
    r->wall_ms = t->machine->wall_ms(t->machine) -
                 (now_ms - t->start_ms - r->received_ms);
    r->date_ms = in->date_ms;
    r->bytes = in->body.len;
    snprintf(r->error, sizeof r->error, "%s", in->error);
    if (in->err == LIQ_OK) {
        copy_head(r->head, &in->body);
        write_body(t, r, &in->body);
    }
}

/* All responses of the batch are filled. */
static void end_requests(struct liq_http_batch *b)
{
    for (size_t i = 0; b->ended && i < b->n; i++)
        b->ended(b, i);
}

/* --- live ----------------------------------------------------------------- */

static void ended(struct liq_task *task)
{
    struct cli_tape *t =
        (struct cli_tape *)((char *)task -
                            offsetof(struct cli_tape, batch.done));
    struct liq_http_batch *caller = t->caller;

    for (size_t i = 0; i < caller->n; i++)
        note(t, &caller->request[i], &caller->response[i]);
    end_requests(caller);
    caller->done.run(&caller->done);
}

static void start_live(struct liq_http *h, struct liq_http_batch *b)
{
    struct cli_tape *t = (struct cli_tape *)h;

    t->caller = b;
    memset(&t->batch, 0, sizeof t->batch);
    t->batch.request = b->request;
    t->batch.response = b->response;
    t->batch.n = b->n;
    t->batch.deadline_ms = b->deadline_ms;
    t->batch.done.run = ended;
    t->sent_ms = t->machine->mono_ms(t->machine);
    t->to->start(t->to, &t->batch);
}

/* --- replay --------------------------------------------------------------- */

static bool fits(const struct cli_response *r, const char *url,
                 const char *post)
{
    return strcmp(r->url, url) == 0 && strcmp(r->post, post ? post : "") == 0;
}

/* Each is given once, in the order of the recording. */
static struct cli_response *next_of(struct cli_tape *t,
                                    const struct liq_http_request *request)
{
    for (size_t i = 0; i < t->n; i++) {
        if (!t->at[i].given && fits(&t->at[i], request->url, request->post)) {
            t->at[i].given = true;
            return &t->at[i];
        }
    }
    return NULL;
}

static void read_body(struct cli_tape *t, const struct cli_response *r,
                      size_t max_bytes, struct liq_http_response *out)
{
    char path[PATH_SIZE];

    liq_buf_init(&out->body, max_bytes);
    if (r->file[0] == '\0') {
        liq_buf_text(&out->body, "");
        return;
    }
    path_of(t, r->file, path);
    if (liq_buf_read_file(&out->body, path) == LIQ_OK)
        return;
    out->err = LIQ_ENET;
    snprintf(out->error, sizeof out->error,
             "cannot read %.60s of the recording", r->file);
}

static void give(struct cli_tape *t, const struct liq_http_request *request,
                 struct liq_http_response *out)
{
    struct cli_response *r = next_of(t, request);

    memset(out, 0, sizeof *out);
    liq_buf_init(&out->headers, BODY_MAX_BYTES);
    out->received_ms = t->clock.held_mono_ms;
    if (!r) {
        liq_buf_init(&out->body, 1);
        out->err = LIQ_ENET;
        snprintf(out->error, sizeof out->error, "not in the recording");
        return;
    }
    out->err = r->err;
    out->status = r->status;
    out->date_ms = r->date_ms;
    out->received_ms = r->received_ms + REPLAY_START_MS;
    snprintf(out->error, sizeof out->error, "%s", r->error);
    liq_buf_text(&out->headers, r->headers);
    read_body(t, r, request->max_bytes, out);
    copy_head(r->head, &out->body);
    if (out->received_ms > t->clock.held_mono_ms)
        t->clock.held_mono_ms = out->received_ms;
    t->clock.held_wall_ms = r->wall_ms;
}

static void start_replay(struct liq_http *h, struct liq_http_batch *b)
{
    struct cli_tape *t = (struct cli_tape *)h;

    for (size_t i = 0; i < b->n; i++)
        give(t, &b->request[i], &b->response[i]);
    end_requests(b);
    liq_work_post(t->work, &b->done, LIQ_LANE_HEAVY);
}

static void no_stop(struct liq_http *h)
{
    (void)h;
}

/* --- the index ------------------------------------------------------------ */

static void index_response(const struct cli_response *r, struct liq_jsonw *w)
{
    liq_jsonw_open_object(w);
    liq_jsonw_key_string(w, "url", r->url);
    if (r->post[0])
        liq_jsonw_key_string(w, "post", r->post);
    liq_jsonw_key_int(w, "status", r->status);
    liq_jsonw_key_string(w, "err", liq_err_name(r->err));
    liq_jsonw_key_string(w, "error", r->error);
    liq_jsonw_key_int(w, "sent_ms", r->sent_ms);
    liq_jsonw_key_int(w, "received_ms", r->received_ms);
    liq_jsonw_key_int(w, "wall_ms", r->wall_ms);
    liq_jsonw_key_int(w, "date_ms", r->date_ms);
    liq_jsonw_key_int(w, "bytes", (int64_t)r->bytes);
    liq_jsonw_key_string(w, "headers", r->headers);
    liq_jsonw_key_string(w, "file", r->file);
    liq_jsonw_close_object(w);
}

void cli_tape_index(const struct cli_tape *t, const char *base_url,
                    struct liq_jsonw *w)
{
    liq_jsonw_open_object(w);
    liq_jsonw_key_string(w, "exchange", t->name);
    liq_jsonw_key_string(w, "base_url", base_url);
    liq_jsonw_key(w, "requests");
    liq_jsonw_open_array(w);
    for (size_t i = 0; i < t->n; i++)
        index_response(&t->at[i], w);
    liq_jsonw_close_array(w);
    liq_jsonw_close_object(w);
}

const char *cli_tape_base_url(const cJSON *exchange)
{
    const char *url = cli_string(exchange, "base_url");

    return *url ? url : NULL;
}

static int64_t whole(const cJSON *item, const char *name)
{
    double x = cli_number(item, name);

    return x > -9e15 && x < 9e15 ? (int64_t)x : 0;
}

static enum liq_err err_of(const char *name)
{
    for (int err = LIQ_OK; err <= LIQ_EIO; err++) {
        if (strcmp(liq_err_name((enum liq_err)err), name) == 0)
            return (enum liq_err)err;
    }
    return LIQ_ENET;
}

/* A name that leads nowhere else than into the folder. */
static bool is_plain(const char *file)
{
    return strchr(file, '/') == NULL && strcmp(file, "..") != 0;
}

static bool read_response(struct cli_tape *t, const cJSON *item)
{
    struct cli_response *r = add(t);

    if (!r)
        return false;
    r->url = copy(cli_string(item, "url"));
    r->post = copy(cli_string(item, "post"));
    r->headers = copy(cli_string(item, "headers"));
    r->err = err_of(cli_string(item, "err"));
    r->status = (int)whole(item, "status");
    r->sent_ms = whole(item, "sent_ms");
    r->received_ms = whole(item, "received_ms");
    r->wall_ms = whole(item, "wall_ms");
    r->date_ms = whole(item, "date_ms");
    r->bytes = (size_t)whole(item, "bytes");
    snprintf(r->error, sizeof r->error, "%s", cli_string(item, "error"));
    snprintf(r->file, sizeof r->file, "%s", cli_string(item, "file"));
    return r->url && r->post && r->headers && is_plain(r->file);
}

/* --- the interface -------------------------------------------------------- */

void cli_tape_live(struct cli_tape *t, const char *name, struct liq_http *http,
                   struct liq_work *work, const struct liq_clock *machine,
                   const char *folder)
{
    memset(t, 0, sizeof *t);
    t->http.start = start_live;
    t->http.stop = t->http.free = no_stop;
    t->name = name;
    t->to = http;
    t->work = work;
    t->machine = machine;
    t->clock = *machine;
    t->folder = folder;
    t->start_ms = machine->mono_ms(machine);
}

enum liq_err cli_tape_replay(struct cli_tape *t, const char *name,
                             struct liq_work *work, const cJSON *exchange,
                             const char *folder, struct liq_reason *why)
{
    const cJSON *item;

    memset(t, 0, sizeof *t);
    t->http.start = start_replay;
    t->http.stop = t->http.free = no_stop;
    t->name = name;
    t->work = work;
    t->folder = folder;
    t->clock = liq_clock_held(0, REPLAY_START_MS);
    t->machine = &t->clock;
    cJSON_ArrayForEach(item, cli_at(exchange, "requests"))
    {
        if (!read_response(t, item))
            return liq_fail(why, LIQ_EFORMAT,
                            "index.json: a request of %s is malformed", name);
    }
    return LIQ_OK;
}

void cli_tape_free(struct cli_tape *t)
{
    for (size_t i = 0; i < t->n; i++) {
        free(t->at[i].url);
        free(t->at[i].post);
        free(t->at[i].headers);
    }
    free(t->at);
    t->at = NULL;
    t->n = 0;
}

const struct cli_response *cli_tape_find(const struct cli_tape *t,
                                         const char *url, const char *post,
                                         size_t before)
{
    for (size_t i = 0; i < t->n; i++) {
        bool came = t->to || t->at[i].given;

        if (came && fits(&t->at[i], url, post) && before-- == 0)
            return &t->at[i];
    }
    return NULL;
}
