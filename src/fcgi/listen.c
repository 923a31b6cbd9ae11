/* libfcgi's own FCGX_OpenSocket ends the process when it cannot bind, unlinks
 * whatever is in its way first, and takes ':' in a path for a TCP port; so the
 * socket is made here. */
#define _DEFAULT_SOURCE /* SO_PEERCRED */
#include "listen.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include "liqmap/log.h"

/* Connections that wait to be accepted; Linux lowers it to
 * net.core.somaxconn.  Beyond it the web server gets EAGAIN and tries again. */
#define BACKLOG 65535

/* How long to wait for a place in the queue of who listens there already.  One
 * that hangs gives none. */
#define QUEUE_WAIT_US 500000

/* What SO_PEERCRED fills in, Linux. */
struct peer {
    pid_t pid;
    uid_t uid;
    gid_t gid;
};

static enum liq_err fail_errno(struct liq_reason *why, const char *path,
                               const char *what)
{
    return liq_fail(why, LIQ_EIO, "%.100s: %s: %s", path, what,
                    strerror(errno));
}

static bool address_of(const char *path, struct sockaddr_un *out)
{
    size_t len = strlen(path);

    if (len >= sizeof out->sun_path)
        return false;
    memset(out, 0, sizeof *out);
    out->sun_family = AF_UNIX;
    memcpy(out->sun_path, path, len + 1);
    return true;
}

static int unix_socket(void)
{
    return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

/* --- who is there already ---------------------------------------------------
 */

/* The name of a process's program, "" when it is not to be had. */
static void program_of(const char *pid, char *out, size_t size)
{
    char path[64];
    ssize_t n = -1;
    int fd;

    snprintf(path, sizeof path, "/proc/%s/comm", pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        n = read(fd, out, size - 1);
        close(fd);
    }
    out[n > 0 ? n : 0] = '\0';
    out[strcspn(out, "\n")] = '\0';
}

/* Whoever listens at the other end of fd runs the program that we are. */
static bool is_our_kind(int fd, struct peer *peer)
{
    socklen_t len = sizeof *peer;
    char pid[24], theirs[64], ours[64];

    memset(peer, 0, sizeof *peer);
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, peer, &len) != 0 ||
        peer->pid <= 0)
        return false;
    snprintf(pid, sizeof pid, "%ld", (long)peer->pid);
    program_of(pid, theirs, sizeof theirs);
    program_of("self", ours, sizeof ours);
    return theirs[0] && strcmp(theirs, ours) == 0;
}

/* LIQ_OK when nobody listens at the address, or our predecessor does. */
static enum liq_err check_alive(const struct sockaddr_un *address,
                                struct liq_reason *why)
{
    struct peer peer;
    enum liq_err err = LIQ_OK;
    int fd = unix_socket();
    const struct timeval wait = {.tv_usec = QUEUE_WAIT_US};

    if (fd < 0)
        return fail_errno(why, address->sun_path, "socket");
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
    if (connect(fd, (const struct sockaddr *)address, sizeof *address) != 0) {
        if (errno != ECONNREFUSED && errno != ENOENT)
            err = fail_errno(why, address->sun_path, "in use");
    } else if (is_our_kind(fd, &peer)) {
        liq_log(LIQ_LOG_INFO, "takeover path=%s from=%ld", address->sun_path,
                (long)peer.pid);
    } else {
        err =
            liq_fail(why, LIQ_EIO, "%.100s: in use: process %ld listens there",
                     address->sun_path, (long)peer.pid);
    }
    close(fd);
    return err;
}

/* Only a socket may be replaced. */
static enum liq_err check_place(const struct sockaddr_un *address,
                                struct liq_reason *why)
{
    struct stat st;

    if (lstat(address->sun_path, &st) != 0)
        return errno == ENOENT ? LIQ_OK
                               : fail_errno(why, address->sun_path, "stat");
    if (!S_ISSOCK(st.st_mode))
        return liq_fail(why, LIQ_EIO,
                        "%.100s: is there and is not a socket; not touched",
                        address->sun_path);
    return check_alive(address, why);
}

