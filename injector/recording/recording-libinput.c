/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recordings of "libinput record" (YAML):
 *
 *	devices:
 *	- node: /dev/input/event5
 *	  events:
 *	  - evdev:
 *	    - [  0,      0,   1,  30,   1]	seconds, µs, type, code, value
 *	    - [  0,      0,   0,   0,   0]
 *
 * libyaml builds a document whose nodes know their lines. Anything else in it,
 * such as HID reports or libinput's own events, is skipped.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>
#include "injector/recording/recording-libinput.h"
#include "injector/recording/event-word.h"

struct reader {
	yaml_document_t doc;
	struct recording *rec;
	struct recording_fault *fault;
};

static struct fault *fault_at(struct reader *r, const yaml_node_t *node)
{
	r->fault->line = (unsigned int)node->start_mark.line + 1;
	return &r->fault->why;
}

static const char *yaml_scalar(const yaml_node_t *node)
{
	return node && node->type == YAML_SCALAR_NODE
		       ? (const char *)node->data.scalar.value
		       : "";
}

/* Return: the value of a key; NULL: map lacks it, or is not a mapping. */
static yaml_node_t *yaml_member(struct reader *r, const yaml_node_t *map,
				const char *key)
{
	if (map->type != YAML_MAPPING_NODE)
		return NULL;
	for (yaml_node_pair_t *p = map->data.mapping.pairs.start;
	     p < map->data.mapping.pairs.top; p++)
		if (!strcmp(yaml_scalar(
				    yaml_document_get_node(&r->doc, p->key)),
			    key))
			return yaml_document_get_node(&r->doc, p->value);
	return NULL;
}

static size_t yaml_length(const yaml_node_t *seq)
{
	return (size_t)(seq->data.sequence.items.top -
			seq->data.sequence.items.start);
}

static yaml_node_t *yaml_item(struct reader *r, const yaml_node_t *seq,
			      size_t i)
{
	return yaml_document_get_node(&r->doc,
				      seq->data.sequence.items.start[i]);
}

/* [seconds, µs, type, code, value] */
static int read_event(struct reader *r, const yaml_node_t *node)
{
	static const struct {
		const char *name;
		long min, max;
	} fields[] = {
		{ "the seconds", 0, INT32_MAX },
		{ "the microseconds", 0, 999999 },
		{ "the type", 0, UINT16_MAX },
		{ "the code", 0, UINT16_MAX },
		{ "the value", INT32_MIN, INT32_MAX },
	};
	long n[5] = { 0 };

	if (node->type != YAML_SEQUENCE_NODE || yaml_length(node) != 5)
		return fault_set(fault_at(r, node),
				 "an event must be [seconds, microseconds, "
				 "type, code, value]");
	for (size_t i = 0; i < 5; i++) {
		const char *text = yaml_scalar(yaml_item(r, node, i));

		if (event_word_number(text, fields[i].min, fields[i].max,
				      &n[i]))
			return fault_set(fault_at(r, node),
					 "%s must be a number from %ld to "
					 "%ld, not %.40s",
					 fields[i].name, fields[i].min,
					 fields[i].max, text);
	}
	return recording_add_numbers(r->rec, n[0] * INT64_C(1000000) + n[1],
				     &n[2], fault_at(r, node));
}

static int read_evdev_list(struct reader *r, const yaml_node_t *list)
{
	int rc = 0;

	if (list->type != YAML_SEQUENCE_NODE)
		return fault_set(fault_at(r, list),
				 "evdev must be a list of events");
	for (size_t i = 0; !rc && i < yaml_length(list); i++)
		rc = read_event(r, yaml_item(r, list, i));
	return rc;
}

static int read_device(struct reader *r, const yaml_node_t *device)
{
	yaml_node_t *events = yaml_member(r, device, "events");
	int rc = 0;

	/* The device sent none. */
	if (!events || events->type == YAML_SCALAR_NODE)
		return 0;
	if (events->type != YAML_SEQUENCE_NODE)
		return fault_set(fault_at(r, events), "events must be a list");
	for (size_t i = 0; !rc && i < yaml_length(events); i++) {
		yaml_node_t *evdev =
			yaml_member(r, yaml_item(r, events, i), "evdev");

		if (evdev)
			rc = read_evdev_list(r, evdev);
	}
	return rc;
}

/* Return: the device to read, NULL with the fault. */
static yaml_node_t *choose_device(struct reader *r, const yaml_node_t *devices,
				  unsigned int device)
{
	const size_t n = yaml_length(devices);

	if (n == 1 && !device)
		device = 1;
	if (n && device && device <= n)
		return yaml_item(r, devices, device - 1);
	if (!n)
		fault_set(fault_at(r, devices), "the recording has no devices");
	else if (device)
		fault_set(fault_at(r, devices),
			  "no device %u: must be from 1 to %zu", device, n);
	else
		fault_set(fault_at(r, devices),
			  "the recording has %zu devices: choose one with "
			  "--device=1..%zu",
			  n, n);
	return NULL;
}

static int read_document(struct reader *r, unsigned int device)
{
	yaml_node_t *root = yaml_document_get_root_node(&r->doc);
	yaml_node_t *devices = root ? yaml_member(r, root, "devices") : NULL;
	yaml_node_t *chosen;
	int rc;

	if (!devices || devices->type != YAML_SEQUENCE_NODE) {
		r->fault->line = 0;
		return fault_set(&r->fault->why,
				 "the recording has no list of devices");
	}
	chosen = choose_device(r, devices, device);
	rc = chosen ? read_device(r, chosen) : -EINVAL;
	if (!rc)
		r->fault->line = 0;
	return rc;
}

static int yaml_fault(const yaml_parser_t *p, struct recording_fault *f)
{
	if (p->error == YAML_MEMORY_ERROR)
		return fault_no_memory(&f->why);
	if (p->error != YAML_READER_ERROR)
		f->line = (unsigned int)p->problem_mark.line + 1;
	return fault_set(&f->why, "invalid YAML: %s",
			 p->problem ? p->problem : "cannot be parsed");
}

int recording_libinput_read(struct recording *rec, const char *text, size_t len,
			    unsigned int device, struct recording_fault *f)
{
	struct reader r = { .rec = rec, .fault = f };
	yaml_parser_t parser;
	int rc;

	if (!yaml_parser_initialize(&parser))
		return fault_no_memory(&f->why);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	if (!yaml_parser_load(&parser, &r.doc)) {
		rc = yaml_fault(&parser, f);
	} else {
		rc = read_document(&r, device);
		yaml_document_delete(&r.doc);
	}
	yaml_parser_delete(&parser);
	return rc;
}
