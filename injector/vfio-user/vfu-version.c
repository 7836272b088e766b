/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VERSION's JSON (vfio-user: "VFIO_USER_VERSION"). Members that are not known
 * are ignored, and so are those of what this server does not do: migration,
 * write_multiple, twin_socket.
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include "injector/vfio-user/vfu-message.h"

/* "If not specified then the receiver must assume" these. */
#define DEFAULT_FDS  1
#define DEFAULT_DATA 1048576

/* Return: whether it is absent, or in range, and then in *value. */
static bool take_number(json_t *caps, const char *name, uint64_t max,
			uint64_t *value)
{
	json_t *number = json_object_get(caps, name);

	if (!number)
		return true;
	if (!json_is_integer(number) || json_integer_value(number) < 0 ||
	    (uint64_t)json_integer_value(number) > max)
		return false;
	*value = (uint64_t)json_integer_value(number);
	return true;
}

static int take_caps(json_t *root, struct vfu_caps *caps)
{
	json_t *object = json_object_get(root, "capabilities");
	uint64_t fds = DEFAULT_FDS, data = DEFAULT_DATA;

	if (!json_is_object(root) || (object && !json_is_object(object)))
		return EINVAL;
	if (!take_number(object, "max_msg_fds", UINT32_MAX, &fds) ||
	    !take_number(object, "max_data_xfer_size", INT64_MAX, &data))
		return EINVAL;
	caps->max_fds = (uint32_t)fds;
	caps->max_data = data;
	return 0;
}

int vfu_version_read(const struct vfu_message *msg, struct vfu_caps *caps)
{
	const char *text = (const char *)msg->p.bytes + sizeof(msg->p.version);
	const size_t len = vfu_message_len(msg) - sizeof(msg->p.version);
	json_t *root;
	int r;

	*caps = (struct vfu_caps){ DEFAULT_FDS, DEFAULT_DATA };
	if (msg->p.version.major != VFU_MAJOR)
		return EPROTO;
	if (!len)
		return 0;
	if (text[len - 1])
		return EINVAL;
	root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	if (!root)
		return EINVAL;
	r = take_caps(root, caps);
	json_decref(root);
	return r;
}

void vfu_version_reply(struct vfu_message *msg)
{
	char *text = (char *)msg->p.bytes + sizeof(msg->p.version);
	const int len = sprintf(text,
				"{\"capabilities\":{\"max_msg_fds\":%d,"
				"\"max_data_xfer_size\":%d}}",
				VFU_FDS_MAX, VFU_DATA_MAX);

	if (msg->p.version.minor > VFU_MINOR)
		msg->p.version.minor = VFU_MINOR;
	vfu_message_reply(msg, sizeof(msg->p.version) + (size_t)len + 1);
}
