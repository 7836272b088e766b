/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vvu-session.h and virtio-driver.h, with a device of which the test has the
 * registers: what it must have, how a session begins, which messages it has.
 */
#include <errno.h>
#include <linux/virtio_pci.h>
#include <linux/virtio_ring.h>
#include <string.h>
#include "input/vfio/vvu-session.h"
#include "tests/lib/check.h"

#define BUS	    UINT64_C(0x7001000000)
#define VERSION_1   (UINT64_C(1) << 32)
#define PLATFORM    (UINT64_C(1) << 33)
#define FEATURES_OK 8
#define DRIVER_OK   4
#define NEEDS_RESET 64
#define BAR_LEN	    0x5000

/* Where the capabilities have their structures, in BAR 2. */
enum {
	COMMON = 0x0000,
	NOTIFY = 0x1000,
	CONFIG = 0x2000,
	DOORBELLS = 0x3000,
	NOTIFICATIONS = 0x4000,
};

static struct {
	uint8_t config[VIRTIO_CAPS_CONFIG_LEN];
	uint64_t offered, accepted;
	struct virtio_pci_common_cfg common, queue[VVU_QUEUES];
	struct vvu_config vvu;
	uint16_t selected, kick_vector[2];
	unsigned int kicks[VVU_QUEUES];
	uint8_t statuses[8];
	unsigned int n_statuses; /* written */
	unsigned int n_status_reads;
	/* Faults. */
	unsigned int lasts; /* accesses, until one fails; 0: all do not */
	unsigned int accesses, late; /* late: after that one */
	bool keeps_status, rejects_features, has_no_vectors, is_gone;
} dev;

static struct pci_port port;
static struct vvu_session d;
static struct fault why;
static _Alignas(4096) uint8_t memory[VVU_SESSION_MEMORY_LEN];

/* --- the device --- */

static void fill_common(struct virtio_pci_common_cfg *c)
{
	*c = dev.common;
	c->device_feature =
		(uint32_t)(dev.offered >> (32 * c->device_feature_select));
	if (c->queue_select < VVU_QUEUES)
		memcpy(&c->queue_size, &dev.queue[c->queue_select].queue_size,
		       sizeof(*c) - offsetof(__typeof__(*c), queue_size));
	c->queue_notify_off = c->queue_select;
}

static bool fails(void)
{
	dev.late += dev.lasts && dev.is_gone;
	dev.is_gone |= dev.accesses++ + 1 == dev.lasts;
	return dev.is_gone;
}

static int device_read(void *arg, const struct pci_at *at, void *to)
{
	struct virtio_pci_common_cfg common;
	const uint16_t io[] = { dev.selected, dev.kick_vector[dev.selected] };

	if (fails())
		return -EIO;
	if (at->region == PCI_PORT_CONFIG) {
		memcpy(to, dev.config + at->offset, at->len);
		return 0;
	}
	assert_num(at->region, 2);
	dev.n_status_reads +=
		at->offset ==
		offsetof(struct virtio_pci_common_cfg, device_status);
	memset(to, 0, at->len);
	fill_common(&common);
	if (at->offset < sizeof(common))
		memcpy(to, (uint8_t *)&common + at->offset, at->len);
	else if (at->offset >= NOTIFICATIONS)
		memcpy(to, (uint8_t *)io + at->offset - NOTIFICATIONS, at->len);
	else if (at->offset >= CONFIG)
		memcpy(to, (uint8_t *)&dev.vvu + at->offset - CONFIG, at->len);
	return 0;
}

static void write_status(uint8_t status)
{
	dev.statuses[dev.n_statuses++ % sizeof(dev.statuses)] = status;
	if (!status && dev.keeps_status)
		return;
	if (!status)
		memset(&dev.vvu.status, 0, sizeof(dev.vvu.status));
	if (dev.rejects_features)
		status &= (uint8_t)~FEATURES_OK;
	dev.common.device_status = status;
}

