/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Servers are started once, and a guest is booted when a test finds none. After
 * a test that failed, and after one whose injectors left, the next test starts
 * both again.
 */
#include <glob.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "tests/guest/fixture.h"
#include "tests/guest/program.h"
#include "tests/guest/scenario.h"
#include "tests/lib/check.h"

#define DEVICES_MAX 24
#define QUIET_MS    200
#define WIPED_SLOTS 10
/* VFIO wants to see what the guest maps. */
#define IOMMU_FOR_VFIO "intel-iommu,intremap=on,caching-mode=on"

struct device devices[DEVICES_MAX];
size_t n_devices;
struct vm vm = VM_NULL;

static struct server_options options;
static struct vm_options vm_options;
static const struct reattach_style *relays; /* NULL: QEMU has the servers */
static bool bridges;			    /* QEMU has them by vfio-user */
static bool in_doubt;			    /* the last test did not finish */

/* --- Devices --- */

/* The first shipped device that has all of these. */
static struct device *device_with(const char *a, const char *b)
{
	for (size_t i = 0; i < n_devices; i++)
		if (strstr(devices[i].spec, a) && strstr(devices[i].spec, b))
			return &devices[i];
	fail_msg("no shipped device has %s and %s", a, b);
	return NULL;
}

struct device *keyboard(void)
{
	return device_with("(KEY_A)", "(LED_CAPSL)");
}

struct device *mouse(void)
{
	return device_with("(REL_X)", "(BTN_LEFT)");
}

struct device *tablet(void)
{
	return device_with("(ABS_X)", "(REL_WHEEL)");
}

struct device *gamepad(void)
{
	return device_with("(BTN_SOUTH)", "(ABS_X)");
}

struct device *lid(void)
{
	return device_with("(SW_LID)", "");
}

struct device *touchscreen(void)
{
	return device_with("(ABS_MT_SLOT)", "(INPUT_PROP_DIRECT)");
}

struct device *touchpad(void)
{
	return device_with("(ABS_MT_SLOT)", "(INPUT_PROP_POINTER)");
}

struct device *cuttlefish(const char *what)
{
	for (size_t i = 0; i < n_devices; i++)
		if (devices[i].srv.cuttlefish &&
		    strstr(devices[i].srv.spec, what))
			return &devices[i];
	fail_msg("no cuttlefish-%s", what);
	return NULL;
}

void inject(const struct device *dev, const char *frame)
{
	inject_by(dev->srv.inject_fd, frame);
}

void inject_by(int fd, const char *frame)
{
	struct vi_event ev[64];

	server_write(fd, ev, scenario_frame(frame, ev, 64) * sizeof(ev[0]));
}

void inject_unfinished(int fd, const char *events)
{
	struct vi_event ev[64];

	server_write(fd, ev,
		     (scenario_frame(events, ev, 64) - 1) * sizeof(ev[0]));
}

void let_inject(const struct device *dev, const char *words)
{
	char *all;

	assert_true(asprintf(&all, "--to=%s %s", dev->srv.inject, words) > 0);
	program_run("vinput-inject", all);
	free(all);
}

static size_t add_to_slot(struct vi_event *ev, int slot, uint16_t code,
			  int32_t value)
{
	ev[0] = vi_event(EV_ABS, ABS_MT_SLOT, slot);
	ev[1] = vi_event(EV_ABS, code, value);
	return 2;
}

/* A server ignores events of slots and axes that the device lacks. */
void wipe_slots(const struct device *dev)
{
	struct vi_event ev[128], got[256];
	size_t n = 0;

	if (!strstr(dev->spec, "(ABS_MT_SLOT)"))
		return;
	for (int slot = 0; slot < WIPED_SLOTS; slot++) {
		n += add_to_slot(ev + n, slot, ABS_MT_TRACKING_ID, slot);
		n += add_to_slot(ev + n, slot, ABS_MT_POSITION_X, 1);
		n += add_to_slot(ev + n, slot, ABS_MT_POSITION_Y, 1);
		n += add_to_slot(ev + n, slot, ABS_MT_PRESSURE, 1);
	}
	ev[n++] = vi_event(EV_SYN, SYN_REPORT, 0);
	for (int slot = WIPED_SLOTS - 1; slot >= 0; slot--)
		n += add_to_slot(ev + n, slot, ABS_MT_TRACKING_ID, -1);
	ev[n++] = vi_event(EV_SYN, SYN_REPORT, 0);
	server_inject(&dev->srv, ev, n);
	for (int i = 0; i < 2; i++)
		assert_true(vm_take_frame(&vm, dev->node, got, 256, EVENT_MS));
}

/* The agent reads all events before it handles a request. */
void forget_events(void)
{
	free(vm_ask(&vm, "wait 0"));
	vm.n_events = 0;
}

