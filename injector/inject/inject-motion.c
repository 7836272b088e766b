/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include "injector/inject/inject-motion.h"

void inject_motion_begin(struct inject_motion *m,
			 const struct inject_settings *set, int64_t begin_ns)
{
	double steps = round((double)set->duration / 1e9 * (double)set->rate);

	*m = (struct inject_motion){ .set = set,
				     .begin_ns = begin_ns,
				     .steps = steps < 1 ? 1 : (long)steps };
}

bool inject_motion_next(struct inject_motion *m)
{
	if (m->step == m->steps)
		return false;
	m->step++;
	m->due_ns = m->begin_ns + m->set->duration * m->step / m->steps;
	m->time = (double)m->step / (double)m->steps;
	m->part = inject_ease(m->set->easing, m->time);
	return true;
}
