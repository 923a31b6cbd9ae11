/* The only file that knows libfcgi. */
#include "request.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <fcgiapp.h>

static size_t size_of(const char *text)
{
    return text ? strlen(text) + 1 : 0;
}

static const char *copy(char **at, const char *text)
{
    const char *copied = *at;

    if (!text)
        return NULL;
    memcpy(*at, text, strlen(text) + 1);
    *at += strlen(text) + 1;
    return copied;
}

enum { URI, SCRIPT, INFO, METHOD, QUERY, ENCODING, TAG, N_USED };

/* The values of those parameters that are used, NULL: not sent; one walk, where
 * FCGX_GetParam takes one for each name. */
static void find_used(char **env, const char *value[N_USED])
{
    static const struct {
        const char *name;
        size_t len;
    } used[N_USED] = {
        [URI] = {"REQUEST_URI=", 12},
        [SCRIPT] = {"SCRIPT_NAME=", 12},
        [INFO] = {"PATH_INFO=", 10},
        [METHOD] = {"REQUEST_METHOD=", 15},
        [QUERY] = {"QUERY_STRING=", 13},
        [ENCODING] = {"HTTP_ACCEPT_ENCODING=", 21},
        [TAG] = {"HTTP_IF_NONE_MATCH=", 19},
    };

    for (size_t i = 0; i < N_USED; i++)
        value[i] = NULL;
    for (; *env; env++) {
        for (size_t i = 0; i < N_USED; i++) {
            if (**env == used[i].name[0] && !value[i] &&
                strncmp(*env, used[i].name, used[i].len) == 0)
                value[i] = *env + used[i].len;
        }
    }
}

/* The path as the client sent it, else put together again from its parts. */
static const char *copy_path(char **at, const char *const value[N_USED])
{
    char *path = *at;

    if (value[URI]) {
        (void)copy(at, value[URI]);
        path[strcspn(path, "?#")] = '\0';
        return path;
    }
    (void)copy(at, value[SCRIPT] ? value[SCRIPT] : "");
    *at -= 1; /* the second part goes over the end of the first */
    (void)copy(at, value[INFO] ? value[INFO] : "");
    return path;
}

/* False when there is no memory. */
static bool copy_request(char **env, struct liq_api_request *out,
                         struct liq_request_text *text)
{
    const char *value[N_USED];
    size_t size = 2; /* of an empty path */
    char *at = text->usual;

    find_used(env, value);
    for (size_t i = 0; i < N_USED; i++)
        size += size_of(value[i]);
    if (size > sizeof text->usual)
        at = text->large = malloc(size);
    if (!at)
        return false;
    out->path = copy_path(&at, value);
    out->method = copy(&at, value[METHOD]);
    out->query = copy(&at, value[QUERY]);
    out->accept_encoding = copy(&at, value[ENCODING]);
    out->if_none_match = copy(&at, value[TAG]);
    return true;
}

void liq_request_text_free(struct liq_request_text *t)
{
    free(t->large);
    t->large = NULL;
}

bool liq_request_init(void)
{
    return FCGX_Init() == 0;
}

bool liq_request_read(int *fd, struct liq_api_request *out,
                      struct liq_request_text *text, int *id, bool *keep)
{
    FCGX_Request r;
    bool ok = false;

    if (FCGX_InitRequest(&r, -1, 0) != 0)
        return false;
    /* FCGX_Accept_r goes on with an open connection if there is one; its own
     * accept fails at once on descriptor -1.  Detached, it closes a connection
     * without waiting for the other side. */
    r.ipcFd = *fd;
    r.keepConnection = 1;
    (void)FCGX_Detach(&r);
    if (FCGX_Accept_r(&r) == 0)
        ok = copy_request(r.envp, out, text);
    *id = r.requestId;
    *keep = ok && r.keepConnection;
    *fd = r.ipcFd;
    FCGX_Free(&r, 0); /* nothing is written by it, and it does not close */
    return ok;
}
