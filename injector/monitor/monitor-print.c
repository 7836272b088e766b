/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <libevdev/libevdev.h>
#include <unistd.h>

#include "injector/monitor/monitor-print.h"
#include "input/spec/spec-print.h"

/* A name, or the number of what has none. */
static json_t *name_or_number(const char *name, unsigned int number)
{
	return name ? json_string(name) : json_integer(number);
}

static json_t *props_json(const struct spec *spec)
{
	json_t *props = json_array();

	for (unsigned int i = 0; i < SPEC_CODES; i++) {
		if (bit_test(spec->props, i))
			json_array_append_new(
				props,
				name_or_number(libevdev_property_get_name(i),
					       i));
	}
	return props;
}

static json_t *codes_json(const struct spec *spec, unsigned int type)
{
	json_t *codes = json_array();

	for (unsigned int c = 0; c < SPEC_CODES; c++) {
		if (bit_test(spec->bits[type], c))
			json_array_append_new(
				codes,
				name_or_number(
					libevdev_event_code_get_name(type, c),
					c));
	}
	return codes;
}

static json_t *events_json(const struct spec *spec)
{
	json_t *events = json_object();

	for (unsigned int type = EV_SYN + 1; type < EV_CNT; type++) {
		const char *name = libevdev_event_type_get_name(type);
		json_t *codes = codes_json(spec, type);

		if (name && json_array_size(codes))
			json_object_set(events, name, codes);
		json_decref(codes);
	}
	return events;
}

static json_t *axes_json(const struct spec *spec)
{
	json_t *axes = json_object();

	for (unsigned int c = 0; c < ABS_CNT; c++) {
		const struct spec_abs *a = &spec->abs[c];
		const char *name = libevdev_event_code_get_name(EV_ABS, c);
		char number[8];

		if (!spec_has(spec, EV_ABS, (uint16_t)c))
			continue;
		snprintf(number, sizeof(number), "%u", c);
		json_object_set_new(axes, name ? name : number,
				    json_pack("{s:i,s:i,s:i,s:i,s:i}", "min",
					      a->min, "max", a->max, "fuzz",
					      a->fuzz, "flat", a->flat, "res",
					      a->res));
	}
	return axes;
}

/* A peer's bytes, which may not be UTF-8: then '?' stands for non-ASCII. */
static json_t *text_json(const char *text)
{
	json_t *json = json_string(text);
	char ascii[SPEC_NAME_MAX + 1];

	if (json)
		return json;
	snprintf(ascii, sizeof(ascii), "%s", text);
	for (char *c = ascii; *c; c++)
		*c = *c & 0x80 ? '?' : *c;
	return json_string(ascii);
}

static void print_device_json(const struct monitor_print *p,
			      const struct spec *spec)
{
	json_t *ids =
		json_pack("{s:i,s:i,s:i,s:i}", "bustype", spec->ids.bustype,
			  "vendor", spec->ids.vendor, "product",
			  spec->ids.product, "version", spec->ids.version);
	json_t *line = json_pack("{s:{s:o,s:o,s:o,s:o,s:o,s:o}}", "device",
				 "name", text_json(spec->name), "serial",
				 text_json(spec->serial), "ids", ids,
				 "properties", props_json(spec), "events",
				 events_json(spec), "axes", axes_json(spec));

	if (p->label)
		json_object_set_new(line, "label", text_json(p->label));
	json_dumpf(line, p->out, JSON_COMPACT);
	fputc('\n', p->out);
	json_decref(line);
}

void monitor_print_device(const struct monitor_print *p,
			  const struct spec *spec)
{
	if (p->json)
		print_device_json(p, spec);
	else
		spec_print(p->out, spec);
}

/* The start of an event's line: {"label":"...", */
static void print_label_json(const struct monitor_print *p)
{
	json_t *label = text_json(p->label);

	fputs("{\"label\":", p->out);
	json_dumpf(label, p->out, JSON_COMPACT | JSON_ENCODE_ANY);
	fputc(',', p->out);
	json_decref(label);
}

/*
 * One line that is updated if there is one device and a terminal, otherwise one
 * line per frame.
 */
void monitor_print_touch(const struct monitor_print *p,
			 const struct monitor_touch *touch)
{
	char text[MONITOR_TOUCH_TEXT];

	monitor_touch_text(touch, text);
	if (p->label)
		fprintf(p->out, "%s: %s\n", p->label, text);
	else if (isatty(fileno(p->out)))
		fprintf(p->out, "\r\033[K%s", text);
	else
		fprintf(p->out, "%s\n", text);
}

static const char *or_unknown(const char *name)
{
	return name ? name : "?";
}

void monitor_print_event(const struct monitor_print *p,
			 const struct timespec *when, const struct vi_event *ev)
{
	unsigned int type = vi_type(ev), code = vi_code(ev);
	const char *type_name = or_unknown(libevdev_event_type_get_name(type));
	const char *code_name =
		or_unknown(libevdev_event_code_get_name(type, code));
	char time[40];

	snprintf(time, sizeof(time), "%lld.%06ld", (long long)when->tv_sec,
		 when->tv_nsec / 1000);
	if (p->json && p->label)
		print_label_json(p);
	else if (p->label)
		fprintf(p->out, "%s: ", p->label);
	if (p->json)
		fprintf(p->out,
			"%s\"time\":%s,\"type\":%u,\"type_name\":\"%s\","
			"\"code\":%u,\"code_name\":\"%s\",\"value\":%d}\n",
			p->label ? "" : "{", time, type, type_name, code,
			code_name, vi_value(ev));
	else if (type == EV_SYN)
		fprintf(p->out, "Event: time %s, -------------- %s %s\n", time,
			code_name, "------------");
	else
		fprintf(p->out,
			"Event: time %s, type %u (%s), code %u (%s), "
			"value %d\n",
			time, type, type_name, code, code_name, vi_value(ev));
}
