/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <libwebsockets.h>
#include <malloc.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "injector/stream/cf-socket.h"
#include "injector/stream/web-body.h"
#include "injector/stream/web-listen.h"
#include "injector/stream/web-page.h"
#include "injector/stream/web-reply.h"
#include "injector/stream/web-request.h"
#include "injector/stream/web-server.h"
#include "input/base/clock.h"
#include "input/base/fd.h"
#include "input/base/log.h"

#define INPUT_PATH  "/input"
#define PING_S	    15
#define HANG_UP_S   40
#define REQUEST_S   10
#define KEEPALIVE_S 30
#define CROWD	    16 /* connections whose memory is worth a walk */

static struct web_server *server_of(struct lws *wsi)
{
	return lws_context_user(lws_get_context(wsi));
}

/* What a connection is about: a request with a body, or Cuttlefish's client. */
struct web_visit {
	struct cf_route route; /* its path is valid during a request's call */
	const struct web_grant *grant;
	struct web_body body;
	struct cf_socket *socket; /* owned; NULL: it is none */
};

static const struct web_grant *server_grant(struct web_server *w,
					    struct lws *wsi)
{
	return web_request_grant(wsi, w->grants, w->cookie);
}

static int server_refuse(struct web_server *w, struct lws *wsi,
			 unsigned int status)
{
	w->counters->refused++;
	return web_reply_status(wsi, status);
}

/* --- HTTP --- */

static int server_set_cookie(struct web_server *w, struct lws *wsi,
			     const struct web_grant *grant,
			     const struct web_file *entry)
{
	char cookie[160];

	snprintf(cookie, sizeof(cookie),
		 "%s=%s; HttpOnly; SameSite=Strict; Path=/%s", w->cookie,
		 grant->cookie, w->origin.tls ? "; Secure" : "");
	return web_reply(wsi, 200, entry, cookie);
}

static int server_take_token(struct web_server *w, struct lws *wsi,
			     const char *token, const struct web_file *entry)
{
	const struct web_grant *grant;
	char address[WEB_ADDRESS_SIZE] = "";

	lws_get_peer_simple(wsi, address, sizeof(address));
	if (web_limit_refuses(&w->limit, address, clock_s()))
		return server_refuse(w, wsi, 429);
	grant = web_grant_by_token(w->grants, token);
	if (grant)
		return server_set_cookie(w, wsi, grant, entry);
	w->counters->wrong_tokens++;
	web_limit_note(&w->limit, address, clock_s());
	return server_refuse(w, wsi, 403);
}

static int server_answer(struct web_server *w, struct lws *wsi,
			 const char *path, const struct cf_route *route)
{
	char arg[sizeof("token=") + WEB_TOKEN_MAX];
	const struct web_file *file = web_page_find(path);
	const struct web_grant *grant = server_grant(w, wsi);
	const char *token =
		lws_get_urlarg_by_name(wsi, "token=", arg, sizeof(arg));

	if (!web_request_names(wsi, &w->origin))
		return server_refuse(w, wsi, 403);
	if (!lws_hdr_total_length(wsi, WSI_TOKEN_GET_URI))
		return server_refuse(w, wsi, 405);
	if (token && !strcmp(path, "/"))
		return server_take_token(w, wsi, token, &web_page_entry);
	if (token && route->kind == CF_FILE)
		return server_take_token(w, wsi, token, &web_cuttlefish_entry);
	if (!grant)
		return server_refuse(w, wsi, 403);
	return file ? web_reply(wsi, 200, file, NULL)
		    : web_cuttlefish_get(&w->cuttlefish, wsi, route, grant);
}

/* Return: 0: the body follows; -1: refused. */
static int server_begin_post(struct web_server *w, struct lws *wsi,
			     struct web_visit *v)
{
	const int len = web_request_length(wsi);
	unsigned int status = 0;

	v->grant = server_grant(w, wsi);
	if (!web_request_is_from(wsi, &w->origin) || !v->grant)
		status = 403;
	else if (len < 0)
		status = 411;
	else if (len > CF_MESSAGE_MAX)
		status = 413;
	if (status) {
		server_refuse(w, wsi, status);
		return -1;
	}
	return web_body_begin(&v->body, (size_t)len) ? -1 : 0;
}

