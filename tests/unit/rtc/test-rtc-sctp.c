/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rtc-sctp.h with the test in the place of usrsctp, and with its own time: what
 * is done with what usrsctp hands over, and what waits for space in its buffer.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "injector/rtc/rtc-sctp-socket.h"
#include "injector/rtc/rtc-sctp.h"
#include "tests/lib/check.h"

#define MS INT64_C(1000000) /* ns */

static struct world {
	struct ev_loop *loop;
	struct rtc_sctp sctp;
	rtc_sctp_receive *receive;
	struct socket *socket; /* what is opened next; NULL: -ENOMEM */
	int send_result;       /* of the next ones */
	uint16_t last_stream;  /* whose end ends the association */
	/* What is handed over when a packet comes, to this association. */
	uintptr_t to;
	const void *data;
	size_t len;
	int flags;
	char log[4096]; /* what was called */
	uint32_t passed_ms;
	unsigned int n_timers;
} w;

static int (*on_send)(void *id, void *packet, size_t len, uint8_t tos,
		      uint8_t set_df);
static int64_t now_ns = 1000 * MS;

/* In place of libc's. */
int clock_gettime(clockid_t clock_id, struct timespec *tp)
{
	tp->tv_sec = (time_t)(now_ns / (1000 * MS));
	tp->tv_nsec = (long)(now_ns % (1000 * MS));
	return 0;
}

static bool memory_is_short;

void *calloc(size_t nmemb, size_t size)
{
	void *new = memory_is_short ? NULL : malloc(nmemb * size);

	/* Of memset() the compiler would make a calloc(). */
	if (new)
		explicit_bzero(new, nmemb * size);
	return new;
}

__attribute__((format(printf, 1, 2))) static void note(const char *fmt, ...)
{
	const size_t n = strlen(w.log);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(w.log + n, sizeof(w.log) - n, fmt, ap);
	va_end(ap);
	strcat(w.log, "; ");
}

static void expect_log(const char *wanted)
{
	assert_string_equal(w.log, wanted);
	w.log[0] = '\0';
}

/* --- in place of usrsctp and rtc-sctp-socket.h --- */

void usrsctp_init_nothreads(uint16_t port,
			    int (*out)(void *, void *, size_t, uint8_t,
				       uint8_t),
			    void (*debug)(const char *, ...))
{
	on_send = out;
}

static bool has_defaults;

void rtc_sctp_socket_set_defaults(void)
{
	has_defaults = true;
}

void usrsctp_register_address(void *id)
{
	note("register");
}

void usrsctp_deregister_address(void *id)
{
	assert_ptr_equal(id, (void *)w.sctp.id);
	note("deregister");
}

int rtc_sctp_socket_open(struct socket **out, uintptr_t id, uint16_t port,
			 rtc_sctp_receive *receive)
{
	note("open %u", port);
	w.receive = receive;
	*out = w.socket;
	return *out ? 0 : -ENOMEM;
}

void usrsctp_close(struct socket *socket)
{
	assert_ptr_equal(socket, w.socket);
	note("close");
}

int rtc_sctp_socket_send(struct socket *socket,
			 const struct rtc_sctp_message *m)
{
	assert_ptr_equal(socket, w.socket);
	if (!w.send_result)
		note("send %u: %.*s", m->stream, (int)m->data.len,
		     m->data.len < 100 ? (const char *)m->data.at : "");
	return w.send_result;
}

void rtc_sctp_socket_reset(struct socket *socket, uint16_t stream)
{
	assert_ptr_equal(socket, w.socket);
	note("reset %u", stream);
}

void usrsctp_handle_timers(uint32_t elapsed_milliseconds)
{
	w.passed_ms += elapsed_milliseconds;
	w.n_timers++;
}

