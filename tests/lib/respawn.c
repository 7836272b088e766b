/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/respawn.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

void respawn_init(struct respawn *r, struct rig *rig)
{
	*r = (struct respawn){
		.rig = rig,
		.listen_fd = rig_unix_listen(rig->socket, SOCK_STREAM),
		.state_fd = memfd_create("state", MFD_CLOEXEC),
	};
	assert_sys(r->state_fd);
}

void respawn_fini(struct respawn *r)
{
	if (!r->rig)
		return;
	close(r->listen_fd);
	if (r->state_fd >= 0)
		close(r->state_fd);
	for (size_t i = 0; i < r->n_inject; i++)
		close(r->inject_fd[i]);
	*r = (struct respawn){ 0 };
}

void respawn_spec(struct respawn *r, const char *name)
{
	snprintf(r->spec, sizeof(r->spec), "%s/tests/wire/specs/%s.json",
		 test_root(), name);
}

void respawn_injector(struct respawn *r, int type)
{
	int fd[2];

	assert_true(r->n_inject < RESPAWN_INJECTORS_MAX);
	assert_sys(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, fd));
	r->rig->inject[r->rig->n_inject++] = fd[0];
	r->inject_fd[r->n_inject++] = fd[1];
}

void respawn_start(struct respawn *r)
{
	struct process *srv = &r->rig->srv;

	process_arg(srv, "--spec=%s", r->spec);
	process_arg(srv, "--fd=%d", r->listen_fd);
	process_keep_fd(srv, r->listen_fd);
	if (r->state_fd >= 0) {
		process_arg(srv, "--state-fd=%d", r->state_fd);
		process_keep_fd(srv, r->state_fd);
	}
	for (size_t i = 0; i < r->n_inject; i++) {
		process_arg(srv, "--inject-fd=%d", r->inject_fd[i]);
		process_keep_fd(srv, r->inject_fd[i]);
	}
	process_arg(srv, "--inject-path=%s", r->rig->inject_path);
	for (size_t i = 0; i < RESPAWN_OPTIONS_MAX && r->option[i]; i++)
		process_arg(srv, "%s", r->option[i]);
	process_start(srv);
}

void respawn_kill(struct respawn *r)
{
	assert_sys(kill(r->rig->srv.pid, SIGKILL));
	assert_num(process_wait(&r->rig->srv), 128 + SIGKILL);
	respawn_forget(r);
}

void respawn_forget(struct respawn *r)
{
	process_fini(&r->rig->srv);
	process_init(&r->rig->srv, "vhost-user-input");
}
