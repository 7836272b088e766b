/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vfio-find.h on a machine of which the test has the files and links: of the
 * PCI device 0000:00:05.0, below /sys/bus/pci/devices.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "input/vfio/vfio-find.h"
#include "tests/lib/array.h"
#include "tests/lib/check.h"

#define DEVICE "/sys/bus/pci/devices/0000:00:05.0/"

/* NULL: it does not exist. */
static struct {
	const char *vendor, *device, *group_name; /* files */
	const char *driver, *group;		  /* links */
} machine;

static struct vfio_place place;
static struct fault why;

/* Return: what the device has at a path, or NULL. */
static const char *at(const char *path, const char *name, const char *has)
{
	return !strncmp(path, DEVICE, strlen(DEVICE)) &&
			       !strcmp(path + strlen(DEVICE), name)
		       ? has
		       : NULL;
}

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int open(const char *path, int flags, ...)
{
	const char *text = at(path, "vendor", machine.vendor);
	int fd;

	if (!text)
		text = at(path, "device", machine.device);
	if (!text)
		text = at(path, "iommu_group/name", machine.group_name);
	if (!text) {
		errno = ENOENT;
		return -1;
	}
	fd = memfd_create("sysfs", MFD_CLOEXEC);
	if (write(fd, text, strlen(text)) < 0)
		abort();
	lseek(fd, 0, SEEK_SET);
	return fd;
}

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
ssize_t readlink(const char *path, char *to, size_t size)
{
	const char *text = at(path, "driver", machine.driver);

	if (!text)
		text = at(path, "iommu_group", machine.group);
	if (!text) {
		errno = ENOENT;
		return -1;
	}
	size = strnlen(text, size);
	memcpy(to, text, size); /* without a NUL */
	return (ssize_t)size;
}

static int setup(void **state)
{
	machine.vendor = "0x1af4\n";
	machine.device = "0x107d\n";
	machine.group_name = NULL;
	machine.driver = "../../../../bus/pci/drivers/vfio-pci";
	machine.group = "../../../kernel/iommu_groups/17";
	memset(&place, 0xa5, sizeof(place));
	memset(&why, 0, sizeof(why));
	return 0;
}

static void a_device_is_found_by_its_address(void **state)
{
	assert_ok(vfio_find(&place, "0000:00:05.0", &why));
	assert_string_equal(place.address, "0000:00:05.0");
	assert_num(place.vendor, 0x1af4);
	assert_num(place.device, 0x107d);
	assert_num(place.group, 0);
	assert_false(place.no_iommu);
	assert_ok(vfio_find_group(&place, &why));
	assert_num(place.group, 17);
	assert_false(place.no_iommu);
}

static const struct {
	const char *text, *address; /* NULL: invalid */
} addresses[] = {
	{ "00:05.0", "0000:00:05.0" },
	{ "0:5.0", "0000:00:05.0" },
	{ "0000:00:05.0", "0000:00:05.0" },
	{ "abcd:ef:1f.7", "abcd:ef:1f.7" },
	{ "0:0:1f.7", "0000:00:1f.7" },
	{ "00:20.0", NULL },
	{ "00:05.8", NULL },
	{ "0000:00:20.0", NULL },
	{ "00:05.0 ", NULL },
	{ "0000:00:05.0x", NULL },
	{ "00:05", NULL },
	{ "00:05.", NULL },
	{ "0000:00:05", NULL },
	{ "x", NULL },
	{ "", NULL },
};

static void an_address_may_lack_its_domain(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(addresses); i++) {
		const char *address = addresses[i].address;
		int r = vfio_find(&place, addresses[i].text, &why);

		if (address && strcmp(place.address, address))
			fail_msg("%s: %s", addresses[i].text, place.address);
		if (address && !strcmp(address, "0000:00:05.0"))
			assert_ok(r);
		else
			assert_rc(r, -EINVAL);
		if (!address)
			assert_string_equal(why.text,
					    "must be the address of a PCI "
					    "device, such as 0000:00:05.0");
	}
}

static void a_device_that_is_not_there_is_named(void **state)
{
	machine.vendor = NULL;
	assert_rc(vfio_find(&place, "00:05.0", &why), -EINVAL);
	assert_string_equal(why.text, "no such PCI device: ls "
				      "/sys/bus/pci/devices lists them");
	machine.vendor = "0x1af4\n";
	machine.device = NULL;
	assert_rc(vfio_find(&place, "00:05.0", &why), -EINVAL);
	assert_string_equal(why.text, "the device has gone");
}

static void expect_no_group(const char *text)
{
	assert_ok(vfio_find(&place, "00:05.0", &why));
	assert_rc(vfio_find_group(&place, &why), -EINVAL);
	if (strncmp(why.text, text, strlen(text)))
		fail_msg("%s", why.text);
}

static void without_an_iommu_it_is_said_how_there_is_one(void **state)
{
	machine.group = NULL;
	expect_no_group("it is in no IOMMU group: give this machine an IOMMU");
}

#define BIND                                                 \
	"echo vfio-pci > /sys/bus/pci/devices/0000:00:05.0/" \
	"driver_override; echo 0000:00:05.0 > /sys/bus/pci/drivers_probe"

static void another_driver_is_named_with_what_to_type(void **state)
{
	machine.driver = "../../../../bus/pci/drivers/virtio-pci";
	expect_no_group(
		"bound to the driver virtio-pci, not to vfio-pci; as "
		"root: modprobe vfio-pci; echo 0000:00:05.0 > "
		"/sys/bus/pci/devices/0000:00:05.0/driver/unbind; " BIND);
	machine.driver = NULL;
	expect_no_group("bound to no driver, not to vfio-pci; as root: "
			"modprobe vfio-pci; " BIND);
	machine.driver = "vfio-pci2"; /* no path */
	expect_no_group("bound to the driver vfio-pci2,");
	machine.driver = "vfio-pci";
	assert_ok(vfio_find_group(&place, &why));
}

static void a_group_without_an_iommu_has_a_name(void **state)
{
	static const struct {
		const char *name;
		bool no_iommu;
	} rows[] = {
		{ "vfio-noiommu\n", true },
		{ "vfio-noiommu", true },
		{ "vfio-noiommu2\n", false },
		{ "", false },
		{ NULL, false },
	};

	assert_ok(vfio_find(&place, "00:05.0", &why));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		machine.group_name = rows[i].name;
		assert_ok(vfio_find_group(&place, &why));
		assert_num(place.no_iommu, rows[i].no_iommu);
	}
}

static void what_is_longer_than_any_name_is_cut(void **state)
{
	static char name[400];

	memset(name, 'x', sizeof(name) - 1);
	machine.driver = name;
	expect_no_group("bound to the driver xxxx");
	machine.driver = "vfio-pci";
	machine.group_name = name;
	assert_ok(vfio_find_group(&place, &why));
	assert_false(place.no_iommu);
}

#define T(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_device_is_found_by_its_address),
		T(an_address_may_lack_its_domain),
		T(a_device_that_is_not_there_is_named),
		T(without_an_iommu_it_is_said_how_there_is_one),
		T(another_driver_is_named_with_what_to_type),
		T(a_group_without_an_iommu_has_a_name),
		T(what_is_longer_than_any_name_is_cut),
	};

	return cmocka_run_group_tests_name("vfio-find", tests, NULL, NULL);
}
