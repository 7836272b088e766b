/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The launcher as it runs, from the first process to the last. What follows
 * from the changes in the fleet (launch-fleet.h), by phase:
 *
 *	COMING_UP  all devices ready ─► start the streamer, report readiness
 *	           one has failed ────► end, with its reason
 *	UP         answer clients; free removed devices; the streamer exited
 *	           with status 0 ─► end
 *	ENDING_*   the streamer first, so that what it still sends arrives; then
 *	           the devices; then processes that the streamer left behind
 */
#ifndef VINPUT_LAUNCH_RUN_H
#define VINPUT_LAUNCH_RUN_H

#include "injector/plan/launch-options.h"
#include "injector/plan/launch-plan.h"

/*
 * Launch the plan's devices and run until all have ended. streamer: NULL, or
 * its command line. Return: an exit status, after a line on stderr if not 0.
 */
int launch_run(const struct launch_options *o, const struct launch_plan *plan,
	       const struct launch_restart *restart, char *const *streamer);

#endif
