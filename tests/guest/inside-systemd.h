/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our units under a real systemd, which is the init of this guest: what an
 * administrator writes, types and sees. Errors fail the test.
 */
#ifndef VINPUT_TEST_INSIDE_SYSTEMD_H
#define VINPUT_TEST_INSIDE_SYSTEMD_H

#include <stdbool.h>
#include <sys/types.h>

/* systemd starts several processes for one of ours, on an emulated CPU. */
#define UNITS_MS 60000

#define UNITS_WAIT(condition)                                   \
	do {                                                    \
		double end_ = clock_ms() + UNITS_MS;            \
		while (!(condition)) {                          \
			if (clock_ms() > end_)                  \
				fail_msg("never: " #condition); \
			usleep(20000);                          \
		}                                               \
	} while (0)

/* Write a file and the folders above it. */
void units_write(const char *path, const char *text);
/* Run a program until it exits, which must be with 0. Return: stdout, owned. */
__attribute__((format(printf, 2, 3))) char *units_run(const char *program,
						      const char *fmt, ...);
/* The same with systemctl, whose output is shown. */
__attribute__((format(printf, 1, 2))) void units_do(const char *fmt, ...);

/* A property of a unit, without the newline; to be freed. */
char *unit_property(const char *unit, const char *name);
bool unit_property_is(const char *unit, const char *name, const char *value);
pid_t unit_main_pid(const char *unit);
/* Active again in another process, having been restarted this often. */
void unit_await_restart(const char *unit, pid_t before, int times);
/* Stop a running unit: it ends well, and leaves no process. */
void unit_stop(const char *unit);
/*
 * systemd knows each directive of the unit and applies what was asked for to
 * this process of it; `systemd-analyze security` finds no more exposure than
 * this, in tenths.
 */
void unit_assert_hardened(const char *unit, pid_t pid, int exposure);

#endif
