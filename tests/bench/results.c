/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "tests/bench/results.h"

json_t *results_load(const char *path)
{
	json_error_t error;
	json_t *all = json_load_file(path, 0, &error);

	if (!all)
		fprintf(stderr, "bench: %s: %s\n", path, error.text);
	return all;
}

const json_t *results_figure(const json_t *all, const char *name)
{
	const json_t *figures = json_object_get(all, "figures");

	for (size_t i = 0; i < json_array_size(figures); i++) {
		const json_t *f = json_array_get(figures, i);
		const json_t *its_name = json_object_get(f, "name");

		if (!strcmp(json_string_value(its_name), name))
			return f;
	}
	return NULL;
}

size_t results_subjects(const json_t *all)
{
	return json_array_size(json_object_get(all, "subjects"));
}

const char *results_subject(const json_t *all, size_t i)
{
	const json_t *subject =
		json_array_get(json_object_get(all, "subjects"), i);

	return json_string_value(json_object_get(subject, "name"));
}

double results_value(const json_t *figure, const char *subject, const char *key)
{
	const json_t *of =
		json_object_get(json_object_get(figure, "of"), subject);
	const json_t *value = json_object_get(of, key);

	return json_is_number(value) ? json_number_value(value) : NAN;
}

void results_describe(const json_t *all, char text[256])
{
	const json_t *machine = json_object_get(all, "machine");

	snprintf(text, 256,
		 "Medians of %d rounds on %s, %d CPUs, where the load was %.1f",
		 (int)json_integer_value(json_object_get(all, "rounds")),
		 json_string_value(json_object_get(machine, "cpu")),
		 (int)json_integer_value(json_object_get(machine, "cpus")),
		 json_number_value(json_object_get(machine, "load")));
}
