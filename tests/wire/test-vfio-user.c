/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vinput-vfio-user between a VMM's vfio-user client and a vhost-user-input. The
 * server logs nothing that it would not log with a VMM of its own: the rig sees
 * to that.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include "injector/virtio-pci/virtio-pci.h"
#include "tests/lib/respawn.h"
#include "tests/lib/vfio-client.h"

#define PAGE	    4096
#define CYCLES	    10000
#define STATUS	    20
#define GENERATION  21
#define CONFIG	    0x2000
#define NEEDS_RESET 0x40

static struct vfio_client c;
static struct respawn r;

static int setup(void **state)
{
	struct rig *rig;

	rig_setup(state);
	rig = *state;
	respawn_init(&r, rig);
	respawn_spec(&r, "keyboard");
	respawn_injector(&r, SOCK_STREAM);
	return 0;
}

static int teardown(void **state)
{
	vfio_client_end(&c);
	respawn_fini(&r);
	return rig_teardown(state);
}

static void serve(struct rig *rig, const char *option)
{
	respawn_start(&r);
	vfio_client_start(&c, rig, option);
}

static void run(struct rig *rig)
{
	serve(rig, NULL);
	vfio_client_run(&c, RIG_BUFFERS);
	rig_expect_works(rig);
}

/* --- the device --- */

static void read_config(uint8_t select, uint8_t subsel, char *to, size_t len)
{
	vfio_client_write(&c, VIRTIO_PCI_BAR, CONFIG, 1, select);
	vfio_client_write(&c, VIRTIO_PCI_BAR, CONFIG + 1, 1, subsel);
	for (size_t i = 0; i < len; i++)
		to[i] = (char)vfio_client_read(&c, VIRTIO_PCI_BAR,
					       CONFIG + 8 + i, 1);
}

static void driver_reads_the_configuration(void **state)
{
	char name[sizeof("wire keyboard")] = "";

	serve(*state, NULL);
	vfio_client_negotiate(&c);
	assert_num(vfio_client_read(&c, VIRTIO_PCI_CONFIG_SPACE, 0, 4),
		   0x10521af4);
	vfio_client_probe(&c);
	read_config(1, 0, name, sizeof(name) - 1);
	assert_string_equal(name, "wire keyboard");
	read_config(2, 0, name, 1);
	assert_true(name[0] != 'w');
}

static void client_is_told_of_regions_and_interrupts(void **state)
{
	static const uint64_t sizes[VFU_PCI_REGIONS] = {
		[0] = 0x4000, [1] = 0x1000, [VFU_PCI_CONFIG] = 256
	};

	serve(*state, NULL);
	vfio_client_negotiate(&c);
	assert_num(vfio_client_ask(&c, VFU_DEVICE_GET_INFO, 16, NULL, 0), 0);
	assert_num(c.msg.p.device.flags, VFU_DEVICE_PCI | VFU_DEVICE_RESETS);
	assert_num(c.msg.p.device.n_regions, 9);
	assert_num(c.msg.p.device.n_irqs, 5);
	for (uint32_t i = 0; i < VFU_PCI_REGIONS; i++) {
		c.msg.p.region =
			(struct vfu_region_info){ .argsz = 32, .index = i };
		assert_num(vfio_client_ask(&c, VFU_DEVICE_GET_REGION_INFO, 32,
					   NULL, 0),
			   0);
		assert_num(c.msg.p.region.size, sizes[i]);
		assert_num(c.msg.p.region.argsz, 32);
	}
	c.msg.p.irq =
		(struct vfu_irq_info){ .argsz = 16, .index = VFU_PCI_MSIX };
	assert_num(vfio_client_ask(&c, VFU_DEVICE_GET_IRQ_INFO, 16, NULL, 0),
		   0);
	assert_num(c.msg.p.irq.count, 3);
}

static void keys_arrive_and_leds_go_back(void **state)
{
	struct rig *rig = *state;
	const struct vi_event led = LED(LED_CAPSL, 1);

	run(rig);
	vfio_client_send_status(&c, &led);
	expect_status(rig, LED(LED_CAPSL, 1));
	rig_expect_works(rig);
	rig_expect_nothing(rig);
}

