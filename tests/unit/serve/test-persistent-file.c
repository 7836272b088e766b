/* SPDX-License-Identifier: Apache-2.0 */
/* persistent-file.h: which files are resumed, and which are begun anew. */
#include "tests/lib/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "input/device/persistent-ledger.h"
#include "input/serve/persistent-file.h"
#include "tests/lib/event-text.h"

#define PLACES 2

static int fd;
static struct persistent *p;
static struct spec spec;

static int setup(void **state)
{
	fd = memfd_create("persistent", MFD_CLOEXEC);
	assert_sys(fd);
	return 0;
}

static int teardown(void **state)
{
	persistent_file_close(p);
	p = NULL;
	close(fd);
	return 0;
}

static int mappings(void)
{
	FILE *f = fopen("/proc/self/maps", "re");
	char line[400];
	int n = 0;

	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		n += strstr(line, "memfd:persistent") != NULL;
	fclose(f);
	return n;
}

/* Another process opens it. */
static void open_again(unsigned int n)
{
	struct stat st;

	persistent_file_close(p);
	assert_ok(persistent_file_open(&p, fd, n, &spec));
	assert_num(p->n, n);
	assert_null(persistent_refuse(p->head, persistent_len(n)));
	assert_sys(fstat(fd, &st));
	assert_num(st.st_size, persistent_len(n));
}

static void a_new_file_begins_as_the_spec_says(void **state)
{
	struct state now;

	event_text_device("SW_LID, SW_DOCK, ABS_VOLUME 0..20", &spec);
	bit_set(spec.initial_sw, SW_DOCK);
	spec.abs[ABS_VOLUME].has_initial = true;
	spec.abs[ABS_VOLUME].initial = 7;
	open_again(PLACES);
	state_init(&now, NULL);
	persistent_state_load(p, &spec, &now);
	assert_true(bit_test(now.sw, SW_DOCK));
	assert_false(bit_test(now.sw, SW_LID));
	assert_num(now.abs[ABS_VOLUME], 7);
	assert_true(now.abs_known >> ABS_VOLUME & 1);
	bit_clear(p->head->ledger[0].sw, SW_DOCK);
	open_again(PLACES);
	persistent_state_load(p, &spec, &now);
	assert_false(bit_test(now.sw, SW_DOCK));
	memset(&spec, 0, sizeof(spec));
}

static void what_is_left_is_found(void **state)
{
	open_again(PLACES);
	bit_set(p->head->ledger[0].sw, SW_LID);
	open_again(PLACES);
	assert_true(bit_test(p->head->ledger[0].sw, SW_LID));
}

/* Their sockets tell who is who. */
static void more_or_fewer_injectors_find_what_is_left(void **state)
{
	const unsigned int numbers[] = { PLACES + 1, PLACES, 0, 1, PLACES };

	open_again(PLACES);
	bit_set(p->head->ledger[0].sw, SW_LID);
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		open_again(numbers[i]);
		assert_true(bit_test(p->head->ledger[0].sw, SW_LID));
		assert_num(le32toh(p->head->places_le), numbers[i]);
	}
}

static void their_places_stay_and_new_ones_are_free(void **state)
{
	open_again(PLACES);
	for (unsigned int i = 0; i < PLACES; i++)
		p->head->place[i].use_le = htole32(PERSISTENT_USED);
	open_again(PLACES + 1);
	for (unsigned int i = 0; i < PLACES; i++)
		assert_num(p->head->place[i].use_le, htole32(PERSISTENT_USED));
	assert_num(p->head->place[PLACES].use_le, PERSISTENT_FREE);
	open_again(1);
	assert_num(p->head->place[0].use_le, htole32(PERSISTENT_USED));
	open_again(PLACES);
	assert_num(p->head->place[0].use_le, htole32(PERSISTENT_USED));
	assert_num(p->head->place[1].use_le, PERSISTENT_FREE);
}

/* Killed between the two steps of that. */
static void a_file_between_two_sizes_begins_anew(void **state)
{
	open_again(PLACES);
	bit_set(p->head->ledger[0].sw, SW_LID);
	persistent_set_places(p->head, PLACES - 1);
	open_again(PLACES);
	assert_false(bit_test(p->head->ledger[0].sw, SW_LID));
}

static void another_version_begins_anew(void **state)
{
	open_again(PLACES);
	bit_set(p->head->ledger[0].sw, SW_LID);
	p->head->place[1].use_le = htole32(PERSISTENT_USED);
	p->head->version_le = htole32(PERSISTENT_VERSION + 1);
	open_again(PLACES);
	assert_false(bit_test(p->head->ledger[0].sw, SW_LID));
	assert_num(p->head->place[1].use_le, PERSISTENT_FREE);
}

static void a_file_that_was_cut_begins_anew(void **state)
{
	open_again(PLACES);
	bit_set(p->head->ledger[0].sw, SW_LID);
	assert_sys(ftruncate(fd, 12345));
	open_again(PLACES);
	assert_false(bit_test(p->head->ledger[0].sw, SW_LID));
}

static void a_read_only_file_is_an_error(void **state)
{
	char path[64];
	int read_only;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	read_only = open(path, O_RDONLY | O_CLOEXEC);
	assert_sys(read_only);
	assert_rc(persistent_file_open(&p, read_only, PLACES, &spec), -EINVAL);
	open_again(PLACES);
	assert_rc(persistent_file_open(&p, read_only, PLACES, &spec), -EACCES);
	close(read_only);
}

static void a_file_is_mapped_as_long_as_it_is_open(void **state)
{
	open_again(PLACES);
	assert_num(mappings(), 1);
	open_again(PLACES + 1);
	assert_num(mappings(), 1);
	persistent_file_close(p);
	p = NULL;
	assert_num(mappings(), 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_new_file_begins_as_the_spec_says),
		T(what_is_left_is_found),
		T(more_or_fewer_injectors_find_what_is_left),
		T(their_places_stay_and_new_ones_are_free),
		T(a_file_between_two_sizes_begins_anew),
		T(another_version_begins_anew),
		T(a_file_that_was_cut_begins_anew),
		T(a_read_only_file_is_an_error),
		T(a_file_is_mapped_as_long_as_it_is_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
