/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The init of the test's guest, and the test's hands there.
 * It loads the modules in /modules in the order of their names, opens the
 * virtio-serial port and from then on does what the host asks, one line each,
 * numbers decimal:
 *
 *   wait N                       until N input devices are there, and open them
 *   list                         NODE NAME: each device
 *   print NODE                   the device, by spec_print()
 *   state NODE                   TYPE CODE VALUE: keys and switches that are
 *                                on, all axes but those of contacts
 *   contacts NODE                at SLOT: the selected one; SLOT ID X Y: each
 *                                contact
 *   early                        TYPE CODE VALUE NAME: each event since the
 *                                driver was loaded, as it handed it on
 *   write NODE TYPE CODE VALUE   send an event to the device: set an LED
 *   suspend                      to idle and back
 *   reboot
 *   start PROGRAM ARGUMENT...    run a program on a terminal of its own
 *   said                         the lines that it printed since the last time
 *   stop                         SIGINT, and what it printed until it ended
 *   run PROGRAM ARGUMENT...      start one and wait for its end
 *
 * An answer is lines "d TEXT", then "ok" or "error TEXT". "hello" is said at
 * start. "e NODE TYPE CODE VALUE" is an event that was read from a device; it
 * may stand between other lines at any time. NODE is the N of
 * /dev/input/eventN.
 *
 * Whatever goes wrong ends the guest: the host sees the port close and has the
 * reason on the console.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/input.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "input/spec-print.h"
#include "input/spec.h"

#define NODES_MAX 64
#define ARGS_MAX  16
#define PORT	  "/dev/vport0p1"
#define TRACING	  "/sys/kernel/tracing"

static int port_fd = -1;
static int node_fd[NODES_MAX]; /* by N of eventN, -1: not there */
static pid_t program;	       /* 0: none */
static int program_tty = -1;   /* our end of its terminal */

static void die(const char *what)
{
	fprintf(stderr, "agent: %s: %s\n", what, strerror(errno));
	sleep(1); /* the console is slow */
	exit(1);  /* init's end is a panic, and that the end of QEMU */
}

static void sleep_ms(long ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&ts, NULL);
}

static void __attribute__((format(printf, 1, 2))) say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (vdprintf(port_fd, fmt, ap) < 0)
		die("write to " PORT);
	va_end(ap);
}

/* Text of several lines, each as a "d" line. */
static void say_lines(char *text)
{
	char *line;

	while ((line = strsep(&text, "\n")))
		if (*line)
			say("d %s\n", line);
}

static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool good = fd >= 0 &&
		    write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return good;
}

/* --- What init does --- */

static void mount_all(void)
{
	int console;

	mkdir("/dev", 0755);
	mkdir("/proc", 0755);
	mkdir("/sys", 0755);
	if (mount("dev", "/dev", "devtmpfs", 0, NULL) < 0 && errno != EBUSY)
		die("mount /dev");
	/* The initramfs has no /dev/console to start init with. */
	console = open("/dev/console", O_RDWR | O_CLOEXEC);
	for (int fd = 0; fd <= 2 && console >= 0; fd++)
		dup2(console, fd);
	if (mount("proc", "/proc", "proc", 0, NULL) < 0)
		die("mount /proc");
	if (mount("sys", "/sys", "sysfs", 0, NULL) < 0)
		die("mount /sys");
	mkdir("/run", 0755);
	mkdir("/dev/pts", 0755);
	if (mount("pts", "/dev/pts", "devpts", 0, NULL) < 0)
		die("mount /dev/pts");
}

static int is_module(const struct dirent *ent)
{
	return ent->d_name[0] != '.';
}

static void load_modules(void)
{
	struct dirent **ents;
	int n = scandir("/modules", &ents, is_module, alphasort);
	char path[300];

	if (n < 0)
		die("/modules");
	for (int i = 0; i < n; i++) {
		int fd;

		snprintf(path, sizeof(path), "/modules/%s", ents[i]->d_name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0 || syscall(SYS_finit_module, fd, "", 0) < 0)
			die(path);
		close(fd);
		free(ents[i]);
	}
	free(ents);
}

static void open_port(void)
{
	for (int i = 0; i < 500 && port_fd < 0; i++) {
		port_fd = open(PORT, O_RDWR | O_CLOEXEC);
		if (port_fd < 0)
			sleep_ms(10);
	}
	if (port_fd < 0)
		die(PORT);
}

