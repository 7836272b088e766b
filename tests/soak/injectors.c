/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/soak/soak.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "tests/lib/input-model.h"
#include "tests/lib/model-random.h"
#include "tests/lib/usual-msg.h"

#define FRAMES 64

static int connect_to_server(const struct actor *a)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, a->inject_type | SOCK_CLOEXEC, 0);

	strncpy(addr.sun_path, a->inject_path, sizeof(addr.sun_path) - 1);
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Return: events of n random frames. */
static size_t random_frames(struct actor *a, struct vi_event *ev, size_t n)
{
	size_t len = 0;

	while (n--) {
		for (unsigned int i = rnd_below(&a->rnd, 8); i; i--)
			ev[len++] = model_random_event(&a->rnd, a->spec, 0);
		ev[len++] = vi_event(EV_SYN, SYN_REPORT, 0);
	}
	return len;
}

/* Blocks while the server does not read, as it may. */
static bool send_all(int fd, const void *bytes, size_t len)
{
	return send(fd, bytes, len, MSG_NOSIGNAL) == (ssize_t)len;
}

static void types(struct actor *a)
{
	struct vi_event ev[FRAMES * 8];
	int fd = connect_to_server(a);

	for (int i = 0; fd >= 0 && i < 100; i++) {
		size_t n = random_frames(a, ev, 1 + rnd_below(&a->rnd, 3));

		if (!send_all(fd, ev, n * sizeof(*ev)))
			break;
		soak_pause(a, 4);
	}
	close(fd);
}

static void floods(struct actor *a)
{
	struct vi_event ev[FRAMES * 8];
	int fd = connect_to_server(a);

	for (int i = 0; fd >= 0 && i < 2000; i++) {
		size_t n = random_frames(a, ev, FRAMES);

		if (!send_all(fd, ev, n * sizeof(*ev)))
			break;
	}
	close(fd);
}

/* Any number of bytes at a time, ending in the middle of an event. */
static void ends_anywhere(struct actor *a)
{
	struct vi_event ev[FRAMES * 8];
	const uint8_t *bytes = (const uint8_t *)ev;
	int fd = connect_to_server(a);
	size_t left = random_frames(a, ev, 4) * sizeof(*ev);

	left = rnd_below(&a->rnd, (unsigned int)left + 1);
	while (fd >= 0 && left) {
		size_t part = 1 + rnd_below(&a->rnd, 20);

		part = part < left ? part : left;
		if (!send_all(fd, bytes, part))
			break;
		bytes += part;
		left -= part;
	}
	if (rnd_one_in(&a->rnd, 4))
		soak_pause(a, 20);
	close(fd);
}

static void vanishes(struct actor *a)
{
	for (int i = 0; i < 20; i++)
		close(connect_to_server(a));
	soak_pause(a, 5);
}

static void sends_nonsense(struct actor *a)
{
	uint64_t words[512];
	int fd = connect_to_server(a);

	for (size_t i = 0; i < 512; i++)
		words[i] = rnd_next(&a->rnd) >> (rnd_below(&a->rnd, 8) * 8);
	send_all(fd, words, rnd_below(&a->rnd, sizeof(words)));
	soak_pause(a, 3);
	close(fd);
}

/* A frame that never ends grows too long. */
static void never_ends_a_frame(struct actor *a)
{
	struct vi_event ev[FRAMES];
	int fd = connect_to_server(a);

	for (size_t i = 0; i < FRAMES; i++)
		ev[i] = vi_event(EV_KEY, KEY_A, (int)(i & 1));
	while (fd >= 0 && send_all(fd, ev, sizeof(ev)))
		if (rnd_one_in(&a->rnd, 40))
			break;
	soak_pause(a, 5);
	close(fd);
}

/* Holds what it can, and reads no LED. */
static void holds_and_reads_nothing(struct actor *a)
{
	struct vi_event ev[FRAMES * 8];
	int fd = connect_to_server(a);

	send_all(fd, ev, random_frames(a, ev, FRAMES) * sizeof(*ev));
	soak_pause(a, 500);
	close(fd);
}

static void fills_all_places(struct actor *a)
{
	int fd[100];

	for (size_t i = 0; i < 100; i++)
		fd[i] = connect_to_server(a);
	soak_pause(a, 20);
	for (size_t i = 0; i < 100; i++)
		close(fd[i]);
	soak_pause(a, 100);
}

static void passes_fds(struct actor *a)
{
	const struct vi_event ev = vi_event(EV_KEY, KEY_A, 1);
	int fd = connect_to_server(a);

	for (int i = 0; i < 10; i++)
		send_with_fds(fd, &ev, sizeof(ev), (const int[]){ fd, fd }, 2);
	soak_pause(a, 3);
	close(fd);
}

const struct role soak_injectors[] = {
	{ "types", types },
	{ "floods", floods },
	{ "ends anywhere", ends_anywhere },
	{ "vanishes", vanishes },
	{ "sends nonsense", sends_nonsense },
	{ "never ends a frame", never_ends_a_frame },
	{ "holds and reads nothing", holds_and_reads_nothing },
	{ "fills all places", fills_all_places },
	{ "passes fds", passes_fds },
};
const size_t soak_n_injectors =
	sizeof(soak_injectors) / sizeof(*soak_injectors);
