/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "injector/display/display-wake.h"
#include "injector/stream/stream-describe.h"
#include "injector/stream/stream-session.h"
#include "input/base/clock.h"

/* So that LEDs that blink do not become as many messages. */
#define ANNOUNCE_S 0.05

/* --- what is sent --- */

static void session_send_text(struct stream_session *s, const char *text)
{
	s->all->counters->sent++;
	s->ops->send(s, text, strlen(text));
}

/* object: taken. */
static void session_send(struct stream_session *s, json_t *object)
{
	char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;

	json_decref(object);
	if (text)
		session_send_text(s, text);
	free(text);
}

/* about: "text", or NULL. */
static void session_send_fault(struct stream_session *s, const char *text,
			       const char *about)
{
	json_t *error = json_string(text);

	/* What it quotes may end in the middle of a character. */
	if (!error)
		error = json_string("invalid message");
	session_send(s, json_pack("{s:s, s:o, s:s*}", "type", "error", "error",
				  error, "for", about));
}

/* About the message that is being taken. */
static void session_send_error(struct stream_session *s, const char *text)
{
	const struct stream_message *m = &s->all->message;
	const bool is_text =
		s->greeted && m->n && m->action[0].kind == STREAM_TEXT;

	session_send_fault(s, text, is_text ? "text" : NULL);
}

static void session_send_devices(struct stream_session *s)
{
	session_send(s, json_pack("{s:s, s:o}", "type", "devices", "devices",
				  stream_describe(s->all->devices,
						  s->client.rights)));
}

static void session_greet(struct stream_session *s)
{
	s->greeted = s->has_pulse = true;
	session_send(s, json_pack("{s:s, s:i, s:i, s:b, s:b, s:s, s:o}", "type",
				  "hello", "version", STREAM_VERSION,
				  "heartbeat_ms", STREAM_HEARTBEAT_MS,
				  "read_only", s->client.rights->read_only,
				  "rtc", s->all->has_rtc, "layout",
				  s->all->typist.layouts.usual, "displays",
				  stream_describe_displays(s->all->displays,
							   s->client.rights)));
	session_send_devices(s);
}

/* --- silence --- */

/* Whether the client holds something and could stop to exist unnoticed. */
static bool session_is_watched(const struct stream_session *s)
{
	return (s->has_pulse || s->ops->silence) &&
	       stream_hold_any(&s->client.hold);
}

static void session_look(struct stream_session *s, double now)
{
	double silence;

	if (!session_is_watched(s))
		return;
	silence = s->ops->silence ? s->ops->silence(s) : now - s->pulse;
	if (silence < STREAM_SILENCE_S)
		return;
	s->all->counters->silent++;
	stream_client_release(&s->client);
}

static bool sessions_are_watched(const struct stream_sessions *all)
{
	const struct stream_session *s;

	LIST_FOREACH (s, &all->list, link)
		if (session_is_watched(s))
			return true;
	return false;
}

static void on_look(struct ev_loop *loop, ev_timer *look, int events)
{
	struct stream_sessions *all = look->data;
	struct stream_session *s;

	LIST_FOREACH (s, &all->list, link)
		session_look(s, clock_s());
	if (!sessions_are_watched(all))
		ev_timer_stop(loop, look);
}

/* Something may be held now. A press begins a time without heartbeat. */
static void session_watch(struct stream_session *s)
{
	struct stream_sessions *all = s->all;

	if (!ev_is_active(&all->look) && session_is_watched(s))
		ev_timer_again(all->loop, &all->look);
}

/* --- what is received --- */

/*
 * It is well-formed, but not possible here and now: a page without a mouse
 * sends motion, too. The rate is its only limit.
 */
static int session_refuse(struct stream_session *s, const char *why)
{
	s->all->counters->errors++;
	session_send_error(s, why);
	return 0;
}

int stream_session_reject(struct stream_session *s, const char *why)
{
	session_refuse(s, why);
	return ++s->errors > STREAM_ERRORS_MAX ? -EPROTO : 0;
}

bool stream_session_admit(struct stream_session *s, size_t len)
{
	const double now = clock_s();

	s->all->counters->messages++;
	if (rate_admit(&s->messages, now, 1, STREAM_RATE) &&
	    rate_admit(&s->bytes, now, len, STREAM_BYTES_RATE))
		return true;
	s->all->counters->too_fast++;
	return false;
}

static int session_hello(struct stream_session *s,
			 const struct stream_message *m)
{
	if (m->n && m->action[0].kind == STREAM_HELLO) {
		session_greet(s);
		return 0;
	}
	return stream_session_reject(s, "the first message must be a hello");
}

static void on_session_typed(void *client)
{
	session_send(client, json_pack("{s:s}", "type", "typed"));
}

/* It takes the loop some milliseconds, of which others wait. */
static bool session_may_compile(void *client)
{
	struct stream_session *s = client;

	return rate_admit(&s->layouts, clock_s(), 1, STREAM_LAYOUTS_RATE);
}

static int session_type(struct stream_session *s,
			const struct stream_message *m)
{
	const struct stream_text text = {
		.text = m->text,
		.layout = { m->layout, session_may_compile, s },
		.device = stream_client_keyboard(&s->client, &m->action[0]),
		.held = &s->client.hold,
		.check = !m->action[0].down,
		.client = s,
	};
	struct fault why;

	if (!text.device)
		return session_refuse(s, "text: no keyboard");
	if (stream_typist_start(&s->all->typist, &text, &why))
		return session_refuse(s, why.text);
	if (!text.check)
		displays_wake(s->all->displays);
	return 0;
}

