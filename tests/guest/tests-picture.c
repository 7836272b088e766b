/* SPDX-License-Identifier: Apache-2.0 */
/* The guest's screen in a browser on the host, which types and taps on it. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "tests/guest/fixture.h"
#include "tests/guest/launched.h"
#include "tests/guest/program.h"
#include "tests/guest/tests.h"

#define BROWSER_MS 60000 /* until it has started, typed and tapped */

/* What the keys of "Grüße €" make in Germany, where it differs. */
static void use_german_keys(void)
{
	free(vm_ask(&vm, "keymap 0 %d %d", KEY_LEFTBRACE, 0xfc));
	free(vm_ask(&vm, "keymap 0 %d %d", KEY_MINUS, 0xdf));
	free(vm_ask(&vm, "keymap 2 %d %d", KEY_E, 0x20ac));
}

static void assert_screen_has(const char *text)
{
	char *screen = vm_ask(&vm, "screen");
	const bool has = strstr(screen, text);

	if (!has)
		print_error("no \"%s\" on the screen:\n%s", text, screen);
	free(screen);
	assert_true(has);
}

static pid_t start_browser(const char *dir, const char *vnc)
{
	char *program = program_path(""), *text;
	pid_t pid;

	assert_true(asprintf(&text, "%s console %s %s", program, dir, vnc) > 0);
	pid = program_start("tests/browser/run", text);
	free(text);
	free(program);
	return pid;
}

void console_in_a_browser_is_typed_and_tapped_on(void **state)
{
	struct device devs[2], *keys = &devs[0], *screen = &devs[1];
	struct vi_event down[64];
	char dir[100], vnc[110];
	pid_t launcher, browser;

	if (system("tests/browser/run build/release possible"))
		skip();
	begin_through_relays(&reattach_styles[REATTACH_CLOUD_HYPERVISOR]);
	snprintf(dir, sizeof(dir), "%.80s.seen", keyboard()->srv.socket);
	snprintf(vnc, sizeof(vnc), "%s.vnc", dir);
	launched_device(keys, keyboard(), dir, "keyboard");
	launched_device(screen, touchscreen(), dir, "touch_0");
	launcher = program_start("vinput-launch",
				 launched_words("--dir=%s --keyboard "
						"--display=1280x800",
						dir));
	program_run("vinput-launch",
		    launched_words("--wait=%s --timeout=20", dir));
	boot_with_screen(devs, ARRAY_LEN(devs), vnc);
	use_german_keys();
	/* The kernel keeps characters that its font lacks once it was asked. */
	free(vm_ask(&vm, "screen"));
	forget_events();
	browser = start_browser(dir, vnc);
	assert_true(vm_take_frame(&vm, screen->node, down, ARRAY_LEN(down),
				  BROWSER_MS));
	assert_contacts(screen, "320 200\n");
	assert_screen_has("Grüße €");
	program_wait(browser);
	assert_contacts(screen, "");
	forget_events();
	done();
	vm_kill(&vm);
	for (size_t i = 0; i < ARRAY_LEN(devs); i++)
		relay_stop(&devs[i].relay);
	assert_int_equal(kill(launcher, SIGTERM), 0);
	program_wait(launcher);
}
