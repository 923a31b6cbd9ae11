/* Deliveries over HTTP: the webhook, and Telegram's sendMessage. */
#include "internal.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "liqmap/json.h"
#include "liqmap/jsonw.h"

#define RESPONSE_MAX_BYTES ((size_t)64 * 1024)
#define URL_MAX_BYTES 2048
#define HEADER_MAX_BYTES 1024
#define SECRET_MAX_BYTES 4096
#define TELEGRAM_URL "https://api.telegram.org"
/* The longest pause that a receiver may ask for. */
#define RETRY_AFTER_MAX_S 3600

/* --- one POST ------------------------------------------------------------- */

static void post_free(struct liq_post *p)
{
    liq_buf_free(&p->url);
    liq_buf_free(&p->body);
    liq_buf_free(&p->header);
    liq_http_response_free(&p->response);
}

static void post_init(struct liq_post *p)
{
    memset(p, 0, sizeof *p);
    liq_buf_init(&p->url, URL_MAX_BYTES);
    liq_buf_init(&p->body, 2 * (size_t)LIQ_EVENT_MAX_BYTES);
    liq_buf_init(&p->header, HEADER_MAX_BYTES);
}

/* Seconds in a header or in Telegram's body, as milliseconds. */
static int64_t retry_after_ms(const struct liq_http_response *r)
{
    struct cJSON *root = liq_json_parse(r->body.data, r->body.len);
    double s = liq_json_number(liq_json_at(root, "parameters.retry_after"));
    char value[16];

    liq_json_free(root);
    liq_http_header(r, "retry-after", value, sizeof value);
    if (!(s > 0.0) && isdigit((unsigned char)value[0]))
        s = strtod(value, NULL);
    if (!(s > 0.0))
        return 0;
    return (int64_t)(1000.0 * (s < RETRY_AFTER_MAX_S ? s : RETRY_AFTER_MAX_S));
}

static void on_done(struct liq_task *t)
{
    struct liq_http_batch *b =
        (struct liq_http_batch *)(void *)((char *)t -
                                          offsetof(struct liq_http_batch,
                                                   done));
    struct liq_post *p =
        (struct liq_post *)(void *)((char *)b -
                                    offsetof(struct liq_post, batch));
    struct liq_way *w =
        (struct liq_way *)(void *)((char *)p -
                                   offsetof(struct liq_way, by.post));
    bool good = !p->response.err && p->response.status / 100 == 2;
    int64_t after_ms = p->response.err ? 0 : retry_after_ms(&p->response);
    char error[120];

    if (p->response.err)
        (void)snprintf(error, sizeof error, "%s", p->response.error);
    else
        (void)snprintf(error, sizeof error, "HTTP %d", p->response.status);
    post_free(p);
    liq_way_ended(w, good ? NULL : error, after_ms);
}

/* Send what url, body and header hold. */
static void start(struct liq_way *w)
{
    const struct liq_notify_options *o = &w->notify->options;
    struct liq_post *p = &w->by.post;

    if (p->url.err || p->body.err || p->header.err) {
        post_free(p);
        liq_way_ended(w, "no memory", 0);
        return;
    }
    p->request.url = p->url.data;
    p->request.post = p->body.data;
    p->request.max_bytes = RESPONSE_MAX_BYTES;
    p->batch.request = &p->request;
    p->batch.header = p->line;
    p->batch.response = &p->response;
    p->batch.n = 1;
    p->batch.deadline_ms = liq_notify_now(w->notify) + o->config->timeout_ms;
    p->batch.done.run = on_done;
    o->http->start(o->http, &p->batch);
}

/* --- webhook -------------------------------------------------------------- */

/* The lines of header, each ended by a newline, to line. */
static void split_lines(struct liq_post *p)
{
    char *text = p->header.data;
    size_t n = 0;

    while (!p->header.err && text && *text) {
        char *end = strchr(text, '\n');

        *end = '\0';
        p->line[n++] = text;
        text = end + 1;
    }
    p->line[n] = NULL;
}

