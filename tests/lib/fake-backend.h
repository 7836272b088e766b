/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Defines frontend_link_connect() in place of ours: the test is the back-end. A
 * unit test includes this once.
 */
#ifndef VINPUT_TESTS_FAKE_BACKEND_H
#define VINPUT_TESTS_FAKE_BACKEND_H

#include "input/serve/frontend-link.h"
#include "input/vhost-user/vu-socket.h"
#include "tests/lib/check.h"

static struct frontend_link backend;
static unsigned int n_connected;

/* NOLINTNEXTLINE(misc-definitions-in-headers) */
void frontend_link_connect(struct frontend_link *link, int fd)
{
	assert_ptr_equal(link, &backend);
	vu_socket_init(&link->socket, fd);
	n_connected++;
}

static bool any_header(void *arg, const struct vu_header *hdr)
{
	return true;
}

/* Return: as vu_socket_recv(). */
static int backend_receive(void)
{
	return vu_socket_recv(&backend.socket, any_header, NULL);
}

static void backend_send(struct vu_socket *s, uint32_t request, uint32_t flags)
{
	struct vu_message msg = { .hdr = { request, VU_FLAG_VERSION_1 | flags,
					   sizeof(uint64_t) },
				  .p.u64 = request,
				  .reply_fd = -1 };

	assert_ok(vu_socket_send(s, &msg));
}

static void backend_ends(void)
{
	vu_socket_fini(&backend.socket);
	backend.ended(backend.ended_arg);
}

#endif
