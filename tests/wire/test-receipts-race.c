/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device asks a driver's kicks for what it returns, and the driver makes
 * buffers available between any two instructions of that. Whether it kicks it
 * decides at once, or when the device has gone on. Nothing is lost: neither an
 * event that waits for a buffer, nor a receipt. tests/model has the same for
 * all orders in which CPUs may show their stores.
 */
#include <elf.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/lib/asker.h"
#include "tests/lib/usage.h"
#include "tests/lib/walls.h"

#define ASKS_RETURNS "vring_ask_returns"
/* More than that function and those that it calls have. */
#define STEPS 60

/* --- a break in the server --- */

/* Return: the symbol's place in the program, 0: it has no symbols. */
static uint64_t offset_of(const char *path, const char *name)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint64_t offset = 0;
	struct stat st;

	assert_sys(fd);
	assert_sys(fstat(fd, &st));
	const uint8_t *elf =
		mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	assert_ptr_not_equal(elf, MAP_FAILED);
	close(fd);
	const Elf64_Ehdr *head = (const void *)elf;
	const Elf64_Shdr *sect = (const void *)(elf + head->e_shoff);
	for (int i = 0; i < head->e_shnum; i++) {
		const Elf64_Sym *sym = (const void *)(elf + sect[i].sh_offset);

		for (size_t n = sect[i].sh_type == SHT_SYMTAB
					? sect[i].sh_size / sizeof(*sym)
					: 0;
		     n; n--, sym++)
			if (!strcmp((const char *)elf +
					    sect[sect[i].sh_link].sh_offset +
					    sym->st_name,
				    name))
				offset = sym->st_value;
	}
	munmap((void *)elf, (size_t)st.st_size);
	return offset;
}

/* Return: where the program begins in memory; it has just been started. */
static uint64_t base_of(pid_t pid)
{
	char path[64], line[400] = "";
	uint64_t base = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	f = fopen(path, "re");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f) &&
	       !strstr(line, "/vhost-user-input"))
		;
	fclose(f);
	assert_num(sscanf(line, "%lx-", &base), 1);
	return base;
}

static void wait_stop(pid_t pid)
{
	int status;

	assert_num(waitpid(pid, &status, 0), pid);
	assert_true(WIFSTOPPED(status));
	assert_num(WSTOPSIG(status), SIGTRAP);
}

struct pause {
	pid_t pid;
	uint64_t at;
	long code; /* what was there */
};

#ifdef __x86_64__
/* The server stops when it gets there. */
static void pause_set(struct pause *p)
{
	p->code = ptrace(PTRACE_PEEKTEXT, p->pid, p->at, NULL);
	assert_sys(ptrace(PTRACE_POKETEXT, p->pid, p->at,
			  (p->code & ~0xffL) | 0xcc));
}

/* It has stopped: as if there had been nothing. */
static void pause_clear(const struct pause *p)
{
	struct user_regs_struct regs;

	assert_sys(ptrace(PTRACE_POKETEXT, p->pid, p->at, p->code));
	assert_sys(ptrace(PTRACE_GETREGS, p->pid, NULL, &regs));
	assert_num(regs.rip, p->at + 1);
	regs.rip--;
	assert_sys(ptrace(PTRACE_SETREGS, p->pid, NULL, &regs));
}
#define CAN_PAUSE true
#else
#define CAN_PAUSE false
static void pause_set(struct pause *p)
{
}

static void pause_clear(const struct pause *p)
{
}
#endif

static uint64_t offset; /* in the program, of ASKS_RETURNS */

static void start(struct rig *rig, struct pause *p, uint16_t num)
{
	rig_spec(rig, "keyboard");
	process_arg(&rig->srv, "--overflow=block");
	rig->srv.traced = true;
	rig_start(rig);
	p->pid = rig->srv.pid;
	wait_stop(p->pid);
	assert_sys(ptrace(PTRACE_SETOPTIONS, p->pid, NULL,
			  PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD));
	p->at = base_of(p->pid) + offset;
	pause_set(p);
	assert_sys(ptrace(PTRACE_CONT, p->pid, NULL, NULL));
	rig_prepare(rig, num);
	assert_ok(fe_start(&rig->fe));
}

