/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration space over the wire: byte by byte as Linux reads it, all
 * 136 bytes as QEMU does, any offset and length, before any queue starts.
 */
#include <string.h>
#include "tests/lib/rig.h"

#define SPACE sizeof(struct config_space)

static void negotiate(struct rig *rig, const char *spec)
{
	rig_serve(rig, spec);
	rig_connect(rig);
	assert_ok(fe_negotiate(&rig->fe));
}

static void select_config(struct rig *rig, uint8_t select, uint8_t subsel)
{
	assert_ok(fe_config_write(&rig->fe, 0, &select, 1));
	assert_ok(fe_config_write(&rig->fe, 1, &subsel, 1));
}

static void linux_driver_reads_the_spec(void **state)
{
	struct rig *rig = *state;
	struct spec spec;

	negotiate(rig, "keyboard");
	assert_ok(fe_read_spec(&rig->fe, &spec));
	assert_string_equal(spec.name, "wire keyboard");
	assert_string_equal(spec.serial, "kbd-1");
	assert_num(spec.ids.bustype, 3);
	assert_num(spec.ids.vendor, 0x1234);
	assert_num(spec.ids.product, 0x5678);
	assert_num(spec.ids.version, 0x0111);
	assert_true(spec_has(&spec, EV_KEY, KEY_A));
	assert_true(spec_has(&spec, EV_KEY, KEY_MICMUTE));
	assert_false(spec_has(&spec, EV_KEY, KEY_Q));
	assert_true(spec_has(&spec, EV_LED, LED_CAPSL));
	assert_true(spec_has(&spec, EV_SND, SND_BELL));
	assert_true(spec_has(&spec, EV_MSC, MSC_SCAN));
	assert_false(spec_has(&spec, EV_REL, REL_X));
}

static void axes_have_all_their_values(void **state)
{
	struct rig *rig = *state;
	struct spec spec;

	negotiate(rig, "axes");
	assert_ok(fe_read_spec(&rig->fe, &spec));
	assert_num(spec.abs[ABS_X].min, -100);
	assert_num(spec.abs[ABS_X].max, 100);
	assert_num(spec.abs[ABS_X].fuzz, 3);
	assert_num(spec.abs[ABS_X].flat, 5);
	assert_num(spec.abs[ABS_X].res, 7);
	assert_num(spec.abs[ABS_THROTTLE].min, 0);
	assert_num(spec.abs[ABS_THROTTLE].max, 255);
}

static void properties_are_reported(void **state)
{
	struct rig *rig = *state;
	struct spec spec;

	negotiate(rig, "touch");
	assert_ok(fe_read_spec(&rig->fe, &spec));
	assert_true(bit_test(spec.props, INPUT_PROP_DIRECT));
	assert_num(spec_slots(&spec), 10);
}

/* QEMU: the whole space in one message. */
static void all_136_bytes_come_at_once(void **state)
{
	struct rig *rig = *state;
	struct config_space cs;

	negotiate(rig, "keyboard");
	select_config(rig, CONFIG_ID_NAME, 0);
	assert_ok(fe_config_read(&rig->fe, 0, &cs, SPACE));
	assert_num(cs.select, CONFIG_ID_NAME);
	assert_num(cs.subsel, 0);
	assert_num(cs.size, strlen("wire keyboard"));
	assert_memory_equal(cs.u, "wire keyboard", cs.size);
	for (size_t i = cs.size; i < sizeof(cs.u); i++)
		assert_num(cs.u[i], 0);
}

static void every_offset_and_length_reads_the_same_bytes(void **state)
{
	struct rig *rig = *state;
	uint8_t whole[SPACE], part[SPACE];

	rig->fe.want_protocol &= ~(UINT64_C(1) << VU_PROTOCOL_F_REPLY_ACK);
	negotiate(rig, "keyboard");
	select_config(rig, CONFIG_EV_BITS, EV_KEY);
	assert_ok(fe_config_read(&rig->fe, 0, whole, SPACE));
	for (uint32_t at = 0; at < SPACE; at++) {
		for (uint32_t len = 1; len <= SPACE - at; len++) {
			assert_ok(fe_config_read(&rig->fe, at, part, len));
			assert_memory_equal(part, whole + at, len);
		}
	}
}

/* A reply without payload reports an error. */
static void a_read_of_no_bytes_is_answered_without_payload(void **state)
{
	struct rig *rig = *state;
	uint8_t part[1];

	negotiate(rig, "keyboard");
	assert_rc(fe_config_read(&rig->fe, 0, part, 0), FE_E_REFUSED);
	assert_rc(fe_config_read(&rig->fe, SPACE, part, 0), FE_E_REFUSED);
	assert_ok(fe_config_read(&rig->fe, 0, part, 1));
}

static const struct {
	uint32_t offset, len;
} past_the_end[] = {
	{ 136, 1 },	   { 135, 2 },	      { 0, 137 }, { 1, 136 },
	{ UINT32_MAX, 1 }, { UINT32_MAX, 2 }, { 500, 4 }, { 8, 256 },
};

/*
 * Replies have the full size of the request: a front-end may wait for that much
 * whatever the reply's header says, and a guest may read anywhere.
 */
