/* SPDX-License-Identifier: Apache-2.0 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/lib/channel.h"

/* What the kernel charges a socket buffer for a short message. */
#define MESSAGE_COST 768

static void write_spec(struct rig *rig, unsigned int key)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/spec.json", rig->dir);
	file_write(
		path,
		"{ \"name\": \"keys\", \"events\": ["
		"{ \"event_type\": \"EV_KEY\", \"event_type_code\": 1, "
		"\"supported_events\": { \"KEY_A\": 30, \"one more\": %u } },"
		"{ \"event_type\": \"EV_LED\", \"event_type_code\": 17, "
		"\"supported_events\": { \"LED_CAPSL\": 1 } } ] }\n",
		key);
}

void channel_spec(struct rig *rig)
{
	write_spec(rig, KEY_S);
	process_arg(&rig->srv, "--spec=%s/spec.json", rig->dir);
}

void channel_serve(struct rig *rig)
{
	channel_spec(rig);
	rig_start(rig);
}

void channel_change(struct rig *rig)
{
	static const char said[] = "the next driver gets";
	int before = process_log_count(&rig->srv, said);

	write_spec(rig, before % 2 ? KEY_S : KEY_D);
	assert_sys(kill(rig->srv.pid, SIGHUP));
	while (process_log_count(&rig->srv, said) == before)
		poll(NULL, 0, 1);
}

void channel_open(struct rig *rig, struct frontend *channel, int room)
{
	struct fe_msg msg = fe_msg(VU_SET_BACKEND_REQ_FD);
	int size = room * MESSAGE_COST / 2; /* the kernel doubles it */
	int fd[2];

	fe_init(channel);
	channel->timeout_ms = DEADLINE_MS;
	assert_sys(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd));
	if (room)
		assert_sys(setsockopt(fd[1], SOL_SOCKET, SO_SNDBUF, &size,
				      sizeof(size)));
	fe_attach(channel, fd[0]);
	msg.fd[0] = fd[1];
	msg.n_fds = 1;
	assert_ok(fe_request(&rig->fe, &msg));
	close(fd[1]);
}

void channel_close(struct frontend *channel)
{
	fe_fini(channel);
}

struct fe_msg channel_expect(struct rig *rig, struct frontend *channel,
			     uint32_t request)
{
	uint64_t acks = rig->fe.protocol >> VU_PROTOCOL_F_REPLY_ACK & 1;
	struct fe_msg msg;

	assert_ok(fe_recv(channel, &msg));
	assert_num(msg.hdr.request, request);
	assert_num(msg.hdr.flags,
		   VU_FLAG_VERSION_1 | (acks ? VU_FLAG_NEED_REPLY : 0));
	assert_num(msg.n_fds, 0);
	return msg;
}

void channel_expect_nothing(struct frontend *channel)
{
	struct pollfd p = { .fd = channel->fd, .events = POLLIN };

	assert_num(poll(&p, 1, RIG_QUIET_MS), 0);
}

struct fe_msg channel_answer(uint32_t request, uint64_t value)
{
	struct fe_msg msg = fe_msg_u64(request, value);

	msg.hdr.flags |= VU_FLAG_REPLY;
	return msg;
}
