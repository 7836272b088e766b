/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All three VMMs take lists of KEY=VALUE separated by commas. In QEMU a comma
 * in a value is doubled; the others have no way to quote one, so such a path is
 * rejected. A socket of vfio-user can be told to QEMU in JSON only.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "injector/plan/launch-vmm.h"

/* As Cuttlefish. Linux's driver makes 64 buffers available. */
#define QUEUE_SIZE 256

/*
 * crosvm ends if a socket does not exist, unless it is given a time to wait:
 * that within which devices become ready by default (--start-timeout).
 */
#define CONNECT_TIMEOUT_MS 30000

/* Display N of QEMU's VNC is TCP port 5900 + N. */
#define VNC_PORT 5900

const char *const launch_vmm_names[] = {
	[LAUNCH_CROSVM] = "crosvm",
	[LAUNCH_QEMU] = "qemu",
	[LAUNCH_QEMU_VFIO_USER] = "qemu-vfio-user",
	[LAUNCH_CLOUD_HYPERVISOR] = "cloud-hypervisor",
	NULL,
};

/* dir: as vmm_escape() returns it. */
static void crosvm_device(const char *dir, const struct launch_item *item,
			  struct launch_argv *args)
{
	launch_argv_add(args,
			"--vhost-user=input,socket=%s/%s.sock,"
			"max-queue-size=%d",
			dir, item->label, QUEUE_SIZE);
}

static void qemu_device(const char *dir, const struct launch_item *item,
			struct launch_argv *args)
{
	const char *label = item->label;

	launch_argv_add(args, "-chardev");
	launch_argv_add(args, "socket,id=vinput-%s,path=%s/%s.sock", label, dir,
			label);
	launch_argv_add(args, "-device");
	launch_argv_add(
		args, "vhost-user-input-pci,chardev=vinput-%s%s", label,
		launch_item_has_iommu(item) ? ",iommu_platform=on,ats=on" : "");
}

static void qemu_vfio_user_device(const char *dir,
				  const struct launch_item *item,
				  struct launch_argv *args)
{
	const char *label = item->label;

	launch_argv_add(args, "-device");
	launch_argv_add(
		args,
		"{\"driver\":\"vfio-user-pci\",\"id\":\"vinput-%s\","
		"\"socket\":{\"type\":\"unix\",\"path\":\"%s/%s.vfio\"}}",
		label, dir, label);
}

static void cloud_hypervisor_device(const char *dir,
				    const struct launch_item *item,
				    struct launch_argv *args)
{
	if (launch_item_has_vfio_user(item)) {
		launch_argv_add(args, "--user-device");
		launch_argv_add(args, "socket=%s/%s.vfio", dir, item->label);
		return;
	}
	launch_argv_add(args, "--generic-vhost-user");
	launch_argv_add(args,
			"socket=%s/%s.sock,device_type=input,"
			"queue_sizes=[%d,%d]",
			dir, item->label, QUEUE_SIZE, QUEUE_SIZE);
}

/* What a VMM needs once, whatever the devices are. */
static void vmm_add_common(enum launch_vmm vmm, struct launch_argv *args)
{
	if (vmm == LAUNCH_CROSVM)
		launch_argv_add(args, "--vhost-user-connect-timeout-ms=%d",
				CONNECT_TIMEOUT_MS);
}

/* vhost-user: the guest's memory must be a file that can be shared. */
static void vmm_add_memory(enum launch_vmm vmm, const char *memory,
			   struct launch_argv *args)
{
	switch (vmm) {
	case LAUNCH_CROSVM:
		break; /* always shared: launch_vmm_memory_hint() */
	case LAUNCH_QEMU:
	case LAUNCH_QEMU_VFIO_USER:
		launch_argv_add(args, "-m");
		launch_argv_add(args, "%s", memory);
		launch_argv_add(args, "-object");
		launch_argv_add(args,
				"memory-backend-memfd,id=vinput-ram,size=%s,"
				"share=on",
				memory);
		launch_argv_add(args, "-machine");
		launch_argv_add(args, "memory-backend=vinput-ram");
		break;
	case LAUNCH_CLOUD_HYPERVISOR:
		launch_argv_add(args, "--memory");
		launch_argv_add(args, "size=%s,shared=on", memory);
		break;
	}
}

const char *launch_vmm_memory_hint(enum launch_vmm vmm, const char *memory)
{
	if (vmm == LAUNCH_CROSVM)
		return memory ? "the memory of crosvm's guests is always "
				"shared; give crosvm its size with --mem"
			      : NULL;
	if (memory)
		return NULL;
	return vmm == LAUNCH_CLOUD_HYPERVISOR
		       ? "the guest's memory must be --memory ...,shared=on; "
			 "--memory=SIZE prints that too"
		       : "the guest's memory must be a memory-backend-memfd "
			 "with share=on; --memory=SIZE prints that too";
}

/* What a VMM has no way to quote. */
static const char *const unquotable[] = {
	[LAUNCH_CROSVM] = ",\"[]",
	[LAUNCH_QEMU] = "",
	[LAUNCH_QEMU_VFIO_USER] = "\"\\",
	[LAUNCH_CLOUD_HYPERVISOR] = ",\"[]",
};

