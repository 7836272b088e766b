/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "injector/rtc/rtc-sctp-socket.h"

/* Buffers of an association. What exceeds them waits here, or at the peer. */
#define SEND_BUFFER    (128 << 10)
#define RECEIVE_BUFFER (256 << 10)

void rtc_sctp_socket_set_defaults(void)
{
	usrsctp_sysctl_set_sctp_blackhole(2); /* no answers to strangers */
	usrsctp_sysctl_set_sctp_ecn_enable(0);
	usrsctp_sysctl_set_sctp_asconf_enable(0);
	usrsctp_sysctl_set_sctp_auto_asconf(0);
	usrsctp_sysctl_set_sctp_auth_enable(0);
	usrsctp_sysctl_set_sctp_nrsack_enable(0);
	usrsctp_sysctl_set_sctp_pktdrop_enable(0);
	usrsctp_sysctl_set_sctp_recvspace(RECEIVE_BUFFER);
	usrsctp_sysctl_set_sctp_sendspace(SEND_BUFFER);
	/* Made for input: a lost event is sent again soon. */
	usrsctp_sysctl_set_sctp_delayed_sack_time_default(20);
	usrsctp_sysctl_set_sctp_rto_min_default(100);
	usrsctp_sysctl_set_sctp_rto_max_default(10000);
	usrsctp_sysctl_set_sctp_rto_initial_default(500);
	usrsctp_sysctl_set_sctp_init_rto_max_default(2000);
}

static bool socket_option(struct socket *socket, int name, const void *value,
			  size_t len)
{
	return !usrsctp_setsockopt(socket, IPPROTO_SCTP, name, value,
				   (socklen_t)len);
}

static bool socket_subscribe(struct socket *socket)
{
	static const uint16_t types[] = { SCTP_ASSOC_CHANGE,
					  SCTP_STREAM_RESET_EVENT };
	struct sctp_event event = { .se_assoc_id = SCTP_ALL_ASSOC, .se_on = 1 };
	bool ok = true;

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		event.se_type = types[i];
		ok &= socket_option(socket, SCTP_EVENT, &event, sizeof(event));
	}
	return ok;
}

/* close() aborts: whoever still waits for a peer that is gone waits for ever */
static bool socket_set_options(struct socket *socket)
{
	const struct linger linger = { .l_onoff = 1 };
	const int on = 1;
	const struct sctp_initmsg init = {
		.sinit_num_ostreams = RTC_SCTP_STREAMS,
		.sinit_max_instreams = RTC_SCTP_STREAMS,
	};
	const struct sctp_assoc_value resets = {
		.assoc_id = SCTP_ALL_ASSOC,
		.assoc_value = SCTP_ENABLE_RESET_STREAM_REQ,
	};
	const struct sctp_paddrparams path = {
		.spp_flags = SPP_PMTUD_DISABLE,
		.spp_pathmtu = RTC_SCTP_PACKET_MAX,
	};

	return !usrsctp_setsockopt(socket, SOL_SOCKET, SO_LINGER, &linger,
				   sizeof(linger)) &&
	       socket_option(socket, SCTP_NODELAY, &on, sizeof(on)) &&
	       socket_option(socket, SCTP_INITMSG, &init, sizeof(init)) &&
	       socket_option(socket, SCTP_ENABLE_STREAM_RESET, &resets,
			     sizeof(resets)) &&
	       socket_option(socket, SCTP_PEER_ADDR_PARAMS, &path,
			     sizeof(path)) &&
	       socket_subscribe(socket) && !usrsctp_set_non_blocking(socket, 1);
}

static int socket_connect(struct socket *socket, uintptr_t id, uint16_t port)
{
	struct sockaddr_conn own = { .sconn_family = AF_CONN,
				     .sconn_port = htons(RTC_SCTP_PORT),
				     .sconn_addr = (void *)id };
	struct sockaddr_conn peer = own;

	peer.sconn_port = htons(port);
	if (usrsctp_bind(socket, (void *)&own, sizeof(own)) < 0)
		return -errno;
	if (usrsctp_connect(socket, (void *)&peer, sizeof(peer)) < 0 &&
	    errno != EINPROGRESS)
		return -errno;
	return 0;
}

int rtc_sctp_socket_open(struct socket **out, uintptr_t id, uint16_t port,
			 rtc_sctp_receive *receive)
{
	struct socket *socket =
		usrsctp_socket(AF_CONN, SOCK_STREAM, IPPROTO_SCTP, receive,
			       NULL, 0, (void *)id);
	int e = 0;

	*out = NULL;
	if (!socket)
		return -errno;
	if (!socket_set_options(socket))
		e = -errno;
	if (!e)
		e = socket_connect(socket, id, port);
	if (e)
		usrsctp_close(socket);
	else
		*out = socket;
	return e;
}

int rtc_sctp_socket_send(struct socket *socket,
			 const struct rtc_sctp_message *m)
{
	static const uint16_t policies[] = {
		[RTC_SCTP_RELIABLE] = SCTP_PR_SCTP_NONE,
		[RTC_SCTP_RETRANSMITS] = SCTP_PR_SCTP_RTX,
		[RTC_SCTP_LIFETIME] = SCTP_PR_SCTP_TTL,
	};
	struct sctp_sendv_spa how = {
		.sendv_flags = SCTP_SEND_SNDINFO_VALID,
		.sendv_sndinfo = { .snd_sid = m->stream,
				   .snd_ppid = htonl(m->protocol),
				   .snd_flags = SCTP_EOR },
	};

	if (m->unordered)
		how.sendv_sndinfo.snd_flags |= SCTP_UNORDERED;
	if (m->policy != RTC_SCTP_RELIABLE) {
		how.sendv_flags |= SCTP_SEND_PRINFO_VALID;
		how.sendv_prinfo.pr_policy = policies[m->policy];
		how.sendv_prinfo.pr_value = m->limit;
	}
	if (usrsctp_sendv(socket, m->data.at, m->data.len, NULL, 0, &how,
			  sizeof(how), SCTP_SENDV_SPA, 0) >= 0)
		return 0;
	return errno == EWOULDBLOCK ? -EAGAIN : -errno;
}

void rtc_sctp_socket_reset(struct socket *socket, uint16_t stream)
{
	union {
		struct sctp_reset_streams head;
		uint8_t bytes[sizeof(struct sctp_reset_streams) + 2];
	} r = { .head = { .srs_flags = SCTP_STREAM_RESET_OUTGOING,
			  .srs_number_streams = 1 } };

	memcpy(r.bytes + sizeof(r.head), &stream, sizeof(stream));
	usrsctp_setsockopt(socket, IPPROTO_SCTP, SCTP_RESET_STREAMS, &r,
			   sizeof(r.head) + sizeof(stream));
}
