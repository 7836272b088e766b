/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "input/base/fd.h"
#include "input/base/log.h"
#include "input/base/socket-path.h"

#define BACKLOG	 128
#define ALL_BITS 07777 /* of a mode */

/* A process that was killed has its socket until it is scheduled and dies. */
#define DYING_MS 2000
#define PROBE_MS 10
/* Longer than a process that dies needs on an idle machine. */
#define SAY_MS 200

/*
 * With a socket of a type that cannot be connected: the server there notices
 * nothing. A socket that does not listen yet is in use, too.
 * Return: 0: the file is stale; -EADDRINUSE; another -errno.
 */
static int probe(const struct sockaddr_un *addr)
{
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	if (!connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) ||
	    errno == EPROTOTYPE)
		return -EADDRINUSE;
	return errno == ECONNREFUSED ? 0 : -errno;
}

/* Return: 0 if the path is free, -EADDRINUSE, -EEXIST, another -errno. */
static int remove_stale(const struct sockaddr_un *addr)
{
	struct stat st;
	int r;

	if (lstat(addr->sun_path, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	r = probe(addr);
	if (r)
		return r == -ENOENT ? 0 : r;
	return unlink(addr->sun_path) < 0 && errno != ENOENT ? -errno : 0;
}

static int make_free(const struct sockaddr_un *addr)
{
	int r = remove_stale(addr);

	for (int ms = 0; r == -EADDRINUSE && ms < DYING_MS; ms += PROBE_MS) {
		if (ms == SAY_MS)
			log_line(LOG_WARNING, CULPRIT_HOST,
				 "%s is in use; waiting %d s for its process "
				 "to end",
				 addr->sun_path, DYING_MS / 1000);
		poll(NULL, 0, PROBE_MS);
		r = remove_stale(addr);
	}
	return r;
}

/*
 * Mode 0600, whatever the umask: a process that is killed before give_access()
 * MUST NOT leave a file that its owner cannot probe. Nobody can connect before
 * that: the socket does not listen.
 */
static int bind_closed(int fd, const struct sockaddr_un *addr)
{
	mode_t old = umask(0177);
	int r = bind(fd, (const struct sockaddr *)addr, sizeof(*addr));

	if (r < 0)
		r = -errno;
	umask(old);
	return r;
}

static int give_access(struct socket_path *sp,
		       const struct socket_access *access)
{
	struct stat st;

	if (lstat(sp->path, &st) < 0)
		return -errno;
	sp->dev = st.st_dev;
	sp->ino = st.st_ino;
	if (access->group != (gid_t)-1 &&
	    chown(sp->path, (uid_t)-1, access->group) < 0)
		return -errno;
	if ((st.st_mode & ALL_BITS) != access->mode &&
	    chmod(sp->path, access->mode) < 0)
		return -errno;
	return listen(sp->fd, BACKLOG) < 0 ? -errno : 0;
}

int socket_path_listen(struct socket_path *sp, const char *path, int type,
		       const struct socket_access *access)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	_cleanup_close_ int fd = -1;
	int r;

	*sp = SOCKET_PATH_NULL;
	if (strlen(path) >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	strcpy(addr.sun_path, path);
	fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	r = bind_closed(fd, &addr);
	if (r == -EADDRINUSE) {
		r = make_free(&addr);
		if (!r)
			r = bind_closed(fd, &addr);
	}
	if (r)
		return r;
	sp->path = path;
	sp->fd = steal_fd(&fd);
	r = give_access(sp, access);
	if (r)
		socket_path_fini(sp);
	return r;
}

int socket_path_inherit(struct socket_path *sp, const char *path, int fd)
{
	struct stat st;

	if (lstat(path, &st) < 0) {
		close_fd(fd);
		return -errno;
	}
	*sp = (struct socket_path){
		.path = path, .fd = fd, .dev = st.st_dev, .ino = st.st_ino
	};
	return 0;
}

int socket_path_remove_stale(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	strcpy(addr.sun_path, path);
	return remove_stale(&addr);
}

void socket_path_fini(struct socket_path *sp)
{
	struct stat st;

	/* The file may have been replaced. */
	if (sp->path && !lstat(sp->path, &st) && st.st_dev == sp->dev &&
	    st.st_ino == sp->ino)
		unlink(sp->path);
	sp->path = NULL;
	sp->fd = close_fd(sp->fd);
}

const char *socket_path_strerror(int error)
{
	switch (-error) {
	case ENAMETOOLONG:
		return "a socket's path has at most 107 bytes";
	case EADDRINUSE:
		return "another process listens there";
	case EEXIST:
		return "a file that is not a socket is there";
	}
	return strerror(-error);
}