/* Of a message on stream 3, or a notification. */
static void hand_over(void)
{
	const struct sctp_rcvinfo info = { .rcv_sid = 3,
					   .rcv_ppid = htonl(51) };
	union sctp_sockstore from = { 0 };
	void *data = NULL;

	if (w.data) {
		data = malloc(w.len);
		memcpy(data, w.data, w.len);
	}
	assert_num(w.receive(w.socket, from, data, w.len, info, w.flags,
			     (void *)w.to),
		   1);
}

void usrsctp_conninput(void *id, const void *packet, size_t len, uint8_t ecn)
{
	assert_ptr_equal(id, (void *)w.sctp.id);
	hand_over();
}

/* --- the owner's --- */

static void on_packet(struct rtc_sctp *s, struct rtc_bytes packet)
{
	note("packet %.*s", (int)packet.len, (const char *)packet.at);
}

static void on_up(struct rtc_sctp *s)
{
	note("up");
}

static void on_received(struct rtc_sctp *s, const struct rtc_sctp_message *m)
{
	note("received %u %u: %zu", m->stream, m->protocol, m->data.len);
}

static void on_reset(struct rtc_sctp *s, uint16_t stream)
{
	s->dead = stream == w.last_stream;
	note("is reset %u", stream);
}

static void on_down(struct rtc_sctp *s, const char *why)
{
	note("down: %s", why);
}

static const struct rtc_sctp_events events = {
	.send = on_packet,
	.up = on_up,
	.received = on_received,
	.reset = on_reset,
	.down = on_down,
};

/* --- the world --- */

static void arrive(const void *data, size_t len, int flags)
{
	static const uint8_t packet[12];

	w.to = w.sctp.id;
	w.data = data;
	w.len = len;
	w.flags = flags;
	rtc_sctp_input(&w.sctp, (struct rtc_bytes){ packet, sizeof(packet) });
}

static void change(uint16_t state)
{
	struct sctp_assoc_change c = { .sac_type = SCTP_ASSOC_CHANGE,
				       .sac_length = sizeof(c),
				       .sac_state = state };

	arrive(&c, sizeof(c), MSG_NOTIFICATION);
}

static void come_up(void)
{
	change(SCTP_COMM_UP);
	expect_log("up; ");
}

static int setup(void **state)
{
	memset(&w, 0, sizeof(w));
	w.loop = ev_loop_new(EVFLAG_AUTO);
	w.socket = (struct socket *)&w;
	w.sctp.events = &events;
	w.sctp.waiting_max = 10;
	rtc_sctp_start(w.loop);
	assert_ok(rtc_sctp_init(&w.sctp, 7));
	expect_log("register; open 7; ");
	assert_true(has_defaults);
	return 0;
}

static int teardown(void **state)
{
	rtc_sctp_fini(&w.sctp);
	rtc_sctp_fini(&w.sctp);
	rtc_sctp_stop();
	ev_loop_destroy(w.loop);
	return 0;
}

static int send_on(uint16_t stream, const void *bytes, size_t len)
{
	const struct rtc_sctp_message m = { .stream = stream,
					    .data = { bytes, len } };

	return rtc_sctp_send(&w.sctp, &m);
}

/* --- what arrives --- */

static void message_is_received(void **state)
{
	static char text[RTC_SCTP_MESSAGE_MAX + 1];

	come_up();
	arrive(text, 5, MSG_EOR);
	arrive(text, RTC_SCTP_MESSAGE_MAX, MSG_EOR);
	expect_log("received 3 51: 5; received 3 51: 65536; ");
	arrive(text, sizeof(text), MSG_EOR);
	expect_log("down: a message is larger than allowed; ");
	/* Then nothing of it is. */
	arrive(text, 5, MSG_EOR);
	expect_log("");
}

static void message_in_pieces_is_too_large(void **state)
{
	come_up();
	arrive("hello", 5, 0);
	expect_log("down: a message is larger than allowed; ");
}

