/* SPDX-License-Identifier: Apache-2.0 */
/* What a sandbox does, and what for. */
#ifndef VINPUT_SANDBOX_MODES_H
#define VINPUT_SANDBOX_MODES_H

enum sandbox_mode {
	SANDBOX_OFF,
	SANDBOX_LOG, /* the kernel logs calls that the table lacks */
	SANDBOX_ON,
};

/* What a program needs in addition to a server's calls: bits. */
enum sandbox_calls {
	SANDBOX_POSTCOPY = 1 << 0, /* userfaultfd */
	SANDBOX_NODES = 1 << 1,	   /* evdev nodes that are open, and finding out
				      about others */
	SANDBOX_LIBINPUT = 1 << 3, /* libinput, for nodes that are open */
	SANDBOX_INJECTS = 1 << 2,  /* sockets of its own, to other servers */
	SANDBOX_BROWSERS = 1
			   << 4, /* TCP connections, as many as there may be */
	SANDBOX_HOLDS = 1 << 5, /* connections of many devices, and their fds */
	SANDBOX_DEVICE = 1 << 8, /* a PCI device, by VFIO, that is open */
	SANDBOX_TCP = 1 << 7,	 /* TCP connections to others: see ports of
				    sandbox-paths.h */
	SANDBOX_OPENS = 1 << 6,	 /* only what opening nodes for others takes,
				    and none of a server's calls */
};

/*
 * What the programs ask for: a list. Filters are made with the program, so
 * there is none for other sets.
 */
#define SANDBOX_ASKED                                                   \
	0, SANDBOX_POSTCOPY, SANDBOX_DEVICE, SANDBOX_ASKED_OF_NODES(0), \
		SANDBOX_ASKED_OF_NODES(SANDBOX_LIBINPUT),               \
		SANDBOX_INJECTS | SANDBOX_BROWSERS,                     \
		SANDBOX_INJECTS | SANDBOX_BROWSERS | SANDBOX_TCP,       \
		SANDBOX_HOLDS, SANDBOX_OPENS
#define SANDBOX_ASKED_OF_NODES(more)                                       \
	SANDBOX_NODES | (more), SANDBOX_NODES | (more) | SANDBOX_POSTCOPY, \
		SANDBOX_NODES | (more) | SANDBOX_INJECTS,                  \
		SANDBOX_NODES | (more) | SANDBOX_INJECTS | SANDBOX_POSTCOPY

#endif
