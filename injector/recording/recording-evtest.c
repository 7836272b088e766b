/* SPDX-License-Identifier: Apache-2.0 */
/*
 * evtest's lines differ by its age, and vinput-monitor's and python-evdev's are
 * akin to them:
 *
 *	Event: time 1.000000, type 1 (EV_KEY), code 30 (KEY_A), value 1
 *	Event: time 1.000000, -------------- SYN_REPORT ------------
 *	Event: time 1.000000, ++++++++++++++ SYN_MT_REPORT ++++++++++++
 *	Event: time 1.000000, >>>>>>>>>>>>>> SYN_DROPPED <<<<<<<<<<<<
 *	time 1.0      type 1 (EV_KEY), code 30   (KEY_A), value 1
 *	time 1.0      --------- SYN_REPORT --------
 *	keyboard: Event: time 1.000000, ...	of several devices
 *
 * All other lines are skipped: they describe the device.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "injector/recording/recording-evtest.h"

/* No code: there is nothing to add. */
#define NOTHING (-1)

/*
 * What stands between the marks. Versions before 2010 name the frame's end by
 * "Sync"; those from then to 2013 take names of types for those of codes.
 */
static const struct {
	const char *name;
	int code;
} syncs[] = {
	{ "SYN_REPORT", SYN_REPORT },
	{ "EV_SYN", SYN_REPORT },
	{ "Report Sync", SYN_REPORT },
	{ "Config Sync", SYN_REPORT },
	{ "SYN_MT_REPORT", SYN_MT_REPORT },
	{ "EV_REL", SYN_MT_REPORT },
	{ "SYN_DROPPED", SYN_DROPPED },
	{ "EV_ABS", SYN_DROPPED },
	{ "SYN_CONFIG", NOTHING },
	{ "EV_KEY", NOTHING },
	{ "?", NOTHING },
};

/* Read "----- NAME -----". */
static int read_sync(struct recording_lines *l, int64_t time_us,
		     const char *text, struct fault *f)
{
	const char *name = text + strspn(text, "-+<>! ");
	long number[3] = { EV_SYN, 0, 0 };

	for (size_t i = 0; i < sizeof(syncs) / sizeof(syncs[0]); i++) {
		const size_t len = strlen(syncs[i].name);

		if (strncmp(name, syncs[i].name, len) != 0 ||
		    !strchr(" -", name[len]))
			continue;
		number[1] = syncs[i].code;
		return syncs[i].code == NOTHING
			       ? 0
			       : recording_add_numbers(l->rec, time_us, number,
						       f);
	}
	return fault_set(f,
			 "unknown event %.40s: must be SYN_REPORT or another "
			 "of the kernel's SYN_ names",
			 text);
}

/* Take ", KEY" with the key "type ". Return: whether it was there. */
static bool take_key(const char **text, const char *key)
{
	const size_t len = strlen(key);

	*text += strspn(*text, ", \t");
	if (strncmp(*text, key, len) != 0)
		return false;
	*text += len;
	return true;
}

/* Take " type 1 (EV_KEY)" with the key "type ". Return: 0 or -EINVAL. */
static int lines_take_field(const char **text, const char *key, int base,
			    long *out)
{
	char *end;

	if (!take_key(text, key))
		return -EINVAL;
	errno = 0;
	*out = strtol(*text, &end, base);
	if (errno || end == *text)
		return -EINVAL;
	*text = end;
	end += strspn(end, " ");
	if (*end == '(')
		*text = end + strcspn(end, ",");
	return 0;
}

/* evtest writes scan codes in hex, the others in decimal. */
static int take_value(const char **text, bool hex, long *value)
{
	int r = lines_take_field(text, "value ", hex ? 16 : 10, value);

	if (!r && hex && *value == (uint32_t)*value)
		*value = (int32_t)*value;
	return r;
}

static int read_evtest_fields(struct recording_lines *l, int64_t time_us,
			      const char *text, struct fault *f)
{
	long number[3];
	bool hex;

	if (lines_take_field(&text, "type ", 10, &number[0]))
		return fault_set(f, "no valid type after the time");
	if (lines_take_field(&text, "code ", 10, &number[1]))
		return fault_set(f, "no valid code after the type");
	hex = !l->decimal && number[0] == EV_MSC &&
	      (number[1] == MSC_SCAN || number[1] == MSC_RAW);
	if (take_value(&text, hex, &number[2]))
		return fault_set(f, "no valid value after the code");
	if (*text)
		return fault_set(f, "unexpected %.40s after the value", text);
	return recording_add_numbers(l->rec, time_us, number, f);
}

const char *recording_evtest_event(const char *line, size_t *label)
{
	static const char begin[] = "Event: time ",
			  labelled[] = ": Event: time ";
	const char *colon = strstr(line, labelled);

	*label = 0;
	if (strncmp(line, begin, strlen(begin)) == 0)
		return line + strlen(begin);
	if (colon && colon != line) {
		*label = (size_t)(colon - line);
		return colon + strlen(labelled);
	}
	if (strncmp(line, "time ", 5) == 0 && isdigit((unsigned char)line[5]))
		return line + 5;
	return NULL;
}

/*
 * vinput-monitor and python-evdev write scan codes in decimal: the first has a
 * line in its head that evtest lacks, or labels.
 */
static void notice_decimal(struct recording_lines *l, const char *line,
			   size_t label)
{
	if (label || strncmp(line, "time ", 5) == 0 ||
	    strncmp(line, "Input device serial: ", 21) == 0)
		l->decimal = true;
}

int recording_evtest_line(struct recording_lines *l, char *line,
			  struct fault *f)
{
	size_t label;
	const char *text = recording_evtest_event(line, &label);
	int64_t time_us;
	int r;

	notice_decimal(l, line, label);
	if (!text) {
		recording_slot_line(&l->slot, line);
		return 0;
	}
	if (recording_time(text, &text, &time_us) || !strchr(", \t", *text))
		return fault_set(f, "no valid time after Event: time");
	r = recording_lines_wanted(l, line, label, f);
	if (r <= 0)
		return r;
	text += strspn(text, ", \t");
	return *text && strchr("-+<>!", *text)
		       ? read_sync(l, time_us, text, f)
		       : read_evtest_fields(l, time_us, text, f);
}
