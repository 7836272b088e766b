/* SPDX-License-Identifier: Apache-2.0 */
/* The memory's part of bridge-sync.h. */
#ifndef VINPUT_BRIDGE_MEMORY_H
#define VINPUT_BRIDGE_MEMORY_H

#include "injector/bridge/bridge-told.h"

/* The maps of a range are gone. */
void bridge_memory_unmapped(struct bridge_sync *s, uint64_t first,
			    uint64_t last);
/* The back-end asks for a translation. */
void bridge_memory_missed(struct bridge_sync *s, uint64_t iova);

/* --- for bridge-sync.c --- */

/* Tell of what is not mapped any more, or of all if no driver runs. */
enum bridge_next bridge_memory_remove(struct bridge_sync *s,
				      struct vu_message *msg, bool running);
/* Tell of what is mapped now. */
enum bridge_next bridge_memory_add(struct bridge_sync *s,
				   struct vu_message *msg);
enum bridge_next bridge_memory_invalidate(struct bridge_sync *s,
					  struct vu_message *msg);
enum bridge_next bridge_memory_translate(struct bridge_sync *s,
					 struct vu_message *msg);

#endif
