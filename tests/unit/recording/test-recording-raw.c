/* SPDX-License-Identifier: Apache-2.0 */
/* Dumps of evdev nodes: the size of their events shows in the content. */
#include <stdio.h>
#include <string.h>
#include "injector/recording/recording-raw.h"
#include "input/device/event.h"
#include "tests/lib/check.h"
#include "tests/lib/recording-text.h"

/* Room for any dump here. */
#define DUMP_MAX 4096

struct sample {
	uint64_t seconds, us;
	uint16_t type, code;
	int32_t value;
};

/* Return: the length. */
static size_t dump(uint8_t *out, size_t size, const struct sample *s, size_t n)
{
	uint8_t *at = out;

	for (size_t i = 0; i < n; i++, s++) {
		const uint64_t wide[] = { htole64(s->seconds), htole64(s->us) };
		const uint32_t narrow[] = { htole32((uint32_t)s->seconds),
					    htole32((uint32_t)s->us) };
		const struct vi_event ev = vi_event(s->type, s->code, s->value);

		memcpy(at, size == 24 ? (const void *)wide : narrow, size - 8);
		memcpy(at + size - 8, &ev, 8);
		at += size;
	}
	return (size_t)(at - out);
}

#define EVENT_A                                      \
	{                                            \
		1764012345, 999999, EV_KEY, KEY_A, 1 \
	}

static const struct sample keys[] = {
	{ 1764012345, 999999, EV_MSC, MSC_SCAN, 458756 },
	EVENT_A,
	{ 1764012345, 999999, EV_SYN, SYN_REPORT, 0 },
	{ 1764012346, 79999, EV_KEY, KEY_A, 0 },
	{ 1764012346, 79999, EV_SYN, SYN_REPORT, 0 },
};
/* Small and round times look like other fields. */
static const struct sample round_times[] = {
	{ 1, 0, EV_KEY, KEY_A, 1 },  { 1, 0, EV_SYN, SYN_REPORT, 0 },
	{ 2, 0, EV_KEY, KEY_A, 0 },  { 2, 0, EV_SYN, SYN_REPORT, 0 },
	{ 3, 0, EV_ABS, ABS_X, -1 }, { 3, 0, EV_SYN, SYN_REPORT, 0 },
};
static const struct sample motion[] = {
	{ 4000, 16, EV_REL, REL_X, 1 },
	{ 4000, 16, EV_SYN, SYN_REPORT, 0 },
	{ 4000, 24, EV_REL, REL_Y, 2 },
	{ 4000, 24, EV_SYN, SYN_REPORT, 0 },
};
static const struct sample set_back[] = {
	EVENT_A,
	{ 1764012000, 0, EV_SYN, SYN_REPORT, 0 },
	{ 1764012000, 500000, EV_KEY, KEY_A, 0 },
};

static const struct {
	const struct sample *sample;
	size_t n;
	const char *want;
} dumps[] = {
	{ keys, ARRAY_LEN(keys),
	  "0.000000 MSC_SCAN=458756 KEY_A=1\n0.080000 KEY_A=0\n" },
	{ keys, 2, "0.000000 MSC_SCAN=458756 KEY_A=1\n" },
	{ keys + 1, 1, "0.000000 KEY_A=1\n" },
	{ round_times, ARRAY_LEN(round_times),
	  "0.000000 KEY_A=1\n1.000000 KEY_A=0\n2.000000 ABS_X=-1\n" },
	{ round_times, 4, "0.000000 KEY_A=1\n1.000000 KEY_A=0\n" },
	{ round_times, 3, "0.000000 KEY_A=1\n1.000000 KEY_A=0\n" },
	{ motion, ARRAY_LEN(motion), "0.000000 REL_X=1\n0.000008 REL_Y=2\n" },
	{ set_back, ARRAY_LEN(set_back),
	  "0.000000 KEY_A=1\n0.500000 KEY_A=0\n" },
};

static void events_of_both_sizes_are_distinguished(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(dumps); i++) {
		uint8_t bytes[DUMP_MAX];
		size_t len;

		len = dump(bytes, 24, dumps[i].sample, dumps[i].n);
		assert_recording((char *)bytes, len, 0, dumps[i].want);
		len = dump(bytes, 16, dumps[i].sample, dumps[i].n);
		assert_recording((char *)bytes, len, 0, dumps[i].want);
	}
}

