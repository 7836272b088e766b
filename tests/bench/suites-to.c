/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vinput-passthrough --to beside a loop that reads the same node and sends:
 * this process has both ends, the node and the injection socket. It gives no
 * receipts, as a server of the time before them.
 */
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include "input/device/event.h"
#include "tests/bench/command.h"
#include "tests/bench/lanes.h"
#include "tests/bench/peers.h"
#include "tests/bench/process-cost.h"

#define START_MS    10000
#define PATIENCE_MS 1000
/* So long it waits for an answer to its HELLO, and some. */
#define HELLO_NS INT64_C(700000000)
/* Even, and more than libvinject sends before it asks for a ring. */
#define FIRST_FRAMES 128

struct sender {
	unsigned int subject;
	const char *command; /* %s: the build directory, twice */
	pid_t pid;
	int node, inject; /* our ends; -1: none */
	int64_t cpu_ns;
	double sample[LANES_SLICES * LANES_FRAMES];
	size_t n;
	bool good;
};

static struct sender senders[] = {
	{ .subject = NODE_FLOOR,
	  .command = PEERS_STAND_IN "%s/tests/bench/send-floor " PEERS_NODE
				    " {inject}" },
	{ .subject = PASSTHROUGH,
	  .command = PEERS_STAND_IN "%s/vinput-passthrough --to={inject} "
				    "--log-level=error " PEERS_NODE },
};

#define N_SENDERS (sizeof(senders) / sizeof(*senders))

static int accept_one(int listener)
{
	struct pollfd p = { .fd = listener, .events = POLLIN };

	return poll(&p, 1, START_MS) > 0 ? accept(listener, NULL, NULL) : -1;
}

/* stdin: taken. Return: its pid, 0 if it cannot be started. */
static pid_t spawn_sender(const struct bench *b, const struct sender *s,
			  const struct sockaddr_un *inject, int node)
{
	struct command c = { 0 };
	char line[COMMAND_TEXT_MAX];
	posix_spawn_file_actions_t fa;
	pid_t pid;

	/* NOLINTNEXTLINE(clang-diagnostic-format-nonliteral) */
	snprintf(line, sizeof(line), s->command, b->build, b->build);
	if (command_make(&c, line, inject, inject))
		return 0;
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, node, STDIN_FILENO);
	posix_spawn_file_actions_addclosefrom_np(&fa, STDERR_FILENO + 1);
	if (posix_spawnp(&pid, c.argv[0], &fa, NULL, c.argv, c.env))
		pid = 0;
	posix_spawn_file_actions_destroy(&fa);
	return pid;
}

static void start_sender(const struct bench *b, struct sender *s)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int pair[2], listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	s->n = 0;
	s->cpu_ns = 0;
	s->pid = 0;
	s->node = s->inject = -1;
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/to", b->dir);
	if (!bind(listener, (struct sockaddr *)&addr, sizeof(addr)) &&
	    !listen(listener, 1) &&
	    !socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair)) {
		s->node = pair[0];
		s->pid = spawn_sender(b, s, &addr, pair[1]);
		close(pair[1]);
	}
	if (s->pid)
		s->inject = accept_one(listener);
	close(listener);
	unlink(addr.sun_path);
	s->good = s->inject >= 0;
}

static void stop_sender(struct sender *s)
{
	if (s->pid) {
		kill(s->pid, SIGTERM);
		waitpid(s->pid, NULL, 0);
		close(s->node);
		close(s->inject);
	}
}

static void drain(int fd)
{
	char what[4096];

	while (recv(fd, what, sizeof(what), MSG_DONTWAIT) > 0)
		;
}

/* Return: whether something arrived; *ns: after how long. */
static bool type_key(struct sender *s, const struct vi_event ev[2], int64_t *ns)
{
	struct pollfd p = { .fd = s->inject, .events = POLLIN };
	const size_t len = 2 * sizeof(*ev);
	const int64_t start = now_ns();

	if (write(s->node, ev, len) != (ssize_t)len ||
	    poll(&p, 1, PATIENCE_MS) < 1)
		return false;
	*ns = now_ns() - start;
	return true;
}

/* A frame, there and back. Return: whether it arrived; *ns: after how long. */
static bool send_frame(struct sender *s, int64_t *ns)
{
	const struct vi_event ev[] = { vi_event(EV_KEY, KEY_1, !(s->n % 2)),
				       vi_event(EV_SYN, SYN_REPORT, 0) };
	struct vi_event got[sizeof(ev) / sizeof(*ev)];

	return type_key(s, ev, ns) &&
	       recv(s->inject, got, sizeof(got), MSG_WAITALL) == sizeof(got) &&
	       !memcmp(got, ev, sizeof(ev));
}

/* Among the first frames libvinject asks whether it can have a ring. */
static void warm_up(struct sender *s)
{
	struct vi_event ev[] = { vi_event(EV_KEY, KEY_1, 0),
				 vi_event(EV_SYN, SYN_REPORT, 0) };
	int64_t ns;

	for (unsigned int i = 1; i <= FIRST_FRAMES && s->good; i++) {
		ev[0] = vi_event(EV_KEY, KEY_1, i % 2);
		s->good = type_key(s, ev, &ns);
		drain(s->inject);
	}
}

static void measure_slice(const struct bench *b, struct sender *s)
{
	const int64_t before = cost_cpu_ns(s->pid);
	int64_t ns = 0;

	for (unsigned int i = 0; i < LANES_FRAMES && s->good; i++) {
		sleep_ns(b->gap_us * INT64_C(1000));
		s->good = send_frame(s, &ns);
		s->sample[s->n++] = (double)ns / 1e3;
	}
	s->cpu_ns += cost_cpu_ns(s->pid) - before;
}

static void put_sender(struct bench *b, struct sender *s)
{
	const struct cost_memory m = cost_memory(s->pid);

	if (!s->good)
		return;
	put(b, s->subject, quantile(s->sample, s->n, 0.5), "us", "to.p50");
	put(b, s->subject, quantile(s->sample, s->n, 0.99), "us", "to.p99");
	put(b, s->subject, (double)s->cpu_ns / 1e3 / (double)s->n, "us",
	    "to.cpu");
	put(b, s->subject, (double)m.proportional, "KiB", "to.proportional");
}

void suite_to(struct bench *b)
{
	for (size_t i = 0; i < N_SENDERS; i++)
		start_sender(b, &senders[i]);
	sleep_ns(HELLO_NS);
	for (size_t i = 0; i < N_SENDERS; i++) {
		drain(senders[i].inject);
		warm_up(&senders[i]);
	}
	for (unsigned int slice = 0; slice < LANES_SLICES; slice++)
		for (size_t i = 0; i < N_SENDERS; i++)
			measure_slice(b, &senders[i]);
	for (size_t i = 0; i < N_SENDERS; i++) {
		put_sender(b, &senders[i]);
		stop_sender(&senders[i]);
	}
}
