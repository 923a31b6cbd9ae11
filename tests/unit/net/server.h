/* A small real HTTP server on a loopback port of the system's choice, for the
 * time of one test program. */
#ifndef LIQMAP_TEST_NET_SERVER_H
#define LIQMAP_TEST_NET_SERVER_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "liqmap/buf.h"

#define CLIENTS_MAX 512
#define TOGETHER 8

static struct {
    int listener;
    pthread_t acceptor;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int fd[CLIENTS_MAX]; /* -1: closed */
    pthread_t thread[CLIENTS_MAX];
    int n;
    int together;
    bool stopping;
} server = {.lock = PTHREAD_MUTEX_INITIALIZER,
            .changed = PTHREAD_COND_INITIALIZER};

static void put(int fd, const char *data, size_t n)
{
    while (n > 0) {
        ssize_t w = send(fd, data, n, MSG_NOSIGNAL);

        if (w <= 0)
            return;
        data += w;
        n -= (size_t)w;
    }
}

static void put_text(int fd, const char *text)
{
    put(fd, text, strlen(text));
}

static void respond(int fd, const char *status, const char *more,
                    const char *body, size_t n)
{
    char head[512];

    snprintf(head, sizeof head, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n%s\r\n",
             status, n, more);
    put_text(fd, head);
    put(fd, body, n);
}

static void wait_for_end(void)
{
    pthread_mutex_lock(&server.lock);
    while (!server.stopping)
        pthread_cond_wait(&server.changed, &server.lock);
    pthread_mutex_unlock(&server.lock);
}

/* Answered only once TOGETHER such requests wait at the same time. */
static bool serve_together(int fd, const char *request)
{
    (void)request;
    pthread_mutex_lock(&server.lock);
    server.together++;
    pthread_cond_broadcast(&server.changed);
    while (server.together < TOGETHER && !server.stopping)
        pthread_cond_wait(&server.changed, &server.lock);
    pthread_mutex_unlock(&server.lock);
    respond(fd, "200 OK", "", "all", 3);
    return true;
}

static bool serve_good(int fd, const char *request)
{
    (void)request;
    respond(fd, "200 OK",
            "Date: Fri, 20 Nov 2026 22:00:01 GMT\r\nX-MIXED-Case:  a b \t\r\n"
            "Empty:\r\n",
            "hello", 5);
    return true;
}

/* An interim response comes first. */
static bool serve_early(int fd, const char *request)
{
    (void)request;
    put_text(fd, "HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n"
                 "Date: Fri, 20 Nov 2020 22:00:01 GMT\r\n\r\n");
    respond(fd, "200 OK", "X-Late: 1\r\n", "hello", 5);
    return true;
}

static bool serve_bad_date(int fd, const char *request)
{
    (void)request;
    respond(fd, "200 OK", "Date: yesterday\r\n", "hello", 5);
    return true;
}

static bool serve_gzip(int fd, const char *request)
{
    static const char text[] = "hello hello hello";
    struct liq_buf packed;

    (void)request;
    liq_buf_init(&packed, 4096);
    if (liq_buf_gzip(&packed, text, strlen(text), 6) == LIQ_OK)
        respond(fd, "200 OK", "Content-Encoding: gzip\r\n", packed.data,
                packed.len);
    liq_buf_free(&packed);
    return true;
}

/* The first half of a gzip member. */
static bool serve_damaged(int fd, const char *request)
{
    struct liq_buf packed;

    (void)request;
    liq_buf_init(&packed, 4096);
    if (liq_buf_gzip(&packed, "hello hello", 11, 6) == LIQ_OK)
        respond(fd, "200 OK", "Content-Encoding: gzip\r\n", packed.data,
                packed.len / 2);
    liq_buf_free(&packed);
    return true;
}

static bool serve_unpacked(int fd, const char *request)
{
    (void)request;
    respond(fd, "200 OK", "Content-Encoding: gzip\r\n", "hello", 5);
    return true;
}

/* A megabyte of one letter, small on the wire. */
static bool serve_bomb(int fd, const char *request)
{
    size_t n = 1000000;
    char *text = malloc(n);
    struct liq_buf packed;

    (void)request;
    liq_buf_init(&packed, n);
    if (text != NULL) {
        memset(text, 'x', n);
        if (liq_buf_gzip(&packed, text, n, 9) == LIQ_OK)
            respond(fd, "200 OK", "Content-Encoding: gzip\r\n", packed.data,
                    packed.len);
    }
    free(text);
    liq_buf_free(&packed);
    return true;
}

static bool serve_cut(int fd, const char *request)
{
    (void)request;
    put_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello");
    return false;
}

static bool serve_silent(int fd, const char *request)
{
    (void)fd;
    (void)request;
    return false;
}

static bool serve_stall(int fd, const char *request)
{
    (void)fd;
    (void)request;
    wait_for_end();
    return false;
}

static bool serve_drip(int fd, const char *request)
{
    (void)request;
    put_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
    wait_for_end();
    return false;
}

static bool serve_large(int fd, const char *request)
{
    size_t n = 100000;
    char *text = malloc(n);

    (void)request;
    if (text != NULL) {
        memset(text, 'x', n);
        respond(fd, "200 OK", "", text, n);
    }
    free(text);
    return true;
}

/* 20 KB of header lines. */
static bool serve_headers(int fd, const char *request)
{
    char line[128];
    int i;

    (void)request;
    put_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n");
    for (i = 0; i < 200; i++) {
        snprintf(line, sizeof line, "X-Line-%03d: %090d\r\n", i, i);
        put_text(fd, line);
    }
    put_text(fd, "\r\n");
    return true;
}

