/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes the tables of names-table.c as C, when the program is built:
 *
 *	cc -dM -E -include linux/input.h - </dev/null | make-names >FILE
 *
 * libevdev has the name of a number. It does not list second names, but knows
 * them: those of the kernel's header are tried.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "input/spec/names-evdev.h"

#define NAMES_MAX 4096
#define NAME_LEN  64

static struct name {
	char text[NAME_LEN];
	unsigned int kind, number, place;
} names[NAMES_MAX];
static size_t n_names;

static void die(const char *what)
{
	fprintf(stderr, "make-names: %s\n", what);
	exit(EXIT_FAILURE);
}

static struct name *find(const char *text)
{
	for (size_t i = 0; i < n_names; i++)
		if (!strcmp(names[i].text, text))
			return &names[i];
	return NULL;
}

static void add(const char *text, unsigned int kind, unsigned int number)
{
	struct name *name = &names[n_names];

	if (find(text))
		return;
	if (++n_names == NAMES_MAX || strlen(text) >= sizeof(name->text))
		die("too many names, or a long one");
	strcpy(name->text, text);
	name->kind = kind;
	name->number = number;
}

static void add_names(unsigned int kind)
{
	for (int number = 0; number <= evdev_max(kind); number++) {
		const char *text = evdev_name(kind, (unsigned int)number);

		if (text)
			add(text, kind, (unsigned int)number);
	}
}

static void add_second_names(FILE *defines)
{
	char line[4096], text[NAME_LEN];

	while (fgets(line, sizeof(line), defines)) {
		if (sscanf(line, "#define %63s", text) != 1)
			continue;
		for (unsigned int kind = 0; kind < NAMES_KINDS; kind++) {
			const int number = evdev_find(kind, text);

			if (number >= 0)
				add(text, kind, (unsigned int)number);
		}
	}
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct name *)a)->text,
		      ((const struct name *)b)->text);
}

/* All texts, one after another. At place 0 there is none. */
static void print_texts(void)
{
	unsigned int place = 1;

	qsort(names, n_names, sizeof(names[0]), compare);
	printf("static const char texts[] =\n\t\"\\0\"\n");
	for (size_t i = 0; i < n_names; i++) {
		names[i].place = place;
		place += (unsigned int)strlen(names[i].text) + 1;
		printf("\t\"%s\\0\"\n", names[i].text);
	}
	printf("\t;\n");
	if (place > UINT16_MAX)
		die("the names are too long");
}

/* Without those that libevdev prints but does not read: FF_STATUS_... */
static void print_sorted(void)
{
	printf("static const struct sorted sorted[] = {\n");
	for (size_t i = 0; i < n_names; i++)
		if (evdev_find(names[i].kind, names[i].text) >= 0)
			printf("\t{ %u, %u, %u },\n", names[i].place,
			       names[i].kind, names[i].number);
	printf("};\n");
}

static void print_places(void)
{
	printf("static const uint16_t places[] = {\n");
	for (unsigned int kind = 0; kind < NAMES_KINDS; kind++)
		for (int number = 0; number <= evdev_max(kind); number++) {
			const char *text =
				evdev_name(kind, (unsigned int)number);

			printf("\t%u,\n", text ? find(text)->place : 0);
		}
	printf("};\n");
}

static void print_kinds(void)
{
	unsigned int first = 0;

	printf("static const struct kind kinds[] = {\n");
	for (unsigned int kind = 0; kind < NAMES_KINDS; kind++) {
		printf("\t{ %d, %u },\n", evdev_max(kind), first);
		first += (unsigned int)(evdev_max(kind) + 1);
	}
	printf("};\n");
}

int main(void)
{
	for (unsigned int kind = 0; kind < NAMES_KINDS; kind++)
		add_names(kind);
	add_second_names(stdin);
	printf("#define NAMES_MADE\n");
	print_texts();
	print_sorted();
	print_places();
	print_kinds();
	return ferror(stdout) || fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}
