/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vhost-user-input --vfio: in a device VM that vfio-stand-in.c plays, behind a
 * real vinput-vvu-proxy, for a sibling whose memory the proxy shows directly.
 *
 *	inject() ─► vhost-user-input ─────► sibling's memory ─► expect()
 *	             │ VFIO (stand-in)               ▲
 *	             └─vfio-user─► vinput-vvu-proxy ─┴─vhost-user─ rig.fe
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/lib/cases.h"
#include "tests/lib/channel.h"
#include "tests/lib/fake-vfio.h"
#include "tests/lib/rig.h"

static struct process proxy;
static struct fake_vfio vfio;

static int setup(void **state)
{
	rig_setup(state);
	fake_vfio_make(&vfio);
	process_init(&proxy, "vinput-vvu-proxy");
	return 0;
}

static int teardown(void **state)
{
	int r = rig_teardown(state);

	if (proxy.pid && process_terminate(&proxy))
		r = -1;
	process_fini(&proxy);
	fake_vfio_remove(&vfio);
	return r;
}

/* --- the programs --- */

/* The sibling's memory, of which the proxy has to know from the start. */
static void make_memory(struct rig *rig)
{
	rig->fe.features = rig->fe.want_features;
	assert_ok(fe_make_rings(&rig->fe, RIG_BUFFERS));
	fe_post_buffers(&rig->fe, RIG_BUFFERS);
}

static void start_proxy(struct rig *rig)
{
	process_arg(&proxy, "--vfio-user=%s/" FAKE_VFIO_SERVER, vfio.dir);
	process_arg(&proxy, "--socket-path=%s", rig->socket);
	process_arg(&proxy, "--memory=/proc/%d/fd/%d", getpid(),
		    rig->fe.mem.fd);
	process_start_ready(&proxy);
}

static void prepare_server(struct rig *rig, const char *address)
{
	setenv(FAKE_VFIO_ENV, vfio.dir, 1);
	process_preload_server(&rig->srv, "vfio-stand-in");
	process_arg(&rig->srv, "--vfio=%s", address);
	rig_injector(rig, SOCK_STREAM);
}

static void start_server(struct rig *rig)
{
	prepare_server(rig, FAKE_VFIO_ADDRESS);
	rig_start_process(rig);
}

/* The driver of the sibling begins with new rings in the same memory. */
static void sibling_starts(struct rig *rig)
{
	assert_ok(fe_connect(&rig->fe, rig->socket));
	assert_ok(fe_negotiate(&rig->fe));
	assert_ok(fe_start(&rig->fe));
}

static void sibling_ends(struct rig *rig)
{
	close(rig->fe.fd);
	rig->fe.fd = -1;
}

static void serve(struct rig *rig)
{
	make_memory(rig);
	start_proxy(rig);
	rig_spec(rig, "keyboard");
	start_server(rig);
	sibling_starts(rig);
}

/* --- service --- */

static void a_sibling_is_served(void **state)
{
	struct rig *rig = *state;

	serve(rig);
	rig_expect_works(rig);
	rig_expect_nothing(rig);
}

static void a_sibling_sets_leds(void **state)
{
	struct rig *rig = *state;
	const struct vi_event led = LED(LED_CAPSL, 1);

	serve(rig);
	assert_ok(fe_send_status(&rig->fe, &led));
	expect_status(rig, LED(LED_CAPSL, 1));
}

static void many_frames_arrive_in_order(void **state)
{
	struct rig *rig = *state;

	serve(rig);
	for (int i = 0; i < 500; i++)
		rig_expect_works(rig);
}

/* More than the server takes before others have a turn. */
static void many_requests_at_once_are_answered(void **state)
{
	const struct fe_msg ask = fe_msg(VU_GET_QUEUE_NUM);
	struct rig *rig = *state;
	struct fe_msg msg;

	serve(rig);
	for (int i = 0; i < 200; i++)
		assert_ok(fe_send(&rig->fe, &ask));
	for (int i = 0; i < 200; i++) {
		assert_ok(fe_recv(&rig->fe, &msg));
		assert_num(msg.hdr.request, VU_GET_QUEUE_NUM);
	}
	rig_expect_works(rig);
}