static void write_common(const struct pci_at *at, const void *from)
{
	struct virtio_pci_common_cfg *c = &dev.common;
	uint32_t value = 0;

	memcpy(&value, from, at->len);
	if (at->offset == VIRTIO_PCI_COMMON_STATUS) {
		write_status((uint8_t)value);
		return;
	}
	if (at->offset == VIRTIO_PCI_COMMON_GF)
		dev.accepted |= (uint64_t)value
				<< (32 * c->guest_feature_select);
	if (dev.has_no_vectors && at->offset == VIRTIO_PCI_COMMON_Q_MSIX)
		value = VVU_NO_VECTOR;
	if (at->offset >= VIRTIO_PCI_COMMON_Q_SIZE)
		c = &dev.queue[c->queue_select];
	memcpy((uint8_t *)c + at->offset, &value, at->len);
}

static int device_write(void *arg, const struct pci_at *at, const void *from)
{
	uint16_t value;

	memcpy(&value, from, sizeof(value));
	if (fails())
		return -EIO;
	assert_num(at->region, 2);
	if (at->offset < NOTIFY)
		write_common(at, from);
	else if (at->offset < CONFIG)
		dev.kicks[(at->offset - NOTIFY) / 4 % VVU_QUEUES]++;
	else if (at->offset < DOORBELLS)
		memcpy((uint8_t *)&dev.vvu + at->offset - CONFIG, from,
		       at->len);
	else if (at->offset == NOTIFICATIONS + VVU_NOTIFY_SELECT)
		dev.selected = value;
	else if (at->offset == NOTIFICATIONS + VVU_NOTIFY_VECTOR)
		dev.kick_vector[dev.selected] = value;
	return 0;
}

static void add_cap(unsigned int i, uint8_t type, uint32_t offset)
{
	const struct vvu_doorbell_cap cap = {
		{ .id = 0x09,
		  .next = (uint8_t)(0x40 + 20 * (i + 1)),
		  .len = 20,
		  .type = type,
		  .bar = type == VVU_CAP_SHARED_MEMORY ? 4 : 2,
		  .offset = offset,
		  .length = 0x1000 },
		4
	};

	memcpy(dev.config + 0x40 + (size_t)20 * i, &cap, sizeof(cap));
}

static int setup(void **state)
{
	static const uint32_t parts[][2] = {
		{ VIRTIO_CAP_COMMON, COMMON },
		{ VIRTIO_CAP_NOTIFY, NOTIFY },
		{ VIRTIO_CAP_DEVICE, CONFIG },
		{ VVU_CAP_DOORBELL, DOORBELLS },
		{ VVU_CAP_NOTIFICATION, NOTIFICATIONS },
		{ VVU_CAP_SHARED_MEMORY, 0x1000 },
	};

	memset(&dev, 0, sizeof(dev));
	dev.config[0x06] = 0x10;
	dev.config[0x34] = 0x40;
	for (unsigned int i = 0; i < ARRAY_LEN(parts); i++)
		add_cap(i, (uint8_t)parts[i][0], parts[i][1]);
	dev.offered = VERSION_1 | PLATFORM | 1;
	dev.vvu.max_vhost_queues = 2;
	for (unsigned int i = 0; i < VVU_QUEUES; i++)
		dev.queue[i].queue_size = 256;
	port = (struct pci_port){ .read = device_read, .write = device_write };
	port.size[2] = BAR_LEN;
	port.size[4] = UINT64_C(1) << 35;
	port.size[PCI_PORT_CONFIG] = sizeof(dev.config);
	d = (struct vvu_session){ .id = VVU_ID_PACKED,
				  .translated = true,
				  .at = memory,
				  .bus = BUS };
	memset(memory, 0xff, sizeof(memory));
	return 0;
}

static void find(void)
{
	assert_ok(vvu_session_find(&d, &port, &why));
}

