/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages go out whole or in parts, with their fds on the first byte; what
 * comes in is read to the byte, header first. The socket is polled before
 * each system call, so no call outlasts timeout_ms by much.
 */
#include "injector/frontend/frontend.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BIT(n) (UINT64_C(1) << (n))

#define FEATURES                                                 \
	(BIT(VIRTIO_F_VERSION_1) | BIT(VIRTIO_F_INDIRECT_DESC) | \
	 BIT(VIRTIO_F_EVENT_IDX) | BIT(VU_F_PROTOCOL_FEATURES))
#define PROTOCOL_FEATURES                                       \
	(BIT(VU_PROTOCOL_F_MQ) | BIT(VU_PROTOCOL_F_REPLY_ACK) | \
	 BIT(VU_PROTOCOL_F_CONFIG) | BIT(VU_PROTOCOL_F_CONFIGURE_MEM_SLOTS))

void fe_init(struct frontend *fe)
{
	*fe = (struct frontend){
		.fd = -1,
		.timeout_ms = 2000,
		.want_features = FEATURES,
		.want_protocol = PROTOCOL_FEATURES,
		.mem = { .fd = -1 },
	};
	for (unsigned int i = 0; i < FE_QUEUES; i++)
		fe->ring[i] =
			(struct fe_ring){ .kick = -1, .call = -1, .err = -1 };
}

void fe_fini(struct frontend *fe)
{
	if (fe->fd >= 0)
		close(fe->fd);
	fe->fd = -1;
	for (unsigned int i = 0; i < FE_QUEUES; i++)
		fe_ring_fini(&fe->ring[i]);
	fe_memory_fini(&fe->mem);
}

int fe_connect(struct frontend *fe, const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct stat st;

	if (strlen(path) >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	memcpy(addr.sun_path, path, strlen(path) + 1);
	if (stat(path, &st) < 0)
		return -errno;
	if (!S_ISSOCK(st.st_mode))
		return -ENOTSOCK;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0) {
		int err = errno;

		close(fd);
		return -err;
	}
	fe_attach(fe, fd);
	return 0;
}

void fe_attach(struct frontend *fe, int fd)
{
	if (fe->fd >= 0)
		close(fe->fd);
	fe->fd = fd;
}

struct fe_msg fe_msg(uint32_t request)
{
	return (struct fe_msg){
		.hdr = { .request = request, .flags = VU_FLAG_VERSION_1 },
	};
}

struct fe_msg fe_msg_u64(uint32_t request, uint64_t value)
{
	struct fe_msg msg = fe_msg(request);

	msg.hdr.size = sizeof(msg.u64);
	msg.u64 = value;
	return msg;
}

struct fe_msg fe_msg_state(uint32_t request, uint32_t index, uint32_t num)
{
	struct fe_msg msg = fe_msg(request);

	msg.hdr.size = sizeof(msg.state);
	msg.state = (struct vu_vring_state){ .index = index, .num = num };
	return msg;
}

struct fe_msg fe_msg_vring_fd(uint32_t request, unsigned int index, int fd)
{
	struct fe_msg msg = fe_msg_u64(request, index);

	if (fd < 0) {
		msg.u64 |= VU_VRING_NOFD;
		return msg;
	}
	msg.fd[0] = fd;
	msg.n_fds = 1;
	return msg;
}

/* Return: 0 when the socket can be read or written; FE_E_CLOSED never. */
static int wait_for(const struct frontend *fe, short events)
{
	struct pollfd p = { .fd = fe->fd, .events = events };
	int n = poll(&p, 1, fe->timeout_ms);

	if (n < 0)
		return -errno;
	return n == 0 ? -ETIMEDOUT : 0;
}

static bool is_closed(int err)
{
	return err == EPIPE || err == ECONNRESET;
}

static void attach_fds(struct msghdr *mh, const struct fe_msg *msg)
{
	size_t len = msg->n_fds * sizeof(int);

	mh->msg_controllen = CMSG_SPACE(len);
	struct cmsghdr *c = CMSG_FIRSTHDR(mh);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(c), msg->fd, len);
}

