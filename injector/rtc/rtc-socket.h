/* SPDX-License-Identifier: Apache-2.0 */
/* A UDP socket at one address of this machine, for all peers. */
#ifndef VINPUT_RTC_SOCKET_H
#define VINPUT_RTC_SOCKET_H

#include <ev.h>
#include <netinet/in.h>
#include "injector/rtc/rtc-text.h"
#include "input/base/fault.h"

/* An address of a peer. */
union rtc_address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

struct rtc_socket;

struct rtc_socket {
	/* Of the owner, before rtc_socket_open(). */
	void (*received)(struct rtc_socket *s, struct rtc_bytes datagram,
			 const union rtc_address *from);
	struct ev_loop *loop;
	void *owner;

	int fd;
	ev_io io;
	char address[INET6_ADDRSTRLEN];
	uint16_t port;
};

#define RTC_SOCKET_NULL ((struct rtc_socket){ .fd = -1 })

/* port: 0: any. Return: 0; -EINVAL: not an address; -errno. With the fault. */
int rtc_socket_open(struct rtc_socket *s, const char *address, uint16_t port,
		    struct fault *fault);
void rtc_socket_fini(struct rtc_socket *s); /* idempotent */

/* A datagram that cannot be sent now is lost. */
void rtc_socket_send(const struct rtc_socket *s, struct rtc_bytes datagram,
		     const union rtc_address *to);

bool rtc_address_same(const union rtc_address *a, const union rtc_address *b);

#endif
