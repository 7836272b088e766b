/* SPDX-License-Identifier: Apache-2.0 */
#include "injector/passthrough/pass-options.h"

enum pass_grab pass_options_grab(const struct pass_options *o, size_t device)
{
	const struct pass_own *own = &o->own[device];

	return own->has_grab ? own->grab : o->grab;
}

bool pass_options_has_grab(const struct pass_options *o, size_t device)
{
	return o->has_grab || o->own[device].has_grab;
}

enum pass_unplug pass_options_unplug(const struct pass_options *o,
				     size_t device)
{
	const struct pass_own *own = &o->own[device];

	return own->has_unplug ? own->on_unplug : o->on_unplug;
}
