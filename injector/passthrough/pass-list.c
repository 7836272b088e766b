/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <linux/input.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "injector/passthrough/pass-holders.h"
#include "injector/passthrough/pass-list.h"
#include "input/base/fd.h"

#define STATE_LEN 200

/* There is no way to ask but to try. It lasts for microseconds. */
static void describe_grab(const char *path, int fd, char state[STATE_LEN])
{
	char holders[STATE_LEN - 32];

	if (!ioctl(fd, EVIOCGRAB, (void *)1)) {
		ioctl(fd, EVIOCGRAB, NULL);
		strcpy(state, "free");
	} else if (errno == EBUSY) {
		pass_holders(path, holders, sizeof(holders));
		snprintf(state, STATE_LEN, "grabbed%s%s",
			 holders[0] ? "; open in " : "", holders);
	} else {
		snprintf(state, STATE_LEN, "%s", strerror(errno));
	}
}

static void describe_state(const char *path, char state[STATE_LEN])
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0)
		describe_grab(path, fd, state);
	else if (errno == EACCES || errno == EPERM)
		strcpy(state, "no permission");
	else
		snprintf(state, STATE_LEN, "%s", strerror(errno));
}

static void write_kinds(unsigned int kinds, char text[80])
{
	text[0] = '\0';
	for (unsigned int i = 0; i < PASS_KINDS; i++) {
		if (!(kinds >> i & 1))
			continue;
		if (text[0])
			strcat(text, ",");
		strcat(text, pass_kind_name(i));
	}
	if (!text[0])
		strcpy(text, "-");
}

/* A device's own texts may hold anything. */
static void make_printable(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			*text = '?';
}

static void print_entry(FILE *out, const struct pass_host *host,
			struct pass_entry *e)
{
	char path[300], kinds[80], state[STATE_LEN];

	snprintf(path, sizeof(path), "%s/%s", host->dev, e->node);
	write_kinds(e->kinds, kinds);
	describe_state(path, state);
	make_printable(e->name);
	make_printable(e->uniq);
	fprintf(out, "%-19s %04x:%04x %-11s %s\n", path, e->vendor, e->product,
		kinds, e->name);
	if (e->uniq[0])
		fprintf(out, "    uniq     %s\n", e->uniq);
	if (e->by_id[0])
		fprintf(out, "    by-id    %s\n", e->by_id);
	if (e->by_path[0])
		fprintf(out, "    by-path  %s\n", e->by_path);
	fprintf(out, "    state    %s\n", state);
}

int pass_list_print(FILE *out, const struct pass_host *host)
{
	struct pass_entry *entries;
	size_t n;
	int r = pass_entries_read(host, &entries, &n);

	for (size_t i = 0; !r && i < n; i++)
		print_entry(out, host, &entries[i]);
	if (!r && !n)
		fprintf(out, "no input devices in %s\n", host->sys);
	free(entries);
	return r;
}
