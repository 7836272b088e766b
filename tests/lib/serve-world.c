/* SPDX-License-Identifier: Apache-2.0 */
#include <endian.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "input/base/fd.h"
#include "tests/lib/event-text.h"
#include "tests/lib/garbage.h"
#include "tests/lib/log-lines.h"
#include "tests/lib/serve-world.h"

#define TURNS 12

static struct serve_world the_world;

static bool any_header(void *arg, const struct vu_header *hdr)
{
	return true;
}

/* vt's messages, and the replies to them. */
static int deliver(void *arg, struct vu_message *msg)
{
	struct serve_world *w = arg;
	int r;

	assert_ok(vu_socket_pass(&w->vmm, msg));
	vu_message_close_fds(msg);
	serve_turn(w);
	r = vu_socket_recv(&w->vmm, any_header, NULL);
	if (r <= 0)
		return r;
	*msg = w->vmm.in;
	w->vmm.in.n_fds = 0;
	return VU_HAS_REPLY;
}

/* With an address that the kernel chooses, which is no file. */
static int listen_anywhere(void)
{
	const struct sockaddr_un any = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	assert_sys(fd);
	assert_sys(bind(fd, (const struct sockaddr *)&any,
			sizeof(any.sun_family)));
	assert_sys(listen(fd, 4));
	return fd;
}

void serve_turn(struct serve_world *w)
{
	for (int i = 0; i < TURNS; i++)
		ev_run(w->loop, EVRUN_NOWAIT);
}

int serve_setup(void **state)
{
	struct serve_world *w = &the_world;
	void *vt;

	memset(w, 0, sizeof(*w));
	if (vt_setup(&vt))
		return -1;
	w->v = vt;
	w->v->deliver = deliver;
	w->v->deliver_arg = w;
	event_text_device("KEY_A, KEY_B, REL_X, SW_LID, LED_CAPSL", &w->spec);
	w->loop = ev_loop_new(EVFLAG_AUTO);
	fill_with_garbage(&w->server);
	log_lines_take();
	assert_ok(server_init(&w->server, w->loop, &w->spec));
	server_set_overflow(&w->server, DEVICE_FOLD, SERVE_STALL_S * 1000);
	w->injector = serve_add_injector(w);
	w->listener = listen_anywhere();
	assert_ok(server_serve(&w->server, w->listener));
	vu_socket_init(&w->vmm, -1);
	serve_connect(w);
	serve_prepare(w);
	*state = w;
	return 0;
}

int serve_teardown(void **state)
{
	struct serve_world *w = *state;
	void *vt = w->v;

	server_fini(&w->server);
	/* No watcher is left. */
	assert_num(ev_run(w->loop, EVRUN_NOWAIT), 0);
	ev_loop_destroy(w->loop);
	vu_socket_fini(&w->vmm);
	close_fd(w->injector);
	close_fd(w->listener);
	log_lines_release();
	return vt_teardown(&vt);
}

void serve_connect(struct serve_world *w)
{
	struct sockaddr_un at;
	socklen_t len = sizeof(at);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	assert_sys(fd);
	assert_sys(getsockname(w->listener, (struct sockaddr *)&at, &len));
	assert_sys(connect(fd, (struct sockaddr *)&at, len));
	vu_socket_init(&w->vmm, fd);
	serve_turn(w);
	assert_logged("front-end connected\n");
}

void serve_disconnect(struct serve_world *w)
{
	vu_socket_fini(&w->vmm);
	serve_turn(w);
	assert_logged("front-end disconnected\n");
}

void serve_prepare(struct serve_world *w)
{
	vt_negotiate(w->v, 0,
		     VT_BIT(VU_PROTOCOL_F_CONFIG) |
			     VT_BIT(VU_PROTOCOL_F_DEVICE_STATE));
	vt_share(w->v);
}

void serve_start(struct serve_world *w, unsigned int queue)
{
	memset(w->v->mem + VT_DESC(queue), 0, VT_DESC(1));
	w->seen[queue] = 0;
	assert_rc(vt_state(w->v, VU_SET_VRING_BASE, queue, 0), 0);
	vt_start(w->v, queue);
}

