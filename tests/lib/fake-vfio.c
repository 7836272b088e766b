/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/fake-vfio.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tests/lib/check.h"
#include "tests/lib/temp-dir.h"

#define DEVICE FAKE_VFIO_SYSFS
#define GROUPS "sys/bus/pci/groups"
#define GROUP  GROUPS "/7"

static const char *path_of(const struct fake_vfio *v, const char *name)
{
	static char path[200];

	snprintf(path, sizeof(path), "%s/%s", v->dir, name);
	return path;
}

static void make_folders(const struct fake_vfio *v)
{
	static const char *const folders[] = {
		"sys",	   "sys/bus", "sys/bus/pci", "sys/bus/pci/devices",
		DEVICE,	   GROUPS,    GROUP,	     "dev",
		"dev/vfio"
	};

	for (size_t i = 0; i < ARRAY_LEN(folders); i++)
		assert_sys(mkdir(path_of(v, folders[i]), 0755));
}

void fake_vfio_make(struct fake_vfio *v)
{
	char to[200];

	temp_dir_make(v->dir);
	make_folders(v);
	fake_vfio_set(v, DEVICE "/vendor", "0x1af4");
	fake_vfio_set(v, DEVICE "/device", "0x107d");
	fake_vfio_bind(v, "vfio-pci");
	snprintf(to, sizeof(to), "%s/" GROUP, v->dir);
	assert_sys(symlink(to, path_of(v, DEVICE "/iommu_group")));
	fake_vfio_set(v, "dev/vfio/vfio", "");
	fake_vfio_set(v, "dev/vfio/7", "");
	fake_vfio_set(v, "dev/vfio/noiommu-7", "");
}

void fake_vfio_remove(struct fake_vfio *v)
{
	temp_dir_remove(v->dir);
}

void fake_vfio_set(const struct fake_vfio *v, const char *name,
		   const char *text)
{
	file_write(path_of(v, name), "%s\n", text);
}

void fake_vfio_delete(const struct fake_vfio *v, const char *name)
{
	assert_sys(unlink(path_of(v, name)));
}

void fake_vfio_bind(const struct fake_vfio *v, const char *driver)
{
	char to[64];

	unlink(path_of(v, DEVICE "/driver"));
	if (!driver)
		return;
	snprintf(to, sizeof(to), "../../drivers/%s", driver);
	assert_sys(symlink(to, path_of(v, DEVICE "/driver")));
}
