/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "input/base/container.h"
#include "input/base/fd.h"
#include "input/serve/vvu-link.h"

/* When a device is started anew that failed, or whose sibling said nothing. */
#define RETRY_S	 1.0
#define SILENT_S 0.1
/* Between attempts to pass fds while our user has too many in flight. */
#define LATER_S	  0.01
#define LATER_MAX 500
/* Before others have a turn: a device can have messages without end. */
#define MESSAGES_AT_ONCE 64

static void vvu_link_pump(struct vvu_link *l);

/* --- our ends of the socketpairs --- */

static void end_watch(struct vvu_link *l, struct vvu_link_end *end)
{
	const int events = (end->waits ? 0 : EV_READ) |
			   (end->full && !end->later ? EV_WRITE : 0);

	ev_io_stop(l->loop, &end->io);
	if (end->socket.fd < 0 || !events)
		return;
	ev_io_set(&end->io, end->socket.fd, events);
	ev_io_start(l->loop, &end->io);
}

static void end_close(struct vvu_link *l, struct vvu_link_end *end)
{
	ev_io_stop(l->loop, &end->io);
	vu_socket_fini(&end->socket);
	end->full = end->waits = end->later = false;
}

/* Return: the other end, for the caller, or -errno. */
static int end_open(struct vvu_link *l, struct vvu_link_end *end)
{
	int fds[2];

	end_close(l, end);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
		       fds) < 0)
		return -errno;
	vu_socket_init(&end->socket, fds[0]);
	end_watch(l, end);
	return fds[1];
}

/*
 * r: of vu_socket_flush() or vu_socket_pass(). What was not sent waits for
 * room, or, if it is our user, and no peer, that has too many fds in flight,
 * for a while. Return: 0, or -errno: the session MUST end.
 */
static int end_sent(struct vvu_link *l, struct vvu_link_end *end, int r)
{
	end->later = r == VU_SOCKET_LATER;
	if (end->later && l->n_later++ == LATER_MAX)
		return -ETOOMANYREFS;
	if (r < 0)
		return r;
	if (!r)
		l->n_later = 0;
	end->full = r;
	end_watch(l, end);
	if (end->later) {
		ev_timer_set(&l->later, LATER_S, 0);
		ev_timer_start(l->loop, &l->later);
	}
	return 0;
}

/* --- the end of a session --- */

static void vvu_link_stop(struct vvu_link *l)
{
	l->running = false;
	l->n_later = 0;
	ev_timer_stop(l->loop, &l->retry);
	ev_timer_stop(l->loop, &l->later);
	for (unsigned int i = 0; i < VVU_LINK_WAYS; i++)
		end_close(l, &l->end[i]);
}

static void vvu_link_restart_in(struct vvu_link *l, double seconds)
{
	ev_timer_set(&l->retry, seconds, 0);
	ev_timer_start(l->loop, &l->retry);
}

static int vvu_link_restart(struct vvu_link *l)
{
	struct fault why;
	int r;

	vvu_link_stop(l);
	r = vvu_session_start(&l->device.session, &why);
	if (r && !l->failing)
		log_line(LOG_ERROR, CULPRIT_HOST, "--vfio=%s: %s", l->address,
			 why.text);
	l->running = !r;
	l->failing = r;
	if (r)
		vvu_link_restart_in(l, RETRY_S);
	return r;
}

static void on_retry(struct ev_loop *loop, ev_timer *timer, int events)
{
	vvu_link_restart(container_of(timer, struct vvu_link, retry));
}

/*
 * The back-end still has the memory: the device is reset when it has seen the
 * end of the connection. got: VVU_SESSION_ENDED, VVU_SESSION_BROKEN, -ENOSPC of
 * vvu_link_pass(), or another errno.
 */
static void vvu_link_end(struct vvu_link *l, int got)
{
	if (got == VVU_SESSION_BROKEN)
		log_limited(&l->limit, LOG_WARNING, CULPRIT_HOST,
			    "--vfio=%s: the device breaks its contract: %s",
			    l->address, l->device.session.why);
	else if (got == -ENOSPC)
		log_limited(&l->limit, LOG_WARNING, CULPRIT_FRONTEND,
			    "SET_MEM_TABLE: past the end of the device's "
			    "memory; closing");
	else if (got < 0)
		log_limited(&l->limit, LOG_WARNING, CULPRIT_HOST,
			    "--vfio=%s: %s", l->address, strerror(-got));
	vvu_link_stop(l);
	if (!frontend_link_connected(l->link))
		vvu_link_restart_in(l, SILENT_S);
}

/* --- to the device --- */

