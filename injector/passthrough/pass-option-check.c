/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "injector/passthrough/pass-option-check.h"
#include "input/base/cmdline.h"
#include "input/base/device-word.h"

static int check_number(const struct pass_options *o, char *why)
{
	if (o->action != PASS_TO && o->action != PASS_DIR && o->n_devices > 1)
		return cmdline_refuse(
			why, "unexpected argument %s: one DEV can be given",
			o->device[1]);
	if (o->action == PASS_TO && o->n_devices != o->n_to)
		return cmdline_refuse(
			why,
			"%zu DEV and %zu --to: one --to is required for "
			"each DEV",
			o->n_devices, o->n_to);
	if (o->config.text)
		return 0;
	if (o->n_specs && o->n_devices != o->n_specs)
		return cmdline_refuse(
			why,
			"%zu DEV and %zu --spec: one --spec is required "
			"for each DEV",
			o->n_devices, o->n_specs);
	return 0;
}

/* DEV[=LABEL] */
static void take_device(struct pass_options *o, char *word)
{
	const size_t len = device_word_cut(word), i = o->n_devices++;

	o->device[i] = word;
	if (o->action != PASS_DIR || !word[len])
		return;
	word[len] = '\0';
	o->label[i] = word + len + 1;
}

static int check_labels(const struct pass_options *o, char *why)
{
	for (size_t i = 0; i < o->n_devices; i++) {
		if (!o->label[i])
			continue;
		if (o->action != PASS_DIR)
			return cmdline_refuse(why,
					      "the label %.40s requires --dir",
					      o->label[i]);
		if (strlen(o->label[i]) > DEVICE_WORD_LABEL_MAX)
			return cmdline_refuse(
				why, "%.40s...: a label has at most %d bytes",
				o->label[i], DEVICE_WORD_LABEL_MAX);
		for (size_t k = 0; k < i; k++)
			if (o->label[k] && !strcmp(o->label[k], o->label[i]))
				return cmdline_refuse(
					why, "two devices have the label %s",
					o->label[i]);
	}
	return 0;
}

int pass_option_take_devices(struct pass_options *o, int n, char **words,
			     char *why)
{
	if (o->action == PASS_LIST)
		return n ? cmdline_refuse(
				   why,
				   "unexpected argument %s: --list takes none",
				   words[0])
			 : 0;
	if (n && o->config.text)
		return cmdline_refuse(
			why,
			"unexpected argument %s: the devices are in the "
			"file of --config",
			words[0]);
	if (!n && !o->n_devices && !o->all)
		return cmdline_refuse(
			why, "DEV is required; --list shows the devices");
	if (n > PASS_DEVICES_MAX)
		return cmdline_refuse(why, "more than %d devices",
				      PASS_DEVICES_MAX);
	for (int i = 0; i < n; i++)
		take_device(o, words[i]);
	return check_labels(o, why) ? -EINVAL : check_number(o, why);
}

int pass_option_check_route(const struct pass_options *o, char *why)
{
	if (o->all && o->action != PASS_DIR)
		return cmdline_refuse(why, "--all requires --dir");
	if (o->seat && !o->all)
		return cmdline_refuse(why, "--seat requires --all");
	if (o->chord[PASS_NEXT].n && o->n_dirs < 2)
		return cmdline_refuse(why, "--next requires --dir twice");
	if (o->start_with_host && !o->chord[PASS_TOGGLE].n &&
	    !o->chord[PASS_NEXT].n)
		return cmdline_refuse(why, "--start=host requires --toggle");
	if (o->on_switch && !o->chord[PASS_TOGGLE].n && !o->chord[PASS_NEXT].n)
		return cmdline_refuse(
			why, "--on-switch requires --toggle or --next");
	return 0;
}
