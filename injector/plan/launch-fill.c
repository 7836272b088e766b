/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "injector/plan/launch-fill.h"
#include "input/base/fault.h"
#include "input/base/near.h"

/* "touch_" and a number. Return: the number, or -1 for another label. */
static long touch_number(const char *label)
{
	char *end;
	long n;

	if (strncmp(label, "touch_", 6) || !isdigit((unsigned char)label[6]))
		return -1;
	n = strtol(label + 6, &end, 10);
	return *end ? -1 : n;
}

/* By number, and by place where that is the same: touch_2 and touch_02. */
static bool touch_precedes(const struct launch_fds *fds, size_t a, size_t b)
{
	long x = touch_number(fds->label[a]), y = touch_number(fds->label[b]);

	return x < y || (x == y && a < b);
}

/* after: a touch device, or fds->n: none. Return: the next one, or fds->n. */
static size_t next_touch(const struct launch_fds *fds, size_t after)
{
	size_t best = fds->n;

	for (size_t i = 0; i < fds->n; i++) {
		if (touch_number(fds->label[i]) < 0)
			continue;
		if (after < fds->n && !touch_precedes(fds, after, i))
			continue;
		if (best == fds->n || touch_precedes(fds, i, best))
			best = i;
	}
	return best;
}

/* "7,8,9", by their numbers: displays first, then touchpads. */
static int put_touch_fds(FILE *out, const struct launch_fds *fds)
{
	size_t i = next_touch(fds, fds->n);

	if (i == fds->n)
		return -ENOENT;
	while (i < fds->n) {
		fprintf(out, "%d", fds->fd[i]);
		i = next_touch(fds, i);
		if (i < fds->n)
			putc(',', out);
	}
	return 0;
}

static int put_fd(FILE *out, const struct launch_fds *fds, const char *label,
		  size_t len)
{
	for (size_t i = 0; i < fds->n; i++)
		if (strlen(fds->label[i]) == len &&
		    !strncmp(fds->label[i], label, len)) {
			fprintf(out, "%d", fds->fd[i]);
			return 0;
		}
	return -ENOENT;
}

static bool fill_ends_with(const char *text, size_t len, const char *end)
{
	size_t n = strlen(end);

	return len > n && !strncmp(text + len - n, end, n);
}

/*
 * A placeholder of len bytes, without its braces. Return: 0; 1 if it is not one
 * of ours; -ENOENT if there is no such device.
 */
static int put_placeholder(FILE *out, const char *text, size_t len,
			   const struct launch_fds *fds, const char *dir)
{
	if (len == 3 && !strncmp(text, "dir", 3)) {
		fputs(dir, out);
		return 0;
	}
	if (len == 9 && !strncmp(text, "touch_fds", 9))
		return put_touch_fds(out, fds);
	if (fill_ends_with(text, len, "_fd"))
		return put_fd(out, fds, text, len - 3);
	return fill_ends_with(text, len, "_fds") ? -ENOENT : 1;
}

/* text: of len bytes, as above. "; did you mean mouse_fd?" or "". */
static const char *fill_hint(const char *text, size_t len,
			     const struct launch_fds *fds)
{
	char label[LAUNCH_LABEL_MAX + 8], meant[LAUNCH_LABEL_MAX + 8];
	struct near near;

	if (!fill_ends_with(text, len, "_fd") || len >= sizeof(label))
		return "";
	snprintf(label, sizeof(label), "%.*s", (int)len - 3, text);
	near_init(&near, label);
	for (size_t i = 0; i < fds->n; i++)
		near_try(&near, fds->label[i]);
	if (!near.best)
		return "";
	snprintf(meant, sizeof(meant), "{%s_fd}", near.best);
	return fault_hint(meant);
}

static int fill_word(FILE *out, const char *word, const struct launch_fds *fds,
		     const char *dir, char *why)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789_-";

	while (*word) {
		size_t len = strspn(word + 1, letters);
		int r = 1;

		if (*word == '{' && word[1 + len] == '}')
			r = put_placeholder(out, word + 1, len, fds, dir);
		if (r < 0) {
			snprintf(why, 256, "{%.*s}: no such device%s",
				 (int)(len < 80 ? len : 80), word + 1,
				 fill_hint(word + 1, len, fds));
			return -EINVAL;
		}
		if (r)
			putc(*word++, out);
		else
			word += len + 2;
	}
	return 0;
}

int launch_fill_args(struct launch_argv *out, char *const *argv,
		     const struct launch_fds *fds, const char *dir, char *why)
{
	for (; *argv; argv++) {
		char *text = NULL;
		size_t len;
		FILE *word = open_memstream(&text, &len);
		int r;

		if (!word)
			return -ENOMEM;
		r = fill_word(word, *argv, fds, dir, why);
		if (fclose(word))
			r = -ENOMEM;
		if (!r)
			launch_argv_add(out, "%s", text);
		free(text);
		if (r)
			return r;
	}
	return launch_argv_check(out);
}

int launch_fill_env(struct launch_argv *out, const struct launch_fds *fds,
		    const char *dir)
{
	char *text = NULL;
	size_t len;
	FILE *list = open_memstream(&text, &len);

	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < fds->n; i++)
		fprintf(list, "%s%s=%d", i ? "," : "", fds->label[i],
			fds->fd[i]);
	if (fclose(list))
		return -ENOMEM;
	launch_argv_add(out, "VINPUT_FDS=%s", text);
	launch_argv_add(out, "VINPUT_DIR=%s", dir);
	free(text);
	return launch_argv_check(out);
}
