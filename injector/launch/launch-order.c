/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An order has a row in the table: its name, what begins it and what finds out
 * that it is done. Both return the answer or NULL.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "input/base/container.h"
#include "input/base/near.h"
#include "injector/launch/launch-order.h"
#include "injector/launch/launch-run.h"

#define STATS_S 2.0 /* for a device that does not answer */

typedef json_t *begin(struct launch_order *order, json_t *request);
typedef json_t *check(struct launch_order *order);

struct launch_order_row {
	const char *name;
	begin *begin;
	check *check; /* NULL: always done at once */
};

__attribute__((format(printf, 1, 2))) static json_t *refuse(const char *fmt,
							    ...)
{
	char text[LAUNCH_WHY_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return json_pack("{s:b, s:s}", "ok", 0, "error", text);
}

static json_t *done(void)
{
	return json_pack("{s:b}", "ok", 1);
}

static bool is_ending(const struct launcher *l)
{
	return l->phase > LAUNCH_UP;
}

/* --- list --- */

static json_t *device_entry(const struct launch_device *dev)
{
	return json_pack("{s:s, s:s, s:s, s:i, s:i, s:s, s:s}", "label",
			 dev->item.label, "what", launch_item_what(&dev->item),
			 "state", launch_state_name(dev->child.state), "pid",
			 (int)dev->child.process.pid, "restarts",
			 (int)dev->child.history.total, "socket",
			 dev->endpoints.frontend_path, "inject",
			 dev->endpoints.inject_path);
}

static json_t *begin_list(struct launch_order *order, json_t *request)
{
	const struct launcher *l = order->launcher;
	const struct launch_streamer *st = &l->streamer;
	json_t *devices = json_array();
	const struct launch_device *dev;

	TAILQ_FOREACH (dev, &l->devices, link)
		json_array_append_new(devices, device_entry(dev));
	if (!st->argv)
		return json_pack("{s:b, s:b, s:o}", "ok", 1, "ready",
				 l->phase == LAUNCH_UP, "devices", devices);
	return json_pack("{s:b, s:b, s:o, s:{s:s, s:i, s:i}}", "ok", 1, "ready",
			 l->phase == LAUNCH_UP, "devices", devices, "streamer",
			 "state", launch_state_name(st->child.state), "pid",
			 (int)st->child.process.pid, "restarts",
			 (int)st->child.history.total);
}

/* --- wait --- */

static json_t *check_wait(struct launch_order *order)
{
	if (is_ending(order->launcher))
		return refuse("the launcher ends");
	return order->launcher->phase == LAUNCH_UP ? done() : NULL;
}

static json_t *begin_wait(struct launch_order *order, json_t *request)
{
	return check_wait(order);
}

/* --- add --- */

static bool is_taken(void *arg, const char *label)
{
	return launcher_device(arg, label);
}

static int read_plan(struct launch_order *order, const json_t *request,
		     struct launch_plan *plan)
{
	struct launch_fault fault = { .json = NULL };
	const json_t *devices = json_object_get(request, "devices");
	int r = launch_plan_read(plan, devices, NULL, &fault);

	if (!r)
		r = launch_plan_label(plan, NULL, is_taken, order->launcher,
				      &fault);
	if (r)
		snprintf(order->why, sizeof(order->why), "%s", fault.text);
	return r;
}

static json_t *begin_add(struct launch_order *order, json_t *request)
{
	struct launcher *l = order->launcher;
	struct launch_plan *plan;
	int r;

	if (l->phase != LAUNCH_UP)
		return refuse("the launcher is not ready");
	plan = calloc(1, sizeof(*plan));
	if (!plan)
		return refuse("%s", strerror(ENOMEM));
	r = read_plan(order, request, plan);
	if (!r)
		r = launcher_add(l, plan, false, order->why);
	for (size_t i = 0; !r && i < plan->n; i++) {
		const char *label = plan->item[i].label;

		json_array_append_new(order->labels, json_string(label));
		launch_device_start(launcher_device(l, label));
	}
	launch_plan_fini(plan);
	free(plan);
	return r ? refuse("%s", order->why) : NULL;
}

/* One of them does not come up: none of them is to stay. */
static void undo_add(struct launch_order *order,
		     const struct launch_device *dev)
{
	struct launch_device *each;
	size_t i;
	json_t *label;

	order->failed = true;
	snprintf(order->why, sizeof(order->why), "%s: %.400s", dev->item.label,
		 dev->child.why);
	launch_log_line(&order->launcher->log, LOG_ERROR, "%s was not added",
			order->why);
	json_array_foreach(order->labels, i, label)
	{
		each = launcher_device(order->launcher,
				       json_string_value(label));
		if (!each)
			continue;
		each->removing = true;
		launch_child_end(&each->child);
	}
	order->launcher->step_due = true;
}

static json_t *check_add(struct launch_order *order)
{
	bool ready = true, gone = true;
	size_t i;
	json_t *label;

	json_array_foreach(order->labels, i, label)
	{
		const struct launch_device *dev = launcher_device(
			order->launcher, json_string_value(label));

		if (!dev)
			continue;
		gone = false;
		ready &= dev->child.state == LAUNCH_READY;
		if (order->failed || dev->child.state != LAUNCH_FAILED)
			continue;
		undo_add(order, dev);
		return NULL;
	}
	if (gone)
		return refuse("%s", order->failed ? order->why : "removed");
	if (!ready || order->failed)
		return NULL;
	return json_pack("{s:b, s:O}", "ok", 1, "added", order->labels);
}

/* --- remove, restart --- */

/* Return: the device it is about, noted; NULL with the answer to give. */
static struct launch_device *get_device(struct launch_order *order,
					const json_t *request, json_t **answer)
{
	const char *label =
		json_string_value(json_object_get(request, "label"));
	const char *words[LAUNCH_DEVICES_MAX + 1], *near;
	struct launch_device *dev;
	size_t n = 0;

	if (!label) {
		*answer = refuse("which device? label must be a string");
		return NULL;
	}
	dev = launcher_device(order->launcher, label);
	if (dev && !dev->removing) {
		json_array_append_new(order->labels, json_string(label));
		return dev;
	}
	TAILQ_FOREACH (dev, &order->launcher->devices, link)
		words[n++] = dev->item.label;
	words[n] = NULL;
	near = near_word(words, label);
	*answer = refuse("there is no device %.40s%s%s%s", label,
			 near ? "; did you mean " : "", near ? near : "",
			 near ? "?" : "");
	return NULL;
}

static const struct launch_device *the_device(const struct launch_order *order)
{
	return launcher_device(
		order->launcher,
		json_string_value(json_array_get(order->labels, 0)));
}

static json_t *check_remove(struct launch_order *order)
{
	return the_device(order) ? NULL : done();
}

static json_t *begin_remove(struct launch_order *order, json_t *request)
{
	json_t *answer;
	struct launch_device *dev = get_device(order, request, &answer);

	if (!dev)
		return answer;
	dev->removing = true;
	launch_child_end(&dev->child);
	order->launcher->step_due = true;
	return NULL;
}

static json_t *check_restart(struct launch_order *order)
{
	const struct launch_streamer *st = &order->launcher->streamer;
	const struct launch_device *dev;
	enum launch_state state;

	if (json_array_size(order->labels)) {
		dev = the_device(order);
		if (!dev || dev->removing)
			return refuse("it was removed");
		state = dev->child.state;
		if (state == LAUNCH_FAILED)
			return refuse("%s: %.400s", dev->item.label,
				      dev->child.why);
	} else {
		state = st->child.state;
		if (state == LAUNCH_FAILED)
			return refuse("%s", st->child.why);
	}
	if (is_ending(order->launcher))
		return refuse("the launcher ends");
	return state == LAUNCH_READY ? done() : NULL;
}

static json_t *begin_restart(struct launch_order *order, json_t *request)
{
	const char *label =
		json_string_value(json_object_get(request, "label"));
	struct launcher *l = order->launcher;
	json_t *answer;
	struct launch_device *dev;

	if (l->phase != LAUNCH_UP)
		return refuse("the launcher is not ready");
	if (label && !strcmp(label, "streamer")) {
		if (!l->streamer.argv)
			return refuse("there is no streamer");
		launch_child_restart(&l->streamer.child);
		return NULL;
	}
	dev = get_device(order, request, &answer);
	if (!dev)
		return answer;
	launch_child_restart(&dev->child);
	return NULL;
}

/* --- stats --- */

static json_t *check_stats(struct launch_order *order)
{
	for (size_t i = 0; i < order->n_asked; i++)
		if (order->asked[i].waits)
			return NULL;
	return json_incref(order->answer);
}

static void on_answer(void *arg, const char *text)
{
	struct launch_asked *asked = arg;
	json_t *stats = text ? json_loads(text, 0, NULL) : NULL;

	asked->waits = false;
	if (stats)
		json_object_set_new(asked->entry, "stats", stats);
	asked->order->launcher->step_due = true;
}

static void on_stats_timeout(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct launch_order *order =
		container_of(timer, struct launch_order, timer);

	for (size_t i = 0; i < order->n_asked; i++) {
		launch_ask_stop(&order->asked[i].ask);
		order->asked[i].waits = false;
	}
	order->launcher->step_due = true;
}

static void ask(struct launch_order *order, const struct launch_device *dev,
		json_t *entries)
{
	struct launch_asked *asked = &order->asked[order->n_asked++];
	json_t *entry =
		json_pack("{s:s, s:s, s:i, s:n}", "label", dev->item.label,
			  "state", launch_state_name(dev->child.state),
			  "restarts", (int)dev->child.history.total, "stats");

	asked->order = order;
	asked->entry = entry;
	launch_ask_init(&asked->ask, order->launcher->loop, on_answer, asked);
	asked->waits =
		entry && !json_array_append_new(entries, entry) &&
		!launch_ask_start(&asked->ask, dev->endpoints.stats_path);
}

static json_t *begin_stats(struct launch_order *order, json_t *request)
{
	const struct launcher *l = order->launcher;
	json_t *entries = json_array(), *answer;
	const struct launch_device *dev, *only = NULL;
	size_t n = 0;

	order->answer = json_pack("{s:b, s:o}", "ok", 1, "devices", entries);
	if (json_object_get(request, "label")) {
		only = get_device(order, request, &answer);
		if (!only)
			return answer;
	}
	TAILQ_FOREACH (dev, &l->devices, link)
		n++;
	order->asked = calloc(n ? n : 1, sizeof(*order->asked));
	if (!order->asked || !order->answer)
		return refuse("%s", strerror(ENOMEM));
	TAILQ_FOREACH (dev, &l->devices, link)
		if (!only || dev == only)
			ask(order, dev, entries);
	ev_timer_set(&order->timer, STATS_S, 0);
	ev_timer_start(l->loop, &order->timer);
	return check_stats(order);
}

/* --- all of them --- */

static const struct launch_order_row rows[] = {
	{ "list", begin_list, NULL },
	{ "wait", begin_wait, check_wait },
	{ "add", begin_add, check_add },
	{ "remove", begin_remove, check_remove },
	{ "restart", begin_restart, check_restart },
	{ "stats", begin_stats, check_stats },
};

#define N_ROWS (sizeof(rows) / sizeof(*rows))

static json_t *no_such_order(const char *name)
{
	const char *words[N_ROWS + 1] = { NULL }, *near;

	for (size_t i = 0; i < N_ROWS; i++)
		words[i] = rows[i].name;
	near = near_word(words, name);
	return refuse("%.40s is no order%s%s%s", name,
		      near ? "; did you mean " : "", near ? near : "",
		      near ? "?" : "");
}

static json_t *begin_request(struct launch_order *order, json_t *request)
{
	const char *name =
		json_string_value(json_object_get(request, "command"));
	json_t *answer;

	if (!name)
		return refuse("an order is an object with a string command");
	for (size_t i = 0; i < N_ROWS; i++) {
		if (strcmp(rows[i].name, name))
			continue;
		order->row = &rows[i];
		answer = rows[i].begin(order, request);
		if (answer)
			launch_order_fini(order);
		return answer;
	}
	return no_such_order(name);
}

json_t *launch_order_begin(struct launch_order *order, struct launcher *l,
			   const char *text, size_t len)
{
	json_error_t error;
	json_t *request, *answer;

	*order = (struct launch_order){ .launcher = l };
	ev_init(&order->timer, on_stats_timeout);
	request = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	if (!request)
		return refuse("column %d: %s", error.column, error.text);
	order->labels = json_array();
	answer = begin_request(order, request);
	json_decref(request);
	if (!order->row)
		launch_order_fini(order);
	return answer;
}

json_t *launch_order_check(struct launch_order *order)
{
	json_t *answer = order->row ? order->row->check(order) : NULL;

	if (answer)
		launch_order_fini(order);
	return answer;
}

void launch_order_fini(struct launch_order *order)
{
	order->row = NULL;
	if (order->launcher)
		ev_timer_stop(order->launcher->loop, &order->timer);
	for (size_t i = 0; i < order->n_asked; i++)
		launch_ask_stop(&order->asked[i].ask);
	free(order->asked);
	order->asked = NULL;
	order->n_asked = 0;
	json_decref(order->labels);
	json_decref(order->answer);
	order->labels = order->answer = NULL;
}
