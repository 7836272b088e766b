/* SPDX-License-Identifier: Apache-2.0 */
/* Apart from fake-node.c, which is also a part of node-stand-in.so. */
#include <sys/socket.h>

#include "tests/lib/check.h"
#include "tests/lib/event-text.h"
#include "tests/lib/fake-node.h"

#define EVENTS_MAX 128

void fake_node_sends(int fd, const char *text)
{
	struct vi_event ev[EVENTS_MAX];
	struct input_event in[EVENTS_MAX] = { 0 };
	const size_t n = event_text_frame(text, ev, EVENTS_MAX);

	for (size_t i = 0; i < n; i++) {
		in[i].type = vi_type(&ev[i]);
		in[i].code = vi_code(&ev[i]);
		in[i].value = vi_value(&ev[i]);
	}
	assert_num(send(fd, in, n * sizeof(*in), 0), n * sizeof(*in));
}

char *fake_node_written(int fd)
{
	struct input_event in[EVENTS_MAX];
	struct vi_event ev[EVENTS_MAX];
	ssize_t len = recv(fd, in, sizeof(in), MSG_DONTWAIT);
	const size_t n = len < 0 ? 0 : (size_t)len / sizeof(*in);

	for (size_t i = 0; i < n; i++)
		ev[i] = vi_event(in[i].type, in[i].code, in[i].value);
	return event_text_write(ev, n);
}
