/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of all sizes to packets, and together again. */
#include <string.h>
#include "injector/rtc/rtp-vp8.h"
#include "tests/lib/check.h"

#define FRAME_MAX 40000
#define HEADERS	  (RTP_HEADER_LEN + RTP_VP8_DESCRIPTOR)

static uint8_t frame[FRAME_MAX];

static int setup(void **state)
{
	for (size_t i = 0; i < sizeof(frame); i++)
		frame[i] = (uint8_t)(i * 7 + i / 251);
	return 0;
}

/* Return: the number of packets of a frame, which are right. */
static unsigned int check_frame(struct rtp_vp8 *v, size_t len)
{
	const struct rtp_vp8 before = *v;
	uint8_t packet[RTP_PACKET_MAX];
	size_t n, at = 0;
	unsigned int i = 0;

	rtp_vp8_begin(v, (struct rtc_bytes){ frame, len }, 0xfeedbeef);
	while ((n = rtp_vp8_next(v, packet))) {
		assert_true(n > HEADERS && n <= RTP_PACKET_MAX);
		assert_num(packet[0], 0x80);
		assert_num(packet[1] & 0x7f, 96);
		assert_num(packet[1] >> 7, at + n - HEADERS == len);
		assert_num(net_get16(packet + 2),
			   (uint16_t)(before.sequence + i));
		assert_num(net_get32(packet + 4), 0xfeedbeef);
		assert_num(net_get32(packet + 8), 0x12345678);
		/* RFC 7741 §4.2: X, and S of the first; I; a 15-bit ID. */
		assert_num(packet[12], i ? 0x80 : 0x90);
		assert_num(packet[13], 0x80);
		assert_num(net_get16(packet + 14), 0x8000 | before.picture);
		assert_true(at + n - HEADERS <= len);
		assert_memory_equal(packet + HEADERS, frame + at, n - HEADERS);
		at += n - HEADERS;
		i++;
	}
	assert_num(at, len);
	assert_num(v->sequence, (uint16_t)(before.sequence + i));
	return i;
}

static struct rtp_vp8 stream(void)
{
	return (struct rtp_vp8){ .payload_type = 96, .ssrc = 0x12345678 };
}

static void frames_of_any_size_are_whole(void **state)
{
	struct rtp_vp8 v = stream();
	const size_t most = RTP_PACKET_MAX - HEADERS;

	for (size_t len = 1; len < FRAME_MAX; len += len / 9 + 1)
		assert_num(check_frame(&v, len), (len + most - 1) / most);
	assert_num(check_frame(&v, most), 1);
	assert_num(check_frame(&v, most + 1), 2);
	assert_num(check_frame(&v, 2 * most), 2);
}

/* RFC 8285: one extension, a word, from no delay to none. */
static void packets_ask_to_be_shown_at_once(void **state)
{
	static const uint8_t want[] = { 0xbe, 0xde, 0, 1, 0x52, 0, 0, 0 };
	struct rtp_vp8 v = stream();
	uint8_t packet[RTP_PACKET_MAX];
	size_t n, at = 0;

	v.delay = 5;
	rtp_vp8_begin(&v, (struct rtc_bytes){ frame, 5000 }, 1);
	while ((n = rtp_vp8_next(&v, packet))) {
		const size_t head = HEADERS + sizeof(want);

		assert_true(n > head && n <= RTP_PACKET_MAX);
		assert_num(packet[0], 0x90);
		assert_memory_equal(packet + RTP_HEADER_LEN, want,
				    sizeof(want));
		assert_num(packet[head - 4], at ? 0x80 : 0x90);
		assert_memory_equal(packet + head, frame + at, n - head);
		at += n - head;
	}
	assert_num(at, 5000);
}

static void packets_of_a_frame_have_about_the_same_size(void **state)
{
	struct rtp_vp8 v = stream();
	uint8_t packet[RTP_PACKET_MAX];
	size_t n, least = SIZE_MAX, most = 0;

	rtp_vp8_begin(&v, (struct rtc_bytes){ frame, 1170 }, 0);
	while ((n = rtp_vp8_next(&v, packet))) {
		least = n < least ? n : least;
		most = n > most ? n : most;
	}
	assert_true(most - least <= 1);
}

static void an_empty_frame_is_no_packet(void **state)
{
	struct rtp_vp8 v = stream();

	assert_num(check_frame(&v, 0), 0);
	assert_num(v.picture, 0);
}

static void numbers_begin_again_after_the_last(void **state)
{
	struct rtp_vp8 v = stream();

	v.sequence = 0xfffe;
	v.picture = 0x7fff;
	assert_num(check_frame(&v, 4000), 4);
	assert_num(v.sequence, 2);
	assert_num(v.picture, 0);
	check_frame(&v, 10);
	assert_num(v.picture, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_of_any_size_are_whole),
		cmocka_unit_test(packets_ask_to_be_shown_at_once),
		cmocka_unit_test(packets_of_a_frame_have_about_the_same_size),
		cmocka_unit_test(an_empty_frame_is_no_packet),
		cmocka_unit_test(numbers_begin_again_after_the_last),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
