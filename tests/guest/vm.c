/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The agent's port is a stream of lines. Reading sorts them: events go to the
 * queue in struct vm, the others to the request that waits for an answer. Every
 * wait has a deadline, so that a guest that hangs fails one test and not all.
 */
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#include "tests/guest/vm.h"

#define BOOT_MS	  180000
#define ANSWER_MS 20000
#define QMP_MS	  30000
#define ARGS_MAX  128

long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

void die_with_parent(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() == 1)
		_exit(1);
}

/* --- QEMU --- */

struct args {
	char *v[ARGS_MAX];
	size_t n;
};

static void __attribute__((format(printf, 2, 3)))
add(struct args *args, const char *fmt, ...)
{
	va_list ap;

	assert_true(args->n < ARGS_MAX - 1);
	va_start(ap, fmt);
	assert_true(vasprintf(&args->v[args->n++], fmt, ap) >= 0);
	va_end(ap);
}

static void add_words(struct args *args, const char *words)
{
	char *copy = strdup(words), *rest = copy, *word;

	while ((word = strsep(&rest, " ")))
		add(args, "%s", word);
	free(copy);
}

char *vm_vfio_user(size_t n, const char *path)
{
	char *json;

	assert_true(asprintf(&json,
			     "{\"driver\":\"vfio-user-pci\",\"id\":\"d%zu\","
			     "\"socket\":{\"type\":\"unix\",\"path\":\"%s\"}}",
			     n, path) > 0);
	return json;
}

static void add_vfio_user(struct args *args, size_t n, const char *path)
{
	char *json = vm_vfio_user(n, path);

	add(args, "-device");
	add(args, "%s", json);
	free(json);
}

static void add_vhost_user(struct args *args, size_t n, const char *path,
			   bool behind_iommu)
{
	add(args, "-chardev");
	add(args, "socket,id=c%zu,path=%s", n, path);
	add(args, "-device");
	add(args, "vhost-user-input-pci,chardev=c%zu%s", n,
	    behind_iommu ? ",iommu_platform=on,ats=on" : "");
}

static void qemu_args(struct args *args, const struct vm_options *opt)
{
	const char *dir = opt->guest_dir;

	add(args, "%s/%s", dir,
	    opt->vfio_user ? "qemu-vfio-user" : "qemu-system");
	add_words(args, "-nodefaults -no-user-config -display none -cpu max");
	add_words(args, "-accel tcg -smp 1 -m 256M -M");
	/* Only the newer of QEMU's machines can have an IOMMU. */
	add(args, "%s,i8042=off,memory-backend=ram", opt->iommu ? "q35" : "pc");
	if (opt->iommu) {
		add(args, "-device");
		add(args, "%s", opt->iommu);
	}
	add(args, "-object");
	if (opt->memory)
		add(args,
		    "memory-backend-file,mem-path=%s,id=ram,size=256M,"
		    "share=on",
		    opt->memory);
	else
		add(args, "memory-backend-memfd,id=ram,size=256M,share=on");
	add(args, "-kernel");
	add(args, "%s/kernel/vmlinuz", dir);
	add(args, "-initrd");
	add(args, "%s/initramfs%s", dir, opt->systemd ? "-systemd" : "");
	add(args, "-append");
	/* A busy host's timer is late, which Linux takes for a broken one. */
	add(args, "console=ttyS0 quiet panic=-1 no_timer_check%s%s",
	    opt->iommu ? " intel_iommu=on" : "",
	    opt->systemd ? " rdinit=/lib/systemd/systemd" : "");
	add(args, "-serial");
	add(args, "chardev:console");
	add(args, "-chardev");
	add(args, "file,id=console,append=on,path=%s/console.log", dir);
	if (opt->is_device_vm) {
		add(args, "-chardev");
		add(args, "socket,id=serial,path=%s/serial", opt->dir);
		add_words(args, "-serial chardev:serial");
	}
	add(args, "-chardev");
	add(args, "socket,id=agent,path=%s/agent", opt->dir);
	add_words(args, "-device virtio-serial-pci "
			"-device virtserialport,chardev=agent");
	/* No driver for it is loaded before a test needs one. */
	add_words(args, "-device qemu-xhci,id=usb");
	if (opt->vnc) {
		add_words(args, "-vga std -vnc");
		add(args, "unix:%s", opt->vnc);
	}
	add(args, "-qmp");
	add(args, "unix:%s/qmp", opt->dir);
	for (size_t i = 0; i < opt->n_devices; i++) {
		if (opt->vfio_user)
			add_vfio_user(args, i, opt->devices[i]);
		else
			add_vhost_user(args, i, opt->devices[i],
				       opt->behind_iommu);
	}
}

static int listen_at(const char *dir, const char *name)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/%s", dir, name);
	unlink(addr.sun_path);
	assert_int_equal(bind(listener, (void *)&addr, sizeof(addr)), 0);
	assert_int_equal(listen(listener, 1), 0);
	return listener;
}

