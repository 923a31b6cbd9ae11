#include "state.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "liqmap/log.h"
#include "weights.h"

#define HEADING "liqmap-state 1"
#define END "end"
#define STATE_MAX_BYTES ((size_t)1 << 20)

static const char *path_of(const struct liq_api *a)
{
    return liq_api_config(a)->state_file;
}

/* --- writing -------------------------------------------------------------- */

static void write_state(struct liq_api *a)
{
    struct liq_buf text;
    enum liq_err err;

    liq_buf_init(&text, STATE_MAX_BYTES);
    liq_buf_format(&text, "%s\n", HEADING);
    liq_weights_write(a, &text);
    liq_buf_format(&text, "%s\n", END);
    err = text.err ? text.err : liq_buf_write_file(&text, path_of(a));
    if (err && !a->state_failed)
        liq_log(LIQ_LOG_WARN, "state file=%s why=\"cannot be written: %s\"",
                path_of(a),
                err == LIQ_EIO ? strerror(errno) : liq_err_name(err));
    a->state_failed = err != LIQ_OK;
    liq_buf_free(&text);
}

static void on_turn(struct liq_task *t)
{
    struct liq_api *a =
        (struct liq_api *)(void *)((char *)t - offsetof(struct liq_api, save));

    size_t n = atomic_load(&a->state_changes);

    write_state(a);
    /* What has changed meanwhile may not be in the file. */
    if (atomic_fetch_sub(&a->state_changes, n) > n)
        liq_work_post(a->options.work, &a->save, LIQ_LANE_IDLE);
}

void liq_state_changed(struct liq_api *a)
{
    /* One write at a time: while it is queued or runs, count only. */
    if (path_of(a)[0] == '\0' || atomic_fetch_add(&a->state_changes, 1) > 0)
        return;
    a->save.run = on_turn;
    liq_work_post(a->options.work, &a->save, LIQ_LANE_IDLE);
}

void liq_state_end(struct liq_api *a)
{
    if (atomic_load(&a->state_changes) > 0)
        write_state(a);
}

/* --- reading -------------------------------------------------------------- */

/* Lines are ended by NULs in place.  The number of the first bad line, counted
 * from 1; 0: all are good.  Without take they are only checked. */
static int read_lines(struct liq_api *a, char *text, size_t n, bool take)
{
    bool ended = false;
    int number = 0;

    for (char *line = text; line < text + n; line += strlen(line) + 1) {
        bool good;

        number++;
        if (number == 1)
            good = strcmp(line, HEADING) == 0;
        else if (!ended && strcmp(line, END) == 0)
            good = ended = true;
        else
            good = !ended && liq_weights_read(a, line, take);
        if (!good)
            return number;
    }
    return ended ? 0 : number + 1;
}

/* All of the file or nothing of it. */
static int read_text(struct liq_api *a, struct liq_buf *text)
{
    bool whole = text->len > 0 && text->data[text->len - 1] == '\n';
    int bad = 1;

    if (text->len == 0 || memchr(text->data, '\0', text->len))
        return bad;
    for (size_t i = 0; i < text->len; i++) {
        if (text->data[i] != '\n')
            continue;
        text->data[i] = '\0';
        bad++;
    }
    if (!whole)
        return bad;
    bad = read_lines(a, text->data, text->len, false);
    return bad ? bad : read_lines(a, text->data, text->len, true);
}

void liq_state_read(struct liq_api *a)
{
    const char *path = path_of(a);
    struct liq_buf text;
    enum liq_err err;
    int line;

    if (path[0] == '\0')
        return;
    liq_buf_init(&text, STATE_MAX_BYTES);
    err = liq_buf_read_file(&text, path);
    if (err && !(err == LIQ_EIO && errno == ENOENT)) {
        liq_log(LIQ_LOG_WARN, "state file=%s why=\"cannot be read: %s\"", path,
                err == LIQ_EIO ? strerror(errno) : liq_err_name(err));
    } else if (!err && (line = read_text(a, &text)) > 0) {
        liq_log(LIQ_LOG_WARN,
                "state file=%s line=%d why=\"damaged; starting without\"", path,
                line);
    }
    liq_buf_free(&text);
}
