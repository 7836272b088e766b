/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device to be launched: read from its JSON, and turned into the options of
 * its vhost-user-input. Pure.
 */
#ifndef VINPUT_LAUNCH_ITEM_H
#define VINPUT_LAUNCH_ITEM_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include "injector/plan/launch-fault.h"
#include "injector/plan/launch-label.h"
#include "injector/process/launch-argv.h"

#define LAUNCH_SIZE_MAX 65535 /* of a display: Windows' coordinates */
/* Bytes of a string. A command line has space for as many as a spec can use. */
#define LAUNCH_STRING_MAX 16384

/* A kind of device that has an option of its own. */
struct launch_kind {
	const char *name;  /* "type" in JSON, and the option */
	const char *spec;  /* the name of an installed one */
	const char *label; /* "touch_" if numbered */
	bool sized;	   /* needs a width and a height */
	bool numbered;	   /* labels end with a number */
};

/* All of them; the last one has no name. */
extern const struct launch_kind launch_kinds[];
/* Return: the kind, or NULL. */
const struct launch_kind *launch_kind_find(const char *name);

struct launch_item {
	char label[LAUNCH_LABEL_MAX + 1]; /* "": none yet */
	const struct launch_kind *kind;	  /* NULL: spec is used */
	const char *spec;		  /* borrowed from json, as all here */
	const json_t *inline_spec;  /* NULL or an object: instead of spec */
	const char *passthrough;    /* NULL, or DEV: instead of either */
	const char *name, *serial;  /* NULL: not given */
	const json_t *set;	    /* NULL or an object */
	unsigned int width, height; /* if kind->sized */
	unsigned int number;	    /* if kind->numbered */
	json_t *json;		    /* owned */
};

/*
 * Read a device, and keep a reference to its JSON. at: its place.
 * Return: 0; -EINVAL with the fault filled in, and no reference.
 */
int launch_item_read(struct launch_item *item, json_t *json,
		     const struct json_path *at, struct launch_fault *f);
void launch_item_fini(struct launch_item *item);

/*
 * Add the options that make its server this device, except for an inline spec
 * (launch-spec-file.h). They MUST be the last.
 */
void launch_item_args(const struct launch_item *item, struct launch_argv *args);
/* Return: its type, or the name of its spec. */
const char *launch_item_what(const struct launch_item *item);
/* Return: whether its server has a spec that it can read again. */
bool launch_item_can_reload(const struct launch_item *item);
/* Return: whether the device may be placed behind the guest's IOMMU. */
bool launch_item_has_iommu(const struct launch_item *item);
/* Return: whether a vinput-vfio-user is to be in front of it. */
bool launch_item_has_vfio_user(const struct launch_item *item);

#endif