static void start(void)
{
	find();
	assert_ok(vvu_session_start(&d, &why));
}

static void assert_finds_not(const char *text)
{
	assert_true(vvu_session_find(&d, &port, &why) < 0);
	assert_non_null(strstr(why.text, text));
}

static void assert_starts_not(const char *text)
{
	find();
	assert_true(vvu_session_start(&d, &why) < 0);
	assert_non_null(strstr(why.text, text));
}

/* --- finding --- */

static void both_lineages_are_known(void **state)
{
	enum vvu_id id;

	assert_true(vvu_session_knows(0x1af4, 0x107d, &id));
	assert_num(id, VVU_ID_PACKED);
	assert_true(vvu_session_knows(0x1af4, 0x106a, &id));
	assert_num(id, VVU_ID_WHOLE);
	assert_false(vvu_session_knows(0x1af4, 0x1052, &id));
	assert_false(vvu_session_knows(0x8086, 0x107d, &id));
	assert_false(vvu_session_knows(0x1af4, 0x003d, &id));
}

static void all_that_it_has_is_found(void **state)
{
	struct pci_at at;

	find();
	assert_num(d.window.offset, 0x1000);
	assert_num(d.window.bar_len, UINT64_C(1) << 35);
	assert_true(vvu_session_doorbell(&d, 1, &at));
	assert_num(at.region, 2);
	assert_num(at.offset, DOORBELLS + 4);
	assert_num(at.len, 2);
	assert_true(vvu_session_doorbell(&d, 0x3ff, &at));
	assert_false(vvu_session_doorbell(&d, 0x400, &at));
	/* The last one ends with its area. */
	d.virtio.caps.part[VVU_CAP_DOORBELL].len = 0x3ff * 4 + 2;
	assert_true(vvu_session_doorbell(&d, 0x3ff, &at));
	d.virtio.caps.part[VVU_CAP_DOORBELL].len--;
	assert_false(vvu_session_doorbell(&d, 0x3ff, &at));
}

static void a_device_that_is_not_virtio_is_named(void **state)
{
	static const uint32_t least = sizeof(struct virtio_pci_common_cfg);

	dev.config[0x34] = 0;
	assert_finds_not("lacks the capabilities of a virtio 1 device");
	/* Each of the three alone. */
	for (int i = 0; i < 3; i++) {
		setup(NULL);
		dev.config[0x40 + i * 20 + 3] = 99;
		assert_finds_not("lacks the capabilities of a virtio 1 device");
	}
	setup(NULL);
	memcpy(dev.config + 0x40 + 12, &least, sizeof(least));
	find();
	dev.config[0x40 + 12]--;
	assert_finds_not("lacks the capabilities of a virtio 1 device");
	setup(NULL);
	port.size[PCI_PORT_CONFIG]--;
	assert_finds_not("lacks the capabilities of a virtio 1 device");
}

static void a_device_without_doorbells_is_named(void **state)
{
	for (int i = 3; i < 6; i++) {
		setup(NULL);
		dev.config[0x40 + i * 20 + 3] = 5;
		assert_finds_not("no doorbells, notifications or shared "
				 "memory");
	}
}

static void a_device_for_one_queue_is_named(void **state)
{
	dev.vvu.max_vhost_queues = 1;
	assert_finds_not("made for 1 queues: at least 2 needed");
}

static void a_device_that_is_gone_is_named(void **state)
{
	dev.is_gone = true;
	assert_finds_not("cannot be reached: Input/output error");
}

/* --- starting --- */

