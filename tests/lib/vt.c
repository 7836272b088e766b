/* SPDX-License-Identifier: Apache-2.0 */
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "input/base/fd.h"
#include "tests/lib/vt.h"

static struct vt the_vt;

/* --- the device --- */

static __attribute__((format(printf, 2, 3))) void note(struct vt *v,
						       const char *fmt, ...)
{
	size_t len = strlen(v->ops);
	va_list ap;

	if (len)
		len += (size_t)snprintf(v->ops + len, sizeof(v->ops) - len,
					", ");
	va_start(ap, fmt);
	len += (size_t)vsnprintf(v->ops + len, sizeof(v->ops) - len, fmt, ap);
	va_end(ap);
	assert_true(len < sizeof(v->ops));
}

static void queue_started(void *arg, unsigned int i, bool resumed)
{
	note(arg, "%s %u", resumed ? "resumed" : "started", i);
}

static void queue_stopped(void *arg, unsigned int i)
{
	note(arg, "stopped %u", i);
}

static void queue_kick_fd(void *arg, unsigned int i)
{
	note(arg, "kick_fd %u", i);
}

static void queue_kicked(void *arg, unsigned int i)
{
	note(arg, "kicked %u", i);
}

static void queue_look(void *arg, unsigned int i)
{
	note(arg, "look %u", i);
}

static void queue_failed(void *arg, unsigned int i, int error)
{
	struct vt *v = arg;

	assert_false(v->be.queue[i].ring.waits);
	note(v, "failed %u %s", i, vring_strerror(error));
	vu_backend_break(&v->be, i);
}

static void config_write(void *arg, uint32_t offset, const uint8_t *data,
			 uint32_t len)
{
	struct vt *v = arg;

	assert_true(len && offset + (uint64_t)len <= sizeof(v->config));
	note(v, "write %u+%u", offset, len);
	memcpy(v->config + offset, data, len);
}

static void config_read(void *arg, uint32_t offset, uint8_t *data, uint32_t len)
{
	struct vt *v = arg;

	assert_true(len && offset + (uint64_t)len <= sizeof(v->config));
	note(v, "read %u+%u", offset, len);
	memcpy(data, v->config + offset, len);
}

static void reset(void *arg)
{
	note(arg, "reset");
}

static bool state_transfer(void *arg, const struct vu_device_state *what,
			   int fd)
{
	struct vt *v = arg;

	note(v, "transfer %u", what->direction);
	assert_sys(close(fd));
	return !v->fails;
}

static bool state_check(void *arg)
{
	struct vt *v = arg;

	note(v, "check");
	return !v->fails;
}

static const struct vu_ops ops = {
	.queue_started = queue_started,
	.queue_stopped = queue_stopped,
	.queue_kick_fd = queue_kick_fd,
	.queue_kicked = queue_kicked,
	.queue_look = queue_look,
	.queue_failed = queue_failed,
	.config_write = config_write,
	.config_read = config_read,
	.reset = reset,
	.state_transfer = state_transfer,
	.state_check = state_check,
};

const char *vt_ops(struct vt *v)
{
	static char said[sizeof(v->ops)];

	memcpy(said, v->ops, sizeof(said));
	v->ops[0] = '\0';
	return said;
}

/* --- life --- */

static int lowest_free_fd(void)
{
	int fd = dup(STDERR_FILENO);

	assert_sys(fd);
	close(fd);
	return fd;
}

static int event_fd(void)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	assert_sys(fd);
	return fd;
}

