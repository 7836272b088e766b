/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What vinput-hold keeps of a session whose front-end and back-ends say
 * anything, in any order: each fd that it was given is dropped once, what it
 * says again fits into a message, and each of its questions ends the wait.
 */
#include "injector/hold/hold-replay.h"
#include "injector/hold/hold-session.h"
#include "tests/fuzz/fuzz.h"

#define FDS_MAX 4096

static bool is_open[FDS_MAX];
static int n_fds;

static void drop(void *arg, int fd)
{
	must(fd >= 0 && fd < n_fds && is_open[fd]);
	is_open[fd] = false;
}

static bool read_memory(void *arg, int fd, uint64_t offset, void *to,
			size_t len)
{
	struct choices *c = arg;

	must(fd >= 0 && fd < n_fds && is_open[fd]);
	take(c, to, len);
	return take8(c) & 1;
}

static const struct hold_ops ops = { .drop = drop, .read = read_memory };

/* As vu-socket.h would bring it. */
static struct vu_message any_message(struct choices *c, bool answer)
{
	static struct vu_message msg;

	msg.hdr.request = take8(c) % 50;
	msg.hdr.flags = VU_FLAG_VERSION_1 | (answer ? VU_FLAG_REPLY : 0) |
			(take8(c) & VU_FLAG_NEED_REPLY);
	msg.hdr.size = take16(c) % (VU_PAYLOAD_MAX + 1);
	memset(&msg.p, 0, sizeof(msg.p));
	take(c, &msg.p, take8(c) % 80);
	msg.n_fds = answer ? 0 : take8(c) % (VU_FDS_MAX + 1);
	msg.reply_fd = -1;
	return msg;
}

static void ask(struct hold_session *s, struct choices *c)
{
	struct vu_message msg = any_message(c, false);

	if (hold_session_asked(s) || n_fds + VU_FDS_MAX > FDS_MAX ||
	    hold_session_answers(s, &msg))
		return;
	for (unsigned int i = 0; i < msg.n_fds; i++) {
		is_open[n_fds] = true;
		msg.fds[i] = n_fds++;
	}
	hold_session_ask(s, &msg);
	must(!msg.n_fds);
}

static void answer(struct hold_session *s, struct choices *c)
{
	struct vu_message msg = any_message(c, true);
	const struct vu_message *asked = hold_session_asked(s);

	if (asked && take8(c) & 1)
		msg.hdr.request = asked->hdr.request;
	if (hold_session_answer(s, &msg))
		must(!hold_session_asked(s));
}

static void check_message(const struct vu_message *msg)
{
	must(msg->hdr.size <= VU_PAYLOAD_MAX);
	must(msg->n_fds <= VU_FDS_MAX);
	for (unsigned int i = 0; i < msg->n_fds; i++)
		must(msg->fds[i] < n_fds && is_open[msg->fds[i]]);
}

static void replay(struct hold_session *s, struct choices *c)
{
	struct hold_replay r;
	struct vu_message msg, reply;
	enum hold_next next;
	unsigned int n = 0;

	hold_replay_begin(&r, s);
	while ((next = hold_replay_next(&r, &msg)) != HOLD_NEXT_DONE) {
		if (next == HOLD_NEXT_SEND) {
			check_message(&msg);
			must(++n < 1000);
			continue;
		}
		reply = any_message(c, true);
		if (take8(c) & 1) {
			reply.hdr.request = msg.hdr.request;
			reply.hdr.size = sizeof(reply.p.u64);
			reply.p.u64 = UINT64_MAX;
		}
		if (hold_replay_answer(&r, &reply))
			return;
	}
}

/* Return: whether the session goes on. */
static bool lose(struct hold_session *s, struct choices *c)
{
	struct vu_message msg;
	const char *why;

	switch (hold_session_lose(s, &msg, &why)) {
	case HOLD_OVER:
		must(why);
		return false;
	case HOLD_REFUSE:
		must(msg.hdr.flags & VU_FLAG_REPLY && !msg.n_fds);
		must(!hold_session_asked(s));
		break;
	case HOLD_RESUME:
		break;
	}
	replay(s, c);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct choices c = { data, size };
	static struct hold_session s;
	bool goes_on = true;

	n_fds = 0;
	hold_session_init(&s, &ops, &c);
	while (c.left && goes_on) {
		switch (take8(&c) % 8) {
		case 0:
			goes_on = lose(&s, &c);
			break;
		case 1:
		case 2:
			answer(&s, &c);
			break;
		default:
			ask(&s, &c);
		}
	}
	hold_session_fini(&s);
	for (int i = 0; i < n_fds; i++)
		must(!is_open[i]);
	return 0;
}
