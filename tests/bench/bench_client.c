/*
 * A client that asks for one thing again and again over kept connections, each
 * with a thread of its own:
 *
 *   bench_client http PORT PATH CONNECTIONS REQUESTS [ETAG]   of 127.0.0.1
 *   bench_client fcgi SOCKET PATH?QUERY CONNECTIONS REQUESTS
 *   bench_client kept SOCKET PATH?QUERY CONNECTIONS REQUESTS
 *
 * fcgi asks straight, one connection for each request; kept keeps them.  With
 * ETAG each answer must be a 304.  Writes answers a second, the median and the
 * 99th percentile of their ms, bytes of an answer.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS_MAX 1000
#define ANSWER_MAX (1 << 22)
#define REQUEST_MAX 2048

static struct {
    bool fcgi, kept;
    const char *where, *status;
    unsigned char request[REQUEST_MAX];
    size_t request_len, each;
    double *ms; /* [connections * each] */
    size_t bytes;
} plan;

static double now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static int connect_to(void)
{
    struct sockaddr_in tcp = {.sin_family = AF_INET};
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    int fd = socket(plan.fcgi ? AF_UNIX : AF_INET, SOCK_STREAM, 0);
    int one = 1;

    if (fd < 0)
        fail("socket");
    if (plan.fcgi) {
        snprintf(local.sun_path, sizeof local.sun_path, "%s", plan.where);
        if (connect(fd, (struct sockaddr *)&local, sizeof local) != 0)
            fail(plan.where);
        return fd;
    }
    tcp.sin_port = htons((uint16_t)strtol(plan.where, NULL, 10));
    tcp.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(fd, (struct sockaddr *)&tcp, sizeof tcp) != 0)
        fail("connect");
    return fd;
}

/* Whether these n bytes, with a NUL behind them, are all of an answer. */
static bool whole(const char *answer, size_t n)
{
    const char *body = strstr(answer, "\r\n\r\n"), *length;

    if (body == NULL)
        return false;
    if (strcmp(plan.status, "304 ") == 0)
        return n == (size_t)(body + 4 - answer); /* it has no body */
    length = strstr(answer, "\r\nContent-Length:");
    if (length == NULL || length > body) {
        fprintf(stderr, "no length: %.200s\n", answer);
        exit(1);
    }
    return n ==
           (size_t)(body + 4 - answer) + (size_t)strtoul(length + 17, NULL, 10);
}

/* Whether these n bytes end with a record that ends the request. */
static bool ended(const char *answer, size_t n)
{
    static const char end[] = {1, 3, 0, 1, 0, 8, 0, 0};

    return n >= 16 && memcmp(answer + n - 16, end, sizeof end) == 0;
}

static bool complete(const char *answer, size_t n, ssize_t got)
{
    if (plan.kept)
        return ended(answer, n);
    return plan.fcgi ? got == 0 : whole(answer, n);
}

static void ask(int fd, char *answer)
{
    size_t n = 0;
    ssize_t got;

    if (write(fd, plan.request, plan.request_len) != (ssize_t)plan.request_len)
        fail("write");
    do {
        got = read(fd, answer + n, ANSWER_MAX - 1 - n);
        if (got < 0 || (got == 0 && (plan.kept || !plan.fcgi)))
            fail("read");
        n += (size_t)got;
        answer[n] = '\0';
    } while (!complete(answer, n, got));
    if (!strstr(plan.fcgi ? answer + 8 : answer, plan.status)) {
        fprintf(stderr, "%.300s\n", plan.fcgi ? answer + 8 : answer);
        exit(1);
    }
    plan.bytes = n;
}

static void *client(void *arg)
{
    double *ms = arg;
    char *answer = malloc(ANSWER_MAX);
    bool single = plan.fcgi && !plan.kept;
    int fd = single ? -1 : connect_to();

    if (answer == NULL)
        fail("malloc");
    for (size_t i = 0; i < plan.each; i++) {
        double start = now_ms();

        if (single)
            fd = connect_to();
        ask(fd, answer);
        if (single)
            close(fd);
        ms[i] = now_ms() - start;
    }
    if (!single)
        close(fd);
    free(answer);
    return NULL;
}