int vt_setup(void **state)
{
	struct vt *v = &the_vt;

	memset(v, 0, sizeof(*v));
	v->msg.reply_fd = -1;
	v->free_fd = lowest_free_fd();
	v->mem_fd = memfd_create("vt", MFD_CLOEXEC);
	assert_sys(v->mem_fd);
	assert_sys(ftruncate(v->mem_fd, VT_MEM_LEN));
	v->mem = mmap(NULL, VT_MEM_LEN, PROT_READ | PROT_WRITE, MAP_SHARED,
		      v->mem_fd, 0);
	assert_true(v->mem != MAP_FAILED);
	for (unsigned int i = 0; i < VU_QUEUES_MAX; i++) {
		v->kick[i] = event_fd();
		v->call[i] = event_fd();
		v->err[i] = event_fd();
	}
	for (unsigned int i = 0; i < VT_CONFIG_LEN; i++)
		v->config[i] = (uint8_t)(i + 1);
	vu_backend_init(&v->be, &ops, v, VU_QUEUES_MAX, VT_CONFIG_LEN);
	*state = v;
	return 0;
}

int vt_teardown(void **state)
{
	struct vt *v = *state;

	vu_message_close_fds(&v->msg);
	close(vu_message_steal_reply_fd(&v->msg));
	vu_backend_disconnect(&v->be);
	for (unsigned int i = 0; i < VU_QUEUES_MAX; i++) {
		close(v->kick[i]);
		close(v->call[i]);
		close(v->err[i]);
	}
	munmap(v->mem, VT_MEM_LEN);
	close(v->mem_fd);
	if (lowest_free_fd() == v->free_fd)
		return 0;
	fprintf(stderr, "an fd was left open\n");
	return -1;
}

/* --- messages --- */

static int send_flagged(struct vt *v, struct vu_header hdr, const void *payload,
			int fd)
{
	close_fd(vu_message_steal_reply_fd(&v->msg));
	memset(&v->msg, 0, sizeof(v->msg));
	v->msg.reply_fd = -1;
	v->msg.hdr = hdr;
	if (hdr.size)
		memcpy(v->msg.p.bytes, payload, hdr.size);
	if (fd >= 0) {
		v->msg.fds[0] = fcntl(fd, F_DUPFD_CLOEXEC, 0);
		assert_sys(v->msg.fds[0]);
		v->msg.n_fds = 1;
	}
	assert_null(vu_header_check(&hdr, vu_backend_rule(hdr.request)));
	return v->deliver ? v->deliver(v->deliver_arg, &v->msg)
			  : vu_backend_handle(&v->be, &v->msg);
}

int vt_send(struct vt *v, uint32_t request, const void *payload, uint32_t size,
	    int fd)
{
	struct vu_header hdr = { request, VU_FLAG_VERSION_1, size };

	return send_flagged(v, hdr, payload, fd);
}

int vt_empty(struct vt *v, uint32_t request)
{
	return vt_send(v, request, NULL, 0, -1);
}

int vt_u64(struct vt *v, uint32_t request, uint64_t value)
{
	return vt_fd(v, request, value, -1);
}

int vt_fd(struct vt *v, uint32_t request, uint64_t value, int fd)
{
	return vt_send(v, request, &value, sizeof(value), fd);
}

int vt_state(struct vt *v, uint32_t request, uint32_t index, uint32_t num)
{
	struct vu_vring_state state = { index, num };

	return vt_send(v, request, &state, sizeof(state), -1);
}

int vt_u64_acked(struct vt *v, uint32_t request, uint64_t value)
{
	struct vu_header hdr = { request,
				 VU_FLAG_VERSION_1 | VU_FLAG_NEED_REPLY,
				 sizeof(value) };

	return send_flagged(v, hdr, &value, -1);
}

uint64_t vt_get(struct vt *v, uint32_t request)
{
	assert_rc(vt_empty(v, request), VU_HAS_REPLY);
	assert_num(v->msg.hdr.size, sizeof(uint64_t));
	return v->msg.p.u64;
}

void vt_check_why(const struct vt *v, const char *reason)
{
	if (strncmp(v->be.why, reason, strlen(reason)) != 0)
		fail_msg("rejected for \"%s\", not \"%s\"", v->be.why, reason);
}

