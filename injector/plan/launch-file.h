/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The launch file: devices and, optionally, a streamer and a restart policy, as
 * JSON (launch.schema.json).
 */
#ifndef VINPUT_LAUNCH_FILE_H
#define VINPUT_LAUNCH_FILE_H

#include <jansson.h>
#include "injector/plan/launch-fault.h"
#include "injector/process/launch-restart.h"

#define LAUNCH_FILE_MAX (1024 * 1024)

struct launch_file {
	char *text; /* owned */
	size_t len;
	json_t *root;		/* owned */
	json_t *devices;	/* borrowed from root; NULL: none given */
	const json_t *streamer; /* NULL, or an array of strings */
	bool has_restart;
	struct launch_restart restart;
};

#define LAUNCH_FILE_NULL ((struct launch_file){ 0 })

/*
 * Read all but the devices' members. Relative paths of specs are prefixed with
 * the file's directory. Return: 0; -EINVAL with the fault; another -errno.
 */
int launch_file_read(struct launch_file *file, const char *path,
		     struct launch_fault *fault);
void launch_file_fini(struct launch_file *file); /* idempotent */

/*
 * Prefix the specs of these devices that are relative paths with dir. Return:
 * 0; -EILSEQ: dir is not UTF-8, which JSON must be; -ENOMEM.
 */
int launch_file_place_specs(json_t *devices, const char *dir);

#endif
