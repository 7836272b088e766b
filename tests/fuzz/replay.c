/* SPDX-License-Identifier: Apache-2.0 */
/*
 * usage: NAME/replay DIR...
 *
 * Runs a fuzz target over the files of its corpus: what once made it fail must
 * not fail again. Built by any compiler. A file that takes too long is a
 * failure, too.
 */
#include <dirent.h>
#include <signal.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"

#define TIME_LIMIT_S 20

static char path[4096];

static void on_end(int sig)
{
	static const char text[] = " ends the replay\n";

	if (write(STDERR_FILENO, path, strlen(path)) < 0 ||
	    write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		_exit(1);
	signal(sig, SIG_DFL);
	raise(sig);
}

/*
 * The bytes are in a block of exactly their size, so that ASan sees past its
 * end.
 */
static void replay_file(void)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data;
	long size;

	must(file);
	must(!fseek(file, 0, SEEK_END));
	size = ftell(file);
	must(size >= 0);
	rewind(file);
	data = malloc(size ? (size_t)size : 1);
	must(data);
	must(fread(data, 1, (size_t)size, file) == (size_t)size);
	fclose(file);
	alarm(TIME_LIMIT_S);
	LLVMFuzzerTestOneInput(data, (size_t)size);
	alarm(0);
	free(data);
}

static unsigned int replay_folder(const char *folder)
{
	DIR *dir = opendir(folder);
	unsigned int n = 0;
	struct dirent *entry;

	if (!dir) {
		perror(folder);
		exit(1);
	}
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		replay_file();
		n++;
	}
	closedir(dir);
	return n;
}

int main(int argc, char **argv)
{
	signal(SIGABRT, on_end);
	signal(SIGALRM, on_end);
	signal(SIGSEGV, on_end);
	for (int i = 1; i < argc; i++) {
		unsigned int n = replay_folder(argv[i]);

		/* A corpus that is not found would pass, too. */
		must(n);
		printf("ok %u inputs of %s\n", n, argv[i]);
	}
	return 0;
}
