/* SPDX-License-Identifier: Apache-2.0 */
/*
 * QEMU with the test's guest, and the agent in it (agent.c has the requests).
 * Errors fail the cmocka test. A struct vm is owned by the test; VM_NULL is one
 * that is not running.
 */
#ifndef VINPUT_TEST_VM_H
#define VINPUT_TEST_VM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include "input/device/event.h"
#include "tests/guest/view.h"

#define VM_EVENTS_MAX 4096
#define VM_NODES_MAX  64

struct vm_event {
	int node; /* the N of the guest's eventN */
	struct vi_event ev;
};

struct vm {
	pid_t pid;    /* 0: not running */
	int fd;	      /* the agent's port */
	int qmp;      /* QEMU's monitor */
	int serial;   /* the other end of the guest's second port; -1: none */
	bool systemd; /* as in vm_options */
	char buf[65536];
	size_t filled;
	/* Events that were read, but not yet taken by vm_take_frame(). */
	struct vm_event events[VM_EVENTS_MAX];
	size_t n_events;
	struct view view[VM_NODES_MAX];
	char fault[160]; /* the first event that a view rejected */
};

#define VM_NULL                                   \
	{                                         \
		.fd = -1, .qmp = -1, .serial = -1 \
	}

/*
 * Boot a guest with one vhost-user-input-pci, or vfio-user-pci with the ID dN,
 * for each of the n_devices paths,
 * and wait until it has sent its hello and opened all of them. dir: where the
 * agent's socket is created; guest_dir: build/guest.
 */
struct vm_options {
	const char *dir, *guest_dir;
	const char *const *devices;
	size_t n_devices;
	/* They are vfio-user-pci: the QEMU that fetch-qemu-vfio-user found. */
	bool vfio_user;
	/* A QEMU device: the guest's IOMMU. NULL: it has none. */
	const char *iommu;
	bool behind_iommu; /* whether they are behind it */
	const char *vnc;   /* a screen at this path; NULL: none */
	bool systemd;	   /* its init is systemd, not the agent */
	/*
	 * Its device is a vvu-proxy, for which it has a second serial port; no
	 * input device is waited for.
	 */
	bool is_device_vm;
	const char *memory; /* the file of its memory; NULL: one of its own */
};

void vm_boot(struct vm *vm, const struct vm_options *opt);

/* The N-th device of vfio-user, at a path, in JSON: device_add's arguments. */
char *vm_vfio_user(size_t n, const char *path); /* to be freed */

/* Wait for the hello of a guest that reboots, and for its devices. */
void vm_wait_ready(struct vm *vm, size_t n_devices);

/*
 * From now on, judge each event that is read from a multi-touch node (view.h),
 * and set vm->fault when one is wrong.
 */
void vm_watch(struct vm *vm, int node, bool has_touch);

/*
 * Stop the guest's CPUs, and QEMU its rings (GET_VRING_BASE); let them
 * continue.
 */
void vm_pause(struct vm *vm);
void vm_resume(struct vm *vm);

/*
 * The agent was frozen, so that its kernel may have lost events for it: read
 * what it has sent, and do not count that as a fault.
 */
void vm_forgive_loss(struct vm *vm);

/* SIGKILL, and discard what was read. Does nothing if it is not running. */
void vm_kill(struct vm *vm);

/*
 * Send a request to the agent and return the answer's lines without "d ", each
 * with a newline. Return: the text, to be freed.
 */
char *vm_ask(struct vm *vm, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Let QEMU do this: a command of QMP and, after a space, its arguments in JSON.
 */
void vm_qmp(struct vm *vm, const char *command);
/* Return: its answer, a line, to be freed. */
char *vm_qmp_ask(struct vm *vm, const char *command);

/*
 * The next line of the agent's that is no event. Return: false if none arrived
 * by `end`, see now_ms().
 */
bool vm_next_line(struct vm *vm, char *line, size_t size, long end);

/* The halves of vm_ask(), to do something in between. */
void vm_send(struct vm *vm, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
char *vm_answer(struct vm *vm);

/*
 * Take the next frame that the guest read from node: its events, the last a
 * SYN_REPORT. What the guest's kernel adds (key repeat, LEDs, the pieces of a
 * frame too long for it) is left out. Return: the number of events, 0 if none
 * arrived in timeout_ms.
 */
size_t vm_take_frame(struct vm *vm, int node, struct vi_event *ev, size_t max,
		     int timeout_ms);

/* Milliseconds of the monotonic clock. */
long now_ms(void);

/* In a child process: die with the test, however it ends. */
void die_with_parent(void);

#endif
