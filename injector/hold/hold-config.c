/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "injector/hold/hold-config.h"

/* Return: whether msg asks for bytes that all input devices have. */
static bool is_inside(const struct vu_message *msg)
{
	const struct vu_config *config = &msg->p.config;

	return msg->hdr.request == VU_GET_CONFIG && config->size &&
	       (uint64_t)config->offset + config->size <= HOLD_CONFIG_LEN &&
	       msg->hdr.size == sizeof(*config) + config->size;
}

static void make_answer(const struct hold_config *c, struct vu_message *msg,
			const struct vu_config *want)
{
	msg->hdr.flags = VU_FLAG_VERSION_1 | VU_FLAG_REPLY;
	msg->hdr.size = (uint32_t)sizeof(*want) + want->size;
	msg->p.config = *want;
	memcpy(msg->p.bytes + sizeof(*want), c->bytes + want->offset,
	       want->size);
}

bool hold_config_answers(struct hold_config *c, struct vu_message *msg)
{
	const struct vu_config want = msg->p.config;

	if (!c->known || !is_inside(msg)) {
		hold_config_forget(c);
		return false;
	}
	make_answer(c, msg, &want);
	return true;
}

bool hold_config_widen(struct hold_config *c, const struct vu_message *msg,
		       struct vu_message *all)
{
	if (c->off || !is_inside(msg))
		return false;
	c->asked = true;
	c->want = msg->p.config;
	all->hdr = msg->hdr;
	all->hdr.size = sizeof(c->want) + HOLD_CONFIG_LEN;
	memset(&all->p, 0, all->hdr.size);
	all->p.config = (struct vu_config){ .size = HOLD_CONFIG_LEN,
					    .flags = c->want.flags };
	all->n_fds = 0;
	return true;
}

bool hold_config_narrow(struct hold_config *c, struct vu_message *answer)
{
	if (!c->asked || answer->hdr.request != VU_GET_CONFIG)
		return true;
	c->asked = false;
	if (answer->hdr.size != sizeof(c->want) + HOLD_CONFIG_LEN) {
		c->off = true;
		return false;
	}
	memcpy(c->bytes, answer->p.bytes + sizeof(c->want), HOLD_CONFIG_LEN);
	c->known = true;
	make_answer(c, answer, &c->want);
	return true;
}