void vt_negotiate(struct vt *v, uint64_t features, uint64_t protocol)
{
	features |= VT_BIT(VIRTIO_F_VERSION_1) | VT_BIT(VU_F_PROTOCOL_FEATURES);
	assert_rc(vt_u64(v, VU_SET_PROTOCOL_FEATURES, protocol), 0);
	assert_rc(vt_u64(v, VU_SET_FEATURES, features), 0);
}

void vt_share(struct vt *v)
{
	struct vu_mem_table table = {
		.n_regions = 1,
		.regions = { { VT_GPA, VT_MEM_LEN, VT_UVA, 0 } },
	};

	assert_rc(vt_send(v, VU_SET_MEM_TABLE, &table,
			  8 + sizeof(table.regions[0]), v->mem_fd),
		  0);
}

int vt_set_addr(struct vt *v, unsigned int i, uint64_t uva)
{
	struct vu_vring_addr addr = {
		.index = i,
		.desc_user = uva + VT_DESC(i),
		.avail_user = uva + VT_AVAIL(i),
		.used_user = uva + VT_USED(i),
	};

	return vt_send(v, VU_SET_VRING_ADDR, &addr, sizeof(addr), -1);
}

void vt_set_ring(struct vt *v, unsigned int i)
{
	assert_rc(vt_state(v, VU_SET_VRING_NUM, i, VT_NUM), 0);
	assert_rc(vt_set_addr(v, i, VT_UVA), 0);
}

void vt_start(struct vt *v, unsigned int i)
{
	vt_set_ring(v, i);
	assert_rc(vt_fd(v, VU_SET_VRING_CALL, i, v->call[i]), 0);
	assert_rc(vt_fd(v, VU_SET_VRING_ERR, i, v->err[i]), 0);
	assert_rc(vt_fd(v, VU_SET_VRING_KICK, i, v->kick[i]), 0);
	assert_rc(vt_state(v, VU_SET_VRING_ENABLE, i, 1), 0);
}

uint64_t vt_signals(int fd)
{
	uint64_t count = 0;

	if (read(fd, &count, sizeof(count)) < 0)
		assert_num(errno, EAGAIN);
	return count;
}

/* --- rings --- */

static void put16(struct vt *v, uint32_t at, uint16_t value)
{
	value = htole16(value);
	memcpy(v->mem + at, &value, sizeof(value));
}

static uint16_t get16(const struct vt *v, uint32_t at)
{
	uint16_t value;

	memcpy(&value, v->mem + at, sizeof(value));
	return le16toh(value);
}

void vt_post(struct vt *v, unsigned int i, unsigned int n)
{
	uint16_t idx = get16(v, VT_AVAIL(i) + 2);

	for (; n; n--, idx++) {
		const uint16_t slot = idx % VT_NUM;
		const uint32_t buffer = VT_BUFFERS + (i * VT_NUM + slot) * 8;
		const uint64_t addr = htole64(VT_GPA + buffer);
		const uint32_t len = htole32(8);
		uint8_t *desc = v->mem + VT_DESC(i) + slot * 16;

		memcpy(desc, &addr, sizeof(addr));
		memcpy(desc + 8, &len, sizeof(len));
		put16(v, VT_DESC(i) + slot * 16 + 12, 2 /* WRITE */);
		put16(v, VT_AVAIL(i) + 4 + slot * 2, slot);
	}
	put16(v, VT_AVAIL(i) + 2, idx);
}

uint16_t vt_used_idx(const struct vt *v, unsigned int i)
{
	return get16(v, VT_USED(i) + 2);
}

int vt_use_one(struct vt *v, unsigned int i)
{
	struct vring *ring = vu_backend_ring(&v->be, i);
	int r;

	assert_non_null(ring);
	r = vring_ready(ring);
	if (r == VRING_READY)
		r = vring_write(ring, "12345678", 8);
	if (vring_publish(ring))
		vu_backend_notify(&v->be, i);
	return r;
}
