/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device of this label that exists already is used as it is, and stays at the
 * end: a process that was killed left it, or somebody else added it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "injector/passthrough/pass-dir.h"
#include "injector/passthrough/pass-to.h"
#include "input/base/container.h"
#include "input/base/log.h"
#include "input/spec/spec-write.h"

/* A server that dies is restarted sooner than this. */
#define AGAIN_S 2.0

/* Return: NULL: no memory. */
static json_t *spec_of(const struct pass_dir *p)
{
	char *text = spec_write(p->device->spec);
	json_t *spec = text ? json_loads(text, 0, NULL) : NULL;

	free(text);
	return spec;
}

/* Return: NULL: no memory. */
static json_t *request_to_add(const struct pass_dir *p)
{
	return json_pack("{s:s, s:[{s:s, s:o}]}", "command", "add", "devices",
			 "label", p->label, "spec", spec_of(p));
}

/* --- changing it --- */

static void dir_was_changed(void *arg, const char *error)
{
	const struct pass_dir *p = arg;

	if (error)
		log_line(LOG_WARNING, CULPRIT_HOST,
			 "%s: %s was not changed: %s", p->dir, p->label, error);
}

/* While it is being added, the launcher has it from before. */
void pass_dir_changed(struct pass_dir *p)
{
	json_t *request = json_pack("{s:s, s:s, s:o}", "command", "reload",
				    "label", p->label, "spec", spec_of(p));
	int r = request ? 0 : -ENOMEM;

	pass_control_stop(&p->change);
	if (!r)
		r = pass_control_ask(&p->change, p->dir, request);
	if (r)
		dir_was_changed(p, strerror(-r));
}

/* --- adding it again --- */

/* What restarts has it, and is waited for. */
static void dir_added_again(void *arg, const char *error)
{
	struct pass_dir *p = arg;

	if (error)
		return;
	p->asked = true;
	log_line(LOG_INFO, CULPRIT_NONE, "%s: added %s again", p->dir,
		 p->label);
}

static void on_dir_again(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct pass_dir *p = container_of(timer, struct pass_dir, again);
	json_t *request = request_to_add(p);

	pass_control_stop(&p->control);
	if (request)
		pass_control_ask(&p->control, p->dir, request);
}

/* A launcher that has ended took the device along; its successor lacks it. */
static void dir_changed(void *arg, bool connected)
{
	struct pass_dir *p = arg;

	p->control.answered = dir_added_again;
	if (connected)
		ev_timer_stop(p->control.loop, &p->again);
	else
		ev_timer_again(p->control.loop, &p->again);
}

/* --- adding it --- */

static void dir_open(struct pass_dir *p)
{
	char address[300];

	snprintf(address, sizeof(address), "%s%s/%s.inject",
		 strchr(p->dir, '/') ? "" : "./", p->dir, p->label);
	p->outlet = pass_to_new(p->device, address);
	if (p->outlet)
		pass_to_watch(p->outlet, dir_changed, p);
}

static void dir_answered(void *arg, const char *error)
{
	struct pass_dir *p = arg;

	if (error && strstr(error, "already exists")) {
		log_line(LOG_INFO, CULPRIT_NONE,
			 "%s: %s exists already and is used as it is", p->dir,
			 p->label);
		p->asked = false;
	} else if (error) {
		log_line(LOG_ERROR, CULPRIT_HOST, "%s: %s was not added: %s",
			 p->dir, p->label, error);
		p->asked = false;
		p->settled(p->arg, p, NULL);
		return;
	}
	dir_open(p);
	p->settled(p->arg, p, p->outlet);
}

int pass_dir_start(struct pass_dir *p)
{
	json_t *request = request_to_add(p);
	int r = request ? 0 : -ENOMEM;

	p->outlet = NULL;
	p->control.loop = p->device->loop;
	p->control.answered = dir_answered;
	p->control.arg = p;
	p->change = (struct pass_control){ .loop = p->control.loop,
					   .answered = dir_was_changed,
					   .arg = p };
	pass_control_init(&p->control);
	pass_control_init(&p->change);
	ev_init(&p->again, on_dir_again);
	p->again.repeat = AGAIN_S;
	if (!r)
		r = pass_control_ask(&p->control, p->dir, request);
	p->asked = !r;
	if (!r)
		return 0;
	log_line(LOG_ERROR, CULPRIT_HOST, "%s: no launcher: %s", p->dir,
		 strerror(-r));
	pass_dir_free(p);
	return r;
}

void pass_dir_free(struct pass_dir *p)
{
	if (p->outlet)
		p->outlet->free(p->outlet);
	ev_timer_stop(p->control.loop, &p->again);
	pass_control_stop(&p->control);
	pass_control_stop(&p->change);
	if (p->asked)
		pass_control_tell(p->dir,
				  json_pack("{s:s, s:s}", "command", "remove",
					    "label", p->label));
	free(p);
}