static void requests_reach_the_sibling_by_the_channel(void **state)
{
	struct frontend channel;
	struct rig *rig = *state;

	make_memory(rig);
	start_proxy(rig);
	channel_spec(rig);
	start_server(rig);
	rig->fe.want_protocol |= BIT(VU_PROTOCOL_F_BACKEND_REQ);
	sibling_starts(rig);
	channel_open(rig, &channel, 0);
	channel_change(rig);
	channel_expect(rig, &channel, VU_BACKEND_CONFIG_CHANGE_MSG);
	struct fe_msg ack = channel_answer(VU_BACKEND_CONFIG_CHANGE_MSG, 0);
	assert_ok(fe_send(&channel, &ack));
	channel_change(rig);
	channel_expect(rig, &channel, VU_BACKEND_CONFIG_CHANGE_MSG);
	rig_expect_works(rig);
	channel_close(&channel);
}

/* --- ends --- */

static void siblings_are_served_one_after_another(void **state)
{
	struct rig *rig = *state;

	serve(rig);
	for (int i = 0; i < 5; i++) {
		rig_expect_works(rig);
		sibling_ends(rig);
		rig_reattach(rig);
	}
	rig_expect_works(rig);
	assert_num(process_log_count(&rig->srv, "front-end disconnected"), 5);
}

/* What is held is what the next one is sent. */
static void what_is_held_outlives_a_sibling(void **state)
{
	struct rig *rig = *state;

	serve(rig);
	inject(rig, KEY(KEY_A, 1), SYN);
	expect(rig, KEY(KEY_A, 1), SYN);
	sibling_ends(rig);
	process_expect_log(&rig->srv, "front-end disconnected");
	inject(rig, KEY(KEY_B, 1), SYN);
	rig_reattach(rig);
	expect(rig, KEY(KEY_A, 1), KEY(KEY_B, 1), SYN);
}

/* As a front-end at a socket that truncates its memory. */
static void a_sibling_that_takes_its_memory_away_is_followed(void **state)
{
	struct rig *rig = *state;
	struct fe_memory *mem = &rig->fe.mem;
	uint8_t *copy;

	serve(rig);
	rig_expect_works(rig);
	copy = malloc(mem->size);
	assert_non_null(copy);
	memcpy(copy, mem->base, mem->size);
	assert_sys(ftruncate(mem->fd, 0));
	inject(rig, KEY(KEY_A, 1), SYN);
	process_expect_log(&rig->srv, "the memory it shared was truncated");
	rig->lines.frontend++;
	sibling_ends(rig);

	assert_sys(ftruncate(mem->fd, (off_t)mem->size));
	memcpy(mem->base, copy, mem->size);
	free(copy);
	rig_reattach(rig);
	expect(rig, KEY(KEY_A, 1), SYN);
	inject(rig, KEY(KEY_A, 0), SYN);
	expect(rig, KEY(KEY_A, 0), SYN);
}

static void a_sibling_that_breaks_the_protocol_is_followed(void **state)
{
	struct fe_msg msg = fe_msg_u64(VU_SET_FEATURES, UINT64_MAX);
	struct rig *rig = *state;

	serve(rig);
	assert_ok(fe_send(&rig->fe, &msg));
	rig_expect_violation(rig, "SET_FEATURES: feature bits");
	rig_reattach(rig);
	rig_expect_works(rig);
}

/* The next server does not know what its driver was sent. */
static void skip_frame(struct rig *rig)
{
	struct vi_event ev;

	do
		assert_ok(fe_next_event(&rig->fe, &ev, DEADLINE_MS));
	while (vi_type(&ev) != EV_SYN);
}