static void a_frame_is_one_notification(void **state)
{
	struct rig *rig = *state;

	run(rig);
	rig_expect_nothing(rig); /* and enables the next call */
	inject(rig, KEY(KEY_A, 1), KEY(KEY_B, 1), KEY(KEY_S, 1),
	       KEY(KEY_ESC, 1), KEY(KEY_LEFTSHIFT, 1), KEY(KEY_CAPSLOCK, 1),
	       KEY(KEY_MICMUTE, 1), SYN);
	assert_ok(fe_wait_call(&rig->fe, FE_EVENTQ, DEADLINE_MS));
	assert_rc(fe_wait_call(&rig->fe, FE_EVENTQ, RIG_QUIET_MS), -ETIMEDOUT);
	expect(rig, KEY(KEY_A, 1), KEY(KEY_B, 1), KEY(KEY_S, 1),
	       KEY(KEY_ESC, 1), KEY(KEY_LEFTSHIFT, 1), KEY(KEY_CAPSLOCK, 1),
	       KEY(KEY_MICMUTE, 1), SYN);
}

static void rings_have_as_many_entries_as_the_driver_wants(void **state)
{
	static const uint16_t sizes[] = { 4, 16, 256, 1024 };

	serve(*state, "--queue-size=1024");
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		vfio_client_run(&c, sizes[i]);
		rig_expect_works(*state);
		vfio_client_disconnect(&c);
	}
}

/* --- its life --- */

static void driver_that_resets_starts_anew(void **state)
{
	struct rig *rig = *state;

	run(rig);
	inject(rig, KEY(KEY_B, 1), SYN);
	expect(rig, KEY(KEY_B, 1), SYN);
	for (int i = 0; i < 3; i++) {
		const struct fe_memory *mem = &rig->fe.mem;

		vfio_client_reset(&c);
		vfio_client_probe(&c);
		assert_num(vfio_client_unmap(&c, mem->guest_addr, mem->size),
			   0);
		vfio_client_renew_rings(&c, RIG_BUFFERS);
		assert_num(vfio_client_map(&c, mem->guest_addr, mem->size, 0,
					   mem->fd),
			   0);
		vfio_client_set_irqs(&c, rig->fe.ring[0].call);
		vfio_client_start_queues(&c);
		expect(rig, KEY(KEY_B, 1), SYN);
	}
	inject(rig, KEY(KEY_B, 0), SYN);
	expect(rig, KEY(KEY_B, 0), SYN);
	rig_expect_works(rig);
}

static void vmm_that_resets_stops_the_queues(void **state)
{
	struct rig *rig = *state;

	run(rig);
	assert_num(vfio_client_ask(&c, VFU_DEVICE_RESET, 0, NULL, 0), 0);
	assert_num(vfio_client_read(&c, VIRTIO_PCI_BAR, STATUS, 1), 0);
	inject(rig, KEY(KEY_B, 1), SYN);
	rig_expect_nothing(rig);
}

static void next_client_is_served(void **state)
{
	struct rig *rig = *state;

	run(rig);
	for (int i = 0; i < 5; i++) {
		vfio_client_run(&c, RIG_BUFFERS);
		rig_expect_works(rig);
	}
}

/* The next server releases all keys that the guest may hold. */
static void expect_key(struct rig *rig, int code, int value)
{
	struct vi_event ev;

	do
		assert_ok(fe_next_event(&rig->fe, &ev, DEADLINE_MS));
	while (vi_type(&ev) != EV_KEY || vi_code(&ev) != code ||
	       vi_value(&ev) != value);
}

static void replace_server(struct rig *rig)
{
	const int before = process_log_count(&c.bridge, "continued by");

	respawn_kill(&r);
	respawn_start(&r);
	while (process_log_count(&c.bridge, "continued by") == before)
		poll(NULL, 0, 1);
	rig_type(rig);
	expect_key(rig, KEY_A, 1);
	expect_key(rig, KEY_A, 0);
}