static int on_body_end(struct web_server *w, struct lws *wsi,
		       struct web_visit *v)
{
	const struct web_post post = { .route = &v->route,
				       .grant = v->grant,
				       .body = v->body.bytes,
				       .len = v->body.len };
	int r = v->body.bytes ? web_cuttlefish_post(&w->cuttlefish, wsi, &post)
			      : -1;

	web_body_end(&v->body);
	return r || lws_http_transaction_completed(wsi) ? -1 : 0;
}

static int on_request(struct web_server *w, struct lws *wsi,
		      struct web_visit *v, const char *path)
{
	web_cuttlefish_route(&w->cuttlefish, path, &v->route);
	if (cf_route_posts(&v->route) &&
	    lws_hdr_total_length(wsi, WSI_TOKEN_POST_URI))
		return server_begin_post(w, wsi, v);
	return server_answer(w, wsi, path, &v->route) ||
			       lws_http_transaction_completed(wsi)
		       ? -1
		       : 0;
}

/* --- WebSocket --- */

static const struct display_address *server_display(struct web_server *w,
						    struct lws *wsi,
						    const char *path)
{
	const struct web_grant *grant = server_grant(w, wsi);

	return grant ? web_display_find(&w->displays, path, &grant->rights)
		     : NULL;
}

/* Return: the status of a refusal; 0: the upgrade is right. */
static unsigned int server_judge_upgrade(struct web_server *w, struct lws *wsi)
{
	char text[WEB_HEADER_MAX];
	const char *path = web_request_header(wsi, text, WSI_TOKEN_GET_URI);
	struct cf_route route;

	if (!web_request_is_from(wsi, &w->origin) || !server_grant(w, wsi))
		return 403;
	if (!path)
		return 404;
	web_cuttlefish_route(&w->cuttlefish, path, &route);
	if (route.kind == CF_CONNECT)
		return web_request_has(wsi, WSI_TOKEN_PROTOCOL, "") ? 0 : 400;
	if (server_display(w, wsi, path))
		return web_request_has(wsi, WSI_TOKEN_PROTOCOL,
				       WEB_DISPLAY_PROTOCOL)
			       ? 0
			       : 400;
	if (strcmp(path, INPUT_PATH))
		return 404;
	return web_request_has(wsi, WSI_TOKEN_PROTOCOL, WEB_PROTOCOL) ? 0 : 400;
}

/* Return: 0: go on; 1: answered with a refusal; -1: disconnect. */
static int on_upgrade(struct web_server *w, struct lws *wsi)
{
	const unsigned int status = server_judge_upgrade(w, wsi);

	if (!status)
		return 0;
	return server_refuse(w, wsi, status) ? -1 : 1;
}

static int on_established(struct web_server *w, struct lws *wsi,
			  struct web_socket *ws)
{
	const struct web_grant *grant = server_grant(w, wsi);

	if (!grant)
		return -1;
	web_socket_open(ws, wsi, &w->sockets, &grant->rights);
	return 0;
}

static int on_display_established(struct web_server *w, struct lws *wsi,
				  struct web_display *d)
{
	char text[WEB_HEADER_MAX];
	const char *path = web_request_header(wsi, text, WSI_TOKEN_GET_URI);
	const struct display_address *a =
		path ? server_display(w, wsi, path) : NULL;

	if (!a)
		return -1;
	web_display_open(d, wsi, &w->displays, a);
	return 0;
}

/* Without a subprotocol. */
static int on_cuttlefish_established(struct web_server *w, struct lws *wsi,
				     struct web_visit *v)
{
	const struct web_grant *grant = server_grant(w, wsi);

	if (grant)
		v->socket = cf_socket_new(wsi, &w->cuttlefish.clients,
					  &grant->rights);
	return v->socket ? 0 : -1;
}

/* --- libwebsockets --- */