static void what_is_past_the_end_reads_as_0(void **state)
{
	struct rig *rig = *state;
	uint8_t whole[1024] = { 0 };

	negotiate(rig, "keyboard");
	select_config(rig, CONFIG_EV_BITS, EV_KEY);
	assert_ok(fe_config_read(&rig->fe, 0, whole, SPACE));
	for (size_t i = 0; i < ARRAY_LEN(past_the_end); i++) {
		uint32_t at = past_the_end[i].offset, len = past_the_end[i].len;
		uint8_t part[256];

		memset(part, 0xff, sizeof(part));
		assert_ok(fe_config_read(&rig->fe, at, part, len));
		assert_memory_equal(part, whole + (at < SPACE ? at : SPACE),
				    len);
	}
}

static void a_write_past_the_end_changes_nothing_there(void **state)
{
	struct rig *rig = *state;
	struct config_space before, after;
	uint8_t junk[256];

	negotiate(rig, "keyboard");
	memset(junk, 0xff, sizeof(junk));
	junk[0] = CONFIG_ID_NAME;
	junk[1] = 0;
	select_config(rig, CONFIG_ID_NAME, 0);
	assert_ok(fe_config_read(&rig->fe, 0, &before, SPACE));
	for (size_t i = 0; i < ARRAY_LEN(past_the_end); i++) {
		uint32_t at = past_the_end[i].offset;

		assert_ok(fe_config_write(&rig->fe, at, junk + (at == 1),
					  past_the_end[i].len));
	}
	assert_ok(fe_config_read(&rig->fe, 0, &after, SPACE));
	assert_memory_equal(&after, &before, SPACE);
}

static void an_unknown_select_has_size_0(void **state)
{
	static const uint8_t pairs[][2] = {
		{ CONFIG_UNSET, 0 },
		{ 0x7f, 0 },
		{ 0xff, 0xff },
		{ CONFIG_ID_NAME, 1 },
		{ CONFIG_EV_BITS, EV_REL },
		{ CONFIG_EV_BITS, 0xff },
		{ CONFIG_ABS_INFO, ABS_X },
		{ CONFIG_ABS_INFO, 0xff },
	};
	struct rig *rig = *state;
	struct config_space cs;

	negotiate(rig, "keyboard");
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		assert_ok(fe_config_select(&rig->fe, pairs[i][0], pairs[i][1],
					   &cs));
		assert_num(cs.size, 0);
	}
}

/* QEMU writes all 136 bytes, stale ones included. */
static void only_select_and_subsel_can_be_written(void **state)
{
	struct rig *rig = *state;
	struct config_space cs, junk;

	negotiate(rig, "keyboard");
	memset(&junk, 0xee, sizeof(junk));
	junk.select = CONFIG_ID_SERIAL;
	junk.subsel = 0;
	assert_ok(fe_config_write(&rig->fe, 0, &junk, SPACE));
	assert_ok(fe_config_read(&rig->fe, 0, &cs, SPACE));
	assert_num(cs.size, strlen("kbd-1"));
	assert_memory_equal(cs.u, "kbd-1", cs.size);
	assert_num(cs.u[cs.size], 0);
	assert_ok(fe_config_write(&rig->fe, 2, &junk, SPACE - 2));
	assert_ok(fe_config_read(&rig->fe, 0, &cs, SPACE));
	assert_num(cs.select, CONFIG_ID_SERIAL);
	assert_num(cs.size, strlen("kbd-1"));
}

static void select_and_subsel_can_be_written_together(void **state)
{
	const uint8_t both[] = { CONFIG_EV_BITS, EV_LED };
	struct rig *rig = *state;
	struct config_space cs;

	negotiate(rig, "keyboard");
	assert_ok(fe_config_write(&rig->fe, 0, both, 2));
	assert_ok(fe_config_read(&rig->fe, 0, &cs, SPACE));
	assert_num(cs.size, 1);
	assert_num(cs.u[0], 0x07);
}

static void config_works_while_the_rings_run(void **state)
{
	struct rig *rig = *state;
	struct config_space cs;

	rig_run(rig, "keyboard", 16);
	assert_ok(fe_config_select(&rig->fe, CONFIG_ID_NAME, 0, &cs));
	assert_num(cs.size, strlen("wire keyboard"));
	inject(rig, KEY(KEY_A, 1), SYN);
	expect(rig, KEY(KEY_A, 1), SYN);
	rig_expect_nothing(rig);
}

/* crosvm sets flags=1 in its reads. */
static void config_flags_are_ignored(void **state)
{
	struct rig *rig = *state;
	struct fe_msg msg = fe_msg(VU_GET_CONFIG);

	negotiate(rig, "keyboard");
	msg.hdr.size = sizeof(struct vu_config) + 4;
	msg.config[1] = 4;
	msg.config[2] = 1;
	assert_ok(fe_query(&rig->fe, &msg, sizeof(struct vu_config) + 4));
}

#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(linux_driver_reads_the_spec),
		T(axes_have_all_their_values),
		T(properties_are_reported),
		T(all_136_bytes_come_at_once),
		T(every_offset_and_length_reads_the_same_bytes),
		T(a_read_of_no_bytes_is_answered_without_payload),
		T(what_is_past_the_end_reads_as_0),
		T(a_write_past_the_end_changes_nothing_there),
		T(an_unknown_select_has_size_0),
		T(only_select_and_subsel_can_be_written),
		T(select_and_subsel_can_be_written_together),
		T(config_works_while_the_rings_run),
		T(config_flags_are_ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