static void assert_queue(unsigned int i)
{
	const struct virtio_pci_common_cfg *q = &dev.queue[i];
	const uint64_t at = BUS + i * (uint64_t)DRIVER_RING_LEN;

	assert_num(q->queue_size, DRIVER_RING_BUFFERS);
	assert_num(q->queue_msix_vector, VVU_SESSION_CONTROL);
	assert_num(q->queue_enable, 1);
	assert_num(q->queue_desc_lo | (uint64_t)q->queue_desc_hi << 32,
		   at + DRIVER_RING_DESC);
	assert_num(q->queue_avail_lo | (uint64_t)q->queue_avail_hi << 32,
		   at + DRIVER_RING_AVAIL);
	assert_num(q->queue_used_lo | (uint64_t)q->queue_used_hi << 32,
		   at + DRIVER_RING_USED);
}

/* Messages to the driver are written into its buffers, its own are read. */
static void assert_buffers(unsigned int i, uint16_t flags)
{
	const struct vring_desc *desc =
		(void *)(d.ring[i].at + DRIVER_RING_DESC);

	driver_ring_post(&d.ring[i], 3, 77);
	assert_num(desc[3].flags, flags);
	assert_num(desc[3].len, 77);
	assert_num(desc[3].addr, BUS + i * (uint64_t)DRIVER_RING_LEN +
					 DRIVER_RING_DATA +
					 3 * DRIVER_RING_BUFFER);
}

static void a_session_begins_when_all_is_set_up(void **state)
{
	start();
	assert_num(dev.accepted, VERSION_1 | PLATFORM);
	assert_num(dev.common.device_status, 1 | 2 | FEATURES_OK | DRIVER_OK);
	assert_num(dev.n_statuses, 4);
	assert_memory_equal(dev.statuses, "\0\3\13\17", 4);
	assert_num(dev.common.msix_config, VVU_SESSION_CONTROL);
	for (unsigned int i = 0; i < VVU_QUEUES; i++)
		assert_queue(i);
	assert_num(dev.kick_vector[0], VVU_SESSION_KICK(0));
	assert_num(dev.kick_vector[1], VVU_SESSION_KICK(1));
	assert_num(dev.kicks[VVU_RXQ], 1);
	assert_num(dev.kicks[VVU_TXQ], 0);
	assert_num(dev.vvu.status, VVU_BACKEND_UP);
	assert_num(d.ring[VVU_RXQ].out, 0xffff);
	assert_buffers(VVU_RXQ, VRING_DESC_F_WRITE);
	assert_buffers(VVU_TXQ, 0);
}

/* One after the other: what fails is reported, and nothing follows it. */
static void each_access_may_fail(void **state)
{
	unsigned int n = 0;
	int r;

	do {
		setup(NULL);
		dev.lasts = ++n;
		r = vvu_session_find(&d, &port, &why);
		if (!r)
			r = vvu_session_start(&d, &why);
		assert_num(dev.late, 0);
		if (r)
			assert_non_null(strstr(why.text, "cannot be reached"));
	} while (r);
	assert_num(n, dev.accesses + 1);
	dev.lasts = dev.accesses + 1;
	assert_rc(vvu_session_look(&d), -EIO);
	dev.is_gone = false;
	dev.lasts = dev.accesses + 2;
	assert_rc(vvu_session_look(&d), -EIO);
}

static void a_small_queue_is_used_as_it_is(void **state)
{
	dev.queue[VVU_TXQ].queue_size = 2;
	start();
	assert_num(dev.queue[VVU_TXQ].queue_size, 2);
}

static void a_device_that_would_bypass_the_iommu_is_refused(void **state)
{
	dev.offered = VERSION_1;
	d.id = VVU_ID_WHOLE;
	assert_starts_not("bypass the IOMMU");
	d.translated = false;
	assert_ok(vvu_session_start(&d, &why));
	d.id = VVU_ID_PACKED;
	d.translated = true;
	assert_ok(vvu_session_start(&d, &why));
}

