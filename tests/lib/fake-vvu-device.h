/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Defines the functions of vvu-device.h, and of vvu-session.h those that the
 * link calls, in place of ours: a unit test includes this once. What the device
 * does is in dev.
 */
#ifndef VINPUT_TESTS_FAKE_VVU_DEVICE_H
#define VINPUT_TESTS_FAKE_VVU_DEVICE_H

#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "input/vfio/vvu-device.h"
#include "tests/lib/check.h"

#define FAKE_BAR_AT UINT64_C(0x40000)

static struct {
	struct vu_message got[4]; /* from the back-end */
	unsigned int n_got, n_looks, n_starts;
	const struct vu_message *msg; /* to the back-end: the first, and how */
	unsigned int n_msgs, n_taken; /* many; p.u64 of each is its number */
	int start, send, receive, look; /* what these return */
	bool no_iommu, open;
} dev;

/* NOLINTNEXTLINE(misc-definitions-in-headers) */
void vvu_device_init(struct vvu_device *d)
{
	*d = (struct vvu_device){ .control_fd = -1 };
}

/* NOLINTNEXTLINE(misc-definitions-in-headers) */
int vvu_device_open(struct vvu_device *d, const char *address,
		    struct fault *why)
{
	if (dev.start)
		return fault_errno(why, dev.start, "not at %s", address);
	d->control_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	/* Memory files, which can be told apart. */
	d->vfio.fd = memfd_create("device", MFD_CLOEXEC);
	for (unsigned int i = 0; i < VVU_DEVICE_QUEUES; i++) {
		d->kick_fd[i] = memfd_create("kick", MFD_CLOEXEC);
		d->call_fd[i] = memfd_create("call", MFD_CLOEXEC);
	}
	d->vfio.no_iommu = dev.no_iommu;
	d->vfio.offset[VVU_MEMORY_BAR] = FAKE_BAR_AT;
	d->session.id = VVU_ID_PACKED;
	d->session.window = (struct vvu_window){ 0x1000, 0x10000 };
	d->session.virtio.caps.part[VVU_CAP_SHARED_MEMORY].bar = VVU_MEMORY_BAR;
	d->session.why = "too long";
	dev.open = true;
	return 0;
}

/* NOLINTNEXTLINE(misc-definitions-in-headers) */
void vvu_device_close(struct vvu_device *d)
{
	if (!dev.open)
		return;
	close(d->control_fd);
	close(d->vfio.fd);
	for (unsigned int i = 0; i < VVU_DEVICE_QUEUES; i++) {
		close(d->kick_fd[i]);
		close(d->call_fd[i]);
	}
	dev.open = false;
}

/* NOLINTNEXTLINE(misc-definitions-in-headers) */
int vvu_session_start(struct vvu_session *d, struct fault *why)
{
	dev.n_starts++;
	dev.look = VVU_SESSION_OK;
	return dev.start ? fault_errno(why, dev.start, "it does not reset") : 0;
}

/* NOLINTNEXTLINE(misc-definitions-in-headers) */
int vvu_session_receive(struct vvu_session *d, struct vu_message *msg)
{
	if (dev.receive)
		return dev.receive;
	if (dev.n_taken == dev.n_msgs)
		return VVU_SESSION_OK;
	msg->hdr = dev.msg->hdr;
	msg->p = dev.msg->p;
	if (dev.n_msgs > 1)
		msg->p.u64 = dev.n_taken;
	dev.n_taken++;
	return VVU_SESSION_MESSAGE;
}

/* NOLINTNEXTLINE(misc-definitions-in-headers) */
int vvu_session_send(struct vvu_session *d, const struct vu_message *msg)
{
	if (!dev.send) {
		assert_true(dev.n_got < ARRAY_LEN(dev.got));
		dev.got[dev.n_got++] = *msg;
	}
	return dev.send;
}

/* NOLINTNEXTLINE(misc-definitions-in-headers) */
int vvu_session_look(struct vvu_session *d)
{
	dev.n_looks++;
	return dev.look;
}

#endif