/* Our protocol only: others can be asked for, but not chosen. */
static int on_web_socket(struct lws *wsi, enum lws_callback_reasons reason,
			 void *user, void *in, size_t len)
{
	struct web_server *w = server_of(wsi);

	switch ((int)reason) {
	case LWS_CALLBACK_ESTABLISHED:
		return on_established(w, wsi, user);
	case LWS_CALLBACK_RECEIVE:
		return web_socket_receive(user, in, len);
	case LWS_CALLBACK_SERVER_WRITEABLE:
		return web_socket_write(user);
	case LWS_CALLBACK_CLOSED:
		web_socket_close(user);
		return 0;
	}
	return lws_callback_http_dummy(wsi, reason, user, in, len);
}

static int on_web_display(struct lws *wsi, enum lws_callback_reasons reason,
			  void *user, void *in, size_t len)
{
	switch ((int)reason) {
	case LWS_CALLBACK_ESTABLISHED:
		return on_display_established(server_of(wsi), wsi, user);
	case LWS_CALLBACK_RECEIVE:
		return web_display_receive(user, in, len);
	case LWS_CALLBACK_SERVER_WRITEABLE:
		return web_display_write(user);
	case LWS_CALLBACK_CLOSED:
		web_display_close(user);
		return 0;
	}
	return lws_callback_http_dummy(wsi, reason, user, in, len);
}

/* The memory of a crowd that is gone. */
static void server_give_back(struct web_server *w)
{
	if (w->n_connections || w->most_connections < CROWD)
		return;
	w->most_connections = 0;
	malloc_trim(0);
}

static int on_http(struct lws *wsi, enum lws_callback_reasons reason,
		   void *user, void *in, size_t len)
{
	struct web_server *w = server_of(wsi);
	struct web_visit *v = user;

	switch ((int)reason) {
	case LWS_CALLBACK_HTTP:
		return on_request(w, wsi, v, in);
	case LWS_CALLBACK_HTTP_BODY:
		return web_body_add(&v->body, in, len) ? -1 : 0;
	case LWS_CALLBACK_HTTP_BODY_COMPLETION:
		return on_body_end(w, wsi, v);
	case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
	case LWS_CALLBACK_CLOSED_HTTP:
		if (v)
			web_body_end(&v->body);
		return 0;
	case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
		return on_upgrade(w, wsi);
	case LWS_CALLBACK_WSI_CREATE:
		if (++w->n_connections > w->most_connections)
			w->most_connections = w->n_connections;
		return 0;
	case LWS_CALLBACK_WSI_DESTROY:
		w->n_connections--;
		server_give_back(w);
		return 0;
	case LWS_CALLBACK_ESTABLISHED:
		return on_cuttlefish_established(w, wsi, v);
	case LWS_CALLBACK_RECEIVE:
		return cf_socket_receive(v->socket, in, len);
	case LWS_CALLBACK_SERVER_WRITEABLE:
		return cf_socket_write(v->socket);
	case LWS_CALLBACK_CLOSED:
		cf_socket_free(v->socket);
		v->socket = NULL;
		return 0;
	}
	return lws_callback_http_dummy(wsi, reason, user, in, len);
}

static const struct lws_protocols protocols[] = {
	{ .name = "http",
	  .callback = on_http,
	  .per_session_data_size = sizeof(struct web_visit),
	  .rx_buffer_size = 4096 },
	{ .name = WEB_PROTOCOL,
	  .callback = on_web_socket,
	  .per_session_data_size = sizeof(struct web_socket),
	  .rx_buffer_size = 4096 },
	{ .name = WEB_DISPLAY_PROTOCOL,
	  .callback = on_web_display,
	  .per_session_data_size = sizeof(struct web_display),
	  .rx_buffer_size = DISPLAY_WRITE_MAX },
	{ 0 },
};

static const lws_retry_bo_t idle_policy = {
	.secs_since_valid_ping = PING_S,
	.secs_since_valid_hangup = HANG_UP_S,
};

static void on_lws_log(int level, const char *line)
{
	const size_t len = strcspn(line, "\n");

	log_line(level & (LLL_ERR | LLL_WARN) ? LOG_DEBUG : LOG_TRACE,
		 CULPRIT_HOST, "libwebsockets: %.*s", (int)len, line);
}