static bool serve_status(int fd, const char *request)
{
    (void)request;
    respond(fd, "451 Unavailable", "", "{\"code\":0}", 10);
    return true;
}

static bool serve_redirect(int fd, const char *request)
{
    (void)request;
    respond(fd, "302 Found", "Location: /good\r\n", "", 0);
    return true;
}

/* The request's method, content type and body. */
/* Two header lines of a request. */
static bool serve_lines(int fd, const char *request)
{
    char out[300], id[100] = "", type[100] = "";
    const char *p = strstr(request, "Content-Type: ");
    const char *q = strstr(request, "webhook-id: ");

    if (p != NULL)
        sscanf(p, "Content-Type: %99[^\r]", type);
    if (q != NULL)
        sscanf(q, "webhook-id: %99[^\r]", id);
    snprintf(out, sizeof out, "%s|%s", type, id);
    respond(fd, "200 OK", "", out, strlen(out));
    return true;
}

static bool serve_echo(int fd, const char *request)
{
    char out[600], type[100] = "";
    const char *body = strstr(request, "\r\n\r\n");
    const char *p = strstr(request, "Content-Type: ");

    if (p != NULL)
        sscanf(p, "Content-Type: %99[^\r]", type);
    snprintf(out, sizeof out, "%.4s|%s|%.400s", request, type,
             body != NULL ? body + 4 : "");
    respond(fd, "200 OK", "", out, strlen(out));
    return true;
}

/* False when the connection is to be closed. */
static bool serve(int fd, const char *request)
{
    static const struct {
        const char *path;
        bool (*serve)(int fd, const char *request);
    } table[] = {
        {"/good", serve_good},         {"/gzip", serve_gzip},
        {"/bomb", serve_bomb},         {"/cut", serve_cut},
        {"/silent", serve_silent},     {"/stall", serve_stall},
        {"/drip", serve_drip},         {"/large", serve_large},
        {"/headers", serve_headers},   {"/status", serve_status},
        {"/redirect", serve_redirect}, {"/echo", serve_echo},
        {"/lines", serve_lines},       {"/together", serve_together},
        {"/early", serve_early},       {"/bad-date", serve_bad_date},
        {"/damaged", serve_damaged},   {"/unpacked", serve_unpacked},
    };
    char path[64] = "";
    size_t i;

    sscanf(request, "%*s %63[^ ?]", path);
    for (i = 0; i < sizeof table / sizeof table[0]; i++)
        if (strcmp(path, table[i].path) == 0)
            return table[i].serve(fd, request);
    respond(fd, "404 Not Found", "", "", 0);
    return true;
}

/* Requests here are small: header and body fit into out. */
static bool read_request(int fd, char *out, size_t size)
{
    size_t n = 0, length = 0;
    const char *end, *p;

    for (;;) {
        ssize_t r = n + 1 < size ? recv(fd, out + n, size - 1 - n, 0) : 0;

        if (r <= 0)
            return false;
        n += (size_t)r;
        out[n] = '\0';
        end = strstr(out, "\r\n\r\n");
        p = strstr(out, "Content-Length: ");
        if (p != NULL)
            length = strtoul(p + 16, NULL, 10);
        if (end != NULL && n >= (size_t)(end - out) + 4 + length)
            return true;
    }
}

static void *talk(void *arg)
{
    int *slot = arg, fd;
    char request[4096];

    pthread_mutex_lock(&server.lock);
    fd = *slot;
    pthread_mutex_unlock(&server.lock);
    while (read_request(fd, request, sizeof request) && serve(fd, request))
        ;
    pthread_mutex_lock(&server.lock);
    *slot = -1;
    pthread_mutex_unlock(&server.lock);
    close(fd);
    return NULL;
}

static void *accept_loop(void *arg)
{
    (void)arg;
    for (;;) {
        int fd = accept(server.listener, NULL, NULL);

        if (fd < 0)
            return NULL;
        pthread_mutex_lock(&server.lock);
        if (server.stopping || server.n == CLIENTS_MAX) {
            close(fd);
        } else {
            server.fd[server.n] = fd;
            pthread_create(&server.thread[server.n], NULL, talk,
                           &server.fd[server.n]);
            server.n++;
        }
        pthread_mutex_unlock(&server.lock);
    }
}

/* The port, or -1. */
static int server_start(void)
{
    struct sockaddr_in a;
    socklen_t n = sizeof a;

    memset(&a, 0, sizeof a);
    a.sin_family = AF_INET;
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    server.listener = socket(AF_INET, SOCK_STREAM, 0);
    if (server.listener < 0 ||
        bind(server.listener, (struct sockaddr *)&a, sizeof a) != 0 ||
        listen(server.listener, 64) != 0 ||
        getsockname(server.listener, (struct sockaddr *)&a, &n) != 0)
        return -1;
    pthread_create(&server.acceptor, NULL, accept_loop, NULL);
    return ntohs(a.sin_port);
}

static void server_stop(void)
{
    int i;

    pthread_mutex_lock(&server.lock);
    server.stopping = true;
    pthread_cond_broadcast(&server.changed);
    for (i = 0; i < server.n; i++)
        if (server.fd[i] >= 0)
            shutdown(server.fd[i], SHUT_RDWR);
    pthread_mutex_unlock(&server.lock);
    shutdown(server.listener, SHUT_RDWR);
    pthread_join(server.acceptor, NULL);
    close(server.listener);
    for (i = 0; i < server.n; i++)
        pthread_join(server.thread[i], NULL);
}

/* How many connections were accepted so far. */
static int server_connections(void)
{
    int n;

    pthread_mutex_lock(&server.lock);
    n = server.n;
    pthread_mutex_unlock(&server.lock);
    return n;
}

#endif