static void what_is_for_nobody_is_dropped(void **state)
{
	come_up();
	w.data = w.log;
	w.len = 5;
	w.to = w.sctp.id + 1;
	hand_over();
	w.to = w.sctp.id;
	w.data = NULL;
	hand_over();
	memory_is_short = true;
	w.data = w.log;
	hand_over();
	memory_is_short = false;
	assert_true(STAILQ_EMPTY(&w.sctp.arrived));
	assert_num(on_send((void *)(w.sctp.id + 1), (char *)"no", 2, 0, 0), 0);
	expect_log("");
	assert_num(on_send((void *)w.sctp.id, (char *)"yes", 3, 0, 0), 0);
	expect_log("packet yes; ");
}

static void packet_without_a_header_is_none(void **state)
{
	static const uint8_t packet[12];

	w.to = w.sctp.id;
	w.data = w.log;
	w.len = 1;
	w.flags = MSG_EOR;
	rtc_sctp_input(&w.sctp, (struct rtc_bytes){ packet, 11 });
	expect_log("");
	rtc_sctp_input(&w.sctp, (struct rtc_bytes){ packet, 12 });
	expect_log("received 3 51: 1; ");
}

static void association_comes_up_once(void **state)
{
	come_up();
	change(SCTP_COMM_UP);
	expect_log("");
}

static void association_that_ends_is_down_once(void **state)
{
	static const struct {
		uint16_t state;
		const char *log;
	} rows[] = {
		{ SCTP_SHUTDOWN_COMP,
		  "down: the peer closed the association; " },
		{ SCTP_CANT_STR_ASSOC, "down: no SCTP association; " },
		{ SCTP_COMM_LOST,
		  "down: closed by the peer, or it no longer answers; " },
		{ SCTP_RESTART, "down: the peer restarted the association; " },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (i) {
			teardown(NULL);
			setup(NULL);
		}
		come_up();
		change(rows[i].state);
		expect_log(rows[i].log);
		change(rows[i].state);
		expect_log("");
		assert_rc(send_on(0, "x", 1), -ENOTCONN);
		assert_ok(rtc_sctp_reset(&w.sctp, 0));
		expect_log("");
	}
}

static void malformed_notifications_are_passed_over(void **state)
{
	struct sctp_assoc_change c = { .sac_type = SCTP_ASSOC_CHANGE,
				       .sac_length = sizeof(c),
				       .sac_state = SCTP_COMM_UP };

	arrive(&c, sizeof(c.sac_type), MSG_NOTIFICATION);
	c.sac_length--;
	arrive(&c, sizeof(c), MSG_NOTIFICATION);
	arrive(&c, sizeof(c) - 1, MSG_NOTIFICATION);
	c.sac_type = SCTP_STREAM_RESET_EVENT;
	c.sac_length = 8;
	arrive(&c, 8, MSG_NOTIFICATION);
	c.sac_type = SCTP_SEND_FAILED;
	c.sac_length = sizeof(c);
	arrive(&c, sizeof(c), MSG_NOTIFICATION);
	expect_log("");
}

/* --- streams that end --- */

static void end_streams(uint16_t flags, const uint16_t *streams, size_t n)
{
	union {
		struct sctp_stream_reset_event r;
		uint8_t bytes[sizeof(struct sctp_stream_reset_event) + 8];
	} e = { .r = { .strreset_type = SCTP_STREAM_RESET_EVENT,
		       .strreset_flags = flags } };
	const size_t len = sizeof(e.r) + n * sizeof(*streams);

	e.r.strreset_length = (uint32_t)len;
	memcpy(e.bytes + sizeof(e.r), streams, n * sizeof(*streams));
	arrive(&e, len, MSG_NOTIFICATION);
}

static void streams_that_the_peer_ends_are_told(void **state)
{
	static const uint16_t streams[] = { 5, 7 };

	w.last_stream = RTC_SCTP_STREAMS;

	end_streams(SCTP_STREAM_RESET_INCOMING_SSN, streams, 2);
	expect_log("is reset 5; is reset 7; ");
	end_streams(SCTP_STREAM_RESET_OUTGOING_SSN, streams, 2);
	end_streams(SCTP_STREAM_RESET_INCOMING_SSN | SCTP_STREAM_RESET_DENIED,
		    streams, 2);
	end_streams(SCTP_STREAM_RESET_INCOMING_SSN | SCTP_STREAM_RESET_FAILED,
		    streams, 2);
	expect_log("");
}

