/* SPDX-License-Identifier: Apache-2.0 */
/* The duties of an init, and requests that concern the whole kernel. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "tests/guest/agent.h"

#define TRACING "/sys/kernel/tracing"

bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool good = fd >= 0 &&
		    write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return good;
}

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

void load_modules(const char *folder)
{
	struct dirent **ents;
	int n = scandir(folder, &ents, is_module, alphasort);
	char path[300];

	if (n < 0)
		die(folder);
	for (int i = 0; i < n; i++) {
		int fd;

		snprintf(path, sizeof(path), "%s/%s", folder, ents[i]->d_name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0 || syscall(SYS_finit_module, fd, "", 0) < 0)
			die(path);
		close(fd);
		free(ents[i]);
	}
	free(ents);
}

/* See do_early(). The first member of struct input_dev is its name. */
static void probe_events(void)
{
	if (mount("tracefs", TRACING, "tracefs", 0, NULL) < 0 && errno != EBUSY)
		die("mount " TRACING);
	if (!write_file(TRACING "/kprobe_events",
			"p:ev input_event name=+0(+0($arg1)):string "
			"type=$arg2:u32 code=$arg3:u32 value=$arg4:s32") ||
	    !write_file(TRACING "/events/kprobes/ev/enable", "1"))
		die(TRACING);
}

/* Under systemd, which has mounted all, it is not the init. */
void boot(void)
{
	if (getpid() == 1)
		mount_all();
	probe_events();
	load_modules("/modules");
}

/*
 * A kernel probe logs what the driver passes on, from the first event on and
 * before the input layer drops values that do not change.
 */
const char *do_early(const struct request *r)
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

/*
 * The kernel's own suspend test: it stops the devices, waits, and resumes them.
 */
const char *do_suspend(const struct request *r)
{
	write_file("/sys/module/suspend/parameters/pm_test_delay", "1");
	if (!write_file("/sys/power/pm_test", "devices"))
		return "the kernel has no pm_test";
	if (!write_file("/sys/power/state", "freeze"))
		return strerror(errno);
	return NULL;
}

const char *do_reboot(const struct request *r)
{
	reboot(RB_AUTOBOOT);
	return strerror(errno);
}
