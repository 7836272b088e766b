/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/check.h"
#include "tests/lib/garbage.h"
#include "tests/lib/said.h"

struct hold_session said;
bool said_is_open[SAID_FDS_MAX];
struct said_read said_read;
static int next_fd;

static void drop(void *arg, int fd)
{
	assert_ptr_equal(arg, &next_fd);
	assert_true(fd >= 0 && fd < SAID_FDS_MAX && said_is_open[fd]);
	said_is_open[fd] = false;
}

static bool read_memory(void *arg, int fd, uint64_t offset, void *to,
			size_t len)
{
	const uint16_t idx = SAID_USED_IDX;

	assert_ptr_equal(arg, &next_fd);
	assert_true(said_is_open[fd]);
	assert_num(len, sizeof(idx));
	said_read.n++;
	said_read.fd = fd;
	said_read.offset = offset;
	memcpy(to, &idx, sizeof(idx));
	return !said_read.fails;
}

static const struct hold_ops ops = { .drop = drop, .read = read_memory };

int said_setup(void **state)
{
	memset(said_is_open, 0, sizeof(said_is_open));
	next_fd = 0;
	said_read = (struct said_read){ .n = 0 };
	fill_with_garbage(&said);
	hold_session_init(&said, &ops, &next_fd);
	return 0;
}

int said_n_open(void)
{
	int n = 0;

	for (int i = 0; i < SAID_FDS_MAX; i++)
		n += said_is_open[i];
	return n;
}

int said_teardown(void **state)
{
	hold_session_fini(&said);
	return said_n_open() ? -1 : 0;
}

struct vu_message said_make(uint32_t request, uint32_t size)
{
	return (struct vu_message){ .hdr = { request, VU_FLAG_VERSION_1, size },
				    .reply_fd = -1 };
}

void said_add_fd(struct vu_message *msg)
{
	said_is_open[next_fd] = true;
	msg->fds[msg->n_fds++] = next_fd++;
}

void say_u64(uint32_t request, uint64_t u64)
{
	struct vu_message msg = said_make(request, 8);

	msg.p.u64 = u64;
	hold_session_ask(&said, &msg);
}

void say_state(uint32_t request, uint32_t index, uint32_t num)
{
	struct vu_message msg = said_make(request, 8);

	msg.p.state = (struct vu_vring_state){ index, num };
	hold_session_ask(&said, &msg);
}

void say_vring_fd(uint32_t request, uint32_t index)
{
	struct vu_message msg = said_make(request, 8);

	msg.p.u64 = index;
	said_add_fd(&msg);
	hold_session_ask(&said, &msg);
}

void answer_u64(uint32_t request, uint64_t u64)
{
	struct vu_message msg = said_make(request, 8);

	msg.hdr.flags |= VU_FLAG_REPLY;
	msg.p.u64 = u64;
	assert_true(hold_session_answer(&said, &msg));
}

void say_memory(void)
{
	struct vu_message msg = said_make(VU_ADD_MEM_REG, sizeof(msg.p.single));

	msg.p.single.region = (struct vu_mem_region){ .guest_addr = 0,
						      .size = 0x10000,
						      .user_addr = 0x70000,
						      .mmap_offset = 0x100 };
	said_add_fd(&msg);
	hold_session_ask(&said, &msg);
}

void say_queue(uint32_t index)
{
	struct vu_message msg =
		said_make(VU_SET_VRING_ADDR, sizeof(msg.p.addr));

	say_state(VU_SET_VRING_NUM, index, 64);
	say_state(VU_SET_VRING_BASE, index, SAID_BASE);
	msg.p.addr =
		(struct vu_vring_addr){ .index = index, .used_user = 0x72000 };
	hold_session_ask(&said, &msg);
	say_vring_fd(VU_SET_VRING_CALL, index);
	say_vring_fd(VU_SET_VRING_KICK, index);
	say_state(VU_SET_VRING_ENABLE, index, 1);
}

const struct said_again *said_replay(uint64_t features)
{
	static struct said_again all;
	struct hold_replay r;
	struct vu_message reply;
	enum hold_next next;

	fill_with_garbage(&all);
	all.n = 0;
	all.rc = 0;
	hold_replay_begin(&r, &said);
	while ((next = hold_replay_next(&r, &all.msg[all.n])) !=
	       HOLD_NEXT_DONE) {
		if (next == HOLD_NEXT_SEND) {
			assert_true(++all.n < ARRAY_LEN(all.msg));
			continue;
		}
		reply = said_make(all.msg[all.n - 1].hdr.request, 8);
		reply.hdr.flags |= VU_FLAG_REPLY;
		reply.p.u64 = features;
		all.rc = hold_replay_answer(&r, &reply);
		if (all.rc)
			break;
	}
	return &all;
}

const struct vu_message *said_find(const struct said_again *all,
				   uint32_t request)
{
	for (unsigned int i = 0; i < all->n; i++)
		if (all->msg[i].hdr.request == request)
			return &all->msg[i];
	return NULL;
}