/* --- requests ------------------------------------------------------------- */

static unsigned char *put_record(unsigned char *out, int type, size_t n)
{
    const unsigned char head[8] = {
        1, (unsigned char)type,     0,
        1, (unsigned char)(n >> 8), (unsigned char)n};

    memcpy(out, head, sizeof head);
    return out + sizeof head;
}

static unsigned char *put_param(unsigned char *out, const char *name,
                                const char *value, size_t value_len)
{
    size_t n = strlen(name);

    *out++ = (unsigned char)n;
    *out++ = (unsigned char)value_len; /* below 128 */
    memcpy(out, name, n);
    memcpy(out + n, value, value_len);
    return out + n + value_len;
}

static size_t http_request(const char *path, const char *etag, char *out)
{
    int n = snprintf(out, REQUEST_MAX,
                     "GET %s HTTP/1.1\r\nHost: bench\r\n"
                     "Accept-Encoding: gzip\r\n%s%s%s\r\n",
                     path, etag ? "If-None-Match: " : "", etag ? etag : "",
                     etag ? "\r\n" : "");

    return (size_t)n;
}

static size_t fcgi_request(const char *path, unsigned char *out)
{
    const unsigned char begin[8] = {0, 1, plan.kept};
    const char *query = strchr(path, '?');
    size_t n = query ? (size_t)(query - path) : strlen(path);
    unsigned char params[1024], *p = params, *start = out;

    p = put_param(p, "REQUEST_METHOD", "GET", 3);
    p = put_param(p, "SCRIPT_NAME", path, n);
    p = put_param(p, "QUERY_STRING", query ? query + 1 : "",
                  query ? strlen(query + 1) : 0);
    p = put_param(p, "HTTP_ACCEPT_ENCODING", "gzip", 4);
    out = put_record(out, 1, sizeof begin);
    memcpy(out, begin, sizeof begin);
    out = put_record(out + sizeof begin, 4, (size_t)(p - params));
    memcpy(out, params, (size_t)(p - params));
    out = put_record(out + (p - params), 4, 0);
    out = put_record(out, 5, 0);
    return (size_t)(out - start);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static void run(size_t n)
{
    pthread_t thread[CONNECTIONS_MAX];
    double start = now_ms(), took;
    size_t all = n * plan.each;

    for (size_t i = 0; i < n; i++) {
        if (pthread_create(&thread[i], NULL, client, plan.ms + i * plan.each))
            fail("pthread_create");
    }
    for (size_t i = 0; i < n; i++)
        pthread_join(thread[i], NULL);
    took = now_ms() - start;
    qsort(plan.ms, all, sizeof *plan.ms, ascending);
    printf("%.1f\t%.4f\t%.4f\t%zu\n", (double)all / took * 1e3,
           plan.ms[all / 2], plan.ms[all * 99 / 100], plan.bytes);
}

int main(int argc, char **argv)
{
    size_t n;

    if (argc != 6 && argc != 7)
        return 2;
    plan.status = argc == 7 ? "304 " : "200 ";
    plan.kept = strcmp(argv[1], "kept") == 0;
    plan.fcgi = plan.kept || strcmp(argv[1], "fcgi") == 0;
    plan.where = argv[2];
    n = strtoul(argv[4], NULL, 10);
    if (n == 0 || n > CONNECTIONS_MAX || strlen(argv[3]) > 400 ||
        (argc == 7 && (plan.fcgi || strlen(argv[6]) > 100)))
        return 2;
    plan.each = strtoul(argv[5], NULL, 10) / n;
    plan.ms = calloc(n * plan.each, sizeof *plan.ms);
    if (plan.ms == NULL || plan.each == 0)
        return 2;
    if (plan.fcgi)
        plan.request_len = fcgi_request(argv[3], plan.request);
    else
        plan.request_len = http_request(argv[3], argc == 7 ? argv[6] : NULL,
                                        (char *)plan.request);
    run(n);
    free(plan.ms);
    return 0;
}
