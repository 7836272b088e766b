/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Servers are started once and a guest is booted when a test finds none. A test
 * that failed leaves both in doubt, and the next one starts them anew.
 */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "tests/guest/fixture.h"
#include "tests/guest/scenario.h"

#define DEVICES_MAX 24
#define QUIET_MS    200

struct device devices[DEVICES_MAX];
size_t n_devices;
struct vm vm = VM_NULL;

static struct server_options options;
static struct vm_options vm_options;
static const char *sockets[DEVICES_MAX];
static bool in_doubt; /* the last test has not come to its end */

/* --- Devices --- */

/* The one shipped device that has all that is named. */
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

struct device *lid(void)
{
	return device_with("(SW_LID)", "");
}

struct device *touchscreen(void)
{
	return device_with("(ABS_MT_SLOT)", "(INPUT_PROP_DIRECT)");
}

void inject(const struct device *dev, const char *frame)
{
	struct vi_event ev[64];

	server_inject(&dev->srv, ev, scenario_frame(frame, ev, 64));
}

/* Find each device's node in the guest by its name. */
void find_nodes(void)
{
	char *list = vm_ask(&vm, "list"), *rest = list, *line;

	for (size_t i = 0; i < n_devices; i++)
		devices[i].node = -1;
	while ((line = strsep(&rest, "\n"))) {
		const char *name = strchr(line, ' ');

		for (size_t i = 0; name && i < n_devices; i++)
			if (!strcmp(devices[i].name, name + 1))
				devices[i].node = atoi(line);
	}
	free(list);
	for (size_t i = 0; i < n_devices; i++)
		if (devices[i].node < 0)
			fail_msg("the guest has no '%s'", devices[i].name);
}

void boot(void)
{
	vm_boot(&vm, &vm_options);
	find_nodes();
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

void assert_reads_nothing_more(void)
{
	struct vi_event ev[SCENARIO_EVENTS_MAX];
	int timeout_ms = QUIET_MS;

	for (size_t i = 0; i < n_devices; i++) {
		if (vm_take_frame(&vm, devices[i].node, ev, SCENARIO_EVENTS_MAX,
				  timeout_ms))
			fail_msg("%s: the guest read more",
				 devices[i].srv.spec);
		timeout_ms = 0;
	}
}

void assert_state(const struct device *dev, const char *want)
{
	char *got = NULL;
	bool same = false;

	for (long end = now_ms() + EVENT_MS; !same && now_ms() < end;) {
		free(got);
		got = vm_ask(&vm, "state %d", dev->node);
		same = !strcmp(got, want);
	}
	if (!same)
		print_error("%s\n--- expected:\n%s--- the guest has:\n%s",
			    dev->srv.spec, want, got);
	free(got);
	assert_true(same);
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
	for (size_t i = 0; i < n_devices; i++)
		server_stop(&devices[i].srv);
}

void begin(void)
{
	if (in_doubt) {
		stop_all();
		start_all();
	}
	in_doubt = true;
	if (vm.pid == 0)
		boot();
}

void done(void)
{
	for (size_t i = 0; i < n_devices; i++)
		if (!server_runs(&devices[i].srv))
			fail_msg("%s: the server ended", devices[i].srv.spec);
	in_doubt = false;
}

static void add_device(const char *path)
{
	struct device *dev = &devices[n_devices];

	assert_true(n_devices < DEVICES_MAX);
	server_init(&dev->srv, path, &options);
	dev->spec = server_print_spec(&dev->srv, &options);
	assert_int_equal(sscanf(strstr(dev->spec, "name: "),
				"name: \"%63[^\"]\"", dev->name),
			 1);
	for (size_t i = 0; i < n_devices; i++)
		assert_string_not_equal(devices[i].name, dev->name);
	sockets[n_devices++] = dev->srv.socket;
}

void fixture_init(const char *program, const char *guest_dir,
		  const char *socket_dir)
{
	static char log[512];
	glob_t found;

	snprintf(log, sizeof(log), "%s/servers.log", guest_dir);
	options = (struct server_options){ program, socket_dir, log };
	vm_options = (struct vm_options){ .dir = socket_dir,
					  .guest_dir = guest_dir,
					  .devices = sockets };
	assert_int_equal(glob("specs/*.json", 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++)
		if (!strstr(found.gl_pathv[i], ".schema."))
			add_device(found.gl_pathv[i]);
	globfree(&found);
	assert_true(n_devices > 0);
	vm_options.n_devices = n_devices;
	start_all();
}

void fixture_fini(void)
{
	stop_all();
	for (size_t i = 0; i < n_devices; i++)
		free(devices[i].spec);
}
