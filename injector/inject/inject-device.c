/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "injector/inject/inject-device.h"
#include "injector/inject/inject-report.h"

static bool is_label(const char *name)
{
	return !strpbrk(name, "/:");
}

static int device_new(struct inject_device *d, const char *name,
		      struct fault *f)
{
	int error;

	*d = (struct inject_device){ .name = strdup(name), .other_end = -1 };
	d->v = d->name ? vinject_new() : NULL;
	if (d->v)
		return 0;
	error = errno;
	free(d->name);
	return fault_errno(f, -error, "%s", strerror(error));
}

static int device_connect(struct inject_device *d,
			  const struct inject_place *place, struct fault *f)
{
	int r;

	vinject_set_wait(d->v, place->wait_ms);
	if (place->dir && is_label(d->name))
		r = vinject_open_label(d->v, d->name, place->dir);
	else
		r = vinject_open(d->v, d->name);
	return r ? fault_errno(f, r, "%s", vinject_error(d->v)) : 0;
}

static int device_missing_receipts(const struct inject_device *d,
				   const struct inject_rules *rules,
				   struct fault *f)
{
	if (!d->receipt.missing || !(rules->wait_guest_ms || rules->measure))
		return 0;
	return fault_errno(f, -EOPNOTSUPP,
			   "%s: the server gives no receipts, which %s needs",
			   d->name,
			   rules->measure ? "--measure" : "--wait-guest");
}

static int device_begin_receipts(struct inject_device *d,
				 const struct inject_rules *rules,
				 struct fault *f)
{
	const int r = inject_receipt_begin(&d->receipt, d->v, rules);

	vinject_set_timeout(d->v, rules->read_ms);
	/* They are sent before the first answer. */
	d->leds_known = d->receipt.on;
	if (r == -ETIMEDOUT)
		return fault_errno(f, r,
				   "%s: the device did not read everything "
				   "within %d ms",
				   d->name, rules->read_ms);
	if (r)
		return inject_device_check(d, r, f);
	return device_missing_receipts(d, rules, f);
}

int inject_device_open(struct inject_device *d, const char *name,
		       const struct inject_place *place,
		       const struct inject_rules *rules, struct fault *f)
{
	int r = device_new(d, name, f);

	if (r)
		return r;
	r = device_connect(d, place, f);
	if (!r)
		r = device_begin_receipts(d, rules, f);
	if (r)
		inject_device_close(d);
	return r;
}

int inject_device_open_pair(struct inject_device *d, const char *name,
			    struct fault *f)
{
	int ends[2];
	int r = device_new(d, name, f);

	if (r)
		return r;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
		r = fault_errno(f, -errno, "%s", strerror(errno));
	} else {
		d->other_end = ends[1];
		r = vinject_open_fd(d->v, ends[0]);
		if (r)
			fault_errno(f, r, "%s", vinject_error(d->v));
	}
	if (r)
		inject_device_close(d);
	return r;
}

void inject_device_close(struct inject_device *d)
{
	inject_receipt_fini(&d->receipt);
	vinject_free(d->v);
	if (d->other_end >= 0)
		close(d->other_end);
	free(d->name);
}

int inject_device_check(const struct inject_device *d, int r, struct fault *f)
{
	const char *name = d->name;
	char rest[160];

	if (r >= 0)
		return r;
	switch (-r) {
	case EPIPE:
		inject_report_rest(&d->receipt, rest);
		return fault_errno(f, r, "%s: %s%s", name, vinject_error(d->v),
				   rest);
	case ENOSPC:
		return fault_errno(
			f, r, "%s: more contacts than the device has slots",
			name);
	case EMSGSIZE:
		return fault_errno(f, r, "%s: more than %d events in a frame",
				   name, VINJECT_FRAME_MAX);
	}
	return fault_errno(f, r, "%s: %s", name, strerror(-r));
}