static void a_device_that_cannot_start_is_named(void **state)
{
	dev.offered = PLATFORM;
	assert_starts_not("rejects the features");
	setup(NULL);
	dev.rejects_features = true;
	assert_starts_not("rejects the features");
	setup(NULL);
	dev.common.device_status = 1;
	dev.keeps_status = true;
	assert_starts_not("does not reset");
	assert_num(dev.n_status_reads, 10000);
	setup(NULL);
	dev.queue[VVU_TXQ].queue_size = 0;
	assert_starts_not("does not let its queues be set up");
	setup(NULL);
	dev.queue[VVU_RXQ].queue_size = 3;
	assert_starts_not("does not let its queues be set up");
	setup(NULL);
	dev.has_no_vectors = true;
	assert_starts_not("does not let its queues be set up");
}

/* --- messages --- */

static struct vring_used *used_of(unsigned int queue)
{
	return (void *)(d.ring[queue].at + DRIVER_RING_USED);
}

static void use(unsigned int queue, uint32_t buffer, uint32_t len)
{
	struct vring_used *used = used_of(queue);

	used->ring[used->idx % DRIVER_RING_BUFFERS] =
		(vring_used_elem_t){ buffer, len };
	used->idx++;
}

/* The device has a message: a header, and these bytes of payload. */
static void bring(struct vu_header hdr, uint64_t payload)
{
	uint8_t *to = driver_ring_data(&d.ring[VVU_RXQ], 5);

	memcpy(to, &hdr, sizeof(hdr));
	memcpy(to + sizeof(hdr), &payload, sizeof(payload));
	use(VVU_RXQ, 5, sizeof(hdr) + hdr.size);
}

static void a_message_is_received_once(void **state)
{
	struct vu_message msg;

	start();
	assert_num(vvu_session_receive(&d, &msg), VVU_SESSION_OK);
	bring((struct vu_header){ VU_SET_FEATURES, VU_FLAG_VERSION_1, 8 }, 77);
	assert_num(vvu_session_receive(&d, &msg), VVU_SESSION_MESSAGE);
	assert_num(msg.hdr.request, VU_SET_FEATURES);
	assert_num(msg.p.u64, 77);
	assert_num(vvu_session_receive(&d, &msg), VVU_SESSION_OK);
	/* Its buffer is the device's again. */
	assert_num(d.ring[VVU_RXQ].out, 0xffff);
	assert_num(dev.kicks[VVU_RXQ], 2);
}

static void the_longest_message_is_received(void **state)
{
	struct vu_message msg;

	start();
	bring((struct vu_header){ VU_SET_CONFIG, VU_FLAG_VERSION_1,
				  VU_PAYLOAD_MAX },
	      77);
	assert_num(vvu_session_receive(&d, &msg), VVU_SESSION_MESSAGE);
	assert_num(msg.hdr.size, VU_PAYLOAD_MAX);
	assert_num(msg.p.u64, 77);
}

static void what_no_message_has_is_zero(void **state)
{
	struct vu_message msg;

	start();
	memset(&msg.p, 0xff, sizeof(msg.p));
	bring((struct vu_header){ VU_SET_OWNER, VU_FLAG_VERSION_1, 0 }, 77);
	assert_num(vvu_session_receive(&d, &msg), VVU_SESSION_MESSAGE);
	assert_num(msg.p.u64, 0);
	assert_num(msg.p.bytes[VU_PAYLOAD_MAX - 1], 0);
}

static void an_empty_buffer_ends_the_session(void **state)
{
	struct vu_message msg;

	start();
	use(VVU_RXQ, 0, 0);
	assert_num(vvu_session_receive(&d, &msg), VVU_SESSION_ENDED);
}

static void assert_breaks(const char *text)
{
	struct vu_message msg;

	assert_num(vvu_session_receive(&d, &msg), VVU_SESSION_BROKEN);
	assert_non_null(strstr(d.why, text));
}

static void what_is_no_message_breaks_the_contract(void **state)
{
	start();
	bring((struct vu_header){ VU_SET_OWNER, 2, 0 }, 0);
	assert_breaks("protocol version is not 1");
	start();
	use(VVU_RXQ, 0, 11);
	assert_breaks("shorter than a header");
	start();
	use(VVU_RXQ, 0, VVU_MESSAGE_MAX + 1);
	assert_breaks("too long");
	start();
	use(VVU_RXQ, DRIVER_RING_BUFFERS, 12);
	assert_breaks("used ring of rxq");
}

