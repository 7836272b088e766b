/* SPDX-License-Identifier: Apache-2.0 */
/* The two ends, a reader's and a writer's, of what carries bytes. */
#ifndef VINPUT_TESTS_ENDS_H
#define VINPUT_TESTS_ENDS_H

void ends_of_pipe(int end[2]);
void ends_of_stream(int end[2]);
void ends_of_packets(int end[2]);
void ends_of_terminal(int end[2]);

#endif
