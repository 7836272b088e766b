/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/un.h>
#include "injector/fleet/launch-endpoints.h"
#include "injector/process/launch-child.h"
#include "input/base/fd.h"

static int endpoints_make_paths(struct launch_endpoints *ep, const char *dir,
				const char *label)
{
	if (asprintf(&ep->frontend_path, "%s/%s.sock", dir, label) < 0)
		ep->frontend_path = NULL;
	if (asprintf(&ep->inject_path, "%s/%s.inject", dir, label) < 0)
		ep->inject_path = NULL;
	if (asprintf(&ep->stats_path, "%s/%s.stats", dir, label) < 0)
		ep->stats_path = NULL;
	if (asprintf(&ep->server_path, "%s/%s.server", dir, label) < 0)
		ep->server_path = NULL;
	if (asprintf(&ep->vfio_path, "%s/%s.vfio", dir, label) < 0)
		ep->vfio_path = NULL;
	if (!ep->server_path || !ep->frontend_path || !ep->inject_path ||
	    !ep->stats_path || !ep->vfio_path)
		return -ENOMEM;
	return 0;
}

static int endpoints_make_pair(struct launch_endpoints *ep)
{
	int fd[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) < 0)
		return -errno;
	ep->inject_fd = fd[0];
	ep->streamer_fd = fd[1];
	return 0;
}

static int endpoints_make_state(struct launch_endpoints *ep)
{
	ep->state_fd = memfd_create("vinput-state", MFD_CLOEXEC);
	return ep->state_fd < 0 ? -errno : 0;
}

int launch_endpoints_open(struct launch_endpoints *ep, const char *dir,
			  const char *label, bool with_streamer, char *why)
{
	const size_t max = sizeof(((struct sockaddr_un *)0)->sun_path);
	int r = endpoints_make_paths(ep, dir, label);

	/* The longest of them; the server would reject it after its start. */
	if (!r && strlen(ep->inject_path) >= max) {
		snprintf(why, LAUNCH_WHY_MAX, "%s: %s", ep->inject_path,
			 socket_path_strerror(-ENAMETOOLONG));
		return -ENAMETOOLONG;
	}
	if (!r && with_streamer)
		r = endpoints_make_pair(ep);
	if (!r)
		r = endpoints_make_state(ep);
	if (!r)
		r = launch_life_open(&ep->life);
	if (r)
		snprintf(why, LAUNCH_WHY_MAX,
			 "%s: cannot open what it needs: %s", label,
			 strerror(-r));
	return r;
}

int launch_endpoints_inherit(struct launch_endpoints *ep,
			     struct launch_inherited *in, char *why)
{
	int r = socket_path_inherit(&ep->frontend, ep->frontend_path,
				    steal_fd(&in->frontend_fd));

	if (!r)
		r = launch_life_inherit(&ep->life, steal_fd(&in->life_fd));
	if (r)
		snprintf(why, LAUNCH_WHY_MAX, "%s: %s", ep->frontend_path,
			 strerror(-r));
	close_fd(ep->state_fd);
	ep->state_fd = steal_fd(&in->state_fd);
	ep->server_fd = steal_fd(&in->server_fd);
	ep->server_path_fd = steal_fd(&in->server_path_fd);
	return r;
}

int launch_endpoints_listen(struct launch_endpoints *ep,
			    const struct socket_access *access, char *why)
{
	int r;

	if (ep->frontend.fd >= 0)
		return 0;
	r = socket_path_listen(&ep->frontend, ep->frontend_path, SOCK_STREAM,
			       access);
	if (r)
		snprintf(why, LAUNCH_WHY_MAX, "cannot listen at %s: %s",
			 ep->frontend_path, socket_path_strerror(r));
	return r;
}

/* The file's name is removed: only the holder's fd leads to it. */
static int endpoints_hide(struct launch_endpoints *ep, struct socket_path *sp)
{
	_cleanup_close_ int path_fd = open(sp->path, O_PATH | O_CLOEXEC);

	if (path_fd < 0)
		return -errno;
	ep->server_path_fd = steal_fd(&path_fd);
	ep->server_fd = steal_fd(&sp->fd);
	return 0;
}

int launch_endpoints_listen_held(struct launch_endpoints *ep, char *why)
{
	const struct socket_access private = { 0600, (gid_t)-1 };
	struct socket_path sp = SOCKET_PATH_NULL;
	int r;

	if (ep->server_fd >= 0)
		return 0;
	r = socket_path_listen(&sp, ep->server_path, SOCK_STREAM, &private);
	if (!r)
		r = endpoints_hide(ep, &sp);
	socket_path_fini(&sp);
	if (r)
		snprintf(why, LAUNCH_WHY_MAX, "cannot listen at %s: %s",
			 ep->server_path, socket_path_strerror(r));
	return r;
}

/* One that another process has is that process's. */
void launch_endpoints_sweep(const struct launch_endpoints *ep)
{
	socket_path_remove_stale(ep->inject_path);
	socket_path_remove_stale(ep->stats_path);
}

void launch_endpoints_close(struct launch_endpoints *ep)
{
	socket_path_fini(&ep->frontend);
	ep->server_fd = close_fd(ep->server_fd);
	ep->server_path_fd = close_fd(ep->server_path_fd);
	ep->inject_fd = close_fd(ep->inject_fd);
	ep->streamer_fd = close_fd(ep->streamer_fd);
}

void launch_endpoints_fini(struct launch_endpoints *ep)
{
	launch_endpoints_close(ep);
	close_fd(ep->state_fd);
	launch_life_close(&ep->life);
	free(ep->frontend_path);
	free(ep->inject_path);
	free(ep->stats_path);
	free(ep->server_path);
	free(ep->vfio_path);
	*ep = LAUNCH_ENDPOINTS_NULL;
}