/* --- taking the place
 * ---------------------------------------------------------- */

/* A name of our own in the directory of path. */
static bool neighbour_of(const char *path, struct sockaddr_un *out)
{
    const char *slash = strrchr(path, '/');
    int dir = slash ? (int)(slash - path) + 1 : 0;
    char name[sizeof out->sun_path + 32];

    snprintf(name, sizeof name, "%.*s.%lx", dir, path, (long)getpid());
    return address_of(name, out);
}

/* Under a name of our own first: once renamed, the socket listens already and
 * has its permissions. */
static enum liq_err bind_and_rename(struct liq_listen *l, int mode,
                                    const struct sockaddr_un *own,
                                    struct liq_reason *why)
{
    mode_t before = umask(0777);
    int rc = bind(l->fd, (const struct sockaddr *)own, sizeof *own);
    struct stat st;

    umask(before);
    if (rc != 0)
        return fail_errno(why, l->path, "bind");
    if (chmod(own->sun_path, (mode_t)mode) != 0 ||
        lstat(own->sun_path, &st) != 0 || listen(l->fd, BACKLOG) != 0 ||
        rename(own->sun_path, l->path) != 0) {
        enum liq_err err = fail_errno(why, l->path, "listen");

        (void)unlink(own->sun_path);
        return err;
    }
    l->device = st.st_dev;
    l->inode = st.st_ino;
    return LIQ_OK;
}

static enum liq_err set_flags(struct liq_listen *l, struct liq_reason *why)
{
    int flags = fcntl(l->fd, F_GETFL);

    /* After a takeover two processes wait for the same connection: accept must
     * not block whoever comes second. */
    if (flags < 0 || fcntl(l->fd, F_SETFL, flags | O_NONBLOCK) != 0 ||
        fcntl(l->fd, F_SETFD, FD_CLOEXEC) != 0)
        return fail_errno(why, l->path[0] ? l->path : "descriptor 0", "fcntl");
    return LIQ_OK;
}

static enum liq_err open_path(const char *path, int mode, struct liq_listen *l,
                              struct liq_reason *why)
{
    struct sockaddr_un address, own;
    enum liq_err err;

    if (!address_of(path, &address) || !neighbour_of(path, &own))
        return liq_fail(why, LIQ_EINVAL, "%.100s...: too long for a socket",
                        path);
    memcpy(l->path, address.sun_path, sizeof l->path);
    err = check_place(&address, why);
    if (err)
        return err;
    l->fd = unix_socket();
    if (l->fd < 0)
        return fail_errno(why, path, "socket");
    (void)unlink(own.sun_path); /* of a dead process that had our number */
    return bind_and_rename(l, mode, &own, why);
}

static enum liq_err open_handed_over(struct liq_listen *l,
                                     struct liq_reason *why)
{
    int listening = 0;
    socklen_t len = sizeof listening;

    if (getsockopt(STDIN_FILENO, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) !=
            0 ||
        !listening)
        return liq_fail(why, LIQ_EIO,
                        "descriptor 0 is not a listening socket; set "
                        "server.listen to a path");
    l->fd = STDIN_FILENO;
    return LIQ_OK;
}

enum liq_err liq_listen_open(const char *path, int mode, struct liq_listen *out,
                             struct liq_reason *why)
{
    struct liq_listen l = {.fd = -1};
    enum liq_err err;

    err = path[0] ? open_path(path, mode, &l, why) : open_handed_over(&l, why);
    if (!err)
        err = set_flags(&l, why);
    if (err && l.fd > STDIN_FILENO)
        liq_listen_close(&l);
    if (!err)
        *out = l;
    return err;
}

void liq_listen_withdraw(struct liq_listen *l)
{
    struct stat st;

    if (!l->path[0] || l->inode == 0)
        return;
    if (lstat(l->path, &st) == 0 && st.st_dev == l->device &&
        st.st_ino == l->inode)
        (void)unlink(l->path);
    l->inode = 0;
}

void liq_listen_close(struct liq_listen *l)
{
    liq_listen_withdraw(l);
    if (l->fd >= 0)
        close(l->fd);
    l->fd = -1;
}
