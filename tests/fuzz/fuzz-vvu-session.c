/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A driver (vhost-user-input --vfio) of a VVU device that says anything: in its
 * configuration space, in its registers, in the memory that it shares. Each
 * access is in a region, what is received is one message, and nothing that was
 * found is outside of the BARs.
 */
#include <errno.h>
#include "input/vfio/vvu-session.h"
#include "tests/fuzz/fuzz.h"

#define BAR_LEN 0x4000
#define BUS	UINT64_C(0x1000000)
/* Bits of a choice, each time that a register is read. */
#define LIES  0x01
#define FAILS 0x02

struct device {
	struct choices *c;
	uint8_t config[VIRTIO_CAPS_CONFIG_LEN];
	uint8_t bar[PCI_PORT_BARS][BAR_LEN]; /* what was written */
};

static struct device device;
static struct pci_port port;
static _Alignas(4096) uint8_t memory[VVU_SESSION_MEMORY_LEN];

static uint8_t *register_at(const struct pci_at *at)
{
	must(at->region < PCI_PORT_BARS);
	must(at->len == 1 || at->len == 2 || at->len == 4);
	must(at->offset + at->len <= port.size[at->region]);
	/* A BAR that is larger repeats itself. */
	return &device.bar[at->region][at->offset % (BAR_LEN - 8)];
}

static int device_read(void *arg, const struct pci_at *at, void *to)
{
	uint8_t how = take8(device.c);

	if (how & FAILS && how & LIES)
		return -EIO;
	if (at->region == PCI_PORT_CONFIG) {
		must(at->offset + at->len <= sizeof(device.config));
		memcpy(to, device.config + at->offset, at->len);
	} else if (how & LIES) {
		take(device.c, to, at->len);
	} else {
		memcpy(to, register_at(at), at->len);
	}
	return 0;
}

static int device_write(void *arg, const struct pci_at *at, const void *from)
{
	memcpy(register_at(at), from, at->len);
	return take8(device.c) == 0xff ? -EIO : 0;
}

/* As a good device's, of which some bytes are others. */
static void make_config(struct choices *c)
{
	static const uint8_t types[] = {
		VIRTIO_CAP_COMMON, VIRTIO_CAP_NOTIFY,	 VIRTIO_CAP_DEVICE,
		VVU_CAP_DOORBELL,  VVU_CAP_NOTIFICATION, VVU_CAP_SHARED_MEMORY
	};

	memset(device.config, 0, sizeof(device.config));
	device.config[0x06] = 0x10;
	device.config[0x34] = 0x40;
	for (size_t i = 0; i < sizeof(types); i++) {
		const size_t at = 0x40 + 20 * i;
		const struct vvu_doorbell_cap cap = {
			{ .id = 0x09,
			  .next = i + 1 < sizeof(types) ? (uint8_t)(at + 20)
							: 0,
			  .len = 20,
			  .type = types[i],
			  .bar = types[i] == VVU_CAP_SHARED_MEMORY ? 4 : 0,
			  .offset = (uint32_t)(0x800 * i),
			  .length = 0x800 },
			4
		};

		memcpy(device.config + at, &cap, sizeof(cap));
	}
	for (unsigned int n = take8(c) % 16; n; n--)
		device.config[take8(c)] = take8(c);
}

/* It can be negotiated with: so much has to be right to get on. */
static void make_registers(struct choices *c)
{
	memset(device.bar, 0, sizeof(device.bar));
	memset(port.size, 0, sizeof(port.size));
	port.size[PCI_PORT_CONFIG] = sizeof(device.config);
	for (unsigned int i = 0; i < PCI_PORT_BARS; i++)
		port.size[i] = take8(c) & 0x80 ? take64(c) >> 1 : BAR_LEN;
	/* max_vhost_queues, in the third part. */
	device.bar[0][0x1004] = 16;
	device.bar[0][4] = take8(c); /* features */
	device.bar[0][24] = 16;	     /* queue_size */
}

static void check_parts(const struct vvu_session *d)
{
	for (unsigned int i = 0; i < VIRTIO_CAP_TYPES; i++) {
		const struct virtio_part *part = &d->virtio.caps.part[i];

		if (part->there)
			must((uint64_t)part->offset + part->len <=
			     port.size[part->bar]);
	}
}

/* The device writes to the memory that it was given. */
static void scribble(struct choices *c)
{
	uint16_t at = take16(c) % sizeof(memory);
	uint8_t len = take8(c);

	if (len > sizeof(memory) - at)
		len = (uint8_t)(sizeof(memory) - at);
	take(c, memory + at, len);
}

/* It uses a buffer of rxq as a device does, with a message or not. */
static void use(struct vvu_session *d, struct choices *c)
{
	uint8_t *used = d->ring[VVU_RXQ].at + DRIVER_RING_USED;
	struct vu_header hdr = { take8(c), VU_FLAG_VERSION_1, take8(c) };
	uint32_t elem[2] = { take8(c), sizeof(hdr) + hdr.size };
	uint16_t idx;

	memcpy(&idx, used + 2, sizeof(idx));
	memcpy(used + 4 + idx % DRIVER_RING_BUFFERS * sizeof(elem), elem,
	       sizeof(elem));
	memcpy(driver_ring_data(&d->ring[VVU_RXQ],
				elem[0] % DRIVER_RING_BUFFERS),
	       &hdr, sizeof(hdr));
	idx++;
	memcpy(used + 2, &idx, sizeof(idx));
}

static void receive(struct vvu_session *d)
{
	struct vu_message msg = { 0 };
	int r = vvu_session_receive(d, &msg);

	must(r != VVU_SESSION_FULL);
	if (r == VVU_SESSION_MESSAGE) {
		must(msg.hdr.size <= VU_PAYLOAD_MAX);
		must((msg.hdr.flags & VU_FLAG_VERSION_MASK) ==
		     VU_FLAG_VERSION_1);
	}
	if (r == VVU_SESSION_BROKEN)
		must(d->why);
}

static void send(struct vvu_session *d, struct choices *c)
{
	struct vu_message msg = { .hdr = { take8(c), VU_FLAG_VERSION_1,
					   take16(c) % (VU_PAYLOAD_MAX + 1) } };

	must(vvu_session_send(d, &msg) != VVU_SESSION_ENDED);
}

static void step(struct vvu_session *d, struct choices *c)
{
	struct fault why;

	switch (take8(c) % 8) {
	case 0:
	case 1:
		scribble(c);
		break;
	case 2:
	case 3:
		use(d, c);
		break;
	case 4:
		send(d, c);
		break;
	case 5:
		vvu_session_look(d);
		break;
	case 6:
		if (vvu_session_start(d, &why))
			must(why.text[0]);
		break;
	default:
		receive(d);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct choices c = { data, size };
	struct vvu_session d = { .at = memory, .bus = BUS };
	struct fault why = { "" };
	struct pci_at bell;

	memset(memory, 0, sizeof(memory));
	device.c = &c;
	port.read = device_read;
	port.write = device_write;
	make_config(&c);
	make_registers(&c);
	d.id = take8(&c) & 1 ? VVU_ID_PACKED : VVU_ID_WHOLE;
	d.translated = take8(&c) & 1;
	if (vvu_session_find(&d, &port, &why)) {
		must(why.text[0]);
		return 0;
	}
	check_parts(&d);
	if (vvu_session_doorbell(&d, 1, &bell))
		must(bell.offset + bell.len <= port.size[bell.region]);
	if (vvu_session_start(&d, &why)) {
		must(why.text[0]);
		return 0;
	}
	while (c.left)
		step(&d, &c);
	return 0;
}