static void send_webhook(struct liq_way *w, const struct liq_notice *t)
{
    struct liq_notify *n = w->notify;
    const struct liq_clock *c = n->options.clock;
    int64_t seconds = c->wall_ms(c) / 1000;
    struct liq_post *p = &w->by.post;

    post_init(p);
    liq_buf_text(&p->url, n->options.config->webhook);
    liq_buf_text(&p->body, t->body);
    liq_buf_format(&p->header, "webhook-id: %s\nwebhook-timestamp: %lld\n",
                   t->id, (long long)seconds);
    if (n->secret.n > 0) {
        liq_buf_text(&p->header, "webhook-signature: ");
        liq_sign(&n->secret, t->id, seconds, t->body, &p->header);
        liq_buf_char(&p->header, '\n');
    }
    split_lines(p);
    start(w);
}

static enum liq_err read_secret(struct liq_notify *n, struct liq_reason *why)
{
    const char *path = n->options.config->secret_file;
    const char *text = getenv("LIQMAP_WEBHOOK_SECRET");
    struct liq_buf file;
    enum liq_err err = LIQ_OK;

    liq_buf_init(&file, SECRET_MAX_BYTES);
    if (path[0]) {
        err = liq_buf_read_file(&file, path);
        text = file.data ? file.data : "";
    }
    if (err)
        err = liq_fail(why, err, "watch.secret_file: %.100s: %s", path,
                       err == LIQ_EIO ? strerror(errno) : liq_err_name(err));
    else if (text && liq_secret_parse(text, &n->secret) != LIQ_OK)
        err = liq_fail(why, LIQ_EINVAL, "%s: expected base64 of 24 to 64 bytes",
                       path[0] ? "watch.secret_file" : "LIQMAP_WEBHOOK_SECRET");
    liq_buf_free(&file);
    return err;
}

enum liq_err liq_webhook_open(struct liq_notify *n, struct liq_reason *why)
{
    struct liq_way *w = &n->way[WAY_WEBHOOK];

    w->on = n->options.config->webhook[0] != '\0';
    w->send = send_webhook;
    return w->on ? read_secret(n, why) : LIQ_OK;
}

/* --- Telegram ------------------------------------------------------------- */

static void send_telegram(struct liq_way *w, const struct liq_notice *t)
{
    struct liq_notify *n = w->notify;
    struct cJSON *event = liq_json_parse(t->body, strlen(t->body));
    struct liq_post *p = &w->by.post;
    struct liq_jsonw j;

    post_init(p);
    liq_buf_format(&p->url, "%s/bot%s/sendMessage", n->telegram_url, n->token);
    liq_jsonw_init(&j, &p->body);
    liq_jsonw_open_object(&j);
    liq_jsonw_key_string(&j, "chat_id", n->chat);
    liq_jsonw_key_string(&j, "text", liq_json_text(liq_json_at(event, "text")));
    liq_jsonw_close_object(&j);
    liq_json_free(event);
    start(w);
}

/* A variable whose value has only these characters; false when it is missing or
 * has others. */
static bool take_variable(const char *name, const char *characters, char *out,
                          size_t size)
{
    const char *value = getenv(name);
    size_t n = value ? strlen(value) : 0;

    if (n == 0 || n >= size || strspn(value, characters) != n)
        return false;
    memcpy(out, value, n + 1);
    return true;
}

#define WORD "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"

enum liq_err liq_telegram_open(struct liq_notify *n, struct liq_reason *why)
{
    struct liq_way *w = &n->way[WAY_TELEGRAM];

    w->on = n->options.config->telegram;
    w->send = send_telegram;
    if (!w->on)
        return LIQ_OK;
    if (!take_variable("LIQMAP_TELEGRAM_TOKEN", WORD ":", n->token,
                       sizeof n->token))
        return liq_fail(why, LIQ_EINVAL,
                        "LIQMAP_TELEGRAM_TOKEN: expected the token of a bot");
    if (!take_variable("LIQMAP_TELEGRAM_CHAT", WORD "@", n->chat,
                       sizeof n->chat))
        return liq_fail(why, LIQ_EINVAL,
                        "LIQMAP_TELEGRAM_CHAT: expected the id of a chat");
    (void)snprintf(n->telegram_url, sizeof n->telegram_url, "%s", TELEGRAM_URL);
    if (getenv("LIQMAP_TELEGRAM_URL") &&
        !take_variable("LIQMAP_TELEGRAM_URL", WORD ":/.[]", n->telegram_url,
                       sizeof n->telegram_url))
        return liq_fail(why, LIQ_EINVAL, "LIQMAP_TELEGRAM_URL: expected a URL");
    return LIQ_OK;
}