/* See do_early(). The first member of struct input_dev is its name. */
static void probe_events(void)
{
	if (mount("tracefs", TRACING, "tracefs", 0, NULL) < 0)
		die("mount " TRACING);
	if (!write_file(TRACING "/kprobe_events",
			"p:ev input_event name=+0(+0($arg1)):string "
			"type=$arg2:u32 code=$arg3:u32 value=$arg4:s32") ||
	    !write_file(TRACING "/events/kprobes/ev/enable", "1"))
		die(TRACING);
}

/* --- The input devices --- */

static int open_nodes(void)
{
	char path[40];
	int n = 0;

	for (int i = 0; i < NODES_MAX; i++) {
		snprintf(path, sizeof(path), "/dev/input/event%d", i);
		if (node_fd[i] < 0)
			node_fd[i] =
				open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
		n += node_fd[i] >= 0;
	}
	return n;
}

/* All that can be read, so that what the host asks next comes after it. */
static void report_events(int node)
{
	struct input_event ev[64];
	char line[sizeof(ev) / sizeof(ev[0]) * 40];
	ssize_t len;

	while ((len = read(node_fd[node], ev, sizeof(ev))) > 0) {
		size_t at = 0;

		for (size_t i = 0; i < (size_t)len / sizeof(ev[0]); i++)
			at += (size_t)snprintf(
				line + at, sizeof(line) - at, "e %d %u %u %d\n",
				node, ev[i].type, ev[i].code, ev[i].value);
		say("%s", line);
	}
	if (len < 0 && errno != EAGAIN)
		die("read from a device");
}

/* The bits of event type `type` that the node has; none that evdev keeps. */
static void read_bits(int fd, unsigned int type, uint8_t *bits)
{
	uint8_t types[SPEC_BITMAP_LEN] = { 0 };

	if (type == EV_SYN || ioctl(fd, EVIOCGBIT(0, sizeof(types)), types) < 0)
		return;
	if (!bit_test(types, type))
		return;
	if (type == EV_REP) {
		bit_set(bits, REP_DELAY);
		bit_set(bits, REP_PERIOD);
		return;
	}
	ioctl(fd, EVIOCGBIT(type, SPEC_BITMAP_LEN), bits);
}

static void read_abs(int fd, struct spec *spec)
{
	for (unsigned int code = 0; code < ABS_CNT; code++) {
		struct input_absinfo abs;

		if (!spec_has(spec, EV_ABS, (uint16_t)code) ||
		    ioctl(fd, EVIOCGABS(code), &abs) < 0)
			continue;
		spec->abs[code] = (struct spec_abs){
			.min = abs.minimum,
			.max = abs.maximum,
			.fuzz = abs.fuzz,
			.flat = abs.flat,
			.res = abs.resolution,
		};
	}
}

/* What the guest takes the device for, in the form in which it was specified.
 */
static void read_spec(int fd, struct spec *spec)
{
	struct input_id id = { 0 };
	unsigned int rep[2];

	memset(spec, 0, sizeof(*spec));
	ioctl(fd, EVIOCGNAME(sizeof(spec->name)), spec->name);
	ioctl(fd, EVIOCGUNIQ(sizeof(spec->serial)), spec->serial);
	ioctl(fd, EVIOCGID, &id);
	spec->ids.bustype = id.bustype;
	spec->ids.vendor = id.vendor;
	spec->ids.product = id.product;
	spec->ids.version = id.version;
	ioctl(fd, EVIOCGPROP(sizeof(spec->props)), spec->props);
	for (unsigned int type = 0; type < EV_CNT; type++)
		read_bits(fd, type, spec->bits[type]);
	read_abs(fd, spec);
	if (ioctl(fd, EVIOCGREP, rep) == 0) {
		spec->has_repeat = true;
		spec->repeat_delay_ms = rep[REP_DELAY];
		spec->repeat_period_ms = rep[REP_PERIOD];
	}
}

/* --- What the host asks --- */

static const char *do_wait(int n)
{
	for (int i = 0; i < 1000; i++) {
		if (open_nodes() >= n)
			return NULL;
		sleep_ms(10);
	}
	return "fewer devices came";
}

static void do_list(void)
{
	for (int i = 0; i < NODES_MAX; i++) {
		char name[256] = "";

		if (node_fd[i] < 0)
			continue;
		ioctl(node_fd[i], EVIOCGNAME(sizeof(name) - 1), name);
		say("d %d %s\n", i, name);
	}
}

static void do_print(int node)
{
	static struct spec spec;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		die("open_memstream");
	read_spec(node_fd[node], &spec);
	spec_print(out, &spec);
	fclose(out);
	say_lines(text);
	free(text);
}

