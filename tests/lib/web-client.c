/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/web-client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/lib/check.h"
#include "tests/lib/process.h"

void web_client_init(struct web_client *c, const char *url)
{
	memset(c, 0, sizeof(*c));
	c->fd = -1;
	assert_num(
		sscanf(url, "http://%63[^/]/?token=%159s", c->host, c->token),
		2);
}

void web_client_close(struct web_client *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	c->n = 0;
}

static void client_connect(struct web_client *c)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	const char *port = strchr(c->host, ':');

	web_client_close(c);
	assert_non_null(port);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	to.sin_port = htons((uint16_t)atoi(port + 1));
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_sys(c->fd);
	assert_sys(connect(c->fd, (struct sockaddr *)&to, sizeof(to)));
}

/* Return: whether all was sent. */
static bool client_write(struct web_client *c, const void *data, size_t len)
{
	/* The server may have disconnected, which a later read shows. */
	return send(c->fd, data, len, MSG_NOSIGNAL) == (ssize_t)len;
}

/* Return: whether there was more to read. */
static bool client_read(struct web_client *c)
{
	struct pollfd p = { .fd = c->fd, .events = POLLIN };
	ssize_t n;

	assert_true(c->n < sizeof(c->bytes));
	if (poll(&p, 1, DEADLINE_MS) != 1)
		fail_msg("nothing came");
	n = recv(c->fd, c->bytes + c->n, sizeof(c->bytes) - c->n, 0);
	if (n <= 0)
		return false;
	c->n += (size_t)n;
	return true;
}

static void client_drop(struct web_client *c, size_t len)
{
	c->n -= len;
	memmove(c->bytes, c->bytes + len, c->n);
}

/* Return: whether a whole head came, which becomes the reply. */
static bool client_read_head(struct web_client *c)
{
	const uint8_t *end;

	while (!(end = memmem(c->bytes, c->n, "\r\n\r\n", 4)))
		if (!client_read(c))
			return false;
	memcpy(c->reply, c->bytes, (size_t)(end - c->bytes));
	c->reply[end - c->bytes] = '\0';
	client_drop(c, (size_t)(end - c->bytes) + 4);
	return true;
}

int web_client_request(struct web_client *c, const char *fmt, ...)
{
	char *text;
	va_list args;
	int n, status;

	va_start(args, fmt);
	n = vasprintf(&text, fmt, args);
	va_end(args);
	assert_true(n > 0);
	client_connect(c);
	client_write(c, text, (size_t)n);
	client_write(c, "\r\n", 2);
	free(text);
	if (!client_read_head(c))
		return 0;
	assert_num(sscanf(c->reply, "HTTP/1.%*d %d", &status), 1);
	return status;
}

const char *web_client_body(struct web_client *c)
{
	const char *header = strstr(c->reply, "content-length: ");
	size_t len;

	assert_non_null(header);
	len = (size_t)atoi(strchr(header, ' '));
	assert_true(len < sizeof(c->message));
	while (c->n < len)
		assert_true(client_read(c));
	memcpy(c->message, c->bytes, len);
	c->message[len] = '\0';
	client_drop(c, len);
	return c->message;
}

void web_client_trade(struct web_client *c)
{
	const char *cookie;

	assert_num(web_client_request(c,
				      "GET /?token=%s HTTP/1.1\r\nHost: %s\r\n",
				      c->token, c->host),
		   200);
	cookie = strstr(c->reply, "set-cookie: ");
	assert_non_null(cookie);
	assert_num(sscanf(cookie, "set-cookie: %127[^;]", c->cookie), 1);
}

static const char *value_or(const char *value, const char *usual)
{
	return value ? value : usual;
}

int web_client_upgrade(struct web_client *c, const struct web_handshake *h)
{
	char origin[128] = "", protocol[128] = "";

	if (!h->without_protocol)
		snprintf(protocol, sizeof(protocol),
			 "Sec-WebSocket-Protocol: %s\r\n",
			 value_or(h->protocol, "vinput.1"));
	if (!h->without_origin)
		snprintf(origin, sizeof(origin), "Origin: %s%s\r\n",
			 value_or(h->origin, "http://"),
			 h->origin ? "" : c->host);
	return web_client_request(
		c,
		"GET %s HTTP/1.1\r\nHost: %s\r\n%s%sCookie: %s\r\n"
		"Upgrade: websocket\r\n"
		"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
		value_or(h->path, "/input"), value_or(h->host, c->host), origin,
		protocol, value_or(h->cookie, c->cookie));
}

