/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The devices that are to be launched: read from JSON, checked as a whole, and
 * given labels as Cuttlefish gives them. The command line and the control
 * socket come this way too, so there is one set of rules. Pure.
 */
#ifndef VINPUT_LAUNCH_PLAN_H
#define VINPUT_LAUNCH_PLAN_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include "input/spec/json-where.h"
#include "injector/launch/launch-argv.h"

#define LAUNCH_LABEL_MAX   32 /* bytes of a label */
#define LAUNCH_DEVICES_MAX 256
#define LAUNCH_SIZE_MAX	   65535 /* of a display: what Windows can take */

/* A kind of device that has an option of its own. */
struct launch_kind {
	const char *name;  /* "type" in JSON, and the option */
	const char *spec;  /* the shipped one */
	const char *label; /* "touch_" if numbered */
	bool sized;	   /* wants a width and a height */
	bool numbered;	   /* labels end with a number */
};

/* Return: the kind, or NULL. */
const struct launch_kind *launch_kind_of(const char *name);
/* All of them; the last one has no name. */
extern const struct launch_kind launch_kinds[];

struct launch_item {
	char label[LAUNCH_LABEL_MAX + 1];
	const struct launch_kind *kind; /* NULL: a spec of the user's own */
	const char *spec;		/* borrowed from json, as all here */
	const char *name, *serial, *overflow; /* NULL: not given */
	bool iommu;
	const json_t *set;	    /* NULL or an object */
	unsigned int width, height; /* if kind->sized */
	unsigned int number;	    /* if kind->numbered */
	json_t *json;		    /* owned */
};

struct launch_plan {
	struct launch_item item[LAUNCH_DEVICES_MAX];
	size_t n;
};

/*
 * What is wrong, and where. For a place in a file, json is its text and
 * json_len its length; the first n_located devices come from there.
 */
struct launch_fault {
	const char *json; /* NULL: no file */
	size_t json_len;
	size_t n_located;
	size_t line, column; /* 0: no place to tell */
	char text[400];
};

/* Fill in a fault at a place. Return: -EINVAL. */
__attribute__((format(printf, 3, 4))) int launch_fault(
	struct launch_fault *f, const struct json_path *at, const char *fmt,
	...);

/* Labels that others have already; NULL for the first devices of all. */
typedef bool launch_taken(void *arg, const char *label);

/*
 * Read an array of devices that stands at a place in the text; plan is empty
 * before. Return: 0, -EINVAL with the fault filled in, -ENOMEM.
 */
int launch_plan_read(struct launch_plan *plan, const json_t *devices,
		     const struct json_path *at, struct launch_fault *f);
/* Give labels to those that have none. Return: as above. */
int launch_plan_label(struct launch_plan *plan, const struct json_path *at,
		      launch_taken *taken, void *arg, struct launch_fault *f);
void launch_plan_fini(struct launch_plan *plan); /* idempotent */

/* Add the options that make vhost-user-input this device. */
void launch_item_args(const struct launch_item *item, struct launch_argv *args);
/* Return: what it is, for lists: "keyboard", or the name of its spec. */
const char *launch_item_what(const struct launch_item *item);

#endif
