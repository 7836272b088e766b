/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "injector/plan/launch-plan.h"

static int plan_add(struct launch_plan *plan, json_t *json,
		    const struct json_path *at, struct launch_fault *f)
{
	int rc = launch_item_read(&plan->item[plan->n], json, at, f);

	if (rc)
		return rc;
	plan->n++;
	if (!plan->defaults ||
	    !json_object_update_missing(json, (json_t *)plan->defaults))
		return 0;
	launch_fault(f, at, "%s", strerror(ENOMEM));
	return -ENOMEM;
}

int launch_plan_read(struct launch_plan *plan, const json_t *devices,
		     const struct json_path *at, struct launch_fault *f)
{
	plan->n = 0;
	if (!json_is_array(devices))
		return launch_fault(f, at, "devices must be an array");
	if (json_array_size(devices) > LAUNCH_DEVICES_MAX)
		return launch_fault(f, at, "more than %d devices",
				    LAUNCH_DEVICES_MAX);
	for (size_t i = 0; i < json_array_size(devices); i++) {
		struct json_path elem = *JSON_ELEMENT(at, i);
		int rc;

		f->in_file = i < f->n_in_file;
		rc = plan_add(plan, json_array_get(devices, i), &elem, f);
		if (rc)
			return rc;
	}
	return 0;
}

void launch_plan_fini(struct launch_plan *plan)
{
	for (size_t i = 0; i < plan->n; i++)
		launch_item_fini(&plan->item[i]);
	plan->n = 0;
}

/* --- labels --- */

/* Return: the device of that label among the first n, or NULL. */
static const struct launch_item *plan_find(const struct launch_plan *plan,
					   size_t n, const char *label)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(plan->item[i].label, label))
			return &plan->item[i];
	return NULL;
}

struct labels {
	struct launch_plan *plan;
	launch_taken *taken;
	void *arg;
};

static bool plan_label_is_taken(const struct labels *l, const char *label)
{
	return plan_find(l->plan, l->plan->n, label) ||
	       (l->taken && l->taken(l->arg, label));
}

/* touch_0, touch_1, ...: all of one kind, in their order. */
static void plan_number_kind(const struct labels *l, const char *kind)
{
	const struct launch_kind *k = launch_kind_find(kind);
	char label[LAUNCH_LABEL_MAX + 1];
	unsigned int n = 0;

	for (size_t i = 0; i < l->plan->n; i++) {
		struct launch_item *item = &l->plan->item[i];

		if (item->kind != k || *item->label)
			continue;
		do
			snprintf(label, sizeof(label), "%s%u", k->label, n++);
		while (plan_label_is_taken(l, label));
		strcpy(item->label, label);
		item->number = n - 1;
	}
}

static int plan_check_label(const struct labels *l, size_t i,
			    const struct json_path *at, struct launch_fault *f)
{
	const char *label = l->plan->item[i].label;

	if (plan_find(l->plan, i, label))
		return launch_fault(f, at,
				    "two devices have the label %s; give one "
				    "of them another label",
				    label);
	if (l->taken && l->taken(l->arg, label))
		return launch_fault(f, at, "device %s already exists", label);
	return 0;
}

int launch_plan_label(struct launch_plan *plan, const struct json_path *at,
		      launch_taken *taken, void *arg, struct launch_fault *f)
{
	struct labels l = { plan, taken, arg };

	for (size_t i = 0; i < plan->n; i++) {
		struct launch_item *item = &plan->item[i];

		if (!*item->label && !item->kind->numbered)
			strcpy(item->label, item->kind->label);
	}
	plan_number_kind(&l, "display");
	plan_number_kind(&l, "touchpad");
	for (size_t i = 0; i < plan->n; i++) {
		struct json_path elem = *JSON_ELEMENT(at, i);
		struct json_path label = *JSON_MEMBER(&elem, "label");
		int rc;

		f->in_file = i < f->n_in_file;
		rc = plan_check_label(&l, i, &label, f);
		if (rc)
			return rc;
	}
	return 0;
}