void web_client_start(struct web_client *c, const char *url)
{
	const struct web_handshake right = { 0 };

	web_client_init(c, url);
	web_client_trade(c);
	assert_num(web_client_upgrade(c, &right), 101);
	web_client_send(c, "{'type':'hello','version':1}");
	web_client_expect(c, "{\"type\":\"hello\",\"version\":1,");
	web_client_expect(c, "{\"type\":\"devices\",");
}

/* With a mask of zeros, which is one. */
bool web_client_send_frame(struct web_client *c, unsigned int op, bool final,
			   const void *data, size_t len)
{
	uint8_t *frame = malloc(len + 8);
	size_t n = 0;
	bool sent;

	assert_non_null(frame);
	assert_true(len < 65536);
	frame[n++] = (uint8_t)(op | (final ? 0x80 : 0));
	if (len < 126) {
		frame[n++] = (uint8_t)(0x80 | len);
	} else {
		frame[n++] = 0x80 | 126;
		frame[n++] = (uint8_t)(len >> 8);
		frame[n++] = (uint8_t)len;
	}
	memset(frame + n, 0, 4);
	memcpy(frame + n + 4, data, len);
	sent = client_write(c, frame, n + 4 + len);
	free(frame);
	return sent;
}

void web_client_send(struct web_client *c, const char *fmt, ...)
{
	char *text;
	va_list args;
	int n;

	va_start(args, fmt);
	n = vasprintf(&text, fmt, args);
	va_end(args);
	assert_true(n >= 0);
	for (char *at = text; *at; at++)
		*at = *at == '\'' ? '"' : *at;
	web_client_send_frame(c, 1, true, text, (size_t)n);
	free(text);
}

void web_client_send_binary(struct web_client *c, const void *data, size_t len)
{
	web_client_send_frame(c, 2, true, data, len);
}

size_t web_client_flood(struct web_client *c, const void *data, size_t len)
{
	const struct timeval wait = { .tv_usec = 200 * 1000 };
	size_t n = 0;

	assert_sys(setsockopt(c->fd, SOL_SOCKET, SO_SNDTIMEO, &wait,
			      sizeof(wait)));
	while (web_client_send_frame(c, 2, true, data, len))
		n++;
	return n;
}

/* Return: the size of the frame's head, and its payload's; 0: not yet there. */
static size_t client_frame_head(const struct web_client *c, size_t *len)
{
	if (c->n < 2)
		return 0;
	*len = c->bytes[1] & 0x7f;
	if (*len < 126)
		return 2;
	assert_num(*len, 126);
	if (c->n < 4)
		return 0;
	*len = (size_t)c->bytes[2] << 8 | c->bytes[3];
	return 4;
}

/* Return: the opcode of the next frame, with its payload; -1: disconnected. */
static int client_read_frame(struct web_client *c)
{
	size_t head, len = 0;
	int op;

	while (!(head = client_frame_head(c, &len)) || c->n < head + len)
		if (!client_read(c))
			return -1;
	op = c->bytes[0] & 15;
	memcpy(c->message, c->bytes + head, len);
	c->message[len] = '\0';
	c->message_len = len;
	client_drop(c, head + len);
	return op;
}

void web_client_expect_binary(struct web_client *c, const void *bytes,
			      size_t len)
{
	const uint8_t *at = bytes;

	while (len) {
		assert_num(client_read_frame(c), 2);
		assert_true(c->message_len <= len);
		assert_memory_equal(c->message, at, c->message_len);
		at += c->message_len;
		len -= c->message_len;
	}
}

void web_client_expect_close(struct web_client *c, int status,
			     const char *reason)
{
	const uint8_t *message = (const uint8_t *)c->message;
	int op;

	do
		op = client_read_frame(c);
	while (op >= 0 && op != 8);
	assert_num(op, 8);
	assert_true(c->message_len >= 2);
	assert_num(message[0] << 8 | message[1], status);
	assert_string_equal(c->message + 2, reason);
}

const char *web_client_receive(struct web_client *c)
{
	int op;

	do
		op = client_read_frame(c);
	while (op == 9 || op == 10);
	return op == 1 ? c->message : NULL;
}

void web_client_expect(struct web_client *c, const char *text)
{
	const char *message;

	while ((message = web_client_receive(c)))
		if (strstr(message, text))
			return;
	fail_msg("disconnected before %s", text);
}

void web_client_expect_end(struct web_client *c)
{
	while (web_client_receive(c))
		;
}
