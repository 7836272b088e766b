/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vinput-stream in front of the real server: from before a client sends a
 * message on its WebSocket until the guest's driver is notified, beside a bare
 * echo of the same message. Both pass through two processes' hands.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/bench/lanes.h"
#include "tests/bench/load.h"
#include "tests/bench/process-cost.h"
#include "tests/bench/web-echo.h"
#include "tests/lib/web-client.h"

#define CLIENTS	    50	   /* whose memory is measured */
#define GAP_NS	    400000 /* at most 4000 messages in a second are allowed */
#define PATIENCE_MS 1000
#define DEVICE_FD   3 /* in vinput-stream */

/* A server, with its client here. */
struct served {
	pid_t pid;
	struct web_client client;
	double sample[LANES_SLICES * LANES_FRAMES];
	size_t n;
	int64_t cpu_ns;
};

static struct served echo, stream;
static struct web_client more[CLIENTS];

/* --- starting --- */

static void send_at_once(const struct web_client *c)
{
	const int on = 1;

	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

static bool start_echo(void)
{
	const struct web_handshake handshake = { 0 };
	char url[64];
	uint16_t port;

	echo.pid = web_echo_start(&port);
	if (echo.pid < 0)
		return false;
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/?token=none", port);
	web_client_init(&echo.client, url);
	web_client_upgrade(&echo.client, &handshake);
	send_at_once(&echo.client);
	return true;
}

/* device: a connection of it. Return: its pid, -1 if it cannot be started. */
static pid_t spawn_stream(const struct bench *b, int device, int out)
{
	char path[256];
	char *const argv[] = { path, (char[]){ "-keyboard_fd=3" },
			       (char[]){ "--log-level=error" }, NULL };
	posix_spawn_file_actions_t fa;
	pid_t pid;

	snprintf(path, sizeof(path), "%s/vinput-stream", b->build);
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, out, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&fa, device, DEVICE_FD);
	posix_spawn_file_actions_addclosefrom_np(&fa, DEVICE_FD + 1);
	if (posix_spawn(&pid, path, &fa, NULL, argv, environ))
		pid = -1;
	posix_spawn_file_actions_destroy(&fa);
	return pid;
}

/* Return: whether url is the one that the process has printed. */
static bool read_url(int out, char *url, size_t size)
{
	struct pollfd p = { .fd = out, .events = POLLIN };
	const ssize_t n = poll(&p, 1, PATIENCE_MS * 10) == 1
				  ? read(out, url, size - 1)
				  : 0;

	url[n > 0 ? n : 0] = '\0';
	url[strcspn(url, "\n")] = '\0';
	return *url;
}

static bool start_stream(const struct bench *b, const struct backend *be,
			 char *url, size_t size)
{
	const struct sockaddr_un to = backend_inject_address(be);
	/* Above what the process is to have. */
	const int device = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool good = false;
	int out[2];

	if (!connect(device, (const struct sockaddr *)&to, sizeof(to)) &&
	    !pipe(out)) {
		stream.pid = spawn_stream(b, device, out[1]);
		close(out[1]);
		good = stream.pid > 0 && read_url(out[0], url, size);
		close(out[0]);
	}
	close(device);
	if (good) {
		web_client_start(&stream.client, url);
		send_at_once(&stream.client);
	}
	return good;
}

static void stop(struct served *s)
{
	web_client_close(&s->client);
	if (s->pid <= 0)
		return;
	kill(s->pid, SIGKILL);
	waitpid(s->pid, NULL, 0);
}

/* --- measuring --- */

static void send_key(struct served *s)
{
	const char *down = s->n % 2 ? "false" : "true";

	web_client_send(&s->client, "{'type':'key','code':'Digit1','down':%s}",
			down);
}

static bool measure_echo(int64_t *ns)
{
	struct pollfd p = { .fd = echo.client.fd, .events = POLLIN };
	const int64_t start = now_ns();
	char got[128];

	send_key(&echo);
	if (poll(&p, 1, PATIENCE_MS) != 1)
		return false;
	*ns = now_ns() - start;
	return recv(echo.client.fd, got, sizeof(got), 0) > 0;
}

static bool measure_stream(struct backend *be, int64_t *ns)
{
	const int64_t start = now_ns();

	send_key(&stream);
	if (load_await(be, ns, PATIENCE_MS))
		return false;
	*ns -= start;
	return true;
}

/* be: NULL: of the echo. */
static bool measure_slice(struct served *s, struct backend *be)
{
	const int64_t before = cost_cpu_ns(s->pid);
	int64_t ns;

	for (unsigned int i = 0; i < LANES_FRAMES; i++) {
		sleep_ns(GAP_NS);
		if (!(be ? measure_stream(be, &ns) : measure_echo(&ns)))
			return false;
		s->sample[s->n++] = (double)ns / 1e3;
	}
	s->cpu_ns += cost_cpu_ns(s->pid) - before;
	return true;
}

static void put_served(struct bench *b, unsigned int subject, struct served *s)
{
	put(b, subject, quantile(s->sample, s->n, 0.5), "us", "stream.p50");
	put(b, subject, quantile(s->sample, s->n, 0.99), "us", "stream.p99");
	put(b, subject, (double)s->cpu_ns / 1e3 / (double)s->n, "us",
	    "stream.cpu");
}

static void put_memory(struct bench *b, const char *url)
{
	int64_t before, with;

	before = cost_memory(stream.pid).private;
	for (int i = 0; i < CLIENTS; i++)
		web_client_start(&more[i], url);
	with = cost_memory(stream.pid).private;
	for (int i = 0; i < CLIENTS; i++)
		web_client_close(&more[i]);
	put(b, OURS, (double)before, "KiB", "stream.private");
	put(b, OURS, (double)(with - before) / CLIENTS, "KiB", "stream.client");
}

static void measure(struct bench *b, struct backend *be, const char *url)
{
	for (unsigned int slice = 0; slice < LANES_SLICES; slice++)
		if (!measure_slice(&echo, NULL) || !measure_slice(&stream, be))
			return;
	put_served(b, FLOOR, &echo);
	put_served(b, OURS, &stream);
	put_memory(b, url);
}

void suite_stream(struct bench *b)
{
	struct shape shape = usual_shape;
	struct backend be = { 0 };
	char url[256];

	memset(&echo, 0, sizeof(echo));
	memset(&stream, 0, sizeof(stream));
	echo.client.fd = stream.client.fd = -1;
	shape.sources = 0;
	if (lanes_start_one(b, &be, OURS, &shape) && start_echo() &&
	    start_stream(b, &be, url, sizeof(url))) {
		lanes_settle();
		load_drain(&be);
		measure(b, &be, url);
	}
	stop(&echo);
	stop(&stream);
	backend_stop(&be);
}
