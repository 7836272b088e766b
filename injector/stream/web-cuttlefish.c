/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "injector/stream/cf-describe.h"
#include "injector/stream/stream-parse.h"
#include "injector/stream/web-cuttlefish.h"
#include "injector/stream/web-reply.h"
#include "input/base/number.h"

/*
 * Its page has style attributes, and icons that are a font of Google's. Its one
 * script of others, jQuery for the Bluetooth dialog, stays out: what runs in
 * this page can press keys.
 */
#define POLICY                                                            \
	"default-src 'self'; "                                            \
	"style-src 'self' 'unsafe-inline' https://fonts.googleapis.com; " \
	"font-src 'self' https://fonts.gstatic.com; "                     \
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const struct web_file web_cuttlefish_entry = {
	NULL,
	"text/html; charset=utf-8",
	"<!doctype html><html lang=en><meta charset=utf-8>"
	"<meta http-equiv=refresh content='0;url=" CF_PAGE "'>"
	"<title>vinput</title><a href='" CF_PAGE "'>Continue</a></html>\n",
};

int web_cuttlefish_init(struct web_cuttlefish *w, struct ev_loop *loop,
			const char *const *dirs, struct fault *why)
{
	int r = 0;

	cf_polled_init(&w->polled, loop, &w->clients);
	for (int i = 0; i < WEB_CF_DIRS_MAX && dirs[i] && !r; i++)
		r = web_files_add(&w->files, dirs[i], why);
	if (r || !dirs[0] || web_files_find(&w->files, "client.html"))
		return r;
	return fault_set(why,
			 "--client=%s: no client.html; must be the folder of "
			 "Cuttlefish's web client",
			 dirs[0]);
}

void web_cuttlefish_fini(struct web_cuttlefish *w)
{
	cf_polled_fini(&w->polled);
	web_files_fini(&w->files);
}

void web_cuttlefish_route(const struct web_cuttlefish *w, const char *path,
			  struct cf_route *r)
{
	cf_route_read(r, path);
	if (!w->files.n)
		r->kind = CF_NOTHING;
}

/* --- replies --- */

/* text: taken; NULL: no memory. */
static int reply_text(struct lws *wsi, char *text)
{
	const struct web_content content = { .type = "application/json",
					     .bytes = text,
					     .len = text ? strlen(text) : 0 };
	int r;

	if (!text)
		return web_reply_status(wsi, 500);
	r = web_reply_content(wsi, 200, &content, NULL);
	free(text);
	return r;
}

/* object: taken; NULL: no memory. */
static int reply_json(struct lws *wsi, json_t *object)
{
	char *text = object ? json_dumps(object, JSON_COMPACT | JSON_ENCODE_ANY)
			    : NULL;

	json_decref(object);
	return reply_text(wsi, text);
}

static int reply_file(const struct web_cuttlefish *w, struct lws *wsi,
		      const char *path)
{
	const struct web_stored *file = web_files_find(&w->files, path);
	struct web_content content;

	if (!file)
		return web_reply_status(wsi, 404);
	content = (struct web_content){ .type = web_files_type(path),
					.bytes = file->bytes,
					.len = file->len,
					.policy = POLICY };
	return web_reply_content(wsi, 200, &content, NULL);
}

static json_t *describe_info(const struct web_cuttlefish *w,
			     const struct web_grant *grant)
{
	return cf_describe_info(w->clients.sessions->devices, &grant->rights);
}

/* --- GET --- */

/* Return: the number of an argument such as "start="; -EINVAL: it is none. */
static int request_number(struct lws *wsi, const char *name, int usual)
{
	char arg[32];
	const char *text = lws_get_urlarg_by_name(wsi, name, arg, sizeof(arg));

	return text ? number_read(text, INT_MAX) : usual;
}

static int reply_messages(struct web_cuttlefish *w, struct lws *wsi,
			  const struct cf_route *r,
			  const struct web_grant *grant)
{
	struct cf_polled_client *c = cf_polled_find(&w->polled, r->id, grant);
	const int start = request_number(wsi, "start=", 0);
	const int count = request_number(wsi, "count=", INT_MAX);

	if (!c)
		return web_reply_status(wsi, 404);
	if (start < 0 || count < 0)
		return web_reply_status(wsi, 400);
	return reply_text(wsi,
			  cf_polled_messages(c, (size_t)start, (size_t)count));
}

int web_cuttlefish_get(struct web_cuttlefish *w, struct lws *wsi,
		       const struct cf_route *r, const struct web_grant *grant)
{
	json_t *device;

	switch (r->kind) {
	case CF_CONFIG:
		return reply_json(wsi, cf_describe_config());
	case CF_DEVICES:
		return reply_json(wsi, json_pack("[o]", cf_describe_device()));
	case CF_INFO:
		device = cf_describe_device();
		json_object_set_new(device, "registration_info",
				    describe_info(w, grant));
		return reply_json(wsi, device);
	case CF_FILE:
		return reply_file(w, wsi, r->path);
	case CF_MESSAGES:
		return reply_messages(w, wsi, r, grant);
	case CF_POLL_NEW:
	case CF_FORWARD:
		return web_reply_status(wsi, 405);
	case CF_NOTHING:
	case CF_CONNECT:
		break;
	}
	return web_reply_status(wsi, 404);
}

/* --- POST --- */

/* {"device_id": "guest"} */
static int reply_new(struct web_cuttlefish *w, struct lws *wsi,
		     const struct web_post *post, const json_t *body)
{
	const char *device =
		json_string_value(json_object_get(body, "device_id"));
	struct cf_polled_client *c;

	if (!device)
		return web_reply_status(wsi, 400);
	if (strcmp(device, CF_DEVICE))
		return web_reply_status(wsi, 404);
	c = cf_polled_new(&w->polled, post->grant);
	if (!c)
		return web_reply_status(wsi, 503);
	return reply_json(wsi, json_pack("{s:s, s:o}", "connection_id",
					 cf_polled_id(c), "device_info",
					 describe_info(w, post->grant)));
}

/* {"payload": {...}} */
static int reply_forward(struct web_cuttlefish *w, struct lws *wsi,
			 const struct web_post *post, const json_t *body)
{
	struct cf_polled_client *c =
		cf_polled_find(&w->polled, post->route->id, post->grant);
	const json_t *payload = json_object_get(body, "payload");

	if (!c)
		return web_reply_status(wsi, 404);
	if (!json_is_object(payload))
		return web_reply_status(wsi, 400);
	if (cf_polled_take(c, payload))
		return web_reply_status(wsi, 404);
	return reply_json(wsi, json_string("ok"));
}

int web_cuttlefish_post(struct web_cuttlefish *w, struct lws *wsi,
			const struct web_post *post)
{
	struct fault why;
	json_t *body =
		stream_parse(post->body, post->len, CF_MESSAGE_MAX, &why);
	int r;

	if (!body)
		return web_reply_status(wsi, 400);
	if (post->route->kind == CF_POLL_NEW)
		r = reply_new(w, wsi, post, body);
	else
		r = reply_forward(w, wsi, post, body);
	json_decref(body);
	return r;
}
