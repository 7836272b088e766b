/* SPDX-License-Identifier: Apache-2.0 */
/* What the back-end offers, and what the front-end acks of it. */
#ifndef VINPUT_VU_FEATURES_H
#define VINPUT_VU_FEATURES_H

#include "input/vhost-user/vu-handler.h"

vu_handler vu_get_features, vu_set_features;
vu_handler vu_get_protocol_features, vu_set_protocol_features;

/* Return: the bits of GET_FEATURES. */
uint64_t vu_features_offered(const struct vu_backend *be);
/* Return: the bits of GET_PROTOCOL_FEATURES. */
uint64_t vu_features_protocol_offered(const struct vu_backend *be);

#endif
