/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A socket of usrsctp for one association, set up for data channels. What it
 * calls it for an address is a number.
 */
#ifndef VINPUT_RTC_SCTP_SOCKET_H
#define VINPUT_RTC_SCTP_SOCKET_H

#include <usrsctp.h>
#include "injector/rtc/rtc-sctp-message.h"

typedef int rtc_sctp_receive(struct socket *socket, union sctp_sockstore from,
			     void *data, size_t len, struct sctp_rcvinfo info,
			     int flags, void *id);

/* For all that are opened from now on. */
void rtc_sctp_socket_set_defaults(void);

/* Begin to connect. Return: 0, or -errno with *out NULL. */
int rtc_sctp_socket_open(struct socket **out, uintptr_t id, uint16_t port,
			 rtc_sctp_receive *receive);

/* Return: 0; -EAGAIN: the buffer is full; another -errno. */
int rtc_sctp_socket_send(struct socket *socket,
			 const struct rtc_sctp_message *m);
/* End a stream, behind what was sent on it. */
void rtc_sctp_socket_reset(struct socket *socket, uint16_t stream);

#endif
