/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <malloc.h>
#include <string.h>

#include "input/base/fd.h"
#include "input/ring/guest-map.h"
#include "input/serve/server.h"
#include "input/vhost-user/vu-features.h"

static size_t server_count(const void *arg, struct counter out[COUNTERS_MAX])
{
	const struct server *s = arg;
	struct counters c = { 0 };

	injectors_count(&s->injectors, &c);
	pump_count(&s->pump, &c);
	frontend_link_count(&s->link, &c);
	return counters_show(&c, out);
}

static void on_server_hup(void *arg)
{
	server_reload(arg);
}

static void on_server_usr1(void *arg)
{
	const struct server *s = arg;

	stats_log(&s->stats);
}

/* Nothing in here can fail, whatever the parts borrow. */
static void init_parts(struct server *s, const struct spec *spec)
{
	frontend_link_init(&s->link, s->loop, &session_ops, &s->session,
			   sizeof(struct config_space));
	injectors_init(&s->injectors, s->loop, s->dev, pump_soon, &s->pump);
	s->injectors.pass = pump_pass;
	s->session = (struct session){ .loop = s->loop,
				       .dev = s->dev,
				       .pump = &s->pump,
				       .be = frontend_link_backend(&s->link) };
	session_init(&s->session, spec);
	s->pump = (struct pump){ .loop = s->loop,
				 .dev = s->dev,
				 .injectors = &s->injectors,
				 .link = &s->link };
	pump_init(&s->pump);
	s->link.changed = pump_soon;
	s->link.changed_arg = &s->pump;
	stats_init(&s->stats, s->loop, server_count, s);
	s->signals.reload = on_server_hup;
	s->signals.log = on_server_usr1;
	s->signals.arg = s;
	signals_init(&s->signals, s->loop);
}

/*
 * The device and sources have large buffers, which stay untouched while little
 * waits. So malloc() MUST map each by itself: what it takes from its heap it
 * clears. By itself it stops doing so once a larger block was freed, such as a
 * spec's text.
 */
static void map_large_blocks(void)
{
	mallopt(M_MMAP_THRESHOLD, 1 << 15);
	mallopt(M_TRIM_THRESHOLD, 0);
	mallopt(M_TOP_PAD, 0);
}

int server_init(struct server *s, struct ev_loop *loop, const struct spec *spec)
{
	const struct device_sink sink = pump_sink(&s->pump);
	int r;

	map_large_blocks();
	memset(s, 0, sizeof(*s));
	s->loop = loop;
	s->dev = device_new(spec, &sink);
	init_parts(s, spec);
	/* From here on server_fini() has all that it needs. */
	if (!s->dev)
		return -ENOMEM;
	r = guest_map_init();
	return r ? r : pump_watch(&s->pump);
}

void server_fini(struct server *s)
{
	if (s->dev)
		device_leave(s->dev);
	frontend_link_fini(&s->link);
	vvu_link_free(s->vvu);
	s->vvu = NULL;
	injectors_fini(&s->injectors);
	stats_fini(&s->stats);
	signals_fini(&s->signals);
	session_fini(&s->session);
	pump_fini(&s->pump);
	device_free(s->dev);
	s->dev = NULL;
}

void server_set_overflow(struct server *s, enum device_overflow overflow,
			 unsigned int stall_ms)
{
	s->dev->overflow = overflow;
	pump_set_stall(&s->pump, stall_ms);
}

void server_refuse_rings(struct server *s)
{
	s->injectors.no_rings = true;
}

void server_set_spec_reader(struct server *s, spec_read_fn *read,
			    const void *arg)
{
	spec_change_set_reader(&s->session.spec, read, arg);
}

void server_reload(struct server *s)
{
	int r = session_reload(&s->session);

	if (s->reloaded)
		s->reloaded(s->reloaded_arg, r);
}

void server_report_reloads(struct server *s, void (*reloaded)(void *arg, int r),
			   void *arg)
{
	s->reloaded = reloaded;
	s->reloaded_arg = arg;
}

void server_offer_iommu(struct server *s)
{
	vu_backend_offer_iommu(frontend_link_backend(&s->link));
}

void server_offer_inband(struct server *s)
{
	vu_backend_offer_inband(frontend_link_backend(&s->link));
}

int server_offer_postcopy(struct server *s)
{
	return vu_backend_offer_postcopy(frontend_link_backend(&s->link));
}

void server_offers(struct server *s, uint64_t *features, uint64_t *protocol)
{
	const struct vu_backend *be = frontend_link_backend(&s->link);

	*features = vu_features_offered(be);
	*protocol = vu_features_protocol_offered(be);
}

void server_keep(struct server *s, struct persistent *persistent)
{
	device_set_persistent(s->dev, persistent);
}

int server_add_injector(struct server *s, int fd, int status_fd)
{
	unsigned int place = s->n_inherited;
	int r = s->dev->persistent
			? injectors_add_persistent(&s->injectors, fd, status_fd,
						   place)
			: injectors_add(&s->injectors, fd, status_fd);

	s->n_inherited += !r;
	return r;
}

int server_listen_injectors(struct server *s, int fd,
			    const struct peer_allow *allow)
{
	return injectors_listen(&s->injectors, fd, allow);
}

int server_listen_stats(struct server *s, int fd)
{
	return stats_listen(&s->stats, fd);
}

int server_serve(struct server *s, int fd)
{
	int listening = fd_sockopt(fd, SO_ACCEPTCONN);
	int type = fd_sockopt(fd, SO_TYPE);

	if (listening < 0)
		return listening;
	if (type != SOCK_STREAM)
		return -EINVAL;
	return frontend_link_start(&s->link, fd, listening);
}

void server_expect_device(struct server *s)
{
	vu_backend_set_behind_device(frontend_link_backend(&s->link));
}

int server_open_device(struct server *s, const char *address)
{
	s->vvu = vvu_link_new(s->loop, &s->link);
	return s->vvu ? vvu_link_open(s->vvu, address) : -ENOMEM;
}

int server_serve_device(struct server *s)
{
	return vvu_link_start(s->vvu);
}
