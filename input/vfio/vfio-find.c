/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "input/base/fd.h"
#include "input/vfio/vfio-find.h"

#define DEVICES "/sys/bus/pci/devices"
#define DRIVER	"vfio-pci"
/* The name of a group that the kernel makes where there is no IOMMU. */
#define NO_IOMMU "vfio-noiommu"

#define PATH_LEN 96
#define WORD_LEN 64

static int parse_address(struct vfio_place *p, const char *text)
{
	unsigned int domain = 0, bus, slot, function;
	int end = 0;

	sscanf(text, "%4x:%2x:%2x.%1x%n", &domain, &bus, &slot, &function,
	       &end);
	if (!end || text[end]) {
		domain = 0;
		end = 0;
		sscanf(text, "%2x:%2x.%1x%n", &bus, &slot, &function, &end);
	}
	if (!end || text[end] || slot > 0x1f || function > 7)
		return -EINVAL;
	snprintf(p->address, sizeof(p->address), "%04x:%02x:%02x.%x",
		 domain & 0xffff, bus & 0xff, slot, function);
	return 0;
}

/* A file of the device; word gets its first line. Return: whether it exists. */
static bool read_word(const struct vfio_place *p, const char *name,
		      char word[WORD_LEN])
{
	_cleanup_close_ int fd = -1;
	char path[PATH_LEN];
	ssize_t n;

	snprintf(path, sizeof(path), DEVICES "/%s/%s", p->address, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, word, WORD_LEN - 1);
	word[n > 0 ? n : 0] = '\0';
	word[strcspn(word, "\n")] = '\0';
	return n >= 0;
}

/* The same of a link: the last part of what it leads to. */
static bool read_link(const struct vfio_place *p, const char *name,
		      char word[WORD_LEN])
{
	char path[PATH_LEN], to[256];
	const char *last;
	ssize_t n;

	snprintf(path, sizeof(path), DEVICES "/%s/%s", p->address, name);
	n = readlink(path, to, sizeof(to) - 1);
	if (n < 0)
		return false;
	to[n] = '\0';
	last = strrchr(to, '/');
	snprintf(word, WORD_LEN, "%.*s", WORD_LEN - 1, last ? last + 1 : to);
	return true;
}

int vfio_find(struct vfio_place *p, const char *address, struct fault *why)
{
	char word[WORD_LEN];

	*p = (struct vfio_place){ 0 };
	if (parse_address(p, address))
		return fault_set(why, "must be the address of a PCI device, "
				      "such as 0000:00:05.0");
	if (!read_word(p, "vendor", word))
		return fault_set(why, "no such PCI device: ls " DEVICES
				      " lists them");
	p->vendor = (uint16_t)strtoul(word, NULL, 16);
	if (!read_word(p, "device", word))
		return fault_set(why, "the device has gone");
	p->device = (uint16_t)strtoul(word, NULL, 16);
	return 0;
}

static int wrong_driver(const struct vfio_place *p, const char *driver,
			struct fault *why)
{
	char unbind[PATH_LEN + WORD_LEN] = "";

	if (driver)
		snprintf(unbind, sizeof(unbind),
			 "echo %s > " DEVICES "/%s/driver/unbind; ", p->address,
			 p->address);
	return fault_set(why,
			 "%s%s, not to " DRIVER "; as root: modprobe " DRIVER
			 "; %secho " DRIVER " > " DEVICES
			 "/%s/driver_override; echo %s > "
			 "/sys/bus/pci/drivers_probe",
			 driver ? "bound to the driver " : "bound to no driver",
			 driver ? driver : "", unbind, p->address, p->address);
}

int vfio_find_group(struct vfio_place *p, struct fault *why)
{
	char group[WORD_LEN], driver[WORD_LEN], name[WORD_LEN];
	bool bound = read_link(p, "driver", driver);

	if (!read_link(p, "iommu_group", group))
		return fault_set(
			why,
			"it is in no IOMMU group: give this machine an IOMMU "
			"(QEMU: -device intel-iommu) and boot its kernel with "
			"intel_iommu=on; a kernel with VFIO_NOIOMMU needs "
			"enable_unsafe_noiommu_mode=1 of its module vfio and "
			"the device bound to " DRIVER);
	if (!bound || strcmp(driver, DRIVER) != 0)
		return wrong_driver(p, bound ? driver : NULL, why);
	p->group = (unsigned int)strtoul(group, NULL, 10);
	p->no_iommu = read_word(p, "iommu_group/name", name) &&
		      !strcmp(name, NO_IOMMU);
	return 0;
}