void judge(const struct device *dev)
{
	if (strstr(dev->spec, "(ABS_MT_SLOT)"))
		vm_watch(&vm, dev->node, strstr(dev->spec, "(BTN_TOUCH)"));
}

/* Find each device's node in the guest by its name. */
void find_nodes_of(struct device *devs, size_t n)
{
	char *list = vm_ask(&vm, "list"), *rest = list, *line;

	for (size_t i = 0; i < n; i++)
		devs[i].node = -1;
	while ((line = strsep(&rest, "\n"))) {
		const char *name = strchr(line, ' ');

		for (size_t i = 0; name && i < n; i++)
			if (!strcmp(devs[i].name, name + 1))
				devs[i].node = atoi(line);
	}
	free(list);
	for (size_t i = 0; i < n; i++) {
		if (devs[i].node < 0)
			fail_msg("the guest has no '%s'", devs[i].name);
		judge(&devs[i]);
	}
}

void find_nodes(void)
{
	find_nodes_of(devices, n_devices);
}

void stop_bridge(struct device *dev)
{
	if (dev->bridge <= 0)
		return;
	kill(dev->bridge, SIGKILL);
	waitpid(dev->bridge, NULL, 0);
	dev->bridge = 0;
}

void await_listener(const char *path)
{
	for (long end = now_ms() + EVENT_MS; now_ms() < end; usleep(5000))
		if (server_listens(path))
			return;
	fail_msg("nobody listens at %s", path);
}

/* Return: where QEMU connects. */
static const char *start_bridge(struct device *dev, const char *to)
{
	char words[300];

	stop_bridge(dev);
	snprintf(dev->vfio, sizeof(dev->vfio), "%s.vfio", dev->srv.socket);
	snprintf(words, sizeof(words), "--vfio-user=%s --to=%s", dev->vfio, to);
	dev->bridge = program_start("vinput-vfio-user", words);
	await_listener(dev->vfio);
	return dev->vfio;
}

const char *start_between(struct device *dev)
{
	const char *socket = dev->srv.socket;

	if (relays) {
		relay_stop(&dev->relay);
		relay_start(&dev->relay, socket, relays);
		socket = dev->relay.socket;
	}
	return bridges ? start_bridge(dev, socket) : socket;
}

void boot_at(struct device *devs, size_t n, const char *const *sockets)
{
	vm_kill(&vm);
	vm_options.vfio_user = bridges;
	vm_options.devices = sockets;
	vm_options.n_devices = n;
	vm_boot(&vm, &vm_options);
	find_nodes_of(devs, n);
}

void boot_with(struct device *devs, size_t n)
{
	const char *sockets[DEVICES_MAX];

	vm_kill(&vm);
	for (size_t i = 0; i < n; i++)
		sockets[i] = start_between(&devs[i]);
	boot_at(devs, n, sockets);
}

void boot_with_iommu(struct device *dev)
{
	vm_options.iommu = bridges ? IOMMU_FOR_VFIO
				   : "intel-iommu,intremap=on,device-iotlb=on";
	vm_options.behind_iommu = dev->srv.iommu;
	boot_with(dev, 1);
	vm_options.iommu = NULL;
	vm_options.behind_iommu = false;
}

void boot_with_screen(struct device *devs, size_t n, const char *vnc)
{
	vm_options.vnc = vnc;
	boot_with(devs, n);
	vm_options.vnc = NULL;
}

void boot_device_vm(struct vm *device_vm, const char *vfio)
{
	static char dir[200];
	struct vm_options opt = vm_options;

	snprintf(dir, sizeof(dir), "%s/device", vm_options.dir);
	mkdir(dir, 0700);
	opt.dir = dir;
	opt.is_device_vm = opt.vfio_user = true;
	opt.iommu = IOMMU_FOR_VFIO;
	opt.devices = &vfio;
	opt.n_devices = 1;
	vm_boot(device_vm, &opt);
}

void boot_sibling(struct device *dev, const char *memory)
{
	const char *socket = dev->srv.socket;
	struct vm_options opt = vm_options;

	opt.vfio_user = false;
	opt.devices = &socket;
	opt.n_devices = 1;
	opt.memory = memory;
	vm_boot(&vm, &opt);
	find_nodes_of(dev, 1);
}

void boot(void)
{
	boot_with(devices, n_devices);
}

void assert_reads(const struct device *dev, const struct vi_event *want,
		  size_t n_want)
{
	struct vi_event got[SCENARIO_EVENTS_MAX];
	char *got_text, *want_text = scenario_text(want, n_want);
	size_t n = 0, taken;
	bool same;

	while (n < n_want) {
		taken = vm_take_frame(&vm, dev->node, got + n,
				      SCENARIO_EVENTS_MAX - n, EVENT_MS);
		if (!taken)
			break;
		n += taken;
	}
	got_text = scenario_text(got, n);
	same = !strcmp(got_text, want_text);
	if (!same)
		print_error("%s\n--- expected:\n%s--- the guest read:\n%s",
			    dev->srv.spec, want_text, got_text);
	free(got_text);
	free(want_text);
	assert_true(same);
}