static void run_qemu(struct vm *vm, const struct vm_options *opt)
{
	struct args args = { 0 };
	char log[300];

	qemu_args(&args, opt);
	snprintf(log, sizeof(log), "%s/qemu.log", opt->guest_dir);
	vm->pid = fork();
	assert_true(vm->pid >= 0);
	if (vm->pid == 0) {
		int fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0644);

		die_with_parent();
		dup2(fd, 1);
		dup2(fd, 2);
		execv(args.v[0], args.v);
		_exit(127);
	}
	for (size_t i = 0; i < args.n; i++)
		free(args.v[i]);
}

/* Return: the connection that QEMU makes, -1 if it exits or takes too long. */
static int accept_qemu(struct vm *vm, int listener)
{
	struct pollfd pfd = { listener, POLLIN, 0 };
	int fd = -1;

	for (long end = now_ms() + ANSWER_MS; fd < 0 && now_ms() < end;) {
		if (waitpid(vm->pid, NULL, WNOHANG) == vm->pid) {
			vm->pid = 0;
			break;
		}
		if (poll(&pfd, 1, 100) > 0)
			fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	}
	close(listener);
	if (fd < 0)
		fail_msg("QEMU does not start, see qemu.log");
	return fd;
}

/* The next line of QMP's. */
static void read_qmp(struct vm *vm, char *line, size_t size)
{
	struct pollfd pfd = { vm->qmp, POLLIN, 0 };
	size_t n = 0;

	do {
		if (poll(&pfd, 1, QMP_MS) != 1)
			fail_msg("QEMU does not answer, see qemu.log");
		assert_int_equal(read(vm->qmp, &line[n], 1), 1);
	} while (line[n++] != '\n' && n < size - 1);
	line[n] = '\0';
}

/* Events, and the greeting, before the answer are skipped. */
char *vm_qmp_ask(struct vm *vm, const char *command)
{
	const int name = (int)strcspn(command, " ");
	const char *arguments = command[name] ? command + name : "{}";
	char line[8192];

	assert_true(dprintf(vm->qmp,
			    "{\"execute\":\"%.*s\",\"arguments\":%s}\n", name,
			    command, arguments) > 0);
	do
		read_qmp(vm, line, sizeof(line));
	while (strncmp(line, "{\"return\"", 9) &&
	       strncmp(line, "{\"error\"", 8));
	if (line[2] == 'e')
		fail_msg("QEMU: %s: %s", command, line);
	return strdup(line);
}

void vm_qmp(struct vm *vm, const char *command)
{
	free(vm_qmp_ask(vm, command));
}

void vm_boot(struct vm *vm, const struct vm_options *opt)
{
	int agent = listen_at(opt->dir, "agent");
	int monitor = listen_at(opt->dir, "qmp");

	int serial = opt->is_device_vm ? listen_at(opt->dir, "serial") : -1;

	vm_kill(vm);
	vm->systemd = opt->systemd;
	run_qemu(vm, opt);
	vm->qmp = accept_qemu(vm, monitor);
	if (serial >= 0)
		vm->serial = accept_qemu(vm, serial);
	vm->fd = accept_qemu(vm, agent);
	vm_qmp(vm, "qmp_capabilities");
	vm_wait_ready(vm, opt->is_device_vm ? 0 : opt->n_devices);
}

void vm_pause(struct vm *vm)
{
	vm_qmp(vm, "stop");
}

void vm_resume(struct vm *vm)
{
	vm_qmp(vm, "cont");
}

void vm_forgive_loss(struct vm *vm)
{
	free(vm_ask(vm, "early"));
	if (strstr(vm->fault, VIEW_LOST))
		vm->fault[0] = '\0';
}

void vm_kill(struct vm *vm)
{
	if (vm->pid > 0) {
		kill(vm->pid, SIGKILL);
		waitpid(vm->pid, NULL, 0);
	}
	if (vm->fd >= 0)
		close(vm->fd);
	if (vm->qmp >= 0)
		close(vm->qmp);
	if (vm->serial >= 0)
		close(vm->serial);
	*vm = (struct vm)VM_NULL;
}

/* --- The agent's lines --- */

/* SYN_REPORT has the value 1 in frames that the kernel itself makes. */
static bool is_the_kernels_own(const struct vi_event *ev)
{
	return (vi_is_syn_report(ev) && vi_value(ev) == 1) ||
	       (vi_type(ev) == EV_KEY && vi_value(ev) == 2) ||
	       vi_type(ev) == EV_LED;
}

static void keep_event(struct vm *vm, const char *line)
{
	struct vm_event *out = &vm->events[vm->n_events];
	unsigned int type, code;
	const char *wrong;
	int value;

	assert_true(vm->n_events < VM_EVENTS_MAX);
	assert_int_equal(
		sscanf(line, "e %d %u %u %d", &out->node, &type, &code, &value),
		4);
	assert_in_range(out->node, 0, VM_NODES_MAX - 1);
	out->ev = vi_event((uint16_t)type, (uint16_t)code, value);
	wrong = view_event(&vm->view[out->node], &out->ev);
	if (wrong && !vm->fault[0])
		snprintf(vm->fault, sizeof(vm->fault), "%s: %.80s", wrong,
			 line);
	if (!is_the_kernels_own(&out->ev))
		vm->n_events++;
}