/* Return: the directory, quoted for the VMM, to be freed; or NULL. */
static char *vmm_escape(enum launch_vmm vmm, const char *dir, char *why)
{
	char *out = malloc(2 * strlen(dir) + 1), *to = out;

	if (!out)
		return NULL;
	for (; *dir; dir++) {
		if (strchr(unquotable[vmm], *dir)) {
			snprintf(why, 256, "%s does not support a path with %c",
				 launch_vmm_names[vmm], *dir);
			free(out);
			return NULL;
		}
		if (*dir == ',' && vmm == LAUNCH_QEMU)
			*to++ = ',';
		*to++ = *dir;
	}
	*to = '\0';
	return out;
}

/* Return: vmm, or its other way to use a device. */
static enum launch_vmm vmm_choose(enum launch_vmm vmm,
				  const struct launch_item *item)
{
	if (vmm == LAUNCH_QEMU && launch_item_has_vfio_user(item))
		return LAUNCH_QEMU_VFIO_USER;
	return vmm;
}

static int vmm_add_device(enum launch_vmm vmm, const struct launch_item *item,
			  const char *dir, struct launch_argv *args, char *why)
{
	char *escaped = vmm_escape(vmm, dir, why);

	if (!escaped)
		return -EINVAL;
	switch (vmm) {
	case LAUNCH_CROSVM:
		crosvm_device(escaped, item, args);
		break;
	case LAUNCH_QEMU:
		qemu_device(escaped, item, args);
		break;
	case LAUNCH_QEMU_VFIO_USER:
		qemu_vfio_user_device(escaped, item, args);
		break;
	case LAUNCH_CLOUD_HYPERVISOR:
		cloud_hypervisor_device(escaped, item, args);
		break;
	}
	free(escaped);
	return 0;
}

int launch_vmm_args(enum launch_vmm vmm, const struct launch_plan *plan,
		    const char *dir, const char *memory,
		    struct launch_argv *args, char *why)
{
	snprintf(why, 256, "%s", strerror(ENOMEM));
	if (memory)
		vmm_add_memory(vmm, memory, args);
	vmm_add_common(vmm, args);
	for (size_t i = 0; i < plan->n; i++) {
		const struct launch_item *item = &plan->item[i];

		if (vmm == LAUNCH_CROSVM && launch_item_has_vfio_user(item)) {
			snprintf(why, 256, "%s: crosvm has no vfio-user",
				 item->label);
			return -EINVAL;
		}
		if (vmm_add_device(vmm_choose(vmm, item), item, dir, args, why))
			return -EINVAL;
	}
	return launch_argv_check(args);
}

/* Return: where it is, without the name that it may have in front. */
static const char *screen_place(const char *screen)
{
	const char *equals = strchr(screen, '=');

	/* A path may have one, too; a name has no colon. */
	return equals && equals < strchr(screen, ':') ? equals + 1 : screen;
}

/* secret: what follows the place, about the password. */
static int qemu_screen(const char *place, const char *secret,
		       struct launch_argv *args, char *why)
{
	const char *port = strrchr(place, ':') + 1;
	const int display = atoi(port) - VNC_PORT;
	char *escaped = vmm_escape(LAUNCH_QEMU, place, why);

	if (!escaped)
		return -EINVAL;
	launch_argv_add(args, "-vnc");
	if (!strncmp(place, "unix:", 5))
		launch_argv_add(args, "%s%s", escaped, secret);
	else
		launch_argv_add(args, "%.*s:%d%s", (int)(port - 1 - place),
				place, display, secret);
	free(escaped);
	if (!strncmp(place, "unix:", 5) || display >= 0)
		return launch_argv_check(args);
	snprintf(why, 256, "--display=%.100s: QEMU's VNC ports begin at %d",
		 place, VNC_PORT);
	return -EINVAL;
}

/* QEMU reads the password itself. */
static int qemu_secret(const char *password, struct launch_argv *args,
		       char *why)
{
	char *escaped = vmm_escape(LAUNCH_QEMU, password, why);

	if (!escaped)
		return -EINVAL;
	launch_argv_add(args, "-object");
	launch_argv_add(args, "secret,id=vinput-vnc,file=%s", escaped);
	free(escaped);
	return 0;
}

int launch_vmm_add_screens(enum launch_vmm vmm,
			   const struct launch_argv *screens,
			   const char *password, struct launch_argv *args,
			   char *why)
{
	const char *secret = password ? ",password-secret=vinput-vnc" : "";
	const bool is_qemu = vmm == LAUNCH_QEMU || vmm == LAUNCH_QEMU_VFIO_USER;
	int r = 0;

	if (screens->n && !is_qemu) {
		snprintf(why, 256, "--display=%.100s: %s has no VNC server",
			 screen_place(screens->v[0]), launch_vmm_names[vmm]);
		return -EINVAL;
	}
	snprintf(why, 256, "%s", strerror(ENOMEM));
	if (password && is_qemu)
		r = qemu_secret(password, args, why);
	for (size_t i = 0; i < screens->n && !r; i++)
		r = qemu_screen(screen_place(screens->v[i]), secret, args, why);
	return r;
}
