/* SPDX-License-Identifier: Apache-2.0 */
/*
 * QEMU with the test's guest, and the agent in it (agent.c tells the requests).
 * What goes wrong fails the cmocka test that asked. A struct vm is owned by the
 * test; VM_NULL is one that does not run.
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
	pid_t pid; /* 0: does not run */
	int fd;	   /* the agent's port */
	char buf[65536];
	size_t filled;
	/* Events that were read and not yet taken by vm_take_frame(). */
	struct vm_event events[VM_EVENTS_MAX];
	size_t n_events;
	struct view view[VM_NODES_MAX];
	char fault[160]; /* the first event that a view found wrong */
};

#define VM_NULL          \
	{                \
		.fd = -1 \
	}

/*
 * Boot a guest with one vhost-user-input-pci for each of the n_devices paths,
 * and wait until it has said hello and has opened all of them.
 * dir: where the agent's socket is made; guest_dir: build/guest.
 */
struct vm_options {
	const char *dir, *guest_dir;
	const char *const *devices;
	size_t n_devices;
	/* A QEMU device: the guest's IOMMU. NULL: it has none. */
	const char *iommu;
	bool behind_iommu; /* are the devices? */
};

void vm_boot(struct vm *vm, const struct vm_options *opt);

/* Wait for the hello of a guest that starts anew, and for its devices. */
void vm_wait_ready(struct vm *vm, size_t n_devices);

/*
 * From now on each event that is read from a multi-touch node is judged
 * (view.h), and vm->fault set when one is wrong.
 */
void vm_watch(struct vm *vm, int node, bool has_touch);

/* SIGKILL, and forget what was read. Nothing if it does not run. */
void vm_kill(struct vm *vm);

/*
 * Ask the agent and return the answer's lines without "d ", each with a
 * newline. Return: the text, the caller's to free.
 */
char *vm_ask(struct vm *vm, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* The halves of vm_ask(), to do something in between. */
void vm_send(struct vm *vm, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
char *vm_answer(struct vm *vm);

/*
 * Take the next frame that the guest read from node: its events, the last a
 * SYN_REPORT. What the guest's kernel adds of its own (key repeat, LEDs, the
 * cuts of a frame that is long for it) is left out.
 * Return: the number of events, 0 if none came in timeout_ms.
 */
size_t vm_take_frame(struct vm *vm, int node, struct vi_event *ev, size_t max,
		     int timeout_ms);

/* Milliseconds of the monotonic clock. */
long now_ms(void);

/* In a child process: end with the test, however that ends. */
void die_with_parent(void);

#endif