static int session_list_layouts(struct stream_session *s)
{
	session_send_text(s, s->all->typist.layouts.message);
	return 0;
}

static int session_offer(struct stream_session *s,
			 const struct stream_message *m)
{
	struct fault why;
	char *answer;

	if (!s->ops->offer)
		return stream_session_reject(s, "offer: not here");
	if (s->ops->offer(s, m->text, &answer, &why))
		return stream_session_reject(s, why.text);
	session_send(s,
		     json_pack("{s:s, s:s}", "type", "answer", "sdp", answer));
	free(answer);
	return 0;
}

/* Also without input: a page shows how long it takes. */
static int session_ping(struct stream_session *s, const struct stream_action *a)
{
	const uint64_t ns = stream_client_latency(&s->client, s->pinged);
	json_t *pong = json_pack("{s:s, s:i}", "type", "pong", "id", a->id);

	if (ns)
		json_object_set_new(pong, "guest_us",
				    json_integer((json_int_t)(ns / 1000)));
	s->pinged = clock_s();
	session_send(s, pong);
	return 0;
}

static int session_do(struct stream_session *s, const struct stream_message *m)
{
	const bool held_before = stream_hold_any(&s->client.hold);
	struct fault why;
	int r;

	if (m->n && m->action[0].kind == STREAM_TEXT)
		return session_type(s, m);
	if (m->n && m->action[0].kind == STREAM_LAYOUTS)
		return session_list_layouts(s);
	if (m->n && m->action[0].kind == STREAM_OFFER)
		return session_offer(s, m);
	if (m->n && m->action[0].kind == STREAM_PING)
		return session_ping(s, &m->action[0]);
	if (m->is_held) {
		s->all->counters->heartbeats++;
		s->pulse = clock_s();
	}
	r = stream_client_take(&s->client, m, &why);
	if (!r && !m->is_held)
		displays_wake(s->all->displays);
	if (!held_before)
		s->pulse = clock_s();
	session_watch(s);
	return r ? session_refuse(s, why.text) : 0;
}

int stream_session_take(struct stream_session *s, enum stream_dialect dialect,
			const char *text, size_t len)
{
	struct stream_message *m = &s->all->message;
	struct fault why;

	if (!stream_session_admit(s, len))
		return -EPROTO;
	if (stream_message_read(m, dialect, text, len, &why))
		return stream_session_reject(s, why.text);
	if (dialect == STREAM_OURS && !s->greeted)
		return session_hello(s, m);
	return session_do(s, m);
}

int stream_session_take_binary(struct stream_session *s, const uint8_t *data,
			       size_t len)
{
	struct stream_message *m = &s->all->message;
	struct fault why;

	if (!stream_session_admit(s, len))
		return -EPROTO;
	if (!s->greeted)
		return stream_session_reject(
			s, "the first message must be a hello");
	if (stream_message_read_binary(m, data, len, &why))
		return stream_session_reject(s, why.text);
	return session_do(s, m);
}

/* --- all of them --- */

static void on_announce(struct ev_loop *loop, ev_timer *announce, int events)
{
	struct stream_sessions *all = announce->data;
	struct stream_session *s;

	LIST_FOREACH (s, &all->list, link)
		if (s->greeted)
			session_send_devices(s);
}

void stream_sessions_init(struct stream_sessions *all, struct ev_loop *loop,
			  struct stream_devices *devices,
			  struct stream_counters *counters,
			  const struct inject_layout_names *names)
{
	all->loop = loop;
	all->devices = devices;
	all->counters = counters;
	all->next_number = 1;
	LIST_INIT(&all->list);
	ev_timer_init(&all->look, on_look, 0, STREAM_LOOK_S);
	all->look.data = all;
	ev_timer_init(&all->announce, on_announce, ANNOUNCE_S, 0);
	all->announce.data = all;
	stream_typist_init(&all->typist, loop, names, on_session_typed);
}

void stream_sessions_fini(struct stream_sessions *all)
{
	ev_timer_stop(all->loop, &all->look);
	ev_timer_stop(all->loop, &all->announce);
	stream_typist_fini(&all->typist);
}

void stream_sessions_announce(struct stream_sessions *all)
{
	if (LIST_EMPTY(&all->list) || ev_is_active(&all->announce))
		return;
	ev_timer_set(&all->announce, ANNOUNCE_S, 0);
	ev_timer_start(all->loop, &all->announce);
}

void stream_sessions_forget(struct stream_sessions *all,
			    const struct stream_device *d)
{
	struct stream_session *s;

	LIST_FOREACH (s, &all->list, link)
		stream_client_forget(&s->client, d);
	s = all->typist.device == d ? all->typist.client : NULL;
	stream_typist_forget(&all->typist, d);
	if (s)
		session_send_fault(s, "text: the keyboard is gone", "text");
	stream_sessions_announce(all);
}

void stream_session_init(struct stream_session *s, struct stream_sessions *all,
			 const struct stream_rights *rights,
			 const struct stream_session_ops *ops)
{
	*s = (struct stream_session){ .all = all, .ops = ops };
	stream_client_init(&s->client, all->devices, rights,
			   all->next_number++);
	LIST_INSERT_HEAD(&all->list, s, link);
	all->counters->clients++;
	all->counters->clients_ever++;
}

void stream_session_fini(struct stream_session *s)
{
	stream_typist_stop(&s->all->typist, s);
	stream_client_release(&s->client);
	LIST_REMOVE(s, link);
	s->all->counters->clients--;
}