static void say_on(int type, const uint8_t *bits)
{
	for (unsigned int code = 0; code < SPEC_CODES; code++)
		if (bit_test(bits, code))
			say("d %d %u 1\n", type, code);
}

/* One value of each slot; -1 where there is none. */
static void read_slots(int fd, uint32_t code, int32_t *value)
{
	struct {
		uint32_t code;
		int32_t value[SPEC_SLOTS_MAX];
	} mt = { .code = code };

	memset(mt.value, -1, sizeof(mt.value));
	ioctl(fd, EVIOCGMTSLOTS(sizeof(mt)), &mt);
	memcpy(value, mt.value, sizeof(mt.value));
}

static const char *do_contacts(int node)
{
	int32_t id[SPEC_SLOTS_MAX], x[SPEC_SLOTS_MAX], y[SPEC_SLOTS_MAX];
	int fd = node_fd[node];
	struct input_absinfo slot;

	if (ioctl(fd, EVIOCGABS(ABS_MT_SLOT), &slot) < 0)
		return strerror(errno);
	read_slots(fd, ABS_MT_TRACKING_ID, id);
	read_slots(fd, ABS_MT_POSITION_X, x);
	read_slots(fd, ABS_MT_POSITION_Y, y);
	say("d at %d\n", slot.value);
	for (int i = 0; i <= slot.maximum && i < SPEC_SLOTS_MAX; i++)
		if (id[i] >= 0)
			say("d %d %d %d %d\n", i, id[i], x[i], y[i]);
	return NULL;
}

static void do_state(int node)
{
	uint8_t key[SPEC_BITMAP_LEN] = { 0 }, sw[SPEC_BITMAP_LEN] = { 0 };
	uint8_t axes[SPEC_BITMAP_LEN] = { 0 };
	int fd = node_fd[node];

	ioctl(fd, EVIOCGKEY(sizeof(key)), key);
	ioctl(fd, EVIOCGSW(sizeof(sw)), sw);
	say_on(EV_KEY, key);
	say_on(EV_SW, sw);
	read_bits(fd, EV_ABS, axes);
	for (unsigned int code = 0; code < ABS_MT_SLOT; code++) {
		struct input_absinfo abs;

		if (bit_test(axes, code) && !ioctl(fd, EVIOCGABS(code), &abs))
			say("d %d %u %d\n", EV_ABS, code, abs.value);
	}
}

/*
 * A probe in the kernel logs what the driver hands on, from the first event on
 * and before the input layer leaves out what is no news.
 */
static const char *do_early(void)
{
	FILE *trace = fopen(TRACING "/trace", "re");
	char line[512];

	if (!trace)
		return strerror(errno);
	while (fgets(line, sizeof(line), trace)) {
		char *name = strstr(line, "name=\"");
		char *args = name ? strstr(name, "\" type=") : NULL;
		unsigned int type, code;
		int value;

		if (args && sscanf(args, "\" type=%u code=%u value=%d", &type,
				   &code, &value) == 3)
			say("d %u %u %d %.*s\n", type, code, value,
			    (int)(args - name - 6), name + 6);
	}
	fclose(trace);
	return NULL;
}

static const char *do_write(int node, const int *args)
{
	struct input_event ev[2] = {
		{ .type = (uint16_t)args[0],
		  .code = (uint16_t)args[1],
		  .value = args[2] },
		{ .type = EV_SYN, .code = SYN_REPORT },
	};

	if (write(node_fd[node], ev, sizeof(ev)) != sizeof(ev))
		return strerror(errno);
	return NULL;
}

/* The kernel's own test stops the devices, waits and starts them again. */
static const char *do_suspend(void)
{
	write_file("/sys/module/suspend/parameters/pm_test_delay", "1");
	if (!write_file("/sys/power/pm_test", "devices"))
		return "the kernel has no pm_test";
	if (!write_file("/sys/power/state", "freeze"))
		return strerror(errno);
	return NULL;
}

/* --- Programs --- */

/* A terminal, because to a file or a pipe many programs print late. */
static void run_program(char *words)
{
	char *argv[ARGS_MAX + 1] = { 0 }, *word;
	size_t n = 0;
	int tty;

	/* Not the controlling one, whose end would end a daemon too. */
	tty = open(ptsname(program_tty), O_RDWR | O_NOCTTY);
	for (int fd = 0; fd <= 2; fd++)
		dup2(tty, fd);
	while (n < ARGS_MAX && (word = strsep(&words, " ")))
		argv[n++] = word;
	execv(argv[0], argv);
	perror(argv[0]);
	_exit(127);
}

