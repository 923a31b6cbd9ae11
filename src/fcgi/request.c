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

/* The path as the client sent it, else put together again from its parts. */
static const char *copy_path(char **at, char **env)
{
    const char *uri = FCGX_GetParam("REQUEST_URI", env);
    const char *script = FCGX_GetParam("SCRIPT_NAME", env);
    const char *info = FCGX_GetParam("PATH_INFO", env);
    char *path = *at;

    if (uri) {
        (void)copy(at, uri);
        path[strcspn(path, "?#")] = '\0';
        return path;
    }
    (void)copy(at, script ? script : "");
    *at -= 1; /* the second part goes over the end of the first */
    (void)copy(at, info ? info : "");
    return path;
}

/* False when there is no memory. */
static bool copy_request(char **env, struct liq_api_request *out,
                         struct liq_request_text *text)
{
    static const char *const names[] = {
        "REQUEST_URI",       "SCRIPT_NAME",  "PATH_INFO",
        "REQUEST_METHOD",    "QUERY_STRING", "HTTP_ACCEPT_ENCODING",
        "HTTP_IF_NONE_MATCH"};
    size_t size = 2; /* of an empty path */
    char *at;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        size += size_of(FCGX_GetParam(names[i], env));
    at = text->usual;
    if (size > sizeof text->usual)
        at = text->large = malloc(size);
    if (!at)
        return false;
    out->path = copy_path(&at, env);
    out->method = copy(&at, FCGX_GetParam("REQUEST_METHOD", env));
    out->query = copy(&at, FCGX_GetParam("QUERY_STRING", env));
    out->accept_encoding =
        copy(&at, FCGX_GetParam("HTTP_ACCEPT_ENCODING", env));
    out->if_none_match = copy(&at, FCGX_GetParam("HTTP_IF_NONE_MATCH", env));
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