static void a_server_that_dies_is_followed(void **state)
{
	struct rig *rig = *state;

	serve(rig);
	rig_expect_works(rig);
	assert_sys(kill(rig->srv.pid, SIGKILL));
	assert_num(process_wait(&rig->srv), 128 + SIGKILL);
	process_fini(&rig->srv);
	close(rig->inject[--rig->n_inject]);
	sibling_ends(rig);

	process_init(&rig->srv, "vhost-user-input");
	rig_spec(rig, "keyboard");
	start_server(rig);
	rig_reattach(rig);
	skip_frame(rig);
	rig_expect_works(rig);
}

static void a_server_that_ends_disconnects_its_sibling(void **state)
{
	struct rig *rig = *state;
	struct fe_msg msg;

	serve(rig);
	rig_expect_works(rig);
	assert_num(process_terminate(&rig->srv), 0);
	assert_rc(fe_recv(&rig->fe, &msg), FE_E_CLOSED);
}

static void a_device_that_fails_does_not_end_the_server(void **state)
{
	struct rig *rig = *state;

	serve(rig);
	rig_expect_works(rig);
	rig->lines.host = -1;
	assert_num(process_terminate(&proxy), 0);
	process_fini(&proxy);
	process_init(&proxy, "vinput-vvu-proxy");
	rig_type(rig);
	rig_wait_read(rig->inject[0]);
	assert_true(process_runs(&rig->srv));
}

/* --- what is wrong at the start --- */

#define SYSFS "--vfio=" FAKE_VFIO_ADDRESS ": "

static const struct wrong {
	const char *name;
	const char *file, *text; /* what is replaced; text NULL: removed */
	const char *log;
} wrongs[] = {
	{ "no_such_device", FAKE_VFIO_SYSFS "/vendor", NULL,
	  "no such PCI device" },
	{ "a_device_of_another_kind", FAKE_VFIO_SYSFS "/device", "0x1041",
	  "1af4:1041 is not a virtio-vhost-user device, which has 1af4:107d "
	  "or 1af4:106a" },
	{ "a_device_of_another_vendor", FAKE_VFIO_SYSFS "/vendor", "0x8086",
	  "8086:107d is not a virtio-vhost-user device" },
	{ "a_device_without_a_group", FAKE_VFIO_SYSFS "/iommu_group", NULL,
	  "it is in no IOMMU group: give this machine an IOMMU" },
	{ "a_device_without_a_driver", FAKE_VFIO_SYSFS "/driver", NULL,
	  "bound to no driver, not to vfio-pci; as root: modprobe vfio-pci; "
	  "echo vfio-pci > /sys/bus/pci/devices/0000:00:05.0/driver_override; "
	  "echo 0000:00:05.0 > /sys/bus/pci/drivers_probe" },
	{ "no_vfio", "dev/vfio/vfio", NULL,
	  "cannot open /dev/vfio/vfio: no such file; as root: modprobe "
	  "vfio-pci" },
	{ "no_node_of_the_group", "dev/vfio/7", NULL,
	  "cannot open /dev/vfio/7: no such file" },
	{ "no_iommu_of_type_1", FAKE_VFIO_NO_TYPE1, "",
	  "the kernel lacks type1v2; as root: modprobe vfio_iommu_type1" },
	{ "a_group_with_other_drivers", FAKE_VFIO_NOT_VIABLE, "",
	  "group 7 has devices of other drivers" },
	{ "too_few_vectors", FAKE_VFIO_FEW_VECTORS, "",
	  "2 MSI-X vectors: at least 3 needed" },
	{ "a_limit_of_locked_memory", FAKE_VFIO_NO_LOCK, "",
	  "40 KiB cannot be locked: raise the limit (ulimit -l, "
	  "LimitMEMLOCK=)" },
};

static void start_fails(struct rig *rig, const char *log)
{
	char line[400];

	snprintf(line, sizeof(line), "host: " SYSFS "%s", log);
	rig_spec(rig, "keyboard");
	start_server(rig);
	rig->unclean = true;
	assert_num(process_wait(&rig->srv), 1);
	process_expect_log(&rig->srv, line);
	assert_num(process_lines(rig->srv.err.text), 1);
}