void serve_stop(struct serve_world *w, unsigned int queue)
{
	assert_rc(vt_state(w->v, VU_GET_VRING_BASE, queue, 0), VU_HAS_REPLY);
}

void serve_resume(struct serve_world *w, unsigned int queue)
{
	assert_rc(vt_state(w->v, VU_SET_VRING_BASE, queue,
			   vt_used_idx(w->v, queue)),
		  0);
	vt_start(w->v, queue);
}

int serve_add_injector(struct serve_world *w)
{
	int fd[2];

	assert_sys(socketpair(
		AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fd));
	assert_ok(server_add_injector(&w->server, fd[0], -1));
	return fd[1];
}

void serve_inject(struct serve_world *w, const char *frame)
{
	struct vi_event ev[64];
	const size_t len =
		event_text_frame(frame, ev, ARRAY_LEN(ev)) * sizeof(ev[0]);

	assert_num(write(w->injector, ev, len), len);
	serve_turn(w);
}

/* The ID of the buffer that entry i of the used ring is about. */
static uint32_t used_id(const struct serve_world *w, unsigned int queue,
			uint16_t i)
{
	uint32_t id;

	memcpy(&id, w->v->mem + VT_USED(queue) + 4 + i % VT_NUM * 8,
	       sizeof(id));
	return le32toh(id);
}

void serve_expect(struct serve_world *w, const char *events)
{
	struct vi_event ev[64];
	size_t n = 0;

	for (; w->seen[EVENTQ] != vt_used_idx(w->v, EVENTQ); w->seen[EVENTQ]++)
		memcpy(&ev[n++],
		       w->v->mem + VT_BUFFERS +
			       used_id(w, EVENTQ, w->seen[EVENTQ]) * 8,
		       sizeof(ev[0]));
	assert_events(ev, n, events);
}

void serve_post_status(struct serve_world *w, struct vi_event ev)
{
	const uint16_t none = 0;
	uint16_t idx;
	uint8_t *mem = w->v->mem;

	memcpy(&idx, mem + VT_AVAIL(STATUSQ) + 2, sizeof(idx));
	vt_post(w->v, STATUSQ, 1);
	idx = le16toh(idx) % VT_NUM;
	/* One that the device reads. */
	memcpy(mem + VT_DESC(STATUSQ) + idx * 16 + 12, &none, sizeof(none));
	memcpy(mem + VT_BUFFERS + (STATUSQ * VT_NUM + idx) * 8, &ev,
	       sizeof(ev));
}

struct vi_event serve_told(struct serve_world *w, int injector)
{
	struct vi_event ev;

	assert_num(recv(injector, &ev, sizeof(ev), MSG_DONTWAIT), sizeof(ev));
	return ev;
}

void serve_select(struct serve_world *w, uint8_t select, uint8_t subsel)
{
	const struct {
		struct vu_config head;
		uint8_t bytes[2];
	} msg = { { .size = 2 }, { select, subsel } };

	assert_rc(vt_send(w->v, VU_SET_CONFIG, &msg, sizeof(msg.head) + 2, -1),
		  0);
}

void serve_expect_told(struct serve_world *w, struct vi_event want)
{
	const struct vi_event got = serve_told(w, w->injector);

	assert_memory_equal(&got, &want, sizeof(got));
}

void serve_expect_silence(struct serve_world *w)
{
	struct vi_event ev;

	assert_num(recv(w->injector, &ev, sizeof(ev), MSG_DONTWAIT), -1);
}

bool serve_asks_kicks(struct serve_world *w, unsigned int queue)
{
	uint16_t flags;

	memcpy(&flags, w->v->mem + VT_USED(queue), sizeof(flags));
	return !(flags & htole16(1 /* VIRTQ_USED_F_NO_NOTIFY */));
}

void serve_kick(struct serve_world *w, unsigned int queue)
{
	assert_sys(eventfd_write(w->v->kick[queue], 1));
	serve_turn(w);
}