/* RFC 6525: none listed means all. The owner may end it at any. */
static void no_stream_listed_means_all(void **state)
{
	static const uint16_t streams[] = { 9, 7 };

	w.last_stream = 9;
	end_streams(SCTP_STREAM_RESET_INCOMING_SSN, streams, 0);
	expect_log(
		"is reset 0; is reset 1; is reset 2; is reset 3; is reset 4; "
		"is reset 5; is reset 6; is reset 7; is reset 8; "
		"is reset 9; ");
	w.sctp.dead = false;
	end_streams(SCTP_STREAM_RESET_INCOMING_SSN, streams, 2);
	expect_log("is reset 9; ");
	w.last_stream = RTC_SCTP_STREAMS;
	w.sctp.dead = false;
	end_streams(SCTP_STREAM_RESET_INCOMING_SSN, streams, 0);
	assert_non_null(strstr(w.log, "is reset 0; "));
	assert_string_equal(strrchr(w.log, 't') - 7, "is reset 255; ");
	assert_num(RTC_SCTP_STREAMS, 256);
}

/* --- what is sent --- */

static void message_needs_an_association_and_a_stream(void **state)
{
	static char text[RTC_SCTP_MESSAGE_MAX + 1];

	assert_rc(send_on(0, "x", 1), -ENOTCONN);
	assert_ok(rtc_sctp_reset(&w.sctp, 0));
	expect_log("");
	come_up();
	assert_ok(send_on(RTC_SCTP_STREAMS - 1, "x", 1));
	assert_rc(send_on(RTC_SCTP_STREAMS, "x", 1), -EINVAL);
	assert_ok(send_on(0, text, sizeof(text) - 1));
	assert_rc(send_on(0, text, sizeof(text)), -EINVAL);
	w.log[0] = '\0';
	w.send_result = -EMSGSIZE;
	assert_rc(send_on(0, "x", 1), -EIO);
	assert_true(STAILQ_EMPTY(&w.sctp.waiting));
}

static void what_waits_goes_in_its_order(void **state)
{
	char one[] = "one";

	come_up();
	w.send_result = -EAGAIN;
	assert_ok(send_on(1, one, 3));
	one[0] = '?';
	w.send_result = 0;
	assert_ok(send_on(2, "two", 3));
	assert_ok(rtc_sctp_reset(&w.sctp, 1));
	assert_ok(send_on(3, "four", 4));
	assert_num(w.sctp.waiting_bytes, 10);
	assert_rc(send_on(4, "5", 1), -ENOBUFS);
	assert_ok(send_on(5, NULL, 0));
	expect_log("");
	w.send_result = -EAGAIN;
	arrive("x", 1, MSG_EOR);
	expect_log("received 3 51: 1; ");
	w.send_result = 0;
	arrive("x", 1, MSG_EOR);
	expect_log("received 3 51: 1; send 1: one; send 2: two; reset 1; "
		   "send 3: four; send 5: ; ");
	assert_num(w.sctp.waiting_bytes, 0);
	assert_ok(rtc_sctp_reset(&w.sctp, 6));
	expect_log("reset 6; ");
}

/* For another reason than a full buffer. */
static void what_waits_and_fails_is_dropped(void **state)
{
	come_up();
	w.send_result = -EAGAIN;
	assert_ok(send_on(1, "one", 3));
	w.send_result = -EMSGSIZE;
	arrive("x", 1, MSG_EOR);
	assert_true(STAILQ_EMPTY(&w.sctp.waiting));
	assert_num(w.sctp.waiting_bytes, 0);
}

