/* SPDX-License-Identifier: Apache-2.0 */
/* The log lines of the modules that a unit test calls. */
#ifndef VINPUT_TESTS_LOG_LINES_H
#define VINPUT_TESTS_LOG_LINES_H

/* From now on, up to log_lines_release(), they go to the test. */
void log_lines_take(void);
void log_lines_release(void);

/*
 * Fails unless these are the lines since the last call, without the name of the
 * program: "host: one\nhost: two\n"; "": there are none.
 */
void assert_logged(const char *lines);

#endif
