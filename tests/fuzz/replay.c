/*
 * Runs a fuzz target over its corpus as a plain test: each file whole, cut short at up to
 * CUTS places, and with single bytes changed, the same ones every time. What a target must not
 * do (crash, read past its input, fail its own assertions) ends the program.
 *
 *   x_fuzz FOLDER-OR-FILE...
 */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define CUTS 128
#define FLIPS 128
#define FILE_BYTES ((size_t)4 << 20)
#define PATH_BYTES 1024

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct tally {
	unsigned files, runs;
};

/* A copy of exactly this size, so that a sanitizer sees the first byte read behind it. */
static void run_once(const uint8_t *data, size_t size, struct tally *tally)
{
	uint8_t *exact = malloc(size ? size : 1);

	if (!exact)
		abort();
	if (size)
		memcpy(exact, data, size);
	(void)LLVMFuzzerTestOneInput(exact, size);
	free(exact);
	tally->runs++;
}

static void run_variants(uint8_t *data, size_t size, struct tally *tally)
{
	size_t step = size / CUTS + 1;
	uint32_t dice = 2463534242;

	run_once(data, size, tally);
	for (size_t n = 0; n < size; n += step)
		run_once(data, n, tally);
	for (int i = 0; size && i < FLIPS; i++) {
		size_t at;
		uint8_t saved;

		/* Marsaglia's xorshift: the same changes on every machine. */
		dice ^= dice << 13;
		dice ^= dice >> 17;
		dice ^= dice << 5;
		at = dice % size;
		saved = data[at];
		data[at] = (uint8_t)(dice >> 16);
		run_once(data, size, tally);
		data[at] = saved;
	}
	tally->files++;
}

static int run_file(const char *path, struct tally *tally)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = malloc(FILE_BYTES);
	size_t size;

	if (!f || !data) {
		(void)fprintf(stderr, "%s: %s\n", path, strerror(errno));
		free(data);
		return f ? fclose(f) : 1;
	}
	size = fread(data, 1, FILE_BYTES, f);
	(void)fclose(f);
	run_variants(data, size, tally);
	free(data);
	return 0;
}

static int run_folder(const char *folder, struct tally *tally)
{
	struct dirent **entries;
	int n = scandir(folder, &entries, NULL, alphasort);
	int failed = n < 0;

	for (int i = 0; i < n; i++) {
		char path[PATH_BYTES];

		(void)snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
		if (entries[i]->d_name[0] != '.')
			failed |= run_file(path, tally);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	return failed;
}

int main(int argc, char **argv)
{
	struct tally tally = {0};
	int failed = 0;

	for (int i = 1; i < argc; i++) {
		struct stat st;

		if (stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode))
			failed |= run_folder(argv[i], &tally);
		else
			failed |= run_file(argv[i], &tally);
	}
	(void)printf("%u files, %u runs\n", tally.files, tally.runs);
	return failed || !tally.files;
}