static void servers_that_die_are_not_noticed(void **state)
{
	struct rig *rig = *state;
	const struct vi_event led = LED(LED_CAPSL, 1);

	run(rig);
	for (int i = 0; i < 5; i++) {
		replace_server(rig);
		vfio_client_send_status(&c, &led);
		expect_status(rig, LED(LED_CAPSL, 1));
	}
	assert_num(vfio_client_read(&c, VIRTIO_PCI_BAR, STATUS, 1) &
			   NEEDS_RESET,
		   0);
}

static void a_request_waits_for_the_next_server(void **state)
{
	struct rig *rig = *state;

	run(rig);
	respawn_kill(&r);
	respawn_start(&r);
	vfio_client_reset(&c);
	vfio_client_run(&c, RIG_BUFFERS);
	rig_type(rig);
	expect_key(rig, KEY_A, 1);
	expect_key(rig, KEY_A, 0);
}

static void without_a_server_the_version_is_refused_in_time(void **state)
{
	struct rig *rig = *state;

	vfio_client_start(&c, rig, NULL);
	vfio_client_connect(&c);
	c.msg.p.version = (struct vfu_version){ 0, 1 };
	assert_num(vfio_client_ask(&c, VFU_VERSION, 4, NULL, 0), EIO);
	process_expect_log(&c.bridge, "the back-end does not answer");
	respawn_start(&r);
	vfio_client_run(&c, RIG_BUFFERS);
	rig_expect_works(rig);
}

static void without_a_server_a_reset_is_answered_in_time(void **state)
{
	struct rig *rig = *state;

	run(rig);
	respawn_kill(&r);
	vfio_client_reset(&c);
	process_expect_log(&c.bridge, "the back-end does not answer");
	respawn_start(&r);
	vfio_client_run(&c, RIG_BUFFERS);
	rig_expect_works(rig);
}

static void what_is_selected_is_told_to_the_server_that_comes(void **state)
{
	char name[sizeof("wire keyboard")] = "";

	serve(*state, NULL);
	vfio_client_negotiate(&c);
	vfio_client_probe(&c);
	respawn_kill(&r);
	vfio_client_write(&c, VIRTIO_PCI_BAR, CONFIG, 1, 1);
	process_expect_log(&c.bridge, "the back-end does not answer");
	respawn_start(&r);
	for (size_t i = 0; i < sizeof(name) - 1; i++)
		name[i] = (char)vfio_client_read(&c, VIRTIO_PCI_BAR,
						 CONFIG + 8 + i, 1);
	assert_string_equal(name, "wire keyboard");
}

static void a_driver_after_a_failure_is_offered_the_features(void **state)
{
	uint64_t before;

	serve(*state, NULL);
	vfio_client_negotiate(&c);
	vfio_client_probe(&c);
	before = c.offered;
	respawn_kill(&r);
	/* The session ends with the first, and the next one never begins. */
	for (int i = 0; i < 2; i++)
		vfio_client_write(&c, VIRTIO_PCI_BAR, CONFIG, 1, 1);
	respawn_start(&r);
	vfio_client_probe(&c);
	assert_true(c.offered == before);
}

static void a_changed_device_is_told(void **state)
{
	struct rig *rig = *state;
	int config = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	struct pollfd p = { config, POLLIN, 0 };
	const char *spec = r.spec;

	snprintf(r.spec, sizeof(r.spec), "%s/spec.json", rig->dir);
	file_write(spec, "{\"name\": \"one\", \"events\": {\"EV_KEY\": "
			 "[\"KEY_A\"]}}");
	serve(rig, NULL);
	vfio_client_run(&c, RIG_BUFFERS);
	vfio_client_set_irqs(&c, config);
	file_write(spec, "{\"name\": \"two\", \"events\": {\"EV_KEY\": "
			 "[\"KEY_A\", \"KEY_B\"]}}");
	assert_sys(kill(rig->srv.pid, SIGHUP));
	assert_num(poll(&p, 1, DEADLINE_MS), 1);
	assert_num(vfio_client_read(&c, VIRTIO_PCI_BAR, GENERATION, 1), 1);
	rig_expect_works(rig);
	close(config);
}

/* --- memory --- */