int fe_send_part(struct frontend *fe, const struct fe_msg *msg, size_t from,
		 size_t to)
{
	uint8_t wire[sizeof(msg->hdr) + sizeof(msg->bytes)];

	memcpy(wire, &msg->hdr, sizeof(msg->hdr));
	memcpy(wire + sizeof(msg->hdr), msg->bytes, sizeof(msg->bytes));
	while (from < to) {
		_Alignas(struct cmsghdr) char
			control[CMSG_SPACE(FE_FDS_MAX * sizeof(int))] = { 0 };
		struct iovec iov = { wire + from, to - from };
		struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1 };
		int rc = wait_for(fe, POLLOUT);

		if (rc)
			return rc;
		if (from == 0 && msg->n_fds) {
			mh.msg_control = control;
			mh.msg_controllen = sizeof(control);
			attach_fds(&mh, msg);
		}
		ssize_t n = sendmsg(fe->fd, &mh, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno != EAGAIN)
			return is_closed(errno) ? FE_E_CLOSED : -errno;
		from += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

int fe_send(struct frontend *fe, const struct fe_msg *msg)
{
	return fe_send_part(fe, msg, 0, sizeof(msg->hdr) + msg->hdr.size);
}

static void collect_fds(struct msghdr *mh, struct fe_msg *msg)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(mh);

	for (; c; c = CMSG_NXTHDR(mh, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		msg->n_fds = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(msg->fd, CMSG_DATA(c), msg->n_fds * sizeof(int));
	}
}

static int recv_exactly(struct frontend *fe, void *buf, size_t len,
			struct fe_msg *msg)
{
	for (size_t got = 0; got < len;) {
		_Alignas(struct cmsghdr) char
			control[CMSG_SPACE(FE_FDS_MAX * sizeof(int))];
		struct iovec iov = { (uint8_t *)buf + got, len - got };
		struct msghdr mh = {
			.msg_iov = &iov,
			.msg_iovlen = 1,
			.msg_control = control,
			.msg_controllen = sizeof(control),
		};
		int rc = wait_for(fe, POLLIN);

		if (rc)
			return rc;
		ssize_t n =
			recvmsg(fe->fd, &mh, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
		if (n == 0 || (n < 0 && is_closed(errno)))
			return FE_E_CLOSED;
		if (n < 0 && errno != EAGAIN)
			return -errno;
		if (n > 0)
			collect_fds(&mh, msg);
		got += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

int fe_recv(struct frontend *fe, struct fe_msg *msg)
{
	memset(msg, 0, sizeof(*msg));
	int rc = recv_exactly(fe, &msg->hdr, sizeof(msg->hdr), msg);
	if (rc)
		return rc;
	if (msg->hdr.size > sizeof(msg->bytes))
		return FE_E_REPLY;
	return recv_exactly(fe, msg->bytes, msg->hdr.size, msg);
}

int fe_query(struct frontend *fe, struct fe_msg *msg, size_t min)
{
	uint32_t request = msg->hdr.request;
	int rc = fe_send(fe, msg);

	if (!rc)
		rc = fe_recv(fe, msg);
	if (rc)
		return rc;
	if (msg->hdr.request != request ||
	    msg->hdr.flags != (VU_FLAG_VERSION_1 | VU_FLAG_REPLY) ||
	    msg->hdr.size < min)
		return FE_E_REPLY;
	return 0;
}

int fe_request(struct frontend *fe, const struct fe_msg *msg)
{
	if (!(fe->protocol & BIT(VU_PROTOCOL_F_REPLY_ACK)))
		return fe_send(fe, msg);
	struct fe_msg m = *msg;
	m.hdr.flags |= VU_FLAG_NEED_REPLY;
	int rc = fe_query(fe, &m, sizeof(m.u64));
	if (rc)
		return rc;
	return m.u64 ? FE_E_REFUSED : 0;
}

static int get_u64(struct frontend *fe, uint32_t request, uint64_t *value)
{
	struct fe_msg msg = fe_msg(request);
	int rc = fe_query(fe, &msg, sizeof(msg.u64));

	*value = msg.u64;
	return rc;
}

static int negotiate_protocol(struct frontend *fe)
{
	uint64_t offered;
	int rc = get_u64(fe, VU_GET_PROTOCOL_FEATURES, &offered);

	if (rc)
		return rc;
	if (!(offered & BIT(VU_PROTOCOL_F_CONFIG)))
		return FE_E_DEVICE;
	uint64_t acked = offered & fe->want_protocol;
	struct fe_msg ack = fe_msg_u64(VU_SET_PROTOCOL_FEATURES, acked);
	rc = fe_send(fe, &ack);
	fe->protocol = acked;
	return rc;
}

static int check_queue_num(struct frontend *fe)
{
	uint64_t n;

	if (!(fe->protocol & BIT(VU_PROTOCOL_F_MQ)))
		return 0;
	int rc = get_u64(fe, VU_GET_QUEUE_NUM, &n);
	if (rc)
		return rc;
	return n < FE_QUEUES ? FE_E_DEVICE : 0;
}

int fe_negotiate(struct frontend *fe)
{
	uint64_t offered;
	struct fe_msg owner = fe_msg(VU_SET_OWNER);
	int rc = fe_send(fe, &owner);

	fe->protocol = 0;
	if (!rc)
		rc = get_u64(fe, VU_GET_FEATURES, &offered);
	if (rc)
		return rc;
	if (!(offered & BIT(VIRTIO_F_VERSION_1)) ||
	    !(offered & BIT(VU_F_PROTOCOL_FEATURES)))
		return FE_E_DEVICE;
	fe->features = offered & fe->want_features;
	rc = negotiate_protocol(fe);
	return rc ? rc : check_queue_num(fe);
}

static struct fe_msg config_msg(uint32_t request, uint32_t offset, uint32_t len)
{
	struct fe_msg msg = fe_msg(request);

	msg.hdr.size = sizeof(struct vu_config) + len;
	msg.config[0] = offset;
	msg.config[1] = len;
	return msg;
}

int fe_config_read(struct frontend *fe, uint32_t offset, void *buf,
		   uint32_t len)
{
	struct fe_msg msg = config_msg(VU_GET_CONFIG, offset, len);
	uint32_t size = msg.hdr.size;
	int rc = fe_query(fe, &msg, 0);

	if (rc)
		return rc;
	if (msg.hdr.size == 0)
		return FE_E_REFUSED;
	if (msg.hdr.size != size || msg.config[0] != offset ||
	    msg.config[1] != len)
		return FE_E_REPLY;
	memcpy(buf, msg.bytes + sizeof(struct vu_config), len);
	return 0;
}

int fe_config_write(struct frontend *fe, uint32_t offset, const void *buf,
		    uint32_t len)
{
	struct fe_msg msg = config_msg(VU_SET_CONFIG, offset, len);

	memcpy(msg.bytes + sizeof(struct vu_config), buf, len);
	return fe_request(fe, &msg);
}
