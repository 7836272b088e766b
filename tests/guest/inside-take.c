/* SPDX-License-Identifier: Apache-2.0 */
/* Taking a device from the host, and what the process costs then. */
#include <linux/input.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "tests/guest/inside.h"
#include "tests/lib/clock.h"
#include "tests/lib/event-text.h"

#define NOBODY	65534
#define IDLE_MS 2000
#define CHORD	" --toggle=leftctrl+rightctrl"

static void plug_keyboard(struct node *n, const char *name)
{
	static struct spec spec;

	node_spec_of(&spec, name,
		     "KEY_A, KEY_B, KEY_C, KEY_LEFTCTRL, KEY_RIGHTCTRL");
	node_plug(n, &spec);
}

/* A socket of its own for each. */
static struct process *serve(const struct node *n, const char *options)
{
	return inside_start("vinput-passthrough",
			    "--socket-path=" INSIDE_DIR "/%s%s %s",
			    strrchr(n->path, '/') + 1, options, n->path);
}

static void assert_heard(struct node *n, const char *frames)
{
	struct heard h = { 0 };
	char *text;

	node_hear(n, &h);
	text = event_text_write(h.ev, h.n);
	assert_string_equal(text, frames);
	free(text);
	heard_fini(&h);
}

/* The key that was down before is the host's until it is up. */
void a_device_is_taken_when_its_keys_are_up_and_nobody_has_it(void **state)
{
	struct process *waits, *is_busy;
	struct node typed_on, grabbed;
	char holder[32];

	plug_keyboard(&typed_on, "typed on");
	plug_keyboard(&grabbed, "grabbed");
	node_play(&typed_on, "KEY_A 1");
	assert_sys(ioctl(grabbed.fd, EVIOCGRAB, (void *)1));
	waits = serve(&typed_on, "");
	is_busy = serve(&grabbed, "");

	snprintf(holder, sizeof(holder), "inside (%d)", getpid());
	inside_expect_log(is_busy, holder, 1);
	inside_expect_log(waits, "waiting until KEY_A is released", 1);
	assert_num(process_log_count(waits, "goes to the guest"), 0);
	assert_num(process_log_count(is_busy, "goes to the guest"), 0);
	node_play(&typed_on, "KEY_A 0");
	assert_sys(ioctl(grabbed.fd, EVIOCGRAB, NULL));
	inside_expect_log(waits, "goes to the guest", 1);
	inside_expect_log(is_busy, "goes to the guest", 1);
	node_play(&typed_on, "KEY_B 1");
	node_play(&typed_on, "KEY_B 0");
	assert_heard(&typed_on, "KEY_A 1, SYN_REPORT 0, KEY_A 0, SYN_REPORT 0");

	assert_num(inside_end(waits), 0);
	assert_num(inside_end(is_busy), 0);
	node_remove(&typed_on);
	node_remove(&grabbed);
}

/* How often it has slept. */
static long sleeps(const struct process *p)
{
	char path[64], line[256];
	long count = -1;
	FILE *in;

	snprintf(path, sizeof(path), "/proc/%d/status", p->pid);
	in = fopen(path, "re");
	assert_non_null(in);
	while (fgets(line, sizeof(line), in))
		sscanf(line, "voluntary_ctxt_switches: %ld", &count);
	fclose(in);
	assert_true(count >= 0);
	return count;
}

/* Long enough for timers of a second to be noticed. */
void nothing_wakes_it_but_what_is_for_it(void **state)
{
	struct process *of_guest, *of_host;
	struct node idle, typed_on;
	long guest, host;

	plug_keyboard(&idle, "idle");
	plug_keyboard(&typed_on, "typed on");
	of_guest = serve(&idle, CHORD);
	of_host = serve(&typed_on, CHORD " --start=host");
	inside_expect_log(of_guest, "goes to the guest", 1);
	inside_expect_log(of_host, "goes to the host", 1);
	usleep(100000);
	guest = sleeps(of_guest);
	host = sleeps(of_host);
	for (int i = 0; i < 10; i++) {
		node_play(&typed_on, "KEY_A 1");
		node_play(&typed_on, "KEY_A 0");
		usleep(IDLE_MS * 1000 / 10);
	}
	assert_num(sleeps(of_guest) - guest, 0);
	assert_num(sleeps(of_host) - host, 0);
	node_play(&typed_on, "KEY_LEFTCTRL 1");
	INSIDE_WAIT(sleeps(of_host) > host);

	assert_num(inside_end(of_guest), 0);
	assert_num(inside_end(of_host), 0);
	node_remove(&idle);
	node_remove(&typed_on);
}

void without_permission_it_says_which_udev_rule_would_give_it(void **state)
{
	static struct spec spec;
	struct process *p, *list;
	struct node n;

	node_spec_of(&spec, "of root", "KEY_A");
	spec.ids.vendor = 0x12ab;
	spec.ids.product = 0x34cd;
	node_plug(&n, &spec);
	assert_sys(setresuid(NOBODY, NOBODY, 0));
	p = inside_start("vinput-passthrough", "--print-spec %s", n.path);
	list = inside_start("vinput-passthrough", "--list");
	assert_sys(setresuid(0, 0, 0));
	assert_num(process_wait(list), 0);
	assert_non_null(strstr(process_stdout(list), "no permission"));
	assert_num(process_wait(p), 1);
	assert_num(process_log_count(p, "permission denied"), 1);
	assert_num(process_log_count(p, "ATTRS{id/vendor}==\"12ab\", "
					"ATTRS{id/product}==\"34cd\", "
					"TAG+=\"uaccess\""),
		   1);
	inside_end(p);
	inside_end(list);
	node_remove(&n);
}
