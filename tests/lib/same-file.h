/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether two fds are of one file. kcmp(2) would tell more, but needs a
 * capability that containers lack. Not for what shares an inode: pidfds before
 * Linux 6.9, eventfds, epoll.
 */
#ifndef VINPUT_TESTS_SAME_FILE_H
#define VINPUT_TESTS_SAME_FILE_H

void assert_same_file(int a, int b);

#endif
