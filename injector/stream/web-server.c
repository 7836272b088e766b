/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <libwebsockets.h>
#include <malloc.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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
			     const struct web_grant *grant)
{
	char cookie[160];

	snprintf(cookie, sizeof(cookie),
		 "%s=%s; HttpOnly; SameSite=Strict; Path=/%s", w->cookie,
		 grant->cookie, w->origin.tls ? "; Secure" : "");
	return web_reply(wsi, 200, &web_page_entry, cookie);
}

static int server_take_token(struct web_server *w, struct lws *wsi,
			     const char *token)
{
	const struct web_grant *grant;
	char address[WEB_ADDRESS_SIZE] = "";

	lws_get_peer_simple(wsi, address, sizeof(address));
	if (web_limit_refuses(&w->limit, address, clock_s()))
		return server_refuse(w, wsi, 429);
	grant = web_grant_by_token(w->grants, token);
	if (grant)
		return server_set_cookie(w, wsi, grant);
	w->counters->wrong_tokens++;
	web_limit_note(&w->limit, address, clock_s());
	return server_refuse(w, wsi, 403);
}

static int server_answer(struct web_server *w, struct lws *wsi,
			 const char *path)
{
	char arg[sizeof("token=") + WEB_TOKEN_MAX];
	const struct web_file *file = web_page_find(path);
	const char *token =
		lws_get_urlarg_by_name(wsi, "token=", arg, sizeof(arg));

	if (!web_request_names(wsi, &w->origin))
		return server_refuse(w, wsi, 403);
	if (!lws_hdr_total_length(wsi, WSI_TOKEN_GET_URI))
		return server_refuse(w, wsi, 405);
	if (!strcmp(path, "/") && token)
		return server_take_token(w, wsi, token);
	if (!server_grant(w, wsi))
		return server_refuse(w, wsi, 403);
	return file ? web_reply(wsi, 200, file, NULL)
		    : web_reply_status(wsi, 404);
}

static int on_request(struct web_server *w, struct lws *wsi, const char *path)
{
	return server_answer(w, wsi, path) ||
			       lws_http_transaction_completed(wsi)
		       ? -1
		       : 0;
}

/* --- WebSocket --- */

/* Return: 0: go on; 1: answered with a refusal; -1: disconnect. */
static int on_upgrade(struct web_server *w, struct lws *wsi)
{
	unsigned int status = 0;

	if (!web_request_is_from(wsi, &w->origin) || !server_grant(w, wsi))
		status = 403;
	else if (!web_request_has(wsi, WSI_TOKEN_GET_URI, INPUT_PATH))
		status = 404;
	else if (!web_request_has(wsi, WSI_TOKEN_PROTOCOL, WEB_PROTOCOL))
		status = 400;
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

	switch ((int)reason) {
	case LWS_CALLBACK_HTTP:
		return on_request(w, wsi, in);
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
		/* Without our protocol's name. */
		return -1;
	}
	return lws_callback_http_dummy(wsi, reason, user, in, len);
}

static const struct lws_protocols protocols[] = {
	{ .name = "http", .callback = on_http },
	{ .name = WEB_PROTOCOL,
	  .callback = on_web_socket,
	  .per_session_data_size = sizeof(struct web_socket),
	  .rx_buffer_size = 4096 },
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
}

void web_server_url(const struct web_server *w, const char *token,
		    char url[256])
{
	const struct web_origin *o = &w->origin;

	snprintf(url, 256, "%s://%s:%d/?token=%s", o->tls ? "https" : "http",
		 o->n_hosts ? o->host[0] : w->address, o->port, token);
}