static void a_dump_names_the_event_that_is_bad(void **state)
{
	static const struct sample bad[] = {
		EVENT_A,
		EVENT_A,
		{ 1764012345, 999999, EV_ABS, ABS_MT_SLOT, 64 },
	};
	uint8_t bytes[DUMP_MAX];

	for (size_t size = 16; size <= 24; size += 8) {
		size_t len = dump(bytes, size, bad, ARRAY_LEN(bad));

		assert_no_recording((char *)bytes, len, 0, 0,
				    "event 3: invalid ABS_MT_SLOT 64");
		assert_no_recording((char *)bytes, len - 1, 0, 0,
				    "event 3: the dump ends in its middle");
		len = dump(bytes, size, bad, 2);
		assert_no_recording((char *)bytes, len, 2, 0, "single device");
	}
}

/* Read as two events of 24 bytes, the times of these would be far apart. */
static void times_that_follow_each_other_tell_the_size(void **state)
{
	static const struct sample keys_of_16[] = {
		{ 44673, 0, EV_KEY, KEY_1, 0 },
		{ 44673 + 24 * 3600, 0, EV_KEY, KEY_1, 1 },
		{ 44673 + 24 * 3600, 0, EV_SYN, SYN_REPORT, 0 },
	};
	uint8_t bytes[DUMP_MAX];
	size_t len = dump(bytes, 16, keys_of_16, ARRAY_LEN(keys_of_16));

	assert_recording((char *)bytes, len, 0, "0.000000 KEY_1=0 KEY_1=1\n");
}

#define LATEST 1000000000000

static void an_event_has_a_time_a_type_and_a_code(void **state)
{
	static const struct {
		struct sample event;
		const char *why; /* what the 65th may be; NULL: it is one */
	} rows[] = {
		{ { LATEST, 999999, EV_KEY, KEY_MAX, 1 }, NULL },
		{ { LATEST + 1, 999999, EV_KEY, KEY_A, 1 }, "invalid time" },
		{ { 1, 1000000, EV_KEY, KEY_A, 1 }, "invalid time" },
		{ { 1, 999999, 6, 0, 1 }, "unknown event type 6" },
		{ { 1, 999999, EV_REL, REL_CNT, 1 }, "unknown EV_REL code 16" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct sample events[65];
		uint8_t bytes[65 * 24];
		char why[64];

		for (size_t n = 0; n < ARRAY_LEN(events); n++)
			events[n] = (struct sample)EVENT_A;
		for (size_t n = 1; n <= ARRAY_LEN(events); n += 63) {
			const size_t len = dump(bytes, 24, events, n);

			dump(bytes + len - 24, 24, &rows[i].event, 1);
			assert_num(recording_raw_size(bytes, len),
				   rows[i].why ? 0 : 24);
		}
		if (!rows[i].why)
			continue;
		/* The first 64 decide whether it is a dump. */
		dump(bytes, 24, events, ARRAY_LEN(events));
		dump(bytes + 64 * 24, 24, &rows[i].event, 1);
		snprintf(why, sizeof(why), "event 65: %s", rows[i].why);
		assert_no_recording((char *)bytes, sizeof(bytes), 0, 0, why);
	}
}

static void other_bytes_are_no_dump(void **state)
{
	const char nothing[48] = { 0 };
	const char key[] = "key a\0key b\0key c\0key d\0key e\0key f\0";

	assert_no_recording(key, sizeof(key), 0, 0, "not a recording of");
	/* Zeros are a dump, but of events without content. */
	assert_recording(nothing, sizeof(nothing), 0,
			 "0.000000 -\n0.000000 -\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_of_both_sizes_are_distinguished),
		cmocka_unit_test(a_dump_names_the_event_that_is_bad),
		cmocka_unit_test(times_that_follow_each_other_tell_the_size),
		cmocka_unit_test(an_event_has_a_time_a_type_and_a_code),
		cmocka_unit_test(other_bytes_are_no_dump),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
