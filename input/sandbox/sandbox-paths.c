/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Landlock rules apply to inodes: a spec that was replaced by another file of
 * the same name can be read only if the rule is on the folder, and so it is.
 * What a version of Landlock does not know, its kernel does not restrict.
 *
 * The constants are copied from the kernel: the headers of Debian 12 have those
 * of version 2 only.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "input/base/fd.h"
#include "input/base/log.h"
#include "input/sandbox/sandbox-paths.h"

#define CREATE_RULESET_VERSION 1
#define RULE_PATH_BENEATH      1
#define RULE_NET_PORT	       2

#define FS_READ_FILE   (1 << 2)
#define FS_READ_DIR    (1 << 3)
#define FS_REMOVE_FILE (1 << 5)

#define NET_BIND_TCP	     (1 << 0)
#define NET_CONNECT_TCP	     (1 << 1)
#define SCOPE_ABSTRACT_UNIX  (1 << 0)
#define SCOPE_SIGNAL	     (1 << 1)
#define VERSION_WITH_NET     4
#define VERSION_WITH_SCOPE   6
#define VERSION_WITH_DEVICES 5

/* struct landlock_ruleset_attr, ..._path_beneath_attr, ..._net_port_attr */
struct ruleset {
	uint64_t fs, net, scope;
};

struct path_beneath {
	uint64_t allowed;
	int32_t folder;
} __attribute__((packed));

struct net_port {
	uint64_t allowed, port;
};

/* All file access rights that this version knows. */
static uint64_t all_of_files(long version)
{
	static const int kinds[] = { 0, 13, 14, 15, 15, 16 };

	if (version > VERSION_WITH_DEVICES)
		version = VERSION_WITH_DEVICES;
	return (UINT64_C(1) << kinds[version]) - 1;
}

/* Return: the ruleset's fd, or -errno. */
static int new_ruleset(long version, bool signals)
{
	const struct ruleset set = {
		.fs = all_of_files(version),
		.net = version >= VERSION_WITH_NET
			       ? NET_BIND_TCP | NET_CONNECT_TCP
			       : 0,
		.scope = version >= VERSION_WITH_SCOPE
				 ? SCOPE_ABSTRACT_UNIX |
					   (signals ? 0 : SCOPE_SIGNAL)
				 : 0,
	};
	/* Older kernels reject unknown members. */
	const size_t size = version >= VERSION_WITH_SCOPE ? sizeof(set)
			    : version >= VERSION_WITH_NET
				    ? offsetof(struct ruleset, scope)
				    : offsetof(struct ruleset, net);
	int fd = (int)syscall(SYS_landlock_create_ruleset, &set, size, 0);

	return fd < 0 ? -errno : fd;
}

/* A folder that cannot be opened now: later accesses fail and are logged. */
static int allow_folder(int ruleset, const char *folder, uint64_t what)
{
	const struct path_beneath rule = {
		what, open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC)
	};
	int r = 0;

	if (rule.folder < 0)
		return 0;
	if (syscall(SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &rule,
		    0) < 0)
		r = -errno;
	close(rule.folder);
	return r;
}

static int allow_folder_of(int ruleset, const char *path, uint64_t what)
{
	if (!path || strlen(path) >= PATH_MAX)
		return 0;
	return allow_folder(ruleset, dirname(strdupa(path)), what);
}

/* Not inline: usually there is no link, and no need for so much stack. */
static __attribute__((noinline)) int allow_target(int ruleset, const char *path,
						  uint64_t what)
{
	char real[PATH_MAX];

	return realpath(path, real) ? allow_folder_of(ruleset, real, what) : 0;
}

/* The folder of its name, and that of the file that it links to. */
static int allow_reading(int ruleset, const char *path)
{
	const uint64_t what = FS_READ_FILE | FS_READ_DIR;
	int r = allow_folder_of(ruleset, path, what);
	char c;

	if (!r && path && readlink(path, &c, 1) > 0)
		r = allow_target(ruleset, path, what);
	return r;
}

/* Return: whether both are in one folder, by their names. */
static bool are_beside(const char *a, const char *b)
{
	const char *slash = strrchr(a, '/');
	const size_t len = slash ? (size_t)(slash - a) + 1 : 0;

	return !strncmp(a, b, len) && !strchr(b + len, '/');
}

/* Files to remove are usually in one folder. */
static int allow_removing(int ruleset, const char *const path[])
{
	const char *last = NULL;
	int r = 0;

	for (int i = 0; i < SANDBOX_PATHS_MAX && !r; i++) {
		if (!path[i] || (last && are_beside(last, path[i])))
			continue;
		last = path[i];
		r = allow_folder_of(ruleset, last, FS_REMOVE_FILE);
	}
	return r;
}

static int allow_port(int ruleset, uint16_t port)
{
	const struct net_port rule = { NET_CONNECT_TCP, port };

	if (!port)
		return 0;
	return syscall(SYS_landlock_add_rule, ruleset, RULE_NET_PORT, &rule,
		       0) < 0
		       ? -errno
		       : 0;
}

static int allow_ports(int ruleset, const struct sandbox_paths *paths)
{
	int r = 0;

	for (int i = 0; i < SANDBOX_PORTS_MAX && !r; i++)
		r = allow_port(ruleset, paths->ports[i]);
	return r;
}

static int allow_all(int ruleset, const struct sandbox_paths *paths)
{
	int r = allow_removing(ruleset, paths->removed);

	for (int i = 0; i < SANDBOX_PATHS_MAX && !r; i++) {
		r = allow_reading(ruleset, paths->read[i]);
		if (!r && paths->folders[i])
			r = allow_folder(ruleset, paths->folders[i],
					 FS_READ_FILE | FS_READ_DIR);
		if (!r && paths->listed[i])
			r = allow_folder(ruleset, paths->listed[i],
					 FS_READ_DIR);
	}
	return r;
}

int sandbox_restrict_paths(const struct sandbox_paths *paths)
{
	const long version = syscall(SYS_landlock_create_ruleset, NULL, 0,
				     CREATE_RULESET_VERSION);
	_cleanup_close_ int ruleset = -1;
	int r;

	if (version < 1) {
		log_line(LOG_DEBUG, CULPRIT_NONE,
			 "no Landlock: access to files is not restricted");
		return 0;
	}
	ruleset = new_ruleset(version, paths->signals);
	r = ruleset < 0 ? ruleset : allow_all(ruleset, paths);
	if (!r && version >= VERSION_WITH_NET)
		r = allow_ports(ruleset, paths);
	if (!r && syscall(SYS_landlock_restrict_self, ruleset, 0) < 0)
		r = -errno;
	if (r)
		log_line(LOG_ERROR, CULPRIT_HOST, "--sandbox: Landlock: %s",
			 strerror(-r));
	else
		log_line(LOG_DEBUG, CULPRIT_NONE, "Landlock, version %ld",
			 version);
	return r;
}
