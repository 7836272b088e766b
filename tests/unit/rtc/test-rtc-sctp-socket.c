/* SPDX-License-Identifier: Apache-2.0 */
/* rtc-sctp-socket.h with the test in the place of usrsctp: what it is told. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "injector/rtc/rtc-sctp-socket.h"
#include "tests/lib/check.h"

#define ID 77

static struct world {
	char log[2048];	   /* what was called */
	const char *fails; /* which of it does, with EINVAL */
	int connect_error, send_error;
	struct sctp_sendv_spa how; /* of the last message */
	uint8_t reset[64];
	size_t reset_len;
} w;

static struct socket *const the_socket = (struct socket *)&w;

static int note(const char *name)
{
	strcat(w.log, name);
	strcat(w.log, " ");
	if (!w.fails || strcmp(name, w.fails))
		return 0;
	errno = EINVAL;
	return -1;
}

static void expect_log(const char *wanted)
{
	assert_string_equal(w.log, wanted);
	w.log[0] = '\0';
}

/* --- in place of usrsctp --- */

static void note_value(const char *name, uint32_t value)
{
	const size_t n = strlen(w.log);

	snprintf(w.log + n, sizeof(w.log) - n, "%s=%u ", name, value);
}

#define SETTER(name)                                       \
	int usrsctp_sysctl_set_sctp_##name(uint32_t value) \
	{                                                  \
		note_value(#name, value);                  \
		return 0;                                  \
	}

SETTER(blackhole)
SETTER(ecn_enable)
SETTER(asconf_enable)
SETTER(auto_asconf)
SETTER(auth_enable)
SETTER(nrsack_enable)
SETTER(pktdrop_enable)
SETTER(recvspace)
SETTER(sendspace)
SETTER(delayed_sack_time_default)
SETTER(rto_min_default)
SETTER(rto_max_default)
SETTER(rto_initial_default)
SETTER(init_rto_max_default)

static int on_receive(struct socket *socket, union sctp_sockstore from,
		      void *data, size_t len, struct sctp_rcvinfo info,
		      int flags, void *id)
{
	return 1;
}

struct socket *usrsctp_socket(int domain, int type, int protocol,
			      rtc_sctp_receive *receive_cb,
			      int (*send_cb)(struct socket *, uint32_t, void *),
			      uint32_t sb_threshold, void *ulp_info)
{
	assert_num(domain, AF_CONN);
	assert_num(type, SOCK_STREAM);
	assert_num(protocol, IPPROTO_SCTP);
	assert_ptr_equal(receive_cb, on_receive);
	assert_ptr_equal(ulp_info, (void *)ID);
	return note("socket") ? NULL : the_socket;
}

static void check_event(const struct sctp_event *e)
{
	assert_num(e->se_assoc_id, SCTP_ALL_ASSOC);
	assert_num(e->se_on, 1);
	note_value("event", e->se_type);
}

int usrsctp_setsockopt(struct socket *socket, int level, int name,
		       const void *value, socklen_t len)
{
	const struct linger *linger = value;
	const struct sctp_initmsg *init = value;
	const struct sctp_assoc_value *resets = value;
	const struct sctp_paddrparams *path = value;

	if (level == SOL_SOCKET) {
		assert_num(name, SO_LINGER);
		assert_true(linger->l_onoff && !linger->l_linger);
		return note("linger");
	}
	assert_num(level, IPPROTO_SCTP);
	switch (name) {
	case SCTP_NODELAY:
		assert_true(*(const int *)value);
		return note("nodelay");
	case SCTP_INITMSG:
		assert_num(init->sinit_num_ostreams, RTC_SCTP_STREAMS);
		assert_num(init->sinit_max_instreams, RTC_SCTP_STREAMS);
		return note("initmsg");
	case SCTP_ENABLE_STREAM_RESET:
		assert_num(resets->assoc_value, SCTP_ENABLE_RESET_STREAM_REQ);
		return note("resets");
	case SCTP_PEER_ADDR_PARAMS:
		assert_num(path->spp_flags, SPP_PMTUD_DISABLE);
		assert_num(path->spp_pathmtu, RTC_SCTP_PACKET_MAX);
		return note("path");
	case SCTP_EVENT:
		check_event(value);
		return note("event");
	case SCTP_RESET_STREAMS:
		assert_true(len <= sizeof(w.reset));
		memcpy(w.reset, value, len);
		w.reset_len = len;
		return 0;
	}
	fail_msg("option %d", name);
	return -1;
}

int usrsctp_set_non_blocking(struct socket *socket, int on)
{
	assert_num(on, 1);
	return note("nonblocking");
}

int usrsctp_bind(struct socket *so, struct sockaddr *name, socklen_t namelen)
{
	const struct sockaddr_conn *own = (void *)name;

	assert_num(own->sconn_family, AF_CONN);
	assert_num(ntohs(own->sconn_port), 5000);
	assert_ptr_equal(own->sconn_addr, (void *)ID);
	return note("bind");
}

int usrsctp_connect(struct socket *so, struct sockaddr *name, socklen_t namelen)
{
	const struct sockaddr_conn *peer = (void *)name;

	assert_num(peer->sconn_family, AF_CONN);
	assert_num(ntohs(peer->sconn_port), 6000);
	assert_ptr_equal(peer->sconn_addr, (void *)ID);
	note("connect");
	errno = w.connect_error;
	return w.connect_error ? -1 : 0;
}

void usrsctp_close(struct socket *socket)
{
	assert_ptr_equal(socket, the_socket);
	note("close");
}

ssize_t usrsctp_sendv(struct socket *so, const void *data, size_t len,
		      struct sockaddr *to, int addrcnt, void *info,
		      socklen_t infolen, unsigned int infotype, int flags)
{
	assert_num(infotype, SCTP_SENDV_SPA);
	assert_num(infolen, sizeof(w.how));
	assert_memory_equal(data, "text", len);
	memcpy(&w.how, info, sizeof(w.how));
	errno = w.send_error;
	return w.send_error ? -1 : (ssize_t)len;
}

/* --- the tests --- */

static int setup(void **state)
{
	memset(&w, 0, sizeof(w));
	return 0;
}

#define OPTIONS                                                            \
	"socket linger nodelay initmsg resets path event=1 event event=9 " \
	"event nonblocking "

static int open_socket(struct socket **socket)
{
	*socket = (struct socket *)-1;
	return rtc_sctp_socket_open(socket, ID, 6000, on_receive);
}

static void socket_is_connected_or_soon_will_be(void **state)
{
	static const int errors[] = { 0, EINPROGRESS };
	struct socket *socket;

	assert_num(SCTP_ASSOC_CHANGE, 1);
	assert_num(SCTP_STREAM_RESET_EVENT, 9);
	for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
		w.connect_error = errors[i];
		assert_ok(open_socket(&socket));
		assert_ptr_equal(socket, the_socket);
		expect_log(OPTIONS "bind connect ");
	}
}

