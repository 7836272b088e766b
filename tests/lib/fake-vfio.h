/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A machine with a PCI device and VFIO, in a folder: for vfio-stand-in.c, which
 * gives it to a program. What the device does, a vfio-user server decides.
 *
 *	FOLDER/sys/bus/pci, FOLDER/dev/vfio	in place of /sys/bus/pci, ...
 *	FOLDER/device				where the server listens
 *	FOLDER/no-type1, ...			faults, if they exist
 */
#ifndef VINPUT_TESTS_FAKE_VFIO_H
#define VINPUT_TESTS_FAKE_VFIO_H

#include "tests/lib/temp-dir.h"

/* In the environment: the folder. */
#define FAKE_VFIO_ENV	  "VINPUT_FAKE_VFIO"
#define FAKE_VFIO_SERVER  "device"
#define FAKE_VFIO_ADDRESS "0000:00:05.0"
#define FAKE_VFIO_SYSFS	  "sys/bus/pci/devices/" FAKE_VFIO_ADDRESS

#define FAKE_VFIO_NO_TYPE1    "no-type1"    /* no IOMMU of that kind */
#define FAKE_VFIO_NOT_VIABLE  "not-viable"  /* the group has other drivers */
#define FAKE_VFIO_FEW_VECTORS "few-vectors" /* 2 of them */
#define FAKE_VFIO_NO_LOCK     "no-lock"	    /* memory cannot be locked */

struct fake_vfio {
	char dir[TEMP_DIR_LEN];
};

/* A VVU device, bound to vfio-pci, in group 7. Errors fail the test. */
void fake_vfio_make(struct fake_vfio *v);
void fake_vfio_remove(struct fake_vfio *v);

/* Make a file, or replace its text; remove it. name: in the folder. */
void fake_vfio_set(const struct fake_vfio *v, const char *name,
		   const char *text);
void fake_vfio_delete(const struct fake_vfio *v, const char *name);
/* driver: NULL: none. */
void fake_vfio_bind(const struct fake_vfio *v, const char *driver);

#endif