static const char *do_start(char *words)
{
	if (program)
		return "one program at a time";
	program_tty = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (program_tty < 0 || unlockpt(program_tty) < 0)
		die("posix_openpt");
	program = fork();
	if (program < 0)
		die("fork");
	if (!program)
		run_program(words);
	return NULL;
}

/* The whole lines that it printed; a terminal ends them with "\r\n". */
static void do_said(void)
{
	static char buf[8192];
	static size_t filled;
	ssize_t len;
	char *end;

	while ((len = read(program_tty, buf + filled,
			   sizeof(buf) - 1 - filled)) > 0) {
		filled += (size_t)len;
		buf[filled] = '\0';
		while ((end = strchr(buf, '\n'))) {
			*end = '\0';
			say("d %.*s\n", (int)strcspn(buf, "\r"), buf);
			filled -= (size_t)(end + 1 - buf);
			memmove(buf, end + 1, filled + 1);
		}
	}
}

/* To its end. */
static const char *await_program(void)
{
	int status = 0;

	while (!waitpid(program, &status, WNOHANG)) {
		do_said();
		sleep_ms(5);
	}
	do_said();
	close(program_tty);
	program = 0;
	return status ? "the program failed" : NULL;
}

static const char *do_stop(void)
{
	if (!program)
		return "no program";
	kill(program, SIGINT);
	return await_program();
}

static const char *do_run(char *words)
{
	const char *wrong = do_start(words);

	return wrong ? wrong : await_program();
}

/* Return: NULL or what is wrong. */
static const char *obey(char *line)
{
	int n = 0, args[3] = { 0 };
	char verb[16] = "";
	int given = sscanf(line, "%15s %d %d %d %d", verb, &n, &args[0],
			   &args[1], &args[2]) -
		    1;
	bool node = given > 0 && n >= 0 && n < NODES_MAX && node_fd[n] >= 0;

	if (!strcmp(verb, "wait") && given == 1)
		return do_wait(n);
	if (!strcmp(verb, "list"))
		return do_list(), NULL;
	if (!strcmp(verb, "early"))
		return do_early();
	if (!strcmp(verb, "start"))
		return do_start(line + strlen("start "));
	if (!strcmp(verb, "run"))
		return do_run(line + strlen("run "));
	if (!strcmp(verb, "said"))
		return do_said(), NULL;
	if (!strcmp(verb, "stop"))
		return do_stop();
	if (!strcmp(verb, "suspend"))
		return do_suspend();
	if (!strcmp(verb, "reboot"))
		return reboot(RB_AUTOBOOT), strerror(errno);
	if (!node)
		return "no such request or device";
	if (!strcmp(verb, "print"))
		return do_print(n), NULL;
	if (!strcmp(verb, "state"))
		return do_state(n), NULL;
	if (!strcmp(verb, "contacts"))
		return do_contacts(n);
	if (!strcmp(verb, "write") && given == 4)
		return do_write(n, args);
	return "no such request";
}

/* Take what came on the port and do the whole lines of it. */
static void take_requests(void)
{
	static char buf[4096];
	static size_t filled;
	ssize_t len = read(port_fd, buf + filled, sizeof(buf) - 1 - filled);
	char *end;

	if (len == 0) /* the host closed its end: wait for it to come back */
		sleep_ms(10);
	if (len < 0 && errno != EINTR)
		die("read from " PORT);
	filled += len > 0 ? (size_t)len : 0;
	buf[filled] = '\0';
	while ((end = strchr(buf, '\n'))) {
		const char *wrong;

		*end = '\0';
		wrong = obey(buf);
		if (wrong)
			say("error %s\n", wrong);
		else
			say("ok\n");
		filled -= (size_t)(end + 1 - buf);
		memmove(buf, end + 1, filled + 1);
	}
}

static void serve(void)
{
	struct pollfd fds[NODES_MAX + 1];

	for (;;) {
		fds[NODES_MAX] = (struct pollfd){ port_fd, POLLIN, 0 };
		for (int i = 0; i < NODES_MAX; i++)
			fds[i] = (struct pollfd){ node_fd[i], POLLIN, 0 };
		if (poll(fds, NODES_MAX + 1, -1) < 0)
			die("poll");
		for (int i = 0; i < NODES_MAX; i++)
			if (fds[i].revents)
				report_events(i);
		if (fds[NODES_MAX].revents)
			take_requests();
	}
}

int main(void)
{
	for (int i = 0; i < NODES_MAX; i++)
		node_fd[i] = -1;
	mount_all();
	probe_events();
	load_modules();
	open_port();
	say("hello\n");
	serve();
	return 1;
}
