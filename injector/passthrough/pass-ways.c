/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "injector/passthrough/pass-dir.h"
#include "injector/passthrough/pass-serve.h"
#include "injector/passthrough/pass-to.h"
#include "injector/passthrough/pass-ways.h"
#include "input/base/log.h"
#include "input/spec/spec-write.h"

const char *pass_ways_guest(const struct pass_options *o, unsigned int guest)
{
	return o->action == PASS_DIR ? o->dir[guest] : "guest";
}

/* --- --dir --- */

static unsigned int guest_of(const struct pass_member *m,
			     const struct pass_dir *p)
{
	unsigned int guest = 0;

	while (m->way[guest] != p)
		guest++;
	return guest;
}

static void way_settled(void *arg, struct pass_dir *p,
			struct pass_outlet *outlet)
{
	struct pass_member *m = arg;
	const unsigned int guest = guest_of(m, p);

	if (!outlet) {
		m->way[guest] = NULL;
		pass_dir_free(p);
		m->refused(m);
		return;
	}
	outlet->guest = p->dir;
	pass_member_set_outlet(m, guest, outlet);
}

static int open_dir(struct pass_member *m, unsigned int guest)
{
	struct pass_dir *p = calloc(1, sizeof(*p));
	int r;

	if (!p)
		return -ENOMEM;
	p->dir = m->o->dir[guest];
	p->device = &m->device;
	strcpy(p->label, m->label);
	p->settled = way_settled;
	p->arg = m;
	r = pass_dir_start(p);
	m->way[guest] = r ? NULL : p;
	return r;
}

static int open_dirs(struct pass_member *m)
{
	int r = 0;

	for (unsigned int guest = 0; guest < m->o->n_dirs; guest++)
		if (!m->way[guest]) {
			int one = open_dir(m, guest);

			r = r ? r : one;
		}
	return r;
}

/* --- --spec-fd --- */

/* A reader may come at any time: there is a whole spec from the first on. */
static void ways_write_spec(const struct pass_member *m)
{
	const int fd = m->o->spec_fd;
	char *text = fd < 0 ? NULL : spec_write(m->device.spec);
	const size_t len = text ? strlen(text) : 0;

	if (fd < 0)
		return;
	if (!text || pwrite(fd, text, len, 0) != (ssize_t)len ||
	    ftruncate(fd, (off_t)len) < 0)
		log_line(LOG_WARNING, CULPRIT_HOST, "--spec-fd=%d: %s", fd,
			 strerror(text ? errno : ENOMEM));
	free(text);
}

/* --- all --- */

int pass_ways_open(struct pass_member *m, size_t i)
{
	struct pass_outlet *outlet;

	if (m->o->action == PASS_DIR)
		return open_dirs(m);
	ways_write_spec(m);
	outlet = m->o->action == PASS_TO
			 ? pass_to_new(&m->device, m->o->to[i])
			 : pass_serve_new(&m->device, &m->o->service);
	if (outlet)
		pass_member_set_outlet(m, 0, outlet);
	return outlet ? 0 : -EIO;
}

void pass_ways_close(struct pass_member *m)
{
	for (unsigned int guest = 0; guest < PASS_GUESTS_MAX; guest++) {
		struct pass_outlet *outlet = m->outlet[guest];
		struct pass_dir *p = m->way[guest];

		pass_member_set_outlet(m, guest, NULL);
		m->way[guest] = NULL;
		if (p)
			pass_dir_free(p);
		else if (outlet)
			outlet->free(outlet);
	}
}

bool pass_ways_changed(struct pass_member *m)
{
	if (m->o->action == PASS_SERVE) {
		ways_write_spec(m);
		pass_serve_changed(m->outlet[0]);
	}
	for (unsigned int guest = 0; guest < m->o->n_dirs; guest++)
		if (m->way[guest])
			pass_dir_changed(m->way[guest]);
	return m->o->action != PASS_TO;
}