static void on_web_accepted(void *arg, int fd)
{
	struct web_server *w = arg;
	const int on = 1;

	if (w->n_connections >= WEB_CLIENTS_MAX) {
		w->counters->refused++;
		close(fd);
		return;
	}
	/* Or replies would wait for the acknowledgement of those before. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	/* It closes the fd if it fails. */
	lws_adopt_socket_vhost(w->vhost, fd);
}

static void server_set_up_origin(struct web_server *w,
				 const struct web_options *o, int port)
{
	struct web_origin *origin = &w->origin;
	const bool v6 = strchr(o->address, ':');

	snprintf(w->address, sizeof(w->address), v6 ? "[%s]" : "%s",
		 o->address);
	snprintf(w->cookie, sizeof(w->cookie), "vinput-%d", port);
	*origin = (struct web_origin){ .tls = o->cert != NULL, .port = port };
	if (!web_listen_is_any(o->address))
		origin->host[origin->n_hosts++] = w->address;
	if (web_listen_is_loopback(o->address))
		origin->host[origin->n_hosts++] = "localhost";
	for (size_t i = 0; i < o->n_hosts && origin->n_hosts < WEB_HOSTS_MAX;
	     i++)
		origin->host[origin->n_hosts++] = o->host[i];
}

static int server_make_context(struct web_server *w,
			       const struct web_options *o, struct fault *why)
{
	void *loops[] = { w->loop };
	struct lws_context_creation_info info = {
		.port = CONTEXT_PORT_NO_LISTEN_SERVER,
		.protocols = protocols,
		.options = LWS_SERVER_OPTION_LIBEV |
			   LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
			   LWS_SERVER_OPTION_VALIDATE_UTF8 |
			   LWS_SERVER_OPTION_NO_LWS_SYSTEM_STATES,
		.foreign_loops = loops,
		.gid = (gid_t)-1,
		.uid = (uid_t)-1,
		.user = w,
		.server_string = "vinput-stream",
		.timeout_secs = REQUEST_S,
		.keepalive_timeout = KEEPALIVE_S,
		.retry_and_idle_policy = &idle_policy,
		.max_http_header_data = 4096,
		/* Not HTTP/2, where headers are others. */
		.alpn = "http/1.1",
		.ssl_cert_filepath = o->cert,
		.ssl_private_key_filepath = o->key,
	};

	if (o->cert)
		info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	w->context = lws_create_context(&info);
	if (!w->context)
		return fault_errno(why, -EIO,
				   "libwebsockets cannot be started; is "
				   "libwebsockets-evlib-ev installed?");
	w->vhost = lws_create_vhost(w->context, &info);
	if (!w->vhost)
		return fault_errno(why, -EIO,
				   "libwebsockets cannot use --cert=%s and "
				   "--key=%s",
				   o->cert, o->key);
	return 0;
}

int web_server_open(struct web_server *w, const struct web_options *o,
		    struct fault *why)
{
	int port = o->port, r;

	listener_init(&w->listener, w->loop, "a browser", on_web_accepted, w);
	w->fd = web_listen(o->address, &port, why);
	if (w->fd < 0)
		return w->fd;
	lws_set_log_level(LLL_ERR | LLL_WARN, on_lws_log);
	server_set_up_origin(w, o, port);
	r = web_cuttlefish_init(&w->cuttlefish, w->loop, o->client, why);
	if (!r)
		r = server_make_context(w, o, why);
	if (!r)
		r = listener_start(&w->listener, w->fd);
	return r;
}

void web_server_close(struct web_server *w)
{
	listener_fini(&w->listener);
	w->fd = close_fd(w->fd);
	if (w->context)
		lws_context_destroy(w->context);
	w->context = NULL;
	web_cuttlefish_fini(&w->cuttlefish);
}

void web_server_url(const struct web_server *w, const char *page,
		    const char *token, char url[WEB_URL_SIZE])
{
	const struct web_origin *o = &w->origin;

	snprintf(url, WEB_URL_SIZE, "%s://%s:%d%s?token=%s",
		 o->tls ? "https" : "http",
		 o->n_hosts ? o->host[0] : w->address, o->port, page, token);
}