/* As QEMU does when a guest reboots. */
static void memory_may_be_away_for_a_moment(void **state)
{
	struct rig *rig = *state;
	const struct fe_memory *mem = &rig->fe.mem;

	run(rig);
	for (int i = 0; i < 3; i++) {
		assert_num(vfio_client_unmap(&c, mem->guest_addr, mem->size),
			   0);
		inject(rig, KEY(KEY_B, 1), SYN);
		rig_expect_nothing(rig);
		assert_num(vfio_client_map(&c, mem->guest_addr, mem->size, 0,
					   mem->fd),
			   0);
		expect(rig, KEY(KEY_B, 1), SYN);
		inject(rig, KEY(KEY_B, 0), SYN);
		expect(rig, KEY(KEY_B, 0), SYN);
		rig_expect_works(rig);
	}
}

static void memory_that_is_not_shared_is_refused_in_a_line(void **state)
{
	struct rig *rig = *state;
	const struct fe_memory *mem = &rig->fe.mem;

	serve(rig, NULL);
	vfio_client_negotiate(&c);
	vfio_client_probe(&c);
	vfio_client_make_rings(&c, RIG_BUFFERS);
	assert_num(vfio_client_map(&c, mem->guest_addr, mem->size, 0, -1), 0);
	vfio_client_start_queues(&c);
	process_expect_log(&c.bridge, "share=on");
	assert_num(process_log_count(&c.bridge, "share=on"), 1);
	assert_num(vfio_client_read(&c, VIRTIO_PCI_BAR, STATUS, 1) &
			   NEEDS_RESET,
		   NEEDS_RESET);
	vfio_client_run(&c, RIG_BUFFERS);
	rig_expect_works(rig);
}

/* QEMU's share=off: the VMM has a copy of its own of what it passes. */
static void memory_that_a_vmm_keeps_for_itself_is_refused(void **state)
{
	struct rig *rig = *state;
	const struct fe_memory *mem = &rig->fe.mem;
	int other;

	serve(rig, NULL);
	vfio_client_negotiate(&c);
	vfio_client_probe(&c);
	vfio_client_make_rings(&c, RIG_BUFFERS);
	other = memfd_create("other", MFD_CLOEXEC);
	assert_sys(ftruncate(other, (off_t)mem->size));
	assert_num(vfio_client_map(&c, mem->guest_addr, mem->size, 0, other),
		   0);
	close(other);
	vfio_client_start_queues(&c);
	vfio_client_kick(&c, FE_EVENTQ);
	process_expect_log(&c.bridge, "share=on");
	assert_num(vfio_client_read(&c, VIRTIO_PCI_BAR, STATUS, 1) &
			   NEEDS_RESET,
		   NEEDS_RESET);
	vfio_client_run(&c, RIG_BUFFERS);
	vfio_client_kick(&c, FE_EVENTQ);
	rig_expect_works(rig);
}