static bool vvu_link_accepts(void *arg, const struct vu_header *hdr)
{
	return hdr->size <= VU_PAYLOAD_MAX;
}

/* Send the message that end->socket.in has. Return: whether to continue. */
static bool vvu_link_send(struct vvu_link *l, struct vvu_link_end *end)
{
	int r = vvu_session_send(&l->device.session, &end->socket.in);

	end->waits = r == VVU_SESSION_FULL;
	end_watch(l, end);
	if (r != VVU_SESSION_OK && !end->waits)
		vvu_link_end(l, r);
	return r == VVU_SESSION_OK;
}

/* Until there is no more, or no room. */
static void vvu_link_forward(struct vvu_link *l, struct vvu_link_end *end)
{
	while (l->running && end->socket.fd >= 0 && !end->waits) {
		int r = vu_socket_recv(&end->socket, vvu_link_accepts, NULL);

		if (r < 0)
			end_close(l, end);
		if (r <= 0)
			return;
		vu_message_close_fds(&end->socket.in);
		if (!vvu_link_send(l, end))
			return;
	}
}

static void vvu_link_flush(struct vvu_link *l, struct vvu_link_end *end)
{
	const int r = end_sent(l, end, vu_socket_flush(&end->socket));

	if (r)
		vvu_link_end(l, r);
	else if (!end->full)
		vvu_link_pump(l);
}

static void on_end(struct ev_loop *loop, ev_io *io, int events)
{
	struct vvu_link_end *end = container_of(io, struct vvu_link_end, io);
	struct vvu_link *l = io->data;

	if (events & EV_WRITE)
		vvu_link_flush(l, end);
	if (events & EV_READ)
		vvu_link_forward(l, end);
}

static void on_later(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct vvu_link *l = container_of(timer, struct vvu_link, later);

	for (unsigned int i = 0; i < VVU_LINK_WAYS; i++)
		if (l->end[i].later)
			vvu_link_flush(l, &l->end[i]);
}

/* The back-end has disconnected, perhaps with a last reply. */
static void on_ended(void *arg)
{
	struct vvu_link *l = arg;

	vvu_link_forward(l, &l->end[VVU_SOCKET]);
	vvu_link_restart(l);
}

/* --- to the back-end --- */

/* fd: borrowed. */
static void attach(struct vu_message *msg, int fd)
{
	msg->fds[msg->n_fds++] = fd;
}

static void attach_event(struct vu_message *msg, const int fd[VU_QUEUES_MAX])
{
	const uint64_t queue = msg->p.u64 & VU_VRING_INDEX_MASK;

	if (!(msg->p.u64 & VU_VRING_NOFD) && queue < VU_QUEUES_MAX)
		attach(msg, fd[queue]);
}

/*
 * Tables that are wrong in themselves are the back-end's to reject. Return:
 * whether all of it is in the device.
 */
static bool attach_memory(struct vvu_link *l, struct vu_message *msg)
{
	const struct virtio_part *part =
		&l->device.session.virtio.caps.part[VVU_CAP_SHARED_MEMORY];
	struct vu_mem_table *table = &msg->p.mem_table;
	uint64_t at[VU_MEM_TABLE_MAX];
	int r = vvu_place_regions(l->device.session.id,
				  &l->device.session.window, table, at);

	for (uint32_t i = 0; i < table->n_regions && !r; i++) {
		table->regions[i].mmap_offset =
			l->device.vfio.offset[part->bar] + at[i];
		attach(msg, l->device.vfio.fd);
	}
	return r != VVU_E_ROOM;
}

/* channel: the fd of the channel, then the caller's. Return: 0 or -errno. */
static int attach_fds(struct vvu_link *l, struct vu_message *msg, int *channel)
{
	msg->n_fds = 0;
	switch (msg->hdr.request) {
	case VU_SET_MEM_TABLE:
		return attach_memory(l, msg) ? 0 : -ENOSPC;
	case VU_SET_VRING_KICK:
		attach_event(msg, l->device.kick_fd);
		break;
	case VU_SET_VRING_CALL:
		attach_event(msg, l->device.call_fd);
		break;
	case VU_SET_VRING_ERR:
		/* No device has a way for it. */
		msg->p.u64 |= VU_VRING_NOFD;
		break;
	case VU_SET_BACKEND_REQ_FD:
		*channel = end_open(l, &l->end[VVU_CHANNEL]);
		if (*channel < 0)
			return *channel;
		attach(msg, *channel);
		break;
	}
	return 0;
}

static int vvu_link_connect(struct vvu_link *l)
{
	int fd = end_open(l, &l->end[VVU_SOCKET]);

	if (fd < 0)
		return fd;
	frontend_link_connect(l->link, fd);
	return 0;
}

