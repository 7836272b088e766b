/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/lib/pass-rig.h"

int pass_rig_setup(void **state)
{
	struct pass *p = calloc(1, sizeof(*p));
	void *rig = *state;

	assert_non_null(p);
	rig_setup(&rig);
	p->rig = rig;
	p->fd = -1;
	process_init(&p->program, "vinput-passthrough");
	process_capture(&p->program);
	*state = p;
	return 0;
}

int pass_rig_teardown(void **state)
{
	struct pass *p = *state;
	void *rig = p->rig;

	process_fini(&p->program);
	if (p->node) {
		close(p->fd);
		munmap(p->node, sizeof(*p->node));
	}
	free(p);
	return rig_teardown(&rig);
}

void pass_rig_node(struct pass *p)
{
	int fds[2], memory = memfd_create("node", MFD_CLOEXEC);

	process_allow_preload();
	assert_sys(memory);
	assert_sys(ftruncate(memory, sizeof(*p->node)));
	p->node = mmap(NULL, sizeof(*p->node), PROT_READ | PROT_WRITE,
		       MAP_SHARED, memory, 0);
	assert_ptr_not_equal(p->node, MAP_FAILED);
	fake_node_keyboard(p->node);
	fake_node_add(p->node, EV_REL, REL_X);
	assert_sys(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds));
	p->fd = fds[0];
	assert_sys(asprintf(&p->program.env,
			    "LD_PRELOAD=%s/tests/wire/node-stand-in.so",
			    test_bin_dir()));
	process_keep_fd(&p->program, fds[1]);
	process_keep_fd(&p->program, memory);
}

void pass_rig_start(struct pass *p)
{
	const int *keep = p->program.keep;

	process_arg(&p->program, "/dev/input/stand-in-%d-%d", keep[0], keep[1]);
	process_start(&p->program);
	close(keep[0]);
	close(keep[1]);
}

void pass_rig_expect_taken(struct pass *p)
{
	process_expect_log(&p->program, "goes to the guest");
}

void pass_rig_need_libinput(void)
{
	struct process probe;

	process_init(&probe, "vinput-passthrough");
	process_arg(&probe, "--via=libinput");
	process_arg(&probe, "--list");
	process_start(&probe);
	process_wait(&probe);
	process_read_log(&probe);
	const int refused = process_log_count(&probe, "--via=libinput: ");
	process_fini(&probe);
	if (refused)
		skip_because("libinput is missing, here or in the build");
}

void pass_rig_unplug(struct pass *p)
{
	p->node->error = ENODEV;
	close(p->fd);
	p->fd = -1;
}
