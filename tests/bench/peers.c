/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "tests/bench/peers.h"

#define CONFIG "tests/guest/specs/cuttlefish-keyboard.json"

static const struct peer {
	const char *name, *program;
	const char *command; /* %s: the build directory */
	unsigned int floor;
} peers[] = {
	{ "rust-vmm", "vhost-device-input",
	  PEERS_STAND_IN "vhost-device-input --socket-path={socket-} "
			 "--event-list=" PEERS_NODE,
	  NODE_FLOOR },
	{ "QEMU", "vhost-user-input",
	  PEERS_STAND_IN "vhost-user-input --socket-path={socket} "
			 "--evdev-path=" PEERS_NODE,
	  NODE_FLOOR },
	{ "Cuttlefish", "vhost_user_input",
	  "vhost_user_input --verbosity=Info --socket-fd={fd} "
	  "--device-config=" CONFIG,
	  FLOOR },
};

#define N_PEERS (sizeof(peers) / sizeof(*peers))

static void put_before_path(const char *dir)
{
	const char *path = getenv("PATH");
	char *new = NULL;

	if (asprintf(&new, "%s:%s", dir, path ? path : "") < 0)
		return;
	setenv("PATH", new, 1);
	free(new);
}

unsigned int peers_add(struct subject *s, unsigned int room, const char *dir,
		       const char *build)
{
	static char command[N_PEERS][1024];
	unsigned int n = 0;
	char path[1024];

	put_before_path(dir);
	for (size_t i = 0; i < N_PEERS && n < room; i++) {
		const struct peer *p = &peers[i];

		snprintf(path, sizeof(path), "%s/%s", dir, p->program);
		if (access(path, X_OK) < 0) {
			fprintf(stderr, "bench: %s: no %s\n", p->name, path);
			continue;
		}
		/* NOLINTNEXTLINE(clang-diagnostic-format-nonliteral) */
		snprintf(command[i], sizeof(command[i]), p->command, build);
		s[n++] = (struct subject){ .name = p->name,
					   .command = command[i],
					   .floor = p->floor };
	}
	return n;
}