/* Return: 0, -ENOSPC if the device lacks memory, -errno. */
static int vvu_link_pass(struct vvu_link *l, struct vu_message *msg)
{
	const enum vvu_way way = vvu_rx_way(&msg->hdr);
	struct vvu_link_end *end = &l->end[way];
	_cleanup_close_ int channel = -1;
	int r = 0;

	if (way == VVU_SOCKET && end->socket.fd < 0)
		r = vvu_link_connect(l);
	/* An answer to what nobody waits for any more. */
	if (!r && end->socket.fd < 0)
		return 0;
	if (!r)
		r = attach_fds(l, msg, &channel);
	if (!r)
		r = end_sent(l, end, vu_socket_pass(&end->socket, msg));
	return r;
}

static bool vvu_link_full(const struct vvu_link *l)
{
	return l->end[VVU_SOCKET].full || l->end[VVU_CHANNEL].full;
}

/* Return: as vvu_session_receive(), or as vvu_link_pass() if that failed. */
static int vvu_link_take(struct vvu_link *l)
{
	struct vu_message msg;
	int got = vvu_session_receive(&l->device.session, &msg);
	int r = got == VVU_SESSION_MESSAGE ? vvu_link_pass(l, &msg) : 0;

	return r ? r : got;
}

/* As if the device had notified: on_control() continues. */
static void vvu_link_continue(struct vvu_link *l)
{
	static const uint64_t one = 1;

	/* A counter that is full wakes us as well. */
	(void)!write(l->device.control_fd, &one, sizeof(one));
}

/*
 * Take messages for as long as the back-end has room for them. That the session
 * has ended is found out before they are looked for, and counts behind them.
 */
static void vvu_link_pump(struct vvu_link *l)
{
	unsigned int left = MESSAGES_AT_ONCE;
	int looked, got;

	if (!l->running || vvu_link_full(l))
		return;
	looked = vvu_session_look(&l->device.session);
	do
		got = vvu_link_take(l);
	while (got == VVU_SESSION_MESSAGE && !vvu_link_full(l) && --left);
	if (got == VVU_SESSION_MESSAGE) {
		if (!vvu_link_full(l))
			vvu_link_continue(l);
		return;
	}
	if (got == VVU_SESSION_OK)
		got = looked;
	if (got != VVU_SESSION_OK)
		vvu_link_end(l, got);
}

static void on_control(struct ev_loop *loop, ev_io *io, int events)
{
	struct vvu_link *l = container_of(io, struct vvu_link, control_io);
	uint64_t count;

	if (read(l->device.control_fd, &count, sizeof(count)) < 0)
		return;
	for (unsigned int i = 0; i < VVU_LINK_WAYS; i++)
		if (l->running && l->end[i].waits &&
		    vvu_link_send(l, &l->end[i]))
			vvu_link_forward(l, &l->end[i]);
	vvu_link_pump(l);
}

/* --- life --- */

struct vvu_link *vvu_link_new(struct ev_loop *loop, struct frontend_link *link)
{
	struct vvu_link *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->loop = loop;
	l->link = link;
	link->ended = on_ended;
	link->ended_arg = l;
	vvu_device_init(&l->device);
	for (unsigned int i = 0; i < VVU_LINK_WAYS; i++) {
		vu_socket_init(&l->end[i].socket, -1);
		ev_init(&l->end[i].io, on_end);
		l->end[i].io.data = l;
	}
	ev_init(&l->control_io, on_control);
	ev_init(&l->retry, on_retry);
	ev_init(&l->later, on_later);
	return l;
}

int vvu_link_open(struct vvu_link *l, const char *address)
{
	struct fault why;
	int r = vvu_device_open(&l->device, address, &why);

	l->address = address;
	if (r)
		log_line(LOG_ERROR, CULPRIT_HOST, "--vfio=%s: %s", address,
			 why.text);
	else if (l->device.vfio.no_iommu)
		log_line(LOG_WARNING, CULPRIT_HOST,
			 "--vfio=%s: without an IOMMU the device can access "
			 "all memory of this machine",
			 address);
	return r;
}

int vvu_link_start(struct vvu_link *l)
{
	ev_io_set(&l->control_io, l->device.control_fd, EV_READ);
	ev_io_start(l->loop, &l->control_io);
	return vvu_link_restart(l);
}

void vvu_link_free(struct vvu_link *l)
{
	if (!l)
		return;
	ev_io_stop(l->loop, &l->control_io);
	vvu_link_stop(l);
	vvu_device_close(&l->device);
	free(l);
}