void assert_reads_frame(const struct device *dev, const char *frame)
{
	struct vi_event ev[64];

	assert_reads(dev, ev, scenario_frame(frame, ev, 64));
}

void assert_passes(const struct device *dev, const char *frame)
{
	inject(dev, frame);
	assert_reads_frame(dev, frame);
}

void assert_reads_nothing_more(void)
{
	struct vi_event ev[SCENARIO_EVENTS_MAX];
	int timeout_ms = QUIET_MS;

	for (size_t i = 0; i < n_devices; i++) {
		size_t n = vm_take_frame(&vm, devices[i].node, ev,
					 SCENARIO_EVENTS_MAX, timeout_ms);

		if (n)
			fail_msg("%s: the guest read more: %s",
				 devices[i].srv.spec, scenario_text(ev, n));
		timeout_ms = 0;
	}
}

/* Repeat the request until it returns what is wanted, up to EVENT_MS. */
static void assert_becomes(const struct device *dev,
			   char *(*get)(const struct device *dev),
			   const char *want)
{
	char *got = NULL;
	bool same = false;

	for (long end = now_ms() + EVENT_MS; !same && now_ms() < end;) {
		free(got);
		got = get(dev);
		same = !strcmp(got, want);
	}
	if (!same)
		print_error("%s\n--- expected:\n%s--- the guest has:\n%s",
			    dev->srv.spec, want, got);
	free(got);
	assert_true(same);
}

static char *get_state(const struct device *dev)
{
	return vm_ask(&vm, "state %d", dev->node);
}

void assert_state(const struct device *dev, const char *want)
{
	assert_becomes(dev, get_state, want);
}

struct contact {
	int x, y;
};

static int by_x(const void *a, const void *b)
{
	return ((const struct contact *)a)->x - ((const struct contact *)b)->x;
}

/* The agent's list of contacts, without slots and IDs. */
static char *get_contacts(const struct device *dev)
{
	char *said = vm_ask(&vm, "contacts %d", dev->node), *text = NULL;
	char *rest = said, *line;
	struct contact c[SPEC_SLOTS_MAX] = { 0 };
	size_t n = 0, len;
	FILE *out = open_memstream(&text, &len);

	while ((line = strsep(&rest, "\n")))
		n += sscanf(line, "%*d %*d %d %d", &c[n].x, &c[n].y) == 2;
	qsort(c, n, sizeof(c[0]), by_x);
	for (size_t i = 0; i < n; i++)
		fprintf(out, "%d %d\n", c[i].x, c[i].y);
	fclose(out);
	free(said);
	return text;
}

void assert_contacts(const struct device *dev, const char *want)
{
	assert_becomes(dev, get_contacts, want);
}

/* A serial port has its bytes one by one. */
static bool next_status(int fd, struct vi_event *ev, int timeout_ms)
{
	struct pollfd pfd = { fd, POLLIN, 0 };
	size_t got = 0;

	while (got < sizeof(*ev)) {
		ssize_t n;

		if (poll(&pfd, 1, got ? EVENT_MS : timeout_ms) <= 0)
			return false;
		n = read(fd, (uint8_t *)ev + got, sizeof(*ev) - got);
		if (n <= 0)
			return false;
		got += (size_t)n;
	}
	return true;
}

void assert_led(int fd, uint16_t code, int32_t value)
{
	struct vi_event ev;

	assert_true(next_status(fd, &ev, EVENT_MS));
	assert_int_equal(vi_type(&ev), EV_LED);
	assert_int_equal(vi_code(&ev), code);
	assert_int_equal(vi_value(&ev), value);
}

void assert_no_status(int fd)
{
	struct vi_event ev;

	assert_false(next_status(fd, &ev, QUIET_MS));
}

void set_led(const struct device *dev, uint16_t code, int32_t value)
{
	free(vm_ask(&vm, "write %d %d %d %d", dev->node, EV_LED, code, value));
}

/* A guest sets its LEDs when it starts. */
void forget_status(int fd)
{
	struct vi_event ev;

	while (next_status(fd, &ev, 0))
		assert_true(vi_type(&ev) == EV_LED || vi_type(&ev) == EV_SND);
}

unsigned int times_told(const struct device *dev, const char *event)
{
	struct vi_event ev[2];
	char *early = vm_ask(&vm, "early"), *rest = early, *line, want[128];
	unsigned int n = 0;

	scenario_frame(event, ev, 2);
	snprintf(want, sizeof(want), "%u %u %d %s", vi_type(ev), vi_code(ev),
		 vi_value(ev), dev->name);
	while ((line = strsep(&rest, "\n")))
		n += !strcmp(line, want);
	free(early);
	return n;
}