static void socket_that_fails_is_closed(void **state)
{
	static const char *const fails[] = { "linger",	    "nodelay",
					     "initmsg",	    "resets",
					     "path",	    "event",
					     "nonblocking", "bind" };
	struct socket *socket;

	for (size_t i = 0; i < ARRAY_LEN(fails); i++) {
		w.fails = fails[i];
		assert_rc(open_socket(&socket), -EINVAL);
		assert_null(socket);
		assert_non_null(strstr(w.log, "close "));
		assert_null(strstr(w.log, "connect"));
		w.log[0] = '\0';
	}
	w.fails = "socket";
	assert_rc(open_socket(&socket), -EINVAL);
	assert_null(socket);
	expect_log("socket ");
	w.fails = NULL;
	w.connect_error = ENETDOWN;
	assert_rc(open_socket(&socket), -ENETDOWN);
	assert_null(socket);
	expect_log(OPTIONS "bind connect close ");
}

static void defaults_are_made_for_input(void **state)
{
	rtc_sctp_socket_set_defaults();
	expect_log("blackhole=2 ecn_enable=0 asconf_enable=0 auto_asconf=0 "
		   "auth_enable=0 nrsack_enable=0 pktdrop_enable=0 "
		   "recvspace=262144 sendspace=131072 "
		   "delayed_sack_time_default=20 rto_min_default=100 "
		   "rto_max_default=10000 rto_initial_default=500 "
		   "init_rto_max_default=2000 ");
}

static void message_is_sent_as_its_channel_wants(void **state)
{
	static const struct {
		bool unordered;
		enum rtc_sctp_policy policy;
		uint32_t flags;
		uint16_t how, limit;
	} rows[] = {
		{ false, RTC_SCTP_RELIABLE, SCTP_EOR, 0, 0 },
		{ true, RTC_SCTP_RELIABLE, SCTP_EOR | SCTP_UNORDERED, 0, 0 },
		{ true, RTC_SCTP_RETRANSMITS, SCTP_EOR | SCTP_UNORDERED,
		  SCTP_PR_SCTP_RTX, 5 },
		{ false, RTC_SCTP_LIFETIME, SCTP_EOR, SCTP_PR_SCTP_TTL, 5 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct rtc_sctp_message m = {
			.stream = 3,
			.protocol = 51,
			.data = { (const uint8_t *)"text", 4 },
			.unordered = rows[i].unordered,
			.policy = rows[i].policy,
			.limit = 5,
		};

		assert_ok(rtc_sctp_socket_send(the_socket, &m));
		assert_num(w.how.sendv_sndinfo.snd_sid, 3);
		assert_num(ntohl(w.how.sendv_sndinfo.snd_ppid), 51);
		assert_num(w.how.sendv_sndinfo.snd_flags, rows[i].flags);
		assert_num(w.how.sendv_flags,
			   SCTP_SEND_SNDINFO_VALID |
				   (rows[i].how ? SCTP_SEND_PRINFO_VALID : 0));
		assert_num(w.how.sendv_prinfo.pr_policy, rows[i].how);
		assert_num(w.how.sendv_prinfo.pr_value, rows[i].limit);
	}
}

static void full_buffer_is_told_from_an_error(void **state)
{
	const struct rtc_sctp_message m = { .data = { (const uint8_t *)"text",
						      4 } };

	w.send_error = EWOULDBLOCK;
	assert_rc(rtc_sctp_socket_send(the_socket, &m), -EAGAIN);
	w.send_error = ENOTCONN;
	assert_rc(rtc_sctp_socket_send(the_socket, &m), -ENOTCONN);
}

static void stream_is_reset_for_the_peer(void **state)
{
	struct sctp_reset_streams head;
	uint16_t stream;

	rtc_sctp_socket_reset(the_socket, 300);
	assert_num(w.reset_len, sizeof(head) + sizeof(stream));
	memcpy(&head, w.reset, sizeof(head));
	memcpy(&stream, w.reset + sizeof(head), sizeof(stream));
	assert_num(head.srs_flags, SCTP_STREAM_RESET_OUTGOING);
	assert_num(head.srs_number_streams, 1);
	assert_num(stream, 300);
}

#define T(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(socket_is_connected_or_soon_will_be),
		T(socket_that_fails_is_closed),
		T(defaults_are_made_for_input),
		T(message_is_sent_as_its_channel_wants),
		T(full_buffer_is_told_from_an_error),
		T(stream_is_reset_for_the_peer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