/* Wait up to timeout_ms for bytes from the guest. */
static bool receive(struct vm *vm, long timeout_ms)
{
	struct pollfd pfd = { vm->fd, POLLIN, 0 };
	ssize_t len;

	assert_true(vm->fd >= 0);
	if (poll(&pfd, 1, (int)(timeout_ms > 0 ? timeout_ms : 0)) <= 0)
		return false;
	len = read(vm->fd, vm->buf + vm->filled, sizeof(vm->buf) - vm->filled);
	if (len <= 0)
		fail_msg("QEMU exited, see qemu.log");
	vm->filled += (size_t)len;
	return true;
}

/* Take one line out of the buffer, without its newline. */
static bool take_line(struct vm *vm, char *line, size_t size)
{
	char *end = memchr(vm->buf, '\n', vm->filled);
	size_t len;

	if (!end)
		return false;
	len = (size_t)(end - vm->buf);
	assert_true(len < size);
	memcpy(line, vm->buf, len);
	line[len] = '\0';
	vm->filled -= len + 1;
	memmove(vm->buf, end + 1, vm->filled);
	return true;
}

bool vm_next_line(struct vm *vm, char *line, size_t size, long end)
{
	for (;;) {
		while (take_line(vm, line, size)) {
			if (line[0] != 'e' || line[1] != ' ')
				return true;
			keep_event(vm, line);
		}
		if (!receive(vm, end - now_ms()) && now_ms() >= end)
			return false;
	}
}

void vm_wait_ready(struct vm *vm, size_t n_devices)
{
	char line[512];

	do {
		if (!vm_next_line(vm, line, sizeof(line), now_ms() + BOOT_MS))
			fail_msg("the guest does not boot, see console.log");
	} while (strcmp(line, "hello") != 0);
	vm->n_events = 0;
	memset(vm->view, 0, sizeof(vm->view));
	free(vm_ask(vm, "wait %zu", n_devices));
}

static void vsend(struct vm *vm, const char *fmt, va_list ap)
{
	assert_true(vm->fd >= 0);
	assert_true(vdprintf(vm->fd, fmt, ap) > 0);
	assert_int_equal(write(vm->fd, "\n", 1), 1);
}

void vm_send(struct vm *vm, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsend(vm, fmt, ap);
	va_end(ap);
}

char *vm_answer(struct vm *vm)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	char line[512];

	for (;;) {
		if (!vm_next_line(vm, line, sizeof(line), now_ms() + ANSWER_MS))
			fail_msg("the guest does not answer");
		if (strncmp(line, "d ", 2) != 0)
			break;
		fprintf(out, "%s\n", line + 2);
	}
	fclose(out);
	if (strcmp(line, "ok") != 0)
		fail_msg("the guest reported: %s", line);
	return text;
}

char *vm_ask(struct vm *vm, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsend(vm, fmt, ap);
	va_end(ap);
	return vm_answer(vm);
}

void vm_watch(struct vm *vm, int node, bool has_touch)
{
	char *contacts = vm_ask(vm, "contacts %d", node);
	char *state = vm_ask(vm, "state %d", node);

	view_start(&vm->view[node], contacts, state, has_touch);
	free(contacts);
	free(state);
}

/* --- Events --- */

/* Take the node's first whole frame out of the queue. */
static size_t take_queued(struct vm *vm, int node, struct vi_event *ev,
			  size_t max)
{
	size_t n = 0, kept = 0, last = 0;

	for (size_t i = 0; i < vm->n_events && !last; i++)
		if (vm->events[i].node == node &&
		    vi_is_syn_report(&vm->events[i].ev))
			last = i + 1;
	if (!last)
		return 0;
	for (size_t i = 0; i < vm->n_events; i++) {
		if (i >= last || vm->events[i].node != node) {
			vm->events[kept++] = vm->events[i];
			continue;
		}
		assert_true(n < max);
		ev[n++] = vm->events[i].ev;
	}
	vm->n_events = kept;
	return n;
}

size_t vm_take_frame(struct vm *vm, int node, struct vi_event *ev, size_t max,
		     int timeout_ms)
{
	long end = now_ms() + timeout_ms;
	char line[512];
	size_t n;

	for (;;) {
		while (take_line(vm, line, sizeof(line))) {
			if (strncmp(line, "e ", 2) != 0)
				fail_msg("the guest reported: %s", line);
			keep_event(vm, line);
		}
		/* Of a lone SYN_REPORT, the rest was dropped by the kernel. */
		n = take_queued(vm, node, ev, max);
		if (n > 1)
			return n;
		if (!n && !receive(vm, end - now_ms()) && now_ms() >= end)
			return 0;
	}
}
