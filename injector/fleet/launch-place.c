/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "injector/fleet/launch-place.h"
#include "injector/plan/launch-item.h"
#include "injector/process/launch-child.h"
#include "input/base/fd.h"
#include "input/base/socket-path.h"

#define DYING_MS 2000
#define PROBE_MS 10
#define SAY_MS	 200 /* on an idle machine it has died by then */

/* A launcher that was killed holds its lock until it is scheduled and dies. */
static int place_lock(const struct launch_place *p)
{
	for (int ms = 0; flock(p->fd, LOCK_EX | LOCK_NB) < 0; ms += PROBE_MS) {
		if (errno != EWOULDBLOCK || ms >= DYING_MS)
			return -errno;
		if (ms == SAY_MS)
			fprintf(stderr,
				"vinput-launch: %s is in use; waiting %d s for "
				"its launcher to end\n",
				p->dir, DYING_MS / 1000);
		poll(NULL, 0, PROBE_MS);
	}
	return 0;
}

int launch_place_take(struct launch_place *p, const char *dir, char *why)
{
	p->dir = dir;
	p->fd = -1;
	p->made = !mkdir(dir, 0700);
	if (!p->made && errno != EEXIST) {
		snprintf(why, LAUNCH_WHY_MAX, "cannot make %.300s: %s", dir,
			 strerror(errno));
		return -1;
	}
	p->fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (p->fd < 0 || !realpath(dir, p->absolute)) {
		snprintf(why, LAUNCH_WHY_MAX, "cannot use %.300s: %s", dir,
			 strerror(errno));
		return -1;
	}
	if (place_lock(p)) {
		snprintf(why, LAUNCH_WHY_MAX,
			 "%.300s is in use by another vinput-launch", dir);
		return -1;
	}
	return 0;
}

/* --- what a launcher that was killed has left --- */

/* Return: whether this is the name of a device's socket, or the holder's. */
static bool place_is_ours(const char *name)
{
	static const char *const endings[] = { ".sock", ".inject", ".stats",
					       ".server", ".vfio" };
	char label[LAUNCH_LABEL_MAX + 1];
	const char *dot = strchr(name, '.');

	if (!strcmp(name, LAUNCH_HOLDER_SOCKET))
		return true;
	if (!dot || (size_t)(dot - name) >= sizeof(label))
		return false;
	snprintf(label, sizeof(label), "%.*s", (int)(dot - name), name);
	if (!launch_label_is_valid(label))
		return false;
	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++)
		if (!strcmp(dot, endings[i]))
			return true;
	return false;
}

/* Return: whether the socket of that name is one that we would have made. */
static bool place_has_socket(const struct launch_place *p, const char *name)
{
	struct stat st;

	return !fstatat(p->fd, name, &st, AT_SYMLINK_NOFOLLOW) &&
	       S_ISSOCK(st.st_mode) && st.st_uid == geteuid();
}

/* Return: as socket_path_remove_stale(). */
static int place_remove(const struct launch_place *p, const char *name)
{
	char path[PATH_MAX];

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", p->dir, name) >=
	    sizeof(path))
		return -ENAMETOOLONG;
	return socket_path_remove_stale(path);
}

/* Return: how many were removed; busy: whether one is in use. */
static unsigned int place_clean_once(const struct launch_place *p, bool *busy)
{
	DIR *dir = opendir(p->dir);
	struct dirent *entry;
	unsigned int n = 0;

	*busy = false;
	while (dir && (entry = readdir(dir))) {
		int r;

		if (!place_is_ours(entry->d_name) ||
		    !place_has_socket(p, entry->d_name))
			continue;
		r = place_remove(p, entry->d_name);
		n += !r;
		*busy |= r == -EADDRINUSE;
	}
	if (dir)
		closedir(dir);
	return n;
}

unsigned int launch_place_clean(const struct launch_place *p)
{
	unsigned int n = 0;
	bool busy = true;

	/* A launcher that ends in order leaves none. */
	if (!place_has_socket(p, "control"))
		return 0;
	for (int ms = 0; busy && ms <= DYING_MS; ms += PROBE_MS) {
		if (ms)
			poll(NULL, 0, PROBE_MS);
		n += place_clean_once(p, &busy);
	}
	return n;
}

void launch_place_leave(struct launch_place *p)
{
	/* Anything in it that we did not make, such as logs, stays. */
	if (p->made)
		rmdir(p->dir);
	p->fd = close_fd(p->fd);
}