static void nothing_waits_for_an_association_that_is_down(void **state)
{
	come_up();
	w.send_result = -EAGAIN;
	assert_ok(send_on(1, "one", 3));
	w.send_result = 0;
	change(SCTP_COMM_LOST);
	expect_log("down: closed by the peer, or it no longer answers; ");
}

static void short_memory_is_told(void **state)
{
	come_up();
	w.send_result = -EAGAIN;
	memory_is_short = true;
	assert_rc(send_on(1, "one", 3), -ENOMEM);
	memory_is_short = false;
	assert_num(w.sctp.waiting_bytes, 0);
}

static void association_that_cannot_begin_is_none(void **state)
{
	rtc_sctp_fini(&w.sctp);
	expect_log("close; deregister; ");
	assert_num(w.sctp.id, 0);
	assert_null(w.sctp.socket);
	w.socket = NULL;
	assert_rc(rtc_sctp_init(&w.sctp, 8), -ENOMEM);
	expect_log("register; open 8; deregister; ");
	assert_num(w.sctp.id, 0);
}

/* --- its time --- */

/* More than a tick, which is 10 ms. */
#define STEP (20 * MS)

static void pass(int64_t ns)
{
	now_ns += ns;
	ev_run(w.loop, EVRUN_NOWAIT);
}

static void time_passes_whole(void **state)
{
	pass(STEP);
	assert_num(w.passed_ms, 20);
	assert_num(w.n_timers, 1);
	/* What is less than a millisecond is kept. */
	for (int i = 0; i < 10; i++)
		pass(STEP + MS / 10);
	assert_num(w.passed_ms, 20 + 201);
	assert_num(w.n_timers, 11);
}

static void what_a_timer_hands_over_is_received(void **state)
{
	come_up();
	w.send_result = -EAGAIN;
	assert_ok(send_on(1, "one", 3));
	w.send_result = 0;
	w.data = "hello";
	w.len = 5;
	w.flags = MSG_EOR;
	hand_over();
	expect_log("");
	pass(STEP);
	expect_log("received 3 51: 5; send 1: one; ");
}

/* Until usrsctp has freed the last association, and no longer. */
static void nothing_wakes_up_once_all_have_ended(void **state)
{
	rtc_sctp_fini(&w.sctp);
	for (int i = 0; i < 200; i++)
		pass(STEP);
	assert_num(w.n_timers, 50);
	assert_num(w.passed_ms, 1000);
	/* It begins again where it is. */
	now_ns += 5000 * MS;
	ev_now_update(w.loop);
	assert_ok(rtc_sctp_init(&w.sctp, 7));
	pass(0);
	assert_num(w.n_timers, 50);
	pass(STEP);
	assert_num(w.passed_ms, 1020);
}

static void last_user_lets_the_last_association_end(void **state)
{
	rtc_sctp_start(w.loop);
	rtc_sctp_fini(&w.sctp);
	rtc_sctp_stop();
	assert_num(w.passed_ms, 0);
	rtc_sctp_stop();
	assert_num(w.passed_ms, 1000);
	pass(STEP);
	assert_num(w.passed_ms, 1000);
	rtc_sctp_start(w.loop);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(message_is_received),
		T(message_in_pieces_is_too_large),
		T(what_is_for_nobody_is_dropped),
		T(packet_without_a_header_is_none),
		T(association_comes_up_once),
		T(association_that_ends_is_down_once),
		T(malformed_notifications_are_passed_over),
		T(streams_that_the_peer_ends_are_told),
		T(no_stream_listed_means_all),
		T(message_needs_an_association_and_a_stream),
		T(what_waits_goes_in_its_order),
		T(what_waits_and_fails_is_dropped),
		T(nothing_waits_for_an_association_that_is_down),
		T(short_memory_is_told),
		T(association_that_cannot_begin_is_none),
		T(time_passes_whole),
		T(what_a_timer_hands_over_is_received),
		T(nothing_wakes_up_once_all_have_ended),
		T(last_user_lets_the_last_association_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