static int setup_wrong(void **state)
{
	const struct wrong *wrong = *state;

	setup(state);
	if (wrong->text)
		fake_vfio_set(&vfio, wrong->file, wrong->text);
	else
		fake_vfio_delete(&vfio, wrong->file);
	return 0;
}

static void it_is_named(void **state)
{
	struct rig *rig = *state;
	const struct wrong *wrong = rig->row;

	make_memory(rig);
	start_proxy(rig);
	start_fails(rig, wrong->log);
}

static void a_wrong_driver_is_named_with_what_to_type(void **state)
{
	fake_vfio_bind(&vfio, "virtio-pci");
	start_fails(*state,
		    "bound to the driver virtio-pci, not to vfio-pci; as root: "
		    "modprobe vfio-pci; echo 0000:00:05.0 > "
		    "/sys/bus/pci/devices/0000:00:05.0/driver/unbind; echo "
		    "vfio-pci > ");
}

static void a_wrong_address_is_shown_what_one_is(void **state)
{
	static const char *const wrong[] = { "",
					     "5",
					     "0000:00:05",
					     "0000:00:05.8",
					     "0000:00:20.0",
					     "0000:00:05.0x",
					     "../00:05.0" };

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct process p;

		process_init(&p, "vhost-user-input");
		process_arg(&p, "--spec=%s/tests/wire/specs/keyboard.json",
			    test_root());
		process_arg(&p, "--vfio=%s", wrong[i]);
		process_start(&p);
		assert_num(process_wait(&p), 1);
		process_expect_log(&p, "must be the address of a PCI device, "
				       "such as 0000:00:05.0");
		process_fini(&p);
	}
}

static void the_domain_may_be_left_out(void **state)
{
	struct rig *rig = *state;

	make_memory(rig);
	start_proxy(rig);
	rig_spec(rig, "keyboard");
	prepare_server(rig, "00:05.0");
	rig_start_process(rig);
	sibling_starts(rig);
	rig_expect_works(rig);
}

static void without_an_iommu_there_is_a_warning(void **state)
{
	struct rig *rig = *state;

	fake_vfio_set(&vfio, FAKE_VFIO_SYSFS "/iommu_group/name",
		      "vfio-noiommu");
	make_memory(rig);
	start_proxy(rig);
	rig_spec(rig, "keyboard");
	start_server(rig);
	process_expect_log(&rig->srv, "without an IOMMU the device can access "
				      "all memory of this machine");
	rig->lines.host = 1;
	sibling_starts(rig);
	rig_expect_works(rig);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static const struct CMUnitTest plain[] = {
	T(a_sibling_is_served),
	T(a_sibling_sets_leds),
	T(many_frames_arrive_in_order),
	T(many_requests_at_once_are_answered),
	T(requests_reach_the_sibling_by_the_channel),
	T(siblings_are_served_one_after_another),
	T(what_is_held_outlives_a_sibling),
	T(a_sibling_that_takes_its_memory_away_is_followed),
	T(a_sibling_that_breaks_the_protocol_is_followed),
	T(a_server_that_dies_is_followed),
	T(a_server_that_ends_disconnects_its_sibling),
	T(a_device_that_fails_does_not_end_the_server),
	T(a_wrong_driver_is_named_with_what_to_type),
	T(a_wrong_address_is_shown_what_one_is),
	T(the_domain_may_be_left_out),
	T(without_an_iommu_there_is_a_warning),
};

int main(void)
{
	struct CMUnitTest tests[ARRAY_LEN(plain) + ARRAY_LEN(wrongs)];

	memcpy(tests, plain, sizeof(plain));
	CASES(tests + ARRAY_LEN(plain), wrongs,
	      cmocka_unit_test_setup_teardown(it_is_named, setup_wrong,
					      teardown));
	return cmocka_run_group_tests_name("vfio", tests, NULL, NULL);
}