static void refused_maps_leave_the_device_working(void **state)
{
	struct rig *rig = *state;
	const struct fe_memory *mem = &rig->fe.mem;
	int pair[2];

	run(rig);
	assert_num(vfio_client_map(&c, mem->guest_addr, PAGE, 0, mem->fd),
		   EEXIST);
	assert_num(vfio_client_map(&c, 0, mem->size + PAGE, 0, mem->fd),
		   EINVAL);
	assert_num(vfio_client_unmap(&c, mem->guest_addr, PAGE), EINVAL);
	/* Our own connection would never end. */
	assert_num(vfio_client_map(&c, 0, PAGE, 0, c.fd), 0);
	assert_sys(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	c.msg.p.set = (struct vfu_irq_set){ 20,
					    VFU_SET_DATA_EVENTFD |
						    VFU_SET_ACTION_TRIGGER,
					    VFU_PCI_MSIX, 0, 1 };
	assert_num(vfio_client_ask(&c, VFU_DEVICE_SET_IRQS, 20, pair, 1),
		   EINVAL);
	close(pair[0]);
	close(pair[1]);
	/* Nor is any other file an event fd. */
	c.msg.p.set = (struct vfu_irq_set){ 20,
					    VFU_SET_DATA_EVENTFD |
						    VFU_SET_ACTION_TRIGGER,
					    VFU_PCI_MSIX, 0, 1 };
	assert_num(vfio_client_ask(&c, VFU_DEVICE_SET_IRQS, 20, &mem->fd, 1),
		   EINVAL);
	rig_expect_works(rig);
}

/* --- behind an IOMMU --- */

static void map_pages(const struct fe_memory *mem)
{
	for (size_t at = 0; at < mem->size; at += PAGE)
		assert_num(vfio_client_map(&c, mem->guest_addr + at, PAGE, at,
					   mem->fd),
			   0);
}

static void run_behind_iommu(struct rig *rig)
{
	r.option[0] = "--iommu";
	serve(rig, NULL);
	vfio_client_negotiate(&c);
	vfio_client_probe(&c);
	vfio_client_make_rings(&c, RIG_BUFFERS);
	map_pages(&rig->fe.mem);
	vfio_client_set_irqs(&c, rig->fe.ring[0].call);
	vfio_client_start_queues(&c);
	rig_expect_works(rig);
}

static void pages_come_and_go_behind_an_iommu(void **state)
{
	struct rig *rig = *state;
	const struct fe_memory *mem = &rig->fe.mem;

	run_behind_iommu(rig);
	for (uint64_t i = 0; i < CYCLES; i++) {
		const uint64_t addr = (1 + i) * PAGE;
		const uint64_t offset = i * PAGE % mem->size;

		assert_num(vfio_client_map(&c, addr, PAGE, offset, mem->fd), 0);
		assert_num(vfio_client_unmap(&c, addr, PAGE), 0);
		if (i % 1000 == 0)
			rig_expect_works(rig);
	}
	rig_expect_works(rig);
}

static void what_was_unmapped_behind_an_iommu_is_not_written(void **state)
{
	struct rig *rig = *state;
	const struct fe_memory *mem = &rig->fe.mem;

	run_behind_iommu(rig);
	for (size_t at = 0; at < mem->size; at += PAGE)
		assert_num(vfio_client_unmap(&c, mem->guest_addr + at, PAGE),
			   0);
	inject(rig, KEY(KEY_B, 1), SYN);
	rig_expect_nothing(rig);
	map_pages(mem);
	expect(rig, KEY(KEY_B, 1), SYN);
}

static void servers_die_behind_an_iommu(void **state)
{
	struct rig *rig = *state;

	run_behind_iommu(rig);
	for (int i = 0; i < 3; i++)
		replace_server(rig);
}

static void more_maps_than_a_server_takes_are_told_with_the_option(void **state)
{
	struct rig *rig = *state;
	const struct fe_memory *mem = &rig->fe.mem;

	serve(rig, NULL);
	vfio_client_negotiate(&c);
	vfio_client_probe(&c);
	vfio_client_make_rings(&c, RIG_BUFFERS);
	assert_num(vfio_client_map(&c, mem->guest_addr, mem->size, 0, mem->fd),
		   0);
	for (uint64_t i = 0; i < 65; i++)
		assert_num(vfio_client_map(&c, i * PAGE, PAGE, 0, mem->fd), 0);
	vfio_client_start_queues(&c);
	process_expect_log(&c.bridge, "--iommu");
}

/* --- clients that break the protocol --- */

static void a_client_that_breaks_the_protocol_is_disconnected(void **state)
{
	static const struct vfu_header headers[] = {
		{ 1, VFU_DEVICE_RESET, 15, 0, 0 },
		{ 1, VFU_DEVICE_RESET, UINT32_MAX, 0, 0 },
		{ 1, VFU_DEVICE_RESET, 16, VFU_TYPE_REPLY, 0 },
		{ 1, VFU_DEVICE_RESET, 16, 0, 0 }, /* before VERSION */
	};

	serve(*state, NULL);
	for (size_t i = 0; i < ARRAY_LEN(headers); i++) {
		vfio_client_connect(&c);
		vfio_client_send(&c, &headers[i], sizeof(headers[i]));
		vfio_client_expect_end(&c);
	}
	vfio_client_run(&c, RIG_BUFFERS);
	rig_expect_works(*state);
	/* VERSION once more. */
	assert_num(vfio_client_ask(&c, VFU_VERSION, 4, NULL, 0), ECONNRESET);
	vfio_client_run(&c, RIG_BUFFERS);
	rig_expect_works(*state);
}

static void a_client_without_a_version_gives_way_to_the_next(void **state)
{
	int idle;

	serve(*state, NULL);
	idle = rig_unix_connect(c.socket, SOCK_STREAM);
	vfio_client_connect(&c);
	process_expect_log(&c.bridge, "another client waits");
	process_expect_log(&c.bridge, "does not negotiate");
	vfio_client_run(&c, RIG_BUFFERS);
	rig_expect_works(*state);
	close(idle);
}

static void accesses_out_of_bounds_are_refused(void **state)
{
	static const struct vfu_access at[] = {
		{ 0x4000, 0, 1 }, { 0x3fff, 0, 2 }, { UINT64_MAX, 0, 2 },
		{ 256, 7, 4 },	  { 0, 2, 4 },	    { 0, 77, 4 },
		{ 0, 0, 0 },
	};

	run(*state);
	for (size_t i = 0; i < ARRAY_LEN(at); i++) {
		c.msg.p.access = at[i];
		assert_num(vfio_client_ask(&c, VFU_REGION_READ, 16, NULL, 0),
			   EINVAL);
		c.msg.p.access = at[i];
		assert_num(vfio_client_ask(&c, VFU_REGION_WRITE,
					   16 + at[i].count, NULL, 0),
			   EINVAL);
	}
	rig_expect_works(*state);
}

static void no_reply_gets_none(void **state)
{
	const struct {
		struct vfu_header hdr;
		struct vfu_access at;
		uint8_t data;
	} __attribute__((packed))
	write = { { 9, VFU_REGION_WRITE, 33, VFU_FLAG_NO_REPLY, 0 },
		  { 0x2000, 0, 1 },
		  1 };

	run(*state);
	vfio_client_send(&c, &write, sizeof(write));
	assert_num(vfio_client_read(&c, VIRTIO_PCI_BAR, 0x2000, 1), 1);
}

static void client_that_goes_in_the_middle_of_a_message_is_followed(
	void **state)
{
	static const struct vfu_header hdr = { 1, VFU_DMA_MAP, 48, 0, 0 };

	run(*state);
	vfio_client_send(&c, &hdr, sizeof(hdr));
	vfio_client_run(&c, RIG_BUFFERS);
	rig_expect_works(*state);
}

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(driver_reads_the_configuration),
		test(client_is_told_of_regions_and_interrupts),
		test(keys_arrive_and_leds_go_back),
		test(a_frame_is_one_notification),
		test(rings_have_as_many_entries_as_the_driver_wants),
		test(driver_that_resets_starts_anew),
		test(vmm_that_resets_stops_the_queues),
		test(next_client_is_served),
		test(servers_that_die_are_not_noticed),
		test(a_request_waits_for_the_next_server),
		test(without_a_server_the_version_is_refused_in_time),
		test(without_a_server_a_reset_is_answered_in_time),
		test(what_is_selected_is_told_to_the_server_that_comes),
		test(a_driver_after_a_failure_is_offered_the_features),
		test(a_changed_device_is_told),
		test(memory_may_be_away_for_a_moment),
		test(memory_that_is_not_shared_is_refused_in_a_line),
		test(memory_that_a_vmm_keeps_for_itself_is_refused),
		test(refused_maps_leave_the_device_working),
		test(pages_come_and_go_behind_an_iommu),
		test(what_was_unmapped_behind_an_iommu_is_not_written),
		test(servers_die_behind_an_iommu),
		test(more_maps_than_a_server_takes_are_told_with_the_option),
		test(a_client_that_breaks_the_protocol_is_disconnected),
		test(a_client_without_a_version_gives_way_to_the_next),
		test(accesses_out_of_bounds_are_refused),
		test(no_reply_gets_none),
		test(client_that_goes_in_the_middle_of_a_message_is_followed),
	};

	return cmocka_run_group_tests_name("vfio-user", tests, NULL, NULL);
}
