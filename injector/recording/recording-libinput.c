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
 * Anything else in it, such as HID reports or libinput's own events, is
 * skipped. The text is read piece by piece, as libyaml parses it: a key, the
 * start of a list, its end. No tree of all of it is built, and what is nested
 * too deeply is rejected where it begins: for each piece libyaml looks through
 * all levels that are open.
 *
 * A function that reads a value finds its first piece in r->at, and leaves its
 * last piece there.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>
#include "injector/recording/event-word.h"
#include "injector/recording/recording-libinput.h"

/* libinput's has ten levels. */
#define DEPTH_MAX 64

struct reader {
	yaml_parser_t parser;
	yaml_event_t at;
	unsigned int depth;  /* of mappings and lists that are open */
	unsigned int before; /* lines before the text */
	struct recording *rec;
	struct recording_devices *devices;
	unsigned int number; /* of the device */
	char name[64];	     /* and its node */
	bool found;	     /* the list of devices */
	struct recording_fault *fault;
};

typedef int yaml_value_fn(struct reader *r);

struct yaml_member {
	const char *key;
	yaml_value_fn *read;
};

static struct fault *fault_here(struct reader *r)
{
	r->fault->line = r->before + (unsigned int)r->at.start_mark.line + 1;
	return &r->fault->why;
}

static int yaml_fault(struct reader *r)
{
	const yaml_parser_t *p = &r->parser;

	if (p->error == YAML_MEMORY_ERROR)
		return fault_no_memory(&r->fault->why);
	if (p->error != YAML_READER_ERROR)
		r->fault->line =
			r->before + (unsigned int)p->problem_mark.line + 1;
	return fault_set(&r->fault->why, "invalid YAML: %s",
			 p->problem ? p->problem : "cannot be parsed");
}

/* --- pieces --- */

static bool yaml_starts(const struct reader *r)
{
	return r->at.type == YAML_MAPPING_START_EVENT ||
	       r->at.type == YAML_SEQUENCE_START_EVENT;
}

static bool yaml_ends(const struct reader *r)
{
	return r->at.type == YAML_MAPPING_END_EVENT ||
	       r->at.type == YAML_SEQUENCE_END_EVENT;
}

static bool yaml_is_list(const struct reader *r)
{
	return r->at.type == YAML_SEQUENCE_START_EVENT;
}

/* Go to the next piece. */
static int yaml_next(struct reader *r)
{
	yaml_event_delete(&r->at);
	if (!yaml_parser_parse(&r->parser, &r->at))
		return yaml_fault(r);
	if (yaml_ends(r))
		r->depth--;
	if (yaml_starts(r) && ++r->depth > DEPTH_MAX)
		return fault_set(fault_here(r),
				 "nested more deeply than %d levels",
				 DEPTH_MAX);
	return 0;
}

static const char *yaml_scalar(const struct reader *r)
{
	return r->at.type == YAML_SCALAR_EVENT
		       ? (const char *)r->at.data.scalar.value
		       : "";
}

static int yaml_skip(struct reader *r)
{
	const unsigned int depth = r->depth;
	int rc = 0;

	if (!yaml_starts(r))
		return 0;
	while (!rc && r->depth >= depth)
		rc = yaml_next(r);
	return rc;
}

/* Read each item of a list. */
static int yaml_each(struct reader *r, yaml_value_fn *read)
{
	int rc = yaml_next(r);

	while (!rc && !yaml_ends(r)) {
		rc = read(r);
		if (!rc)
			rc = yaml_next(r);
	}
	return rc;
}

/* Read the members of a mapping that are listed, up to a NULL. */
static int yaml_members(struct reader *r, const struct yaml_member *known)
{
	int rc;

	if (r->at.type != YAML_MAPPING_START_EVENT)
		return yaml_skip(r);
	rc = yaml_next(r);
	while (!rc && !yaml_ends(r)) {
		const struct yaml_member *m = known;

		while (m->key && strcmp(m->key, yaml_scalar(r)) != 0)
			m++;
		rc = yaml_skip(r);
		if (!rc)
			rc = yaml_next(r);
		if (!rc)
			rc = m->key ? m->read(r) : yaml_skip(r);
		if (!rc)
			rc = yaml_next(r);
	}
	return rc;
}

