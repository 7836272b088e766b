/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "injector/frontend/frontend.h"

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
