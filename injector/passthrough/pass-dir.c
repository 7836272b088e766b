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
#include "input/base/log.h"
#include "input/spec/spec-write.h"

static bool dir_open(struct pass_dir *p)
{
	char address[300];

	snprintf(address, sizeof(address), "%s%s/%s.inject",
		 strchr(p->dir, '/') ? "" : "./", p->dir, p->label);
	p->outlet = pass_to_new(p->device, address);
	return p->outlet;
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

/* Return: NULL: no memory. */
static json_t *request_to_add(const struct pass_dir *p)
{
	char *text = spec_write(p->device->spec);
	json_t *spec = text ? json_loads(text, 0, NULL) : NULL;

	free(text);
	return json_pack("{s:s, s:[{s:s, s:o}]}", "command", "add", "devices",
			 "label", p->label, "spec", spec);
}

int pass_dir_start(struct pass_dir *p)
{
	json_t *request = request_to_add(p);
	int r = request ? 0 : -ENOMEM;

	p->outlet = NULL;
	p->control.loop = p->device->loop;
	p->control.answered = dir_answered;
	p->control.arg = p;
	pass_control_init(&p->control);
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
	pass_control_stop(&p->control);
	if (p->asked)
		pass_control_tell(p->dir,
				  json_pack("{s:s, s:s}", "command", "remove",
					    "label", p->label));
	free(p);
}