/* --- Fixtures --- */

static void start_all(void)
{
	for (size_t i = 0; i < n_devices; i++)
		server_start(&devices[i].srv, &options);
}

static void stop_all(void)
{
	vm_kill(&vm);
	for (size_t i = 0; i < n_devices; i++) {
		relay_stop(&devices[i].relay);
		stop_bridge(&devices[i]);
		server_stop(&devices[i].srv);
	}
}

void kill_server(struct device *dev)
{
	vm.view[dev->node].watched = false;
	server_kill(&dev->srv);
}

void start_server(struct device *dev)
{
	server_start(&dev->srv, &options);
}

void restart_server(struct device *dev, bool keeps)
{
	kill_server(dev);
	dev->srv.keeps = keeps;
	start_server(dev);
}

static void begin_between(const struct reattach_style *style, bool vfio_user)
{
	if (relays != style || bridges != vfio_user || vm.systemd) {
		vm_kill(&vm);
		/* A guest that boots gets the axes of tests before it. */
		in_doubt = true;
	}
	relays = style;
	bridges = vfio_user;
	for (size_t i = 0; i < n_devices; i++)
		in_doubt |= devices[i].srv.inject_fd < 0;
	if (in_doubt) {
		stop_all();
		start_all();
	}
	in_doubt = true;
	if (vm.pid == 0)
		boot();
}

void begin_through_relays(const struct reattach_style *style)
{
	begin_between(style, false);
}

void begin(void)
{
	begin_between(NULL, false);
}

/* One of build/guest, which may not have been possible to fetch. */
static void require_file(const char *name, const char *reason)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", vm_options.guest_dir, name);
	if (access(path, R_OK))
		skip_because(reason);
}

void require_vfio_user(void)
{
	require_file("qemu-vfio-user",
		     "no QEMU with vfio-user-pci; "
		     "tests/guest/fetch-qemu-vfio-user says why");
}

void begin_with_vfio_user(const struct reattach_style *style)
{
	require_vfio_user();
	begin_between(style, true);
}

void begin_with_systemd(void)
{
	struct vm_options opt = vm_options;

	require_file("initramfs-systemd",
		     "no systemd for the guest: tests/guest/fetch-systemd says "
		     "why, or the programs are sanitized");
	opt.vfio_user = false;
	opt.n_devices = 0;
	opt.systemd = true;
	if (!vm.systemd || in_doubt)
		vm_boot(&vm, &opt);
	in_doubt = true;
}

void begin_without_guest(void)
{
	stop_all();
	relays = NULL;
	bridges = false;
	start_all();
	in_doubt = true;
}

void done(void)
{
	for (size_t i = 0; i < n_devices; i++)
		if (!server_runs(&devices[i].srv))
			fail_msg("%s: the server exited", devices[i].srv.spec);
	if (vm.fault[0])
		fail_msg("%s", vm.fault);
	in_doubt = false;
}

void describe_device(struct device *dev)
{
	free(dev->spec);
	dev->spec = server_print_spec(&dev->srv, &options);
	assert_int_equal(sscanf(strstr(dev->spec, "name: "),
				"name: \"%63[^\"]\"", dev->name),
			 1);
}

void init_device(struct device *dev, const char *path)
{
	*dev = (struct device){ .node = -1 };
	server_init(&dev->srv, path, &options);
	describe_device(dev);
}

static void add_device(const char *path, bool of_cuttlefish)
{
	struct device *dev = &devices[n_devices];

	assert_true(n_devices < DEVICES_MAX);
	init_device(dev, path);
	dev->srv.cuttlefish = of_cuttlefish;
	for (size_t i = 0; i < n_devices; i++)
		assert_string_not_equal(devices[i].name, dev->name);
	n_devices++;
}

static void add_devices(const char *pattern, bool of_cuttlefish)
{
	glob_t found;

	assert_int_equal(glob(pattern, 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++)
		if (!strstr(found.gl_pathv[i], ".schema."))
			add_device(found.gl_pathv[i], of_cuttlefish);
	globfree(&found);
}

void fixture_init(const char *programs_dir, const char *guest_dir,
		  const char *socket_dir)
{
	static char log[512];

	snprintf(log, sizeof(log), "%s/servers.log", guest_dir);
	program_init(programs_dir, log);
	options = (struct server_options){ program_path("vhost-user-input"),
					   socket_dir, log };
	vm_options = (struct vm_options){ .dir = socket_dir,
					  .guest_dir = guest_dir };
	add_devices("specs/*.json", false);
	add_devices("tests/guest/specs/cuttlefish-*.json", true);
	start_all();
}

void fixture_fini(void)
{
	stop_all();
	for (size_t i = 0; i < n_devices; i++)
		free(devices[i].spec);
}