static void messages_are_sent_until_all_buffers_are_in_use(void **state)
{
	struct vu_message msg = { .hdr = { VU_GET_FEATURES,
					   VU_FLAG_VERSION_1 | VU_FLAG_REPLY,
					   8 },
				  .p.u64 = 77 };
	uint64_t payload;

	start();
	for (unsigned int i = 0; i < DRIVER_RING_BUFFERS; i++)
		assert_num(vvu_session_send(&d, &msg), VVU_SESSION_OK);
	assert_num(dev.kicks[VVU_TXQ], DRIVER_RING_BUFFERS);
	memcpy(&payload,
	       driver_ring_data(&d.ring[VVU_TXQ], 3) + sizeof(msg.hdr),
	       sizeof(payload));
	assert_num(payload, 77);
	assert_num(vvu_session_send(&d, &msg), VVU_SESSION_FULL);
	use(VVU_TXQ, 3, 0);
	assert_num(vvu_session_send(&d, &msg), VVU_SESSION_OK);
	assert_num(vvu_session_send(&d, &msg), VVU_SESSION_FULL);
	use(VVU_TXQ, DRIVER_RING_BUFFERS, 0);
	assert_num(vvu_session_send(&d, &msg), VVU_SESSION_BROKEN);
}

static void the_registers_tell_the_end(void **state)
{
	start();
	assert_num(vvu_session_look(&d), VVU_SESSION_OK);
	dev.vvu.status = VVU_BACKEND_UP | VVU_FRONTEND_UP;
	assert_num(vvu_session_look(&d), VVU_SESSION_OK);
	dev.vvu.status = 0;
	assert_num(vvu_session_look(&d), VVU_SESSION_ENDED);
	dev.common.device_status |= NEEDS_RESET;
	assert_num(vvu_session_look(&d), VVU_SESSION_BROKEN);
	dev.is_gone = true;
	assert_rc(vvu_session_look(&d), -EIO);
}

static void the_next_session_begins_with_empty_queues(void **state)
{
	struct vu_message msg = { .hdr = { 1, VU_FLAG_VERSION_1, 0 } };

	start();
	for (unsigned int i = 0; i < DRIVER_RING_BUFFERS; i++)
		assert_num(vvu_session_send(&d, &msg), VVU_SESSION_OK);
	bring((struct vu_header){ VU_SET_OWNER, VU_FLAG_VERSION_1, 0 }, 0);
	start();
	assert_num(vvu_session_receive(&d, &msg), VVU_SESSION_OK);
	assert_num(vvu_session_send(&d, &msg), VVU_SESSION_OK);
}

#define T(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(both_lineages_are_known),
		T(all_that_it_has_is_found),
		T(a_device_that_is_not_virtio_is_named),
		T(a_device_without_doorbells_is_named),
		T(a_device_for_one_queue_is_named),
		T(a_device_that_is_gone_is_named),
		T(a_session_begins_when_all_is_set_up),
		T(each_access_may_fail),
		T(a_small_queue_is_used_as_it_is),
		T(a_device_that_would_bypass_the_iommu_is_refused),
		T(a_device_that_cannot_start_is_named),
		T(a_message_is_received_once),
		T(the_longest_message_is_received),
		T(what_no_message_has_is_zero),
		T(an_empty_buffer_ends_the_session),
		T(what_is_no_message_breaks_the_contract),
		T(messages_are_sent_until_all_buffers_are_in_use),
		T(the_registers_tell_the_end),
		T(the_next_session_begins_with_empty_queues),
	};

	return cmocka_run_group_tests_name("vvu-session", tests, NULL, NULL);
}
