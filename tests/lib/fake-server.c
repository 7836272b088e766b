/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "input/device/control.h"
#include "tests/lib/check.h"
#include "tests/lib/fake-server.h"

#define EVENTS_MAX 16384

struct batch {
	struct vi_event ev[EVENTS_MAX];
	size_t n;
};

void fake_server_note_report(struct fake_server *s,
			     const struct vinject_receipt *r)
{
	if (s->n_reports < ARRAY_LEN(s->reports))
		s->reports[s->n_reports++] = *r;
}

static void note_report(void *arg, const struct vinject_receipt *r)
{
	fake_server_note_report(arg, r);
}

void fake_server_note_driver(void *arg, enum vinject_driver state)
{
	struct fake_server *s = arg;

	if (s->n_drivers < ARRAY_LEN(s->drivers))
		s->drivers[s->n_drivers++] = state;
}

static void note_status(void *arg, uint16_t type, uint16_t code, int32_t value)
{
	struct fake_server *s = arg;

	(void)type;
	(void)code;
	(void)value;
	s->n_status++;
}

void fake_server_forget_report(struct fake_server *s)
{
	memmove(s->reports, s->reports + 1,
		--s->n_reports * sizeof(*s->reports));
}

void fake_server_opens(struct fake_server *s, int type)
{
	const int small = 1; /* the kernel makes it its smallest */
	int fd[2];

	assert_sys(socketpair(AF_UNIX, type, 0, fd));
	assert_sys(setsockopt(fd[0], SOL_SOCKET, SO_SNDBUF, &small,
			      sizeof(small)));
	assert_ok(vinject_open_fd(s->v, fd[0]));
	s->fd = fd[1];
}

struct fake_server *fake_server_new(int type)
{
	struct fake_server *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	s->v = vinject_new();
	assert_non_null(s->v);
	vinject_set_receipt(s->v, note_report, s);
	vinject_set_status(s->v, note_status, s);
	fake_server_opens(s, type);
	return s;
}

void fake_server_ends(struct fake_server *s)
{
	close(s->fd);
	s->fd = -1;
}

void fake_server_free(struct fake_server *s)
{
	if (!s)
		return;
	vinject_free(s->v);
	if (s->fd >= 0)
		close(s->fd);
	free(s);
}

void fake_server_says(struct fake_server *s, uint16_t type, uint16_t code,
		      int32_t value)
{
	const struct vi_event ev = vi_event(type, code, value);

	assert_num(send(s->fd, &ev, sizeof(ev), MSG_NOSIGNAL), sizeof(ev));
}

int32_t fake_server_wire(const struct fake_server *s, uint32_t number)
{
	assert_true(s->n_wire);
	return (int32_t)((uint32_t)s->first + number - 1);
}

static void take(struct fake_server *s, struct batch *b)
{
	const struct vi_event *ev = &b->ev[b->n];

	memcpy(&b->ev[b->n], s->half, sizeof(*ev));
	s->n_half = 0;
	if (vi_type(ev) == CONTROL_RECEIPT && !s->n_wire++)
		s->first = vi_value(ev);
	b->n++;
}

static void read_all(struct fake_server *s, struct batch *b)
{
	uint8_t bytes[65536];
	ssize_t n;

	while ((n = recv(s->fd, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0)
		for (ssize_t i = 0; i < n; i++) {
			s->half[s->n_half++] = bytes[i];
			if (s->n_half < sizeof(s->half))
				continue;
			assert_true(b->n < EVENTS_MAX);
			take(s, b);
		}
}

void fake_server_drains(struct fake_server *s)
{
	struct batch *b = calloc(1, sizeof(*b));

	assert_non_null(b);
	read_all(s, b);
	free(b);
}

/* Return: a receipt's number at the handle. */
static unsigned int number_of(const struct fake_server *s, int32_t wire)
{
	return (uint32_t)wire - (uint32_t)s->first + 1;
}

static void write_event(const struct fake_server *s, const struct vi_event *ev,
			FILE *out)
{
	switch (vi_type(ev)) {
	case EV_SYN:
		fprintf(out, "SYN");
		return;
	case EV_KEY:
		fprintf(out, "KEY %u %d", vi_code(ev), vi_value(ev));
		return;
	case EV_ABS:
		fprintf(out, "ABS %u %d", vi_code(ev), vi_value(ev));
		return;
	case EV_REL:
		fprintf(out, "REL %u %d", vi_code(ev), vi_value(ev));
		return;
	case CONTROL_HELLO:
		fprintf(out, "%s",
			vi_code(ev) == CONTROL_VERSION &&
					vi_value(ev) == CONTROL_MAGIC
				? "HELLO"
				: "bad HELLO");
		return;
	case CONTROL_LOSSLESS:
		fprintf(out, "LOSSLESS %d", vi_value(ev));
		return;
	case CONTROL_RECEIPT:
		fprintf(out, "RECEIPT %u", number_of(s, vi_value(ev)));
		return;
	case CONTROL_WATCH:
		fprintf(out, "WATCH %d", vi_value(ev));
		return;
	case CONTROL_NAME:
		fprintf(out, "NAME");
		return;
	case CONTROL_CANCEL:
		fprintf(out, "CANCEL");
		return;
	case CONTROL_HELD:
		fprintf(out, "HELD");
		return;
	}
	fprintf(out, "type %u", vi_type(ev));
}

void fake_server_reads(struct fake_server *s, const char *text)
{
	struct batch *b = calloc(1, sizeof(*b));
	char *got = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&got, &len);

	assert_true(b && out);
	read_all(s, b);
	assert_num(s->n_half, 0);
	for (size_t i = 0; i < b->n; i++) {
		fprintf(out, "%s", i ? ", " : "");
		write_event(s, &b->ev[i], out);
	}
	fclose(out);
	if (text)
		assert_string_equal(got, text);
	free(got);
	free(b);
}

void fake_server_greet(struct fake_server *s)
{
	assert_rc(vinject_hello(s->v, 0), -EOPNOTSUPP);
	fake_server_reads(s, "HELLO, SYN");
	fake_server_says(s, CONTROL_HELLO, CONTROL_VERSION, CONTROL_MAGIC);
	assert_ok(vinject_hello(s->v, -1));
}

uint32_t fake_server_press(struct fake_server *s, bool down)
{
	uint32_t number = 0;

	assert_ok(vinject_key(s->v, KEY_A, down));
	assert_ok(vinject_ask_receipt(s->v, &number));
	assert_true(vinject_frame(s->v) >= 0);
	return number;
}

void fake_server_expect_reports(struct fake_server *s, uint32_t first,
				uint32_t last, unsigned int result)
{
	assert_true(s->n_reports >= last - first + 1);
	for (uint32_t n = first; n <= last; n++) {
		assert_num(s->reports[0].number, n);
		assert_num(s->reports[0].result, result);
		fake_server_forget_report(s);
	}
}

void fake_server_expect_no_report(const struct fake_server *s)
{
	assert_num(s->n_reports, 0);
}

void fake_server_dispatch(struct fake_server *s)
{
	assert_true(vinject_dispatch(s->v) >= 0);
}

void fake_server_answers(struct fake_server *s, uint32_t number)
{
	fake_server_says(s, CONTROL_RECEIPT, 0, fake_server_wire(s, number));
}

int fake_server_setup(void **state)
{
	*state = fake_server_new(SOCK_STREAM);
	return 0;
}

int fake_server_setup_packets(void **state)
{
	*state = fake_server_new(SOCK_SEQPACKET);
	return 0;
}

int fake_server_teardown(void **state)
{
	fake_server_free(*state);
	return 0;
}
