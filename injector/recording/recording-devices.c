/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "injector/recording/recording-devices.h"

int recording_devices_add(struct recording_devices *d, const char *name,
			  size_t len, struct fault *f)
{
	if (d->n == RECORDING_DEVICES_MAX)
		return fault_set(f, "more than %d devices",
				 RECORDING_DEVICES_MAX);
	d->name[d->n] = strndup(name, len);
	if (!d->name[d->n])
		return fault_no_memory(f);
	return (int)++d->n;
}

int recording_devices_number(struct recording_devices *d, const char *name,
			     size_t len, struct fault *f)
{
	for (unsigned int i = 0; i < d->n; i++)
		if (strlen(d->name[i]) == len &&
		    memcmp(d->name[i], name, len) == 0)
			return (int)i + 1;
	return recording_devices_add(d, name, len, f);
}

/* "1 /dev/input/event2, 2 /dev/input/event5", as far as there is room. */
static void recording_devices_list(const struct recording_devices *d, char *out,
				   size_t size)
{
	size_t len = 0;

	for (unsigned int i = 0; i < d->n && len < size; i++)
		len += (size_t)snprintf(out + len, size - len, "%s%u %.60s",
					i ? ", " : "", i + 1, d->name[i]);
}

int recording_devices_check(const struct recording_devices *d, struct fault *f)
{
	char list[300];

	if (!d->n && d->wanted > 1)
		return fault_set(f, "the recording has a single device");
	if (d->n && d->wanted > d->n)
		return fault_set(f, "no device %u: must be from 1 to %u",
				 d->wanted, d->n);
	if (d->wanted || d->n <= 1)
		return 0;
	recording_devices_list(d, list, sizeof(list));
	return fault_set(f,
			 "the recording has %u devices (%s): choose one with "
			 "--device=1..%u, or play several with --map",
			 d->n, list, d->n);
}

void recording_devices_fini(struct recording_devices *d)
{
	for (unsigned int i = 0; i < d->n; i++)
		free(d->name[i]);
	*d = (struct recording_devices){ 0 };
}