/* --- the recording --- */

static int read_number(struct reader *r, size_t i, long *number)
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

	if (!event_word_number(yaml_scalar(r), fields[i].min, fields[i].max,
			       number))
		return 0;
	return fault_set(
		fault_here(r), "%s must be a number from %ld to %ld, not %.40s",
		fields[i].name, fields[i].min, fields[i].max, yaml_scalar(r));
}

static int not_five(struct reader *r)
{
	return fault_set(fault_here(r), "an event must be [seconds, "
					"microseconds, type, code, value]");
}

/* [seconds, µs, type, code, value] */
static int read_event(struct reader *r)
{
	long n[5];
	size_t i = 0;
	int rc;

	if (!yaml_is_list(r))
		return not_five(r);
	r->rec->line = r->before + (unsigned int)r->at.start_mark.line + 1;
	rc = yaml_next(r);
	for (; !rc && !yaml_ends(r); i++) {
		if (i == 5)
			return not_five(r);
		rc = read_number(r, i, &n[i]);
		if (!rc)
			rc = yaml_next(r);
	}
	if (rc)
		return rc;
	if (i < 5)
		return not_five(r);
	return recording_add_numbers(r->rec, n[0] * INT64_C(1000000) + n[1],
				     &n[2], fault_here(r));
}

static int read_evdev_list(struct reader *r)
{
	if (!yaml_is_list(r))
		return fault_set(fault_here(r),
				 "evdev must be a list of events");
	return yaml_each(r, read_event);
}

static int read_group(struct reader *r)
{
	static const struct yaml_member members[] = {
		{ "evdev", read_evdev_list }, { NULL, NULL }
	};

	return yaml_members(r, members);
}

static int read_events(struct reader *r)
{
	if (!recording_devices_want(r->devices, r->number))
		return yaml_skip(r);
	/* The device sent none. */
	if (r->at.type == YAML_SCALAR_EVENT)
		return 0;
	if (!yaml_is_list(r))
		return fault_set(fault_here(r), "events must be a list");
	return yaml_each(r, read_group);
}

static int read_node(struct reader *r)
{
	snprintf(r->name, sizeof(r->name), "%s", yaml_scalar(r));
	return yaml_skip(r);
}

static int read_device(struct reader *r)
{
	static const struct yaml_member members[] = { { "node", read_node },
						      { "events", read_events },
						      { NULL, NULL } };
	int rc;

	r->number++;
	strcpy(r->name, "unnamed");
	rc = yaml_members(r, members);
	if (rc)
		return rc;
	rc = recording_devices_add(r->devices, r->name, strlen(r->name),
				   fault_here(r));
	return rc < 0 ? rc : 0;
}

static int read_devices(struct reader *r)
{
	int rc;

	if (!yaml_is_list(r))
		return yaml_skip(r);
	r->found = true;
	rc = yaml_each(r, read_device);
	if (!rc && !r->devices->n)
		rc = fault_set(fault_here(r), "the recording has no devices");
	return rc;
}

static int read_document(struct reader *r)
{
	static const struct yaml_member members[] = {
		{ "devices", read_devices }, { NULL, NULL }
	};
	int rc = yaml_next(r); /* the stream */

	if (!rc)
		rc = yaml_next(r); /* its first document */
	if (!rc)
		rc = yaml_next(r); /* what that is */
	if (!rc)
		rc = yaml_members(r, members);
	if (rc || r->found)
		return rc;
	r->fault->line = 0;
	return fault_set(&r->fault->why,
			 "the recording has no list of devices");
}

int recording_libinput_read(struct recording *rec, const char *text, size_t len,
			    struct recording_devices *devices,
			    struct recording_fault *f)
{
	struct reader r = {
		.rec = rec, .devices = devices, .before = f->line, .fault = f
	};
	int rc;

	if (!yaml_parser_initialize(&r.parser))
		return fault_no_memory(&f->why);
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)text,
				     len);
	rc = read_document(&r);
	yaml_event_delete(&r.at);
	yaml_parser_delete(&r.parser);
	return rc;
}