/* --- the driver --- */

static struct fe_ring *eventq(struct rig *rig)
{
	return &rig->fe.ring[FE_EVENTQ];
}

/* Take n events and make their buffers available. */
static void recycle(struct rig *rig, int n)
{
	struct vi_event ev;

	while (n--)
		assert_ok(fe_recycle_event(&rig->fe, &ev));
	fe_ring_publish(eventq(rig));
}

static void kick(struct rig *rig)
{
	if (fe_ring_wants_kick(eventq(rig)))
		fe_ring_kick(eventq(rig));
}

/* Go on until the server waits. */
static void wait_for_sleep(pid_t pid)
{
	struct __ptrace_syscall_info info = { .op = PTRACE_SYSCALL_INFO_NONE };

	while (info.op != PTRACE_SYSCALL_INFO_ENTRY ||
	       info.entry.nr != SYS_epoll_pwait) {
		assert_true(WIFSTOPPED(walls_next_stop(pid, PTRACE_SYSCALL)));
		assert_sys(ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info),
				  &info));
	}
}

/*
 * The server has taken some steps of that function. n: events whose buffers
 * come back then. at_once: it is decided then whether to kick.
 */
static void interrupt_at(struct rig *rig, struct pause *p, int steps, int n,
			 bool at_once)
{
	wait_stop(p->pid);
	pause_clear(p);
	while (steps--) {
		assert_sys(ptrace(PTRACE_SINGLESTEP, p->pid, NULL, NULL));
		wait_stop(p->pid);
	}
	recycle(rig, n);
	if (at_once)
		kick(rig);
	wait_for_sleep(p->pid);
	if (!at_once)
		kick(rig);
	assert_sys(ptrace(PTRACE_DETACH, p->pid, NULL, NULL));
}

/* More events than buffers: one waits. */
static void let_an_event_wait(struct rig *rig, int steps, bool at_once)
{
	struct pause p;

	start(rig, &p, 4);
	struct asker a = asker_hello(rig->inject[0]);
	ask(&a, KEY(KEY_A, 1), RECEIPT(1), SYN, KEY(KEY_A, 0), SYN,
	    KEY(KEY_B, 1), SYN);
	interrupt_at(rig, &p, steps, 4, at_once);
	expect(rig, KEY(KEY_B, 1), SYN);
	expect_answer(&a, ANSWER(0, 1));
}

/* Buffers come back one by one. */
static void let_a_receipt_wait(struct rig *rig, int steps, bool at_once)
{
	struct pause p;

	start(rig, &p, 8);
	struct asker a = asker_hello(rig->inject[0]);
	ask(&a, KEY(KEY_A, 1), RECEIPT(1), SYN);
	interrupt_at(rig, &p, steps, 1, at_once);
	recycle(rig, 1);
	kick(rig);
	expect_answer(&a, ANSWER(0, 1));
}

static void at_each_step(void (*run)(struct rig *rig, int steps, bool at_once))
{
	char path[300];

	snprintf(path, sizeof(path), "%s/vhost-user-input", test_bin_dir());
	offset = offset_of(path, ASKS_RETURNS);
	if (!CAN_PAUSE || !offset)
		skip_because("no break can be set in this program here");
	for (int i = 0; i < 2 * STEPS; i++) {
		void *rig = NULL;

		usage_rig_setup(&rig);
		run(rig, i / 2, i % 2);
		assert_ok(rig_teardown(&rig));
	}
}

static void no_event_waits_for_ever(void **state)
{
	at_each_step(let_an_event_wait);
}

static void no_receipt_waits_for_ever(void **state)
{
	at_each_step(let_a_receipt_wait);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_event_waits_for_ever),
		cmocka_unit_test(no_receipt_waits_for_ever),
	};

	return cmocka_run_group_tests_name("receipts-race", tests, NULL, NULL);
}
