/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/ends.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/lib/check.h"

void ends_of_pipe(int end[2])
{
	assert_sys(pipe2(end, O_CLOEXEC));
}

void ends_of_stream(int end[2])
{
	assert_sys(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, end));
}

void ends_of_packets(int end[2])
{
	assert_sys(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, end));
}

void ends_of_terminal(int end[2])
{
	end[0] = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_sys(end[0]);
	assert_sys(grantpt(end[0]));
	assert_sys(unlockpt(end[0]));
	end[1] = open(ptsname(end[0]), O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_sys(end[1]);
}
