/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A browser of the test's own: HTTP and WebSocket, over one connection at a
 * time, without TLS. Each wait has a deadline.
 */
#ifndef VINPUT_TESTS_WEB_CLIENT_H
#define VINPUT_TESTS_WEB_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WEB_CLIENT_MAX 65536 /* of a reply, or a message */

struct web_client {
	char host[64]; /* "127.0.0.1:1234" */
	char token[160];
	char cookie[128]; /* "" before it got one */
	int fd;		  /* -1: not connected */
	size_t n;	  /* bytes that were read and not taken */
	uint8_t bytes[WEB_CLIENT_MAX];
	char reply[WEB_CLIENT_MAX]; /* the last one: its head */
	char message[WEB_CLIENT_MAX + 1];
	size_t message_len;
};

/* url: as vinput-stream prints it. Nothing is connected. */
void web_client_init(struct web_client *c, const char *url);
/* Idempotent. A WebSocket is closed without a word, as by SIGKILL. */
void web_client_close(struct web_client *c);

/*
 * Send a request on a new connection: its lines, each with \r\n, and an empty
 * one is added. Return: the status; 0: none came.
 */
__attribute__((format(printf, 2, 3))) int web_client_request(
	struct web_client *c, const char *fmt, ...);
/* Return: the body of the last reply, whole; it is the message, too. */
const char *web_client_body(struct web_client *c);
/* GET / with the token, which MUST get a cookie. */
void web_client_trade(struct web_client *c);

/* What a handshake of a WebSocket says; NULL: what is right. */
struct web_handshake {
	const char *path, *host, *origin, *protocol, *cookie;
	bool without_origin, without_protocol;
};
/* Return: the status, 101 for success. */
int web_client_upgrade(struct web_client *c, const struct web_handshake *h);
/* A cookie, a WebSocket, and a hello, whose answers are read. */
void web_client_start(struct web_client *c, const char *url);

/* ' stands for ". */
__attribute__((format(printf, 2, 3))) void web_client_send(struct web_client *c,
							   const char *fmt,
							   ...);
void web_client_send_binary(struct web_client *c, const void *data, size_t len);
/*
 * Send it again and again, until the server has taken nothing for 200 ms.
 * Return: how often it was sent whole.
 */
size_t web_client_flood(struct web_client *c, const void *data, size_t len);
/*
 * op: 0 continues, 1 text, 2 binary, 8 close, 9 ping. Return: whether all of it
 * was sent.
 */
bool web_client_send_frame(struct web_client *c, unsigned int op, bool final,
			   const void *data, size_t len);
/* Return: the next text message; NULL: disconnected. */
const char *web_client_receive(struct web_client *c);
/* Of as many binary messages as it takes: exactly these bytes. */
void web_client_expect_binary(struct web_client *c, const void *bytes,
			      size_t len);
/* Read until the server closes, with this status and reason. */
void web_client_expect_close(struct web_client *c, int status,
			     const char *reason);
/* Read messages until one contains the text. */
void web_client_expect(struct web_client *c, const char *text);
/* It is disconnected, after any messages. */
void web_client_expect_end(struct web_client *c);

#endif
